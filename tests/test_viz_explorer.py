"""The interactive view of a model: what the page knows, and what it does in a browser."""

import json
import re
import xml.dom.minidom

import numpy as np
import pytest

import dezero
from dezero import Parameter, Variable
from dezero import functions as F
from dezero import layers as L
from dezero.models import MLP, Model
from dezero.viz.build import build
from dezero.viz.explorer import CHUNK, explorer
from dezero.viz.structure import Structure
from tests.browser import FOUND, browser


def random(*shape, seed=0):
    return np.random.default_rng(seed).normal(size=shape)


def mlp():
    with dezero.debug():
        np.random.seed(0)
        model = MLP((5, 4, 3))
        x = Variable(random(6, 2), name="x")
        loss = F.softmax_cross_entropy(model(x), np.array([0, 1, 2, 0, 1, 2]))
    loss.name = "loss"
    loss.backward()
    return build(loss, model=model, names={})


class Residual(Model):
    def __init__(self, depth):
        super().__init__()
        for i in range(depth):
            setattr(self, f"wide{i}", L.Linear(4))
            setattr(self, f"narrow{i}", L.Linear(4))
        self.depth = depth

    def forward(self, x):
        for i in range(self.depth):
            x = x + getattr(self, f"narrow{i}")(F.relu(getattr(self, f"wide{i}")(x)) * 0.5)
        return x


def residual(depth=3):
    np.random.seed(0)
    model = Residual(depth)
    y = F.sum(model(Variable(random(2, 4), name="x")))
    y.backward()
    return build(y, model=model, names={})


def recurrent():
    np.random.seed(0)
    model, loss = L.LSTM(3), 0.0
    for i in range(4):
        loss = loss + F.sum(model(Variable(random(2, 3, seed=i), name=f"x{i}")) ** 2)
    loss.backward()
    return build(loss, model=model, names={})


