"""Pictures as SVG: what they say, where it stands, that nothing overlaps, and that hiding moves nothing."""

import re
import xml.etree.ElementTree as ET
from functools import cache
from itertools import combinations

import numpy as np
import pytest

import dezero
import dezero.functions as F
import dezero.layers as L
from dezero import Variable
from dezero.viz.build import build
from dezero.viz.labels import lines
from dezero.viz.scene import placed_by_graphviz, scene
from dezero.viz.structure import Group, Local, Numbers, Operation, Structure, Value
from dezero.viz.svg import escaped, svg

NAMESPACE = {"s": "http://www.w3.org/2000/svg"}
ALL_STYLES = [("lecture", "LR"), ("lecture", "TB"), ("dezero", "LR"), ("dezero", "TB"), ("compact", "LR")]


# -- graphs ----------------------------------------------------------------------------------------


def number(x):
    return None if x is None else Numbers((), "float64", x)


def value(id, kind, name="", data=None, grad=None, maker=None, **settings):
    return Value(id, kind, name, number(data), number(grad), maker, **settings)


def local(formula, x):
    return Local(formula, number(x))


def structure(values, operations, **settings):
    results = settings.pop("results", (values[-1].id,))
    return Structure({v.id: v for v in values}, {f.id: f for f in operations}, results=results, **settings)


def apple(derived=True):
    g = (lambda x: x) if derived else (lambda x: None)
    return structure(
        [
            value("v0", "input", "apple", 100.0, g(2.2)),
            value("v1", "input", "n", 2.0, g(110.0)),
            value("v2", "inner", "", 200.0, g(1.1), "f0"),
            value("v3", "input", "tax", 1.1, g(200.0)),
            value("v4", "output", "price", 100 * 2 * 1.1, g(1.0), "f1"),
        ],
        [
            Operation("f0", "Mul", "×", ("v0", "v1"), ("v2",), locals=(local("n", 2.0), local("apple", 100.0))),
            Operation("f1", "Mul", "×", ("v2", "v3"), ("v4",), locals=(local("tax", 1.1), local("t", 200.0))),
        ],
    )


def oranges():
    apple, n, orange, m, tax = (
        Variable(np.array(x), name=name)
        for x, name in ((100.0, "りんご"), (2.0, "個数"), (150.0, "みかん"), (3.0, "个数"), (1.1, "消費税"))
    )
    price = (apple * n + orange * m) * tax
    price.name = "price"
    price.backward()
    return build(price, names={})


def square():
    x, y = Variable(np.array(2.0), name="x"), Variable(np.array(3.0), name="y")
    z = (x + y) ** 2
    z.name = "z"
    z.backward()
    return build(z, names={})


def goldstein():
    x, y = Variable(np.array(1.0), name="x"), Variable(np.array(1.0), name="y")
    z = (1 + (x + y + 1) ** 2 * (19 - 14 * x + 3 * x**2 - 14 * y + 6 * x * y + 3 * y**2)) * (
        30 + (2 * x - 3 * y) ** 2 * (18 - 32 * x + 12 * x**2 + 48 * y - 36 * x * y + 27 * y**2)
    )
    z.backward()
    return build(z, names={})


def fourth_derivative():
    x = Variable(np.array(1.0), name="x")
    y = F.tanh(x)
    for _ in range(4):
        x.cleargrad()
        y.backward(create_graph=True)
        y = x.grad
    return build(y, names={})


class Perceptron(dezero.Model):
    def __init__(self):
        super().__init__()
        self.l1, self.l2 = L.Linear(10, in_size=2), L.Linear(3, in_size=10)

    def forward(self, x):
        return self.l2(F.relu(self.l1(x)))


def perceptron():
    model = Perceptron()
    for p in model.params():
        p.data = np.linspace(-1, 1, p.size).reshape(p.shape).astype(np.float32)
    x = Variable(np.linspace(-1, 1, 128).reshape(64, 2).astype(np.float32), name="x")
    loss = F.softmax_cross_entropy(model(x), np.arange(64) % 3)
    loss.backward()
    return build(loss, names={}, model=model)


