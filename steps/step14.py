"""Step 14: one variable, used several times.

If x goes into a formula at two places, a change of x acts at both, and the effects add up. So the gradients that come
back to x are added, too:

    y = f(x, x)        dy/dx = (what comes back through the first place) + (what comes back through the second)

New against the step before: the sum in `backward`; `cleargrad`.

Look at: x + x has the derivative 2 and x + x + x has 3. Between the two formulas stands `x.cleargrad()`. The last line
shows what happens without it: 3 of the formula before, and 2 of this one, make 5. The sum does not know where one
formula ends and the next begins. Training loops therefore clear all gradients in every round.

Why `x.grad = x.grad + gx` and not `x.grad += gx`? `+=` writes into the array that is there. In x + x, `Add.backward`
returned the same array twice, and it is also the gradient of y: `+=` would change that one as well. `+` makes a new
array.

In the package: the same rule and the same `cleargrad`, and `Layer.cleargrads` for all parameters of a network.
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

    def cleargrad(self):
        """Forget the gradient; without this, `backward` adds to it."""
        self.grad = None

    def backward(self):
        """Add the derivative of this variable into `grad` of all that stands before it."""
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
                x.grad = as_array(gx if x.grad is None else x.grad + gx)  # a new array: gx may be somebody else's
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

x = Variable(np.array(3.0))
y = add(x, x)
y.backward()
print("x + x:", x.grad)

x.cleargrad()
y = add(add(x, x), x)
y.backward()
print("x + x + x:", x.grad)

y = add(x, x)
y.backward()
print("x + x without cleargrad:", x.grad)
