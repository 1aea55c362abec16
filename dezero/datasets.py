"""Data sets: examples by their index, for loops and for loaders.

Whatever has ``len(ds)`` and ``ds[i]`` is a data set. `Dataset` adds transforms, slices and a `repr`; the others bring
data along (`Digits`, `Spiral`, `SinCurve`) or fetch them once (`MNIST` and so on), into the folder ``DEZERO_HOME``.
"""

from __future__ import annotations

import gzip
import io
import json
import os
import pickle
import re
import struct
import tarfile
import tempfile
import zipfile
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from numbers import Real
from pathlib import Path
from typing import TypeAlias

import numpy as np

from dezero import cuda
from dezero._download import Remote, cache_home, fetch, get_file
from dezero.cuda import Array
from dezero.transforms import (
    Compose,
    Flatten,
    Lines,
    Normalize,
    ToFloat,
    Transform,
    batched,
    described,
    example_rng,
    identity,
    named,
    shown,
    unmade,
)

__all__ = [
    "ArrayDataset", "CIFAR10", "CIFAR100", "Dataset", "Digits", "FashionMNIST", "ImageNet", "MNIST", "Shakespear",
    "Shakespeare", "SinCurve", "Spiral", "Subset", "collate", "get_spiral", "load_cache_npz", "save_cache_npz", "split",
]  # fmt: skip

Root: TypeAlias = str | os.PathLike[str] | None


# -- from examples to a batch ----------------------------------------------------------------------


def collate(examples: Sequence[object]) -> object:
    """Stack examples along a new first axis.

    Parameters
    ----------
    examples : sequence
        Of tuples such as (x, t), of dicts, or of single arrays or numbers; all of one kind.

    Returns
    -------
    tuple, dict or array
        As the examples are, with stacked arrays in place of the arrays and numbers. What is None in all of them (the
        labels of data that have none) stays None.

    Raises
    ------
    ValueError
        If the shapes, keys or lengths of the examples differ.
    TypeError
        If something in them is no array and no number.

    Examples
    --------
    >>> collate([(np.zeros(2), 0), (np.ones(2), 1)])
    (array([[0., 0.],
           [1., 1.]]), array([0, 1]))
    >>> collate([{"x": 1.0, "t": None}, {"x": 2.0, "t": None}])
    {'x': array([1., 2.]), 't': None}
    """
    if not isinstance(examples, Sequence):
        raise TypeError(f"collate expects a list of examples, got {described(examples)}")
    if not examples:
        raise ValueError("collate expects at least one example, got none")
    first = examples[0]
    if isinstance(first, Mapping):
        for example in examples:
            if not isinstance(example, Mapping) or example.keys() != first.keys():
                raise ValueError(f"collate expects examples with the keys {list(first)}, got {described(example)}")
        return {key: _stacked([e[key] for e in examples], key) for key in first}  # type: ignore[index]
    if isinstance(first, (tuple, list)):
        for example in examples:
            if not isinstance(example, (tuple, list)) or len(example) != len(first):
                raise ValueError(f"collate expects examples of {len(first)} parts, got {described(example)}")
        parts = [_stacked([e[k] for e in examples], k) for k in range(len(first))]  # type: ignore[index]
        return first._make(parts) if hasattr(first, "_make") else tuple(parts)
    return _stacked(examples, None)


def _stacked(values: Sequence[object], part: object) -> Array | None:
    where = "" if part is None else f" part {part!r} of"
    missing = sum(value is None for value in values)
    if missing == len(values):
        return None
    if missing:
        raise ValueError(f"collate cannot stack{where} the examples: {missing} of {len(values)} are None")
    try:
        if cuda.is_array(values[0]):
            return cuda.get_array_module(values[0]).stack(values)
        array = np.array(values)
    except ValueError:
        shapes = sorted({described(value) for value in values})
        raise ValueError(
            f"collate cannot stack{where} the examples, which differ: {', '.join(shapes[:4])}; "
            "make them alike with a transform, or give the loader a function collate="
        ) from None
    if array.dtype == object:
        raise TypeError(
            f"collate expects arrays and numbers, got {described(values[0])} in{where} the examples; "
            "convert it with a transform (ToArray for images), or give the loader a function collate="
        )
    return array


# -- the base --------------------------------------------------------------------------------------


