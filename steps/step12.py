"""Step 12: several inputs, written simply.

Who uses a function wants to write `add(x0, x1)`, and who writes one wants `def forward(self, x0, x1)`. The lists of
step 11 are still there, but only inside `Function.__call__`.

New against the step before: two stars and two small questions in `Function.__call__` (is it a tuple? is it only one?);
the function `add`. `forward` is as simple as in step 10 again.

Look at: 2 + 3 = 5, now with `add(x0, x1)`. What is inside did not change: `y.creator.inputs` holds both.

Python box: one star, two directions. In `def __call__(self, *inputs)` it collects: all that the caller writes between
the parentheses arrives as one tuple. In `self.forward(*[...])` it spreads: each element of the list becomes an argument
of its own.

`return x, y` in a function *is* a tuple, also without parentheses. That is why `__call__` asks for tuples.

In the package: functions of your own are written in this form, `forward(self, x0, x1)`.
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
            x, y = f.inputs[0], f.outputs[0]  # one of each: backward cannot do more yet
            x.grad = as_array(f.backward(y.grad))
            f = x.creator


def as_array(x):
    """Turn a number into a 0-dimensional array; return an array unchanged."""
    return np.array(x) if np.isscalar(x) else x


class Function:
    """An operation: subclasses say how to compute it (`forward`) and its derivative (`backward`), both on arrays."""

    def __call__(self, *inputs):
        """Compute the output, a Variable, or several in a list; they remember who made them."""
        ys = self.forward(*[x.data for x in inputs])
        if not isinstance(ys, tuple):
            ys = (ys,)
        outputs = [Variable(as_array(y)) for y in ys]
        for output in outputs:
            output.set_creator(self)
        self.inputs = inputs
        self.outputs = outputs
        return outputs if len(outputs) > 1 else outputs[0]

    def forward(self, *xs):
        """Return the output, given the inputs."""
        raise NotImplementedError(f"{type(self).__name__} has no forward")

    def backward(self, gy):
        """Return the gradient of the input, given that of the output."""
        raise NotImplementedError(f"{type(self).__name__} has no backward")


class Square(Function):
    """x ** 2."""

    def forward(self, x):
        return x**2

    def backward(self, gy):
        (x,) = self.inputs
        return gy * 2 * x.data


class Exp(Function):
    """e ** x."""

    def forward(self, x):
        return np.exp(x)

    def backward(self, gy):
        (x,) = self.inputs
        return gy * np.exp(x.data)


class Add(Function):
    """x0 + x1."""

    def forward(self, x0, x1):
        return x0 + x1


def square(x):
    """Return x ** 2."""
    return Square()(x)


def exp(x):
    """Return e ** x."""
    return Exp()(x)


def add(x0, x1):
    """Return x0 + x1."""
    return Add()(x0, x1)


# -- try it ----------------------------------------------------------------------------------------

x0 = Variable(np.array(2.0))
x1 = Variable(np.array(3.0))
y = add(x0, x1)
print("2 + 3 =", y.data)
print("inputs of the function:", [x.data.item() for x in y.creator.inputs])


def show(*inputs):
    print("show got", len(inputs), "argument(s):", inputs)


show(2, 3)
show([2, 3])
show(*[2, 3])
