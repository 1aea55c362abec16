"""Checkpoints: a run that was killed goes on bit for bit; a file that does not fit changes nothing."""

from __future__ import annotations

import builtins
import errno
import io
import json
import math
import os
import random
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest

import dezero
import dezero.functions as F
from dezero import DataLoader, SeqDataLoader, cuda, optimizers
from dezero.datasets import ArrayDataset
from dezero.layers import GRU, LSTM, RNN, BatchNorm, Dropout, Layer, Linear
from dezero.optimizers import SGD, Adam, AdamW, MomentumSGD
from dezero.optimizers.schedules import cosine_decay, step_decay
from dezero.training import load_checkpoint, progress, save_checkpoint
from dezero.transforms import Compose, Flatten, RandomCrop, RandomHorizontalFlip, ToFloat
from dezero.utils.files import load_arrays, load_with_metadata, save_arrays
from tests import fake_cupy
from tests.test_files import FailsAt

OPTIMIZERS = [getattr(optimizers, name) for name in optimizers.rules.__all__]
IMAGES = np.arange(22 * 25, dtype=np.uint8).reshape(22, 1, 5, 5)
LABELS = np.arange(22) % 3


class Net(Layer):
    """Batch norm, dropout, and layers whose sizes are unknown at first."""

    def __init__(self, hidden: int = 6) -> None:
        super().__init__()
        self.l1, self.norm, self.drop, self.l2 = Linear(hidden), BatchNorm(), Dropout(0.3), Linear(3)

    def forward(self, x):
        return self.l2(self.drop(F.relu(self.norm(self.l1(x)))))


class Recurrent(Layer):
    def __init__(self, kind=LSTM) -> None:
        super().__init__()
        self.rnn, self.out = kind(4, in_size=1), Linear(1)

    def reset_state(self):
        self.rnn.reset_state()

    def forward(self, x):
        return self.out(F.dropout(self.rnn(x), 0.2))


class PythonNoise:
    """Draws from Python's generator, as transforms from elsewhere do."""

    def __call__(self, x):
        return x + np.float32(random.random())


class Run:
    """A training from a program: what is made before, and steps one at a time."""

    epochs = 3

    def __init__(self, optimizer=Adam, workers=0, own_seed=None, kind=None) -> None:
        self.kind = kind
        if kind is None:
            stages = [RandomCrop(4), RandomHorizontalFlip(), ToFloat(), Flatten()]
            augment = Compose(stages if workers else [*stages, PythonNoise()])
            data = ArrayDataset(IMAGES, LABELS, transform=augment)
            self.loader = DataLoader(data, 5, num_workers=workers, seed=own_seed)
            self.model = Net()
        else:
            wave = np.sin(np.arange(40, dtype=np.float32))[:, None]
            self.loader = SeqDataLoader(ArrayDataset(wave[:-1], wave[1:]), 6)
            self.model = Recurrent(kind)
        self.optimizer = optimizer(self.model, lr=0.05)
        self.optimizer.schedule = self.schedule = step_decay(5, 0.7)
        self.parts = {"model": self.model, "optimizer": self.optimizer, "schedule": self.schedule,
                      "loader": self.loader}  # fmt: skip
        self.epoch = self.step = 0
        self.total = 0.0

    def steps(self):
        """Train to the end; yield after each step."""
        while self.epoch < self.epochs:
            if self.kind is not None and self.loader.iteration in (0, self.loader.max_iter):
                self.model.reset_state()
            loss = 0
            for x, t in self.loader:
                y = self.model(x)
                loss = (F.softmax_cross_entropy if self.kind is None else F.mean_squared_error)(y, t)
                self.model.cleargrads()
                loss.backward()
                if self.kind is not None:
                    loss.unchain_backward()
                self.optimizer.update()
                self.step += 1
                self.total += float(loss.data)
                yield self.step
            self.epoch += 1

    def save(self, path):
        save_checkpoint(path, **self.parts, epoch=self.epoch, step=self.step, total=self.total)

    def load(self, path):
        vars(self).update(load_checkpoint(path, **self.parts))

    def digest(self):
        return digest(**self.parts) | {"total": self.total, "step": self.step, "drawn": np.random.rand(3).tobytes()}


def digest(model, optimizer, schedule=None, loader=None):
    """All that a training is, bit for bit."""
    variables = {path: None if v.data is None else v.data.tobytes() for path, v in named(model)}
    state = optimizer.state_dict()
    arrays = {f"{path} {n}": a.tobytes() for path, own in state["state"].items() for n, a in own.items()}
    hidden = {path: getattr(layer, "h", None) for path, layer in model.named_layers()}
    hidden = {path: h.data.tobytes() for path, h in hidden.items() if h is not None}
    numbers = {k: v for k, v in vars(optimizer).items() if type(v) in (int, float, bool)}
    loader_state = None if loader is None else json.dumps(loader.state_dict(), default=lambda a: a.tolist())
    return {"model": variables, "states": arrays, "hidden": hidden, "numbers": numbers, "lr": state["lr"],
            "loader": loader_state}  # fmt: skip


def named(model):
    return [*model.named_params(), *model.named_buffers()]


