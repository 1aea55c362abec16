"""What holds for every operation, tested for every row of `op_table.py`."""

from __future__ import annotations

import gc
import importlib
import importlib.util
import inspect
import weakref

import numpy as np
import pytest

import dezero
import dezero.functions as F
from dezero import Function, Variable, grad, no_grad, walk
from dezero.utils import check_grads
from tests.op_table import Op, apply, at, differentiable, ops

OPS = ops()
CASES = [pytest.param(op, sample, id=f"{op}({sample})") for op in OPS for sample in op.all_samples()]
SMOOTH = [case for case in CASES if case.values[0].order > 0]
FIRST = [pytest.param(op, op.samples[0], id=str(op)) for op in OPS]
HAS_TORCH = importlib.util.find_spec("torch") is not None


def variables(op: Op, sample, dtype="float64", seed=0) -> tuple[list, list[Variable]]:
    """Arguments with Variables in place of the random arrays, and those Variables."""
    arguments = op.arrays(sample, dtype, seed)
    xs = []
    for i in differentiable(sample):
        arguments[i] = Variable(arguments[i])
        xs.append(arguments[i])
    return arguments, xs


def total(ys: list[Variable], seed: int = 1) -> Variable:
    """The outputs times random weights, summed up: a scalar whose gradient tells all gradients apart."""
    rng = np.random.default_rng(seed)
    terms = [F.sum(y * rng.standard_normal(y.shape).astype(y.dtype)) for y in ys if y.dtype.kind == "f"]
    result = terms[0]
    for term in terms[1:]:
        result = result + term
    return result


# -- forward ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(("op", "sample"), CASES)
def test_forward_equals_the_oracle(op, sample):
    arguments = op.arrays(sample)
    expected = op.oracle(*[np.copy(a) if isinstance(a, np.ndarray) else a for a in arguments], **sample.options)
    expected = list(expected) if isinstance(expected, (list, tuple)) else [expected]
    results = apply(op.function, sample, arguments)
    assert len(results) == len(expected)
    for y, right in zip(results, expected):
        assert isinstance(y, Variable) and isinstance(y.data, np.ndarray)
        assert y.shape == np.shape(right)
        np.testing.assert_allclose(y.data, right, rtol=0 if op.exact else 1e-12, atol=0 if op.exact else 1e-13)


@pytest.mark.parametrize(
    ("op", "sample", "dtype"), [pytest.param(op, op.samples[0], d, id=f"{op}-{d}") for op in OPS for d in op.dtypes]
)
def test_dtype_is_kept_to_the_second_gradient(op, sample, dtype):
    arguments, xs = variables(op, sample, dtype)
    ys = [y for y in apply(op.function, sample, arguments) if y.dtype.kind == "f"]
    assert {y.dtype for y in ys} <= {np.dtype(dtype)}
    if dtype != "float64":
        right = op.oracle(*[a.astype("float64") if isinstance(a, np.ndarray) and a.dtype == dtype else a
                            for a in op.arrays(sample, dtype)], **sample.options)  # fmt: skip
        right = right[0] if isinstance(right, (list, tuple)) else right
        y = apply(op.function, sample, op.arrays(sample, dtype))[0].data
        scale = np.abs(right).max(initial=1e-30)
        np.testing.assert_allclose(y / scale, right / scale, rtol=0, atol=op.tolerance[dtype])
    if op.order == 0:
        return
    gxs = grad(total(ys), xs, create_graph=True)
    assert {gx.dtype for gx in gxs} == {np.dtype(dtype)}
    assert {gx.dtype for gx in grad(total(ys), xs)} == {np.dtype(dtype)}
    if op.order > 1:
        assert {ggx.dtype for ggx in grad(total(gxs, 2), xs)} == {np.dtype(dtype)}


