"""The class Layer, and what the layers share."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, MutableSet, Sequence
from operator import index
from typing import Literal, NamedTuple
from weakref import ref

import numpy as np
from numpy.typing import DTypeLike

from dezero import cuda
from dezero.config import Place, enter, recording
from dezero.core import Operand, Parameter, Variable, as_variable
from dezero.cuda import Array
from dezero.utils.files import FilePath, load_with_metadata, save_arrays
from dezero.viz.model_table import Summary, summary
from dezero.viz.picture import Graph, graph_of_model

__all__ = ["Layer"]

CHECKPOINT = "dezero.checkpoint"  # among the metadata of a file, a sign that it holds more than weights


# -- the base class --------------------------------------------------------------------------------


class _Names(MutableSet):
    """A set of names in the order in which they came."""

    def __init__(self, names: Iterable[str] = ()) -> None:
        self._names = dict.fromkeys(names)

    def __contains__(self, name: object) -> bool:
        return name in self._names

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)

    def add(self, name: str) -> None:
        self._names[name] = None

    def discard(self, name: str) -> None:
        self._names.pop(name, None)

    def __repr__(self) -> str:
        return f"{{{', '.join(map(repr, self))}}}"


class _Held(NamedTuple):
    """A parameter or a buffer, and how it was reached."""

    path: str
    variable: Variable
    is_param: bool
    holder: object  # the layer that it is an attribute of
    name: str  # of that attribute

    @property
    def dtype(self) -> np.dtype | None:
        """The dtype that the data have, or will have; None if that is not known yet."""
        if self.variable.data is not None:
            return self.variable.dtype
        asked_for = getattr(self.holder, "dtype", None)
        return None if asked_for is None else np.dtype(asked_for)

    @property
    def shape(self) -> tuple[int | None, ...] | None:
        """The shape, with None for a size that is not known yet; None if not even the number of sizes is."""
        if self.variable.data is not None:
            return self.variable.shape
        return self.holder._partial_shape(self.name) if isinstance(self.holder, Layer) else None


class Layer:
    """A part of a network: parameters, the layers inside, and `forward`, which computes with them.

    A subclass assigns Parameters and layers to its attributes and defines ``forward(self, x)``; calling the layer calls
    that. Whatever has a method `params` counts as a layer. Lists, tuples and dicts among the attributes are looked
    through, too, each time, so they may grow. Other attributes play no part, and an attribute that is replaced by
    something else, such as None, plays none any more.

    Attributes
    ----------
    inputs, outputs : list
        Of weak references to what the last call took by position and gave: ``layer.outputs[0]()`` is the first output,
        or None if nobody holds it any more, or it is of a kind without weak references (a number, a list).

    Notes
    -----
    Every parameter has a path, ``"l1/W"`` or ``"blocks/0/l1/W"``, made of the names of attributes and the positions in
    containers. One that can be reached in several ways counts once, under the first path. Containers are passed over
    where they hold what is an attribute of the same layer as well.

    Examples
    --------
    >>> import dezero.functions as F
    >>> from dezero.layers import Linear
    >>> class TwoLayers(Layer):
    ...     def __init__(self):
    ...         super().__init__()
    ...         self.l1 = Linear(10, in_size=2)
    ...         self.l2 = Linear(1, in_size=10)
    ...     def forward(self, x):
    ...         return self.l2(F.sigmoid(self.l1(x)))
    >>> model = TwoLayers()
    >>> model(np.zeros((5, 2))).shape
    (5, 1)
    >>> model
    TwoLayers: 41 parameters
      l1: Linear(10): W (2, 10), b (10,): 30 parameters
      l2: Linear(1): W (10, 1), b (1,): 11 parameters
    """

    _params: _Names
    _buffers: _Names
    inputs: list[Callable[[], object]]
    outputs: list[Callable[[], object]]

    def __new__(cls, *args: object, **kwargs: object):
        """Make the books that `__setattr__` keeps, so that a subclass may forget ``super().__init__()``."""
        self = super().__new__(cls)
        vars(self).update(_params=_Names(), _buffers=_Names())
        return self

    def __init__(self) -> None:
        pass

    # -- what belongs to it ------------------------------------------------------------------------

    def __setattr__(self, name: str, value: object) -> None:
        if name in self._buffers and value is not None:
            value = value if isinstance(value, Variable) else Variable(value)  # type: ignore[arg-type]  # or it says so
        elif isinstance(value, Parameter) or _is_layer(value):
            self._params.add(name)
            self._buffers.discard(name)
        else:
            self._params.discard(name)
            self._buffers.discard(name)
        super().__setattr__(name, value)

    def __delattr__(self, name: str) -> None:
        super().__delattr__(name)
        self._params.discard(name)
        self._buffers.discard(name)

    def register_buffer(self, name: str, value: Variable | Array | None) -> None:
        """Set an attribute that is saved, loaded and moved with the parameters, but that no optimizer changes.

        Parameters
        ----------
        name : str
        value : Variable, array, or None
            Kept as a Variable; None as one whose data come later.

        Examples
        --------
        >>> layer = Layer()
        >>> layer.register_buffer("count", np.zeros(3))
        >>> layer.count, list(layer.params())
        (variable([0. 0. 0.]), [])
        """
        self._buffers.add(name)
        setattr(self, name, value if isinstance(value, Variable) else Variable(value, name=name))
        self._params.discard(name)

    def _members(self) -> Iterator[tuple[str, object]]:
        """Yield path and value of the parameters, buffers and layers that the layer holds, also in containers."""
        own = vars(self)
        held: set[int] | None = None
        for name, value in tuple(own.items()):
            if name in self._params or name in self._buffers:
                yield name, value
            elif isinstance(value, (list, tuple, dict)):
                if held is None:
                    held = {id(own[n]) for n in self._params if n in own}
                yield from _inside(name, value, held, ())

    def _walk(self, path: str = "", above: tuple[Layer, ...] = ()) -> Iterator[_Held]:
        """Yield the parameters and buffers of the tree, under every path that leads to them."""
        if any([layer is self for layer in above]):  # a layer that knows the one it is part of
            return
        above = (*above, self)
        for name, value in self._members():
            where = _joined(path, name)
            if isinstance(value, Variable):
                yield _Held(where, value, name not in self._buffers, self, name)
            elif isinstance(value, Layer):
                yield from value._walk(where, above)
            else:
                yield from (_Held(_joined(where, key), p, True, value, key) for key, p in _named_params(value))

    def named_params(self) -> Iterator[tuple[str, Parameter]]:
        """Yield path and Parameter, each Parameter once, in the order in which the attributes came.

        Examples
        --------
        >>> from dezero.layers import Linear
        >>> [(path, p.shape) for path, p in Linear(3, in_size=2).named_params()]
        [('W', (2, 3)), ('b', (3,))]
        """
        return self._once(params=True)  # type: ignore[return-value]  # what is no buffer is a Parameter

    def named_buffers(self) -> Iterator[tuple[str, Variable]]:
        """Yield path and Variable of what is saved and moved like a parameter, but not trained."""
        return self._once(params=False)

    def _once(self, params: bool) -> Iterator[tuple[str, Variable]]:
        seen = set()
        for held in self._walk():
            if held.is_param is params and id(held.variable) not in seen:
                seen.add(id(held.variable))
                yield held.path, held.variable

    def params(self) -> Iterator[Parameter]:
        """Yield each Parameter of the layer and of those inside it once, frozen ones too."""
        found: dict[int, Parameter] = {}
        _gather(self, found, set())
        return iter(found.values())

    def named_layers(self) -> Iterator[tuple[str, Layer]]:
        """Yield path and layer, each once, a layer before those inside it; the path of this one is "".

        Examples
        --------
        >>> from dezero.layers import RNN
        >>> [path for path, layer in RNN(3).named_layers()]
        ['', 'x2h', 'h2h']
        """
        seen = set()

        def visit(path, layer):
            if id(layer) in seen:
                return
            seen.add(id(layer))
            yield path, layer
            if isinstance(layer, Layer):
                for name, value in layer._members():
                    if not isinstance(value, Variable):
                        yield from visit(_joined(path, name), value)

        return visit("", self)

    def apply(self, f: Callable[[Layer], object]) -> Layer:
        """Call f with this layer and then with every layer inside it, in the order of the tree; return this layer.

        Examples
        --------
        >>> from dezero.layers import RNN
        >>> names = []
        >>> model = RNN(3).apply(lambda layer: names.append(type(layer).__name__))
        >>> names
        ['RNN', 'Linear', 'Linear']
        """
        for _, layer in list(self.named_layers()):
            f(layer)
        return self

    def freeze(self) -> None:
        """Let optimizers leave the parameters as they are.

        Gradients are still computed and pass through, and in training the running statistics of normalization still
        follow the batches.

        Examples
        --------
        >>> from dezero.layers import Linear
        >>> layer = Linear(3)
        >>> layer.freeze()
        >>> layer.W.frozen, layer.b.frozen
        (True, True)
        """
        for p in self.params():
            p.frozen = True

    def unfreeze(self) -> None:
        """Let optimizers change the parameters again."""
        for p in self.params():
            p.frozen = False

    def cleargrads(self) -> None:
        """Forget the gradients of all parameters; without this, `backward` adds to them."""
        for p in self.params():
            p.cleargrad()

    # -- the call ----------------------------------------------------------------------------------

    def forward(self, *inputs, **options):  # untyped: every layer has its own
        """Compute the outputs; every subclass defines it."""
        raise NotImplementedError(f"{type(self).__name__} has no forward(self, x): define it")

    def __call__(self, *inputs: object, **options: object):  # what forward returns
        """Return what `forward` returns; of a tuple of one, the one."""
        before = recording()
        try:
            if before is not None:
                enter(Place(before, self))
            y = self.forward(*inputs, **options)
        except Exception as error:
            self._explain(error)
            raise
        finally:
            enter(before)
        if isinstance(y, tuple) and len(y) == 1:
            y = y[0]
        outputs = y if isinstance(y, (tuple, list)) else (y,)
        vars(self).update(inputs=[_weak(x) for x in inputs], outputs=[_weak(x) for x in outputs])
        return y

    def _explain(self, error: Exception) -> None:
        """Add to an exception which layer it came out of, by its path in the outermost layer that was called."""
        known = vars(error)
        innermost, note = known.get("_layer", (id(self), None))
        for path, layer in self.named_layers():
            if id(layer) == innermost:
                if note in getattr(error, "__notes__", ()):
                    error.__notes__.remove(note)
                kind = type(layer).__name__
                note = f"in {path} ({kind})" if path else f"in {kind}"
                error.add_note(note)
                known["_layer"] = innermost, note
                return

    def graph(self, *inputs: object, **options: object) -> Graph:
        """Call the layer and take a picture of how it computes; the layer stays as it was.

        Parameters, buffers, states and NumPy's global random numbers are put back afterwards, so that parameters that
        the call drew are drawn anew, alike. Random numbers from elsewhere go on, and so does what a `forward` of yours
        keeps outside the attributes of layers, or changes inside lists and arrays.

        Parameters
        ----------
        *inputs
            For `forward`.
        **options
            For `dezero.viz.graph`: ``depth``, ``values``, ``grads``, ``style`` and others. There are no derivatives
            unless ``grads=True``, and the picture knows the lines of the program.

        Raises
        ------
        TypeError
            If the call returns no Variable.

        Examples
        --------
        >>> from dezero.layers import Linear
        >>> layer = Linear(3)
        >>> picture = layer.graph(np.ones((1, 2)))
        >>> [f.kind for f in picture.operations.values()], [v.name for v in picture.values.values() if v.name]
        (['Linear'], ['W', 'b'])
        >>> layer.W.data is None
        True
        """
        return graph_of_model(self, inputs, options)

    # -- where it is -------------------------------------------------------------------------------

    def to_cpu(self) -> None:
        """Move parameters, buffers, gradients and the state of recurrent layers to NumPy."""
        self._move("to_cpu")

    def to_gpu(self) -> None:
        """Move parameters, buffers, gradients and the state of recurrent layers to CuPy.

        Raises
        ------
        RuntimeError
            If there is no GPU.
        """
        self._move("to_gpu")

    def _move(self, where: str) -> None:
        variables = {id(held.variable): held.variable for held in self._walk()}
        for _, layer in self.named_layers():
            own = getattr(layer, "__dict__", {})  # with the state of recurrent layers
            variables |= {id(v): v for v in own.values() if isinstance(v, Variable)}
        for variable in variables.values():
            old = variable.data
            getattr(variable, where)()
            if variable.data is not old:  # the graph behind a state stays where it was
                variable.unchain()
            if variable.grad is not None:
                getattr(variable.grad, where)()

    # -- copies ------------------------------------------------------------------------------------

    def __getstate__(self) -> dict[str, object]:
        """For copy and pickle: everything but the references to the last inputs and outputs."""
        state = {k: v for k, v in vars(self).items() if k not in ("inputs", "outputs")}
        return state | {"_params": _Names(self._params), "_buffers": _Names(self._buffers)}

    # -- weights in files --------------------------------------------------------------------------

    def _flatten_params(self, params_dict: dict[str, Variable], parent_key: str = "") -> None:
        """Enter every parameter and buffer into a dict, under each path that leads to it."""
        for held in self._walk(parent_key):
            params_dict[held.path] = held.variable

    def save_weights(self, path: FilePath) -> None:
        """Write the data of all parameters and buffers to a file; nothing else, and nothing moves.

        Parameters
        ----------
        path : str or path-like
            The file to write or to replace: an archive of NumPy (.npz), or .safetensors by the suffix. The arrays in
            it are named by path, ``"l1/W"``. If writing fails, the old file is still there.

        Raises
        ------
        RuntimeError
            If a parameter has no data yet because the layer was never called.
        ValueError
            If there is nothing to save.
        """
        arrays = self._arrays(f"{type(self).__name__}.save_weights")
        save_arrays(path, arrays)

    def _arrays(self, name: str) -> dict[str, Array]:
        """From path to data of all parameters and buffers, each once; or a sentence that begins with name."""
        first = [route[0] for route in self._routes()]
        if not first:
            raise ValueError(f"{name}: there are no parameters to save")
        unknown = [held.path for held in first if held.variable.data is None]
        if unknown:
            raise RuntimeError(f"{name}: no data yet for {', '.join(unknown)}; call the model once with an example (a "
                               "recurrent layer twice), or give the input sizes when making it")  # fmt: skip
        arrays: dict[str, Array] = {}
        for held in first:
            if held.path in arrays:
                raise ValueError(f"{name}: two parameters have the path {held.path}; rename an attribute or a key")
            arrays[held.path] = held.variable.data
        return arrays

    def load_weights(self, path: FilePath, strict: bool = True) -> str:
        """Read the data of all parameters and buffers from a file that `save_weights` or the original DeZero wrote.

        Nothing is changed unless everything fits. The arrays take the parameters' floating-point dtype and device. A
        parameter whose size is not known yet, because the layer was never called, takes that of the file.

        Parameters
        ----------
        path : str or path-like
        strict : bool
            Whether the names in the file must be the same as those in the model. If not, what is in one only stays as
            it is, and the report names it. Shapes must agree in any case.

        Returns
        -------
        str
            A report: what was loaded, and what was not. Gradients and the state of optimizers are not part of weights.

        Raises
        ------
        ValueError
            If names, shapes or kinds of numbers differ; the message lists every difference.
        """
        arrays, words = load_with_metadata(path)
        name = f"{type(self).__name__}.load_weights"
        if CHECKPOINT in words:
            raise ValueError(f"{name}: the file {path} is a checkpoint, not a file of weights; "
                             "load_checkpoint(path, model=model, rng=False) takes the weights of it")  # fmt: skip
        loaded, differences, faults = self._compared(arrays)
        if faults or (strict and differences) or not loaded:
            raise ValueError(f"{name}: the file {path} does not fit, and nothing was changed. "
                             f"{'; '.join(differences + faults) or 'Both are empty'}")  # fmt: skip
        self._put([(held.variable, arrays[held.path], held.dtype) for held in loaded])
        paths = [held.path for held in loaded]
        more = f" and {len(paths) - 20} more" if len(paths) > 20 else ""
        report = f"loaded {_counted(len(paths), 'array')}: {', '.join(paths[:20])}{more}"
        return ". ".join([report, *differences, "Gradients and the state of optimizers are not part of weights; "
                          "training.save_checkpoint keeps that state"])  # fmt: skip

    def _compared(self, arrays: dict[str, np.ndarray]) -> tuple[list[_Held], list[str], list[str]]:
        """What the arrays are for, what is on one side only, and what does not fit."""
        routes = self._routes()
        found = [route for route in ([held for held in route if held.path in arrays] for route in routes) if route]
        faults = [fault for route in found for fault in _faults(route, arrays)]
        return [route[0] for route in found], _one_sided(routes, arrays), faults

    def _put(
        self, chosen: Sequence[tuple[Variable, np.ndarray, DTypeLike | None]], order: Literal["C", "K"] = "C"
    ) -> None:
        """Give variables of the tree copies of arrays that fit, of the dtypes named, on the device of the others.

        In C order, or with "K" as the arrays lie in memory, which the last bits of a product can depend on.
        """
        there = (held.variable.data for held in self._walk())
        xp = cuda.get_array_module(next((data for data in there if data is not None), None))
        new = [xp.asarray(np.array(array, dtype, order=order)) for _, array, dtype in chosen]
        for (variable, *_), array in zip(chosen, new):
            variable.data = array
        for _, layer in self.named_layers():
            if isinstance(layer, Layer):
                layer._sizes_from_weights()

    def _routes(self) -> list[list[_Held]]:
        """For each parameter and buffer, all the paths that lead to it."""
        routes: dict[int, list[_Held]] = {}
        for held in self._walk():
            routes.setdefault(id(held.variable), []).append(held)
        return list(routes.values())

    def _partial_shape(self, name: str) -> tuple[int | None, ...] | None:
        """The shape of a parameter without data as far as it is known, with None for a size that is not."""
        return None

    def _sizes_from_weights(self) -> None:
        """Set the attributes that tell sizes after weights were loaded."""

    # -- how it looks ------------------------------------------------------------------------------

    def summary(self, *shapes: object, dtype: DTypeLike = np.float32, depth: int | None = None) -> Summary:
        """Output shapes, parameters and memory, layer by layer: `dezero.summary`, which see."""
        return summary(self, *shapes, dtype=dtype, depth=depth)

    def _settings(self) -> str:
        """The arguments that the layer was made with, as they stand in its line of the tree."""
        return ""

    def __repr__(self) -> str:
        """The tree of layers, with shapes and numbers of parameters."""
        return "\n".join(_tree("", self, ()))


def _is_layer(value: object) -> bool:
    return hasattr(type(value), "params")  # asked of the class: a class in an attribute is none


def _inside(path: str, container: list | tuple | dict, held: set[int], above: tuple) -> Iterator[tuple[str, object]]:
    """Yield path and value of the parameters and layers in a container and the containers in it."""
    if any([outer is container for outer in above]):
        return
    for key, value in tuple(container.items()) if isinstance(container, dict) else enumerate(container):
        if id(value) in held:
            continue
        if isinstance(value, Parameter) or _is_layer(value):
            yield f"{path}/{key}", value
        elif isinstance(value, (list, tuple, dict)):
            yield from _inside(f"{path}/{key}", value, held, (*above, container))


def _gather(layer: Layer, found: dict[int, Parameter], visited: set[int]) -> None:
    """Enter the parameters of a tree, by id: what `named_params` yields, without the paths, for every training step."""

    def enter(value) -> None:
        if isinstance(value, Parameter):
            found.setdefault(id(value), value)
        elif not isinstance(value, Layer):
            for _, p in _named_params(value):
                found.setdefault(id(p), p)  # type: ignore[arg-type]  # what is no buffer is a Parameter
        elif id(value) not in visited:
            _gather(value, found, visited)

    visited.add(id(layer))
    own, names, held = vars(layer), layer._params._names, None
    for name, value in own.items():
        if name in names:
            enter(value)
        elif isinstance(value, (list, tuple, dict)) and name not in ("inputs", "outputs"):  # those of the last call
            if held is None:
                held = {id(own[n]) for n in names if n in own}
            for _, inner in _inside(name, value, held, ()):
                enter(inner)


def _named_params(layer) -> Iterable[tuple[str, Variable]]:
    """Name and Parameter of all that a layer of other making holds."""
    if hasattr(layer, "named_params"):
        return layer.named_params()
    if hasattr(layer, "_flatten_params"):
        found: dict[str, Variable] = {}
        layer._flatten_params(found)
        return found.items()
    return [(str(i), p) for i, p in enumerate(layer.params())]


def _joined(path: str, name: str) -> str:
    return f"{path}/{name}" if path else name


def _weak(x: object) -> Callable[[], object]:
    try:
        return ref(x)
    except TypeError:  # a number, a list: not worth a reference that keeps it alive
        return _gone


def _gone() -> None:
    return None


def _counted(n: int, what: str) -> str:
    return f"{n:,} {what}{'s' * (n != 1)}"


def _shape_text(shape: tuple[int | None, ...] | None) -> str:
    return "?" if shape is None else str(shape).replace("None", "?")


def _one_sided(routes: list[list[_Held]], arrays: dict[str, np.ndarray]) -> list[str]:
    """What is in the model or in the file only."""
    wanted = {held.path for route in routes for held in route}
    missing = [route[0].path for route in routes if not any([held.path in arrays for held in route])]
    unknown = [key for key in arrays if key not in wanted]
    return [f"{text}: {', '.join(names)}" for text, names in (("not in the file", missing),
                                                              ("not in the model", unknown)) if names]  # fmt: skip


def _faults(route: list[_Held], arrays: dict[str, np.ndarray]) -> Iterator[str]:
    """What speaks against putting the arrays of one or several paths into the variable that they lead to."""
    for held in route:
        array, shape, dtype = arrays[held.path], held.shape, held.dtype
        if shape is not None and not _fits(array.shape, shape):
            yield f"{held.path} has shape {array.shape} in the file and {_shape_text(shape)} in the model"
        if array.dtype.kind != ("f" if dtype is None else dtype.kind):
            yield f"{held.path} is {array.dtype} in the file and {dtype or 'float'} in the model"
        if not np.array_equal(array, arrays[route[0].path], equal_nan=True):
            yield f"{held.path} and {route[0].path} are one parameter in the model and differ in the file"


def _fits(shape: tuple[int, ...], expected: tuple[int | None, ...]) -> bool:
    return len(shape) == len(expected) and all([n in (m, None) for m, n in zip(shape, expected)])


def _tree(name: str, layer, above: tuple) -> Iterator[str]:
    """Yield the lines of the picture of a layer and of the layers inside."""
    settings = layer._settings() if isinstance(layer, Layer) else ""
    line = "  " * len(above) + (f"{name}: " if name else "") + type(layer).__name__ + f"({settings})" * bool(settings)
    if any([outer is layer for outer in above]):
        yield f"{line}: the one above"
        return
    members = list(layer._members() if isinstance(layer, Layer) else _named_params(layer))
    own = [_Held(key, v, True, layer, key) for key, v in members if isinstance(v, Variable)]
    data = [p.data for p in layer.params()]
    count = _counted(sum([array.size for array in data if array is not None]), "parameter")
    if any([array is None for array in data]):
        count += " before the first call"
    shapes = ", ".join([f"{held.name} {_shape_text(held.shape)}" for held in own])
    yield ": ".join([part for part in (line, shapes, count if data else "") if part])
    for key, value in members:
        if not isinstance(value, Variable):
            yield from _tree(key, value, (*above, layer))


# -- what the layers share -------------------------------------------------------------------------


def positive(name: str, what: str, value: int) -> int:
    """A whole number of at least 1 that the user gave, as an int; NumPy's integers are taken, too.

    Raises
    ------
    TypeError, ValueError
        If it is none; the message names the layer and what the number is.

    Examples
    --------
    >>> positive("Linear", "out_size", np.prod((28, 28)))
    784
    """
    try:
        number = index(value)
    except TypeError:
        raise TypeError(f"{name} expects {what} as a whole number, got {value!r}") from None
    if number < 1:
        raise ValueError(f"{name} expects {what} of at least 1, got {number}")
    return number


def known(name: str, what: str, value: int | None) -> int:
    """A size that a layer needs to make its parameters; RuntimeError if it is still None."""
    if value is None:
        raise RuntimeError(f"{name} does not know its {what} yet: call the layer once, or give {what}")
    return value


def axis_size(name: str, x: Operand, axis: int, layout: str) -> int:
    """The size of one axis of the first x, which tells a layer how large its parameters are.

    Raises
    ------
    ValueError
        If x lacks the axis, or has no elements along it.

    Examples
    --------
    >>> axis_size("Conv2d", np.zeros((5, 3, 10, 10)), 1, "(N, C, H, W)")
    3
    """
    shape = as_variable(x).shape
    if len(shape) <= (axis if axis >= 0 else -axis - 1) or not shape[axis]:
        raise ValueError(f"{name} expects x of shape {layout}, got {shape}")
    return shape[axis]


def drawn(xp, shape: tuple[int | None, ...], fan_in: int, dtype: DTypeLike) -> Array:
    """Numbers from the normal distribution of variance 1 / fan_in.

    They come from NumPy's global generator on every device, one for each element in order, and are converted to the
    dtype before they are scaled.

    Examples
    --------
    >>> drawn(np, (2, 3), 2, np.float32).dtype
    dtype('float32')
    """
    if not getattr(xp, "numbers", True):  # arrays of shape alone, as `summary` computes with
        return xp.empty(shape, dtype)
    numbers = np.asarray(np.random.randn(*shape), dtype)
    return xp.asarray(numbers * math.sqrt(1 / fan_in))


def floating(name: str, dtype: DTypeLike) -> DTypeLike:
    """A dtype that the user gave, as it is; TypeError if it is none of floating-point numbers.

    Examples
    --------
    >>> floating("Linear", "float64")
    'float64'
    """
    try:
        found = np.dtype(dtype)
    except TypeError:
        raise TypeError(f"{name} expects a dtype of floating-point numbers, got {dtype!r}") from None
    if found.kind != "f":
        raise TypeError(f"{name} expects a dtype of floating-point numbers, got {found}")
    return dtype
