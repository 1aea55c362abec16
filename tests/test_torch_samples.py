"""PyTorch's own sample inputs, said in our API: value, gradient and second gradient of each against PyTorch in float64.

The operator database inside the installed PyTorch lists its operations with the inputs that PyTorch tests them on. A
row of `SAYS` tells how one of them is said with `dezero.functions`; a sample that uses what we do not offer is left out
by raising `NotOffered`. `test_enough_is_covered` states how much is compared.
"""

from __future__ import annotations

import itertools
import math
import sys
import types
import unittest
import warnings

import numpy as np
import pytest

import dezero.functions as F
from dezero import Variable, grad, using_config

torch = pytest.importorskip("torch", reason="torch is not installed: its samples are left out")
SDPBackend, sdpa_kernel = torch.nn.attention.SDPBackend, torch.nn.attention.sdpa_kernel

MAX_SAMPLES = 40  # of one entry


class NotOffered(Exception):
    """The sample asks for something that our API does not have."""


def load_database() -> dict:
    """PyTorch's operators by name; its test module wants `expecttest`, of which nothing is used here."""
    if "expecttest" not in sys.modules:
        stub = types.ModuleType("expecttest")
        stub.TestCase = unittest.TestCase
        stub.assert_expected_inline = lambda *args, **kwargs: None
        sys.modules["expecttest"] = stub
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from torch.testing._internal.common_methods_invocations import op_db
    return {f"{op.name}:{op.variant_test_name}" if op.variant_test_name else op.name: op for op in op_db}


# -- how PyTorch's arguments are said here ---------------------------------------------------------


def refuse(options: dict, **harmless: object) -> None:
    """Leave the sample out if it has options other than the harmless values."""
    for key, value in options.items():
        if key not in harmless or harmless[key] != value:
            raise NotOffered(f"{key}={value}")


def plain(name: str):
    """F's function of that name, with the same positional arguments and no options."""

    def say(*args, **options):
        refuse(options)
        return getattr(F, name.removeprefix("nn.functional."))(*args)

    return say


def renamed(name: str, *positional: str, **names: str):
    """F's function with PyTorch's option names translated; positional names those of further arguments."""

    def say(x, *args, **options):
        options = dict(zip(positional, args)) | options
        return getattr(F, name)(x, **{names.get(key, key): value for key, value in options.items()})

    return say


def reduction(name: str):
    def say(x, dim=None, keepdim=False, **options):
        refuse(options, dtype=None)
        dim = None if isinstance(dim, (tuple, list)) and not dim else dim
        return getattr(F, name)(x, axis=tuple(dim) if isinstance(dim, list) else dim, keepdims=keepdim)

    return say


def spread(name: str):
    """var and std: correction is ddof."""

    def say(x, dim=None, unbiased=None, keepdim=False, correction=None, **options):
        refuse(options)
        if isinstance(dim, bool):
            dim, unbiased = None, dim
        dim = None if isinstance(dim, (tuple, list)) and not dim else dim
        ddof = correction if correction is not None else 1 if unbiased is None else int(unbiased)
        counts = [x.shape[d] for d in (range(x.ndim) if dim is None else [dim] if isinstance(dim, int) else dim)]
        if math.prod(counts) <= ddof:
            raise NotOffered("NaN by division by 0")
        return getattr(F, name)(x, axis=tuple(dim) if isinstance(dim, list) else dim, ddof=ddof, keepdims=keepdim)

    return say


def flat(sizes: tuple) -> tuple:
    return tuple(sizes[0]) if len(sizes) == 1 and isinstance(sizes[0], (tuple, list)) else tuple(sizes)


def scaled(x, alpha):
    return x if alpha == 1 else x * alpha


def add(x, y, alpha=1, **options):
    refuse(options)
    return F.add(x, scaled(y, alpha))


def sub(x, y, alpha=1, **options):
    refuse(options)
    return F.sub(x, scaled(y, alpha))


def split(x, size, dim=0):
    n = x.shape[dim]
    sizes = [size] * math.ceil(n / size) if isinstance(size, int) else size
    return F.split(x, list(itertools.accumulate(sizes))[:-1], axis=dim)


def chunk(x, chunks, dim=0):
    return split(x, max(1, math.ceil(x.shape[dim] / chunks)), dim)


