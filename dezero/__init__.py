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

from dezero import core, cuda, functions, utils
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

__version__ = "1.0.0.dev0"

__all__ = [
    "Config", "Function", "Parameter", "Variable", "as_array", "as_variable", "core", "cuda", "from_dlpack",
    "functions", "grad", "no_grad", "setup_variable", "test_mode", "using_config", "utils", "walk",
]  # fmt: skip

is_simple_core = False  # scripts read it; `dezero.core_simple` is the simple core
