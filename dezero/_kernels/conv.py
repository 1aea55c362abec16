"""Convolution and pooling of arrays: readable references, and faster twins.

An image batch has shape (N, C, H, W). A `Window` visits OH x OW places of it, and a convolution is a matrix product of
the weights with the **columns**, what the window sees at each place: shape (N, G, C/G KH KW, OH OW) for G groups. They
are KH KW times as large as the images, so they are made for a few images at a time.

The twins keep images with channels last in memory, (N, H, W, C), and show them as (N, C, H, W): all that a window sees
in one row of an image lies side by side then, and a matrix product leaves its result as the next one wants it. NumPy's
elementwise functions keep that order. Where columns cost more than the product with them, some neighbouring places are
computed as one, a **strip**: they see mostly the same.

References
----------
Chellapilla, Puri & Simard, "High performance convolutional neural networks for document processing", 2006.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from types import ModuleType
from typing import NamedTuple

import numpy as np
from numpy.lib.stride_tricks import as_strided

from dezero import config
from dezero._kernels import winograd
from dezero._kernels.reduction import careful_sum
from dezero._kernels.threads import even, in_threads, scratch, workers
from dezero._kernels.twins import kernel
from dezero._shapes import Padding, Sizes, Window, places, window
from dezero.cuda import Array, get_array_module

__all__ = [
    "Peaks", "adaptive_max", "channel_sums", "col2im", "col2im_array", "convolve", "gather", "im2col", "im2col_array",
    "max_pool", "parts", "resample", "scatter", "spread_means", "transpose_convolve", "weight_gradient", "wide",
    "window_means",
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


@kernel
def convolve(x: Array, W: Array, b: Array | None, w: Window, groups: int) -> Array:
    """Cross-correlation of x (N, C, H, W) with W (OC, C/G, KH, KW), plus b (OC,): (N, OC, OH, OW)."""
    N, OC, dtype = len(x), len(W), np.result_type(x, W)
    x, W = wide(x), wide(W)
    size = w.output(x.shape[2:])
    weights = _matrices(W, groups)
    y = get_array_module(x).empty((N, groups, OC // groups, size[0] * size[1]), np.result_type(x, W))
    for some in _blocks(x, w):
        np.matmul(weights, _columns(x[some], w, groups), out=y[some])
    return add_bias(y.reshape(N, OC, *size).astype(dtype, copy=False), b)


def add_bias(y: Array, b: Array | None) -> Array:
    """y (N, OC, OH, OW) plus b (OC,), in place where the dtype allows it."""
    if b is None:
        return y
    b = b.reshape(-1, 1, 1)
    return np.add(y, b, out=y) if np.result_type(y, b) == y.dtype else y + b


@kernel
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


@kernel
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


@kernel
def channel_sums(gy: Array) -> Array:
    """The sum over all places of all images (N, OC, OH, OW): (OC,)."""
    return careful_sum(gy, (0, 2, 3)).reshape(-1).astype(gy.dtype, copy=False)


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


# -- convolution, channels last --------------------------------------------------------------------

LAST_BLOCK = 1 << 21  # bytes of columns at a time for the twins; with fewer, threads wait for each other more often
SHARED = 1 << 20  # bytes of columns from which on several threads gain more than a change of threads takes
FEW_CHANNELS = 8  # fewer than these, and rows of pixels are the longer runs of memory
COPY, ADD = 15, 25  # so many multiplications take as long as to copy an element of a column, or to add it to an image
SMALL = 1 << 14  # multiplications, below which a twin costs more than it gains


def _plain(groups: int, *arrays: Array | None) -> bool:
    """Whether all are NumPy's own arrays of one dtype of 32 or 64 bits, and there are no groups."""
    first = arrays[0].dtype  # type: ignore[union-attr]  # b is not the first
    return groups == 1 and first.char in "fd" and all([
        a is None or (type(a) is np.ndarray and a.dtype == first) for a in arrays
    ])  # fmt: skip


