"""Step 28: Walk downhill: gradient descent on the Rosenbrock function.

The gradient, the list of all partial derivatives, points to where a function rises fastest. So a small step the other
way leads downhill:

    x <- x - lr · ∂y/∂x

`lr`, the learning rate, says how small. All training of neural networks later on is this line, with more variables.

New against the step before: derivatives are used to change the variables, again and again.

The function is y = 100 (x1 - x0²)² + (1 - x0)². Its lowest point is (1, 1), where y = 0. It lies in a long curved
valley with a floor that is nearly flat, which makes it hard to reach.

Look at: the first gradient, at (0, 2). By hand: ∂y/∂x0 = -400 x0 (x1 - x0²) - 2 (1 - x0) = -2, and
∂y/∂x1 = 200 (x1 - x0²) = 400. Then every 100th point: down into the valley at once, and slowly along its floor. Point
999 is (0.6834..., 0.4656...), still on its way. Set iters = 10000 and it gets to about (0.994, 0.989).

Why `cleargrad` in the loop? `backward` adds to `grad`. Without it, every step would also repeat all steps before.

Why does the update use `x0.data`, and not x0? The step itself shall not become part of the graph. This script uses the
simple engine of step 22, where `grad` is an array; with the package's it is `x0.data -= lr * x0.grad.data`.

In the package: `dezero.optimizers.SGD` makes this update for all parameters of a model (step 46).
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # so that it runs from a bare clone, too

import numpy as np

from dezero.core_simple import Variable, setup_variable

setup_variable()

lr = 0.001
iters = 1000


def rosenbrock(x0, x1):
    return 100 * (x1 - x0**2) ** 2 + (1 - x0) ** 2


x0 = Variable(np.array(0.0))
x1 = Variable(np.array(2.0))

y = rosenbrock(x0, x1)
y.backward()
print("gradient at the start:", x0.grad, x1.grad)

for i in range(iters):
    y = rosenbrock(x0, x1)

    x0.cleargrad()
    x1.cleargrad()
    y.backward()

    if i % 100 == 0 or i == iters - 1:
        print(i, x0, x1)  # the point before its update

    x0.data -= lr * x0.grad
    x1.data -= lr * x1.grad

print("y after the last update:", rosenbrock(x0, x1))
