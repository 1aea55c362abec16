"""Rows of the steps 51 to 60: images, and sequences."""

from __future__ import annotations

from tests.step_table import Step

ROWS = {
    "step51": Step(
        short={"digits_epoch": 2},
        arguments=["--digits"],
        leaves={"max_epoch": 2, "epoch": 1, "lr": 1.0},
        full={"max_epoch": 20},
        seconds=10,
        data="mnist",
    ),
    "step52": Step(
        short={"max_epoch": 2, "hidden_size": 50},
        arguments=["--digits"],
        leaves={"epoch": 1},
        full={"epoch": 4},
        seconds=15,
        data="mnist",
    ),
    "step53": Step(
        short={"max_epoch": 1, "hidden_size": 50},
        arguments=["--digits"],
        leaves={"epoch": 0},
        full={"epoch": 2},
        seconds=10,
        data="mnist",
    ),
    "step54": Step(leaves={"y": [2, 2, 2, 2, 0], "y_test": [1] * 5}, seconds=0.5),
    "step55": Step(leaves={"OH": 4, "OW": 4}, seconds=0.3),
    "step56": Step(leaves={"by_hand": 27, "y": [[[[27, 27, 0]] * 3]]}, seconds=0.3),
    "step57": Step(
        leaves={
            "by_formula": 216,
            "by_places": 54,
            "by_pixels": 24,
            "first": [[23.4, 24.6, 25.8], [28.2, 29.4, 30.6], [33.0, 34.2, 35.4]],
            "last": [[243.0, 246.6, 250.2], [257.4, 261.0, 264.6], [271.8, 275.4, 279.0]],
        },
        seconds=0.5,
    ),
    "step58": Step(leaves={"total": 138_357_544}, seconds=5),
    "step59": Step(short={"max_epoch": 2}, leaves={"seqlen": 999, "count": 999}, full={"count": 999}, seconds=12),
    "step60": Step(short={"max_epoch": 3}, leaves={"seqlen": 34, "count": 34}, full={"count": 34}, seconds=3),
}
