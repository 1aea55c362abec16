"""Step 56: The words of convolutional networks, each with a picture small enough to check by hand.

A Linear layer mixes all pixels with all pixels and does not know which are neighbours. A convolution looks at small
neighbourhoods, and looks for the same thing everywhere:

- kernel (or filter): a small window of weights, KH x KW. At each place: multiply with what lies under it, add up.
- bias: one number that is added at every place.
- padding: zeros around the image, so that the kernel can stand at the edge, too.
- stride: how far the kernel moves from place to place.
- channels: layers of an image, such as red, green and blue. A kernel has as many channels as the image has, and sums
  over them; its answer has none. Several kernels give several answers, which are the channels of the output.
- pooling: a window without weights that keeps the largest number (or the mean) of each place.

    y[n, oc, oh, ow] = b[oc] + Σ over c, kh, kw of  x[n, c, oh·S + kh, ow·S + kw] · W[oc, c, kh, kw]

The order of the axes is always the same: images (N, C, H, W), weights (OC, C, KH, KW), result (N, OC, OH, OW).

New against the step before: the numbers inside the places that were counted there.

Look at: the answer to the edge. It is 27 = 3 · 9 where dark (0) turns to bright (9) under the kernel, and 0 where all
is alike. And at the pooling: the largest of 1 3 0 2 is 3.

Readers ask:
- Why has W no N? The same kernels look at each of the N images, as one matrix W of a Linear serves the whole batch.
- How many output channels? As many as kernels. The number of input channels disappears in the sum.
- Is that not a correlation? It is: in mathematics a convolution turns the kernel round first. A kernel that is learned
  does not care, so all frameworks leave it as it is.

In the package: dezero.functions.conv2d, pooling, average_pooling; dezero.layers.Conv2d holds W and b.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # so that it runs from a bare clone, too

import numpy as np

import dezero.functions as F
import dezero.layers as L

# -- kernel ----------------------------------------------------------------------------------------

image = np.array([[0, 0, 9, 9, 9]] * 5, dtype=float)  # dark at the left, bright at the right
kernel = np.array([[-1, 0, 1]] * 3, dtype=float)  # right minus left
x = image.reshape(1, 1, 5, 5)  # (N, C, H, W): one image of one channel
W = kernel.reshape(1, 1, 3, 3)  # (OC, C, KH, KW): one kernel of one channel

by_hand = (image[0:3, 0:3] * kernel).sum()  # the first place: rows 0 to 2, columns 0 to 2
y = F.conv2d(x, W)
print("the first place by hand:", by_hand)
print("all places, kernel alone:")
print(y.data[0, 0])

print("with a bias of 100:")
print(F.conv2d(x, W, b=np.array([100.0])).data[0, 0])

# -- padding and stride ----------------------------------------------------------------------------

print("padding 1 keeps the size; the zeros at the right look like an edge, too:")
print(F.conv2d(x, W, pad=1).data[0, 0])

print("stride 2 visits every second place:")
print(F.conv2d(x, W, stride=2).data[0, 0])

# -- channels --------------------------------------------------------------------------------------

rng = np.random.default_rng(0)
x3 = rng.standard_normal((1, 3, 5, 5))  # one image of three channels
W4 = rng.standard_normal((4, 3, 3, 3))  # four kernels, each of three channels
y4 = F.conv2d(x3, W4)
print(x3.shape, "with", W4.shape, "gives", y4.shape)

channel_by_channel = sum(F.conv2d(x3[:, c : c + 1], W4[:, c : c + 1]).data for c in range(3))
print("summed over the channels, as the formula says:", np.allclose(y4.data, channel_by_channel))

ten = F.conv2d(np.zeros((10, 3, 5, 5)), W4)
print("ten images:", ten.shape)

conv = L.Conv2d(4, kernel_size=3, in_channels=3)
linear = L.Linear(4 * 3 * 3, in_size=3 * 5 * 5)
print("numbers to learn, Conv2d:", conv.W.size + conv.b.size)  # 4·3·3·3 + 4
print("numbers to learn, Linear of the same sizes:", linear.W.size + linear.b.size)  # 75·36 + 36

# -- pooling ---------------------------------------------------------------------------------------

p = np.array([[1, 3, 2, 1], [0, 2, 4, 0], [5, 1, 0, 1], [2, 2, 3, 6]], dtype=float).reshape(1, 1, 4, 4)
print("the largest of each 2 x 2:")
print(F.pooling(p, 2, 2).data[0, 0])
print("the mean of each 2 x 2:")
print(F.average_pooling(p, 2, 2).data[0, 0])
