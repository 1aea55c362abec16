"""Step 51: A network learns to read handwritten digits.

MNIST is 70,000 small pictures of digits, each with the digit as its label: 60,000 to learn from and 10,000 that the
network never sees while it learns. A picture of 28 x 28 grey values becomes one row of 784 numbers from 0 (paper) to
1 (ink). The answer is one score for each of the 10 digits, and the highest score wins.

New against the step before: only the data set and the sizes. The loop is the one that learned the spiral.

Look at: the first loss. A network that only guesses gives each digit the probability 1/10, and its loss is
-ln(1/10) = ln 10 = 2.3026 (for the 3 classes of the spiral it was ln 3 = 1.0986). Then the accuracy: on MNIST 0.85
on the training pictures and 0.87 on the test pictures after 5 epochs, and still rising. MLP((1000, 10), F.relu) brings
0.92 on the test pictures, and with optimizers.Adam() in place of SGD it is 0.98.

How to run it:
    python steps/step51.py              MNIST; downloads 12 MB the first time; 6 to 12 seconds
    python steps/step51.py --digits     1,797 pictures of 8 x 8 that come with the package; a second
With --digits the test accuracy ends at 0.9556.

Readers ask: why `* len(t)`? The loss of a batch is the mean over its pictures. Times their number it is a sum, and a
sum can be added up over the batches, of which the last may be shorter. Divided by all pictures it is a mean again.

In the package: dezero.datasets (MNIST, Digits), dezero.models.MLP, dezero.optimizers.SGD.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # so that it runs from a bare clone, too

import numpy as np

import dezero.functions as F
from dezero import DataLoader, no_grad, optimizers
from dezero.datasets import MNIST, Digits
from dezero.models import MLP
from dezero.transforms import Compose, Flatten, Normalize, ToFloat

max_epoch = 5
batch_size = 100
hidden_size = 1000
lr = 0.01
digits_epoch = 20  # few and small pictures: more epochs, with longer steps
digits_hidden = 100
digits_lr = 1.0

np.random.seed(0)

# -- the data --------------------------------------------------------------------------------------

if "--digits" in sys.argv:
    max_epoch, hidden_size, lr = digits_epoch, digits_hidden, digits_lr
    transform = Compose([Flatten(), ToFloat(), Normalize(0.0, 16.0)])  # grey values from 0 to 16 -> 0 to 1
    train_set, test_set = Digits(train=True, transform=transform), Digits(train=False, transform=transform)
else:
    try:
        train_set, test_set = MNIST(train=True), MNIST(train=False)
    except RuntimeError as error:  # the message tells which files are missing, where they are to be had and belong
        sys.exit(f"{error}\n\nOr use the pictures that come with the package: python {sys.argv[0]} --digits")

print(train_set)
print(test_set)

x, t = train_set[0]
print("one example:", x.shape, x.dtype, "with the label", t)
H, W = train_set.data.shape[2:]  # of the pictures as they are stored, (N, 1, H, W)
for row in x.reshape(H, W):
    print("".join(".-+#"[int(3.99 * value)] for value in row))

# -- learning --------------------------------------------------------------------------------------

train_loader = DataLoader(train_set, batch_size)
test_loader = DataLoader(test_set, batch_size, shuffle=False)

model = MLP((hidden_size, 10))  # affine, sigmoid, affine
optimizer = optimizers.SGD(lr).setup(model)

with no_grad():
    x, t = next(iter(test_loader))
    loss = F.softmax_cross_entropy(model(x), t)
    print(f"loss before learning: {float(loss.data):.1f}, of a pure guess: {np.log(10):.1f}")

for epoch in range(max_epoch):
    sum_loss, sum_acc = 0, 0
    for x, t in train_loader:
        y = model(x)
        loss = F.softmax_cross_entropy(y, t)
        acc = F.accuracy(y, t)
        model.cleargrads()
        loss.backward()
        optimizer.update()
        sum_loss += float(loss.data) * len(t)
        sum_acc += float(acc.data) * len(t)
    train_loss, train_acc = sum_loss / len(train_set), sum_acc / len(train_set)
    print(f"epoch: {epoch + 1}")
    print(f"train loss: {train_loss:.4f}, accuracy: {train_acc:.4f}")

    sum_loss, sum_acc = 0, 0
    with no_grad():  # no graph is needed where nothing is learned
        for x, t in test_loader:
            y = model(x)
            sum_loss += float(F.softmax_cross_entropy(y, t).data) * len(t)
            sum_acc += float(F.accuracy(y, t).data) * len(t)
    test_loss, test_acc = sum_loss / len(test_set), sum_acc / len(test_set)
    print(f"test loss: {test_loss:.4f}, accuracy: {test_acc:.4f}")
