"""Elementwise mathematics; of integers, functions whose values are no integers make float64, as NumPy's do."""

from __future__ import annotations

from math import log as log_of_number
from math import pi

import numpy as np

from dezero._kernels import elementwise as kernels
from dezero._like_array import bare
from dezero.core import Function, Operand, Variable, add, as_operand, as_variable, astype, binary, mul, sub, unary

__all__ = [
    "Absolute", "Arccos", "Arcsin", "Arctan", "Arctan2", "Ceil", "Clip", "Cos", "Cosh", "Erf", "Exp", "Exp2", "Expm1",
    "Floor", "FloorDivide", "Hypot", "Log", "Log10", "Log1p", "Log2", "Maximum", "Minimum", "Mod", "Power",
    "Reciprocal", "Round", "Sign", "Sin", "Sinh", "Sqrt", "Square", "Tan", "Tanh", "Where",
    "abs", "absolute", "arccos", "arcsin", "arctan", "arctan2", "ceil", "clip", "cos", "cosh", "erf", "exp", "exp2",
    "expm1", "floor", "floor_divide", "hypot", "lerp", "log", "log10", "log1p", "log2", "maximum", "minimum", "mod",
    "power", "reciprocal", "round", "sign", "sin", "sinh", "sqrt", "square", "tan", "tanh", "where", "zeros_like",
]  # fmt: skip

_BOOL = np.dtype(bool)
LN2, LN10 = log_of_number(2), log_of_number(10)  # Python numbers: they leave the dtype of an array as it is


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


class Tan(Function):
    """tan x, element by element."""

    def forward(self, x):
        return np.tan(x)

    def vjp(self, m, gy, x):
        y = self.output(m)
        return gy * (1 + y * y)


class Arcsin(Function):
    """The angle whose sine is x, element by element."""

    def forward(self, x):
        return np.arcsin(x)

    def vjp(self, m, gy, x):
        return gy / m.sqrt((1 - x) * (1 + x))  # 1 - x * x would lose digits near the ends


class Arccos(Function):
    """The angle whose cosine is x, element by element."""

    def forward(self, x):
        return np.arccos(x)

    def vjp(self, m, gy, x):
        return -gy / m.sqrt((1 - x) * (1 + x))


class Arctan(Function):
    """The angle whose tangent is x, element by element."""

    def forward(self, x):
        return np.arctan(x)

    def vjp(self, m, gy, x):
        h = m.hypot(x, 1.0)  # h^2 = 1 + x^2, which could overflow
        return gy / h / h


class Arctan2(Function):
    """The angle of the point (x1, x0), element by element."""

    broadcasts = True

    def forward(self, x0, x1):
        return np.arctan2(x0, x1)

    def vjp(self, m, gy, x0, x1):
        needs0, needs1 = self.needs_grad
        r = m.hypot(x0, x1)
        gy = gy / r
        return gy * (x1 / r) if needs0 else None, -gy * (x0 / r) if needs1 else None


class Hypot(Function):
    """The length of the vector (x0, x1), element by element."""

    broadcasts = True

    def forward(self, x0, x1):
        return np.hypot(x0, x1)

    def vjp(self, m, gy, x0, x1):
        needs0, needs1 = self.needs_grad
        y = self.output(m)
        return gy * (x0 / y) if needs0 else None, gy * (x1 / y) if needs1 else None


class Sinh(Function):
    """sinh x, element by element."""

    def forward(self, x):
        return np.sinh(x)

    def vjp(self, m, gy, x):
        return gy * m.cosh(x)


class Cosh(Function):
    """cosh x, element by element."""

    def forward(self, x):
        return np.cosh(x)

    def vjp(self, m, gy, x):
        return gy * m.sinh(x)


class Tanh(Function):
    """tanh x, element by element."""

    def forward(self, x):
        return np.tanh(x)

    def vjp(self, m, gy, x):
        return kernels.tanh_gradient(gy, self.output(m))


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


