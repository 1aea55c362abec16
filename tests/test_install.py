"""The project as a user meets it: importing it, its texts and the command lines in them."""

import doctest
import re
import subprocess
import sys
import tomllib
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path

import pytest

import dezero

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
PAGES = {
    path.name: path.read_text(encoding="utf-8")
    for path in [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
}
OPTIONAL = ["matplotlib", "PIL", "graphviz", "cupy", "tqdm"]


def in_fresh_python(code):
    """What a new interpreter, started in the project, prints when it runs the code."""
    command = [sys.executable, "-W", "error", "-c", code]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


# -- importing -------------------------------------------------------------------------------------


def test_import_works_without_the_optional_packages_and_loads_numpy_alone():
    loaded = in_fresh_python(
        "import sys\n"
        f"for name in {OPTIONAL}: sys.modules[name] = None\n"
        "before = set(sys.modules)\n"
        "import dezero, dezero.utils, dezero.functions, dezero.cuda, dezero.core, dezero.core_simple\n"
        "print(*{name.partition('.')[0] for name in set(sys.modules) - before})"
    )
    foreign = {name for name in loaded if name not in sys.stdlib_module_names and not name.startswith("_")}
    assert foreign == {"numpy", "dezero"}


def test_import_loads_no_heavy_part_of_the_standard_library():
    code = "import sys, numpy\nbefore = set(sys.modules)\nimport dezero\nprint(*set(sys.modules) - before)"
    heavy = {"asyncio", "concurrent.futures", "http.client", "multiprocessing", "sqlite3", "tkinter", "unittest"}
    assert not heavy & set(in_fresh_python(code))


# -- what is shipped -------------------------------------------------------------------------------


def test_the_version_is_said_alike_everywhere():
    assert dezero.__version__ == PROJECT["project"]["version"]


def test_the_installed_version_is_that_of_the_checkout():
    try:
        installed = metadata.version("dezero")
    except metadata.PackageNotFoundError:
        pytest.skip("dezero is not installed in this environment; the tests run on the checkout itself")
    assert installed == dezero.__version__


def test_numpy_and_graphviz_are_all_that_is_required():
    assert {re.split(r"\W", line)[0] for line in PROJECT["project"]["dependencies"]} == {"numpy", "graphviz"}


def test_types_are_shipped():
    assert (Path(dezero.__file__).parent / "py.typed").exists()
    assert "py.typed" in PROJECT["tool"]["setuptools"]["package-data"]["dezero"]


def test_every_folder_with_code_is_a_package():
    folders = {path.parent for path in (ROOT / "dezero").rglob("*.py")}
    assert [str(f.relative_to(ROOT)) for f in sorted(folders) if not (f / "__init__.py").exists()] == []


# -- the texts -------------------------------------------------------------------------------------


def test_readme_has_a_command_line_for_the_main_job_and_one_for_the_tests():
    lines = [line for line in PAGES["README.md"].splitlines() if line.startswith("python3 -m venv ")]
    assert [line.split(" && ")[-1] for line in lines] == [
        ".venv/bin/python -m dezero demo",
        ".venv/bin/python -m pytest",
    ]
    assert [line.split(" && ")[1].split()[-1] for line in lines] == ["'.[viz]'", "'.[test]'"]


def test_the_tests_command_line_installs_no_torch():
    assert "torch" not in str(PROJECT["project"]["dependencies"] + PROJECT["project"]["optional-dependencies"]["test"])


def test_nobody_is_sent_to_the_package_index():
    """The index has another dezero; ours is installed from the checkout."""
    command = re.compile(r"pip3? install\s+(-\S+\s+)*['\"]?dezero")
    folders = [ROOT / name for name in ("dezero", "tests", "docs", "steps", ".ci")]
    files = [p for p in ROOT.iterdir() if p.is_file()] + [p for f in folders for p in f.rglob("*") if p.is_file()]
    texts = {p: p.read_bytes().decode("utf-8", "replace") for p in files if p.suffix not in (".pyc", ".npz", ".gz")}
    assert [str(p.relative_to(ROOT)) for p, text in texts.items() if command.search(text)] == []


@pytest.mark.parametrize("page", [page for page, text in PAGES.items() if ">>>" in text])
def test_the_examples_of_a_page_run_as_printed(page):
    blocks = re.findall(r"^```python\n(>>>.*?)^```", PAGES[page], flags=re.MULTILINE | re.DOTALL)
    example = doctest.DocTestParser().get_doctest("\n".join(blocks), {}, page, page, 0)
    report: list[str] = []
    doctest.DocTestRunner(optionflags=doctest.ELLIPSIS).run(example, out=report.append)
    assert len(example.examples) > 5
    assert not report, "".join(report)


@pytest.mark.parametrize("folder", [ROOT, ROOT / "docs"], ids=["root", "docs"])
def test_the_links_of_the_pages_lead_somewhere(folder):
    links = {
        folder / link: path.name
        for path in folder.glob("*.md")
        for link in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", path.read_text(encoding="utf-8"))
    }
    assert {str(target): page for target, page in links.items() if not target.exists()} == {}


# -- types -----------------------------------------------------------------------------------------


def test_a_type_checker_sees_what_the_operators_return():
    if find_spec("mypy") is None:
        pytest.skip("mypy is not installed, so the types of tests/typing are not checked here")
    command = [sys.executable, "-m", "mypy", "--follow-imports=silent", "tests/typing"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
