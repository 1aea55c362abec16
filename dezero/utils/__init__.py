"""Tools around the engine: ``dezero.utils``."""

from dezero.utils.gradcheck import check_grads, gradient_check, numerical_grad

__all__ = ["check_grads", "gradient_check", "numerical_grad"]
