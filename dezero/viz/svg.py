"""Pictures of a graph as SVG: every value on its wire, the derivative below it.

Two stages. `scene` decides where everything stands; `svg` writes it down and leaves out what is hidden. A picture in
which something is hidden has therefore the same frame as the full one, and nothing in it stands elsewhere.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Literal

from dezero.viz.colours import PALETTE, PALETTE_DARK
from dezero.viz.nodes import Direction, Shape, Style, Text
from dezero.viz.scene import Edge, Labels, Scene, arrow_head, number, scene
from dezero.viz.structure import Structure

__all__ = ["FONTS", "Direction", "Labels", "Style", "Theme", "escaped", "styles", "svg", "written"]

Theme = Literal["auto", "light", "dark"]

FONTS = (
    "'Helvetica Neue', Helvetica, Arial, 'Noto Sans', 'Noto Sans CJK JP', 'Hiragino Sans', 'Yu Gothic', "
    "'Microsoft YaHei', 'PingFang SC', sans-serif"
)

_MARGIN = 20.0


def escaped(text: str) -> str:
    """The text for XML: markup is escaped, what XML cannot hold is replaced, line breaks become ⏎.

    Examples
    --------
    >>> escaped('a"b <c> & d')
    'a&quot;b &lt;c&gt; &amp; d'
    """
    for sign, written in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ('"', "&quot;"), ("\n", "⏎"), ("\t", " ")):
        text = text.replace(sign, written)
    return "".join(
        [
            c
            if c >= " " and not "\x7f" <= c < "\xa0" and c not in "\ufffe\uffff" and not "\ud800" <= c < "\ue000"
            else "\ufffd"
            for c in text
        ]
    )


_LIGHT: dict[str, str | tuple[str, ...]] = {
    "paper": "#ffffff", "ink": "#27313b", "soft": "#5d6b78", "line": "#4a5763", "forward": "#0062a3",
    "backward": "#b84a00", "bad": "#c1121f", "parameter": "#00795a", "frame": "#27313b", "oval": "#ffb84d",
    "oval-ink": "#3a2500", "box": "#a9dcf5", "box-ink": "#0b2c3d", "blank": "#fff7dc", "blank-line": "#b08900",
    "orders": ("#ffffff", "#d9f2e8", "#f6e0ee", "#fdebc4", "#dbeefb"),
    "order-lines": ("#4a5763", "#00795a", "#a3457f", "#9a6700", "#0072b2"),
}  # fmt: skip
_DARK: dict[str, str | tuple[str, ...]] = {
    "paper": "#12171d", "ink": "#e7ecf1", "soft": "#9aa8b5", "line": "#aab6c1", "forward": "#6cc0f5",
    "backward": "#f2a54a", "bad": "#ff7b7b", "parameter": "#4fd1a5", "frame": "#dfe8f0", "oval": "#d98a1f",
    "oval-ink": "#1c1100", "box": "#5fb4dc", "box-ink": "#04161f", "blank": "#2b2612", "blank-line": "#d9b23c",
    "orders": ("#1b222a", "#12382d", "#3d2334", "#3d2f0e", "#10304a"),
    "order-lines": ("#aab6c1", "#4fd1a5", "#e59ac5", "#e9b949", "#6cc0f5"),
}  # fmt: skip


def _rules(colours: Mapping[str, str | tuple[str, ...]], tints: Sequence[str], scope: str) -> str:
    """Style rules for one set of colours. Plain rules without variables: not every program that draws SVG has them."""
    c = colours
    rules = [
        (".paper", f"fill:{c['paper']}"),
        ("text", f"fill:{c['ink']}"),
        (".line,.edge", f"stroke:{c['line']}"),
        (".head,.joint", f"fill:{c['line']}"),
        (".data", f"fill:{c['forward']}"),
        (".grad,.local", f"fill:{c['backward']}"),
        (".back", f"stroke:{c['backward']}"),
        (".backhead", f"fill:{c['backward']}"),
        ("text.bad", f"fill:{c['bad']}"),
        (".soft,.detail,.notice,.legend", f"fill:{c['soft']}"),
        ("text.constant", f"fill:{c['soft']}"),
        ("text.parameter", f"fill:{c['parameter']}"),
        (".tag", f"stroke:{c['parameter']}"),
        (".end", f"stroke:{c['line']};fill:{c['paper']}"),
        (".input .end", f"fill:{c['line']}"),
        (".frame rect", f"fill:{c['frame']};stroke:{c['frame']}"),
        (".frame text", f"fill:{c['soft']}"),
        (".oval", f"fill:{c['oval']};stroke:{c['oval']}"),
        (".on-oval text", f"fill:{c['oval-ink']}"),
        (".rule", f"stroke:{c['oval-ink']};stroke-opacity:.45"),
        (".box", f"fill:{c['box']};stroke:{c['box']}"),
        (".on-box text.op", f"fill:{c['box-ink']}"),
        (".parameter .oval", f"stroke:{c['oval-ink']}"),
        (".blank", f"fill:{c['blank']};stroke:{c['blank-line']}"),
    ]
    for order, (fill, line) in enumerate(zip(c["orders"], c["order-lines"])):
        rules.append((f".order{order} .body", f"fill:{fill};stroke:{line}"))
        if order:
            rules.append((f".order{order} .mark", f"fill:{line}"))
    for n, tint in enumerate(tints):
        rules += [(f".tint{n} .body", f"stroke:{tint};stroke-width:2.2"), (f".tint{n} .local", f"fill:{tint}")]
    return "".join(
        [",".join([f"{scope} {part}" for part in where.split(",")]) + "{" + what + "}" for where, what in rules]
    )


def styles(theme: Theme = "auto", scope: str = "") -> str:
    """The style sheet of a picture; `scope` is the selector of the element that it holds for."""
    scope = scope or f".dezero-{theme}"
    common = (
        f"{scope} text{{font-family:{FONTS};font-variant-numeric:lining-nums;stroke:none}}"
        f"{scope} .line,{scope} .edge,{scope} .back{{fill:none;stroke-width:1.5;stroke-linecap:round}}"
        f"{scope} .back{{stroke-width:1.3;stroke-dasharray:4 3.2;stroke-linecap:butt}}"
        f"{scope} .body{{stroke-width:1.6}}{scope} .end{{stroke-width:1.5}}"
        f"{scope} .tag{{fill:none;stroke-width:1.5}}"
        f"{scope} .frame rect{{fill-opacity:.045;stroke-opacity:.28;stroke-width:1}}"
        f"{scope} .box,{scope} .oval{{stroke-width:1.5}}{scope} .constant .oval{{fill-opacity:.55}}"
        f"{scope} .parameter .oval{{stroke-width:2}}"
        f"{scope} .edge.constant{{stroke-dasharray:1.5 3.5}}{scope} .blank{{stroke-width:1.3;stroke-dasharray:3 2}}"
        f""
    )
    if theme == "light":
        return common + _rules(_LIGHT, PALETTE, scope)
    if theme == "dark":
        return common + _rules(_DARK, PALETTE_DARK, scope)
    return (
        common
        + _rules(_LIGHT, PALETTE, scope)
        + "@media(prefers-color-scheme:dark){"
        + _rules(_DARK, PALETTE_DARK, scope)
        + "}"
    )


def svg(
    structure: Structure,
    *,
    style: Style = "lecture",
    direction: Direction = "LR",
    labels: Labels = "values",
    local: bool = False,
    theme: Theme = "auto",
    hidden: Collection[str] = frozenset(),
    blank: Collection[str] = frozenset(),
    prefix: str = "",
    run: Callable[[str], str] | None = None,
) -> str:
    """Draw a graph as SVG.

    Parameters
    ----------
    structure : Structure
    style, direction, labels, local, run
        As `scene` has them.
    theme : {"auto", "light", "dark"}
        "auto" follows the setting of the reader's system.
    hidden, blank : collections of keys
        ``"v3.data"`` and ``"v3.grad"`` are the texts of a wire, ``"v3"`` is the wire itself, ``"f0"`` an operation,
        and ``"f0.local1"`` its local derivative by the second operand. Hidden things keep their place and are not
        drawn; blank texts become an empty box. Nothing of either is in the file.
    prefix : str
        Goes before every id, for pages with several pictures.

    Raises
    ------
    ValueError
        If a setting is none of the above.
    """
    if theme not in ("auto", "light", "dark"):
        raise ValueError(f"a picture has theme 'auto' or 'light' or 'dark', got {theme!r}")
    drawn = scene(structure, style=style, direction=direction, labels=labels, local=local, run=run)
    return written(drawn, theme=theme, hidden=hidden, blank=blank, prefix=prefix)


def written(
    drawn: Scene,
    *,
    theme: Theme = "auto",
    hidden: Collection[str] = frozenset(),
    blank: Collection[str] = frozenset(),
    prefix: str = "",
) -> str:
    """Write a scene down as SVG; the settings are those of `svg`."""
    wide, high = drawn.width + 2 * _MARGIN, drawn.height + 2 * _MARGIN
    title, about = escaped(f"{prefix}title"), escaped(f"{prefix}about")
    said = "" if hidden or blank else escaped(drawn.description)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{number(-_MARGIN)} {number(-_MARGIN)} {number(wide)} '
        f'{number(high)}" width="{number(wide)}" height="{number(high)}" class="dezero dezero-{theme}" role="img" '
        f'aria-labelledby="{title} {about}">',
        f'<title id="{title}">{escaped(drawn.title)}</title>',
        f'<desc id="{about}">{said}</desc>',
        f"<style>{styles(theme)}</style>",
        f'<rect class="paper" x="{number(-_MARGIN)}" y="{number(-_MARGIN)}" width="{number(wide)}" '
        f'height="{number(high)}" rx="10"/>',
    ]  # fmt: skip
    for frame in drawn.frames:
        rect = _rect("", frame.left, frame.top, frame.right - frame.left, frame.bottom - frame.top, 12.0)
        parts.append(f'<g class="frame" data-g="{frame.id}">{rect}{_text(frame.title)}</g>')
    for edge in drawn.edges:
        if edge.source not in hidden and edge.target not in hidden:
            parts.append(_edge(edge))
    for shape in drawn.shapes.values():
        if shape.id not in hidden:
            parts.append(_shape(shape, hidden, blank, prefix))
    for text, order in drawn.legend:
        parts.append(
            f'<g class="op order{order % 5}"><circle class="body" cx="{number(text.x - 14)}" '
            f'cy="{number(text.y - 4.5)}" r="7"/></g>{_text(text)}'
        )
    parts += [_text(text) for text in drawn.notes]
    return "\n".join(parts) + "\n</svg>\n"


def _text(text: Text) -> str:
    bold = ' font-weight="600"' if text.bold else ""
    key = f' data-key="{text.key}"' if text.key else ""
    return (
        f'<text class="{text.look}" x="{number(text.x)}" y="{number(text.y)}" font-size="{number(text.size)}" '
        f'text-anchor="{text.anchor}"{bold}{key}>{escaped(text.text)}</text>'
    )


def _edge(edge: Edge) -> str:
    ends = f'data-from="{edge.source}" data-to="{edge.target}"'
    look = "edge" + (" constant" if edge.constant else "")
    parts = [f'<path class="{look}" {ends} d="{edge.path}"/>']
    if edge.arrow:
        parts.append(f'<path class="head" {ends} d="{edge.arrow}"/>')
    if edge.joint is not None:
        parts.append(
            f'<circle class="joint" {ends} cx="{number(edge.joint[0])}" cy="{number(edge.joint[1])}" r="2.8"/>'
        )
    return "".join(parts)


def _shape(shape: Shape, hidden: Collection[str], blank: Collection[str], prefix: str) -> str:
    concealed = any(key.partition(".")[0] == shape.id for key in (*hidden, *blank))
    value = shape.look in ("wire", "oval")
    title = shape.title.partition(":")[0] if concealed and value else shape.title
    what = f'class="wire {" ".join(shape.classes)}" data-v' if value else f'class="op {" ".join(shape.classes)}" data-f'
    if shape.look == "oval":
        what = what.replace('"wire ', '"wire on-oval ')
    elif shape.look == "box":
        what = what.replace('"op ', '"op on-box ')
    parts = [f'<g id="{escaped(prefix)}{shape.id}" {what}="{shape.id}"><title>{escaped(title)}</title>']
    parts += _body(shape)
    if shape.back and f"{shape.id}.grad" not in hidden:
        (a, b), (c, d) = shape.back
        along = math.copysign(1.0, c - a)
        tip = arrow_head(c, b, along, 0.0, "LR", 6.0) if b == d else arrow_head(d, a, -1.0, 0.0, "TB", 6.0)
        parts.append(
            f'<path class="back" data-key="{shape.id}.grad" d="M{number(a)} {number(b)}L{number(c)} {number(d)}"/>'
            f'<path class="backhead" data-key="{shape.id}.grad" d="{tip}"/>'
        )
    boxed: set[str] = set()
    for text in shape.texts:
        if text.key and text.key in hidden:
            continue
        if text.key and text.key in blank:
            if text.key not in boxed:
                boxed.add(text.key)
                parts.append(_blank([t for t in shape.texts if t.key == text.key]))
            continue
        parts.append(_text(text))
    return "".join(parts) + "</g>"


def _body(shape: Shape) -> list[str]:
    x, y, (half_x, half_y) = shape.x, shape.y, shape.half
    if shape.look == "wire":
        start, end = (x - half_x, y - half_y), (x + half_x, y + half_y)
        parts = [f'<path class="line" d="M{number(start[0])} {number(start[1])}L{number(end[0])} {number(end[1])}"/>']
        if "end-of-line" in shape.classes:
            across = half_x == 0
            tip = arrow_head(end[1], end[0], 1.0, 0.0, "TB") if across else arrow_head(*end, 1.0, 0.0, "LR")
            parts.append(f'<path class="head" d="{tip}"/>')
        if shape.tag is not None:
            parts.append(_rect("tag", *shape.tag, 5.0))
        elif "input" in shape.classes:
            parts.append(f'<circle class="end" cx="{number(start[0])}" cy="{number(start[1])}" r="2.6"/>')
        elif "constant" in shape.classes and "made" not in shape.classes:
            parts.append(f'<circle class="end" cx="{number(start[0])}" cy="{number(start[1])}" r="3"/>')
        return parts
    if shape.look == "circle":
        return [f'<circle class="body" cx="{number(x)}" cy="{number(y)}" r="{number(half_x)}"/>']
    if shape.look == "oval":
        body = f'<ellipse class="oval" cx="{number(x)}" cy="{number(y)}" rx="{number(half_x)}" ry="{number(half_y)}"/>'
        if shape.tag is None:
            return [body]
        a, b, wide, _ = shape.tag
        return [body, f'<path class="rule" d="M{number(a)} {number(b)}h{number(wide)}"/>']
    radius = {"box": 3.0, "stack": 8.0}.get(shape.look, min(half_x, half_y, 17.0))
    look = "box" if shape.look == "box" else "body"
    shifts = (4.0, 2.0, 0.0) if shape.look == "stack" else (0.0,)
    return [_rect(look, x - half_x + by, y - half_y - by, 2 * half_x, 2 * half_y, radius) for by in shifts]


def _rect(look: str, x: float, y: float, wide: float, high: float, round_: float, more: str = "") -> str:
    return (
        f'<rect class="{look}"{more} x="{number(x)}" y="{number(y)}" width="{number(wide)}" '
        f'height="{number(high)}" rx="{number(round_)}"/>'
    )


def _blank(texts: Sequence[Text]) -> str:
    """An empty box where the texts would stand; it is no wider for a long answer than there is room for."""
    left = min(t.box[0] for t in texts)
    top = min(t.box[1] for t in texts)
    right = max(t.box[2] for t in texts)
    bottom = max(t.box[3] for t in texts)
    grow = max(0.0, 44.0 - (right - left))
    share = {"middle": 0.5, "start": 0.0, "end": 1.0}[texts[0].anchor]
    left, right = left - grow * share - 2.0, right + grow * (1 - share) + 2.0
    key = f' data-key="{texts[0].key}"'
    return _rect("blank", left, top - 1.0, right - left, bottom - top + 2.0, 3.0, key)
