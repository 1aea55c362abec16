"""The trainer against the loop that it stands for, and what is left when it is stopped."""

import inspect
import math

import numpy as np
import pytest

import dezero.functions as F
import dezero.layers as L
from dezero import Config, DataLoader, Parameter, no_grad, test_mode
from dezero.datasets import ArrayDataset
from dezero.models import MLP, Sequential
from dezero.optimizers import SGD, Adam, ClipGrad, step_decay
from dezero.training import Accuracy, Checkpoint, ConfusionMatrix, EarlyStopping, JSONLinesLogger, Trainer
from dezero.training.events import EVENTS


def arrays(n=10, seed=0):
    rng = np.random.default_rng(seed)
    return rng.standard_normal((n, 4)), rng.integers(0, 3, n)


def model_of(seed=0):
    np.random.seed(seed)
    model = MLP((5, 3))
    model(np.zeros((1, 4)))
    for p in model.params():
        p.data = p.data.astype(np.float64)
    return model


def loader_of(n=10, batch_size=4, shuffle=False, seed=0):
    return DataLoader(ArrayDataset(*arrays(n, seed)), batch_size, shuffle, seed=0)


def trainer_of(model=None, optimizer=None, **options):
    options = {"show": False, **options}
    return Trainer(model or model_of(), optimizer or SGD(0.5), F.softmax_cross_entropy, **options)


def weights(model):
    return [p.data.copy() for p in model.params()]


def assert_same(a, b):
    for x, y in zip(a, b, strict=True):
        np.testing.assert_array_equal(x, y)


# -- the loop --------------------------------------------------------------------------------------


def test_it_is_the_explicit_loop_bit_by_bit():
    by_hand, losses = model_of(), []
    loader, optimizer = loader_of(shuffle=True), Adam(0.1).setup(by_hand)
    for _ in range(3):
        total = 0.0
        for x, t in loader:
            loss = F.softmax_cross_entropy(by_hand(x), t)
            by_hand.cleargrads()
            loss.backward()
            optimizer.update()
            total += loss.item() * len(t)
        losses.append(total / 10)
    trainer = trainer_of(optimizer=Adam(0.1))
    assert trainer.fit(loader_of(shuffle=True), epochs=3)["loss"] == losses
    assert_same(weights(trainer.model), weights(by_hand))


def test_validation_counts_a_short_last_batch_right_and_learns_nothing():
    trainer = trainer_of(metrics={"acc": Accuracy(), "again": F.accuracy})
    x, t = arrays(7, seed=1)
    valid = ArrayDataset(x, t)
    history = trainer.fit(loader_of(), DataLoader(valid, 3, shuffle=False), epochs=2)
    assert list(history) == [
        "epoch", "loss", "acc", "again", "val_loss", "val_acc", "val_again", "batches", "seconds",
    ]  # fmt: skip
    before = weights(trainer.model)
    y = trainer.predict(x)
    assert history["val_loss"][-1] == pytest.approx(F.softmax_cross_entropy(y, t).item(), rel=1e-12)
    assert history["val_acc"][-1] == history["val_again"][-1] == F.accuracy(y, t).item()
    assert trainer.evaluate(DataLoader(valid, 7))["loss"] == pytest.approx(history["val_loss"][-1], rel=1e-12)
    np.testing.assert_allclose(trainer.predict(DataLoader(valid, 3, shuffle=False)), y, rtol=1e-12)
    assert_same(weights(trainer.model), before)


def test_a_second_fit_goes_on():
    trainer = trainer_of()
    trainer.fit(loader_of(), epochs=2)
    trainer.fit(loader_of(), epochs=1)
    assert trainer.history["epoch"] == [1, 2, 3]
    assert trainer.optimizer.steps == 9


