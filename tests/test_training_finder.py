"""The learning-rate finder."""

import copy

import numpy as np
import pytest

import dezero.functions as F
from dezero import DataLoader
from dezero.datasets import ArrayDataset
from dezero.layers import BatchNorm, Linear
from dezero.models import MLP, Sequential
from dezero.optimizers import SGD, Adam, MomentumSGD, NAdam, cosine_decay
from dezero.training.finder import lr_find
from dezero.transforms import rng


def noisy(x):
    return x + rng().normal(size=x.shape).astype(np.float32)


def data():
    numbers = np.random.RandomState(0)
    x = numbers.randn(60, 4).astype(np.float32)
    return ArrayDataset(x, (x[:, 0] > 0).astype(int), transform=noisy)


def network():
    return Sequential(Linear(8), BatchNorm(), F.relu, lambda x: F.dropout(x, 0.2), Linear(2))


def find(model=None, optimizer=None, loader=None, **options):
    model = MLP((8, 2), F.relu) if model is None else model
    optimizer = SGD(0.1) if optimizer is None else optimizer
    loader = DataLoader(data(), 10) if loader is None else loader
    options = {"steps": 40} | options
    return lr_find(model, optimizer.setup(model), F.softmax_cross_entropy, loader, **options)


# -- what it leaves --------------------------------------------------------------------------------


@pytest.mark.parametrize("make", [SGD, MomentumSGD, Adam, NAdam])
@pytest.mark.parametrize("seed", [None, 3], ids=["global generator", "own generator"])
@pytest.mark.parametrize("called", [False, True], ids=["lazy", "trained before"])
def test_training_goes_on_as_if_it_had_not_been_called(make, seed, called):
    def trained(look):
        np.random.seed(0)
        model, loader = network(), DataLoader(data(), 10, seed=seed)
        optimizer = make(lr=0.01).setup(model)
        optimizer.schedule = cosine_decay(100)
        losses = []
        for epoch in range(3):
            if look and epoch == called:
                lr_find(model, optimizer, F.softmax_cross_entropy, loader, steps=12)
            for x, t in loader:
                loss = F.softmax_cross_entropy(model(x), t)
                model.cleargrads()
                loss.backward()
                optimizer.update()
                losses.append(loss.item())
        running = [buffer.data for _, buffer in model.named_buffers()]
        return losses, [p.data for p in model.params()], running, np.random.get_state()[1], optimizer.state_dict()

    for plain, looked in zip(trained(False), trained(True)):
        np.testing.assert_equal(looked, plain)


def test_in_the_middle_of_a_pass_the_rest_of_it_stays():
    loader = DataLoader(data(), 10, seed=0)
    rest = copy.deepcopy(list(DataLoader(data(), 10, seed=0)))
    for i, (_, t) in enumerate(loader):
        assert (t == rest[i][1]).all()
        if i == 1:
            find(loader=loader)


def test_gradients_and_mode_stay():
    model = MLP((8, 2))
    F.sum(model(np.ones((3, 4), np.float32))).backward()
    gradients = [p.grad.data.copy() for p in model.params()]
    find(model)
    np.testing.assert_equal([p.grad.data for p in model.params()], gradients)


def test_an_error_in_the_run_leaves_all_as_it_was():
    np.random.seed(0)
    model, optimizer = MLP((8, 2)), Adam()
    state = np.random.get_state()[1].copy()
    with pytest.raises(ValueError, match="the loader has no batch"):
        find(model, optimizer, loader=[])
    assert (np.random.get_state()[1] == state).all()
    assert all(p.data is None for name, p in model.named_params() if name.endswith("W"))
    assert optimizer.steps == 0


# -- what it finds ---------------------------------------------------------------------------------


def quadratic(smoothing=4.0, **options):
    """A loss of one weight, (w - 1)^2 / 2 scaled by 50: SGD diverges from a rate of 2 / 50 on."""
    model = Linear(1, nobias=True, in_size=1)
    model.W.data[:] = 3
    batches = [(np.ones((1, 1), np.float32), np.ones((1, 1), np.float32))]

    def loss_fn(y, t):
        return 25 * F.sum((y - t) ** 2)

    return lr_find(model, SGD(0.5).setup(model), loss_fn, batches, smoothing=smoothing, **options)


def test_the_suggestion_is_below_where_it_diverges_and_far_above_the_start():
    curve = quadratic()
    assert 1e-4 < curve.suggestion < 0.04
    assert curve.stopped.startswith(("the loss exploded", "the loss became"))
    assert curve.rates[-1] < 10


