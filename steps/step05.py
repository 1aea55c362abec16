"""Step 5: the chain rule, and why we go backwards.

x -> A -> a -> B -> b -> C -> y. If a link makes a change three times as large, and the next one makes it twice as
large, both together make it six times as large: the derivatives of the links are multiplied.

    dy/dx = dy/db * db/da * da/dx

Which product do we compute first? The result does not depend on it, but the work does. Backpropagation begins at the
output, with dy/dy = 1, and multiplies one link after the other:

    dy/dy = 1  ->  dy/db = dy/dy * C'(b)  ->  dy/da = dy/db * B'(a)  ->  dy/dx = dy/da * A'(x)

New against the step before: nothing in the core; this step is theory. The program walks the three links by hand.

Look at: every number on the way is the derivative of y with respect to something: b, then a, then x. So the way back
gives all of them at once. The last one, 3.29744254..., is the one that step 4 found by trying. That dy/da is the same
number is a coincidence: the link between them has the derivative A'(x) = 2x, which is 1 at 0.5.

Look also at the count. Let x, a and b be layers of 1000 numbers, each depending on all of the layer before, and y one
number, as the loss of a network. Then A'(x) and B'(a) are tables of 1000 * 1000 numbers, and C'(b) is one row of 1000.
From the output, it is a row times a table, twice: 2 million multiplications. From the input, it is a table times a
table, and then the row: 1001 million.

To go back we need a and b, the values of the way there. That is why the functions will have to remember their inputs.

Python box: `lambda x: ...` is a function without a name; what stands after the colon is returned.

In the package: `Variable.backward` is this walk for any formula; steps 6 to 8 build it.
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


def numerical_diff(f, x, eps=1e-4):
    """Return the derivative of f at x from the values of f a little to the right and to the left."""
    y1 = f(Variable(x.data + eps))
    y0 = f(Variable(x.data - eps))
    return (y1.data - y0.data) / (2 * eps)


# -- try it ----------------------------------------------------------------------------------------

A, B, C = Square(), Exp(), Square()

x = Variable(np.array(0.5))
a = A(x)
b = B(a)
y = C(b)

dy_dy = 1.0
dy_db = dy_dy * 2 * b.data  # the derivative of b^2 is 2b
dy_da = dy_db * np.exp(a.data)  # that of e^a is e^a
dy_dx = dy_da * 2 * x.data  # that of x^2 is 2x

print("dy/dy =", dy_dy)
print("dy/db =", dy_db)
print("dy/da =", dy_da)
print("dy/dx =", dy_dx)
print("by trying:", numerical_diff(lambda x: Square()(Exp()(Square()(x))), x))

n = 1000
print("multiplications from the output:", n * n + n * n)
print("multiplications from the input: ", n * n * n + n * n)
