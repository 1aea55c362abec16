"""The first-order engine of the tutorial."""

import gc
import weakref

import numpy as np
import pytest

from dezero import core_simple
from dezero.core_simple import (
    Config,
    Function,
    Variable,
    as_array,
    as_variable,
    no_grad,
    setup_variable,
    using_config,
)

setup_variable()


def var(x):
    return Variable(np.array(x))


# -- variables -------------------------------------------------------------------------------------


@pytest.mark.parametrize("data", [1.0, 1, [1, 2], np.float64(1.0), "a"])
def test_only_arrays_are_taken(data):
    with pytest.raises(TypeError, match=f"^{type(data)} is not supported$"):
        Variable(data)


def test_variable_without_data():
    assert Variable(None).data is None


def test_attributes_come_from_the_array():
    x = Variable(np.array([[1, 2, 3], [4, 5, 6]]), name="x")
    assert (x.shape, x.ndim, x.size, x.dtype, len(x), x.name) == ((2, 3), 2, 6, np.dtype(int), 2, "x")


def test_repr_aligns_lines_and_shows_none():
    assert repr(var([[1, 2], [3, 4]])) == "variable([[1 2]\n          [3 4]])"
    assert repr(Variable(None)) == "variable(None)"


def test_as_variable_keeps_variables_and_as_array_keeps_arrays():
    x, a = var(1.0), np.ones(2)
    assert as_variable(x) is x
    assert as_variable(a).data is a
    assert as_array(a) is a
    assert as_array(2.0).shape == as_array(np.float32(2)).shape == ()


# -- backpropagation -------------------------------------------------------------------------------

OPERATORS = [
    (lambda x: x + 3, 5.0, 1.0),
    (lambda x: 3 + x, 5.0, 1.0),
    (lambda x: x - 3, -1.0, 1.0),
    (lambda x: 3 - x, 1.0, -1.0),
    (lambda x: x * 3, 6.0, 3.0),
    (lambda x: 3.0 * x, 6.0, 3.0),
    (lambda x: x / 4, 0.5, 0.25),
    (lambda x: 4 / x, 2.0, -1.0),
    (lambda x: -x, -2.0, -1.0),
    (lambda x: x**3, 8.0, 12.0),
    (lambda x: np.array(3.0) * x, 6.0, 3.0),
    (lambda x: np.array(3.0) - x, 1.0, -1.0),
    (lambda x: np.float64(3.0) + x, 5.0, 1.0),
    (lambda x: np.float64(4.0) / x, 2.0, -1.0),
    (lambda x: x * x, 4.0, 4.0),
    (lambda x: x / x, 1.0, 0.0),
    (lambda x: x - x, 0.0, 0.0),
]


@pytest.mark.parametrize("i", range(len(OPERATORS)))
def test_operator_value_and_derivative_at_2(i):
    f, value, derivative = OPERATORS[i]
    x = var(2.0)
    y = f(x)
    y.backward()
    assert isinstance(y, Variable)
    assert float(y.data) == value
    assert isinstance(x.grad, np.ndarray)
    assert float(x.grad) == derivative


@pytest.mark.parametrize("name", ["add", "sub", "rsub", "mul", "div", "rdiv"])
def test_named_functions_take_numbers(name):
    swapped = {"rsub": 1.0, "rdiv": 2.0}
    expected = {"add": 3.0, "sub": -1.0, "mul": 2.0, "div": 0.5} | swapped
    assert float(getattr(core_simple, name)(var(1.0), 2.0).data) == expected[name]


def test_generations_put_the_later_function_first():
    x = var(2.0)
    a = x**2
    y = a**2 + a**2
    y.backward()
    assert (float(y.data), float(x.grad)) == (32.0, 64.0)


def test_gradients_between_are_kept_on_request_only():
    x = var(1.0)
    t = x + 1
    y = x + t
    y.backward()
    assert (y.grad, t.grad, float(x.grad)) == (None, None, 2.0)
    x.cleargrad()
    y.backward(retain_grad=True)
    assert (float(y.grad), float(t.grad), float(x.grad)) == (1.0, 1.0, 2.0)


def test_leaf_gradients_add_up_until_cleared():
    x = var(3.0)
    (x + x).backward()
    (x + x + x).backward()
    assert float(x.grad) == 5.0
    x.cleargrad()
    assert x.grad is None


def test_goldstein_price():
    x, y = var(1.0), var(1.0)
    z = (1 + (x + y + 1) ** 2 * (19 - 14 * x + 3 * x**2 - 14 * y + 6 * x * y + 3 * y**2)) * (
        30 + (2 * x - 3 * y) ** 2 * (18 - 32 * x + 12 * x**2 + 48 * y - 36 * x * y + 27 * y**2)
    )
    z.backward()
    assert (float(x.grad), float(y.grad)) == (-5376.0, 8064.0)


def test_function_of_several_outputs():
    class Split(Function):
        def forward(self, x):
            return 2 * x, 3 * x

        def backward(self, g0, g1):
            return 2 * g0 + 3 * g1

    x = var(5.0)
    a, b = Split()(x)
    (a * b).backward()
    assert float(x.grad) == 2 * 15 + 3 * 10


def test_deep_graph_needs_no_recursion():
    x = var(1.0)
    y = x
    for _ in range(3000):
        y = y + x
    y.backward()
    assert float(x.grad) == 3001.0


def test_graph_is_freed_without_the_garbage_collector():
    gc.disable()
    try:
        x = var(1.0)
        y = x * x + x
        alive = [weakref.ref(y), weakref.ref(y.creator), weakref.ref(y.creator.inputs[0])]
        y.backward()
        del y
        assert [r() for r in alive] == [None] * 3
    finally:
        gc.enable()


# -- settings --------------------------------------------------------------------------------------


def test_no_grad_builds_no_graph():
    with no_grad():
        y = var(2.0) ** 2
    assert y.creator is None
    assert Config.enable_backprop


def test_setting_is_restored_after_an_exception():
    with pytest.raises(RuntimeError), using_config("enable_backprop", False):
        raise RuntimeError
    assert Config.enable_backprop


def test_unknown_setting():
    with pytest.raises(AttributeError), using_config("train", True):
        pass


# -- the loops of the tutorial ---------------------------------------------------------------------


def test_rosenbrock_by_gradient_descent():
    x0, x1 = var(0.0), var(2.0)
    for _ in range(1000):
        before = float(x0.data), float(x1.data)
        y = 100 * (x1 - x0**2) ** 2 + (x0 - 1) ** 2
        x0.cleargrad()
        x1.cleargrad()
        y.backward()
        x0.data -= 0.001 * x0.grad
        x1.data -= 0.001 * x1.grad
    assert before == pytest.approx((0.68349178, 0.46565059), abs=1e-8)  # digits cut off, not rounded


def test_newton_with_the_second_derivative_by_hand():
    x = var(2.0)
    seen = []
    for _ in range(10):
        seen.append(float(x.data))
        y = x**4 - 2 * x**2
        x.cleargrad()
        y.backward()
        x.data -= x.grad / (12 * x.data**2 - 4)
    assert seen[4] == 1.0009084519430513
    assert seen[7] == 1.0
