"""Graphs as DOT text, and as pictures: by Graphviz where it is, else by ourselves."""

import os
import sys
import warnings
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import numpy as np
import pytest

from dezero import Function, Variable, as_variable
from dezero import functions as F
from dezero.models import MLP
from dezero.utils.dot_graph import get_dot_graph, plot_dot_graph


def variable(value, name=None):
    return Variable(np.array(value), name=name)


@pytest.fixture
def square():
    x = variable(3.0, "x")
    y = x * x
    y.name = "y"
    return y


@pytest.fixture
def no_engine(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path / "empty"))
    monkeypatch.setitem(sys.modules, "pygraphviz", None)


@pytest.fixture
def dot(monkeypatch, tmp_path):
    """Stands for Graphviz: writes its arguments and what it reads, and fails for the format tga."""
    if os.name == "nt":
        pytest.skip("the stand-in is a script for a Unix shell")
    pytest.importorskip("graphviz", reason="the package calls the program")
    monkeypatch.setitem(sys.modules, "pygraphviz", None)
    program = tmp_path / "bin" / "dot"
    program.parent.mkdir()
    program.write_text(
        f"#!{sys.executable}\n"
        "import sys\n"
        "if '-Ttga' in sys.argv:\n"
        "    sys.exit('Format: \"tga\" not recognized.')\n"
        "print(*sys.argv[1:])\n"
        "print(sys.stdin.read())\n"
    )
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(program.parent))


# -- the text --------------------------------------------------------------------------------------


def test_variables_are_ellipses_and_functions_boxes(square):
    assert get_dot_graph(square) == (
        "digraph g {\n"
        'v0 [label="x: () float64", color=orange, style=filled]\n'
        'f0 [label="Mul", color=lightblue, style=filled, shape=box]\n'
        'v1 [label="y: () float64", color=orange, style=filled]\n'
        "v0 -> f0\n"
        "v0 -> f0\n"
        "f0 -> v1\n"
        "}"
    )


def test_a_variable_is_declared_once_however_often_it_is_used():
    x = variable(1.0, "x")
    text = get_dot_graph(F.sin(x) + x * x + x)
    assert text.count('label="x: ') == 1


def test_the_same_graph_gives_the_same_text():
    def text():
        x = variable(2.0, "x")
        return get_dot_graph(F.sin(x) * x + F.exp(-x))

    assert text() == text()


def test_without_verbose_only_names_are_shown(square):
    text = get_dot_graph(square, verbose=False)
    assert 'label="x"' in text
    assert "float64" not in text


def test_a_variable_without_a_name_shows_shape_and_dtype():
    assert 'label="(2, 3) float32"' in get_dot_graph(-Variable(np.ones((2, 3), dtype=np.float32)))


def test_a_leaf_makes_a_picture_of_itself():
    text = get_dot_graph(variable(1, "x"))
    assert text == 'digraph g {\nv0 [label="x: () int64", color=orange, style=filled]\n}'


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ('say "x"', r"say \"x\""),
        ("a\\b", r"a\\b"),
        ('\\"', r"\\\""),
        ("two\nlines", r"two\nlines"),
        ("&lt;", "&amp;lt;"),
        ("変数", "変数"),
        (3, "3"),
    ],
)
def test_names_are_escaped(name, label):
    assert f'label="{label}"' in get_dot_graph(variable(1.0, name), verbose=False)


def test_an_absent_bias_is_left_out():
    y = F.linear(Variable(np.ones((2, 3))), Variable(np.ones((3, 4))))
    assert get_dot_graph(y, verbose=False).count("color=orange") == 3


def test_an_output_that_nobody_holds_is_left_out():
    class Both(Function):
        def forward(self, x):
            return x + 1, x + 2

        def backward(self, gy0, gy1):
            return gy0 + gy1

    y = Both()(variable(1.0))[0]
    assert get_dot_graph(y).count("color=orange") == 2


def test_several_results_share_their_graph():
    x = variable(1.0, "x")
    text = get_dot_graph([F.sin(x), F.cos(x)])
    assert text.count('label="x: ') == 1
    assert "Sin" in text
    assert "Cos" in text


def test_operands_come_in_the_order_of_the_code():
    a, b, c, d = (variable(1.0, name) for name in "abcd")
    text = get_dot_graph(a * b + c * d, verbose=False)
    assert [text.index(f'label="{name}"') for name in "abcd"] == sorted(text.index(f'label="{n}"') for n in "abcd")
    assert "v2 -> f2\nv5 -> f2\nf2 -> v6" in text


def test_a_long_chain_needs_no_recursion():
    x = y = variable(1.0)
    for _ in range(3000):
        y = y + x
    assert get_dot_graph(y).count("\n") > 9_000


@pytest.mark.parametrize("output", [None, np.ones(3), 1.0, [], [np.ones(3)]])
@pytest.mark.parametrize("draw", [get_dot_graph, plot_dot_graph])
def test_what_has_no_graph_is_refused(draw, output):
    with pytest.raises(TypeError, match=f"{draw.__name__} expects a Variable"):
        draw(output)


