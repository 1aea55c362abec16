"""Normalization: what the rows of the table cannot say."""

from __future__ import annotations

from contextlib import nullcontext
from fractions import Fraction

import numpy as np
import pytest

import dezero.functions as F
from dezero import Parameter, Variable, grad, no_grad, test_mode, walk
from dezero._kernels.twins import references


def random(*shape, seed=0):
    return np.random.default_rng(seed).standard_normal(shape)


def exact(column, eps):
    """(x - mean) / sqrt(var + eps) in rational arithmetic up to the root."""
    xs = [Fraction(float(v)) for v in column]
    mean = sum(xs) / len(xs)
    var = sum((v - mean) ** 2 for v in xs) / len(xs) + Fraction(eps)
    return np.array([float(v - mean) for v in xs]) / np.sqrt(float(var))


@pytest.mark.parametrize("offset", [0, 1000])
def test_statistics_of_many_rows_of_float32(offset):
    x = (random(100_000, 2) + offset).astype(np.float32)
    mean, var = np.zeros(2, np.float32), np.ones(2, np.float32)
    y = F.batch_norm(x, None, None, mean, var, decay=0.0, eps=0.0)
    wide = x.astype(float)
    np.testing.assert_allclose(var, wide.var(axis=0, ddof=1), rtol=1e-6)
    np.testing.assert_allclose(y.data, (wide - wide.mean(axis=0)) / wide.std(axis=0), rtol=1e-5, atol=2e-6)


