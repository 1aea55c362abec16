"""The workloads in PyTorch: the functions of `ours`, with the same names, arguments, weights and numbers to compare."""

from itertools import pairwise

import torch
import torch.nn.functional as F
from torch import nn

from tests.benchmarks.data import classes, normal, weights

_THREADS = torch.get_num_threads()

VERSION = f"torch {torch.__version__}, {_THREADS} thread{'s' * (_THREADS != 1)}"


def _scalar(value):
    return torch.tensor(value, dtype=torch.float64, requires_grad=True)


# -- scalars and derivatives -----------------------------------------------------------------------


def chain(n):
    x = _scalar(0.5)

    def step():
        y = x
        for _ in range(n // 3):
            y = torch.sin(y * 0.9 + x)
        x.grad = None
        y.backward()
        return x.grad.item()

    return step


def wide(n):
    x = _scalar(0.5)

    def step():
        branches = [torch.sin(x * (i * 3 / n)) for i in range(n // 3)]
        y = branches[0]
        for branch in branches[1:]:
            y = y + branch
        x.grad = None
        y.backward()
        return x.grad.item()

    return step


def goldstein():
    x, y = _scalar(1.0), _scalar(1.0)

    def step():
        x.grad = y.grad = None
        z = (1 + (x + y + 1) ** 2 * (19 - 14 * x + 3 * x**2 - 14 * y + 6 * x * y + 3 * y**2)) * (
            30 + (2 * x - 3 * y) ** 2 * (18 - 32 * x + 12 * x**2 + 48 * y - 36 * x * y + 27 * y**2)
        )
        z.backward()
        return (x.grad + y.grad).item()

    return step


def derivatives_of_sin(order, n):
    x = torch.tensor(normal(0, n, dtype="float64"), requires_grad=True)

    def step():
        g = torch.sin(x)
        for _ in range(order):
            (g,) = torch.autograd.grad(g.sum(), x, create_graph=True)
        return g.detach().sum().item()

    return step


def hessian_product(N, H):
    x, v = torch.tensor(normal(0, N, H)), [torch.tensor(normal(3, H, H)), torch.tensor(normal(4, H, 1))]
    W = [torch.tensor(weights(1, H, H), requires_grad=True), torch.tensor(weights(2, H, 1), requires_grad=True)]

    def step():
        y = torch.tanh(torch.tanh(x @ W[0]) @ W[1])
        gW = torch.autograd.grad((y * y).sum(), W, create_graph=True)
        products = torch.autograd.grad((gW[0] * v[0]).sum() + (gW[1] * v[1]).sum(), W)
        return products[0].sum().item()

    return step


# -- networks --------------------------------------------------------------------------------------


OPTIMIZERS = {
    "SGD": lambda params: torch.optim.SGD(params, 0.01),
    "momentum": lambda params: torch.optim.SGD(params, 0.01, momentum=0.9),
    "Adam": lambda params: torch.optim.Adam(params, 0.001),
}


def _with_weights(seed, layer):
    shape = layer.weight.shape
    W = weights(seed, *shape) if len(shape) == 4 else weights(seed, *reversed(shape)).T.copy()
    layer.weight.data = torch.tensor(W)
    layer.bias.data.zero_()


def _training(model, layers, x, t, optimizer="SGD"):
    for seed, layer in enumerate(layers):
        _with_weights(seed, layer)
    x, t, rule = torch.tensor(x), torch.tensor(t), OPTIMIZERS[optimizer](model.parameters())

    def step():
        loss = F.cross_entropy(model(x), t)
        rule.zero_grad()
        loss.backward()
        rule.step()
        return loss.item()

    return step


def _weighted(model):
    return [layer for layer in model if isinstance(layer, (nn.Conv2d, nn.Linear))]


def mlp(sizes, N, optimizer):
    layers = [layer for pair in pairwise(sizes) for layer in (nn.Linear(*pair), nn.ReLU())]
    model = nn.Sequential(*layers[:-1])
    return _training(model, _weighted(model), normal(98, N, sizes[0]), classes(99, N, sizes[-1]), optimizer)


def lenet(N):
    model = nn.Sequential(
        nn.Conv2d(1, 16, 5), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(16, 32, 5), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(512, 128), nn.ReLU(), nn.Linear(128, 10),
    )  # fmt: skip
    return _training(model, _weighted(model), normal(98, N, 1, 28, 28), classes(99, N, 10))


def _stack(channels, size, sizes):
    layers, before = [], 3
    for C in channels:
        layers += [nn.Conv2d(before, C, 3, padding=1), nn.ReLU()] if C else [nn.MaxPool2d(2)]
        before = C or before
        size = size if C else size // 2
    layers.append(nn.Flatten())
    for pair in pairwise((before * size * size, *sizes)):
        layers += [nn.Linear(*pair), nn.ReLU()]
    return nn.Sequential(*layers[:-1])


def stack(channels, N, size, sizes=(10,)):
    model = _stack(channels, size, sizes)
    return _training(model, _weighted(model), normal(98, N, 3, size, size), classes(99, N, sizes[-1]))


def stack_forward(channels, N, size, sizes):
    model, x = _stack(channels, size, sizes), torch.tensor(normal(98, N, 3, size, size))
    for seed, layer in enumerate(_weighted(model)):
        _with_weights(seed, layer)

    def step():
        with torch.no_grad():
            return model(x).sum().item()

    return step


class Residual(nn.Module):
    def __init__(self, C):
        super().__init__()
        self.first, self.last = nn.Conv2d(3, C, 3, padding=1), nn.Linear(C, 10)
        self.conv = nn.ModuleList(nn.Conv2d(C, C, 3, padding=1) for _ in range(4))
        self.norm = nn.ModuleList(nn.BatchNorm2d(C, eps=2e-5) for _ in range(4))

    def forward(self, x):
        x = F.relu(self.first(x))
        for i in (0, 2):
            h = F.relu(self.norm[i](self.conv[i](x)))
            x = F.relu(x + self.norm[i + 1](self.conv[i + 1](h)))
        return self.last(x.sum((2, 3)) / (x.shape[2] * x.shape[3]))


def residual(C, N, size):
    model = Residual(C)
    layers = [model.first, *model.conv, model.last]
    return _training(model, layers, normal(98, N, 3, size, size), classes(99, N, 10))


def lstm(T, N, C, H, cells):
    layer, last = nn.LSTMCell(C, H) if cells else nn.LSTM(C, H), nn.Linear(H, 1)
    named = dict(layer.named_parameters())
    x_weights, h_weights, x_bias, h_bias = named.values()
    x_weights.data = torch.cat([torch.tensor(weights(seed, C, H).T.copy()) for seed in range(4)])
    h_weights.data = torch.cat([torch.tensor(weights(seed + 4, H, H).T.copy()) for seed in range(4)])
    x_bias.data.zero_()
    h_bias.data.zero_()
    h_bias.requires_grad = False  # ours has one bias; two would learn twice as fast
    _with_weights(8, last)
    x, t = torch.tensor(normal(98, T, N, C)), torch.tensor(normal(99, T, N, 1))
    rule = torch.optim.SGD([x_weights, h_weights, x_bias, *last.parameters()], 0.01)

    def step():
        if cells:
            loss, state = 0, None
            for x_now, t_now in zip(x, t):
                state = layer(x_now, state)
                loss = loss + F.mse_loss(last(state[0]), t_now)
        else:
            loss = F.mse_loss(last(layer(x)[0]), t) * T
        rule.zero_grad()
        loss.backward()
        rule.step()
        return loss.item()

    return step


# -- elementwise -----------------------------------------------------------------------------------


def _composed_gelu(x):
    return 0.5 * x * (1 + torch.tanh(0.7978845608 * (x + 0.044715 * (x * x * x))))


def _composed_layer_norm(x):
    count = float(x.shape[1])
    d = x - x.sum(1, keepdim=True) / count
    return d / ((d * d).sum(1, keepdim=True) / count + 1e-5) ** 0.5


FUNCTIONS = {
    "composed gelu": _composed_gelu,
    "gelu": lambda x: F.gelu(x, approximate="tanh"),
    "softmax": lambda x: torch.softmax(x, 1),
    "composed layer norm": _composed_layer_norm,
    "activations": lambda x: torch.relu(torch.exp(torch.tanh(torch.sigmoid(x)))),
}


def elementwise(name, shape):
    f, x, w = FUNCTIONS[name], torch.tensor(normal(0, *shape), requires_grad=True), torch.tensor(normal(1, *shape))

    def step():
        x.grad = None
        (f(x) * w).sum().backward()
        return x.grad.sum().item()

    return step
