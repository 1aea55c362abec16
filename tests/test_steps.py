"""The course runs: all scripts of `steps/`, as a reader starts them, in the order of reading.

Each runs in a temporary directory, offline and without the program dot, with the constants of its row shortened. What
it prints is compared with what is stored, and its global names with the row. With `-m slow` the full lengths run.

    python -m tests.test_steps                 # how long the scripts are
    python -m tests.test_steps step07 step08   # store what they print
"""

from __future__ import annotations

import ast
import difflib
import io
import math
import os
import random
import re
import subprocess
import sys
import types
import warnings
from collections.abc import Iterator
from contextlib import ExitStack, chdir, contextmanager, redirect_stderr, redirect_stdout
from contextvars import copy_context
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest import mock

import numpy as np
import pytest

from dezero import core_simple, cuda
from tests.step_table import EXPECTED, STEPS, Step, dropped_names, expected, key, scripts, steps

SCRIPTS = scripts()
ROWS = steps()
GROWING = [f"step{n:02}" for n in range(1, 23)]
CLEAN = [
    "step01",
    "step08",
    "step22",
    "step23",
    "step33",
    "step47",
]  # run in a process of their own without -m slow, too
TOLERANCE = 1e-6  # relative or absolute: float64 printed in full, and float32 after a few updates

FLOAT = r"[-+]?(?:\d+\.\d*(?:[eE][-+]?\d+)?|\d+[eE][-+]?\d+|\.\d+)"
MASKS = [  # what differs from run to run or from machine to machine, and how it reads in the comparison
    (re.compile(r"[-+]?\d+(?:\.\d+)? ?(?:seconds|second|ms|us|µs|s)\b"), "<time>"),
    (re.compile(r"\b0x[0-9a-f]+"), "<address>"),
    (re.compile(r"(?m)(?<=^on the CPU: ).*$"), "<reason>"),
    (re.compile(r"(?m)^.*(?:saved \S+\.(?:png|pdf|svg)|\b[Mm]atplotlib\b).*\n"), "<picture>\n"),  # or why there is none
    (re.compile(r"(?:<picture>\n)+"), "<picture>\n"),
]


# -- running one script ----------------------------------------------------------------------------


@dataclass
class Outcome:
    output: str
    names: dict
    warned: list[str]
    ended_with: str


def shorten(tree: ast.Module, short: dict) -> ast.Module:
    """The script with other values of top-level constants; each must be there."""
    missing = set(short)
    for node in tree.body:
        if isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name):
            name = node.targets[0].id
            if name in missing:
                missing.remove(name)
                node.value = ast.copy_location(ast.parse(repr(short[name]), mode="eval").body, node.value)
    if missing:
        raise LookupError(f"the row shortens {sorted(missing)}, which the script does not assign at its top level")
    return ast.fix_missing_locations(tree)


@contextmanager
def as_before() -> Iterator[None]:
    """Undo what a script may change in this process."""
    numbers, numpy_numbers, path, modules = random.getstate(), np.random.get_state(), list(sys.path), set(sys.modules)
    try:
        with np.printoptions(), np.errstate(), warnings.catch_warnings(), mock.patch.dict(os.environ):
            yield
    finally:
        random.setstate(numbers)
        np.random.set_state(numpy_numbers)
        sys.path[:] = path
        for name in set(sys.modules) - modules:
            if str(getattr(sys.modules[name], "__file__", None) or "").startswith(str(STEPS)):
                del sys.modules[name]
        core_simple.Config.enable_backprop = True
        if "matplotlib.pyplot" in sys.modules:
            sys.modules["matplotlib.pyplot"].close("all")


