"""Pictures of a graph as SVG: every value on its wire, the derivative below it.

Two stages. `scene` decides where everything stands; `svg` writes it down and leaves out what is hidden. A picture in
which something is hidden has therefore the same frame as the full one, and nothing in it stands elsewhere.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Literal, NamedTuple

from dezero.viz.colours import PALETTE, PALETTE_DARK, colour
from dezero.viz.layout import Box, Line, Placed, Spacing, place
from dezero.viz.measure import shortened, width
from dezero.viz.structure import ABSENT, Entries, Group, Local, Numbers, Operation, Structure, Value, figure

__all__ = ["FONTS", "ORDERS", "Edge", "Frame", "Scene", "Shape", "Text", "escaped", "lines", "scene", "styles", "svg"]

Direction = Literal["LR", "TB"]
Labels = Literal["values", "symbolic"]
Style = Literal["lecture", "dezero", "compact"]
Theme = Literal["auto", "light", "dark"]

FONTS = (
    "'Helvetica Neue', Helvetica, Arial, 'Noto Sans', 'Noto Sans CJK JP', 'Hiragino Sans', 'Yu Gothic', "
    "'Microsoft YaHei', 'PingFang SC', sans-serif"
)
ORDERS = ("forward", "1st derivative", "2nd derivative", "3rd derivative")  # and so on

_BIG, _NORMAL, _SMALL = 18.0, 15.0, 12.0
_MARGIN = 20.0
_RADIUS = 19.0
_ROOM = 190.0  # for a line of text on a wire
_NAME = 200.0  # for a name

# -- texts -----------------------------------------------------------------------------------------


class Text(NamedTuple):
    """A line of text; `key` says what it tells, such as "v3.data", and is "" for what is always shown."""

    x: float
    y: float  # of the baseline
    text: str
    look: str  # the class: data, grad, name, op, ...
    key: str = ""
    size: float = _NORMAL
    anchor: Literal["start", "middle", "end"] = "middle"
    bold: bool = False

    @property
    def box(self) -> tuple[float, float, float, float]:
        """Left, top, right and bottom, as measured without a font."""
        wide = width(self.text, self.size, self.bold)
        left = self.x - {"start": 0.0, "middle": wide / 2, "end": wide}[self.anchor]
        return left, self.y - 0.8 * self.size, left + wide, self.y + 0.22 * self.size


def lines(numbers: Numbers | None) -> tuple[str, ...]:
    """An array in few words: its entries if they are few, else shape, type and statistics.

    Examples
    --------
    >>> lines(None)
    ('–',)
    >>> lines(Numbers((), "float64", 220.00000000000003))
    ('220',)
    >>> lines(Numbers((64, 10), "float32", None, -0.5, 0.61, 0.01))
    ('(64, 10) float32', 'mean 0.01, -0.5 … 0.61')
    """
    if numbers is None:
        return (ABSENT,)
    if numbers.entries is not None:
        rows = _rows(numbers.entries, len(numbers.shape))
        if len(rows) <= 4 and all(width(row, _NORMAL) <= _ROOM for row in rows):
            return rows
    shape = f"({', '.join(map(str, numbers.shape))}{',' if len(numbers.shape) == 1 else ''}) {numbers.dtype}"
    spoiled = [f"{count} {what}" for count, what in ((numbers.nans, "nan"), (numbers.infinities, "inf")) if count]
    found = []
    if numbers.mean is not None and numbers.low is not None and numbers.high is not None:
        found.append(f"mean {numbers.mean + 0.0:.3g}, {numbers.low + 0.0:.3g} … {numbers.high + 0.0:.3g}")
    if spoiled:
        found.append("⚠ " + ", ".join(spoiled))
    return (shape, *found)


def _rows(entries: Entries, axes: int) -> tuple[str, ...]:
    if not isinstance(entries, tuple):
        return (figure(entries),)
    if axes <= 1:
        return ("[" + ", ".join(_flat(entries)) + "]",)
    rows = [row for part in entries for row in _rows(part, axes - 1)]
    return tuple(rows)


def _flat(entries: Entries) -> Iterator[str]:
    if isinstance(entries, tuple):
        for part in entries:
            yield from _flat(part)
    else:
        yield figure(entries)


def _is_bad(numbers: Numbers | None) -> bool:
    if numbers is None:
        return False
    if numbers.nans or numbers.infinities:
        return True
    return numbers.entries is not None and any(text.strip("-") in ("nan", "inf") for text in _flat(numbers.entries))


def escaped(text: str) -> str:
    """The text for XML: markup is escaped, what XML cannot hold is replaced, line breaks become ⏎.

    Examples
    --------
    >>> escaped('a"b <c> & d')
    'a&quot;b &lt;c&gt; &amp; d'
    """
    for sign, written in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ('"', "&quot;"), ("\n", "⏎"), ("\t", " ")):
        text = text.replace(sign, written)
    return "".join(
        [
            c
            if c >= " " and not "\x7f" <= c < "\xa0" and c not in "\ufffe\uffff" and not "\ud800" <= c < "\ue000"
            else "\ufffd"
            for c in text
        ]
    )


# -- what the wires are called ---------------------------------------------------------------------


def _names(structure: Structure) -> dict[str, str]:
    """For each wire a name to write partial derivatives with: its own, else t, or t1, t2 ... if there are several."""
    taken = {value.name for value in structure.values.values()}
    nameless = [v.id for v in structure.values.values() if not v.name and v.kind != "constant"]
    found = {v.id: v.name or _constant(v) for v in structure.values.values()}
    letter = next(letter for letter in ("t", "u", "s", "τ") if letter not in taken or letter == "τ")
    count = 0
    for v in nameless:
        if len(nameless) == 1:
            found[v] = letter
            continue
        count += 1
        while f"{letter}{count}" in taken:
            count += 1
        found[v] = f"{letter}{count}"
    if len(structure.results) == 1 and not structure.values[structure.results[0]].name:
        free = next((letter for letter in ("z", "y", "L") if letter not in taken), None)
        found[structure.results[0]] = free or found[structure.results[0]]
        rest = [v for v in nameless if v != structure.results[0]]
        if free:
            found |= {v: f"{letter}{i}" if len(rest) > 1 else letter for i, v in enumerate(rest, 1)}
    return found


def _constant(value: Value) -> str:
    return lines(value.data)[0] if value.data is not None else "c"


def _chains(structure: Structure, names: Mapping[str, str]) -> dict[str, str]:
    """For each wire its derivative as the product of the partial derivatives on the way back to the result."""
    result = structure.results[0] if structure.results else ""
    if not result:
        return {}
    top = names[result]
    factors: dict[str, tuple[str, ...] | None] = {result: (f"∂{top}/∂{top}",)}
    users: dict[str, list[Operation]] = {}
    for f in reversed(list(structure.operations.values())):
        for v in f.inputs:
            users.setdefault(v, []).append(f)
    for f in reversed(list(structure.operations.values())):
        for v in f.inputs:
            if v in factors or structure.values[v].kind == "constant":
                continue
            ways = [(g, w) for g in users[v] for w in g.outputs if w in factors]
            if len(users[v]) == 1 and len(ways) == 1:
                before = factors[ways[0][1]]
                step = f"∂{names[ways[0][1]]}/∂{names[v]}"
                factors[v] = (*before, step) if before is not None else None
            elif ways:
                factors[v] = None  # several ways add up: only their sum has a name
    found = {}
    for v, chain in factors.items():
        whole = "·".join(chain) if chain else f"∂{top}/∂{names[v]}"
        if chain and len(chain) > 2 and width(whole, _NORMAL) > _ROOM:
            user = users[v][0]
            out = next(w for w in user.outputs if w in factors)
            whole = f"∂{top}/∂{names[out]}·∂{names[out]}/∂{names[v]}"
        found[v] = whole if width(whole, _NORMAL) <= 1.4 * _ROOM else f"∂{top}/∂{names[v]}"
    return found


# -- shapes, before and after they have a place ----------------------------------------------------


class Shape(NamedTuple):
    """A node of the picture: what it looks like and where it is."""

    id: str
    look: str  # wire, circle, pill, stack, oval, box
    left: float
    top: float
    right: float
    bottom: float
    x: float  # of the middle of what is drawn: the circle, the line of the wire, ...
    y: float
    half: tuple[float, float] = (0.0, 0.0)  # half the width and height of that
    texts: tuple[Text, ...] = ()
    classes: tuple[str, ...] = ()
    title: str = ""
    order: int = 0
    back: tuple[tuple[float, float], ...] = ()  # the dashed arrow of the derivative, from end to start
    # Frame around the name of a parameter, or rule between the numbers in an oval: x, y, width, height.
    tag: tuple[float, float, float, float] | None = None


class Edge(NamedTuple):
    """A line from a value to an operation that takes it, or from an operation to its output."""

    source: str
    target: str
    path: str  # as SVG has it in the attribute d
    arrow: str = ""  # the head at its end, as a path
    joint: tuple[float, float] | None = None  # where it parts from another one
    order: int = 0
    constant: bool = False


class Frame(NamedTuple):
    """The box around a group."""

    id: str
    left: float
    top: float
    right: float
    bottom: float
    title: Text
    depth: int = 0


class Scene(NamedTuple):
    """All that is drawn, with its place: what `svg` writes down."""

    width: float
    height: float
    shapes: Mapping[str, Shape]
    edges: tuple[Edge, ...]
    frames: tuple[Frame, ...] = ()
    legend: tuple[tuple[Text, int], ...] = ()  # the name of each order and its number
    notes: tuple[Text, ...] = ()
    title: str = ""
    description: str = ""
    crossings: int = 0


@dataclass(slots=True, eq=False, repr=False)
class _Draft:
    """A shape around the origin: its axis runs through (0, 0), where its extent begins; `move` puts it into place."""

    id: str
    look: str
    length: float
    before: float
    after: float
    half: tuple[float, float]
    middle: float  # of what is drawn, along the main direction
    texts: list[Text] = field(default_factory=list)
    classes: tuple[str, ...] = ()
    title: str = ""
    order: int = 0
    leaf: bool = False
    late: bool = False
    group: str = ""
    back: tuple[tuple[float, float], ...] = ()
    tag: tuple[float, float, float, float] | None = None
    ports: int = 0  # of the side where lines come in, if they need places of their own
    ports_out: int = 0
    stub: tuple[float, float] | None = None  # of a constant that stands right at its operation: where its wire ends
    stub_draft: _Draft | None = None


# -- drafts: the lecture ---------------------------------------------------------------------------


def _short(name: str) -> str:
    return shortened(" ".join(name.split()), _NAME, _NORMAL)


def _said(value: Value, name: str) -> str:
    data = ", ".join(lines(value.data)) if value.data is not None else ""
    return f"{value.kind} {name}".strip() + (f": {data}" if data else "")


def _wire(value: Value, direction: Direction, symbols: tuple[str, str] | None, used: bool) -> _Draft:
    """The draft of a wire: value on one side of the line, derivative on the other, a name where it starts or ends."""
    data = lines(value.data) if value.data is not None else ()
    derived = value.kind != "constant" and (value.data is not None or value.grad is not None)
    grads = lines(value.grad) if derived else ()
    if (
        len(data) > 1
        and len(grads) > 1
        and grads[0] == data[0]
        and value.grad is not None
        and value.grad.mean is not None
    ):
        grads = grads[1:]  # the shape is above
    name = _short(value.name)
    starts, ends = value.maker is None, value.maker is not None and not used
    if symbols is not None:
        data, grads = (symbols[0],), (symbols[1],) if symbols[1] else ()
        name = "" if value.kind != "parameter" else name
    above: list[Text] = []
    if name and not starts and not ends:
        above.append(Text(0, 0, name, "name", "", 13.0))
    look = "data bad" if _is_bad(value.data) else "data"
    size = _NORMAL if len(data) == 1 else 12.5
    above += [Text(0, 0, text, look, f"{value.id}.data", size) for text in data]
    look = "grad bad" if _is_bad(value.grad) else "grad"
    size = _NORMAL if len(grads) == 1 and not grads[0].startswith("mean ") else 12.5
    below = [Text(0, 0, text, look, f"{value.id}.grad", size) for text in grads]
    known = bool(grads) and (symbols is not None or value.grad is not None)
    draft = (_wire_across if direction == "LR" else _wire_down)(value, above, below, known)
    if name and (starts or ends):
        _add_tag(draft, value, name, starts, direction)
    draft.title = _said(value, name)
    draft.leaf, draft.late, draft.group, draft.order = starts, True, value.group, value.order
    draft.classes = (value.kind, *(("known",) if known else ()), *(("end-of-line",) if ends else ()))
    return draft


def _widest(texts: Sequence[Text]) -> float:
    return max([width(t.text, t.size, t.bold) for t in texts], default=0.0)


def _wire_across(value: Value, above: Sequence[Text], below: Sequence[Text], known: bool) -> _Draft:
    span = max(64.0, _widest([*above, *below]) + 16.0)
    texts: list[Text] = []
    y = -8.0
    for t in reversed(above):
        texts.insert(0, t._replace(x=span / 2, y=y))
        y -= t.size * 1.25
    before = -y + 2.0 if above else 8.0
    y = 8.5 if known else 6.0
    for t in below:
        y += t.size * 1.22
        texts.append(t._replace(x=span / 2, y=y))
    after = y + 4.0 if below else 8.0
    back = ((span - 7.0, 6.5), (7.0, 6.5)) if known else ()
    return _Draft(value.id, "wire", span, before, after, (span / 2, 0.0), span / 2, texts, back=back)


def _wire_down(value: Value, above: Sequence[Text], below: Sequence[Text], known: bool) -> _Draft:
    """The same for lines that run down: the value to the left, the derivative to the right."""
    span = max(46.0, max(len(above), len(below)) * 18.0 + 12.0)
    texts: list[Text] = []
    y = span / 2 - (len(above) - 1) * 9.0 + 5.0
    for i, t in enumerate(above):
        texts.append(t._replace(x=-9.0, y=y + 18.0 * i, anchor="end"))
    y = span / 2 - (len(below) - 1) * 9.0 + 5.0
    for i, t in enumerate(below):
        texts.append(t._replace(x=15.0 if known else 9.0, y=y + 18.0 * i, anchor="start"))
    back = ((6.5, span - 6.0), (6.5, 6.0)) if known else ()
    left, right = _widest(above) + 11.0, _widest(below) + 17.0
    return _Draft(value.id, "wire", span, left, right, (0.0, span / 2), span / 2, texts, back=back)


def _add_tag(draft: _Draft, value: Value, name: str, starts: bool, direction: Direction) -> None:
    """Put the name before the start of a wire or behind its end; parameters have a frame around it."""
    parameter = value.kind == "parameter"
    tag = width(name, _NORMAL, bold=not starts) + (18.0 if parameter else 2.0)
    look = f"name {value.kind}"
    if direction == "LR":
        gap = 4.0 if parameter else 9.0 if starts else 10.0
        if starts:
            by = tag + gap
            draft.texts = [t._replace(x=t.x + by) for t in draft.texts]
            draft.back = tuple([(x + by, y) for x, y in draft.back])
            draft.middle += by
            draft.texts.append(Text(tag / 2, 5.0, name, look))
        else:
            by = 0.0
            draft.texts.append(Text(draft.length + gap + tag / 2, 5.0, name, look, bold=True))
        if parameter:
            x = 0.0 if starts else draft.length + gap
            draft.tag = (x, -13.0, tag, 26.0)
        draft.length += tag + gap
        draft.before, draft.after = max(draft.before, 14.0), max(draft.after, 14.0)
        return
    gap = 30.0 if parameter else 29.0
    if starts:
        draft.texts = [t._replace(y=t.y + gap) for t in draft.texts]
        draft.back = tuple([(x, y + gap) for x, y in draft.back])
        draft.middle += gap
        draft.texts.append(Text(0.0, 17.0, name, look))
        if parameter:
            draft.tag = (-tag / 2, 0.0, tag, 25.0)
    else:
        draft.texts.append(Text(0.0, draft.length + 22.0, name, look, bold=True))
        if parameter:
            draft.tag = (-tag / 2, draft.length + 5.0, tag, 25.0)
    draft.length += gap
    draft.before, draft.after = max(draft.before, tag / 2 + 2.0), max(draft.after, tag / 2 + 2.0)


def _primes(order: int) -> str:
    return "′" * order if order < 4 else f"({order})"


def _operation(
    f: Operation, structure: Structure, style: Style, direction: Direction, local: bool, symbolic: bool
) -> _Draft:
    group = structure.groups.get(f.group)
    folded = group is not None and group.folded
    text = shortened(f.kind if style == "dezero" else f.symbol, _NAME, _NORMAL)
    size = _BIG if style == "lecture" and len(text) <= 2 else _NORMAL
    wide = width(text, size)
    ins, outs = len(f.inputs), len(f.outputs)
    round_ = style == "lecture" and not folded and wide <= 2 * _RADIUS - 8.0 and ins < 3
    tall = 13.0 * (max(ins if ins > 2 else 0, outs if outs > 1 else 0) + 0.5)
    across = direction == "TB"
    half = (_RADIUS, _RADIUS) if round_ else (max(wide / 2 + 13.0, _RADIUS), 17.0)
    half = (max(half[0], tall / 2), half[1]) if across else (half[0], max(half[1], tall / 2))
    look = (
        "stack"
        if folded
        else "circle"
        if half == (_RADIUS, _RADIUS) and round_
        else "box"
        if style == "dezero"
        else "pill"
    )
    extent_main, extent_cross = (half[1], half[0]) if across else half
    length = 2 * extent_main + (5.0 if folded else 0.0)
    draft = _Draft(f.id, look, length, extent_cross + 2.0, extent_cross + 2.0, half, extent_main)
    middle = (0.0, extent_main) if across else (extent_main, 0.0)
    texts = [Text(middle[0], middle[1] + size * 0.35, text, "op", "", size)]
    notes_above: list[Text] = []
    notes_below: list[Text] = []
    if local:
        shown = [(i, _factor(one, symbolic)) for i, one in enumerate(f.locals)]
        shown = [(i, label) for i, label in shown if label]
        split = (len(shown) + 1) // 2
        for i, label in shown[:split]:
            notes_above.append(Text(0, 0, label, "local", f"{f.id}.local{i}", _SMALL))
        for i, label in shown[split:]:
            notes_below.append(Text(0, 0, label, "local", f"{f.id}.local{i}", _SMALL))
    times = group.times if group is not None and folded else 1
    if times > 1:
        notes_above.insert(0, Text(0, 0, f"× {times}", "times", "", _SMALL, bold=True))
    if f.detail:
        notes_below.append(Text(0, 0, shortened(f.detail, _ROOM, _SMALL), "detail", "", _SMALL))
    if f.order and style != "dezero":
        notes_above.append(Text(0, 0, _primes(f.order), "mark", "", _SMALL, bold=True))
    if across:
        _beside(draft, texts, notes_above, notes_below, half, extent_main)
    else:
        y = -half[1] - 6.0 - (4.0 if folded else 0.0)
        for t in reversed(notes_above):
            texts.append(_note(draft, t, y))
            y -= 15.0
            draft.before = -y - 1.0
        y = half[1] + 15.0
        for t in notes_below:
            texts.append(_note(draft, t, y))
            draft.after = y + 5.0
            y += 15.0
        draft.texts = texts
    draft.group = f.group
    if folded and group is not None:
        draft.group = group.outer
    draft.order = f.order
    tint = f"tint{_tint(f.id)}" if (local or symbolic) and style == "lecture" and not f.order else ""
    draft.classes = (f"order{f.order % 5}", *((tint,) if tint else ()))
    said = f"{f.kind}" + (f" ({f.detail})" if f.detail else "") + (f", {_order_name(f.order)}" if f.order else "")
    draft.title = said + (f"\n{f.line}" if f.line else "")
    draft.ports = ins if ins > 3 else 0
    draft.ports_out = outs if outs > 1 and style != "compact" else 0
    return draft


def _note(draft: _Draft, text: Text, y: float) -> Text:
    """Put a small text above or below an operation; a wide one begins in its middle, for lines come from before."""
    wide = width(text.text, text.size, text.bold)
    if wide <= 2 * draft.half[0]:
        return text._replace(x=draft.middle, y=y)
    left = draft.middle - 0.4 * draft.half[0]
    draft.length = max(draft.length, left + wide)
    return text._replace(x=left, y=y, anchor="start")


def _beside(
    draft: _Draft,
    texts: list[Text],
    left: Sequence[Text],
    right: Sequence[Text],
    half: tuple[float, float],
    main: float,
) -> None:
    for side, x, anchor in ((left, -half[0] - 6.0, "end"), (right, half[0] + 6.0, "start")):
        y = main - (len(side) - 1) * 7.5 + 4.0
        for t in side:
            texts.append(t._replace(x=x, y=y, anchor=anchor))  # type: ignore[arg-type]
            y += 15.0
        room = _widest(side)
        if room and anchor == "end":
            draft.before = half[0] + 8.0 + room
        elif room:
            draft.after = half[0] + 8.0 + room
    draft.texts = texts


def _factor(one: Local | None, symbolic: bool) -> str:
    if one is None:
        return ""
    if not symbolic and one.value is not None and one.value.entries is not None and one.value.shape == ():
        return f"× {lines(one.value)[0]}"
    return shortened(f"× {one.formula}" if one.formula else "", 110.0, _SMALL)


def _tint(id: str) -> int:
    """Place among the colours that tell operations apart, so that a formula can have the same ones."""
    return PALETTE.index(colour(id))


def _order_name(order: int) -> str:
    return ORDERS[order] if order < len(ORDERS) else f"{order}th derivative"


# -- drafts: the ovals of the book -----------------------------------------------------------------


def _oval(value: Value, direction: Direction) -> _Draft:
    name = _short(value.name)
    data = lines(value.data)[0] if value.data is not None else ""
    rows: list[Text] = []
    if name:
        rows.append(Text(0, 0, name, "name", "", _NORMAL))
    if data:
        look = "data bad" if _is_bad(value.data) else "data"
        rows.append(Text(0, 0, data, look, f"{value.id}.data", 13.0 if name else 14.0))
    grads = lines(value.grad)
    if value.grad is not None and len(grads) == 1:
        rows.append(Text(0, 0, grads[0], "grad", f"{value.id}.grad", 13.0))
    wide = max([width(t.text, t.size) for t in rows], default=0.0)
    tall = sum(t.size * 1.22 for t in rows)
    half = (max(36.0, (wide / 2 + 8.0) * (1.15 if len(rows) < 2 else 1.3)), max(19.0, tall / 2 + 9.0))
    half = (max(half[0], 1.4 * half[1]), half[1])
    main, cross = (half[1], half[0]) if direction == "TB" else half
    draft = _Draft(value.id, "oval", 2 * main, cross + 2.0, cross + 2.0, half, main)
    x, y = (0.0, main) if direction == "TB" else (main, 0.0)
    y -= tall / 2
    for t in rows:
        y += t.size * 1.22
        draft.texts.append(t._replace(x=x, y=y - t.size * 0.3))
    if [t.look.split()[0] for t in rows[-2:]] == ["data", "grad"]:  # a rule between the two, as on a wire
        draft.tag = (x - 0.4 * half[0], y - rows[-1].size * 1.22 - 0.5, 0.8 * half[0], 0.0)
    draft.title, draft.order, draft.group = _said(value, name), value.order, value.group
    draft.leaf, draft.late = value.maker is None, value.maker is None
    draft.classes = (value.kind,)
    return draft


# -- the scene -------------------------------------------------------------------------------------


def scene(
    structure: Structure,
    *,
    style: Style = "lecture",
    direction: Direction = "LR",
    labels: Labels = "values",
    local: bool = False,
    run: Callable[[str], str] | None = None,
) -> Scene:
    """Decide where everything of a picture stands.

    Parameters
    ----------
    structure : Structure
    style : {"lecture", "dezero", "compact"}
    direction : {"LR", "TB"}
        Whether lines run from left to right or from top to bottom.
    labels : {"values", "symbolic"}
        Numbers on the wires, or names and the chain of partial derivatives.
    local : bool
        Whether operations show what they multiply the derivative by, for each operand.
    run : function from DOT to what ``dot -Tplain`` says about it, optional
        Lets Graphviz find the places.

    Raises
    ------
    ValueError
        If a setting is none of the above.
    """
    for setting, value, known in (
        ("style", style, ("lecture", "dezero", "compact")),
        ("direction", direction, ("LR", "TB")),
        ("labels", labels, ("values", "symbolic")),
    ):
        if value not in known:
            raise ValueError(f"a picture has {setting} {' or '.join(map(repr, known))}, got {value!r}")
    drafts, links = _drafts(structure, style, direction, labels, local)
    boxes, edges = _boxes(structure, drafts, links)
    spacing = _spacing(style, direction)
    groups = {g.id: g.outer for g in structure.groups.values() if not g.folded}
    titles = {g: width(_title(structure.groups[g]), 13.0, bold=True) + 24.0 for g in groups}
    if direction == "TB":
        titles = {}
    if run is not None:
        placed = placed_by_graphviz(boxes, edges, run, direction)
    else:
        placed = place(boxes, edges, groups, spacing, titles=titles)
    shapes = {draft.id: _moved(draft, placed.boxes[draft.id], direction) for draft in drafts}
    for draft in drafts:
        stub = _stub_shape(draft, placed.boxes[draft.id], direction)
        if stub is not None:
            shapes[stub.id] = stub
    shapes = {v: shapes[v] for v in (*structure.values, *structure.operations) if v in shapes}
    drawn = _edges(structure, links, placed, shapes, direction, {d.id: d for d in drafts}, style)
    frames = _frames(structure, placed, direction)
    return _fitted(structure, shapes, drawn, frames, placed.crossings)


def _spacing(style: Style, direction: Direction) -> Spacing:
    across = direction == "TB"
    if style == "lecture":
        return Spacing(ranks=26.0 if across else 30.0, boxes=18.0, across=across)
    return Spacing(ranks=30.0, boxes=20.0, across=across)


def _drafts(
    structure: Structure, style: Style, direction: Direction, labels: Labels, local: bool
) -> tuple[list[_Draft], list[tuple[str, str, int, int]]]:
    """The shapes, and the lines between them as (source, target, place among its outputs, place among its operands)."""
    used = {v for f in structure.operations.values() for v in f.inputs}
    symbolic = labels == "symbolic"
    names = _names(structure) if symbolic else {}
    chains = _chains(structure, names) if symbolic else {}
    drafts = []
    links: list[tuple[str, str, int, int]] = []
    stubs = _stubs(structure) if style == "lecture" else {}
    if style != "compact" or not structure.operations:
        for value in structure.values.values():
            if style == "dezero":
                drafts.append(_oval(value, direction))
            elif value.id not in stubs:
                symbols = (names[value.id], chains.get(value.id, "")) if symbolic else None
                drafts.append(_wire(value, direction, symbols, value.id in used))
    for f in structure.operations.values():
        drafts.append(_operation(f, structure, style, direction, local, symbolic))
        for i, v in enumerate(f.inputs):
            if v in stubs:
                _add_stub(drafts[-1], structure.values[v], i, direction)
        for i, v in enumerate(f.inputs):
            if style != "compact":
                links.append((v, f.id, 0, i))
            elif (maker := structure.values[v].maker) is not None:
                links.append((maker, f.id, 0, i))
        if style != "compact":
            links += [(f.id, v, i, 0) for i, v in enumerate(f.outputs)]
    return drafts, links


def _stubs(structure: Structure) -> set[str]:
    """The constants that stand right at their operation: nameless numbers that nothing else takes."""
    count: dict[str, int] = {}
    for f in structure.operations.values():
        for v in f.inputs:
            count[v] = count.get(v, 0) + 1
    found = set()
    for f in structure.operations.values():
        if len(f.inputs) == 2:
            bare = [v for v in f.inputs if _is_plain(structure.values[v]) and count[v] == 1]
            if len(bare) == 1:
                found.add(bare[0])
    return found - set(structure.results)


def _is_plain(value: Value) -> bool:
    if value.kind != "constant" or value.name or value.maker is not None or value.data is None:
        return False
    shown = lines(value.data)
    return len(shown) == 1 and width(shown[0]) <= 90.0


def _add_stub(draft: _Draft, value: Value, place_: int, direction: Direction) -> None:
    """Put a constant beside the line that runs to its operation: the first operand before it, the second behind it."""
    text = lines(value.data)[0]
    wide = width(text)
    look = "data constant bad" if _is_bad(value.data) else "data constant"
    first = place_ == 0
    if direction == "LR":
        span, across = max(34.0, wide + 10.0), -30.0 if first else 36.0
        label = Text(span / 2, across - 7.0, text, look, f"{value.id}.data")
    else:
        span, across = 30.0, -30.0 if first else 30.0
        label = Text(across - 8.0, 20.0, text, look, f"{value.id}.data", anchor="end")
        if not first:
            label = label._replace(x=across + 8.0, anchor="start")
    by = span + 24.0
    x, y = (by, 0.0) if direction == "LR" else (0.0, by)
    draft.texts = [t._replace(x=t.x + x, y=t.y + y) for t in draft.texts]
    draft.length += by
    draft.middle += by
    room = 24.0 if direction == "LR" else wide + 10.0
    if first:
        draft.before = max(draft.before, -across + room)
    else:
        draft.after = max(draft.after, across + (8.0 if direction == "LR" else room))
    draft.stub = (span, across)
    draft.stub_draft = _Draft(
        value.id, "wire", span, 24.0, 8.0, (span / 2, 0.0), span / 2, [label], ("constant",), _said(value, "")
    )


def _stub_shape(draft: _Draft, at: tuple[float, float, float], direction: Direction) -> Shape | None:
    if draft.stub is None or draft.stub_draft is None:
        return None
    start, _, axis = at
    span, across = draft.stub
    one = draft.stub_draft
    x, y = (start, axis) if direction == "LR" else (axis, start)
    texts = tuple([t._replace(x=t.x + x, y=t.y + y) for t in one.texts])
    left, top, right, bottom = texts[0].box
    if direction == "LR":
        middle, half = (x + span / 2, y + across), (span / 2, 0.0)
    else:
        middle, half = (x + across, y + span / 2), (0.0, span / 2)
    extent = (
        min(left, middle[0] - half[0]), min(top, middle[1] - half[1]),
        max(right, middle[0] + half[0]), max(bottom, middle[1] + half[1]),
    )  # fmt: skip
    return Shape(one.id, "wire", *extent, *middle, half, texts, one.classes, one.title)


def _boxes(
    structure: Structure, drafts: Sequence[_Draft], links: Sequence[tuple[str, str, int, int]]
) -> tuple[list[Box], list[Line]]:
    known = {d.id: d for d in drafts}
    boxes = [Box(d.id, d.length, d.before, d.after, d.group, d.leaf, d.late) for d in drafts]
    edges = []
    for source, target, out, into in links:
        if source not in known:
            continue  # a constant at its operation
        a, b = known[source], known[target]
        # Up to three operands meet a circle wherever is best: their places only tell their order.
        enters = 13.0 * (into - (b.ports - 1) / 2) if b.ports else 0.001 * into
        leaves = 13.0 * (out - (a.ports_out - 1) / 2) if a.ports_out else 0.0
        edges.append(Line(source, target, leaves, enters))
    return boxes, edges


def _moved(draft: _Draft, at: tuple[float, float, float], direction: Direction) -> Shape:
    start, end, axis = at
    if direction == "LR":
        x, y = start, axis
        middle = (start + draft.middle, axis)
        extent = (start, axis - draft.before, end, axis + draft.after)
    else:
        x, y = axis, start
        middle = (axis, start + draft.middle)
        extent = (axis - draft.before, start, axis + draft.after, end)
    texts = tuple([t._replace(x=t.x + x, y=t.y + y) for t in draft.texts])
    back = tuple([(a + x, b + y) for a, b in draft.back])
    tag = None if draft.tag is None else (draft.tag[0] + x, draft.tag[1] + y, draft.tag[2], draft.tag[3])
    return Shape(
        draft.id, draft.look, *extent, *middle, draft.half, texts, draft.classes, draft.title, draft.order, back, tag
    )


def _fitted(
    structure: Structure,
    shapes: Mapping[str, Shape],
    edges: Sequence[Edge],
    frames: Sequence[Frame],
    crossings: int,
) -> Scene:
    """The scene with its margins, the legend of the orders, and the notice."""
    right = max([s.right for s in shapes.values()] + [f.right for f in frames], default=0.0)
    bottom = max([s.bottom for s in shapes.values()] + [f.bottom for f in frames], default=0.0)
    orders = sorted({f.order for f in structure.operations.values()})
    legend: list[tuple[Text, int]] = []
    y = bottom + 34.0
    if any(orders):
        x = 22.0
        for order in orders:
            name = _order_name(order) + (f" {_primes(order)}" if order else "")
            text = Text(x, y, name, "legend", "", 13.0, "start")
            legend.append((text, order))
            x = text.box[2] + 44.0
        right = max(right, x - 44.0)
        bottom, y = y + 4.0, y + 26.0
    notes = []
    if structure.notice:
        text = Text(0.0, y, shortened(structure.notice, max(right, 420.0), 13.0), "notice", "", 13.0, "start")
        notes.append(text)
        right, bottom = max(right, text.box[2]), y + 4.0
    title = structure.title or "computation graph"
    return Scene(
        right, bottom, shapes, tuple(edges), tuple(frames), tuple(legend), tuple(notes), title,
        _described(structure), crossings,
    )  # fmt: skip


def _described(structure: Structure) -> str:
    """A sentence for those who cannot see the picture; the tree in words is text.py's."""
    results = [structure.values[v] for v in structure.results]
    said = ", ".join([_said(v, _short(v.name)) for v in results])
    count = len(structure.operations)
    return f"{count} operation{'s' * (count != 1)}" + (f"; {said}" if said else "")


