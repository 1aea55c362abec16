"""Rows: sums and other reductions, and what runs along an axis."""

import numpy as np

import dezero.functions as F
from tests.op_table import Op, at, error, fixed

AXES = [at((2, 3)), at((2, 3), axis=0), at((2, 3), axis=-1), at((2, 3, 4), axis=(0, -1)),
        at((2, 3), axis=1, keepdims=True), at((2, 3), keepdims=True), at(()), at((0, 3), axis=0),
        at((2, 3, 1), axis=-1), at((2, 3), axis=()),
        at((2, 3), axis=[0, 1])]  # fmt: skip
NOT_EMPTY = [s for s in AXES if s.arguments != ((0, 3),)]
SOME = [at((2, 3)), at((2, 3), axis=-1), at((2, 2, 3), axis=[0, -1], keepdims=True), at((0, 3), axis=1)]
ZEROS = [fixed(np.array(a)) for a in ([[0.0, 2.0, 3.0], [0.0, 0.0, 1.5]], [[0.0, 0.0, 0.0], [1.0, 0.0, 2.0]])]


def axis_errors(name):
    return [error(np.ones((2, 3)), axis=2, kind=np.exceptions.AxisError, text=f"{name}(float64 (2, 3))"),
            error(np.ones((2, 3)), axis=(1, -1), kind=ValueError, text="duplicate value in 'axis'"),
            error(np.ones((2, 3)), axis="0", kind=TypeError, text=f"{name}(float64 (2, 3))")]  # fmt: skip


def index_errors(name):
    return [error(np.ones((2, 3)), axis=2, kind=np.exceptions.AxisError, text="in Arg"),
            error(np.ones((2, 0)), axis=1, kind=ValueError, text=f"{name} of an empty sequence"),
            error(np.ones(2), axis=(0,), kind=TypeError,
                  text=f"{name} expects one axis, an integer, or None for all elements in a row, got axis (0,)"),
            ]  # fmt: skip


NOTHING = error(np.ones((2, 0)), axis=1, kind=ValueError, text="zero-size array")


def of_slices(f, kept_axes=True):
    """The oracle that applies f to the elements of one slice after the other."""

    def reduce(x, *args, axis=None, keepdims=False, **options):
        axes = tuple(range(x.ndim)) if axis is None else tuple(np.atleast_1d(np.array(axis, int)) % max(x.ndim, 1))
        rest = [i for i in range(x.ndim) if i not in axes]
        y = np.empty([x.shape[i] for i in rest])
        for index in np.ndindex(y.shape):
            full = [slice(None)] * x.ndim
            for i, place in zip(rest, index):
                full[i] = place
            y[index] = f([float(v) for v in np.ravel(x[tuple(full)])], *args, **options)
        return y.reshape([1 if i in axes else n for i, n in enumerate(x.shape)]) if keepdims else y

    return reduce


def along(f):
    """The oracle that applies f, from list to list, to one row after the other."""

    def run(x, axis=None):
        return f(x.ravel().tolist()) if axis is None else np.apply_along_axis(lambda r: f(r.tolist()), axis, x)

    return run


def first_sums(row):
    return np.array([sum(row[: i + 1]) for i in range(len(row))])


def first_products(row):
    return np.array([float(np.prod(row[: i + 1])) for i in range(len(row))])


def mean(row):
    return sum(row) / len(row)


def var(row, ddof=0):
    return sum((v - mean(row)) ** 2 for v in row) / (len(row) - ddof)


def norm(row, ord=2):
    return max(map(abs, row)) if ord == np.inf else sum(abs(v) ** ord for v in row) ** (1 / ord)


def recurrence(a, b, axis=-1, reverse=False):
    """As a product with the triangular matrix of the a_j+1 ... a_i."""
    a, b = np.broadcast_arrays(a, b)
    a, b = np.moveaxis(a, axis, -1), np.moveaxis(b, axis, -1)
    n = b.shape[-1]
    y = np.zeros(b.shape)
    for i in range(n):
        for j in range(n):
            if j <= i if not reverse else j >= i:
                factors = a[..., j + 1 : i + 1] if not reverse else a[..., i:j]
                y[..., i] += np.prod(factors, axis=-1) * b[..., j]
    return np.moveaxis(y, -1, axis)


def torch_axes(x, axis):
    return tuple(range(x.ndim)) if axis is None else (axis,) if isinstance(axis, int) else tuple(axis)


def torch_reduction(name):
    """The reduction of torch by that name, with NumPy's arguments."""

    def reduce(t, x, axis=None, keepdims=False):
        axes = torch_axes(x, axis)
        return getattr(t, name)(x, dim=axes, keepdim=keepdims) if axes else x.clone()

    return reduce


def torch_spread(name):
    return lambda t, x, axis=None, ddof=0, keepdims=False: getattr(t, name)(
        x, dim=torch_axes(x, axis), correction=ddof, keepdim=keepdims
    )


def torch_prod(t, x, axis=None, keepdims=False):
    for single in sorted([a % x.ndim for a in torch_axes(x, axis)], reverse=True):
        x = t.prod(x, dim=single, keepdim=keepdims)
    return x.clone()


def torch_along(name):
    return lambda t, x, axis=None: getattr(t, name)(x.ravel() if axis is None else x, 0 if axis is None else axis)


def torch_norm(t, x, ord=2, axis=None, keepdims=False):
    return t.linalg.vector_norm(x, ord, dim=None if axis is None else torch_axes(x, axis), keepdim=keepdims)


