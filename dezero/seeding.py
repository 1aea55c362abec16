"""One number for all that is drawn at random, and generators that go on from where others were."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from operator import index

import numpy as np

from dezero import cuda

__all__ = ["seed"]

_KINDS = ("MT19937", "PCG64", "PCG64DXSM", "Philox", "SFC64")

_seedings = 0


def seed(number: int) -> None:
    """Begin all random numbers anew: after the same seed, the same program draws the same numbers, on every run.

    Parameters
    ----------
    number : int
        From 0 to 2**32 - 1.

    Raises
    ------
    TypeError, ValueError
        If it is no whole number, or outside that range; nothing was seeded then.

    Notes
    -----
    The package draws from NumPy's global generator: initial weights, dropout, the order of loaders, random transforms.
    For that one, this is ``numpy.random.seed(number)``, as in the book. Python's `random` is seeded as well, for
    functions of yours that draw from it, and CuPy's generator where there is a GPU, for dropout there.

    A loader without a seed of its own draws its next order ahead; one that was made before this call draws it anew when
    the pass begins. A pass under way goes on as it was. A loader that was made with ``seed=``, and any generator of
    yours (``numpy.random.default_rng``), keep their own course.

    Examples
    --------
    >>> seed(0)
    >>> np.random.rand().__round__(4)
    0.5488
    """
    global _seedings
    if isinstance(number, (bool, np.bool_)) or not hasattr(type(number), "__index__"):
        raise TypeError(f"seed expects a whole number from 0 to 2**32 - 1, got {number!r}")
    number = index(number)
    if not 0 <= number < 2**32:
        raise ValueError(f"seed expects a whole number from 0 to 2**32 - 1, got {number}")
    np.random.seed(number)
    random.seed(number)
    if cuda.gpu_enable:
        cuda.cupy.random.seed(number)
    _seedings += 1


def seedings() -> int:
    """How often `seed` was called in this process.

    Examples
    --------
    >>> before = seedings()
    >>> seed(0)
    >>> seedings() - before
    1
    """
    return _seedings


@contextmanager
def generators_kept() -> Iterator[None]:
    """Leave the global generators of NumPy and of Python as they were before the `with` block.

    Examples
    --------
    >>> seed(0)
    >>> with generators_kept():
    ...     drawn = np.random.rand()
    >>> drawn == np.random.rand()
    True
    """
    numpy, python = np.random.get_state(), random.getstate()
    try:
        yield
    finally:
        np.random.set_state(numpy)
        random.setstate(python)


def generator_of(state: object) -> np.random.RandomState:
    """A generator that goes on from a state, what ``get_state(legacy=False)`` of another one returned.

    Raises
    ------
    ValueError
        If it is no such state.

    Examples
    --------
    >>> first = np.random.RandomState(0)
    >>> second = generator_of(first.get_state(legacy=False))
    >>> first.rand() == second.rand()
    True
    """
    kind = state.get("bit_generator") if isinstance(state, Mapping) else None
    if kind not in _KINDS:
        raise ValueError(f"the state of a random generator is expected, of one of {', '.join(_KINDS)}, got {kind!r}")
    generator = np.random.RandomState(getattr(np.random, kind)())
    try:
        if kind == "MT19937" and not 0 <= index(state["state"]["pos"]) <= 624:  # type: ignore[index]  # a Mapping
            raise ValueError("its position is outside the 624 numbers")
        generator.set_state(state)  # type: ignore[arg-type]  # checked by it
    except (LookupError, TypeError, ValueError, OverflowError) as error:
        raise ValueError(f"this is no state of a random generator {kind}: {error}") from None
    return generator
