"""On the GPU, all comes out as on the CPU: for every operation, layer and optimizer.

The tests marked `gpu` need CuPy and a device (``pytest -m gpu``). Everywhere else one test runs them in a process of
its own against a stand-in (`tests/fake_cupy.py`), which finds NumPy arrays among the device's, and names that CuPy
lacks, but says nothing of kernels and speed.
"""

from __future__ import annotations

import copy
import json
import os
import pickle
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import dezero.functions as F
import dezero.layers as L
from dezero import Function, Parameter, Variable, cuda, from_dlpack, grad, no_grad, optimizers, test_mode
from dezero.core import unary
from dezero.dataloaders import DataLoader
from dezero.datasets import ArrayDataset
from dezero.models import MLP, Sequential
from tests import fake_cupy
from tests.op_table import Op, Sample, apply, differentiable, ops

ROOT = Path(__file__).parents[1]

if cuda.gpu_enable:
    CASES = [pytest.param(op, s, id=f"{op}({s})") for op in ops() for s in op.all_samples()]
else:
    CASES = [pytest.param(None, None, id="all")]  # skipped once, in words


@pytest.fixture
def cupy():
    if not cuda.gpu_enable:
        pytest.skip(f"needs a GPU, and {cuda.why_no_gpu()}; test_everything_on_the_stand_in takes its place")
    return cuda.cupy


# -- every operation -------------------------------------------------------------------------------


def moved(x: object) -> object:
    """x with its NumPy arrays on the device."""
    if isinstance(x, np.ndarray):
        return cuda.as_cupy(x)
    return type(x)(map(moved, x)) if isinstance(x, (tuple, list)) else x


def total(ys: list[Variable], seed: int) -> Variable:
    """The outputs times random weights, summed up."""
    rng = np.random.default_rng(seed)
    terms = []
    for y in ys:
        xp = cuda.get_array_module(y)
        terms += [F.sum(y * xp.asarray(rng.standard_normal(y.shape).astype(y.dtype)))] if y.dtype.kind == "f" else []
    return sum(terms[1:], terms[0])


def results(op: Op, sample: Sample, arguments: list) -> dict[str, list[Variable]]:
    """Outputs, gradients by both roads, and second gradients."""
    xs = []
    for i in differentiable(sample):
        arguments[i] = Variable(arguments[i])
        xs.append(arguments[i])
    ys = apply(op.function, sample, arguments)
    found = {"outputs": ys}
    if op.order > 0:
        result = total(ys, 1)
        found["gradients on arrays"] = grad(result, xs)
        found["gradients"] = gxs = grad(result, xs, create_graph=True)
    if op.order > 1:
        found["second gradients"] = grad(total(gxs, 2), xs)
    return found


@pytest.mark.gpu
@pytest.mark.parametrize(("op", "sample"), CASES)
def test_operation_is_the_same_on_the_gpu(cupy, op, sample):
    right = results(op, sample, op.arrays(sample))
    on_gpu = Sample(sample.arguments, {key: moved(value) for key, value in sample.options.items()})
    found = results(op, on_gpu, [moved(x) for x in op.arrays(sample)])
    for what, expected in right.items():
        for y, right_y in zip(found[what], expected, strict=True):
            assert isinstance(y.data, cupy.ndarray), f"{what} left the GPU"
            assert (y.dtype, y.shape) == (right_y.dtype, right_y.shape)
            if op.function is not F.dropout:  # whose random numbers are the GPU's own
                np.testing.assert_allclose(y.numpy(), right_y.data, rtol=1e-9, atol=1e-11, err_msg=what)


# -- the engine ------------------------------------------------------------------------------------


@pytest.mark.gpu
def test_numbers_meet_arrays_of_the_gpu(cupy):
    x = Variable(cupy.asarray(np.array([1.0, 2.0], dtype=np.float32)))
    for y in (x + 1, 2 * x, 2.0**x, x * np.float32(3), x.data * x):
        assert type(y) is Variable and y.dtype == np.float32
    for y in (x + 1, 2 * x, 2.0**x, x * np.float32(3), F.log(2.0) * x, x / F.exp(1.0)):
        for gx in (grad(F.sum(y), x), grad(F.sum(y), x, create_graph=True)):
            assert isinstance(gx.data, cupy.ndarray) and gx.dtype == np.float32


@pytest.mark.gpu
def test_lists_meet_arrays_of_the_gpu(cupy):
    x = Variable(cupy.asarray(np.array([1.0, 2.0])))
    for y in (F.add(x, [1, 2]), [1, 2] * x, F.einsum("i,i->", x, [1.0, 2.0]), F.where(x > 1, x, [1.0, 2.0])):
        assert isinstance(grad(F.sum(y), x).data, cupy.ndarray)