def generators():
    return repr(np.random.get_state(legacy=False)), random.getstate()


# -- a killed run goes on --------------------------------------------------------------------------


def check_kills(tmp_path, points, saved_every, **settings):
    """A run that ends after some step and goes on from its last checkpoint ends as one that never stopped."""
    dezero.seed(1)
    whole = Run(**settings)
    for _ in whole.steps():
        pass
    wanted = whole.digest()

    dezero.seed(1)
    first = Run(**settings)
    first_files = {}
    for step in first.steps():
        if step % saved_every == 0:
            first_files[step] = tmp_path / f"{step}.npz"
            first.save(first_files[step])
    assert first.digest() == wanted  # saving disturbs nothing
    for point in points:
        last = point // saved_every * saved_every
        dezero.seed(1)
        again = Run(**settings)
        if last:
            dezero.seed(2 + point)
            np.random.randn(point)
            again.load(first_files[last])
            assert again.step == last
        for _ in again.steps():
            pass
        assert again.digest() == wanted, (point, last)


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_a_run_killed_at_any_step_goes_on_bit_for_bit(tmp_path, optimizer):
    points = np.random.RandomState(OPTIMIZERS.index(optimizer)).permutation(15)[:10]
    check_kills(tmp_path, points, 1 + OPTIMIZERS.index(optimizer) % 3, optimizer=optimizer)


@pytest.mark.parametrize("own_seed", [None, 3])
def test_so_does_one_with_worker_threads(tmp_path, own_seed):
    check_kills(tmp_path, np.random.RandomState(0).permutation(15)[:10], 1, workers=3, own_seed=own_seed)


@pytest.mark.parametrize("kind", [RNN, LSTM, GRU])
def test_so_does_one_with_recurrent_state(tmp_path, kind):
    check_kills(tmp_path, range(0, 18, 2), 1, kind=kind, optimizer=MomentumSGD)


@pytest.mark.slow
@pytest.mark.parametrize("workers", [0, 2])
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_every_step_of_every_optimizer(tmp_path, optimizer, workers):
    check_kills(tmp_path, range(15), 1, optimizer=optimizer, workers=workers)


RUNNER = """
import os, random, signal, sys, time
import tests.test_training_checkpoints as here
import dezero

path, kills, seed = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
here.Run.epochs = 6 + kills

def child(path, saves):
    reader, writer = os.pipe()
    pid = os.fork()
    if pid:
        os.close(writer)
        return pid, reader
    os.close(reader)
    dezero.seed(1)
    run = here.Run(workers=2, optimizer=dezero.optimizers.NAdam)
    if os.path.exists(path):
        run.load(path)
    os.write(writer, b"r")
    for step in run.steps():
        if saves:
            run.save(path)
    os.write(writer, repr(run.digest()).encode())
    os.close(writer)
    os._exit(0)

def finish(path, saves):
    pid, reader = child(path, saves)
    text = b""
    while piece := os.read(reader, 1 << 16):
        text += piece
    os.waitpid(pid, 0)
    os.close(reader)
    return text

delays, killed = random.Random(seed), 0
for _ in range(kills):
    pid, reader = child(path, True)
    os.read(reader, 1)
    time.sleep(delays.random() * 0.03)
    os.kill(pid, signal.SIGKILL)
    killed += os.waitpid(pid, 0)[1] == signal.SIGKILL
    os.close(reader)
resumed = finish(path, True)
whole = finish(path + ".none", False)
print(killed, len(whole) > 1000, resumed == whole)
"""


def check_real_kills(tmp_path, kills):
    root = Path(__file__).parents[1]
    done = subprocess.run(
        [sys.executable, "-c", RUNNER, str(tmp_path / "run.npz"), str(kills), str(kills)], cwd=root, text=True,
        stdout=subprocess.PIPE, env=os.environ | {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"},
    )  # fmt: skip
    killed, long, same = done.stdout.split()
    assert int(killed) > kills * 0.8
    assert (long, same) == ("True", "True")
    left = [name for name in os.listdir(tmp_path) if not name.startswith(".dezero-")]
    assert left == ["run.npz"]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="fork and SIGKILL are POSIX's")
def test_a_run_whose_process_is_killed_again_and_again(tmp_path):
    check_real_kills(tmp_path, 10)


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "fork"), reason="fork and SIGKILL are POSIX's")
def test_a_hundred_kills(tmp_path):
    check_real_kills(tmp_path, 100)


# -- the loader ------------------------------------------------------------------------------------


def test_the_rest_of_the_pass_and_the_passes_after_it(tmp_path):
    np.random.seed(0)
    loader, seen = DataLoader(np.arange(10), 3), []
    for k, batch in enumerate(loader):
        if k == 2:
            save_checkpoint(tmp_path / "c.npz", loader=loader)
            seen = []
        seen.append(batch.tolist())
    seen += [batch.tolist() for batch in loader]
    np.random.seed(9)
    again = DataLoader(np.arange(10), 3, num_workers=2)
    load_checkpoint(tmp_path / "c.npz", loader=again)
    assert again.iteration == 3
    found = [batch.tolist() for batch in again]
    assert found == seen[1:2]
    assert [batch.tolist() for batch in again] == seen[2:]


