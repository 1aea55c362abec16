"""What ``python -m dezero demo`` does: a small network learns to read digits, and shows what it learned.

`ConvNet` and `learn` are how a network is trained with dezero, start to end; `draw_training`, `draw_misread` and
`draw_backpropagation` make the pictures. The words around them are in ``dezero/__main__.py``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from importlib import import_module
from pathlib import Path
from time import perf_counter
from typing import NamedTuple

import numpy as np

import dezero.functions as F
import dezero.layers as L
from dezero.config import no_grad, test_mode
from dezero.core import Operand, Variable
from dezero.dataloaders import DataLoader
from dezero.datasets import MNIST, Dataset, Digits
from dezero.models import Model
from dezero.optimizers import Adam, one_cycle
from dezero.transforms import Compose, Normalize, ToFloat
from dezero.viz import graph
from dezero.viz.engines import available

__all__ = [
    "ConvNet", "Epoch", "Plan", "data", "draw_backpropagation", "draw_misread", "draw_training", "learn", "plans",
    "read",
]  # fmt: skip

BLUE, ORANGE, GREY = "#0072B2", "#D55E00", "#B0B0B0"  # told apart by the colour-blind (Okabe and Ito 2008)


# -- learning --------------------------------------------------------------------------------------


class Plan(NamedTuple):
    """How long and in which batches to learn from a data set."""

    epochs: int
    batch_size: int


class Epoch(NamedTuple):
    """One pass through the data, as it went."""

    losses: list[float]  # of each batch
    train: float  # the part of the images read right while learning, dimensionless
    test: float  # the part of the held-out images read right afterwards, dimensionless
    seconds: float

    @property
    def loss(self) -> float:
        """The mean over the batches."""
        return sum(self.losses) / len(self.losses)


plans = {"digits": Plan(epochs=12, batch_size=32), "mnist": Plan(epochs=3, batch_size=100)}


class ConvNet(Model):
    """Two convolutions and one affine layer, for images of digits.

    Examples
    --------
    >>> model = ConvNet()
    >>> model(np.zeros((5, 1, 8, 8), dtype=np.float32)).shape
    (5, 10)
    >>> model
    ConvNet: 6,090 parameters
      conv1: Conv2d(16, kernel_size=3, pad=1): W (16, 1, 3, 3), b (16,): 160 parameters
      conv2: Conv2d(32, kernel_size=3, pad=1): W (32, 16, 3, 3), b (32,): 4,640 parameters
      fc: Linear(10): W (128, 10), b (10,): 1,290 parameters
    """

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = L.Conv2d(16, kernel_size=3, pad=1)
        self.conv2 = L.Conv2d(32, kernel_size=3, pad=1)
        self.fc = L.Linear(10)

    def forward(self, x: Operand) -> Variable:
        x = F.relu(F.pooling(self.conv1(x), 2, 2))
        x = F.relu(F.pooling(self.conv2(x), 2, 2))
        return self.fc(F.dropout(F.flatten(x), 0.3))


def data(name: str) -> tuple[Dataset, Dataset]:
    """Return images to learn from and images held out, x of shape (1, H, W), float32, 0 (paper) to 1 (ink).

    Parameters
    ----------
    name : {"digits", "mnist"}

    Raises
    ------
    RuntimeError
        If MNIST is not there and cannot be downloaded.
    """
    if name == "digits":
        return Digits(train=True), Digits(train=False)
    images = Compose([ToFloat(), Normalize(0.0, 255.0)])
    return MNIST(train=True, transform=images), MNIST(train=False, transform=images)


def learn(
    model: Model,
    train: Dataset,
    test: Dataset,
    plan: Plan,
    show: Callable[[int, float, float], object] = lambda epoch, part, loss: None,
) -> Iterator[Epoch]:
    """Train a model, and yield after each epoch how it went.

    Parameters
    ----------
    model : Model
        From images of shape (N, C, H, W) to scores of shape (N, classes).
    train, test : Dataset
        To learn from, and to look at only.
    plan : Plan
    show : function of epoch, part and loss
        Called after each batch with the number of the epoch, from 1, the part of it that is done, and the batch's loss.

    Examples
    --------
    >>> np.random.seed(0)
    >>> train, test = data("digits")
    >>> [epoch] = learn(ConvNet(), train[:64], test, Plan(epochs=1, batch_size=32))
    >>> len(epoch.losses)
    2
    """
    loader = DataLoader(train, plan.batch_size)
    optimizer = Adam(0.01).setup(model)
    optimizer.schedule = one_cycle(plan.epochs * len(loader))
    for number in range(1, plan.epochs + 1):
        start, losses, right = perf_counter(), [], 0
        for x, t in loader:
            y = model(x)
            loss = F.softmax_cross_entropy(y, t)
            model.cleargrads()
            loss.backward()
            optimizer.update()
            losses.append(float(loss))
            right += int((y.data.argmax(axis=1) == t).sum())
            show(number, len(losses) / len(loader), losses[-1])
        held_out = float((read(model, test).argmax(axis=1) == np.asarray(test.label)).mean())
        yield Epoch(losses, right / len(train), held_out, perf_counter() - start)


def read(model: Model, dataset: Dataset) -> np.ndarray:
    """Return the probability that the model gives each class for each image, shape (N, classes)."""
    with no_grad(), test_mode():
        return np.concatenate([F.softmax(model(x)).data for x, _ in DataLoader(dataset, 500, shuffle=False)])


# -- pictures --------------------------------------------------------------------------------------


def draw_training(history: Sequence[Epoch], path: Path) -> None:
    """Draw loss and accuracy over the epochs into a file; ImportError without matplotlib."""
    figure = _figure(9, 3.8)
    left, right = figure.subplots(1, 2)
    n = len(history)
    batches = len(history[0].losses)
    ends = np.arange(1, n + 1)
    left.plot(np.arange(1, n * batches + 1) / batches, [loss for epoch in history for loss in epoch.losses],
              color=GREY, linewidth=0.8, label="each batch")  # fmt: skip
    # what is measured all through an epoch stands at its middle
    left.plot(
        ends - 0.5, [epoch.loss for epoch in history], color=BLUE, marker="o", markersize=4, label="mean of the epoch"
    )
    left.set(title="Loss", ylabel="cross entropy")
    right.plot(ends - 0.5, [100 * epoch.train for epoch in history], color=BLUE, marker="o", markersize=4,
               label="while learning")  # fmt: skip
    right.plot(ends, [100 * epoch.test for epoch in history], color=ORANGE, marker="o", markersize=4,
               label=f"held-out images: {history[-1].test:.2%} in the end".replace("%", " %"))  # fmt: skip
    right.set(title="Read right", ylabel="%")
    for axes in (left, right):
        axes.set(xlabel="epoch", xlim=(0, n + n / 40))
        axes.xaxis.get_major_locator().set_params(integer=True)
        axes.grid(alpha=0.3, linewidth=0.6)
        axes.spines[["top", "right"]].set_visible(False)
        axes.legend(frameon=False, loc="upper center", bbox_to_anchor=(0.5, -0.18), ncols=2, fontsize=9)
    left.set_ylim(bottom=0)
    right.set_ylim(top=100.5)
    figure.savefig(path, dpi=150)


def draw_misread(model: Model, test: Dataset, path: Path) -> int:
    """Draw the images that a model reads wrongly, the surest mistakes first, with the probabilities that it gives.

    Parameters
    ----------
    model : Model
    test : Dataset
        Of images of shape (1, H, W).
    path : Path

    Returns
    -------
    int
        How many are on the page: 30 at most. Without any, there is no page.

    Raises
    ------
    ImportError
        Without matplotlib.
    """
    images, labels = np.asarray(test.data), np.asarray(test.label)
    probabilities = read(model, test)
    answers = probabilities.argmax(axis=1)
    wrong = np.flatnonzero(answers != labels)
    wrong = wrong[np.argsort(-probabilities[wrong].max(axis=1), kind="stable")]
    shown = wrong[:30]
    if not len(shown):
        return 0
    columns = min(max(len(shown), 3), 6)
    rows = -(-len(shown) // columns)
    width, height = 1.5 * columns, 0.6 + 2 * rows
    figure = _figure(width, height)
    some = "" if len(shown) == len(wrong) else f"; here the {len(shown)} surest mistakes"
    # the empty line makes room for the smaller one
    figure.suptitle(f"{len(wrong):,} of {len(labels):,} held-out images read wrongly{some}\n", fontsize=11)
    legend = "Bars: probability of each digit; orange: its answer, blue: the right one"
    figure.text(0.5, 1 - 0.31 / height, legend, fontsize=8, ha="center", va="center")
    grid = figure.add_gridspec(2 * rows, columns, height_ratios=[3, 1] * rows)
    for k, i in enumerate(shown):
        row, column = divmod(k, columns)
        top, bottom = (figure.add_subplot(grid[2 * row + half, column]) for half in (0, 1))
        top.imshow(images[i, 0], cmap="gray_r")
        top.set_title(f"{labels[i]}, read as {answers[i]}", fontsize=10)
        top.set(xticks=[], yticks=[], anchor="S")
        colors = [ORANGE if c == answers[i] else BLUE if c == labels[i] else GREY for c in range(10)]
        bottom.bar(range(10), probabilities[i], color=colors)
        bottom.set(ylim=(0, 1), yticks=[])
        bottom.set_xticks(range(10), [str(c) for c in range(10)], fontsize=7)
        bottom.tick_params(length=0)
        bottom.spines[["top", "right", "left"]].set_visible(False)
    figure.savefig(path, dpi=150)
    return len(shown)


def draw_backpropagation(model: Model, dataset: Dataset, folder: Path) -> list[Path]:
    """Draw one backpropagation, from the loss of one image to all weights, and return the paths of the files.

    What flows is on the wires: of each array the shape and a summary, and of each derivative. The files are
    ``backpropagation.svg`` and, where Graphviz or pygraphviz is installed, ``backpropagation.png``.
    """
    x, t = next(DataLoader(dataset, 1, shuffle=False))
    loss = F.softmax_cross_entropy(model(Variable(x, name="image")), Variable(t, name="label"))
    loss.name = "loss"
    model.cleargrads()
    loss.backward()
    picture = graph(loss, model=model, direction="TB")
    kinds = [".svg", ".png"] if available() else [".svg"]
    return [picture.save(folder / f"backpropagation{kind}") for kind in kinds]


def _figure(width: float, height: float):
    """A figure of so many inches, apart from the windows and the state of pyplot."""
    return import_module("matplotlib.figure").Figure(figsize=(width, height), layout="constrained")
