"""What a model is made of, layer by layer: shapes, parameters and memory, without running it on numbers."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, suppress
from contextvars import copy_context
from copy import copy, deepcopy
from functools import partial
from types import CellType, CodeType, FunctionType, MethodType
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import DTypeLike

from dezero._kernels.twins import references
from dezero._like_array import bare
from dezero.config import Config, enter, outside, watching
from dezero.core import Parameter, Variable
from dezero.seeding import generators_kept
from dezero.viz.as_it_was import as_it_was
from dezero.viz.sizes_only import ShapeOnly, shape_only

__all__ = ["Row", "Summary", "summary"]

_VIEWS = {"BroadcastTo", "GetItem", "Reshape", "Split", "Transpose"}  # they give no memory of their own
_NAMES = {"AveragePooling": "average_pool", "Conv2d": "conv2d", "Pooling": "pool", "ReLU": "relu"}
_RIGHT = (3, 4)  # the columns of numbers


class Row(NamedTuple):
    """A call of a layer, or an operation between layers that changes the shape."""

    path: str  # "encoder/l1"; "pool" for an operation
    kind: str  # the class of the layer or of the Function
    shape: object  # of the output: a tuple of sizes, or a tuple of those for several; None where it is not known
    parameters: int = 0  # elements, counted where they first occur
    trainable: int = 0  # those of them that are not frozen
    again: bool = False  # whether the layer has a row above


class Summary:
    """The table that `summary` makes: its text is ``str(table)``, and a notebook shows it as a table.

    Attributes
    ----------
    rows : tuple of Row
    parameters, trainable : int
        Elements of all parameters of the model, and of those that no `freeze` keeps as they are.
    parameter_bytes : int
    activation_bytes : int
        Of what the operations of one call compute, as they are kept for `backward`.
    notes : tuple of str
        What the table cannot tell, in words.
    problem : str
        Why the call of the model came to no end; "" if it did.
    """

    rows: tuple[Row, ...]
    notes: tuple[str, ...]

    def __init__(
        self, name: str, shapes: str, mode: str, rows: Sequence[Row], totals: tuple[int, int, int, int],
        notes: Sequence[str], problem: str,
    ) -> None:  # fmt: skip
        self.name, self.shapes, self.mode, self.rows = name, shapes, mode, tuple(rows)
        self.parameters, self.trainable, self.parameter_bytes, self.activation_bytes = totals
        self.notes, self.problem = tuple(notes), problem

    # -- how it looks ------------------------------------------------------------------------------

    def _cells(self) -> list[tuple[str, ...]]:
        cells: list[tuple[str, ...]] = [("layer", "kind", "output shape", "parameters", "trainable")]
        for row in self.rows:
            counts = [f"{n:,}" if n else "" for n in (row.parameters, row.trainable)]
            if row.again:
                counts = ["as above", ""]
            elif row.parameters and not row.trainable:
                counts[1] = "frozen"
            cells.append((row.path or self.name, row.kind, _shape_text(row.shape), *counts))
        return cells

    def _totals(self) -> list[str]:
        frozen = self.parameters - self.trainable
        trained = "all trainable" if not frozen else f"{self.trainable:,} trainable, {frozen:,} frozen"
        plural = "s" * (self.parameters != 1)
        lines = [f"{self.parameters:,} parameter{plural}, {_bytes(self.parameter_bytes)}" + f", {trained}" * (
            self.parameters > 0)]  # fmt: skip
        if self.activation_bytes:
            lines.append(f"values kept for backward: {_bytes(self.activation_bytes)}; mode: {self.mode}")
        return lines

    def __str__(self) -> str:
        cells = self._cells()
        widths = [max(map(len, column)) for column in zip(*cells)]

        def line(row: Sequence[str]) -> str:
            parts = [cell.rjust(n) if i in _RIGHT else cell.ljust(n) for i, (cell, n) in enumerate(zip(row, widths))]
            return "  ".join(parts).rstrip()

        rule = "-" * (sum(widths) + 2 * (len(widths) - 1))
        lines = [f"{self.name}{self.shapes}", rule, line(cells[0]), rule, *map(line, cells[1:]), rule, *self._totals()]
        return "\n".join([*lines, *self.notes, *([self.problem] if self.problem else [])])

    __repr__ = __str__

    def _repr_html_(self) -> str:
        """The table for notebooks."""
        from html import escape

        def line(row: Sequence[str], tag: str) -> str:
            sides = ["right" if i in _RIGHT else "left" for i in range(len(row))]
            cells = [f'<{tag} style="text-align:{side}">{escape(cell)}</{tag}>' for cell, side in zip(row, sides)]
            return f"<tr>{''.join(cells)}</tr>"

        head, *body = self._cells()
        below = "<br>".join([escape(text) for text in (*self._totals(), *self.notes, self.problem) if text])
        return (
            f"<table><caption>{escape(self.name + self.shapes)}</caption><thead>{line(head, 'th')}</thead>"
            f"<tbody>{''.join([line(row, 'td') for row in body])}</tbody></table><p>{below}</p>"
        )


def summary(
    model: object, *shapes: object, dtype: DTypeLike = np.float32, depth: int | None = None
) -> Summary:  # fmt: skip
    """Say what a model is made of: for each layer its output shape and parameters, and what memory all take.

    The model is called on arrays that have shapes and no numbers, and so is a copy of it, whose weights have none
    either. So nothing is computed, and parameters, buffers, states and generators of random numbers stay as they are.
    A layer that does not know its sizes yet is shown with those that a call would give it, and still does not.

    Parameters
    ----------
    model : Layer
    *shapes : tuple of int, array or Variable
        What the model takes: shapes, or examples of which only shape and dtype count. Without any, the table has
        no output shapes.
    dtype : dtype
        Of the inputs that are given by shape: a layer such as `EmbedID` wants integers.
    depth : int, optional
        How deep layers are opened: those inside `depth` others are one row each. By default the layers of
        `dezero.layers` are one row each, such as `LSTM`, and yours are opened.

    Returns
    -------
    Summary
        Its text is the table: an interactive session shows it, ``print`` prints it. Besides layers it has rows for the
        operations between them that change the shape, such as pooling. If the call of the model fails, or needs
        numbers, the table goes as far as the call came, and its last line says why.

    Raises
    ------
    TypeError
        If the model is no layer, or a shape is none.

    Examples
    --------
    >>> from dezero.models import VGG16
    >>> table = summary(VGG16(), (10, 3, 224, 224))
    >>> table.rows[2].path, table.rows[2].shape, table.parameters
    ('pool', (10, 64, 112, 112), 138357544)
    """
    if not _is_layer(model):
        raise TypeError(f"summary expects a layer or a model, got {type(model).__name__}")
    inputs = [_input(shape, dtype) for shape in shapes]
    tracer = _Tracer(model, depth)
    if inputs:
        copy_context().run(tracer.run, inputs)
    else:
        tracer.without_call()
    given = ", ".join([str(x.shape) for x in inputs])
    totals = tracer.totals()
    return Summary(type(model).__name__, f" of {given}" * bool(given), "train" if Config.train else "test", tracer.rows,
                   totals, tracer.notes(), tracer.problem)  # fmt: skip


def _input(shape: object, dtype: DTypeLike) -> ShapeOnly:
    example = bare(shape)
    if isinstance(example, np.ndarray):
        return shape_only(example.shape, example.dtype)
    if hasattr(example, "shape") and hasattr(example, "dtype"):  # of CuPy
        return shape_only(example.shape, example.dtype)
    if isinstance(example, (int, np.integer)):
        example = (example,)
    if not isinstance(example, (tuple, list)) or not all([isinstance(n, (int, np.integer)) for n in example]):
        raise TypeError(f"summary expects shapes such as (10, 3, 224, 224), or arrays as examples, got {shape!r}")
    return shape_only(example, dtype)


def _is_layer(value: object) -> bool:
    return hasattr(type(value), "params")


# -- a model without numbers -----------------------------------------------------------------------


class _Tracer:
    """Calls a copy of a model that has no numbers, and writes down what happens."""

    def __init__(self, model: object, depth: int | None) -> None:
        self.depth = depth
        self.model: Any
        self.copies: dict[int, object] = {}
        self.kept: list[object] = []  # what the ids in `copies` belong to
        self.layers: dict[int, object] = {}
        self.model = self._copied(model)
        self._fill()
        self.paths = _paths(self.model)
        self.rows: list[Row] = []
        self.problem = ""
        self.activations = 0
        self.outside = _outside(self.layers.values())
        self.mine = {id(v) for v in self.copies.values() if isinstance(v, Variable)}
        self.strangers: dict[int, Parameter] = {}
        self.owners: list[tuple[object, Callable[[], Iterable[Variable]]]] = []  # of each row: layer and parameters
        self.open: list[bool] = []  # of the layers being called, from the outermost: whether they have rows inside
        self.counted: set[int] = set()  # ids of the parameters that have been counted in a row
        for layer in self.layers.values():
            forward = getattr(layer, "forward", None)
            if callable(forward):
                vars(layer)["forward"] = partial(self._called, layer, forward)

    # -- the copy ----------------------------------------------------------------------------------

    def _copied(self, value: Any) -> Any:
        """A layer, a Variable or a container of those without numbers; anything else as it is."""
        known = self.copies.get(id(value))
        if known is not None:
            return known
        if isinstance(value, Variable):
            return self._remember(value, _variable(value))
        if _is_layer(value):
            new = self._remember(value, object.__new__(type(value)))
            state = value.__getstate__() if hasattr(value, "__getstate__") else vars(value)
            state = state if isinstance(state, dict) else vars(value)
            vars(new).update({name: self._copied(v) for name, v in state.items() if name not in ("inputs", "outputs")})
            self.layers[id(new)] = new
            if callable(reset := getattr(new, "reset_state", None)):
                with suppress(Exception):  # a courtesy: a state of another batch would not fit
                    reset()
            return new
        if isinstance(value, tuple):
            parts = [self._copied(v) for v in value]
            return type(value)(*parts) if hasattr(value, "_fields") else tuple(parts)
        if isinstance(value, list):
            new = self._remember(value, copy(value))
            new[:] = [self._copied(v) for v in value]
            return new
        if isinstance(value, dict):
            new = self._remember(value, copy(value))
            new.update({k: self._copied(v) for k, v in value.items()})
            return new
        if isinstance(value, FunctionType):
            return self._copied_function(value)
        if isinstance(value, MethodType) and _is_layer(value.__self__):
            return MethodType(value.__func__, self._copied(value.__self__))
        if isinstance(value, partial):
            return partial(
                self._copied(value.func),
                *map(self._copied, value.args),
                **{k: self._copied(v) for k, v in value.keywords.items()},
            )
        if isinstance(value, (np.random.Generator, np.random.RandomState, random.Random)):
            return self._remember(value, deepcopy(value))
        return value

    def _copied_function(self, f: FunctionType) -> FunctionType:
        """A function that calls the copies of what it has caught, such as ``lambda x: self.l1(x)``."""
        cells = f.__closure__ or ()
        caught = [cell.cell_contents for cell in cells if cell.cell_contents is not f]
        if len(caught) < len(cells):  # it calls itself
            return f
        caught, defaults = [[self._copied(v) for v in part] for part in (caught, f.__defaults__ or ())]
        if all([new is old.cell_contents for new, old in zip(caught, cells)]) and defaults == list(
            f.__defaults__ or ()
        ):
            return f
        closure = tuple([CellType(v) for v in caught])
        new = FunctionType(f.__code__, f.__globals__, f.__name__, tuple(defaults) or None, closure)
        new.__kwdefaults__ = f.__kwdefaults__
        return new

    def _fill(self) -> None:
        """Give the parameters whose shapes are known before they are drawn their shapes."""
        known: dict = getattr(self.model, "weight_shapes", dict)()
        lazy = {path: p for path, p in _named_params(self.model) if p.data is None}
        for path, p in lazy.items():
            shape = known.get(path)
            if shape is not None and None not in shape:
                p.data = shape_only(shape)

    def _remember(self, value: object, new: Any) -> Any:
        self.copies[id(value)] = new
        self.kept.append(value)
        return new

    # -- the call ----------------------------------------------------------------------------------

    def run(self, inputs: Sequence[ShapeOnly]) -> None:
        """Call the model; to be run in a context of its own."""
        watching.set(self)
        enter(outside())
        with generators_kept(), references(), ExitStack() as kept:
            for stranger in self.outside.values():
                kept.enter_context(as_it_was(stranger))
            try:
                self._call(inputs)
            except Exception as error:  # whatever the user's code raises is told in the table
                self.problem = _told(error)
            if not self.problem and any([p.data is None for p in self._parameters()]):
                written = self.rows, self.owners, self.activations
                self.rows, self.owners = [], []
                with suppress(Exception):  # only to learn more: a recurrent layer knows all sizes at its second step
                    self._call(inputs)
                self.rows, self.owners, self.activations = written
        for (
            x
        ) in self.strangers.values():  # of a layer that only a function knows, and that was called for the first time
            x.data = None  # type: ignore[assignment]  # as before that call
        self._count()

    def _call(self, inputs: Sequence[ShapeOnly]) -> None:
        self.model(*map(Variable, inputs))

    def _count(self) -> None:
        """Enter the numbers of parameters into the rows, each parameter where it comes first."""
        belongs = {id(p) for p in self._parameters()}
        seen: set[int] = set()
        for i, (row, (layer, parts)) in enumerate(zip(self.rows, self.owners)):
            again = layer is not None and id(layer) in seen
            seen.add(id(layer))
            new = {id(p): p for p in parts() if p.data is not None and id(p) in belongs and id(p) not in self.counted}
            self.counted.update(new)
            trainable = sum([p.size for p in new.values() if not getattr(p, "frozen", False)])
            total = sum([p.size for p in new.values()])
            self.rows[i] = row._replace(parameters=total, trainable=trainable, again=again)

    def _called(self, layer: object, forward: Callable[..., object], *inputs: object, **options: object) -> object:
        """What the copy of a layer does in place of `forward`."""
        path = self.paths.get(id(layer), (layer, type(layer).__name__))[1]
        shown = not self.open or self.open[-1]
        opened = shown and self._opens(layer)
        place = len(self.rows)
        self.open.append(opened)
        try:
            y = forward(*inputs, **options)
        except Exception as error:
            if not hasattr(error, "_where"):
                error._where = path, type(layer).__name__  # type: ignore[attr-defined]
            raise
        finally:
            self.open.pop()
        own = opened and bool(_own(layer))
        if own or (shown and not opened):
            at = place if own else len(self.rows)
            self.rows.insert(at, Row(path, type(layer).__name__, _shapes_of(y)))
            self.owners.insert(at, (layer, partial(_own, layer) if own else layer.params))  # type: ignore[attr-defined]
        return y

    def _opens(self, layer: object) -> bool:
        """Whether the layers in a layer get rows of their own."""
        ours = type(layer).__module__.startswith("dezero.layers")
        if not any([_is_layer(v) for v in _members(layer)]):
            return not self.open and not ours  # a model of functions alone shows those
        return not ours if self.depth is None else len(self.open) < self.depth

    # -- what the engine shows ---------------------------------------------------------------------

    def applied(self, f, outputs) -> None:  # a Function and its Variables
        """See an operation: a row, if it is between layers and changes the shape."""
        kind = type(f).__name__
        for x in f.inputs:
            if isinstance(x, Parameter) and type(x.data) is ShapeOnly and id(x) not in self.mine:
                self.strangers[id(x)] = x
        if kind not in _VIEWS:
            self.activations += sum([y.data.nbytes for y in outputs])
        if self.open and not self.open[-1]:
            return
        before = [x.shape for x in f.inputs if x.data is not None]
        after = [y.shape for y in outputs]
        if kind != "GetItem" and any([shape not in before for shape in after]):
            self.rows.append(Row(_snake(kind), kind, after[0] if len(after) == 1 else tuple(after)))
            self.owners.append((None, tuple))

    def before(self, f: object) -> None:
        """Nothing is differentiated."""

    def derived(self, f: object, gy: object, gxs: Sequence[object]) -> None:
        """Nothing is differentiated."""

    def blame(self, error: Exception, f: object) -> None:
        """Nothing is differentiated."""

    # -- what there is in all ----------------------------------------------------------------------

    def without_call(self) -> None:
        """Make rows of the layers that hold parameters, without a call."""
        for layer, path in self.paths.values():
            if _own(layer):
                self.rows.append(Row(path, type(layer).__name__, None))
                self.owners.append((layer, partial(_own, layer)))
        self._count()

    def _parameters(self) -> list[Variable]:
        return list({id(p): p for p in self.model.params()}.values())

    def totals(self) -> tuple[int, int, int, int]:
        """Elements of the parameters, of those trainable, bytes of the parameters, bytes of activations."""
        known = [p for p in self._parameters() if p.data is not None]
        trainable = sum([p.size for p in known if not getattr(p, "frozen", False)])
        return sum([p.size for p in known]), trainable, sum([p.data.nbytes for p in known]), self.activations

    def notes(self) -> list[str]:
        """What the table does not show."""
        named = list(_named_params(self.model))
        unknown = [path for path, p in named if p.data is None]
        notes = []
        if unknown:
            notes.append(f"not counted, as their sizes come with the first call: {_some(unknown)}")
        idle = [f"{path} ({p.size:,})" for path, p in named if p.data is not None and id(p) not in self.counted]
        if idle and not self.problem:
            notes.append(f"counted, but in no layer that was called: {_some(idle)}")
        names = [
            f"{name} ({type(layer).__name__})" for name, layer in self.outside.items() if id(layer) not in self.copies
        ]
        if names:
            notes.append(f"not part of the model, and not counted: {_some(names)}")
        return notes


def _variable(x: Variable) -> Variable:
    """The same kind of Variable, without numbers and without a graph."""
    new = object.__new__(type(x))
    data = None if x.data is None else shape_only(np.shape(x.data), x.dtype)
    new.__setstate__({**x.__getstate__(), "data": data, "grad": None})
    return new


def _told(error: Exception) -> str:
    path, kind = getattr(error, "_where", ("", ""))
    where = f" in {path} ({kind})" if path and path != kind else f" in {kind}" if kind else ""
    text = " ".join(str(error).split()) or "no message"
    return (f"The table ends here: the call failed{where} with {type(error).__name__}: {text}. It was made on arrays "
            "without numbers: if the model works on real ones, it needs numbers there.")  # fmt: skip


# -- layers ----------------------------------------------------------------------------------------


def _members(layer: object) -> list[object]:
    """The parameters, buffers and layers that a layer holds, also in containers."""
    members = getattr(layer, "_members", None)
    if members is not None:
        return [v for _, v in members()]
    return [v for v in vars(layer).values() if isinstance(v, Variable) or _is_layer(v)]


def _own(layer: object) -> list[Variable]:
    """The parameters that a layer holds itself; buffers are among them, which belong to no model's parameters."""
    return [v for v in _members(layer) if isinstance(v, Variable)]