@pytest.mark.parametrize("given", range(6))
def test_next_goes_on(given):
    np.random.seed(0)
    loader = DataLoader(np.arange(10), 3)
    for _ in range(given % 4):
        next(loader)
    state, drawn = loader.state_dict(), np.random.get_state()
    wanted = [batch.tolist() for batch in steps_of(loader)]
    again = DataLoader(np.arange(10), 3)
    again.load_state_dict(state)
    np.random.set_state(drawn)
    assert [batch.tolist() for batch in steps_of(again)] == wanted


def steps_of(loader):
    for _ in range(7):
        try:
            yield next(loader)
        except StopIteration:
            continue


def test_a_state_that_was_loaded_can_be_saved_at_once():
    loader = DataLoader(np.arange(10), 3, seed=1)
    for _ in loader:
        state = loader.state_dict()
        next(loader)
        both = loader.state_dict()
        break
    assert sorted(both["under_way"]) == ["loop", "next"]
    for kept in (state, both):
        again = DataLoader(np.arange(10), 3, seed=2)
        again.load_state_dict(kept)
        assert as_text(again.state_dict()) == as_text(kept)


def as_text(state):
    return json.dumps(state, default=lambda a: a.tolist())


def test_after_a_break_a_new_pass_begins_in_both():
    np.random.seed(0)
    loader = DataLoader(np.arange(10), 3)
    for _ in loader:
        break
    state, drawn = loader.state_dict(), np.random.get_state()
    wanted = [batch.tolist() for batch in loader]
    assert len(wanted) == 4
    again = DataLoader(np.arange(10), 3)
    again.load_state_dict(state)
    np.random.set_state(drawn)
    assert [batch.tolist() for batch in again] == wanted


def test_a_pass_that_is_over_is_not_gone_on_with():
    loader, again = DataLoader(np.arange(10), 3, seed=0), DataLoader(np.arange(10), 3, seed=1)
    held = iter(loader)
    list(held)
    assert loader.state_dict()["under_way"] == {}
    again.load_state_dict(loader.state_dict())
    assert [batch.tolist() for batch in again] == [batch.tolist() for batch in loader]


def test_an_order_from_before_the_seed_is_drawn_anew_in_both(tmp_path):
    loader = DataLoader(np.arange(10), 3)
    dezero.seed(0)
    save_checkpoint(tmp_path / "c.npz", loader=loader)
    wanted = [batch.tolist() for batch in loader]
    again = DataLoader(np.arange(10), 3)
    load_checkpoint(tmp_path / "c.npz", loader=again)
    assert [batch.tolist() for batch in again] == wanted


def test_a_seed_before_loading_has_no_say(tmp_path):
    loader, again = DataLoader(np.arange(10), 3), DataLoader(np.arange(10), 3)
    save_checkpoint(tmp_path / "c.npz", loader=loader)
    wanted = [batch.tolist() for batch in loader]
    dezero.seed(3)
    load_checkpoint(tmp_path / "c.npz", loader=again)
    assert [batch.tolist() for batch in again] == wanted


def test_reset_begins_again_after_loading_too():
    loader = DataLoader(np.arange(10), 3)
    for _ in loader:
        state = loader.state_dict()
    loader.load_state_dict(state)
    loader.reset()
    assert len(list(loader)) == 4


def test_a_look_at_the_loader_within_its_own_loop_does_not_count():
    loader = DataLoader(np.arange(10), 3)
    peek = iter(loader)
    next(peek)
    for k, _ in enumerate(loader):
        if k == 1:
            within = iter(loader)
            next(within)
            list(loader)
        elif k == 2:
            assert loader.state_dict()["under_way"]["loop"]["position"] == 3


def test_a_loader_that_is_its_own_iterator_goes_on():
    class Own(DataLoader):
        def __next__(self):
            if self.iteration >= self.max_iter:
                self.reset()
                raise StopIteration
            self.iteration += 1
            return int(self.index[self.iteration - 1])

    loader, again = Own(np.arange(5), 1, seed=0), Own(np.arange(5), 1, seed=8)
    first = [next(loader), next(loader)]
    again.load_state_dict(loader.state_dict())
    rest = list(again)
    assert sorted(first + rest) == list(range(5))
    assert sorted(again) == list(range(5))


def test_loading_leaves_a_loop_that_is_under_way_alone():
    loader = DataLoader(np.arange(10), 2)
    state, seen = loader.state_dict(), []
    for batch in loader:
        loader.load_state_dict(state)
        seen += batch.tolist()
    assert sorted(seen) == list(range(10))