@pytest.mark.gpu
def test_backward_adds_up_and_clears(cupy):
    x = Variable(cupy.asarray(np.array([1.0, 2.0])))
    for _ in range(2):
        F.sum(x * x).backward(retain_grad=True)
    assert isinstance(x.grad.data, cupy.ndarray)
    assert x.grad.tolist() == [4.0, 8.0]
    y = x * x
    y.grad = 2.0
    x.cleargrad()
    y.backward()
    assert x.grad.tolist() == [4.0, 8.0]
    assert float(F.sum(x)) == 3.0 and len(x) == 2 and 2.0 in x and "1." in repr(x)
    assert pickle.loads(pickle.dumps(x)).tolist() == copy.deepcopy(x).tolist() == [1.0, 2.0]


class Halved(Function):
    """A user's Function that hands out its own input, x, as gradient of x^2 / 2."""

    def forward(self, x):
        return x * x / 2

    def backward(self, gy):
        return self.inputs[0]


@pytest.mark.gpu
def test_gradients_are_memory_of_their_own(cupy):
    x = Variable(cupy.asarray(np.array([1.0, 2.0])))
    unary(Halved(), x).backward()
    x.grad.data *= 0
    assert x.tolist() == [1.0, 2.0]


@pytest.mark.gpu
@pytest.mark.parametrize("other", ["array", "Variable"])
def test_arrays_of_both_kinds_do_not_mix(cupy, other):
    x = Variable(cupy.asarray(np.ones(2)))
    other = np.ones(2) if other == "array" else Variable(np.ones(2))
    for mixed in (lambda: x + other, lambda: other * x, lambda: F.matmul(x, other)):
        with pytest.raises((TypeError, ValueError)):
            mixed()


@pytest.mark.gpu
def test_labels_may_come_from_either_side(cupy):
    x, t = cupy.asarray(np.array([[1.0, 2.0], [0.0, 0.0]])), np.array([1, 0])
    losses = [float(F.softmax_cross_entropy(x, labels)) for labels in (t, cupy.asarray(t), [1, 0])]
    assert losses[0] == losses[1] == losses[2]
    assert float(F.accuracy(x, t)) == float(F.accuracy(x, cupy.asarray(t))) == 1.0


@pytest.mark.gpu
def test_dlpack_shares_memory_on_the_gpu(cupy):
    if cupy.__version__.endswith("stand-in"):
        pytest.skip("the stand-in has no device memory")
    a = cupy.asarray(np.ones(2))
    from_dlpack(a).data[0] = 5.0
    assert a.tolist() == [5.0, 1.0]


# -- layers, models, optimizers --------------------------------------------------------------------

IMAGE, ROWS, SERIES = (2, 3, 6, 5), (4, 3), (2, 5, 4)
LAYERS = {
    "Linear": (lambda: L.Linear(2), ROWS), "Conv1d": (lambda: L.Conv1d(2, 3), (2, 3, 7)),
    "Conv2d": (lambda: L.Conv2d(4, 3, stride=2, pad=1), IMAGE), "Deconv2d": (lambda: L.Deconv2d(2, 3, stride=2), IMAGE),
    "BatchNorm": (L.BatchNorm, IMAGE), "LayerNorm": (L.LayerNorm, ROWS), "GroupNorm": (lambda: L.GroupNorm(3), IMAGE),
    "RMSNorm": (L.RMSNorm, ROWS), "RNN": (lambda: Twice(L.RNN(4)), ROWS), "LSTM": (lambda: Twice(L.LSTM(4)), ROWS),
    "GRU": (lambda: Twice(L.GRU(4)), ROWS), "MultiHeadAttention": (lambda: L.MultiHeadAttention(4, 2), SERIES),
    "TransformerBlock": (lambda: L.TransformerBlock(4, 2, causal=True), SERIES),
    "MLP": (lambda: MLP((5, 2), activation=F.relu), ROWS),
    "Sequential": (lambda: Sequential(L.Conv2d(4, 3, pad=1), L.BatchNorm(), F.relu, lambda x: F.pooling(x, 2),
                                      F.flatten, L.Linear(2)), IMAGE),
}  # fmt: skip


class Twice(L.Layer):
    """A recurrent layer over two steps."""

    def __init__(self, cell):
        super().__init__()
        self.cell = cell

    def forward(self, x):
        self.cell.reset_state()
        self.cell(x)
        return self.cell(x)


def example(shape: tuple[int, ...]) -> np.ndarray:
    return np.random.default_rng(0).standard_normal(shape).astype(np.float32)