def _outside(layers: Iterable[object]) -> dict[str, Any]:
    """The layers that the code of others uses without holding them: global ones, and those of a function around it."""
    found: dict[str, Any] = {}
    seen: set[CodeType] = set()

    def visit(f: FunctionType) -> None:
        if f.__code__ in seen or f.__module__.partition(".")[0] == "dezero":
            return
        seen.add(f.__code__)
        known = {name: f.__globals__[name] for name in _names_in(f.__code__) if name in f.__globals__}
        for name, cell in zip(f.__code__.co_freevars, f.__closure__ or ()):
            with suppress(ValueError):  # not filled yet
                known[name] = cell.cell_contents
        for name, value in known.items():
            if isinstance(value, FunctionType):
                visit(value)
            elif _is_layer(value) and hasattr(value, "named_layers"):
                found.setdefault(name, value)

    for kind in dict.fromkeys([kind for layer in layers for kind in type(layer).__mro__]):
        for f in vars(kind).values():
            if isinstance(f, FunctionType):
                visit(f)
    return found


def _names_in(code: CodeType) -> Iterator[str]:
    """The global names and attributes in the code of a function, and of those inside it."""
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _names_in(constant)


def _paths(model: object) -> dict[int, tuple[object, str]]:
    """From id to layer and path."""
    named = getattr(model, "named_layers", None)
    if named is not None:
        return {id(layer): (layer, path) for path, layer in named()}
    found: dict[int, tuple[object, str]] = {}

    def visit(layer: object, path: str) -> None:
        if id(layer) not in found:
            found[id(layer)] = layer, path
            for name, v in vars(layer).items():
                if _is_layer(v):
                    visit(v, f"{path}/{name}" if path else name)

    visit(model, "")
    return found


