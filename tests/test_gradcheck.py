"""The public checker of derivatives: what it finds, and how it says so."""

from __future__ import annotations

import numpy as np
import pytest

import dezero.functions as F
from dezero import Function, Parameter, Variable, no_grad
from dezero.utils import check_grads, gradient_check, numerical_grad

X = np.array([[0.5, -1.0, 2.0], [1.5, 0.3, -0.7]])


class Wrong(Function):
    """x ** 2 with a gradient that the tests spoil."""

    def __init__(self, gradient):
        self.gradient = gradient

    def forward(self, x):
        return x**2

    def backward(self, gy):
        return self.gradient(gy, self.inputs[0])


def spoiled(gradient):
    def square(x):
        return Wrong(gradient)(x)

    return square


def said(f, *xs, **options) -> str:
    with pytest.raises(ValueError) as caught:
        check_grads(f, *xs, **options)
    return str(caught.value)


def test_right_functions_pass_to_the_third_order():
    check_grads(F.sin, X, order=3)
    check_grads(lambda x, y: x * y + y**3, X, X[0], order=3)


def test_wrong_sign_is_named():
    message = said(spoiled(lambda gy, x: -2 * gy * x), X)
    assert message.startswith("square: the derivative by argument 0 is wrong at index (0, 2): ")
    assert message.endswith("by differences; the sign is wrong everywhere")


def test_missing_factor_is_named():
    assert "0.5 times the right ones: is a factor missing?" in said(spoiled(lambda gy, x: gy * x), X)


def test_factor_of_a_millionth_is_found():
    said(spoiled(lambda gy, x: gy * x * 2 * (1 + 3e-6)), X)
    check_grads(spoiled(lambda gy, x: gy * x * 2 * (1 + 1e-8)), X)


def test_cut_graph_is_found_in_the_second_order():
    f = spoiled(lambda gy, x: gy * (2 * x.data))
    check_grads(f, X, order=1)
    message = said(f, X)
    assert "the derivative of order 2 by argument 0 is wrong" in message
    assert message.endswith("the given one is 0 everywhere: does the backward read .data, which cuts the graph?")


def test_single_wrong_elements_are_counted():
    message = said(spoiled(lambda gy, x: gy * F.where(x.data > 1.9, x, 2 * x)), X)
    assert "at index (0, 2)" in message
    assert "1 of 6 elements are wrong: does the function have a kink there" in message


def test_gradient_that_is_not_finite_is_named():
    assert said(spoiled(lambda gy, x: gy * np.nan), X, order=1).endswith("the given one is not finite")


def test_several_outputs_and_labels():
    class Both(Function):
        def forward(self, x, t):
            return x * 2, x * t

        def backward(self, gy0, gy1):
            return gy0 * 2 + gy1 * self.inputs[1]

    check_grads(lambda x, t: Both()(x, t), X, np.array([1, 2, 3]))


def test_numbers_and_float32_are_checked_in_float64():
    check_grads(lambda x, y: x * y, np.float32([1, 2]), 3.0)


def test_arguments_and_random_state_are_left_alone():
    x = Variable(X.astype("float32"))
    np.random.seed(0)
    expected = np.random.RandomState(0).rand()
    check_grads(F.exp, x)
    assert x.dtype == np.float32
    assert x.grad is None
    assert np.random.rand() == expected


def test_works_under_no_grad():
    with no_grad():
        check_grads(F.tanh, X)


def test_random_functions_are_refused():
    generator = np.random.default_rng(0)
    message = said(lambda x: x * generator.random(), X)
    assert message == (
        "<lambda> gives different values for the same arguments, so differences say nothing about it; check a random "
        "layer in test_mode()"
    )


def test_what_cannot_be_checked_is_refused():
    with pytest.raises(TypeError, match="check_grads wants a callable or an object with forward and backward, got int"):
        check_grads(3, X)
    with pytest.raises(TypeError, match="got no floating-point argument to differentiate by"):
        check_grads(F.sin, np.array([1, 2]))
    with pytest.raises(TypeError, match=r"<lambda> returned None: is a return missing\?"):
        check_grads(lambda x: None, X)


