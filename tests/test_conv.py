"""What the table of operations cannot say of convolution, pooling and resampling."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

import dezero.functions as F
from dezero import Variable, grad
from dezero._kernels import conv as kernels
from dezero._shapes import window
from dezero.functions_conv import AveragePoolingGrad, Conv2DGradW, Pooling2DGrad, Pooling2DWithIndexes, pair
from dezero.utils import check_grads

rng = np.random.default_rng(0)


def normal(*shape):
    return Variable(rng.standard_normal(shape))


# -- known numbers ---------------------------------------------------------------------------------


def worked_example():
    x = np.arange(1, 97, dtype=float).reshape(2, 3, 4, 4)
    W = np.repeat([0.1, 0.2, 0.3], 12).reshape(3, 3, 2, 2)
    return x, W


@pytest.mark.parametrize("convolve", [F.conv2d, F.conv2d_simple])
def test_worked_example_gives_its_numbers(convolve):
    y = convolve(*worked_example()).data
    np.testing.assert_allclose(y[0, 0], [[23.4, 24.6, 25.8], [28.2, 29.4, 30.6], [33, 34.2, 35.4]], rtol=1e-14)
    np.testing.assert_allclose(y[1, 2], [[243, 246.6, 250.2], [257.4, 261, 264.6], [271.8, 275.4, 279]], rtol=1e-14)
    assert y.sum() == pytest.approx(6285.6, rel=1e-14)


def test_worked_example_by_hand_through_im2col():
    x, W = worked_example()
    col = F.im2col(x, (2, 2))
    assert col.shape == (18, 12) and W.reshape(3, -1).shape == (3, 12)
    t = W.reshape(3, -1) @ col.data.T
    y = t.T.reshape(2, 3, 3, 3).transpose(0, 3, 1, 2)
    np.testing.assert_allclose(y, F.conv2d(x, W).data, rtol=1e-14)


def test_shapes_of_the_book():
    assert F.im2col(np.zeros((1, 3, 7, 7)), kernel_size=5, stride=1, pad=0, to_matrix=True).shape == (9, 75)
    assert F.im2col(np.zeros((10, 3, 7, 7)), kernel_size=(5, 5), stride=1, pad=0, to_matrix=True).shape == (90, 75)
    assert F.conv2d_simple(np.zeros((1, 5, 15, 15)), np.zeros((8, 5, 3, 3)), None, 1, 1).shape == (1, 8, 15, 15)
    assert F.get_conv_outsize(4, 3, 1, 1) == 4
    assert F.get_conv_outsize(224, 7, 2, 3) == 112
    assert F.get_deconv_outsize(F.get_conv_outsize(9, 3, 2, 1), 3, 2, 1) == 9


def test_array_forms_take_the_arguments_in_the_same_order():
    x = rng.standard_normal((2, 2, 5, 4))
    for to_matrix in (True, False):
        col = F.im2col_array(x, (3, 2), (2, 1), 1, to_matrix)
        np.testing.assert_array_equal(col, F.im2col(x, (3, 2), (2, 1), 1, to_matrix).data)
        assert not np.shares_memory(col, x)
        image = F.col2im_array(col, x.shape, (3, 2), (2, 1), 1, to_matrix)
        np.testing.assert_array_equal(image, F.col2im(col, x.shape, (3, 2), (2, 1), 1, to_matrix).data)


# -- against PyTorch -------------------------------------------------------------------------------


def close(ours, theirs):
    for a, b in zip(ours, theirs, strict=True):
        b = b.detach().numpy()
        np.testing.assert_allclose(a.data, b, rtol=1e-9, atol=1e-10 * max(np.abs(b).max(initial=0), 1e-3))


@pytest.mark.parametrize("groups", [1, 2, 4])
@pytest.mark.parametrize("kernel", [(1, 1), (3, 2), (2, 3)])
def test_every_pair_of_options_equals_torch(kernel, groups):
    torch = pytest.importorskip("torch", reason="torch is not installed: the comparison with it is left out")
    for stride, pad, dilation in product([1, (2, 1), (3, 2)], [0, 1, (2, 1)], [1, (1, 2)]):
        x, W, b = normal(2, 4, 6, 7), normal(4, 4 // groups, *kernel), normal(4)
        for ours, theirs in ((F.conv2d, torch.conv2d), (F.deconv2d, torch.conv_transpose2d)):
            tx, tW, tb = [torch.tensor(v.data, requires_grad=True) for v in (x, W, b)]
            options = {"stride": stride, "dilation": dilation, "groups": groups}
            y = ours(x, W, b, pad=pad, **options)
            ty = theirs(tx, tW, tb, padding=pad, **options)
            close([y], [ty])
            gy = rng.standard_normal(y.shape)
            close(grad(y, [x, W, b], gy), torch.autograd.grad(ty, [tx, tW, tb], torch.tensor(gy)))


THIRD = [
    (lambda x, W, b: F.conv2d(x, W, b, 2, 1), lambda t, x, W, b: t.conv2d(x, W, b, 2, 1)),
    (lambda x, W, b: F.conv2d(x, W, b, pad=2, dilation=2, groups=1),
     lambda t, x, W, b: t.conv2d(x, W, b, padding=2, dilation=2)),
    (lambda x, W, b: F.deconv2d(x, W, b, 2, 1), lambda t, x, W, b: t.conv_transpose2d(x, W, b, 2, 1)),
    (lambda x, W, b: F.pooling(F.conv2d(x, W, b, pad=1), 3, 2, 1),
     lambda t, x, W, b: t.nn.functional.max_pool2d(t.conv2d(x, W, b, padding=1), 3, 2, 1)),
    (lambda x, W, b: F.average_pooling(F.conv2d(x, W, b), 2, 1),
     lambda t, x, W, b: t.nn.functional.avg_pool2d(t.conv2d(x, W, b), 2, 1)),
    (lambda x, W, b: F.resize(F.conv2d(x, W, b), (3, 7), mode="bilinear"),
     lambda t, x, W, b: t.nn.functional.interpolate(t.conv2d(x, W, b), (3, 7), mode="bilinear")),
]  # fmt: skip


@pytest.mark.parametrize("case", range(len(THIRD)))
def test_third_order_equals_torch(case):
    torch = pytest.importorskip("torch", reason="torch is not installed: the comparison with it is left out")
    ours, theirs = THIRD[case]
    arrays = [rng.standard_normal(s) for s in ((2, 2, 5, 4), (2, 2, 3, 3), (2,))]
    weights = [rng.standard_normal(a.shape) for a in arrays]
    xs, ts = [Variable(a) for a in arrays], [torch.tensor(a, requires_grad=True) for a in arrays]
    y = F.sum(ours(*xs) ** 4)
    ty = (theirs(torch, *ts) ** 4).sum()
    for order in (1, 2, 3):
        gxs = grad(y, xs, create_graph=order < 3)
        gts = torch.autograd.grad(ty, ts, create_graph=order < 3)
        close(gxs, gts)
        y = sum((F.sum(g * w) for g, w in zip(gxs, weights)), Variable(np.array(0.0)))
        ty = sum((g * torch.tensor(w)).sum() for g, w in zip(gts, weights))


# -- derivatives of the derivatives ----------------------------------------------------------------


def test_gradient_functions_are_differentiable_on_their_own():
    w = window("test", (3, 2), (2, 1), 1)
    x, gy = rng.standard_normal((2, 2, 5, 4)), rng.standard_normal((2, 4, 3, 5))
    check_grads(lambda x, gy: Conv2DGradW(w, 2)(x, gy), x, gy, order=3)
    _, indexes = kernels.max_pool(x, w)
    check_grads(lambda gy: Pooling2DGrad(indexes, x.shape)(gy), rng.standard_normal(indexes.shape), order=2)
    check_grads(lambda x: Pooling2DWithIndexes(indexes)(x), x, order=2)
    divisors = np.arange(1, 16).reshape(3, 5)
    check_grads(lambda gy: AveragePoolingGrad(w, divisors, x.shape)(gy), rng.standard_normal((2, 2, 3, 5)), order=2)


def test_deconvolution_is_the_adjoint_of_convolution_for_every_outsize():
    for outsize in product((5, 6), (7, 8, 9)):
        x, W = normal(2, 3, *outsize), normal(4, 3, 2, 3)
        y = F.conv2d(x, W, stride=(2, 3), pad=(1, 1))
        back = F.deconv2d(y, W, stride=(2, 3), pad=(1, 1), outsize=outsize)
        assert back.shape == x.shape
        np.testing.assert_allclose(np.vdot(y.data, y.data), np.vdot(x.data, back.data), rtol=1e-12)


def test_no_gradient_is_computed_for_a_constant(monkeypatch):
    def fail(*args):
        raise AssertionError("computed for a constant")

    x, W, b = rng.standard_normal((1, 2, 4, 4)), normal(3, 2, 3, 3), normal(3)
    for convolve in (F.conv2d, F.deconv2d):
        y = convolve(x, W if convolve is F.conv2d else Variable(W.data.swapaxes(0, 1).copy()))
        with monkeypatch.context() as patch:
            patch.setattr(kernels, "transpose_convolve" if convolve is F.conv2d else "convolve", fail)
            y.backward()
    y = F.conv1d(x[:, :, 0], Variable(W.data[:, :, 0].copy()))
    monkeypatch.setattr(kernels, "transpose_convolve", fail)
    y.backward()
    y = F.conv2d(Variable(x), W.data, b)
    monkeypatch.setattr(kernels, "weight_gradient", fail)
    grad(y, b)


# -- kernels ---------------------------------------------------------------------------------------


def test_images_in_blocks_give_what_they_give_at_once(monkeypatch):
    x, W = normal(5, 2, 6, 5), normal(4, 1, 3, 3)

    def run():
        y = F.conv2d(x, W, stride=2, pad=1, groups=2)
        return [y.data, *[g.data for g in grad(F.sum(y * y), [x, W])]]

    monkeypatch.setattr(kernels, "BLOCK", 1 << 30)
    at_once = run()
    for block in (0, 3000):
        monkeypatch.setattr(kernels, "BLOCK", block)
        for a, b in zip(run(), at_once):
            np.testing.assert_allclose(a, b, rtol=1e-12, atol=1e-12)


def test_half_precision_is_summed_up_in_single():
    x = np.ones((1, 4096, 1, 1), np.float16)
    y = F.conv2d(x, np.ones((1, 4096, 1, 1), np.float16))
    assert y.dtype == np.float16 and y.data[0, 0, 0, 0] == 4096  # 2049 is no half precision number: sums would stop
    big = np.full((1, 1, 8, 8), 60000, np.float16)
    for mean in (F.average_pooling(big, 8), F.adaptive_average_pooling(big, 1), F.resize(big, 3, mode="bilinear")):
        assert mean.dtype == np.float16 and (mean.data == 60000).all()


def test_integers_convolve_and_pool_as_numpy_would():
    x = np.arange(16, dtype=np.uint8).reshape(1, 1, 4, 4)
    assert F.pooling(x, 2, 2, 1).dtype == np.uint8
    assert F.pooling(x, 2, 2, 1).data.tolist() == [[[[0, 2, 3], [8, 10, 11], [12, 14, 15]]]]
    assert F.average_pooling(x + np.uint8(200), 2, 2).data.tolist() == [[[[202.5, 204.5], [210.5, 212.5]]]]
    assert F.conv2d(x.astype(int), np.ones((1, 1, 2, 2), int)).data[0, 0].tolist() == [
        [10, 14, 18], [26, 30, 34], [42, 46, 50]]  # fmt: skip
    assert F.resize(x, 2).data.tolist() == [[[[0, 2], [8, 10]]]] and F.resize(x, 8).dtype == np.uint8


# -- pooling ---------------------------------------------------------------------------------------


def test_the_first_maximum_gets_the_gradient():
    x = Variable(np.ones((1, 1, 4, 4)))
    for y in (F.pooling(x, 2, 2), F.adaptive_max_pooling(x, 2)):
        assert grad(y, x).data[0, 0].tolist() == [[1, 0, 1, 0], [0] * 4, [1, 0, 1, 0], [0] * 4]


def test_padding_is_never_a_maximum():
    x = Variable(-np.ones((1, 1, 3, 3)))
    y = F.pooling(x, 2, 2, 1)
    assert (y.data == -1).all()
    assert grad(y, x).data.sum() == y.data.size
    low = Variable(np.full((1, 1, 2, 2), -np.inf))
    y = F.pooling(low, 3, 1, 1)
    assert (y.data == -np.inf).all()
    assert grad(y, low).data[0, 0].tolist() == [[4, 0], [0, 0]]


def test_nan_is_the_largest_and_gets_the_gradient():
    x = np.arange(16.0).reshape(1, 1, 4, 4)
    x[0, 0, 0, 1] = np.nan
    x = Variable(x)
    for y in (F.pooling(x, 2, 2), F.adaptive_max_pooling(x, 2)):
        assert np.isnan(y.data).tolist() == [[[[True, False], [False, False]]]]
        assert grad(y, x).data[0, 0].tolist() == [[0, 1, 0, 0], [0, 0, 0, 1], [0] * 4, [0, 1, 0, 1]]


def test_a_window_of_more_than_256_pixels():
    x = normal(1, 2, 20, 21)
    y = F.pooling(x, (17, 19), pad=(1, 0))
    np.testing.assert_array_equal(y.data[:, :, 1, 0], x.data[:, :, :17, :19].max(axis=(2, 3)))
    assert grad(F.pooling(x, (20, 21)), x).data.ravel().nonzero()[0].tolist() == [
        x.data[0, 0].argmax(), 420 + x.data[0, 1].argmax()]  # fmt: skip


def test_an_infinite_pixel_stays_where_it_is():
    x = np.zeros((1, 1, 4, 4))
    x[0, 0, 0, 0] = np.inf
    assert np.isinf(F.resize(x, 2).data).tolist() == [[[[True, False], [False, False]]]]
    assert np.isinf(F.resize(x, 2, mode="bilinear", align_corners=True).data).tolist() == [
        [[[True, False], [False, False]]]]  # fmt: skip
    assert np.isinf(F.adaptive_average_pooling(x, 2).data).tolist() == [[[[True, False], [False, False]]]]
    x = Variable(np.zeros((1, 1, 4, 4)))
    assert np.isfinite(grad(F.resize(x, 2), x, gy=np.full((1, 1, 2, 2), np.inf)).data).sum() == 12


def test_pixel_unshuffle_undoes_pixel_shuffle():
    x = rng.standard_normal((2, 12, 3, 2))
    np.testing.assert_array_equal(F.pixel_unshuffle(F.pixel_shuffle(x, 2), 2).data, x)


# -- sizes -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("wrong", [[1, 1, 1], (1,), "11", 1.5, None, (1, 2.0)])
def test_pair_refuses_what_is_no_pair_in_words(wrong):
    with pytest.raises(ValueError, match="pair expects an integer or two of them, got"):
        pair(wrong)


def test_pair_takes_lists_and_numpy_integers():
    assert pair(np.int64(3)) == (3, 3) and pair([1, 2]) == (1, 2) and pair((np.int32(1), 2)) == (1, 2)
