"""The layers without a state of their own steps: linear maps, convolutions, normalization, dropout, attention."""

import math

import numpy as np
import pytest

import dezero.functions as F
import dezero.layers as L
from dezero import Variable, test_mode
from dezero.layers import Layer


def random(*shape, seed=0):
    return np.random.default_rng(seed).standard_normal(shape)


def float32(*shape):
    return random(*shape).astype(np.float32)


def randn(*shape, fan_in):
    """The weights that the book's layers draw."""
    return np.random.randn(*shape).astype(np.float32) * np.float32(math.sqrt(1 / fan_in))


LAZY = {
    "Linear": (lambda **size: L.Linear(3, **size), (2, 4), "in_size"),
    "Conv1d": (lambda **size: L.Conv1d(3, 2, **size), (2, 4, 5), "in_channels"),
    "Conv2d": (lambda **size: L.Conv2d(3, (2, 3), **size), (2, 4, 5, 6), "in_channels"),
    "Conv2d groups": (lambda **size: L.Conv2d(6, 2, groups=2, **size), (2, 4, 5, 6), "in_channels"),
    "Deconv2d": (lambda **size: L.Deconv2d(3, 2, **size), (2, 4, 5, 6), "in_channels"),
    "Deconv2d groups": (lambda **size: L.Deconv2d(6, 2, groups=2, **size), (2, 4, 5, 6), "in_channels"),
}


# -- sizes and weights -----------------------------------------------------------------------------


@pytest.mark.parametrize("kind", LAZY)
def test_weights_are_the_same_drawn_at_once_or_at_the_first_call(kind):
    make, shape, what = LAZY[kind]
    np.random.seed(0)
    given = make(**{what: 4})
    np.random.seed(0)
    lazy = make()
    assert lazy.W.data is None and getattr(lazy, what) is None
    y = lazy(float32(*shape))
    np.testing.assert_array_equal(lazy.W.data, given.W.data)
    assert getattr(lazy, what) == 4
    assert y.dtype == lazy.W.dtype == lazy.b.dtype == np.float32
    np.testing.assert_array_equal(given(float32(*shape)).data, y.data)


@pytest.mark.parametrize(
    ("make", "shape", "fan_in"),
    [
        (lambda: L.Linear(3, in_size=4), (4, 3), 4),
        (lambda: L.Conv2d(3, (2, 5), in_channels=4), (3, 4, 2, 5), 40),
        (lambda: L.Deconv2d(3, (2, 5), in_channels=4), (4, 3, 2, 5), 40),
        (lambda: L.Conv1d(3, 5, in_channels=4), (3, 4, 5), 20),
        (lambda: L.EmbedID(4, 3), (4, 3), 1),
    ],
)
def test_weights_are_those_of_the_book(make, shape, fan_in):
    np.random.seed(0)
    W = make().W
    np.random.seed(0)
    np.testing.assert_array_equal(W.data, randn(*shape, fan_in=fan_in))
    assert W.name == "W"


@pytest.mark.parametrize("dtype", [np.float16, "float64"])
def test_parameters_have_the_dtype_asked_for(dtype):
    for layer in (L.Linear(2, dtype=dtype, in_size=3), L.Conv2d(2, 3, dtype=dtype, in_channels=3),
                  L.MultiHeadAttention(4, 2, dtype=dtype, in_size=4), L.LayerNorm(3, dtype=dtype),
                  L.EmbedID(3, 2, dtype), L.LSTM(2, 3, dtype), L.GRU(2, 3, dtype)):  # fmt: skip
        assert {p.dtype for p in layer.params()} == {np.dtype(dtype)}


def test_sizes_may_be_numbers_of_numpy():
    assert L.Linear(np.prod((2, 3)), in_size=np.int32(2)).W.shape == (2, 6)


def test_init_W_draws_anew():
    layer = L.Linear(3, in_size=2)
    before = layer.W.data
    layer._init_W()
    assert not np.array_equal(layer.W.data, before)
    lazy = L.Linear(3)
    lazy.in_size = 2
    lazy._init_W(np)
    assert lazy.W.shape == (2, 3)