@pytest.mark.parametrize("layout", ["fortran", "strided", "reversed", "read-only", "broadcast"])
@pytest.mark.parametrize(("op", "sample"), FIRST)
def test_memory_layout_changes_nothing(op, sample, layout):
    arguments, xs = variables(op, sample)
    for x in xs:
        if layout == "broadcast":
            x.data = np.broadcast_to(x.data.ravel()[:1].reshape((1,) * x.ndim), x.shape)
    plain = [np.array(x.data) for x in xs]
    expected = [y.data for y in apply(op.function, sample, arguments)]
    weights = total(apply(op.function, sample, arguments)) if op.order else None
    gradients = [gx.data for gx in grad(weights, xs)] if op.order else []
    for x, data in zip(xs, plain):
        x.data = in_layout(data, layout) if layout != "broadcast" else x.data
    ys = apply(op.function, sample, arguments)
    for y, right in zip(ys, expected):
        np.testing.assert_allclose(y.data, right, rtol=1e-12, atol=1e-13)
    if op.order:
        for gx, right in zip(grad(total(ys), xs), gradients):
            np.testing.assert_allclose(gx.data, right, rtol=1e-10, atol=1e-12)
    if layout == "broadcast":  # against memory of its own
        for x, data in zip(xs, plain):
            x.data = data
        for y, right in zip(apply(op.function, sample, arguments), expected):
            np.testing.assert_allclose(y.data, right, rtol=1e-12, atol=1e-13)


def in_layout(data: np.ndarray, layout: str) -> np.ndarray:
    """The same numbers in another arrangement of memory."""
    if layout == "fortran":
        return np.asfortranarray(data)
    if layout == "strided":
        wide = np.zeros((*data.shape[:-1], 2 * data.shape[-1])) if data.ndim else np.zeros(())
        view = wide[..., ::2] if data.ndim else wide
        view[...] = data
        return view
    if layout == "reversed":
        return np.flip(np.flip(data).copy())
    view = data.view()
    view.flags.writeable = False
    return view


SPECIAL = [pytest.param(op, id=str(op)) for op in OPS if op.elementwise and len(differentiable(op.samples[0])) == 1]


@pytest.mark.parametrize("op", SPECIAL)
def test_special_values_equal_the_oracle(op):
    x = np.array(op.special)
    rest = op.arrays(op.samples[0])[1:]
    with np.errstate(all="ignore"):
        right = op.oracle(x, *rest, **op.samples[0].options)
        y = op.function(x, *rest, **op.samples[0].options)
    np.testing.assert_allclose(y.data, right, rtol=1e-12, atol=0)


@pytest.mark.parametrize(("op", "sample"), CASES)
def test_inputs_stay_unmodified(op, sample):
    arguments, xs = variables(op, sample)
    copies = [np.array(x.data) for x in xs]
    ys = apply(op.function, sample, arguments)
    if op.order:
        total(ys).backward()
    for x, copy in zip(xs, copies):
        np.testing.assert_array_equal(x.data, copy)


# -- gradients -------------------------------------------------------------------------------------


@pytest.mark.parametrize(("op", "sample"), SMOOTH)
def test_gradients_equal_differences(op, sample):
    arguments = op.arrays(sample)

    def function(*xs):
        full = list(arguments)
        for i, x in zip(differentiable(sample), xs):
            full[i] = x
        return [y for y in apply(op.function, sample, full) if y.dtype.kind == "f"]

    function.__name__ = str(op)
    xs = [arguments[i] for i in differentiable(sample)]
    check_grads(function, *xs, order=min(op.order, 2), rtol=1e-7, atol=1e-8)


