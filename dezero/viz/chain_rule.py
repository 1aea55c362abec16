"""The chain rule in words, numbers and formulas: how a derivative comes about, along every path of the graph."""

from __future__ import annotations

import math
import re
import textwrap
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias
from weakref import ref

import numpy as np

from dezero import cuda
from dezero.config import watching
from dezero.core import Function, Variable, backprop
from dezero.viz.colours import colour
from dezero.viz.draft import Draft, names_of_caller
from dezero.viz.structure import figure
from dezero.viz.symbols import detail, formulas, ours, symbol

__all__ = ["Explanation", "Step", "explain"]

MOST = 64  # paths that are told one by one
WIDTH = 110  # of a line of text

Key: TypeAlias = int  # of a wire in the Draft
Format: TypeAlias = Callable[[float], str]


@dataclass(frozen=True, slots=True)
class Step:
    """The way back through one operation, from its output to one of its inputs."""

    operation: str  # its id in the picture, such as "f0"
    symbol: str
    output: str  # names of the two wires
    input: str
    value: float | None  # the local derivative: the factor; None for arrays
    words: str  # where the factor comes from, or the formula of the input's derivative
    shapes: str  # of the formula: "2×4 @ 4×3"; "" for numbers
    tex: str  # the factor, or the right-hand side, as LaTeX


Path: TypeAlias = tuple[Step, ...]  # from the result back


