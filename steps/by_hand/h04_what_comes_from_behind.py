"""By hand 4: 10 * 5, somewhere in the middle of a large graph.

A node seldom stands at the end. Behind z = x * y there may be a whole network that ends in a number L. The node need
not know it. It gets one number from there, ∂L/∂z, and makes of it ∂L/∂x and ∂L/∂y:

    ∂L/∂x = ∂L/∂z * ∂z/∂x = ∂L/∂z * y        ∂L/∂y = ∂L/∂z * x

New against the script before: nothing but the number that comes from behind; it is 1.2 here and not 1.

Look at: 6 and 12, which are 1.2 * 5 and 1.2 * 10. A node that adds hands on 1.2 and 1.2.

How is ∂L/∂z called?  "Upstream gradient" in lectures, `dout` in these scripts, `gy` or `z.grad` in the package.
Why does `check_grads` send back a random number?  With 1, a node that forgets to multiply would pass: see below.

In the package: set `z.grad` before `z.backward()`; it starts from there. Without it, it starts from 1.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))  # so that it runs from a bare clone, too

import numpy as np

from dezero import Variable
from dezero.utils import check_grads


class MulLayer:
    def forward(self, x, y):
        self.x, self.y = x, y
        return x * y

    def backward(self, dout):
        return dout * self.y, dout * self.x


class AddLayer:
    def forward(self, x, y):
        return x + y

    def backward(self, dout):
        return dout * 1, dout * 1


x, y, upstream = 10.0, 5.0, 1.2

mul, add = MulLayer(), AddLayer()
z = mul.forward(x, y)
dx, dy = mul.backward(upstream)
print(f"{x:.6g} * {y:.6g} = {z:.6g}, back comes {upstream}: dx = {dx:.6g}, dy = {dy:.6g}")
s = add.forward(x, y)
sx, sy = add.backward(upstream)
print(f"{x:.6g} + {y:.6g} = {s:.6g}, back comes {upstream}: dx = {sx:.6g}, dy = {sy:.6g}")


# -- the mistake: the number from behind is not multiplied --


class Forgetful(MulLayer):
    def backward(self, dout):
        return self.y, self.x


def verdict(layer, *arguments):
    try:
        check_grads(layer, *arguments)
    except (TypeError, ValueError) as error:
        return f"wrong: {error}"
    return "right"


forgetful = Forgetful()
forgetful.forward(x, y)
print("\nforgetful, sent 1:  ", *forgetful.backward(1.0), " which is right, by luck")
print("forgetful, sent 1.2:", *forgetful.backward(1.2), " which is not")
print("check_grads:", verdict(forgetful, x, y))  # it sent 0.12573; the true derivatives are that times 5 and 10
print("MulLayer, check_grads:", verdict(mul, x, y))


# -- the same with dezero --

vx, vy = Variable(np.array(x)), Variable(np.array(y))
vz = vx * vy
vz.grad = Variable(np.array(upstream))
vz.backward()
assert np.allclose([vz.data, vx.grad.data, vy.grad.data], [z, dx, dy])

wx, wy = Variable(np.array(x)), Variable(np.array(y))  # and with an L of which ∂L/∂z is 1.2
loss = 1.2 * (wx * wy) + 3
loss.backward()
assert np.allclose([wx.grad.data, wy.grad.data], [dx, dy])
print(f"\ndezero agrees: {vz:.6g}, {vx.grad:.6g}, {vy.grad:.6g}")
