"""Arrays that have a shape and a dtype and no numbers, so that a model can be run for its shapes alone.

A `ShapeOnly` is an array of NumPy whose elements all lie in one place of memory, so it takes none, and whatever is
computed with it gives another one, of the right shape and dtype. What dezero makes itself on the way comes from the
module that `dezero.cuda.get_array_module` names, as on a GPU; here that is `WITHOUT_NUMBERS`. What NumPy is asked for
and has no rule below, it computes: on elements that are 1, or 0 where the dtype is not of floating point. Who asks
whether all elements are as they should be hears that they are.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from types import SimpleNamespace

import numpy as np
from numpy.typing import DTypeLike

__all__ = ["WITHOUT_NUMBERS", "ShapeOnly", "shape_only"]

Shape = tuple[int, ...]


def shape_only(shape: int | Sequence[int], dtype: DTypeLike = np.float32) -> ShapeOnly:
    """An array of a shape and a dtype that takes no memory.

    Examples
    --------
    >>> x = shape_only((100_000, 100_000))
    >>> y = (x @ x + 1).sum(axis=0)
    >>> y.shape, y.dtype
    ((100000,), dtype('float32'))
    """
    sizes = (int(shape),) if isinstance(shape, (int, np.integer)) else tuple([int(n) for n in shape])
    kind = np.dtype(dtype)
    one = np.ones((), kind) if kind.kind in "fc" else np.zeros((), kind)
    return np.ndarray.__new__(ShapeOnly, sizes, kind, one.data, 0, (0,) * len(sizes))


class ShapeOnly(np.ndarray):
    """An array without numbers; `shape_only` makes one."""

    # -- what NumPy asks of it ---------------------------------------------------------------------

    def __array_ufunc__(self, ufunc, method, *inputs, out=None, where=True, **options):
        if method == "at":
            return None
        if method == "__call__" and out is None and not any(map(np.ndim, inputs)):
            return ufunc(*map(_ordinary, inputs), **options)  # one number: so that comparisons have an answer
        if method == "__call__":
            shapes, dtypes = _called(ufunc, inputs, options)
        elif method in ("reduce", "accumulate"):
            x = inputs[0]
            axis = options.get("axis", 0)
            kept = options.get("keepdims", False)
            shapes = [x.shape if method == "accumulate" else _reduced(x.shape, axis, kept)]
            dtypes = [_result_type(ufunc, method, (np.ones((1,) * x.ndim, x.dtype),), options)]
        elif method == "outer":
            shapes = [np.shape(inputs[0]) + np.shape(inputs[1])]
            dtypes = [_result_type(ufunc, "outer", tuple(map(_tiny, inputs)), options)]
        else:
            return without_numbers(getattr(ufunc, method)(*[_ordinary(x) for x in inputs], **options))
        results = out if out is not None else [shape_only(s, d) for s, d in zip(shapes, dtypes)]
        results = [y if isinstance(y, ShapeOnly) else shape_only(y.shape, y.dtype) for y in results]
        return results[0] if len(results) == 1 else tuple(results)

    def __array_function__(self, func, types, args, kwargs):
        rule = _RULES.get(func)
        if rule is not None:
            y = rule(*args, **kwargs)
            if y is not NotImplemented:
                return y
        return without_numbers(super().__array_function__(func, types, args, kwargs))

    # -- indexing ----------------------------------------------------------------------------------

    def __getitem__(self, index):
        shape = _indexed(self.shape, index)
        if shape is None:
            return without_numbers(_ordinary(self)[_ordinary(index)])
        return shape_only(shape, self.dtype)

    def __setitem__(self, index, value):
        """There is nothing to set."""

    def fill(self, value):
        """There is nothing to fill."""

    # -- methods -----------------------------------------------------------------------------------

    def reshape(self, *shape, **_):
        sizes = shape[0] if len(shape) == 1 and not isinstance(shape[0], (int, np.integer)) else shape
        sizes = (sizes,) if isinstance(sizes, (int, np.integer)) else tuple(sizes)
        known = math.prod([n for n in sizes if n != -1])
        if -1 in sizes and known and self.size % known == 0:
            sizes = tuple([self.size // known if n == -1 else n for n in sizes])
        if math.prod(sizes) != self.size:
            raise ValueError(f"cannot reshape array of size {self.size} into shape {tuple(sizes)}")
        return shape_only(sizes, self.dtype)

    def ravel(self, order="C"):
        return shape_only(self.size, self.dtype)

    flatten = ravel

    def astype(self, dtype, *_, **__):
        return shape_only(self.shape, dtype)

    def copy(self, order="C"):
        return shape_only(self.shape, self.dtype)

    def sort(self, *_, **__):
        """There is nothing to sort."""

    partition = sort

    def argsort(self, axis=-1, **_):
        return shape_only(self.size if axis is None else self.shape, np.intp)

    def dot(self, other, out=None):
        return _dot(self, other)

    def take(self, indices, axis=None, *_, **__):
        shape = np.shape(indices)
        if axis is not None:
            axis = _axis(axis, self.ndim)
            shape = self.shape[:axis] + shape + self.shape[axis + 1 :]
        return shape_only(shape, self.dtype)

    def repeat(self, repeats, axis=None):
        x = self.ravel() if axis is None else self
        axis = _axis(axis or 0, x.ndim)
        n = int(np.sum(np.broadcast_to(_ordinary(repeats), (x.shape[axis],))))
        return shape_only((*x.shape[:axis], n, *x.shape[axis + 1 :]), x.dtype)


def _reduction(name: str) -> Callable[..., ShapeOnly]:
    def method(self, axis=None, *args, keepdims=False, **options):
        asked = {"dtype": options["dtype"]} if options.get("dtype") is not None else {}
        dtype = getattr(np.ones((1,) * self.ndim, self.dtype), name)(axis, *args, **asked).dtype
        y = shape_only(_reduced(self.shape, axis, keepdims), dtype)
        return np.ndarray.__new__(ShapeOnly, y.shape, bool, b"\1", 0, y.strides) if name == "all" else y

    method.__name__ = name
    return method


def _scan(name: str) -> Callable[..., ShapeOnly]:
    def method(self, axis=None, *args, **options):
        dtype = getattr(np.ones((1,) * self.ndim, self.dtype), name)(axis, *args, **options).dtype
        return shape_only(self.size if axis is None else self.shape, dtype)

    method.__name__ = name
    return method


for _name in ("sum", "prod", "mean", "var", "std", "max", "min", "any", "all", "argmax", "argmin"):
    setattr(ShapeOnly, _name, _reduction(_name))
for _name in ("cumsum", "cumprod"):
    setattr(ShapeOnly, _name, _scan(_name))


# -- shapes ----------------------------------------------------------------------------------------


def _axis(axis: int, ndim: int) -> int:
    if not -ndim <= axis < ndim:
        raise np.exceptions.AxisError(axis, ndim)
    return axis % ndim


def _reduced(shape: Shape, axis: int | Sequence[int] | None, keepdims: bool) -> Shape:
    axes = range(len(shape)) if axis is None else (axis,) if isinstance(axis, (int, np.integer)) else axis
    gone = {_axis(a, len(shape)) for a in axes}
    if keepdims:
        return tuple([1 if i in gone else n for i, n in enumerate(shape)])
    return tuple([n for i, n in enumerate(shape) if i not in gone])


def _called(ufunc: np.ufunc, inputs: tuple, options: dict) -> tuple[list[Shape], list[np.dtype]]:
    """Shapes and dtypes of what a universal function gives."""
    arrays = [np.shape(x) for x in inputs]
    if ufunc.signature is None:
        shapes = [np.broadcast_shapes(*arrays)] * ufunc.nout
        results = _tiny_results(ufunc, [_tiny(x) for x in inputs], options)
        return shapes, [y.dtype for y in results]
    if ufunc is np.matmul:
        return [_matmul(*arrays)], [np.result_type(*[x.dtype for x in map(np.asanyarray, inputs)])]
    before, after = ufunc.signature.replace(" ", "").split("->")
    sizes: dict[str, int] = {}
    outer, small = [], []
    for x, shape, letters in zip(inputs, arrays, _cores(before)):
        n = len(shape) - len(letters)
        outer.append(shape[:n])
        sizes.update(zip(letters, shape[n:]))
        small.append(np.ones((1,) * len(letters), np.asanyarray(x).dtype))
    loop = np.broadcast_shapes(*outer)
    results = _tiny_results(ufunc, small, options)
    return [(*loop, *[sizes[a] for a in letters]) for letters in _cores(after)], [y.dtype for y in results]


def _cores(signature: str) -> list[list[str]]:
    """From "(m,n),(n)" to [["m", "n"], ["n"]]."""
    return [[a for a in part.split(",") if a] for part in signature[1:-1].split("),(")]


def _tiny(x: object) -> object:
    """One element of an array, in an array of as many dimensions as change its dtype among others; a number itself."""
    if not isinstance(x, (np.ndarray, np.generic)):
        return x if isinstance(x, (bool, int, float, complex)) else np.ones(1, np.asarray(x).dtype)
    return np.ones((1,) if x.ndim else (), x.dtype)


def _tiny_results(ufunc: np.ufunc, inputs: Sequence[object], options: dict) -> list[np.generic | np.ndarray]:
    with np.errstate(all="ignore"):
        y = ufunc(*inputs, **options)
    return list(y) if isinstance(y, tuple) else [y]


def _result_type(ufunc: np.ufunc, method: str, inputs: tuple, options: dict) -> np.dtype:
    options = {k: v for k, v in options.items() if k in ("dtype", "axis", "keepdims")}
    return getattr(ufunc, method)(*inputs, **options).dtype


def _matmul(a: Shape, b: Shape) -> Shape:
    left, right = a if len(a) > 1 else (1, *a), b if len(b) > 1 else (*b, 1)
    if not a or not b or left[-1] != right[-2]:
        raise ValueError(f"matmul: shapes {a} and {b} do not fit: {left[-1:]} columns and {right[-2:-1]} rows")
    shape = (*np.broadcast_shapes(left[:-2], right[:-2]), left[-2], right[-1])
    shape = shape if len(a) > 1 else (*shape[:-2], shape[-1])
    return shape if len(b) > 1 else shape[:-1]


def _dot(a, b, out=None):
    x, y = np.shape(a), np.shape(b)
    dtype = np.result_type(a, b)
    if not x or not y:
        return shape_only(x + y, dtype)
    if x[-1] != y[-2 if len(y) > 1 else 0]:
        raise ValueError(f"shapes {x} and {y} not aligned: {x[-1]} != {y[-2 if len(y) > 1 else 0]}")
    return shape_only(x[:-1] + y[:-2] + y[-1:] if len(y) > 1 else x[:-1], dtype)


def _indexed(shape: Shape, index: object) -> Shape | None:
    """The shape that indexing leaves; None if that depends on numbers."""
    parts = list(index) if isinstance(index, tuple) else [index]
    parts = [np.asarray(p) if isinstance(p, list) else p for p in parts]
    if any([isinstance(p, (bool, np.bool_)) or np.asanyarray(p).dtype.kind == "b" for p in parts]):
        return None
    consumed = sum([p is not None and p is not Ellipsis for p in parts])
    if consumed > len(shape):
        raise IndexError(f"too many indices for array: array is {len(shape)}-dimensional, but {consumed} were indexed")
    dots = [i for i, p in enumerate(parts) if p is Ellipsis]
    at = dots[0] if dots else len(parts)
    parts[at : at + 1] = [slice(None)] * (len(shape) - consumed)
    fancy = any([isinstance(p, np.ndarray) and p.ndim for p in parts])
    result: list[int] = []
    picked: list[Shape] = []
    places: list[int] = []
    sizes = iter(shape)
    for i, p in enumerate(parts):
        if p is None:
            result.append(1)
            continue
        n = next(sizes)
        if isinstance(p, slice):
            result.append(len(range(*p.indices(n))))
        elif fancy:
            picked.append(np.shape(p))  # type: ignore[call-overload]  # an array or a number
            places.append(i)
            if len(places) == 1:
                start = len(result)
        elif not isinstance(p, ShapeOnly) and not -n <= int(p) < n:  # type: ignore[call-overload]
            raise IndexError(f"index {p} is out of bounds for an axis of size {n}")
    if picked:
        together = places[-1] - places[0] == len(places) - 1
        start = start if together else 0
        result[start:start] = np.broadcast_shapes(*picked)
    return tuple(result)


# -- functions of NumPy that pass by universal functions and methods -------------------------------


def _ordinary(x):
    """x as an array of NumPy's own class, also in a tuple or a list."""
    if isinstance(x, ShapeOnly):
        return x.view(np.ndarray)
    return type(x)(map(_ordinary, x)) if type(x) in (tuple, list) else x


