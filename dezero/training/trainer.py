"""The loop of training, written once: `Trainer`. Its source is its documentation; begin with `fit`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import cast

import numpy as np

from dezero import cuda
from dezero.config import no_grad, test_mode, using_config
from dezero.core import Variable
from dezero.cuda import Array
from dezero.layers import Layer
from dezero.optimizers import Optimizer
from dezero.training.events import check_evaluation, check_fit, check_loader, check_parts, checked, single
from dezero.training.history import History
from dezero.training.meters import Mean, MeanOf, Meter, Metric
from dezero.training.progress import numbers, progress

__all__ = ["Trainer"]


class Trainer:
    """Trains a model, shows how it goes, and tells callbacks about it.

    fit
     |  on_start
     |  for each epoch
     |   |  on_epoch_start
     |   |  for each batch of train
     |   |   |  on_batch_start      trainer.batch is there, and may be changed
     |   |   |      loss and gradients; after `accumulate` batches: hooks of the optimizer, update
     |   |   |  on_batch_end        trainer.loss is there
     |   |      evaluation on valid
     |   |  on_epoch_end            trainer.history has the row of the epoch
     |  on_end                      always, after ctrl-C, too

    Parameters
    ----------
    model : Layer
    optimizer : Optimizer
        It has schedules (``optimizer.schedule``) and clipping (``optimizer.add_hook(ClipGrad(1.0))``).
    loss_fn : function of y and t
        The mean loss of a batch, such as `softmax_cross_entropy`: ln C at first, if the model guesses among C classes.
    metrics : dict, optional
        From name to a meter with ``update(y, t)``, such as ``Accuracy()``, or to a function of y and t.
    accumulate : int
        The gradients of so many batches make one update, that of one large batch. (Batch normalization alone still
        looks at each batch by itself.)
    show : bool
        Whether each epoch has its line, as by `progress`.

    Attributes
    ----------
    history : History of ``epoch, loss, (metrics), val_loss, ..., lr (with a schedule), batches, seconds``
    epoch : int, the number of the running epoch or of the last one, from 1
    stop : bool, set by callbacks that have seen enough; looked at after each batch and each epoch
    meters : dict from name to what was measured last

    Examples
    --------
    >>> import dezero.functions as F
    >>> from dezero import DataLoader, datasets, models, optimizers
    >>> trainer = Trainer(models.MLP((10, 3)), optimizers.Adam(0.02), F.softmax_cross_entropy, show=False)
    >>> list(trainer.fit(DataLoader(datasets.Spiral(), 30), epochs=2))
    ['epoch', 'loss', 'batches', 'seconds']
    """

    batch: object = None
    loss: Variable | None = None

    def __init__(
        self, model: Layer, optimizer: Optimizer, loss_fn: Callable[..., Variable], *,
        metrics: Mapping[str, Metric | Callable] | None = None, accumulate: int = 1, show: bool = True,
    ) -> None:  # fmt: skip
        check_parts(model, optimizer, loss_fn, metrics or {}, accumulate)
        self.model, self.loss_fn, self.accumulate, self.show = model, loss_fn, accumulate, show
        self.optimizer = optimizer.setup(model) if optimizer.target is None else optimizer
        self.metrics = {name: m if isinstance(m, Metric) else MeanOf(m) for name, m in (metrics or {}).items()}
        self.meters: dict[str, Meter] = {"loss": Mean(), **self.metrics}
        self.history, self.epoch, self.stop = History(), 0, False

    def fit(self, train: Iterable, valid: Iterable | None = None, epochs: int = 1, callbacks: Iterable = ()) -> History:
        """Train for so many more epochs, with an evaluation on `valid` after each, and return the history."""
        check_fit(train, valid, epochs)
        self.train, self.stop, self.callbacks = train, False, checked(callbacks)
        last = self.epoch + epochs
        with using_config("train", True), using_config("enable_backprop", True):
            try:
                self._tell("on_start")
                while self.epoch < last and not self.stop:
                    self.epoch += 1
                    self._tell("on_epoch_start")
                    self._run_epoch(f"epoch {self.epoch}/{last}", train, valid)
                    self._tell("on_epoch_end")
            finally:
                self._tell("on_end")
                self.batch = self.loss = None  # the graph behind the last loss may be large
        return self.history

    def _run_epoch(self, name: str, train: Iterable, valid: Iterable | None) -> None:
        self._waiting: list[int] = []  # sizes of the batches whose gradients wait for an update
        ending = partial(self._end_epoch, valid)
        batches = progress(train, name, at_end=ending, show=self.show, **self.meters)  # type: ignore[arg-type]
        try:
            for self.batch in batches:
                self._tell("on_batch_start")
                loss, examples = self._measure(self.batch)
                if not self._waiting:
                    self.model.cleargrads()
                (loss if self.accumulate == 1 else loss * examples).backward()
                self._waiting.append(examples)
                if len(self._waiting) == self.accumulate:
                    self._update()
                self.loss = loss
                self._tell("on_batch_end")
                self.batch = None
                if self.stop:
                    break
        finally:
            if batches.history:  # else the first batch failed, or there was none
                self.history.append(**batches.history.last | {"epoch": self.epoch})
        if not batches.history and self.loss is not None:  # that of an earlier epoch
            raise RuntimeError("Trainer.fit got no batch: an iterator is used up after one epoch; give it a DataLoader")

    def _update(self) -> None:
        if self.accumulate > 1:  # gradients of sums become those of the mean over all the examples
            for p in self.model.params():
                if p.grad is not None:
                    p.grad.data = p.grad.data / sum(self._waiting)
        self.optimizer.update()
        self._waiting = []

    def _end_epoch(self, valid: Iterable | None) -> dict[str, object]:
        if self._waiting:
            self._update()
        found = {} if valid is None else self.evaluate(valid)
        rate = {"lr": self.optimizer.rate} if self.optimizer.schedule else {}
        return {f"val_{name}": value for name, value in found.items()} | rate

    def _measure(self, batch: object) -> tuple[Variable, int]:
        """Return the loss of a batch and its length; loss and metrics go into the meters."""
        xs, t = _parted(batch)
        y = self.model(*xs)
        loss = single(self.loss_fn(y, t))
        cast(Mean, self.meters["loss"]).update(loss, len(t))
        for metric in self.metrics.values():
            metric.update(y, t)
        return loss, len(t)

    def evaluate(self, loader: Iterable) -> dict[str, object]:
        """Return the mean loss and the metrics over a loader: nothing is learned, and nothing dropped."""
        check_evaluation(loader, self.batch)
        for meter in self.meters.values():
            meter.reset()
        with no_grad(), test_mode():
            for batch in loader:
                self._measure(batch)
        return numbers(self.meters)

    def predict(self, data: Iterable) -> np.ndarray:
        """Return what the model says to all examples of a loader, or to an array; targets are not looked at."""
        with no_grad(), test_mode():
            if isinstance(data, Variable) or cuda.is_array(data):
                return cuda.as_numpy(self.model(data))
            check_loader("Trainer.predict", data)
            return np.concatenate([cuda.as_numpy(self.model(*_parted(batch)[0])) for batch in data])

    def _tell(self, event: str) -> None:
        for callback in self.callbacks:
            if hasattr(callback, event):
                getattr(callback, event)(self)


def _parted(batch: object) -> tuple[list, Array]:
    """Inputs and target of a batch: (x, t), (x0, x1, t), or a lone array, which is its own target."""
    *xs, t = batch if isinstance(batch, (tuple, list)) else (batch, batch)
    return xs, t
