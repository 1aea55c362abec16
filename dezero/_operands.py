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

__all__ = ["called", "explain", "number", "operand"]


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


def number(function: str, name: str, value: object) -> float:
    """A setting as a float.

    Raises
    ------
    TypeError
        If it is no number; the message names the function and the setting.

    Examples
    --------
    >>> number("dropout", "dropout_ratio", 1)
    1.0
    """
    if isinstance(value, NUMBERS) and not isinstance(value, complex):
        return float(value)
    if getattr(bare(value), "shape", None) == ():
        return float(value)  # type: ignore[arg-type]  # an array or a Variable of one number
    raise TypeError(f"{function} expects {name} as a number, got {reprlib.repr(value)}")


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
        if getattr(public.get(code.co_name), "__code__", None) is code:
            caller = frame.f_back.f_globals.get("__name__", "") if frame.f_back else ""
            if code.co_name != "as_variable" or not caller.startswith("dezero"):
                name = code.co_name + " "
        frame = frame.f_back
    return name


def explain(error: Exception, f: object, inputs: Sequence[object], where: str = "") -> None:
    """Add to an exception which operation it came out of, and what that was given."""
    name, outermost = type(f).__name__, called().strip()
    part = f" of {outermost}" if outermost and outermost.replace("_", "") != name.lower() and not where else ""
    given = [bare(x) for x in inputs]
    if all([cuda.is_array(x) or isinstance(x, NUMBERS) for x in given]):  # or it is them that are wrong
        named = {key: value for key, value in vars(f).items() if key[0] != "_" and _telling(value)}
        settings = [f"{key}={reprlib.repr(value)}" for key, value in named.items()]
        part += f" with {', '.join(settings)}" if settings else ""
    homes = {cuda.get_array_module(x) for x in given if cuda.is_array(x)}
    error.add_note(f"in {where}{name}({', '.join([_said(x, len(homes) > 1) for x in inputs])}){part}")
    if len(homes) > 1:
        error.add_note("the arrays are on different devices: move them to one, by to_gpu() or to_cpu() of the model or "
                       "the Variable")  # fmt: skip


def _telling(value: object) -> bool:
    """Whether a setting tells something in a few words: a number, a word, a slice, or some of these in a tuple."""
    if isinstance(value, (tuple, list)):
        return len(value) > 0 and all([_telling(v) or v is False for v in value])
    return isinstance(value, (*NUMBERS, str, slice)) and value is not False


def _said(x: object, with_home: bool) -> str:
    """An input in a few words."""
    if isinstance(x, LikeArray) and x.data is None:
        return f"variable {x.name!r} that has no data yet" if x.name else "a Variable that has no data yet"
    x = bare(x)
    if not hasattr(x, "dtype"):
        return reprlib.repr(x)
    home = f" of {cuda.get_array_module(x).__name__}" if with_home else ""
    return f"{x.dtype} {x.shape}{home}"  # type: ignore[attr-defined]  # it has a dtype
