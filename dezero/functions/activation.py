"""Activations: what stands between two layers, element by element or along one axis.

Each has the meaning and the parameters that PyTorch gives it, except where the book has its own (softmax goes along
axis 1 unless told otherwise). NaN stays NaN, and an infinite input gives the limit; of integers, all but
`relu` and `prelu` make float64.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from dezero import core
from dezero._kernels import elementwise as kernels
from dezero._kernels.elementwise import FAR
from dezero._like_array import bare
from dezero._operands import number
from dezero.config import recording
from dezero.core import Function, Operand, Variable, add, as_operand, div, mul, neg, sub, unary
from dezero.cuda import Array
from dezero.functions.math import exp, tanh
from dezero.functions.reduction import sum
from dezero.functions.shape import get_item, reshape

__all__ = [
    "ELU", "GELU", "HardSwish", "HardTanh", "LeakyReLU", "LogSigmoid", "LogSoftmax", "Mish", "PReLU", "ReLU", "SiLU",
    "Sigmoid", "Softmax", "Softplus", "Softsign",
    "celu", "elu", "gelu", "glu", "hard_sigmoid", "hard_swish", "hardtanh", "leaky_relu", "log_sigmoid", "log_softmax",
    "mish", "prelu", "relu", "relu6", "selu", "sigmoid", "sigmoid_simple", "silu", "softmax", "softmax_simple",
    "softmin", "softplus", "softsign", "tanhshrink",
]  # fmt: skip


# -- sigmoid and its kin ---------------------------------------------------------------------------


class Sigmoid(Function):
    """1 / (1 + e^-x), element by element."""

    def forward(self, x):
        return kernels.sigmoid(x)

    def vjp(self, m, gy, x):
        return kernels.sigmoid_gradient(gy, self.output(m))


class LogSigmoid(Function):
    """log(1 / (1 + e^-x)), element by element."""

    def forward(self, x):
        return _log_sigmoid(x)

    def vjp(self, m, gy, x):
        return gy * m.sigmoid(-x)


class SiLU(Function):
    """x sigmoid(x), element by element."""

    def forward(self, x):
        y, self.gate = kernels.silu(x)
        return y

    def vjp(self, m, gy, x):
        gate = self.gate if m is core.arrays else m.sigmoid(x)
        return kernels.silu_gradient(m, gy, self.output(m), gate)


class Mish(Function):
    """x tanh(softplus(x)), element by element."""

    def forward(self, x):
        return np.maximum(x, -FAR) * np.tanh(_softplus(x))

    def vjp(self, m, gy, x):
        x = m.clip(x, -FAR, FAR)
        t = m.tanh(m.softplus(x))
        return gy * (t + x * (1 - t * t) * m.sigmoid(x))


class Softplus(Function):
    """log(1 + e^(beta x)) / beta, element by element; x itself where beta x exceeds the threshold."""

    def __init__(self, beta: float = 1.0, threshold: float = 20.0) -> None:
        self.beta, self.threshold = beta, threshold

    def forward(self, x):
        z = x * self.beta
        return np.where(z > self.threshold, x, _softplus(z) / self.beta)

    def vjp(self, m, gy, x):
        z = x * self.beta
        return m.where(bare(z) > self.threshold, gy, gy * m.sigmoid(z))


def _softplus(x: Array) -> Array:
    return np.maximum(x, 0) + np.log1p(np.exp(-np.absolute(x)))  # exp of nothing positive: cannot overflow


def _log_sigmoid(x: Array) -> Array:
    return np.minimum(x, 0) - np.log1p(np.exp(-np.absolute(x)))  # exp of nothing positive: cannot overflow


def sigmoid(x: Operand) -> Variable:
    """Logistic function 1 / (1 + e^-x), computed as (1 + tanh(x / 2)) / 2.

    Parameters
    ----------
    x : Variable or array

    Returns
    -------
    Variable, of the shape and dtype of x
        Between 0 and 1; its derivative is y (1 - y). Exact to the rounding of numbers near 1, so that far down the
        negative side it is 0: where the logarithm is wanted, take `log_sigmoid`.

    Examples
    --------
    >>> sigmoid(np.array([-1000.0, 0.0, 1000.0]))
    variable([0.  0.5 1. ])
    """
    return unary(Sigmoid(), x)


def sigmoid_simple(x: Operand) -> Variable:
    """Logistic function, put together from `exp` and a division as its formula says; overflows below x = -700.

    Parameters
    ----------
    x : Variable or array

    Returns
    -------
    Variable, of the shape and dtype of x

    Examples
    --------
    >>> sigmoid_simple(np.array([0.0]))
    variable([0.5])
    """
    return div(1, add(exp(neg(x)), 1))


def log_sigmoid(x: Operand) -> Variable:
    """Logarithm of the sigmoid, min(x, 0) - log(1 + e^-|x|), without overflow or loss of digits.

    Parameters
    ----------
    x : Variable or array

    Returns
    -------
    Variable, of the shape and dtype of x
        Not positive; its derivative is sigmoid(-x).

    Examples
    --------
    >>> log_sigmoid(np.array([-1000.0, 1000.0]))
    variable([-1000.     0.])
    """
    return unary(LogSigmoid(), x)


def silu(x: Operand) -> Variable:
    """Sigmoid linear unit x sigmoid(x), also called swish.

    Parameters
    ----------
    x : Variable or array

    Returns
    -------
    Variable, of the shape and dtype of x
        With s = sigmoid(x) and y the result, the derivative is s + y (1 - s).

    References
    ----------
    Elfwing, Uchibe & Doya, "Sigmoid-weighted linear units for neural network function approximation in reinforcement
    learning", 2018.

    Examples
    --------
    >>> silu(np.array([-np.inf, 0.0, 100.0]))
    variable([ -0.   0. 100.])
    """
    return unary(SiLU(), x)


def mish(x: Operand) -> Variable:
    """Mish, x tanh(softplus(x)).

    Parameters
    ----------
    x : Variable or array

    Returns
    -------
    Variable, of the shape and dtype of x

    References
    ----------
    Misra, "Mish: a self regularized non-monotonic activation function", 2020.

    Examples
    --------
    >>> mish(np.array([-np.inf, 0.0, 100.0]))
    variable([ -0.   0. 100.])
    """
    return unary(Mish(), x)


def softplus(x: Operand, beta: float = 1.0, threshold: float = 20.0) -> Variable:
    """Smooth ramp log(1 + e^(beta x)) / beta, the integral of the sigmoid.

    Parameters
    ----------
    x : Variable or array
    beta : float
        Positive; the larger, the sharper the bend. Dimensionless.
    threshold : float
        Where beta x is larger, the result is x itself and the derivative 1.

    Returns
    -------
    Variable, of the shape and dtype of x

    Raises
    ------
    ValueError
        If beta is not positive.

    References
    ----------
    Dugas et al., "Incorporating second-order functional knowledge for better option pricing", 2001.

    Examples
    --------
    >>> softplus(np.array([-1000.0, 0.0, 1000.0]))
    variable([0.00000000e+00 6.93147181e-01 1.00000000e+03])
    """
    beta, threshold = number("softplus", "beta", beta), number("softplus", "threshold", threshold)
    if not beta > 0:
        raise ValueError(f"softplus expects beta > 0, got {beta:g}")
    return unary(Softplus(beta, threshold), x)


# -- ramps -----------------------------------------------------------------------------------------


class ReLU(Function):
    """max(x, 0), element by element; the derivative at 0 is 0."""

    def forward(self, x):
        return kernels.relu(x)

    def vjp(self, m, gy, x):
        return kernels.relu_gradient(gy, bare(x))


class LeakyReLU(Function):
    """x where it is positive, slope times x elsewhere."""

    def __init__(self, slope: float = 0.2) -> None:
        self.slope = slope

    def forward(self, x):
        return kernels.bent(x, self.slope)

    def vjp(self, m, gy, x):
        return kernels.bent_gradient(m, gy, bare(x), self.slope)


class PReLU(Function):
    """x where it is positive, weight times x elsewhere, differentiable in both."""

    broadcasts = True

    def forward(self, x, weight):
        return np.where(x > 0, x, weight * np.minimum(x, 0))

    def vjp(self, m, gy, x, weight):
        positive = bare(x) > 0
        gx = m.where(positive, gy, gy * weight) if self.needs_grad[0] else None
        return gx, gy * m.where(positive, 0, x) if self.needs_grad[1] else None


class ELU(Function):
    """scale x where x is positive, scale alpha (e^(rate x) - 1) elsewhere: elu, selu and celu."""

    def __init__(self, alpha: float = 1.0, scale: float = 1.0, rate: float = 1.0) -> None:
        self.alpha, self.scale, self.rate = alpha, scale, rate

    def forward(self, x):
        bend = np.expm1(np.minimum(x, 0) * self.rate)
        return np.maximum(x, 0) * self.scale + bend * (self.scale * self.alpha)  # one of the two is 0

    def vjp(self, m, gy, x):
        low = self.scale * self.alpha * self.rate
        return kernels.elu_gradient(m, gy, x, bare(x) > 0, self.scale, low, self.rate)


class HardTanh(Function):
    """x, held between two numbers; the derivative on either of them is 0."""

    def __init__(self, min_val: float = -1.0, max_val: float = 1.0) -> None:
        self.min_val, self.max_val = min_val, max_val

    def forward(self, x):
        return np.clip(x, self.min_val, self.max_val)

    def vjp(self, m, gy, x):
        x = bare(x)
        return gy * np.logical_and(x > self.min_val, x < self.max_val)


class HardSwish(Function):
    """x min(max(x + 3, 0), 6) / 6, element by element."""

    def forward(self, x):
        return np.maximum(x, -3) * (np.clip(x + 3, 0, 6) / 6)

    def vjp(self, m, gy, x):
        inner = m.where(bare(x) > -3, gy * (m.clip(x, -3, 3) / 3 + 0.5), 0)
        return m.where(bare(x) >= 3, gy, inner)


def relu(x: Operand) -> Variable:
    """Rectified linear unit max(x, 0).

    Parameters
    ----------
    x : Variable or array

    Returns
    -------
    Variable, of the shape and dtype of x
        Its derivative is 1 for positive x and else 0, also at 0.

    References
    ----------
    Nair & Hinton, "Rectified linear units improve restricted Boltzmann machines", 2010.

    Examples
    --------
    >>> relu(np.array([-2.0, 0.0, 3.0]))
    variable([0. 0. 3.])
    """
    return unary(ReLU(), x)


def leaky_relu(x: Operand, slope: float = 0.2) -> Variable:
    """Rectified linear unit that lets negative numbers through, slope times.

    Parameters
    ----------
    x : Variable or array
    slope : float
        For x <= 0, as value and as derivative. Dimensionless.

    Returns
    -------
    Variable, of the shape of x
        Of the dtype of x if that is a floating one.

    References
    ----------
    Maas, Hannun & Ng, "Rectifier nonlinearities improve neural network acoustic models", 2013.

    Examples
    --------
    >>> leaky_relu(np.array([-2.0, 0.0, 3.0]))
    variable([-0.4  0.   3. ])
    """
    return unary(LeakyReLU(number("leaky_relu", "slope", slope)), x)


def prelu(x: Operand, weight: Operand) -> Variable:
    """Rectified linear unit with a learnt slope for negative numbers, one for all or one per channel.

    Parameters
    ----------
    x : Variable or array, shape (N, C, ...)
        Or any shape with a weight of one element.
    weight : Variable or array, shape (C,), (1,) or ()

    Returns
    -------
    Variable, of the shape of x

    Raises
    ------
    ValueError
        If weight has another shape.

    References
    ----------
    He et al., "Delving deep into rectifiers", 2015, section 2.1.

    Examples
    --------
    >>> prelu(np.array([[-2.0, -2.0]]), np.array([0.5, 0.25]))
    variable([[-1.  -0.5]])
    """
    x, weight = as_operand(x), as_operand(weight)
    channels = x.shape[1] if x.ndim > 1 else 1
    if weight.ndim > 1 or weight.size not in (1, channels):
        raise ValueError(f"prelu expects weight of shape (1,) or ({channels},) for x of shape {x.shape}, got "
                         f"{weight.shape}")  # fmt: skip
    weight = reshape(weight, (-1,) + (1,) * (x.ndim - 2)) if weight.size > 1 else reshape(weight, ())
    return PReLU()(x, weight)  # type: ignore[return-value]  # one output


def elu(x: Operand, alpha: float = 1.0) -> Variable:
    """Exponential linear unit: x where it is positive, alpha (e^x - 1) elsewhere.

    Parameters
    ----------
    x : Variable or array
    alpha : float
        The limit for x to -infinity is -alpha. Dimensionless.

    Returns
    -------
    Variable, of the shape and dtype of x

    References
    ----------
    Clevert, Unterthiner & Hochreiter, "Fast and accurate deep network learning by exponential linear units", 2016.

    Examples
    --------
    >>> elu(np.array([-np.inf, 0.0, 3.0]), alpha=2.0)
    variable([-2.  0.  3.])
    """
    return unary(ELU(number("elu", "alpha", alpha)), x)


def selu(x: Operand) -> Variable:
    """Scaled exponential linear unit, which keeps mean 0 and variance 1 from layer to layer.

    Parameters
    ----------
    x : Variable or array

    Returns
    -------
    Variable, of the shape and dtype of x
        1.0507 x where x is positive, 1.0507 * 1.6733 (e^x - 1) elsewhere.

    References
    ----------
    Klambauer et al., "Self-normalizing neural networks", 2017, equation 2 and appendix A1 for the constants.

    Examples
    --------
    >>> selu(np.array([-np.inf, 0.0, 1.0]))
    variable([-1.75809934  0.          1.05070099])
    """
    return unary(ELU(alpha=1.6732632423543772848, scale=1.0507009873554804934), x)


def celu(x: Operand, alpha: float = 1.0) -> Variable:
    """Exponential linear unit with a continuous derivative: alpha (e^(x / alpha) - 1) where x is not positive.

    Parameters
    ----------
    x : Variable or array
    alpha : float
        The limit for x to -infinity is -alpha; not 0. Dimensionless.

    Returns
    -------
    Variable, of the shape and dtype of x

    Raises
    ------
    ValueError
        If alpha is 0.

    References
    ----------
    Barron, "Continuously differentiable exponential linear units", 2017.

    Examples
    --------
    >>> celu(np.array([-np.inf, 0.0, 3.0]), alpha=2.0)
    variable([-2.  0.  3.])
    """
    if alpha == 0:
        raise ValueError("celu expects alpha other than 0, by which it divides, got 0")
    return unary(ELU(float(alpha), rate=1 / float(alpha)), x)


def hardtanh(x: Operand, min_val: float = -1.0, max_val: float = 1.0) -> Variable:
    """Hold x between min_val and max_val: a tanh of three straight pieces.

    Parameters
    ----------
    x : Variable or array
    min_val, max_val : float
        In this order; in units of x.

    Returns
    -------
    Variable, of the shape and dtype of x
        The derivative is 1 between the two numbers and 0 on and beyond them, where that of `clip` on them is 1.

    Raises
    ------
    ValueError
        If min_val is larger than max_val.

    Examples
    --------
    >>> hardtanh(np.array([-2.0, 0.5, 3.0]))
    variable([-1.   0.5  1. ])
    """
    min_val, max_val = number("hardtanh", "min_val", min_val), number("hardtanh", "max_val", max_val)
    if not min_val <= max_val:
        raise ValueError(f"hardtanh expects min_val <= max_val, got {min_val:g} and {max_val:g}")
    return unary(HardTanh(min_val, max_val), x)


def relu6(x: Operand) -> Variable:
    """Rectified linear unit that stops at 6: min(max(x, 0), 6).

    Parameters
    ----------
    x : Variable or array

    Returns
    -------
    Variable, of the shape and dtype of x
        The derivative at 0 and at 6 is 0.

    References
    ----------
    Krizhevsky, "Convolutional deep belief networks on CIFAR-10", 2010.

    Examples
    --------
    >>> relu6(np.array([-2.0, 3.0, 7.0]))
    variable([0. 3. 6.])
    """
    return unary(HardTanh(0.0, 6.0), x)


def hard_sigmoid(x: Operand) -> Variable:
    """Sigmoid of three straight pieces: min(max(x + 3, 0), 6) / 6.

    Parameters
    ----------
    x : Variable or array

    Returns
    -------
    Variable, of the shape and dtype of x

    References
    ----------
    Howard et al., "Searching for MobileNetV3", 2019, section 5.2.

    Examples
    --------
    >>> hard_sigmoid(np.array([-4.0, 0.0, 4.0]))
    variable([0.  0.5 1. ])
    """
    return div(relu6(add(x, 3)), 6)


def hard_swish(x: Operand) -> Variable:
    """Silu with straight pieces for the sigmoid: x min(max(x + 3, 0), 6) / 6.

    Parameters
    ----------
    x : Variable or array

    Returns
    -------
    Variable, of the shape and dtype of x
        The derivative is 0 up to -3, x / 3 + 1/2 between, and 1 from 3 on.

    References
    ----------
    Howard et al., "Searching for MobileNetV3", 2019, section 5.2.

    Examples
    --------
    >>> hard_swish(np.array([-4.0, 1.5, 4.0]))
    variable([-0.     1.125  4.   ])
    """
    return unary(HardSwish(), x)


# -- other curves ----------------------------------------------------------------------------------


class GELU(Function):
    """x times the share of a standard normal distribution below x; exactly, or through tanh."""

    def __init__(self, approximate: str = "none") -> None:
        self.approximate = approximate

    def forward(self, x):
        if recording() is None:
            return kernels.gelu(core.arrays, x, self.approximate)
        y, self.slope = kernels.gelu_and_slope(core.arrays, x, self.approximate)
        return y

    def vjp(self, m, gy, x):
        return gy * (self.slope if m is core.arrays else kernels.gelu_and_slope(m, x, self.approximate)[1])


class Softsign(Function):
    """x / (1 + |x|), element by element."""

    def forward(self, x):
        largest = np.finfo(np.result_type(x, 1.0)).max
        x = np.clip(x, -largest, largest)  # infinity over infinity would be NaN
        return x / (1 + np.absolute(x))

    def vjp(self, m, gy, x):
        shrink = 1 / (1 + m.absolute(x))
        return gy * shrink * shrink


def gelu(x: Operand, approximate: str = "none") -> Variable:
    """Gaussian error linear unit: x times the share of a standard normal distribution that lies below x.

    Parameters
    ----------
    x : Variable or array
    approximate : "none" or "tanh"
        The share is (1 + erf(x / sqrt 2)) / 2, or (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3))) / 2.

    Returns
    -------
    Variable, of the shape and dtype of x

    Raises
    ------
    ValueError
        If approximate is neither of the two words.

    References
    ----------
    Hendrycks & Gimpel, "Gaussian error linear units", 2016, section 2.

    Examples
    --------
    >>> gelu(np.array([-np.inf, 0.0, 1.0]))
    variable([-0.          0.          0.84134475])
    """
    if approximate not in ("none", "tanh"):
        raise ValueError(f"gelu expects approximate='none' or 'tanh', got {approximate!r}")
    return unary(GELU(approximate), x)


def softsign(x: Operand) -> Variable:
    """Softsign x / (1 + |x|), an S-curve with slower tails than tanh.

    Parameters
    ----------
    x : Variable or array

    Returns
    -------
    Variable, of the shape and dtype of x
        Between -1 and 1; its derivative is 1 / (1 + |x|)^2.

    References
    ----------
    Glorot & Bengio, "Understanding the difficulty of training deep feedforward neural networks", 2010, section 2.2.

    Examples
    --------
    >>> softsign(np.array([-np.inf, 1.0, 3.0]))
    variable([-1.    0.5   0.75])
    """
    return unary(Softsign(), x)


def tanhshrink(x: Operand) -> Variable:
    """What tanh takes away: x - tanh(x).

    Parameters
    ----------
    x : Variable or array

    Returns
    -------
    Variable, of the shape and dtype of x
        Its derivative is tanh(x)^2.

    Examples
    --------
    >>> tanhshrink(np.array([0.0, 100.0]))
    variable([ 0. 99.])
    """
    return sub(x, tanh(x))


def glu(x: Operand, axis: int = -1) -> Variable:
    """Gated linear unit: the first half of x times the sigmoid of the second half.

    Parameters
    ----------
    x : Variable or array
    axis : int
        Which is cut in two; of even size.

    Returns
    -------
    Variable
        Half as long as x along the axis.

    Raises
    ------
    ValueError
        If the size of the axis is odd.
    AxisError
        If x has no such axis; it is a ValueError and an IndexError.

    References
    ----------
    Dauphin et al., "Language modeling with gated convolutional networks", 2017, equation 1.

    Examples
    --------
    >>> glu(np.array([4.0, 6.0, 0.0, 100.0]))
    variable([2. 6.])
    """
    x = as_operand(x)
    _check_axis("glu", x, axis)
    size = x.shape[axis]
    if size % 2:
        raise ValueError(f"glu expects an axis of even size to cut in two, got size {size} along axis {axis} of "
                         f"{x.shape}")  # fmt: skip
    before = (slice(None),) * (axis % x.ndim)
    first, second = get_item(x, (*before, slice(size // 2))), get_item(x, (*before, slice(size // 2, None)))
    return mul(first, sigmoid(second))


# -- along an axis ---------------------------------------------------------------------------------


class Softmax(Function):
    """e^x over its sum along an axis."""

    def __init__(self, axis: int | tuple[int, ...] = 1) -> None:
        self.axis = axis

    def forward(self, x):
        return kernels.softmax(x, self.axis)

    def vjp(self, m, gy, x):
        return kernels.softmax_gradient(m, gy, self.output(m), self.axis)


class LogSoftmax(Function):
    """x minus the logarithm of the sum of e^x along an axis."""

    def __init__(self, axis: int | tuple[int, ...] = 1) -> None:
        self.axis = axis

    def forward(self, x):
        return kernels.log_softmax(x, self.axis)

    def vjp(self, m, gy, x):
        return kernels.log_softmax_gradient(m, gy, self.output(m), self.axis)


def softmax(x: Operand, axis: int | Sequence[int] = 1) -> Variable:
    """Turn numbers into probabilities: e^x over the sum of e^x along an axis.

    Parameters
    ----------
    x : Variable or array
        Finite or -inf, which has probability 0. Any offset that is common along the axis falls out.
    axis : int or sequence of int
        Along which the result sums up to 1.

    Returns
    -------
    Variable, of the shape and dtype of x
        With y the result, dL/dx = y (dL/dy - sum(y dL/dy)).

    Raises
    ------
    AxisError
        If x has no such axis; it is a ValueError and an IndexError.

    Examples
    --------
    >>> softmax(np.array([[1e300, 1e300], [0.0, -np.inf]]))
    variable([[0.5 0.5]
              [1.  0. ]])
    """
    x = as_operand(x)
    return unary(Softmax(_check_axis("softmax", x, axis)), x)


def softmax_simple(x: Operand, axis: int = 1) -> Variable:
    """Softmax, put together from `exp`, `sum` and a division as its formula says; overflows above x = 700.

    Parameters
    ----------
    x : Variable or array
    axis : int
        Along which the result sums up to 1.

    Returns
    -------
    Variable, of the shape and dtype of x

    Raises
    ------
    AxisError
        If x has no such axis; it is a ValueError and an IndexError.

    Examples
    --------
    >>> softmax_simple(np.array([[0.0, 0.0]]))
    variable([[0.5 0.5]])
    """
    x = as_operand(x)
    y = exp(x)
    return y / sum(y, axis=_check_axis("softmax_simple", x, axis), keepdims=True)


def log_softmax(x: Operand, axis: int | Sequence[int] = 1) -> Variable:
    """Logarithm of the softmax: x minus the logarithm of the sum of e^x along an axis.

    Parameters
    ----------
    x : Variable or array
        Finite or -inf, as for `softmax`.
    axis : int or sequence of int

    Returns
    -------
    Variable, of the shape and dtype of x
        Not positive. With y the result, dL/dx = dL/dy - e^y sum(dL/dy).

    Raises
    ------
    AxisError
        If x has no such axis; it is a ValueError and an IndexError.

    Examples
    --------
    >>> log_softmax(np.array([[0.0, -1000.0]]))
    variable([[    0. -1000.]])
    """
    x = as_operand(x)
    return unary(LogSoftmax(_check_axis("log_softmax", x, axis)), x)


def softmin(x: Operand, axis: int | Sequence[int] = 1) -> Variable:
    """Softmax of -x: the smallest number gets the largest probability.

    Parameters
    ----------
    x : Variable or array
    axis : int or sequence of int
        Along which the result sums up to 1.

    Returns
    -------
    Variable, of the shape and dtype of x

    Raises
    ------
    AxisError
        If x has no such axis; it is a ValueError and an IndexError.

    Examples
    --------
    >>> softmin(np.array([[0.0, 1000.0]]))
    variable([[1. 0.]])
    """
    x = as_operand(x)
    return softmax(neg(x), _check_axis("softmin", x, axis))


def _check_axis(name: str, x: Variable, axis: int | Sequence[int]) -> int | tuple[int, ...]:
    """The axis or axes, which x must have."""
    axes = tuple(axis) if isinstance(axis, Sequence) else (axis,)
    for a in axes:
        if not isinstance(a, (int, np.integer)):
            raise TypeError(f"{name} expects axes as integers, got {axis!r}")
        if not -x.ndim <= a < x.ndim:
            raise np.exceptions.AxisError(f"{name} expects x to have an axis {a}, got shape {x.shape}; axis=-1 is "
                                          "the last one")  # fmt: skip
    return axis if isinstance(axis, int) else axes