def run(name: str, row: Step, folder: Path, *, full: bool = False, seed: int = 0) -> Outcome:
    """Run a script in this process, in `folder`, as `python steps/<name>.py` would."""
    script = SCRIPTS[name]
    tree = ast.parse(script.read_text(encoding="utf-8"))
    code = compile(tree if full else shorten(tree, row.short), str(script), "exec", dont_inherit=True)
    main = types.ModuleType("__main__")
    main.__file__ = str(script)
    output, ended_with = io.StringIO(), ""
    with ExitStack() as stack:
        stack.enter_context(as_before())
        stack.enter_context(mock.patch.object(sys, "argv", [str(script), *row.arguments]))
        stack.callback(sys.modules.__setitem__, "__main__", sys.modules["__main__"])
        sys.modules["__main__"] = main  # not mock.patch.dict: it would unload what the script imports, matplotlib too
        stack.enter_context(chdir(folder))
        os.environ.update(MPLBACKEND="Agg", DEZERO_OFFLINE="1")
        os.environ.pop("DISPLAY", None)
        if not full:
            os.environ.update(PATH=str(folder), DEZERO_HOME=str(folder / "home"))
            stack.enter_context(mock.patch.object(cuda, "gpu_enable", False))
        caught = stack.enter_context(warnings.catch_warnings(record=True))
        warnings.simplefilter("default")
        sys.path.insert(0, str(script.parent))
        np.random.seed(seed)
        random.seed(seed)
        stack.enter_context(redirect_stdout(output))
        stack.enter_context(redirect_stderr(io.StringIO()))
        try:
            copy_context().run(exec, code, main.__dict__)  # settings such as no_grad() end with the script
        except SystemExit as end:
            if end.code:
                raise AssertionError(f"{script.name} ended with {end.code!r}") from end
        except Exception as error:
            ended_with = f"{type(error).__name__}: {error}"
            if not row.ends_with or not ended_with.startswith(row.ends_with):
                raise
    text = output.getvalue().replace(str(folder), "<here>").replace(str(STEPS.parent), "<clone>")
    return Outcome(text, dict(main.__dict__), [str(w.message) for w in caught], ended_with)


# -- comparing -------------------------------------------------------------------------------------


def masked(text: str) -> str:
    for pattern, word in MASKS:
        text = pattern.sub(word, text)
    return text


def skeleton(text: str, number: str) -> list[str]:
    """The lines with # for each number and the spaces before it: columns are as wide as their longest number."""
    return re.sub(rf" *(?:{number})", " #", text).splitlines()


def difference(output: str, stored: str, *, of_random: bool = False) -> str:
    """What differs between two outputs beyond the tolerance, in words; empty where nothing does."""
    output, stored = masked(output), masked(stored)
    number = rf"{FLOAT}|[-+]?\d+|\bnan\b|\binf\b" if of_random else FLOAT
    before, after = skeleton(stored, number), skeleton(output, number)
    if before != after:
        return "\n".join(difflib.unified_diff(before, after, "stored", "printed", n=1, lineterm=""))
    if of_random:
        return ""
    pairs = zip(re.findall(FLOAT, stored), re.findall(FLOAT, output))
    bad = [f"{a} stored, {b} printed" for a, b in pairs if not close(float(a), float(b))]
    return "\n".join(bad)


def close(a: float, b: float) -> bool:
    return math.isclose(a, b, rel_tol=TOLERANCE, abs_tol=TOLERANCE)


def assert_leaves(names: dict, leaves: dict) -> None:
    """Each of the global names has its value."""
    for name, value in leaves.items():
        assert name in names, f"the script leaves no {name}"
        found = names[name]
        found = found.data if hasattr(found, "creator") else found
        if value is None or isinstance(value, str):
            assert found == value, name
        else:
            np.testing.assert_allclose(found, value, rtol=TOLERANCE, atol=TOLERANCE, err_msg=name)


def assert_quiet(outcome: Outcome, row: Step) -> None:
    """The script ended as its row says, and warned of nothing else than that a picture became an SVG."""
    assert outcome.ended_with or not row.ends_with, f"the script did not end with {row.ends_with}"
    allowed = ["because nothing here draws", *filter(None, [row.warns])]
    assert not [text for text in outcome.warned if not any(words in text for words in allowed)]


def tree_of(name: str) -> ast.Module:
    return ast.parse(SCRIPTS[name].read_text(encoding="utf-8"))


def docstring(name: str) -> str:
    return ast.get_docstring(tree_of(name)) or ""


# -- the scripts run -------------------------------------------------------------------------------


