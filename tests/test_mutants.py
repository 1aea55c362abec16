"""The tests are sharp: a fault put into the package by hand makes one of them fail."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import SimpleQueue

import pytest

from tests.mutants import MUTANTS, Mutant

ROOT = Path(__file__).parents[1]
SECONDS = 300  # far more than any of these tests takes: a fault that makes one hang is found, too


def mutated(mutant: Mutant, package: Path) -> str:
    """The text of the file with the fault in it."""
    text = (package / mutant.file).read_text("utf-8")
    assert text.count(mutant.old) == 1, f"{mutant.file} has {mutant.old!r} {text.count(mutant.old)} times"
    return text.replace(mutant.old, mutant.new)


def test_every_mutant_fits_the_package():
    assert len(set(MUTANTS)) == len(MUTANTS)
    for mutant in MUTANTS:
        compile(mutated(mutant, ROOT / "dezero"), mutant.file, "exec")
        assert mutant.old != mutant.new
        assert all((ROOT / "tests" / f"test_{name}.py").is_file() for name in mutant.tests.split())


def copied(folder: Path) -> Path:
    """A checkout of its own: what is in it is what its tests import."""
    leave = shutil.ignore_patterns("__pycache__")
    for name in ("dezero", "tests", "docs"):
        shutil.copytree(ROOT / name, folder / name, ignore=leave)
    shutil.copy(ROOT / "pyproject.toml", folder)
    code = "import dezero; print(dezero.__file__)"
    found = subprocess.run([sys.executable, "-c", code], cwd=folder, capture_output=True, text=True, check=True).stdout
    assert Path(found.strip()).samefile(folder / "dezero" / "__init__.py")
    return folder


def status(folder: Path, tests: str, only: str) -> int:
    """How pytest ends: 0 if all tests passed, 1 if one failed, 2 if the fault stopped it before."""
    files = [f"tests/test_{name}.py" for name in tests.split()]
    command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", *files]
    environment = os.environ | {"OMP_NUM_THREADS": "1"}
    try:
        return subprocess.run(
            command + (["-k", only] if only else []), cwd=folder, env=environment, timeout=SECONDS,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        ).returncode  # fmt: skip
    except subprocess.TimeoutExpired:
        return 1


def verdict(mutant: Mutant, folder: Path) -> int:
    """`status` with the fault put into the copy, which is as before afterwards."""
    path = folder / "dezero" / mutant.file
    text = mutated(mutant, folder / "dezero")
    before = path.read_text("utf-8")
    try:
        _write(path, text)
        return status(folder, mutant.tests, mutant.only)
    finally:
        _write(path, before)


def _write(path: Path, text: str) -> None:
    """Write the file and forget what was compiled from the one before, which may have the same size and second."""
    path.write_text(text, "utf-8")
    for old in (path.parent / "__pycache__").glob(f"{path.stem}.*.pyc"):
        old.unlink()


@pytest.mark.slow
def test_every_mutant_is_found(tmp_path):
    folders: SimpleQueue[Path] = SimpleQueue()
    for name in ("one", "two"):
        folders.put(copied(tmp_path / name))

    def in_a_copy(work, *args):
        folder = folders.get()
        try:
            return work(*args, folder)
        finally:
            folders.put(folder)

    with ThreadPoolExecutor(2) as pool:
        whole = list(dict.fromkeys((m.tests, m.only) for m in MUTANTS))
        clean = list(pool.map(lambda given: in_a_copy(lambda folder: status(folder, *given)), whole))
        assert [given for given, code in zip(whole, clean) if code != 0] == []
        found = list(pool.map(lambda mutant: in_a_copy(verdict, mutant), MUTANTS))
    assert set(found) <= {0, 1, 2}
    assert [m for m, code in zip(MUTANTS, found) if not code and not m.equivalent] == []
    assert [m for m, code in zip(MUTANTS, found) if code and m.equivalent] == []
