"""Step 32: Theory: three changes that let the engine differentiate again.

What step 31 did by hand, `backward` shall do by itself. Three changes to the engine of step 22 are enough:

1. A gradient is a Variable. `backward` starts from Variable(ones) and not from an array of ones.
2. `Function.backward` computes with Variables: `gy * x1`, not `gy * x1.data`. So it makes graph.
3. A switch, `create_graph`. Most programs want the first derivative only, and a graph of it would cost time and memory
   for nothing. So the pass runs with recording off, unless one asks for it: `using_config("enable_backprop",
   create_graph)`, the setting of step 18.

New against the step before: the whole new engine, twenty lines, which work on the package's Functions.

Look at: f(x) = x⁴ - 2x² at 2 again. With create_graph=False the gradient 24 has no functions behind it; with
create_graph=True it has nine, one more than by hand: for x², the rule c · x^(c-1) computes x¹ by a Pow, too. Then 44
and f'''(2) = 24 · 2 = 48 follow by calling `backward` on gradients. The package's engine finds the same. The last line
is what it says if one forgets create_graph=True.

Why is `x.grad` cleared between? `backward` adds to it (step 14), also to the gradient of the order before.

Why are gradients between dropped, in the last line of `backward`? They belong to this pass. The next pass starts again
at None; that is `retain_grad=False` of step 18.

In the package: `Variable.backward` in `dezero/core.py`. One thing it does better: without create_graph, the same
formulas run on bare arrays, because nobody needs the Variables then.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # so that it runs from a bare clone, too

import numpy as np

from dezero import Variable, using_config, walk


def backward(y, create_graph=False):
    y.grad = Variable(np.ones_like(y.data))  # change 1
    with using_config("enable_backprop", create_graph):  # change 3
        for f in walk(y):  # latest generation first, as in step 16
            gys = [output().grad for output in f.outputs]
            gxs = f.backward(*gys)  # change 2: Variables in, Variables out
            if not isinstance(gxs, tuple):
                gxs = (gxs,)
            for x, gx in zip(f.inputs, gxs):
                if gx is not None:  # numbers such as the 2 in 2 * x get none
                    x.grad = gx if x.grad is None else x.grad + gx
            for output in f.outputs:
                output().grad = None


def f(x):
    return x**4 - 2 * x**2


for create_graph in [False, True]:
    x = Variable(np.array(2.0))
    backward(f(x), create_graph)
    print(f"create_graph={create_graph}:", x.grad, "with", len(list(walk(x.grad))), "functions behind it")

gx = x.grad
for order in [2, 3]:
    x.cleargrad()
    backward(gx, create_graph=True)
    gx = x.grad
    print("order", order, gx)

x = Variable(np.array(2.0))
gx = f(x)
for order in [1, 2, 3]:
    x.cleargrad()
    gx.backward(create_graph=True)
    gx = x.grad
    print("order", order, gx, "by the package")

x.cleargrad()
f(x).backward()
try:
    x.grad.backward()
except RuntimeError as error:
    print("RuntimeError:", error)
