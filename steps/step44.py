"""Step 44: Layer, a thing that knows its parameters.

In step 43 we kept a list of W1, b1, W2 and b2 by hand. With 20 layers, that would be a list of 40 names in three
places. A Layer keeps the list itself. Whatever is to be learned is a Parameter, and a layer notes the name of each
Parameter that is assigned to one of its attributes.

New against the step before: Parameter, a Variable with another class and nothing else; Layer, which collects; and
Linear, a layer that makes its own W and b. It makes W at the first call, when it sees how many inputs there are.

Look at: the lines "own" and "package", which must be the same. Then the loss: in round 9000 it is 0.07619. That is not
the number of step 43, because Linear draws W with another scale: sqrt(1/inputs) in place of 0.01. And it computes W and
b in float32, so the last digits depend on the machine.

Python box: `__setattr__`. Python calls it for every `layer.W = value`. Ours writes down the name, if value is a
Parameter. Then it lets Python do what it always does, and store the value.

Python box: whose `super()`? That of the class in which it is written. `class Layer:` is short for `class
Layer(object):`, so in Layer `super().__setattr__` is that of object, which really stores the value; without this line
nothing would be stored. In Linear, `super().__init__()` is Layer's, which makes the empty set of names; so it must come
first.

Python box: `yield`. A function with `yield` in it gives its results one by one: at each `yield` it hands one out and
waits until the next is asked for, here by the `for` loop. It could fill a list and return it; this is shorter.

In the package: `dezero.Parameter`, `dezero.Layer`, `dezero.layers.Linear`. You can make a Layer() and hang parameters
on it, as this script does. A Function has no parameters and no memory; it is used once, for one computation.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # so that it runs from a bare clone, too

import numpy as np

import dezero
import dezero.functions as F
import dezero.layers as L
from dezero import Variable

# -- a collection of our own -----------------------------------------------------------------------


class Parameter(Variable):
    """A Variable that is to be learned."""


class Layer:
    def __init__(self):
        self._params = set()

    def __setattr__(self, name, value):
        if isinstance(value, Parameter):
            self._params.add(name)
        super().__setattr__(name, value)

    def __call__(self, x):
        return self.forward(x)

    def params(self):
        for name in sorted(self._params):
            yield getattr(self, name)

    def cleargrads(self):
        for p in self.params():
            p.cleargrad()


class Linear(Layer):
    def __init__(self, out_size):
        super().__init__()
        self.out_size = out_size
        self.W = Parameter(None, name="W")  # its data come with the first x
        self.b = Parameter(np.zeros(out_size, dtype=np.float32), name="b")

    def forward(self, x):
        if self.W.data is None:
            in_size = x.shape[1]
            numbers = np.random.randn(in_size, self.out_size).astype(np.float32)
            self.W.data = numbers * float(np.sqrt(1 / in_size))  # a Python number leaves float32 as it is
        return F.linear(x, self.W, self.b)


layer = Layer()
layer.p1 = Parameter(np.array(1.0))
layer.p2 = Parameter(np.array(2.0))
layer.p3 = Variable(np.array(3.0))  # no Parameter
layer.p4 = "text"
print("own:    ", sorted(layer._params))

layer = dezero.Layer()
layer.p1 = dezero.Parameter(np.array(1.0))
layer.p2 = dezero.Parameter(np.array(2.0))
layer.p3 = Variable(np.array(3.0))
layer.p4 = "text"
print("package:", sorted(layer._params))

# -- the network of step 43, from layers -----------------------------------------------------------

lr = 0.2
iters = 10000
hidden_size = 10

np.random.seed(0)
x = np.random.rand(100, 1)
t = np.sin(2 * np.pi * x) + np.random.rand(100, 1)
state = np.random.get_state()  # so that both networks get the same random weights


def train(l1, l2, iters):
    losses = []
    for _ in range(iters):
        loss = F.mean_squared_error(l2(F.sigmoid(l1(x))), t)
        losses.append(loss.item())
        for layer in (l1, l2):
            layer.cleargrads()
        loss.backward()
        for layer in (l1, l2):
            for p in layer.params():
                p.data -= lr * p.grad.data
    return losses


own = train(Linear(hidden_size), Linear(1), 3)
np.random.set_state(state)
l1, l2 = L.Linear(hidden_size), L.Linear(1)
losses = train(l1, l2, iters)
print("own:    ", [round(loss, 5) for loss in own])
print("package:", [round(loss, 5) for loss in losses[:3]])

for i in range(0, iters, 1000):
    print(f"{i:5}: loss {losses[i]:.5f}")
print(f"last: loss {losses[-1]:.5f}")
