"""The fast twins of activations and of sums, beside their references."""

import math
import os
import subprocess
import sys

import numpy as np
import pytest

import dezero
import dezero.functions as F
from dezero import Variable, core
from dezero._kernels import elementwise
from dezero._kernels.memory import keep_memory
from dezero._kernels.twins import KERNELS, references

NOT_FINITE = (np.inf, -np.inf, np.nan, 0.0, -0.0, 1e4, -1e4, 50.0, -50.0)


def _at(shape, dtype="f", seed=0):
    x = np.random.RandomState(seed).standard_normal(shape).astype(dtype) * 3
    x.reshape(-1)[: len(NOT_FINITE)] = NOT_FINITE
    return x


def _tame(shape, dtype="f", seed=0):
    return np.random.RandomState(seed).standard_normal(shape).astype(dtype)


def _shuffled(x):
    """x in memory of another order, as that of channels-last images."""
    return np.ascontiguousarray(x.transpose(0, 2, 3, 1)).transpose(0, 3, 1, 2)


def _arrays():
    """What twins take, in one piece and in several, and what they refuse: small, float16, integers, NumPy scalars."""
    small, image = _at((3, 4)), _at((2, 8, 16, 20))
    return [
        small, _at((64, 70)), _at((64, 70), "d"), _at((64, 70), "e"), _at(300_000), _at((3, 100_001), "d"), image,
        _shuffled(image), image[:, ::2], np.arange(-4000, 4000), np.float32(0.5), np.ones((0, 3), "f"),
    ]  # fmt: skip


def _pairs(second=lambda x: x, arrays=_arrays):
    """A gradient beside an array; the last pair in memory of different order."""
    xs = arrays()
    return [(x * 0.5 + 1, second(x)) for x in xs] + [(np.zeros((2, 8, 16, 20), "f"), second(xs[7]))]


def _open(y):
    """Values between 0 and 1."""
    return 0.5 + 0.5 * np.tanh(y)


def _rows():
    """Arrays along whose last axis, or another one, a softmax goes."""
    one = _tame((100, 80))
    one[3, 5:], one[4] = -np.inf, 1e30
    return [
        (_tame((3, 4)), 1), (one, 1), (one, -1), (one, 0), (one.astype("d"), 1), (_at((64, 70), "e")[1:], 1),
        (_tame((600, 500)), 1), (_tame((2, 9000)), 1), (_tame((4, 5, 30, 20)), 1), (_tame((4, 5, 30, 20)), 3),
        (_shuffled(_tame((4, 5, 30, 20))), 3), (_tame((70, 60)), (0, 1)), (np.arange(12).reshape(3, 4), 1),
        (np.ones((0, 3), "f"), 1), (np.ones((3, 0), "f"), 0),
    ]  # fmt: skip


def _row_pairs(second):
    return [(x * 0 + _tame(x.shape, x.dtype, 1), second(x, axis), axis) for x, axis in _rows() if x.dtype.kind == "f"]


