"""Array helpers under the book's names."""

from __future__ import annotations

import numpy as np
import pytest

from dezero import Variable, utils

# the table of a reader's notes: what arange(12) of shape (2, 2, 3) sums to
SUM_TO = {
    (2, 2, 1): [[[3], [12]], [[21], [30]]],
    (2, 1, 3): [[[3, 5, 7]], [[15, 17, 19]]],
    (1, 2, 3): [[[6, 8, 10], [12, 14, 16]]],
    (2, 1, 1): [[[15]], [[51]]],
    (1, 2, 1): [[[24], [42]]],
    (1, 1, 3): [[[18, 22, 26]]],
    (1, 1, 1): [[[66]]],
    (2, 3): [[6, 8, 10], [12, 14, 16]],
    (1, 3): [[18, 22, 26]],
    (3,): [18, 22, 26],
    (2, 1): [[24], [42]],
    (1,): [66],
    (): 66,
}


@pytest.mark.parametrize("shape", SUM_TO, ids=str)
def test_sum_to(shape):
    np.testing.assert_array_equal(utils.sum_to(np.arange(12).reshape(2, 2, 3), shape), SUM_TO[shape])


def test_sum_to_refuses_what_broadcasting_could_not_undo():
    with pytest.raises(ValueError, match=r"^sum_to cannot bring shape \(2, 3\) to \(2,\): "):
        utils.sum_to(np.ones((2, 3)), (2,))


@pytest.mark.parametrize(("axis", "shape"), [(None, (1, 1, 1)), (0, (1, 3, 4)), (-1, (2, 3, 1)), ((0, -1), (1, 3, 1))])
def test_shapes_of_reductions(axis, shape):
    x = np.ones((2, 3, 4))
    assert utils.max_backward_shape(x, axis) == shape
    assert utils.reshape_sum_backward(x.sum(axis=axis), x.shape, axis, False).shape == shape
    kept = x.sum(axis=axis, keepdims=True)
    assert utils.reshape_sum_backward(kept, x.shape, axis, True) is kept


def test_logsumexp_is_stable():
    x = np.array([[1000.0, 1000.0], [-np.inf, -np.inf], [0.0, -np.inf]])
    with np.errstate(divide="ignore"):
        np.testing.assert_allclose(utils.logsumexp(x), [[1000 + np.log(2)], [-np.inf], [0.0]])


def test_comparisons_take_variables_and_arrays():
    x = np.array([1.0, 2.0])
    assert utils.array_equal(Variable(x), x)
    assert not utils.array_equal(x, x[:1])
    assert utils.array_allclose(Variable(x), x + 1e-6)
    assert not utils.array_allclose(x, x + 1e-3)
