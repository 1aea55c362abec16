"""Activations: values and derivatives at kinks and far away, which the table cannot say."""

import math

import numpy as np
import pytest

import dezero.functions as F
from dezero import Variable, grad


def gelu_tanh(x):
    return F.gelu(x, approximate="tanh")


SMOOTH = [
    F.sigmoid, F.log_sigmoid, F.silu, F.mish, F.softplus, F.softsign, F.gelu, gelu_tanh, F.tanhshrink, F.selu, F.elu,
]  # fmt: skip
PIECEWISE = [F.relu, F.leaky_relu, F.relu6, F.hardtanh, F.hard_sigmoid, F.hard_swish]


def derivatives(function, points, order=2, **options) -> list[list[float]]:
    """The derivatives of an elementwise function at points, one list for each order."""
    x = Variable(np.array(points))
    y, result = function(x, **options), []
    for _ in range(order):
        y = grad(y, x, create_graph=True)
        result.append(y.data.tolist())
    return result


@pytest.mark.parametrize(
    ("function", "kinks", "slopes"),
    [
        (F.relu, [0.0, -0.0], [0.0, 0.0]),
        (F.leaky_relu, [0.0, -0.0], [0.2, 0.2]),
        (F.relu6, [0.0, 6.0], [0.0, 0.0]),
        (F.hardtanh, [-1.0, 1.0], [0.0, 0.0]),
        (F.hard_sigmoid, [-3.0, 3.0], [0.0, 0.0]),
        (F.hard_swish, [-3.0, 3.0], [0.0, 1.0]),
        (F.elu, [0.0, -0.0], [1.0, 1.0]),
        (lambda x: F.elu(x, alpha=0.5), [0.0, -0.0], [0.5, 0.5]),
    ],
)
def test_derivative_at_a_kink_is_that_of_pytorch(function, kinks, slopes):
    assert derivatives(function, kinks, order=1) == [slopes]


@pytest.mark.parametrize("function", SMOOTH + PIECEWISE)
@pytest.mark.parametrize("far", [800.0, 1e300, np.inf])
def test_far_away_derivatives_are_finite_without_a_warning(function, far):
    for order in derivatives(function, [far, -far]):
        assert np.isfinite(order).all()


@pytest.mark.parametrize("function", [F.silu, F.mish, F.gelu, gelu_tanh, F.softplus])
def test_ramps_end_in_0_and_in_the_identity(function):
    assert function(np.array([-np.inf, np.inf])).data.tolist() == [0.0, np.inf]
    (first, second) = derivatives(function, [-1e300, 1e300])
    assert first == [0.0, 1.0] and second == [0.0, 0.0]


@pytest.mark.parametrize("function", SMOOTH + PIECEWISE)
def test_nan_in_gives_nan_out(function):
    assert np.isnan(function(np.array([0.0, np.nan])).data).tolist() == [False, True]


@pytest.mark.parametrize("dtype", [np.float16, np.float32])
@pytest.mark.parametrize("function", [f for f in SMOOTH if f is not F.selu])  # that is 1.05 x
def test_largest_numbers_of_narrow_dtypes_overflow_nowhere(function, dtype):
    largest = float(np.finfo(dtype).max)
    x = Variable(np.array([largest, -largest], dtype=dtype))
    y = function(x)
    gx = grad(y, x, create_graph=True)
    assert y.dtype == gx.dtype == grad(gx, x).dtype == dtype
    assert np.isfinite(y.data).all() and np.isfinite(gx.data).all()


def test_log_sigmoid_keeps_digits_where_the_sigmoid_has_none():
    assert F.log_sigmoid(np.array(-800.0)).item() == -800.0
    assert F.log_sigmoid(np.array(40.0)).item() == pytest.approx(-math.exp(-40.0), rel=1e-14)


def test_softplus_is_the_identity_from_the_threshold_on():
    y = F.softplus(np.array([1.0, 2.0]), threshold=1.5)
    assert y.data.tolist() == [math.log1p(math.e), 2.0]
    (first,) = derivatives(F.softplus, [2.0], order=1, threshold=1.5)
    assert first == [1.0]


def test_softmax_of_integers_and_of_huge_equal_numbers():
    np.testing.assert_allclose(F.softmax(np.array([[0, 0]])).data, [[0.5, 0.5]])
    np.testing.assert_allclose(F.log_softmax(np.full((1, 4), 1e300)).data, np.full((1, 4), -math.log(4)))


def test_softmax_that_overflows_as_a_difference():
    np.testing.assert_array_equal(F.softmax(np.array([[1.7e308, -1.7e308]])).data, [[1.0, 0.0]])


def test_log_softmax_of_minus_infinity_has_finite_derivatives():
    x = Variable(np.array([[0.0, -np.inf, 0.0]]))
    y = F.log_softmax(x)
    np.testing.assert_allclose(y.data, [[-math.log(2), -np.inf, -math.log(2)]])
    gx = grad(F.get_item(y, (0, 0)), x, create_graph=True)
    np.testing.assert_allclose(gx.data, [[0.5, 0.0, -0.5]])
    np.testing.assert_allclose(grad(F.get_item(gx, (0, 0)), x).data, [[-0.25, 0.0, 0.25]])


def test_probabilities_of_float32_pass_numpy_choice():
    p = F.softmax(np.random.default_rng(0).standard_normal((1, 500)).astype(np.float32)).data[0]
    np.random.default_rng(0).choice(500, p=p)


def test_third_derivatives_of_the_hot_ones():
    x = 0.7
    s = 1 / (1 + math.exp(-x))
    third = derivatives(F.sigmoid, [x], order=3)[2][0]
    assert third == pytest.approx(s * (1 - s) * (1 - 6 * s + 6 * s * s), rel=1e-12)
    density = math.exp(-x * x / 2) / math.sqrt(2 * math.pi)
    third = derivatives(F.gelu, [x], order=3)[2][0]
    assert third == pytest.approx(density * (x**3 - 4 * x), rel=1e-12)