SAMPLES = {
    "sigmoid": lambda: [(x,) for x in _arrays()],
    "sigmoid_gradient": lambda: _pairs(_open),
    "tanh_gradient": lambda: _pairs(np.tanh),
    "silu": lambda: [(x,) for x in _arrays()],
    "silu_gradient": lambda: [(core.arrays, gy, x, _open(x)) for gy, x in _pairs()],
    "relu": lambda: [(x,) for x in _arrays()],
    "relu_gradient": _pairs,
    "bent": lambda: [(x, slope) for x in _arrays() for slope in (0.2, 0.0, 2.0, -1.0)],
    "bent_gradient": lambda: [(core.arrays, gy, x, slope) for gy, x in _pairs() for slope in (0.2, 0.0, 2.0, np.inf)],
    "elu_gradient": lambda: [
        (core.arrays, gy, np.minimum(x, 80), x > 0, scale, low, rate)
        for gy, x in _pairs()
        for scale, low, rate in ((1.0, 1.0, 1.0), (1.05, 1.75, 1.0), (1.0, 1.0, 0.5))
    ],
    "gelu": lambda: [(core.arrays, x, word) for x in _arrays() for word in ("tanh", "none")],
    "gelu_and_slope": lambda: [(core.arrays, x, word) for x in _arrays() for word in ("tanh", "none")],
    "power": lambda: [(_tame((70, 60), t), c) for t in "fde" for c in (3, 4, -2, -3, -4, 3.0, 2.5, 5)]
    + [(np.arange(12), 3), (np.float32(2), 3), (np.array([0.0, np.inf, -2.0]), -3)],
    "softmax": _rows,
    "softmax_gradient": lambda: [(core.arrays, *pair) for pair in _row_pairs(lambda x, axis: np.tanh(np.abs(x)))],
    "log_softmax": _rows,
    "log_softmax_gradient": lambda: [(core.arrays, *pair) for pair in _row_pairs(lambda x, axis: -np.abs(x))],
    "erf": lambda: [(x,) for x in _arrays() if x.dtype.char in "fd"],
    "careful_sum": lambda: [
        (_tame(shape, t), axis)
        for t in "fde"
        for shape, axis in (
            ((3, 4), None), ((100, 90), None), ((90_001,), None), ((90_001,), 0), ((100, 90), 1), ((100, 90), -1),
            ((100, 90), 0), ((2000, 70), 0), ((5000, 3), 0), ((9, 20_000), 1), ((9, 10, 200), (2,)), ((0, 3), 0),
            ((9, 10, 200), (2, 0, 1)), ((20, 30, 40), (0, 2)), ((2, 20_000), (0, 1)),
        )
    ] + [(_shuffled(_tame((4, 8, 20, 20))), None), (np.arange(9000), None), (_tame((200, 200))[:, ::2], 1)],
    "quotient_gradients": lambda: [
        (_tame(a, t), _tame(a, t, 1), np.abs(_tame(b, t, 2)) + 1, needs)
        for t in "fde"
        for a, b in (((300, 500), (300, 1)), ((2, 400, 200), (2, 400, 1)), ((300, 500), (500,)), ((3, 4), (3, 1)),
                     ((90, 2000), (90, 1)), ((300, 500), (300, 500)), ((300, 500), ()))
        for needs in ((True, True), (False, True), (True, False))
    ],
    "sum_of_products": lambda: [
        (_tame(a, t), _tame(b, t, 1), shape)
        for t in "fde"
        for a, b, shape in (
            ((3, 4), (3, 4), (3, 1)), ((100, 90), (100, 90), (100, 1)), ((100, 90), (100, 90), (90,)),
            ((100, 90), (100, 90), ()), ((100, 90), (90,), (100, 1)), ((100, 90), (100, 1), (1, 90)),
            ((2, 50, 90), (2, 50, 90), (50, 1)), ((2, 50, 90), (50, 90), (2, 50, 1)), ((9, 2000), (9, 2000), (9, 1)),
            ((0, 90), (0, 90), (90,)), ((8, 16, 70, 1), (8, 16, 70, 1), (16, 1, 1)),
        )
    ] + [(_tame((100, 90)), _tame((100, 90), "d"), (100, 1)), (np.broadcast_to(_tame((100, 1)), (100, 90)),
         _tame((100, 90)), (100, 1)), (_tame((200, 200))[:, ::2], _tame((100, 200)).T, (200, 1))],
}  # fmt: skip


def _batches():
    """Images channels first and channels last, rows, a size that no twin takes, and numbers far from 0."""
    image = _tame((6, 8, 25, 20)) * 2 + 1
    return [
        image, _shuffled(image), image.astype("d"), _shuffled(image) + np.float32(1e4), _tame((5000, 12)),
        _tame((5, 4)), image[:, ::2], _tame((600, 3, 11)), _shuffled(_tame((2, 3, 60, 61))),
    ]  # fmt: skip


def _statistics(x):
    axes = (0, *range(2, x.ndim))
    _, first, rest, var = KERNELS["center"].reference(x, axes)
    return first, rest, (var + x.dtype.type(1e-5)) ** -0.5


SAMPLES |= {
    "center": lambda: [(x, (0, *range(2, x.ndim))) for x in _batches()] + [(_tame((200, 100)), (1,))],
    "batch_gradient": lambda: [
        (_like(gy, x), x, *_statistics(x), _statistics(x)[2] * 2)
        for x in _batches()
        for gy in [_tame(x.shape, x.dtype, 1)]
    ],
    "scale_and_shift": lambda: [
        (x, *pair)
        for x in _batches()
        for first in _statistics(x)[:1]
        for pair in ((first + 1, first), (first, None), (np.broadcast_to(first, x.shape), None))
    ],
}


