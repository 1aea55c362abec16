"""Step 59: A recurrent network continues a sine curve.

The networks so far answered each x alone. A recurrent layer keeps a state h from one call to the next, and so its
answer depends on all that came before:

    h' = tanh(x W_x + h W_h + b)

The data are a noisy sine at 1,000 places. At each place the network sees one number, x, and shall say the next one, t.
In the graph of a whole epoch the first h has an influence on the last loss, 999 steps later. Going back through all of
them is long and of little use, so after every 30 steps (bptt_length) we go back, update, and cut the graph with
unchain_backward: the number h stays, its history is forgotten. This is truncated backpropagation through time.

New against the step before: a layer with a state; loss summed over time; reset_state() where a new sequence begins;
unchain_backward().

Look at: the loss of an epoch, the mean squared error of its 999 answers: 0.2906 at first, 0.0035 after 100 epochs. It
does not fall evenly. The noise alone, uniform between -0.05 and 0.05, has the variance 0.1²/12 = 0.0008. Then the
picture: the network has only seen noisy sines. Now it gets a clean cosine, and its answers follow it, with a mean
squared error of 0.0041. About 10 seconds. (The last digits of long runs differ from machine to machine.)

Readers ask:
- Why test with a cosine? It is the same curve, shifted. Who continues it has learned how the curve goes on, not which
  number comes at which time.
- Why is h not a Parameter? It is not learned. It is computed anew in every sequence.
- What is np.newaxis, which SinCurve uses? In x[:, np.newaxis] it makes an axis of length 1: (1000,) becomes (1000, 1).

In the package: dezero.layers.RNN; Variable.unchain_backward; dezero.datasets.SinCurve.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # so that it runs from a bare clone, too

import numpy as np

import dezero.functions as F
import dezero.layers as L
from dezero import Layer, Model, no_grad, optimizers
from dezero.datasets import SinCurve

max_epoch = 100
hidden_size = 100
bptt_length = 30


class MyRNN(Layer):
    def __init__(self, hidden_size):
        super().__init__()
        self.x2h = L.Linear(hidden_size)
        self.h2h = L.Linear(hidden_size, nobias=True)  # one bias is enough
        self.h = None

    def reset_state(self):
        self.h = None

    def forward(self, x):
        if self.h is None:  # the first step: nothing to remember
            self.h = F.tanh(self.x2h(x))
        else:
            self.h = F.tanh(self.x2h(x) + self.h2h(self.h))
        return self.h


# -- our layer is the package's --------------------------------------------------------------------

mine, packages = MyRNN(4), L.RNN(4)
np.random.seed(0)
ys = [mine(np.ones((1, 2))).data for _ in range(3)]
np.random.seed(0)  # the same weights
print("same as L.RNN:", all(np.allclose(y, packages(np.ones((1, 2))).data) for y in ys))


class SimpleRNN(Model):
    def __init__(self, hidden_size, out_size):
        super().__init__()
        self.rnn = L.RNN(hidden_size)
        self.fc = L.Linear(out_size)

    def reset_state(self):
        self.rnn.reset_state()

    def forward(self, x):
        return self.fc(self.rnn(x))


# -- learning --------------------------------------------------------------------------------------

np.random.seed(0)
train_set = SinCurve(train=True)
seqlen = len(train_set)
print(train_set)

model = SimpleRNN(hidden_size, 1)
optimizer = optimizers.Adam().setup(model)

for epoch in range(max_epoch):
    model.reset_state()
    loss, sum_loss, count = 0, 0, 0
    for x, t in train_set:
        x = x.reshape(1, 1)  # (N, I): a batch of one, with one number
        y = model(x)
        loss += F.mean_squared_error(y, t.reshape(1, 1))
        count += 1
        if count % bptt_length == 0 or count == seqlen:
            model.cleargrads()
            loss.backward()
            loss.unchain_backward()  # cut behind the loss: h keeps its numbers and loses its history
            optimizer.update()
            sum_loss += loss.item()
            loss = 0
    if epoch % 10 == 0 or epoch == max_epoch - 1:
        print(f"| epoch {epoch + 1:3} | loss {sum_loss / count:.4f} |")

# -- the cosine ------------------------------------------------------------------------------------

test_set = SinCurve(train=False)
model.reset_state()
predictions = []
with no_grad():
    for x, _ in test_set:
        predictions.append(model(x.reshape(1, 1)).item())

test_error = np.mean((np.array(predictions) - test_set.label[:, 0]) ** 2)
print(f"mean squared error on the cosine: {test_error:.4f}")

try:
    import matplotlib.pyplot as plt
except ImportError:
    print("no picture: install matplotlib to see it")
else:
    plt.plot(test_set.label[:, 0], label="cosine")
    plt.plot(predictions, label="prediction of the RNN")
    plt.xlabel("place")
    plt.legend()
    if plt.get_backend().lower() == "agg":  # no display
        plt.savefig("step59.png")
        print("saved step59.png")
    else:
        plt.show()
