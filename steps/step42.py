"""Step 42: Linear regression: a straight line learns where it should be.

We have 100 points (x, t), scattered around the line t = 5 + 2x. We look for W and b such that y = x W + b comes close
to all of them. "Close" is a number, the loss: the mean of the squares of y - t. Its gradients by W and b tell how to
change them so that it falls; take a small step against them, and repeat. This is gradient descent, as in step 28,
where the function was Rosenbrock's. Here the function is the loss.

New against the step before: data. And two kinds of variables: W and b are to be found, x and t are given.

    loss = 1/N Σₙ (yₙ - tₙ)²         W ← W - lr ∂L/∂W         b ← b - lr ∂L/∂b

Look at: W and b. The noise is between 0 and 1 and so 0.5 in the mean: expect b near 5.5 and W near 2. The loss cannot
go to 0. Noise that is uniform between 0 and 1 has the variance 1/12 = 0.083: that is what any line leaves over.

Do x and t get gradients? One could ask how the loss changes with the data, but nobody does here. So we leave x and t
as plain arrays. A Function takes arrays too, as constants, and no gradient is computed for them. Wrap x as Variable(x),
and its gradient is computed as well; it does no harm, but takes time. The line with (100, 1) shows it.

Only W and b are cleared and changed in the loop. Without `cleargrad`, `backward` would add to the old gradients. lr is
the learning rate: how far to step. `loss.item()` is the one number in loss, as a Python number.

In the package: `F.mean_squared_error`. It divides by the number of examples N, that is by len(y).
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # so that it runs from a bare clone, too

import numpy as np

import dezero.functions as F
from dezero import Variable

lr = 0.1
iters = 100

np.random.seed(0)
x = np.random.rand(100, 1)
t = 5 + 2 * x + np.random.rand(100, 1)

W = Variable(np.zeros((1, 1)))
b = Variable(np.zeros(1))


def predict(x):
    return F.matmul(x, W) + b  # (100, 1) + (1,): b is broadcast, and the engine sums its gradient back to (1,)


def mean_squared_error(y, t):
    difference = y - t
    return F.sum(difference**2) / len(difference)


for i in range(iters):
    loss = mean_squared_error(predict(x), t)
    if i % 10 == 0:
        print(f"{i:3}: loss {loss.item():.6f}, W {W.item():.6f}, b {b.item():.6f}")

    W.cleargrad()
    b.cleargrad()
    loss.backward()
    W.data -= lr * W.grad.data  # .data: the step itself is no part of the graph
    b.data -= lr * b.grad.data

print("loss", loss.item())
print("W", W.item(), "b", b.item())
ours, theirs = mean_squared_error(predict(x), t), F.mean_squared_error(predict(x), t)
print("the package's loss is the same:", np.allclose(ours.data, theirs.data))

X = Variable(x)
mean_squared_error(predict(X), t).backward()
print("gradient by the data, if asked for:", X.grad.shape)

# -- picture ---------------------------------------------------------------------------------------

try:
    import matplotlib.pyplot as plt
except ImportError:
    print("no picture: matplotlib is not installed")
else:
    plt.scatter(x, t, s=10, label="points (x, t)")
    plt.plot(x, predict(x).data, color="red", label="line (x, y)")
    plt.xlabel("x")
    plt.legend()
    if plt.get_backend().lower() == "agg":  # there is no display
        plt.savefig("step42.png")
        print("saved step42.png")
    else:
        plt.show()
