"""Optimizers: rules that change parameters by their gradients; hooks on the gradients, and schedules of the step size.

    optimizer = SGD(lr=0.1).setup(model)      # or SGD(model, lr=0.1)
    loss.backward()
    optimizer.update()                        # hooks, then update_one(p) for every parameter that has a gradient

An own optimizer derives from `Optimizer` and defines ``update_one(self, param)``.
"""

from dezero.optimizers.base import Optimizer
from dezero.optimizers.hooks import CheckGrads, ClipGrad, ClipGradValue, FreezeParam, WeightDecay
from dezero.optimizers.rules import SGD, AdaDelta, AdaGrad, Adam, AdamW, MomentumSGD, NAdam, RMSprop
from dezero.optimizers.schedules import cosine_decay, exponential_decay, one_cycle, step_decay, warm_up

__all__ = [
    "SGD", "AdaDelta", "AdaGrad", "Adam", "AdamW", "CheckGrads", "ClipGrad", "ClipGradValue", "FreezeParam",
    "MomentumSGD", "NAdam", "Optimizer", "RMSprop", "WeightDecay", "cosine_decay", "exponential_decay", "one_cycle",
    "step_decay", "warm_up",
]  # fmt: skip
