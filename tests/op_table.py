"""The table of operations: one row each, from which all tests of the operation follow (`test_ops.py`).

A row names our function, an oracle that shares no code with it, and samples. An argument of a sample that is a tuple of
integers stands for a random array of that shape, by which derivatives are taken; wrap what is no such shape in `fixed`.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from dezero import Variable


@dataclass(frozen=True)
class fixed:  # reads as a word in the rows
    """An argument that is handed over as it is."""

    value: object


@dataclass(frozen=True)
class Sample:
    arguments: tuple
    options: dict
    domain: tuple[float, float] | None = None  # of the random arrays, where it differs from the row's

    def __str__(self) -> str:
        parts = [str(a.value if isinstance(a, fixed) else a) for a in self.arguments]
        return ", ".join(parts + [f"{k}={v}" for k, v in self.options.items()]).replace("\n", "")


def at(*arguments: object, domain: tuple[float, float] | None = None, **options: object) -> Sample:
    """A sample: shapes of random arrays, and options of the function."""
    return Sample(arguments, options, domain)


@dataclass(frozen=True)
class Error:
    """Arguments that a function refuses: the exception, and its text or the beginning of it."""

    arguments: tuple
    options: dict
    kind: type[Exception]
    text: str


def error(*arguments: object, kind: type[Exception], text: str, **options: object) -> Error:
    return Error(arguments, options, kind, text)


@dataclass(frozen=True)
class Op:
    """A row of the table.

    Parameters
    ----------
    function : ours, of Variables
    oracle : of float64 arrays, NumPy or written naively
    samples : list of `at(...)`
    domain : range of the random arrays; keep away from kinks and poles by more than 0.001
    order : how many derivatives are checked; 0 for a function that has none
    torch : ``lambda t, *xs, **options`` with t the module torch; None where torch has no such function
    elementwise : also try shapes (), (0,), (1,), (2, 0, 3), (1, 3, 1) and the special values
    special : values at which an elementwise function is compared with the oracle beside the usual ones
    dtypes : floating dtypes that come out as they went in; () for a function that answers with other numbers
    exact : whether forward equals the oracle bit by bit in float64 (else to 1e-12)
    errors : list of `error(...)`
    """

    function: Callable
    oracle: Callable
    samples: list[Sample]
    domain: tuple[float, float] = (-2.0, 2.0)
    order: int = 2
    torch: Callable | None = None
    elementwise: bool = False
    special: tuple[float, ...] = (0.0, -0.0, 1.0, -1.0, np.inf, -np.inf, np.nan, 1e300, -1e300, 1e-300)
    dtypes: tuple[str, ...] = ("float16", "float32", "float64")
    tolerance: dict[str, float] = field(default_factory=lambda: {"float16": 4e-3, "float32": 2e-6})
    exact: bool = False
    errors: list[Error] = field(default_factory=list)
    name: str = ""  # where one function has several rows

    def __str__(self) -> str:
        return self.function.__name__ + (f"-{self.name}" if self.name else "")

    def arrays(self, sample: Sample, dtype: str = "float64", seed: int = 0) -> list:
        """The arguments of a sample, with random arrays for the shapes; the same ones on every run."""
        rng = np.random.default_rng(zlib.crc32(f"{self} {sample} {seed}".encode()))
        low, high = sample.domain or self.domain
        arguments: list = []
        for argument in sample.arguments:
            if isinstance(argument, fixed):
                value = argument.value
                floating = isinstance(value, np.ndarray) and value.dtype.kind == "f"
                arguments.append(value.astype(dtype) if floating else value)
            elif isinstance(argument, tuple):
                arguments.append(np.asarray(rng.uniform(low, high, argument), dtype=dtype))
            else:
                arguments.append(argument)
        return arguments

    def all_samples(self) -> list[Sample]:
        """The row's samples, and the shapes that every elementwise function must bear."""
        if not self.elementwise:
            return self.samples
        shapes = [(), (0,), (1,), (2, 0, 3), (1, 3, 1)]
        first = self.samples[0]
        n = sum(isinstance(a, tuple) for a in first.arguments)
        return self.samples + [at(*[s] * n, *first.arguments[n:], **first.options) for s in shapes]


def differentiable(sample: Sample) -> list[int]:
    """Which arguments of a sample are random arrays."""
    return [i for i, argument in enumerate(sample.arguments) if isinstance(argument, tuple)]


def apply(function: Callable, sample: Sample, arguments: list) -> list[Variable]:
    """The outputs of the function as a list."""
    y = function(*arguments, **sample.options)
    return list(y) if isinstance(y, (list, tuple)) else [y]


def ops() -> list[Op]:
    """All rows."""
    from tests.op_rows import (
        activation,
        attention,
        conv,
        core,
        linalg,
        loss,
        math,
        normalization,
        random,
        recurrent,
        reduction,
        shape,
    )  # fmt: skip

    topics = [core, math, shape, reduction, linalg, activation, attention, loss, normalization, random, recurrent, conv]
    return [row for topic in topics for row in topic.ROWS]
