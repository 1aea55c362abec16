"""Losses: one number that says how far a prediction is from its target, and accuracy.

Every loss takes `reduction`: "sum" adds up all terms, "none" returns them as they are, and "mean", the default, divides
their sum by how many there are. That is PyTorch's meaning, with an exception that the book makes: its losses
(mean_squared_error, sigmoid_cross_entropy, binary_cross_entropy) divide by the length of the first axis, the number of
examples, however many elements an example has. ``mean(loss(..., reduction="none"))`` divides by the number of elements.
"""

from __future__ import annotations

from math import prod

import numpy as np

from dezero import core, cuda
from dezero._operands import number
from dezero.core import Function, Operand, Variable, as_array, as_operand, binary, broadcast_to, sub
from dezero.cuda import Array
from dezero.functions.activation import log_softmax, relu, softmax
from dezero.functions.math import absolute, clip, exp, log, sqrt, where
from dezero.functions.reduction import mean, sum
from dezero.functions.shape import get_item

__all__ = [
    "BinaryCrossEntropy", "MeanSquaredError", "SigmoidCrossEntropy", "SoftmaxCrossEntropy",
    "accuracy", "binary_cross_entropy", "cosine_similarity", "hinge", "huber_loss", "kl_div", "l1_loss",
    "mean_squared_error", "mean_squared_error_simple", "nll_loss", "sigmoid_cross_entropy", "softmax_cross_entropy",
    "softmax_cross_entropy_simple",
]  # fmt: skip

_SMALLEST = 1e-15  # probabilities below are taken as this one, so that the logarithm of 0 stays finite


# -- reduction -------------------------------------------------------------------------------------


def _check_reduction(name: str, reduction: str, *more: str) -> None:
    known = ("mean", "sum", "none", *more)
    if reduction not in known:
        raise ValueError(f"{name} expects reduction to be one of {', '.join(map(repr, known))}, got {reduction!r}")


def _nothing(name: str, what: str) -> ValueError:
    return ValueError(f"{name} expects at least one {what} to take the mean over, got none; reduction='sum' gives 0")


def _examples(name: str, terms: Array, reduction: str) -> int:
    """What the sum of the terms is divided by: the length of the first axis for the mean, else 1."""
    if reduction != "mean" or not terms.ndim:
        return 1
    if not terms.shape[0]:
        raise _nothing(name, "example")
    return terms.shape[0]


def _wide(x: Array) -> Array:
    """x, as float32 if it is float16, in which squares and sums overflow although their mean may fit."""
    return x.astype(np.float32) if x.dtype == np.float16 else x


def _reduced(terms: Array, reduction: str, count: float, dtype: np.dtype) -> Array:
    """The terms, or their sum over count, in the dtype of the input."""
    y = terms if reduction == "none" else _wide(terms).sum() / count
    return y.astype(dtype) if y.dtype.kind == dtype.kind == "f" else y


def _reduce(name: str, terms: Variable, reduction: str, count: float | None = None) -> Variable:
    """The same on Variables, for losses that are put together; the mean divides by the number of terms by default."""
    if reduction == "none":
        return terms
    if reduction == "sum":
        return sum(terms)
    if not terms.size or count == 0:
        raise _nothing(name, "term")
    y = mean(terms)
    return y if count is None or count == terms.size else y * (terms.size / count)


# -- differences -----------------------------------------------------------------------------------


class MeanSquaredError(Function):
    """Sum of (x0 - x1)^2, divided by the number of examples."""

    broadcasts = True

    def __init__(self, reduction: str = "mean") -> None:
        self.reduction = reduction

    def forward(self, x0, x1):
        difference = as_array(x0 - x1)
        self.count = _examples("mean_squared_error", difference, self.reduction)
        wide = _wide(difference)
        return _reduced(wide * wide, self.reduction, self.count, difference.dtype)

    def vjp(self, m, gy, x0, x1):
        gx0 = (x0 - x1) * (gy * (2 / self.count))
        return gx0, -gx0 if self.needs_grad[1] else None


