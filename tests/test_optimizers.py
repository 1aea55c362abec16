"""Optimizers, hooks and schedules: each against its formula and against PyTorch; state, groups, and plain words."""

from __future__ import annotations

import copy
import inspect
import math
import pickle

import numpy as np
import pytest

import dezero.functions as F
from dezero import Parameter, Variable
from dezero.optimizers import (
    SGD,
    AdaDelta,
    AdaGrad,
    Adam,
    AdamW,
    ClipGrad,
    ClipGradValue,
    FreezeParam,
    MomentumSGD,
    NAdam,
    Optimizer,
    RMSprop,
    WeightDecay,
    base,
    cosine_decay,
    exponential_decay,
    one_cycle,
    step_decay,
    warm_up,
)

ALL = [SGD, MomentumSGD, AdaGrad, AdaDelta, RMSprop, Adam, AdamW, NAdam]
EVERY = pytest.mark.parametrize("kind", ALL, ids=lambda kind: kind.__name__)


class Holder:
    """The least that an optimizer works on."""

    def __init__(self, *params: Parameter) -> None:
        self.held = params

    def params(self):
        yield from self.held


class Named(Holder):
    def named_params(self):
        yield from ((f"l{i}/W", p) for i, p in enumerate(self.held))


def parameter(*shape: int, dtype=np.float64, seed: int = 0) -> Parameter:
    return Parameter(np.random.RandomState(seed).randn(*shape).astype(dtype))


def gradients(p: Parameter, steps: int = 50) -> np.ndarray:
    return np.random.RandomState(7).randn(steps, *p.shape).astype(p.dtype)


def train(optimizer: Optimizer, p: Parameter, gs: np.ndarray) -> np.ndarray:
    for g in gs:
        p.grad = Variable(g.copy())
        optimizer.update()
    return p.data


# -- the rules -------------------------------------------------------------------------------------

TORCH = [
    (SGD(lr=0.1), "SGD", {"lr": 0.1}),
    (MomentumSGD(lr=0.1, momentum=0.8), "SGD", {"lr": 0.1, "momentum": 0.8}),
    (MomentumSGD(lr=0.1, momentum=0.8, nesterov=True), "SGD", {"lr": 0.1, "momentum": 0.8, "nesterov": True}),
    (AdaGrad(lr=0.1), "Adagrad", {"lr": 0.1, "eps": 1e-8}),
    (AdaDelta(), "Adadelta", {"lr": 1.0, "rho": 0.95, "eps": 1e-6}),
    (AdaDelta(rho=0.8, eps=1e-4, lr=0.5), "Adadelta", {"lr": 0.5, "rho": 0.8, "eps": 1e-4}),
    (RMSprop(), "RMSprop", {"lr": 0.01, "alpha": 0.99, "eps": 1e-8}),
    (RMSprop(lr=0.05, rho=0.9, eps=1e-3), "RMSprop", {"lr": 0.05, "alpha": 0.9, "eps": 1e-3}),
    (AdamW(), "AdamW", {"lr": 0.001, "weight_decay": 0.01, "eps": 1e-8}),
    (AdamW(0.1, 0.8, 0.9, 1e-2, 0.1), "AdamW", {"lr": 0.1, "betas": (0.8, 0.9), "eps": 1e-2, "weight_decay": 0.1}),
    (AdamW(lr=0.1, eps=1e-2, weight_decay=0), "Adam", {"lr": 0.1, "eps": 1e-2}),
    (Adam(lr=0.1, eps=0), "Adam", {"lr": 0.1, "eps": 0}),  # with another eps the book's form differs: see below
    (NAdam(), "NAdam", {"lr": 0.002, "momentum_decay": 0.004}),
    (NAdam(0.1, 0.8, 0.9, 1e-2, 0.01), "NAdam",
     {"lr": 0.1, "betas": (0.8, 0.9), "eps": 1e-2, "momentum_decay": 0.01}),
]  # fmt: skip


