"""Embedding and attention: what the rows of the table cannot say."""

from __future__ import annotations

import numpy as np
import pytest

import dezero.functions as F
from dezero import Variable, grad, walk
from dezero.functions.attention import embed_id, scaled_dot_product_attention


def random(*shape, seed=0):
    return np.random.default_rng(seed).standard_normal(shape)


def test_gradients_of_a_repeated_id_add_up():
    W = Variable(np.zeros((4, 2), np.float32))
    y = embed_id(Variable(np.array([3, 1, 3])), W)
    gW = grad(F.sum(y * np.array([[1.0], [10.0], [100.0]], np.float32)), W)
    np.testing.assert_array_equal(gW.data, [[0, 0], [10, 10], [0, 0], [101, 101]])
    assert gW.dtype == np.float32


def test_ids_of_any_integer_kind():
    W = np.eye(3)
    for ids in ([2, 0], np.array([2, 0], np.uint8), Variable(np.array([2, 0]))):
        np.testing.assert_array_equal(embed_id(ids, W).data, [[0, 0, 1], [1, 0, 0]])


@pytest.mark.parametrize("mask", [np.array([[False, False], [True, True]]), np.array([[-np.inf, -np.inf], [0, 0]])])
def test_a_query_without_keys_gives_zeros_and_zero_gradients(mask):
    q, k, v = (Variable(random(2, 3, seed=i)) for i in range(3))
    y = scaled_dot_product_attention(q, k, v, mask)
    np.testing.assert_array_equal(y.data[0], 0)
    gq = grad(F.sum(y * y), q, create_graph=True)
    np.testing.assert_array_equal(gq.data[0], 0)
    for g in grad(F.sum(gq * gq), [q, k, v]):
        assert np.all(np.isfinite(g.data))


def test_causal_is_the_lower_triangle():
    q, k, v = random(4, 3), random(4, 3, seed=1), random(4, 2, seed=2)
    y = scaled_dot_product_attention(q, k, v, causal=True)
    np.testing.assert_array_equal(y.data, scaled_dot_product_attention(q, k, v, np.tri(4, dtype=bool)).data)
    np.testing.assert_allclose(y.data[0], v[0], rtol=1e-15)


@pytest.mark.parametrize("size", [1e4, 1e150, 1e300])
def test_large_scores_are_a_choice(size):
    q, k, v = (
        Variable(np.array([[size]])),
        Variable(np.array([[1.0], [2.0], [-1.0]])),
        Variable(np.arange(3.0)[:, None]),
    )
    y = scaled_dot_product_attention(q, k, v)
    assert y.data == [[1.0]]
    gq, gk, gv = grad(y, [q, k, v])
    assert gq.data == [[0.0]] and not np.any(gk.data)
    np.testing.assert_array_equal(gv.data, [[0], [1], [0]])


def test_equal_scores_give_the_mean():
    y = scaled_dot_product_attention(np.full((1, 1), 1e300), np.ones((4, 1)), np.arange(4.0)[:, None])
    assert y.data == [[1.5]]


def test_float16_products_may_overflow():
    q, k = (Variable(np.full((2, 4), 300, np.float16)) for _ in range(2))
    v = Variable(np.array([[1], [3]], np.float16))
    y = scaled_dot_product_attention(q, k, v)
    assert y.dtype == grad(y, q).dtype == np.float16
    np.testing.assert_array_equal(y.data, [[2], [2]])


def test_a_mask_of_another_dtype_does_not_promote():
    q = random(2, 3).astype(np.float32)
    assert scaled_dot_product_attention(q, q, q, np.zeros((2, 2))).dtype == np.float32
    assert scaled_dot_product_attention(q, q, q, Variable(np.zeros((2, 2)))).dtype == np.float32


def test_nan_in_one_query_stays_there():
    q = random(2, 3)
    q[0, 0] = np.nan
    y = scaled_dot_product_attention(q, random(2, 3, seed=1), random(2, 3, seed=2)).data
    assert np.all(np.isnan(y[0])) and np.all(np.isfinite(y[1]))


def test_integers_are_taken_as_numbers():
    q, v = np.array([[1, 0], [0, 1]]), np.array([[1, 2], [3, 4]])
    right = scaled_dot_product_attention(q.astype(float), q.astype(float), v.astype(float))
    np.testing.assert_array_equal(scaled_dot_product_attention(q, q, v).data, right.data)


def test_a_constant_mask_wants_no_gradient():
    q = Variable(random(2, 3))
    (f,) = walk(scaled_dot_product_attention(q, q, q, np.zeros((2, 2))))
    assert f.needs_grad == (True, True, True, False)


def test_third_order_equals_torch():
    torch = pytest.importorskip("torch", reason="torch is not installed: the comparison with it is left out")
    data = [random(2, 3, seed=10), random(4, 3, seed=11), random(4, 2, seed=12), random(2, 4, seed=13)]
    xs, ts = [Variable(d) for d in data], [torch.tensor(d, requires_grad=True) for d in data]
    weights = torch.softmax(ts[0] @ ts[1].T / 3**0.5 + ts[3], -1)
    y, t = scaled_dot_product_attention(*xs), weights @ ts[2]
    y, t = F.sum(y * y * y), (t * t * t).sum()
    for order in range(3):
        gxs, gts = grad(y, xs, create_graph=True), torch.autograd.grad(t, ts, create_graph=True)
        for gx, gt in zip(gxs, gts):
            right = gt.detach().numpy()
            np.testing.assert_allclose(gx.data, right, rtol=1e-9, atol=1e-10 * np.abs(right).max())
        ws = [random(*d.shape, seed=20 * order + i) for i, d in enumerate(data)]
        y = sum((F.sum(gx * w) for gx, w in zip(gxs[1:], ws[1:])), F.sum(gxs[0] * ws[0]))
        t = sum((gt * torch.tensor(w)).sum() for gt, w in zip(gts, ws))