def _title(group: Group) -> str:
    name = group.path if group.path else group.kind
    if group.call:
        name += f" ({group.call + 1})"
    return shortened(name, 240.0, 13.0, bold=True) + (f"  × {group.times}" if group.times > 1 else "")


def _frames(structure: Structure, placed: Placed, direction: Direction) -> list[Frame]:
    found = []
    for g, (start, first, end, last) in placed.groups.items():
        left, top, right, bottom = (start, first, end, last) if direction == "LR" else (first, start, last, end)
        name = _title(structure.groups[g])
        title = Text(left + 14.0, top + 20.0, name, "group", "", 13.0, "start", True)
        depth, outer = 0, structure.groups[g].outer
        while outer:
            depth, outer = depth + 1, structure.groups[outer].outer
        found.append(Frame(g, left, top, right, bottom, title, depth))
    return sorted(found, key=lambda frame: frame.depth)


# -- lines -----------------------------------------------------------------------------------------


def _number(x: float) -> str:
    text = f"{x:.1f}".removesuffix(".0")
    return "0" if text == "-0" else text


def _point(x: float, y: float, direction: Direction) -> str:
    return f"{_number(x)} {_number(y)}" if direction == "LR" else f"{_number(y)} {_number(x)}"


def _curve(corners: Sequence[tuple[float, float]], direction: Direction) -> str:
    """Straight along the main direction, and a smooth bend wherever the line has to climb."""
    parts = [f"M{_point(*corners[0], direction)}"]
    for (a, b), (c, d) in pairwise(corners):
        if abs(b - d) < 0.05:
            parts.append(f"L{_point(c, d, direction)}")
        else:
            bend = (c - a) / 2
            control = f"{_point(a + bend, b, direction)} {_point(c - bend, d, direction)}"
            parts.append(f"C{control} {_point(c, d, direction)}")
    return "".join(parts)


