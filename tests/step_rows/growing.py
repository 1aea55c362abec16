"""Rows of the steps 1 to 22, each of which holds its whole small core, and the names that they give up on purpose."""

from tests.step_table import Step

_slope = 3.297442541400256  # of (e^(x^2))^2 at 0.5: 4x e^(2 x^2)

ROWS = {
    "step01": Step(leaves={"data": 1.0}),
    "step02": Step(),
    "step03": Step(),
    "step04": Step(leaves={"exact": _slope}),
    "step05": Step(leaves={"dy_db": 2.568050833375483, "dy_da": _slope, "dy_dx": _slope}),
    "step06": Step(),
    "step07": Step(leaves={"x": 0.5, "z": 1.0}),
    "step08": Step(leaves={"x": 0.5, "z": 1.0}),
    "step09": Step(leaves={"x": 0.5, "y": 1.648721270700128}),
    "step10": Step(leaves={"x": 3.0, "trial": 6.0}),
    "step11": Step(leaves={"y": 5.0, "z": 4.0}),
    "step12": Step(leaves={"x0": 2.0, "x1": 3.0, "y": 5.0}),
    "step13": Step(leaves={"y": 3.0, "z": 13.0}),
    "step14": Step(leaves={"x": 3.0, "y": 6.0}),
    "step15": Step(leaves={"gb": 1.0, "gc": 1.0, "ga": 16.0, "gx": 64.0}),
    "step16": Step(leaves={"a": 4.0, "b": 16.0, "c": 16.0, "y": 32.0}),
    "step17": Step(leaves={"y": None}),
    "step18": Step(leaves={"t": 2.0, "y": 1.0}),
    "step19": Step(leaves={"x": [[1, 2, 3], [4, 5, 6]]}),
    "step20": Step(leaves={"a": 3.0, "b": 2.0, "c": 1.0, "y": 7.0}),
    "step21": Step(leaves={"x": 2.0}),
    "step22": Step(leaves={"x": 2.0, "y": 8.0}),
}

_tests = ["test_forward", "test_backward", "test_gradient_against_differences"]

EXCEPTIONS = {
    "step05": ["f"],  # a helper of the demonstration, as show and alive below
    "step11": [  # tests live beside a program, not in it
        "SquareTest",
        *(f"SquareTest.{name}" for name in _tests),
        "WrongSquare",
        "WrongSquare.backward",
        "numerical_diff",
    ],
    "step13": ["show"],
    "step18": ["alive"],
    "step22": [  # x**2 replaces the one, and the library of functions holds the other
        *("Square", "Square.forward", "Square.backward", "square"),
        *("Exp", "Exp.forward", "Exp.backward", "exp"),
    ],
}
