"""Rows: linear algebra."""

import numpy as np

import dezero.functions as F
from dezero.cuda import get_array_module
from tests.op_table import Op, at, error, fixed

OFF = np.array([[3.0, 0.5, -0.5], [0.0, -4.0, 1.0], [1.0, 0.0, 5.0]])  # far from singular, moved by little below
SPD = np.array([[4.0, 2.0, 0.5], [2.0, 5.0, 1.0], [0.5, 1.0, 3.0]])
NOT_SQUARE = np.ones((2, 3))


def named(name, f):
    f.__name__ = name
    return f


def linear(x, W, b=0.0):
    y = np.zeros((*x.shape[:-1], W.shape[1]))
    for i in range(W.shape[0]):
        for j in range(W.shape[1]):
            y[..., j] += x[..., i] * W[i, j]
    return y + b


def dot(x0, x1):
    """Every vector of x0 with every vector of x1."""
    if np.ndim(x0) == 0 or np.ndim(x1) == 0:
        return x0 * x1
    columns = x1 if x1.ndim == 1 else np.moveaxis(x1, -2, -1)
    y = np.zeros(x0.shape[:-1] + columns.shape[:-1])
    for i in np.ndindex(x0.shape[:-1]):
        for j in np.ndindex(columns.shape[:-1]):
            y[i + j] = sum(u * v for u, v in zip(x0[i], columns[j]))
    return y


def dot_in_torch(t, x0, x1):
    if x0.ndim == 0 or x1.ndim == 0:
        return x0 * x1
    return t.tensordot(x0, x1, dims=([x0.ndim - 1], [max(x1.ndim - 2, 0)]))


def determinant(x):
    """By the first row (Laplace)."""
    if x.shape[-1] == 0:
        return np.ones(x.shape[:-2])
    rest = list(range(x.shape[-1]))
    return sum((-1) ** k * x[..., 0, k] * determinant(x[..., 1:, rest[:k] + rest[k + 1 :]]) for k in rest)


def slogdet(x):
    return np.sign(determinant(x)), np.log(np.abs(determinant(x)))


def inverse(x):
    """By cofactors (Cramer's rule)."""
    n = x.shape[-1]
    y = np.zeros(x.shape)
    for i in range(n):
        for j in range(n):
            rows, columns = [k for k in range(n) if k != j], [k for k in range(n) if k != i]
            y[..., i, j] = (-1) ** (i + j) * determinant(x[..., rows, :][..., columns]) / determinant(x)
    return y


def solve(A, b):
    return np.einsum("...ij,j->...i" if b.ndim == 1 else "...ij,...jk->...ik", inverse(A), b)


def factor(x):
    """Column by column (Cholesky, Banachiewicz)."""
    L = np.zeros(x.shape)
    for i in range(x.shape[-1]):
        for j in range(i + 1):
            rest = x[..., i, j] - np.sum(L[..., i, :j] * L[..., j, :j], axis=-1)
            L[..., i, j] = np.sqrt(rest) if i == j else rest / L[..., j, j]
    return L


def diagonals(x, offset=0, axis1=0, axis2=1):
    x = np.moveaxis(x, (axis1, axis2), (-2, -1))
    N, M = x.shape[-2:]
    picked = [x[..., i, i + offset] for i in range(N) if 0 <= i + offset < M]
    return np.stack(picked, axis=-1) if picked else np.zeros((*x.shape[:-2], 0))


def triangle(keep):
    def cut(x, k=0):
        y = np.array(x)
        for i in range(x.shape[-2]):
            for j in range(x.shape[-1]):
                y[..., i, j] *= keep(j - i, k)
        return y

    return cut


def near(f, point):
    """f at point plus x, for small random x; the row then has a well-conditioned point."""
    return named(f.__name__, lambda x, *rest: f(x + get_array_module(x).asarray(point, x.dtype), *rest))


def symmetric(f, transposed):
    """The same at SPD plus x + x^T: derivatives of a function of symmetric matrices."""
    return near(named(f.__name__, lambda x: f(x + transposed(x))), 0.5 * SPD)