@dataclass(frozen=True)
class Explanation:
    """What `explain` finds. Its text is ``str(e)``, its formula ``e.latex()``; a notebook shows the formula.

    ``format(e, ".17g")`` is the text with all digits.

    Attributes
    ----------
    result, by : str
        The names of the two variables.
    count : int
        How many paths lead from one to the other.
    paths : tuple of tuple of Step
        Each from the result back; empty if there are more than 64.
    nodes : tuple of (str, tuple of Step)
        For more paths: each variable on the way with the steps that lead back to it.
    value : float or None
        The derivative, the sum over all paths of the products of their factors; None for arrays.
    """

    result: str
    by: str
    count: int
    paths: tuple[Path, ...]
    nodes: tuple[tuple[str, Path], ...]
    value: float | None

    # -- words -------------------------------------------------------------------------------------

    def __str__(self) -> str:
        return self._text(figure)

    __repr__ = __str__

    def __format__(self, spec: str) -> str:
        return self._text((lambda x: format(x, spec)) if spec else figure)

    def _text(self, form: Format) -> str:
        head = f"d {self.result} / d {self.by}"
        if not self.count:
            return f"{head} = 0: {self.result} does not depend on {self.by}"
        if self.paths and not any(self.paths):
            return f"{head} = 1: it is the same variable"
        if self.nodes:
            return "\n".join([f"{head}: {self.count:,} paths lead there, more than {MOST}, so they are grouped by "
                              "variable", *self._by_node(form)])  # fmt: skip
        if self.value is not None:
            return "\n".join(self._numbers(head, form))
        lines = []
        for i, path in enumerate(self.paths):
            lines.append(head if len(self.paths) == 1 else f"{head}, path {i + 1} of {len(self.paths)}")
            lines += _table([(f"  {_d(s.input)}", f"= {s.words}", f"({s.shapes})" * bool(s.shapes), s.symbol)
                             for s in path])  # fmt: skip
        if len(self.paths) > 1:
            lines.append(f"{head} = sum of {len(self.paths)} paths")
        return "\n".join(lines)

    def _numbers(self, head: str, form: Format) -> Iterator[str]:
        total = form(self.value)  # type: ignore[arg-type]  # asked for where it is no array
        if len(self.paths) == 1:
            yield from _wrapped(f"{head} = ", _factors(self.paths[0], form), f" = {total}")
            return
        yield f"{head} = sum of {len(self.paths)} paths"
        for i, path in enumerate(self.paths):
            yield from _wrapped(f"  path {i + 1}: ", _factors(path, form), f" = {form(_product(path))}")
        sums = _wrapped("  ", [form(_product(path)) for path in self.paths], f" = {total}", " + ")
        yield from [line.replace("+ -", "- ") for line in sums]

    def _by_node(self, form: Format) -> Iterator[str]:
        known = {self.result: 1.0}
        for name, steps in self.nodes:
            if self.value is None:
                yield f"  {_d(name)} = " + "  +  ".join([s.words for s in steps])
                continue
            known[name] = math.fsum([known[s.output] * s.value for s in steps])  # type: ignore[operator]
            terms = [f"{_d(s.output)} × {form(s.value)} ({s.words})" for s in steps]  # type: ignore[arg-type]
            yield from _wrapped(f"  {_d(name)} = ", terms, f" = {form(known[name])}", " + ")

    # -- formulas ----------------------------------------------------------------------------------

    def latex(self, dark: bool = False) -> str:
        """The chain rule as LaTeX, for KaTeX and MathJax, each operation in the colour that it has in the picture.

        Parameters
        ----------
        dark : bool
            Whether it will stand on a dark background.
        """
        head = _partial(self.result, self.by)
        if not self.count:
            return f"{head} = 0"
        if self.paths and not any(self.paths):
            return f"{head} = 1"

        def coloured(step: Step, text: str) -> str:
            return f"\\textcolor{{{colour(step.operation, dark)}}}{{{text}}}"

        if self.nodes or self.value is None:
            routes = self.nodes or tuple([(s.input, (s,)) for path in self.paths for s in path])
            lines = []
            for name, steps in routes:
                terms = [coloured(s, s.tex) for s in steps]
                if self.value is not None:
                    above = [_partial(self.result, s.output) for s in steps]
                    terms = [f"{dy} \\cdot {coloured(s, _factor(s.tex))}" for dy, s in zip(above, steps)]
                lines.append(f"{_partial(self.result, name)} &= {' + '.join(terms)}")
            return _aligned(lines)
        rows: list[list[str]] = [[], [], []]
        for path in self.paths:
            for row, text in zip(rows, ([_partial(s.output, s.input) for s in path], [_factor(s.tex) for s in path],
                                        [_tex_number(s.value) for s in path])):  # fmt: skip
                row.append(" \\cdot ".join([coloured(s, part) for s, part in zip(path, text)]))
        total = _tex_number(self.value)
        sums = [" \\\\\n&\\quad + ".join(row) for row in rows]
        return _aligned([f"{head} &= {sums[0]}", *[f"&= {row}" for row in sums[1:]], f"&= {total}"])

    def _repr_latex_(self) -> str:
        return f"$$\n{self.latex()}\n$$"

    def _repr_markdown_(self) -> str:
        return self._repr_latex_()


def explain(y: Variable, x: Variable, names: Mapping[str, object] | None = None) -> Explanation:
    """Explain the derivative of y by x: along every path of the graph, factor by factor.

    Parameters
    ----------
    y, x : Variable
        A result, and what it was computed from: a leaf or a variable between.
    names : mapping from str to object, optional
        Under which names variables are known; by default those of the caller. Others are called t, or t1, t2 and
        so on in the order of the computation.

    Returns
    -------
    Explanation
        Where all variables on the way are single numbers, products of local derivatives, and their sum is what
        `backward` adds to ``x.grad``. Where there are arrays, for each operation the formula that gives the derivative
        by its input, with shapes. More than 64 paths are grouped by the variables that they pass.

    Raises
    ------
    TypeError
        If one of them is no Variable.
    RuntimeError
        If y was computed under `no_grad`, or as a gradient without `create_graph`.

    Examples
    --------
    >>> apple, n, tax = Variable(np.array(100.0)), Variable(np.array(2.0)), Variable(np.array(1.1))
    >>> price = apple * n * tax
    >>> explain(price, apple)
    d price / d apple = 1 × 1.1 (× tax: other input) × 2 (× n: other input) = 2.2
    """
    for v in (y, x):
        if not isinstance(v, Variable):
            raise TypeError(f"explain expects two Variables, got {type(v).__name__}")
    if y._unrecorded:
        raise RuntimeError("explain: there is no graph to go back through, because y was computed under no_grad(), or "
                           "as a gradient without create_graph=True")  # fmt: skip
    draft = Draft([y])
    known = names_of_caller() if names is None else names
    draft.name(known, None)
    graph = _Graph(draft, id(y), id(x))
    return Explanation(
        graph.names.get(id(y), "y"), graph.names.get(id(x)) or _outside_name(x, known), graph.counts.get(id(y), 0),
        tuple(graph.paths()), tuple(graph.nodes()), graph.value,
    )  # fmt: skip


