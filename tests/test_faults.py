"""The tests of `test_ops.py` are sharp: a fault put into any gradient formula makes one of them fail.

For every row, each Function class in its graph gets three faults in turn, in the gradient of each input: the sign, a
factor of 1 + 1e-6, and a gradient cut off from its graph, which shows in the second order only.
"""

from __future__ import annotations

import numpy as np
import pytest

from dezero import Function, Variable, walk
from tests import test_ops
from tests.op_table import apply, differentiable
from tests.test_ops import OPS, variables


def sign(gx):
    return -gx


def factor(gx):
    return gx * (1 + 1e-6)


def detached(gx):
    return Variable(np.array(gx.data)) if isinstance(gx, Variable) else gx


def classes_of(op) -> list[tuple[type[Function], int]]:
    """The Function classes that the first sample runs through, with the number of inputs that want a gradient."""
    arguments, _ = variables(op, op.samples[0])
    found = {}
    for y in apply(op.function, op.samples[0], arguments):
        for f in walk(y):
            for i, needed in enumerate(f.needs_grad):
                if needed:
                    found[type(f), i] = None
    return list(found)


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


CASES = [op for op in OPS if op.order > 1 and differentiable(op.samples[0])]


def faults_survive(op, monkeypatch) -> list[str]:
    survivors = []
    if always_zero(op, op.samples[0]):
        return survivors
    for cls, index in classes_of(op):
        method = "vjp" if cls._by_formula else "backward"
        for fault in (sign, factor, detached):
            with monkeypatch.context() as patch:
                patch.setattr(cls, method, with_fault(getattr(cls, method), index, fault))
                cls._by_formula = method == "vjp"
                try:
                    test_ops.test_gradients_equal_differences(op, op.samples[0])
                except Exception:
                    continue
            survivors.append(f"{fault.__name__} in input {index} of {cls.__name__}")
    return survivors


@pytest.mark.parametrize("op", CASES[::8], ids=str)
def test_faults_are_found(op, monkeypatch):
    assert faults_survive(op, monkeypatch) == []


@pytest.mark.slow
@pytest.mark.parametrize("op", CASES, ids=str)
def test_faults_are_found_in_every_row(op, monkeypatch):
    assert faults_survive(op, monkeypatch) == []