def mean_squared_error(x0: Operand, x1: Operand, reduction: str = "mean") -> Variable:
    """Sum of the squared differences, divided by the length of the first axis.

    Parameters
    ----------
    x0, x1 : Variable or array, shape (N, ...)
        Their shapes may broadcast as long as that makes no more elements than the larger one has.
    reduction : "mean", "sum" or "none"
        The sum over N, as in the book and not over the number of elements; the sum; or the squares themselves.

    Returns
    -------
    Variable, of the dtype of x0 and x1
        0-dimensional, or of their shape for "none". With d = x0 - x1, the derivative by x0 is 2 d / N.

    Raises
    ------
    ValueError
        If the shapes do not fit, or N is 0 for "mean".

    Examples
    --------
    >>> mean_squared_error(np.array([[1.0, 2.0], [3.0, 4.0]]), np.zeros((2, 2)))
    variable(15.0)
    """
    _check_reduction("mean_squared_error", reduction)
    _check_alike("mean_squared_error", x0, x1)
    return binary(MeanSquaredError(reduction), x0, x1)


def mean_squared_error_simple(x0: Operand, x1: Operand) -> Variable:
    """Mean squared error, put together from a power, `sum` and a division; it keeps the arrays between.

    Parameters
    ----------
    x0, x1 : Variable or array, shape (N, ...)

    Returns
    -------
    Variable, 0-dimensional
        The sum of (x0 - x1)^2 over N.

    Raises
    ------
    ValueError
        As for `mean_squared_error`.

    Examples
    --------
    >>> mean_squared_error_simple(np.array([1.0, 2.0]), np.zeros(2))
    variable(2.5)
    """
    _check_alike("mean_squared_error_simple", x0, x1)
    difference = sub(x0, x1)
    return sum(difference**2) / _examples("mean_squared_error_simple", difference.data, "mean")


def l1_loss(x0: Operand, x1: Operand, reduction: str = "mean") -> Variable:
    """Absolute difference, as the mean over all elements.

    Parameters
    ----------
    x0, x1 : Variable or array
        Shapes as for `mean_squared_error`.
    reduction : "mean", "sum" or "none"

    Returns
    -------
    Variable, of the dtype of x0 and x1
        0-dimensional, or of their shape for "none". The derivative where x0 equals x1 is 0.

    Raises
    ------
    ValueError
        If the shapes do not fit, or there is no element for "mean".

    Examples
    --------
    >>> l1_loss(np.array([1.0, -2.0]), np.zeros(2))
    variable(1.5)
    """
    _check_reduction("l1_loss", reduction)
    _check_alike("l1_loss", x0, x1)
    return _reduce("l1_loss", absolute(sub(x0, x1)), reduction)


def huber_loss(x0: Operand, x1: Operand, delta: float = 1.0, reduction: str = "mean") -> Variable:
    """Huber's loss, as the mean over all elements: d^2 / 2 for a small difference d, and a straight line beyond.

    Parameters
    ----------
    x0, x1 : Variable or array
        Shapes as for `mean_squared_error`.
    delta : float
        Up to which |d| the square is taken; beyond, the loss is delta (|d| - delta / 2). In units of x0.
    reduction : "mean", "sum" or "none"

    Returns
    -------
    Variable, of the dtype of x0 and x1
        0-dimensional, or of their shape for "none". The derivative by x0 is d, held between -delta and delta.

    Raises
    ------
    ValueError
        If the shapes do not fit, delta is not positive, or there is no element for "mean".

    References
    ----------
    Huber, "Robust estimation of a location parameter", 1964.

    Examples
    --------
    >>> huber_loss(np.array([1.0, -3.0]), np.zeros(2), reduction="none")
    variable([0.5 2.5])
    """
    _check_reduction("huber_loss", reduction)
    _check_alike("huber_loss", x0, x1)
    if not number("huber_loss", "delta", delta) > 0:
        raise ValueError(f"huber_loss expects delta > 0, got {delta}")
    difference = sub(x0, x1)
    held = clip(difference, -float(delta), float(delta))
    return _reduce("huber_loss", held * (difference - held * 0.5), reduction)


