"""Random sequences of train, break, save, load and damage, against a training written in plain Python."""

from __future__ import annotations

import copy
import os
import shutil
import tempfile

import numpy as np
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, precondition, rule

import dezero
import dezero.functions as F
from dezero import DataLoader, Parameter
from dezero.layers import Layer
from dezero.optimizers import MomentumSGD
from dezero.training import load_checkpoint, save_checkpoint

DATA = np.arange(7.0)


class Slope(Layer):
    """One number: its gradient is the sum of the batch, whatever it is."""

    def __init__(self) -> None:
        super().__init__()
        self.w = Parameter(np.zeros(1))

    def forward(self, x):
        return F.sum(x * self.w)


class Plain:
    """What the training should do: lists, floats, and a generator of its own."""

    def __init__(self, seed: int, size: int, own_seed: int | None) -> None:
        self.rng, self.size = np.random.RandomState(seed), size
        self.own = None if own_seed is None else np.random.RandomState(own_seed)
        self.w = self.v = 0.0
        self.steps, self.rest = 0, None
        self.draw_order()

    def draw_order(self) -> None:
        self.order = (self.rng if self.own is None else self.own).permutation(len(DATA)).tolist()
        self.fresh = True

    def reseed(self, seed: int) -> None:
        self.rng = np.random.RandomState(seed)
        if self.own is None:
            self.fresh = False

    def begin(self) -> None:
        if not self.fresh:
            self.draw_order()
        self.fresh = False
        self.rest = [self.order[k : k + self.size] for k in range(0, len(DATA), self.size)]

    def batch(self) -> list[int] | None:
        if not self.rest:
            self.draw_order()
            self.rest = None
            return None
        return self.rest.pop(0)

    def step(self, batch: list[int], lr: float) -> None:
        self.v = 0.5 * self.v - lr * sum(DATA[i] for i in batch)
        self.w += self.v
        self.steps += 1


class Training(RuleBasedStateMachine):
    """One training in two forms; after each rule they agree to the last bit."""

    files = Bundle("files")

    @initialize(
        seed=st.integers(0, 3), size=st.integers(1, 8), own_seed=st.sampled_from([None, 5]), workers=st.integers(0, 2)
    )
    def begin(self, seed, size, own_seed, workers):
        self.folder = tempfile.mkdtemp()
        self.size, self.own_seed, self.workers = size, own_seed, workers
        dezero.seed(seed)
        self.make()
        self.plain = Plain(seed, size, own_seed)
        self.saved = {}

    def make(self) -> None:
        self.model = Slope()
        self.optimizer = MomentumSGD(self.model, lr=0.25, momentum=0.5)
        self.loader = DataLoader(DATA, self.size, num_workers=self.workers, seed=self.own_seed)
        self.loop = None

    @property
    def parts(self) -> dict[str, object]:
        return {"model": self.model, "optimizer": self.optimizer, "loader": self.loader}

    @rule(count=st.integers(1, 8))
    def train(self, count):
        for _ in range(count):
            self.step()

    def step(self) -> None:
        if self.loop is None:
            self.loop = iter(self.loader)
            if self.plain.rest is None:
                self.plain.begin()
        batch, wanted = next(self.loop, None), self.plain.batch()
        if wanted is None:
            assert batch is None
            self.loop = None
            return
        assert batch.tolist() == [DATA[i] for i in wanted]
        loss = self.model(batch)
        self.model.cleargrads()
        loss.backward()
        self.optimizer.update()
        self.plain.step(wanted, self.optimizer.lr)

    @precondition(lambda self: self.loop is not None)
    @rule()
    def leave(self):
        """As by break."""
        self.loop = self.plain.rest = None

    @rule()
    def draw(self):
        assert np.random.rand() == self.plain.rng.rand()

    @rule(seed=st.integers(0, 3))
    def reseed(self, seed):
        dezero.seed(seed)
        self.plain.reseed(seed)

    @rule(lr=st.sampled_from([0.25, 0.5, 1.0]))
    def change_the_rate(self, lr):
        self.optimizer.lr = lr

    @rule(target=files, name=st.sampled_from(["a", "b"]))
    def save(self, name):
        path = os.path.join(self.folder, name)
        save_checkpoint(path, **self.parts, step=self.plain.steps)
        self.saved[path] = copy.deepcopy(self.plain), self.optimizer.lr
        return path

    @rule(path=files, anew=st.booleans())
    def load(self, path, anew):
        self.loop = None
        if anew:
            np.random.rand(3)
            self.make()
        more = load_checkpoint(path, **self.parts)
        plain, lr = self.saved[path]
        self.plain = copy.deepcopy(plain)
        assert (more, self.optimizer.lr) == ({"step": plain.steps}, lr)

    @rule(path=files, position=st.floats(0, 1, exclude_max=True), bit=st.integers(0, 7))
    def load_a_damaged_one(self, path, position, bit):
        with open(path, "rb") as file:
            content = bytearray(file.read())
        content[int(position * len(content))] ^= 1 << bit
        damaged = path + "-damaged"
        with open(damaged, "wb") as file:
            file.write(content)
        try:
            load_checkpoint(damaged, **self.parts)
        except ValueError as error:
            assert damaged in str(error)
        else:  # the bit meant nothing
            self.load(path, anew=False)

    @rule()
    def fail_to_save(self):
        before = {name: os.stat(os.path.join(self.folder, name)) for name in os.listdir(self.folder)}
        try:
            save_checkpoint(os.path.join(self.folder, "a"), **self.parts, odd={1, 2})
        except TypeError as error:
            assert "cannot save odd, a set" in str(error)
        assert {name: os.stat(os.path.join(self.folder, name)) for name in os.listdir(self.folder)} == before

    @invariant()
    def both_agree(self):
        if hasattr(self, "plain"):
            states = self.optimizer.state_dict()["state"].get("w", {"v": np.zeros(1)})
            assert self.model.w.data.tolist() == [self.plain.w]
            assert states["v"].tolist() == [self.plain.v]
            assert self.optimizer.steps == self.plain.steps
            key = np.random.get_state()
            mine = self.plain.rng.get_state()
            assert key[2] == mine[2]
            assert np.array_equal(key[1], mine[1])

    def teardown(self):
        self.loop = None
        if hasattr(self, "folder"):
            shutil.rmtree(self.folder)


TestTraining = Training.TestCase
TestTraining.settings = settings(max_examples=20 if settings().max_examples < 1000 else 2000, stateful_step_count=25)
