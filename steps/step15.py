"""Step 15: graphs in which the order matters.

    x -> A -> a -> B -> b -> D -> y         A, B, C are squares, D is the sum:
              a -> C -> c -> D              y = (x^2)^2 + (x^2)^2 = 2 x^4

On the way back, a gets a gradient from B and one from C. A may begin only when both have arrived. Our list does not
know this: it takes what was put in last. That is D, C, and now A, though B is not done yet.

New against the step before: nothing in the core. This step shows what is wrong with it.

Look at: at x = 2 the derivative of 2 x^4 is 8 x^3 = 64, but the core finds 96. It goes D, C, A, B, A. The first A hands
8 * 4 = 32 on to x. Then B raises a.grad from 8 to 16, and the second A hands on 16 * 4 = 64: the 8 of C has been
counted twice, 32 + 64 = 96. In the order D, C, B, A, below by hand, each function works once and 64 comes out.

The rule: a function may work only when everything that used its output has worked. Step 16 finds such an order by a
number on each function.

In the package: `dezero.utils.plot_dot_graph` draws such graphs (step 26).
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

A, B, C, D = Square(), Square(), Square(), Add()

x = Variable(np.array(2.0))
a = A(x)
b, c = B(a), C(a)
y = D(b, c)
y.backward()
print("y =", y.data)
print("in the order of the list:", x.grad, "(should be 64)")

gb, gc = D.backward(np.array(1.0))
ga = C.backward(gc) + B.backward(gb)
gx = A.backward(ga)
print("in the order D, C, B, A: ", gx)