def cosine_similarity(x0: Operand, x1: Operand, axis: int = 1, eps: float = 1e-8) -> Variable:
    """Cosine of the angle between x0 and x1 along an axis.

    Parameters
    ----------
    x0, x1 : Variable or array
        Shapes broadcast.
    axis : int
        Along which the vectors lie; it disappears.
    eps : float
        Taken for the length of a vector that is shorter, in units of that vector, so that 0 gives 0.

    Returns
    -------
    Variable
        x0 . x1 / (|x0| |x1|), between -1 and 1.

    Raises
    ------
    AxisError
        If there is no such axis; it is a ValueError and an IndexError.

    Examples
    --------
    >>> cosine_similarity(np.array([[3.0, 4.0]]), np.array([[4.0, 3.0]]))
    variable([0.96])
    """
    x0, x1 = as_operand(x0), as_operand(x1)
    try:
        shape = np.broadcast_shapes(x0.shape, x1.shape)
    except ValueError:
        raise ValueError(f"cosine_similarity expects x0 and x1 of shapes that broadcast, got {x0.shape} and "
                         f"{x1.shape}") from None  # fmt: skip
    if not -len(shape) <= axis < len(shape):
        raise np.exceptions.AxisError(f"cosine_similarity expects x0 and x1 to have an axis {axis}, got shapes "
                                      f"{x0.shape} and {x1.shape}")  # fmt: skip
    x0, x1 = broadcast_to(x0, shape), broadcast_to(x1, shape)
    return sum(_of_length_1(x0, axis, eps) * _of_length_1(x1, axis, eps), axis=axis)


def _of_length_1(x: Variable, axis: int, eps: float) -> Variable:
    """x over its length along the axis, or over eps if that is larger."""
    largest = np.absolute(x.data).max(axis=axis, keepdims=True) if x.shape[axis] else 0  # CuPy knows no initial
    largest = np.where(largest > 0, largest, 1)  # constant: the result does not depend on the scale, in any order
    scaled = x / largest  # whose squares neither overflow nor vanish
    squares = sum(scaled * scaled, axis=axis, keepdims=True)
    short = np.sqrt(squares.data) * largest < eps
    if not short.any():
        return scaled / sqrt(squares)
    return where(short, where(short, x, 0) / float(eps), scaled / sqrt(where(short, 1, squares)))


def _check_alike(name: str, x0: Operand, x1: Operand) -> None:
    """Refuse shapes whose broadcasting makes elements that neither has: (N, 1) and (N,) would give (N, N)."""
    shape0, shape1 = as_operand(x0).shape, as_operand(x1).shape
    if shape0 == shape1:
        return
    try:
        size = prod(np.broadcast_shapes(shape0, shape1))
    except ValueError:
        size = -1
    if size not in (prod(shape0), prod(shape1)):
        raise ValueError(f"{name} expects x0 and x1 of one shape, got {shape0} and {shape1}; reshape one of them")


# -- classes ---------------------------------------------------------------------------------------


class SoftmaxCrossEntropy(Function):
    """-log softmax(x)[t], the mean over all labels t; the gradient is (softmax(x) - onehot(t)) / N."""

    def __init__(self, reduction: str = "mean", weight: Array | None = None, ignore_index: int | None = None) -> None:
        self.reduction, self.weight, self.ignore_index = reduction, weight, ignore_index

    def forward(self, x, t):
        name = "softmax_cross_entropy"
        self.index, self.factor = _chosen(name, x, t, self.weight, self.ignore_index)
        self.count = _labels(name, self.index[1], self.factor) if self.reduction == "mean" else 1
        with np.errstate(over="ignore"):  # a difference beyond the dtype is -inf, whose exp is the 0 it should be
            below = x - x.max(axis=1, keepdims=True)
        terms = below[self.index]
        self.exps = np.exp(below)
        self.sums = self.exps.sum(axis=1, keepdims=True)
        terms = np.log(self.sums[:, 0]) - terms
        if self.factor is not None:
            terms = np.where(self.factor == 0, 0, terms) * self.factor
        return _reduced(terms, self.reduction, self.count, terms.dtype)

    def vjp(self, m, gy, x, t):
        scale = gy / self.count
        if self.factor is not None:
            scale = scale * self.factor
        if scale.ndim:
            scale = m.reshape(scale, (scale.shape[0], 1, *scale.shape[1:]))
        if m is core.functions:
            gx = m.softmax(x, axis=1) - _onehot(x.data, self.index)
        else:
            gx = self.exps / self.sums
            gx[self.index] -= 1
        gx *= scale  # in place on arrays only: the array is new
        return gx, None