def tensor_split(x, sections, dim=0):
    if isinstance(sections, np.ndarray):
        sections = sections.tolist()
    if isinstance(sections, int):
        n, rest = divmod(x.shape[dim], sections)
        sections = list(itertools.accumulate([n + 1] * rest + [n] * (sections - rest)))[:-1]
    return F.split(x, [s if s >= 0 else s + x.shape[dim] for s in sections], axis=dim)


def pad(x, widths, mode="constant", value=None):
    modes = {"constant": "constant", "reflect": "reflect", "replicate": "edge"}
    if mode not in modes or min(widths, default=0) < 0:
        raise NotOffered(mode)
    pairs = [(0, 0)] * (x.ndim - len(widths) // 2) + list(zip(widths[-2::-2], widths[::-2]))
    options = {"constant_values": value or 0} if mode == "constant" else {}
    return F.pad(x, pairs, mode=modes[mode], **options)


def index_along(x, dim, index):
    return (slice(None),) * (dim % max(x.ndim, 1)) + (index,)


def mean_options(options: dict) -> str:
    refuse({k: v for k, v in options.items() if k != "reduction"}, size_average=None, reduce=None)
    return options.get("reduction", "mean")


def elementwise_loss(loss):
    """A loss of (x, t) by PyTorch's reduction over all elements."""

    def say(x, t, **options):
        how = mean_options({k: v for k, v in options.items() if k not in ("delta", "beta")})
        y = loss(x, t, **{k: v for k, v in options.items() if k in ("delta", "beta")})
        return {"none": lambda: y, "sum": lambda: F.sum(y), "mean": lambda: F.mean(y)}[how]()

    return say


def cross_entropy(x, t, weight=None, ignore_index=-100, label_smoothing=0.0, **options):
    how = mean_options(options)
    if x.ndim == 1 or not isinstance(t, np.ndarray) or t.dtype.kind == "f":
        raise NotOffered("no batch, or soft labels")
    if isinstance(weight, Variable):
        weight = weight.data
    if how == "mean" and not (t != ignore_index).any():
        raise NotOffered("0 / 0")
    return F.softmax_cross_entropy(
        x, t, weight=weight, ignore_index=ignore_index, label_smoothing=label_smoothing, reduction=how
    )


def nll_loss(x, t, weight=None, ignore_index=-100, **options):
    how = mean_options(options)
    if x.ndim == 1 or (how == "mean" and not (t != ignore_index).any()):
        raise NotOffered("no batch, or 0 / 0")
    weight = weight.data if isinstance(weight, Variable) else weight
    return F.nll_loss(x, t, weight=weight, ignore_index=ignore_index, reduction=how)


def batch_norm(x, mean, var, weight=None, bias=None, training=False, momentum=0.1, eps=1e-5):
    if x.ndim < 2:
        raise NotOffered("no channels")
    data = [v.data.copy() if isinstance(v, Variable) else v for v in (mean, var)]
    if momentum is None or (not training and mean is None):
        raise NotOffered("no running statistics")
    with using_config("train", training):
        return F.batch_norm(x, weight, bias, *data, decay=1 - momentum, eps=eps)


def layer_norm(x, shape, weight=None, bias=None, eps=1e-5):
    return F.layer_norm(x, weight, bias, axis=tuple(range(-len(shape), 0)), eps=eps)


def group_norm(x, groups, weight=None, bias=None, eps=1e-5):
    return F.group_norm(x, groups, weight, bias, eps=eps)


def instance_norm(x, weight=None, bias=None, use_input_stats=True, eps=1e-5, **options):
    if not use_input_stats:
        raise NotOffered("running statistics")
    return F.instance_norm(x, weight, bias, eps=eps)


def rms_norm(x, shape, weight=None, eps=None):
    return F.rms_norm(x, weight, axis=tuple(range(-len(shape), 0)), eps=eps)


def conv(name: str):
    def say(x, W, b=None, stride=1, padding=0, dilation=1, groups=1, **options):
        refuse(options)
        n = W.ndim - 2
        if x.ndim != W.ndim or padding == "valid":
            raise NotOffered("no batch")
        if padding == "same" and any(k % 2 == 0 for k in W.shape[2:]):
            raise NotOffered("same with an even kernel")
        pick = lambda v: v[0] if n == 1 and isinstance(v, (tuple, list)) else v if n == 1 else pair(v)  # noqa: E731
        pad = padding if isinstance(padding, str) else pick(padding)
        return getattr(F, name)(x, W, b, stride=pick(stride), pad=pad, dilation=pick(dilation), groups=groups)

    return say


def conv_transpose(x, W, b=None, stride=1, padding=0, output_padding=0, groups=1, dilation=1):
    if x.ndim != 4:
        raise NotOffered("no batch")
    s, p, o, d = (pair(v) for v in (stride, padding, output_padding, dilation))
    if o[0] >= s[0] or o[1] >= s[1]:
        raise NotOffered("an output that no convolution with this stride takes back")
    out = tuple(s[i] * (x.shape[2 + i] - 1) + d[i] * (W.shape[2 + i] - 1) + 1 - 2 * p[i] + o[i] for i in range(2))
    return F.deconv2d(x, W, b, stride=s, pad=p, outsize=out, dilation=d, groups=groups)


def pair(v):
    if isinstance(v, (tuple, list)):
        return tuple(v) * 2 if len(v) == 1 else tuple(v)
    return (v, v)


def max_pool(x, kernel_size, stride=None, padding=0, dilation=1, ceil_mode=False, return_indices=False):
    if x.ndim != 4 or return_indices:
        raise NotOffered("no batch, or indices wanted")
    stride = pair(stride or kernel_size)
    return F.pooling(x, pair(kernel_size), stride, pair(padding), ceil_mode=ceil_mode, dilation=pair(dilation))


def avg_pool(x, kernel_size, stride=None, padding=0, ceil_mode=False, count_include_pad=True, divisor_override=None):
    if x.ndim != 4 or divisor_override is not None:
        raise NotOffered("no batch")
    stride = pair(stride or kernel_size)
    return F.average_pooling(
        x, pair(kernel_size), stride, pair(padding), count_include_pad=count_include_pad, ceil_mode=ceil_mode
    )


def adaptive(name: str):
    def say(x, size, return_indices=False):
        if x.ndim != 4 or return_indices:
            raise NotOffered("no batch")
        size = tuple(x.shape[2 + i] if s is None else s for i, s in enumerate(pair(size)))
        return getattr(F, name)(x, size)

    return say


def interpolate(x, size=None, scale_factor=None, mode="nearest", align_corners=None, **options):
    refuse(options, recompute_scale_factor=None, antialias=False)
    if x.ndim != 4 or size is None:
        raise NotOffered("only pictures, by size")
    size = pair(size)
    return F.resize(x, size, mode=mode, **({"align_corners": bool(align_corners)} if mode == "bilinear" else {}))


def attention(q, k, v, attn_mask=None, dropout_p=0.0, is_causal=False, **options):
    refuse(options, scale=None, enable_gqa=False)
    if dropout_p:
        raise NotOffered("random")
    return F.scaled_dot_product_attention(q, k, v, mask=attn_mask, causal=is_causal)


def norm(x, p=2, dim=None, keepdim=False, **options):
    refuse(options, dtype=None)
    if p in (0, "fro", "nuc") or p is None or p < 1:
        raise NotOffered(p)
    dim = None if isinstance(dim, (tuple, list)) and not dim else dim
    return F.norm(x, ord=p, axis=tuple(dim) if isinstance(dim, list) else dim, keepdims=keepdim)


def vector_norm(x, ord=2, dim=None, keepdim=False, **options):
    return norm(x, ord, dim, keepdim, **options)


def solve(A, B, left=True, **options):
    refuse(options)
    if not left or (B.ndim == A.ndim - 1 and B.ndim > 1):
        raise NotOffered("from the right, or stacks of vectors, which NumPy does not know")
    return F.solve(A, B)


def scatter_add(x, dim, index, src):
    if index.ndim != x.ndim or index.shape != src.shape:
        raise NotOffered("part of src")
    return F.scatter_add(x, dim, index, src)


def gather(x, dim, index, **options):
    refuse(options, sparse_grad=False)
    if index.ndim != x.ndim or x.ndim == 0 or any(i != n for d, (i, n) in enumerate(zip(index.shape, x.shape))
                                                   if d != dim % x.ndim):  # fmt: skip
        raise NotOffered("other sizes")
    return F.take_along_axis(x, index, dim)


def not_offered(why: str):
    raise NotOffered(why)


def clamp(x, low, high):
    if all(b is None or isinstance(b, (int, float)) for b in (low, high)):
        return F.clip(x, low, high)
    x = x if low is None else F.maximum(x, low)
    return x if high is None else F.minimum(x, high)


def with_axes(say):
    """Leave out tensors without axes, which PyTorch lets have an axis 0 all the same."""

    def on_axes(x, *args, **options):
        return say(x, *args, **options) if x.ndim else not_offered("0-d")

    return on_axes


def take_along_dim(x, index, dim=None):
    return F.take_along_axis(x, index.ravel() if dim is None else index, dim)


def mean_like(x, dim=None, *args, keepdim=False, **options):
    dim = None if isinstance(dim, bool) or (isinstance(dim, (tuple, list)) and not dim) else dim
    keepdim = keepdim or (len(args) > 1 and args[1])
    return F.mean(x, axis=tuple(dim) if isinstance(dim, list) else dim, keepdims=keepdim)


def flatten(x, start, end):
    shape, n = x.shape, max(x.ndim, 1)
    start, end = start % n, end % n
    return F.reshape(x, (*shape[:start], math.prod(shape[start : end + 1]), *shape[end + 1 :]))


def unflattened(x, dim, sizes):
    dim %= x.ndim
    known = math.prod(n for n in sizes if n != -1)
    sizes = [x.shape[dim] // known if n == -1 else n for n in sizes]
    return (*x.shape[:dim], *sizes, *x.shape[dim + 1 :])


def squeeze(x, dim=None):
    dims = range(x.ndim) if dim is None else [dim] if isinstance(dim, int) else dim
    return F.squeeze(x, axis=tuple(d for d in dims if x.ndim and x.shape[d] == 1))


def expanded(x, sizes):
    lead = len(sizes) - x.ndim
    return tuple(x.shape[i - lead] if n == -1 else n for i, n in enumerate(sizes))


def joinable(xs):
    if len({x.ndim for x in xs}) > 1:
        raise NotOffered("PyTorch skips empty tensors")
    return xs


def rows(xs, ndim):
    xs = list(xs[0]) if len(xs) == 1 and isinstance(xs[0], (tuple, list)) else list(xs)
    return [F.reshape(x, (1,) * (ndim - x.ndim) + x.shape) for x in xs]


def multi_dot(xs):
    product = xs[0]
    for x in xs[1:]:
        product = product @ x
    return product


def logdet(x):
    sign, logarithm = F.slogdet(x)
    if np.any(sign.data <= 0):
        raise NotOffered("NaN of a negative determinant")
    return logarithm


def tensordot(x, y, dims=2):
    if not isinstance(dims, int) and any(x.shape[i] != y.shape[j] for i, j in zip(*dims)):
        raise NotOffered("axes of size 1 broadcast")
    return F.tensordot(x, y, axes=dims)


def embedding(W, ids, **options):
    refuse(options, padding_idx=None, max_norm=None, scale_grad_by_freq=False, sparse=False, norm_type=2.0)
    return F.embed_id(ids, W)


OURS = {"abs": "absolute", "acos": "arccos", "asin": "arcsin", "atan": "arctan", "sgn": "sign",
        "nn.functional.hardswish": "hard_swish", "nn.functional.logsigmoid": "log_sigmoid"}  # fmt: skip

SAYS = {
    **{name: plain(OURS.get(name, name)) for name in (
        "abs", "acos", "asin", "atan", "ceil", "cos", "cosh", "erf", "exp", "exp2", "expm1", "floor", "log", "log10",
        "log1p", "log2", "neg", "reciprocal", "sgn", "sigmoid", "sign", "sin", "sinh", "sqrt", "square", "tan", "tanh",
        "maximum", "minimum", "outer", "lerp", "trace", "ravel", "nn.functional.relu", "nn.functional.relu6",
        "nn.functional.selu", "nn.functional.silu", "nn.functional.mish", "nn.functional.softsign",
        "nn.functional.tanhshrink", "nn.functional.hardswish", "nn.functional.logsigmoid",
        "nn.functional.prelu",
    )},
    "nn.functional.elu": renamed("elu", "alpha"),
    "nn.functional.celu": renamed("celu", "alpha"),
    "nn.functional.leaky_relu": lambda x, negative_slope=0.01: F.leaky_relu(x, negative_slope),
    "nn.functional.linear": lambda x, W, b=None: F.linear(x, F.transpose(W), b),
    "nn.functional.softplus": renamed("softplus", "beta", "threshold"),
    "nn.functional.gelu": renamed("gelu"),
    "nn.functional.glu": renamed("glu", "axis", dim="axis"),
    "nn.functional.hardtanh": lambda x, min_val=-1.0, max_val=1.0: F.hardtanh(x, min_val, max_val),
    "nn.functional.softmin": with_axes(renamed("softmin", "axis", dim="axis")),
    "nn.functional.threshold": lambda x, threshold, value: F.where(x.data > threshold, x, value),
    "softmax": with_axes(renamed("softmax", "axis", dim="axis")),
    "log_softmax": with_axes(renamed("log_softmax", "axis", dim="axis")),
    "positive": lambda x: +x,
    "round": plain("round"),
    "rsqrt": lambda x: 1 / F.sqrt(x),
    "deg2rad": lambda x: x * (math.pi / 180),
    "rad2deg": lambda x: x * (180 / math.pi),
    "logit": lambda x, eps=None: F.log(x / (1 - x)) if eps is None else F.log(F.clip(x, eps, 1 - eps)) - F.log(
        1 - F.clip(x, eps, 1 - eps)),
    "clone": lambda x, **k: F.astype(x, x.dtype),
    "add": add, "sub": sub, "mul": plain("mul"), "div:no_rounding_mode": lambda x, y, **k: F.div(x, y),
    "true_divide": plain("div"), "div:floor_rounding": lambda x, y, **k: F.floor_divide(x, y),
    "floor_divide": plain("floor_divide"), "remainder": plain("mod"), "pow": plain("power"),
    "float_power": plain("power"), "max:binary": plain("maximum"), "min:binary": plain("minimum"),
    "atan2": plain("arctan2"), "rsub": lambda x, y, alpha=1: F.sub(y, scaled(x, alpha)),
    "__radd__": lambda x, y: y + x, "__rsub__": lambda x, y: y - x, "__rmul__": lambda x, y: y * x,
    "__rdiv__": lambda x, y: y / x, "__rpow__": lambda x, y: y**x, "__rmod__": lambda x, y: y % x,
    "__rmatmul__": lambda x, y: y @ x,
    "addcmul": lambda x, a, b, value=1: x + a * b * value,
    "addcdiv": lambda x, a, b, value=1: x + a / b * value,
    "hypot": lambda x, y: F.sqrt(x * x + y * y),
    "logaddexp": lambda x, y: F.logsumexp(F.stack([F.broadcast_to(x, np.broadcast_shapes(x.shape, y.shape)),
                                                   F.broadcast_to(y, np.broadcast_shapes(x.shape, y.shape))]), axis=0),
    "where": lambda x, c, y: F.where(c, x, y),
    "masked_fill": lambda x, mask, value: F.where(mask, value, x),
    "clamp": lambda x, low=None, high=None, **k: clamp(x, k.get("min", low), k.get("max", high)),
    "clamp_min": lambda x, low: clamp(x, low, None), "clamp_max": lambda x, high: clamp(x, None, high),
    "sum": reduction("sum"), "mean": reduction("mean"), "prod": reduction("prod"),
    "amax": reduction("max"), "amin": reduction("min"),
    "max:reduction_no_dim": reduction("max"), "min:reduction_no_dim": reduction("min"),
    "argmax": reduction("argmax"), "argmin": reduction("argmin"),
    "logsumexp": with_axes(reduction("logsumexp")), "var": spread("var"), "std": spread("std"),
    "var:unbiased": spread("var"), "std:unbiased": spread("std"),
    "var_mean": lambda *a, **k: [spread("var")(*a, **k), mean_like(*a, **k)],
    "std_mean": lambda *a, **k: [spread("std")(*a, **k), mean_like(*a, **k)],
    "cumsum": with_axes(renamed("cumsum", "axis", dim="axis")),
    "cumprod": with_axes(renamed("cumprod", "axis", dim="axis")),
    "norm": norm, "linalg.vector_norm": vector_norm,
    "dist": lambda x, y, p=2: norm(x - y, p),
    "reshape": lambda x, *s: F.reshape(x, flat(s)), "view": lambda x, *s: F.reshape(x, flat(s)),
    "view_copy": lambda x, *s: F.reshape(x, flat(s)),
    "reshape_as": lambda x, y: F.reshape(x, y.shape), "view_as": lambda x, y: F.reshape(x, y.shape),
    "permute": lambda x, *d: F.transpose(x, flat(d)), "permute_copy": lambda x, *d: F.transpose(x, flat(d)),
    "transpose": with_axes(plain("swapaxes")), "transpose_copy": with_axes(plain("swapaxes")),
    "t": lambda x: F.transpose(x),
    "t_copy": lambda x: F.transpose(x), "T": lambda x: x.T, "mT": lambda x: F.swapaxes(x, -1, -2),
    "movedim": plain("moveaxis"),
    "flatten": lambda x, start_dim=0, end_dim=-1: flatten(x, start_dim, end_dim),
    "unflatten": lambda x, dim, sizes: F.reshape(x, unflattened(x, dim, sizes)),
    "unsqueeze": lambda x, dim: F.expand_dims(x, dim), "unsqueeze_copy": lambda x, dim: F.expand_dims(x, dim),
    "squeeze": lambda x, *dim: squeeze(x, *dim), "squeeze_copy": lambda x, *dim: squeeze(x, *dim),
    "squeeze:multiple": lambda x, dim: squeeze(x, dim),
    "expand": lambda x, *s: F.broadcast_to(x, expanded(x, flat(s))),
    "expand_copy": lambda x, *s: F.broadcast_to(x, expanded(x, flat(s))),
    "expand_as": lambda x, y: F.broadcast_to(x, y.shape),
    "broadcast_to": lambda x, s: F.broadcast_to(x, expanded(x, tuple(s))),
    "sum_to_size": lambda x, *s: F.sum_to(x, flat(s)),
    "broadcast_tensors": lambda *xs: [F.broadcast_to(x, np.broadcast_shapes(*[x.shape for x in xs])) for x in xs],
    "cat": lambda xs, dim=0, **k: F.concatenate(joinable(xs), axis=k.get("axis", dim)),
    "stack": lambda xs, dim=0: F.stack(xs, axis=dim),
    "hstack": lambda *xs: F.concatenate(rows(xs, 1), axis=0 if rows(xs, 1)[0].ndim == 1 else 1),
    "vstack": lambda *xs: F.concatenate(rows(xs, 2), axis=0),
    "split": split, "split:list_args": split, "split_with_sizes": split, "split_with_sizes_copy": split,
    "unsafe_split": split, "chunk": chunk, "unsafe_chunk": chunk, "tensor_split": tensor_split,
    "unbind": lambda x, dim=0: [x[index_along(x, dim, i)] for i in range(x.shape[dim])],
    "unbind_copy": lambda x, dim=0: [x[index_along(x, dim, i)] for i in range(x.shape[dim])],
    "narrow": lambda x, dim, start, n: x[index_along(x, dim, slice(int(start), int(start) + n)
                                                     if start >= 0 else slice(x.shape[dim] + int(start),
                                                                              x.shape[dim] + int(start) + n))],
    "select": lambda x, dim, i: x[index_along(x, dim, i)],
    "index_select": with_axes(lambda x, dim, index: F.take(x, np.atleast_1d(index), axis=dim)),
    "take": plain("take"), "gather": gather,
    "take_along_dim": take_along_dim,
    "masked_select": lambda x, mask: x[mask] if mask.shape == x.shape else not_offered("broadcast mask"),
    "__getitem__": lambda x, *index: F.get_item(x, index[0] if len(index) == 1 else index),
    "scatter_add": with_axes(scatter_add),
    "tile": lambda x, *r: F.tile(x, flat(r)), "repeat": lambda x, *r: F.tile(x, flat(r)),
    "repeat_interleave": lambda x, repeats, dim=None, **k: F.repeat(x, repeats, axis=dim),
    "roll": lambda x, shifts, dims=None: F.roll(x, shifts, axis=dims),
    "flip": lambda x, dims: F.flip(x, axis=tuple(dims)), "fliplr": lambda x: F.flip(x, axis=1),
    "flipud": lambda x: F.flip(x, axis=0),
    "nn.functional.pad:constant": pad, "nn.functional.pad:reflect": pad, "nn.functional.pad:replicate": pad,
    "constant_pad_nd": lambda x, widths, value=0: pad(x, widths, value=value),
    "tril": renamed("tril", "k", diagonal="k"), "triu": renamed("triu", "k", diagonal="k"),
    "diagonal": lambda x, offset=0, dim1=0, dim2=1: F.diagonal(x, offset, dim1, dim2),
    "diagonal_copy": lambda x, offset=0, dim1=0, dim2=1: F.diagonal(x, offset, dim1, dim2),
    "linalg.diagonal": lambda x, offset=0, dim1=-2, dim2=-1: F.diagonal(x, offset, dim1, dim2),
    "matmul": plain("matmul"), "mm": plain("matmul"), "bmm": plain("matmul"), "mv": plain("matmul"),
    "dot": plain("matmul"), "vdot": plain("matmul"),
    "inner": lambda x, y: F.tensordot(x, y, axes=(-1, -1)) if x.ndim and y.ndim else x * y,
    "linalg.multi_dot": lambda xs: multi_dot(xs),
    "addmm": lambda x, a, b, beta=1, alpha=1: scaled(x, beta) + scaled(a @ b, alpha),
    "addmm:decomposed": lambda x, a, b, beta=1, alpha=1: scaled(x, beta) + scaled(a @ b, alpha),
    "addmv": lambda x, a, b, beta=1, alpha=1: scaled(x, beta) + scaled(a @ b, alpha),
    "baddbmm": lambda x, a, b, beta=1, alpha=1: scaled(x, beta) + scaled(a @ b, alpha),
    "addbmm": lambda x, a, b, beta=1, alpha=1: scaled(x, beta) + scaled(F.sum(a @ b, axis=0), alpha),
    "addr": lambda x, a, b, beta=1, alpha=1: scaled(x, beta) + scaled(F.outer(a, b), alpha),
    "tensordot": tensordot,
    "einsum": lambda xs, equation: F.einsum(equation, *xs),
    "linalg.det": plain("det"), "linalg.inv": plain("inv"), "linalg.slogdet": plain("slogdet"),
    "linalg.solve": solve, "linalg.cholesky": lambda x, upper=False: F.cholesky(x) if not upper else F.swapaxes(
        F.cholesky(x), -1, -2),
    "cholesky": lambda x, upper=False: F.cholesky(x) if not upper else F.swapaxes(F.cholesky(x), -1, -2),
    "logdet": lambda x: logdet(x),
    "linalg.vecdot": lambda x, y, dim=-1: F.sum(x * y, axis=dim),
    "nn.functional.embedding": embedding,
    "nn.functional.cross_entropy": cross_entropy, "nn.functional.nll_loss": nll_loss,
    "nn.functional.mse_loss": elementwise_loss(lambda x, t: (x - t) ** 2),
    "nn.functional.l1_loss": elementwise_loss(lambda x, t: F.l1_loss(x, t, reduction="none")),
    "nn.functional.huber_loss": elementwise_loss(lambda x, t, delta=1.0: F.huber_loss(x, t, delta, reduction="none")),
    "nn.functional.smooth_l1_loss": elementwise_loss(
        lambda x, t, beta=1.0: F.huber_loss(x, t, beta, reduction="none") / beta if beta else not_offered("beta 0")),
    "nn.functional.batch_norm": batch_norm, "nn.functional.batch_norm:without_cudnn": batch_norm,
    "nn.functional.layer_norm": layer_norm,
    "nn.functional.group_norm": group_norm, "nn.functional.rms_norm": rms_norm,
    "nn.functional.instance_norm": instance_norm,
    "nn.functional.scaled_dot_product_attention": attention,
    "nn.functional.conv1d": conv("conv1d"), "nn.functional.conv2d": conv("conv2d"),
    "nn.functional.conv_transpose2d": conv_transpose,
    "nn.functional.max_pool2d": max_pool, "nn.functional.avg_pool2d": avg_pool,
    "nn.functional.adaptive_avg_pool2d": adaptive("adaptive_average_pooling"),
    "nn.functional.adaptive_max_pool2d": adaptive("adaptive_max_pooling"),
    "nn.functional.pixel_shuffle": lambda x, upscale_factor: F.pixel_shuffle(
        x, upscale_factor) if x.ndim == 4 else not_offered("no batch"),
    "nn.functional.pixel_unshuffle": lambda x, downscale_factor: F.pixel_unshuffle(
        x, downscale_factor) if x.ndim == 4 else not_offered("no batch"),
    "nn.functional.interpolate:nearest": interpolate, "nn.functional.interpolate:bilinear": interpolate,
    "nn.functional.cosine_similarity": with_axes(
        lambda x, y, dim=1, eps=1e-8: F.cosine_similarity(x, y, axis=dim, eps=eps)),
    "nn.functional.pairwise_distance": lambda x, y, p=2.0, eps=1e-6, keepdim=False: norm(
        x - y + eps, p, -1, keepdim),
}  # fmt: skip


# -- the comparison --------------------------------------------------------------------------------


def translated(value, leaves: list):
    """The argument with Variables in place of floating-point tensors and arrays in place of others; leaves in pairs."""
    if isinstance(value, torch.Tensor):
        if value.dtype.is_complex:
            raise NotOffered("complex numbers")
        array = value.detach().numpy().copy()
        if not value.dtype.is_floating_point:
            return array
        variable = Variable(array)
        if value.requires_grad:
            leaves.append((variable, value))
        return variable
    if isinstance(value, (list, tuple)):
        return type(value)(translated(v, leaves) for v in value)
    if isinstance(value, (torch.dtype, torch.device, torch.Generator)):
        raise NotOffered(type(value).__name__)
    return value


def listed(result) -> list:
    return list(result) if isinstance(result, (tuple, list)) else [result]


def close(ours, theirs) -> None:
    right = theirs.detach().numpy(force=True)
    ours = ours.data if isinstance(ours, Variable) else np.asarray(ours)
    assert ours.shape == right.shape
    finite = np.abs(right[np.isfinite(right)]) if right.dtype.kind == "f" else np.zeros(1)
    np.testing.assert_allclose(ours, right, rtol=1e-9, atol=1e-10 * max(finite.max(initial=0.0), 1e-2))


def weighted(results, rng):
    """Sums of the results times the same random weights, for ours and for theirs."""
    ours, theirs = None, None
    for y, t in results:
        w = rng.standard_normal(t.shape)
        a, b = F.sum(y * w), (t * torch.tensor(w)).sum()
        ours, theirs = (a, b) if ours is None else (ours + a, theirs + b)
    return ours, theirs


def compare(say, op, sample) -> None:
    """Value, gradient and second gradient of one sample."""
    leaves: list = []
    arguments = translated((sample.input, *sample.args), leaves)
    options = {key: translated(value, leaves) for key, value in sample.kwargs.items()}
    with np.errstate(all="ignore"), sdpa_kernel(SDPBackend.MATH):  # the one with a second derivative
        ours = listed(say(*arguments, **options))
        theirs = listed(op(sample.input, *sample.args, **sample.kwargs))
        for y, t in zip(ours, theirs, strict=True):
            close(y, t)
        pairs = [(y, t) for y, t in zip(ours, theirs) if t.requires_grad]
        if not pairs or not op.supports_autograd:
            return
        a, b = weighted(pairs, np.random.default_rng(0))
        gxs = grad(a, [x for x, _ in leaves], create_graph=True)
        gts = torch.autograd.grad(b, [t for _, t in leaves], create_graph=op.supports_gradgrad, allow_unused=True)
        kept = [(x, t, gx, gt) for (x, t), gx, gt in zip(leaves, gxs, gts) if gt is not None]
        for _, _, gx, gt in kept:
            close(gx, gt)
        second = [(gx, gt) for _, _, gx, gt in kept if gt.requires_grad]
        if not op.supports_gradgrad or not second:
            return
        a, b = weighted(second, np.random.default_rng(1))
        if not b.requires_grad:
            return
        ggts = torch.autograd.grad(b, [t for _, t, _, _ in kept], allow_unused=True)
        for ggx, ggt in zip(grad(a, [x for x, _, _, _ in kept]), ggts):
            if ggt is not None:
                close(ggx, ggt)


@pytest.fixture(scope="module")
def database():
    return load_database()


compared: dict[str, int] = {}


@pytest.mark.parametrize("name", sorted(SAYS))
def test_samples_of_torch(name, database):
    op = database[name]
    torch.manual_seed(0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        needs_grad = op.supports_autograd
        samples = itertools.islice(op.sample_inputs("cpu", torch.float64, requires_grad=needs_grad), MAX_SAMPLES)
        for sample in samples:
            try:
                compare(SAYS[name], op, sample)
            except NotOffered:
                continue
            compared[name] = compared.get(name, 0) + 1
    assert compared.get(name, 0) > 0, "no sample of this entry could be said: remove its row"


def test_enough_is_covered():
    if len(compared) < len(SAYS):
        pytest.skip("not all entries were compared in this run")
    assert len(compared) >= 150
    assert sum(compared.values()) >= 1500
