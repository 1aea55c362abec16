"""Drawings of what happens to shapes: windows and columns, broadcasting, sums over axes, and neurons.

Each is a function of shapes or of a model that returns a `Drawing`, whose text is SVG.
"""

from __future__ import annotations

import math
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from dezero import cuda
from dezero._like_array import bare
from dezero._shapes import Padding, Sizes, Window, places, window
from dezero.functions_conv import im2col_array
from dezero.viz.colours import PALETTE, PALETTE_DARK

__all__ = ["Drawing", "broadcast", "im2col", "neurons", "sum_to"]

CELL_W, CELL_H = 34, 26
MOST_CELLS = 4000
MOST_UNITS = 12
DASHES = ("", "6 3", "2 3", "8 3 2 3", "1 2", "10 4", "4 2")  # of the palette's colours: dash says the same as colour
FONT = "'Helvetica Neue',Arial,'Noto Sans CJK JP','Hiragino Sans','Yu Gothic','Microsoft YaHei',sans-serif"


@dataclass(frozen=True)
class Drawing:
    """A drawing: its SVG, and the same step by step.

    Attributes
    ----------
    svg : str
    steps : tuple of str
        The SVG of each step, all of the same size; one for a drawing without steps.
    title : str
        What it shows, in words.
    """

    svg: str
    steps: tuple[str, ...]
    title: str

    def _repr_svg_(self) -> str:
        return self.svg

    def __str__(self) -> str:
        return self.title

    def save(self, path: str | os.PathLike[str]) -> str:
        """Write the SVG to a file; return its path.

        Raises
        ------
        ValueError
            If the name has another suffix than ``.svg``.
        """
        return _write(path, self.svg)

    def frames(self, pattern: str) -> list[str]:
        """Write each step to a file of its own, such as ``"slide_{:02d}.svg"``; return the paths.

        Raises
        ------
        ValueError
            If the pattern has no place for the number, or another suffix than ``.svg``.
        """
        if len(self.steps) > 1 and pattern.format(0) == pattern.format(1):
            raise ValueError(f'frames expects a place for the number, such as "slide_{{:02d}}.svg", got {pattern!r}')
        return [_write(pattern.format(i), svg) for i, svg in enumerate(self.steps)]


def _write(path: str | os.PathLike[str], svg: str) -> str:
    name = os.fspath(path)
    if not name.lower().endswith(".svg"):
        raise ValueError(f"this drawing is saved as .svg, got {name!r}")
    with open(name, "w", encoding="utf-8") as file:
        file.write(svg)
    return name


# -- a canvas --------------------------------------------------------------------------------------