@pytest.mark.parametrize(
    ("other", "words"),
    [
        (DataLoader(np.arange(9), 3), "another loader: data_size was 10 and is 9"),
        (DataLoader(np.arange(10), 4, drop_last=True), "batch_size was 3 and is 4, drop_last was False and is True"),
        (DataLoader(np.arange(10), 3, shuffle=False), "shuffle was True and is False"),
        (DataLoader(np.arange(10), 3, seed=1), "own_seed was False and is True"),
        (SeqDataLoader(np.arange(10), 3), "loader was 'DataLoader' and is 'SeqDataLoader', shuffle was"),
    ],
)
def test_the_state_of_another_loader_is_refused(tmp_path, other, words):
    save_checkpoint(tmp_path / "c.npz", loader=DataLoader(np.arange(10), 3))
    before = as_text(other.state_dict())
    with pytest.raises(ValueError, match=rf"c\.npz does not fit, and nothing was changed\. .*{words}"):
        load_checkpoint(tmp_path / "c.npz", loader=other)
    assert as_text(other.state_dict()) == before


@pytest.mark.parametrize(
    ("change", "error", "words"),
    [
        ({"index": np.zeros((2, 5), int)}, ValueError, r"an order of 10 examples is expected, got \(2, 5\)"),
        ({"index": np.arange(11)}, ValueError, r"got \(11,\) int64, 0 .. 10"),
        ({"index": np.arange(10.0)}, ValueError, "got .* float64"),
        ({"under_way": {"loop": {"index": None, "position": 5, "key": [0, 1]}}}, ValueError, "no position 5"),
        ({"generator": {"bit_generator": "x"}}, ValueError, "random generator"),
        ({"more": 1}, TypeError, r"DataLoader\.load_state_dict expects what state_dict\(\) returned, got dict"),
    ],
)
def test_a_state_that_makes_no_sense_is_refused(change, error, words):
    loader = DataLoader(np.arange(10), 3)
    before = loader.state_dict()
    with pytest.raises(error, match=words):
        loader.load_state_dict(before | change)
    assert as_text(loader.state_dict()) == as_text(before)


# -- what is in it ---------------------------------------------------------------------------------


def trained(optimizer=Adam, steps=3, **settings):
    """A run after some steps."""
    dezero.seed(0)
    run = Run(optimizer, **settings)
    for step in run.steps():
        if step == steps:
            break
    return run


@pytest.fixture(scope="module")
def run():
    return trained()


def test_further_values_come_back_as_they_were(tmp_path):
    more = {
        "epoch": 3, "best": 0.1, "none": None, "flag": True, "nan": float("nan"), "big": 2**80, "name": "größe",
        "history": {"loss": [1.0, 0.5], "acc": []}, "by_class": {0: "a", (1, None): "b"}, "pair": (1, [2, (3,)]),
        "scalar": np.float32(0.1), "number": np.array(2), "seen": np.arange(6).reshape(2, 3), "empty": {},
        "trick": {"array": "model", "dict": [[1, 2]]},
    }  # fmt: skip
    save_checkpoint(tmp_path / "c.npz", **more)
    found = load_checkpoint(tmp_path / "c.npz")
    assert list(found) == list(more)
    assert repr(found) == repr(more)
    assert type(found["scalar"]) is np.float32
    assert math.isnan(found["nan"])


def test_names_that_meet_are_kept_apart(tmp_path):
    more = {"a": {"b/c": np.zeros(1), "b": {"c": np.ones(1)}, "": np.full(1, 2.0)}}
    save_checkpoint(tmp_path / "c.npz", **more)
    assert repr(load_checkpoint(tmp_path / "c.npz")) == repr(more)


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"loss": dezero.Variable(np.ones(1))}, "cannot save loss, a Variable: give its data; it takes numbers"),
        ({"a": {"b": [1, {2}]}}, "cannot save a/b/1, a set; it takes"),
        ({"names": np.array(["x"])}, "'more/names' has dtype <U1"),
    ],
)
def test_what_cannot_be_saved_is_named_and_leaves_the_old_file(tmp_path, more, words):
    save_checkpoint(tmp_path / "c.npz", epoch=1)
    with pytest.raises(TypeError, match=words):
        save_checkpoint(tmp_path / "c.npz", **more)
    assert load_checkpoint(tmp_path / "c.npz") == {"epoch": 1}


def test_the_file_is_one_npz_without_pickles_with_speaking_names(tmp_path, run):
    run.save(tmp_path / "c.npz")
    with np.load(tmp_path / "c.npz", allow_pickle=False) as file:
        names = set(file.files)
    assert {"model/weights/l1/W", "model/weights/norm/avg_mean", "optimizer/state/state/l1/W/m"} <= names
    assert os.listdir(tmp_path) == ["c.npz"]


def test_a_model_that_was_never_called_takes_its_sizes_from_the_file(tmp_path, run):
    run.save(tmp_path / "c.npz")
    model = Net()
    load_checkpoint(tmp_path / "c.npz", model=model, rng=False)
    assert model.l1.in_size == 16
    assert all(a.data.tobytes() == b.data.tobytes() for (_, a), (_, b) in zip(named(model), named(run.model)))


def test_settings_frozen_parameters_and_steps_come_back(tmp_path):
    run = trained(AdamW)
    run.optimizer.lr, run.optimizer.weight_decay, run.optimizer.beta1 = 0.5, 0.25, 0.125
    run.model.l1.freeze()
    run.save(tmp_path / "c.npz")
    again = Run(AdamW)
    again.model.freeze()
    again.load(tmp_path / "c.npz")
    assert (again.optimizer.lr, again.optimizer.weight_decay, again.optimizer.beta1) == (0.5, 0.25, 0.125)
    assert again.optimizer.t == 3
    assert [p.frozen for p in again.model.params()] == [True, True, False, False, False, False]