@pytest.mark.parametrize(
    ("make", "kind", "sentence"),
    [
        (lambda: L.Linear(0), ValueError, "Linear expects out_size of at least 1, got 0"),
        (lambda: L.Linear(2.0), TypeError, "Linear expects out_size as a whole number, got 2.0"),
        (lambda: L.Linear(2, in_size=-1), ValueError, "Linear expects in_size of at least 1"),
        (lambda: L.Linear(2, dtype=int), TypeError, "Linear expects a dtype of floating-point numbers, got int64"),
        (lambda: L.Linear(2)._init_W(), RuntimeError, "Linear does not know its in_size yet"),
        (lambda: L.Linear(2)(np.float64(1)), ValueError, r"Linear expects x of shape \(..., I\), got \(\)"),
        (lambda: L.Linear(2)(np.zeros((3, 0))), ValueError, r"Linear expects x of shape \(..., I\), got \(3, 0\)"),
        (lambda: L.Conv2d(2, 3)(np.zeros((3, 8, 8, 0))), ValueError, "conv2d|Conv2d"),
        (lambda: L.Conv2d(2, (3, 3, 3)), ValueError, "Conv2d expects an integer or two of them as kernel_size"),
        (lambda: L.Conv2d(2, 3, groups=2)(np.zeros((1, 3, 8, 8))), ValueError, "groups to divide in_channels = 3"),
        (lambda: L.Deconv2d(3, 3, groups=2, in_channels=4), ValueError, "groups to divide out_channels = 3"),
        (lambda: L.Conv1d(2, (3,)), TypeError, "Conv1d expects kernel_size as a whole number"),
        (lambda: L.EmbedID(3, 0), ValueError, "EmbedID expects out_size"),
        (lambda: L.BatchNorm()(np.zeros(3)), ValueError, r"BatchNorm expects x of shape \(N, C\)"),
        (lambda: L.LayerNorm(0), ValueError, "LayerNorm expects shape"),
        (lambda: L.GroupNorm(2)(np.zeros((2, 3))), ValueError, "groups that divide the 3 channels"),
        (lambda: L.Dropout(1.0), ValueError, r"Dropout expects a ratio in \[0, 1\)"),
        (lambda: L.MultiHeadAttention(5, 2), ValueError, "heads that divide size = 5, got 2"),
        (lambda: L.MultiHeadAttention(4, 2)(np.zeros(3)), ValueError, r"MultiHeadAttention expects x"),
        (lambda: L.RNN(0), ValueError, "RNN expects hidden_size of at least 1"),
    ],
)  # fmt: skip
def test_errors_are_sentences(make, kind, sentence):
    with pytest.raises(kind, match=sentence):
        make()


# -- what they compute -----------------------------------------------------------------------------


def test_linear_takes_any_number_of_axes():
    layer, x = L.Linear(3), random(2, 5, 4)
    np.testing.assert_allclose(layer(x).data, x @ layer.W.data + layer.b.data)
    assert layer(x[0, 0]).shape == (3,)


def test_a_layer_takes_a_list():
    assert L.Linear(3)([[1.0, 2.0]]).shape == (1, 3)


def test_convolutions_pass_their_settings_on():
    x = random(2, 4, 9, 9)
    settings = {"stride": 2, "pad": 1, "dilation": 2, "groups": 2}
    for layer, f in ((L.Conv2d(6, 3, **settings), F.conv2d), (L.Deconv2d(6, 3, **settings), F.deconv2d)):
        np.testing.assert_array_equal(layer(x).data, f(x, layer.W, layer.b, **settings).data)
    line = L.Conv1d(6, 3, **settings)
    np.testing.assert_array_equal(line(x[:, :, 0]).data, F.conv1d(x[:, :, 0], line.W, line.b, **settings).data)


def test_batch_norm_learns_statistics_and_uses_them_in_tests():
    layer, x = L.BatchNorm(), random(50, 3) * 2 + 1
    y = layer(x)
    np.testing.assert_allclose(y.data.mean(axis=0), 0, atol=1e-12)
    np.testing.assert_allclose(layer.avg_mean.data, 0.1 * x.mean(axis=0))
    np.testing.assert_allclose(layer.avg_var.data, 0.9 + 0.1 * x.var(axis=0, ddof=1))
    kept = layer.avg_mean.data.copy()
    with test_mode():
        y = layer(x)
    np.testing.assert_array_equal(layer.avg_mean.data, kept)
    np.testing.assert_allclose(y.data, (x - kept) / np.sqrt(layer.avg_var.data + 2e-5))


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_batch_norm_takes_the_dtype_of_the_first_x(dtype):
    layer = L.BatchNorm()
    assert layer(random(4, 3).astype(dtype)).dtype == dtype
    variables = [layer.gamma, layer.beta, layer.avg_mean, layer.avg_var]
    assert {v.dtype for v in variables} == {np.dtype(dtype)}
    assert [v.data[0] for v in variables[:2]] == [1, 0]
    assert list(layer._params) == ["gamma", "beta"]


def test_batch_norm_of_integers():
    assert L.BatchNorm()(np.arange(6).reshape(3, 2)).dtype.kind == "f"


