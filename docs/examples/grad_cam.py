"""Grad-CAM: where did the network look when it read that?

The images here are large and contain one small digit somewhere, among crumbs of other digits. A convolutional network
learns to read it. It is told which digit it is, and never where. Does it look there, or at something else that tells
the answer? Grad-CAM shows it (Selvaraju et al., "Grad-CAM", 2017). The last convolution has 64 channels, small images
a of what was found where. How much would the score of the asked class change with a channel? That is a derivative, and
its mean over the places is the weight of the channel:

    w[c] = mean of ∂score/∂a[c]            heat = relu(sum of w[c] a[c])

`grad` does that: it differentiates by a, which is neither an input nor a parameter but lies between them.

Look at: the last line before the picture. It reads 94 % of the 360 digits that were held out, and in all but two images
the hottest place lies inside the digit, whose frame takes 8 % of the image. Then the picture: two digits in one image,
which the network never saw while it learned. Ask for one, and it gets hot here; ask for the other, and it gets hot
there. The weaker stains show what it takes for similar.

How long: a quarter of a minute of one core.

Readers ask: why the relu? Where the sum is negative, something speaks against this class, most often the other digit.

In the package: dezero.grad, dezero.test_mode, F.global_average_pooling.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))  # so that it runs from a bare clone, too

import numpy as np

import dezero
import dezero.functions as F
import dezero.layers as L
from dezero import DataLoader, Model, datasets, grad, optimizers, test_mode
from dezero.training import progress

size = 28  # pixels of an image
crumbs = 8  # in each image
max_epoch = 20
batch_size = 64
lr = 5e-3


def put(images, patches, tops, lefts):  # each of the patches, (N, 1, h, h), into its image
    for image, patch, top, left in zip(images, patches, tops, lefts):
        image[0, top : top + patch.shape[1], left : left + patch.shape[2]] = patch[0]


def with_crumbs(xs):  # as many empty images, with scraps of 3 x 3 pixels of these digits all over
    images = np.zeros((len(xs), 1, size, size), np.float32)
    for _ in range(crumbs):
        top, left = np.random.randint(6, size=2)
        scraps = xs[np.random.permutation(len(xs)), :, top : top + 3, left : left + 3]
        put(images, scraps, *np.random.randint(size - 2, size=(2, len(xs))))
    return images


def scenes(xs):  # images with one digit each, and its upper and left edge
    images, (tops, lefts) = with_crumbs(xs), np.random.randint(size - 7, size=(2, len(xs)))
    put(images, xs, tops, lefts)
    return images, tops, lefts


class Reader(Model):
    def __init__(self):
        super().__init__()
        self.convs = [L.Conv2d(channels, kernel_size=3, pad=1, nobias=True) for channels in (16, 32, 64)]
        self.norms = [L.BatchNorm() for _ in self.convs]
        self.fc = L.Linear(10)

    def see(self, x):  # (N, 1, size, size) to (N, 64, size / 2, size / 2)
        for conv, norm in zip(self.convs, self.norms):
            x = F.relu(norm(conv(x)))
            x = F.pooling(x, 2, 2) if x.shape[-1] == size else x
        return x

    def judge(self, a):  # to scores, (N, 10)
        return self.fc(F.flatten(F.global_average_pooling(a)))

    def forward(self, x):
        return self.judge(self.see(x))


# -- learning --------------------------------------------------------------------------------------

dezero.seed(0)
train_x, train_t = datasets.Digits().batch()
test_x, test_t = datasets.Digits(train=False).batch()
model = Reader()
optimizer = optimizers.Adam(lr).setup(model)
optimizer.schedule = optimizers.cosine_decay(max_epoch * -(-len(train_x) // batch_size), end=0.01)

images = np.zeros((len(train_x), 1, size, size), np.float32)
loader = DataLoader(datasets.ArrayDataset(images, train_t), batch_size)
batches = progress(loader, loss=lambda: loss, acc=lambda: F.accuracy(y, t))

for _ in range(max_epoch):
    images[:], _, _ = scenes(train_x)  # new places in every epoch
    for x, t in batches:
        y = model(x)
        loss = F.softmax_cross_entropy(y, t)
        model.cleargrads()
        loss.backward()
        optimizer.update()

# -- where does it look? ---------------------------------------------------------------------------


def grad_cam(x, t):
    """Heat for class t[i] in image i, (N, size / 2, size / 2), and the scores."""
    with test_mode():  # otherwise batch normalization would mix the images
        a = model.see(x)
        y = model.judge(a)
        ga = grad(y[np.arange(len(x)), t], a)  # each score depends on its own image alone
    w = ga.data.mean(axis=(2, 3), keepdims=True)
    return np.maximum((w * a.data).sum(axis=1), 0), y.data


images, tops, lefts = scenes(test_x)
heat, scores = grad_cam(images, test_t)
row, column = np.unravel_index(heat.reshape(len(heat), -1).argmax(axis=1), heat.shape[1:])
pixel = size / heat.shape[-1]
off = np.maximum(np.abs((row + 0.5) * pixel - tops - 4), np.abs((column + 0.5) * pixel - lefts - 4))
accuracy, inside = np.mean(scores.argmax(axis=1) == test_t), np.mean(off <= 4)
print(f"held-out digits read right: {accuracy:.3f}; hottest place inside the digit: {inside:.3f}")

# -- picture ---------------------------------------------------------------------------------------

try:
    from matplotlib.figure import Figure
except ImportError:
    sys.exit("no picture: install matplotlib to see it")
first = np.random.choice(len(test_x), 6, replace=False)
second = np.array([np.random.choice(np.flatnonzero(test_t != test_t[i])) for i in first])
pairs = with_crumbs(test_x[first])
put(pairs, test_x[first], *np.random.randint(size // 2 - 8, size=(2, 6)))
put(pairs, test_x[second], *np.random.randint(size // 2, size - 7, size=(2, 6)))
figure = Figure(figsize=(9, 4.8), layout="constrained")
axes, ink = figure.subplots(3, 6), np.zeros((size, size, 4))
for row, asked in zip(axes, (None, first, second)):
    heat = np.zeros((6, 1, 1)) if asked is None else grad_cam(pairs, test_t[asked])[0]
    for i, place in enumerate(row):
        ink[..., 3] = pairs[i, 0]  # the rest is transparent
        place.imshow(heat[i], cmap="Oranges", interpolation="bilinear", extent=(0, size, size, 0))
        place.imshow(ink, extent=(0, size, size, 0))
        title = "two digits" if asked is None else f"where is a {test_t[asked[i]]}?"
        place.set(title=title, xticks=[], yticks=[])
figure.savefig("grad_cam.png", dpi=80)
print("saved grad_cam.png")