@pytest.mark.parametrize("name", SCRIPTS)
def test_short_run(name, tmp_path):
    row = ROWS[name]
    before = set(STEPS.rglob("*.*"))
    outcome = run(name, row, tmp_path)
    assert_quiet(outcome, row)
    assert not difference(outcome.output, expected(name), of_random=row.random)
    assert_leaves(outcome.names, row.leaves)
    for picture in re.findall(r"saved (\S+\.(?:png|pdf|svg))", outcome.output):
        assert (tmp_path / picture).exists(), f"{picture} was announced and is not there"
    written = {file for file in set(STEPS.rglob("*.*")) - before if file.suffix not in (".py", ".pyc", ".md")}
    assert not written, "a script writes where the reader is, and not beside itself"


@pytest.mark.slow
@pytest.mark.parametrize("name", SCRIPTS)
def test_full_run(name, tmp_path):
    row = ROWS[name]
    if row.seconds > 60:
        assert "minute" in docstring(name), "a script of over 60 s says so"
    outcome = run(name, row, tmp_path, full=True)
    assert_quiet(outcome, row)
    assert_leaves(outcome.names, row.full or ({} if row.short else row.leaves))
    assert not row.data or row.arguments, "a script that needs a data set has arguments with which it runs without"
    if not row.random and not row.data:
        assert not missing_numbers(index()[name], outcome.output)


def user_run(*arguments: str, cwd: Path, env: dict[str, str]) -> subprocess.CompletedProcess:
    """Python in a process of its own."""
    env = env | {"PYTHONIOENCODING": "utf-8"}
    return subprocess.run(
        [sys.executable, *arguments], cwd=cwd, env=env, capture_output=True, text=True, encoding="utf-8"
    )


def clean_python(folder: Path, *arguments: str) -> subprocess.CompletedProcess:
    """Run Python where NumPy is installed and nothing else, in `folder`, offline."""
    packages = folder / "packages"
    packages.mkdir()
    site = Path(np.__file__).parents[1]
    for part in [*site.glob("numpy"), *site.glob("numpy.libs")]:
        (packages / part.name).symlink_to(part, target_is_directory=True)
    env = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "DISPLAY"))}
    env |= {"PYTHONPATH": str(packages), "PATH": str(folder)}
    env |= {"DEZERO_OFFLINE": "1", "DEZERO_HOME": str(folder / "home")}
    return user_run("-S", *arguments, cwd=folder, env=env)


def test_clean_python_has_no_dezero(tmp_path):
    answer = clean_python(tmp_path, "-c", "import numpy, dezero")
    assert "No module named 'dezero'" in answer.stderr


@pytest.mark.parametrize("name", [n if n in CLEAN else pytest.param(n, marks=pytest.mark.slow) for n in SCRIPTS])
def test_runs_from_a_bare_clone(name, tmp_path):
    row = ROWS[name]
    answer = clean_python(tmp_path, str(SCRIPTS[name]), *row.arguments)
    assert answer.returncode == 0, answer.stderr
    assert "Traceback" not in answer.stderr
    if not row.short:
        output = answer.stdout.replace(str(tmp_path), "<here>")
        assert not difference(output, expected(name), of_random=row.random)


@pytest.mark.parametrize("name", [name for name, row in ROWS.items() if row.data and name in SCRIPTS])
def test_missing_data_is_told_with_its_remedy(name, tmp_path):
    environment = os.environ | {
        "DEZERO_OFFLINE": "1",
        "DEZERO_HOME": str(tmp_path / "home"),
    }
    answer = user_run(str(SCRIPTS[name]), cwd=tmp_path, env=environment)
    told = answer.stdout + answer.stderr
    assert "Traceback" not in told
    assert ROWS[name].data.lower() in told.lower()
    assert str(tmp_path / "home") in told, "the folder where the files go"


# -- what the scripts are --------------------------------------------------------------------------


def test_every_script_has_a_row_and_every_row_a_script():
    assert set(SCRIPTS) == set(ROWS)
    stored = {key(file.stem) for file in EXPECTED.glob("*.txt")}
    assert stored == set(ROWS), "and a stored output"


