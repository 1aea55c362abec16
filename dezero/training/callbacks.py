"""Callbacks of `Trainer`: objects with methods such as ``on_epoch_end(self, trainer)``."""

from __future__ import annotations

import math
import os

from dezero.core import Variable
from dezero.cuda import Array
from dezero.training.checkpoints import load_checkpoint, save_checkpoint
from dezero.training.history import History, direction
from dezero.training.trainer import Trainer
from dezero.utils.files import FilePath

__all__ = ["Checkpoint", "EarlyStopping"]


class EarlyStopping:
    """Stops the training when a number has not become better for some epochs, and brings back the best weights.

    The best weights come back whenever `fit` ends: stopped by this, after all its epochs, by ctrl-C or by an error.
    They are parameters and buffers; the state of the optimizer stays that of the end.

    Parameters
    ----------
    monitor : str
        The name of a number in ``trainer.history``.
    patience : int
        After how many epochs without a better one to stop.
    min_delta : float
        By how much it must become better to be worth waiting for, in its own unit. What is best is best by any amount.
    mode : {"min", "max"}, optional
        What is better. Names such as ``val_loss`` and ``acc`` say it themselves.
    restore_best : bool

    Attributes
    ----------
    best : float or None
        The best number, before which there is none.
    best_epoch : int
        The epoch that it comes from.

    Raises
    ------
    ValueError
        If patience is below 1, or mode is needed.

    Examples
    --------
    >>> EarlyStopping("val_acc", patience=3)
    EarlyStopping: val_acc (max), patience 3
    """

    def __init__(
        self,
        monitor: str = "val_loss",
        patience: int = 5,
        *,
        min_delta: float = 0.0,
        mode: str | None = None,
        restore_best: bool = True,
    ) -> None:
        if patience < 1:
            raise ValueError(f"EarlyStopping expects a patience of 1 epoch or more, got {patience!r}")
        self.monitor, self.patience, self.min_delta, self.restore_best = monitor, patience, min_delta, restore_best
        self.mode = direction(monitor, mode)
        self._begin()

    def __repr__(self) -> str:
        return f"EarlyStopping: {self.monitor} ({self.mode}), patience {self.patience}"

    def _begin(self) -> None:
        self.best: float | None = None
        self.best_epoch = self._waited = 0
        self._mark: float | None = None  # the last number that was worth waiting for
        self._weights: list[tuple[Variable, Array]] = []

    def on_start(self, trainer: Trainer) -> None:
        """Begin anew."""
        self._begin()

    def on_epoch_end(self, trainer: Trainer) -> None:
        """Look at the number.

        Raises
        ------
        KeyError
            If the history has no such number.
        """
        row = {name: value for name, value in trainer.history.last.items() if value is not None}
        if self.monitor not in row and trainer.stop:  # an epoch that was stopped before its evaluation
            return
        if self.monitor not in row:
            hint = ": give fit a valid loader" if self.monitor.startswith("val_") else ""
            raise KeyError(f"EarlyStopping looks for {self.monitor!r}, and the history has "
                           f"{', '.join(row)}{hint}")  # fmt: skip
        number = float(row[self.monitor])  # type: ignore[arg-type]  # a History holds numbers
        if self._gain(number, self.best) > 0:
            self.best, self.best_epoch = number, trainer.epoch
            if self.restore_best:
                variables = [v for _, v in (*trainer.model.named_params(), *trainer.model.named_buffers())]
                self._weights = [(v, v.data.copy()) for v in variables if v.data is not None]
        if self._gain(number, self._mark) > self.min_delta:
            self._mark, self._waited = number, 0
        else:
            self._waited += 1
            trainer.stop = trainer.stop or self._waited >= self.patience

    def on_end(self, trainer: Trainer) -> None:
        """Bring back the best weights."""
        for variable, data in self._weights:
            variable.data = data
        self._weights = []

    def _gain(self, value: float, before: float | None) -> float:
        """By how much a value is better than an earlier one; NaN never is."""
        if before is None:
            return -math.inf if math.isnan(value) else math.inf
        return before - value if self.mode == "min" else value - before


class Checkpoint:
    """Saves the training into one file, at the end of each epoch and, if asked for, within epochs too.

    Parameters
    ----------
    path : str or path
    updates : int, optional
        After how many updates of the optimizer to save within an epoch.

    Raises
    ------
    ValueError
        If updates is below 1.

    Notes
    -----
    A run that was killed and goes on from its last checkpoint ends with the weights that it would have had, to the last
    bit. In the history, the epoch that was cut has the means of its rest. An `EarlyStopping` begins anew.

    Examples
    --------
    >>> import tempfile
    >>> import numpy as np
    >>> import dezero.functions as F
    >>> from dezero import DataLoader, datasets, models, optimizers
    >>> def run(folder, epochs):
    ...     trainer = Trainer(models.MLP((10, 3)), optimizers.Adam(0.02), F.softmax_cross_entropy, show=False)
    ...     loader, checkpoint = DataLoader(datasets.Spiral(), 30), Checkpoint(f"{folder}/run.npz")
    ...     checkpoint.resume(trainer, loader)
    ...     return trainer.fit(loader, epochs=epochs - trainer.epoch, callbacks=[checkpoint])
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     run(folder, epochs=2)["epoch"], run(folder, epochs=3)["epoch"]
    ([1, 2], [1, 2, 3])
    """

    def __init__(self, path: FilePath, *, updates: int | None = None) -> None:
        if updates is not None and updates < 1:
            raise ValueError(f"Checkpoint expects to save after 1 update or more, got {updates!r}")
        self.path, self.updates = path, updates
        self._steps = 0  # updates before the last look

    def resume(self, trainer: Trainer, train: object) -> bool:
        """Go on from the file, if it is there, and return whether it is.

        Parameters
        ----------
        trainer : Trainer
            As new, with model, optimizer and schedule as before.
        train : DataLoader
            The one for `fit`, which then goes on with the rest of the epoch: ``epochs=10 - trainer.epoch`` makes 10 in
            all.

        Raises
        ------
        ValueError
            If the file is damaged or does not fit; nothing was changed then.
        """
        if not os.path.exists(self.path):
            return False
        more = load_checkpoint(self.path, model=trainer.model, optimizer=trainer.optimizer, loader=train)
        trainer.epoch, trainer.history = more["epoch"], History(more["history"])  # type: ignore[assignment, arg-type]  # as saved
        return True

    def on_epoch_start(self, trainer: Trainer) -> None:
        """Note where the optimizer stands: the last update of an epoch comes after its last batch."""
        self._steps = trainer.optimizer.steps

    def on_batch_end(self, trainer: Trainer) -> None:
        """Save after so many updates; at the end of an epoch `on_epoch_end` does it."""
        steps, before = trainer.optimizer.steps, self._steps
        self._steps = steps
        last = getattr(trainer.train, "iteration", None) == getattr(trainer.train, "max_iter", math.inf)
        if self.updates is not None and steps > before and not steps % self.updates and not last:
            self._save(trainer, trainer.epoch - 1)

    def on_epoch_end(self, trainer: Trainer) -> None:
        """Save."""
        self._save(trainer, trainer.epoch)

    def _save(self, trainer: Trainer, epoch: int) -> None:
        save_checkpoint(
            self.path,
            model=trainer.model,
            optimizer=trainer.optimizer,
            loader=trainer.train,
            epoch=epoch,
            history=dict(trainer.history),
        )
