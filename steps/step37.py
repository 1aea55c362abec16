"""Step 37: Arrays of any shape: nothing has to change for functions that work element by element.

Until now the data in a Variable were single numbers. NumPy computes x + c or sin(x) for a whole array in the same
line, so our functions do as well. This step checks that the way back is right, too.

New against the step before: x has a shape, here (2, 3), and so has its gradient: always the same one as x.

Look at: the matrix at the end. It has numbers on its diagonal alone, and that is why the way back is so cheap.

The formula. Let y = f(x), where x and y are vectors of n elements. There are n x n derivatives ∂yᵢ/∂xⱼ: a matrix, the
Jacobian matrix J. Going back through f means to multiply it from the left by what has come back so far:

    gx = gy J,   that is   gxⱼ = Σᵢ gyᵢ ∂yᵢ/∂xⱼ

If f works element by element, yᵢ depends on xᵢ alone. All of J is zero but the diagonal, and the sum has one term
left: gxᵢ = gyᵢ f'(xᵢ). So the rule for numbers, `gy * f'(x)`, holds for arrays as it stands, and J is never made.

Where does the way back start? At a single number, the loss, whose derivative by itself is 1. If y is an array,
`y.backward()` starts with an array of ones. This gives the same gradients as `F.sum(y).backward()`.

In the package: `dezero.grad(y, x, gy)` computes gy J for any gy and leaves every `.grad` alone.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # so that it runs from a bare clone, too

import numpy as np

import dezero.functions as F
from dezero import Variable, grad

# -- forward and back with arrays ------------------------------------------------------------------

x = Variable(np.array([[1, 2, 3], [4, 5, 6]]))
c = Variable(np.array([[10, 20, 30], [40, 50, 60]]))
t = x + c
y = F.sum(t)
print("x + c =", t)
print("sum   =", y)  # 11 + 22 + 33 + 44 + 55 + 66

y.backward(retain_grad=True)
print("y.grad =", y.grad)  # where it starts: 1
print("t.grad =", t.grad)  # every element counts once in the sum: ones
print("x.grad =", x.grad)  # an addition hands it on as it is
print("shapes:", x.shape, x.grad.shape)

# -- the Jacobian matrix of a function that works element by element -------------------------------

v = Variable(np.array([1.0, 2.0, 3.0]))
w = v**2
rows = [grad(w, v, gy) for gy in np.eye(3)]  # gy = (1, 0, 0) asks for row 0 of J, and so on
J = np.array([row.data for row in rows])
print("J =")
print(J)  # 2v on the diagonal: 2, 4, 6

gy = np.array([1.0, 10.0, 100.0])
print("gy J      =", gy @ J)  # with the matrix
print("gy * 2v   =", gy * 2 * v.data)  # without it
print("grad(...) =", grad(w, v, gy))  # what the package does