@pytest.mark.parametrize("k", [2, 3, 4, 5, 100])
def test_accumulated_gradients_are_those_of_one_large_batch(k):
    small = trainer_of(accumulate=k, optimizer=Adam(0.1))
    small.fit(loader_of(22, 2), epochs=2)
    large = trainer_of(optimizer=Adam(0.1))
    large.fit(loader_of(22, 2 * k), epochs=2)
    assert small.optimizer.steps == large.optimizer.steps == 2 * math.ceil(11 / k)
    for a, b in zip(weights(small.model), weights(large.model)):
        np.testing.assert_allclose(a, b, rtol=1e-10, atol=1e-12)
    np.testing.assert_allclose(small.history["loss"], large.history["loss"], rtol=1e-10)


def test_a_short_batch_in_a_group_counts_for_less():
    small = trainer_of(accumulate=3)
    small.fit(loader_of(10, 4), epochs=1)  # 4, 4 and 2
    large = trainer_of()
    large.fit(loader_of(10, 10), epochs=1)
    for a, b in zip(weights(small.model), weights(large.model)):
        np.testing.assert_allclose(a, b, rtol=1e-12, atol=1e-14)


def test_clipping_sees_the_gradient_of_the_whole_group():
    small, large = trainer_of(accumulate=5), trainer_of()
    for trainer, size in ((small, 2), (large, 10)):
        trainer.optimizer.add_hook(ClipGrad(0.01))
        trainer.fit(loader_of(10, size), epochs=1)
    for a, b in zip(weights(small.model), weights(large.model)):
        np.testing.assert_allclose(a, b, rtol=1e-10, atol=1e-14)


def test_a_schedule_is_in_the_history():
    trainer = trainer_of()
    trainer.optimizer.schedule = step_decay(every=3, factor=0.5)
    assert trainer.fit(loader_of(), epochs=2)["lr"] == [0.25, 0.125]


def test_settings_are_what_they_were():
    seen = []

    class Layer(L.Layer):
        def forward(self, x):
            seen.append((Config.train, Config.enable_backprop))
            return F.linear(x, self.W)

    layer = Layer()
    layer.W = Parameter(np.ones((4, 3)))
    trainer = trainer_of(layer)
    with no_grad(), test_mode():
        trainer.fit(loader_of(4), loader_of(4), epochs=1)
        assert (Config.train, Config.enable_backprop) == (False, False)
    trainer.evaluate(loader_of(4))
    trainer.predict(np.ones((1, 4)))
    assert seen == [(True, True), *[(False, False)] * 3]
    assert (Config.train, Config.enable_backprop) == (True, True)
    with pytest.raises(ZeroDivisionError):
        trainer.evaluate(1 / 0 for _ in [0])
    assert (Config.train, Config.enable_backprop) == (True, True)


def test_several_inputs_and_a_lone_array():
    class Sum(L.Layer):
        def __init__(self):
            super().__init__()
            self.fc = L.Linear(3, in_size=4, dtype=np.float64)

        def forward(self, a, b):
            return self.fc(a + b)

    x, t = arrays()
    batches = [(x, x, t)]
    trainer = trainer_of(Sum())
    trainer.fit(batches, epochs=1)
    assert trainer.predict(batches).shape == (10, 3)
    autoencoder = Trainer(MLP((2, 4)), SGD(0.1), F.mean_squared_error, show=False)
    history = autoencoder.fit(DataLoader(x, 5), epochs=3)
    assert history["loss"][2] < history["loss"][0]


def test_each_epoch_has_one_line(capsys):
    trainer = trainer_of(show=True, metrics={"acc": Accuracy(), "confusion": ConfusionMatrix(3)})
    trainer.fit(loader_of(), loader_of(), epochs=2)
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[:4] for line in lines] == [["epoch", f"{k}/2", "train", "3/3"] for k in (1, 2)]
    assert lines[0].split()[6::2] == ["loss", "acc", "val_loss", "val_acc"]
    assert trainer.meters["confusion"].value.sum() == 10  # of the last evaluation


def test_the_graph_of_the_last_loss_is_gone():
    trainer = trainer_of()
    trainer.fit(loader_of(), epochs=1)
    assert trainer.loss is None
    assert trainer.batch is None


