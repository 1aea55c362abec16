"""Rows: elementwise mathematics."""

import numpy as np

import dezero.functions as F
from tests.op_table import Op, at, error, fixed

TWO = [at((2, 3), (2, 3)), at((2, 3), (3,)), at((2, 1), (1, 3)), at((), (2, 3))]
WORD = error("a", kind=TypeError, text="got str")
MASK = np.array([[True, False, True], [False, False, True]])

ROWS = [
    Op(F.sin, np.sin, [at((2, 3))], torch=lambda t, x: t.sin(x), elementwise=True, errors=[WORD]),
    Op(F.cos, np.cos, [at((2, 3))], torch=lambda t, x: t.cos(x), elementwise=True, errors=[WORD]),
    Op(F.tanh, np.tanh, [at((2, 3))], torch=lambda t, x: t.tanh(x), elementwise=True, errors=[WORD]),
    Op(F.exp, np.exp, [at((2, 3))], torch=lambda t, x: t.exp(x), elementwise=True, errors=[WORD]),
    Op(F.log, np.log, [at((2, 3))], domain=(0.5, 2.0), torch=lambda t, x: t.log(x), elementwise=True, errors=[WORD]),
    Op(F.power, np.power, [*TWO, at((2, 3), fixed(np.array([0.0, 1.0, 2.0]))), at(fixed(2.0), (2, 3))],
       domain=(0.5, 2.0), torch=lambda t, x, y: t.pow(t.as_tensor(x), t.as_tensor(y)), elementwise=True),
    Op(F.power, np.power, [at((3,), fixed(np.array([0.0, 1.0, 2.0])))], domain=(0.0, 0.0), name="at-0",
       torch=lambda t, x, y: t.pow(x, t.as_tensor(y))),
    Op(F.absolute, np.abs, [at((2, 3))], domain=(0.5, 2.0), torch=lambda t, x: t.abs(x), elementwise=True,
       exact=True, errors=[WORD]),
    Op(F.absolute, np.abs, [at((2, 3))], domain=(-2.0, -0.5), torch=lambda t, x: t.abs(x), name="negative"),
    Op(F.sign, np.sign, [at((2, 3))], domain=(0.5, 2.0), torch=lambda t, x: t.sign(x), elementwise=True, exact=True,
       errors=[WORD]),
    Op(F.floor_divide, np.floor_divide, TWO, domain=(1.1, 1.9), torch=lambda t, x, y: t.floor(t.div(x, y).detach()),
       order=0),
    Op(F.mod, np.mod, [at((2, 3), fixed(0.7)), at((2, 3), (3,))], domain=(1.45, 2.05), elementwise=False,
       torch=lambda t, x, y: t.remainder(x, y)),
    Op(F.where, np.where, [at(fixed(MASK), (2, 3), (2, 3)), at(fixed(MASK), (3,), (2, 1)), at(fixed(MASK), (2, 3), 0.0),
                           at(fixed(MASK), 0.0, (2, 3))],
       torch=lambda t, c, x, y: t.where(t.as_tensor(c), x, y), exact=True,
       errors=[error(MASK, np.ones(4), 0.0, kind=ValueError, text="Where(float64 (4,), 0.0)")]),
]  # fmt: skip