class Dataset:
    """Examples (x, t): data and labels, and what is done to each of them on the way out.

    A subclass overrides `prepare`, which sets `data` and `label`. One that reads its examples one by one overrides
    ``__getitem__`` and ``__len__`` instead, and nothing else.

    Parameters
    ----------
    train : bool
        Whether these are the data for training or those for testing.
    transform, target_transform : callable, optional
        Applied to each x and to each t when it is taken out; see `dezero.transforms`.

    Attributes
    ----------
    data, label : array or sequence
        The examples as they are stored; label is None where there are none.

    Notes
    -----
    ``ds[i]`` is the tuple (x, t), where t is None without labels. ``ds[2:5]``, ``ds[[7, 1]]`` and ``ds[mask]`` are data
    sets again (`Subset`), which copy nothing. ``ds.batch()`` is all examples, as two arrays.

    Examples
    --------
    >>> class Squares(Dataset):
    ...     def prepare(self):
    ...         self.data = np.arange(10.0)
    ...         self.label = self.data**2
    >>> squares = Squares()
    >>> squares
    Squares(train=True): 10 examples, x () float64, t () float64, 160 B in memory
    >>> squares[3]
    (np.float64(3.0), np.float64(9.0))
    >>> squares[2:5].batch()
    (array([2., 3., 4.]), array([ 4.,  9., 16.]))
    """

    train: bool = True
    transform: Transform = staticmethod(identity)
    target_transform: Transform = staticmethod(identity)
    data: Array | Sequence | None = None
    label: Array | Sequence | None = None

    def __init__(
        self,
        train: bool = True,
        transform: Transform | None = None,
        target_transform: Transform | None = None,
    ) -> None:
        self.train = train
        self.transform = _checked(transform, "transform", self)
        self.target_transform = _checked(target_transform, "target_transform", self)
        self.data = None
        self.label = None
        self.prepare()

    def prepare(self) -> None:
        """Set `data` and `label`. Called once, when the data set is made."""

    def __len__(self) -> int:
        if self.data is None:
            raise RuntimeError(
                f"{type(self).__name__} has no data: its method prepare() must set self.data, or the class must "
                "override __len__ and __getitem__"
            )
        return len(self.data)

    def __getitem__(self, index):
        """The example at an integer, as a tuple; a `Subset` for a slice, integers or a mask."""
        if not _is_integer(index):
            return Subset(self, index)
        i = _position(index, self)
        label = self.label
        t = None if label is None else self.target_transform(label[i])
        return self.transform(self.data[i]), t

    def batch(self, indices: object = None):  # of the type that the examples have
        """Return examples stacked to arrays: all of them, or those that indices selects.

        Parameters
        ----------
        indices : slice, integers or mask, optional

        Returns
        -------
        tuple (x, t), or as the examples are
            x of shape (N, ...), t of shape (N, ...) or None.
        """
        chosen = np.arange(len(self)) if indices is None else _chosen(indices, len(self), type(self).__name__)
        sliced = self._sliced(chosen) if len(chosen) else None
        if sliced is not None:
            return sliced
        if not len(chosen):
            raise ValueError(f"{type(self).__name__}.batch expects at least one example, got none")
        return collate([self[i] for i in chosen.tolist()])

    def _sliced(self, indices: np.ndarray) -> object | None:
        """The examples at indices as arrays, if they can be cut out of the data at once; else None."""
        if type(self).__getitem__ is not Dataset.__getitem__:
            return None
        x = _cut(self.data, indices, self.transform)
        if x is None or self.label is None:
            return None if x is None else (x, None)
        t = _cut(self.label, indices, self.target_transform)
        return None if t is None else (x, t)

    @property
    def nbytes(self) -> int:
        """Bytes of the data and labels in memory; `sys.getsizeof` sees the object alone, and not what it refers to."""
        return sum(int(getattr(part, "nbytes", 0)) for part in self._parts().values())

    def _parts(self) -> dict[str, object]:
        """What is stored, under the name that examples give it."""
        return {"x": self.data, "t": self.label}

    def preview(self, n: int = 5) -> Lines:
        """Tell what the first n examples are: shape, dtype and range of each part, after the transforms.

        Examples
        --------
        >>> SinCurve(train=False).preview(2)
        0: x (1,) float64, 1; t (1,) float64, 0.99998
        1: x (1,) float64, 0.99998; t (1,) float64, 0.999921
        """
        lines = []
        for i in range(min(n, len(self))):
            with example_rng(i):  # a look changes no random number that is drawn later
                example = self[i]
            parts = example if isinstance(example, (tuple, list)) else [example]
            names = ["x", "t"] if len(parts) == 2 else [f"part {k}" for k in range(len(parts))]
            pairs = example.items() if isinstance(example, Mapping) else zip(names, parts)
            texts = [_preview(name, part) for name, part in pairs if part is not None]
            lines.append(f"{i}: {'; '.join(texts)}")
        return Lines("\n".join(lines))

    def __repr__(self) -> str:
        return f"{type(self).__name__}(train={self.train}): {self._content()}"

    def _content(self) -> str:
        if type(self).__len__ is Dataset.__len__ and self.data is None:
            return "no data"
        texts = [f"{len(self):,} examples"]
        for name, part in self._parts().items():
            shape, dtype = getattr(part, "shape", None), getattr(part, "dtype", None)
            if shape and dtype is not None:
                texts.append(f"{name} {tuple(shape[1:])} {dtype}")
        if self.nbytes:
            texts.append(f"{_readable(self.nbytes)} in memory")
        for name, transform in (("x", self.transform), ("t", self.target_transform)):
            if transform is not identity:
                text = transform._stages() if isinstance(transform, Compose) else shown(transform)
                texts.append(f"{name} through {text}")
        return ", ".join(texts)


def _checked(transform: object, name: str, dataset: Dataset) -> Transform:
    if transform is None:
        return identity
    if unmade(transform):
        raise TypeError(
            f"{type(dataset).__name__} expects a callable {name}, got the class {named(transform)}: "
            f"write {named(transform)}()"
        )
    if not callable(transform):
        hint = "; Compose makes one of several" if isinstance(transform, (list, tuple)) else ""
        raise TypeError(f"{type(dataset).__name__} expects a callable {name}, got {described(transform)}{hint}")
    return transform


def _is_integer(index: object) -> bool:
    return isinstance(index, (int, np.integer)) or (isinstance(index, np.ndarray) and index.shape == ())


def _position(index: object, dataset: Dataset) -> int:
    n = len(dataset)
    if isinstance(index, (bool, np.bool_)) or (isinstance(index, np.ndarray) and index.dtype.kind not in "iu"):
        raise TypeError(f"{type(dataset).__name__} is indexed with integers, slices and masks, got {index!r}")
    i = int(index)  # type: ignore[call-overload]
    if not -n <= i < n:
        raise IndexError(f"{type(dataset).__name__} has {n} examples, got the index {i}")
    return i + n if i < 0 else i