def tan(x: Operand) -> Variable:
    """Tangent of x, in radians.

    Parameters
    ----------
    x : Variable or array

    Returns
    -------
    Variable, of the shape and dtype of x
        Its derivative is 1 + tan(x)^2.

    Examples
    --------
    >>> tan(np.array([0.0, np.pi / 4]))
    variable([0. 1.])
    """
    return unary(Tan(), x)


def arcsin(x: Operand) -> Variable:
    """Angle whose sine is x, in radians, between -pi/2 and pi/2.

    Parameters
    ----------
    x : Variable or array
        Between -1 and 1; elsewhere the result is NaN, with NumPy's warning.

    Returns
    -------
    Variable, of the shape and dtype of x
        Its derivative is 1 / sqrt(1 - x^2): infinite at -1 and 1, with NumPy's warning.

    Examples
    --------
    >>> arcsin(np.array([0.0, 1.0]))
    variable([0.         1.57079633])
    """
    return unary(Arcsin(), x)


def arccos(x: Operand) -> Variable:
    """Angle whose cosine is x, in radians, between 0 and pi.

    Parameters
    ----------
    x : Variable or array
        Between -1 and 1; elsewhere the result is NaN, with NumPy's warning.

    Returns
    -------
    Variable, of the shape and dtype of x
        Its derivative is -1 / sqrt(1 - x^2): infinite at -1 and 1, with NumPy's warning.

    Examples
    --------
    >>> arccos(np.array([1.0, -1.0]))
    variable([0.         3.14159265])
    """
    return unary(Arccos(), x)


def arctan(x: Operand) -> Variable:
    """Angle whose tangent is x, in radians, between -pi/2 and pi/2.

    Parameters
    ----------
    x : Variable or array

    Returns
    -------
    Variable, of the shape and dtype of x
        Its derivative is 1 / (1 + x^2).

    Examples
    --------
    >>> arctan(np.array([0.0, 1.0, np.inf]))
    variable([0.         0.78539816 1.57079633])
    """
    return unary(Arctan(), x)


def arctan2(x0: Operand, x1: Operand) -> Variable:
    """Angle of the point with abscissa x1 and ordinate x0, in radians, between -pi and pi.

    Parameters
    ----------
    x0, x1 : Variable, array or number
        Shapes broadcast. As in NumPy, the ordinate comes first.

    Returns
    -------
    Variable
        The derivative by x0 is x1 / (x0^2 + x1^2), that by x1 is -x0 / (x0^2 + x1^2); the origin has none: NaN there,
        with NumPy's warning.

    Examples
    --------
    >>> arctan2(np.array([1.0, -1.0]), np.array([0.0, -1.0]))
    variable([ 1.57079633 -2.35619449])
    """
    return binary(Arctan2(), x0, x1)


def hypot(x0: Operand, x1: Operand) -> Variable:
    """Length sqrt(x0^2 + x1^2) of the vector (x0, x1), without overflow on the way.

    Parameters
    ----------
    x0, x1 : Variable, array or number
        Shapes broadcast.

    Returns
    -------
    Variable
        The derivatives are x0 and x1 divided by the length; the origin has none: NaN there, with NumPy's warning.

    Examples
    --------
    >>> hypot(np.array([3.0, 3e200]), np.array([4.0, 4e200]))
    variable([5.e+000 5.e+200])
    """
    return binary(Hypot(), x0, x1)


def sinh(x: Operand) -> Variable:
    """Hyperbolic sine of x.

    Parameters
    ----------
    x : Variable or array

    Returns
    -------
    Variable, of the shape and dtype of x
        Its derivative is cosh(x).

    Examples
    --------
    >>> sinh(np.array([0.0, 1.0]))
    variable([0.         1.17520119])
    """
    return unary(Sinh(), x)


def cosh(x: Operand) -> Variable:
    """Hyperbolic cosine of x.

    Parameters
    ----------
    x : Variable or array

    Returns
    -------
    Variable, of the shape and dtype of x
        Its derivative is sinh(x).

    Examples
    --------
    >>> cosh(np.array([0.0, 1.0]))
    variable([1.         1.54308063])
    """
    return unary(Cosh(), x)


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


