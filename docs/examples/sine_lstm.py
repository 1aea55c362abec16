"""An LSTM listens to a curve, and then goes on with it alone.

It is trained to say what comes next: given the numbers up to a place, the number at the next place. That is a modest
task; the last number is a good answer already. The second half of the script asks for more. The network hears 100
numbers, and from there on nothing but its own answers: each prediction becomes the next input. Whatever it did not
understand now grows from place to place, so it has to have found what is behind the numbers: here two sines, whose
periods of 25 and 59 places it must carry on in its state, and noise, which it must not learn.

New against step 60: the whole sequence goes in at once, `L.LSTM.sequence`, (T, N, I) to (T, N, H); the windows are cut
at random places; gradients are clipped, because one bad window could throw the network far away.

Look at: the loss. It falls to 0.0031. The noise alone, which nobody can predict, is 0.05 ** 2 = 0.0025; the rest is
from the first numbers of each window, which come before the network can know where on the curve it is. Then look at the
picture: for 400 places, 16 periods of the fast sine, it stays with the curve that it no longer hears, and what it
writes is smooth. It is off by 0.04 (root mean square), less than the noise.

How long: 20 seconds of one core.

Try: hidden_size = 8; a pulse in place of the sines; noise = 0. Without noise the loss is eight times smaller, and alone
it is far worse, off by 0.57: it has then never met an input that was a bit wrong, and its own answers always are.

In the package: dezero.layers.LSTM, dezero.optimizers.ClipGrad, dezero.training.progress.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))  # so that it runs from a bare clone, too

import numpy as np

import dezero.functions as F
import dezero.layers as L
from dezero import Model, no_grad, optimizers
from dezero.training import progress

max_epoch = 20
updates = 50  # in an epoch
batch_size = 32
length = 150  # of a window, in places
hidden_size = 64
lr = 1e-2
noise = 0.05
heard = 100  # places
alone = 400


def curve(places):
    return np.sin(places * 2 * np.pi / 25) + 0.5 * np.sin(places * 2 * np.pi / 59)


class Forecaster(Model):
    def __init__(self):
        super().__init__()
        self.lstm = L.LSTM(hidden_size, in_size=1)
        self.fc = L.Linear(1, in_size=hidden_size)

    def reset_state(self):
        self.lstm.reset_state()

    def forward(self, x):  # (T, N, 1) to (T, N, 1): at each place what comes next
        return self.fc(self.lstm.sequence(x))


# -- learning --------------------------------------------------------------------------------------

np.random.seed(0)
measured = (curve(np.arange(1000)) + noise * np.random.randn(1000)).astype(np.float32)
model = Forecaster()
optimizer = optimizers.Adam(lr).setup(model)
optimizer.add_hook(optimizers.ClipGrad(1.0))
optimizer.schedule = optimizers.cosine_decay(max_epoch * updates, end=0.02)

for epoch in range(1, max_epoch + 1):
    for _ in progress(range(updates), epoch, loss=lambda: loss):
        starts = np.random.randint(len(measured) - length, size=batch_size)
        windows = measured[np.arange(length + 1)[:, np.newaxis] + starts, np.newaxis]  # (T + 1, N, 1)
        model.reset_state()
        loss = F.mean((model(windows[:-1]) - windows[1:]) ** 2)
        model.cleargrads()
        loss.backward()
        optimizer.update()

# -- alone -----------------------------------------------------------------------------------------

with no_grad():
    model.reset_state()
    answers = model(measured[-heard:].reshape(heard, 1, 1)).data.ravel().tolist()
    for _ in range(alone - 1):
        answers.append(model(np.full((1, 1, 1), answers[-1], np.float32)).item())

places = np.arange(1000 - heard, 1000 + alone)
own = np.array(answers[heard - 1 :])
error = np.sqrt(np.mean((own - curve(places[heard:])) ** 2))
print(f"alone for {alone} places: off by {error:.3f} (root mean square), with noise of {noise} in what it heard")

try:
    from matplotlib.figure import Figure
except ImportError:
    sys.exit("no picture: install matplotlib to see it")
figure = Figure(figsize=(10, 3), layout="constrained")
axes = figure.add_subplot()
axes.plot(places[:heard], measured[-heard:], ".", color="#555555", markersize=4, label="heard")
axes.plot(places[heard:], curve(places[heard:]), color="#BBBBBB", linewidth=4, label="what follows")
axes.plot(places[heard:], own, color="#D55E00", linewidth=1.5, label="the network, alone")
axes.axvline(1000, color="#555555", linewidth=0.8)
axes.set(xlabel="place", xlim=(places[0], places[-1]))
axes.spines[["top", "right"]].set_visible(False)
axes.legend(frameon=False, ncols=3, loc="lower center", bbox_to_anchor=(0.5, 1.0))
figure.savefig("sine_lstm.png", dpi=80)
print("saved sine_lstm.png")
