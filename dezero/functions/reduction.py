"""Functions that sum up along axes, and those that run along one."""

from __future__ import annotations

import builtins
import math
from collections.abc import Sequence
from typing import TypeAlias

import numpy as np

from dezero import core, cuda
from dezero._kernels.reduction import careful_sum
from dezero._like_array import bare
from dezero.core import Function, Operand, Variable, as_operand, astype, unary
from dezero.functions.math import absolute
from dezero.functions.shape import reshape

__all__ = [
    "ArgMax", "ArgMin", "CumProd", "CumSum", "LinearRecurrence", "LogSumExp", "Max", "Mean", "Min", "Norm", "Prod",
    "Std", "Sum", "Var", "argmax", "argmin", "average", "cumprod", "cumsum", "linear_recurrence", "logsumexp", "max",
    "mean", "min", "norm", "prod", "std", "sum", "var",
]  # fmt: skip

Axis: TypeAlias = "int | Sequence[int] | None"


class _Reduction(Function):
    """A function whose axes disappear; its gradient needs them back, with size 1."""

    def __init__(self, axis: int | tuple[int, ...] | None, keepdims: bool) -> None:
        self.axis, self.keepdims = axis, keepdims

    def _drop(self, y):
        """y, which has the axes with size 1, as it is handed out."""
        self.kept_shape = y.shape
        return y if self.keepdims else y.squeeze(self.axis)

    def _keep(self, m, y):
        """An output or its gradient with the axes back."""
        return m.reshape(y, self.kept_shape)


def _tuple(axis: Axis) -> int | tuple[int, ...] | None:
    return tuple(axis) if isinstance(axis, Sequence) and not isinstance(axis, str) else axis


def _floating(x: Operand) -> Variable:
    """x, with integers converted as NumPy does for functions whose values are not integers."""
    x = as_operand(x)
    return astype(x, float) if x.dtype.kind in "biu" else x


# -- sum and mean ----------------------------------------------------------------------------------


class Sum(_Reduction):
    """The sum over axes."""

    def forward(self, x):
        y = self._drop(careful_sum(x, self.axis))
        return y.astype(x.dtype) if x.dtype.char == "e" else y

    def vjp(self, m, gy, x):
        return m.broadcast_to(self._keep(m, gy), x.shape)


class Mean(_Reduction):
    """The mean over axes."""

    def forward(self, x):
        total = careful_sum(x, self.axis)
        y = self._drop(total / (x.size / builtins.max(total.size, 1)))
        return y.astype(x.dtype) if x.dtype.kind == "f" else y

    def vjp(self, m, gy, x):
        share = math.prod(self.kept_shape) / builtins.max(x.size, 1)
        return m.broadcast_to(self._keep(m, gy * share), x.shape)


def sum(x: Operand, axis: Axis = None, keepdims: bool = False) -> Variable:
    """Sum the elements of x.

    Parameters
    ----------
    x : Variable or array
    axis : int or sequence of int, optional
        The axes that disappear, negative ones counted from the end; all by default.
    keepdims : bool
        Whether to keep them with size 1.

    Returns
    -------
    Variable
        Of the dtype of x; float16 is added up in float32.

    Raises
    ------
    AxisError
        If x has no such axis; it is a ValueError and an IndexError.

    Examples
    --------
    >>> sum(np.arange(6).reshape(2, 3), axis=0)
    variable([3 5 7])
    """
    return unary(Sum(_tuple(axis), keepdims), x)


def mean(x: Operand, axis: Axis = None, keepdims: bool = False) -> Variable:
    """Mean of the elements of x; `average` is the same function.

    Parameters
    ----------
    x : Variable or array
    axis : int or sequence of int, optional
        The axes that disappear, negative ones counted from the end; all by default.
    keepdims : bool
        Whether to keep them with size 1.

    Returns
    -------
    Variable
        Of the dtype of x, float64 for integers. A mean of float16 numbers is right even where their sum overflows.
        The mean of no elements is NaN, with NumPy's warning.

    Raises
    ------
    AxisError
        If x has no such axis; it is a ValueError and an IndexError.

    Examples
    --------
    >>> mean(np.array([[1.0, 2.0], [3.0, 6.0]]), axis=0)
    variable([2. 4.])
    """
    return unary(Mean(_tuple(axis), keepdims), x)


average = mean


# -- spread ----------------------------------------------------------------------------------------


