"""Convolutions, and the way back."""

from __future__ import annotations

from math import prod

import numpy as np
from numpy.typing import DTypeLike

import dezero.functions as F
from dezero import cuda
from dezero._shapes import Padding, Sizes, sizes, window
from dezero.core import Operand, Parameter, Variable
from dezero.layers.base import Layer, axis_size, drawn, floating, known, positive

__all__ = ["Conv1d", "Conv2d", "Deconv2d"]


class _Convolution(Layer):
    """What the convolutions have in common: a kernel W and a bias b, and W unknown until the channels are."""

    b: Parameter | None
    _layout = "(N, C, H, W)"

    def __init__(
        self,
        out_channels: int,
        kernel_size: Sizes,
        stride: Sizes = 1,
        pad: Padding = 0,
        nobias: bool = False,
        dtype: DTypeLike = np.float32,
        in_channels: int | None = None,
        dilation: Sizes = 1,
        groups: int = 1,
    ) -> None:
        super().__init__()
        name = type(self).__name__
        self.in_channels = None if in_channels is None else positive(name, "in_channels", in_channels)
        self.out_channels = positive(name, "out_channels", out_channels)
        self.kernel_size, self.stride, self.pad, self.dilation = kernel_size, stride, pad, dilation
        self.groups = positive(name, "groups", groups)
        self.dtype = floating(name, dtype)
        self._check_window()  # refuses a wrong one here and not at the first call
        if self.out_channels % self.groups:
            raise ValueError(f"{name} expects groups to divide out_channels = {self.out_channels}, got {self.groups}")
        self.W = Parameter(None, name="W")
        if in_channels is not None:
            self._init_W()
        self.b = None if nobias else Parameter(np.zeros(self.out_channels, dtype=dtype), name="b")

    def _kernel(self) -> tuple[int, ...]:
        return sizes(type(self).__name__, "kernel_size", self.kernel_size)

    def _check_window(self) -> None:
        window(type(self).__name__, self.kernel_size, self.stride, self.pad, self.dilation)

    def _W_shape(self, C: int | None) -> tuple[int | None, ...]:
        """The shape of W for C channels of x; None stands for what is not known."""
        return self.out_channels, C and C // self.groups, *self._kernel()

    def _init_W(self, xp=np) -> None:
        name = type(self).__name__
        C = known(name, "in_channels", self.in_channels)
        if C % self.groups:
            raise ValueError(f"{name} expects groups to divide in_channels = {C}, got {self.groups}")
        self.W.data = drawn(xp, self._W_shape(C), C // self.groups * prod(self._kernel()), self.dtype)

    def _prepare(self, x: Operand) -> None:
        """Make W, if x is the first."""
        if self.W.data is None:
            self.in_channels = axis_size(type(self).__name__, x, 1, self._layout)
            self._init_W(cuda.get_array_module(x))

    def _partial_shape(self, name: str) -> tuple[int | None, ...] | None:
        return self._W_shape(None) if name == "W" else None

    def _sizes_from_weights(self) -> None:
        if self.W.data is not None:
            self.in_channels = self.W.shape[1] * self.groups

    def _settings(self) -> str:
        usual = {"stride": 1, "pad": 0, "dilation": 1, "groups": 1}
        given = {name: getattr(self, name) for name in usual}
        parts = [f"{self.out_channels}, kernel_size={self.kernel_size}"]
        parts += [f"{name}={value}" for name, value in given.items() if value != usual[name]]
        return ", ".join(parts + ["nobias=True"] * (self.b is None))


class Conv2d(_Convolution):
    """Two-dimensional convolution of x with W.

    Parameters
    ----------
    out_channels : int
        OC, the number of channels of the result.
    kernel_size : int or (int, int)
        (KH, KW), in pixels.
    stride : int or (int, int)
    pad : int, (int, int), ((top, bottom), (left, right)) or "same"
        Zeros around the image.
    nobias : bool
        Whether to leave b out.
    dtype : floating-point dtype
        Of the parameters.
    in_channels : int, optional
        C, the number of channels of x; by default that of the first x.
    dilation : int or (int, int)
        Distance of neighbouring pixels of the kernel.
    groups : int
        Into so many groups the channels are divided; must divide C and OC.

    Attributes
    ----------
    W : Parameter, shape (OC, C / groups, KH, KW)
        Drawn from the normal distribution of mean 0 and variance groups / (C KH KW), with ``numpy.random.randn``.
    b : Parameter, shape (OC,), or None
        Starts at 0.

    Notes
    -----
    x is of shape (N, C, H, W) and the result of shape (N, OC, OH, OW); `dezero.functions.conv2d` gives the sizes.

    Examples
    --------
    >>> layer = Conv2d(8, kernel_size=3, pad=1)
    >>> layer(np.zeros((5, 3, 10, 10), dtype=np.float32)).shape, layer.W.shape
    ((5, 8, 10, 10), (8, 3, 3, 3))
    """

    def forward(self, x: Operand) -> Variable:
        self._prepare(x)
        return F.conv2d(x, self.W, self.b, self.stride, self.pad, self.dilation, self.groups)


class Conv1d(_Convolution):
    """One-dimensional convolution of x with W.

    Parameters
    ----------
    out_channels : int
        OC, the number of channels of the result.
    kernel_size : int
        K, in elements.
    stride : int
    pad : int, (left, right) or "same"
        Zeros at the ends.
    nobias : bool
        Whether to leave b out.
    dtype : floating-point dtype
        Of the parameters.
    in_channels : int, optional
        C, the number of channels of x; by default that of the first x.
    dilation : int
        Distance of neighbouring elements of the kernel.
    groups : int
        Into so many groups the channels are divided; must divide C and OC.

    Attributes
    ----------
    W : Parameter, shape (OC, C / groups, K)
        Drawn from the normal distribution of mean 0 and variance groups / (C K), with ``numpy.random.randn``.
    b : Parameter, shape (OC,), or None
        Starts at 0.

    Notes
    -----
    x is of shape (N, C, L) and the result of shape (N, OC, OL); `dezero.functions.conv1d` gives the size.

    Examples
    --------
    >>> layer = Conv1d(8, kernel_size=3)
    >>> layer(np.zeros((5, 4, 10), dtype=np.float32)).shape, layer.W.shape
    ((5, 8, 8), (8, 4, 3))
    """

    kernel_size: int
    stride: int
    pad: int
    dilation: int
    _layout = "(N, C, L)"

    def _kernel(self) -> tuple[int, ...]:
        return (positive("Conv1d", "kernel_size", self.kernel_size),)

    def _check_window(self) -> None:
        along = [positive("Conv1d", name, getattr(self, name)) for name in ("kernel_size", "stride", "dilation")]
        K, S, D = [(1, n) for n in along]
        window("Conv1d", K, S, self.pad if isinstance(self.pad, (int, str)) else ((0, 0), self.pad), D)

    def forward(self, x: Operand) -> Variable:
        self._prepare(x)
        return F.conv1d(x, self.W, self.b, self.stride, self.pad, self.dilation, self.groups)


class Deconv2d(_Convolution):
    """Two-dimensional transposed convolution of x with W, which enlarges an image.

    Parameters
    ----------
    out_channels : int
        OC, the number of channels of the result.
    kernel_size, stride, pad, dilation, groups
        As in `Conv2d`: of the convolution that leads back from the result to x.
    nobias : bool
        Whether to leave b out.
    dtype : floating-point dtype
        Of the parameters.
    in_channels : int, optional
        C, the number of channels of x; by default that of the first x.

    Attributes
    ----------
    W : Parameter, shape (C, OC / groups, KH, KW)
        Drawn from the normal distribution of mean 0 and variance groups / (C KH KW), with ``numpy.random.randn``.
    b : Parameter, shape (OC,), or None
        Starts at 0.

    Notes
    -----
    x is of shape (N, C, H, W) and the result of shape (N, OC, OH, OW); `dezero.functions.deconv2d` gives the sizes.

    Examples
    --------
    >>> layer = Deconv2d(8, kernel_size=4, stride=2, pad=1)
    >>> layer(np.zeros((5, 3, 10, 10), dtype=np.float32)).shape, layer.W.shape
    ((5, 8, 20, 20), (3, 8, 4, 4))
    """

    def _W_shape(self, C: int | None) -> tuple[int | None, ...]:
        return C, self.out_channels // self.groups, *self._kernel()

    def _sizes_from_weights(self) -> None:
        if self.W.data is not None:
            self.in_channels = self.W.shape[0]

    def forward(self, x: Operand) -> Variable:
        self._prepare(x)
        return F.deconv2d(x, self.W, self.b, self.stride, self.pad, dilation=self.dilation, groups=self.groups)
