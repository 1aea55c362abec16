"""Made the files of this folder, once, with the version that README.md names.

Kept to tell what is in them, and for files of later versions; the files that are here are never made again, for they
are what people have on their disks. `python tests/golden/make.py FOLDER` writes to another folder.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

import dezero.layers as L
from dezero import DataLoader, Model, Parameter, Variable, seed
from dezero.optimizers import Adam
from dezero.training import save_checkpoint


class Net(Model):
    """A bit of everything that has a key of its own in a file: layers, lists, buffers, shared weights, two dtypes."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = L.Conv2d(2, 3, in_channels=1)
        self.bn = L.BatchNorm()
        self.blocks = [L.Linear(3, in_size=2), L.Linear(2, in_size=3, nobias=True)]
        self.rnn = L.RNN(2, in_size=3)
        self.embed, self.out = L.EmbedID(4, 2), L.Linear(4, in_size=2, nobias=True)
        self.out.W = self.embed.W
        self.scale = Parameter(np.zeros((), np.float64))
        for name in ("gamma", "beta", "avg_mean", "avg_var"):
            getattr(self.bn, name).data = np.zeros(2, np.float32)


class Small(Model):
    """What a checkpoint should be small with: parameters and buffers."""

    def __init__(self) -> None:
        super().__init__()
        self.l1, self.bn = L.Linear(2, in_size=1), L.BatchNorm()
        for name in ("gamma", "beta", "avg_mean", "avg_var"):
            getattr(self.bn, name).data = np.zeros(2, np.float32)


def number(model: Model, start: int = 0) -> Model:
    """Fill all weights with numbers that can be written down: (start + 0, start + 1, ...) / 8, path by path."""
    for _, v in sorted([*model.named_params(), *model.named_buffers()]):
        v.data = ((start + np.arange(v.data.size)) / 8).reshape(v.data.shape).astype(v.data.dtype)
        start += v.data.size
    return model


def step(model: Model, optimizer: Adam, k: int) -> None:
    """One update, by gradients that can be written down."""
    for i, p in enumerate(model.params()):
        p.grad = Variable(np.full_like(p.data, (-1) ** i * (k + 1) / 4))
    optimizer.update()


def trained() -> tuple[Model, Adam]:
    model = number(Small())
    optimizer = Adam(model, alpha=0.5)
    for k in range(3):
        step(model, optimizer, k)
    return model, optimizer


def original_weights() -> dict[str, np.ndarray]:
    """As the original's `save_weights` writes them with NumPy 2: the weights it draws are float64."""
    return {
        "l1/W": np.arange(6.0).reshape(2, 3) / 8, "l1/b": np.arange(3, dtype=np.float32) / 8,
        "rnn/x2h/W": np.arange(6.0).reshape(3, 2), "rnn/x2h/b": np.zeros(2, np.float32), "rnn/h2h/W": np.eye(2) / 2,
    }  # fmt: skip


def make(folder: Path) -> None:
    """Write all files."""
    for suffix in ("npz", "safetensors"):
        number(Net()).save_weights(folder / f"weights.{suffix}")
    np.savez_compressed(folder / "original.npz", **original_weights())
    model, optimizer = trained()
    for suffix in ("npz", "safetensors"):
        optimizer.save_state(folder / f"adam.{suffix}")
    seed(7)
    loader = DataLoader(np.arange(7.0), 2)
    next(batches := iter(loader))  # a pass under way; bound to a name, for one that is dropped is over
    save_checkpoint(folder / "checkpoint.npz", model=model, optimizer=optimizer, loader=loader, rng=False, epoch=3,
                    best=(0.1, "läuft", None))  # fmt: skip
    save_checkpoint(folder / "generators.npz")
    del batches


if __name__ == "__main__":
    make(Path(sys.argv[1]))
