"""Step 6: the way back, by hand.

Each function learns a second thing beside `forward`: `backward` takes the derivative of the result with respect to the
function's output, called gy, multiplies it by the function's own derivative, and so returns the derivative with respect
to its input. Each Variable gets a place for that number, `grad`.

    backward(gy) = gy * f'(x)

New against the step before: `grad` in Variable, `input` and `backward` in the functions.

Look at: the four lines in which we call `backward` ourselves, from the last function to the first. The numbers are
those of step 5, and x.grad = 3.297442541400256 agrees with the trial in 7 digits.

Why does the function keep its input? The derivative of x^2 is 2x, so x must be known on the way back, too.

Why is y.grad = 1? Because dy/dy = 1: if y grows by something, y grows by just that.

Gradient is the word for a derivative when x is an array: `x.grad` holds one number for each element of `x.data`.
"""

import numpy as np


class Variable:
    """An array and, once it is computed, the derivative with respect to it."""

    def __init__(self, data):
        self.data = data
        self.grad = None


class Function:
    """An operation: subclasses say how to compute it (`forward`) and its derivative (`backward`), both on arrays."""

    def __call__(self, input):
        """Compute the output, a Variable, and remember the input."""
        y = self.forward(input.data)
        output = Variable(y)
        self.input = input
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

y.grad = np.array(1.0)
b.grad = C.backward(y.grad)
a.grad = B.backward(b.grad)
x.grad = A.backward(a.grad)

print("b.grad =", b.grad)
print("a.grad =", a.grad)
print("x.grad =", x.grad)
print("by trying:", numerical_diff(lambda x: Square()(Exp()(Square()(x))), x))
