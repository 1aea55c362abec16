"""Hooks: what happens to the gradients before an update."""

from __future__ import annotations

import math

import numpy as np

from dezero.core import Parameter
from dezero.optimizers._checks import number
from dezero.optimizers.base import Target, check_members, params_of

__all__ = ["ClipGrad", "ClipGradValue", "FreezeParam", "WeightDecay"]


class WeightDecay:
    """Hook: add rate times the parameter to its gradient, the gradient of rate / 2 times the sum of squares.

    Examples
    --------
    >>> from dezero.optimizers import SGD
    >>> optimizer = SGD(lr=0.1)
    >>> optimizer.add_hook(WeightDecay(1e-4))
    """

    def __init__(self, rate: float) -> None:
        self.rate = number("WeightDecay", "rate", rate)

    def __call__(self, params: list[Parameter]) -> None:
        for p in params:
            if p.grad is not None:
                p.grad.data += self.rate * p.data


class ClipGrad:
    """Hook: shorten all gradients by one factor if their common Euclidean length is greater than max_norm.

    Attributes
    ----------
    norm : float
        The length before the latest update; for a look at how training goes.
    """

    def __init__(self, max_norm: float) -> None:
        self.max_norm, self.norm = number("ClipGrad", "max_norm", max_norm), 0.0

    def __call__(self, params: list[Parameter]) -> None:
        gradients = [p.grad for p in params if p.grad is not None]
        self.norm = math.hypot(*[float(np.linalg.norm(g.data)) for g in gradients])
        factor = self.max_norm / (self.norm + 1e-6)  # the book's and PyTorch's
        if factor < 1:
            for g in gradients:
                g.data *= factor


class ClipGradValue:
    """Hook: bring every element of every gradient into the range from -max_value to max_value."""

    def __init__(self, max_value: float) -> None:
        self.max_value = number("ClipGradValue", "max_value", max_value)

    def __call__(self, params: list[Parameter]) -> None:
        for p in params:
            if p.grad is not None:
                np.clip(p.grad.data, -self.max_value, self.max_value, out=p.grad.data)


class FreezeParam:
    """Hook: forget the gradients of some layers or Parameters, so that they keep their values (transfer learning).

    ``layer.freeze()`` is the plain way; this one belongs to one optimizer.

    Raises
    ------
    TypeError
        For anything but layers and Parameters.
    """

    def __init__(self, *layers: Target | Parameter) -> None:
        check_members("FreezeParam", layers)
        self.layers = layers

    def __call__(self, params: list[Parameter]) -> None:
        for p in params_of(self.layers):
            p.grad = None