def softmax_cross_entropy(
    x: Operand, t: Operand, reduction: str = "mean", weight: Operand | None = None, ignore_index: int | None = None,
    label_smoothing: float = 0.0, soft_labels: bool = False,
) -> Variable:  # fmt: skip
    """Cross entropy between the softmax of x along axis 1 and labels t: -log softmax(x)[t].

    Parameters
    ----------
    x : Variable or array, shape (N, C) or (N, C, d1, ...)
        Logits: numbers of any size, finite or -inf.
    t : Variable or array of integers, shape (N,) or (N, d1, ...)
        Labels from 0 to C - 1; (N, 1) is taken for (N,). Of the shape of x with soft_labels.
    reduction : "mean", "sum" or "none"
        The mean is over the labels, those weighted by `weight`, and without ignored ones.
    weight : array, shape (C,), optional
        What each class counts, dimensionless.
    ignore_index : int, optional
        The label of examples that are left out.
    label_smoothing : float
        Between 0 and 1: the share of the target that is spread evenly over all classes.
    soft_labels : bool
        Whether t holds probabilities of all classes; then the loss is differentiable in t, too, and the mean divides
        by the number of examples whatever the weights are.

    Returns
    -------
    Variable, of the dtype of x
        0-dimensional, or of the shape of the labels for "none". With p = softmax(x), the gradient by x is
        (p - onehot(t)) / N. Guessing evenly among C classes costs log C.

    Raises
    ------
    TypeError
        If t does not hold integers.
    ValueError
        If the shapes do not fit, a label is out of range, or no label is left for "mean".

    References
    ----------
    Szegedy et al., "Rethinking the Inception architecture", 2016, section 7, for label smoothing.

    Examples
    --------
    >>> softmax_cross_entropy(np.zeros((2, 3)), np.array([0, 2]))
    variable(1.0986122886681098)
    """
    name = "softmax_cross_entropy"
    _check_reduction(name, reduction)
    if not 0 <= number(name, "label_smoothing", label_smoothing) <= 1:
        raise ValueError(f"{name} expects label_smoothing between 0 and 1, got {label_smoothing}")
    weights = None if weight is None else _array(weight)
    if not soft_labels and not label_smoothing:
        return binary(SoftmaxCrossEntropy(reduction, weights, ignore_index), x, t)
    x = as_operand(x)
    count = None
    if soft_labels:
        if ignore_index is not None:
            raise ValueError(f"{name} expects no ignore_index with soft_labels, got {ignore_index}; rows of zeros in t "
                             "are left out of the sum")  # fmt: skip
        target = _operand(t)
        if target.shape != x.shape:
            raise ValueError(f"{name} expects soft labels t of the shape of x, {x.shape}, got {target.shape}")
        target = _like(target, x)
    else:
        labels = _array(t)
        index, factor = _chosen(name, x.data, labels, weights, ignore_index)
        target = _onehot(x.data, index)
        count = _labels(name, index[1], factor) if reduction == "mean" else None
    if label_smoothing:
        target = target * (1 - label_smoothing) + label_smoothing / x.shape[1]
    if weights is not None:
        target = target * _per_class(name, x.data, weights).reshape((-1,) + (1,) * (x.ndim - 2))
    logp = log_softmax(x, axis=1)
    impossible = np.logical_and(target == 0, np.isneginf(logp.data))  # 0 * -inf, which counts as 0
    terms = -sum(target * (where(impossible, 0, logp) if impossible.any() else logp), axis=1)
    if not soft_labels and ignore_index is not None:
        terms = where(labels.reshape(terms.shape) == ignore_index, 0, terms)
    return _reduce(name, terms, reduction, count)


