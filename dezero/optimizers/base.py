"""The base class of all optimizers: whose parameters, in which order, with which settings and state."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from inspect import Signature, signature
from typing import Protocol, Self, TypeAlias, TypedDict

import numpy as np

from dezero import cuda
from dezero.core import Parameter, Variable
from dezero.cuda import Array
from dezero.optimizers._checks import number
from dezero.utils.files import FilePath, load_with_metadata, save_arrays

__all__ = ["Optimizer"]

# Elements updated at a time, so that parameter, gradient, state and scratch stay in the cache: Adam on 20 million
# float32 takes 24 ms so and 45 ms in one piece, on one core of an EPYC with 32 MiB of cache.
BLOCK = 1 << 16
SMALL = 1 << 12  # elements; up to here in one piece: SGD on 100 parameters of 10 takes 0.16 ms so and 0.35 ms in blocks

SKIP = object()  # what a hook returns to have the update left out

_NUMBERS = ("t", "product")  # states that are one number and not an array in the parameter's shape


class Target(Protocol):
    """What an optimizer can be set up with: a Model, a Layer, or anything else with `params`."""

    def params(self) -> Iterable[Parameter]: ...


Schedule: TypeAlias = Callable[[int], float]
Hook: TypeAlias = Callable[..., object]


class StateDict(TypedDict):
    """What `Optimizer.state_dict` returns."""

    optimizer: str
    steps: int
    lr: float
    state: dict[str, dict[str, np.ndarray]]


class _TargetFirst(type):
    """Lets every optimizer be made with its target in front, ``SGD(model, lr=0.1)``; its `__init__` never sees it."""

    @property
    def __signature__(cls) -> Signature:
        """That of `__init__`, for help and editors, which would else see that of `__call__`."""
        own = signature(cls.__init__)  # type: ignore[misc]  # of the class as it is
        return own.replace(parameters=list(own.parameters.values())[1:])

    def __call__(cls, *args, **kwargs):
        if args and hasattr(args[0], "params"):
            return super().__call__(*args[1:], **kwargs).setup(args[0])
        if args and _holds_parameters(args[0]):
            raise TypeError(f"{cls.__name__} wants the model itself and not a list of its parameters: "
                            f"{cls.__name__}(model, lr=...)")  # fmt: skip
        return super().__call__(*args, **kwargs)


def _holds_parameters(x: object) -> bool:
    """Whether x is what other libraries' optimizers take."""
    return isinstance(x, (Iterator, list, tuple)) and any([isinstance(p, Parameter) for p in x])