# -- paths -----------------------------------------------------------------------------------------


class _Graph:
    """The part of a graph between two of its variables."""

    def __init__(self, draft: Draft, y: Key, x: Key) -> None:
        self.draft, self.y, self.x = draft, y, x
        self.counts: dict[Key, int] = {x: 1} if x in draft.wires or x == y else {}  # of the paths from x
        self.makers: dict[Key, tuple[int, Function, int]] = {}  # number, function, position among its outputs
        for number, node in enumerate(draft.nodes):
            f = node.function
            if f is None:
                continue
            paths = sum([self.counts.get(id(v), 0) for v, needed in zip(f.inputs, f.needs_grad) if needed])
            for position, key in enumerate(node.outputs):
                if paths and key != x:
                    self.counts[key] = paths
                    self.makers[key] = number, f, position
        self.between = self._between()
        self.names = _names(draft, self.between | {y, x})
        self.scalar = all([math.prod(draft.wires[key].shape) == 1 for key in self.between if key in draft.wires])
        self.steps: dict[Key, list[tuple[Key, Step]]] = {key: [] for key in self.between}
        for key in self.between:
            if key in self.makers:
                self.steps[key] = list(self._back_from(key))
        self.value = self._derivative() if self.scalar else None

    def _between(self) -> set[Key]:
        """The wires that paths lead through, both ends included."""
        found: set[Key] = set()
        stack = [self.y] if self.y in self.counts else []
        while stack:
            key = stack.pop()
            if key in found:
                continue
            found.add(key)
            if key in self.makers:
                f = self.makers[key][1]
                stack += [id(v) for v, needed in zip(f.inputs, f.needs_grad) if needed and id(v) in self.counts]
        return found

    def _back_from(self, key: Key) -> Iterator[tuple[Key, Step]]:
        """Where the maker of a wire leads back to, and how."""
        number, f, position = self.makers[key]
        given = [v for v in f.inputs if v.data is not None]
        names = [self.names.get(id(v), "") or _short(v) for v in given]
        factors = _local(f, position) if self.scalar else {}
        slots = {i: j for j, i in enumerate([i for i, v in enumerate(f.inputs) if v.data is not None])}
        out = self.names[key]
        for i, (v, needed) in enumerate(zip(f.inputs, f.needs_grad)):
            if not needed or id(v) not in self.counts:
                continue
            j = slots[i]
            if self.scalar:
                value = factors[i]
                words, tex, shapes = *_scalar_words(f, j, names, out), ""
            else:
                value = None
                words, shapes, tex = _array_words(f, j, given, names, out, self.draft.wires[key].shape, self._result())
            yield id(v), Step(f"f{number}", symbol(f), out, names[j], value, words, shapes, tex)

    def _result(self) -> str:
        return self.names[self.y]

    def _derivative(self) -> float:
        """The sum over all paths of the products of their factors, in one sweep."""
        sums: dict[Key, list[float]] = {self.y: [1.0]}
        for key in self._backwards():
            for below, step in self.steps[key]:
                sums.setdefault(below, []).append(math.fsum(sums[key]) * step.value)  # type: ignore[operator]
        return math.fsum(sums.get(self.x, [0.0]))

    def _backwards(self) -> list[Key]:
        """The wires with a maker between, each before those that it was computed from."""
        return sorted([key for key in self.between if key in self.makers], key=lambda k: -self.makers[k][0])

    def paths(self) -> Iterator[Path]:
        """Every path, if they are few; in the order of the operands."""
        if not 0 < self.counts.get(self.y, 0) <= MOST:
            return
        stack: list[tuple[Key, tuple]] = [(self.y, ())]
        while stack:
            key, way = stack.pop()
            if key == self.x:
                steps = []
                while way:
                    step, way = way
                    steps.append(step)
                yield tuple(reversed(steps))
                continue
            stack += [(below, (step, way)) for below, step in reversed(self.steps[key])]

    def nodes(self) -> Iterator[tuple[str, Path]]:
        """Each wire with the steps that lead back to it, if there are many paths."""
        if self.counts.get(self.y, 0) <= MOST:
            return
        users: dict[Key, list[Step]] = {}
        order: dict[Key, None] = {}
        for key in self._backwards():
            for below, step in self.steps[key]:
                users.setdefault(below, []).append(step)
        for key in [*self._backwards(), self.x]:
            if key in users:
                order[key] = None
        for key in order:
            yield self.names[key], tuple(users[key])


