"""A graph as text: a tree for terminals and screen readers, Mermaid for READMEs, and JSON for other programs."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import fields
from typing import Any

from dezero.viz.structure import ABSENT, Entries, Group, Local, Numbers, Operation, Structure, Value, figure

__all__ = ["as_json", "from_json", "mermaid", "text"]

DEEP = 12  # operations one behind the other; beyond that a tree would leave the screen, and a list is written instead
IN_LINE = 6  # entries that are read out
_BLANK = "____"


# -- words -----------------------------------------------------------------------------------------


def text(structure: Structure, *, blank: Collection[str] = frozenset()) -> str:
    """Write a graph as a tree: each result, and below it what it was computed from.

    A value that is used twice stands once, and "above" refers to it. Graphs of long chains become a list of
    the operations in the order of the computation.

    Parameters
    ----------
    structure : Structure
    blank : collection of str
        Keys of numbers to leave out for learners: ``"v3.data"``, ``"v3.grad"``.

    Examples
    --------
    >>> from dezero import Variable
    >>> import numpy as np
    >>> apple, n, tax = Variable(np.array(100.0)), Variable(np.array(2.0)), Variable(np.array(1.1))
    >>> price = apple * n * tax
    >>> price.backward()
    >>> print(price.graph().text())
    price = 220, derivative 1, from ×
    ├─ 200, derivative 1.1, from ×
    │  ├─ apple = 100, derivative 2.2
    │  └─ n = 2, derivative 110
    └─ tax = 1.1, derivative 200
    """
    lines = [structure.title] if structure.title else []
    lines += _list(structure, blank) if _deep(structure) else _tree(structure, blank)
    if structure.notice:
        lines += ["", f"Note: {structure.notice}."]
    return "\n".join([_one_line(line) for line in lines])


def _one_line(words: str) -> str:
    """Without line breaks and other control characters, which a name may hold."""
    return "".join([c if c.isprintable() else " " for c in words])


def _deep(structure: Structure) -> bool:
    below: dict[str, int] = {}
    for f in structure.operations.values():
        level = 1 + max([below.get(v, 0) for v in f.inputs], default=0)
        below.update(dict.fromkeys(f.outputs, level))
    return max(below.values(), default=0) > DEEP


def _tree(structure: Structure, blank: Collection[str]) -> list[str]:
    users: dict[str, int] = dict.fromkeys(structure.results, 1)
    for f in structure.operations.values():
        for v in f.inputs:
            users[v] = users.get(v, 0) + 1
    lines: list[str] = []
    seen: set[str] = set()

    def visit(key: str, first: str, rest: str) -> None:
        value = structure.values[key]
        named = value.name or (f"({key})" if users.get(key, 0) > 1 and not _is_number(value) else "")
        if key in seen and not _is_number(value):
            lines.append(f"{first}{named}, above")
            return
        seen.add(key)
        line = first + _value(value, named, blank)
        if value.maker is None:
            lines.append(line)
            return
        f = structure.operations[value.maker]
        line += f", from {_operation(structure, f)}"
        if len(f.outputs) > 1:
            position = next(i for i, v in enumerate(f.outputs, start=1) if v == key)
            line += f", output {position} of {len(f.outputs)}"
        if f.id in seen:
            lines.append(line + ", above")
            return
        seen.add(f.id)
        lines.append(line)
        for i, v in enumerate(f.inputs):
            last = i == len(f.inputs) - 1
            visit(v, rest + ("└─ " if last else "├─ "), rest + ("   " if last else "│  "))

    for result in structure.results:
        visit(result, "", "")
    return lines


def _list(structure: Structure, blank: Collection[str]) -> list[str]:
    lines: list[str] = []
    leaves = [v for v in structure.values.values() if v.maker is None and not _is_number(v)]
    lines += [_value(v, v.name or v.id, blank) for v in leaves]
    here: list[str] = []
    for f in structure.operations.values():
        path = [g for g in _groups(structure, f.group) if not structure.groups[g].folded]
        common = 0
        while common < min(len(path), len(here)) and path[common] == here[common]:
            common += 1
        for level in range(common, len(path)):
            lines.append("  " * level + _group(structure.groups[path[level]]))
        here = path
        made = "; ".join([_value(v, v.name or v.id, blank) for v in [structure.values[v] for v in f.outputs]])
        taken = ", ".join([_short(structure.values[v]) for v in f.inputs])
        operands = f" of {taken}" if taken else ""
        lines.append("  " * len(path) + f"{made}, from {_operation(structure, f, False)}{operands}")
    return lines


def _groups(structure: Structure, key: str) -> Iterator[str]:
    """Ids of the groups around an operation, from the outermost to the innermost."""
    if key:
        group = structure.groups[key]
        yield from _groups(structure, group.outer)
        yield key


def _group(group: Group) -> str:
    words = group.path if group.path == group.kind else f"{group.path}, {group.kind}"
    if group.times > 1:
        words += f" × {group.times}"
    return f"{words}, call {group.call + 1}:" if group.call else f"{words}:"


def _short(value: Value) -> str:
    """How a list refers to a value."""
    return _numbers(value.data) if _is_number(value) and value.data is not None else value.name or value.id


def _is_number(value: Value) -> bool:
    """Whether it is a number of the program, which has no name."""
    bare = value.kind == "constant" and not value.name and value.maker is None
    return bare and value.data is not None and not value.data.shape


def _value(value: Value, name: str, blank: Collection[str]) -> str:
    data, grad = [_BLANK if f"{value.id}.{part}" in blank else None if numbers is None else _numbers(numbers)
                  for part, numbers in (("data", value.data), ("grad", value.grad))]  # fmt: skip
    words = (f"{name} = " if name else "") + (data or "no value")
    return words if value.kind == "constant" else f"{words}, derivative {grad or ABSENT}"


def _operation(structure: Structure, f: Operation, place: bool = True) -> str:
    """What an operation is called, with its settings and, if wanted, the layer that it is in."""
    group = structure.groups.get(f.group)
    if group is not None and group.folded:
        times = f" × {group.times}" if group.times > 1 else ""
        details = [word for word in ("" if group.path == group.kind else group.kind, f.detail) if word]
        return group.path + times + (f" ({', '.join(details)})" if details else "")
    where = f" in {group.path}" if group is not None and place else ""
    return f.called + (f" ({f.detail})" if f.detail else "") + where


def _numbers(numbers: Numbers) -> str:
    """A scalar as a number, a small array with its entries, a large one with its range."""
    if numbers.entries is not None and numbers.size <= IN_LINE:
        words = _entries(numbers.entries)
        return words if numbers.shape == () else f"{words} {numbers.dtype} {_shape(numbers.shape)}"
    words = f"{numbers.dtype} {_shape(numbers.shape)}"
    if numbers.low is not None and numbers.high is not None and numbers.mean is not None:
        words += f" from {figure(numbers.low)} to {figure(numbers.high)}, mean {figure(numbers.mean)}"
    for count, what in ((numbers.nans, "NaN"), (numbers.infinities, "infinite")):
        words += f", {count} {what}" if count else ""
    return words


def _shape(shape: tuple[int, ...]) -> str:
    return "×".join(map(str, shape)) or "scalar"


def _entries(entries: Entries) -> str:
    if isinstance(entries, tuple):
        return f"[{' '.join(map(_entries, entries))}]"
    return figure(entries)


# -- Mermaid ---------------------------------------------------------------------------------------

_CLASSES = """\
    classDef input fill:#fff2d6,stroke:#e69f00,color:#000
    classDef parameter fill:#e3f0fa,stroke:#0072b2,color:#000
    classDef constant fill:#f2f2f2,stroke:#999,color:#000
    classDef inner fill:#fff,stroke:#999,color:#000
    classDef output fill:#fff2d6,stroke:#d55e00,stroke-width:3px,color:#000
    classDef op fill:#fff,stroke:#000,stroke-width:2px,color:#000"""  # of Okabe and Ito's colours


