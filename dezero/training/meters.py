"""Meters: numbers gathered over batches, such as the mean loss of an epoch.

Each has ``update(...)`` for a batch, ``value`` for what was gathered so far, and ``reset()`` to begin again. Examples
are counted one by one, so that a last batch with fewer of them counts for less.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Protocol, runtime_checkable

import numpy as np

from dezero import cuda
from dezero.config import no_grad
from dezero.core import Operand, Variable
from dezero.cuda import Array

__all__ = ["Accuracy", "ConfusionMatrix", "Mean", "MeanOf", "Meter", "Metric", "TopK"]


class Meter(Protocol):
    """What `progress` and `Trainer` take as a meter."""

    @property
    def value(self) -> object: ...
    def reset(self) -> None: ...


@runtime_checkable
class Metric(Meter, Protocol):
    """A meter of what a model answers, y, and what is right, t."""

    def update(self, y: Operand, t: Operand) -> None: ...


class _Mean:
    """A sum and a count. A sum on a GPU stays there until it is asked for, so that nothing waits for the GPU."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Forget everything."""
        self._sum: float = 0.0
        self._far: Array | None = None  # the part of the sum that is on a GPU
        self._count: float = 0

    @property
    def count(self) -> float:
        """How many examples were counted."""
        return self._count

    @property
    def value(self) -> float:
        """The mean so far; NaN before the first update, and when a NaN was among the numbers."""
        if self._far is not None:
            self._sum, self._far = self._sum + float(cuda.as_numpy(self._far)), None
        return self._sum / self._count if self._count else math.nan

    def __float__(self) -> float:
        return self.value

    def __format__(self, spec: str) -> str:
        return format(self.value, spec)

    def __repr__(self) -> str:
        return f"{type(self).__name__}: {self.value:.6g} of {self._count:g}"

    def _add(self, total: Array | float, count: float) -> None:
        if isinstance(total, (float, np.generic, np.ndarray)):
            self._sum += float(total)
        else:
            self._far = total if self._far is None else self._far + total
        self._count += count


class Mean(_Mean):
    """The mean of numbers, each of which counts as often as is said.

    Examples
    --------
    >>> loss = Mean()
    >>> loss.update(0.5, 100)  # the mean of a batch of 100 examples
    >>> loss.update(1.0, 25)   # that of the last batch, which has 25
    >>> loss.value
    0.6
    """

    def update(self, value: Operand, count: float = 1) -> None:
        """Add a number that stands for so many examples.

        Parameters
        ----------
        value : Variable, array or number
            Most often the mean of a batch. An array of several numbers has each of them added.
        count : number
            How many examples stand behind each number: of a mean, the length of the batch.

        Raises
        ------
        TypeError
            If value or count is no real number.
        ValueError
            If count is negative or not finite.
        """
        data = value.data if isinstance(value, Variable) else value
        try:
            valid = 0 <= count < math.inf
        except TypeError:
            raise TypeError(f"Mean.update expects a number as count, such as len(t), got {_called(count)}") from None
        if not valid:
            raise ValueError(f"Mean.update expects a count of 0 or more examples, such as len(t), got {count!r}")
        if isinstance(data, (float, int)):
            self._add(float(data) * count if count else 0.0, count)
            return
        array = _numbers("Mean.update", "a number", data)
        if array.dtype.kind not in "fiub":
            raise TypeError(f"Mean.update expects a real number, got dtype {array.dtype}")
        if count:  # the mean of no examples is NaN, and counts for nothing
            self._add(array.sum(dtype=np.float64) * count, count * array.size)


class MeanOf(Mean):
    """The mean of what a function of y and t returns for each batch, such as the mean absolute error.

    Parameters
    ----------
    f : function of y and t
        Returns the mean over the examples of a batch.

    Examples
    --------
    >>> from dezero.functions import accuracy
    >>> meter = MeanOf(accuracy)
    >>> meter.update(np.array([[0.2, 0.8], [0.9, 0.1]]), np.array([1, 1]))
    >>> meter.value
    0.5
    """

    def __init__(self, f: Callable[..., Operand]) -> None:
        if not callable(f):
            raise TypeError(f"MeanOf expects a function of y and t, got {_called(f)}")
        self.f = f
        super().__init__()

    def update(self, y: Operand, t: Operand) -> None:  # type: ignore[override]  # it computes the number itself
        """Call the function, without recording it, and count its result as often as t is long."""
        with no_grad():
            super().update(self.f(y, t), len(t))  # type: ignore[arg-type]  # a batch has a length