def test_there_are_sixty_steps():
    assert [name for name in SCRIPTS if name.startswith("step")] == [f"step{n:02}" for n in range(1, 61)]


@pytest.mark.parametrize("name", SCRIPTS)
def test_script_says_what_it_is_about(name):
    text = docstring(name)
    if name.startswith("step"):
        assert text.startswith(f"Step {int(name[4:])}: ")
    assert len(text.splitlines()) >= 3
    assert len(tree_of(name).body) > 2, "a script has content"
    assert expected(name).strip(), "and prints something"


@pytest.mark.parametrize("name", SCRIPTS)
def test_script_knows_nothing_of_its_tests(name):
    text = SCRIPTS[name].read_text(encoding="utf-8")
    assert not re.search(r"(?i)pytest|test_steps|step_table|tests[/.]\w", text)


@pytest.mark.parametrize("name", [n for n in SCRIPTS if n.startswith("by_hand") or n[4:] > "22"])
def test_script_that_uses_the_package_finds_it_in_a_bare_clone(name):
    text = SCRIPTS[name].read_text(encoding="utf-8")
    if not re.search(r"(?m)^ *(import|from) dezero", text):
        return
    up = 2 if name.startswith("by_hand") else 1
    line = f"sys.path.insert(0, str(Path(__file__).resolve().parents[{up}]))"
    assert line in text and text.index(line) < re.search(r"(?m)^ *(import|from) dezero", text).start()


# -- how the framework grows -----------------------------------------------------------------------


def public_names(name: str) -> set[str]:
    """The script's classes, their methods, and functions."""
    names = set()
    for node in tree_of(name).body:
        if isinstance(node, ast.ClassDef):
            names |= {f"{node.name}.{m.name}" for m in node.body if isinstance(m, ast.FunctionDef)}
        if isinstance(node, (ast.ClassDef, ast.FunctionDef)):
            names.add(node.name)
    return {name for name in names if not re.search(r"(^|\.)_[^_]", name)}


def code_lines(name: str) -> list[str]:
    """The script without its own docstring and without empty lines."""
    lines = SCRIPTS[name].read_text(encoding="utf-8").splitlines()
    return [line for line in lines[tree_of(name).body[0].end_lineno :] if line.strip()]


def added_lines(before: str, after: str) -> int:
    return sum(line.startswith("+ ") for line in difflib.ndiff(code_lines(before), code_lines(after)))


PAIRS = [pair for pair in pairwise(GROWING) if set(pair) <= set(SCRIPTS)]


@pytest.mark.parametrize(("before", "after"), PAIRS)
def test_step_keeps_the_names_of_its_predecessor(before, after):
    lost = public_names(before) - public_names(after)
    given_up = dropped_names().get(after, set())
    assert lost == given_up, "what is given up on purpose is listed as EXCEPTIONS in step_rows/growing.py"


@pytest.mark.parametrize(("before", "after"), PAIRS)
def test_step_adds_little(before, after):
    assert added_lines(before, after) <= 60


def definitions(tree: ast.Module) -> dict[str, str]:
    """The source of each class and function, without docstrings."""
    for node in ast.walk(tree):
        if isinstance(node, (ast.ClassDef, ast.FunctionDef)) and ast.get_docstring(node) is not None:
            node.body = node.body[1:] or [ast.Pass()]
    return {node.name: ast.unparse(node) for node in tree.body if isinstance(node, (ast.ClassDef, ast.FunctionDef))}


@pytest.mark.skipif("step22" not in SCRIPTS, reason="step 22 is missing")
def test_step_22_is_core_simple():
    ours = definitions(ast.parse(Path(core_simple.__file__).read_text(encoding="utf-8")))
    assert definitions(tree_of("step22")) == ours


# -- the index -------------------------------------------------------------------------------------


def index() -> dict[str, str]:
    """The lines of the tables in steps/README.md, by script."""
    text = (STEPS / "README.md").read_text(encoding="utf-8")
    return {key(link): line for line, link in re.findall(r"(?m)^(\| \[[^]]+\]\(([\w/]+)\.py\) .*)$", text)}