def _head(x: float, y: float, along: float, across: float, direction: Direction, size: float = 7.0) -> str:
    """An arrow head with its tip at (x, y), pointing in the direction (along, across)."""
    norm = math.hypot(along, across) or 1.0
    u, v = along / norm, across / norm
    wide = 0.46 * size
    one = (x - size * u - wide * v, y - size * v + wide * u)
    other = (x - size * u + wide * v, y - size * v - wide * u)
    notch = (x - 0.72 * size * u, y - 0.72 * size * v)
    return "M" + "L".join([_point(*p, direction) for p in ((x, y), one, notch, other)]) + "Z"


def _angles(heights: Sequence[float]) -> list[float]:
    """Where lines from these heights meet a circle, in degrees from its start; in order and apart from each other."""
    # What comes from far comes flatter, lest it meet what stands above or below the circle.
    wanted = [(54.0 if abs(height) < 80.0 else 46.0) * max(-1.0, min(1.0, height / 34.0)) for height in heights]
    apart = 44.0 if len(wanted) < 3 else 40.0
    # Pool what is too close around its mean, as in isotonic regression.
    pools: list[list[float]] = []
    for i, angle in enumerate(wanted):
        pools.append([angle - i * apart, 1.0])
        while len(pools) > 1 and pools[-2][0] > pools[-1][0]:
            mean, count = pools.pop()
            total = pools[-1][1] + count
            pools[-1] = [(pools[-1][0] * pools[-1][1] + mean * count) / total, total]
    flat = [mean for mean, count in pools for _ in range(int(count))]
    found = [angle + i * apart for i, angle in enumerate(flat)]
    over = max(0.0, max(found) - 62.0) - max(0.0, -62.0 - min(found))
    return [angle - over for angle in found]


