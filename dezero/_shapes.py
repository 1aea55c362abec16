"""Integers only: sizes of convolutions and pooling."""

from __future__ import annotations

from collections.abc import Sequence
from numbers import Integral
from typing import NamedTuple, TypeAlias

__all__ = [
    "Padding", "Sizes", "Window", "get_conv_outsize", "get_deconv_outsize", "pair", "places", "pooling_window", "sizes",
    "transposed_places", "window",
]  # fmt: skip

Sizes: TypeAlias = int | Sequence[int]
Padding: TypeAlias = int | Sequence[int] | Sequence[Sequence[int]] | str
Two: TypeAlias = tuple[int, int]


def pair(x: Sizes) -> Two:
    """Return one integer twice, and two integers as a tuple.

    Parameters
    ----------
    x : int or sequence of two int

    Raises
    ------
    ValueError
        For anything else.

    Examples
    --------
    >>> pair(3), pair([1, 2])
    ((3, 3), (1, 2))
    """
    if isinstance(x, Integral):
        return int(x), int(x)
    if isinstance(x, Sequence) and len(x) == 2 and all([isinstance(n, Integral) for n in x]):
        return int(x[0]), int(x[1])
    raise ValueError(f"pair expects an integer or two of them, got {x!r}")


def get_conv_outsize(size: int, k: int, s: int, p: int) -> int:
    """Output size of a convolution or pooling along one axis: (size + 2 p - k) // s + 1.

    Parameters
    ----------
    size, k, s, p : int
        Sizes of the image and of the kernel, the stride, and the padding on either side, in pixels.

    Raises
    ------
    TypeError
        If one is no integer.
    ValueError
        If one is too small, or the kernel is larger than the padded image.

    References
    ----------
    Dumoulin & Visin, "A guide to convolution arithmetic for deep learning", 2016, relationship 6.

    Examples
    --------
    >>> get_conv_outsize(4, 3, 1, 1)
    4
    """
    size, k, s, p = _whole("get_conv_outsize", size=size, k=k, s=s, p=p)
    if size + 2 * p < k:
        raise ValueError(f"get_conv_outsize: the kernel {k} is larger than the padded image: (size + 2 p - k) // s + 1 "
                         f"= ({size} + 2*{p} - {k}) // {s} + 1 = {(size + 2 * p - k) // s + 1}")  # fmt: skip
    return (size + 2 * p - k) // s + 1


def get_deconv_outsize(size: int, k: int, s: int, p: int) -> int:
    """Output size of a transposed convolution along one axis: s (size - 1) + k - 2 p.

    Parameters
    ----------
    size, k, s, p : int
        Sizes of the image and of the kernel, the stride, and the padding on either side, in pixels.

    Raises
    ------
    TypeError
        If one is no integer.
    ValueError
        If one is too small, or the padding leaves nothing.

    References
    ----------
    Dumoulin & Visin, "A guide to convolution arithmetic for deep learning", 2016, relationship 13.

    Examples
    --------
    >>> get_deconv_outsize(4, 3, 1, 1)
    4
    """
    size, k, s, p = _whole("get_deconv_outsize", size=size, k=k, s=s, p=p)
    if s * (size - 1) + k <= 2 * p:
        raise ValueError(f"get_deconv_outsize: the padding leaves nothing of the image: s (size - 1) + k - 2 p = "
                         f"{s}*({size} - 1) + {k} - 2*{p} = {s * (size - 1) + k - 2 * p}")  # fmt: skip
    return s * (size - 1) + k - 2 * p


def _whole(function: str, **given: int) -> tuple[int, ...]:
    """The numbers, if they are integers, and large enough to count pixels."""
    for name, value in given.items():
        if not isinstance(value, Integral):
            raise TypeError(f"{function} expects {name} as an integer, got {value!r}")
        if value < (name != "p"):
            raise ValueError(f"{function} expects {name} to be at least {int(name != 'p')}, got {value}")
    return tuple(map(int, given.values()))


