"""Checkpoints: all that a training needs to go on from where it was, in one file, to the last bit."""

from __future__ import annotations

import json
import math
import random
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from typing import TypeAlias

import numpy as np

from dezero import cuda
from dezero.core import Variable
from dezero.dataloaders import DataLoader
from dezero.layers import Layer
from dezero.layers.base import CHECKPOINT
from dezero.optimizers import Optimizer
from dezero.seeding import generator_of
from dezero.utils.files import FilePath, load_with_metadata, save_arrays

__all__ = ["load_checkpoint", "save_checkpoint"]

_VERSION = "1"
_CONTENT = "dezero.content"
_REFUSALS = (TypeError, ValueError, RuntimeError)
_NUMBERS = ("t", "product")  # states of an optimizer that are one number, whatever the parameter

Undo: TypeAlias = Callable[[], object]


def save_checkpoint(
    path: FilePath,
    *,
    model: Layer | Mapping[str, Layer] | None = None,
    optimizer: Optimizer | Mapping[str, Optimizer] | None = None,
    schedule: object = None,
    loader: object = None,
    rng: bool = True,
    **more: object,
) -> None:
    """Save a training in one file, atomically: afterwards the file is the new one, or after an error the old one.

    Call it after ``optimizer.update()``, at the end of an epoch or within one. A run that goes on from the file draws
    and computes exactly what this one will.

    Parameters
    ----------
    path : str or path
        Exactly this file: no suffix is added. The layout is that of weights, see `dezero.utils.files.save_arrays`.
    model : Layer, optional
        Parameters, buffers such as running means, which parameters are frozen, and the state of recurrent layers.
    optimizer : Optimizer, optional
        State of each parameter, number of steps, and settings such as `lr` and `momentum`.
    schedule : optional
        One with `state_dict` and `load_state_dict`. A function of the steps has its position in the optimizer; for
        such a one it is noted what it gave, so that another function is refused.
    loader : DataLoader, or anything with `state_dict` and `load_state_dict`, optional
        The position within the pass, its order, and the loader's own generator.
    rng : bool
        Whether to save the global generators of NumPy, from which the package draws, and of Python.
    **more
        What else is to come back: ``epoch=3, step=1200, best=0.97``. Numbers, strings, None, arrays, and lists, tuples
        and dicts of them.

    Raises
    ------
    RuntimeError
        If a parameter has no data yet, or the optimizer no model.
    TypeError
        If one of them is of another kind, or something in `more` cannot be saved.
    OSError
        If the file cannot be written; the old file is still there.

    Notes
    -----
    Not in the file: gradients, hooks and groups of optimizers, transforms, and other code; set these up as before. The
    graph behind the state of a recurrent layer is not saved either; where it matters, cut it before with
    ``loss.unchain_backward()``. A loader whose loop was left by ``break`` begins a new pass, as it would have here.

    Of several models, optimizers, schedules or loaders, give dicts: ``model={"G": G, "D": D}``.

    On a GPU, CuPy's generator cannot tell its state. So it is seeded anew at this moment, with a number that it draws
    itself and that is saved; a run with the same checkpoints draws the same numbers.

    Examples
    --------
    >>> import os, tempfile
    >>> from dezero.models import MLP
    >>> from dezero.optimizers import Adam
    >>> model = MLP((10, 3))
    >>> y = model(np.zeros((1, 4), dtype=np.float32))
    >>> optimizer = Adam(model)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = os.path.join(folder, "run.npz")
    ...     save_checkpoint(path, model=model, optimizer=optimizer, epoch=3)
    ...     load_checkpoint(path, model=model, optimizer=optimizer)
    {'epoch': 3}
    """
    given = _parts("save_checkpoint", model=model, optimizer=optimizer, schedule=schedule, loader=loader)
    steps = [o.steps for o in given["optimizer"].values()]
    generators = _generators() if rng else None
    content = {
        "model": {name: _model_state(layer) for name, layer in given["model"].items()},
        "optimizer": {name: _optimizer_state(o) for name, o in given["optimizer"].items()},
        "schedule": {name: _schedule_state(s, steps) for name, s in given["schedule"].items()},
        "loader": {name: one.state_dict() for name, one in given["loader"].items()},
        "rng": generators,
        "more": more,
    }
    arrays: dict[str, np.ndarray] = {}
    words = {CHECKPOINT: _VERSION, _CONTENT: json.dumps(_encoded(content, (), arrays))}
    save_arrays(path, arrays, words)
    if generators is not None:
        _seed_cupy(generators)


