"""Checking derivatives by numerical differentiation."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import numpy as np

from dezero import cuda
from dezero._like_array import bare
from dezero.config import using_config
from dezero.core import Function, Variable, as_variable, grad, walk

__all__ = ["check_grads", "gradient_check", "numerical_grad"]

STEP = 1e-4  # of the differences, relative to numbers above 1; their error is of fourth order


def check_grads(
    f: object, *xs: object, order: int = 2, rtol: float = 1e-6, atol: float = 1e-8, seed: int = 0, **kwargs: object
) -> None:
    """Compare the derivatives of f at xs with differences of its values; raise where they disagree.

    Parameters
    ----------
    f : callable, or object with ``forward(*arrays)`` and ``backward(dout)``
        A function of Variables, a Function, a layer (its parameters are checked, too), or a layer written by hand on
        arrays. For the latter, an attribute ``W`` that exists before the first call is checked against ``dW`` or
        ``grad_W``.
    *xs : Variable, array or number
        The point. Floating-point arguments are checked, in copies of dtype float64; others (labels, indices, None)
        are handed through.
    order : int
        Up to which order to check; a layer written by hand has the first only.
    rtol, atol : float
        Allowed error: atol plus rtol times the largest derivative of the argument, dimensionless.
    seed : int
        For the random gradients that are sent back from the outputs. The global random state is left alone.
    **kwargs
        Handed to f.

    Raises
    ------
    ValueError
        If a derivative is wrong: names the argument, the worst element with its index, both numbers and the likely
        cause. Also if f gives different values for the same arguments, or its backward changes its argument.
    TypeError
        If f cannot be called, returns nothing, or has no floating-point argument.

    Notes
    -----
    With w a random array of the shape of the output y, the derivative of sum(w y) is compared, for every element,
    with (8 (y(x + h) - y(x - h)) - (y(x + 2h) - y(x - 2h))) / 12h. For the second order the same is done with the
    gradient as the function, of xs and of w.

    Examples
    --------
    >>> check_grads(lambda x, y: x * y ** 2, np.array([1.0, 2.0]), 3.0)
    >>> class Double:
    ...     def forward(self, x):
    ...         return 2 * x
    ...     def backward(self, dout):
    ...         return dout
    >>> check_grads(Double(), np.array([1.0, 2.0]))
    Traceback (most recent call last):
        ...
    ValueError: Double: the derivative by argument 0 is wrong at index (1,): -0.132105 given, -0.26421 by \
