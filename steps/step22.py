"""Step 22: operators: - / ** and the sign.

With four more functions, formulas look as in a book. Two are new in kind. x0 - x1 and x0 / x1 depend on the order, so
the right-hand versions `rsub` and `rdiv` swap their arguments. And `x ** c` has a parameter, c, a plain number that
gets no gradient.

    y = -x             dy/dx  = -1
    y = x0 - x1        dy/dx0 = 1          dy/dx1 = -1
    y = x0 / x1        dy/dx0 = 1 / x1     dy/dx1 = -x0 / x1^2
    y = x^c            dy/dx  = c x^(c-1)

New against the step before: `Neg`, `Sub`, `Div`, `Pow`, their functions and operators. `Square` and `Exp` are gone: we
write `x**2` now, and e^x belongs to the library of functions.

Look at: with x = 2, the lines are -x, 2 - x, x - 1, 3 / x and x^3. Each shows the value and the derivative; check them
against the table above.

Python box: `Pow` has an `__init__` of its own. Does it have to call `super().__init__()`, the one of the class that it
inherits from? `super()` means: this object, but search from the parent class on, here from `Function`. Function has no
`__init__`, so there is nothing to call. Where a parent sets up something, as Layer in step 44, it has to be called.

In the package: the code above is that of `dezero/core_simple.py`, to the letter. `dezero/core.py` does the same for
gradients that are Variables, so that one can differentiate again.
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


class Add(Function):
    """x0 + x1."""

    def forward(self, x0, x1):
        return x0 + x1

    def backward(self, gy):
        return gy, gy


class Sub(Function):
    """x0 - x1."""

    def forward(self, x0, x1):
        return x0 - x1

    def backward(self, gy):
        return gy, -gy


class Mul(Function):
    """x0 * x1."""

    def forward(self, x0, x1):
        return x0 * x1

    def backward(self, gy):
        x0, x1 = [x.data for x in self.inputs]
        return gy * x1, gy * x0


class Div(Function):
    """x0 / x1."""

    def forward(self, x0, x1):
        return x0 / x1

    def backward(self, gy):
        x0, x1 = [x.data for x in self.inputs]
        return gy / x1, -gy * x0 / x1 / x1


class Neg(Function):
    """-x."""

    def forward(self, x):
        return -x

    def backward(self, gy):
        return -gy


class Pow(Function):
    """x ** c for a number c."""

    def __init__(self, c):
        self.c = c

    def forward(self, x):
        return x**self.c

    def backward(self, gy):
        (x,) = self.inputs
        return gy * self.c * x.data ** (self.c - 1)


def add(x0, x1):
    """Return x0 + x1."""
    return Add()(x0, as_array(x1))


def sub(x0, x1):
    """Return x0 - x1."""
    return Sub()(x0, as_array(x1))


def rsub(x0, x1):
    """Return x1 - x0."""
    return Sub()(as_array(x1), x0)


def mul(x0, x1):
    """Return x0 * x1."""
    return Mul()(x0, as_array(x1))


def div(x0, x1):
    """Return x0 / x1."""
    return Div()(x0, as_array(x1))


def rdiv(x0, x1):
    """Return x1 / x0."""
    return Div()(as_array(x1), x0)


def neg(x):
    """Return -x."""
    return Neg()(x)


def pow(x, c):
    """Return x ** c for a number c."""
    return Pow(c)(x)


def setup_variable():
    """Teach Variable the operators."""
    Variable.__add__ = Variable.__radd__ = add
    Variable.__sub__, Variable.__rsub__ = sub, rsub
    Variable.__mul__ = Variable.__rmul__ = mul
    Variable.__truediv__, Variable.__rtruediv__ = div, rdiv
    Variable.__neg__ = neg
    Variable.__pow__ = pow


# -- try it ----------------------------------------------------------------------------------------

setup_variable()

x = Variable(np.array(2.0))
for y in [-x, 2.0 - x, x - 1.0, 3.0 / x, x**3]:
    x.cleargrad()
    y.backward()
    print(y, x.grad)
