"""Gradients of arithmetic on arrays: large ones are written and read as seldom as possible.

What broadcasting stretched is summed where it is computed, and not by the engine afterwards.
"""

from __future__ import annotations

import numpy as np

from dezero._kernels.elementwise import in_pieces
from dezero._kernels.reduction import TERMS, sum_of_products, summed_to
from dezero._kernels.twins import kernel
from dezero.cuda import Array

__all__ = ["difference_gradients", "product_gradients", "quotient_gradients"]

_WORTH = 1 << 17  # elements from which on pieces in the cache repay the look at the arguments

Gradients = tuple[Array | None, Array | None]


def difference_gradients(gy: Array, x0: Array, x1: Array, needs: tuple[bool, bool]) -> Gradients:
    """The gradients of x0 and x1, given that of x0 - x1."""
    if not needs[1]:
        return gy, None
    return gy, -summed_to(gy, x1.shape) if type(x1) is np.ndarray and x1.shape != gy.shape else -gy


def product_gradients(gy: Array, x0: Array, x1: Array, needs: tuple[bool, bool]) -> Gradients:
    """The gradients of x0 and x1, given that of x0 x1; where x is multiplied by itself, they are one array."""
    gx0 = _times(gy, x1, x0) if needs[0] else None
    if not needs[1]:
        return gx0, None
    return gx0, gx0 if needs[0] and x0 is x1 else _times(gy, x0, x1)


@kernel
def quotient_gradients(gy: Array, x0: Array, x1: Array, needs: tuple[bool, bool]) -> Gradients:
    """The gradients of x0 and x1, given that of x0 / x1."""
    gx0 = gy / x1
    return gx0, -_times(gx0, x0 / x1, x1) if needs[1] else None  # never x1 ** 2, which underflows first


def _by_numbers_of_rows(gy, x0, x1, needs):
    return (
        needs[1] and gy.size >= _WORTH and type(gy) is type(x0) is type(x1) is np.ndarray
        and gy.dtype.char in "fd" and gy.dtype is x0.dtype is x1.dtype
        and gy.shape == x0.shape and x1.shape == (*gy.shape[:-1], 1) and 64 <= gy.shape[-1] <= TERMS
    )  # fmt: skip


@quotient_gradients.twin(
    when=_by_numbers_of_rows, earned="0.96 of the reference on one core, 0.67 on two; 1000 x 1000 by 1000 x 1 float32"
)
def _quotient_gradients_of_rows(gy, x0, x1, needs):
    def put(gy, x0, x1, gx0, sums):
        np.divide(gy, x1, out=gx0)
        np.vecdot(gx0, x0 / x1, out=sums[..., 0])

    gx0, sums = np.empty_like(gy), np.empty_like(x1)
    in_pieces(put, gy, x0, x1, gx0, sums, whole=(gy.ndim - 1,))
    return gx0, np.negative(sums, out=sums)


def _times(gy, x, like):
    """gy x, summed as the gradient of an array that may have been broadcast; a number may stand for either array."""
    if type(like) is np.ndarray and like.shape != gy.shape:
        return sum_of_products(gy, x, like.shape)
    return gy * x
