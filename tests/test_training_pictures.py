"""The pictures of training: what they show, and what they refuse."""

import subprocess
import sys
import warnings
from pathlib import Path

import numpy as np
import pytest

import dezero.functions as F
import dezero.layers as L
from dezero.models import MLP
from dezero.training import pictures
from dezero.training.meters import ConfusionMatrix
from dezero.training.pictures import plot_boundary, plot_confusion, plot_filters, plot_history, plot_mistakes

matplotlib = pytest.importorskip("matplotlib")


def texts(figure):
    found = figure.findobj(matplotlib.text.Text)
    return [text.get_text() for text in found if text.get_text()]


# -- history ---------------------------------------------------------------------------------------


def test_training_and_validation_share_axes_and_counters_are_not_drawn():
    history = {"epoch": [1, 2], "loss": [1, 0.5], "val_loss": [2, 0.9], "acc": [0.1, 0.2], "seconds": [3, 3]}
    figure = plot_history(history)
    assert [axes.get_title(loc="left") for axes in figure.axes] == ["loss", "acc"]
    training, validation = figure.axes[0].lines[:2]
    assert training.get_ydata().tolist() == [1, 0.5]
    assert validation.get_ydata().tolist() == [2, 0.9]
    assert training.get_linestyle() != validation.get_linestyle()


def test_the_best_epoch_is_the_least_loss_and_the_greatest_accuracy():
    figure = plot_history({"loss": [3, 2, 1], "val_loss": [3, 1, 2], "acc": [0, 0, 1], "val_acc": [0.5, 0.7, 0.9]})
    labels = [text.get_text() for axes in figure.axes for text in axes.get_legend().get_texts()]
    assert "best: 1 in epoch 2" in labels
    assert "best: 0.9 in epoch 3" in labels


def test_what_is_missing_is_a_gap():
    figure = plot_history({"loss": [1.0, 2.0, 3.0], "val_loss": [None, float("nan"), float("inf")]})
    assert np.isnan(figure.axes[0].lines[1].get_ydata()).all()


@pytest.mark.parametrize("history", [{}, {"epoch": [1]}, {"loss": []}, {"loss": [1], "acc": [1, 2]}])
def test_a_history_that_cannot_be_drawn_is_refused(history):
    with pytest.raises(ValueError, match=r"nothing to draw|lengths that differ: loss 1, acc 2"):
        plot_history(history)


def test_a_history_of_words_is_refused():
    with pytest.raises(TypeError, match="others in 'loss'"):
        plot_history({"loss": ["low"]})


def test_pyplot_is_not_even_loaded():
    code = "from tests.test_training_pictures import ALL; import sys; [f() for f in ALL.values()]; "
    code += "assert 'matplotlib.pyplot' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60, cwd=Path(__file__).parents[1])


# -- confusion matrix ------------------------------------------------------------------------------


def test_a_confusion_matrix_shows_counts_and_shares():
    confusion = ConfusionMatrix(["cat", "dog"])
    confusion.update(np.array([0, 0, 1, 1, 1]), np.array([0, 1, 1, 1, 1]))
    said = texts(plot_confusion(confusion))
    assert "4 of 5 right: 80.00 %" in said
    assert {"cat", "dog", "100.0 %", "75.0 %", "3", "1"} <= set(said)


def test_many_classes_are_drawn_by_colour_alone():
    assert "80" not in texts(plot_confusion(np.diag(np.full(50, 7))))


def test_a_class_without_examples_and_an_empty_matrix_are_drawn():
    assert "none" in texts(plot_confusion([[2, 0], [0, 0]]))
    assert "0 of 0 right" in texts(plot_confusion(np.zeros((2, 2), int)))


@pytest.mark.parametrize("counts", [np.zeros((2, 3), int), np.zeros((0, 0), int), [[1, -1], [0, 0]], [["a"]]])
def test_what_is_no_confusion_matrix_is_refused(counts):
    with pytest.raises(ValueError, match="plot_confusion expects counts"):
        plot_confusion(counts)


def test_each_class_needs_a_name():
    with pytest.raises(ValueError, match="a name for each of 2 classes"):
        plot_confusion([[1, 0], [0, 1]], ["cat"])