def missing_numbers(line: str, text: str) -> list[str]:
    """The texts in backticks in the last column of an index line that do not appear in the text."""
    column = line.rstrip(" |").rsplit(" | ", 1)[1]
    return [number for number in re.findall(r"`([^`]+)`", column) if number not in text]


def test_index_lists_every_script_once_and_in_order():
    text = (STEPS / "README.md").read_text(encoding="utf-8")
    links = re.findall(r"(?m)^\| \[[^]]+\]\(([\w/]+)\.py\)", text)
    assert links == list(SCRIPTS)


@pytest.mark.parametrize("name", SCRIPTS)
def test_number_to_expect_is_what_the_script_prints(name):
    """In its stored output; or, where that is of a shortened run or of other data, in its docstring."""
    line = index()[name]
    assert "`" in line.rstrip(" |").rsplit(" | ", 1)[1], "every line has a number or a text to expect"
    row = ROWS[name]
    text = expected(name) + (docstring(name) if row.short or row.random or row.data else "")
    assert not missing_numbers(line, text)


# -- the comparison itself -------------------------------------------------------------------------


def test_shorten_replaces_a_top_level_constant():
    tree = shorten(ast.parse("lr = 0.2\niters = 10000\nfor i in range(iters):\n    iters_here = 1\n"), {"iters": 3})
    assert ast.unparse(tree).startswith("lr = 0.2\niters = 3\n")
    with pytest.raises(LookupError, match=r"shortens \['iterations'\], which the script does not assign"):
        shorten(ast.parse("def f():\n    iterations = 3\n"), {"iterations": 1})


@pytest.mark.parametrize(
    ("output", "stored"),
    [
        ("loss 0.12345678\n", "loss 0.12345679\n"),
        ("[ 1.         -2.0000001]\n", "[ 1. -2.]\n"),
        ("took 1.25 s\n", "took 0.3 s\n"),
        ("<__main__.Box at 0x7f12>\n", "<__main__.Box at 0x10>\n"),
        ("a\nsaved step34.png\nb\n", "a\nno picture, matplotlib is missing\nb\n"),
    ],
)
def test_difference_overlooks(output, stored):
    assert difference(output, stored) == ""


@pytest.mark.parametrize(
    ("output", "stored"),
    [
        ("loss 0.12346\n", "loss 0.12345\n"),
        ("3 examples\n", "4 examples\n"),
        ("x\n", "x\ny\n"),
        ("Loss 1.0\n", "loss 1.0\n"),
        ("1.0\n", "1\n"),
    ],
)
def test_difference_sees(output, stored):
    assert difference(output, stored) != ""


def test_difference_of_random_output_is_one_of_words():
    assert difference("seed 3: 0.5\n", "seed 41: -1e-07\n", of_random=True) == ""
    assert difference("seed 3: 0.5\n", "Seed 41: 0.5\n", of_random=True) != ""


# -- by hand ---------------------------------------------------------------------------------------


def lengths() -> str:
    """How long the scripts are, in lines."""
    count = {name: len(SCRIPTS[name].read_text(encoding="utf-8").splitlines()) for name in SCRIPTS}
    of_steps = {name: n for name, n in count.items() if name.startswith("step")}
    lines = []
    for title, group in [("steps", of_steps), ("all scripts", count)]:
        longest = max(group, key=group.__getitem__)
        mean = sum(group.values()) / len(group)
        lines.append(f"{len(group)} {title}: mean {mean:.0f} lines, longest {longest} with {group[longest]}")
    lines += [f"{after} adds {added_lines(before, after)} lines of code" for before, after in PAIRS]
    return "\n".join(lines)


def store(name: str) -> None:
    """Store what a script prints; another seed than in the tests shows what a script forgets to seed."""
    with TemporaryDirectory() as folder:
        outcome = run(key(name), ROWS[key(name)], Path(folder).resolve(), seed=1)
    (EXPECTED / f"{Path(name).name}.txt").write_text(outcome.output, encoding="utf-8")


if __name__ == "__main__":
    for argument in sys.argv[1:]:
        store(argument)
    if not sys.argv[1:]:
        print(lengths())
