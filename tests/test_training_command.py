"""``python -m dezero train``: what it writes, says and refuses, and that a resumed run is the same run."""

import csv
import json
import os
import re
import signal
import subprocess
import sys
import time

import numpy as np
import pytest

from dezero import DataLoader, cuda, optimizers
from dezero.__main__ import main
from dezero.datasets import Digits, split
from dezero.models import SmallResNet18
from dezero.training import command
from dezero.training.command import MODELS, OPTIMIZERS, SCHEDULES, TASKS, LeNet, load_run, make_model
from dezero.utils.files import load_with_metadata

SHORT = ["--epochs", "2", "--batch-size", "200"]  # seven steps in an epoch


@pytest.fixture
def plain(monkeypatch):
    """No pictures, which take longer than all the rest."""
    for module in [name for name in sys.modules if name.partition(".")[0] == "matplotlib"]:
        monkeypatch.delitem(sys.modules, module)
    monkeypatch.setitem(sys.modules, "matplotlib", None)


@pytest.fixture
def run(capsys):
    """Exit status, standard output and standard error of the command with these arguments."""

    def call(*arguments):
        try:
            status = main(["train", *map(str, arguments)])
        except SystemExit as end:
            status = end.code
        return status, *capsys.readouterr()

    return call


@pytest.fixture
def stop_at(monkeypatch):
    """Let ctrl-C be pressed within certain updates, counted from now."""

    def arrange(*steps, number=signal.SIGINT):
        done = 0
        update = optimizers.Optimizer.update

        def counted(self):
            nonlocal done
            done += 1
            update(self)
            if done in steps:
                signal.raise_signal(number)

        monkeypatch.setattr(optimizers.Optimizer, "update", counted)

    return arrange


def log(folder):
    with open(folder / "log.csv", newline="") as file:
        return [{name: text for name, text in row.items() if name != "seconds"} for row in csv.DictReader(file)]


def same(one, two):
    """Whether two folders hold the same run, to the last bit."""
    for name in ("checkpoint.npz", "best.npz"):
        arrays, others = (load_with_metadata(folder / name)[0] for folder in (one, two))
        if arrays.keys() != others.keys() or any((arrays[key] != others[key]).any() for key in arrays):
            return False
    return log(one) == log(two)


# -- what is left ----------------------------------------------------------------------------------


def test_it_names_every_file_that_it_leaves(run, tmp_path):
    pytest.importorskip("matplotlib")
    out = tmp_path / "run"
    status, said, errors = run("--model", "lenet", *SHORT, "--out", out)
    assert (status, errors) == (0, "")
    left = {path.name for path in out.iterdir()}
    assert left == set(re.findall(r"^    (\w+\.\w+) ", said, re.M))
    assert left == {
        "best.npz", "checkpoint.npz", "config.json", "confusion.png", "curve.png", "filters.png", "log.csv",
        "mistakes.png",
    }  # fmt: skip


def test_points_get_a_boundary(run, tmp_path):
    pytest.importorskip("matplotlib")
    status, said, _ = run("--dataset", "spiral", "--epochs", 2, "--out", tmp_path / "run")
    assert status == 0
    assert "boundary.png" in said and (tmp_path / "run" / "boundary.png").is_file()


def test_without_matplotlib_it_says_what_is_missing_and_how_to_draw_it_later(run, plain, tmp_path):
    status, said, _ = run(*SHORT, "--out", tmp_path)
    assert status == 0
    assert "Left out are the pictures" in said and "python -m pip install matplotlib" in said
    assert {path.name for path in tmp_path.iterdir()} == {"best.npz", "checkpoint.npz", "config.json", "log.csv"}


def test_it_learns_to_read_digits(run, plain, tmp_path):
    status, said, _ = run("--out", tmp_path)
    assert status == 0
    assert float(re.search(r"(\d+\.\d\d) % of the 360 test examples are right", said)[1]) >= 96


def test_the_log_has_a_line_for_each_epoch(run, plain, tmp_path):
    run(*SHORT, "--out", tmp_path)
    rows = log(tmp_path)
    assert [row["epoch"] for row in rows] == ["1", "2"]
    assert list(rows[0]) == ["epoch", "loss", "acc", "val_loss", "val_acc", "lr"]


