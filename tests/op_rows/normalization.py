"""Rows: normalization."""

import numpy as np

import dezero.functions as F
from dezero import test_mode
from tests.op_table import Op, at, error, fixed

MEAN, VAR = np.array([0.5, -0.3, 0.1]), np.array([0.7, 1.9, 0.2])
ONE, TWO = np.ones(1), np.ones(2)


# -- oracles: one slice at a time ------------------------------------------------------------------


def standardized(x, eps):
    return (x - np.mean(x)) / np.sqrt(np.var(x) + eps)


def scaled(y, gamma, beta):
    y = y if gamma is None else y * gamma
    return y if beta is None else y + beta


def batch_norm(x, gamma, beta, mean=None, var=None, decay=0.9, eps=2e-5):
    y = np.empty(x.shape)
    for c in range(x.shape[1]):
        parameters = [None if p is None else p[c] for p in (gamma, beta)]
        y[:, c] = scaled(standardized(x[:, c], eps), *parameters)
    return y


def batch_norm_in_testing(x, gamma, beta, mean, var, eps=2e-5):
    y = np.empty(x.shape)
    for c in range(x.shape[1]):
        parameters = [None if p is None else p[c] for p in (gamma, beta)]
        y[:, c] = scaled((x[:, c] - mean[c]) / np.sqrt(var[c] + eps), *parameters)
    return y


def layer_norm(x, gamma=None, beta=None, axis=-1, eps=1e-5):
    axes = sorted(a % x.ndim for a in np.atleast_1d(axis))
    rest = [a for a in range(x.ndim) if a not in axes]
    back = np.argsort(rest + axes)
    x = x.transpose(rest + axes)
    y = np.empty(x.shape)
    for index in np.ndindex(x.shape[: len(rest)]):
        y[index] = scaled(standardized(x[index], eps), gamma, beta)
    return y.transpose(back)


def group_norm(x, groups, gamma=None, beta=None, eps=1e-5):
    y, size = np.empty(x.shape), x.shape[1] // groups
    for n in range(len(x)):
        for c in range(x.shape[1]):
            first = c // size * size
            group = standardized(x[n, first : first + size], eps)
            y[n, c] = scaled(group[c - first], *[None if p is None else p[c] for p in (gamma, beta)])
    return y


def instance_norm(x, gamma=None, beta=None, eps=1e-5):
    return group_norm(x, x.shape[1], gamma, beta, eps)


def rms_norm(x, gamma=None, axis=-1, eps=2.0**-52):
    y = x / np.sqrt(np.mean(x**2, axis=axis, keepdims=True) + eps)
    return y if gamma is None else y * gamma


# -- ours in test mode, and PyTorch's --------------------------------------------------------------


def batch_norm_with_running(*args, **options):
    with test_mode():
        return F.batch_norm(*args, **options)


batch_norm_with_running.__name__ = "batch_norm"


def tensors(t, gamma, beta, shape):
    """The parameters as tensors; ones for a missing gamma, without which torch has no second derivative."""
    gamma = t.ones(shape, dtype=t.float64) if gamma is None and beta is not None else gamma
    return [None if p is None else t.as_tensor(p) for p in (gamma, beta)]


def torch_batch_norm(t, x, gamma, beta, mean=None, var=None, decay=0.9, eps=2e-5):
    gamma, beta = tensors(t, gamma, beta, x.shape[1])
    return t.nn.functional.batch_norm(x, None, None, gamma, beta, True, 1 - decay, eps)


def torch_batch_norm_in_testing(t, x, gamma, beta, mean, var, eps=2e-5):
    gamma, beta = tensors(t, gamma, beta, x.shape[1])
    return t.nn.functional.batch_norm(x, t.as_tensor(mean), t.as_tensor(var), gamma, beta, False, 0.1, eps)


def torch_layer_norm(t, x, gamma=None, beta=None, axis=-1, eps=1e-5):
    axes = sorted(a % x.ndim for a in np.atleast_1d(axis))
    last = list(range(x.ndim - len(axes), x.ndim))
    x = t.movedim(x, axes, last)
    shape = x.shape[last[0] :]
    return t.movedim(t.nn.functional.layer_norm(x, shape, *tensors(t, gamma, beta, shape), eps), last, axes)


def torch_group_norm(t, x, groups, gamma=None, beta=None, eps=1e-5):
    return t.nn.functional.group_norm(x, groups, *tensors(t, gamma, beta, x.shape[1]), eps)


def torch_instance_norm(t, x, gamma=None, beta=None, eps=1e-5):
    gamma, beta = tensors(t, gamma, beta, x.shape[1])
    return t.nn.functional.instance_norm(x, weight=gamma, bias=beta, eps=eps)


def torch_rms_norm(t, x, gamma=None, axis=-1, eps=None):
    return t.nn.functional.rms_norm(x, x.shape[-np.size(axis) :], gamma, eps)


