"""The gallery: its programs write the pictures that the page shows, byte for byte."""

import re
from pathlib import Path
from runpy import run_path

import pytest

GALLERY = Path(__file__).parents[1] / "docs" / "gallery"


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    run = run_path(str(GALLERY / "make.py"))["make"]
    folder = tmp_path_factory.mktemp("gallery")
    return {file.name: file.read_bytes() for file in run(folder, slow=False)}


def test_the_programs_write_what_the_page_shows(made):
    assert len(made) == 14
    for name, picture in made.items():
        assert (GALLERY / name).read_bytes() == picture, f"python docs/gallery/make.py draws {name} anew"


def test_the_page_shows_each_picture_once_in_words_too():
    page = (GALLERY.parent / "gallery.md").read_text(encoding="utf-8")
    shown = re.findall(r"!\[([^]]+)\]\(gallery/([^)]+)\)", page)
    assert sorted(name for _, name in shown) == sorted(file.name for file in GALLERY.glob("*.svg"))
    assert all(len(words) > 30 for words, _ in shown)


def test_pictures_are_small_enough_for_a_page():
    assert all(file.stat().st_size < 60_000 for file in GALLERY.glob("*.svg"))


@pytest.mark.slow
def test_the_slow_programs_write_what_the_page_shows(tmp_path):
    run = run_path(str(GALLERY / "make.py"))["make"]
    for file in run(tmp_path):
        assert (GALLERY / file.name).read_bytes() == file.read_bytes()
