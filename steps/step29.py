"""Step 29: Newton's method, with a second derivative made by hand.

Gradient descent knows the slope and has to guess how far to go. Newton's method looks at the curvature, too. It lays a
parabola along the function at x and jumps to the lowest point of the parabola:

    x <- x - f'(x) / f''(x)

New against the step before: the second derivative takes the place of the learning rate.

The function is f(x) = x⁴ - 2x². Its derivatives are f' = 4x³ - 4x and f'' = 12x² - 4. Backpropagation computes f'. It
cannot yet compute f'', so `second_derivative` below is typed in by hand. We start at 2; the minimum nearby is x = 1.

Look at: the first update by hand. f'(2) = 24 and f''(2) = 44, so 2 - 24/44 = 1.4545. The error falls slowly at first,
and then the number of correct digits about doubles from line to line: 1.0009, 1.0000012, 1.000000000002, 1. The last
line counts the steps of gradient descent on the same way.

Does Newton's method always find the minimum? No. It finds a place where f' = 0. Starting at 0.1, where f'' < 0, it goes
to x = 0, which is a hill.

Why do not all people use it? With n variables, f'' becomes a matrix of n² numbers. A small network has n = 100000.

In the package: step 33 repeats this without a derivative by hand.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # so that it runs from a bare clone, too

import numpy as np

from dezero.core_simple import Variable, setup_variable

setup_variable()

iters = 10


def f(x):
    return x**4 - 2 * x**2


def second_derivative(x):
    return 12 * x**2 - 4


x = Variable(np.array(2.0))
for i in range(iters):
    print(i, x)

    y = f(x)
    x.cleargrad()
    y.backward()

    x.data = x.data - x.grad / second_derivative(x.data)

slow = Variable(np.array(2.0))
steps = 0
while abs(slow.data - 1) > 0.001:
    y = f(slow)
    slow.cleargrad()
    y.backward()
    slow.data = slow.data - 0.01 * slow.grad
    steps += 1
print("gradient descent with lr = 0.01 comes within 0.001 of 1 after", steps, "steps")
