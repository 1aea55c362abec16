"""Losses: the shortcuts of their gradients, and what they do at the extremes."""

import math

import numpy as np
import pytest

import dezero.functions as F
from dezero import Variable, grad

RNG = np.random.default_rng(0)
LOGITS, LABELS = RNG.standard_normal((5, 3)), np.array([2, 0, 1, 1, 2])
ONEHOT = np.eye(3)[LABELS]


def gradient(loss, x, *rest, **options) -> np.ndarray:
    x = Variable(np.array(x))
    return grad(loss(x, *rest, **options), x).data


# -- the shortcuts: y - t --------------------------------------------------------------------------


@pytest.mark.parametrize(("reduction", "count"), [("mean", 5), ("sum", 1)])
def test_softmax_with_cross_entropy_gives_y_minus_t(reduction, count):
    right = (F.softmax(LOGITS).data - ONEHOT) / count
    gx = gradient(F.softmax_cross_entropy, LOGITS, LABELS, reduction=reduction)
    np.testing.assert_allclose(gx, right, rtol=1e-15, atol=0)

    def unfused(x):
        return -F.sum(ONEHOT * F.log(F.softmax(x))) / count

    np.testing.assert_allclose(gx, gradient(unfused, LOGITS), rtol=1e-13, atol=1e-16)


@pytest.mark.parametrize(("reduction", "count"), [("mean", 5), ("sum", 1)])
def test_sigmoid_with_cross_entropy_gives_y_minus_t(reduction, count):
    right = (F.sigmoid(LOGITS).data - ONEHOT) / count
    gx = gradient(F.sigmoid_cross_entropy, LOGITS, ONEHOT, reduction=reduction)
    np.testing.assert_allclose(gx, right, rtol=1e-15, atol=0)

    def unfused(x):
        return F.binary_cross_entropy(F.sigmoid(x), ONEHOT, reduction=reduction)

    np.testing.assert_allclose(gx, gradient(unfused, LOGITS), rtol=1e-13, atol=1e-16)


def test_affine_layer_before_the_softmax_gets_the_gradients_of_the_book():
    x, W, b = (Variable(RNG.standard_normal(shape)) for shape in ((5, 4), (4, 3), (3,)))
    loss = F.softmax_cross_entropy(F.matmul(x, W) + b, LABELS)
    difference = (F.softmax(F.matmul(x, W) + b).data - ONEHOT) / 5
    gx, gW, gb = grad(loss, [x, W, b])
    np.testing.assert_allclose(gW.data, x.data.T @ difference, rtol=1e-13)
    np.testing.assert_allclose(gb.data, difference.sum(axis=0), rtol=1e-13, atol=1e-16)
    np.testing.assert_allclose(gx.data, difference @ W.data.T, rtol=1e-13)


@pytest.mark.parametrize("classes", [2, 3, 10])
def test_guessing_evenly_costs_the_logarithm_of_the_number_of_classes(classes):
    t = np.arange(7) % classes
    for x in (np.zeros((7, classes)), np.full((7, classes), 1e300)):
        assert float(F.softmax_cross_entropy(x, t)) == pytest.approx(math.log(classes), rel=1e-15)
    p = np.full((7, classes), 1 / classes)
    assert float(F.nll_loss(np.log(p), t)) == pytest.approx(math.log(classes), rel=1e-15)


def test_guessing_evenly_between_yes_and_no_costs_ln_2():
    assert float(F.sigmoid_cross_entropy(np.zeros(4), np.array([0, 1, 1, 0]))) == pytest.approx(math.log(2), rel=1e-15)
    assert float(F.binary_cross_entropy(np.full(4, 0.5), np.array([0, 1, 1, 0]))) == pytest.approx(math.log(2))


# -- conventions -----------------------------------------------------------------------------------


def test_losses_of_the_book_divide_by_the_length():
    x = np.ones((2, 3))
    assert float(F.mean_squared_error(x, np.zeros((2, 3)))) == 3.0
    assert float(F.mean_squared_error_simple(x, np.zeros((2, 3)))) == 3.0
    assert float(F.sigmoid_cross_entropy(0 * x, x)) == pytest.approx(3 * math.log(2))
    assert float(F.binary_cross_entropy(0.5 * x, x)) == pytest.approx(3 * math.log(2))
    assert float(F.l1_loss(x, np.zeros((2, 3)))) == 1.0