def load_checkpoint(
    path: FilePath,
    *,
    model: Layer | Mapping[str, Layer] | None = None,
    optimizer: Optimizer | Mapping[str, Optimizer] | None = None,
    schedule: object = None,
    loader: object = None,
    rng: bool = True,
) -> dict[str, object]:
    """Go on from where `save_checkpoint` was called; return what else was saved, such as ``epoch`` and ``step``.

    Make model, optimizer and loader as before, then call this. The next loop over the loader gets the rest of its pass.

    Parameters
    ----------
    path : str or path
    model, optimizer, schedule, loader
        What was given to `save_checkpoint`, or some of it: ``load_checkpoint(path, model=model, rng=False)`` takes the
        weights alone. A model that was never called takes its sizes from the file. Gradients are cleared.
    rng : bool
        Whether the global generators go on from their saved state, if they were saved.

    Returns
    -------
    dict
        What was given as ``**more``.

    Raises
    ------
    ValueError
        If the file is damaged, is no checkpoint, lacks a part, or does not fit: other names, shapes, dtypes, another
        kind of optimizer, another loader. The message names the file and all differences.
    TypeError
        If an argument is of another kind.
    RuntimeError
        If the optimizer has no model yet.
    OSError
        If the file cannot be read.

    Notes
    -----
    Every byte is read and every checksum compared before anything is changed. After an error, an interrupt too, model,
    optimizer, loader and generators are as they were. Nothing is ever unpickled.

    Examples
    --------
    See `save_checkpoint`.
    """
    given = _parts("load_checkpoint", model=model, optimizer=optimizer, schedule=schedule, loader=loader)
    content = _read(path)
    try:
        with ExitStack() as undo:
            for part, things in given.items():
                for name, thing in things.items():
                    saved = _found(content, part, name)
                    undo.callback(_KEEP[part](thing))
                    _LOAD[part](thing, saved)
            if rng and content["rng"] is not None:
                undo.callback(_keep_generators())
                _set_generators(content["rng"])
            undo.pop_all()
    except _REFUSALS as error:
        kind = next(kind for kind in _REFUSALS if isinstance(error, kind))
        raise kind(f"load_checkpoint: the file {path} does not fit, and nothing was changed. {error}") from error
    if rng and content["rng"] is not None:
        _seed_cupy(content["rng"])
    return content["more"]


# -- the parts -------------------------------------------------------------------------------------


def _parts(where: str, **given: object) -> dict[str, dict]:
    """From the kind of part to the things of that kind, by name; a single one has the name ""."""
    found: dict[str, dict] = {}
    for part, thing in given.items():
        found[part] = {} if thing is None else dict(thing) if isinstance(thing, Mapping) else {"": thing}
        for name, one in found[part].items():
            right, wanted = _KINDS[part]
            if not isinstance(name, str) or isinstance(one, type) or not right(one):
                got = f"the class {one.__name__}" if isinstance(one, type) else type(one).__name__
                raise TypeError(f"{where} expects as {part} {wanted}, or a dict from names to such, got {got}")
    return found


def _keeps_state(thing: object) -> bool:
    return all([callable(getattr(thing, name, None)) for name in ("state_dict", "load_state_dict")])


_KINDS: dict[str, tuple[Callable[[object], bool], str]] = {
    "model": (lambda x: isinstance(x, Layer), "a model, a dezero.Layer"),
    "optimizer": (lambda x: isinstance(x, Optimizer), "one of dezero.optimizers"),
    "schedule": (lambda x: _keeps_state(x) or callable(x), "a function of the step, or what has state_dict and "
                                                           "load_state_dict"),
    "loader": (_keeps_state, "a DataLoader, or what has state_dict and load_state_dict"),
}  # fmt: skip


