"""Convolution and pooling of images.

Images have shape (N, C, H, W): N images of C channels with H rows and W columns. Sizes, strides, paddings and dilations
are in pixels, an integer for both directions or (vertical, horizontal).
"""

from __future__ import annotations

from collections.abc import Sequence
from numbers import Integral

import numpy as np

from dezero._kernels import conv as kernels
from dezero._kernels.conv import col2im_array, im2col_array
from dezero._like_array import bare, shape_of
from dezero._operands import operand
from dezero._shapes import (
    Padding,
    Sizes,
    Window,
    get_conv_outsize,
    get_deconv_outsize,
    pair,
    places,
    pooling_window,
    transposed_places,
    window,
)
from dezero.core import Function, Operand, Variable, unary
from dezero.cuda import Array
from dezero.functions import reduction
from dezero.functions.shape import get_item, reshape, transpose
from dezero.functions.shape import pad as pad_array

__all__ = [
    "AveragePooling", "AveragePoolingGrad", "Col2im", "Conv2DGradW", "Conv2d", "Deconv2d", "Im2col", "Pooling",
    "Pooling2DGrad", "Pooling2DWithIndexes", "average_pooling", "col2im", "col2im_array", "conv1d", "conv2d",
    "conv2d_simple", "deconv2d", "get_conv_outsize", "get_deconv_outsize", "im2col", "im2col_array", "pair",
    "pooling", "pooling_simple",
]  # fmt: skip


def _apply(f, *xs):
    """Apply a Function to Variables, or only its forward to arrays: what a formula needs in its two worlds."""
    return f(*xs) if isinstance(xs[0], Variable) else f.forward(*xs)


def _shape(name: str, x: Operand, layout: str = "(N, C, H, W)", what: str = "x") -> tuple[int, ...]:
    """The shape of x, if it has as many axes as the layout."""
    shape = shape_of(x)
    if len(shape) != len(layout.strip("(,)").split(",")):
        operand(bare(x))  # or it says that this is no array at all
        raise ValueError(f"{name} expects {what} of shape {layout}, got {shape}")
    return shape


def _with_pixels(name: str, x: Operand) -> tuple[int, ...]:
    """The shape of x, if it is that of images of one pixel at least."""
    shape = _shape(name, x)
    if 0 in shape[2:]:
        raise ValueError(f"{name} expects images with pixels, got x of shape {shape}")
    return shape


# -- columns ---------------------------------------------------------------------------------------


class Im2col(Function):
    """What a window sees at each place of an image."""

    def __init__(self, kernel_size, stride, pad, to_matrix) -> None:
        self.arguments = kernel_size, stride, pad, to_matrix

    def forward(self, x):
        return im2col_array(x, *self.arguments)

    def vjp(self, m, gy, x):
        return _apply(Col2im(x.shape, *self.arguments), gy)


class Col2im(Function):
    """What was seen at each place, added up to an image; the adjoint of Im2col."""

    def __init__(self, input_shape, kernel_size, stride, pad, to_matrix) -> None:
        self.shape, self.arguments = input_shape, (kernel_size, stride, pad, to_matrix)

    def forward(self, col):
        return col2im_array(col, self.shape, *self.arguments)

    def vjp(self, m, gx, col):
        return _apply(Im2col(*self.arguments), gx)


def im2col(x: Operand, kernel_size: Sizes, stride: Sizes = 1, pad: Padding = 0, to_matrix: bool = True) -> Variable:
    """Lay out what a window sees at each of its OH x OW places, so that a convolution becomes a matrix product.

    Parameters
    ----------
    x : Variable or array, shape (N, C, H, W)
    kernel_size, stride : int or (int, int)
    pad : int, (int, int), ((top, bottom), (left, right)) or "same"
        Zeros around the image.
    to_matrix : bool
        Whether to make a matrix: one row for each place, one column for each pixel of each channel of the window.

    Returns
    -------
    Variable, shape (N OH OW, C KH KW), or (N, C, KH, KW, OH, OW) if not to_matrix
        OH = (H + 2 PH - KH) // SH + 1, likewise OW.

    Raises
    ------
    ValueError
        If x has not four axes, or the kernel is larger than the padded image.

    References
    ----------
    Chellapilla, Puri & Simard, "High performance convolutional neural networks for document processing", 2006.

    Examples
    --------
    >>> im2col(np.ones((1, 3, 7, 7)), 5).shape
    (9, 75)
    """
    _shape("im2col", x)
    return unary(Im2col(kernel_size, stride, pad, to_matrix), x)


