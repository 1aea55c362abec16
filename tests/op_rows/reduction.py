"""Rows: sums."""

import numpy as np

import dezero.functions as F
from tests.op_table import Op, at, error

AXES = [at((2, 3)), at((2, 3), axis=0), at((2, 3), axis=-1), at((2, 3, 4), axis=(0, -1)), at((2, 3), axis=1, keepdims=True),
        at((2, 3), keepdims=True), at(()), at((0, 3), axis=0), at((2, 3, 1), axis=-1), at((2, 3), axis=())]  # fmt: skip


def torch_reduction(name):
    """The reduction of torch by that name, with NumPy's arguments."""

    def reduce(t, x, axis=None, keepdims=False):
        axes = tuple(range(x.ndim)) if axis is None else (axis,) if isinstance(axis, int) else tuple(axis)
        return getattr(t, name)(x, dim=axes, keepdim=keepdims) if axes else x.clone()

    return reduce


ROWS = [
    Op(F.sum, lambda x, axis=None, **k: np.sum(x, axis=tuple(axis) if isinstance(axis, list) else axis, **k),
       [*AXES, at((2, 3), axis=[0, 1])], torch=torch_reduction("sum"),
       errors=[error(np.ones((2, 3)), 2, kind=np.exceptions.AxisError, text="Sum(float64 (2, 3))"),
               error(np.ones((2, 3)), "0", kind=TypeError, text="Sum(float64 (2, 3))")]),
]  # fmt: skip