def _like(gy, x):
    """gy in the memory order of x."""
    y = np.empty_like(x)
    y[...] = gy
    return y


SUMS = ("careful_sum", "quotient_gradients", "sum_of_products", "log_softmax_gradient", "softmax_gradient", "center",
        "batch_gradient", "scale_and_shift")  # whose terms may cancel  # fmt: skip


NEAR_ONE = ("gelu", "gelu_and_slope")  # whose share is right to the rounding of numbers near 1


def _own(x):
    """A copy of an array in memory of the same order, for a kernel that works in place."""
    return x.copy(order="K") if isinstance(x, np.ndarray) and x.flags.writeable else x


def _tolerance(y):
    """A few roundings, in units of the numbers themselves."""
    return {"e": 5e-3, "f": 5e-6, "d": 1e-13}.get(np.asarray(y).dtype.char, 0)


@pytest.mark.parametrize("name", SAMPLES)
def test_twins_equal_their_reference(name):
    kernel, taken = KERNELS[name], set()
    with np.errstate(all="ignore"):
        samples = SAMPLES[name]()
    for args in samples:
        with np.errstate(all="ignore"):
            expected = kernel.reference(*map(_own, args))
            for twin in kernel.twins:
                if twin.when(*args):
                    taken.add(twin)
            result = kernel(*map(_own, args))
        several = isinstance(expected, tuple)
        for y, e in zip(result if several else [result], expected if several else [expected], strict=True):
            if e is None:
                assert y is None
                continue
            assert y.dtype == e.dtype
            assert y.shape == e.shape
            scale = np.abs(e[np.isfinite(e)]).max(initial=1) if name in SUMS else 1 if name in NEAR_ONE else 1e-3
            np.testing.assert_allclose(y, e, rtol=_tolerance(e), atol=_tolerance(e) * scale)
    assert len(taken) == len(kernel.twins), "a twin that no sample reaches"


def _below(x):
    """The share of a standard normal distribution below each x, also where it is tiny."""
    return np.array([0.5 * math.erfc(-float(v) * math.sqrt(0.5)) for v in x])


def test_float32_erf_is_right_to_two_units_near_1_and_relatively_near_0():
    x = np.concatenate([np.linspace(-6, 6, 6001), np.logspace(-37, 0, 2001)]).astype("f")
    y, exact = elementwise.erf(x), np.array([math.erf(v) for v in x])
    assert elementwise.erf.chosen(x) is not elementwise.erf.reference
    assert np.abs(y - exact).max() < 2 * np.finfo("f").eps
    np.testing.assert_allclose(y, exact, rtol=3e-7, atol=0)
    np.testing.assert_array_equal(y[np.abs(x) > 4], np.sign(x[np.abs(x) > 4]))


@pytest.mark.parametrize("edge", [9, 99])  # only beyond 40 anything is clipped
def test_float32_gelu_and_its_slope_are_right_to_a_few_roundings(edge):
    x = np.linspace(-edge, edge, 8001).astype("f")
    y, slope = elementwise.gelu_and_slope(core.arrays, x, "none")
    assert elementwise.gelu_and_slope.chosen(core.arrays, x, "none") is not elementwise.gelu_and_slope.reference
    wide = x.astype("d")
    np.testing.assert_allclose(y, wide * _below(x), rtol=3e-7, atol=1e-6)  # 8 times the rounding of a share of 1
    np.testing.assert_allclose(slope, _below(x) + wide * np.exp(-wide * wide / 2) / math.sqrt(2 * math.pi), atol=3e-7)
    np.testing.assert_array_equal(elementwise.gelu(core.arrays, x, "none"), y)


def test_gelu_keeps_a_slope_only_where_something_is_recorded():
    f = F.GELU("tanh")
    with dezero.no_grad():
        y = f(Variable(_tame((64, 80))))
    assert not hasattr(f, "slope")
    np.testing.assert_array_equal(f(Variable(_tame((64, 80)))).data, y.data)
    assert f.slope.shape == (64, 80)


