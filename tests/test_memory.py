"""Graphs are freed at once, survive any depth and width, and hold few gradients at a time."""

import contextlib
import gc
import sys
import threading
import tracemalloc
import weakref

import numpy as np
import pytest

import dezero.functions as F
from dezero import Function, Variable, core, grad, no_grad, walk

ROWS = {
    "add": lambda x, w: x + w, "sub": lambda x, w: x - w, "mul": lambda x, w: x * w, "div": lambda x, w: x / w,
    "neg": lambda x, w: -x, "pow": lambda x, w: x**3, "power": lambda x, w: x**w, "rpow": lambda x, w: 2.0**x,
    "absolute": lambda x, w: abs(x), "floor_divide": lambda x, w: x // w, "mod": lambda x, w: x % w,
    "sign": lambda x, w: F.sign(x), "sin": lambda x, w: F.sin(x), "cos": lambda x, w: F.cos(x),
    "exp": lambda x, w: F.exp(x), "log": lambda x, w: F.log(x), "tanh": lambda x, w: F.tanh(x),
    "where": lambda x, w: F.where(x > w, x, w), "reshape": lambda x, w: x.reshape(4), "transpose": lambda x, w: x.T,
    "get_item": lambda x, w: x[0], "get_item_grad": lambda x, w: F.get_item_grad(x, 0, (2, 2, 2)),
    "sum": lambda x, w: F.sum(x, axis=0), "sum_to": lambda x, w: F.sum_to(x, (1, 2)),
    "broadcast_to": lambda x, w: F.broadcast_to(x, (3, 2, 2)), "astype": lambda x, w: x.astype(np.float32),
    "matmul": lambda x, w: x @ w, "constants": lambda x, w: x * 2.0 + np.ones((2, 2)),
    "broadcasting": lambda x, w: x + F.sum(w), "several outputs": lambda x, w: Halves()(x)[0] + w[0],
    "again": lambda x, w: twice(x, w),
}  # fmt: skip


class Halves(Function):
    def forward(self, x):
        return x[0], x[1]

    def backward(self, g0, g1):
        return F.get_item_grad(g0, 0, (2, 2)) + F.get_item_grad(g1, 1, (2, 2))


class Twice(Function):
    def forward(self, x):
        return 2 * x

    def backward(self, gy):
        return 2 * gy


def twice(x, w):
    f = Twice()
    return f(x) * f(w)


@pytest.fixture
def no_gc():
    gc.disable()
    yield
    gc.enable()


def graph_of(y):
    """Weak references to every object of the graph behind y."""
    alive = {id(y): weakref.ref(y)}
    for f in walk(y):
        for part in (f, *f.inputs, *[output() for output in f.outputs]):
            if part is not None:
                alive[id(part)] = weakref.ref(part)
    return list(alive.values())


def living(references):
    return [r() for r in references if r() is not None]


def variables():
    return Variable(np.array([[0.5, 1.5], [2.5, 3.5]])), Variable(np.array([[1.25, 2.0], [0.75, 3.0]]))


# -- nothing is kept alive by cycles ---------------------------------------------------------------


@pytest.mark.parametrize("name", ROWS)
def test_graph_is_gone_after_del(name, no_gc):
    x, w = variables()
    y = ROWS[name](x, w)
    alive = graph_of(y)
    del x, w, y
    assert living(alive) == []


@pytest.mark.parametrize("retain_grad", [False, True])
@pytest.mark.parametrize("name", ROWS)
def test_graph_is_gone_after_backward_and_del(name, retain_grad, no_gc):
    x, w = variables()
    y = ROWS[name](x, w)
    alive = graph_of(y)
    y.backward(retain_grad=retain_grad)
    alive += [weakref.ref(v.grad) for v in (x, w) if v.grad is not None]
    del x, w, y
    assert living(alive) == []


@pytest.mark.parametrize("name", ROWS)
def test_graph_is_gone_after_create_graph_cleargrad_and_del(name, no_gc):
    x, w = variables()
    y = ROWS[name](x, w)
    y.backward(create_graph=True)
    alive = graph_of(y) + [r for v in (x, w) if v.grad is not None for r in graph_of(v.grad)]
    x.cleargrad()
    w.cleargrad()
    del x, w, y
    assert living(alive) == []


@pytest.mark.parametrize("name", ROWS)
def test_graph_of_grad_is_gone_after_del(name, no_gc):
    x, w = variables()
    y = ROWS[name](x, w)
    gx, gw = grad(y, [x, w], create_graph=True)
    alive = graph_of(y) + graph_of(gx) + graph_of(gw)
    del x, w, y, gx, gw
    assert living(alive) == []


def test_graph_is_gone_after_an_error(no_gc):
    x, w = variables()
    y = x * w
    alive = graph_of(y)
    with contextlib.suppress(ValueError):
        y + np.ones(3)
    with contextlib.suppress(ValueError):
        y.reshape(3)
    del x, w, y
    assert living(alive) == []


def test_dropped_result_takes_its_graph_with_it(no_gc):
    x, w = variables()
    alive = [weakref.ref(x * w)]
    assert living(alive) == []


