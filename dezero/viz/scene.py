"""Where everything of a picture stands: the nodes in their places, and the ways of the lines between them."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise, takewhile
from typing import Literal, NamedTuple

from dezero.viz.labels import partials, wire_names
from dezero.viz.layout import Box, Line, Placed, Spacing, place
from dezero.viz.measure import shortened, width
from dezero.viz.nodes import (
    Direction,
    Shape,
    Sketch,
    Style,
    Text,
    add_stub,
    is_plain,
    operation,
    order_name,
    oval,
    placed_shape,
    primes,
    said,
    short,
    stub_shape,
    wire,
)  # fmt: skip
from dezero.viz.structure import Group, Structure

__all__ = ["Edge", "Frame", "Labels", "Scene", "arrow_head", "number", "placed_by_graphviz", "scene"]

Labels = Literal["values", "symbolic"]


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
    sketches, links = _sketches(structure, style, direction, labels, local)
    boxes, edges = _boxes(structure, sketches, links)
    spacing = _spacing(style, direction)
    groups = {g.id: g.outer for g in structure.groups.values() if not g.folded}
    titles = {g: width(_title(structure.groups[g]), 13.0, bold=True) + 24.0 for g in groups}
    if direction == "TB":
        titles = {}
    if run is not None:
        placed = placed_by_graphviz(boxes, edges, run, direction)
    else:
        placed = place(boxes, edges, groups, spacing, titles=titles)
    shapes = {sketch.id: placed_shape(sketch, placed.boxes[sketch.id], direction) for sketch in sketches}
    for sketch in sketches:
        for stub in sketch.stubs:
            shapes[stub.leaf.id] = stub_shape(stub, placed.boxes[sketch.id], direction)
    shapes = {v: shapes[v] for v in (*structure.values, *structure.operations) if v in shapes}
    drawn = _edges(structure, links, placed, shapes, direction, {d.id: d for d in sketches}, style)
    frames = _frames(structure, placed, direction)
    return _fitted(structure, shapes, drawn, frames, placed.crossings)


def _spacing(style: Style, direction: Direction) -> Spacing:
    across = direction == "TB"
    if style == "lecture":
        return Spacing(ranks=26.0 if across else 30.0, boxes=18.0, across=across)
    return Spacing(ranks=30.0, boxes=20.0, across=across)


def _sketches(
    structure: Structure, style: Style, direction: Direction, labels: Labels, local: bool
) -> tuple[list[Sketch], list[tuple[str, str, int, int]]]:
    """The shapes, and the lines between them as (source, target, place among its outputs, place among its operands)."""
    used = {v for f in structure.operations.values() for v in f.inputs}
    symbolic = labels == "symbolic"
    names = wire_names(structure) if symbolic else {}
    chains = partials(structure, names) if symbolic else {}
    sketches = []
    links: list[tuple[str, str, int, int]] = []
    beside = _beside_operation(structure) if style == "lecture" and direction == "TB" else {}
    stubs = _stubs(structure) - beside.keys() if style == "lecture" else set()
    parameters: dict[str, list[Sketch]] = {}
    if style != "compact" or not structure.operations:
        for value in structure.values.values():
            if style == "dezero":
                sketches.append(oval(value, direction))
            elif value.id not in stubs:
                symbols = (names[value.id], chains.get(value.id, "")) if symbolic else None
                sketch = wire(value, direction, symbols, value.id in used, value.id in beside)
                if value.id in beside:
                    parameters.setdefault(beside[value.id], []).append(sketch)
                else:
                    sketches.append(sketch)
    for f in structure.operations.values():
        sketches.append(operation(f, structure, style, direction, local, names, parameters.get(f.id, ())))
        for i, v in enumerate(f.inputs):
            if v in stubs:
                add_stub(sketches[-1], structure.values[v], i, direction)
        for i, v in enumerate(f.inputs):
            if style != "compact":
                links.append((v, f.id, 0, i))
            elif (maker := structure.values[v].maker) is not None:
                links.append((maker, f.id, 0, i))
        if style != "compact":
            links += [(f.id, v, i, 0) for i, v in enumerate(f.outputs)]
    return sketches, links


def _uses(structure: Structure) -> dict[str, int]:
    """How often each value is an operand."""
    count: dict[str, int] = {}
    for f in structure.operations.values():
        for v in f.inputs:
            count[v] = count.get(v, 0) + 1
    return count


def _stubs(structure: Structure) -> set[str]:
    """The constants that stand right at their operation: nameless numbers that nothing else takes."""
    count = _uses(structure)
    found = set()
    for f in structure.operations.values():
        if len(f.inputs) == 2:
            bare = [v for v in f.inputs if is_plain(structure.values[v]) and count[v] == 1]
            if len(bare) == 1:
                found.add(bare[0])
    return found - set(structure.results)


def _beside_operation(structure: Structure) -> dict[str, str]:
    """The parameters that stand beside their operation: the last operands of one, taken by nothing else."""
    count = _uses(structure)
    found: dict[str, str] = {}
    for f in structure.operations.values():
        last = list(takewhile(lambda v: structure.values[v].kind == "parameter" and count[v] == 1, reversed(f.inputs)))
        others = f.inputs[: len(f.inputs) - len(last)]
        alone = not any([structure.values[v].kind == "parameter" for v in others])
        if len(last) <= 4 and alone and not all([is_plain(structure.values[v]) for v in others]):
            found |= dict.fromkeys(last, f.id)
    return {v: f for v, f in found.items() if v not in structure.results}


def _boxes(
    structure: Structure, sketches: Sequence[Sketch], links: Sequence[tuple[str, str, int, int]]
) -> tuple[list[Box], list[Line]]:
    known = {d.id: d for d in sketches}
    boxes = [Box(d.id, d.length, d.before, d.after, d.group, d.leaf, d.late) for d in sketches]
    edges = []
    for source, target, out, into in links:
        if source not in known:
            continue  # it stands at its operation
        a, b = known[source], known[target]
        # Up to three operands meet a circle wherever is best: their places only tell their order.
        enters = 13.0 * (into - (b.ports - 1) / 2) if b.ports else 0.001 * into
        leaves = 13.0 * (out - (a.ports_out - 1) / 2) if a.ports_out else 0.0
        edges.append(Line(source, target, leaves, enters))
    return boxes, edges


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
            name = order_name(order) + (f" {primes(order)}" if order else "")
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
    words = ", ".join([said(v, short(v.name)) for v in results])
    count = len(structure.operations)
    return f"{count} operation{'s' * (count != 1)}" + (f"; {words}" if words else "")


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


def number(x: float) -> str:
    text = f"{x:.1f}".removesuffix(".0")
    return "0" if text == "-0" else text


def _point(x: float, y: float, direction: Direction) -> str:
    return f"{number(x)} {number(y)}" if direction == "LR" else f"{number(y)} {number(x)}"


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


def arrow_head(x: float, y: float, along: float, across: float, direction: Direction, size: float = 7.0) -> str:
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
    sketches: Mapping[str, Sketch],
    style: Style,
) -> list[Edge]:
    aside = {stub.leaf.id: i for d in sketches.values() for i, stub in enumerate(d.stubs) if stub.side}
    incoming: dict[str, list[int]] = {}
    for n, (source, target, _, _) in enumerate(links):
        if source not in aside:
            incoming.setdefault(target, []).append(n)
    routes = iter(placed.routes)
    ways = []
    for source, *_ in links:
        if source in sketches:
            ways.append(list(next(routes)))
        else:
            end = shapes[source]
            at = (end.x + end.half[0], end.y + end.half[1])
            ways.append([at if direction == "LR" else at[::-1]])
    finals: dict[int, tuple[str, str]] = {}
    for target, numbers in incoming.items():
        shape, sketch = shapes[target], sketches[target]
        center = (shape.x, shape.y) if direction == "LR" else (shape.y, shape.x)
        half = shape.half if direction == "LR" else shape.half[::-1]
        if shape.look == "stack" and direction == "TB":  # its upper rim is that of the last sheet
            half = (half[0] + 4.0, half[1])
        arrow = target in structure.operations or style != "lecture"
        if sketch.ports or (shape.look == "wire"):
            for n in numbers:
                if shape.look != "wire":
                    ways[n][-1] = (center[0] - half[0], ways[n][-1][1])
                    tip = ways[n][-1]
                    finals[n] = ("", arrow_head(*tip, 1.0, 0.0, direction))
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
        if source in aside:
            path, head = _from_the_side(shapes[source], shapes[target], aside[source], len(sketches[target].stubs))
            found.append(Edge(source, target, path, head, None, structure.operations[target].order))
            continue
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


def _from_the_side(leaf: Shape, shape: Shape, place_: int, many: int) -> tuple[str, str]:
    """The line from a parameter to the operation on its left, and the head of its arrow."""
    apart = min(11.0, 22.0 / max(1, many - 1))
    down = apart * (place_ - (many - 1) / 2)
    radius = min(*shape.half, 17.0) if shape.look != "circle" else shape.half[0]
    tip = (shape.x + shape.half[0] - radius + math.sqrt(radius**2 - down**2), shape.y + down)
    way = [(leaf.x - leaf.half[0], leaf.y), (tip[0] + 5.0, tip[1])]
    return _curve(way, "LR"), arrow_head(*tip, -1.0, 0.0, "LR")


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
    return path, arrow_head(*tip, *toward, direction) if arrow else ""


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