class Var(_Reduction):
    """The mean squared distance from the mean, over axes."""

    def __init__(self, axis: int | tuple[int, ...] | None, ddof: float, keepdims: bool) -> None:
        super().__init__(axis, keepdims)
        self.ddof = ddof

    def forward(self, x):
        y = self._drop(self._variance(x))
        return y.astype(x.dtype) if x.dtype.kind == "f" else y

    def vjp(self, m, gy, x):
        return self._keep(m, gy) * self._distance(m, x) * (2 * self.share)

    def _variance(self, x):
        """In two passes, with a mean that is exact for a constant x, so that no spread is found in rounding errors."""
        if x.dtype.char == "e":
            x = x.astype(np.float32)
        total = careful_sum(x, self.axis)
        n = x.size / builtins.max(total.size, 1)
        mean = total / n
        self.mean = mean + careful_sum(x - mean, self.axis) / n
        distance = x - self.mean
        divisor = builtins.max(n - self.ddof, 0.0)
        self.share = 1 / divisor if divisor else math.nan
        return careful_sum(distance * distance, self.axis) / divisor

    def _distance(self, m, x):
        """From the mean, which is a function of x where derivatives are to follow."""
        return x - (mean(x, self.axis, keepdims=True) if m is core.functions else self.mean)


class Std(Var):
    """The square root of the mean squared distance from the mean, over axes."""

    def forward(self, x):
        y = self._drop(np.sqrt(self._variance(x)))
        return y.astype(x.dtype) if x.dtype.kind == "f" else y

    def vjp(self, m, gy, x):
        gy, y = _where_not_zero(m, self._keep(m, gy), self._keep(m, self.output(m)))
        return gy * (self._distance(m, x) / y) * self.share


def _where_not_zero(m, gy, y):
    """gy and y with 0 and 1 where y is 0: a root or a norm has no derivative there, and is given 0."""
    zero = bare(y) == 0
    return (m.where(zero, 0, gy), m.where(zero, 1, y)) if zero.any() else (gy, y)


def var(x: Operand, axis: Axis = None, ddof: float = 0, keepdims: bool = False) -> Variable:
    """Variance of the elements of x: the mean squared distance from their mean.

    Parameters
    ----------
    x : Variable or array
    axis : int or sequence of int, optional
        The axes that disappear, negative ones counted from the end; all by default.
    ddof : int or float
        The sum of the squares of n elements is divided by n - ddof; 1 gives the unbiased estimate.
    keepdims : bool
        Whether to keep the axes with size 1.

    Returns
    -------
    Variable
        Of the dtype of x, float64 for integers; exactly 0 for equal elements. NaN, with NumPy's warning, for one
        element and ddof 1. The derivative is 2 (x - mean) / (n - ddof).

    Raises
    ------
    AxisError
        If x has no such axis; it is a ValueError and an IndexError.

    References
    ----------
    Chan, Golub & LeVeque, "Algorithms for computing the sample variance", 1983: the two-pass algorithm.

    Examples
    --------
    >>> var(np.array([1.0, 2.0, 3.0])).data.round(4), var(np.array([1.0, 2.0, 3.0]), ddof=1).data
    (np.float64(0.6667), array(1.))
    """
    return unary(Var(_tuple(axis), ddof, keepdims), x)


def std(x: Operand, axis: Axis = None, ddof: float = 0, keepdims: bool = False) -> Variable:
    """Standard deviation of the elements of x: the square root of `var`.

    Parameters
    ----------
    x : Variable or array
    axis : int or sequence of int, optional
        The axes that disappear, negative ones counted from the end; all by default.
    ddof : int or float
        As for `var`.
    keepdims : bool
        Whether to keep the axes with size 1.

    Returns
    -------
    Variable
        Of the dtype of x, float64 for integers. The derivative is (x - mean) / ((n - ddof) std); where all elements
        are equal there is none, and 0 is given, in every order.

    Raises
    ------
    AxisError
        If x has no such axis; it is a ValueError and an IndexError.

    Examples
    --------
    >>> std(np.array([[1.0, 3.0], [2.0, 2.0]]), axis=1)
    variable([1. 0.])
    """
    return unary(Std(_tuple(axis), ddof, keepdims), x)


# -- extremes --------------------------------------------------------------------------------------


