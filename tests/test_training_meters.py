"""Meters against plain NumPy over all examples at once, and the sentences for what they refuse."""

import math
import sys

import numpy as np
import pytest

import dezero.functions as F
from dezero import Variable
from dezero.training import Accuracy, ConfusionMatrix, Mean, MeanOf, TopK
from tests import fake_cupy


def batches(y, t, size=4):
    for i in range(0, len(t), size):
        yield y[i : i + size], t[i : i + size]


@pytest.fixture
def answers():
    rng = np.random.default_rng(0)
    return rng.standard_normal((10, 5)).astype(np.float32), rng.integers(0, 5, 10)


# -- mean ------------------------------------------------------------------------------------------


def test_a_short_last_batch_counts_for_less():
    x, meter = np.arange(10.0), Mean()
    for part, _ in batches(x, x):
        meter.update(part.mean(), len(part))
    assert meter.value == x.mean() != np.mean([1.5, 5.5, 8.5])
    assert meter.count == 10


@pytest.mark.parametrize(
    "value", [0.5, Variable(np.array(0.5, np.float32)), np.float16(0.5), np.array(0.5), np.array([[0.5]]), [0.5]]
)
def test_every_kind_of_number_is_taken(value):
    meter = Mean()
    meter.update(value, 3)
    meter.update(2, 1)
    assert meter.value == 0.875
    assert type(meter.value) is float


def test_an_array_has_each_of_its_numbers_added():
    meter = Mean()
    meter.update(np.array([1, 2, 6]))
    assert (meter.value, meter.count) == (3.0, 3)


def test_nan_is_seen_and_stays():
    meter = Mean()
    for value in (1.0, math.nan, 1.0):
        meter.update(value, 2)
    assert math.isnan(meter.value)


def test_an_empty_mean_is_nan_and_an_empty_batch_counts_for_nothing():
    meter = Mean()
    assert math.isnan(meter.value)
    meter.update(1.0, 5)
    meter.update(math.nan, 0)
    meter.update(np.array([]))
    assert meter.value == 1.0


def test_reset_begins_again():
    meter = Mean()
    meter.update(1.0)
    meter.reset()
    meter.update(3.0)
    assert (meter.value, float(meter), f"{meter:.1f}") == (3.0, 3.0, "3.0")
    assert repr(meter) == "Mean: 3 of 1"


def test_float16_sums_do_not_overflow():
    meter = Mean()
    meter.update(np.full(100, 60000, np.float16))
    assert meter.value == 60000 - 60000 % 32


@pytest.mark.parametrize(
    ("arguments", "kind", "sentence"),
    [
        ((None,), TypeError, "Mean.update expects a number, got None"),
        (("a",), TypeError, "Mean.update expects a number, got str"),
        ((1j,), TypeError, "Mean.update expects a number, got complex"),
        ((np.array(["a"]),), TypeError, "Mean.update expects a real number, got dtype <U1"),
        ((1.0, -1), ValueError, r"Mean.update expects a count of 0 or more examples, such as len\(t\), got -1"),
        ((1.0, math.nan), ValueError, "count of 0 or more examples"),
        ((1.0, "3"), TypeError, "Mean.update expects a number as count"),
    ],
)
def test_what_is_no_mean_gets_a_sentence(arguments, kind, sentence):
    meter = Mean()
    with pytest.raises(kind, match=sentence):
        meter.update(*arguments)
    assert meter.count == 0


def test_mean_of_a_function_records_nothing_and_counts_examples():
    seen = []

    def distance(y, t):
        seen.append((y * 2.0).creator)
        return F.mean(F.abs(y - t))

    y, t, meter = np.arange(5.0), np.zeros(5), MeanOf(distance)
    for part, target in batches(y, t):
        meter.update(Variable(part), target)
    assert meter.value == y.mean()
    assert seen == [None, None]
    with pytest.raises(TypeError, match="MeanOf expects a function of y and t, got float"):
        MeanOf(0.5)


