"""Recurrent layers: they keep a state from call to call, and each step sees the state of the step before."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import numpy as np
from numpy.typing import DTypeLike

import dezero.functions as F
from dezero._like_array import shape_of
from dezero.config import Config
from dezero.core import Operand, Parameter, Variable
from dezero.functions.recurrent import Gather
from dezero.layers.base import Layer, positive
from dezero.layers.linear import Linear

__all__ = ["GRU", "LSTM", "RNN"]


class _Recurrent(Layer):
    """Linear maps from x and from the state h, one of each for every gate, and two ways to take steps with them."""

    h: Variable | None
    _gates: ClassVar[str]
    _h_biases: ClassVar[str] = ""  # the gates whose map of h has a b, too
    _columns: ClassVar[str]  # the gates in the matrix of all weights; N is the part of n that comes from h
    _joined: _Joined | None = None

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
        shape = shape_of(x)
        if len(shape) > 2:
            raise ValueError(f"{type(self).__name__} expects x of shape (N, I), one step of N sequences, got {shape}; "
                             "sequence(xs) takes all steps of (T, N, I)")  # fmt: skip
        self._check(shape[:-1])
        h = self.h
        if h is not None and len(shape) == 2 and h.shape[1] == self.hidden_size:
            W = self._weights(shape[1])
            if W is not None:
                return self._step(x, h, W)
        from_x = [layer(x) for layer in self._maps("x")]
        from_h = None if h is None else [layer(h) for layer in self._maps("h")]
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
        shape = (len(xs), *shape_of(xs[0])) if isinstance(xs, (list, tuple)) and xs else shape_of(xs)
        if len(shape) != 3 or not shape[0]:
            raise ValueError(f"{type(self).__name__}.sequence expects xs of shape (T, N, I) with at least one step, "
                             f"got {shape}")  # fmt: skip
        self._check(shape[1:2])
        if isinstance(xs, Variable):
            xs = [x.reshape(shape[1:]) for x in F.split(xs, shape[0])]
        return F.stack([self.forward(x) for x in xs])  # type: ignore[union-attr]  # no number: it has three axes

    def _maps(self, source: str) -> list[Linear]:
        return [getattr(self, f"{source}2{gate}") for gate in self._gates]

    def _weights(self, in_size: int) -> Variable | None:
        """The parameters of all maps as one matrix; None if some are not known yet, or a map is no Linear like ours."""
        H, own = self.hidden_size, vars(self)
        params: list[Parameter] = []
        shapes: list[tuple[int, ...]] = []
        for gate in self._gates:
            x2, h2 = own.get(f"x2{gate}"), own.get(f"h2{gate}")
            if type(x2) is not Linear or type(h2) is not Linear or x2.b is None:
                return None
            params += [x2.W, x2.b, h2.W]
            shapes += [(in_size, H), (H,), (H, H)]
            if gate in self._h_biases and h2.b is not None:
                params.append(h2.b)
                shapes.append((H,))
            elif gate in self._h_biases or h2.b is not None:
                return None
        if [None if p.data is None else p.data.shape for p in params] != shapes:
            return None
        if self._joined is None or not self._joined.holds(params):
            self._joined = _Joined(params, (in_size + H + 1, len(self._columns) * H), self._places(in_size))
        return self._joined.W

    def _places(self, in_size: int) -> list[tuple]:
        """Rows and columns of each parameter in the matrix of all."""
        H, G = self.hidden_size, self._columns
        columns = {gate: slice(G.index(gate) * H, (G.index(gate) + 1) * H) for gate in G}
        places: list[tuple] = []
        for gate in self._gates:
            own = columns[gate]
            places += [(slice(in_size), own), (-1, own), (slice(in_size, -1), columns.get(gate.upper(), own))]
            if gate in self._h_biases:
                places.append((-1, columns[gate.upper()]))
        return places

    def _check(self, batch: tuple[int, ...]) -> None:
        """Refuse a state of another batch, which would broadcast."""
        if self.h is not None and self.h.shape[:-1] != batch:
            name = type(self).__name__
            raise ValueError(f"{name} holds a state of shape {self.h.shape} from before, and x is a batch of shape "
                             f"{batch}; call reset_state() where a new sequence starts")  # fmt: skip

    def _advance(self, from_x: list[Variable], from_h: list[Variable] | None) -> Variable:
        """Take a step, given the linear maps of x and of the state; return the new state h and keep it."""
        raise NotImplementedError(f"{type(self).__name__} has no _advance(self, from_x, from_h): define it")

    def _step(self, x: Operand, h: Variable, W: Variable) -> Variable:
        """Take a step in one Function, given the state h and the matrix of all weights."""
        raise NotImplementedError(f"{type(self).__name__} has no _step(self, x, h, W): define it")

    def _settings(self) -> str:
        return f"{self.hidden_size}"

    def __getstate__(self) -> dict[str, object]:
        return {name: value for name, value in super().__getstate__().items() if name != "_joined"}


class _Joined:
    """The parameters of several maps as one matrix: made once in a graph, so that its gradient is divided once."""

    def __init__(self, params: list[Parameter], shape: tuple[int, int], places: list[tuple]) -> None:
        self.params = params
        self.gather = Gather(shape, places)
        self.W: Variable = self.gather(*params)  # type: ignore[assignment]  # one output

    def holds(self, params: list[Parameter]) -> bool:
        """Whether W can stand for these parameters; it then has their present numbers, whoever wrote to them."""
        W = self.W
        if W.creator is not self.gather and Config.enable_backprop:  # the graph was cut, or not recorded
            return False
        data = W.data
        for p, q in zip(params, self.params):
            if p is not q or type(p.data) is not type(data) or p.data.dtype is not data.dtype:
                return False
        self.gather.write(data, [p.data for p in params])
        return True


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
    _gates = _columns = "h"

    def __init__(self, hidden_size: int, in_size: int | None = None, dtype: DTypeLike = np.float32) -> None:
        super().__init__(hidden_size, in_size, dtype, h_in_size=None if in_size is None else hidden_size)

    def _advance(self, from_x: list[Variable], from_h: list[Variable] | None) -> Variable:
        self.h = F.tanh(from_x[0] if from_h is None else from_x[0] + from_h[0])
        return self.h

    def _step(self, x: Operand, h: Variable, W: Variable) -> Variable:
        self.h = F.rnn_step(x, h, W)
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
    _gates = _columns = "fiou"

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

    def _step(self, x: Operand, h: Variable, W: Variable) -> Variable:
        c = np.zeros_like(h.data) if self.c is None else self.c
        self.h, self.c = F.lstm_step(x, h, c, W)
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
    _gates, _h_biases, _columns = "rzn", "n", "rznN"

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

    def _step(self, x: Operand, h: Variable, W: Variable) -> Variable:
        self.h = F.gru_step(x, h, W)
        return self.h
