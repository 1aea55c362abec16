"""A graph as text in the language DOT, which Graphviz and many other programs read, in three styles."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Literal

from dezero.viz.labels import lines, partials, wire_names
from dezero.viz.structure import ABSENT, Group, Local, Numbers, Operation, Structure, Value, figure

__all__ = ["dot"]

# Those of the SVG: told apart by the colour-blind (Okabe and Ito 2008), and dark enough for letters on white.
INK, SOFT, LINE, FORWARD, BACKWARD = "#27313b", "#5d6b78", "#4a5763", "#0062a3", "#b84a00"
ORDERS = ("#4a5763", "#00795a", "#a3457f", "#9a6700", "#0072b2")  # of the derivative that an operation belongs to

_FONT = 'fontname="Helvetica,Arial,Noto Sans CJK JP,sans-serif"'
_TEXT = str.maketrans({"\\": r"\\", '"': r"\"", "&": "&amp;", "\n": r"\n", "\t": " ", "\r": ""})
_HTML = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "\n": "<br/>", "\t": " ", "\r": ""})
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")  # not allowed in XML, so in SVG


def dot(
    structure: Structure,
    *,
    style: Literal["lecture", "dezero", "compact"] = "lecture",
    direction: Literal["LR", "TB"] | None = None,
    labels: Literal["values", "symbolic"] = "values",
    local: bool = False,
) -> str:
    """Write a graph in the language DOT.

    Parameters
    ----------
    structure : Structure
    style : {"lecture", "dezero", "compact"}
        ``"lecture"``: each value on its wire, with the derivative below, and operations in circles. ``"dezero"``: the
        book's orange ovals and light blue boxes. ``"compact"``: operations only.
    direction : {"LR", "TB"}, optional
        From left to right or from top to bottom; by default the first for lectures, the second otherwise.
    labels : {"values", "symbolic"}
        For lectures: numbers, or names with the chain of partial derivatives.
    local : bool
        For lectures: whether to write what each operation multiplies the derivative by where a wire enters it.

    Returns
    -------
    str
        Values are nodes ``v0, v1 ...``, operations ``f0, f1 ...``, as in the structure, and calls of layers clusters.

    Raises
    ------
    ValueError
        If a style, a direction or a kind of labels is none of these.

    Examples
    --------
    >>> x, y = Value("v0", "input", "x"), Value("v1", "output", "y", maker="f0")
    >>> square = Operation("f0", "Square", "**2", ("v0",), ("v1",))
    >>> print(dot(Structure({"v0": x, "v1": y}, {"f0": square}, results=("v1",)), style="dezero"))
    digraph g {
    v0 [label="x", color=orange, style=filled]
    f0 [label="Square", color=lightblue, style=filled, shape=box]
    v1 [label="y", color=orange, style=filled]
    v0 -> f0
    f0 -> v1
    }
    """
    for name, given, choices in (
        ("style", style, tuple(_STYLES)),
        ("direction", direction, (None, "LR", "TB")),
        ("labels", labels, ("values", "symbolic")),
    ):
        if given not in choices:
            raise ValueError(f"dot expects {name} to be one of {', '.join(map(repr, choices))}, got {given!r}")
    direction = direction or ("LR" if style == "lecture" else "TB")
    return "\n".join(["digraph g {", *_STYLES[style](structure, direction, labels == "symbolic", local), "}"])


# -- the book's ovals and boxes --------------------------------------------------------------------


def _dezero(structure: Structure, direction: str, symbolic: bool, local: bool) -> Iterator[str]:
    if direction == "LR":
        yield "rankdir=LR"
    if structure.groups:
        yield "newrank=true"
    nodes: dict[str, list[str]] = {}
    for v in structure.values.values():
        nodes[v.id] = [f'{v.id} [label="{_text(_book_label(v))}", color=orange, style=filled]']
    for f in structure.operations.values():
        nodes[f.id] = [f'{f.id} [label="{_text(f.kind)}", color=lightblue, style=filled, shape=box]']
    yield from _body(structure, nodes, direction)
    yield from [f"{start} -> {end}" for start, end, _ in structure.edges()]


def _book_label(v: Value) -> str:
    return ": ".join([v.name] * bool(v.name) + ([] if v.data is None else [f"{v.data.shape} {v.data.dtype}"]))


# -- operations only -------------------------------------------------------------------------------


def _compact(structure: Structure, direction: str, symbolic: bool, local: bool) -> Iterator[str]:
    yield f"graph [rankdir={direction}, nodesep=0.25, ranksep=0.3, {_page(structure)}]"
    yield f'node [{_FONT}, fontsize=13, fontcolor="{INK}", color="{LINE}", {_BOX}]'
    yield f'edge [arrowsize=0.6, color="{LINE}"]'
    nodes: dict[str, list[str]] = {}
    for f in structure.operations.values():
        shapes = [numbers.shape for v in f.outputs if (numbers := structure.values[v].data) is not None]
        small = ", ".join([str(shape) for shape in shapes if shape])
        words = _html(f.symbol or f.kind) + _small(f.detail) + _small(small)
        nodes[f.id] = [f"{f.id} [label=<{words}>{_by_order(f)}]"]
    if not nodes:  # a leaf alone
        nodes = {v.id: [f"{v.id} [label=<{_html(v.name) or '&nbsp;'}>]"] for v in structure.values.values()}
    yield from _body(structure, nodes, direction)
    for f in structure.operations.values():
        makers = [structure.values[x].maker for x in f.inputs]
        yield from [f"{maker} -> {f.id}" for maker in makers if maker is not None]


# -- the lecture's wires ---------------------------------------------------------------------------


def _lecture(structure: Structure, direction: str, symbolic: bool, local: bool) -> Iterator[str]:
    # ordering=in keeps operands in the order of the code, from the first on
    yield f"graph [rankdir={direction}, ordering=in, nodesep=0.22, ranksep=0.3, {_page(structure)}]"
    yield f'node [{_FONT}, fontsize=14, fontcolor="{INK}", color="{LINE}", shape=plain]'
    yield f'edge [{_FONT}, fontsize=11, fontcolor="{BACKWARD}", arrowsize=0.7, color="{LINE}"]'
    nodes: dict[str, list[str]] = {}
    wires: list[str] = []
    names = wire_names(structure) if symbolic else {}
    derivatives = partials(structure, names) if symbolic else {}
    used = {v for f in structure.operations.values() for v in f.inputs}
    start, end = (":w", ":e") if direction == "LR" else (":n", ":s")  # where lines meet a wire: at its own line
    for v in structure.values.values():
        apart = bool(v.name) and v.kind != "constant" and not symbolic and (v.maker is None or v.id not in used)
        chain = (names[v.id], derivatives.get(v.id, "")) if symbolic else None
        nodes[v.id] = [f"{v.id} [label=<{_wire(v, chain, '' if apart else v.name, direction)}>]"]
        if apart:
            nodes[v.id].append(f"{v.id}n [label=<<b>&nbsp;{_html(v.name)}&nbsp;</b>>]")
            line = f"{v.id}n -> {v.id}{start}" if v.maker is None else f"{v.id}{end} -> {v.id}n"
            wires.append(f"{line} [dir=none]")
    for f in structure.operations.values():
        short = len(f.symbol) <= 2 and not f.detail
        shape = "shape=circle, width=0.42, fixedsize=true" if short else _BOX
        size = 18 if f.symbol in ("×", "+", "−", "-", "÷", "/") else 14
        label = f'<font point-size="{size}">{_html(f.symbol or f.kind)}</font>{_small(f.detail)}'
        nodes[f.id] = [f"{f.id} [label=<{label}>, {shape}{_by_order(f)}]"]
    yield from _body(structure, nodes, direction)
    for f in structure.operations.values():
        words = names or structure.places(f)
        for i, x in enumerate(f.inputs):
            told = f.locals[i] if local and i < len(f.locals) else None
            factor = "" if told is None else f' [label="× {_text(_factor(told, words))}"]'
            wires.append(f"{x}{'' if structure.values[x].kind == 'constant' else end} -> {f.id}{factor}")
        wires += [f"{f.id} -> {y}{start} [dir=none]" for y in f.outputs]
    # with clusters, Graphviz puts last what comes first
    yield from reversed(wires) if structure.groups else wires


def _wire(v: Value, chain: tuple[str, str] | None, name: str, direction: str) -> str:
    """Value above the line, derivative below."""
    if v.kind == "constant":
        return "<br/>".join(_lines(v.data)) or _html(v.name) or "&nbsp;"
    above = _lines(v.data) if chain is None else [_html(chain[0])]
    below = (_lines(v.grad, shape=False) or [ABSENT]) if chain is None else [_html(chain[1]) or "&nbsp;"]
    above = [f'<font color="{FORWARD}">{line}</font>' for line in above]
    if name and chain is None:
        above = [f'<font color="{SOFT}" point-size="11">{_html(name)}</font>', *above]
    above = above or ["&nbsp;"]
    half = ""
    if direction == "LR":  # edges meet the wire half way up, so there the line must be
        half = f' height="{max(_height(above), _height(below))}"'
    return (
        '<table border="0" cellborder="0" cellspacing="0" cellpadding="3">'
        f'<tr><td valign="bottom"{half}>{"<br/>".join(above)}</td></tr><hr/>'
        f'<tr><td valign="top"{half}><font color="{BACKWARD}">{"<br/>".join(below)}</font></td></tr></table>'
    )


def _height(words: Sequence[str]) -> int:
    """Room for lines of text, in points, in any font."""
    return 6 + sum([16 if 'point-size="11"' in line else 20 for line in words])


def _lines(numbers: Numbers | None, shape: bool = True) -> list[str]:
    """What a wire says of an array: its entries, or in smaller letters its shape and statistics."""
    if numbers is None:
        return []
    words = [_html(line) for line in lines(numbers)]
    if words and words[0].startswith("("):  # below the line, the shape is known from above
        words = [f'<font point-size="11">{line}</font>' for line in (words if shape or not words[1:] else words[1:])]
    return words


def _factor(local: Local, words: Mapping[str, str]) -> str:
    value = local.value
    if value is None or value.entries is None or isinstance(value.entries, tuple):
        return local.said(words)
    return figure(value.entries)


# -- what all styles share -------------------------------------------------------------------------


def _body(structure: Structure, nodes: Mapping[str, Sequence[str]], direction: str) -> Iterator[str]:
    """The lines of the nodes in the order of the computation, those of one call of a layer in a cluster."""
    groups: dict[str, str] = {v.id: v.group for v in structure.values.values()}
    groups |= {f.id: f.group for f in structure.operations.values()}
    inside: dict[str, dict[str, None]] = {"": {}}  # from group to the nodes and groups that are directly in it
    for entry in [node for node in _in_order(structure) if node in nodes]:
        group = groups[entry]
        inside.setdefault(group, {})[entry] = None
        while group:  # the groups around it, outwards
            outer = structure.groups[group].outer
            inside.setdefault(outer, {})[group] = None
            group = outer

    def lines(group: str) -> Iterator[str]:
        for entry in inside[group]:
            if entry not in structure.groups:
                yield from nodes[entry]
                continue
            yield f"subgraph cluster_{entry} {{"
            caption = _text(_caption(structure.groups[entry]))
            # from top to bottom lines come in at the middle of the upper border, so the words keep to the left half
            room = "\u00a0" * (3 * len(caption)) if direction == "TB" else ""
            yield f'graph [label="{caption}{room}", {_CLUSTER}]'
            yield from lines(entry)
            yield "}"

    yield from lines("")


def _in_order(structure: Structure) -> list[str]:
    """Ids of values and operations, each after what it is computed from."""
    found: dict[str, None] = {}
    for f in structure.operations.values():
        found |= dict.fromkeys([*f.inputs, f.id, *f.outputs])
    return list(found | dict.fromkeys(structure.values))


def _caption(group: Group) -> str:
    """What stands above a call of a layer."""
    words = group.path if group.path == group.kind else f"{group.path}: {group.kind}"
    if group.call:
        words += f", call {group.call + 1}"
    return words + f" × {group.times}" * (group.times > 1)


def _page(structure: Structure) -> str:
    """Attributes of the graph as a whole."""
    words = [_html(structure.title)] * bool(structure.title)
    if structure.notice:
        words.append(f'<font point-size="11" color="{SOFT}">{_html(structure.notice)}</font>')
    caption = f", labelloc=t, label=<{'<br/>'.join(words)}<br/>>" if words else ""
    return f'{_RANKS * bool(structure.groups)}bgcolor=white, pad=0.2, {_FONT}, fontsize=14, fontcolor="{INK}"{caption}'


def _by_order(f: Operation) -> str:
    """Lines that tell an operation of a derivative from one that the user wrote: by dashes as well as by colour."""
    if f.order == 0:
        return ""
    style = "dashed" if f.symbol and len(f.symbol) <= 2 else "rounded,dashed"
    return f', style="{style}", color="{ORDERS[min(f.order, len(ORDERS) - 1)]}"'


def _small(text: str) -> str:
    return f'<br/><font color="{SOFT}" point-size="10">{_html(text)}</font>' if text else ""


def _text(text: str) -> str:
    """As it stands between quotes."""
    return _UNPRINTABLE.sub("\ufffd", text).translate(_TEXT)


def _html(text: str) -> str:
    return _UNPRINTABLE.sub("\ufffd", text).translate(_HTML)


_BOX = 'shape=box, style=rounded, height=0.36, margin="0.13,0.05"'
_RANKS = "newrank=true, "  # without it, what leaves a cluster and comes back to it runs against the direction
_CLUSTER = f'{_FONT}, style="rounded", color="#c4c4c4", fontcolor="{SOFT}", fontsize=12, labeljust=l, margin=12'
_STYLES = {"lecture": _lecture, "dezero": _dezero, "compact": _compact}