def test_the_rates_rise_by_equal_ratios_and_are_those_of_the_updates():
    curve = quadratic(start=1e-6, end=1e-4, steps=21, smoothing=0)
    np.testing.assert_allclose(curve.rates, np.geomspace(1e-6, 1e-4, 21))
    assert curve.stopped == "all 21 step sizes were tried"
    np.testing.assert_array_equal(curve.smoothed, curve.losses)
    weight = 3.0
    for rate, loss in zip(curve.rates, curve.losses):
        assert loss == pytest.approx(25 * (weight - 1) ** 2, rel=1e-5)
        weight -= rate * 50 * (weight - 1)


def test_groups_keep_the_ratio_of_their_rates():
    model = Sequential(Linear(4), F.relu, Linear(2))
    model(np.zeros((1, 4), np.float32))
    whole = find(model, SGD(0.1), DataLoader(data(), 10, seed=0), end=1e-2)
    grouped = find(model, SGD(0.2).setup(model).add_group(model, lr=0.2), DataLoader(data(), 10, seed=0), end=1e-2)
    np.testing.assert_array_equal(grouped.losses, whole.losses)


def test_too_few_batches_are_gone_through_again():
    assert len(find(loader=DataLoader(data(), 60), end=0.1).rates) == 40


def test_where_the_loss_does_not_fall_there_is_no_suggestion():
    curve = quadratic(start=1e-12, end=1e-10, steps=20)
    assert curve.suggestion is None


def test_the_same_seed_finds_the_same():
    curves = []
    for _ in range(2):
        np.random.seed(0)
        curves.append(find())
    np.testing.assert_array_equal(curves[0].losses, curves[1].losses)


# -- what it refuses -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "options, message",
    [
        ({"start": 1.0, "end": 0.1}, "expects 0 < start < end, got start=1.0 and end=0.1"),
        ({"start": 0.0}, "expects 0 < start < end"),
        ({"end": float("inf")}, "expects 0 < start < end"),
        ({"steps": 9}, "expects 10 steps or more, to see a curve, got 9"),
        ({"explosion": 1.0}, "an explosion of more than 1 times the best loss, got 1.0"),
        ({"smoothing": -1.0}, "smoothing over 0 steps or more, got -1.0"),
        ({"optimizer": SGD(0.0)}, "an optimizer with lr above 0, got 0.0"),
        ({"loader": []}, "the loader has no batch"),
    ],
)
def test_wrong_numbers_are_refused(options, message):
    with pytest.raises(ValueError, match=message):
        find(**options)


def test_what_can_be_gone_through_only_once_is_refused():
    with pytest.raises(TypeError, match="got generator, which can be gone through only once"):
        find(loader=(batch for batch in [(1, 2)]))


def test_what_gives_no_batches_is_refused():
    with pytest.raises(TypeError, match=r"lr_find expects batches, got ArrayDataset: DataLoader\(dataset, batch_size"):
        find(loader=ArrayDataset(np.zeros((9, 4)), np.zeros(9, int)))


def test_batches_without_labels_are_refused():
    with pytest.raises(TypeError, match=r"expects batches \(x, t\), got ndarray"):
        find(loader=[np.zeros((2, 4), np.float32)])


def test_another_model_than_the_optimizers_is_refused():
    model = MLP((2,))
    with pytest.raises(RuntimeError, match=r"set up with this model: call optimizer.setup\(model\)"):
        lr_find(model, SGD(MLP((2,))), F.softmax_cross_entropy, [])


def test_a_loss_that_is_nan_at_once_is_no_matter_of_the_rate():
    x = np.full((2, 4), np.nan, np.float32)
    with pytest.raises(ValueError, match="loss of the first batch is nan, before any step: look at the data"):
        find(loader=[(x, np.zeros(2, int))])


def test_a_nan_later_ends_the_curve():
    x = np.ones((2, 4), np.float32)
    batches = [(x, np.zeros(2, int))] * 15 + [(x * np.nan, np.zeros(2, int))] * 30
    curve = find(loader=batches, end=1e-3)
    assert len(curve.losses) == 15
    assert curve.stopped.startswith("the loss became nan after the step of ")


def test_an_explosion_before_there_is_a_curve_says_where_to_begin():
    with pytest.raises(
        ValueError, match=r"explodes within \d steps?, before there is a curve; begin lower than start=1"
    ):
        quadratic(start=1.0)


# -- the picture -----------------------------------------------------------------------------------


def test_the_plot_marks_the_suggestion(tmp_path):
    pytest.importorskip("matplotlib")
    curve = quadratic()
    figure = curve.plot()
    assert f"suggestion: {curve.suggestion:.2g}" in [t.get_text() for t in figure.axes[0].get_legend().get_texts()]
    assert figure.axes[0].get_xscale() == "log"
    figure.savefig(tmp_path / "lr.png", dpi=30)
    assert "suggestion" in repr(curve) and "array" not in repr(curve)


def test_a_curve_without_a_suggestion_can_be_drawn():
    pytest.importorskip("matplotlib")
    assert len(quadratic(start=1e-12, end=1e-10, steps=20).plot().axes[0].lines) == 2