@pytest.mark.parametrize(("op", "sample"), SMOOTH)
def test_gradient_on_arrays_equals_gradient_on_variables(op, sample):
    arguments, xs = variables(op, sample)
    ys = apply(op.function, sample, arguments)
    for fast, slow in zip(grad(total(ys), xs), grad(total(ys), xs, create_graph=True)):
        np.testing.assert_allclose(fast.data, slow.data, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize(("op", "sample"), SMOOTH)
def test_first_order_gradient_is_memory_of_its_own(op, sample):
    arguments, _ = variables(op, sample)
    ys = apply(op.function, sample, arguments)
    for f in [f for y in ys for f in walk(y)]:
        if not f._by_formula or not any(f.needs_grad):
            continue
        gys = [np.ones(y().shape) for y in f.outputs if y() is not None]
        with no_grad():
            gxs = f.vjp(dezero.core.arrays, gys[0] if len(gys) == 1 else tuple(gys), *[x.data for x in f.inputs])
        for gx in gxs if isinstance(gxs, tuple) else (gxs,):
            held = [x.data for x in f.inputs] + [y().data for y in f.outputs if y() is not None]
            for array in held:
                assert gx is None or not np.shares_memory(gx, array), f"{type(f).__name__} hands out memory it keeps"


@pytest.mark.parametrize(("op", "sample"), [c for c in SMOOTH if len(differentiable(c.values[1])) > 1])
def test_unneeded_gradients_are_left_out_without_harm(op, sample):
    arguments, xs = variables(op, sample)
    gxs = grad(total(apply(op.function, sample, arguments)), xs)
    for i, kept in enumerate(differentiable(sample)):
        partly = op.arrays(sample)
        partly[kept] = xs[i]
        gx = grad(total(apply(op.function, sample, partly)), xs[i])
        np.testing.assert_allclose(gx.data, gxs[i].data, rtol=1e-13, atol=1e-14)


# -- PyTorch as referee ----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def torch():
    return pytest.importorskip("torch", reason="torch is not installed: the comparison with it is left out")


if HAS_TORCH:
    REFEREED = [c for c in CASES if c.values[0].torch is not None]
else:
    REFEREED = [pytest.param(OPS[0], OPS[0].samples[0], id="all")]  # skipped once, in words


@pytest.mark.parametrize(("op", "sample"), REFEREED)
def test_equal_to_torch(op, sample, torch):
    equal_to_torch(op, sample, torch, seed=0)


@pytest.mark.slow
@pytest.mark.parametrize(("op", "sample"), REFEREED)
def test_equal_to_torch_on_ten_more_seeds(op, sample, torch):
    for seed in range(1, 11):
        equal_to_torch(op, sample, torch, seed)


def equal_to_torch(op, sample, torch, seed):
    """Value, gradient, and second gradient by the arguments and by the gradient of the output."""
    arguments, xs = variables(op, sample, seed=seed)
    given = [torch.tensor(a.data, requires_grad=True) if isinstance(a, Variable) else a for a in arguments]
    ts = [given[i] for i in differentiable(sample)]
    theirs = op.torch(torch, *given, **sample.options)
    theirs = list(theirs) if isinstance(theirs, (list, tuple)) else [theirs]
    ours = apply(op.function, sample, arguments)
    assert len(ours) == len(theirs)
    for y, t in zip(ours, theirs):
        close(y, t)
    if op.order == 0:
        return
    pairs = [(y, t) for y, t in zip(ours, theirs) if y.dtype.kind == "f"]
    weights = [np.random.default_rng(seed + i).standard_normal(y.shape) for i, (y, _) in enumerate(pairs)]
    wv = [Variable(w) for w in weights]
    wt = [torch.tensor(w, requires_grad=True) for w in weights]
    ours = [F.sum(y * w) for (y, _), w in zip(pairs, wv)]
    theirs = [(t * w).sum() for (_, t), w in zip(pairs, wt)]
    gxs = grad(sum(ours[1:], ours[0]), xs, create_graph=True)
    gts = torch.autograd.grad(sum(theirs[1:], theirs[0]), ts, create_graph=True)
    for gx, gt in zip(gxs, gts):
        close(gx, gt)
    if op.order == 1:
        return
    ours, theirs = total(list(gxs), seed), torch_total(torch, gts, seed)
    if not theirs.requires_grad:  # constant gradients: ours must then be 0
        assert all(not np.any(g.data) for g in grad(ours, [*xs, *wv]))
        return
    for g, gt in zip(grad(ours, [*xs, *wv]), torch.autograd.grad(theirs, [*ts, *wt], allow_unused=True)):
        close(g, torch.zeros(g.shape, dtype=torch.float64) if gt is None else gt)


def torch_total(torch, gts, seed):
    rng = np.random.default_rng(seed)
    terms = [(g * torch.tensor(rng.standard_normal(tuple(g.shape)))).sum() for g in gts]
    return sum(terms[1:], terms[0])


def close(ours: Variable, theirs) -> None:
    """To 1e-9 relative, and 1e-10 of the largest."""
    right = theirs.numpy(force=True)
    assert ours.shape == right.shape
    finite = np.abs(right[np.isfinite(right)])
    np.testing.assert_allclose(ours.data, right, rtol=1e-9, atol=1e-10 * max(finite.max(initial=0.0), 1e-3))


# -- graph and errors ------------------------------------------------------------------------------


@pytest.mark.parametrize(("op", "sample"), FIRST)
def test_graph_is_freed_without_the_collector(op, sample):
    gc.collect()
    gc.disable()
    try:
        arguments, xs = variables(op, sample)
        ys = apply(op.function, sample, arguments)
        if op.order:
            result = total(ys)
            result.backward()
            held = [weakref.ref(f) for f in walk(result)]
            del result
        else:
            held = []
        held += [weakref.ref(x) for x in xs] + [weakref.ref(y) for y in ys]
        del arguments, xs, ys
        assert [h() for h in held if h() is not None] == []
    finally:
        gc.enable()


ERRORS = [pytest.param(op, e, id=f"{op}: {e.text[:40]}") for op in OPS for e in op.errors]


@pytest.mark.parametrize(("op", "wrong"), ERRORS)
def test_wrong_use_gets_a_sentence(op, wrong):
    with pytest.raises(wrong.kind) as caught:
        op.function(*wrong.arguments, **wrong.options)
    assert type(caught.value) is wrong.kind or issubclass(type(caught.value), wrong.kind)
    said = "\n".join([str(caught.value), *getattr(caught.value, "__notes__", [])])
    assert wrong.text in said
    assert str(op).split("-")[0] in said.lower() or type_names(op) & set(said.replace("(", " ").split())


def type_names(op: Op) -> set[str]:
    """Names of Function classes, which notes begin with."""
    return {name for name in dir(F) if inspect.isclass(getattr(F, name)) and issubclass(getattr(F, name), Function)}


# -- completeness ----------------------------------------------------------------------------------

NOT_IN_THE_TABLE = {  # function: why it has no row
    "as_array": "makes arrays", "as_variable": "makes Variables", "rsub": "sub with exchanged operands",
    "rdiv": "div with exchanged operands", "zeros_like": "makes a constant", "pair": "computes with integers",
    "get_conv_outsize": "computes with integers", "get_deconv_outsize": "computes with integers",
    "im2col_array": "works on arrays; im2col has the row", "col2im_array": "works on arrays; col2im has the row",
}  # fmt: skip


def public_functions() -> list[str]:
    return [name for name in F.__all__ if inspect.isfunction(getattr(F, name))]


@pytest.mark.parametrize("name", public_functions())
def test_every_public_function_has_a_row_and_a_docstring(name):
    function = getattr(F, name)
    rows = {op.function for op in OPS}
    assert function in rows or name in NOT_IN_THE_TABLE, f"{name} has no row in tests/op_table.py"
    doc = inspect.getdoc(function) or ""
    assert doc.split("\n")[0].endswith("."), f"{name} has no docstring whose first line is a sentence"
    assert ">>>" in doc, f"the docstring of {name} has no example"


TOPICS = ["activation", "attention", "linalg", "loss", "math", "normalization", "random", "reduction",
          "resampling", "shape"]  # fmt: skip


@pytest.mark.parametrize("module", [*[f"dezero.functions.{topic}" for topic in TOPICS], "dezero.functions_conv"])
def test_every_function_is_exported(module):
    module = importlib.import_module(module)
    for name, value in vars(module).items():
        if getattr(value, "__module__", "") == module.__name__ and not name.startswith("_"):
            assert name in module.__all__, f"{module.__name__}.__all__ lacks {name}"
            assert getattr(F, name) is value


def test_table_tells_samples_apart():
    op = Op(F.sin, np.sin, [at((2,)), at((3,))])
    a, b = (op.arrays(s)[0] for s in op.samples)
    assert a[0] != b[0]
    assert op.arrays(op.samples[0])[0][0] == a[0]
