"""Rows: functions with a random part, under a fixed seed."""

import numpy as np

import dezero.functions as F
from tests.op_table import Op, at, error


def seeded(function):
    """The function with NumPy's global random numbers starting at seed 0, and left as they were."""

    def wrapped(*args, **options):
        state = np.random.get_state()
        np.random.seed(0)
        try:
            return function(*args, **options)
        finally:
            np.random.set_state(state)

    wrapped.__name__ = function.__name__
    return wrapped


@seeded
def mask(shape, ratio):
    return np.array([np.random.rand() > ratio for _ in range(int(np.prod(shape)))]).reshape(shape)


def dropout(x, dropout_ratio=0.5):
    return np.where(mask(x.shape, dropout_ratio), x, 0.0) / (1 - dropout_ratio)


def torch_dropout(t, x, dropout_ratio=0.5):
    return x * t.as_tensor(mask(x.shape, dropout_ratio)) / (1 - dropout_ratio)


ROWS = [
    Op(F.dropout, lambda x, ratio: x, [at((2, 3), 0.0)], elementwise=True,
       torch=lambda t, x, ratio: t.nn.functional.dropout(x, ratio),
       errors=[error(np.ones(2), 1.0, kind=ValueError,
                     text="dropout expects a ratio in [0, 1), the share of elements to drop, got 1.0"),
               error(np.ones(2), -0.1, kind=ValueError, text="dropout expects a ratio in [0, 1)"),
               error(np.ones(2), np.nan, kind=ValueError, text="dropout expects a ratio in [0, 1)"),
               error("a", kind=TypeError, text="got str")]),
    Op(seeded(F.dropout), dropout, [at((3, 4)), at((3, 4), 0.3), at((3, 4), dropout_ratio=0.7), at((2, 0)), at(())],
       torch=torch_dropout, name="seeded"),
]  # fmt: skip