def _edges(
    structure: Structure,
    links: Sequence[tuple[str, str, int, int]],
    placed: Placed,
    shapes: Mapping[str, Shape],
    direction: Direction,
    drafts: Mapping[str, _Draft],
    style: Style,
) -> list[Edge]:
    incoming: dict[str, list[int]] = {}
    for n, (_, target, _, _) in enumerate(links):
        incoming.setdefault(target, []).append(n)
    routes = iter(placed.routes)
    ways = []
    for source, *_ in links:
        if source in drafts:
            ways.append(list(next(routes)))
        else:
            end = shapes[source]
            at = (end.x + end.half[0], end.y + end.half[1])
            ways.append([at if direction == "LR" else at[::-1]])
    finals: dict[int, tuple[str, str]] = {}
    for target, numbers in incoming.items():
        shape, draft = shapes[target], drafts[target]
        center = (shape.x, shape.y) if direction == "LR" else (shape.y, shape.x)
        half = shape.half if direction == "LR" else shape.half[::-1]
        arrow = target in structure.operations or style != "lecture"
        if draft.ports or (shape.look == "wire"):
            for n in numbers:
                if shape.look != "wire":
                    ways[n][-1] = (center[0] - half[0], ways[n][-1][1])
                    tip = ways[n][-1]
                    finals[n] = ("", _head(*tip, 1.0, 0.0, direction))
            continue
        for n in numbers:  # lines end where the last bend would begin: the shape decides how they come in
            while len(ways[n]) > 1 and ways[n][-1][0] > center[0] - half[0] - 16.0:
                ways[n].pop()
            latest = center[0] - half[0] - 56.0
            if ways[n][-1][0] < latest and len(ways[n]) > 1 and abs(ways[n][-1][1] - center[1]) < 1.0:
                ways[n].append((latest, ways[n][-1][1]))
        spots = [ways[n][-1] for n in numbers]
        ease = 0.3 if shape.look == "oval" else 1.0  # ovals are wide: a line that met them from above would cut corners
        angles = [ease * angle for angle in _angles([spot[1] - center[1] for spot in spots])]
        for n, spot, angle in zip(numbers, spots, angles):
            finals[n] = _landing(spot, center, half, angle, shape.look, direction, arrow)
    found = []
    drawn: dict[tuple[str, int], set[tuple[tuple[float, float], tuple[float, float]]]] = {}
    joints: set[tuple[str, tuple[float, float]]] = set()
    for n, (source, target, out, _) in enumerate(links):
        way = ways[n]
        _meet_rims(way, shapes[source], shapes[target], direction)
        # Lines of one value run together at first: each is drawn from where it parts from those before it.
        another = (source, out) in drawn
        before = drawn.setdefault((source, out), set())
        shared = 0
        while shared < len(way) - 1 and (way[shared], way[shared + 1]) in before:
            shared += 1
        parted = another and (source, way[shared]) not in joints
        before.update(pairwise(way))
        if parted:
            joints.add((source, way[shared]))
        x, y = way[shared] if direction == "LR" else way[shared][::-1]
        landing, head = finals.get(n, ("", ""))
        value = structure.values.get(source) or structure.values.get(target)
        order = structure.operations[target].order if target in structure.operations else (value.order if value else 0)
        constant = value is not None and value.kind == "constant"
        path = _curve(way[shared:], direction) + landing
        found.append(Edge(source, target, path, head, (x, y) if parted else None, order, constant))
    return found


