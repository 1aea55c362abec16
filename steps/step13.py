"""Step 13: backward with several inputs.

On the way back the roles are swapped: a function with two inputs now returns two gradients, one for each of them. In a
sum both local derivatives are 1, so addition hands on what arrives:

    y = x0 + x1        dy/dx0 = 1, dy/dx1 = 1        backward(gy) = gy, gy

The chain has become a tree. A list, `functions`, holds those that are still to do.

New against the step before: lists in `Variable.backward`; `Add.backward`.

Look at: z = x^2 + y^2 at (2, 3) is 4 + 9 = 13; its derivatives are 2x = 4 and 2y = 6.

One case is still wrong. In x + x the same Variable is used twice, and its derivative is 2. The last line prints 1:
`x.grad` is assigned twice, and the second 1 overwrites the first. Step 14 repairs it.

Python box: `zip(f.inputs, gxs)` walks through two lists in step: the first input with the first gradient, the second
with the second.

In the package: `backward(self, gy)` returns one gradient, or a tuple of them, in the same way.
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
        functions = [self.creator]
        while functions:
            f = functions.pop()
            if f is None:  # the end of a way: nobody made this variable
                continue
            gys = [output.grad for output in f.outputs]
            gxs = f.backward(*gys)
            if not isinstance(gxs, tuple):
                gxs = (gxs,)
            for x, gx in zip(f.inputs, gxs):
                x.grad = as_array(gx)
                functions.append(x.creator)


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

    def backward(self, *gys):
        """Return the gradients of the inputs, given those of the outputs."""
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

    def backward(self, gy):
        return gy, gy


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

x = Variable(np.array(2.0))
y = Variable(np.array(3.0))
z = add(square(x), square(y))
z.backward()
print("z =", z.data)
print("x.grad =", x.grad)
print("y.grad =", y.grad)

x = Variable(np.array(2.0))
add(x, x).backward()
print("derivative of x + x:", x.grad, "(should be 2)")
