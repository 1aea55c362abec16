"""Several operations drawn as one: calls of layers that are too deep, alike blocks, and graphs that are too large."""

from __future__ import annotations

import copy
import math
from collections.abc import Collection, Iterable, Mapping

from dezero.viz.draft import Call, Draft, Node, sorted_by_need

__all__ = ["MANY", "fold"]

MANY = 3000  # operations; a picture of more folds by itself
ENDS = 200  # operations at the beginning and at the end that are left of a graph which stays too large
FEW = 12  # inputs of what is left out that are still drawn


def fold(draft: Draft, depth: int | None) -> None:
    """Make one operation out of each call that is deeper than depth, or out of as many as it takes."""
    total = len(draft.nodes)
    if depth is not None:
        draft.nodes = _folded(draft, depth)
    elif total > MANY:
        levels = max([0 if node.call is None else node.call.level for node in draft.nodes])
        for depth in range(levels - 1, -1, -1):
            nodes = _folded(draft, depth)
            if len(nodes) <= MANY or not depth:
                draft.nodes = nodes
                draft.notices.append(f"{total:,} operations are many for a picture: layers are folded to depth {depth}")
                break
    if len(draft.nodes) > MANY:
        left_out = len(draft.nodes) - 2 * ENDS
        draft.nodes = _without_middle(draft)
        draft.notices.append(
            f"{total:,} operations are many for a picture: {left_out:,} in the middle are drawn as one"
        )


def _folded(draft: Draft, depth: int) -> list[Node]:
    homes = [_above(node.call, depth + 1) for node in draft.nodes]
    members: dict[Call, list[Node]] = {}
    for node, home in zip(draft.nodes, homes):
        if home is not None:
            members.setdefault(home, []).append(node)
    users = _users(draft.nodes)
    home_of = dict(zip(draft.nodes, homes))
    weights = _weights(draft, users, home_of)
    nodes = []
    for node, home in zip(draft.nodes, homes):
        if home is None:
            nodes.append(node)
        elif members[home][0] is node:
            nodes.append(_one(draft, members[home], home, users, home_of, weights))
    arranged = _arranged(_merged(draft, nodes))
    if arranged is None:  # a layer that waits for what is computed from its own results
        draft.notices.append("the calls of layers are interwoven, so none is folded")
        return draft.nodes
    return arranged


def _above(call: Call | None, level: int) -> Call | None:
    """The call of a level that a call lies in, or is."""
    while call is not None and call.level > level:
        call = call.outer
    return call if call is not None and call.level == level else None


def _users(nodes: Iterable[Node]) -> dict[int, list[Node]]:
    found: dict[int, list[Node]] = {}
    for node in nodes:
        for key in node.inputs:
            found.setdefault(key, []).append(node)
    return found


def _weights(
    draft: Draft, users: Mapping[int, list[Node]], home_of: Mapping[Node, Call | None]
) -> dict[int, dict[int, int]]:
    """What only folded calls use and only parameters went into, such as weights side by side, with those parameters."""
    found: dict[int, dict[int, int]] = {}
    for node in draft.nodes:
        for key in node.inputs:
            wire = draft.wires[key]
            if wire.kind == "parameter" and all([home_of[user] is not None for user in users[key]]):
                found[key] = {key: math.prod(wire.shape)}
        if node.inputs and all([key in found for key in node.inputs]):
            parts = {k: n for key in node.inputs for k, n in found[key].items()}
            for key in node.outputs:
                takers = users.get(key, ())
                if takers and draft.wires[key].kind == "inner" and all([home_of[user] is not None for user in takers]):
                    found[key] = parts
    return found


def _one(
    draft: Draft,
    inside: list[Node],
    call: Call,
    users: Mapping[int, list[Node]],
    home_of: Mapping[Node, Call | None],
    weights: Mapping[int, dict[int, int]],
) -> Node:
    """One operation for all that a call does."""
    made = dict.fromkeys([key for node in inside for key in node.outputs])
    results = {id(y) for y in draft.results}
    inputs: dict[int, None] = {}
    parameters: dict[int, int] = {}
    for node in inside:
        for key in node.inputs:
            wire = draft.wires[key]
            if key in weights:
                parameters |= weights[key]
            elif key not in made and (wire.shape or wire.kind != "constant"):  # numbers are part of what it does
                inputs[key] = None
    outputs = [
        k for k in made
        if k in results or (k not in weights and any([home_of[user] is not call for user in users.get(k, ())]))
    ]  # fmt: skip
    shown = copy.copy(call)
    shown.folded = True
    pattern = _pattern(draft, [node for node in inside if not all([key in weights for key in node.outputs])], weights)
    return Node(call.kind, call.kind, list(inputs), outputs, inside[0].order, shown, None, _parameters(parameters),
                pattern, parameters)  # fmt: skip


