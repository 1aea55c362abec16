"""Calling a model and leaving no trace of that in it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from dezero.core import Variable
from dezero.seeding import generators_kept

__all__ = ["as_it_was"]


@contextmanager
def as_it_was(model: Any) -> Iterator[None]:
    """Put parameters, buffers, states and the random numbers of NumPy and Python back afterwards."""
    layers = [layer for _, layer in model.named_layers() if hasattr(layer, "__dict__")]
    attributes = [dict(vars(layer)) | _own(layer) for layer in layers]
    arrays = [(x, x.data) for _, x in (*model.named_params(), *_buffers(model))]
    copies = [(x.data, x.data.copy()) for _, x in _buffers(model) if x.data is not None]
    try:
        with generators_kept():
            yield
    finally:
        for array, copy in copies:  # running statistics may be changed in place
            array[...] = copy
        for x, array in arrays:  # None, for what the call drew
            x.data = array
        for layer, known in zip(layers, attributes):
            vars(layer).clear()
            vars(layer).update(known)


def _buffers(model: Any) -> list[tuple[str, Variable]]:
    return list(model.named_buffers()) if hasattr(model, "named_buffers") else []


def _own(layer: Any) -> dict[str, object]:
    """What a layer says of itself for copies: with the books on its parameters, which a call may add to."""
    state = layer.__getstate__() if hasattr(layer, "__getstate__") else None
    return state if isinstance(state, dict) else {}
