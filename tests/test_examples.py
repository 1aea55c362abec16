"""The scripts of `docs/examples/` run in reduced form: offline, with constants shortened, in a folder of their own.

The rows say which constants are shortened, and check that the result makes sense even so. With `-m slow` the full
lengths run, but for those that take many minutes.
"""

from __future__ import annotations

import ast
import re
from pathlib import Path
from unittest import mock

import pytest

from tests import test_steps
from tests.example_rows_a import ROWS as ROWS_A
from tests.example_rows_b import ROWS as ROWS_B
from tests.example_table import Example
from tests.step_table import Step

EXAMPLES = Path(__file__).resolve().parents[1] / "docs" / "examples"
SCRIPTS = {path.stem: path for path in sorted(EXAMPLES.glob("*.py"))}
ROWS = {row.name: row for row in [*ROWS_A, *ROWS_B]}
PAGE = (EXAMPLES / "README.md").read_text(encoding="utf-8")


def run(row: Example, folder: Path, *, full: bool = False) -> test_steps.Outcome:
    if row.pictures:
        pytest.importorskip("matplotlib", reason="matplotlib draws the pictures")
    with mock.patch.dict(test_steps.SCRIPTS, SCRIPTS):
        outcome = test_steps.run(row.name, Step(short=row.short), folder, full=full)
    assert not outcome.warned
    for picture in row.pictures:
        assert f"saved {picture}" in outcome.output
        assert (folder / picture).read_bytes().startswith(b"\x89PNG"), picture
    return outcome


@pytest.fixture
def folder(tmp_path):
    """A folder to run in; in its cache of data there is a text in place of Shakespeare's."""
    (tmp_path / "home").mkdir()
    lines = "ROMEO:\nBut, soft! what light through yonder window breaks?\nIt is the east, and Juliet is the sun.\n\n"
    (tmp_path / "home" / "shakespear.txt").write_text(lines * 40, encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize("name", SCRIPTS)
def test_short_run(name, folder):
    outcome = run(ROWS[name], folder)
    ROWS[name].check(outcome.names, outcome.output)


@pytest.mark.slow
@pytest.mark.parametrize("name", [row.name for row in ROWS.values() if row.full_check])
def test_full_run(name, folder):
    outcome = run(ROWS[name], folder, full=True)
    ROWS[name].full_check(outcome.names, outcome.output)


def test_every_script_has_a_row_and_every_row_a_script():
    assert sorted(ROWS) == list(SCRIPTS)
    assert len(ROWS) == len([*ROWS_A, *ROWS_B])


@pytest.mark.parametrize("name", SCRIPTS)
def test_script_is_one_page_that_explains_itself(name):
    text = SCRIPTS[name].read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 150
    said = ast.get_docstring(ast.parse(text)) or ""
    assert re.search(r"(?m)^Look at: ", said), "it says what to look at"
    assert "sys.path.insert(0, str(Path(__file__).resolve().parents[2]))" in text, "it runs from a bare clone"


@pytest.mark.parametrize("name", SCRIPTS)
def test_page_lists_script(name):
    assert PAGE.count(f"]({name}.py)") == 1


def test_pictures_of_the_page_are_there_and_small():
    shown = re.findall(r"!\[[^]]+\]\((pictures/[\w.-]+)\)", PAGE)
    assert sorted(shown) == sorted(path.relative_to(EXAMPLES).as_posix() for path in EXAMPLES.glob("pictures/*"))
    for picture in shown:
        assert (EXAMPLES / picture).stat().st_size < 60_000, picture


@pytest.mark.parametrize("name", ["gpt", "shakespeare"])
def test_missing_text_is_told_with_its_remedy(name, tmp_path):
    row = ROWS[name]
    with pytest.raises(AssertionError, match=r"cannot download to(.|\n)*place by hand:(.|\n)*shakespear.txt"):
        run(row, tmp_path)
