"""Drawings of windows, broadcasting, sums and neurons."""

import re
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest

from dezero import Variable, functions, models, viz

SVG = "{http://www.w3.org/2000/svg}"


def words(svg: str) -> list[str]:
    return [text.text for text in ElementTree.fromstring(svg).iter(f"{SVG}text")]


def boxes(svg: str) -> list[dict[str, str]]:
    return [box.attrib for box in ElementTree.fromstring(svg).iter(f"{SVG}rect")]


# -- im2col ----------------------------------------------------------------------------------------


def test_im2col_shows_the_matrix_of_the_package():
    x = np.arange(1, 97).reshape(2, 3, 4, 4)
    svg = viz.im2col(x, 2).svg
    matrix = functions.im2col(x, 2).data if hasattr(functions, "im2col") else None
    found = words(svg)
    assert any(["matrix (N·OH·OW, C·KH·KW) = (18, 12); rows n, oh, ow; columns c, kh, kw" in text for text in found])
    assert "n = 1, c = 2" in found and "1, 2, 2" in found
    if matrix is not None:
        numbers = [text for text in found if re.fullmatch(r"\d+", text)]
        assert sorted(map(int, numbers)) == sorted([*x.ravel().tolist(), *matrix.ravel().astype(int).tolist()])


def test_im2col_colours_the_row_of_each_window():
    drawing = viz.im2col((1, 1, 4, 4), 3)
    outlines = [box["class"] for box in boxes(drawing.svg) if box.get("class", "").startswith("outline")]
    assert outlines == ["outline s0", "outline s1", "outline s2", "outline s3"]
    assert len([box for box in boxes(drawing.svg) if box.get("class") == "cell c2"]) == 9
    dashes = {box.get("stroke-dasharray", "") for box in boxes(drawing.svg) if "outline" in box.get("class", "")}
    assert len(dashes) == 4


def test_im2col_steps_through_the_places(tmp_path):
    drawing = viz.im2col((1, 2, 4, 4), 3, stride=1, pad=1)
    paths = drawing.frames(str(tmp_path / "f{:02d}.svg"))
    assert len(paths) == len(drawing.steps) == 16
    sizes = {re.search(r'viewBox="[^"]*"', Path(path).read_text(encoding="utf-8")).group() for path in paths}
    assert len(sizes) == 1
    assert any(["(4 + 2 - 3) // 1 + 1 = 4" in text for text in words(drawing.svg)])


def test_im2col_draws_padding_and_takes_arrays_and_variables():
    assert any([box.get("class") == "pad" for box in boxes(viz.im2col(Variable(np.ones((1, 1, 3, 3))), 3, 1, 1).svg)])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (((3, 4, 4), 2), "expects x of shape"),
        ((np.zeros((3, 4, 4)), 2), "expects x of shape"),
        (((1, 1, 2, 2), 3), "larger than the padded image"),
        (((1, 3, 224, 224), 3), "a smaller example shows the same"),
    ],
)
def test_im2col_refuses_what_it_cannot_draw(arguments, message):
    with pytest.raises(ValueError, match=message):
        viz.im2col(*arguments)


# -- sums and broadcasting -------------------------------------------------------------------------

SUMS = {
    (2, 2, 1): "x.sum(axis=2, keepdims=True)",
    (2, 1, 3): "x.sum(axis=1, keepdims=True)",
    (1, 2, 3): "x.sum(axis=0, keepdims=True)",
    (2, 1, 1): "x.sum(axis=(1, 2), keepdims=True)",
    (1, 1, 1): "x.sum(axis=(0, 1, 2), keepdims=True)",
    (2, 3): "x.sum(axis=0)",
    (3,): "x.sum(axis=(0, 1))",
    (): "x.sum()",
    (2, 1): "x.sum(axis=(0, 2), keepdims=True).reshape((2, 1))",
    (1,): "x.sum(axis=(0, 1, 2), keepdims=True).reshape((1,))",
    (2, 2, 3): "x: nothing is summed",
}


@pytest.mark.parametrize("target", SUMS)
def test_sum_to_says_the_axes_and_shows_the_sums(target):
    x = np.arange(12).reshape(2, 2, 3)
    drawing = viz.sum_to((2, 2, 3), target)
    assert str(drawing).endswith(SUMS[target])
    expected = functions.sum_to(x, target).data
    if not str(drawing).endswith("summed"):
        assert np.array_equal(eval(SUMS[target], {"x": x}), expected)
    cells = words(drawing.svg)[-1 - x.size - expected.size - (2 if len(target) == 3 else 0) - 0 :]
    assert set(map(str, np.ravel(expected).tolist())) <= set(cells)


