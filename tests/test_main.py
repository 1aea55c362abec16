"""The command line, and the demo's network and pictures."""

import io
import os
import re
import subprocess
import sys
import xml.etree.ElementTree as ElementTree

import numpy as np
import pytest

from dezero import __version__
from dezero.__main__ import buy_apples, main
from dezero.demo import ConvNet, Plan, data, draw_backpropagation, draw_misread, draw_training, learn, read
from dezero.utils.files import load_arrays
from dezero.viz.engines import available

EPOCH = r"epoch +(\d+)/\d+   loss \d+\.\d{4}   train accuracy +(\d+\.\d\d) %   test accuracy +(\d+\.\d\d) %   \d+\.\d s"


def run(*arguments, cwd, stdout=subprocess.PIPE, **environment):
    """What the command says in a process of its own, which is a pipe and no terminal."""
    return subprocess.run(
        [sys.executable, "-m", "dezero", *arguments],
        stdout=stdout,
        stderr=subprocess.PIPE,
        text=True,
        timeout=60,
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(p for p in sys.path if p), **environment},
    )


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    """The main job as users start it, and the folder in which it ran."""
    folder = tmp_path_factory.mktemp("demo")
    return run("demo", cwd=folder), folder


@pytest.fixture
def no_matplotlib(monkeypatch):
    for module in [name for name in sys.modules if name.partition(".")[0] == "matplotlib"]:
        monkeypatch.delitem(sys.modules, module)
    monkeypatch.setitem(sys.modules, "matplotlib", None)


class Terminal(io.StringIO):
    def isatty(self):
        return True


# -- the main job ----------------------------------------------------------------------------------


def test_the_demo_reads_97_of_100_digits_that_it_never_saw(demo):
    done, _ = demo
    assert done.returncode == 0, done.stderr
    epochs = re.findall(EPOCH, done.stdout)
    assert [int(number) for number, *_ in epochs] == list(range(1, 13))
    assert float(epochs[-1][2]) >= 97
    assert f"\n{epochs[-1][2]} % of the images held out are read right" in done.stdout


def test_a_pipe_gets_one_line_for_each_epoch_and_no_bar(demo):
    done, _ = demo
    assert "\r" not in done.stdout
    assert "#" not in done.stdout


def test_the_demo_names_every_file_that_it_leaves(demo):
    done, folder = demo
    out = folder / "dezero-demo"
    left = {path.name for path in out.iterdir()}
    assert left == {name for name in os.listdir(out) if f"{os.path.join('dezero-demo', name)}: " in done.stdout}
    assert {"weights.npz", "backpropagation.svg"} <= left
    assert ("backpropagation.png" in left) == bool(available())


def test_the_weights_of_the_demo_load_and_read_as_well_as_it_said(demo):
    done, folder = demo
    model = ConvNet()
    model.load_weights(folder / "dezero-demo" / "weights.npz")
    _, test = data("digits")
    accuracy = (read(model, test).argmax(axis=1) == test.label).mean()
    assert f"{100 * accuracy:.2f} % of the images held out" in done.stdout


def test_same_seed_same_numbers_in_two_processes(tmp_path):
    # found before the real one: the pictures play no part, and take time
    (tmp_path / "matplotlib.py").write_text("raise ImportError('not for this test')")
    said = []
    for name, hash_seed in (("one", "1"), ("two", "2")):
        done = run("demo", "--epochs", "1", "--seed", "7", "--out", name, cwd=tmp_path, PYTHONHASHSEED=hash_seed)
        assert done.returncode == 0, done.stderr
        said.append(re.search(r"epoch .*? %   test accuracy .*? %", done.stdout)[0])
    one, two = (load_arrays(tmp_path / name / "weights.npz") for name in ("one", "two"))
    assert said[0] == said[1]
    assert list(one) == list(two)
    assert all((one[key] == two[key]).all() for key in one)


def test_another_seed_gives_other_numbers():
    train, test = data("digits")
    losses = []
    for seed in (0, 1):
        np.random.seed(seed)
        losses += next(learn(ConvNet(), train[:32], test[:32], Plan(1, 32))).losses
    assert losses[0] != losses[1]


def test_without_matplotlib_the_demo_trains_and_says_what_it_left_out(tmp_path, capsys, no_matplotlib):
    assert main(["demo", "--epochs", "1", "--out", str(tmp_path)]) == 0
    out = capsys.readouterr().out
    assert re.search(EPOCH, out)
    assert "Left out: training.png, the curves of loss and accuracy, and misread.png" in out
    assert "-m pip install -e '.[viz]'" in out
    assert not {"training.png", "misread.png"} & set(os.listdir(tmp_path))
    assert (tmp_path / "weights.npz").is_file()


