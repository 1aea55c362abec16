"""Functions that move elements and compute nothing: reshape, transpose, joining, repeating, indexing."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

import numpy as np

from dezero import cuda
from dezero._like_array import bare
from dezero.core import Function, Operand, Variable, add, as_variable, broadcast_to, unary
from dezero.cuda import Array

__all__ = [
    "Concatenate", "Flip", "GetItem", "GetItemGrad", "Pad", "Reshape", "Roll", "Split", "Stack", "Transpose",
    "concatenate", "expand_dims", "flatten", "flip", "get_item", "get_item_grad", "moveaxis", "pad", "ravel", "repeat",
    "reshape", "roll", "scatter_add", "split", "squeeze", "stack", "swapaxes", "take", "take_along_axis", "tile",
    "transpose",
]  # fmt: skip


# -- axes ------------------------------------------------------------------------------------------


def _shape(x: Operand) -> tuple[int, ...]:
    """The shape of x, without making it a Variable: an array would become one that wants a gradient."""
    shape = getattr(x, "shape", None)
    return as_variable(x).shape if shape is None else shape


def _axis(function: str, axis: object, shape: tuple[int, ...], of: str = "") -> int:
    """The axis counted from the front."""
    if not isinstance(axis, (int, np.integer)):
        raise TypeError(f"{function} expects axes as integers, got {type(axis).__name__}")
    if not -len(shape) <= axis < len(shape):
        raise np.exceptions.AxisError(f"{function}: axis {axis} is out of range for {of or f'x of shape {shape}'}")
    return int(axis) % len(shape)


def _axes(function: str, axis: int | Sequence[int] | None, shape: tuple[int, ...], of: str = "") -> tuple[int, ...]:
    """The axes counted from the front; all of them for None."""
    if axis is None:
        return tuple(range(len(shape)))
    axes = tuple([_axis(function, a, shape, of) for a in (axis if isinstance(axis, Sequence) else (axis,))])
    if len(set(axes)) < len(axes):
        raise ValueError(f"{function} expects every axis once, got {axis} for {of or f'x of shape {shape}'}")
    return axes


# -- another shape or order ------------------------------------------------------------------------


class Reshape(Function):
    """The same elements in another shape."""

    def __init__(self, shape: tuple[int, ...]) -> None:
        self.shape = shape

    def forward(self, x):
        return x.reshape(self.shape)

    def vjp(self, m, gy, x):
        return m.reshape(gy, x.shape)


class Transpose(Function):
    """The same elements with the axes in another order."""

    def __init__(self, axes: tuple[int, ...] | None) -> None:
        self.axes = axes

    def forward(self, x):
        return x.transpose(self.axes)

    def vjp(self, m, gy, x):
        if self.axes is None:
            return m.transpose(gy)
        return m.transpose(gy, tuple(np.argsort([axis % x.ndim for axis in self.axes]).tolist()))


def reshape(x: Operand, shape: int | Sequence[int]) -> Variable:
    """Give the elements of x, in their order, another shape.

    Parameters
    ----------
    x : Variable or array
    shape : int or sequence of int
        As many elements as x has; one size may be -1 and is then worked out.

    Returns
    -------
    Variable, of the given shape
        x itself if it has that shape already.

    Raises
    ------
    ValueError
        If the number of elements differs.

    Examples
    --------
    >>> reshape(np.arange(6), (2, -1))
    variable([[0 1 2]
              [3 4 5]])
    """
    shape = tuple(shape) if isinstance(shape, (Sequence, np.ndarray)) and not isinstance(shape, str) else (shape,)
    if _shape(x) == shape:
        if float in map(type, shape):  # (2.0, 3.0) == (2, 3)
            raise TypeError(f"reshape expects sizes as integers, got {shape}")
        return as_variable(x)
    return unary(Reshape(shape), x)


def transpose(x: Operand, axes: Sequence[int] | None = None) -> Variable:
    """Put the axes of x in another order.

    Parameters
    ----------
    x : Variable or array
    axes : sequence of int, optional
        Axis i of the result is axis ``axes[i]`` of x; by default the order is reversed.

    Raises
    ------
    ValueError
        If axes is no permutation of the axes of x.

    Examples
    --------
    >>> transpose(np.arange(6).reshape(2, 3))
    variable([[0 3]
              [1 4]
              [2 5]])
    """
    if axes is not None:
        axes, n = tuple(axes), len(_shape(x))
        if len(axes) != n:
            swap = f"; swapaxes exchanges {axes[0]} and {axes[1]}" if len(axes) == 2 else ""
            raise ValueError(f"transpose expects all {n} axes of x in their new order, got {axes} for x of shape "
                             f"{_shape(x)}{swap}")  # fmt: skip
    return unary(Transpose(axes), x)


def swapaxes(x: Operand, axis1: int, axis2: int) -> Variable:
    """Exchange two axes of x.

    Parameters
    ----------
    x : Variable or array
    axis1, axis2 : int
        May be negative.

    Raises
    ------
    AxisError
        If x has no such axis; it is a ValueError and an IndexError.

    Examples
    --------
    >>> swapaxes(np.zeros((2, 3, 4)), -1, -2).shape
    (2, 4, 3)
    """
    shape = _shape(x)
    axis1, axis2 = _axis("swapaxes", axis1, shape), _axis("swapaxes", axis2, shape)
    axes = list(range(len(shape)))
    axes[axis1], axes[axis2] = axis2, axis1
    return transpose(x, axes)


def moveaxis(x: Operand, source: int | Sequence[int], destination: int | Sequence[int]) -> Variable:
    """Move axes of x to other places; the others stay in their order.

    Parameters
    ----------
    x : Variable or array
    source : int or sequence of int
        The axes to move.
    destination : int or sequence of int
        Where each of them is in the result.

    Raises
    ------
    AxisError
        If x has no such axis; it is a ValueError and an IndexError.
    ValueError
        If an axis is named twice, or source and destination differ in length.

    Examples
    --------
    >>> moveaxis(np.zeros((2, 3, 4)), 0, -1).shape
    (3, 4, 2)
    """
    shape = _shape(x)
    sources, destinations = _axes("moveaxis", source, shape), _axes("moveaxis", destination, shape)
    if len(sources) != len(destinations):
        raise ValueError(f"moveaxis expects as many destinations as sources, got {source} and {destination}")
    axes = [axis for axis in range(len(shape)) if axis not in sources]
    for to, axis in sorted(zip(destinations, sources)):
        axes.insert(to, axis)
    return transpose(x, axes)


def flatten(x: Operand) -> Variable:
    """Join all axes of x but the first, which counts the samples; `ravel` joins all.

    Parameters
    ----------
    x : Variable or array, shape (N, ...)

    Returns
    -------
    Variable, shape (N, D)
        D is the number of elements of a sample.

    Raises
    ------
    ValueError
        If x is 0-dimensional.

    Examples
    --------
    >>> flatten(np.zeros((10, 3, 8, 8))).shape
    (10, 192)
    """
    shape = _shape(x)
    if not shape:
        raise ValueError("flatten expects x of shape (N, ...), got (); ravel makes one axis of any shape")
    return reshape(x, (shape[0], prod(shape[1:])))


def ravel(x: Operand) -> Variable:
    """Join all axes of x to one, in the order of the elements; `flatten` leaves the first alone.

    Parameters
    ----------
    x : Variable or array

    Returns
    -------
    Variable, 1-dimensional

    Examples
    --------
    >>> ravel(np.array([[1, 2], [3, 4]]))
    variable([1 2 3 4])
    """
    return reshape(x, (prod(_shape(x)),))


def expand_dims(x: Operand, axis: int | Sequence[int]) -> Variable:
    """Insert axes of size 1.

    Parameters
    ----------
    x : Variable or array
    axis : int or sequence of int
        Where they are in the result; negative ones are counted from its end.

    Raises
    ------
    AxisError
        If the result has no such axis; it is a ValueError and an IndexError.
    ValueError
        If an axis is named twice.

    Examples
    --------
    >>> expand_dims(np.zeros((3, 4)), -1).shape, expand_dims(np.zeros(3), (0, 2)).shape
    ((3, 4, 1), (1, 3, 1))
    """
    shape = _shape(x)
    new = axis if isinstance(axis, Sequence) else (axis,)
    n = len(shape) + len(new)
    axes = _axes("expand_dims", new, (1,) * n, of=f"a result of {n} axes, x being of shape {shape}")
    sizes = iter(shape)
    return reshape(x, tuple([1 if i in axes else next(sizes) for i in range(n)]))


def squeeze(x: Operand, axis: int | Sequence[int] | None = None) -> Variable:
    """Remove axes of size 1.

    Parameters
    ----------
    x : Variable or array
    axis : int or sequence of int, optional
        By default all axes of size 1.

    Raises
    ------
    AxisError
        If x has no such axis; it is a ValueError and an IndexError.
    ValueError
        If an axis has another size, or is named twice.

    Examples
    --------
    >>> squeeze(np.zeros((1, 3, 1))).shape, squeeze(np.zeros((1, 3, 1)), -1).shape
    ((3,), (1, 3))
    """
    shape = _shape(x)
    if axis is None:
        return reshape(x, tuple([n for n in shape if n != 1]))
    axes = _axes("squeeze", axis, shape)
    for a in axes:
        if shape[a] != 1:
            raise ValueError(f"squeeze expects axes of size 1, got axis {a} of x of shape {shape}")
    return reshape(x, tuple([n for i, n in enumerate(shape) if i not in axes]))


# -- mirrored and rolled ---------------------------------------------------------------------------


class Flip(Function):
    """The elements in reverse order along axes."""

    def __init__(self, axis: tuple[int, ...]) -> None:
        self.axis = axis

    def forward(self, x):
        return np.flip(x, self.axis)

    def vjp(self, m, gy, x):
        return m.flip(gy, self.axis)


class Roll(Function):
    """The elements moved along axes; those that leave at one end come in at the other."""

    def __init__(self, shift: int | tuple[int, ...], axis: int | tuple[int, ...] | None) -> None:
        self.shift, self.axis = shift, axis

    def forward(self, x):
        return np.roll(x, self.shift, self.axis)

    def vjp(self, m, gy, x):
        back = tuple([-n for n in self.shift]) if isinstance(self.shift, tuple) else -self.shift
        return m.roll(gy, back, self.axis)


def flip(x: Operand, axis: int | Sequence[int] | None = None) -> Variable:
    """Reverse the order of the elements along axes.

    Parameters
    ----------
    x : Variable or array
    axis : int or sequence of int, optional
        All axes by default.

    Raises
    ------
    AxisError
        If x has no such axis; it is a ValueError and an IndexError.
    ValueError
        If an axis is named twice.

    Examples
    --------
    >>> flip(np.array([[1, 2], [3, 4]]), axis=1)
    variable([[2 1]
              [4 3]])
    """
    return unary(Flip(_axes("flip", axis, _shape(x))), x)


def roll(x: Operand, shift: int | Sequence[int], axis: int | Sequence[int] | None = None) -> Variable:
    """Move the elements along axes; those that leave at one end come in at the other.

    Parameters
    ----------
    x : Variable or array
    shift : int or sequence of int
        By how many places, towards the end; a sequence has one number for each axis.
    axis : int or sequence of int, optional
        By default, the elements move as if x were flat.

    Raises
    ------
    AxisError
        If x has no such axis; it is a ValueError and an IndexError.
    ValueError
        If shift and axis are sequences of different lengths.

    Examples
    --------
    >>> roll(np.array([1, 2, 3, 4]), 1)
    variable([4 1 2 3])
    """
    _integers("roll", "shift", shift)
    shift = tuple(shift) if isinstance(shift, Sequence) else shift
    if axis is not None:
        shape = _shape(x)
        axis = tuple([_axis("roll", a, shape) for a in (axis if isinstance(axis, Sequence) else (axis,))])
        if isinstance(shift, tuple) and len(shift) not in (1, len(axis)) and len(axis) != 1:
            raise ValueError(f"roll expects one shift for each axis, got {shift} for the axes {axis}")
    return unary(Roll(shift, axis), x)


# -- joined and cut --------------------------------------------------------------------------------


class Concatenate(Function):
    """Arrays one after the other along an axis; the adjoint of Split."""

    def __init__(self, axis: int) -> None:
        self.axis = axis

    def forward(self, *xs):
        return np.concatenate(xs, self.axis)

    def vjp(self, m, gy, *xs):
        sizes = [x.shape[self.axis] for x in xs]
        return tuple(m.split(gy, np.cumsum(sizes[:-1]).tolist(), self.axis))


class Stack(Function):
    """Arrays of one shape side by side along a new axis."""

    def __init__(self, axis: int) -> None:
        self.axis = axis

    def forward(self, *xs):
        return np.stack(xs, self.axis)

    def vjp(self, m, gy, *xs):
        return tuple([m.squeeze(part, self.axis) for part in m.split(gy, len(xs), self.axis)])


class Split(Function):
    """The parts of an array between cuts along an axis; the adjoint of Concatenate."""

    def __init__(self, cuts: list[int], axis: int) -> None:
        self.cuts, self.axis = cuts, axis

    def forward(self, x):
        return tuple(np.split(x, self.cuts, self.axis))

    def vjp(self, m, gys, x):
        return m.concatenate(gys, self.axis)


def concatenate(xs: Sequence[Operand] | Operand, axis: int | None = 0) -> Variable:
    """Join arrays one after the other along an axis that they have.

    Parameters
    ----------
    xs : sequence of Variable or array
        Of equal shapes but for that axis.
    axis : int or None
        None flattens them first.

    Raises
    ------
    ValueError
        If there is nothing to join, or the shapes do not fit.
    AxisError
        If there is no such axis; it is a ValueError and an IndexError.

    Examples
    --------
    >>> concatenate([np.array([[1, 2]]), np.array([[3, 4]])], axis=1)
    variable([[1 2 3 4]])
    """
    parts = _several("concatenate", xs)
    if axis is None:
        parts, axis = [ravel(x) for x in parts], 0
    return Concatenate(axis)(*parts)  # type: ignore[return-value]  # one output


def stack(xs: Sequence[Operand] | Operand, axis: int = 0) -> Variable:
    """Join arrays of one shape along a new axis.

    Parameters
    ----------
    xs : sequence of Variable, array or number
        All of one shape.
    axis : int
        Where the new axis is in the result.

    Raises
    ------
    ValueError
        If there is nothing to join, or the shapes differ.
    AxisError
        If the result has no such axis; it is a ValueError and an IndexError.

    Examples
    --------
    >>> stack([np.array([1, 2]), np.array([3, 4])], axis=1)
    variable([[1 3]
              [2 4]])
    """
    return Stack(axis)(*_several("stack", xs))  # type: ignore[return-value]  # one output


def _several(function: str, xs: Sequence[Operand] | Operand) -> list[Operand]:
    """The operands in a list; there must be some."""
    if not hasattr(xs, "__len__") or (hasattr(xs, "shape") and not xs.shape):
        raise TypeError(f"{function} expects a sequence of Variables or arrays, got {type(xs).__name__}")
    parts = list(xs)  # type: ignore[arg-type]  # a Variable or an array is a sequence, too
    if not parts:
        raise ValueError(f"{function} expects at least one Variable or array, got an empty sequence")
    for i, x in enumerate(parts):
        if x is None or isinstance(x, str):
            raise TypeError(f"{function} expects Variables and arrays, got {x!r} at place {i} of {len(parts)}")
    return parts


def split(x: Operand, indices_or_sections: int | Sequence[int], axis: int = 0) -> list[Variable]:
    """Cut x along an axis.

    Parameters
    ----------
    x : Variable or array
    indices_or_sections : int or sequence of int
        How many equal parts, or at which indices to cut, in rising order: [2, 3] gives ``x[:2]``, ``x[2:3]`` and
        ``x[3:]``.
    axis : int

    Returns
    -------
    list of Variable

    Raises
    ------
    ValueError
        If the axis cannot be divided in so many equal parts, or the indices fall.
    AxisError
        If x has no such axis; it is a ValueError and an IndexError.

    Examples
    --------
    >>> split(np.arange(6), 3)
    [variable([0 1]), variable([2 3]), variable([4 5])]
    >>> split(np.arange(6), [1, 3])
    [variable([0]), variable([1 2]), variable([3 4 5])]
    """
    axis = _axis("split", axis, _shape(x))
    size = _shape(x)[axis]
    if isinstance(indices_or_sections, (int, np.integer)):
        n = int(indices_or_sections)
        if n < 1 or size % n:
            raise ValueError(f"split cannot cut axis {axis} of size {size} into {n} equal parts; give the indices at "
                             "which to cut")  # fmt: skip
        cuts = [size // n * i for i in range(1, n)]
    else:
        indices = cuda.as_numpy(_integers("split", "indices_or_sections", indices_or_sections)).tolist()
        cuts = [slice(index, None).indices(size)[0] for index in indices]
        if cuts != sorted(cuts):
            raise ValueError(f"split expects indices in rising order, got {indices} for an axis of "
                             f"size {size}")  # fmt: skip
    return Split(cuts, axis)(x) if cuts else [as_variable(x)]  # type: ignore[return-value]  # several outputs


# -- repeated and padded ---------------------------------------------------------------------------


class Pad(Function):
    """An array with a margin of constants."""

    def __init__(self, widths: list[tuple[int, int]], values: object) -> None:
        self.widths, self.values = widths, values

    def forward(self, x):
        return np.pad(x, self.widths, mode="constant", constant_values=self.values)

    def vjp(self, m, gy, x):
        return gy[tuple([slice(before, before + n) for (before, _), n in zip(self.widths, x.shape)])]


def tile(x: Operand, reps: int | Sequence[int] | Array) -> Variable:
    """Lay copies of x side by side.

    Parameters
    ----------
    x : Variable or array
    reps : int or sequence of int
        How many copies along each axis; the last number belongs to the last axis, and missing ones count as 1. More
        numbers than x has axes make new axes in front.

    Raises
    ------
    TypeError
        If the numbers are no integers.
    ValueError
        If one is negative.

    Examples
    --------
    >>> tile(np.array([1, 2]), 2), tile(np.array([1, 2]), (2, 1))
    (variable([1 2 1 2]), variable([[1 2]
              [1 2]]))
    """
    counts = _integers("tile", "reps", reps).reshape(-1).tolist()
    shape = _shape(x)
    n = max(len(shape), len(counts))
    counts, sizes = [1] * (n - len(counts)) + counts, (1,) * (n - len(shape)) + shape
    if any([count < 0 for count in counts]):
        raise ValueError(f"tile expects reps of at least 0, got {reps}")
    spread = broadcast_to(reshape(x, _interleaved([1] * n, sizes)), _interleaved(counts, sizes))
    return reshape(spread, tuple([count * size for count, size in zip(counts, sizes)]))


def _interleaved(a: Sequence[int], b: Sequence[int]) -> tuple[int, ...]:
    return tuple([n for pair in zip(a, b) for n in pair])


def repeat(x: Operand, repeats: int | Sequence[int] | Array, axis: int | None = None) -> Variable:
    """Repeat each element of x, or each slice along an axis.

    Parameters
    ----------
    x : Variable or array
    repeats : int or sequence of int
        How many times, for all alike or for each place along the axis.
    axis : int, optional
        By default x is flattened.

    Raises
    ------
    ValueError
        If a number is negative, or there are not as many as places along the axis.
    AxisError
        If x has no such axis; it is a ValueError and an IndexError.

    Examples
    --------
    >>> repeat(np.array([[1, 2], [3, 4]]), 2, axis=1)
    variable([[1 1 2 2]
              [3 3 4 4]])
    >>> repeat(np.array([1, 2]), [1, 3])
    variable([1 2 2 2])
    """
    if axis is None:
        x, axis = ravel(x), 0
    shape = _shape(x)
    axis = _axis("repeat", axis, shape)
    counts, size = cuda.as_numpy(_integers("repeat", "repeats", repeats)), shape[axis]
    if np.any(counts < 0) or counts.shape not in ((), (1,), (size,)):
        raise ValueError(f"repeat expects repeats of at least 0, one number or {size}, one for each place along axis "
                         f"{axis} of x of shape {shape}; got {counts.tolist()}")  # fmt: skip
    if counts.size != 1:
        return take(x, np.repeat(np.arange(size), counts), axis)
    n, lead, trail = int(counts.reshape(())), shape[:axis], shape[axis + 1 :]
    spread = broadcast_to(reshape(x, (*lead, size, 1, *trail)), (*lead, size, n, *trail))
    return reshape(spread, (*lead, size * n, *trail))


def pad(
    x: Operand,
    pad_width: int | Sequence[int] | Sequence[Sequence[int]],
    mode: str = "constant",
    constant_values: float | Sequence[float] | Sequence[Sequence[float]] = 0,
) -> Variable:
    """Put a margin around x.

    Parameters
    ----------
    x : Variable or array
    pad_width : int or (before, after) or sequence of pairs
        In elements: one number for all sides, one pair for all axes, or one pair for each axis.
    mode : "constant", "edge" or "reflect"
        What the margin holds: a constant; the element at the edge; or the elements mirrored at the edge, which
        itself is not repeated.
    constant_values : number or (before, after) or sequence of pairs
        The constants of mode "constant", in the dtype of x; no gradient flows into them.

    Returns
    -------
    Variable
        x itself if there is nothing to add.

    Raises
    ------
    TypeError
        If pad_width is not made of integers, or constant_values is a Variable.
    ValueError
        If pad_width is negative or does not fit x, or the mode is unknown or cannot extend an axis of size 0.

    Examples
    --------
    >>> pad(np.array([1, 2, 3]), (1, 2))
    variable([0 1 2 3 0 0])
    >>> pad(np.array([1, 2, 3]), 2, mode="reflect")
    variable([3 2 1 2 3 2 1])
    """
    shape = _shape(x)
    widths = _widths(pad_width, shape)
    if mode == "constant":
        if isinstance(constant_values, Variable):
            raise TypeError("pad expects constant_values as numbers, got a Variable, to which no gradient would flow; "
                            "join it to x with concatenate, or give its .data")  # fmt: skip
        if np.asarray(constant_values).dtype.kind not in "biufc":
            raise TypeError(f"pad expects constant_values as numbers, got {constant_values!r}")
        return unary(Pad(widths, constant_values), x) if np.any(widths) else as_variable(x)
    if mode not in ("edge", "reflect"):
        raise ValueError(f"pad expects mode 'constant', 'edge' or 'reflect', got {mode!r}")
    if np.any(constant_values):
        raise ValueError(f"pad takes constant_values with mode 'constant' only, got mode {mode!r}")
    y = as_variable(x)
    for axis, width in enumerate(widths):
        if width != (0, 0):
            if shape[axis] == 0:
                raise ValueError(f"pad cannot extend axis {axis} of x of shape {shape} in mode {mode!r}: it is empty")
            y = take(y, np.pad(np.arange(shape[axis]), width, mode=mode), axis)  # type: ignore[call-overload]
    return y


def _widths(pad_width: object, shape: tuple[int, ...]) -> list[tuple[int, int]]:
    """One pair for each axis."""
    given = _integers("pad", "pad_width", pad_width)
    try:
        pairs = np.broadcast_to(given, (len(shape), 2)).tolist()
    except ValueError:
        raise ValueError(f"pad expects pad_width as a number, a pair or {len(shape)} pairs for x of shape {shape}, got "
                         f"{pad_width}") from None  # fmt: skip
    if np.any(given < 0):
        raise ValueError(f"pad expects pad_width of at least 0, got {pad_width}")
    return [(before, after) for before, after in pairs]


# -- indexing --------------------------------------------------------------------------------------


class GetItem(Function):
    """x[slices]."""

    def __init__(self, slices: object) -> None:
        self.slices = slices

    def forward(self, x):
        return x[self.slices]

    def vjp(self, m, gy, x):
        return m.get_item_grad(gy, self.slices, x.shape)


class GetItemGrad(Function):
    """Zeros of a shape, with x added at slices; the adjoint of GetItem."""

    def __init__(self, slices: object, shape: tuple[int, ...]) -> None:
        self.slices, self.shape = slices, shape

    def forward(self, x):
        xp = cuda.get_array_module(x)
        y = xp.zeros(self.shape, x.dtype)
        if _may_repeat(self.slices):
            xp.add.at(y, self.slices, x)
        else:
            y[self.slices] = x
        return y

    def vjp(self, m, gy, x):
        return gy[self.slices]


def _may_repeat(slices: object) -> bool:
    """Whether an element may be picked twice: by integer arrays only, not by numbers, slices, Ellipsis, None, masks."""
    parts = slices if isinstance(slices, tuple) else (slices,)
    return any([getattr(part, "ndim", 0) > 0 and part.dtype != bool for part in parts])


def get_item(x: Operand, slices: object) -> Variable:
    """Pick elements of x: ``x[slices]``.

    Parameters
    ----------
    x : Variable or array
    slices : whatever NumPy indexes with
        Integers, slices, Ellipsis, None, lists or arrays of integers or booleans, tuples of these. Variables count as
        their data. An element picked several times gets the sum of the gradients.

    Raises
    ------
    IndexError
        If x has no such elements.

    Examples
    --------
    >>> get_item(np.array([1.0, 2.0, 3.0]), [0, 0, 2])
    variable([1. 1. 3.])
    """
    return unary(GetItem(_index(slices)), x)


def get_item_grad(gy: Operand, slices: object, shape: tuple[int, ...]) -> Variable:
    """Put gy into an array of zeros at slices, adding up where an element is named twice: the adjoint of `get_item`.

    Parameters
    ----------
    gy : Variable or array
        Of the shape of ``x[slices]``.
    slices : as for `get_item`
    shape : tuple of int
        That of x.

    Examples
    --------
    >>> get_item_grad(np.array([1.0, 2.0, 4.0]), [0, 0, 2], (3,))
    variable([3. 0. 4.])
    """
    return unary(GetItemGrad(_index(slices), shape), gy)


def take(x: Operand, indices: int | Sequence[int] | Array | Variable, axis: int | None = None) -> Variable:
    """Pick slices of x along an axis: ``x[:, indices]`` for axis 1.

    Parameters
    ----------
    x : Variable or array
    indices : int, or (nested) sequence or array of int
        Negative ones are counted from the end; an element picked several times gets the sum of the gradients.
    axis : int, optional
        By default x is flattened.

    Returns
    -------
    Variable
        Of the shape of x, with that of the indices in place of the axis.

    Raises
    ------
    TypeError
        If the indices are no integers.
    IndexError
        If x has no such element or axis.

    Examples
    --------
    >>> take(np.array([[1, 2, 3], [4, 5, 6]]), [0, 0, 2], axis=1)
    variable([[1 1 3]
              [4 4 6]])
    """
    index = _integers("take", "indices", indices)
    if axis is None:
        return get_item(ravel(x), index)
    return get_item(x, (slice(None),) * _axis("take", axis, _shape(x)) + (index,))


def take_along_axis(x: Operand, indices: Sequence | Array | Variable, axis: int | None = -1) -> Variable:
    """Pick, in each line of x along an axis, the elements that the same line of indices names.

    Parameters
    ----------
    x : Variable or array
    indices : array of int
        With as many axes as x; the sizes of the axes but the given one broadcast.
    axis : int or None
        None flattens x; then indices have one axis.

    Returns
    -------
    Variable
        For axis 1 of two, ``y[i, j] = x[i, indices[i, j]]``.

    Raises
    ------
    TypeError
        If the indices are no integers.
    ValueError
        If x and indices differ in the number of axes.
    IndexError
        If x has no such element or axis.

    Examples
    --------
    >>> take_along_axis(np.array([[1, 2, 3], [4, 5, 6]]), np.array([[2], [0]]), axis=1)
    variable([[3]
              [4]])
    """
    index = _integers("take_along_axis", "indices", indices)
    if axis is None:
        x, axis = ravel(x), 0
    shape = _shape(x)
    axis = _axis("take_along_axis", axis, shape)
    if index.ndim != len(shape):
        raise ValueError(f"take_along_axis expects indices with as many axes as x, got shape {index.shape} for x of "
                         f"shape {shape}")  # fmt: skip
    return get_item(x, _lines(index, axis, shape))


def scatter_add(x: Operand, axis: int, index: Sequence | Array | Variable, src: Operand) -> Variable:
    """Add the elements of src to x, each in its line along an axis at the place that index names.

    The adjoint of `take_along_axis`. The order of the arguments and their meaning are those of ``torch.scatter_add``.

    Parameters
    ----------
    x : Variable or array
        Not changed: the result is a new Variable.
    axis : int
        PyTorch's ``dim``.
    index : array of int
        With as many axes as x, along no axis longer than src nor, but for the given axis, than x.
    src : Variable or array
        The elements where index has one count.

    Returns
    -------
    Variable, of the shape of x
        For axis 1 of two, ``y[i, index[i, j]] = x[i, index[i, j]] + src[i, j]``, summed up where a place is named
        several times.

    Raises
    ------
    TypeError
        If the index is not made of integers.
    ValueError
        If the shapes do not fit.
    IndexError
        If x has no such element or axis.

    Examples
    --------
    >>> scatter_add(np.zeros((2, 3)), 1, [[0, 0], [2, 1]], np.array([[1.0, 2.0], [3.0, 4.0]]))
    variable([[3. 0. 0.]
              [0. 4. 3.]])
    """
    places = _integers("scatter_add", "index", index)
    shape, given = _shape(x), _shape(src)
    axis = _axis("scatter_add", axis, shape)
    fits = len(shape) == places.ndim == len(given) and all([
        n <= m and (n <= k or i == axis) for i, (n, m, k) in enumerate(zip(places.shape, given, shape))
    ])  # fmt: skip
    if not fits:
        raise ValueError(f"scatter_add expects index with the axes of x and src and no longer than they, axis {axis} "
                         f"of x excepted; got index {places.shape}, x {shape}, src {given}")  # fmt: skip
    if given != places.shape:
        src = get_item(src, tuple([slice(n) for n in places.shape]))
    return add(x, get_item_grad(src, _lines(places, axis, shape, places.shape), shape))


def _lines(index: Array, axis: int, shape: tuple[int, ...], sizes: tuple[int, ...] | None = None) -> tuple:
    """The index of whole coordinates: index along the axis, and every place of its own along the others."""
    xp = cuda.get_array_module(index)
    n = len(shape)
    own = [xp.arange(size).reshape((1,) * i + (size,) + (1,) * (n - i - 1)) for i, size in enumerate(sizes or shape)]
    return (*own[:axis], index, *own[axis + 1 :])


def _integers(function: str, name: str, values: object) -> Array:
    """The values as an array of integers."""
    array = bare(values)
    if not cuda.is_array(array):
        array = np.asarray(array)
        array = array if array.size else array.astype(int)
    if array.dtype.kind not in "iu":  # type: ignore[attr-defined]
        raise TypeError(f"{function} expects {name} as integers, got {array.dtype}")  # type: ignore[attr-defined]
    return array  # type: ignore[return-value]


def _index(slices: object) -> object:
    """The index with arrays in place of Variables, lists and other sequences, so that repeats can be seen."""
    return tuple([_part(part) for part in slices]) if isinstance(slices, tuple) else _part(slices)


def _part(part: object) -> object:
    """One part of an index likewise; a tuple inside a tuple is a sequence of indices."""
    if isinstance(part, Variable):
        return part.data
    if isinstance(part, Sequence) and not hasattr(part, "ndim"):
        array = np.asarray([bare(v) for v in part])
        return array if array.size else array.astype(int)
    return part
