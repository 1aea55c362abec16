"""Weights in files: what is written, what is checked before anything changes, and what the report says."""

import numpy as np
import pytest

import dezero.functions as F
import dezero.layers as L
from dezero import Parameter, Variable
from dezero.layers import Layer


class Net(Layer):
    def __init__(self, out=3):
        super().__init__()
        self.conv = L.Conv2d(4, 3)
        self.bn = L.BatchNorm()
        self.blocks = [L.Linear(5), L.Linear(out)]

    def forward(self, x):
        x = F.relu(self.bn(self.conv(x))).reshape(len(x), -1)
        for block in self.blocks:
            x = block(x)
        return x


KEYS = [
    "conv/W", "conv/b", "bn/avg_mean", "bn/avg_var", "bn/gamma", "bn/beta", "blocks/0/W", "blocks/0/b", "blocks/1/W",
    "blocks/1/b",
]  # fmt: skip
X = np.random.default_rng(0).standard_normal((2, 3, 5, 5)).astype(np.float32)


def called(model):
    model(X)
    return model


def state(model):
    flat = {}
    model._flatten_params(flat)
    return {path: None if v.data is None else v.data.copy() for path, v in flat.items()}


def unchanged(model, before):
    after = state(model)
    return after.keys() == before.keys() and all(np.array_equal(after[k], before[k]) for k in before)


@pytest.fixture
def saved(tmp_path):
    """A model that was called, and the file of its weights."""
    model = called(Net())
    model.save_weights(tmp_path / "net.npz")
    return model, tmp_path / "net.npz"


# -- there and back --------------------------------------------------------------------------------


@pytest.mark.parametrize("make", [lambda: Net(), lambda: called(Net())], ids=["never called", "called"])
def test_weights_come_back(saved, make):
    model, path = saved
    other = make()
    report = other.load_weights(path)
    assert unchanged(other, state(model))
    assert report == (
        f"loaded 10 arrays: {', '.join(KEYS)}. Gradients and the state of optimizers are not part of weights; "
        "training.save_checkpoint keeps that state"
    )
    assert (other.conv.in_channels, other.blocks[0].in_size) == (3, 36)
    np.testing.assert_array_equal(other(X).data, model(X).data)


def test_the_file_has_the_keys_of_the_book(saved):
    with np.load(saved[1], allow_pickle=False) as file:
        assert sorted(file.files) == sorted(KEYS)
        assert file["bn/avg_mean"].dtype == np.float32


@pytest.mark.parametrize("name", ["weights", "weights.npz", "my.weights"])
def test_the_file_is_the_one_that_was_named(tmp_path, name):
    model = L.Linear(2, in_size=3)
    assert model.save_weights(str(tmp_path / name)) is None
    assert [p.name for p in tmp_path.iterdir()] == [name]
    other = L.Linear(2)
    other.load_weights(str(tmp_path / name))
    np.testing.assert_array_equal(other.W.data, model.W.data)


def test_safetensors_by_suffix(tmp_path):
    pytest.importorskip("safetensors", reason="the format needs its package")
    model = called(Net())
    model.save_weights(tmp_path / "net.safetensors")
    other = Net()
    other.load_weights(tmp_path / "net.safetensors")
    assert unchanged(other, state(model))


def test_a_file_of_the_original_is_read(tmp_path):
    """Made by np.savez_compressed; with NumPy 2 the original's weights are float64."""
    path = tmp_path / "original.npz"
    W, b = np.random.default_rng(0).standard_normal((3, 2)), np.zeros(2, np.float32)
    np.savez_compressed(path, **{"l1/W": W, "l1/b": b, "rnn/h2h/W": np.eye(4), "rnn/x2h/W": np.ones((2, 4)),
                                 "rnn/x2h/b": np.zeros(4)})  # fmt: skip
    model = Layer()
    model.l1, model.rnn = L.Linear(2), L.RNN(4)
    model.load_weights(path)
    np.testing.assert_array_equal(model.l1.W.data, W.astype(np.float32))
    assert {p.dtype for p in model.params()} == {np.dtype(np.float32)}
    model.rnn(model.l1(np.zeros((1, 3))))


