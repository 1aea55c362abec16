"""What a picture knows of an array: all entries of a small one, statistics of a large one."""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import cache
from typing import Any

import numpy as np

from dezero import cuda
from dezero.viz.structure import Entries, Numbers

__all__ = ["SMALL", "dtype_of", "numbers"]

SMALL = 12  # elements of an array whose entries a picture shows
BINS = 16


def numbers(array: object, values: bool = True) -> Numbers:
    """What a picture knows of an array or a number: a copy, so that it stays as it is.

    Examples
    --------
    >>> numbers(np.array([[1.0, 2.0]])).entries
    ((1.0, 2.0),)
    >>> many = numbers(np.arange(100.0))
    >>> many.entries, many.low, many.high, many.mean, len(many.histogram)
    (None, 0.0, 99.0, 49.5, 16)
    """
    dtype = dtype_of(array)
    x = np.asarray(cuda.as_numpy(array))
    if not values:
        return Numbers(x.shape, dtype)
    if x.dtype.kind == "c":
        return Numbers(x.shape, dtype, _entries(x) if x.size <= SMALL else None, norm=float(np.linalg.norm(x.ravel())))
    if x.size <= SMALL:
        return _of_few(x, dtype)
    with np.errstate(over="ignore", invalid="ignore"):  # squares of 1e300
        return _of_many(x, dtype)


def dtype_of(array: object) -> str:
    """The name of the dtype; of a number of Python's, which takes the dtype of what it meets, that of its type."""
    dtype = getattr(array, "dtype", None)
    return type(array).__name__ if dtype is None else _name(dtype)


_name = cache(str)  # a picture asks for the same few names thousands of times


def _entries(x: np.ndarray) -> Entries:
    return _tuples(x.tolist())


def _tuples(x: Any) -> Entries:
    return tuple(map(_tuples, x)) if isinstance(x, list) else x


def _of_few(x: np.ndarray, dtype: str) -> Numbers:
    flat = [float(v) for v in x.ravel().tolist()]
    finite = [v for v in flat if math.isfinite(v)]
    nans = sum([math.isnan(v) for v in flat])
    entries, infinities, zeros = _entries(x), len(flat) - len(finite) - nans, flat.count(0.0)
    if not finite:
        return Numbers(x.shape, dtype, entries, nans=nans, infinities=infinities)
    mean = math.fsum(finite) / len(finite)
    std = math.hypot(*[v - mean for v in finite]) / math.sqrt(len(finite))
    return Numbers(x.shape, dtype, entries, min(finite), max(finite), mean, std, math.hypot(*finite), nans, infinities,
                   zeros)  # fmt: skip


def _chunks(x: np.ndarray) -> Iterator[np.ndarray]:
    """The finite elements as float64, some at a time, so that statistics of large arrays take no memory."""
    flat = x.reshape(-1)
    for i in range(0, flat.size, 1 << 16):
        part = flat[i : i + (1 << 16)].astype(float)
        finite = np.isfinite(part)
        yield part if finite.all() else part[finite]


def _of_many(x: np.ndarray, dtype: str) -> Numbers:
    n, total, squares, low, high = 0, 0.0, 0.0, math.inf, -math.inf
    for part in _chunks(x):
        if part.size:
            n += part.size
            total += float(part.sum())
            squares += float(part @ part)
            low, high = min(low, float(part.min())), max(high, float(part.max()))
    nans = int(np.isnan(x).sum()) if x.dtype.kind == "f" and n < x.size else 0
    infinities, zeros = x.size - n - nans, int(x.size - np.count_nonzero(x))
    if not n:
        return Numbers(x.shape, dtype, nans=nans, infinities=infinities)
    mean, spread = total / n, 0.0
    histogram = np.zeros(BINS, int)
    width = high - low
    for part in _chunks(x):
        spread += float(np.square(part - mean).sum())
        if 0 < width < math.inf:
            bins = np.minimum((part - low) * (BINS / width), BINS - 1).astype(int)
            histogram += np.bincount(bins, minlength=BINS)
        else:
            histogram[0] += part.size
    return Numbers(x.shape, dtype, None, low, high, mean, math.sqrt(spread / n), math.sqrt(squares), nans, infinities,
                   zeros, tuple(histogram.tolist()))  # fmt: skip
