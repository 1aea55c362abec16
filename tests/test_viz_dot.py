"""Graphs as text in the language DOT, and the engines that draw it: stand-ins, and the real ones where they are."""

import os
import re
import sys
import types
import xml.etree.ElementTree as ElementTree
from dataclasses import replace

import pytest

from dezero.viz import engines
from dezero.viz.dot import dot
from dezero.viz.engines import available, drawn, uncovered
from dezero.viz.structure import Group, Local, Numbers, Operation, Structure, Value


def number(x):
    return Numbers((), "float64", float(x))


def structure(values, operations, **others):
    return Structure({v.id: v for v in values}, {f.id: f for f in operations}, results=(values[-1].id,), **others)


def apple(*, grads=True, names=("apple", "count", "tax", "price")):
    def value(i, kind, name, data, grad, maker=None):
        return Value(f"v{i}", kind, name, number(data), number(grad) if grads else None, maker)

    return structure(
        [
            value(0, "input", names[0], 100, 2.2),
            value(1, "input", names[1], 2, 110),
            value(2, "inner", "", 200, 1.1, "f0"),
            value(3, "input", names[2], 1.1, 200),
            value(4, "output", names[3], 100 * 2 * 1.1, 1, "f1"),
        ],
        [
            Operation("f0", "Mul", "×", ("v0", "v1"), ("v2",), locals=(Local("count", number(2)), Local("apple"))),
            Operation("f1", "Mul", "×", ("v2", "v3"), ("v4",)),
        ],
    )


def square():
    return structure(
        [
            Value("v0", "input", "x"),
            Value("v1", "input", "y"),
            Value("v2", "inner", "", maker="f0"),
            Value("v3", "output", "z", maker="f1"),
        ],
        [Operation("f0", "Add", "+", ("v0", "v1"), ("v2",)), Operation("f1", "Pow", "**2", ("v2",), ("v3",))],
    )


def network():
    large = Numbers((2, 10), "float32", None, -1.5, 2.5, 0.25, 1.0, 3.0, nans=3, infinities=1)
    return structure(
        [
            Value("v0", "input", "x", Numbers((2, 2), "float32", ((1.0, 2.0), (3.0, 4.0)))),
            Value("v1", "parameter", "l1/W", large, large, group="g1"),
            Value("v2", "inner", "h", large, large, "f0", "g1"),
            Value("v3", "constant", "", number(0.5), group="g0"),
            Value("v4", "output", "loss", number(0.3), number(1), "f1"),
        ],
        [
            Operation("f0", "MatMul", "@", ("v0", "v1"), ("v2",), group="g1"),
            Operation("f1", "Mean", "mean", ("v2", "v3"), ("v4",), "axis=1", group="g0", order=1),
        ],
        groups={"g0": Group("g0", "MLP", "MLP"), "g1": Group("g1", "l1", "Linear", "g0", call=1, times=12)},
        title="a <small> net",
        notice="12 blocks folded",
    )


def node(text, name):
    """The line that declares a node."""
    return next(line for line in text.splitlines() if line.startswith(f"{name} ["))


def edges(text):
    return [line.partition(" [")[0] for line in text.splitlines() if " -> " in line]


# -- lectures --------------------------------------------------------------------------------------


def test_each_wire_has_its_value_above_its_derivative():
    text = dot(apple())
    for name, value, grad in [("v0", "100", "2.2"), ("v1", "2", "110"), ("v2", "200", "1.1"), ("v4", "220", "1")]:
        row = node(text, name)
        assert 0 < row.index(f">{value}<") < row.index("<hr/>") < row.index(f">{grad}<")
    assert "220.0000" not in text


def test_operands_keep_the_order_of_the_code():
    text = dot(apple())
    assert "ordering=in" in text
    assert [edge for edge in edges(text) if edge.endswith("-> f1")] == ["v2:e -> f1", "v3:e -> f1"]


def test_with_clusters_operands_are_declared_backwards_so_that_graphviz_keeps_their_order():
    assert [edge for edge in edges(dot(network())) if edge.endswith("-> f1")] == ["v3 -> f1", "v2:e -> f1"]


def test_before_backward_all_derivatives_are_dashes():
    text = dot(apple(grads=False))
    assert text.count(">–<") == 5


def test_a_constant_has_no_line_and_no_derivative():
    assert node(dot(network()), "v3") == "v3 [label=<0.5>]"


def test_local_derivatives_are_written_on_request():
    assert "× 2" not in dot(apple())
    text = dot(apple(), local=True)
    assert 'v0:e -> f0 [label="× 2"]' in text
    assert 'v1:e -> f0 [label="× apple"]' in text


def test_partial_derivatives_make_a_chain():
    text = dot(square(), labels="symbolic")
    assert ">∂z/∂z<" in node(text, "v3")
    assert ">∂z/∂z·∂z/∂t<" in node(text, "v2")
    assert ">∂z/∂z·∂z/∂t·∂t/∂x<" in node(text, "v0")
    assert ">∂z/∂z·∂z/∂t·∂t/∂y<" in node(text, "v1")


