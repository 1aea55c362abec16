"""From the recorded graph of a computation to the facts that pictures are drawn from."""

from __future__ import annotations

import copy
import math
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from operator import index
from typing import Any
from weakref import ref

import numpy as np

from dezero import cuda
from dezero._debug import Line
from dezero.config import watching
from dezero.core import Function, Variable, backprop
from dezero.cuda import Array
from dezero.viz.draft import Call, Draft, Node, Wire, names_of_caller
from dezero.viz.folding import fold
from dezero.viz.numbers import SMALL, numbers
from dezero.viz.structure import Group, Local, Numbers, Operation, Structure, Value, figure
from dezero.viz.symbols import elementwise, formulas, ours

__all__ = ["build"]


def build(
    results: Variable | Sequence[Variable],
    values: bool = True,
    depth: int | None = None,
    grads: bool | None = None,
    model: object = None,
    names: Mapping[str, object] | None = None,
) -> Structure:
    """Take down the graph behind one or several results.

    Parameters
    ----------
    results : Variable or sequence of Variable
        What was computed; several may share parts of their graphs.
    values : bool
        Whether to take down the numbers, too, and not only shapes and dtypes. They are copies: arrays that change
        later do not change the structure.
    depth : int, optional
        How deep calls of layers are shown: those inside ``depth`` others become one operation each, and alike ones in
        a row become one together. By default nothing is folded up to 3,000 operations.
    grads : bool, optional
        Whether to show derivatives. By default they appear as soon as a leaf has one in `.grad`. Leaves show what is
        stored there; on the wires between, which `backward` does not keep, the engine computes them anew, without
        touching anybody's `.grad`: from ones, or from the `.grad` of the result if that was kept. True computes them
        in any case.
    model : Layer, optional
        Whose parameters are named by their path; by default the outermost layers whose calls were recorded.
    names : mapping from str to object, optional
        Under which names Variables, arrays and layers are known; by default the local and global variables of the
        innermost function under way outside this package. Names that begin with an underscore do not count.

    Raises
    ------
    TypeError
        If a result is no Variable, or depth no integer.
    ValueError
        If there is no result, one has no data, or depth is negative.
    RuntimeError
        If a result was computed under `no_grad`, or as a gradient without `create_graph`: nothing was recorded.

    Examples
    --------
    >>> from dezero import Variable
    >>> apple, n, tax = Variable(np.array(100.0)), Variable(np.array(2.0)), Variable(np.array(1.1))
    >>> price = apple * n * tax
    >>> price.backward()
    >>> for v in build(price).values.values():
    ...     print(v.id, v.name or "(unnamed)", v.kind, figure(v.data.entries), figure(v.grad.entries))
    v0 apple input 100 2.2
    v1 n input 2 110
    v2 (unnamed) inner 200 1.1
    v3 tax input 1.1 200
    v4 price output 220 1
    """
    ys = [results] if isinstance(results, Variable) else _listed(results)
    _check(ys, depth)
    draft = Draft(ys)
    draft.name(names_of_caller() if names is None else names, model)
    derivatives = _derivatives(draft, grads)
    fold(draft, depth)
    return _frozen(draft, values, derivatives)


def _listed(results: object) -> list:
    if not isinstance(results, (list, tuple)):
        raise TypeError(f"a picture wants a Variable, or several, got {type(results).__name__}: give it what was "
                        "computed from Variables")  # fmt: skip
    return list(results)


def _check(ys: Sequence[object], depth: int | None) -> None:
    if not ys:
        raise ValueError("a picture wants at least one Variable, got none")
    for y in ys:
        if not isinstance(y, Variable):
            raise TypeError(f"a picture wants Variables, got {type(y).__name__}: give it what was computed from "
                            "Variables")  # fmt: skip
        if y._unrecorded:
            raise RuntimeError("there is no graph to draw, because this variable was computed under no_grad(), or as a "
                               "gradient without create_graph=True")  # fmt: skip
        if y.data is None:
            raise ValueError(f"variable {y.name!r} has no data yet, and so no picture: set .data, or call the layer it "
                             "belongs to once")  # fmt: skip
    if depth is not None:
        try:
            ok = index(depth) >= 0
        except TypeError:
            raise TypeError(f"depth is a number of layers, got {depth!r}") from None
        if not ok:
            raise ValueError(f"depth counts from 0, got {depth}; without it, no layer is folded")


# -- derivatives -----------------------------------------------------------------------------------


def _derivatives(draft: Draft, grads: bool | None) -> dict[int, Any]:
    """From the keys of wires to arrays."""
    wires = draft.wires
    leaves = {k: w for k, w in wires.items() if w.kind in ("input", "parameter")}
    stored = {}
    for key, wire in leaves.items():
        gx = wire.variable.grad  # type: ignore[union-attr]  # leaves are held
        if gx is not None and id(gx) not in wires:  # else it is part of what is drawn, and not its derivative
            stored[key] = gx.data if isinstance(gx, Variable) else gx
    if grads is False or (grads is None and not stored):
        return {}
    computed = _computed(draft)
    _compare(draft, stored, computed)
    found = {k: g for k, g in computed.items() if grads or k not in leaves}
    return found | stored


