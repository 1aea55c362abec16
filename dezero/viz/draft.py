"""The recorded graph of a computation while it may still change: in order, with names and the calls of layers."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from heapq import heapify, heappop, heappush
from types import FrameType
from typing import Any

from dezero import cuda
from dezero.config import Place
from dezero.core import Function, Parameter, Variable
from dezero.viz.numbers import dtype_of
from dezero.viz.structure import Kind
from dezero.viz.symbols import detail, symbol

__all__ = ["Call", "Draft", "Node", "Wire", "names_of_caller", "sorted_by_need"]

_PACKAGE = os.path.dirname(os.path.dirname(os.path.abspath(__file__))) + os.sep


@dataclass(slots=True)
class Wire:
    variable: Variable | None  # None for an output that nobody holds
    shape: tuple[int, ...]
    dtype: str
    kind: Kind
    order: int
    name: str = ""


@dataclass(slots=True, eq=False)
class Node:
    kind: str
    symbol: str
    inputs: list[int]  # keys of wires
    outputs: list[int]
    order: int
    call: Call | None
    function: Function | None  # None for several operations in one
    detail: str = ""
    pattern: object = None  # what a folded call does inside, to tell alike ones
    parameters: dict[int, int] = field(default_factory=dict)  # inside it: from keys of wires to sizes


@dataclass(slots=True, eq=False)
class Call:
    place: Place
    outer: Call | None
    level: int  # 1 for the outermost
    kind: str
    path: str = ""
    number: int = 0
    folded: bool = False
    times: int = 1


@dataclass(slots=True)
class Draft:
    results: list[Variable]
    nodes: list[Node] = field(default_factory=list)
    wires: dict[int, Wire] = field(default_factory=dict)
    calls: dict[int, Call] = field(default_factory=dict)  # by the id of the Place
    arrays: dict[int, int] = field(default_factory=dict)  # from the ids of arrays among the constants to keys
    notices: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        for f in _ordered(self.results):
            self._add(f)
        for y in self.results:
            wire = self.wires.setdefault(id(y), _wire(y, "input", 0))
            if y.creator is not None:
                wire.kind = "output"

    def _add(self, f: Function) -> None:
        inputs, outputs = [], []
        order = f.place.order
        for x, needed in zip(f.inputs, f.needs_grad):
            if x.data is None:
                continue
            key = id(x)
            if not needed and x.creator is None and cuda.is_array(x.data):
                key = self.arrays.setdefault(id(x.data), key)  # each use of an array wraps it anew
            if key not in self.wires:
                leaf: Kind = "parameter" if isinstance(x, Parameter) else "input" if needed else "constant"
                self.wires[key] = _wire(x, leaf, 0 if needed else order)
            inputs.append(key)
        kind: Kind = "inner" if any(f.needs_grad) else "constant"
        for i, output in enumerate(f.outputs):
            y = output()
            if y is not None:
                key = id(y)
                self.wires[key] = _wire(y, kind, order)
            else:
                key = -1 - len(self.wires)  # no id of an object
                shape, dtype = f._signature[i]
                self.wires[key] = Wire(None, shape, str(dtype), kind, order)
            outputs.append(key)
        self.nodes.append(Node(type(f).__name__, symbol(f), inputs, outputs, order, self._call(f.place), f, detail(f)))

    def _call(self, place: Place | None) -> Call | None:
        above = []
        while place is not None and id(place) not in self.calls:
            above.append(place)
            place = place.outer
        call = None if place is None else self.calls[id(place)]
        for place in reversed(above):
            if place.kind is not None:
                call = Call(place, call, 1 if call is None else call.level + 1, place.kind.__name__)
            if call is not None:
                self.calls[id(place)] = call  # the place of a derivative lies in the call around it
        return call

    # -- names ---------------------------------------------------------------------------------

    def name(self, names: Mapping[str, object], model: object) -> None:
        """Find the paths of calls and parameters, and the names of wires."""
        variables: dict[int, str] = {}
        layers: dict[int, tuple[str, Any]] = {}
        for name, thing in names.items():
            if not isinstance(name, str) or name.startswith("_"):
                continue
            if isinstance(thing, Variable) or cuda.is_array(thing):
                variables.setdefault(id(thing), name)
            elif not isinstance(thing, type) and callable(getattr(type(thing), "named_layers", None)):
                layers.setdefault(id(thing), (name, thing))
        paths = _Paths(self._roots(layers, model), layers)
        self._name_calls(paths)
        for wire in self.wires.values():
            if (x := wire.variable) is not None:
                wire.name = paths.of_variable(x) or variables.get(id(x), "")
                if not wire.name and x.creator is None:
                    wire.name = variables.get(id(x.data), "")
        self._number_leaves()

    def _roots(self, layers: dict[int, tuple[str, Any]], model: object) -> list:
        """The layers in which paths begin."""
        if model is not None:
            return [model]
        found = {}
        for call in self.calls.values():
            layer = call.place.layer and call.place.layer()
            if call.level == 1 and layer is not None:
                found[id(layer)] = layer
        if len(found) != 1:  # perhaps parts of a model that the caller has, called one by one
            held = {id(p) for p in (w.variable for w in self.wires.values() if w.kind == "parameter")}
            for _, whole in layers.values():
                inside = {id(layer) for _, layer in whole.named_layers()}
                if (found or held) and inside.issuperset(found) and held <= {id(p) for p in whole.params()}:
                    return [whole]
        return list(found.values())

    def _name_calls(self, paths: _Paths) -> None:
        latest: dict[Call, int] = {}  # the operations of a later call of a layer stand on longer chains
        for node in self.nodes:
            call = node.call
            while call is not None:
                latest[call] = max(latest.get(call, 0), node.function.generation)  # type: ignore[union-attr]
                call = call.outer
        counts: dict[object, int] = {}
        for call in sorted(latest, key=latest.__getitem__):
            layer = call.place.layer and call.place.layer()
            call.path = paths.layers.get(id(layer), "") or call.kind
            who = (call.path, None if layer is None else id(layer))
            call.number = counts.get(who, 0)
            counts[who] = call.number + 1

    def _number_leaves(self) -> None:
        taken = {wire.name for wire in self.wires.values()}
        number = 0
        for wire in self.wires.values():
            if not wire.name and wire.kind in ("input", "parameter"):
                while f"x{number}" in taken:
                    number += 1
                wire.name = f"x{number}"
                number += 1


def _wire(x: Variable, kind: Kind, order: int) -> Wire:
    return Wire(x, getattr(x.data, "shape", ()), dtype_of(x.data), kind, order)


def _ordered(ys: Sequence[Variable]) -> list[Function]:
    """The Functions behind ys, each after those whose results it takes, and otherwise as operands stand in the code."""
    found: list[Function] = []
    begun: set[Function] = set()
    stack: list[tuple[Function, Iterator[Variable]]] = []
    for y in ys:
        f = y.creator
        while f is not None or stack:
            if f is not None and f not in begun:
                begun.add(f)
                stack.append((f, iter(f.inputs)))
            f = None
            g, rest = stack[-1] if stack else (None, iter(()))
            for x in rest:
                if x.creator is not None and x.creator not in begun:
                    f = x.creator
                    break
            else:
                if g is not None:
                    found.append(g)
                    stack.pop()
    if any([f.place.order for f in found]):
        return _by_order(found)
    return found


def _by_order(functions: Sequence[Function]) -> list[Function]:
    """What users computed before its derivatives, and those before theirs, wherever it does not depend on them."""
    place = {f: i for i, f in enumerate(functions)}
    makers = [{place[x.creator] for x in f.inputs if x.creator is not None} for f in functions]
    return [functions[i] for i in sorted_by_need(makers, [(f.place.order, i) for i, f in enumerate(functions)])]


def sorted_by_need(makers: Sequence[set[int]], keys: Sequence[Any]) -> list[int]:
    """Numbers of nodes, each after its makers and otherwise by key; fewer than there are if makers go in a circle."""
    users: list[list[int]] = [[] for _ in makers]
    open_ = [len(m) for m in makers]
    for i, m in enumerate(makers):
        for j in m:
            users[j].append(i)
    ready = [(keys[i], i) for i, n in enumerate(open_) if not n]
    heapify(ready)
    found = []
    while ready:
        i = heappop(ready)[1]
        found.append(i)
        for j in users[i]:
            open_[j] -= 1
            if not open_[j]:
                heappush(ready, (keys[j], j))
    return found


# -- names -----------------------------------------------------------------------------------------


def names_of_caller() -> Mapping[str, object]:
    """The local and then the global variables of the innermost function under way outside this package."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None and frame.f_code.co_filename.startswith(_PACKAGE):
        frame = frame.f_back
    if frame is None:
        return {}
    known = {**frame.f_globals, **frame.f_locals}
    ordered = [*frame.f_locals, *frame.f_globals]  # of two names of one variable the first holds
    return {name: known[name] for name in ordered if name.isidentifier()}  # tools put others there