def softmax_cross_entropy_simple(x: Operand, t: Operand) -> Variable:
    """Softmax cross entropy, put together from `softmax`, `clip`, `log` and indexing; at most -log 1e-15 = 34.5.

    Parameters
    ----------
    x : Variable or array, shape (N, C)
    t : Variable or array of integers, shape (N,)
        Labels from 0 to C - 1.

    Returns
    -------
    Variable, 0-dimensional

    Raises
    ------
    TypeError, ValueError
        As for `softmax_cross_entropy`.

    Examples
    --------
    >>> softmax_cross_entropy_simple(np.zeros((2, 3)), np.array([0, 2]))
    variable(1.0986122886681098)
    """
    x = as_operand(x)
    index, _ = _chosen("softmax_cross_entropy_simple", x.data, _array(t), None, None)
    p = clip(softmax(x, axis=1), _SMALLEST, 1.0)
    return -sum(get_item(log(p), index)) / _labels("softmax_cross_entropy_simple", index[1], None)


def nll_loss(
    x: Operand, t: Operand, reduction: str = "mean", weight: Operand | None = None, ignore_index: int | None = None
) -> Variable:
    """Negative log likelihood: -x[t] for logarithms of probabilities x, such as `log_softmax` gives.

    Parameters
    ----------
    x : Variable or array, shape (N, C) or (N, C, d1, ...)
    t : Variable or array of integers, shape (N,) or (N, d1, ...)
        Labels from 0 to C - 1.
    reduction, weight, ignore_index
        As for `softmax_cross_entropy`.

    Returns
    -------
    Variable, of the dtype of x
        0-dimensional, or of the shape of t for "none".

    Raises
    ------
    TypeError, ValueError
        As for `softmax_cross_entropy`.

    Examples
    --------
    >>> nll_loss(np.array([[-0.5, -1.5], [-2.5, -0.25]]), np.array([0, 1]))
    variable(0.375)
    """
    _check_reduction("nll_loss", reduction)
    x = as_operand(x)
    index, factor = _chosen("nll_loss", x.data, _array(t), None if weight is None else _array(weight), ignore_index)
    count = _labels("nll_loss", index[1], factor) if reduction == "mean" else None
    terms = -get_item(x, index)
    if factor is not None:
        terms = where(factor == 0, 0, terms) * factor
    return _reduce("nll_loss", terms, reduction, count)


def accuracy(y: Operand, t: Operand) -> Variable:
    """Share of examples whose largest number along axis 1 stands at the label.

    Parameters
    ----------
    y : Variable or array, shape (N, C) or (N, C, d1, ...)
        Logits or probabilities.
    t : Variable or array, shape (N,) or (N, d1, ...)
        Labels from 0 to C - 1; (N, 1) is taken for (N,).

    Returns
    -------
    Variable, 0-dimensional, float64
        Between 0 and 1, a leaf: counting has no derivative.

    Raises
    ------
    ValueError
        If the shapes do not fit, or there is no example.

    Examples
    --------
    >>> accuracy(np.array([[0.2, 0.8], [0.9, 0.1]]), np.array([1, 1]))
    variable(0.5)
    """
    scores, labels = _array(y), _array(t)
    if scores.ndim < 2 or labels.size * scores.shape[1] != scores.size:
        hint = "; t.argmax(axis=1) makes them of one-hot labels" if labels.shape == scores.shape else ""
        raise ValueError(f"accuracy expects y of shape (N, C) and labels t of shape (N,), got {scores.shape} and "
                         f"{labels.shape}{hint}")  # fmt: skip
    if not labels.size:
        raise ValueError(f"accuracy expects at least one example to take the mean over, got y of shape {scores.shape}")
    if labels.dtype.kind not in "biu":
        raise TypeError(f"accuracy expects integer labels t, got {labels.dtype}; convert them by t.astype(int)")
    hits = scores.argmax(axis=1)
    labels = cuda.get_array_module(hits).asarray(labels)
    return Variable(as_array((hits == labels.reshape(hits.shape)).mean()))


