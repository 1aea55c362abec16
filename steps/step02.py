"""Step 2: a function turns one variable into another.

A function takes the number out of a box, computes, and puts the result into a new box. Taking out and putting in is the
same for all functions, so it is written once, in `Function`. A concrete function such as `Square` adds the one line
that differs, and calls it `forward`.

New against the step before: `Function` and the first function, `Square`.

Look at: 10 squared is 100, and the result is a Variable again. So it can be the input of the next function.

Python box: `class Square(Function)` makes Square inherit all that Function has. Python looks for a method in Square
first, then in Function: `f(x)` finds `__call__` in Function, and there `self.forward` finds the one in Square. A class
without parentheses, such as Variable, inherits from `object`, the ancestor of all classes. `raise` stops with an error,
`try` and `except` catch it. In a text that begins with f, what stands in braces is computed: here the name of the
class.

In the package: `dezero.Function`.
"""

import numpy as np


class Variable:
    """A box that holds an array."""

    def __init__(self, data):
        self.data = data


class Function:
    """An operation: subclasses say how to compute it (`forward`), on arrays."""

    def __call__(self, input):
        """Compute the output, a Variable."""
        y = self.forward(input.data)
        output = Variable(y)
        return output

    def forward(self, x):
        """Return the output, given the input."""
        raise NotImplementedError(f"{type(self).__name__} has no forward")


class Square(Function):
    """x ** 2."""

    def forward(self, x):
        return x**2


# -- try it ----------------------------------------------------------------------------------------

x = Variable(np.array(10))
f = Square()
y = f(x)

print(type(y))
print(y.data)

try:
    Function()(x)  # the general function does not know what to compute
except NotImplementedError as error:
    print(error)
