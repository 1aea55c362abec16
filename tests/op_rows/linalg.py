"""Rows: linear algebra."""

import numpy as np

import dezero.functions as F
from tests.op_table import Op, at, error


def matmul(x, W):
    return np.einsum({1: "d", 2: "nd", 3: "bnd", 4: "abnd"}[x.ndim] + ","
                     + {1: "d", 2: "dh", 3: "bdh", 4: "abdh"}[W.ndim], x, W)  # fmt: skip


ROWS = [
    Op(F.matmul, np.matmul, [at((2, 3), (3, 4)), at((3,), (3,)), at((3,), (3, 4)), at((2, 3), (3,)),
                             at((5, 2, 3), (3, 4)), at((5, 2, 3), (5, 3, 4)), at((2, 3), (5, 3, 4)),
                             at((2, 1, 2, 3), (5, 3, 4)), at((3,), (5, 3, 4)), at((5, 2, 3), (3,)), at((0, 3), (3, 2)),
                             at((2, 0), (0, 3))],
       torch=lambda t, x, W: t.matmul(x, W),
       errors=[error(np.ones((2, 3)), np.ones((2, 3)), kind=ValueError, text="MatMul(float64 (2, 3), float64 (2, 3))"),
               error(np.ones(()), np.ones(3), kind=ValueError, text="MatMul(float64 (), float64 (3,))")]),
]  # fmt: skip
