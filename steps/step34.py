"""Step 34: The sine, and its derivatives up to the third.

The derivative of sin is cos, and that of cos is -sin. Written as Functions whose `backward` calls the other one, sine
and cosine have derivatives of every order.

New against the step before: a Function with `backward` on Variables. In step 27 it was `gy * np.cos(x.data)`: right,
but an array, where the graph ends. Now it is `gy * cos(x)`.

Look at: the table. Its columns are sin x, cos x, -sin x, -cos x, each the derivative of the one before. At x = 0 that
is 0, 1, 0, -1. The line below says that the package's sine gives the same numbers for all 200 values of x. In the
picture every curve is the one before, shifted to the left by π/2.

Why may `backward` be called on 200 numbers at once? Without a gradient to start from, it starts from ones, and gives
the derivative of the sum of all y. Each y depends on its own x alone, so element i of `x.grad` is dyᵢ/dxᵢ.

How does one find a `backward` that stops at arrays? `dezero.utils.check_grads(sin, x, order=2)` compares the second
derivative, too. It accepts this class and finds fault with that of step 27.

In the package: `Sin` and `Cos` in `dezero/functions/math.py`.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # so that it runs from a bare clone, too

import numpy as np

import dezero.functions as F
from dezero import Function, Variable
from dezero.utils import check_grads


class Sin(Function):
    def forward(self, x):
        return np.sin(x)

    def backward(self, gy):
        (x,) = self.inputs
        return gy * cos(x)


class Cos(Function):
    def forward(self, x):
        return np.cos(x)

    def backward(self, gy):
        (x,) = self.inputs
        return gy * -sin(x)


def sin(x):
    return Sin()(x)


def cos(x):
    return Cos()(x)


def derivatives(f, x):
    y = f(x)
    curves = [y.data]
    for _ in range(3):
        x.cleargrad()
        y.backward(create_graph=True)
        y = x.grad
        curves.append(y.data)
    return curves


print("       x       y      y'     y''    y'''")
points = np.array([0, np.pi / 4, np.pi / 2])
for row in zip(points, *derivatives(sin, Variable(points))):
    print(" ".join(f"{round(number, 4) + 0:7.4f}" for number in row))  # + 0 makes 0 of -0

check_grads(sin, points, order=2)  # raises an error with an explanation if a derivative is wrong

x = Variable(np.linspace(-7, 7, 200))
curves = derivatives(sin, x)
print("equals the package's sine:", np.allclose(curves, derivatives(F.sin, x)))

try:
    import matplotlib.pyplot as plt
except ImportError:
    print("no picture: matplotlib is missing, `python -m pip install matplotlib` brings it")
else:
    for curve, label in zip(curves, ["y = sin(x)", "y'", "y''", "y'''"]):
        plt.plot(x.data, curve, label=label)
    plt.ylim(-1.1, 1.5)  # room for the legend
    plt.legend(loc="upper center", ncol=4)
    if plt.get_backend().lower() == "agg":  # no display to show it on
        plt.savefig("step34.png")
        print("saved step34.png")
    else:
        plt.show()
