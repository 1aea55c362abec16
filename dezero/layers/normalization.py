"""Layers that keep values in a sound range, and dropout."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import DTypeLike

import dezero.functions as F
from dezero import cuda
from dezero._operands import number
from dezero.core import Operand, Parameter, Variable, as_variable
from dezero.layers.base import Layer, axis_size, floating, positive

__all__ = ["BatchNorm", "Dropout", "GroupNorm", "LayerNorm", "RMSNorm"]


class BatchNorm(Layer):
    """Batch normalization: every channel with mean 0 and variance 1 over the batch, times gamma, plus beta.

    In `test_mode` the running mean and variance take the place of those of the batch.

    Parameters
    ----------
    decay : float
        How much of the running statistics stays at each step of training, dimensionless.
    eps : float
        Added to the variance, in squared units of x.

    Attributes
    ----------
    gamma, beta : Parameter, shape (C,)
        Scale and shift; start at 1 and 0, in the dtype of the first x, which also tells C.
    avg_mean, avg_var : Variable, shape (C,)
        The running mean and variance; start at 0 and 1. Saved with the parameters, but no optimizer changes them.

    Notes
    -----
    x is of shape (N, C) or (N, C, ...); `dezero.functions.batch_norm` gives the formulas.

    Examples
    --------
    >>> layer = BatchNorm()
    >>> layer(np.array([[1.0, 10.0], [3.0, 30.0]])).data.round(3)
    array([[-1., -1.],
           [ 1.,  1.]])
    >>> layer.avg_mean
    variable([0.2 2. ])
    """

    avg_mean: Variable
    avg_var: Variable

    def __init__(self, decay: float = 0.9, eps: float = 2e-5) -> None:
        super().__init__()
        self.decay, self.eps = _decay(decay), _eps("BatchNorm", eps)
        self.register_buffer("avg_mean", None)
        self.register_buffer("avg_var", None)
        self.gamma, self.beta = Parameter(None, name="gamma"), Parameter(None, name="beta")

    def forward(self, x: Operand) -> Variable:
        variables = self.gamma, self.beta, self.avg_mean, self.avg_var
        if any([v.data is None for v in variables]):
            C = axis_size("BatchNorm", x, 1, "(N, C) or (N, C, ...)")
            dtype = as_variable(x).dtype
            _fill(variables, (C,), dtype if dtype.kind == "f" else np.result_type(dtype, np.float16), x)
        return F.batch_norm(x, *variables, self.decay, self.eps)


class LayerNorm(Layer):
    """Layer normalization: every vector with mean 0 and variance 1, times gamma, plus beta.

    Parameters
    ----------
    shape : int or sequence of int, optional
        D, or the sizes of several last axes over which the mean is taken; by default the last axis of the first x.
    eps : float
        Added to the variance, in squared units of x.
    dtype : floating-point dtype
        Of the parameters.

    Attributes
    ----------
    gamma, beta : Parameter, shape (D,) or that given
        Scale and shift; start at 1 and 0.

    Notes
    -----
    x is of shape (..., D), and so is the result; `dezero.functions.layer_norm` gives the formula.

    Examples
    --------
    >>> layer = LayerNorm()
    >>> layer(np.array([[1.0, 3.0], [10.0, 30.0]])).data.round(3)
    array([[-1.,  1.],
           [-1.,  1.]])
    """

    def __init__(
        self, shape: int | Sequence[int] | None = None, eps: float = 1e-5, dtype: DTypeLike = np.float32
    ) -> None:
        super().__init__()
        self.eps, self.dtype = _eps("LayerNorm", eps), floating("LayerNorm", dtype)
        self.gamma, self.beta = Parameter(None, name="gamma"), Parameter(None, name="beta")
        if shape is not None:
            lengths = shape if isinstance(shape, Sequence) else [shape]
            _fill((self.gamma, self.beta), tuple([positive("LayerNorm", "shape", n) for n in lengths]), dtype)

    def forward(self, x: Operand) -> Variable:
        if self.gamma.data is None or self.beta.data is None:
            _fill((self.gamma, self.beta), (axis_size("LayerNorm", x, -1, "(..., D)"),), self.dtype, x)
        return F.layer_norm(x, self.gamma, self.beta, axis=tuple(range(-self.gamma.ndim, 0)), eps=self.eps)


class GroupNorm(Layer):
    """Group normalization: every group of channels of every sample with mean 0 and variance 1, times gamma, plus beta.

    Parameters
    ----------
    groups : int
        Into how many groups of neighbouring channels C is divided.
    channels : int, optional
        C; by default that of the first x.
    eps : float
        Added to the variance, in squared units of x.
    dtype : floating-point dtype
        Of the parameters.

    Attributes
    ----------
    gamma, beta : Parameter, shape (C,)
        Scale and shift; start at 1 and 0.

    Notes
    -----
    x is of shape (N, C) or (N, C, ...), and so is the result; `dezero.functions.group_norm` gives the formula.

    Examples
    --------
    >>> layer = GroupNorm(2)
    >>> layer(np.array([[1.0, 3.0, 10.0, 30.0]])).data.round(3)
    array([[-1.,  1., -1.,  1.]])
    """

    def __init__(
        self, groups: int, channels: int | None = None, eps: float = 1e-5, dtype: DTypeLike = np.float32
    ) -> None:
        super().__init__()
        self.groups = positive("GroupNorm", "groups", groups)
        self.eps, self.dtype = _eps("GroupNorm", eps), floating("GroupNorm", dtype)
        self.gamma, self.beta = Parameter(None, name="gamma"), Parameter(None, name="beta")
        if channels is not None:
            if channels % self.groups:
                raise ValueError(f"GroupNorm expects groups that divide channels = {channels}, got {groups}")
            _fill((self.gamma, self.beta), (positive("GroupNorm", "channels", channels),), dtype)

    def forward(self, x: Operand) -> Variable:
        if self.gamma.data is None or self.beta.data is None:
            C = axis_size("GroupNorm", x, 1, "(N, C) or (N, C, ...)")
            _fill((self.gamma, self.beta), (C,), self.dtype, x)
        return F.group_norm(x, self.groups, self.gamma, self.beta, self.eps)

    def _settings(self) -> str:
        return f"{self.groups}"


class RMSNorm(Layer):
    """Root mean square normalization: every vector with a mean square of 1, times gamma.

    Parameters
    ----------
    size : int, optional
        D; by default the size of the last axis of the first x.
    eps : float
        Added to the mean square, in squared units of x.
    dtype : floating-point dtype
        Of the parameter.

    Attributes
    ----------
    gamma : Parameter, shape (D,)
        Scale; starts at 1.

    Notes
    -----
    x is of shape (..., D), and so is the result; `dezero.functions.rms_norm` gives the formula.

    Examples
    --------
    >>> layer = RMSNorm()
    >>> layer(np.array([[3.0, 4.0]])).data.round(3)
    array([[0.849, 1.131]])
    """

    def __init__(self, size: int | None = None, eps: float = 1e-5, dtype: DTypeLike = np.float32) -> None:
        super().__init__()
        self.eps, self.dtype = _eps("RMSNorm", eps), floating("RMSNorm", dtype)
        self.gamma = Parameter(None, name="gamma")
        if size is not None:
            _fill((self.gamma,), (positive("RMSNorm", "size", size),), dtype)

    def forward(self, x: Operand) -> Variable:
        if self.gamma.data is None:
            _fill((self.gamma,), (axis_size("RMSNorm", x, -1, "(..., D)"),), self.dtype, x)
        return F.rms_norm(x, self.gamma, eps=self.eps)


class Dropout(Layer):
    """While training, replace elements of x by 0 at random and enlarge the others; in `test_mode` give x itself.

    Parameters
    ----------
    dropout_ratio : float
        The probability to be dropped, in [0, 1), dimensionless.

    Raises
    ------
    ValueError
        If the ratio is outside [0, 1).

    Notes
    -----
    Its usual place is after the activation. `dezero.functions.dropout` does the same without a layer.

    Examples
    --------
    >>> from dezero import test_mode
    >>> layer = Dropout(0.5)
    >>> with test_mode():
    ...     layer(np.array([1.0, 2.0]))
    variable([1. 2.])
    """

    def __init__(self, dropout_ratio: float = 0.5) -> None:
        super().__init__()
        if not 0 <= number("Dropout", "dropout_ratio", dropout_ratio) < 1:
            raise ValueError(f"Dropout expects a ratio in [0, 1), the share of elements to drop, got {dropout_ratio}")
        self.dropout_ratio = dropout_ratio

    def forward(self, x: Operand) -> Variable:
        return F.dropout(x, self.dropout_ratio)

    def _settings(self) -> str:
        return f"{self.dropout_ratio}"


def _fill(variables: Sequence[Variable], shape: tuple[int, ...], dtype: DTypeLike, x: Operand | None = None) -> None:
    """Give those without data their first: what multiplies or is a variance 1, the others 0; on the device of x."""
    xp = cuda.get_array_module(x)
    for variable in variables:
        if variable.data is None:
            ones = variable.name in ("gamma", "avg_var")
            variable.data = xp.full(shape, 1 if ones else 0, dtype=dtype)


def _decay(decay: float) -> float:
    if not 0 <= number("BatchNorm", "decay", decay) <= 1:
        hint = "; it takes the number of channels from x" if decay > 1 else ""
        raise ValueError("BatchNorm expects decay from 0 to 1, the share that stays of the statistics, got "
                         f"{decay}{hint}")  # fmt: skip
    return decay


def _eps(name: str, eps: float) -> float:
    if not 0 <= number(name, "eps", eps) < math.inf:
        raise ValueError(f"{name} expects eps of at least 0, got {eps}")
    return eps
