"""A x + B y by the BLAS that NumPy brings along: NumPy has no name for it, and takes two passes and scratch."""

from __future__ import annotations

import ctypes
from functools import cache

import numpy as np

from dezero._kernels.threads import openblas

__all__ = ["axpby", "has_axpby"]

# Sizes as 64 bits also where the library reads 32 of them: on 64-bit machines each has a register or a slot of its own.
_SIZE, _POINTER = ctypes.c_int64, ctypes.c_void_p


@cache
def _operations() -> dict[str, tuple]:
    """By the letter of the dtype, the operations axpy and axpby; nothing where NumPy's BLAS is no OpenBLAS."""
    if ctypes.sizeof(_POINTER) != 8:
        return {}
    found = {}
    for char, letter, number in (("f", "s", ctypes.c_float), ("d", "d", ctypes.c_double)):
        axpy, axpby = openblas(f"cblas_{letter}axpy"), openblas(f"cblas_{letter}axpby")
        if axpy is None or axpby is None:
            return {}
        axpy.argtypes = [_SIZE, number, _POINTER, _SIZE, _POINTER, _SIZE]
        axpby.argtypes = [_SIZE, number, _POINTER, _SIZE, number, _POINTER, _SIZE]
        axpy.restype = axpby.restype = None
        found[char] = axpy, axpby
    return found


def has_axpby() -> bool:
    """Whether `axpby` works here."""
    return bool(_operations())


def axpby(a: float, x: np.ndarray, b: float, y: np.ndarray) -> None:
    """y <- a x + b y, in place and in one pass, by several threads if y is large.

    x and y are of one dtype, float32 or float64, and lie in memory alike and without gaps.

    Examples
    --------
    >>> x, y = np.arange(3.0), np.ones(3)
    >>> if has_axpby():
    ...     axpby(2.0, x, 0.5, y)
    ...     assert y.tolist() == [0.5, 2.5, 4.5]
    """
    one, both = _operations()[x.dtype.char]
    if b == 1:
        one(x.size, a, x.ctypes.data, 1, y.ctypes.data, 1)
    else:
        both(x.size, a, x.ctypes.data, 1, b, y.ctypes.data, 1)