differences; all given values are 0.5 times the right ones: is a factor missing?
    """
    rng = np.random.default_rng(seed)
    name = getattr(f, "__name__", type(f).__name__)
    if _by_hand(f):
        _check_by_hand(f, name, xs, kwargs, rtol, atol, rng)
        return
    if not isinstance(order, int) or order < 1:
        raise ValueError(f"check_grads expects order as an integer of at least 1, got {order!r}")
    if not callable(f):
        raise TypeError(f"check_grads wants a callable or an object with forward and backward, got {name}")
    arguments = [_in_float64(x) for x in xs]
    checked = {f"argument {i}": x for i, x in enumerate(arguments) if isinstance(x, Variable)}

    def outputs() -> list[Variable]:
        y = f(*arguments, **kwargs)
        ys = list(y) if isinstance(y, (list, tuple)) else [y]
        for y in ys:
            if y is None:
                raise TypeError(f"{name} returned None: is a return missing?")
        return [as_variable(y) for y in ys]

    with _parameters_in_float64(f, outputs) as parameters:
        checked |= parameters
        if not checked:
            raise TypeError(f"check_grads: {name} got no floating-point argument to differentiate by")
        for first, second in zip(outputs(), outputs()):
            if not np.array_equal(first.data, second.data, equal_nan=True):
                raise ValueError(f"{name} gives different values for the same arguments, so differences say nothing "
                                 "about it; check a random layer in test_mode()")  # fmt: skip
        _check_arguments_stay(outputs())
        _check(outputs, checked, name, order, 1, rtol, atol, rng)


def gradient_check(
    f: Callable, x: object, *args: object, rtol: float = 1e-4, atol: float = 1e-5, **kwargs: object
) -> bool:
    """Tell whether the gradient of f by its first argument agrees with differences of its values.

    Parameters
    ----------
    f : callable
        Function of Variables.
    x : Variable or array
        The point; it is not changed.
    *args, **kwargs
        Further arguments of f, held fixed.
    rtol, atol : float
        Allowed relative and absolute error, dimensionless.

    Returns
    -------
    bool
        True if they agree; if not, a report is printed and False returned. `check_grads` tells more.

    Examples
    --------
    >>> gradient_check(lambda x: x ** 3, np.array([1.0, 2.0]))
    True
    """
    if not callable(f):
        raise TypeError(f"gradient_check wants a function of Variables, got {type(f).__name__}")

    def of_first(x):
        return f(x, *args, **kwargs)

    of_first.__name__ = getattr(f, "__name__", type(f).__name__)
    try:
        check_grads(of_first, x, order=1, rtol=rtol, atol=atol)
    except ValueError as error:
        sys.stdout.write(f"gradient_check: {error}\n")
        return False
    return True


def numerical_grad(f: Callable, x: object, *args: object, **kwargs: object) -> np.ndarray:
    """Return the gradient of the sum of f(x) by differences of its values, in float64.

    Parameters
    ----------
    f : callable
        Function of Variables.
    x : Variable or array
        The point; it is not changed.
    *args, **kwargs
        Further arguments of f.

    Returns
    -------
    ndarray, of the shape of x

    Examples
    --------
    >>> numerical_grad(lambda x: x ** 2, np.array([1.0, 2.0])).round(6)
    array([2., 4.])
    """
    if not callable(f):
        raise TypeError(f"numerical_grad wants a function of Variables, got {type(f).__name__}")
    name = getattr(f, "__name__", type(f).__name__)
    if not cuda.is_array(bare(x)) and not isinstance(x, (*cuda.NUMBERS, list, tuple)):
        raise TypeError(f"numerical_grad wants an array or a Variable as x, got {type(x).__name__}")
    point = Variable(cuda.as_numpy(bare(x)).astype(np.float64))

    def values() -> list[np.ndarray]:
        y = f(point, *args, **kwargs)
        if y is None:
            raise TypeError(f"{name} returned None: is a return missing?")
        return [as_variable(y).data]

    with using_config("enable_backprop", False):
        return _differences(values, [np.ones(())], point)


# -- functions of Variables ------------------------------------------------------------------------


def _check(
    outputs: Callable[[], Sequence[Variable]], checked: dict[str, Variable], name: str, order: int, level: int,
    rtol: float, atol: float, rng: np.random.Generator,
) -> None:  # fmt: skip
    """Check one order of derivative, then the next one, with the gradient as the function."""
    ys = outputs()
    ws = {f"the gradient of output {i}": Variable(rng.standard_normal(y.shape)) for i, y in enumerate(ys)}

    def gradients(create_graph: bool = True) -> Sequence[Variable]:
        with using_config("enable_backprop", True):
            total = None
            for y, w in zip(outputs(), ws.values()):
                term = (y * w).sum()
                total = term if total is None else total + term
            gxs = grad(total, list(checked.values()), create_graph=create_graph)  # type: ignore[arg-type]
        return gxs

    def values() -> list[np.ndarray]:
        with using_config("enable_backprop", level > 1):  # a gradient needs its graph, a value does not
            return [y.data for y in outputs()]

    for (label, x), gx in zip(checked.items(), gradients(create_graph=False)):
        differences = _differences(values, [w.data for w in ws.values()], x)
        _compare(name, label, gx.data, differences, level, rtol, atol)
    if order > 1:
        _check(gradients, checked | ws, name, order - 1, level + 1, rtol, atol, rng)


def _check_arguments_stay(ys: Sequence[Variable]) -> None:
    """Find a backward that writes into its argument; `Variable.backward` hands it copies, so nobody else would."""
    for f in walk(*ys):
        outputs = [output() for output in f.outputs]
        if f._by_formula or any([y is None for y in outputs]):
            continue
        gys = [Variable(np.full(y.shape, 0.7)) for y in outputs]  # type: ignore[union-attr]  # none is None
        before = [gy.data.copy() for gy in gys]
        try:
            f.backward(*gys)
        except Exception:
            continue  # fails with more words where the derivative is computed
        if not all([np.array_equal(gy.data, old) for gy, old in zip(gys, before)]):
            raise ValueError(f"{type(f).__name__}.backward changed its argument in place; whoever called it may still "
                             "need it: work on a copy (gy = gy * 1)")  # fmt: skip


def _differences(values: Callable[[], Sequence], ws: Sequence[np.ndarray], x: Variable) -> np.ndarray:
    """The derivative of sum(w y) by every element of x, where values() computes the ys from x.data."""
    point = x.data
    derivative = np.empty(point.shape)
    for index in np.ndindex(point.shape):
        h = STEP * max(1.0, abs(float(point[index])))
        total = 0.0
        for steps, weight in ((1, 8 / 12), (-1, -8 / 12), (2, -1 / 12), (-2, 1 / 12)):
            x.data = point.copy()
            x.data[index] += steps * h
            total += weight * sum(float(np.sum(w * y)) for w, y in zip(ws, values()))
        derivative[index] = total / h
    x.data = point
    return derivative


def _in_float64(x: object) -> object:
    """A Variable of float64 for what can be differentiated by; anything else as it is."""
    if isinstance(x, Variable):
        x = x.data
    if isinstance(x, float) or (cuda.is_array(x) and x.dtype.kind == "f"):  # type: ignore[attr-defined]
        return Variable(np.array(cuda.as_numpy(x), dtype=np.float64))
    return x


@contextmanager
def _parameters_in_float64(f: object, call: Callable) -> Iterator[dict[str, Variable]]:
    """The parameters of a layer, as float64 inside the block, by name."""
    if not hasattr(f, "params"):
        yield {}
        return
    call()  # a lazy layer makes its parameters now
    parameters = {f"parameter {p.name or i}": p for i, p in enumerate(f.params()) if p.data.dtype.kind == "f"}
    kept = [(p, p.data) for p in parameters.values()]
    for p in parameters.values():
        p.data = p.data.astype(np.float64)
    try:
        yield parameters
    finally:
        for p, data in kept:
            p.data = data


# -- layers written by hand, on arrays -------------------------------------------------------------


def _by_hand(f: object) -> bool:
    return not isinstance(f, Function) and not hasattr(f, "params") and hasattr(f, "forward") and hasattr(f, "backward")


def _check_by_hand(
    layer, name: str, xs: Sequence, kwargs: dict, rtol: float, atol: float, rng: np.random.Generator
) -> None:
    arguments = [_in_float64(x) for x in xs]
    before = {key: value for key, value in vars(layer).items() if cuda.is_array(value) and value.dtype.kind == "f"}

    def forward() -> list[np.ndarray]:
        y = layer.forward(*[x.data.copy() if isinstance(x, Variable) else x for x in arguments], **kwargs)
        if y is None:
            raise TypeError(f"{name}.forward returned None: is a return missing?")
        return [np.asarray(y, dtype=np.float64)]

    shape = forward()[0].shape
    held = {key: value for key, value in before.items() if vars(layer).get(key) is value}  # forward did not set them
    dout = rng.standard_normal(shape)
    given = dout.copy() if shape else float(dout)
    result = layer.backward(given)
    if result is None:
        raise TypeError(f"{name}.backward returned None: is a return missing?")
    if not np.array_equal(given, dout):
        raise ValueError(f"{name}.backward changed its argument in place; whoever called it may still need it: work on "
                         "a copy (dout = dout.copy())")  # fmt: skip
    gxs = result if isinstance(result, (tuple, list)) else (result,)
    checked = {f"argument {i}": x for i, x in enumerate(arguments) if isinstance(x, Variable)}
    if len(gxs) != len(checked):
        raise ValueError(f"{name}.backward returned {len(gxs)} gradients for {len(checked)} "
                         f"argument{'s' * (len(checked) != 1)}")  # fmt: skip
    for (label, x), gx in zip(checked.items(), gxs):
        if gx is None:
            raise ValueError(f"{name}.backward returned None for {label}")
        _compare(name, label, np.asarray(gx), _differences(forward, [dout], x), 1, rtol, atol)
    for key, value in held.items():
        gradient = getattr(layer, f"d{key}", getattr(layer, f"grad_{key}", None))
        if gradient is None:
            continue
        gradient = np.array(gradient)  # before forward runs again
        parameter = _Attribute(layer, key, value)
        differences = _differences(forward, [dout], parameter)  # type: ignore[arg-type]
        setattr(layer, key, value)
        _compare(name, f"attribute {key}", gradient, differences, 1, rtol, atol)


class _Attribute:
    """An attribute of a layer, with the `data` of a Variable."""

    def __init__(self, layer: object, key: str, value: np.ndarray) -> None:
        self._layer, self._key = layer, key
        self.data = value.astype(np.float64)

    @property
    def data(self) -> np.ndarray:
        return getattr(self._layer, self._key)

    @data.setter
    def data(self, value: np.ndarray) -> None:
        setattr(self._layer, self._key, value)


# -- the verdict -----------------------------------------------------------------------------------


def _compare(name: str, label: str, given: np.ndarray, right: np.ndarray, level: int, rtol: float, atol: float) -> None:
    derivative = "derivative" if level == 1 else f"derivative of order {level}"
    if given.shape != right.shape:
        raise ValueError(f"{name}: the {derivative} by {label} has shape {given.shape}, but {label} has {right.shape}; "
                         "is a sum over a broadcast axis missing?")  # fmt: skip
    error = np.asarray(np.abs(given - right))
    error[np.isnan(error)] = np.inf
    error[(given == right) | (np.isnan(given) & np.isnan(right))] = 0.0
    finite = np.abs(right[np.isfinite(right)])
    if not np.any(error > atol + rtol * finite.max(initial=0.0)):
        return
    index = np.unravel_index(int(np.argmax(error)), error.shape)
    place = f" at index {tuple(int(i) for i in index)}" if index else ""
    raise ValueError(f"{name}: the {derivative} by {label} is wrong{place}: {given[index]:.6g} given, "
                     f"{right[index]:.6g} by differences; {_likely_cause(given, right, level)}")  # fmt: skip


def _likely_cause(given: np.ndarray, right: np.ndarray, level: int) -> str:
    """What the numbers suggest."""
    if not np.all(np.isfinite(given)):
        return "the given one is not finite"
    if not np.any(given):
        return ("the given one is 0 everywhere: does the backward read .data, which cuts the graph?" if level > 1 else
                "the given one is 0 everywhere: is the graph cut, or the term forgotten?")  # fmt: skip
    known = np.abs(right) > 1e-3 * np.abs(right).max()
    ratio = given[known] / right[known]
    if ratio.size and np.allclose(ratio, ratio[0], rtol=1e-4):
        if np.isclose(ratio[0], -1, rtol=1e-4):
            return "the sign is wrong everywhere" if right.size > 1 else "the sign is wrong"
        if right.size == 1:
            return f"{ratio[0]:.6g} times the right one; an array of several numbers would tell more"
        return f"all given values are {ratio[0]:.6g} times the right ones: is a factor missing?"
    wrong = ~np.isclose(given, right, rtol=1e-4, atol=1e-8)
    if wrong.mean() < 0.5:
        return (f"{wrong.sum()} of {wrong.size} elements are wrong: does the function have a kink there, or does the "
                "backward treat some elements differently?")  # fmt: skip
    return "most elements are wrong"