@pytest.mark.parametrize(("optimizer", "name", "settings"), TORCH, ids=lambda v: v if isinstance(v, str) else "")
def test_fifty_steps_are_those_of_torch(request, optimizer, name, settings):
    torch = pytest.importorskip("torch", reason="PyTorch is the referee and is not installed")
    before = torch.get_default_dtype()
    torch.set_default_dtype(torch.float64)  # NAdam keeps a product of momenta in it
    request.addfinalizer(lambda: torch.set_default_dtype(before))
    p = parameter(3, 4)
    q = torch.nn.Parameter(torch.from_numpy(p.data.copy()))
    optimizer = copy.deepcopy(optimizer).setup(Holder(p))
    referee = getattr(torch.optim, name)([q], **settings)
    for g in gradients(p):
        p.grad, q.grad = Variable(g.copy()), torch.from_numpy(g.copy())
        optimizer.update()
        referee.step()
    np.testing.assert_allclose(p.data, q.detach().numpy(), rtol=0, atol=1e-10)


def test_adam_adds_eps_before_the_correction_as_the_book_does():
    p = parameter(5)
    x, m, v = p.data.copy(), 0, 0
    for t, g in enumerate(gradients(p), start=1):
        m, v = 0.8 * m + 0.2 * g, 0.9 * v + 0.1 * g**2
        x = x - 0.1 * math.sqrt(1 - 0.9**t) / (1 - 0.8**t) * m / (np.sqrt(v) + 1e-2)
    np.testing.assert_allclose(train(Adam(Holder(p), 0.1, 0.8, 0.9, 1e-2), p, gradients(p)), x, rtol=0, atol=1e-12)


def test_the_book_has_momentum_with_lr_in_the_velocity():
    p = parameter(5)
    x, v, optimizer = p.data.copy(), 0, MomentumSGD(Holder(p), lr=0.1)
    for i, g in enumerate(gradients(p)):
        optimizer.lr = 0.1 / (i + 1)
        v = 0.9 * v - 0.1 / (i + 1) * g
        x = x + v
        train(optimizer, p, g[None])
    np.testing.assert_allclose(p.data, x, rtol=0, atol=1e-12)


@EVERY
@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_parameters_and_state_keep_their_dtype(kind, dtype):
    p = parameter(6, dtype=dtype)
    optimizer = kind(Holder(p), lr=np.float64(0.01))
    data = p.data
    exact = parameter(6)
    exact.data = p.data.astype(np.float64)
    train(kind(Holder(exact), lr=0.01), exact, gradients(p, 5).astype(np.float64))
    train(optimizer, p, gradients(p, 5))
    assert p.data is data
    assert p.dtype == dtype
    arrays = [value for value in optimizer._states.get(p, {}).values() if value.shape == p.shape]
    assert {a.dtype for a in arrays} <= {np.dtype(np.float32 if dtype == np.float16 else dtype)}
    np.testing.assert_allclose(p.data, exact.data, rtol=0, atol=20 * np.finfo(dtype).eps)


@EVERY
def test_blocks_and_layouts_give_the_same_numbers(kind, monkeypatch):
    gs = gradients(parameter(6, 4))
    expected = parameter(6, 4)
    train(kind(Holder(expected)), expected, gs)
    monkeypatch.setattr(base, "BLOCK", 5)
    monkeypatch.setattr(base, "SMALL", 0)
    for data in (expected.data.copy(), np.asfortranarray(expected.data), np.zeros((12, 8))[::2, ::2]):
        data[...] = parameter(6, 4).data
        p = Parameter(data)
        optimizer = kind(Holder(p))
        for g in gs:
            p.grad = Variable(np.asfortranarray(g))
            optimizer.update()
        assert p.data is data
        np.testing.assert_array_equal(p.data, expected.data)


@EVERY
def test_scalars_and_empty_parameters_are_updated(kind):
    p, q, e = Parameter(np.array(2.0)), Parameter(np.array([2.0])), Parameter(np.zeros((0, 3)))
    p.data = np.float64(2.0)  # what `x.data - lr * g` makes of a 0-dimensional array
    for x in (p, q, e):
        x.grad = Variable(np.ones(x.shape))
    p.grad.data = np.float64(1.0)
    kind(Holder(p, q, e)).update()
    assert p.shape == ()
    assert p.data == q.data[0] != 2.0


@EVERY
def test_the_gradient_is_left_as_it_is(kind):
    p = parameter(3)
    p.grad = Variable(np.array([1.0, -2.0, 3.0]))
    optimizer = kind(Holder(p))
    optimizer.update()
    optimizer.update()
    np.testing.assert_array_equal(p.grad.data, [1.0, -2.0, 3.0])