def test_a_terminal_gets_a_bar_that_each_line_overwrites(tmp_path, monkeypatch, no_matplotlib):
    monkeypatch.setattr(sys, "stdout", Terminal())
    main(["demo", "--epochs", "1", "--out", str(tmp_path)])
    bars = re.findall(r"\repoch 1/1   \[([#.]*)\]   loss \d+\.\d{4}(?=\r)", sys.stdout.getvalue())
    assert len(bars) == 45  # batches
    assert len({len(bar) for bar in bars}) == 1
    assert set(bars[-1]) == {"#"}
    last_bar, line = re.search(r"\r([^\r]*)\r(epoch 1/1 .*)\n", sys.stdout.getvalue()).groups()
    assert len(line) >= len(last_bar)


# -- pictures --------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def beginner():
    """A network that has learned a little, its history, and images."""
    train, test = data("digits")
    np.random.seed(0)
    model = ConvNet()
    return model, list(learn(model, train[:64], test, Plan(2, 32))), test


def test_the_curves_are_drawn(tmp_path, beginner):
    pytest.importorskip("matplotlib", reason="the curves are drawn with matplotlib")
    _, history, _ = beginner
    for epochs in (history, history[:1]):
        draw_training(epochs, tmp_path / "training.png")
        assert (tmp_path / "training.png").read_bytes().startswith(b"\x89PNG")


def test_the_page_shows_wrongly_read_images_and_30_at_most(tmp_path, beginner):
    pytest.importorskip("matplotlib", reason="the page is drawn with matplotlib")
    model, _, test = beginner
    wrong = np.flatnonzero(read(model, test).argmax(axis=1) != test.label)
    assert len(wrong) > 30
    assert draw_misread(model, test, tmp_path / "many.png") == 30
    assert (tmp_path / "many.png").read_bytes().startswith(b"\x89PNG")


def test_without_mistakes_there_is_no_page(tmp_path, beginner):
    model, _, test = beginner
    (right, *_) = np.flatnonzero(read(model, test).argmax(axis=1) == test.label)
    some = type(test)(train=False)
    some.data, some.label = test.data[[right]], test.label[[right]]
    assert draw_misread(model, some, tmp_path / "none.png") == 0
    assert not (tmp_path / "none.png").exists()


def test_the_graph_names_weights_image_label_and_loss(tmp_path, beginner, monkeypatch):
    monkeypatch.setattr("dezero.demo.available", tuple)  # no Graphviz: our own drawing alone
    model, _, test = beginner
    (path,) = draw_backpropagation(model, test, tmp_path)
    assert path.name == "backpropagation.svg"
    words = [text.strip() for text in ElementTree.parse(path).getroot().itertext()]
    for name in ("conv1/W", "conv1/b", "conv2/W", "conv2/b", "fc/W", "fc/b", "image", "label", "loss"):
        assert name in words
    assert "differ" not in " ".join(words)  # the gradients are those of this image


def test_with_an_engine_the_graph_is_a_png_as_well(tmp_path, beginner):
    if not available():
        pytest.skip("needs Graphviz or pygraphviz")
    model, _, test = beginner
    _, path = draw_backpropagation(model, test, tmp_path)
    assert path.name == "backpropagation.png"
    assert path.read_bytes().startswith(b"\x89PNG")


# -- arguments -------------------------------------------------------------------------------------


def test_without_arguments_the_help_appears(capsys):
    assert main([]) == 0
    out = capsys.readouterr().out
    assert "usage: python -m dezero" in out
    assert "demo" in out
    assert "apple" in out


def test_version(capsys):
    with pytest.raises(SystemExit) as stop:
        main(["--version"])
    assert stop.value.code == 0
    assert capsys.readouterr().out == f"dezero {__version__}\n"


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["domo"], "invalid choice: 'domo' (choose from "),
        (["--fast"], "unrecognized arguments: --fast"),
        (["demo", "--dataset", "cats"], "argument --dataset: invalid choice: 'cats' (choose from "),
        (["demo", "--epochs", "0"], "argument --epochs: expects a whole number of at least 1, got '0'"),
        (["demo", "--epochs", "1.5"], "argument --epochs: expects a whole number of at least 1, got '1.5'"),
        (["demo", "--seed", "-1"], "argument --seed: expects a whole number from 0 to 4294967295, got '-1'"),
        (["graph", "a.py:y", "--style", "neon"], "argument --style: invalid choice: 'neon'"),
        (["graph", "a.py:y", "--depth", "-1"], "argument --depth: expects a whole number of at least 0, got '-1'"),
        (["graph", "a.py:y", "--input", "3x3"], "argument --input: expects sizes with commas between them, such as"),
        (["demo", "--seed", "4294967296"], "argument --seed: expects a whole number from 0 to 4294967295"),
    ],
)
def test_a_wrong_argument_gets_one_sentence(capsys, arguments, says):
    with pytest.raises(SystemExit) as stop:
        main(arguments)
    captured = capsys.readouterr()
    assert stop.value.code == 2
    assert captured.out == ""
    assert says in captured.err
    assert captured.err.endswith(" --help tells what there is\n")
    assert captured.err.count("\n") == 1


