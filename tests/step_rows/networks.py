"""Rows of the steps about arrays, networks and data sets, 37 to 50."""

from __future__ import annotations

from tests.step_table import Step

# Steps 44 to 46 train one network, with float32 weights: the full lengths differ in the last digits between machines,
# so only the short runs have values here.
LOSSES = [0.81651785, 0.64542627, 0.59428464]
LOSS_20 = 0.42584783

PRODUCT = [[0.84920503, 0.92019544, 0.94731748, 1.37428751], [0.6197338, 0.76625728, 0.77879738, 1.13884855]]

ROWS = {
    "step37": Step(leaves={"y": 231, "J": [[2, 0, 0], [0, 4, 0], [0, 0, 6]]}),
    "step38": Step(leaves={"gx": [[0, 1, 2], [3, 4, 5]], "gx_transpose": [[0, 2, 4], [1, 3, 5]]}),
    "step39": Step(leaves={"gx": [[10, 10, 10], [20, 20, 20]]}),
    "step40": Step(leaves={"y": [11, 12, 13], "theirs": 66}),
    "step41": Step(leaves={"y": PRODUCT}),
    "step42": Step(leaves={"loss": 0.07908606512411756, "W": [[2.11807369]], "b": [5.46608905]}),
    "step43": Step(short={"iters": 20}, leaves={"loss": 0.55184842}, full={"loss": 0.07698683276456325}, seconds=2),
    "step44": Step(short={"iters": 3}, leaves={"own": LOSSES, "losses": LOSSES}, seconds=2),
    "step45": Step(short={"iters": 20}, leaves={"loss": LOSS_20}, seconds=2),
    "step46": Step(short={"iters": 20}, leaves={"momentum_losses": LOSSES[:2]}, seconds=2),
    "step47": Step(leaves={"loss": 1.4967442462341742, "t": [2, 0, 1, 0]}),
    "step48": Step(short={"max_epoch": 2}, leaves={"average": 1.0461451}, seconds=2),
    "step49": Step(short={"max_epoch": 2}, leaves={"average": 1.0461451}, seconds=1),
    "step50": Step(
        short={"max_epoch": 1}, leaves={"history": [[1.09444941, 0.40333333, 1.04675881, 0.32666667]]}, seconds=2
    ),
}