@pytest.mark.parametrize("kind", [L.Conv1d, L.Conv2d, L.Deconv2d])
def test_sizes_are_those_of_the_file(tmp_path, kind):
    kind(6, 3, in_channels=4, groups=2).save_weights(tmp_path / "w.npz")
    other = kind(6, 3, groups=2)
    other.load_weights(tmp_path / "w.npz")
    assert other.in_channels == 4


def test_gradients_and_optimizer_keys_stay(saved):
    model, path = saved
    F.sum(model(X)).backward()
    before = [(p, p.grad) for p in model.params()]
    model.load_weights(path)
    after = [(p, p.grad) for p in model.params()]
    assert all(p is q and g is h for (p, g), (q, h) in zip(before, after))


def test_a_loaded_array_is_nobody_elses(saved):
    _, path = saved
    a, b = Net(), Net()
    a.load_weights(path)
    b.load_weights(path)
    a.conv.W.data += 1
    assert not np.array_equal(a.conv.W.data, b.conv.W.data)


# -- what does not fit -----------------------------------------------------------------------------


def test_every_difference_is_named_and_nothing_changed(saved):
    _, path = saved
    model = Net(out=7)
    model.conv = L.Conv2d(4, 3, in_channels=1)
    model.extra, model.bn = Parameter(np.zeros(3)), None
    before = state(model)
    with pytest.raises(ValueError) as caught:
        model.load_weights(path)
    message = str(caught.value)
    for part in (
        "Net.load_weights", str(path), "nothing was changed", "not in the file: extra",
        "not in the model: bn/avg_mean, bn/avg_var, bn/gamma, bn/beta",
        "conv/W has shape (4, 3, 3, 3) in the file and (4, 1, 3, 3) in the model",
        "blocks/1/W has shape (5, 3) in the file and (?, 7) in the model",
        "blocks/1/b has shape (3,) in the file and (7,) in the model",
    ):  # fmt: skip
        assert part in message
    assert unchanged(model, before)


@pytest.mark.parametrize("shape", [(3,), (3, 2, 1), ()])
def test_another_number_of_axes_is_a_difference(tmp_path, shape):
    np.savez(tmp_path / "w.npz", W=np.ones(shape), b=np.zeros(2))
    for model in (L.Linear(2, in_size=3), L.Linear(2)):
        with pytest.raises(ValueError, match=r"W has shape .* in the file and"):
            model.load_weights(tmp_path / "w.npz")


def test_not_strict_takes_what_is_there(saved):
    model, path = saved
    other = called(Net())
    other.extra, other.bn = Parameter(np.zeros(3)), None
    report = other.load_weights(path, strict=False)
    assert "loaded 6 arrays: conv/W" in report
    assert "not in the file: extra. not in the model: bn/avg_mean, bn/avg_var, bn/gamma, bn/beta. " in report
    np.testing.assert_array_equal(other.conv.W.data, model.conv.W.data)


def test_not_strict_still_looks_at_shapes(saved):
    with pytest.raises(ValueError, match=r"blocks/1/b has shape \(3,\) in the file and \(7,\) in the model"):
        Net(out=7).load_weights(saved[1], strict=False)


def test_not_strict_does_not_load_nothing(tmp_path):
    L.Linear(2, in_size=3).save_weights(tmp_path / "w.npz")
    with pytest.raises(ValueError, match="not in the model: W, b"):
        Net().load_weights(tmp_path / "w.npz", strict=False)


@pytest.mark.parametrize("dtype", [int, bool, complex])
def test_other_kinds_of_numbers_are_refused(tmp_path, dtype):
    np.savez(tmp_path / "w.npz", W=np.ones((3, 2), dtype), b=np.zeros(2))
    for model in (L.Linear(2, in_size=3), L.Linear(2)):
        before = state(model)
        with pytest.raises(ValueError, match=rf"W is {np.dtype(dtype)} in the file and float"):
            model.load_weights(tmp_path / "w.npz")
        assert unchanged(model, before)