def test_normalization_layers_are_their_functions():
    x = random(2, 4, 3, 5)
    for layer, f in (
        (L.LayerNorm(), lambda x, g, b: F.layer_norm(x, g, b)),
        (L.LayerNorm(5), lambda x, g, b: F.layer_norm(x, g, b)),
        (L.LayerNorm((3, 5)), lambda x, g, b: F.layer_norm(x, g, b, axis=(2, 3))),
        (L.GroupNorm(2), lambda x, g, b: F.group_norm(x, 2, g, b)),
        (L.GroupNorm(2, 4), lambda x, g, b: F.group_norm(x, 2, g, b)),
        (L.RMSNorm(), lambda x, g, b: F.rms_norm(x, g, eps=1e-5)),
        (L.RMSNorm(5), lambda x, g, b: F.rms_norm(x, g, eps=1e-5)),
    ):
        layer(x)
        for p in layer.params():
            p.data = random(*p.shape)
        y = layer(x)
        np.testing.assert_array_equal(y.data, f(x, layer.gamma, getattr(layer, "beta", None)).data)
        F.sum(y * y).backward()
        assert all(p.grad is not None for p in layer.params())


def test_dropout_drops_while_training():
    np.random.seed(0)
    x = np.ones(100)
    y = L.Dropout(0.3)(x).data
    assert set(np.unique(y)) == {0.0, 1 / 0.7}
    with test_mode():
        np.testing.assert_array_equal(L.Dropout(0.3)(x).data, x)


# -- attention, against PyTorch --------------------------------------------------------------------


def attention_of(torch, layer, source):
    """Copy torch's MultiheadAttention into ours."""
    W, b = source.in_proj_weight.detach().numpy(), source.in_proj_bias.detach().numpy()
    for part, Wi, bi in zip((layer.q, layer.k, layer.v), np.split(W, 3), np.split(b, 3)):
        part.W.data, part.b.data = Wi.T.copy(), bi.copy()
    linear_of(layer.out, source.out_proj)


def linear_of(layer, source):
    layer.W.data, layer.b.data = source.weight.detach().numpy().T.copy(), source.bias.detach().numpy().copy()


@pytest.mark.parametrize("causal", [False, True])
@pytest.mark.parametrize("own_memory", [False, True])
def test_attention_is_that_of_torch(causal, own_memory):
    torch = pytest.importorskip("torch", reason="torch is the referee")
    theirs = torch.nn.MultiheadAttention(8, 2, batch_first=True, dtype=torch.float64)
    theirs.in_proj_bias.data.normal_()
    ours = L.MultiHeadAttention(8, 2, causal=causal, dtype=np.float64, in_size=8)
    attention_of(torch, ours, theirs)
    x, memory = Variable(random(3, 5, 8)), Variable(random(3, 5 if causal else 7, 8, seed=1))
    tx, tmemory = (torch.tensor(v.data, requires_grad=True) for v in (x, memory))
    mask = torch.triu(torch.ones(5, 5, dtype=torch.bool), 1) if causal else None
    source, tsource = (memory, tmemory) if own_memory else (x, tx)
    y = ours(x, memory) if own_memory else ours(x)
    ty, _ = theirs(tx, tsource, tsource, attn_mask=mask)
    np.testing.assert_allclose(y.data, ty.detach().numpy(), atol=1e-10)
    weights = random(3, 5, 8, seed=2)
    F.sum(y * weights).backward()
    (ty * torch.tensor(weights)).sum().backward()
    np.testing.assert_allclose(x.grad.data, tx.grad.numpy(), atol=1e-10)
    np.testing.assert_allclose(source.grad.data, tsource.grad.numpy(), atol=1e-10)
    np.testing.assert_allclose(ours.v.W.grad.data, theirs.in_proj_weight.grad.numpy()[16:].T, atol=1e-10)


def test_a_mask_hides_elements():
    layer, x = L.MultiHeadAttention(8, 2, dtype=np.float64), random(3, 5, 8)
    there = np.array([[1, 1, 1, 1, 1], [1, 1, 1, 0, 0], [1, 0, 0, 0, 0]], dtype=bool)
    y = layer(x, mask=there[:, None, None, :]).data
    np.testing.assert_allclose(y[1], layer(x[1:2], x[1:2, :3]).data[0], atol=1e-12)
    np.testing.assert_allclose(y[2], layer(x[2:], x[2:, :1]).data[0], atol=1e-12)


