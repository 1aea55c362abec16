"""Every mistake of the tables in `tests/wrong_uses` is refused at once, in exactly these words.

A row that fails here because a message was reworded is no nuisance: read the new words as somebody who has just made
the mistake. Do they name the function, what was given, what was expected, and the way out?
"""

from __future__ import annotations

import inspect
import re
import warnings
from pathlib import Path

import numpy as np
import pytest

import dezero
from dezero import Function, datasets, functions, layers, models, optimizers, transforms, utils, viz
from tests.wrong_uses import elements, engine, networks, tools, training
from tests.wrong_uses import layers as layers_and_models
from tests.wrong_uses.table import Wrong, said

TABLES = [engine, elements, networks, layers_and_models, training, tools]
ROWS = [row for table in TABLES for row in table.WRONG]
KINDS = (TypeError, ValueError, IndexError, RuntimeError)
OF_PYTHON = (AttributeError, OSError)  # what Python says of a name or of a file that is not there, we say, too

NO_MISUSE = {  # these take nothing that could be wrong, or answer about anything
    "no_grad", "test_mode", "setup_variable", "rng", "example_rng", "Config", "debug", "array_equal", "show_progress",
    "as_array", "Optimizer", "keep_memory", "Graph", "Drawing",
}  # fmt: skip
DOWNLOADED = {"CIFAR10", "Digits", "FashionMNIST", "ImageNet", "MNIST", "Shakespear", "Shakespeare", "load_cache_npz",
              "save_cache_npz"}  # fmt: skip


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.what)
def test_wrong_use_is_refused_in_exactly_these_words(row: Wrong, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    np.random.seed(0)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(row.kind) as error:
            row.use()
    words = said(error.value).replace(str(tmp_path), "<here>")
    assert words == row.text or re.fullmatch(".*".join(map(re.escape, row.text.split("…"))), words)


def test_there_are_many_and_each_is_told_apart():
    names = [row.what for row in ROWS]
    assert len(names) >= 300
    assert len(set(names)) == len(names)


def test_errors_are_of_the_kinds_that_tell_mistakes_apart():
    assert [row.what for row in ROWS if not issubclass(row.kind, KINDS + OF_PYTHON)] == []


def test_every_public_name_is_misused():
    text = "".join([Path(table.__file__).read_text(encoding="utf-8") for table in TABLES])
    used = set(re.findall(r"\w+", text))
    public = set()
    for module in (dezero, functions, layers, models, optimizers, datasets, transforms, utils, viz):
        for name in module.__all__:
            value = getattr(module, name)
            operation = inspect.isclass(value) and issubclass(value, Function)
            if callable(value) and not operation:
                public.add(name)
    assert public - used - NO_MISUSE - DOWNLOADED == set()
