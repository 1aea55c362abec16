"""By hand 6: one neuron.

A neuron multiplies its input by a weight, adds a bias, and bends the sum: three nodes, m = w x, n = m + b, y = s(n),
where s is the sigmoid. Everything so far joins here. The derivative of each node:

    ∂m/∂x = w    ∂m/∂w = x    ∂n/∂m = 1    ∂n/∂b = 1    ∂y/∂n = s'(n) = y (1 - y)

and of the error E, the number at the end of the network (L in script 4), by what goes in, with ∂E/∂y from behind:

    ∂E/∂x = ∂E/∂y s'(n) * 1 * w    ∂E/∂w = ∂E/∂y s'(n) * 1 * x    ∂E/∂b = ∂E/∂y s'(n) * 1

Passing a node means multiplying by its derivative.

New against the script before: numbers that the layer *owns*, w and b. Their gradients are kept in the layer (`dw`,
`db`), for somebody who will change w and b by them. The gradient of x is returned, for the layer in front.

Look at: s'(0) = 0.25; with 4 from behind, 1 passes the bend, and dx = w, dw = x, db = 1.

In the package: `dezero.layers.Linear` owns W and b, `dezero.functions.sigmoid` bends.
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


class Neuron:
    def __init__(self, w, b):
        self.w = np.array(w)
        self.b = np.array(b)

    def forward(self, x):
        self.x = x
        self.m = self.w * x
        self.n = self.m + self.b
        self.y = sigmoid(self.n)
        return self.y

    def backward(self, dy):
        dn = dy * self.y * (1 - self.y)
        dm = dn * 1
        self.db = dn * 1
        self.dw = dm * self.x
        return dm * self.w


x, w, b = 1.5, 2.0, -3.0
upstream = 4.0

neuron = Neuron(w, b)
y = neuron.forward(x)
dx = neuron.backward(upstream)
print(f"forward:  m = {neuron.m:.6g}, n = {neuron.n:.6g}, y = {y:.6g}")
print(f"backward: from behind {upstream:.6g}; dx = {dx:.6g}, dw = {neuron.dw:.6g}, db = {neuron.db:.6g}")


# -- two mistakes --


class BentAtX(Neuron):
    """The slope of the sigmoid taken at the input of the neuron, x, where that of the sigmoid, n, is meant."""

    def backward(self, dy):
        slope = sigmoid(self.x) * (1 - sigmoid(self.x))
        self.db = dy * slope
        self.dw = dy * slope * self.x
        return dy * slope * self.w


class WeightForInput(Neuron):
    """dw multiplied by w: the node that multiplies swaps its inputs, and this one forgot to."""

    def backward(self, dy):
        dx = super().backward(dy)
        self.dw = self.db * self.w
        return dx


def verdict(layer, *arguments):
    """What check_grads finds. It tries not only x but also w and b, and compares with dw and db."""
    try:
        check_grads(layer, *arguments)
    except (TypeError, ValueError) as error:
        return f"wrong: {error}"
    return "right"


print()
for kind in (Neuron, BentAtX, WeightForInput):
    print(f"{kind.__name__}: {verdict(kind(w, b), x)}")


# -- the same with dezero --

vx, vw, vb = Variable(np.array(x)), Variable(np.array(w)), Variable(np.array(b))
vy = F.sigmoid(vw * vx + vb)
vy.grad = Variable(np.array(upstream))
vy.backward()
assert np.allclose([vy.data, vx.grad.data, vw.grad.data, vb.grad.data], [y, dx, neuron.dw, neuron.db])
print(f"\ndezero agrees: y = {vy:.6g}, dx = {vx.grad:.6g}, dw = {vw.grad:.6g}, db = {vb.grad:.6g}")
