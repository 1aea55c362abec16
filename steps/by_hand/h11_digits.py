"""By hand 11: a network that learns to read digits, without a framework.

Two layers from script 10: 64 pixels go to 50 numbers with ReLU, and those to 10 probabilities with softmax. The 1,437
images for training come in batches of 50. For each batch: forward, backward, and every w and b goes a small step
against its gradient. After each pass (epoch) it is tried on the 360 images that were held out. All that takes a second.

    w <- w - lr ∂L/∂w        with L the mean over the batch

New against the script before: learning, which is three lines. All the rest you have seen.

Look at: the loss starts near ln 10 = 2.3026, where a network that guesses stands, and the accuracy ends above 95 %.

Why small weights at first (`wb_width=0.1`)?  Numbers of size 1 from 64 pixels add up to large ones, softmax is then
certain of nonsense, and learning starts by undoing that.
Why times the length of the batch in the mean loss?  The last batch has 37 images only and counts for less.
May I test between forward and backward?  No: the layers would remember the test images. That is script 1's mistake.

In the package: `L.Linear`, `optimizers.SGD`, `DataLoader`, and `Digits`, which comes with it.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))  # so that it runs from a bare clone, too

import numpy as np

import dezero.functions as F
from dezero import Variable
from dezero.datasets import Digits
from dezero.utils import check_grads

max_epoch = 20
batch_size = 50
hidden_size = 50
lr = 0.5


class BaseLayer:
    """X W + B and ReLU."""

    def __init__(self, prev, n, rng, wb_width=0.1):
        self.w = wb_width * rng.standard_normal((prev, n))
        self.b = np.zeros(n)

    def forward(self, x):
        self.x = x
        self.u = x @ self.w + self.b
        self.y = self.activate(self.u)
        return self.y

    def activate(self, u):
        return np.where(u > 0, u, 0)

    def backward(self, grad):
        return self.through_affine(np.where(self.u > 0, grad, 0))

    def through_affine(self, dact):
        self.grad_w = self.x.T @ dact
        self.grad_b = dact.sum(axis=0)
        self.grad_x = dact @ self.w.T
        return self.grad_x

    def update(self, lr):
        self.w -= lr * self.grad_w
        self.b -= lr * self.grad_b


class OutputLayer(BaseLayer):
    """X W + B and softmax; its loss is cross entropy, so y - t goes back."""

    def activate(self, u):
        below = u - u.max(axis=1, keepdims=True)
        return np.exp(below) / np.exp(below).sum(axis=1, keepdims=True)

    def loss(self, t):
        return -np.log(self.y[np.arange(len(t)), t]).mean()

    def backward(self, t):
        onehot = np.eye(10)[t]
        return self.through_affine((self.y - onehot) / len(t))


class TwoLayerNet:
    def __init__(self, rng, hidden_size=50):
        self.hidden = BaseLayer(64, hidden_size, rng)
        self.out = OutputLayer(hidden_size, 10, rng)

    def predict(self, x):
        return self.out.forward(self.hidden.forward(x))

    def forward(self, x, t):
        self.t = t
        self.predict(x)
        return self.out.loss(t)

    def backward(self, dout=1.0):
        return dout * self.hidden.backward(self.out.backward(self.t))

    def update(self, lr):
        self.hidden.update(lr)
        self.out.update(lr)

    def accuracy(self, x, t):
        return (self.predict(x).argmax(axis=1) == t).mean()


train, test = Digits(train=True), Digits(train=False)
x_train, t_train = train.data.reshape(-1, 64) / 16, train.label
x_test, t_test = test.data.reshape(-1, 64) / 16, test.label

rng = np.random.default_rng(0)
net = TwoLayerNet(rng, hidden_size)
print(f"before: loss {net.forward(x_test, t_test):.4f}, test accuracy {net.accuracy(x_test, t_test):.3f}")

for epoch in range(1, max_epoch + 1):
    order = rng.permutation(len(x_train))
    sum_loss = 0.0
    for start in range(0, len(order), batch_size):
        batch = order[start : start + batch_size]
        loss = net.forward(x_train[batch], t_train[batch])
        net.backward()
        net.update(lr)
        sum_loss += loss * len(batch)
    test_accuracy = net.accuracy(x_test, t_test)
    if epoch in (1, 2, 5, 10, 20):
        print(f"epoch {epoch}: mean loss {sum_loss / len(order):.4f}, test accuracy {test_accuracy:.3f}")
assert test_accuracy >= 0.95


# -- the mistake: a layer changes its weights before it has sent back the gradient of x --
# All derivatives have to be taken at one and the same point. No shape is wrong here, and with lr = 0.1 the network
# learns as well as the right one, so nobody notices. With lr = 0.5 it never reads better than by guessing.


class Hasty(OutputLayer):
    def through_affine(self, dact):
        self.grad_w = self.x.T @ dact
        self.grad_b = dact.sum(axis=0)
        self.update(lr)
        return dact @ self.w.T


def verdict(layer, *arguments):
    """What check_grads finds for the whole network, as if it were one layer."""
    try:
        check_grads(layer, *arguments)
    except (TypeError, ValueError) as error:
        return f"wrong: {error}"
    return "right"


x, t = x_test[:3], t_test[:3]
small = TwoLayerNet(np.random.default_rng(1))
print("\nTwoLayerNet:", verdict(small, x, t))
small.out = Hasty(50, 10, np.random.default_rng(1))
print("with a hasty output layer:", verdict(small, x, t))


# -- the same with dezero: the gradients of all four arrays, for one batch --

x, t = x_train[:50], t_train[:50]
loss = net.forward(x, t)
dx = net.backward()
vx, w1, b1, w2, b2 = (Variable(a) for a in (x, net.hidden.w, net.hidden.b, net.out.w, net.out.b))
vloss = F.softmax_cross_entropy(F.linear(F.relu(F.linear(vx, w1, b1)), w2, b2), t)
vloss.backward()
assert np.allclose(vloss.data, loss)
assert np.allclose(vx.grad.data, dx)
assert np.allclose(w1.grad.data, net.hidden.grad_w)
assert np.allclose(b1.grad.data, net.hidden.grad_b)
assert np.allclose(w2.grad.data, net.out.grad_w)
assert np.allclose(b2.grad.data, net.out.grad_b)
print("\ndezero agrees on the gradients of x, of both w and of both b")
