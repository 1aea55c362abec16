"""The step player: one HTML file that goes through the forward and the backward pass, and a picture of each step."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection
from pathlib import Path

from dezero.viz.scene import scene
from dezero.viz.story import Step, story, without
from dezero.viz.structure import Structure, figure
from dezero.viz.svg import Direction, Labels, Style, Theme, svg, written

__all__ = ["asset", "filled", "frames", "player"]


def asset(name: str) -> str:
    """The text of a page, script or style sheet of the interactive views."""
    return (Path(__file__).parent / "assets" / name).read_text(encoding="utf-8")


def filled(name: str, **parts: str) -> str:
    """A page with ``{{part}}`` replaced by the parts; what looks like that inside of a part stays as it is."""
    return re.sub(r"\{\{(\w+)\}\}", lambda found: parts[found[1]], asset(name))


def frames(
    structure: Structure,
    *,
    style: Style = "lecture",
    direction: Direction = "LR",
    labels: Labels = "values",
    local: bool = False,
    theme: Theme = "auto",
    blank: Collection[str] = frozenset(),
    run: Callable[[str], str] | None = None,
) -> list[str]:
    """One SVG for each step of the `story`; all have the same frame, and nothing moves from one to the next.

    Wires and operations stand there from the first picture on; numbers appear with their step.
    """
    told = story(structure)
    drawn = scene(structure, style=style, direction=direction, labels=labels, local=local, run=run)
    hidden = {key for step in told for key in step.shows if "." in key}
    pictures = []
    for step in told:
        hidden -= step.shows
        pictures.append(written(drawn, theme=theme, hidden=frozenset(hidden), blank=blank))
    return pictures


def player(
    structure: Structure,
    *,
    quiz: bool = False,
    title: str = "",
    style: Style = "lecture",
    direction: Direction = "LR",
    labels: Labels = "values",
    local: bool = False,
    theme: Theme = "auto",
    blank: Collection[str] = frozenset(),
    run: Callable[[str], str] | None = None,
) -> str:
    """A page that steps through the forward and then the backward pass; it needs no server and no other file.

    Parameters
    ----------
    structure : Structure
    quiz : bool
        Whether numbers are to be typed in before they are shown.
    title : str, optional
    style, direction, labels, local, theme, run
        As for `svg`, which draws the picture.
    blank : collection of keys
        Numbers that stay empty boxes, and that no sentence tells; in a quiz, the only ones that it asks for.

    Raises
    ------
    ValueError
        If a quiz is to have other labels than numbers.
    """
    if quiz and labels != "values":
        raise ValueError(f"a quiz asks for numbers, which are drawn with labels='values', got labels={labels!r}")
    told = story(structure)
    asked = _single_numbers(structure, told, blank) if quiz else None
    empty: Collection[str] = frozenset() if quiz else blank
    picture = svg(structure, style=style, direction=direction, labels=labels, local=local, theme=theme, blank=empty,
                  run=run)  # fmt: skip
    # Texts for the mouse would tell the numbers of later steps; the list below the picture says it all in words.
    picture = re.sub(r"<(title|desc)\b[^>]*>.*?</\1>", "", picture, flags=re.DOTALL)
    picture = picture[picture.index("<svg") :].replace("<svg ", '<svg aria-hidden="true" ', 1)
    picture = re.sub(r'\s(role|aria-label(ledby)?|aria-describedby)="[^"]*"', "", picture)
    return _page(title or _title(structure), picture, without(told, empty), asked)


def _title(structure: Structure) -> str:
    if structure.title:
        return structure.title
    names = [structure.values[v].name for v in structure.results if structure.values[v].name]
    return f"How {', '.join(names)} and its derivatives are computed" if names else "Forward and backward, step by step"


def _single_numbers(structure: Structure, told: tuple[Step, ...], chosen: Collection[str]) -> dict[str, str]:
    """The numbers that a quiz asks for: the chosen ones of what the steps after the first show, arrays left out."""
    found = {}
    for step in told[1:]:
        for key in sorted(step.shows) if step.question else ():
            v, _, part = key.partition(".")
            value = structure.values.get(v)
            numbers = (value.data if part == "data" else value.grad) if value is not None and part else None
            if numbers is not None and numbers.size == 1 and (key in chosen or not chosen):
                entry = numbers.entries
                while isinstance(entry, tuple):
                    entry = entry[0]
                if isinstance(entry, (int, float)) and not isinstance(entry, bool):
                    found[key] = figure(entry)
    return found


def _page(title: str, picture: str, told: tuple[Step, ...], quiz: dict[str, str] | None) -> str:
    from html import escape

    steps = [
        {"phase": step.phase, "operation": step.operation, "shows": sorted(step.shows), "uses": sorted(step.uses)}
        | {"sentence": step.sentence}
        | ({"question": step.question, "hint": step.hint} if quiz else {})
        for step in told
    ]
    facts = json.dumps({"steps": steps, "quiz": quiz}, ensure_ascii=False, separators=(",", ":")).replace(
        "<", "\\u003c"
    )
    marks, words, before = [], [], "start"
    for step in told:
        kinds = ["back"] if step.phase == "backward" else []
        if kinds and before != "backward":
            kinds.append("turn")
        marks.append(
            f'<li class="{" ".join(kinds)}"><button type="button" aria-label="{escape(_label(step))}"></button></li>'
        )
        words.append(f"<li>{escape(step.sentence)}</li>")
        before = step.phase
    return filled(
        "player.html",
        title=escape(title),
        style=asset("player.css"),
        script=asset("player.js"),
        picture=picture,
        facts=facts,
        marks="".join(marks),
        words="\n".join(words),
        many="many" if len(told) > 60 else "",
        quiz=" quiz" if quiz else "",
        plain="" if quiz else " hidden",
        all="Answers: all" if quiz else "All",
    )


def _label(step: Step) -> str:
    return f"Step {step.number}, {step.phase}" if step.phase != "start" else "Start"