def twins(name: str) -> tuple[L.Layer, L.Layer, np.ndarray]:
    """A layer on the CPU, the same one on the GPU, and an input."""
    make, shape = LAYERS[name]
    x = example(shape)
    state = np.random.get_state()
    np.random.seed(0)
    layer = make()
    with no_grad(), test_mode():
        layer(x)
    np.random.set_state(state)
    other = copy.deepcopy(layer)
    other.to_gpu()
    return layer, other, x


def same(found: Variable, right: Variable) -> None:
    """To the digits of float32 after a few hundred additions in another order."""
    assert isinstance(found.data, cuda.cupy.ndarray) and found.dtype == right.dtype
    np.testing.assert_allclose(found.numpy(), right.numpy(), rtol=1e-4, atol=1e-5)


@pytest.mark.gpu
@pytest.mark.parametrize("name", LAYERS)
def test_layer_is_the_same_on_the_gpu(cupy, name):
    layer, other, x = twins(name)
    y, other_y = layer(x), other(cupy.asarray(x))
    same(other_y, y)
    for result in (y, other_y):
        F.sum(result * result).backward()
    for p, other_p in zip(layer.params(), other.params(), strict=True):
        same(other_p, p)
        same(other_p.grad, p.grad)
    for (_, buffer), (_, other_buffer) in zip(layer.named_buffers(), other.named_buffers(), strict=True):
        same(other_buffer, buffer)


@pytest.mark.gpu
@pytest.mark.parametrize("name", LAYERS)
def test_lazy_layer_makes_its_parameters_on_the_gpu(cupy, name):
    make, shape = LAYERS[name]
    layer = make()
    layer.to_gpu()
    layer(cupy.asarray(example(shape)))
    for variable in [*layer.params(), *[b for _, b in layer.named_buffers()]]:
        assert isinstance(variable.data, cupy.ndarray)


@pytest.mark.gpu
def test_embedding_takes_ids_from_either_side(cupy):
    layer = L.EmbedID(5, 2)
    layer.to_gpu()
    ids = np.array([[0, 3], [3, 3]])
    for x in (ids, cupy.asarray(ids)):
        layer.cleargrads()
        F.sum(layer(x)).backward()
        assert layer.W.grad.tolist() == [[1, 1], [0, 0], [0, 0], [3, 3], [0, 0]]


@pytest.mark.gpu
def test_dropout_draws_on_the_gpu(cupy):
    y = F.dropout(cupy.asarray(np.ones(1000, np.float32)), 0.25)
    assert isinstance(y.data, cupy.ndarray) and y.dtype == np.float32
    kept = y.numpy() > 0
    assert 600 < kept.sum() < 900 and np.allclose(y.numpy()[kept], 4 / 3)


OPTIMIZERS = ["SGD", "MomentumSGD", "AdaGrad", "RMSprop", "AdaDelta", "Adam", "AdamW", "NAdam"]


@pytest.mark.gpu
@pytest.mark.parametrize("name", OPTIMIZERS)
def test_training_is_the_same_on_the_gpu(cupy, name):
    model, other, x = twins("MLP")
    t = np.array([0, 1, 1, 0])
    for trained, move in ((model, np.asarray), (other, cupy.asarray)):
        optimizer = getattr(optimizers, name)().setup(trained)
        for hook in (optimizers.WeightDecay(1e-3), optimizers.ClipGrad(1.0), optimizers.ClipGradValue(0.5)):
            optimizer.add_hook(hook)
        for _ in range(3):
            loss = F.softmax_cross_entropy(trained(move(x)), move(t))
            trained.cleargrads()
            loss.backward()
            optimizer.update()
    for p, other_p in zip(model.params(), other.params(), strict=True):
        same(other_p, p)


@pytest.mark.gpu
def test_optimizer_follows_its_model_back(cupy):
    model, other, x = twins("MLP")
    for trained in (model, other):
        optimizer = optimizers.Adam().setup(trained)
        for step in range(4):
            if step == 2:
                trained.to_cpu()
                saved = json.dumps(optimizer.state_dict(), default=lambda array: array.tolist())
                assert '"steps": 2' in saved
            loss = F.sum(trained(x if trained is model or step > 1 else cupy.asarray(x)))
            trained.cleargrads()
            loss.backward()
            optimizer.update()
    for p, other_p in zip(model.params(), other.params(), strict=True):
        np.testing.assert_allclose(other_p.numpy(), p.numpy(), rtol=1e-4, atol=1e-5)