class _Canvas:
    """Collects what is drawn, and how far it reaches."""

    def __init__(self) -> None:
        self.parts: list[str] = []
        self.width = self.height = 0.0

    def reach(self, x: float, y: float) -> None:
        self.width, self.height = max(self.width, x), max(self.height, y)

    def text(self, x: float, y: float, text: str, kind: str = "", anchor: str = "start", size: float = 14) -> None:
        if not text:
            return
        shift = {"start": 1.0, "middle": 0.5, "end": 0.0}[anchor]
        self.reach(x + shift * _width(text, size), y + size / 3)
        extra = f' class="{kind}"' if kind else ""
        anchored = f' text-anchor="{anchor}"' if anchor != "start" else ""
        self.parts.append(
            f'<text x="{_n(x)}" y="{_n(y)}" font-size="{_n(size)}"{extra}{anchored}>{_escape(text)}</text>'
        )

    def cell(
        self, x: float, y: float, text: str, kind: str = "cell", colour: int | None = None, w: float = CELL_W
    ) -> None:
        paint = "" if colour is None else f" c{colour % len(PALETTE)}"
        self.parts.append(
            f'<rect x="{_n(x + 1)}" y="{_n(y + 1)}" width="{_n(w - 2)}" height="{CELL_H - 2}" rx="3" '
            f'class="{kind}{paint}"/>'
        )
        self.text(x + w / 2, y + CELL_H / 2 + 4.5, text, "num" if kind == "cell" else f"num {kind}", "middle",
                  13 if _width(text, 13) < w - 5 else 10.5)  # fmt: skip
        self.reach(x + w, y + CELL_H)

    def outline(self, x: float, y: float, w: float, h: float, colour: int, inset: float = 0) -> None:
        i = colour % len(PALETTE)
        dash = f' stroke-dasharray="{DASHES[i]}"' if DASHES[i] else ""
        self.parts.append(
            f'<rect x="{_n(x - 1 + inset)}" y="{_n(y - 1 + inset)}" width="{_n(w + 2 - 2 * inset)}" '
            f'height="{_n(h + 2 - 2 * inset)}" rx="5" class="outline s{i}"{dash}/>'
        )
        self.reach(x + w + 2, y + h + 2)

    def path(self, d: str, kind: str, dash: str = "", extra: str = "") -> None:
        dashed = f' stroke-dasharray="{dash}"' if dash else ""
        self.parts.append(f'<path d="{d}" class="{kind}"{dashed}{extra}/>')

    def arrow(self, x: float, y: float, length: float) -> None:
        self.path(f"M{_n(x)} {_n(y)}h{_n(length - 8)}", "line")
        self.path(f"M{_n(x + length)} {_n(y)}l-9 -4.5v9z", "head")
        self.reach(x + length, y + 5)

    def svg(self, title: str, margin: float = 28, size: tuple[float, float] | None = None) -> str:
        width, height = size or (self.width, self.height)
        w, h = math.ceil(width + margin), math.ceil(height + margin)
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {w} {h}" width="{w}" height="{h}" role="img" '
            f'class="dezero-shapes"><title>{_escape(title)}</title><style>{_STYLE}</style>'
            f'<rect width="{w}" height="{h}" class="paper"/>{"".join(self.parts)}</svg>\n'
        )


def _style() -> str:
    def rules(dark: bool) -> str:
        paper, ink, soft, line = ("#12171d", "#e7ecf1", "#9aa8b5", "#46525e") if dark else (
            "#ffffff", "#27313b", "#5d6b78", "#c3ccd4")  # fmt: skip
        palette = PALETTE_DARK if dark else PALETTE
        found = {
            ".paper": f"fill:{paper}", "text": f"fill:{ink}", ".soft": f"fill:{soft}",
            ".num.pad,.num.ghost": f"fill:{soft}",
            ".cell": f"fill:{paper};stroke:{line}", ".pad": f"fill:none;stroke:{line};stroke-dasharray:2 2",
            ".line": f"fill:none;stroke:{soft};stroke-width:1.5", ".head": f"fill:{soft}",
            ".unit": f"fill:{paper};stroke:{ink};stroke-width:1.6", ".plus": f"stroke:{palette[0]}",
            ".minus": f"stroke:{palette[1]}", ".plus-ink": f"fill:{palette[0]}", ".minus-ink": f"fill:{palette[1]}",
        }  # fmt: skip
        for i, c in enumerate(palette):
            found[f".c{i}"] = f"fill:{c};fill-opacity:{'.30' if dark else '.16'};stroke:{c}"
            found[f".ghost.c{i}"] = f"fill:{c};fill-opacity:{'.12' if dark else '.06'};stroke:{c};stroke-dasharray:3 3"
            found[f".s{i}"] = f"stroke:{c}"
            found[f".t{i}"] = f"fill:{c}"
        return "".join([f"{_scoped(names)}{{{rule}}}" for names, rule in found.items()])

    common = (
        f".dezero-shapes text{{font-family:{FONT};font-variant-numeric:tabular-nums}}"
        ".dezero-shapes .title{font-weight:600}.dezero-shapes .outline{fill:none;stroke-width:2.4}"
        ".dezero-shapes .link{fill:none;stroke-width:1.8;stroke-opacity:.85}"
        ".dezero-shapes .edge{fill:none;stroke-linecap:round}"
        ".dezero-shapes .code{font-family:ui-monospace,Menlo,Consolas,'DejaVu Sans Mono',monospace}"
    )
    return f"{rules(False)}{common}@media(prefers-color-scheme:dark){{{rules(True)}}}"


def _scoped(names: str) -> str:
    return ",".join([f".dezero-shapes {name}" for name in names.split(",")])


_STYLE = _style()


