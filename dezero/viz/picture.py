"""`graph`, and the class `Graph`: a picture of a computation that knows how to be saved and shown."""

from __future__ import annotations

import os
import sys
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from dezero._debug import user_line
from dezero.config import using_config, watched, watching
from dezero.core import Variable
from dezero.viz.as_it_was import as_it_was
from dezero.viz.build import build
from dezero.viz.dot import dot
from dezero.viz.engines import available, drawn, uncovered
from dezero.viz.explorer import explorer
from dezero.viz.player import frames, player
from dezero.viz.story import answers, blanked
from dezero.viz.structure import Structure
from dezero.viz.svg import svg
from dezero.viz.text import as_json, from_json, mermaid, text

__all__ = ["SUFFIXES", "Graph", "graph", "graph_of_model", "load"]

SMALL = 60  # operations that a screen has room for
OWN_LAYOUT = 1500  # nodes that our own layout places within a second; beyond, Graphviz does if it is there

SUFFIXES = (".svg", ".png", ".pdf", ".html", ".dot", ".txt", ".json", ".mmd")


@dataclass(frozen=True, repr=False)
class Graph(Structure):
    """A graph that can be drawn; `graph`, `Variable.graph` and `Layer.graph` make it.

    It is a snapshot: neither `backward` nor updates of arrays change it afterwards. A notebook shows it as a picture,
    ``print`` as a tree in words. All drawing methods take the looks, which given to `graph` hold for all of them:

    - ``style``: ``"lecture"`` (wires with the value above and the derivative below), ``"dezero"`` (the book's ovals and
      boxes) or ``"compact"`` (operations only);
    - ``direction``: ``"LR"`` or ``"TB"``, from left to right or from top to bottom; by default the second for graphs
      with layers and for styles other than the lecture's;
    - ``labels``: ``"values"``, or ``"symbolic"`` for names and the chain of partial derivatives;
    - ``local``: whether operations show what they multiply the derivative by;
    - ``theme``, not for DOT: ``"auto"``, ``"light"`` or ``"dark"``.

    Attributes
    ----------
    blanks : frozenset of str
        What is left out for learners to fill in, as keys: ``"v0.data"``, ``"v0.grad"``.
    looks : mapping
        From the names of looks to their values.

    Examples
    --------
    >>> import numpy as np
    >>> from dezero import Variable
    >>> x = Variable(np.array(3.0))
    >>> y = x ** 2
    >>> y.backward()
    >>> picture = y.graph()
    >>> picture
    y = 9, derivative 1, from **2
    └─ x = 3, derivative 6
    >>> picture.svg().startswith("<svg")
    True
    """

    blanks: frozenset[str] = frozenset()
    looks: Mapping[str, Any] = field(default_factory=dict)

    # -- as text -----------------------------------------------------------------------------------

    def svg(self, **looks: Any) -> str:
        """The picture as SVG; ``prefix="a-"`` goes before each id, for pages with several pictures."""
        return svg(self, blank=self.blanks, **self._drawn(looks))

    def dot(self, **looks: Any) -> str:
        """The graph in the language DOT of Graphviz."""
        looks = {"direction": None} | dict(self.looks) | looks
        looks.pop("theme", None)
        return dot(self._with_blanks(), **looks)

    def text(self) -> str:
        """The graph as a tree in words, for terminals and screen readers."""
        return text(self, blank=self.blanks)

    def mermaid(self) -> str:
        """The graph in the language Mermaid, which GitHub draws from a code block in a README."""
        return mermaid(self._with_blanks(), direction=self.looks.get("direction") or "LR")

    def json(self) -> str:
        """All that is known of the graph, for other programs; `dezero.viz.load` reads it."""
        return as_json(self._with_blanks())

    def html(
        self, path: str | os.PathLike[str] | None = None, *, play: bool = False, quiz: bool = False, title: str = "",
        **looks: Any,
    ) -> str | Path:  # fmt: skip
        """A page that needs no server and no other file.

        Parameters
        ----------
        path : str or path, optional
            The file to write.
        play : bool
            Step through the forward and the backward pass by keys, buttons or touch. Without it the page shows the
            whole graph: layers open and close, and more is said about what the mouse points at.
        quiz : bool
            As play, but numbers are to be typed in before they are shown: all of them, or those that `blank` chose.
        title : str, optional
        **looks
            With play or quiz: as for `svg`.

        Returns
        -------
        str or Path
            The text of the page, or the path where it was written.
        """
        if play or quiz:
            page = player(self, quiz=quiz, title=title, blank=self.blanks, **self._drawn(looks))
        else:
            if looks:
                raise TypeError(f"html takes {', '.join(looks)} with play=True or quiz=True only: the page of a whole "
                                "graph has its own looks")  # fmt: skip
            page = explorer(self._with_blanks(), title=title)
        if path is None:
            return page
        Path(path).write_text(page, encoding="utf-8")
        return Path(path)

    # -- files -------------------------------------------------------------------------------------

    def save(self, path: str | os.PathLike[str], **looks: Any) -> Path:
        """Write the picture to a file; the suffix says how.

        Parameters
        ----------
        path : str or path
            ``.svg``; ``.html`` for a page; ``.txt`` for words; ``.mmd`` for Mermaid; ``.json`` for programs; ``.dot``;
            ``.png`` or ``.pdf``, for which Graphviz or pygraphviz must be there.
        **looks
            As for `svg`; for ``.html`` those of `html`, such as ``play=True``.

        Returns
        -------
        Path

        Raises
        ------
        ValueError
            For another suffix.
        RuntimeError
            If nothing here draws PNG or PDF; the message says what to install.
        OSError
            If the file cannot be written.

        Examples
        --------
        >>> import tempfile
        >>> import numpy as np
        >>> from dezero import Variable
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     file = (Variable(np.array(3.0), name="x") ** 2).graph().save(f"{folder}/square.txt")
        ...     print(file.read_text(encoding="utf-8"))
        9, derivative –, from **2
        └─ x = 3, derivative –
        <BLANKLINE>
        """
        target = Path(path)
        kind = target.suffix.lower()
        if kind not in SUFFIXES:
            raise ValueError(f"save writes {', '.join(SUFFIXES[:-1])} and {SUFFIXES[-1]}, by the suffix of the file "
                             f"name, got {str(target)!r}")  # fmt: skip
        if kind in (".png", ".pdf"):
            words = self.dot(**looks)
            try:
                picture = drawn(words, kind[1:])
            except RuntimeError as error:
                raise RuntimeError(
                    f"save cannot write {str(target)!r}: {error}; .svg and .html need nothing"
                ) from error
            target.write_bytes(picture)
            if missing := uncovered(words):
                warnings.warn(f"save wrote {str(target)!r}, but {missing}", stacklevel=2)
            return target
        if kind == ".html":
            self.html(target, **looks)
            return target
        if kind in (".svg", ".dot"):
            words = self.svg(**looks) if kind == ".svg" else self.dot(**looks) + "\n"
        elif looks:
            raise TypeError(f"save to {kind} takes no looks, got {', '.join(looks)}")
        else:
            words = {".txt": self.text, ".json": self.json, ".mmd": self.mermaid}[kind]()
            words = words if words.endswith("\n") else words + "\n"
        target.write_text(words, encoding="utf-8")
        return target

    def frames(self, pattern: str, **looks: Any) -> list[Path]:
        """Write one SVG for each step of the forward and the backward pass, all with the same frame, for slides.

        Parameters
        ----------
        pattern : str
            The file names, with a place for the number, which counts from 1: ``"slide_{:02d}.svg"``.
        **looks
            As for `svg`.

        Returns
        -------
        list of Path

        Raises
        ------
        ValueError
            If the pattern has no place for a number, or another suffix than ``.svg``.
        """
        try:
            distinct = pattern.format(1) != pattern.format(2)
        except (IndexError, KeyError, ValueError):
            distinct = False
        if not distinct or not pattern.lower().endswith(".svg"):
            raise ValueError(f'frames wants file names with a place for the number, such as "slide_{{:02d}}.svg", got '
                             f"{pattern!r}")  # fmt: skip
        written = []
        for number, picture in enumerate(frames(self, blank=self.blanks, **self._drawn(looks)), start=1):
            written.append(Path(pattern.format(number)))
            written[-1].write_text(picture, encoding="utf-8")
        return written

    def show(self) -> Path | None:
        """Show the picture: in a notebook below the cell, elsewhere in the browser.

        Returns
        -------
        Path or None
            The file that the browser shows. Where there is no display, a warning says where the file is.
        """
        notebook = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
        if notebook is not None and hasattr(notebook, "kernel"):
            from importlib import import_module

            import_module("IPython.display").display(self)
            return None
        import tempfile
        import webbrowser

        small = len(self.operations) <= SMALL
        path = self.save(Path(tempfile.mkdtemp(prefix="dezero-")) / ("graph.svg" if small else "graph.html"))
        screen = sys.platform != "linux" or os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
        if not (screen and webbrowser.open(path.as_uri())):  # without a screen, it would start a browser of text
            warnings.warn(f"there is no browser to show the picture in; it is the file {path}", stacklevel=2)
        return path

    # -- for lessons -------------------------------------------------------------------------------

    def blank(self, *names: str) -> Graph:
        """The same picture with boxes to fill in.

        Parameters
        ----------
        *names : str
            Names of values, and names of derivatives: ``"price"``, ``"dApple"`` or ``"dapple"``. Values without a
            name are called by their id: ``"v2"``, ``"dv2"``.

        Raises
        ------
        ValueError
            If there is no such name.

        Examples
        --------
        >>> import numpy as np
        >>> from dezero import Variable
        >>> apple, tax = Variable(np.array(100.0)), Variable(np.array(1.1))
        >>> price = apple * tax
        >>> price.backward()
        >>> exercise = price.graph().blank("price", "dApple")
        >>> exercise
        price = ____, derivative 1, from ×
        ├─ apple = 100, derivative ____
        └─ tax = 1.1, derivative 100
        >>> exercise.answers()
        {'price': '110', 'dApple': '1.1'}
        """
        if not names:
            raise ValueError('blank wants names of values or derivatives, such as "price" or "dApple"')
        return replace(self, blanks=self.blanks | blanked(self, *names))

    def answers(self) -> dict[str, str]:
        """What belongs into the boxes that `blank` made, from names to numbers as the picture would show them."""
        return answers(self, self.blanks)

    # -- notebooks and terminals -------------------------------------------------------------------

    def __repr__(self) -> str:
        if len(self.operations) <= SMALL:
            return self.text()
        results = ", ".join([self.values[v].name or v for v in self.results])
        return f"Graph of {results}: {len(self.operations):,} operations, {len(self.values):,} values"

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        """What a notebook shows: pages untrusted or converted lose the HTML and still have the picture."""
        bundle = {"text/plain": repr(self)}
        if len(self.operations) <= SMALL:
            from zlib import crc32  # ids that the same picture always has, and another one on the page has not

            picture = self.svg(prefix=f"g{crc32(as_json(self).encode()):08x}-")
            bundle["image/svg+xml"] = picture
            bundle["text/html"] = f'<div style="overflow-x: auto">{picture}</div>'
        else:
            from html import escape

            page = escape(explorer(self._with_blanks()))
            bundle["text/html"] = (f'<iframe srcdoc="{page}" style="width: 100%; height: 640px; border: 0" '
                                   'title="Graph of a computation" sandbox="allow-scripts allow-downloads"></iframe>'
                                   )  # fmt: skip
        return bundle

    # -- what the methods share --------------------------------------------------------------------

    def _drawn(self, looks: Mapping[str, Any]) -> dict[str, Any]:
        """The looks of one drawing."""
        known = {**self.looks, **looks}
        if known.get("direction") is None:
            flat = known.get("style", "lecture") == "lecture" and not self.groups
            known["direction"] = "LR" if flat else "TB"  # numbers read along a line, arrays and layers down a page
        if "run" not in known and len(self.values) + len(self.operations) > OWN_LAYOUT and available():
            known["run"] = _places
        return known

    def _with_blanks(self) -> Structure:
        """The structure without the numbers that are to be filled in."""
        values = {
            v.id: replace(v, data=None if f"{v.id}.data" in self.blanks else v.data,
                          grad=None if f"{v.id}.grad" in self.blanks else v.grad)
            for v in self.values.values()
        }  # fmt: skip
        return Structure(values, self.operations, self.groups, self.results, self.title, self.notice)