def _names(draft: Draft, between: set[Key]) -> dict[Key, str]:
    """The names of all wires; those between get letters where they have none, and a number for a name used twice."""
    names = {key: wire.name for key, wire in draft.wires.items()}
    taken = set(names.values())
    unnamed = [key for node in draft.nodes for key in node.outputs if key in between and not names.get(key)]
    if len(unnamed) == 1 and "t" not in taken:
        names[unnamed[0]] = "t"
    else:
        number = 0
        for key in unnamed:
            number += 1
            while f"t{number}" in taken:
                number += 1
            names[key] = f"t{number}"
    used: set[str] = set()
    for key in [k for k in names if k in between]:
        name, again = names[key], 1
        while names[key] in used:
            again += 1
            names[key] = f"{name}'{again}"
        used.add(names[key])
    return names


def _outside_name(x: Variable, known: Mapping[str, object]) -> str:
    """The name of a variable that the graph does not hold."""
    return x.name or next((name for name, thing in known.items() if thing is x and not name.startswith("_")), "x")


def _short(v: Variable) -> str:
    """What a constant or an unnamed operand beside the paths is called."""
    data = cuda.as_numpy(v)
    if data.size == 1 and data.dtype.kind in "biuf":
        return figure(data.item())
    return "the constant"


def _local(f: Function, position: int) -> dict[int, float]:
    """The derivatives of one output by each input, for single numbers: the engine's, for a copy that stands alone."""
    alone = f._twin()
    alone.inputs = tuple([Variable(cuda.as_numpy(v) if isinstance(v.data, float) else v.data) if needed else v
                          for v, needed in zip(f.inputs, f.needs_grad)])  # fmt: skip
    if len(f.outputs) == 1:
        ys = [Variable(_data(f))]
        alone._outputs = ref(ys[0])
    else:
        held = [output() for output in f.outputs]
        ys = [Variable(np.zeros(*s) if v is None else v.data) for v, s in zip(held, f._signature)]
        alone._outputs = tuple([ref(v) for v in ys])
    for v in ys:
        v.creator = alone
    y = ys[position]
    token = watching.set(None)
    try:
        with np.errstate(all="ignore"):
            xp = cuda.get_array_module(y.data)
            grads = backprop(y, Variable(xp.ones_like(y.data)), create_graph=False)
    finally:
        watching.reset(token)
    found = {}
    for i, (v, needed) in enumerate(zip(alone.inputs, f.needs_grad)):
        if needed:
            found[i] = float(cuda.as_numpy(grads[v]).sum()) if v in grads else 0.0
    return found


def _data(f: Function):
    y = f.outputs[0]()
    return y.data if y is not None else None