class Max(_Reduction):
    """The largest element over axes; equal ones share the gradient."""

    def forward(self, x):
        return self._drop(x.max(axis=self.axis, keepdims=True))

    def vjp(self, m, gy, x):
        x, y = bare(x), bare(self.output(m)).reshape(self.kept_shape)
        chosen = x == y
        if (y != y).any():  # NaN, which comes from elements that are NaN
            chosen |= x != x
        share = 1 / chosen.sum(axis=self.axis, keepdims=True)
        return self._keep(m, gy) * (chosen * share.astype(gy.dtype))


class Min(Max):
    """The smallest element over axes; equal ones share the gradient."""

    def forward(self, x):
        return self._drop(x.min(axis=self.axis, keepdims=True))


class ArgMax(Function):
    """The index of the largest element; it has no gradient."""

    def __init__(self, axis: int | None, keepdims: bool) -> None:
        self.axis, self.keepdims = axis, keepdims

    def forward(self, x):
        return x.argmax(axis=self.axis, keepdims=self.keepdims)

    def vjp(self, m, gy, x):
        return None


class ArgMin(ArgMax):
    """The index of the smallest element; it has no gradient."""

    def forward(self, x):
        return x.argmin(axis=self.axis, keepdims=self.keepdims)


def max(x: Operand, axis: Axis = None, keepdims: bool = False) -> Variable:
    """Largest element of x.

    Parameters
    ----------
    x : Variable or array
    axis : int or sequence of int, optional
        The axes that disappear, negative ones counted from the end; all by default.
    keepdims : bool
        Whether to keep them with size 1.

    Returns
    -------
    Variable, of the dtype of x
        The gradient goes to the largest element; several equal ones share it in equal parts, which makes it a
        subgradient. NaN wins over every number, and elements that are NaN then get the gradient.

    Raises
    ------
    AxisError
        If x has no such axis; it is a ValueError and an IndexError.
    ValueError
        If there is no element to choose from.

    Examples
    --------
    >>> max(np.array([[1.0, 5.0], [4.0, 2.0]]), axis=1)
    variable([5. 4.])
    """
    return unary(Max(_tuple(axis), keepdims), x)


def min(x: Operand, axis: Axis = None, keepdims: bool = False) -> Variable:
    """Smallest element of x.

    Parameters
    ----------
    x : Variable or array
    axis : int or sequence of int, optional
        The axes that disappear, negative ones counted from the end; all by default.
    keepdims : bool
        Whether to keep them with size 1.

    Returns
    -------
    Variable, of the dtype of x
        With the gradient of `max`: equal elements share it.

    Raises
    ------
    AxisError
        If x has no such axis; it is a ValueError and an IndexError.
    ValueError
        If there is no element to choose from.

    Examples
    --------
    >>> min(np.array([[1.0, 5.0], [4.0, 2.0]]), axis=1)
    variable([1. 2.])
    """
    return unary(Min(_tuple(axis), keepdims), x)


def argmax(x: Operand, axis: int | None = None, keepdims: bool = False) -> Variable:
    """Index of the largest element of x, the first one of equals.

    Parameters
    ----------
    x : Variable or array
    axis : int, optional
        The axis that disappears; by default the index counts the elements of x in their order.
    keepdims : bool
        Whether to keep it with size 1.

    Returns
    -------
    Variable of int
        It has no gradient, and none flows through it.

    Raises
    ------
    AxisError
        If x has no such axis; it is a ValueError and an IndexError.
    TypeError
        If axis is no integer.
    ValueError
        If there is no element to choose from.

    Examples
    --------
    >>> argmax(np.array([[1.0, 5.0], [4.0, 2.0]]), axis=1)
    variable([1 0])
    """
    return unary(ArgMax(_one_axis("argmax", axis), keepdims), x)


def argmin(x: Operand, axis: int | None = None, keepdims: bool = False) -> Variable:
    """Index of the smallest element of x, the first one of equals.

    Parameters
    ----------
    x : Variable or array
    axis : int, optional
        The axis that disappears; by default the index counts the elements of x in their order.
    keepdims : bool
        Whether to keep it with size 1.

    Returns
    -------
    Variable of int
        It has no gradient, and none flows through it.

    Raises
    ------
    AxisError
        If x has no such axis; it is a ValueError and an IndexError.
    TypeError
        If axis is no integer.
    ValueError
        If there is no element to choose from.

    Examples
    --------
    >>> argmin(np.array([[1.0, 5.0], [4.0, 2.0]]), axis=1)
    variable([0 1])
    """
    return unary(ArgMin(_one_axis("argmin", axis), keepdims), x)