def _computed(draft: Draft) -> dict[int, Any]:
    """The derivative of the sum of all results by every wire, as the engine has it."""
    found: dict[int, Any] = {}
    for y in draft.results:
        kept = y.grad if y.creator is not None else None
        if kept is None or id(kept) in draft.wires:
            seed = _ones(y)
        else:
            seed = kept if isinstance(kept, Variable) else Variable(kept)
        with _undisturbed():
            grads = backprop(y, seed, create_graph=False, keep=True)
        for x, gx in grads.items():
            found[id(x)] = found[id(x)] + gx.data if id(x) in found else gx.data
    return found


def _ones(y: Variable) -> Variable:
    return Variable(cuda.get_array_module(y.data).ones_like(y.data, dtype=float if y.data.dtype == bool else None))


@contextmanager
def _undisturbed() -> Iterator[None]:
    """No check of `dezero.debug` and no warning of NumPy's: nobody is to be stopped by a picture."""
    token = watching.set(None)
    try:
        with np.errstate(all="ignore"):
            yield
    finally:
        watching.reset(token)


def _compare(draft: Draft, stored: Mapping[int, Any], computed: Mapping[int, Any]) -> None:
    """Say so where stored gradients are not those of one `backward`."""
    differing = []
    factors = []
    for key, gx in stored.items():
        old, new = (np.asarray(cuda.as_numpy(g)) for g in (gx, computed.get(key, 0.0)))
        if old.shape == new.shape and np.allclose(old, new, rtol=1e-2 if old.dtype.itemsize == 2 else 1e-4,
                                                  atol=1e-6 * _largest(new), equal_nan=True):  # fmt: skip
            continue
        differing.append(draft.wires[key].name)
        factors.append(_factor(old, new))
    if not differing:
        return
    which = ", ".join(differing[:5]) + (f" and {len(differing) - 5} more" if len(differing) > 5 else "")
    same = factors[0] is not None and all(
        [f is not None and math.isclose(f, factors[0], rel_tol=1e-3) for f in factors]
    )
    how = f"are {figure(factors[0])} times" if same and len(differing) == len(stored) else "differ from"  # type: ignore[arg-type]
    draft.notices.append(f"the stored gradients of {which} {how} those of one backward(), which the wires between show")


def _largest(x: np.ndarray) -> float:
    x = np.abs(x[np.isfinite(x)])
    return float(x.max()) if x.size else 0.0


def _factor(old: np.ndarray, new: np.ndarray) -> float | None:
    """c, where old is c times new."""
    square = float(np.vdot(new, new).real)
    if old.shape != new.shape or not square or not math.isfinite(square):
        return None
    c = float(np.vdot(new, old).real) / square
    return c if np.allclose(old, c * new, rtol=1e-3, atol=1e-6 * _largest(new)) else None


# -- the structure ---------------------------------------------------------------------------------


def _frozen(draft: Draft, values: bool, derivatives: Mapping[int, Any]) -> Structure:
    """Give ids in the order of the computation, and take down the numbers."""
    ids: dict[int, str] = {}
    makers: dict[int, str] = {}
    for i, node in enumerate(draft.nodes):
        for key in (*node.inputs, *node.outputs):
            ids.setdefault(key, f"v{len(ids)}")
        for key in node.outputs:
            makers[key] = f"f{i}"
    for y in draft.results:
        ids.setdefault(id(y), f"v{len(ids)}")
    groups = _groups(draft)
    homes = _homes(draft)
    found = {}
    for key, name in ids.items():
        wire = draft.wires[key]
        home = homes.get(key)
        found[name] = Value(
            name, wire.kind, wire.name,
            Numbers(wire.shape, wire.dtype) if wire.variable is None else numbers(wire.variable.data, values),
            numbers(derivatives[key], values) if key in derivatives and wire.kind != "constant" else None,
            makers.get(key), "" if home is None else groups[home].id, wire.order,
        )  # fmt: skip
    operations = {}
    for i, node in enumerate(draft.nodes):
        line = None if node.function is None else vars(node.function).get("line")
        operations[f"f{i}"] = Operation(
            f"f{i}", node.kind, node.symbol,
            tuple([ids[k] for k in node.inputs]), tuple([ids[k] for k in node.outputs]), node.detail,
            "" if node.call is None else groups[node.call].id, node.order,
            str(line) if isinstance(line, Line) else None, _locals(node, draft.wires, ids, values, bool(derivatives)),
        )  # fmt: skip
    results = tuple([ids[id(y)] for y in draft.results])
    notice = "; ".join(draft.notices)
    return Structure(found, operations, {g.id: g for g in groups.values()}, results, "", notice)