# -- words for numbers -----------------------------------------------------------------------------


def _scalar_words(f: Function, j: int, names: Sequence[str], out: str) -> tuple[str, str]:
    """Where a local derivative comes from, in words and as LaTeX."""
    kind, sign = type(f).__name__, symbol(f)
    if ours(f):
        if kind == "Mul":
            other = names[1 - j]
            return f"× {other}: other input", _tex(other)
        if kind == "Add":
            return "+ passes it on", "1"
        if kind == "Sub":
            return ("− passes it on", "1") if j == 0 else ("− turns the sign", "-1")
        if kind == "Neg":
            return "− turns the sign", "-1"
        found = formulas(f, names, out)
        if found is not None and j < len(found):
            return (f"{sign}: {found[j]}" if found[j] != "1" else f"{sign} passes it on"), _tex(found[j])
    return f"{kind}: its local derivative", f"{_tex_text(kind)}'"


def _factors(path: Path, form: Format) -> list[str]:
    return [form(1), *[f"{form(s.value)} ({s.words})" for s in path]]  # type: ignore[arg-type]


def _product(path: Path) -> float:
    return math.prod([s.value for s in path])  # type: ignore[misc]


def _wrapped(head: str, parts: Sequence[str], tail: str, between: str = " × ") -> Iterator[str]:
    """Terms in a row, broken between them where it gets too long."""
    line, indent = head + parts[0], " " * len(head)
    for part in parts[1:]:
        if len(line) + len(between) + len(part) > WIDTH:
            yield line
            line = indent + between.lstrip() + part
        else:
            line += between + part
    yield line + tail


def _table(rows: Sequence[Sequence[str]]) -> list[str]:
    widths = [max(map(len, column)) for column in zip(*rows)]
    return ["  ".join([cell.ljust(n) for cell, n in zip(row, widths)]).rstrip() for row in rows]


# -- words for arrays ------------------------------------------------------------------------------


def _d(name: str) -> str:
    """The derivative of the result by a variable, in short."""
    return f"d{name}" if name.isidentifier() else f"d({name})"


def _sizes(shape: Sequence[int]) -> str:
    """A shape such as 2×4; a single number has none."""
    return "×".join(map(str, shape)) or "number"


def _array_words(
    f: Function, j: int, given: Sequence[Variable], names: Sequence[str], out: str, y: tuple[int, ...], result: str
) -> tuple[str, str, str]:
    """The derivative by an input as a formula: in words, its shapes, and as LaTeX."""
    kind, D = type(f).__name__, _d(out)
    x = given[j].shape
    T = _partial(result, out)
    if ours(f):
        found = _product_words(f, kind, j, given, names, D, T, y) or _shape_words(f, kind, j, names, D, x, y)
        if found is None:
            found = _loss_words(f, kind, j, names, D, given, y) or _elementwise_words(f, kind, j, names, out, D, T)
            if found is not None and x != y and len(given) == 2 and kind not in _LOSSES:
                axes = _stretched(x, y)
                words = f"sum of {found[0]} over axis {axes}"
                return words, f"{_sizes(y)} → {_sizes(x)}", f"\\sum_{{\\text{{axis }} {axes}}} {found[2]}"
        if found is not None:
            return found
    words = f"{D} times its local derivative ({kind})"
    return words, _sizes(x), f"{T} \\cdot \\text{{local derivative of }}{_tex_text(kind)}"


_LOSSES = {"SoftmaxCrossEntropy", "MeanSquaredError", "SigmoidCrossEntropy"}


def _stretched(x: tuple[int, ...], y: tuple[int, ...]) -> str:
    """The axes of y along which x was repeated."""
    lead = len(y) - len(x)
    axes = [*range(lead), *[lead + i for i, n in enumerate(x) if n != y[lead + i]]]
    return ", ".join(map(str, axes))


