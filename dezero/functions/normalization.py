"""Normalization: x minus a mean, divided by a standard deviation, then scaled and shifted by learned numbers.

The functions differ in the axes over which mean and variance are taken. float16 is computed in float32, as its squares
overflow from 256 on, and comes out as float16.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from numbers import Integral

import numpy as np
from numpy.lib.array_utils import normalize_axis_tuple

from dezero import core
from dezero._kernels import normalization as kernels
from dezero._like_array import bare
from dezero.config import Config
from dezero.core import Function, Operand, Variable, as_operand
from dezero.cuda import Array, is_array

__all__ = [
    "BatchNorm", "FixedBatchNorm", "GroupNorm", "InstanceNorm", "LayerNorm", "RMSNorm", "batch_norm", "batch_nrom",
    "group_norm", "instance_norm", "layer_norm", "rms_norm",
]  # fmt: skip

# -- standardization, and what follows it ----------------------------------------------------------


class LayerNorm(Function):
    """(x - mean) / sqrt(var + eps) over given axes, times gamma, plus beta."""

    def __init__(self, axes: tuple[int, ...], shape: tuple[int, ...], eps: float) -> None:
        self.axes, self.shape, self.eps = axes, shape, eps  # shape: in which gamma and beta meet x

    def forward(self, x, gamma, beta):
        y = self._center(x)
        y *= self.inverse_std
        if gamma is not None:
            y *= gamma.reshape(self.shape)
        if beta is not None:
            y += beta.reshape(self.shape)
        return y

    def _center(self, x):
        """x minus its mean, in new memory; keeps the statistics."""
        self.count = prod([x.shape[axis] for axis in self.axes])
        y, self.first, self.rest, self.var = kernels.center(x, self.axes)  # the mean is first + rest
        self.inverse_std = (self.var + self.eps) ** -0.5
        return y

    def _standardized(self, m, x):
        """(x - mean) / sqrt(var + eps) and 1 / sqrt(var + eps) in the world of m; for Variables as functions of x."""
        if m is not core.functions:
            xhat = x - self.first
            xhat -= self.rest
            xhat *= self.inverse_std
            return xhat, self.inverse_std
        x = x - self.first  # a constant: it moves the mean, and the derivatives nowhere
        x = x - self._mean(m, x)
        inverse_std = (self._mean(m, x * x) + self.eps) ** -0.5
        return x * inverse_std, inverse_std

    def _mean(self, m, x):
        return m.sum(x, axis=self.axes, keepdims=True) / self.count

    def _mean_product(self, m, a, b):
        return _sum_of_products(m, a, b, self.first.shape) / self.count

    def vjp(self, m, gy, x, gamma, beta):
        xhat, inverse_std = self._standardized(m, x)
        gx = None
        g, ggamma, gbeta = _through_scale(self, m, gy, xhat, gamma, beta)
        if self.needs_grad[0]:
            gx = _projected(m, inverse_std, g, self._mean(m, g), xhat, self._mean_product(m, g, xhat))
        return gx, ggamma, gbeta


class GroupNorm(LayerNorm):
    """LayerNorm over groups of channels, each with all its pixels."""


class InstanceNorm(LayerNorm):
    """LayerNorm over the pixels of each channel of each sample."""


class BatchNorm(LayerNorm):
    """LayerNorm over all axes but the channels, so that gamma and beta are constant where the mean is taken."""

    def forward(self, x, gamma, beta):
        y = self._center(x)
        scale = self.inverse_std if gamma is None else self.inverse_std * gamma.reshape(self.shape)
        return kernels.scale_and_shift(y, scale, None if beta is None else beta.reshape(self.shape))

    def vjp(self, m, gy, x, gamma, beta):
        xhat, inverse_std = self._standardized(m, x) if m is core.functions else (None, self.inverse_std)
        scale = inverse_std if bare(gamma) is None else inverse_std * m.reshape(gamma, self.shape)
        if m is core.functions:
            mean_g, mean_gxhat = self._mean(m, gy), self._mean_product(m, gy, xhat)
            gx = _projected(m, scale, gy, mean_g, xhat, mean_gxhat)
        else:
            gx, mean_g, mean_gxhat = kernels.batch_gradient(gy, x, self.first, self.rest, inverse_std, scale)
        ggamma = gbeta = None
        if bare(gamma) is not None:
            ggamma = m.reshape(mean_gxhat * self.count, gamma.shape)
        if bare(beta) is not None:
            gbeta = m.reshape(mean_g * self.count, beta.shape)
        return gx, ggamma, gbeta


class FixedBatchNorm(Function):
    """(x - mean) / sqrt(var + eps), times gamma, plus beta, with a mean and a variance that are given."""

    def __init__(self, mean: Array, var: Array, shape: tuple[int, ...], eps: float) -> None:
        self.mean, self.inverse_std, self.shape = mean.reshape(shape), (var.reshape(shape) + eps) ** -0.5, shape

    def forward(self, x, gamma, beta):
        y = x - self.mean
        y *= self.inverse_std if gamma is None else self.inverse_std * gamma.reshape(self.shape)
        if beta is not None:
            y += beta.reshape(self.shape)
        return y

    def vjp(self, m, gy, x, gamma, beta):
        g, ggamma, gbeta = _through_scale(self, m, gy, (x - self.mean) * self.inverse_std, gamma, beta)
        return g * self.inverse_std if self.needs_grad[0] else None, ggamma, gbeta


class RMSNorm(Function):
    """x / sqrt(mean of x^2 + eps) over given axes, times gamma."""

    def __init__(self, axes: tuple[int, ...], shape: tuple[int, ...], eps: float) -> None:
        self.axes, self.shape, self.eps = axes, shape, eps

    def forward(self, x, gamma):
        y = x * self._inverse_rms(np, x)
        if gamma is not None:
            y *= gamma.reshape(self.shape)
        return y

    def _inverse_rms(self, m, x):
        return (self._mean(m, x * x) + self.eps) ** -0.5

    def _mean(self, m, x):
        return m.sum(x, axis=self.axes, keepdims=True) / prod([x.shape[axis] for axis in self.axes])

    def vjp(self, m, gy, x, gamma):
        inverse_rms = self._inverse_rms(m, x)
        xhat = x * inverse_rms
        g, ggamma, _ = _through_scale(self, m, gy, xhat, gamma, None)
        return inverse_rms * (g - xhat * self._mean(m, g * xhat)) if self.needs_grad[0] else None, ggamma


def _sum_of_products(m, a, b, shape):
    """a * b, summed over the axes where shape has 1; on arrays without memory for the products."""
    if m is core.functions:
        return m.sum_to(a * b, shape)
    return kernels.dot_over(a, b, shape)


def _projected(m, scale, g, mean_g, xhat, mean_gxhat):
    """scale * (g - mean_g - xhat * mean_gxhat); on arrays in the memory of xhat."""
    if m is core.functions:
        return scale * (g - mean_g - xhat * mean_gxhat)
    xhat *= mean_gxhat
    xhat += mean_g
    np.subtract(g, xhat, out=xhat)
    xhat *= scale
    return xhat


def _through_scale(f, m, gy, xhat, gamma, beta):
    """The gradients of xhat, gamma and beta, where y = xhat * gamma + beta and f is the Function that computed it."""
    g, ggamma, gbeta = gy, None, None
    if bare(gamma) is not None:
        g = gy * m.reshape(gamma, f.shape)
        if f.needs_grad[1]:
            ggamma = m.reshape(_sum_of_products(m, gy, xhat, f.shape), gamma.shape)
    if bare(beta) is not None and f.needs_grad[2]:
        gbeta = m.reshape(m.sum_to(gy, f.shape), beta.shape)
    return g, ggamma, gbeta


# -- the functions ---------------------------------------------------------------------------------


def batch_norm(
    x: Operand, gamma: Operand | None, beta: Operand | None, mean: Variable | Array | None = None,
    var: Variable | Array | None = None, decay: float = 0.9, eps: float = 2e-5,
) -> Variable:  # fmt: skip
    """Batch normalization: every channel of x with mean 0 and variance 1 over the batch, times gamma, plus beta.

    While `Config.train` is True, mean and variance are those of the batch, and the running ones are updated. In
    `test_mode` the running ones are used, and stay as they are.

    Parameters
    ----------
    x : Variable or array, shape (N, C), (N, C, L), (N, C, H, W) or (N, C, D, H, W)
    gamma, beta : Variable or array, shape (C,), or None
        Scale and shift of every channel; 1 and 0 if None.
    mean, var : Variable or array, shape (C,), or None
        The running mean and variance, of a floating-point dtype. **Training writes into their memory**:
        ``mean = decay * mean + (1 - decay) * batch mean``, and likewise var with the unbiased variance of the batch,
        that is, the sum of squares over max(m - 1, 1) for m elements of a channel. If both are None, nothing is kept,
        and the statistics are those of the batch in `test_mode`, too.
    decay : float
        How much of the running statistics stays, dimensionless; PyTorch's ``momentum`` is 1 - decay.
    eps : float
        Added to the variance, in squared units of x.

    Returns
    -------
    Variable, of the shape and dtype of x
        Differentiable in x, gamma and beta to any order, in both modes. A batch of one element per channel gives beta.

    Raises
    ------
    ValueError
        If x has fewer than 2 axes, the batch is empty in training, a parameter is not of shape (C,), or only one of
        mean and var is given.
    TypeError
        If mean or var is no array of floating-point numbers.

    References
    ----------
    Ioffe & Szegedy, "Batch Normalization: Accelerating Deep Network Training by Reducing Internal Covariate Shift",
    2015, algorithms 1 and 2.

    Examples
    --------
    >>> x = np.array([[1.0, 10.0], [3.0, 30.0]])
    >>> mean, var = np.zeros(2), np.ones(2)
    >>> batch_norm(x, np.ones(2), np.zeros(2), mean, var)
    variable([[-0.99999   -0.9999999]
              [ 0.99999    0.9999999]])
    >>> mean, var
    (array([0.2, 2. ]), array([ 1.1, 20.9]))
    """
    x = _floating("batch_norm", x)
    if x.ndim < 2:
        raise ValueError(f"batch_norm expects x of shape (N, C) or (N, C, ...), got {x.shape}")
    channels = x.shape[1:2]
    if (mean is None) != (var is None):
        raise ValueError("batch_norm expects running statistics mean and var, or None for both, got None for "
                         f"{'mean' if mean is None else 'var'} only")  # fmt: skip
    running = {name: _running(name, statistic) for name, statistic in (("mean", mean), ("var", var))}
    for name, parameter in {"gamma": gamma, "beta": beta, **running}.items():
        _check_parameter("batch_norm", name, parameter, channels)
    shape = (1, *channels, *[1] * (x.ndim - 2))
    if mean is not None and not Config.train:
        frozen = [array.astype(_wider(x.dtype)) for array in running.values()]
        return _apply(FixedBatchNorm(frozen[0], frozen[1], shape, eps), x, gamma, beta)
    if not x.size:
        raise ValueError(f"batch_norm expects at least one element for every channel, got x of shape {x.shape}; an "
                         "empty batch has no mean")  # fmt: skip
    f = BatchNorm((0, *range(2, x.ndim)), shape, eps)
    y = _apply(f, x, gamma, beta)
    if mean is not None:
        unbiased = f.var * (f.count / max(f.count - 1, 1))
        for kept, new in zip(running.values(), (f.first + f.rest, unbiased)):
            kept *= decay
            kept += (1 - decay) * new.reshape(channels)
    return y


def layer_norm(
    x: Operand, gamma: Operand | None = None, beta: Operand | None = None, axis: int | Sequence[int] = -1,
    eps: float = 1e-5,
) -> Variable:  # fmt: skip
    """Layer normalization: x with mean 0 and variance 1 over the given axes, times gamma, plus beta.

    Parameters
    ----------
    x : Variable or array, shape (..., D)
    gamma, beta : Variable or array, shape (D,), optional
        Of the sizes of the given axes, in ascending order of these; 1 and 0 by default.
    axis : int or sequence of int
        Over which the mean is taken; negative ones count from the end. PyTorch's ``normalized_shape`` of k sizes are
        the last k axes.
    eps : float
        Added to the variance, in squared units of x.

    Returns
    -------
    Variable, of the shape and dtype of x

    Raises
    ------
    ValueError
        If gamma or beta is of another shape, or the mean would be one of no elements.
    AxisError
        If x has no such axis; it is a ValueError and an IndexError.

    References
    ----------
    Ba, Kiros & Hinton, "Layer Normalization", 2016, section 3.

    Examples
    --------
    >>> layer_norm(np.array([[1.0, 3.0], [10.0, 30.0]]))
    variable([[-0.999995    0.999995  ]
              [-0.99999995  0.99999995]])
    """
    x = _floating("layer_norm", x)
    axes, shape = _parameter_shape("layer_norm", x, axis, gamma=gamma, beta=beta)
    return _apply(LayerNorm(axes, shape, eps), x, gamma, beta)


def group_norm(
    x: Operand, groups: int, gamma: Operand | None = None, beta: Operand | None = None, eps: float = 1e-5
) -> Variable:
    """Group normalization: mean 0 and variance 1 for every group of channels of every sample, times gamma, plus beta.

    Parameters
    ----------
    x : Variable or array, shape (N, C) or (N, C, ...)
    groups : int
        Into how many groups of neighbouring channels C is divided.
    gamma, beta : Variable or array, shape (C,), optional
        1 and 0 by default.
    eps : float
        Added to the variance, in squared units of x.

    Returns
    -------
    Variable, of the shape and dtype of x

    Raises
    ------
    ValueError
        If groups does not divide C, or gamma or beta is not of shape (C,).

    References
    ----------
    Wu & He, "Group Normalization", 2018, section 3.1.

    Examples
    --------
    >>> group_norm(np.array([[1.0, 3.0, 10.0, 30.0]]), groups=2)
    variable([[-0.999995    0.999995   -0.99999995  0.99999995]])
    """
    x = _floating("group_norm", x)
    if x.ndim < 2:
        raise ValueError(f"group_norm expects x of shape (N, C) or (N, C, ...), got {x.shape}")
    N, C, *pixels = x.shape
    if not isinstance(groups, Integral) or groups < 1 or C % groups:
        raise ValueError(f"group_norm expects groups that divide the {C} channels of x, got {groups}")
    _check_parameter("group_norm", "gamma", gamma, (C,))
    _check_parameter("group_norm", "beta", beta, (C,))
    _check_elements("group_norm", x, range(1, x.ndim))
    grouped = x.reshape(N, groups, C // groups, prod(pixels))
    return _apply(GroupNorm((2, 3), (1, groups, C // groups, 1), eps), grouped, gamma, beta).reshape(x.shape)


def instance_norm(x: Operand, gamma: Operand | None = None, beta: Operand | None = None, eps: float = 1e-5) -> Variable:
    """Instance normalization: mean 0 and variance 1 for every channel of every sample, times gamma, plus beta.

    Parameters
    ----------
    x : Variable or array, shape (N, C, L), (N, C, H, W) or (N, C, D, H, W)
    gamma, beta : Variable or array, shape (C,), optional
        1 and 0 by default.
    eps : float
        Added to the variance, in squared units of x.

    Returns
    -------
    Variable, of the shape and dtype of x

    Raises
    ------
    ValueError
        If x has fewer than 3 axes or no pixels, or gamma or beta is not of shape (C,).

    References
    ----------
    Ulyanov, Vedaldi & Lempitsky, "Instance Normalization: The Missing Ingredient for Fast Stylization", 2016.

    Examples
    --------
    >>> instance_norm(np.array([[[1.0, 3.0], [10.0, 30.0]]]))
    variable([[[-0.999995    0.999995  ]
               [-0.99999995  0.99999995]]])
    """
    x = _floating("instance_norm", x)
    if x.ndim < 3:
        raise ValueError(f"instance_norm expects x of shape (N, C, L), (N, C, H, W) or (N, C, D, H, W), got {x.shape}")
    channels, axes = x.shape[1:2], tuple(range(2, x.ndim))
    _check_parameter("instance_norm", "gamma", gamma, channels)
    _check_parameter("instance_norm", "beta", beta, channels)
    _check_elements("instance_norm", x, axes)
    return _apply(InstanceNorm(axes, (1, *channels, *[1] * len(axes)), eps), x, gamma, beta)


def rms_norm(
    x: Operand, gamma: Operand | None = None, axis: int | Sequence[int] = -1, eps: float | None = None
) -> Variable:
    """Root mean square normalization: x divided by sqrt(mean of x^2 + eps) over the given axes, times gamma.

    Parameters
    ----------
    x : Variable or array, shape (..., D)
    gamma : Variable or array, shape (D,), optional
        Of the sizes of the given axes, in ascending order of these; 1 by default.
    axis : int or sequence of int
        Over which the mean is taken; negative ones count from the end.
    eps : float, optional
        In squared units of x; by default the machine epsilon of the dtype of x, as in PyTorch.

    Returns
    -------
    Variable, of the shape and dtype of x

    Raises
    ------
    ValueError
        If gamma is of another shape, or the mean would be one of no elements.
    AxisError
        If x has no such axis; it is a ValueError and an IndexError.

    References
    ----------
    Zhang & Sennrich, "Root Mean Square Layer Normalization", 2019, equation 4.

    Examples
    --------
    >>> rms_norm(np.array([[1.0, 7.0], [3.0, -3.0]]))
    variable([[ 0.2  1.4]
              [ 1.  -1. ]])
    """
    x = _floating("rms_norm", x)
    axes, shape = _parameter_shape("rms_norm", x, axis, gamma=gamma)
    return _apply(RMSNorm(axes, shape, float(np.finfo(x.dtype).eps) if eps is None else eps), x, gamma)


def _floating(function: str, x: Operand) -> Variable:
    """x as floating-point numbers."""
    floating = as_operand(x)
    if floating.dtype.kind not in "biuf":
        raise TypeError(f"{function} expects x of real numbers, got dtype {floating.dtype}")
    return floating if floating.dtype.kind == "f" else floating.astype(float)


def _wider(dtype):
    """The dtype in which the computation is done."""
    return np.dtype(np.float32) if dtype == np.float16 else dtype


def _apply(f, x, *parameters):
    """The result of f in the dtype of x."""
    if _wider(x.dtype) == x.dtype:
        return f(x, *parameters)
    return f(x.astype(_wider(x.dtype)), *parameters).astype(x.dtype)


def _check_parameter(function, name, parameter, shape):
    if parameter is not None and np.shape(bare(parameter)) != shape:
        raise ValueError(f"{function} expects {name} of shape {shape}, got {np.shape(bare(parameter))}")


def _check_elements(function, x, axes):
    if not prod([x.shape[axis] for axis in axes]):
        raise ValueError(f"{function} expects at least one element to take the mean of, got x of shape {x.shape}")


def _parameter_shape(function, x, axis, **parameters):
    """The axes in ascending order, and the shape in which parameters of their sizes meet x."""
    axes = tuple(sorted(normalize_axis_tuple(axis, x.ndim, argname=function)))
    for name, parameter in parameters.items():
        _check_parameter(function, name, parameter, tuple([x.shape[axis] for axis in axes]))
    _check_elements(function, x, axes)
    return axes, tuple([n if i in axes else 1 for i, n in enumerate(x.shape)])


def _running(name, statistic):
    """The array of a running statistic, to be written to."""
    array = bare(statistic)
    if array is None or (is_array(array) and array.dtype.kind == "f"):
        return array
    given = f"an array of dtype {array.dtype}" if is_array(array) else type(array).__name__
    raise TypeError(f"batch_norm expects a floating-point array as running {name}, to update in place, got {given}")


batch_nrom = batch_norm  # as the book spells it