class Expm1(Function):
    """e^x - 1, element by element."""

    def forward(self, x):
        return np.expm1(x)

    def vjp(self, m, gy, x):
        return gy * m.exp(x)  # from y + 1, small values would lose their digits


class Exp2(Function):
    """2^x, element by element."""

    def forward(self, x):
        return np.exp2(x)

    def vjp(self, m, gy, x):
        return gy * (self.output(m) * LN2)


class Log(Function):
    """Natural logarithm, element by element."""

    def forward(self, x):
        return np.log(x)

    def vjp(self, m, gy, x):
        return gy / x


class Log1p(Function):
    """log(1 + x), element by element."""

    def forward(self, x):
        return np.log1p(x)

    def vjp(self, m, gy, x):
        return gy / (1 + x)


class Log2(Function):
    """Logarithm to the base 2, element by element."""

    def forward(self, x):
        return np.log2(x)

    def vjp(self, m, gy, x):
        return gy / x * (1 / LN2)


class Log10(Function):
    """Logarithm to the base 10, element by element."""

    def forward(self, x):
        return np.log10(x)

    def vjp(self, m, gy, x):
        return gy / x * (1 / LN10)


class Sqrt(Function):
    """Square root, element by element."""

    def forward(self, x):
        return np.sqrt(x)

    def vjp(self, m, gy, x):
        return gy * 0.5 / self.output(m)


class Square(Function):
    """x^2, element by element."""

    def forward(self, x):
        return np.square(x)

    def vjp(self, m, gy, x):
        return gy * (2 * x)


class Reciprocal(Function):
    """1 / x, element by element."""

    def forward(self, x):
        return np.reciprocal(x)

    def vjp(self, m, gy, x):
        y = self.output(m)
        return -gy * y * y


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


def expm1(x: Operand) -> Variable:
    """e^x - 1, exact to the last digits where x is small.

    Parameters
    ----------
    x : Variable or array

    Returns
    -------
    Variable, of the shape and dtype of x
        Its derivative is e^x.

    Examples
    --------
    >>> expm1(np.array([0.0, 1e-10]))
    variable([0.e+00 1.e-10])
    """
    return unary(Expm1(), x)


def exp2(x: Operand) -> Variable:
    """Power 2^x.

    Parameters
    ----------
    x : Variable or array

    Returns
    -------
    Variable, of the shape and dtype of x
        Its derivative is 2^x log 2.

    Examples
    --------
    >>> exp2(np.array([-1.0, 3.0]))
    variable([0.5 8. ])
    """
    return unary(Exp2(), x)


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


def log1p(x: Operand) -> Variable:
    """Natural logarithm of 1 + x, exact to the last digits where x is small.

    Parameters
    ----------
    x : Variable or array
        Above -1; -1 gives -inf and less NaN, with NumPy's warning.

    Returns
    -------
    Variable, of the shape and dtype of x
        Its derivative is 1 / (1 + x).

    Examples
    --------
    >>> log1p(np.array([0.0, 1e-10]))
    variable([0.e+00 1.e-10])
    """
    return unary(Log1p(), x)


def log2(x: Operand) -> Variable:
    """Logarithm of x to the base 2.

    Parameters
    ----------
    x : Variable or array
        Positive; 0 gives -inf and a negative number NaN, with NumPy's warning.

    Returns
    -------
    Variable, of the shape and dtype of x
        Its derivative is 1 / (x log 2).

    Examples
    --------
    >>> log2(np.array([1.0, 8.0]))
    variable([0. 3.])
    """
    return unary(Log2(), x)