def _chosen(
    name: str, x: Array, t: Array, weight: Array | None, ignore_index: int | None
) -> tuple[tuple[Array, ...], Array | None]:
    """The index that picks from x the number of every label, and what every label counts; None if all count 1."""
    if np.ndim(x) < 2:
        raise ValueError(f"{name} expects x of shape (N, C), got {np.shape(x)}")
    xp = cuda.get_array_module(x)
    t = xp.asarray(t)
    shape = (x.shape[0], *x.shape[2:])
    if t.shape != shape and not (x.ndim == 2 and t.size == max(t.shape, default=1) == x.shape[0]):
        hint = "; t.argmax(axis=1) makes them of one-hot labels" if t.shape == x.shape else ""
        hint += ", soft_labels=True takes probabilities" if hint and name == "softmax_cross_entropy" else ""
        raise ValueError(f"{name} expects integer labels t of shape {shape}, got {t.shape}{hint}")
    if t.dtype.kind not in "biu":
        raise TypeError(f"{name} expects integer labels t, got {t.dtype}; convert them by t.astype(int)")
    t = t.reshape(shape).astype(int, copy=False)
    factor = None
    if ignore_index is not None:
        kept = t != ignore_index
        t, factor = xp.where(kept, t, 0), kept.astype(x.dtype if x.dtype.kind == "f" else float)
    if t.size and not (t.min() >= 0 and t.max() < x.shape[1]):
        wrong = int(t.min() if t.min() < 0 else t.max())
        raise ValueError(f"{name} expects labels from 0 to {x.shape[1] - 1}, got {wrong}; softmax_cross_entropy and "
                         "nll_loss leave out those that ignore_index names")  # fmt: skip
    if weight is not None:
        chosen = _per_class(name, x, weight)[t]
        factor = chosen if factor is None else factor * chosen
    along = [xp.arange(n).reshape((-1,) + (1,) * (t.ndim - 1 - i)) for i, n in enumerate(shape)]
    return (along[0], t, *along[1:]), factor


def _per_class(name: str, x: Array, weight: Array) -> Array:
    """The weights of the classes in the dtype of x."""
    weight = cuda.get_array_module(x).asarray(weight, dtype=x.dtype if x.dtype.kind == "f" else float)
    if weight.shape != x.shape[1:2]:
        raise ValueError(f"{name} expects weight of shape ({x.shape[1]},), one number for each class, got "
                         f"{weight.shape}")  # fmt: skip
    return weight


def _labels(name: str, t: Array, factor: Array | None) -> float:
    """What the mean over labels divides by: how many they are, or what they count together."""
    count = t.size if factor is None else float(_wide(factor).sum())
    if not count:
        raise _nothing(name, "label that counts")
    return count


def _onehot(x: Array, index: tuple[Array, ...]) -> Array:
    """Zeros of the shape of x, with 1 at the labels."""
    y = np.zeros_like(x, dtype=x.dtype if x.dtype.kind == "f" else float)
    y[index] = 1
    return y


# -- yes or no -------------------------------------------------------------------------------------


class SigmoidCrossEntropy(Function):
    """-t log s - (1 - t) log(1 - s) with s = sigmoid(x), divided by the number of examples."""

    def __init__(self, reduction: str = "mean") -> None:
        self.reduction = reduction

    def forward(self, x, t):
        x = as_array(x)
        self.count = _examples("sigmoid_cross_entropy", x, self.reduction)
        terms = np.maximum(x, 0) - x * _target(np, t, x) + np.log1p(np.exp(-np.absolute(x)))  # exp cannot overflow
        return _reduced(terms, self.reduction, self.count, terms.dtype)

    def vjp(self, m, gy, x, t):
        scale = gy / self.count
        gx = (m.sigmoid(x) - _target(m, t, x)) * scale if self.needs_grad[0] else None
        return gx, m.reshape(-x * scale, t.shape) if self.needs_grad[1] else None


class BinaryCrossEntropy(Function):
    """-t log p - (1 - t) log(1 - p), divided by the number of examples."""

    def __init__(self, reduction: str = "mean") -> None:
        self.reduction = reduction

    def forward(self, p, t):
        p = as_array(p)
        self.count = _examples("binary_cross_entropy", p, self.reduction)
        self.smallest = max(_SMALLEST, float(np.finfo(np.result_type(p.dtype, 1.0)).tiny))  # that of float16 is 6e-5
        t = _target(np, t, p)
        yes, no = self._probabilities(np, p)
        terms = -(t * np.log(yes) + (1 - t) * np.log(no))
        return _reduced(terms, self.reduction, self.count, terms.dtype)

    def vjp(self, m, gy, p, t):
        scale = gy / self.count
        yes, no = self._probabilities(m, p)
        gp = gt = None
        if self.needs_grad[0]:  # of the clipped p, handed on as that of p: 0 would stop whoever is wrong for certain
            target = _target(m, t, p)
            gp = ((1 - target) / no - target / yes) * scale
        if self.needs_grad[1]:
            gt = m.reshape((m.log(no) - m.log(yes)) * scale, t.shape)
        return gp, gt

    def _probabilities(self, m, p):
        """p and 1 - p, neither below the smallest probability."""
        return m.clip(p, self.smallest, 1.0), m.clip(1 - p, self.smallest, 1.0)