def test_shapes_that_differ_by_ones_only_still_fit():
    assert float(F.mean_squared_error(np.array([[3.0]]), np.array([1.0]))) == 4.0
    assert float(F.mean_squared_error(np.array([[3.0], [1.0]]), 1.0)) == 2.0


def test_labels_in_a_column_give_a_gradient_of_the_shape_of_x():
    column = gradient(F.softmax_cross_entropy, LOGITS, LABELS[:, None])
    np.testing.assert_array_equal(column, gradient(F.softmax_cross_entropy, LOGITS, LABELS))


def test_labels_may_be_variables_and_get_no_gradient():
    x, t = Variable(LOGITS), Variable(LABELS)
    F.softmax_cross_entropy(x, t).backward()
    assert t.grad is None and x.grad.shape == (5, 3)


def test_function_objects_work_like_their_functions():
    x = Variable(LOGITS)
    assert float(F.SoftmaxCrossEntropy()(x, LABELS)) == float(F.softmax_cross_entropy(x, LABELS))
    assert float(F.MeanSquaredError()(x, ONEHOT)) == float(F.mean_squared_error(x, ONEHOT))


def test_ignored_rows_take_no_part():
    t = np.array([2, -1, 1, -1, 2])
    kept = t >= 0
    for loss in (F.softmax_cross_entropy, F.nll_loss):
        assert float(loss(LOGITS, t, ignore_index=-1)) == pytest.approx(float(loss(LOGITS[kept], t[kept])), rel=1e-14)
        gx = gradient(loss, LOGITS, t, ignore_index=-1)
        assert not gx[~kept].any()
        np.testing.assert_allclose(gx[kept], gradient(loss, LOGITS[kept], t[kept]), rtol=1e-14)


def test_ignored_rows_may_hold_minus_infinity():
    x = np.array([[-np.inf, 0.0, -np.inf], [0.0, 1.0, 2.0]])
    for loss in (F.softmax_cross_entropy, F.nll_loss):
        y = loss(x, np.array([-1, 2]), ignore_index=-1)
        assert float(y) == float(loss(x[1:], np.array([2])))


def test_sum_over_nothing_is_0():
    t = np.array([9, 9, 9, 9, 9])
    for loss in (F.softmax_cross_entropy, F.nll_loss):
        assert float(loss(LOGITS, t, reduction="sum", ignore_index=9)) == 0.0
        assert not gradient(loss, LOGITS, t, reduction="sum", ignore_index=9).any()


def test_smoothed_labels_equal_soft_labels():
    hard = F.softmax_cross_entropy(LOGITS, LABELS, label_smoothing=0.3)
    soft = F.softmax_cross_entropy(LOGITS, 0.7 * ONEHOT + 0.1, soft_labels=True)
    assert float(hard) == pytest.approx(float(soft), rel=1e-14)


def test_accuracy_is_a_number_without_a_graph():
    y = F.accuracy(Variable(LOGITS), LABELS)
    assert y.creator is None and y.shape == () and y.dtype == np.float64


def test_step_47_gives_the_loss_of_the_book():
    np.random.seed(0)
    x = np.array([[0.2, -0.4], [0.3, 0.5], [1.3, -3.2], [2.1, 0.3]])
    for inputs, outputs in ((2, 10), (10, 3)):
        W = (np.random.randn(inputs, outputs).astype(np.float32) * np.sqrt(1 / inputs)).astype(np.float32)
        x = F.matmul(x, W)
        x = F.sigmoid(x) if outputs == 10 else x
    loss = F.softmax_cross_entropy(x, np.array([2, 0, 1, 0]))
    assert float(loss) == pytest.approx(1.4967442462341742, rel=1e-4)
    assert float(F.softmax_cross_entropy_simple(x, np.array([2, 0, 1, 0]))) == pytest.approx(float(loss), rel=1e-12)


