"""A small GPT reads Shakespeare, and then writes plays of its own, one character after the other.

Like an LSTM, it says for each character of a text which one may come next. But no state is carried from one character
to the next: each looks back at all others by itself. That is attention, and nothing else lets one place know of
another. Without a state, no character has to wait for the one before it, so all 128 predictions of a window are made,
and learned from, at once.

`Block` is `L.TransformerBlock`, written out: look at the others, then think alone; each part adds something to x, and
nothing else changes x, so the gradient goes from the last block to the first without losses. Besides:

- causal=True: nobody sees what comes after. Otherwise the answer would be among what is given.
- Attention does not know where somebody stands. So each place has a vector of its own, added to that of the character.
- The vectors of the characters are used twice: on the way in, and on the way out to be compared with the result.
- At the beginning all vectors are short and each block adds little, as in GPT-2, and the step size rises slowly.

Look at: the loss. ln 65 = 4.17 is guessing among 65 characters; 3.3 is knowing how frequent each is; at 2.5 it knows
which letters come after which, at 2.0 words appear, and at 1.6 most of its words are English. The loss on the part of
the text that is held out tells whether it learns the language or this text by heart.

How long: 9 minutes of one core, 0.18 s a step, for 818,048 parameters; the text is downloaded once, 1 MB. The held-out
loss is then 1.58, after 5 minutes 1.67. Where other programs keep the machine busy, set OMP_NUM_THREADS=1: the threads
of the matrix products wait for one another, and cost more than they bring.

Try: temperature = 0.5 or 1.2; causal=False, for the smallest loss and the worst text; depth = 1.

Readers ask: is this how the large ones work? Yes; they have more of everything, and pieces of words for characters. Is
it better than the LSTM of shakespeare.py? Not at this size: that one gets further in less time. But the LSTM must take
its steps one by one, and this one all at once; with more text, and machines that do many things at once, it wins.

In the package: L.MultiHeadAttention, L.TransformerBlock, F.scaled_dot_product_attention. References: Vaswani et al.,
"Attention Is All You Need", 2017; Radford et al., "Language Models are Unsupervised Multitask Learners" (GPT-2), 2019.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))  # so that it runs from a bare clone, too

import numpy as np

import dezero.functions as F
import dezero.layers as L
from dezero import Layer, Model, datasets, no_grad, optimizers
from dezero.training import progress

max_step = 3000
report = 100  # steps from one line of output to the next
batch_size = 16
length = 128  # how many characters it sees
size = 128  # of the vector for a character
heads = 4
depth = 4  # blocks
lr = 2e-3
rising = 100  # steps in which the step size rises to lr
temperature = 0.8  # below 1, it prefers what is probable
sample_length = 600

# -- the text --------------------------------------------------------------------------------------

try:
    text = datasets.Shakespeare()
except RuntimeError as error:  # the message tells how to get it
    sys.exit(str(error))
print(text)
most = len(text) * 9 // 10
train_ids, test_ids = text.data[:most], text.data[most:]


def windows(ids, n):
    """n stretches from anywhere in the text, and the same stretches one character further on."""
    starts = np.random.randint(len(ids) - length, size=n)
    places = starts[:, np.newaxis] + np.arange(length)
    return ids[places], ids[places + 1]


# -- the model -------------------------------------------------------------------------------------


class Block(Layer):
    def __init__(self):
        super().__init__()
        self.norm1, self.norm2 = L.LayerNorm(size), L.LayerNorm(size)
        self.attention = L.MultiHeadAttention(size, heads, causal=True, in_size=size)
        self.l1, self.l2 = L.Linear(4 * size, in_size=size), L.Linear(size, in_size=4 * size)
        for last in (self.attention.out, self.l2):
            last.W.data /= np.sqrt(2 * depth, dtype=np.float32)

    def forward(self, x):
        x = x + self.attention(self.norm1(x))  # look at the others
        return x + self.l2(F.gelu(self.l1(self.norm2(x))))  # think alone


class GPT(Model):
    def __init__(self, vocabulary):
        super().__init__()
        self.characters, self.places = L.EmbedID(vocabulary, size), L.EmbedID(length, size)
        for embedding in (self.characters, self.places):
            embedding.W.data *= 0.02
        self.blocks = [Block() for _ in range(depth)]
        self.norm = L.LayerNorm(size)

    def forward(self, ids):  # (N, T) to scores (N, T, vocabulary)
        x = self.characters(ids) + self.places(np.arange(ids.shape[1]))
        for block in self.blocks:
            x = block(x)
        return F.matmul(self.norm(x), self.characters.W.T)


def loss_of(x, t):
    y = model(x)
    return F.softmax_cross_entropy(y.reshape(-1, y.shape[-1]), t.ravel())


# -- learning --------------------------------------------------------------------------------------

np.random.seed(0)
model = GPT(len(text.id_to_char))
print(f"{sum(p.size for p in model.params()):,} parameters")
optimizer = optimizers.AdamW(lr).setup(model)
optimizer.add_hook(optimizers.ClipGrad(1.0))
optimizer.schedule = optimizers.warm_up(rising, then=optimizers.cosine_decay(max_step, end=0.1))
held_out = windows(test_ids, 64)


def examine():
    with no_grad():
        return {"held_out": loss_of(*held_out).item()}


for step in range(report, max_step + 1, report):
    for _ in progress(range(report), f"step {step}", loss=lambda: loss, at_end=examine):
        loss = loss_of(*windows(train_ids, batch_size))
        model.cleargrads()
        loss.backward()
        optimizer.update()

# -- writing ---------------------------------------------------------------------------------------

written = "\n"
for _ in range(sample_length):
    seen = np.array([[text.char_to_id[character] for character in written[-length:]]])
    with no_grad():
        scores = model(seen).data[0, -1].astype(float)
    p = np.exp((scores - scores.max()) / temperature)
    written += text.id_to_char[np.random.choice(len(p), p=p / p.sum())]
    print(written[-1], end="", flush=True)
print()
