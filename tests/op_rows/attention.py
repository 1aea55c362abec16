"""Rows: embedding and attention."""

import numpy as np

from dezero.functions.attention import embed_id, scaled_dot_product_attention
from tests.op_table import Op, at, error, fixed

IDS = np.array([[2, 0, 2], [3, 2, 0]])
MASK = np.array([[True, False, True], [True, True, False]])
NOTHING = np.array([[False, False, False], [True, True, False]])
ADDED = np.array([[0.5, -np.inf, 0.0], [-1.0, 2.0, 0.0]])


def attention(q, k, v, mask=None, causal=False, scale=None):
    """One query at a time, over the keys that it may attend to."""
    lead = np.broadcast_shapes(q.shape[:-2], k.shape[:-2], v.shape[:-2], () if mask is None else mask.shape[:-2])
    q, k, v = (np.broadcast_to(x, (*lead, *x.shape[-2:])) for x in (q, k, v))
    L, S, E = q.shape[-2], k.shape[-2], q.shape[-1]
    mask = np.broadcast_to(np.zeros((L, S)) if mask is None else mask, (*lead, L, S))
    y = np.zeros((*lead, L, v.shape[-1]))
    for index in np.ndindex((*lead, L)):
        terms = []
        for j in range(S):
            added = mask[(*index, j)]
            if (mask.dtype == bool and not added) or added == -np.inf or (causal and j > index[-1]):
                continue
            score = np.sum(q[index] * k[(*index[:-1], j)]) * (1 / np.sqrt(E) if scale is None else scale)
            terms.append((np.exp(score + (0 if mask.dtype == bool else added)), v[(*index[:-1], j)]))
        if terms:
            y[index] = sum(w * value for w, value in terms) / sum(w for w, value in terms)
    return y


def torch_attention(t, q, k, v, mask=None, causal=False, scale=None):
    """By the formula: torch's kernel has no second derivative, and takes no mask beside causal."""
    from torch.nn.attention import SDPBackend, sdpa_kernel

    if causal and mask is not None:
        mask, causal = t.as_tensor(mask) & t.ones(q.shape[-2], k.shape[-2], dtype=t.bool).tril(), False
    mask = mask if mask is None else t.as_tensor(mask)
    with sdpa_kernel(SDPBackend.MATH):
        return t.nn.functional.scaled_dot_product_attention(q, k, v, mask, is_causal=causal, scale=scale)


THREE = [(2, 2), (3, 2), (3, 1)]

ROWS = [
    Op(embed_id, lambda x, W: np.array([W[i] for i in x.ravel()]).reshape((*x.shape, *W.shape[1:])),
       [at(fixed(IDS), (4, 2)), at(fixed(np.array(1)), (3, 2)), at(fixed(np.array([1, 1])), (2,)),
        at(fixed(np.zeros((2, 0), int)), (3, 2))], exact=True,
       torch=lambda t, x, W: W[t.as_tensor(x)],
       errors=[error(np.array([0, 3]), np.ones((3, 2)), kind=IndexError,
                     text="embed_id expects ids from 0 to 2 for W of shape (3, 2), got ids from 0 to 3"),
               error(np.array([-1, 1]), np.ones((3, 2)), kind=IndexError, text="got ids from -1 to 1"),
               error(np.array([0.0]), np.ones((3, 2)), kind=TypeError,
                     text="embed_id expects integers as ids, got float64"),
               error(np.array([0]), np.ones(()), kind=ValueError, text="embed_id expects W of shape (V, D)"),
               error("a", np.ones((3, 2)), kind=TypeError, text="got str")]),
    Op(scaled_dot_product_attention, attention,
       [at(*THREE), at(*THREE, causal=True), at(*THREE, scale=0.3), at((2, 2, 2), (2, 3, 2), (2, 3, 1)),
        at((1, 2, 2, 2), (1, 3, 2), (3, 1)), at(*THREE, fixed(MASK)), at(*THREE, fixed(ADDED)), at(*THREE, (2, 3)),
        at(*THREE, (1, 3)), at(*THREE, fixed(MASK), causal=True), at((2, 2, 2), (2, 3, 2), (2, 3, 1), (2, 1, 3)),
        at(*THREE, fixed(NOTHING)), at((0, 2), (3, 2), (3, 1))],
       torch=torch_attention,
       errors=[error(np.ones((2, 3)), np.ones((2, 4)), np.ones((2, 4)), kind=ValueError,
                     text="scaled_dot_product_attention expects q of shape (..., L, E), k of shape (..., S, E) and v "
                          "of shape (..., S, D), got (2, 3), (2, 4) and (2, 4)"),
               error(np.ones(3), np.ones((2, 3)), np.ones((2, 3)), kind=ValueError, text="got (3,), (2, 3) and (2, 3)"),
               error(np.ones((2, 3)), np.ones((0, 3)), np.ones((0, 3)), kind=ValueError,
                     text="scaled_dot_product_attention expects at least one key, got k of shape (0, 3)"),
               error(np.ones((2, 3)), np.ones((4, 3)), np.ones((4, 3)), np.ones((4, 2), bool), kind=ValueError,
                     text="scaled_dot_product_attention expects a mask that broadcasts to shape (..., 2, 4), got "
                          "(4, 2)"),
               error(np.ones((2, 3)), np.ones((4, 3)), np.ones((4, 3)), np.ones((2, 4), int), kind=TypeError,
                     text="scaled_dot_product_attention expects a mask of bool (True: attend) or of floating-point "
                          "numbers (added to the scores), got int64")]),
]  # fmt: skip