def test_what_two_operations_use_has_one_derivative():
    both = structure(
        [
            Value("v0", "input", "x"),
            Value("v1", "inner", "a", maker="f0"),
            Value("v2", "inner", "b", maker="f1"),
            Value("v3", "output", "y", maker="f2"),
        ],
        [
            Operation("f0", "Sin", "sin", ("v0",), ("v1",)),
            Operation("f1", "Cos", "cos", ("v0",), ("v2",)),
            Operation("f2", "Mul", "×", ("v1", "v2"), ("v3",)),
        ],
    )
    assert ">∂y/∂x<" in node(dot(both, labels="symbolic"), "v0")


def test_small_arrays_show_entries_and_large_ones_statistics():
    text = dot(network())
    assert re.search(r">\[1, 2\]<.*>\[3, 4\]<.*<hr/>", node(text, "v0"))
    above, below = node(text, "v1").split("<hr/>")
    for words in ("mean 0.25, -1.5 … 2.5", "3 nan, 1 inf"):
        assert words in above
        assert words in below
    assert "(2, 10) float32" in above
    assert "float32" not in below


def test_derivatives_of_derivatives_are_dashed():
    text = dot(network())
    assert "dashed" in node(text, "f1")
    assert "dashed" not in node(text, "f0")


# -- the other styles, and what is common ----------------------------------------------------------


def test_the_book_has_ovals_and_boxes():
    text = dot(apple(), style="dezero")
    assert node(text, "v0") == 'v0 [label="apple: () float64", color=orange, style=filled]'
    assert node(text, "f0") == 'f0 [label="Mul", color=lightblue, style=filled, shape=box]'
    assert edges(text) == ["v0 -> f0", "v1 -> f0", "f0 -> v2", "v2 -> f1", "v3 -> f1", "f1 -> v4"]


def test_operations_alone_are_linked_directly():
    text = dot(apple(), style="compact")
    assert "apple" not in text
    assert edges(text) == ["f0 -> f1"]


def test_calls_of_layers_are_clusters_in_each_other():
    for style in ("lecture", "dezero", "compact"):
        text = dot(network(), style=style)
        outer, inner = text.index("subgraph cluster_g0 {"), text.index("subgraph cluster_g1 {")
        assert outer < inner < text.index("\nf0 [") < text.index("\nf1 [")
        assert 'label="l1: Linear, call 2 × 12' in text
        assert text.count("{") == text.count("}")
        assert "newrank=true" in text
        assert "newrank" not in dot(apple(), style=style)


def test_title_and_notice_are_shown():
    text = dot(network())
    assert "a &lt;small&gt; net" in text
    assert "12 blocks folded" in text


@pytest.mark.parametrize("style", ["lecture", "dezero", "compact"])
def test_a_leaf_alone_and_nothing_at_all(style):
    assert "x" in dot(structure([Value("v0", "input", "x")], []), style=style)
    assert dot(Structure({}, {}), style=style).endswith("}")


def test_the_direction_can_be_chosen():
    assert "rankdir=LR" in dot(apple())
    assert "rankdir=TB" in dot(apple(), direction="TB")
    assert "v0:s -> f0" in dot(apple(), direction="TB")
    assert "rankdir" not in dot(apple(), style="dezero")
    assert "rankdir=LR" in dot(apple(), style="dezero", direction="LR")


@pytest.mark.parametrize("wrong", [{"style": "neon"}, {"direction": "up"}, {"labels": "latex"}])
def test_a_wrong_word_is_refused(wrong):
    (name,) = wrong
    with pytest.raises(ValueError, match=f"dot expects {name} to be one of .*, got '{wrong[name]}'"):
        dot(apple(), **wrong)


STRANGE = [
    'say "x"',
    "a\\",
    "<b>&amp;</b>",
    "two\nlines\r",
    "りんご 个数",
    "\x00\x1b\ud800",
    "\\N \\G",
    "</table>>]",
    " ",
]


@pytest.mark.parametrize("style", ["lecture", "dezero", "compact"])
@pytest.mark.parametrize("name", STRANGE)
def test_names_cannot_break_the_text(style, name):
    values = apple(names=(name,) * 4)
    group = Group("g0", name, name)
    odd = replace(
        values,
        operations={
            k: replace(f, kind=name, symbol=name, detail=name, group="g0") for k, f in values.operations.items()
        },
        groups={"g0": group},
        title=name,
    )
    text = dot(odd, style=style, local=True)
    text.encode()
    assert not any(ord(letter) < 32 and letter != "\n" for letter in text)
    if "pygraphviz" in available() or "dot" in available():
        picture = drawn(text, "svg")
        ElementTree.fromstring(picture)


# -- engines ---------------------------------------------------------------------------------------


@pytest.fixture
def no_dot(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))


