"""Step 43: A neural network with two layers, by hand.

The points now lie around a wave, sin(2πx), and no straight line comes close. Put a bent function between two linear
ones, and you have a neural network. With 10 numbers in the middle (hidden neurons) it can follow the wave.

    x (N, 1)  → linear → (N, 10) → sigmoid → (N, 10) → linear →  y (N, 1)
              W1 (1, 10), b1 (10,)                  W2 (10, 1), b2 (1,)

    linear(x) = x W + b           sigmoid(x) = 1 / (1 + exp(-x)), a smooth step from 0 to 1

New against the step before: the function between. Without it, two linear maps one after the other would be one linear
map. The loop is the same; only the list of what is cleared and changed is longer.

Look at: the loss. It falls to 0.25 at once, stays there for thousands of rounds, and in round 9000 it is 0.077221. The
noise alone leaves about 1/12 = 0.083, as in step 42; a curve that bends can follow a little of the noise. The last
lines compare y with the wave. They come close, but not at the right end, where points lie on one side only.

Rows and columns. An example is a row of x. W[i, j] is the weight on the line from input i to neuron j. So column j of W
holds all lines that come into neuron j, and row i all lines that leave input i. With 2 inputs and 3 neurons:

                 neuron 0   neuron 1   neuron 2
    input 0      W[0, 0]    W[0, 1]    W[0, 2]
    input 1      W[1, 0]    W[1, 1]    W[1, 2]

Why are W1 and W2 random at first? If all columns of W1 were alike, all hidden neurons would compute the same, get the
same gradient, and stay alike for ever.

Python box: `np.linspace(0, 1, 5)` has the shape (5,). `v[:, np.newaxis]` gives it a second axis of size 1, (5, 1): five
examples with one number each. `np.newaxis` is another name for None.

In the package: `F.linear` and `F.sigmoid`. They compute the same, but keep fewer arrays and are safe for large
numbers: exp(-x) overflows for x = -1000. `F.linear_simple` and `F.sigmoid_simple` are written as here.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # so that it runs from a bare clone, too

import numpy as np

import dezero.functions as F
from dezero import Variable
from dezero.utils import check_grads

lr = 0.2
iters = 10000
hidden_size = 10


def linear(x, W, b):
    return F.matmul(x, W) + b


def sigmoid(x):
    return 1 / (1 + F.exp(-x))


# -- the two functions, on numbers that one can check ----------------------------------------------

v = np.array([[1.0, 2.0]])  # one example, two inputs
V = np.array([[1.0, 0.0, 10.0], [0.0, 1.0, 10.0]])  # two inputs, three neurons
print("linear: ", linear(v, V, np.array([0.0, 0.0, 0.5])))  # 1, 2 and 1*10 + 2*10 + 0.5
print("sigmoid:", sigmoid(np.array([-2.0, 0.0, 2.0])))  # 1/2 at 0; the outer two sum to 1
print("the package:", F.sigmoid(np.array([-2.0, 0.0, 2.0])))
check_grads(sigmoid, v)

# -- data and weights ------------------------------------------------------------------------------

np.random.seed(0)
x = np.random.rand(100, 1)
t = np.sin(2 * np.pi * x) + np.random.rand(100, 1)

W1 = Variable(0.01 * np.random.randn(1, hidden_size))
b1 = Variable(np.zeros(hidden_size))
W2 = Variable(0.01 * np.random.randn(hidden_size, 1))
b2 = Variable(np.zeros(1))


def predict(x):
    hidden = sigmoid(linear(x, W1, b1))
    return linear(hidden, W2, b2)


# -- training --------------------------------------------------------------------------------------

for i in range(iters):
    loss = F.mean_squared_error(predict(x), t)
    if i % 1000 == 0:
        print(i, loss.item())

    for p in (W1, b1, W2, b2):
        p.cleargrad()
    loss.backward()
    for p in (W1, b1, W2, b2):
        p.data -= lr * p.grad.data

print("last:", loss.item())

curve_x = np.linspace(0, 1, 5)[:, np.newaxis]
print("x ", curve_x[:, 0])
print("y ", predict(curve_x).data[:, 0].round(2))
print("is", (np.sin(2 * np.pi * curve_x) + 0.5)[:, 0].round(2), "without noise")

# -- picture ---------------------------------------------------------------------------------------

try:
    import matplotlib.pyplot as plt
except ImportError:
    print("no picture: matplotlib is not installed")
else:
    curve_x = np.linspace(0, 1, 200)[:, np.newaxis]
    plt.scatter(x, t, s=10, label="points (x, t)")
    plt.plot(curve_x, predict(curve_x).data, color="red", label="network (x, y)")
    plt.xlabel("x")
    plt.legend()
    if plt.get_backend().lower() == "agg":  # there is no display
        plt.savefig("step43.png")
        print("saved step43.png")
    else:
        plt.show()
