"""Linear algebra: products, traces, and what LAPACK solves."""

from __future__ import annotations

import math
from collections.abc import Sequence
from operator import index
from string import ascii_letters

import numpy as np

from dezero import core, cuda
from dezero._like_array import shape_of
from dezero._operands import called
from dezero.core import Function, Operand, Variable, as_operand, binary, mul, unary

__all__ = [
    "Cholesky", "Det", "Einsum", "Inv", "Linear", "MatMul", "Slogdet", "Solve", "Tril", "Triu", "cholesky", "det",
    "diagonal", "dot", "einsum", "inv", "linear", "linear_simple", "matmul", "outer", "slogdet", "solve", "tensordot",
    "trace", "tril", "triu",
]  # fmt: skip


# -- products of matrices --------------------------------------------------------------------------


class MatMul(Function):
    """The matrix product, of stacks of matrices too; a vector is a row on the left, a column on the right."""

    broadcasts = True  # over the leading axes of the stacks

    def forward(self, x, W):
        try:
            if W.ndim == 2 and x.ndim > 1 and x.shape[-1] == W.shape[0]:
                return _times_matrix(x, W)
            return np.matmul(x, W)
        except (AttributeError, ValueError):  # a Python number has no axes to ask for
            raise ValueError(_mismatch(np.shape(x), np.shape(W))) from None

    def vjp(self, m, gy, x, W):
        gx = gW = None
        needs_x, needs_W = self.needs_grad
        if x.ndim == 1 and W.ndim == 1:
            return gy * W if needs_x else None, gy * x if needs_W else None
        if x.ndim == 1:  # (D) (..., D, H) -> (..., H)
            if needs_x:
                gx = m.matmul(W, gy[..., None])[..., 0]
            if needs_W:
                gW = x[:, None] * gy[..., None, :]
            return gx, gW
        if W.ndim == 1:  # (..., N, D) (D) -> (..., N)
            if needs_x:
                gx = gy[..., None] * W
            if needs_W:
                gW = m.matmul(m.swapaxes(x, -1, -2), gy[..., None])[..., 0]
            return gx, gW
        if W.ndim == 2:  # one matrix for the whole stack
            return _by_matrix(gy, x, W, needs_x, needs_W)
        if needs_x:
            gx = m.matmul(gy, m.swapaxes(W, -1, -2))
        if needs_W:
            gW = m.matmul(m.swapaxes(x, -1, -2), gy)
        return gx, gW


class Linear(Function):
    """x W + b for rows x."""

    broadcasts = True  # of b

    def forward(self, x, W, b=None):
        if np.ndim(W) != 2 or not np.ndim(x) or x.shape[-1] != W.shape[0]:
            raise ValueError(_linear_mismatch(np.shape(x), np.shape(W)))
        y = _times_matrix(x, W)
        if b is None:
            return y
        try:  # in place: no second array, and an error if y would have to grow
            return np.add(y, b, out=y if b.dtype == y.dtype else np.empty_like(y, dtype=np.result_type(y, b)))
        except ValueError:
            raise ValueError(
                f"linear expects b of shape {W.shape[1:]}, as W has shape {W.shape}, got {b.shape}"
            ) from None

    def vjp(self, m, gy, x, W, b=None):
        needs_x, needs_W, *needs_b = self.needs_grad
        gx, gW = _by_matrix(gy, x, W, needs_x, needs_W)
        if not needs_b:
            return gx, gW
        gb = gy
        if needs_b[0] and gy.ndim > 1 and b.shape == W.shape[1:]:
            rows = _rows(gy)  # summed by BLAS: 100 x 1000 in 4 us instead of 6, and blockwise, so more accurate
            gb = m.dot(cuda.get_array_module(W).ones(rows.shape[0], gy.dtype), rows)
        return gx, gW, gb


def _rows(x):
    """x as a matrix, with its leading axes in one; the methods used serve arrays and Variables."""
    return x if x.ndim == 2 else x.reshape((math.prod(x.shape[:-1]), x.shape[-1]))


def _times_matrix(x, W):
    """x W in one product of matrices, where ``x @ W`` takes one for each matrix of a stack."""
    return x.dot(W) if x.ndim < 3 else _rows(x).dot(W).reshape((*x.shape[:-1], W.shape[1]))