def recurrent():
    cell, head = L.LSTM(4, in_size=2), L.Linear(1, in_size=4)
    loss = 0
    for x in np.linspace(-1, 1, 10).reshape(5, 1, 2).astype(np.float32):
        loss = loss + (head(cell(Variable(x, name="x"))) ** 2).sum()
    loss.backward()
    return build(loss, names={})


def shared():
    x = Variable(np.array(2.0), name="x")
    y = x * 1.0
    for i in range(2, 21):
        y = y + x * i
    y.backward()
    return build(y, names={})


def strange():
    a = Variable(np.array([1.0, np.nan]), name='a "very" long <name> of a variable & it never\nends\\ \x07')
    b = Variable(
        np.array([[1e-300, 123456.789], [-3.14159265, np.inf]]), name="重み行列・係数のとても長い名前の変数です"
    )
    with np.errstate(invalid="ignore"):
        y = (a * b).sum()
    y.name = "結果"
    return build(y, names={})


def split_and_join():
    x = Variable(np.arange(6.0), name="x")
    parts = F.split(x, 3) if hasattr(F, "split") else [x[:2], x[2:4], x[4:]]
    return build(F.concatenate([p * (i + 2.0) for i, p in enumerate(parts)]).sum(), names={})


GRAPHS = {
    f.__name__: f
    for f in (
        apple, oranges, square, goldstein, fourth_derivative, perceptron, recurrent, shared, strange, split_and_join,
    )
}  # fmt: skip


graph_of = cache(lambda name: GRAPHS[name]())
full_scene = cache(lambda name, style, direction: scene(graph_of(name), style=style, direction=direction, local=True))


# -- helpers ---------------------------------------------------------------------------------------


def texts(tree, look=""):
    return [t for t in tree.iterfind(".//s:text", NAMESPACE) if not look or look in t.get("class").split()]


def of(tree, key):
    (found,) = [t for t in texts(tree) if t.get("data-key") == key]
    return found


def overlap(a, b, allowed=0.0):
    return min(a[2], b[2]) - max(a[0], b[0]) > allowed and min(a[3], b[3]) - max(a[1], b[1]) > allowed


def extent(shape):
    return shape.left, shape.top, shape.right, shape.bottom


# -- what a lecture draws --------------------------------------------------------------------------


def test_apple_shows_what_the_lecture_shows():
    tree = ET.fromstring(svg(apple()))
    shown = {t.get("data-key"): t.text for t in texts(tree) if t.get("data-key")}
    assert shown == {
        "v0.data": "100", "v0.grad": "2.2", "v1.data": "2", "v1.grad": "110", "v2.data": "200", "v2.grad": "1.1",
        "v3.data": "1.1", "v3.grad": "200", "v4.data": "220", "v4.grad": "1",
    }  # fmt: skip
    assert [t.text for t in texts(tree, "op")] == ["×", "×"]
    assert [t.text for t in texts(tree, "name")] == ["apple", "n", "tax", "price"]


@pytest.mark.parametrize("make", [apple, oranges, goldstein])
def test_the_value_stands_above_its_wire_and_the_derivative_below(make):
    tree, drawn = ET.fromstring(svg(make())), scene(make())
    for id, shape in drawn.shapes.items():
        if shape.look == "wire" and "constant" not in shape.classes:
            assert float(of(tree, f"{id}.data").get("y")) < shape.y < float(of(tree, f"{id}.grad").get("y")) - 8


def test_from_top_to_bottom_the_value_stands_before_its_wire():
    for id, shape in scene(apple(), direction="TB").shapes.items():
        boxes = {t.key: t.box for t in shape.texts}
        if shape.look == "wire":
            assert boxes[f"{id}.data"][2] < shape.x < boxes[f"{id}.grad"][0]


@pytest.mark.parametrize("make", [apple, oranges, square])
def test_operands_stand_in_the_order_of_the_code(make):
    graph = make()
    drawn = scene(graph)
    for f in graph.operations.values():
        heights = [drawn.shapes[v].y for v in f.inputs]
        assert heights == sorted(heights)
        ends = [e.path.rsplit(" ", 1)[1] for v in f.inputs for e in drawn.edges if (e.source, e.target) == (v, f.id)]
        assert [float(y) for y in ends] == sorted(float(y) for y in ends)