def test_a_folder_that_cannot_be_made_gets_one_sentence_before_anything_is_learned(tmp_path, capsys):
    (tmp_path / "file").write_text("")
    assert main(["demo", "--out", str(tmp_path / "file")]) == 1
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith(f"python -m dezero demo: cannot make the folder {tmp_path / 'file'} (")
    assert captured.err.endswith("): choose another with --out\n")


def test_a_folder_that_is_not_writable_gets_one_sentence(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr("os.access", lambda *_: False)  # the superuser may write everywhere
    assert main(["demo", "--out", str(tmp_path)]) == 1
    message = f"cannot write into the folder {tmp_path}: choose another with --out"
    assert capsys.readouterr() == ("", f"python -m dezero demo: {message}\n")


def test_mnist_that_cannot_be_had_says_what_to_place_where(tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("DEZERO_HOME", str(tmp_path))
    monkeypatch.setenv("DEZERO_OFFLINE", "1")
    assert main(["demo", "--dataset", "mnist", "--out", str(tmp_path / "out")]) == 1
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "train-images-idx3-ubyte.gz" in captured.err


def test_interrupting_the_demo_leaves_one_sentence(tmp_path, capsys, monkeypatch):
    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr("dezero.__main__.learn", interrupted)
    assert main(["demo", "--out", str(tmp_path)]) == 130
    assert capsys.readouterr().err == "python -m dezero demo: stopped before the end\n"


def test_a_file_that_cannot_be_written_gets_one_sentence(tmp_path, capsys):
    (tmp_path / "weights.npz").mkdir()
    assert main(["demo", "--epochs", "1", "--out", str(tmp_path)]) == 1
    assert "python -m dezero demo: cannot write " in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [["apple"], ["demo", "--epochs", "1", "--out", "out"]])
def test_when_nobody_reads_it_ends_without_a_word(tmp_path, arguments):
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "wb") as nobody:
        done = run(*arguments, cwd=tmp_path, stdout=nobody)
    assert (done.returncode, done.stderr) == (1, "")


# -- the apples ------------------------------------------------------------------------------------


def test_the_apples_name_price_and_derivatives(capsys):
    assert main(["apple"]) == 0
    out = capsys.readouterr().out
    for line in (
        r"price    = subtotal \* tax  = 200 \* 1\.1 = 220",
        r"by subtotal = .* = 1 \* 1\.1 = 1\.1",
        r"by tax      = .* = 1 \* 200 = 200",
        r"by apple    = .* = 1\.1 \* 2 = 2\.2",
        r"by count    = .* = 1\.1 \* 100 = 110",
        r"2\.2  an apple dearer by 1 yen",
        r"\(220\.022 - 219\.978\) / 0\.02 = 2\.2 yen per yen",
    ):
        assert re.search(line + r"\b", out), f"{line} is not in\n{out}"


def test_the_apples_show_no_rounding_noise(capsys):
    buy_apples()
    assert not re.search(r"\d\.\d*(0000|9999)", capsys.readouterr().out)


def test_no_line_about_the_apples_is_wider_than_the_page(capsys):
    buy_apples()
    assert max(len(line) for line in capsys.readouterr().out.splitlines()) <= 110


# -- graphs of scripts -----------------------------------------------------------------------------

SCRIPT = """
import sys
import numpy as np
import matplotlib_or_not
from dezero import Variable
from dezero.models import MLP

x = Variable(np.array(3.0))
n = 5
if __name__ == "__main__":
    y = x ** 2
    y.backward(create_graph=True)
    print("it says", *sys.argv[1:])
model = MLP((3, 1))
model(np.zeros((2, 4)))
"""


@pytest.fixture
def script(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "matplotlib_or_not.py").write_text("")  # beside the script, where Python looks first
    path = tmp_path / "train.py"
    path.write_text(SCRIPT)
    yield path
    sys.modules.pop("matplotlib_or_not", None)


