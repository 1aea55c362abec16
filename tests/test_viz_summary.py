"""summary: a model's layers, shapes and parameters, without computing anything."""

import random
import time
import tracemalloc
from collections import OrderedDict
from functools import partial
from typing import NamedTuple

import numpy as np
import pytest

import dezero
import dezero.functions as F
import dezero.layers as L
from dezero import Function, Model, Parameter, Variable, models, summary
from dezero.viz.sizes_only import ShapeOnly, shape_only


class Pair(NamedTuple):
    first: object
    second: object


VGG16 = [
    ("conv1_1", (10, 64, 224, 224)), ("conv1_2", (10, 64, 224, 224)), ("pool", (10, 64, 112, 112)),
    ("conv2_1", (10, 128, 112, 112)), ("conv2_2", (10, 128, 112, 112)), ("pool", (10, 128, 56, 56)),
    ("conv3_1", (10, 256, 56, 56)), ("conv3_2", (10, 256, 56, 56)), ("conv3_3", (10, 256, 56, 56)),
    ("pool", (10, 256, 28, 28)),
    ("conv4_1", (10, 512, 28, 28)), ("conv4_2", (10, 512, 28, 28)), ("conv4_3", (10, 512, 28, 28)),
    ("pool", (10, 512, 14, 14)),
    ("conv5_1", (10, 512, 14, 14)), ("conv5_2", (10, 512, 14, 14)), ("conv5_3", (10, 512, 14, 14)),
    ("pool", (10, 512, 7, 7)), ("reshape", (10, 25088)),
    ("fc6", (10, 4096)), ("fc7", (10, 4096)), ("fc8", (10, 1000)),
]  # fmt: skip


def test_vgg16_gives_the_table_without_its_memory():
    model = models.VGG16()
    tracemalloc.start()
    begin = time.perf_counter()
    table = model.summary((10, 3, 224, 224))
    took = time.perf_counter() - begin
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert [(row.path, row.shape) for row in table.rows] == VGG16
    assert table.parameters == table.trainable == 138_357_544
    assert "138,357,544 parameters, 527.8 MiB, all trainable" in str(table)
    assert took < 1 and peak < 10 * 2**20
    assert model.conv1_1.W.data is None and model.fc6.W.data is None


def test_the_text_is_a_table():
    model = models.MLP((10, 3))
    assert str(summary(model, (5, 2))).splitlines() == [
        "MLP of (5, 2)",
        "--------------------------------------------------",
        "layer  kind    output shape  parameters  trainable",
        "--------------------------------------------------",
        "l0     Linear  (5, 10)               30         30",
        "l1     Linear  (5, 3)                33         33",
        "--------------------------------------------------",
        "63 parameters, 252 B, all trainable",
        "values kept for backward: 460 B; mode: train",
    ]
    assert repr(summary(model, (5, 2))) == str(summary(model, (5, 2)))
    assert "<td" in summary(model, (5, 2))._repr_html_()


def nets() -> dict[str, tuple[object, tuple[int, ...], type]]:
    return {
        "mlp": (models.MLP((4, 3)), (5, 2), np.float32),
        "rnn": (L.RNN(4), (5, 2), np.float32),
        "lstm": (models.Sequential(L.LSTM(4), F.tanh, L.Linear(2)), (5, 2), np.float32),
        "gru": (L.GRU(4, in_size=2), (5, 2), np.float64),
        "attention": (models.Sequential(L.EmbedID(10, 4), L.MultiHeadAttention(4, 2)), (3, 6), np.int64),
        "transformer": (L.TransformerBlock(4, 2, dropout_ratio=0.1, causal=True), (3, 6, 4), np.float32),
        "convolutions": (
            models.Sequential(L.Conv2d(4, 3, stride=2, pad=1), L.BatchNorm(), F.relu, L.Deconv2d(3, 2, 2),
                              L.GroupNorm(3), lambda x: F.average_pooling(x, 2), L.Dropout(), F.flatten, L.LayerNorm(),
                              L.RMSNorm(), L.Linear(2)), (2, 3, 9, 9), np.float32),
        "sequence": (models.Sequential(L.Conv1d(4, 3), F.gelu, lambda x: F.max(x, axis=2)), (2, 3, 9), np.float32),
        "squeezenet": (models.SqueezeNet(), (1, 3, 64, 64), np.float32),
    }  # fmt: skip


@pytest.mark.parametrize("name", nets())
def test_shapes_and_counts_are_those_of_a_call(name):
    model, shape, dtype = nets()[name]
    table = summary(model, shape, dtype=dtype)
    assert not table.problem, table
    y = model(np.zeros(shape, dtype))
    if name == "rnn":
        model(np.zeros(shape, dtype))
    assert table.rows[-1].shape == y.shape
    assert table.parameters == sum([p.size for p in model.params()])
    assert table.parameters == sum([row.parameters for row in table.rows])
    assert table.parameter_bytes == sum([p.data.nbytes for p in model.params()])