def _by_matrix(gy, x, W, needs_x, needs_W):
    """The gradients of x W by x and W, for a matrix W."""
    gx = _times_matrix(gy, W.T) if needs_x else None
    return gx, _rows(x).T.dot(_rows(gy)) if needs_W else None


def _mismatch(x: tuple[int, ...], W: tuple[int, ...]) -> str:
    """Why shapes cannot be multiplied."""
    name = called() or "matmul "
    if not x or not W:
        return f"{name}expects x and W with an axis at least, got shapes {x} and {W}; by a number, multiply with *"
    D = W[0] if len(W) == 1 else W[-2]
    if x[-1] != D:
        return f"{name}expects x of shape (..., {D}), as W has shape {W}, got {x}"
    return f"{name}expects leading axes that broadcast, {x[:-2]} and {W[:-2]} do not: x has shape {x}, W has {W}"


def _linear_mismatch(x: tuple[int, ...], W: tuple[int, ...]) -> str:
    if len(W) != 2:
        return f"linear expects W of shape (I, O), got {W}"
    return f"linear expects x of shape (..., {W[0]}), as W has shape {W}, got {x}"


def matmul(x: Operand, W: Operand) -> Variable:
    """Matrix product of x and W, as NumPy's ``x @ W``.

    Parameters
    ----------
    x : Variable or array, shape (..., N, D) or (D,)
    W : Variable or array, shape (..., D, H) or (D,)
        The leading axes of both broadcast.

    Returns
    -------
    Variable, shape (..., N, H)
        Without the axis N or H if x or W is 1-dimensional. With L a scalar, dL/dx = dL/dy W^T and dL/dW = x^T dL/dy.

    Raises
    ------
    ValueError
        If x and W differ in D, or one of them is 0-dimensional.

    Examples
    --------
    >>> matmul(np.array([[1.0, 2.0]]), np.array([[3.0], [4.0]]))
    variable([[11.]])
    """
    return binary(MatMul(), x, W)


def dot(x0: Operand, x1: Operand) -> Variable:
    """Product over the last axis of x0 and the last but one of x1, as NumPy's ``np.dot``.

    Parameters
    ----------
    x0, x1 : Variable, array or number
        Vectors and matrices are multiplied as by `matmul`; a number multiplies every element.

    Returns
    -------
    Variable, shape (..., N, ..., H)
        For x0 (..., N, D) and x1 (..., D, H): unlike those of `matmul`, the leading axes do not broadcast, each of x0
        meets each of x1.

    Raises
    ------
    ValueError
        If the summed axes differ in size.

    Examples
    --------
    >>> dot(np.ones((4, 2, 3)), np.ones((5, 3, 6))).shape
    (4, 2, 5, 6)
    """
    shape0, shape1 = shape_of(x0), shape_of(x1)
    if not shape0 or not shape1:
        return mul(x0, x1)
    return tensordot(x0, x1, ([-1], [-2])) if len(shape1) > 2 else matmul(x0, x1)


def linear(x: Operand, W: Operand, b: Operand | None = None) -> Variable:
    """Affine map x W + b, the work of a fully connected layer.

    Parameters
    ----------
    x : Variable or array, shape (..., I)
    W : Variable or array, shape (I, O)
    b : Variable or array, shape (O,), optional
        Any shape that broadcasts to that of the result is taken.

    Returns
    -------
    Variable, shape (..., O)
        With L a scalar and the leading axes of x and y as one: dL/dx = dL/dy W^T, dL/dW = x^T dL/dy, and dL/db is the
        sum of the rows of dL/dy.

    Raises
    ------
    ValueError
        If x and W differ in I, or b and W in O.

    Examples
    --------
    >>> linear(np.array([[1.0, 2.0]]), np.array([[3.0], [4.0]]), np.array([0.5]))
    variable([[11.5]])
    """
    return binary(Linear(), x, W) if b is None else Linear()(x, W, b)  # type: ignore[return-value]  # one output


def linear_simple(x: Operand, W: Operand, b: Operand | None = None) -> Variable:
    """Affine map x W + b, put together from `matmul` and `add`: the readable form of `linear`.

    Parameters
    ----------
    x : Variable or array, shape (..., I)
    W : Variable or array, shape (I, O)
    b : Variable or array, shape (O,), optional

    Returns
    -------
    Variable, shape (..., O)

    Raises
    ------
    ValueError
        If x and W differ in I, or b and W in O.

    Examples
    --------
    >>> linear_simple(np.array([[1.0, 2.0]]), np.array([[3.0], [4.0]]), np.array([0.5]))
    variable([[11.5]])
    """
    y = matmul(x, W)
    return y if b is None else y + b


