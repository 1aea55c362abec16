"""Step 10: tests.

A test is a small program that says what must be true. We run all tests after every change; so the change may be bold.
For derivatives there is a test that always works: compare `backward` with the trial of step 4. It needs no number that
somebody worked out by hand, so it may even take x at random.

New against the step before: the class `SquareTest`; nothing in the core.

Look at: `python step10.py` runs the three tests, prints a dot for each, and says OK. Then a function with a wrong
derivative, 3x in place of 2x, goes through the same comparison, and is found out. A test that cannot fail is worth
nothing, so try this once.

Why `np.allclose` and not `==`? The trial is not exact (step 4). `allclose` asks whether two numbers agree in about five
digits.

Python box: `unittest` belongs to Python. A class that inherits from `unittest.TestCase` gets `assertEqual` and
`assertTrue` from it, and each method whose name begins with `test` is one test. `python -m unittest step10.py` runs
them, too. What stands under `if __name__ == "__main__":` runs only if the file itself is started, as in
`python step10.py`, and not if it is imported.

In the package: `dezero.utils.check_grads` is this comparison for any function; the package's own tests are in `tests/`.
"""

import unittest

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
        f = self.creator
        while f is not None:
            x, y = f.input, f.output
            x.grad = as_array(f.backward(y.grad))
            f = x.creator


def as_array(x):
    """Turn a number into a 0-dimensional array; return an array unchanged."""
    return np.array(x) if np.isscalar(x) else x


class Function:
    """An operation: subclasses say how to compute it (`forward`) and its derivative (`backward`), both on arrays."""

    def __call__(self, input):
        """Compute the output, a Variable; it remembers this function, which remembers both."""
        y = self.forward(input.data)
        output = Variable(as_array(y))
        output.set_creator(self)
        self.input = input
        self.output = output
        return output

    def forward(self, x):
        """Return the output, given the input."""
        raise NotImplementedError(f"{type(self).__name__} has no forward")

    def backward(self, gy):
        """Return the gradient of the input, given that of the output."""
        raise NotImplementedError(f"{type(self).__name__} has no backward")


class Square(Function):
    """x ** 2."""

    def forward(self, x):
        return x**2

    def backward(self, gy):
        x = self.input
        return gy * 2 * x.data


class Exp(Function):
    """e ** x."""

    def forward(self, x):
        return np.exp(x)

    def backward(self, gy):
        x = self.input
        return gy * np.exp(x.data)


def square(x):
    """Return x ** 2."""
    return Square()(x)


def exp(x):
    """Return e ** x."""
    return Exp()(x)


def numerical_diff(f, x, eps=1e-4):
    """Return the derivative of f at x from the values of f a little to the right and to the left."""
    y1 = f(Variable(as_array(x.data + eps)))
    y0 = f(Variable(as_array(x.data - eps)))
    return (y1.data - y0.data) / (2 * eps)


class SquareTest(unittest.TestCase):
    """What must be true of `square`."""

    def test_forward(self):
        y = square(Variable(np.array(2.0)))
        self.assertEqual(y.data, 4.0)

    def test_backward(self):
        x = Variable(np.array(3.0))
        square(x).backward()
        self.assertEqual(x.grad, 6.0)

    def test_gradient_against_differences(self):
        x = Variable(np.random.default_rng(0).random(1))
        square(x).backward()
        self.assertTrue(np.allclose(x.grad, numerical_diff(square, x)))


# -- try it ----------------------------------------------------------------------------------------


class WrongSquare(Square):
    """x ** 2 with a mistake in its derivative."""

    def backward(self, gy):
        x = self.input
        return gy * 3 * x.data


if __name__ == "__main__":
    tests = unittest.defaultTestLoader.loadTestsFromTestCase(SquareTest)
    result = unittest.TextTestRunner().run(tests)
    print(result.testsRun, "tests,", len(result.failures) + len(result.errors), "failed")

    x = Variable(np.array(3.0))
    WrongSquare()(x).backward()
    trial = numerical_diff(WrongSquare(), x)
    print(f"wrong square at 3: backward says {x.grad}, the trial {trial:.4f}; equal: {np.allclose(x.grad, trial)}")