class Window(NamedTuple):
    """How a kernel slides over an image: in pixels, vertical before horizontal."""

    kernel: Two
    stride: Two
    pad: tuple[Two, Two]  # (top, bottom), (left, right)
    dilation: Two

    @property
    def extent(self) -> Two:
        """Sizes of the kernel from its first to its last pixel, with the gaps that dilation leaves."""
        return tuple([d * (k - 1) + 1 for k, d in zip(self.kernel, self.dilation)])  # type: ignore[return-value]

    def padded(self, size: Sequence[int]) -> Two:
        """Sizes (HP, WP) of an image of sizes (H, W) with the padding around it."""
        return tuple([n + sum(p) for n, p in zip(size, self.pad)])  # type: ignore[return-value]

    def output(self, size: Sequence[int]) -> Two:
        """How many places (OH, OW) there are for the kernel in an image of sizes (H, W)."""
        counts = [(n - e) // s + 1 for n, e, s in zip(self.padded(size), self.extent, self.stride)]
        return tuple(counts)  # type: ignore[return-value]

    def input(self, size: Sequence[int]) -> Two:
        """The smallest image with (OH, OW) places for the kernel: the inverse of `output`."""
        smallest = [s * (n - 1) + e - sum(p) for n, s, e, p in zip(size, self.stride, self.extent, self.pad)]
        return tuple(smallest)  # type: ignore[return-value]


def sizes(name: str, what: str, value: Sizes, least: int = 1) -> Two:
    """Return `pair` of what a user gave, or refuse it in the function's name.

    Raises
    ------
    ValueError
        If value is not one or two integers of at least `least`.

    Examples
    --------
    >>> sizes("conv2d", "stride", 2)
    (2, 2)
    """
    try:
        result = pair(value)
    except ValueError:
        raise ValueError(f"{name} expects an integer or two of them as {what}, got {value!r}") from None
    if min(result) < least:
        raise ValueError(f"{name} expects {what} to be at least {least}, got {value}")
    return result


def window(name: str, kernel: Sizes, stride: Sizes, pad: Padding, dilation: Sizes = 1) -> Window:
    """Check what a user gave for a sliding window, for messages in the function's name.

    Parameters
    ----------
    name : str
        Of the function.
    kernel, stride, dilation : int or (int, int)
        At least 1.
    pad : int, (int, int), ((top, bottom), (left, right)) or "same"
        At least 0; "same" keeps the size of the image, with the odd pixel at the bottom and at the right.

    Raises
    ------
    ValueError
        For anything else, and for "same" with a stride.

    Examples
    --------
    >>> window("conv2d", (4, 3), 1, "same")
    Window(kernel=(4, 3), stride=(1, 1), pad=((1, 2), (1, 1)), dilation=(1, 1))
    """
    kernel, stride = sizes(name, "kernel_size", kernel), sizes(name, "stride", stride)
    dilation = sizes(name, "dilation", dilation)
    if isinstance(pad, str):
        if pad != "same" or stride != (1, 1):
            raise ValueError(f'{name} expects numbers or, with stride 1, "same" as pad, got pad={pad!r} with stride '
                             f"{stride}")  # fmt: skip
        totals = [d * (k - 1) for k, d in zip(kernel, dilation)]
        both = [(n // 2, n - n // 2) for n in totals]
    elif isinstance(pad, Sequence) and len(pad) == 2 and all([isinstance(p, Sequence) for p in pad]):
        both = [sizes(name, "pad", p, 0) for p in pad]  # type: ignore[arg-type]
    else:
        both = [(p, p) for p in sizes(name, "pad", pad, 0)]  # type: ignore[arg-type]
    return Window(kernel, stride, (both[0], both[1]), dilation)


def places(name: str, size: Sequence[int], w: Window, axes: str = "HW") -> Two:
    """How many places a window finds in an image; refuse one that is too small, with the formula and its numbers.

    Parameters
    ----------
    name : str
        Of the function.
    size : (H, W)
    w : Window
    axes : str
        The letters of the two axes in the message.

    Raises
    ------
    ValueError
        If the kernel is larger than the padded image.

    Examples
    --------
    >>> places("conv2d", (5, 5), window("conv2d", 3, 2, 1))
    (3, 3)
    """
    result = w.output(size)
    for i, a in enumerate(axes):
        if result[i] < 1:
            n, k, d, s, (p0, p1) = size[i], w.kernel[i], w.dilation[i], w.stride[i], w.pad[i]
            pads, given_pads = (f"2 P{a}", f"2*{p0}") if p0 == p1 else (
                ("top + bottom" if a == "H" else "left + right"), f"{p0} + {p1}")  # fmt: skip
            kernel, given_kernel = (f"K{a}", str(k)) if d == 1 else (f"D{a} (K{a} - 1) - 1", f"{d}*({k} - 1) - 1")
            kernels = w.kernel if axes == "HW" else k
            raise ValueError(f"{name}: the kernel {kernels} is larger than the padded image: "
                             f"O{a} = ({a} + {pads} - {kernel}) // S{a} + 1 = "
                             f"({n} + {given_pads} - {given_kernel}) // {s} + 1 = {result[i]}")  # fmt: skip
    return result


def transposed_places(name: str, size: Sequence[int], w: Window, given: Sizes | None) -> Two:
    """Sizes of the image in which a window finds places (H, W): the given ones, or the smallest there are.

    Raises
    ------
    ValueError
        If nothing is left of the image, with the formula and its numbers, or the given sizes have other places.

    Examples
    --------
    >>> transposed_places("deconv2d", (3, 3), window("deconv2d", 3, 2, 1), None)
    (5, 5)
    """
    smallest = w.input(size)
    if given is None:
        for a, n, s, e, p, result in zip("HW", size, w.stride, w.extent, w.pad, smallest):
            if result < 1:
                raise ValueError(f"{name}: the padding leaves nothing of the image: O{a} = S{a} ({a} - 1) + K{a} - pad "
                                 f"= {s}*({n} - 1) + {e} - {sum(p)} = {result}")  # fmt: skip
        return smallest
    result = sizes(name, "outsize", given)
    if w.output(result) != tuple(size):
        largest = tuple([n + s - 1 for n, s in zip(smallest, w.stride)])
        raise ValueError(f"{name}: a convolution of an image of outsize {result} gives {w.output(result)}, but x has "
                         f"{tuple(size)}; outsize must be from {smallest} to {largest}")  # fmt: skip
    return result


def pooling_window(name: str, size: Sequence[int], w: Window, ceil_mode: bool, filled: bool) -> Window:
    """The window with which to pool images of sizes (H, W).

    Parameters
    ----------
    name : str
        Of the function.
    size : (H, W)
    w : Window
    ceil_mode : bool
        Whether to pad at the bottom and at the right so that the last pixels take part, too, if a window that begins
        in the image or in its padding at the top or at the left reaches them.
    filled : bool
        Whether to demand a pixel of the image at every place.

    Raises
    ------
    ValueError
        If the window is larger than the padded image, or sees only padding somewhere.

    Examples
    --------
    >>> pooling_window("pooling", (5, 5), window("pooling", 2, 2, 0), True, True).pad
    ((0, 1), (0, 1))
    """
    if ceil_mode:
        pads = []
        for n, e, s, (p0, p1) in zip(size, w.extent, w.stride, w.pad):
            last = -(-(n + p0 + p1 - e) // s) * s  # where the last window begins
            pads.append((p0, max(p1, last + e - n - p0) if last < n + p0 else p1))
        w = w._replace(pad=(pads[0], pads[1]))
    for n, k, d, s, (p0, _), count in zip(size, w.kernel, w.dilation, w.stride, w.pad, places(name, size, w)):
        starts = range(-p0, -p0 + s * count, s)
        if filled and not all([any([0 <= start + i * d < n for i in range(k)]) for start in starts]):
            raise ValueError(f"{name}: the window {w.kernel} sees only padding at some places, with pad {w.pad} around "
                             f"an image of {tuple(size)}; pad by at most half of the window")  # fmt: skip
    return w
