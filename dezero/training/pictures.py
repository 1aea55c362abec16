"""Pictures of training: each function returns a figure of matplotlib, to be saved with ``figure.savefig("name.png")``.

A notebook shows the figure that a cell ends with. Nothing here opens a window or touches ``matplotlib.pyplot``, so that
a machine without a display draws the same. The colours can be told apart by the colour-blind (Okabe and Ito 2008), and
never say anything alone.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from dezero import cuda
from dezero.config import no_grad, test_mode
from dezero.core import Operand, Variable
from dezero.layers import Layer
from dezero.training.meters import ConfusionMatrix

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["plot_boundary", "plot_confusion", "plot_filters", "plot_history", "plot_mistakes"]

BLUE, ORANGE, GREY = "#0072B2", "#D55E00", "#8A8A8A"
COLOURS = (BLUE, ORANGE, "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#5B5B5B")
MARKERS = "o^sDvPX"
DPI = 150  # dots per inch, also of a figure that is saved without saying

_FALLBACKS = (
    "Noto Sans CJK JP", "Noto Sans JP", "IPAexGothic", "IPAGothic", "TakaoGothic", "VL Gothic", "Hiragino Sans",
    "Yu Gothic", "Meiryo", "MS Gothic", "Noto Sans CJK SC", "Noto Sans SC", "PingFang SC", "Microsoft YaHei", "SimHei",
    "WenQuanYi Zen Hei", "Noto Sans CJK KR", "Malgun Gothic", "Apple SD Gothic Neo", "Arial Unicode MS", "Noto Sans",
)  # fmt: skip  # fonts with the letters that matplotlib's own lacks, the first that has all is taken


# -- history ---------------------------------------------------------------------------------------

_PARTS = {"train": "training", "valid": "validation", "val": "validation", "test": "test"}
_COUNTERS = ("epoch", "step", "batches", "seconds")


def plot_history(history: Mapping[str, Sequence[float]]) -> Figure:
    """Draw each measure through the epochs; a measure of training and that of validation share their axes.

    Parameters
    ----------
    history : mapping from str to sequence of float
        Such as a `History`. ``loss`` or ``train_loss`` and ``valid_loss``, ``val_loss`` or ``test_loss`` are parts of
        one measure. ``epoch`` says which epochs they are, and is 1, 2, ... unless given; ``step``, ``batches`` and
        ``seconds`` are not drawn. NaN is a gap.

    Returns
    -------
    matplotlib.figure.Figure
        With a point at the best value of validation, the least loss or the greatest of the others.

    Raises
    ------
    ValueError
        If there is nothing to draw, or the lengths differ.
    ImportError
        Without matplotlib.

    Examples
    --------
    >>> figure = plot_history({"loss": [0.9, 0.4, 0.2], "valid_loss": [1.0, 0.5, 0.4]})  # doctest: +SKIP
    """
    panels: dict[str, dict[str, np.ndarray]] = {}
    lengths = {key: len(values) for key, values in history.items()}
    for key, values in history.items():
        if key in _COUNTERS:
            continue
        part, _, rest = key.partition("_")
        measure, part = (rest, _PARTS[part]) if part in _PARTS and rest else (key, "training")
        panels.setdefault(measure, {})[part] = _finite(key, values)
    if not panels or not max(lengths.values()):
        raise ValueError("plot_history has nothing to draw: the history is empty")
    if len(set(lengths.values())) > 1:
        said = ", ".join([f"{key} {length}" for key, length in lengths.items()])
        raise ValueError(
            f"plot_history expects a number for each epoch of each measure, got lengths that differ: {said}"
        )
    epochs = np.asarray(history["epoch"] if "epoch" in history else np.arange(1, max(lengths.values()) + 1), float)
    columns = min(len(panels), 3)
    rows = -(-len(panels) // columns)
    figure = new_figure(max(4.6 * columns, 6.0), 3.5 * rows)
    for place, (measure, parts) in enumerate(panels.items(), 1):
        axes = figure.add_subplot(rows, columns, place)
        _draw_measure(axes, measure, parts, epochs)
    return _covered(figure)


def _draw_measure(axes: Axes, measure: str, parts: Mapping[str, np.ndarray], epochs: np.ndarray) -> None:
    alone = len(parts) == 1
    for part, values in parts.items():
        colour, style = (BLUE, "-") if part == "training" else (ORANGE, "--")
        few = len(epochs) <= 30
        axes.plot(epochs, values, style, color=colour, marker="o" if few else "", markersize=3.5, linewidth=1.6,
                  label=part)  # fmt: skip
        if part == "training" or np.isnan(values).all():
            continue
        best = int(np.nanargmin(values) if "loss" in measure or "error" in measure else np.nanargmax(values))
        axes.plot(epochs[best], values[best], "o", markersize=9, markerfacecolor="none", markeredgecolor=colour,
                  label=f"best: {values[best]:.4g} in epoch {epochs[best]:g}")  # fmt: skip
    axes.set_title(measure.replace("_", " "), loc="left")
    axes.set_xlabel("epoch")
    axes.xaxis.set_major_locator(import_module("matplotlib.ticker").MaxNLocator(integer=True))
    if not alone:
        axes.legend(frameon=False, fontsize=9)
    calm(axes)


def _finite(key: str, values: Sequence[float]) -> np.ndarray:
    try:
        numbers = np.array([math.nan if v is None else v for v in values], float)
    except (TypeError, ValueError):
        raise TypeError(f"plot_history expects one number for each epoch, got others in {key!r}") from None
    return np.where(np.isfinite(numbers), numbers, np.nan)


# -- mistakes --------------------------------------------------------------------------------------


def plot_confusion(confusion: ConfusionMatrix | np.ndarray | Sequence, labels: Sequence[str] | None = None) -> Figure:
    """Draw how often which class was taken for which.

    Blue is what was right, by the share of its class. Orange are the mistakes, the most frequent ones darkest: they
    would else be too pale to be seen beside what was right.

    Parameters
    ----------
    confusion : ConfusionMatrix or array of int, shape (C, C)
        Row: what it was; column: what it was taken for.
    labels : sequence of str, optional
        Names of the classes; those of the `ConfusionMatrix`, or the numbers.

    Returns
    -------
    matplotlib.figure.Figure
        With the count in each cell up to 20 classes, and by colour alone beyond.

    Raises
    ------
    ValueError
        If it is no square matrix of counts, or the number of labels is another.
    ImportError
        Without matplotlib.

    Warns
    -----
    UserWarning
        If no font on this machine has the letters of the labels.

    Examples
    --------
    >>> figure = plot_confusion([[50, 2], [1, 47]], ["cat", "dog"])  # doctest: +SKIP
    """
    counts = np.asarray(confusion.value if isinstance(confusion, ConfusionMatrix) else confusion)
    if counts.ndim != 2 or counts.shape[0] != counts.shape[1] or not counts.size or counts.dtype.kind not in "iuf":
        raise ValueError(f"plot_confusion expects counts of shape (C, C), got {counts.dtype} {counts.shape}")
    if (counts < 0).any():
        raise ValueError("plot_confusion expects counts, got negative numbers")
    if labels is None:
        labels = confusion.labels if isinstance(confusion, ConfusionMatrix) else [str(c) for c in range(len(counts))]
    C = len(counts)
    _check_names("plot_confusion", labels, C)
    legible = C <= 20
    side = 1.9 + C * (0.5 if legible else 0.12)
    longest = max(map(len, labels)) if legible else 0
    size = min(max(side, 4.4), 14)
    figure = new_figure(size + 0.07 * longest + 0.9, size + (0.05 * longest if longest > 3 else 0))
    axes = figure.add_subplot()
    right = np.eye(C, dtype=bool)
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    worst = max(counts[~right].max(initial=0), 1)
    shades = np.ones((C, C, 4))
    maps = import_module("matplotlib").colormaps
    shades[right] = maps["Blues"](0.1 + 0.65 * shares[right])
    wrong = ~right & (counts > 0)
    shades[wrong] = maps["Oranges"](0.08 + 0.57 * counts[wrong] / worst)
    axes.imshow(shades)
    if legible:
        for i, j in np.ndindex(C, C):
            shown = f"{counts[i, j]:,.0f}" if counts[i, j] else "·"
            dark = (shades[i, j, :3] @ (0.299, 0.587, 0.114)) < 0.55
            axes.text(j, i, shown, ha="center", va="center", fontsize=9 if len(shown) < 5 else 7.5,
                      color="white" if dark else "#222222" if counts[i, j] else "#BBBBBB")  # fmt: skip
        axes.set_xticks(range(C), labels)
        if longest > 3:
            for text in axes.get_xticklabels():
                text.set(rotation=40, ha="right", rotation_mode="anchor")
        axes.set_yticks(range(C), labels)
        beside = axes.secondary_yaxis("right")
        totals = counts.sum(axis=1)
        beside.set_yticks(
            range(C), [f"{100 * counts[i, i] / n:.1f} %" if n else "none" for i, n in enumerate(totals)], fontsize=9
        )
        beside.tick_params(length=0, colors=GREY)
        beside.spines["right"].set_visible(False)
        beside.set_ylabel("of the class right", color=GREY, fontsize=9)
        axes.set_xticks(np.arange(C - 1) + 0.5, minor=True)
        axes.set_yticks(np.arange(C - 1) + 0.5, minor=True)
        axes.grid(which="minor", color="white", linewidth=1.5)
        axes.tick_params(which="both", length=0)
    axes.spines[:].set_visible(not legible)
    axes.set_xlabel("taken for")
    axes.set_ylabel("what it is")
    total, hits = counts.sum(), np.trace(counts)
    share = f": {100 * hits / total:.2f} %" if total else ""
    axes.set_title(f"{hits:,.0f} of {total:,.0f} right{share}", fontsize=11)
    return _covered(figure)


def plot_mistakes(
    images: np.ndarray,
    labels: np.ndarray | Sequence[int],
    probabilities: np.ndarray,
    names: Sequence[str] | None = None,
    most: int = 30,
) -> Figure:
    """Draw the images with a wrong answer, those first whose right answer seemed least probable.

    Parameters
    ----------
    images : array, shape (N, 1, H, W), (N, 3, H, W), (N, H, W), or (N, H*H)
        Of any range of values. Without colours, the least is drawn white.
    labels : array of int, shape (N,)
    probabilities : array, shape (N, C)
        Of each class, as `dezero.functions.softmax` gives them. The loss, -log of the probability of the label, says
        how bad a mistake is.
    names : sequence of str, optional
        Of the classes; their numbers unless given.
    most : int
        How many mistakes are drawn at most.

    Returns
    -------
    matplotlib.figure.Figure
        A page that says so if there is no mistake.

    Raises
    ------
    ValueError
        If the shapes do not fit, or these are no images.
    ImportError
        Without matplotlib.

    Warns
    -----
    UserWarning
        If no font on this machine has the letters of the names.
    """
    pictures = _as_pictures(np.asarray(cuda.as_numpy(images)))
    truth, chances = np.asarray(cuda.as_numpy(labels)), np.asarray(cuda.as_numpy(probabilities))
    N = len(pictures)
    if chances.ndim != 2 or len(chances) != N or truth.shape != (N,):
        raise ValueError(f"plot_mistakes expects {N} labels and probabilities of shape ({N}, C) for {N} images, got "
                         f"{truth.shape} and {chances.shape}")  # fmt: skip
    if N and (chances.min() < 0 or chances.max() > 1.001):
        raise ValueError("plot_mistakes expects probabilities from 0 to 1, got others: F.softmax makes them of scores")
    named = [str(c) for c in range(chances.shape[1])] if names is None else names
    _check_names("plot_mistakes", named, chances.shape[1])
    answers = chances.argmax(axis=1)
    own = chances[np.arange(N), truth]
    wrong = np.flatnonzero(answers != truth)
    shown = wrong[np.argsort(own[wrong], kind="stable")][:most]
    if not len(shown):
        figure = new_figure(5, 1.2)
        figure.text(0.5, 0.5, f"No mistake in {N:,} images.", ha="center", va="center", fontsize=12)
        return figure
    longest = max([len(named[c]) for c in (*truth[shown], *answers[shown])])
    columns = min(max(len(shown), 3), 6)
    rows = -(-len(shown) // columns)
    width = max(1.45, 0.075 * (longest + 16))
    height = 1.75 * rows + 0.85
    figure = new_figure(width * columns, height)
    some = "" if len(shown) == len(wrong) else f"; the {len(shown)} worst"
    figure.suptitle(f"{len(wrong):,} of {N:,} taken for something else{some}\n", fontsize=11)
    figure.text(0.5, 1 - 0.33 / height, "blue: what it is, orange: what it was taken for, and how probable each seemed",
                fontsize=8, ha="center", va="center", color="#555555")  # fmt: skip
    low, high = float(pictures.min()), float(pictures.max())
    for k, i in enumerate(shown):
        axes = figure.add_subplot(rows, columns, k + 1)
        _draw_image(axes, pictures[i], low, high)
        axes.text(0.5, 1.23, f"is {named[truth[i]]}: {_chance(own[i])}", color=BLUE, fontsize=8.5, ha="center",
                  transform=axes.transAxes)  # fmt: skip
        axes.text(0.5, 1.06, f"taken for {named[answers[i]]}: {_chance(chances[i].max())}", color=ORANGE, fontsize=8.5,
                  ha="center", transform=axes.transAxes)  # fmt: skip
    return _covered(figure)


def _as_pictures(images: np.ndarray) -> np.ndarray:
    """Shape (N, H, W) or (N, H, W, 3)."""
    if images.ndim == 4 and images.shape[1] in (1, 3):
        return images[:, 0] if images.shape[1] == 1 else images.transpose(0, 2, 3, 1)
    if images.ndim == 2:
        side = math.isqrt(images.shape[1])
        if side > 2 and side * side == images.shape[1]:
            return images.reshape(-1, side, side)
    if images.ndim != 3:
        raise ValueError("plot_mistakes expects images of shape (N, 1, H, W), (N, 3, H, W), (N, H, W) or (N, H*H), "
                         f"got {images.shape}")  # fmt: skip
    return images


def _draw_image(axes: Axes, picture: np.ndarray, low: float, high: float) -> None:
    if picture.ndim == 2:
        axes.imshow(picture, cmap="gray_r", vmin=low, vmax=high)
    else:
        axes.imshow(np.clip((picture.astype(float) - low) / max(high - low, 1e-12), 0, 1))
    axes.set(xticks=[], yticks=[])
    axes.spines[:].set_color("#CCCCCC")


def _chance(p: float) -> str:
    percent = 100 * float(p)
    return "< 0.1 %" if percent < 0.05 else f"{percent:.1f} %" if percent < 9.95 else f"{percent:.0f} %"


# -- what a network has learned --------------------------------------------------------------------


def plot_filters(W: Operand | Layer, most: int = 64) -> Figure:
    """Draw the filters of a convolution, most often the first of a network.

    With three channels they are colours, grey where the weight is 0. Else each channel is a picture of its own, in
    orange below 0 and blue above, in one scale for all.

    Parameters
    ----------
    W : layer, Variable or array, shape (OC, C, KH, KW)
        A layer such as Conv2d, or its weights.
    most : int
        How many filters are drawn at most.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    TypeError
        If it is a layer without weights W.
    ValueError
        If the weights are not those of a convolution, or not there yet.
    ImportError
        Without matplotlib.

    Examples
    --------
    >>> import dezero.layers as L
    >>> figure = plot_filters(L.Conv2d(8, kernel_size=5, in_channels=1))  # doctest: +SKIP
    """
    if isinstance(W, Layer):
        if not isinstance(getattr(W, "W", None), Variable):
            raise TypeError(f"plot_filters expects a layer with weights W, got {type(W).__name__}: choose one of its "
                            "layers, such as model.conv1")  # fmt: skip
        W = W.W  # type: ignore[attr-defined]  # it was looked at above
    if isinstance(W, Variable) and W.data is None:
        raise ValueError("plot_filters: the weights are not there yet; call the model once")
    weights = np.asarray(cuda.as_numpy(W), float)
    if weights.ndim != 4 or not weights.size:
        raise ValueError(f"plot_filters expects weights of shape (OC, C, KH, KW), got {weights.shape}")
    OC, C, KH, KW = weights.shape
    shown = weights[:most]
    limit = float(np.abs(shown).max()) or 1.0
    title = f"{OC} filters of {KH} x {KW}" + (f", {C} channels" if C > 1 else "")
    title += f"; the first {most}" if most < OC else ""
    in_colours = C == 3
    if in_colours or C == 1:
        columns = min(len(shown), 16 if len(shown) > 32 else 8)
        rows = -(-len(shown) // columns)
        pictures = [0.5 + 0.5 * f.transpose(1, 2, 0) / limit if in_colours else f[0] for f in shown]
    else:
        columns, rows = C, len(shown)
        pictures = [channel for f in shown for channel in f]
        title += "; a row is a filter"
    cell = min(0.75, 16 / max(columns, rows))
    figure = new_figure(max(cell * columns + (0.3 if in_colours else 1.3), 4.2), max(cell * rows, 0.9) + 0.6)
    figure.suptitle(title, fontsize=11)
    drawn = []
    for k, picture in enumerate(pictures):
        axes = figure.add_subplot(rows, columns, k + 1)
        if in_colours:
            axes.imshow(picture)
        else:
            image = axes.imshow(picture, cmap=_diverging(), vmin=-limit, vmax=limit)
        axes.set(xticks=[], yticks=[])
        axes.spines[:].set_color("#CCCCCC")
        drawn.append(axes)
    if not in_colours:
        bar = figure.colorbar(image, ax=drawn, shrink=0.9, aspect=15, ticks=[-limit, 0, limit])
        bar.ax.set_yticklabels([f"−{limit:.2g}", "0", f"{limit:.2g}"])
        bar.outline.set_visible(False)
    return figure


def _diverging():
    """Orange below the middle, white in it, blue above: of the same lightness on both sides."""
    colors = import_module("matplotlib.colors")
    return colors.LinearSegmentedColormap.from_list(
        "orange-blue", ["#A34700", "#EBA36B", "white", "#66AAD2", "#00507D"]
    )


def plot_boundary(
    model: Layer,
    x: Operand,
    t: Operand,
    names: Sequence[str] | None = None,
    steps: int = 300,
) -> Figure:
    """Draw which class a model chooses at each place of the plane, and the examples.

    Parameters
    ----------
    model : model
        From x of shape (M, 2) to scores of shape (M, C), or to one score (M, 1) that is positive for class 1. It is
        called in `test_mode`, without a graph.
    x : Variable or array, shape (N, 2)
    t : Variable or array of int, shape (N,)
    names : sequence of str, optional
        Of the classes; their numbers unless given.
    steps : int
        Places along each side.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    ValueError
        If x is not of two features, t does not fit, or the model answers something else.
    ImportError
        Without matplotlib.

    Examples
    --------
    >>> from dezero.datasets import get_spiral
    >>> from dezero.models import MLP
    >>> figure = plot_boundary(MLP((10, 3)), *get_spiral())  # doctest: +SKIP
    """
    points, truth = np.asarray(cuda.as_numpy(x)), np.asarray(cuda.as_numpy(t)).ravel()
    if points.ndim != 2 or points.shape[1] != 2 or not len(points) or len(truth) != len(points):
        raise ValueError("plot_boundary expects x of shape (N, 2), on a plane, and t of shape (N,), got "
                         f"{points.shape} and {truth.shape}")  # fmt: skip
    low, high = points.min(axis=0), points.max(axis=0)
    margin = 0.08 * np.maximum(high - low, 1e-6)
    sides = [np.linspace(low[k] - margin[k], high[k] + margin[k], steps, dtype=points.dtype) for k in (0, 1)]
    x0, x1 = np.meshgrid(*sides)
    places = np.stack([x0.ravel(), x1.ravel()], axis=1)
    with no_grad(), test_mode():
        scores = cuda.as_numpy(model(places))
    if scores.ndim != 2 or len(scores) != len(places):
        raise ValueError(f"plot_boundary expects scores of shape ({len(places)}, C) of the model, got {scores.shape}")
    single = scores.shape[1] == 1
    answers = ((scores[:, 0] > 0).astype(int) if single else scores.argmax(axis=1)).reshape(x0.shape)
    C = 2 if single else scores.shape[1]
    if truth.dtype.kind not in "iub" or truth.min() < 0 or truth.max() >= C:
        raise ValueError(f"plot_boundary expects labels t from 0 to {C - 1}, as many as the model has classes")
    named = [f"class {c}" for c in range(C)] if names is None else names
    _check_names("plot_boundary", named, C)
    figure = new_figure(6.4, 5.2)
    axes = figure.add_subplot()
    colours = [COLOURS[c % len(COLOURS)] for c in range(C)]
    tint = import_module("matplotlib.colors").to_rgb
    pale = np.array([[1 - 0.28 * (1 - part) for part in tint(colour)] for colour in colours])
    extent = (sides[0][0], sides[0][-1], sides[1][0], sides[1][-1])
    axes.imshow(pale[answers], origin="lower", extent=extent, aspect="auto", interpolation="nearest")
    for c in range(C - 1):
        if (answers == c).any() and (answers != c).any():
            axes.contour(x0, x1, (answers == c).astype(float), levels=[0.5], colors="#777777", linewidths=0.8)
    small = 16 if len(points) > 150 else 28
    for c in range(C):
        own = points[truth == c]
        axes.scatter(own[:, 0], own[:, 1], s=small, marker=MARKERS[c % len(MARKERS)], color=colours[c],
                     edgecolor="white", linewidth=0.5, label=named[c], zorder=3)  # fmt: skip
    axes.set(xlim=extent[:2], ylim=extent[2:], xlabel="x[0]", ylabel="x[1]")
    spans = high - low
    if 0.5 < spans[0] / max(spans[1], 1e-12) < 2:
        axes.set_aspect("equal")
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(frameon=False, loc="center left", bbox_to_anchor=(1.0, 0.5))
    axes.set_title("what the model chooses at each place", loc="left", fontsize=11)
    return _covered(figure)


# -- in common -------------------------------------------------------------------------------------


def new_figure(width: float, height: float) -> Figure:
    """A figure of so many inches, apart from the windows and the state of pyplot."""
    try:
        made = import_module("matplotlib.figure")
    except ImportError as error:
        raise ImportError(
            f"pictures need matplotlib ({error}): python -m pip install matplotlib", name="matplotlib"
        ) from error
    figure = made.Figure(figsize=(width, height), dpi=DPI, layout="constrained")
    figure.get_layout_engine().set(w_pad=0.08, h_pad=0.08)  # inches
    return figure


def calm(axes: Axes) -> None:
    axes.grid(alpha=0.3, linewidth=0.6)
    axes.spines[["top", "right"]].set_visible(False)


def _check_names(where: str, names: Sequence[str], C: int) -> None:
    if isinstance(names, str) or len(names) != C:
        raise ValueError(f"{where} expects a name for each of {C} classes, got {names!r}")


def _covered(figure: Figure) -> Figure:
    """Give the texts with letters that matplotlib's font lacks another font; warn if there is none."""
    texts = [text for text in figure.findobj(import_module("matplotlib.text").Text) if not text.get_text().isascii()]
    if not texts:
        return figure
    manager = import_module("matplotlib.font_manager")
    letters = {ord(letter) for text in texts for letter in text.get_text() if letter.isprintable()}
    usual = import_module("matplotlib").rcParams["font.family"]
    letters -= _letters(manager, manager.findfont(manager.FontProperties(family=usual)))
    if not letters:
        return figure
    installed = _installed(manager)
    for name in _FALLBACKS:
        if name in installed and not letters - _letters(manager, installed[name]):
            for text in texts:
                text.set_fontfamily([*usual, name])
            return figure
    missing = "".join(map(chr, sorted(letters)))
    warnings.warn(
        f"no font here has the letters {missing[:12]!r}, they will be boxes: install Noto Sans CJK (on Debian and "
        "Ubuntu the package fonts-noto-cjk), or give other names", stacklevel=3,
    )  # fmt: skip
    return figure


def _installed(manager) -> dict[str, str]:
    """From name to path of the fonts of matplotlib's list, and of `_FALLBACKS` installed since it was written."""
    squeezed = tuple([name.replace(" ", "") for name in _FALLBACKS])
    known = {font.fname for font in manager.fontManager.ttflist}
    for path in manager.findSystemFonts():
        if path not in known and Path(path).name.startswith((*squeezed, "NotoSansCJK")):
            manager.fontManager.addfont(path)
    return {font.name: font.fname for font in manager.fontManager.ttflist}


def _letters(manager, path: str) -> set[int]:
    return set(manager.get_font(path).get_charmap())
