"""Progress: what a loop does, live on a terminal, and one line for each epoch anywhere."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from importlib import import_module
from shutil import get_terminal_size
from time import perf_counter
from typing import Any, Generic, Protocol, TextIO, TypeGuard, TypeVar
from unicodedata import east_asian_width

from dezero.config import Config
from dezero.dataloaders import DataLoader
from dezero.training.history import History, shown
from dezero.training.meters import Mean, Meter

__all__ = ["progress"]

T = TypeVar("T")

EVERY = 0.1  # seconds between two pictures of the bar: often enough for eyes, too seldom to cost
ROOM = 3  # columns that a bar leaves free: in the last one some terminals begin a new line, and ctrl-C writes ^C


class progress(Generic[T]):
    """Go through a loader, and show how far it is and what the meters say.

    Two lines of a loop change: this import, and the line of the loop.

        for x, t in progress(train_loader, loss=lambda: loss, acc=lambda: acc):

    On a terminal there is a bar, drawn by tqdm where that is installed; in a notebook, a line of text. In the end, and
    everywhere else, there is one line for the whole pass, without control characters:

        epoch 1  train  600/600  2.1 s  loss 0.3421  acc 0.9012

    Parameters
    ----------
    loader : iterable
        Most often a `DataLoader`; one without a length has no bar, but a count.
    desc : str or int, optional
        What stands in front; a number is that of the epoch.
    history : History, optional
        Where a row is added for each pass. Without it, the object has a history of its own.
    at_end : function, optional
        Called when a pass is complete, as for a validation. It returns a dict of further numbers for line and history.
    show : bool
        Whether anything is shown.
    **meters : functions or meters
        What to show, by name. A function without arguments is called after each batch, and the mean of what it
        returns is shown, in which a batch counts as often as it has examples. A meter (`Mean`, `Accuracy`, ...) is
        updated by your loop; it begins again with each pass. Numbers only are shown.

    Attributes
    ----------
    history : History
        Of each pass ``epoch``, the meters, ``batches`` and ``seconds``. A pass that ended early is in it, too.

    Raises
    ------
    TypeError
        If the loader cannot be gone through, or a meter is a mere number or a class.
    ValueError
        If a meter is called epoch, batches or seconds.

    Notes
    -----
    The word after the name is the mode: ``train``, or ``eval`` inside `test_mode`. ``train, no_grad`` is an evaluation
    in which dropout still drops and batch normalization follows the batches: if that is not wanted, add
    ``test_mode()``. It is no warning, because some do want it, to see how sure a network is of its answers.

    A batch in which the loop ends early, by ``break`` or an error, is not counted by the functions.

    A pass is what one ``for`` does; the same object may be gone through again, for the next epoch.

    Examples
    --------
    >>> import numpy as np
    >>> batches = progress([np.array([1.0, 2.0]), np.array([6.0])], loss=lambda: batch.mean(), show=False)
    >>> for batch in batches:
    ...     pass
    >>> batches.history["loss"]
    [3.0]
    """

    def __init__(
        self,
        loader: Iterable[T],
        desc: str | int | None = None,
        /,
        *,
        history: History | None = None,
        at_end: Callable[[], dict[str, object]] | None = None,
        show: bool = True,
        **meters: Meter | Callable[[], object],
    ) -> None:
        if not hasattr(loader, "__iter__"):
            raise TypeError(f"progress expects a loader to go through, got {type(loader).__name__}")
        for name, meter in meters.items():
            if name in ("epoch", "batches", "seconds"):
                raise ValueError(f"progress counts {name} itself: give the meter another name")
            if isinstance(meter, type):
                raise TypeError(f"progress expects a function or a meter as {name}, got the class {meter.__name__}: "
                                f"make one, {meter.__name__}()")  # fmt: skip
            if not _is_meter(meter) and not callable(meter):
                raise TypeError(f"progress expects a function or a meter as {name}, such as {name}=lambda: {name}, got "
                                f"{type(meter).__name__}, which would stay as it is now")  # fmt: skip
        self.loader = loader
        self.desc = desc
        self.history = History() if history is None else history
        self._at_end, self._show, self._given = at_end, show, meters

    def __len__(self) -> int:
        return len(self.loader)  # type: ignore[arg-type]  # Python says so if it has none

    def __iter__(self) -> Iterator[T]:
        meters: dict[str, Meter] = {}
        asked: list[tuple[str, Mean]] = []
        for name, given in self._given.items():
            if _is_meter(given):
                meters[name] = given
                given.reset()
            else:
                meters[name] = mean = Mean()
                asked.append((name, mean))
        total = _length(self.loader)
        line = _Line(self._name(), total) if self._show else None
        values: dict[str, object] = {}
        skipped = count = 0
        complete, start = False, perf_counter()
        due = start + EVERY
        try:
            for batch in self.loader:
                if not count and isinstance(self.loader, DataLoader):  # it may go on with the rest of a pass
                    skipped = max(self.loader.iteration - 1, 0)
                yield batch
                if asked:
                    examples = _examples(batch)
                    for name, mean in asked:
                        self._ask(name, mean, examples)
                count += 1
                now = perf_counter()
                if line and now >= due:
                    line.draw(skipped, count, numbers(meters), now - start)
                    due = now + EVERY
            values = numbers(meters)
            if self._at_end is not None and count:
                if line and line.bar:  # it may take its time, and all batches are done
                    line.draw(skipped, count, values, perf_counter() - start)
                values |= self._at_end()
            complete = True
        finally:
            seconds = perf_counter() - start
            values = values or numbers(meters)
            if count:
                self.history.append(**{"epoch": self._epoch()} | values | {"batches": count, "seconds": seconds})
            if line:
                line.end(skipped + count, values, seconds, complete)

    def _ask(self, name: str, mean: Mean, examples: int) -> None:
        try:
            mean.update(self._given[name](), examples)  # type: ignore[arg-type, operator]  # no meter, so a function
        except Exception as error:
            error.add_note(f"progress called the function given as {name}, as after every batch")
            raise

    def _name(self) -> str:
        mode = "train" if Config.train else "eval"
        if Config.train and not Config.enable_backprop:
            mode += ", no_grad"
        name = f"epoch {self.desc}" if isinstance(self.desc, int) else self.desc
        return f"{name}  {mode}" if name else mode

    def _epoch(self) -> int:
        before = self.history.last.get("epoch")
        return self.desc if isinstance(self.desc, int) else before + 1 if isinstance(before, int) else 1


# -- what is counted -------------------------------------------------------------------------------


def _length(loader: object) -> int | None:
    try:
        return len(loader)  # type: ignore[arg-type]  # that is the question
    except TypeError:
        return None


def _examples(batch: object) -> int:
    """How many examples a batch has: the length of its first array, or 1 where there is none."""
    if isinstance(batch, dict):
        batch = tuple(batch.values())
    first = batch[0] if isinstance(batch, (tuple, list)) and batch else batch
    shape = getattr(first, "shape", ())
    return shape[0] if shape else 1


def _is_meter(x: object) -> TypeGuard[Meter]:
    return hasattr(x, "reset")  # and not whether it has a value, which may be costly to find out


def numbers(meters: dict[str, Meter]) -> dict[str, object]:
    """Return a dict from name to value, of the meters whose value is a number."""
    values = {name: meter.value for name, meter in meters.items()}
    return {name: value for name, value in values.items() if isinstance(value, (int, float))}


# -- what is shown ---------------------------------------------------------------------------------


class _Line:
    """One line of text: redrawn where that can be seen, and written for good in the end."""

    def __init__(self, name: str, total: int | None) -> None:
        self.name, self.total = name, total
        self.stream = sys.stdout
        self.bar: _Bar | None = None
        self.live = None if self.stream is None else _way(self.stream)

    def draw(self, skipped: int, count: int, values: dict[str, object], seconds: float) -> None:
        """Show how far it is, where somebody looks on."""
        if self.live is None:
            return
        if self.bar is None:
            self.bar = self.live(self.stream, self.name, self.total, skipped)
        self.bar.draw(count, _text(values), seconds)

    def end(self, count: int, values: dict[str, object], seconds: float, complete: bool) -> None:
        """Write the line that stays."""
        if self.stream is None:
            return
        done = f"{count} batch{'es' * (count != 1)}" if self.total is None else f"{count}/{self.total}"
        parts = [self.name, done, _duration(seconds), _text(values), "" if complete else "ended early"]
        line = "  ".join([part for part in parts if part])
        if self.bar is not None:
            self.bar.end(line)
        else:
            _write_line(line, self.stream, over=self.live not in (None, _NotebookBar))


class _Bar(Protocol):
    def draw(self, count: int, text: str, seconds: float) -> None: ...
    def end(self, line: str) -> None: ...


class _TqdmBar:
    """A bar of tqdm, which goes when it has done its duty."""

    def __init__(self, tqdm: Any, stream: TextIO, name: str, total: int | None, skipped: int) -> None:
        self.stream, self.total, self.skipped = stream, total, skipped
        self.bar = tqdm(
            desc=name, total=total, initial=skipped, file=stream, leave=False, delay=1e-9, mininterval=0,
            bar_format="{desc}  {unit}" if total is None else "{desc}  {bar}  {unit}",
        )  # fmt: skip

    def draw(self, count: int, text: str, seconds: float) -> None:
        self.bar.ncols = get_terminal_size().columns - ROOM
        # in the place of the unit, the one text of tqdm's that it takes as it is
        self.bar.unit = _state(self.skipped, count, self.total, text, seconds)
        self.bar.update(self.skipped + count - self.bar.n)

    def end(self, line: str) -> None:
        self.bar.close()
        _write_line(line, self.stream, over=True)


class _TextBar:
    """A line of ASCII that a carriage return draws anew, never wider than the terminal."""

    def __init__(self, stream: TextIO, name: str, total: int | None, skipped: int) -> None:
        self.stream, self.name, self.total, self.skipped = stream, name, total, skipped

    def draw(self, count: int, text: str, seconds: float) -> None:
        columns = get_terminal_size().columns - ROOM
        line = _encodable(fitted(self.name, self.skipped, count, self.total, text, seconds, columns), self.stream)
        self.stream.write("\r" + line + " " * (columns - _columns(line)))
        self.stream.flush()

    def end(self, line: str) -> None:
        _write_line(line, self.stream, over=True)


class _NotebookBar:
    """A line of text in the output of a notebook's cell, replaced in place: no widget, nothing to install."""

    def __init__(self, stream: TextIO, name: str, total: int | None, skipped: int) -> None:
        self.name, self.total, self.skipped = name, total, skipped
        self.shown = None

    def draw(self, count: int, text: str, seconds: float) -> None:
        self._show(fitted(self.name, self.skipped, count, self.total, text, seconds, 100))

    def end(self, line: str) -> None:
        self._show(line)

    def _show(self, text: str) -> None:
        if self.shown is None:
            self.shown = import_module("IPython.display").display({"text/plain": text}, raw=True, display_id=True)
        else:
            self.shown.update({"text/plain": text}, raw=True)


