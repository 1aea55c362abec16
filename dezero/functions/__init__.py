"""All functions under one roof: ``import dezero.functions as F``.

This facade also gives the engine the names that its formulas use, and the class Variable its further methods and its
answers to NumPy's functions, each by one list.
"""

import sys

from dezero import core, cuda, functions_conv
from dezero.core import (
    Add,
    AsType,
    BroadcastTo,
    Div,
    Function,
    Mul,
    Neg,
    Pow,
    Sub,
    SumTo,
    Variable,
    add,
    as_array,
    as_variable,
    astype,
    broadcast_to,
    div,
    mul,
    neg,
    pow,
    rdiv,
    rsub,
    sub,
    sum_to,
)  # fmt: skip
from dezero.cuda import np
from dezero.functions import (
    activation,
    attention,
    linalg,
    loss,
    math,
    normalization,
    numpy_protocol,
    random,
    recurrent,
    reduction,
    resampling,
    shape,
)  # fmt: skip
from dezero.functions.activation import *
from dezero.functions.attention import *
from dezero.functions.linalg import *
from dezero.functions.loss import *
from dezero.functions.math import *
from dezero.functions.normalization import *
from dezero.functions.random import *
from dezero.functions.recurrent import *
from dezero.functions.reduction import *
from dezero.functions.resampling import *
from dezero.functions.shape import *
from dezero.functions_conv import *

__all__ = [
    "Add", "AsType", "BroadcastTo", "Div", "Mul", "Neg", "Pow", "Sub", "SumTo", "add", "astype", "broadcast_to", "div",
    "mul", "neg", "pow", "rdiv", "rsub", "sub", "sum_to",
    *activation.__all__, *attention.__all__,
    *linalg.__all__, *loss.__all__, *math.__all__, *normalization.__all__, *random.__all__,
    *recurrent.__all__, *reduction.__all__, *resampling.__all__, *shape.__all__, *functions_conv.__all__,
    "Function", "Variable", "as_array", "as_variable", "cuda", "np",  # scripts take these from here, too
]  # fmt: skip

core.functions = sys.modules[__name__]


# -- methods of Variable ---------------------------------------------------------------------------


def _reshape(x: Variable, *shape: int) -> Variable:
    """Give the elements another shape: ``x.reshape(2, 3)`` or ``x.reshape((2, 3))``."""
    return reshape(x, shape[0] if len(shape) == 1 else shape)


def _transpose(x: Variable, *axes: int) -> Variable:
    """Put the axes in another order: ``x.transpose()``, ``x.transpose(1, 0)`` or ``x.transpose((1, 0))``."""
    return transpose(x, axes[0] if len(axes) == 1 and not isinstance(axes[0], int) else axes or None)


def _setitem(x: Variable, slices: object, value: object) -> None:
    raise TypeError("a Variable does not support item assignment, which no derivative could follow; "
                    "write x.data[...] = value, or choose with dezero.functions.where")  # fmt: skip


_methods = {  # flatten is NumPy's, to one axis; functions.flatten, the book's, keeps the axis of the batch
    "argmax": argmax, "argmin": argmin, "astype": astype, "clip": clip, "cumprod": cumprod, "cumsum": cumsum,
    "diagonal": diagonal, "dot": dot, "flatten": ravel, "matmul": matmul, "max": max, "mean": mean, "min": min,
    "prod": prod, "ravel": ravel, "repeat": repeat, "reshape": _reshape, "round": round, "squeeze": squeeze, "std": std,
    "sum": sum, "swapaxes": swapaxes, "take": take, "trace": trace, "transpose": _transpose, "var": var,
    "T": property(transpose, doc="The axes in reverse order."),
    "__abs__": absolute, "__getitem__": get_item, "__setitem__": _setitem,
    "__matmul__": matmul, "__rmatmul__": lambda x, other: matmul(other, x),
    "__floordiv__": floor_divide, "__rfloordiv__": lambda x, other: floor_divide(other, x),
    "__mod__": mod, "__rmod__": lambda x, other: mod(other, x),
    "__rpow__": lambda x, other: power(other, x),
    "__array_ufunc__": numpy_protocol.array_ufunc, "__array_function__": numpy_protocol.array_function,
}  # fmt: skip

for _name, _method in _methods.items():
    setattr(Variable, _name, _method)


# -- NumPy's functions, when they meet a Variable --------------------------------------------------

numpy_protocol.ufuncs |= {
    np.absolute: absolute, np.add: add, np.arccos: arccos, np.arcsin: arcsin, np.arctan: arctan, np.arctan2: arctan2,
    np.ceil: ceil, np.cos: cos, np.cosh: cosh, np.divide: div, np.exp: exp, np.exp2: exp2, np.expm1: expm1,
    np.fabs: absolute, np.floor: floor, np.floor_divide: floor_divide, np.hypot: hypot, np.log: log, np.log10: log10,
    np.log1p: log1p, np.log2: log2, np.matmul: matmul, np.maximum: maximum, np.minimum: minimum, np.multiply: mul,
    np.negative: neg, np.positive: as_variable, np.power: power, np.reciprocal: reciprocal, np.remainder: mod,
    np.rint: round, np.sign: sign, np.sin: sin, np.sinh: sinh, np.sqrt: sqrt, np.square: square, np.subtract: sub,
    np.tan: tan, np.tanh: tanh,
}  # fmt: skip


def _norm(x: Variable, ord: float | None = None, axis: int | None = None, keepdims: bool = False) -> Variable:
    """`np.linalg.norm`, for which ord names a norm of matrices where there are two axes."""
    if ord is not None and (x.ndim != 1 if axis is None else not isinstance(axis, int)):
        raise TypeError("np.linalg.norm of a Variable takes ord along one axis only; dezero.functions.norm is the norm "
                        "of all elements as one vector")  # fmt: skip
    return norm(x, 2 if ord is None else ord, axis, keepdims)


numpy_protocol.array_functions |= {
    np.average: average, np.broadcast_to: broadcast_to, np.clip: clip, np.concatenate: concatenate,
    np.cumprod: cumprod, np.cumsum: cumsum, np.diagonal: diagonal, np.dot: dot, np.einsum: einsum,
    np.expand_dims: expand_dims, np.flip: flip, np.max: max, np.mean: mean, np.min: min, np.moveaxis: moveaxis,
    np.outer: outer, np.pad: pad, np.prod: prod, np.ravel: ravel, np.repeat: repeat, np.reshape: reshape,
    np.roll: roll, np.round: round, np.split: split, np.squeeze: squeeze, np.stack: stack, np.std: std, np.sum: sum,
    np.swapaxes: swapaxes, np.take: take, np.take_along_axis: take_along_axis, np.tensordot: tensordot, np.tile: tile,
    np.trace: trace, np.transpose: transpose, np.tril: tril, np.triu: triu, np.var: var, np.where: where,
    np.linalg.cholesky: cholesky, np.linalg.det: det, np.linalg.inv: inv, np.linalg.norm: _norm,
    np.linalg.slogdet: slogdet, np.linalg.solve: solve,
}  # fmt: skip

if hasattr(np, "astype"):  # since NumPy 2.1
    numpy_protocol.array_functions[np.astype] = astype
