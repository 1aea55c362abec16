"""Dropout: what the rows of the table cannot say."""

from __future__ import annotations

import numpy as np
import pytest

import dezero.functions as F
from dezero import Variable, grad, test_mode
from tests.op_rows.random import seeded


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("ratio", [0.1, 0.5, 0.8])
def test_dropout_draws_as_the_book(ratio, dtype):
    x = np.linspace(-2, 3, 12, dtype=dtype).reshape(3, 4)
    y = seeded(F.dropout)(x, ratio)
    mask = seeded(lambda: np.random.rand(3, 4) > ratio)()
    np.testing.assert_array_equal(y.data, x * mask / np.array(1 - ratio).astype(dtype))
    assert y.dtype == dtype


def test_dropout_in_test_mode_is_x_itself_and_draws_nothing():
    x = Variable(np.ones(3))
    np.random.seed(1)
    before = np.random.get_state()[2]
    with test_mode():
        assert F.dropout(x, 0.9) is x
        with pytest.raises(ValueError, match=r"ratio in \[0, 1\)"):
            F.dropout(x, 1.5)
    assert np.random.get_state()[2] == before


def test_dropout_keeps_the_mean():
    y = seeded(F.dropout)(np.ones(20000), 0.3).data
    assert set(np.unique(y)) == {0.0, 1 / 0.7}
    assert abs(y.mean() - 1) < 0.02  # three standard deviations are 0.014


def test_dropout_of_integers_and_of_one_number():
    np.testing.assert_array_equal(np.unique(seeded(F.dropout)(np.ones(50, int)).data), [0.0, 2.0])
    y = seeded(F.dropout)(np.array(3.0), 0.5)  # the first number of seed 0 is 0.5488
    assert y.shape == () and float(y) == 6.0


def test_gradient_passes_where_the_value_passed():
    x = Variable(np.ones((4, 4)))
    y = seeded(F.dropout)(x, 0.4)
    np.testing.assert_array_equal(grad(y, x).data, y.data)


def test_nan_is_not_hidden():
    assert np.all(np.isnan(seeded(F.dropout)(np.full(9, np.nan)).data))