def col2im(
    x: Operand,
    input_shape: Sequence[int],
    kernel_size: Sizes,
    stride: Sizes = 1,
    pad: Padding = 0,
    to_matrix: bool = True,
) -> Variable:
    """Add up what `im2col` has laid out: every pixel gets the sum of its copies. The adjoint of `im2col`.

    Parameters
    ----------
    x : Variable or array, shape (N OH OW, C KH KW), or (N, C, KH, KW, OH, OW) if not to_matrix
    input_shape : (N, C, H, W)
        Of the images.
    kernel_size, stride, pad, to_matrix
        As for `im2col`.

    Returns
    -------
    Variable, shape (N, C, H, W)

    Raises
    ------
    ValueError
        If x has another shape than `im2col` makes of such images.

    Examples
    --------
    >>> col2im(np.ones((4, 4)), (1, 1, 3, 3), 2).data[0, 0]
    array([[1., 2., 1.],
           [2., 4., 2.],
           [1., 2., 1.]])
    """
    if len(input_shape) != 4:
        raise ValueError(f"col2im expects input_shape as (N, C, H, W), got {tuple(input_shape)}")
    return unary(Col2im(tuple(input_shape), kernel_size, stride, pad, to_matrix), x)


# -- convolution -----------------------------------------------------------------------------------
#
# L = sum of gy * conv(x, W) is linear in each of x, W and gy. Its derivatives by gy, x and W are the three Functions
# Conv2d, Deconv2d and Conv2DGradW; the derivatives of each are the two others, so they are closed to any order.


class Conv2d(Function):
    """Cross-correlation of x with W, plus b for each channel."""

    def __init__(self, window: Window, groups: int) -> None:
        self.window, self.groups = window, groups

    def forward(self, x, W, b=None):
        return kernels.convolve(x, W, b, self.window, self.groups)

    def vjp(self, m, gy, x, W, b=None):
        needs_x, needs_W, *needs_b = self.needs_grad
        gx = gW = None
        if needs_x:
            gx = _apply(Deconv2d(self.window, self.groups, x.shape[2:]), gy, W)
        if needs_W:
            gW = _apply(Conv2DGradW(self.window, self.groups), x, gy)
        return (gx, gW, *[_channel_sums(m, gy) if needed else None for needed in needs_b])


class Deconv2d(Function):
    """Transposed convolution of x with W, plus b for each channel: the adjoint of Conv2d in its image."""

    def __init__(self, window: Window, groups: int, size: tuple[int, int]) -> None:
        self.window, self.groups, self.size = window, groups, size

    def forward(self, x, W, b=None):
        return kernels.add_bias(kernels.transpose_convolve(x, W, self.window, self.groups, self.size), b)

    def vjp(self, m, gy, x, W, b=None):
        needs_x, needs_W, *needs_b = self.needs_grad
        gx = gW = None
        if needs_x:
            gx = _apply(Conv2d(self.window, self.groups), gy, W)
        if needs_W:
            gW = _apply(Conv2DGradW(self.window, self.groups), gy, x)
        return (gx, gW, *[_channel_sums(m, gy) if needed else None for needed in needs_b])


class Conv2DGradW(Function):
    """The gradient of Conv2d by its weights, from the image and the gradient of the output."""

    def __init__(self, window: Window, groups: int) -> None:
        self.window, self.groups = window, groups

    def forward(self, x, gy):
        return kernels.weight_gradient(x, gy, self.window, self.groups)

    def vjp(self, m, gW, x, gy):
        needs_x, needs_gy = self.needs_grad
        return (
            _apply(Deconv2d(self.window, self.groups, x.shape[2:]), gy, gW) if needs_x else None,
            _apply(Conv2d(self.window, self.groups), x, gW) if needs_gy else None,
        )


