"""Rows of `test_examples`: the game of two networks, second derivatives, heat maps, and the pole."""

import re

import numpy as np

from tests.example_table import Example


def check_game(names: dict, output: str) -> None:
    for loss in names["batches"].history["loss_d"] + names["batches"].history["loss_g"]:
        assert 0.01 < loss < 10, "neither of the two has won"
    real, new, drawings = names["real_images"], names["new"], list(names["drawings"].values())
    assert len(drawings) == 2
    assert new.min() >= 0 and new.max() <= 1
    far = np.square(drawings[0] - real.mean(axis=0)).mean()
    assert np.square(new.mean(axis=0) - real.mean(axis=0)).mean() < far, "the mean has come nearer to that of digits"


def check_game_in_full(names: dict, output: str) -> None:
    assert names["read_right"] > 0.95, "a reader of real digits can read them"
    assert 0.5 < names["variety"] < 1.5, "they are not always the same"


def check_newton(names: dict, output: str) -> None:
    np.testing.assert_allclose(names["parabolas"][-1], 1, atol=1e-12)
    np.testing.assert_allclose(names["valley"][-1], [1, 1], atol=1e-9)
    assert len(names["valley"]) - 1 == 5
    np.testing.assert_allclose(names["careful"][-1], [0, -1], atol=1e-9)
    _, g, hessian = names["derivatives"](names["goldstein"], names["uphill"][-1])
    assert np.abs(g).max() < 1e-6 and (np.linalg.eigvalsh(hessian) < 0).all(), "the top of a hill"
    falls = [names["goldstein"](*point) for point in names["careful"]]
    assert (np.diff(falls) < 0).all()
    # the Hessian at (0, -1), from the second differences of the polynomial in exact arithmetic
    np.testing.assert_allclose(names["derivatives"](names["goldstein"], (0.0, -1.0))[2], [[504, -216], [-216, 864]])
    assert names["rosenbrock"](*names["slow"][-1]) < 2, "gradient descent has reached the valley"


def check_newton_in_full(names: dict, output: str) -> None:
    check_newton(names, output)
    assert 1e-3 < np.abs(names["slow"][-1] - 1).max() < 0.02, "it has nearly arrived"


def check_spring(names: dict, output: str) -> None:
    free, lawful = output.split("with the law\n", 1)
    misfits = [float(number) for number in re.findall(r"misfit (\S+)", lawful)]
    laws = [float(number) for number in re.findall(r"law (\S+)", lawful)]
    assert misfits[-1] < 0.2 * misfits[0]
    assert laws[-1] < 0.2 * float(re.findall(r"law (\S+)", free)[-1]), "without it, the law is broken"
    assert names["lawful"].k.item() > 5, "it started at 1"
    assert names["free"].k.item() == 1


def check_spring_in_full(names: dict, output: str) -> None:
    assert abs(names["lawful"].k.item() - 16) < 0.5 and abs(names["lawful"].d.item() - 0.4) < 0.06
    assert names["lawful_error"] < 0.06 < 0.3 < names["free_error"]


def check_heat(names: dict, output: str) -> None:
    losses = names["batches"].history["loss"]
    assert losses[-1] < 0.9 * losses[0] and names["accuracy"] > 0.3 and names["inside"] > 0.3
    model, x = names["model"], names["images"][:2]
    with names["test_mode"]():
        heat, scores = names["grad_cam"](x, np.array([3, 5]))
        np.testing.assert_allclose(scores, model(x).data, rtol=1e-4, atol=1e-5)
        # with the mean over all places before the last layer, the weights are those of that layer
        a = model.see(x).data
    for i, t in enumerate([3, 5]):
        wanted = np.maximum(np.tensordot(model.fc.W.data[:, t], a[i], 1), 0) / heat[i].size
        np.testing.assert_allclose(heat[i], wanted, rtol=1e-3, atol=1e-6)


def check_heat_in_full(names: dict, output: str) -> None:
    assert names["accuracy"] > 0.92
    assert names["inside"] > 0.95, "it looks at the digit"


def check_pole(names: dict, output: str) -> None:
    assert len(names["lengths"]) == names["max_episode"] and sum(names["lengths"]) == names["steps"]
    assert "exam:" in output
    after, fallen = names["move"](np.zeros(4, np.float32), 1)
    # 10 N on a cart and an upright pole: the tip of a rigid pole lags behind; see the equations of Barto et al.
    tilt = -(10 / 1.1) / (0.5 * (4 / 3 - 0.1 / 1.1))
    np.testing.assert_allclose(after, [0, 0.02 * (10 - 0.05 * tilt) / 1.1, 0, 0.02 * tilt], rtol=1e-6)
    assert not fallen and names["move"](np.array([0, 0, 0.3, 0], np.float32), 0)[1]
    assert names["falls"][: names["steps"]].sum() == sum(length < names["longest"] for length in names["lengths"])
    assert any(not np.array_equal(p.data, q.data) for p, q in zip(names["model"].params(), names["target"].params()))


def check_pole_in_full(names: dict, output: str) -> None:
    assert names["stood"] == [500] * 10, "ten poles stand for ten seconds"
    assert len(names["untrained"]) < 100


ROWS = [
    Example("deep_q_learning", check_pole,
            {"max_episode": 20, "random_steps": 100, "hidden_size": 16, "batch_size": 16, "longest": 60,
             "memory_size": 1000}, ("deep_q_learning.png",), check_pole_in_full),
    Example("gan", check_game, {"max_epoch": 5, "hidden_size": 32}, ("gan.png",), check_game_in_full),
    Example("grad_cam", check_heat, {"max_epoch": 3}, ("grad_cam.png",), check_heat_in_full),
    Example("newton", check_newton, {"descent_iters": 200}, ("newton.png",), check_newton_in_full),
    Example("physics_informed", check_spring, {"max_epoch": 3, "updates": 100, "lr": 2e-2},
            ("physics_informed.png",), check_spring_in_full),
]  # fmt: skip
