"""What an operation is called in a picture: its symbol, its settings, and its local derivatives as formulas."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from types import EllipsisType
from typing import TYPE_CHECKING

import numpy as np

from dezero._shapes import Window
from dezero.viz.structure import figure

if TYPE_CHECKING:
    from dezero.core import Function

__all__ = ["detail", "elementwise", "formulas", "ours", "symbol"]

_SYMBOLS = {
    "Add": "+", "Sub": "−", "Mul": "×", "Div": "÷", "Neg": "−", "Power": "**", "FloorDivide": "//", "Mod": "mod",
    "Square": "**2", "Reciprocal": "1/x", "Sqrt": "√", "Absolute": "|x|", "Exp2": "2**x", "Clip": "clip",
    "Sigmoid": "σ", "LogSigmoid": "log σ", "Maximum": "max", "Minimum": "min", "ReLU": "ReLU", "SiLU": "SiLU",
    "GELU": "GELU", "ELU": "ELU", "PReLU": "PReLU", "LeakyReLU": "LeakyReLU", "HardTanh": "hard tanh",
    "HardSwish": "hard swish", "LogSoftmax": "log softmax", "LogSumExp": "log Σ exp",
    "Sum": "Σ", "Mean": "mean", "Var": "var", "Std": "std", "Max": "max", "Min": "min", "Prod": "Π", "Norm": "norm",
    "ArgMax": "argmax", "ArgMin": "argmin", "CumSum": "cumsum", "CumProd": "cumprod",
    "MatMul": "@", "Linear": "x W + b", "Inv": "inv", "Det": "det", "Transpose": "T", "GetItem": "[ ]",
    "SumTo": "sum to", "BroadcastTo": "broadcast", "AsType": "astype", "Concatenate": "concat", "Conv2d": "conv",
    "Deconv2d": "deconv", "Pooling": "max pool", "AveragePooling": "avg pool", "AdaptiveMaxPooling": "max pool",
    "Im2col": "im2col", "Col2im": "col2im", "MeanSquaredError": "MSE", "SoftmaxCrossEntropy": "softmax CE",
    "SigmoidCrossEntropy": "sigmoid CE", "BinaryCrossEntropy": "BCE", "ScaledDotProductAttention": "attention",
    "LayerNorm": "layer norm", "GroupNorm": "group norm", "InstanceNorm": "instance norm", "BatchNorm": "batch norm",
    "FixedBatchNorm": "batch norm", "RMSNorm": "RMS norm", "LinearRecurrence": "recurrence", "RNNStep": "RNN step",
    "LSTMStep": "LSTM step", "GRUStep": "GRU step", "GetItemGrad": "[ ] grad", "Conv2DGradW": "conv grad W",
    "Pooling2DGrad": "max pool grad", "Pooling2DWithIndexes": "pick", "AveragePoolingGrad": "avg pool grad",
}  # fmt: skip


def ours(f: Function) -> bool:
    """Whether the operation belongs to this package, so that the meaning of its name is known."""
    return type(f).__module__.partition(".")[0] == "dezero"


def symbol(f: Function) -> str:
    """What a lecture draws into the circle of an operation; for a class of the user, its name.

    Examples
    --------
    >>> from dezero.core import Mul, Pow
    >>> symbol(Mul()), symbol(Pow(3))
    ('×', '**3')
    """
    kind = type(f).__name__
    if not ours(f):
        return kind
    if kind == "Pow":
        return f"**{_setting(f.c)}"  # type: ignore[attr-defined]  # the number of Pow
    return _SYMBOLS.get(kind, kind.lower())


# -- settings --------------------------------------------------------------------------------------

_SILENT = {"eps", "share"}  # settings that are too small a thing for a picture
_DEFAULTS = {"axis": (None,), "axes": (None,), "keepdims": (False,), "groups": (1,), "ddof": (0,),
             "reduction": ("mean",), "approximate": ("none",), "reverse": (False,)}  # fmt: skip


def detail(f: Function) -> str:
    """The settings of an operation, such as ``"axis=1"``; those at their defaults are left out.

    Examples
    --------
    >>> import numpy as np
    >>> from dezero import Variable
    >>> detail(Variable(np.ones((2, 3))).sum(axis=1).creator)
    'axis=1'
    """
    kind, known = type(f).__name__, vars(f)
    if ours(f):
        if kind == "Pow":
            return ""
        if kind in ("GetItem", "GetItemGrad"):
            return f"[{_slices(known['slices'])}]"
        if kind == "Einsum":
            return f"{','.join(known['inputs_as'])}->{known['output_as']}"
    found = []
    for name in _asked_for(type(f)):
        if name in _SILENT or name not in known:
            continue
        value = known[name]
        if isinstance(value, Window):
            found += _window(value)
        elif _plain(value) and not (ours(f) and any([value is d or value == d for d in _DEFAULTS.get(name, ())])):
            found.append(f"{name}={_setting(value)}")
    return ", ".join(found[:4])


def _asked_for(kind: type) -> tuple[str, ...]:
    """The parameters of `__init__`: what a user set, and not what forward keeps for backward."""
    code = getattr(kind.__init__, "__code__", None)  # type: ignore[misc]  # it is only looked at
    return () if code is None else code.co_varnames[1 : code.co_argcount + code.co_kwonlyargcount]


def _plain(value: object) -> bool:
    if isinstance(value, (tuple, list)):
        return len(value) <= 6 and all([_plain(v) for v in value])
    return isinstance(value, (bool, int, float, str, np.dtype))


def _setting(value: object) -> str:
    if isinstance(value, (tuple, list)):
        inside = ", ".join(map(_setting, value))
        return f"({inside},)" if len(value) == 1 else f"({inside})"
    if isinstance(value, (bool, str)):
        return str(value)
    return figure(value) if isinstance(value, (int, float)) else str(value)


def _slices(value: object) -> str:
    if isinstance(value, tuple):
        return ", ".join(map(_slices, value))
    if isinstance(value, slice):
        bounds = ["" if b is None else str(b) for b in (value.start, value.stop, value.step)]
        return ":".join(bounds[: 2 + (value.step is not None)])
    if isinstance(value, EllipsisType):
        return "..."
    return str(value) if value is None or isinstance(value, int) else "indexes"


def _window(window: Window) -> list[str]:
    found = [f"kernel={_two(window.kernel)}"]
    if window.stride != (1, 1):
        found.append(f"stride={_two(window.stride)}")
    if any([any(p) for p in window.pad]):
        found.append(f"pad={_two(tuple([p[0] if p[0] == p[1] else p for p in window.pad]))}")
    if window.dilation != (1, 1):
        found.append(f"dilation={_two(window.dilation)}")
    return found


def _two(sizes: tuple) -> str:
    return str(sizes[0]) if sizes[0] == sizes[1] else _setting(sizes)


# -- local derivatives -----------------------------------------------------------------------------

# From class to the derivatives of y = f(a, b), in the names of the wires around it.
_FORMULAS: dict[str, Callable[..., Sequence[str]]] = {
    "Add": lambda a, b, y: ("1", "1"),
    "Sub": lambda a, b, y: ("1", "-1"),
    "Mul": lambda a, b, y: (b, a),
    "Div": lambda a, b, y: (f"1 / {b}", f"-{a} / {b}**2"),
    "Neg": lambda a, y: ("-1",),
    "Power": lambda a, b, y: (f"{b} {a}**({b} - 1)", f"log({a}) {a}**{b}"),
    "Maximum": lambda a, b, y: (f"1 where {a} is larger", f"1 where {b} is larger"),
    "Minimum": lambda a, b, y: (f"1 where {a} is smaller", f"1 where {b} is smaller"),
    "Square": lambda a, y: (f"2 {a}",),
    "Sqrt": lambda a, y: (f"1 / (2 √{a})",),
    "Reciprocal": lambda a, y: (f"-1 / {a}**2",),
    "Absolute": lambda a, y: (f"sign({a})",),
    "Exp": lambda a, y: (f"exp({a})",),
    "Exp2": lambda a, y: (f"log(2) 2**{a}",),
    "Expm1": lambda a, y: (f"exp({a})",),
    "Log": lambda a, y: (f"1 / {a}",),
    "Log2": lambda a, y: (f"1 / (log(2) {a})",),
    "Log10": lambda a, y: (f"1 / (log(10) {a})",),
    "Log1p": lambda a, y: (f"1 / (1 + {a})",),
    "Sin": lambda a, y: (f"cos({a})",),
    "Cos": lambda a, y: (f"-sin({a})",),
    "Tan": lambda a, y: (f"1 / cos({a})**2",),
    "Arcsin": lambda a, y: (f"1 / √(1 - {a}**2)",),
    "Arccos": lambda a, y: (f"-1 / √(1 - {a}**2)",),
    "Arctan": lambda a, y: (f"1 / (1 + {a}**2)",),
    "Sinh": lambda a, y: (f"cosh({a})",),
    "Cosh": lambda a, y: (f"sinh({a})",),
    "Tanh": lambda a, y: (f"1 - {y}**2" if y else f"1 - tanh({a})**2",),
    "Sigmoid": lambda a, y: (f"{y} (1 - {y})" if y else f"σ({a}) (1 - σ({a}))",),
    "LogSigmoid": lambda a, y: (f"1 - σ({a})",),
    "ReLU": lambda a, y: (f"1 where {a} > 0, else 0",),
    "Softsign": lambda a, y: (f"1 / (1 + |{a}|)**2",),
    "Erf": lambda a, y: (f"2 / √π exp(-{a}**2)",),
    "Hypot": lambda a, b, y: (f"{a} / {y}", f"{b} / {y}") if y else (f"{a} / hypot", f"{b} / hypot"),
    "Arctan2": lambda a, b, y: (f"{b} / ({a}**2 + {b}**2)", f"-{a} / ({a}**2 + {b}**2)"),
    "Mod": lambda a, b, y: ("1", f"-({a} // {b})"),
    "FloorDivide": lambda a, b, y: ("0", "0"),
    "Where": lambda a, b, y: ("1 where the condition holds, else 0", "0 where the condition holds, else 1"),
    "Clip": lambda a, y: ("1 inside the bounds, else 0",),
    "AsType": lambda a, y: ("1",),
    "Sign": lambda a, y: ("0",), "Floor": lambda a, y: ("0",), "Ceil": lambda a, y: ("0",),
    "Round": lambda a, y: ("0",),
}  # fmt: skip

_LINEAR = {"Sum", "SumTo", "BroadcastTo", "Reshape", "Transpose"}  # each element of x counts once, somewhere

_WITH_SETTINGS: dict[str, Callable[..., str]] = {
    "Pow": lambda f, a: _power(f.c, a),
    "LeakyReLU": lambda f, a: f"1 where {a} > 0, else {figure(f.slope)}",
    "Softplus": lambda f, a: f"σ({a})" if f.beta == 1 else f"σ({figure(f.beta)} {a})",
    "Dropout": lambda f, a: f"0 where it was dropped, else 1 / {figure(1 - f.ratio)}",
    "Mean": lambda f, a: f"1 / {f.inputs[0].size // max(math.prod(_shape_of_output(f)), 1)}",
}  # fmt: skip

_MORE_ELEMENTWISE = {"SiLU", "Mish", "ELU", "PReLU", "HardTanh", "HardSwish", "GELU"}


def elementwise(f: Function) -> bool:
    """Whether each element of the output comes from the elements of the inputs at the same place."""
    kind = type(f).__name__
    known = kind in _FORMULAS or kind in _WITH_SETTINGS or kind in _MORE_ELEMENTWISE
    return ours(f) and known and kind != "Mean"


def formulas(f: Function, inputs: Sequence[str], output: str) -> Sequence[str] | None:
    """The derivatives of an operation by its inputs, in their names and the name of the output ("" if it has none).

    None where no short formula is known.

    Examples
    --------
    >>> from dezero.core import Div, Pow
    >>> formulas(Div(), ("x", "y"), "z"), formulas(Pow(2), ("t",), "z")
    (('1 / y', '-x / y**2'), ('2 t',))
    """
    if not ours(f):
        return None
    kind = type(f).__name__
    names = [x if re.fullmatch(r"[\w./]+", x) else f"({x})" for x in inputs]
    if kind in _WITH_SETTINGS:
        return (_unwrapped(_WITH_SETTINGS[kind](f, names[0])),)
    if kind in _LINEAR:
        return ("1",)
    formula = _FORMULAS.get(kind)
    if formula is None or len(inputs) not in (1, 2):
        return None
    return tuple(map(_unwrapped, formula(*names, output)))


def _shape_of_output(f: Function) -> tuple[int, ...]:
    y = f.outputs[0]()
    return () if y is None else y.shape


def _unwrapped(formula: str) -> str:
    """The formula without brackets around what is in brackets, and around the whole of it."""
    formula = re.sub(r"\((\([^()]*\))\)", r"\1", formula)
    return formula[1:-1] if re.fullmatch(r"\([^()]*\)", formula) else formula


def _power(c: float, x: str) -> str:
    if c in (0, 1):
        return figure(c)
    return f"{figure(c)} {x}" if c == 2 else f"{figure(c)} {x}**{figure(c - 1)}"
