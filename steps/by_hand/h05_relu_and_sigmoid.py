"""By hand 5: two nodes that bend, ReLU and sigmoid.

A network that only multiplies by weights and adds is a straight line, however large it is. Therefore a function that
bends stands between its layers. It is applied to every number of an array on its own.

    ReLU:     y = x where x > 0, else 0      ∂y/∂x = 1 where x > 0, else 0
    sigmoid:  y = 1 / (1 + exp(-x))          ∂y/∂x = y (1 - y)

New against the script before: arrays in place of numbers, and layers that remember what is cheapest for the way back:
ReLU the places that were not positive (`mask`), sigmoid its own output (`out`).

Look at: how y (1 - y) comes out of four small nodes. At x = ln 3 the numbers are 0.75 * 0.25 = 0.1875.

Where is y (1 - y) from?  With u = 1 + exp(-x), the nodes going back are: 1/u gives -1/u² = -y²; "+ 1" hands it on; exp
gives -y² exp(-x); "times -1" turns the sign: y² exp(-x). Put in 1/u for one y, and u - 1 for exp(-x): that is
y * (u - 1)/u = y (1 - 1/u) = y (1 - y).
What is ReLU's derivative at 0?  There is none, it has a kink. Everybody takes 0 and is fine.

Python box: `x <= 0` on an array is an array of True and False. `dx[mask] = 0` writes 0 wherever it holds True.

In the package: `dezero.functions.relu` and `sigmoid`; the latter is written so that exp cannot overflow for x = -1000.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))  # so that it runs from a bare clone, too

import math

import numpy as np

import dezero.functions as F
from dezero import Variable
from dezero.utils import check_grads


class ReLU:
    def forward(self, x):
        self.mask = x <= 0
        out = x.copy()
        out[self.mask] = 0
        return out

    def backward(self, dout):
        dx = dout.copy()
        dx[self.mask] = 0
        return dx


class Sigmoid:
    def forward(self, x):
        self.out = 1 / (1 + np.exp(-x))
        return self.out

    def backward(self, dout):
        return dout * self.out * (1 - self.out)


x = np.array([[1.0, -0.5], [-2.0, 3.0]])
dout = np.array([[10.0, 20.0], [30.0, 40.0]])

relu, sigmoid = ReLU(), Sigmoid()
print("x =", x.tolist())
print("ReLU forward: ", relu.forward(x).tolist())
print("ReLU backward:", relu.backward(dout).tolist(), "from", dout.tolist())

number = math.log(3)
print(f"\nsigmoid at ln 3, forward:  -x = {-number:.6g}, exp = {math.exp(-number):.6g}, ", end="")
u = 1 + math.exp(-number)
print(f"1 + exp = {u:.6g}, y = {1 / u:.6g}")
du = 1.0 * (-1 / u**2)
dexp = du * 1
dminus = dexp * math.exp(-number)
dnumber = dminus * -1
print(f"sigmoid at ln 3, backward: 1, {du:.6g}, {dexp:.6g}, {dminus:.6g}, {dnumber:.6g}")
sigmoid.forward(np.array(number))
print(f"Sigmoid.backward in one go: y (1 - y) = {sigmoid.backward(1.0):.6g}")
assert np.allclose(dnumber, sigmoid.backward(1.0))


# -- three mistakes --


class NoReturn(ReLU):
    def forward(self, x):
        self.mask = x <= 0
        out = x.copy()
        out[self.mask] = 0


class InPlace(ReLU):
    def backward(self, dout):
        dout[self.mask] = 0  # this array belongs to somebody else
        return dout


class InputForOutput(Sigmoid):
    def forward(self, x):
        self.out = x  # somebody remembered the wrong one
        return 1 / (1 + np.exp(-x))


def verdict(layer, *arguments):
    try:
        check_grads(layer, *arguments)
    except (TypeError, ValueError) as error:
        return f"wrong: {error}"
    return "right"


print()
for layer in (ReLU(), Sigmoid(), NoReturn(), InPlace(), InputForOutput()):
    print(f"{type(layer).__name__}: {verdict(layer, x)}")

# Why InPlace hurts although its own result is right: in ReLU(a) + b, the node that adds hands the same array to both.
upstream = np.array([[1.0, 1.0], [1.0, 1.0]])
in_place = InPlace()
in_place.forward(x)
for_a, for_b = upstream, upstream
in_place.backward(for_a)
print("the gradient of b was all 1, and is now", for_b.tolist())


# -- the same with dezero --

for function, layer in ((F.relu, relu), (F.sigmoid, sigmoid)):
    v = Variable(x)
    out = function(v)
    out.grad = Variable(dout)
    out.backward()
    assert np.allclose(out.data, layer.forward(x))
    assert np.allclose(v.grad.data, layer.backward(dout))
print("\ndezero agrees; sigmoid backward:", v.grad.data.round(6).tolist())
