"""The nodes of a picture: how large each is, and what stands where in it, before it has a place of its own.

A `Sketch` is drawn around its own origin; `placed_shape` moves it to where the layout has found room for it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Literal, NamedTuple

from dezero.viz.colours import PALETTE, colour
from dezero.viz.labels import ROOM, is_bad, lines
from dezero.viz.measure import shortened, width
from dezero.viz.structure import Local, Operation, Structure, Value

__all__ = [
    "Direction", "Shape", "Sketch", "Style", "Text", "add_stub", "is_plain", "operation", "order_name", "oval",
    "placed_shape", "primes", "said", "short", "stub_shape", "wire",
]  # fmt: skip

Direction = Literal["LR", "TB"]
Style = Literal["lecture", "dezero", "compact"]

ORDERS = ("forward", "1st derivative", "2nd derivative", "3rd derivative")  # and so on

_BIG, _NORMAL, _SMALL = 18.0, 15.0, 12.0  # sizes of letters
_RADIUS = 19.0
_NAME = 200.0  # room for a name


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


@dataclass(slots=True, eq=False, repr=False)
class Sketch:
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
    stubs: list[Stub] = field(default_factory=list)


class Stub(NamedTuple):
    """A leaf that stands right at its operation, and moves with it."""

    leaf: Sketch
    x: float  # where its wire begins, from where the operation's sketch begins
    y: float
    side: bool  # comes in from the side, and not with the other operands


# -- the lecture -----------------------------------------------------------------------------------


def short(name: str) -> str:
    return shortened(" ".join(name.split()), _NAME, _NORMAL)


def said(value: Value, name: str) -> str:
    data = ", ".join(lines(value.data)) if value.data is not None else ""
    return f"{value.kind} {name}".strip() + (f": {data}" if data else "")


def wire(
    value: Value, direction: Direction, symbols: tuple[str, str] | None, used: bool, beside: bool = False
) -> Sketch:
    """The sketch of a wire: value on one side of the line, derivative on the other, a name where it starts or ends.

    One `beside` its operation runs from right to left, from its name.
    """
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
    name = short(value.name)
    starts, ends = value.maker is None, value.maker is not None and not used
    if symbols is not None:
        data, grads = (symbols[0],), (symbols[1],) if symbols[1] else ()
        name = "" if value.kind != "parameter" else name
    above: list[Text] = []
    if name and not starts and not ends:
        above.append(Text(0, 0, name, "name", "", 13.0))
    look = "data bad" if is_bad(value.data) else "data"
    size = _NORMAL if len(data) == 1 else 12.5
    above += [Text(0, 0, text, look, f"{value.id}.data", size) for text in data]
    look = "grad bad" if is_bad(value.grad) else "grad"
    size = _NORMAL if len(grads) == 1 and not grads[0].startswith(("mean ", "all ")) else 12.5
    below = [Text(0, 0, text, look, f"{value.id}.grad", size) for text in grads]
    known = bool(grads) and (symbols is not None or value.grad is not None)
    sketch = (_wire_across if direction == "LR" or beside else _wire_down)(value, above, below, known)
    if name and beside:
        _add_tag(sketch, value, name, False, "LR")
        sketch.back = sketch.back[::-1]
    elif name and (starts or ends):
        _add_tag(sketch, value, name, starts, direction)
    sketch.title = said(value, name)
    sketch.leaf, sketch.late, sketch.group, sketch.order = starts, True, value.group, value.order
    made = value.kind == "constant" and not starts
    sketch.classes = (
        value.kind, *(["made"] * made), *(["known"] * known), *(["end-of-line"] * ends),
    )  # fmt: skip
    return sketch


def _widest(texts: Sequence[Text]) -> float:
    return max([width(t.text, t.size, t.bold) for t in texts], default=0.0)


def _wire_across(value: Value, above: Sequence[Text], below: Sequence[Text], known: bool) -> Sketch:
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
    return Sketch(value.id, "wire", span, before, after, (span / 2, 0.0), span / 2, texts, back=back)


def _wire_down(value: Value, above: Sequence[Text], below: Sequence[Text], known: bool) -> Sketch:
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
    return Sketch(value.id, "wire", span, left, right, (0.0, span / 2), span / 2, texts, back=back)


def _add_tag(sketch: Sketch, value: Value, name: str, starts: bool, direction: Direction) -> None:
    """Put the name before the start of a wire or behind its end; parameters have a frame around it."""
    parameter = value.kind == "parameter"
    tag = width(name, _NORMAL, bold=not starts) + (18.0 if parameter else 2.0)
    look = f"name {value.kind}"
    if direction == "LR":
        gap = 4.0 if parameter else 9.0 if starts else 10.0
        if starts:
            by = tag + gap
            sketch.texts = [t._replace(x=t.x + by) for t in sketch.texts]
            sketch.back = tuple([(x + by, y) for x, y in sketch.back])
            sketch.middle += by
            sketch.texts.append(Text(tag / 2, 5.0, name, look))
        else:
            by = 0.0
            sketch.texts.append(Text(sketch.length + gap + tag / 2, 5.0, name, look, bold=value.maker is not None))
        if parameter:
            x = 0.0 if starts else sketch.length + gap
            sketch.tag = (x, -13.0, tag, 26.0)
        sketch.length += tag + gap
        sketch.before, sketch.after = max(sketch.before, 14.0), max(sketch.after, 14.0)
        return
    gap = 30.0 if parameter else 29.0
    if starts:
        sketch.texts = [t._replace(y=t.y + gap) for t in sketch.texts]
        sketch.back = tuple([(x, y + gap) for x, y in sketch.back])
        sketch.middle += gap
        sketch.texts.append(Text(0.0, 17.0, name, look))
        if parameter:
            sketch.tag = (-tag / 2, 0.0, tag, 25.0)
    else:
        sketch.texts.append(Text(0.0, sketch.length + 22.0, name, look, bold=True))
        if parameter:
            sketch.tag = (-tag / 2, sketch.length + 5.0, tag, 25.0)
    sketch.length += gap
    sketch.before, sketch.after = max(sketch.before, tag / 2 + 2.0), max(sketch.after, tag / 2 + 2.0)


def primes(order: int) -> str:
    return "′" * order if order < 4 else f"({order})"


def operation(
    f: Operation,
    structure: Structure,
    style: Style,
    direction: Direction,
    local: bool,
    names: Mapping[str, str],
    parameters: Sequence[Sketch] = (),
) -> Sketch:
    """The sketch of an operation, with parameters beside it that nothing else takes; `names` in symbolic pictures."""
    symbolic = bool(names)
    group = structure.groups.get(f.group)
    folded = group is not None and group.folded
    text = shortened(f.kind if style == "dezero" else f.symbol, _NAME, _NORMAL)
    size = _BIG if style == "lecture" and len(text) <= 2 else _NORMAL
    wide = width(text, size)
    ins, outs = len(f.inputs) - len(parameters), len(f.outputs)
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
    sketch = Sketch(f.id, look, length, extent_cross + 2.0, extent_cross + 2.0, half, extent_main)
    middle = (0.0, extent_main) if across else (extent_main, 0.0)
    texts = [Text(middle[0], middle[1] + size * 0.35, text, "op", "", size)]
    notes_above: list[Text] = []
    notes_below: list[Text] = []
    if local:
        words = names or structure.places(f)
        shown = [(i, _factor(one, words, symbolic)) for i, one in enumerate(f.locals)]
        shown = [(i, label) for i, label in shown if label]
        split = (len(shown) + 1) // 2
        for i, label in shown[:split]:
            notes_above.append(Text(0, 0, label, "local", f"{f.id}.local{i}", _SMALL))
        for i, label in shown[split:]:
            notes_below.append(Text(0, 0, label, "local", f"{f.id}.local{i}", _SMALL))
    times = group.times if group is not None and folded else 1
    if times > 1:
        notes_above.insert(0, Text(0, 0, f"× {times}", "times", "", _SMALL, bold=True))
    path = group.path if group is not None and folded and group.path != group.kind else ""
    if detail := ", ".join([word for word in (path, f.detail) if word]):
        notes_below.append(Text(0, 0, shortened(detail, ROOM, _SMALL), "detail", "", _SMALL))
    if f.order and style != "dezero":
        notes_above.append(Text(0, 0, primes(f.order), "mark", "", _SMALL, bold=True))
    if across:
        if parameters:  # the other side is theirs
            notes_above, notes_below = [*notes_above, *notes_below], []
        _beside(sketch, texts, notes_above, notes_below, half, extent_main, 5.0 if folded else 0.0)
        _add_parameters(sketch, parameters)
    else:
        y = -half[1] - 6.0 - (4.0 if folded else 0.0)
        for t in reversed(notes_above):
            texts.append(_note(sketch, t, y))
            y -= 15.0
            sketch.before = -y - 1.0
        y = half[1] + 15.0
        for t in notes_below:
            texts.append(_note(sketch, t, y))
            sketch.after = y + 5.0
            y += 15.0
        sketch.texts = texts
    sketch.group = f.group
    if folded and group is not None:
        sketch.group = group.outer
    sketch.order = f.order
    tint = f"tint{_tint(f.id)}" if (local or symbolic) and style == "lecture" and not f.order else ""
    sketch.classes = (f"order{f.order % 5}", *((tint,) if tint else ()))
    title = f"{f.kind}" + (f" ({f.detail})" if f.detail else "") + (f", {order_name(f.order)}" if f.order else "")
    sketch.title = title + (f"\n{f.line}" if f.line else "")
    sketch.ports = ins if ins > 3 else 0
    sketch.ports_out = outs if outs > 1 and style != "compact" else 0
    return sketch


def _note(sketch: Sketch, text: Text, y: float) -> Text:
    """Put a small text above or below an operation; a wide one begins in its middle, for lines come from before."""
    wide = width(text.text, text.size, text.bold)
    if wide <= 2 * sketch.half[0]:
        return text._replace(x=sketch.middle, y=y)
    left = sketch.middle - 0.4 * sketch.half[0]
    sketch.length = max(sketch.length, left + wide)
    return text._replace(x=left, y=y, anchor="start")


def _beside(
    sketch: Sketch,
    texts: list[Text],
    left: Sequence[Text],
    right: Sequence[Text],
    half: tuple[float, float],
    main: float,
    shift: float,
) -> None:
    for side, x, anchor in ((left, -half[0] - 7.0, "end"), (right, half[0] + 7.0 + shift, "start")):
        y = main - (len(side) - 1) * 7.5 + 4.0
        for t in side:
            texts.append(t._replace(x=x, y=y, anchor=anchor))  # type: ignore[arg-type]
            y += 15.0
        room = _widest(side)
        if room and anchor == "end":
            sketch.before = half[0] + 9.0 + room
        elif room:
            sketch.after = half[0] + 9.0 + shift + room
    sketch.texts = texts


def _factor(one: Local | None, words: Mapping[str, str], symbolic: bool) -> str:
    if one is None:
        return ""
    if not symbolic and one.value is not None and one.value.entries is not None and one.value.shape == ():
        return f"× {lines(one.value)[0]}"
    return shortened(f"× {one.said(words)}" if one.formula else "", 110.0, _SMALL)


def _tint(id: str) -> int:
    """Place among the colours that tell operations apart, so that a formula can have the same ones."""
    return PALETTE.index(colour(id))


def order_name(order: int) -> str:
    return ORDERS[order] if order < len(ORDERS) else f"{order}th derivative"


# -- the ovals of the book -------------------------------------------------------------------------


def oval(value: Value, direction: Direction) -> Sketch:
    name = short(value.name)
    data = lines(value.data)[0] if value.data is not None else ""
    rows: list[Text] = []
    if name:
        rows.append(Text(0, 0, name, "name", "", _NORMAL))
    if data:
        look = "data bad" if is_bad(value.data) else "data"
        rows.append(Text(0, 0, data, look, f"{value.id}.data", 13.0 if name else 14.0))
    grads = lines(value.grad)
    if value.grad is not None and len(grads) == 1:
        rows.append(Text(0, 0, grads[0], "grad", f"{value.id}.grad", 13.0))
    wide = max([width(t.text, t.size) for t in rows], default=0.0)
    tall = sum(t.size * 1.22 for t in rows)
    half = (max(36.0, (wide / 2 + 8.0) * (1.15 if len(rows) < 2 else 1.3)), max(19.0, tall / 2 + 9.0))
    half = (max(half[0], 1.4 * half[1]), half[1])
    main, cross = (half[1], half[0]) if direction == "TB" else half
    sketch = Sketch(value.id, "oval", 2 * main, cross + 2.0, cross + 2.0, half, main)
    x, y = (0.0, main) if direction == "TB" else (main, 0.0)
    y -= tall / 2
    for t in rows:
        y += t.size * 1.22
        sketch.texts.append(t._replace(x=x, y=y - t.size * 0.3))
    if [t.look.split()[0] for t in rows[-2:]] == ["data", "grad"]:  # a rule between the two, as on a wire
        sketch.tag = (x - 0.4 * half[0], y - rows[-1].size * 1.22 - 0.5, 0.8 * half[0], 0.0)
    sketch.title, sketch.order, sketch.group = said(value, name), value.order, value.group
    sketch.leaf, sketch.late = value.maker is None, value.maker is None
    sketch.classes = (value.kind,)
    return sketch


# -- leaves at their operation ---------------------------------------------------------------------


def is_plain(value: Value) -> bool:
    if value.kind != "constant" or value.name or value.maker is not None or value.data is None:
        return False
    shown = lines(value.data)
    return len(shown) == 1 and width(shown[0]) <= 90.0


def add_stub(sketch: Sketch, value: Value, place_: int, direction: Direction) -> None:
    """Put a constant beside the line that runs to its operation: the first operand before it, the second behind it."""
    text = lines(value.data)[0]
    wide = width(text)
    look = "data constant bad" if is_bad(value.data) else "data constant"
    first = place_ == 0
    if direction == "LR":
        span, across = max(34.0, wide + 10.0), -30.0 if first else 36.0
        label = Text(span / 2, -7.0, text, look, f"{value.id}.data")
        by, x, y, half = span + 24.0, 0.0, across, (span / 2, 0.0)
    else:
        span, across = 30.0, -30.0 if first else 30.0
        label = Text(-8.0 if first else 8.0, 20.0, text, look, f"{value.id}.data", anchor="end" if first else "start")
        by, x, y, half = span + 24.0, across, 0.0, (0.0, span / 2)
    _shift(sketch, by, direction)
    sketch.length += by
    room = 24.0 if direction == "LR" else wide + 10.0
    if first:
        sketch.before = max(sketch.before, -across + room)
    else:
        sketch.after = max(sketch.after, across + (8.0 if direction == "LR" else room))
    leaf = Sketch(value.id, "wire", span, 24.0, 8.0, half, span / 2, [label], ("constant",), said(value, ""))
    sketch.stubs.append(Stub(leaf, x, y, False))


def _add_parameters(sketch: Sketch, parameters: Sequence[Sketch]) -> None:
    """Put parameters one below the other to the right of an operation in a picture from top to bottom."""
    if not parameters:
        return
    axes = [parameters[0].before]
    for above, below in pairwise(parameters):
        axes.append(axes[-1] + above.after + 8.0 + below.before)
    tall = axes[-1] + parameters[-1].after
    middle = (axes[0] + axes[-1]) / 2
    start = max(0.0, middle - sketch.middle)  # what is taller begins at 0
    axes = [axis + max(0.0, sketch.middle - middle) for axis in axes]
    sketch.length = max(sketch.length + start, tall + max(0.0, sketch.middle - middle))
    _shift(sketch, start, "TB")
    left = sketch.half[0] + 30.0 + 0.5 * (axes[-1] - axes[0])
    longest = max([leaf.half[0] for leaf in parameters])  # their names stand in a column
    for leaf, axis in zip(parameters, axes):
        sketch.stubs.append(Stub(leaf, left + 2 * (longest - leaf.half[0]), axis, True))
    sketch.after = left + max([leaf.length + 2 * (longest - leaf.half[0]) for leaf in parameters]) + 2.0


def _shift(sketch: Sketch, by: float, direction: Direction) -> None:
    """Move what is drawn along the main direction, away from where the sketch begins."""
    x, y = (by, 0.0) if direction == "LR" else (0.0, by)
    sketch.texts = [t._replace(x=t.x + x, y=t.y + y) for t in sketch.texts]
    sketch.middle += by


def _around(boxes: Sequence[tuple[float, float, float, float]]) -> tuple[float, float, float, float]:
    """Left, top, right and bottom of the smallest box around all of these."""
    lefts, tops, rights, bottoms = zip(*boxes)
    return min(lefts), min(tops), max(rights), max(bottoms)


def stub_shape(stub: Stub, at: tuple[float, float, float], direction: Direction) -> Shape:
    start, _, axis = at
    x, y = (start, axis) if direction == "LR" else (axis, start)
    x, y = x + stub.x, y + stub.y
    leaf = stub.leaf
    texts = tuple([t._replace(x=t.x + x, y=t.y + y) for t in leaf.texts])
    middle = (x + leaf.half[0], y + leaf.half[1])
    boxes = [t.box for t in texts]
    boxes.append((x, y, x + 2 * leaf.half[0], y + 2 * leaf.half[1]))
    tag = leaf.tag
    if tag is not None:
        tag = (tag[0] + x, tag[1] + y, tag[2], tag[3])
        boxes.append((tag[0], tag[1], tag[0] + tag[2], tag[1] + tag[3]))
    back = tuple([(a + x, b + y) for a, b in leaf.back])
    return Shape(
        leaf.id, "wire", *_around(boxes), *middle, leaf.half, texts, leaf.classes, leaf.title, leaf.order, back, tag
    )


# -- in their place --------------------------------------------------------------------------------


def placed_shape(sketch: Sketch, at: tuple[float, float, float], direction: Direction) -> Shape:
    start, end, axis = at
    if direction == "LR":
        x, y = start, axis
        middle = (start + sketch.middle, axis)
        extent = (start, axis - sketch.before, end, axis + sketch.after)
    else:
        x, y = axis, start
        middle = (axis, start + sketch.middle)
        extent = (axis - sketch.before, start, axis + sketch.after, end)
    texts = tuple([t._replace(x=t.x + x, y=t.y + y) for t in sketch.texts])
    if sketch.stubs:  # the rest of the room is theirs
        half = sketch.half
        own = (middle[0] - half[0], middle[1] - half[1], middle[0] + half[0], middle[1] + half[1])
        extent = _around([own, *[t.box for t in texts]])
    back = tuple([(a + x, b + y) for a, b in sketch.back])
    tag = None if sketch.tag is None else (sketch.tag[0] + x, sketch.tag[1] + y, sketch.tag[2], sketch.tag[3])
    return Shape(
        sketch.id,
        sketch.look,
        *extent,
        *middle,
        sketch.half,
        texts,
        sketch.classes,
        sketch.title,
        sketch.order,
        back,
        tag,
    )
