"""Progress: what a terminal, a pipe and a notebook show, and what is left when a loop ends early."""

import io
import os
import re
import shutil
import sys
from importlib import import_module
from types import SimpleNamespace

import numpy as np
import pytest

import dezero.functions as F
from dezero import DataLoader, no_grad, test_mode
from dezero.datasets import ArrayDataset
from dezero.training import Accuracy, ConfusionMatrix, History, Mean, progress

module = import_module("dezero.training.progress")


class Screen(io.StringIO):
    """A terminal: `lines` is what one would read on it."""

    encoding = "utf-8"

    def isatty(self):
        return True

    @property
    def lines(self):
        lines, row, column = [""], 0, 0
        for part in re.split(r"(\r|\n|\x1b\[A)", self.getvalue()):
            if part == "\r":
                column = 0
            elif part in ("\n", "\x1b[A"):
                row += 1 if part == "\n" else -1
                column *= part != "\n"
                lines += [""] * (row + 1 - len(lines))
            else:
                lines[row] = lines[row][:column].ljust(column) + part + lines[row][column + len(part) :]
                column += len(part)
        return [line.rstrip() for line in lines]

    @property
    def pictures(self):
        """All that stood in a line, one after another."""
        return [part for part in re.split(r"[\r\n]", self.getvalue()) if part.strip()]


@pytest.fixture
def screen(monkeypatch):
    """A terminal of 80 columns without tqdm, on which every batch is drawn."""
    screen = Screen()
    monkeypatch.setattr(module, "sys", SimpleNamespace(stdout=screen, modules=sys.modules))  # pytest has its own stdout
    monkeypatch.setattr(module, "EVERY", 0.0)
    monkeypatch.setitem(sys.modules, "tqdm", None)
    monkeypatch.setenv("TERM", "xterm")
    columns(monkeypatch, 80)
    return screen


def columns(monkeypatch, n):
    monkeypatch.setattr(module, "get_terminal_size", lambda: os.terminal_size((n, 24)))


def without_times(text):
    return re.sub(r"\d[\d.]* m?s\b", "T", text)


def loader_of(n, batch_size=2, **options):
    return DataLoader(ArrayDataset(np.arange(float(n)), np.arange(n)), batch_size, shuffle=False, **options)


# -- what it counts --------------------------------------------------------------------------------


def test_a_function_is_averaged_over_examples():
    batches = progress(loader_of(5), mean=lambda: x.mean(), show=False)
    for x, _ in batches:  # noqa: B007
        pass
    assert batches.history["mean"] == [np.arange(5.0).mean()]
    assert len(batches) == 3


@pytest.mark.parametrize(
    ("batch", "examples"),
    [
        ((np.zeros((4, 2)), np.zeros(4)), 4),
        ([np.zeros((3, 2))], 3),
        ({"x": np.zeros((5, 2)), "t": 1}, 5),
        (np.zeros(6), 6),
        (7.0, 1),
        ((), 1),
        ({}, 1),
        ("text", 1),
        (np.zeros(()), 1),
    ],
)
def test_a_batch_is_as_long_as_its_first_array(batch, examples):
    assert module._examples(batch) == examples


def test_a_meter_is_the_loops_own_and_begins_again_with_each_pass():
    accuracy, confusion = Accuracy(), ConfusionMatrix(2)
    batches = progress(loader_of(4), acc=accuracy, confusion=confusion, show=False)
    for share in (1.0, 0.5):
        for _, t in batches:
            scores = np.eye(2)[(t % 2 if share == 1 else np.zeros_like(t))]
            accuracy.update(scores, t % 2)
            confusion.update(scores, t % 2)
        assert accuracy.value == share
    assert batches.history["acc"] == [1.0, 0.5]
    assert confusion.value.sum() == 4
    assert list(batches.history) == ["epoch", "acc", "batches", "seconds"]  # a matrix is no number of a line


def test_each_pass_is_a_row():
    batches = progress(loader_of(4), loss=lambda: 1.0, show=False)
    for _ in range(3):
        list(batches)
    assert batches.history["epoch"] == [1, 2, 3]
    assert batches.history["batches"] == [2, 2, 2]
    history = History()
    for epoch in (5, 6):
        list(progress(loader_of(4), epoch, history=history, show=False))
    list(progress(loader_of(4), history=history, show=False))
    assert history["epoch"] == [5, 6, 7]