def test_bias_correction_counts_the_updates_of_each_parameter():
    late, early = parameter(1), parameter(1, seed=1)
    optimizer = Adam(Holder(late, early), lr=0.1)
    before = late.data.copy()
    for i in range(20):
        early.grad = Variable(np.ones(1))
        late.grad = Variable(np.ones(1)) if i == 19 else None
        optimizer.update()
    assert late.data == pytest.approx(before - 0.1)
    assert optimizer.t == optimizer.steps == 20


# -- setting up ------------------------------------------------------------------------------------


@EVERY
def test_both_ways_to_set_up(kind):
    model = Holder(parameter(2))
    assert kind(model).target is model
    assert kind(model, lr=0.5).lr == 0.5
    optimizer = kind(lr=0.25)
    assert optimizer.target is None
    assert optimizer.setup(model) is optimizer
    assert optimizer.lr == 0.25
    assert SGD(model, 0.3).lr == 0.3


@EVERY
def test_lr_is_checked(kind):
    optimizer = kind()
    for wrong in (-0.1, math.nan, math.inf):
        with pytest.raises(ValueError, match=rf"^{kind.__name__}: lr wants a number >= 0, got {wrong}$"):
            optimizer.lr = wrong
        with pytest.raises(ValueError, match="lr wants a number"):
            kind(lr=wrong)
    with pytest.raises(TypeError, match="lr wants a number, got 'fast'"):
        optimizer.lr = "fast"


def test_alpha_and_lr_are_two_names_of_one_setting():
    optimizer = Adam(alpha=0.5)
    assert optimizer.lr == 0.5
    optimizer.lr = 0.25
    assert optimizer.alpha == 0.25
    optimizer.alpha = 0.125
    assert optimizer.lr == 0.125
    assert Adam(0.5).lr == Adam(lr=0.5).alpha == 0.5


def test_settings_are_checked():
    with pytest.raises(ValueError, match="MomentumSGD: momentum wants a number >= 0 and < 1, got 1"):
        MomentumSGD(momentum=1)
    with pytest.raises(ValueError, match="Adam: beta2"):
        Adam(beta2=1.5)
    with pytest.raises(ValueError, match="ClipGrad: max_norm"):
        ClipGrad(-1)
    with pytest.raises(ValueError, match="WeightDecay: rate"):
        WeightDecay(math.nan)


def test_update_before_setup_says_the_line_that_is_missing():
    with pytest.raises(
        RuntimeError, match=r"^SGD\.update: whose parameters\? Call optimizer\.setup\(model\) first, or"
    ):
        SGD().update()
    with pytest.raises(RuntimeError, match=r"^Adam\.summary: whose"):
        Adam().summary()


def test_help_and_editors_see_the_settings():
    assert list(inspect.signature(Adam).parameters) == ["alpha", "beta1", "beta2", "eps", "lr"]
    assert list(inspect.signature(SGD).parameters) == ["lr"]


def test_setup_wants_something_with_params():
    with pytest.raises(
        TypeError, match=r"^SGD\.setup wants a model, a layer or anything else with params\(\), got list"
    ):
        SGD().setup([parameter(2)])
    with pytest.raises(TypeError, match=r"^SGD\.setup wants a model, got the class Holder: make one, Holder"):
        SGD(Holder, lr=0.1)


def test_setup_with_nothing_to_train():
    class Model:
        def params(self):
            return []

    with pytest.raises(ValueError, match=r"^Model has no parameters, so there is nothing to train: assign"):
        SGD().setup(Model())


def test_layers_from_another_base_class_are_recognized():
    class Layer:  # what a reader wrote in a notebook: it knows only its own kind
        def params(self):
            return [p for v in vars(self).values() if isinstance(v, Layer) for p in v.params()]

    class TwoLayerNet(Layer):
        def __init__(self):
            self.l1, self.l2 = Holder(parameter(2)), Holder(parameter(3))

    words = (rf"^TwoLayerNet has no parameters; its attributes l1, l2 look like layers \({__name__}\.Holder\), but "
             rf"TwoLayerNet's base class Layer comes from {__name__} and does not find them")  # fmt: skip
    with pytest.raises(ValueError, match=words):
        SGD().setup(TwoLayerNet())


def test_a_lazy_parameter_waits_for_its_data():
    lazy, other = Parameter(None), parameter(2)
    optimizer = SGD(Holder(lazy, other), lr=1.0)
    other.grad = Variable(np.ones(2))
    optimizer.update()
    lazy.data = np.zeros(3)
    lazy.grad = Variable(np.ones(3))
    optimizer.update()
    np.testing.assert_array_equal(lazy.data, -np.ones(3))