def test_the_network_comes_back_as_good_as_it_was(run, plain, tmp_path):
    _, said, _ = run(*SHORT, "--model", "lenet", "--out", tmp_path)
    x, t = Digits(train=False).batch()
    right = (load_run(tmp_path)(x).data.argmax(axis=1) == t).mean()
    assert f"{100 * right:.2f} % of the 360 test examples are right" in said


def test_the_weights_kept_are_the_best_ones(run, plain, tmp_path):
    _, said, _ = run("--epochs", 6, "--lr", 0.1, "--schedule", "constant", "--out", tmp_path)
    losses = [float(row["val_loss"]) for row in log(tmp_path)]
    best = 1 + losses.index(min(losses))
    assert f"the weights of epoch {best}" in said
    _, valid = split(Digits(), [0.9, 0.1], seed=0)
    x, t = next(DataLoader(valid, 500, shuffle=False))
    assert (load_run(tmp_path)(x).data.argmax(axis=1) == t).mean() == float(log(tmp_path)[best - 1]["val_acc"])


def test_same_seed_same_numbers(run, plain, tmp_path):
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        run(*SHORT, "--seed", seed, "--out", tmp_path / name)
    assert same(tmp_path / "a", tmp_path / "b")
    assert not same(tmp_path / "a", tmp_path / "c")


def test_workers_change_no_number(run, plain, tmp_path):
    run(*SHORT, "--augment", "--out", tmp_path / "a")
    run(*SHORT, "--augment", "--workers", 2, "--out", tmp_path / "b")
    assert same(tmp_path / "a", tmp_path / "b")


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("schedule", SCHEDULES)
def test_every_optimizer_goes_with_every_schedule(optimizer, schedule, run, plain, tmp_path):
    given = ["--dataset", "spiral", "--epochs", 1, "--batch-size", 90, "--optimizer", optimizer, "--schedule", schedule]
    status, said, _ = run(*given, "--out", tmp_path)
    assert status == 0
    assert f"steps  {optimizer}, lr {OPTIMIZERS[optimizer][1]:g}, {schedule};" in said


def test_the_step_size_can_be_found(run, tmp_path):
    pytest.importorskip("matplotlib")
    status, said, _ = run(*SHORT, "--lr", "find", "--out", tmp_path)
    assert status == 0
    found = float(re.search(r"Step size found: --lr (\S+),", said)[1])
    assert 0.001 < found < 0.1
    assert json.loads((tmp_path / "config.json").read_text())["lr"] == found
    assert (tmp_path / "lr.png").is_file()


# -- going on --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "given", [[], ["--augment", "--workers", "2"], ["--optimizer", "momentum", "--model", "lenet"]]
)
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_run_stopped_anywhere_goes_on_as_if_nothing_had_happened(given, number, run, stop_at, plain, tmp_path):
    whole, stopped = tmp_path / "whole", tmp_path / "stopped"
    run(*SHORT, *given, "--out", whole)
    stop_at(3, 8, 13, number=number)  # in the first epoch, in the second at its first step, and in the middle
    status, said, _ = run(*SHORT, *given, "--out", stopped)
    assert status == 130
    assert "Stopped within epoch 1 of 2." in said
    assert f"python -m dezero train --resume --out {stopped}" in said
    assert [run("--resume", "--out", stopped)[0] for _ in range(3)] == [130, 130, 0]
    assert same(whole, stopped)


def test_ctrl_c_in_the_last_step_of_an_epoch_ends_the_epoch(run, stop_at, plain, tmp_path):
    run(*SHORT, "--out", tmp_path / "whole")
    stop_at(7)
    status, said, _ = run(*SHORT, "--out", tmp_path / "stopped")
    assert status == 130 and "Stopped after 1 of 2 epochs." in said
    assert len(log(tmp_path / "stopped")) == 1
    run("--resume", "--out", tmp_path / "stopped")
    assert same(tmp_path / "whole", tmp_path / "stopped")


def test_ctrl_c_in_the_very_last_step_changes_nothing(run, stop_at, plain, tmp_path):
    stop_at(14)
    status, said, _ = run(*SHORT, "--out", tmp_path)
    assert status == 0 and "Stopped" not in said


