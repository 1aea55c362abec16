"""Step 49: Dataset: where the examples come from is nobody's business.

A data set is anything with `len(ds)` and `ds[i]`, where ds[i] is one example: the pair (x, t). A loop that asks for
nothing else trains on points, on pictures or on files too large for the memory, without a change.

New against the step before: the loop gets its batch from ds[i], and knows no array x of all data any more.

Look at: the losses, which are those of step 48: from 1.1269 in epoch 1 to between 0.12 and 0.13 in epoch 300.

What is a Dataset good for? For swapping. The loop below, `mean_of_x`, takes three data sets that have nothing in
common: one in memory, one that computes each example when it is asked for (it could as well read a file), and one of
the package.

Does `return x, t` return two things? No: one tuple of two. `example = ds[0]` is that tuple; `x, t = ds[0]` unpacks it.

Where is the data set's memory? `sys.getsizeof(ds)` counts the object alone: a few dozen bytes. The arrays are
elsewhere, and the object only refers to them: `vars(ds)` shows the names. `ds.nbytes` counts the arrays: 300 x 2
numbers of 4 bytes and 300 labels of 8 bytes are 2400 + 2400 = 4800 bytes (4.7 KiB).

What is a transform? Any function from x to x: it is applied when an example is taken out, and the stored data stay as
they are. `target_transform` is the same for t. `Compose([f, g])` is f and then g, and `compose.trace(x)` tells what the
example is after every stage.

In the package: `dezero.Dataset` and `dezero.datasets`. `print(ds)` and `ds.preview(n)` tell what is in it.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # so that it runs from a bare clone, too

import math

import numpy as np

import dezero.functions as F
from dezero import datasets, optimizers
from dezero.models import MLP
from dezero.transforms import AsType, Compose, Flatten, Normalize

# -- data sets of our own --------------------------------------------------------------------------


class Dataset:
    def __init__(self, train=True, transform=None, target_transform=None):
        self.train = train
        self.transform = transform or (lambda x: x)  # without one, the function that changes nothing
        self.target_transform = target_transform or (lambda t: t)
        self.prepare()

    def prepare(self):  # a subclass sets self.data and self.label
        pass

    def __len__(self):
        return len(self.data)

    def __getitem__(self, i):
        return self.transform(self.data[i]), self.target_transform(self.label[i])


class Spiral(Dataset):
    def prepare(self):
        self.data, self.label = datasets.get_spiral(self.train)


class Computed(Dataset):
    """A million examples, and no memory: each is made when it is asked for. It could be read from a file here."""

    def __len__(self):
        return 1_000_000

    def __getitem__(self, i):
        return np.array([i, -i]), i % 3


def mean_of_x(dataset, n=3):
    return np.mean([dataset[i][0] for i in range(n)], axis=0)


for dataset in (Spiral(), Computed(), datasets.SinCurve(train=False)):
    print(f"{type(dataset).__name__:8} {len(dataset):7} examples, mean of the first 3 x:", mean_of_x(dataset))

own, train_set = Spiral(), datasets.Spiral()
example = own[0]
print("an example:", type(example).__name__, example[0], example[1])
# A loop over a data set asks for ds[0], ds[1] and so on, until ds[i] raises IndexError.
print("own and package agree:", all([np.array_equal(a[0], b[0]) and a[1] == b[1] for a, b in zip(own, train_set)]))

# -- what is in it, and where ----------------------------------------------------------------------

print(train_set)
print(train_set.preview(2))
print("getsizeof is small:", sys.getsizeof(train_set) < 500, "  nbytes:", train_set.nbytes)
print("it refers to:", [name for name, value in vars(train_set).items() if isinstance(value, np.ndarray)])

# -- transforms ------------------------------------------------------------------------------------

halved = datasets.Spiral(transform=lambda x: x / 2, target_transform=lambda t: t + 10)
print("as stored:  ", halved.data[0], halved.label[0])
print("taken out:  ", *halved[0])

compose = Compose([Flatten(), AsType(np.float32), Normalize(mean=0.0, std=255.0)])
print(compose)
print(compose.trace(np.array([[0, 51], [102, 255]], dtype=np.uint8)))  # a picture of 2 x 2 pixels

# -- the training of step 48, on a data set --------------------------------------------------------

max_epoch = 300
batch_size = 30
hidden_size = 10
lr = 1.0

train_set = datasets.Spiral()
model = MLP((hidden_size, 3))
optimizer = optimizers.SGD(lr).setup(model)
data_size = len(train_set)
max_iter = math.ceil(data_size / batch_size)

for epoch in range(max_epoch):
    order = np.random.permutation(data_size)
    sum_loss = 0.0
    for i in range(max_iter):
        examples = [train_set[k] for k in order[i * batch_size : (i + 1) * batch_size]]
        x = np.array([example[0] for example in examples])
        t = np.array([example[1] for example in examples])

        loss = F.softmax_cross_entropy(model(x), t)
        model.cleargrads()
        loss.backward()
        optimizer.update()
        sum_loss += loss.item() * len(t)

    average = sum_loss / data_size
    if epoch == 0 or (epoch + 1) % 30 == 0:
        print(f"epoch {epoch + 1:3}: loss {average:.4f}")