def without_numbers(y):
    """What was computed after all, without its numbers."""
    if isinstance(y, (tuple, list)) and type(y) in (tuple, list):
        return type(y)([without_numbers(part) for part in y])
    if isinstance(y, np.ndarray) and y.dtype.kind in "biufc":
        return y if type(y) is ShapeOnly and not any(y.strides) else shape_only(y.shape, y.dtype)
    return y


def _concatenate(arrays, axis=0, out=None, dtype=None, **_):
    shapes = [np.shape(a) for a in arrays]
    dtype = np.result_type(*[np.asanyarray(a).dtype for a in arrays]) if dtype is None else dtype
    if axis is None:
        return shape_only(sum([math.prod(s) for s in shapes]), dtype)
    first = shapes[0]
    axis = _axis(axis, len(first))
    others = {s[:axis] + s[axis + 1 :] for s in shapes}
    if len(others) > 1:
        raise ValueError(f"all the input array dimensions except for the concatenation axis must match, got {shapes}")
    return shape_only((*first[:axis], sum([s[axis] for s in shapes]), *first[axis + 1 :]), dtype)


def _where(condition, *both):
    if len(both) != 2:
        return NotImplemented
    shape = np.broadcast_shapes(*[np.shape(x) for x in (condition, *both)])
    return shape_only(shape, np.where(True, *map(_tiny, both)).dtype)


