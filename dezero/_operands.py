"""What operations compute with: numbers and arrays of numbers; and the words for everything else.

The messages cost nothing until something is wrong, so they may take the long way round.
"""

from __future__ import annotations

import inspect
import reprlib
import sys
from collections.abc import Sequence

import numpy as np

from dezero import cuda
from dezero._like_array import LikeArray, bare
from dezero.cuda import NUMBERS, ArrayLike

__all__ = ["called", "explain", "operand"]


def operand(x: object, beside: object = None) -> ArrayLike:
    """Return x, if it is a number or an array of numbers; a list becomes an array like the one beside.

    Raises
    ------
    TypeError
        For anything else, also for a list with a Variable in it.
    ValueError
        For a list whose rows differ in length.

    Examples
    --------
    >>> operand([1.0, 2.0])
    array([1., 2.])
    """
    got = type(x).__name__
    if isinstance(x, NUMBERS):
        return x
    if cuda.is_array(x):
        if x.dtype.kind in "biufc":  # type: ignore[attr-defined]
            return x  # type: ignore[return-value]
        got = f"an array of dtype {x.dtype}"  # type: ignore[attr-defined]
    elif _holds_variable(x):
        got += " with a Variable in it, whose graph it would lose; dezero.functions.stack makes one Variable of several"
    elif isinstance(x, (list, tuple)):
        try:
            array = np.asarray(x)
        except ValueError:
            raise ValueError(f"{called()}expected rows of one length, got {reprlib.repr(x)}") from None
        if array.dtype.kind in "biufc":
            return cuda.get_array_module(beside).asarray(array)
    raise TypeError(f"{called()}expected a Variable, an array, a number or a list of numbers, got {got}")


def _holds_variable(x: object) -> bool:
    return isinstance(x, (list, tuple)) and any([isinstance(v, LikeArray) or _holds_variable(v) for v in x])


def called() -> str:
    """Return the name of the function of dezero.functions that the user called, and a space; nothing if there is none.

    It is read off the stack of calls: the outermost one counts, so that a function made of others is named itself.
    """
    public = vars(sys.modules["dezero.functions"])
    frame, name = inspect.currentframe(), ""
    while frame is not None:
        code = frame.f_code
        if code.co_name != "as_variable" and getattr(public.get(code.co_name), "__code__", None) is code:
            name = code.co_name + " "
        frame = frame.f_back
    return name


def explain(error: Exception, f: object, inputs: Sequence[object], where: str = "") -> None:
    """Add to an exception which operation it came out of, and what that was given."""
    name, outermost = type(f).__name__, called().strip()
    part = f" of {outermost}" if outermost and outermost.replace("_", "") != name.lower() and not where else ""
    settings = [f"{key}={reprlib.repr(value)}" for key, value in vars(f).items() if key[0] != "_" and value is not False and _brief(value)]
    error.add_note(f"in {where}{name}({', '.join([*map(_said, inputs), *settings])}){part}")


def _brief(x: object) -> bool:
    """Whether x is said in a few words, as a setting is: a number, a word, a slice, or a tuple of such."""
    return isinstance(x, (*NUMBERS, str, slice)) or (isinstance(x, (tuple, list)) and all([_brief(v) for v in x]))


def _said(x: object) -> str:
    """An input in a few words."""
    if isinstance(x, LikeArray) and x.data is None:
        return "a Variable that has no data yet" + (f", {x.name!r}" if x.name else "")
    x = bare(x)
    return f"{x.dtype} {x.shape}" if hasattr(x, "dtype") else reprlib.repr(x)  # type: ignore[attr-defined]