def sigmoid_cross_entropy(x: Operand, t: Operand, reduction: str = "mean") -> Variable:
    """Cross entropy between sigmoid(x) and t, for answers of yes or no: log(1 + e^-x) for t = 1, log(1 + e^x) for 0.

    Parameters
    ----------
    x : Variable or array, shape (N, ...)
        Logits, finite numbers of any size.
    t : Variable or array
        0 or 1, or probabilities between; of the shape of x, or reshaped to it if the number of axes differs.
    reduction : "mean", "sum" or "none"
        The sum over N, as in the book and not over the number of elements; the sum; or the terms themselves.

    Returns
    -------
    Variable, of the dtype of x
        0-dimensional, or of the shape of x for "none": max(x, 0) - x t + log(1 + e^-|x|), which cannot overflow. The
        gradient by x is (sigmoid(x) - t) / N.

    Raises
    ------
    ValueError
        If the shapes do not fit, or N is 0 for "mean".

    Examples
    --------
    >>> sigmoid_cross_entropy(np.array([0.0, 1000.0]), np.array([1, 1]), reduction="none")
    variable([0.69314718 0.        ])
    """
    _check_reduction("sigmoid_cross_entropy", reduction)
    _check_target("sigmoid_cross_entropy", "x", x, t)
    _check_binary("sigmoid_cross_entropy", t)
    return binary(SigmoidCrossEntropy(reduction), x, t)


def binary_cross_entropy(p: Operand, t: Operand, reduction: str = "mean") -> Variable:
    """Cross entropy between probabilities p and t: -t log p - (1 - t) log(1 - p).

    Parameters
    ----------
    p : Variable or array, shape (N, ...)
        Between 0 and 1, for instance from a sigmoid; `sigmoid_cross_entropy` does both in one, without loss of digits.
    t : Variable or array
        0 or 1, or probabilities between; of the shape of p, or reshaped to it if the number of axes differs.
    reduction : "mean", "sum" or "none"
        The sum over N, as in the book and not over the number of elements; the sum; or the terms themselves.

    Returns
    -------
    Variable, of the dtype of p
        0-dimensional, or of the shape of p for "none". Neither p nor 1 - p is taken below 1e-15 (6e-5 in float16), so
        that a term is at most 34.5; the gradient by p, ((1 - t) / (1 - p) - t / p) / N, goes on beyond.

    Raises
    ------
    ValueError
        If the shapes do not fit, or N is 0 for "mean".

    Examples
    --------
    >>> binary_cross_entropy(np.array([0.5, 1.0]), np.array([1, 1]), reduction="none")
    variable([ 0.69314718 -0.        ])
    """
    _check_reduction("binary_cross_entropy", reduction)
    _check_target("binary_cross_entropy", "p", p, t)
    _check_binary("binary_cross_entropy", t)
    array = _array(p)
    if array.size and (array.min() < 0 or array.max() > 1):
        raise ValueError("binary_cross_entropy expects probabilities p from 0 to 1, got numbers from "
                         f"{array.min():g} to {array.max():g}; sigmoid_cross_entropy takes any numbers")  # fmt: skip
    return binary(BinaryCrossEntropy(reduction), p, t)