# -- sums of products ------------------------------------------------------------------------------


class Einsum(Function):
    """The sum of products that subscripts describe; its gradients are such sums, with subscripts exchanged."""

    broadcasts = True  # an axis of size 1 stretches

    def __init__(self, inputs: tuple[str, ...], output: str) -> None:
        self.inputs_as, self.output_as = inputs, output

    def forward(self, *xs):
        large = sum([np.size(x) for x in xs]) > 1000  # below, finding an order costs more than it saves
        return np.einsum(f"{','.join(self.inputs_as)}->{self.output_as}", *xs, optimize=large and len(xs) > 1)

    def vjp(self, m, gy, *xs):
        return tuple([self._gradient(m, gy, xs, i) if needed else None for i, needed in enumerate(self.needs_grad)])

    def _gradient(self, m, gy, xs, i):
        """The same sum with the output and input i exchanged."""
        xp = cuda.get_array_module(gy)
        inputs = [self.output_as, *self.inputs_as[:i], *self.inputs_as[i + 1 :]]
        operands = [gy, *xs[:i], *xs[i + 1 :]]
        sizes: dict[str, int] = {}
        for label, size in zip("".join(inputs), [n for x in operands for n in np.shape(x)]):
            sizes[label] = size if sizes.get(label, 1) == 1 else sizes[label]
        free = iter([letter for letter in ascii_letters if letter not in "".join([self.output_as, *self.inputs_as])])
        labels = ""
        for label, size in zip(self.inputs_as[i], xs[i].shape):
            if label in labels:  # a diagonal was taken, and only there is a gradient: times the unit matrix
                other = next(free)
                inputs.append(label + other)
                operands.append(xp.eye(size, dtype=gy.dtype))
                label = other
            elif sizes.get(label, 1) == 1:  # summed away alone, or along what stretches: the same gradient all along
                inputs.append(label)
                operands.append(xp.ones(size, dtype=gy.dtype))
            labels += label
        f = Einsum(tuple(inputs), labels)
        return f(*operands) if m is core.functions else f.forward(*operands)


def einsum(subscripts: str, *operands: Operand) -> Variable:
    """Sum of products of elements, in Einstein's notation, as NumPy's ``np.einsum``.

    Parameters
    ----------
    subscripts : str
        A letter for every axis of every operand, then "->" and the letters of the result: ``"ij,jk->ik"`` is the
        matrix product. Letters that the result lacks are summed over; without "->" the result has, in the order of the
        alphabet, the letters that occur once. A letter twice in one operand picks its diagonal. "..." stands for
        further axes, which broadcast.
    *operands : Variable or array

    Returns
    -------
    Variable
        The gradient of an operand is the same sum with its letters and those of the result exchanged.

    Raises
    ------
    TypeError
        If the subscripts are no string.
    ValueError
        If subscripts and operands do not fit each other.

    Examples
    --------
    >>> x = np.arange(4.0).reshape(2, 2)
    >>> einsum("ij,jk->ik", x, x), einsum("ii", x)
    (variable([[ 2.  3.]
              [ 6. 11.]]), variable(3.0))
    """
    if not isinstance(subscripts, str):
        raise TypeError(f"einsum expects the subscripts first, as a string, got {type(subscripts).__name__}")
    inputs, output = _letters(subscripts, [shape_of(x) for x in operands])
    return Einsum(inputs, output)(*operands)  # type: ignore[return-value]  # one output