def test_its_source_fits_on_a_page_or_two():
    assert len(inspect.getsource(Trainer).splitlines()) <= 150


def test_what_cannot_be_trained_gets_a_sentence():
    with pytest.raises(ValueError, match="Trainer expects to accumulate the gradients of 1 batch or more, got 0"):
        trainer_of(accumulate=0)
    with pytest.raises(TypeError, match="MeanOf expects a function of y and t, got float"):
        trainer_of(metrics={"acc": 0.5})
    with pytest.raises(TypeError, match=r"as acc, got the class Accuracy: make one, Accuracy\(\)"):
        trainer_of(metrics={"acc": Accuracy})
    with pytest.raises(TypeError, match=r"metrics as a dict, such as \{'acc': Accuracy\(\)\}, got list"):
        trainer_of(metrics=[Accuracy()])
    with pytest.raises(ValueError, match="measures the loss itself: give the metric 'loss' another name"):
        trainer_of(metrics={"loss": Accuracy()})
    with pytest.raises(ValueError, match="the optimizer is set up with another model"):
        trainer_of(optimizer=SGD(0.5).setup(model_of()))
    for parts, sentence in (
        ((SGD(0.5), model_of(), F.softmax_cross_entropy), "expects a model first, got SGD"),
        ((model_of(), SGD, F.softmax_cross_entropy), "expects an optimizer after the model.*got the class SGD"),
        ((model_of(), SGD(0.5), None), "expects a function of y and t as loss_fn, got None"),
    ):
        with pytest.raises(TypeError, match=sentence):
            Trainer(*parts)


@pytest.mark.parametrize(
    ("given", "kind", "sentence"),
    [
        ((None,), TypeError, "Trainer.fit expects batches, most often a DataLoader, got None"),
        ((ArrayDataset(*arrays()),), TypeError, r"got ArrayDataset: DataLoader\(dataset, batch_size=32\) cuts them"),
        (arrays(), TypeError, r"got ndarray: DataLoader\(ArrayDataset\(x, t\), batch_size=32\) cuts them"),
        ((loader_of(), 10), TypeError, "expects batches, most often a DataLoader, got int"),
        ((loader_of(), None, "3"), TypeError, "expects a whole number of epochs, got '3'"),
        ((loader_of(), None, 2.5), TypeError, "expects a whole number of epochs, got 2.5"),
        ((loader_of(), None, -1), ValueError, "expects 0 epochs or more, got -1"),
        ((loader_of(), None, 1, EarlyStopping()), TypeError, r"a list of callbacks, got EarlyStopping: write \[...\]"),
    ],
)
def test_what_gives_no_batches_or_epochs_gets_a_sentence(given, kind, sentence):
    trainer = trainer_of()
    before = weights(trainer.model)
    with pytest.raises(kind, match=sentence):
        trainer.fit(*given)
    assert_same(weights(trainer.model), before)


def test_a_data_set_is_no_loader_for_the_others_either():
    trainer = trainer_of()
    for call in (trainer.predict, trainer.evaluate):
        with pytest.raises(TypeError, match=f"Trainer.{call.__name__} expects batches, got ArrayDataset"):
            call(ArrayDataset(*arrays()))


@pytest.mark.parametrize(
    ("loss_fn", "kind", "sentence"),
    [
        (lambda y, t: y, ValueError, r"one number from loss_fn, the mean over the batch, got shape \(4, 3\)"),
        (lambda y, t: 1.0, TypeError, "a Variable from loss_fn, got float"),
    ],
)
def test_a_loss_is_one_number(loss_fn, kind, sentence):
    with pytest.raises(kind, match=sentence):
        Trainer(model_of(), SGD(0.5), loss_fn, show=False).fit(loader_of())


# -- callbacks -------------------------------------------------------------------------------------


class Diary:
    """Writes down all six events."""

    def __init__(self):
        self.lines = []

    def __getattr__(self, name):
        if name not in EVENTS:
            raise AttributeError(name)
        return lambda trainer: self.lines.append(name)

    def __dir__(self):
        return EVENTS


