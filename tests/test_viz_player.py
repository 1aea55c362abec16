"""The story of a computation, the pictures of its steps, and the page that plays them."""

import json
import math
import re

import numpy as np
import pytest

from dezero import Variable
from dezero import functions as F
from dezero.viz.build import build
from dezero.viz.player import filled, frames, player
from dezero.viz.story import answers, blanked, described, story
from dezero.viz.structure import Numbers
from tests.browser import FOUND, browser


def variables(**numbers):
    return [Variable(np.array(number), name=name) for name, number in numbers.items()]


def finished(y, name):
    y.name = name
    y.backward()
    return build(y, names={})


def apple(called=True):
    apple, n, tax = variables(apple=100.0, n=2.0, tax=1.1)
    price = apple * n * tax
    price.name = "price"
    if called:
        price.backward()
    return build(price, names={})


def oranges():
    apple, n, orange, m, tax = variables(apple=100.0, n=2.0, orange=150.0, m=3.0, tax=1.1)
    return finished((apple * n + orange * m) * tax, "price")


def sentences(structure):
    return [step.sentence for step in story(structure)]


# -- the story -------------------------------------------------------------------------------------


def test_the_apple_is_told_operation_by_operation():
    assert sentences(apple()) == [
        "It starts with apple = 100, n = 2 and tax = 1.1.",
        "× takes 100 (apple) and 2 (n): 200.",
        "× takes 200 (apple·n) and 1.1 (tax): price = 220.",
        "Back from the end: the derivative of price by itself is 1.",
        "× passes 1.1 back to apple·n: upstream 1 times the other input 1.1; and 200 back to tax: upstream 1 times the"
        " other input 200.",
        "× passes 2.2 back to apple: upstream 1.1 times the other input 2; and 110 back to n: upstream 1.1 times the"
        " other input 100.",
    ]


def test_each_number_appears_once_and_its_operation_is_named():
    structure = apple()
    told = story(structure)
    assert [step.number for step in told] == list(range(6))
    assert [step.phase for step in told] == ["start", "forward", "forward", "backward", "backward", "backward"]
    assert [step.operation for step in told] == [None, "f0", "f1", None, "f1", "f0"]
    numbers = [key for step in told for key in step.shows if re.fullmatch(r"v\d+\.\w+", key)]
    assert len(numbers) == len(set(numbers)) == 2 * len(structure.values)
    for step in told:
        assert step.uses <= {key for before in told[: step.number] for key in before.shows}


def test_before_backward_the_story_says_so_and_shows_what_is_absent():
    last = story(apple(called=False))[-1]
    assert last.sentence == "There are no derivatives yet: backward() has not been called."
    assert {f"v{i}.grad" for i in range(5)} <= last.shows


def test_a_wire_with_two_users_adds_up():
    (x,) = variables(x=3.0)
    told = sentences(finished(x * 2.0 + F.sin(x), "y"))
    assert "x waits for its other branch." in told[-2]
    assert f"x adds up over 2 branches: 2 + ({math.cos(3):.6g}) = {2 + math.cos(3):.6g}." in told[-1]


def test_an_operand_taken_twice_is_two_branches():
    (x,) = variables(x=3.0)
    assert sentences(finished(x * x, "y"))[-1].endswith("x adds up over 2 branches: 3 + 3 = 6.")


@pytest.mark.parametrize(
    ("f", "said"),
    [
        (lambda x: x**2, "passes 6 back to x: upstream 1 times 2 x = 6."),
        (lambda x: -x, "passes -1 back to x: upstream 1 with its sign turned."),
        (lambda x: 5.0 - x, "passes -1 back to x: upstream 1 with its sign turned."),
        (lambda x: F.exp(x), f"upstream 1 times exp(x) = {math.exp(3):.6g}."),
        (lambda x: F.relu(x), "passes 1 back to x: upstream 1 unchanged, as 3 is positive."),
        (lambda x: F.relu(-x), "passes 0 back to −x: stopped, as -3 is not positive."),
        (lambda x: F.maximum(x, 5.0), "passes 0 back to x: stopped, as 3 is not the larger one."),
        (lambda x: F.sum(F.broadcast_to(x, (4,))), "4 back to x: upstream summed over the copies."),
    ],
)
def test_the_rule_of_an_operation(f, said):
    (x,) = variables(x=3.0)
    assert said in " ".join(sentences(finished(f(x), "y")))


