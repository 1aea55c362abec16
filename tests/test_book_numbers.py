"""The numbers that the book's steps 42 to 50 print, from scripts written as the book writes them.

Where a script runs long, its beginning is compared with loops in plain NumPy, float64, whose gradients were derived by
hand; the whole is run with ``-m slow``. Both draw from NumPy's global generator, in the order that the book's numbers
depend on.
"""

import math

import numpy as np
import pytest

import dezero.functions as F
import dezero.layers as L
from dezero import Variable, no_grad
from dezero.dataloaders import DataLoader
from dezero.datasets import Spiral, get_spiral
from dezero.models import MLP, Model
from dezero.optimizers import SGD

# -- the scripts -----------------------------------------------------------------------------------


def noisy_line():
    np.random.seed(0)
    x = np.random.rand(100, 1)
    return x, 5 + 2 * x + np.random.rand(100, 1)


def noisy_sine():
    np.random.seed(0)
    x = np.random.rand(100, 1)
    return x, np.sin(2 * np.pi * x) + np.random.rand(100, 1)


def step42():
    """A straight line by gradient descent; the last loss, the slope and the height at 0."""
    x, y = (Variable(array) for array in noisy_line())
    W, b = Variable(np.zeros((1, 1))), Variable(np.zeros(1))
    for _ in range(100):
        diff = y - (F.matmul(x, W) + b)
        loss = F.sum(diff**2) / len(diff)
        W.cleargrad()
        b.cleargrad()
        loss.backward()
        W.data -= 0.1 * W.grad.data
        b.data -= 0.1 * b.grad.data
    return loss.data, W.data.item(), b.data.item()


def step43(iterations):
    """Two layers out of Variables; the losses."""
    x, y = noisy_sine()
    W1, b1 = Variable(0.01 * np.random.randn(1, 10)), Variable(np.zeros(10))
    W2, b2 = Variable(0.01 * np.random.randn(10, 1)), Variable(np.zeros(1))
    losses = []
    for _ in range(iterations):
        loss = F.mean_squared_error(y, F.linear(F.sigmoid(F.linear(x, W1, b1)), W2, b2))
        for p in (W1, b1, W2, b2):
            p.cleargrad()
        loss.backward()
        for p in (W1, b1, W2, b2):
            p.data -= 0.2 * p.grad.data
        losses.append(float(loss.data))
    return losses


def step44(iterations):
    """Two layers out of Linear; the losses."""
    x, y = noisy_sine()
    l1, l2 = L.Linear(10), L.Linear(1)
    losses = []
    for _ in range(iterations):
        loss = F.mean_squared_error(y, l2(F.sigmoid(l1(x))))
        l1.cleargrads()
        l2.cleargrads()
        loss.backward()
        for layer in (l1, l2):
            for p in layer.params():
                p.data -= 0.2 * p.grad.data
        losses.append(float(loss.data))
    return losses


def step45(iterations):
    """Two layers in a Model; the losses."""

    class TwoLayerNet(Model):
        def __init__(self, hidden_size, out_size):
            super().__init__()
            self.l1 = L.Linear(hidden_size)
            self.l2 = L.Linear(out_size)

        def forward(self, x):
            return self.l2(F.sigmoid(self.l1(x)))

    x, y = noisy_sine()
    model = TwoLayerNet(10, 1)
    losses = []
    for _ in range(iterations):
        loss = F.mean_squared_error(y, model(x))
        model.cleargrads()
        loss.backward()
        for p in model.params():
            p.data -= 0.2 * p.grad.data
        losses.append(float(loss.data))
    return losses


def step46(iterations):
    """Two layers as an MLP, with an optimizer; the losses."""
    x, y = noisy_sine()
    model = MLP((10, 1))
    optimizer = SGD(0.2)
    optimizer.setup(model)
    losses = []
    for _ in range(iterations):
        loss = F.mean_squared_error(y, model(x))
        model.cleargrads()
        loss.backward()
        optimizer.update()
        losses.append(float(loss.data))
    return losses


