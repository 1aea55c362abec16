"""Recurrent layers: step by step and as a sequence, against PyTorch and the book."""

import copy
import weakref

import numpy as np
import pytest

import dezero.functions as F
import dezero.layers as L
from dezero import Parameter, Variable, grad, no_grad, using_config, walk

KINDS = [L.RNN, L.LSTM, L.GRU]
STEPS, BATCH, IN, HIDDEN = 6, 3, 2, 4


def random(*shape, seed=0):
    return np.random.default_rng(seed).standard_normal(shape)


def float64(kind, in_size=IN):
    layer = kind(HIDDEN, in_size, dtype=np.float64)
    for i, p in enumerate(layer.params()):
        p.data = random(*p.shape, seed=i)
    return layer


def steps(layer, xs):
    return F.stack([layer(x) for x in xs])


# -- what they compute -----------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("run", [steps, lambda layer, xs: layer.sequence(xs)])
def test_recurrent_layers_are_those_of_torch(kind, run):
    torch = pytest.importorskip("torch", reason="torch is the referee")
    gates = {L.RNN: "h", L.LSTM: "ifuo", L.GRU: "rzn"}[kind]  # in torch's order
    theirs = getattr(torch.nn, kind.__name__)(IN, HIDDEN, dtype=torch.float64)
    ours = float64(kind)
    parts = [np.split(p.detach().numpy(), len(gates)) for p in theirs.parameters()]
    for gate, Wx, Wh, bx, bh in zip(gates, *parts):
        x2, h2 = getattr(ours, f"x2{gate}"), getattr(ours, f"h2{gate}")
        x2.W.data, h2.W.data = Wx.T.copy(), Wh.T.copy()
        x2.b.data = bx.copy() if h2.b is not None else bx + bh
        if h2.b is not None:
            h2.b.data = bh.copy()
    xs = Variable(random(STEPS, BATCH, IN))
    txs = torch.tensor(xs.data, requires_grad=True)
    y, (ty, _) = run(ours, xs), theirs(txs)
    np.testing.assert_allclose(y.data, ty.detach().numpy(), atol=1e-10)
    weights = random(*y.shape, seed=1)
    F.sum(y * weights).backward()
    (ty * torch.tensor(weights)).sum().backward()
    np.testing.assert_allclose(xs.grad.data, txs.grad.numpy(), atol=1e-10)
    for i, gate in enumerate(gates):
        for name, source in ((f"x2{gate}", theirs.weight_ih_l0), (f"h2{gate}", theirs.weight_hh_l0)):
            expected = np.split(source.grad.numpy(), len(gates))[i].T
            np.testing.assert_allclose(getattr(ours, name).W.grad.data, expected, atol=1e-10)


@pytest.mark.parametrize("kind", KINDS)
def test_a_sequence_is_its_steps(kind):
    xs, layer = random(STEPS, BATCH, IN), float64(kind)
    by_step = steps(layer, xs)
    last = layer.h
    layer.reset_state()
    for given in (xs, list(xs), Variable(xs)):
        whole = layer.sequence(given)
        np.testing.assert_allclose(whole.data, by_step.data, atol=1e-14)
        np.testing.assert_allclose(layer.h.data, last.data, atol=1e-14)
        layer.reset_state()
    g0 = grad(F.sum(by_step * by_step), list(layer.params()))
    g1 = grad(F.sum(whole * whole), list(layer.params()))
    for a, b in zip(g0, g1):
        np.testing.assert_allclose(a.data, b.data, atol=1e-12)


@pytest.mark.parametrize("kind", KINDS)
def test_a_sequence_goes_on_where_the_last_ended(kind):
    xs, layer = random(STEPS, BATCH, IN), float64(kind)
    whole = layer.sequence(xs).data
    layer.reset_state()
    layer.sequence(xs[:2])
    layer(xs[2])
    np.testing.assert_allclose(layer.sequence(xs[3:]).data, whole[3:], atol=1e-14)


@pytest.mark.parametrize("kind", KINDS)
def test_a_state_of_zeros_is_none(kind):
    xs, layer = random(STEPS, BATCH, IN), float64(kind)
    y = steps(layer, xs).data
    layer.h = Variable(np.zeros((BATCH, HIDDEN)))
    if kind is L.LSTM:
        layer.c = Variable(np.zeros((BATCH, HIDDEN)))
    np.testing.assert_allclose(steps(layer, xs).data, y, atol=1e-14)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("in_size", [None, 1, HIDDEN, 7])
def test_any_size_of_input(kind, in_size):
    layer = kind(HIDDEN, in_size)
    xs = random(2, BATCH, in_size or 5).astype(np.float32)
    assert steps(layer, xs).shape == (2, BATCH, HIDDEN)
    assert {p.dtype for p in layer.params()} == {np.dtype(np.float32)}
    assert layer.h.dtype == np.float32
    lazy = kind(HIDDEN)
    assert lazy.sequence(xs).shape == (2, BATCH, HIDDEN)