def _product_words(f, kind, j, given, names, D, T, y):
    """Of products of matrices and of convolutions."""
    if kind in ("MatMul", "Linear") and j < 2 and given[0].ndim == given[1].ndim == 2:
        (a, b), (N, rows), columns = names[:2], given[0].shape, given[1].shape[1]
        if j == 0:
            return f"{D} @ {b}ᵀ", f"{N}×{columns} @ {columns}×{rows}", f"{T} {_tex(b)}^\\top"
        return f"{a}ᵀ @ {D}", f"{rows}×{N} @ {N}×{columns}", f"{_tex(a)}^\\top {T}"
    if kind in ("MatMul", "Linear") and j < 2:
        other = names[1 - j]
        words = f"{D} @ {other}ᵀ" if j == 0 else f"{other}ᵀ @ {D}"
        return f"{words}, for each matrix of the stack", f"{_sizes(given[j].shape)}", (
            f"{T} {_tex(other)}^\\top" if j == 0 else f"{_tex(other)}^\\top {T}")  # fmt: skip
    if kind == "Linear":
        axes = ", ".join(map(str, range(len(y) - 1)))
        return f"sum of {D} over axis {axes}", f"{_sizes(y)} → {_sizes(given[2].shape)}", (
            f"\\sum_{{\\text{{axis }} {axes}}} {T}")  # fmt: skip
    if kind in ("Conv2d", "Deconv2d"):
        how = "transposed convolution" if (kind == "Conv2d") == (j == 0) else "convolution"
        words = [f"{how} of {D} with {names[1]}", f"correlation of {names[0]} with {D}, summed over the images",
                 f"sum of {D} over axes 0, 2, 3"][j]  # fmt: skip
        return words, f"{_sizes(y)} → {_sizes(given[j].shape)}", _tex_text(words)
    return None


def _shape_words(f, kind, j, names, D, x, y):
    """Of operations that move, repeat or add up elements."""
    words = {
        "Sum": f"{D} repeated", "SumTo": f"{D} repeated", "Reshape": f"{D} reshaped",
        "Mean": f"{D} / {max(1, math.prod(x) // max(1, math.prod(y)))} repeated",
        "Transpose": f"{D}ᵀ" if len(x) == 2 else f"{D} with its axes put back",
        "Concatenate": f"the part of {D} that came from {names[j]}",
        "Stack": f"the part of {D} that came from {names[j]}",
        "Max": f"{D} where the largest stood, 0 elsewhere", "Min": f"{D} where the smallest stood, 0 elsewhere",
        "Pooling": f"{D} where each largest stood, 0 elsewhere",
        "AveragePooling": f"{D} spread evenly over each window",
        "Softmax": f"p * ({D} - sum of p * {D} over axis {getattr(f, 'axis', -1)}), p = softmax({names[j]})",
    }.get(kind)  # fmt: skip
    if kind == "BroadcastTo":
        words = f"sum of {D} over axis {_stretched(x, y)}"
    elif kind == "GetItem":
        words = f"{D} put back at {detail(f)}, 0 elsewhere"
    elif kind == "Dropout":
        words = f"{D} * mask / (1 - ratio)"
    if words is None:
        return None
    return words, _sizes(x) if x == y else f"{_sizes(y)} → {_sizes(x)}", _tex_text(words)


def _loss_words(f, kind, j, names, D, given, y):
    """Of losses."""
    x, count = given[j].shape, getattr(f, "count", 1)
    over = f" / {figure(float(count))}" if isinstance(count, (int, float)) and count != 1 else ""
    if kind == "SoftmaxCrossEntropy" and j == 0:
        words = f"{D} * (p - t){over}, p = softmax({names[0]})"
        tex = "(p - t)" if not over else f"\\frac{{p - t}}{{{over[3:]}}}"
        return words, _sizes(x), tex
    if kind == "SigmoidCrossEntropy" and j == 0:
        return f"{D} * (p - t){over}, p = sigmoid({names[0]})", _sizes(x), f"(p - t){over}"
    if kind == "MeanSquaredError":
        a, b = (names[0], names[1]) if j == 0 else (names[1], names[0])
        return f"{D} * 2 ({a} - {b}){over}", _sizes(x), f"2 ({_tex(a)} - {_tex(b)}){over}"
    return None


