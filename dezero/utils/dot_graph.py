"""The graph behind a result as a picture: text in the language DOT, and an image that Graphviz draws from it."""

from __future__ import annotations

import os
import shutil
import subprocess
import warnings
from collections.abc import Sequence
from pathlib import Path

from dezero.core import Function, Variable, walk

__all__ = ["Picture", "get_dot_graph", "plot_dot_graph"]

_ESCAPES = str.maketrans({"\\": r"\\", '"': r"\"", "&": "&amp;", "\n": r"\n", "\r": "", "\0": "\ufffd"})


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
        Variables are ellipses and Functions boxes. Nodes are numbered in the order of the walk from the result to the
        leaves, so the same graph always gives the same text.

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
    0 [label="() float64", color=orange, style=filled]
    1 [label="Neg", color=lightblue, style=filled, shape=box]
    2 [label="x: () float64", color=orange, style=filled]
    2 -> 1
    1 -> 0
    }
    """
    results = _results("get_dot_graph", output)
    numbers: dict[Variable | Function, int] = {}
    lines = []

    def declare(node: Variable | Function, look: str) -> None:
        if node not in numbers:
            numbers[node] = len(numbers)
            lines.append(f"{numbers[node]} [{look}]")

    for result in results:
        declare(result, _ellipse(result, verbose))
    for f in walk(*results):
        declare(f, f'label="{_escaped(type(f).__name__)}", color=lightblue, style=filled, shape=box')
        inputs = [x for x in f.inputs if x.data is not None]  # an absent bias is a Variable without data
        outputs = [y for y in [output() for output in f.outputs] if y is not None]
        for v in inputs + outputs:
            declare(v, _ellipse(v, verbose))
        lines += [f"{numbers[x]} -> {numbers[f]}" for x in inputs]
        lines += [f"{numbers[f]} -> {numbers[y]}" for y in outputs]
    return "\n".join(["digraph g {", *lines, "}"])


def plot_dot_graph(
    output: Variable | Sequence[Variable], verbose: bool = True, to_file: str | os.PathLike[str] = "graph.png"
) -> Picture:
    """Draw the graph behind a result into a file, with the program ``dot`` of Graphviz.

    Where that program is missing, the text of `get_dot_graph` is written beside, with the suffix ``.dot``, and a
    warning tells how to come to the picture.

    Parameters
    ----------
    output : Variable or sequence of Variable
    verbose : bool
        As for `get_dot_graph`.
    to_file : str or path
        The suffix selects the format: ``.png``, ``.svg``, ``.pdf`` and whatever else ``dot`` can draw, or ``.dot`` for
        the text itself, which needs no program.

    Returns
    -------
    Picture
        The path of the file that was written, a string; a notebook shows it as the picture.

    Raises
    ------
    TypeError
        If output is no Variable.
    ValueError
        If to_file has no suffix, or one that ``dot`` does not know.
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
    target = Path(to_file)
    text = get_dot_graph(_results("plot_dot_graph", output), verbose)
    kind = target.suffix[1:].lower()
    if not (kind.isascii() and kind.isalnum()):
        raise ValueError("plot_dot_graph expects a file name with the format as its suffix, such as graph.png, got "
                         f"{str(target)!r}")  # fmt: skip
    program = shutil.which("dot")
    if kind in ("dot", "gv"):
        target.write_text(text, encoding="utf-8")
    elif program is None:
        source = target.with_suffix(".dot")
        source.write_text(text, encoding="utf-8")
        warnings.warn(f"plot_dot_graph wrote {str(source)!r} and no picture, because the program dot is missing: "
                      "install Graphviz (https://graphviz.org/download), or open the text in a viewer for DOT",
                      stacklevel=2)  # fmt: skip
        return Picture(source)
    else:
        target.write_bytes(_drawn(program, kind, text))
    return Picture(target)


def _drawn(program: str, kind: str, text: str) -> bytes:
    """What dot makes of the text; names of files never reach its command line."""
    done = subprocess.run([program, f"-T{kind}"], input=text.encode(), capture_output=True)
    if done.returncode != 0:
        words = done.stderr.decode(errors="replace").strip()
        raise ValueError(f"plot_dot_graph: dot could not draw the graph as .{kind}: {words}")
    return done.stdout


def _results(name: str, output: Variable | Sequence[Variable]) -> list[Variable]:
    results = [output] if isinstance(output, Variable) else output
    if not isinstance(results, (list, tuple)) or not results or not all([isinstance(y, Variable) for y in results]):
        raise TypeError(f"{name} expects a Variable, the result whose graph is wanted, or a list of Variables, got "
                        f"{type(output).__name__}")  # fmt: skip
    return list(results)


def _ellipse(v: Variable, verbose: bool) -> str:
    name = "" if v.name is None else _escaped(str(v.name))
    if verbose and v.data is not None:
        name += ": " * bool(name) + f"{v.shape} {v.dtype}"
    return f'label="{name}", color=orange, style=filled'


def _escaped(text: str) -> str:
    return text.translate(_ESCAPES)
