"""Rows: arithmetic, and what the engine needs for itself."""

import numpy as np

import dezero.functions as F
from tests.op_table import Op, at, error, fixed

TWO = [at((2, 3), (2, 3)), at((2, 3), (3,)), at((2, 1), (1, 3)), at((), (2, 3)), at((2, 0), (1, 1)), at((2, 3), 0.5)]
SCALAR_FIRST = at(fixed(2.0), (2, 3))
NONE = error(np.ones(2), None, kind=TypeError, text="got NoneType")
SHAPES = error(np.ones((2, 3)), np.ones(4), kind=ValueError, text="(float64 (2, 3), float64 (4,))")


def sum_to(x, shape):
    """Element by element."""
    y = np.zeros(shape)
    for index, value in np.ndenumerate(x):
        tail = index[len(index) - len(shape) :]
        y[tuple(i if n > 1 else 0 for i, n in zip(tail, shape))] += value
    return y


ROWS = [
    Op(F.add, np.add, [*TWO, SCALAR_FIRST], torch=lambda t, x, y: t.add(t.as_tensor(x), y), exact=True,
       elementwise=True, errors=[NONE, SHAPES]),
    Op(F.sub, np.subtract, [*TWO, SCALAR_FIRST], torch=lambda t, x, y: t.sub(t.as_tensor(x), y), exact=True,
       elementwise=True, errors=[NONE, SHAPES]),
    Op(F.mul, np.multiply, [*TWO, SCALAR_FIRST], torch=lambda t, x, y: t.mul(t.as_tensor(x), y), exact=True,
       elementwise=True, errors=[NONE, SHAPES]),
    Op(F.div, np.divide, [*TWO, SCALAR_FIRST], domain=(0.5, 2.0), torch=lambda t, x, y: t.div(t.as_tensor(x), y),
       exact=True, elementwise=True, errors=[NONE, SHAPES]),
    Op(F.neg, np.negative, [at((2, 3))], torch=lambda t, x: -x, exact=True, elementwise=True,
       errors=[error("a", kind=TypeError, text="got str")]),
    Op(F.pow, np.power, [at((2, 3), 3), at((2, 3), 2), at((2, 3), 1), at((2, 3), 0), at((2, 3), -2), at((2, 3), 0.5),
                         at((2, 3), np.float64(1.5))],
       domain=(0.5, 2.0), torch=lambda t, x, c: t.pow(x, float(c)), elementwise=True,
       errors=[error(np.ones(2), "2", kind=TypeError, text="pow wants a number as exponent, got str")]),
    Op(F.pow, np.power, [at((5,), 3), at((5,), 1), at((5,), 0), at((5,), 2)], domain=(0.0, 0.0), name="at-0",
       torch=lambda t, x, c: t.pow(x, float(c))),
    Op(F.sum_to, sum_to, [at((2, 3), fixed((1, 3))), at((2, 3), fixed((3,))), at((2, 2, 3), fixed((2, 1, 1))),
                          at((2, 2, 3), fixed(())), at((2, 2, 3), fixed((1, 1, 1))), at((0, 3), fixed((3,))),
                          at((2, 3), fixed((2, 3)))],
       torch=lambda t, x, shape: x.sum_to_size(shape),
       errors=[error(np.ones((2, 3)), (2,), kind=ValueError,
                     text="sum_to cannot bring shape (2, 3) to (2,): (2,) does not broadcast to (2, 3)")]),
    Op(F.broadcast_to, np.broadcast_to, [at((3,), fixed((2, 3))), at((2, 1), fixed((4, 2, 3))), at((), fixed((2, 2))),
                                         at((1,), fixed((0,))), at((2, 3), fixed((2, 3)))],
       torch=lambda t, x, shape: t.broadcast_to(x, shape), exact=True,
       errors=[error(np.ones((2, 3)), (2,), kind=ValueError, text="BroadcastTo(float64 (2, 3))")]),
    Op(F.astype, lambda x, dtype: x.astype(dtype), [at((2, 3), "float64")], torch=lambda t, x, d: x.to(getattr(t, d)),
       dtypes=("float64",), errors=[error("a", "float32", kind=TypeError, text="got str")]),
]  # fmt: skip
