"""dezero: a define-by-run framework for automatic differentiation, small enough to read.

Examples
--------
>>> import numpy as np
>>> from dezero import Variable
>>> apple, count, tax = Variable(np.array(100.0)), Variable(np.array(2.0)), Variable(np.array(1.1))
>>> price = apple * count * tax
>>> price.backward()
>>> print(f"{price:.0f} {apple.grad:.1f} {count.grad:.0f} {tax.grad:.0f}")
220 2.2 110 200
"""

from dezero import (
    core,
    cuda,
    dataloaders,
    datasets,
    functions,
    functions_conv,
    layers,
    models,
    optimizers,
    training,
    transforms,
    utils,
    viz,
)  # fmt: skip
from dezero._debug import debug
from dezero._kernels.memory import keep_memory
from dezero.config import Config, no_grad, test_mode, using_config
from dezero.core import (
    Function,
    Parameter,
    Variable,
    as_array,
    as_variable,
    from_dlpack,
    grad,
    setup_variable,
    walk,
)  # fmt: skip
from dezero.dataloaders import DataLoader, SeqDataLoader
from dezero.datasets import Dataset
from dezero.layers import Layer
from dezero.models import Model
from dezero.seeding import seed
from dezero.viz.chain_rule import explain
from dezero.viz.model_table import summary

__version__ = "1.0.0.dev0"

__all__ = [
    "Config", "DataLoader", "Dataset", "Function", "Layer", "Model", "Parameter", "SeqDataLoader", "Variable",
    "as_array", "as_variable", "core", "cuda", "dataloaders", "datasets", "debug", "explain", "from_dlpack",
    "functions", "functions_conv", "grad", "keep_memory", "layers", "models", "no_grad", "optimizers", "seed",
    "setup_variable", "summary", "test_mode", "training", "transforms", "using_config", "utils", "viz", "walk",
]  # fmt: skip

is_simple_core = False  # scripts read it; `dezero.core_simple` is the simple core
functions.utils = utils  # type: ignore[attr-defined]  # scripts take it from there, too