def test_letters_that_no_font_has_are_warned_about(monkeypatch):
    monkeypatch.setattr(pictures, "_installed", lambda manager: {})
    with pytest.warns(UserWarning, match="no font here has the letters 'ごりん'"):
        plot_confusion([[1, 0], [0, 1]], ["りんご", "apple"])


def test_letters_of_the_usual_font_need_no_other(monkeypatch):
    monkeypatch.setattr(pictures, "_installed", lambda manager: pytest.fail("looked for fonts"))
    plot_confusion([[1, 0], [0, 1]], ["Äpfel", "×"])


def test_a_font_with_the_letters_is_taken(monkeypatch):
    usual = matplotlib.font_manager.findfont("DejaVu Sans")
    monkeypatch.setattr(pictures, "_installed", lambda manager: {"IPAGothic": usual})
    covered = {ord(c) for c in "りんご"}
    letters = iter([set(range(256)) | {0xB7}, covered])
    monkeypatch.setattr(pictures, "_letters", lambda manager, path: next(letters))
    figure = plot_confusion([[1, 0], [0, 1]], ["りんご", "b"])
    families = {tuple(t.get_fontfamily()) for t in figure.findobj(matplotlib.text.Text) if t.get_text() == "りんご"}
    assert families == {("sans-serif", "IPAGothic")}


# -- mistakes --------------------------------------------------------------------------------------

CHANCES = np.array([[0.9, 0.1], [0.8, 0.2], [0.99, 0.01], [0.3, 0.7]])


@pytest.mark.parametrize("shape", [(4, 1, 5, 5), (4, 3, 5, 5), (4, 5, 5), (4, 25)])
def test_the_worst_mistake_comes_first(shape):
    images = np.random.default_rng(0).random(shape)
    figure = plot_mistakes(images, [0, 1, 1, 1], CHANCES, ["cat", "dog"])
    assert "2 of 4 taken for something else\n" in texts(figure)
    said = [text for text in texts(figure) if text.startswith(("is ", "taken "))]
    assert said == ["is dog: 1.0 %", "taken for cat: 99 %", "is dog: 20 %", "taken for cat: 80 %"]


def test_of_many_mistakes_the_worst_are_drawn():
    figure = plot_mistakes(np.zeros((4, 3, 3)), [1, 1, 1, 0], CHANCES, most=2)
    assert len(figure.axes) == 2
    assert "4 of 4 taken for something else; the 2 worst\n" in texts(figure)


def test_no_mistake_is_a_page_that_says_so():
    assert texts(plot_mistakes(np.zeros((4, 3, 3)), [0, 0, 0, 1], CHANCES)) == ["No mistake in 4 images."]


def test_what_are_no_images_or_no_probabilities_is_refused():
    with pytest.raises(ValueError, match=r"expects images of shape .*, got \(4, 2\)"):
        plot_mistakes(np.zeros((4, 2)), [0, 0, 0, 0], CHANCES)
    with pytest.raises(ValueError, match=r"4 labels and probabilities of shape \(4, C\)"):
        plot_mistakes(np.zeros((4, 3, 3)), [0, 0], CHANCES)
    with pytest.raises(ValueError, match=r"F\.softmax makes them"):
        plot_mistakes(np.zeros((4, 3, 3)), [0, 0, 0, 0], 5 * CHANCES)


# -- filters ---------------------------------------------------------------------------------------


def test_filters_share_one_scale_around_zero():
    layer = L.Conv2d(4, kernel_size=3, in_channels=1)
    layer.W.data[0, 0, 0, 0] = -9
    figure = plot_filters(layer)
    images = [axes.images[0] for axes in figure.axes if axes.images]
    assert len(images) == 4
    assert {image.get_clim() for image in images} == {(-9.0, 9.0)}


def test_three_channels_are_colours_and_zero_is_grey():
    figure = plot_filters(np.zeros((2, 3, 5, 5)))
    assert [axes.images[0].get_array().shape for axes in figure.axes] == [(5, 5, 3)] * 2
    assert (figure.axes[0].images[0].get_array() == 0.5).all()


