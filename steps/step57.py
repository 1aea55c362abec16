"""Step 57: A convolution is a matrix product, once im2col has laid out the image.

The formula of a convolution is seven nested loops (n, oc, oh, ow, c, kh, kw), and loops are slow in Python. im2col
("image to columns") copies what the kernel sees at each place into one row of a matrix; a kernel is a column of
weights; and one matrix product computes everything:

    col (N·OH·OW, C·KH·KW)  times  W.reshape(OC, -1).T (C·KH·KW, OC)  gives  (N·OH·OW, OC)  ->  (N, OC, OH, OW)

New against the step before: the same numbers, computed cleverly. im2col can be looped in two orders:
- by places: stand at each place, copy the small window (KH x KW pixels at once);
- by pixels of the kernel: take one pixel of the kernel, copy what it sees at all places (OH x OW pixels at once).
A kernel has fewer pixels than an image has places, so the second one needs fewer rounds of the loop.

Look at: the rounds. Image 4 x 4, kernel 2 x 2, hence 3 x 3 places, all else 1: the loops of the formula take 9·4 = 36
rounds, im2col by places 9, by pixels 4. With N = 2 images, C = 3 channels and OC = 3 kernels:
    formula     N·OC·9·4 = 216    (the channels are summed by NumPy)
    by places   N·C·9 = 54        or 63 with a loop that lays out the kernels, too, plane by plane: OC·C = 9 more
    by pixels   N·C·4 = 24        or 36 with a loop that lays out the kernels, too, pixel by pixel: OC·4 = 12 more
With these loops the count is 216 -> 63 -> 36. We need none for the kernels: their numbers lie in memory in the right
order, so W.reshape(OC, -1) is enough. And `im2col` below slices all N and C at once and is left with 4 rounds.
Then the worked example: x counts from 1 to 96, the three kernels are filled with 0.1, 0.2 and 0.3. The first number is
0.1 times the sum of what the first kernel sees, 1 2 5 6, 17 18 21 22 and 33 34 37 38: 0.1 · 234 = 23.4.

Readers ask:
- Which way round is the matrix? Here one ROW for each place, rows in the order of N, OH, OW, columns in the order of C,
  KH, KW. Other texts have the transpose, one column for each place. Both are right; the product is then W times col.
- Why has the filter no N? All N images are seen by the same kernels. Output channels = number of kernels.
- Python box: `for i, j in np.ndindex(2, 3)` is two nested loops in one line, (0,0) (0,1) (0,2) (1,0) (1,1) (1,2).

In the package: dezero.functions.im2col, col2im (its way back), conv2d_simple, conv2d.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # so that it runs from a bare clone, too

import numpy as np

import dezero.functions as F
from dezero import Function, Variable
from dezero.utils import get_conv_outsize


def conv2d_loops(x, W):
    """The formula, word by word (stride 1, no padding). Returns the result and the number of rounds."""
    (N, _, H, w), (OC, _, KH, KW) = x.shape, W.shape
    OH, OW = H - KH + 1, w - KW + 1
    y, rounds = np.zeros((N, OC, OH, OW)), 0
    for n, oc, oh, ow, kh, kw in np.ndindex(N, OC, OH, OW, KH, KW):
        y[n, oc, oh, ow] += (x[n, :, oh + kh, ow + kw] * W[oc, :, kh, kw]).sum()  # the sum over the channels
        rounds += 1
    return y, rounds


def im2col_by_places(x, KH, KW):
    N, C, H, W = x.shape
    OH, OW = H - KH + 1, W - KW + 1
    col, rounds = np.zeros((N, C, KH, KW, OH, OW)), 0
    for n, c, oh, ow in np.ndindex(N, C, OH, OW):
        col[n, c, :, :, oh, ow] = x[n, c, oh : oh + KH, ow : ow + KW]  # one window
        rounds += 1
    return col, rounds


def im2col_by_pixels(x, KH, KW):
    N, C, H, W = x.shape
    OH, OW = H - KH + 1, W - KW + 1
    col, rounds = np.zeros((N, C, KH, KW, OH, OW)), 0
    for n, c, kh, kw in np.ndindex(N, C, KH, KW):
        col[n, c, kh, kw] = x[n, c, kh : kh + OH, kw : kw + OW]  # all places
        rounds += 1
    return col, rounds


def im2col(x, KH, KW, stride=1, pad=0):
    """By pixels, all images and channels at once, with stride and padding, and as a matrix."""
    N, C, H, W = x.shape
    OH, OW = get_conv_outsize(H, KH, stride, pad), get_conv_outsize(W, KW, stride, pad)
    x = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    col = np.zeros((N, C, KH, KW, OH, OW))
    for kh, kw in np.ndindex(KH, KW):
        col[:, :, kh, kw] = x[:, :, kh : kh + stride * OH : stride, kw : kw + stride * OW : stride]
    return col.transpose(0, 4, 5, 1, 2, 3).reshape(N * OH * OW, C * KH * KW)


class Im2col(Function):
    """im2col with its way back: each pixel gets the sum of the gradients of its copies. That is col2im."""

    def __init__(self, *args):
        self.args = args  # KH, KW, stride, pad

    def forward(self, x):
        return im2col(x, *self.args)

    def backward(self, gy):
        KH, KW, stride, pad = self.args
        return F.col2im(gy, self.inputs[0].shape, (KH, KW), stride, pad)


def conv2d_simple(x, W, b=None, stride=1, pad=0):
    (N, _, H, w), (OC, _, KH, KW) = x.shape, W.shape
    OH, OW = get_conv_outsize(H, KH, stride, pad), get_conv_outsize(w, KW, stride, pad)
    col = Im2col(KH, KW, stride, pad)(x)  # (N·OH·OW, C·KH·KW)
    t = F.linear(col, F.transpose(F.reshape(W, (OC, -1))), b)  # (N·OH·OW, OC)
    return F.transpose(F.reshape(t, (N, OH, OW, OC)), (0, 3, 1, 2))


# -- how many rounds -------------------------------------------------------------------------------

for N, C, OC in [(1, 1, 1), (2, 3, 3)]:
    x, W = np.arange(1.0, N * C * 16 + 1).reshape(N, C, 4, 4), np.ones((OC, C, 2, 2))
    y, by_formula = conv2d_loops(x, W)
    col, by_places = im2col_by_places(x, 2, 2)
    col_again, by_pixels = im2col_by_pixels(x, 2, 2)
    assert np.array_equal(col, col_again)
    print(f"N = {N}, C = {C}, OC = {OC}: rounds {by_formula} -> {by_places} -> {by_pixels}")
print(f"with the kernels in loops, too: {by_formula} -> {by_places + OC * C} -> {by_pixels + OC * 2 * 2}")

# -- the worked example ----------------------------------------------------------------------------

x = np.arange(1.0, 97).reshape(2, 3, 4, 4)
W = np.array([0.1, 0.2, 0.3]).reshape(3, 1, 1, 1) * np.ones((3, 3, 2, 2))
col = im2col(x, 2, 2)
print("col", col.shape, " its transpose", col.T.shape, " kernels", W.reshape(3, -1).shape)
t = W.reshape(3, -1) @ col.T  # kernels times places
y = t.T.reshape(2, 3, 3, 3).transpose(0, 3, 1, 2)  # (N·OH·OW, OC) -> (N, OH, OW, OC) -> (N, OC, OH, OW)
print("product", t.shape, " result", y.shape, " sum", round(y.sum(), 6))
first, last = y[0, 0], y[1, 2]
print(first)
print(last)
print(
    "same as the formula:", np.allclose(y, conv2d_loops(x, W)[0]), " as F.conv2d:", np.allclose(y, F.conv2d(x, W).data)
)

# -- ours and the package's ------------------------------------------------------------------------

rng = np.random.default_rng(0)
x1, x2 = rng.random((1, 3, 7, 7)), rng.random((10, 3, 7, 7))
print(im2col(x1, 5, 5).shape, np.array_equal(im2col(x1, 5, 5), F.im2col(x1, kernel_size=5).data))
print(im2col(x2, 5, 5).shape, np.array_equal(im2col(x2, 5, 5), F.im2col(x2, kernel_size=5).data))

x, W = Variable(rng.random((1, 5, 15, 15))), Variable(rng.random((8, 5, 3, 3)))
y = conv2d_simple(x, W, stride=1, pad=1)
y.backward()
gx, gW = x.grad.data, W.grad.data
print(y.shape, gx.shape)

for conv2d in (F.conv2d_simple, F.conv2d):
    x.cleargrad()
    W.cleargrad()
    y_package = conv2d(x, W, stride=1, pad=1)
    y_package.backward()
    same = [np.allclose(a, b.data) for a, b in [(y.data, y_package), (gx, x.grad), (gW, W.grad)]]
    print(f"{conv2d.__name__} gives the same result and gradients:", all(same))
