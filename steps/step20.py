"""Step 20: operators: + and *.

`add(mul(a, b), c)` is hard to read; `a * b + c` is not. Python lets a class say what `+` and `*` mean for its objects.
We need multiplication for it, which has this way back: the gradient of one factor is gy times the *other* factor.

    y = x0 * x1        dy/dx0 = x1, dy/dx1 = x0        backward(gy) = gy * x1, gy * x0

New against the step before: `Mul`, `mul`, and `setup_variable`, which binds the operators.

Look at: 3 * 2 + 1 = 7; its derivative with respect to a is b = 2, and that with respect to b is a = 3.

Python box: for `a * b` Python calls `a.__mul__(b)`. `Variable.__mul__ = mul` gives the class this method after the
class was written; we do it so because `mul` stands further down in the file. The object before the operator arrives as
the first argument, like `self`.

What does not work yet: `a * 2` and `2 * a`. An integer has no `data`. That is step 21.

In the package: `import dezero` calls `setup_variable` itself.
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


class Mul(Function):
    """x0 * x1."""

    def forward(self, x0, x1):
        return x0 * x1

    def backward(self, gy):
        x0, x1 = [x.data for x in self.inputs]
        return gy * x1, gy * x0


def square(x):
    """Return x ** 2."""
    return Square()(x)


def exp(x):
    """Return e ** x."""
    return Exp()(x)


def add(x0, x1):
    """Return x0 + x1."""
    return Add()(x0, x1)


def mul(x0, x1):
    """Return x0 * x1."""
    return Mul()(x0, x1)


def setup_variable():
    """Teach Variable the operators."""
    Variable.__add__ = add
    Variable.__mul__ = mul


# -- try it ----------------------------------------------------------------------------------------

setup_variable()

a = Variable(np.array(3.0))
b = Variable(np.array(2.0))
c = Variable(np.array(1.0))
y = a * b + c
y.backward()

print(y)
print(a.grad)
print(b.grad)
