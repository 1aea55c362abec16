"""Step 17: memory, and references that do not hold.

Python counts for each object how many references lead to it, and deletes it when the count falls to 0. Our graph has
cycles: a result refers to its creator, and the creator to its output, the same result. Neither count ever falls to 0,
even if nobody else knows the two. Such cycles wait for the garbage collector, which comes late, and until then big
arrays fill the memory.

The remedy: one of the two directions becomes a weak reference, one that is not counted. A result has to hold its
creator, or the way back would be lost. So the function refers weakly to its output.

New against the step before: `weakref.ref` in `Function.__call__`, and `output()` in place of `output` in `backward`.

Look at: ten rounds of a formula on 10,000 elements, with the collector switched off. 4 Variables are alive afterwards:
x, the last y and the 2 between. All older ones went away the moment that y was given a new value. Then the cycle of
step 16 is made by hand, ten times: now x and 10 * 3 others are alive, 31, until the collector is called.

Python box: `r = weakref.ref(v)` makes the weak reference; `r()` gives v, or None if v has been deleted. A variable name
that gets a new value (`y = ...`) lets go of the old one.

In the package: `Function.outputs` holds weak references, too; a backward of your own reads `self.outputs[0]()`.
"""

import gc
import heapq
import weakref

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
        self.generation = 0

    def set_creator(self, f):
        """Record f as the Function that computed this variable: it stands one generation later."""
        self.creator = f
        self.generation = f.generation + 1

    def cleargrad(self):
        """Forget the gradient; without this, `backward` adds to it."""
        self.grad = None

    def backward(self):
        """Add the derivative of this variable into `grad` of all that stands before it."""
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


def alive():
    """Count the Variables in memory."""
    return sum([type(thing) is Variable for thing in gc.get_objects()])


gc.disable()  # the collector sleeps: only counting deletes
x = Variable(np.random.randn(10000))
for _ in range(10):
    y = square(square(square(x)))
print("alive after ten rounds:", alive())

for _ in range(10):
    y = square(square(square(x)))
    y.creator.strong = y  # a counted reference: the cycle of step 16
print("alive after ten rounds with cycles:", alive())

gc.enable()
y = None
gc.collect()
print("alive after the collector:", alive())
