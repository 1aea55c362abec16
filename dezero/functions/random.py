"""Functions with a random part: dropout."""

from __future__ import annotations

from dezero import cuda
from dezero._operands import number
from dezero.config import Config
from dezero.core import Function, Operand, Variable, as_variable, unary

__all__ = ["Dropout", "dropout"]


class Dropout(Function):
    """x * mask / (1 - ratio), where each element of mask is 0 with probability ratio, else 1."""

    def __init__(self, ratio: float) -> None:
        self.ratio = float(ratio)

    def forward(self, x):
        self.mask = cuda.get_array_module(x).random.rand(*x.shape) > self.ratio
        return x * self.mask / (1 - self.ratio)

    def vjp(self, m, gy, x):
        return gy * self.mask / (1 - self.ratio)


def dropout(x: Operand, dropout_ratio: float = 0.5) -> Variable:
    """While training, replace elements of x by 0 at random and enlarge the others by 1 / (1 - dropout_ratio).

    The mean of the result is x. In `test_mode` the result is x itself.

    Parameters
    ----------
    x : Variable or array
    dropout_ratio : float
        The probability to be dropped, in [0, 1), dimensionless.

    Returns
    -------
    Variable, of the shape of x, and of its dtype
        Floating-point numbers for integers. The gradient passes through the elements that were kept.

    Raises
    ------
    ValueError
        If the ratio is outside [0, 1); at 1 nothing would be left to enlarge.

    Notes
    -----
    One number is drawn for each element, in their order, by ``numpy.random.rand`` (CuPy's on a GPU); an element stays
    where it is above the ratio. ``numpy.random.seed`` makes the result reproducible.

    References
    ----------
    Srivastava, Hinton, Krizhevsky, Sutskever & Salakhutdinov, "Dropout: A Simple Way to Prevent Neural Networks from
    Overfitting", 2014, section 10.

    Examples
    --------
    >>> import numpy as np
    >>> np.random.seed(0)
    >>> dropout(np.ones(5), 0.6)
    variable([0.  2.5 2.5 0.  0. ])
    """
    if not 0 <= number("dropout", "dropout_ratio", dropout_ratio) < 1:
        raise ValueError(f"dropout expects a ratio in [0, 1), the share of elements to drop, got {dropout_ratio}")
    return unary(Dropout(dropout_ratio), x) if Config.train else as_variable(x)
