"""History and the loggers: what is written comes back, also after a kill."""

import json
import math
import sys

import numpy as np
import pytest

from dezero import Variable
from dezero.training import CSVLogger, History, JSONLinesLogger, TensorBoardLogger


@pytest.fixture
def history():
    history = History()
    history.append(epoch=1, loss=0.1 + 0.2, acc=0.5)
    history.append(epoch=2, loss=math.nan, val_loss=1e-300, note='say "a, b"')
    history.append(epoch=3, loss=0.25, acc=0.75, val_loss=math.inf)
    return history


def same(a, b):
    return list(a) == list(b) and repr(list(a.values())) == repr(list(b.values()))


# -- the table -------------------------------------------------------------------------------------


def test_all_lists_are_of_one_length_and_missing_is_none(history):
    assert {len(column) for column in history.values()} == {3}
    assert history["acc"] == [0.5, None, 0.75]
    assert history["note"] == [None, 'say "a, b"', None]
    assert history.last == {"epoch": 3, "loss": 0.25, "acc": 0.75, "val_loss": math.inf, "note": None}
    assert history.rows[0] == {"epoch": 1, "loss": 0.1 + 0.2, "acc": 0.5, "val_loss": None, "note": None}
    assert History().last == {}
    assert History().rows == []


def test_numbers_of_any_kind_become_pythons():
    history = History()
    history.append(
        a=np.float32(0.5), b=Variable(np.array(2.0)), c=np.array([3]), d=np.float64(0.5), e=np.int64(1), f=True
    )
    assert [(v, type(v)) for v in history.last.values()] == [
        (0.5, float), (2.0, float), (3, int), (0.5, float), (1, int), (True, bool),
    ]  # fmt: skip


def test_what_is_no_number_gets_a_sentence_and_changes_nothing():
    history = History({"loss": [1.0]})
    with pytest.raises(TypeError, match=r"History expects one number for 'loss', got an array of shape \(2,\)"):
        history.append(loss=np.zeros(2))
    with pytest.raises(TypeError, match="History expects a number, text or None for 'new', got object"):
        history.append(loss=1.0, new=object())
    assert history == {"loss": [1.0]}
    with pytest.raises(ValueError, match="History expects lists of one length, got a 1, b 2"):
        History({"a": [1], "b": [1, 2]})


def test_best_knows_what_is_better_and_passes_over_nan(history):
    assert history.best("loss")["epoch"] == 3
    assert history.best("acc")["epoch"] == 3
    assert history.best("val_loss")["epoch"] == 2
    assert history.best("val_loss", "max")["epoch"] == 3
    assert History({"bleu": [1, 3, 3]}).best("bleu", "max") == {"bleu": 3}


def test_best_asks_where_it_cannot_know(history):
    with pytest.raises(ValueError, match="the name 'bleu' does not tell whether small or large is best: say mode="):
        History({"bleu": [1]}).best("bleu")
    with pytest.raises(KeyError, match="History has no 'accuracy'; it has epoch, loss, acc"):
        history.best("accuracy")
    with pytest.raises(ValueError, match="'note' holds no number"):
        history.best("note", "max")
    with pytest.raises(ValueError, match="expects mode 'min' or 'max' for 'loss', got 'most'"):
        history.best("loss", "most")


def test_it_looks_like_a_table(history):
    lines = repr(history).splitlines()
    assert lines[0].split() == ["epoch", "loss", "acc", "val_loss", "note"]
    assert lines[2].split()[:4] == ["2", "nan", "-", "1.000e-300"]
    assert repr(History()) == "History: no row yet"
    many = History({"epoch": list(range(100))})
    assert repr(many).split() == ["epoch", *map(str, range(10)), "...", *map(str, range(90, 100))]


def test_html_is_escaped():
    html = History({"<b>": ["<script>"]})._repr_html_()
    assert "<th>&lt;b&gt;</th>" in html
    assert "<td>&lt;script&gt;</td>" in html


# -- files -----------------------------------------------------------------------------------------


def test_csv_comes_back_exactly(history, tmp_path):
    history.to_csv(tmp_path / "h.csv")
    assert same(History.from_csv(tmp_path / "h.csv"), history)
    assert (tmp_path / "h.csv").read_bytes().startswith(b"epoch,loss,acc,val_loss,note\n1,0.30000000000000004,0.5,,\n")


def test_a_csv_with_a_short_line_gets_a_sentence(tmp_path):
    (tmp_path / "h.csv").write_text("epoch,loss\n1\n")
    with pytest.raises(ValueError, match=r"line 2 of '.*h.csv' has 1 values for 2 names"):
        History.from_csv(tmp_path / "h.csv")


@pytest.mark.parametrize("logger", [CSVLogger, JSONLinesLogger])
def test_a_logger_writes_each_row_at_once(logger, history, tmp_path):
    log = logger(tmp_path / "log")
    for row in history.rows:
        log.append(**{name: value for name, value in row.items() if value is not None})
        assert same(logger(tmp_path / "log").history, log.history)
    assert same(log.history, history)
    log.close()


