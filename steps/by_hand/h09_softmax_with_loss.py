"""By hand 9: how wrong is an answer? Softmax and cross entropy in one layer.

A network that tells three kinds apart ends in three numbers. Softmax makes probabilities of them, and the loss is large
where the right kind got a small one. With labels t as 1 and 0 (one-hot):

    y_k = exp(x_k) / Σ exp(x_j)    L = -Σ t_k log y_k, the mean over the N examples    ∂L/∂x_k = (y_k - t_k) / N

Long formulas, short result: the gradient is what the network said, minus what it should have said.

New against the script before: `SoftmaxWithLoss`. It ends the graph: forward gives one number, where backward starts.

Look at: three equal inputs. y is 1/3 each, the loss ln 3 = 1.0986, and the gradient is (-2/3, 1/3, 1/3). A step against
it makes the right one larger and the others smaller.

Why one layer for both?  Alone, the loss divides by y_k, which may be 0. Together it cancels; (y - t) is always finite.
Why is the largest x subtracted first?  exp(1000) overflows. Softmax does not change if all x fall by the same number.
Is 0.693 the loss of a network that guesses?  For 2 kinds, ln 2. For 3 it is ln 3 = 1.0986, for 10 it is ln 10 = 2.3026.
Why divide by N?  Because L is a *mean* here. Where L is the sum over the batch (script 10), one must not divide.

Python box: `y[np.arange(N), t]` picks one number from each row: row 0 at t[0], row 1 at t[1], and so on.
`x.max(axis=1, keepdims=True)` has shape (N, 1), which NumPy stretches along each row. Without keepdims it is (N,),
which NumPy takes for one row: it refuses, or, for N = 3 examples of 3 kinds, subtracts the wrong numbers.

In the package: `dezero.functions.softmax_cross_entropy(x, t)`; `reduction="sum"` does not divide.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))  # so that it runs from a bare clone, too

import numpy as np

import dezero.functions as F
from dezero import Variable
from dezero.utils import check_grads


def softmax(x):
    below = x - x.max(axis=1, keepdims=True)
    return np.exp(below) / np.exp(below).sum(axis=1, keepdims=True)


class SoftmaxWithLoss:
    def __init__(self):
        self.loss = None
        self.y = None
        self.t = None

    def forward(self, x, t):
        self.t = t
        self.y = softmax(x)
        chosen = self.y[np.arange(len(t)), t]
        self.loss = -np.log(chosen).mean()
        return self.loss

    def backward(self, dout=1.0):
        dx = self.y.copy()
        dx[np.arange(len(self.t)), self.t] -= 1  # y - t, with t as labels
        return dout * dx / len(self.t)


layer = SoftmaxWithLoss()

x = np.zeros((1, 3))
t = np.array([0])
loss = layer.forward(x, t)
dx = layer.backward()
print(f"x = {x.tolist()}: y = {layer.y.round(6).tolist()}, loss = {loss:.6g}, dx = {dx.round(6).tolist()}")

x = np.array([[1000.0, 999.0, 0.0]])
loss = layer.forward(x, t)
print(f"x = {x.tolist()}: y = {layer.y.round(6).tolist()}, loss = {loss:.6g}")

x = np.array([[2.0, 1.0, 0.0], [0.0, 0.0, 1.0]])
t = np.array([0, 1])
loss = layer.forward(x, t)
dx = layer.backward()
print(f"two examples: loss = {loss:.6g}, dx = {dx.round(6).tolist()}")
print(f"the sum of each row of dx is {abs(dx.sum(axis=1)).max():.6f}: the probabilities always add up to 1")


# -- three mistakes --


class NotDivided(SoftmaxWithLoss):
    def backward(self, dout=1.0):
        return super().backward(dout) * len(self.t)


class WrongAxis(SoftmaxWithLoss):
    """Softmax over the whole batch and not over each row: the examples take probability from each other."""

    def forward(self, x, t):
        super().forward(x, t)
        self.y = np.exp(x) / np.exp(x).sum()
        return -np.log(self.y[np.arange(len(t)), t]).mean()


class OneOnly(SoftmaxWithLoss):
    """`dout=1.0` is there, and not used. At the end of a graph nobody notices; in L = 2 * loss one does."""

    def backward(self, dout=1.0):
        return super().backward(1.0)


def verdict(layer, *arguments):
    """What check_grads finds. Labels are whole numbers; it hands them through and tries x only."""
    try:
        check_grads(layer, *arguments)
    except (TypeError, ValueError) as error:
        return f"wrong: {error}"
    return "right"


print()
for kind in (SoftmaxWithLoss, NotDivided, WrongAxis, OneOnly):
    print(f"{kind.__name__}: {verdict(kind(), x, t)}")


# -- the same with dezero, mean and sum --

v = Variable(x)
vloss = F.softmax_cross_entropy(v, t)
vloss.backward()
assert np.allclose(vloss.data, loss)
assert np.allclose(v.grad.data, dx)

w = Variable(x)
F.softmax_cross_entropy(w, t, reduction="sum").backward()
assert np.allclose(w.grad.data, dx * len(t))
print(f"\ndezero agrees: loss = {vloss:.6g}, dx = {v.grad.data.round(6).tolist()}")