def test_step_50_has_the_same_numbers():
    """The numbers are those that the step sums up by itself."""
    from dezero import datasets, optimizers
    from dezero.models import MLP

    np.random.seed(0)
    train_set = datasets.Spiral(train=True)
    train_loader = DataLoader(train_set, 70)  # the last batch is shorter
    model = MLP((10, 3))
    optimizer = optimizers.SGD(1.0).setup(model)
    history = History()
    wanted = []
    for _ in range(3):
        sums = np.zeros(2)
        means = {"loss": lambda: loss, "acc": lambda: F.accuracy(y, t)}  # noqa: B023
        batches = progress(train_loader, history=history, show=False, **means)
        for x, t in batches:
            y = model(x)
            loss = F.softmax_cross_entropy(y, t)
            model.cleargrads()
            loss.backward()
            optimizer.update()
            sums += np.array([loss.item(), F.accuracy(y, t).item()]) * len(t)
        wanted.append(sums / len(train_set))
    np.testing.assert_allclose(np.array([history["loss"], history["acc"]]).T, wanted, rtol=1e-12)


def test_at_end_adds_its_numbers_after_the_last_batch(capsys):
    seen = []
    batches = progress(loader_of(4), 1, at_end=lambda: seen.append(x) or {"val_loss": 0.5}, loss=lambda: 1.0)
    for x, _ in batches:  # noqa: B007
        pass
    assert np.array_equal(seen, [[2.0, 3.0]])
    assert list(batches.history) == ["epoch", "loss", "val_loss", "batches", "seconds"]
    assert without_times(capsys.readouterr().out) == "epoch 1  train  2/2  T  loss 1.000  val_loss 0.5000\n"


# -- loops that end early --------------------------------------------------------------------------


@pytest.mark.parametrize("error", [KeyboardInterrupt, ZeroDivisionError, None])
def test_a_loop_that_ends_early_leaves_line_and_history(error, capsys):
    batches = progress(loader_of(10), loss=lambda: x.mean())
    list_of_x = []

    def loop():
        nonlocal x
        for x, _ in batches:
            list_of_x.append(x)
            if len(list_of_x) == 3:
                if error is None:
                    break
                raise error

    x = None
    if error is None:
        loop()
    else:
        with pytest.raises(error):
            loop()
    assert batches.history["loss"] == [np.mean(list_of_x[:2])]
    assert batches.history["batches"] == [2]
    assert without_times(capsys.readouterr().out) == "train  2/5  T  loss 1.500  ended early\n"


def test_nothing_is_recorded_of_a_pass_without_a_batch(capsys):
    batches = progress(loader_of(4), loss=lambda: 1.0, at_end=lambda: 1 / 0)
    for _ in batches:
        break
    assert batches.history == {}
    assert without_times(capsys.readouterr().out) == "train  0/2  T  loss nan  ended early\n"
    empty = progress([], show=False, at_end=lambda: 1 / 0)
    assert list(empty) == []
    assert empty.history == {}


def test_an_error_in_a_loader_or_a_meter_comes_through():
    def broken():
        yield np.zeros(2)
        raise OSError("disk")

    batches = progress(broken(), loss=lambda: 1.0, show=False)
    with pytest.raises(OSError, match="disk"):
        list(batches)
    assert batches.history["batches"] == [1]
    with pytest.raises(NameError, match="nowhere") as caught:
        list(progress(loader_of(4), loss=lambda: nowhere, show=False))  # noqa: F821
    assert caught.value.__notes__ == ["progress called the function given as loss, as after every batch"]


def test_the_workers_of_a_loader_end_with_the_loop():
    import threading

    for _ in progress(loader_of(100, num_workers=2), show=False):
        break
    for thread in [t for t in threading.enumerate() if t.name.startswith("DataLoader")]:
        thread.join(5)
        assert not thread.is_alive()