def _meet_rims(way: list[tuple[float, float]], source: Shape, target: Shape, direction: Direction) -> None:
    """Let a line begin at the rim of what it comes from; and run into the line of a wire, not up to its name."""
    center, half = (source.x, source.half[0]) if direction == "LR" else (source.y, source.half[1])
    if source.look != "wire":
        rim = (center + half, way[0][1])
        if rim[0] < way[0][0] - 0.5 and not (len(way) > 1 and way[1][1] == rim[1]):
            way.insert(0, rim)
        else:
            way[0] = rim
    if target.look == "wire":
        center, half = (target.x, target.half[0]) if direction == "LR" else (target.y, target.half[1])
        way[-1] = (center - half, way[-1][1])


def _landing(
    spot: tuple[float, float],
    center: tuple[float, float],
    half: tuple[float, float],
    angle: float,
    look: str,
    direction: Direction,
    arrow: bool,
) -> tuple[str, str]:
    """The last stretch of a line, to the rim of what it ends at, and the head of its arrow."""
    turn = math.radians(angle)
    if look in ("circle", "oval"):
        tip = (center[0] - half[0] * math.cos(turn), center[1] + half[1] * math.sin(turn))
        toward = (math.cos(turn) / half[0] * half[1], -math.sin(turn))
    else:
        tip = (center[0] - half[0], center[1] + (half[1] - 5.0) * max(-1.0, min(1.0, angle / 54.0)))
        toward = (1.0, 0.0)
    norm = math.hypot(*toward)
    toward = (toward[0] / norm, toward[1] / norm)
    base = (tip[0] - 5.0 * toward[0], tip[1] - 5.0 * toward[1]) if arrow else tip
    if abs(base[1] - spot[1]) < 0.05 and abs(toward[1]) < 0.01:
        path = f"L{_point(*base, direction)}"
    else:
        reach = max(8.0, 0.5 * (base[0] - spot[0]))
        control = (spot[0] + reach, spot[1])
        near = min(0.42 * math.hypot(base[0] - spot[0], base[1] - spot[1]), 0.5 * (base[0] - spot[0]) + 8.0)
        other = (base[0] - near * toward[0], base[1] - near * toward[1])
        path = f"C{_point(*control, direction)} {_point(*other, direction)} {_point(*base, direction)}"
    return path, _head(*tip, *toward, direction) if arrow else ""