def hinge(x: Operand, t: Operand, margin: float = 1.0, reduction: str = "mean") -> Variable:
    """Hinge loss of support vector machines, max(0, margin - t x), as the mean over all elements.

    Parameters
    ----------
    x : Variable or array
        Scores: the sign is the answer, the size its certainty.
    t : Variable or array, of the shape of x
        -1 or 1.
    margin : float
        Score from which on a right answer costs nothing, in units of x.
    reduction : "mean", "sum" or "none"

    Returns
    -------
    Variable, of the dtype of x
        0-dimensional, or of the shape of x for "none".

    Raises
    ------
    ValueError
        If t holds something else than -1 and 1, the shapes differ, or there is no element for "mean".

    References
    ----------
    Cortes & Vapnik, "Support-vector networks", 1995.

    Examples
    --------
    >>> hinge(np.array([0.5, -2.0, 3.0]), np.array([1, 1, 1]), reduction="none")
    variable([0.5 3.  0. ])
    """
    _check_reduction("hinge", reduction)
    _check_target("hinge", "x", x, t)
    x, t = as_operand(x), _operand(t)
    if t.size and not (np.absolute(_array(t)) == 1).all():
        raise ValueError("hinge expects labels t of -1 and 1, got other numbers; 2 * t - 1 makes them of 0 and 1")
    return _reduce("hinge", relu(float(margin) - _like(t, x).reshape(x.shape) * x), reduction)


def kl_div(x: Operand, t: Operand, reduction: str = "mean", log_target: bool = False) -> Variable:
    """Kullback-Leibler divergence of a distribution from t, t (log t - x), where x is the logarithm of probabilities.

    Parameters
    ----------
    x : Variable or array
        Logarithms of the predicted probabilities, for instance from `log_softmax`.
    t : Variable or array
        Target probabilities; where one is 0, the term is 0. Shapes as for `mean_squared_error`.
    reduction : "mean", "sum", "none" or "batchmean"
        "batchmean" divides the sum by the length of the first axis, as the definition wants it; "mean" divides it by
        the number of elements, as PyTorch does.
    log_target : bool
        Whether t holds logarithms of the target probabilities.

    Returns
    -------
    Variable, of the dtype of x
        0-dimensional, or of the shape of x for "none".

    Raises
    ------
    ValueError
        If the shapes do not fit, or there is no element for a mean.

    References
    ----------
    Kullback & Leibler, "On information and sufficiency", 1951.

    Examples
    --------
    >>> kl_div(np.log(np.array([[0.5, 0.5]])), np.array([[1.0, 0.0]]), reduction="sum")
    variable(0.6931471805599453)
    """
    _check_reduction("kl_div", reduction, "batchmean")
    _check_alike("kl_div", x, t)
    x = as_operand(x)
    t = _like(_operand(t), x)
    if log_target:
        terms = exp(t) * (t - x)
    else:
        possible = t != 0
        terms = t * (log(where(possible, t, 1)) - where(possible, x, 0))
    if reduction != "batchmean":
        return _reduce("kl_div", terms, reduction)
    return sum(terms) / _examples("kl_div", terms.data, "mean")


def _check_target(name: str, letter: str, x: Operand, t: Operand) -> None:
    """Refuse a target that is neither of the shape of x nor, with another number of axes, of its size."""
    shape, target = as_operand(x).shape, as_operand(t).shape
    if shape != target and (len(shape) == len(target) or prod(shape) != prod(target)):
        raise ValueError(f"{name} expects t of the shape of {letter}, {shape}, got {target}")


def _check_binary(name: str, t: Operand) -> None:
    """Refuse labels, which are integers, other than 0 and 1."""
    labels = _array(t)
    if labels.dtype.kind in "iu" and labels.size and (labels.min() < 0 or labels.max() > 1):
        raise ValueError(f"{name} expects labels t of 0 and 1, or probabilities, got labels from {labels.min()} to "
                         f"{labels.max()}")  # fmt: skip


def _target(m, t, x):
    """The target t in the shape and the dtype of x, in the world of m."""
    t = t if isinstance(t, Variable) else as_array(t, cuda.get_array_module(x))
    if t.dtype != x.dtype and x.dtype.kind == "f":
        t = m.astype(t, x.dtype)
    return m.reshape(t, x.shape)


def _array(x: Operand) -> Array:
    """The array behind x, which is nothing to differentiate by."""
    return as_operand(x).data


def _operand(t: Operand) -> Variable | Array:
    """t itself if it is a Variable, else an array."""
    return t if isinstance(t, Variable) else _array(t)


def _like(t, x):
    """The target t, a Variable or an array, in the dtype of x."""
    return t.astype(x.dtype) if t.dtype != x.dtype and x.dtype.kind == "f" else t