class Stop:
    def __init__(self, event, after, error=None):
        self.calls, self.after, self.error = 0, after, error
        setattr(self, event, self.call)

    def call(self, trainer):
        self.calls += 1
        if self.calls == self.after:
            if self.error:
                raise self.error
            trainer.stop = True


def test_events_come_as_in_the_picture():
    diary = Diary()
    trainer_of().fit(loader_of(8), loader_of(8), epochs=2, callbacks=[diary])
    batch = ["on_batch_start", "on_batch_end"]
    assert diary.lines == ["on_start", *["on_epoch_start", *batch, *batch, "on_epoch_end"] * 2, "on_end"]
    assert set(diary.lines) == set(EVENTS)
    assert all([event in Trainer.__doc__ for event in EVENTS])


def test_the_end_is_told_after_an_error_too():
    diary = Diary()
    with pytest.raises(KeyboardInterrupt):
        trainer_of().fit(loader_of(), epochs=2, callbacks=[diary, Stop("on_batch_start", 2, KeyboardInterrupt)])
    assert diary.lines[-2:] == ["on_batch_start", "on_end"]


def test_ctrl_c_leaves_a_history():
    trainer = trainer_of()
    with pytest.raises(KeyboardInterrupt):
        trainer.fit(loader_of(), loader_of(), epochs=3, callbacks=[Stop("on_batch_end", 5, KeyboardInterrupt)])
    assert trainer.history["epoch"] == [1, 2]
    assert trainer.history["batches"] == [3, 1]
    assert trainer.history["val_loss"][1] is None
    trainer.fit(loader_of(), epochs=1)
    assert trainer.history["epoch"] == [1, 2, 3]


def test_nothing_is_in_the_history_of_a_batch_that_failed():
    trainer = trainer_of()
    with pytest.raises(ValueError, match="x"):
        trainer.fit([(np.zeros((2, 9)), np.zeros(2, int))], epochs=1)
    assert trainer.history == {}


def test_an_iterator_that_is_used_up_gets_a_sentence():
    trainer = trainer_of()
    with pytest.raises(RuntimeError, match=r"Trainer.fit got no batch: an iterator is used up after one epoch"):
        trainer.fit(iter(loader_of()), epochs=2)
    assert trainer.history["epoch"] == [1]


@pytest.mark.parametrize("event", EVENTS)
def test_an_evaluation_spoils_no_epoch(event):
    class Evaluate:
        def __init__(self):
            setattr(self, event, lambda trainer: trainer.evaluate(loader_of(seed=1)))

    trainer, undisturbed = trainer_of(), trainer_of()
    undisturbed.fit(loader_of(), epochs=2)
    if "batch" in event:
        with pytest.raises(RuntimeError, match="has the meters of the epoch under way, and would reset them"):
            trainer.fit(loader_of(), epochs=2, callbacks=[Evaluate()])
    else:
        trainer.fit(loader_of(), epochs=2, callbacks=[Evaluate()])
        assert trainer.history["loss"] == undisturbed.history["loss"]


@pytest.mark.parametrize(("event", "epochs"), [("on_batch_end", 1), ("on_epoch_end", 2), ("on_start", 0)])
def test_a_callback_may_stop(event, epochs):
    trainer = trainer_of()
    trainer.fit(loader_of(), epochs=9, callbacks=[Stop(event, 2 if epochs else 1)])
    assert trainer.epoch == epochs
    trainer.fit(loader_of(), epochs=1)
    assert trainer.epoch == epochs + 1


def test_a_callback_may_change_the_batch():
    class Zero:
        def on_batch_start(self, trainer):
            x, t = trainer.batch
            trainer.batch = np.zeros_like(x), t

    trainer, by_hand = trainer_of(), model_of()
    trainer.fit(loader_of(10, 10), epochs=1, callbacks=[Zero()])
    loss = F.softmax_cross_entropy(by_hand(np.zeros((10, 4))), arrays()[1])
    assert trainer.history["loss"] == [loss.item()]