def test_a_new_target_starts_afresh():
    p, q = parameter(2), parameter(2)
    model = Holder(p)
    optimizer = MomentumSGD(model)
    train(optimizer, p, gradients(p, 3))
    assert optimizer.setup(model).steps == 3
    optimizer.setup(Holder(q))
    assert optimizer.steps == 0
    assert not optimizer._states


# -- updating --------------------------------------------------------------------------------------


def test_a_shared_parameter_is_updated_once():
    p = Parameter(np.zeros(2))
    p.grad = Variable(np.ones(2))
    SGD(Holder(p, p), lr=1.0).update()
    np.testing.assert_array_equal(p.data, [-1.0, -1.0])


def test_hooks_are_called_once_and_see_each_gradient_once():
    shared, other = parameter(2), parameter(2)
    shared.grad, other.grad = Variable(np.array([3.0, 0.0])), Variable(np.array([0.0, 4.0]))
    optimizer = SGD(Holder(shared, other, shared), lr=1.0)
    optimizer.add_group(shared, lr=0.5)
    calls = []
    for hook in (calls.append, WeightDecay(0.0), clip := ClipGrad(100.0)):
        optimizer.add_hook(hook)
    optimizer.update()
    assert [list(map(id, params)) for params in calls] == [[id(shared), id(other)]]
    assert clip.norm == 5.0


@EVERY
def test_state_never_goes_to_another_parameter(kind):
    """Not even to one that lies where a parameter lay that is gone."""

    def step(model, optimizer):
        for p in model.held:
            p.grad = Variable(np.ones_like(p.data))
        optimizer.update()

    model = Named(parameter(2))
    optimizer = kind().setup(model)
    step(model, optimizer)
    for _ in range(20):
        model.held = ()  # the only reference, but for that of the state
        model.held = (parameter(2),)
        step(model, optimizer)
        fresh = Named(parameter(2))
        step(fresh, kind().setup(fresh))
        np.testing.assert_array_equal(model.held[0].data, fresh.held[0].data)


def test_state_follows_a_parameter_whose_data_were_replaced_and_a_copy_of_the_model():
    model = Named(parameter(2))
    optimizer = MomentumSGD(model, lr=1.0, momentum=0.5)
    (p,) = model.held
    p.grad = Variable(np.ones(2))
    optimizer.update()
    p.data = np.zeros(2)
    optimizer.update()
    np.testing.assert_array_equal(p.data, [-1.5, -1.5])
    twin, other = copy.deepcopy((model, optimizer))
    alone = copy.deepcopy(optimizer)
    for copied in (other, alone):
        (q,) = copied.target.held
        assert (q is twin.held[0]) == (copied is other)
        copied.update()
        np.testing.assert_array_equal(q.data, [-3.25, -3.25])
    np.testing.assert_array_equal(p.data, [-1.5, -1.5])


def test_a_frozen_parameter_is_skipped_by_update_and_hooks():
    p, q = parameter(2), parameter(2)
    p.frozen = True
    p.grad, q.grad = Variable(np.full(2, 100.0)), Variable(np.array([0.0, 1.0]))
    before = p.data.copy()
    optimizer = SGD(Holder(p, q), lr=1.0)
    seen = []
    optimizer.add_hook(seen.extend)
    optimizer.add_hook(clip := ClipGrad(10.0))
    optimizer.update()
    np.testing.assert_array_equal(p.data, before)
    assert len(seen) == 1
    assert seen[0] is q
    assert clip.norm == 1.0
    p.frozen = False
    optimizer.update()
    assert (p.data != before).all()


def test_no_gradient_at_all_is_worth_a_warning():
    p = parameter(2)
    optimizer = SGD(Holder(p))
    with pytest.warns(
        RuntimeWarning, match=r"^SGD\.update: no parameter of Holder has a gradient; was backward called"
    ):
        optimizer.update()
    p.frozen = True
    optimizer.update()