class TopK(_Mean):
    """The share of examples whose label is among the k classes with the highest scores.

    Of equal scores that of the lower class counts as higher, as in ``argmax``. Where the score of the label is NaN, or
    another one is, the answer is wrong.

    Parameters
    ----------
    k : int

    Raises
    ------
    ValueError
        If k is below 1.

    Examples
    --------
    >>> top2 = TopK(2)
    >>> top2.update(np.array([[0.1, 0.2, 0.7], [0.5, 0.4, 0.1]]), np.array([1, 2]))
    >>> top2.value
    0.5
    """

    def __init__(self, k: int) -> None:
        if not isinstance(k, (int, np.integer)) or isinstance(k, bool) or k < 1:
            raise ValueError(f"TopK expects how many classes count, 1 or more, got {k!r}")
        self.k = int(k)
        super().__init__()

    def update(self, y: Operand, t: Operand) -> None:
        """Count the examples of a batch.

        Parameters
        ----------
        y : Variable or array, shape (N, C) or (N, C, d1, ...)
            Scores: logits or probabilities.
        t : Variable or array, shape (N,) or (N, d1, ...)
            Labels from 0 to C - 1; (N, 1) is taken for (N,).

        Raises
        ------
        TypeError
            If the labels are no integers.
        ValueError
            If the shapes do not fit, a label is no class (looked at on the CPU only), or there are fewer than k
            classes.
        """
        scores, labels = _scores_and_labels(f"{type(self).__name__}.update", y, t)
        if scores.shape[1] < self.k:
            raise ValueError(f"TopK({self.k}) expects y with {self.k} classes or more, got shape {scores.shape}")
        self._add(self._right(scores, labels), labels.size)

    def _right(self, scores: Array, labels: Array) -> Array:
        """How many of the labels are among the answers."""
        xp = cuda.get_array_module(scores)
        own = xp.take_along_axis(scores, labels[:, None], axis=1)
        classes = xp.arange(scores.shape[1]).reshape(-1, *[1] * (scores.ndim - 2))
        before = (scores == own) & (classes < labels[:, None])
        rank = (~(scores <= own) | before).sum(axis=1)  # not `>`: a NaN is in front of all
        return (rank < self.k).sum()


class Accuracy(TopK):
    """The share of examples whose highest score stands at the label; where a score is NaN, the answer is wrong.

    Examples
    --------
    >>> accuracy = Accuracy()
    >>> accuracy.update(np.array([[0.2, 0.8], [0.9, 0.1], [0.6, 0.4]]), np.array([1, 0, 1]))
    >>> print(f"{accuracy:.4f}")
    0.6667
    """

    def __init__(self) -> None:
        super().__init__(1)

    def _right(self, scores: Array, labels: Array) -> Array:
        hits = scores.argmax(axis=1) == labels  # a NaN is the answer of argmax, and its class no answer
        if scores.dtype.kind == "f":
            highest = scores.max(axis=1)
            hits &= highest == highest
        return hits.sum()


