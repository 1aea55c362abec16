"""Step 21: operators between variables, arrays and numbers.

In a formula such as 3 * x + 1 the numbers are no Variables. So whatever goes into a function is packed first: numbers
become arrays (`as_array`), arrays become Variables (`as_variable`). They are leaves like any other; nobody looks at
their gradients.

New against the step before: `as_variable`; `__radd__` and `__rmul__`; `__array_priority__`.

Look at: every line gives a Variable, whichever side it stands on. x = 2, so the lines are 2 + 3, 2 + 3, 3 * 2 + 1 and
[4] + 2.

Python box: who is asked in `3.0 * x`? First the number, `(3.0).__mul__(x)`, which does not know Variables. Then Python
turns to the right side and calls `x.__rmul__(3.0)`, r for right. Sum and product do not depend on the order, so the
same function serves both sides.

`__array_priority__`: in `array + x` the array is asked first, and it believes it can do it: it would add x to each of
its elements, and return an array of Variables. A higher priority on the right side tells NumPy to leave it to x. The
last two lines show it: the same sum, from a class without that line.

In the package: `dezero.as_variable`, and the same attribute.
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

    __array_priority__ = 200  # array * variable asks the variable, not the array

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


def as_variable(x):
    """Return x itself if it is a Variable, else a new Variable of the array x."""
    return x if isinstance(x, Variable) else Variable(x)


# -- functions -------------------------------------------------------------------------------------


class Function:
    """An operation: subclasses say how to compute it (`forward`) and its derivative (`backward`), both on arrays."""

    def __call__(self, *inputs):
        """Compute the output, a Variable, or several in a list; while graphs are wanted, remember who made it."""
        inputs = [as_variable(x) for x in inputs]
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
    return Add()(x0, as_array(x1))


def mul(x0, x1):
    """Return x0 * x1."""
    return Mul()(x0, as_array(x1))


def setup_variable():
    """Teach Variable the operators."""
    Variable.__add__ = Variable.__radd__ = add
    Variable.__mul__ = Variable.__rmul__ = mul


# -- try it ----------------------------------------------------------------------------------------

setup_variable()

x = Variable(np.array(2.0))
print(x + np.array(3.0))
print(x + 3.0)
print(3.0 * x + 1.0)
print(np.array([4.0]) + x)

del Variable.__array_priority__
print("without the priority:", type(np.array([4.0]) + x).__name__)
