"""Reductions at the edges: axes of every kind, extreme numbers, ties, NaN."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import dezero.functions as F
from dezero import Variable, grad
from dezero.utils import check_grads

NUMPY = {F.sum: np.sum, F.mean: np.mean, F.var: np.var, F.std: np.std, F.max: np.max, F.min: np.min, F.prod: np.prod}


def first_and_second(f, x):
    """Value, gradient and gradient of the gradient's weighted sum."""
    x = Variable(np.asarray(x))
    y = f(x)
    gx = grad(y, x, create_graph=True)
    weights = np.arange(1, gx.size + 1).reshape(gx.shape).astype(gx.dtype)
    return y.data, gx.data, grad(F.sum(gx * weights), x).data


# -- axes ------------------------------------------------------------------------------------------


@st.composite
def shapes_and_axes(draw):
    shape = tuple(draw(st.lists(st.integers(1, 3), min_size=0, max_size=4)))
    chosen = draw(st.permutations(range(len(shape))))[: draw(st.integers(0, len(shape)))]
    axes = [a - len(shape) if draw(st.booleans()) else a for a in chosen]
    kinds = [tuple(axes), list(axes), None] + ([axes[0]] if axes else [])
    return shape, draw(st.sampled_from(kinds))


@settings(max_examples=60, deadline=None, derandomize=True)
@given(shapes_and_axes(), st.booleans(), st.sampled_from(list(NUMPY)))
def test_every_axis_argument_means_what_it_means_to_numpy(shape_and_axis, keepdims, f):
    shape, axis = shape_and_axis
    x = Variable(np.random.default_rng(len(shape)).uniform(0.5, 2.0, shape))
    y = f(x, axis=axis, keepdims=keepdims)
    right = NUMPY[f](x.data, axis=tuple(axis) if isinstance(axis, list) else axis, keepdims=keepdims)
    assert y.shape == right.shape
    np.testing.assert_allclose(y.data, right, rtol=1e-12, atol=1e-13)
    assert grad(y, x).shape == shape


# -- sums and means --------------------------------------------------------------------------------


def test_mean_of_float16_stands_where_the_sum_overflows():
    x = Variable(np.full(1000, 1000, np.float16))
    y = F.mean(x)
    assert y.data == 1000 and y.dtype == np.float16
    np.testing.assert_allclose(grad(y, x).data, 1e-3, rtol=1e-3)


@pytest.mark.parametrize("axis", [None, 0])
def test_mean_of_many_float32_is_accurate_along_every_axis(axis):
    x = np.full((200_000, 1 if axis is None else 3), 0.1, np.float32)
    np.testing.assert_allclose(F.mean(x, axis=axis).data, np.float32(0.1), rtol=2e-7)
    np.testing.assert_allclose(F.sum(x, axis=axis).data, 20_000, rtol=2e-7)


def test_sum_of_float16_does_not_stop_at_2048():
    assert F.sum(np.ones((4096, 2), np.float16), axis=0).data.tolist() == [4096, 4096]


def test_average_is_mean():
    assert F.average is F.mean


# -- spread ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("value", [0.1, 1e6 + 0.1, 0.0])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_equal_elements_have_no_spread_and_no_gradient(value, dtype):
    x = np.full(10, value, dtype)
    for f in (F.std, F.var):
        y, gx, ggx = first_and_second(f, x)
        assert y == 0
        assert not gx.any()
        assert np.isfinite(ggx).all()
    assert not first_and_second(F.std, x)[2].any()


def test_spread_far_from_zero_is_accurate():
    x = 1e6 + 1e-6 * np.array([-1.0, 0.0, 1.0])  # spacing of the numbers there: 1.2e-10
    np.testing.assert_allclose(F.std(x).data, np.sqrt(2 / 3) * 1e-6, rtol=1e-4)


def test_the_mean_of_a_variance_is_corrected_by_what_rounding_took():
    x = 1e14 + np.spacing(1e14) * np.arange(3)  # the sum of the three is no number of float64
    assert float(F.var(x)) == np.spacing(1e14) ** 2 * 2 / 3


def test_variance_of_float16_bears_large_distances():
    x = np.zeros(1000, np.float16)
    x[0] = 600  # its square overflows
    np.testing.assert_allclose(F.var(x).data, 360 * 0.999, rtol=1e-3)


def test_too_few_elements_for_ddof_warn_as_in_numpy():
    with pytest.warns(RuntimeWarning):
        assert np.isnan(F.var(np.ones(1), ddof=1).data)


# -- extremes --------------------------------------------------------------------------------------


@pytest.mark.parametrize("f", [F.max, F.min])
def test_equal_extremes_share_the_gradient(f):
    x = Variable(np.array([[2.0, 2.0, 2.0, 2.0], [1.0, 3.0, 1.0, 3.0]]))
    np.testing.assert_array_equal(grad(f(x, axis=1), x).data.sum(axis=1), [1, 1])
    np.testing.assert_array_equal(grad(f(x, axis=1), x).data[0], [0.25] * 4)
    assert grad(f(x, axis=-1), x).data[1].max() == 0.5


@pytest.mark.parametrize("f", [F.max, F.min])
def test_nan_is_the_extreme_and_gets_the_gradient(f):
    x = Variable(np.array([[1.0, np.nan, 3.0], [1.0, 2.0, 3.0]]))
    y = f(x, axis=1)
    assert np.isnan(y.data[0]) and not np.isnan(y.data[1])
    np.testing.assert_array_equal(grad(y, x).data[0], [0, 1, 0])


