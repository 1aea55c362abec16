"""Hooks: what happens to the gradients before an update."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable

import numpy as np

from dezero import cuda
from dezero.core import Parameter
from dezero.optimizers._checks import number
from dezero.optimizers.base import SKIP, Target, check_members, params_of

__all__ = ["CheckGrads", "ClipGrad", "ClipGradValue", "FreezeParam", "WeightDecay"]


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


class CheckGrads:
    """Hook: look for NaN and infinity in the gradients, before they get into the parameters.

    Add it before the others, so that these see sound gradients only.

    Parameters
    ----------
    what : "raise" or "skip"
        Whether to stop with an error, or to leave out the update: parameters, state and number of steps stay as they
        are. A warning comes with the first such update.

    Attributes
    ----------
    skipped : int
        The number of updates that were left out.

    Raises
    ------
    ValueError
        For another word than these two.

    Examples
    --------
    >>> from dezero.layers import Linear
    >>> from dezero.optimizers import SGD
    >>> optimizer = SGD(Linear(1), lr=0.1)
    >>> optimizer.add_hook(CheckGrads("skip"))
    """

    tells_paths = True

    def __init__(self, what: str = "raise") -> None:
        if what not in ("raise", "skip"):
            raise ValueError(f"CheckGrads knows 'raise' and 'skip', got {what!r}")
        self.what, self.skipped = what, 0

    def __call__(self, params: list[Parameter], path_of: Callable[[Parameter], str | None] | None = None) -> object:
        found = [p for p in params if p.grad is not None and not _finite(p.grad.data)]
        if not found:
            return None
        path = (found[0].name if path_of is None else path_of(found[0])) or "a parameter"
        text = (f"CheckGrads: {len(found)} of {len(params)} gradients are not finite, the first is that of {path} "
                f"{_unsound(found[0])}")  # fmt: skip
        if self.what == "raise":
            raise RuntimeError(f"{text}. Nothing was updated; a smaller lr or ClipGrad may help, and dezero.debug() "
                               "finds the operation")  # fmt: skip
        if not self.skipped:
            warnings.warn(f"{text}. The update is left out, as later ones will be, without a word; `skipped` counts "
                          "them", RuntimeWarning, stacklevel=3)  # fmt: skip
        self.skipped += 1
        return SKIP


def _finite(g: cuda.Array) -> bool:
    with np.errstate(all="ignore"):
        total = g.sum()  # needs no array of its own; it may overflow, and then each element is looked at
    return bool(np.isfinite(total)) or bool(np.isfinite(g).all())


def _unsound(p: Parameter) -> str:
    g = p.grad.data  # type: ignore[union-attr]  # it has one
    nans = int(np.isnan(g).sum())
    infinite = int(np.isinf(g).sum())
    counts = [f"{n:,} {what}" for n, what in ((nans, "NaN"), (infinite, "infinite")) if n]
    return f"{p.shape}, with {' and '.join(counts)} of {g.size:,} elements"


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