def _letters(subscripts: str, shapes: Sequence[tuple[int, ...]]) -> tuple[tuple[str, ...], str]:
    """The letters of each operand and of the result, with letters in place of "..."."""
    left, arrow, right = subscripts.replace(" ", "").partition("->")
    terms = left.split(",")
    if len(terms) != len(shapes):
        raise ValueError(f"einsum expects as many operands as {subscripts!r} has, {len(terms)}, got {len(shapes)}")
    spare = [letter for letter in ascii_letters if letter not in subscripts]
    dots = ""  # the letters that "..." stands for where it is longest
    inputs = []
    for i, (term, shape) in enumerate(zip(terms, shapes)):
        head, ellipsis, tail = term.partition("...")
        if not set(head + tail) <= set(ascii_letters):
            raise ValueError(f"einsum expects letters, commas, '...' and one '->' as subscripts, got {subscripts!r}")
        further = len(shape) - len(head + tail)
        if further < 0 or (further and not ellipsis):
            raise ValueError(
                f"einsum expects operand {i} to have the axes {term!r} of {subscripts!r}, got shape {shape}"
            )
        while len(dots) < further:
            dots = spare.pop() + dots
        inputs.append(head + dots[len(dots) - further :] + tail)
    together = "".join(inputs)
    if arrow:
        output = right.replace("...", dots)
    else:
        output = dots + "".join(sorted([c for c in set(together) if together.count(c) == 1 and c not in dots]))
    for label in output:
        if label not in together or output.count(label) > 1:
            raise ValueError(f"einsum expects each axis of the result once, and to be one of the operands, "
                             f"got {label!r} in {subscripts!r}")  # fmt: skip
    sizes: dict[str, int] = {}
    for label, size in zip(together, [size for shape in shapes for size in shape]):
        if sizes.setdefault(label, size) == 1:
            sizes[label] = size
        if size not in (1, sizes[label]):
            raise ValueError(f"einsum expects one size for each letter of {subscripts!r}, got {sizes[label]} and "
                             f"{size} for {label if label in subscripts else '...'!r} in operands of shapes "
                             f"{', '.join(map(str, shapes))}")  # fmt: skip
    return tuple(inputs), output


def tensordot(
    x0: Operand, x1: Operand, axes: int | tuple[int | Sequence[int], int | Sequence[int]] | list = 2
) -> Variable:
    """Sum of products over chosen axes of x0 and x1, as NumPy's ``np.tensordot``.

    Parameters
    ----------
    x0, x1 : Variable or array
    axes : int or (int or sequence of int, int or sequence of int)
        That many last axes of x0 and first ones of x1, in their order; or the axes of x0 and those of x1 that meet.

    Returns
    -------
    Variable
        Its axes are the other ones of x0, then those of x1.

    Raises
    ------
    AxisError
        If an operand has no such axis; it is a ValueError and an IndexError.
    ValueError
        If the axes that meet differ in number or size.

    Examples
    --------
    >>> tensordot(np.ones((2, 3, 4)), np.ones((4, 3, 5)), ([1, 2], [1, 0])).shape
    (2, 5)
    """
    shape0, shape1 = shape_of(x0), shape_of(x1)
    pair = (range(-axes, 0), range(axes)) if isinstance(axes, (int, np.integer)) and axes >= 0 else axes
    if not isinstance(pair, (tuple, list)) or len(pair) != 2:
        raise ValueError(
            f"tensordot expects axes to be a number of axes, or the axes of x0 and those of x1, got {axes}"
        )
    chosen0, chosen1 = pair
    axes0 = np.lib.array_utils.normalize_axis_tuple(chosen0, len(shape0), "tensordot")
    axes1 = np.lib.array_utils.normalize_axis_tuple(chosen1, len(shape1), "tensordot")
    if [shape0[i] for i in axes0] != [shape1[i] for i in axes1]:
        raise ValueError(f"tensordot expects the axes {axes0} of x0 and {axes1} of x1 to have the same sizes, "
                         f"got shapes {shape0} and {shape1}")  # fmt: skip
    letters0, letters1 = list(ascii_letters[: len(shape0)]), list(ascii_letters[::-1][: len(shape1)])
    for i, j in zip(axes0, axes1):
        letters1[j] = letters0[i]
    rest0 = [c for i, c in enumerate(letters0) if i not in axes0]
    rest1 = [c for i, c in enumerate(letters1) if i not in axes1]
    return binary(Einsum(("".join(letters0), "".join(letters1)), "".join(rest0 + rest1)), x0, x1)


def outer(x0: Operand, x1: Operand) -> Variable:
    """Product of every element of x0 with every element of x1.

    Parameters
    ----------
    x0, x1 : Variable or array
        Taken as vectors of M and N elements.

    Returns
    -------
    Variable, shape (M, N)

    Examples
    --------
    >>> outer(np.array([1.0, 2.0]), np.array([3.0, 4.0]))
    variable([[3. 4.]
              [6. 8.]])
    """
    column, row = [x if isinstance(x, Variable) else np.asarray(x) for x in (x0, x1)]
    return mul(column.reshape(column.size, 1), row.reshape(1, row.size))


