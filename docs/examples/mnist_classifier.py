"""A convolutional network reads handwritten digits, and shows on a page which ones it misreads.

`Trainer` runs the loop here: the one of step 50, written once and for all. It goes through the training images,
measures loss and accuracy on the test images after each epoch, and keeps both in a history. Its source,
dezero/training/trainer.py, is 150 lines long and worth reading. The network is built like those of LeCun: convolutions
find strokes, and poolings make the picture coarser. Dropout keeps it from relying on single numbers.

Look at: the page. An accuracy of 0.99 says nothing about the hundredth image, and here they are. Ask yourself for each
what you would have read. Some digits nobody can read; where the network is sure and you see at once what it is, there
is something to improve.

How long: 45 seconds of one core for 3 epochs of MNIST, which is downloaded once, 12 MB; 9,921 of the 10,000 test images
are then read right. Where that cannot be had, the 1,797 small digits that come with the package stand in: 2 seconds,
and 356 of 360.

Try: two more epochs; max_lr ten times as large; the same without dropout. `python -m dezero train` does much of this
without a line of code.

Readers ask: why are the numbers of the test images (val_loss, val_acc) better than those of training? Dropout only
works while the network learns, and the training numbers are means over an epoch in which it still got better.

In the package: dezero.training (Trainer, Accuracy, plot_mistakes), dezero.optimizers.one_cycle.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))  # so that it runs from a bare clone, too

import numpy as np

import dezero.functions as F
import dezero.layers as L
from dezero import DataLoader, datasets, optimizers
from dezero.models import Sequential
from dezero.training import Accuracy, Trainer, plot_mistakes
from dezero.transforms import Compose, Normalize, ToFloat

max_epoch = 3
digits_epoch = 20  # few and small images: more epochs
batch_size = 100
max_lr = 4e-3

# -- the images ------------------------------------------------------------------------------------

images = Compose([ToFloat(), Normalize(0.0, 255.0)])  # as images, (1, H, W), from 0 (paper) to 1 (ink)
try:
    train_set, test_set = datasets.MNIST(True, images), datasets.MNIST(False, images)
except RuntimeError as error:  # the message tells how to get them
    print(f"{error}\n\nUntil then, the small digits that come with the package stand in.\n")
    train_set, test_set = datasets.Digits(True), datasets.Digits(False)
    max_epoch = digits_epoch
print(train_set)

# -- learning --------------------------------------------------------------------------------------

np.random.seed(0)
model = Sequential(
    L.Conv2d(16, kernel_size=3, pad=1), F.relu,
    lambda x: F.pooling(x, 2, 2),
    L.Conv2d(32, kernel_size=3, pad=1), F.relu,
    lambda x: F.pooling(x, 2, 2),
    F.flatten, L.Dropout(0.3),
    L.Linear(128), F.relu,
    L.Linear(10),
)  # fmt: skip
train_loader = DataLoader(train_set, batch_size)
test_loader = DataLoader(test_set, 500, shuffle=False)

optimizer = optimizers.Adam(max_lr).setup(model)
optimizer.schedule = optimizers.one_cycle(max_epoch * len(train_loader))
trainer = Trainer(model, optimizer, F.softmax_cross_entropy, metrics={"acc": Accuracy()})
history = trainer.fit(train_loader, test_loader, epochs=max_epoch)

# -- the mistakes ----------------------------------------------------------------------------------

probabilities = F.softmax(trainer.predict(test_loader)).data
wrong = (probabilities.argmax(axis=1) != test_set.label).sum()
print(f"{wrong} of {len(test_set):,} test images misread")
plot_mistakes(test_set.data, test_set.label, probabilities, most=18).savefig("mnist_classifier.png", dpi=80)
print("saved mnist_classifier.png")
