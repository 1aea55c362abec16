"""The benchmarks in their smallest form: the workloads of both frameworks compute the same; and the tables."""

import pytest

from tests.benchmarks import ours, report
from tests.benchmarks.measure import Result, quartiles
from tests.benchmarks.workloads import GROWTH, IMPORT, MEMORY, WORKLOADS


def smallest(workload):
    return {**workload.arguments, **workload.small}


@pytest.mark.parametrize("workload", WORKLOADS, ids=lambda w: w.name)
def test_both_frameworks_compute_the_same(workload):
    pytest.importorskip("torch")
    from tests.benchmarks import theirs

    ours_step = getattr(ours, workload.function)(**smallest(workload))
    their_step = getattr(theirs, workload.function)(**smallest(workload))
    for _ in range(3):  # the third loss shows two updates
        assert ours_step() == pytest.approx(their_step(), rel=2e-4, abs=2e-4)


@pytest.mark.parametrize("workload", WORKLOADS, ids=lambda w: w.name)
def test_workloads_run_without_torch(workload):
    assert isinstance(getattr(ours, workload.function)(**smallest(workload))(), float)


def test_workloads_have_names_of_their_own():
    names = [entry.name for entry in (*WORKLOADS, IMPORT, *MEMORY, *GROWTH)]
    assert len(set(names)) == len(names)
    for series in GROWTH:
        assert len(series.arguments) == len(series.sizes)
        assert hasattr(ours, series.function)


def results(ratio, torch=True):
    rivals = [Result("torch", 20.0, 1.0, 1.0, 1.0, 0.0, 3.0)] if torch else []
    shown = (ratio, ratio - 0.1, ratio + 0.1) if torch else (None,) * 3
    return [*rivals, Result("dezero", 10.0, *shown, 0.5, 3.0)]


def test_tables_name_the_goals_and_what_was_disturbed(tmp_path):
    measured = [(WORKLOADS[0], results(0.4)), (WORKLOADS[1], results(1.4)), (WORKLOADS[3], results(1.0))]
    text = report.results_table(measured, {"date": "2026-11-21"})
    assert "0.40 ~  0.30–0.50  0.50  reached" in text
    assert "missed" in text
    page = tmp_path / "page.md"
    page.write_text("before\n<!-- results: begin -->\nformer\n<!-- results: end -->\nafter\n", encoding="utf-8")
    report.replace_part(page, "results", report.results_table(measured, {"date": "2026-11-21"}, markdown=True))
    written = page.read_text(encoding="utf-8")
    assert written.startswith("before\n<!-- results: begin -->\n\n2026-11-21.\n\n| workload")
    assert written.endswith("<!-- results: end -->\nafter\n")
    assert "former" not in written and "|  20.0 |" in written
    with pytest.raises(ValueError, match="has no part"):
        report.replace_part(page, "growth", "")


def test_tables_do_without_torch():
    assert "0.50" in report.results_table([(WORKLOADS[0], results(0.4, torch=False))], {}, markdown=True)
    assert "1,000" in report.growth_table([(GROWTH[0], [results(0.4, torch=False)] * 5)], {})


def test_growth_is_the_cost_of_a_unit_beside_the_first():
    text = report.growth_table([(GROWTH[0], [results(0.4)] * 5)], {})
    assert [line.split()[-5:-2] for line in text.splitlines()[4:5]] == [["3,333", "0.33", "0.33"]]


def test_quartiles():
    assert quartiles([1, 2, 3, 4, 5]) == (2, 3, 4)
    assert quartiles([7]) == (7, 7, 7)
