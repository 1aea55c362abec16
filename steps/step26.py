"""Step 26: Draw the graph behind a result.

All that a picture needs is in the graph already. A Function knows its inputs and outputs, and a Variable knows its
creator. We visit the Functions in the order in which they computed, and write one line for each node and each arrow.

New against the step before: `my_dot_graph` below. It writes the text of step 25 from a graph.

Look at: the text for z = x · y, the number of nodes and arrows for the Goldstein-Price function of step 24, and the
line that says that our text equals the package's, letter by letter. Open the picture of the big graph: the last line
tells its name.

Why do constants appear? In 2 · x, the number 2 is an input of `Mul`, too. It has no name, so its ellipse is empty.

Why is x drawn once, though the formula uses it many times? It is one Variable. The dictionary `ids` remembers which
nodes have a line already.

What if Graphviz is missing? Then the package draws the picture by itself and writes goldstein.svg, which any browser
shows. A warning says so, and what to install for a PNG.

In the package: `dezero.utils.get_dot_graph`, `dezero.utils.plot_dot_graph`, and `dezero.walk`, the visit that
`backward` makes: every Function once, latest generation first (step 16). Sorted by generation, it is the way forward.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # so that it runs from a bare clone, too

import numpy as np

from dezero import Variable, walk
from dezero.utils import get_dot_graph, plot_dot_graph


def my_dot_graph(output):
    ids = {}  # from Variable to the name of its node
    nodes, arrows = [], []

    def declare(v):
        if v not in ids:
            ids[v] = f"v{len(ids)}"
            nodes.append(f'{ids[v]} [label="{v.name or ""}", color=orange, style=filled]')

    functions = sorted(walk(output), key=lambda f: f.generation)
    for i, f in enumerate(functions):
        for v in f.inputs:
            declare(v)
            arrows.append(f"{ids[v]} -> f{i}")
        nodes.append(f'f{i} [label="{type(f).__name__}", color=lightblue, style=filled, shape=box]')
        for y in f.outputs:
            v = y()  # outputs are weak references: the call gives the Variable
            declare(v)
            arrows.append(f"f{i} -> {ids[v]}")
    return "\n".join(["digraph g {", *nodes, *arrows, "}"])


def goldstein(x, y):
    left = 1 + (x + y + 1) ** 2 * (19 - 14 * x + 3 * x**2 - 14 * y + 6 * x * y + 3 * y**2)
    right = 30 + (2 * x - 3 * y) ** 2 * (18 - 32 * x + 12 * x**2 + 48 * y - 36 * x * y + 27 * y**2)
    return left * right


x = Variable(np.array(1.0), name="x")
y = Variable(np.array(1.0), name="y")
product = x * y
product.name = "z"
print(my_dot_graph(product))

z = goldstein(x, y)
z.name = "z"

text = my_dot_graph(z)
nodes, arrows = text.count("label="), text.count("->")
print("goldstein:", nodes, "nodes,", arrows, "arrows")
print("equals the package's text:", text == get_dot_graph(z, verbose=False))

plot_dot_graph(z, verbose=False, to_file="goldstein.dot")  # the text
picture = plot_dot_graph(z, verbose=False, to_file="goldstein.png")
print("saved goldstein.dot")
print("saved", picture)
