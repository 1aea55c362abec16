"""Convolution and pooling of arrays: the readable reference.

An image batch has shape (N, C, H, W). A `Window` visits OH x OW places of it, and a convolution is a matrix product of
the weights with the **columns**, what the window sees at each place: shape (N, G, C/G KH KW, OH OW) for G groups. They
are KH KW times as large as the images, so they are made for a few images at a time.

References
----------
Chellapilla, Puri & Simard, "High performance convolutional neural networks for document processing", 2006.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from types import ModuleType

import numpy as np

from dezero._shapes import Padding, Sizes, Window, places, window
from dezero.cuda import Array, get_array_module

__all__ = [
    "adaptive_max", "col2im", "col2im_array", "convolve", "gather", "im2col", "im2col_array", "max_pool", "parts",
    "resample", "scatter", "spread_means", "transpose_convolve", "weight_gradient", "wide", "window_means",
]  # fmt: skip

BLOCK = 1 << 20  # bytes of columns at a time; from 64 KiB to 8 MiB the speed is the same, but not the memory


# -- windows ---------------------------------------------------------------------------------------


def im2col(x: Array, w: Window) -> Array:
    """What the window sees at each place: (N, C, KH, KW, OH, OW), a view of x or of its padded copy."""
    N, C, H, W = x.shape
    OH, OW = w.output((H, W))
    (SH, SW), (DH, DW) = w.stride, w.dilation
    x = _padded(x, w.pad, 0)
    sN, sC, sH, sW = x.strides
    return get_array_module(x).lib.stride_tricks.as_strided(
        x, (N, C, *w.kernel, OH, OW), (sN, sC, DH * sH, DW * sW, SH * sH, SW * sW)
    )


def col2im(col: Array, shape: tuple[int, ...], w: Window) -> Array:
    """Add what was seen at each place, (N, C, KH, KW, OH, OW), to images of a shape (N, C, H, W): im2col's adjoint."""
    N, C, H, W = shape
    (top, _), (left, _) = w.pad
    x = get_array_module(col).zeros((N, C, *w.padded((H, W))), col.dtype)
    for (i, j), seen in _visits(w, col.shape[4:]):
        x[:, :, *seen] += col[:, :, i, j]
    return x[:, :, top : top + H, left : left + W]


def im2col_array(img: Array, kernel_size: Sizes, stride: Sizes, pad: Padding, to_matrix: bool = True) -> Array:
    """`dezero.functions.im2col` from array to array.

    Examples
    --------
    >>> im2col_array(np.ones((1, 3, 7, 7)), 5, 1, 0).shape
    (9, 75)
    """
    w = window("im2col", kernel_size, stride, pad)
    places("im2col", img.shape[2:], w)
    col = im2col(img, w)
    if not to_matrix:
        return col.copy()
    N, C, KH, KW, OH, OW = col.shape
    return col.transpose(0, 4, 5, 1, 2, 3).reshape(N * OH * OW, C * KH * KW)


def col2im_array(
    col: Array, img_shape: Sequence[int], kernel_size: Sizes, stride: Sizes, pad: Padding, to_matrix: bool = True
) -> Array:
    """`dezero.functions.col2im` from array to array.

    Examples
    --------
    >>> col2im_array(np.ones((4, 4)), (1, 1, 3, 3), 2, 1, 0)[0, 0]
    array([[1., 2., 1.],
           [2., 4., 2.],
           [1., 2., 1.]])
    """
    w = window("col2im", kernel_size, stride, pad)
    N, C, H, W = img_shape
    (KH, KW), (OH, OW) = w.kernel, places("col2im", (H, W), w)
    expected = (N * OH * OW, C * KH * KW) if to_matrix else (N, C, KH, KW, OH, OW)
    if col.shape != expected:
        raise ValueError(
            f"col2im expects col of shape {expected} for images of shape {tuple(img_shape)}, got {col.shape}"
        )
    if to_matrix:
        col = col.reshape(N, OH, OW, C, KH, KW).transpose(0, 3, 4, 5, 1, 2)
    return get_array_module(col).ascontiguousarray(col2im(col, (N, C, H, W), w))


def _padded(x: Array, pad: tuple[tuple[int, int], tuple[int, int]], value: float) -> Array:
    """x with a frame of the value around it; x itself where there is no padding."""
    (top, bottom), (left, right) = pad
    if not any((top, bottom, left, right)):
        return x
    N, C, H, W = x.shape
    y = get_array_module(x).full((N, C, top + H + bottom, left + W + right), value, x.dtype)
    y[:, :, top : top + H, left : left + W] = x
    return y


def _visits(w: Window, output: Sequence[int]) -> Iterator[tuple[tuple[int, int], tuple[slice, slice]]]:
    """For each pixel (i, j) of the kernel, the pixels of the padded image that it meets."""
    (KH, KW), (SH, SW), (DH, DW), (OH, OW) = w.kernel, w.stride, w.dilation, output
    for i in range(KH):
        rows = slice(i * DH, i * DH + SH * (OH - 1) + 1, SH)
        for j in range(KW):
            yield (i, j), (rows, slice(j * DW, j * DW + SW * (OW - 1) + 1, SW))


