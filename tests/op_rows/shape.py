"""Rows: reshape, transpose, indexing."""

import numpy as np

import dezero.functions as F
from tests.op_table import Op, at, error, fixed

I, J = np.array([0, 2, 0]), np.array([1, 1, -1])  # noqa: E741  # rows and columns, with repeats
MASK = np.array([True, False, True])


def get_item_grad(gy, slices, shape):
    """One element at a time."""
    y = np.zeros(shape)
    places = np.arange(y.size).reshape(shape)[slices]
    for place, value in zip(np.ravel(places), np.ravel(np.broadcast_to(gy, np.shape(places)))):
        y.flat[place] += value
    return y


INDICES = [1, -1, slice(None, None, -2), (1, 2), (slice(None), 1), (Ellipsis, 0), (None, 1), (slice(1, 1),), I, (I, J),
           [0, 0, 2], MASK, (MASK, slice(1, 3)), (slice(None), I), (), np.zeros((2, 2), int), (np.int64(1), I)]  # fmt: skip

ROWS = [
    Op(F.reshape, np.reshape, [at((2, 3), fixed((3, 2))), at((2, 3), -1), at((2, 3), fixed((1, -1, 3))),
                               at((), fixed((1, 1))), at((0, 3), fixed((3, 0))), at((2, 3), fixed([6]))],
       torch=lambda t, x, shape: t.reshape(x, (shape,) if isinstance(shape, int) else tuple(shape)), exact=True,
       errors=[error(np.ones((2, 3)), (4,), kind=ValueError, text="Reshape(float64 (2, 3))")]),
    Op(F.transpose, np.transpose, [at((2, 3)), at((2, 3, 4), axes=(2, 0, 1)), at((2, 3, 4), axes=(-1, 0, 1)), at(()),
                                   at((4,)), at((2, 0, 3), axes=(1, 2, 0))],
       torch=lambda t, x, axes=None: x.permute(axes or tuple(range(x.ndim))[::-1]), exact=True,
       errors=[error(np.ones((2, 3)), (0, 0), kind=ValueError, text="Transpose(float64 (2, 3))")]),
    Op(F.swapaxes, np.swapaxes, [at((2, 3, 4), 0, 2), at((2, 3, 4), -1, -2), at((3,), 0, 0)],
       torch=lambda t, x, a, b: t.swapaxes(x, a, b), exact=True,
       errors=[error(np.ones((2, 3)), 0, 2, kind=IndexError, text="swapaxes")]),
    Op(F.get_item, lambda x, index: x[index], [at((3, 4), fixed(index)) for index in INDICES],
       torch=None, exact=True,
       errors=[error(np.ones(3), 3, kind=IndexError, text="GetItem(float64 (3,))"),
               error(np.ones(3), "a", kind=IndexError, text="GetItem(float64 (3,))")]),
    Op(F.get_item, lambda x, index: x[index], [at((3, 4), fixed((I, J))), at((3, 4), fixed((slice(None), I)))],
       torch=lambda t, x, index: x[tuple(t.as_tensor(i) if isinstance(i, np.ndarray) else i for i in index)],
       name="torch"),
    Op(F.get_item_grad, get_item_grad, [at((3, 3), fixed(I), fixed((3, 3))), at((3,), fixed((I, J)), fixed((3, 4))),
                                        at((4,), 1, fixed((3, 4))), at((3, 2), fixed((slice(None), slice(2))),
                                                                       fixed((3, 4)))],
       errors=[error(np.ones(3), [0, 1, 5], (3,), kind=IndexError, text="GetItemGrad(float64 (3,))")]),
]  # fmt: skip
