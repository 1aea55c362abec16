"""A kernel: one readable reference, and any number of faster twins that compute the same.

The reference is what one reads, and what runs wherever no twin applies. A twin says for which arguments it stands in,
and what it has earned by that: a measured ratio. The tests run every twin beside its reference.

With the environment variable ``DEZERO_TWINS=0``, or inside ``with references():``, only references run.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, NamedTuple

__all__ = ["KERNELS", "Kernel", "Twin", "kernel", "references"]

_enabled: ContextVar[bool] = ContextVar("twins", default=os.environ.get("DEZERO_TWINS", "1") != "0")


class Twin(NamedTuple):
    """A faster way to compute what a reference computes."""

    function: Callable[..., Any]
    when: Callable[..., bool]  # gets the arguments; whether the twin takes them
    earned: str  # the measurement that pays for it


class Kernel:
    """A function of arrays, computed by the first twin that takes the arguments, and else by the reference.

    Attributes
    ----------
    reference : function
    twins : list of Twin

    Examples
    --------
    >>> @kernel
    ... def double(x):
    ...     return x + x
    >>> @double.twin(when=lambda x: x > 100, earned="an example")
    ... def _shifted(x):
    ...     return x << 1
    >>> double(3), double(300), double.chosen(300).__name__
    (6, 600, '_shifted')
    >>> with references():
    ...     double.chosen(300).__name__
    'double'
    >>> del KERNELS["double"]
    """

    def __init__(self, reference: Callable[..., Any]) -> None:
        self.reference = reference
        self.twins: list[Twin] = []
        self.__doc__, self.__name__ = reference.__doc__, reference.__name__
        self.__module__, self.__wrapped__ = reference.__module__, reference

    def twin(self, when: Callable[..., bool], earned: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
        """Register the decorated function as a twin; a later one is asked before an earlier one."""

        def register(function: Callable[..., Any]) -> Callable[..., Any]:
            self.twins.insert(0, Twin(function, when, earned))
            return function

        return register

    def chosen(self, *args: Any) -> Callable[..., Any]:
        """The function that would compute these arguments."""
        if _enabled.get():
            for twin in self.twins:
                if twin.when(*args):
                    return twin.function
        return self.reference

    def __call__(self, *args: Any) -> Any:
        if _enabled.get():  # as `chosen`, without the call of it
            for function, when, _ in self.twins:
                if when(*args):
                    return function(*args)
        return self.reference(*args)


KERNELS: dict[str, Kernel] = {}


def kernel(reference: Callable[..., Any]) -> Kernel:
    """Make a kernel of its readable reference, and enter it under its name into `KERNELS`.

    That table is the door for compiled twins: a module that brings some calls ``KERNELS["name"].twin(when, earned)``.
    """
    if reference.__name__ in KERNELS and KERNELS[reference.__name__].__module__ != reference.__module__:
        raise ValueError(f"there is a kernel {reference.__name__} already, in {KERNELS[reference.__name__].__module__}")
    KERNELS[reference.__name__] = Kernel(reference)
    return KERNELS[reference.__name__]


@contextmanager
def references() -> Iterator[None]:
    """Compute with references alone inside the `with` block, in this thread or task."""
    token = _enabled.set(False)
    try:
        yield
    finally:
        _enabled.reset(token)
