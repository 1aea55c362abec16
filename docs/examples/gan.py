"""Two networks play against each other, and one of them learns to draw digits.

The generator makes an image out of noise. The discriminator looks at an image and says how likely it is a real one.
Each learns from the other's mistakes:

    discriminator:  real images are 1, drawn ones are 0
    generator:      what I draw shall be taken for 1

Nobody tells the generator what a digit looks like. All it knows comes back through the discriminator, pixel by pixel,
as a gradient: a little darker here, and it would have believed you (Goodfellow et al., "Generative Adversarial Nets",
2014). Both are told which digit is meant (Mirza and Osindero, "Conditional Generative Adversarial Nets", 2014), so
afterwards we can ask for a 7.

Look at: gan.png. On the left, the same ten draws of noise through the epochs: a stain, strokes, digits. The last row
there holds the real digits that are closest to the row above: relatives, but no copies. On the right, sixty new ones.
Then the last line. A reader who knows real digits only (he takes the answer of the most similar one) reads 99 of 100
drawn digits as what was asked for. And the drawn digits vary three quarters as much as real ones do. A generator that
always draws the same seven would have 0 there.

How long: 15 seconds of one core.

Readers ask:
- Why does no loss fall? Neither network's task stays the same: the better one is, the harder it is for the other. If
  the discriminator cannot tell them apart, loss_d is 2 log 2 = 1.386, and loss_g is log 2 = 0.693.
- Why `fake.data` in loss_d? It cuts the graph: that loss shall not teach the generator to be found out.
- Why beta1 = 0.5? A long memory of old gradients does not help against an opponent who has moved on.

In the package: dezero.models.Sequential, F.sigmoid_cross_entropy, two optimizers side by side.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))  # so that it runs from a bare clone, too

import numpy as np

import dezero
import dezero.functions as F
import dezero.layers as L
from dezero import DataLoader, datasets, no_grad, optimizers
from dezero.models import Sequential
from dezero.training import progress

size = 8  # pixels
max_epoch = 300
batch_size = 64
noise_size = 16
hidden_size = 256
lr = 5e-4
shown = [1, 5, 20, 80, max_epoch]  # epochs after which it shows its drawings

dezero.seed(0)
digits = datasets.Digits()
loader = DataLoader(digits, batch_size)


# -- the two networks ------------------------------------------------------------------------------


def network(out_size):
    relu = F.leaky_relu  # where F.relu is flat, it would tell the generator nothing
    return Sequential(L.Linear(hidden_size), relu, L.Linear(hidden_size), relu, L.Linear(out_size))


generator, discriminator = network(size**2), network(1)
one_hot = np.eye(10, dtype=np.float32)


def draw(noise, t):  # the digits t, (N, size²), from 0 (paper) to 1 (ink)
    return F.sigmoid(generator(np.concatenate([noise, one_hot[t]], axis=1)))


def judge(x, t):  # scores, (N, 1), positive for what seems a real image of the digit t
    return discriminator(F.concatenate([x, one_hot[t]], axis=1))


def new_noise(n):
    return np.random.randn(n, noise_size).astype(np.float32)


# -- the game --------------------------------------------------------------------------------------

optimizer_d = optimizers.Adam(lr, beta1=0.5).setup(discriminator)
optimizer_g = optimizers.Adam(lr, beta1=0.5).setup(generator)
same_noise, zero_to_nine = new_noise(10), np.arange(10)
drawings = {}  # of each epoch shown, (10, size²)
batches = progress(loader, show=False, loss_d=lambda: loss_d, loss_g=lambda: loss_g)

for epoch in range(1, max_epoch + 1):
    for x, t in batches:
        x, real, drawn = x.reshape(-1, size**2), np.ones((len(x), 1), int), np.zeros((len(x), 1), int)
        fake = draw(new_noise(len(x)), t)

        loss_d = F.sigmoid_cross_entropy(judge(x, t), real) + F.sigmoid_cross_entropy(judge(fake.data, t), drawn)
        discriminator.cleargrads()
        loss_d.backward()
        optimizer_d.update()

        loss_g = F.sigmoid_cross_entropy(judge(fake, t), real)
        generator.cleargrads()
        loss_g.backward()
        optimizer_g.update()

    if epoch in shown:
        last = batches.history.last
        print(f"epoch {epoch:3}  loss_d {last['loss_d']:.3f}  loss_g {last['loss_g']:.3f}", flush=True)
        with no_grad():
            drawings[epoch] = draw(same_noise, zero_to_nine).data

# -- can it be read, and is it always the same? ----------------------------------------------------

real_images, real_labels = digits.batch()
real_images = real_images.reshape(-1, size**2)


def most_similar(xs):  # for each image the number of the real one closest to it
    return [np.square(real_images - x).sum(axis=1).argmin() for x in xs]


def spread(xs, t):
    """How far images are from the mean of their digit: the variance, summed over the pixels."""
    return np.mean([xs[t == digit].var(axis=0).sum() for digit in zero_to_nine])


wanted = np.tile(zero_to_nine, 60)
with no_grad():
    new = draw(new_noise(len(wanted)), wanted).data
read_right = np.mean(real_labels[most_similar(new)] == wanted)
variety = spread(new, wanted) / spread(real_images, real_labels)
print(f"drawn digits read as what was asked for: {read_right:.3f}; variety against real ones: {variety:.2f}")

# -- picture ---------------------------------------------------------------------------------------

try:
    from matplotlib.figure import Figure
except ImportError:
    sys.exit("no picture: install matplotlib to see it")
figure = Figure(figsize=(9, 2.9), layout="constrained")
rows = np.concatenate([*drawings.values(), real_images[most_similar(drawings[max_epoch])]])
names = [*[f"epoch {epoch}" for epoch in drawings], "closest real"]
for axes, images, title in zip(figure.subplots(1, 2), (rows, new[:60]), ("the same noise", "new noise")):
    tiles = images.reshape(-1, 10, size, size)
    tiles = np.pad(tiles, ((0, 0), (0, 0), (1, 1), (1, 1)))  # room between them
    axes.imshow(tiles.transpose(0, 2, 1, 3).reshape(len(tiles) * (size + 2), -1), cmap="gray_r")
    axes.set(title=title, xticks=[], yticks=[])
    if images is rows:
        axes.set_yticks((np.arange(len(tiles)) + 0.5) * (size + 2), names)
figure.savefig("gan.png", dpi=80)
print("saved gan.png")