def test_the_wire_runs_straight_where_it_can():
    drawn = scene(apple()).shapes
    assert drawn["f0"].y == drawn["v2"].y == drawn["f1"].y == drawn["v4"].y
    assert abs(drawn["f0"].y - (drawn["v0"].y + drawn["v1"].y) / 2) <= 0.5  # axes are rounded to half a pixel


def test_the_main_operand_comes_in_straight_beside_one_from_afar():
    drawn = scene(goldstein())
    for edge in drawn.edges:
        source, target = drawn.shapes[edge.source], drawn.shapes[edge.target]
        if source.y == target.y and target.look == "circle":
            assert max(abs(y - source.y) for _, y in along(edge.path)) < 0.06


def test_a_derivative_that_is_not_computed_yet_is_a_dash_without_an_arrow():
    before = ET.fromstring(svg(apple(derived=False)))
    assert {t.text for t in texts(before, "grad")} == {"–"}
    assert not before.findall(".//s:path[@class='back']", NAMESPACE)
    assert len(ET.fromstring(svg(apple())).findall(".//s:path[@class='back']", NAMESPACE)) == 5


def test_local_derivatives_stand_at_the_side_of_their_operand():
    tree, drawn = ET.fromstring(svg(apple(), local=True)), scene(apple(), local=True)
    assert [of(tree, f"f1.local{i}").text for i in (0, 1)] == ["× 1.1", "× 200"]
    assert float(of(tree, "f1.local0").get("y")) < drawn.shapes["f1"].y - 19
    assert float(of(tree, "f1.local1").get("y")) > drawn.shapes["f1"].y + 19


def test_symbols_chain_the_partial_derivatives():
    tree = ET.fromstring(svg(square(), labels="symbolic"))
    assert [t.text for t in texts(tree, "data")] == ["x", "y", "t", "z"]
    assert [t.text for t in texts(tree, "grad")] == [
        "∂z/∂z·∂z/∂t·∂t/∂x", "∂z/∂z·∂z/∂t·∂t/∂y", "∂z/∂z·∂z/∂t", "∂z/∂z",
    ]  # fmt: skip


def test_a_wire_that_parts_has_the_name_of_its_sum():
    tree = ET.fromstring(svg(goldstein(), labels="symbolic"))
    assert of(tree, "v0.grad").text == "∂z/∂x"


def test_kinds_of_leaves_differ_in_more_than_colour():
    graph = structure(
        [value("v0", "parameter", "l1/W", 1.0), value("v1", "input", "x", 2.0), value("v2", "constant", "c", 3.0),
         value("v3", "output", "y", 6.0, maker="f0")],
        [Operation("f0", "Fma", "fma", ("v0", "v1", "v2"), ("v3",))],
    )  # fmt: skip
    groups = {g.get("data-v"): g for g in ET.fromstring(svg(graph)).iterfind(".//s:g[@data-v]", NAMESPACE)}
    assert groups["v0"].find("s:rect[@class='tag']", NAMESPACE) is not None
    radius = [groups[v].find("s:circle[@class='end']", NAMESPACE).get("r") for v in ("v1", "v2")]
    assert radius[0] != radius[1]
    assert "edge constant" in svg(graph)


def test_orders_have_a_legend_and_a_mark():
    drawn = scene(fourth_derivative())
    assert next(text.text for text, _ in drawn.legend) == "forward"
    assert len(drawn.legend) > 2
    assert any(t.look == "mark" for shape in drawn.shapes.values() for t in shape.texts)
    assert not scene(apple()).legend


def test_a_dot_marks_where_the_lines_of_one_value_part():
    x = Variable(np.array(3.0), name="x")
    twice = scene(build(x * x + x, names={}))
    assert [edge.joint is not None for edge in twice.edges if edge.source == "v0"] == [False, True, False]
    assert not any(edge.joint for edge in scene(apple()).edges)


