"""`debug`: a slower way to run that finds where things went wrong."""

from __future__ import annotations

import linecache
import os
import sys
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

import numpy as np

from dezero._like_array import bare
from dezero.config import watched

__all__ = ["Line", "debug", "user_line"]

_PACKAGE = os.path.dirname(os.path.abspath(__file__)) + os.sep


class Line(NamedTuple):
    """A line of the user's program."""

    file: str
    number: int

    def __str__(self) -> str:
        text = linecache.getline(self.file, self.number).strip()
        return f"{os.path.basename(self.file)}:{self.number}" + (f": {text}" if text else "")


def user_line() -> Line | None:
    """The innermost line under way that is not in this package."""
    frame = sys._getframe(1)
    while frame is not None:
        file = frame.f_code.co_filename
        if not file.startswith(_PACKAGE):
            return Line(file, frame.f_lineno)
        frame = frame.f_back  # type: ignore[assignment]
    return None


@contextmanager
def debug() -> Iterator[None]:
    """Look at every operation inside the `with` block, forward and backward; several times slower.

    - Errors of the way back name the line of the program that applied the operation.
    - The first operation that makes a NaN or an infinity out of numbers raises, in a forward or in a gradient.
    - An array that was changed in place between forward and backward raises, because the gradient would be wrong.

    Computations under `no_grad` are not looked at. The block holds for the running thread or task.

    Raises
    ------
    RuntimeError
        In the block, for the two mistakes above.

    Examples
    --------
    >>> import dezero, numpy as np
    >>> import dezero.functions as F
    >>> x = dezero.Variable(np.array([1.0, 0.0]))
    >>> with np.errstate(divide="ignore"), debug():  # doctest: +ELLIPSIS
    ...     y = F.log(x) * 2
    Traceback (most recent call last):
        ...
    RuntimeError: Log made the first infinity: 1 of 2 elements of its output (2,) are not finite, ...
    """
    with watched(_Watch()):
        yield


class _Watch:
    """What the engine shows each operation to."""

    def applied(self, f: Any, outputs: Sequence[Any]) -> None:
        """After a forward."""
        f.line = user_line()
        f._prints = [_fingerprint(x.data) for x in (*f.inputs, *outputs)]
        inputs = [x.data for x in f.inputs]
        for y in outputs:
            if (kind := _worse(y.data, inputs)) is not None:
                given = [x for x in f.inputs if kind == "NaN" and not hasattr(x.creator, "line") and _has_nan(x.data)]
                if given:
                    name = f" {given[0].name}" if given[0].name else ""
                    raise RuntimeError(f"the data{name} given to {type(f).__name__} hold a NaN, at {f.line}")
                raise RuntimeError(f"{type(f).__name__} made the first {kind}: {_where(y.data, 'its output')}, from "
                                   f"inputs {', '.join(map(_range, inputs))}, at {f.line}")  # fmt: skip

    def before(self, f: Any) -> None:
        """Before the gradient of an operation."""
        prints = getattr(f, "_prints", None)
        if prints is None:  # recorded before the block began
            return
        outputs = [output() for output in f.outputs]
        for i, (x, old) in enumerate(zip((*f.inputs, *outputs), prints)):
            if x is not None and old is not None and _fingerprint(x.data) != old:
                which = f"input {i}" if i < len(f.inputs) else "the output"
                name = f" ({x.name})" if x.name else ""
                raise RuntimeError(f"{which}{name} of {type(f).__name__}, {x.dtype} {x.shape}, was changed between "
                                   "forward and backward, so its gradient would be wrong: change a copy, or compute "
                                   "forward anew")  # fmt: skip

    def derived(self, f: Any, gy: Any, gxs: Sequence[Any]) -> None:
        """After the gradient of an operation."""
        gys = [bare(g) for g in (gy if isinstance(gy, tuple) else (gy,))]
        inputs = [x.data for x in f.inputs]
        for i, gx in enumerate(gxs):
            if gx is None or not f.needs_grad[i]:
                continue
            kind = _worse(bare(gx), [*gys, *inputs])
            if kind is not None:
                raise RuntimeError(f"the backward of {type(f).__name__} made the first {kind} of the gradients: "
                                   f"{_where(bare(gx), f'the gradient of input {i}')}, from inputs "
                                   f"{', '.join(map(_range, inputs))} and a gradient {', '.join(map(_range, gys))}"
                                   )  # fmt: skip

    def blame(self, error: Exception, f: Any) -> None:
        """When the way back fails."""
        if hasattr(f, "line"):
            error.add_note(f"{type(f).__name__} was applied at {f.line}")


def _floating(x: Any) -> np.ndarray | None:
    x = x if isinstance(x, np.ndarray) else np.asarray(x) if isinstance(x, (float, complex, np.generic)) else None
    return x if x is not None and x.dtype.kind in "fc" else None


def _has_nan(x: Any) -> bool:
    x = _floating(x)
    return x is not None and bool(np.isnan(x).any())


def _worse(y: Any, inputs: Sequence[Any]) -> str | None:
    """Whether y has NaNs or infinities where the inputs have none, or NaNs that came with the data."""
    array = _floating(y)
    if array is None or np.isfinite(array).all():
        return None
    if np.isnan(array).any():
        return "NaN"  # an operation before this one would have raised
    return None if any([np.isinf(x).any() for x in map(_floating, inputs) if x is not None]) else "infinity"


def _where(x: Any, what: str) -> str:
    """How many elements are not finite, and where the first one is."""
    bad = ~np.isfinite(x)
    if not np.shape(x):
        return f"{what} is {x}"
    first = tuple(int(i) for i in np.argwhere(bad)[0])
    return f"{int(bad.sum())} of {bad.size} elements of {what} {np.shape(x)} are not finite, the first at {first}"


def _range(x: Any) -> str:
    array = _floating(x)
    if array is None or not array.size:
        return "None" if x is None else f"{getattr(x, 'dtype', type(x).__name__)} {np.shape(x)}"
    if not array.shape:
        return f"{array:.6g}"
    finite = array[np.isfinite(array)]
    between = f"{finite.min():.6g} to {finite.max():.6g}" if finite.size and array.dtype.kind == "f" else "not finite"
    return f"{array.dtype} {array.shape} in {between}"


def _fingerprint(x: Any) -> int | None:
    return zlib.crc32(np.ascontiguousarray(x)) if isinstance(x, np.ndarray) and x.size else None  # type: ignore[arg-type]
