"""Step 39: The sum of the elements.

A sum has many inputs and one output. If y = x₁ + x₂ + ... then ∂y/∂xᵢ is 1 for each i, so the gradient of y goes back
to every element unchanged: it is copied to all of them. The sum along an axis does this for each row or column.

New against the step before: the output has fewer elements than the input. The way back makes many of few.

Look at: the gradients for `axis=0`. The sums of the three columns get 10, 20 and 30, and each element of a column gets
the number of its column.

Which axis is which? The axis that you name is the one that disappears. x has the shape (2, 3). Sum over axis 0, of
size 2, and (3,) is left: one sum for each column. Sum over axis 1, of size 3, and (2,) is left: one for each row.
`keepdims=True` leaves a 1 in the place of the axis, as a reminder: (1, 3) and (2, 1).

That reminder is all the way back needs: put the 1 where the axis was (reshape), then copy along it (broadcast_to, which
is the theme of the next step).

In the package: `F.sum(x, axis, keepdims)` in `dezero/functions/reduction.py`, and the method `x.sum(...)`.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # so that it runs from a bare clone, too

import numpy as np

import dezero.functions as F
from dezero import Function, Variable, grad
from dezero.utils import check_grads


class Sum(Function):
    def __init__(self, axis, keepdims):
        self.axis, self.keepdims = axis, keepdims

    def forward(self, x):
        self.x_shape = x.shape
        y = x.sum(axis=self.axis, keepdims=True)
        self.kept_shape = y.shape  # (1, 3) for axis 0 of (2, 3)
        return y if self.keepdims else y.squeeze(axis=self.axis)  # squeeze takes the 1 away

    def backward(self, gy):
        return F.broadcast_to(F.reshape(gy, self.kept_shape), self.x_shape)


def my_sum(x, axis=None, keepdims=False):
    return Sum(axis, keepdims)(x)


x = Variable(np.array([[1, 2, 3], [4, 5, 6]]))

y = my_sum(x)
y.backward()
print("all elements: ", y)  # 21
print(x.grad)

for axis, gy in ((0, [10, 20, 30]), (1, [10, 20])):
    y = my_sum(x, axis=axis)
    gx = grad(y, x, np.array(gy))
    print(f"axis {axis}: {x.shape} -> {y.shape}", y, "with keepdims", my_sum(x, axis, keepdims=True).shape)
    print(f"gradient {gy} comes back as")
    print(gx)

# -- the same with the package ---------------------------------------------------------------------

for axis in (None, 0, 1, (0, 1), -1):
    for keepdims in (False, True):
        ours, theirs = my_sum(x, axis, keepdims), F.sum(x, axis, keepdims)
        assert ours.shape == theirs.shape and np.array_equal(ours.data, theirs.data)
print("the package gives the same sums")

check_grads(lambda x: my_sum(x, axis=1), np.random.rand(2, 3))  # compares with differences; raises if it is wrong
print("and differences give the same gradients")
