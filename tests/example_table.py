"""What a row of `test_examples` says about one script of `docs/examples/`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

Check = Callable[[dict, str], None]  # given the script's global names and what it printed; raises AssertionError


@dataclass
class Example:
    """One script, in reduced form.

    Attributes
    ----------
    name : str
        Of the script, without ``.py``.
    short : dict
        Other values for constants at the top level of the script, with which it takes a second or two.
    check : callable
        Given the script's global names and its output, asserts that the result makes sense.
    pictures : tuple of str
        Files that the script must have written, each a picture.
    full_check : callable, optional
        The same for the script as it stands; with None, the full form is not run, since it takes minutes.
    """

    name: str
    check: Check
    short: dict = field(default_factory=dict)
    pictures: tuple[str, ...] = ()
    full_check: Check | None = None
