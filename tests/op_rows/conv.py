"""Rows: convolution, pooling, resampling. The oracles go pixel by pixel."""

from itertools import product

import numpy as np

import dezero.functions as F
from tests.op_table import Op, at, error, fixed


def refused(*arguments, text, **options):
    return error(*arguments, kind=ValueError, text=text, **options)


def two(x):
    return (x, x) if isinstance(x, int | float) else tuple(x)


def sides(pad, kernel, dilation=1):
    """((top, bottom), (left, right))."""
    if pad == "same":
        total = [d * (k - 1) for k, d in zip(kernel, two(dilation))]
        return tuple((n // 2, n - n // 2) for n in total)
    return tuple(two(p) for p in two(pad))


def windows(shape, kernel, stride, pad, dilation=1):
    """For each place, its position and the pixels (i, j, row, column) that are seen there, padding left out."""
    (H, W), (KH, KW), (SH, SW), (DH, DW) = shape[2:], two(kernel), two(stride), two(dilation)
    (top, bottom), (left, right) = sides(pad, (KH, KW), dilation)
    tops = range(-top, H + bottom - DH * (KH - 1), SH)
    lefts = range(-left, W + right - DW * (KW - 1), SW)
    found = {}
    for (oh, h), (ow, w) in product(enumerate(tops), enumerate(lefts)):
        seen = [(i, j, h + i * DH, w + j * DW) for i in range(KH) for j in range(KW)]
        found[oh, ow] = [(i, j, r, c) for i, j, r, c in seen if 0 <= r < H and 0 <= c < W]
    return found, len(tops), len(lefts)


def naive_conv2d(x, W, b=None, stride=1, pad=0, dilation=1, groups=1):
    OC, CG = W.shape[:2]
    places, OH, OW = windows(x.shape, W.shape[2:], stride, pad, dilation)
    y = np.zeros((len(x), OC, OH, OW))
    for o, (place, seen) in product(range(OC), places.items()):
        first = o // (OC // groups) * CG
        for i, j, r, c in seen:
            y[:, o, *place] += x[:, first : first + CG, r, c] @ W[o, :, i, j]
    return y if b is None else y + b.reshape(1, -1, 1, 1)


def naive_deconv2d(x, W, b=None, stride=1, pad=0, outsize=None, dilation=1, groups=1):
    (N, C, H, W_), (_, OCG, *kernel) = x.shape, W.shape
    if outsize is None:
        outsize = [s * (n - 1) + d * (k - 1) + 1 - sum(p) for n, k, s, d, p in
                   zip((H, W_), kernel, two(stride), two(dilation), sides(pad, kernel, dilation))]  # fmt: skip
    y = np.zeros((N, OCG * groups, *two(outsize)))
    places, *_ = windows(y.shape, tuple(kernel), stride, pad, dilation)
    for o, (place, seen) in product(range(C), places.items()):
        first = o // (C // groups) * OCG
        for i, j, r, c in seen:
            y[:, first : first + OCG, r, c] += x[:, o, *place][:, None] * W[o, :, i, j]
    return y if b is None else y + b.reshape(1, -1, 1, 1)


def naive_conv1d(x, W, b=None, stride=1, pad=0, dilation=1, groups=1):
    pad = pad if pad == "same" else ((0, 0), two(pad))
    return naive_conv2d(x[:, :, None], W[:, :, None], b, (1, stride), pad, (1, dilation), groups)[:, :, 0]


def naive_im2col(x, kernel_size, stride=1, pad=0, to_matrix=True):
    places, OH, OW = windows(x.shape, kernel_size, stride, pad)
    y = np.zeros((*x.shape[:2], *two(kernel_size), OH, OW))
    for place, seen in places.items():
        for i, j, r, c in seen:
            y[:, :, i, j, *place] = x[:, :, r, c]
    rows = [y[n, ..., oh, ow].ravel() for n in range(len(y)) for oh in range(OH) for ow in range(OW)]
    return np.array(rows) if to_matrix else y


def naive_col2im(col, shape, kernel_size, stride=1, pad=0, to_matrix=True):
    places, OH, OW = windows(shape, kernel_size, stride, pad)
    KH, KW = two(kernel_size)
    y = np.zeros(shape)
    for n, ((oh, ow), seen) in product(range(shape[0]), places.items()):
        for i, j, r, c in seen:
            if to_matrix:
                y[n, :, r, c] += col[(n * OH + oh) * OW + ow].reshape(-1, KH, KW)[:, i, j]
            else:
                y[n, :, r, c] += col[n, :, i, j, oh, ow]
    return y


def naive_pooling(x, kernel_size, stride=1, pad=0, dilation=1, ceil_mode=False):
    if ceil_mode:
        pad = stick_out(x.shape, kernel_size, stride, pad, dilation)
    places, OH, OW = windows(x.shape, kernel_size, stride, pad, dilation)
    y = np.empty((*x.shape[:2], OH, OW))
    for place, seen in places.items():
        y[:, :, *place] = np.max([x[:, :, r, c] for _, _, r, c in seen], axis=0)
    return y


def stick_out(shape, kernel, stride, pad, dilation=1):
    """The padding with which the last window begins as late as it may, in the image or in front of it."""
    grown = []
    for n, k, s, d, (before, after) in zip(shape[2:], two(kernel), two(stride), two(dilation), sides(pad, kernel)):
        start = -before
        while start + d * (k - 1) < n + after - 1 and start + s < n:
            start += s
        grown.append((before, max(after, start + d * (k - 1) + 1 - n)))
    return tuple(grown)


def naive_average_pooling(x, kernel_size, stride=1, pad=0, count_include_pad=True, ceil_mode=False):
    """By the sums of ones: where they are counted."""
    grown = stick_out(x.shape, kernel_size, stride, pad) if ceil_mode else pad
    places, OH, OW = windows(x.shape, kernel_size, stride, grown)
    (top, bottom), (left, right) = sides(pad, two(kernel_size))
    counted = np.ones((1, 1, x.shape[2] + top + bottom, x.shape[3] + left + right))
    extra = tuple((0, g - p) for (_, g), (_, p) in zip(sides(grown, kernel_size), ((0, bottom), (0, right))))
    padded, *_ = windows(counted.shape, kernel_size, stride, extra)
    y = np.empty((*x.shape[:2], OH, OW))
    for place, seen in places.items():
        count = len(padded[place]) if count_include_pad else len(seen)
        y[:, :, *place] = sum(x[:, :, r, c] for _, _, r, c in seen) / count
    return y


def naive_adaptive(reduce):
    def pool(x, output_size):
        OH, OW = two(output_size)
        H, W = x.shape[2:]
        y = np.empty((*x.shape[:2], OH, OW))
        for i, j in product(range(OH), range(OW)):
            part = x[:, :, i * H // OH : (i * H + H + OH - 1) // OH, j * W // OW : (j * W + W + OW - 1) // OW]
            y[:, :, i, j] = reduce(part, axis=(2, 3))
        return y

    return pool


def naive_pixel_shuffle(x, r):
    N, C, H, W = x.shape
    y = np.empty((N, C // (r * r), H * r, W * r))
    for c, h, w in product(range(y.shape[1]), range(H * r), range(W * r)):
        y[:, c, h, w] = x[:, c * r * r + h % r * r + w % r, h // r, w // r]
    return y


def naive_pixel_unshuffle(x, r):
    N, C, H, W = x.shape
    y = np.empty((N, C * r * r, H // r, W // r))
    for c, h, w in product(range(C), range(H), range(W)):
        y[:, c * r * r + h % r * r + w % r, h // r, w // r] = x[:, c, h, w]
    return y


def naive_resize(x, size=None, scale=None, mode="nearest", align_corners=False):
    H, W = x.shape[2:]
    OH, OW = two(size) if scale is None else [int(n * s) for n, s in zip((H, W), two(scale))]
    ratios = (H / OH, W / OW) if scale is None else [1 / s for s in two(scale)]
    y = np.empty((*x.shape[:2], OH, OW))
    for i, j in product(range(OH), range(OW)):
        if mode == "nearest":
            y[:, :, i, j] = x[:, :, int(i * ratios[0] + 1e-9), int(j * ratios[1] + 1e-9)]
            continue
        if align_corners:
            r, c = [k * (n - 1) / (o - 1) if o > 1 else 0 for k, n, o in zip((i, j), (H, W), (OH, OW))]
        else:
            r, c = [max((k + 0.5) * q - 0.5, 0) for k, q in zip((i, j), ratios)]
        r0, c0 = int(r), int(c)
        r1, c1, u, v = min(r0 + 1, H - 1), min(c0 + 1, W - 1), r - r0, c - c0
        y[:, :, i, j] = (1 - u) * ((1 - v) * x[:, :, r0, c0] + v * x[:, :, r0, c1]) + u * (
            (1 - v) * x[:, :, r1, c0] + v * x[:, :, r1, c1])  # fmt: skip
    return y


def torch_conv2d(t, x, W, b=None, stride=1, pad=0, dilation=1, groups=1):
    (top, bottom), (left, right) = sides(pad, tuple(W.shape[2:]), dilation)
    x = t.nn.functional.pad(x, (left, right, top, bottom))
    return t.nn.functional.conv2d(x, W, b, stride, 0, dilation, groups)


def torch_deconv2d(t, x, W, b=None, stride=1, pad=0, outsize=None, dilation=1, groups=1):
    full = t.nn.functional.conv_transpose2d(x, W, b, stride, 0, 0, groups, dilation)
    (top, bottom), (left, right) = sides(pad, tuple(W.shape[2:]), dilation)
    OH, OW = (full.shape[2] - top - bottom, full.shape[3] - left - right) if outsize is None else outsize
    return full[:, :, top : top + OH, left : left + OW]


def torch_im2col(t, x, kernel_size, stride=1, pad=0, to_matrix=True):
    col = t.nn.functional.unfold(x, kernel_size, 1, pad, stride)  # (N, C KH KW, OH OW)
    if to_matrix:
        return col.transpose(1, 2).reshape(-1, col.shape[1])
    (KH, KW), (SH, SW) = two(kernel_size), two(stride)
    return col.reshape(*x.shape[:2], KH, KW, (x.shape[2] - KH) // SH + 1, (x.shape[3] - KW) // SW + 1)


def torch_resize(t, x, size=None, scale=None, mode="nearest", align_corners=False):
    align = {} if mode == "nearest" else {"align_corners": align_corners}
    return t.nn.functional.interpolate(x, size, scale, mode, **align)


ones = np.ones
IMAGE = (2, 2, 5, 4)

ROWS = [
    Op(F.conv2d, naive_conv2d,
       [at((2, 3, 4, 5), (2, 3, 3, 2), (2,), stride=(2, 1), pad=1), at((1, 2, 3, 3), (1, 2, 3, 3)),
        at((2, 4, 5, 4), (6, 2, 2, 3), (6,), dilation=(2, 1), groups=2, pad=(0, 1)),
        at((1, 2, 4, 3), (2, 2, 2, 3), (2,), pad="same"),
        at((1, 2, 6, 5), (2, 1, 2, 2), groups=2, pad="same", dilation=3),
        at((1, 1, 3, 4), (2, 1, 2, 2), pad=((0, 2), (1, 0)), stride=2), at((2, 3, 2, 2), (2, 3, 1, 1), (2,)),
        at((0, 2, 3, 3), (2, 2, 2, 2), (2,))],
       torch=torch_conv2d,
       errors=[
           refused(ones((1, 1, 3, 3)), ones((1, 1, 5, 5)), text=
               "conv2d: the kernel (5, 5) is larger than the padded image: "
               "OH = (H + 2 PH - KH) // SH + 1 = (3 + 2*0 - 5) // 1 + 1 = -1"),
           refused(ones((1, 1, 6, 3)), ones((1, 1, 2, 2)), pad=((0, 0), (0, 1)), dilation=4, stride=2,
                   text="OW = (W + left + right - DW (KW - 1) - 1) // SW + 1 = "
                        "(3 + 0 + 1 - 4*(2 - 1) - 1) // 2 + 1 = 0"),
           refused(ones((2, 3, 5, 5)), ones((8, 4, 3, 3)), text=
               "conv2d: x of shape (2, 3, 5, 5) has 3 channels, but W of shape (8, 4, 3, 3) takes 4"),
           refused(ones((2, 3, 5, 5)), ones((8, 2, 3, 3)), groups=2, text="takes 4 in 2 groups"),
           refused(ones((2, 6, 5, 5)), ones((8, 2, 3, 3)), groups=3,
                   text="conv2d expects groups to divide W.shape[0] = 8, got 3"),
           refused(ones((2, 3, 5, 5)), ones((8, 3, 3, 3)), groups=0, text="groups"),
           refused(ones((3, 5, 5)), ones((8, 3, 3, 3)),
                   text="conv2d expects x of shape (N, C, H, W), got (3, 5, 5)"),
           refused(ones((2, 3, 5, 5)), ones((8, 3)),
                   text="conv2d expects W of shape (OC, C, KH, KW), got (8, 3)"),
           refused(ones((2, 3, 5, 5)), ones((8, 3, 3, 3)), ones(3),
                   text="conv2d expects b of shape (8,), one number for each output channel, got (3,)"),
           refused(ones((2, 3, 5, 5)), ones((8, 3, 3, 3)), ones((1, 8)),
                   text="conv2d expects b of shape (OC,), got (1, 8)"),
           refused(ones((2, 3, 5, 5)), ones((8, 3, 3, 3)), stride=-1,
                   text="conv2d expects stride to be at least 1, got -1"),
           refused(ones((2, 3, 5, 5)), ones((8, 3, 3, 3)), stride=1.5,
                   text="conv2d expects an integer or two of them as stride, got 1.5"),
           refused(ones((2, 3, 5, 5)), ones((8, 3, 3, 3)), pad=(1, -1),
                   text="conv2d expects pad to be at least 0, got (1, -1)"),
           refused(ones((2, 3, 5, 5)), ones((8, 3, 3, 3)), dilation=0, text="dilation to be at least 1"),
           refused(ones((2, 3, 5, 5)), ones((8, 3, 3, 3)), pad="same", stride=2,
                   text='conv2d expects numbers or, with stride 1, "same" as pad'),
           error("image", ones((8, 3, 3, 3)), kind=TypeError, text="conv2d expected a Variable, an array")]),
    Op(F.conv2d_simple, naive_conv2d, [at((2, 3, 4, 5), (2, 3, 3, 2), (2,), stride=(2, 1), pad=1),
                                       at((1, 2, 3, 3), (1, 2, 3, 3))],
       torch=torch_conv2d,
       errors=[
           refused(ones((1, 1, 3, 3)), ones((1, 1, 5, 5)), text="(3 + 2*0 - 5) // 1 + 1 = -1"),
           refused(ones((2, 3, 5, 5)), ones((8, 4, 3, 3)), text="has 3 channels")]),
    Op(F.conv1d, naive_conv1d,
       [at((2, 4, 6), (4, 2, 3), (4,), stride=2, pad=1, groups=2), at((1, 2, 5), (2, 2, 2), pad="same"),
        at((1, 1, 5), (1, 1, 2), pad=(2, 0), dilation=3)],
       torch=lambda t, x, W, b=None, pad=0, **o: t.nn.functional.conv1d(
           t.nn.functional.pad(x, sides((0, pad) if pad != "same" else pad, (1, W.shape[2]))[1]), W, b, **o),
       errors=[
           refused(ones((1, 1, 3)), ones((1, 1, 5)), pad=(0, 1), text=
               "conv1d: the kernel 5 is larger than the padded image: "
               "OL = (L + left + right - KL) // SL + 1 = (3 + 0 + 1 - 5) // 1 + 1 = 0"),
           refused(ones((1, 1, 3, 3)), ones((1, 1, 5)), text="conv1d expects x of shape (N, C, L)"),
           refused(ones((1, 1, 3)), ones((1, 2, 3)), text="has 1 channels"),
           refused(ones((1, 1, 3)), ones((1, 1, 3)), pad="full", text="conv1d expects numbers")]),
    Op(F.deconv2d, naive_deconv2d,
       [at((2, 3, 3, 2), (3, 2, 2, 3), (2,), stride=(2, 1), pad=(0, 1)), at((1, 2, 2, 2), (2, 1, 2, 2)),
        at((1, 4, 2, 3), (4, 2, 2, 2), (4,), groups=2, dilation=(1, 2), stride=2),
        at((1, 2, 3, 3), (2, 1, 3, 3), stride=2, pad=1, outsize=(6, 5)), at((1, 1, 4, 4), (1, 2, 2, 3), pad="same"),
        at((1, 1, 2, 3), (1, 2, 3, 3), pad=((0, 2), (1, 0)), stride=3), at((0, 2, 2, 2), (2, 1, 2, 2), (1,))],
       torch=torch_deconv2d,
       errors=[
           refused(ones((1, 1, 3, 3)), ones((1, 1, 2, 2)), outsize=7, text=
               "deconv2d: a convolution of an image of outsize (7, 7) gives (6, 6), but x has (3, 3); "
               "outsize must be from (4, 4) to (4, 4)"),
           refused(ones((1, 1, 1, 1)), ones((1, 1, 2, 2)), pad=1, text=
               "deconv2d: the padding leaves nothing of the image: "
               "OH = SH (H - 1) + KH - pad = 1*(1 - 1) + 2 - 2 = 0"),
           refused(ones((1, 2, 3, 3)), ones((3, 1, 2, 2)), text=
               "deconv2d: x of shape (1, 2, 3, 3) has 2 channels, but W of shape (3, 1, 2, 2) takes 3"),
           refused(ones((1, 3, 3, 3)), ones((3, 1, 2, 2)), ones(3), text="deconv2d expects b of shape (1,)"),
           refused(ones((1, 3, 3, 3)), ones((3, 1, 2, 2)), groups=2, text="groups to divide"),
           refused(ones((1, 3, 3)), ones((3, 1, 2, 2)), text="deconv2d expects x of shape (N, C, H, W)")]),
    Op(F.im2col, naive_im2col,
       [at((2, 2, 4, 3), fixed((3, 2)), 1, 1), at((1, 2, 5, 5), 2, stride=(2, 3), to_matrix=False)],
       torch=torch_im2col, exact=True,
       errors=[
           refused(ones((1, 1, 3, 3)), 5, text="im2col: the kernel (5, 5) is larger"),
           refused(ones((3, 3)), 2, text="im2col expects x of shape (N, C, H, W), got (3, 3)")]),
    Op(F.col2im, naive_col2im,
       [at((6, 8), fixed((1, 2, 3, 4)), 2), at((4, 4), fixed((1, 1, 2, 2)), 2, stride=2, pad=1),
        at((1, 2, 3, 2, 2, 2), fixed((1, 2, 4, 4)), fixed((3, 2)), stride=(1, 3), pad=((0, 0), (1, 0)),
           to_matrix=False)],
       errors=[
           refused(ones((4, 5)), (1, 1, 3, 3), 2, text=
               "col2im expects col of shape (4, 4) for images of shape (1, 1, 3, 3), got (4, 5)"),
           refused(ones((4, 4)), (1, 1, 1, 3), 2, text="col2im: the kernel (2, 2) is larger")]),
    Op(F.pooling, naive_pooling,
       [at(IMAGE, 2, stride=2), at(IMAGE, fixed((3, 2)), pad=1),
        at(IMAGE, fixed((2, 3)), stride=2, pad=(1, 0), ceil_mode=True),
        at(IMAGE, 2, dilation=(3, 2), pad=1), at((1, 1, 3, 3), 1, stride=2, ceil_mode=True), at((0, 1, 2, 2), 2)],
       torch=lambda t, x, k, stride=1, pad=0, **o: t.nn.functional.max_pool2d(x, k, stride, pad, **o), exact=True,
       errors=[
           refused(ones((1, 1, 3, 3)), 4, text="pooling: the kernel (4, 4) is larger"),
           refused(ones((1, 1, 3, 3)), 2, pad=2,
                   text="pooling: the window (2, 2) sees only padding at some places"),
           refused(ones((3, 3)), 2, text="pooling expects x of shape (N, C, H, W), got (3, 3)"),
           refused(ones((1, 1, 3, 3)), 0, text="pooling expects kernel_size to be at least 1, got 0")]),
    Op(F.pooling, naive_pooling, [at((1, 1, 4, 4), fixed((2, 3)), pad=((0, 1), (1, 0)), stride=2)], name="asymmetric"),
    Op(F.pooling_simple, naive_pooling, [at(IMAGE, 2, stride=2), at(IMAGE, fixed((3, 2)), pad=1)],
       torch=lambda t, x, k, stride=1, pad=0: t.nn.functional.max_pool2d(x, k, stride, pad),
       errors=[
           refused(ones((1, 1, 3, 3)), 4, text="pooling_simple: the kernel (4, 4) is larger"),
           refused(ones((3, 3)), 2, text="pooling_simple expects x")]),
    Op(F.average_pooling, naive_average_pooling,
       [at(IMAGE, fixed((3, 2)), stride=(1, 2), pad=1), at(IMAGE, 2, stride=2, count_include_pad=False, pad=1),
        at(IMAGE, 3, stride=2, pad=1, ceil_mode=True),
        at(IMAGE, 2, stride=3, pad=1, ceil_mode=True, count_include_pad=False),
        at((0, 1, 2, 2), 2)],
       torch=lambda t, x, k, stride=1, pad=0, count_include_pad=True, ceil_mode=False: t.nn.functional.avg_pool2d(
           x, k, stride, pad, ceil_mode, count_include_pad),
       errors=[
           refused(ones((1, 1, 3, 3)), 4, text="average_pooling: the kernel (4, 4) is larger"),
           refused(ones((1, 1, 3, 3)), 2, pad=2, count_include_pad=False, text="sees only padding"),
           refused(ones((3, 3)), 2, text="average_pooling expects x of shape (N, C, H, W), got (3, 3)")]),
    Op(F.adaptive_average_pooling, naive_adaptive(np.mean),
       [at(IMAGE, fixed((3, 2))), at(IMAGE, 1), at((1, 1, 2, 3), 4)],
       torch=lambda t, x, size: t.nn.functional.adaptive_avg_pool2d(x, size),
       errors=[
           refused(ones((1, 1, 3, 3)), 0, text="adaptive_average_pooling expects output_size"),
           refused(ones((1, 1, 0, 3)), 1, text="adaptive_average_pooling expects images with pixels")]),
    Op(F.adaptive_max_pooling, naive_adaptive(np.max), [at(IMAGE, fixed((3, 2))), at(IMAGE, 1), at((1, 1, 2, 3), 4)],
       torch=lambda t, x, size: t.nn.functional.adaptive_max_pool2d(x, size), exact=True,
       errors=[
           refused(ones((3, 3)), 1, text="adaptive_max_pooling expects x")]),
    Op(F.global_average_pooling, lambda x, keepdims=False: x.mean((2, 3), keepdims=keepdims),
       [at(IMAGE), at(IMAGE, keepdims=True)],
       torch=lambda t, x, keepdims=False: t.mean(x, (2, 3), keepdim=keepdims),
       errors=[
           refused(ones((3, 3)), text="global_average_pooling expects x")]),
    Op(F.global_max_pooling, lambda x, keepdims=False: x.max((2, 3), keepdims=keepdims),
       [at(IMAGE), at(IMAGE, keepdims=True)],
       torch=lambda t, x, keepdims=False: t.amax(x, (2, 3), keepdim=keepdims), exact=True,
       errors=[
           refused(ones((3, 3)), text="global_max_pooling expects x")]),
    Op(F.pixel_shuffle, naive_pixel_shuffle, [at((2, 4, 2, 3), 2), at((1, 9, 1, 1), 3)],
       torch=lambda t, x, r: t.nn.functional.pixel_shuffle(x, r), exact=True,
       errors=[
           refused(ones((1, 3, 2, 2)), 2, text="pixel_shuffle expects a number of channels that")]),
    Op(F.pixel_unshuffle, naive_pixel_unshuffle, [at((2, 1, 4, 6), 2), at((1, 2, 3, 3), 3)],
       torch=lambda t, x, r: t.nn.functional.pixel_unshuffle(x, r), exact=True,
       errors=[
           refused(ones((1, 3, 2, 3)), 2, text="pixel_unshuffle expects an image whose sizes r divides")]),
    Op(F.resize, naive_resize,
       [at((2, 1, 3, 4), fixed((5, 7)), mode="bilinear"), at((1, 2, 5, 4), fixed((2, 3)), mode="bilinear"),
        at((1, 1, 3, 4), fixed((5, 1)), mode="bilinear", align_corners=True),
        at((1, 2, 3, 3), scale=(2.5, 0.7), mode="bilinear"),
        at((1, 1, 3, 4), fixed((7, 3))), at((1, 1, 3, 2), scale=2), at((1, 1, 3, 4), scale=0.5), at((1, 1, 1, 1), 3)],
       torch=torch_resize,
       errors=[
           refused(ones((1, 1, 3, 3)), text="resize expects either size or scale, got size=None and scale=None"),
           refused(ones((1, 1, 3, 3)), 2, mode="cubic", text="resize expects mode"),
           refused(ones((1, 1, 3, 3)), 2, align_corners=True, text="resize expects mode"),
           refused(ones((1, 1, 3, 3)), scale=0.1, text="resize expects the size to be at least 1, got"),
           refused(ones((3, 3)), 2, text="resize expects x of shape (N, C, H, W), got (3, 3)")]),
]  # fmt: skip