def test_a_wrong_gradient_is_named_before_anything_is_changed():
    p, q = parameter(2), parameter(3)
    p.grad, q.grad = Variable(np.ones(2)), Variable(np.ones((3, 1)))
    before = p.data.copy()
    with pytest.raises(ValueError, match=r"^SGD\.update: parameter l1/W has shape \(3,\), its gradient has \(3, 1\)$"):
        SGD(Named(p, q)).update()
    q.grad = np.ones(3)
    with pytest.raises(TypeError, match="gradient of a parameter is a Variable or None, got ndarray"):
        SGD(Named(p, q)).update()
    q.data = np.arange(3)
    q.grad = Variable(np.ones(3))
    with pytest.raises(TypeError, match=r"l1/W has dtype int64; only floating-point"):
        SGD(Named(p, q)).update()
    np.testing.assert_array_equal(p.data, before)


def test_an_optimizer_of_the_book_runs():
    class Momentum(Optimizer):
        def __init__(self, lr=0.01, momentum=0.9):
            super().__init__()
            self.lr = lr
            self.momentum = momentum
            self.vs = {}

        def update_one(self, param):
            key = id(param)
            if key not in self.vs:
                self.vs[key] = np.zeros_like(param.data)
            v = self.vs[key]
            v *= self.momentum
            v -= self.lr * param.grad.data
            param.data += v

    p, q = parameter(3), parameter(3)
    train(Momentum(0.1).setup(Holder(p)), p, gradients(p))
    train(MomentumSGD(Holder(q), lr=0.1), q, gradients(q))
    np.testing.assert_allclose(p.data, q.data, rtol=0, atol=1e-12)


def test_an_adam_of_the_book_with_its_own_lr_and_t_runs():
    class BookAdam(Optimizer):
        def __init__(self, alpha=0.1):  # forgets super().__init__(), which does no harm
            self.t = 0
            self.alpha = alpha

        def update(self, *args, **kwargs):
            self.t += 1
            super().update(*args, **kwargs)

        @property
        def lr(self):
            return self.alpha / self.t

        def update_one(self, param):
            param.data -= self.lr * param.grad.data

    p = Parameter(np.zeros(1))
    train(BookAdam().setup(Holder(p)), p, np.ones((2, 1)))
    assert p.data == pytest.approx(-0.15)


def test_an_optimizer_without_a_rule_says_so():
    p = parameter(1)
    p.grad = Variable(np.ones(1))
    with pytest.raises(NotImplementedError, match=r"^Optimizer has to define update_one\(self, param\)$"):
        Optimizer().setup(Holder(p)).update()


def test_a_regression_is_learned():
    np.random.seed(0)
    x = np.random.rand(100, 1)
    t = 5 + 2 * x
    W, b = Parameter(np.zeros((1, 1))), Parameter(np.zeros(1))
    optimizer = SGD(Holder(W, b), lr=0.3)
    for _ in range(200):
        W.cleargrad()
        b.cleargrad()
        F.mean_squared_error(F.linear(x, W, b), t).backward()
        optimizer.update()
    assert float(W.data[0, 0]) == pytest.approx(2, abs=0.02)
    assert float(b.data[0]) == pytest.approx(5, abs=0.02)


# -- hooks -----------------------------------------------------------------------------------------


def test_weight_decay_with_gradients_that_shared_an_array():
    a, b = Parameter(np.array([1.0])), Parameter(np.array([2.0]))
    (a + b).backward()
    optimizer = SGD(Holder(a, b), lr=0.1)
    optimizer.add_hook(WeightDecay(0.5))
    optimizer.update()
    np.testing.assert_allclose([a.data[0], b.data[0]], [1 - 0.1 * 1.5, 2 - 0.1 * 2.0])


@pytest.mark.parametrize("hook", [WeightDecay(0.1), ClipGrad(0.1), ClipGradValue(0.1)])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_hooks_write_to_the_gradient_of_a_sum(hook, dtype):
    p = parameter(3, dtype=dtype)
    F.sum(p).backward()
    optimizer = SGD(Holder(p))
    optimizer.add_hook(hook)
    optimizer.update()
    assert p.grad.dtype == p.dtype == dtype


def test_clip_grad_is_torchs():
    torch = pytest.importorskip("torch", reason="PyTorch is the referee and is not installed")
    for scale in (0.01, 1.0, 100.0):
        ps = [parameter(3, 4), parameter(5, seed=1)]
        qs = [torch.nn.Parameter(torch.from_numpy(p.data)) for p in ps]
        for p, q in zip(ps, qs):
            p.grad = Variable(p.data * scale)
            q.grad = torch.from_numpy(p.grad.data.copy())
        hook = ClipGrad(2.0)
        hook(ps)
        assert hook.norm == pytest.approx(float(torch.nn.utils.clip_grad_norm_(qs, 2.0)))
        for p, q in zip(ps, qs):
            np.testing.assert_allclose(p.grad.data, q.grad.numpy(), rtol=1e-12)


