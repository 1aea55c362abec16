"""Step 48: Three classes on a spiral, in small batches.

300 points of the plane, on three arms of a spiral. The network gets the two coordinates and shall say which arm it is.
No straight line separates the arms, so it is a good test of whether the network can bend.

New against the step before: training in small batches. We shuffle the points, take 30 of them, make a step, take the
next 30, and so on. One pass through all points, here 10 steps, is an epoch. A batch gives a rough gradient, at a tenth
of the cost; and because each is drawn at random, this is stochastic gradient descent.

Look at: the loss of the first epoch, near log 3 = 1.0986. That is the chance level for 3 classes: the network knows
nothing yet. After 300 epochs the loss is between 0.12 and 0.13. In the picture, the borders follow the arms.

How to sum up losses? The loss of a batch is a mean over its examples. The mean over the epoch needs the sum over all
examples, so each batch counts times its length: `sum_loss += loss * len(t_batch)`, and at the end `/ data_size`. If the
batches had 30, 30 and 10 examples, the plain mean of three losses would make too much of the last.

Python box: `x[[4, 0, 7]]` is an array of the rows 4, 0 and 7. So `np.random.permutation(300)`, the numbers 0 to 299 in
random order, cut into pieces of 30, gives the batches.

In the package: `dezero.datasets.get_spiral`. It seeds NumPy's generator, so you get the same points, and the same
losses up to rounding.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # so that it runs from a bare clone, too

import math

import numpy as np

import dezero.functions as F
from dezero import no_grad, optimizers
from dezero.datasets import get_spiral
from dezero.models import MLP

max_epoch = 300
batch_size = 30
hidden_size = 10
lr = 1.0

x, t = get_spiral()
print("x", x.shape, "t", t.shape)
print("first point", x[0], "is on arm", t[0])

model = MLP((hidden_size, 3))
optimizer = optimizers.SGD(lr).setup(model)
data_size = len(x)
max_iter = math.ceil(data_size / batch_size)  # rounded up: the last batch may be shorter

for epoch in range(max_epoch):
    order = np.random.permutation(data_size)
    sum_loss = 0.0
    for i in range(max_iter):
        batch = order[i * batch_size : (i + 1) * batch_size]
        x_batch, t_batch = x[batch], t[batch]

        loss = F.softmax_cross_entropy(model(x_batch), t_batch)
        model.cleargrads()
        loss.backward()
        optimizer.update()
        sum_loss += loss.item() * len(t_batch)

    average = sum_loss / data_size
    if epoch == 0 or (epoch + 1) % 30 == 0:
        print(f"epoch {epoch + 1:3}: loss {average:.4f}")

with no_grad():
    answers = model(x).data.argmax(axis=1)
print("right answers:", (answers == t).sum(), "of", data_size)

# -- picture: which class the network chooses at each place ----------------------------------------

try:
    import matplotlib.pyplot as plt
except ImportError:
    print("no picture: matplotlib is not installed")
else:
    side = np.linspace(-1.1, 1.1, 300, dtype=np.float32)
    x0, x1 = np.meshgrid(side, side)  # the coordinates of 300 x 300 places
    places = np.stack([x0.ravel(), x1.ravel()], axis=1)
    with no_grad():
        classes = model(places).data.argmax(axis=1).reshape(x0.shape)
    for c, marker in enumerate("ox^"):
        chosen = np.where(classes == c, 1.0, 0.0)
        plt.contourf(x0, x1, chosen, levels=[0.5, 1.5], colors=[f"C{c}"], alpha=0.3)
        plt.scatter(x[t == c, 0], x[t == c, 1], s=15, marker=marker, label=f"class {c}")
    plt.gca().set_aspect("equal")
    plt.legend()
    if plt.get_backend().lower() == "agg":  # there is no display
        plt.savefig("step48.png")
        print("saved step48.png")
    else:
        plt.show()
