"""`dezero.debug`: lines of the program, first NaNs, arrays changed in place."""

import re
import threading

import numpy as np
import pytest

import dezero
import dezero.functions as F
import dezero.layers as L
from dezero import Variable
from dezero.core import Function


def _log(x):
    with np.errstate(all="ignore"):
        return F.log(x)


def notes(error):
    return "\n".join([str(error.value), *getattr(error.value, "__notes__", ())])


def test_an_error_of_backward_names_the_line_that_applied_the_operation():
    class Bad(Function):
        def forward(self, x):
            return x * 2

        def backward(self, gy):
            raise ValueError("no derivative")

    x = Variable(np.ones(3))
    with dezero.debug():
        y = Bad()(x) + 1  # here
        with pytest.raises(ValueError, match="no derivative") as error:
            y.backward()
    assert "in the backward of Bad(float64 (3,))" in notes(error)
    assert re.search(r"Bad was applied at test_debug.py:\d+: y = Bad\(\)\(x\) \+ 1", notes(error))


def test_a_gradient_of_wrong_shape_names_the_line():
    class Bad(Function):
        def forward(self, x):
            return x * 2

        def backward(self, gy):
            return F.sum(gy)

    with dezero.debug():
        y = Bad()(Variable(np.ones(3)))
        with pytest.raises(ValueError, match="gradient of shape") as error:
            y.backward()
    assert "y = Bad()(Variable(np.ones(3)))" in notes(error)


@pytest.mark.parametrize(
    "compute, words",
    [
        (lambda x: F.log(x), r"Log made the first infinity: 1 of 3 elements of its output \(3,\)"),
        (lambda x: F.exp(x * 1000), r"Exp made the first infinity: 2 of 3 elements .* the first at \(1,\)"),
        (lambda x: F.sum(x) * 0 / 0.0, "Div made the first NaN: its output is nan"),
        (lambda x: x * np.nan, "the data given to Mul hold a NaN"),
    ],
)
def test_the_first_operation_that_makes_a_nan_or_an_infinity_is_named(compute, words):
    x = Variable(np.array([0.0, 1.0, 2.0]))
    with np.errstate(all="ignore"), dezero.debug(), pytest.raises(RuntimeError, match=words) as error:
        F.sum(F.sin(compute(x)))
    assert "test_debug.py:" in notes(error)


def test_a_nan_that_only_the_gradient_has_is_named():
    x = Variable(np.array([0.0, 1.0]), name="x")
    with np.errstate(all="ignore"), dezero.debug():
        y = F.sum(F.sqrt(x))
        with pytest.raises(
            RuntimeError, match="the backward of Sqrt made the first infinity of the gradients"
        ) as error:
            y.backward()
    assert "y = F.sum(F.sqrt(x))" in notes(error)
    assert x.grad is None


def test_masks_of_infinities_are_no_fault():
    scores, mask = Variable(np.zeros((2, 2))), np.array([[0.0, -np.inf], [0.0, 0.0]])
    with dezero.debug():
        p = F.softmax(scores + mask)
        F.sum(p * p).backward()
    assert np.isfinite(scores.grad.data).all()


@pytest.mark.parametrize("create_graph", [False, True])
def test_an_array_changed_between_forward_and_backward_is_noticed(create_graph):
    x, w = Variable(np.ones(3), name="x"), Variable(np.ones(3), name="w")
    with dezero.debug():
        y = F.sum(x * w)
        w.data[1] = 5.0
        with pytest.raises(RuntimeError, match=r"input 1 \(w\) of Mul, float64 \(3,\), was changed between") as error:
            y.backward(create_graph=create_graph)
    assert "y = F.sum(x * w)" in notes(error)
    assert w.grad is None and x.grad is None


def test_a_result_changed_before_backward_is_noticed():
    x = Variable(np.ones(3))
    with dezero.debug():
        y = F.exp(x)
        y.data[1] = 5.0
        with pytest.raises(RuntimeError, match=r"the output of Exp, float64 \(3,\), was changed between"):
            y.backward()


def test_every_output_of_an_operation_is_looked_at():
    class Halves(dezero.Function):
        def forward(self, x):
            return x[:1] * 2, x[1:] / np.array([0.0])

    with np.errstate(divide="ignore"), dezero.debug(), pytest.raises(RuntimeError, match="Halves made the first inf"):
        Halves()(Variable(np.ones(2)))


def test_training_is_the_same_with_and_without():
    def train():
        rng = np.random.default_rng(0)
        model = dezero.models.MLP((5, 2))
        x, t = rng.normal(size=(8, 3)), rng.integers(0, 2, 8)
        np.random.seed(0)
        optimizer = dezero.optimizers.Adam().setup(model)
        for _ in range(3):
            loss = F.softmax_cross_entropy(model(x), t)
            model.cleargrads()
            loss.backward()
            optimizer.update()
        return [p.data for p in model.params()]

    plain = train()
    with dezero.debug():
        watched = train()
    for a, b in zip(plain, watched):
        np.testing.assert_array_equal(a, b)


def test_second_derivatives_and_layers_are_watched_and_the_path_is_named():
    model = dezero.models.Sequential(L.Linear(2, in_size=2), F.log)
    model.l0.W.data[...] = 0.0
    with np.errstate(all="ignore"), dezero.debug(), pytest.raises(RuntimeError, match="Log made the first infinity"):
        model(np.ones((1, 2)))
    x = Variable(np.array(2.0))
    with dezero.debug():
        gx = dezero.grad(x**3, x, create_graph=True)
        assert dezero.grad(gx, x).data == 12.0


def test_nothing_is_watched_after_the_block_in_other_threads_or_without_recording():
    x = Variable(np.zeros(2))
    with np.errstate(all="ignore"):
        with dezero.debug(), dezero.no_grad():
            F.log(x)
        failed = []
        with dezero.debug():
            thread = threading.Thread(target=lambda: failed.append(_log(x)))
            thread.start()
            thread.join()
        F.log(x)
        F.sqrt(x).backward()
    assert np.isinf(x.grad.data).all()
    assert len(failed) == 1 and not hasattr(F.exp(x).creator, "line")


def test_graphs_recorded_before_the_block_go_back_unwatched():
    x = Variable(np.ones(2))
    y = F.sum(x * x)
    with dezero.debug():
        y.backward()
    np.testing.assert_array_equal(x.grad.data, [2.0, 2.0])


def test_recording_that_is_switched_on_again_is_watched():
    x = Variable(np.zeros(2))
    again = dezero.using_config("enable_backprop", True)
    with np.errstate(all="ignore"), dezero.debug(), dezero.no_grad(), again, pytest.raises(RuntimeError, match="first"):
        F.log(x)


def test_a_failed_backward_leaves_the_settings_as_they_were():
    x = Variable(np.ones(2))
    with dezero.debug():
        y = F.sum(x * x)
        x.data[0] = 3.0
        with pytest.raises(RuntimeError):
            y.backward()
        assert dezero.Config.enable_backprop
    assert dezero.Config.enable_backprop
