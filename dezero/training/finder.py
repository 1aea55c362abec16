"""The learning-rate finder: try all step sizes in one short run, from tiny ones to those at which the loss explodes.

Leslie Smith, "Cyclical Learning Rates for Training Neural Networks", 2017, section 3.3.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from dezero.core import Operand, Variable
from dezero.dataloaders import DataLoader
from dezero.layers import Layer
from dezero.optimizers import Optimizer
from dezero.seeding import generators_kept
from dezero.training.events import check_loader
from dezero.training.pictures import BLUE, GREY, ORANGE, calm, new_figure

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["RateCurve", "lr_find"]


@dataclass(frozen=True)
class RateCurve:
    """What `lr_find` found: the loss that each step size led to.

    Attributes
    ----------
    rates : ndarray, shape (n,)
        The step sizes that were tried, rising.
    losses : ndarray, shape (n,)
        The loss of the batch before the update with that step size.
    smoothed : ndarray, shape (n,)
        An average of the losses around, in which the nearest ones count most.
    suggestion : float or None
        The step size at which the loss fell fastest; None if it did not fall. A good value for `lr` to begin with.
    stopped : str
        Why it ended, in words.
    """

    rates: np.ndarray = field(repr=False)
    losses: np.ndarray = field(repr=False)
    smoothed: np.ndarray = field(repr=False)
    suggestion: float | None
    stopped: str

    def plot(self) -> Figure:
        """Draw the losses over the step sizes, with the suggested one marked.

        Returns
        -------
        matplotlib.figure.Figure

        Raises
        ------
        ImportError
            Without matplotlib.
        """
        figure = new_figure(6.4, 4.0)
        axes = figure.add_subplot()
        axes.plot(self.rates, self.losses, color=GREY, alpha=0.45, linewidth=0.8, label="loss of each batch")
        axes.plot(self.rates, self.smoothed, color=BLUE, linewidth=1.8, label="smoothed")
        if self.suggestion is not None:
            height = float(np.interp(math.log(self.suggestion), np.log(self.rates), self.smoothed))
            axes.axvline(self.suggestion, color=ORANGE, linewidth=0.8, linestyle=":")
            axes.plot(
                self.suggestion, height, "o", color=ORANGE, markersize=8, label=f"suggestion: {self.suggestion:.2g}"
            )
        low, start = float(self.smoothed.min()), float(self.smoothed[0])
        room = max(start - low, 0.05 * abs(start), 1e-12)
        axes.set_ylim(low - 0.3 * room, start + 0.8 * room)  # what explodes would flatten all that matters
        axes.set(xscale="log", xlabel="step size (lr)", ylabel="loss")
        axes.set_title("how far one can step", loc="left", fontsize=11)
        axes.legend(frameon=False, fontsize=9)
        calm(axes)
        return figure


def lr_find(
    model: Layer,
    optimizer: Optimizer,
    loss_fn: Callable[[Variable, Operand], Variable],
    loader: Iterable,
    *,
    start: float = 1e-6,
    end: float = 10.0,
    steps: int = 100,
    explosion: float = 4.0,
    smoothing: float = 4.0,
) -> RateCurve:
    """Train a copy of a model for a few steps, each longer than the one before, and say which step size is good.

    All works on copies: model, optimizer, loader and the state of NumPy's global generator are afterwards what they
    were, so that the training that follows is the same with and without.

    Parameters
    ----------
    model : model
        ``loss_fn(model(x), t)`` is the loss.
    optimizer : Optimizer
        Set up with the model. Parameter groups keep the ratio of their rates to `lr`; its schedule is not followed.
    loss_fn : function from y and t to a loss
        Such as ``F.softmax_cross_entropy``; the mean over the batch.
    loader : loader
        Gives batches (x, t) and can be gone through again and again: a `DataLoader`, or a list of batches.
    start, end : float
        The smallest and the largest step size.
    steps : int
        How many are tried, at equal ratios. If an epoch has fewer batches, another one begins.
    explosion : float
        The run ends when the smoothed loss is so many times the best one, or is no finite number.
    smoothing : float
        How far the average reaches, in steps: the standard deviation of its bell-shaped weights; 0 for no smoothing.

    Returns
    -------
    RateCurve
        Its ``suggestion`` is the answer, and ``plot()`` shows it.

    Raises
    ------
    TypeError
        If the loader can be gone through only once, or does not give pairs (x, t).
    ValueError
        If a number is out of its range, there is no batch, the first loss is not finite, or the loss explodes before
        there is a curve.
    RuntimeError
        If the optimizer is not set up with this model.

    Examples
    --------
    >>> import dezero.functions as F
    >>> from dezero.datasets import Spiral
    >>> from dezero.models import MLP
    >>> from dezero.optimizers import Adam
    >>> loader, model = DataLoader(Spiral(), 30, seed=0), MLP((10, 3))
    >>> curve = lr_find(model, Adam(model), F.softmax_cross_entropy, loader)
    >>> 0.005 < curve.suggestion < 0.5
    True
    """
    _check(start, end, steps, explosion, smoothing)
    if optimizer.target is not model:
        raise RuntimeError("lr_find expects an optimizer that is set up with this model: call optimizer.setup(model)")
    check_loader("lr_find", loader)
    if isinstance(loader, Iterator) and not isinstance(loader, DataLoader):
        raise TypeError(f"lr_find expects a loader, or a list of batches, got {type(loader).__name__}, which can be "
                        "gone through only once")  # fmt: skip
    rates = start * (end / start) ** (np.arange(steps) / (steps - 1))
    with generators_kept():
        # one copy of both, so that the optimizer's copy belongs to the model's
        twin, stepper = copy.deepcopy((model, optimizer))
        losses, stopped = _run(twin, stepper, loss_fn, _endless(_twin(loader)), rates, explosion)
    n = len(losses)
    if n < 10:
        raise ValueError(f"lr_find: the loss explodes within {n} step{'s' * (n != 1)}, before there is a curve; begin "
                         f"lower than start={start:g}")  # fmt: skip
    smoothed = _smooth(np.array(losses), smoothing)
    return RateCurve(rates[:n], np.array(losses), smoothed, _steepest(rates[:n], smoothed), stopped)


def _check(start: float, end: float, steps: int, explosion: float, smoothing: float) -> None:
    if not 0 < start < end < math.inf:
        raise ValueError(f"lr_find expects 0 < start < end, got start={start!r} and end={end!r}")
    if not isinstance(steps, (int, np.integer)) or steps < 10:
        raise ValueError(f"lr_find expects 10 steps or more, to see a curve, got {steps!r}")
    if not explosion > 1:
        raise ValueError(f"lr_find expects an explosion of more than 1 times the best loss, got {explosion!r}")
    if not 0 <= smoothing < math.inf:
        raise ValueError(f"lr_find expects smoothing over 0 steps or more, got {smoothing!r}")


def _twin(loader: Iterable) -> Iterable:
    """A loader that gives the same batches, and leaves the passes of the other alone."""
    if not isinstance(loader, DataLoader):
        return loader
    twin = copy.copy(loader)
    twin.load_state_dict(loader.state_dict())  # which replaces what the two would else share
    return twin


def _endless(loader: Iterable) -> Iterator:
    while True:
        empty = True
        for batch in loader:
            empty = False
            yield batch
        if empty:
            return


def _run(
    model: Layer,
    optimizer: Optimizer,
    loss_fn: Callable[[Variable, Operand], Variable],
    batches: Iterator,
    rates: np.ndarray,
    explosion: float,
) -> tuple[list[float], str]:
    """The losses, and why the run ended."""
    base = optimizer.lr
    if not base > 0:
        raise ValueError(f"lr_find expects an optimizer with lr above 0, got {base!r}")
    losses: list[float] = []
    average, best = 0.0, math.inf
    for i, rate in enumerate(rates):
        batch = next(batches, None)
        if batch is None:
            raise ValueError("lr_find: the loader has no batch")
        x, t = _pair(batch)
        loss = loss_fn(model(x), t)
        value = float(loss.data)
        if not math.isfinite(value):
            if i:
                return losses, f"the loss became {value} after the step of {rates[i - 1]:.2g}"
            raise ValueError(f"lr_find: the loss of the first batch is {value}, before any step: look at the data and "
                             "the weights, the step size is not at fault")  # fmt: skip
        average = 0.9 * average + 0.1 * value
        now = average / (1 - 0.9 ** (i + 1))  # the first average would else lean to 0
        losses.append(value)
        best = min(best, now)
        if now > explosion * best and best > 0:
            return losses, f"the loss exploded at {rate:.2g}"
        model.cleargrads()
        loss.backward()
        factor = float(rate) / base
        optimizer.schedule = lambda step, factor=factor: factor
        optimizer.update()
    return losses, f"all {len(rates)} step sizes were tried"


def _pair(batch: object) -> tuple:
    if not isinstance(batch, (tuple, list)) or len(batch) != 2:
        raise TypeError(f"lr_find expects batches (x, t), got {type(batch).__name__}"
                        + (f" of {len(batch)}" if isinstance(batch, (tuple, list)) else ""))  # fmt: skip
    return tuple(batch)


def _smooth(losses: np.ndarray, smoothing: float) -> np.ndarray:
    """An average that looks as far ahead as back: one that only looks back would show each rate's effect too late."""
    if not smoothing:
        return losses
    calm = np.minimum(losses, 2 * losses[: max(len(losses) // 5, 1)].mean())  # the last can be beyond all measure
    steps = np.arange(len(losses))
    weights = np.exp(-0.5 * ((steps[:, None] - steps) / smoothing) ** 2)
    return weights @ calm / weights.sum(axis=1)


def _steepest(rates: np.ndarray, smoothed: np.ndarray) -> float | None:
    """Where the loss falls fastest over the logarithm of the rate, on the way to its minimum."""
    lowest = int(smoothed.argmin())
    if lowest < 2 or smoothed[lowest] > 0.98 * smoothed[0]:
        return None
    slope = np.gradient(smoothed[: lowest + 1], np.log(rates[: lowest + 1]))
    return float(rates[int(slope.argmin())])