SMALL = (-0.5, 0.5)
STACKS = [at((3, 3)), at((2, 3, 3))]
EINSUMS = [
    at("ij,jk->ik", (2, 3), (3, 4)), at("ij,jk", (2, 3), (3, 2)), at("ij->ji", (2, 3)), at("ij->", (2, 3)),
    at("ij->i", (2, 3)), at("i,i->", (3,), (3,)), at("i,j->ij", (2,), (3,)), at("bij,bjk->bik", (2, 2, 3), (2, 3, 2)),
    at("ii", (3, 3)), at("ii->i", (3, 3)), at("iij->j", (2, 2, 3)), at("iii->", (2, 2, 2)), at("ii,i->", (2, 2), (2,)),
    at("ii,jj->ij", (2, 2), (3, 3)), at("ij,jk,kl->il", (2, 3), (3, 2), (2, 2)), at("i,i,i->i", (3,), (3,), (3,)),
    at("ij,kl->il", (2, 3), (2, 2)), at("...ij,...jk->...ik", (2, 2, 3), (3, 2)), at("...i->...", (2, 3)),
    at("...i,...i", (2, 3), (2, 3)), at("i...,i...->...", (2, 1, 3), (2, 2, 1)), at("ji,...->j...", (2, 3), (4,)),
    at("ij,ij->j", (1, 3), (2, 3)), at(",ij->ij", (), (2, 3)), at("ba", (2, 3)), at(" i j , j -> i ", (2, 3), (3,)),
    at("ij,jk->ik", (0, 3), (3, 2)), at("ij,jk->ik", (2, 0), (0, 3)), at("...->...", ()),
]  # fmt: skip
TENSORDOTS = [at((2, 3, 4), (3, 4, 2)), at((2, 3), (3, 4), 1), at((2,), (3,), 0),
              at((2, 3, 4), (4, 3, 2), fixed(([1, 2], [1, 0]))), at((), (2,), 0),
              at((2, 3), (2, 4), fixed((0, 0))), at((2, 3), (4, 3), axes=[-1, -1]), at((0, 3), (3, 2), 1)]  # fmt: skip
DIAGONALS = [at((3, 3)), at((2, 3)), at((3, 2), offset=-1), at((2, 4), offset=2), at((2, 3, 4), axis1=1, axis2=2),
             at((3, 2, 3), offset=-1, axis1=-1, axis2=0), at((2, 2), offset=5), at((2, 2), offset=-3),
             at((0, 3))]  # fmt: skip


def diagonal_errors(name):
    return [error(np.ones(3), kind=ValueError, text=f"{name} expects x with two axes at least, got shape (3,)"),
            error(np.ones((2, 2)), axis1=2, kind=np.exceptions.AxisError, text=name),
            error(np.ones((2, 2)), axis1=1, kind=ValueError, text=name)]  # fmt: skip


def square_errors(name, *rest):
    return [error(NOT_SQUARE, *rest, kind=ValueError,
                  text=f"{name} expects square matrices, of shape (..., N, N), got shape (2, 3)"),
            error(np.ones(3), *rest, kind=ValueError, text=f"{name} expects square matrices")]  # fmt: skip