def _one_axis(name: str, axis: int | None) -> int | None:
    if axis is not None and not isinstance(axis, (int, np.integer)):
        raise TypeError(f"{name} expects one axis, an integer, or None for all elements in a row, got axis {axis!r}")
    return axis


# -- logarithm of a sum, and norms -----------------------------------------------------------------


class LogSumExp(_Reduction):
    """log sum exp x over axes."""

    def forward(self, x):
        limit = np.finfo(x.dtype).max  # shift by a finite number: inf - inf is NaN
        self.shift = np.clip(_largest(x, self.axis), -limit, limit)
        with np.errstate(over="ignore", divide="ignore"):  # e^-inf is 0, and log 0 the -inf of a row of -inf
            return self._drop(self.shift + np.log(np.exp(x - self.shift).sum(axis=self.axis, keepdims=True)))

    def vjp(self, m, gy, x):
        # not exp(x - y): beside a large x the logarithm of the sum is rounded away
        with np.errstate(over="ignore"):
            exps = m.exp(x - self.shift)
        total = m.sum(exps, axis=self.axis, keepdims=True)
        return self._keep(m, gy) * exps / m.where(bare(total) == 0, 1, total)  # 0 in a row of -inf


class Norm(_Reduction):
    """The p-norm over axes, 1 < p < inf."""

    def __init__(self, p: float, axis: int | tuple[int, ...] | None, keepdims: bool) -> None:
        super().__init__(axis, keepdims)
        self.p = p

    def forward(self, x):
        sizes = np.absolute(x.astype(np.float32) if x.dtype.char == "e" else x)
        limits = np.finfo(sizes.dtype)
        scale = np.clip(_largest(sizes, self.axis), limits.tiny, limits.max)  # no power can overflow, nor all vanish
        y = scale * careful_sum((sizes / scale) ** self.p, self.axis) ** (1 / self.p)
        return self._drop(y.astype(x.dtype))

    def vjp(self, m, gy, x):
        gy, y = _where_not_zero(m, self._keep(m, gy), self._keep(m, self.output(m)))
        if self.p == 2:
            return gy * (x / y)
        sizes = m.where(bare(x) == 0, 1, m.absolute(x) / y)  # 0 ** (p - 1) has no second derivative for p < 2
        return gy * m.sign(x) * sizes ** (self.p - 1)


def _largest(x, axis):
    """The maximum with the axes kept; 0 where there is no element."""
    return x.max(axis=axis, keepdims=True) if x.size else x.sum(axis=axis, keepdims=True)


def logsumexp(x: Operand, axis: Axis = None, keepdims: bool = False) -> Variable:
    """Logarithm of the sum of the exponentials of x.

    Parameters
    ----------
    x : Variable or array
    axis : int or sequence of int, optional
        The axes that disappear, negative ones counted from the end; all by default.
    keepdims : bool
        Whether to keep them with size 1.

    Returns
    -------
    Variable
        Of the dtype of x, float64 for integers. The largest element is taken out of the sum, so nothing overflows.
        -inf, with gradient 0, where every element is -inf. Its derivative is the softmax of x.

    Raises
    ------
    AxisError
        If x has no such axis; it is a ValueError and an IndexError.

    References
    ----------
    Blanchard, Higham & Higham, "Accurately computing the log-sum-exp and softmax functions", 2021.

    Examples
    --------
    >>> logsumexp(np.array([1000.0, 1000.0])).data.round(4)
    np.float64(1000.6931)
    """
    return unary(LogSumExp(_tuple(axis), keepdims), _floating(x))


