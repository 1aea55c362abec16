"""Keep the memory of large arrays, instead of handing it back to the system and fetching it again at every step."""

from __future__ import annotations

import ctypes
import os

__all__ = ["keep_memory"]

_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3  # of malloc.h
_MIB = 1 << 20


def keep_memory(keep: bool = True) -> bool:
    """Say whether the process keeps memory that it has freed, for the arrays of the next step.

    The C library of most Linux systems, glibc, fetches every large block of memory from the system and returns it when
    it is freed. The system clears each page that it hands out, which takes longer than the arithmetic of an operation
    on an array of some megabytes. Keeping the memory makes such operations up to five times as fast.

    **dezero switches this on when it is imported**, unless the environment variable ``DEZERO_KEEP_MEMORY`` is 0. It
    holds for the whole process, not for dezero alone: blocks of up to 32 MiB come from the heap, whose free end goes
    back to the system when it exceeds 1 GiB. So the process may hold up to 1 GiB more than it uses at the moment, never
    more than its own peak; larger blocks go back to the system as before.

    Parameters
    ----------
    keep : bool
        False restores the numbers that glibc starts with (128 KiB for both), and returns what is free at once.

    Returns
    -------
    bool
        Whether it was possible: False where the C library is another one than glibc, and nothing happens.

    References
    ----------
    mallopt(3), M_MMAP_THRESHOLD and M_TRIM_THRESHOLD.

    Examples
    --------
    >>> keep_memory() == keep_memory(True)
    True
    """
    if not _is_glibc():
        return False
    libc = ctypes.CDLL(None)
    done = libc.mallopt(_MMAP_THRESHOLD, 32 * _MIB if keep else _MIB // 8)
    done &= libc.mallopt(_TRIM_THRESHOLD, 1024 * _MIB if keep else _MIB // 8)
    if not keep:
        libc.malloc_trim(0)
    return bool(done)


def _is_glibc() -> bool:
    try:
        return bool(os.confstr("CS_GNU_LIBC_VERSION"))
    except (AttributeError, ValueError, OSError):  # no such function, or no such name: Windows, macOS, musl
        return False


if os.environ.get("DEZERO_KEEP_MEMORY", "1") != "0":
    keep_memory()
