"""What NumPy's own functions do when they are given a Variable.

``np.sin(x)`` becomes `functions.sin` and keeps the graph; a function that answers with booleans, integers or a shape
works on the data; anything else is refused with advice, because a plain array in its place would silently have lost
the graph.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable

import numpy as np

from dezero.core import Variable

__all__: list[str] = []

ufuncs: dict[np.ufunc, Callable] = {}  # NumPy's ufunc -> our function; filled by the facade
array_functions: dict[Callable, Callable] = {}  # other NumPy functions -> ours; likewise

_PLAIN = {  # no derivative to lose
    np.greater, np.greater_equal, np.less, np.less_equal, np.equal, np.not_equal, np.isnan, np.isinf, np.isfinite,
    np.signbit, np.logical_and, np.logical_or, np.logical_xor, np.logical_not, np.shape, np.ndim, np.size, np.argmax,
    np.argmin, np.argsort, np.allclose, np.isclose, np.array_equal, np.result_type, np.can_cast, np.shares_memory,
    np.may_share_memory, np.zeros_like, np.ones_like, np.empty_like, np.full_like, np.count_nonzero, np.nonzero,
    np.array_str, np.array_repr, np.array2string, np.all, np.any, np.searchsorted, np.unique, np.bincount,
    np.histogram, np.iscomplexobj, np.isrealobj,
}  # fmt: skip

_OUR_NAMES = {"a_min": "x_min", "a_max": "x_max"}  # NumPy's parameters that have another name here


def array_ufunc(self: Variable, ufunc: np.ufunc, method: str, *inputs: object, **kwargs: object) -> object:
    """Answer ``np.sin(x)``, ``array * x`` and the like."""
    if kwargs.get("out") is not None:
        raise TypeError(f"np.{ufunc.__name__} cannot write a Variable into an array: instead of array += x, write "
                        "array = array + x to keep the graph, or array += x.data to leave it")  # fmt: skip
    if method == "__call__" and not kwargs:
        if ufunc in ufuncs:
            return ufuncs[ufunc](*inputs)
        if ufunc in _PLAIN:
            return ufunc(*[_data(x) for x in inputs])
    name = f"np.{ufunc.__name__}" + ("" if method == "__call__" else f".{method}")
    arguments = f" with {', '.join(kwargs)}" if kwargs else ""
    raise TypeError(f"{name}{arguments} has no differentiable form for Variables: use a function of dezero.functions, "
                    "or give it x.data where no gradient is wanted")  # fmt: skip


def array_function(self: Variable, function: Callable, types: object, args: tuple, kwargs: dict) -> object:
    """Answer ``np.sum(x)`` and NumPy's other functions that are no ufuncs."""
    if function in _PLAIN:
        return function(*[_data(x) for x in args], **{name: _data(x) for name, x in kwargs.items()})
    name = f"np.{function.__name__}"
    ours = array_functions.get(function)
    if ours is None:
        raise TypeError(f"{name} has no differentiable form for Variables: use a function of dezero.functions, or give "
                        "it x.data where no gradient is wanted")  # fmt: skip
    if function is np.where:  # written in C: nothing to read the parameters from
        return ours(*args)
    given = inspect.signature(function).bind(*args, **kwargs).arguments
    known = inspect.signature(ours).parameters
    positional, named = [], {}
    for i, (key, value) in enumerate(given.items()):
        key = _OUR_NAMES.get(key, key)
        if i == 0:
            positional.append(value)
        elif key in known:
            named[key] = value
        elif i == 1 and len(known) > 1 and key in ("b", "newshape"):
            positional.append(value)
        else:
            raise TypeError(f"{name} of a Variable does not take {key}; dezero.functions.{ours.__name__} takes "
                            f"{', '.join(known)}")  # fmt: skip
    return ours(*positional, **named)


def _data(x: object) -> object:
    """x with the data of every Variable in it."""
    if isinstance(x, (list, tuple)):
        return type(x)([_data(v) for v in x])
    return x.data if isinstance(x, Variable) else x
