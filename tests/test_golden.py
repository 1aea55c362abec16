"""Numbers that lectures and articles on backpropagation work out by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest

import dezero.functions as F
from dezero import Variable, grad


def scalars(*values: float) -> list[Variable]:
    return [Variable(np.array(value)) for value in values]


def test_two_apples():
    apple, count, tax = scalars(100.0, 2.0, 1.1)
    subtotal = apple * count
    price = subtotal * tax
    price.backward(retain_grad=True)
    assert float(price) == pytest.approx(220)
    derivatives = [price.grad, subtotal.grad, apple.grad, count.grad, tax.grad]
    assert [float(g) for g in derivatives] == pytest.approx([1, 1.1, 2.2, 110, 200])
    assert f"{price:.6g} {apple.grad:.6g} {count.grad:.6g} {tax.grad:.6g}" == "220 2.2 110 200"


def test_apples_and_oranges():
    apple, apples, orange, oranges, tax = scalars(100.0, 2.0, 150.0, 3.0, 1.1)
    total = apple * apples + orange * oranges
    price = total * tax
    price.backward(retain_grad=True)
    assert (float(total), float(price)) == pytest.approx((650, 715))
    derivatives = [apples.grad, apple.grad, orange.grad, oranges.grad, tax.grad, total.grad]
    assert [float(g) for g in derivatives] == pytest.approx([110, 2.2, 3.3, 165, 650, 1.1])


def test_square_of_a_sum():
    x, y = scalars(3.0, 4.0)
    z = (x + y) ** 2
    z.backward()
    assert float(x.grad) == float(y.grad) == 2 * (3 + 4)


def test_product_with_an_upstream_gradient():
    x, y = scalars(10.0, 5.0)
    z = x * y
    z.grad = 1.2
    z.backward()
    assert (float(z), float(x.grad), float(y.grad)) == (50, 6, 12)


def test_a_value_that_branches_gets_the_sum():
    x, y = scalars(3.0, 4.0)
    z = (x**2 + x + 1) + (2 * y + 1)
    assert float(grad(z, x)) == 2 * 3 + 1


def test_scalar_neuron():
    w, x, b = scalars(0.5, -1.5, 0.25)
    y = F.sigmoid(w * x + b)
    slope = float(y) * (1 - float(y))
    assert [float(g) for g in grad(y, [x, w, b])] == pytest.approx([slope * 0.5, slope * -1.5, slope])


def test_layer_in_matrix_form():
    rng = np.random.default_rng(0)
    x, W, b = (Variable(rng.standard_normal(shape)) for shape in [(4, 2), (2, 3), (3,)])
    y = F.sigmoid(x @ W + b)
    slope = y.data * (1 - y.data)
    gx, gW, gb = grad(y, [x, W, b])
    np.testing.assert_allclose(gx.data, slope @ W.data.T)
    np.testing.assert_allclose(gW.data, x.data.T @ slope)
    np.testing.assert_allclose(gb.data, slope.sum(axis=0))  # the bias branched once for each row


@pytest.mark.parametrize("classes", [2, 3, 10])
def test_chance_level_is_the_logarithm_of_the_classes(classes):
    loss = F.softmax_cross_entropy(np.zeros((5, classes)), np.zeros(5, int))
    assert float(loss) == pytest.approx(math.log(classes))


def test_loss_of_a_network_before_training():
    x = np.array([[0.2, -0.4], [0.3, 0.5], [1.3, -3.2], [2.1, 0.3]])
    np.random.seed(0)
    W1 = np.random.randn(2, 10).astype("float32") * math.sqrt(1 / 2)
    W2 = np.random.randn(10, 3).astype("float32") * math.sqrt(1 / 10)
    y = F.linear(F.sigmoid(F.linear(x, W1, np.zeros(10, "float32"))), W2, np.zeros(3, "float32"))
    assert float(F.softmax_cross_entropy(y, np.array([2, 0, 1, 0]))) == pytest.approx(1.4967442462341742, rel=1e-4)