def chain(n):
    x = Variable(np.array(0.5), name="x")
    y = x
    for _ in range(n // 2):
        y = F.sin(y) + x
    y.backward()
    return build(y, names={})


def sick():
    x, W = Variable(random(6, 3), name="x"), Parameter(random(3, 2), name="W")
    dead, alive = F.relu(F.matmul(x, W) - 100.0), F.relu(F.matmul(x, W))
    with np.errstate(divide="ignore", invalid="ignore"):
        y = F.sum(dead) + F.sum(F.log(alive))
        y.backward()
    return build(y, names={})


def facts(page):
    return json.loads(re.search(r'id="data">(.*)</script>', page)[1])


# -- what the page knows ---------------------------------------------------------------------------


def test_the_page_stands_alone():
    page = explorer(mlp())
    assert not re.search(r'(?:src|href)="|@import|url\((?!#)', page)
    assert len(page.encode()) < 200_000
    assert page == explorer(mlp())


def test_operations_know_layer_line_and_numbers():
    found = facts(explorer(mlp()))
    linear = found["operations"][0]
    assert linear[0] == "Linear" and linear[5].startswith("test_viz_explorer.py:")
    assert found["groups"][linear[3]][:2] == ["l0", "Linear"]
    kind, name, data, grad = found["values"][linear[6][1]][:4]
    assert (kind, name, data[0], grad[0]) == ("parameter", "l0/W", [2, 5], [2, 5])


def test_names_cannot_break_the_page():
    x = Variable(np.array(1.0), name='</script><u>"りんご" {{facts}}')
    page = explorer(build(F.sin(x), names={}), title="<s>")
    assert "<u>" not in page and "<s>" not in page
    assert x.name in [value[1] for value in facts(page)["values"]]


def test_what_is_not_finite_is_counted_instead_of_written():
    found = facts(explorer(sick()))  # and json.dumps would refuse it
    assert any(value[2] and value[2][8] for value in found["values"])


def test_long_runs_of_operations_stand_in_boxes():
    found = facts(explorer(chain(200)))
    assert [group[1] for group in found["groups"]] == ["in a row"] * 5
    sizes = [sum(f[3] == i for f in found["operations"]) for i in range(5)]
    assert sizes == [CHUNK] * 5


def test_many_layers_in_a_row_stand_in_boxes_too():
    found = facts(explorer(residual(50)))
    homes = {group[0]: group[2] for group in found["groups"]}
    assert any(homes[path] >= 0 and found["groups"][homes[path]][1] == "in a row" for path in ("wide0", "narrow40"))


def test_of_too_many_operations_the_last_are_shown():
    structure = chain(1000)
    many = {f"f{i}": next(iter(structure.operations.values())) for i in range(4000)}
    many = {name: type(f)(name, f.kind, f.symbol, f.inputs, f.outputs) for name, f in many.items()}
    found = facts(explorer(Structure(structure.values, many, {}, structure.results)))
    assert len(found["operations"]) == 3000
    assert found["notice"].startswith("The last 3,000 of 4,000 operations are shown")


def test_a_thousand_operations_are_a_small_file():
    assert len(explorer(chain(1000)).encode()) < 600_000  # so 3000 of them stay below 2 MB


# -- what the page does ----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    if FOUND is None:
        pytest.skip("needs Chromium")
    with browser(tmp_path_factory.mktemp("browser")) as page:
        yield page


def opened(page, tmp_path, structure, **size):
    path = tmp_path / "page.html"
    path.write_text(explorer(structure), encoding="utf-8")
    page.open(path, **size)
    return page


PANEL = "document.getElementById('facts').innerText"
KEYS = "[...document.querySelectorAll('[data-k]')].map(e => e.dataset.k)"

# Boxes that meet other boxes, lines that run over a box that they do not belong to, and titles that lines run over
OVERLAPS = """(() => {
  const found = [], boxes = [...document.querySelectorAll(".box")];
  const nodes = [...document.querySelectorAll(".node:not(.box)")];
  const place = e => e.querySelector(".card").getBoundingClientRect();
  const rects = nodes.map(place), titles = boxes.map(e => e.querySelector(".handle").getBoundingClientRect());
  rects.forEach((a, i) => rects.slice(0, i).forEach((b, j) => {
    if (a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom) found.push(["boxes", i, j]);
  }));
  const outer = boxes.map(place);
  outer.forEach((a, i) => rects.forEach((b, j) => {
    const apart = a.right < b.left || b.right < a.left || a.bottom < b.top || b.bottom < a.top;
    const inside = a.left < b.left && b.right < a.right && a.top < b.top && b.bottom < a.bottom;
    if (!apart && !inside) found.push(["layer", boxes[i].dataset.k, nodes[j].dataset.k]);
  }));
  for (const path of document.querySelectorAll("path.line")) {
    const matrix = path.getScreenCTM(), length = path.getTotalLength();
    for (let n = 1; n < 40; n++) {
      const at = path.getPointAtLength(length * n / 40).matrixTransform(matrix);
      const hits = r => at.x > r.left + 2 && at.x < r.right - 2 && at.y > r.top + 2 && at.y < r.bottom - 2;
      rects.forEach((r, j) => hits(r) && found.push(["line over", nodes[j].dataset.k]));
      titles.forEach((r, j) => hits(r) && found.push(["line over title", boxes[j].dataset.k]));
    }
  }
  return found;
})()"""


@pytest.mark.parametrize("make", [mlp, residual, recurrent, sick, lambda: chain(120)])
def test_nothing_overlaps_however_much_is_open(page, tmp_path, make):
    opened(page, tmp_path, make())
    assert page.run(OVERLAPS) == []
    if page.run("!document.getElementById('open').hidden"):
        closed = len(page.run(KEYS))
        page.click("#open")
        assert len(page.run(KEYS)) > closed
        assert page.run(OVERLAPS) == []
    assert page.errors == []


def test_a_layer_opens_and_closes_where_it_is(page, tmp_path):
    opened(page, tmp_path, mlp())
    before = page.run(KEYS)
    page.click(".layer")
    assert len(page.run(KEYS)) == len(before) + 1
    page.press("Enter")
    assert page.run(KEYS) == before
    assert page.errors == []


def test_pointing_shows_numbers_and_the_line_of_code(page, tmp_path):
    opened(page, tmp_path, mlp())
    x, y = page.run("(b => [b.x + 30, b.y + 10])(document.querySelector('.operation').getBoundingClientRect())")
    page.mouse("mouseMoved", x, y)
    page.settle()
    panel = page.run(PANEL)
    for word in ("Sigmoid", "test_viz_explorer.py:", "6 × 5", "Mean", "Std", "Gradient of output"):
        assert word in panel
    assert page.run("document.querySelectorAll('#facts .bars rect').length") > 4


def test_search_opens_what_it_finds(page, tmp_path):
    opened(page, tmp_path, residual())
    page.click("#close")
    page.press("/")
    page.write("narrow2 linear")
    page.settle()
    assert page.run("document.querySelectorAll('#hits [data-i]').length") > 0
    page.press("ArrowDown", "Enter")
    assert "narrow2" in page.run(PANEL)
    assert page.run("document.querySelectorAll('.chosen').length") == 1
    assert page.errors == []


def test_what_is_wrong_is_marked(page, tmp_path):
    opened(page, tmp_path, sick())
    flags = page.run("[...document.querySelectorAll('.flag')].map(e => e.textContent)")
    assert "dead" in flags and "NaN" in flags
    assert "NaN or infinite" in page.run("document.getElementById('legend').innerText")
    assert page.run("document.querySelectorAll('.stripe[fill=\"url(#dead)\"]').length") == 1


def test_switches_hide_rows_and_colours(page, tmp_path):
    opened(page, tmp_path, mlp())
    assert page.run("document.querySelectorAll('.swatch').length") > 0
    page.click("#parameters")
    assert page.run("document.querySelectorAll('.swatch').length") == 0
    page.click("#gradients")
    assert page.run("document.querySelectorAll('.stripe').length") == 0
    assert page.run("document.getElementById('legend').hidden")


def test_the_picture_is_saved_as_svg(page, tmp_path):
    opened(page, tmp_path, mlp())
    text = page.run("document.getElementById('view').picture()")
    root = xml.dom.minidom.parseString(text).documentElement
    assert root.tagName == "svg" and "784" not in text and "l0" in text
    assert "undefined" not in text and "NaN" not in text


def test_the_table_says_the_same_in_words(page, tmp_path):
    opened(page, tmp_path, mlp())
    page.click("#list")
    rows = page.run("[...document.querySelectorAll('#table tbody tr')].map(row => row.innerText)")
    assert len(rows) == 6
    assert "Sigmoid" in rows[1]
    page.click("#table tbody button")
    assert not page.run("document.getElementById('table').open")


def test_keys_move_from_box_to_box(page, tmp_path):
    opened(page, tmp_path, mlp())
    page.run("document.querySelector('[tabindex=\"0\"].node').focus()")
    page.press("ArrowDown", "ArrowDown")
    first = page.run("document.activeElement.dataset.k")
    page.press("ArrowUp")
    assert page.run("document.activeElement.dataset.k") != first
    page.press("0", "+")
    assert page.errors == []


def test_a_small_screen_shows_graph_and_facts(page, tmp_path):
    opened(page, tmp_path, mlp(), width=390, height=780)
    assert page.run("document.documentElement.scrollWidth") == 390
    assert page.run("document.getElementById('view').clientHeight") > 300
