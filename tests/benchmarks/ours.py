"""The workloads in dezero. Each function prepares one and returns a step, which returns a number to compare."""

import numpy as np

import dezero
import dezero.functions as F
import dezero.layers as L
from dezero import Model, Variable, no_grad, optimizers
from dezero.models import MLP
from tests.benchmarks.data import classes, normal, weights


def _blas():
    try:
        from dezero.doctor import examine
    except ImportError:  # an old tree
        return "BLAS"
    return next(finding.words for finding in examine() if finding.subject == "BLAS")


VERSION = f"dezero {dezero.__version__}, NumPy {np.__version__}, {_blas()}"


# -- scalars and derivatives -----------------------------------------------------------------------


def chain(n):
    x = Variable(np.array(0.5))

    def step():
        y = x
        for _ in range(n // 3):
            y = F.sin(y * 0.9 + x)
        x.cleargrad()
        y.backward()
        return float(x.grad.data)

    return step


def wide(n):
    x = Variable(np.array(0.5))

    def step():
        branches = [F.sin(x * (i * 3 / n)) for i in range(n // 3)]
        y = branches[0]
        for branch in branches[1:]:
            y = y + branch
        x.cleargrad()
        y.backward()
        return float(x.grad.data)

    return step


def goldstein():
    x, y = Variable(np.array(1.0)), Variable(np.array(1.0))

    def step():
        x.cleargrad()
        y.cleargrad()
        z = (1 + (x + y + 1) ** 2 * (19 - 14 * x + 3 * x**2 - 14 * y + 6 * x * y + 3 * y**2)) * (
            30 + (2 * x - 3 * y) ** 2 * (18 - 32 * x + 12 * x**2 + 48 * y - 36 * x * y + 27 * y**2)
        )
        z.backward()
        return float(x.grad.data + y.grad.data)

    return step


def derivatives_of_sin(order, n):
    x = Variable(normal(0, n, dtype="float64"))

    def step():
        g = F.sin(x)
        for _ in range(order):
            x.cleargrad()
            g.backward(create_graph=True)
            g = x.grad
        return float(g.data.sum())

    return step


def hessian_product(N, H):
    x, v = normal(0, N, H), [normal(3, H, H), normal(4, H, 1)]
    W = [Variable(weights(1, H, H)), Variable(weights(2, H, 1))]

    def step():
        y = F.tanh(F.matmul(F.tanh(F.matmul(x, W[0])), W[1]))
        gW = dezero.grad(F.sum(y * y), W, create_graph=True)
        products = dezero.grad(F.sum(gW[0] * v[0]) + F.sum(gW[1] * v[1]), W)
        return float(products[0].data.sum())

    return step


# -- networks --------------------------------------------------------------------------------------


OPTIMIZERS = {
    "SGD": lambda: optimizers.SGD(0.01), "momentum": lambda: optimizers.MomentumSGD(0.01, 0.9),
    "Adam": lambda: optimizers.Adam(0.001),
}  # fmt: skip


def _training(model, layers, x, t, optimizer="SGD"):
    with no_grad():
        model(x)  # the layers see sizes, and make their weights
    for seed, layer in enumerate(layers):
        layer.W.data = weights(seed, *layer.W.shape)
    rule = OPTIMIZERS[optimizer]().setup(model)

    def step():
        loss = F.softmax_cross_entropy(model(x), t)
        model.cleargrads()
        loss.backward()
        rule.update()
        return float(loss.data)

    return step


def mlp(sizes, N, optimizer):
    model = MLP(sizes[1:], activation=F.relu)
    return _training(model, model.layers, normal(98, N, sizes[0]), classes(99, N, sizes[-1]), optimizer)


class LeNet(Model):
    def __init__(self):
        super().__init__()
        self.conv0, self.conv1 = L.Conv2d(16, 5), L.Conv2d(32, 5)
        self.full0, self.full1 = L.Linear(128), L.Linear(10)

    def forward(self, x):
        x = F.pooling(F.relu(self.conv0(x)), 2, 2)
        x = F.pooling(F.relu(self.conv1(x)), 2, 2)
        x = F.relu(self.full0(F.reshape(x, (len(x), -1))))
        return self.full1(x)


def lenet(N):
    model = LeNet()
    layers = [model.conv0, model.conv1, model.full0, model.full1]
    return _training(model, layers, normal(98, N, 1, 28, 28), classes(99, N, 10))


class Stack(Model):
    """Convolutions 3 x 3 of so many channels each, with pooling where 0 stands; then a perceptron."""

    def __init__(self, channels, sizes):
        super().__init__()
        self.plan, self.convolutions, self.full = channels, [], []
        for i, C in enumerate(channels):
            if C:
                layer = L.Conv2d(C, kernel_size=3, pad=1)
                setattr(self, f"conv{i}", layer)
                self.convolutions.append(layer)
        for i, size in enumerate(sizes):
            layer = L.Linear(size)
            setattr(self, f"full{i}", layer)
            self.full.append(layer)

    def forward(self, x):
        convolutions = iter(self.convolutions)
        for C in self.plan:
            x = F.relu(next(convolutions)(x)) if C else F.pooling(x, 2, 2)
        x = F.reshape(x, (len(x), -1))
        for layer in self.full[:-1]:
            x = F.relu(layer(x))
        return self.full[-1](x)


def stack(channels, N, size, sizes=(10,)):
    model = Stack(channels, sizes)
    layers = model.convolutions + model.full
    return _training(model, layers, normal(98, N, 3, size, size), classes(99, N, sizes[-1]))


def stack_forward(channels, N, size, sizes):
    model, x = Stack(channels, sizes), normal(98, N, 3, size, size)

    def step():
        with no_grad():
            return float(model(x).data.sum())

    step()
    for seed, layer in enumerate(model.convolutions + model.full):
        layer.W.data = weights(seed, *layer.W.shape)
    return step


class Residual(Model):
    def __init__(self, C):
        super().__init__()
        self.first, self.last = L.Conv2d(C, 3, 1, 1), L.Linear(10)
        for i in range(4):
            setattr(self, f"conv{i}", L.Conv2d(C, 3, 1, 1))
            setattr(self, f"norm{i}", L.BatchNorm())

    def forward(self, x):
        x = F.relu(self.first(x))
        for i in (0, 2):
            h = F.relu(getattr(self, f"norm{i}")(getattr(self, f"conv{i}")(x)))
            x = F.relu(x + getattr(self, f"norm{i + 1}")(getattr(self, f"conv{i + 1}")(h)))
        return self.last(F.sum(x, axis=(2, 3)) / (x.shape[2] * x.shape[3]))


def residual(C, N, size):
    model = Residual(C)
    layers = [model.first, *[getattr(model, f"conv{i}") for i in range(4)], model.last]
    return _training(model, layers, normal(98, N, 3, size, size), classes(99, N, 10))


def lstm(T, N, C, H, cells):
    model = Model()
    model.lstm, model.last = L.LSTM(H, C), L.Linear(1, in_size=H)
    for seed, gate in enumerate("ifuo"):
        getattr(model.lstm, f"x2{gate}").W.data = weights(seed, C, H)
        getattr(model.lstm, f"h2{gate}").W.data = weights(seed + 4, H, H)
    model.last.W.data = weights(8, H, 1)
    x, t = normal(98, T, N, C), normal(99, T, N, 1)
    rule = optimizers.SGD(0.01).setup(model)

    def step():
        model.lstm.reset_state()
        if cells:
            loss = 0
            for x_now, t_now in zip(x, t):
                loss = loss + F.mean_squared_error(model.last(model.lstm(x_now)), t_now)
        else:
            h = F.reshape(model.lstm.sequence(x), (T * N, H))
            loss = F.mean_squared_error(model.last(h), t.reshape(T * N, 1)) * T
        model.cleargrads()
        loss.backward()
        rule.update()
        return float(loss.data)

    return step


# -- elementwise -----------------------------------------------------------------------------------


def _composed_gelu(x):
    return 0.5 * x * (1 + F.tanh(0.7978845608 * (x + 0.044715 * (x * x * x))))


def _composed_layer_norm(x):
    count = float(x.shape[1])
    d = x - F.sum(x, axis=1, keepdims=True) / count
    return d / (F.sum(d * d, axis=1, keepdims=True) / count + 1e-5) ** 0.5


FUNCTIONS = {
    "composed gelu": _composed_gelu,
    "gelu": lambda x: F.gelu(x, approximate="tanh"),
    "softmax": lambda x: F.softmax(x, axis=1),
    "composed layer norm": _composed_layer_norm,
    "activations": lambda x: F.relu(F.exp(F.tanh(F.sigmoid(x)))),
}


def elementwise(name, shape):
    f, x, w = FUNCTIONS[name], Variable(normal(0, *shape)), normal(1, *shape)

    def step():
        x.cleargrad()
        F.sum(f(x) * w).backward()
        return float(x.grad.data.sum())

    return step
