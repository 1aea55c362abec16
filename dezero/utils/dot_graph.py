"""The graph behind a result as a picture: text in the language DOT, and an image in the book's colours."""

from __future__ import annotations

import os
import warnings
from collections.abc import Sequence
from pathlib import Path

from dezero.core import Function, Variable, walk
from dezero.viz.dot import dot
from dezero.viz.engines import INSTALL, available, drawn, uncovered
from dezero.viz.structure import Numbers, Operation, Structure, Value
from dezero.viz.svg import svg

__all__ = ["Picture", "draw", "get_dot_graph", "plot_dot_graph"]


class Picture(str):
    """The path of a picture; in a notebook, the picture itself."""

    __slots__ = ()

    def _repr_png_(self) -> bytes | None:
        return Path(self).read_bytes() if self.lower().endswith(".png") else None

    def _repr_jpeg_(self) -> bytes | None:
        return Path(self).read_bytes() if self.lower().endswith((".jpg", ".jpeg")) else None

    def _repr_svg_(self) -> str | None:
        return Path(self).read_text(encoding="utf-8") if self.lower().endswith(".svg") else None


def get_dot_graph(output: Variable | Sequence[Variable], verbose: bool = True) -> str:
    """The graph behind a result in the language DOT, which Graphviz and many other programs read.

    Parameters
    ----------
    output : Variable or sequence of Variable
        The result, or several of them. A leaf makes a picture of itself alone.
    verbose : bool
        Whether to label variables with shape and dtype, and not with their names only.

    Returns
    -------
    str
        Variables are ellipses ``v0, v1 ...`` and Functions boxes ``f0, f1 ...``, numbered in the order of the
        computation, so the same graph always gives the same text.

    Raises
    ------
    TypeError
        If output is no Variable.

    Examples
    --------
    >>> import numpy as np
    >>> x = Variable(np.array(3.0), name="x")
    >>> print(get_dot_graph(-x))
    digraph g {
    v0 [label="x: () float64", color=orange, style=filled]
    f0 [label="Neg", color=lightblue, style=filled, shape=box]
    v1 [label="() float64", color=orange, style=filled]
    v0 -> f0
    f0 -> v1
    }
    """
    return dot(_structure(_results("get_dot_graph", output), verbose), style="dezero")


def plot_dot_graph(
    output: Variable | Sequence[Variable], verbose: bool = True, to_file: str | os.PathLike[str] = "graph.png"
) -> Picture:
    """Draw the graph behind a result into a file.

    Graphviz draws, as the program ``dot`` or as the package pygraphviz. Without either of them, dezero draws the same
    picture by itself, as ``.svg``: a warning then tells the name of the file, and what to install for other formats.

    Parameters
    ----------
    output : Variable or sequence of Variable
    verbose : bool
        As for `get_dot_graph`.
    to_file : str or path
        The suffix selects the format: ``.svg``, ``.dot`` for the text itself, or, by Graphviz, ``.png``, ``.pdf`` and
        whatever else it can draw.

    Returns
    -------
    Picture
        The path of the file that was written, a string; a notebook shows it as the picture.

    Raises
    ------
    TypeError
        If output is no Variable.
    ValueError
        If to_file has no suffix, or one that Graphviz does not know.
    OSError
        If the file cannot be written.

    Examples
    --------
    >>> import tempfile, numpy as np
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = plot_dot_graph(Variable(np.array(3.0)) ** 2, to_file=f"{folder}/square.dot")
    ...     Path(path).read_text().splitlines()[0]
    'digraph g {'
    """
    return draw("plot_dot_graph", output, verbose, to_file)


def draw(name: str, output: Variable | Sequence[Variable], verbose: bool, to_file: str | os.PathLike[str]) -> Picture:
    """Do what `plot_dot_graph` does, in the name of another function, which messages then tell."""
    target = Path(to_file)
    structure = _structure(_results(name, output), verbose)
    kind = target.suffix[1:].lower()
    if not (kind.isascii() and kind.isalnum()):
        raise ValueError(f"{name} expects a file name with the format as its suffix, such as graph.png, got "
                         f"{str(target)!r}")  # fmt: skip
    text = dot(structure, style="dezero")
    if kind in ("dot", "gv"):
        target.write_text(text, encoding="utf-8")
    elif available():
        target.write_bytes(drawn(text, kind))
        if kind != "svg" and (missing := uncovered(text)):
            warnings.warn(f"{name} wrote {str(target)!r}, but {missing}", stacklevel=3)
    else:
        target, wanted = target.with_suffix(".svg"), target
        target.write_text(svg(structure, style="dezero", direction="TB"), encoding="utf-8")
        if kind != "svg":
            warnings.warn(f"{name} wrote {str(target)!r} instead of {str(wanted)!r}, because nothing here draws "
                          f".{kind}: {INSTALL}", stacklevel=3)  # fmt: skip
    return Picture(target)


def _structure(results: Sequence[Variable], verbose: bool) -> Structure:
    """The book's view of a graph: names as they were given, and of arrays the shape and the dtype, if wanted."""
    ids: dict[Variable | Function, str] = {}
    values: dict[str, Value] = {}
    operations: dict[str, Operation] = {}

    def value(v: Variable, maker: str | None = None) -> str:
        if v not in ids:
            ids[v] = f"v{len(values)}"
            data = Numbers(v.shape, str(v.dtype)) if verbose and v.data is not None else None
            name = "" if v.name is None else str(v.name)
            values[ids[v]] = Value(ids[v], "input" if maker is None else "inner", name, data, maker=maker)
        return ids[v]

    for f in sorted(walk(*results), key=lambda f: f.generation):  # operands in the order of the code
        key = f"f{len(operations)}"
        kind = type(f).__name__
        inputs = [value(x) for x in f.inputs if x.data is not None]  # an absent bias is a Variable without data
        outputs = [value(y, key) for y in [output() for output in f.outputs] if y is not None]
        operations[key] = Operation(key, kind, kind, tuple(inputs), tuple(outputs))
    return Structure(values, operations, results=tuple([value(y) for y in results]))


def _results(name: str, output: Variable | Sequence[Variable]) -> list[Variable]:
    results = [output] if isinstance(output, Variable) else output
    if not isinstance(results, (list, tuple)) or not results or not all([isinstance(y, Variable) for y in results]):
        raise TypeError(f"{name} expects a Variable, the result whose graph is wanted, or a list of Variables, got "
                        f"{type(output).__name__}")  # fmt: skip
    return list(results)