def test_resnet_is_quick_and_can_be_folded():
    model = models.ResNet50()
    begin = time.perf_counter()
    table = summary(model, (2, 3, 224, 224))
    assert time.perf_counter() - begin < 1
    assert table.rows[-1].shape == (2, 1000) and not table.problem
    folded = summary(model, (2, 3, 224, 224), depth=1)
    assert len(folded.rows) < 12 < len(table.rows)
    assert folded.parameters == table.parameters == sum([row.parameters for row in folded.rows])


# -- nothing is touched ----------------------------------------------------------------------------


def test_generators_states_and_modes_stay_as_they_are():
    model = models.Sequential(L.LSTM(4), L.BatchNorm(), L.Dropout(0.5), L.Linear(2))
    model(np.ones((3, 2), np.float32))
    state, average = model.l0.h, model.l1.avg_mean.data.copy()
    weights = {path: p.data for path, p in model.named_params()}
    inputs = model.l3.inputs
    ours, python = np.random.get_state()[1].copy(), random.getstate()
    table = summary(model, (7, 2))
    assert not table.problem and table.rows[-1].shape == (7, 2)
    assert model.l0.h is state and np.array_equal(model.l1.avg_mean.data, average) and model.l3.inputs is inputs
    assert all([p.data is weights[path] and p.grad is None for path, p in model.named_params()])
    assert np.array_equal(np.random.get_state()[1], ours) and random.getstate() == python
    assert dezero.Config.train and dezero.Config.enable_backprop


def test_lazy_layers_stay_lazy():
    model = models.Sequential(L.Linear(4), L.BatchNorm(), L.RNN(3))
    table = summary(model, (2, 5))
    assert [row.parameters for row in table.rows] == [24, 8, 24]
    assert model.l0.W.data is None and model.l0.in_size is None and model.l1.gamma.data is None
    assert model.l2.h is None


OUTSIDE = L.Linear(3)


def test_layers_behind_functions_and_in_any_container_stay_lazy():
    class Hidden(Model):
        def __init__(self):
            super().__init__()
            self.l1, self.l2, self.l3 = L.Linear(4), L.Linear(5), L.Linear(6)
            self.steps = OrderedDict(a=lambda x: self.l1(x), b=self.l2, c=partial(F.relu), d=lambda x, f=self.l3: f(x))
            self.pair = Pair(self.l1.forward, OUTSIDE)

        def forward(self, x):
            for step in self.steps.values():
                x = step(x)
            return OUTSIDE(x)

    model = Hidden()
    table = summary(model, (2, 3))
    assert [(row.path, row.shape) for row in table.rows][:3] == [("l1", (2, 4)), ("l2", (2, 5)), ("l3", (2, 6))]
    assert [p.data is None for p in model.params()] == [True, False, True, False, True, False, True, False]
    assert OUTSIDE.W.data is None
    assert model(np.ones((2, 3), np.float32)).shape == (2, 3)


def test_the_mode_is_the_callers():
    model = models.Sequential(L.Linear(2), L.Dropout(0.5))
    with dezero.test_mode(), dezero.no_grad():
        table = summary(model, (2, 3))
        assert not dezero.Config.enable_backprop
    assert "mode: test" in str(table) and not table.problem
    with dezero.debug():
        assert not summary(model, (2, 3)).problem


def test_a_generator_that_a_layer_holds_is_not_used():
    class Noise(Model):
        def __init__(self):
            super().__init__()
            self.rng = np.random.default_rng(0)

        def forward(self, x):
            return x + self.rng.normal(size=x.shape).astype(np.float32)

    model = Noise()
    before = model.rng.bit_generator.state
    assert not summary(model, (3, 2)).problem
    assert model.rng.bit_generator.state == before


# -- what it says ----------------------------------------------------------------------------------


class Shared(Model):
    def __init__(self):
        super().__init__()
        self.blocks = [L.Linear(4, in_size=4), L.Linear(4, in_size=4)]
        self.scale = Parameter(np.ones(4, np.float32))
        self.idle = L.Linear(9)

    def forward(self, x):
        for block in self.blocks:
            x = F.relu(block(x))
        x = self.blocks[1](x) * self.scale
        return F.concatenate([x, x], axis=1)


