"""Elementwise mathematics."""

from __future__ import annotations

import numpy as np

from dezero._like_array import bare
from dezero.core import Function, Operand, Variable, binary, unary

__all__ = [
    "Absolute", "Cos", "Exp", "FloorDivide", "Log", "Mod", "Power", "Sign", "Sin", "Tanh", "Where", "abs",
    "absolute", "cos", "exp", "floor_divide", "log", "mod", "power", "sign", "sin", "tanh", "where", "zeros_like",
]  # fmt: skip


# -- trigonometric and hyperbolic ------------------------------------------------------------------


class Sin(Function):
    """sin x, element by element."""

    def forward(self, x):
        return np.sin(x)

    def vjp(self, m, gy, x):
        return gy * m.cos(x)


class Cos(Function):
    """cos x, element by element."""

    def forward(self, x):
        return np.cos(x)

    def vjp(self, m, gy, x):
        return -gy * m.sin(x)


class Tanh(Function):
    """tanh x, element by element."""

    def forward(self, x):
        return np.tanh(x)

    def vjp(self, m, gy, x):
        y = self.output(m)
        return gy * (1 - y * y)


def sin(x: Operand) -> Variable:
    """Sine of x, in radians.

    Parameters
    ----------
    x : Variable or array

    Returns
    -------
    Variable, of the shape and dtype of x

    Examples
    --------
    >>> sin(np.array([0.0, np.pi / 2]))
    variable([0. 1.])
    """
    return unary(Sin(), x)


def cos(x: Operand) -> Variable:
    """Cosine of x, in radians.

    Parameters
    ----------
    x : Variable or array

    Returns
    -------
    Variable, of the shape and dtype of x

    Examples
    --------
    >>> cos(np.array([0.0, np.pi]))
    variable([ 1. -1.])
    """
    return unary(Cos(), x)


def tanh(x: Operand) -> Variable:
    """Hyperbolic tangent of x.

    Parameters
    ----------
    x : Variable or array

    Returns
    -------
    Variable, of the shape and dtype of x
        Between -1 and 1; its derivative is 1 - tanh(x)^2.

    Examples
    --------
    >>> tanh(np.array([-100.0, 0.0, 100.0]))
    variable([-1.  0.  1.])
    """
    return unary(Tanh(), x)


# -- exponentials and powers -----------------------------------------------------------------------


class Exp(Function):
    """e^x, element by element."""

    def forward(self, x):
        return np.exp(x)

    def vjp(self, m, gy, x):
        return gy * self.output(m)


class Log(Function):
    """Natural logarithm, element by element."""

    def forward(self, x):
        return np.log(x)

    def vjp(self, m, gy, x):
        return gy / x


class Power(Function):
    """x0 ** x1, element by element, differentiable in both."""

    broadcasts = True

    def forward(self, x0, x1):
        return x0**x1

    def vjp(self, m, gy, x0, x1):
        gx0 = gx1 = None
        if self.needs_grad[0]:  # 0 * x ** -1 would be NaN at 0, so the exponent 0 takes a way of its own
            zero = np.logical_and(bare(x0) == 0, bare(x1) == 0)
            gx0 = gy * x1 * x0 ** m.where(zero, 1, x1 - 1) if zero.any() else gy * x1 * x0 ** (x1 - 1)
        if self.needs_grad[1]:  # 0 ** x1 is constant for x1 > 0, where log 0 is not finite
            zero = np.logical_and(bare(x0) == 0, bare(x1) >= 0)
            gx1 = gy * self.output(m) * (m.log(m.where(zero, 1, x0)) if zero.any() else m.log(x0))
        return gx0, gx1


def exp(x: Operand) -> Variable:
    """Exponential e^x.

    Parameters
    ----------
    x : Variable or array

    Returns
    -------
    Variable, of the shape and dtype of x

    Examples
    --------
    >>> exp(np.array([0.0, 1.0]))
    variable([1.         2.71828183])
    """
    return unary(Exp(), x)


def log(x: Operand) -> Variable:
    """Natural logarithm of x.

    Parameters
    ----------
    x : Variable or array
        Positive; 0 gives -inf and a negative number NaN, with NumPy's warning.

    Returns
    -------
    Variable, of the shape and dtype of x

    Examples
    --------
    >>> log(np.array([1.0, np.e]))
    variable([0. 1.])
    """
    return unary(Log(), x)


