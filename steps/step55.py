"""Step 55: How large is what a convolution gives?

A convolution lays a small window, the kernel, on the image, computes one number from what it sees, and moves on. The
output has one number for each place of the window. So its size is the number of places, and that can be counted.

Along one axis let the image have I pixels, with P pixels of padding on either side, and the kernel K. The kernel moves
by the stride S. The padded image has I + 2P pixels. At the first place the kernel covers K of them; I + 2P - K are
left, and each further place uses up S of these. So

    O = (I + 2P - K) // S + 1

where // rounds down: what is left at the edge and too short for a stride is never looked at.

New against the step before: a new topic, images. Theory, a formula, and a drawing to check it.

Look at: the drawings. Each line is one place of the kernel (#), on pixels (.) and padding (0). Count the lines: 4, 3,
2, and 3, as the formula says. The last one leaves a pixel at the right uncovered.

To remember: K = 3, S = 1, P = 1 keeps the size (so does K = 5 with P = 2: P = (K - 1) / 2). K = 2, S = 2, P = 0 halves
it.

Readers ask: and if the kernel is larger than the image? Then there is no place at all; dezero says so with the formula
and your numbers, see the last line. For two axes the formula holds for each: OH from H, KH; OW from W, KW.

In the package: dezero.utils.get_conv_outsize; dezero.functions.conv2d.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # so that it runs from a bare clone, too

import numpy as np

import dezero.functions as F
import dezero.utils


def get_conv_outsize(input_size, kernel_size, stride, pad):
    return (input_size + 2 * pad - kernel_size) // stride + 1


def draw(input_size, kernel_size, stride, pad):
    """Print each place of the kernel, found by moving it until it no longer fits; return their number."""
    pixels = "0" * pad + "." * input_size + "0" * pad
    start, places = 0, 0
    while start + kernel_size <= len(pixels):
        print("   ", pixels[:start] + "#" * kernel_size + pixels[start + kernel_size :])
        start += stride
        places += 1
    return places


H, W = 4, 4  # height and width of the image
KH, KW = 3, 3  # of the kernel
SH, SW = 1, 1  # stride, vertical and horizontal
PH, PW = 1, 1  # padding

OH = get_conv_outsize(H, KH, SH, PH)
OW = get_conv_outsize(W, KW, SW, PW)
print(OH, OW)

for size, K, S, P in [(4, 3, 1, 1), (7, 3, 2, 0), (4, 2, 2, 0), (8, 3, 2, 0)]:
    count = get_conv_outsize(size, K, S, P)
    print(f"I = {size}, K = {K}, S = {S}, P = {P}:  ({size} + 2*{P} - {K}) // {S} + 1 = {count}")
    assert draw(size, K, S, P) == count == dezero.utils.get_conv_outsize(size, K, S, P)

y = F.conv2d(np.zeros((1, 1, 224, 224)), np.zeros((1, 1, 7, 7)), stride=2, pad=3)
print("224 pixels, K = 7, S = 2, P = 3:", get_conv_outsize(224, 7, 2, 3), "and a real convolution gives", y.shape)

try:
    F.conv2d(np.zeros((1, 1, 2, 2)), np.zeros((1, 1, 3, 3)))
except ValueError as error:
    print(error)