def test_arrays_lie_in_memory_as_before(tmp_path):
    model, again = Linear(3, in_size=4), Linear(3, in_size=4)
    model.W.data = np.asfortranarray(model.W.data)
    save_checkpoint(tmp_path / "c.npz", model=model)
    load_checkpoint(tmp_path / "c.npz", model=again)
    assert again.W.data.strides == model.W.data.strides == (4, 16)


def test_within_progress_the_pass_goes_on_too(tmp_path):
    loader, again = DataLoader(np.arange(6), 2), DataLoader(np.arange(6), 2)
    for k, _ in enumerate(progress(loader, show=False)):
        if k == 0:
            save_checkpoint(tmp_path / "c.npz", loader=loader)
    load_checkpoint(tmp_path / "c.npz", loader=again)
    assert len(list(progress(again, show=False))) == 2


def test_loading_clears_gradients(tmp_path, run):
    run.save(tmp_path / "c.npz")
    again = trained(steps=1)
    load_checkpoint(tmp_path / "c.npz", model=again.model)
    assert all(p.grad is None for p in again.model.params())


def test_the_state_of_a_recurrent_layer_that_was_reset_comes_back_as_none(tmp_path):
    run = trained(kind=GRU)
    run.model.reset_state()
    run.save(tmp_path / "c.npz")
    run.model(np.ones((6, 1), np.float32))
    run.load(tmp_path / "c.npz")
    assert run.model.rnn.h is None


def test_generators_are_left_alone_if_asked(tmp_path):
    dezero.seed(0)
    save_checkpoint(tmp_path / "with.npz")
    save_checkpoint(tmp_path / "without.npz", rng=False)
    dezero.seed(1)
    before = generators()
    load_checkpoint(tmp_path / "with.npz", rng=False)
    load_checkpoint(tmp_path / "without.npz")
    assert generators() == before
    load_checkpoint(tmp_path / "with.npz")
    dezero.seed(0)
    after = generators()
    load_checkpoint(tmp_path / "with.npz")
    assert generators() == after != before


def test_several_models_and_optimizers(tmp_path):
    dezero.seed(0)

    def make():
        models = {name: Linear(2, in_size=2) for name in "GD"}
        return models, {name: MomentumSGD(models[name]) for name in "GD"}

    (models, optimizers_), (others, their) = make(), make()
    save_checkpoint(tmp_path / "c.npz", model=models, optimizer=optimizers_)
    load_checkpoint(tmp_path / "c.npz", model=others, optimizer=their)
    assert all(np.array_equal(models[name].W.data, others[name].W.data) for name in "GD")
    with pytest.raises(ValueError, match=r"holds no model; it was saved with model G, model D, optimizer G, opt"):
        load_checkpoint(tmp_path / "c.npz", model=models["G"])


def test_a_schedule_with_a_state(tmp_path):
    class Plateau:
        worst = 3.0

        def state_dict(self):
            return {"worst": self.worst}

        def load_state_dict(self, state):
            self.worst = state["worst"]

    save_checkpoint(tmp_path / "c.npz", schedule=Plateau())
    schedule = Plateau()
    schedule.worst = 7.0
    with pytest.raises(ValueError, match="holds no optimizer"):
        load_checkpoint(tmp_path / "c.npz", schedule=schedule, optimizer=SGD(Linear(1)), model=None, loader=None)
    with pytest.raises(ValueError, match="holds no loader; it was saved with schedule"):
        load_checkpoint(tmp_path / "c.npz", schedule=schedule, loader=DataLoader(np.arange(3), 1))
    assert schedule.worst == 7.0  # put back after the loader was found missing
    load_checkpoint(tmp_path / "c.npz", schedule=schedule)
    assert schedule.worst == 3.0
    with pytest.raises(ValueError, match="schedule in the file is of another kind"):
        load_checkpoint(tmp_path / "c.npz", schedule=cosine_decay(10))


def test_another_schedule_is_refused(tmp_path):
    run = trained(steps=8)
    run.save(tmp_path / "c.npz")
    with pytest.raises(ValueError, match=r"another one: at step 7 it gave 0\.7, now it gives 0\.5"):
        load_checkpoint(tmp_path / "c.npz", schedule=step_decay(5, 0.5))


# -- what is refused -------------------------------------------------------------------------------


def test_a_model_that_was_never_called_cannot_be_saved(tmp_path):
    with pytest.raises(RuntimeError, match=r"save_checkpoint: no data yet for l1/W.*; call the model once"):
        save_checkpoint(tmp_path / "c.npz", model=Net())
    assert os.listdir(tmp_path) == []