# -- extremes --------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [1e4, 1e8, 1e300])
def test_softmax_cross_entropy_of_huge_logits(size):
    x = np.array([[size, size, -size], [size, -size, -size]])
    terms = F.softmax_cross_entropy(x, np.array([0, 1]), reduction="none")
    np.testing.assert_allclose(terms.data, [math.log(2), 2 * size], rtol=1e-15)
    gx = gradient(F.softmax_cross_entropy, x, np.array([0, 1]), reduction="sum")
    np.testing.assert_array_equal(gx, [[-0.5, 0.5, 0.0], [1.0, -1.0, 0.0]])


def test_softmax_cross_entropy_of_minus_infinity():
    x = np.array([[-np.inf, 0.0, 0.0], [-np.inf, 0.0, -np.inf]])
    for options in ({}, {"soft_labels": True}):
        t = np.array([[0, 1, 0], [0, 1, 0]]) if options else np.array([1, 1])
        terms = F.softmax_cross_entropy(x, t, reduction="none", **options)
        np.testing.assert_allclose(terms.data, [math.log(2), 0.0], rtol=1e-15)
        gx = gradient(F.softmax_cross_entropy, x, t, reduction="sum", **options)
        np.testing.assert_allclose(gx, [[0.0, -0.5, 0.5], [0.0, 0.0, 0.0]], atol=1e-16)
    assert float(F.softmax_cross_entropy(x, np.array([0, 1]))) == np.inf


def test_nan_stays_in_its_row():
    x = np.array([[np.nan, 0.0], [0.0, 0.0]])
    terms = F.softmax_cross_entropy(x, np.array([1, 1]), reduction="none").data
    assert np.isnan(terms[0]) and terms[1] == math.log(2)
    for loss in (F.sigmoid_cross_entropy, F.binary_cross_entropy, F.mean_squared_error, F.l1_loss, F.huber_loss):
        terms = loss(x, np.ones((2, 2)), reduction="none").data
        assert np.isnan(terms).tolist() == [[True, False], [False, False]]


def test_difference_of_logits_beyond_the_dtype_harms_nobody():
    x = np.array([[6e4, -6e4]], dtype=np.float16)
    assert float(F.softmax_cross_entropy(x, np.array([0]))) == 0.0
    np.testing.assert_array_equal(F.softmax(x).data, [[1.0, 0.0]])


@pytest.mark.parametrize("size", [40.0, 1000.0, 1e300])
def test_sigmoid_cross_entropy_of_huge_logits(size):
    x, t = np.array([size, -size, size, -size]), np.array([1, 0, 0, 1])
    terms = F.sigmoid_cross_entropy(x, t, reduction="none").data
    np.testing.assert_allclose(terms, [0.0, 0.0, size, size], rtol=1e-15, atol=1e-17)
    gx = gradient(F.sigmoid_cross_entropy, x, t, reduction="sum")
    np.testing.assert_allclose(gx, [0.0, 0.0, 1.0, -1.0], atol=1e-16)


def test_binary_cross_entropy_on_the_edges():
    p, t = np.array([0.0, 1.0, 0.0, 1.0]), np.array([0, 1, 1, 0])
    terms = F.binary_cross_entropy(p, t, reduction="none").data
    np.testing.assert_allclose(terms, [0.0, 0.0, -math.log(1e-15), -math.log(1e-15)], rtol=1e-12)
    gp = gradient(F.binary_cross_entropy, p, t, reduction="sum")
    np.testing.assert_allclose(gp, [1.0, -1.0, -1e15, 1e15], rtol=1e-12)


@pytest.mark.parametrize("p", [0.999, 0.9999, 1 - 1e-9])
def test_gradient_of_binary_cross_entropy_lives_near_1(p):
    gp = gradient(F.binary_cross_entropy, np.array([p, p]), np.array([0, 1]), reduction="sum")
    np.testing.assert_allclose(gp, [1 / (1 - p), -1 / p], rtol=1e-12)


def test_mean_of_float16_fits_where_the_sum_does_not():
    x = np.full((1000, 1), 100.0, dtype=np.float16)
    assert float(F.mean_squared_error(x, np.zeros((1000, 1), np.float16))) == 1e4
    assert float(F.l1_loss(100 * x[:, 0] + 0, np.zeros(1000, np.float16))) == 1e4
    assert float(F.sigmoid_cross_entropy(100 * x, np.zeros((1000, 1)))) == 1e4
    y = np.stack([0 * x[:, 0], 100 * x[:, 0]], axis=1)
    assert float(F.softmax_cross_entropy(y, np.zeros(1000, int))) == 1e4
    assert float(F.softmax_cross_entropy(y, np.zeros(1000, int), weight=np.array([2.0, 1.0]))) == 1e4


