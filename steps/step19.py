"""Step 19: a variable that feels like an array.

A Variable is a box, but we would like to look through its walls: ask it for its shape and its length, and print it. A
name helps to find it again, in messages and later in pictures of the graph.

New against the step before: `name`, `shape`, `ndim`, `size`, `dtype`, `len(x)`, and a text for `print(x)`.

Look at: a table of 2 rows and 3 columns has shape (2, 3), 2 axes, 6 elements, and the length 2, the number of rows. In
the printed variable the second line begins under the first: the text gets 9 spaces after each line break, as many as
"variable(" has characters.

Python box: names with two underscores on each side are called by Python itself: `len(x)` calls `x.__len__()`,
`print(x)` calls `x.__repr__()`. `@property` above a method lets us write `x.shape` in place of `x.shape()`.

Why do we not let Variable inherit from the array? An array has hundreds of methods, and each would compute something
that the graph does not know. We give the box only what we mean.

In the package: the same names, and many more that NumPy users expect.
"""

import heapq
import weakref
from contextlib import contextmanager

import numpy as np

# -- settings --------------------------------------------------------------------------------------


class Config:
    """Settings of the whole program."""

    enable_backprop = True


@contextmanager
def using_config(name, value):
    """Change one setting inside a `with` block and restore it afterwards, also after an exception."""
    old = getattr(Config, name)
    setattr(Config, name, value)
    try:
        yield
    finally:
        setattr(Config, name, old)


def no_grad():
    """Build no graph inside the `with` block."""
    return using_config("enable_backprop", False)


# -- variables -------------------------------------------------------------------------------------


class Variable:
    """An array that remembers the Function that computed it; `grad`, once computed, is an array of the same shape.

    Raises
    ------
    TypeError
        If data is neither an array nor None.
    """

    def __init__(self, data, name=None):
        if data is not None and not isinstance(data, np.ndarray):
            raise TypeError(f"{type(data)} is not supported")
        self.data = data
        self.name = name
        self.grad = None
        self.creator = None
        self.generation = 0

    @property
    def shape(self):
        """Sizes of the axes."""
        return self.data.shape

    @property
    def ndim(self):
        """Number of axes."""
        return self.data.ndim

    @property
    def size(self):
        """Number of elements."""
        return self.data.size

    @property
    def dtype(self):
        """Type of the elements."""
        return self.data.dtype

    def __len__(self):
        return len(self.data)

    def __repr__(self):
        return "variable(" + str(self.data).replace("\n", "\n" + " " * 9) + ")"

    def set_creator(self, f):
        """Record f as the Function that computed this variable: it stands one generation later."""
        self.creator = f
        self.generation = f.generation + 1

    def cleargrad(self):
        """Forget the gradient; without this, `backward` adds to it."""
        self.grad = None

    def backward(self, retain_grad=False):
        """Add the derivative of this variable into `grad` of every leaf, and with retain_grad of all between."""
        if self.grad is None:
            self.grad = np.ones_like(self.data)
        queue, seen = [], set()

        def visit(f):
            if f is not None and f not in seen:
                seen.add(f)
                heapq.heappush(queue, (-f.generation, len(seen), f))  # the number decides between equals

        visit(self.creator)
        while queue:
            f = heapq.heappop(queue)[-1]  # latest generation first: all that follows f is done
            gys = [output().grad for output in f.outputs]
            gxs = f.backward(*gys)
            if not isinstance(gxs, tuple):
                gxs = (gxs,)
            for x, gx in zip(f.inputs, gxs):
                x.grad = as_array(gx if x.grad is None else x.grad + gx)  # a new array: gx may be somebody else's
                visit(x.creator)
            if not retain_grad:
                for output in f.outputs:
                    output().grad = None


def as_array(x):
    """Turn a number into a 0-dimensional array; return an array unchanged."""
    return np.array(x) if np.isscalar(x) else x


# -- functions -------------------------------------------------------------------------------------


class Function:
    """An operation: subclasses say how to compute it (`forward`) and its derivative (`backward`), both on arrays."""

    def __call__(self, *inputs):
        """Compute the output, a Variable, or several in a list; while graphs are wanted, remember who made it."""
        ys = self.forward(*[x.data for x in inputs])
        if not isinstance(ys, tuple):
            ys = (ys,)
        outputs = [Variable(as_array(y)) for y in ys]
        if Config.enable_backprop:
            self.generation = max([x.generation for x in inputs])
            for output in outputs:
                output.set_creator(self)
            self.inputs = inputs
            self.outputs = [weakref.ref(output) for output in outputs]  # strong ones would make a cycle
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

x = Variable(np.array([[1, 2, 3], [4, 5, 6]]), name="x")

print(x.name)
print(x.shape)
print(x.ndim, x.size, len(x), x.dtype.kind)  # kind "i" means integers
print(x)
print(Variable(None))
