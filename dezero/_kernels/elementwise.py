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
from dezero._kernels.twins import kernel
from dezero.cuda import Array, as_array

__all__ = [
    "bent", "bent_gradient", "elu_gradient", "erf", "gelu", "gelu_and_slope", "in_pieces",
    "log_softmax", "log_softmax_gradient", "power", "relu", "relu_gradient", "sigmoid", "sigmoid_gradient", "silu",
    "silu_gradient", "softmax", "softmax_gradient", "tanh_gradient",
]  # fmt: skip

T = TypeVar("T")

FAR = 1e4  # beyond, gates such as the sigmoid are 0 or 1 in every dtype; float16 holds it, and -inf * 0 is avoided
_A, _B = sqrt(2 / pi), 0.044715 * sqrt(2 / pi)

_TERMS = 1 << 10  # so many float32 may be added by BLAS, which adds up some dozens of sums side by side
_WORTH = 1 << 12  # elements from which on a twin repays the look at its arguments
_PIECE = 1 << 20  # bytes of an array in a piece: some fit the cache
_SHARED = 3 << 20  # bytes from which on the work is long beside a change of threads, which takes some 50 us


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
    count = -(-first.nbytes // _PIECE)
    if first.nbytes >= _SHARED:
        count = max(count, workers())
    axes = [axis for axis in range(first.ndim) if axis not in whole]
    if count == 1 or not axes:
        return [work(*arrays)]
    axes.sort(key=first.strides.__getitem__, reverse=True)  # what is in a piece should lie together in memory
    shape = first.shape
    axis = next((axis for axis in axes if shape[axis] >= count), max(axes, key=shape.__getitem__))
    step = -(-shape[axis] // count)
    before = (slice(None),) * axis
    cuts = [(*before, slice(i, i + step)) for i in range(0, shape[axis], step)]

    def some(cuts: Sequence[tuple[slice, ...]]) -> list[T]:
        return [work(*[x[cut] for x in arrays]) for cut in cuts]

    if first.nbytes < _SHARED:
        return some(cuts)
    return [result for results in in_threads(some, cuts) for result in results]


def filled(put: Callable[..., object], *arrays: Array, whole: tuple[int, ...] = ()) -> Array:
    """A new array in memory like the last of the arrays; ``put(*arrays, new)`` fills it in pieces, as `in_pieces`."""
    new = np.empty_like(arrays[-1])
    in_pieces(put, *arrays, new, whole=whole)
    return new


# -- sigmoid and its kin ---------------------------------------------------------------------------


@kernel
def sigmoid(x):
    """1 / (1 + e^-x), as a tanh: it cannot overflow, and NumPy computes it faster than exp."""
    return 0.5 * np.tanh(0.5 * x) + 0.5


@sigmoid.twin(
    when=_alike, earned="0.83 of the reference on 1e5 float32, 0.90 on 1e6, 0.65 on 8e6, one core; several share it"
)
def _sigmoid(x):
    return filled(_put_sigmoid, x)


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

    return filled(put, gy, y)


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

    return filled(put, gy, y)


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
    def put(gy, gate, y, gx):
        np.subtract(1, gate, out=gx)
        gx *= np.clip(y, -np.inf, FAR)
        gx += gate
        gx *= gy

    return filled(put, gy, gate, y)


# -- ramps -----------------------------------------------------------------------------------------


@kernel
def relu(x):
    """max(x, 0)."""
    return np.maximum(x, 0)


@relu.twin(
    when=_alike, earned="0.32 of the reference; 1e6 float32, one core: NumPy has no vector code for max(x, number)"
)
def _relu(x):
    return filled(lambda x, y: np.clip(x, 0, np.inf, out=y), x)


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

    return filled(put, gy, y)


@kernel
def bent(x, slope):
    """x where it is positive, slope times x elsewhere."""
    return np.where(x > 0, x, x * slope)


@bent.twin(when=lambda x, slope: _alike(x) and 0 < slope <= 1, earned="0.04 of the reference; 1e6 float32, one core")
def _bent(x, slope):
    def put(x, y):
        np.multiply(x, slope, out=y)
        np.maximum(x, y, out=y)

    return filled(put, x)


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

    return filled(put, gy, x)


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
    def put(gy, positive, x, gx):
        np.clip(x, -np.inf, 0, out=gx)
        gx *= rate
        np.exp(gx, out=gx)  # 1 where x is positive
        factor = positive.astype(gx.dtype)
        factor *= scale - low
        factor += low
        gx *= factor
        gx *= gy

    return filled(put, gy, positive, x)


# -- the error function ----------------------------------------------------------------------------

_NEAR = ((1.85777706184603153e-1, 3.16112374387056560e0, 1.13864154151050156e2, 3.77485237685302021e2,
          3.20937758913846947e3),
         (1.0, 2.36012909523441209e1, 2.44024637934444173e2, 1.28261652607737228e3, 2.84423683343917062e3))  # fmt: skip
_FAR = ((2.15311535474403846e-8, 5.64188496988670089e-1, 8.88314979438837594e0, 6.61191906371416295e1,
         2.98635138197400131e2, 8.81952221241769090e2, 1.71204761263407058e3, 2.05107837782607147e3,
         1.23033935479799725e3),
        (1.0, 1.57449261107098347e1, 1.17693950891312499e2, 5.37181101862009858e2, 1.62138957456669019e3,
         3.29079923573345963e3, 4.36261909014324716e3, 3.43936767414372164e3, 1.23033935480374942e3))  # fmt: skip

# erf(x) is the tanh of x (c0 + c1 x^2 + c2 x^4 + ...) but for 7.1e-8 of it: no polynomial of this length comes closer
# for |x| < 3.95 (found by linear programming); it grows on to where the tanh is 1.
_TANH = (1.12837925, 0.102769871, -1.95303728e-4, -6.14823354e-4, 8.45899305e-5, -4.79314519e-6, 2.74254696e-8,
         5.42737278e-9)  # fmt: skip


@kernel
def erf(x):
    """The error function of an array by Cody's two rational approximations, for small and for larger |x|."""
    x = np.clip(x, -6.0, 6.0)  # beyond, 1 - |erf x| is below 1e-16
    distance = np.absolute(x)
    square = x * x
    near = x * _ratio(_NEAR, square)
    far = np.copysign(1 - np.exp(-square) * _ratio(_FAR, distance), x)
    chosen = (distance <= 0.46875).astype(x.dtype)
    return near * chosen + far * (1 - chosen)  # in place of np.where, which stumbles over a condition of no pattern


def _ratio(coefficients, x):
    """The quotient of two polynomials of x, by Horner's rule."""
    values = []
    for first, *rest in coefficients:
        y = first * x
        for c in rest[:-1]:
            y += c
            y *= x
        values.append(y + rest[-1])
    return values[0] / values[1]


@erf.twin(when=_alike, earned="0.21 of the reference; 1e6 float32, one core; 0.67 in float64")
def _erf(x):
    return filled(lambda x, y: _put_erf(np.clip(x, -40, 40), y), x)


def _put_erf(x, y):
    """y becomes erf(x), where x is between -40 and 40."""
    if x.dtype.char == "d":
        y[...] = erf.reference(x)
        return
    square = x * x
    first, *rest, last = _TANH
    np.multiply(square, last, out=y)
    for c in reversed(rest):
        y += c
        y *= square
    y += first
    y *= x
    np.tanh(y, out=y)


# -- gelu ------------------------------------------------------------------------------------------


def _share(m, near, approximate):
    """The factor beside x in gelu(x), exactly or through tanh, where near is x between -40 and 40."""
    if approximate == "none":
        return 0.5 + 0.5 * m.erf(near * sqrt(0.5))
    return 0.5 + 0.5 * m.tanh(near * (_A + _B * (near * near)))


@kernel
def gelu(m, x, approximate):
    """x times its share."""
    return m.maximum(x, -40) * _share(m, m.clip(x, -40, 40), approximate)


@kernel
def gelu_and_slope(m, x, approximate):
    """gelu(x) and its derivative, which is cheaper here than later: both need the same share and square."""
    near = m.clip(x, -40, 40)  # beyond, the share is 0 or 1; and the cube of 40 still fits float16
    share = _share(m, near, approximate)
    if approximate == "none":
        change = m.exp(near * near * -0.5) * (1 / sqrt(2 * pi))
    else:
        change = share * (1 - share) * (2 * _A + 6 * _B * (near * near))
    return m.maximum(x, -40) * share, share + near * change


@gelu.twin(when=lambda m, x, approximate: _alike(x), earned="0.52 of the reference; 1e6 float32, tanh, one core")
def _gelu(m, x, approximate):
    def put(x, y):
        _, up = _put_share(approximate, x, y, np.empty_like(x))
        y *= up

    return filled(put, x)


@gelu_and_slope.twin(
    when=lambda m, x, approximate: _alike(x), earned="0.56 of the reference; 1e6 float32, tanh, one core"
)
def _gelu_and_slope(m, x, approximate):
    def put(x, y, slope):
        near, up = _put_share(approximate, x, y, slope)
        if approximate == "none":
            slope *= -0.5
            np.exp(slope, out=slope)
            slope *= 1 / sqrt(2 * pi)
        else:
            slope *= 6 * _B
            slope += 2 * _A
            slope *= y
            slope *= 1 - y
        slope *= near
        slope += y
        y *= up

    y, slope = np.empty_like(x), np.empty_like(x)
    in_pieces(put, x, y, slope)
    return y, slope


def _put_share(approximate, x, share, square):
    """Also returned: x between -40 and 40, and x from -40 upwards."""
    near = up = x
    if not -40 < x.min() <= x.max() < 40:  # to look at x takes half the time of np.clip
        near, up = np.clip(x, -40, 40), np.clip(x, -40, np.inf)
    np.multiply(near, near, out=square)
    if approximate == "none":
        _put_erf(near * sqrt(0.5), share)
    else:
        np.multiply(square, _B, out=share)
        share += _A
        share *= near
        np.tanh(share, out=share)
    share *= 0.5
    share += 0.5
    return near, up


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

    return filled(put, x, whole=(x.ndim - 1,))


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

    return filled(put, gy, y, whole=(y.ndim - 1,))


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

    return filled(put, x, whole=(x.ndim - 1,))


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

    return filled(put, gy, y, whole=(y.ndim - 1,))


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
