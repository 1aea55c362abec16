"""Step 9: less to write, and a clear error.

Three things make the program pleasant to use. `square(x)` stands for `Square()(x)`. `y.backward()` sets y.grad to 1 by
itself where we gave no other value. And a Variable refuses what is not an array: a mistake is found where it is made,
and not ten functions later.

New against the step before: `square` and `exp`; the first two lines of `backward`; the check in `Variable.__init__`;
`as_array`.

Look at: the whole formula is one line now, and x.grad is the same. Then `Variable(1.0)` ends in the TypeError that we
wanted; without the `try` the program would stop there.

Why `as_array`? `np.array(2.0)` is an array, but its square is none: NumPy returns a number, `np.float64`, as the third
line shows. The check would refuse our own results. `as_array` makes an array of it again.

Why two pairs of parentheses in `Square()(x)`? The first makes a new function object, the second calls it. Every call
gets an object of its own, because the object remembers the input of that one call.

Why `ones_like` and not 1.0? y.grad gets the shape and the type of y. If y has several elements, each one counts with 1.

In the package: `dezero.as_array`, and the same check.
"""

import numpy as np


class Variable:
    """An array that remembers the Function that computed it; `grad`, once computed, is an array of the same shape.

    Raises
    ------
    TypeError
        If data is neither an array nor None.
    """

    def __init__(self, data):
        if data is not None and not isinstance(data, np.ndarray):
            raise TypeError(f"{type(data)} is not supported")
        self.data = data
        self.grad = None
        self.creator = None

    def set_creator(self, f):
        """Record f as the Function that computed this variable."""
        self.creator = f

    def backward(self):
        """Compute the derivative of this variable with respect to all that stands before it."""
        if self.grad is None:
            self.grad = np.ones_like(self.data)
        f = self.creator
        while f is not None:
            x, y = f.input, f.output
            x.grad = as_array(f.backward(y.grad))
            f = x.creator


def as_array(x):
    """Turn a number into a 0-dimensional array; return an array unchanged."""
    return np.array(x) if np.isscalar(x) else x


class Function:
    """An operation: subclasses say how to compute it (`forward`) and its derivative (`backward`), both on arrays."""

    def __call__(self, input):
        """Compute the output, a Variable; it remembers this function, which remembers both."""
        y = self.forward(input.data)
        output = Variable(as_array(y))
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


def square(x):
    """Return x ** 2."""
    return Square()(x)


def exp(x):
    """Return e ** x."""
    return Exp()(x)


def numerical_diff(f, x, eps=1e-4):
    """Return the derivative of f at x from the values of f a little to the right and to the left."""
    y1 = f(Variable(as_array(x.data + eps)))
    y0 = f(Variable(as_array(x.data - eps)))
    return (y1.data - y0.data) / (2 * eps)


# -- try it ----------------------------------------------------------------------------------------

x = Variable(np.array(0.5))
y = square(exp(square(x)))
y.backward()
print("x.grad =", x.grad)
print("by trying:", numerical_diff(lambda x: square(exp(square(x))), x))

print(type(np.array(2.0) ** 2), "becomes", type(as_array(np.array(2.0) ** 2)))

Variable(None)  # a box that is still empty is fine
try:
    Variable(1.0)
except TypeError as error:
    print("TypeError:", error)