def _channel_sums(m, gy):
    """The sum over all but the channels: the gradient of a bias, in either world."""
    return m.sum(gy, axis=(0, 2, 3)) if isinstance(gy, Variable) else kernels.channel_sums(gy)


def conv2d(
    x: Operand,
    W: Operand,
    b: Operand | None = None,
    stride: Sizes = 1,
    pad: Padding = 0,
    dilation: Sizes = 1,
    groups: int = 1,
) -> Variable:
    """Two-dimensional convolution (cross-correlation: the kernel is not turned round) of x with W.

    Parameters
    ----------
    x : Variable or array, shape (N, C, H, W)
    W : Variable or array, shape (OC, C / groups, KH, KW)
    b : Variable or array, shape (OC,), optional
    stride : int or (int, int)
    pad : int, (int, int), ((top, bottom), (left, right)) or "same"
        Zeros around the image; "same" keeps its size, with the odd pixel at the bottom and at the right.
    dilation : int or (int, int)
        Distance of neighbouring pixels of the kernel.
    groups : int
        Into so many groups the channels are divided; each is convolved with its own OC / groups kernels.

    Returns
    -------
    Variable, shape (N, OC, OH, OW)
        OH = (H + 2 PH - KH) // SH + 1, likewise OW; with dilation, DH (KH - 1) + 1 stands in place of KH.

    Raises
    ------
    ValueError
        If x and W differ in channels, the kernel is larger than the padded image, or an argument is out of range.

    Notes
    -----
    For many channels, kernels of 3 x 3 pixels, stride 1 and float32 on the CPU, the results and both gradients come
    from Winograd's algorithm, where that is faster: their largest error over their largest value is about 1e-5 then,
    5e-7 otherwise. The environment variable ``DEZERO_WINOGRAD=0`` switches it off; with 2 the error is below 1e-6.
    Results may lie in memory with their channels last; that shows in ``strides`` only.

    References
    ----------
    Dumoulin & Visin, "A guide to convolution arithmetic for deep learning", 2016, sections 2.4 and 5.1.
    Lavin & Gray, "Fast algorithms for convolutional neural networks", 2016.

    Examples
    --------
    >>> conv2d(np.ones((1, 1, 3, 3)), np.ones((1, 1, 2, 2))).data[0, 0]
    array([[4., 4.],
           [4., 4.]])
    """
    x_shape, W_shape = _shape("conv2d", x), _shape("conv2d", W, "(OC, C, KH, KW)", "W")
    w = window("conv2d", W_shape[2:], stride, pad, dilation)
    _check_channels("conv2d", x_shape, W_shape, b, groups, W_shape[1] * groups, W_shape[0])
    places("conv2d", x_shape[2:], w)
    return _with_bias(Conv2d(w, groups), x, W, b)


def _check_channels(
    name: str, x: tuple[int, ...], W: tuple[int, ...], b: Operand | None, groups: int, takes: int, gives: int
) -> None:
    """Refuse shapes that do not belong together in a convolution that takes and gives so many channels."""
    if not isinstance(groups, int) or groups < 1 or W[0] % groups:
        raise ValueError(f"{name} expects groups to divide W.shape[0] = {W[0]}, got {groups!r}")
    if x[1] != takes:
        in_groups = f" in {groups} groups" if groups > 1 else ""
        hint = "; are the channels last? x.transpose(0, 3, 1, 2) puts them second" if x[3:] == (takes,) else ""
        raise ValueError(f"{name}: x of shape {x} has {x[1]} channels, but W of shape {W} takes "
                         f"{takes}{in_groups}{hint}")  # fmt: skip
    if b is not None and (shape := _shape(name, b, "(OC,)", "b")) != (gives,):
        raise ValueError(f"{name} expects b of shape {(gives,)}, one number for each output channel, got {shape}")


def _with_bias(f: Function, x: Operand, W: Operand, b: Operand | None) -> Variable:
    return f(x, W) if b is None else f(x, W, b)  # type: ignore[return-value]  # one output


