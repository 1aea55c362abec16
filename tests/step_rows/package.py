"""Rows of the steps 23 to 36: the package, its tools, and derivatives of derivatives."""

import numpy as np

from tests.step_table import Step

_x = np.linspace(-7, 7, 200)
_tanh = np.tanh(1.0)

ROWS = {
    "step23": Step(leaves={"x": 1.0, "y": 16.0, "y_simple": 16.0}),
    "step24": Step(leaves={"z": 1876.0, "quotient": -5376.0, "lowest": 3.0}),
    "step25": Step(leaves={"x": 3.0, "y": -3.0}),
    "step26": Step(leaves={"z": 1876.0, "nodes": 95, "arrows": 108}),
    "step27": Step(leaves={"y": 0.7071064695751781}),
    "step28": Step(leaves={"i": 999, "x0": 0.6837118569138317, "x1": 0.4659526837427042}),
    "step29": Step(leaves={"x": 1.0, "steps": 70}),
    "step30": Step(leaves={"y": 8.0, "gx": 24.0}),
    "step31": Step(leaves={"gx_array": 24.0, "gx": 24.0}),
    "step32": Step(leaves={"gx": 48.0}),
    "step33": Step(leaves={"x": 1.0, "gx": 0.0, "gx2": 8.0}),
    "step34": Step(leaves={"curves": np.array([np.sin(_x), np.cos(_x), -np.sin(_x), -np.cos(_x)])}),
    "step35": Step(leaves={"gx": -2 * _tanh * (1 - _tanh**2)}),
    "step36": Step(leaves={"gx": 4.0, "z": 68.0, "slope": 21.0}),
}
