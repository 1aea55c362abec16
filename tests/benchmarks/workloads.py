"""What is measured: functions of `ours` and `theirs`, with their arguments."""

from collections.abc import Callable
from typing import NamedTuple

__all__ = ["GROWTH", "IMPORT", "MEMORY", "WORKLOADS", "Series", "Workload"]


class Workload(NamedTuple):
    """A step that both frameworks take."""

    name: str
    function: str  # of `ours` and of `theirs`
    arguments: dict
    small: dict  # what replaces arguments in the smallest form, which the tests run
    goal: float | None = None  # our time, or memory, over PyTorch's


class Series(NamedTuple):
    """A step with more and more work."""

    name: str
    function: str
    arguments: list[dict]
    sizes: list[int]  # what grows, as in arguments
    unit: str
    units: Callable[[int], float]  # how much work a size means


_VGG16 = (64, 64, 0, 128, 128, 0, 256, 256, 256, 0, 512, 512, 512, 0, 512, 512, 512, 0)
_MLP = {"sizes": (784, 1000, 1000, 10), "N": 100}
_TINY = {"sizes": (6, 5, 4), "N": 3}
_IMAGE = {"shape": (1000, 1000)}
_PATCH = {"shape": (7, 11)}
_LSTM = {"T": 30, "N": 32, "C": 32, "H": 100}
_SHORT = {"T": 3, "N": 2, "C": 4, "H": 5}
_STACK = {"channels": (64, 64, 0, 128, 128, 0, 256, 256, 0), "N": 32, "size": 32}
_RESIDUAL = {"C": 64, "N": 16, "size": 32}

WORKLOADS = [
    Workload("chain 1,000", "chain", {"n": 1_000}, {"n": 30}, 0.5),
    Workload("chain 10,000", "chain", {"n": 10_000}, {"n": 30}, 0.5),
    Workload("chain 100,000", "chain", {"n": 100_000}, {"n": 30}, 0.85),
    Workload("wide 1,000", "wide", {"n": 1_000}, {"n": 30}),
    Workload("wide 4,000", "wide", {"n": 4_000}, {"n": 30}),
    Workload("Goldstein-Price", "goldstein", {}, {}, 0.5),
    Workload("8th derivative of sin", "derivatives_of_sin", {"order": 8, "n": 200}, {"order": 3, "n": 5}, 0.9),
    Workload("Hessian-vector product", "hessian_product", {"N": 32, "H": 64}, {"N": 3, "H": 4}, 0.8),
    Workload("MLP, SGD", "mlp", {**_MLP, "optimizer": "SGD"}, _TINY, 1.0),
    Workload("MLP, momentum", "mlp", {**_MLP, "optimizer": "momentum"}, _TINY, 1.0),
    Workload("MLP, Adam", "mlp", {**_MLP, "optimizer": "Adam"}, _TINY, 1.15),
    Workload("small MLP", "mlp", {"sizes": (784, 100, 10), "N": 32, "optimizer": "SGD"}, _TINY, 0.55),
    Workload("LeNet", "lenet", {"N": 64}, {"N": 2}, 1.3),
    Workload("stack as VGG", "stack", _STACK, {"channels": (4, 4, 0), "N": 2, "size": 6}, 0.85),
    Workload("residual block", "residual", _RESIDUAL, {"C": 4, "N": 2, "size": 6}, 0.9),
    Workload(
        "VGG16, forward", "stack_forward", {"channels": _VGG16, "N": 1, "size": 224, "sizes": (4096, 4096, 1000)},
        {"channels": (4, 4, 0), "size": 6, "sizes": (8, 5)}, 0.9,
    ),
    Workload("LSTM, cells", "lstm", {**_LSTM, "cells": True}, _SHORT, 0.85),
    Workload("LSTM, torch.nn.LSTM", "lstm", {**_LSTM, "cells": False}, _SHORT, 2.5),
    Workload("gelu, composed", "elementwise", {"name": "composed gelu", **_IMAGE}, _PATCH, 1.1),
    Workload("gelu", "elementwise", {"name": "gelu", **_IMAGE}, _PATCH, 1.0),
    Workload("softmax", "elementwise", {"name": "softmax", **_IMAGE}, _PATCH, 2.5),
    Workload("layer norm, composed", "elementwise", {"name": "composed layer norm", **_IMAGE}, _PATCH, 1.0),
    Workload("four activations", "elementwise", {"name": "activations", **_IMAGE}, _PATCH, 1.0),
]  # fmt: skip

IMPORT = Workload("import", "", {}, {}, 0.12)

MEMORY = [
    Workload("memory of MLP, SGD", "mlp", {**_MLP, "optimizer": "SGD"}, _TINY, 0.4),
    Workload("memory of stack as VGG", "stack", _STACK, {"channels": (4, 4, 0), "N": 2, "size": 6}, 1.0),
    Workload("memory of residual block", "residual", _RESIDUAL, {"C": 4, "N": 2, "size": 6}, 1.0),
]


def _series(name, function, of, sizes, unit, units=lambda size: size):
    return Series(name, function, [of(size) for size in sizes], sizes, unit, units)


GROWTH = [
    _series("depth: chain of n", "chain", lambda n: {"n": n}, [1_000, 3_000, 10_000, 30_000, 100_000], "operation"),
    _series("width: n branches", "wide", lambda n: {"n": n}, [1_000, 4_000, 16_000, 64_000], "operation"),
    _series("batch: MLP, N", "mlp", lambda n: {**_MLP, "N": n, "optimizer": "SGD"}, [1, 10, 100, 1000], "example"),
    _series(
        "hidden size: MLP, H",
        "mlp",
        lambda H: {"sizes": (784, H, H, 10), "N": 100, "optimizer": "SGD"},
        [30, 100, 300, 1000, 2000],
        "weight",
        lambda H: 784 * H + H * H + 10 * H,
    ),
    _series(
        "image size: two convolutions, H = W",
        "stack",
        lambda size: {"channels": (32, 32, 0), "N": 16, "size": size},
        [8, 16, 32, 64],
        "pixel",
        lambda size: size * size,
    ),
    _series(
        "hidden size: LSTM, H",
        "lstm",
        lambda H: {**_LSTM, "H": H, "cells": True},
        [25, 50, 100, 200, 400],
        "weight",
        lambda H: 4 * H * (H + 33),
    ),
]
