"""By hand 8: the same layer with matrices, and for many examples at once.

Put the weights of script 7 into a matrix, W = [[w11, w12], [w21, w22]]: a row for each input, a column for each neuron.
Then the eight derivatives become three lines. With D = ∂E/∂Y * s'(U), element by element, and U = X W + B:

    ∂E/∂W = Xᵀ D       (L, N) times (N, M) gives (L, M)
    ∂E/∂X = D Wᵀ       (N, M) times (M, L) gives (N, L)
    ∂E/∂B = sum of the rows of D                 (M,)

N is the number of examples, L of inputs, M of neurons. Every gradient has the shape of what it is the gradient of,
which is how to remember where the transpositions go: where N, L and M differ, only one order fits.

New against the script before: `Affine`, X W + B for a batch. B is one row, added to each of the N rows of X W. It
branches N times, so N derivatives come back, and their sum is its gradient.

Look at: the first rows are the numbers of script 7; the bias gradient of the batch is the sum of those of its examples.

Why is there no derivative of a matrix by a matrix?  Nobody needs it. E is a number, ∂E/∂W a table of derivatives.

Python box: `.sum(axis=0)` adds up along axis 0, and the axis that one names disappears: (3, 2) becomes (2,). `.sum()`
without it adds up everything and leaves one number. `b - lr * db` then changes all of b by that number, without a word.

In the package: `dezero.functions.linear` and `matmul`; sums over broadcast axes are made by the engine.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))  # so that it runs from a bare clone, too

import numpy as np

import dezero.functions as F
from dezero import Variable
from dezero.utils import check_grads


class Affine:
    def __init__(self, W, b):
        self.W = W
        self.b = b

    def forward(self, x):
        self.x = x
        return np.dot(x, self.W) + self.b

    def backward(self, dout):
        self.dW = np.dot(self.x.T, dout)
        self.db = dout.sum(axis=0)
        return np.dot(dout, self.W.T)


class Sigmoid:
    def forward(self, x):
        self.out = 1 / (1 + np.exp(-x))
        return self.out

    def backward(self, dout):
        return dout * self.out * (1 - self.out)


def show(**arrays):
    for name, array in arrays.items():
        print(f"  {name:2} {array.shape!s:6} {array.round(6).tolist()}")


W = np.array([[3.0, -1.0], [-2.0, 0.5]])
b = np.array([1.0, 1.0])
affine, sigmoid = Affine(W, b), Sigmoid()

x = np.array([[1.0, 2.0]])
dy = np.array([[4.0, 10.0]])
y = sigmoid.forward(affine.forward(x))
dx = affine.backward(sigmoid.backward(dy))
print("one example, as in script 7:")
show(x=x, W=W, y=y, dx=dx, dW=affine.dW, db=affine.db)

x = np.array([[1.0, 2.0], [0.0, 1.0], [-1.0, 0.5]])
dy = np.array([[4.0, 10.0], [1.0, -1.0], [2.0, 3.0]])
y = sigmoid.forward(affine.forward(x))
dx = affine.backward(sigmoid.backward(dy))
dW, db = affine.dW, affine.db
print("three examples:")
show(x=x, W=W, y=y, dx=dx, dW=dW, db=db)

one_by_one = []
for row, dy_row in zip(x, dy):
    sigmoid.forward(affine.forward(row.reshape(1, 2)))
    affine.backward(sigmoid.backward(dy_row.reshape(1, 2)))
    one_by_one.append(affine.db)
print("db of each example:", np.array(one_by_one).round(6).tolist())
assert np.allclose(sum(one_by_one), db)


# -- three mistakes, all of them in backward --


class NoSum(Affine):
    def backward(self, dout):
        dx = super().backward(dout)
        self.db = dout
        return dx


class SumOfAll(Affine):
    def backward(self, dout):
        dx = super().backward(dout)
        self.db = np.sum(dout)  # axis=0 is missing
        return dx


class NotTransposed(Affine):
    """The shapes fit all the same, because W is square: do not test a layer with as many inputs as outputs only."""

    def backward(self, dout):
        super().backward(dout)
        return np.dot(dout, self.W)


def verdict(layer, *arguments):
    try:
        check_grads(layer, *arguments)
    except (TypeError, ValueError) as error:
        return f"wrong: {error}"
    return "right"


print()
for kind in (Affine, NoSum, SumOfAll, NotTransposed):
    print(f"{kind.__name__}: {verdict(kind(W, b), x)}")
try:
    check_grads(NotTransposed(np.ones((2, 4)), np.ones(4)), x)  # two inputs, four neurons: NumPy itself refuses
except ValueError as error:
    print(f"NotTransposed with W (2, 4): wrong: {str(error).split(':')[0]}")

dout = np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
for kind in (Affine, NoSum, SumOfAll):
    layer = kind(W, b)
    layer.forward(x)
    layer.backward(dout)
    print(f"{kind.__name__}: b = {b.tolist()} would become {(b - 0.1 * layer.db).round(6).tolist()}")


# -- the same with dezero --

vx, vW, vb = Variable(x), Variable(W), Variable(b)
vy = F.sigmoid(F.linear(vx, vW, vb))
vy.grad = Variable(dy)
vy.backward()
assert np.allclose(vy.data, y)
assert np.allclose(vx.grad.data, dx)
assert np.allclose(vW.grad.data, dW)
assert np.allclose(vb.grad.data, db)
print("\ndezero agrees: db =", vb.grad.data.round(6).tolist())