def shifted(f):
    """f at a given point, moved by a random x of range 0: derivatives there."""

    def moved(x, point, **options):
        return f(x + point, **options)

    moved.__name__ = f.__name__
    return moved


SPREAD = [s for s in SOME if 0 not in s.arguments[0]] + [
    at((2, 3), axis=0, ddof=1), at((4,), ddof=0.5, keepdims=True), at((5, 1), axis=-2, ddof=1)]  # fmt: skip
INDEX = [at((2, 3)), at((2, 3), axis=-1), at((2, 3), axis=0, keepdims=True)]
NORMS = [at((2, 3)), at((2, 3), axis=-1), at((2, 3), 1, axis=0), at((2, 3), np.inf, axis=1, keepdims=True),
         at((2, 3), 3, axis=(0, 1)), at((2, 3), ord=2.5), at((2, 2, 3), 2, axis=[0, -1]), at(())]  # fmt: skip
ALONG = [at((2, 3), axis=1), at((2, 3)), at((3, 2), axis=0), at((2, 4, 2), axis=-2), at((1,), axis=0)]
ROWS = [
    Op(F.sum, lambda x, axis=None, **k: np.sum(x, axis=tuple(axis) if isinstance(axis, list) else axis, **k),
       AXES, torch=torch_reduction("sum"), errors=axis_errors("Sum")),
    Op(F.mean, of_slices(mean), NOT_EMPTY, torch=torch_reduction("mean"), errors=axis_errors("Mean")),
    Op(F.var, of_slices(var), SPREAD, torch=torch_spread("var"), errors=axis_errors("Var")),
    Op(F.std, of_slices(lambda *a, **k: var(*a, **k) ** 0.5), SPREAD, torch=torch_spread("std"),
       errors=axis_errors("Std")),
    Op(F.max, of_slices(max), NOT_EMPTY, torch=torch_reduction("amax"), exact=True,
       errors=[*axis_errors("Max"), NOTHING]),
    Op(F.min, of_slices(min), NOT_EMPTY, torch=torch_reduction("amin"), exact=True,
       errors=[*axis_errors("Min"), NOTHING]),
    Op(F.argmax, of_slices(lambda row: row.index(max(row))), INDEX, order=0, dtypes=(), exact=True,
       torch=lambda t, x, axis=None, keepdims=False: t.argmax(x, axis, keepdims), errors=index_errors("argmax")),
    Op(F.argmin, of_slices(lambda row: row.index(min(row))), INDEX, order=0, dtypes=(), exact=True,
       torch=lambda t, x, axis=None, keepdims=False: t.argmin(x, axis, keepdims), errors=index_errors("argmin")),
    Op(F.prod, of_slices(lambda row: float(np.multiply.reduce(row))), AXES, torch=torch_prod,
       errors=[error(np.ones((2, 3)), axis=2, kind=np.exceptions.AxisError, text="Prod(float64 (2, 3))"),
               error(np.ones((2, 3)), axis=(0, 0), kind=ValueError, text="prod"),
               error(np.ones((2, 3)), axis=(0, 2), kind=np.exceptions.AxisError, text="prod")]),
    Op(shifted(F.prod), lambda x, point, **k: np.prod(x + point, **k),
       [at((2, 3), ZEROS[0], axis=1), at((2, 3), ZEROS[1], axis=1), at((2, 3), ZEROS[0])], domain=(0.0, 0.0),
       name="at-0", torch=lambda t, x, point, **k: torch_prod(t, x + t.as_tensor(point), **k)),
    Op(F.cumsum, along(first_sums), ALONG, torch=torch_along("cumsum"),
       errors=[error(np.ones((2, 3)), axis=2, kind=np.exceptions.AxisError, text="CumSum(float64 (2, 3))")]),
    Op(F.cumprod, along(first_products), ALONG, torch=torch_along("cumprod"),
       errors=[error(np.ones((2, 3)), axis=2, kind=np.exceptions.AxisError, text="CumProd(float64 (2, 3))")]),
    Op(shifted(F.cumprod), lambda x, point, axis: np.cumprod(x + point, axis),
       [at((2, 3), ZEROS[0], axis=1), at((2, 3), ZEROS[1], axis=1)], domain=(0.0, 0.0), name="at-0",
       torch=lambda t, x, point, axis: t.cumprod(x + t.as_tensor(point), axis)),
    Op(F.linear_recurrence, recurrence,
       [at((2, 3), (2, 3)), at((2, 4), (2, 4), axis=-1, reverse=True), at((3, 1), (3, 2), axis=0), at(0.5, (4,)),
        at((), (3,), reverse=True), at((2, 1), (3,)), at((1,), (1,))],
       errors=[error(0.5, 2.0, kind=np.exceptions.AxisError, text="LinearRecurrence(0.5, 2.0)"),
               error(np.ones(2), np.ones(3), kind=ValueError, text="LinearRecurrence(float64 (2,), float64 (3,))")]),
    Op(F.logsumexp, of_slices(lambda row: float(np.log(sum(np.exp(v) for v in row)))), NOT_EMPTY,
       torch=torch_reduction("logsumexp"), errors=axis_errors("LogSumExp")),
    Op(F.norm, of_slices(norm), NORMS, torch=torch_norm,
       errors=[*axis_errors("Norm"),
               error(np.ones(2), 0.5, kind=ValueError,
                     text="norm expects ord to be at least 1, inf included, got 0.5")]),
]  # fmt: skip