def _chosen(index: object, n: int, name: str) -> np.ndarray:
    """The positions, 0 to n - 1, that a slice, integers or a mask select."""
    if isinstance(index, slice):
        return np.arange(n)[index]
    if isinstance(index, (list, range, np.ndarray)):
        array = np.asarray(index, dtype=None if len(index) else int)
        if array.ndim == 1 and array.dtype == bool:
            if len(array) != n:
                raise IndexError(f"{name} has {n} examples, got a mask of {len(array)}")
            return np.flatnonzero(array)
        if array.ndim == 1 and array.dtype.kind in "iu":
            wrong = array[(array < -n) | (array >= n)]
            if wrong.size:
                raise IndexError(f"{name} has {n} examples, got the index {wrong[0]}")
            return np.where(array < 0, array + n, array).astype(int)
    raise TypeError(
        f"{name} is indexed with an integer, a slice, a list or array of integers, or a mask, got {described(index)}"
    )


def _cut(stored: object, indices: np.ndarray, transform: Transform) -> Array | None:
    """The examples at indices, transformed at once; None where that needs to be done one by one."""
    if not isinstance(stored, np.ndarray) or type(stored) not in (np.ndarray, np.memmap) or stored.dtype.hasobject:
        return None
    on_batch = batched(transform)
    return None if on_batch is None else on_batch(np.asarray(stored.take(indices, axis=0)))


def _readable(nbytes: int) -> str:
    if nbytes < 1024:
        return f"{nbytes} B"
    for unit in ("KiB", "MiB"):
        nbytes /= 1024  # type: ignore[assignment]
        if nbytes < 1024:
            return f"{nbytes:.1f} {unit}"
    return f"{nbytes / 1024:.1f} GiB"


def _preview(name: object, part: object) -> str:
    if isinstance(part, (int, float, np.generic)):
        return f"{name} {part}"
    return f"{name} {described(part, values=True)}"


# -- data sets made of others ----------------------------------------------------------------------


class ArrayDataset(Dataset):
    """Arrays as a data set: example i is element i of each of them.

    Parameters
    ----------
    *arrays : arrays, shape (N, ...) each
        With one, the examples are its elements. With two or more they are tuples (x, t, ...).
    transform, target_transform : callable, optional
        Applied to the element of the first array and to that of the second.
    train : bool
        For information.

    Raises
    ------
    ValueError
        If there is no array, or if they differ in length.

    Examples
    --------
    >>> x, t = np.arange(6.0).reshape(3, 2), np.array([0, 1, 1])
    >>> ArrayDataset(x, t)[2]
    (array([4., 5.]), np.int64(1))
    >>> ArrayDataset(x)[2]
    array([4., 5.])
    """

    def __init__(
        self,
        *arrays: Array | Sequence,
        transform: Transform | None = None,
        target_transform: Transform | None = None,
        train: bool = True,
    ) -> None:
        known = self._given = tuple(_as_array(a) for a in arrays)
        if not arrays or any(a.ndim == 0 for a in known):
            got = ", ".join(map(described, arrays)) or "none"
            raise ValueError(f"ArrayDataset expects arrays with at least one axis, that of the examples, got {got}")
        if len({len(a) for a in known}) > 1:
            raise ValueError(f"ArrayDataset expects arrays of one length, got {', '.join(map(described, known))}")
        if target_transform is not None and len(arrays) == 1:
            raise ValueError("ArrayDataset has one array, and so no labels for a target_transform")
        super().__init__(train, transform, target_transform)

    def prepare(self) -> None:
        self.data = self._given[0]
        self.label = self._given[1] if len(self._given) > 1 else None

    @property
    def arrays(self) -> tuple[Array, ...]:
        """The arrays: `data` and `label`, which may be replaced, and the further ones."""
        return (self.data, self.label, *self._given[2:])[: len(self._given)]  # type: ignore[return-value]

    def __getitem__(self, index):
        if not _is_integer(index):
            return Subset(self, index)
        i, arrays = _position(index, self), self.arrays
        x = self.transform(arrays[0][i])
        if len(arrays) == 1:
            return x
        return (x, self.target_transform(arrays[1][i]), *(a[i] for a in arrays[2:]))

    def _sliced(self, indices: np.ndarray):
        if type(self).__getitem__ is not ArrayDataset.__getitem__:
            return None
        transforms = [self.transform, self.target_transform] + [identity] * len(self.arrays)
        parts = [_cut(array, indices, transform) for array, transform in zip(self.arrays, transforms)]
        if any(part is None for part in parts):
            return None
        return parts[0] if len(parts) == 1 else tuple(parts)

    def _parts(self) -> dict[str, object]:
        names = ["x", "t"] if len(self.arrays) <= 2 else [f"part {k}" for k in range(len(self.arrays))]
        return dict(zip(names, self.arrays))


def _as_array(x: Array | Sequence) -> Array:
    return x if cuda.is_array(x) else cuda.as_numpy(x)  # type: ignore[return-value]


class Subset(Dataset):
    """Some examples of a data set, in any order. Copies nothing; transforms are those of the data set.

    Parameters
    ----------
    dataset : data set
        Anything with ``len(ds)`` and ``ds[i]``.
    indices : slice, integers or mask
        Which ones, in this order; repetitions are allowed.

    Examples
    --------
    >>> Subset(Spiral(), [5, 0])
    Subset of Spiral(train=True): 2 of 300 examples
    """

    def __init__(self, dataset: object, indices: object) -> None:
        if not (hasattr(dataset, "__len__") and hasattr(dataset, "__getitem__")):
            raise TypeError(f"Subset expects a data set, with len(ds) and ds[i], got {described(dataset)}")
        self.dataset = dataset
        self.indices = _chosen(indices, len(dataset), type(dataset).__name__)
        self.train = getattr(dataset, "train", True)

    def __len__(self) -> int:
        return len(self.indices)

    def __getitem__(self, index):
        if not _is_integer(index):
            return Subset(self.dataset, self.indices[_chosen(index, len(self), "Subset")])
        return self.dataset[int(self.indices[_position(index, self)])]

    def _sliced(self, indices: np.ndarray):
        if type(self).__getitem__ is not Subset.__getitem__ or not isinstance(self.dataset, Dataset):
            return None
        return self.dataset._sliced(self.indices[indices])

    @property
    def nbytes(self) -> int:
        """Bytes of the indices; the examples belong to the data set."""
        return int(self.indices.nbytes)

    def __repr__(self) -> str:
        whole = self.dataset
        train = f"(train={whole.train})" if isinstance(whole, Dataset) else ""
        return f"Subset of {type(whole).__name__}{train}: {len(self):,} of {len(whole):,} examples"


