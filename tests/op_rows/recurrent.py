"""Rows: steps of recurrent layers."""

import numpy as np

from dezero.functions.recurrent import gru_step, lstm_step, rnn_step
from tests.op_table import Op, at, error


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def parts(x, h, W, count):
    """The sums of each gate, one column after the other."""
    D, H = x.shape[1], h.shape[1]
    sums = np.array([[x[n] @ W[:D, k] + h[n] @ W[D:-1, k] + W[-1, k] for k in range(count * H)] for n in range(len(x))])
    return [sums[:, k * H : (k + 1) * H] for k in range(count)]


def lstm(x, h, c, W):
    f, i, o, u = parts(x, h, W, 4)
    c = sigmoid(f) * c + sigmoid(i) * np.tanh(u)
    return sigmoid(o) * np.tanh(c), c


def gru(x, h, W):
    r, z, s, t = parts(x, h, W, 4)
    n = np.tanh(s + sigmoid(r) * t)
    return (1 - sigmoid(z)) * n + sigmoid(z) * h


def torch_lstm(t, x, h, c, W):
    D, H = x.shape[1], h.shape[1]
    f, i, o, u = W.split(H, dim=1)
    W = t.cat([i, f, u, o], dim=1).T
    return t.lstm_cell(x, (h, c), W[:, :D], W[:, D:-1], W[:, -1], t.zeros(4 * H, dtype=x.dtype))


def shapes(name):
    return [
        error(np.ones(3), np.ones((2, 1)), *rest(name), kind=ValueError,
              text=f"{name} expects x of shape (N, D) and h of shape (N, H), got (3,) and (2, 1)"),
        error(np.ones((3, 3)), np.ones((2, 1)), *rest(name), kind=ValueError,
              text=f"{name} expects x of shape (N, D) and h of shape (N, H), got (3, 3) and (2, 1)"),
        error(np.ones((2, 3)), np.ones((2, 1)), *rest(name), kind=ValueError,
              text=f"{name} expects W of shape (D + H + 1,"),
        error("a", np.ones((2, 1)), *rest(name), kind=ValueError, text=f"{name} expects x of shape (N, D)"),
    ]  # fmt: skip


def rest(name):
    return [np.ones((2, 1))] * (name == "lstm_step") + [np.ones((7, 4))]


ROWS = [
    Op(rnn_step, lambda x, h, W: np.tanh(parts(x, h, W, 1)[0]),
       [at((2, 3), (2, 2), (6, 2)), at((1, 1), (1, 3), (5, 3))],
       torch=lambda t, x, h, W: t.rnn_tanh_cell(x, h, W[: x.shape[1]].T, W[x.shape[1] : -1].T, W[-1], 0 * W[-1]),
       errors=shapes("rnn_step")),
    Op(lstm_step, lstm, [at((2, 3), (2, 2), (2, 2), (6, 8)), at((1, 1), (1, 3), (1, 3), (5, 12))], torch=torch_lstm,
       errors=[*shapes("lstm_step"),
               error(np.ones((2, 3)), np.ones((2, 1)), np.ones((1, 1)), np.ones((5, 4)), kind=ValueError,
                     text="lstm_step expects c of the shape of h, (2, 1), got (1, 1)")]),
    Op(gru_step, gru, [at((2, 3), (2, 2), (6, 8)), at((1, 1), (1, 3), (5, 12))], errors=shapes("gru_step")),
]  # fmt: skip
