"""What a script computes, as a picture: behind ``python -m dezero graph script.py:loss``."""

from __future__ import annotations

import os
import sys
import types
import warnings
import webbrowser
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from io import open_code
from operator import attrgetter
from pathlib import Path
from typing import Any

import numpy as np

from dezero import viz
from dezero.core import Variable
from dezero.layers import Layer

__all__ = ["drawable", "picture", "run"]

SHOWN = 8  # names of what could be drawn that a message lists


def run(path: Path, arguments: Sequence[str] = ()) -> dict[str, object]:
    """Run a script as ``python script.py`` does, and return its global names.

    Its output goes where it always goes, but no window opens: matplotlib draws into memory, and no browser starts.

    Parameters
    ----------
    path : Path
    arguments : sequence of str
        What it finds in ``sys.argv[1:]``.

    Raises
    ------
    OSError
        If it cannot be read.
    SystemExit
        If it ends itself with another status than 0.
    Exception
        Whatever else it raises.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     script = Path(folder, "script.py")
    ...     _ = script.write_text("if __name__ == '__main__':\\n    answer = 6 * 7")
    ...     run(script)["answer"]
    42
    """
    with open_code(str(path.resolve())) as file:
        source = file.read()
    main = types.ModuleType("__main__")
    main.__file__ = str(path)
    code = compile(source, str(path), "exec", dont_inherit=True)
    with _as_main(main, path, arguments), _without_windows():
        try:
            exec(code, main.__dict__)
        except SystemExit as end:
            if end.code not in (None, 0):
                raise
    return main.__dict__


@contextmanager
def _as_main(main: types.ModuleType, path: Path, arguments: Sequence[str]) -> Iterator[None]:
    before = sys.modules["__main__"], sys.argv, list(sys.path)
    sys.modules["__main__"] = main
    sys.argv = [str(path), *arguments]
    sys.path.insert(0, str(path.resolve().parent))
    try:
        yield
    finally:
        sys.modules["__main__"], sys.argv, sys.path[:] = before


@contextmanager
def _without_windows() -> Iterator[None]:
    backend, browser = os.environ.get("MPLBACKEND"), webbrowser.open
    os.environ["MPLBACKEND"] = "Agg"
    webbrowser.open = lambda *_, **__: True
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "FigureCanvasAgg is non-interactive")
            yield
    finally:
        webbrowser.open = browser
        if backend is None:
            del os.environ["MPLBACKEND"]
        else:
            os.environ["MPLBACKEND"] = backend


def drawable(names: Mapping[str, object]) -> list[str]:
    """Of global names those that `picture` can draw: results first, latest first, then models.

    Examples
    --------
    >>> x = Variable(np.array(3.0))
    >>> drawable({"x": x, "y": x ** 2, "n": 3})
    ['y']
    """
    results = [name for name, value in names.items() if isinstance(value, Variable) and value.creator is not None]
    return results[::-1] + [name for name, value in names.items() if isinstance(value, Layer)]


def picture(
    names: Mapping[str, object],
    name: str,
    inputs: Sequence[tuple[int, ...]] = (),
    depth: int | None = None,
    **looks: Any,
) -> viz.Graph:
    """Take a picture of the computation behind a global name of a script.

    Parameters
    ----------
    names : mapping
        The global names.
    name : str
        Of a Variable, of a list of them, or of a layer, which is called for the picture; with dots for attributes:
        ``"x.grad"``.
    inputs : sequence of tuple of int
        For a layer: the shape of each input. They are filled with random numbers, the same every time.
    depth : int, optional
    **looks
        As for `dezero.viz.graph`.

    Raises
    ------
    LookupError
        If there is no such name; the message lists those that could be drawn.
    TypeError
        If it is nothing that can be drawn.
    ValueError
        If a layer comes without shapes, or a Variable with them.
    """
    try:
        value = attrgetter(name)(types.SimpleNamespace(**names))
    except AttributeError:
        raise LookupError(f"the script has no global name {name!r}; {_choice(names)}") from None
    many = list(value) if isinstance(value, (list, tuple)) else [value]
    if many and all([isinstance(y, Variable) for y in many]):
        if inputs:
            raise ValueError(f"{name} is a Variable, which needs no --input: that is for models")
        return viz.graph(*many, depth=depth, names=names, **looks)
    if not isinstance(value, Layer):
        raise TypeError(f"{name} is of the type {type(value).__name__}, and a Variable or a model is wanted; "
                        f"{_choice(names)}")  # fmt: skip
    if not inputs:
        raise ValueError(f"{name} is a model: tell the shape of its input, such as --input 1,3,224,224")
    numbers = np.random.default_rng(0)
    xs = [Variable(numbers.standard_normal(shape, np.float32), name=f"x{i}") for i, shape in enumerate(inputs)]
    if len(xs) == 1:
        xs[0].name = "x"
    return value.graph(*xs, depth=depth, **looks)


def _choice(names: Mapping[str, object]) -> str:
    found = drawable(names)
    if not found:
        return "no Variable that was computed and no model is among its global names: assign to one what is to be drawn"
    return f"what can be drawn is {', '.join(found[:SHOWN])}" + ", ..." * (len(found) > SHOWN)