def test_a_logger_is_a_callback(tmp_path):
    log = JSONLinesLogger(tmp_path / "log")
    trainer = trainer_of()
    trainer.fit(loader_of(), loader_of(), epochs=2, callbacks=[log])
    assert JSONLinesLogger(tmp_path / "log").history == trainer.history


def test_what_is_no_callback_gets_a_sentence():
    class Typo:
        def on_epoch_ends(self, trainer):
            pass

    for callback, kind, sentence in (
        (EarlyStopping, TypeError, r"got the class EarlyStopping: make one, EarlyStopping\(...\)"),
        (print, TypeError, "expects callbacks with methods such as on_epoch_end"),
        (
            Typo(),
            ValueError,
            "Typo has on_epoch_ends, which is no event of Trainer: these are on_start, on_epoch_start",
        ),
    ):
        with pytest.raises(kind, match=sentence):
            trainer_of().fit(loader_of(), epochs=1, callbacks=[callback])


# -- early stopping --------------------------------------------------------------------------------


class Script:
    """Puts given numbers into the history, and keeps the weights of each epoch."""

    def __init__(self, *numbers):
        self.numbers, self.weights = list(numbers), []

    def on_epoch_end(self, trainer):
        trainer.history["val_loss"] = [*trainer.history.get("val_loss", [])[: trainer.epoch - 1], self.numbers.pop(0)]
        self.weights.append([v.data.copy() for v in state(trainer.model)])


def state(model):
    return [v for _, v in (*model.named_params(), *model.named_buffers())]


def normalized():
    np.random.seed(0)
    return Sequential(L.Linear(5), L.BatchNorm(), L.Linear(3))


def test_it_stops_after_the_patience_and_brings_back_the_best():
    script, stopping = Script(3.0, 1.0, 2.0, 1.0, 0.0), EarlyStopping(patience=2)
    trainer = trainer_of(normalized())
    trainer.fit(loader_of(), epochs=9, callbacks=[script, stopping])
    assert (trainer.epoch, stopping.best, stopping.best_epoch) == (4, 1.0, 2)
    assert_same([v.data for v in state(trainer.model)], script.weights[1])


@pytest.mark.parametrize("error", [None, KeyboardInterrupt, ValueError])
def test_the_best_comes_back_however_it_ends(error):
    script, stopping = Script(3.0, 1.0, 2.0, 2.0), EarlyStopping(patience=9)
    trainer = trainer_of(normalized())
    if error is None:
        trainer.fit(loader_of(), epochs=4, callbacks=[script, stopping])
    else:
        with pytest.raises(error):
            trainer.fit(loader_of(), epochs=4, callbacks=[script, stopping, Stop("on_batch_end", 10, error)])
    assert_same([v.data for v in state(trainer.model)], script.weights[1])


def test_the_last_weights_stay_where_that_is_wanted():
    script = Script(1.0, 2.0)
    trainer = trainer_of()
    trainer.fit(loader_of(), epochs=2, callbacks=[script, EarlyStopping(restore_best=False)])
    assert_same(weights(trainer.model), script.weights[1])


def test_nan_is_never_best_and_a_small_gain_is_best_but_not_worth_waiting_for():
    stopping = EarlyStopping(patience=2, min_delta=0.5)
    script = Script(math.nan, 3.0, 2.0, 1.9, 1.8, 1.7)
    trainer = trainer_of()
    trainer.fit(loader_of(), epochs=6, callbacks=[script, stopping])
    assert (trainer.epoch, stopping.best, stopping.best_epoch) == (5, 1.8, 5)
    never = EarlyStopping(patience=2)
    trainer = trainer_of()
    trainer.fit(loader_of(), epochs=6, callbacks=[Script(*[math.nan] * 6), never])
    assert (trainer.epoch, never.best) == (2, None)