def log10(x: Operand) -> Variable:
    """Logarithm of x to the base 10.

    Parameters
    ----------
    x : Variable or array
        Positive; 0 gives -inf and a negative number NaN, with NumPy's warning.

    Returns
    -------
    Variable, of the shape and dtype of x
        Its derivative is 1 / (x log 10).

    Examples
    --------
    >>> log10(np.array([1.0, 1000.0]))
    variable([0. 3.])
    """
    return unary(Log10(), x)


def sqrt(x: Operand) -> Variable:
    """Square root of x.

    Parameters
    ----------
    x : Variable or array
        Not negative; a negative number gives NaN, with NumPy's warning.

    Returns
    -------
    Variable, of the shape and dtype of x
        Its derivative is 1 / (2 sqrt(x)): infinite at 0, with NumPy's warning.

    Examples
    --------
    >>> sqrt(np.array([0.0, 9.0]))
    variable([0. 3.])
    """
    return unary(Sqrt(), x)


def square(x: Operand) -> Variable:
    """Square of x.

    Parameters
    ----------
    x : Variable or array

    Returns
    -------
    Variable, of the shape and dtype of x
        Its derivative is 2 x.

    Examples
    --------
    >>> square(np.array([-2.0, 3.0]))
    variable([4. 9.])
    """
    return unary(Square(), x)


def reciprocal(x: Operand) -> Variable:
    """Reciprocal 1 / x.

    Parameters
    ----------
    x : Variable or array
        Give floating-point numbers: of integers, the result is rounded towards 0, as in NumPy.

    Returns
    -------
    Variable, of the shape and dtype of x
        Its derivative is -1 / x^2.

    Examples
    --------
    >>> reciprocal(np.array([2.0, -4.0]))
    variable([ 0.5  -0.25])
    """
    return unary(Reciprocal(), x)


def power(x0: Operand, x1: Operand) -> Variable:
    """Raise x0 to the power x1, both of them numbers, arrays or Variables.

    Parameters
    ----------
    x0, x1 : Variable, array or number
        Shapes broadcast. A fractional power of a negative number is NaN. Integers to a negative number as power give
        floating-point numbers, to an array with negative integers an error.

    Returns
    -------
    Variable
        The derivative by x0 is x1 x0^(x1 - 1), that by x1 is x0^x1 log x0; both are 0 at 0^0, and the latter is 0
        wherever x0 is 0 and x1 positive.

    Raises
    ------
    ValueError
        If x1 is an array with negative integers and x0 is of integers, too.

    Examples
    --------
    >>> power(np.array([1.0, 2.0, 3.0]), np.array([3.0, 2.0, 1.0]))
    variable([1. 4. 3.])
    """
    if isinstance(x1, int) and x1 < 0 and as_operand(x0).dtype.kind in "biu":
        x0 = astype(x0, float)
    return binary(Power(), x0, x1)


# -- the error function ----------------------------------------------------------------------------


class Erf(Function):
    """The error function, element by element."""

    def forward(self, x):
        if x.dtype.kind != "f":
            return kernels.erf(x.astype(float))
        return kernels.erf(x.astype(np.float32)).astype(x.dtype) if x.dtype.itemsize == 2 else kernels.erf(x)

    def vjp(self, m, gy, x):
        x = m.clip(x, -40.0, 40.0)  # there the derivative is 0 already, and x * x cannot overflow
        return gy * (m.exp(-x * x) * (2 / pi**0.5))


def erf(x: Operand) -> Variable:
    """Error function of x: 2 / sqrt(pi) times the integral of exp(-t^2) from 0 to x.

    Parameters
    ----------
    x : Variable or array
        Integers count as float64.

    Returns
    -------
    Variable, of the shape and dtype of x
        Between -1 and 1, to 2e-16 in float64 and 2e-7 in float32. Its derivative is 2 / sqrt(pi) exp(-x^2).

    References
    ----------
    W. J. Cody, "Rational Chebyshev approximations for the error function", Mathematics of Computation 23, 1969,
    631-637. His third approximation, for |x| > 4, refines 1 - erf(x), which is below 2e-8 there: erf does without it.

    Examples
    --------
    >>> erf(np.array([0.0, 0.5, 1.0, 10.0]))
    variable([0.         0.52049988 0.84270079 1.        ])
    """
    return unary(Erf(), x)


