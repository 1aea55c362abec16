"""How parameters follow their gradients, in place.

Each parameter by itself: one flat array for all would spare 2 us for each, and has to be filled with the gradients.
"""

from __future__ import annotations

import numpy as np

from dezero._kernels.blas import axpby, has_axpby
from dezero._kernels.threads import scratch, share
from dezero._kernels.twins import kernel
from dezero.cuda import Array

__all__ = ["adam", "descend", "momentum"]

BLOCK = 1 << 17  # elements that stay in the cache with their gradient and state
LARGE = 1 << 17  # elements from which on one pass is better than two; below, BLAS gains less than waking its threads
WORTH = 1 << 12  # elements from which on memory for scratch that is there already repays the look at the arrays
SHARED = 1 << 18  # elements from which on threads repay the change between them


def _gapless(p, *others):
    """Whether these are NumPy's, of one dtype, and arranged in memory alike and without gaps."""
    if type(p) is not np.ndarray:
        return False
    flags, dtype, strides = p.flags, p.dtype, p.strides
    return flags.behaved and flags.forc and all([
        type(x) is np.ndarray and x.dtype is dtype and x.strides == strides and x.flags.aligned for x in others
    ])  # fmt: skip


def _blas(*arrays):
    dtype = arrays[0].dtype
    return _gapless(*arrays) and dtype.char in "fd" and dtype.isnative and has_axpby()


def _in_blocks(rule, *arrays):
    """Call the rule with pieces of the arrays that stay in the cache, and with scratch of their size."""
    flat = [x.ravel("K") for x in arrays]
    size, dtype = flat[0].size, flat[0].dtype

    def one(i):
        block = [x[i : i + BLOCK] for x in flat]
        rule(*block, scratch("optimizing", block[0].shape, dtype))

    if size < SHARED:
        for i in range(0, size, BLOCK):
            one(i)
    else:
        share(one, range(0, size, BLOCK))


@kernel
def descend(p: Array, g: Array, lr: float) -> None:
    """p <- p - lr g"""
    p -= lr * g


@descend.twin(
    when=lambda p, g, lr: p.size >= LARGE and _blas(p, g),
    earned="0.43 of the reference; 1.8e6 float32, one core. 0.9 of torch on two",
)
def _descend_by_blas(p, g, lr):
    axpby(-lr, g, 1, p)


@kernel
def momentum(p: Array, g: Array, v: Array, lr: float, mu: float, nesterov: bool) -> None:
    """v <- mu v - lr g;  p <- p + v, or p <- p + mu v - lr g with Nesterov's momentum"""
    v *= mu
    v -= lr * g
    p += mu * v - lr * g if nesterov else v


@momentum.twin(
    when=lambda p, g, v, *settings: p.size >= LARGE and _blas(p, g, v),
    earned="0.51 of the reference; 1.8e6 float32, one core. 1.1 of torch on two",
)
def _momentum_by_blas(p, g, v, lr, mu, nesterov):
    axpby(-lr, g, mu, v)
    if nesterov:
        axpby(-lr, g, 1, p)
    axpby(mu if nesterov else 1, v, 1, p)


@kernel
def adam(
    p: Array, g: Array, m: Array, v: Array, lr: float, beta1: float, beta2: float, eps: float, keep: float
) -> None:
    """m <- m + (1 - beta1)(g - m);  v <- beta2 v + (1 - beta2) g^2;  p <- keep p - lr m / (sqrt(v) + eps)"""
    m += (1 - beta1) * (g - m)
    v *= beta2
    v += (1 - beta2) * (g * g)
    p *= keep
    p -= lr * (m / (np.sqrt(v) + eps))


@adam.twin(
    when=lambda p, g, m, v, *settings: p.size >= WORTH and _gapless(p, g, m, v),
    earned="0.63 of the reference; 1.8e6 float32, one core. 1.0 of torch on two",
)
def _adam_in_blocks(p, g, m, v, lr, beta1, beta2, eps, keep):
    def rule(p, g, m, v, s):
        np.subtract(g, m, out=s)
        s *= 1 - beta1
        m += s
        np.multiply(g, g, out=s)
        s *= 1 - beta2
        v *= beta2
        v += s
        np.sqrt(v, out=s)
        s += eps
        np.divide(m, s, out=s)
        s *= lr
        if keep != 1:
            p *= keep
        p -= s

    _in_blocks(rule, p, g, m, v)