def _places(words: str) -> str:
    """Where Graphviz puts the nodes of a graph."""
    return drawn(words, "plain").decode("utf-8")


# -- making one ------------------------------------------------------------------------------------


def graph(
    y: Variable,
    *more: Variable,
    values: bool = True,
    depth: int | None = None,
    grads: bool | None = None,
    model: object = None,
    names: Mapping[str, object] | None = None,
    title: str = "",
    **looks: Any,
) -> Graph:
    """Take a picture of the computation behind one or several results.

    Parameters
    ----------
    y, *more : Variable
    values : bool
        Whether to take down numbers, and not only shapes and dtypes.
    depth : int, optional
        How deep calls of layers are shown; deeper ones become one operation each, and alike ones in a row one
        together. By default nothing is folded up to 3,000 operations.
    grads : bool, optional
        Whether to show derivatives; by default they appear as soon as a leaf has one. Those of leaves are what is
        stored in `.grad`; those on the wires between are computed anew. Nobody's `.grad` changes.
    model : Layer, optional
        Whose parameters are named by their path, such as ``l1/W``; by default the outermost layer that was called.
    names : mapping from str to object, optional
        Under which names Variables, arrays and layers are known; by default those of the caller's variables.
        A `.name` goes before.
    title : str, optional
    **looks
        How to draw it, unless a method is told otherwise: see `Graph`.

    Raises
    ------
    TypeError
        If a result is no Variable.
    ValueError
        If one has no data, or depth is negative.
    RuntimeError
        If one was computed under `no_grad`, or as a gradient without `create_graph`.

    Examples
    --------
    >>> import numpy as np
    >>> from dezero import Variable
    >>> x, y = Variable(np.array(1.0)), Variable(np.array(2.0))
    >>> t = x + y
    >>> z = t ** 2
    >>> graph(z)
    z = 9, derivative –, from **2
    └─ t = 3, derivative –, from +
       ├─ x = 1, derivative –
       └─ y = 2, derivative –
    >>> z.backward()
    >>> graph(z)
    z = 9, derivative 1, from **2
    └─ t = 3, derivative 6, from +
       ├─ x = 1, derivative 6
       └─ y = 2, derivative 6
    """
    _check(looks)
    known = build((y, *more), values=values, depth=depth, grads=grads, model=model, names=names)
    return Graph(known.values, known.operations, known.groups, known.results, title, known.notice, looks=looks)


