"""What ``python -m dezero train`` does: a network learns a known data set, and leaves a folder with all about it.

The loop is in `_Run.learn`, and is the one that you would write yourself. `load_run` brings the trained network back.
"""

from __future__ import annotations

import argparse
import copy
import json
import math
import os
import shlex
import signal
import sys
import textwrap
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, fields
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import Any, NamedTuple

import numpy as np

import dezero.functions as F
import dezero.layers as L
from dezero import cuda, datasets, optimizers
from dezero import transforms as T
from dezero.config import no_grad, test_mode
from dezero.core import Operand, Variable
from dezero.dataloaders import DataLoader
from dezero.datasets import Dataset
from dezero.models import Model, Sequential, SmallResNet18
from dezero.optimizers import Optimizer
from dezero.seeding import seed
from dezero.training.checkpoints import load_checkpoint, save_checkpoint
from dezero.training.finder import lr_find
from dezero.training.history import History
from dezero.training.meters import ConfusionMatrix
from dezero.training.pictures import plot_boundary, plot_confusion, plot_filters, plot_mistakes
from dezero.training.progress import progress
from dezero.utils.files import replacing

__all__ = ["LeNet", "Settings", "add_to", "load_run", "make_model", "train"]

HELD_BACK = 0.1  # the part of the training data by which the best weights are chosen
WITHIN = 300.0  # seconds between two checkpoints within an epoch
BETWEEN = 1.0  # seconds between two of them at the end of an epoch: short ones would else wait for the disk most of all
FILES = ("config.json", "checkpoint.npz", "best.npz", "log.csv")
PICTURES = ("curve.png", "confusion.png", "mistakes.png", "boundary.png", "filters.png", "lr.png")

Say = Callable[[str], object]


# -- what there is to choose from ------------------------------------------------------------------


class Task(NamedTuple):
    """A data set, and how long and in which batches to learn it unless somebody says otherwise."""

    make: Callable[[bool], Dataset]
    shape: tuple[int, ...]  # of an example
    classes: int
    epochs: int
    batch_size: int
    augment: T.Compose | None  # random changes that leave the class what it is
    about: str


def _images(kind: type[Dataset], *arguments: Any) -> Callable[[bool], Dataset]:
    prepared = T.Compose([T.ToFloat(), T.Normalize(*arguments)])
    return lambda train: kind(train=train, transform=prepared)


TASKS = {
    "digits": Task(
        _images(datasets.Digits, 0.0, 16.0), (1, 8, 8), 10, 15, 32, T.Compose([T.RandomCrop(8, pad=1)]),
        "8 x 8 pixels; comes along",
    ),
    "spiral": Task(
        lambda train: datasets.Spiral(train=train), (2,), 3, 200, 30, None, "points of 3 classes; comes along"
    ),
    "mnist": Task(
        _images(datasets.MNIST, 0.0, 255.0), (1, 28, 28), 10, 5, 100, T.Compose([T.RandomCrop(28, pad=2)]),
        "digits, 28 x 28 pixels, 12 MB to download once",
    ),
    "fashion": Task(
        _images(datasets.FashionMNIST, 0.0, 255.0), (1, 28, 28), 10, 8, 100,
        T.Compose([T.RandomCrop(28, pad=2), T.RandomHorizontalFlip()]), "clothes, 28 x 28 pixels, 31 MB",
    ),
    "cifar10": Task(
        _images(datasets.CIFAR10, [125.3, 123.0, 113.9], [63.0, 62.1, 66.7]), (3, 32, 32), 10, 10, 128,
        T.Compose([T.RandomCrop(32, pad=4), T.RandomHorizontalFlip()]), "photographs, 32 x 32 pixels, 170 MB",
    ),
}  # fmt: skip