# -- places from Graphviz --------------------------------------------------------------------------


def placed_by_graphviz(
    boxes: Sequence[Box], lines_: Sequence[Line], run: Callable[[str], str], direction: Direction = "LR"
) -> Placed:
    """Let Graphviz place boxes, where there are too many for `place`.

    Parameters
    ----------
    boxes, lines_ : sequences of Box and Line
    run : function from text in DOT to what ``dot -Tplain`` writes for it
    direction : {"LR", "TB"}

    Raises
    ------
    ValueError
        If `run` returns no picture in the format plain.
    """
    number = {box.id: n for n, box in enumerate(boxes)}
    text = ["digraph {", f"rankdir={direction}; ordering=in; nodesep=0.3; ranksep=0.65; splines=polyline;"]
    text.append('node [shape=box, fixedsize=true, label=""]; edge [arrowhead=none];')
    for n, box in enumerate(boxes):
        across = 2 * max(box.before, box.after)
        wide, high = (box.length, across) if direction == "LR" else (across, box.length)
        text.append(f"b{n} [width={wide / 72:.4f}, height={high / 72:.4f}];")
    text += [f"b{number[line.source]} -> b{number[line.target]};" for line in lines_]
    text.append("}")
    rows = [row.split() for row in run("\n".join(text)).splitlines()]
    if not rows or not rows[0] or rows[0][0] != "graph":
        raise ValueError("placed_by_graphviz expects the format plain, which begins with the word graph")
    height = float(rows[0][3])

    def spot(x: str, y: str) -> tuple[float, float]:
        a, b = 72 * float(x), 72 * (height - float(y))
        return (a, b) if direction == "LR" else (b, a)

    placed: dict[str, tuple[float, float, float]] = {}
    ways: dict[tuple[str, str], list[tuple[tuple[float, float], ...]]] = {}
    for row in rows:
        if row[0] == "node":
            box = boxes[int(row[1][1:])]
            along, across = spot(row[2], row[3])
            placed[box.id] = (along - box.length / 2, along + box.length / 2, across)
        elif row[0] == "edge":
            source, target = boxes[int(row[1][1:])], boxes[int(row[2][1:])]
            count = int(row[3])
            points = [spot(row[4 + 2 * i], row[5 + 2 * i]) for i in range(0, count, 3)]
            ways.setdefault((source.id, target.id), []).append(tuple(points))
    routes = []
    for line in lines_:
        _, end, axis = placed[line.source]
        start, _, axis_to = placed[line.target]
        way = [(end, axis + line.leaves)]
        for bend in ways[line.source, line.target].pop(0)[1:-1]:
            if way[-1][0] + 30.0 < bend[0] < start - 30.0:  # room for a smooth bend on both sides
                way.append(bend)
        routes.append((*way, (start, axis_to + line.enters)))
    size = (72 * float(rows[0][2]), 72 * height)
    return Placed(placed, {}, tuple(routes), size if direction == "LR" else size[::-1], 0)