def _like(x, *args, dtype=None, shape=None, **_):
    args = args[1:] if args and np.ndim(args[0]) == 0 and not isinstance(args[0], (type, np.dtype, str)) else args
    dtype = args[0] if args else dtype
    return shape_only(x.shape if shape is None else shape, x.dtype if dtype is None else dtype)


def _full_like(x, value, dtype=None, *_, shape=None, **__):
    return shape_only(x.shape if shape is None else shape, x.dtype if dtype is None else dtype)


def _broadcast_to(x, shape, subok=False):
    wanted = (shape,) if isinstance(shape, int) else tuple(shape)
    if np.broadcast_shapes(x.shape, wanted) != wanted:
        raise ValueError(f"operands could not be broadcast together: {x.shape} to {wanted}")
    return shape_only(wanted, x.dtype)


def _tensordot(a, b, axes=2):
    na, nb = np.ndim(a), np.ndim(b)
    if isinstance(axes, int):
        axes = range(na - axes, na), range(axes)
    gone_a, gone_b = [[_axis(i, n) for i in np.atleast_1d(part)] for part, n in zip(axes, (na, nb))]
    x, y = np.shape(a), np.shape(b)
    if [x[i] for i in gone_a] != [y[i] for i in gone_b]:
        raise ValueError(f"shape-mismatch for sum: {x} along {gone_a} and {y} along {gone_b}")
    kept = [n for i, n in enumerate(x) if i not in gone_a] + [n for i, n in enumerate(y) if i not in gone_b]
    return shape_only(kept, np.result_type(a, b))


