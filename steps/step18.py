"""Step 18: keep less: `retain_grad` and `no_grad`.

Two habits of step 17 waste memory. First, `backward` leaves a gradient in every Variable on the way, though mostly we
want those of the leaves, the Variables that nobody computed. Now all others are dropped once they have been used;
`backward(retain_grad=True)` keeps them. Second, a graph is built even when nobody will go back, as when a finished
network only answers. Inside `with no_grad():` no function remembers anything.

New against the step before: `Config`, `using_config`, `no_grad`; `retain_grad`; the question in `Function.__call__`.

Look at: y = x0 + (x0 + x1). The gradients of y and t are None, those of x0 and x1 are 2 and 1. With retain_grad, y and
t keep theirs: 1 and 1. The last lines: inside the `with` block y has no creator, after it there is one again.

Why not keep them all? Those between only carry the work on. And if one went back through the same graph again, the new
gradients would be added to them and travel on: too much would arrive at the leaves.

Python box: `with` does something before a block and something after it. `@contextmanager` makes such a thing of a
function with `yield`: all up to `yield` runs before the block, then the block runs, then the rest. `finally` makes sure
that the rest runs even if the block ends in an error. `getattr(Config, name)` is `Config.enable_backprop`, with the
name given as text; `setattr` assigns to it.

In the package: `dezero.no_grad`, `dezero.using_config`; and `dezero.test_mode`, a second setting, which dropout reads.
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

    def __init__(self, data):
        if data is not None and not isinstance(data, np.ndarray):
            raise TypeError(f"{type(data)} is not supported")
        self.data = data
        self.grad = None
        self.creator = None
        self.generation = 0

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

x0 = Variable(np.array(1.0))
x1 = Variable(np.array(1.0))
t = add(x0, x1)
y = add(x0, t)
y.backward()
print(y.grad, t.grad)
print(x0.grad, x1.grad)

x0.cleargrad()
x1.cleargrad()
y.backward(retain_grad=True)
print("with retain_grad:", y.grad, t.grad)

with no_grad():
    y = square(x0)
print("inside no_grad, the creator is", y.creator)
y = square(x0)
print("after it, the creator is a", type(y.creator).__name__)
