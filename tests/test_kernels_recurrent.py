"""The kernels of recurrent steps: every twin beside its reference, and the functions with and without them."""

from functools import partial

import numpy as np
import pytest

import dezero.functions as F
from dezero import Variable, grad
from dezero._kernels.recurrent import gru, lstm
from dezero._kernels.twins import KERNELS, references


def random(*shape, dtype, order, seed=0):
    return np.asarray(np.random.default_rng([seed, *shape]).standard_normal(shape), dtype=dtype, order=order)


def step(name: str, N: int, H: int, dtype: str, order: str) -> tuple:
    """Arguments of a kernel for N rows and H units."""

    def some(columns, seed):
        return random(N, columns, dtype=dtype, order=order, seed=seed)

    a, h, gh, gc = some(4 * H, 0), some(H, 1), some(H, 2), some(H, 3)
    if name in ("lstm", "gru"):
        return np, a, h
    if name == "gru_gradient":
        return np, gh, gru.reference(np, a, h)[1], h
    _, _, gates, t = lstm.reference(np, a, h)
    return np, gh, gc, gates, t, h


ARRANGEMENTS = [
    (3, 4, "float32", "F"), (3, 4, "float64", "C"), (1, 1, "float32", "C"), (0, 4, "float32", "F"),
    (3, 4, "float16", "F"), (32, 100, "float32", "F"),
]  # fmt: skip


def samples(name: str) -> list[tuple]:
    return [step(name, *arrangement) for arrangement in ARRANGEMENTS]


NAMES = ("lstm", "lstm_gradient", "gru", "gru_gradient")
SAMPLES = {name: partial(samples, name) for name in NAMES}


def copied(arguments):
    return [x.copy(order="K") if isinstance(x, np.ndarray) else x for x in arguments]


@pytest.mark.parametrize("name", NAMES)
def test_twins_compute_what_their_reference_does(name):
    kernel, taken = KERNELS[name], set()
    for arguments in SAMPLES[name]():
        right = kernel.reference(*copied(arguments))
        for twin in kernel.twins:
            if twin.when(*arguments):
                taken.add(twin.function)
                for found, expected in zip(twin.function(*copied(arguments)), right, strict=True):
                    assert found.dtype == expected.dtype
                    atol = 20 * np.finfo(expected.dtype).eps
                    np.testing.assert_allclose(found, expected, rtol=0, atol=atol)
    assert taken == {twin.function for twin in kernel.twins}
    assert kernel.chosen(*SAMPLES[name]()[-2]) is kernel.reference  # float16


@pytest.mark.parametrize("name", NAMES[1::2])
def test_gradients_leave_their_arguments_alone(name):
    for arguments in SAMPLES[name]():
        before = copied(arguments)
        KERNELS[name](*arguments)
        for x, y in zip(arguments[1:], before[1:]):
            np.testing.assert_array_equal(x, y)


STEPS = [
    (F.rnn_step, [(3, 2), (3, 4), (7, 4)]), (F.lstm_step, [(3, 2), (3, 4), (3, 4), (7, 16)]),
    (F.gru_step, [(3, 2), (3, 4), (7, 16)]),
]  # fmt: skip


@pytest.mark.parametrize(("function", "shapes"), STEPS)
def test_steps_are_the_same_without_twins(function, shapes):
    def everything():
        xs = [Variable(random(*shape, dtype="float64", order="C", seed=i)) for i, shape in enumerate(shapes)]
        ys = function(*xs)
        y = F.sum(ys * ys) if isinstance(ys, Variable) else F.sum(ys[0] * ys[1])
        first = grad(y, xs)
        gxs = grad(y, xs, create_graph=True)
        second = grad(F.sum(gxs[0] ** 2) + F.sum(gxs[-1] ** 2), xs)
        return [v.data for v in (y, *first, *gxs, *second)]

    fast = everything()
    with references():
        slow = everything()
    for x, y in zip(fast, slow, strict=True):
        np.testing.assert_allclose(x, y, rtol=1e-10, atol=1e-12)
