"""The tests of `test_ops.py` are sharp: a fault put into any gradient formula makes one of them fail.

For every function, each Function class in its graphs gets three faults in turn, in the gradient of each input: the
sign, a factor of 1 + 1e-6, and a gradient cut off from its graph, which shows in the second order only.
"""

from __future__ import annotations

import numpy as np
import pytest

from dezero import Function, Variable, walk
from tests import test_ops
from tests.op_table import apply, differentiable
from tests.test_ops import OPS, variables

WITHOUT_EFFECT = {  # function, class in its graph: why a fault there changes nothing
    ("huber_loss", "Clip"): "where clip passes a gradient on, it comes with a factor of 0",
    ("cosine_similarity", "Where"): "vectors shorter than eps are shorter than the differences' step; torch judges",
}


def sign(gx):
    return -1.5 * gx  # the sign alone would come out right where the class stands twice in a row


def factor(gx):
    return gx * (1 + 1e-6)


def detached(gx):
    return Variable(np.array(gx.data)) if isinstance(gx, Variable) else gx


def gradients_in(op, sample) -> set[tuple[type[Function], int]]:
    """The gradients that the sample asks for: Function class and number of the input."""
    arguments, _ = variables(op, sample)
    found = set()
    for y in apply(op.function, sample, arguments):
        for f in walk(y):
            found |= {(type(f), i) for i, needed in enumerate(f.needs_grad) if needed}
    return found


def with_fault(original, index, fault):
    """The method with one gradient of its result spoiled."""

    def spoiled(*args):
        result = original(*args)
        gxs = list(result) if isinstance(result, (tuple, list)) else [result]
        if index < len(gxs) and gxs[index] is not None:
            gxs[index] = fault(gxs[index])
        return tuple(gxs) if isinstance(result, (tuple, list)) else gxs[0]

    return spoiled


def always_zero(op, sample) -> bool:
    """Whether the function is constant in pieces, so that no factor shows."""
    arguments, xs = variables(op, sample)
    for y in apply(op.function, sample, arguments):
        y.backward()
    return all(x.grad is None or not np.any(x.grad.data) for x in xs)


SMOOTH = [op for op in OPS if op.order > 1 and any(differentiable(sample) for sample in op.samples)]
FUNCTIONS = list(dict.fromkeys(op.function for op in SMOOTH))


def is_found(cls, index, fault, cases, monkeypatch) -> bool:
    """Whether one of the samples shows the fault."""
    method = "vjp" if cls._by_formula else "backward"
    with monkeypatch.context() as patch:
        patch.setattr(cls, method, with_fault(getattr(cls, method), index, fault))
        cls._by_formula = method == "vjp"
        for op, sample in cases:
            try:
                test_ops.test_gradients_equal_differences(op, sample)
            except Exception:
                return True
    return False


def survivors(function, monkeypatch) -> list[str]:
    """The faults in the gradients of a function that none of its samples shows."""
    cases = [(op, s) for op in SMOOTH if op.function is function for s in op.samples if differentiable(s)]
    cases = [case for case in cases if not always_zero(*case)]
    places = [gradients_in(*case) for case in cases]
    return [
        f"{fault.__name__} in input {index} of {cls.__name__}"
        for cls, index in sorted(set().union(*places), key=str)
        if (function.__name__, cls.__name__) not in WITHOUT_EFFECT
        for fault in (sign, factor, detached)
        if not is_found(cls, index, fault, [c for c, p in zip(cases, places) if (cls, index) in p], monkeypatch)
    ]


@pytest.mark.parametrize("function", FUNCTIONS[::8], ids=lambda f: f.__name__)
def test_faults_are_found(function, monkeypatch):
    assert survivors(function, monkeypatch) == []


@pytest.mark.slow
@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda f: f.__name__)
def test_faults_are_found_in_every_function(function, monkeypatch):
    assert survivors(function, monkeypatch) == []
