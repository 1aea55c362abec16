"""Steps of recurrent layers, between the product with the weights and the new state.

The references are formulas for two worlds, as gradients are: `m` is NumPy and all others are arrays, or `m` is
`dezero.functions` and all others are Variables. So derivatives of higher order need no formulas of their own.
"""

from __future__ import annotations

from types import ModuleType

import numpy as np

from dezero._kernels.twins import kernel
from dezero.cuda import Array

__all__ = ["gru", "gru_gradient", "lstm", "lstm_gradient"]


def _plain(m, *arrays):
    """Whether all are matrices of NumPy's, of one dtype of 32 or 64 bits."""
    dtype = arrays[0].dtype
    return dtype.char in "fd" and all([type(x) is np.ndarray and x.dtype is dtype and x.ndim == 2 for x in arrays])


def _sigmoid(m, x):
    return 0.5 * m.tanh(0.5 * x) + 0.5


def _squash(a, sigmoids):
    """Replace the first columns of a by their sigmoid and the others by their tanh."""
    gates = a[:, :sigmoids]
    gates *= 0.5
    np.tanh(a, out=a)
    gates *= 0.5
    gates += 0.5


# -- LSTM ------------------------------------------------------------------------------------------


@kernel
def lstm(m: ModuleType, a: Array, c: Array) -> tuple[Array, Array, Array, Array]:
    """A step from the sums a (N, 4H) of f, i, o and u, which may be written to, and the cell c (N, H).

    Returns the new h and c, and for the gradient the gates (N, 4H) and tanh c.
    """
    H = c.shape[1]
    gates = m.concatenate([_sigmoid(m, a[:, : 3 * H]), m.tanh(a[:, 3 * H :])], axis=1)
    f, i, o, u = m.split(gates, 4, axis=1)
    c = f * c + i * u
    t = m.tanh(c)
    return o * t, c, gates, t


@lstm.twin(when=_plain, earned="0.54 of the reference; N32 H100 float32, one core")
def _lstm_in_place(m, a, c):
    H = c.shape[1]
    _squash(a, 3 * H)
    f, i, o, u = a[:, :H], a[:, H : 2 * H], a[:, 2 * H : 3 * H], a[:, 3 * H :]
    c = f * c
    t = i * u
    c += t
    np.tanh(c, out=t)
    return o * t, c, a, t


@kernel
def lstm_gradient(m: ModuleType, gh: Array, gc: Array, gates: Array, t: Array, c: Array) -> tuple[Array, Array]:
    """The gradients of the sums a (N, 4H) and of the old cell c, from those of the new h and c (N, H)."""
    f, i, o, u = m.split(gates, 4, axis=1)
    gc = gc + gh * o * (1 - t * t)
    ga = [gc * c * (f * (1 - f)), gc * u * (i * (1 - i)), gh * t * (o * (1 - o)), gc * i * (1 - u * u)]
    return m.concatenate(ga, axis=1), gc * f


@lstm_gradient.twin(when=_plain, earned="0.68 of the reference; N32 H100 float32, one core")
def _lstm_gradient_in_place(m, gh, gc, gates, t, c):
    H = c.shape[1]
    f, i, o, u = gates[:, :H], gates[:, H : 2 * H], gates[:, 2 * H : 3 * H], gates[:, 3 * H :]
    ga = np.subtract(1, gates)
    ga *= gates
    last = ga[:, 3 * H :]
    np.multiply(u, u, out=last)
    np.subtract(1, last, out=last)
    s = t * t
    old = np.subtract(1, s)
    old *= o
    old *= gh
    old += gc
    for k, (x, y) in enumerate(((old, c), (old, u), (gh, t), (old, i))):
        np.multiply(x, y, out=s)
        ga[:, k * H : (k + 1) * H] *= s
    old *= f
    return ga, old


# -- GRU -------------------------------------------------------------------------------------------


@kernel
def gru(m: ModuleType, a: Array, h: Array) -> tuple[Array, Array]:
    """A step from the sums a (N, 4H) of r, z and both parts of n, which may be written to, and the state h (N, H).

    Returns the new h, and for the gradient r, z, n and the second part of n's sum, side by side (N, 4H).
    """
    H = h.shape[1]
    r, z = m.split(_sigmoid(m, a[:, : 2 * H]), 2, axis=1)
    s = a[:, 3 * H :]
    n = m.tanh(a[:, 2 * H : 3 * H] + r * s)
    return n + z * (h - n), m.concatenate([r, z, n, s], axis=1)


@gru.twin(when=_plain, earned="0.56 of the reference; N32 H100 float32, one core")
def _gru_in_place(m, a, h):
    H = h.shape[1]
    _squash(a[:, : 2 * H], 2 * H)
    r, z, n, s = a[:, :H], a[:, H : 2 * H], a[:, 2 * H : 3 * H], a[:, 3 * H :]
    y = r * s
    n += y
    np.tanh(n, out=n)
    np.subtract(h, n, out=y)
    y *= z
    y += n
    return y, a


@kernel
def gru_gradient(m: ModuleType, gh: Array, gates: Array, h: Array) -> tuple[Array, Array]:
    """The gradients of the sums a (N, 4H), and of the old h as far as it does not pass through them."""
    r, z, n, s = m.split(gates, 4, axis=1)
    gn = gh * (1 - z) * (1 - n * n)
    return m.concatenate([gn * s * (r * (1 - r)), gh * (h - n) * (z * (1 - z)), gn, gn * r], axis=1), gh * z


@gru_gradient.twin(when=_plain, earned="0.57 of the reference; N32 H100 float32, one core")
def _gru_gradient_in_place(m, gh, gates, h):
    H = h.shape[1]
    r, z, n, s = gates[:, :H], gates[:, H : 2 * H], gates[:, 2 * H : 3 * H], gates[:, 3 * H :]
    ga = np.empty_like(gates)
    both, gr, gz, gn, gs = ga[:, : 2 * H], ga[:, :H], ga[:, H : 2 * H], ga[:, 2 * H : 3 * H], ga[:, 3 * H :]
    np.multiply(n, n, out=gn)
    np.subtract(1, gn, out=gn)
    np.subtract(1, gates[:, : 2 * H], out=both)
    gn *= gz
    gn *= gh
    np.multiply(gn, r, out=gs)
    both *= gates[:, : 2 * H]
    old = h - n
    old *= gh
    gz *= old
    np.multiply(gn, s, out=old)
    gr *= old
    np.multiply(gh, z, out=old)
    return ga, old
