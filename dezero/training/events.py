"""What `Trainer` tells its callbacks, and when, as in its picture; and what it refuses before it begins."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from operator import index

from dezero import cuda
from dezero.core import Variable
from dezero.datasets import Dataset
from dezero.layers import Layer
from dezero.optimizers import Optimizer

__all__ = ["EVENTS", "check_evaluation", "check_fit", "check_loader", "check_parts", "checked", "single"]

EVENTS = ("on_start", "on_epoch_start", "on_batch_start", "on_batch_end", "on_epoch_end", "on_end")


def checked(callbacks: Iterable) -> list:
    """Return a list of the callbacks, if they are such: each with one of the six events, and no other ``on_...``.

    Raises
    ------
    TypeError
        If they are no list, or one of them is a class or has no event.
    ValueError
        If one has an event that there is not.
    """
    if not isinstance(callbacks, Iterable):
        raise TypeError(f"Trainer.fit expects a list of callbacks, got {_named(callbacks)}: write [...] around it")
    found = list(callbacks)
    for callback in found:
        if isinstance(callback, type):
            raise TypeError(f"Trainer.fit expects a callback, got the class {callback.__name__}: make one, "
                            f"{callback.__name__}(...)")  # fmt: skip
        name = type(callback).__name__
        events = [event for event in dir(callback) if event.startswith("on_")]
        if not events:
            raise TypeError("Trainer.fit expects callbacks with methods such as on_epoch_end(self, trainer), got "
                            f"{name}")  # fmt: skip
        if unknown := [event for event in events if event not in EVENTS]:
            raise ValueError(f"{name} has {unknown[0]}, which is no event of Trainer: these are {', '.join(EVENTS)}")
    return found


def check_parts(model: Layer, optimizer: Optimizer, loss_fn: Callable, metrics: Mapping, accumulate: int) -> None:
    """Refuse what cannot be trained together.

    Raises
    ------
    TypeError
        If one of them is of another kind.
    ValueError
        If the optimizer is set up with another model, a metric has the name of the loss, or accumulate is below 1.
    """
    if not isinstance(model, Layer):
        raise TypeError(f"Trainer expects a model first, got {_named(model)}")
    if not isinstance(optimizer, Optimizer):
        raise TypeError(f"Trainer expects an optimizer after the model, such as Adam(0.001), got {_named(optimizer)}")
    if optimizer.target is not None and not {*map(id, optimizer.target.params())} & {*map(id, model.params())}:
        raise ValueError("Trainer: the optimizer is set up with another model, of whose parameters this one has none")
    if not callable(loss_fn):
        raise TypeError(f"Trainer expects a function of y and t as loss_fn, got {_named(loss_fn)}")
    if not isinstance(metrics, Mapping):
        raise TypeError(f"Trainer expects metrics as a dict, such as {{'acc': Accuracy()}}, got {_named(metrics)}")
    if "loss" in metrics:
        raise ValueError("Trainer measures the loss itself: give the metric 'loss' another name")
    for name, metric in metrics.items():
        if isinstance(metric, type):
            raise TypeError(f"Trainer expects a meter or a function as {name}, got {_named(metric)}: make one, "
                            f"{metric.__name__}()")  # fmt: skip
    if not isinstance(accumulate, int) or accumulate < 1:
        raise ValueError(f"Trainer expects to accumulate the gradients of 1 batch or more, got {accumulate!r}")


def check_loader(where: str, loader: object) -> None:
    """Refuse what gives no batches.

    Raises
    ------
    TypeError
        If it is a data set, an array, or nothing to go through.
    """
    if isinstance(loader, (Dataset, Variable)) or cuda.is_array(loader):
        whole = "dataset" if isinstance(loader, Dataset) else "ArrayDataset(x, t)"
        raise TypeError(f"{where} expects batches, got {_named(loader)}: DataLoader({whole}, batch_size=32) cuts them")
    if not isinstance(loader, Iterable) and not hasattr(type(loader), "__getitem__"):
        raise TypeError(f"{where} expects batches, most often a DataLoader, got {_named(loader)}")


def check_fit(train: Iterable, valid: Iterable | None, epochs: int) -> None:
    """Refuse what gives no batches, and what is no number of epochs.

    Raises
    ------
    TypeError, ValueError
        As `check_loader`; if epochs is no whole number, or below 0.
    """
    check_loader("Trainer.fit", train)
    if valid is not None:
        check_loader("Trainer.fit", valid)
    try:
        possible = index(epochs) >= 0
    except TypeError:
        raise TypeError(f"Trainer.fit expects a whole number of epochs, got {epochs!r}") from None
    if not possible:
        raise ValueError(f"Trainer.fit expects 0 epochs or more, got {epochs!r}")


def check_evaluation(loader: Iterable, batch: object) -> None:
    """Refuse what gives no batches, and an evaluation in the midst of an epoch.

    Raises
    ------
    TypeError
        As `check_loader`.
    RuntimeError
        If a batch is under way: the meters hold what was measured in its epoch, and would be reset.
    """
    check_loader("Trainer.evaluate", loader)
    if batch is not None:
        raise RuntimeError("Trainer.evaluate has the meters of the epoch under way, and would reset them: call it in "
                           "on_epoch_end or after fit, or make a second Trainer for it")  # fmt: skip


def single(loss: Variable) -> Variable:
    """Return a loss, if it is one number.

    Raises
    ------
    TypeError, ValueError
        If it is no Variable, or of several numbers.
    """
    if not isinstance(loss, Variable):
        raise TypeError(f"Trainer expects a Variable from loss_fn, got {_named(loss)}")
    if loss.size != 1:
        raise ValueError(f"Trainer expects one number from loss_fn, the mean over the batch, got shape {loss.shape}")
    return loss


def _named(x: object) -> str:
    return f"the class {x.__name__}" if isinstance(x, type) else "None" if x is None else type(x).__name__
