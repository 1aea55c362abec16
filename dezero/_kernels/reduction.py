"""Sums that stay right for many small numbers."""

from __future__ import annotations

import numpy as np

from dezero.cuda import Array

__all__ = ["careful_sum"]


def careful_sum(x: Array, axis: int | tuple[int, ...] | None) -> Array:
    """The sum over axes, which are kept with size 1; float16 comes out as float32, for the caller to round.

    A sum of float16 stops growing at 2048 ones and overflows at 65504. Along any axis but the innermost NumPy adds one
    term after the other, so that long sums of float32 need float64.
    """
    if x.dtype.char == "e":
        return x.sum(axis=axis, dtype=np.float32, keepdims=True)
    if x.dtype.char == "f" and axis is not None and max(x.shape, default=0) > 1000:
        return x.sum(axis=axis, dtype=np.float64, keepdims=True).astype(x.dtype)
    return x.sum(axis=axis, keepdims=True)
