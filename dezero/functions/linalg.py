"""Linear algebra."""

from __future__ import annotations

import numpy as np

from dezero.core import Function, Operand, Variable, binary

__all__ = ["MatMul", "matmul"]


class MatMul(Function):
    """The matrix product, of stacks of matrices too; a vector is a row on the left, a column on the right."""

    broadcasts = True  # over the leading axes of the stacks

    def forward(self, x, W):
        return np.matmul(x, W)

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
        if needs_x:
            gx = m.matmul(gy, m.swapaxes(W, -1, -2))
        if needs_W:
            if W.ndim == 2:  # one matrix for the whole stack: one product instead of a sum of many
                x, gy = m.reshape(x, (-1, x.shape[-1])), m.reshape(gy, (-1, gy.shape[-1]))
            gW = m.matmul(m.swapaxes(x, -1, -2), gy)
        return gx, gW


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
