"""Step 46: Optimizers, which change the parameters.

`p.data -= lr * p.grad.data` is one way to use a gradient. There are better ones, and one wants to try them without
touching the loop. So the rule becomes an object: `optimizer.update()` goes through the parameters of a model and calls
`update_one(p)` for each. A new rule is a new class with another `update_one`.

    SGD                   p ← p - lr g                         short for stochastic gradient descent, see below
    SGD with momentum     v ← m v - lr g,  p ← p + v           v is a velocity, which gradients speed up or slow down

New against the step before: Optimizer with `setup` and `update`; the loop does not know the rule any more.

Look at: the differences 0.000000 between our rules and the package's. Then the loss of SGD, which in round 9000 is
0.07619 as in steps 44 and 45. With momentum, a tenth of the rounds is enough for 0.0774.

Why `setup`? An optimizer has two kinds of settings: how to step (lr), which you choose, and whose parameters to change.
`SGD(lr=0.2)` says the one and `.setup(model)` the other. `SGD(model, lr=0.2)` says both at once. With neither,
`update()` asks you for the model; the last lines show its words.

Is this SGD, if every step sees all 100 points? No: that is plain gradient descent, with a full batch. "Stochastic"
means that each step sees a few examples drawn at random, from step 48 on. The rule for the parameters is the same.

When are hooks called? `optimizer.add_hook(f)`: in `update()`, after you called backward and before the first parameter
changes, f gets the list of all parameters that have a gradient, and may change the gradients. WeightDecay(λ) adds λp to
each, which is the gradient of λ/2 Σp², so that weights stay small. ClipGrad(M) shortens all gradients together, if they
are longer than M. FreezeParam(layer) drops the gradients of a layer, so that it stays as it is. That is for transfer
learning: keep the layers that somebody else trained, train the last one. `layer.freeze()` is the plain way to do it.

Who is who? Variable: a value in the graph. Parameter: a Variable that is to be learned. Function: one computation, used
once, without memory. Layer: parameters and a `forward` that uses Functions. Model: a layer that stands for the whole
network, and MLP one that is ready made. Optimizer: has a model as its target, and changes its parameters. It keeps what
a rule must remember, such as v, for each Parameter: the state belongs to the optimizer, the weights to the layers.

In the package: `dezero.optimizers`: SGD, MomentumSGD, AdaGrad, AdaDelta, Adam and more, and the hooks.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # so that it runs from a bare clone, too

import numpy as np

import dezero.functions as F
from dezero import optimizers
from dezero.models import MLP
from dezero.optimizers import WeightDecay

# -- optimizers of our own -------------------------------------------------------------------------


class Optimizer:
    def __init__(self):
        self.target = None
        self.hooks = []

    def setup(self, target):
        self.target = target
        return self  # so that `optimizer = SGD(0.2).setup(model)` works

    def add_hook(self, f):
        self.hooks.append(f)

    def update(self):
        params = [p for p in self.target.params() if p.grad is not None]
        for hook in self.hooks:
            hook(params)
        for p in params:
            if p.grad is not None:  # a hook may have dropped it
                self.update_one(p)


class SGD(Optimizer):
    def __init__(self, lr):
        super().__init__()
        self.lr = lr

    def update_one(self, param):
        param.data -= self.lr * param.grad.data


class MomentumSGD(Optimizer):
    def __init__(self, lr, momentum=0.9):
        super().__init__()
        self.lr, self.momentum = lr, momentum
        self.vs = {}  # from the id of each parameter to its velocity

    def update_one(self, param):
        v = self.vs.setdefault(id(param), np.zeros_like(param.data))  # zeros at first
        v *= self.momentum
        v -= self.lr * param.grad.data
        param.data += v


# -- data and training -----------------------------------------------------------------------------

lr = 0.2
iters = 10000
hidden_size = 10

np.random.seed(0)
x = np.random.rand(100, 1)
t = np.sin(2 * np.pi * x) + np.random.rand(100, 1)
state = np.random.get_state()


def train(optimizer, iters):
    np.random.set_state(state)  # every run begins with the same weights
    model = MLP((hidden_size, 1))
    optimizer.setup(model)
    losses = []
    for _ in range(iters):
        loss = F.mean_squared_error(model(x), t)
        losses.append(loss.item())
        model.cleargrads()
        loss.backward()
        optimizer.update()
    return losses


for own, theirs in (SGD(lr), optimizers.SGD(lr)), (MomentumSGD(lr), optimizers.MomentumSGD(lr)):
    name = type(own).__name__
    for optimizer in (own, theirs):
        optimizer.add_hook(WeightDecay(1e-4))  # the package's hook works in our optimizer, too
    difference = max(abs(np.subtract(train(own, 10), train(theirs, 10))))
    print(f"{name} with WeightDecay, own and package: losses differ by {difference:.6f}")

losses = train(optimizers.SGD(lr), iters)
for i in range(0, iters, 1000):
    print(f"{i:5}: loss {losses[i]:.5f}")
print(f"last: loss {losses[-1]:.5f}")

momentum_losses = train(optimizers.MomentumSGD(lr), iters // 10)
print(f"momentum, a tenth of the rounds: loss {momentum_losses[-1]:.4f}")

# -- a hook of our own, and the model that was forgotten -------------------------------------------


def report(params):
    length = np.sqrt(sum([np.sum(p.grad.data**2) for p in params]))
    print(f"hook: {len(params)} gradients, together of length {length:.4f}")


optimizer = optimizers.SGD(lr)
optimizer.add_hook(report)
train(optimizer, 1)

try:
    optimizers.SGD(lr).update()
except RuntimeError as error:
    print("RuntimeError:", error)
