"""By hand 3: z = (x + y)², and a value that is used twice.

Call the sum in the middle t. Then z = t² and t = x + y, and the chain rule goes back node by node:

    ∂z/∂z = 1    ∂z/∂t = ∂z/∂z * 2t    ∂z/∂x = ∂z/∂t * ∂t/∂x = 2t * 1 = 2(x + y)

Each arrow of the graph carries one of these products. A node multiplies what it gets by its own derivative.

New against the script before: `SquareLayer`, and what happens where a value branches. t² is also t * t, and there t
goes into the node through two doors. Each door sends a derivative back, and t gets their *sum*.

Look at: 14 by both ways, 7 + 7 by the second one.

Why the sum?  If t grows a little, both factors grow, and z feels both: each adds its share.

Python box: `lambda t: t * t` is a function without a name; what stands after the colon is returned.

In the package: `dezero.core.Pow`. `Variable.backward` adds up what comes back to a Variable that was used twice.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))  # so that it runs from a bare clone, too

import numpy as np

from dezero import Variable
from dezero.utils import check_grads


class AddLayer:
    def forward(self, x, y):
        return x + y

    def backward(self, dout):
        return dout * 1, dout * 1


class MulLayer:
    def forward(self, x, y):
        self.x, self.y = x, y
        return x * y

    def backward(self, dout):
        return dout * self.y, dout * self.x


class SquareLayer:
    def forward(self, t):
        self.t = t
        return t**2

    def backward(self, dout):
        return dout * 2 * self.t


x, y = 3.0, 4.0

add, square = AddLayer(), SquareLayer()
t = add.forward(x, y)
z = square.forward(t)
print(f"forward:  t = {x:.6g} + {y:.6g} = {t:.6g}, z = {t:.6g}² = {z:.6g}")
dz = 1.0
dt = square.backward(dz)
dx, dy = add.backward(dt)
print(f"backward: ∂z/∂z = {dz:.6g}, ∂z/∂t = {dz:.6g} * 2 * {t:.6g} = {dt:.6g}, ∂z/∂x = {dt:.6g} * 1 = {dx:.6g}")

# the same number as a product: t goes into the node twice
mul = MulLayer()
mul.forward(t, t)
first, second = mul.backward(dz)
print(f"t * t:    ∂z/∂t = {first:.6g} + {second:.6g} = {first + second:.6g}")


# -- the mistake: the second derivative overwrites the first, where it has to be added --


class SquareOfSum:
    """(x + y) * (x + y)."""

    def __init__(self):
        self.add, self.mul = AddLayer(), MulLayer()

    def forward(self, x, y):
        t = self.add.forward(x, y)
        return self.mul.forward(t, t)

    def backward(self, dout):
        first, second = self.mul.backward(dout)
        return self.add.backward(first + second)


class Overwritten(SquareOfSum):
    def backward(self, dout):
        dt, dt = self.mul.backward(dout)
        return self.add.backward(dt)


def verdict(layer, *arguments):
    try:
        check_grads(layer, *arguments)
    except (TypeError, ValueError) as error:
        return f"wrong: {error}"
    return "right"


print("\nadded,       check_grads:", verdict(SquareOfSum(), x, y))
print("overwritten, check_grads:", verdict(Overwritten(), x, y))


# -- the same with dezero, both ways --

for way in (lambda t: t**2, lambda t: t * t):
    vx, vy = Variable(np.array(x)), Variable(np.array(y))
    vz = way(vx + vy)
    vz.backward()
    assert np.allclose([vz.data, vx.grad.data, vy.grad.data], [z, dx, dy])
print(f"\ndezero agrees: {vz:.6g}, {vx.grad:.6g}, {vy.grad:.6g}")