ROWS = [
    Op(F.matmul, np.matmul, [at((2, 3), (3, 4)), at((3,), (3,)), at((3,), (3, 4)), at((2, 3), (3,)),
                             at((5, 2, 3), (3, 4)), at((5, 2, 3), (5, 3, 4)), at((2, 3), (5, 3, 4)),
                             at((2, 1, 2, 3), (5, 3, 4)), at((3,), (5, 3, 4)), at((5, 2, 3), (3,)), at((0, 3), (3, 2)),
                             at((2, 0), (0, 3)), at((2, 0, 3), (3, 2)), at((2, 2, 0), (0, 3)),
                             at((2, 1, 0), (2, 0, 3))],
       torch=lambda t, x, W: t.matmul(x, W),
       errors=[error(np.ones((2, 3)), np.ones((2, 3)), kind=ValueError,
                     text="matmul expects x of shape (..., 2), as W has shape (2, 3), got (2, 3)"),
               error(np.ones((4, 2, 3)), np.ones((5, 3, 2)), kind=ValueError,
                     text="matmul expects leading axes that broadcast, (4,) and (5,) do not"),
               error(np.ones((2, 3)), 2.0, kind=ValueError,
                     text="matmul expects x and W with an axis at least, got shapes (2, 3) and ()"),
               error(np.ones(()), np.ones(3), kind=ValueError, text="MatMul(float64 (), float64 (3,))")]),
    Op(F.dot, dot, [at((2, 3), (3, 4)), at((3,), (3,)), at((2, 2, 3), (2, 3, 2)), at((3,), (2, 3, 2)),
                    at((2, 2, 3), (3,)), at((), (2, 3)), at((2, 3), 2.0), at((2, 2, 3), (3, 2)), at((2, 0), (0, 3))],
       torch=lambda t, x0, x1: dot_in_torch(t, x0, t.as_tensor(x1)),
       errors=[error(np.ones((2, 3)), np.ones((2, 3)), kind=ValueError, text="in MatMul"),
               error(np.ones((2, 3)), np.ones((2, 2, 3)), kind=ValueError,
                     text="tensordot expects the axes (1,) of x0")]),
    Op(F.linear, linear, [at((2, 3), (3, 4), (4,)), at((2, 3), (3, 4)), at((2, 2, 3), (3, 4), (4,)),
                          at((3,), (3, 4), (4,)), at((2, 2, 3), (3, 4)), at((2, 3), (3, 4), (1, 4)),
                          at((2, 3), (3, 4), ()), at((0, 3), (3, 2), (2,)), at((2, 0), (0, 3), (3,)),
                          at((2, 0, 3), (3, 2), (2,)), at((2, 3), (3, 1), (1,)),
                          at((2, 3), (3, 2), 0.5)],
       torch=lambda t, x, W, b=0.0: x @ W + b,
       errors=[error(np.ones((100, 28, 28)), np.ones((784, 10)), kind=ValueError,
                     text="linear expects x of shape (..., 784), as W has shape (784, 10), got (100, 28, 28)"),
               error(np.ones((2, 3)), np.ones((3, 4)), np.ones(5), kind=ValueError,
                     text="linear expects b of shape (4,), as W has shape (3, 4), got (5,)"),
               error(np.ones((1, 3)), np.ones((3, 4)), np.ones((5, 4)), kind=ValueError,
                     text="linear expects b of shape (4,), as W has shape (3, 4), got (5, 4)"),
               error(np.ones((2, 3)), np.ones(3), kind=ValueError, text="linear expects W of shape (I, O), got (3,)"),
               error(1.0, np.ones((3, 4)), kind=ValueError, text="linear expects x of shape (..., 3)"),
               error(np.ones((2, 3)), "W", kind=TypeError, text="got str")]),
    Op(F.linear_simple, linear, [at((2, 3), (3, 4), (4,)), at((2, 3), (3, 4)), at((2, 2, 3), (3, 4), (4,))],
       torch=lambda t, x, W, b=0.0: x @ W + b,
       errors=[error(np.ones((2, 3)), np.ones((2, 3)), kind=ValueError, text="in MatMul")]),
    Op(F.einsum, np.einsum, EINSUMS, torch=lambda t, *a: t.einsum(*a) if a[0] != "ij,ij->j" else t.mul(*a[1:]).sum(0),
       errors=[error(np.ones(2), "i", kind=TypeError,
                     text="einsum expects the subscripts first, as a string, got ndarray"),
               error("ij,jk", np.ones((2, 3)), kind=ValueError,
                     text="einsum expects as many operands as 'ij,jk' has, 2, got 1"),
               error("ij", np.ones(3), kind=ValueError,
                     text="einsum expects operand 0 to have the axes 'ij' of 'ij', got shape (3,)"),
               error("i", np.ones((2, 3)), kind=ValueError, text="einsum expects operand 0 to have the axes 'i'"),
               error("i1->i", np.ones((2, 3)), kind=ValueError,
                     text="einsum expects letters, commas, '...' and one '->'"),
               error("ij->k", np.ones((2, 3)), kind=ValueError, text="got 'k' in 'ij->k'"),
               error("ij->ii", np.ones((2, 3)), kind=ValueError, text="einsum expects each axis of the result once"),
               error("ij,jk", np.ones((2, 3)), np.ones((4, 5)), kind=ValueError,
                     text="einsum expects one size for each letter of 'ij,jk', got 3 and 4 for 'j' in operands of "
                          "shapes (2, 3), (4, 5)"),
               error("...,...", np.ones(3), np.ones(4), kind=ValueError, text="got 3 and 4 for '...'"),
               error("i", "a", kind=ValueError, text="einsum expects operand 0")]),
    Op(F.tensordot, np.tensordot, TENSORDOTS, torch=lambda t, x, y, axes=2: t.tensordot(
           x, y, axes if isinstance(axes, int) else [[a] if isinstance(a, int) else a for a in axes]),
       errors=[error(np.ones((2, 3)), np.ones((2, 3)), 1, kind=ValueError,
                     text="tensordot expects the axes (1,) of x0 and (0,) of x1 to have the same sizes, got shapes "
                          "(2, 3) and (2, 3)"),
               error(np.ones((2, 3)), np.ones((2, 3)), 3, kind=np.exceptions.AxisError, text="tensordot"),
               error(np.ones((2, 3)), np.ones((2, 3)), -1, kind=ValueError,
                     text="tensordot expects axes to be a number of axes, or the axes of x0 and those of x1, got -1"),
               error(np.ones((2, 3)), np.ones((2, 3)), (0, 1, 1), kind=ValueError,
                     text="or the axes of x0 and those of x1, got (0, 1, 1)"),
               error(np.ones((2, 3)), np.ones((2, 3)), ([0, 1], [0]), kind=ValueError,
                     text="tensordot expects the axes (0, 1) of x0 and (0,) of x1")]),
    Op(F.outer, lambda a, b: np.array([u * v for u in a.ravel() for v in b.ravel()]).reshape(a.size, b.size),
       [at((2,), (3,)), at((2, 2), (3, 1)), at((), (2,)), at((0,), (2,))],
       torch=lambda t, a, b: t.outer(a.ravel(), b.ravel()), exact=True,
       errors=[error(np.ones(2), "a", kind=TypeError, text="in Mul(")]),
    Op(F.diagonal, diagonals, DIAGONALS, exact=True,
       torch=lambda t, x, offset=0, axis1=0, axis2=1: t.diagonal(x, offset, axis1, axis2),
       errors=diagonal_errors("diagonal")),
    Op(F.trace, lambda x, *a, **k: diagonals(x, *a, **k).sum(axis=-1), DIAGONALS,
       torch=lambda t, x, offset=0, axis1=0, axis2=1: t.diagonal(x, offset, axis1, axis2).sum(-1),
       errors=diagonal_errors("trace")),
    Op(F.tril, triangle(lambda place, k: place <= k), [at((3, 3)), at((2, 3), k=1), at((2, 3, 2), k=-1), at((0, 2))],
       torch=lambda t, x, k=0: t.tril(x, k), exact=True,
       errors=[error(np.ones(3), kind=ValueError, text="tril expects x with two axes at least, got shape (3,)")]),
    Op(F.triu, triangle(lambda place, k: place >= k), [at((3, 3)), at((2, 3), k=1), at((2, 3, 2), k=-1), at((0, 2))],
       torch=lambda t, x, k=0: t.triu(x, k), exact=True,
       errors=[error(np.ones(3), kind=ValueError, text="triu expects x with two axes at least, got shape (3,)")]),
    Op(F.inv, inverse, [at(fixed(OFF)), at(fixed(np.array([[2, 0], [0, 4]])))], order=0,
       errors=[*square_errors("inv"),
               error(np.zeros((2, 2)), kind=np.linalg.LinAlgError, text="in Inv(float64 (2, 2))")]),
    Op(near(F.inv, OFF), near(inverse, OFF), [*STACKS, at((0, 3, 3))], domain=SMALL, name="near",
       torch=lambda t, x: t.linalg.inv(x + t.as_tensor(OFF))),
    Op(F.solve, solve, [at(fixed(OFF), (3,)), at(fixed(OFF), (3, 2))],
       torch=lambda t, A, b: t.linalg.solve(t.as_tensor(A), b),
       errors=[*square_errors("solve", np.ones(2)),
               error(2.0, np.ones(2), kind=ValueError, text="solve expects square matrices"),
               error(OFF, 2.0, kind=ValueError, text="or (3,), as A has shape (3, 3), got ()"),
               error(OFF, np.ones((2, 3)), kind=ValueError,
                     text="solve expects b of shape (..., 3, K) or (3,), as A has shape (3, 3), got (2, 3)"),
               error(np.zeros((2, 2)), np.ones(2), kind=np.linalg.LinAlgError,
                     text="in Solve(float64 (2, 2), float64 (2,))")]),
    Op(near(F.solve, OFF), near(solve, OFF),
       [at((3, 3), (3,)), at((3, 3), (3, 2)), at((2, 3, 3), (3,)), at((2, 3, 3), (2, 3, 2)), at((3, 3), (2, 3, 1)),
        at((2, 1, 3, 3), (4, 3, 1)), at((3, 3), (3, 0))], domain=SMALL, name="near",
       torch=lambda t, A, b: (t.linalg.solve(A + t.as_tensor(OFF), b[:, None])[..., 0] if b.ndim == 1 else
                              t.linalg.solve(A + t.as_tensor(OFF), b))),
    Op(F.det, determinant, [at((1, 1)), at((3, 3), domain=(0.5, 2.0)), at((2, 2, 2), domain=(0.5, 2.0)), at((0, 0))],
       torch=lambda t, x: t.linalg.det(x), errors=square_errors("det")),
    Op(near(F.det, OFF), near(determinant, OFF), STACKS, domain=SMALL, name="near",
       torch=lambda t, x: t.linalg.det(x + t.as_tensor(OFF))),
    Op(F.slogdet, slogdet, [at(fixed(OFF))], order=0, errors=square_errors("slogdet")),
    Op(near(F.slogdet, OFF), near(slogdet, OFF), STACKS, domain=SMALL, name="near",
       torch=lambda t, x: tuple(t.linalg.slogdet(x + t.as_tensor(OFF)))),
    Op(F.cholesky, factor, [at(fixed(SPD))], order=0,
       errors=[*square_errors("cholesky"),
               error(-np.eye(2), kind=np.linalg.LinAlgError, text="in Cholesky(float64 (2, 2))")]),
    Op(symmetric(F.cholesky, lambda x: F.swapaxes(x, -1, -2)), symmetric(factor, lambda x: np.swapaxes(x, -1, -2)),
       STACKS, domain=(-0.25, 0.25), name="symmetric",
       torch=lambda t, x: t.linalg.cholesky(x + x.mT + t.as_tensor(SPD))),
]  # fmt: skip
