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

__all__ = [
    "NUMBERS", "Array", "ArrayLike", "as_array", "as_cupy", "as_numpy", "from_dlpack", "get_array_module", "is_array",
    "why_no_gpu",
]  # fmt: skip

Number: TypeAlias = bool | int | float | complex | np.generic
Array: TypeAlias = np.ndarray  # or cupy.ndarray, which has the same methods
ArrayLike: TypeAlias = Array | Number | Sequence

NUMBERS = (np.generic, float, int, complex)  # a bool is an int
_GPU_IN_DLPACK = (2, 13)  # kDLCUDA and kDLCUDAManaged: plain and managed memory of CUDA

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
    except ModuleNotFoundError as error:
        if error.name != "cupy":
            raise  # CuPy is there, but lacks something
        return None


def _gpu_found() -> bool:
    """Whether CuPy can be imported and sees a device; CuPy alone is no GPU."""
    return not why_no_gpu()


def why_no_gpu() -> str:
    """Say in words what keeps arrays off the GPU; the empty string where nothing does.

    Examples
    --------
    >>> arrays_can_go_there = why_no_gpu() == ""
    """
    try:
        cupy = _import_cupy()
        if cupy is None:
            return "CuPy is not installed (its package is called cupy-cuda13x or cupy-cuda12x, by the version of CUDA)"
        return "" if cupy.cuda.is_available() else f"CuPy {cupy.__version__} is installed, but finds no CUDA device"
    except Exception as error:  # a broken driver answers in many ways; none of them is a GPU
        return f"CuPy is installed, but fails: {type(error).__name__}: {error}"


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
    if type(x) is np.ndarray:  # nearly always, and found out soonest
        return np
    x = _unwrapped(x)
    if isinstance(x, np.ndarray) or not is_array(x):
        return getattr(x, "array_module", np)  # arrays of a kind of their own name the module that makes them
    return sys.modules["cupy"]


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
        raise RuntimeError(f"as_cupy needs a GPU: {why_no_gpu() or 'gpu_enable has been set to False'}")
    return sys.modules["cupy"].asarray(_unwrapped(x))


def from_dlpack(x: object) -> Array:
    """Return an array that shares the memory of another library's array: of CuPy's where that is on a GPU.

    Parameters
    ----------
    x : object with `__dlpack__` and `__dlpack_device__`

    Raises
    ------
    RuntimeError
        If x is on a GPU and CuPy cannot be used.

    Examples
    --------
    >>> a = np.arange(3.0)
    >>> np.shares_memory(from_dlpack(a), a)
    True
    """
    if x.__dlpack_device__()[0] not in _GPU_IN_DLPACK:  # type: ignore[attr-defined]
        return np.from_dlpack(x)  # type: ignore[arg-type]
    if not sys.modules[__name__].gpu_enable:
        raise RuntimeError(f"from_dlpack got an array on a GPU, which needs CuPy: {why_no_gpu()}")
    return sys.modules["cupy"].from_dlpack(x)


def _unwrapped(x: object) -> object:
    """The array of a Variable, known by what it has and not by its class, which stands on a higher floor."""
    return x.data if hasattr(x, "creator") and hasattr(x, "data") else x
