"""Recurrent layers: they keep a state from call to call, and each step sees the state of the step before."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import numpy as np
from numpy.typing import DTypeLike

import dezero.functions as F
from dezero.core import Operand, Parameter, Variable, as_variable
from dezero.layers.base import Layer, positive
from dezero.layers.linear import Linear

__all__ = ["GRU", "LSTM", "RNN"]


class _Recurrent(Layer):
    """Linear maps from x and from the state h, one of each for every gate, and two ways to take steps with them."""

    h: Variable | None
    _gates: ClassVar[str]

    def __init__(self, hidden_size: int, in_size: int | None, dtype: DTypeLike, h_in_size: int | None) -> None:
        super().__init__()
        H = positive(type(self).__name__, "hidden_size", hidden_size)
        self.hidden_size = H
        for gate in self._gates:
            setattr(self, f"x2{gate}", Linear(H, in_size=in_size, dtype=dtype))
        for gate in self._gates:
            setattr(self, f"h2{gate}", Linear(H, nobias=True, in_size=h_in_size, dtype=dtype))
        self.reset_state()

    def reset_state(self) -> None:
        """Forget the state, as before the first step of a sequence."""
        self.h = None

    def forward(self, x: Operand) -> Variable:
        """Take one step: x of shape (N, I), the result and the new state `h` of shape (N, H)."""
        self._check(as_variable(x).shape[:-1])
        from_x = [layer(x) for layer in self._maps("x")]
        from_h = None if self.h is None else [layer(self.h) for layer in self._maps("h")]
        return self._advance(from_x, from_h)

    def sequence(self, xs: Operand | Sequence[Operand]) -> Variable:
        """Take a step for each element of a sequence, from the present state on; faster than step by step.

        Parameters
        ----------
        xs : Variable or array, shape (T, N, I), or sequence of T of shape (N, I)

        Returns
        -------
        Variable, shape (T, N, H)
            The states `h` after each step. The last one stays in the layer.

        Raises
        ------
        ValueError
            If xs is of another shape, or the state is one of another N.

        Examples
        --------
        >>> RNN(4).sequence(np.zeros((10, 2, 3), dtype=np.float32)).shape
        (10, 2, 4)
        """
        name, k = type(self).__name__, len(self._gates)
        x = F.stack(xs) if isinstance(xs, (list, tuple)) else xs
        shape = as_variable(x).shape
        if len(shape) != 3 or not shape[0]:
            raise ValueError(f"{name}.sequence expects xs of shape (T, N, I) with at least one step, got {shape}")
        self._check(shape[1:2])
        T, N, _ = shape
        x_maps, h_maps = self._maps("x"), self._maps("h")
        for layer in x_maps:
            layer._prepare(x)
        all_from_x = F.linear(x, _beside([layer.W for layer in x_maps]), _beside([layer.b for layer in x_maps]))
        W, hs = None, []
        for row in F.split(all_from_x.reshape(T * N, -1), T):
            from_h = None
            if self.h is not None:
                if W is None:
                    for layer in h_maps:
                        layer._prepare(self.h)
                    W = _beside([layer.W for layer in h_maps])
                from_h = F.split(F.matmul(self.h, W), k, axis=1)
                from_h = [y if layer.b is None else y + layer.b for y, layer in zip(from_h, h_maps)]
            hs.append(self._advance(F.split(row, k, axis=1), from_h))
        return F.stack(hs)

    def _maps(self, source: str) -> list[Linear]:
        return [getattr(self, f"{source}2{gate}") for gate in self._gates]

    def _check(self, batch: tuple[int, ...]) -> None:
        """Refuse a state of another batch, which would broadcast."""
        if self.h is not None and self.h.shape[:-1] != batch:
            name = type(self).__name__
            raise ValueError(f"{name} holds a state of shape {self.h.shape} from before, and x is a batch of shape "
                             f"{batch}; call reset_state() where a new sequence starts")  # fmt: skip

    def _advance(self, from_x: list[Variable], from_h: list[Variable] | None) -> Variable:
        """Take a step, given the linear maps of x and of the state; return the new state h and keep it."""
        raise NotImplementedError(f"{type(self).__name__} has no _advance(self, from_x, from_h): define it")

    def _settings(self) -> str:
        return f"{self.hidden_size}"


class RNN(_Recurrent):
    """The simplest recurrent layer: h' = tanh(x W_x + b + h W_h).

    Parameters
    ----------
    hidden_size : int
        H, the size of the state.
    in_size : int, optional
        I, the size of x; by default that of the first x.
    dtype : floating-point dtype
        Of the parameters.

    Attributes
    ----------
    x2h, h2h : Linear
        The maps of x (with b) and of h (without). With in_size unknown, their W are drawn at the first and at the
        second step.
    h : Variable, shape (N, H), or None
        The state, which `reset_state` sets to None, meaning 0. It may be set.

    Notes
    -----
    A call is one step, with x of shape (N, I) and a result of shape (N, H); `sequence` takes many. Backpropagation goes
    back through all steps since the last `reset_state`, or since `unchain_backward` of a result cut the graph.

    References
    ----------
    Elman, "Finding Structure in Time", 1990.

    Examples
    --------
    >>> layer = RNN(4)
    >>> layer(np.zeros((2, 3), dtype=np.float32)).shape
    (2, 4)
    """

    x2h: Linear
    h2h: Linear
    _gates = "h"

    def __init__(self, hidden_size: int, in_size: int | None = None, dtype: DTypeLike = np.float32) -> None:
        super().__init__(hidden_size, in_size, dtype, h_in_size=None if in_size is None else hidden_size)

    def _advance(self, from_x: list[Variable], from_h: list[Variable] | None) -> Variable:
        self.h = F.tanh(from_x[0] if from_h is None else from_x[0] + from_h[0])
        return self.h


class LSTM(_Recurrent):
    """Long short-term memory: a recurrent layer with a cell c that is changed by addition, through gates.

    With f, i, o = sigmoid(x W_x + b + h W_h) and u = tanh(x W_x + b + h W_h), each with parameters of its own, the step
    is c' = f c + i u and h' = o tanh(c').

    Parameters
    ----------
    hidden_size : int
        H, the size of h and of c.
    in_size : int, optional
        I, the size of x; by default that of the first x.
    dtype : floating-point dtype
        Of the parameters.

    Attributes
    ----------
    x2f, x2i, x2o, x2u, h2f, h2i, h2o, h2u : Linear
        The maps of x (with b) and of h (without). The W of h are drawn when the layer is made.
    h, c : Variable, shape (N, H), or None
        The state, which `reset_state` sets to None, meaning 0. It may be set.

    Notes
    -----
    A call is one step, with x of shape (N, I) and a result of shape (N, H); `sequence` takes many. Backpropagation goes
    back through all steps since the last `reset_state`, or since `unchain_backward` of a result cut the graph.

    References
    ----------
    Hochreiter & Schmidhuber, "Long Short-Term Memory", 1997; Gers, Schmidhuber & Cummins, "Learning to Forget", 2000.

    Examples
    --------
    >>> layer = LSTM(4)
    >>> layer(np.zeros((2, 3), dtype=np.float32)).shape
    (2, 4)
    """

    x2f: Linear
    x2i: Linear
    x2o: Linear
    x2u: Linear
    h2f: Linear
    h2i: Linear
    h2o: Linear
    h2u: Linear
    c: Variable | None
    _gates = "fiou"

    def __init__(self, hidden_size: int, in_size: int | None = None, dtype: DTypeLike = np.float32) -> None:
        super().__init__(hidden_size, in_size, dtype, h_in_size=hidden_size)

    def reset_state(self) -> None:
        """Forget the state, as before the first step of a sequence."""
        self.h = self.c = None

    def _advance(self, from_x: list[Variable], from_h: list[Variable] | None) -> Variable:
        f, i, o, u = from_x if from_h is None else [a + b for a, b in zip(from_x, from_h)]
        c = F.sigmoid(i) * F.tanh(u)
        self.c = c if self.c is None else F.sigmoid(f) * self.c + c
        self.h = F.sigmoid(o) * F.tanh(self.c)
        return self.h


class GRU(_Recurrent):
    """Gated recurrent unit: a recurrent layer that mixes its state with a new one.

    With r, z = sigmoid(x W_x + b + h W_h) and n = tanh(x W_x + b + r (h W_h + b_h)), each with parameters of its own,
    the step is h' = (1 - z) n + z h.

    Parameters
    ----------
    hidden_size : int
        H, the size of the state.
    in_size : int, optional
        I, the size of x; by default that of the first x.
    dtype : floating-point dtype
        Of the parameters.

    Attributes
    ----------
    x2r, x2z, x2n, h2r, h2z, h2n : Linear
        The maps of x (with b) and of h (h2n alone with b). The W of h are drawn when the layer is made.
    h : Variable, shape (N, H), or None
        The state, which `reset_state` sets to None, meaning 0. It may be set.

    Notes
    -----
    A call is one step, with x of shape (N, I) and a result of shape (N, H); `sequence` takes many. The reset gate r
    acts after the product with W_h, as in cuDNN and PyTorch; in the paper it acts on h.

    References
    ----------
    Cho et al., "Learning Phrase Representations using RNN Encoder-Decoder for Statistical Machine Translation", 2014.

    Examples
    --------
    >>> layer = GRU(4)
    >>> layer(np.zeros((2, 3), dtype=np.float32)).shape
    (2, 4)
    """

    x2r: Linear
    x2z: Linear
    x2n: Linear
    h2r: Linear
    h2z: Linear
    h2n: Linear
    _gates = "rzn"

    def __init__(self, hidden_size: int, in_size: int | None = None, dtype: DTypeLike = np.float32) -> None:
        super().__init__(hidden_size, in_size, dtype, h_in_size=hidden_size)
        self.h2n.b = Parameter(np.zeros(hidden_size, dtype=dtype), name="b")

    def _advance(self, from_x: list[Variable], from_h: list[Variable] | None) -> Variable:
        x_r, x_z, x_n = from_x
        if self.h is None or from_h is None:  # of a state of zeros only the bias is left
            n = x_n if self.h2n.b is None else x_n + F.sigmoid(x_r) * self.h2n.b
            self.h = F.sigmoid(-x_z) * F.tanh(n)
        else:
            h_r, h_z, h_n = from_h
            n = F.tanh(x_n + F.sigmoid(x_r + h_r) * h_n)
            self.h = n + F.sigmoid(x_z + h_z) * (self.h - n)
        return self.h


def _beside(xs):
    """Matrices or vectors of several gates as one."""
    return xs[0] if len(xs) == 1 else F.concatenate(xs, axis=-1)
