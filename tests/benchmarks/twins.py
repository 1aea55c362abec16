"""What every twin takes of the time of its reference, on a large sample: ``python -m tests.benchmarks.twins [ROUNDS]``.

The sentences in `earned` come from here, measured with ``OPENBLAS_NUM_THREADS=1``: one thread, and its own time, in
which other programs do not count. Both run in turn many times for some milliseconds; the median of the ratios counts.
"""

import json
import statistics
import sys
import time

import numpy as np

import dezero.models  # noqa: F401  # all kernels enter KERNELS
from dezero import core
from dezero._kernels import conv, recurrent
from dezero._kernels.threads import workers
from dezero._kernels.twins import KERNELS
from dezero._shapes import window
from tests.benchmarks.data import normal

__all__ = ["LARGE", "twins"]

SECONDS = 3e-3  # of one run


def _last(x):
    """x with channels last in memory."""
    return np.ascontiguousarray(x.transpose(0, 2, 3, 1)).transpose(0, 3, 1, 2)


def _open(seed, *shape):
    """Numbers between 0 and 1."""
    return np.random.RandomState(seed).random_sample(shape).astype("f")


def _images(C=64):
    return _last(normal(0, 32, C, 32, 32))


def _convolution(N, C, OC, size, kernel, pad):
    w = window("", kernel, 1, pad)
    x, W = _last(normal(0, N, C, size, size)), normal(1, OC, C, kernel, kernel)
    return x, W, _last(normal(2, N, OC, *w.output((size, size)))), w


def _convolutions():
    """For the three kernels of convolution: a layer of LeNet, a larger one, and one that Winograd takes."""
    found = {"convolve": [], "transpose_convolve": [], "weight_gradient": []}
    for words, shape in (
        ("N64 16->32 5x5, 12x12", (64, 16, 32, 12, 5, 0)),
        ("N32 64->64 5x5, 16x16", (32, 64, 64, 16, 5, 2)),
        ("N32 64->64 32x32", (32, 64, 64, 32, 3, 1)),
    ):

        def convolve(shape=shape):
            x, W, _, w = _convolution(*shape)
            return x, W, None, w, 1

        def transpose(shape=shape):
            x, W, gy, w = _convolution(*shape)
            return gy, W, w, 1, x.shape[2:]

        def gradient(shape=shape):
            x, _, gy, w = _convolution(*shape)
            return x, gy, w, 1

        for name, make in zip(found, (convolve, transpose, gradient)):
            found[name].append((words, make))
    return found


def _peaks():
    x, w = _images(), window("", 2, 2, 0)
    y, peaks = conv.max_pool(x, w)
    return y, peaks, x.shape


def _batch():
    x = _last(normal(0, 16, 64, 32, 32))
    first = x[:1, :, :1, :1].copy()
    return _last(normal(1, *x.shape)), x, first, 0 * first, 0 * first + 1, 0 * first + 1


def _state(name):
    a, h, gh, gc = [np.asfortranarray(normal(i, 32, n)) for i, n in enumerate((400, 100, 100, 100))]
    if name in ("lstm", "gru"):
        return np, a, h
    if name == "gru_gradient":
        return np, gh, recurrent.gru(np, a, h)[1], h
    _, _, gates, t = recurrent.lstm(np, a, h)
    return np, gh, gc, gates, t, h


def _parameters(count):
    return [np.abs(normal(i, 1_800_000)) for i in range(count)]


MILLION, ROWS, STEP, ALL = "1e6 float32", "1000 x 1000 float32", "N32 H100 float32", "1.8e6 float32"
BATCH = "16x64x32x32 float32, channels last"
_x, _u = (lambda: normal(0, 1000, 1000)), (lambda: _open(1, 1000, 1000))

