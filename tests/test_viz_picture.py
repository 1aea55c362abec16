"""The class Graph: files, slides, exercises, notebooks; and the graph of a model."""

import sys
import types
import webbrowser

import numpy as np
import pytest

import dezero
import dezero.functions as F
import dezero.layers as L
from dezero import Variable, no_grad
from dezero.models import Sequential
from dezero.viz import Graph, graph, picture


def price_of_apples():
    apple, n, tax = Variable(np.array(100.0)), Variable(np.array(2.0)), Variable(np.array(1.1))
    price = apple * n * tax
    price.backward()
    return price.graph()


# -- files -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("suffix", "begins"),
    [("svg", "<svg"), ("dot", "digraph"), ("html", "<!DOCTYPE html>"), ("txt", "price = 220"), ("json", "{"),
     ("mmd", "flowchart"), ("SVG", "<svg")],
)  # fmt: skip
def test_the_suffix_says_how(tmp_path, suffix, begins):
    path = price_of_apples().save(tmp_path / f"apple.{suffix}")
    words = path.read_text(encoding="utf-8")
    assert words.startswith(begins)
    assert words.endswith("\n")
    assert "220.00000000000003" not in words or suffix == "json"


def test_another_suffix_is_refused(tmp_path):
    with pytest.raises(ValueError, match=r"save writes \.svg, .* and \.mmd, .* got .*apple\.bmp"):
        price_of_apples().save(tmp_path / "apple.bmp")
    with pytest.raises(TypeError, match=r"takes no looks, got style"):
        price_of_apples().save(tmp_path / "apple.txt", style="dezero")


def test_pixels_need_graphviz(tmp_path, monkeypatch):
    def nothing(words, kind):
        raise RuntimeError(f"nothing here draws .{kind}: install something")

    monkeypatch.setattr(picture, "drawn", nothing)
    with pytest.raises(RuntimeError, match=r"apple\.png.*nothing here draws \.png: install.*; \.svg and \.html"):
        price_of_apples().save(tmp_path / "apple.png")


def test_pixels_come_from_graphviz(tmp_path, monkeypatch):
    monkeypatch.setattr(picture, "drawn", lambda words, kind: kind.encode() + words[:7].encode())
    monkeypatch.setattr(picture, "uncovered", lambda words: "no font has these letters")
    with pytest.warns(UserWarning, match="but no font has these letters"):
        path = price_of_apples().save(tmp_path / "apple.pdf", theme="dark")
    assert path.read_bytes() == b"pdfdigraph"


def test_looks_hold_for_all_drawings():
    x = Variable(np.array(3.0))
    book = graph(x**2, style="dezero")
    assert book.dot() == graph(x**2).dot(style="dezero")
    assert book.svg() == graph(x**2).svg(style="dezero", direction="TB")
    with pytest.raises(TypeError, match="graph has no setting 'colour'; pictures have style"):
        graph(x**2, colour="red")


def test_a_large_graph_is_placed_by_graphviz_where_it_is_there(monkeypatch):
    asked = []
    monkeypatch.setattr(picture, "available", lambda: ("dot",))
    monkeypatch.setattr(picture, "svg", lambda structure, **looks: asked.append(looks) or "<svg>")
    y = Variable(np.array(1.0))
    small = graph(y * 2)
    for _ in range(1000):
        y = -y
    small.svg()
    graph(y).svg()
    assert [("run" in looks) for looks in asked] == [False, True]


def test_two_runs_give_the_same_bytes():
    first, second = price_of_apples(), price_of_apples()
    assert first == second
    assert first.svg() == second.svg()
    assert first._repr_mimebundle_() == second._repr_mimebundle_()


# -- for lessons -----------------------------------------------------------------------------------


def test_slides(tmp_path):
    files = price_of_apples().frames(str(tmp_path / "slide_{:02d}.svg"))
    assert [f.name for f in files[:2]] == ["slide_01.svg", "slide_02.svg"]
    frames = {f.read_text(encoding="utf-8").partition(">")[0] for f in files}
    assert len(frames) == 1
    for pattern in ("slide.svg", "slide_{:02d}.png", "slide_{", "{a}.svg"):
        with pytest.raises(ValueError, match="frames wants file names"):
            price_of_apples().frames(pattern)


def test_boxes_to_fill_in():
    exercise = price_of_apples().blank("dApple", "price")
    assert exercise.answers() == {"price": "220", "dApple": "2.2"}
    assert exercise.text().startswith("price = ____, derivative 1, from ×")
    assert "220" not in exercise.svg() and "220" not in exercise.json() and "220" not in exercise.dot()
    assert exercise.blank("tax").answers() == {"price": "220", "tax": "1.1", "dApple": "2.2"}
    with pytest.raises(ValueError, match="blank wants names"):
        price_of_apples().blank()
    with pytest.raises(ValueError, match="no value named 'dPear'"):
        price_of_apples().blank("dPear")


def test_a_page_that_plays(tmp_path):
    page = price_of_apples().html(play=True)
    assert "<script>" in page and len(page.encode()) < 60_000
    assert price_of_apples().html(tmp_path / "a.html", quiz=True).read_text(encoding="utf-8") != page
    with pytest.raises(TypeError, match="html takes style with play=True"):
        price_of_apples().html(style="dezero")


# -- notebooks and screens -------------------------------------------------------------------------