def test_matrices_are_told_with_their_shapes():
    x, W = variables(x=np.ones((2, 3)), W=np.ones((3, 4)))
    told = sentences(finished(F.sum(F.matmul(x, W)), "y"))
    assert told[1] == "@ takes x (2×3) and W (3×4): an array of shape 2×4."
    assert "back to x: upstream @ Wᵀ (2×4 @ 4×3)" in told[-1]
    assert "back to W: xᵀ @ upstream (3×2 @ 2×4)" in told[-1]


def test_constants_get_no_derivative():
    (x,) = variables(x=3.0)
    structure = finished(x * 2.0, "y")
    assert "back to 2" not in " ".join(sentences(structure))


def test_small_arrays_are_written_out():
    assert described(Numbers((2,), "float64", (1.0, -0.5))) == "[1, -0.5]"
    assert described(Numbers((2, 2), "float64", ((1.0, 2.0), (3.0, 4.0)))) == "an array of shape 2×2"


def test_the_same_structure_tells_the_same_story():
    assert story(oranges()) == story(oranges())


# -- blanks and frames -----------------------------------------------------------------------------


def test_blanks_are_found_by_name():
    structure = apple()
    keys = blanked(structure, "dApple", "PRICE")
    assert answers(structure, keys) == {"price": "220", "dApple": "2.2"}


def test_a_value_called_dx_is_not_the_derivative_of_x():
    x, dx = variables(x=2.0, dx=5.0)
    structure = finished(x * dx, "y")
    assert answers(structure, blanked(structure, "dx")) == {"dx": "5"}


def test_an_unknown_name_lists_what_there_is():
    with pytest.raises(ValueError, match="no value named 'pear'; there are apple, n, v2, tax, price, dApple, dn"):
        blanked(apple(), "pear")


def test_answers_write_arrays_out():
    (x,) = variables(x=np.array([[1.0, 2.0], [3.0, 4.0]]))
    structure = finished(F.sum(x), "y")
    assert answers(structure, blanked(structure, "x", "dx")) == {"x": "[[1, 2], [3, 4]]", "dx": "[[1, 1], [1, 1]]"}


def texts(svg):
    return re.findall(r">([^<>]+)</text>", svg)


def test_frames_have_one_frame_and_more_numbers_each():
    pictures = frames(apple())
    assert len(pictures) == 6
    assert len({re.search(r'viewBox="[^"]*"', picture)[0] for picture in pictures}) == 1
    assert "220" not in texts(pictures[1]) and "220" in texts(pictures[2])
    assert "2.2" not in texts(pictures[4]) and "2.2" in texts(pictures[5])
    counts = [len(texts(picture)) for picture in pictures]
    assert counts == sorted(set(counts))


# -- the page --------------------------------------------------------------------------------------


def test_the_page_stands_alone_and_is_small():
    page = player(oranges())
    assert len(page.encode()) < 60_000
    assert not re.search(r'(?:src|href)="|@import|url\((?!#)', page)
    for step in story(oranges()):
        assert f"<li>{step.sentence}</li>" in page
    assert page == player(oranges())


def test_names_cannot_break_the_page():
    (x,) = variables(x=2.0)
    x.name = '</script><b>"りんご" & {{facts}}'
    page = player(finished(x * 3.0, "y"), title="<i>")
    assert "<b>" not in page and "<i>" not in page
    facts = json.loads(re.search(r'id="steps">(.*)</script>', page)[1])
    assert x.name in facts["steps"][0]["sentence"]


def test_a_quiz_asks_for_numbers_only():
    with pytest.raises(ValueError, match="labels='values'"):
        player(apple(), quiz=True, labels="symbolic")


def test_a_page_is_filled_in_once():
    assert "{{words}}" in filled(
        "player.html", **dict.fromkeys(("title", "style", "quiz", "plain", "all", "many", "marks", "words"), ""),
        picture="{{words}}", facts="", script="",
    )  # fmt: skip


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    if FOUND is None:
        pytest.skip("needs Chromium")
    with browser(tmp_path_factory.mktemp("browser")) as page:
        yield page


def opened(page, tmp_path, text, fragment="", **size):
    path = tmp_path / "page.html"
    path.write_text(text, encoding="utf-8")
    page.open(path, fragment, **size)
    return page


SHOWN = """[...document.querySelectorAll("#sheet text.data, #sheet text.grad")]
    .filter(text => getComputedStyle(text).visibility === "visible").map(text => text.textContent)"""
SAID = "document.getElementById('said').textContent"


