"""Mean and variance of the channels of a batch, and what the gradient needs of them.

The twins see a batch as lines: channels-first images as (N, C, pixels), channels-last ones as rows of about a thousand
numbers, some pixels with all their channels each; both without copying. Lines are shared between threads.
"""

from __future__ import annotations

from math import prod

import numpy as np

from dezero._kernels.elementwise import in_pieces
from dezero._kernels.reduction import careful_sum
from dezero._kernels.twins import kernel

__all__ = ["batch_gradient", "center", "dot_over", "scale_and_shift"]

_ROWS = 2048  # so many may be added one after the other in float32
_WIDTH = 1024  # numbers of a line, about: NumPy's loops are long then, and few sums go from line to line
_SHORT = 64  # pixels of a line that are too few for one
_WORTH = 1 << 14  # elements from which on a twin repays the look at its arguments


# -- references ------------------------------------------------------------------------------------


@kernel
def center(x, axes):
    """x minus its mean over the axes; the first elements, what they lack of the mean, and the variance.

    The first element goes off before the mean is taken: a sum of large numbers would lose the small differences
    between them, and a constant comes out as exactly 0 (Chan, Golub & LeVeque, "Algorithms for computing the sample
    variance", 1983).
    """
    count = prod([x.shape[axis] for axis in axes])
    first = x[tuple([slice(1) if i in axes else slice(None) for i in range(x.ndim)])].copy()
    y = x - first
    pairs = x.ndim - 1 in axes  # along the innermost axis, but no other, NumPy adds in pairs
    rest = y.mean(axis=axes, keepdims=True) if pairs else careful_sum(y, axes) / count
    y -= rest
    return y, first, rest, dot_over(y, y, first.shape) / count


def dot_over(a, b, shape):
    """a * b, summed over the axes where shape has 1, without memory for the products."""
    axes = list(range(a.ndim))
    kept = [axis for axis in axes if shape[axis] != 1]
    if a.dtype.char == "f" and shape[0] == 1 and len(a) > _ROWS:  # einsum adds one row after the other, in float32
        parts = [slice(i, i + _ROWS) for i in range(0, len(a), _ROWS)]
        sums = [np.einsum(a[part], axes, b[part], axes, kept).astype(float) for part in parts]
        return sum(sums).astype(a.dtype).reshape(shape)
    return np.einsum(a, axes, b, axes, kept).reshape(shape)


@kernel
def scale_and_shift(y, scale, shift):
    """y * scale + shift in the memory of y; shift may be None."""
    y *= scale
    if shift is not None:
        y += shift
    return y


@kernel
def batch_gradient(gy, x, first, rest, inverse_std, scale):
    """The gradient of x where y = scale xhat, xhat = (x - first - rest) inverse_std, and the means of gy and gy xhat.

    First, rest and inverse_std are those of `center`, over all axes but the channels.
    """
    count = x.size // first.size
    xhat = x - first
    xhat -= rest
    xhat *= inverse_std
    mean_g = gy.sum(axis=(0, *range(2, gy.ndim)), keepdims=True) / count
    mean_gxhat = dot_over(gy, xhat, first.shape) / count
    xhat *= mean_gxhat
    xhat += mean_g
    np.subtract(gy, xhat, out=xhat)
    xhat *= scale
    return xhat, mean_g, mean_gxhat


# -- lines -----------------------------------------------------------------------------------------


class _Pixels:
    """Channels-first images (N, C, ...) as (N, C, lines of pixels, pixels)."""

    def __init__(self, shape: tuple[int, ...], dtype: np.dtype) -> None:
        self.shape = (*shape[:2], -1, _divisor(prod(shape[2:]), _WIDTH))
        self.ones = np.ones(self.shape[-1], dtype)

    def lines(self, x):
        return x.reshape(self.shape)

    def along(self, statistic):
        return statistic.reshape(1, -1, 1, 1)

    def total(self, lines):
        return np.vecdot(lines, self.ones).sum(axis=(0, 2), dtype=float)

    def total_product(self, a, b):
        return np.vecdot(a, b).sum(axis=(0, 2), dtype=float)


