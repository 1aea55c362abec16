"""Tools around the engine, under the flat names that scripts know: ``dezero.utils.gradient_check`` and so on."""

from dezero.utils.arrays import (
    array_allclose,
    array_equal,
    logsumexp,
    max_backward_shape,
    reshape_sum_backward,
    sum_to,
)
from dezero.utils.gradcheck import check_grads, gradient_check, numerical_grad

__all__ = [
    "array_allclose", "array_equal", "check_grads", "gradient_check", "logsumexp", "max_backward_shape",
    "numerical_grad", "reshape_sum_backward", "sum_to",
]  # fmt: skip
