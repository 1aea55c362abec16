"""Data and weights that both frameworks start from."""

from math import prod

import numpy as np

__all__ = ["classes", "normal", "weights"]


def normal(seed, *shape, dtype="float32"):
    """Random numbers with mean 0 and variance 1."""
    return np.random.RandomState(seed).standard_normal(shape).astype(dtype)


def weights(seed, *shape):
    """Weights (I, O) or (OC, C, KH, KW) that keep the variance of what they are multiplied with."""
    fan_in = shape[0] if len(shape) == 2 else prod(shape[1:])
    return normal(seed, *shape) * np.float32(fan_in**-0.5)


def classes(seed, N, count):
    """Random labels from 0 to count - 1."""
    return np.random.RandomState(seed).randint(0, count, N)
