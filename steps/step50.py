"""Step 50: DataLoader, which cuts the batches, and accuracy, which one can understand.

Shuffle, cut, stack, and do it again in the next epoch: this part of the loop is always the same. A DataLoader does it,
and `for x, t in loader` is one epoch.

New against the step before: the loader; the accuracy, the share of right answers; and a second set of points, for
testing. The network never learns from those, so they tell whether it has learned the spiral or only its 300 points.

Look at: the line of epoch 300. The loss is 0.1082 and the accuracy 0.9667 for training, 0.1458 and 0.9600 for testing.
The network is a bit better on the points that it has seen; that is usual. If it were much better, it would have learned
them by heart.

Python box: what does `for batch in loader` do? It calls `loader.__iter__()` once, to get an iterator, here the loader
itself. Then it calls `__next__()` again and again, to get the batches, until that raises StopIteration. `Batches` below
has these two methods.

Why no shuffling for the test set? The order has no influence on a mean. In training it has: each step changes the
network, so the order should be another one in every epoch.

Why `no_grad()` for the test set? Nothing goes back there, so the graph would be built for nothing.

Loss or accuracy? The accuracy is what you want, but it has no useful derivative: a small change of a weight changes no
answer, or a whole one. The loss falls smoothly and can be differentiated; so we learn by the loss, and look at both.

In the package: `dezero.DataLoader`, `F.accuracy`. The loader draws its order from NumPy's generator.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # so that it runs from a bare clone, too

import numpy as np

import dezero.functions as F
from dezero import DataLoader, datasets, no_grad, optimizers
from dezero.models import MLP

# -- a loader and an accuracy of our own -----------------------------------------------------------


class Batches:
    def __init__(self, dataset, batch_size, shuffle=True):
        self.dataset, self.batch_size, self.shuffle = dataset, batch_size, shuffle

    def __iter__(self):  # an epoch begins
        n = len(self.dataset)
        self.order = np.random.permutation(n) if self.shuffle else np.arange(n)
        self.start = 0
        return self

    def __next__(self):
        batch = self.order[self.start : self.start + self.batch_size]
        if len(batch) == 0:
            raise StopIteration
        self.start += self.batch_size
        examples = [self.dataset[i] for i in batch]
        return np.array([x for x, t in examples]), np.array([t for x, t in examples])


def accuracy(y, t):
    answers = y.argmax(axis=1)  # the class with the largest score
    return (answers == t).mean()  # True counts 1, False 0


letters = datasets.ArrayDataset(np.arange(5.0), np.array(list("abcde")))
for loader in (Batches(letters, 2, shuffle=False), DataLoader(letters, 2, shuffle=False)):
    print(f"{type(loader).__name__:10}", [(x.tolist(), t.tolist()) for x, t in loader])

y = np.array([[0.2, 0.8, 0.0], [0.1, 0.9, 0.0], [0.8, 0.1, 0.1]])
t = np.array([1, 2, 0])
print("answers:", y.argmax(axis=1), " wanted:", t, f" accuracy: {accuracy(y, t):.4f}, {F.accuracy(y, t).item():.4f}")

# -- training and testing --------------------------------------------------------------------------

max_epoch = 300
batch_size = 30
hidden_size = 10
lr = 1.0

train_set = datasets.Spiral(train=True)
test_set = datasets.Spiral(train=False)
train_loader = DataLoader(train_set, batch_size)
test_loader = DataLoader(test_set, batch_size, shuffle=False)
print(train_loader)

model = MLP((hidden_size, 3))
optimizer = optimizers.SGD(lr).setup(model)
history = []  # of each epoch: train loss, train accuracy, test loss, test accuracy

for epoch in range(max_epoch):
    sums = np.zeros(4)
    for x, t in train_loader:
        y = model(x)
        loss = F.softmax_cross_entropy(y, t)
        model.cleargrads()
        loss.backward()
        optimizer.update()
        sums[:2] += np.array([loss.item(), accuracy(y.data, t)]) * len(t)

    with no_grad():
        for x, t in test_loader:
            y = model(x)
            loss = F.softmax_cross_entropy(y, t)
            sums[2:] += np.array([loss.item(), accuracy(y.data, t)]) * len(t)

    history.append(sums / [len(train_set), len(train_set), len(test_set), len(test_set)])
    if epoch == 0 or (epoch + 1) % 30 == 0:
        a, b, c, d = history[-1]
        print(f"epoch {epoch + 1:3}: train loss {a:.4f}, accuracy {b:.4f}; test loss {c:.4f}, accuracy {d:.4f}")

# -- picture ---------------------------------------------------------------------------------------

try:
    import matplotlib.pyplot as plt
except ImportError:
    print("no picture: matplotlib is not installed")
else:
    columns = np.array(history).T  # each number through the epochs
    _, pair = plt.subplots(1, 2, figsize=(10, 4), layout="constrained")
    for i, (axes, name) in enumerate(zip(pair, ("loss", "accuracy"))):
        axes.plot(columns[i], label="train")
        axes.plot(columns[i + 2], label="test")
        axes.set_xlabel("epoch")
        axes.set_ylabel(name)
        axes.legend()
    if plt.get_backend().lower() == "agg":  # there is no display
        plt.savefig("step50.png")
        print("saved step50.png")
    else:
        plt.show()
