"""Step 33: Newton's method without a derivative by hand.

`backward(create_graph=True)` leaves a gradient that can be differentiated. One more `backward`, on that gradient, gives
the second derivative. Newton's method needs just these two:

    x <- x - f'(x) / f''(x)

New against the step before: we use what steps 30 to 32 prepared. Against step 29, the formula 12x² - 4 is gone.

Look at: the ten lines are those of step 29, and the last one is 1. Before them, f'(2) = 24 and f''(2) = 44, and what
happens if one forgets to clear: 24 + 44 = 68.

Why is `x.cleargrad()` there twice? The first clears what the update before left. The second clears f' from `x.grad`,
where otherwise f'' would be added to it. `gx` still holds f', because it is a name for that Variable.

Why has the second `backward` no create_graph? Nobody differentiates f'' here.

In the package: `dezero.grad(y, x, create_graph=True)` returns the derivative instead of adding it to `x.grad`. Then
there is nothing to clear: gx = grad(f(x), x, create_graph=True), and gx2 = grad(gx, x).
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # so that it runs from a bare clone, too

import numpy as np

from dezero import Variable

iters = 10


def f(x):
    return x**4 - 2 * x**2


x = Variable(np.array(2.0))
y = f(x)
y.backward(create_graph=True)
gx = x.grad
print("f'(2) =", gx)

gx.backward()
print("f''(2), not cleared:", x.grad)
x.cleargrad()
gx.backward()
print("f''(2), cleared:", x.grad)

x = Variable(np.array(2.0))
for i in range(iters):
    print(i, x)

    y = f(x)
    x.cleargrad()
    y.backward(create_graph=True)

    gx = x.grad
    x.cleargrad()
    gx.backward()
    gx2 = x.grad

    x.data = x.data - gx.data / gx2.data
