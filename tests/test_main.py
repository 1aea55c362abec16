"""The command line."""

import re
import subprocess
import sys

import pytest

from dezero import __version__
from dezero.__main__ import demo, main


def test_the_demo_names_price_and_derivatives(capsys):
    demo()
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


def test_the_demo_shows_no_rounding_noise(capsys):
    demo()
    assert not re.search(r"\d\.\d*(0000|9999)", capsys.readouterr().out)


def test_no_line_of_the_demo_is_wider_than_the_page(capsys):
    demo()
    assert max(len(line) for line in capsys.readouterr().out.splitlines()) <= 110


def test_without_arguments_the_help_appears(capsys):
    assert main([]) == 0
    out = capsys.readouterr().out
    assert "usage: python -m dezero" in out
    assert "demo" in out


def test_version(capsys):
    with pytest.raises(SystemExit) as stop:
        main(["--version"])
    assert stop.value.code == 0
    assert capsys.readouterr().out == f"dezero {__version__}\n"


@pytest.mark.parametrize(
    ("argument", "says"),
    [("domo", "invalid choice: 'domo' (choose from "), ("--fast", "unrecognized arguments: --fast")],
)
def test_a_wrong_argument_gets_one_sentence(capsys, argument, says):
    with pytest.raises(SystemExit) as stop:
        main([argument])
    captured = capsys.readouterr()
    assert stop.value.code == 2
    assert captured.out == ""
    assert says in captured.err
    assert captured.err.endswith("; python -m dezero --help tells what there is\n")
    assert captured.err.count("\n") == 1


def test_the_module_runs_as_a_command():
    done = subprocess.run([sys.executable, "-m", "dezero", "demo"], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert "= 220\n" in done.stdout
    assert done.stderr == ""