def _einsum(subscripts, *operands, **_):
    if not isinstance(subscripts, str):
        return NotImplemented
    before, arrow, after = subscripts.replace(" ", "").partition("->")
    sizes: dict[str, int] = {}
    dots: Shape = ()
    for letters, x in zip(before.split(","), operands):
        shape = np.shape(x)
        head, ellipsis, tail = letters.partition("...")
        n = len(shape) - len(tail)
        sizes.update({a: s for a, s in [*zip(head, shape), *zip(tail, shape[n:])] if sizes.get(a, 1) == 1})
        if ellipsis:
            dots = np.broadcast_shapes(dots, shape[len(head) : n])
    if not arrow:
        once = [a for a in sorted(sizes) if before.count(a) == 1]
        after = ("..." if "..." in before else "") + "".join(once)
    head, ellipsis, tail = after.partition("...")
    shape = [sizes[a] for a in head] + list(dots if ellipsis else ()) + [sizes[a] for a in tail]
    return shape_only(shape, np.result_type(*[np.asanyarray(x).dtype for x in operands]))


def _pad(x, width, mode="constant", **_):
    pairs = np.broadcast_to(np.asarray(width), (x.ndim, 2)).tolist()
    return shape_only([n + a + b for n, (a, b) in zip(x.shape, pairs)], x.dtype)


