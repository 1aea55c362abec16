"""``python -m tests.benchmarks``: compare dezero with PyTorch on this machine."""

import argparse
import json
import os
import subprocess
import sys

from tests.benchmarks import report
from tests.benchmarks.measure import ROOT, Framework, compare, compare_imports, compare_memory
from tests.benchmarks.workloads import GROWTH, IMPORT, MEMORY, WORKLOADS


def main():
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("workloads", nargs="*", help="beginnings of names; by default all")
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--retries", type=int, default=5, help="of a measurement that other programs disturb")
    parser.add_argument("--one-core", action="store_true", help="one thread each, and time of the process itself")
    parser.add_argument("--growth", action="store_true", help="how the time grows with the amount of work")
    parser.add_argument("--twins", action="store_true", help="what each twin takes of its reference's time, one core")
    parser.add_argument("--json", metavar="FILE", help="write the results there")
    parser.add_argument("--old", metavar="PATH", help="measure another tree of dezero, too")
    parser.add_argument("--write", metavar="PAGE", help="put the table into a page, as docs/benchmarks.md")
    parser.add_argument("--list", action="store_true", help="print the names and measure nothing")
    options = parser.parse_args()

    def wanted(entries):
        return [e for e in entries if not options.workloads or e.name.startswith(tuple(options.workloads))]

    if options.list:
        print(*[entry.name for entry in (GROWTH if options.growth else [*WORKLOADS, IMPORT, *MEMORY])], sep="\n")
        return
    if options.twins:
        found = _twins(options.rounds)
        print(report.twins_table(found))
        _save(options.json, {"twins": found})
        return

    frameworks = [Framework("torch", None, options.one_core), Framework("dezero", ROOT, options.one_core)]
    if options.old:
        frameworks.append(Framework("old", options.old, options.one_core))
    for framework in frameworks:
        if framework.missing:
            print(f"{framework.label} is not here, so it is left out: {framework.missing}", file=sys.stderr)
    frameworks = [framework for framework in frameworks if not framework.missing]
    facts = report.machine({framework.label: framework.version for framework in frameworks})
    facts |= {"threads": "One thread each, time of the process itself"} if options.one_core else {}
    if options.growth:
        measured, table, part = _growth(frameworks, wanted(GROWTH), options), report.growth_table, "growth"
    else:
        measured, table, part = _compare(frameworks, wanted, options), report.results_table, "results"
    for framework in frameworks:
        framework.close()
    print("\n" + table(measured, facts))
    if options.write:
        part_of_page = f"{part} on one core" if options.one_core else part
        report.replace_part(options.write, part_of_page, table(measured, facts, markdown=True))
    _save(options.json, {"machine": facts, part: [_plain(entry, results) for entry, results in measured]})


def _compare(frameworks, wanted, options):
    measured = []
    for entries, look in (
        (WORKLOADS, lambda w: compare(frameworks, w, options.rounds, options.retries)),
        ([IMPORT], lambda w: compare_imports(frameworks, options.rounds)),
        (MEMORY, lambda w: compare_memory(frameworks, w)),
    ):
        for workload in wanted(entries):
            measured.append((workload, look(workload)))
            _tell(workload.name, measured[-1][1])
    return measured


def _growth(frameworks, all_series, options):
    grown = []
    for series in all_series:
        found = []
        for size, arguments in zip(series.sizes, series.arguments):
            found.append(compare(frameworks, series._replace(arguments=arguments), options.rounds, options.retries))
            _tell(f"{series.name} = {size}", found[-1])
        grown.append((series, found))
    return grown


def _tell(name, results):
    shown = [f"{r.label} {r.amount:.3f}" + (f" ({r.ratio:.2f})" if r.ratio is not None else "") for r in results]
    print(f"{name}: {', '.join(shown)}", file=sys.stderr, flush=True)


def _twins(rounds):
    command = [sys.executable, "-m", "tests.benchmarks.twins", str(max(rounds, 31))]
    environment = os.environ | {"OPENBLAS_NUM_THREADS": "1"}
    lines = subprocess.run(command, check=True, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True).stdout
    return [json.loads(line) for line in lines.splitlines()]


def _plain(entry, results):
    if results and isinstance(results[0], list):
        points = zip(entry.sizes, results)
        return {"name": entry.name, "points": [{"size": s, "results": [r._asdict() for r in rs]} for s, rs in points]}
    return {"name": entry.name, "goal": entry.goal, "results": [r._asdict() for r in results]}


def _save(path, what):
    if path:
        with open(path, "w", encoding="utf-8") as file:
            json.dump(what, file, indent=1)


if __name__ == "__main__":
    main()