def _parameters(sizes: Mapping[int, int]) -> str:
    return f"{sum(sizes.values()):,} parameters" if sizes else ""


def _pattern(draft: Draft, inside: list[Node], weights: Collection[int]) -> object:
    """What a call does, without names and numbers: equal for blocks that are alike."""
    numbered: dict[int, int] = {}
    found = []
    for node in inside:
        taken = []
        for key in node.inputs:
            wire = draft.wires[key]
            taken.append((numbered.setdefault(key, len(numbered)), key in weights, wire.shape))
        for key in node.outputs:
            numbered.setdefault(key, len(numbered))
        found.append((node.kind, node.detail, tuple(taken)))
    return tuple(found)


def _merged(draft: Draft, nodes: list[Node]) -> list[Node]:
    """Alike calls one after another as one."""
    users = _users(nodes)
    results = {id(y) for y in draft.results}
    found, done = [], set()
    for node in nodes:
        if node in done:
            continue
        run = [node]
        while (after := _next(run[-1], users, results)) is not None and after not in done:
            run.append(after)
        done.update(run)
        found.append(node if len(run) == 1 else _repeated(run))
    return found


def _next(node: Node, users: Mapping[int, list[Node]], results: set[int]) -> Node | None:
    """The call that alone takes the results of a call, if it is alike."""
    takers = {user for key in node.outputs for user in users.get(key, ())}
    if node.pattern is None or len(takers) != 1 or not results.isdisjoint(node.outputs):
        return None
    after = takers.pop()
    alike = after.pattern == node.pattern and after.kind == node.kind
    return after if alike and after.call.outer is node.call.outer else None  # type: ignore[union-attr]  # both are calls


def _repeated(run: list[Node]) -> Node:
    made = {key for node in run for key in node.outputs}
    inputs = dict.fromkeys([key for node in run for key in node.inputs if key not in made])
    parameters: dict[int, int] = {}
    for node in run:
        parameters |= node.parameters
    shown: Call = copy.copy(run[0].call)  # type: ignore[assignment]  # a folded node is a call
    shown.times = len(run)
    shown.path = _range(shown.path, run[-1].call.path)  # type: ignore[union-attr]
    first = run[0]
    return Node(first.kind, first.kind, list(inputs), run[-1].outputs, first.order, shown, None,
                 _parameters(parameters), first.pattern, parameters)  # fmt: skip


def _range(first: str, last: str) -> str:
    """The path of several layers: ``blocks/0-11``."""
    if first == last:
        return first
    a, b = first.split("/"), last.split("/")
    if len(a) == len(b) and sum([p != q for p, q in zip(a, b)]) == 1:
        return "/".join([p if p == q else f"{p}-{q}" for p, q in zip(a, b)])
    return f"{first} … {last}"


def _arranged(nodes: list[Node]) -> list[Node] | None:
    """The nodes in an order of computation, or None if there is none."""
    makers = {key: i for i, node in enumerate(nodes) for key in node.outputs}
    order = sorted_by_need([{makers[k] for k in node.inputs if k in makers} for node in nodes], range(len(nodes)))
    return [nodes[i] for i in order] if len(order) == len(nodes) else None


def _without_middle(draft: Draft) -> list[Node]:
    head, middle, tail = draft.nodes[:ENDS], draft.nodes[ENDS:-ENDS], draft.nodes[-ENDS:]
    made = {key for node in middle for key in node.outputs}
    needed = {key for node in tail for key in node.inputs} | {id(y) for y in draft.results}
    known = {key for node in (*head, *tail) for key in (*node.inputs, *node.outputs)}
    taken = dict.fromkeys([key for node in middle for key in node.inputs if key not in made])
    leaves = [k for k in taken if k not in known and draft.wires[k].kind == "input"]
    inputs = [k for k in taken if k in known or k in leaves[:FEW]]
    detail = f"{len(middle):,} operations"
    if len(leaves) > FEW:
        detail += f", {len(leaves) - FEW:,} more inputs"
    outputs = [key for node in middle for key in node.outputs if key in needed]
    return [*head, Node("Folded", "⋯", inputs, outputs, middle[0].order, None, None, detail), *tail]