# -- the state -------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
def test_the_state_is_kept_and_forgotten(kind):
    x, layer = random(BATCH, IN), float64(kind)
    first = layer(x)
    assert layer.h is first
    assert not np.allclose(layer(x).data, first.data)
    layer.reset_state()
    np.testing.assert_array_equal(layer(x).data, first.data)
    assert "h" not in layer._params


@pytest.mark.parametrize("kind", KINDS)
def test_a_state_of_another_batch_is_refused(kind):
    layer = kind(HIDDEN)
    layer(random(BATCH, IN))
    for call in (lambda: layer(random(1, IN)), lambda: layer.sequence(random(STEPS, 1, IN))):
        with pytest.raises(ValueError, match=r"holds a state of shape \(3, 4\).*reset_state"):
            call()


@pytest.mark.parametrize("shape", [(STEPS, IN), (0, BATCH, IN), (2, 2, 2, 2)])
def test_a_sequence_of_another_shape_is_refused(shape):
    with pytest.raises(ValueError, match=r"LSTM.sequence expects xs of shape \(T, N, I\)"):
        L.LSTM(HIDDEN).sequence(np.zeros(shape))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("run", [steps, lambda layer, xs: layer.sequence(xs)])
def test_a_cut_graph_starts_anew(kind, run):
    layer, xs = float64(kind), random(STEPS, BATCH, IN)
    loss = F.sum(run(layer, xs))
    length = sum(1 for _ in walk(loss))
    loss.backward()
    loss.unchain_backward()
    assert layer.h.creator is None
    loss = F.sum(run(layer, xs))
    assert sum(1 for _ in walk(loss)) <= length + 6 * STEPS  # a step with a state before has a few more
    layer.cleargrads()
    loss.backward()
    state = [layer.h] + ([layer.c] if kind is L.LSTM else [])
    assert all(v.creator is not None for v in state)


@pytest.mark.parametrize("kind", KINDS)
def test_a_detached_state_keeps_its_numbers_and_lets_no_gradient_through(kind):
    layer, xs = float64(kind), random(STEPS, BATCH, IN)
    whole = steps(layer, xs).data
    layer.reset_state()
    first = Variable(xs[0])
    layer(first)
    for name in ("h", "c")[: 1 + (kind is L.LSTM)]:
        setattr(layer, name, getattr(layer, name).detach())
    y = steps(layer, xs[1:])
    np.testing.assert_array_equal(y.data, whole[1:])
    F.sum(y).backward()
    assert first.grad is None
    assert all(p.grad is not None for p in layer.params())


@pytest.mark.parametrize("kind", KINDS)
def test_a_reset_forgets_all_of_the_state(kind):
    layer, xs = float64(kind), random(STEPS, BATCH, IN)
    first = steps(layer, xs).data
    kept = weakref.ref(layer.h)
    layer.reset_state()
    assert layer.h is None and getattr(layer, "c", None) is None and kept() is None
    np.testing.assert_array_equal(steps(layer, xs).data, first)


@pytest.mark.parametrize("kind", KINDS)
def test_a_state_survives_a_copy(kind):
    layer, xs = float64(kind), random(STEPS, BATCH, IN)
    layer.sequence(xs[:3])
    twin = copy.deepcopy(layer)
    np.testing.assert_array_equal(twin.sequence(xs[3:]).data, layer.sequence(xs[3:]).data)


@pytest.mark.parametrize("kind", KINDS)
def test_no_graph_is_kept_where_none_is_wanted(kind):
    layer = float64(kind)
    with no_grad():
        layer.sequence(random(STEPS, BATCH, IN))
        layer(random(BATCH, IN))
    assert layer.h.creator is None


@pytest.mark.parametrize("kind", KINDS)
def test_second_derivatives(kind):
    layer, xs = float64(kind), Variable(random(3, 1, IN))

    def slope(data):
        layer.reset_state()
        x = Variable(data)
        g = grad(F.sum(layer.sequence(x) ** 2), x, create_graph=True)
        return F.sum(g * weights), x

    weights = random(3, 1, IN, seed=1)
    y, x = slope(xs.data)
    second = grad(y, x).data
    direction, eps = random(3, 1, IN, seed=2), 1e-5
    change = (slope(xs.data + eps * direction)[0].data - slope(xs.data - eps * direction)[0].data) / (2 * eps)
    np.testing.assert_allclose((second * direction).sum(), change, rtol=1e-6)


# -- the order of the book's random numbers --------------------------------------------------------


def drawn(*shape):
    return np.random.randn(*shape).astype(np.float32) * np.float32((1 / shape[0]) ** 0.5)


def test_rnn_draws_at_the_first_and_at_the_second_step():
    np.random.seed(0)
    rnn, fc = L.RNN(4), L.Linear(1)
    for _ in range(2):
        fc(rnn(np.zeros((1, 2))))
    np.random.seed(0)
    for layer, shape in ((rnn.x2h, (2, 4)), (fc, (4, 1)), (rnn.h2h, (4, 4))):
        np.testing.assert_array_equal(layer.W.data, drawn(*shape))