def conv2d_simple(x: Operand, W: Operand, b: Operand | None = None, stride: Sizes = 1, pad: Padding = 0) -> Variable:
    """`conv2d` spelt out: `im2col`, one matrix product, and the axes put in order.

    Parameters
    ----------
    x : Variable or array, shape (N, C, H, W)
    W : Variable or array, shape (OC, C, KH, KW)
    b : Variable or array, shape (OC,), optional
    stride, pad
        As for `conv2d`.

    Returns
    -------
    Variable, shape (N, OC, OH, OW)

    Raises
    ------
    ValueError
        As `conv2d`.

    Examples
    --------
    >>> conv2d_simple(np.ones((1, 5, 15, 15)), np.ones((8, 5, 3, 3)), pad=1).shape
    (1, 8, 15, 15)
    """
    x_shape, W_shape = _shape("conv2d_simple", x), _shape("conv2d_simple", W, "(OC, C, KH, KW)", "W")
    OC, C, *kernel = W_shape
    _check_channels("conv2d_simple", x_shape, W_shape, b, 1, W_shape[1], OC)
    OH, OW = places("conv2d_simple", x_shape[2:], window("conv2d_simple", kernel, stride, pad))
    y = im2col(x, kernel, stride, pad) @ transpose(reshape(W, (OC, C * kernel[0] * kernel[1])))
    return transpose(reshape(y if b is None else y + b, (x_shape[0], OH, OW, OC)), (0, 3, 1, 2))


def conv1d(
    x: Operand,
    W: Operand,
    b: Operand | None = None,
    stride: int = 1,
    pad: int | Sequence[int] | str = 0,
    dilation: int = 1,
    groups: int = 1,
) -> Variable:
    """One-dimensional convolution (cross-correlation) of x with W.

    Parameters
    ----------
    x : Variable or array, shape (N, C, L)
    W : Variable or array, shape (OC, C / groups, K)
    b : Variable or array, shape (OC,), optional
    stride, dilation, groups : int
    pad : int, (left, right) or "same"

    Returns
    -------
    Variable, shape (N, OC, OL)
        OL = (L + 2 P - K) // S + 1; with dilation, D (K - 1) + 1 stands in place of K.

    Raises
    ------
    ValueError
        As `conv2d`.

    Examples
    --------
    >>> conv1d(np.arange(6.0).reshape(1, 1, 6), np.array([[[-1.0, 1.0]]]), stride=2)
    variable([[[1. 1. 1.]]])
    """
    x_shape, W_shape = _shape("conv1d", x, "(N, C, L)"), _shape("conv1d", W, "(OC, C, K)", "W")
    if not isinstance(pad, str):
        pad = ((0, 0), pad if isinstance(pad, Sequence) else (pad, pad))  # type: ignore[assignment]
    for what, value in (("stride", stride), ("dilation", dilation)):
        if not isinstance(value, Integral):
            raise ValueError(f"conv1d expects an integer as {what}, got {value!r}")
    w = window("conv1d", (1, W_shape[2]), (1, stride), pad, (1, dilation))
    _check_channels("conv1d", x_shape, W_shape, b, groups, W_shape[1] * groups, W_shape[0])
    places("conv1d", (1, x_shape[2]), w, axes=" L")
    flat = (slice(None), slice(None), None)  # as images of one row
    return get_item(
        _with_bias(Conv2d(w, groups), get_item(x, flat), get_item(W, flat), b), (slice(None), slice(None), 0)
    )