def test_no_grad_keeps_nothing_between(no_gc):
    x, w = variables()
    with no_grad():
        t = x * w
        alive = weakref.ref(t)
        y = t + 1
        del t
    assert alive() is None
    assert y.shape == (2, 2)


def test_training_steps_leave_no_memory_behind(no_gc):
    x, w = variables()

    def step():
        y = F.sum(F.tanh(x @ w) ** 2)
        w.cleargrad()
        y.backward()
        w.data -= 0.01 * w.grad.data

    for _ in range(5):
        step()
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        for _ in range(40):
            step()
        grown = tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()
    assert grown < 10_000


# -- depth -----------------------------------------------------------------------------------------


def chain(n):
    """n operations in a row, forward, backward and freed; returns the derivative, which is n / 2 + 1."""
    x = Variable(np.array(1.0))
    y = x
    for _ in range(n // 2):
        y = y * 1.0 + x
    y.backward()
    del y
    return float(x.grad)


def in_small_thread(f, stack):
    result = []
    old = threading.stack_size(stack)
    try:
        thread = threading.Thread(target=lambda: result.append(f()))
        thread.start()
        thread.join()
    finally:
        threading.stack_size(old)
    return result[0]


def test_deep_chain():
    assert chain(20_000) == 10_001.0


def test_deep_chain_on_a_small_stack():
    assert in_small_thread(lambda: chain(20_000), 1 << 20) == 10_001.0


@pytest.mark.slow
def test_chain_of_a_million():
    assert chain(1_000_000) == 500_001.0


@pytest.mark.slow
def test_chain_of_a_million_on_a_small_stack():
    assert in_small_thread(lambda: chain(1_000_000), 1 << 20) == 500_001.0


def test_deep_chain_of_users_functions_with_every_option():
    x = Variable(np.array(1.0))
    y = x
    for _ in range(2000):
        y = Halve()(y)
    y.backward(retain_grad=True, create_graph=True)
    assert float(x.grad) == 0.5**2000
    y.unchain_backward()
    x.cleargrad()


class Halve(Function):
    def forward(self, x):
        return x / 2

    def backward(self, gy):
        return gy / 2


# -- width: steps are counted, not timed -----------------------------------------------------------


class Counted:
    """Counts the comparisons of a heap: what a queue that is sorted again and again has too many of."""

    comparisons = 0

    def __init__(self, key):
        self.key = key

    def __lt__(self, other):
        Counted.comparisons += 1
        return self.key < other.key

    def __getitem__(self, i):
        return self.key[i]


def comparisons(monkeypatch, build, go):
    y = build()
    push, pop = core.heappush, core.heappop
    with monkeypatch.context() as patch:
        patch.setattr(core, "heappush", lambda queue, item: push(queue, Counted(item)))
        patch.setattr(core, "heappop", lambda queue: getattr(item := pop(queue), "key", item))
        Counted.comparisons = 0
        go(y)
    return Counted.comparisons


def fan(n):
    x = Variable(np.array(1.0))
    y = x
    for i in range(n):
        y = y + x * float(i)
    return y


def tree(n):
    x = Variable(np.array(1.0))
    level = [x * float(i) for i in range(n)]
    while len(level) > 1:
        level = [a + b for a, b in zip(level[::2], level[1::2])]
    return level[0]


@pytest.mark.parametrize("go", [lambda y: y.backward(), lambda y: list(walk(y))], ids=["backward", "walk"])
@pytest.mark.parametrize("build", [fan, tree])
def test_sixteen_times_wider_takes_at_most_thirty_two_times_the_comparisons(build, go, monkeypatch):
    narrow = comparisons(monkeypatch, lambda: build(64), go)
    wide = comparisons(monkeypatch, lambda: build(1024), go)
    assert wide <= 2 * 16 * narrow  # a heap's n log n; a sort at every insertion would make it 256 times as many


def calls(f):
    """Number of function calls, Python's and C's, while f runs."""
    count = 0

    def event(frame, kind, argument):
        nonlocal count
        count += kind in ("call", "c_call")

    sys.setprofile(event)
    try:
        f()
    finally:
        sys.setprofile(None)
    return count


@pytest.mark.parametrize("build", [fan, tree])
def test_sixteen_times_wider_takes_at_most_twenty_times_the_calls(build):
    narrow, wide = build(32), build(512)
    assert calls(wide.backward) <= 20 * calls(narrow.backward)


@pytest.mark.parametrize("build", [fan, tree])
def test_no_function_is_queued_twice(build, monkeypatch):
    pushed = []
    push = core.heappush
    monkeypatch.setattr(core, "heappush", lambda queue, item: (pushed.append(item[2]), push(queue, item)))
    y = build(64)
    y.backward()
    assert 0 < len(pushed) == len(set(pushed)) < len(list(walk(y)))


# -- peak ------------------------------------------------------------------------------------------


def peak(y):
    tracemalloc.start()
    try:
        y.backward()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("step", [lambda y: y * 1.5, lambda y: F.sin(y), lambda y: Halve()(y), lambda y: y + y])
def test_backward_holds_few_gradients_at_a_time(step):
    x = Variable(np.ones(20_000))
    y = x
    for _ in range(30):
        y = step(y)
    assert peak(y) <= 6 * x.data.nbytes