def _found(content: dict, part: str, name: str) -> object:
    if name in content[part]:
        return content[part][name]
    names = [f"{kind} {key}".rstrip() for kind in _KINDS for key in content[kind]]
    raise ValueError(f"It holds no {f'{part} {name}'.rstrip()}; it was saved with {', '.join(names) or 'none at all'}")


# -- models ----------------------------------------------------------------------------------------


def _model_state(model: Layer) -> dict[str, object]:
    return {
        "weights": {path: cuda.as_numpy(a) for path, a in model._arrays("save_checkpoint").items()},
        "states": {
            path: {name: cuda.as_numpy(own[name].data) for name in own} for path, _, own in _recurrent(model) if own
        },
        "frozen": [path for path, p in model.named_params() if getattr(p, "frozen", False)],
    }


def _recurrent(model: Layer) -> Iterator[tuple[str, Layer, dict[str, Variable]]]:
    """Yield path, layer and state of all that can reset their state."""
    for path, layer in model.named_layers():
        if isinstance(layer, Layer) and hasattr(layer, "reset_state"):
            own = {name: value for name, value in vars(layer).items() if isinstance(value, Variable)}
            known = {*layer._params, *layer._buffers}
            yield path, layer, {n: v for n, v in own.items() if n not in known and v.data is not None}


def _load_model(model: Layer, saved: dict) -> None:
    weights, states, frozen = saved["weights"], saved["states"], saved["frozen"]
    chosen, differences, faults = model._compared(weights)
    for held in chosen:
        found, wanted = weights[held.path].dtype, held.dtype
        if wanted is not None and found != wanted and found.kind == wanted.kind:
            faults.append(f"{held.path} is {found} in the file and {wanted} in the model")
    layers = {path: (layer, own) for path, layer, own in _recurrent(model)}
    faults += [f"{path or 'the model'} has a state in the file and none in the model"
               for path in states if path not in layers]  # fmt: skip
    if differences or faults:
        raise ValueError("; ".join(differences + faults))
    model._put([(held.variable, weights[held.path], weights[held.path].dtype) for held in chosen], order="K")
    xp = cuda.get_array_module(chosen[0].variable.data)
    for path, (layer, own) in layers.items():
        new = {name: Variable(xp.asarray(np.array(array))) for name, array in states.get(path, {}).items()}
        for name in own.keys() | new.keys():
            setattr(layer, name, new.get(name))
    for path, p in model.named_params():
        p.frozen = path in frozen
    model.cleargrads()


def _keep_model(model: Layer) -> Undo:
    variables = {id(held.variable): held.variable for held in model._walk()}.values()
    layers = [layer for _, layer in model.named_layers()]
    before = [(thing, dict(vars(thing))) for thing in layers if hasattr(thing, "__dict__")]
    data = [(v, v.data, v.grad, getattr(v, "frozen", None)) for v in variables]

    def undo() -> None:
        for layer, own in before:
            vars(layer).clear()
            vars(layer).update(own)
        for v, array, grad, frozen in data:
            v.data, v.grad = array, grad
            if frozen is not None:
                v.frozen = frozen  # type: ignore[attr-defined]  # a Parameter

    return undo


# -- optimizers and schedules ----------------------------------------------------------------------


def _settings(optimizer: Optimizer) -> dict[str, bool | int | float]:
    """Numbers that it was made with; lr and steps are in its state_dict."""
    return {name: value for name, value in vars(optimizer).items()
            if name[0] != "_" and name != "steps" and type(value) in (bool, int, float)}  # fmt: skip