def test_an_optimizer_without_a_model(tmp_path, run):
    with pytest.raises(RuntimeError, match=r"Adam\.state_dict: whose parameters\?"):
        save_checkpoint(tmp_path / "c.npz", optimizer=Adam())
    run.save(tmp_path / "c.npz")
    with pytest.raises(RuntimeError, match=r"c\.npz does not fit, and nothing was changed\. Adam\.load_state_dict"):
        load_checkpoint(tmp_path / "c.npz", optimizer=Adam())


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"model": 3}, r"expects as model a model, a dezero\.Layer, or a dict from names to such, got int"),
        ({"model": Net}, "got the class Net"),
        ({"optimizer": Net()}, r"expects as optimizer one of dezero\.optimizers.* got Net"),
        ({"loader": [1]}, "expects as loader a DataLoader, or what has state_dict"),
        ({"schedule": 0.1}, "expects as schedule a function of the step"),
        ({"model": {1: Net()}}, "got Net"),
    ],
)
def test_wrong_kinds(tmp_path, given, words):
    save_checkpoint(tmp_path / "c.npz")
    for f, name in ((save_checkpoint, "save"), (load_checkpoint, "load")):
        with pytest.raises(TypeError, match=f"^{name}_checkpoint .*{words}"):
            f(tmp_path / "c.npz", **given)


def test_a_function_as_schedule_needs_the_optimizer(tmp_path):
    with pytest.raises(TypeError, match="has its position in the optimizer: give both"):
        save_checkpoint(tmp_path / "c.npz", schedule=cosine_decay(10))


def test_an_optimizer_with_arrays_of_its_own_is_refused(tmp_path):
    class Book(optimizers.Optimizer):
        def __init__(self):
            self.lr, self.vs = 0.1, {}

        def update_one(self, param):
            self.vs[id(param)] = np.zeros(2)

    optimizer = Book(Linear(1, in_size=2))
    save_checkpoint(tmp_path / "c.npz", optimizer=optimizer)
    optimizer.vs[0] = np.zeros(2)
    with pytest.raises(TypeError, match=r"Book keeps arrays in vs, of which state_dict knows nothing; get them from"):
        save_checkpoint(tmp_path / "c.npz", optimizer=optimizer)


class Wider(Net):
    def __init__(self):
        super().__init__(7)


class Deeper(Net):
    def __init__(self):
        super().__init__()
        self.l3 = Linear(3)


def in_float64(model):
    for layer in (model.l1, model.l2):
        layer.dtype = np.float64
    return model


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda run: {"model": Wider()}, r"l1/W has shape \(16, 6\) in the file and \(\?, 7\) in the model"),
        (lambda run: {"model": Deeper()}, "not in the file: l3/W, l3/b"),
        (lambda run: {"model": Linear(3)}, "not in the file: W, b; not in the model: l1/W, l1/b"),
        (lambda run: {"model": in_float64(Net())}, "l1/W is float32 in the file and float64 in the model"),
        (lambda run: {"optimizer": MomentumSGD(run.model)}, "this is the state of an optimizer Adam"),
        (lambda run: {"optimizer": Adam(Linear(3))}, "does not fit to Linear: l1/W is unknown"),
        (lambda run: {"loader": SeqDataLoader(IMAGES, 5)}, "that of another loader"),
        (lambda run: {"schedule": step_decay(1, 0.5)}, "The schedule is another one"),
    ],
)
@pytest.mark.parametrize("others", ["alone", "with the others"])
def test_what_does_not_fit_changes_nothing(tmp_path, run, make, words, others):
    run.save(tmp_path / "c.npz")
    dezero.seed(4)
    again = trained(steps=1)
    parts = again.parts | make(again) if others != "alone" else make(again)
    before = digest(**again.parts), generators()
    mine = parts.get("model", again.model)
    own = [(path, v.data is None) for path, v in named(mine)]
    with pytest.raises(ValueError, match=rf"the file .*c\.npz does not fit, and nothing was changed\. .*{words}"):
        load_checkpoint(tmp_path / "c.npz", **parts)
    assert (digest(**again.parts), generators()) == before
    assert [(path, v.data is None) for path, v in named(mine)] == own
    assert getattr(getattr(mine, "l1", None), "in_size", None) in (None, 16)


def test_an_interrupt_while_loading_changes_nothing(tmp_path, run, monkeypatch):
    run.save(tmp_path / "c.npz")
    again = trained(steps=2)
    before = digest(**again.parts), generators(), [p.grad is None for p in again.model.params()]

    plain, calls = np.random.set_state, []

    def interrupted_once(state):
        calls.append(state)
        if len(calls) == 1:
            raise KeyboardInterrupt
        plain(state)

    with monkeypatch.context() as patch:
        patch.setattr(np.random, "set_state", interrupted_once)
        with pytest.raises(KeyboardInterrupt):
            load_checkpoint(tmp_path / "c.npz", **again.parts)
    assert (digest(**again.parts), generators(), [p.grad is None for p in again.model.params()]) == before


def test_a_state_where_the_model_has_none(tmp_path):
    run = trained(kind=RNN)
    run.save(tmp_path / "c.npz")
    arrays, words = load_with_metadata(tmp_path / "c.npz")
    text = words["dezero.content"].replace('["rnn", {"dict": [["h"', '["out", {"dict": [["h"')
    assert text != words["dezero.content"]
    save_arrays(tmp_path / "c.npz", arrays, words | {"dezero.content": text})
    with pytest.raises(ValueError, match="out has a state in the file and none in the model"):
        run.load(tmp_path / "c.npz")