class ConfusionMatrix:
    """How often which class was taken for which.

    Parameters
    ----------
    labels : int or sequence of str
        The number of classes, or their names.

    Attributes
    ----------
    labels : list of str
    value : ndarray of int, shape (C, C)
        Row: what it was; column: what it was taken for.

    Raises
    ------
    ValueError
        If there is no class.

    Examples
    --------
    >>> confusion = ConfusionMatrix(["cat", "dog", "owl"])
    >>> confusion.update(np.array([0, 0, 1, 1, 1]), np.array([0, 1, 1, 1, 0]))
    >>> print(confusion)
    true \\ answer    cat    dog  owl  recall
    cat                1      1    0   50.0%
    dog                1      2    0   66.7%
    owl                0      0    0       -
    precision      50.0%  66.7%    -   60.0%
    """

    def __init__(self, labels: int | Sequence[str]) -> None:
        if isinstance(labels, (int, np.integer)) and not isinstance(labels, bool):
            self.labels = [str(c) for c in range(labels)]
        elif isinstance(labels, Sequence) and not isinstance(labels, str):
            self.labels = [str(label) for label in labels]
        else:
            raise TypeError(f"ConfusionMatrix expects the number of classes or their names, got {labels!r}")
        if not self.labels:
            raise ValueError(f"ConfusionMatrix expects one class at least, got {labels!r}")
        self.reset()

    def reset(self) -> None:
        """Forget everything."""
        self.value = np.zeros((len(self.labels), len(self.labels)), np.int64)

    def update(self, y: Operand, t: Operand) -> None:
        """Count the examples of a batch.

        Parameters
        ----------
        y : Variable or array, shape (N, C) or (N,)
            Scores, or the classes that were answered.
        t : Variable or array, shape (N,)
            Labels from 0 to C - 1; (N, 1) is taken for (N,).

        Raises
        ------
        TypeError
            If labels or answers are no integers.
        ValueError
            If the shapes do not fit, or a label or an answer is no class.
        """
        C, name = len(self.labels), "ConfusionMatrix.update"
        answers, labels = cuda.as_numpy(y), cuda.as_numpy(t)
        if answers.ndim > 1 and answers.shape != labels.shape:
            scores, labels = _scores_and_labels(name, answers, labels)
            if scores.shape[1] != C:
                raise ValueError(f"{name} expects y of shape (N, {C}) for {C} classes, got {scores.shape}")
            answers = scores.argmax(axis=1)
        if answers.shape != labels.shape:
            raise ValueError(f"{name} expects scores y of shape (N, {C}) or answers (N,), and labels t of shape (N,), "
                             f"got {answers.shape} and {labels.shape}")  # fmt: skip
        _look_over(name, "answers y", answers, C)
        _look_over(name, "labels t", labels, C)
        pairs = labels.astype(np.intp).ravel() * C + answers.astype(np.intp).ravel()
        self.value += np.bincount(pairs, minlength=C * C).reshape(C, C)

    @property
    def accuracy(self) -> float:
        """The share of right answers; NaN before the first."""
        return _ratio(np.trace(self.value), self.value.sum()).item()

    @property
    def recall(self) -> np.ndarray:
        """Of the examples of each class, the share recognized as such, shape (C,); NaN for a class without examples."""
        return _ratio(self.value.diagonal(), self.value.sum(axis=1))

    @property
    def precision(self) -> np.ndarray:
        """Of the answers of each class, the share that is right, shape (C,); NaN for a class never answered."""
        return _ratio(self.value.diagonal(), self.value.sum(axis=0))

    def __str__(self) -> str:
        rows = [["true \\ answer", *self.labels, "recall"]]
        for label, counts, recall in zip(self.labels, self.value, self.recall):
            rows.append([label, *map(str, counts), _percent(recall)])
        rows.append(["precision", *map(_percent, self.precision), _percent(self.accuracy)])
        widths = [max(map(len, column)) for column in zip(*rows)]
        return "\n".join([
            "  ".join([cells[0].ljust(widths[0]), *[cell.rjust(width) for cell, width in zip(cells[1:], widths[1:])]])
            for cells in rows
        ])  # fmt: skip

    def __repr__(self) -> str:
        return f"ConfusionMatrix of {len(self.labels)} classes, {self.value.sum()} examples\n{self}"


def _numbers(where: str, what: str, x: object) -> Array:
    """The array of a Variable, an array, or what NumPy makes an array of."""
    data = x.data if isinstance(x, Variable) else x
    if isinstance(data, np.ndarray):
        return data
    if cuda.is_array(data):
        return data  # type: ignore[return-value]  # CuPy's, which mypy does not know
    if isinstance(data, (bool, int, float, np.generic, list, tuple)):
        return np.asarray(data)
    raise TypeError(f"{where} expects {what}, got {_called(x)}")


def _called(x: object) -> str:
    return "None" if x is None else type(x).__name__


def _scores_and_labels(where: str, y: object, t: object) -> tuple[Array, Array]:
    """Both as arrays on the device of y, with one label for each row of scores."""
    scores, labels = _numbers(where, "scores y", y), _numbers(where, "labels t", t)
    shape = (scores.shape[0], *scores.shape[2:]) if scores.ndim > 1 else None
    if labels.shape != shape and not (scores.ndim == 2 and labels.shape == (scores.shape[0], 1)):
        hint = "; t.argmax(axis=1) makes labels of one-hot rows" if labels.shape == scores.shape != (1,) else ""
        raise ValueError(f"{where} expects scores y of shape (N, C) and labels t of shape (N,), got {scores.shape} and "
                         f"{labels.shape}{hint}")  # fmt: skip
    _look_over(where, "labels t", labels, scores.shape[1])
    return scores, cuda.get_array_module(scores).asarray(labels).reshape(shape)


def _look_over(where: str, what: str, labels: Array, C: int) -> None:
    if labels.dtype.kind not in "iu":
        raise TypeError(f"{where} expects integer {what}, got dtype {labels.dtype}")
    if isinstance(labels, np.ndarray) and labels.size:
        low, high = labels.min(), labels.max()
        if low < 0 or high >= C:
            raise ValueError(f"{where} expects {what} from 0 to {C - 1}, got {low if low < 0 else high}")


def _ratio(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    """part / whole, NaN where whole is 0."""
    return np.divide(part, whole, out=np.full(np.shape(whole), np.nan), where=np.asarray(whole) > 0)


def _percent(share: float) -> str:
    return "-" if math.isnan(share) else f"{100 * share:.1f}%"