def test_clip_grad_by_value():
    p = parameter(3)
    p.grad = Variable(np.array([-3.0, 0.5, 2.0]))
    ClipGradValue(1.0)([p])
    np.testing.assert_array_equal(p.grad.data, [-1.0, 0.5, 1.0])


def test_freeze_param_takes_layers_and_parameters_and_other_hooks_follow():
    body, bias, head = parameter(2), parameter(2), parameter(2)
    for p in (body, bias, head):
        p.grad = Variable(np.ones(2))
    before = [p.data.copy() for p in (body, bias, head)]
    optimizer = SGD(Holder(body, bias, head))
    optimizer.add_hook(FreezeParam(Holder(body), bias))
    optimizer.add_hook(WeightDecay(0.1))
    optimizer.update()
    np.testing.assert_array_equal(body.data, before[0])
    np.testing.assert_array_equal(bias.data, before[1])
    assert (head.data != before[2]).all()
    with pytest.raises(TypeError, match="FreezeParam wants layers or Parameters, got str"):
        FreezeParam("l1")


def test_hooks_can_be_cleared_and_must_be_callable():
    optimizer = SGD(Holder(parameter(1)))
    optimizer.add_hook(WeightDecay(0.1))
    optimizer.hooks.clear()
    assert optimizer.hooks == []
    with pytest.raises(TypeError, match=r"^SGD\.add_hook wants something to call with a list of parameters, got 0\.1"):
        optimizer.add_hook(0.1)
    with pytest.raises(TypeError, match=r"^SGD\.add_hook wants a hook, got the class WeightDecay: make one, Weight"):
        optimizer.add_hook(WeightDecay)


# -- groups and schedules --------------------------------------------------------------------------


def test_groups_have_their_own_settings():
    body, head, other = [Parameter(np.zeros(1)) for _ in range(3)]
    for p in (body, head, other):
        p.grad = Variable(np.ones(1))
    optimizer = SGD(Holder(body, head, other), lr=1.0).add_group(Holder(body, head), lr=0.1).add_group(head, lr=0.01)
    optimizer.update()
    assert [float(p.data[0]) for p in (body, head, other)] == [-0.1, -0.01, -1.0]
    assert optimizer.lr == 1.0
    optimizer.schedule = exponential_decay(0.5)
    optimizer.update()
    assert [float(p.data[0]) for p in (body, head, other)] == pytest.approx([-0.15, -0.015, -1.5])


def test_groups_may_set_anything_that_the_optimizer_has():
    p, q = parameter(2), parameter(2)
    optimizer = AdamW(Holder(p, q), weight_decay=0.5).add_group(q, weight_decay=0.0, alpha=0.0)
    before = q.data.copy()
    train(optimizer, q, gradients(q, 2))
    np.testing.assert_array_equal(q.data, before)
    assert optimizer.weight_decay == 0.5
    with pytest.raises(TypeError, match=r"AdamW has no setting 'speed'; it has lr, beta1, beta2, eps, weight_decay$"):
        optimizer.add_group(p, speed=1.0)
    with pytest.raises(ValueError, match=r"AdamW\.add_group: lr wants a number"):
        optimizer.add_group(p, lr=-1)
    with pytest.raises(TypeError, match="add_group wants layers or Parameters, got float"):
        optimizer.add_group(0.1)


def test_a_group_of_somebody_elses_parameters_is_refused():
    p = parameter(2)
    p.grad = Variable(np.ones(2))
    with pytest.raises(
        ValueError, match=r"^SGD\.update: group 0 holds a parameter of shape \(3,\) that Holder does not"
    ):
        SGD(Holder(p)).add_group(parameter(3), lr=0.1).update()


def test_settings_come_back_after_an_error():
    class Failing(SGD):
        def update_one(self, param):
            raise ZeroDivisionError

    p = parameter(1)
    p.grad = Variable(np.ones(1))
    optimizer = Failing(Holder(p), lr=1.0)
    optimizer.schedule = exponential_decay(0.5)
    with pytest.raises(ZeroDivisionError):
        optimizer.update()
    assert optimizer.lr == 1.0
    assert optimizer.steps == 0


