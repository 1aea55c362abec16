"""The kernels of the optimizers: every twin beside its reference."""

from functools import partial

import numpy as np
import pytest

from dezero import Parameter, Variable
from dezero._kernels import blas
from dezero._kernels.twins import KERNELS, references
from dezero.layers import Layer
from dezero.optimizers import SGD, Adam, AdamW, MomentumSGD

SETTINGS = {
    "descend": [(0.1,)],
    "momentum": [(0.1, 0.9, False), (0.1, 0.9, True), (0.1, 0.0, False)],
    "adam": [(0.1, 0.9, 0.99, 1e-3, 1.0), (0.1, 0.8, 0.9, 1e-3, 0.9)],
}
STATES = {"descend": 0, "momentum": 1, "adam": 2}


def arrays(name: str, shape: tuple[int, ...], dtype: str = "float32", order: str = "C") -> list[np.ndarray]:
    """Parameter, gradient and states, which are positive, as squares have to be."""
    rng = np.random.default_rng(0)
    found = [rng.standard_normal(shape) for _ in range(2)] + [rng.random(shape) for _ in range(STATES[name])]
    return [np.asarray(x, dtype, order) for x in found]


def samples(name: str) -> list[tuple]:
    kinds = [((3, 4),), ((363, 367),), ((300, 500), "float64", "F"), ((1 << 19,),), ((1 << 17,), "float16"), ((0,),)]
    found = [(*arrays(name, *kind), *settings) for kind in kinds for settings in SETTINGS[name]]
    mixed = arrays(name, (363, 367))
    mixed[1] = np.asfortranarray(mixed[1])
    strided = arrays(name, (363, 734))
    return found + [(*x, *SETTINGS[name][0]) for x in (mixed, [x[:, ::2] for x in strided])]


SAMPLES = {name: partial(samples, name) for name in SETTINGS}


def copied(arguments):
    return [x.copy(order="K") if isinstance(x, np.ndarray) else x for x in arguments]


@pytest.mark.parametrize("name", SETTINGS)
def test_twins_compute_what_their_reference_does(name):
    kernel, taken = KERNELS[name], set()
    for arguments in SAMPLES[name]():
        right = copied(arguments)
        kernel.reference(*right)
        for twin in kernel.twins:
            if twin.when(*arguments):
                taken.add(twin.function)
                found = copied(arguments)
                twin.function(*found)
                np.testing.assert_array_equal(found[1], arguments[1])
                for x, y in zip(found[: 2 + STATES[name]], right):
                    np.testing.assert_allclose(x, y, rtol=0, atol=40 * np.finfo(x.dtype).eps)
    assert taken == {t.function for t in kernel.twins if blas.has_axpby() or "blas" not in t.function.__name__}
    assert kernel.chosen(*SAMPLES[name]()[0]) is kernel.reference


@pytest.mark.parametrize("name", SETTINGS)
def test_gaps_and_unlike_arrangements_are_left_to_the_reference(name):
    for arguments in SAMPLES[name]()[-2:]:
        assert KERNELS[name].chosen(*arguments) is KERNELS[name].reference


def test_what_may_not_be_written_to_is_left_to_the_reference():
    p, g = arrays("descend", (1 << 17,))
    p.flags.writeable = False
    with pytest.raises(ValueError, match="read-only"):
        KERNELS["descend"](p, g, 0.1)
    p = p.astype(">f4")
    KERNELS["descend"](p, g, 0.1)
    swapped = arrays("descend", (1 << 17,))[0] - np.float32(0.1) * g
    np.testing.assert_allclose(p, swapped, rtol=0, atol=1e-6)


@pytest.mark.parametrize("make", [SGD, MomentumSGD, lambda **o: MomentumSGD(nesterov=True, **o), Adam, AdamW])
def test_optimizers_are_the_same_without_twins(make):
    def trained():
        model = Layer()
        model.large, model.small = Parameter(arrays("descend", (512, 300))[0]), Parameter(np.ones(5, np.float32))
        optimizer = make(lr=0.1).setup(model)
        for k in range(3):
            for p in model.params():
                p.grad = Variable(np.cos(p.data + k))
            optimizer.update()
        return [p.data for p in model.params()]

    fast = trained()
    with references():
        slow = trained()
    for x, y in zip(fast, slow):
        np.testing.assert_allclose(x, y, rtol=0, atol=2e-6)
