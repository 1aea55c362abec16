"""Step 4: the derivative, by trying.

The derivative says how fast y changes when x changes a little. So we change x a little and see: once to the right, once
to the left, and divide the difference in y by the distance in x.

    f'(x) ~ (f(x + eps) - f(x - eps)) / (2 eps)      with a small eps, here 0.0001

New against the step before: `numerical_diff`.

Look at: the derivative of x^2 at 2 is 2x = 4; the trial finds 4.000000000004. That of (e^(x^2))^2 = e^(2 x^2) at 0.5 is
4x e^(2 x^2) = 2 * 1.6487... = 3.29744254...; the trial finds 3.29744263, which is wrong from the eighth digit on.
For x^2 the formula is exact, ((x + eps)^2 - (x - eps)^2) / (2 eps) = 2x; what is left over 4 comes from rounding alone.

Why to both sides? With a step to the right only, the error shrinks like eps; with both, like eps^2. The last lines show
it: with eps ten times smaller, one error becomes ten times smaller, the other a hundred times. Why not a still smaller
eps? Then f(x + eps) and f(x - eps) agree in nearly all of their 16 digits, and their difference has only few that are
right.

Why do we need anything else? One derivative costs two runs of f. A network with a million weights needs a million
derivatives, and so two million runs. From step 6 on, one way back will give all of them, and exact ones. The trial
remains useful as a check, for it is hard to get wrong.

Python box: `f` is a parameter like any other. A function can be handed over to another one, and so can an object that
has `__call__`, such as `Square()`.

In the package: `dezero.utils.numerical_grad` and `dezero.utils.check_grads`.
"""

import numpy as np


class Variable:
    """A box that holds an array."""

    def __init__(self, data):
        self.data = data


class Function:
    """An operation: subclasses say how to compute it (`forward`), on arrays."""

    def __call__(self, input):
        """Compute the output, a Variable."""
        y = self.forward(input.data)
        output = Variable(y)
        return output

    def forward(self, x):
        """Return the output, given the input."""
        raise NotImplementedError(f"{type(self).__name__} has no forward")


class Square(Function):
    """x ** 2."""

    def forward(self, x):
        return x**2


class Exp(Function):
    """e ** x."""

    def forward(self, x):
        return np.exp(x)


def numerical_diff(f, x, eps=1e-4):
    """Return the derivative of f at x from the values of f a little to the right and to the left."""
    y1 = f(Variable(x.data + eps))
    y0 = f(Variable(x.data - eps))
    return (y1.data - y0.data) / (2 * eps)


# -- try it ----------------------------------------------------------------------------------------

x = Variable(np.array(2.0))
print("x^2 at 2:          ", numerical_diff(Square(), x))


def f(x):
    A = Square()
    B = Exp()
    C = Square()
    return C(B(A(x)))


x = Variable(np.array(0.5))
print("(e^(x^2))^2 at 0.5:", numerical_diff(f, x))

exact = 4 * 0.5 * np.exp(2 * 0.5**2)
for eps in [0.1, 0.01, 0.001]:
    right_only = (f(Variable(x.data + eps)).data - f(x).data) / eps
    both_sides = numerical_diff(f, x, eps)
    print(f"eps {eps}: error {right_only - exact:.6f} to the right only, {both_sides - exact:.6f} to both sides")
