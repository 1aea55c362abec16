"""Step 36: A derivative as a part of a formula.

A gradient made with create_graph=True is a Variable like any other. So it can stand in a further formula, and the
result can be differentiated, through the gradient and past it. This is what people mean by double backpropagation.

    y = x²        z = (∂y/∂x)³ + y

New against the step before: the second `backward` starts from a mixture of a gradient and a value.

Look at: by hand, ∂y/∂x = 2x, so z = 8x³ + x² and ∂z/∂x = 24x² + 2x. At x = 2 that is 96 + 4 = 100. Both parts matter:
without y in z it would be 96, and with the gradient taken for a constant it would be 4.

The second example multiplies by a matrix that is never formed. For f = x0² x1 the gradient is (2 x0 x1, x0²), which is
(4, 1) at (1, 2). The Hessian, the matrix of the second derivatives, has the rows (2 x1, 2 x0) and (2 x0, 0); there they
are (4, 2) and (2, 0). Its product with v = (4, 5) is (4·4 + 2·5, 2·4 + 0·5) = (26, 8). It comes from one backward pass
that starts at the number 4 · ∂f/∂x0 + 5 · ∂f/∂x1. A network with 100000 weights would have a Hessian of 10¹⁰ numbers;
the product costs only a few times as much as f.

Why `x.cleargrad()` before the second pass? Otherwise ∂y/∂x = 4 stays in `x.grad`, and the answer is 104.

Where is it used? In losses that contain a gradient: a penalty on the slope of a network (WGAN-GP), or a picture made
such that its gradients match given ones.

In the package: `dezero.grad` returns gradients directly, here `gx0, gx1 = grad(f, [x0, x1], create_graph=True)`.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # so that it runs from a bare clone, too

import numpy as np

from dezero import Variable, grad

x = Variable(np.array(2.0))
y = x**2
y.backward(create_graph=True)
gx = x.grad
x.cleargrad()

z = gx**3 + y
z.backward()
print(x.grad)

x0 = Variable(np.array(1.0))
x1 = Variable(np.array(2.0))
f = x0**2 * x1
gx0, gx1 = grad(f, [x0, x1], create_graph=True)
print("gradient:", gx0, gx1)

slope = 4 * gx0 + 5 * gx1
slope.backward()
print("Hessian times (4, 5):", x0.grad, x1.grad)
