"""Tables of results: for terminals, and for docs/benchmarks.md."""

import os
import platform
import re
from datetime import date
from pathlib import Path

__all__ = ["growth_table", "machine", "replace_part", "results_table", "twins_table"]


def machine(versions):
    """What the figures depend on, and the day."""
    cpu, info = platform.processor() or platform.machine(), Path("/proc/cpuinfo")
    if info.exists():
        text = info.read_text()
        cpu = next(iter(re.findall(r"^model name\s*: (.*)$", text, re.M)), cpu)
        cpu += ", AVX-512" * (" avx512f " in text)
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return {
        "date": date.today().isoformat(),
        "cpu": f"{cpu}, {cores} core{'s' * (cores != 1)}",
        "python": platform.python_version(),
        **versions,
    }


def _words(facts):
    return ". ".join([f"Python {value}" if key == "python" else str(value) for key, value in facts.items()]) + "."


def _number(x):
    return f"{x:,.3f}" if x < 1 else f"{x:,.2f}" if x < 10 else f"{x:,.1f}" if x < 100 else f"{x:,.0f}"


def _rows(rows, markdown):
    """Rows of cells, the first of them titles; all columns but the first are numbers."""
    widths = [max(len(row[k]) for row in rows) for k in range(len(rows[0]))]
    aligned = [[c.ljust(w) if k == 0 else c.rjust(w) for k, (c, w) in enumerate(zip(row, widths))] for row in rows]
    if not markdown:
        return "\n".join(["  ".join(row).rstrip() for row in aligned])
    lines = ["| " + " | ".join(row) + " |" for row in aligned]
    rule = "|" + "|".join(["-" * (w + 2) if k == 0 else "-" * (w + 1) + ":" for k, w in enumerate(widths)]) + "|"
    return "\n".join([lines[0], rule, *lines[1:]])


def results_table(measured, facts, markdown=False):
    """Workloads with their results: our time, PyTorch's, the ratio with its quartiles, and the goal."""
    rows = [("workload", "framework", "ms or MiB", "ratio to torch", "quartiles", "goal", "")]
    for workload, results in measured:
        for r in results:
            if markdown and r.label == "torch":
                continue
            name = workload.name
            goal = "" if workload.goal is None or r.label != "dezero" else f"{workload.goal:.2f}"
            ratio, spread, verdict = "", "", ""
            if r.ratio is not None and r.label != "torch":
                ratio, spread = f"{r.ratio:.2f}", f"{r.low:.2f}–{r.high:.2f}"
                verdict = "" if not goal else "reached" if round(r.ratio, 2) <= workload.goal else "missed"
            noise = " ~" * (max(x.disturbed for x in results) > 0.25)
            rows.append((name, r.label, _number(r.amount), ratio + noise, spread, goal, verdict))
    if markdown:
        torch = {w.name: r.amount for w, results in measured for r in results if r.label == "torch"}
        rows = [(row[0], *row[2:3], _number(torch[row[0]]) if row[0] in torch else "", *row[3:]) for row in rows]
        rows[0] = ("workload", "dezero, ms or MiB", "torch", "ratio", "quartiles", "goal", "")
    note = "~: other programs ran during more than a quarter of the measurements."
    noisy = any(row[3].endswith("~") for row in rows)
    return "\n\n".join([_words(facts), _rows(rows, markdown), *[note] * noisy])


def growth_table(grown, facts, markdown=False):
    """How the time for a unit of work changes with the amount of work."""
    rows = [("what grows", "size", "dezero ms", "ns per unit", "of the first", "torch, of the first", "ratio")]
    for series, found in grown:
        first = {}
        for size, results in zip(series.sizes, found):
            by_label = {r.label: r for r in results}
            per_unit = {label: 1e6 * r.amount / series.units(size) for label, r in by_label.items()}
            first = first or per_unit
            share = {label: f"{x / first[label]:.2f}" for label, x in per_unit.items()}
            ours = by_label["dezero"]
            ratio = "" if ours.ratio is None else f"{ours.ratio:.2f}"
            noise = " ~" * (max(r.disturbed for r in results) > 0.25)
            title = f"{series.name}; unit: {series.unit}" if size == series.sizes[0] else ""
            cells = (_number(ours.amount), _number(per_unit["dezero"]), share["dezero"], share.get("torch", ""))
            rows.append((title, f"{size:,}", *cells, ratio + noise))
    return "\n\n".join([_words(facts), _rows(rows, markdown)])


def twins_table(found):
    """For each twin its part of the time of its reference."""
    rows = [("kernel", "twin", "on", "ratio", "quartiles", "ms", "reference ms")]
    for f in found:
        spread = f"{f['low']:.2f}–{f['high']:.2f}"
        times = (f"{f['ms']:.3f}", f"{f['reference_ms']:.3f}")
        rows.append((f["kernel"], f["twin"], f["of"], f"{f['ratio']:.2f}", spread, *times))
    return _rows(rows, False)


def replace_part(path, name, text):
    """Put text between the marks ``<!-- name: begin -->`` and ``<!-- name: end -->`` of a file."""
    begin, end = f"<!-- {name}: begin -->", f"<!-- {name}: end -->"
    page = Path(path).read_text(encoding="utf-8")
    if begin not in page or end not in page:
        raise ValueError(f"{path} has no part between {begin} and {end}")
    before, rest = page.split(begin)
    after = rest.split(end)[1]
    Path(path).write_text(f"{before}{begin}\n\n{text}\n\n{end}{after}", encoding="utf-8")