# -- accuracy --------------------------------------------------------------------------------------


def test_accuracy_and_top_k_count_over_all_examples(answers):
    y, t = answers
    order = np.argsort(-y, axis=1, kind="stable")
    for k in range(1, 6):
        meter = TopK(k)
        for part in batches(y, t):
            meter.update(*part)
        assert meter.value == np.mean([label in row[:k] for label, row in zip(t, order)])
    accuracy = Accuracy()
    for part, labels in batches(y, t):
        accuracy.update(Variable(part), Variable(labels))
    assert accuracy.value == F.accuracy(y, t).item()


def test_equal_scores_count_as_argmax_says():
    y, t = np.zeros((3, 3)), np.array([0, 1, 2])
    for meter, share in ((Accuracy(), 1 / 3), (TopK(1), 1 / 3), (TopK(2), 2 / 3)):
        meter.update(y, t)
        assert meter.value == pytest.approx(share)


@pytest.mark.parametrize("meter", [Accuracy(), TopK(1)])
def test_nan_is_never_right(meter):
    meter.reset()
    meter.update(np.array([[np.nan, 1.0], [np.nan, 1.0], [0.0, 1.0], [np.nan, np.nan]]), np.array([0, 1, 1, 0]))
    assert meter.value == 0.25


def test_each_pixel_may_have_its_label(answers):
    y, t = np.moveaxis(answers[0].reshape(2, 5, 5), 2, 1), answers[1].reshape(2, 5)
    for meter in (Accuracy(), TopK(1)):
        meter.update(y, t)
        assert meter.value == F.accuracy(y, t).item()


def test_labels_in_a_column_are_taken(answers):
    y, t = answers
    for meter in (Accuracy(), ConfusionMatrix(5)):
        meter.update(y, t[:, None])
        accuracy = meter.value if isinstance(meter, Accuracy) else meter.accuracy
        assert accuracy == F.accuracy(y, t).item()


@pytest.mark.parametrize(
    ("y", "t", "kind", "sentence"),
    [
        (np.zeros((2, 3)), np.array([0, 3]), ValueError, r"Accuracy.update expects labels t from 0 to 2, got 3"),
        (np.zeros((2, 3)), np.array([0, -1]), ValueError, "from 0 to 2, got -1"),
        (np.zeros((2, 3)), np.array([0.0, 1.0]), TypeError, "expects integer labels t, got dtype float64"),
        (np.zeros((2, 3)), np.zeros((2, 3), int), ValueError, r"t.argmax\(axis=1\) makes labels of one-hot rows"),
        (np.zeros(3), np.zeros(3, int), ValueError, r"scores y of shape \(N, C\).*got \(3,\) and \(3,\)"),
        (np.zeros((2, 3)), np.zeros(3, int), ValueError, r"got \(2, 3\) and \(3,\)"),
        (None, np.zeros(3, int), TypeError, "expects scores y, got None"),
    ],
)
def test_what_is_no_answer_gets_a_sentence(y, t, kind, sentence):
    meter = Accuracy()
    with pytest.raises(kind, match=sentence):
        meter.update(y, t)
    assert meter.count == 0


def test_k_has_bounds():
    for k in (0, -1, 1.5, True):
        with pytest.raises(ValueError, match="TopK expects how many classes count, 1 or more"):
            TopK(k)
    with pytest.raises(ValueError, match=r"TopK\(4\) expects y with 4 classes or more, got shape \(2, 3\)"):
        TopK(4).update(np.zeros((2, 3)), np.zeros(2, int))


# -- confusion -------------------------------------------------------------------------------------


def test_the_matrix_counts_truth_by_row_and_answer_by_column(answers):
    y, t = answers
    confusion, wanted = ConfusionMatrix(5), np.zeros((5, 5), int)
    for part in batches(y, t):
        confusion.update(*part)
    for label, row in zip(t, y):
        wanted[label, row.argmax()] += 1
    assert np.array_equal(confusion.value, wanted)
    assert confusion.accuracy == F.accuracy(y, t).item()
    again = ConfusionMatrix(5)
    again.update(y.argmax(axis=1), t)
    assert np.array_equal(again.value, wanted)


