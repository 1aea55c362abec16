"""Functions that sum up along axes."""

from __future__ import annotations

from collections.abc import Sequence

from dezero.core import Function, Operand, Variable, unary

__all__ = ["Sum", "sum"]


class Sum(Function):
    """The sum over axes."""

    def __init__(self, axis: int | tuple[int, ...] | None, keepdims: bool) -> None:
        self.axis, self.keepdims = axis, keepdims

    def forward(self, x):
        y = x.sum(axis=self.axis, keepdims=True)
        self.kept_shape = y.shape  # every summed axis left as 1
        return y if self.keepdims else y.squeeze(self.axis)

    def vjp(self, m, gy, x):
        return m.broadcast_to(m.reshape(gy, self.kept_shape), x.shape)


def sum(x: Operand, axis: int | Sequence[int] | None = None, keepdims: bool = False) -> Variable:
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

    Raises
    ------
    AxisError
        If x has no such axis; it is a ValueError and an IndexError.

    Examples
    --------
    >>> import numpy as np
    >>> sum(np.arange(6).reshape(2, 3), axis=0)
    variable([3 5 7])
    """
    return unary(Sum(tuple(axis) if isinstance(axis, Sequence) else axis, keepdims), x)
