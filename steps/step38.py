"""Step 38: Functions that change the shape: reshape and transpose.

reshape puts the same elements, in their order, into another shape. transpose exchanges rows and columns. Both compute
nothing. They only move elements, and so the way back only moves the gradients to the places they came from.

New against the step before: the first Functions whose output has another shape than their input. The gradient that
comes back has the shape of the output, and must leave in the shape of the input.

Look at: the gradients. We send back 0, 1, 2 ... 5, so you can follow each number to its place.

What is "the derivative of reshape"? Give every element its own name. Then each output is a copy of one input: its
derivative by that input is 1, and 0 by all the others. The gradient of an input is that of its copy.

Python box: the star in `def f(*shape)` collects all arguments into one tuple. A call with two numbers gives a tuple of
two numbers. A call with a tuple gives a tuple with one element: that tuple. The table in the output shows it. A
method that shall take both forms has to look at the first argument; `shape_of` below does that. Note that ((2, 3)) is
(2, 3): the outer pair of brackets is just a pair of brackets.

In the package: `dezero/functions/shape.py`. `x.reshape(2, 3)`, `x.reshape((2, 3))`, `x.reshape([2, 3])`,
`x.transpose(1, 0)` and `x.T` are methods that call these functions.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # so that it runs from a bare clone, too

import numpy as np

import dezero.functions as F
from dezero import Function, Variable, grad

# -- two Functions of our own ----------------------------------------------------------------------


class Reshape(Function):
    def __init__(self, shape):
        self.shape = shape

    def forward(self, x):
        self.x_shape = x.shape  # remembered for the way back
        return x.reshape(self.shape)

    def backward(self, gy):
        return reshape(gy, self.x_shape)


class Transpose(Function):
    def forward(self, x):
        return x.transpose()

    def backward(self, gy):
        return transpose(gy)  # exchanged twice is as it was


def reshape(x, shape):
    return Reshape(shape)(x)


def transpose(x):
    return Transpose()(x)


x = Variable(np.array([[1, 2, 3], [4, 5, 6]]))
y = reshape(x, (6,))
gx = grad(y, x, np.arange(6))
print("reshape:  ", x.shape, "->", y.shape, y)
print("back:     ", (6,), "->", gx.shape)
print(gx)

y = transpose(x)
gx_transpose = grad(y, x, np.arange(6).reshape(3, 2))
print("transpose:", x.shape, "->", y.shape)
print(y)
print("back:     ", (3, 2), "->", gx_transpose.shape)
print(gx_transpose)

# -- the same with the package ---------------------------------------------------------------------

same = np.array_equal(F.reshape(x, (6,)).data, reshape(x, (6,)).data)
same = same and np.array_equal(grad(F.reshape(x, (6,)), x, np.arange(6)).data, gx.data)
same = same and np.array_equal(x.T.data, transpose(x).data)
print("the package gives the same:", same)

z = F.transpose(np.zeros((2, 3, 4)), (1, 0, 2))  # axes: which axis of the input comes first, second, third
print("axes (1, 0, 2):", (2, 3, 4), "->", z.shape)

# -- the star --------------------------------------------------------------------------------------


def argprint(*args):
    print(args, "len", len(args))


def shape_of(*args):
    if len(args) == 1 and isinstance(args[0], (tuple, list)):
        return tuple(args[0])
    return args


print("argprint(2, 3)    args =", end=" ")
argprint(2, 3)
print("argprint((2, 3))  args =", end=" ")
argprint((2, 3))
print("argprint([2, 3])  args =", end=" ")
argprint([2, 3])
print("argprint(6)       args =", end=" ")
argprint(6)
print("shape_of:", shape_of(2, 3), shape_of((2, 3)), shape_of([2, 3]), shape_of(6))

shapes = [y.shape for y in (x.reshape(3, 2), x.reshape((3, 2)), x.reshape([3, 2]), x.reshape(6), x.reshape(-1, 2))]
print("x.reshape:", shapes)  # -1 in the last: worked out from the number of elements