# -- layers ----------------------------------------------------------------------------------------


class Layer:
    """A layer by protocol: params, and a call."""

    def __init__(self, wrong=1.0):
        self.W = Parameter(X.T.astype("float32").copy(), name="W")
        self.wrong = wrong

    def params(self):
        yield self.W

    def __call__(self, x):
        return F.tanh(F.matmul(x, self.W)) if self.wrong == 1 else spoiled(lambda gy, x: gy * x)(F.matmul(x, self.W))


def test_parameters_of_a_layer_are_checked_and_restored():
    layer = Layer()
    data = layer.W.data
    check_grads(layer, X)
    assert layer.W.data is data
    wrong = Layer(wrong=2)
    said(wrong, X)
    assert wrong.W.dtype == np.float32


# -- layers written by hand: the mistakes that readers make ----------------------------------------


class Affine:
    def __init__(self):
        self.W, self.b = X.T.copy(), np.array([0.1, -0.2])

    def forward(self, x):
        self.x = x
        return x @ self.W + self.b

    def backward(self, dout):
        self.dW = self.x.T @ dout
        self.db = dout.sum(axis=0)
        return dout @ self.W.T


class ReLU:
    def forward(self, x):
        self.mask = x <= 0
        return np.where(self.mask, 0, x)

    def backward(self, dout):
        dx = dout.copy()
        dx[self.mask] = 0
        return dx


def variant(base, **methods):
    return type(base.__name__, (base,), methods)()


def test_right_layers_pass():
    check_grads(Affine(), X)
    check_grads(ReLU(), X)


def test_forward_without_return():
    with pytest.raises(TypeError, match=r"^ReLU.forward returned None: is a return missing\?$"):
        check_grads(variant(ReLU, forward=lambda self, x: None), X)


def test_backward_without_return():
    with pytest.raises(TypeError, match=r"^ReLU.backward returned None: is a return missing\?$"):
        check_grads(variant(ReLU, backward=lambda self, dout: None), X)


def test_backward_that_changes_its_argument():
    def backward(self, dout):
        dout[self.mask] = 0
        return dout

    assert said(variant(ReLU, backward=backward), X) == (
        "ReLU.backward changed its argument in place; whoever called it may still need it: work on a copy "
        "(dout = dout.copy())"
    )


def test_wrong_gradient_of_an_attribute():
    def backward(self, dout):
        result = Affine.backward(self, dout)
        self.db = 2 * self.db
        return result

    message = said(variant(Affine, backward=backward), X)
    assert message.startswith("Affine: the derivative by attribute b is wrong at index (")
    assert message.endswith("all given values are 2 times the right ones: is a factor missing?")


def test_forgotten_sum_over_the_batch():
    def backward(self, dout):
        result = Affine.backward(self, dout)
        self.db = dout
        return result

    assert said(variant(Affine, backward=backward), X) == (
        "Affine: the derivative by attribute b has shape (2, 2), but attribute b has (2,); is a sum over a broadcast "
        "axis missing?"
    )


def test_too_few_gradients():
    class Mul:
        def forward(self, x, y):
            self.x, self.y = x, y
            return x * y

        def backward(self, dout):
            return dout * self.y

    assert said(Mul(), X, X) == "Mul.backward returned 1 gradients for 2 arguments"


# -- the book's names ------------------------------------------------------------------------------


def test_gradient_check_answers_and_reports(capsys):
    assert gradient_check(F.sin, X)
    assert gradient_check(F.pow, X, 3)
    assert capsys.readouterr().out == ""
    assert not gradient_check(spoiled(lambda gy, x: gy * x), X)
    assert capsys.readouterr().out.startswith("gradient_check: square: the derivative by argument 0 is wrong")


def test_gradient_check_leaves_its_argument_alone():
    x = Variable(X.astype("float32"))
    assert gradient_check(F.exp, x)
    assert x.dtype == np.float32


def test_numerical_grad():
    np.testing.assert_allclose(numerical_grad(F.sin, X), np.cos(X), rtol=1e-10)
    np.testing.assert_allclose(numerical_grad(F.pow, Variable(X), 3), 3 * X**2, rtol=1e-9)