class _Rows:
    """Channels-last images, memory (N, ..., C), as rows of some pixels with all their channels."""

    def __init__(self, shape: tuple[int, ...]) -> None:
        self.C = shape[1]
        self.repeats = _divisor(shape[0] * prod(shape[2:]), max(1, _WIDTH // self.C))

    def lines(self, x):
        return np.moveaxis(x, 1, -1).reshape(-1, self.repeats * self.C)

    def along(self, statistic):
        return np.tile(statistic.reshape(1, self.C), (1, self.repeats))

    def _fold(self, sums):
        return np.sum(sums, axis=0, dtype=float).reshape(self.repeats, self.C).sum(axis=0)

    def total(self, lines):
        return self._fold([lines[i : i + _ROWS].sum(axis=0) for i in range(0, len(lines), _ROWS)])

    def total_product(self, a, b):
        parts = [slice(i, i + _ROWS) for i in range(0, len(a), _ROWS)]
        return self._fold([np.einsum("ij,ij->j", a[part], b[part]) for part in parts])


def _divisor(size, most):
    """The largest divisor of size that is not larger than most."""
    return next(n for n in range(most, 0, -1) if size % n == 0)


def _layout(*arrays):
    """How all arrays are seen as lines, or None."""
    x = arrays[0]
    if x.size < _WORTH or x.ndim < 2 or x.dtype.char not in "fd":
        return None
    if not all([type(a) is np.ndarray and a.shape == x.shape and a.dtype == x.dtype for a in arrays]):
        return None
    if x.ndim > 2 and all([a.flags.c_contiguous for a in arrays]):
        return _Pixels(x.shape, x.dtype) if _divisor(prod(x.shape[2:]), _WIDTH) > _SHORT else None
    return _Rows(x.shape) if all([np.moveaxis(a, 1, -1).flags.c_contiguous for a in arrays]) else None


def _is_batch(x, axes):
    return x.ndim > 1 and tuple(axes) == (0, *range(2, x.ndim)) and _layout(x) is not None


@center.twin(when=_is_batch, earned="0.73 of the reference; 16x64x32x32 float32, channels last, one core")
def _center(x, axes):
    layout = _layout(x)
    first = x[tuple([slice(1) if i in axes else slice(None) for i in range(x.ndim)])].copy()
    count = x.size // first.size
    y = np.empty_like(x)
    x, lines = layout.lines(x), layout.lines(y)
    whole = (1, 2, 3)[: x.ndim - 1]
    known = layout.along(first)

    def put(x, y):
        np.subtract(x, known, out=y)
        return layout.total(y)

    rest = (sum(in_pieces(put, x, lines, whole=whole)) / count).astype(y.dtype).reshape(first.shape)
    known_rest = layout.along(rest)

    def move(y):
        np.subtract(y, known_rest, out=y)
        return layout.total_product(y, y)

    var = (sum(in_pieces(move, lines, whole=whole)) / count).astype(y.dtype).reshape(first.shape)
    return y, first, rest, var


def _is_scale(y, scale, shift):
    alike = scale.shape == (1, *y.shape[1:2], *[1] * (y.ndim - 2))
    return alike and (shift is None or shift.shape == scale.shape) and _layout(y) is not None


@scale_and_shift.twin(when=_is_scale, earned="0.85 of the reference; 16x64x32x32 float32, channels last, one core")
def _scale_and_shift(y, scale, shift):
    layout = _layout(y)
    factor, summand = layout.along(scale), None if shift is None else layout.along(shift)

    def put(y):
        y *= factor
        if summand is not None:
            y += summand

    in_pieces(put, lines := layout.lines(y), whole=(1, 2, 3)[: lines.ndim - 1])
    return y


@batch_gradient.twin(
    when=lambda gy, x, *statistics: _layout(gy, x) is not None,
    earned="0.83 of the reference; 16x64x32x32 float32, channels last, one core",
)
def _batch_gradient(gy, x, first, rest, inverse_std, scale):
    layout = _layout(gy, x)
    gx = np.empty_like(x)
    count = x.size // first.size
    known = [layout.along(statistic) for statistic in (first, rest, inverse_std, scale)]

    def standardize(gy, x, xhat):
        np.subtract(x, known[0], out=xhat)
        xhat -= known[1]
        xhat *= known[2]
        return np.stack([layout.total(gy), layout.total_product(gy, xhat)])

    gy, x, lines = layout.lines(gy), layout.lines(x), layout.lines(gx)
    whole = (1, 2, 3)[: x.ndim - 1]
    means = (sum(in_pieces(standardize, gy, x, lines, whole=whole)) / count).astype(gx.dtype)
    mean_g, mean_gxhat = [mean.reshape(first.shape) for mean in means]
    along_g, along_gxhat = layout.along(mean_g), layout.along(mean_gxhat)

    def project(gy, xhat):
        xhat *= along_gxhat
        xhat += along_g
        np.subtract(gy, xhat, out=xhat)
        xhat *= known[3]

    in_pieces(project, gy, lines, whole=whole)
    return gx, mean_g, mean_gxhat
