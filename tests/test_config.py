"""Settings hold for the running thread or task only."""

import asyncio
import threading

import numpy as np
import pytest

import dezero
from dezero import Config, Variable, no_grad, test_mode, using_config


def test_defaults():
    assert (Config.enable_backprop, Config.train) == (True, True)


@pytest.mark.parametrize("name", ["enable_backprop", "train"])
def test_setting_is_restored_also_after_an_exception(name):
    with using_config(name, False):
        assert getattr(Config, name) is False
    assert getattr(Config, name) is True
    with pytest.raises(ZeroDivisionError), using_config(name, False):
        raise ZeroDivisionError
    assert getattr(Config, name) is True


def test_recording_switched_on_where_it_is_on_stays_in_its_layer():
    class Checked(dezero.Layer):
        def forward(self, x):
            with using_config("enable_backprop", True):
                return x * 2

    layer = Checked()
    assert layer(Variable(np.ones(1))).creator.place.layer() is layer


def test_settings_nest():
    with no_grad():
        with using_config("enable_backprop", True):
            assert (Variable(np.ones(1)) * 2).creator is not None
        assert (Variable(np.ones(1)) * 2).creator is None
    assert Config.enable_backprop


def test_setting_is_assignable():
    Config.train = False
    try:
        assert dezero.Config.train is False
    finally:
        Config.train = True


def test_unknown_setting():
    sentence = "^Config has no setting 'nonsense'; it has enable_backprop, train$"
    with pytest.raises(AttributeError, match=sentence), using_config("nonsense", True):
        pass
    with pytest.raises(AttributeError, match=sentence):
        _ = Config.nonsense
    with pytest.raises(AttributeError, match=sentence):
        Config.nonsense = 1
    assert {"train", "enable_backprop"} <= set(dir(Config))


def test_test_mode_builds_graphs_all_the_same():
    with test_mode():
        assert Config.train is False
        assert (Variable(np.ones(1)) * 2).creator is not None


def test_no_grad_sets_nothing_on_the_function():
    class Same(dezero.Function):
        def forward(self, x):
            return x + 0

    f = Same()
    with no_grad():
        y = f(Variable(np.ones(1)))
    assert not hasattr(f, "inputs")
    assert (y.creator, y.generation) == (None, 0)


def test_other_threads_keep_their_own_settings():
    seen = []
    with no_grad(), test_mode():
        thread = threading.Thread(target=lambda: seen.append((Config.enable_backprop, Config.train)))
        thread.start()
        thread.join()
    assert seen == [(True, True)]


def test_threads_switching_at_the_same_time():
    wrong, barrier = [], threading.Barrier(4)

    def work(recording):
        barrier.wait()
        for _ in range(200):
            x = Variable(np.array(3.0))
            with using_config("enable_backprop", recording):
                y = x * x
            if recording:
                y.backward()
            if (y.creator is not None) != recording or (recording and float(x.grad) != 6.0):
                wrong.append(recording)

    threads = [threading.Thread(target=work, args=(i % 2 == 0,)) for i in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_tasks_keep_their_own_settings():
    async def evaluate(inside, leave):
        with no_grad():
            inside.set()
            await leave.wait()
            return (Variable(np.ones(1)) * 2).creator is None

    async def train(inside, leave):
        await inside.wait()
        recorded = (Variable(np.ones(1)) * 2).creator is not None
        leave.set()
        return recorded

    async def both():
        inside, leave = asyncio.Event(), asyncio.Event()
        return await asyncio.gather(evaluate(inside, leave), train(inside, leave))

    assert asyncio.run(both()) == [True, True]
