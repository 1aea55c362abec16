"""Layered drawing of directed graphs: which box stands where, and which way the lines run.

The axes are the main one, along which lines flow, and the cross one; whoever draws decides which of them is x. The
stages are those of Sugiyama, Tagawa & Toda, "Methods for visual understanding of hierarchical system structures", 1981:
ranks, order within each rank, coordinates. Lines that must be straight are aligned first and without crossings, as in
Brandes & Köpf, "Fast and simple horizontal coordinate assignment", 2001; blocks of aligned boxes then move to where
their neighbours are. Each group is laid out on its own and stands in the group around it as one box.

Same boxes and lines, same coordinates: nothing depends on hashes or on a random start.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from heapq import heappop, heappush
from itertools import pairwise
from typing import NamedTuple

__all__ = ["Box", "Line", "Placed", "Spacing", "crossings", "place"]


class Box(NamedTuple):
    """What is placed. Its axis runs along the main direction; lines meet the box there, or beside it at ports."""

    id: str
    length: float  # along the main direction
    before: float  # room on either side of the axis
    after: float
    group: str = ""
    leaf: bool = False  # belongs beside its first user
    late: bool = False  # stands at the end of its rank rather than at the start


class Line(NamedTuple):
    """A line from one box to another. Lines from the same port of a box run together as far as they can."""

    source: str
    target: str
    leaves: float = 0.0  # where, measured across from the axis of the box
    enters: float = 0.0


class Spacing(NamedTuple):
    """Distances, in pixels."""

    ranks: float = 34.0  # between one rank and the next
    boxes: float = 22.0  # between boxes of a rank
    strangers: float = 8.0  # added to that if the two lead to different boxes
    lines: float = 11.0  # between lines that run past each other
    steep: float = 0.25  # how much further ranks move apart for each pixel that a line climbs between them
    steepest: float = 90.0  # and how much at most
    padding: float = 16.0  # inside a group
    title: float = (
        24.0  # for the name of a group, on the side where the cross axis begins, or the main axis if `across`
    )
    across: bool = False


class Placed(NamedTuple):
    """Where things are: (main, cross) coordinates, starting at 0."""

    boxes: Mapping[str, tuple[float, float, float]]  # id -> start, end, axis
    groups: Mapping[str, tuple[float, float, float, float]]  # id -> start, first, end, last
    routes: tuple[tuple[tuple[float, float], ...], ...]  # corners of each Line, in the order in which they were given
    size: tuple[float, float]
    crossings: int


# -- groups ----------------------------------------------------------------------------------------


def place(
    boxes: Sequence[Box],
    lines: Sequence[Line],
    groups: Mapping[str, str] | None = None,
    spacing: Spacing | None = None,
    titles: Mapping[str, float] | None = None,
) -> Placed:
    """Place boxes so that lines run forward, cross rarely and are straight where they can be.

    Parameters
    ----------
    boxes, lines : sequences of Box and Line
        The lines form no circle. Where a box has several lines coming in, `enters` says their order.
    groups : mapping from id to the id of the group around it, optional
        The `group` of each box is one of them, or "".
    spacing : Spacing, optional
    titles : mapping from id of a group to the length that its title needs, optional

    Examples
    --------
    >>> placed = place([Box("a", 10, 5, 5), Box("b", 10, 5, 5)], [Line("a", "b")])
    >>> placed.boxes["a"][2] == placed.boxes["b"][2], placed.crossings
    (True, 0)
    """
    spacing = spacing or Spacing()
    groups = _without_circles(boxes, lines, dict(groups or {}))
    paths: dict[str, tuple[str, ...]] = {"": ()}

    def path(group: str) -> tuple[str, ...]:
        """The group and all around it, outermost first."""
        found = paths.get(group)
        if found is None:
            outer = groups.get(group)
            found = paths[group] = () if outer is None else (*path(outer), group)
        return found

    homes = {box.id: path(box.group) for box in boxes}
    # The deepest groups first: they are boxes of the groups around them.
    levels = sorted({p[: n + 1] for p in homes.values() for n in range(len(p))}, key=lambda p: (-len(p), p))
    contents: dict[tuple[str, ...], list[_Item]] = {(): []} | {level: [] for level in levels}
    for box in boxes:
        contents[homes[box.id]].append(_Item(box.id, box.length, box.before, box.after, box.leaf, box.late))
    rank_of_order = {box.id: i for i, box in enumerate(boxes)}
    done: dict[tuple[str, ...], _Level] = {}
    for level in [*levels, ()]:
        laid = _level(level, contents[level], lines, homes, spacing, rank_of_order)
        done[level] = laid
        if level:
            room = max(laid.size[0], (titles or {}).get(level[-1], 0.0) - 2 * spacing.padding)
            group = _Item(level[-1], room, 0.0, laid.size[1], False, False, _framed(laid, room, spacing))
            rank_of_order[level[-1]] = min(rank_of_order[item.id] for item in contents[level])
            top, side = _frame(spacing)
            group.length = room + side + spacing.padding
            group.after = laid.size[1] + top + spacing.padding
            contents[level[:-1]].append(group)
    return _composed(boxes, lines, homes, done, spacing)


def _frame(spacing: Spacing) -> tuple[float, float]:
    """Room inside a group before its contents: across and along."""
    title = spacing.title + spacing.padding / 2
    return (spacing.padding, title) if spacing.across else (title, spacing.padding)


def _without_circles(boxes: Sequence[Box], lines: Sequence[Line], groups: dict[str, str]) -> dict[str, str]:
    """The groups, less those that a line leaves and enters again on the way round through others."""
    kept = dict(groups)
    while True:
        around: dict[str, list[str]] = {"": []}
        for group in kept:
            chain, outer = [group], kept[group]
            while outer and outer in kept:
                chain.append(outer)
                outer = kept[outer]
            around[group] = chain[::-1]
        homes = {box.id: around.get(box.group, []) for box in boxes}
        arrows: dict[str, dict[str, None]] = {}
        for line in lines:
            a, b = [*homes[line.source], line.source], [*homes[line.target], line.target]
            n = 0
            while n < min(len(a), len(b)) - 1 and a[n] == b[n]:
                n += 1
            if a[n] != b[n]:
                arrows.setdefault(a[n], {})[b[n]] = None
        circle = _on_a_circle(arrows)
        found = [group for group in circle if group in kept]
        if not found:
            return kept
        outer = kept.pop(found[0])
        kept = {group: outer if around_it == found[0] else around_it for group, around_it in kept.items()}
        boxes = [box._replace(group=outer) if box.group == found[0] else box for box in boxes]


def _on_a_circle(arrows: Mapping[str, Mapping[str, None]]) -> list[str]:
    """What is left when all that has nothing before it is taken away, again and again."""
    waiting: dict[str, int] = {}
    for source, targets in arrows.items():
        waiting.setdefault(source, 0)
        for target in targets:
            waiting[target] = waiting.get(target, 0) + 1
    free = [node for node, count in waiting.items() if count == 0]
    for node in free:
        for target in arrows.get(node, ()):
            waiting[target] -= 1
            if waiting[target] == 0:
                free.append(target)
    return [node for node, count in waiting.items() if count]


@dataclass(slots=True, eq=False, repr=False)
class _Item:
    """What a level places: a Box, a group, or the point where a line comes into the level or leaves it."""

    id: str
    length: float
    before: float
    after: float
    leaf: bool = False
    late: bool = False
    ports: Mapping[tuple[str, str], float] = field(default_factory=dict)  # of a group: ("in" or "out", source) -> place
    edge: str = ""  # "in" or "out" for a point on the border
    rank: int = 0
    axis: float = 0.0
    start: float = 0.0
    end: float = 0.0


class _Level(NamedTuple):
    items: list[_Item]
    segments: dict[tuple[str, str], list[tuple[float, float]]]  # (source of the line, where it ends here) -> corners
    size: tuple[float, float]
    crossings: int


def _framed(laid: _Level, room: float, spacing: Spacing) -> dict[tuple[str, str], float]:
    top, _ = _frame(spacing)
    return {(item.edge, item.id.partition(":")[2]): item.axis + top for item in laid.items if item.edge}


def _net(line: Line) -> str:
    """What all lines from one port of a box have in common."""
    return f"{line.source}@{line.leaves:g}"


def _level(
    level: tuple[str, ...],
    items: list[_Item],
    lines: Sequence[Line],
    homes: Mapping[str, tuple[str, ...]],
    spacing: Spacing,
    order: Mapping[str, int],
) -> _Level:
    """Lay out what is directly in one group."""
    depth = len(level)
    items = sorted(items, key=lambda item: order[item.id])
    known = {item.id: item for item in items}
    links: dict[tuple[str, str], _Link] = {}
    for number, line in enumerate(lines):
        net = _net(line)
        up, down = homes[line.source], homes[line.target]
        inside_source, inside_target = up[:depth] == level, down[:depth] == level
        if not (inside_source or inside_target):
            continue
        if inside_source and inside_target and up[depth : depth + 1] == down[depth : depth + 1] != ():
            continue  # further in
        if inside_source:
            deeper = up[depth:]
            source = deeper[0] if deeper else line.source
            leaves = known[source].ports[("out", net)] if deeper else line.leaves
        else:
            source, leaves = f"in:{net}", 0.0
            if source not in known:
                known[source] = _Item(source, 0.0, 4.0, 4.0, edge="in")
        if inside_target:
            deeper_target = down[depth:]
            target = deeper_target[0] if deeper_target else line.target
            enters = known[target].ports[("in", net)] if deeper_target else line.enters
            key = ("in:" + target, net) if deeper_target else (str(number), net)
        else:
            target, enters, deeper_target = f"out:{net}", 0.0, ()
            key = (target, net)
            if target not in known:
                known[target] = _Item(target, 0.0, 4.0, 4.0, edge="out")
        links.setdefault(key, _Link(source, target, leaves, enters, net))
    everything = list(known.values())
    found, crossed, size = _layered(everything, list(links.values()), spacing)
    return _Level(everything, {(key[1], key[0]): way for key, way in zip(links, found)}, size, crossed)


def _composed(
    boxes: Sequence[Box],
    lines: Sequence[Line],
    homes: Mapping[str, tuple[str, ...]],
    done: Mapping[tuple[str, ...], _Level],
    spacing: Spacing,
) -> Placed:
    """Put the levels into each other and join the pieces of the lines."""
    corner: dict[tuple[str, ...], tuple[float, float]] = {(): (0.0, 0.0)}
    frames: dict[str, tuple[float, float, float, float]] = {}
    top, side = _frame(spacing)
    placed: dict[str, tuple[float, float, float]] = {}
    for level in sorted(done, key=len):
        along, across = corner[level]
        for item in done[level].items:
            inner = (*level, item.id)
            if inner in done:
                corner[inner] = (along + item.start + side, across + item.axis + top)
                frames[item.id] = (
                    along + item.start,
                    across + item.axis,
                    along + item.start + item.length,
                    across + item.axis + item.after,
                )
            elif not item.edge:
                placed[item.id] = (along + item.start, along + item.end, across + item.axis)
    routes = []
    for number, line in enumerate(lines):
        up, down = homes[line.source], homes[line.target]
        shared = 0
        while shared < min(len(up), len(down)) and up[shared] == down[shared]:
            shared += 1
        way: list[tuple[float, float]] = []
        pieces: list[tuple[tuple[str, ...], str]] = []
        for depth in range(len(up), shared, -1):
            pieces.append((up[:depth], f"out:{_net(line)}"))
        for depth in range(shared, len(down)):
            pieces.append((down[:depth], f"in:{down[depth]}"))
        pieces.append((down, str(number)))
        for level, key in pieces:
            along, across = corner[level]
            way += [(along + a, across + c) for a, c in done[level].segments[_net(line), key]]
        routes.append(_tidy(way))
    ordered = {box.id: placed[box.id] for box in boxes}
    return Placed(ordered, frames, tuple(routes), done[()].size, sum(level.crossings for level in done.values()))


def _tidy(way: Sequence[tuple[float, float]]) -> tuple[tuple[float, float], ...]:
    """The corners without repetitions. Points on a straight stretch stay: lines of one value may part there."""
    kept: list[tuple[float, float]] = []
    for point in way:
        if not kept or abs(point[0] - kept[-1][0]) > 0.01 or abs(point[1] - kept[-1][1]) > 0.01:
            kept.append(point)
    return tuple(kept)


# -- one level -------------------------------------------------------------------------------------


class _Link(NamedTuple):
    source: str
    target: str
    leaves: float
    enters: float
    net: str  # links of one net share their way


@dataclass(slots=True, eq=False, repr=False)
class _Node:
    """An item on its rank, or a place on another rank where a line passes."""

    item: _Item | None
    rank: int
    before: float
    after: float
    ins: list[tuple[int, float, float]] = field(default_factory=list)  # (node, its port, own port)
    outs: list[tuple[int, float, float]] = field(default_factory=list)  # (node, own port, its port)
    position: int = 0
    side: bool = False  # brings in a leaf, beside which the line of the computation goes straight on


def _layered(
    items: list[_Item], links: list[_Link], spacing: Spacing
) -> tuple[list[list[tuple[float, float]]], int, tuple[float, float]]:
    if not items:
        return [], 0, (0.0, 0.0)
    _ranks(items, links)
    nodes, chains = _with_passages(items, links, spacing)
    ranks, crossed = _ordered(nodes)
    axes = _axes(nodes, ranks, spacing)
    low = min(axis - node.before for axis, node in zip(axes, nodes))
    axes = [axis - low for axis in axes]
    high = max(axis + node.after for axis, node in zip(axes, nodes))
    starts, ends = _columns(nodes, ranks, axes, spacing)
    for node, axis in zip(nodes, axes):
        if node.item is not None:
            node.item.axis = axis
    ways = []
    for link, chain in zip(links, chains):
        way: list[tuple[float, float]] = []
        for place_, n in enumerate(chain):
            node = nodes[n]
            rank, item = node.rank, node.item
            if place_ == 0 and item is not None:
                way += [(item.end, axes[n] + link.leaves), (ends[rank], axes[n] + link.leaves)]
            elif item is None:
                way += [(starts[rank], axes[n]), (ends[rank], axes[n])]
            else:
                way += [(starts[rank], axes[n] + link.enters), (item.start, axes[n] + link.enters)]
        ways.append(way)
    return ways, crossed, (ends[-1], high)


def _ranks(items: list[_Item], links: list[_Link]) -> None:
    """Each item after all that leads to it; then nearer to its users where that shortens lines."""
    index = {item.id: i for i, item in enumerate(items)}
    before: list[list[int]] = [[] for _ in items]
    after: list[list[int]] = [[] for _ in items]
    for link in links:
        a, b = index[link.source], index[link.target]
        before[b].append(a)
        after[a].append(b)
    waiting = [len(b) for b in before]
    topological = [i for i, count in enumerate(waiting) if count == 0]
    for i in topological:
        for j in after[i]:
            items[j].rank = max(items[j].rank, items[i].rank + 1)
            waiting[j] -= 1
            if waiting[j] == 0:
                topological.append(j)
    if any(waiting):
        raise ValueError("place expects lines without circles, got one through " + items[_first(waiting)].id)
    if any(item.edge == "in" for item in items):
        for i in topological:
            if items[i].edge != "in":
                items[i].rank = max(items[i].rank, 1)
                for j in after[i]:
                    items[j].rank = max(items[j].rank, items[i].rank + 1)
    for _ in range(2):
        for i in reversed(topological):
            item = items[i]
            if item.edge or not after[i]:
                continue
            nearest = min(items[j].rank for j in after[i]) - 1
            # Lines of leaves cost nothing: a leaf follows its user.
            costly = {j for j in before[i] if not (items[j].leaf and len(set(after[j])) == 1)}
            if nearest > item.rank and len(costly) <= 1 and (not costly or len(set(after[i])) > 1):
                item.rank = nearest
    inner = [item.rank for item in items if item.edge != "out"]
    last = max(inner, default=0) + 1
    for item in items:
        if item.edge == "out":
            item.rank = last
    used = sorted({item.rank for item in items})
    for item in items:
        item.rank = bisect_left(used, item.rank)


def _first(counts: Sequence[int]) -> int:
    return next(i for i, count in enumerate(counts) if count)


def _with_passages(items: list[_Item], links: list[_Link], spacing: Spacing) -> tuple[list[_Node], list[list[int]]]:
    """Nodes for items and for the ranks that lines pass; and for each link the nodes along it."""
    nodes = [_Node(item, item.rank, item.before, item.after, side=item.leaf) for item in items]
    index = {item.id: i for i, item in enumerate(items)}
    passages: dict[tuple[int, str, float, int], int] = {}
    chains = []
    joined: set[tuple[int, int, float, float]] = set()
    for link in links:
        a, b = index[link.source], index[link.target]
        chain = [a]
        for rank in range(nodes[a].rank + 1, nodes[b].rank):
            key = (a, link.net, link.leaves, rank)
            n = passages.get(key)
            if n is None:
                n = passages[key] = len(nodes)
                nodes.append(_Node(None, rank, spacing.lines / 2, spacing.lines / 2, side=items[a].leaf))
            chain.append(n)
        chain.append(b)
        for place_, (u, v) in enumerate(pairwise(chain)):
            port_u = link.leaves if place_ == 0 else 0.0
            port_v = link.enters if v == b else 0.0
            if v != b and (u, v, port_u, port_v) in joined:
                continue
            joined.add((u, v, port_u, port_v))
            nodes[u].outs.append((v, port_u, port_v))
            nodes[v].ins.append((u, port_u, port_v))
        chains.append(chain)
    for node in nodes:
        node.ins.sort(key=lambda one: one[2])
    return nodes, chains


# -- order within the ranks ------------------------------------------------------------------------


def _first_order(nodes: list[_Node], forward: bool = False) -> list[list[int]]:
    """From the ends backwards, the first operand first: no crossings if the graph is a tree. Or from the leaves."""
    ranks: list[list[int]] = [[] for _ in range(max(node.rank for node in nodes) + 1)]
    seen = [False] * len(nodes)
    for end in [n for n, node in enumerate(nodes) if not (node.ins if forward else node.outs)]:
        stack = [(end, False)]
        while stack:
            n, ready = stack.pop()
            if ready:
                ranks[nodes[n].rank].append(n)
            elif not seen[n]:
                seen[n] = True
                stack.append((n, True))
                near = nodes[n].outs if forward else nodes[n].ins
                stack += [(one[0], False) for one in reversed(near) if not seen[one[0]]]
    return ranks


def _between(nodes: list[_Node], left: Sequence[int]) -> int:
    """How often lines from one rank to the next cross; twice as bad where operands would change places."""
    ends: list[tuple[int, float]] = []
    total = 0
    for n in left:
        mine = sorted((nodes[v].position, enters, leaves) for v, leaves, enters in nodes[n].outs)
        mine.sort(key=lambda one: one[2])
        for position, enters, _ in mine:
            total += len(ends) - bisect_right(ends, (position, enters))
        for position, enters, _ in mine:
            insort(ends, (position, enters))
    return total


def crossings(nodes: list[_Node], ranks: Sequence[Sequence[int]]) -> int:
    """How often lines cross in all."""
    return sum(_between(nodes, rank) for rank in ranks[:-1])


def _swapped_operands(nodes: list[_Node]) -> int:
    total = 0
    for node in nodes:
        places = [nodes[u].position for u, _, _ in node.ins]
        total += sum(b < a for a, b in pairwise(places))
    return total


def _ordered(nodes: list[_Node]) -> tuple[list[list[int]], int]:
    """The best order found from several starts, and its crossings."""
    best: tuple[int, int, list[list[int]]] | None = None
    for start in range(4 if len(nodes) < 600 else 1):
        ranks = _first_order(nodes, forward=start in (1, 3))
        if start > 1:  # the other way up
            ranks = [rank[::-1] for rank in ranks]
        found = _fewer_crossings(nodes, ranks)
        if best is None or found[0] < best[0]:
            best = found
        if best[0] == 0:
            break
    if best is None:
        return [], 0
    _put(nodes, best[2])
    return best[2], best[1]


def _put(nodes: list[_Node], ranks: Sequence[Sequence[int]]) -> None:
    for rank in ranks:
        for position, n in enumerate(rank):
            nodes[n].position = position


def _fewer_crossings(nodes: list[_Node], ranks: list[list[int]]) -> tuple[int, int, list[list[int]]]:
    """Sort each rank by where its neighbours are, forward and backward in turn, then exchange neighbours.

    The result is what was minimized, the number of crossings, and the order.
    """
    _put(nodes, ranks)
    count = crossings(nodes, ranks)
    best = (count + _swapped_operands(nodes), count, [list(rank) for rank in ranks])
    patience = 0
    for sweep in range(16):
        if best[0] == 0 or patience > 5:
            break
        forward = sweep % 2 == 0
        order = range(1, len(ranks)) if forward else range(len(ranks) - 2, -1, -1)
        for r in order:
            _sort_by_neighbours(nodes, ranks[r], forward, sweep % 4 > 1)
        if len(nodes) < 900:
            _exchange(nodes, ranks)
        count = crossings(nodes, ranks)
        cost = count + _swapped_operands(nodes)
        if cost < best[0]:
            best, patience = (cost, count, [list(rank) for rank in ranks]), 0
        else:
            patience += 1
    return best


def _sort_by_neighbours(nodes: list[_Node], rank: list[int], forward: bool, late: bool) -> None:
    def where(n: int) -> float | None:
        near = nodes[n].ins if forward else nodes[n].outs
        if not near:
            return None
        # A port counts for less than a place: it only tells apart what meets in one box.
        ports = [(p if forward else q) for _, p, q in near]
        return sum(nodes[u].position + 0.004 * port for (u, _, _), port in zip(near, ports)) / len(near)

    wanted = {n: where(n) for n in rank}
    movable = [n for n in rank if wanted[n] is not None]
    sign = -1 if late else 1  # of those that want the same place, the other one goes first
    movable.sort(key=lambda n: (wanted[n], sign * nodes[n].position))
    free = iter(movable)
    rank[:] = [n if wanted[n] is None else next(free) for n in rank]
    for position, n in enumerate(rank):
        nodes[n].position = position


def _pair_crossings(nodes: list[_Node], u: int, v: int) -> int:
    """How often the lines of u cross those of v if u comes first."""
    total = 0
    for near_u, near_v, port in ((nodes[u].ins, nodes[v].ins, 1), (nodes[u].outs, nodes[v].outs, 2)):
        for one in near_u:
            a, port_a = nodes[one[0]].position, one[port]
            for other in near_v:
                b = nodes[other[0]].position
                total += b < a or (b == a and other[port] < port_a)
    # Operands of one operation in the wrong order look worse than a crossing.
    for w, _, mine in nodes[u].outs:
        for z, _, theirs in nodes[v].outs:
            total += w == z and theirs < mine
    return total


def _exchange(nodes: list[_Node], ranks: list[list[int]]) -> None:
    for _ in range(6):
        improved = False
        for rank in ranks:
            for i in range(len(rank) - 1):
                u, v = rank[i], rank[i + 1]
                if _pair_crossings(nodes, v, u) < _pair_crossings(nodes, u, v):
                    rank[i], rank[i + 1] = v, u
                    nodes[u].position, nodes[v].position = i + 1, i
                    improved = True
        if not improved:
            return


# -- coordinates -----------------------------------------------------------------------------------


def _straight(nodes: list[_Node], ranks: list[list[int]]) -> list[tuple[int, int, float]]:
    """Pairs of nodes to align and by how much the second is shifted; no two of them cross."""
    chosen: list[tuple[int, int, float]] = []
    for rank in ranks[:-1]:
        wishes = []
        for u in rank:
            node = nodes[u]
            for v, p, q in node.outs:
                other = nodes[v]
                passing = (node.item is None) + (other.item is None)
                inner = [k for k, (w, _, _) in enumerate(other.ins) if not nodes[w].side]
                main = len(other.ins) == 1 or (len(inner) == 1 and other.ins[inner[0]][0] == u)
                twice = sum(w == v for w, _, _ in node.outs)
                if other.item is None and node.item is None:
                    weight = 8
                elif len(node.outs) == 1 and main:
                    weight = 4 + 2 * passing
                elif passing:
                    weight = 3 if len(node.outs) == 1 or main else 2
                elif main:
                    weight = 1
                else:
                    continue
                wishes.append((-weight, abs(nodes[u].position - nodes[v].position), node.position, u, v, p - q, twice))
        taken: list[tuple[int, int]] = []
        used_u: set[int] = set()
        used_v: set[int] = set()
        for _, _, _, u, v, shift, twice in sorted(wishes):
            a, b = nodes[u].position, nodes[v].position
            if u in used_u or v in used_v or any((a < c) != (b < d) for c, d in taken):
                continue
            taken.append((a, b))
            used_u.add(u)
            used_v.add(v)
            # Both lines of x * x leave one point: the operation stands in the middle of them.
            chosen.append((u, v, 0.0 if twice > 1 else shift))
    return chosen


def _axes(nodes: list[_Node], ranks: list[list[int]], spacing: Spacing) -> list[float]:
    unit = list(range(len(nodes)))
    shift = [0.0] * len(nodes)
    for rank_pair in _straight(nodes, ranks):
        u, v, by = rank_pair
        # Pairs come rank by rank, so u has its unit already.
        unit[v], shift[v] = unit[u], shift[u] + by
    gaps: dict[tuple[int, int], float] = {}
    for rank in ranks:
        for u, v in pairwise(rank):
            both_lines = nodes[u].item is None and nodes[v].item is None
            room = nodes[u].after + nodes[v].before + (spacing.lines / 2 if both_lines else spacing.boxes)
            if not both_lines and not {w for w, _, _ in nodes[u].outs} & {w for w, _, _ in nodes[v].outs}:
                room += spacing.strangers
            key = (unit[u], unit[v])
            gaps[key] = max(gaps.get(key, -1e9), room + shift[u] - shift[v])
    pulls: dict[int, list[tuple[int, float, float]]] = {u: [] for u in dict.fromkeys(unit)}
    for u, node in enumerate(nodes):
        for v, p, q in node.outs:
            if unit[u] != unit[v]:
                by = shift[u] + p - shift[v] - q
                # An operation stands in the middle of its own leaves, whatever pulls at its other end.
                own = node.side and len(node.outs) == 1
                weight = 12.0 if own else 2.0 if nodes[v].item is None or node.item is None else 1.0
                pulls[unit[v]].append((unit[u], by, weight))
                pulls[unit[u]].append((unit[v], -by, weight))
    at = _settled(pulls, gaps)
    return [round(2 * (at[unit[n]] + shift[n])) / 2 for n in range(len(nodes))]


def _settled(
    pulls: Mapping[int, Sequence[tuple[int, float, float]]], gaps: Mapping[tuple[int, int], float]
) -> dict[int, float]:
    """Minimize the squared lengths across, with every gap at least as wide as it must be."""
    below: dict[int, list[tuple[int, float]]] = {u: [] for u in pulls}
    above: dict[int, list[tuple[int, float]]] = {u: [] for u in pulls}
    waiting = dict.fromkeys(pulls, 0)
    for (u, v), gap in gaps.items():
        below[u].append((v, gap))
        above[v].append((u, gap))
        waiting[v] += 1
    order = [u for u in pulls if waiting[u] == 0]
    at = dict.fromkeys(pulls, 0.0)
    for u in order:
        for v, gap in below[u]:
            at[v] = max(at[v], at[u] + gap)
            waiting[v] -= 1
            if waiting[v] == 0:
                order.append(v)

    def move(start: int) -> float:
        """Push one unit, and what stands in its way, as far as that helps."""
        total = sum([weight * (at[v] + by - at[start]) for v, by, weight in pulls[start]])
        weights = sum([weight for _, _, weight in pulls[start]])
        sign = 1 if total > 0 else -1
        near = below if total > 0 else above
        shift = 0.0  # of what moves so far
        since = {start: 0.0}  # what moves, and the shift when it joined
        rooms: list[tuple[float, int]] = []  # the shift at which something will be in the way
        joining = start
        while weights > 0 and sign * total > 0.05 * weights:
            for v, gap in near[joining]:
                if v not in since:
                    heappush(rooms, (shift + sign * (at[v] - at[joining]) - gap, v))
            while rooms and rooms[0][1] in since:
                heappop(rooms)
            wish = shift + sign * total / weights
            reached = min(wish, max(shift, rooms[0][0])) if rooms else wish
            total -= sign * weights * (reached - shift)
            shift = reached
            if reached == wish:
                break
            joining = heappop(rooms)[1]
            for v, by, weight in pulls[joining]:
                if v in since:  # what pulled the two together pulls no more
                    total -= weight * (at[joining] - by - at[v] - sign * (shift - since[v]))
                    weights -= weight
                else:
                    total += weight * (at[v] + by - at[joining])
                    weights += weight
            since[joining] = shift
        for u, before in since.items():
            at[u] += sign * (shift - before)
        return shift

    for sweep in range(24):
        if sum(move(u) for u in (order if sweep % 2 else reversed(order))) < 0.5:
            break
    return at


def _columns(
    nodes: list[_Node], ranks: list[list[int]], axes: Sequence[float], spacing: Spacing
) -> tuple[list[float], list[float]]:
    """Start and end of each rank along the main direction; ranks stand further apart where lines climb."""
    starts: list[float] = []
    ends: list[float] = []
    at = 0.0
    for rank in ranks:
        here = [(n, nodes[n].item) for n in rank]
        longest = max((item.length for _, item in here if item is not None), default=0.0)
        starts.append(at)
        ends.append(at + longest)
        for _, item in here:
            if item is not None:
                item.start = at + (longest - item.length if item.late else 0.0)
                item.end = item.start + item.length
        climb = max((abs(axes[n] + p - axes[v] - q) for n in rank for v, p, q in nodes[n].outs), default=0.0)
        border = all(item is not None and item.edge for _, item in here)
        gap = spacing.ranks * (0.35 if border and climb < 1 else 1.0)
        at += longest + gap + min(spacing.steepest, spacing.steep * climb)
    return starts, ends
