"""Step 31: Theory: a derivative is a computation, too.

Going back from y = x⁴ - 2x² means to evaluate another formula, 4x³ - 4x. It consists of products, powers and a sum,
like the formula for y. If these run as Functions on Variables, they leave a graph. Then `backward` works on the
derivative, as on any other result.

New against the step before: the same backward pass, once on arrays and once on Variables. It is written out by hand,
so that nothing is hidden. With the names a = x⁴, c = x², b = 2c, y = a - b:

    ∂y/∂y = gy = 1                 the start
    ∂y/∂a = ga = gy                Sub sends gy to the left
    ∂y/∂b = gb = -gy               and -gy to the right
    ∂y/∂c = gc = gb · 2            Mul
    ∂y/∂x = ga · 4x³ + gc · 2x     two Pow; x was used twice, so its gradients add up

Look at: both passes say 24. Behind the first gradient there is nothing. Behind the second stands the whole backward
pass, eight functions: the minus is Neg, x³ is Pow, the plus is Add, and five products are Mul, two of them inside 4x³
and 2x. The last line goes back through these functions and finds f''(2) = 12 · 2² - 4 = 44.

Do not mix up two graphs. The graph of y leads from x to y. The graph of the gradient leads from x, and from gy, to gx.
It is made while `backward` runs, and it refers to the same x.

In the package: every `Function.backward` is written with operations on Variables. Step 32 lets the engine use that.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # so that it runs from a bare clone, too

import numpy as np

from dezero import Variable, walk


def gradient(x, gy):
    """The backward pass of y = x⁴ - 2x², for arrays and for Variables."""
    ga = gy
    gb = -gy
    gc = gb * 2
    return ga * (4 * x**3) + gc * (2 * x)


gx_array = gradient(np.array(2.0), np.array(1.0))
print("on arrays:   ", gx_array)

x = Variable(np.array(2.0))
gy = Variable(np.array(1.0))
gx = gradient(x, gy)
print("on Variables:", gx, "made by", [type(f).__name__ for f in walk(gx)])

gx.backward()
print("f''(2) =", x.grad)
