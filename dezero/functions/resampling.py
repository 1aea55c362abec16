"""Images of another size: adaptive and global pooling, pixel shuffling, interpolation.

Images have shape (N, C, H, W), as in `functions_conv`.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from dezero._kernels import conv as kernels
from dezero._shapes import Sizes, sizes
from dezero.core import Function, Operand, Variable, unary
from dezero.functions import reduction
from dezero.functions.shape import reshape, transpose
from dezero.functions_conv import Pooling, _apply, _shape, _with_pixels

__all__ = [
    "AdaptiveMaxPooling", "Resample", "adaptive_average_pooling", "adaptive_max_pooling", "global_average_pooling",
    "global_max_pooling", "pixel_shuffle", "pixel_unshuffle", "resize",
]  # fmt: skip


class Resample(Function):
    """A matrix times the rows (axis 2) or the columns (axis 3) of each image."""

    def __init__(self, matrix: np.ndarray, axis: int) -> None:
        self.matrix, self.axis = matrix, axis

    def forward(self, x):
        return kernels.resample(x, self.matrix, self.axis)

    def vjp(self, m, gy, x):
        return _apply(Resample(self.matrix.T, self.axis), gy)


class AdaptiveMaxPooling(Pooling):
    """The largest element of each of OH x OW parts."""

    def __init__(self, size: tuple[int, int]) -> None:
        self.size = size

    def forward(self, x):
        y, self.indexes = kernels.adaptive_max(x, self.size)
        return y


def adaptive_average_pooling(x: Operand, output_size: Sizes) -> Variable:
    """Average pooling to a size: the means of OH x OW nearly equal parts of each image, PyTorch's.

    Parameters
    ----------
    x : Variable or array, shape (N, C, H, W)
    output_size : int or (int, int)
        OH and OW. Part i has the rows from floor(i H / OH) to ceil((i + 1) H / OH), likewise the columns.

    Returns
    -------
    Variable, shape (N, C, OH, OW)

    Raises
    ------
    ValueError
        If x has not four axes or no pixels, or output_size is not positive.

    Examples
    --------
    >>> adaptive_average_pooling(np.arange(16.0).reshape(1, 1, 4, 4), (2, 1)).data[0, 0]
    array([[ 3.5],
           [11.5]])
    """
    shape = _with_pixels("adaptive_average_pooling", x)
    size = sizes("adaptive_average_pooling", "output_size", output_size)
    for axis, n, count in zip((2, 3), shape[2:], size):
        matrix = np.zeros((count, n))
        for row, (start, stop) in zip(matrix, kernels.parts(n, count)):
            row[start:stop] = 1 / (stop - start)
        x = unary(Resample(matrix, axis), x)
    return x  # type: ignore[return-value]  # a Variable by now


def adaptive_max_pooling(x: Operand, output_size: Sizes) -> Variable:
    """Max pooling to a size: the largest elements of OH x OW nearly equal parts of each image.

    Parameters
    ----------
    x : Variable or array, shape (N, C, H, W)
    output_size : int or (int, int)
        OH and OW. The parts are those of `adaptive_average_pooling`.

    Returns
    -------
    Variable, shape (N, C, OH, OW)
        The first one among equal elements counts as the maximum, and NaN as larger than any number.

    Raises
    ------
    ValueError
        If x has not four axes or no pixels, or output_size is not positive.

    Examples
    --------
    >>> adaptive_max_pooling(np.arange(16.0).reshape(1, 1, 4, 4), (2, 1)).data[0, 0]
    array([[ 7.],
           [15.]])
    """
    _with_pixels("adaptive_max_pooling", x)
    return unary(AdaptiveMaxPooling(sizes("adaptive_max_pooling", "output_size", output_size)), x)


def global_average_pooling(x: Operand, keepdims: bool = False) -> Variable:
    """The mean of each channel of each image.

    Parameters
    ----------
    x : Variable or array, shape (N, C, H, W)
    keepdims : bool
        Whether to keep the last two axes, with size 1.

    Returns
    -------
    Variable, shape (N, C) or (N, C, 1, 1)

    Raises
    ------
    ValueError
        If x has not four axes or no pixels.

    Examples
    --------
    >>> global_average_pooling(np.arange(8.0).reshape(1, 2, 2, 2))
    variable([[1.5 5.5]])
    """
    _with_pixels("global_average_pooling", x)
    return reduction.mean(x, axis=(2, 3), keepdims=keepdims)


def global_max_pooling(x: Operand, keepdims: bool = False) -> Variable:
    """The largest element of each channel of each image.

    Parameters
    ----------
    x : Variable or array, shape (N, C, H, W)
    keepdims : bool
        Whether to keep the last two axes, with size 1.

    Returns
    -------
    Variable, shape (N, C) or (N, C, 1, 1)

    Raises
    ------
    ValueError
        If x has not four axes or no pixels.

    Examples
    --------
    >>> global_max_pooling(np.arange(8.0).reshape(1, 2, 2, 2))
    variable([[3. 7.]])
    """
    shape = _with_pixels("global_max_pooling", x)
    y = unary(AdaptiveMaxPooling((1, 1)), x)
    return y if keepdims else reshape(y, shape[:2])


def pixel_shuffle(x: Operand, r: int) -> Variable:
    """Spread each group of r^2 channels over r x r pixels: upscaling without interpolation.

    Parameters
    ----------
    x : Variable or array, shape (N, C r^2, H, W)
    r : int
        The factor by which the image grows.

    Returns
    -------
    Variable, shape (N, C, r H, r W)

    Raises
    ------
    ValueError
        If r^2 does not divide the number of channels.

    References
    ----------
    Shi et al., "Real-time single image and video super-resolution using an efficient sub-pixel convolutional neural
    network", 2016.

    Examples
    --------
    >>> pixel_shuffle(np.arange(4).reshape(1, 4, 1, 1), 2).data[0, 0]
    array([[0, 1],
           [2, 3]])
    """
    N, C, H, W = _shape("pixel_shuffle", x)
    if r < 1 or C % (r * r):
        raise ValueError(f"pixel_shuffle expects a number of channels that r * r divides, got {C} channels and r = {r}")
    C //= r * r
    return reshape(transpose(reshape(x, (N, C, r, r, H, W)), (0, 1, 4, 2, 5, 3)), (N, C, r * H, r * W))


def pixel_unshuffle(x: Operand, r: int) -> Variable:
    """Gather each r x r pixels in r^2 channels: the inverse of `pixel_shuffle`.

    Parameters
    ----------
    x : Variable or array, shape (N, C, r H, r W)
    r : int
        The factor by which the image shrinks.

    Returns
    -------
    Variable, shape (N, C r^2, H, W)

    Raises
    ------
    ValueError
        If r does not divide the sizes of the image.

    Examples
    --------
    >>> pixel_unshuffle(np.arange(4).reshape(1, 1, 2, 2), 2).data.ravel()
    array([0, 1, 2, 3])
    """
    N, C, H, W = _shape("pixel_unshuffle", x)
    if r < 1 or H % r or W % r:
        raise ValueError(f"pixel_unshuffle expects an image whose sizes r divides, got {(H, W)} and r = {r}")
    H, W = H // r, W // r
    return reshape(transpose(reshape(x, (N, C, H, r, W, r)), (0, 1, 3, 5, 2, 4)), (N, C * r * r, H, W))


def resize(
    x: Operand,
    size: Sizes | None = None,
    scale: float | Sequence[float] | None = None,
    mode: str = "nearest",
    align_corners: bool = False,
) -> Variable:
    """Bring images to another size by interpolation, as PyTorch's ``interpolate`` does.

    Parameters
    ----------
    x : Variable or array, shape (N, C, H, W)
    size : int or (int, int)
        OH and OW; either size or scale is given.
    scale : float or (float, float)
        Factors by which H and W grow; OH = floor(H scale).
    mode : "nearest" or "bilinear"
        "nearest" takes the pixel at floor(i H / OH).
    align_corners : bool
        For "bilinear": whether the centres of the corner pixels keep their places, and not the corners of the image.

    Returns
    -------
    Variable, shape (N, C, OH, OW)
        Integers stay integers with "nearest".

    Raises
    ------
    ValueError
        If not exactly one of size and scale is given, one is out of range, or the mode is unknown.

    Examples
    --------
    >>> resize(np.array([[[[0.0, 3.0]]]]), (1, 4), mode="bilinear").data[0, 0]
    array([[0.  , 0.75, 2.25, 3.  ]])
    """
    shape = _with_pixels("resize", x)
    if (size is None) == (scale is None):
        raise ValueError(f"resize expects either size or scale, got size={size} and scale={scale}")
    if mode not in ("nearest", "bilinear") or (align_corners and mode == "nearest"):
        raise ValueError(f'resize expects mode "nearest", or "bilinear" with or without align_corners, got {mode!r}'
                         f"{' with align_corners' * align_corners}")  # fmt: skip
    scales = scale if isinstance(scale, Sequence) else (scale, scale)
    if scale is not None:
        size = [int(n * s) for n, s in zip(shape[2:], scales)]  # type: ignore[operator]  # not None
    OH, OW = sizes("resize", "the size", size)  # type: ignore[arg-type]  # not None
    interpolation = _nearest if mode == "nearest" else _linear_corners if align_corners else _linear
    for axis, n, count, s in zip((2, 3), shape[2:], (OH, OW), scales):
        x = unary(Resample(interpolation(n, count, s), axis), x)
    return x  # type: ignore[return-value]  # a Variable by now


def _nearest(n: int, count: int, scale: float | None) -> np.ndarray:
    """The matrix that picks for each of count pixels the one of n at the same place."""
    i = np.arange(count)
    nearest = i * n // count if scale is None else np.minimum(np.floor(i / scale).astype(int), n - 1)
    return np.eye(n)[nearest]


def _linear(n: int, count: int, scale: float | None) -> np.ndarray:
    """The matrix that interpolates count pixels from n, with the corners of the first and the last at one place."""
    return _between(n, np.maximum((np.arange(count) + 0.5) * (n / count if scale is None else 1 / scale) - 0.5, 0))


def _linear_corners(n: int, count: int, scale: float | None) -> np.ndarray:
    """The matrix that interpolates count pixels from n, with the centres of the first and the last at one place."""
    return _between(n, np.arange(count) * ((n - 1) / max(count - 1, 1)))


def _between(n: int, places: np.ndarray) -> np.ndarray:
    """The matrix that interpolates n pixels linearly at places from 0 to n - 1, beyond which the last one goes on."""
    places = np.minimum(places, n - 1)[:, None]
    return np.maximum(1 - np.abs(places - np.arange(n)), 0)