def test_a_schedule_is_applied_and_lr_stays_the_base():
    p = Parameter(np.zeros(1))
    optimizer = SGD(Holder(p), lr=0.5)
    optimizer.schedule = warm_up(2)
    rates, before = [], 0.0
    for _ in range(3):
        rates.append(optimizer.rate)
        train(optimizer, p, np.ones((1, 1)))
        assert rates[-1] == before - p.data[0]
        before = float(p.data[0])
    assert rates == [0.25, 0.5, 0.5]
    assert optimizer.lr == 0.5
    optimizer.schedule = lambda t: -1
    with pytest.raises(ValueError, match="schedule: factor wants a number >= 0, got -1"):
        optimizer.update()
    with pytest.raises(TypeError, match=r"^SGD\.schedule wants a function from the step to a factor, got 0\.1"):
        optimizer.schedule = 0.1
    optimizer.schedule = None
    assert optimizer.rate == 0.5


@pytest.mark.parametrize(
    ("schedule", "name", "settings"),
    [
        (step_decay(7, 0.5), "StepLR", {"step_size": 7, "gamma": 0.5}),
        (exponential_decay(0.9), "ExponentialLR", {"gamma": 0.9}),
        (cosine_decay(49, 0.1), "CosineAnnealingLR", {"T_max": 49, "eta_min": 0.1}),
        (one_cycle(50), "OneCycleLR", {"max_lr": 1.0, "total_steps": 50}),
        (one_cycle(50, rise=0.5, start=0.1, end=0.01), "OneCycleLR",
         {"max_lr": 1.0, "total_steps": 50, "pct_start": 0.5, "div_factor": 10, "final_div_factor": 10}),
    ],
)  # fmt: skip
def test_schedules_are_those_of_torch(schedule, name, settings):
    torch = pytest.importorskip("torch", reason="PyTorch is the referee and is not installed")
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=1.0)
    referee = getattr(torch.optim.lr_scheduler, name)(optimizer, **settings)
    for t in range(50):
        assert schedule(t) == pytest.approx(optimizer.param_groups[0]["lr"], abs=1e-12), t
        optimizer.step()
        if t < 49:
            referee.step()


def test_schedules_follow_each_other_and_end():
    schedule = warm_up(4, then=cosine_decay(10, end=0.2))
    assert schedule(0) == 0.25
    assert schedule(3) == schedule(4) == 1.0
    assert schedule(14) == schedule(1000) == pytest.approx(0.2)
    assert one_cycle(1)(0) > 0
    assert one_cycle(10)(1000) == pytest.approx(4e-6)
    with pytest.raises(ValueError, match=r"^cosine_decay: total wants a number of updates, an integer >= 1, got 0$"):
        cosine_decay(0)
    with pytest.raises(ValueError, match=r"^exponential_decay: factor wants a number >= 0, got -1$"):
        exponential_decay(-1)
    with pytest.raises(TypeError, match=r"^step_decay: factor wants a number, got 'half'$"):
        step_decay(3, "half")


# -- state -----------------------------------------------------------------------------------------


def two(kind) -> tuple[Named, Optimizer]:
    model = Named(parameter(3, 2, dtype=np.float32), parameter(4, dtype=np.float32, seed=1), parameter(1))
    model.held[2].frozen = True
    return model, kind(model, lr=0.1)


def run(model: Named, optimizer: Optimizer, seed: int) -> None:
    rng = np.random.RandomState(seed)
    for _ in range(3):
        for p in model.held:
            p.grad = Variable(rng.randn(*p.shape).astype(p.dtype))
        optimizer.update()


@EVERY
@pytest.mark.parametrize("way", ["dict", "npz", "deepcopy", "pickle"])
def test_training_goes_on_as_if_never_stopped(kind, way, tmp_path):
    model, optimizer = two(kind)
    optimizer.schedule = step_decay(2, 0.5)
    run(model, optimizer, 0)
    if way == "deepcopy":
        again, other = copy.deepcopy((model, optimizer))
    elif way == "pickle":
        optimizer.schedule = None
        again, other = pickle.loads(pickle.dumps((model, optimizer)))
        optimizer.schedule = other.schedule = step_decay(2, 0.5)
    else:
        again, other = two(kind)
        for p, q in zip(again.held, model.held):
            p.data = q.data.copy()
        other.lr = 0.7
        other.schedule = step_decay(2, 0.5)
        if way == "dict":
            other.load_state_dict(optimizer.state_dict())
        else:
            optimizer.save_state(tmp_path / "state.npz")
            other.load_state(tmp_path / "state.npz")
    assert (other.steps, other.lr) == (3, 0.1)
    run(model, optimizer, 1)
    run(again, other, 1)
    for p, q in zip(model.held, again.held):
        assert p is not q
        np.testing.assert_array_equal(p.data, q.data, strict=True)


