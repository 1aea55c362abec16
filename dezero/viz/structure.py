"""The graph of a computation as plain facts: what every picture is drawn from.

A `Structure` is an immutable snapshot. Values are wires, and Operations are what wires run through; ids count in order
of the computation (``v0, v1 ...``, ``f0, f1 ...``), so the same program gives the same structure. Renderers
are functions of it and look at nothing else.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

__all__ = ["ABSENT", "Entries", "Group", "Kind", "Local", "Numbers", "Operation", "Structure", "Value", "figure"]

ABSENT = "–"  # what stands where a derivative has not been computed yet

Entries = float | int | bool | complex | tuple["Entries", ...]  # nested as the axes are
Kind = Literal["parameter", "input", "constant", "inner", "output"]


def figure(x: complex | float | bool) -> str:
    """A number as pictures show it: six significant digits, so that 220.00000000000003 reads 220.

    Examples
    --------
    >>> figure(100 * 2 * 1.1), figure(1 / 3), figure(-0.0), figure(True)
    ('220', '0.333333', '0', 'True')
    """
    if isinstance(x, bool):
        return str(x)
    if isinstance(x, complex):
        return f"{x:.6g}"
    return f"{x + 0.0:.6g}" if math.isfinite(x) else str(float(x))


@dataclass(frozen=True, slots=True)
class Numbers:
    """What is known of an array: all entries of a small one, a few statistics of a large one."""

    shape: tuple[int, ...]
    dtype: str
    entries: Entries | None = None  # nested tuples, or one number for shape (); None if there are too many
    low: float | None = None  # statistics over the finite entries; None if there are none
    high: float | None = None
    mean: float | None = None
    std: float | None = None
    norm: float | None = None  # Euclidean
    nans: int = 0
    infinities: int = 0
    zeros: int = 0
    histogram: tuple[int, ...] = ()  # counts of equal bins from low to high

    @property
    def size(self) -> int:
        return math.prod(self.shape)


@dataclass(frozen=True, slots=True)
class Value:
    """A wire: the forward value, and the derivative of the result by it."""

    id: str
    kind: Kind
    name: str = ""  # the user's, or a path such as l1/W, or x0; "" for most inner values
    data: Numbers | None = None  # None for a value that is not there yet
    grad: Numbers | None = None  # None: not computed, shown as "–"; constants never get one
    maker: str | None = None  # id of the Operation that it comes from
    group: str = ""  # id of the Group that it is drawn in, "" for none
    order: int = 0  # of the derivative in whose computation it arose; 0 for what the user computed


@dataclass(frozen=True, slots=True)
class Local:
    """The derivative of an operation's output by one operand: what the upstream derivative is multiplied by."""

    formula: str  # in names of the neighbouring wires, or ids of those without one: "tax", "2 v3", "cos(x)", "1"
    value: Numbers | None = None  # only for elementwise operations on small arrays

    def said(self, names: Mapping[str, str]) -> str:
        """The formula with names instead of ids.

        Examples
        --------
        >>> Local("2 v3").said({"v3": "t"})
        '2 t'
        """
        return re.sub(r"\bv\d+\b", lambda found: names.get(found[0], found[0]), self.formula)


@dataclass(frozen=True, slots=True)
class Operation:
    """A Function of the graph."""

    id: str
    kind: str  # the name of the class, such as Mul
    symbol: str  # what a lecture draws into the circle: ×, +, exp, **2
    inputs: tuple[str, ...]  # ids of Values, in the order of the code
    outputs: tuple[str, ...]  # ids of Values; an output that nobody holds has one as well
    detail: str = ""  # settings, such as "axis=1"
    group: str = ""
    order: int = 0
    line: str | None = None  # "train.py:23: y = model(x)", where known
    locals: tuple[Local | None, ...] = ()  # one for each input

    @property
    def called(self) -> str:
        """What sentences call it: its symbol, but a word where that is a formula."""
        return "linear" if self.symbol == "x W + b" else self.symbol or self.kind


@dataclass(frozen=True, slots=True)
class Group:
    """One call of a layer."""

    id: str  # "g0", "g1" ...
    path: str  # "encoder/l1" in the outermost layer; the name of the class for that one itself
    kind: str  # the name of the class
    outer: str = ""  # id of the Group around it, "" for none
    call: int = 0  # 0 for the first call of this layer, 1 for the second ...
    folded: bool = False  # whether its operations were replaced by one Operation, of kind `kind`
    times: int = 1  # how many alike calls one after another this one stands for: "x 12"


@dataclass(frozen=True)
class Structure:
    """Values, operations in the order of the computation, groups, and the ids of the results."""

    values: Mapping[str, Value]
    operations: Mapping[str, Operation]
    groups: Mapping[str, Group] = field(default_factory=dict)
    results: tuple[str, ...] = ()
    title: str = ""
    notice: str = ""  # what was left out or folded, for the reader of the picture

    def places(self, f: Operation) -> dict[str, str]:
        """Words for the nameless operands of an operation, by id: the input, the left one, the right one."""
        n = len(f.inputs)
        words = ("the input",) if n == 1 else ("left", "right") if n == 2 else [f"input {i}" for i in range(1, n + 1)]
        return {v: word for v, word in zip(f.inputs, words) if not self.values[v].name}

    def users(self, value: str) -> tuple[str, ...]:
        """Ids of the operations that take a value, in order; one that takes it twice counts twice."""
        return tuple([f.id for f in self.operations.values() for v in f.inputs if v == value])

    def edges(self) -> tuple[tuple[str, str, int], ...]:
        """(value, operation, position among its operands) and (operation, value, position among its outputs)."""
        found: list[tuple[str, str, int]] = []
        for f in self.operations.values():
            found += [(v, f.id, i) for i, v in enumerate(f.inputs)]
            found += [(f.id, v, i) for i, v in enumerate(f.outputs)]
        return tuple(found)