def test_keys_step_through_the_passes(page, tmp_path):
    opened(page, tmp_path, player(apple()))
    assert sorted(page.run(SHOWN)) == ["1.1", "100", "2"]
    page.press("ArrowRight", " ")
    assert sorted(page.run(SHOWN)) == ["1.1", "100", "2", "200", "220"]
    page.press("ArrowRight", "ArrowRight")
    assert page.run(SAID).startswith("× passes 1.1 back to apple·n")
    page.press("End")
    assert sorted(page.run(SHOWN)) == sorted(["100", "2", "1.1", "200", "220", "1", "1.1", "200", "2.2", "110"])
    page.press("ArrowLeft", "Home")
    assert page.run("location.hash") == "#step=0"
    assert page.errors == []


def test_what_comes_later_is_pale_to_the_tip_of_its_arrow(page, tmp_path):
    opened(page, tmp_path, player(apple()))
    tip = "getComputedStyle(document.querySelector('[data-v=v4] .head')).fill"
    before = page.run(tip)
    page.press("End")
    assert page.run(tip) != before


def test_blanks_stay_boxes_up_to_the_end(page, tmp_path):
    opened(page, tmp_path, player(apple(), blank=frozenset({"v4.data", "v0.grad"})))
    page.press("End")
    assert sorted(page.run(SHOWN)) == sorted(["100", "2", "1.1", "200", "1", "1.1", "200", "110"])
    boxes = """[...document.querySelectorAll("#sheet .blank")].map(box => {
        const at = box.getBoundingClientRect(), line = box.parentNode.querySelector(".line").getBoundingClientRect();
        return [getComputedStyle(box).visibility, at.x + at.width / 2 - line.x - line.width / 2, at.y > line.y];
    })"""
    below, above = page.run(boxes)
    assert (below[0], below[2], above[0], above[2]) == ("visible", True, "visible", False)
    assert abs(below[1]) < 2 and abs(above[1]) < 2
    assert page.run(SAID) == "× passes back. What are the derivatives by apple and n?"
    assert page.errors == []


def test_the_address_and_the_bar_choose_a_step(page, tmp_path):
    opened(page, tmp_path, player(apple()), "#step=3")
    assert page.run(SAID) == "Back from the end: the derivative of price by itself is 1."
    page.click("nav li:nth-child(2) button")
    assert page.run(SAID) == "× takes 100 (apple) and 2 (n): 200."
    page.click("#next")
    assert page.run(SAID).endswith("price = 220.")
    assert page.errors == []


def test_nothing_moves(page, tmp_path):
    opened(page, tmp_path, player(oranges()))
    where = """JSON.stringify([...document.querySelectorAll("#sheet text, #sheet path, #caption, nav")]
        .map(e => e.getBoundingClientRect()).map(b => [b.x, b.y]))"""
    before = page.run(where)
    for _ in range(9):
        page.press("ArrowRight")
        assert page.run(where) == before


def test_everything_fits_on_a_small_screen_without_scrolling_the_page(page, tmp_path):
    opened(page, tmp_path, player(oranges()), "#step=6", width=390, height=780)
    assert page.run("document.documentElement.scrollWidth") == 390
    now = "(b => [b.left, b.right])(document.querySelector('.op.now').getBoundingClientRect())"
    left, right = page.run(now)
    assert 0 < left < right < 390


def test_a_quiz_checks_what_is_typed(page, tmp_path):
    opened(page, tmp_path, player(apple(), quiz=True))
    hint, score = "document.getElementById('hint').textContent", "document.getElementById('score').textContent"

    def answer(*texts):
        for text in texts:
            page.run("document.activeElement.value = ''")
            page.write(text)
            page.press("Enter")

    assert page.run(score) == "0 of 7 right"
    page.press("ArrowRight")
    assert page.run(SAID) == "× takes 100 (apple) and 2 (n). What comes out?"
    assert "200" not in page.run(SHOWN)
    answer("7")
    assert page.run(hint) == "7 is not it. Try again."
    answer("8")
    assert page.run(hint) == "Calculate 100 × 2."
    answer("200,5")
    assert page.run(SAID) == "× takes 100 (apple) and 2 (n): 200."
    assert page.run(score) == "1 of 7 right"
    for texts in (["220"], ["1"], ["11/10", "200"], ["2.2"]):
        page.press("ArrowRight")
        answer(*texts)
    page.click("#give")
    assert page.run(score) == "6 of 7 right"
    assert page.run(hint) == "Your score: 6 of 7 right, 5 of them at the first try."
    assert page.errors == []
