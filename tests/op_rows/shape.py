"""Rows: reshape, transpose, joining, repeating, indexing."""

import numpy as np

import dezero.functions as F
from dezero import Variable
from tests.op_table import Op, at, error, fixed

I, J = np.array([0, 2, 0]), np.array([1, 1, -1])  # noqa: E741  # rows and columns, with repeats
MASK = np.array([True, False, True])


def get_item_grad(gy, slices, shape):
    """One element at a time."""
    y = np.zeros(shape)
    places = np.arange(y.size).reshape(shape)[slices]
    for place, value in zip(np.ravel(places), np.ravel(np.broadcast_to(gy, np.shape(places)))):
        y.flat[place] += value
    return y


INDICES = [1, -1, slice(None, None, -2), (1, 2), (slice(None), 1), (Ellipsis, 0), (None, 1), (slice(1, 1),), I, (I, J),
           [0, 0, 2], MASK, (MASK, slice(1, 3)), (slice(None), I), (), np.zeros((2, 2), int), (np.int64(1), I),
           range(-1, 2),
           ((0, 0, 2),), ((0, 0), slice(2)), ([1, 1], (0, 0))]  # fmt: skip

LINES = np.array([[0, 2, 2, 1], [1, 1, 0, 1]])  # places along an axis of three, with repeats
ONES = np.ones((2, 3))
AXIS = np.exceptions.AxisError


def concatenate(*xs, axis=0):
    return F.concatenate(xs, axis)


def stack(*xs, axis=0):
    return F.stack(list(xs), axis)


def dims(x, axis):
    """NumPy's axis, that torch wants as a tuple."""
    return tuple(range(x.ndim)) if axis is None else (axis,) if isinstance(axis, int) else tuple(axis)


def as_tuple(axis):
    return tuple(axis) if isinstance(axis, list) else axis


def scatter_add(x, axis, index, src):
    """One element at a time."""
    y = x.copy()
    for place, to in np.ndenumerate(index):
        y[(*place[: axis % x.ndim], to, *place[axis % x.ndim + 1 :])] += src[place]
    return y


def torch_roll(t, x, shift, axis=None):
    if axis is None:
        return t.roll(x, shift)
    pairs = [(int(n), int(a)) for n, a in zip(*np.broadcast_arrays(np.atleast_1d(shift), axis))]
    return t.roll(x, [n for n, _ in pairs], [a for _, a in pairs])


def torch_take(t, x, indices, axis=None):
    """By index_select, which knows neither flat arrays nor negative indices."""
    indices = np.array(indices, dtype=int)
    shape = np.take(np.empty(x.shape), indices, axis).shape
    x, axis = (t.ravel(x), 0) if axis is None else (x, axis)
    return t.index_select(x, axis, t.as_tensor(indices.ravel() % x.shape[axis])).reshape(shape)


def torch_pad(t, x, pad_width, mode="constant", constant_values=0):
    """By an index for each axis: torch pads some numbers of axes only."""
    for axis, pair in enumerate(np.broadcast_to(pad_width, (x.ndim, 2)).tolist()):
        if mode == "constant":
            widths = [0, 0] * (x.ndim - axis - 1) + pair
            x = t.nn.functional.pad(x, widths, value=constant_values)
        else:
            x = t.index_select(x, axis, t.as_tensor(np.pad(np.arange(x.shape[axis]), pair, mode)))
    return x


