"""The table of tutorial scripts: one row each, from which `test_steps.py` follows.

A key is the script's name without `.py`: `step07`, or `by_hand/apples` for a script of the chapter before step 1. What
the script prints in its short run is stored in `step_rows/expected/step07.txt`, `apples.txt`; it was checked by hand
once. To store it anew after a change of a script: `python -m tests.test_steps step07`, then read the difference.
"""

from __future__ import annotations

import importlib
from dataclasses import dataclass, field
from pathlib import Path

STEPS = Path(__file__).resolve().parents[1] / "steps"
EXPECTED = Path(__file__).resolve().parent / "step_rows" / "expected"
GROUPS = ["growing", "package", "networks", "deep", "by_hand"]


@dataclass(frozen=True)
class Step:
    """A row of the table.

    Parameters
    ----------
    short : dict, optional
        Top-level constants of the script and their values in the short run: `{"iters": 10}`.
    arguments : list of str, optional
        Arguments on the command line.
    leaves : dict, optional
        Global names of the script and their expected values (numbers, arrays, text) after the **short** run; of a
        Variable, its data is compared.
    full : dict, optional
        The same after the run in full length (marker `slow`); where `short` is empty, `leaves` serves both.
    random : bool
        The numbers in the output differ from run to run: only the words between them and the lines are compared.
    seconds : float
        About how long the full run takes on two cores.
    data : str, optional
        The data set that the script needs when it is called without arguments.
    warns : str
        Words of a warning that may appear, for example because `dot` is missing here.
    ends_with : str
        The error with which the script ends on purpose, `TypeError: ...` or the beginning of that line.
    """

    short: dict = field(default_factory=dict)
    arguments: list[str] = field(default_factory=list)
    leaves: dict = field(default_factory=dict)
    full: dict = field(default_factory=dict)
    random: bool = False
    seconds: float = 1.0
    data: str | None = None
    warns: str = ""
    ends_with: str = ""


def scripts() -> dict[str, Path]:
    """All scripts in the order of reading: the chapter by hand, then the steps."""
    files = sorted((STEPS / "by_hand").glob("*.py")) + sorted(STEPS.glob("step*.py"))
    return {file.relative_to(STEPS).with_suffix("").as_posix(): file for file in files}


def key(name: str) -> str:
    """The script's key for the name that a row uses: a script by hand may go without its folder."""
    by_hand = STEPS / "by_hand" / f"{name}.py"
    return f"by_hand/{name}" if by_hand.exists() else name


def _group(name: str):
    """The module of rows, or None where there is none."""
    try:
        return importlib.import_module(f"tests.step_rows.{name}")
    except ModuleNotFoundError as error:
        if error.name not in ("tests.step_rows", f"tests.step_rows.{name}"):
            raise
        return None


def steps() -> dict[str, Step]:
    """All rows, by the script's key."""
    modules = [module for module in map(_group, GROUPS) if module is not None]
    rows = [(key(name), row) for module in modules for name, row in module.ROWS.items()]
    twice = {name for name, _ in rows if sum(name == other for other, _ in rows) > 1}
    if twice:
        raise ValueError(f"two rows for the same script: {sorted(twice)}")
    return dict(rows)


def dropped_names() -> dict[str, set[str]]:
    """Which public names of its predecessor a step of the growing part gives up on purpose: {"step11": {"square"}}."""
    module = _group("growing")
    return {name: set(names) for name, names in getattr(module, "EXCEPTIONS", {}).items()}


def expected(name: str) -> str:
    """The stored output of the script's short run."""
    return (EXPECTED / f"{Path(name).name}.txt").read_text(encoding="utf-8")
