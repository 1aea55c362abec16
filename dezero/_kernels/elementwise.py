"""Activations and their gradients, element by element or along an axis.

The references are formulas. Those of gradients are for two worlds, as all are: `m` is NumPy and all others are arrays,
or `m` is `dezero.functions` and all others are Variables. So derivatives of higher order need no formulas of their own.

The twins write into memory that is there already (``out=``), and share a large array between threads, piece by piece.
In the cache, an operation costs NumPy 0.07 ns for each float32, tanh 0.16, exp 0.3; but ``np.maximum(x, 0)`` 0.3 where
`np.clip` has 0.1, ``gy * (x > 0)`` 0.25, and `np.where` 3.6, if its condition has no pattern (AMD EPYC, AVX-512).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import isfinite, pi, sqrt
from typing import TypeVar

import numpy as np

from dezero._kernels.threads import in_threads, workers
from dezero._kernels.twins import Kernel, kernel
from dezero.cuda import Array, as_array

__all__ = [
    "bent", "bent_gradient", "blockwise", "elu_gradient", "gelu", "gelu_gradient", "gelu_share", "in_pieces",
    "log_softmax", "log_softmax_gradient", "power", "relu", "relu_gradient", "sigmoid", "sigmoid_gradient", "silu",
    "silu_gradient", "softmax", "softmax_gradient", "tanh_gradient",
]  # fmt: skip

T = TypeVar("T")

FAR = 1e4  # beyond, gates such as the sigmoid are 0 or 1 in every dtype; float16 holds it, and -inf * 0 is avoided
_A, _B = sqrt(2 / pi), 0.044715 * sqrt(2 / pi)

_TERMS = 1 << 10  # so many float32 may be added by BLAS, which adds up some dozens of sums side by side
_WORTH = 1 << 12  # elements from which on a twin repays the look at its arguments
_BLOCK = 1 << 15  # elements that fit the cache of one core together with what is computed from them
_PIECE = 1 << 18  # elements of a piece: its arrays fit the cache, and its work is long beside a change of threads


# -- pieces ----------------------------------------------------------------------------------------


def _alike(*arrays: Array) -> bool:
    """Whether all are worthwhile arrays of NumPy's, of one shape and one dtype of 32 or 64 bits."""
    first = arrays[0]
    if first.size < _WORTH:
        return False
    shape, dtype = first.shape, first.dtype
    return dtype.char in "fd" and all([type(x) is np.ndarray and x.dtype is dtype and x.shape == shape for x in arrays])


