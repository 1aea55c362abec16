"""CheckGrads: NaN and infinite gradients raise, or the step is left out and leaves no trace."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

from dezero import Variable, optimizers
from dezero.layers import Linear
from dezero.models import Sequential
from dezero.optimizers import SGD, Adam, CheckGrads, ClipGrad, WeightDecay

OPTIMIZERS = [getattr(optimizers, name) for name in optimizers.rules.__all__]
BAD = [np.nan, np.inf, -np.inf]


def layer_with(value: float, dtype=np.float64) -> Linear:
    """A layer with gradients of ones, but for one element."""
    layer = Linear(3, in_size=2, dtype=dtype)
    for p in layer.params():
        p.grad = Variable(np.ones_like(p.data))
    layer.W.grad.data[1, 1] = value
    return layer


def snapshot(optimizer):
    state = optimizer.state_dict()
    arrays = {f"{path} {n}": a.tobytes() for path, own in state["state"].items() for n, a in own.items()}
    return arrays, state["steps"], [p.data.tobytes() for p in optimizer.target.params()]


@pytest.mark.parametrize("value", BAD)
@pytest.mark.parametrize("kind", OPTIMIZERS)
def test_a_skipped_step_leaves_no_trace(kind, value):
    optimizer = kind(layer_with(1.0), lr=0.1)
    hook = CheckGrads("skip")
    optimizer.add_hook(hook)
    optimizer.schedule = lambda step: 1 / (1 + step)
    optimizer.update()
    before = snapshot(optimizer)
    optimizer.target.W.grad.data[0, 0] = value
    with pytest.warns(RuntimeWarning, match=r"1 of 2 .* that of W \(2, 3\), with 1 (NaN|infinite) of 6"):
        optimizer.update()
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # one warning is enough
        optimizer.update()
    assert hook.skipped == 2
    assert snapshot(optimizer) == before
    optimizer.target.W.grad.data[0, 0] = 1.0
    optimizer.update()
    assert (hook.skipped, optimizer.steps) == (2, 2)


def test_to_raise_leaves_no_trace_either_and_names_the_parameter():
    optimizer = Adam(layer_with(np.nan))
    optimizer.add_hook(CheckGrads())
    optimizer.target.W.grad.data[0] = np.inf
    optimizer.target.b.grad.data[0] = np.nan
    before = snapshot(optimizer)
    words = r"2 of 2 gradients .* the first is that of W \(2, 3\), with 1 NaN and 3 infinite of 6"
    with pytest.raises(RuntimeError, match=words):
        optimizer.update()
    assert snapshot(optimizer) == before


def test_the_path_in_the_model_is_named():
    model = Sequential(Linear(3, in_size=2), Linear(2, in_size=3))
    for p in model.params():
        p.grad = Variable(np.ones_like(p.data))
    model.layers[1].W.grad.data[0, 0] = np.nan
    optimizer = SGD(model)
    optimizer.hooks = [CheckGrads()]  # as the book's scripts may do
    with pytest.raises(RuntimeError, match=r"1 of 4 .* the first is that of l1/W \(3, 2\), with 1 NaN of 6 elements"):
        optimizer.update()
    optimizer.hooks = [CheckGrads("skip")]
    with pytest.warns(RuntimeWarning, match=r"that of l1/W \(3, 2\)"):
        optimizer.update()
    with pytest.raises(RuntimeError, match=r"that of W \(3, 2\)"):
        CheckGrads()(list(model.params()))  # by itself it knows names alone


def test_hooks_after_it_are_not_called_and_sound_gradients_pass():
    optimizer, seen = SGD(layer_with(np.inf), lr=0.1), []
    for hook in (CheckGrads("skip"), ClipGrad(1.0), WeightDecay(0.1), seen.append):
        optimizer.add_hook(hook)
    with pytest.warns(RuntimeWarning, match="left out"):
        optimizer.update()
    assert seen == []
    optimizer.target.W.grad.data[1, 1] = 0.0
    optimizer.update()
    assert len(seen) == optimizer.steps == 1


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_gradients_whose_sum_overflows_are_sound(dtype):
    layer = layer_with(np.finfo(dtype).max, dtype)
    layer.W.grad.data[:] = np.finfo(dtype).max
    hook = CheckGrads()
    hook(list(layer.params()))
    layer.W.grad.data[0, 0] = -np.inf
    with pytest.raises(RuntimeError, match="1 infinite of 6"):
        hook(list(layer.params()))


def test_other_words_and_parameters_without_gradients():
    with pytest.raises(ValueError, match="CheckGrads knows 'raise' and 'skip', got 'ignore'"):
        CheckGrads("ignore")
    layer = layer_with(1.0)
    layer.b.cleargrad()
    assert CheckGrads()(list(layer.params())) is None