def _elementwise_words(f, kind, j, names, out, D, T):
    """Of what is done element by element."""
    if kind == "Add" or (kind == "Sub" and j == 0):
        return D, "", T
    if kind in ("Sub", "Neg"):
        return f"-{D}", "", f"-{T}"
    found = formulas(f, names, out)
    if found is None or j >= len(found):
        return None
    if kind == "Mul":
        return f"{D} * {names[1 - j]}", "", f"{T} \\odot {_tex(names[1 - j])}"
    return f"{D} * ({found[j]})", "", f"{T} \\odot \\left({_tex(found[j])}\\right)"


# -- LaTeX -----------------------------------------------------------------------------------------

_TOKENS = (
    r"\*\*\([^()]*\)|\*\*-?[\w.]+|√\([^()]*\)|√\w+"  # powers and roots
    r"|[^\W\d][\w'/.]*|-?[\d.]+(?:e[+-]?\d+)?|\s+|."  # names and numbers
)
_COMMANDS = {"exp", "log", "sin", "cos", "tan", "sinh", "cosh", "tanh"}


def _partial(y: str, x: str) -> str:
    return f"\\frac{{\\partial {_tex(y)}}}{{\\partial {_tex(x)}}}"


def _aligned(lines: Sequence[str]) -> str:
    body = " \\\\\n".join(lines)
    return f"\\begin{{aligned}}\n{textwrap.indent(body, '  ')}\n\\end{{aligned}}"


def _tex(formula: str) -> str:
    """A name or a formula as `symbols.formulas` writes it, as LaTeX."""
    if " where " in formula or " the " in formula:
        return _tex_text(formula)
    parts = re.findall(_TOKENS, formula)
    return "".join(map(_tex_part, parts)).strip()


def _tex_part(part: str) -> str:
    if part.startswith("**"):
        return f"^{{{_tex(part[2:].strip('()'))}}}"
    if part.startswith("√"):
        return f"\\sqrt{{{_tex(part[1:].strip('()'))}}}"
    if part in _COMMANDS:
        return f"\\{part}"
    if part == "σ":
        return "\\sigma"
    if part == "*":
        return "\\cdot "
    if re.fullmatch(r"[a-zA-Z]\d*", part):
        return part[0] + (f"_{{{part[1:]}}}" if part[1:] else "")
    if re.match(r"[^\W\d]", part):
        return _tex_text(part)
    return part if part.isspace() or re.fullmatch(r"[-+\d.e()/|,]+", part) else _tex_text(part)


def _tex_text(text: str) -> str:
    """Words in LaTeX. What is special there stands between them, in mathematics, where all programs read it alike."""
    special = {"\\": "\\backslash ", "{": "\\{", "}": "\\}", "$": "\\$", "%": "\\%", "#": "\\#", "&": "\\&",
               "_": "\\_", "^": "{\\wedge}", "~": "{\\sim}"}  # fmt: skip
    parts = re.findall(r"[\\\\{}$%#&_^~]|[^\\\\{}$%#&_^~]+", text)
    words = "".join([special[part] if part in special else f"\\text{{{_printable(part)}}}" for part in parts])
    return words if len(parts) == 1 else f"{{{words}}}"


def _printable(text: str) -> str:
    return "".join([c if c.isprintable() else " " for c in text])


def _tex_number(x: float | None) -> str:
    text = figure(x if x is not None else math.nan)
    mantissa, e, power = text.partition("e")
    return _factor(f"{mantissa} \\times 10^{{{int(power)}}}" if e else text)


def _factor(tex: str) -> str:
    """With brackets, if it is negative: it may stand behind a dot."""
    return f"({tex})" if tex.startswith("-") else tex
