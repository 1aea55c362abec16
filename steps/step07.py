"""Step 7: the way back finds itself.

Calling `backward` of every function in the right order is dull work, and a program can do it. It only has to know the
way. So each result remembers the function that made it, its creator, and each function remembers its input and output.
From y we can then walk to the beginning: y, its creator C, the input b of C, the creator B of b, and so on.

New against the step before: `creator`, `set_creator` and `backward` in Variable; `output` in Function.

Look at: the first three lines show that the way is there. Nobody drew this graph: it came into being while the formula
was computed. This is called define-by-run. x has no creator; there the walk ends.

`Variable.backward` asks the creator for the gradient of its input, and then calls the `backward` of that input. A
method that calls itself on the next object is recursive. Look at the last line, too: in a chain of 1000 functions, 1000
calls wait for one another, and Python gives up. Step 8 repairs it.

In the package: `Variable.creator` and `Variable.backward` have the same names.
"""

import numpy as np


class Variable:
    """An array that remembers the Function that computed it; `grad`, once computed, is an array of the same shape."""

    def __init__(self, data):
        self.data = data
        self.grad = None
        self.creator = None

    def set_creator(self, f):
        """Record f as the Function that computed this variable."""
        self.creator = f

    def backward(self):
        """Compute the derivative of the result with respect to all that stands before this variable."""
        f = self.creator
        if f is not None:
            x = f.input
            x.grad = f.backward(self.grad)
            x.backward()


class Function:
    """An operation: subclasses say how to compute it (`forward`) and its derivative (`backward`), both on arrays."""

    def __call__(self, input):
        """Compute the output, a Variable; it remembers this function, which remembers both."""
        y = self.forward(input.data)
        output = Variable(y)
        output.set_creator(self)
        self.input = input
        self.output = output
        return output

    def forward(self, x):
        """Return the output, given the input."""
        raise NotImplementedError(f"{type(self).__name__} has no forward")

    def backward(self, gy):
        """Return the gradient of the input, given that of the output."""
        raise NotImplementedError(f"{type(self).__name__} has no backward")


class Square(Function):
    """x ** 2."""

    def forward(self, x):
        return x**2

    def backward(self, gy):
        x = self.input
        return gy * 2 * x.data


class Exp(Function):
    """e ** x."""

    def forward(self, x):
        return np.exp(x)

    def backward(self, gy):
        x = self.input
        return gy * np.exp(x.data)


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

print("y was made by C, from b:", y.creator is C and C.input is b)
print("b was made by B, from a:", b.creator is B and B.input is a)
print("a was made by A, from x:", a.creator is A and A.input is x and x.creator is None)

y.grad = np.array(1.0)
y.backward()
print("x.grad =", x.grad)
print("by trying:", numerical_diff(lambda x: Square()(Exp()(Square()(x))), x))

z = Variable(np.array(1.0))
for _ in range(1000):
    z = Square()(z)
z.grad = np.array(1.0)
try:
    z.backward()
except RecursionError:
    print("1000 functions: RecursionError")