def wide(x: Array) -> Array:
    """x in a dtype that bears sums: half precision becomes single."""
    return x.astype(np.float32) if x.dtype == np.float16 else x


# -- convolution -----------------------------------------------------------------------------------


def convolve(x: Array, W: Array, w: Window, groups: int) -> Array:
    """Cross-correlation of x (N, C, H, W) with W (OC, C/G, KH, KW): (N, OC, OH, OW)."""
    N, OC, dtype = len(x), len(W), np.result_type(x, W)
    x, W = wide(x), wide(W)
    size = w.output(x.shape[2:])
    weights = _matrices(W, groups)
    y = get_array_module(x).empty((N, groups, OC // groups, size[0] * size[1]), np.result_type(x, W))
    for some in _blocks(x, w):
        np.matmul(weights, _columns(x[some], w, groups), out=y[some])
    return y.reshape(N, OC, *size).astype(dtype, copy=False)


def transpose_convolve(y: Array, W: Array, w: Window, groups: int, size: Sequence[int]) -> Array:
    """The adjoint of `convolve` in x: from y (N, OC, OH, OW) to images (N, C, *size)."""
    (N, OC, OH, OW), (C, KH, KW), dtype = y.shape, W.shape[1:], np.result_type(y, W)
    y, W = wide(y), wide(W)
    weights = _matrices(W, groups).swapaxes(1, 2)
    y = y.reshape(N, groups, OC // groups, OH * OW)
    x = get_array_module(y).empty((N, groups * C, *size), dtype)
    for some in _blocks(x, w):
        col = np.matmul(weights, y[some])
        part = x[some]
        part[...] = col2im(col.reshape(len(part), groups * C, KH, KW, OH, OW), part.shape, w)
    return x


def weight_gradient(x: Array, gy: Array, w: Window, groups: int) -> Array:
    """The adjoint of `convolve` in W: from x (N, C, H, W) and gy (N, OC, OH, OW) to (OC, C/G, KH, KW)."""
    (N, OC, OH, OW), C, dtype = gy.shape, x.shape[1], np.result_type(x, gy)
    x, gy = wide(x), wide(gy)
    gy = gy.reshape(N, groups, OC // groups, OH * OW)
    rows = C // groups * w.kernel[0] * w.kernel[1]
    gW = get_array_module(x).zeros((groups, OC // groups, rows), np.result_type(x, gy))
    for some in _blocks(x, w):
        gW += np.matmul(gy[some], _columns(x[some], w, groups).swapaxes(2, 3)).sum(axis=0)
    return gW.reshape(OC, C // groups, *w.kernel).astype(dtype, copy=False)


def _columns(x: Array, w: Window, groups: int) -> Array:
    """The columns of some images, (N, G, C/G KH KW, OH OW), channels of a group with the kernel's pixels as rows."""
    col = im2col(x, w)
    N, C, KH, KW, OH, OW = col.shape
    return col.reshape(N, groups, C // groups * KH * KW, OH * OW)


def _matrices(W: Array, groups: int) -> Array:
    """The weights of each group, (G, OC/G, C/G KH KW)."""
    OC, C, KH, KW = W.shape
    return W.reshape(groups, OC // groups, C * KH * KW)


def _blocks(x: Array, w: Window) -> Iterator[slice]:
    """A few images at a time."""
    OH, OW = w.output(x.shape[2:])
    one = x.shape[1] * w.kernel[0] * w.kernel[1] * OH * OW * x.itemsize
    step = max(1, BLOCK // max(1, one))
    for i in range(0, len(x), step):
        yield slice(i, i + step)


# -- pooling ---------------------------------------------------------------------------------------


def max_pool(x: Array, w: Window) -> tuple[Array, Array]:
    """The largest element that the window sees at each place, and where it stands in the flattened image.

    The first one counts among equals, the last NaN among NaNs; NaN is larger than any number.
    """
    xp = get_array_module(x)
    (N, C, H, W), (KH, KW) = x.shape, w.kernel
    size = w.output((H, W))
    lowest = -np.inf if x.dtype.kind == "f" else np.iinfo(x.dtype).min
    padded = _padded(x, w.pad, lowest)
    y = xp.full((N, C, *size), lowest, x.dtype)
    row, column = [_first_inside(xp, *args) for args in zip(size, w.stride, w.pad, w.dilation)]
    pixel = xp.empty(y.shape, np.uint8 if KH * KW <= 256 else np.intp)  # which one of the kernel
    pixel[...] = row[:, None] * KW + column
    for (i, j), seen in _visits(w, size):
        value = padded[:, :, *seen]
        larger = value > y
        if x.dtype.kind == "f":
            larger |= value != value  # NaN
        np.maximum(y, value, out=y)
        np.maximum(pixel, larger * pixel.dtype.type(i * KW + j), out=pixel)  # the last one that was larger
    corner = (
        (xp.arange(size[0])[:, None] * w.stride[0] - w.pad[0][0]) * W + xp.arange(size[1]) * w.stride[1] - w.pad[1][0]
    )
    offset = xp.arange(KH)[:, None] * (w.dilation[0] * W) + xp.arange(KW) * w.dilation[1]
    return y, corner + offset.ravel()[pixel]


def _first_inside(xp: ModuleType, count: int, s: int, pad: tuple[int, int], d: int) -> Array:
    """Along one axis, the first pixel of the kernel that is inside the image, at each place."""
    return -(xp.minimum(xp.arange(count) * s - pad[0], 0) // d)


def adaptive_max(x: Array, size: Sequence[int]) -> tuple[Array, Array]:
    """The largest element of each of OH x OW nearly equal parts, and where it stands in the flattened image."""
    xp = get_array_module(x)
    N, C, H, W = x.shape
    index = xp.empty((N, C, *size), np.intp)
    for i, (top, bottom) in enumerate(parts(H, size[0])):
        for j, (left, right) in enumerate(parts(W, size[1])):
            best = x[:, :, top:bottom, left:right].reshape(N, C, (bottom - top) * (right - left)).argmax(axis=2)
            index[:, :, i, j] = (top + best // (right - left)) * W + left + best % (right - left)
    return gather(x, index), index


def parts(n: int, count: int) -> list[tuple[int, int]]:
    """Start and stop of nearly equal parts of n pixels; they overlap where count does not divide n."""
    return [(i * n // count, -(-(i + 1) * n // count)) for i in range(count)]


def window_means(x: Array, w: Window, divisors: np.ndarray) -> Array:
    """The sum of what the window sees at each place, divided by numbers (OH, OW)."""
    xp = get_array_module(x)
    size = w.output(x.shape[2:])
    dtype = x.dtype if x.dtype.kind == "f" else np.dtype(float)
    padded = _padded(wide(x), w.pad, 0)
    y = xp.zeros((*x.shape[:2], *size), padded.dtype if x.dtype.kind == "f" else dtype)
    for _, seen in _visits(w, size):
        y += padded[:, :, *seen]
    y /= xp.asarray(divisors)
    return y.astype(dtype, copy=False)


def spread_means(gy: Array, shape: tuple[int, ...], w: Window, divisors: np.ndarray) -> Array:
    """Add gy (N, C, OH, OW), divided likewise, to all that the window sees: the adjoint of `window_means`."""
    share = wide(gy)
    share = share / get_array_module(gy).asarray(divisors, share.dtype)
    col = np.broadcast_to(share[:, :, None, None], (*gy.shape[:2], *w.kernel, *gy.shape[2:]))
    return col2im(col, shape, w).astype(gy.dtype, copy=False)


def gather(x: Array, indexes: Array) -> Array:
    """From each image, flattened, the elements at (N, C, OH, OW) indexes."""
    N, C, OH, OW = indexes.shape
    y = np.take_along_axis(x.reshape(N, C, x.shape[2] * x.shape[3]), indexes.reshape(N, C, OH * OW), 2)
    return y.reshape(N, C, OH, OW)


def scatter(gy: Array, indexes: Array, shape: tuple[int, ...]) -> Array:
    """Add gy (N, C, OH, OW) to zeros of a shape (N, C, H, W) at indexes: the adjoint of `gather`."""
    xp = get_array_module(gy)
    N, C, H, W = shape
    x = xp.zeros(N * C * H * W, gy.dtype)
    starts = (xp.arange(N * C) * (H * W)).reshape(N, C, 1, 1)
    xp.add.at(x, (starts + indexes).ravel(), gy.ravel())
    return x.reshape(shape)


# -- resampling ------------------------------------------------------------------------------------


def resample(x: Array, matrix: np.ndarray, axis: int) -> Array:
    """``matrix @ x`` along axis 2 or 3 of x, for a matrix (O, I) with few nonzeros in each row.

    It adds up the few, so that a zero of the matrix meets no infinity of x: their product would be NaN.
    """
    xp = get_array_module(x)
    rows, columns = np.nonzero(matrix)
    values = matrix[rows, columns]
    counts = np.bincount(rows, minlength=len(matrix))
    starts = np.cumsum(counts) - counts
    if (counts == 1).all() and (values == 1).all():
        return x.take(xp.asarray(columns), axis)
    values = xp.asarray(values, wide(x).dtype if x.dtype.kind == "f" else None)
    y = xp.zeros((*x.shape[:axis], len(matrix), *x.shape[axis + 1 :]), values.dtype)
    for i in range(counts.max(initial=0)):
        filled = np.flatnonzero(counts > i)  # the rows that have an i-th nonzero
        some = starts[filled] + i
        first, last = filled[0], filled[-1]
        gapless = len(filled) == last - first + 1
        part = (slice(None),) * axis + (slice(first, last + 1) if gapless else xp.asarray(filled),)  # slices are faster
        y[part] += x.take(xp.asarray(columns[some]), axis) * values[some].reshape((-1, 1) if axis == 2 else -1)
    return y.astype(x.dtype, copy=False) if x.dtype.kind == "f" else y
