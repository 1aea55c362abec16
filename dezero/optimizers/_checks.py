"""Checks of what optimizers, hooks and schedules are given."""

from __future__ import annotations

import math

import numpy as np


def number(where: str, name: str, value: object, below: float = math.inf) -> float:
    """The value as a float, if it is a number from 0 to below `below`."""
    try:
        found = float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        raise TypeError(f"{where}: {name} wants a number, got {value!r}") from None
    if not 0 <= found < below:  # NaN is refused, too
        raise ValueError(f"{where}: {name} wants a number >= 0" + (f" and < {below:g}" * (below < math.inf))
                         + f", got {value!r}")  # fmt: skip
    return found


def positive(where: str, name: str, value: int) -> int:
    """The value, if it is an integer of at least 1."""
    if not isinstance(value, (int, np.integer)) or value < 1:
        raise ValueError(f"{where}: {name} wants a number of updates, an integer >= 1, got {value!r}")
    return int(value)
