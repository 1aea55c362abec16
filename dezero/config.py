"""Settings that hold for the running thread or asyncio task, such as `no_grad()`.

Each setting is a `ContextVar`: a thread or task that switches one of them off leaves it on for all others, and a
new thread starts with the defaults.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

__all__ = ["Config", "no_grad", "test_mode", "using_config"]

_settings: dict[str, ContextVar[bool]] = {
    "enable_backprop": ContextVar("enable_backprop", default=True),
    "train": ContextVar("train", default=True),
}

recording = _settings["enable_backprop"].get  # what the engine asks at every operation


class _ContextLocal(type):
    """Makes the settings readable and writable as attributes of the class `Config`."""

    def __getattr__(cls, name: str) -> bool:
        try:
            return _settings[name].get()
        except KeyError:
            raise AttributeError(_unknown(name)) from None

    def __setattr__(cls, name: str, value: bool) -> None:
        if name not in _settings:
            raise AttributeError(_unknown(name))
        _settings[name].set(value)

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
    old = getattr(Config, name)
    setattr(Config, name, value)
    try:
        yield
    finally:
        setattr(Config, name, old)


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