def _n(x: float) -> str:
    return f"{round(x, 2):g}"


def _escape(text: str) -> str:
    plain = "".join([c if c.isprintable() else " " for c in text])
    return plain.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")


def _width(text: str, size: float) -> float:
    return sum([1.0 if ord(c) > 0x2E80 else 0.56 for c in text]) * size


def _figure(x: float) -> str:
    """A number that fits into a cell."""
    text = f"{x:.3g}"
    return f"{x:.4g}" if "e" in text and abs(x) < 1e4 else text.replace("e+0", "e").replace("e-0", "e-")


def _shape_text(shape: Sequence[int]) -> str:
    return str(tuple(shape))


def _as_shape(name: str, shape: object) -> tuple[int, ...]:
    if isinstance(shape, (int, np.integer)):
        shape = (int(shape),)
    if not isinstance(shape, (tuple, list)) or not all([isinstance(n, (int, np.integer)) and n > 0 for n in shape]):
        raise ValueError(f"{name} expects a shape of sizes from 1, such as (2, 2, 3), got {shape!r}")
    if math.prod(shape) > MOST_CELLS // 10 or len(shape) > 4:
        raise ValueError(f"{name} draws up to {MOST_CELLS // 10} elements in up to 4 axes, got {tuple(shape)}: "
                         "a smaller shape shows the same")  # fmt: skip
    return tuple([int(n) for n in shape])


# -- im2col ----------------------------------------------------------------------------------------


def im2col(x: object, kernel: Sizes, stride: Sizes = 1, pad: Padding = 0) -> Drawing:
    """Draw how `dezero.functions.im2col` lays out what a window sees, so that a convolution is a product of matrices.

    Parameters
    ----------
    x : array or Variable, shape (N, C, H, W); or that shape
        Small: at most 4,000 numbers are drawn. For a shape the numbers count from 0.
    kernel, stride : int or (int, int)
    pad : int, (int, int), ((top, bottom), (left, right)) or "same"

    Returns
    -------
    Drawing
        The images with some places of the window, and the matrix (N OH OW, C KH KW) with their rows in the same
        colours. `frames` writes one picture for each place.

    Raises
    ------
    ValueError
        If x has not four axes, is too large, or the window does not fit.

    Examples
    --------
    >>> print(im2col((1, 1, 4, 4), 3))
    im2col: x (1, 1, 4, 4), kernel (3, 3), stride (1, 1): matrix (4, 9)
    """
    data = bare(x)
    if cuda.is_array(data):
        array = cuda.as_numpy(data)
    else:
        shape = tuple(data) if isinstance(data, (tuple, list)) else (data,)
        if len(shape) != 4 or not all([isinstance(n, (int, np.integer)) and n > 0 for n in shape]):
            raise ValueError(f"viz.im2col expects x of shape (N, C, H, W), or that shape, got {data!r}")
        array = np.arange(math.prod(shape)).reshape(shape)
    if array.ndim != 4:
        raise ValueError(f"viz.im2col expects x of shape (N, C, H, W), got {array.shape}")
    w = window("im2col", kernel, stride, pad)
    OH, OW = places("im2col", array.shape[2:], w)
    rows, columns = array.shape[0] * OH * OW, array.shape[1] * math.prod(w.kernel)
    if rows * columns + array.size > MOST_CELLS:
        raise ValueError(f"viz.im2col draws at most {MOST_CELLS:,} numbers; images of shape {array.shape} and their "
                         f"matrix ({rows}, {columns}) have more: a smaller example shows the same")  # fmt: skip
    title = (f"im2col: x {_shape_text(array.shape)}, kernel {w.kernel}, stride {w.stride}: matrix "
             f"({rows}, {columns})")  # fmt: skip
    some = sorted({0, min(1, rows - 1), rows - 1}) if rows > 4 else list(range(rows))
    pictures = [_columns_picture(array, w, (OH, OW), shown, title) for shown in (some, *[[i] for i in range(rows)])]
    return Drawing(pictures[0], tuple(pictures[1:]), title)


