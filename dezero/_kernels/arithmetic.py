"""Gradients of arithmetic on arrays: large ones are written and read as seldom as possible.

What broadcasting stretched is summed where it is computed, and not by the engine afterwards.
"""

from __future__ import annotations

import numpy as np

from dezero._kernels.reduction import sum_of_products, summed_to
from dezero.cuda import Array

__all__ = ["difference_gradients", "product_gradients", "quotient_gradients"]

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


def quotient_gradients(gy: Array, x0: Array, x1: Array, needs: tuple[bool, bool]) -> Gradients:
    """The gradients of x0 and x1, given that of x0 / x1."""
    gx0 = gy / x1
    return gx0, -_times(gx0, x0 / x1, x1) if needs[1] else None  # never x1 ** 2, which underflows first


def _times(gy, x, like):
    """gy x, summed as the gradient of an array that may have been broadcast; a number may stand for either array."""
    if type(like) is np.ndarray and like.shape != gy.shape:
        return sum_of_products(gy, x, like.shape)
    return gy * x