def test_infinite_extremes_have_a_gradient():
    x = Variable(np.array([-np.inf, np.inf, 1.0]))
    np.testing.assert_array_equal(grad(F.max(x), x).data, [0, 1, 0])
    np.testing.assert_array_equal(grad(F.min(x), x).data, [1, 0, 0])


def test_argmax_is_an_integer_variable_without_gradient():
    x = Variable(np.array([1.0, 3.0, 2.0]))
    place = F.argmax(x)
    assert place.dtype.kind == "i" and int(place) == 1
    assert float(x[place]) == 3
    np.testing.assert_array_equal(grad(F.sum(x * place), x).data, [1, 1, 1])


# -- logsumexp and norms ---------------------------------------------------------------------------


@pytest.mark.parametrize(("x", "y", "gx"), [
    ([1e300, 0.0], 1e300, [1, 0]),
    ([1e4, 1e4], 1e4 + math.log(2), [0.5, 0.5]),
    ([-1e4, -1e4], -1e4 + math.log(2), [0.5, 0.5]),
    ([-np.inf, 0.0], 0.0, [0, 1]),
    ([-np.inf, -np.inf], -np.inf, [0, 0]),
    ([-1.7e308, 1.7e308], 1.7e308, [0, 1]),
])  # fmt: skip
def test_logsumexp_at_extremes(x, y, gx):
    value, gradient, second = first_and_second(F.logsumexp, x)
    np.testing.assert_allclose(value, y, rtol=1e-15)
    np.testing.assert_allclose(gradient, gx, rtol=1e-12)
    assert np.isfinite(second).all()


def test_logsumexp_keeps_nan_and_infinity():
    assert np.isnan(F.logsumexp(np.array([np.nan, 1.0])).data)
    assert F.logsumexp(np.array([np.inf, 1e4])).data == np.inf
    assert F.logsumexp(np.zeros((2, 0)), axis=1).data.tolist() == [-np.inf, -np.inf]
    assert F.logsumexp(np.array([1, 1])).dtype == np.float64


@pytest.mark.parametrize("ord", [1, 1.5, 2, 3, np.inf])
def test_norm_of_zeros_has_gradient_zero(ord):
    y, gx, ggx = first_and_second(lambda x: F.norm(x, ord), np.zeros(3))
    assert y == 0
    assert not gx.any() and not ggx.any()


@pytest.mark.parametrize("scale", [1e-200, 1e200])
@pytest.mark.parametrize("ord", [1.5, 2, 5])
def test_norm_neither_overflows_nor_vanishes(ord, scale):
    y, gx, _ = first_and_second(lambda x: F.norm(x, ord), scale * np.array([3.0, -4.0]))
    right, right_gx, _ = first_and_second(lambda x: F.norm(x, ord), np.array([3.0, -4.0]))
    np.testing.assert_allclose(y / scale, right, rtol=1e-12)
    np.testing.assert_allclose(gx, right_gx, rtol=1e-12)


def test_norm_of_float16_and_special_values():
    assert F.norm(np.full(4, 300, np.float16)).data == 600
    assert F.norm(np.array([np.inf, 1e200])).data == np.inf
    assert np.isnan(F.norm(np.array([np.nan, 1.0])).data)
    assert F.norm(np.zeros((2, 0)), axis=1).data.tolist() == [0, 0]
    assert F.norm(np.array([3, 4])).data == 5


def test_euclidean_norm_is_smooth_where_one_element_is_zero():
    check_grads(F.norm, np.array([0.0, 2.0, -1.0]), order=2)


# -- along an axis ---------------------------------------------------------------------------------


def test_third_derivative_of_a_product_with_zeros():
    check_grads(F.prod, np.array([0.0, 2.0, 0.0]), order=3)
    check_grads(lambda x: F.cumprod(x, axis=0), np.array([0.0, 2.0, 0.0]), order=3)


def test_gradient_of_a_product_does_not_vanish_with_it():
    x = Variable(np.array([1e-200, 1e-200, 1e200]))  # all three together: 1e-200, the first two: 0
    np.testing.assert_allclose(grad(F.prod(x), x).data, [1.0, 1.0, 0.0], rtol=1e-12)


def test_discounted_returns():
    rewards = Variable(np.array([1.0, 0.0, 2.0], np.float32))
    returns = F.linear_recurrence(0.5, rewards, reverse=True)
    assert returns.dtype == np.float32 and returns.data.tolist() == [1.5, 1.0, 2.0]
    assert grad(returns[0], rewards).data.tolist() == [1.0, 0.5, 0.25]


@pytest.mark.parametrize("a, b", [(None, np.ones(3)), (np.ones(3), None)])
def test_linear_recurrence_without_an_operand(a, b):
    with pytest.raises(TypeError, match=r"^linear_recurrence expected a Variable, an array, .* got NoneType$"):
        F.linear_recurrence(a, b)


@pytest.mark.parametrize("create_graph", [False, True])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("size", [1e6, 1e30])
def test_gradient_of_logsumexp_of_large_equal_numbers(size, dtype, create_graph):
    x = Variable(np.array([size, 0.0, size], dtype))
    gx = grad(F.logsumexp(x), x, create_graph=create_graph)
    np.testing.assert_array_equal(gx.data, np.array([0.5, 0.0, 0.5], dtype), strict=True)
    if create_graph:
        np.testing.assert_array_equal(grad(gx, x, gy=np.array([1.0, 0.0, 0.0], dtype)).data, [0.25, 0.0, -0.25])