def test_it_may_be_used_again():
    stopping = EarlyStopping(patience=1)
    for _ in range(2):
        trainer = trainer_of()
        trainer.fit(loader_of(), epochs=9, callbacks=[Script(1.0, 2.0), stopping])
        assert trainer.epoch == 2


def test_a_number_that_is_not_there_gets_a_sentence():
    with pytest.raises(
        KeyError, match=r"looks for 'val_loss', and the history has epoch, loss.*give fit a valid loader"
    ):
        trainer_of().fit(loader_of(), epochs=1, callbacks=[EarlyStopping()])
    trainer = trainer_of()
    trainer.fit(loader_of(), loader_of(), 1)
    with pytest.raises(KeyError, match="give fit a valid loader"):  # the val_loss of before does not count
        trainer.fit(loader_of(), epochs=1, callbacks=[EarlyStopping()])
    with pytest.raises(ValueError, match="the name 'bleu' does not tell"):
        EarlyStopping("bleu")
    with pytest.raises(ValueError, match="EarlyStopping expects a patience of 1 epoch or more, got 0"):
        EarlyStopping(patience=0)
    assert EarlyStopping("bleu", mode="max").mode == "max"


# -- checkpoints -----------------------------------------------------------------------------------


def resumable(path, updates=None, accumulate=1, n=22):
    """A trainer whose numbers come from NumPy's global generator: weights, dropout and order."""
    np.random.seed(0)
    model = Sequential(L.Linear(5), L.BatchNorm(), lambda x: F.dropout(x, 0.3), L.Linear(3))
    trainer = Trainer(model, Adam(0.1), F.softmax_cross_entropy, accumulate=accumulate, show=False)
    return trainer, DataLoader(ArrayDataset(*arrays(n)), 4), Checkpoint(path, updates=updates)


@pytest.mark.parametrize("accumulate", [1, 2])
@pytest.mark.parametrize("killed", [1, 3, 6, 7, 8, 13])
@pytest.mark.parametrize("n", [22, 26])  # 6 batches, and 7, of which the last is alone in its update
def test_a_killed_run_ends_as_if_it_had_not_been(tmp_path, killed, accumulate, n):
    whole, loader, _ = resumable(tmp_path / "none", None, accumulate, n)
    whole.fit(loader, epochs=3)
    trainer, loader, checkpoint = resumable(tmp_path / "run.npz", 1, accumulate, n)
    assert not checkpoint.resume(trainer, loader)
    with pytest.raises(KeyboardInterrupt):
        trainer.fit(loader, epochs=3, callbacks=[checkpoint, Stop("on_batch_end", killed, KeyboardInterrupt)])
    trainer, loader, checkpoint = resumable(tmp_path / "run.npz", 1, accumulate, n)
    np.random.rand(3)  # the state of the generator comes from the file
    assert checkpoint.resume(trainer, loader) == (killed >= accumulate)
    if killed < accumulate:
        return
    trainer.fit(loader, epochs=3 - trainer.epoch, callbacks=[checkpoint])
    assert_same([v.data for v in state(trainer.model)], [v.data for v in state(whole.model)])
    assert trainer.history["epoch"] == [1, 2, 3]
    if killed <= 12:  # before the last epoch
        assert trainer.history["loss"][2] == whole.history["loss"][2]


def test_a_checkpoint_is_saved_after_so_many_updates(tmp_path, monkeypatch):
    saved = []
    monkeypatch.setattr(
        Checkpoint, "_save", lambda self, trainer, epoch: saved.append((trainer.optimizer.steps, epoch))
    )
    trainer, loader, checkpoint = resumable(tmp_path / "run.npz", 2)
    trainer.fit(loader, epochs=2, callbacks=[checkpoint])
    assert saved == [(2, 0), (4, 0), (6, 1), (8, 1), (10, 1), (12, 2)]
    with pytest.raises(ValueError, match="Checkpoint expects to save after 1 update or more, got 0"):
        Checkpoint("run.npz", updates=0)