def _groups(draft: Draft) -> dict[Call, Group]:
    found: dict[Call, Group] = {}
    for node in draft.nodes:
        line: list[Call] = []
        call = node.call
        while call is not None and call not in found:
            line.append(call)
            call = call.outer
        for call in reversed(line):
            outer = "" if call.outer is None else found[call.outer].id
            found[call] = Group(f"g{len(found)}", call.path, call.kind, outer, call.number, call.folded, call.times)
    return found


def _homes(draft: Draft) -> dict[int, Call | None]:
    """For each wire the innermost call that it is part of; what the user has and gets, in none.

    What is computed in a call and used there as well as later on, such as the state of a recurrent layer, belongs to
    the call: from outside, its line would have to come back into the frame.
    """
    found: dict[int, Call | None] = {}
    makers: dict[int, Call | None] = {}
    for node in draft.nodes:
        around = node.call.outer if node.call is not None and node.call.folded else node.call
        for key in node.inputs:
            shared = _common(makers[key], around) if key in makers else around
            if key not in found:
                found[key] = shared
            elif key not in makers:
                found[key] = _common(found[key], around)
            elif shared is not None and (found[key] is None or shared.level > found[key].level):  # type: ignore[union-attr]
                found[key] = shared
        makers |= dict.fromkeys(node.outputs, around)
    for key, wire in draft.wires.items():
        if wire.kind in ("input", "output") or (wire.kind == "constant" and wire.name and key not in makers):
            found[key] = None
        elif key not in found:
            found[key] = makers.get(key)
    return found


def _common(a: Call | None, b: Call | None) -> Call | None:
    """The innermost call around both."""
    while a is not b:
        if b is None or (a is not None and a.level >= b.level):
            a = a.outer if a is not None else None
        else:
            b = b.outer
    return a


# -- local derivatives -----------------------------------------------------------------------------


def _locals(
    node: Node, wires: Mapping[int, Wire], ids: Mapping[int, str], values: bool, derived: bool
) -> tuple[Local | None, ...]:
    """For each input what the derivative of the output is multiplied by, None where that is no factor."""
    f = node.function
    y = None if f is None or len(f.outputs) != 1 else f.outputs[0]()
    if f is None or y is None or not any(f.needs_grad):
        return (None,) * len(node.inputs)
    xs = [x for x in f.inputs if x.data is not None]
    needs = [needed for x, needed in zip(f.inputs, f.needs_grad) if x.data is not None]
    small = values and y.size <= SMALL
    scalar = small and y.size == 1 and all([x.size == 1 for x in xs])
    named = [_called(wires[key], ids[key]) for key in node.inputs]
    found = formulas(f, named, wires[node.outputs[0]].name)
    factors: Sequence[Numbers | None] = (None,) * len(xs)
    if (elementwise(f) and small) or (scalar and (ours(f) or derived)):
        factors = _factors(f, y)
    if found is None and (scalar or elementwise(f)):
        found = [f"{node.kind}'({named[0]})"] if len(xs) == 1 else [f"∂{node.kind}/∂{name}" for name in named]
    if found is None:
        return (None,) * len(xs)
    return tuple([Local(formula, factor) if needed else None for needed, formula, factor in zip(needs, found, factors)])


def _called(wire: Wire, id: str) -> str:
    """What a formula calls an operand: a constant by its number, others by name or id."""
    x = wire.variable
    if not wire.name and wire.kind == "constant" and x is not None and x.size == 1:
        array = cuda.as_numpy(x)
        return id if array.dtype.kind == "c" else figure(array.item())
    return wire.name or id


def _factors(f: Function, y: Variable) -> list[Numbers | None]:
    """The local derivatives in numbers, which the engine computes for a copy of the operation that stands alone."""
    alone = copy.copy(f)
    y = Variable(y.data)
    spread = elementwise(f)  # so that no factor is summed over what was broadcast
    xs = [Variable(_filling(x.data, y.data) if spread else x.data) for x in f.inputs]
    alone.inputs, alone.needs_grad, alone.generation, alone.place = tuple(xs), (True,) * len(xs), 0, f.place
    alone._outputs = ref(y)
    y.set_creator(alone)
    with _undisturbed():
        found = backprop(y, _ones(y), create_graph=False)
    return [numbers(found[x].data) if x in found else None for x in xs if x.data is not None]


def _filling(data: Any, like: Array) -> Array:
    """The data broadcast to the shape of an array; a number becomes one of the dtype of the array."""
    xp = cuda.get_array_module(like)
    array = data if cuda.is_array(data) else xp.asarray(data, dtype=like.dtype)
    return array if array.shape == like.shape else xp.broadcast_to(array, like.shape)
