"""Attention: every element of a sequence looks at the others."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import DTypeLike

import dezero.functions as F
from dezero._operands import number
from dezero.core import Operand, Variable
from dezero.layers.base import Layer, positive
from dezero.layers.linear import Linear
from dezero.layers.normalization import LayerNorm

__all__ = ["MultiHeadAttention", "TransformerBlock"]


class MultiHeadAttention(Layer):
    """Attention with several heads: each has queries, keys and values of its own, and a last map joins their results.

    Parameters
    ----------
    size : int
        D, the length of the vectors of the result.
    heads : int
        How many heads; must divide D.
    causal : bool
        Whether element i sees elements 0 to i only.
    nobias : bool
        Whether to leave out the biases of the four maps.
    dtype : floating-point dtype
        Of the parameters.
    in_size : int, optional
        The length of the vectors of x; by default that of the first x.

    Attributes
    ----------
    q, k, v, out : Linear
        The maps to queries, keys and values, and that of the result.

    Raises
    ------
    ValueError
        If heads does not divide size.

    Notes
    -----
    Called as ``layer(x)`` with x of shape (N, L, I), the elements attend to one another; as ``layer(x, memory)``, with
    memory of shape (N, S, J), they attend to those of the memory. The result is of shape (N, L, D). A `mask` is one of
    `dezero.functions.scaled_dot_product_attention` and broadcasts to (N, heads, L, S): ``mask[:, None, None, :]`` for
    one of shape (N, S) that tells which elements are there.

    References
    ----------
    Vaswani et al., "Attention Is All You Need", 2017, section 3.2.2.

    Examples
    --------
    >>> layer = MultiHeadAttention(8, heads=2)
    >>> layer(np.zeros((5, 10, 8), dtype=np.float32)).shape
    (5, 10, 8)
    """

    def __init__(
        self,
        size: int,
        heads: int,
        causal: bool = False,
        nobias: bool = False,
        dtype: DTypeLike = np.float32,
        in_size: int | None = None,
    ) -> None:
        super().__init__()
        D, self.heads = positive("MultiHeadAttention", "size", size), positive("MultiHeadAttention", "heads", heads)
        if D % self.heads:
            raise ValueError(f"MultiHeadAttention expects heads that divide size = {D}, got {heads}")
        self.size, self.causal = D, causal
        self.q, self.k, self.v = [Linear(D, nobias, dtype, in_size) for _ in range(3)]
        self.out = Linear(D, nobias, dtype, in_size=D)

    def forward(self, x: Operand, memory: Operand | None = None, mask: Operand | None = None) -> Variable:
        source = x if memory is None else memory
        q, k, v = [self._by_heads(y) for y in (self.q(x), self.k(source), self.v(source))]
        y = F.scaled_dot_product_attention(q, k, v, mask, self.causal)
        y = F.swapaxes(y, -2, -3)
        return self.out(y.reshape(*y.shape[:-2], self.size))

    def _by_heads(self, x: Variable) -> Variable:
        """From shape (..., L, D) to (..., heads, L, D / heads)."""
        if x.ndim < 2:
            raise ValueError(f"MultiHeadAttention expects x of shape (N, L, I), got vectors of shape {x.shape[:-1]}")
        return F.swapaxes(x.reshape(*x.shape[:-1], self.heads, -1), -2, -3)

    def _settings(self) -> str:
        return f"{self.size}, heads={self.heads}" + ", causal=True" * self.causal


class TransformerBlock(Layer):
    """A block of a transformer: attention of the elements to one another, then a small network for each by itself.

    With f one of the two parts, the block computes x + dropout(f(norm(x))), or norm(x + dropout(f(x))) if not
    `norm_first`.

    Parameters
    ----------
    size : int
        D, the length of the vectors.
    heads : int
        Of the attention; must divide D.
    hidden_size : int, optional
        Of the small network; 4 D by default.
    dropout_ratio : float
        Of both parts, in [0, 1), dimensionless.
    causal : bool
        Whether element i sees elements 0 to i only.
    norm_first : bool
        Where the normalization is; before the parts, deep stacks are easier to train.
    activation : callable
        Of the small network, from Variable to Variable.
    dtype : floating-point dtype
        Of the parameters.

    Attributes
    ----------
    norm1, norm2 : LayerNorm
    attention : MultiHeadAttention
    l1, l2 : Linear
        The small network.

    Notes
    -----
    x is of shape (N, L, D), and so is the result; a `mask` is one of `MultiHeadAttention`.

    References
    ----------
    Vaswani et al., "Attention Is All You Need", 2017, section 3.1; Xiong et al., "On Layer Normalization in the
    Transformer Architecture", 2020, for the normalization before the parts.

    Examples
    --------
    >>> block = TransformerBlock(8, heads=2)
    >>> block(np.zeros((5, 10, 8), dtype=np.float32)).shape
    (5, 10, 8)
    """

    def __init__(
        self,
        size: int,
        heads: int,
        hidden_size: int | None = None,
        dropout_ratio: float = 0.0,
        causal: bool = False,
        norm_first: bool = True,
        activation: Callable[[Variable], Variable] = F.gelu,
        dtype: DTypeLike = np.float32,
    ) -> None:
        super().__init__()
        H = 4 * size if hidden_size is None else positive("TransformerBlock", "hidden_size", hidden_size)
        if not 0 <= number("TransformerBlock", "dropout_ratio", dropout_ratio) < 1:
            raise ValueError("TransformerBlock expects a dropout_ratio in [0, 1), the share of elements to drop, got "
                             f"{dropout_ratio}")  # fmt: skip
        if not callable(activation):
            raise TypeError(f"TransformerBlock expects a function as activation, such as F.gelu, got {activation!r}")
        self.dropout_ratio, self.norm_first, self.activation = dropout_ratio, norm_first, activation
        self.norm1 = LayerNorm(size, dtype=dtype)
        self.attention = MultiHeadAttention(size, heads, causal, dtype=dtype, in_size=size)
        self.norm2 = LayerNorm(size, dtype=dtype)
        self.l1, self.l2 = Linear(H, dtype=dtype, in_size=size), Linear(size, dtype=dtype, in_size=H)

    def forward(self, x: Operand, mask: Operand | None = None) -> Variable:
        x = self._with(self.norm1, x, lambda x: self.attention(x, mask=mask))
        return self._with(self.norm2, x, lambda x: self.l2(self.activation(self.l1(x))))

    def _with(self, norm: LayerNorm, x: Operand, part: Callable[[Operand], Variable]) -> Variable:
        """x and what a part of the block adds to it, normalized."""
        y = part(norm(x) if self.norm_first else x)
        if self.dropout_ratio:
            y = F.dropout(y, self.dropout_ratio)
        return x + y if self.norm_first else norm(x + y)
