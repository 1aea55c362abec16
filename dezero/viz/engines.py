"""Pictures from text in the language DOT: by the program ``dot``, or by the wheel ``pygraphviz``, which needs none.

Both are Graphviz. No shell is asked, no file name reaches a command line, and the same text gives the same bytes.
"""

from __future__ import annotations

import io
import os
import re
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, suppress
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

__all__ = ["INSTALL", "INSTALL_FONTS", "SCRIPTS", "available", "drawn", "uncovered"]

INSTALL = "pip install pygraphviz"
INSTALL_FONTS = "install one (its package is called fonts-noto-cjk on Debian, google-noto-sans-cjk-fonts on Fedora)"

# What fonts for Latin letters seldom have, and letters by which one tells a font that does have it.
SCRIPTS = {
    "Japanese": ("[\u3040-\u30ff]+", "3042 30a2"),
    "Chinese": ("[\u3400-\u9fff\uf900-\ufaff]+", "4e00 6c34"),
    "Korean": ("[\u1100-\u11ff\uac00-\ud7af]+", "ac00 d55c"),
}
_FONT_FOLDERS = ("/usr/share/fonts", "/usr/local/share/fonts", "~/.fonts", "~/.local/share/fonts")
_FONT_FILES = (".ttf", ".otf", ".ttc", ".pfb", ".pcf.gz")

_PDF_DATE = re.compile(rb"(/(?:CreationDate|ModDate) ?\(D:)\d{14}")
_RASTER = ("png", "jpg", "jpeg", "jpe", "gif", "webp", "bmp", "tif", "tiff")


def available() -> tuple[str, ...]:
    """Names of the engines that can draw here, in the order in which they are asked.

    ``"dot"`` takes the program of that name on the PATH and the package graphviz, and ``"pygraphviz"`` that package.

    Examples
    --------
    >>> set(available()) <= {"dot", "pygraphviz"}
    True
    """
    there = {"dot": shutil.which("dot") and _installed("graphviz"), "pygraphviz": _installed("pygraphviz")}
    return tuple([engine for engine, found in there.items() if found])


def drawn(text: str, kind: str) -> bytes:
    """Draw a graph.

    Parameters
    ----------
    text : str
        In the language DOT.
    kind : str
        The format, as Graphviz calls it: ``"png"``, ``"svg"``, ``"pdf"``. What is made of pixels has 144 of them to
        the inch, unless the text says otherwise, so that it is sharp on a slide.

    Returns
    -------
    bytes
        The same for the same text: dates in a PDF are set to the first of 1970.

    Raises
    ------
    RuntimeError
        If there is no engine; the sentence says what to install.
    ValueError
        If no engine that is there can draw this: the format is unknown to it, or the text is no DOT.
    """
    engines = available()
    if not engines:
        raise RuntimeError(f"nothing here draws .{kind}: {INSTALL}")
    if kind in _RASTER:
        text = text.replace("{", "{\ngraph [dpi=144]", 1)
    faults = []
    for engine in engines:
        try:
            picture = _by_dot(text, kind) if engine == "dot" else _by_pygraphviz(text, kind)
        except ValueError as error:  # Graphviz comes in parts: one installation may lack what the other has
            faults.append(f"{engine} says: {error}")
        else:
            return _PDF_DATE.sub(rb"\g<1>19700101000000", picture) if kind == "pdf" else picture
    raise ValueError(f"Graphviz could not draw the graph as .{kind}; {'; '.join(faults)}")


def uncovered(text: str) -> str:
    """Say which words no font on this machine can draw, and what to do; the empty string if there are none.

    Only for pictures of pixels and for PDF: other files are drawn by whoever opens them. Asks fontconfig, the catalogue
    of fonts on Linux; other systems come with fonts for all scripts.

    Examples
    --------
    >>> uncovered("apple × tax")
    ''
    """
    for script, (letters, _) in SCRIPTS.items():
        word = re.search(letters, text)
        if word is not None and not has_font(" ".join([f"{ord(letter):x}" for letter in sorted(set(word[0]))])):
            return f"no font here has the {script} letters of {word[0]!r}: write .svg or .html, or {INSTALL_FONTS}"
    return ""


def has_font(letters: str = "41") -> bool:
    """Whether some font on this machine has letters, given as their code points in hexadecimal, with spaces between."""
    if sys.platform != "linux":
        return True
    catalogue = shutil.which("fc-list")
    if catalogue is not None:
        import subprocess

        return bool(subprocess.run([catalogue, f":charset={letters}", "file"], capture_output=True).stdout.strip())
    folders = [Path(folder).expanduser() for folder in _FONT_FOLDERS]
    return any([file.name.endswith(_FONT_FILES) for folder in folders for file in folder.rglob("*")])


def _installed(package: str) -> bool:
    """Whether a package is there, found out without loading it."""
    with suppress(ValueError):  # sys.modules may hold something that was put there by hand
        return find_spec(package) is not None
    return False


def _by_dot(text: str, kind: str) -> bytes:
    import subprocess

    try:
        return import_module("graphviz").Source(text).pipe(format=kind, engine="dot", quiet=True)
    except subprocess.CalledProcessError as error:
        raise ValueError(_sentence(error.stderr or b"")) from None


def _by_pygraphviz(text: str, kind: str) -> bytes:
    pygraphviz = import_module("pygraphviz")
    with _listening() as said:
        try:
            picture = pygraphviz.AGraph(string=text).draw(format=kind, prog="dot")
        except (pygraphviz.DotError, OSError, TypeError, ValueError) as error:
            fault = str(error)  # a TypeError stands for a format that it does not know
        else:
            return picture
    raise ValueError(_sentence(said[0]) or fault)


@contextmanager
def _listening() -> Iterator[list[bytes]]:
    """Gather what a library written in C says on the terminal, into a list that has it afterwards."""
    import tempfile

    said = [b""]
    with tempfile.TemporaryFile() as notes, redirect_stderr(io.StringIO()):
        try:
            terminal = os.dup(2)
        except OSError:  # a program without a terminal has nothing to keep clean
            yield said
            return
        os.dup2(notes.fileno(), 2)
        try:
            yield said
        finally:
            os.dup2(terminal, 2)
            os.close(terminal)
            notes.seek(0)
            said[0] = notes.read()


def _sentence(said: bytes) -> str:
    """The errors among what Graphviz says, without the warnings of others."""
    lines = said.decode(errors="replace").splitlines()
    return " ".join(
        [line.strip() for line in lines if line.startswith("Error")] or [lines[-1].strip()] if lines else []
    )