def step47():
    """Softmax and cross entropy; the loss."""
    np.random.seed(0)
    model = MLP((10, 3))
    x = np.array([[0.2, -0.4], [0.3, 0.5], [1.3, -3.2], [2.1, 0.3]])
    return float(F.softmax_cross_entropy(model(x), np.array([2, 0, 1, 0])).data)


def step48(epochs):
    """The spiral, with batches by hand; the mean loss of each epoch."""
    x, t = get_spiral(train=True)
    model = MLP((10, 3))
    optimizer = SGD(1.0).setup(model)
    means = []
    for _ in range(epochs):
        index = np.random.permutation(len(x))
        total = 0.0
        for i in range(math.ceil(len(x) / 30)):
            chosen = index[i * 30 : (i + 1) * 30]
            loss = F.softmax_cross_entropy(model(x[chosen]), t[chosen])
            model.cleargrads()
            loss.backward()
            optimizer.update()
            total += float(loss.data) * len(chosen)
        means.append(total / len(x))
    return means


def step49(epochs):
    """The spiral as a Dataset; the mean loss of each epoch."""
    train_set = Spiral()
    model = MLP((10, 3))
    optimizer = SGD(1.0).setup(model)
    means = []
    for _ in range(epochs):
        index = np.random.permutation(len(train_set))
        total = 0.0
        for i in range(math.ceil(len(train_set) / 30)):
            batch = [train_set[k] for k in index[i * 30 : (i + 1) * 30]]
            x, t = np.array([example[0] for example in batch]), np.array([example[1] for example in batch])
            loss = F.softmax_cross_entropy(model(x), t)
            model.cleargrads()
            loss.backward()
            optimizer.update()
            total += float(loss.data) * len(t)
        means.append(total / len(train_set))
    return means


def step50(epochs):
    """The spiral with loaders; the last epoch's loss and accuracy in training and in the test, and all train losses."""
    train_set, test_set = Spiral(train=True), Spiral(train=False)
    train_loader, test_loader = DataLoader(train_set, 30), DataLoader(test_set, 30, shuffle=False)
    model = MLP((10, 3))
    optimizer = SGD(1.0).setup(model)
    means = []
    for _ in range(epochs):
        total = right = 0.0
        for x, t in train_loader:
            y = model(x)
            loss, accuracy = F.softmax_cross_entropy(y, t), F.accuracy(y, t)
            model.cleargrads()
            loss.backward()
            optimizer.update()
            total += float(loss.data) * len(t)
            right += float(accuracy.data) * len(t)
        train = total / len(train_set), right / len(train_set)
        means.append(train[0])
        total = right = 0.0
        with no_grad():
            for x, t in test_loader:
                y = model(x)
                total += float(F.softmax_cross_entropy(y, t).data) * len(t)
                right += float(F.accuracy(y, t).data) * len(t)
    return train, (total / len(test_set), right / len(test_set)), means


# -- the same in plain NumPy -----------------------------------------------------------------------


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def squares(y, t):
    """The squared distance, as a mean over the examples, and its gradient."""
    return ((y - t) ** 2).sum() / len(y), 2 * (y - t) / len(y)


def cross_entropy(y, t):
    """The cross entropy of the softmax, as a mean over the examples, and its gradient."""
    p = np.exp(y) / np.exp(y).sum(axis=1, keepdims=True)
    wanted = np.eye(y.shape[1])[t]
    return -np.log((p * wanted).sum(axis=1)).mean(), (p - wanted) / len(y)


def descend(W1, W2, batches, lr, loss_of):
    """The losses of two layers with a sigmoid between, by gradient descent; the biases start at 0."""
    b1, b2 = np.zeros(W1.shape[1]), np.zeros(W2.shape[1])
    losses = []
    for x, t in batches:
        h = sigmoid(x @ W1 + b1)
        loss, gy = loss_of(h @ W2 + b2, t)
        gh = gy @ W2.T * h * (1 - h)
        W1, b1, W2, b2 = W1 - lr * x.T @ gh, b1 - lr * gh.sum(0), W2 - lr * h.T @ gy, b2 - lr * gy.sum(0)
        losses.append(loss)
    return losses


