"""Step 25: A language for graphs.

A computational graph is easier to check when one sees it. The program `dot` of Graphviz draws graphs. It reads a text
in a small language, which is called DOT, too. One line of it declares a node, or an arrow between two nodes.

New against the step before: the graph behind a result becomes text.

The language, as far as we need it:
    digraph g {                                  a directed graph, that is, one with arrows
    1 [label="x", color=orange, style=filled]    node 1, an ellipse with the text x
    2 [label="Exp", shape=box]                   node 2, a box
    1 -> 2                                       an arrow from node 1 to node 2
    }
Nodes need names that differ, here numbers. Labels may repeat. Where things stand on the page is up to `dot`.

Look at: the text that we wrote, and then the package's for the same graph, twice. It has the same three nodes and two
arrows. It calls Variables v0, v1 and Functions f0, where we counted, and colours the box. With verbose=True, the
default, the labels tell shape and dtype: () float64 is a single number.

To make a picture: install Graphviz (https://graphviz.org/download) and type
    dot step25.dot -T png -o step25.png
Without Graphviz, paste the text into one of the viewers for DOT that run in a browser. From step 26 on the package
makes the picture, with Graphviz or without.

In the package: `dezero.utils.get_dot_graph(y)` returns the text. Step 26 builds it.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # so that it runs from a bare clone, too

import numpy as np

from dezero import Variable
from dezero.utils import get_dot_graph

text = """digraph g {
1 [label="x", color=orange, style=filled]
2 [label="Neg", shape=box]
3 [label="y", color=orange, style=filled]
1 -> 2
2 -> 3
}"""
Path("step25.dot").write_text(text)
print(text)
print("saved step25.dot")

x = Variable(np.array(3.0), name="x")
y = -x
y.name = "y"
print(get_dot_graph(y))
print(get_dot_graph(y, verbose=False))
