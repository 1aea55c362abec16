"""What models of sequences are made of: embedding and attention."""

from __future__ import annotations

from math import sqrt

import numpy as np

from dezero import core, cuda
from dezero._like_array import bare
from dezero._operands import number
from dezero.core import Function, Operand, Variable, as_operand
from dezero.functions.shape import get_item

__all__ = ["ScaledDotProductAttention", "embed_id", "scaled_dot_product_attention"]


def embed_id(x: Operand, W: Operand) -> Variable:
    """Look up the row of W for each id in x: ``W[x]``.

    Parameters
    ----------
    x : Variable or array of integers, any shape
        Ids from 0 to V - 1.
    W : Variable or array, shape (V, D)
        One row for each id.

    Returns
    -------
    Variable, shape (..., D), where ... is the shape of x
        The gradient of a row is the sum over all places where its id stands.

    Raises
    ------
    TypeError
        If the ids are no integers.
    IndexError
        If an id is below 0 or above V - 1.

    Examples
    --------
    >>> embed_id(np.array([2, 0, 2]), np.array([[0.0, 1.0], [2.0, 3.0], [4.0, 5.0]]))
    variable([[4. 5.]
              [0. 1.]
              [4. 5.]])
    """
    ids, W = as_operand(x).data, as_operand(W)
    if ids.dtype.kind not in "iu":
        raise TypeError(f"embed_id expects integers as ids, got {ids.dtype}")
    if not W.ndim:
        raise ValueError("embed_id expects W of shape (V, D), one row for each id, got ()")
    if ids.size and (ids.min() < 0 or ids.max() >= len(W)):
        raise IndexError(f"embed_id expects ids from 0 to {len(W) - 1} for W of shape {W.shape}, got ids from "
                         f"{ids.min()} to {ids.max()}")  # fmt: skip
    return get_item(W, ids)


class ScaledDotProductAttention(Function):
    """softmax(scale q k^T + bias) v, where pairs that are not allowed count as -inf before the softmax."""

    broadcasts = True  # over the leading axes

    def __init__(self, allowed, scale: float) -> None:
        self.allowed, self.scale = allowed, scale

    def forward(self, q, k, v, bias):
        scores = self._scores(np, q, k, bias)
        highest = scores.max(axis=-1, keepdims=True)
        self.shift = np.where(np.isfinite(highest), highest, 0).astype(scores.dtype)
        scores -= self.shift
        weights = np.exp(scores, out=scores)
        total = weights.sum(axis=-1, keepdims=True)
        self.unattended = total == 0  # every key is forbidden: the weights are 0, not 0 / 0
        weights /= total + self.unattended
        self.weights = weights
        return np.matmul(weights, v)

    def _scores(self, m, q, k, bias):
        scores = m.matmul(q * self.scale, m.swapaxes(k, -1, -2))
        if bare(bias) is not None:
            scores = scores + bias
        return scores if self.allowed is None else m.where(self.allowed, scores, -np.inf)

    def _weights(self, m, q, k, bias):
        """The softmax in the world of m; the shift is a constant that cancels."""
        if m is not core.functions:
            return self.weights
        weights = m.exp(self._scores(m, q, k, bias) - self.shift)
        return weights / (m.sum(weights, axis=-1, keepdims=True) + self.unattended)

    def vjp(self, m, gy, q, k, v, bias):
        needs_q, needs_k, needs_v, needs_bias = self.needs_grad
        weights = self._weights(m, q, k, bias)
        gq = gk = gbias = None
        gv = m.matmul(m.swapaxes(weights, -1, -2), gy) if needs_v else None
        if needs_q or needs_k or needs_bias:  # the sum of weights times their gradient is that of y times gy
            inner = m.sum(self.output(m) * gy, axis=-1, keepdims=True)
            gscores = weights * (m.matmul(gy, m.swapaxes(v, -1, -2)) - inner)
            gq = m.matmul(gscores, k) * self.scale if needs_q else None
            gk = m.matmul(m.swapaxes(gscores, -1, -2), q) * self.scale if needs_k else None
            gbias = gscores if bare(bias) is not None else None
        return gq, gk, gv, gbias


