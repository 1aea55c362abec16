"""Settings that hold for the running thread or asyncio task, such as `no_grad()`.

Each setting is a `ContextVar`: a thread or task that switches one of them off leaves it on for all others, and a
new thread starts with the defaults.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Protocol
from weakref import ref

__all__ = [
    "Config", "Place", "Watch", "enter", "no_grad", "outside", "recording", "test_mode", "using_config", "watched",
    "watching",
]  # fmt: skip


class Watch(Protocol):
    """What the engine shows its operations to while somebody looks, such as `dezero.debug`."""

    def applied(self, f: object, outputs: Sequence[object]) -> None:
        """See an operation that was recorded, and its outputs."""

    def before(self, f: object) -> None:
        """See an operation before its gradient is computed."""

    def derived(self, f: object, gy: object, gxs: Sequence[object]) -> None:
        """See the gradients of the outputs and of the inputs of an operation."""

    def blame(self, error: Exception, f: object) -> None:
        """Add to an error what is known about the operation on whose way back it came."""


class Place:
    """Where operations are recorded: in which call of which layer, and in the graph of a derivative of which order.

    Attributes
    ----------
    outer : Place or None
        The call that this one was made in.
    layer : weak reference to Layer, or None
    kind : type or None
        The class of the layer, which is known also when the layer is gone.
    order : int
        0 for what users compute, 1 for its gradient recorded with `create_graph`, and so on.
    watch : Watch or None
        What looks at each operation, such as `dezero.debug`.
    """

    __slots__ = ("outer", "layer", "kind", "order", "watch")

    def __init__(
        self, outer: Place | None = None, layer: object = None, order: int | None = None, watch: Watch | None = None
    ) -> None:
        self.outer = outer
        self.layer = None if layer is None else ref(layer)
        self.kind = None if layer is None else type(layer)
        if outer is None:
            self.order, self.watch = order or 0, watch
        else:
            self.order, self.watch = outer.order if order is None else order, outer.watch


_OUTSIDE = Place()
_place: ContextVar[Place | None] = ContextVar("enable_backprop", default=_OUTSIDE)  # None: nothing is recorded
_train: ContextVar[bool] = ContextVar("train", default=True)
watching: ContextVar[Watch | None] = ContextVar("debug", default=None)  # what `dezero.debug` looks at operations with

recording = _place.get  # what the engine asks at every operation
enter = _place.set


def outside() -> Place:
    """The place of what no layer computes: where recording starts."""
    watch = watching.get()
    return _OUTSIDE if watch is None else Place(watch=watch)


@contextmanager
def watched(watch: Watch) -> Iterator[None]:
    """Show a watch what is recorded and derived inside the `with` block, in this thread or task."""
    old, before = watching.get(), recording()
    try:
        watching.set(watch)
        if before is not None:
            enter(outside())
        yield
    finally:
        enter(before)
        watching.set(old)


_settings: dict[str, ContextVar] = {"enable_backprop": _place, "train": _train}


def _set(name: str, value: bool) -> None:
    if name == "enable_backprop":
        _place.set(_place.get() or outside() if value else None)
    else:
        _settings[name].set(bool(value))


class _ContextLocal(type):
    """Makes the settings readable and writable as attributes of the class `Config`."""

    def __getattr__(cls, name: str) -> bool:
        if name not in _settings:
            raise AttributeError(_unknown(name))
        return bool(_settings[name].get())

    def __setattr__(cls, name: str, value: bool) -> None:
        if name not in _settings:
            raise AttributeError(_unknown(name))
        _set(name, value)

    def __dir__(cls) -> list[str]:
        return [*super().__dir__(), *_settings]


def _unknown(name: str) -> str:
    return f"Config has no setting {name!r}; it has {', '.join(_settings)}"


class Config(metaclass=_ContextLocal):
    """The settings of the running thread or task; read and written as attributes of the class itself.

    Attributes
    ----------
    enable_backprop : bool, default True
        Whether operations record the graph that `Variable.backward` needs.
    train : bool, default True
        Whether layers behave as in training (dropout drops, batch normalization uses the statistics of the batch).

    Raises
    ------
    AttributeError
        For a name that is no setting, read or written.

    Examples
    --------
    >>> Config.train
    True
    """


@contextmanager
def using_config(name: str, value: bool) -> Iterator[None]:
    """Set one setting of `Config` inside a `with` block and restore it afterwards, also after an exception.

    Parameters
    ----------
    name : str
        ``"enable_backprop"`` or ``"train"``.
    value : bool

    Raises
    ------
    AttributeError
        If there is no such setting.

    Examples
    --------
    >>> with using_config("train", False):
    ...     Config.train
    False
    >>> Config.train
    True
    """
    if name not in _settings:
        raise AttributeError(_unknown(name))
    before = _settings[name].get()
    try:
        _set(name, value)
        yield
    finally:
        _settings[name].set(before)


def no_grad():
    """Record no graph inside the `with` block: less memory and time where no derivative is wanted.

    Examples
    --------
    >>> import numpy as np
    >>> from dezero import Variable
    >>> with no_grad():
    ...     y = Variable(np.array(3.0)) ** 2
    >>> y.creator is None
    True
    """
    return using_config("enable_backprop", False)


def test_mode():
    """Let layers behave as in testing inside the `with` block; graphs are recorded all the same.

    Examples
    --------
    >>> with test_mode():
    ...     Config.train, Config.enable_backprop
    (False, True)
    """
    return using_config("train", False)


test_mode.__test__ = False  # type: ignore[attr-defined]  # its name would make pytest collect it