# -- diagonals and triangles -----------------------------------------------------------------------


class Tril(Function):
    """The lower triangle; zeros above."""

    def __init__(self, k: int) -> None:
        self.k = k

    def forward(self, x):
        return np.tril(x, self.k)

    def vjp(self, m, gy, x):
        return m.tril(gy, self.k)


class Triu(Function):
    """The upper triangle; zeros below."""

    def __init__(self, k: int) -> None:
        self.k = k

    def forward(self, x):
        return np.triu(x, self.k)

    def vjp(self, m, gy, x):
        return m.triu(gy, self.k)


def _matrices(name: str, x: Operand) -> Variable:
    """x, if it has the axes of matrices."""
    x = as_operand(x)
    if x.ndim < 2:
        raise ValueError(f"{name} expects x with two axes at least, got shape {x.shape}")
    return x


def _whole(name: str, what: str, value: int) -> int:
    """The value, if it is an integer."""
    try:
        return index(value)
    except TypeError:
        raise TypeError(f"{name} expects {what} as an integer, got {value!r}") from None


def diagonal(x: Operand, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Variable:
    """Diagonal of the matrices in x.

    Parameters
    ----------
    x : Variable or array, of two axes or more
    offset : int
        How far above the main diagonal, or below it if negative.
    axis1, axis2 : int
        The axes of rows and columns.

    Returns
    -------
    Variable
        The other axes of x, and then one along the diagonal.

    Raises
    ------
    AxisError
        If x has no such axis; it is a ValueError and an IndexError.
    ValueError
        If x has fewer than two axes, or axis1 and axis2 are the same.

    Examples
    --------
    >>> diagonal(np.arange(6.0).reshape(2, 3)), diagonal(np.arange(6.0).reshape(2, 3), offset=1)
    (variable([0. 4.]), variable([1. 5.]))
    """
    return _diagonal("diagonal", x, offset, axis1, axis2)


def trace(x: Operand, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Variable:
    """Sum of the diagonal of the matrices in x.

    Parameters
    ----------
    x : Variable or array, of two axes or more
    offset : int
        How far above the main diagonal, or below it if negative.
    axis1, axis2 : int
        The axes of rows and columns.

    Returns
    -------
    Variable
        Of the shape of x without the two axes.

    Raises
    ------
    AxisError
        If x has no such axis; it is a ValueError and an IndexError.
    ValueError
        If x has fewer than two axes, or axis1 and axis2 are the same.

    Examples
    --------
    >>> trace(np.array([[1.0, 2.0], [3.0, 4.0]]))
    variable(5.0)
    """
    return _diagonal("trace", x, offset, axis1, axis2).sum(axis=-1)


def _diagonal(name: str, x: Operand, offset: int, axis1: int, axis2: int) -> Variable:
    x = _matrices(name, x)
    rows, columns = np.lib.array_utils.normalize_axis_tuple((axis1, axis2), x.ndim, name)
    x = x.transpose([i for i in range(x.ndim) if i not in (rows, columns)] + [rows, columns])
    *lead, N, M = x.shape
    offset = _whole(name, "offset", offset)
    first = offset if offset >= 0 else -offset * M
    length = min(N, M - offset) if offset >= 0 else min(N + offset, M)
    # in a row of all elements, those of a diagonal are M + 1 apart: a slice, whose gradient is cheap
    return x.reshape(*lead, N * M)[..., first : first + max((length - 1) * (M + 1) + 1, 0) : M + 1]


def tril(x: Operand, k: int = 0) -> Variable:
    """Lower triangle of the matrices in x.

    Parameters
    ----------
    x : Variable or array, shape (..., N, M)
    k : int
        The last diagonal kept: 0 is the main one, 1 the one above.

    Returns
    -------
    Variable, of the shape and dtype of x
        With zeros elsewhere, also in place of infinite numbers and NaN.

    Raises
    ------
    ValueError
        If x has fewer than two axes.

    Examples
    --------
    >>> tril(np.ones((3, 3)))
    variable([[1. 0. 0.]
              [1. 1. 0.]
              [1. 1. 1.]])
    """
    return unary(Tril(_whole("tril", "k", k)), _matrices("tril", x))


def triu(x: Operand, k: int = 0) -> Variable:
    """Upper triangle of the matrices in x.

    Parameters
    ----------
    x : Variable or array, shape (..., N, M)
    k : int
        The first diagonal kept: 0 is the main one, 1 the one above.

    Returns
    -------
    Variable, of the shape and dtype of x
        With zeros elsewhere, also in place of infinite numbers and NaN.

    Raises
    ------
    ValueError
        If x has fewer than two axes.

    Examples
    --------
    >>> triu(np.ones((3, 3)), k=1)
    variable([[0. 1. 1.]
              [0. 0. 1.]
              [0. 0. 0.]])
    """
    return unary(Triu(_whole("triu", "k", k)), _matrices("triu", x))


# -- inverses, determinants, factors ---------------------------------------------------------------


class Inv(Function):
    """The inverse of square matrices."""

    def forward(self, x):
        _check_square("inv", x)
        return _lapack(np.linalg.inv, x)

    def vjp(self, m, gy, x):
        y = m.swapaxes(self.output(m), -1, -2)
        return -m.matmul(m.matmul(y, gy), y)


class Solve(Function):
    """The solution y of A y = b."""

    broadcasts = True  # over the leading axes of the stacks

    def forward(self, A, b):
        _check_square("solve", A)
        rows = np.shape(b)[:1] if np.ndim(b) < 2 else b.shape[-2:-1]
        if rows != A.shape[-1:]:
            raise ValueError(f"solve expects b of shape (..., {A.shape[-1]}, K) or ({A.shape[-1]},), as A has shape "
                             f"{A.shape}, got {np.shape(b)}")  # fmt: skip
        return _lapack(np.linalg.solve, A, b)

    def vjp(self, m, gy, A, b):
        y = self.output(m)
        if b.ndim == 1:  # a column each
            gy, y = gy[..., None], y[..., None]
        gb = m.solve(m.swapaxes(A, -1, -2), gy)
        gA = -m.matmul(gb, m.swapaxes(y, -1, -2)) if self.needs_grad[0] else None
        return gA, gb[..., 0] if b.ndim == 1 else gb


class Det(Function):
    """The determinant of square matrices."""

    def forward(self, x):
        _check_square("det", x)
        return _lapack(np.linalg.det, x)

    def vjp(self, m, gy, x):
        return _column(m, gy * self.output(m)) * m.swapaxes(m.inv(x), -1, -2)


class Slogdet(Function):
    """The sign of the determinant and the logarithm of its size."""

    def forward(self, x):
        _check_square("slogdet", x)
        sign, logarithm = np.linalg.slogdet(_at_least_float32(x))
        return (sign.astype(x.dtype), logarithm.astype(x.dtype)) if x.dtype.kind == "f" else (sign, logarithm)

    def vjp(self, m, gy, x):
        return _column(m, gy[1]) * m.swapaxes(m.inv(x), -1, -2)


class Cholesky(Function):
    """The lower triangle L with L L^T = x."""

    def forward(self, x):
        _check_square("cholesky", x)
        return _lapack(np.linalg.cholesky, x)

    def vjp(self, m, gy, x):
        L = self.output(m)
        up = m.swapaxes(L, -1, -2)
        inner = m.matmul(up, gy)
        inner = 0.5 * (m.tril(inner) + m.swapaxes(m.tril(inner, -1), -1, -2))
        half = m.solve(up, inner)  # L^-T inner
        return m.swapaxes(m.solve(up, m.swapaxes(half, -1, -2)), -1, -2)


def _check_square(name, x):
    if np.ndim(x) < 2 or x.shape[-1] != x.shape[-2]:
        raise ValueError(f"{name} expects square matrices, of shape (..., N, N), got shape {np.shape(x)}")


def _at_least_float32(x):
    """LAPACK knows no float16."""
    return x.astype(np.float32) if x.dtype.char == "e" else x


def _lapack(function, *xs):
    """function(*xs), of the dtype of xs."""
    y = function(*[_at_least_float32(x) for x in xs])
    return y.astype(np.float16) if np.result_type(*xs).char == "e" else y


def _column(m, y):
    """y with two more axes, to multiply matrices."""
    return m.reshape(y, (*y.shape, 1, 1))


def inv(x: Operand) -> Variable:
    """Inverse of the square matrices in x.

    Parameters
    ----------
    x : Variable or array, shape (..., N, N)

    Returns
    -------
    Variable, shape (..., N, N)
        Of the dtype of x, float64 for integers. The gradient is -y^T gy y^T. To solve equations, `solve` is faster
        and more accurate.

    Raises
    ------
    LinAlgError
        If a matrix is singular; it is a ValueError.
    ValueError
        If the matrices are not square.

    References
    ----------
    Giles, "Collected matrix derivative results for forward and reverse mode algorithmic differentiation", 2008.

    Examples
    --------
    >>> inv(np.array([[2.0, 0.0], [0.0, 4.0]]))
    variable([[0.5  0.  ]
              [0.   0.25]])
    """
    return unary(Inv(), x)


def solve(A: Operand, b: Operand) -> Variable:
    """Solution y of the linear equations A y = b.

    Parameters
    ----------
    A : Variable or array, shape (..., N, N)
    b : Variable or array, shape (N,) or (..., N, K)
        One right-hand side, or K of them as columns; the leading axes of both broadcast.

    Returns
    -------
    Variable, shape (..., N) or (..., N, K)
        With the gradients gb = A^-T gy and gA = -gb y^T.

    Raises
    ------
    LinAlgError
        If a matrix is singular; it is a ValueError.
    ValueError
        If the matrices are not square, or b has another number of rows.

    References
    ----------
    Giles, "Collected matrix derivative results for forward and reverse mode algorithmic differentiation", 2008.

    Examples
    --------
    >>> solve(np.array([[2.0, 0.0], [0.0, 4.0]]), np.array([2.0, 2.0]))
    variable([1.  0.5])
    """
    return binary(Solve(), A, b)


def det(x: Operand) -> Variable:
    """Determinant of the square matrices in x.

    Parameters
    ----------
    x : Variable or array, shape (..., N, N)

    Returns
    -------
    Variable, shape (...)
        Of the dtype of x, float64 for integers. The gradient is det x times x^-T; for a singular matrix backward
        raises LinAlgError. Of large matrices take `slogdet`: the determinant soon overflows.

    Raises
    ------
    ValueError
        If the matrices are not square.

    References
    ----------
    Giles, "Collected matrix derivative results for forward and reverse mode algorithmic differentiation", 2008.

    Examples
    --------
    >>> det(np.array([[1.0, 2.0], [0.0, 1.0]]))
    variable(1.0)
    """
    return unary(Det(), x)


def slogdet(x: Operand) -> tuple[Variable, Variable]:
    """Sign of the determinant of the square matrices in x, and the logarithm of its size.

    Parameters
    ----------
    x : Variable or array, shape (..., N, N)

    Returns
    -------
    sign, logarithm : Variable, shape (...)
        Of the dtype of x, float64 for integers. The sign has derivative 0; the gradient of the logarithm is x^-T. For a
        singular matrix they are 0 and -inf, and backward raises LinAlgError.

    Raises
    ------
    ValueError
        If the matrices are not square.

    References
    ----------
    Giles, "Collected matrix derivative results for forward and reverse mode algorithmic differentiation", 2008.

    Examples
    --------
    >>> sign, logarithm = slogdet(np.array([[-2.0, 0.0], [0.0, 4.0]]))
    >>> sign, logarithm.data.round(4)
    (variable(-1.0), np.float64(2.0794))
    """
    sign, logarithm = Slogdet()(x)
    return sign, logarithm


def cholesky(x: Operand) -> Variable:
    """Cholesky factor of the symmetric positive definite matrices in x: the lower triangle L with L L^T = x.

    Parameters
    ----------
    x : Variable or array, shape (..., N, N)
        Only the lower triangle is read.

    Returns
    -------
    Variable, shape (..., N, N)
        Of the dtype of x, float64 for integers. The gradient is symmetric, as x is.

    Raises
    ------
    LinAlgError
        If a matrix is not positive definite; it is a ValueError.
    ValueError
        If the matrices are not square.

    References
    ----------
    Murray, "Differentiation of the Cholesky decomposition", 2016, equation 10.

    Examples
    --------
    >>> cholesky(np.array([[4.0, 2.0], [2.0, 5.0]]))
    variable([[2. 0.]
              [1. 2.]])
    """
    return unary(Cholesky(), x)