def scaled_dot_product_attention(
    q: Operand, k: Operand, v: Operand, mask: Operand | None = None, causal: bool = False, scale: float | None = None
) -> Variable:
    """Attention: for each query, the mean of the values, weighted by how well their keys match the query.

    Parameters
    ----------
    q : Variable or array, shape (..., L, E)
        Queries.
    k : Variable or array, shape (..., S, E)
        Keys.
    v : Variable or array, shape (..., S, D)
        Values, one for each key. The leading axes of q, k and v (batch, heads) broadcast.
    mask : Variable or array, shape (..., L, S), optional
        Of bool: which keys a query may attend to, True where it may. Of floating-point numbers: added to the scaled
        products before the softmax, differentiable.
    causal : bool
        Let query i attend to keys 0 to i only, besides what the mask says.
    scale : float, optional
        The factor of the products q k^T; 1 / sqrt(E) by default.

    Returns
    -------
    Variable, shape (..., L, D)
        softmax(scale q k^T + mask) v. Zeros for a query that may attend to no key. float16 is computed in float32.

    Raises
    ------
    ValueError
        If q, k and v do not fit together, or the mask does not broadcast to (..., L, S).
    TypeError
        If the mask is of integers, which could mean either kind.

    References
    ----------
    Vaswani et al., "Attention Is All You Need", 2017, equation 1.

    Examples
    --------
    >>> q, k = np.zeros((3, 2)), np.zeros((3, 2))
    >>> v = np.array([[1.0], [2.0], [6.0]])
    >>> scaled_dot_product_attention(q, k, v)
    variable([[3.]
              [3.]
              [3.]])
    >>> scaled_dot_product_attention(q, k, v, causal=True)
    variable([[1. ]
              [1.5]
              [3. ]])
    """
    name = "scaled_dot_product_attention"
    q, k, v = [as_operand(x) for x in (q, k, v)]
    if min(q.ndim, k.ndim, v.ndim) < 2 or q.shape[-1] != k.shape[-1] or k.shape[-2] != v.shape[-2]:
        raise ValueError(f"{name} expects q of shape (..., L, E), k of shape (..., S, E) and v of shape (..., S, D), "
                         f"got {q.shape}, {k.shape} and {v.shape}")  # fmt: skip
    try:
        np.broadcast_shapes(q.shape[:-2], k.shape[:-2], v.shape[:-2])
    except ValueError:
        raise ValueError(f"{name} expects q, k and v whose leading axes broadcast, got shapes {q.shape}, {k.shape} and "
                         f"{v.shape}") from None  # fmt: skip
    L, S, E = q.shape[-2], k.shape[-2], q.shape[-1]
    if not S:
        raise ValueError(f"{name} expects at least one key, got k of shape {k.shape}")
    dtype = np.result_type(q.dtype, k.dtype, v.dtype, np.float16)
    inner = np.result_type(dtype, np.float32)
    allowed = bias = None
    if mask is not None:
        mask = as_operand(mask)
        if any([n not in (1, m) for n, m in zip(mask.shape[::-1], (S, L))]):
            raise ValueError(f"{name} expects a mask that broadcasts to shape (..., {L}, {S}), got {mask.shape}")
        if mask.dtype == bool:
            allowed = bare(mask)
        elif mask.dtype.kind == "f":
            bias = _in(inner, mask)
        else:
            raise TypeError(f"{name} expects a mask of bool (True: attend) or of floating-point numbers (added to the "
                            f"scores), got {mask.dtype}")  # fmt: skip
    if causal:
        triangle = cuda.get_array_module(q).tri(L, S, dtype=bool)
        allowed = triangle if allowed is None else allowed & triangle
    f = ScaledDotProductAttention(allowed, 1 / sqrt(max(E, 1)) if scale is None else number(name, "scale", scale))
    return _in(dtype, f(*[_in(inner, x) for x in (q, k, v)], bias))


def _in(dtype, x):
    return x if x.dtype == dtype else x.astype(dtype)
