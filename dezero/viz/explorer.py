"""The interactive view of a model: layers that open and close, statistics at the mouse, search, gradients in colour."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import TypeAlias

from dezero.viz.player import asset, filled
from dezero.viz.story import described
from dezero.viz.structure import Group, Numbers, Operation, Structure, Value

__all__ = ["explorer"]

MOST = 3000  # operations that the page lays out fluidly
CHUNK = 40  # operations outside of any smaller layer that are drawn at once; more are put into boxes of this many
FEW = 48  # nodes that the first view aims at

Fact: TypeAlias = "bool | int | float | str | Sequence[Fact] | Mapping[str, Fact] | None"


def explorer(structure: Structure, *, title: str = "") -> str:
    """A page to look around in a large graph with; it needs no server and no other file.

    Layers are boxes that open and close. Long runs of operations without layers are put into boxes, too, and of more
    than 3000 operations the page shows the last ones, and says so.
    """
    from html import escape

    title = title or structure.title or _title(structure)
    operations = list(structure.operations.values())
    notices = [structure.notice] if structure.notice else []
    if len(operations) > MOST:
        notices.append(
            f"The last {MOST:,} of {len(operations):,} operations are shown; graph(..., depth=1) folds layers."
        )
        operations = operations[-MOST:]
    facts = _facts(structure, [f.id for f in operations], title, " ".join(notices))
    text = json.dumps(facts, ensure_ascii=False, separators=(",", ":"), allow_nan=False).replace("<", "\\u003c")
    return filled(
        "explorer.html",
        title=escape(title),
        colours=asset("explorer-colours.css"),
        ink=asset("explorer-graph.css"),
        style=asset("explorer.css"),
        script=asset("explorer.js"),
        short=escape(_in_short(structure)),
        facts=text,
    )


def _title(structure: Structure) -> str:
    names = [structure.values[v].name for v in structure.results if structure.values[v].name]
    return f"The computation of {', '.join(names)}" if names else "The graph of a computation"


def _in_short(structure: Structure) -> str:
    layers = ", ".join([f"{group.path} ({group.kind})" for group in structure.groups.values() if not group.outer][:20])
    return f"{len(structure.operations)} operations" + (f" in the layers {layers}." if layers else ".")


# -- facts for the page ----------------------------------------------------------------------------


def _facts(structure: Structure, chosen: Sequence[str], title: str, notice: str) -> dict[str, Fact]:
    """Everything that the page knows; values, operations and groups are called by their positions."""
    operations = [structure.operations[f] for f in chosen]
    used = {*structure.results, *[v for f in operations for v in (*f.inputs, *f.outputs)]}
    values = [value for value in structure.values.values() if value.id in used]
    makers = {v: i for i, f in enumerate(operations) for v in f.outputs}
    groups, homes = _chunked(structure, chosen)
    place = {group.id: i for i, group in enumerate(groups)}
    number = {value.id: i for i, value in enumerate(values)}
    results = [number[v] for v in structure.results if v in number]
    return {
        "title": title,
        "notice": notice,
        "few": FEW,
        "results": results,
        "groups": [[g.path, g.kind, place.get(g.outer, -1), g.call, g.times, int(g.folded)] for g in groups],
        "values": [_value(value, makers, place) for value in values],
        "operations": [_operation(f, place.get(homes[f.id], -1), number) for f in operations],
    }


def _value(value: Value, makers: Mapping[str, int], place: Mapping[str, int]) -> list[Fact]:
    data, grad = _numbers(value.data), _numbers(value.grad)
    maker, home = makers.get(value.id, -1), place.get(value.group, -1)
    return [value.kind, value.name, data, grad, maker, value.order, home]


def _operation(f: Operation, home: int, number: Mapping[str, int]) -> list[Fact]:
    inputs, outputs = [number[v] for v in f.inputs], [number[v] for v in f.outputs]
    return [f.kind, f.symbol or f.kind, f.detail, home, f.order, f.line or "", inputs, outputs]


def _chunked(structure: Structure, chosen: Sequence[str]) -> tuple[list[Group], dict[str, str]]:
    """The groups, and the group of each operation, with long runs of operations and layers in groups of their own.

    A run follows the order of the computation without a gap, so what leaves its group does not come back into it.
    """
    homes = {f: structure.operations[f].group for f in chosen}
    known = dict(structure.groups)
    spans: dict[str, tuple[int, int]] = {}  # first and last position of what is in a group, or of an operation
    contents: dict[str, dict[str, None]] = {}
    for i, f in enumerate(chosen):
        inner, home = f, homes[f]
        spans[f] = (i, i)
        while True:
            contents.setdefault(home, {})[inner] = None
            if home not in known:
                break
            spans[home] = (spans.get(home, (i, i))[0], i)
            inner, home = home, known[home].outer
    runs: list[Group] = []
    for home, inside in contents.items():
        members = list(inside)
        if len(members) <= 2 * CHUNK:
            continue
        found: list[list[str]] = [[members[0]]]
        for before, member in pairwise(members):
            if len(found[-1]) == CHUNK or spans[member][0] != spans[before][1] + 1:
                found.append([])
            found[-1].append(member)
        for run in found:
            if len(run) < 3:
                continue
            ends = [known[m].path.rpartition("/")[2] if m in known else m for m in (run[0], run[-1])]
            group = Group(f"run of {run[0]}", " to ".join(ends), "in a row", home)
            runs.append(group)
            for member in run:
                if member in known:
                    known[member] = replace(known[member], outer=group.id)
                else:
                    homes[member] = group.id
    return [group for group in known.values() if group.id in spans] + runs, homes


def _numbers(numbers: Numbers | None) -> Fact:
    if numbers is None:
        return None
    statistics = [_short(x) for x in (numbers.low, numbers.high, numbers.mean, numbers.std, numbers.norm)]
    text = described(numbers)
    entries = "" if numbers.entries is None or text.startswith("an array") else text
    return [
        list(numbers.shape), numbers.dtype, *statistics, numbers.nans, numbers.infinities, numbers.zeros,
        list(numbers.histogram), entries,
    ]  # fmt: skip


def _short(x: float | None) -> float | None:
    """Six significant digits; what JSON cannot write is left out."""
    if x is None or x != x or x in (float("inf"), float("-inf")):
        return None
    return float(f"{x:.6g}")
