"""Work on blocks of arrays in several threads, each with one thread of BLAS.

NumPy releases the interpreter while it computes, so threads run side by side; but BLAS brings threads of its own, which
would stand in their way. Where its number of threads cannot be set (it is not OpenBLAS), or is 1, all work stays in the
calling thread. So ``OPENBLAS_NUM_THREADS`` limits these threads, too.
"""

from __future__ import annotations

import ctypes
import os
import queue
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import copy_context
from functools import cache
from math import prod
from typing import TypeVar

import numpy as np

from dezero._kernels.blas import openblas, shorten_waits

__all__ = ["THREADS", "even", "in_threads", "scratch", "share", "workers"]

T = TypeVar("T")
R = TypeVar("R")

MOST = 8  # threads; with more of them Python's lock is what they wait for

THREADS = min(MOST, os.cpu_count() or 1)  # at most so many work together

_local = threading.local()


# -- BLAS ------------------------------------------------------------------------------------------


class _Blas:
    """The number of threads of NumPy's BLAS, process-wide: 1 while any thread is `limited`."""

    def __init__(self, get: Callable[[], int], set_: Callable[[int], object]) -> None:
        self.get, self.set = get, set_
        self.lock, self.inside, self.before = threading.Lock(), 0, 1

    @contextmanager
    def limited(self) -> Iterator[None]:
        with self.lock:
            if not self.inside:
                self.before = self.get()
                self.set(1)
            self.inside += 1
        try:
            yield
        finally:
            with self.lock:
                self.inside -= 1
                if not self.inside:
                    self.set(self.before)

    def threads(self) -> int:
        return self.before if self.inside else self.get()


@cache
def _blas() -> _Blas | None:
    get, set_ = openblas("openblas_get_num_threads"), openblas("openblas_set_num_threads")
    if get is None or set_ is None:
        return None
    get.restype, set_.argtypes, set_.restype = ctypes.c_int, [ctypes.c_int], None
    return _Blas(get, set_)


# -- threads ---------------------------------------------------------------------------------------


def workers() -> int:
    """How many threads share out work here: as many as BLAS has, but 1 inside of such a thread."""
    blas = _blas()
    return 1 if blas is None or getattr(_local, "busy", False) else min(blas.threads(), MOST)


def in_threads(f: Callable[[Sequence[T]], R], blocks: Sequence[T]) -> list[R]:
    """Call f with a part of the blocks in each of several threads: the results, in the order of the blocks.

    Which blocks are together depends on nothing but the number of threads, so that sums come out the same every time.
    What holds for the calling thread, as np.errstate, holds for the others.

    Examples
    --------
    >>> sum(in_threads(sum, [1, 2, 3, 4, 5]))
    15
    """
    count = min(workers(), len(blocks))
    if count < 2:
        return [f(blocks)]
    results: list = [None] * count
    errors: list[BaseException] = []
    context = copy_context()  # np.errstate of the calling thread, and all that dezero.Config sets
    done: queue.SimpleQueue = queue.SimpleQueue()

    def run(k: int) -> None:
        _local.busy = True
        try:
            results[k] = f(blocks[k * len(blocks) // count : (k + 1) * len(blocks) // count])
        except BaseException as error:  # the calling thread raises it again
            errors.append(error)
        finally:
            _local.busy = False

    def help_out(k: int) -> None:
        context.copy().run(run, k)  # a context can be entered by one thread at a time
        done.put(k)

    shorten_waits()
    with _blas().limited():  # type: ignore[union-attr]  # there are several workers
        for k in range(1, count):
            _helper(k - 1).put((help_out, k))
        run(0)
        for _ in range(1, count):
            done.get()
    if errors:
        raise errors[0]
    return results


def share(f: Callable[[T], object], items: Sequence[T]) -> None:
    """Call f with each item, in several threads.

    Examples
    --------
    >>> seen = []
    >>> share(seen.append, [1, 2, 3])
    >>> sorted(seen)
    [1, 2, 3]
    """

    def some(items: Sequence[T]) -> None:
        for item in items:
            f(item)

    in_threads(some, items)


def even(n: int, count: int) -> list[slice]:
    """Nearly equal parts of n things.

    Examples
    --------
    >>> even(5, 2)
    [slice(0, 2, None), slice(2, 5, None)]
    """
    return [slice(i * n // count, (i + 1) * n // count) for i in range(count)]


_helpers: list[queue.SimpleQueue] = []
_hiring = threading.Lock()


def _helper(k: int) -> queue.SimpleQueue:
    """The tasks of the k-th helping thread, which starts at the first one."""
    with _hiring:
        while len(_helpers) <= k:
            tasks: queue.SimpleQueue = queue.SimpleQueue()
            threading.Thread(target=_work, args=(tasks,), name=f"dezero-{len(_helpers)}", daemon=True).start()
            _helpers.append(tasks)
    return _helpers[k]


def _work(tasks: queue.SimpleQueue) -> None:
    while True:
        task, k = tasks.get()
        task(k)
        del task  # or the last arrays would live until the next task


def _after_fork() -> None:
    """A child process has none of the threads."""
    global _hiring
    _hiring = threading.Lock()
    _helpers.clear()
    _blas.cache_clear()
    _local.__dict__.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)


# -- memory ----------------------------------------------------------------------------------------


def scratch(name: str, shape: Sequence[int], dtype: np.dtype) -> np.ndarray:
    """An array with anything in it, until this thread asks for that name again: memory that is not fetched anew.

    Examples
    --------
    >>> scratch("example", (2, 3), np.dtype("f")).shape
    (2, 3)
    """
    size, key = prod(shape), name + dtype.char
    kept = _local.__dict__.get(key)
    if kept is None or kept.size < size:
        kept = _local.__dict__[key] = np.empty(size, dtype)
    return kept[:size].reshape(shape)