def split(dataset: object, sizes: Sequence[float], seed: int | None = None) -> list[Subset]:
    """Divide a data set at random, into parts that have no example in common.

    Parameters
    ----------
    dataset : data set
    sizes : sequence of int, or of float
        Numbers of examples, with the sum len(dataset); or fractions, with the sum 1.
    seed : int, optional
        The same seed divides alike and leaves NumPy's global generator alone. Without it, one permutation is drawn from
        that.

    Returns
    -------
    list of Subset

    Raises
    ------
    ValueError
        If the sizes are negative or have another sum.

    Examples
    --------
    >>> [len(part) for part in split(Spiral(), [0.8, 0.2], seed=0)]
    [240, 60]
    """
    if not (hasattr(dataset, "__len__") and hasattr(dataset, "__getitem__")):
        raise TypeError(f"split expects a data set, with len(ds) and ds[i], got {described(dataset)}")
    if not isinstance(sizes, (Sequence, np.ndarray)) or not all(isinstance(size, (Real, np.number)) for size in sizes):
        raise TypeError(f"split expects a list of sizes, such as [0.8, 0.2], got {described(sizes)}")
    n = len(dataset)
    fractions = any(isinstance(size, (float, np.floating)) for size in sizes)
    total = sum(sizes)
    if not sizes or min(sizes) < 0 or (abs(total - 1) > 1e-6 if fractions else total != n):
        raise ValueError(
            f"split expects numbers of examples with the sum {n}, or fractions with the sum 1, got {list(sizes)}"
        )
    # rounding the ends, and not the lengths, makes the lengths add up
    ends = np.rint(np.cumsum(sizes) * (n / total if fractions else 1)).astype(int)
    order = (np.random if seed is None else np.random.RandomState(seed)).permutation(n)
    return [Subset(dataset, part) for part in np.split(order, ends[:-1])]


# -- small data sets -------------------------------------------------------------------------------


def get_spiral(train: bool = True) -> tuple[np.ndarray, np.ndarray]:
    """Points of three classes, on the arms of a spiral.

    Parameters
    ----------
    train : bool
        Points for training or others for testing.

    Returns
    -------
    x : ndarray, shape (300, 2), float32
        At most 1 away from the origin, dimensionless.
    t : ndarray, shape (300,), int
        0, 1 or 2.

    Notes
    -----
    Seeds NumPy's global generator, with 1984 for training and 2020 for testing, and leaves it where the drawing ended:
    what scripts draw afterwards, and so the results that the book prints, depend on it.

    Examples
    --------
    >>> x, t = get_spiral()
    >>> x[0], t[0]
    (array([-0.13981389, -0.00721657], dtype=float32), np.int64(1))
    """
    np.random.seed(1984 if train else 2020)
    points, classes = 100, 3
    arm = np.repeat(np.arange(classes), points)
    r = np.tile(np.arange(points) / points, classes)
    theta = arm * 4.0 + 4.0 * r + np.random.randn(len(r)) * 0.2
    x = np.stack([r * np.sin(theta), r * np.cos(theta)], axis=1).astype(np.float32)
    order = np.random.permutation(len(r))
    return x[order], arm[order]


class Spiral(Dataset):
    """The points of `get_spiral`; seeds NumPy's global generator, as it does.

    Examples
    --------
    >>> Spiral()
    Spiral(train=True): 300 examples, x (2,) float32, t () int64, 4.7 KiB in memory
    """

    def prepare(self) -> None:
        self.data, self.label = get_spiral(self.train)


class SinCurve(Dataset):
    """A curve to be continued: x is its height at one place, t that at the next.

    One period of the sine with noise between -0.05 and 0.05 for training, and of the cosine without for testing, at
    1,000 places; so 999 examples, of shape (1,), float64. The noise is drawn from NumPy's global generator, in both
    cases.
    """

    def prepare(self) -> None:
        x = np.linspace(0, 2 * np.pi, 1000)
        noise = np.random.uniform(-0.05, 0.05, size=x.shape)
        y = np.sin(x) + noise if self.train else np.cos(x)
        self.data, self.label = y[:-1, np.newaxis], y[1:, np.newaxis]


# -- images ----------------------------------------------------------------------------------------


class _Images(Dataset):
    """Images of classes with names."""

    def show(self, row: int = 10, col: int = 10) -> None:
        """Draw a table of images, chosen at random, in a window of matplotlib.

        Raises
        ------
        ImportError
            If matplotlib is not installed.
        """
        try:
            pyplot = import_module("matplotlib.pyplot")
        except ImportError as error:
            raise ImportError(f"{type(self).__name__}.show draws with matplotlib: pip install matplotlib") from error
        images = np.asarray(self.data)
        chosen = np.random.RandomState().randint(len(images), size=row * col)
        # (row, col, C, H, W) -> (row, H, col, W, C), one large image
        table = images[chosen].reshape(row, col, *images.shape[1:]).transpose(0, 3, 1, 4, 2)
        table = table.reshape(row * images.shape[2], col * images.shape[3], images.shape[1])
        pyplot.imshow(table.squeeze(), cmap="gray", interpolation="nearest")
        pyplot.axis("off")
        pyplot.show()


def _numbered(names: str | Sequence[str]) -> dict[int, str]:
    return dict(enumerate(names.split() if isinstance(names, str) else names))


