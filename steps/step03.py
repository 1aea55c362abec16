"""Step 3: functions one after the other.

A function takes a Variable and gives a Variable, so the output of one can be the input of the next. With a few simple
functions we can then build any formula. Here it is y = (e^(x^2))^2, in three links: square, exp, square.

New against the step before: the function `Exp`.

Look at: the numbers between. 0.5 squared is 0.25; e^0.25 is 1.2840...; its square is 1.6487..., the square root of e.
It has to be, because (e^(x^2))^2 = e^(2 x^2), and 2 x^2 is 0.5 here.

Why are there two squares, A and C? Each has its own place in the chain, and from step 6 on each remembers what went in.

Why not compute it in one line? We could, but then nobody can look between the links. The derivative of each link is
simple, and steps 5 and 6 get the derivative of the chain from them.

In the package: `dezero.functions.exp`; a square is written `x**2`, which step 22 makes possible.
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


class Exp(Function):
    """e ** x."""

    def forward(self, x):
        return np.exp(x)


# -- try it ----------------------------------------------------------------------------------------

A = Square()
B = Exp()
C = Square()

x = Variable(np.array(0.5))
a = A(x)
b = B(a)
y = C(b)

print("a =", a.data)
print("b =", b.data)
print("y =", y.data)