def test_states_of_another_dtype_are_refused(tmp_path, run):
    run.save(tmp_path / "c.npz")
    arrays, words = load_with_metadata(tmp_path / "c.npz")
    arrays["optimizer/state/state/l1/W/m"] = arrays["optimizer/state/state/l1/W/m"].astype(np.float64)
    save_arrays(tmp_path / "c.npz", arrays, words)
    again = trained(steps=1)
    before = digest(**again.parts)
    with pytest.raises(ValueError, match="Adam: m of l1/W is float64 in the file and would be float32"):
        again.load(tmp_path / "c.npz")
    assert digest(**again.parts) == before


def test_settings_of_another_version_of_an_optimizer(tmp_path, run):
    run.save(tmp_path / "c.npz")
    again = trained(steps=1)
    again.optimizer.gamma = 0.5
    with pytest.raises(ValueError, match="Adam: the setting gamma is on one side only"):
        again.load(tmp_path / "c.npz")


def test_another_generator_of_numpy(tmp_path, run):
    run.save(tmp_path / "c.npz")
    before = np.random.get_bit_generator()
    np.random.set_bit_generator(np.random.PCG64(0))
    try:
        with pytest.raises(ValueError, match="NumPy's global generator was MT19937 and is PCG64"):
            load_checkpoint(tmp_path / "c.npz")
        save_checkpoint(tmp_path / "d.npz")
        drawn = np.random.rand()
        load_checkpoint(tmp_path / "d.npz")
        assert np.random.rand() == drawn
    finally:
        np.random.set_bit_generator(before)


def test_files_of_another_kind_say_what_reads_them(tmp_path, run):
    run.save(tmp_path / "c.npz")
    run.model.save_weights(tmp_path / "w.npz")
    with pytest.raises(ValueError, match=r"'.*w\.npz': it is no checkpoint; .* model\.load_weights\(path\) reads it"):
        load_checkpoint(tmp_path / "w.npz", model=run.model)
    words = r"the file .*c\.npz is a checkpoint, .*load_checkpoint\(path, model=model, rng=False\) takes the weights"
    with pytest.raises(ValueError, match=words):
        run.model.load_weights(tmp_path / "c.npz", strict=False)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ({"dezero.checkpoint": "2"}, r"its format is 2, and this version of dezero reads 1"),
        ({"dezero.content": "{"}, "table of contents makes no sense"),
        ({"dezero.content": "[]"}, r"makes no sense \(other parts"),
        ({"dezero.content": '{"dict": [["a", {"array": "missing"}]]}'}, "makes no sense .*missing"),
        ({"dezero.content": '{"os": "x"}'}, "makes no sense .*unknown kind 'os'"),
        ({"dezero.content": '{"array": "a", "b": 1}'}, "makes no sense"),
        ({"dezero.content": "[" * 100_000}, "makes no sense"),
    ],
)
def test_a_table_of_contents_that_makes_no_sense(tmp_path, words, sentence):
    save_arrays(tmp_path / "c.npz", {}, {"dezero.checkpoint": "1", "dezero.content": "{}"} | words)
    with pytest.raises(ValueError, match=rf"cannot load '.*c\.npz': .*{sentence}"):
        load_checkpoint(tmp_path / "c.npz")


# -- damage, kills and full disks ------------------------------------------------------------------


@pytest.mark.skipif(not hasattr(os, "pwrite"), reason="writing within a file is POSIX's")
def test_any_flipped_bit_is_found_or_changes_nothing(tmp_path):
    path, W = tmp_path / "c.npz", Linear(1, in_size=1, nobias=True)
    W.W.data = np.array([[0.5]], np.float32)
    save_checkpoint(path, model=W, rng=False, epoch=3)
    content = path.read_bytes()
    assert check_flips(path, range(8 * len(content)), W) > 8 * len(content) * 0.6


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "pwrite"), reason="writing within a file is POSIX's")
def test_ten_thousand_flipped_bits(tmp_path, run):
    path = tmp_path / "c.npz"
    run.save(path)
    flips = np.random.RandomState(0).randint(8 * path.stat().st_size, size=10_000)
    assert check_flips(path, flips, run.model) > 8_000


