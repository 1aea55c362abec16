"""What rows of the table do not say about elementwise functions: extremes, ties, weak numbers, precision."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import dezero.functions as F
from dezero import Variable, grad

HUGE = np.finfo(float).max


def derivatives(function, x, order=2):
    """Value and derivatives at one point."""
    x = Variable(np.array(x))
    y = function(x)
    values = [float(y)]
    for _ in range(order):
        y = grad(y, x, create_graph=True)
        values.append(float(y))
    return values


# -- precision -------------------------------------------------------------------------------------


@given(st.floats(allow_nan=False))
def test_erf_is_exact_to_a_few_units_of_the_last_place(x):
    assert abs(float(F.erf(np.array(x))) - math.erf(x)) <= 4e-16 * abs(math.erf(x))


@pytest.mark.parametrize(("dtype", "allowed"), [("float32", 2e-7), ("float16", 3e-4), ("float64", 4e-16)])
def test_erf_on_a_grid(dtype, allowed):
    x = np.linspace(-7, 7, 20001).astype(dtype)
    right = np.vectorize(math.erf)(x.astype(float))
    y = F.erf(x).data
    assert y.dtype == dtype
    assert np.abs(y - right).max() < allowed
    assert np.all(np.diff(y[x < -1]) >= -allowed / 2)


@pytest.mark.parametrize("function", [F.arcsin, F.arccos])
def test_derivative_near_the_ends_keeps_its_digits(function):
    for x in (1 - 2.0**-40, 2.0**-40 - 1):
        slope = derivatives(function, x, order=1)[1]
        exact = (2.0**-40 * (2 - 2.0**-40)) ** -0.5  # 1 - |x| is a number without error
        assert abs(slope) == pytest.approx(exact, rel=1e-14)


def test_erf_of_integers_is_float64():
    assert F.erf(np.arange(3)).dtype == np.float64


@pytest.mark.parametrize(
    ("function", "x", "right"),
    [
        (F.expm1, -40.0, math.exp(-40)), (F.log1p, 1e-20, 1.0), (F.arctan, 1e10, 1e-20), (F.arcsin, 1 - 1e-15,
         1 / math.sqrt((1 - (1 - 1e-15)) * (2 - 1e-15))), (F.reciprocal, 1e100, -1e-200), (F.sqrt, 1e-300, 5e149),
        (F.log2, 5e-324 * 2**60, 1 / (5e-324 * 2**60 * math.log(2))),
    ],
)  # fmt: skip
def test_small_derivatives_keep_their_digits(function, x, right):
    assert derivatives(function, x, 1)[1] == pytest.approx(right, rel=1e-14, abs=0)


# -- extremes: a finite answer comes without a warning (warnings are errors here) ------------------


@pytest.mark.parametrize(
    ("function", "x", "expected"),
    [
        (F.tanh, 1e300, [1, 0, 0]), (F.tanh, -np.inf, [-1, 0, 0]), (F.erf, 1e300, [1, 0, 0]),
        (F.erf, -np.inf, [-1, 0, 0]), (F.arctan, 1e300, [math.pi / 2, 0, 0]), (F.arctan, np.inf, [math.pi / 2, 0]),
        (F.expm1, -1e300, [-1, 0, 0]), (F.exp2, -1e300, [0, 0, 0]), (F.absolute, -1e300, [1e300, -1, 0]),
        (F.absolute, 0.0, [0, 0, 0]), (F.log, 1e300, [math.log(1e300), 1e-300, 0]), (F.sqrt, 1e300, [1e150, 5e-151, 0]),
        (F.square, 0.0, [0, 0, 2]), (F.reciprocal, 1e300, [1e-300, 0, 0]),
        (F.log1p, 1e300, [math.log(1e300), 1e-300, 0]),
        (lambda x: F.clip(x, -1.0, 1.0), 1e300, [1, 0, 0]), (lambda x: F.clip(x, None, 1.0), 1.0, [1, 1, 0]),
        (lambda x: F.hypot(x, 0.0), 3e300, [3e300, 1, 0]), (lambda x: F.arctan2(x, 1.0), 1e300, [math.pi / 2, 0, 0]),
        (F.floor, 0.0, [0, 0, 0]), (F.ceil, 1e300, [1e300, 0, 0]), (F.round, -0.5, [0, 0, 0]),
        (lambda x: x**0, 0.0, [1, 0, 0]), (lambda x: x**1, 0.0, [0, 1, 0]), (lambda x: x**2, 0.0, [0, 0, 2]),
        (lambda x: F.power(x, np.array(0.0)), 0.0, [1, 0, 0]), (lambda x: F.power(x, np.array(1.0)), 0.0, [0, 1, 0]),
        (lambda x: F.power(x, np.array(2.0)), 0.0, [0, 0, 2]), (lambda x: F.power(0.0, x), 2.0, [0, 0, 0]),
        (lambda x: F.power(0.0, x), 0.0, [1, 0, 0]),
    ],
)  # fmt: skip
def test_finite_at_the_extremes(function, x, expected):
    given_values = derivatives(function, x, len(expected) - 1)
    assert given_values == pytest.approx(expected, rel=1e-12, abs=1e-290)


@pytest.mark.parametrize("function", [F.sqrt, F.log, F.log2, F.log10, F.reciprocal])
def test_infinite_derivative_at_0_comes_with_a_warning(function):
    with pytest.warns(RuntimeWarning, match="divide by zero|overflow"):
        values = derivatives(function, 0.0, 1)
    assert np.isinf(values[1])


UNARY = [F.sin, F.cos, F.tan, F.arcsin, F.arccos, F.arctan, F.sinh, F.cosh, F.tanh, F.exp, F.expm1, F.exp2, F.log,
         F.log1p, F.log2, F.log10, F.sqrt, F.square, F.reciprocal, F.absolute, F.sign, F.floor, F.ceil, F.round,
         F.erf]  # fmt: skip


@pytest.mark.parametrize("function", UNARY, ids=lambda f: f.__name__)
def test_nan_stays_nan_without_a_warning(function):
    x = Variable(np.array([np.nan, 0.5]))
    y = function(x)
    grad(y, x)
    assert np.isnan(y.data[0]) and not np.isnan(y.data[1])


@pytest.mark.parametrize("function", UNARY, ids=lambda f: f.__name__)
def test_integers_give_what_numpy_gives(function):
    x = np.array([1, 1])
    y = function(x)
    assert y.dtype == (np.float64 if function is F.erf else getattr(np, function.__name__)(x).dtype)


# -- choice ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("function", [F.maximum, F.minimum])
def test_equal_operands_share_the_gradient(function):
    x0, x1 = Variable(np.array([1.0, 2.0, np.inf])), Variable(np.array([1.0, 2.0, np.inf]))
    y = function(x0, x1)
    for gx in grad(F.sum(y), [x0, x1]):
        np.testing.assert_array_equal(gx.data, [0.5, 0.5, 0.5])
    x = Variable(np.array([1.0, 3.0], dtype=np.float32))
    gx = grad(function(x, 1), x)
    assert gx.dtype == np.float32 and gx.data[0] == 0.5


@pytest.mark.parametrize("function", [F.maximum, F.minimum])
def test_nan_wins_every_choice(function):
    x = Variable(np.array([np.nan, 1.0]))
    y = function(x, np.array([1.0, np.nan]))
    assert np.isnan(y.data).all()
    np.testing.assert_array_equal(grad(y, x).data, [1, 1])  # as torch does


def test_clip_passes_the_gradient_at_its_ends():
    x = Variable(np.array([-1.5, -1.0, 0.0, 1.0, 1.5, np.nan]))
    y = F.clip(x, -1, 1)
    np.testing.assert_array_equal(y.data, [-1, -1, 0, 1, 1, np.nan])
    np.testing.assert_array_equal(grad(y, x).data, [0, 1, 1, 1, 0, 0])
    assert F.clip(x) is x


def test_clip_gives_variables_as_bounds_their_gradient():
    x, low, high = Variable(np.array([-2.0, 0.0, 2.0])), Variable(np.array(-1.0)), Variable(np.array(1.0))
    y = F.clip(x, low, high)
    np.testing.assert_array_equal(y.data, [-1, 0, 1])
    assert [g.tolist() for g in grad(F.sum(y * np.array([1.0, 2.0, 4.0])), [x, low, high])] == [[0, 2, 0], 1, 4]
    assert grad(F.clip(x, low), low).tolist() == 1
    assert grad(F.clip(x, 0.5, high), high).tolist() == 1


def test_where_leaves_out_what_no_gradient_is_wanted_for():
    x = Variable(np.array([1.0, 2.0]))
    y = F.where(np.array([True, False]), x, np.array([9.0, 9.0]))
    np.testing.assert_array_equal(grad(y, x).data, [1, 0])


def test_lerp_reaches_both_ends():
    x0, x1 = np.array([-HUGE / 4, 0.1]), np.array([HUGE / 4, 0.7])
    np.testing.assert_array_equal(F.lerp(x0, x1, 0.0).data, x0)
    np.testing.assert_allclose(F.lerp(x0, x1, 1.0).data, x1, rtol=1e-15)


@pytest.mark.parametrize("condition", ["a", None, {1: 2}, np.array([None])])
def test_where_refuses_what_is_no_condition(condition):
    with pytest.raises(TypeError, match=r"^where expected a Variable, an array, a number or a list of numbers, got "):
        F.where(condition, np.ones(1), 0.0)


def test_where_takes_lists_and_numbers_as_condition():
    np.testing.assert_array_equal(F.where([True, False], 1.0, 2.0).data, [1.0, 2.0])
    np.testing.assert_array_equal(F.where(Variable(np.array([0.0, 3.0])), 1.0, 2.0).data, [2.0, 1.0])
    assert float(F.where(False, 1.0, 2.0)) == 2.0


def test_integers_to_a_negative_number_as_power():
    x = Variable(np.array([1, 2]))
    for y in (F.power(x, -1), np.power(x, -1), x**-1):
        np.testing.assert_array_equal(y.data, [1.0, 0.5], strict=True)