# -- sign and remainder: constant pieces -----------------------------------------------------------


class Absolute(Function):
    """|x|, element by element; the derivative at 0 is taken as 0."""

    def forward(self, x):
        return np.absolute(x)

    def vjp(self, m, gy, x):
        return gy * m.sign(x)


class _Flat(Function):
    """A function of constant pieces, whose derivative is 0."""

    def vjp(self, m, gy, x):
        return m.zeros_like(gy)


class Sign(_Flat):
    """-1, 0 or 1, element by element; derivative 0."""

    def forward(self, x):
        return np.sign(x)


class Floor(_Flat):
    """The next integer below, element by element; derivative 0."""

    def forward(self, x):
        return np.floor(x)


class Ceil(_Flat):
    """The next integer above, element by element; derivative 0."""

    def forward(self, x):
        return np.ceil(x)


class Round(_Flat):
    """The nearest number of so many decimals, element by element; derivative 0."""

    def __init__(self, decimals: int) -> None:
        self.decimals = decimals

    def forward(self, x):
        return np.round(x, self.decimals)


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


def floor(x: Operand) -> Variable:
    """Round down to an integer.

    Parameters
    ----------
    x : Variable or array

    Returns
    -------
    Variable, of the shape and dtype of x
        Its derivative is 0.

    Examples
    --------
    >>> floor(np.array([-1.5, 1.5]))
    variable([-2.  1.])
    """
    return unary(Floor(), x)


def ceil(x: Operand) -> Variable:
    """Round up to an integer.

    Parameters
    ----------
    x : Variable or array

    Returns
    -------
    Variable, of the shape and dtype of x
        Its derivative is 0.

    Examples
    --------
    >>> ceil(np.array([-1.5, 1.5]))
    variable([-1.  2.])
    """
    return unary(Ceil(), x)


def round(x: Operand, decimals: int = 0) -> Variable:
    """Round to the nearest number with the given number of decimals; halves go to the even neighbour.

    Parameters
    ----------
    x : Variable or array
    decimals : int
        Digits after the point; a negative number counts digits before it.

    Returns
    -------
    Variable, of the shape and dtype of x
        Its derivative is 0.

    Examples
    --------
    >>> round(np.array([0.5, 1.5, 2.25])), round(np.array([2.25, 2.36]), 1)
    (variable([0. 2. 2.]), variable([2.2 2.4]))
    """
    return unary(Round(decimals), x)


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
        needs0, needs1 = self.needs_grad
        return m.where(self.condition, gy, 0) if needs0 else None, m.where(self.condition, 0, gy) if needs1 else None


class Maximum(Function):
    """The larger of x0 and x1, element by element; equal ones share the gradient."""

    broadcasts = True

    def forward(self, x0, x1):
        return np.maximum(x0, x1)

    def vjp(self, m, gy, x0, x1):
        a0, a1 = bare(x0), bare(x1)
        return _to_the_chosen(m, gy, a0 < a1, a0 > a1, a0 == a1, self.needs_grad)


class Minimum(Function):
    """The smaller of x0 and x1, element by element; equal ones share the gradient."""

    broadcasts = True

    def forward(self, x0, x1):
        return np.minimum(x0, x1)

    def vjp(self, m, gy, x0, x1):
        a0, a1 = bare(x0), bare(x1)
        return _to_the_chosen(m, gy, a0 > a1, a0 < a1, a0 == a1, self.needs_grad)


def _to_the_chosen(m, gy, lost0, lost1, tie, needs):
    """The gradients of the two operands, given where each was not chosen and where they were equal."""
    if np.any(tie):
        gy = m.where(tie, gy * 0.5, gy)
    return m.where(lost0, 0, gy) if needs[0] else None, m.where(lost1, 0, gy) if needs[1] else None