def mermaid(structure: Structure, *, direction: str = "LR") -> str:
    """Write a graph in the language of Mermaid, which GitHub, GitLab and many editors draw from a code block.

    Parameters
    ----------
    structure : Structure
    direction : {"LR", "TB"}

    Examples
    --------
    >>> from dezero import Variable
    >>> import numpy as np
    >>> x = Variable(np.array(3.0))
    >>> print((x ** 2).graph().mermaid().partition("    classDef")[0])
    flowchart LR
        v0(["x<br/>3<br/>∂ –"]):::input
        f0(("#42;#42;2")):::op
        v1(["9<br/>∂ –"]):::output
        v0 --> f0
        f0 --> v1
    <BLANKLINE>
    """
    if direction not in ("LR", "TB"):
        raise ValueError(f'direction is "LR" or "TB", got {direction!r}')
    lines = [f"flowchart {direction}"]
    if structure.title:
        lines = ["---", f"title: {json.dumps(_one_line(structure.title), ensure_ascii=False)}", "---", *lines]
    inside = _contents(structure)

    def write(key: str, indent: str) -> None:
        for child in inside.get(key, ()):
            if child in structure.groups:
                lines.append(f'{indent}subgraph {child}["{_escaped(_group(structure.groups[child])[:-1])}"]')
                write(child, indent + "    ")
                lines.append(f"{indent}end")
            elif child in structure.operations:
                lines.append(indent + _mermaid_operation(structure, structure.operations[child]))
            else:
                lines.append(indent + _mermaid_value(structure.values[child]))

    write("", "    ")
    for f in structure.operations.values():  # outside of all boxes, which would draw in what an arrow names
        lines += [f"    {v} --> {f.id}" for v in f.inputs] + [f"    {f.id} --> {v}" for v in f.outputs]
    if structure.notice:
        lines.append(f'    notice["{_escaped(structure.notice)}"]:::constant')
    return "\n".join(lines) + f"\n{_CLASSES}\n"


