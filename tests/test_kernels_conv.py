"""The twins of convolution and pooling beside their references, and the threads that they work in."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import types

import numpy as np
import pytest

import dezero.functions as F
from dezero import Variable, grad, no_grad
from dezero._kernels import blas, conv, threads, winograd
from dezero._kernels.conv import Peaks
from dezero._kernels.twins import KERNELS, references
from dezero._shapes import Window, window
from dezero.config import recording


def normal(shape, dtype="f", last=False):
    """Random numbers, with channels last in memory or not."""
    x = np.random.default_rng(sum(shape)).standard_normal(shape).astype(dtype)
    return np.ascontiguousarray(x.transpose(0, 2, 3, 1)).transpose(0, 3, 1, 2) if last else x


# x, W, stride, pad, dilation, groups
CONVOLUTIONS = [
    ((2, 64, 16, 16), (64, 64, 3, 3), 1, 1, 1, 1),
    ((1, 64, 20, 22), (16, 64, 3, 3), 1, ((0, 2), (2, 1)), 1, 1),  # tiles that stick out, and row strips
    ((1, 16, 70, 70), (32, 16, 3, 3), 1, 0, 1, 1),
    ((9, 64, 7, 6), (80, 64, 3, 3), 1, 1, 1, 1),
    ((1, 128, 14, 14), (128, 128, 3, 3), 1, 1, 1, 1),  # tiles of 2 x 2
    ((3, 9, 8, 9), (5, 9, 3, 3), 1, 3, 1, 1),
    ((3, 8, 11, 9), (6, 8, 3, 2), (2, 1), (1, 0), (1, 2), 1),
    ((2, 1, 12, 12), (4, 1, 5, 5), 1, 0, 1, 1),
    ((1, 3, 15, 12), (8, 3, 3, 3), 2, 1, 1, 1),
    ((3, 6, 8, 9), (8, 6, 5, 5), 1, 2, 1, 1),  # strips of 3 places
    ((2, 8, 11, 10), (6, 8, 3, 3), (2, 1), (2, 1), (2, 1), 1),  # strips of 2
    ((2, 8, 7, 14), (6, 8, 3, 4), 2, (0, 1), 1, 1),
    ((2, 16, 8, 8), (12, 16, 1, 1), 1, 0, 1, 1),
    ((2, 16, 8, 8), (12, 16, 1, 1), 2, 0, 1, 1),
    ((2, 8, 6, 6), (8, 4, 3, 3), 1, 1, 1, 2),  # groups: no twin
    ((1, 2, 4, 4), (2, 2, 3, 3), 1, 1, 1, 1),  # too small for one
]


def convolutions():
    for x, W, stride, pad, dilation, groups in CONVOLUTIONS:
        w = window("test", W[2:], stride, pad, dilation)
        for dtype in "fd":
            for last in (False, True):
                gy = normal((x[0], W[0], *w.output(x[2:])), dtype, last)
                yield normal(x, dtype, last), normal(W, dtype), normal(W[:1], dtype), gy, w, groups
    yield normal(x, "e"), normal(W, "e"), normal(W[:1], "e"), normal(gy.shape, "e"), w, groups


def pooled():
    for w in (window("test", 2, 2, 0), window("test", 2, 2, ((0, 1), (0, 1))), window("test", 3, 2, 1)):
        for x in (normal((2, 3, 6, 8)), normal((2, 3, 7, 5), "d", True), normal((1, 2, 4, 4), "e")):
            yield x, w
            yield np.round(x), w  # equal elements
    strange = np.array([np.nan, np.inf, -np.inf, 0.0, -0.0, 1.0], "f")
    yield strange[np.random.default_rng(0).integers(0, 6, (2, 3, 6, 8))], window("test", 2, 2, 0)
    yield np.arange(16, dtype=np.uint8).reshape(1, 1, 4, 4), window("test", 2, 2, 0)


def peaks():
    for x, w in pooled():
        y, where = conv.max_pool.reference(x, w)
        yield x, y, where
        if y.dtype.kind == "f":
            yield x, np.full_like(y, np.inf), where


SAMPLES = {
    "convolve": lambda: [
        (x, W, bias, w, groups) for x, W, b, _, w, groups in convolutions() for bias in (b, None)
    ],
    "transpose_convolve": lambda: [(gy, W, w, groups, x.shape[2:]) for x, W, _, gy, w, groups in convolutions()],
    "weight_gradient": lambda: [(x, gy, w, groups) for x, _, _, gy, w, groups in convolutions()],
    "channel_sums": lambda: [(gy,) for _, _, _, gy, _, _ in convolutions()] + [(normal((5, 40, 13, 11), "f", True),)],
    "max_pool": lambda: list(pooled()),
    "scatter": lambda: [(gy, where, x.shape) for x, gy, where in peaks()],
}  # fmt: skip


def tolerance(twin, dtype):
    """Of the largest error, in units of the largest value."""
    if dtype.char == "d":
        return 1e-13
    return 3e-5 if "winograd" in twin.__name__ else 3e-6  # of float32, whose own is 6e-8


@pytest.mark.parametrize("name", SAMPLES)
def test_twins_equal_their_reference(name):
    kernel = KERNELS[name]
    samples = SAMPLES[name]()
    for twin in kernel.twins:
        taken = [args for args in samples if twin.when(*args)]
        assert 0 < len(taken) < len(samples)
        for args in taken:
            ours, theirs = twin.function(*args), kernel.reference(*args)
            if name == "max_pool":
                assert ours[1][1:] == theirs[1][1:]
                np.testing.assert_array_equal(ours[1].pixel, theirs[1].pixel)
                ours, theirs = ours[0], theirs[0]
            assert ours.dtype == theirs.dtype and ours.shape == theirs.shape
            if name in ("max_pool", "scatter"):
                np.testing.assert_array_equal(ours, theirs)
            else:
                assert np.abs(ours - theirs).max() <= tolerance(twin.function, ours.dtype) * np.abs(theirs).max()


def test_strips_are_chosen_where_columns_cost_more_than_products():
    def together(x, W, stride=1, pad=0, dilation=1):
        w = window("test", W[2:], stride, pad, dilation)
        return conv._together(x[1], W[0], w, w.output(x[2:])[1], conv.COPY)

    assert together((1, 1, 28, 28), (16, 1, 5, 5)) == 4
    assert together((1, 1, 27, 27), (16, 1, 5, 5)) == 1  # 23 places
    assert together((1, 6, 13, 13), (16, 6, 5, 5)) == 3
    assert together((1, 6, 14, 14), (16, 6, 5, 5)) == 2
    assert together((1, 64, 14, 14), (64, 64, 5, 5)) == 1
    assert together((1, 1, 36, 36), (16, 1, 5, 5), dilation=3) == 1


@pytest.mark.parametrize("strange", [np.nan, np.inf])
def test_strips_keep_what_is_not_finite_where_it_belongs(strange):
    W, w = normal((8, 6, 5, 5)), window("test", 5, 1, 2)
    x, y = normal((2, 6, 8, 9)), normal((2, 8, 8, 9))
    x[0, 0, 3, 4] = y[0, 0, 3, 4] = strange
    with np.errstate(invalid="ignore"):
        for kernel, args in ((conv.convolve, (x, W, None, w, 1)), (conv.transpose_convolve, (y, W, w, 1, (8, 9)))):
            ours, theirs = kernel(*args), kernel.reference(*args)
            assert kernel.chosen(*args) is not kernel.reference and not np.isfinite(ours).all()
            np.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=1e-4)


def test_every_way_is_chosen_for_some_sample():
    chosen = {conv.convolve.chosen(*args).__name__ for args in SAMPLES["convolve"]()}
    assert chosen == {"_convolve_winograd", "_convolve_last", "convolve"}
    shapes = {(x.shape, W.shape): (x, W, w) for x, W, _, w, groups in SAMPLES["convolve"]() if x.dtype == "f"}
    ms = {conv._winograd(x, W.shape[1], len(W), w.output(x.shape[2:]), w, False) for x, W, w in shapes.values()}
    assert ms == {0, 2, 4}


@pytest.mark.parametrize("dtype", ["f", "d"])
@pytest.mark.parametrize("case", [0, 3, 6, 7, 9])
def test_functions_equal_those_of_references_to_second_order(case, dtype):
    x, W, stride, pad, dilation, groups = CONVOLUTIONS[case]
    x, W, b = [Variable(normal(shape, dtype)) for shape in (x, W, W[:1])]

    def run():
        y = F.pooling(F.conv2d(x, W, b, stride, pad, dilation, groups), 2, 2)
        gxs = grad(F.sum(y * y), [x, W, b], create_graph=True)
        return [y, *gxs, *grad(sum((F.sum(g * g) for g in gxs), F.sum(y)), [x, W, b])]

    ours = run()
    with references():
        theirs = run()
    for a, b_ in zip(ours, theirs):
        assert a.dtype == b_.dtype == dtype and a.shape == b_.shape
        assert np.abs(a.data - b_.data).max() <= (1e-12 if dtype == "d" else 2e-4) * np.abs(b_.data).max()


def test_results_behave_as_any_array():
    y = F.conv2d(normal((2, 16, 12, 12)), normal((16, 16, 3, 3)), pad=1).data
    assert type(y) is np.ndarray and y.flags.writeable and y.flags.owndata is False
    np.testing.assert_array_equal(y.reshape(2, -1)[1, :144], y[1, 0].ravel())
    np.testing.assert_array_equal(np.ascontiguousarray(y), y)
    np.testing.assert_array_equal(np.array(y.tolist(), "f"), y)
    assert F.reshape(y, (2, -1)).data.flags.c_contiguous


# -- Winograd --------------------------------------------------------------------------------------


def test_winograd_errors_are_as_stated():
    x, W = normal((2, 64, 16, 16), "d"), normal((64, 64, 3, 3), "d")
    w = window("test", 3, 1, 1)
    gy = normal((2, 64, 16, 16), "d")
    theirs = [conv.convolve.reference(x, W, None, w, 1), conv.transpose_convolve.reference(gy, W, w, 1, (16, 16)),
              conv.weight_gradient.reference(x, gy, w, 1)]  # fmt: skip
    x, W, gy = [a.astype("f") for a in (x, W, gy)]
    for m, stated in ((2, 1.5e-6), (4, 1.5e-5)):
        ours = [
            winograd.correlate(x.transpose(0, 2, 3, 1), winograd.transformed(W, m, False), None, m, 1, 1, (16, 16)),
            winograd.correlate(gy.transpose(0, 2, 3, 1), winograd.transformed(W, m, True), None, m, 1, 1, (16, 16)),
        ]
        ours = [y.transpose(0, 3, 1, 2) for y in ours]
        ours.append(winograd.weight_gradient(x.transpose(0, 2, 3, 1), gy.transpose(0, 2, 3, 1), m, 1, 1))
        for a, b in zip(ours, theirs, strict=True):
            assert np.abs(a - b).max() <= stated * np.abs(b).max()


@pytest.mark.parametrize("m", [2, 4])
def test_matrices_of_winograd_are_exact(m):
    B, A, G = winograd.MATRICES[m]
    d, g = np.arange(m + 2.0) ** 2, np.array([1.0, -2, 5])
    np.testing.assert_allclose(A @ ((G @ g) * (B @ d)), np.convolve(d, g[::-1], "valid"), rtol=1e-6)
    assert (A[:, 1] == 1).all()  # what the bias relies on


def test_float64_takes_no_winograd():
    x, W, b, w, groups = SAMPLES["convolve"]()[0]
    assert conv.convolve.chosen(x, W, b, w, groups).__name__ == "_convolve_winograd"
    x, W, b = [a.astype(float) for a in (x, W, b)]
    assert conv.convolve.chosen(x, W, b, w, groups).__name__ == "_convolve_last"


def test_winograd_can_be_switched_off(monkeypatch):
    x, W, b, w, groups = normal((2, 64, 16, 16)), normal((64, 64, 3, 3)), None, window("test", 3, 1, 1), 1
    monkeypatch.setattr(winograd, "ENABLED", (2,))
    assert conv._winograd(x, 64, 64, (16, 16), w, False) == 2
    monkeypatch.setattr(winograd, "ENABLED", ())
    assert conv.convolve.chosen(x, W, b, w, groups).__name__ == "_convolve_last"
    code = "from dezero._kernels import winograd; print(winograd.ENABLED)"
    done = subprocess.run([sys.executable, "-c", code], env={**os.environ, "DEZERO_WINOGRAD": "0"}, capture_output=True)
    assert done.stdout.strip() == b"()"


def test_weights_written_in_place_are_noticed():
    x, W = normal((1, 64, 16, 16)), Variable(normal((64, 64, 3, 3)))
    with no_grad():
        before = F.conv2d(x, W, pad=1).data
        np.testing.assert_array_equal(F.conv2d(x, W, pad=1).data, before)
        assert any(entry[0]() is W.data for entry in winograd.kept.entries.values())
        W.data[...] = 0
        assert (F.conv2d(x, W, pad=1).data == 0).all()
        W.data[3, 2, 1, 0] = 1
        assert np.flatnonzero(F.conv2d(x, W, pad=1).data.any(axis=(0, 2, 3))).tolist() == [3]
        W.data[...] = np.nan
        assert np.isnan(F.conv2d(x, W, pad=1).data).all()
        W.data = np.zeros_like(W.data)
        assert (F.conv2d(x, W, pad=1).data == 0).all()


def test_kept_weights_are_forgotten_with_their_array_and_are_limited(monkeypatch):
    kept = winograd.Kept()
    W = normal((16, 16, 3, 3))
    U = kept.get(W, 4)
    assert kept.get(W, 4) is U and kept.bytes == W.nbytes + U.nbytes
    del W
    assert not kept.entries and not kept.bytes
    monkeypatch.setattr(winograd, "KEPT_BYTES", 1000)
    W = normal((16, 16, 3, 3))
    assert kept.get(W, 4) is not kept.get(W, 4) and not kept.entries


def test_no_weights_are_kept_while_recording():
    W = Variable(normal((64, 64, 3, 3)))
    F.conv2d(normal((2, 64, 16, 16)), W, pad=1)
    assert not any(entry[0]() is W.data for entry in winograd.kept.entries.values())


# -- pooling ---------------------------------------------------------------------------------------


def test_peaks_know_their_indexes():
    where = Peaks(np.array([[[[3, 0]]]], np.uint8), Window((2, 2), (2, 2), ((0, 0), (0, 0)), (1, 1)), 5)
    assert where.shape == (1, 1, 1, 2) and where.indexes().tolist() == [[[[6, 2]]]]


# -- threads ---------------------------------------------------------------------------------------


@pytest.fixture
def two(monkeypatch):
    """Two threads, however many this machine has."""

    class Blas(threads._Blas):
        def __init__(self):
            self.count, self.seen = 2, []
            super().__init__(lambda: self.count, self.change)

        def change(self, count):
            self.seen.append(count)
            self.count = count

    blas = Blas()
    monkeypatch.setattr(threads, "_blas", lambda: blas)
    return blas


def test_each_thread_has_as_many_parts(two):
    twentieth = conv.LAST_BLOCK // 20
    assert conv._shares(64, twentieth) == [slice(0, 16), slice(16, 32), slice(32, 48), slice(48, 64)]
    assert conv._shares(3, conv.LAST_BLOCK) == [slice(0, 1), slice(1, 2), slice(2, 3)]
    assert conv._shares(5, 16) == [slice(0, 5)] and conv._shares(0, 5) == []


def test_few_tiles_stay_in_one_thread(two):
    assert len(winograd.Shape(16, 32, 32, 8, 8).blocks(4)) == 1
    assert len(winograd.Shape(16, 64, 64, 32, 32).blocks(4)) > 1


def test_work_is_shared_in_order_with_one_thread_of_blas(two):
    def work(some):
        return list(some), threading.get_ident(), two.count, threads.workers()

    first, second = threads.in_threads(work, range(5))
    assert first[0] + second[0] == [0, 1, 2, 3, 4]
    assert first[1] == threading.get_ident() != second[1]
    assert {first[2:], second[2:]} == {(1, 1)} and two.seen == [1, 2] and threads.workers() == 2


def test_an_error_in_a_thread_comes_out_and_leaves_blas_as_it_was(two):
    for wrong in (0, 1):
        with pytest.raises(ZeroDivisionError):
            threads.in_threads(lambda some, wrong=wrong: 1 // (some[0] - wrong), [0, 1])
        assert two.count == 2 and threads.workers() == 2


def test_what_holds_for_the_calling_thread_holds_for_all(two):
    def work(some):
        np.full(2, 1e30, "f") ** 2
        return np.geterr()["over"], bool(recording())

    with np.errstate(over="ignore"), no_grad():
        assert threads.in_threads(work, [0, 1]) == [("ignore", False)] * 2
    with np.errstate(over="raise"), pytest.raises(FloatingPointError):
        threads.in_threads(work, [0, 1])


def test_without_openblas_there_are_no_threads(monkeypatch):
    monkeypatch.setattr(threads, "_blas", lambda: None)
    assert threads.workers() == 1
    assert threads.in_threads(list, [1, 2]) == [[1, 2]]


def test_waits_are_shortened_once_and_not_beside_other_threads(monkeypatch):
    seen = []
    monkeypatch.setattr(blas, "openblas", lambda name: lambda: seen.append((name, os.environ.get(blas._WAIT))))
    monkeypatch.setattr(blas, "_settled", False)
    monkeypatch.delenv(blas._WAIT, raising=False)
    monkeypatch.setattr(blas, "_alone", lambda: False)
    blas.shorten_waits()
    assert not seen and not blas._settled
    monkeypatch.setattr(blas, "_alone", lambda: True)
    for _ in range(2):
        blas.shorten_waits()
    assert seen == [("openblas_read_env", "18"), ("blas_thread_shutdown_", "18")]
    assert blas._WAIT not in os.environ
    monkeypatch.setattr(blas, "_settled", False)
    monkeypatch.setenv(blas._WAIT, "26")  # what the user has chosen stays
    blas.shorten_waits()
    assert len(seen) == 2 and os.environ[blas._WAIT] == "26"


def test_threads_that_may_compute_are_told_from_those_of_a_notebook():
    begun, end = threading.Event(), threading.Event()

    def wait():
        begun.set()
        end.wait()

    for module, kernels_own in [("ipykernel.heartbeat", True), ("IPython.core.history", True), ("user", False)]:
        target = types.FunctionType(wait.__code__, {"__name__": module}, closure=wait.__closure__)
        begun.clear()
        end.clear()
        thread = threading.Thread(target=target)
        thread.start()
        begun.wait()
        assert blas._of_notebook(sys._current_frames()[thread.ident]) is kernels_own
        assert kernels_own or not blas._alone()
        end.set()
        thread.join()


def test_convolution_in_two_threads_equals_that_in_one(two, monkeypatch):
    for x, W, b, gy, w, groups in convolutions():
        if x.dtype != "f":
            continue

        def run(x=x, W=W, b=b, gy=gy, w=w, groups=groups):
            return [conv.convolve(x, W, b, w, groups), conv.transpose_convolve(gy, W, w, groups, x.shape[2:]),
                    conv.weight_gradient(x, gy, w, groups)]  # fmt: skip

        shared = run()
        for a, again in zip(shared, run()):
            np.testing.assert_array_equal(a, again)
        with monkeypatch.context() as patch:
            patch.setattr(threads, "_blas", lambda: None)
            for a, alone in zip(shared, run()):
                assert np.abs(a - alone).max() <= 2e-5 * np.abs(alone).max()
