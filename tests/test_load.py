"""The engine under load: width, threads, long runs, interrupts, and the same numbers everywhere."""

import gc
import hashlib
import linecache
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
import dezero.layers as L
from dezero import Config, Variable, no_grad, test_mode
from dezero.models import MLP
from dezero.optimizers import Adam

ROOT = Path(__file__).parents[1]


# -- width ---------------------------------------------------------------------------------------------


def branches(n):
    """The derivative of the sum of n branches of one variable, added in pairs, so that the graph is wide and flat."""
    x = Variable(np.array(0.5))
    level = [x * 2.0 for _ in range(n)]
    while len(level) > 1:
        level = [a + b for a, b in zip(level[::2], level[1::2])] + ([level[-1]] if len(level) % 2 else [])
    level[0].backward()
    return float(x.grad.data)


def test_many_branches():
    assert branches(20_000) == 40_000.0


@pytest.mark.slow
def test_a_million_branches():
    assert branches(1_000_000) == 2_000_000.0


@pytest.mark.slow
def test_a_million_branches_on_a_small_stack():
    found, old = [], threading.stack_size(1 << 20)
    try:
        thread = threading.Thread(target=lambda: found.append(branches(1_000_000)))
        thread.start()
        thread.join()
    finally:
        threading.stack_size(old)
    assert found == [2_000_000.0]


# -- threads -------------------------------------------------------------------------------------------


def walk(seed, steps):
    """A number that depends on every result of many small steps, some of them without a graph or in test mode."""
    rng = random.Random(seed)
    w, total = Variable(np.linspace(-1.0, 1.0, 4)), 0.0
    for step in range(steps):
        x = Variable(np.full(4, rng.random()))
        kind = rng.randrange(3)
        if kind == 0:
            with no_grad():
                y = F.tanh(x * w)
            assert y.creator is None
        elif kind == 1:
            with test_mode():
                y = F.dropout(x * w, 0.5)
            assert Config.enable_backprop and not F.sum(y - x * w).data
        else:
            y = F.sum(F.sin(x * w))
            y.backward()
            (gx,) = dezero.grad(F.sum(x * x * x), [x], create_graph=True)
            (ggx,) = dezero.grad(F.sum(gx), [x])
            w.data = w.data - 0.01 * w.grad.data
            w.cleargrad()
            total += float(ggx.data[0])
        assert Config.train and Config.enable_backprop
        total += float(y.data.sum()) / (step + 1)
    return total, w.data.tobytes()