def test_layers_that_are_called_again_and_own_parameters():
    table = summary(Shared(), (3, 4))
    assert [(row.path, row.parameters, row.again) for row in table.rows] == [
        ("", 4, False), ("blocks/0", 20, False), ("blocks/1", 20, False), ("blocks/1", 0, True),
        ("concatenate", 0, False),
    ]  # fmt: skip
    assert table.notes == (
        "not counted, as their sizes come with the first call: idle/W",
        "counted, but in no layer that was called: idle/b (9)",
    )
    assert "as above" in str(table)


def test_frozen_parameters_are_not_trainable():
    model = models.MLP((4, 3))
    model.l0.freeze()
    table = summary(model, (5, 2))
    assert (table.parameters, table.trainable) == (27, 15)
    assert "15 trainable, 12 frozen" in str(table) and "frozen" in str(table).splitlines()[4]


def test_several_inputs_and_outputs_and_examples():
    class Two(Model):
        def forward(self, x, t):
            y = F.softmax(x + t)
            return y, F.sum(y)

    table = summary(Two(), Variable(np.ones((3, 4))), np.ones(4))
    assert "Two of (3, 4), (4,)" in str(table) and not table.problem


def test_labels_and_indexes_pass_as_they_should():
    class Loss(Model):
        def __init__(self):
            super().__init__()
            self.fc = L.Linear(3)

        def forward(self, x, t):
            return F.softmax_cross_entropy(self.fc(x), t)

    table = summary(Loss(), (5, 2), np.zeros(5, int))
    assert not table.problem and table.rows[-1].shape == ()


def test_without_shapes_there_are_the_parameters():
    table = summary(models.VGG16())
    assert table.parameters == 138_357_544 and table.rows[0].shape is None and len(table.rows) == 16


def test_what_needs_numbers_is_told_in_words():
    class Odd(Function):
        def forward(self, x):
            if x[0, 0] > 0.5:
                raise ValueError("too large")
            return np.asarray(x) * 2

        def backward(self, gy):
            return gy * 2

    model = models.Sequential(L.Linear(3), Odd(), L.Linear(2))
    table = summary(model, (2, 2))
    assert [row.path for row in table.rows] == ["l0"]
    assert "The table ends here: the call failed in Sequential with ValueError: too large." in str(table)


def test_a_wrong_shape_is_told_with_the_layer():
    table = summary(models.VGG16(), (3, 224, 224))
    assert not table.rows and "failed in conv1_1 (Conv2d) with ValueError: conv2d expects x of shape" in table.problem


def test_a_function_of_the_user_that_leaves_numpy_is_computed():
    class Table(Function):
        def forward(self, x):
            return np.array([[math_free(v) for v in row] for row in x.tolist()])

        def backward(self, gy):
            return gy

    def math_free(v):
        return v + 1

    assert summary(models.Sequential(lambda x: Table()(x), L.Linear(2)), (3, 2)).rows[-1].shape == (3, 2)


@pytest.mark.parametrize("wrong", ["abc", (1.5, 2), None])
def test_what_is_no_shape_is_refused(wrong):
    with pytest.raises(TypeError, match="summary expects shapes such as"):
        summary(models.MLP((2,)), wrong)
    with pytest.raises(TypeError, match="expects a layer or a model"):
        summary(F.relu, (2, 2))


def test_a_layer_of_other_making_has_rows_too():
    class Foreign:
        def __init__(self):
            self.W = Parameter(np.ones((2, 3), np.float32), name="W")

        def params(self):
            yield self.W

        def __call__(self, x):
            return self.forward(x)

        def forward(self, x):
            return F.matmul(x, self.W)

    class Whole(Model):
        def __init__(self):
            super().__init__()
            self.a, self.b = Foreign(), L.Linear(2)

        def forward(self, x):
            return self.b(self.a(x))

    table = summary(Whole(), (5, 2))
    assert [(row.path, row.shape, row.parameters) for row in table.rows] == [("a", (5, 3), 6), ("b", (5, 2), 8)]


# -- arrays without numbers ------------------------------------------------------------------------

x, y, m = np.ones((3, 4), np.float32), np.ones((4, 2), np.float64), np.ones((2, 3, 4), np.float32)
i = np.array([[0, 2], [1, 1]])

