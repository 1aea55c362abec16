"""Rows: elementwise mathematics."""

import math

import numpy as np

import dezero.functions as F
from tests.op_table import Op, at, error, fixed

TWO = [at((2, 3), (2, 3)), at((2, 3), (3,)), at((2, 1), (1, 3)), at((), (2, 3))]
WORD = error("a", kind=TypeError, text="got str")
SHAPES = error(np.ones((2, 3)), np.ones(4), kind=ValueError, text="(float64 (2, 3), float64 (4,))")
MASK = np.array([[True, False, True], [False, False, True]])
EDGES = np.array([-1.0, 0.5, 2.0])  # bounds of clip and equals of maximum


def erf(x):
    """One number at a time, by the C library."""
    return np.vectorize(math.erf, otypes=[float])(x)


def tensor(t, x):
    """A number as a tensor of float64; torch would choose float32."""
    return t.as_tensor(x, dtype=t.float64)


def torch_clip(t, x, x_min=None, x_max=None):
    return t.clamp(x, *[None if bound is None else tensor(t, bound) for bound in (x_min, x_max)])


def row(function, oracle, domain=(-2.0, 2.0), **settings):
    """An elementwise function of one argument that NumPy and PyTorch have by one name."""
    return Op(function, oracle, [at((2, 3))], domain=domain, torch=lambda t, x: getattr(t, function.__name__)(x),
              elementwise=True, errors=[WORD], **settings)  # fmt: skip


ROWS = [
    row(F.sin, np.sin),
    row(F.cos, np.cos),
    row(F.tanh, np.tanh),
    row(F.exp, np.exp),
    row(F.tan, np.tan, (-1.3, 1.3)),
    row(F.arcsin, np.arcsin, (-0.9, 0.9)),
    row(F.arccos, np.arccos, (-0.9, 0.9)),
    row(F.arctan, np.arctan),
    row(F.sinh, np.sinh),
    row(F.cosh, np.cosh),
    row(F.expm1, np.expm1),
    row(F.exp2, np.exp2),
    row(F.log, np.log, (0.5, 2.0)),
    row(F.log1p, np.log1p, (-0.5, 2.0)),
    row(F.log2, np.log2, (0.5, 2.0)),
    row(F.log10, np.log10, (0.5, 2.0)),
    row(F.sqrt, np.sqrt, (0.5, 2.0)),
    row(F.square, np.square, exact=True),
    row(F.reciprocal, np.reciprocal, (0.5, 2.0), exact=True),
    row(F.erf, erf),
    Op(F.arctan2, np.arctan2, TWO, domain=(0.5, 2.0), torch=lambda t, x, y: t.arctan2(x, y), elementwise=True,
       errors=[error("a", 1.0, kind=TypeError, text="got str"), SHAPES]),
    Op(F.arctan2, np.arctan2, [at((2, 3), -0.7), at(fixed(0.3), (2, 3))], domain=(-2.0, -0.5), name="left",
       torch=lambda t, x, y: t.arctan2(tensor(t, x), tensor(t, y))),
    Op(F.hypot, np.hypot, [*TWO, at((2, 3), -0.7)], domain=(0.5, 2.0), elementwise=True,
       torch=lambda t, x, y: t.hypot(x, tensor(t, y)), errors=[SHAPES]),
    Op(F.power, np.power, [*TWO, at((2, 3), fixed(np.array([0.0, 1.0, 2.0]))), at(fixed(2.0), (2, 3))],
       domain=(0.5, 2.0), torch=lambda t, x, y: t.pow(t.as_tensor(x), t.as_tensor(y)), elementwise=True),
    Op(F.power, np.power, [at((3,), fixed(np.array([1.0, 2.0, 3.0])))], domain=(0.0, 0.0), name="at-0",
       torch=lambda t, x, y: t.pow(x, t.as_tensor(y))),
    Op(F.power, np.power, [at((3,), fixed(np.array([0.0, 1.0, 2.0])))], domain=(0.0, 0.0), name="0-at-0"),
    row(F.absolute, np.abs, (0.5, 2.0), exact=True),
    row(F.absolute, np.abs, (-2.0, -0.5), exact=True, name="negative"),
    row(F.sign, np.sign, (0.5, 2.0), exact=True),
    row(F.floor, np.floor, (1.1, 1.9), exact=True),
    row(F.ceil, np.ceil, (-1.9, -1.1), exact=True),
    row(F.round, np.round, (0.6, 1.4), exact=True),
    Op(F.round, np.round, [at((2, 3), 1), at((2, 3), -1), at((2, 3), decimals=2)], domain=(0.551, 0.554),
       torch=lambda t, x, decimals=0: t.round(x, decimals=decimals), name="decimals", errors=[WORD]),
    Op(F.floor_divide, np.floor_divide, TWO, domain=(1.1, 1.9), torch=lambda t, x, y: t.floor(t.div(x, y).detach()),
       order=0),
    Op(F.mod, np.mod, [at((2, 3), fixed(0.7)), at((2, 3), (3,))], domain=(1.45, 2.05), elementwise=False,
       torch=lambda t, x, y: t.remainder(x, y)),
    Op(F.where, np.where, [at(fixed(MASK), (2, 3), (2, 3)), at(fixed(MASK), (3,), (2, 1)), at(fixed(MASK), (2, 3), 0.0),
                           at(fixed(MASK), 0.0, (2, 3))],
       torch=lambda t, c, x, y: t.where(t.as_tensor(c), x, y), exact=True,
       errors=[error(MASK, np.ones(4), 0.0, kind=ValueError, text="Where(float64 (4,), 0.0)")]),
    Op(F.maximum, np.maximum, [*TWO, at((2, 3), 0.4), at(fixed(0.4), (2, 3))], elementwise=True, exact=True,
       torch=lambda t, x, y: t.maximum(tensor(t, x), tensor(t, y)), errors=[SHAPES]),
    Op(F.minimum, np.minimum, [*TWO, at((2, 3), 0.4), at(fixed(0.4), (2, 3))], elementwise=True, exact=True,
       torch=lambda t, x, y: t.minimum(tensor(t, x), tensor(t, y)), errors=[SHAPES]),
    Op(F.clip, lambda x, x_min=None, x_max=None: np.clip(x, x_min, x_max),
       [at((2, 3), -1.0, 1.0), at((2, 3), None, 0.5), at((2, 3), x_min=0.5), at((2, 3), 0.0, None),
        at((2, 3), fixed(EDGES), 3.0), at((1,), fixed(EDGES), 3.0), at((2, 3), 1.0, -1.0)],
       torch=torch_clip, exact=True, elementwise=True,
       errors=[error("a", 0.0, kind=TypeError, text="got str")]),
    Op(F.clip, lambda x, x_min, x_max: np.clip(x, x_min, x_max), [at((2, 3), -1.0, (3,)), at((2, 3), (2, 1), None)],
       torch=torch_clip, exact=True, name="variable-bounds"),
    Op(F.lerp, lambda x0, x1, w: (1 - w) * x0 + w * x1,
       [at((2, 3), (2, 3), (2, 3)), at((2, 3), (3,), 0.3), at((), (2, 1), (3,)), at(fixed(1.0), (2, 3), (2, 3))],
       torch=lambda t, *xs: t.lerp(*t.broadcast_tensors(*[tensor(t, x) for x in xs])),
       errors=[error(np.ones(2), "a", 0.5, kind=TypeError, text="got str")]),
]  # fmt: skip