class Clip(Function):
    """x, but not below x_min nor above x_max."""

    broadcasts = True

    def __init__(self, x_min, x_max) -> None:
        self.x_min, self.x_max = x_min, x_max

    def forward(self, x):
        return np.clip(x, self.x_min, self.x_max)

    def vjp(self, m, gy, x):
        above = True if self.x_min is None else bare(x) >= self.x_min
        below = True if self.x_max is None else bare(x) <= self.x_max
        return m.where(above & below, gy, 0)


def where(condition: Operand, x0: Operand, x1: Operand) -> Variable:
    """Choose from x0 where the condition holds, and from x1 elsewhere.

    Parameters
    ----------
    condition : array or Variable of bool
        No gradient flows into it. Other numbers hold where they are not 0.
    x0, x1 : Variable, array or number
        All three shapes broadcast.

    Raises
    ------
    TypeError
        If condition is none of these, nor a list of them.

    Examples
    --------
    >>> x = np.array([-1.0, 2.0])
    >>> where(x > 0, x, 0.0)
    variable([0. 2.])
    """
    choice = bare(condition)
    if getattr(choice, "dtype", None) is not _BOOL:
        choice = as_operand(condition).data
    return binary(Where(choice), x0, x1)


def maximum(x0: Operand, x1: Operand) -> Variable:
    """Larger of x0 and x1, element by element; NaN where one of them is NaN.

    Parameters
    ----------
    x0, x1 : Variable, array or number
        Shapes broadcast.

    Returns
    -------
    Variable
        The gradient goes to the larger; where both are equal, each gets half of it.

    Examples
    --------
    >>> maximum(np.array([-1.0, 2.0]), 0.5)
    variable([0.5 2. ])
    """
    return binary(Maximum(), x0, x1)


def minimum(x0: Operand, x1: Operand) -> Variable:
    """Smaller of x0 and x1, element by element; NaN where one of them is NaN.

    Parameters
    ----------
    x0, x1 : Variable, array or number
        Shapes broadcast.

    Returns
    -------
    Variable
        The gradient goes to the smaller; where both are equal, each gets half of it.

    Examples
    --------
    >>> minimum(np.array([-1.0, 2.0]), 0.5)
    variable([-1.   0.5])
    """
    return binary(Minimum(), x0, x1)


def clip(x: Operand, x_min: Operand | None = None, x_max: Operand | None = None) -> Variable:
    """Raise x to x_min where it is below, and lower it to x_max where it is above.

    Parameters
    ----------
    x : Variable or array
    x_min, x_max : Variable, array or number, optional
        Shapes broadcast with that of x; None for no bound. Where x_min is above x_max, the result is x_max.

    Returns
    -------
    Variable
        The gradient passes where x_min <= x <= x_max, the ends included; elsewhere it is 0, and goes to the bound if
        that is a Variable. A Variable that equals x shares the gradient with it.

    Examples
    --------
    >>> clip(np.array([-2.0, 0.5, 2.0]), 0.0, 1.0)
    variable([0.  0.5 1. ])
    """
    if isinstance(x_min, Variable) or isinstance(x_max, Variable):
        x = x if x_min is None else maximum(x, x_min)
        return as_variable(x) if x_max is None else minimum(x, x_max)
    return as_variable(x) if x_min is None and x_max is None else unary(Clip(x_min, x_max), x)


def lerp(x0: Operand, x1: Operand, w: Operand) -> Variable:
    """Point between x0 and x1: x0 + w (x1 - x0).

    Parameters
    ----------
    x0, x1 : Variable, array or number
    w : Variable, array or number
        0 gives x0 and 1 gives x1, up to rounding. All three shapes broadcast.

    Examples
    --------
    >>> lerp(np.array([0.0, 1.0]), np.array([10.0, 3.0]), 0.5)
    variable([5. 2.])
    """
    return add(x0, mul(sub(x1, x0), w))


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
    return Variable(np.zeros_like(as_operand(x).data))


abs = absolute