def _named_params(model) -> Iterable[tuple[str, Variable]]:
    named = getattr(model, "named_params", None)
    return named() if named is not None else [(p.name or str(i), p) for i, p in enumerate(model.params())]


# -- words -----------------------------------------------------------------------------------------


def _shapes_of(y: object) -> object:
    """The shape of an output, or a tuple of the shapes of several."""
    if isinstance(y, dict):
        y = tuple(y.values())
    if isinstance(y, (tuple, list)):
        return tuple([_shapes_of(v) for v in y])
    y = bare(y)
    return y.shape if hasattr(y, "shape") else None


def _shape_text(shape: object) -> str:
    if shape is None:
        return ""
    if isinstance(shape, tuple) and shape and all([s is None or isinstance(s, tuple) for s in shape]):
        return ", ".join([_shape_text(s) or "?" for s in shape])
    return str(shape)


def _snake(kind: str) -> str:
    return _NAMES.get(kind) or re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", kind).lower()


def _some(names: Sequence[str]) -> str:
    more = f" and {len(names) - 6} more" if len(names) > 6 else ""
    return ", ".join(names[:6]) + more


def _bytes(n: int) -> str:
    """A size of memory, with one decimal of the largest binary unit."""
    if n < 1024:
        return f"{n} B"
    power = min((n.bit_length() - 1) // 10, 4)
    return f"{n / 1024**power:,.1f} {'KMGT'[power - 1]}iB"
