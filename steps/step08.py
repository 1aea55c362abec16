"""Step 8: a loop in place of recursion.

The same walk as in step 7, written as a loop: do the work for one function, then go to the creator of its input, until
there is none. Nothing waits, so the chain may be as long as memory allows.

New against the step before: the inside of `Variable.backward`, nothing else.

Look at: x.grad is 3.297442541400256 again. The chain of 1000 squares, where step 7 gave up, now comes to its end. At 1
every square is 1 * 1 = 1 and has the derivative 2x = 2, so the chain has the derivative 2 * 2 * 2 * ... = 2^1000, and
this is exactly what comes out.

In the package: `Variable.backward` is a loop, too.
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
        while f is not None:
            x, y = f.input, f.output
            x.grad = f.backward(y.grad)
            f = x.creator


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
y = C(B(A(x)))
y.grad = np.array(1.0)
y.backward()
print("x.grad =", x.grad)
print("by trying:", numerical_diff(lambda x: Square()(Exp()(Square()(x))), x))

x1 = Variable(np.array(1.0))
z = x1
for _ in range(1000):
    z = Square()(z)
z.grad = np.array(1.0)
z.backward()
print("1000 squares at 1:", x1.grad)
print("2 to the power 1000:", 2.0**1000)