def test_recall_and_precision_of_a_class_never_seen_are_nan_in_silence():
    confusion = ConfusionMatrix(["cat", "dog", "owl"])
    assert math.isnan(confusion.accuracy)
    confusion.update(np.array([0, 0, 1, 0]), np.array([0, 0, 0, 1]))
    np.testing.assert_array_equal(confusion.recall, [2 / 3, 0, np.nan])
    np.testing.assert_array_equal(confusion.precision, [2 / 3, 0, np.nan])
    assert str(confusion).splitlines()[1].split() == ["cat", "2", "1", "0", "66.7%"]
    assert repr(confusion).startswith("ConfusionMatrix of 3 classes, 4 examples\ntrue")
    assert len({len(line) for line in str(confusion).splitlines()}) == 1


@pytest.mark.parametrize(
    ("y", "t", "kind", "sentence"),
    [
        (np.zeros((2, 3)), np.array([0, 1]), ValueError, r"expects y of shape \(N, 2\) for 2 classes, got \(2, 3\)"),
        (np.array([0, 2]), np.array([0, 1]), ValueError, "expects answers y from 0 to 1, got 2"),
        (np.array([0, 1]), np.array([0, 2]), ValueError, "expects labels t from 0 to 1, got 2"),
        (np.array([0.5, 1]), np.array([0, 1]), TypeError, "expects integer answers y, got dtype float64"),
        (np.array([0, 1]), np.array([0]), ValueError, r"answers \(N,\), and labels t of shape \(N,\), got"),
    ],
)
def test_what_does_not_fit_the_matrix_gets_a_sentence(y, t, kind, sentence):
    confusion = ConfusionMatrix(2)
    with pytest.raises(kind, match=sentence):
        confusion.update(y, t)
    assert not confusion.value.any()


def test_labels_of_a_matrix_are_a_number_or_names():
    for labels in (0, []):
        with pytest.raises(ValueError, match="ConfusionMatrix expects one class at least"):
            ConfusionMatrix(labels)
    for labels in ("abc", 1.5, None, True):
        with pytest.raises(TypeError, match="expects the number of classes or their names"):
            ConfusionMatrix(labels)


# -- on a GPU --------------------------------------------------------------------------------------


@pytest.fixture
def cupy(monkeypatch):
    """The stand-in for CuPy, which refuses to let arrays of host and device meet."""
    monkeypatch.setitem(sys.modules, "cupy", fake_cupy.module())
    return sys.modules["cupy"]


def test_meters_take_arrays_of_the_device(cupy, answers):
    y, t = answers
    for meter in (Accuracy(), TopK(2), ConfusionMatrix(5)):
        for part in batches(y, t):
            meter.update(cupy.asarray(part[0]), cupy.asarray(part[1]))
        on_device = meter.value
        meter.reset()
        for part in batches(y, t):
            meter.update(Variable(cupy.asarray(part[0])), part[1])  # labels that were left on the host
        mixed = meter.value
        meter.reset()
        meter.update(y, t)
        np.testing.assert_array_equal(on_device, meter.value)
        np.testing.assert_array_equal(mixed, meter.value)


def test_a_mean_waits_for_the_device_only_when_it_is_asked_for(cupy, monkeypatch):
    fetched, asnumpy = [], cupy.asnumpy
    monkeypatch.setattr(cupy, "asnumpy", lambda x: fetched.append(1) or asnumpy(x))
    monkeypatch.setattr(cupy.ndarray, "__float__", lambda x: 1 / 0)
    meter = Mean()
    for value in (0.5, 1.0, 3.0):
        meter.update(Variable(cupy.asarray(np.array(value, np.float32))), 2)
    meter.update(0.5, 2)
    assert not fetched
    assert (meter.value, meter.value) == (1.25, 1.25)
    assert fetched == [1]
