"""Indexing, broadcasting and cutting for shapes and indices of every kind, against NumPy."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import (
    array_shapes,
    arrays,
    basic_indices,
    broadcastable_shapes,
    integer_array_indices,
    mutually_broadcastable_shapes,
)

import dezero.functions as F
from dezero import Variable, grad

SHAPES = array_shapes(min_dims=1, max_dims=4, min_side=0, max_side=4)
FILLED = array_shapes(min_dims=1, max_dims=3, max_side=4)


def numbered(shape):
    """Elements that are all different."""
    return Variable(np.arange(float(np.prod(shape))).reshape(shape))


def mixed_indices(shape):
    """Tuples of integers, slices, masks of an axis, and integer arrays with repeats, for the first axes."""

    def of_axis(n):
        return st.one_of(
            st.integers(-n, n - 1),
            st.slices(n),
            arrays(int, 2, elements=st.integers(-n, n - 1)),
            arrays(int, (2, 1), elements=st.integers(-n, n - 1)),
            st.lists(st.integers(-n, n - 1), min_size=2, max_size=2),
            st.just(np.arange(n) % max(n - 1, 1) == 0),
        )

    def fits(index):  # masks and arrays must broadcast with each other
        try:
            np.empty(shape)[index]
        except IndexError:
            return False
        return True

    axes = st.integers(0, len(shape)).flatmap(lambda n: st.tuples(*[of_axis(size) for size in shape[:n]]))
    return st.tuples(axes, st.sampled_from([(), (Ellipsis,), (None,)])).map(lambda pair: pair[1] + pair[0]).filter(fits)


def check_index(x, index):
    """Values, and the sum of the gradients wherever an element is picked several times, to the second order."""
    y = F.get_item(x, index)
    right = x.data[index]
    np.testing.assert_array_equal(y.data, right)
    weights = np.arange(1.0, 1.0 + right.size).reshape(right.shape)
    expected = np.zeros(x.shape)
    np.add.at(expected, index, weights)
    np.testing.assert_array_equal(grad(F.sum(y * weights), x).data, expected)
    w = Variable(weights)
    (gx,) = grad(F.sum(F.get_item(x, index) * w), [x], create_graph=True)
    np.testing.assert_array_equal(gx.data, expected)
    sent = np.arange(1.0, 1.0 + x.size).reshape(x.shape)
    np.testing.assert_array_equal(grad(F.sum(gx * sent), w).data, sent[index])  # the adjoint of the adjoint


@given(st.data())
def test_basic_indices(data):
    shape = data.draw(SHAPES)
    check_index(numbered(shape), data.draw(basic_indices(shape, allow_newaxis=True)))


@given(st.data())
def test_integer_arrays_with_repeats(data):
    shape = data.draw(FILLED)
    check_index(numbered(shape), data.draw(integer_array_indices(shape)))


@given(st.data())
def test_masks(data):
    shape = data.draw(SHAPES)
    check_index(numbered(shape), data.draw(arrays(bool, data.draw(st.sampled_from([shape, shape[:1]])))))


@given(st.data())
def test_mixed_indices(data):
    shape = data.draw(FILLED)
    check_index(numbered(shape), data.draw(mixed_indices(shape)))


@given(broadcastable_shapes((2, 1, 3), max_dims=3))
def test_broadcast_to_and_sum_to_are_adjoint(shape):
    target = np.broadcast_shapes((2, 1, 3), shape)
    x = numbered(shape)
    y = F.broadcast_to(x, target)
    np.testing.assert_array_equal(y.data, np.broadcast_to(x.data, target))
    weights = np.arange(y.size).reshape(target) % 7.0
    gx = grad(F.sum(y * weights), x)
    assert gx.shape == shape
    assert float(F.sum(y * weights)) == float(F.sum(gx * x))


@given(mutually_broadcastable_shapes(num_shapes=2, max_dims=4, max_side=3, min_side=0))
def test_gradients_of_broadcast_operands_have_their_shapes(shapes):
    xs = [numbered(shape) for shape in shapes.input_shapes]
    y = F.maximum(*xs) + F.where(True, *xs) * F.add(*xs)
    assert y.shape == shapes.result_shape
    gxs = grad(F.sum(y), xs, create_graph=True)
    assert [gx.shape for gx in gxs] == list(shapes.input_shapes)
    assert [gx.shape for gx in grad(F.sum(gxs[0] * gxs[1]), xs)] == list(shapes.input_shapes)


@given(st.data())
def test_concatenate_undoes_split(data):
    shape = data.draw(SHAPES)
    axis = data.draw(st.integers(-len(shape), len(shape) - 1))
    cuts = sorted(data.draw(st.lists(st.integers(0, shape[axis]), max_size=4)))
    x = numbered(shape)
    parts = F.split(x, cuts, axis)
    for part, right in zip(parts, np.split(x.data, cuts, axis), strict=True):
        np.testing.assert_array_equal(part.data, right)
    y = F.concatenate(parts, axis)
    np.testing.assert_array_equal(y.data, x.data)
    np.testing.assert_array_equal(grad(F.sum(y * x.data), x).data, x.data)


@given(st.data())
def test_reflected_margins_of_any_width(data):
    shape = data.draw(FILLED)
    mode = data.draw(st.sampled_from(["constant", "edge", "reflect"]))
    widths = data.draw(st.tuples(*[st.tuples(st.integers(0, 5), st.integers(0, 5))] * len(shape)))
    x = numbered(shape)
    y = F.pad(x, widths, mode)
    np.testing.assert_array_equal(y.data, np.pad(x.data, widths, mode))
    ones = np.bincount(np.pad(np.arange(x.size).reshape(shape), widths, mode, **at_minus_1(mode)).ravel() + 1,
                       minlength=x.size + 1)[1:].reshape(shape)  # fmt: skip  # how often each element appears
    np.testing.assert_array_equal(grad(F.sum(y), x).data, ones)


def at_minus_1(mode):
    return {"constant_values": -1} if mode == "constant" else {}


def test_dropped_part_of_a_split_counts_as_zero():
    x = numbered((5,))
    _, middle, _ = F.split(x, [1, 3])
    np.testing.assert_array_equal(grad(F.sum(middle * middle), x).data, [0, 2, 4, 0, 0])


def test_nothing_to_do_gives_x_itself():
    x = numbered((2, 3))
    for y in (F.reshape(x, (2, 3)), F.flatten(x), F.squeeze(x), F.pad(x, 0), F.pad(x, 0, "edge"), F.split(x, 1)[0]):
        assert y is x


@pytest.mark.parametrize("function", [F.flatten, F.ravel, F.squeeze, lambda x: F.expand_dims(x, 0), F.flip,
                                      lambda x: F.tile(x, 2), lambda x: F.take(x, [0, 1])])  # fmt: skip
def test_an_array_stays_a_constant(function):
    """No gradient is computed for a batch of images, whatever its shape was brought to."""
    w = Variable(np.ones(()))
    y = function(np.ones((2, 1, 3))) * w
    assert y.creator.needs_grad == (False, True)


def test_index_is_a_variable_or_a_list_with_variables():
    x, index = numbered((4, 2)), Variable(np.array([3, 3]))
    for given_index in (index, [Variable(np.array(3)), 3], (index,)):
        np.testing.assert_array_equal(x[given_index].data, x.data[[3, 3]])
    np.testing.assert_array_equal(F.take(x, index, 0).data, x.data[[3, 3]])
    y = F.take_along_axis(x, Variable(np.array([[1, 1]])), 0)
    np.testing.assert_array_equal(y.data, x.data[[1, 1], [0, 1]][None])


def test_long_stack_is_differentiated_in_linear_time():
    xs = [Variable(np.array(float(i))) for i in range(3000)]
    y = F.stack(xs)
    gxs = grad(F.sum(y * y), xs, create_graph=True)
    assert [float(gx) for gx in gxs[:3]] == [0.0, 2.0, 4.0]
    second = grad(F.sum(F.stack(gxs)), xs)
    assert {float(g) for g in second} == {2.0}


def test_reshape_takes_an_array_as_shape():
    assert F.reshape(np.arange(6), np.array([2, 3])).shape == (2, 3)


@pytest.mark.parametrize("indices", ["a", None, {1: 2}, [1.5], [[1.0], [2.0]]])
def test_split_wants_integers(indices):
    with pytest.raises(TypeError, match=r"^split expects indices_or_sections as integers, got "):
        F.split(np.arange(6), indices)


@pytest.mark.parametrize("index", [{1: 2}, {0, 1}])
def test_dicts_and_sets_are_no_indices(index):
    with pytest.raises(IndexError):
        F.get_item(np.arange(6), index)