def test_ctrl_c_twice_ends_at_once(run, stop_at, plain, tmp_path, monkeypatch):
    save = command.save_checkpoint

    def interrupted(*args, **kwargs):
        save(*args, **kwargs)
        if kwargs["part"]:
            signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr(command, "save_checkpoint", interrupted)
    stop_at(3)
    status, _, errors = run(*SHORT, "--out", tmp_path)
    assert (status, errors) == (130, "python -m dezero train: stopped before the end\n")
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


@pytest.mark.parametrize("seconds", [0.0, 1e9], ids=["each step is saved", "the start and the end are saved"])
def test_a_killed_run_goes_on_from_its_last_checkpoint(seconds, run, plain, tmp_path, monkeypatch):
    class Killed(BaseException):
        pass

    run(*SHORT, "--out", tmp_path / "whole")
    monkeypatch.setattr(command, "WITHIN", seconds)
    monkeypatch.setattr(command, "BETWEEN", seconds)
    for step in (5, 3, 2):
        done = 0
        update = optimizers.Optimizer.update

        def counted(self, update=update, step=step):
            nonlocal done
            done += 1
            if done == step:
                raise Killed
            update(self)

        with monkeypatch.context() as patch:
            patch.setattr(optimizers.Optimizer, "update", counted)
            with pytest.raises(Killed):
                given = SHORT if step == 5 else ["--resume"]
                run(*given, "--out", tmp_path / "killed")
    assert run("--resume", "--out", tmp_path / "killed")[0] == 0
    assert same(tmp_path / "whole", tmp_path / "killed")


def test_a_run_goes_on_for_longer(run, plain, tmp_path):
    run(*SHORT, "--out", tmp_path)
    status, said, _ = run("--resume", "--epochs", 3, "--out", tmp_path)
    assert status == 0
    assert f"Going on with the run in {tmp_path}, after 2 of 3 epochs." in said
    assert len(log(tmp_path)) == 3
    status, _, errors = run("--resume", "--epochs", 1, "--out", tmp_path)
    assert status != 0 and "has done 3 epochs already, more than --epochs 1" in errors


def test_a_finished_run_is_only_judged_and_drawn_again(run, plain, tmp_path):
    _, said, _ = run(*SHORT, "--out", tmp_path)
    before = load_with_metadata(tmp_path / "checkpoint.npz")[0]
    status, again, _ = run("--resume", "--out", tmp_path)
    right = r".* % of the 360 .*"
    assert status == 0 and re.search(right, said)[0] == re.search(right, again)[0]
    np.testing.assert_equal(load_with_metadata(tmp_path / "checkpoint.npz")[0], before)


def test_settings_said_again_may_be_said_but_not_changed(run, plain, tmp_path):
    run(*SHORT, "--out", tmp_path)
    assert run("--resume", *SHORT, "--workers", 1, "--out", tmp_path)[0] == 0
    status, _, errors = run("--resume", "--batch-size", 5, "--out", tmp_path)
    assert status == 2
    assert "has --batch-size 200, and goes on with that: leave out --batch-size 5" in errors


def test_a_run_is_not_overwritten_unless_told_so(run, plain, tmp_path):
    run(*SHORT, "--out", tmp_path)
    (tmp_path / "lr.png").write_bytes(b"of before")
    status, _, errors = run(*SHORT, "--out", tmp_path)
    assert status == 2
    assert "has a run already (config.json, checkpoint.npz, best.npz, log.csv): go on with it by --resume" in errors
    status, said, _ = run(*SHORT, "--overwrite", "--out", tmp_path)
    assert status == 0 and "lr.png" not in said