@pytest.mark.parametrize("dtype", [np.float16, np.float32])
def test_integer_targets_widen_nothing(dtype):
    x = Variable(np.full((2, 3), 0.5, dtype=dtype))
    t = np.array([[1, 0, 1], [0, 1, 1]])
    for loss in (F.sigmoid_cross_entropy, F.binary_cross_entropy, F.kl_div):
        y = loss(x, t)
        assert y.dtype == dtype and grad(y, x).dtype == dtype
    assert F.hinge(x, 2 * t - 1).dtype == dtype
    assert F.softmax_cross_entropy(x, t, soft_labels=True).dtype == dtype


@pytest.mark.parametrize("scale", [1e-200, 1.0, 1e200])
def test_cosine_similarity_does_not_depend_on_the_scale(scale):
    x0, x1 = np.array([[3.0, 4.0]]) * scale, np.array([[4.0, 3.0]]) * scale
    np.testing.assert_allclose(F.cosine_similarity(x0, x1, eps=0.0).data, [0.96], rtol=1e-15)
    gx = gradient(F.cosine_similarity, x0, x1, eps=0.0)
    np.testing.assert_allclose(gx * scale, [[0.0448, -0.0336]], rtol=1e-13)


def test_cosine_similarity_with_0_is_0_and_has_a_gradient():
    x0, x1 = np.array([[0.0, 0.0], [3.0, 4.0]]), np.array([[1.0, 1.0], [3.0, 4.0]])
    np.testing.assert_allclose(F.cosine_similarity(x0, x1).data, [0.0, 1.0], rtol=1e-15)
    assert np.isfinite(gradient(F.cosine_similarity, x0, x1)).all()


def test_kl_div_where_both_probabilities_are_0():
    x, t = np.array([[-np.inf, 0.0]]), np.array([[0.0, 1.0]])
    assert float(F.kl_div(x, t, reduction="batchmean")) == 0.0
    np.testing.assert_array_equal(gradient(F.kl_div, x, t, reduction="batchmean"), [[0.0, -1.0]])


def test_huber_loss_on_the_border_and_far_beyond():
    x = np.array([1.0, -1.0, 1e300])
    np.testing.assert_allclose(F.huber_loss(x, np.zeros(3), reduction="none").data, [0.5, 0.5, 1e300])
    np.testing.assert_array_equal(gradient(F.huber_loss, x, np.zeros(3), reduction="sum"), [1.0, -1.0, 1.0])


@pytest.mark.parametrize("loss", [F.mean_squared_error, F.sigmoid_cross_entropy, F.hinge])
def test_numbers_and_lists_are_operands_too(loss):
    assert float(loss(Variable(np.array(0.5)), 1.0)) == pytest.approx(float(loss(np.array([0.5]), [1.0])))
    assert float(loss(0.5, 1.0)) == pytest.approx(float(loss(np.array([0.5]), [1.0])))


# -- any order -------------------------------------------------------------------------------------


def test_third_derivative_of_softmax_cross_entropy_equals_differences():
    direction = RNG.standard_normal(LOGITS.shape)

    def along(s, order):
        s = Variable(np.array(s))
        y = F.softmax_cross_entropy(LOGITS + s * direction, LABELS, weight=np.array([0.5, 2.0, 0.25]))
        for _ in range(order):
            y = grad(y, s, create_graph=True)
        return float(y)

    h = 1e-3
    differences = (8 * (along(h, 2) - along(-h, 2)) - (along(2 * h, 2) - along(-2 * h, 2))) / (12 * h)
    assert along(0.0, 3) == pytest.approx(differences, rel=1e-8)


def test_labels_of_a_number():
    with pytest.raises(ValueError, match=r"^softmax_cross_entropy expects x of shape \(N, C\), got \(\)"):
        F.softmax_cross_entropy(1.0, np.array([0]))
