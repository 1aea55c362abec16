"""Step 52: The same training on a graphics card.

CuPy has the functions of NumPy for arrays in the memory of a GPU. Model and data have to be in the same memory: so the
model moves there once, the loader moves each batch, and not a line of the training changes. Without a GPU the script
runs on the CPU: dezero works everywhere.

New against the step before: cuda.gpu_enable, model.to_gpu(), train_loader.to_gpu(), and a clock.

Look at: the first lines, which say where it runs and why; then the seconds for each epoch. On a CPU expect 5 seconds or
less for each epoch of MNIST.

How to run it:
    python steps/step52.py              MNIST; downloads 12 MB the first time
    python steps/step52.py --digits     1,797 pictures of 8 x 8 that come with the package; too few to need a GPU

Readers ask:
- CuPy is installed, and yet `CUDA path could not be detected`? CuPy looks for the CUDA toolkit and does not find it.
  Look with `nvidia-smi` which version of CUDA the driver has, and install the package that is built for that version,
  cupy-cuda12x or cupy-cuda13x, and only one of them. If the toolkit is there at an unusual place, set the environment
  variable CUDA_PATH to its folder. `dezero.cuda.why_no_gpu()` gives the reason in words on your machine. A notebook on
  Colab with a GPU has all of it installed.
- How does a function know whether it has to call numpy or cupy? It asks the array: cuda.get_array_module(x). In most
  places not even that is needed, because arrays bring their + and @ along.
- And back? cuda.as_numpy(x) gives a NumPy array, wherever x was. Plots need that.

In the package: dezero.cuda; Layer.to_gpu and to_cpu; DataLoader(..., gpu=True).
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # so that it runs from a bare clone, too

from time import perf_counter

import numpy as np

import dezero.functions as F
from dezero import DataLoader, cuda, optimizers
from dezero.datasets import MNIST, Digits
from dezero.models import MLP
from dezero.transforms import Compose, Flatten, Normalize, ToFloat

max_epoch = 5
batch_size = 100
hidden_size = 1000

np.random.seed(0)

if "--digits" in sys.argv:
    transform = Compose([Flatten(), ToFloat(), Normalize(0.0, 16.0)])
    train_set = Digits(transform=transform)
else:
    try:
        train_set = MNIST()
    except RuntimeError as error:  # the message tells which files are missing, where they are to be had and belong
        sys.exit(f"{error}\n\nOr use the pictures that come with the package: python {sys.argv[0]} --digits")

train_loader = DataLoader(train_set, batch_size)
model = MLP((hidden_size, 10))
optimizer = optimizers.SGD().setup(model)

if cuda.gpu_enable:
    train_loader.to_gpu()
    model.to_gpu()
    print("on the GPU")
else:
    print("on the CPU:", cuda.why_no_gpu())

for epoch in range(max_epoch):
    start = perf_counter()
    sum_loss = 0
    for x, t in train_loader:  # arrays of CuPy on the GPU, of NumPy else
        y = model(x)
        loss = F.softmax_cross_entropy(y, t)
        model.cleargrads()
        loss.backward()
        optimizer.update()
        sum_loss += float(loss.data) * len(t)  # float() waits for the GPU and brings one number to the CPU
    seconds = perf_counter() - start
    print(f"epoch: {epoch + 1}, loss: {sum_loss / len(train_set):.4f}, time: {seconds:.2f} s")

W = model.l0.W.data
print("the weights belong to", cuda.get_array_module(W).__name__, "and come back as", type(cuda.as_numpy(W)).__name__)
