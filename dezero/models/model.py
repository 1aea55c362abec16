"""Models: layers that can be drawn, and the two that are lists of layers."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence

import dezero.functions as F
import dezero.layers as L
from dezero.config import using_config
from dezero.core import Operand, Variable
from dezero.layers.base import positive
from dezero.utils.dot_graph import Picture, draw

__all__ = ["MLP", "Model", "Sequential"]


class Model(L.Layer):
    """A layer that stands for a whole network.

    Subclass it like `dezero.layers.Layer`: assign layers to attributes, and define ``forward``.

    Examples
    --------
    >>> import numpy as np
    >>> class TwoLayers(Model):
    ...     def __init__(self, hidden_size, out_size):
    ...         super().__init__()
    ...         self.l1 = L.Linear(hidden_size)
    ...         self.l2 = L.Linear(out_size)
    ...     def forward(self, x):
    ...         return self.l2(F.sigmoid(self.l1(x)))
    >>> TwoLayers(10, 1)(np.zeros((5, 2))).shape
    (5, 1)
    """

    def plot(self, *inputs: object, to_file: str | os.PathLike[str] = "model.png") -> Picture:
        """Call the model and draw the graph of what it returns, as `dezero.utils.plot_dot_graph` does.

        The call is one like any other: layers that were never called make their parameters, and in training batch
        normalization updates its running statistics, while under `test_mode` it does not.

        Parameters
        ----------
        *inputs : Variable or array
            What the model takes.
        to_file : str or path
            The suffix selects the format: ``.svg``, ``.dot`` for the text that describes the graph, or, by Graphviz,
            ``.png``, ``.pdf`` and others. Where Graphviz is missing, the picture is an ``.svg`` all the same, and a
            warning says so.

        Returns
        -------
        Picture
            The path of the file that was written.

        Raises
        ------
        TypeError
            If the model returns no Variable, nor a list of Variables.
        ValueError
            If to_file has no suffix, or one that Graphviz does not know.
        """
        with using_config("enable_backprop", True):
            return draw("Model.plot", self(*inputs), True, to_file)


class _Chain(Model):
    """Layers one after another: in the list `layers`, and under the names l0, l1 and so on."""

    layers: list[Callable[..., Variable]]

    def _append(self, layer: Callable[..., Variable]) -> None:
        self.layers.append(layer)
        setattr(self, f"l{len(self.layers) - 1}", layer)

    def __setattr__(self, name: str, value: object) -> None:
        super().__setattr__(name, value)
        layers = vars(self).get("layers", ())
        for i in range(len(layers)):
            if name == f"l{i}":  # a layer that is replaced under its name is replaced in the list, too
                layers[i] = value


class Sequential(_Chain):
    """Layers and functions, each of which gets what the one before it returns.

    Parameters
    ----------
    *layers : Layer or callable
        For example ``L.Linear(10)``, ``F.relu`` or a ``lambda``.

    Attributes
    ----------
    layers : list
        The same; they are also the attributes ``l0``, ``l1`` and so on, and what is assigned to one of these takes the
        place of the old one.

    Raises
    ------
    TypeError
        If one of them cannot be called, or is a class of layers where a layer is meant.

    Examples
    --------
    >>> import numpy as np
    >>> model = Sequential(L.Linear(10), F.relu, L.Linear(3))
    >>> model(np.zeros((5, 2))).shape
    (5, 3)
    >>> [path for path, _ in model.named_params()]
    ['l0/W', 'l0/b', 'l2/W', 'l2/b']
    """

    def __init__(self, *layers: Callable[..., Variable]) -> None:
        super().__init__()
        self.layers = []
        for i, layer in enumerate(layers):
            if isinstance(layer, type) and hasattr(layer, "params"):
                raise TypeError(f"Sequential expects layers, and {layer.__name__} at position {i} is a class of them: "
                                f"call it, {layer.__name__}(...)")  # fmt: skip
            if not callable(layer):
                hint = ": write Sequential(*layers)" if isinstance(layer, (list, tuple)) else ""
                raise TypeError(f"Sequential expects layers and functions, got {type(layer).__name__} at position {i}"
                                f"{hint}")  # fmt: skip
            self._append(layer)

    def forward(self, x: Operand) -> Variable:
        for layer in self.layers:
            x = layer(x)
        return x  # type: ignore[return-value]  # an array only if there are no layers


class MLP(_Chain):
    """Multi-layer perceptron: affine layers, with an activation after each but the last.

    Parameters
    ----------
    fc_output_sizes : sequence of int
        How many outputs each layer has.
    activation : function from Variable to Variable

    Attributes
    ----------
    layers : list of Linear
        They are also the attributes ``l0``, ``l1`` and so on, and a layer that is assigned to one of these takes the
        place of the old one.
    activation : function

    Raises
    ------
    TypeError
        If the sizes are no sequence, or the activation cannot be called.
    ValueError
        If there are no sizes.

    Examples
    --------
    >>> import numpy as np
    >>> model = MLP((10, 3), activation=F.relu)
    >>> model(np.zeros((5, 2), dtype=np.float32)).shape
    (5, 3)
    >>> model
    MLP: 63 parameters
      l0: Linear(10): W (2, 10), b (10,): 30 parameters
      l1: Linear(3): W (10, 3), b (3,): 33 parameters
    """

    def __init__(self, fc_output_sizes: Sequence[int], activation: Callable[[Variable], Variable] = F.sigmoid) -> None:
        super().__init__()
        try:
            sizes = list(fc_output_sizes)
        except TypeError:
            raise TypeError(f"MLP expects a sequence with the size of each layer, such as (100, 10), got "
                            f"{fc_output_sizes!r}") from None  # fmt: skip
        if not sizes:
            raise ValueError("MLP expects the size of one layer at least, got none")
        if not callable(activation):
            raise TypeError(f"MLP expects a function as activation, such as F.relu, got {activation!r}")
        self.activation = activation
        self.layers = []
        for size in sizes:
            self._append(L.Linear(positive("MLP", "every size", size)))

    def forward(self, x: Operand) -> Variable:
        for layer in self.layers[:-1]:
            x = self.activation(layer(x))
        return self.layers[-1](x)
