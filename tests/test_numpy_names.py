"""NumPy's own functions and an array's methods, when they meet a Variable: the same numbers, and a graph."""

from __future__ import annotations

import numpy as np
import pytest

import dezero.functions as F
from dezero import Variable, grad
from dezero.functions import numpy_protocol

X = np.array([[0.3, 0.7, 0.2], [0.9, 0.1, 0.5], [0.4, 0.6, 0.8]])
SQUARE = X + 3 * np.eye(3)
POSITIVE = SQUARE @ SQUARE.T

CALLS = {
    np.average: [lambda f, x: f(x), lambda f, x: f(x, 1), lambda f, x: f(x, axis=0, keepdims=True)],
    np.broadcast_to: [lambda f, x: f(x, (2, 3, 3))],
    np.clip: [lambda f, x: f(x, 0.2, 0.6), lambda f, x: f(x, a_min=0.2, a_max=None), lambda f, x: f(x, None, 0.5)],
    np.concatenate: [lambda f, x: f([x, x]), lambda f, x: f((x, X), axis=1), lambda f, x: f([X, x], 1)],
    np.diagonal: [lambda f, x: f(x), lambda f, x: f(x, 1), lambda f, x: f(x, axis1=1, axis2=0)],
    np.dot: [lambda f, x: f(x, X), lambda f, x: f(X[0], x), lambda f, x: f(x, 2.0)],
    np.einsum: [lambda f, x: f("ij,jk->k", x, X), lambda f, x: f("ii", x)],
    np.expand_dims: [lambda f, x: f(x, 0), lambda f, x: f(x, (0, -1))],
    np.flip: [lambda f, x: f(x), lambda f, x: f(x, axis=1)],
    np.moveaxis: [lambda f, x: f(x, 0, 1)],
    np.outer: [lambda f, x: f(x[0], x[1])],
    np.pad: [lambda f, x: f(x, 1), lambda f, x: f(x, ((1, 0), (0, 2)), constant_values=3.0),
             lambda f, x: f(x, 1, mode="edge")],
    np.repeat: [lambda f, x: f(x, 2), lambda f, x: f(x, 2, axis=0)],
    np.reshape: [lambda f, x: f(x, (9,)), lambda f, x: f(x, -1)],
    np.roll: [lambda f, x: f(x, 1), lambda f, x: f(x, 1, axis=0)],
    np.round: [lambda f, x: f(x), lambda f, x: f(x, 1)],
    np.split: [lambda f, x: f(x, 3), lambda f, x: f(x, [1], axis=1)],
    np.squeeze: [lambda f, x: f(x[None]), lambda f, x: f(x[None], axis=0)],
    np.stack: [lambda f, x: f([x, x]), lambda f, x: f([x, X], axis=-1)],
    np.swapaxes: [lambda f, x: f(x, 0, 1)],
    np.take: [lambda f, x: f(x, [0, 2]), lambda f, x: f(x, [0, 2], axis=1)],
    np.take_along_axis: [lambda f, x: f(x, np.array([[0], [1], [2]]), 1)],
    np.tensordot: [lambda f, x: f(x, X), lambda f, x: f(x, X, axes=1), lambda f, x: f(X, x, axes=([0], [1]))],
    np.tile: [lambda f, x: f(x, 2), lambda f, x: f(x, (2, 1))],
    np.trace: [lambda f, x: f(x), lambda f, x: f(x, 1)],
    np.transpose: [lambda f, x: f(x), lambda f, x: f(x, (1, 0))],
    np.tril: [lambda f, x: f(x), lambda f, x: f(x, -1)],
    np.triu: [lambda f, x: f(x), lambda f, x: f(x, k=1)],
    np.where: [lambda f, x: f(X > 0.5, x, 0.0)],
    np.linalg.norm: [lambda f, x: f(x), lambda f, x: f(x, axis=1), lambda f, x: f(x, 1, 0), lambda f, x: f(x[0], 3)],
    np.linalg.slogdet: [lambda f, x: f(x)],
    np.linalg.solve: [lambda f, x: f(x, X), lambda f, x: f(x, X[0])],
    **{f: [lambda f, x: f(x), lambda f, x: f(x, 1), lambda f, x: f(x, axis=0)] for f in (np.cumsum, np.cumprod)},
    **{f: [lambda f, x: f(x), lambda f, x: f(x, 0), lambda f, x: f(x, axis=(0, 1), keepdims=True)]
       for f in (np.sum, np.mean, np.prod, np.max, np.min, np.var, np.std)},
    **{f: [lambda f, x: f(x)] for f in (np.ravel, np.linalg.cholesky, np.linalg.det, np.linalg.inv)},
}  # fmt: skip
if hasattr(np, "astype"):  # since NumPy 2.1
    CALLS[np.astype] = [lambda f, x: f(x, np.float32)]
