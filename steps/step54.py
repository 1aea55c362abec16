"""Step 54: Dropout: forget at random while learning, and know everything in the test.

A network with many weights can learn its training data by heart. Dropout works against that: while it learns, each
number of a layer is set to 0 with probability r, each time others, so no neuron can rely on a particular other one.
In the test nothing is dropped.

    training:   y = x * mask / (1 - r),   mask = 1 with probability 1 - r, else 0
    test:       y = x

Dividing by 1 - r makes up for what is missing: on average y is x, in training and in the test. (One could instead
multiply by 1 - r in the test; but then every user of the finished network would have to know r.)

New against the step before: test_mode(), and functions that look at Config.train.

Look at: ones become 0 or 2 while learning (1 / (1 - 0.5) = 2) and stay ones in the test; their mean stays near 1.

Readers ask:
- Where does it go? After the activation: affine -> activation -> dropout -> affine. Before relu it would be the same;
  before a sigmoid a dropped number would become sigmoid(0) = 0.5, which is not nothing. Never after the last layer.
- In the constructor or in forward? Both work: F.dropout(h, 0.5) is a call in forward, L.Dropout(0.5) a layer that is
  made in the constructor and called in forward. There is nothing to learn in it, so no parameter is lost either way.
- no_grad and test_mode? They are two settings. no_grad: no graph is kept. test_mode: dropout and batch normalization
  act as in the test. For a measurement one wants both: `with no_grad(), test_mode():`.

In the package: dezero.functions.dropout, dezero.layers.Dropout, dezero.test_mode, dezero.Config.train.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # so that it runs from a bare clone, too

import numpy as np

import dezero.functions as F
import dezero.layers as L
from dezero import Config, Model, test_mode

dropout_ratio = 0.5


def my_dropout(x, ratio=0.5):
    if not Config.train:
        return x
    mask = np.random.rand(*x.shape) > ratio  # True with probability 1 - ratio
    return x * mask / (1 - ratio)


# -- one row of ones -------------------------------------------------------------------------------

x = np.ones(5)
print(x)

np.random.seed(0)
mine = my_dropout(x, dropout_ratio)
np.random.seed(0)  # the same random numbers again
y = F.dropout(x, dropout_ratio)
print(y)
print("mine is the package's:", np.array_equal(mine, y.data))

with test_mode():
    y_test = F.dropout(x, dropout_ratio)
print(y_test)

many = np.ones(100_000)
print("mean of many, ratio 0.5:", round(float(F.dropout(many, 0.5).data.mean()), 2))
print("mean of many, ratio 0.8:", round(float(F.dropout(many, 0.8).data.mean()), 2))

# -- in a network ----------------------------------------------------------------------------------


class Net(Model):
    def __init__(self):
        super().__init__()
        self.l1 = L.Linear(100)
        self.drop = L.Dropout(0.5)  # the layer
        self.l2 = L.Linear(1)

    def forward(self, x):
        h = F.relu(self.l1(x))
        h = self.drop(h)  # or without a layer: F.dropout(h, 0.5)
        return self.l2(h)


net = Net()
x = np.ones((1, 3), dtype=np.float32)
first, second = net(x), net(x)
print("in training, twice the same x gives the same answer:", first.data.item() == second.data.item())
with test_mode():
    first, second = net(x), net(x)
print("in the test, twice the same x gives the same answer:", first.data.item() == second.data.item())
print("training again:", Config.train)
