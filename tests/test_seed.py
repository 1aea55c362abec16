"""One seed for all: the same numbers on every run, in any process, whatever was drawn before."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import dezero
import dezero.functions as F
from dezero import DataLoader
from dezero.datasets import ArrayDataset
from dezero.seeding import generator_of
from dezero.transforms import RandomCrop, rng


class Noisy(ArrayDataset):
    """Numbers that a random transform touches."""

    def __init__(self) -> None:
        super().__init__(np.arange(10.0))

    def __getitem__(self, i):
        return super().__getitem__(i) + rng().rand()


def test_the_numbers_are_those_of_numpys_seed():
    dezero.seed(7)
    drawn = np.random.rand(3)
    np.random.seed(7)
    assert np.array_equal(drawn, np.random.rand(3))


def test_pythons_generator_is_seeded_too():
    dezero.seed(7)
    first = random.random()
    dezero.seed(np.int64(7))
    assert random.random() == first


@pytest.mark.parametrize(
    ("number", "error", "words"),
    [
        (-1, ValueError, r"seed expects a whole number from 0 to 2\*\*32 - 1, got -1"),
        (2**32, ValueError, "got 4294967296"),
        (1.0, TypeError, "got 1.0"),
        (None, TypeError, "got None"),
        (True, TypeError, "got True"),
        ("0", TypeError, "got '0'"),
    ],
)
def test_other_seeds_are_refused_and_change_nothing(number, error, words):
    dezero.seed(0)
    with pytest.raises(error, match=words):
        dezero.seed(number)
    drawn = np.random.rand()
    dezero.seed(0)
    assert np.random.rand() == drawn


def test_initial_weights_dropout_and_transforms_follow():
    def draw():
        dezero.seed(3)
        layer = dezero.layers.Linear(4, in_size=3)
        dropped = F.dropout(layer(np.ones((2, 3), np.float32)))
        return layer.W.data, dropped.data, RandomCrop(2)(np.arange(16.0).reshape(1, 4, 4))

    assert all(np.array_equal(a, b) for a, b in zip(draw(), draw()))


@pytest.mark.parametrize("workers", [0, 2])
@pytest.mark.parametrize("before", [True, False], ids=["made before", "made after"])
def test_a_loader_follows_whether_made_before_or_after(before, workers):
    def passes(disturbance):
        np.random.seed(disturbance)
        loader = DataLoader(Noisy(), 3, num_workers=workers) if before else None
        dezero.seed(5)
        loader = loader or DataLoader(Noisy(), 3, num_workers=workers)
        return [[batch.tolist() for batch in loader] for _ in range(2)]

    first = passes(1)
    assert passes(2) == first
    assert first[0] != first[1]


def test_next_follows_too():
    drawn = []
    for disturbance in range(2):
        np.random.seed(disturbance)
        loader = DataLoader(np.arange(20), 4)
        dezero.seed(0)
        drawn.append(next(loader).tolist())
    assert drawn[0] == drawn[1]


def test_a_loader_that_is_its_own_iterator_follows_too():
    class Own(DataLoader):
        def __next__(self):
            if self.iteration >= self.max_iter:
                self.reset()
                raise StopIteration
            self.iteration += 1
            return self.index[self.iteration - 1]

    orders = []
    for disturbance in range(2):
        np.random.seed(disturbance)
        loader = Own(np.arange(6), 1)
        dezero.seed(0)
        orders.append([list(loader), list(loader)])
    assert orders[0] == orders[1]
    assert sorted(orders[0][0]) == list(range(6))


def test_a_pass_under_way_goes_on_as_it_was():
    np.random.seed(0)
    loader = DataLoader(np.arange(12), 4)
    seen = []
    for batch in loader:
        dezero.seed(1)
        seen += batch.tolist()
    assert sorted(seen) == list(range(12))


def test_a_loader_with_a_seed_of_its_own_keeps_its_course():
    plain = DataLoader(np.arange(8), 4, seed=3)
    wanted = [[b.tolist() for b in plain] for _ in range(2)]
    loader = DataLoader(np.arange(8), 4, seed=3)
    dezero.seed(0)
    assert [[b.tolist() for b in loader] for _ in range(2)] == wanted


def test_numpys_own_seed_means_what_it_did():
    np.random.seed(0)
    order = DataLoader(np.arange(5), 1).index.tolist()
    np.random.seed(0)
    assert order == np.random.permutation(5).tolist()


PROGRAM = """
import hashlib
import numpy as np
import dezero
import dezero.functions as F
from dezero.datasets import ArrayDataset
from dezero.layers import BatchNorm, Dropout, Layer, Linear
from dezero.optimizers import Adam
from dezero.transforms import Compose, Flatten, RandomCrop, RandomHorizontalFlip, ToFloat

class Net(Layer):
    def __init__(self):
        super().__init__()
        self.l1, self.norm, self.drop, self.l2 = Linear(8), BatchNorm(), Dropout(0.3), Linear(3)
    def forward(self, x):
        return self.l2(self.drop(F.relu(self.norm(self.l1(x)))))

x = np.arange(24 * 36, dtype=np.uint8).reshape(24, 1, 6, 6)
augment = Compose([RandomCrop(4), RandomHorizontalFlip(), ToFloat(), Flatten()])
loader = dezero.DataLoader(ArrayDataset(x, np.arange(24) % 3, transform=augment), 5, num_workers=2)
dezero.seed(0)
model = Net()
optimizer = Adam(model)
for epoch in range(2):
    for batch, t in loader:
        loss = F.softmax_cross_entropy(model(batch), t)
        model.cleargrads()
        loss.backward()
        optimizer.update()
digest = hashlib.sha256()
for path, p in [*model.named_params(), *model.named_buffers()]:
    digest.update(path.encode() + p.data.tobytes())
print(digest.hexdigest())
"""


def test_every_process_and_every_hash_seed_computes_the_same():
    root = Path(__file__).parents[1]
    running = [
        subprocess.Popen(
            [sys.executable, "-c", PROGRAM], cwd=root, stdout=subprocess.PIPE, text=True,
            env=os.environ | {"PYTHONHASHSEED": hash_seed},
        )
        for hash_seed in ("0", "1")
    ]  # fmt: skip
    digests = [process.communicate()[0] for process in running]
    assert len(digests[0]) == 65
    assert digests[0] == digests[1]


def test_a_generator_goes_on_from_a_state():
    for kind in (np.random.MT19937, np.random.PCG64, np.random.Philox, np.random.SFC64):
        first = np.random.RandomState(kind(3))
        first.standard_normal()
        second = generator_of(first.get_state(legacy=False))
        assert np.array_equal(first.standard_normal(5), second.standard_normal(5))


@pytest.mark.parametrize(
    "change",
    [
        lambda s: s.update(bit_generator="os"),
        lambda s: s.pop("bit_generator"),
        lambda s: s.pop("state"),
        lambda s: s["state"].update(pos=625),
        lambda s: s["state"].update(pos=-1),
        lambda s: s["state"].update(pos="1"),
        lambda s: s["state"].update(key=np.zeros(3, np.uint32)),
        lambda s: s.update(state=3),
        lambda s: s.update(has_gauss="x"),
    ],
)
def test_a_wrong_state_of_a_generator_is_refused(change):
    state = np.random.RandomState(0).get_state(legacy=False)
    change(state)
    with pytest.raises(ValueError, match="state of a random generator"):
        generator_of(state)
    with pytest.raises(ValueError, match="state of a random generator is expected"):
        generator_of(None)