def test_lstm_draws_the_maps_of_the_state_at_once():
    np.random.seed(0)
    lstm = L.LSTM(4)
    lstm(np.zeros((1, 2)))
    np.random.seed(0)
    names = ["h2f", "h2i", "h2o", "h2u", "x2f", "x2i", "x2o", "x2u"]
    for name in names:
        np.testing.assert_array_equal(getattr(lstm, name).W.data, drawn(4 if name[0] == "h" else 2, 4))
    assert [path for path, _ in lstm.named_layers()] == ["", *names[4:], *names[:4]]


@pytest.mark.parametrize("kind", KINDS)
def test_a_known_size_is_drawn_at_once(kind):
    np.random.seed(0)
    layer = kind(4, 2)
    assert all(p.data is not None for p in layer.params())
    np.random.seed(0)
    for path, p in layer.named_params():
        if path.endswith("W"):
            np.testing.assert_array_equal(p.data, drawn(2 if path[0] == "x" else 4, 4))


# -- steps in one Function -------------------------------------------------------------------------


class Composed(L.Linear):
    """A map like any other, but for its type: with it, a step is put together from functions of its own."""


def composed(layer):
    """The same layer with the same parameters, whose steps are not one Function."""
    twin = copy.deepcopy(layer)
    for name, part in list(vars(twin).items()):
        if isinstance(part, L.Linear):
            part.__class__ = Composed
            setattr(twin, name, part)
    return twin


def kinds_of_functions(y):
    return {type(f).__name__ for f in walk(y)}


@pytest.mark.parametrize("kind", KINDS)
def test_a_step_in_one_function_is_the_composed_one(kind):
    layer, xs = float64(kind), random(STEPS, BATCH, IN)
    other = composed(layer)
    y, right = steps(layer, xs), steps(other, xs)
    assert f"{kind.__name__}Step" in kinds_of_functions(y)
    assert f"{kind.__name__}Step" not in kinds_of_functions(right)
    np.testing.assert_allclose(y.data, right.data, atol=1e-14)
    F.sum(y * y).backward()
    F.sum(right * right).backward()
    for (path, p), (_, q) in zip(layer.named_params(), other.named_params(), strict=True):
        np.testing.assert_allclose(p.grad.data, q.grad.data, atol=1e-13, err_msg=path)
        assert p.grad.data.flags.c_contiguous


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("recording", [True, False])
def test_a_parameter_written_to_between_two_steps_is_noticed(kind, recording):
    layer, x = float64(kind), random(BATCH, IN)
    for path, p in layer.named_params():
        layer.reset_state()
        with using_config("enable_backprop", recording):
            layer(x)
            layer(x)
            state = {name: copy.deepcopy(getattr(layer, name)) for name in ("h", "c") if hasattr(layer, name)}
            p.data[...] = 0
            found = layer(x).data
        for replaced in (False, True):
            other = composed(layer)
            vars(other).update(copy.deepcopy(state))
            np.testing.assert_allclose(found, other(x).data, atol=1e-14, err_msg=f"{path} {replaced}")
            vars(layer).update(copy.deepcopy(state))
            p.data = random(*p.shape, seed=5)
            found = layer(x).data


@pytest.mark.parametrize("kind", KINDS)
def test_a_step_follows_another_parameter_dtype_or_map(kind):
    layer, x = float64(kind), random(BATCH, IN)
    layer(x), layer(x)
    gate = layer._gates[0]
    getattr(layer, f"x2{gate}").W = other = Parameter(random(IN, HIDDEN, seed=9))
    y = layer(x)
    assert any(v is other for f in walk(y) for v in f.inputs)
    for p in layer.params():
        p.data = p.data.astype(np.float32)
    layer.reset_state()
    x = x.astype(np.float32)
    layer(x)
    assert layer(x).dtype == np.float32
    setattr(layer, f"h2{gate}", L.Linear(HIDDEN, in_size=HIDDEN))  # with a bias, as ours have none
    assert f"{kind.__name__}Step" not in {type(f).__name__ for f in [layer(x).creator]}


@pytest.mark.parametrize("kind", KINDS)
def test_a_step_after_one_that_was_not_recorded_is_recorded(kind):
    layer, x = float64(kind), random(BATCH, IN)
    with no_grad():
        layer(x)
        layer(x)
    layer.reset_state()
    layer(x)
    F.sum(layer(x)).backward()
    assert all(p.grad is not None for p in layer.params())


def test_the_joined_weights_are_no_part_of_the_layer():
    layer, x = float64(L.LSTM), random(BATCH, IN)
    paths = [path for path, _ in layer.named_params()]
    layer(x), layer(x)
    assert [path for path, _ in layer.named_params()] == paths
    assert layer._joined is not None
    assert copy.deepcopy(layer)._joined is None
    np.testing.assert_array_equal(copy.deepcopy(layer)(x).data, layer(x).data)


def test_a_wrong_size_of_x_is_told_as_before_in_every_step():
    layer = float64(L.LSTM)
    for _ in range(3):
        with pytest.raises(ValueError, match=r"linear expects x of shape \(\.\.\., 2\)"):
            layer(random(BATCH, IN + 1))
        layer(random(BATCH, IN))