CASES = {
    "arithmetic": lambda x, y, m: x * 2 + np.exp(x) / m,
    "comparison": lambda x, y, m: x > m,
    "matmul": lambda x, y, m: x @ y,
    "stack of matmul": lambda x, y, m: m @ y,
    "vector": lambda x, y, m: x @ y[:, 0],
    "dot": lambda x, y, m: m.dot(y),
    "tensordot": lambda x, y, m: np.tensordot(m, y, axes=1),
    "einsum": lambda x, y, m: np.einsum("nij,jk->kin", m, y),
    "einsum with dots": lambda x, y, m: np.einsum("...i,ij->...j", m, y),
    "einsum without arrow": lambda x, y, m: np.einsum("ij,jk", x, y),
    "sum": lambda x, y, m: m.sum(axis=(0, 2), keepdims=True),
    "mean": lambda x, y, m: np.mean(m, axis=-1),
    "var": lambda x, y, m: np.var(x, axis=0, ddof=1),
    "argmax": lambda x, y, m: m.argmax(axis=1),
    "cumsum": lambda x, y, m: np.cumsum(m, axis=1),
    "all": lambda x, y, m: (x > 0).all(axis=0),
    "reshape": lambda x, y, m: m.reshape(-1, 4)[:, ::2],
    "ravel": lambda x, y, m: m.transpose(2, 0, 1).ravel(),
    "concatenate": lambda x, y, m: np.concatenate([x, x.astype(np.float64)], axis=1),
    "stack": lambda x, y, m: np.stack([x, x], axis=1),
    "split": lambda x, y, m: np.split(m, 2, axis=2)[1],
    "where": lambda x, y, m: np.where(x > 0, x, 0.0),
    "pad": lambda x, y, m: np.pad(x, ((1, 2), (0, 3))),
    "broadcast": lambda x, y, m: np.broadcast_to(x, (5, 3, 4)),
    "repeat": lambda x, y, m: np.repeat(x, 3, axis=1),
    "tile": lambda x, y, m: np.tile(x, (2, 3)),
    "roll": lambda x, y, m: np.roll(x, 1, axis=0),
    "flip": lambda x, y, m: np.flip(x, axis=1),
    "take": lambda x, y, m: m.take(i, axis=1),
    "fancy index": lambda x, y, m: m[:, i],
    "two indexes": lambda x, y, m: m[i % 2, :, i],
    "neighbouring indexes": lambda x, y, m: m[:, i, i],
    "new axis": lambda x, y, m: m[None, ..., 0, None],
    "along an axis": lambda x, y, m: np.take_along_axis(x, np.argsort(x, axis=1)[:, :2], axis=1),
    "in place": lambda x, y, m: np.add(x, 1, out=np.empty_like(x)),
    "zeros": lambda x, y, m: np.zeros_like(x, dtype=int),
    "outer": lambda x, y, m: np.multiply.outer(x, y),
    "swapaxes": lambda x, y, m: np.swapaxes(m, 0, 2),
    "expand": lambda x, y, m: np.expand_dims(x, 1).squeeze(1),
    "triangle": lambda x, y, m: np.tril(m),
    "inverse": lambda x, y, m: np.linalg.inv(x[:, :3] + np.eye(3, dtype=np.float32)),
    "numbers": lambda x, y, m: np.float32(2) * x + True,
}


@pytest.mark.parametrize("name", CASES)
def test_shapes_and_dtypes_are_numpys(name):
    expected = CASES[name](x, y, m)
    found = CASES[name](*[shape_only(a.shape, a.dtype) for a in (x, y, m)])
    assert (found.shape, found.dtype) == (expected.shape, expected.dtype)
    assert type(found) is ShapeOnly and not any(found.strides)


def test_wrong_shapes_are_refused_as_by_numpy():
    a, b = shape_only((3, 4)), shape_only((3, 4))
    for wrong in (lambda: a @ b, lambda: a.dot(b), lambda: a.reshape(5), lambda: a + shape_only(3),
                  lambda: np.concatenate([a, shape_only((2, 5))]), lambda: np.broadcast_to(a, (2, 4))):  # fmt: skip
        with pytest.raises(ValueError):
            wrong()
    with pytest.raises(ValueError):
        a.sum(axis=2)
    with pytest.raises(IndexError):
        a[0, 0, 0]


# -- layers that the model does not hold -----------------------------------------------------------

NORM, HEAD = L.BatchNorm(), L.Linear(4)


def test_global_layers_stay_as_they_were_and_are_named():
    class Loose(Model):
        def forward(self, x):
            return HEAD(NORM(x))

    NORM(np.ones((2, 3), np.float32))
    before = [x.data.copy() for _, x in NORM.named_buffers()]
    table = summary(Loose(), (2, 3))
    assert all((x.data == known).all() for (_, x), known in zip(NORM.named_buffers(), before))
    assert HEAD.W.data is None
    assert table.notes[-1] == "not part of the model, and not counted: HEAD (Linear), NORM (BatchNorm)"


def test_layers_of_the_function_around_a_model_stay_as_they_were():
    norm = L.BatchNorm()
    norm(np.ones((2, 3), np.float32))

    class Loose(Model):
        def forward(self, x):
            return norm(x)

    before = norm.avg_var.data.copy()
    assert "norm (BatchNorm)" in str(summary(Loose(), (2, 3)))
    assert (norm.avg_var.data == before).all()