OPTIMIZERS: dict[str, tuple[type[Optimizer], float]] = {  # with a step size that suits most networks here
    "adam": (optimizers.Adam, 0.005),
    "adamw": (optimizers.AdamW, 0.005),
    "nadam": (optimizers.NAdam, 0.005),
    "sgd": (optimizers.SGD, 0.1),
    "momentum": (optimizers.MomentumSGD, 0.05),
    "adagrad": (optimizers.AdaGrad, 0.02),
    "rmsprop": (optimizers.RMSprop, 0.001),
    "adadelta": (optimizers.AdaDelta, 1.0),
}

SCHEDULES: dict[str, Callable[[int], Callable[[int], float] | None]] = {  # of the number of all updates
    "one-cycle": optimizers.one_cycle,
    "cosine": optimizers.cosine_decay,
    "step": lambda total: optimizers.step_decay(max(total // 3, 1)),
    "constant": lambda total: None,
}


class LeNet(Model):
    """LeNet-5: two convolutions, each with a pooling, and three affine layers; 61,706 parameters for MNIST.

    With ReLU and max pooling, as it is built today. Images of 28 x 28 pixels get a border of 2, those of 8 x 8 one
    before each convolution.

    Parameters
    ----------
    n_classes : int
    size : int
        Of an image's side, in pixels; 8 or more.

    References
    ----------
    LeCun, Bottou, Bengio & Haffner, "Gradient-Based Learning Applied to Document Recognition", 1998, section II.B.

    Examples
    --------
    >>> model = LeNet()
    >>> model(np.zeros((1, 1, 28, 28), np.float32)).shape
    (1, 10)
    >>> f"{sum(p.data.size for p in model.params()):,}"
    '61,706'
    """

    def __init__(self, n_classes: int = 10, size: int = 28) -> None:
        super().__init__()
        self.conv1 = L.Conv2d(6, kernel_size=5, pad=2 if size < 32 else 0)
        self.conv2 = L.Conv2d(16, kernel_size=5, pad=2 if size < 16 else 0)
        self.fc1 = L.Linear(120)
        self.fc2 = L.Linear(84)
        self.fc3 = L.Linear(n_classes)

    def forward(self, x: Operand) -> Variable:
        x = F.pooling(F.relu(self.conv1(x)), 2, 2)
        x = F.pooling(F.relu(self.conv2(x)), 2, 2)
        return self.fc3(F.relu(self.fc2(F.relu(self.fc1(F.flatten(x))))))


def _mlp(shape: tuple[int, ...], classes: int) -> Model:
    return Sequential(F.flatten, L.Linear(100), F.relu, L.Linear(100), F.relu, L.Linear(classes))


MODELS: dict[str, tuple[Callable[[tuple[int, ...], int], Model], bool, str]] = {  # whether for images only
    "mlp": (_mlp, False, "two hidden layers of 100"),
    "lenet": (lambda shape, classes: LeNet(classes, shape[-1]), True, "LeNet-5, a small convolutional network"),
    "resnet18": (lambda shape, classes: SmallResNet18(classes), True, "11 million parameters, slow without a GPU"),
}


def make_model(model: str, dataset: str) -> Model:
    """Make a new network by the names of the command line.

    Parameters
    ----------
    model : {"mlp", "lenet", "resnet18"}
    dataset : {"digits", "spiral", "mnist", "fashion", "cifar10"}

    Raises
    ------
    ValueError
        If there is no such model or data set, or they do not fit.

    Examples
    --------
    >>> make_model("mlp", "spiral")(np.zeros((5, 2), np.float32)).shape
    (5, 3)
    """
    for name, known in ((dataset, TASKS), (model, MODELS)):
        if name not in known:
            raise ValueError(f"make_model expects one of {', '.join(known)}, got {name!r}")
    make, images_only, _ = MODELS[model]
    task = TASKS[dataset]
    if images_only and len(task.shape) != 3:
        fitting = ", ".join([name for name, (_, images, _) in MODELS.items() if not images])
        raise ValueError(f"{model} is for images, and the examples of {dataset} are {task.shape[0]} numbers: choose "
                         f"--model {fitting}, or another data set")  # fmt: skip
    return make(task.shape, task.classes)


# -- what was asked for ----------------------------------------------------------------------------


@dataclass
class Settings:
    """What a run is about; ``config.json`` in its folder."""

    dataset: str
    model: str
    epochs: int
    batch_size: int
    optimizer: str
    lr: float | str  # or "find"
    schedule: str
    seed: int
    augment: bool
    workers: int
    gpu: bool


def add_to(commands: Any) -> None:
    """Add the command ``train`` to the subparsers of an argument parser."""
    about = "train a network on a known data set; leave weights, log, checkpoint and pictures in a folder"
    options = commands.add_parser(
        "train",
        help=about,
        description=textwrap.fill(f"{about[0].upper()}{about[1:]}.", 78)
        + "\n\nWithout any option, a small network learns the digits that come along.",
        formatter_class=argparse.RawTextHelpFormatter,
        epilog="""\
examples:
  python -m dezero train                                 digits, in seconds
  python -m dezero train --dataset mnist --model lenet   the classic
  python -m dezero train --optimizer sgd --lr find       the step size is found
  python -m dezero train --resume --out DIR              go on after ctrl-C
  python -m dezero train --resume --out DIR --epochs 30  go on for longer""",
    )
    what = options.add_argument_group("what to learn")
    what.add_argument(
        "--dataset", choices=TASKS, metavar="NAME",
        help=_listed({name: task.about for name, task in TASKS.items()}, "digits"),
    )  # fmt: skip
    what.add_argument(
        "--model", choices=MODELS, metavar="NAME",
        help=_listed({name: about for name, (_, _, about) in MODELS.items()}, "mlp"),
    )  # fmt: skip
    how = options.add_argument_group("how to learn it")
    epochs = ", ".join([f"{task.epochs} for {name}" for name, task in TASKS.items()])
    how.add_argument(
        "--epochs", type=_at_least(1), metavar="N", help=_wrapped(f"passes through the data (default: {epochs})")
    )
    how.add_argument("--batch-size", type=_at_least(1), metavar="N", help="examples in a step (default: 30 to 128)")
    how.add_argument(
        "--optimizer", choices=OPTIMIZERS, metavar="NAME", help=_wrapped(f"{', '.join(OPTIMIZERS)} (default: adam)")
    )
    how.add_argument(
        "--lr", type=_rate, metavar="X",
        help=_wrapped("size of a step, such as 0.01; or the word find, which tries all sizes in a short run and takes "
                      "a good one (default: depends on the optimizer)"),
    )  # fmt: skip
    how.add_argument(
        "--schedule", choices=SCHEDULES, metavar="NAME",
        help=_listed({"one-cycle": "the size of a step goes up, then down to 0", "cosine": "down to 0",
                      "step": "a tenth after each third of the run", "constant": "it stays"}, "one-cycle"),
    )  # fmt: skip
    how.add_argument(
        "--augment", action="store_true", default=None,
        help=_wrapped("shift the images at random, and flip them where that makes sense, as if there were more"),
    )  # fmt: skip
    how.add_argument("--seed", type=_at_least(0, 2**32 - 1), metavar="N", help="same seed, same numbers (default: 0)")
    how.add_argument(
        "--workers", type=_at_least(0), metavar="N", help="threads that prepare batches ahead (default: 0)"
    )
    how.add_argument("--gpu", action="store_true", default=None, help="compute on the GPU, by CuPy")
    where = options.add_argument_group("where it is kept")
    where.add_argument("--out", type=Path, metavar="DIR", help="the folder (default: dezero-train/DATASET-MODEL)")
    where.add_argument(
        "--resume", action="store_true",
        help=_wrapped("go on with the run in that folder, from its last checkpoint; nothing else needs to be said"),
    )  # fmt: skip
    where.add_argument("--overwrite", action="store_true", help="begin anew in a folder that has a run")


def _listed(choices: dict[str, str], default: str) -> str:
    """The choices for the help, one in a line."""
    width = max(map(len, choices)) + 2
    return "\n".join([*[f"{name:{width}}{about}" for name, about in choices.items()], f"(default: {default})"])


def _wrapped(text: str) -> str:
    return textwrap.fill(text, 58)


def _at_least(least: int, most: int | None = None) -> Callable[[str], int]:
    def read(text: str) -> int:
        if not text.isdecimal() or not least <= int(text) <= (int(text) if most is None else most):
            limits = f"of at least {least}" if most is None else f"from {least} to {most}"
            raise argparse.ArgumentTypeError(f"expects a whole number {limits}, got {text!r}")
        return int(text)

    return read


def _rate(text: str) -> float | str:
    if text == "find":
        return text
    with suppress(ValueError):
        if 0 < float(text) < math.inf:
            return float(text)
    raise argparse.ArgumentTypeError(f"expects a number above 0, such as 0.01, or the word find, got {text!r}")


class _Refused(Exception):
    """Why a run cannot begin or go on, in words, and the exit status: 2 if the arguments are at fault."""

    def __init__(self, why: str, status: int = 2) -> None:
        super().__init__(why)
        self.status = status


def _settle(given: argparse.Namespace) -> tuple[Settings, Path]:
    """Settings and folder, from what the command line says and, when a run goes on, from its folder."""
    asked = {f.name: getattr(given, f.name) for f in fields(Settings) if getattr(given, f.name) is not None}
    dataset, model = asked.get("dataset", "digits"), asked.get("model", "mlp")
    out = given.out or Path("dezero-train") / f"{dataset}-{model}"
    if given.resume:
        return _saved_settings(out, asked), out
    try:
        make_model(model, dataset)
    except ValueError as error:
        raise _Refused(str(error)) from None
    task = TASKS[dataset]
    optimizer = asked.get("optimizer", "adam")
    usual: dict[str, Any] = {
        "epochs": task.epochs, "batch_size": task.batch_size, "lr": OPTIMIZERS[optimizer][1], "schedule": "one-cycle",
        "seed": 0, "augment": False, "workers": 0, "gpu": False,
    }  # fmt: skip
    settings = Settings(**usual | asked | {"dataset": dataset, "model": model, "optimizer": optimizer})
    if settings.augment and task.augment is None:
        able = ", ".join([name for name, task in TASKS.items() if task.augment is not None])
        raise _Refused(f"--augment is for {able}; {dataset} has no such changes")
    return settings, out


def _saved_settings(out: Path, asked: dict[str, Any]) -> Settings:
    try:
        saved = json.loads((out / "config.json").read_text(encoding="utf-8"))
        settings = Settings(**saved)
        if settings.dataset not in TASKS or settings.model not in MODELS or settings.optimizer not in OPTIMIZERS:
            raise ValueError("names that are not known here")
    except FileNotFoundError:
        raise _Refused(f"there is no run to resume in {out}: no config.json. --out says in which folder") from None
    except (OSError, ValueError, TypeError) as error:
        raise _Refused(f"cannot read {out / 'config.json'} ({error})") from None
    for name, value in asked.items():
        if name == "epochs" or (name == "lr" and value == "find") or value == getattr(settings, name):
            continue
        if name != "workers":
            option = "--" + name.replace("_", "-")
            raise _Refused(f"the run in {out} has {option} {getattr(settings, name)}, and goes on with that: leave out "
                           f"{option} {value}, or begin a new run without --resume in another --out")  # fmt: skip
    settings.epochs, settings.workers = asked.get("epochs", settings.epochs), asked.get("workers", settings.workers)
    return settings


# -- the command -----------------------------------------------------------------------------------


def train(given: argparse.Namespace, say: Say) -> int:
    """Do what the arguments of `add_to` say.

    Parameters
    ----------
    given : Namespace
        What the command line says.
    say : function of a line
        Such as print.

    Returns
    -------
    int
        Exit status: 0 if all is done; 130 after ctrl-C, with a checkpoint; 1 or 2 if there is nothing to train, or a
        file cannot be read or written, which a sentence on stderr explains.
    """
    try:
        settings, out = _settle(given)
        _look_into(out, given.resume, given.overwrite)
        try:
            run = _Run(settings, out, say)
            return run.whole(given.resume)
        except BrokenPipeError:
            raise
        except OSError as error:
            raise _Refused(f"cannot read or write {error.filename or out}: {error.strerror or error}", 1) from error
    except _Refused as refusal:
        sys.stderr.write(f"python -m dezero train: {refusal}\n")
        return refusal.status


def _look_into(out: Path, resume: bool, overwrite: bool) -> None:
    """Refuse a folder before anything is computed, and not when all is learned."""
    if resume:
        if not (out / "checkpoint.npz").is_file():
            raise _Refused(f"the run in {out} has no checkpoint.npz yet, it was stopped too early: begin it again with "
                       "--overwrite instead of --resume")  # fmt: skip
        return
    there = [name for name in FILES if (out / name).exists()]
    if there and not overwrite:
        raise _Refused(f"{out} has a run already ({', '.join(there)}): go on with it by --resume, choose another "
                       "folder with --out, or begin anew with --overwrite")  # fmt: skip
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _Refused(f"cannot make the folder {out} ({error.strerror}): choose another with --out", 1) from error
    if not os.access(out, os.W_OK):
        raise _Refused(f"cannot write into the folder {out}: choose another with --out", 1)


class _Tally:
    """A mean that is shown by `progress`, and survives that an epoch is broken off and resumed."""

    def __init__(self) -> None:
        self.total, self.count = 0.0, 0

    @property
    def value(self) -> float:
        return self.total / self.count if self.count else math.nan

    def add(self, total: float, count: int) -> None:
        self.total += total
        self.count += count

    def reset(self) -> None:
        """Nothing: an epoch makes new ones."""


class _Run:
    """One training: the data, the network, and what is known of them so far."""

    def __init__(self, settings: Settings, out: Path, say: Say) -> None:
        self.settings, self.out, self.say = settings, out, say
        self.task = TASKS[settings.dataset]
        if settings.gpu and not cuda.gpu_enable:
            raise _Refused("there is no GPU to compute on, or no CuPy: python -m dezero doctor says more")
        try:
            whole, self.test = self.task.make(True), self.task.make(False)
        except RuntimeError as error:  # it says what to place where
            raise _Refused(f"{error}\nWithout any download: --dataset digits, or spiral", 1) from error
        except ValueError as error:
            raise _Refused(str(error), 1) from error
        seed(settings.seed)
        changed = copy.copy(whole)
        if settings.augment and self.task.augment is not None:
            changed.transform = T.Compose([self.task.augment, whole.transform])
        parts = [1 - HELD_BACK, HELD_BACK]
        self.train, _ = datasets.split(changed, parts, seed=settings.seed)
        _, self.valid = datasets.split(whole, parts, seed=settings.seed)
        self.names = list(whole.labels().values()) if hasattr(whole, "labels") else None

        self.model = make_model(settings.model, settings.dataset)
        with no_grad(), test_mode():
            self.model(DataLoader(self.valid, 2, shuffle=False).next()[0])  # draws the weights
        if settings.gpu:
            self.model.to_gpu()
        rate = 1.0 if settings.lr == "find" else float(settings.lr)
        self.optimizer = OPTIMIZERS[settings.optimizer][0](lr=rate).setup(self.model)
        self.loader = DataLoader(self.train, settings.batch_size, gpu=settings.gpu, num_workers=settings.workers)
        self.optimizer.schedule = SCHEDULES[settings.schedule](settings.epochs * len(self.loader))

        self.history = History()
        self.epoch = 0  # how many are done
        self.part: dict[str, float] = {}  # what was counted in the epoch under way
        self.best: dict[str, float] = {}
        self.best_model: Model | None = None  # with weights that are not in best.npz yet
        self.saved = perf_counter()

    # -- from start to end -------------------------------------------------------------------------

    def whole(self, resume: bool) -> int:
        """Train, judge and draw; returns the exit status."""
        if resume:
            self._resume()
        self._introduce(resume)
        if not resume:
            for name in (*FILES, *PICTURES):  # those of a run that is to be overwritten
                (self.out / name).unlink(missing_ok=True)
            if self.settings.lr == "find":
                self._find_rate()
            self._write("config.json", json.dumps(asdict(self.settings), indent=2) + "\n")
            self._save()  # so that there is something to resume, whatever happens
        if not self.learn():
            return 130
        self._judge()
        return 0

    def _introduce(self, resume: bool) -> None:
        s, n = self.settings, sum([p.data.size for p in self.model.params()])
        lr = "lr to be found" if s.lr == "find" else f"lr {s.lr:g}"
        self.say(f"""\
data   {s.dataset}: {len(self.train):,} examples to learn from, {len(self.valid):,} to choose the best weights by (val),
       {len(self.test):,} to judge by in the end (test){"; changed at random while learning" if s.augment else ""}
model  {s.model}, {n:,} parameters
steps  {s.optimizer}, {lr}, {s.schedule}; batches of {s.batch_size}, seed {s.seed}{", on the GPU" if s.gpu else ""}
""")
        if resume:
            self.say(f"Going on with the run in {self.out}, {self._place()}.\n")
        else:
            classes = self.task.classes
            self.say(f"A loss of {math.log(classes):.2f} is that of guessing among {classes} classes. To stop: ctrl-C, "
                     "a checkpoint is kept.\n")  # fmt: skip

    def _place(self) -> str:
        epochs = self.settings.epochs
        return f"within epoch {self.epoch + 1} of {epochs}" if self.part else f"after {self.epoch} of {epochs} epochs"

    def learn(self) -> bool:
        """Train for the epochs that are left; returns whether nobody stopped it."""
        with _stoppable() as stop, np.errstate(over="ignore", invalid="ignore"):  # a loss of nan is seen below
            while self.epoch < self.settings.epochs:
                part, self.part = self.part, {}
                loss_of, right = _Tally(), _Tally()
                loss_of.add(part.get("loss", 0.0), int(part.get("count", 0)))
                right.add(part.get("right", 0.0), int(part.get("count", 0)))
                start = perf_counter() - part.get("seconds", 0.0)
                row: dict[str, object] = {}
                name = f"epoch {self.epoch + 1:{len(str(self.settings.epochs))}}/{self.settings.epochs}"
                shown = progress(self.loader, name, at_end=partial(self._validate, row), loss=loss_of, acc=right)
                for x, t in shown:
                    y = self.model(x)
                    loss = F.softmax_cross_entropy(y, t)
                    self.model.cleargrads()
                    loss.backward()
                    self.optimizer.update()

                    value = float(loss.data)
                    if not math.isfinite(value):
                        raise _Refused(f"the loss became {value} in epoch {self.epoch + 1}: the steps are too long. "
                                       "Begin again with --overwrite and a smaller --lr than "
                                       f"{self.optimizer.lr:g}, or with --lr find", 1)  # fmt: skip
                    loss_of.add(value * len(t), len(t))
                    right.add(float((y.data.argmax(axis=1) == t).sum()), len(t))
                    ended = self.loader.iteration >= len(self.loader)  # then the end of the epoch saves
                    if not ended and (stop or perf_counter() - self.saved > WITHIN):
                        self.part = {"loss": loss_of.total, "right": right.total, "count": loss_of.count,
                                     "batches": self.loader.iteration, "seconds": perf_counter() - start}  # fmt: skip
                        self._save()
                        if stop:
                            break
                if stop and self.part:
                    break
                self.part = {}
                self.epoch += 1
                self.history.append(epoch=self.epoch, loss=loss_of.value, acc=right.value, **row,
                                    lr=self.optimizer.rate, seconds=round(perf_counter() - start, 3))  # fmt: skip
                found: float = self.history["val_loss"][-1]
                if not self.best or found < self.best["val_loss"]:
                    self.best, self.best_model = {"epoch": self.epoch, "val_loss": found}, copy.deepcopy(self.model)
                if stop or self.epoch == self.settings.epochs or perf_counter() - self.saved > BETWEEN:
                    self._save()
                if stop:
                    break
        if self.epoch < self.settings.epochs:
            self._say_stopped()
            return False
        return True

    def _validate(self, row: dict[str, object]) -> dict[str, object]:
        """Measure on what was held back; into `row`, which is returned."""
        loss_of, right = _Tally(), _Tally()
        with no_grad(), test_mode():
            for x, t in DataLoader(self.valid, 500, shuffle=False, gpu=self.settings.gpu):
                y = self.model(x)
                loss_of.add(float(F.softmax_cross_entropy(y, t).data) * len(t), len(t))
                right.add(float((y.data.argmax(axis=1) == t).sum()), len(t))
        row |= {"val_loss": loss_of.value, "val_acc": right.value}
        return row

    def _find_rate(self) -> None:
        curve = lr_find(self.model, self.optimizer, F.softmax_cross_entropy, self.loader)
        if curve.suggestion is None:
            raise _Refused("the finder saw no step size at which the loss falls: give one with --lr", 1)
        self.settings.lr = self.optimizer.lr = float(f"{curve.suggestion:.2g}")
        self.say(f"Step size found: --lr {self.settings.lr:g}, where the loss falls fastest.\n")
        with suppress(ImportError):
            curve.plot().savefig(self.out / "lr.png")

    # -- files -------------------------------------------------------------------------------------

    def _save(self) -> None:
        if self.best_model is not None:
            self.best_model.save_weights(self.out / "best.npz")
            self.best_model = None
        self.history.to_csv(self.out / "log.csv")
        save_checkpoint(
            self.out / "checkpoint.npz", model=self.model, optimizer=self.optimizer, loader=self.loader,
            epoch=self.epoch, part=self.part, best=self.best, history=dict(self.history),
            settings=asdict(self.settings),
        )  # fmt: skip
        self.saved = perf_counter()

    def _resume(self) -> None:
        path = self.out / "checkpoint.npz"
        try:
            found: Any = load_checkpoint(path, model=self.model, optimizer=self.optimizer, loader=self.loader)
            self.epoch, self.part, self.best = found["epoch"], found["part"], found["best"]
            self.history = History(found["history"])
        except (ValueError, TypeError, RuntimeError, KeyError) as error:
            raise _Refused(f"cannot go on with the run in {self.out}: {error}", 1) from error
        if self.settings.epochs < self.epoch:
            raise _Refused(f"the run in {self.out} has done {self.epoch} epochs already, more than --epochs "
                           f"{self.settings.epochs}")  # fmt: skip
        self._write("config.json", json.dumps(asdict(self.settings), indent=2) + "\n")

    def _write(self, name: str, text: str) -> None:
        with replacing(self.out / name) as file:
            file.write(text.encode())

    # -- the end -----------------------------------------------------------------------------------

    def _say_stopped(self) -> None:
        self.say(f"\nStopped {self._place()}. All is kept in {self.out}. To go on as if nothing had happened:\n\n    "
                 + self._command())  # fmt: skip

    def _command(self, *more: str) -> str:
        return shlex.join(["python", "-m", "dezero", "train", "--resume", "--out", str(self.out), *more])

    def _judge(self) -> None:
        """Look at the test data, once, with the best weights; name all files."""
        self.model.load_weights(self.out / "best.npz")
        scores = self._scores()
        labels = np.asarray(self.test.label, np.int64)
        confusion = ConfusionMatrix(self.names or self.task.classes)
        confusion.update(scores, labels)
        epoch = int(self.best["epoch"])
        which = "the last" if epoch == self.epoch else "the best by val_loss"
        self.say(f"\n{100 * confusion.accuracy:.2f} % of the {len(labels):,} test examples are right, with the weights "
                 f"of epoch {epoch}, {which}.\n")  # fmt: skip
        about = {
            "best.npz": f"the weights of epoch {epoch}",
            "checkpoint.npz": "all that is needed to go on",
            "log.csv": "a line of numbers for each epoch",
            "config.json": "what was asked for",
        }
        missing = ""
        try:
            about |= self._draw(confusion, scores, labels)
        except ImportError as error:
            missing = f"""
Left out are the pictures, such as curve.png and confusion.png: {error}.
Once it is there, this draws them:

    {self._command()}"""
        if (self.out / "lr.png").is_file():
            about["lr.png"] = "how the step size was found"
        self.say(f"In {self.out}:\n")
        for name, what in about.items():
            self.say(f"    {name:15} {what}")
        if missing:
            self.say(missing)
        self.say(f"\nTo go on for longer:\n\n    {self._command('--epochs', str(2 * self.settings.epochs))}\n\n"
                 "To use the network in Python:\n\n    from dezero.training.command import load_run\n"
                 f"    model = load_run({str(self.out)!r})")  # fmt: skip

    def _scores(self) -> np.ndarray:
        batches = DataLoader(self.test, 500, shuffle=False, gpu=self.settings.gpu)
        with no_grad(), test_mode():
            scores = np.concatenate([cuda.as_numpy(self.model(x)) for x, _ in batches])
        self.model.to_cpu()  # for the pictures
        return scores

    def _draw(self, confusion: ConfusionMatrix, scores: np.ndarray, labels: np.ndarray) -> dict[str, str]:
        """Write the pictures; from name to what is on it."""
        examples = np.asarray(self.test.data)
        self.history.plot().savefig(self.out / "curve.png")
        plot_confusion(confusion).savefig(self.out / "confusion.png")
        about = {"curve.png": "loss and accuracy, epoch by epoch", "confusion.png": "which class was taken for which"}
        if len(self.task.shape) == 1:
            plot_boundary(self.model, examples, labels, self.names).savefig(self.out / "boundary.png")
            return about | {"boundary.png": "what the network chooses at each place of the plane"}
        wrong = int((scores.argmax(axis=1) != labels).sum())
        if wrong:
            probabilities = F.softmax(scores).data
            plot_mistakes(examples, labels, probabilities, self.names).savefig(self.out / "mistakes.png")
            about["mistakes.png"] = f"the worst of {wrong:,} mistakes" if wrong > 1 else "the only mistake"
        first = getattr(self.model, "conv1", None)
        if isinstance(first, L.Conv2d):
            plot_filters(first).savefig(self.out / "filters.png")
            about["filters.png"] = "what the first convolution looks for"
        return about


def load_run(folder: str | Path) -> Model:
    """Return the network that ``python -m dezero train`` left in a folder, with its best weights.

    Raises
    ------
    ValueError
        If the folder holds no run, or the weights do not fit.
    OSError
        If a file is missing or cannot be read.
    """
    try:
        settings = _saved_settings(Path(folder), {})
    except _Refused as refusal:
        raise ValueError(f"load_run: {refusal}") from None
    model = make_model(settings.model, settings.dataset)
    model.load_weights(Path(folder) / "best.npz")
    return model


@contextmanager
def _stoppable() -> Iterator[list[str]]:
    """A list that is no longer empty when somebody wants an end: then a step is finished, and all can be saved.

    Asked a second time, by ctrl-C, Python stops at once.
    """
    asked: list[str] = []
    if threading.current_thread() is not threading.main_thread():
        yield asked  # only the main thread gets signals
        return

    def note(number: int, frame: object) -> None:
        if asked:
            raise KeyboardInterrupt
        asked.append(signal.Signals(number).name)

    before = {number: signal.signal(number, note) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield asked
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
