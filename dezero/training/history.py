"""What happened, epoch by epoch: `History` in memory, and loggers that write each row at once."""

from __future__ import annotations

import math
import os
from collections.abc import Iterable, Mapping
from html import escape
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Self

from dezero import cuda
from dezero.core import Variable
from dezero.training.pictures import plot_history
from dezero.utils.files import FilePath, replacing

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["CSVLogger", "History", "JSONLinesLogger", "TensorBoardLogger"]

_SMALLER = ("loss", "error", "mse", "mae", "rmse", "perplexity")
_LARGER = ("acc", "accuracy", "precision", "recall", "f1", "top", "score", "auc")


class History(dict):
    """A table of numbers: a dict from name to list, all lists of the same length, one place for each epoch.

    What is missing is None. It is a plain dict otherwise: ``history["loss"]``, ``pandas.DataFrame(history)``.

    Examples
    --------
    >>> history = History()
    >>> history.append(epoch=1, loss=0.9)
    >>> history.append(epoch=2, loss=0.5, val_loss=0.6)
    >>> history["val_loss"]
    [None, 0.6]
    >>> history
    epoch    loss  val_loss
        1  0.9000         -
        2  0.5000    0.6000
    """

    def __init__(self, columns: Mapping[str, Iterable] | None = None) -> None:
        super().__init__({name: list(values) for name, values in (columns or {}).items()})
        if len({len(values) for values in self.values()}) > 1:
            lengths = ", ".join(f"{name} {len(values)}" for name, values in self.items())
            raise ValueError(f"History expects lists of one length, got {lengths}")

    def append(self, **values: object) -> None:
        """Add a row. Numbers of any kind become Python's, of a Variable or an array of one element too.

        Raises
        ------
        TypeError
            If a value is no number, text or None.
        """
        row = {name: _plain(name, value) for name, value in values.items()}
        length = len(self.rows)
        for name in row:
            self.setdefault(name, [None] * length)
        for name, column in self.items():
            column.append(row.get(name))

    @property
    def rows(self) -> list[dict[str, object]]:
        """The rows as dicts, the first one first."""
        return [dict(zip(self, values)) for values in zip(*self.values())]

    @property
    def last(self) -> dict[str, object]:
        """The last row as a dict; empty before the first."""
        return {name: column[-1] for name, column in self.items() if column}

    def best(self, key: str, mode: str | None = None) -> dict[str, object]:
        """Return the row in which a number is best, the first of equal ones; NaN and what is missing never is.

        Parameters
        ----------
        key : str
        mode : {"min", "max"}, optional
            Whether the smallest or the largest is best. Names such as ``val_loss`` and ``acc`` say it themselves.

        Raises
        ------
        KeyError
            If there is no such name.
        ValueError
            If mode is neither, or it is needed, or the column holds no number.

        Examples
        --------
        >>> History({"epoch": [1, 2, 3], "loss": [0.5, 0.3, 0.4]}).best("loss")
        {'epoch': 2, 'loss': 0.3}
        """
        if key not in self:
            raise KeyError(f"History has no {key!r}; it has {', '.join(self) or 'no row yet'}")
        found = [(value, i) for i, value in enumerate(self[key]) if _is_number(value) and not math.isnan(value)]
        if not found:
            raise ValueError(f"History.best: {key!r} holds no number")
        sign = 1 if direction(key, mode) == "min" else -1
        return self.rows[min(found, key=lambda pair: sign * pair[0])[1]]

    # -- files -------------------------------------------------------------------------------------

    def to_csv(self, path: FilePath) -> None:
        """Write a CSV file with a line of names; what is missing is empty, and floats come back exactly.

        Raises
        ------
        OSError
            If it cannot be written; a file of before then stays as it was.
        """
        with replacing(path) as file:
            file.write("".join([_csv_line(self), *[_csv_line(row.values()) for row in self.rows]]).encode())

    @classmethod
    def from_csv(cls, path: FilePath) -> Self:
        """Read a CSV file with a line of names.

        Raises
        ------
        ValueError
            If a line has another number of values than there are names.
        OSError
            If it cannot be read.
        """
        import csv

        history = cls()
        with open(path, encoding="utf-8-sig", newline="") as file:
            lines = csv.reader(file)
            names = next(lines, [])
            history.update({name: [] for name in names})
            for number, line in enumerate(lines, 2):
                if len(line) != len(names):
                    raise ValueError(f"History.from_csv: line {number} of {str(path)!r} has {len(line)} values for "
                                     f"{len(names)} names")  # fmt: skip
                for name, text in zip(names, line):
                    history[name].append(_parsed(text))
        return history

    # -- how it looks ------------------------------------------------------------------------------

    def plot(self, *names: str) -> Figure:
        """Draw the curves over the epochs; ``loss`` and ``val_loss`` share one picture.

        Parameters
        ----------
        *names : str
            Which; without any, all but the times and the step size.

        Returns
        -------
        matplotlib Figure
            Apart from pyplot, so no window opens and a display is not needed: ``.savefig("history.png")`` writes a
            file, and a notebook shows it.

        Raises
        ------
        KeyError
            If there is no such name.
        ImportError
            Without matplotlib.
        """
        if unknown := [name for name in names if name not in self]:
            raise KeyError(f"History.plot: no {unknown[0]!r}; it has {', '.join(self) or 'no row yet'}")
        shown = names or [name for name in self if name not in ("epoch", "seconds", "batches", "lr")]
        shown = [name for name in shown if any([_is_number(value) for value in self[name]])]
        return plot_history({name: self[name] for name in ("epoch", *shown) if name in self})

    def _cells(self) -> list[list[str]]:
        """Names and rows as text; of many rows the first and the last ones."""
        lines = [[shown(value) for value in row.values()] for row in self.rows]
        if len(lines) > 30:
            lines = [*lines[:10], ["..."] * len(self), *lines[-10:]]
        return [list(self), *lines]

    def __repr__(self) -> str:
        if not self:
            return "History: no row yet"
        cells = self._cells()
        widths = [max(map(len, column)) for column in zip(*cells)]
        return "\n".join(["  ".join([cell.rjust(width) for cell, width in zip(line, widths)]) for line in cells])

    def _repr_html_(self) -> str:
        head, *lines = [[escape(cell) for cell in line] for line in self._cells()]
        rows = "".join([f"<tr><td>{'</td><td>'.join(line)}</td></tr>" for line in lines])
        return f"<table><thead><tr><th>{'</th><th>'.join(head)}</th></tr></thead><tbody>{rows}</tbody></table>"


