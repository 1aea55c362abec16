"""Files of earlier versions and of the original still load, to the last bit."""

from __future__ import annotations

import random
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

import dezero.layers as L
from dezero import DataLoader, Variable
from dezero.layers import Layer
from dezero.optimizers import Adam
from dezero.training import load_checkpoint
from dezero.utils.files import load_arrays
from tests.golden.make import Net, Small

GOLDEN = Path(__file__).parent / "golden"
SUFFIXES = pytest.mark.parametrize(
    "suffix",
    [
        "npz",
        pytest.param("safetensors", marks=pytest.mark.skipif(not find_spec("safetensors"), reason="not installed")),
    ],
)
EIGHTHS = {  # path: first number in eighths, shape; the others follow in steps of one
    "blocks/0/W": (0, (2, 3)), "blocks/0/b": (6, (3,)), "blocks/1/W": (9, (3, 2)),
    "bn/avg_mean": (15, (2,)), "bn/avg_var": (17, (2,)), "bn/beta": (19, (2,)), "bn/gamma": (21, (2,)),
    "conv/W": (23, (2, 1, 3, 3)), "conv/b": (41, (2,)), "embed/W": (43, (4, 2)),
    "rnn/h2h/W": (51, (2, 2)), "rnn/x2h/W": (55, (3, 2)), "rnn/x2h/b": (61, (2,)), "scale": (63, ()),
}  # fmt: skip
MOMENTS = {"t": 3, "m": np.float32(0.14025), "v": np.float32(0.000874625111464411)}
TRAINED = {
    "l1/W": [[-0.46159047, -0.33659047]], "l1/b": [2.7115905, 2.8365905], "bn/avg_mean": [0, 0.125],
    "bn/avg_var": [0.25, 0.375], "bn/gamma": [-0.7115905, -0.5865905], "bn/beta": [1.9615904, 2.0865905],
}  # fmt: skip


def expected(path: str) -> np.ndarray:
    first, shape = EIGHTHS[path]
    numbers = (first + np.arange(int(np.prod(shape)))) / 8
    return numbers.reshape(shape).astype(np.float64 if path == "scale" else np.float32)


def held(model: Layer) -> dict[str, np.ndarray]:
    return {path: v.data for path, v in [*model.named_params(), *model.named_buffers()]}


def test_the_files_are_small_and_none_is_forgotten():
    sizes = {path.name: path.stat().st_size for path in GOLDEN.iterdir() if path.suffix in (".npz", ".safetensors")}
    assert sorted(sizes) == [
        "adam.npz", "adam.safetensors", "checkpoint.npz", "generators.npz", "original.npz", "weights.npz",
        "weights.safetensors",
    ]  # fmt: skip
    assert sum(sizes.values()) < 20_000


@SUFFIXES
def test_weights(suffix):
    model = Net()
    report = model.load_weights(GOLDEN / f"weights.{suffix}")
    assert report.startswith("loaded 14 arrays: ") and "not in" not in report
    found = held(model)
    assert found.keys() == EIGHTHS.keys()
    for path, array in found.items():
        np.testing.assert_array_equal(array, expected(path), strict=True)
    assert model.out.W is model.embed.W


def test_weights_of_the_original():
    model = Layer()
    model.l1, model.rnn = L.Linear(3), L.RNN(2)
    model.load_weights(GOLDEN / "original.npz")
    for path, array in {
        "l1/W": np.arange(6.0).reshape(2, 3) / 8, "l1/b": np.arange(3.0) / 8, "rnn/h2h/W": np.eye(2) / 2,
        "rnn/x2h/W": np.arange(6.0).reshape(3, 2), "rnn/x2h/b": np.zeros(2),
    }.items():  # fmt: skip
        np.testing.assert_array_equal(held(model)[path], array.astype(np.float32), strict=True)
    assert load_arrays(GOLDEN / "original.npz")["l1/W"].dtype == np.float64


def check_adam(optimizer: Adam) -> None:
    """Three updates by gradients of 1/4, 2/4 and 3/4, of the sign that changes from parameter to parameter."""
    assert (optimizer.steps, optimizer.lr) == (3, 0.5)
    state = optimizer.state_dict()["state"]
    assert list(state) == ["l1/W", "l1/b", "bn/gamma", "bn/beta"]
    for i, own in enumerate(state.values()):
        assert own["t"] == MOMENTS["t"]
        assert own["m"].dtype == own["v"].dtype == np.float32
        assert (own["m"] == (-1) ** i * MOMENTS["m"]).all()
        assert (own["v"] == MOMENTS["v"]).all()


@SUFFIXES
def test_state_of_an_optimizer(suffix):
    optimizer = Adam(Small())
    optimizer.load_state(GOLDEN / f"adam.{suffix}")
    check_adam(optimizer)


def test_checkpoint():
    model, loader = Small(), DataLoader(np.arange(7.0), 2)
    optimizer = Adam(model, beta1=0.5)
    more = load_checkpoint(GOLDEN / "checkpoint.npz", model=model, optimizer=optimizer, loader=loader)
    assert more == {"epoch": 3, "best": (0.1, "läuft", None)}
    found = held(model)
    assert found.keys() == TRAINED.keys()
    for path, numbers in TRAINED.items():
        np.testing.assert_array_equal(found[path], np.array(numbers, np.float32), strict=True)
    check_adam(optimizer)
    assert (optimizer.beta1, optimizer.beta2, optimizer.eps) == (0.9, 0.999, 1e-8)
    assert [batch.tolist() for batch in loader] == [[0, 6], [3, 1], [4]]  # the first, [2, 5], was taken before


def test_state_of_the_generators():
    before = np.random.get_state(), random.getstate()
    try:
        assert load_checkpoint(GOLDEN / "generators.npz") == {}
        assert np.random.rand(2).tolist() == [0.5384958704104337, 0.5011204636599379]
        assert random.random() == 0.32383276483316237
    finally:
        np.random.set_state(before[0]), random.setstate(before[1])


def test_training_goes_on_from_a_golden_file():
    """One more update is the one that Adam makes by its formula, from the numbers of the file."""
    model = Small()
    optimizer = Adam(model)
    load_checkpoint(GOLDEN / "checkpoint.npz", model=model, optimizer=optimizer)
    model.l1.W.grad = Variable(np.full((1, 2), 1.0, np.float32))
    optimizer.update()
    m, v = 0.9 * 0.14025 + 0.1, 0.999 * 0.000874625111464411 + 0.001
    step = 0.5 * np.sqrt(1 - 0.999**4) / (1 - 0.9**4) * m / (np.sqrt(v) + 1e-8)
    np.testing.assert_allclose(model.l1.W.data, np.array(TRAINED["l1/W"]) - step, rtol=1e-6)
