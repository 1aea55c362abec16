"""An LSTM reads Shakespeare from end to end, and writes a few lines after each reading.

It gets one character at a time and says for each of the 65 how probable it is to come next. To write, it draws one of
them by these probabilities, and gets that one as its next input.

The text is a million characters long, and nobody goes back through a million steps. It is cut into 64 stretches, which
are read side by side, a piece of 64 characters at a time. After each piece the weights change and the graph is cut
(`unchain_backward`); the state stays. So the network remembers what it read long ago, but learns only from what the
last 64 characters have to do with one another. Step 60 does this with a curve.

Look at: what it writes after each reading. First words of the right length, then names in capitals with a colon, then
mostly English words in lines of verse. It never makes sense for longer than a line. A tenth of the text is held out;
where that loss no longer falls with the other, it begins to learn by heart. gpt.py does the same with attention.

How long: two and a half minutes of one core for 349,569 parameters and five readings; the text is downloaded once,
1 MB. The loss is 1.32 then, and 1.52 on the part that is held out.

Try: temperature = 0.3, and it repeats itself, or 1.2, and it invents words; L.GRU in place of L.LSTM; a text of your
own, as input.txt in a folder: datasets.Shakespeare(root=folder).

Readers ask: where is the softmax? In F.softmax_cross_entropy while learning; `write` computes it, with the temperature
in it. Subtracting the largest score changes no probability, and exp cannot overflow.

In the package: L.LSTM.sequence, L.EmbedID, dezero.datasets.Shakespeare. Reference: Karpathy, "The Unreasonable
Effectiveness of Recurrent Neural Networks", 2015.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))  # so that it runs from a bare clone, too

import numpy as np

import dezero.functions as F
import dezero.layers as L
from dezero import Model, datasets, no_grad, optimizers
from dezero.training import progress

max_epoch = 5
batch_size = 64  # stretches, which are read side by side
bptt_length = 64  # characters from one update to the next
hidden_size = 256
lr = 4e-3
temperature = 0.7  # below 1, it prefers what is probable
sample_length = 250
most = None  # how many characters to learn from; None for all

# -- the text --------------------------------------------------------------------------------------

try:
    text = datasets.Shakespeare()
except RuntimeError as error:  # the message tells how to get it
    sys.exit(str(error))
print(text)
ids = text.data[:most]
train_ids, test_ids = np.split(ids, [len(ids) * 9 // 10])


def side_by_side(ids):
    """The text as (T, N): each column is a stretch, which goes on from top to bottom."""
    return ids[: len(ids) // batch_size * batch_size].reshape(batch_size, -1).T


stretches = side_by_side(train_ids)
pieces = [stretches[i : i + bptt_length + 1] for i in range(0, len(stretches) - 1, bptt_length)]

# -- the model -------------------------------------------------------------------------------------


class Writer(Model):
    def __init__(self, vocabulary):
        super().__init__()
        self.embed = L.EmbedID(vocabulary, 64)
        self.lstm = L.LSTM(hidden_size, in_size=64)
        self.fc = L.Linear(vocabulary, in_size=hidden_size)

    def forward(self, x):  # (T, N) to scores (T, N, vocabulary)
        return self.fc(self.lstm.sequence(self.embed(x)))


def loss_of(piece):
    y = model(piece[:-1])
    return F.softmax_cross_entropy(y.reshape(-1, y.shape[-1]), piece[1:].ravel())


def examine():
    model.lstm.reset_state()
    with no_grad():
        return {"held_out": loss_of(side_by_side(test_ids)).item()}


def write(first, n):
    model.lstm.reset_state()
    written = first
    with no_grad():
        scores = model(np.array([[text.char_to_id[character]] for character in first]))
        for _ in range(n):
            last = scores.data[-1, 0].astype(float)
            p = np.exp((last - last.max()) / temperature)
            character = np.random.choice(len(p), p=p / p.sum())
            written += text.id_to_char[character]
            scores = model(np.array([[character]]))
    return written


# -- learning --------------------------------------------------------------------------------------

np.random.seed(0)
model = Writer(len(text.id_to_char))
print(f"{sum(p.size for p in model.params()):,} parameters")
optimizer = optimizers.Adam(lr).setup(model)
optimizer.add_hook(optimizers.ClipGrad(1.0))
optimizer.schedule = optimizers.cosine_decay(max_epoch * len(pieces), end=0.05)

for epoch in range(1, max_epoch + 1):
    model.lstm.reset_state()
    for piece in progress(pieces, epoch, loss=lambda: loss, at_end=examine):
        loss = loss_of(piece)
        model.cleargrads()
        loss.backward()
        loss.unchain_backward()
        optimizer.update()
    print(write("\nROMEO:\n", sample_length) + "\n")
