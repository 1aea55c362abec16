"""What a type checker must infer; mypy reads this file."""

from typing import assert_type

import numpy as np

import dezero
import dezero.functions as F
from dezero import Parameter, Variable, as_variable, grad

x = Variable(np.ones(3))
array = np.ones(3)

# an array on the left must not swallow the graph
assert_type(array + x, Variable)
assert_type(array - x, Variable)
assert_type(array * x, Variable)
assert_type(array / x, Variable)
assert_type(np.float32(2) * x, Variable)

assert_type(x + array, Variable)
assert_type(2 * x - 1, Variable)
assert_type(1 / x, Variable)
assert_type(2**x, Variable)
assert_type(array**x, Variable)
assert_type(array @ x, Variable)
assert_type(array // x, Variable)
assert_type(array % x, Variable)
assert_type(x // 2, Variable)
assert_type(x % 2, Variable)
assert_type(-x, Variable)
assert_type(x**2, Variable)
assert_type(x @ x, Variable)
assert_type(x[0], Variable)
assert_type(x.T, Variable)
assert_type(x.sum(), Variable)
assert_type(Parameter(array) * 2, Variable)

assert_type(F.sin(array), Variable)
assert_type(as_variable([1.0, 2.0]), Variable)
assert_type(x.grad, Variable | None)
assert_type(x.shape, tuple[int, ...])
assert_type(x.numpy(), np.ndarray)
assert_type(grad(x.sum(), x), Variable)
assert_type(grad(x.sum(), [x]), list[Variable])
assert_type(dezero.__version__, str)