def direction(key: str, mode: str | None = None) -> str:
    """Return "min" or "max": what is best for a number of this name.

    Raises
    ------
    ValueError
        If mode is neither, or the name does not tell.
    """
    if mode not in (None, "min", "max"):
        raise ValueError(f"expects mode 'min' or 'max' for {key!r}, got {mode!r}")
    name = key.lower().removeprefix("val_")
    if mode is None and any([word in name for word in _SMALLER]):
        return "min"
    if mode is None and not any([word in name for word in _LARGER]):
        raise ValueError(f"the name {key!r} does not tell whether small or large is best: say mode='min' or 'max'")
    return mode or "max"


def shown(value: object) -> str:
    """The text of a value: numbers with as many digits as one wants to look at, "-" for None.

    Examples
    --------
    >>> [shown(value) for value in (0.123456, 12, 1e-5, float("nan"), None)]
    ['0.1235', '12', '1.000e-05', 'nan', '-']
    """
    if isinstance(value, float):
        return f"{value:#.4g}"
    return "-" if value is None else str(value)


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float))


def _plain(name: str, value: object) -> object:
    """A number of Python's, text, or None."""
    if type(value) in (bool, int, float, str, type(None)):
        return value
    if isinstance(value, Variable) or cuda.is_array(value) or hasattr(value, "item"):
        array = cuda.as_numpy(value)
        if array.size == 1:
            return array.item()
        raise TypeError(f"History expects one number for {name!r}, got an array of shape {array.shape}")
    if isinstance(value, str):
        return str(value)
    raise TypeError(f"History expects a number, text or None for {name!r}, got {type(value).__name__}")


def _parsed(text: str) -> object:
    if not text:
        return None
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return {"True": True, "False": False}.get(text, text)


def _csv_line(values: Iterable) -> str:
    import csv
    import io

    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerow(["" if value is None else value for value in values])
    return text.getvalue()


# -- loggers ---------------------------------------------------------------------------------------


class _FileLogger:
    """Appends rows to a text file, and goes on with one that is there."""

    def __init__(self, path: FilePath) -> None:
        self.path = Path(path)
        if not self.path.absolute().parent.is_dir():
            raise FileNotFoundError(f"{type(self).__name__} cannot write {str(path)!r}: there is no folder "
                                    f"{str(self.path.parent)!r}; make it first, with os.makedirs")  # fmt: skip
        self.history = History()
        self._begun = False
        if self.path.exists():
            whole, _, torn = self.path.read_bytes().rpartition(b"\n")
            if torn:  # a killed process left half a line
                with replacing(self.path) as file:
                    file.write(whole + b"\n" if whole else b"")
            self._read()

    def append(self, **values: object) -> None:
        """Write a row; it is in the file when this returns.

        The first row decides how a file of before goes on: rows of its epoch and later ones, left by a run that was
        resumed from before them, are taken out, so that the file reads as one run.
        """
        before, epoch = set(self.history), values.get("epoch")
        earlier = self.history.rows
        if not self._begun and isinstance(epoch, int):
            earlier = [row for row in earlier if not _from(epoch, row.get("epoch"))]
        self._begun = True
        again = len(earlier) < len(self.history.rows)
        if again:
            self.history = _of_rows(earlier)
        self.history.append(**values)
        if again or self._must_rewrite(before):
            with replacing(self.path) as file:
                file.write(self._text(self.history.rows).encode())
        else:
            # one write of one line at the end of the file, wherever that is by now
            with open(self.path, "ab", buffering=0) as file:
                file.write(self._line(self.history.last).encode())

    def on_epoch_end(self, trainer: object) -> None:
        """As a callback of `Trainer`: write the row of the epoch."""
        self.append(**trainer.history.last)  # type: ignore[attr-defined]  # of a Trainer, which stands above

    def close(self) -> None:
        """Nothing to do: every row is in the file."""

    def _read(self) -> None:
        raise NotImplementedError

    def _must_rewrite(self, before: set[str]) -> bool:
        raise NotImplementedError

    def _line(self, row: Mapping[str, object]) -> str:
        raise NotImplementedError

    def _text(self, rows: Iterable[Mapping[str, object]]) -> str:
        return "".join([self._line(row) for row in rows])