def deconv2d(
    x: Operand,
    W: Operand,
    b: Operand | None = None,
    stride: Sizes = 1,
    pad: Padding = 0,
    outsize: Sizes | None = None,
    dilation: Sizes = 1,
    groups: int = 1,
) -> Variable:
    """Two-dimensional transposed convolution of x with W: the adjoint of `conv2d`, which enlarges an image.

    Parameters
    ----------
    x : Variable or array, shape (N, C, H, W)
    W : Variable or array, shape (C, OC / groups, KH, KW)
    b : Variable or array, shape (OC,), optional
    stride, dilation, groups
        Of the convolution that leads back from the result to x.
    pad : int, (int, int), ((top, bottom), (left, right)) or "same"
        So many pixels are cut off around the result.
    outsize : int or (int, int), optional
        (OH, OW); with a stride, images of several sizes lead to x, and this picks one.

    Returns
    -------
    Variable, shape (N, OC, OH, OW)
        By default OH = SH (H - 1) + KH - 2 PH, likewise OW; with dilation, DH (KH - 1) + 1 stands in place of KH.

    Raises
    ------
    ValueError
        If x and W differ in channels, nothing is left of the image, outsize does not lead to x, or an argument is out
        of range.

    References
    ----------
    Dumoulin & Visin, "A guide to convolution arithmetic for deep learning", 2016, chapter 4.

    Examples
    --------
    >>> deconv2d(np.ones((1, 1, 2, 2)), np.ones((1, 1, 2, 2))).data[0, 0]
    array([[1., 2., 1.],
           [2., 4., 2.],
           [1., 2., 1.]])
    """
    x_shape, W_shape = _shape("deconv2d", x), _shape("deconv2d", W, "(C, OC, KH, KW)", "W")
    w = window("deconv2d", W_shape[2:], stride, pad, dilation)
    _check_channels("deconv2d", x_shape, W_shape, b, groups, W_shape[0], W_shape[1] * groups)
    return _with_bias(Deconv2d(w, groups, transposed_places("deconv2d", x_shape[2:], w, outsize)), x, W, b)


# -- pooling ---------------------------------------------------------------------------------------


class Pooling(Function):
    """The largest element of each window."""

    def __init__(self, window: Window) -> None:
        self.window = window

    def forward(self, x):
        y, self.indexes = kernels.max_pool(x, self.window)
        return y

    def vjp(self, m, gy, x):
        return _apply(Pooling2DGrad(self.indexes, x.shape), gy)


class Pooling2DGrad(Function):
    """Each element added to zeros where its maximum stood."""

    def __init__(self, indexes: Array, shape: tuple[int, ...]) -> None:
        self.indexes, self.shape = indexes, shape

    def forward(self, gy):
        return kernels.scatter(gy, self.indexes, self.shape)

    def vjp(self, m, gx, gy):
        return _apply(Pooling2DWithIndexes(self.indexes), gx)


class Pooling2DWithIndexes(Function):
    """The elements at which maxima stood; the adjoint of Pooling2DGrad."""

    def __init__(self, indexes: Array) -> None:
        self.indexes = indexes

    def forward(self, x):
        return kernels.gather(x, self.indexes)

    def vjp(self, m, gy, x):
        return _apply(Pooling2DGrad(self.indexes, x.shape), gy)


class AveragePooling(Function):
    """The sum of each window, divided by a number for each place."""

    def __init__(self, window: Window, divisors: Array) -> None:
        self.window, self.divisors = window, divisors

    def forward(self, x):
        return kernels.window_means(x, self.window, self.divisors)

    def vjp(self, m, gy, x):
        return _apply(AveragePoolingGrad(self.window, self.divisors, x.shape), gy)


class AveragePoolingGrad(Function):
    """Each element, divided likewise, added to zeros all over its window; the adjoint of AveragePooling."""

    def __init__(self, window: Window, divisors: Array, shape: tuple[int, ...]) -> None:
        self.window, self.divisors, self.shape = window, divisors, shape

    def forward(self, gy):
        return kernels.spread_means(gy, self.shape, self.window, self.divisors)

    def vjp(self, m, gx, gy):
        return _apply(AveragePooling(self.window, self.divisors), gx)


