"""Step 58: VGG16, a network that others have trained.

VGG16 has 16 layers with weights: 13 convolutions (3 x 3, padding 1: the size stays) in five blocks, each of which ends
with a pooling (2 x 2, stride 2: the size is halved), and 3 affine layers that give a score for each of the 1,000
classes of ImageNet. All pieces are known since step 57. It was trained for weeks, and its weights can be downloaded.

New against the step before: a model from the package, weights from the net, and the table of shapes, which nobody needs
to work out by hand: the names and sizes of the layers and the formula O = (I + 2P - K) // S + 1 are enough, and
no weight is made for it (they would take 527.8 MiB).

Look at: 224 -> 112 -> 56 -> 28 -> 14 -> 7 pixels, while the channels grow 64, 128, 256, 512, 512; then 512·7·7 = 25088
numbers. 102,764,544 of the 138,357,544 parameters belong to the first affine layer alone.

How to run it:
    python steps/step58.py                  with the weights: downloads 553 MB once, and takes minutes the first time
    python steps/step58.py photo.jpg        the same with a photo of your own
    DEZERO_OFFLINE=1 python steps/step58.py the table and the graph only, in a second
Without network or Pillow it says what is missing. The photo of the book is a zebra, and VGG16 says so.

The graph of the first block is drawn into step58.png, or into step58.svg where Graphviz is missing, and a warning says
so. Read it: conv, relu, conv, relu, pooling.

In the package: dezero.models.VGG16 (weight_shapes, preprocess), dezero.utils.get_file, dezero.datasets.ImageNet.labels.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # so that it runs from a bare clone, too

import numpy as np

import dezero.functions as F
from dezero import no_grad, test_mode
from dezero.datasets import ImageNet
from dezero.models import VGG16
from dezero.utils import get_conv_outsize, get_file, plot_dot_graph

image_url = "https://github.com/oreilly-japan/deep-learning-from-scratch-3/raw/images/zebra.jpg"

# -- the table -------------------------------------------------------------------------------------


def shape_table(weight_shapes, N, C, H, W):
    """Name and output shape of each layer, from the shapes of the weights and the size of the images."""
    table, block = [], "1"
    for path, shape in weight_shapes.items():
        name, kind = path.split("/")
        if kind == "b":  # a bias changes no shape
            continue
        if name.startswith("conv"):
            if name[4] != block:  # conv2_1 after conv1_2: between two blocks is a pooling
                H, W = get_conv_outsize(H, 2, 2, 0), get_conv_outsize(W, 2, 2, 0)
                table.append(("pool", (N, C, H, W)))
                block = name[4]
            C, _, KH, KW = shape
            H, W = get_conv_outsize(H, KH, 1, 1), get_conv_outsize(W, KW, 1, 1)
            table.append((name, (N, C, H, W)))
        else:
            if name == "fc6":
                H, W = get_conv_outsize(H, 2, 2, 0), get_conv_outsize(W, 2, 2, 0)
                table.append(("pool", (N, C, H, W)))
                table.append(("reshape", (N, C * H * W)))
            table.append((name, (N, shape[1])))
    return table


model = VGG16()  # no weights yet: they would come with the first call
weight_shapes = model.weight_shapes()
table = shape_table(weight_shapes, 10, 3, 224, 224)
print("input    (10, 3, 224, 224)")
for name, shape in table:
    print(f"{name:8} {shape}")

total = sum(int(np.prod(shape)) for shape in weight_shapes.values())
print(f"{total:,} parameters, {total * 4 / 2**20:.1f} MiB as float32")

# -- the graph of the first block ------------------------------------------------------------------

x = np.zeros((1, 3, 8, 8), dtype=np.float32)  # a tiny image; only these two layers get weights
h = F.relu(model.conv1_1(x))
h = F.relu(model.conv1_2(h))
y = F.pooling(h, 2, 2)
y.name = "block 1"
print("block 1 of an image of 8 x 8:", y.shape)
print("saved", plot_dot_graph(y, to_file="step58.png"))

# -- a photo ---------------------------------------------------------------------------------------

try:
    model = VGG16(pretrained=True)
    labels = ImageNet.labels()
    photo = Path(sys.argv[1] if len(sys.argv) > 1 else get_file(image_url))
    from PIL import Image
except RuntimeError as error:  # what could not be downloaded, where from, and where to put it by hand
    print("No photo today, a file from the net is missing.", error)
except ImportError:
    print("No photo today, the package Pillow is missing: pip install pillow")
else:
    x = VGG16.preprocess(Image.open(photo))[np.newaxis]  # (3, 224, 224) -> (1, 3, 224, 224)
    with no_grad(), test_mode():  # no dropout
        p = F.softmax(model(x)).data[0]
    for k in p.argsort()[:-4:-1]:
        print(f"{p[k]:7.2%}  {labels[int(k)]}")