def test_state_is_named_by_path_and_copied():
    model, optimizer = two(MomentumSGD)
    run(model, optimizer, 0)
    found = optimizer.state_dict()
    assert found["optimizer"] == "MomentumSGD"
    assert list(found["state"]) == ["l0/W", "l1/W"]
    found["state"]["l0/W"]["v"][...] = np.nan
    (v,) = optimizer.state(model.held[0], "v")
    assert np.isfinite(v).all()


def test_a_loaded_state_is_nobody_elses():
    model, optimizer = two(MomentumSGD)
    run(model, optimizer, 0)
    found = optimizer.state_dict()
    kept = found["state"]["l0/W"]["v"].copy()
    optimizer.load_state_dict(found)
    run(model, optimizer, 1)
    np.testing.assert_array_equal(found["state"]["l0/W"]["v"], kept)


def test_a_target_without_names_counts_its_parameters():
    p = parameter(2)
    optimizer = MomentumSGD(Holder(p))
    train(optimizer, p, gradients(p, 1))
    assert list(optimizer.state_dict()["state"]) == ["0"]


def test_every_difference_is_named_before_anything_is_changed():
    model, optimizer = two(MomentumSGD)
    run(model, optimizer, 0)
    found = optimizer.state_dict()
    other = MomentumSGD(Named(parameter(2, 3)), lr=0.5)
    words = r"does not fit to Named: l1/W is unknown; l0/W has shape \(2, 3\), its v has \(3, 2\)$"
    with pytest.raises(ValueError, match=words):
        other.load_state_dict(found)
    with pytest.raises(ValueError, match=r"^Adam\.load_state_dict: this is the state of an optimizer MomentumSGD$"):
        Adam(model).load_state_dict(found)
    with pytest.raises(RuntimeError, match="whose parameters"):
        MomentumSGD().load_state_dict(found)
    assert (other.lr, other.steps) == (0.5, 0)


@pytest.mark.parametrize(("state", "got"), [({}, "one with none"), ({"l0/W": 1}, "one with 'l0/W'"), (3, "int")])
def test_what_is_no_state_is_refused(state, got):
    with pytest.raises(TypeError, match=f"^SGD.load_state_dict wants what state_dict.* returned, .*got {got}$"):
        SGD(Holder(parameter(1))).load_state_dict(state)


def test_a_file_of_weights_is_no_state(tmp_path):
    np.savez(tmp_path / "w.npz", a=np.zeros(1))
    with pytest.raises(ValueError, match=r"^SGD\.load_state: '.*w\.npz' does not hold the state of an optimizer$"):
        SGD(Holder(parameter(1))).load_state(tmp_path / "w.npz")


def test_state_follows_the_parameter_to_another_dtype_and_refuses_another_shape():
    p = parameter(3, dtype=np.float32)
    optimizer = MomentumSGD(Named(p))
    train(optimizer, p, gradients(p, 2))
    p.data = p.data.astype(np.float64)
    assert optimizer.state(p, "v")[0].dtype == np.float64
    p.data = np.zeros(4)
    with pytest.raises(ValueError, match=r"l0/W has shape \(4,\) now, its state 'v' has \(3,\); make a new optimizer"):
        optimizer.state(p, "v")


def test_summary():
    W, b, lazy = Parameter(np.array([[3.0, 4.0]])), parameter(1), Parameter(None)
    W.grad = Variable(np.array([[0.0, 2.0]]))
    b.frozen = True
    optimizer = Adam(Named(W, b, lazy))
    optimizer.update()
    lines = optimizer.summary().splitlines()
    assert lines[0] == "Adam, lr 0.001, 1 step"
    assert lines[1].split() == ["parameter", "shape", "trained", "state", "|p|", "|gradient|"]
    assert lines[2].split() == ["l0/W", "(1,", "2)", "yes", "t", "m", "v", "5", "2"]
    assert lines[3].split() == ["l1/W", "(1,)", "no", "-", "1.76", "-"]
    assert lines[4].split() == ["l2/W", "not", "yet", "known", "yes", "-", "-", "-"]
