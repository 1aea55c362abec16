"""Rows of `test_examples`: the classifier, the texts, the curve, and the map of digits."""

import re

import numpy as np

from tests.example_table import Example


def means(output: str, name: str) -> list[float]:
    """What `progress` said of a quantity after each pass."""
    return [float(number) for number in re.findall(rf"\b{name} ([\d.e+-]+)", output)]


def check_classifier(names: dict, output: str) -> None:
    history = names["history"]
    assert history["loss"][-1] < 0.6 * history["loss"][0]
    assert history["val_acc"][-1] > 0.85
    assert 0 < names["wrong"] == round((1 - history["val_acc"][-1]) * len(names["test_set"]))


def check_classifier_in_full(names: dict, output: str) -> None:
    assert names["history"]["val_acc"][-1] > 0.98


def check_curve(names: dict, output: str) -> None:
    losses = means(output, "loss")
    assert losses[-1] < 0.3 * losses[0]
    assert len(names["own"]) == len(names["places"]) - names["heard"]
    assert np.abs(names["own"]).max() < 2, "alone, it stays near the curve"


def check_curve_in_full(names: dict, output: str) -> None:
    assert names["error"] < 0.1


def check_letters(names: dict, output: str) -> None:
    losses = means(output, "loss")
    assert losses[-1] < 0.75 * losses[0], "it learns a line that comes again and again"
    assert losses[0] < np.log(len(names["text"].id_to_char)) + 0.5
    assert "Shakespeare(train=True)" in output


def check_reading(names: dict, output: str) -> None:
    check_letters(names, output)
    assert output.count("\nROMEO:\n") == 2


def check_gpt(names: dict, output: str) -> None:
    check_letters(names, output)
    model, ids = names["model"], np.array([[3, 1, 4, 1, 5, 9, 2, 6]])
    changed = ids.copy()
    changed[0, 5:] = 0
    before, after = model(ids).data[0], model(changed).data[0]
    assert np.array_equal(before[:5], after[:5]), "nobody sees what comes after"
    assert not np.array_equal(before[5:], after[5:])
    assert len(names["written"]) == 1 + names["sample_length"] and output.endswith(names["written"] + "\n")
    block, x = names["model"].blocks[0], np.random.randn(2, 8, names["size"]).astype(np.float32)
    whole = names["L"].TransformerBlock(names["size"], names["heads"], causal=True)
    for ours, theirs in zip(sorted(block.named_params()), sorted(whole.named_params())):
        assert ours[0] == theirs[0]
        theirs[1].data = ours[1].data
    np.testing.assert_allclose(block(x).data, whole(x).data, rtol=1e-5, atol=1e-5)


def check_map(names: dict, output: str) -> None:
    redrawn = means(output, "redrawn")
    assert redrawn[-1] < redrawn[0]
    drawn = names["drawn"]
    assert drawn.min() >= 0 and drawn.max() <= 1
    assert np.abs(drawn[0, 0] - drawn[-1, -1]).mean() > 0.02, "far places look different"


def check_map_in_full(names: dict, output: str) -> None:
    points, t = names["points"], names["t"]
    middles = np.array([np.median(points[t == digit], axis=0) for digit in range(10)])
    nearest = np.linalg.norm(points[:, None] - middles, axis=2).argmin(axis=1)
    assert (nearest == t).mean() > 0.5, "digits have places of their own, though no label was used"


ROWS = [
    Example("autoencoder", check_map, {"digits_epoch": 10, "hidden_size": 64, "n": 4}, ("autoencoder.png",),
            check_map_in_full),
    Example("gpt", check_gpt,
            {"max_step": 80, "report": 40, "rising": 10, "lr": 1e-2, "batch_size": 8, "length": 16, "size": 32,
             "depth": 2, "sample_length": 30}),
    Example("mnist_classifier", check_classifier, {"digits_epoch": 3}, ("mnist_classifier.png",),
            check_classifier_in_full),
    Example("shakespeare", check_reading,
            {"max_epoch": 2, "batch_size": 4, "bptt_length": 16, "hidden_size": 32, "lr": 1e-2, "sample_length": 20}),
    Example("sine_lstm", check_curve,
            {"max_epoch": 3, "updates": 10, "length": 30, "hidden_size": 16, "alone": 40}, ("sine_lstm.png",),
            check_curve_in_full),
]  # fmt: skip