ROWS = [
    Op(F.batch_norm, batch_norm, [
        at((5, 2), (2,), (2,)), at((3, 2, 2), (2,), (2,)), at((2, 2, 2, 2), (2,), (2,)),
        at((2, 1, 2, 1, 2), (1,), (1,)), at((4, 3), (3,), (3,), fixed(MEAN), fixed(VAR)), at((4, 2), None, None),
        at((4, 2), (2,), None), at((4, 2), None, (2,), eps=0.1), at((2, 2, 2, 1), fixed(TWO), fixed(TWO))],
       torch=torch_batch_norm,
       errors=[error(np.ones(3), ONE, ONE, kind=ValueError,
                     text="batch_norm expects x of shape (N, C) or (N, C, ...), got (3,)"),
               error(np.ones((4, 3)), TWO, TWO, kind=ValueError,
                     text="batch_norm expects gamma of shape (3,), got (2,)"),
               error(np.ones((4, 2)), TWO, ONE, kind=ValueError,
                     text="batch_norm expects beta of shape (2,), got (1,)"),
               error(np.ones((4, 2)), TWO, TWO, np.ones(3), np.ones(3), kind=ValueError,
                     text="batch_norm expects mean of shape (2,), got (3,)"),
               error(np.ones((4, 2)), TWO, TWO, np.ones(2), kind=ValueError,
                     text="batch_norm expects running statistics mean and var, or None for both, got None for var"),
               error(np.ones((4, 2)), TWO, TWO, [0, 0], [1, 1], kind=TypeError,
                     text="batch_norm expects a floating-point array as running mean, to update in place, got list"),
               error(np.ones((4, 2)), TWO, TWO, np.zeros(2), np.ones(2, int), kind=TypeError,
                     text="as running var, to update in place, got an array of dtype int64"),
               error(np.ones((0, 2)), TWO, TWO, kind=ValueError,
                     text="batch_norm expects at least one element for every channel, got x of shape (0, 2)"),
               error(None, TWO, TWO, kind=TypeError, text="got NoneType")]),
    Op(F.batch_norm, batch_norm, [at((1, 2), (2,), (2,))], name="one"),  # refused by torch
    Op(batch_norm_with_running, batch_norm_in_testing, [
        at((2, 3), (3,), (3,), fixed(MEAN), fixed(VAR)), at((2, 3, 1, 2), (3,), (3,), fixed(MEAN), fixed(VAR)),
        at((2, 3, 2), None, None, fixed(MEAN), fixed(VAR)), at((2, 3, 2), (3,), None, fixed(MEAN), fixed(VAR), eps=0.1),
        at((0, 3), None, (3,), fixed(MEAN), fixed(VAR))],
       torch=torch_batch_norm_in_testing, name="testing"),
    Op(F.layer_norm, layer_norm, [
        at((2, 4), (4,), (4,)), at((2, 4)), at((2, 4), (4,)), at((2, 4), None, (4,), eps=0.1), at((4,), (4,), (4,)),
        at((2, 2, 3), (2, 3), (2, 3), axis=(-2, -1)), at((2, 2, 3), (2,), (2,), axis=1),
        at((2, 2, 2), (2, 2), (2, 2), axis=[2, 0]), at((0, 3), (3,), (3,)), at((2, 3), fixed(np.ones(3)), (3,))],
       torch=torch_layer_norm,
       errors=[error(np.ones((2, 3)), axis=2, kind=np.exceptions.AxisError, text="layer_norm: axis 2 is out of bounds"),
               error(np.ones((2, 3)), np.ones(2), kind=ValueError,
                     text="layer_norm expects gamma of shape (3,), got (2,)"),
               error(np.ones((2, 3)), np.ones(3), np.ones((1, 3)), kind=ValueError,
                     text="layer_norm expects beta of shape (3,), got (1, 3)"),
               error(np.ones((2, 0)), kind=ValueError,
                     text="layer_norm expects at least one element to take the mean of, got x of shape (2, 0)")]),
    Op(F.group_norm, group_norm, [
        at((2, 4, 2), 2, (4,), (4,)), at((2, 4), 2), at((1, 4, 1, 2), 1, (4,), None),
        at((2, 2, 2, 2, 1), 2, None, (2,))],
       torch=torch_group_norm,
       errors=[error(np.ones(4), 2, kind=ValueError,
                     text="group_norm expects x of shape (N, C) or (N, C, ...), got (4,)"),
               error(np.ones((2, 4)), 3, kind=ValueError,
                     text="group_norm expects groups that divide the 4 channels of x, got 3"),
               error(np.ones((2, 4)), 0, kind=ValueError, text="group_norm expects groups that divide"),
               error(np.ones((2, 4)), 2, np.ones(2), kind=ValueError,
                     text="group_norm expects gamma of shape (4,), got (2,)"),
               error(np.ones((2, 4)), 2, None, np.ones(2), kind=ValueError,
                     text="group_norm expects beta of shape (4,), got (2,)"),
               error(np.ones((2, 4, 0)), 2, kind=ValueError, text="group_norm expects at least one element")]),
    Op(F.instance_norm, instance_norm, [
        at((2, 2, 3), (2,), (2,)), at((1, 2, 2, 2)), at((1, 2, 2, 1, 2), (2,), None, eps=0.1),
        at((2, 1, 3), None, (1,))],
       torch=torch_instance_norm,
       errors=[error(np.ones((2, 3)), kind=ValueError,
                     text="instance_norm expects x of shape (N, C, L), (N, C, H, W)"),
               error(np.ones((2, 3, 4)), np.ones(4), kind=ValueError,
                     text="instance_norm expects gamma of shape (3,), got (4,)"),
               error(np.ones((2, 3, 4)), None, np.ones(4), kind=ValueError,
                     text="instance_norm expects beta of shape (3,), got (4,)"),
               error(np.ones((2, 3, 0)), kind=ValueError, text="instance_norm expects at least one element")]),
    Op(F.rms_norm, rms_norm, [
        at((2, 4), (4,), eps=1e-5), at((2, 4)), at((4,), (4,), eps=0.1), at((2, 2, 3), (2, 3), axis=(1, 2), eps=1e-5),
        at((0, 3), (3,))],
       torch=torch_rms_norm,
       errors=[error(np.ones((2, 3)), axis=-3, kind=np.exceptions.AxisError, text="rms_norm: axis -3 is out of bounds"),
               error(np.ones((2, 3)), np.ones(2), kind=ValueError,
                     text="rms_norm expects gamma of shape (3,), got (2,)"),
               error(np.ones((2, 0)), kind=ValueError, text="rms_norm expects at least one element")]),
]  # fmt: skip
