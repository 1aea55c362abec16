"""Changes made to an example on its way out of a data set: images in, arrays out.

A transform is any callable of one argument. Those here say in their error messages what they expect, and have a `repr`
that tells what they do. Images of Pillow are needed by some, loaded by none.

**Batches.** A transform may define ``on_batch(x)``, which does for many examples, stacked along a first axis, exactly
what calling it does for each. Loaders then cut a batch out of the data in one go, which gives the same numbers sooner.

**Randomness.** Random transforms draw from `rng()`: NumPy's global generator, but in a loader a generator that belongs
to the pass and to the example, so that the number of workers never changes the data. Transforms of your own should do
so, too.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from importlib import import_module
from numbers import Real
from types import ModuleType
from typing import Protocol, TypeAlias

import numpy as np

from dezero.cuda import Array

__all__ = [
    "AsType", "CenterCrop", "Compose", "Convert", "Flatten", "Normalize", "Pad", "RandomCrop", "RandomHorizontalFlip",
    "RandomRotation", "Resize", "ToArray", "ToFloat", "ToInt", "ToPIL", "example_rng", "rng",
]  # fmt: skip

Transform: TypeAlias = Callable[[object], object]

BILINEAR = 2  # PIL.Image.BILINEAR and FLIP_LEFT_RIGHT, without loading PIL
FLIP_LEFT_RIGHT = 0


class Image(Protocol):
    """What is used of an image of Pillow."""

    size: tuple[int, int]
    mode: str

    def convert(self, mode: str) -> Image: ...
    def crop(self, box: tuple[int, int, int, int]) -> Image: ...
    def getbands(self) -> tuple[str, ...]: ...
    def paste(self, image: Image, box: tuple[int, int]) -> None: ...
    def resize(self, size: tuple[int, int], resample: int) -> Image: ...
    def rotate(self, angle: float, resample: int, *, fillcolor: object) -> Image: ...
    def split(self) -> tuple[Image, ...]: ...
    def transpose(self, method: int) -> Image: ...


class Lines(str):
    """Text of several lines that an interactive session shows as it is."""

    __slots__ = ()

    def __repr__(self) -> str:
        return str(self)


# -- what is given ---------------------------------------------------------------------------------


def _pillow(name: str) -> ModuleType:
    try:
        return import_module("PIL.Image")
    except ImportError as error:
        raise ImportError(f"{name} works on images of the package Pillow: pip install pillow") from error


def _is_image(x: object) -> bool:
    module = sys.modules.get("PIL.Image")  # never loaded: then x is no image
    return module is not None and isinstance(x, module.Image)


def _image(x: object, transform: object) -> Image:
    if not _is_image(x):
        remedy = "; ToPIL() makes one of an array" if hasattr(x, "dtype") else ""
        raise TypeError(f"{named(transform)} expects an image of Pillow, got {described(x)}{remedy}")
    return x  # type: ignore[return-value]


def _array(x: object, transform: object) -> Array:
    if not (hasattr(x, "dtype") and hasattr(x, "ndim")):
        remedy = "; put ToArray() before it" if _is_image(x) else ""
        raise TypeError(f"{named(transform)} expects an array, got {described(x)}{remedy}")
    return x  # type: ignore[return-value]


def _dtype(dtype: object, transform: object) -> np.dtype:
    try:
        return np.dtype(dtype)  # type: ignore[call-overload]
    except TypeError:
        raise TypeError(f"{type(transform).__name__} expects a dtype or the name of one, got {dtype!r}") from None


def _picture(x: object, transform: object) -> Array:
    """An array of at least two dimensions, the last of which are rows and columns."""
    x = _array(x, transform)
    if x.ndim < 2:
        raise ValueError(
            f"{named(transform)} expects an array (..., H, W), got {described(x)}; put Flatten() after it, not before"
        )
    return x


def _pair(value: object, what: str, least: int = 0) -> tuple[int, int]:
    values = (value, value) if isinstance(value, (int, np.integer)) else value
    try:
        first, second = (int(v) for v in values)  # type: ignore[attr-defined]
    except (TypeError, ValueError):
        raise ValueError(f"{what} is an integer or two of them, got {value!r}") from None
    if first < least or second < least:
        raise ValueError(f"{what} cannot be {'negative' if least == 0 else f'less than {least}'}, got {value!r}")
    return first, second


def named(transform: object) -> str:
    """The name of a transform for messages: that of a function or of a class."""
    name = getattr(transform, "__name__", None) or type(transform).__name__
    return "lambda" if name == "<lambda>" else name


def unmade(transform: object) -> bool:
    """Whether this is the class of a transform and no transform. Others, such as `float`, are functions here.

    Examples
    --------
    >>> unmade(Flatten), unmade(Flatten()), unmade(float)
    (True, False, False)
    """
    return isinstance(transform, type) and _owner(transform, "__call__") is not None


def shown(transform: object) -> str:
    """A transform as it stands in a pipeline: the `repr` where the class has one, else the name."""
    if isinstance(transform, Compose) or type(transform).__repr__ is object.__repr__ or hasattr(transform, "__name__"):
        return named(transform) if not isinstance(transform, Compose) else f"({transform._stages()})"
    return repr(transform)


def described(x: object, values: bool = False) -> str:
    """Shape and dtype of an array, or what else x is; with the range of its values if asked.

    Examples
    --------
    >>> described(np.zeros((2, 3))), described("seven"), described(np.arange(3), values=True)
    ('(2, 3) float64', "str 'seven'", '(3,) int64, 0 .. 2')
    """
    if _is_image(x):
        width, height = x.size  # type: ignore[attr-defined]
        return f"image {width} x {height} {x.mode}"  # type: ignore[attr-defined]
    if not (hasattr(x, "dtype") and hasattr(x, "shape")):
        text = repr(x)
        return f"{type(x).__name__} {text if len(text) <= 40 else text[:37] + '...'}"
    text = f"{tuple(x.shape)} {x.dtype}"
    if not values or not math.prod(x.shape) or getattr(x.dtype, "kind", "O") not in "biuf":
        return text
    low, high = x.min().item(), x.max().item()  # type: ignore[attr-defined]
    return f"{text}, {low:.6g} .. {high:.6g}" if low != high else f"{text}, {low:.6g}"


# -- randomness ------------------------------------------------------------------------------------

_key: ContextVar[tuple[int, ...] | None] = ContextVar("key of the example", default=None)
_generator: ContextVar[np.random.RandomState | None] = ContextVar("generator of the example", default=None)


def rng() -> np.random.RandomState:
    """Return the generator that random transforms draw from at this moment.

    Returns
    -------
    numpy.random.RandomState
        In a loader, that of the example; else NumPy's global one, which ``numpy.random.seed`` seeds.

    Examples
    --------
    >>> np.random.seed(0)
    >>> class Noise:
    ...     def __call__(self, x):
    ...         return x + rng().normal(0, 0.1, x.shape)
    >>> Noise()(np.zeros(2)).round(3)
    array([0.176, 0.04 ])
    """
    key = _key.get()
    if key is None:
        return np.random.mtrand._rand  # the RandomState behind numpy.random.rand and its sisters
    generator = _generator.get()
    if generator is None:  # made when the first number is drawn: most transforms draw none
        generator = np.random.RandomState(np.random.PCG64(key))  # a tenth of the time that the usual one takes
        _generator.set(generator)
    return generator


@contextmanager
def example_rng(*key: int) -> Iterator[None]:
    """Let `rng()` return, within the block, a generator of its own, seeded with key.

    Parameters
    ----------
    *key : int
        Not negative. The same key gives the same numbers, in any thread.

    Examples
    --------
    >>> flip = RandomHorizontalFlip()
    >>> with example_rng(0, 7):
    ...     first = [flip(np.arange(2)[None])[0, 0] for _ in range(5)]
    >>> with example_rng(0, 7):
    ...     first == [flip(np.arange(2)[None])[0, 0] for _ in range(5)]
    True
    """
    outer_key, outer_generator = _key.set(key), _generator.set(None)
    try:
        yield
    finally:
        _generator.reset(outer_generator)
        _key.reset(outer_key)


# -- pipelines -------------------------------------------------------------------------------------


class Compose:
    """Transforms one after the other.

    Parameters
    ----------
    transforms : sequence of callables
        Of one argument each: those of this module, or any function. With none of them, examples stay as they are.

    Raises
    ------
    TypeError
        If one of them cannot be called.

    Examples
    --------
    >>> compose = Compose([Flatten(), ToFloat(), Normalize(0.0, 255.0)])
    >>> compose
    Compose: Flatten() -> ToFloat(float32) -> Normalize(mean=0.0, std=255.0)
    >>> compose(np.array([[0, 51], [102, 255]], dtype=np.uint8))
    array([0. , 0.2, 0.4, 1. ], dtype=float32)
    """

    def __init__(self, transforms: Sequence[Transform] = ()) -> None:
        if not isinstance(transforms, Iterable):
            raise TypeError(f"Compose expects a list of transforms, Compose([...]), got {described(transforms)}")
        self.transforms = list(transforms)
        for transform in self.transforms:
            if unmade(transform):
                name = named(transform)
                raise TypeError(f"Compose expects transforms, got the class {name}: write {name}()")
            if not callable(transform):
                raise TypeError(f"Compose expects callables, got {described(transform)}")

    def __call__(self, x: object) -> object:
        for transform in self.transforms:
            x = transform(x)
        return x

    def __repr__(self) -> str:
        return f"Compose: {self._stages()}"

    def _stages(self) -> str:
        return " -> ".join(shown(transform) for transform in self.transforms) or "unchanged"

    def trace(self, example: object) -> Lines:
        """Send an example through, and tell what it is after every stage.

        Parameters
        ----------
        example : image or array

        Returns
        -------
        str
            A line for the example and one for every stage: shape, dtype, and the range of the values.

        Examples
        --------
        >>> compose = Compose([Flatten(), ToFloat(), Normalize(0.0, 255.0)])
        >>> compose.trace(np.array([[0, 51], [102, 255]], dtype=np.uint8))
        example                         (2, 2) uint8, 0 .. 255
        Flatten()                       (4,) uint8, 0 .. 255
        ToFloat(float32)                (4,) float32, 0 .. 255
        Normalize(mean=0.0, std=255.0)  (4,) float32, 0 .. 1
        """
        rows = [("example", described(example, values=True))]
        for transform in self.transforms:
            example = transform(example)
            rows.append((shown(transform), described(example, values=True)))
        width = max(len(name) for name, _ in rows)
        return Lines("\n".join(f"{name:{width}}  {text}" for name, text in rows))


def identity(x: object) -> object:
    """Return x. It stands where no transform was asked for."""
    return x


def batched(transform: Transform) -> Callable[[Array], Array] | None:
    """Return what does for a batch what the transform does for an example; None if nothing is known to.

    Examples
    --------
    >>> batched(Compose([Flatten(), ToFloat()]))(np.ones((3, 2, 2), dtype=int)).shape
    (3, 4)
    >>> batched(Compose([Flatten(), lambda x: x.sum()])) is None
    True
    """
    if transform is identity:
        return lambda x: x
    kind = type(transform)
    if isinstance(transform, Compose) and kind.__call__ is Compose.__call__:
        stages = [batched(stage) for stage in transform.transforms]
        if any(stage is None for stage in stages):
            return None
        return Compose(stages)  # type: ignore[arg-type, return-value]
    # a subclass that changes __call__ and inherits on_batch would not be asked for what it changed
    call, on_batch = (_owner(kind, name) for name in ("__call__", "on_batch"))
    if on_batch is None or call is None or not issubclass(on_batch, call):
        return None
    return transform.on_batch  # type: ignore[attr-defined]


def _owner(kind: type, name: str) -> type | None:
    return next((base for base in kind.__mro__ if name in vars(base)), None)


# -- images ----------------------------------------------------------------------------------------


class Convert:
    """Change the colours of an image.

    Parameters
    ----------
    mode : str
        A mode of Pillow ("RGB", "L" ...), or "BGR": red and blue exchanged, as some pretrained weights expect.
    """

    def __init__(self, mode: str = "RGB") -> None:
        self.mode = mode

    def __call__(self, image: object) -> Image:
        picture = _image(image, self)
        if self.mode != "BGR":
            try:
                return picture.convert(self.mode)
            except (TypeError, ValueError) as error:
                what = described(picture)
                raise ValueError(f"Convert cannot change {what} to the mode {self.mode!r}: {error}") from None
        red, green, blue = picture.convert("RGB").split()
        return _pillow("Convert").merge("RGB", (blue, green, red))

    def __repr__(self) -> str:
        return f"Convert({self.mode})"


class Resize:
    """Scale an image to a size, whatever its proportions were.

    Parameters
    ----------
    size : int or (int, int)
        Width and height in pixels, in Pillow's order.
    mode : int
        How to interpolate: a constant of `PIL.Image`; bilinear unless given.
    """

    def __init__(self, size: int | tuple[int, int], mode: int = BILINEAR) -> None:
        self.size = _pair(size, "the size of Resize", 1)
        self.mode = mode

    def __call__(self, image: object) -> Image:
        return _image(image, self).resize(self.size, self.mode)

    def __repr__(self) -> str:
        return f"Resize({self.size[0]} x {self.size[1]})"


class CenterCrop:
    """Cut the middle out of an image.

    Parameters
    ----------
    size : int or (int, int)
        Width and height in pixels, in Pillow's order. Where it is larger than the image, Pillow fills with black.
        An odd pixel is taken off on the right and at the bottom.
    """

    def __init__(self, size: int | tuple[int, int]) -> None:
        self.size = _pair(size, "the size of CenterCrop", 1)

    def __call__(self, image: object) -> Image:
        picture = _image(image, self)
        left, top = ((length - kept) // 2 for length, kept in zip(picture.size, self.size))
        return picture.crop((left, top, left + self.size[0], top + self.size[1]))

    def __repr__(self) -> str:
        return f"CenterCrop({self.size[0]} x {self.size[1]})"


class ToArray:
    """Turn an image into an array, channels first.

    Parameters
    ----------
    dtype : dtype
        Of the array. The values are Pillow's, 0 to 255 as a rule; see `Normalize`.

    Returns
    -------
    ndarray, shape (C, H, W)
        C = 1 for an image in grey. An array is returned as it is.
    """

    def __init__(self, dtype: object = np.float32) -> None:
        self.dtype = _dtype(dtype, self)

    def __call__(self, image: object) -> Array:
        if isinstance(image, np.ndarray):
            return image
        pixels = np.asarray(_image(image, self))
        pixels = pixels[None] if pixels.ndim == 2 else pixels.transpose(2, 0, 1)
        return pixels.astype(self.dtype, order="C")

    def __repr__(self) -> str:
        return f"ToArray({self.dtype})"


class ToPIL:
    """Turn an array into an image.

    Parameters
    ----------
    x : ndarray, shape (C, H, W) or (H, W)
        C is 1 (grey), 3 (red, green, blue) or 4 (and opacity). Of dtype uint8, or numbers from 0 to 255, which are
        rounded down.

    Raises
    ------
    ValueError
        If the shape is another, or a value lies outside 0 to 255.
    """

    def __call__(self, x: object) -> Image:
        x = _picture(x, self)
        if x.ndim > 3 or (x.ndim == 3 and x.shape[0] not in (1, 3, 4)):
            raise ValueError(f"ToPIL expects an array (C, H, W) with C of 1, 3 or 4, or (H, W), got {described(x)}")
        if x.dtype != np.uint8:
            if x.size and not (x.min() >= 0 and x.max() < 256):
                raise ValueError(f"ToPIL expects values from 0 to 255, got {described(x, values=True)}")
            x = x.astype(np.uint8)
        pixels = x if x.ndim == 2 else x[0] if x.shape[0] == 1 else x.transpose(1, 2, 0)
        return _pillow("ToPIL").fromarray(np.ascontiguousarray(pixels))

    def __repr__(self) -> str:
        return "ToPIL()"


# -- images or arrays ------------------------------------------------------------------------------


class RandomHorizontalFlip:
    """Exchange left and right, now and then.

    Parameters
    ----------
    p : float
        How often, from 0 to 1, dimensionless.

    Notes
    -----
    Takes images, and arrays (..., H, W). One number is drawn for each example, from `rng()`.
    """

    def __init__(self, p: float = 0.5) -> None:
        if not isinstance(p, (Real, float)):
            raise TypeError(f"RandomHorizontalFlip expects a probability from 0 to 1, got {p!r}")
        if not 0 <= p <= 1:
            raise ValueError(f"RandomHorizontalFlip expects a probability from 0 to 1, got {p!r}")
        self.p = p

    def __call__(self, x: object) -> object:
        flip = rng().random_sample() < self.p
        if _is_image(x):
            return _image(x, self).transpose(FLIP_LEFT_RIGHT) if flip else x
        x = _picture(x, self)
        return x[..., ::-1] if flip else x

    def __repr__(self) -> str:
        return f"RandomHorizontalFlip(p={self.p})"


class Pad:
    """Put a margin around an image.

    Parameters
    ----------
    pad : int or (int, int)
        Pixels (vertical, horizontal), as in `conv2d`: above and below, left and right.
    fill : number
        The value of the margin.

    Examples
    --------
    >>> Pad((1, 0))(np.ones((1, 1, 3)))[0]
    array([[0., 0., 0.],
           [1., 1., 1.],
           [0., 0., 0.]])
    """

    def __init__(self, pad: int | tuple[int, int], fill: float = 0) -> None:
        self.pad = _pair(pad, "the margin of Pad")
        self.fill = fill

    def __call__(self, x: object) -> object:
        if not _is_image(x):
            return _padded(_picture(x, self), self.pad, self.fill)
        image = _image(x, self)
        (width, height), (vertical, horizontal) = image.size, self.pad
        fill = self.fill if len(image.getbands()) == 1 else (int(self.fill),) * len(image.getbands())
        wide = _pillow("Pad").new(image.mode, (width + 2 * horizontal, height + 2 * vertical), fill)
        wide.paste(image, (horizontal, vertical))
        return wide

    def on_batch(self, x: Array) -> Array:
        _picture(x[0], self)
        return _padded(x, self.pad, self.fill)

    def __repr__(self) -> str:
        return f"Pad({self.pad[0]}, {self.pad[1]}{f', fill={self.fill}' if self.fill else ''})"


def _padded(x: Array, pad: tuple[int, int], fill: float) -> Array:
    return np.pad(x, [(0, 0)] * (x.ndim - 2) + [(p, p) for p in pad], constant_values=fill)


class RandomCrop:
    """Cut a piece out of an image, at random.

    Parameters
    ----------
    size : int or (int, int)
        Width and height in pixels, in Pillow's order, as for `CenterCrop`.
    pad : int or (int, int)
        Margin of `fill` that is put around the image first: pixels (vertical, horizontal).
    fill : number

    Raises
    ------
    ValueError
        If the piece is larger than the image with its margin.

    Notes
    -----
    Takes images, and arrays (..., H, W). Two numbers are drawn for each example, from `rng()`: row, then column.

    Examples
    --------
    >>> np.random.seed(1)
    >>> RandomCrop(2, pad=1)(np.arange(4).reshape(1, 2, 2))[0]
    array([[0, 0],
           [0, 2]])
    """

    def __init__(self, size: int | tuple[int, int], pad: int | tuple[int, int] = 0, fill: float = 0) -> None:
        self.size = _pair(size, "the size of RandomCrop", 1)
        self.pad = _pair(pad, "the margin of RandomCrop")
        self.fill = fill

    def __call__(self, x: object) -> object:
        image = _is_image(x)
        x = x if image else _picture(x, self)
        if self.pad != (0, 0):
            x = Pad(self.pad, self.fill)(x)
        width, height = x.size if image else x.shape[:-3:-1]  # type: ignore[attr-defined]
        if self.size[0] > width or self.size[1] > height:
            raise ValueError(
                f"RandomCrop of {self.size[0]} x {self.size[1]} (width x height) does not fit into {width} x {height}: "
                "choose a smaller size, or a margin with pad="
            )
        generator = rng()
        top = int(generator.randint(height - self.size[1] + 1))
        left = int(generator.randint(width - self.size[0] + 1))
        if image:
            return x.crop((left, top, left + self.size[0], top + self.size[1]))  # type: ignore[attr-defined]
        return x[..., top : top + self.size[1], left : left + self.size[0]]  # type: ignore[index]

    def __repr__(self) -> str:
        pad = f", pad=({self.pad[0]}, {self.pad[1]})" if self.pad != (0, 0) else ""
        return f"RandomCrop({self.size[0]} x {self.size[1]}{pad})"


class RandomRotation:
    """Turn an image about its middle, by a random angle.

    Parameters
    ----------
    degrees : float or (float, float)
        The largest angle to either side, or the range to draw from, in degrees counter-clockwise.
    fill : number
        The value of what was outside the image.

    Notes
    -----
    Takes images, and arrays (..., H, W), which keep size and dtype. One number is drawn for each example, uniformly,
    from `rng()`. Between pixels the interpolation is bilinear; whole numbers are rounded.

    Examples
    --------
    >>> RandomRotation((90, 90))(np.array([[[1.0, 2.0], [3.0, 4.0]]]))[0]
    array([[2., 4.],
           [1., 3.]])
    """

    def __init__(self, degrees: float | tuple[float, float], fill: float = 0) -> None:
        try:
            low, high = (-degrees, degrees) if isinstance(degrees, Real) else degrees  # type: ignore[misc]  # or it says so
            self.degrees = float(low), float(high)
        except (TypeError, ValueError):
            raise TypeError(f"RandomRotation expects an angle, or two in rising order, got {degrees!r}") from None
        if not -math.inf < low <= high < math.inf:
            raise ValueError(f"RandomRotation expects an angle, or two in rising order, got {degrees!r}")
        self.fill = fill

    def __call__(self, x: object) -> object:
        angle = rng().uniform(*self.degrees)
        if not _is_image(x):
            return _rotated(_picture(x, self), angle, self.fill)
        image = _image(x, self)
        fill = self.fill if len(image.getbands()) == 1 else (int(self.fill),) * len(image.getbands())
        return image.rotate(angle, resample=BILINEAR, fillcolor=fill)

    def __repr__(self) -> str:
        return f"RandomRotation({self.degrees[0]:g} .. {self.degrees[1]:g} degrees)"


def _rotated(x: Array, degrees: float, fill: float) -> Array:
    """x (..., H, W) turned counter-clockwise: each pixel takes the value at the place it came from."""
    H, W = x.shape[-2:]
    middle = (H - 1) / 2, (W - 1) / 2
    down, right = np.ogrid[:H, :W]
    down, right = down - middle[0], right - middle[1]
    # whole quarters hit the pixels exactly: cos(pi / 2) would be 6e-17
    cos, sin = (round(f(math.radians(degrees)), 15) for f in (math.cos, math.sin))
    row, column = cos * down + sin * right + middle[0] + 1, cos * right - sin * down + middle[1] + 1
    framed = _padded(x, (1, 1), fill)  # the pixels beyond the rim
    outside = (row <= 0) | (row >= H + 1) | (column <= 0) | (column >= W + 1)
    row, column = np.where(outside, 0, row), np.where(outside, 0, column)
    i, j = row.astype(int), column.astype(int)
    a, b = row - i, column - j
    i1, j1 = np.minimum(i + 1, H + 1), np.minimum(j + 1, W + 1)
    y = (1 - a) * ((1 - b) * framed[..., i, j] + b * framed[..., i, j1])
    y += a * ((1 - b) * framed[..., i1, j] + b * framed[..., i1, j1])
    return (y if x.dtype.kind == "f" else np.rint(y)).astype(x.dtype)


# -- arrays ----------------------------------------------------------------------------------------


class Normalize:
    """Subtract a mean and divide by a standard deviation.

    Parameters
    ----------
    mean, std : number, or sequence of numbers
        One for all, or one for each channel (the first axis of an example).

    Returns
    -------
    ndarray, of the shape of x
        (x - mean) / std, in the dtype of x; in float64 if x has whole numbers.

    Raises
    ------
    ValueError
        If std has a zero, or if x has another number of channels.

    Examples
    --------
    >>> Normalize((0.0, 1.0), 2.0)(np.ones((2, 1, 1))).ravel()
    array([0.5, 0. ])
    """

    def __init__(self, mean: float | Sequence[float] = 0, std: float | Sequence[float] = 1) -> None:
        self.mean = _number_or_list("mean", mean)
        self.std = _number_or_list("std", std)
        if not np.all(self.std):
            raise ValueError(f"Normalize divides by std, which has a zero: {std!r}; use 1 for a constant channel")

    def __call__(self, x: object) -> Array:
        x = _array(x, self)
        return (x - self._spread("mean", x, x.ndim)) / self._spread("std", x, x.ndim)

    def on_batch(self, x: Array) -> Array:
        return (x - self._spread("mean", x, x.ndim - 1)) / self._spread("std", x, x.ndim - 1)

    def _spread(self, name: str, x: Array, ndim: int) -> float | Array:
        """mean or std in a shape that goes with the last ndim axes of x, the first of which are the channels."""
        value = getattr(self, name)
        if isinstance(value, float):
            return value
        C = x.shape[x.ndim - ndim] if ndim else 0
        if len(value) not in (1, C):
            raise ValueError(
                f"Normalize has {len(value)} numbers in {name}, but the example has {C} channels: "
                f"{tuple(x.shape[x.ndim - ndim :])}"
            )
        dtype = x.dtype if x.dtype.kind == "f" else np.float64
        return np.array(value, dtype=dtype).reshape((-1,) + (1,) * (ndim - 1))

    def __repr__(self) -> str:
        return f"Normalize(mean={self.mean}, std={self.std})"


def _number_or_list(name: str, value: object) -> float | list[float]:
    try:
        numbers = [float(v) for v in np.atleast_1d(value)]  # type: ignore[call-overload]  # or it says so
    except (TypeError, ValueError):
        raise TypeError(f"Normalize expects {name} as a number or a list of them, got {value!r}") from None
    if not all(math.isfinite(v) for v in numbers):
        raise ValueError(f"Normalize expects {name} to be finite, got {value!r}")
    # plain numbers are weak: a NumPy scalar would turn float32 into float64
    return numbers[0] if np.ndim(value) == 0 else numbers  # type: ignore[arg-type]


class Flatten:
    """Turn an array into one of a single axis.

    Examples
    --------
    >>> Flatten()(np.zeros((1, 28, 28))).shape
    (784,)
    """

    def __call__(self, x: object) -> Array:
        return _array(x, self).flatten()

    def on_batch(self, x: Array) -> Array:
        return x.reshape(len(x), -1)

    def __repr__(self) -> str:
        return "Flatten()"


class AsType:
    """Convert an array to a dtype.

    Parameters
    ----------
    dtype : dtype
    """

    def __init__(self, dtype: object = np.float32) -> None:
        self.dtype = _dtype(dtype, self)

    def __call__(self, x: object) -> Array:
        return _array(x, self).astype(self.dtype)

    def on_batch(self, x: Array) -> Array:
        return x.astype(self.dtype)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.dtype})"


class ToFloat(AsType):
    """Convert an array to floating-point numbers, float32 unless another dtype is given."""


class ToInt(AsType):
    """Convert an array to whole numbers, int64 unless another dtype is given. Digits after the point are cut off."""

    def __init__(self, dtype: object = int) -> None:
        super().__init__(dtype)