def norm(x: Operand, ord: float = 2, axis: Axis = None, keepdims: bool = False) -> Variable:
    """Norm of x as a vector: (sum |x|^p)^(1/p), with p = ord.

    Parameters
    ----------
    x : Variable or array
    ord : int or float
        At least 1: 1 for the sum of sizes, 2 for the Euclidean norm, inf for the largest size.
    axis : int or sequence of int, optional
        The axes that disappear, negative ones counted from the end. By default all elements are one vector, those of
        a matrix too (the Frobenius norm).
    keepdims : bool
        Whether to keep the axes with size 1.

    Returns
    -------
    Variable
        Of the dtype of x, float64 for integers. No power overflows or vanishes on the way. The derivative is
        sign(x) (|x| / norm)^(p - 1); where x is 0 altogether there is none, and 0 is given, in every order.

    Raises
    ------
    AxisError
        If x has no such axis; it is a ValueError and an IndexError.
    ValueError
        If ord is less than 1: that is no norm.

    Examples
    --------
    >>> x = np.array([[3.0, -4.0], [0.0, 0.0]])
    >>> norm(x, axis=1), norm(x, 1), norm(x, np.inf)
    (variable([5. 0.]), variable(7.0), variable(4.0))
    """
    if not isinstance(ord, cuda.NUMBERS):
        raise TypeError(f"norm expects ord as a number, got {ord!r}; the Frobenius norm is that of ord=2 over all axes")
    if not ord >= 1:
        raise ValueError(f"norm expects ord to be at least 1, inf included, got {ord}")
    x = _floating(x)
    if ord == 1:
        return sum(absolute(x), axis, keepdims)
    if ord == math.inf:
        return max(absolute(x), axis, keepdims)
    return unary(Norm(ord, _tuple(axis), keepdims), x)


# -- along an axis ---------------------------------------------------------------------------------


class Prod(_Reduction):
    """The product over one axis."""

    def forward(self, x):
        return self._drop(x.prod(axis=self.axis, keepdims=True))

    def vjp(self, m, gy, x):
        # what stands before an element times what stands behind it: y / x would fail at 0
        back = _along(x, self.axis, slice(None, None, -1))
        before = _of_those_before(m, m.cumprod(x, self.axis), self.axis)
        behind = _of_those_before(m, m.cumprod(x[back], self.axis), self.axis)[back]
        return self._keep(m, gy) * (before * behind)


class CumSum(Function):
    """The sums of the first elements along an axis."""

    def __init__(self, axis: int) -> None:
        self.axis = axis

    def forward(self, x):
        return x.cumsum(axis=self.axis)

    def vjp(self, m, gy, x):
        back = _along(x, self.axis, slice(None, None, -1))
        return m.cumsum(gy[back], self.axis)[back]


class CumProd(Function):
    """The products of the first elements along an axis."""

    def __init__(self, axis: int) -> None:
        self.axis = axis

    def forward(self, x):
        return x.cumprod(axis=self.axis)

    def vjp(self, m, gy, x):
        following = _shifted(m, x, self.axis, back=True)
        behind = m.linear_recurrence(following, gy, self.axis, reverse=True)  # gy_i + x_i+1 (gy_i+1 + x_i+2 (...
        return behind * _of_those_before(m, self.output(m), self.axis)


class LinearRecurrence(Function):
    """y_i = a_i y_(i-1) + b_i along an axis; its gradient is one, too, in the other direction."""

    broadcasts = True

    def __init__(self, axis: int, reverse: bool) -> None:
        self.axis, self.reverse = axis, reverse

    def forward(self, a, b):
        shape = np.broadcast_shapes(np.shape(a), np.shape(b))
        y = np.broadcast_to(b, shape).astype(np.result_type(a, b))
        steps, factors = np.moveaxis(y, self.axis, 0), np.moveaxis(np.broadcast_to(a, shape), self.axis, 0)
        if self.reverse:
            steps, factors = steps[::-1], factors[::-1]
        for i in range(1, len(steps)):
            steps[i] += factors[i] * steps[i - 1]
        return y

    def vjp(self, m, gy, a, b):
        following = _shifted(m, m.broadcast_to(a, gy.shape), self.axis, back=not self.reverse)
        gb = m.linear_recurrence(following, gy, self.axis, not self.reverse)
        if not self.needs_grad[0]:
            return None, gb
        return gb * _shifted(m, self.output(m), self.axis, back=self.reverse), gb


def _along(x, axis, part):
    """The index that picks a part along one axis and all along the others."""
    return (slice(None),) * (axis % x.ndim) + (part,)


def _shifted(m, x, axis, back=False):
    """x moved by one place along the axis, with 0 in the place that falls free."""
    first, last = _along(x, axis, slice(None, -1)), _along(x, axis, slice(1, None))
    source, target = (last, first) if back else (first, last)
    return m.get_item_grad(x[source], target, x.shape)


def _of_those_before(m, products, axis):
    """The products of the elements before each one, from cumulative products: 1 for the first."""
    xp = cuda.get_array_module(products)
    first = xp.zeros(products.shape, bool)
    first[_along(first, axis, slice(0, 1))] = True
    return m.where(first, 1, _shifted(m, products, axis))


