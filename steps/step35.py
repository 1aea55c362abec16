"""Step 35: The hyperbolic tangent, and graphs of derivatives.

tanh x = (eˣ - e⁻ˣ) / (eˣ + e⁻ˣ) runs from -1 to 1 in the shape of an S. Its derivative needs no exponentials once y is
known:

    y = tanh x        y' = 1 - y²        y'' = -2 y y' = -2 y (1 - y²)        y''' = (6 y² - 2) (1 - y²)

New against the step before: a `backward` that uses the output of its Function, and a look at how large the graph of a
derivative is.

Look at: the value and three derivatives at x = 1, computed by `backward` and by the formulas; they agree. Then, for
each order, the number of functions behind the derivative. From one order to the next it more than doubles, because
every pass goes back through the whole graph so far and adds to it. Last, tanh.png, the graph of the second derivative:
that is `iters = 1` more pass after the first. Try iters = 3.

Python box: `self.outputs[0]()`, why the second pair of brackets? A Function holds its outputs by weak references (step
17), so that a result nobody uses can go. Calling the reference gives the Variable.

Why is the graph so much larger than the formula -2 y (1 - y²)? Backpropagation applies the rule of each Function
mechanically. It neither cancels terms nor notices that one number is computed twice.

In the package: `Tanh` in `dezero/functions/math.py`, with the same formula; `dezero.walk` yields the functions behind a
result. Where Graphviz is missing, the picture is tanh.svg, and a warning says so.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # so that it runs from a bare clone, too

import numpy as np

import dezero.functions as F
from dezero import Function, Variable, walk
from dezero.utils import plot_dot_graph

iters = 1


class Tanh(Function):
    def forward(self, x):
        return np.tanh(x)

    def backward(self, gy):
        y = self.outputs[0]()
        return gy * (1 - y * y)


def tanh(x):
    return Tanh()(x)


def derivatives(f, x, highest):
    """f(x) and its derivatives, up to the highest order wanted."""
    results = [f(x)]
    for _ in range(highest):
        x.cleargrad()
        results[-1].backward(create_graph=True)
        results.append(x.grad)
    return results


x = Variable(np.array(1.0))
y = np.tanh(1.0)
formulas = [y, 1 - y**2, -2 * y * (1 - y**2), (6 * y**2 - 2) * (1 - y**2)]
print("order  by backward  by the package  by formula")
for order, (ours, package) in enumerate(zip(derivatives(tanh, x, 3), derivatives(F.tanh, x, 3))):
    print(f"{order:5}  {ours.data:11.8f}  {package.data:14.8f}  {formulas[order]:10.8f}")

print("order  functions in the graph")
for order, result in enumerate(derivatives(F.tanh, x, 7)):
    print(f"{order:5}  {len(list(walk(result))):22}")

x = Variable(np.array(1.0), name="x")
y = F.tanh(x)
y.name = "y"
y.backward(create_graph=True)
for _ in range(iters):
    gx = x.grad
    x.cleargrad()
    gx.backward(create_graph=True)
gx = x.grad
gx.name = "gx" + str(iters + 1)
picture = plot_dot_graph(gx, verbose=False, to_file="tanh.png")
print("saved", picture)
