"""Pictures of computations: the graph with forward values and derivatives, step by step, and in words."""

from dezero.core import Variable
from dezero.viz.picture import Graph, graph, load
from dezero.viz.shapes import Drawing, broadcast, im2col, neurons, sum_to

__all__ = ["Drawing", "Graph", "broadcast", "graph", "im2col", "load", "neurons", "sum_to"]

setattr(Variable, "graph", graph)  # noqa: B010  # `Variable.graph = graph` is no attribute that it declares
