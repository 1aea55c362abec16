"""The chapter by hand: steps/by_hand/."""

from __future__ import annotations

from math import log

from tests.step_table import Step

ROWS = {
    "h01_two_apples": Step(
        leaves={"price": 220, "dapple_price": 1.1, "dapple": 2.2, "dapple_num": 110, "dtax": 200},
    ),
    "h02_apples_and_oranges": Step(leaves={"price": 715, "derivatives": [2.2, 110, 3.3, 165, 650]}),
    "h03_square_of_a_sum": Step(leaves={"z": 49, "dt": 14, "dx": 14, "dy": 14, "first": 7, "second": 7}),
    "h04_what_comes_from_behind": Step(leaves={"z": 50, "dx": 6, "dy": 12, "sx": 1.2, "sy": 1.2}),
    "h05_relu_and_sigmoid": Step(
        leaves={"dnumber": 0.1875, "dout": [[10, 20], [30, 40]], "upstream": [[1, 0], [0, 1]]},
    ),
    "h06_one_neuron": Step(leaves={"y": 0.5, "dx": 2, "vw": 2, "vb": -3}),
    "h07_two_neurons": Step(
        leaves={
            "derivatives": [
                1.033880666,
                -1.016940333,
                1,
                1.966119333,
                2,
                3.932238666,
                1,
                1.966119333,
            ],  # d2 = 10 s'(1), s'(1) = e / (1 + e)^2
        },
    ),
    "h08_matrices_and_batches": Step(leaves={"db": [1.286964984, 2.075747396]}),
    "h09_softmax_with_loss": Step(
        leaves={"loss": (log(1 + 2.718281828**-1 + 2.718281828**-2) + log(2 + 2.718281828)) / 2},
    ),
    "h10_layers_by_name": Step(leaves={"act": "sigmoid", "err_func": "square"}),
    "h11_digits": Step(leaves={"hidden_size": 50, "epoch": 20}),
}