class Digits(_Images):
    """Digits written by hand, as images of 8 x 8 pixels; 1,437 for training and 360 for testing.

    They come with the package. The source is *Optical Recognition of Handwritten Digits*, E. Alpaydin and C. Kaynak,
    1998, UCI Machine Learning Repository, CC BY 4.0; ``data/README.md`` in the package says more.

    Parameters
    ----------
    train : bool
    transform, target_transform : callable, optional
        Unless another transform is given, x has shape (1, 8, 8), dtype float32, and values from 0 (paper) to 1 (ink).

    Attributes
    ----------
    data : ndarray, shape (N, 1, 8, 8), uint8
        From 0 to 16.
    label : ndarray, shape (N,), int64

    Examples
    --------
    >>> digits = Digits(train=False)
    >>> digits.preview(2)
    0: x (1, 8, 8) float32, 0 .. 0.9375; t 3
    1: x (1, 8, 8) float32, 0 .. 1; t 7
    >>> digits.transform.trace(digits.data[0])
    example                        (1, 8, 8) uint8, 0 .. 15
    ToFloat(float32)               (1, 8, 8) float32, 0 .. 15
    Normalize(mean=0.0, std=16.0)  (1, 8, 8) float32, 0 .. 0.9375
    """

    def __init__(
        self,
        train: bool = True,
        transform: Transform | None = Compose([ToFloat(), Normalize(0.0, 16.0)]),  # noqa: B008  # it has no state
        target_transform: Transform | None = None,
    ) -> None:
        super().__init__(train, transform, target_transform)

    def prepare(self) -> None:
        folder = Path(__file__).with_name("data")
        text = gzip.decompress((folder / "digits.csv.gz").read_bytes()).decode("ascii")
        numbers = np.array(text.replace("\n", ",").rstrip(",").split(","), dtype=np.uint8).reshape(-1, 65)
        held_out = np.zeros(len(numbers), dtype=bool)
        held_out[[int(line) for line in (folder / "digits_test.txt").read_text("ascii").split()]] = True
        numbers = numbers[~held_out if self.train else held_out]
        self.data = np.ascontiguousarray(numbers[:, :64]).reshape(-1, 1, 8, 8)
        self.label = numbers[:, 64].astype(np.int64)

    @staticmethod
    def labels() -> dict[int, str]:
        """Return the names of the classes."""
        return _numbered("0 1 2 3 4 5 6 7 8 9")


class MNIST(_Images):
    """Digits written by hand, as images of 28 x 28 pixels; 60,000 for training and 10,000 for testing.

    Parameters
    ----------
    train : bool
    transform, target_transform : callable, optional
        Unless another transform is given, x has shape (784,), dtype float32, and values from 0 (paper) to 1 (ink).
    root : path, optional
        The folder with the files; ``DEZERO_HOME`` or ``~/.dezero`` unless given. The four files
        (``train-images-idx3-ubyte.gz`` and so on, or unpacked) may lie in it, or in its folders ``mnist`` or
        ``MNIST/raw``, where torchvision puts them. What is not there is downloaded.

    Attributes
    ----------
    data : ndarray, shape (N, 1, 28, 28), uint8
    label : ndarray, shape (N,), uint8

    Raises
    ------
    RuntimeError
        If files are missing and cannot be downloaded; the message says what to place where.
    ValueError
        If a file is none of this format.

    References
    ----------
    LeCun, Bottou, Bengio & Haffner, "Gradient-Based Learning Applied to Document Recognition", 1998.
    """

    _folders: tuple[str, ...] = ("", "mnist", "MNIST/raw")  # the first is where downloads go
    _mirrors: tuple[str, ...] = (
        "https://ossci-datasets.s3.amazonaws.com/mnist/",
        "https://storage.googleapis.com/cvdf-datasets/mnist/",
        "https://raw.githubusercontent.com/fgnt/mnist/master/",
    )
    _checksums: Mapping[str, str] = {
        "train-images-idx3-ubyte.gz": "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
        "train-labels-idx1-ubyte.gz": "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
        "t10k-images-idx3-ubyte.gz": "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
        "t10k-labels-idx1-ubyte.gz": "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
    }

    def __init__(
        self,
        train: bool = True,
        transform: Transform | None = Compose([Flatten(), ToFloat(), Normalize(0.0, 255.0)]),  # noqa: B008  # no state
        target_transform: Transform | None = None,
        root: Root = None,
    ) -> None:
        self.root = root
        super().__init__(train, transform, target_transform)

    def prepare(self) -> None:
        kind = "train" if self.train else "t10k"
        names = [f"{kind}-images-idx3-ubyte.gz", f"{kind}-labels-idx1-ubyte.gz"]
        base = _base(self.root)
        paths = _found(base, self._folders, names) or _found(
            base, self._folders, [name.removesuffix(".gz") for name in names]
        )
        # what a folder of the user's own holds is read as it is; in the cache, fetch compares the checksum
        if paths is None or (self.root is None and paths[0].parent == base / self._folders[0] and _gz(paths[0])):
            remotes = [
                Remote(name, tuple(mirror + name for mirror in self._mirrors), self._checksums[name]) for name in names
            ]
            paths = fetch(remotes, base / self._folders[0], who=type(self).__name__)
        images, self.label = (read_idx(path) for path in paths)
        if images.ndim != 3 or self.label.ndim != 1 or len(images) != len(self.label):
            raise ValueError(
                f"{type(self).__name__} expects N images and N labels, got {described(images)} in {paths[0]} "
                f"and {described(self.label)} in {paths[1]}"
            )
        self.data = images[:, np.newaxis]

    @staticmethod
    def labels() -> dict[int, str]:
        """Return the names of the classes."""
        return _numbered("0 1 2 3 4 5 6 7 8 9")