def drawn_layers(I, H, O):  # noqa: E741
    """The weights as Linear(H) and Linear(O) draw them at the first call."""
    W1 = np.random.randn(I, H) * math.sqrt(1 / I)
    return W1, np.random.randn(H, O) * math.sqrt(1 / H)


def spiral_point_by_point(seed):
    np.random.seed(seed)
    points = []
    for arm in range(3):
        for i in range(100):
            r = i / 100
            angle = 4 * arm + 4 * r + 0.2 * np.random.randn()
            points.append((r * math.sin(angle), r * math.cos(angle), arm))
    shuffled = np.array(points)[np.random.permutation(300)]
    return shuffled[:, :2], shuffled[:, 2].astype(int)


def spiral_by_hand(epochs, loaders):
    """The mean losses of the spiral; with loaders, there are points for testing, too, which are drawn first."""
    x, t = spiral_point_by_point(1984)
    if loaders:
        spiral_point_by_point(2020)
    orders = [np.random.permutation(300)]
    W1, W2 = drawn_layers(2, 10, 3)
    orders += [np.random.permutation(300) for _ in range(epochs - 1)]
    batches = [(x[order[i : i + 30]], t[order[i : i + 30]]) for order in orders for i in range(0, 300, 30)]
    return np.reshape(descend(W1, W2, batches, 1.0, cross_entropy), (epochs, 10)).mean(axis=1)


# -- the numbers -----------------------------------------------------------------------------------


def test_step42_prints_the_books_loss_and_line():
    loss, W, b = step42()
    assert loss == pytest.approx(0.07908606512411756, rel=1e-12)
    assert (round(W, 3), round(b, 3)) == (2.118, 5.466)


def test_step43_begins_as_by_hand():
    x, y = noisy_sine()
    W1, W2 = 0.01 * np.random.randn(1, 10), 0.01 * np.random.randn(10, 1)
    assert step43(50) == pytest.approx(descend(W1, W2, [(x, y)] * 50, 0.2, squares), rel=1e-12)


@pytest.mark.slow
def test_step43_prints_the_books_loss():
    assert step43(9001)[9000] == pytest.approx(0.07722132399559319, rel=1e-12)


@pytest.mark.parametrize("step", [step44, step45, step46])
def test_steps_44_to_46_begin_as_by_hand(step):
    x, y = noisy_sine()
    expected = descend(*drawn_layers(1, 10, 1), [(x, y)] * 50, 0.2, squares)
    assert step(50) == pytest.approx(expected, rel=1e-5)  # the layers' weights are float32


@pytest.mark.slow
@pytest.mark.parametrize("step", [step44, step45, step46])
def test_steps_44_to_46_print_the_books_loss(step):
    # three digits: 10,000 updates of float32 biases
    assert step(10_000)[9000] == pytest.approx(0.0761937449484299, rel=1e-3)


def test_steps_44_to_46_print_the_same():
    assert step44(20) == step45(20) == step46(20)


def test_step47_prints_the_books_loss():
    assert step47() == pytest.approx(1.4967442462341742, rel=1e-6)


@pytest.mark.parametrize("step", [step48, step49])
def test_steps_48_and_49_begin_as_by_hand(step):
    assert step(3) == pytest.approx(spiral_by_hand(3, loaders=False), rel=1e-4)  # float32


@pytest.mark.slow
@pytest.mark.parametrize("step", [step48, step49])
def test_steps_48_and_49_reach_the_books_loss(step):
    assert 0.12 < step(300)[-1] < 0.13


def test_step50_begins_as_by_hand():
    assert step50(3)[2] == pytest.approx(spiral_by_hand(3, loaders=True), rel=1e-4)  # float32


@pytest.mark.slow
def test_step50_prints_the_books_losses_and_accuracies():
    train, test, _ = step50(300)
    assert [f"{number:.4f}" for number in train + test] == ["0.1082", "0.9667", "0.1458", "0.9600"]
