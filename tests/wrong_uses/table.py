"""What a row of the tables of wrong uses is, and how one is tried."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

__all__ = ["Wrong", "said"]


class Wrong(NamedTuple):
    """A mistake, the error that it raises at once, and every word of what that says.

    "…" in the text stands for words that differ between versions of Python, and "<here>" for the working folder.
    """

    what: str
    use: Callable[[], object]
    kind: type[Exception]
    text: str

    def __repr__(self) -> str:
        return self.what


def said(error: BaseException) -> str:
    """The message with its notes, one a line, as a traceback ends."""
    return "\n".join([str(error), *getattr(error, "__notes__", ())])
