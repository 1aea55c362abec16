"""A graph as words, as Mermaid, and as JSON."""

import json
from dataclasses import fields

import numpy as np
import pytest

import dezero.functions as F
import dezero.layers as L
from dezero import Variable
from dezero.models import Sequential
from dezero.viz import graph, load
from dezero.viz.structure import Group, Local, Numbers, Operation, Structure, Value
from dezero.viz.text import as_json, from_json, mermaid, text


def fruit():
    apple, apples, orange, oranges, tax = [Variable(np.array(v)) for v in (100.0, 2.0, 150.0, 3.0, 1.1)]
    price = (apple * apples + orange * oranges) * tax
    price.backward()
    return graph(price)


# -- words -----------------------------------------------------------------------------------------


def test_a_tree():
    assert (
        text(fruit())
        == """\
price = 715, derivative 1, from ×
├─ 650, derivative 1.1, from +
│  ├─ 200, derivative 1.1, from ×
│  │  ├─ apple = 100, derivative 2.2
│  │  └─ apples = 2, derivative 110
│  └─ 450, derivative 1.1, from ×
│     ├─ orange = 150, derivative 3.3
│     └─ oranges = 3, derivative 165
└─ tax = 1.1, derivative 650"""
    )


def test_what_is_used_twice_stands_once():
    x = Variable(np.array(3.0))
    words = text(graph((x + 1) * (x + 1) + F.exp(x * 2) * (x * 2)))
    assert words.count("x = 3") == 1
    assert "x, above" in words
    t = x * 2
    y = t * t
    assert text(graph(y, names={})).splitlines()[1:] == [
        "├─ (v2) = 6, derivative –, from ×", "│  ├─ x0 = 3, derivative –", "│  └─ 2", "└─ (v2), above",
    ]  # fmt: skip


def test_outputs_of_one_operation():
    x = Variable(np.arange(4.0))
    a, b = F.split(x, 2)
    y = a + b
    assert text(graph(y)).splitlines()[1:] == [
        "├─ a = [0 1] float64 2, derivative –, from split (cuts=(2,), axis=0), output 1 of 2",
        "│  └─ x = [0 1 2 3] float64 4, derivative –",
        "└─ b = [2 3] float64 2, derivative –, from split (cuts=(2,), axis=0), output 2 of 2, above",
    ]


def test_a_large_array_in_words():
    x = Variable(np.append(np.linspace(0, 1, 99), np.nan))
    assert text(graph(x * 2)).splitlines()[1] == "├─ x = float64 100 from 0 to 1, mean 0.5, 1 NaN, derivative –"


def test_a_long_chain_is_a_list():
    layers = [L.Linear(2, in_size=2) for _ in range(14)]
    model = Sequential(*layers)
    x = np.ones((1, 2))
    words = text(graph(model(x), values=False)).splitlines()
    assert words[0] == "x = float64 1×2"
    assert "Sequential:" in words
    assert "    v3 = float64 1×2, derivative –, from linear of x, l0/W, l0/b" in words
    folded = text(graph(model(x), depth=0)).splitlines()
    assert folded[0].endswith("from Sequential (84 parameters)")


def test_names_do_not_break_lines():
    assert text(graph(Variable(np.array(1.0), name="a\nb\x1b[0m"))) == "a b [0m = 1, derivative –"


def test_a_notice_and_a_title():
    x = Variable(np.array(1.0))
    y = x
    for _ in range(3001):
        y = -y
    words = graph(y, title="A chain").text()
    assert words.startswith("A chain\nx = 1, derivative –\n")
    assert words.endswith("Note: 3,001 operations are many for a picture: 2,601 in the middle are drawn as one.")


# -- Mermaid ---------------------------------------------------------------------------------------


def test_mermaid():
    lines = mermaid(fruit()).splitlines()
    assert lines[:4] == [
        "flowchart LR",
        '    v0(["apple<br/>100<br/>∂ 2.2"]):::input',
        '    v1(["apples<br/>2<br/>∂ 110"]):::input',
        '    f0(("×")):::op',
    ]
    assert lines.index("    v0 --> f0") < lines.index("    v1 --> f0") < lines.index("    f0 --> v2")
    assert '    f2(("#43;")):::op' in lines  # a plus would be the beginning of a list


def test_mermaid_escapes_names():
    words = mermaid(graph(Variable(np.array(1.0), name='<b>"x"\n#_1; りんご')))
    assert 'v0(["#60;b#62;#34;x#34; #35;#95;1#59; りんご<br/>1<br/>∂ –"]):::input' in words


def test_mermaid_puts_layers_into_boxes():
    model = Sequential(L.Linear(2, in_size=2), F.relu)
    x = np.ones((1, 2))
    words = mermaid(graph(model(x)), direction="TB")
    assert '    subgraph g0["Sequential"]\n        subgraph g1["l0, Linear"]\n            v1(["l0/W<br/>' in words
    assert words.count("subgraph") == words.count("    end\n") == 2
    folded = mermaid(graph(model(np.ones((1, 2))), depth=0))
    assert 'f0["Sequential<br/>6 parameters"]:::op' in folded
    with pytest.raises(ValueError, match="direction"):
        mermaid(fruit(), direction="up")


# -- JSON ------------------------------------------------------------------------------------------


def test_json_brings_everything_back():
    numbers = Numbers((2,), "complex128", (1 + 2j, -3.5j), norm=1.0, histogram=(1, 2))
    odd = Numbers((3,), "float64", (float("inf"), float("-inf"), 1.0), low=float("inf"))
    known = Structure(
        {
            "v0": Value("v0", "input", 'a"\n', numbers, odd),
            "v1": Value("v1", "output", maker="f0", group="g0", order=2),
        },
        {"f0": Operation("f0", "F", "+", ("v0",), ("v1",), "axis=1", "g0", 1, "a.py:1: x", (None, Local("1", odd)))},
        {"g0": Group("g0", "l1", "Linear", "", 3, True, 12)},
        ("v1",),
        "title",
        "notice",
    )
    words = as_json(known)
    assert from_json(words) == known
    assert as_json(from_json(words)) == words
    assert "NaN" not in words and "Infinity" not in words


def test_json_of_a_real_graph(tmp_path):
    picture = fruit()
    path = picture.save(tmp_path / "fruit.json")
    known = load(path)
    assert [getattr(known, f.name) for f in fields(Structure)] == [getattr(picture, f.name) for f in fields(Structure)]
    assert known.svg() == picture.svg()
    assert json.loads(path.read_text(encoding="utf-8"))["results"] == ["v8"]


def test_a_nan_comes_back():
    picture = graph(Variable(np.array(np.nan)))
    back = from_json(picture.json()).values["v0"].data
    assert np.isnan(back.entries) and back.nans == 1


@pytest.mark.parametrize("words", ["", "[]", "{}", '{"format": "dezero graph 1"}', "no json"])
def test_another_text_is_no_graph(words):
    with pytest.raises(ValueError, match="from_json wants the text of a graph"):
        from_json(words)
