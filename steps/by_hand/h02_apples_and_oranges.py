"""By hand 2: apples and oranges.

Two apples at 100 yen and three oranges at 150 yen: (100 * 2 + 150 * 3) * 1.1 = 650 * 1.1 = 715 yen. A node that adds
joins the two fruits. Every node still looks only at its own numbers, however large the graph becomes.

New against the script before: `AddLayer`. For z = x + y both derivatives are 1, so it hands back what it gets, to both
sides. It has nothing to remember.

Look at: the number 1.1 that comes back to the AddLayer leaves it twice, towards the apples and towards the oranges.

In which order does one go back?  The reverse of the forward order: a node can hand on only what has arrived.

In the package: `dezero.core.Add` and `Mul`; `price.backward()` finds the order.
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


class Basket:
    def __init__(self):
        self.mul_apple = MulLayer()
        self.mul_orange = MulLayer()
        self.add_fruit = AddLayer()
        self.mul_tax = MulLayer()

    def forward(self, apple, apple_num, orange, orange_num, tax):
        self.apple_price = self.mul_apple.forward(apple, apple_num)
        self.orange_price = self.mul_orange.forward(orange, orange_num)
        self.all_price = self.add_fruit.forward(self.apple_price, self.orange_price)
        return self.mul_tax.forward(self.all_price, tax)

    def backward(self, dprice):
        self.dall_price, dtax = self.mul_tax.backward(dprice)
        self.dapple_price, self.dorange_price = self.add_fruit.backward(self.dall_price)
        dorange, dorange_num = self.mul_orange.backward(self.dorange_price)
        dapple, dapple_num = self.mul_apple.backward(self.dapple_price)
        return dapple, dapple_num, dorange, dorange_num, dtax


numbers = (100.0, 2.0, 150.0, 3.0, 1.1)  # apple, apple_num, orange, orange_num, tax

basket = Basket()
price = basket.forward(*numbers)
derivatives = basket.backward(1.0)
dapple, dapple_num, dorange, dorange_num, dtax = derivatives
print(f"forward:  {basket.apple_price:.6g} + {basket.orange_price:.6g} = {basket.all_price:.6g}, price: {price:.6g}")
both = f"{basket.dapple_price:.6g} and {basket.dorange_price:.6g}"
print(f"backward: to the sum {basket.dall_price:.6g}, from it {both}")
print(f"dApple: {dapple:.6g}, dApple_num: {dapple_num:.6g}")
print(f"dOrange: {dorange:.6g}, dOrange_num: {dorange_num:.6g}")
print(f"dTax: {dtax:.6g}")


# -- two mistakes that do not crash --
# A name that is mistyped (app_num) stops the script at once, with a NameError. A wrong name that exists does not.


class Swapped(Basket):
    """In backward somebody wrote `dorange_num, dorange = self.mul_orange.backward(...)`, in the wrong order."""

    def backward(self, dprice):
        dapple, dapple_num, dorange, dorange_num, dtax = super().backward(dprice)
        return dapple, dapple_num, dorange_num, dorange, dtax


class Copied(Basket):
    """The line of the apples was copied for the oranges, and its name was left as it was."""

    def __init__(self):
        super().__init__()
        self.mul_orange = self.mul_apple


def verdict(layer, *arguments):
    """What check_grads finds. It counts arguments from 0: apple is 0, orange is 2."""
    try:
        check_grads(layer, *arguments)
    except (TypeError, ValueError) as error:
        return f"wrong: {error}"
    return "right"


print()
for layer in (Basket(), Swapped(), Copied()):
    layer.forward(*numbers)
    print(type(layer).__name__ + ":", *(f"{derivative:.6g}" for derivative in layer.backward(1.0)))
    print("  check_grads:", verdict(layer, *numbers))


# -- the same with dezero --

a, an, o, on, t = (Variable(np.array(number)) for number in numbers)
p = (a * an + o * on) * t
p.backward()
assert np.allclose(p.data, price)
assert np.allclose([v.grad.data for v in (a, an, o, on, t)], derivatives)
print(f"\ndezero agrees: {p:.6g},", *(f"{v.grad:.6g}" for v in (a, an, o, on, t)))
