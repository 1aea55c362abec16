"""Comfort for training: progress, meters, a history, and a trainer; the explicit loop stays the main way.

>>> import numpy as np
>>> import dezero.functions as F
>>> from dezero import DataLoader
>>> from dezero.datasets import Spiral
>>> from dezero.models import MLP
>>> from dezero.optimizers import SGD
>>> np.random.seed(0)
>>> loader, model = DataLoader(Spiral(), batch_size=30), MLP((10, 3))
>>> optimizer = SGD(1.0).setup(model)
>>> batches = progress(loader, loss=lambda: loss, show=False)
>>> for epoch in range(2):
...     for x, t in batches:
...         loss = F.softmax_cross_entropy(model(x), t)
...         model.cleargrads()
...         loss.backward()
...         optimizer.update()
>>> len(batches.history["loss"])
2
"""

from dezero.training.callbacks import Checkpoint, EarlyStopping
from dezero.training.checkpoints import load_checkpoint, save_checkpoint
from dezero.training.finder import RateCurve, lr_find
from dezero.training.history import CSVLogger, History, JSONLinesLogger, TensorBoardLogger
from dezero.training.meters import Accuracy, ConfusionMatrix, Mean, MeanOf, Meter, TopK
from dezero.training.pictures import plot_boundary, plot_confusion, plot_filters, plot_history, plot_mistakes
from dezero.training.progress import progress
from dezero.training.trainer import Trainer

__all__ = [
    "Accuracy", "CSVLogger", "Checkpoint", "ConfusionMatrix", "EarlyStopping", "History", "JSONLinesLogger", "Mean",
    "MeanOf", "Meter", "RateCurve", "TensorBoardLogger", "TopK", "Trainer", "load_checkpoint", "lr_find",
    "plot_boundary", "plot_confusion", "plot_filters", "plot_history", "plot_mistakes", "progress", "save_checkpoint",
]  # fmt: skip