def test_groups_have_their_path_as_title_and_folded_ones_say_how_often():
    drawn = scene(perceptron())
    assert [frame.title.text for frame in drawn.frames] == ["Perceptron", "l1", "l2"]
    graph = structure(
        [value("v0", "input", "x", 1.0), value("v1", "output", "y", 1.0, maker="f0")],
        [Operation("f0", "Block", "Block", ("v0",), ("v1",), group="g0")],
        groups={"g0": Group("g0", "blocks", "Block", folded=True, times=12)},
    )
    tree = ET.fromstring(svg(graph))
    assert [t.text for t in texts(tree, "times")] == ["× 12"]
    assert len(tree.findall(".//s:g[@data-f='f0']/s:rect", NAMESPACE)) == 3


def test_the_book_style_has_ovals_and_boxes():
    tree = ET.fromstring(svg(apple(), style="dezero"))
    assert len(tree.findall(".//s:ellipse[@class='oval']", NAMESPACE)) == 5
    assert [t.text for t in texts(tree, "op")] == ["Mul", "Mul"]


def test_the_compact_style_has_operations_alone():
    tree = ET.fromstring(svg(apple(), style="compact"))
    assert not tree.findall(".//s:g[@data-v]", NAMESPACE)
    assert [(e.get("data-from"), e.get("data-to")) for e in tree.findall(".//s:path[@class='edge']", NAMESPACE)] == [
        ("f0", "f1")
    ]


def test_parameters_stand_beside_what_alone_takes_them():
    graph = perceptron()
    drawn = scene(graph, direction="TB")
    for f in graph.operations.values():
        if f.kind == "Linear":
            at, (weights, bias) = drawn.shapes[f.id], [drawn.shapes[v] for v in f.inputs[1:]]
            assert at.x + at.half[0] < min(weights.x - weights.half[0], bias.x - bias.half[0])
            assert weights.y < at.y < bias.y and abs(weights.tag[0] - bias.tag[0]) < 0.01
            for v, shape in zip(f.inputs[1:], (weights, bias)):
                texts = {t.key: t for t in shape.texts}
                assert texts[f"{v}.data"].y < shape.y < texts[f"{v}.grad"].y
                assert shape.back[0][0] < shape.back[1][0]  # the derivative goes to the parameter
                (edge,) = [e for e in drawn.edges if e.source == v]
                assert edge.target == f.id and edge.arrow


def test_a_parameter_that_two_operations_take_has_a_wire_of_its_own():
    w = dezero.Parameter(np.array(2.0), name="w")
    x = Variable(np.array(3.0), name="x")
    graph = build(x * w + w, names={})
    drawn = scene(graph, direction="TB")
    (w,) = [v.id for v in graph.values.values() if v.kind == "parameter"]
    assert len([e for e in drawn.edges if e.source == w]) == 2
    assert drawn.shapes[w].half[0] == 0.0  # its line runs down the page


@pytest.mark.parametrize(
    ("mean", "low", "high", "said"),
    [(8.5e-12, -0.00947, 0.0017, "mean 0, -0.00947 … 0.0017"), (4e-4, -1.0, 1.0, "mean 0.0004, -1 … 1"),
     (0.0, 0.0, 0.0, "all 0"), (2.5, 2.5, 2.5, "all 2.5"), (1e-9, 0.0, 1e-8, "mean 1e-09, 0 … 1e-08")],
)  # fmt: skip
def test_what_rounding_leaves_of_a_mean_is_0(mean, low, high, said):
    assert lines(Numbers((100, 10), "float32", None, low, high, mean))[1] == said


# -- every graph -----------------------------------------------------------------------------------


@pytest.mark.parametrize(("style", "direction"), ALL_STYLES)
@pytest.mark.parametrize("name", GRAPHS)
def test_nothing_overlaps(name, style, direction):
    drawn = full_scene(name, style, direction)
    all_texts = [t for shape in drawn.shapes.values() for t in shape.texts]
    all_texts += [f.title for f in drawn.frames] + [t for t, _ in drawn.legend] + list(drawn.notes)
    for a, b in combinations(all_texts, 2):
        assert not overlap(a.box, b.box, 0.5), (a, b)
    for t in all_texts:
        left, top, right, bottom = t.box
        assert left >= -12 and top >= -12 and right <= drawn.width + 12 and bottom <= drawn.height + 12, t
    for a, b in combinations(drawn.shapes.values(), 2):
        assert not overlap(extent(a), extent(b), 0.5), (a, b)