# From kernel to descriptions of arguments, and functions that make them; each twin takes some.
LARGE = {
    "sigmoid": [(MILLION, lambda: (_x(),))],
    "sigmoid_gradient": [(MILLION, lambda: (_x(), _u()))],
    "tanh_gradient": [(MILLION, lambda: (_x(), _u()))],
    "silu": [(MILLION, lambda: (_x(),))],
    "silu_gradient": [(MILLION, lambda: (core.arrays, _x(), _x(), _u()))],
    "relu": [(MILLION, lambda: (_x(),))],
    "relu_gradient": [(MILLION, lambda: (_x(), _x()))],
    "bent": [(MILLION, lambda: (_x(), 0.2))],
    "bent_gradient": [(MILLION, lambda: (core.arrays, _x(), _x(), 0.2))],
    "elu_gradient": [(MILLION, lambda: (core.arrays, _x(), _x(), _x() > 0, 1.0, 1.0, 1.0))],
    "gelu": [(MILLION, lambda: (core.arrays, _x(), "tanh"))],
    "gelu_and_slope": [(MILLION, lambda: (core.arrays, _x(), "tanh"))],
    "power": [(MILLION, lambda: (_x(), 3))],
    "softmax": [(ROWS, lambda: (_x(), 1))],
    "softmax_gradient": [(ROWS, lambda: (core.arrays, _x(), _u(), 1))],
    "log_softmax": [(ROWS, lambda: (_x(), 1))],
    "log_softmax_gradient": [(ROWS, lambda: (core.arrays, _x(), -_u(), 1))],
    "erf": [(MILLION, lambda: (_x(),)), ("1e6 float64", lambda: (_x().astype(float),))],
    "careful_sum": [
        (MILLION, lambda: (normal(0, 1_000_000), None)),
        (ROWS, lambda: (_x(), 1)),
        ("16384 x 64 float32", lambda: (normal(0, 16384, 64), 0)),
    ],
    "quotient_gradients": [(ROWS, lambda: (_x(), _x(), _u()[:, :1] + 1, (True, True)))],
    "sum_of_products": [(ROWS, lambda: (_x(), _u(), (1000, 1)))],
    "center": [(BATCH, lambda: (_batch()[0], (0, 2, 3)))],
    "scale_and_shift": [(BATCH, lambda: (_batch()[0], _batch()[4], _batch()[3]))],
    "batch_gradient": [(BATCH, _batch)],
    "descend": [(ALL, lambda: (*_parameters(2), 1e-9))],
    "momentum": [(ALL, lambda: (*_parameters(3), 1e-9, 0.9999, False))],
    "adam": [(ALL, lambda: (*_parameters(4), 1e-9, 0.9, 0.999, 1e-8, 1.0))],
    **{name: [(STEP, lambda name=name: _state(name))] for name in ("lstm", "lstm_gradient", "gru", "gru_gradient")},
    **_convolutions(),
    "channel_sums": [("N64 C16 24x24", lambda: (_last(normal(0, 64, 16, 24, 24)),))],
    "max_pool": [("N32 C64 32x32", lambda: (_images(), window("", 2, 2, 0)))],
    "scatter": [("N32 C64 32x32", _peaks)],
}


def twins():
    """Yield kernel, twin, a description of arguments that the twin takes, and a function that makes them."""
    for name, kernel in KERNELS.items():
        for twin in kernel.twins:
            yield name, kernel, twin, LARGE.get(name, [])


def measured(rounds=31):
    """For each twin: its time over that of its reference, with the quartiles, and both times in ms."""
    for name, kernel, twin, samples in twins():
        for words, make in samples:
            arguments = make()
            if kernel.chosen(*arguments) is twin.function:
                yield {
                    "kernel": name,
                    "twin": twin.function.__name__,
                    "of": words,
                    **_ratio(kernel, twin, arguments, rounds),
                }
                break
        else:
            raise LookupError(f"LARGE has no arguments that the twin {twin.function.__name__} of {name} takes")


def _ratio(kernel, twin, arguments, rounds):
    functions = [kernel.reference, twin.function]
    for f in functions:
        f(*arguments)
    steps = [max(1, int(SECONDS / max(1e-7, _seconds(f, arguments, 1)))) for f in functions]
    times = []
    for i in range(rounds):
        pair = [0.0, 0.0]
        for k in (0, 1) if i % 2 else (1, 0):
            pair[k] = _seconds(functions[k], arguments, steps[k])
        times.append(pair)
    low, ratio, high = statistics.quantiles([fast / slow for slow, fast in times], n=4)
    slow, fast = [1e3 * statistics.median(column) for column in zip(*times)]
    return {"ratio": ratio, "low": low, "high": high, "ms": fast, "reference_ms": slow}


def _seconds(f, arguments, steps):
    clock = time.thread_time if workers() == 1 else time.perf_counter
    before = clock()
    for _ in range(steps):
        f(*arguments)
    return (clock() - before) / steps


if __name__ == "__main__":
    for found in measured(*map(int, sys.argv[1:])):
        print(json.dumps({"threads": workers(), **found}), flush=True)