class _Paths:
    """The paths of layers, parameters and buffers in the outermost layers."""

    def __init__(self, roots: Sequence[Any], named: Mapping[int, tuple[str, Any]]) -> None:
        self.layers: dict[int, str] = {}
        self.variables: dict[int, str] = {}
        for root, prefix in zip(roots, _prefixes(roots, named)):
            for path, layer in root.named_layers():
                self.layers.setdefault(id(layer), _joined(prefix, path))
            self._enter(root, prefix)
        for name, layer in named.values():  # parameters of layers that were not called
            self._enter(layer, name)

    def _enter(self, layer: Any, prefix: str) -> None:
        for kind in ("named_params", "named_buffers"):
            for path, x in getattr(layer, kind, tuple)():
                self.variables.setdefault(id(x), _joined(prefix, path))

    def of_variable(self, x: Variable) -> str:
        """The user's own name of x, or its path, or ""."""
        path = self.variables.get(id(x), "")
        own = "" if x.name is None else str(x.name)
        return path if path and own in ("", path.rpartition("/")[2]) else own


def _prefixes(roots: Sequence[Any], named: Mapping[int, tuple[str, Any]]) -> list[str]:
    """What tells several outermost layers apart: their names, or else their kinds with numbers."""
    if len(roots) == 1:
        return [""]
    found: list[str] = []
    for root in roots:
        name = named[id(root)][0] if id(root) in named else type(root).__name__
        number = 1
        while (prefix := name if number == 1 else f"{name}{number}") in found:
            number += 1
        found.append(prefix)
    return found


def _joined(*parts: str) -> str:
    return "/".join([part for part in parts if part])