class CSVLogger(_FileLogger):
    """Writes each row at once into a CSV file, and goes on with one that is there.

    A callback of `Trainer`; in a loop of your own, call ``append``. A name that comes later gets a column of its own.

    Parameters
    ----------
    path : str or path

    Attributes
    ----------
    history : History
        What is in the file.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     log = CSVLogger(f"{folder}/log.csv")
    ...     log.append(epoch=1, loss=0.5)
    ...     Path(folder, "log.csv").read_text()
    'epoch,loss\\n1,0.5\\n'
    """

    def _read(self) -> None:
        self.history = History.from_csv(self.path)

    def _must_rewrite(self, before: set[str]) -> bool:
        return before != set(self.history)  # the line of names changes

    def _line(self, row: Mapping[str, object]) -> str:
        return _csv_line(row.values())

    def _text(self, rows: Iterable[Mapping[str, object]]) -> str:
        return _csv_line(self.history) + super()._text(rows)


class JSONLinesLogger(_FileLogger):
    """Writes each row at once as one line of JSON, and goes on with a file that is there.

    A callback of `Trainer`; in a loop of your own, call ``append``. NaN and infinity are written as Python's `json`
    does, ``NaN`` and ``Infinity``, so that they can be seen.

    Parameters
    ----------
    path : str or path

    Attributes
    ----------
    history : History
        What is in the file.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     log = JSONLinesLogger(f"{folder}/log.jsonl")
    ...     log.append(epoch=1, loss=0.5)
    ...     Path(folder, "log.jsonl").read_text()
    '{"epoch": 1, "loss": 0.5}\\n'
    """

    def _read(self) -> None:
        import json

        rows = []
        for number, line in enumerate(self.path.read_text(encoding="utf-8").splitlines(), 1):
            try:
                row = json.loads(line)
            except json.JSONDecodeError as error:
                raise ValueError(f"JSONLinesLogger: line {number} of {str(self.path)!r} is no JSON: {error}") from error
            if not isinstance(row, dict):
                raise ValueError(f"JSONLinesLogger: line {number} of {str(self.path)!r} is no object with names")
            rows.append(row)
        self.history = _of_rows(rows)

    def _must_rewrite(self, before: set[str]) -> bool:
        return False

    def _line(self, row: Mapping[str, object]) -> str:
        import json

        return json.dumps({name: value for name, value in row.items() if value is not None}, ensure_ascii=False) + "\n"


class TensorBoardLogger:
    """Writes the numbers of each row for TensorBoard, by tensorboardX.

    A callback of `Trainer`; in a loop of your own, call ``append`` and, in the end, ``close``.

    Parameters
    ----------
    folder : str or path
        It is made if it is not there; ``tensorboard --logdir folder`` shows it.

    Raises
    ------
    ImportError
        Without tensorboardX.
    """

    def __init__(self, folder: FilePath) -> None:
        try:
            tensorboard = import_module("tensorboardX")
        except ImportError as error:
            raise ImportError(f"TensorBoardLogger needs tensorboardX: pip install tensorboardX ({error})") from error
        self._writer = tensorboard.SummaryWriter(os.fspath(folder))
        self._rows = 0

    def append(self, **values: object) -> None:
        """Write a row; its ``epoch`` is the place on the axis, or else the number of the row."""
        row = {name: _plain(name, value) for name, value in values.items()}
        self._rows += 1
        epoch = row.pop("epoch", None)
        for name, value in row.items():
            if _is_number(value):
                self._writer.add_scalar(name, value, epoch if isinstance(epoch, int) else self._rows)
        self._writer.flush()

    def on_epoch_end(self, trainer: object) -> None:
        """As a callback of `Trainer`: write the row of the epoch."""
        self.append(**trainer.history.last)  # type: ignore[attr-defined]  # of a Trainer, which stands above

    def on_end(self, trainer: object) -> None:
        """As a callback of `Trainer`: write what is left."""
        self._writer.flush()

    def close(self) -> None:
        """Close the file."""
        self._writer.close()


def _from(first: int, epoch: object) -> bool:
    return isinstance(epoch, int) and epoch >= first


def _of_rows(rows: Iterable[Mapping[str, object]]) -> History:
    history = History()
    for row in rows:
        history.append(**row)
    return history
