"""Step 40: broadcast_to and sum_to, which undo each other's work.

NumPy adds arrays of shapes (3,) and (1,) by repeating the 1 element 3 times. This is called broadcasting. On the way
back the 3 copies have 3 gradients, and the element needs one: their sum. So broadcast_to needs a Function that sums
back to a smaller shape, sum_to; and the way back of sum_to is to copy, broadcast_to.

New against the step before: the sum is told by its result, "make it this shape", and has to find the axes itself.

Look at: the table. It shows for every target shape which axes were summed.

How sum_to finds its axes. Write the two shapes below each other, aligned at the right, as broadcasting does:

    x       2  2  3
    target     1  3        the target has no axis 0, and a 1 where x has 2
    sum     0  1           so axes 0 and 1 are summed: keep axis 1 as a 1, and drop axis 0

An axis is summed if the target lacks it or has a 1 there while x has not. If the target has any other number than x,
no sum can help: that is a mistake, and sum_to says so.

Why a sum? The copies are one variable, used 3 times. A variable that is used several times gets the sum of what comes
back from its uses; that was so for x + x in step 14, and it is so here.

In the package: both stand in `dezero/core.py`, because addition needs them: the engine calls sum_to for every operator
whose operands were broadcast. You need not call it.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # so that it runs from a bare clone, too

import numpy as np

import dezero.functions as F
from dezero import Function, Variable

# -- two Functions of our own ----------------------------------------------------------------------


def summed_axes(shape, target):
    """The axes of shape that have to be summed to get to target."""
    lead = len(shape) - len(target)
    aligned = (1,) * lead + tuple(target)  # aligned at the right: a lacking axis counts as a 1
    axes = []
    for axis, (n, m) in enumerate(zip(shape, aligned)):
        if axis < lead or (m == 1 and n != 1):
            axes.append(axis)
    return tuple(axes)


class BroadcastTo(Function):
    def __init__(self, shape):
        self.shape = shape

    def forward(self, x):
        self.x_shape = x.shape
        return np.broadcast_to(x, self.shape)

    def backward(self, gy):
        return SumTo(self.x_shape)(gy)


class SumTo(Function):
    def __init__(self, shape):
        self.shape = shape

    def forward(self, x):
        self.x_shape = x.shape
        axes = summed_axes(x.shape, self.shape)
        return x.sum(axis=axes, keepdims=True).reshape(self.shape)  # reshape drops the leading 1s

    def backward(self, gy):
        return BroadcastTo(self.x_shape)(gy)


# -- where it is needed ----------------------------------------------------------------------------

x0 = Variable(np.array([1, 2, 3]))
x1 = Variable(np.array([10]))
y = x0 + x1
y.backward()
print("y =", y)
print("x0.grad =", x0.grad)
print("x1.grad =", x1.grad)  # used 3 times: 1 + 1 + 1

# -- which axes? -----------------------------------------------------------------------------------

x = np.arange(12).reshape(2, 2, 3)
print(f"sum_to from {x.shape}")
print(x)
targets = [(2, 2, 1), (2, 1, 3), (1, 2, 3), (2, 1, 1), (1, 2, 1), (1, 1, 3), (1, 1, 1)]
targets += [(2, 3), (1, 3), (3,), (2, 1), (1,), ()]
for target in targets:
    ours, theirs = SumTo(target)(x), F.sum_to(x, target)
    assert np.array_equal(ours.data, theirs.data) and ours.shape == theirs.shape == target
    print(f"{target!s:10} axes {summed_axes(x.shape, target)!s:10}", theirs.data.tolist())
print("the package gives the same")

print("(2, 1, 1) in NumPy: np.sum(x, axis=(1, 2), keepdims=True) =", x.sum(axis=(1, 2), keepdims=True).tolist())

try:
    F.sum_to(x, (2, 2))  # 3 cannot become 2 by summing
except ValueError as error:
    print("ValueError:", error)