def test_only_what_the_file_lacks_is_made_at_the_first_call(tmp_path):
    np.savez(tmp_path / "w.npz", **{"gamma": np.full(2, 3.0), "avg_var": np.full(2, 4.0)})
    model = L.BatchNorm()
    model.load_weights(tmp_path / "w.npz", strict=False)
    model(np.zeros((2, 2)))
    np.testing.assert_array_equal(model.gamma.data, [3, 3])
    np.testing.assert_array_equal(model.beta.data, [0, 0])


def test_a_conversion_that_fails_changes_nothing(tmp_path):
    """float64 that overflows float32: NumPy warns, and here warnings are errors, in the middle of loading."""
    np.savez(tmp_path / "w.npz", W=np.ones((3, 2)), b=np.full(2, 1e300))
    model = L.Linear(2, in_size=3)
    before = state(model)
    with pytest.raises(RuntimeWarning, match="overflow"):
        model.load_weights(tmp_path / "w.npz")
    assert unchanged(model, before)


def test_every_difference_is_named_however_many(tmp_path):
    model = Layer()
    model.ws = [Parameter(np.zeros(1)) for _ in range(50)]
    model.save_weights(tmp_path / "w.npz")
    report = model.load_weights(tmp_path / "w.npz")
    assert report.startswith("loaded 50 arrays: ws/0, ") and "ws/19 and 30 more. " in report
    with pytest.raises(ValueError, match="ws/49"):
        Layer().load_weights(tmp_path / "w.npz")


def test_a_missing_file_says_so(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"nowhere\.npz"):
        Net().load_weights(tmp_path / "nowhere.npz")


# -- what cannot be saved --------------------------------------------------------------------------


def test_a_model_that_was_never_called_cannot_be_saved(tmp_path):
    with pytest.raises(RuntimeError, match=r"no data yet for conv/W, .*blocks/1/W; call the model once"):
        Net().save_weights(tmp_path / "net.npz")
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_not_saved(tmp_path):
    with pytest.raises(ValueError, match="there are no parameters to save"):
        Layer().save_weights(tmp_path / "w.npz")


def test_two_parameters_of_one_path_are_not_saved(tmp_path):
    model = Layer()
    model.d = {"a/p": Parameter(np.zeros(1)), "a": {"p": Parameter(np.ones(1))}}
    with pytest.raises(ValueError, match="two parameters have the path d/a/p"):
        model.save_weights(tmp_path / "w.npz")


def test_saving_leaves_the_model_where_it_is(tmp_path, monkeypatch):
    monkeypatch.setattr(Variable, "to_cpu", lambda self: pytest.fail("moved"))
    model = called(Net())
    arrays = [p.data for p in model.params()]
    model.save_weights(tmp_path / "w.npz")
    assert all(p.data is array for p, array in zip(model.params(), arrays))


# -- tied weights ----------------------------------------------------------------------------------


def tied():
    model = Layer()
    model.embed, model.out = L.EmbedID(5, 3), L.Linear(5, nobias=True, in_size=3)
    model.out.W = model.embed.W
    return model


def test_tied_weights_are_saved_once_and_loaded_by_any_name(tmp_path):
    path, model = tmp_path / "w.npz", tied()
    model.save_weights(path)
    with np.load(path) as file:
        assert file.files == ["embed/W"]
    other = tied()
    other.load_weights(path)
    np.testing.assert_array_equal(other.out.W.data, model.embed.W.data)
    both = np.ones((5, 3), np.float32)
    for arrays in ({"out/W": both}, {"embed/W": both, "out/W": both}):
        np.savez(path, **arrays)
        other.load_weights(path)
        np.testing.assert_array_equal(other.embed.W.data, both)
        other.embed.W.data[:] = 0


def test_tied_weights_that_differ_in_the_file_are_refused(tmp_path):
    np.savez(tmp_path / "w.npz", **{"embed/W": np.ones((5, 3)), "out/W": np.zeros((5, 3))})
    with pytest.raises(ValueError, match="out/W and embed/W are one parameter in the model and differ in the file"):
        tied().load_weights(tmp_path / "w.npz")