@pytest.mark.parametrize("logger", [CSVLogger, JSONLinesLogger])
def test_a_logger_goes_on_with_the_file_of_a_killed_run(logger, tmp_path):
    log = logger(tmp_path / "log")
    for epoch in (1, 2, 3):
        log.append(epoch=epoch, loss=1 / epoch)
    whole = (tmp_path / "log").read_bytes()
    (tmp_path / "log").write_bytes(whole + whole.splitlines()[-1][:-3])  # killed within a line
    log = logger(tmp_path / "log")  # resumed from a checkpoint after epoch 2
    log.append(epoch=3, loss=0.3)
    log.append(epoch=4, loss=0.2)
    assert logger(tmp_path / "log").history == {"epoch": [1, 2, 3, 4], "loss": [1.0, 0.5, 0.3, 0.2]}


@pytest.mark.parametrize("logger", [CSVLogger, JSONLinesLogger])
def test_half_a_first_line_is_dropped(logger, tmp_path):
    (tmp_path / "log").write_bytes(b"epo")
    log = logger(tmp_path / "log")
    log.append(epoch=1)
    assert logger(tmp_path / "log").history == {"epoch": [1]}


@pytest.mark.parametrize("logger", [CSVLogger, JSONLinesLogger])
def test_rows_without_an_epoch_are_all_kept(logger, tmp_path):
    for step in (1, 2):
        logger(tmp_path / "log").append(step=step, loss=0.5)
    assert logger(tmp_path / "log").history == {"step": [1, 2], "loss": [0.5, 0.5]}


@pytest.mark.parametrize("logger", [CSVLogger, JSONLinesLogger])
def test_a_logger_without_a_folder_says_so_at_once(logger, tmp_path):
    with pytest.raises(FileNotFoundError, match=r"there is no folder .*none.*; make it first, with os.makedirs"):
        logger(tmp_path / "none" / "log")


def test_damaged_json_gets_a_sentence(tmp_path):
    (tmp_path / "log").write_text('{"a": 1}\n[1]\n')
    with pytest.raises(ValueError, match=r"line 2 of .* is no object with names"):
        JSONLinesLogger(tmp_path / "log")
    (tmp_path / "log").write_text("{]\n")
    with pytest.raises(ValueError, match=r"line 1 of .* is no JSON"):
        JSONLinesLogger(tmp_path / "log")


def test_json_lines_leave_out_what_is_missing(tmp_path):
    log = JSONLinesLogger(tmp_path / "log")
    log.append(epoch=1, note="日本")
    log.append(epoch=2, loss=math.nan)
    first, second = (tmp_path / "log").read_text(encoding="utf-8").splitlines()
    assert first == '{"epoch": 1, "note": "日本"}'
    assert math.isnan(json.loads(second)["loss"])
    assert "note" not in second


def test_tensorboard_gets_the_numbers(tmp_path, monkeypatch):
    calls = []

    class SummaryWriter:
        def __init__(self, folder):
            calls.append(folder)

        def add_scalar(self, *arguments):
            calls.append(arguments)

        def flush(self):
            calls.append("flush")

        def close(self):
            calls.append("close")

    monkeypatch.setitem(sys.modules, "tensorboardX", type(sys)("tensorboardX"))
    sys.modules["tensorboardX"].SummaryWriter = SummaryWriter
    log = TensorBoardLogger(tmp_path)
    log.append(epoch=3, loss=np.float32(0.5), note="text")
    log.append(loss=0.25)
    log.close()
    assert calls == [str(tmp_path), ("loss", 0.5, 3), "flush", ("loss", 0.25, 2), "flush", "close"]


def test_tensorboard_is_asked_for_by_name(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "tensorboardX", None)
    with pytest.raises(ImportError, match="TensorBoardLogger needs tensorboardX: pip install tensorboardX"):
        TensorBoardLogger(tmp_path)


# -- picture ---------------------------------------------------------------------------------------


def test_plot_returns_a_figure_apart_from_pyplot(history):
    matplotlib = pytest.importorskip("matplotlib", reason="matplotlib draws the curves")
    before = "matplotlib.pyplot" in sys.modules
    figure = history.plot()
    assert isinstance(figure, matplotlib.figure.Figure)
    assert ("matplotlib.pyplot" in sys.modules) == before
    assert [axes.get_title(loc="left") for axes in figure.axes] == ["loss", "acc"]
    assert [line.get_label() for line in figure.axes[0].lines][:2] == ["training", "validation"]
    np.testing.assert_array_equal(figure.axes[1].lines[0].get_ydata(), [0.5, np.nan, 0.75])


def test_plot_of_what_is_not_there_gets_a_sentence(history):
    with pytest.raises(KeyError, match=r"History.plot: no 'f1'; it has epoch, loss"):
        history.plot("f1")