class FashionMNIST(MNIST):
    """Pieces of clothing, as images of 28 x 28 pixels; 60,000 for training and 10,000 for testing.

    All is as in `MNIST`, but for the folders: the names of the files are the same, so they lie in ``FashionMNIST/raw``,
    where torchvision puts them, or in ``fashion-mnist``.

    References
    ----------
    Xiao, Rasul & Vollgraf, "Fashion-MNIST: a Novel Image Dataset for Benchmarking Machine Learning Algorithms", 2017.
    """

    _folders = ("FashionMNIST/raw", "fashion-mnist")
    _mirrors = (
        "https://fashion-mnist.s3.eu-central-1.amazonaws.com/",
        "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/",
    )
    _checksums = {  # noqa: RUF012
        "train-images-idx3-ubyte.gz": "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84",
        "train-labels-idx1-ubyte.gz": "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845",
        "t10k-images-idx3-ubyte.gz": "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073",
        "t10k-labels-idx1-ubyte.gz": "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5",
    }

    @staticmethod
    def labels() -> dict[int, str]:
        """Return the names of the classes."""
        return _numbered(
            ["T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"]
        )


class CIFAR10(_Images):
    """Photographs of ten kinds of things, 32 x 32 pixels in colour; 50,000 for training and 10,000 for testing.

    Parameters
    ----------
    train : bool
    transform, target_transform : callable, optional
        Unless another transform is given, x has shape (3, 32, 32), dtype float32, and values from -1 to 509: 0.5 is
        subtracted from 0 to 255, and the result divided by 0.5, as in the book.
    root : path, optional
        The folder with ``cifar-10-python.tar.gz``, or with what is in it, the folder ``cifar-10-batches-py``;
        ``DEZERO_HOME`` or ``~/.dezero`` unless given. What is not there is downloaded.

    Attributes
    ----------
    data : ndarray, shape (N, 3, 32, 32), uint8
    label : ndarray, shape (N,), int64

    Raises
    ------
    RuntimeError
        If the file is missing and cannot be downloaded; the message says what to place where.
    ValueError
        If a file is none of this format.

    Notes
    -----
    The files are pickles. They are read by a reader that knows arrays, numbers, texts, lists and dicts, and refuses the
    rest. In the folder of downloads, the result is kept beside the archive, as npz, and read from there the next time.

    References
    ----------
    Krizhevsky, "Learning Multiple Layers of Features from Tiny Images", 2009.
    """

    _archive = Remote(
        "cifar-10-python.tar.gz",
        ("https://www.cs.toronto.edu/~kriz/cifar-10-python.tar.gz",),
        "6d958be074577803d12ecdefd02955f39262c83c16fe9348329d7fe0b5c001ce",
    )
    _folder = "cifar-10-batches-py"
    _members: Mapping[bool, Sequence[str]] = {
        True: [f"data_batch_{i}" for i in range(1, 6)],
        False: ["test_batch"],
    }
    _label_key = "labels"

    def __init__(
        self,
        train: bool = True,
        transform: Transform | None = Compose([ToFloat(), Normalize(0.5, 0.5)]),  # noqa: B008  # it has no state
        target_transform: Transform | None = None,
        root: Root = None,
    ) -> None:
        self.root = root
        super().__init__(train, transform, target_transform)

    def prepare(self) -> None:
        cached = f"{self._archive.name}{'' if self._label_key == 'labels' else '.' + self._label_key.split('_')[0]}"
        if self.root is None:
            data, label = load_cache_npz(cached, self.train)
            if data is not None and data.ndim == 4 and label is not None and len(data) == len(label):
                self.data, self.label = data.astype(np.uint8, copy=False), label.astype(np.int64, copy=False)
                return
        batches = [_unpickled(text, name) for name, text in self._texts()]
        try:
            pixels = np.concatenate([np.asarray(batch[b"data"], dtype=np.uint8) for batch in batches])
            self.data = pixels.reshape(-1, 3, 32, 32)
            self.label = np.concatenate([np.asarray(b[self._label_key.encode()], dtype=np.int64) for b in batches])
        except (KeyError, ValueError, TypeError) as error:
            raise ValueError(
                f"{type(self).__name__} expects images and {self._label_key} in {self._archive.name}: {error}"
            ) from error
        if len(self.data) != len(self.label):
            raise ValueError(
                f"{type(self).__name__} expects one label per image, got {len(self.label)} for {len(self.data)}"
            )
        if self.root is None:
            save_cache_npz(self.data, self.label, cached, self.train)

    def _texts(self) -> list[tuple[str, bytes]]:
        """Names and contents of the files for training or testing."""
        base, members = _base(self.root), self._members[bool(self.train)]
        unpacked = [base / self._folder / name for name in members]
        archive = base / self._archive.name
        if all(path.is_file() for path in unpacked):
            return [(str(path), path.read_bytes()) for path in unpacked]
        if self.root is None or not archive.is_file():
            (archive,) = fetch([self._archive], base, who=type(self).__name__)
        wanted = {f"{self._folder}/{name}": b"" for name in members}
        with tarfile.open(archive, "r:gz") as tar:
            for member in tar:  # by their names, in one pass; nothing is written anywhere
                if member.name in wanted and member.isfile():
                    wanted[member.name] = tar.extractfile(member).read()  # type: ignore[union-attr]
        missing = [name for name, text in wanted.items() if not text]
        if missing:
            raise ValueError(f"{type(self).__name__} expects {', '.join(missing)} in {archive}, which has no such file")
        return list(wanted.items())

    @staticmethod
    def labels() -> dict[int, str]:
        """Return the names of the classes."""
        return _numbered("airplane automobile bird cat deer dog frog horse ship truck")


