"""The array floor: NumPy, or CuPy where a GPU is there. Knows arrays only, no Variable.

CuPy is imported when somebody asks for it (`cuda.cupy`, `cuda.gpu_enable`, `as_cupy`), never by `import dezero`.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Sequence
from types import ModuleType
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

__all__ = ["NUMBERS", "Array", "ArrayLike", "as_array", "as_cupy", "as_numpy", "get_array_module", "is_array"]

Number: TypeAlias = bool | int | float | complex | np.generic
Array: TypeAlias = np.ndarray  # or cupy.ndarray, which has the same methods
ArrayLike: TypeAlias = Array | Number | Sequence

NUMBERS = (np.generic, float, int, complex)  # a bool is an int

if TYPE_CHECKING:
    gpu_enable: bool
    cupy: ModuleType


def __getattr__(name: str) -> object:
    """`gpu_enable` and `cupy`, found out at the first access."""
    if name == "gpu_enable":
        value: object = _gpu_found()
    elif name == "cupy" and (value := _import_cupy()) is not None:
        pass
    else:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    globals()[name] = value
    return value


def _import_cupy() -> ModuleType | None:
    try:
        return importlib.import_module("cupy")
    except ImportError:
        return None


def _gpu_found() -> bool:
    """Whether CuPy can be imported and sees a device; CuPy alone is no GPU."""
    cupy = _import_cupy()
    try:
        return cupy is not None and bool(cupy.cuda.is_available())
    except Exception:  # a broken driver answers in many ways; none of them is a GPU
        return False


def is_array(x: object) -> bool:
    """Whether x is an array of NumPy or of CuPy.

    Examples
    --------
    >>> is_array(np.zeros(3)), is_array(1.0), is_array([1.0])
    (True, False, False)
    """
    if isinstance(x, np.ndarray):
        return True
    cupy = sys.modules.get("cupy")  # never imported: then x is none of its arrays
    return cupy is not None and isinstance(x, cupy.ndarray)


def as_array(x: ArrayLike, array_module: ModuleType = np) -> Array:
    """Turn a number into a 0-dimensional array; return anything else unchanged.

    Examples
    --------
    >>> as_array(2.0)
    array(2.)
    """
    return array_module.asarray(x) if isinstance(x, NUMBERS) else x  # type: ignore[return-value]


def get_array_module(x: object) -> ModuleType:
    """Return the module, `numpy` or `cupy`, that made x.

    Parameters
    ----------
    x : Variable, array or number

    Examples
    --------
    >>> get_array_module(np.zeros(3)).__name__
    'numpy'
    """
    x = _unwrapped(x)
    return np if isinstance(x, np.ndarray) or not is_array(x) else sys.modules["cupy"]


def as_numpy(x: object) -> np.ndarray:
    """Return x as a NumPy array; an array that is one already is returned itself.

    Parameters
    ----------
    x : Variable, array or number

    Returns
    -------
    ndarray
        A number becomes 0-dimensional.

    Examples
    --------
    >>> as_numpy(2.5)
    array(2.5)
    """
    x = _unwrapped(x)
    if isinstance(x, np.ndarray):
        return x
    return sys.modules["cupy"].asnumpy(x) if is_array(x) else np.asarray(x)


def as_cupy(x: object) -> Array:
    """Return x as a CuPy array, on the current GPU.

    Parameters
    ----------
    x : Variable, array or number

    Raises
    ------
    RuntimeError
        If CuPy is not installed or finds no GPU.
    """
    if not sys.modules[__name__].gpu_enable:  # through the module, so that the first access finds it out
        raise RuntimeError("as_cupy needs a GPU: CuPy is not installed, or it finds no CUDA device")
    return sys.modules["cupy"].asarray(_unwrapped(x))


def _unwrapped(x: object) -> object:
    """The array of a Variable, known by what it has and not by its class, which stands on a higher floor."""
    return x.data if hasattr(x, "creator") and hasattr(x, "data") else x
