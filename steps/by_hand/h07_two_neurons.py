"""By hand 7: a layer of two neurons, one number at a time.

Two inputs x1, x2 go to both neurons. w12 is the weight *from* input 1 *to* neuron 2. Every product is its own node:

    k = x1 w11    r = x2 w21    m = k + b1 + r    y1 = s(m)
    n = x1 w12    p = x2 w22    q = p + b2 + n    y2 = s(q)

Let d1 = ∂E/∂y1 s'(m) and d2 = ∂E/∂y2 s'(q) be what passes the two bends. Then the chain rule gives all the rest:

    ∂E/∂w11 = x1 d1    ∂E/∂w12 = x1 d2    ∂E/∂b1 = d1    ∂E/∂x1 = w11 d1 + w12 d2
    ∂E/∂w21 = x2 d1    ∂E/∂w22 = x2 d2    ∂E/∂b2 = d2    ∂E/∂x2 = w21 d1 + w22 d2

New against the script before: x1 and x2 branch, to two neurons each, so that each gets the sum of what comes back.

Look at: d1 = 4 * 0.25 = 1 exactly, so everything that has only d1 in it can be checked in one's head.

Must I write this for 50 neurons?  No. These lines are products of matrices, spelled out; the next script needs three.
Write them once all the same: then you know where the transpositions come from.

In the package: `dezero.functions.linear` and `sigmoid`.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))  # so that it runs from a bare clone, too

import numpy as np

import dezero.functions as F
from dezero import Variable
from dezero.utils import check_grads


def sigmoid(n):
    return 1 / (1 + np.exp(-n))


def slope(n):
    return sigmoid(n) * (1 - sigmoid(n))


class TwoNeurons:
    def forward(self, x1, x2, w11, w12, w21, w22, b1, b2):
        self.x1, self.x2 = x1, x2
        self.w11, self.w12, self.w21, self.w22 = w11, w12, w21, w22
        k = x1 * w11
        r = x2 * w21
        n = x1 * w12
        p = x2 * w22
        self.m = k + b1 + r
        self.q = p + b2 + n
        return np.array([sigmoid(self.m), sigmoid(self.q)])

    def backward(self, dy):
        dy1, dy2 = dy
        d1 = dy1 * slope(self.m)
        d2 = dy2 * slope(self.q)
        dw11, dw21 = self.x1 * d1, self.x2 * d1
        dw12, dw22 = self.x1 * d2, self.x2 * d2
        dx1 = self.w11 * d1 + self.w12 * d2
        dx2 = self.w21 * d1 + self.w22 * d2
        return dx1, dx2, dw11, dw12, dw21, dw22, d1, d2


names = ("x1", "x2", "w11", "w12", "w21", "w22", "b1", "b2")
numbers = (1.0, 2.0, 3.0, -1.0, -2.0, 0.5, 1.0, 1.0)
upstream = np.array([4.0, 10.0])

layer = TwoNeurons()
y1, y2 = layer.forward(*numbers)
derivatives = layer.backward(upstream)
print(f"m = {layer.m:.6g}, y1 = {y1:.6g};  q = {layer.q:.6g}, y2 = {y2:.6g}")
for name, derivative in zip(names, derivatives):
    print(f"d{name} = {derivative:.6g}")


# -- two mistakes, both of which stood in print --


class WrongBend(TwoNeurons):
    """s'(m) for the second neuron, where s'(q) is meant."""

    def backward(self, dy):
        self.q = self.m
        return super().backward(dy)


class WrongWeight(TwoNeurons):
    """The derivatives by w12 and w22 mistaken for each other."""

    def backward(self, dy):
        dx1, dx2, dw11, dw12, dw21, dw22, db1, db2 = super().backward(dy)
        return dx1, dx2, dw11, dw22, dw21, dw12, db1, db2


def verdict(layer, *arguments):
    """What check_grads finds. It counts arguments from 0: argument 3 is w12."""
    try:
        check_grads(layer, *arguments)
    except (TypeError, ValueError) as error:
        return f"wrong: {error}"
    return "right"


print()
for layer in (TwoNeurons(), WrongBend(), WrongWeight()):
    print(f"{type(layer).__name__}: {verdict(layer, *numbers)}")


# -- the same with dezero: first number by number, then with matrices --

v = {name: Variable(np.array(number)) for name, number in zip(names, numbers)}
v1 = F.sigmoid(v["x1"] * v["w11"] + v["b1"] + v["x2"] * v["w21"])
v2 = F.sigmoid(v["x2"] * v["w22"] + v["b2"] + v["x1"] * v["w12"])
error = 4.0 * v1 + 10.0 * v2  # an E with the ∂E/∂y1 and ∂E/∂y2 from above
error.backward()
assert np.allclose([v[name].grad.data for name in names], derivatives)

x1, x2, w11, w12, w21, w22, b1, b2 = numbers
X, W, b = Variable(np.array([[x1, x2]])), Variable(np.array([[w11, w12], [w21, w22]])), Variable(np.array([b1, b2]))
Y = F.sigmoid(F.linear(X, W, b))
Y.grad = Variable(upstream.reshape(1, 2))
Y.backward()
assert np.allclose(np.concatenate([g.data.ravel() for g in (X.grad, W.grad, b.grad)]), derivatives)
print("\ndezero agrees, number by number and with matrices: W.grad =", W.grad.data.round(6).tolist())