def _optimizer_state(optimizer: Optimizer) -> dict[str, object]:
    name = type(optimizer).__name__
    if type(optimizer).state_dict is Optimizer.state_dict:
        for attribute, value in vars(optimizer).items():
            inside = value.values() if isinstance(value, dict) else value if isinstance(value, list) else [value]
            if attribute[0] != "_" and any([cuda.is_array(x) or isinstance(x, Variable) for x in inside]):
                raise TypeError(f"save_checkpoint: {name} keeps arrays in {attribute}, of which state_dict knows "
                                "nothing; get them from self.state(param, name), or define state_dict and "
                                "load_state_dict")  # fmt: skip
    return {"state": optimizer.state_dict(), "settings": _settings(optimizer)}


def _load_optimizer(optimizer: Optimizer, saved: dict) -> None:
    state, settings = saved["state"], saved["settings"]
    name, known = type(optimizer).__name__, _settings(optimizer)
    optimizer.load_state_dict(state)
    faults = [f"the setting {key} is on one side only" for key in sorted(settings.keys() ^ known.keys())]
    if isinstance(state.get("state"), dict):
        for path, p in optimizer._named("load_state_dict").items():
            for key, value in state["state"].get(path, {}).items():
                dtype = None if p.data is None else np.dtype(np.float32) if p.data.dtype == np.float16 else p.data.dtype
                if key not in _NUMBERS and dtype is not None and value.dtype != dtype:
                    faults.append(f"{key} of {path} is {value.dtype} in the file and would be {dtype}")
    if faults:
        raise ValueError(f"{name}: {'; '.join(faults)}")
    for key, value in settings.items():
        setattr(optimizer, key, value)


def _keep_attributes(thing: object) -> Undo:
    """For what replaces its attributes when it loads, and changes nothing inside of them."""
    before = dict(vars(thing))

    def undo() -> None:
        vars(thing).clear()
        vars(thing).update(before)

    return undo


def _schedule_state(schedule: object, steps: list[int]) -> object:
    if _keeps_state(schedule):
        return {"state": schedule.state_dict()}  # type: ignore[attr-defined]  # asked for
    if not steps:
        raise TypeError("save_checkpoint: a schedule that is a function has its position in the optimizer: give both")
    last = [max(n - 1, 0) for n in steps]
    return {"steps": last, "factors": [float(schedule(n)) for n in last]}  # type: ignore[operator]  # asked for


def _load_schedule(schedule: object, saved: dict) -> None:
    if _keeps_state(schedule) != ("state" in saved):
        raise ValueError("The schedule in the file is of another kind")
    if "state" in saved:
        schedule.load_state_dict(saved["state"])  # type: ignore[attr-defined]  # asked for
        return
    for step, factor in zip(saved["steps"], saved["factors"]):
        if not math.isclose(found := float(schedule(step)), factor, rel_tol=1e-6):  # type: ignore[operator]
            raise ValueError(f"The schedule is another one: at step {step} it gave {factor:g}, now it gives {found:g}")


def _keep_state(thing: object) -> Undo:
    if not _keeps_state(thing):
        return lambda: None
    if isinstance(thing, DataLoader) and type(thing).load_state_dict is DataLoader.load_state_dict:
        return _keep_attributes(thing)
    before = thing.state_dict()  # type: ignore[attr-defined]  # asked for
    return lambda: thing.load_state_dict(before)  # type: ignore[attr-defined]


def _load_loader(loader: object, saved: object) -> None:
    loader.load_state_dict(saved)  # type: ignore[attr-defined]  # asked for


_LOAD: dict[str, Callable] = {
    "model": _load_model, "optimizer": _load_optimizer, "schedule": _load_schedule, "loader": _load_loader,
}  # fmt: skip
_KEEP: dict[str, Callable[..., Undo]] = {
    "model": _keep_model, "optimizer": _keep_attributes, "schedule": _keep_state, "loader": _keep_state,
}  # fmt: skip


# -- generators ------------------------------------------------------------------------------------


def _generators() -> dict[str, object]:
    version, numbers, gauss = random.getstate()
    cupy = sys.modules.get("cupy")  # never imported: then nothing was drawn from it
    drawn = int(cupy.random.randint(0, 2**31 - 1)) if cupy is not None and cuda.gpu_enable else None
    return {
        "numpy": np.random.get_state(legacy=False),
        "python": {"version": version, "numbers": np.array(numbers, np.uint32), "gauss": gauss},
        "cupy": drawn,
    }