ROWS = [
    Op(F.reshape, np.reshape, [at((2, 3), fixed((3, 2))), at((2, 3), -1), at((2, 3), fixed((1, -1, 3))),
                               at((), fixed((1, 1))), at((0, 3), fixed((3, 0))), at((2, 3), fixed([6]))],
       torch=lambda t, x, shape: t.reshape(x, (shape,) if isinstance(shape, int) else tuple(shape)), exact=True,
       errors=[error(np.ones((2, 3)), (4,), kind=ValueError, text="Reshape(float64 (2, 3))")]),
    Op(F.transpose, np.transpose, [at((2, 3)), at((2, 3, 4), axes=(2, 0, 1)), at((2, 3, 4), axes=(-1, 0, 1)), at(()),
                                   at((4,)), at((2, 0, 3), axes=(1, 2, 0))],
       torch=lambda t, x, axes=None: x.permute(axes or tuple(range(x.ndim))[::-1]), exact=True,
       errors=[error(np.ones((2, 3)), (0, 0), kind=ValueError, text="Transpose(float64 (2, 3))")]),
    Op(F.swapaxes, np.swapaxes, [at((2, 3, 4), 0, 2), at((2, 3, 4), -1, -2), at((3,), 0, 0)],
       torch=lambda t, x, a, b: t.swapaxes(x, a, b), exact=True,
       errors=[error(ONES, 0, 2, kind=AXIS, text="swapaxes: axis 2 is out of range for x of shape (2, 3)"),
               error(ONES, 0, "1", kind=TypeError, text="swapaxes expects axes as integers, got str")]),
    Op(F.moveaxis, np.moveaxis, [at((2, 3, 4), 0, -1), at((2, 3, 4), -1, 0), at((2, 3, 4), 1, 1),
                                 at((2, 3, 4), fixed((0, 1)), fixed([-1, 0])),
                                 at((2, 3, 4), fixed((2, 0, 1)), fixed((0, 2, 1)))],
       torch=lambda t, x, a, b: t.moveaxis(x, a, b), exact=True,
       errors=[error(ONES, 2, 0, kind=AXIS, text="moveaxis: axis 2 is out of range for x of shape (2, 3)"),
               error(ONES, (0, -2), (0, 1), kind=ValueError, text="moveaxis expects every axis once, got (0, -2)"),
               error(ONES, (0, 1), 0, kind=ValueError,
                     text="moveaxis expects as many destinations as sources, got (0, 1) and 0")]),
    Op(F.flatten, lambda x: np.array([np.ravel(row) for row in x]).reshape(len(x), int(np.prod(x.shape[1:]))),
       [at((2, 3, 4)), at((3,)), at((0, 2, 3)), at((2, 0))], torch=lambda t, x: t.flatten(x[..., None], 1), exact=True,
       errors=[error(np.ones(()), kind=ValueError, text="flatten expects x of shape (N, ...), got ()")]),
    Op(F.ravel, np.ravel, [at((2, 3)), at(()), at((0, 3)), at((3,))], torch=lambda t, x: t.ravel(x), exact=True,
       errors=[error("a", kind=TypeError, text="ravel expected a Variable, an array, a number")]),
    Op(F.expand_dims, lambda x, axis: np.expand_dims(x, as_tuple(axis)),
       [at((2, 3), 0), at((2, 3), -1), at((2, 3), 2), at((2, 3), fixed((0, -1))), at((), 0), at((2, 3), fixed([1, 2])),
        at((2, 0), -2)],
       torch=lambda t, x, axis: x.reshape(np.expand_dims(np.empty(x.shape), as_tuple(axis)).shape), exact=True,
       errors=[error(ONES, 3, kind=AXIS,
                     text="expand_dims: axis 3 is out of range for a result of 3 axes, x being of shape (2, 3)"),
               error(ONES, (0, -4), kind=ValueError, text="expand_dims expects every axis once, got (0, -4)"),
               error(ONES, None, kind=TypeError, text="expand_dims expects axes as integers, got NoneType")]),
    Op(F.squeeze, np.squeeze, [at((1, 3, 1)), at((1, 3, 1), 0), at((1, 3, 1), axis=-1), at((1, 3, 1), axis=(0, -1)),
                               at((2, 3)), at((1, 1)), at(()), at((1, 0))],
       torch=lambda t, x, axis=None: t.squeeze(x) if axis is None else t.squeeze(x, axis), exact=True,
       errors=[error(ONES, 2, kind=AXIS, text="squeeze: axis 2 is out of range for x of shape (2, 3)"),
               error(ONES, 1, kind=ValueError,
                     text="squeeze expects axes of size 1, got axis 1 of x of shape (2, 3)")]),
    Op(F.flip, np.flip, [at((2, 3)), at((2, 3), 0), at((2, 3, 4), axis=(0, -1)), at(()), at((0, 2), 0)],
       torch=lambda t, x, axis=None: t.flip(x, dims(x, axis)), exact=True,
       errors=[error(ONES, 2, kind=AXIS, text="flip: axis 2 is out of range for x of shape (2, 3)"),
               error(ONES, (1, -1), kind=ValueError, text="flip expects every axis once, got (1, -1)")]),
    Op(F.roll, np.roll, [at((2, 3), 1), at((2, 3), -2, 1), at((2, 3), fixed((1, 2)), axis=(0, 1)), at((), 2),
                         at((2, 3), 1, axis=(0, -1)), at((2, 3), fixed([1, 4]), axis=1), at((2, 3), 7),
                         at((0, 3), 1, 0), at((2, 3), 1, axis=(0, 0))],
       torch=torch_roll, exact=True,
       errors=[error(ONES, 1, 2, kind=AXIS, text="roll: axis 2 is out of range for x of shape (2, 3)"),
               error(ONES, (1, 2, 3), (0, 1), kind=ValueError,
                     text="roll expects one shift for each axis, got (1, 2, 3)")]),
    Op(F.concatenate, np.concatenate, [at((3, 2, 2)), at((3, 2, 2), axis=1), at((1, 2, 2), axis=-1)],
       torch=lambda t, x, axis=0: t.cat(list(x), axis), exact=True,
       errors=[error([ONES, np.ones((2, 4))], kind=ValueError, text="Concatenate(float64 (2, 3), float64 (2, 4))"),
               error([], kind=ValueError,
                     text="concatenate expects at least one Variable or array, got an empty sequence"),
               error(3.0, kind=TypeError, text="concatenate expects a sequence of Variables or arrays, got float"),
               error([ONES], 2, kind=AXIS, text="Concatenate(float64 (2, 3))")]),
    Op(concatenate, lambda *xs, axis=0: np.concatenate(xs, axis),
       [at((2, 3), (1, 3)), at((2, 3), (1, 3), (0, 3)), at((2, 3), (2, 1), axis=-1),
        at((2, 3), fixed(ONES), (2, 2), axis=1), at((2, 3)), at((2,), (3, 2), (), axis=None)],
       torch=lambda t, *xs, axis=0: t.cat([t.as_tensor(x) if axis is not None else t.ravel(x) for x in xs], axis or 0),
       exact=True, name="of-several"),
    Op(F.stack, np.stack, [at((3, 2, 2)), at((3, 2, 2), axis=-1), at((3,)), at((1, 2))],
       torch=lambda t, x, axis=0: t.stack(list(x), axis), exact=True,
       errors=[error([ONES, np.ones((2, 4))], kind=ValueError, text="Stack(float64 (2, 3), float64 (2, 4))"),
               error((), kind=ValueError, text="stack expects at least one Variable or array, got an empty sequence"),
               error(np.float64(3.0), kind=TypeError,
                     text="stack expects a sequence of Variables or arrays, got float64"),
               error([ONES], 3, kind=AXIS, text="Stack(float64 (2, 3))")]),
    Op(stack, lambda *xs, axis=0: np.stack(xs, axis),
       [at((2, 3), (2, 3), axis=1), at((2, 3), fixed(ONES), (2, 3), axis=-2), at((), 2.0, ())],
       torch=lambda t, *xs, axis=0: t.stack([t.as_tensor(x, dtype=t.float64) for x in xs], axis), exact=True,
       name="of-several"),
    Op(F.split, np.split, [at((4, 2), 2), at((2, 6), 3, axis=-1), at((5, 2), fixed([1, 3])), at((3, 2), 1),
                           at((5,), fixed((0, 2, 2, -1, 9))), at((3, 2), fixed([])), at((0, 2), 3)],
       torch=lambda t, x, parts, axis=0: t.tensor_split(x, parts if isinstance(parts, int) else tuple(parts), axis),
       exact=True,
       errors=[error(np.ones((5, 2)), 2, kind=ValueError, text="split cannot cut axis 0 of size 5 into 2 equal parts"),
               error(np.ones(4), 0, kind=ValueError, text="split cannot cut axis 0 of size 4 into 0 equal parts"),
               error(np.ones(4), [3, 1], kind=ValueError,
                     text="split expects indices in rising order, got [3, 1] for an axis of size 4"),
               error(ONES, 2, 2, kind=AXIS, text="split: axis 2 is out of range for x of shape (2, 3)")]),
    Op(F.tile, np.tile, [at((2, 3), 2), at((2, 3), fixed((2, 1))), at((2, 3), fixed([2, 1, 3])), at((), 3), at((3,), 0),
                         at((2, 1, 2), fixed((2, 2))), at((2, 3), fixed(())), at((2, 3), fixed(I * 0 + 2))],
       torch=lambda t, x, reps: t.tile(x, (reps,) if isinstance(reps, int) else tuple(reps)), exact=True,
       errors=[error(ONES, (2, -1), kind=ValueError, text="tile expects reps of at least 0, got (2, -1)"),
               error(ONES, 1.5, kind=TypeError, text="tile expects reps as integers, got float64")]),
    Op(F.repeat, np.repeat, [at((2, 3), 2), at((2, 3), 2, axis=1), at((2, 3), fixed([2, 0, 1]), axis=-1), at((), 3),
                             at((2, 3), fixed(np.array([3])), axis=0), at((3,), 0), at((1, 2), 2, axis=0),
                             at((0, 2), fixed(np.zeros(0, int)), axis=0)],
       torch=lambda t, x, repeats, axis=None: t.repeat_interleave(x, t.as_tensor(repeats), axis), exact=True,
       errors=[error(ONES, -1, kind=ValueError, text="repeat expects repeats of at least 0, one number or 6"),
               error(ONES, [1, 2], 1, kind=ValueError,
                     text="repeat expects repeats of at least 0, one number or 3, one for each place along axis 1 of "
                          "x of shape (2, 3); got [1, 2]"),
               error(ONES, 1.5, kind=TypeError, text="repeat expects repeats as integers, got float64"),
               error(ONES, 2, 2, kind=AXIS, text="repeat: axis 2 is out of range for x of shape (2, 3)")]),
    Op(F.pad, lambda x, *args, **k: np.pad(x, *args, **k) if x.ndim else x.copy(),
       [at((2, 3), 1), at((2, 3), fixed((1, 2))), at((2, 3), fixed(((0, 1), (2, 0))), constant_values=1.5),
        at((2, 3), 0), at((0, 2), 1), at((), 2)],
       torch=torch_pad, exact=True,
       errors=[error(ONES, (1, 2, 3), kind=ValueError,
                     text="pad expects pad_width as a number, a pair or 2 pairs for x of shape (2, 3), got (1, 2, 3)"),
               error(ONES, -1, kind=ValueError, text="pad expects pad_width of at least 0, got -1"),
               error(ONES, 0.5, kind=TypeError, text="pad expects pad_width as integers, got float64"),
               error(ONES, 1, "wrap", kind=ValueError,
                     text="pad expects mode 'constant', 'edge' or 'reflect', got 'wrap'"),
               error(ONES, 1, "edge", 2.0, kind=ValueError,
                     text="pad takes constant_values with mode 'constant' only, got mode 'edge'"),
               error(np.ones((2, 0)), 1, "edge", kind=ValueError,
                     text="pad cannot extend axis 1 of x of shape (2, 0) in mode 'edge'"),
               error(ONES, 1, constant_values=Variable(np.ones(())), kind=TypeError,
                     text="pad expects constant_values as numbers, got a Variable")]),
    Op(F.pad, np.pad, [*[at((2, 3), width, mode=mode) for width in (1, fixed(((0, 1), (2, 0))), 4)
                         for mode in ("edge", "reflect")],
                       at((1, 2), 2, mode="reflect"), at((0, 2), fixed(((0, 0), (1, 1))), mode="edge")],
       torch=torch_pad, name="edge-or-reflect", exact=True),
    Op(F.get_item, lambda x, index: x[index], [at((3, 4), fixed(index)) for index in INDICES],
       torch=None, exact=True,
       errors=[error(np.ones(3), 3, kind=IndexError, text="GetItem(float64 (3,))"),
               error(np.ones(3), "a", kind=IndexError, text="GetItem(float64 (3,))")]),
    Op(F.get_item, lambda x, index: x[index], [at((3, 4), fixed((I, J))), at((3, 4), fixed((slice(None), I)))],
       torch=lambda t, x, index: x[tuple(t.as_tensor(i) if isinstance(i, np.ndarray) else i for i in index)],
       name="torch"),
    Op(F.get_item_grad, get_item_grad, [at((3, 3), fixed(I), fixed((3, 3))), at((3,), fixed((I, J)), fixed((3, 4))),
                                        at((4,), 1, fixed((3, 4))), at((3, 2), fixed((slice(None), slice(2))),
                                                                       fixed((3, 4)))],
       errors=[error(np.ones(3), [0, 1, 5], (3,), kind=IndexError, text="GetItemGrad(float64 (3,))")]),
    Op(F.take, lambda x, indices, axis=None: np.take(x, np.array(indices, dtype=int), axis),
       [at((2, 3), fixed([0, 5, 0, -1])), at((2, 3), fixed(I), axis=1), at((2, 3), 1, axis=0),
        at((2, 3), fixed([]), axis=0), at((2, 3, 2), fixed([[0, 2], [1, 2]]), axis=-2),
        at((2, 3), fixed(np.int64(-1)), axis=-1)],
       torch=torch_take, exact=True,
       errors=[error(np.ones(3), [0.5], kind=TypeError, text="take expects indices as integers, got float64"),
               error(np.ones(3), [True, False, True], kind=TypeError,
                     text="take expects indices as integers, got bool"),
               error(np.ones(3), [3], kind=IndexError, text="GetItem(float64 (3,))"),
               error(ONES, 0, 2, kind=AXIS, text="take: axis 2 is out of range for x of shape (2, 3)")]),
    Op(F.take_along_axis, np.take_along_axis,
       [at((2, 3), fixed(LINES), axis=1), at((2, 3), fixed(LINES[:, :3] % 2), axis=0),
        at((2, 3), fixed(np.array([4, 4, 0])), axis=None), at((2, 3, 2), fixed(LINES[:, :, None]), axis=1),
        at((1, 3), fixed(LINES), axis=-1), at((2, 3), fixed(LINES[:1]), axis=1)],
       torch=lambda t, x, indices, axis: t.take_along_dim(x, t.as_tensor(indices), axis), exact=True,
       errors=[error(ONES, np.zeros(3, int), 1, kind=ValueError,
                     text="take_along_axis expects indices with as many axes as x, got shape (3,) for x of shape "
                          "(2, 3)"),
               error(ONES, ONES, 1, kind=TypeError, text="take_along_axis expects indices as integers, got float64"),
               error(ONES, LINES + 3, 1, kind=IndexError, text="GetItem(float64 (2, 3))"),
               error(ONES, LINES, 2, kind=AXIS, text="take_along_axis: axis 2 is out of range for x of shape (2, 3)")]),
    Op(F.scatter_add, scatter_add, [at((2, 3), 1, fixed(LINES), (2, 4)), at((2, 3), 0, fixed(LINES[:, :3] % 2), (2, 3)),
                                    at((3, 3), -2, fixed(LINES[:, 1:]), (2, 3)), at((4,), 0, fixed(I), (3,))],
       torch=lambda t, x, axis, index, src: t.scatter_add(x, axis, t.as_tensor(index), src),
       errors=[error(ONES, 1, LINES, ONES, kind=ValueError,
                     text="scatter_add expects index with the axes of x and src and no longer than they, axis 1 of x "
                          "excepted; got index (2, 4), x (2, 3), src (2, 3)"),
               error(ONES, 0, ONES, ONES, kind=TypeError, text="scatter_add expects index as integers, got float64"),
               error(ONES, 1, LINES + 3, np.ones((2, 4)), kind=IndexError, text="GetItemGrad(float64 (2, 4))"),
               error(ONES, 2, LINES, ONES, kind=AXIS,
                     text="scatter_add: axis 2 is out of range for x of shape (2, 3)")]),
    Op(F.scatter_add, scatter_add, [at((2, 3), -1, fixed(LINES[:1, :2]), (2, 4)),
                                    at((3, 3), 0, fixed(LINES[:, 2:]), (2, 3)),
                                    at((2, 3), 1, fixed(LINES[:, :0]), (2, 4))],
       name="part-of-src"),  # of which torch has no gradient
]  # fmt: skip
