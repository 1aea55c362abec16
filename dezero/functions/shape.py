"""Functions that move elements and compute nothing: reshape, transpose, indexing."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from dezero import cuda
from dezero.core import Function, Operand, Variable, as_variable, unary

__all__ = [
    "GetItem", "GetItemGrad", "Reshape", "Transpose", "get_item", "get_item_grad", "reshape", "swapaxes", "transpose",
]  # fmt: skip


class Reshape(Function):
    """The same elements in another shape."""

    def __init__(self, shape: tuple[int, ...]) -> None:
        self.shape = shape

    def forward(self, x):
        return x.reshape(self.shape)

    def vjp(self, m, gy, x):
        return m.reshape(gy, x.shape)


class Transpose(Function):
    """The same elements with the axes in another order."""

    def __init__(self, axes: tuple[int, ...] | None) -> None:
        self.axes = axes

    def forward(self, x):
        return x.transpose(self.axes)

    def vjp(self, m, gy, x):
        if self.axes is None:
            return m.transpose(gy)
        return m.transpose(gy, tuple(np.argsort([axis % x.ndim for axis in self.axes]).tolist()))


def reshape(x: Operand, shape: int | Sequence[int]) -> Variable:
    """Give the elements of x, in their order, another shape.

    Parameters
    ----------
    x : Variable or array
    shape : int or sequence of int
        As many elements as x has; one size may be -1 and is then worked out.

    Returns
    -------
    Variable, of the given shape
        x itself if it has that shape already.

    Raises
    ------
    ValueError
        If the number of elements differs.

    Examples
    --------
    >>> reshape(np.arange(6), (2, -1))
    variable([[0 1 2]
              [3 4 5]])
    """
    x = as_variable(x)
    shape = tuple(shape) if isinstance(shape, Sequence) else (shape,)
    return x if x.shape == shape else unary(Reshape(shape), x)


def transpose(x: Operand, axes: Sequence[int] | None = None) -> Variable:
    """Put the axes of x in another order.

    Parameters
    ----------
    x : Variable or array
    axes : sequence of int, optional
        Axis i of the result is axis ``axes[i]`` of x; by default the order is reversed.

    Raises
    ------
    ValueError
        If axes is no permutation of the axes of x.

    Examples
    --------
    >>> transpose(np.arange(6).reshape(2, 3))
    variable([[0 3]
              [1 4]
              [2 5]])
    """
    return unary(Transpose(None if axes is None else tuple(axes)), x)


def swapaxes(x: Operand, axis1: int, axis2: int) -> Variable:
    """Exchange two axes of x.

    Parameters
    ----------
    x : Variable or array
    axis1, axis2 : int
        May be negative.

    Raises
    ------
    IndexError
        If x has no such axis.

    Examples
    --------
    >>> swapaxes(np.zeros((2, 3, 4)), -1, -2).shape
    (2, 4, 3)
    """
    x = as_variable(x)
    axes = list(range(x.ndim))
    axes[axis1], axes[axis2] = axes[axis2], axes[axis1]
    return transpose(x, axes)


# -- indexing --------------------------------------------------------------------------------------


class GetItem(Function):
    """x[slices]."""

    def __init__(self, slices: object) -> None:
        self.slices = slices

    def forward(self, x):
        return x[self.slices]

    def vjp(self, m, gy, x):
        return m.get_item_grad(gy, self.slices, x.shape)


class GetItemGrad(Function):
    """Zeros of a shape, with x added at slices; the adjoint of GetItem."""

    def __init__(self, slices: object, shape: tuple[int, ...]) -> None:
        self.slices, self.shape = slices, shape

    def forward(self, x):
        xp = cuda.get_array_module(x)
        y = xp.zeros(self.shape, x.dtype)
        if _may_repeat(self.slices):
            xp.add.at(y, self.slices, x)
        else:
            y[self.slices] = x
        return y

    def vjp(self, m, gy, x):
        return gy[self.slices]


def _may_repeat(slices: object) -> bool:
    """Whether an element may be picked twice: by integer arrays only, not by numbers, slices, Ellipsis, None, masks."""
    parts = slices if isinstance(slices, tuple) else (slices,)
    return any([getattr(part, "ndim", 0) > 0 and part.dtype != bool for part in parts])


def get_item(x: Operand, slices: object) -> Variable:
    """Pick elements of x: ``x[slices]``.

    Parameters
    ----------
    x : Variable or array
    slices : whatever NumPy indexes with
        Integers, slices, Ellipsis, None, lists or arrays of integers or booleans, tuples of these. Variables count as
        their data. An element picked several times gets the sum of the gradients.

    Raises
    ------
    IndexError
        If x has no such elements.

    Examples
    --------
    >>> get_item(np.array([1.0, 2.0, 3.0]), [0, 0, 2])
    variable([1. 1. 3.])
    """
    return unary(GetItem(_index(slices)), x)


def get_item_grad(gy: Operand, slices: object, shape: tuple[int, ...]) -> Variable:
    """Put gy into an array of zeros at slices, adding up where an element is named twice: the adjoint of `get_item`.

    Parameters
    ----------
    gy : Variable or array
        Of the shape of ``x[slices]``.
    slices : as for `get_item`
    shape : tuple of int
        That of x.

    Examples
    --------
    >>> get_item_grad(np.array([1.0, 2.0, 4.0]), [0, 0, 2], (3,))
    variable([3. 0. 4.])
    """
    return unary(GetItemGrad(_index(slices), shape), gy)


def _index(slices: object) -> object:
    """The index with arrays in place of Variables and lists."""
    if isinstance(slices, tuple):
        return tuple([_index(part) for part in slices])
    if isinstance(slices, Variable):
        return slices.data
    if isinstance(slices, list):
        array = np.asarray([part.data if isinstance(part, Variable) else part for part in slices])
        return array if array.size else array.astype(int)
    return slices