def _contents(structure: Structure) -> dict[str, dict[str, None]]:
    """For each group, and "" for none, ids of what is directly in it, in the order of the computation."""
    found: dict[str, dict[str, None]] = {}

    def put(key: str, group: str) -> None:
        found.setdefault(group, {})[key] = None
        while group:
            outer = structure.groups[group].outer
            found.setdefault(outer, {})[group] = None
            group = outer

    for f in structure.operations.values():
        group = structure.groups.get(f.group)
        for v in f.inputs:
            put(v, structure.values[v].group)
        put(f.id, group.outer if group is not None and group.folded else f.group)
        for v in f.outputs:
            put(v, structure.values[v].group)
    for value in structure.values.values():
        put(value.id, value.group)
    return found


def _mermaid_operation(structure: Structure, f: Operation) -> str:
    group = structure.groups.get(f.group)
    if group is not None and group.folded:
        label = "<br/>".join([_escaped(line) for line in (_group(group)[:-1], f.detail) if line])
        return f'{f.id}["{label}"]:::op'
    label = "<br/>".join([_escaped(line) for line in (f.symbol, f.detail) if line])
    return f'{f.id}(("{label}")):::op'


def _mermaid_value(value: Value) -> str:
    lines = [value.name, "" if value.data is None else _numbers(value.data)]
    if value.kind != "constant":
        lines.append(f"∂ {ABSENT if value.grad is None else _numbers(value.grad)}")
    return f'{value.id}(["{"<br/>".join([_escaped(line) for line in lines if line])}"]):::{value.kind}'


def _escaped(words: str) -> str:
    """The words with every sign that Mermaid or its Markdown might take for its own as a number."""
    return re.sub(r"[!-+\-:-@\[-`{-~]|\.(?= )", lambda m: f"#{ord(m[0])};", _one_line(words))


# -- JSON ------------------------------------------------------------------------------------------

_FORMAT = "dezero graph 1"


def as_json(structure: Structure) -> str:
    """Write all that is known of a graph as JSON; `from_json` reads it back.

    Numbers that JSON has no words for are strings: "nan", "inf", "-inf", and "1+2j" for complex ones.

    Examples
    --------
    >>> from dezero import Variable
    >>> import numpy as np
    >>> graph = (Variable(np.array(3.0)) ** 2).graph()
    >>> from_json(graph.json()) == Structure(*[getattr(graph, f.name) for f in fields(Structure)])
    True
    """
    known = {
        "format": _FORMAT,
        "title": structure.title,
        "notice": structure.notice,
        "results": structure.results,
        "values": [_plain(v) for v in structure.values.values()],
        "operations": [_plain(f) for f in structure.operations.values()],
        "groups": [_plain(g) for g in structure.groups.values()],
    }
    return json.dumps(known, ensure_ascii=False, indent=1, allow_nan=False) + "\n"


def _plain(thing: Any) -> Any:
    if isinstance(thing, (Value, Operation, Group, Numbers, Local)):
        return {f.name: _plain(getattr(thing, f.name)) for f in fields(thing)}
    if isinstance(thing, (tuple, list)):
        return [_plain(t) for t in thing]
    if isinstance(thing, float) and not math.isfinite(thing):
        return str(thing)
    return str(thing).strip("()") if isinstance(thing, complex) else thing


def from_json(words: str) -> Structure:
    """Read a graph that `as_json` wrote.

    Raises
    ------
    ValueError
        If the text is not such a graph.
    """
    try:
        known = json.loads(words)
        if not isinstance(known, dict) or known.get("format") != _FORMAT:
            raise ValueError(f'"format" is not "{_FORMAT}"')
        return Structure(
            {v["id"]: _read(Value, v | {"data": _numbers_of(v["data"]), "grad": _numbers_of(v["grad"])})
             for v in known["values"]},
            {f["id"]: _read(Operation, f | {"locals": tuple(map(_local_of, f["locals"]))})
             for f in known["operations"]},
            {g["id"]: _read(Group, g) for g in known["groups"]},
            tuple(known["results"]), known["title"], known["notice"],
        )  # fmt: skip
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError(f"from_json wants the text of a graph as .json() writes it: {error}") from error


def _read(kind: type, known: Mapping[str, Any]) -> Any:
    return kind(**{k: tuple(v) if isinstance(v, list) else v for k, v in known.items()})


def _numbers_of(known: Mapping[str, Any] | None) -> Numbers | None:
    if known is None:
        return None
    numbers = {k: float(v) if isinstance(v, str) and k != "dtype" else v for k, v in known.items() if k != "entries"}
    return _read(Numbers, numbers | {"entries": _entries_of(known["entries"])})


def _entries_of(known: Any) -> Any:
    if isinstance(known, list):
        return tuple([_entries_of(k) for k in known])
    if isinstance(known, str):
        return complex(known) if known.endswith("j") else float(known)
    return known


def _local_of(known: Mapping[str, Any] | None) -> Local | None:
    return None if known is None else Local(known["formula"], _numbers_of(known["value"]))
