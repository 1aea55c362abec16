"""Step 24: Derivatives of formulas that nobody wants to differentiate by hand.

Three functions of two variables follow, which people use to test programs that search for a minimum. Each is written
down as in a book of formulas. Its derivatives cost one call.

New against the step before: nothing in the framework. The formulas get longer, the effort stays the same.

Look at: the point is always (1, 1).
    sphere        x² + y²                         derivatives 2x = 2 and 2y = 2
    Matyas        0.26 (x² + y²) - 0.48 x y       derivatives 0.52 x - 0.48 y = 0.04, and the same for y
    Goldstein-Price, a product of two brackets    derivatives -5376 and 8064
The line after that compares -5376 with the quotient of step 4, (f(x + h) - f(x - h)) / 2h. Last comes the lowest point
of Goldstein-Price, (0, -1), where the value is 3. There both derivatives are 0.

Why does 0.04 come with a tail of other digits? 0.26 and 0.48 have no exact binary form, and their difference shows it.

Why do x and y start anew for every function? `backward` adds to `grad` (step 14). New variables start without one.

In the package: `dezero.utils.check_grads(goldstein, x, y)` makes the comparison for every element of every input.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # so that it runs from a bare clone, too

import numpy as np

from dezero import Variable


def sphere(x, y):
    return x**2 + y**2


def matyas(x, y):
    return 0.26 * (x**2 + y**2) - 0.48 * x * y


def goldstein(x, y):
    left = 1 + (x + y + 1) ** 2 * (19 - 14 * x + 3 * x**2 - 14 * y + 6 * x * y + 3 * y**2)
    right = 30 + (2 * x - 3 * y) ** 2 * (18 - 32 * x + 12 * x**2 + 48 * y - 36 * x * y + 27 * y**2)
    return left * right


for f in [sphere, matyas, goldstein]:
    x = Variable(np.array(1.0))
    y = Variable(np.array(1.0))
    z = f(x, y)
    z.backward()
    print(f.__name__, z.data, x.grad.data, y.grad.data)

h = 1e-4
quotient = (goldstein(1.0 + h, 1.0) - goldstein(1.0 - h, 1.0)) / (2 * h)  # the formula takes plain numbers, too
print(f"goldstein by differences: {quotient:.2f}")

x_low = Variable(np.array(0.0))
y_low = Variable(np.array(-1.0))
lowest = goldstein(x_low, y_low)
lowest.backward()
print("goldstein at its lowest point", lowest.data, x_low.grad.data, y_low.grad.data)