@pytest.mark.parametrize("which", ["x", "gy", "both"])
@pytest.mark.parametrize("order", [(0, 2, 3, 1), (0, 1, 3, 2), (1, 0, 2, 3)], ids=["NHWC", "NCWH", "CNHW"])
def test_gradient_and_input_may_lie_in_memory_in_any_order(which, order):
    """Large enough for the faster way, which writes to what it takes for rows of pixels."""

    def laid(array, name):
        swapped = np.ascontiguousarray(array.transpose(order)).transpose(np.argsort(order))
        return swapped if which in (name, "both") else array

    data, seed = random(2, 3, 64, 64), random(2, 3, 64, 64, seed=1)
    x, plain = Variable(laid(data, "x")), Variable(data)
    for variable, gy in ((x, laid(seed, "gy")), (plain, seed)):
        y = F.batch_norm(variable, np.full(3, 2.0), np.ones(3))
        y.grad = Variable(gy)
        with nullcontext() if variable is x else references():
            y.backward()
    np.testing.assert_allclose(x.grad.data, plain.grad.data, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize(
    ("x", "said"),
    [
        (np.array([["a"]]), "batch_norm expected a Variable, an array, a number or a list of numbers, got an array of "
                            "dtype <U1"),
        (np.ones((2, 2), complex), "batch_norm expects x of real numbers, got dtype complex128"),
    ],
)  # fmt: skip
def test_only_real_numbers_are_normalized(x, said):
    with pytest.raises(TypeError) as caught:
        F.batch_norm(x, None, None)
    assert str(caught.value) == said


# -- running statistics ----------------------------------------------------------------------------


@pytest.mark.parametrize("shape", [(6, 3), (2, 3, 5), (2, 3, 2, 2), (2, 3, 2, 1, 2)])
@pytest.mark.parametrize("wrap", [np.asarray, Variable, Parameter])
def test_running_statistics_are_updated_in_place(shape, wrap):
    x = random(*shape) * 3 + 1
    axes = (0, *range(2, len(shape)))
    mean, var = random(3), random(3) ** 2
    right_mean = 0.7 * mean + 0.3 * x.mean(axis=axes)
    right_var = 0.7 * var + 0.3 * x.var(axis=axes, ddof=1)
    F.batch_norm(x, np.ones(3), np.zeros(3), wrap(mean), wrap(var), decay=0.7)
    np.testing.assert_allclose(mean, right_mean, rtol=1e-13)
    np.testing.assert_allclose(var, right_var, rtol=1e-13)


def test_running_statistics_keep_their_dtype_and_lend_none():
    x = random(4, 2).astype(np.float32)
    mean, var = np.zeros(2), np.ones(2)
    assert F.batch_norm(x, None, None, mean, var).dtype == np.float32
    assert mean.dtype == var.dtype == np.float64
    with test_mode():
        assert F.batch_norm(x, None, None, mean, var).dtype == np.float32


def test_running_variance_of_single_elements_has_no_correction():
    mean, var = np.zeros(2), np.ones(2)
    y = F.batch_norm(np.array([[3.0, 5.0]]), np.ones(2), np.array([7.0, 8.0]), mean, var)
    np.testing.assert_array_equal(y.data, [[7.0, 8.0]])
    np.testing.assert_allclose((mean, var), ([0.3, 0.5], [0.9, 0.9]), rtol=1e-15)


def test_test_mode_uses_running_statistics_and_leaves_them():
    x, mean, var = random(4, 2), np.array([1.0, 2.0]), np.array([4.0, 9.0])
    with test_mode():
        y = F.batch_norm(x, None, None, mean, var, eps=0.0)
    np.testing.assert_allclose(y.data, (x - [1, 2]) / [2, 3], rtol=1e-15)
    np.testing.assert_array_equal((mean, var), ([1, 2], [4, 9]))


def test_without_running_statistics_test_mode_uses_the_batch():
    x = random(4, 2)
    with test_mode():
        y = F.batch_norm(x, None, None)
    np.testing.assert_array_equal(y.data, F.batch_norm(x, None, None).data)


def test_a_refused_batch_leaves_running_statistics_alone():
    mean, var = np.zeros(2), np.ones(2)
    with pytest.raises(ValueError, match="gamma"):
        F.batch_norm(random(4, 2), np.ones(3), None, mean, var)
    np.testing.assert_array_equal((mean, var), ([0, 0], [1, 1]))


def test_the_spelling_of_the_book():
    assert F.batch_nrom is F.batch_norm


# -- numerics --------------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
@pytest.mark.parametrize("value", [0.1, 1e3, -3e4])
def test_a_constant_column_gives_beta_and_finite_gradients(value, dtype):
    x = Variable(np.full((1000, 1), value, dtype))
    beta = np.full(1, 0.5, dtype)
    y = F.batch_norm(x, np.ones(1, dtype), beta)
    assert np.all(y.data == beta)
    gx = grad(F.sum(y * y), x, create_graph=True)
    assert np.all(np.isfinite(gx.data)) and np.all(np.isfinite(grad(F.sum(gx), x).data))
    assert np.all(F.layer_norm(x.reshape(1, -1)).data == 0)


@pytest.mark.parametrize(
    ("dtype", "offset", "scale", "tolerance"),
    [(np.float64, 1e6, 1.0, 1e-14), (np.float64, 1e6, 1e-6, 1e-14), (np.float64, 0.0, 1e-6, 1e-14),
     (np.float32, 1e6, 1.0, 1e-6), (np.float32, 1e6, 10.0, 1e-6), (np.float32, 0.0, 1e-6, 1e-6)],
)  # fmt: skip
def test_offset_and_scale_cost_no_digits(dtype, offset, scale, tolerance):
    x = (random(300, 1) * scale + offset).astype(dtype)
    eps = 1e-3 * scale**2
    right = exact(x[:, 0], eps)
    np.testing.assert_allclose(F.batch_norm(x, None, None, eps=eps).data[:, 0], right, rtol=0, atol=tolerance)
    np.testing.assert_allclose(F.layer_norm(x.T, eps=eps).data[0], right, rtol=0, atol=tolerance)


def test_gradients_at_an_offset_agree_in_both_worlds():
    x = Variable(random(50, 2) + 1e6)
    total = F.sum(F.batch_norm(x, None, None) * random(50, 2, seed=1))
    first, graph = grad(total, x).data, grad(total, x, create_graph=True).data
    np.testing.assert_allclose(first, graph, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("function", [F.layer_norm, F.rms_norm, lambda x: F.batch_norm(x, None, None)])
def test_float16_whose_squares_overflow(function):
    x = Variable((random(8, 8) * 3000).astype(np.float16))
    y = function(x)
    right = function(x.data.astype(np.float64)).data
    np.testing.assert_allclose(y.data, right, rtol=0, atol=2e-3)
    assert y.dtype == grad(F.sum(y * y), x).dtype == np.float16


def test_nan_stays_in_its_column():
    x = random(4, 2)
    x[1, 0] = np.nan
    y = F.batch_norm(x, None, None)
    assert np.all(np.isnan(y.data[:, 0])) and np.all(np.isfinite(y.data[:, 1]))


@pytest.mark.parametrize("function", [F.layer_norm, F.rms_norm, lambda x: F.batch_norm(x, None, None),
                                      lambda x: F.group_norm(x, 1)])  # fmt: skip
def test_integers_become_floating_point(function):
    x = np.array([[1, 2], [4, 3]])
    np.testing.assert_array_equal(function(x).data, function(x.astype(float)).data)


def test_parameters_of_another_dtype_do_not_promote():
    x, gamma = Variable(random(4, 2).astype(np.float32)), Variable(np.ones(2))
    for y in (F.batch_norm(x, gamma, gamma), F.layer_norm(x, gamma, gamma), F.rms_norm(x, gamma)):
        gx, ggamma = grad(F.sum(y * y), [x, gamma])
        assert (y.dtype, gx.dtype, ggamma.dtype) == (np.float32, np.float32, np.float64)


# -- the graph -------------------------------------------------------------------------------------


def test_no_gradient_is_computed_for_data():
    gamma = Variable(np.ones(2))
    for y in (
        F.batch_norm(random(4, 2), gamma, None),
        F.layer_norm(random(4, 2), gamma),
        F.rms_norm(random(4, 2), gamma),
    ):
        (f,) = walk(y)
        assert not f.needs_grad[0]


@pytest.mark.parametrize(
    ("name", "apply"),
    [("BatchNorm", lambda x: F.batch_norm(x, None, None)), ("LayerNorm", F.layer_norm), ("RMSNorm", F.rms_norm),
     ("InstanceNorm", F.instance_norm)],
)  # fmt: skip
def test_one_function_stands_in_the_graph(name, apply):
    assert [type(f).__name__ for f in walk(apply(Variable(random(2, 2, 2))))] == [name]


def test_batch_norm_without_recording():
    with no_grad():
        y = F.batch_norm(Variable(random(4, 2)), None, None)
    assert y.creator is None


def test_empty_batches_of_samples_that_stand_alone():
    gamma = Variable(np.ones(4))
    for y in (F.group_norm(np.ones((0, 4, 2)), 2, gamma), F.layer_norm(np.ones((0, 4)), gamma)):
        np.testing.assert_array_equal(grad(F.sum(y), gamma).data, np.zeros(4))


# -- third order -----------------------------------------------------------------------------------


def by_steps(x, axes, eps, center=True):
    """Of tensors, in elementary steps: the third derivative of torch's own kernels is wrong by differences, too."""
    x = x - x.mean(axes, keepdim=True) if center else x
    return x * ((x * x).mean(axes, keepdim=True) + eps) ** -0.5


@pytest.mark.parametrize(
    ("ours", "theirs", "shape"),
    [(F.batch_norm, lambda x, g, b: by_steps(x, (0,), 2e-5) * g + b, (5, 3)),
     (F.batch_norm, lambda x, g, b: by_steps(x, (0, 2, 3), 2e-5) * g[:, None, None] + b[:, None, None], (2, 3, 2, 2)),
     (F.layer_norm, lambda x, g, b: by_steps(x, (-1,), 1e-5) * g + b, (4, 3)),
     (lambda x, g, b: F.rms_norm(x, g, eps=1e-5) + b, lambda x, g, b: by_steps(x, (-1,), 1e-5, center=False) * g + b,
      (4, 3))],
    ids=["batch_norm-2d", "batch_norm-4d", "layer_norm", "rms_norm"],
)  # fmt: skip
def test_third_order_equals_torch(ours, theirs, shape):
    torch = pytest.importorskip("torch", reason="torch is not installed: the comparison with it is left out")
    data = [random(*shape, seed=20), random(3, seed=21), random(3, seed=22)]
    xs, ts = [Variable(d) for d in data], [torch.tensor(d, requires_grad=True) for d in data]
    w = random(*shape, seed=23)
    y, t = ours(*xs), theirs(*ts)
    y, t = F.sum(y * y * w), (t * t * torch.tensor(w)).sum()
    for order in range(3):
        gxs, gts = grad(y, xs, create_graph=True), torch.autograd.grad(t, ts, create_graph=True)
        for gx, gt in zip(gxs, gts):
            right = gt.detach().numpy()
            np.testing.assert_allclose(gx.data, right, rtol=1e-9, atol=1e-10 * max(np.abs(right).max(), 1e-3))
        ws = [random(*d.shape, seed=10 * order + i) for i, d in enumerate(data)]
        y = sum((F.sum(gx * w) for gx, w in zip(gxs[1:], ws[1:])), F.sum(gxs[0] * ws[0]))
        t = sum((gt * torch.tensor(w)).sum() for gt, w in zip(gts, ws))