# -- refusals --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "given, message",
    [
        (["--dataset", "imagenet"], "invalid choice: 'imagenet' (choose from .*digits.*spiral.*mnist.*cifar10"),
        (["--model", "vgg"], "invalid choice: 'vgg' (choose from .*mlp.*lenet.*resnet18"),
        (["--optimizer", "lion"], "invalid choice: 'lion'"),
        (["--schedule", "linear"], "invalid choice: 'linear'"),
        (["--epochs", "0"], "--epochs: expects a whole number of at least 1, got '0'"),
        (["--batch-size", "x"], "--batch-size: expects a whole number of at least 1, got 'x'"),
        (["--seed", "-1"], "--seed: expects a whole number from 0 to 4294967295, got '-1'"),
        (["--lr", "0"], "--lr: expects a number above 0, such as 0.01, or the word find, got '0'"),
        (["--lr", "inf"], "--lr: expects a number above 0"),
        (["--dataset", "spiral", "--model", "lenet"], "lenet is for images, and the examples of spiral are 2 numbers: "
                                                      "choose --model mlp"),
        (["--dataset", "spiral", "--augment"], "--augment is for digits, mnist, fashion, cifar10; spiral has no"),
        (["--resume"], "there is no run to resume in .*out: no config.json. --out says in which folder"),
    ],
)  # fmt: skip
def test_a_wrong_argument_gets_one_sentence(given, message, run, tmp_path):
    status, said, errors = run(*given, "--out", tmp_path / "out")
    assert (status, said) == (2, "")
    assert errors.count("\n") == 1 and errors.startswith("python -m dezero train: ")
    assert re.search(".*".join(map(re.escape, message.split(".*"))), errors), errors
    assert not (tmp_path / "out").exists()


def test_data_that_cannot_be_had_say_how_to_get_them(run, monkeypatch, tmp_path):
    monkeypatch.setenv("DEZERO_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("DEZERO_OFFLINE", "1")
    status, _, errors = run("--dataset", "mnist", "--out", tmp_path / "out")
    assert status == 1
    assert "place by hand" in errors and "Without any download: --dataset digits" in errors
    assert not list((tmp_path / "out").iterdir())


def test_a_folder_that_cannot_be_is_refused(run, tmp_path):
    (tmp_path / "file").write_text("in the way")
    status, _, errors = run("--out", tmp_path / "file")
    assert status == 1
    assert re.search("cannot make the folder .*file .*: choose another with --out", errors)


def test_steps_too_long_end_with_a_sentence(run, plain, tmp_path):
    status, _, errors = run("--optimizer", "sgd", "--lr", 1e9, "--out", tmp_path)
    assert status == 1
    assert re.search(
        r"the loss became (nan|inf) in epoch 1: the steps are too long. .* a smaller --lr than 1e\+09", errors
    )


@pytest.mark.parametrize("name", ["config.json", "checkpoint.npz"])
def test_a_damaged_run_is_refused_in_words(name, run, plain, tmp_path):
    run(*SHORT, "--out", tmp_path)
    (tmp_path / name).write_bytes((tmp_path / name).read_bytes()[:-20])
    status, _, errors = run("--resume", "--out", tmp_path)
    assert status != 0
    assert name in errors and "Traceback" not in errors


def test_a_checkpoint_that_is_not_there_is_missed(run, plain, tmp_path):
    run(*SHORT, "--out", tmp_path)
    (tmp_path / "checkpoint.npz").unlink()
    status, _, errors = run("--resume", "--out", tmp_path)
    assert status == 2 and "has no checkpoint.npz yet" in errors


def test_a_folder_without_a_run_gives_no_network(tmp_path):
    with pytest.raises(ValueError, match="load_run: there is no run"):
        load_run(tmp_path)


def test_without_a_gpu_it_is_not_computed_on_one(run, monkeypatch, tmp_path):
    monkeypatch.setattr(cuda, "gpu_enable", False, raising=False)
    status, _, errors = run("--gpu", "--out", tmp_path)
    assert status == 2 and "there is no GPU to compute on, or no CuPy: python -m dezero doctor says more" in errors


@pytest.mark.gpu
@pytest.mark.parametrize("model", ["mlp", "lenet"])
def test_a_run_on_the_gpu_is_written_as_one_on_the_cpu(model, run, stop_at, plain, tmp_path):
    stop_at(3)
    assert run(*SHORT, "--model", model, "--gpu", "--out", tmp_path)[0] == 130
    status, said, errors = run("--resume", "--out", tmp_path)
    assert (status, errors) == (0, "")
    assert "seed 0, on the GPU" in said
    assert load_run(tmp_path)(np.zeros((1, 1, 8, 8), np.float32)).shape == (1, 10)
    status, said, _ = run("--overwrite", *SHORT, "--lr", "find", "--gpu", "--out", tmp_path)
    assert status == 0 and "Step size found" in said


# -- networks --------------------------------------------------------------------------------------


@pytest.mark.parametrize("dataset", TASKS)
@pytest.mark.parametrize("model", MODELS)
def test_every_network_fits_every_data_set_of_images(dataset, model, monkeypatch):
    monkeypatch.setattr(np.random, "randn", lambda *shape: np.zeros(shape))  # millions of numbers take long
    task = TASKS[dataset]
    if model != "mlp" and len(task.shape) == 1:
        with pytest.raises(ValueError, match=f"{model} is for images"):
            make_model(model, dataset)
        return
    assert make_model(model, dataset)(np.zeros((2, *task.shape), np.float32)).shape == (2, task.classes)


def test_names_that_are_not_known_are_refused():
    with pytest.raises(ValueError, match="one of digits, spiral, mnist, fashion, cifar10, got 'x'"):
        make_model("mlp", "x")
    with pytest.raises(ValueError, match="one of mlp, lenet, resnet18, got 'x'"):
        make_model("x", "digits")


def test_lenet_has_the_parameters_of_the_literature():
    lenet = LeNet()
    lenet(np.zeros((1, 1, 28, 28), np.float32))
    sizes = {name: sum(p.data.size for p in getattr(lenet, name).params()) for name in ("conv1", "fc1", "fc2", "fc3")}
    assert sizes == {"conv1": 156, "fc1": 48_120, "fc2": 10_164, "fc3": 850}
    assert sum(p.data.size for p in lenet.params()) == 61_706


def test_the_small_resnet_has_the_parameters_of_the_literature():
    # ResNet18 of 11,689,512, less 7x7 - 3x3 of 3 x 64 weights, and 10 in place of 1000 classes
    shapes = SmallResNet18().summary((1, 3, 32, 32))
    expected = 11_689_512 - (49 - 9) * 3 * 64 - 990 * 513
    assert expected == 11_173_962
    assert f"{expected:,} parameters" in str(shapes)


# -- on a terminal, and in a pipe ------------------------------------------------------------------


def start(folder, *arguments, **options):
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(p for p in sys.path if p)}
    return subprocess.Popen(
        [sys.executable, "-m", "dezero", "train", *arguments], cwd=folder, env=environment, **options
    )  # fmt: skip