_LOOKS = ("style", "direction", "labels", "local", "theme")


def _check(looks: Mapping[str, object]) -> None:
    for look in looks:
        if look not in _LOOKS:
            raise TypeError(f"graph has no setting {look!r}; pictures have {', '.join(_LOOKS)}")


def load(path: str | os.PathLike[str]) -> Graph:
    """Read a graph that was saved as ``.json``.

    Raises
    ------
    ValueError
        If the file is no such graph.
    """
    known = from_json(Path(path).read_text(encoding="utf-8"))
    return Graph(*[getattr(known, part.name) for part in fields(Structure)])


class _Lines:
    """Notes for each operation which line of the program it comes from."""

    def applied(self, f: Any, outputs: object) -> None:
        f.line = user_line()

    def before(self, f: object) -> None: ...
    def derived(self, f: object, gy: object, gxs: object) -> None: ...
    def blame(self, error: Exception, f: object) -> None: ...


def graph_of_model(model: Any, inputs: tuple[object, ...], options: Mapping[str, Any]) -> Graph:
    """Do what `Layer.graph` says."""
    known = {"model": model, "grads": False} | dict(options)
    with as_it_was(model), using_config("enable_backprop", True), watched(watching.get() or _Lines()):
        y = model(*inputs)
        results = [v for v in (y if isinstance(y, (tuple, list)) else (y,)) if isinstance(v, Variable)]
        if not results:
            raise TypeError(f"{type(model).__name__}.graph: the call returned no Variable but {type(y).__name__}")
        return graph(*results, **known)