class Optimizer(metaclass=_TargetFirst):
    """Base class of all optimizers; a subclass defines ``update_one(self, param)``.

    Any optimizer takes its target as first argument, ``SGD(model, lr=0.1)``, or later: ``SGD(lr=0.1).setup(model)``.

    Attributes
    ----------
    target : what has the parameters, or None before `setup`
    hooks : list of callables
        Each is called before the update with the list of parameters that have a gradient, and may change gradients in
        place; where one returns `SKIP`, nothing is updated, and the step does not count. See `CheckGrads`,
        `WeightDecay`, `ClipGrad`, `ClipGradValue`, `FreezeParam`.
    lr : float
        The step size. In `update_one` it is the one that holds for this parameter and this step: the value set here,
        or that of the parameter's group, times the schedule's factor.
    schedule : callable from int to float, or None
        From the number of updates done so far to a factor for `lr`: `warm_up`, `one_cycle` and so on, or any function.
    steps : int
        The number of updates done so far.

    Examples
    --------
    >>> from dezero.layers import Linear
    >>> class SignSGD(Optimizer):
    ...     def __init__(self, lr=0.01):
    ...         self.lr = lr
    ...     def update_one(self, param):
    ...         param.data -= self.lr * np.sign(param.grad.data)
    >>> SignSGD(Linear(1, in_size=2), lr=0.1).lr
    0.1
    """

    target: Target | None
    hooks: list[Hook]
    steps: int
    _schedule: Schedule | None
    _groups: list[tuple[tuple[Target | Parameter, ...], dict[str, float]]]
    _states: dict[Parameter, dict[str, Array]]
    _scratch: dict[np.dtype, Array]

    def __new__(cls, *args, **kwargs):
        self = super().__new__(cls)  # here and not in __init__, which subclasses may forget to call
        self.target, self.hooks, self.steps = None, [], 0
        self._schedule, self._groups, self._states, self._scratch = None, [], {}, {}
        return self

    # -- setting up --------------------------------------------------------------------------------

    def setup(self, target: Target) -> Self:
        """Say whose parameters to update; returns the optimizer itself. State of another target is dropped.

        Raises
        ------
        TypeError
            If target has no `params`.
        ValueError
            If it has no parameters at all; those of lazy layers count before their first call.
        """
        if isinstance(target, type):
            raise TypeError(f"{self._name}.setup wants a model, got the class {target.__name__}: make one, "
                            f"{target.__name__}(...)")  # fmt: skip
        if not callable(getattr(target, "params", None)):
            raise TypeError(f"{self._name}.setup wants a model, a layer or anything else with params(), got "
                            f"{type(target).__name__}")  # fmt: skip
        if not unique(target.params()):
            raise ValueError(_nothing_to_train(target))
        if target is not self.target:
            self._states, self.steps = {}, 0
        self.target = target
        return self

    def add_hook(self, f: Hook) -> None:
        """Call f with the list of parameters that have a gradient, before each update, after the hooks added earlier.

        One with a true attribute `tells_paths` gets a second argument, a function from a parameter to its path.

        Raises
        ------
        TypeError
            If f cannot be called.
        """
        if isinstance(f, type):
            raise TypeError(f"{self._name}.add_hook wants a hook, got the class {f.__name__}: make one, "
                            f"{f.__name__}(...)")  # fmt: skip
        if not callable(f):
            raise TypeError(f"{self._name}.add_hook wants something to call with a list of parameters, got {f!r}")
        self.hooks.append(f)

    def add_group(self, *members: Target | Parameter, **settings: float) -> Self:
        """Let some parameters have settings of their own, such as ``lr=1e-4``; returns the optimizer itself.

        Parameters
        ----------
        *members : layers or Parameters of the target
            A parameter that is in several groups follows the latest.
        **settings : float
            Names and values of attributes of this optimizer (`lr`, `momentum`, `weight_decay` ...); the schedule
            multiplies the group's `lr`, too.

        Raises
        ------
        TypeError
            If a member is neither, or if the optimizer has no such setting.

        Examples
        --------
        >>> from dezero.layers import Layer, Linear
        >>> model = Layer()
        >>> model.body, model.head = Linear(4, in_size=2), Linear(1, in_size=4)
        >>> from dezero.optimizers import SGD
        >>> optimizer = SGD(model, lr=0.1).add_group(model.body, lr=0.001)
        """
        check_members("add_group", members)
        known = ["lr", *[name for name, value in vars(self).items() if name[0] != "_" and type(value) is float]]
        for name, value in settings.items():
            if name not in known:
                raise TypeError(f"{self._name} has no setting {name!r}; it has {', '.join(known)}")
            settings[name] = number(f"{self._name}.add_group", name, value)
        self._groups.append((members, settings))
        return self

    @property
    def lr(self) -> float:
        try:
            return self._lr
        except AttributeError:
            raise AttributeError(f"{self._name} has no lr yet: set it in __init__, self.lr = lr") from None

    @lr.setter
    def lr(self, value: float) -> None:
        self._lr = number(self._name, "lr", value)

    @property
    def schedule(self) -> Schedule | None:
        return self._schedule

    @schedule.setter
    def schedule(self, value: Schedule | None) -> None:
        if value is not None and not callable(value):
            raise TypeError(f"{self._name}.schedule wants a function from the step to a factor, got {value!r}")
        self._schedule = value

    @property
    def rate(self) -> float:
        """The step size of the next update: `lr` times the schedule's factor."""
        return self.lr * self._factor()

    def _factor(self) -> float:
        return 1.0 if self._schedule is None else number("schedule", "factor", self._schedule(self.steps))

    @property
    def _name(self) -> str:
        return type(self).__name__

    # -- updating ----------------------------------------------------------------------------------

    def update(self) -> None:
        """Call the hooks, then `update_one` for every parameter that has a gradient and is not frozen.

        A parameter that the target reaches by several names is updated once.

        Raises
        ------
        RuntimeError
            Before `setup`.
        TypeError, ValueError
            If a parameter is no array of floating-point numbers, or a gradient has another shape than its parameter;
            nothing was updated then.

        Warns
        -----
        RuntimeWarning
            If no parameter has a gradient, though not all are frozen.
        """
        params = self._ready()
        for hook in list(self.hooks):
            told = (self._path_of,) if getattr(hook, "tells_paths", False) else ()
            if hook(params, *told) is SKIP:
                return
            params = [p for p in params if p.grad is not None]
        if self._schedule is None and not self._groups:
            for p in params:
                self.update_one(p)
        else:
            settings_of = self._settings()
            for p in params:
                with self._with_settings(settings_of[id(p)]):
                    self.update_one(p)
        self.steps += 1

    def update_one(self, param: Parameter) -> None:
        """Change `param.data` by `param.grad.data`; each optimizer defines it."""
        raise NotImplementedError(f"{self._name} has to define update_one(self, param)")

    def _params(self, where: str) -> list[Parameter]:
        if self.target is None:
            raise RuntimeError(f"{self._name}.{where}: whose parameters? Call optimizer.setup(model) first, or make it "
                               f"as {self._name}(model, ...)")  # fmt: skip
        return unique(self.target.params())

    def _ready(self) -> list[Parameter]:
        """The parameters to update, looked over before the first is changed."""
        params = self._params("update")
        if not params:
            raise ValueError(_nothing_to_train(self.target))
        trainable = [p for p in params if not getattr(p, "frozen", False)]
        ready = [p for p in trainable if p.grad is not None]
        for p in ready:
            if not isinstance(p.grad, Variable):
                raise TypeError(f"{self._name}.update: the gradient of a parameter is a Variable or None, got "
                                f"{type(p.grad).__name__} for {self._path(p)}")  # fmt: skip
            g, data = _gradient(p), p.data
            if isinstance(data, np.generic):
                p.data = data = np.array(data)  # 0-dimensional, so that it can be written to
            if g.shape != data.shape:
                raise ValueError(f"{self._name}.update: {self._path(p)} has shape {p.data.shape}, its gradient has "
                                 f"{g.shape}")  # fmt: skip
            if data.dtype.kind not in "fc":
                raise TypeError(f"{self._name}.update: {self._path(p)} has dtype {p.data.dtype}; only floating-point "
                                "numbers can be trained, make it with .astype(np.float32)")  # fmt: skip
        if trainable and not ready:
            warnings.warn(
                f"{self._name}.update: no parameter of {type(self.target).__name__} has a gradient; was backward "
                "called, on a loss that comes from this model?", RuntimeWarning, stacklevel=3,
            )  # fmt: skip
        return ready

    def _settings(self) -> dict[int, dict[str, float]]:
        """From the id of each parameter to the settings that hold for it now."""
        factor, params = self._factor(), self._params("update")
        own = {} if self._schedule is None else {"lr": self.lr * factor}
        found = {id(p): own for p in params}
        for i, (members, settings) in enumerate(self._groups):
            scaled = own | settings | ({"lr": settings["lr"] * factor} if "lr" in settings else {})
            for p in params_of(members):
                if id(p) not in found:
                    raise ValueError(f"{self._name}.update: group {i} holds a parameter of shape "
                                     f"{getattr(p.data, 'shape', None)} that {type(self.target).__name__} does not "
                                     "have")  # fmt: skip
                found[id(p)] = scaled
        return found

    @contextmanager
    def _with_settings(self, settings: dict[str, float]) -> Iterator[None]:
        before = {name: getattr(self, name) for name in settings}
        try:
            for name, value in settings.items():
                setattr(self, name, value)
            yield
        finally:
            for name, value in before.items():
                setattr(self, name, value)

    # -- state -------------------------------------------------------------------------------------

    def state(self, param: Parameter, *names: str) -> list[Array]:
        """Return what this optimizer keeps for param under these names: arrays of its shape, zeros at first.

        They have the dtype of the parameter (float32 for float16, whose range is too small for squares), and follow it
        to a GPU and back.

        Raises
        ------
        ValueError
            If the parameter has changed its shape since.

        Examples
        --------
        >>> Optimizer().state(Parameter(np.ones(2)), "v")
        [array([0., 0.])]
        """
        own, data = self._states.setdefault(param, {}), param.data
        dtype = np.dtype(np.float32) if data.dtype == np.float16 else data.dtype
        arrays = []
        for name in names:
            array = own.get(name)
            if array is None:
                array = own[name] = np.zeros_like(data, dtype)
            elif array.shape != data.shape:
                raise ValueError(f"{self._name}: {self._path(param)} has shape {data.shape} now, its state {name!r} "
                                 f"has {array.shape}; make a new optimizer")  # fmt: skip
            elif type(array) is not type(data) or array.dtype != dtype:
                move = cuda.as_numpy if isinstance(data, np.ndarray) else cuda.as_cupy
                array = own[name] = move(array).astype(dtype)
            arrays.append(array)
        return arrays

    def count(self, param: Parameter) -> int:
        """Count this update of param and return the number of its updates so far, from 1."""
        own = self._states.setdefault(param, {})
        t = int(own.get("t", 0)) + 1
        own["t"] = np.array(t)
        return t

    def arrays(self, param: Parameter, *names: str) -> list[Array]:
        """Return the arrays of parameter, gradient and each state by name, all of the dtype of the states.

        Of a float16 parameter with states, that one alone is float16.

        Examples
        --------
        >>> p = Parameter(np.ones(3))
        >>> p.grad = Parameter(np.ones(3))
        >>> len(Optimizer().arrays(p, "v"))
        3
        """
        data, g, states = param.data, _gradient(param), self.state(param, *names) if names else []
        dtype = states[0].dtype if states else data.dtype
        return [data, g if g.dtype == dtype else g.astype(dtype), *states]

    def blocks(self, param: Parameter, *names: str) -> Iterator[tuple[Array, ...]]:
        """Yield views of parameter, gradient, each state by name, and of a scratch array, block by block.

        Writing to the views of the parameter and of the states writes to these themselves. All blocks are of the
        states' dtype, but for that of a float16 parameter.

        Examples
        --------
        >>> p = Parameter(np.ones(3))
        >>> p.grad = Parameter(np.ones(3))
        >>> [[array.shape for array in block] for block in Optimizer().blocks(p, "v")]
        [[(3,), (3,), (3,), (3,)]]
        """
        data, g, *states = self.arrays(param, *names)
        if data.size > SMALL and isinstance(data, np.ndarray):
            arrays = [data, g, *states]
            if not data.flags.c_contiguous:
                arrays = [array.T for array in arrays]  # Fortran order, seen from behind
            if all([array.flags.c_contiguous for array in (arrays[0], *arrays[2:])]):
                flat = [array.reshape(-1) for array in arrays]  # g, which is only read, may be copied
                scratch = self._scratch_of(g.dtype, min(data.size, BLOCK))
                for i in range(0, data.size, BLOCK):
                    block = [array[i : i + BLOCK] for array in flat]
                    yield *block, scratch[: len(block[0])]
                return
        yield data, g, *states, np.empty_like(g)

    def _scratch_of(self, dtype: np.dtype, size: int) -> Array:
        scratch = self._scratch.get(dtype)
        if scratch is None or len(scratch) < size:
            scratch = self._scratch[dtype] = np.empty(size, dtype)
        return scratch

    def _named(self, where: str) -> dict[str, Parameter]:
        """From path to parameter, each parameter once."""
        params = self._params(where)
        if not hasattr(self.target, "named_params"):
            return {str(i): p for i, p in enumerate(params)}
        first: dict[int, tuple[str, Parameter]] = {}
        for path, p in self.target.named_params():  # type: ignore[union-attr]  # more than a Target needs to have
            first.setdefault(id(p), (path, p))
        return dict(first.values())

    def _path_of(self, param: Parameter) -> str | None:
        named = {} if self.target is None else self._named("update")
        return next((path for path, p in named.items() if p is param), param.name)

    def _path(self, param: Parameter) -> str:
        return f"parameter {self._path_of(param)}"

    def state_dict(self) -> StateDict:
        """Return copies of all that is needed to go on from here: what `load_state_dict` takes.

        Hooks, groups and the schedule are code and not in it; set them up as before.

        Returns
        -------
        dict
            ``optimizer``, the name of the class; ``steps``; ``lr``; and ``state``, from the path of each parameter
            (``"l1/W"``) to a dict from the name of each state to its array.
        """
        state = {
            path: {name: np.array(cuda.as_numpy(value)) for name, value in self._states[p].items()}
            for path, p in self._named("state_dict").items()
            if p in self._states
        }
        return {"optimizer": self._name, "steps": self.steps, "lr": getattr(self, "lr", 0.0), "state": state}

    def load_state_dict(self, state_dict: StateDict) -> None:
        """Go on from where `state_dict` was called: state, number of steps and `lr`.

        Raises
        ------
        RuntimeError
            Before `setup`.
        ValueError
            If the state is that of another kind of optimizer, or of parameters that the target does not have or has in
            other shapes; all differences are named, and nothing was changed.
        """
        named = self._named("load_state_dict")
        if not isinstance(state_dict, dict) or not state_dict.keys() >= StateDict.__required_keys__:
            raise TypeError(f"{self._name}.load_state_dict wants what state_dict() returned, a dict with the keys "
                            f"{', '.join(StateDict.__annotations__)}, got {_brief(state_dict)}")  # fmt: skip
        kind, state = state_dict["optimizer"], state_dict["state"]
        if kind != self._name:
            raise ValueError(f"{self._name}.load_state_dict: this is the state of an optimizer {kind}")
        faults = [f"{path} is unknown" for path in state if path not in named]
        for path, p in named.items():
            for name, value in state.get(path, {}).items():
                if p.data is not None and name not in _NUMBERS and value.shape != p.data.shape:
                    faults.append(f"{path} has shape {p.data.shape}, its {name} has {value.shape}")
        if faults:
            raise ValueError(f"{self._name}.load_state_dict: the state does not fit to {type(self.target).__name__}: "
                             + "; ".join(faults))  # fmt: skip
        if hasattr(self, "lr"):
            self.lr = state_dict["lr"]
        self.steps = state_dict["steps"]
        self._states = {named[path]: {name: np.array(v) for name, v in own.items()} for path, own in state.items()}

    def save_state(self, path: FilePath) -> None:
        """Save `state_dict` as an .npz or .safetensors file, atomically, as `Layer.save_weights` does with weights.

        Raises
        ------
        RuntimeError
            Before `setup`.
        OSError
            If the file cannot be written.

        Examples
        --------
        >>> import tempfile
        >>> from dezero.layers import Linear
        >>> from dezero.optimizers import MomentumSGD
        >>> optimizer = MomentumSGD(Linear(1, in_size=2), lr=0.1)
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     optimizer.save_state(f"{folder}/momentum.npz")
        ...     optimizer.load_state(f"{folder}/momentum.npz")
        """
        found = self.state_dict()
        arrays = {f"{p}/{name}": value for p, own in found["state"].items() for name, value in own.items()}
        words = {"optimizer": found["optimizer"], "steps": str(found["steps"]), "lr": repr(found["lr"])}
        save_arrays(path, arrays, words)

    def load_state(self, path: FilePath) -> None:
        """Load what `save_state` saved.

        Raises
        ------
        RuntimeError
            Before `setup`.
        ValueError
            If the file is damaged or no state of an optimizer, or as `load_state_dict`.
        OSError
            If the file cannot be read.
        """
        self._params("load_state")
        arrays, words = load_with_metadata(path)
        if not words.keys() >= {"optimizer", "steps", "lr"}:
            raise ValueError(f"{self._name}.load_state: {str(path)!r} does not hold the state of an optimizer")
        state: dict[str, dict[str, np.ndarray]] = {}
        for key, value in arrays.items():
            owner, _, name = key.rpartition("/")
            state.setdefault(owner, {})[name] = value
        steps, lr = int(words["steps"]), float(words["lr"])
        self.load_state_dict({"optimizer": words["optimizer"], "steps": steps, "lr": lr, "state": state})

    def summary(self) -> str:
        """Return a table of the parameters: path, shape, state, length of parameter and of gradient (Euclidean norms).

        Raises
        ------
        RuntimeError
            Before `setup`.

        Examples
        --------
        >>> from dezero.layers import Layer
        >>> model = Layer()
        >>> model.W = Parameter(np.array([3.0, 4.0]))
        >>> from dezero.optimizers import SGD
        >>> print(SGD(model, lr=0.1).summary())
        SGD, lr 0.1, 0 steps
        parameter  shape  trained  state  |p|  |gradient|
        W          (2,)   yes      -      5    -
        """
        rows = [("parameter", "shape", "trained", "state", "|p|", "|gradient|")]
        for path, p in self._named("summary").items():
            shape = "not yet known" if p.data is None else str(p.data.shape)
            trained = "no" if getattr(p, "frozen", False) else "yes"
            rows.append((path, shape, trained, " ".join(self._states.get(p, ())) or "-", _norm(p), _norm(p.grad)))
        widths = [max(map(len, column)) for column in zip(*rows)]
        lines = ["  ".join([cell.ljust(width) for cell, width in zip(row, widths)]).rstrip() for row in rows]
        lr = f", lr {self.rate:g}" if hasattr(self, "lr") else ""
        return "\n".join([f"{self._name}{lr}, {self.steps} step{'s' * (self.steps != 1)}", *lines])


