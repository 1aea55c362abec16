"""Helpers on bare arrays, under the names that scripts for the book know."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

import numpy as np
from numpy.lib.array_utils import normalize_axis_index, normalize_axis_tuple

from dezero import cuda
from dezero.core import _shape
from dezero.core import _sum_to as sum_to_array
from dezero.cuda import Array

__all__ = ["array_allclose", "array_equal", "logsumexp", "max_backward_shape", "reshape_sum_backward", "sum_to"]


def array_equal(a: object, b: object) -> bool:
    """Whether a and b have the same shape and the same elements; both may be Variables or arrays, on CPU or GPU.

    Examples
    --------
    >>> array_equal(np.array([1, 2]), np.array([1, 2]))
    True
    """
    return bool(np.array_equal(cuda.as_numpy(a), cuda.as_numpy(b)))


def array_allclose(a: object, b: object, rtol: float = 1e-4, atol: float = 1e-5) -> bool:
    """Whether the elements of a and b differ by at most atol + rtol |b|; both may be Variables or arrays.

    Examples
    --------
    >>> array_allclose(np.array([1.0, 2.0]), np.array([1.00001, 2.0]))
    True
    """
    a, b = cuda.as_numpy(a), cuda.as_numpy(b)
    try:
        np.broadcast_shapes(a.shape, b.shape)
    except ValueError:
        raise ValueError(f"array_allclose expects shapes that broadcast, got {a.shape} and {b.shape}") from None
    return bool(np.allclose(a, b, rtol=rtol, atol=atol))


def sum_to(x: Array, shape: Sequence[int]) -> Array:
    """Sum the array x over the axes that broadcasting from a shape would stretch; `functions.sum_to` on bare arrays.

    Parameters
    ----------
    x : array
    shape : sequence of int
        A shape that broadcasts to that of x.

    Raises
    ------
    ValueError
        If it does not.

    Examples
    --------
    >>> sum_to(np.arange(6).reshape(2, 3), (1, 3))
    array([[3, 5, 7]])
    """
    return sum_to_array(_array("sum_to", x), _shape(shape))


def reshape_sum_backward(gy: Array, x_shape: Sequence[int], axis: int | Sequence[int] | None, keepdims: bool) -> Array:
    """Give the gradient of a sum the axes back that the sum removed, each of size 1.

    Parameters
    ----------
    gy : array or Variable
        The gradient of ``x.sum(axis, keepdims)``.
    x_shape : shape of x
    axis, keepdims : as for the sum

    Examples
    --------
    >>> reshape_sum_backward(np.ones(2), (2, 3), 1, False).shape
    (2, 1)
    """
    if keepdims:
        return gy
    shape = max_backward_shape(np.broadcast_to(0, tuple(x_shape)), axis)
    if prod(gy.shape) != prod(shape):
        raise ValueError(f"reshape_sum_backward expects gy with as many elements as {shape}, the sum over axis {axis} "
                         f"of {tuple(x_shape)}, got {gy.shape}")  # fmt: skip
    return gy.reshape(shape)


def _array(name: str, x: object) -> Array:
    if not cuda.is_array(x):
        raise TypeError(f"{name} on arrays expects an array, got {type(x).__name__}")
    return x  # type: ignore[return-value]


def logsumexp(x: Array, axis: int = 1) -> Array:
    """Logarithm of the sum of exponentials along an axis that is kept with size 1; stable for large numbers.

    Parameters
    ----------
    x : array
    axis : int

    Examples
    --------
    >>> logsumexp(np.array([[1000.0, 1000.0]]))
    array([[1000.69314718]])
    """
    xp = cuda.get_array_module(_array("logsumexp", x))
    normalize_axis_index(axis, x.ndim, "logsumexp")
    largest = x.max(axis=axis, keepdims=True)
    shift = xp.where(xp.isfinite(largest), largest, 0)
    return xp.log(xp.exp(x - shift).sum(axis=axis, keepdims=True)) + shift


def max_backward_shape(x: Array, axis: int | Sequence[int] | None) -> tuple[int, ...]:
    """The shape of a reduction of x over axes with those axes kept at size 1.

    Examples
    --------
    >>> max_backward_shape(np.zeros((2, 3, 4)), -1)
    (2, 3, 1)
    """
    axes = range(x.ndim) if axis is None else axis
    removed = normalize_axis_tuple(axes, x.ndim, "max_backward_shape")
    return tuple([1 if i in removed else n for i, n in enumerate(x.shape)])
