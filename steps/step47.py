"""Step 47: Softmax and cross entropy: the loss for choosing among classes.

A network shall say which of C classes an example belongs to. It gives C numbers of any size, the scores. Softmax makes
them probabilities: positive, and 1 together. The loss asks only for the probability p_t of the right class t: it is
-log p_t, which is 0 if the network is sure and right, and large if it is sure and wrong.

    p_k = exp(y_k) / Σ_j exp(y_j)               L = -1/N Σ_n log p[n, t_n]

New against the step before: the labels t are whole numbers, 0 to C - 1, one for each example. With two examples,
`p[[0, 1], t]` picks p[0, t[0]] and p[1, t[1]]. Picking is a Function as well: its way back puts the gradient where the
number was, and 0 elsewhere.

Look at: the loss of the network without training, 1.49674. The printed probabilities of the right classes, rounded as
they are, give -(log 0.535 + log 0.19 + log 0.138 + log 0.178) / 4 = 1.498. Compare it with what guessing costs. Whoever
gives every class the probability 1/C has the loss -log(1/C) = log C, the chance level:

    2 classes  log 2 = 0.6931       3 classes  log 3 = 1.0986       10 classes  log 10 = 2.3026

A loss of 0.693 means "guessing" with 2 classes only. Ours has 3 and is worse than guessing: the network prefers class 2
everywhere, and three of the four examples are of another class. If a loss stays near log C in training, the network
has learned nothing yet.

The gradient is as short as it can be: ∂L/∂y = (p - onehot(t)) / N. The score of the right class is pushed up, by what
is missing to 1; each other score is pushed down by its probability.

Large scores: exp(1000) overflows. Softmax stays the same if you subtract the same number from all scores of a row.
Subtract the largest one, and no exp is above 1.

In the package: `F.softmax_simple` and `F.softmax_cross_entropy_simple` are put together like the two functions below.
`F.softmax_cross_entropy` is one Function with the short gradient, for scores of any size; the next steps use that one.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # so that it runs from a bare clone, too

import numpy as np

import dezero.functions as F
from dezero import Variable, as_variable, grad
from dezero.models import MLP

# -- picking elements ------------------------------------------------------------------------------

a = Variable(np.array([[1, 2, 3], [4, 5, 6]]))
row = a[1]
row.backward()
print("row 1:", row)
print("back: ", a.grad)  # ones in row 1
print("picked:", a[[0, 1], [2, 0]])  # a[0, 2] and a[1, 0]

# -- softmax and cross entropy of our own ----------------------------------------------------------


def softmax(y):
    e = F.exp(y)
    return e / F.sum(e, axis=1, keepdims=True)


def softmax_cross_entropy(y, t):
    y = as_variable(y)
    N = len(y)
    p = softmax(y)
    p_t = p[np.arange(N), t]  # from row n the element t[n]
    return -F.sum(F.log(p_t)) / N


print("softmax of 0, log 2, log 5:", softmax(np.log([[1.0, 2.0, 5.0]])))  # 1/8, 2/8, 5/8
for C in 2, 3, 10:
    print(f"guessing among {C:2} classes costs {softmax_cross_entropy(np.zeros((1, C)), np.array([0])).item():.4f}")
print("with the shift, large scores work:", F.softmax(np.array([[1000.0, 1000.0]])))

# -- a network for three classes -------------------------------------------------------------------

np.random.seed(0)
model = MLP((10, 3))
x = np.array([[0.2, -0.4], [0.3, 0.5], [1.3, -3.2], [2.1, 0.3]])
t = np.array([2, 0, 1, 0])

y = model(x)
p = softmax(y)
print("probabilities:")
print(p.data.round(3))
print("sums:  ", p.data.sum(axis=1).round(6))
print("answer:", p.data.argmax(axis=1), "wanted:", t)

loss = softmax_cross_entropy(y, t)
print(f"own loss:     {loss.item():.5f}")
print(f"package:      {F.softmax_cross_entropy(y, t).item():.5f}")

onehot = np.eye(3)[t]  # row n has its 1 at t[n]
by_formula = (p.data - onehot) / len(t)
print("gradient = (p - onehot) / N:", np.allclose(grad(loss, y).data, by_formula, atol=1e-6))
print("and the package's:          ", np.allclose(grad(F.softmax_cross_entropy(y, t), y).data, by_formula, atol=1e-6))
