"""Step 53: Save what was learned, and load it again.

What a network has learned is in its parameters: a few arrays. NumPy can write named arrays into one file, an archive
with the suffix .npz. A name is the way to the parameter through the layers: "l0/W" is the W of the layer l0.

New against the step before: flatten below, save_weights, load_weights; and a file, my_mlp.npz, in the folder from which
you start the script (my_mlp_digits.npz with --digits).

Look at: the names and shapes in the file; the difference 0.0 between the answers of the model and of its copy, which
had other weights at first. Start the script again: it goes on from the file, and its first loss is lower
(on MNIST 0.7347 after 1.9151).

How to run it:
    python steps/step53.py              MNIST; downloads 12 MB the first time; about 20 seconds
    python steps/step53.py --digits     1,797 pictures of 8 x 8 that come with the package; a second

Readers ask:
- Where are the gradients after loading? Nowhere: `copy.l0.W.grad is None`. They are of use only for the update after
  them, so a file of weights has data alone. The state of an optimizer (the velocities of MomentumSGD, say) is not part
  of it either; who wants to go on exactly as before saves that with optimizer.save_state(path) beside.
- Why does save_weights complain about a new model? A Linear that was not told its input size has no W before its first
  call. Call it once, or give in_size. Loading is possible before: the sizes come from the file.
- Wrong file? load_weights compares all names and shapes, and changes nothing unless all of them fit.

In the package: Layer.save_weights and load_weights; _flatten_params, which names the parameters; dezero.utils.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # so that it runs from a bare clone, too

import numpy as np

import dezero.functions as F
from dezero import DataLoader, Layer, optimizers
from dezero.datasets import MNIST, Digits
from dezero.models import MLP
from dezero.transforms import Compose, Flatten, Normalize, ToFloat

max_epoch = 3
batch_size = 100
hidden_size = 1000


def flatten(layer, path=""):
    """Every parameter under its path, in one flat dict: what is nested becomes a name with slashes."""
    params = {}
    for name in layer._params:  # names of the attributes that are parameters or layers
        value = getattr(layer, name)
        if isinstance(value, Layer):
            params |= flatten(value, path + name + "/")
        else:
            params[path + name] = value
    return params


# -- the idea, with NumPy alone --------------------------------------------------------------------

np.savez("two_arrays.npz", a=np.array([1.0, 2.0]), b=np.array([3.0]))
with np.load("two_arrays.npz") as file:
    print("in the file:", file["a"], file["b"])
Path("two_arrays.npz").unlink()

# -- train, save -----------------------------------------------------------------------------------

np.random.seed(0)

if "--digits" in sys.argv:
    weights = Path("my_mlp_digits.npz")
    train_set = Digits(transform=Compose([Flatten(), ToFloat(), Normalize(0.0, 16.0)]))
else:
    weights = Path("my_mlp.npz")
    try:
        train_set = MNIST()
    except RuntimeError as error:  # the message tells which files are missing, where they are to be had and belong
        sys.exit(f"{error}\n\nOr use the pictures that come with the package: python {sys.argv[0]} --digits")

train_loader = DataLoader(train_set, batch_size)
model = MLP((hidden_size, 10))
optimizer = optimizers.SGD().setup(model)

if weights.exists():
    print("going on from", weights)
    model.load_weights(weights)

for epoch in range(max_epoch):
    sum_loss = 0
    for x, t in train_loader:
        y = model(x)
        loss = F.softmax_cross_entropy(y, t)
        model.cleargrads()
        loss.backward()
        optimizer.update()
        sum_loss += float(loss.data) * len(t)
    print(f"epoch: {epoch + 1}, loss: {sum_loss / len(train_set):.4f}")

for path, param in flatten(model).items():
    print(path, param.shape, param.dtype)

model.save_weights(weights)
print("saved", weights, "with", list(np.load(weights)))

# -- load ------------------------------------------------------------------------------------------

copy = MLP((hidden_size, 10))  # a new model, which knows nothing
print(copy.load_weights(weights))
print("largest difference of the answers:", abs(model(x).data - copy(x).data).max())
print("gradient in the model:", model.l1.b.grad.shape, " in the copy:", copy.l1.b.grad)
