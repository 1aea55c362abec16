"""The colours that tell operations apart, the same ones in a formula as in a picture.

They are those of Okabe and Ito, which people of any colour vision tell apart; the yellow, and the light blue, are
darker here, so that words written in them can be read on white.

References
----------
Okabe & Ito, "Color Universal Design", 2008, https://jfly.uni-koeln.de/color/.
"""

from __future__ import annotations

__all__ = ["PALETTE", "PALETTE_DARK", "colour"]

PALETTE = ("#0072b2", "#c04e00", "#007a59", "#b0488a", "#8a6a00", "#2f7fb0", "#5c5c5c")  # on white
PALETTE_DARK = ("#6cc0f5", "#f08a4b", "#3fcf9f", "#e59ac5", "#e9c349", "#a5d8f7", "#bdbdbd")  # on black


def colour(id: str, dark: bool = False) -> str:
    """The colour of an operation, by its id; they repeat after seven.

    Examples
    --------
    >>> colour("f0"), colour("f7"), colour("f0", dark=True)
    ('#0072b2', '#0072b2', '#6cc0f5')
    """
    palette = PALETTE_DARK if dark else PALETTE
    return palette[int(id.lstrip("fvg")) % len(palette)]