def test_pieces_keep_what_lies_together_in_memory():
    image = np.empty((1, 300, 200, 16), "f").transpose(0, 3, 1, 2)  # one, channels last
    rows = np.empty((2, 3, 400, 500), "f")
    for x, whole in ((image, ()), (rows, ()), (rows, (3,)), (rows.T, ()), (np.empty((5, 300_000), "f"), (1,))):
        pieces = elementwise.in_pieces(lambda piece: piece, x, whole=whole)
        assert len(pieces) > 1 and sum(piece.size for piece in pieces) == x.size
        innermost = x.strides.index(x.itemsize)
        assert {piece.shape[innermost] for piece in pieces} == {x.shape[innermost]}


def test_twins_keep_the_order_of_memory():
    x = _shuffled(_at((2, 8, 16, 20)))
    assert elementwise.relu(x).strides == x.strides
    assert elementwise.relu.chosen(x) is not elementwise.relu.reference


@pytest.mark.parametrize(
    "f",
    [
        F.sigmoid, F.tanh, F.silu, F.relu, F.leaky_relu, F.elu, F.selu, F.gelu, F.erf, F.softplus, F.log_sigmoid,
        F.softmax, F.log_softmax, lambda x: F.gelu(x, approximate="tanh"), lambda x: x**3,
        lambda x: F.sum(x * x, axis=1),
    ],
)  # fmt: skip
def test_public_functions_agree_with_references_up_to_the_second_order(f):
    a = np.random.RandomState(0).standard_normal((64, 80))

    def derivatives():
        x = Variable(a)
        y = f(x)
        gx = dezero.grad(F.sum(y * y), x, create_graph=True)
        plain = dezero.grad(F.sum(f(x) ** 2), x)
        return y, gx, plain, dezero.grad(F.sum(gx * gx), x)

    fast = derivatives()
    with references():
        slow = derivatives()
    for u, v in zip(fast, slow, strict=True):
        np.testing.assert_allclose(u.data, v.data, rtol=1e-10, atol=1e-12)


def test_pieces_run_under_the_errstate_of_the_caller():
    x = np.full((600, 600), 1e30, "f")
    with np.errstate(over="raise"), pytest.raises(FloatingPointError):
        elementwise.in_pieces(lambda x: x * x, x)
    with np.errstate(over="ignore"):
        elementwise.in_pieces(lambda x: x * x, x)


def test_pieces_cover_the_array_and_spare_whole_axes():
    for shape, whole in [((600, 700), ()), ((2, 300_000), ()), ((3, 100, 1000), (2,)), ((5,), ()), ((400_000,), (0,))]:
        x, seen = np.zeros(shape, "f"), []

        def add_one(x, shape=shape, whole=whole, seen=seen):
            x += 1
            seen.append(all(x.shape[axis] == shape[axis] for axis in whole))

        elementwise.in_pieces(add_one, x, whole=whole)
        assert (x == 1).all()
        assert all(seen)


# -- memory ----------------------------------------------------------------------------------------


def _glibc():
    return hasattr(os, "confstr_names") and "CS_GNU_LIBC_VERSION" in os.confstr_names


def test_keep_memory_says_whether_it_could():
    assert keep_memory() is _glibc()


def test_keep_memory_does_nothing_without_glibc(monkeypatch):
    def confstr(name):
        raise ValueError("unrecognized configuration name")

    monkeypatch.setattr(os, "confstr", confstr, raising=False)
    monkeypatch.setattr("ctypes.CDLL", None)
    assert keep_memory() is False
    assert keep_memory(False) is False


@pytest.mark.skipif(not _glibc(), reason="another C library")
@pytest.mark.parametrize(("setting", "fetched_anew"), [("1", False), ("0", True)])
def test_memory_is_kept_between_steps_unless_switched_off(setting, fetched_anew):
    code = (
        "import resource, numpy as np, dezero._kernels.memory\n"
        "def faults(): return resource.getrusage(resource.RUSAGE_SELF).ru_minflt\n"
        "x = [np.ones(2_000_000) for _ in range(3)]\n"
        "del x\n"
        "before = faults()\n"
        "for _ in range(3): x = [np.ones(2_000_000) for _ in range(3)]; del x\n"
        "print(faults() - before)\n"
    )
    env = os.environ | {"DEZERO_KEEP_MEMORY": setting}
    out = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, check=True).stdout
    assert (int(out) > 2000) is fetched_anew, out