def test_other_channels_are_a_row_for_each_filter():
    figure = plot_filters(np.ones((70, 2, 3, 3)), most=5)
    assert len([axes for axes in figure.axes if axes.images]) == 10
    assert figure.get_suptitle() == "70 filters of 3 x 3, 2 channels; the first 5; a row is a filter"


def test_what_has_no_filters_is_refused():
    with pytest.raises(TypeError, match="layer with weights W, got MLP"):
        plot_filters(MLP((2,)))
    with pytest.raises(ValueError, match="not there yet; call the model once"):
        plot_filters(L.Conv2d(4, kernel_size=3))
    with pytest.raises(ValueError, match=r"\(OC, C, KH, KW\), got \(2, 3\)"):
        plot_filters(np.zeros((2, 3)))


# -- decision boundary -----------------------------------------------------------------------------

X = np.array([[0.0, 0.0], [1.0, 1.0], [0.0, 1.0], [1.0, 0.0]], np.float32)


class Right(L.Layer):
    def forward(self, x):
        return F.linear(x, np.array([[-1, 1], [0, 0]], x.dtype), np.array([0.5, -0.5], x.dtype))


class One(L.Layer):
    def forward(self, x):
        return F.linear(x, np.array([[1], [0]], x.dtype), np.array([-0.5], x.dtype))


@pytest.mark.parametrize("model", [Right(), One()])
def test_a_boundary_colours_each_place_by_the_answer(model):
    figure = plot_boundary(model, X, np.array([0, 1, 0, 1]), steps=20)
    picture = figure.axes[0].images[0].get_array()
    assert (picture[:, :10] == picture[0, 0]).all()
    assert (picture[:, 10:] == picture[0, -1]).all()
    assert (picture[0, 0] != picture[0, -1]).any()
    assert [text.get_text() for text in figure.axes[0].get_legend().get_texts()] == ["class 0", "class 1"]


def test_a_boundary_leaves_no_graph_and_drops_nothing():
    class Dropping(Right):
        def forward(self, x):
            y = F.dropout(super().forward(x), 0.5)
            assert y.creator is None
            return y

    state = np.random.get_state()[1].copy()
    plot_boundary(Dropping(), X, np.array([0, 1, 0, 1]), steps=5)
    assert (np.random.get_state()[1] == state).all()


def test_what_is_not_on_a_plane_is_refused():
    with pytest.raises(ValueError, match=r"x of shape \(N, 2\)"):
        plot_boundary(Right(), np.zeros((4, 3)), np.zeros(4, int))
    with pytest.raises(ValueError, match="labels t from 0 to 1"):
        plot_boundary(Right(), X, np.array([0, 1, 2, 0]), steps=5)
    with pytest.raises(ValueError, match="a name for each of 2 classes, got 'ab'"):
        plot_boundary(Right(), X, np.array([0, 1, 0, 1]), "ab", steps=5)


# -- all of them -----------------------------------------------------------------------------------

ALL = {
    "history": lambda: plot_history({"loss": [1, 2], "val_loss": [1, 2]}),
    "confusion": lambda: plot_confusion([[5, 1], [2, 9]], ["cat", "a long name"]),
    "mistakes": lambda: plot_mistakes(np.zeros((4, 3, 3)), [0, 1, 1, 1], CHANCES),
    "filters": lambda: plot_filters(np.ones((4, 1, 3, 3))),
    "boundary": lambda: plot_boundary(Right(), X, np.array([0, 1, 0, 1]), steps=5),
}


@pytest.mark.parametrize("name", ALL)
def test_every_picture_can_be_saved_without_a_warning(name, tmp_path):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        ALL[name]().savefig(tmp_path / "picture.png", dpi=30)
    assert (tmp_path / "picture.png").read_bytes()[:4] == b"\x89PNG"


@pytest.mark.parametrize("name", ALL)
def test_without_matplotlib_a_sentence_says_what_to_install(name, monkeypatch):
    for module in [module for module in sys.modules if module.partition(".")[0] == "matplotlib"]:
        monkeypatch.delitem(sys.modules, module)
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(ImportError, match=r"pictures need matplotlib .*: python -m pip install matplotlib"):
        ALL[name]()
