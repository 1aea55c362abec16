"""Step 27: A sine of our own, twice.

First as a new Function: `forward` asks NumPy for the sine, `backward` multiplies by the cosine. Then without any sine,
as a sum of powers, the Taylor series

    sin x = x - x³/3! + x⁵/5! - x⁷/7! + ... = Σ (-1)ⁱ x²ⁱ⁺¹ / (2i+1)!

The sum stops when a term is small enough. Backpropagation does not mind that a loop with an `if` made the result: it
sees only the additions, products and powers that really ran.

New against the step before: a Function that the package did not give us, and a derivative through a loop.

Look at: all at x = π/4, where sine and cosine are both √2/2 = 0.70710678. The first two lines agree to the last digit.
The series is wrong from the 7th decimal on in its value, and from the 6th on in its derivative. The table shows that a
smaller threshold takes more terms, so more functions in the graph, and gives more digits. The picture of the series is
my_sin.png, or my_sin.svg where Graphviz is missing: the sum runs through the middle, and each term comes in from the
side.

Why is the derivative less accurate than the value? The error is about as large as the first term left out. In the
derivative of the series that term is x²ⁱ / (2i)!, larger by the factor (2i+1) / x. With i = 4 this is 9 / 0.785 = 11.

Why `math.factorial`? It computes with Python's integers, which have as many digits as needed. Only the quotient is a
floating-point number. (-1)**i is the sign: 1, -1, 1, -1, ...

In the package: `dezero.functions.sin`. Its gradient is gy · cos x as well, but computed on Variables, so that it can be
differentiated again. Ours uses arrays, `np.cos(x.data)`; step 34 mends that.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # so that it runs from a bare clone, too

import math

import numpy as np

import dezero.functions as F
from dezero import Function, Variable, walk
from dezero.utils import plot_dot_graph


class Sin(Function):
    def forward(self, x):
        return np.sin(x)

    def backward(self, gy):
        (x,) = self.inputs
        return gy * np.cos(x.data)


def sin(x):
    return Sin()(x)


def my_sin(x, threshold=0.0001):
    y = 0
    for i in range(100000):
        c = (-1) ** i / math.factorial(2 * i + 1)
        t = c * x ** (2 * i + 1)
        y = y + t
        if abs(t.data) < threshold:
            break
    return y


for title, f in [("our Sin", sin), ("F.sin", F.sin), ("the series", my_sin)]:
    x = Variable(np.array(np.pi / 4))
    y = f(x)
    y.backward()
    print(f"{title}: {y.data} {x.grad.data}")

print("threshold  functions  error of the value  error of the derivative")
for threshold in [1e-2, 1e-4, 1e-8]:
    x = Variable(np.array(np.pi / 4))
    y = my_sin(x, threshold)
    y.backward()
    functions = len(list(walk(y)))
    value_error, slope_error = abs(y.data - np.sin(x.data)), abs(x.grad.data - np.cos(x.data))
    print(f"{threshold:9.0e}  {functions:9}  {value_error:18.0e}  {slope_error:23.0e}")

x = Variable(np.array(np.pi / 4), name="x")
y = my_sin(x)
y.name = "y"
picture = plot_dot_graph(y, verbose=False, to_file="my_sin.png")
print("saved", picture)
