"""Schedules: each returns a function from the number of updates done so far to a factor for the step size.

optimizer.schedule = warm_up(100, then=cosine_decay(1000))
"""

from __future__ import annotations

import math

from dezero.optimizers._checks import number, positive
from dezero.optimizers.base import Schedule

__all__ = ["cosine_decay", "exponential_decay", "one_cycle", "step_decay", "warm_up"]


def step_decay(every: int, factor: float = 0.1) -> Schedule:
    """Multiply the rate by factor after each `every` updates.

    Examples
    --------
    >>> [step_decay(2, 0.5)(t) for t in range(5)]
    [1.0, 1.0, 0.5, 0.5, 0.25]
    """
    every, factor = positive("step_decay", "every", every), number("step_decay", "factor", factor)
    return lambda t: float(factor ** (t // every))


def exponential_decay(factor: float) -> Schedule:
    """Multiply the rate by factor after each update.

    Examples
    --------
    >>> [exponential_decay(0.5)(t) for t in range(3)]
    [1.0, 0.5, 0.25]
    """
    factor = number("exponential_decay", "factor", factor)
    return lambda t: float(factor**t)


def cosine_decay(total: int, end: float = 0.0) -> Schedule:
    """Go from 1 down to end along half a cosine within `total` updates, and stay there (Loshchilov and Hutter 2017).

    Examples
    --------
    >>> [round(cosine_decay(4)(t), 3) for t in range(6)]
    [1.0, 0.854, 0.5, 0.146, 0.0, 0.0]
    """
    total, end = positive("cosine_decay", "total", total), number("cosine_decay", "end", end)
    return lambda t: _cosine(1.0, end, t / total)


def warm_up(steps: int, then: Schedule | None = None) -> Schedule:
    """Go up to 1 in equal parts during the first `steps` updates; after that follow `then`, counted from there.

    Examples
    --------
    >>> [warm_up(4, then=exponential_decay(0.5))(t) for t in range(7)]
    [0.25, 0.5, 0.75, 1.0, 1.0, 0.5, 0.25]
    """
    steps = positive("warm_up", "steps", steps)
    if then is not None and not callable(then):
        raise TypeError(f"warm_up: then wants a schedule, a function from the step to a factor, got {then!r}")
    return lambda t: (t + 1) / steps if t < steps else 1.0 if then is None else then(t - steps)


def one_cycle(total: int, rise: float = 0.3, start: float = 0.04, end: float = 4e-6) -> Schedule:
    """Go from start up to 1 in the first part `rise` of `total` updates and down to end in the others (Smith 2018).

    Both ways along half a cosine; lr is the greatest rate.

    Examples
    --------
    >>> [round(one_cycle(11, rise=0.5)(t), 2) for t in (0, 2, 4, 7, 10)]
    [0.04, 0.44, 0.97, 0.57, 0.0]
    """
    last = positive("one_cycle", "total", total) - 1
    top = number("one_cycle", "rise", rise, 1) * total - 1
    return lambda t: _cosine(start, 1.0, t / top) if t < top else _cosine(1.0, end, (t - top) / (last - top))


def _cosine(start: float, end: float, part: float) -> float:
    return end + (start - end) * (1 + math.cos(math.pi * min(part, 1.0))) / 2