def _last(x: np.ndarray) -> np.ndarray:
    """Images (N, C, H, W) as (N, H, W, C), a view."""
    return x.transpose(0, 2, 3, 1)


def _first(x: np.ndarray) -> np.ndarray:
    """Images (N, H, W, C) as (N, C, H, W), a view."""
    return x.transpose(0, 3, 1, 2)


def _shares(n: int, size: int) -> list[slice]:
    """n things of so many bytes in nearly equal blocks, as many for each thread; few bytes stay in one thread."""
    count = workers() if n * size >= SHARED else 1
    count = min(n, count * -(-n // (count * max(1, LAST_BLOCK // size))))
    return even(n, count)


def _last_blocks(N: int, rows: int, row_bytes: int) -> list[tuple[slice, slice]]:
    """Images and rows of them that are worked on together: some images, or some rows of one."""
    if workers() <= N:
        return [(images, slice(0, rows)) for images in _shares(N, rows * row_bytes)]
    return [(slice(n, n + 1), some) for n in range(N) for some in _shares(rows, row_bytes)]


def _few(C: int, w: Window) -> bool:
    """Whether rows of pixels are longer runs of memory than the channels of the pixels that a window sees in a row."""
    return C < FEW_CHANNELS and w.stride[1] == 1


def _copy_runs(to: np.ndarray, x: np.ndarray) -> None:
    """Copy x, each run along the last axis as one element: NumPy takes twice as long for some dozens of numbers."""
    run = f"V{x.shape[-1] * x.itemsize}"
    np.copyto(to.view(run), x.view(run))


def _framed_rows(x: np.ndarray, images: slice, rows: slice, w: Window) -> np.ndarray:
    """What the window meets of some images (N, C, H, W) at some rows of places: (n, rows, WP, C), or (n, C, rows, WP).

    With few channels the rows of pixels are longer than the pixels of channels, so they stay innermost.
    """
    (_, C, H, W), (SH, _), ((top, _), (left, right)) = x.shape, w.stride, w.pad
    first = rows.start * SH - top
    count = (rows.stop - rows.start - 1) * SH + w.extent[0]
    before, after = max(0, -first), min(count, H - first)
    part = x[images, :, first + before : first + after]
    few = _few(C, w)
    order = part if few else _last(part)
    if (before, after, left, right) == (0, count, 0, 0) and order[0, 0].flags.c_contiguous:
        return order
    if few:
        y = scratch("framed", (len(part), C, count, left + W + right), x.dtype)
        y[...] = 0
        y[:, :, before:after, left : left + W] = part
        return y
    y = scratch("framed", (len(part), count, left + W + right, C), x.dtype)
    y[:, :before] = 0
    y[:, after:] = 0
    y[:, before:after, :left] = 0
    y[:, before:after, left + W :] = 0
    y[:, before:after, left : left + W] = _last(part)
    return y


def _last_columns(x: np.ndarray, images: slice, rows: slice, w: Window) -> np.ndarray:
    """The columns at some rows of places of some images, a row for each place.

    (n rows OW, KH KW C), or with few channels (n rows OW, C KH KW), as a transposed view.
    """
    framed = _framed_rows(x, images, rows, w)
    (KH, KW), (SH, SW), (DH, DW), s = w.kernel, w.stride, w.dilation, framed.strides
    n, R, C, (_, OW) = len(framed), rows.stop - rows.start, x.shape[1], w.output(x.shape[2:])
    if _few(C, w):
        col = scratch("columns", (C, KH, KW, n, R, OW), x.dtype)
        np.copyto(col, as_strided(framed, col.shape, (s[1], DH * s[2], DW * s[3], s[0], SH * s[2], SW * s[3])))
        return col.reshape(C * KH * KW, n * R * OW).T
    if w.kernel == (1, 1) and w.stride == (1, 1) and framed.flags.c_contiguous:
        return framed.reshape(n * R * OW, C)
    runs, length = (1, KW * C) if DW == 1 else (KW, C)
    col = scratch("columns", (n, R, OW, KH, runs, length), x.dtype)
    _copy_runs(col, as_strided(framed, col.shape, (s[0], SH * s[1], SW * s[2], DH * s[1], DW * s[2], x.itemsize)))
    return col.reshape(n * R * OW, KH * KW * C)


def _together(C: int, OC: int, w: Window, OW: int, move: int) -> int:
    """How many places beside each other, 1 to 4, cost least if they are computed as one: as a strip.

    A strip is a place of a wider window with a larger stride, and has the outputs of all its places. Neighbours see
    mostly the same, so fewer columns have to be made for them; but there are zeros among the weights of a strip.
    """
    KW, SW = w.kernel[1], w.stride[1]

    def cost(t: int) -> float:
        """Of one place and one row of the kernel, in multiplications, each of which takes about 0.01 ns."""
        return (KW + (t - 1) * SW) * C * (OC + move / t) + 200 / t

    return min([t for t in (1, 2, 3, 4) if OW % t == 0], key=cost) if w.dilation[1] == 1 else 1


def _strip(w: Window, t: int) -> Window:
    """The window that sees what t neighbouring places see of an image."""
    (KH, KW), (SH, SW) = w.kernel, w.stride
    return w._replace(kernel=(KH, KW + (t - 1) * SW), stride=(SH, t * SW))


def _strip_weights(W: np.ndarray, w: Window, t: int) -> np.ndarray:
    """The weights of a strip, (t OC, C, KH, KW + (t - 1) SW), with zeros for what a place does not see."""
    OC, C, _, KW = W.shape
    wide = np.zeros((t, OC, C, *_strip(w, t).kernel), W.dtype)
    for i in range(t):
        wide[i, ..., i * w.stride[1] : i * w.stride[1] + KW] = W
    return wide.reshape(t * OC, *wide.shape[2:])


def _finite(x: np.ndarray) -> bool:
    """Whether all elements are finite, so that zeros among the weights make no NaN of them."""
    return bool(np.isfinite(x).all())


def _worth(x: Array, OC: int, w: Window) -> bool:
    OH, OW = w.output(x.shape[2:])
    return x.shape[0] * x.shape[1] * OH * OW * OC * w.kernel[0] * w.kernel[1] >= SMALL


@convolve.twin(
    when=lambda x, W, b, w, groups: _plain(groups, x, W, b) and _worth(x, len(W), w),
    earned="0.62 of the reference; N64 16->32 5x5, 12x12, one core",
)
def _convolve_last(x: np.ndarray, W: np.ndarray, b: np.ndarray | None, w: Window, groups: int) -> np.ndarray:
    (N, C), OC, (OH, OW) = x.shape[:2], len(W), w.output(x.shape[2:])
    t = _together(C, OC, w, OW, COPY)
    if t > 1 and _finite(x):
        W, w = _strip_weights(W, w, t), _strip(w, t)
    weights = (W if _few(C, w) else W.transpose(0, 2, 3, 1)).reshape(len(W), -1).T
    y = np.empty((N, OH, OW * OC), x.dtype)
    biases = None if b is None else np.tile(b, OW)  # of a row of places: NumPy adds long rows faster

    def some(blocks: Sequence[tuple[slice, slice]]) -> None:
        for images, rows in blocks:
            part = y[images, rows].reshape(-1, OW * OC)  # a view: either all rows or one image
            np.matmul(_last_columns(x, images, rows, w), weights, out=part.reshape(-1, len(W)))
            if biases is not None:
                part += biases

    in_threads(some, _last_blocks(N, OH, OW * OC // len(W) * len(weights) * x.itemsize))
    return _first(y.reshape(N, OH, OW, OC))


@transpose_convolve.twin(
    when=lambda y, W, w, groups, size: (
        _plain(groups, y, W) and W.shape[1] >= FEW_CHANNELS and y.size * W[0].size >= SMALL
    ),
    earned="0.40 of the reference; N64 16->32 5x5, 12x12, one core",
)
def _transpose_convolve_last(y: np.ndarray, W: np.ndarray, w: Window, groups: int, size: Sequence[int]) -> np.ndarray:
    (N, OC, OH, OW), (C, KH, KW) = y.shape, W.shape[1:]
    if w == Window((1, 1), (1, 1), ((0, 0), (0, 0)), (1, 1)):
        return _convolve_last(y, W.swapaxes(0, 1), None, w, 1)
    (top, _), (left, _), (H, width) = *w.pad, size
    weights = np.ascontiguousarray(W.transpose(2, 3, 0, 1)).reshape(KH * KW, OC, C)
    x = np.empty((N, H, width, C), y.dtype)
    last = _last(y)

    def some(blocks: Sequence[slice]) -> None:
        for images in blocks:
            part = np.ascontiguousarray(last[images])
            n = len(part)
            seen = scratch("columns", (KH, KW, n, OH, OW, C), y.dtype)
            np.matmul(part.reshape(-1, OC), weights, out=seen.reshape(KH * KW, -1, C))
            padded = (H, width) != w.padded(size)
            framed = scratch("framed", (n, *w.padded(size), C), y.dtype) if padded else x[images]
            framed[...] = 0
            for (i, j), place in _visits(w, (OH, OW)):
                spot = framed[:, *place]
                spot += seen[i, j]
            if padded:
                x[images] = framed[:, top : top + H, left : left + width]

    in_threads(some, _shares(N, OH * OW * KH * KW * C * y.itemsize))
    return _first(x)


@transpose_convolve.twin(
    when=lambda y, W, w, groups, size: (
        _plain(groups, y, W) and y.size * W[0].size >= SMALL and w.stride[1] == 1 and W.shape[1] * w.kernel[1] > 12
        and _together(W.shape[1], len(W), w, y.shape[3], ADD) > 1
    ),
    earned="0.29 of the reference, 0.72 of the twin above; N64 16->32 5x5, 12x12, one core",
)  # fmt: skip
def _transpose_convolve_strips(y: np.ndarray, W: np.ndarray, w: Window, groups: int, size: Sequence[int]) -> np.ndarray:
    """Add up the rows of the kernel first, and then the strips: longer runs of memory than those of single pixels."""
    if not _finite(y):
        return _transpose_convolve_last(y, W, w, groups, size)
    (N, OC, OH, OW), C = y.shape, W.shape[1]
    t = _together(C, OC, w, OW, ADD)
    W, w = _strip_weights(W, w, t), _strip(w, t)
    (KH, KW), SH, DH, count = w.kernel, w.stride[0], w.dilation[0], OW // t
    (top, _), (left, _), (H, width) = *w.pad, size
    weights = np.ascontiguousarray(W.transpose(2, 0, 3, 1)).reshape(KH, t * OC, KW * C)
    x = np.empty((N, H, width, C), y.dtype)
    last = _last(y)

    def some(blocks: Sequence[slice]) -> None:
        for images in blocks:
            part = np.ascontiguousarray(last[images])
            n = len(part)
            seen = scratch("columns", (KH, n, OH, count, KW, C), y.dtype)
            np.matmul(part.reshape(-1, t * OC), weights, out=seen.reshape(KH, -1, KW * C))
            padded = (H, width) != w.padded(size)
            framed = scratch("framed", (n, *w.padded(size), C), y.dtype) if padded else x[images]
            strips = scratch("strips", (n, framed.shape[1], count, KW, C), y.dtype)
            strips[...] = 0
            for i in range(KH):
                rows = strips[:, i * DH : i * DH + SH * (OH - 1) + 1 : SH]
                rows += seen[i]
            framed[...] = 0
            for j in range(count):
                pixels = framed[:, :, t * j : t * j + KW]
                pixels += strips[:, :, j]
            if padded:
                x[images] = framed[:, top : top + H, left : left + width]

    in_threads(some, _shares(N, OH * count * KH * KW * C * y.itemsize))
    return _first(x)


@weight_gradient.twin(
    when=lambda x, gy, w, groups: _plain(groups, x, gy) and _worth(x, gy.shape[1], w),
    earned="0.56 of the reference; N64 16->32 5x5, 12x12, one core",
)
def _weight_gradient_last(x: np.ndarray, gy: np.ndarray, w: Window, groups: int) -> np.ndarray:
    (N, OC, OH, OW), C = gy.shape, x.shape[1]
    t, (KH, KW), SW = _together(C, OC, w, OW, COPY), w.kernel, w.stride[1]
    w = _strip(w, t)
    last, seen = _last(gy), C * KH * w.kernel[1]
    few = seen < t * OC  # OpenBLAS is faster where the result has more columns than rows

    def some(blocks: Sequence[tuple[slice, slice]]) -> np.ndarray:
        total = np.zeros((seen, t * OC) if few else (t * OC, seen), x.dtype)
        part = np.empty_like(total)
        for images, rows in blocks:
            columns, places = _last_columns(x, images, rows, w), last[images, rows].reshape(-1, t * OC)
            left, right = (columns.T, places) if few else (places.T, columns)
            total += np.matmul(left, right, out=part)
        return total

    first, *others = in_threads(some, _last_blocks(N, OH, OW // t * seen * x.itemsize))
    for part in others:
        first += part
    first = first.T if few else first
    if _few(C, w):
        return np.ascontiguousarray(first.reshape(OC, C, KH, KW))
    strips = first.reshape(t, OC, KH, w.kernel[1], C)
    gW = strips[0, :, :, :KW]
    for i in range(1, t):
        gW = gW + strips[i, :, :, i * SW : i * SW + KW]
    return np.ascontiguousarray(_first(gW))


@channel_sums.twin(
    when=lambda gy: _plain(1, gy) and _last(gy).flags.c_contiguous and gy.size > SMALL,
    earned="0.18 of the reference, and 1/30 of its error; N64 C16 24x24, one core",
)
def _channel_sums_last(gy: np.ndarray) -> np.ndarray:
    OC = gy.shape[1]
    side_by_side = max(1, 128 // OC)  # places in one row: NumPy adds long rows faster
    flat = _last(gy).reshape(-1)
    whole = flat.size // (ROWS * side_by_side * OC) * (ROWS * side_by_side * OC)
    parts = flat[:whole].reshape(-1, ROWS, side_by_side * OC).sum(axis=1)
    total = parts.sum(axis=0, dtype=np.float64).reshape(-1, OC).sum(axis=0)
    return (total + flat[whole:].reshape(-1, OC).sum(axis=0, dtype=np.float64)).astype(gy.dtype)


ROWS = 64  # of float32 that are summed up without wider ones


# -- 3 x 3 -----------------------------------------------------------------------------------------


def _winograd(x: Array, C: int, OC: int, size: Sequence[int], w: Window, weights_kept: bool) -> int:
    """The m that costs least for Winograd's way with tiles of m x m, 0 where the columns cost less."""
    if (
        not winograd.ENABLED or x.dtype.char != "f" or w.kernel != (3, 3) or w.stride != (1, 1)
        or w.dilation != (1, 1) or max(map(max, w.pad)) > 2 or min(C, OC) < 16
    ):  # fmt: skip
        return 0
    shape = winograd.Shape(len(x), C, OC, *size)
    m = min(winograd.ENABLED, key=lambda m: shape.cost(m, weights_kept))
    return m if shape.cost(m, weights_kept) < shape.direct_cost() else 0


def _keeps() -> bool:
    """Whether transformed weights are kept: where no gradients are wanted the weights will stay the same."""
    return not config.recording()


@convolve.twin(
    when=lambda x, W, b, w, groups: (
        _plain(groups, x, W, b) and _winograd(x, W.shape[1], len(W), w.output(x.shape[2:]), w, _keeps()) > 0
    ),
    earned="0.43 of the reference, 0.98 of torch; N32 64->64 32x32, one core. 0.82 of torch; N32 128->128 16x16",
)
def _convolve_winograd(x: np.ndarray, W: np.ndarray, b: np.ndarray | None, w: Window, groups: int) -> np.ndarray:
    size = w.output(x.shape[2:])
    m = _winograd(x, W.shape[1], len(W), size, w, _keeps())
    U = winograd.kept.get(W, m) if _keeps() else winograd.transformed(W, m, False)
    return _first(winograd.correlate(_last(x), U, b, m, w.pad[0][0], w.pad[1][0], size))


@transpose_convolve.twin(
    when=lambda y, W, w, groups, size: _plain(groups, y, W) and _winograd(y, len(W), W.shape[1], size, w, False) > 0,
    earned="0.36 of the reference, 0.87 of torch; N32 64->64 32x32, one core. 0.78 of torch; N32 128->128 16x16",
)
def _transpose_convolve_winograd(
    y: np.ndarray, W: np.ndarray, w: Window, groups: int, size: Sequence[int]
) -> np.ndarray:
    m = _winograd(y, len(W), W.shape[1], size, w, False)
    U = winograd.transformed(W, m, True)
    return _first(winograd.correlate(_last(y), U, None, m, 2 - w.pad[0][0], 2 - w.pad[1][0], size))


@weight_gradient.twin(
    when=lambda x, gy, w, groups: (
        _plain(groups, x, gy) and _winograd(x, x.shape[1], gy.shape[1], gy.shape[2:], w, False) > 0
    ),
    earned="0.43 of the reference, 0.94 of torch; N32 64->64 32x32, one core. 0.79 of torch; N32 128->128 16x16",
)
def _weight_gradient_winograd(x: np.ndarray, gy: np.ndarray, w: Window, groups: int) -> np.ndarray:
    m = _winograd(x, x.shape[1], gy.shape[1], gy.shape[2:], w, False)
    return winograd.weight_gradient(_last(x), _last(gy), m, w.pad[0][0], w.pad[1][0])


# -- pooling ---------------------------------------------------------------------------------------


class Peaks(NamedTuple):
    """Which pixel of a window is the largest, at each place (N, C, OH, OW) of images with rows of `width` pixels."""

    pixel: Array
    window: Window
    width: int

    @property
    def shape(self) -> tuple[int, ...]:
        return self.pixel.shape

    def indexes(self) -> Array:
        """Where the largest elements stand in the flattened images."""
        xp, w, (OH, OW) = get_array_module(self.pixel), self.window, self.shape[2:]
        rows = xp.arange(OH)[:, None] * w.stride[0] - w.pad[0][0]
        corner = rows * self.width + xp.arange(OW) * w.stride[1] - w.pad[1][0]
        offset = xp.arange(w.kernel[0])[:, None] * (w.dilation[0] * self.width) + xp.arange(w.kernel[1]) * w.dilation[1]
        return corner + offset.ravel()[self.pixel]


@kernel
def max_pool(x: Array, w: Window) -> tuple[Array, Peaks]:
    """The largest element that the window sees at each place, and which one it is.

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
    return y, Peaks(pixel, w, W)


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


def gather(x: Array, indexes: Array | Peaks) -> Array:
    """From each image, flattened, the elements at (N, C, OH, OW) indexes."""
    indexes = indexes.indexes() if isinstance(indexes, Peaks) else indexes
    N, C, OH, OW = indexes.shape
    y = np.take_along_axis(x.reshape(N, C, x.shape[2] * x.shape[3]), indexes.reshape(N, C, OH * OW), 2)
    return y.reshape(N, C, OH, OW)


@kernel
def scatter(gy: Array, indexes: Array | Peaks, shape: tuple[int, ...]) -> Array:
    """Add gy (N, C, OH, OW) to zeros of a shape (N, C, H, W) at indexes: the adjoint of `gather`."""
    indexes = indexes.indexes() if isinstance(indexes, Peaks) else indexes
    xp = get_array_module(gy)
    N, C, H, W = shape
    x = xp.zeros(N * C * H * W, gy.dtype)
    starts = (xp.arange(N * C) * (H * W)).reshape(N, C, 1, 1)
    xp.add.at(x, (starts + indexes).ravel(), gy.ravel())
    return x.reshape(shape)


# -- pooling of quarters ---------------------------------------------------------------------------


def _quarters(x: Array, w: Window) -> bool:
    """Whether windows of 2 x 2 pixels stand side by side on NumPy's own array of floating-point numbers."""
    return (
        type(x) is np.ndarray and x.dtype.kind == "f" and x.dtype.itemsize <= 8
        and w == Window((2, 2), (2, 2), ((0, 0), (0, 0)), (1, 1))
    )  # fmt: skip


def _corners(x: np.ndarray) -> list[np.ndarray]:
    """The four pixels of each window, views: upper left, upper right, lower left, lower right."""
    H, W = x.shape[2] // 2 * 2, x.shape[3] // 2 * 2
    return [x[:, :, i:H:2, j:W:2] for i in (0, 1) for j in (0, 1)]


def _some_images(x: np.ndarray) -> list[slice]:
    """Images that are worked on together: all of them if they are few, else as many parts for each thread."""
    count = workers() * -(-x.nbytes // (workers() * POOLED_BLOCK)) if x.nbytes > POOLED_BLOCK else 1
    return even(len(x), min(len(x), count))


POOLED_BLOCK = 1 << 22  # bytes of images, whose halves are not worth a change of threads


@max_pool.twin(when=_quarters, earned="0.19 of the reference; N32 C64 32x32, one core")
def _max_pool_quarters(x: np.ndarray, w: Window) -> tuple[np.ndarray, Peaks]:
    y = np.empty_like(_corners(x)[0])  # in memory in the order of x
    pixel = np.empty_like(y, np.uint8)

    def some(blocks: Sequence[slice]) -> bool:
        for n in blocks:
            corners = [corner.copy("K") for corner in _corners(x[n])]  # or NumPy would gather each of them twice
            upper, right, lower, lower_right = corners
            number = pixel[n]
            np.greater(right, upper, out=number.view(bool))
            second = np.greater(lower_right, lower).view(np.uint8)
            np.maximum(upper, right, out=upper)
            np.maximum(lower, lower_right, out=lower)
            below = np.greater(lower, upper).view(np.uint8)
            largest = np.maximum(upper, lower, out=y[n])
            second += 2
            second -= number
            second *= below
            number += second  # the second number if below, else the first
            if np.isnan(np.add.reduce(largest, axis=None)):
                return False
        return True

    with np.errstate(invalid="ignore", over="ignore"):
        numbers_only = all(in_threads(some, _some_images(x)))
    return (y, Peaks(pixel, w, x.shape[3])) if numbers_only else max_pool.reference(x, w)


def _signed(x: np.ndarray) -> np.ndarray:
    """The bits of floating-point numbers, as integers."""
    return x.view(f"i{x.itemsize}")


@scatter.twin(
    when=lambda gy, indexes, shape: isinstance(indexes, Peaks) and _quarters(gy, indexes.window),
    earned="0.37 of the reference; N32 C64 32x32, one core",
)
def _scatter_quarters(gy: np.ndarray, indexes: Peaks, shape: tuple[int, ...]) -> np.ndarray:
    """Bits and masks of bits: a product with 0 would make NaN of infinity, and choosing is slow."""
    gx = np.empty_like(indexes.pixel, gy.dtype, shape=shape)  # in memory in the order of the images
    H, W = shape[2:]
    gx[:, :, H // 2 * 2 :] = 0
    gx[:, :, :, W // 2 * 2 :] = 0

    def some(blocks: Sequence[slice]) -> None:
        for n in blocks:
            pixel = indexes.pixel[n]
            values = np.empty_like(pixel, gy.dtype)
            values[...] = gy[n]  # which may lie in memory in another order
            bits = _signed(values)
            for number, corner in enumerate(_corners(gx[n])):
                chosen = (pixel == number).view(np.int8)
                mask = np.negative(chosen).astype(bits.dtype)  # all ones or all zeros
                np.bitwise_and(bits, mask, out=_signed(corner))

    in_threads(some, _some_images(gx))
    return gx


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