# -- the picture -----------------------------------------------------------------------------------


@pytest.mark.parametrize("suffix", ["png", "pdf", "xyz"])
def test_without_graphviz_we_draw_and_a_warning_says_so(square, no_engine, tmp_path, suffix, capfd):
    name = tmp_path / f"square.{suffix}"
    with pytest.warns(UserWarning) as caught:
        path = plot_dot_graph(square, to_file=name)
    assert str(caught[0].message) == (
        f"plot_dot_graph wrote {str(tmp_path / 'square.svg')!r} instead of {str(name)!r}, because nothing here draws "
        f".{suffix}: pip install pygraphviz"
    )
    assert caught[0].filename == __file__
    assert path == str(tmp_path / "square.svg")
    root = ElementTree.parse(path).getroot()
    words = [text for text in ("".join(node.itertext()).strip() for node in root.iter()) if text]
    for label in ("x", "Mul", "y"):
        assert any(label in text for text in words)
    assert "() float64" in " ".join(words)
    assert os.listdir(tmp_path) == ["square.svg"]
    assert capfd.readouterr() == ("", "")


def test_an_svg_needs_no_graphviz_and_no_warning(square, no_engine, tmp_path):
    path = plot_dot_graph(square, verbose=False, to_file=tmp_path / "square.svg")
    first = Path(path).read_bytes()
    assert b"<svg" in first
    assert b"float64" not in first
    assert first == Path(plot_dot_graph(square, False, tmp_path / "square.svg")).read_bytes()


def test_a_model_is_drawn_without_graphviz(no_engine, tmp_path):
    with pytest.warns(UserWarning, match=r"^Model.plot wrote .*model\.svg' instead of .*model\.png'") as caught:
        path = MLP((3, 1)).plot(np.ones((2, 4)), to_file=tmp_path / "model.png")
    assert caught[0].filename == __file__
    assert path == str(tmp_path / "model.svg")


def test_a_font_that_is_missing_is_told(dot, tmp_path, monkeypatch):
    monkeypatch.setattr("dezero.viz.engines.has_font", lambda letters: False)
    with pytest.warns(UserWarning, match=r"plot_dot_graph wrote .*, but no font here has the Japanese .* 'りんご'"):
        plot_dot_graph(variable(100.0, "りんご"), to_file=tmp_path / "apple.png")
    plot_dot_graph(variable(100.0, "りんご"), to_file=tmp_path / "apple.svg")  # whoever looks at it brings the font


@pytest.mark.parametrize("suffix", [".dot", ".gv"])
def test_the_text_itself_needs_no_program(square, no_engine, tmp_path, suffix):
    path = plot_dot_graph(square, to_file=tmp_path / f"square{suffix}")
    assert Path(path).read_text() == get_dot_graph(square)


def test_dot_draws_the_picture(square, dot, tmp_path):
    path = plot_dot_graph(square, False, str(tmp_path / 'a "strange" $(name).SVG'))
    assert path == str(tmp_path / 'a "strange" $(name).SVG')
    assert Path(path).read_text().split() == ["-Kdot", "-Tsvg", *get_dot_graph(square, False).split()]


def test_no_file_name_reaches_the_command_line(square, dot, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    plot_dot_graph(square, to_file="-Kneato.png")
    assert (tmp_path / "-Kneato.png").read_text().startswith("-Kdot -Tpng\ndigraph")


def test_the_default_is_a_png_here(square, dot, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert plot_dot_graph(square) == "graph.png"
    assert (tmp_path / "graph.png").exists()


def test_what_dot_says_is_passed_on(square, dot, tmp_path):
    with pytest.raises(ValueError, match=r'could not draw the graph as \.tga; dot says: Format: "tga" not recognized'):
        plot_dot_graph(square, to_file=tmp_path / "square.tga")
    with pytest.raises(ValueError, match=r"could not draw the graph as \.xyz; dot says: "):
        plot_dot_graph(square, to_file=tmp_path / "square.xyz")
    assert not list(tmp_path.glob("square.*"))


@pytest.mark.parametrize("name", ["picture", "picture.", "picture.p n g"])
def test_a_name_without_format_is_refused(square, dot, tmp_path, name):
    with pytest.raises(ValueError, match="expects a file name with the format as its suffix"):
        plot_dot_graph(square, to_file=tmp_path / name)


def test_a_notebook_shows_the_picture(square, dot, tmp_path):
    png = plot_dot_graph(square, to_file=tmp_path / "square.png")
    svg = plot_dot_graph(square, to_file=tmp_path / "square.svg")
    assert png._repr_png_() == Path(png).read_bytes()
    assert svg._repr_svg_() == Path(svg).read_text()
    assert png._repr_svg_() is None
    assert svg._repr_png_() is None
    assert svg._repr_jpeg_() is None


def test_the_graph_of_gradients_can_be_drawn():
    x = as_variable(np.array(1.0))
    x.name = "x"
    y = F.tanh(x)
    y.backward(create_graph=True)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert get_dot_graph(x.grad).count("shape=box") > 1