def _columns_picture(x: np.ndarray, w: Window, out: tuple[int, int], shown: Sequence[int], title: str) -> str:
    c = _Canvas()
    (N, C, H, W), (KH, KW), (OH, OW) = x.shape, w.kernel, out
    (top, _), (left, _), (HP, WP) = *w.pad, w.padded((H, W))
    matrix = im2col_array(x, w.kernel, w.stride, w.pad)
    x0, y0 = 30.0, 110.0
    c.text(x0, 38, "im2col", "title", size=20)
    c.text(x0, 62, f"At each of N·OH·OW = {N}·{OH}·{OW} = {N * OH * OW} places the window sees C·KH·KW = "
                   f"{C}·{KH}·{KW} = {C * KH * KW} numbers: one row each.", "soft")  # fmt: skip
    across = C if C * WP <= 24 else max(1, 24 // WP)
    gap_x, gap_y = 24, 44
    grid_w, grid_h = WP * CELL_W + gap_x, HP * CELL_H + gap_y
    corners: dict[tuple[int, int], tuple[float, float]] = {}
    y = y0
    for n in range(N):
        for k in range(C):
            corners[n, k] = x0 + (k % across) * grid_w, y + (k // across) * grid_h
            gx, gy = corners[n, k]
            c.text(gx, gy - 9, f"n = {n}, c = {k}", "soft", size=13)
            for i in range(HP):
                for j in range(WP):
                    inside = 0 <= i - top < H and 0 <= j - left < W
                    value = _figure(x[n, k, i - top, j - left]) if inside else "0"
                    c.cell(gx + j * CELL_W, gy + i * CELL_H, value, "cell" if inside else "pad")
        y += -(-C // across) * grid_h
    right = x0 + min(C, across) * grid_w
    mx, my = right + 130, y0
    _matrix_heads(c, mx, my, C, KH, KW)
    colours = {row: i if len(shown) > 1 else row for i, row in enumerate(shown)}
    for r in range(matrix.shape[0]):
        n, place = divmod(r, OH * OW)
        i, j = divmod(place, OW)
        ry = my + r * CELL_H
        tint = colours.get(r)
        kind = "soft" if tint is None else f"t{tint % len(PALETTE)}"
        c.text(mx - 10, ry + CELL_H / 2 + 4, f"{n}, {i}, {j}", kind, "end", 12)
        for k, value in enumerate(matrix[r]):
            c.cell(mx + k * CELL_W, ry, _figure(value), "cell", tint)
    for k in range(1, C):
        c.path(f"M{_n(mx + k * KH * KW * CELL_W)} {_n(my - 6)}v{_n(matrix.shape[0] * CELL_H + 8)}", "line")
    for nth, (r, colour) in enumerate(colours.items()):
        _windows(c, corners, w, r, (OH, OW), C, colour, nth)
        start = right - gap_x + 7, (nth - (len(colours) - 1) / 2) * 6
        _link(c, corners, w, r, (OH, OW), start, (mx, my + (r + 0.5) * CELL_H), colour)
    layout = f"matrix (N·OH·OW, C·KH·KW) = {_shape_text(matrix.shape)}; rows n, oh, ow; columns c, kh, kw"
    c.text(mx, my + matrix.shape[0] * CELL_H + 28, layout, "soft", size=13)
    below = y - gap_y + 34
    for line in _output_sizes(w, (H, W), out):
        c.text(x0, below, line, "soft code", size=12)
        below += 19
    return c.svg(title)


def _matrix_heads(c: _Canvas, x: float, y: float, C: int, KH: int, KW: int) -> None:
    """What the rows and the columns of the matrix are."""
    c.text(x - 10, y - 9, "n, oh, ow", "soft", "end", 12)
    for k in range(C):
        middle = x + (k + 0.5) * KH * KW * CELL_W
        c.text(middle, y - 27, f"c = {k}", "soft", "middle", 13)
        for i in range(KH):
            for j in range(KW):
                c.text(x + (k * KH * KW + i * KW + j + 0.5) * CELL_W, y - 9, f"{i},{j}", "soft", "middle", 11)


def _place(w: Window, r: int, out: tuple[int, int]) -> tuple[int, int, int]:
    """Image, and the first row and column of the padded image, at a row of the matrix."""
    n, place = divmod(r, out[0] * out[1])
    i, j = divmod(place, out[1])
    return n, i * w.stride[0], j * w.stride[1]


def _windows(c: _Canvas, corners, w: Window, r: int, out: tuple[int, int], C: int, colour: int, nth: int) -> None:
    n, i, j = _place(w, r, out)
    for k in range(C):
        gx, gy = corners[n, k]
        c.outline(gx + j * CELL_W, gy + i * CELL_H, w.extent[1] * CELL_W, w.extent[0] * CELL_H, colour, 1.4 * (nth % 4))


def _link(
    c: _Canvas, corners, w: Window, r: int, out: tuple[int, int], start: tuple[float, float],
    end: tuple[float, float], colour: int,
) -> None:  # fmt: skip
    """From beside the image, at about the height of the window, to its row."""
    n, i, _ = _place(w, r, out)
    sx, sy = start[0], corners[n, 0][1] + (i + w.extent[0] / 2) * CELL_H + start[1]
    ex, ey = end[0] - 62, end[1]
    bend = max(30.0, (ex - sx) / 2)
    i = colour % len(PALETTE)
    c.path(f"M{_n(sx)} {_n(sy)}C{_n(sx + bend)} {_n(sy)} {_n(ex - bend)} {_n(ey)} {_n(ex)} {_n(ey)}", f"link s{i}",
           DASHES[i])  # fmt: skip
    c.path(f"M{_n(ex + 7)} {_n(ey)}l-8 -4v8z", f"t{i}")


def _output_sizes(w: Window, size: tuple[int, int], out: tuple[int, int]) -> Iterator[str]:
    for a, n, k, s, p, o in zip("HW", size, w.kernel, w.stride, w.pad, out):
        yield f"O{a} = ({a} + pad - K{a}) // S{a} + 1"
        yield f"\u2003= ({n} + {sum(p)} - {k}) // {s} + 1 = {o}"


# -- arrays as blocks ------------------------------------------------------------------------------


def _blocks(
    c: _Canvas, x: float, y: float, array: np.ndarray, groups: np.ndarray, own: np.ndarray
) -> tuple[float, float]:
    """Draw an array of up to 4 axes as matrices in a row, axis 1 of 4 below; return how far it reaches.

    `groups` are the numbers of the colours; where `own` is False, the cell is a copy.
    """
    shape = (1,) * max(0, 4 - array.ndim) + array.shape
    data, colours, originals = array.reshape(shape), groups.reshape(shape), own.reshape(shape)
    A, B, R, K = shape
    w = CELL_W
    for a in range(A):
        for b in range(B):
            bx, by = x + b * (K * w + 22), y + a * (R * CELL_H + 34)
            if array.ndim > 2:
                lead = f"[{a}, {b}]" if array.ndim == 4 else f"[{b}]"
                c.text(bx, by - 7, lead, "soft code", size=11.5)
            for i in range(R):
                for j in range(K):
                    kind = "cell" if originals[a, b, i, j] else "ghost"
                    c.cell(bx + j * w, by + i * CELL_H, _figure(data[a, b, i, j]), kind, int(colours[a, b, i, j]))
    return x + B * (K * w + 22) - 22, y + A * (R * CELL_H + 34) - 34


def _axes(axes: Sequence[int]) -> str:
    return str(axes[0]) if len(axes) == 1 else str(tuple(axes))


def sum_to(shape: Sequence[int], target: Sequence[int]) -> Drawing:
    """Draw how `dezero.functions.sum_to` brings an array of a shape to a target: over which axes, and which elements.

    Parameters
    ----------
    shape, target : tuple of int
        The elements are numbered from 0; cells of one colour are added up.

    Raises
    ------
    ValueError
        If the target does not broadcast to the shape, so that no sum leads there; or there is too much to draw.

    Examples
    --------
    >>> print(sum_to((2, 2, 3), (2, 1, 1)))
    sum_to (2, 2, 3) → (2, 1, 1): x.sum(axis=(1, 2), keepdims=True)
    """
    before = _as_shape("viz.sum_to", shape)
    after = _as_shape("viz.sum_to", target)
    lead = len(before) - len(after)
    if lead < 0 or any([n not in (1, m) for n, m in zip(after, before[lead:])]):
        raise ValueError(f"sum_to cannot bring shape {before} to {after}: {after} does not broadcast to {before}; each "
                         "size of the target, counted from the last, must be 1 or the same")  # fmt: skip
    gone = tuple(range(lead))
    kept = tuple([lead + i for i, n in enumerate(after) if n != before[lead + i]])
    if not gone + kept:
        code = "x: nothing is summed"
    elif not gone:
        code = f"x.sum(axis={_axes(kept)}, keepdims=True)"
    elif not kept and all([n > 1 or i >= lead for i, n in enumerate(before)]):
        code = f"x.sum(axis={_axes(gone)})" if after else "x.sum()"
    else:
        code = f"x.sum(axis={_axes(gone + kept)}, keepdims=True).reshape({_shape_text(after)})"
    x = np.arange(math.prod(before)).reshape(before)
    y = x.sum(axis=gone + kept, keepdims=True).reshape(after)
    groups = np.broadcast_to(np.arange(y.size).reshape(after), before)
    title = f"sum_to {_shape_text(before)} → {_shape_text(after)}: {code}"
    c = _Canvas()
    c.text(30, 38, f"sum_to  {_shape_text(before)} → {_shape_text(after)}", "title", size=20)
    c.text(30, 64, code, "code", size=14.5)
    _axis_table(c, 30, 96, before, (None,) * lead + after)
    top = 96 + 4 * 24 + 34
    right, low = _blocks(c, 30, top, x, groups, np.ones(before, bool))
    middle = (top + low) / 2
    c.arrow(right + 26, middle, 64)
    _blocks(c, right + 116, middle - _height(after) / 2, y, np.arange(y.size).reshape(after), np.ones(after, bool))
    rule = (
        "Cells of one colour are added up. The axis you name is the one that disappears; with keepdims it stays, with "
    )
    c.text(30, low + 40, rule + "size 1.", "soft", size=13)
    return Drawing(c.svg(title), (c.svg(title),), title)


def _height(shape: tuple[int, ...]) -> float:
    A, R = (shape[-4] if len(shape) > 3 else 1), (shape[-2] if len(shape) > 1 else 1)
    return A * (R * CELL_H + 34) - 34


def _axis_table(c: _Canvas, x: float, y: float, before: tuple[int, ...], after: tuple[int | None, ...]) -> None:
    """Sizes before and after, one column for each axis."""
    labels = ("axis", "size of x", "target", "")
    for i, label in enumerate(labels):
        c.text(x, y + i * 24, label, "soft", size=13)
    for axis, (n, m) in enumerate(zip(before, after)):
        cx = x + 130 + axis * 86
        c.text(cx, y, str(axis), "soft code", "middle", 13)
        c.text(cx, y + 24, str(n), "code", "middle", 15)
        c.text(cx, y + 48, "–" if m is None else str(m), "code", "middle", 15)
        summed = m is None or m != n
        c.text(cx, y + 72, "summed" if summed else "stays", "t1" if summed else "soft", "middle", 12.5)


def broadcast(shape_a: Sequence[int], shape_b: Sequence[int]) -> Drawing:
    """Draw how two arrays of different shapes are brought to one shape, as in ``a + b``.

    Parameters
    ----------
    shape_a, shape_b : tuple of int
        The elements are numbered from 0; copies are dashed, in the colour of their original.

    Raises
    ------
    ValueError
        If the shapes do not broadcast, with the axis at which they differ; or there is too much to draw.

    Examples
    --------
    >>> print(broadcast((3, 1), (4,)))
    broadcast (3, 1) and (4,) → (3, 4)
    """
    a, b = _as_shape("viz.broadcast", shape_a), _as_shape("viz.broadcast", shape_b)
    for i, (m, n) in enumerate(zip(reversed(a), reversed(b))):
        if m != n and 1 not in (m, n):
            raise ValueError(f"shapes {a} and {b} do not broadcast: at axis {-1 - i} the sizes are {m} and {n}, and "
                             "neither is 1")  # fmt: skip
    result = _as_shape("viz.broadcast", np.broadcast_shapes(a, b))
    title = f"broadcast {_shape_text(a)} and {_shape_text(b)} → {_shape_text(result)}"
    c = _Canvas()
    c.text(30, 38, f"broadcast  {_shape_text(a)} and {_shape_text(b)} → {_shape_text(result)}", "title", size=20)
    c.text(30, 64, "Shapes are compared from the last axis. An axis of size 1, or a missing one, is repeated: "
                   "copies are dashed.", "soft")  # fmt: skip
    y = 104.0
    for row, (name, shape) in enumerate((("a", a), ("b", b), ("result", result))):
        c.text(30, y + row * 24, name, "soft", size=13)
        lead = len(result) - len(shape)
        for axis, n in enumerate(result):
            size = shape[axis - lead] if axis >= lead else None
            text = "–" if size is None else str(size)
            kind = "code" if size == n else "code t1"
            c.text(130 + axis * 56, y + row * 24, text, kind, "middle", 15)
    y += 3 * 24 + 34
    widths = [_blocks(_Canvas(), 30, 0, np.zeros(shape), np.zeros(shape), np.ones(shape, bool))[0] for shape in (a, b)]
    for name, shape in (("a", a), ("b", b)):
        small = np.arange(math.prod(shape)).reshape(shape)
        large = np.broadcast_to(small, result)
        own = np.zeros(result, bool)
        lead = len(result) - len(shape)
        own[(0,) * lead + tuple([slice(n) for n in shape])] = True
        low = y + _height(result)
        middle = (y + low) / 2
        c.text(30, y - 26, f"{name}  {_shape_text(shape)}", "title", size=14)
        _blocks(c, 30, middle - _height(shape) / 2, small, small, np.ones(shape, bool))
        c.arrow(max(widths) + 26, middle, 64)
        _blocks(c, max(widths) + 116, y, large, large, own)
        y = low + 72
    return Drawing(c.svg(title), (c.svg(title),), title)


# -- neurons ---------------------------------------------------------------------------------------


def neurons(model: object) -> Drawing:
    """Draw a small multi-layer perceptron as neurons, with the matrix W beside the edges that it stands for.

    Parameters
    ----------
    model : Layer
        With affine layers, one after another, of up to 12 units each, that were called once.

    Returns
    -------
    Drawing
        Edges are thick where the weight is large, dashed where it is negative. `frames` shows one layer at a time.

    Raises
    ------
    TypeError
        If model is no layer.
    RuntimeError
        If a W has no data yet.
    ValueError
        If there are no matrices W, they do not fit one behind another, or a layer has more than 12 units.

    Examples
    --------
    >>> from dezero.models import MLP
    >>> model = MLP((3, 2))
    >>> y = model(np.zeros((1, 2)))
    >>> print(neurons(model))
    MLP: 2 → 3 → 2 units
    """
    if not hasattr(type(model), "named_params"):
        raise TypeError(f"viz.neurons expects a layer or a model, got {type(model).__name__}")
    named = dict(model.named_params())  # type: ignore[attr-defined]  # asked for above
    found: list[tuple[str, np.ndarray, np.ndarray | None]] = []
    for path, p in named.items():
        if path.rpartition("/")[2] != "W":
            continue
        if p.data is None:
            raise RuntimeError(f"viz.neurons: {path} has no data yet; call the model once with an example")
        if p.ndim != 2:
            raise ValueError(f"viz.neurons draws affine layers, and {path} has shape {p.shape}")
        b = named.get(path[:-1] + "b")
        found.append((path, cuda.as_numpy(p), None if b is None or b.data is None else cuda.as_numpy(b)))
    if not found:
        raise ValueError("viz.neurons expects a model with affine layers, and there is no W in this one")
    sizes = [found[0][1].shape[0], *[W.shape[1] for _, W, _ in found]]
    for (path, W, _), n in zip(found, sizes):
        if W.shape[0] != n:
            raise ValueError(f"viz.neurons draws layers one behind another: {path} takes {W.shape[0]} inputs, but the "
                             f"layer before gives {n}")  # fmt: skip
    if max(sizes) > MOST_UNITS:
        raise ValueError(f"viz.neurons draws up to {MOST_UNITS} units a layer, got {max(sizes)}")
    title = f"{type(model).__name__}: {' → '.join(map(str, sizes))} units"
    pictures = [_neurons_picture(found, sizes, title, only) for only in (None, *range(len(found)))]
    return Drawing(pictures[0], tuple(pictures[1:]), title)


def _neurons_picture(found, sizes: list[int], title: str, only: int | None) -> str:
    c = _Canvas()
    radius, pitch = 17, 54
    tall = (max(sizes) - 1) * pitch + 2 * radius
    gaps = [max(210, W.shape[1] * 46 + 110) for _, W, _ in found]
    xs = [60.0]
    for gap in gaps:
        xs.append(xs[-1] + gap)
    top = 110.0
    c.text(30, 38, title, "title", size=20)
    c.text(30, 62, "Row i of W holds the edges that leave unit i, column j those that arrive at unit j.", "soft")
    ys = [[top + radius + (tall - 2 * radius) / 2 + (i - (n - 1) / 2) * pitch for i in range(n)] for n in sizes]
    for k, (_, W, _) in enumerate(found):
        if only in (None, k):
            largest = max(float(np.abs(W).max(initial=0)), 1e-12)
            for i, a in enumerate(ys[k]):
                for j, b in enumerate(ys[k + 1]):
                    weight = float(W[i, j])
                    kind = "minus" if weight < 0 else "plus"
                    size = abs(weight) / largest
                    stroke = f' stroke-width="{_n(0.6 + 3 * size)}" stroke-opacity="{_n(0.35 + 0.6 * size)}"'
                    c.path(f"M{_n(xs[k] + radius)} {_n(a)}L{_n(xs[k + 1] - radius)} {_n(b)}", f"edge {kind}",
                           "5 4" if weight < 0 else "", stroke)  # fmt: skip
    for k, n in enumerate(sizes):
        name = "x" if k == 0 else "y" if k == len(found) else f"h{k}"
        c.text(xs[k], top - 16, f"{name} ({n})", "soft", "middle", 13)
        for i, y in enumerate(ys[k]):
            c.parts.append(f'<circle cx="{_n(xs[k])}" cy="{_n(y)}" r="{radius}" class="unit"/>')
            c.text(xs[k], y + 4.5, f"{name}{_below(i)}", "", "middle", 13)
            c.reach(xs[k] + radius, y + radius)
    bottom = top + tall + 58
    for k, (path, W, b) in enumerate(found):
        _weights(c, (xs[k] + xs[k + 1]) / 2, bottom, path, W, b, only in (None, k))
    c.text(30, c.height + 34, "solid: weight above 0; dashed: below 0; the thicker, the larger", "soft", size=13)
    return c.svg(title)


def _weights(c: _Canvas, middle: float, y: float, path: str, W: np.ndarray, b: np.ndarray | None, shown: bool) -> None:
    """The matrix of a layer and its bias, centred below the edges."""
    (rows, columns), w = W.shape, 46
    left = middle - columns * w / 2
    c.text(middle, y - 24, f"{path}  ({rows}, {columns})", "title", "middle", 13.5)
    for j in range(columns):
        c.text(left + (j + 0.5) * w, y - 5, f"{j}", "soft code", "middle", 11)
    for i in range(rows):
        c.text(left - 9, y + i * CELL_H + 17, f"{i}", "soft code", "end", 11)
        for j in range(columns):
            text = _weight(float(W[i, j])) if shown else ""
            c.cell(left + j * w, y + i * CELL_H, text, "cell", (1 if W[i, j] < 0 else 0) if shown else None, w)
    if b is not None:
        below = y + rows * CELL_H + 14
        c.text(left - 9, below + 17, "b", "soft code", "end", 11)
        for j in range(columns):
            c.cell(left + j * w, below, _weight(float(b.ravel()[j])) if shown else "", "cell", None, w)


def _weight(x: float) -> str:
    """A weight with two decimals, so that those of a matrix are of one length."""
    return f"{x:.2f}" if x == 0 or 0.005 <= abs(x) < 1000 else f"{x:.0e}".replace("e-0", "e-").replace("e+0", "e")


def _below(i: int) -> str:
    return "".join([chr(0x2080 + int(d)) for d in str(i)])