def _set_generators(saved: dict) -> None:
    numpy, python = saved["numpy"], saved["python"]
    generator_of(numpy)
    present = np.random.get_state(legacy=False)["bit_generator"]
    if numpy["bit_generator"] != present:
        raise ValueError(f"NumPy's global generator was {numpy['bit_generator']} and is {present}")
    random.setstate((python["version"], tuple(python["numbers"].tolist()), python["gauss"]))
    np.random.set_state(numpy)


def _keep_generators() -> Undo:
    numpy, python = np.random.get_state(legacy=False), random.getstate()

    def undo() -> None:
        np.random.set_state(numpy)
        random.setstate(python)

    return undo


def _seed_cupy(saved: dict) -> None:
    if saved["cupy"] is not None and cuda.gpu_enable:
        cuda.cupy.random.seed(saved["cupy"])


# -- the file --------------------------------------------------------------------------------------


def _encoded(value: object, route: tuple[str, ...], arrays: dict[str, np.ndarray]) -> object:
    """A value as JSON can say it; arrays are entered by their route, and their names stand in for them."""
    if value is None or type(value) in (bool, int, float, str):
        return value
    if isinstance(value, np.generic) or cuda.is_array(value):
        name = "/".join([part for part in route if part])
        while name in arrays:
            name += "'"
        arrays[name] = cuda.as_numpy(value)
        return {"number" if isinstance(value, np.generic) else "array": name}
    if isinstance(value, (list, tuple)):
        items = [_encoded(item, (*route, str(i)), arrays) for i, item in enumerate(value)]
        return items if isinstance(value, list) else {"tuple": items}
    if isinstance(value, Mapping):
        return {"dict": [[_encoded(key, (*route, "key"), arrays), _encoded(item, (*route, str(key)), arrays)]
                         for key, item in value.items()]}  # fmt: skip
    name = "/".join([part for part in route[1:] if part])
    remedy = ": give its data" if isinstance(value, Variable) else ""
    raise TypeError(f"save_checkpoint cannot save {name}, a {type(value).__name__}{remedy}; it takes numbers, strings, "
                    "None, arrays, and lists, tuples and dicts of them")  # fmt: skip


def _decoded(node: object, arrays: dict[str, np.ndarray]) -> object:
    if not isinstance(node, (list, dict)):
        return node
    if isinstance(node, list):
        return [_decoded(item, arrays) for item in node]
    ((kind, inner),) = node.items()
    if kind == "array":
        return arrays[inner]
    if kind == "number":
        return arrays[inner][()]
    if kind == "tuple":
        return tuple([_decoded(item, arrays) for item in inner])
    if kind == "dict":
        return {_decoded(key, arrays): _decoded(item, arrays) for key, item in inner}
    raise ValueError(f"an unknown kind {kind!r}")


def _read(path: FilePath) -> dict:
    arrays, words = load_with_metadata(path)
    if CHECKPOINT not in words:
        raise ValueError(f"cannot load {str(path)!r}: it is no checkpoint; if it is a file of weights, "
                         "model.load_weights(path) reads it")  # fmt: skip
    if words[CHECKPOINT] != _VERSION:
        raise ValueError(f"cannot load {str(path)!r}: its format is {words[CHECKPOINT]}, and this version of dezero "
                         f"reads {_VERSION}; take the version that wrote it, or a later one")  # fmt: skip
    try:
        content = _decoded(json.loads(words[_CONTENT]), arrays)
        if not isinstance(content, dict) or content.keys() != {*_KINDS, "rng", "more"}:
            raise ValueError("other parts than those of a checkpoint")
    except (KeyError, TypeError, ValueError, RecursionError) as error:
        raise ValueError(f"cannot load {str(path)!r}: its table of contents makes no sense ({error})") from error
    return content