def test_a_pipe_gets_one_line_for_each_epoch(tmp_path):
    process = start(tmp_path, "--epochs", "3", stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    said, errors = process.communicate(timeout=60)
    assert (process.returncode, errors) == (0, "")
    assert "\r" not in said and "\x1b" not in said
    assert re.findall(r"^epoch (\d)/3  train  41/41 ", said, re.M) == ["1", "2", "3"]
    assert (tmp_path / "dezero-train" / "digits-mlp" / "best.npz").is_file()


@pytest.mark.skipif(sys.platform == "win32", reason="pseudo terminals are a thing of POSIX")
def test_ctrl_c_on_a_terminal_keeps_a_checkpoint(tmp_path):
    import pty

    ours, theirs = pty.openpty()
    process = start(tmp_path, "--epochs", "500", "--batch-size", "8", "--out", "run",
                    stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True)  # fmt: skip
    os.close(theirs)
    said, deadline, sent = b"", time.monotonic() + 60, False
    try:
        while time.monotonic() < deadline:
            try:
                part = os.read(ours, 4096)
            except OSError:  # Linux says so when the other end is closed
                break
            if not part:
                break
            said += part
            if b"epoch   2/500" in said and not sent:
                process.send_signal(signal.SIGINT)
                sent = True
    finally:
        if process.poll() is None and time.monotonic() >= deadline:
            process.kill()
        os.close(ours)
    assert process.wait(timeout=60) == 130, said.decode()
    assert re.search(r"Stopped (within|after) .* of 500", said.decode())
    assert (tmp_path / "run" / "checkpoint.npz").is_file()


def test_help_is_for_newcomers(run):
    status, said, _ = run("--help")
    assert status == 0
    assert all(name in said for name in (*TASKS, *MODELS, *OPTIMIZERS, *SCHEDULES, "--resume", "examples:"))
    assert max(map(len, said.splitlines())) <= 80