def _write_line(line: str, stream: TextIO, over: bool) -> None:
    """Write a line that stays; over what stands in the line of the cursor, a bar and perhaps a ^C behind it."""
    blank = "\r" + " " * (get_terminal_size().columns - 1) + "\r" if over else ""
    stream.write(blank + _encodable(line, stream) + "\n")
    stream.flush()


def _way(stream: TextIO) -> Callable[..., _Bar] | None:
    """What draws bars on a stream; None where a line in the end is all."""
    ipython = sys.modules.get("IPython")  # never imported: then this is no notebook
    if ipython is not None and hasattr(ipython.get_ipython(), "kernel"):
        return _NotebookBar
    if not stream.isatty() or os.environ.get("TERM") == "dumb":
        return None
    try:
        return partial(_TqdmBar, import_module("tqdm").tqdm)
    except ImportError:
        return _TextBar


def fitted(name: str, skipped: int, count: int, total: int | None, text: str, seconds: float, columns: int) -> str:
    """Return the line of a bar, so many columns wide at most: the bar gives way first, and then the end of the words.

    Examples
    --------
    >>> fitted("epoch 1  train", 0, 150, 600, "loss 0.3421", 4.0, 80)
    'epoch 1  train  [######....................]  150/600  loss 0.3421  12 s left'
    >>> fitted("epoch 1  train", 0, 150, 600, "loss 0.3421", 4.0, 40)
    'epoch 1  train  150/600  loss 0.3421 ...'
    """
    state, done = _state(skipped, count, total, text, seconds), skipped + count
    width = min(columns - _columns(f"{name}  []  {state}"), 30)
    if total and width >= 5:
        state = f"[{'#' * min(done * width // total, width):.<{width}}]  {state}"
    line = f"{name}  {state}".rstrip()
    if _columns(line) <= columns:
        return line
    while _columns(line) > columns - 4:
        line = line[:-1]
    return f"{line.rstrip()} ..."


