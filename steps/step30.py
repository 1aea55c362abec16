"""Step 30: Theory: why the second derivative is out of reach so far.

Steps 30 to 32 prepare double backpropagation: to differentiate a derivative by `backward`. This step takes stock of the
simple engine of step 22. What makes a graph there, and what does not?

1. A Variable holds `data`, `grad` and `creator`.
2. Calling a Function makes graph: the output gets the Function as its `creator`, the Function keeps its `inputs`.
3. `backward` on a result follows creators. It calls `f.backward(gy)`, which computes with arrays: for y = x^c it is
   `gy * c * x.data ** (c - 1)`. No Function is called there, so there is no new graph.

New against the step before: nothing is added. We look inside.

Look at: f(x) = x⁴ - 2x² at x = 2, as in step 29. The value is 8, f' = 24, f'' = 44. The functions behind y are the four
of the formula. The gradient is the right number, but an array: the way it was computed is lost. Wrapping it in a
Variable does not bring it back. After `backward` on the wrapped gradient, `x.grad` has not become 44. It is None, since
no path leads from there to x.

In the package: `dezero/core_simple.py`, the classes Variable and Function. Step 31 tells what is missing.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # so that it runs from a bare clone, too

import numpy as np

from dezero.core_simple import Variable, setup_variable

setup_variable()


def functions_behind(v):
    names = []
    todo = [v]
    while todo:
        f = todo.pop().creator
        if f is not None:
            names.append(type(f).__name__)
            todo.extend(f.inputs)
    return names


x = Variable(np.array(2.0))
y = x**4 - 2 * x**2
y.backward()

print("y =", y.data, "made by", functions_behind(y))
print("f'(2) =", x.grad, "is of", type(x.grad))

gx = Variable(x.grad)
print("wrapped in a Variable, made by", functions_behind(gx))

x.cleargrad()
gx.backward()
print("f''(2) =", x.grad)
