"""Step 45: Layers in layers, and Model.

A network is made of layers, and is itself something with parameters. So let a layer hold layers: it notes their names
as well, and when asked for its parameters it asks them for theirs. Then one object stands for the network, however
deep, and `model.cleargrads()` and `model.params()` reach everything. Such an outermost layer is called a Model.

New against the step before: a layer notes layers too, `params` asks them, and the training loop needs no list of
layers.

Look at: the counts 0, 4 and 4. Then the loss, in round 9000: 0.07619, as in step 44, because nothing is computed in
another way. MLP ("multi-layer perceptron") makes the same network in one line.

Why 0? This happens in notebooks. You write your own class Layer in a cell, take Linear from the package, and your
model has no parameters; it trains without an error and learns nothing. The reason: the package's Linear is a subclass
of the package's Layer, which is another class than yours, though the name is the same. `isinstance(linear, Layer)`
asks for your Layer and gets False. The cure is to ask what a thing can do, and not of which class it is: whatever has a
method `params` is a layer. The package does it so. And its optimizers, the theme of the next step, refuse a model
without parameters; the output shows in which words.

Python box: `yield from value.params()` hands out, one by one, all that the other function yields.

Python box: `def __init__(self, hidden_size, out_size)` of TwoLayerNet begins with `super().__init__()`: first let Layer
make its set of names, then assign the layers. (The package also works without it.)

In the package: `dezero.Model`, `dezero.models.MLP`, and `Sequential`. `print(model)` shows the tree, with shapes.
`model.plot(x, to_file="model.dot")` writes the graph of a call.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # so that it runs from a bare clone, too

import numpy as np

import dezero
import dezero.functions as F
import dezero.layers as L
from dezero import Model, Parameter
from dezero.models import MLP

# -- a collection of our own, in two forms ---------------------------------------------------------


class StrictLayer:
    def __init__(self):
        self._params = set()

    def is_part(self, value):
        return isinstance(value, (Parameter, StrictLayer))  # asks for the class

    def __setattr__(self, name, value):
        if self.is_part(value):
            self._params.add(name)
        super().__setattr__(name, value)

    def params(self):
        for name in sorted(self._params):
            value = getattr(self, name)
            if isinstance(value, Parameter):
                yield value
            else:
                yield from value.params()


class Layer(StrictLayer):
    def is_part(self, value):
        return isinstance(value, Parameter) or hasattr(value, "params")  # asks what it can do


for name, kind in ("StrictLayer", StrictLayer), ("Layer", Layer), ("dezero.Layer", dezero.Layer):
    net = kind()
    net.l1 = L.Linear(10, in_size=1)
    net.l2 = L.Linear(1, in_size=10)
    shapes = [p.shape for p in net.params()]
    print(f"{name}: {len(shapes)} parameters", *shapes)
    if not shapes:
        try:
            dezero.optimizers.SGD(net)
        except ValueError as error:
            print("ValueError:", error)

# -- the network as a Model ------------------------------------------------------------------------


class TwoLayerNet(Model):
    def __init__(self, hidden_size, out_size):
        super().__init__()
        self.l1 = L.Linear(hidden_size)
        self.l2 = L.Linear(out_size)

    def forward(self, x):
        return self.l2(F.sigmoid(self.l1(x)))


lr = 0.2
iters = 10000
hidden_size = 10

np.random.seed(0)
x = np.random.rand(100, 1)
t = np.sin(2 * np.pi * x) + np.random.rand(100, 1)
state = np.random.get_state()  # so that both networks get the same random weights

model = TwoLayerNet(hidden_size, 1)
for i in range(iters):
    loss = F.mean_squared_error(model(x), t)
    if i % 1000 == 0:
        print(f"{i:5}: loss {loss.item():.5f}")
    model.cleargrads()
    loss.backward()
    for p in model.params():
        p.data -= lr * p.grad.data
print(f"last: loss {loss.item():.5f}")
print(model)

# -- the same network as an MLP --------------------------------------------------------------------

np.random.set_state(state)
mlp = MLP((hidden_size, 1))
print(f"MLP, untrained: loss {F.mean_squared_error(mlp(x), t).item():.5f}")  # as in round 0 above