def in_threads(count, steps):
    found = [None] * count

    def work(i):
        found[i] = walk(i, steps)

    threads = [threading.Thread(target=work, args=(i,)) for i in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


def test_threads_compute_what_one_thread_does():
    assert in_threads(8, 100) == [walk(i, 100) for i in range(8)]


@pytest.mark.slow
def test_eight_threads_of_ten_thousand_steps():
    assert in_threads(8, 10_000) == [walk(i, 10_000) for i in range(8)]


# -- long runs -----------------------------------------------------------------------------------------


def resident():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def growth(steps):
    """Bytes by which resident memory grew while a small model trained, after a tenth of the steps."""
    rng = np.random.default_rng(0)
    model, optimizer = MLP((8, 3), activation=F.relu), Adam()
    optimizer.setup(model)
    x, t = rng.normal(size=(16, 4)), rng.integers(0, 3, 16)
    for step in range(steps + steps // 10):
        if step == steps // 10:
            gc.collect()
            before = resident()
        loss = F.softmax_cross_entropy(F.dropout(model(x), 0.1), t)
        model.cleargrads()
        loss.backward()
        optimizer.update()
    gc.collect()
    return resident() - before


@pytest.mark.skipif(not os.path.exists("/proc/self/statm"), reason="resident memory is read from /proc")
def test_training_does_not_grow():
    assert growth(1_000) < 1 << 20


@pytest.mark.slow
@pytest.mark.skipif(not os.path.exists("/proc/self/statm"), reason="resident memory is read from /proc")
def test_a_hundred_thousand_steps_do_not_grow():
    assert growth(100_000) < 1 << 20


# -- interrupts ----------------------------------------------------------------------------------------


PACKAGE = os.path.dirname(dezero.__file__) + os.sep


class Interrupt(KeyboardInterrupt):
    pass


def out_of_reach(frame):
    """Whether no signal can interrupt Python here.

    It delivers them after calls, at the start of functions and in loops. So there is none between entering a finally
    block and the call in it that puts the settings back, `enter(before)`, nor at a `try:`, nor at the head of a `with`
    block, to which Python comes back when it leaves the block. What a trace function raises within a comprehension
    passes by the finally blocks around it from Python 3.12 on, which what a signal raises does not.
    """
    text = linecache.getline(frame.f_code.co_filename, frame.f_lineno).strip()
    inlined = sys.version_info >= (3, 12) and " for " in text
    return inlined or text == "try:" or text.startswith("with ") or text.endswith("(before)")


def interrupted_at(line, work):
    """Run work and interrupt it at the given line of the package, counted from 0; whether it came there."""
    left = line

    def trace(frame, event, arg):
        nonlocal left
        if not frame.f_code.co_filename.startswith(PACKAGE):
            return None
        if event == "line":
            left -= 1
            if left < 0 and not out_of_reach(frame):
                sys.settrace(None)
                raise Interrupt
        return trace

    old = sys.gettrace()
    sys.settrace(trace)
    try:
        work()
    except Interrupt:
        return True
    finally:
        sys.settrace(old)
    return False


def trained(model, optimizer, x, t, steps=1):
    for _ in range(steps):
        loss = F.softmax_cross_entropy(model(x), t)
        model.cleargrads()
        loss.backward()
        optimizer.update()
    return float(loss.data)


def lines_of(work):
    """How many lines of the package work comes to, up to the last that can be interrupted."""
    count = last = 0

    def trace(frame, event, arg):
        nonlocal count, last
        if not frame.f_code.co_filename.startswith(PACKAGE):
            return None
        if event == "line":
            count += 1
            last = last if out_of_reach(frame) else count
        return trace

    old = sys.gettrace()
    sys.settrace(trace)
    try:
        work()
    finally:
        sys.settrace(old)
    return last


def check_interrupts(stride):
    rng = np.random.default_rng(0)
    x, t = rng.normal(size=(4, 3)).astype(np.float32), rng.integers(0, 2, 4)
    model = MLP((3, 2))
    optimizer = Adam().setup(model)
    trained(model, optimizer, x, t, 2)
    total = lines_of(lambda: trained(model, optimizer, x, t))
    for line in range(0, total, stride):
        assert interrupted_at(line, lambda: trained(model, optimizer, x, t))
        assert Config.enable_backprop and Config.train
        assert np.isfinite(trained(model, optimizer, x, t))
        assert {p.grad.shape for p in model.params()} == {p.shape for p in model.params()}
    assert trained(model, optimizer, x, t, 20) < 0.8
    return total


def test_an_interrupt_leaves_model_and_optimizer_usable():
    assert check_interrupts(3) > 300


@pytest.mark.slow
def test_an_interrupt_at_any_line_leaves_model_and_optimizer_usable():
    check_interrupts(1)


def check_interrupted_saves(folder, stride, monkeypatch):
    monkeypatch.setattr(sys, "unraisablehook", lambda said: None)  # what was left open says so when it closes itself
    model = L.Linear(2, in_size=2)
    path, old = folder / "w.npz", model.W.data.copy()
    model.save_weights(path)
    total = lines_of(lambda: model.save_weights(path))
    for line in range(0, total, stride):
        model.W.data[...] = line
        assert interrupted_at(line, lambda: model.save_weights(path))
        other = L.Linear(2, in_size=2)
        other.load_weights(path)
        assert np.array_equal(other.W.data, old) or np.all(other.W.data == line)
        assert [p.name for p in folder.iterdir()] == ["w.npz"]
        old = other.W.data.copy()
    gc.collect()  # all of it now, and not within another test


def test_an_interrupted_save_leaves_the_old_or_the_new_file(tmp_path, monkeypatch):
    check_interrupted_saves(tmp_path, 7, monkeypatch)


@pytest.mark.slow
def test_a_save_interrupted_at_any_line_leaves_the_old_or_the_new_file(tmp_path, monkeypatch):
    check_interrupted_saves(tmp_path, 1, monkeypatch)


# -- the same numbers everywhere -------------------------------------------------------------------------

PROGRAM = """
import hashlib, numpy as np, dezero, dezero.functions as F
from dezero.datasets import Spiral
np.random.seed(0)
model = dezero.models.MLP((32, 3), activation=F.relu)
optimizer = dezero.optimizers.Adam().setup(model)
loader = dezero.DataLoader(Spiral(), 30)
step = 0
while step < 50:
    for x, t in loader:
        loss = F.softmax_cross_entropy(F.dropout(model(x), 0.1), t)
        model.cleargrads(); loss.backward(); optimizer.update(); step += 1
        if step == 50: break
print(hashlib.sha256(b"".join(p.data.tobytes() for p in model.params())).hexdigest())
print(*[float(v) for p in model.params() for v in p.data.ravel()[:20]])
"""


def weights(**environment):
    done = subprocess.run([sys.executable, "-c", PROGRAM], cwd=ROOT, capture_output=True, text=True, check=True,
                          env=os.environ | environment)  # fmt: skip
    digest, values = done.stdout.splitlines()
    return digest, np.array(values.split(), dtype=float)


def test_hash_seeds_and_processes_make_no_difference():
    assert len({weights(PYTHONHASHSEED=str(seed))[0] for seed in (0, 1, 2, 3)}) == 1


def test_blas_threads_make_next_to_no_difference():
    threads = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")
    (_, one), (_, four) = (weights(**dict.fromkeys(threads, n)) for n in ("1", "4"))
    np.testing.assert_allclose(one, four, rtol=0, atol=1e-5)  # float32, 50 steps of Adam


def test_digests_see_a_changed_weight():
    assert hashlib.sha256(np.zeros(3).tobytes()).hexdigest() != hashlib.sha256(np.array([0, 0, 1e-300])).hexdigest()
