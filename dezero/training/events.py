"""What `Trainer` tells its callbacks, and when; see `Trainer` for the picture."""

from __future__ import annotations

__all__ = ["EVENTS", "checked"]

EVENTS = ("on_start", "on_epoch_start", "on_batch_start", "on_batch_end", "on_epoch_end", "on_end")


def checked(callback: object) -> object:
    """Return a callback, if it is one: with one of the six events at least, and no other method named ``on_...``.

    Raises
    ------
    TypeError
        If it is a class, or has none.
    ValueError
        If it has an event that there is not.
    """
    if isinstance(callback, type):
        raise TypeError(f"Trainer.fit expects a callback, got the class {callback.__name__}: make one, "
                        f"{callback.__name__}(...)")  # fmt: skip
    name = type(callback).__name__
    events = [event for event in dir(callback) if event.startswith("on_")]
    if not events:
        raise TypeError(f"Trainer.fit expects callbacks with methods such as on_epoch_end(self, trainer), got {name}")
    if unknown := [event for event in events if event not in EVENTS]:
        raise ValueError(f"{name} has {unknown[0]}, which is no event of Trainer: these are {', '.join(EVENTS)}")
    return callback