def prod(x: Operand, axis: Axis = None, keepdims: bool = False) -> Variable:
    """Multiply the elements of x.

    Parameters
    ----------
    x : Variable or array
    axis : int or sequence of int, optional
        The axes that disappear, negative ones counted from the end; all by default.
    keepdims : bool
        Whether to keep them with size 1.

    Returns
    -------
    Variable
        Of the dtype of x. The derivative by an element is the product of the others, which is computed without
        division: it is right where elements are 0, in every order.

    Raises
    ------
    AxisError
        If x has no such axis; it is a ValueError and an IndexError.
    ValueError
        If an axis is named twice.

    Examples
    --------
    >>> x = Variable(np.array([2.0, 0.0, 5.0]))
    >>> y = prod(x)
    >>> y.backward()
    >>> y, x.grad
    (variable(0.0), variable([ 0. 10.  0.]))
    """
    x = as_operand(x)
    if axis is None or (x.ndim == 0 and axis in (0, -1)):  # NumPy lets a number have one axis
        y = unary(Prod(0, keepdims=False), reshape(x, (x.size,)))
        return reshape(y, (1,) * x.ndim) if keepdims else y
    axes = _tuple(axis)
    if not isinstance(axes, tuple):
        return unary(Prod(axes, keepdims), x)
    for single in sorted(np.lib.array_utils.normalize_axis_tuple(axes, x.ndim, "prod"), reverse=True):
        x = unary(Prod(single, keepdims), x)
    return x


def cumsum(x: Operand, axis: int | None = None) -> Variable:
    """Sums of the first 1, 2, 3 ... elements along an axis.

    Parameters
    ----------
    x : Variable or array
    axis : int, optional
        May be negative. By default the elements of x in their order are one row.

    Returns
    -------
    Variable, of the shape of x, or of shape (x.size,) without an axis

    Raises
    ------
    AxisError
        If x has no such axis; it is a ValueError and an IndexError.

    Examples
    --------
    >>> cumsum(np.array([1.0, 2.0, 3.0]))
    variable([1. 3. 6.])
    """
    x = as_operand(x)
    if axis is None:
        return unary(CumSum(0), reshape(x, (x.size,)))
    return unary(CumSum(axis), x)


def cumprod(x: Operand, axis: int | None = None) -> Variable:
    """Products of the first 1, 2, 3 ... elements along an axis.

    Parameters
    ----------
    x : Variable or array
    axis : int, optional
        May be negative. By default the elements of x in their order are one row.

    Returns
    -------
    Variable, of the shape of x, or of shape (x.size,) without an axis
        The gradient is a `linear_recurrence`, without division: it is right where elements are 0, in every order.

    Raises
    ------
    AxisError
        If x has no such axis; it is a ValueError and an IndexError.

    Examples
    --------
    >>> cumprod(np.array([1.0, 2.0, 3.0, 0.0]))
    variable([1. 2. 6. 0.])
    """
    x = as_operand(x)
    if axis is None:
        return unary(CumProd(0), reshape(x, (x.size,)))
    return unary(CumProd(axis), x)


def linear_recurrence(a: Operand, b: Operand, axis: int = -1, reverse: bool = False) -> Variable:
    """Run y_i = a_i y_(i-1) + b_i along an axis, from y_0 = b_0.

    Sums and products of first elements are such recurrences, and so are discounted returns (with `reverse`), moving
    averages and linear filters.

    Parameters
    ----------
    a : Variable, array or number
        The first factor along the axis is not used (the last one, with `reverse`).
    b : Variable, array or number
        The shapes of a and b broadcast.
    axis : int
        May be negative.
    reverse : bool
        Whether to run from the end: y_i = a_i y_(i+1) + b_i.

    Returns
    -------
    Variable, of the shape that a and b broadcast to
        The time grows with the length of the axis, the rest is done for whole slices.

    Raises
    ------
    AxisError
        If a and b have no such axis; it is a ValueError and an IndexError.
    ValueError
        If the shapes of a and b do not broadcast.

    Examples
    --------
    >>> linear_recurrence(0.5, np.array([0.0, 0.0, 8.0]), reverse=True)  # a reward of 8 at the end, discounted
    variable([2. 4. 8.])
    """
    as_operand(a), as_operand(b)  # refuse None, which a Function lets pass
    return LinearRecurrence(axis, reverse)(a, b)  # type: ignore[return-value]  # one output
