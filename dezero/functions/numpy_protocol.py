"""What NumPy's own functions do when they are given a Variable.

``np.sin(x)`` becomes `functions.sin` and keeps the graph; a function that answers with booleans, integers or a shape
works on the data; anything else is refused with advice, because a plain array in its place would silently have lost
the graph.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable

import numpy as np

from dezero._like_array import bare
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

_SIGNS = {
    np.add: "+", np.subtract: "-", np.multiply: "*", np.divide: "/", np.floor_divide: "//", np.remainder: "%",
    np.power: "**", np.matmul: "@",
}  # fmt: skip

_OUR_NAMES = {"newshape": "shape", "a_min": "x_min", "a_max": "x_max"}  # NumPy's parameters with another name here

_ADVICE = "use a function of dezero.functions, or give it x.data where no gradient is wanted"


def array_ufunc(self: Variable, ufunc: np.ufunc, method: str, *inputs: object, **kwargs: object) -> object:
    """Answer ``np.sin(x)``, ``array * x`` and the like."""
    name = f"np.{ufunc.__name__}" + ("" if method == "__call__" else f".{method}")
    if kwargs.get("out") is not None:
        raise TypeError(_cannot_write(name, _SIGNS.get(ufunc)))
    if method == "__call__" and not kwargs:
        if ufunc in ufuncs:
            return ufuncs[ufunc](*inputs)
        if ufunc in _PLAIN:
            return ufunc(*[_data(x) for x in inputs])
    arguments = f" with {', '.join(kwargs)}" if kwargs else ""
    raise TypeError(f"{name}{arguments} has no differentiable form for Variables: {_ADVICE}")


def _cannot_write(name: str, sign: str | None) -> str:
    if sign is None:
        return f"{name} cannot write into out where Variables take part: write y = {name}(x)"
    return (f"{name} cannot write a Variable into an array: instead of array {sign}= x, write array = array {sign} x "
            f"to keep the graph, or array {sign}= x.data to leave it")  # fmt: skip


def array_function(self: Variable, function: Callable, types: object, args: tuple, kwargs: dict) -> object:
    """Answer ``np.sum(x)`` and NumPy's other functions that are no ufuncs."""
    if function in _PLAIN or (function is np.where and len(args) == 1):
        return function(*[_data(x) for x in args], **{key: _data(x) for key, x in kwargs.items()})
    name = f"{function.__module__}.{function.__name__}".replace("numpy", "np", 1)
    ours = array_functions.get(function)
    if ours is None:
        raise TypeError(f"{name} has no differentiable form for Variables: {_ADVICE}")
    try:
        signature = inspect.signature(function)
    except ValueError:  # written in C: nothing to read the parameters from
        return ours(*args, **kwargs)
    if function is np.where:  # whose choices have defaults, for the sake of np.where(condition)
        return ours(*args)
    return _call_by_name(name, ours, signature, signature.bind(*args, **kwargs).arguments)


def _call_by_name(name: str, ours: Callable, signature: inspect.Signature, given: dict[str, object]) -> object:
    """Call our function with the arguments of NumPy's, whose parameters may stand in another order and be more."""
    known = inspect.signature(ours).parameters
    operands: list[object] = []
    named: dict[str, object] = {}
    for key, value in given.items():
        parameter = signature.parameters[key]
        key = _OUR_NAMES.get(key, key)
        if parameter.kind is parameter.VAR_POSITIONAL:
            operands.extend(value)  # type: ignore[arg-type]
        elif parameter.kind is parameter.VAR_KEYWORD:
            named.update(value)  # type: ignore[call-overload]
        elif parameter.default is parameter.empty and not named:
            operands.append(value)
        elif key in known or value is not parameter.default:
            named[key] = value
    unknown = [key for key in named if key not in known]
    if unknown:
        raise TypeError(f"{name} of a Variable does not take {unknown[0]}; dezero.functions.{ours.__name__} takes "
                        f"{', '.join(known)}")  # fmt: skip
    return ours(*operands, **named)


def _data(x: object) -> object:
    """x with the data of every Variable in it."""
    if isinstance(x, (list, tuple)):
        return type(x)([_data(v) for v in x])
    return bare(x)