def test_a_notebook_shows_a_picture():
    bundle = price_of_apples()._repr_mimebundle_()
    assert bundle["text/plain"].startswith("price = 220")
    assert bundle["image/svg+xml"].startswith("<svg")
    assert bundle["image/svg+xml"] in bundle["text/html"]
    other = graph(Variable(np.array(1.0)) * 2)._repr_mimebundle_()
    assert bundle["image/svg+xml"].partition('id="')[2][:9] != other["image/svg+xml"].partition('id="')[2][:9]


def test_a_notebook_shows_a_large_graph_in_a_frame():
    y = Variable(np.array(1.0))
    for _ in range(61):
        y = -y
    found = graph(y)
    bundle = found._repr_mimebundle_()
    assert bundle["text/plain"] == repr(found) == "Graph of y: 61 operations, 62 values"
    assert bundle["text/html"].startswith('<iframe srcdoc="&lt;!DOCTYPE html&gt;')


def test_a_variable_in_a_notebook_is_text():
    assert not hasattr(Variable(np.ones(2)), "_repr_mimebundle_")


def test_show_in_a_browser(monkeypatch, tmp_path):
    shown = []
    monkeypatch.setenv("DISPLAY", ":0")
    monkeypatch.setattr("tempfile.mkdtemp", lambda prefix: str(tmp_path))
    monkeypatch.setattr(webbrowser, "open", lambda uri: shown.append(uri) or True)
    path = price_of_apples().show()
    assert (path.name, shown) == ("graph.svg", [path.as_uri()])


def test_show_without_a_display(monkeypatch, tmp_path):
    monkeypatch.setattr(sys, "platform", "linux")
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("tempfile.mkdtemp", lambda prefix: str(tmp_path))
    with pytest.warns(UserWarning, match=r"no browser to show the picture in; it is the file .*graph\.svg"):
        price_of_apples().show()


def test_show_in_a_notebook(monkeypatch):
    shown = []
    notebook = types.ModuleType("IPython")
    notebook.get_ipython = lambda: types.SimpleNamespace(kernel=object())
    notebook.display = types.ModuleType("IPython.display")
    notebook.display.display = shown.append
    monkeypatch.setitem(sys.modules, "IPython", notebook)
    monkeypatch.setitem(sys.modules, "IPython.display", notebook.display)
    found = price_of_apples()
    assert found.show() is None
    assert shown == [found]


# -- models ----------------------------------------------------------------------------------------


class Everything(dezero.Model):
    def __init__(self):
        super().__init__()
        self.l1, self.norm, self.rnn = L.Linear(4), L.BatchNorm(), L.RNN(3)

    def forward(self, x):
        return self.rnn(F.dropout(self.norm(self.l1(x))))


def test_the_graph_of_a_model_leaves_the_model_as_it_was():
    x = np.random.default_rng(0).normal(size=(5, 2))
    np.random.seed(0)
    model = Everything()
    found = model.graph(x)
    assert isinstance(found, Graph)
    assert model.l1.W.data is None and model.rnn.h is None
    assert not hasattr(model, "outputs")
    y = model(x)
    np.random.seed(0)
    other = Everything()
    np.testing.assert_array_equal(other(x).data, y.data)
    before = [b.data.copy() for _, b in model.named_buffers()]
    h = model.rnn.h
    state = np.random.get_state()[1].copy()
    model.graph(x)
    assert model.rnn.h is h
    for old, (_, new) in zip(before, model.named_buffers()):
        np.testing.assert_array_equal(old, new.data)
    np.testing.assert_array_equal(state, np.random.get_state()[1])


def test_the_graph_of_a_model_knows_lines_and_paths_and_no_old_gradients():
    model = Sequential(L.Linear(3, in_size=2), F.relu, L.Linear(1, in_size=3))
    x = np.ones((1, 2))
    model(x).backward()
    with no_grad():
        found = model.graph(x)
    assert [f.line.partition(":")[0] for f in found.operations.values()] == ["test_viz_picture.py"] * 3
    assert "l0/W" in [v.name for v in found.values.values()]
    assert all(v.grad is None for v in found.values.values())
    assert any(v.grad is not None for v in model.graph(x, grads=True).values.values())
    assert len(model.graph(x, depth=0, style="compact").operations) == 1


def test_a_model_without_a_result():
    class Silent(L.Layer):
        def forward(self, x):
            return None

    with pytest.raises(TypeError, match=r"Silent\.graph: the call returned no Variable but NoneType"):
        Silent().graph(np.ones(2))


# -- blanks stay empty everywhere ------------------------------------------------------------------


@pytest.mark.parametrize("settings", [{}, {"play": True}])
def test_no_page_tells_what_is_to_be_filled_in(settings):
    apple, tax = Variable(np.array(103.0), name="apple"), Variable(np.array(1.7), name="tax")
    price = apple * tax
    price.name = "price"
    price.backward()
    exercise = price.graph().blank("price", "dtax")
    page = exercise.html(**settings)
    assert "175.1" in price.graph().html(**settings) and "175.1" not in page
    assert page.count("103") < price.graph().html(**settings).count("103")
    assert "apple" in page and "1.7" in page


def test_a_quiz_about_blanks_asks_for_nothing_else():
    x = Variable(np.array(3.0), name="x")
    y = x**2
    y.name = "y"
    y.backward()
    page = y.graph().blank("dx").html(quiz=True)
    assert '"quiz":{"v0.grad":"6"}' in page


def test_frames_keep_blanks_empty(tmp_path):
    x = Variable(np.array(3.0), name="x")
    y = x**2
    y.backward()
    written = y.graph().blank("dx").frames(str(tmp_path / "{}.svg"))
    assert 'class="blank"' in written[-1].read_text(encoding="utf-8")
    assert not any(">6<" in file.read_text(encoding="utf-8") for file in written)