# -- writing ---------------------------------------------------------------------------------------

_LIGHT: dict[str, str | tuple[str, ...]] = {
    "paper": "#ffffff", "ink": "#27313b", "soft": "#5d6b78", "line": "#4a5763", "forward": "#0062a3",
    "backward": "#b84a00", "bad": "#c1121f", "parameter": "#00795a", "frame": "#27313b", "oval": "#ffb84d",
    "oval-ink": "#3a2500", "box": "#a9dcf5", "box-ink": "#0b2c3d", "blank": "#fff7dc", "blank-line": "#b08900",
    "orders": ("#ffffff", "#d9f2e8", "#f6e0ee", "#fdebc4", "#dbeefb"),
    "order-lines": ("#4a5763", "#00795a", "#a3457f", "#9a6700", "#0072b2"),
}  # fmt: skip
_DARK: dict[str, str | tuple[str, ...]] = {
    "paper": "#12171d", "ink": "#e7ecf1", "soft": "#9aa8b5", "line": "#aab6c1", "forward": "#6cc0f5",
    "backward": "#f2a54a", "bad": "#ff7b7b", "parameter": "#4fd1a5", "frame": "#dfe8f0", "oval": "#d98a1f",
    "oval-ink": "#1c1100", "box": "#5fb4dc", "box-ink": "#04161f", "blank": "#2b2612", "blank-line": "#d9b23c",
    "orders": ("#1b222a", "#12382d", "#3d2334", "#3d2f0e", "#10304a"),
    "order-lines": ("#aab6c1", "#4fd1a5", "#e59ac5", "#e9b949", "#6cc0f5"),
}  # fmt: skip


def _rules(colours: Mapping[str, str | tuple[str, ...]], tints: Sequence[str], scope: str) -> str:
    """Style rules for one set of colours. Plain rules without variables: not every program that draws SVG has them."""
    c = colours
    rules = [
        (".paper", f"fill:{c['paper']}"),
        ("text", f"fill:{c['ink']}"),
        (".line,.edge", f"stroke:{c['line']}"),
        (".head,.joint", f"fill:{c['line']}"),
        (".data", f"fill:{c['forward']}"),
        (".grad,.local", f"fill:{c['backward']}"),
        (".back", f"stroke:{c['backward']}"),
        (".backhead", f"fill:{c['backward']}"),
        ("text.bad", f"fill:{c['bad']}"),
        (".soft,.detail,.notice,.legend", f"fill:{c['soft']}"),
        ("text.constant", f"fill:{c['soft']}"),
        ("text.parameter", f"fill:{c['parameter']}"),
        (".tag", f"stroke:{c['parameter']}"),
        (".end", f"stroke:{c['line']};fill:{c['paper']}"),
        (".input .end", f"fill:{c['line']}"),
        (".frame rect", f"fill:{c['frame']};stroke:{c['frame']}"),
        (".frame text", f"fill:{c['soft']}"),
        (".oval", f"fill:{c['oval']};stroke:{c['oval']}"),
        (".on-oval text", f"fill:{c['oval-ink']}"),
        (".rule", f"stroke:{c['oval-ink']};stroke-opacity:.45"),
        (".box", f"fill:{c['box']};stroke:{c['box']}"),
        (".on-box text.op", f"fill:{c['box-ink']}"),
        (".parameter .oval", f"stroke:{c['oval-ink']}"),
        (".blank", f"fill:{c['blank']};stroke:{c['blank-line']}"),
    ]
    for order, (fill, line) in enumerate(zip(c["orders"], c["order-lines"])):
        rules.append((f".order{order} .body", f"fill:{fill};stroke:{line}"))
        if order:
            rules.append((f".order{order} .mark", f"fill:{line}"))
    for n, tint in enumerate(tints):
        rules += [(f".tint{n} .body", f"stroke:{tint};stroke-width:2.2"), (f".tint{n} .local", f"fill:{tint}")]
    return "".join(
        [",".join([f"{scope} {part}" for part in where.split(",")]) + "{" + what + "}" for where, what in rules]
    )


def styles(theme: Theme = "auto", scope: str = "") -> str:
    """The style sheet of a picture; `scope` is the selector of the element that it holds for."""
    scope = scope or f".dezero-{theme}"
    common = (
        f"{scope} text{{font-family:{FONTS};font-variant-numeric:lining-nums;stroke:none}}"
        f"{scope} .line,{scope} .edge,{scope} .back{{fill:none;stroke-width:1.5;stroke-linecap:round}}"
        f"{scope} .back{{stroke-width:1.3;stroke-dasharray:4 3.2;stroke-linecap:butt}}"
        f"{scope} .body{{stroke-width:1.6}}{scope} .end{{stroke-width:1.5}}"
        f"{scope} .tag{{fill:none;stroke-width:1.5}}"
        f"{scope} .frame rect{{fill-opacity:.045;stroke-opacity:.28;stroke-width:1}}"
        f"{scope} .box,{scope} .oval{{stroke-width:1.5}}{scope} .constant .oval{{fill-opacity:.55}}"
        f"{scope} .parameter .oval{{stroke-width:2}}"
        f"{scope} .edge.constant{{stroke-dasharray:1.5 3.5}}{scope} .blank{{stroke-width:1.3;stroke-dasharray:3 2}}"
        f""
    )
    if theme == "light":
        return common + _rules(_LIGHT, PALETTE, scope)
    if theme == "dark":
        return common + _rules(_DARK, PALETTE_DARK, scope)
    return (
        common
        + _rules(_LIGHT, PALETTE, scope)
        + "@media(prefers-color-scheme:dark){"
        + _rules(_DARK, PALETTE_DARK, scope)
        + "}"
    )


def svg(
    structure: Structure,
    *,
    style: Style = "lecture",
    direction: Direction = "LR",
    labels: Labels = "values",
    local: bool = False,
    theme: Theme = "auto",
    hidden: Collection[str] = frozenset(),
    blank: Collection[str] = frozenset(),
    prefix: str = "",
    run: Callable[[str], str] | None = None,
) -> str:
    """Draw a graph as SVG.

    Parameters
    ----------
    structure : Structure
    style, direction, labels, local, run
        As `scene` has them.
    theme : {"auto", "light", "dark"}
        "auto" follows the setting of the reader's system.
    hidden, blank : collections of keys
        ``"v3.data"`` and ``"v3.grad"`` are the texts of a wire, ``"v3"`` is the wire itself, ``"f0"`` an operation,
        and ``"f0.local1"`` its local derivative by the second operand. Hidden things keep their place and are not
        drawn; blank texts become an empty box. Nothing of either is in the file.
    prefix : str
        Goes before every id, for pages with several pictures.

    Raises
    ------
    ValueError
        If a setting is none of the above.
    """
    if theme not in ("auto", "light", "dark"):
        raise ValueError(f"a picture has theme 'auto' or 'light' or 'dark', got {theme!r}")
    drawn = scene(structure, style=style, direction=direction, labels=labels, local=local, run=run)
    return written(drawn, theme=theme, hidden=hidden, blank=blank, prefix=prefix)