class CIFAR100(CIFAR10):
    """Photographs of a hundred kinds of things, 32 x 32 pixels in colour; 50,000 for training and 10,000 for testing.

    Parameters
    ----------
    train, transform, target_transform, root
        As in `CIFAR10`; the archive is ``cifar-100-python.tar.gz``, the folder ``cifar-100-python``.
    label_type : str
        "fine" for the hundred classes, "coarse" for the twenty that they are grouped in.
    """

    _archive = Remote(
        "cifar-100-python.tar.gz",
        ("https://www.cs.toronto.edu/~kriz/cifar-100-python.tar.gz",),
        "85cd44d02ba6437773c5bbd22e183051d648de2e7d6b014e1ef29b855ba677a7",
    )
    _folder = "cifar-100-python"
    _members = {True: ["train"], False: ["test"]}  # noqa: RUF012

    def __init__(
        self,
        train: bool = True,
        transform: Transform | None = Compose([ToFloat(), Normalize(0.5, 0.5)]),  # noqa: B008  # it has no state
        target_transform: Transform | None = None,
        label_type: str = "fine",
        root: Root = None,
    ) -> None:
        _check_label_type(label_type)
        self.label_type = label_type
        self._label_key = f"{label_type}_labels"
        super().__init__(train, transform, target_transform, root)

    @staticmethod
    def labels(label_type: str = "fine") -> dict[int, str]:
        """Return the names of the classes, the hundred fine or the twenty coarse ones."""
        _check_label_type(label_type)
        return _numbered(_FINE if label_type == "fine" else _COARSE)


def _check_label_type(label_type: str) -> None:
    if label_type not in ("fine", "coarse"):
        raise ValueError(f"CIFAR100 expects label_type 'fine' or 'coarse', got {label_type!r}")


_FINE = """\
apple aquarium_fish baby bear beaver bed bee beetle bicycle bottle bowl boy bridge bus butterfly camel can castle
caterpillar cattle chair chimpanzee clock cloud cockroach couch crab crocodile cup dinosaur dolphin elephant flatfish
forest fox girl hamster house kangaroo keyboard lamp lawn_mower leopard lion lizard lobster man maple_tree motorcycle
mountain mouse mushroom oak_tree orange orchid otter palm_tree pear pickup_truck pine_tree plain plate poppy porcupine
possum rabbit raccoon ray road rocket rose sea seal shark shrew skunk skyscraper snail snake spider squirrel streetcar
sunflower sweet_pepper table tank telephone television tiger tractor train trout tulip turtle wardrobe whale
willow_tree wolf woman worm"""

_COARSE = """\
aquatic_mammals fish flowers food_containers fruit_and_vegetables household_electrical_devices household_furniture
insects large_carnivores large_man-made_outdoor_things large_natural_outdoor_scenes large_omnivores_and_herbivores
medium_mammals non-insect_invertebrates people reptiles small_mammals trees vehicles_1 vehicles_2"""


class ImageNet(Dataset):
    """The names of the thousand classes of ImageNet; the images are not to be had freely."""

    @staticmethod
    def labels(path: Root = None) -> dict[int, str]:
        """Return the names of the classes, by their numbers from 0 to 999.

        Parameters
        ----------
        path : path, optional
            A file with the names: JSON (a list; or a dict from the numbers to names, or to lists that end with the
            name), or text with lines such as ``281: 'tabby, tabby cat',``. Without it, such a text is downloaded, once.

        Raises
        ------
        ValueError
            If the file has other than a thousand names.

        Notes
        -----
        No list comes with the package, because none is published with a licence. The text is read line by line;
        nothing in it is evaluated.
        """
        source = Path(get_file(_IMAGENET_LABELS) if path is None else path)
        text = source.read_text(encoding="utf-8")
        names: dict[int, str] = {}
        if text.lstrip().startswith(("[", '{"')):
            entries = json.loads(text)
            pairs = enumerate(entries) if isinstance(entries, list) else entries.items()
            names = {int(number): name if isinstance(name, str) else str(name[-1]) for number, name in pairs}
        else:
            for number, _, name in re.findall(r"""^[\s{]*(\d+)\s*:\s*(["'])(.*)\2[\s,}]*$""", text, re.MULTILINE):
                names[int(number)] = name
        if sorted(names) != list(range(1000)):
            raise ValueError(
                f"ImageNet.labels expects the names of the classes 0 to 999 in {source}, got {len(names)} names"
            )
        return names


_IMAGENET_LABELS = (
    "https://gist.githubusercontent.com/yrevar/942d3a0ac09ec9e5eb3a/raw/238f720ff059c1f82f368259d1ca4ffa5dd8f9f5/"
    "imagenet1000_clsidx_to_labels.txt"
)


# -- texts -----------------------------------------------------------------------------------------


class Shakespeare(Dataset):
    """A million characters of Shakespeare's plays: x is the number of a character, t that of the next one.

    Parameters
    ----------
    train : bool
        For information: there is one text.
    transform, target_transform : callable, optional
    root : path, optional
        The folder with the text, as ``shakespear.txt`` (the book's name for it), ``input.txt`` or
        ``tinyshakespeare/input.txt``; ``DEZERO_HOME`` or ``~/.dezero`` unless given. It is downloaded if it is not
        there.

    Attributes
    ----------
    char_to_id, id_to_char : dict
        Characters are numbered in the order in which they first come in the text.
    data, label : ndarray, shape (N,), int64
    """

    _names: tuple[str, ...] = ("shakespear.txt", "input.txt", "tinyshakespeare/input.txt")

    def __init__(
        self,
        train: bool = True,
        transform: Transform | None = None,
        target_transform: Transform | None = None,
        root: Root = None,
    ) -> None:
        self.root = root
        super().__init__(train, transform, target_transform)

    def prepare(self) -> None:
        base = _base(self.root)
        path = next((base / name for name in self._names if (base / name).is_file()), None)
        if path is None:
            url = "https://raw.githubusercontent.com/karpathy/char-rnn/master/data/tinyshakespeare/input.txt"
            checksum = "86c4e6aa9db7c042ec79f339dcb96d42b0075e16b8fc2e86bf0ca57e2dc565ed"
            (path,) = fetch([Remote(self._names[0], (url,), checksum)], base, who=type(self).__name__)
        text = path.read_text(encoding="utf-8")
        codes = np.frombuffer(text.encode("utf-32-le"), dtype="<u4")
        known, first, ids = np.unique(codes, return_index=True, return_inverse=True)
        order = np.argsort(first)
        self.id_to_char = {i: chr(code) for i, code in enumerate(known[order].tolist())}
        self.char_to_id = {char: i for i, char in self.id_to_char.items()}
        numbers = np.argsort(order)[ids]  # the inverse of the permutation
        self.data, self.label = numbers[:-1], numbers[1:]