@pytest.mark.parametrize(("style", "direction"), ALL_STYLES)
@pytest.mark.parametrize("name", GRAPHS)
def test_pictures_are_well_formed_and_alike(name, style, direction):
    graph = graph_of(name)
    text = svg(graph, style=style, direction=direction)
    assert text == svg(graph, style=style, direction=direction)
    tree = ET.fromstring(text)
    assert "nan nan" not in text and "NaN" not in text
    nodes = [e.get("data-v") or e.get("data-f") for e in tree.iter() if e.get("data-v") or e.get("data-f")]
    expected = list(graph.operations) if style == "compact" else [*graph.values, *graph.operations]
    assert sorted(nodes) == sorted(expected)


@pytest.mark.parametrize("make", [apple, oranges, square, perceptron, shared])
def test_no_lines_cross_where_they_need_not(make):
    assert scene(make()).crossings == 0


def test_groups_hold_their_own_and_nothing_else():
    graph = perceptron()
    drawn = scene(graph)
    for frame in drawn.frames:
        inside = {g for g in graph.groups if g == frame.id or graph.groups[g].outer == frame.id}
        for id, shape in drawn.shapes.items():
            group = (graph.values.get(id) or graph.operations[id]).group
            box = (frame.left, frame.top, frame.right, frame.bottom)
            assert overlap(box, extent(shape)) == (group in inside)