@pytest.mark.parametrize("norm_first", [False, True])
def test_a_transformer_block_is_that_of_torch(norm_first):
    torch = pytest.importorskip("torch", reason="torch is the referee")
    theirs = torch.nn.TransformerEncoderLayer(
        8, 2, 16, dropout=0.0, activation="gelu", batch_first=True, norm_first=norm_first, dtype=torch.float64
    )
    ours = L.TransformerBlock(8, 2, 16, norm_first=norm_first, dtype=np.float64)
    attention_of(torch, ours.attention, theirs.self_attn)
    linear_of(ours.l1, theirs.linear1)
    linear_of(ours.l2, theirs.linear2)
    for layer, source in ((ours.norm1, theirs.norm1), (ours.norm2, theirs.norm2)):
        source.weight.data.normal_()
        layer.gamma.data, layer.beta.data = source.weight.detach().numpy().copy(), source.bias.detach().numpy().copy()
    x = Variable(random(3, 5, 8))
    tx = torch.tensor(x.data, requires_grad=True)
    y, ty = ours(x), theirs(tx)
    np.testing.assert_allclose(y.data, ty.detach().numpy(), atol=1e-10)
    F.sum(y * y).backward()
    (ty * ty).sum().backward()
    np.testing.assert_allclose(x.grad.data, tx.grad.numpy(), atol=1e-9)
    np.testing.assert_allclose(ours.l1.W.grad.data, theirs.linear1.weight.grad.numpy().T, atol=1e-9)


def test_a_causal_block_sees_no_future():
    block, x = L.TransformerBlock(8, 2, causal=True), random(1, 6, 8)
    y = block(x).data
    x[:, 4:] += 1
    np.testing.assert_array_equal(block(x).data[:, :4], y[:, :4])


def test_a_block_drops_out_only_where_asked():
    np.random.seed(0)
    x = float32(1, 6, 8)
    block = L.TransformerBlock(8, 2)
    state = np.random.get_state()[2]
    y = block(x).data
    assert np.random.get_state()[2] == state
    block.dropout_ratio = 0.5
    assert not np.array_equal(block(x).data, y)
    with test_mode():
        np.testing.assert_array_equal(block(x).data, y)


# -- the numbers of the book -----------------------------------------------------------------------


class Net(Layer):
    """Layers with sigmoids between."""

    def __init__(self, *sizes):
        super().__init__()
        self.layers = [L.Linear(size) for size in sizes]

    def forward(self, x):
        for layer in self.layers[:-1]:
            x = F.sigmoid(layer(x))
        return self.layers[-1](x)


def curve():
    """The data of the book's steps 43 to 46."""
    np.random.seed(0)
    x = np.random.rand(100, 1)
    return x, np.sin(2 * np.pi * x) + np.random.rand(100, 1)


def losses_of_layers(iterations):
    x, y = curve()
    model, losses = Net(10, 1), []
    for _ in range(iterations):
        loss = F.mean_squared_error(y, model(x))
        model.cleargrads()
        loss.backward()
        for p in model.params():
            p.data -= 0.2 * p.grad.data
        losses.append(float(loss.data))
    return losses


def losses_of_numpy(iterations):
    """The same network and its gradient by hand, in float64."""
    x, y = curve()
    W1, b1 = randn(1, 10, fan_in=1).astype(float), np.zeros(10)
    W2, b2 = randn(10, 1, fan_in=10).astype(float), np.zeros(1)
    losses = []
    for _ in range(iterations):
        h = 1 / (1 + np.exp(-(x @ W1 + b1)))
        d = h @ W2 + b2 - y
        losses.append((d**2).sum() / len(d))
        d *= 2 / len(d)
        e = d @ W2.T * h * (1 - h)
        for p, g in ((W2, h.T @ d), (b2, d.sum(axis=0)), (W1, x.T @ e), (b1, e.sum(axis=0))):
            p -= 0.2 * g
    return losses


def test_training_by_layers_is_training_by_hand():
    # float32 parameters against float64 ones: 1e-7 each step, which training does not amplify much in 100 steps
    np.testing.assert_allclose(losses_of_layers(100), losses_of_numpy(100), rtol=1e-5)


@pytest.mark.slow
def test_the_loss_of_steps_44_to_46():
    assert losses_of_layers(9001)[-1] == pytest.approx(0.0761937449484299, rel=5e-4)


def test_the_loss_of_step_47():
    np.random.seed(0)
    model = Net(10, 3)
    y = model(np.array([[0.2, -0.4], [0.3, 0.5], [1.3, -3.2], [2.1, 0.3]]))
    assert float(F.softmax_cross_entropy(y, np.array([2, 0, 1, 0])).data) == pytest.approx(1.4967442462, rel=5e-5)
