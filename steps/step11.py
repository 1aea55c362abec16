"""Step 11: several inputs.

x0 + x1 has two inputs, and other functions have two outputs. So a Function now takes a list of Variables and gives a
list of Variables. `forward` gets a list of arrays and returns a tuple of arrays, even where there is only one.

New against the step before: lists in `Function.__call__`; the function `Add`. The tests of step 10 and the trial are
gone from the file: tests live beside a program, not in it.

Look at: 2 + 3 = 5. Look also at how clumsy the call is, `Add()([x0, x1])[0]`. Step 12 makes it short again.

`Add` has no `backward` yet, and says so. Step 13 adds it. Functions of one variable go backward as before.

Python box: `(x,) = xs` takes the only element out of xs, and stops with an error if there are more. `(x**2,)` is a
tuple of one element: the comma makes the tuple, not the parentheses.

In the package: `Function.__call__` keeps its inputs and outputs in the same way.
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

    def __call__(self, inputs):
        """Compute the outputs, a list of Variables; they remember this function, which remembers all."""
        ys = self.forward([x.data for x in inputs])
        outputs = [Variable(as_array(y)) for y in ys]
        for output in outputs:
            output.set_creator(self)
        self.inputs = inputs
        self.outputs = outputs
        return outputs

    def forward(self, xs):
        """Return the outputs, given the inputs."""
        raise NotImplementedError(f"{type(self).__name__} has no forward")

    def backward(self, gy):
        """Return the gradient of the input, given that of the output."""
        raise NotImplementedError(f"{type(self).__name__} has no backward")


class Square(Function):
    """x ** 2."""

    def forward(self, xs):
        (x,) = xs
        return (x**2,)

    def backward(self, gy):
        (x,) = self.inputs
        return gy * 2 * x.data


class Exp(Function):
    """e ** x."""

    def forward(self, xs):
        (x,) = xs
        return (np.exp(x),)

    def backward(self, gy):
        (x,) = self.inputs
        return gy * np.exp(x.data)


class Add(Function):
    """x0 + x1."""

    def forward(self, xs):
        x0, x1 = xs
        return (x0 + x1,)


def square(x):
    """Return x ** 2."""
    return Square()([x])[0]


def exp(x):
    """Return e ** x."""
    return Exp()([x])[0]


# -- try it ----------------------------------------------------------------------------------------

x0 = Variable(np.array(2.0))
x1 = Variable(np.array(3.0))
ys = Add()([x0, x1])
y = ys[0]
print("2 + 3 =", y.data)

try:
    y.backward()
except NotImplementedError as error:
    print(error)

z = square(x0)
z.backward()
print("derivative of x^2 at 2:", x0.grad)