@pytest.mark.gpu
@pytest.mark.parametrize("name", ["Sequential", "TransformerBlock"])
@pytest.mark.parametrize("suffix", ["npz", "safetensors"])
def test_weights_travel_between_the_two(cupy, name, suffix, tmp_path):
    if suffix == "safetensors":
        pytest.importorskip("safetensors", reason="safetensors is not installed")
    layer, other, x = twins(name)
    path = tmp_path / f"weights.{suffix}"
    other.save_weights(path)
    for p in other.params():
        assert isinstance(p.data, cupy.ndarray)  # saving moves nothing
        p.data *= 0
    other.load_weights(path)
    with test_mode():
        same(other(cupy.asarray(x)), layer(x))
    layer.load_weights(path)
    assert all(type(p.data) is np.ndarray for p in layer.params())


@pytest.mark.gpu
@pytest.mark.parametrize("workers", [0, 2])
def test_loader_gives_batches_on_the_gpu(cupy, workers):
    data = ArrayDataset(np.arange(6.0).reshape(3, 2), np.arange(3))
    loader = DataLoader(data, 2, shuffle=False, gpu=True, num_workers=workers)
    batches = list(loader)
    assert all(isinstance(array, cupy.ndarray) for batch in batches for array in batch)
    assert [[array.tolist() for array in batch] for batch in batches] == [
        [[[0.0, 1.0], [2.0, 3.0]], [0, 1]], [[[4.0, 5.0]], [2]],
    ]  # fmt: skip
    loader.to_cpu()
    assert all(type(array) is np.ndarray for batch in loader for array in batch)


@pytest.mark.gpu
def test_layer_moves_there_and_back_with_gradients(cupy):
    layer, other, x = twins("Linear")
    F.sum(other(cupy.asarray(x))).backward()
    other.to_cpu()
    F.sum(layer(x)).backward()
    for p, other_p in zip(layer.params(), other.params(), strict=True):
        assert type(other_p.data) is type(other_p.grad.data) is np.ndarray
        np.testing.assert_allclose(other_p.grad.data, p.grad.data, rtol=1e-5)
    empty = Parameter(None)
    empty.to_gpu()
    assert empty.data is None


# -- the stand-in ----------------------------------------------------------------------------------


def test_everything_on_the_stand_in():
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "tests.fake_cupy", "-p", "no:cacheprovider", "-m", "gpu",
         "--tb=short", "tests/test_gpu.py"],
        cwd=ROOT, env=os.environ | {"OMP_NUM_THREADS": "1"}, capture_output=True, text=True, timeout=300,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
    assert int(re.search(r"(\d+) passed", done.stdout)[1]) > 500


@pytest.fixture
def stand_in(monkeypatch):
    monkeypatch.setitem(sys.modules, "cupy", fake_cupy.module())
    return sys.modules["cupy"]


def test_stand_in_refuses_what_cupy_refuses(stand_in):
    a, n = stand_in.arange(3.0), np.arange(3.0)
    for leak in (lambda: a + n, lambda: n + a, lambda: a @ n, lambda: np.asarray(a), lambda: np.ascontiguousarray(a),
                 lambda: np.where(n > 1, a, 0), lambda: np.concatenate([a, n]), lambda: a * np.array(2.0),
                 lambda: a.max(initial=0), lambda: np.sum(a, where=a), lambda: np.insert(a, 0, 1.0)):  # fmt: skip
        with pytest.raises(TypeError):
            leak()
    with pytest.raises(ValueError, match="cannot be used for fill"):
        a[:] = n
    with pytest.raises(NotImplementedError):
        np.maximum.accumulate(a)
    for lacking in ("geomspace", "block", "einsum_path", "errstate"):
        assert not hasattr(stand_in, lacking)


def test_stand_in_answers_numpy_s_functions_with_device_arrays(stand_in):
    a = stand_in.asarray([[1.0, 2.0], [3.0, 4.0]])
    kind = stand_in.ndarray
    for y in (np.sin(a), np.where(a > 1, a, 0), a.sum(), np.max(a), a[0, 0], np.linalg.inv(a), 2 * a, np.float32(2) * a,
              a[np.array([0, 1])], np.einsum("ij->i", a), stand_in.random.rand(2), np.exp(a, out=a)):  # fmt: skip
        assert type(y) is kind
    a[0, 0] += 1
    assert float(a.sum()) == float(stand_in.asnumpy(a).sum())
    assert np.shape(a) == (2, 2) and np.result_type(a, 1.0) == np.float64
    assert stand_in.float32 is np.float32


def test_stand_in_has_no_names_but_cupy_s():
    real = sys.modules.get("cupy")
    if real is None or not hasattr(real, "RawKernel"):
        pytest.skip("CuPy is not installed: its names cannot be compared with those recorded")
    assert set(fake_cupy.NAMES["cupy"]) <= set(dir(real))
    assert set(fake_cupy.NAMES["ndarray"]) <= set(dir(real.ndarray))
