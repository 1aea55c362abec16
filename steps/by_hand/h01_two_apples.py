"""By hand 1: what changes if an apple becomes one yen dearer?

Two apples at 100 yen each, and 10 % tax on top: 100 * 2 * 1.1 = 220 yen. Draw each multiplication as a node. Going
forward through the nodes gives the price. Going back through them, from the price to the apple, gives the derivative of
the price by everything that went in. This is backpropagation; all that comes later is the same with more nodes.

New: `MulLayer`, a node that multiplies. For z = x * y it knows two things about itself, and nothing about the rest.
∂z/∂x, with a round ∂, is the derivative of z by x while everything else that goes in stays as it is:

    ∂z/∂x = y    ∂z/∂y = x      so what comes back from behind is multiplied by the *other* number

Look at: 1 -> 1.1 -> 2.2, the way back from the price to the apple.

Why does a node remember x and y?  The way back needs them, and by then nobody else has them.
What does 2.2 mean?  An apple dearer by 1 yen makes the purchase dearer by 2.2 yen: two apples, each with its tax.
200 is more than 2.2; does the tax matter most?  They cannot be compared: 2.2 is yen per yen, 200 is yen per 1 of the
factor 1.1, and a factor larger by 1 would be a tax of 110 %. One per cent more is 0.01, which costs 0.01 * 200 = 2 yen.
Why not simply make the apple a bit dearer and look?  One can: that is numerical differentiation. It takes a new forward
pass for every number that goes in. Going back takes one pass for all of them. `check_grads` below compares the two.

Python box: `f"{price:.6g}"` is the price written with six digits at most; without it you would read 220.00000000000003,
because a computer rounds. A star takes apart what stands behind it: `return *pair, third` returns one tuple of three,
and `print(*pair)` prints the two elements.

In the package: `dezero.core.Mul`. There every multiplication makes its own node by itself.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))  # so that it runs from a bare clone, too

import numpy as np

from dezero import Variable
from dezero.utils import check_grads


class MulLayer:
    def __init__(self):
        self.x = None
        self.y = None

    def forward(self, x, y):
        self.x = x
        self.y = y
        return x * y

    def backward(self, dout):
        dx = dout * self.y  # the other number
        dy = dout * self.x
        return dx, dy


apple, apple_num, tax = 100.0, 2.0, 1.1

mul_apple = MulLayer()
mul_tax = MulLayer()

# forward, from left to right
apple_price = mul_apple.forward(apple, apple_num)
price = mul_tax.forward(apple_price, tax)
print(f"forward:  {apple:.6g}, {apple_num:.6g}, {tax:.6g} -> {apple_price:.6g} -> {price:.6g}")

# backward, from right to left; the derivative of the price by itself is 1
dprice = 1.0
dapple_price, dtax = mul_tax.backward(dprice)
dapple, dapple_num = mul_apple.backward(dapple_price)
print(f"backward: {dprice:.6g} -> {dapple_price:.6g} -> {dapple:.6g}")
print(f"price: {price:.6g}")
print(f"dApple: {dapple:.6g}")
print(f"dApple_num: {dapple_num:.6g}")
print(f"dTax: {dtax:.6g}")


# -- the mistake: one layer object for two multiplications --
# Its second forward overwrites what the first one remembered. Nothing crashes, and the price is right. The derivatives
# are not: check_grads says that one is 0.55 times the right one, which is 1.1 / 2, the tax where 2 apples should be.


class Purchase:
    """Both multiplications as one layer, so that check_grads can try them."""

    def __init__(self, mul_apple, mul_tax):
        self.mul_apple = mul_apple
        self.mul_tax = mul_tax

    def forward(self, apple, apple_num, tax):
        return self.mul_tax.forward(self.mul_apple.forward(apple, apple_num), tax)

    def backward(self, dout):
        dapple_price, dtax = self.mul_tax.backward(dout)
        return *self.mul_apple.backward(dapple_price), dtax


def verdict(layer, *arguments):
    """What check_grads finds; it wants floats (2.0, not 2), because a whole number cannot change a little."""
    try:
        check_grads(layer, *arguments)
    except (TypeError, ValueError) as error:
        return f"wrong: {error}"
    return "right"


layer = MulLayer()
shared = Purchase(layer, layer)
print("\none MulLayer used twice:")
print(f"  price {shared.forward(apple, apple_num, tax):.6g}, derivatives", *(f"{d:.6g}" for d in shared.backward(1.0)))
print("  check_grads:", verdict(shared, apple, apple_num, tax))  # it sends 0.12573 back, not 1: see script 4
print("two MulLayers:")
print("  check_grads:", verdict(Purchase(MulLayer(), MulLayer()), apple, apple_num, tax))


# -- the same with dezero --

a, n, t = Variable(np.array(100.0)), Variable(np.array(2.0)), Variable(np.array(1.1))
p = a * n * t
p.backward()
assert np.allclose([p.data, a.grad.data, n.grad.data, t.grad.data], [price, dapple, dapple_num, dtax])
print(f"\ndezero agrees: {p:.6g}, {a.grad:.6g}, {n.grad:.6g}, {t.grad:.6g}")