Shakespear = Shakespeare  # the name in the book


# -- files -----------------------------------------------------------------------------------------


def _base(root: Root) -> Path:
    return cache_home() if root is None else Path(root).expanduser()


def _gz(path: Path) -> bool:
    return path.suffix == ".gz"


def _found(base: Path, folders: Sequence[str], names: Sequence[str]) -> list[Path] | None:
    """The files of these names, in the first of the folders that has them all."""
    for folder in folders:
        paths = [base / folder / name for name in names]
        if all(path.is_file() for path in paths):
            return paths
    return None


def read_idx(path: Root) -> np.ndarray:
    """Read an array of bytes from a file in the format of MNIST (IDX), compressed with gzip or not.

    Raises
    ------
    ValueError
        If the file is of another format, or if its length is not what it says.

    References
    ----------
    The page of MNIST: two bytes of zeros, one for the type (8: bytes without sign) and one for the number of axes; then
    their lengths, as four bytes each, the highest first; then the elements.
    """
    path = Path(path)  # type: ignore[arg-type]
    content = path.read_bytes()
    if content[:2] == b"\x1f\x8b":
        try:
            content = gzip.decompress(content)
        except (OSError, EOFError) as error:
            raise ValueError(f"{path} is damaged: {error}; remove it, and it is downloaded anew") from error
    if len(content) < 4 or content[:3] != b"\x00\x00\x08" or len(content) < 4 + 4 * content[3]:
        raise ValueError(f"{path} is not in the format of MNIST (IDX, of bytes): it begins with {content[:4].hex(' ')}")
    start = 4 + 4 * content[3]
    shape = struct.unpack(f">{content[3]}I", content[4:start])
    if len(content) - start != int(np.prod(shape, dtype=object)):
        raise ValueError(f"{path} is damaged: {len(content) - start} bytes where {shape} elements are announced")
    return np.frombuffer(content, dtype=np.uint8, offset=start).reshape(shape).copy()  # writable


def _reconstruct(*_: object) -> np.ndarray:
    return np.empty(0, dtype=np.uint8)  # the state that follows gives shape, dtype and elements


def _plain_dtype(*arguments: object) -> np.dtype:
    dtype = np.dtype(*arguments)  # type: ignore[call-overload]
    if dtype.hasobject:
        raise pickle.UnpicklingError("it has arrays of objects")
    return dtype


class _ArrayReader(pickle.Unpickler):
    """Reads numbers, texts, lists, dicts and arrays of numbers; nothing else can be made or called."""

    _known: Mapping[tuple[str, str], Callable] = {
        ("numpy", "ndarray"): np.ndarray,
        ("numpy", "dtype"): _plain_dtype,
        ("numpy.core.multiarray", "_reconstruct"): _reconstruct,
        ("numpy._core.multiarray", "_reconstruct"): _reconstruct,
    }

    def find_class(self, module: str, name: str) -> Callable:
        if (module, name) not in self._known:
            raise pickle.UnpicklingError(f"it asks for {module}.{name}, which is no array")
        return self._known[module, name]

    def persistent_load(self, _: object) -> object:
        raise pickle.UnpicklingError("it refers to something outside")


def _unpickled(content: bytes, name: str) -> dict:
    try:
        batch = _ArrayReader(io.BytesIO(content), encoding="bytes").load()
    except Exception as error:  # damaged bytes fail in many ways
        raise ValueError(f"{name} is refused: {error}") from error
    if not isinstance(batch, dict):
        raise ValueError(f"{name} is refused: it holds {described(batch)} in place of a dict")
    return batch


def load_cache_npz(filename: str, train: bool = False) -> tuple[np.ndarray | None, np.ndarray | None]:
    """Return data and label that `save_cache_npz` has kept; (None, None) if there are none.

    Parameters
    ----------
    filename : str
        A file or address, of which the last part counts.
    train : bool
        Whether those for training or for testing.
    """
    path = _cache_path(filename, train)
    if not path.is_file():
        return None, None
    try:
        with open(path, "rb") as file, np.load(file, allow_pickle=False) as loaded:
            return loaded["data"], loaded["label"]
    except (OSError, ValueError, KeyError, zipfile.BadZipFile):
        return None, None  # damaged: it is made again


def save_cache_npz(data: np.ndarray, label: np.ndarray, filename: str, train: bool = False) -> str:
    """Keep data and label in the folder of downloads, for `load_cache_npz`; return the path."""
    path = _cache_path(filename, train)
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", delete=False) as file:
        try:
            np.savez(file, allow_pickle=False, data=data, label=label)
            file.flush()
            os.fsync(file.fileno())
            file.close()
            os.replace(file.name, path)
        except BaseException:
            os.unlink(file.name)
            raise
    return str(path)


def _cache_path(filename: str, train: bool) -> Path:
    return cache_home() / f"{filename.rsplit('/', 1)[-1]}.{'train' if train else 'test'}.npz"
