"""Step 16: generations give the right order.

While the formula is computed, everything gets a number. A Variable that nobody computed has generation 0; a function
has the largest generation among its inputs; its output is one generation later. A function that uses a result thus
always has a larger number than the function that made it. So on the way back, the largest number goes first.

New against the step before: `generation`; a queue in `backward` that gives the latest first; `seen`, because a function
that is reached twice, as A is from B and from C, must work only once.

Look at: the generations 0, 1, 2, 2, 3, and x.grad = 64 where step 15 found 96.

The queue is a heap. `heapq.heappush` puts something in, `heapq.heappop` takes out the smallest, and both are fast even
if many wait. The smallest comes first, so we put in *minus* the generation. Tuples are compared from the left: if two
generations are equal, the running number `len(seen)` decides, and Python never has to compare two functions, which it
could not.

Python box: `visit` is a function inside a function. It sees the variables around it, here `queue` and `seen`. A `set`
is a collection in which everything occurs once and `in` is fast.

In the package: the same numbers, `Variable.generation` and `Function.generation`.
"""

import heapq

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
            gys = [output.grad for output in f.outputs]
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

print("generations of x, a, b, c, y:", [v.generation for v in (x, a, b, c, y)])
print("y =", y.data)
print("x.grad =", x.grad)