def written(
    drawn: Scene,
    *,
    theme: Theme = "auto",
    hidden: Collection[str] = frozenset(),
    blank: Collection[str] = frozenset(),
    prefix: str = "",
) -> str:
    """Write a scene down as SVG; the settings are those of `svg`."""
    wide, high = drawn.width + 2 * _MARGIN, drawn.height + 2 * _MARGIN
    title, about = escaped(f"{prefix}title"), escaped(f"{prefix}about")
    said = "" if hidden or blank else escaped(drawn.description)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{_number(-_MARGIN)} {_number(-_MARGIN)} {_number(wide)} '
        f'{_number(high)}" width="{_number(wide)}" height="{_number(high)}" class="dezero dezero-{theme}" role="img" '
        f'aria-labelledby="{title} {about}">',
        f'<title id="{title}">{escaped(drawn.title)}</title>',
        f'<desc id="{about}">{said}</desc>',
        f"<style>{styles(theme)}</style>",
        f'<rect class="paper" x="{_number(-_MARGIN)}" y="{_number(-_MARGIN)}" width="{_number(wide)}" '
        f'height="{_number(high)}" rx="10"/>',
    ]  # fmt: skip
    for frame in drawn.frames:
        rect = _rect("", frame.left, frame.top, frame.right - frame.left, frame.bottom - frame.top, 12.0)
        parts.append(f'<g class="frame" data-g="{frame.id}">{rect}{_text(frame.title)}</g>')
    for edge in drawn.edges:
        if edge.source not in hidden and edge.target not in hidden:
            parts.append(_edge(edge))
    for shape in drawn.shapes.values():
        if shape.id not in hidden:
            parts.append(_shape(shape, hidden, blank, prefix))
    for text, order in drawn.legend:
        parts.append(
            f'<g class="op order{order % 5}"><circle class="body" cx="{_number(text.x - 14)}" '
            f'cy="{_number(text.y - 4.5)}" r="7"/></g>{_text(text)}'
        )
    parts += [_text(text) for text in drawn.notes]
    return "\n".join(parts) + "\n</svg>\n"


def _text(text: Text) -> str:
    bold = ' font-weight="600"' if text.bold else ""
    key = f' data-key="{text.key}"' if text.key else ""
    return (
        f'<text class="{text.look}" x="{_number(text.x)}" y="{_number(text.y)}" font-size="{_number(text.size)}" '
        f'text-anchor="{text.anchor}"{bold}{key}>{escaped(text.text)}</text>'
    )


def _edge(edge: Edge) -> str:
    ends = f'data-from="{edge.source}" data-to="{edge.target}"'
    look = "edge" + (" constant" if edge.constant else "")
    parts = [f'<path class="{look}" {ends} d="{edge.path}"/>']
    if edge.arrow:
        parts.append(f'<path class="head" {ends} d="{edge.arrow}"/>')
    if edge.joint is not None:
        parts.append(
            f'<circle class="joint" {ends} cx="{_number(edge.joint[0])}" cy="{_number(edge.joint[1])}" r="2.8"/>'
        )
    return "".join(parts)


def _shape(shape: Shape, hidden: Collection[str], blank: Collection[str], prefix: str) -> str:
    concealed = any(key.partition(".")[0] == shape.id for key in (*hidden, *blank))
    value = shape.look in ("wire", "oval")
    title = shape.title.partition(":")[0] if concealed and value else shape.title
    what = f'class="wire {" ".join(shape.classes)}" data-v' if value else f'class="op {" ".join(shape.classes)}" data-f'
    if shape.look == "oval":
        what = what.replace('"wire ', '"wire on-oval ')
    elif shape.look == "box":
        what = what.replace('"op ', '"op on-box ')
    parts = [f'<g id="{escaped(prefix)}{shape.id}" {what}="{shape.id}"><title>{escaped(title)}</title>']
    parts += _body(shape)
    if shape.back and f"{shape.id}.grad" not in hidden:
        (a, b), (c, d) = shape.back
        direction: Direction = "LR" if b == d else "TB"
        tip = _head(c, b, -1.0, 0.0, "LR", 6.0) if direction == "LR" else _head(d, a, -1.0, 0.0, "TB", 6.0)
        parts.append(
            f'<path class="back" data-key="{shape.id}.grad" d="M{_number(a)} {_number(b)}L{_number(c)} {_number(d)}"/>'
            f'<path class="backhead" data-key="{shape.id}.grad" d="{tip}"/>'
        )
    boxed: set[str] = set()
    for text in shape.texts:
        if text.key and text.key in hidden:
            continue
        if text.key and text.key in blank:
            if text.key not in boxed:
                boxed.add(text.key)
                parts.append(_blank([t for t in shape.texts if t.key == text.key]))
            continue
        parts.append(_text(text))
    return "".join(parts) + "</g>"


def _body(shape: Shape) -> list[str]:
    x, y, (half_x, half_y) = shape.x, shape.y, shape.half
    if shape.look == "wire":
        start, end = (x - half_x, y - half_y), (x + half_x, y + half_y)
        parts = [
            f'<path class="line" d="M{_number(start[0])} {_number(start[1])}L{_number(end[0])} {_number(end[1])}"/>'
        ]
        if "end-of-line" in shape.classes:
            across = half_x == 0
            tip = _head(end[1], end[0], 1.0, 0.0, "TB") if across else _head(*end, 1.0, 0.0, "LR")
            parts.append(f'<path class="head" d="{tip}"/>')
        if shape.tag is not None:
            parts.append(_rect("tag", *shape.tag, 5.0))
        elif "input" in shape.classes:
            parts.append(f'<circle class="end" cx="{_number(start[0])}" cy="{_number(start[1])}" r="2.6"/>')
        elif "constant" in shape.classes:
            parts.append(f'<circle class="end" cx="{_number(start[0])}" cy="{_number(start[1])}" r="3"/>')
        return parts
    if shape.look == "circle":
        return [f'<circle class="body" cx="{_number(x)}" cy="{_number(y)}" r="{_number(half_x)}"/>']
    if shape.look == "oval":
        body = (
            f'<ellipse class="oval" cx="{_number(x)}" cy="{_number(y)}" rx="{_number(half_x)}" ry="{_number(half_y)}"/>'
        )
        if shape.tag is None:
            return [body]
        a, b, wide, _ = shape.tag
        return [body, f'<path class="rule" d="M{_number(a)} {_number(b)}h{_number(wide)}"/>']
    radius = {"box": 3.0, "stack": 8.0}.get(shape.look, min(half_x, half_y, 17.0))
    look = "box" if shape.look == "box" else "body"
    shifts = (4.0, 2.0, 0.0) if shape.look == "stack" else (0.0,)
    return [_rect(look, x - half_x + by, y - half_y - by, 2 * half_x, 2 * half_y, radius) for by in shifts]


def _rect(look: str, x: float, y: float, wide: float, high: float, round_: float, more: str = "") -> str:
    return (
        f'<rect class="{look}"{more} x="{_number(x)}" y="{_number(y)}" width="{_number(wide)}" '
        f'height="{_number(high)}" rx="{_number(round_)}"/>'
    )


def _blank(texts: Sequence[Text]) -> str:
    """An empty box where the texts would stand; it is no wider for a long answer than there is room for."""
    left = min(t.box[0] for t in texts)
    top = min(t.box[1] for t in texts)
    right = max(t.box[2] for t in texts)
    bottom = max(t.box[3] for t in texts)
    grow = max(0.0, 44.0 - (right - left))
    share = {"middle": 0.5, "start": 0.0, "end": 1.0}[texts[0].anchor]
    left, right = left - grow * share - 2.0, right + grow * (1 - share) + 2.0
    key = f' data-key="{texts[0].key}"'
    return _rect("blank", left, top - 1.0, right - left, bottom - top + 2.0, 3.0, key)