def in_pieces(work: Callable[..., T], *arrays: Array, whole: tuple[int, ...] = ()) -> list[T]:
    """The results of ``work(*arrays)`` on pieces of the arrays in turn, none of which cuts one of the `whole` axes."""
    first = arrays[0]
    count = -(-first.size // _PIECE)
    if first.size >= _PIECE // 2:
        count = max(count, workers())
    axes = [axis for axis in range(first.ndim) if axis not in whole]
    if count == 1 or not axes:
        return [work(*arrays)]
    shape = first.shape
    axis = next((axis for axis in axes if shape[axis] >= count), max(axes, key=shape.__getitem__))
    step = -(-shape[axis] // count)
    before = (slice(None),) * axis
    cuts = [(*before, slice(i, i + step)) for i in range(0, shape[axis], step)]

    def some(cuts: Sequence[tuple[slice, ...]]) -> list[T]:
        return [work(*[x[cut] for x in arrays]) for cut in cuts]

    return [result for results in in_threads(some, cuts) for result in results]


def blockwise(earned: str) -> Callable[[Callable[[Array], Array]], Kernel]:
    """Make a kernel of a formula that goes element by element; its twin computes blocks that stay in the cache."""

    def made(formula: Callable[[Array], Array]) -> Kernel:
        def put(x, y):
            before = (slice(None),) * (axis := x.shape.index(max(x.shape)))
            step = max(1, _BLOCK * x.shape[axis] // x.size)
            for i in range(0, x.shape[axis], step):
                cut = (*before, slice(i, i + step))
                y[cut] = formula(x[cut])

        def twin(x):
            y = np.empty_like(x)
            in_pieces(put, x, y)
            return y

        wrapped = kernel(formula)
        wrapped.twin(when=_alike, earned=earned)(twin)
        return wrapped

    return made


# -- sigmoid and its kin ---------------------------------------------------------------------------


@kernel
def sigmoid(x):
    """1 / (1 + e^-x), as a tanh: it cannot overflow, and NumPy computes it faster than exp."""
    return 0.5 * np.tanh(0.5 * x) + 0.5


@sigmoid.twin(
    when=_alike, earned="0.83 of the reference on 1e5 float32, 0.90 on 1e6, 0.65 on 8e6, one core; several share it"
)
def _sigmoid(x):
    y = np.empty_like(x)
    in_pieces(_put_sigmoid, x, y)
    return y


def _put_sigmoid(x, y):
    np.multiply(x, 0.5, out=y)
    np.tanh(y, out=y)
    y *= 0.5
    y += 0.5


@kernel
def sigmoid_gradient(gy, y):
    """The gradient of x where y = sigmoid(x)."""
    return gy * (y * (1 - y))


@sigmoid_gradient.twin(
    when=_alike, earned="0.90 of the reference on 1e5 float32, 1.08 on 1e6, 0.79 on 8e6, one core; several share it"
)
def _sigmoid_gradient(gy, y):
    def put(gy, y, gx):
        np.subtract(1, y, out=gx)
        gx *= y
        gx *= gy

    gx = np.empty_like(y)
    in_pieces(put, gy, y, gx)
    return gx


@kernel
def tanh_gradient(gy, y):
    """The gradient of x where y = tanh(x)."""
    return gy * (1 - y * y)


@tanh_gradient.twin(
    when=_alike, earned="0.77 of the reference on 1e5 float32, 0.95 on 1e6, 0.77 on 8e6, one core; several share it"
)
def _tanh_gradient(gy, y):
    def put(gy, y, gx):
        np.multiply(y, y, out=gx)
        np.subtract(1, gx, out=gx)
        gx *= gy

    gx = np.empty_like(y)
    in_pieces(put, gy, y, gx)
    return gx


@kernel
def silu(x):
    """x sigmoid(x), and the sigmoid for the gradient."""
    gate = 0.5 * np.tanh(0.5 * x) + 0.5
    return np.maximum(x, -FAR) * gate, gate


@silu.twin(when=_alike, earned="0.68 of the reference; 1e6 float32, one core")
def _silu(x):
    def put(x, y, gate):
        _put_sigmoid(x, gate)
        np.clip(x, -FAR, np.inf, out=y)
        y *= gate

    y, gate = np.empty_like(x), np.empty_like(x)
    in_pieces(put, x, y, gate)
    return y, gate


@kernel
def silu_gradient(m, gy, y, gate):
    """The gradient of x where y = x gate and gate = sigmoid(x)."""
    return gy * (gate + m.minimum(y, FAR) * (1 - gate))


@silu_gradient.twin(when=lambda m, *arrays: _alike(*arrays), earned="0.68 of the reference; 1e6 float32, one core")
def _silu_gradient(m, gy, y, gate):
    def put(gy, y, gate, gx):
        np.subtract(1, gate, out=gx)
        gx *= np.clip(y, -np.inf, FAR)
        gx += gate
        gx *= gy

    gx = np.empty_like(y)
    in_pieces(put, gy, y, gate, gx)
    return gx


# -- ramps -----------------------------------------------------------------------------------------


@kernel
def relu(x):
    """max(x, 0)."""
    return np.maximum(x, 0)


@relu.twin(
    when=_alike, earned="0.32 of the reference; 1e6 float32, one core: NumPy has no vector code for max(x, number)"
)
def _relu(x):
    y = np.empty_like(x)
    in_pieces(lambda x, y: np.clip(x, 0, np.inf, out=y), x, y)
    return y


@kernel
def relu_gradient(gy, y):
    """The gradient of x where y = relu(x), or y = x."""
    return gy * (y > 0)


@relu_gradient.twin(
    when=_alike, earned="0.92 of the reference on 1e5 float32, 1.00 on 1e6, 0.91 on 8e6, one core; several share it"
)
def _relu_gradient(gy, y):
    def put(gy, y, gx):
        np.greater(y, 0, out=gx)
        gx *= gy

    gx = np.empty_like(y)
    in_pieces(put, gy, y, gx)
    return gx


@kernel
def bent(x, slope):
    """x where it is positive, slope times x elsewhere."""
    return np.where(x > 0, x, x * slope)


@bent.twin(when=lambda x, slope: _alike(x) and 0 < slope <= 1, earned="0.04 of the reference; 1e6 float32, one core")
def _bent(x, slope):
    def put(x, y):
        np.multiply(x, slope, out=y)
        np.maximum(x, y, out=y)

    y = np.empty_like(x)
    in_pieces(put, x, y)
    return y


@kernel
def bent_gradient(m, gy, x, slope):
    """The gradient of the x of `bent`, given x as an array."""
    return m.where(x > 0, gy, gy * slope)


@bent_gradient.twin(
    when=lambda m, gy, x, slope: _alike(gy, x) and isfinite(slope),
    earned="0.08 of the reference; 1e6 float32, one core",
)
def _bent_gradient(m, gy, x, slope):
    def put(gy, x, gx):
        np.greater(x, 0, out=gx)
        gx *= 1 - slope  # now 0 or 1 - slope
        gx += slope
        gx *= gy

    gx = np.empty_like(x)
    in_pieces(put, gy, x, gx)
    return gx


@kernel
def elu_gradient(m, gy, x, positive, scale, low, rate):
    """gy scale where x is positive, gy low e^(rate x) elsewhere."""
    bend = m.exp(m.where(positive, 0, x) * rate)
    return m.where(positive, gy * scale, gy * bend * low)


@elu_gradient.twin(
    when=lambda m, gy, x, positive, scale, low, rate: _alike(gy, x) and isfinite(scale) and isfinite(low),
    earned="0.11 of the reference; 1e6 float32, one core",
)
def _elu_gradient(m, gy, x, positive, scale, low, rate):
    def put(gy, x, positive, gx):
        np.clip(x, -np.inf, 0, out=gx)
        gx *= rate
        np.exp(gx, out=gx)  # 1 where x is positive
        factor = positive.astype(gx.dtype)
        factor *= scale - low
        factor += low
        gx *= factor
        gx *= gy

    gx = np.empty_like(x)
    in_pieces(put, gy, x, positive, gx)
    return gx


# -- gelu ------------------------------------------------------------------------------------------


def gelu_share(m, near, approximate):
    """The factor beside x in gelu(x), exactly or through tanh, where near is x between -40 and 40."""
    if approximate == "none":
        return 0.5 + 0.5 * m.erf(near * sqrt(0.5))
    return 0.5 + 0.5 * m.tanh(near * (_A + _B * (near * near)))


@kernel
def gelu(m, x, approximate):
    """x times its share, and the share, for the gradient."""
    share = gelu_share(m, m.clip(x, -40, 40), approximate)  # 0 or 1 there; and the cube of 40 still fits float16
    return m.maximum(x, -40) * share, share


@gelu.twin(
    when=lambda m, x, approximate: approximate == "tanh" and _alike(x),
    earned="0.69 of the reference; 1e6 float32, one core",
)
def _gelu(m, x, approximate):
    def put(x, y, share):
        np.clip(x, -40, 40, out=y)
        np.multiply(y, y, out=share)
        share *= _B
        share += _A
        share *= y
        np.tanh(share, out=share)
        share *= 0.5
        share += 0.5
        np.clip(x, -40, np.inf, out=y)
        y *= share

    y, share = np.empty_like(x), np.empty_like(x)
    in_pieces(put, x, y, share)
    return y, share


@kernel
def gelu_gradient(m, gy, x, share, approximate):
    """The gradient of x where gelu(x) = x share."""
    x = m.clip(x, -40, 40)
    if approximate == "none":
        slope = m.exp(x * x * -0.5) * (1 / sqrt(2 * pi))
    else:
        slope = share * (1 - share) * (2 * _A + 6 * _B * (x * x))
    return gy * (share + x * slope)


@gelu_gradient.twin(
    when=lambda m, gy, x, share, approximate: _alike(gy, x, share),
    earned="0.70 of the reference; 1e6 float32, one core",
)
def _gelu_gradient(m, gy, x, share, approximate):
    def put(gy, x, share, gx):
        x = np.clip(x, -40, 40)
        np.multiply(x, x, out=gx)
        if approximate == "none":
            gx *= -0.5
            np.exp(gx, out=gx)
            gx *= 1 / sqrt(2 * pi)
            gx *= x
        else:
            gx *= 6 * _B
            gx += 2 * _A
            gx *= x
            np.subtract(1, share, out=x)
            x *= share
            gx *= x
        gx += share
        gx *= gy

    gx = np.empty_like(x)
    in_pieces(put, gy, x, share, gx)
    return gx


# -- powers ----------------------------------------------------------------------------------------


@kernel
def power(x, c):
    """x to the power c, a number; x is an array or a Variable."""
    return x**c


@power.twin(
    when=lambda x, c: type(x) is np.ndarray and c in (3, 4, -2, -3, -4) and x.dtype.char in "fd",
    earned="0.003 of the reference, which takes logarithms for most exponents; 1e6 float32, one core",
)
def _product(x, c):
    if c < 0:
        x, c = 1 / x, -c
    y = x * x
    if c > 2:
        y *= x if c == 3 else y
    return y


# -- along an axis ---------------------------------------------------------------------------------


def _by_rows(*arrays_and_axis):
    """Whether the axis is the last one."""
    *arrays, axis = arrays_and_axis
    x = arrays[0]
    return x.size >= _WORTH and axis in (-1, x.ndim - 1) and _alike(*arrays)


def _total(x: Array, weights: Array) -> Array:
    """The sum of x times weights along the last axis, which is kept."""
    if x.shape[-1] > _TERMS:
        return (x * weights).sum(axis=-1, keepdims=True)
    return np.vecdot(x, weights)[..., None]


@kernel
def softmax(x, axis):
    """e^x over its sum along the axis."""
    y = _below_maximum(x, axis)
    np.exp(y, out=y)
    y /= y.sum(axis=axis, keepdims=True)
    return y


@softmax.twin(
    when=_by_rows,
    earned="0.92 of the reference on 100 x 1000 float32, 1.00 on 1000, 0.85 on 8000 rows, one core; several share it",
)
def _softmax(x, axis):
    ones = np.ones(x.shape[-1], x.dtype)

    def put(x, y):
        _put_below_maximum(x, y)
        np.exp(y, out=y)
        y /= _total(y, ones)

    y = np.empty_like(x)
    in_pieces(put, x, y, whole=(x.ndim - 1,))
    return y


@kernel
def softmax_gradient(m, gy, y, axis):
    """The gradient of x where y = softmax(x)."""
    return y * (gy - m.sum(gy * y, axis=axis, keepdims=True))


@softmax_gradient.twin(
    when=lambda m, *rest: _by_rows(*rest), earned="0.69 of the reference; 1000 x 1000 float32, one core"
)
def _softmax_gradient(m, gy, y, axis):
    def put(gy, y, gx):
        np.subtract(gy, _total(gy, y), out=gx)
        gx *= y

    gx = np.empty_like(y)
    in_pieces(put, gy, y, gx, whole=(y.ndim - 1,))
    return gx


@kernel
def log_softmax(x, axis):
    """x minus the logarithm of the sum of e^x along the axis."""
    y = _below_maximum(x, axis)
    if x.size:
        y -= np.log(np.exp(y).sum(axis=axis, keepdims=True))
    return y


@log_softmax.twin(
    when=_by_rows,
    earned="0.93 of the reference on 100 x 1000 float32, 0.93 on 1000, 0.83 on 8000 rows, one core; several share it",
)
def _log_softmax(x, axis):
    ones = np.ones(x.shape[-1], x.dtype)

    def put(x, y):
        _put_below_maximum(x, y)
        y -= np.log(_total(np.exp(y), ones))

    y = np.empty_like(x)
    in_pieces(put, x, y, whole=(x.ndim - 1,))
    return y


@kernel
def log_softmax_gradient(m, gy, y, axis):
    """The gradient of x where y = log_softmax(x)."""
    return gy - m.exp(y) * m.sum(gy, axis=axis, keepdims=True)


@log_softmax_gradient.twin(
    when=lambda m, *rest: _by_rows(*rest), earned="0.79 of the reference; 1000 x 1000 float32, one core"
)
def _log_softmax_gradient(m, gy, y, axis):
    ones = np.ones(y.shape[-1], y.dtype)

    def put(gy, y, gx):
        np.exp(y, out=gx)
        gx *= _total(gy, ones)
        np.subtract(gy, gx, out=gx)

    gx = np.empty_like(y)
    in_pieces(put, gy, y, gx, whole=(y.ndim - 1,))
    return gx


def _put_below_maximum(x, y):
    with np.errstate(over="ignore"):
        np.subtract(x, x.max(axis=-1, keepdims=True), out=y)


def _below_maximum(x: Array, axis: int | tuple[int, ...]) -> Array:
    """A new array: x shifted so that its largest element along the axis is 0, of which exp cannot overflow."""
    if x.dtype.kind != "f":
        x = x.astype(float)
    if not x.size:
        return x.copy()
    with np.errstate(over="ignore"):  # a difference beyond the dtype is -inf, whose exp is the 0 it should be
        return as_array(x - x.max(axis=axis, keepdims=True))
