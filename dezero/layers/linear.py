"""Linear maps, of vectors and of ids."""

from __future__ import annotations

import numpy as np
from numpy.typing import DTypeLike

import dezero.functions as F
from dezero import cuda
from dezero.core import Operand, Parameter, Variable
from dezero.layers.base import Layer, axis_size, drawn, floating, known, positive

__all__ = ["EmbedID", "Linear"]


class Linear(Layer):
    """Affine map x W + b.

    Parameters
    ----------
    out_size : int
        O, the number of outputs.
    nobias : bool
        Whether to leave b out.
    dtype : floating-point dtype
        Of the parameters.
    in_size : int, optional
        I, the number of inputs; by default that of the first x.

    Attributes
    ----------
    W : Parameter, shape (I, O)
        Drawn from the normal distribution of mean 0 and variance 1 / I, with ``numpy.random.randn``.
    b : Parameter, shape (O,), or None
        Starts at 0.

    Notes
    -----
    x is of shape (..., I) and the result of shape (..., O).

    Examples
    --------
    >>> layer = Linear(3)
    >>> layer(np.zeros((5, 2), dtype=np.float32)).shape, layer.in_size, layer.W.shape
    ((5, 3), 2, (2, 3))
    """

    b: Parameter | None

    def __init__(
        self, out_size: int, nobias: bool = False, dtype: DTypeLike = np.float32, in_size: int | None = None
    ) -> None:
        super().__init__()
        if nobias not in (True, False):
            raise TypeError(f"Linear expects nobias as True or False, got {nobias!r}; the size of x is in_size, and "
                            "may be left out: Linear(out_size, in_size=...)")  # fmt: skip
        self.in_size = None if in_size is None else positive("Linear", "in_size", in_size)
        self.out_size = positive("Linear", "out_size", out_size)
        self.dtype = floating("Linear", dtype)
        self.W = Parameter(None, name="W")
        if in_size is not None:
            self._init_W()
        self.b = None if nobias else Parameter(np.zeros(self.out_size, dtype=dtype), name="b")

    def _init_W(self, xp=np) -> None:
        in_size = known("Linear", "in_size", self.in_size)
        self.W.data = drawn(xp, (in_size, self.out_size), in_size, self.dtype)

    def _prepare(self, x: Operand) -> None:
        """Make W, if x is the first."""
        if self.W.data is None:
            self.in_size = axis_size("Linear", x, -1, "(..., I)")
            self._init_W(cuda.get_array_module(x))

    def forward(self, x: Operand) -> Variable:
        self._prepare(x)
        return F.linear(x, self.W, self.b)

    def _partial_shape(self, name: str) -> tuple[int | None, ...] | None:
        return (None, self.out_size) if name == "W" else None

    def _sizes_from_weights(self) -> None:
        if self.W.data is not None:
            self.in_size = self.W.shape[0]

    def _settings(self) -> str:
        return f"{self.out_size}" + ", nobias=True" * (self.b is None)


class EmbedID(Layer):
    """Look up a vector for each id: ``W[x]``.

    Parameters
    ----------
    in_size : int
        V, the number of ids.
    out_size : int
        D, the length of a vector.
    dtype : floating-point dtype
        Of the parameter.

    Attributes
    ----------
    W : Parameter, shape (V, D)
        Drawn from the standard normal distribution, with ``numpy.random.randn``.

    Notes
    -----
    x holds integers from 0 to V - 1 in any shape (...); the result is of shape (..., D).

    Examples
    --------
    >>> layer = EmbedID(10, 4)
    >>> layer(np.array([[1, 2, 1]])).shape
    (1, 3, 4)
    """

    def __init__(self, in_size: int, out_size: int, dtype: DTypeLike = np.float32) -> None:
        super().__init__()
        self.in_size, self.out_size = positive("EmbedID", "in_size", in_size), positive("EmbedID", "out_size", out_size)
        self.dtype = floating("EmbedID", dtype)
        self.W = Parameter(drawn(np, (self.in_size, self.out_size), 1, dtype), name="W")

    def forward(self, x: Operand) -> Variable:
        return F.embed_id(x, self.W)

    def _settings(self) -> str:
        return f"{self.in_size}, {self.out_size}"