CASES = [pytest.param(f, call, id=f"{f.__name__}-{i}") for f, calls in CALLS.items() for i, call in enumerate(calls)]


def listed(y) -> list:
    return list(y) if isinstance(y, (list, tuple)) else [y]


def test_every_answer_is_tested():
    assert set(CALLS) == set(numpy_protocol.array_functions)


@pytest.mark.parametrize(("function", "call"), CASES)
def test_function_of_a_variable(function, call):
    data = POSITIVE if function is np.linalg.cholesky else SQUARE if "linalg" in function.__module__ else X
    x = Variable(data)
    results = listed(call(function, x))
    for y, right in zip(results, listed(call(function, data)), strict=True):
        assert isinstance(y, Variable)
        np.testing.assert_allclose(y.data, right, rtol=1e-12)
        assert y.dtype == right.dtype
    if function is not np.round:
        total = sum(F.sum(y * y) for y in results)
        assert np.any(grad(total, x).data)


@pytest.mark.parametrize("ufunc", numpy_protocol.ufuncs, ids=lambda u: u.__name__)
def test_ufunc_of_a_variable(ufunc):
    operands = [X] * ufunc.nin
    y = ufunc(*[Variable(x) for x in operands])
    assert isinstance(y, Variable)
    np.testing.assert_allclose(y.data, ufunc(*operands), rtol=1e-12)


def test_what_would_be_lost_is_refused():
    x = Variable(X)
    for call, text in [
        (lambda: np.mean(x, dtype=np.float32), "np.mean of a Variable does not take dtype"),
        (lambda: np.average(x, weights=X), "np.average of a Variable does not take weights"),
        (lambda: np.linalg.norm(x, 2), "np.linalg.norm of a Variable takes ord along one axis only"),
        (lambda: np.median(x), "np.median has no differentiable form for Variables"),
        (lambda: np.resize(x, (2, 2)), "np.resize has no differentiable form for Variables"),
    ]:
        with pytest.raises(TypeError) as caught:
            call()
        assert str(caught.value).startswith(text)


METHODS = {
    "argmax": [(), (1,)], "argmin": [(), (0,)], "clip": [(0.2, 0.6)], "cumprod": [(1,)], "cumsum": [(), (0,)],
    "diagonal": [(), (1,)], "dot": [(X,), (X[0],)], "flatten": [()], "max": [(), (0,)], "mean": [(), (1,)],
    "min": [()], "prod": [(), (0,)], "ravel": [()], "repeat": [(2,), (2, 0)], "reshape": [(9,), (1, -1), ((3, 3, 1),)],
    "round": [(), (1,)], "squeeze": [()], "std": [(), (0,)], "sum": [(), ((0, 1),)], "swapaxes": [(0, 1)],
    "take": [([0, 1],), ([0, 1], 1)], "trace": [()], "transpose": [(), (1, 0), ((1, 0),)], "var": [(), (0,)],
    "astype": [("float32",)],
}  # fmt: skip


@pytest.mark.parametrize(("name", "arguments"), [(n, a) for n, calls in METHODS.items() for a in calls], ids=str)
def test_method_of_an_array(name, arguments):
    y = getattr(Variable(X), name)(*arguments)
    right = getattr(X, name)(*arguments)
    assert isinstance(y, Variable)
    assert y.dtype == right.dtype
    np.testing.assert_allclose(y.data, right, rtol=1e-12)


def test_reductions_keep_dimensions_by_keyword():
    x = Variable(X)
    for name in ("sum", "mean", "max", "min", "var", "std", "prod"):
        np.testing.assert_allclose(
            getattr(x, name)(axis=0, keepdims=True).data, getattr(X, name)(axis=0, keepdims=True)
        )
