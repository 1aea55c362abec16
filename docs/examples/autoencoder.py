"""A network draws a map of all digits: a variational autoencoder.

One half of the network, the encoder, looks at an image and says where on a map it belongs: two numbers. The other half,
the decoder, gets these two numbers and draws the image again. All that a digit is has to pass through two numbers, so
the network must find out in which ways digits differ. No labels are used; the colours in the picture are for us.

Two terms make the loss, both natural logarithms of probabilities, summed over an image:

    redrawn     the cross entropy of the drawn image with the true one
    crowding    how far the places differ from the normal distribution N(0, 1)

The encoder gives a place with a spread, and the decoder gets a point drawn from there. So neighbours must look alike,
and there are no gaps on the map: every point of it is a digit, or something between two of them. A random number has no
derivative, but mean + spread * random has one by mean and spread. This trick is what the whole method rests on.

Look at: the right half of the picture, and walk in it. 4, 7 and 9 are neighbours, and so are 3, 5 and 8; on the way
from one to the other the strokes move. Both halves show the same map, stretched so that equal areas are equally
probable under N(0, 1).

How long: 70 seconds of one core for 15 epochs of MNIST, which is downloaded once, 12 MB. Where that cannot be had, the
1,797 small digits that come with the package stand in: 12 seconds.

Try: `loss = redrawn` alone, and look at the gaps; datasets.FashionMNIST for a map of clothes.

Readers ask: why the sum over the pixels, and not the mean? Because it belongs to the probability of the whole image.
With the mean, "crowding" would weigh 784 times as much, and all images would be put at the same place.

In the package: F.sigmoid_cross_entropy. References: Kingma & Welling, "Auto-Encoding Variational Bayes", 2014.
"""

import sys
from pathlib import Path
from statistics import NormalDist

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))  # so that it runs from a bare clone, too

import numpy as np

import dezero.functions as F
import dezero.layers as L
from dezero import DataLoader, Model, datasets, no_grad, optimizers
from dezero.training import progress
from dezero.transforms import Compose, Flatten, Normalize, ToFloat

max_epoch = 15
digits_epoch = 200  # few and small images: more epochs
batch_size = 100
hidden_size = 400
lr = 1e-3

# -- the images ------------------------------------------------------------------------------------

try:
    train_set, test_set = datasets.MNIST(train=True), datasets.MNIST(train=False)
except RuntimeError as error:  # the message tells how to get them
    print(f"{error}\n\nUntil then, the small digits that come with the package stand in.\n")
    as_row = Compose([Flatten(), ToFloat(), Normalize(0.0, 16.0)])
    train_set, test_set = datasets.Digits(True, as_row), datasets.Digits(False, as_row)
    max_epoch = digits_epoch
print(train_set)
pixels = train_set[0][0].size
side = train_set.data.shape[-1]

# -- the model -------------------------------------------------------------------------------------


class Autoencoder(Model):
    def __init__(self):
        super().__init__()
        self.e1, self.e2 = L.Linear(hidden_size), L.Linear(hidden_size)
        self.mean, self.log_variance = L.Linear(2), L.Linear(2)
        self.d1, self.d2, self.d3 = L.Linear(hidden_size), L.Linear(hidden_size), L.Linear(pixels)

    def encode(self, x):  # (N, pixels) to places (N, 2), and the logarithms of their variances (N, 2)
        h = F.relu(self.e2(F.relu(self.e1(x))))
        return self.mean(h), self.log_variance(h)

    def decode(self, z):  # (N, 2) to (N, pixels), before the sigmoid
        return self.d3(F.relu(self.d2(F.relu(self.d1(z)))))

    def forward(self, x):
        mean, log_variance = self.encode(x)
        z = mean + F.exp(log_variance / 2) * np.random.randn(*mean.shape).astype(np.float32)
        redrawn = F.sigmoid_cross_entropy(self.decode(z), x)
        crowding = F.sum(mean**2 + F.exp(log_variance) - log_variance - 1) / 2 / len(x)
        return redrawn, crowding


# -- learning --------------------------------------------------------------------------------------

np.random.seed(0)
model = Autoencoder()
optimizer = optimizers.Adam(lr).setup(model)
loader = DataLoader(train_set, batch_size)
optimizer.schedule = optimizers.cosine_decay(max_epoch * len(loader), end=0.02)

for epoch in range(1, max_epoch + 1):
    show = max_epoch < 50 or epoch % 20 == 0
    for x, _ in progress(loader, epoch, redrawn=lambda: redrawn, crowding=lambda: crowding, show=show):
        redrawn, crowding = model(x)
        loss = redrawn + crowding
        model.cleargrads()
        loss.backward()
        optimizer.update()

# -- the map ---------------------------------------------------------------------------------------

n = 18  # rows and columns
normal = NormalDist()
steps = np.array([normal.inv_cdf((i + 0.5) / n) for i in range(n)], np.float32)
places = np.stack(np.meshgrid(steps, steps[::-1]), axis=-1).reshape(-1, 2)  # the first row is the uppermost
with no_grad():
    drawn = F.sigmoid(model.decode(places)).data.reshape(n, n, side, side)
    x, t = test_set.batch(slice(2000))
    mean, _ = model.encode(x)
points = np.array([normal.cdf(z) for z in mean.data.ravel().tolist()]).reshape(-1, 2)

try:
    from matplotlib.figure import Figure
except ImportError:
    sys.exit("no picture: install matplotlib to see it")
figure = Figure(figsize=(11, 5.8), layout="constrained")
left, right = figure.subplots(1, 2)
left.scatter(*points.T, c=t, cmap="tab10", s=6_000 / len(t), vmin=-0.5, vmax=9.5)
for digit in range(10):
    middle = np.median(points[t == digit], axis=0)
    white = {"boxstyle": "circle,pad=0.15", "facecolor": "white", "edgecolor": "none", "alpha": 0.8}
    left.text(*middle, str(digit), fontsize=16, ha="center", va="center", bbox=white)
left.set(xlim=(0, 1), ylim=(0, 1), aspect="equal", title="where it puts digits that it has never seen")
framed = np.pad(drawn, ((0, 0), (0, 0), (1, 1), (1, 1)))
right.imshow(framed.transpose(0, 2, 1, 3).reshape(n * (side + 2), -1), cmap="gray_r", vmin=0, vmax=1)
right.set(title="what it draws at each place")
for axes in (left, right):
    axes.set(xticks=[], yticks=[])
figure.savefig("autoencoder.png", dpi=80)
print("saved autoencoder.png")