def along(path):
    """Points of a path made of M, L and C."""
    at = (0.0, 0.0)
    for letter, numbers in re.findall("([MLC])([^MLC]*)", path):
        n = [float(x) for x in numbers.split()]
        ends = [at, *zip(n[::2], n[1::2])]
        for k in range(1, 25) if letter != "M" else ():
            t = k / 24
            weights = (1 - t, t) if letter == "L" else ((1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t**2 * (1 - t), t**3)
            yield tuple([sum(w * end[axis] for w, end in zip(weights, ends)) for axis in (0, 1)])
        at = ends[-1]


@pytest.mark.parametrize(("style", "direction"), ALL_STYLES)
@pytest.mark.parametrize("name", GRAPHS)
def test_no_line_runs_through_a_text_or_a_strange_operation(name, style, direction):
    drawn = full_scene(name, style, direction)
    boxes, owners = [], []
    for shape in drawn.shapes.values():
        boxes += [t.box for t in shape.texts]
        owners += [""] * len(shape.texts)  # not even lines of its own run through a text
        if shape.look != "wire":
            (x, y), (a, b) = (shape.x, shape.y), shape.half
            boxes.append((x - a, y - b, x + a, y + b))
            owners.append(shape.id)
    low, high = np.array(boxes)[:, None, :2] + 1, np.array(boxes)[:, None, 2:] - 1
    for edge in drawn.edges:
        points = np.array(list(along(edge.path)))
        met = ((points > low) & (points < high)).all(axis=2).any(axis=1)
        assert not [boxes[i] for i in np.flatnonzero(met) if owners[i] not in (edge.source, edge.target)], edge


# -- hiding and blanks -----------------------------------------------------------------------------


def test_hiding_moves_nothing_and_leaves_no_trace():
    full = ET.fromstring(svg(apple()))
    part = ET.fromstring(svg(apple(), hidden={"v4.data", "v4.grad", "f1", "v2"}))
    assert full.attrib == part.attrib
    where = {(t.get("x"), t.get("y"), t.text) for t in texts(full)}
    assert {(t.get("x"), t.get("y"), t.text) for t in texts(part)} < where
    assert "220" not in {t.text for t in texts(part)}
    assert "220" not in svg(apple(), hidden={"v4.data"})
    assert not part.findall(".//s:g[@data-f='f1']", NAMESPACE)
    assert not [e for e in part.iter() if "f1" in (e.get("data-from"), e.get("data-to"))]


def test_a_blank_is_a_box_in_the_place_of_its_text():
    text = svg(apple(), blank={"v4.data", "v0.grad"})
    tree = ET.fromstring(text)
    assert "220" not in text and "2.2" not in re.sub(r'"[^"]*"', "", text).replace("width:2.2", "")
    (box,) = tree.findall(".//s:rect[@data-key='v4.data']", NAMESPACE)
    old = of(ET.fromstring(svg(apple())), "v4.data")
    assert float(box.get("x")) < float(old.get("x")) < float(box.get("x")) + float(box.get("width"))
    assert float(box.get("y")) < float(old.get("y")) < float(box.get("y")) + float(box.get("height"))


# -- names, themes, settings -----------------------------------------------------------------------


def test_names_are_escaped_and_shortened():
    text = svg(strange())
    assert "<name>" not in text and "\x07" not in text
    assert "重み行列" in text and "結果" in text


@pytest.mark.parametrize("bad", ["\x00", "\x1b[0m", "\ud800", "\ufffe", "\x85"])
def test_what_xml_cannot_hold_is_replaced(bad):
    ET.fromstring(f"<a>{escaped(bad)}</a>".encode())


def test_a_prefix_goes_before_every_id():
    ids = re.findall(r'\bid="([^"]*)"', svg(apple(), prefix="p7-"))
    assert ids and all(id.startswith("p7-") for id in ids)
    assert len(set(ids)) == len(ids)


def test_themes_differ_in_colours_alone():
    light, dark = (re.sub(r"<style>.*</style>", "", svg(apple(), theme=theme)) for theme in ("light", "dark"))
    assert light.replace("dezero-light", "") == dark.replace("dezero-dark", "")
    assert "prefers-color-scheme:dark" in svg(apple())


@pytest.mark.parametrize("setting", [{"style": "graph"}, {"direction": "RL"}, {"labels": "none"}, {"theme": "red"}])
def test_unknown_settings_are_refused(setting):
    ((name, bad),) = setting.items()
    with pytest.raises(ValueError, match=f"a picture has {name} .*got '{bad}'"):
        svg(apple(), **setting)


def test_every_node_says_in_words_what_it_is():
    tree = ET.fromstring(svg(apple()))
    assert tree.find("s:title", NAMESPACE).text
    assert "price: 220" in tree.find("s:desc", NAMESPACE).text
    titles = [g.find("s:title", NAMESPACE).text for g in tree.iterfind(".//s:g[@id]", NAMESPACE)]
    assert "input apple: 100" in titles and "Mul" in titles


@pytest.mark.parametrize(
    ("numbers", "shown"),
    [
        (Numbers((2, 2), "int64", ((1, 2), (3, 4))), ("[1, 2]", "[3, 4]")),
        (Numbers((3,), "float64", (0.1 + 0.2, 1e20, -0.0)), ("[0.3, 1e+20, 0]",)),
        (Numbers((5,), "float64", None, nans=5), ("(5,) float64", "⚠ 5 nan")),
        (Numbers((5, 2), "int8", ((1, 2),) * 5, 1, 2, 1.5), ("(5, 2) int8", "mean 1.5, 1 … 2")),
    ],
)
def test_arrays_are_told_in_few_words(numbers, shown):
    assert lines(numbers) == shown


# -- places from Graphviz --------------------------------------------------------------------------


def test_graphviz_may_find_the_places():
    asked = []

    def run(text):
        asked.append(text)
        count = text.count("width=")
        rows = [f"graph 1 {count} 4"]
        rows += [f'node b{n} {n} {n % 3} 1 1 "" solid box black lightgrey' for n in range(count)]
        for a, b in re.findall(r"b(\d+) -> b(\d+)", text):
            rows.append(f"edge b{a} b{b} 4 {a} 1 {a}.2 1 {b} 1.5 {b} 1 solid black")
        return "\n".join([*rows, "stop"])

    drawn = scene(apple(), run=run)
    assert asked[0].startswith("digraph {")
    assert len(drawn.edges) == 6
    assert drawn.shapes["f0"].x < drawn.shapes["f1"].x
    ET.fromstring(svg(apple(), run=run))


def test_what_is_no_plain_format_is_refused():
    with pytest.raises(ValueError, match="expects the format plain"):
        placed_by_graphviz([], [], lambda text: "")
