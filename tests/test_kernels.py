"""The door for fast twins: every one is tested, stands behind its reference, and can be switched off."""

import importlib
import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import dezero.functions as F
import dezero.models  # noqa: F401  # all kernels enter KERNELS
from dezero import Variable
from dezero._kernels.twins import KERNELS, references

ROOT = Path(__file__).parents[1]


def tables():
    """SAMPLES of all test_kernels_*.py."""
    names = [path.stem for path in sorted((ROOT / "tests").glob("test_kernels_*.py"))]
    return [importlib.import_module(f"tests.{name}").SAMPLES for name in names]


def test_every_kernel_with_twins_has_samples():
    with_twins = {name for name, kernel in KERNELS.items() if kernel.twins}
    sampled = [name for table in tables() for name in table]
    assert with_twins <= set(sampled), f"without SAMPLES: {with_twins - set(sampled)}"
    assert set(sampled) <= KERNELS.keys()
    assert len(set(sampled)) == len(sampled)


def test_every_twin_is_measured_on_a_large_sample():
    from tests.benchmarks.twins import LARGE

    assert {name for name, kernel in KERNELS.items() if kernel.twins} == set(LARGE)


def test_every_twin_says_what_it_earned():
    for kernel in KERNELS.values():
        for twin in kernel.twins:
            assert re.search(r"0\.\d+ of the reference", twin.earned), f"{twin.function.__name__}: {twin.earned}"


@pytest.fixture
def door():
    """KERNELS, whose twins are afterwards what they were."""
    before = {name: list(kernel.twins) for name, kernel in KERNELS.items()}
    yield KERNELS
    for name, twins in before.items():
        KERNELS[name].twins[:] = twins


def test_a_twin_from_outside_takes_part_in_training_and_in_gradients(door):
    calls = []

    @door["relu"].twin(when=lambda x: x.shape == (2, 3), earned="nothing, it counts")
    def compiled(x):
        calls.append(x.shape)
        return np.maximum(x, 0)

    x = Variable(np.array([[1.0, -2.0, 3.0], [-4.0, 5.0, -6.0]]))
    y = F.relu(x)
    F.sum(y * y).backward()
    assert calls == [(2, 3)]
    np.testing.assert_array_equal(x.grad.data, [[2, 0, 6], [0, 10, 0]])
    with references():
        F.relu(x)
    F.relu(x[0])
    assert calls == [(2, 3)]


def test_the_latest_twin_is_asked_first(door):
    plain = door["relu"].chosen(np.ones(3))
    assert plain is door["relu"].reference
    for number in (1, 2):
        door["relu"].twin(when=lambda x: x.size == 3, earned="nothing")(lambda x, number=number: number)
    assert door["relu"](np.ones(3)) == 2
    assert door["relu"](np.ones(4)).tolist() == [1] * 4


def test_two_kernels_cannot_have_one_name():
    from dezero._kernels.twins import kernel

    def relu(x):
        return x

    with pytest.raises(ValueError, match="there is a kernel relu already"):
        kernel(relu)


@pytest.mark.parametrize(("setting", "name"), [("0", "relu"), ("1", "_relu")])
def test_the_environment_switches_twins_off(setting, name):
    code = (
        "import numpy as np; from dezero._kernels.elementwise import relu; print(relu.chosen(np.ones(9999)).__name__)"
    )
    environment = os.environ | {"DEZERO_TWINS": setting}
    command = [sys.executable, "-c", code]
    out = subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert out.strip() == name


def test_the_switches_of_the_kernels_are_documented():
    page = (ROOT / "docs" / "benchmarks.md").read_text(encoding="utf-8")
    for path in (ROOT / "dezero" / "_kernels").glob("*.py"):
        for name in re.findall(r"DEZERO_\w+", path.read_text(encoding="utf-8")):
            assert f"`{name}" in page, f"docs/benchmarks.md does not explain {name}"