@pytest.fixture
def no_pygraphviz(monkeypatch):
    monkeypatch.setitem(sys.modules, "pygraphviz", None)


@pytest.fixture
def wheel(monkeypatch, no_dot):
    """Stands for pygraphviz: knows one format, and talks on the terminal as a library written in C does."""

    class DotError(ValueError):
        pass

    class AGraph:
        def __init__(self, string):
            self.string = string
            if "{" not in string:
                os.write(2, b"Error: syntax error in line 1\n")
                raise DotError("Invalid Input")

        def draw(self, format, prog):
            os.write(2, b"Fontconfig warning: unknown element\n")
            if format != "pdf":
                os.write(2, f'Error: Format: "{format}" not recognized.\n'.encode())
                raise TypeError("'int' object is not subscriptable")
            return f"%PDF /CreationDate (D:20261121104222Z) {prog} {self.string}".encode()

    module = types.ModuleType("pygraphviz")
    module.AGraph, module.DotError, module.__spec__ = AGraph, DotError, types.SimpleNamespace(name="pygraphviz")
    monkeypatch.setitem(sys.modules, "pygraphviz", module)


def test_without_an_engine_one_sentence_says_what_to_install(no_dot, no_pygraphviz):
    assert available() == ()
    with pytest.raises(RuntimeError, match=r"^nothing here draws \.png: pip install pygraphviz$"):
        drawn("digraph {}", "png")


def test_the_wheel_draws_without_a_program_and_without_a_word(wheel, capfd):
    assert available() == ("pygraphviz",)
    assert drawn("digraph {}", "pdf") == b"%PDF /CreationDate (D:19700101000000Z) dot digraph {}"
    assert capfd.readouterr() == ("", "")


def test_what_the_wheel_complains_of_is_told(wheel, capfd):
    with pytest.raises(ValueError, match=r'as \.xyz; pygraphviz says: Error: Format: "xyz" not recognized\.$'):
        drawn("digraph {}", "xyz")
    with pytest.raises(ValueError, match="pygraphviz says: Error: syntax error in line 1"):
        drawn("no graph", "pdf")
    assert capfd.readouterr() == ("", "")


def test_the_wheel_draws_where_dot_cannot(wheel, monkeypatch):
    def fails(text, kind):
        raise ValueError("no such plugin")

    monkeypatch.setattr(engines, "available", lambda: ("dot", "pygraphviz"))
    monkeypatch.setattr(engines, "_by_dot", fails)
    assert drawn("digraph {}", "pdf").startswith(b"%PDF")
    with pytest.raises(ValueError, match=r"as \.gif; dot says: no such plugin; pygraphviz says: Error: Format"):
        drawn("digraph {}", "gif")


@pytest.mark.parametrize("engine", ["dot", "pygraphviz"])
@pytest.mark.parametrize(("kind", "start"), [("svg", b"<?xml"), ("png", b"\x89PNG"), ("pdf", b"%PDF")])
def test_a_real_engine_draws_the_same_bytes_twice(engine, kind, start, monkeypatch):
    if engine not in available():
        pytest.skip(f"needs {engine}")
    monkeypatch.setattr(engines, "available", lambda: (engine,))
    picture = drawn(dot(network()), kind)
    assert picture.startswith(start)
    assert picture == drawn(dot(network()), kind)


# -- fonts -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("word", ["りんご", "苹果", "사과"])
def test_letters_that_no_font_has_are_named(word, monkeypatch):
    monkeypatch.setattr(engines, "has_font", lambda letters: False)
    assert f"letters of '{word}': write .svg or .html, or install one" in uncovered(f"apple × tax – {word}")
    monkeypatch.setattr(engines, "has_font", lambda letters: True)
    assert uncovered(word) == ""


def test_letters_are_looked_up_in_the_catalogue(monkeypatch, tmp_path):
    if os.name == "nt":
        pytest.skip("the stand-in is a script for a Unix shell")
    catalogue = tmp_path / "fc-list"
    catalogue.write_text('#!/bin/sh\n[ "$1" = ":charset=308a" ] && echo font\nexit 0\n')
    catalogue.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(sys, "platform", "linux")
    assert engines.has_font("308a")
    assert not engines.has_font("4e00")


def test_without_a_catalogue_any_font_will_do(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(engines, "_FONT_FOLDERS", (str(tmp_path / "fonts"),))
    assert not engines.has_font()
    (tmp_path / "fonts").mkdir()
    (tmp_path / "fonts" / "some.ttf").touch()
    assert engines.has_font()
    monkeypatch.setattr(sys, "platform", "darwin")
    assert engines.has_font("308a")


def test_an_array_without_elements_can_be_drawn():
    empty = Numbers((0, 3), "float64", ())
    graph = structure([Value("v0", "input", "x", empty), Value("v1", "output", "y", empty, maker="f0")],
                      [Operation("f0", "Neg", "−", ("v0",), ("v1",))])  # fmt: skip
    assert "(0, 3) float64" in dot(graph)