def test_a_script_is_run_and_its_result_drawn(script, capsys):
    before = sys.argv, list(sys.path), sys.modules["__main__"]
    assert main(["graph", "train.py:y", "--", "--lr", "1"]) == 0
    out = capsys.readouterr().out
    assert out == "it says --lr 1\ny.svg: the graph of y, 1 operation\n"
    words = [text.strip() for text in ElementTree.parse("y.svg").getroot().itertext()]
    assert {"x", "y", "3", "9", "6", "1"} < set(words)
    assert (sys.argv, list(sys.path), sys.modules["__main__"]) == before


@pytest.mark.parametrize(
    ("arguments", "starts"),
    [
        (["y", "-o", "y.svg", "--style", "compact"], "<svg"),
        (["y", "-o", "y.dot", "--style", "dezero"], "digraph"),
        (["x.grad", "-o", "slope.txt"], "6, derivative \u2013, from \u00d7"),
        (["y", "-o", "y.html", "--play"], "<!doctype html>"),
        (["model", "-o", "net.svg", "--input", "2,4", "--depth", "1"], "<svg"),
        (["model", "-o", "net.mmd", "--input", "2,4"], "flowchart"),
    ],
)
def test_the_suffix_says_how_it_is_drawn(script, arguments, starts):
    assert main(["graph", f"train.py:{arguments[0]}", *arguments[1:]]) == 0
    text = (script.parent / arguments[2]).read_text(encoding="utf-8")
    assert starts.lower() in text[:200].lower()


CHOICE = "what can be drawn is y, model"


@pytest.mark.parametrize(
    ("arguments", "status", "says"),
    [
        (["train.py"], 2, "expects a script and a name in it, such as train.py:loss, got 'train.py'"),
        (["none.py:y"], 1, "there is no file none.py"),
        (["train.py:loss"], 1, f"the script has no global name 'loss'; {CHOICE}"),
        (["train.py:n"], 1, f"n is of the type int, and a Variable or a model is wanted; {CHOICE}"),
        (["train.py:model"], 1, "model is a model: tell the shape of its input, such as --input 1,3,224,224"),
        (["train.py:y", "--input", "1,2"], 1, "y is a Variable, which needs no --input: that is for models"),
        (["train.py:y", "-o", "y.bmp"], 2, "the name of the file ends with one of .svg, .png, .pdf, .html, .dot, "),
        (["train.py:y", "-o", "no/y.svg"], 2, "there is no folder no"),
        (["train.py:y", "--play"], 2, "--play takes a file that ends with .html, got 'y.svg'"),
        (["train.py:model", "--input", "2,5"], 1, "linear expects x of shape "),
    ],
)
def test_what_cannot_be_drawn_gets_one_sentence(script, capsys, arguments, status, says):
    assert main(["graph", *arguments]) == status
    error = capsys.readouterr().err
    assert error.startswith(f"python -m dezero graph: {says}")
    assert error.count("\n") == 1
    assert not list(script.parent.glob("*.svg"))


def test_without_an_engine_png_is_refused_before_the_script_runs(script, capsys, monkeypatch):
    monkeypatch.setattr("dezero.__main__.available", tuple)
    assert main(["graph", "train.py:y", "-o", "y.png"]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "nothing here draws .png: pip install pygraphviz, or choose .svg or .html" in captured.err


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("1 / 0", "in <module>\n    1 / 0\n"),
        ("1 +", "SyntaxError: invalid syntax\n"),
        ("raise SystemExit('enough')", "python -m dezero graph: bad.py ended with 'enough', so nothing was drawn\n"),
    ],
)
def test_a_script_that_fails_shows_its_own_lines_only(script, capsys, line, says):
    (script.parent / "bad.py").write_text(line)
    assert main(["graph", "bad.py:y"]) == 1
    error = capsys.readouterr().err
    assert says in error
    assert "so nothing was drawn\n" in error
    assert "scripts.py" not in error


def test_a_script_may_end_itself(script):
    script.write_text(SCRIPT + "sys.exit(0)\n")
    assert main(["graph", "train.py:y"]) == 0


def test_no_window_opens(script):
    pytest.importorskip("matplotlib", reason="the window would be its")
    plot = "import webbrowser\nimport matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.show()\nwebbrowser.open('x')\n"
    script.write_text(SCRIPT + plot)
    assert main(["graph", "train.py:y"]) == 0


def test_without_anything_to_draw_it_says_what_to_do(script, capsys):
    script.write_text("x = 1\n")
    assert main(["graph", "train.py:y"]) == 1
    assert "assign to one what is to be drawn" in capsys.readouterr().err
