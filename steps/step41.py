"""Step 41: The matrix product, and its way back.

A layer of neurons is a matrix product: N examples with D numbers each, times a matrix W of D x H weights, gives H
numbers for each example. Its gradients are matrix products as well.

New against the step before: a Function with two inputs of different shapes, of which each needs the other one.

Look at: the drawing that the script prints. The shapes of the data stand above, those of the gradients below: each
gradient has the shape of what it belongs to. This alone nearly tells you the formula.

The formula. With L for the loss, a single number, and Y = X W:

    y_nh = Σ_d x_nd w_dh                              what forward computes
    ∂L/∂x_nd = Σ_h ∂L/∂y_nh w_dh                      x_nd takes part in y_n1 ... y_nH, with the factors w_d1 ... w_dH
    ∂L/∂w_dh = Σ_n x_nd ∂L/∂y_nh                      w_dh takes part in y_1h ... y_Nh, with the factors x_1d ... x_Nd

As matrices:

    ∂L/∂X = ∂L/∂Y Wᵀ       (N x D) = (N x H)(H x D)
    ∂L/∂W = Xᵀ ∂L/∂Y       (D x H) = (D x N)(N x H)

What is the derivative of a matrix by a matrix? It would have four indices, and nobody needs it. Always ask for the
derivative of the single number L; it has the shape of what you differentiate by.

How can you tell that it is right? With shapes: but if W is square, a forgotten transpose goes through. With
differences: change each element a little, see how the result changes. `check_grads` does that, and the end of the
script shows what it says about a wrong formula.

In the package: `F.matmul` in `dezero/functions/linalg.py`; `x @ W` and `x.dot(W)` are the same.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # so that it runs from a bare clone, too

import numpy as np

import dezero.functions as F
from dezero import Function, Variable
from dezero.utils import check_grads


class MatMul(Function):
    def forward(self, x, W):
        return x @ W

    def backward(self, gy):
        x, W = self.inputs
        gx = matmul(gy, W.T)
        gW = matmul(x.T, gy)
        return gx, gW


def matmul(x, W):
    return MatMul()(x, W)


np.random.seed(0)
x = Variable(np.random.rand(2, 3))
W = Variable(np.random.rand(3, 4))
y = matmul(x, W)
L = F.sum(y)
L.backward(retain_grad=True)

print("data:        X", x.shape, "  W", W.shape, " ->  Y", y.shape)
print("gradients:  gX", x.grad.shape, " gW", W.grad.shape, " <- gY", y.grad.shape)
print("row 0 of gX:       ", x.grad[0])
print("sums of rows of W: ", W.data.sum(axis=1))  # gY is ones here, so gX = gY Wᵀ sums the rows of W

# -- is it right? ----------------------------------------------------------------------------------

theirs = F.matmul(x, W)
print("the package gives the same:", np.allclose(theirs.data, y.data))
check_grads(matmul, x, W)
print("differences give the same gradients, and second derivatives")


class Forgetful(MatMul):
    def backward(self, gy):
        x, W = self.inputs
        return matmul(gy, W), matmul(x.T, gy)  # W where Wᵀ belongs


try:
    check_grads(lambda x, W: Forgetful()(x, W), np.random.rand(3, 3), np.random.rand(3, 3))
except ValueError as error:
    print("without the transpose:", error)