def _gradient(param: Parameter) -> Array:
    """The array of the gradient, for a parameter that has one."""
    g = param.grad
    if not isinstance(g, Variable):
        raise TypeError(f"the gradient of a parameter is a Variable or None, got {type(g).__name__}")
    if isinstance(g.data, np.generic):
        g.data = np.array(g.data)  # 0-dimensional, so that hooks can write to it
    return g.data


def _brief(value: object) -> str:
    if isinstance(value, dict):
        return f"one with {', '.join(map(repr, list(value)[:4])) or 'none'}"
    return type(value).__name__


def _norm(x: Variable | None) -> str:
    return "-" if x is None or x.data is None else f"{float(np.linalg.norm(x.data)):.3g}"


def unique(params: Iterable[Parameter]) -> list[Parameter]:
    return list({id(p): p for p in params}.values())


def params_of(members: Iterable[Target | Parameter]) -> list[Parameter]:
    return unique(p for member in members for p in ([member] if isinstance(member, Parameter) else member.params()))


def check_members(where: str, members: tuple) -> None:
    for member in members:
        if not isinstance(member, Parameter) and not callable(getattr(member, "params", None)):
            raise TypeError(f"{where} wants layers or Parameters, got {type(member).__name__}")


def _nothing_to_train(target: object) -> str:
    name = type(target).__name__
    layers = {k: v for k, v in getattr(target, "__dict__", {}).items() if callable(getattr(v, "params", None))}
    inside = {k: v for k, v in layers.items() if list(v.params())}
    if not inside:
        return (f"{name} has no parameters, so there is nothing to train: assign Parameters or layers to its "
                "attributes, self.l1 = L.Linear(10), before setup")  # fmt: skip
    kinds = {f"{type(v).__module__}.{type(v).__qualname__}" for v in inside.values()}
    base = next((c for c in type(target).__mro__ if "params" in vars(c)), type(target))
    attribute, looks = ("attributes", "look like layers") if len(inside) > 1 else ("attribute", "looks like a layer")
    return (f"{name} has no parameters; its {attribute} {', '.join(inside)} {looks} ({', '.join(sorted(kinds))}), but "
            f"{name}'s base class {base.__name__} comes from {base.__module__} and does not find them: derive "
            f"{name} from dezero.Model")  # fmt: skip