def pooling(
    x: Operand,
    kernel_size: Sizes,
    stride: Sizes = 1,
    pad: Padding = 0,
    dilation: Sizes = 1,
    ceil_mode: bool = False,
) -> Variable:
    """Max pooling: the largest element of each window, to which all of the gradient goes.

    Parameters
    ----------
    x : Variable or array, shape (N, C, H, W)
    kernel_size, stride, dilation : int or (int, int)
        Of the window; unlike in PyTorch, stride is 1 by default.
    pad : int, (int, int), ((top, bottom), (left, right)) or "same"
        The padding is lower than any number, so that no padding is ever a maximum.
    ceil_mode : bool
        Whether windows may stick out at the bottom and at the right, so that the last pixels take part, too.

    Returns
    -------
    Variable, shape (N, C, OH, OW)
        OH = (H + 2 PH - KH) // SH + 1, likewise OW; the quotient is rounded up with ceil_mode. The first one among
        equal elements counts as the maximum, and NaN as larger than any number.

    Raises
    ------
    ValueError
        If x has not four axes, the window is larger than the padded image or sees only padding somewhere, or an
        argument is out of range.

    Examples
    --------
    >>> pooling(np.arange(16.0).reshape(1, 1, 4, 4), 2, 2).data[0, 0]
    array([[ 5.,  7.],
           [13., 15.]])
    """
    w = window("pooling", kernel_size, stride, pad, dilation)
    return unary(Pooling(pooling_window("pooling", _shape("pooling", x)[2:], w, ceil_mode, filled=True)), x)


def pooling_simple(x: Operand, kernel_size: Sizes, stride: Sizes = 1, pad: Sizes = 0) -> Variable:
    """`pooling` spelt out: `im2col`, the maximum of each row, and the axes put in order.

    Parameters
    ----------
    x : Variable or array, shape (N, C, H, W)
    kernel_size, stride, pad : int or (int, int)

    Returns
    -------
    Variable, shape (N, C, OH, OW)
        As `pooling`, but equal largest elements share the gradient.

    Raises
    ------
    ValueError
        As `pooling`.

    Examples
    --------
    >>> pooling_simple(np.arange(16.0).reshape(1, 1, 4, 4), 2, 2).data[0, 0]
    array([[ 5.,  7.],
           [13., 15.]])
    """
    N, C, *size = _shape("pooling_simple", x)
    w = window("pooling_simple", kernel_size, stride, pad)
    OH, OW = pooling_window("pooling_simple", size, w, False, filled=True).output(size)
    x = pad_array(x, ((0, 0), (0, 0), *w.pad), constant_values=-np.inf) if any(map(any, w.pad)) else x
    col = reshape(im2col(x, kernel_size, stride), (N * OH * OW * C, w.kernel[0] * w.kernel[1]))
    return transpose(reshape(reduction.max(col, axis=1), (N, OH, OW, C)), (0, 3, 1, 2))


def average_pooling(
    x: Operand,
    kernel_size: Sizes,
    stride: Sizes = 1,
    pad: Padding = 0,
    count_include_pad: bool = True,
    ceil_mode: bool = False,
) -> Variable:
    """Average pooling: the mean of each window.

    Parameters
    ----------
    x : Variable or array, shape (N, C, H, W)
    kernel_size, stride : int or (int, int)
        Of the window; unlike in PyTorch, stride is 1 by default.
    pad : int, (int, int), ((top, bottom), (left, right)) or "same"
        Zeros around the image.
    count_include_pad : bool
        Whether the padding counts in the mean.
    ceil_mode : bool
        Whether windows may stick out at the bottom and at the right, so that the last pixels take part, too. What
        sticks out of the padding never counts.

    Returns
    -------
    Variable, shape (N, C, OH, OW)
        OH = (H + 2 PH - KH) // SH + 1, likewise OW; the quotient is rounded up with ceil_mode.

    Raises
    ------
    ValueError
        If x has not four axes, the window is larger than the padded image, the mean is to be taken of nothing, or an
        argument is out of range.

    Examples
    --------
    >>> average_pooling(np.arange(16.0).reshape(1, 1, 4, 4), 2, 2).data[0, 0]
    array([[ 2.5,  4.5],
           [10.5, 12.5]])
    """
    size = _shape("average_pooling", x)[2:]
    given = window("average_pooling", kernel_size, stride, pad)
    w = pooling_window("average_pooling", size, given, ceil_mode, filled=not count_include_pad)
    counts = []
    for n, k, s, (p, _), (before, after), count in zip(size, w.kernel, w.stride, w.pad, given.pad, w.output(size)):
        pixels = np.arange(count)[:, None] * s - p + np.arange(k)
        if not count_include_pad:
            before = after = 0
        counts.append(((-before <= pixels) & (pixels < n + after)).sum(axis=1))
    return unary(AveragePooling(w, np.outer(*counts)), x)
