"""Sums that stay right for many small numbers."""

from __future__ import annotations

import math

import numpy as np

from dezero._kernels.twins import kernel
from dezero.cuda import Array

__all__ = ["TERMS", "careful_sum", "stretched", "sum_of_products", "summed_to"]

TERMS = 1 << 10  # so many float32 may be added by BLAS, which adds up some dozens of sums side by side
_ROWS = 1 << 8  # so many float32 may be added one after the other
_WORTH = 1 << 13  # elements from which on a twin repays the look at its arguments


@kernel
def careful_sum(x: Array, axis: int | tuple[int, ...] | None) -> Array:
    """The sum over axes, which are kept with size 1; float16 comes out as float32, for the caller to round.

    A sum of float16 stops growing at 2048 ones and overflows at 65504. Along any axis but the innermost one in memory
    NumPy adds one term after the other, so that long sums of float32 need float64.
    """
    if x.dtype.char == "e":
        return x.sum(axis=axis, dtype=np.float32, keepdims=True)
    if x.dtype.char == "f" and axis is not None and math.prod([x.shape[i] for i in _axes(x, axis)]) > 1000:
        return x.sum(axis=axis, dtype=np.float64, keepdims=True).astype(x.dtype)
    return x.sum(axis=axis, keepdims=True)


@kernel
def sum_of_products(a: Array, b: Array, shape: tuple[int, ...]) -> Array:
    """a * b, summed over the axes along which broadcasting would stretch an array of the shape."""
    return summed_to(a * b, shape)


def summed_to(x: Array, shape: tuple[int, ...]) -> Array:
    """x, summed over the axes along which broadcasting would stretch an array of the shape; in the dtype of x."""
    return careful_sum(x, stretched(shape, x.shape)).astype(x.dtype, copy=False).reshape(shape)


def stretched(shape: tuple[int, ...], full: tuple[int, ...]) -> tuple[int, ...]:
    """The axes of the full shape along which broadcasting stretches an array of the shape.

    Examples
    --------
    >>> stretched((3, 1), (2, 3, 4)), stretched((3, 1), (3, 1))
    ((0, 2), ())
    """
    lead = len(full) - len(shape)
    return tuple(range(lead)) + tuple([lead + i for i, n in enumerate(shape) if n != full[lead + i]])


def _plain(x):
    return x.size >= _WORTH and type(x) is np.ndarray and x.dtype.char in "fd"


def _axes(x, axis):
    """The axes, none of them negative, in ascending order."""
    axes = range(x.ndim) if axis is None else (axis,) if isinstance(axis, int) else axis
    return tuple(sorted([a % x.ndim for a in axes]))


@careful_sum.twin(
    when=lambda x, axis: _plain(x) and x.flags.c_contiguous and _axes(x, axis) == tuple(range(x.ndim)),
    earned="0.46 of the reference; 1e6 float32, one core",
)
def _sum_of_all(x, axis):
    flat = x.reshape(-1)
    cut = flat.size - flat.size % 512
    rows = np.vecdot(flat[:cut].reshape(-1, 512), np.ones(512, x.dtype))
    total = rows.sum(dtype=np.float64) + flat[cut:].sum()
    return total.astype(x.dtype).reshape((1,) * x.ndim)


@careful_sum.twin(
    when=lambda x, axis: _plain(x) and _axes(x, axis) == (x.ndim - 1,) and 64 <= x.shape[-1] <= TERMS,
    earned="0.35 of the reference; 1000 x 1000 float32, one core",
)
def _sums_of_rows(x, axis):
    return np.vecdot(x, np.ones(x.shape[-1], x.dtype))[..., None]


def _long_columns(x, axis):
    return _plain(x) and x.dtype.char == "f" and _axes(x, axis) == (0,) and len(x) > 1000 and x.size >= 64 * len(x)


@careful_sum.twin(when=_long_columns, earned="0.71 of the reference; 16384 x 64 float32, one core")
def _sums_of_columns(x, axis):
    parts = [x[i : i + _ROWS].sum(axis=0) for i in range(0, len(x), _ROWS)]
    return np.sum(parts, axis=0, dtype=np.float64, keepdims=True).astype(x.dtype)


def _along_rows(a, b, shape):
    return (
        _plain(a) and type(b) is np.ndarray and b.dtype is a.dtype and b.ndim and b.shape[-1] == a.shape[-1]
        and 64 <= a.shape[-1] <= TERMS and stretched(shape, np.broadcast_shapes(a.shape, b.shape)) == (a.ndim - 1,)
    )  # fmt: skip


@sum_of_products.twin(when=_along_rows, earned="0.49 of the reference; 1000 x 1000 float32, one core")
def _dots_of_rows(a, b, shape):
    return np.vecdot(a, b).reshape(shape)