def test_a_number_in_place_of_a_meter_gets_a_sentence():
    with pytest.raises(TypeError, match=r"function or a meter as loss, such as loss=lambda: loss, got float, which"):
        progress([], loss=0.5)
    with pytest.raises(TypeError, match=r"a meter as acc, got the class Accuracy: make one, Accuracy\(\)"):
        progress([], acc=Accuracy)
    with pytest.raises(TypeError, match="progress expects a loader to go through, got int"):
        progress(5)
    with pytest.raises(ValueError, match="progress counts epoch itself: give the meter another name"):
        progress([], epoch=lambda: 1)


# -- files and pipes -------------------------------------------------------------------------------


def test_a_file_gets_one_line_for_each_pass(capsys):
    for epoch in (1, 2):
        for _ in progress(loader_of(6), epoch, loss=lambda: 0.25):
            pass
    out = capsys.readouterr().out
    assert without_times(out) == "epoch 1  train  3/3  T  loss 0.2500\nepoch 2  train  3/3  T  loss 0.2500\n"
    assert "\r" not in out


def test_a_dumb_terminal_is_like_a_file(screen, monkeypatch):
    monkeypatch.setenv("TERM", "dumb")
    list(progress(loader_of(6)))
    assert without_times(screen.getvalue()) == "train  3/3  T\n"


def test_the_mode_is_shown(capsys):
    list(progress([0]))
    with no_grad():
        list(progress([0]))
        with test_mode():
            list(progress([0], "test"))
    assert without_times(capsys.readouterr().out) == "train  1/1  T\ntrain, no_grad  1/1  T\ntest  eval  1/1  T\n"


def test_a_loader_without_length_is_counted(capsys):
    batches = progress(iter([0, 0]))
    list(batches)
    list(progress(iter([0])))
    assert without_times(capsys.readouterr().out) == "train  2 batches  T\ntrain  1 batch  T\n"
    with pytest.raises(TypeError, match=r"has no len\(\)"):
        len(batches)


def test_no_stdout_is_no_fault(monkeypatch):
    monkeypatch.setattr(sys, "stdout", None)
    assert list(progress([1, 2])) == [1, 2]


def test_characters_that_the_stream_cannot_write_are_replaced(monkeypatch):
    stream = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    monkeypatch.setattr(sys, "stdout", stream)
    list(progress([0], "学習"))
    assert stream.buffer.getvalue().startswith(b"??  train  1/1")


# -- terminals -------------------------------------------------------------------------------------


def test_a_bar_grows_and_one_line_stays(screen):
    for _ in progress(loader_of(8), "epoch 1", loss=lambda: 0.5):
        pass
    assert [without_times(picture).rstrip() for picture in screen.pictures] == [
        "epoch 1  train  [######.....................]  1/4  loss 0.5000  T left",
        "epoch 1  train  [#############..............]  2/4  loss 0.5000  T left",
        "epoch 1  train  [####################.......]  3/4  loss 0.5000  T left",
        "epoch 1  train  [###########################]  4/4  loss 0.5000",
        "epoch 1  train  4/4  T  loss 0.5000",
    ]
    assert [without_times(line) for line in screen.lines] == ["epoch 1  train  4/4  T  loss 0.5000", ""]


@pytest.mark.parametrize("width", [20, 40, 60, 200])
def test_a_bar_is_never_wider_than_the_terminal(screen, monkeypatch, width):
    columns(monkeypatch, width)
    for _ in progress(loader_of(200), "学習 epoch 1", loss=lambda: 0.5, accuracy=lambda: 0.5):
        pass
    pictures = [picture.rstrip() for picture in screen.pictures[:-1]]
    assert len(pictures) == 100
    assert max([module._columns(picture) for picture in pictures]) <= width - 3


def test_a_pass_of_a_moment_draws_no_bar(screen, monkeypatch):
    monkeypatch.setattr(module, "EVERY", 60.0)
    list(progress(loader_of(8)))
    assert [without_times(picture) for picture in screen.pictures] == ["train  4/4  T"]


def test_ctrl_c_leaves_a_clean_line(screen):
    with pytest.raises(KeyboardInterrupt):
        for k, _ in enumerate(progress(loader_of(8), loss=lambda: 0.5)):
            if k == 2:
                screen.write("^C")  # as terminals do
                raise KeyboardInterrupt
    assert [without_times(line) for line in screen.lines] == ["train  2/4  T  loss 0.5000  ended early", ""]


