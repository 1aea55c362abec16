"""By hand 10: layers whose activation and loss are chosen by name, and two shortcuts.

`BaseLayer` is U = X W + B and an activation, together. `OutputLayer` is the same and knows how to compare its output
with the answer t. Going back, an OutputLayer starts from t, a BaseLayer from the gradient that it is given.

The long way back through an output is always the same: derivative of the loss, times derivative of the activation,
times that of the affine part. For some pairs the first two collapse into y - t:

    sigmoid and binary cross entropy    (y - t) / (y (1 - y)) * y (1 - y) = y - t
    softmax and cross entropy           see script 9
    identity and half the square        (y - t) * 1, which is short by itself

New against the script before: names in place of classes; the two shortcuts, checked against the long way. The loss is
the *sum* over the batch here, so nothing divides by N. Whoever wants the mean divides the learning rate by N.

Look at: "the long way" and "y - t" are equal for the pairs of the table, and differ for sigmoid with the square.

Python box: `class OutputLayer(BaseLayer)` has all that BaseLayer has. `super()` means "as BaseLayer does it":
`super().__init__(**options)` hands on the options that OutputLayer does not use itself. A `*` in a list of parameters
means that those after it can be given by name only. `table[name]()` looks up a class and makes an object of it.

In the package: `dezero.functions.sigmoid_cross_entropy` and `softmax_cross_entropy` are the shortcuts; both take the
numbers *before* the activation.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))  # so that it runs from a bare clone, too

import numpy as np

import dezero.functions as F
from dezero import Variable
from dezero.utils import check_grads

# -- activations: forward(u) gives y; backward takes the gradient by y, and u and y, and gives the gradient by u --


class Identity:
    def forward(self, u):
        return u

    def backward(self, grad, u, y):
        return grad


class ReLU:
    def forward(self, u):
        return np.where(u > 0, u, 0)

    def backward(self, grad, u, y):
        return np.where(u > 0, grad, 0)


class Sigmoid:
    def forward(self, u):
        return 1 / (1 + np.exp(-u))

    def backward(self, grad, u, y):
        return grad * y * (1 - y)


class Softmax:
    def forward(self, u):
        below = u - u.max(axis=1, keepdims=True)
        return np.exp(below) / np.exp(below).sum(axis=1, keepdims=True)

    def backward(self, grad, u, y):
        return y * (grad - (grad * y).sum(axis=1, keepdims=True))  # every y depends on every u of its row


# -- losses: sums over the batch --


class Square:
    def forward(self, y, t):
        return ((y - t) ** 2).sum() / 2

    def backward(self, y, t):
        return y - t


class CrossEntropy:
    def forward(self, y, t):
        return -(t * np.log(y)).sum()

    def backward(self, y, t):
        return -t / y


class BinaryCrossEntropy:
    def forward(self, y, t):
        return -(t * np.log(y) + (1 - t) * np.log(1 - y)).sum()

    def backward(self, y, t):
        return (y - t) / (y * (1 - y))


activations = {"identity": Identity, "relu": ReLU, "sigmoid": Sigmoid, "softmax": Softmax}
losses = {"square": Square, "cross entropy": CrossEntropy, "binary cross entropy": BinaryCrossEntropy}
shortcuts = {("softmax", "cross entropy"), ("sigmoid", "binary cross entropy")}


def get(table, name):
    if name not in table:
        raise ValueError(f"no {name!r} here, only {', '.join(table)}")
    return table[name]()


# -- layers --


class BaseLayer:
    def __init__(self, *, prev=1, n=1, act="relu", wb_width=1.0, rng):
        self.w = wb_width * rng.standard_normal((prev, n))
        self.b = wb_width * rng.standard_normal(n)
        self.act_name = act
        self.act = get(activations, act)

    def forward(self, x):
        self.x = x
        self.u = x @ self.w + self.b
        self.y = self.act.forward(self.u)
        return self.y

    def backward(self, grad):
        return self.through_affine(self.act.backward(grad, self.u, self.y))

    def through_affine(self, dact):
        self.grad_w = self.x.T @ dact
        self.grad_b = dact.sum(axis=0)
        self.grad_x = dact @ self.w.T
        return self.grad_x


class OutputLayer(BaseLayer):
    def __init__(self, *, err_func="square", **options):
        super().__init__(**options)
        self.err_name = err_func
        self.errfunc = get(losses, err_func)

    def loss(self, t):
        return self.errfunc.forward(self.y, t)

    def backward(self, t):
        return self.through_affine(self.dact(t))

    def dact(self, t):
        """The gradient by u, by a shortcut where there is one."""
        if (self.act_name, self.err_name) in shortcuts:
            return self.y - t
        return self.long_way(t)

    def long_way(self, t):
        return self.act.backward(self.errfunc.backward(self.y, t), self.u, self.y)


x = np.array([[1.0, 2.0], [0.0, -1.0], [0.5, 0.5]])
t = np.array([[1, 0, 0], [0, 0, 1], [0, 1, 0]])  # one-hot labels 0, 2, 1
pairs = [
    ("softmax", "cross entropy"),
    ("sigmoid", "binary cross entropy"),
    ("identity", "square"),
    ("sigmoid", "square"),
]


def output_layer(kind, act, err_func):
    return kind(prev=2, n=3, act=act, err_func=err_func, rng=np.random.default_rng(0))


for act, err_func in pairs:
    layer = output_layer(OutputLayer, act, err_func)
    y = layer.forward(x)
    long_way, short = layer.long_way(t), y - t
    print(f"{act} and {err_func}: loss {layer.loss(t):.6g}; first row of the gradient by U:")
    print("  the long way", long_way[0].round(6).tolist())
    print("  y - t       ", short[0].round(6).tolist(), "equal" if np.allclose(long_way, short) else "different")


# -- the mistake: y - t for every pair, because it was right for the first --


class WithLoss(OutputLayer):
    """The layer and its loss as one layer, as check_grads wants it: backward takes the gradient of the loss."""

    def forward(self, x, t):
        self.t = t
        super().forward(x)
        return self.loss(t)

    def backward(self, dout):
        super().backward(self.t)
        self.grad_w *= dout
        self.grad_b *= dout
        return self.grad_x * dout


class AlwaysShort(WithLoss):
    def dact(self, t):
        return self.y - t


def verdict(layer, *arguments):
    """What check_grads finds: by x, and by w and b, of which it compares grad_w and grad_b."""
    try:
        check_grads(layer, *arguments)
    except (TypeError, ValueError) as error:
        return f"wrong: {error}"
    return "right"


print()
for act, err_func in pairs:
    print(f"{act} and {err_func}")
    print("  WithLoss:   ", verdict(output_layer(WithLoss, act, err_func), x, t))
    print("  AlwaysShort:", verdict(output_layer(AlwaysShort, act, err_func), x, t))
try:
    output_layer(OutputLayer, "softmax", "cross emtropy")
except ValueError as error:
    print(f"a name with a slip in it: {error}")


# -- the same with dezero: two layers, a BaseLayer and an OutputLayer, for each pair --

dezero_losses = {
    ("softmax", "cross entropy"): lambda u: F.softmax_cross_entropy(u, t.argmax(axis=1), reduction="sum"),
    ("sigmoid", "binary cross entropy"): lambda u: F.sigmoid_cross_entropy(u, t, reduction="sum"),
    ("identity", "square"): lambda u: F.mean_squared_error(u, t, reduction="sum") / 2,
    ("sigmoid", "square"): lambda u: F.mean_squared_error(F.sigmoid(u), t, reduction="sum") / 2,
}
for act, err_func in pairs:
    rng = np.random.default_rng(1)
    hidden = BaseLayer(prev=2, n=4, act="relu", rng=rng)
    out = OutputLayer(prev=4, n=3, act=act, err_func=err_func, rng=rng)
    out.forward(hidden.forward(x))
    hidden.backward(out.backward(t))

    vx, w1, b1, w2, b2 = (Variable(a) for a in (x, hidden.w, hidden.b, out.w, out.b))
    loss = dezero_losses[act, err_func](F.linear(F.relu(F.linear(vx, w1, b1)), w2, b2))
    loss.backward()
    assert np.allclose(loss.data, out.loss(t))
    assert np.allclose(vx.grad.data, hidden.grad_x)
    assert np.allclose(w1.grad.data, hidden.grad_w)
    assert np.allclose(b1.grad.data, hidden.grad_b)
    assert np.allclose(w2.grad.data, out.grad_w)
    assert np.allclose(b2.grad.data, out.grad_b)
    print(f"dezero agrees for {act} and {err_func}: loss {loss:.6g}")
