"""The OpenBLAS that NumPy brings along: how long its threads wait, and A x + B y.

NumPy multiplies matrices with it and has no names for the rest. Where NumPy uses another library, nothing here happens.
"""

from __future__ import annotations

import ctypes
import os
import sys
import threading
from functools import cache
from itertools import product
from pathlib import Path
from types import FrameType
from typing import Any

import numpy as np

__all__ = ["axpby", "has_axpby", "openblas", "shorten_waits"]


def openblas(name: str) -> Any:
    """A function of the OpenBLAS that came with NumPy or was loaded for it; None where there is none."""
    for path, (prefix, suffix) in product(_libraries(), product(("scipy_", ""), ("64_", "_64", ""))):
        try:
            return getattr(ctypes.CDLL(path), f"{prefix}{name}{suffix}")
        except (OSError, AttributeError):
            continue
    return None


@cache
def _libraries() -> list[str]:
    """Files of OpenBLAS: beside NumPy in its wheels, else among what this process has loaded."""
    numpy = Path(np.__file__).parent
    found = [p for folder in (numpy.parent / "numpy.libs", numpy / ".dylibs") for p in folder.glob("*openblas*")]
    maps = Path("/proc/self/maps")
    if not found and maps.exists():
        lines = maps.read_text(encoding="utf-8", errors="replace").splitlines()
        found = [Path(line.split(maxsplit=5)[5]) for line in lines if "openblas" in line]
    return sorted({str(p) for p in found})


_WAIT = "OPENBLAS_THREAD_TIMEOUT"
_settled = False  # whether it is decided how long they wait


def shorten_waits() -> None:
    """Let OpenBLAS's threads sleep soon after their work, where nobody has set how long they wait.

    They run in circles for some 25 ms after each product, in case another one comes, and take the cores that ours need:
    a training step of a convolutional network takes twice the time. They start anew with a wait of about 0.1 ms, which
    must not happen while another thread computes; so this is put off until there is none.
    """
    global _settled
    if _settled or not _alone():
        return
    _settled = True
    read, stop = openblas("openblas_read_env"), openblas("blas_thread_shutdown_")
    if read is not None and stop is not None and _WAIT not in os.environ:
        os.environ[_WAIT] = "18"  # the logarithm of so many cycles of the clock
        read()
        stop()
        del os.environ[_WAIT]


_NOTEBOOK = {"IPython", "asyncio", "ipykernel", "selectors", "threading", "tornado", "zmq"}


def _alone() -> bool:
    """Whether no other thread can be computing: there is none, or a notebook's kernel runs it to wait for messages."""
    here = threading.get_ident()
    return all([_of_notebook(frame) for thread, frame in sys._current_frames().items() if thread != here])


def _of_notebook(frame: FrameType | None) -> bool:
    modules = set()
    while frame is not None:
        modules.add(frame.f_globals.get("__name__", "").partition(".")[0])
        frame = frame.f_back
    return modules <= _NOTEBOOK and not modules.isdisjoint({"IPython", "ipykernel"})


# -- A x + B y -------------------------------------------------------------------------------------

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