def check_flips(path, flips, model):
    """Load the file with each of these bits turned over, into another model; return how many were found."""
    wanted = {name: v.data.tobytes() for name, v in named(model)}
    other = Linear(1, in_size=1, nobias=True) if isinstance(model, Linear) else trained(steps=1).model
    own = {name: v.data for name, v in named(other)}
    more = load_checkpoint(path, rng=False)
    found = 0
    content = path.read_bytes()
    with open(path, "r+b", buffering=0) as file:
        for flip in flips:
            os.pwrite(file.fileno(), bytes([content[flip // 8] ^ 1 << flip % 8]), flip // 8)
            try:
                loaded = load_checkpoint(path, model=other, rng=False)
            except ValueError as error:
                assert str(path) in str(error)
                assert all(v.data is own[name] for name, v in named(other)), flip
                found += 1
            else:
                assert {name: v.data.tobytes() for name, v in named(other)} == wanted, flip
                assert loaded == more
                for name, v in named(other):
                    v.data = own[name]
            os.pwrite(file.fileno(), content[flip // 8 : flip // 8 + 1], flip // 8)
    return found


def test_a_file_cut_off_anywhere_is_refused(tmp_path, run):
    path = tmp_path / "c.npz"
    run.save(path)
    content = path.read_bytes()
    before = digest(**run.parts), generators()
    for length in range(0, len(content), len(content) // 40):
        path.write_bytes(content[:length])
        with pytest.raises(ValueError, match=r"cannot load .*c\.npz"):
            run.load(path)
    assert (digest(**run.parts), generators()) == before


@pytest.mark.skipif(os.name != "posix", reason="the size of files is limited by POSIX's setrlimit")
def test_a_full_disk_leaves_the_old_checkpoint(tmp_path, run):
    import resource

    path = tmp_path / "c.npz"
    run.save(path)
    old = path.read_bytes()
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    for limit in [*range(0, len(old), len(old) // 6), len(old) - 1]:
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, hard))
        try:
            with pytest.raises(OSError, match=r"cannot save to .*, what was there before is unchanged"):
                run.save(path)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        assert path.read_bytes() == old
    assert os.listdir(tmp_path) == ["c.npz"]


@pytest.mark.parametrize("call", ["fsync", "replace"])
@pytest.mark.parametrize("error", [OSError(errno.ENOSPC, "No space left on device"), KeyboardInterrupt()])
def test_a_failure_at_the_end_leaves_the_old_checkpoint(tmp_path, run, monkeypatch, call, error):
    def fail(*args):
        raise error

    save_checkpoint(tmp_path / "c.npz", epoch=1)
    before = generators()
    with monkeypatch.context() as patch:
        patch.setattr(os, call, fail)
        with pytest.raises(type(error)):
            run.save(tmp_path / "c.npz")
    assert load_checkpoint(tmp_path / "c.npz", rng=False) == {"epoch": 1}
    assert os.listdir(tmp_path) == ["c.npz"]
    assert generators() == before


def test_a_failure_of_any_write_leaves_the_old_checkpoint(tmp_path, monkeypatch):
    plain = builtins.open

    def failing(path, mode="r", *args, **kwargs):
        return FailsAt(io.FileIO(path, "x")) if mode == "xb" else plain(path, mode, *args, **kwargs)

    path, model = tmp_path / "c.npz", Linear(1, in_size=2)
    save_checkpoint(path, epoch=1)
    for n in range(200):
        with monkeypatch.context() as patch:
            patch.setattr(builtins, "open", failing)
            FailsAt.n = n
            try:
                save_checkpoint(path, model=model, epoch=2)
            except OSError as error:
                assert "No space left" in str(error)
                assert load_checkpoint(path, rng=False) == {"epoch": 1}
                assert os.listdir(tmp_path) == ["c.npz"]
            else:
                break
    assert n > 10
    assert load_checkpoint(path, model=model) == {"epoch": 2}


def test_threads_of_workers_end_with_their_passes(tmp_path):
    before = threading.active_count()
    run = trained(workers=3)
    run.save(tmp_path / "c.npz")
    for _ in range(3):
        again = Run(workers=3)
        again.load(tmp_path / "c.npz")
        for _ in again.steps():
            break
    del again, run
    for thread in threading.enumerate():
        if thread.name.startswith("DataLoader"):
            thread.join(5)
    assert threading.active_count() <= before


def test_on_a_gpu_a_run_goes_on_too(tmp_path, monkeypatch):
    stand_in = fake_cupy.module()  # its generator is NumPy's
    monkeypatch.setitem(sys.modules, "cupy", stand_in)
    monkeypatch.setattr(cuda, "cupy", stand_in, raising=False)
    monkeypatch.setattr(cuda, "gpu_enable", True, raising=False)
    results = []
    for killed in (False, True):
        dezero.seed(1)
        run = GPURun()
        for step in run.steps():
            run.save(tmp_path / "c.npz")
            if step == 4 and killed:
                break
        if killed:
            dezero.seed(9)
            run = GPURun()
            run.load(tmp_path / "c.npz")
            for _ in run.steps():
                run.save(tmp_path / "c.npz")
        assert type(run.model.l1.W.data) is stand_in.ndarray
        assert type(run.model.norm.avg_mean.data) is stand_in.ndarray
        results.append([cuda.as_numpy(v.data).tobytes() for _, v in named(run.model)])
    assert results[0] == results[1]


class GPURun(Run):
    def __init__(self) -> None:
        super().__init__()
        self.loader.to_gpu()
        self.model(np.zeros((2, 16), np.float32))
        self.model.to_gpu()


def test_safetensors_holds_a_checkpoint_too(tmp_path, run):
    pytest.importorskip("safetensors", reason="the package safetensors is not installed")
    run.save(tmp_path / "c.safetensors")
    again = Run()
    again.load(tmp_path / "c.safetensors")
    assert digest(**again.parts)["states"] == digest(**run.parts)["states"]
    assert "model/weights/l1/W" in load_arrays(tmp_path / "c.safetensors")
