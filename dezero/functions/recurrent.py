"""Steps of recurrent layers, each one Function: all gates by one product of matrices."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from dezero import core, cuda
from dezero._kernels.recurrent import gru, gru_gradient, lstm, lstm_gradient
from dezero._like_array import shape_of
from dezero.core import Function, Operand, Variable

__all__ = ["gru_step", "lstm_step", "rnn_step"]


class _Step(Function):
    """A step from x (N, D) and the state h (N, H) by weights W (D + H + 1, G), whose rows are for x, for h and for 1.

    The arrays lie in memory with the batch innermost, so that every gate is one piece.
    """

    def sums(self, x, h, W):
        """The sums of all gates, (N, G)."""
        D, H = x.shape[1], h.shape[1]
        row = cuda.get_array_module(x).empty((D + H + 1, len(x)), np.result_type(x, h)).T
        row[:, :D], row[:, D:-1], row[:, -1] = x, h, 1
        self.row = row
        return W.T.dot(row.T).T

    def sums_again(self, m, x, h, W):
        """The row (x, h, 1) and its sums, on Variables."""
        row = m.concatenate([x, h, cuda.get_array_module(x).ones((len(x), 1), x.dtype)], axis=1)
        return row, m.matmul(row, W)

    def gradients(self, row, ga, x, W):
        """The gradients of x, h and W, given that of the sums."""
        D = x.shape[1]
        needs_x, needs_h, needs_W = self.needs_grad[0], self.needs_grad[1], self.needs_grad[-1]
        gx = W[:D].dot(ga.T).T if needs_x else None
        gh = W[D:-1].dot(ga.T).T if needs_h else None
        return gx, gh, ga.T.dot(row).T if needs_W else None


class RNNStep(_Step):
    """tanh of the sums."""

    def forward(self, x, h, W):
        return np.tanh(self.sums(x, h, W))

    def vjp(self, m, gy, x, h, W):
        row = self.row if m is not core.functions else self.sums_again(m, x, h, W)[0]
        y = self.output(m)
        return self.gradients(row, gy * (1 - y * y), x, W)


class LSTMStep(_Step):
    """The new h and c of an LSTM; the sums are those of f, i, o and u."""

    def forward(self, x, h, c, W):
        y, c, self.gates, self.t = lstm(np, self.sums(x, h, W), c)
        return y, c

    def vjp(self, m, gys, x, h, c, W):
        row, gates, t = self.row, self.gates, self.t
        if m is core.functions:
            row, a = self.sums_again(m, x, h, W)
            _, _, gates, t = lstm(m, a, c)
        ga, gc = lstm_gradient(m, *gys, gates, t, c)
        gx, gh, gW = self.gradients(row, ga, x, W)
        return gx, gh, gc, gW


class GRUStep(_Step):
    """The new h of a GRU; the sums are those of r, of z, and of n in two parts."""

    def forward(self, x, h, W):
        y, self.gates = gru(np, self.sums(x, h, W), h)
        return y

    def vjp(self, m, gy, x, h, W):
        row, gates = self.row, self.gates
        if m is core.functions:
            row, a = self.sums_again(m, x, h, W)
            _, gates = gru(m, a, h)
        ga, past = gru_gradient(m, gy, gates, h)
        gx, gh, gW = self.gradients(row, ga, x, W)
        return gx, past + gh if gh is not None else None, gW


class Gather(Function):
    """Parameters of several maps as one matrix, each at its place; zeros fill the rest."""

    def __init__(self, shape: tuple[int, int], places: Sequence[tuple[slice | int, slice]]) -> None:
        self.shape, self.places = shape, places

    def forward(self, *parts):
        W = cuda.get_array_module(parts[0]).zeros(self.shape, np.result_type(*parts))
        self.write(W, parts)
        return W

    def write(self, W, parts):
        """Bring the numbers in W up to date: the parts may have been written to since."""
        for place, part in zip(self.places, parts):
            W[place] = part

    def vjp(self, m, gW, *parts):
        gxs = [gW[place] if needed else None for place, needed in zip(self.places, self.needs_grad)]
        return tuple(gxs if m is core.functions else [gx if gx is None else gx.copy() for gx in gxs])  # C order


def rnn_step(x: Operand, h: Operand, W: Operand) -> Variable:
    """Take a step of the simplest recurrent layer: h' = tanh([x, h, 1] W).

    Parameters
    ----------
    x : Variable or array, shape (N, D)
    h : Variable or array, shape (N, H)
        The state before.
    W : Variable or array, shape (D + H + 1, H)
        The weights of x, of h, and the bias, one below the other.

    Returns
    -------
    Variable, shape (N, H)

    Raises
    ------
    ValueError
        If the shapes do not fit together.

    References
    ----------
    Elman, "Finding Structure in Time", 1990.

    Examples
    --------
    >>> rnn_step(np.ones((2, 3)), np.zeros((2, 4)), np.ones((8, 4))).shape
    (2, 4)
    """
    _check("rnn_step", 1, x, h, W)
    return RNNStep()(x, h, W)  # type: ignore[return-value]  # one output


def lstm_step(x: Operand, h: Operand, c: Operand, W: Operand) -> tuple[Variable, Variable]:
    """Take a step of an LSTM (long short-term memory): c' = f c + i u and h' = o tanh(c').

    f, i and o are the sigmoid, u is the tanh of their part of [x, h, 1] W.

    Parameters
    ----------
    x : Variable or array, shape (N, D)
    h, c : Variable or array, shape (N, H)
        The state before.
    W : Variable or array, shape (D + H + 1, 4 H)
        The weights of x, of h, and the bias, one below the other; those of f, i, o and u, side by side.

    Returns
    -------
    Variable, Variable, shape (N, H)
        The new h and c.

    Raises
    ------
    ValueError
        If the shapes do not fit together.

    References
    ----------
    Hochreiter & Schmidhuber, "Long Short-Term Memory", 1997; Gers, Schmidhuber & Cummins, "Learning to Forget", 2000.

    Examples
    --------
    >>> h, c = lstm_step(np.ones((2, 3)), np.zeros((2, 4)), np.zeros((2, 4)), np.ones((8, 16)))
    >>> h.shape, c.shape
    ((2, 4), (2, 4))
    """
    _check("lstm_step", 4, x, h, W)
    if shape_of(c) != shape_of(h):
        raise ValueError(f"lstm_step expects c of the shape of h, {shape_of(h)}, got {shape_of(c)}")
    return tuple(LSTMStep()(x, h, c, W))  # type: ignore[return-value]  # two outputs


def gru_step(x: Operand, h: Operand, W: Operand) -> Variable:
    """Take a step of a GRU (gated recurrent unit): h' = (1 - z) n + z h with n = tanh(s + r s').

    r and z are the sigmoid of their part of [x, h, 1] W, and s and s' are the last two parts as they are. In a GRU, the
    weights of s are zeros for h, and those of s' are zeros for x.

    Parameters
    ----------
    x : Variable or array, shape (N, D)
    h : Variable or array, shape (N, H)
        The state before.
    W : Variable or array, shape (D + H + 1, 4 H)
        The weights of x, of h, and the bias, one below the other; those of r, z, s and s', side by side.

    Returns
    -------
    Variable, shape (N, H)

    Raises
    ------
    ValueError
        If the shapes do not fit together.

    References
    ----------
    Cho et al., "Learning Phrase Representations using RNN Encoder-Decoder for Statistical Machine Translation", 2014.

    Examples
    --------
    >>> gru_step(np.ones((2, 3)), np.zeros((2, 4)), np.ones((8, 16))).shape
    (2, 4)
    """
    _check("gru_step", 4, x, h, W)
    return GRUStep()(x, h, W)  # type: ignore[return-value]  # one output


def _check(name: str, gates: int, x: Operand, h: Operand, W: Operand) -> None:
    of_x, of_h, of_W = shape_of(x), shape_of(h), shape_of(W)
    if len(of_x) != 2 or len(of_h) != 2 or of_x[0] != of_h[0]:
        raise ValueError(f"{name} expects x of shape (N, D) and h of shape (N, H), got {of_x} and {of_h}")
    expected = (of_x[1] + of_h[1] + 1, gates * of_h[1])
    if of_W != expected:
        raise ValueError(f"{name} expects W of shape (D + H + 1, {gates} H), here {expected}, got {of_W}")