def test_sum_to_gives_one_colour_to_what_is_added_up():
    svg = viz.sum_to((2, 2, 3), (2, 1, 1)).svg
    cells = [box["class"] for box in boxes(svg) if box.get("class", "").startswith("cell")]
    assert cells == ["cell c0"] * 6 + ["cell c1"] * 6 + ["cell c0", "cell c1"]


def test_impossible_targets_are_refused():
    with pytest.raises(ValueError, match=r"cannot bring shape \(2, 2, 3\) to \(2, 2\)"):
        viz.sum_to((2, 2, 3), (2, 2))
    with pytest.raises(ValueError, match="do not broadcast: at axis -1 the sizes are 3 and 2"):
        viz.broadcast((2, 3), (2,))
    with pytest.raises(ValueError, match="expects a shape"):
        viz.sum_to((2, 0), (1, 1))
    with pytest.raises(ValueError, match="a smaller shape shows the same"):
        viz.broadcast((1000,), (1,))


def test_broadcast_shows_copies_as_copies():
    drawing = viz.broadcast((3, 1), (4,))
    kinds = [box["class"].split()[0] for box in boxes(drawing.svg) if box.get("class", "")[:4] in ("cell", "ghos")]
    assert (kinds.count("cell"), kinds.count("ghost")) == (3 + 3 + 4 + 4, 9 + 8)
    assert str(drawing) == "broadcast (3, 1) and (4,) → (3, 4)"


# -- neurons ---------------------------------------------------------------------------------------


def mlp() -> models.MLP:
    model = models.MLP((3, 2))
    model(np.zeros((1, 2)))
    model.l0.W.data[:] = [[1.0, -0.5, 0.25], [0.0, 2.0, -1.0]]
    model.l1.W.data[:] = [[0.5, -1.5], [0.125, 1.0], [-0.25, 3.0]]
    return model


def test_neurons_draw_an_edge_for_each_weight():
    drawing = viz.neurons(mlp())
    edges = re.findall(r'class="edge (plus|minus)"( stroke-dasharray="5 4")?', drawing.svg)
    assert len(edges) == 2 * 3 + 3 * 2
    assert all([bool(dash) == (sign == "minus") for sign, dash in edges])
    assert drawing.svg.count("<circle") == 7
    found = words(drawing.svg)
    assert "l0/W  (2, 3)" in found and "-0.50" in found and "2.00" in found
    assert len(drawing.steps) == 2 and str(drawing) == "MLP: 2 → 3 → 2 units"


def test_neurons_refuse_what_they_cannot_draw():
    with pytest.raises(RuntimeError, match="l0/W has no data yet; call the model once"):
        viz.neurons(models.MLP((3, 2)))
    wide = models.MLP((13,))
    wide(np.zeros((1, 2)))
    with pytest.raises(ValueError, match="up to 12 units a layer, got 13"):
        viz.neurons(wide)
    with pytest.raises(TypeError, match="expects a layer or a model, got int"):
        viz.neurons(3)


# -- drawings --------------------------------------------------------------------------------------


def all_drawings() -> list[viz.Drawing]:
    return [viz.im2col((1, 2, 3, 3), 2), viz.sum_to((2, 3), (3,)), viz.broadcast((2, 1), (3,)), viz.neurons(mlp())]


def test_drawings_are_deterministic_and_well_formed():
    for first, second in zip(all_drawings(), all_drawings()):
        assert first.svg == second.svg == first._repr_svg_()
        for svg in (first.svg, *first.steps):
            root = ElementTree.fromstring(svg)
            assert root.find(f"{SVG}title").text
            assert "prefers-color-scheme:dark" in svg


def test_nothing_reaches_beyond_the_drawing():
    for drawing in all_drawings():
        root = ElementTree.fromstring(drawing.svg)
        width, height = float(root.get("width")), float(root.get("height"))
        for box in boxes(drawing.svg):
            assert float(box.get("x", 0)) + float(box["width"]) <= width
            assert float(box.get("y", 0)) + float(box["height"]) <= height
        for text in root.iter(f"{SVG}text"):
            share = {"start": 1.0, "middle": 0.5, "end": 0.0}[text.get("text-anchor", "start")]
            assert float(text.get("x")) + share * 0.55 * float(text.get("font-size")) * len(text.text) <= width
            assert 0 < float(text.get("y")) < height


def test_drawings_are_saved_as_svg(tmp_path):
    drawing = viz.sum_to((2, 3), (3,))
    path = drawing.save(tmp_path / "和.svg")
    assert Path(path).read_text(encoding="utf-8") == drawing.svg
    with pytest.raises(ValueError, match=r"saved as \.svg"):
        drawing.save(tmp_path / "sum.png")
    with pytest.raises(ValueError, match="a place for the number"):
        viz.im2col((1, 1, 3, 3), 2).frames(str(tmp_path / "one.svg"))