def _state(skipped: int, count: int, total: int | None, text: str, seconds: float) -> str:
    """How far it is, what the meters say, and how long it goes on or has been going on."""
    done = skipped + count
    if total is None:
        parts = [f"{done} batch{'es' * (done != 1)}", text, _duration(seconds)]
    else:
        left = seconds * (total - done) / max(count, 1)
        # of one width, so that the end of the bar in front of it stays where it is
        parts = [f"{done:{len(str(total))}}/{total}", text, (f"{_duration(left)} left" if left > 0 else "").ljust(12)]
    return "  ".join([part for part in parts if part])


def _text(values: dict[str, object]) -> str:
    return "  ".join([f"{name} {shown(value)}" for name, value in values.items()])


def _duration(seconds: float) -> str:
    """A time as one says it: 5.2 ms, 0.52 s, 12 s, 3:25, 1:02:03."""
    if seconds < 0.0995:
        return f"{1000 * seconds:.0f} ms" if seconds >= 0.00995 else f"{1000 * seconds:.1f} ms"
    if seconds < 59.5:
        return f"{seconds:.0f} s" if seconds >= 9.95 else f"{seconds:.2g} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}:{rest:02}" if minutes < 60 else f"{minutes // 60}:{minutes % 60:02}:{rest:02}"


def _columns(text: str) -> int:
    """How wide a text is on a terminal, where the characters of some scripts take two columns."""
    return len(text) if text.isascii() else sum([1 + (east_asian_width(c) in "WF") for c in text])


def _encodable(text: str, stream: TextIO) -> str:
    encoding = getattr(stream, "encoding", None) or "utf-8"
    return text.encode(encoding, "replace").decode(encoding)