def _floating(*arrays):
    """The dtype of what linear algebra makes of arrays."""
    return np.result_type(*[a.dtype if a.dtype.kind in "fc" else float for a in map(np.asanyarray, arrays)])


def _inv(a):
    return shape_only(a.shape, _floating(a))


def _solve(a, b):
    return shape_only(np.shape(b), _floating(a, b))


def _det(a):
    return shape_only(a.shape[:-2], _floating(a))


_RULES: dict[Callable, Callable] = {
    np.broadcast_to: _broadcast_to, np.concatenate: _concatenate, np.dot: _dot, np.einsum: _einsum,
    np.empty_like: _like, np.full_like: _full_like, np.ones_like: _like, np.pad: _pad, np.tensordot: _tensordot,
    np.where: _where, np.zeros_like: _like, np.linalg.cholesky: _inv, np.linalg.det: _det, np.linalg.inv: _inv,
    np.linalg.slogdet: lambda a: (_det(a), _det(a)), np.linalg.solve: _solve,
}  # fmt: skip


# -- the module that such arrays come from ---------------------------------------------------------


class _Random:
    """`numpy.random`, which gives no numbers and keeps its state."""

    def rand(self, *shape: int) -> ShapeOnly:
        return shape_only(shape, float)

    randn = rand

    def __getattr__(self, name: str) -> object:
        return _hiding(getattr(np.random, name))


class _Module:
    """NumPy, but what it makes has no numbers."""

    numbers = False  # for who would draw some
    random = _Random()
    lib = SimpleNamespace(
        stride_tricks=SimpleNamespace(as_strided=lambda x, shape, strides: shape_only(shape, x.dtype))
    )

    def empty(self, shape, dtype=float, **_) -> ShapeOnly:
        return shape_only(shape, dtype)

    zeros = ones = empty

    def full(self, shape, value, dtype=None, **_) -> ShapeOnly:
        return shape_only(shape, np.asarray(value).dtype if dtype is None else dtype)

    def asarray(self, x, dtype=None, **_) -> ShapeOnly:
        x = x if isinstance(x, np.ndarray) else np.asarray(x)
        return shape_only(x.shape, x.dtype if dtype is None else dtype)

    array = ascontiguousarray = asarray

    def __getattr__(self, name: str) -> object:
        return _hiding(getattr(np, name))


def _hiding(found: object) -> object:
    """A function that hides the numbers of what it makes; anything else as it is."""
    if isinstance(found, (type, np.ufunc)) or not callable(found):
        return found
    return lambda *args, **kwargs: without_numbers(found(*args, **kwargs))


WITHOUT_NUMBERS = _Module()
ShapeOnly.array_module = WITHOUT_NUMBERS  # type: ignore[attr-defined]  # what get_array_module reads