@pytest.mark.parametrize("every", [0.0, 60.0])
@pytest.mark.parametrize("tqdm", [False, True])
def test_a_loop_inside_a_loop_keeps_both_lines(screen, monkeypatch, every, tqdm):
    if tqdm:
        monkeypatch.delitem(sys.modules, "tqdm")
        pytest.importorskip("tqdm", reason="tqdm draws the bar")
    for _ in progress(loader_of(4), "outer with a long name"):
        monkeypatch.setattr(module, "EVERY", every)
        for _ in progress(loader_of(4), "inner"):
            pass
        monkeypatch.setattr(module, "EVERY", 0.0)
    assert [without_times(line) for line in screen.lines] == [
        "inner  train  2/2  T", "inner  train  2/2  T", "outer with a long name  train  2/2  T", "",
    ]  # fmt: skip


def test_the_rest_of_a_pass_is_counted_from_where_it_begins(screen):
    loader = loader_of(8)
    for k, _ in enumerate(loader):
        if k == 2:
            state = loader.state_dict()
            break
    again = loader_of(8)
    again.load_state_dict(state)
    batches = progress(again)
    list(batches)
    assert without_times(screen.pictures[0]).rstrip() == "train  [##############################]  4/4"
    assert without_times(screen.lines[0]) == "train  4/4  T"
    assert batches.history["batches"] == [1]


def test_tqdm_draws_the_bar_where_it_is(screen, monkeypatch):
    monkeypatch.delitem(sys.modules, "tqdm")
    pytest.importorskip("tqdm", reason="tqdm draws the bar")
    for _ in progress(loader_of(8), "epoch 1", loss=lambda: 0.5):
        pass
    first = screen.pictures[0]
    assert without_times(first).startswith("epoch 1  train  ███")
    assert without_times(first).rstrip().endswith("  1/4  loss 0.5000  T left")
    assert [without_times(line) for line in screen.lines] == ["epoch 1  train  4/4  T  loss 0.5000", ""]
    with pytest.raises(KeyboardInterrupt):
        for k, _ in enumerate(progress(iter([0] * 9), "100 % {sure}", loss=lambda: 0.5)):
            if k == 2:
                screen.write("^C")
                raise KeyboardInterrupt
    assert without_times(screen.pictures[-2]).startswith("100 % {sure}  train  2 batches  loss 0.5000  T")
    assert without_times(screen.lines[1]) == "100 % {sure}  train  2 batches  T  loss 0.5000  ended early"


def test_a_notebook_shows_text_in_place(screen, monkeypatch):
    shown = []

    class Handle:
        def update(self, data, raw):
            shown.append(data["text/plain"])

    def display(data, raw, display_id):
        shown.append(data["text/plain"])
        return Handle()

    for name in ("IPython", "IPython.display"):
        monkeypatch.setitem(sys.modules, name, type(sys)(name))
    sys.modules["IPython"].get_ipython = lambda: type("Shell", (), {"kernel": None})()
    sys.modules["IPython.display"].display = display
    list(progress(loader_of(4), "epoch 1", loss=lambda: 0.5))
    assert screen.getvalue() == ""
    assert [without_times(text) for text in shown] == [
        "epoch 1  train  [###############...............]  1/2  loss 0.5000  T left",
        "epoch 1  train  [##############################]  2/2  loss 0.5000",
        "epoch 1  train  2/2  T  loss 0.5000",
    ]


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.0004, "0.4 ms"), (0.051, "51 ms"), (0.52, "0.52 s"), (9.94, "9.9 s"), (9.96, "10 s"), (59.4, "59 s"),
     (59.6, "1:00"), (205, "3:25"), (3599.6, "1:00:00"), (3723, "1:02:03")],
)  # fmt: skip
def test_times_read_as_one_says_them(seconds, text):
    assert module._duration(seconds) == text


def test_a_mean_is_asked_for_when_drawn_only(screen, monkeypatch):
    """On a GPU, the value of a meter waits for all that is under way there."""
    monkeypatch.setattr(module, "EVERY", 60.0)
    asked = []

    class Watched(Mean):
        @property
        def value(self):
            asked.append(1)
            return 0.5

    list(progress(loader_of(200), loss=Watched()))
    assert len(asked) == 1


def test_the_width_is_that_of_the_terminal():
    assert module.get_terminal_size is shutil.get_terminal_size