def power(x0: Operand, x1: Operand) -> Variable:
    """Raise x0 to the power x1, both of them numbers, arrays or Variables.

    Parameters
    ----------
    x0, x1 : Variable, array or number
        Shapes broadcast. A fractional power of a negative number is NaN.

    Returns
    -------
    Variable
        The derivative by x0 is x1 x0^(x1 - 1), that by x1 is x0^x1 log x0; both are 0 at 0^0, and the latter is 0
        wherever x0 is 0 and x1 positive.

    Examples
    --------
    >>> power(np.array([1.0, 2.0, 3.0]), np.array([3.0, 2.0, 1.0]))
    variable([1. 4. 3.])
    """
    return binary(Power(), x0, x1)


# -- sign and remainder: constant pieces -----------------------------------------------------------


class Absolute(Function):
    """|x|, element by element; the derivative at 0 is taken as 0."""

    def forward(self, x):
        return np.absolute(x)

    def vjp(self, m, gy, x):
        return gy * m.sign(x)


class Sign(Function):
    """-1, 0 or 1, element by element; derivative 0."""

    def forward(self, x):
        return np.sign(x)

    def vjp(self, m, gy, x):
        return m.zeros_like(gy)


class FloorDivide(Function):
    """x0 / x1 rounded down; derivative 0."""

    broadcasts = True

    def forward(self, x0, x1):
        return x0 // x1

    def vjp(self, m, gy, x0, x1):
        zero = m.zeros_like(gy)
        return zero, zero


class Mod(Function):
    """x0 - floor(x0 / x1) x1."""

    broadcasts = True

    def forward(self, x0, x1):
        return x0 % x1

    def vjp(self, m, gy, x0, x1):
        return gy, -gy * (x0 // x1) if self.needs_grad[1] else None


def absolute(x: Operand) -> Variable:
    """Absolute value of x; `abs` is the same function.

    Parameters
    ----------
    x : Variable or array

    Returns
    -------
    Variable, of the shape and dtype of x
        Its derivative is the sign of x: 0 at 0.

    Examples
    --------
    >>> absolute(np.array([-2.0, 3.0]))
    variable([2. 3.])
    """
    return unary(Absolute(), x)


def sign(x: Operand) -> Variable:
    """Sign of x: -1, 0 or 1; its derivative is 0.

    Parameters
    ----------
    x : Variable or array

    Returns
    -------
    Variable, of the shape and dtype of x

    Examples
    --------
    >>> sign(np.array([-2.0, 0.0, 3.0]))
    variable([-1.  0.  1.])
    """
    return unary(Sign(), x)


def floor_divide(x0: Operand, x1: Operand) -> Variable:
    """Divide and round down, as Python's ``//``; the derivative is 0.

    Parameters
    ----------
    x0, x1 : Variable, array or number
        Shapes broadcast.

    Examples
    --------
    >>> floor_divide(np.array([7.0, -7.0]), 2.0)
    variable([ 3. -4.])
    """
    return binary(FloorDivide(), x0, x1)


def mod(x0: Operand, x1: Operand) -> Variable:
    """Remainder of the division rounded down, as Python's ``%``: it has the sign of x1.

    Parameters
    ----------
    x0, x1 : Variable, array or number
        Shapes broadcast.

    Returns
    -------
    Variable
        The derivative by x0 is 1, that by x1 is -floor(x0 / x1).

    Examples
    --------
    >>> mod(np.array([7.0, -7.0]), 4.0)
    variable([3. 1.])
    """
    return binary(Mod(), x0, x1)


# -- choice ----------------------------------------------------------------------------------------


class Where(Function):
    """x0 where the condition holds, else x1."""

    broadcasts = True

    def __init__(self, condition) -> None:
        self.condition = condition

    def forward(self, x0, x1):
        return np.where(self.condition, x0, x1)

    def vjp(self, m, gy, x0, x1):
        return m.where(self.condition, gy, 0), m.where(self.condition, 0, gy)


def where(condition: Operand, x0: Operand, x1: Operand) -> Variable:
    """Choose from x0 where the condition holds, and from x1 elsewhere.

    Parameters
    ----------
    condition : array or Variable of bool
        No gradient flows into it.
    x0, x1 : Variable, array or number
        All three shapes broadcast.

    Examples
    --------
    >>> x = np.array([-1.0, 2.0])
    >>> where(x > 0, x, 0.0)
    variable([0. 2.])
    """
    return binary(Where(bare(condition)), x0, x1)


def zeros_like(x: Operand) -> Variable:
    """Zeros of the shape and dtype of x; a new leaf of the graph.

    Parameters
    ----------
    x : Variable or array

    Examples
    --------
    >>> zeros_like(np.array([1.0, 2.0]))
    variable([0. 0.])
    """
    return Variable(np.zeros_like(bare(x)))


abs = absolute
