"""Widths of texts, estimated without a font so that pictures are laid out alike on every machine.

Viewers choose different fonts. The widths are those of Helvetica and its metric twins, with a little room on top for
wider families; Chinese, Japanese and Korean characters fill a square.
"""

from __future__ import annotations

from functools import cache

__all__ = ["shortened", "width"]

# Thousandths of the font size, of the standard Helvetica metrics, for characters that differ from 556; × and ∂ are as
# wide as in other fonts.
_CHARACTERS = {
    222: "'ijl|′", 278: " !,./:;I[\\]ft", 333: "()-`r", 355: '"', 389: "*", 500: "Jckvsxyz", 584: "+<=>~÷−±√",
    611: "FTZ", 667: "&ABEKPSVXY", 722: "CDHNRUw×", 778: "GOQ", 833: "Mm∂", 889: "%", 944: "W", 1000: "…→←⚠∞",
    1015: "@",
}  # fmt: skip
_WIDTHS = {character: thousandths for thousandths, some in _CHARACTERS.items() for character in some}
_ROOM = 1.08  # Noto Sans and DejaVu Sans run wider than Helvetica


@cache
def _advance(character: str) -> int:
    known = _WIDTHS.get(character)
    if known is not None:
        return known
    if character < "\u0250":  # Latin with accents
        return 556
    if character >= "\u1100":
        # Late, for its table is large, and most names are plain letters.
        from unicodedata import combining, east_asian_width

        if combining(character):
            return 0
        if east_asian_width(character) in "WF":
            return 1000
    return 640 if character < "\u2000" or "\u2070" <= character < "\u20a0" else 800


def width(text: str, size: float = 15.0, bold: bool = False) -> float:
    """Room that a line of text takes, in the unit of `size`; rather too much than too little.

    Examples
    --------
    >>> width("220", 10.0) < width("りんご", 10.0)
    True
    """
    return sum(map(_advance, text)) * size * (_ROOM * 1.06 if bold else _ROOM) / 1000


def shortened(text: str, room: float, size: float = 15.0, bold: bool = False) -> str:
    """The text, with … in place of its middle if it is wider than `room`; the ends of paths tell most.

    Examples
    --------
    >>> shortened("encoder/blocks/11/attention/query/W", 120.0, 12.0)
    'encoder/…/query/W'
    """
    if width(text, size, bold) <= room:
        return text
    for kept in range(len(text) - 1, 1, -1):
        ends = text[: (kept + 1) // 2] + "…" + text[len(text) - kept // 2 :]
        if width(ends, size, bold) <= room:
            return ends
    return "…"
