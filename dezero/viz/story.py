"""Backpropagation as a story: the forward and then the backward pass, one operation at a time, with a sentence each."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal

from dezero.viz.structure import ABSENT, Numbers, Operation, Structure, Value, figure

__all__ = ["Step", "answers", "blanked", "described", "story", "without"]

Phase = Literal["start", "forward", "backward"]

_INFIX = {"Add": " + ", "Sub": " − ", "Mul": "·", "Div": "/"}
_LONGEST = 18  # characters of an expression that stands for a wire without a name


@dataclass(frozen=True, slots=True)
class Step:
    """What one step of a lecture adds to the picture.

    Keys name parts of the picture: ``"v3"`` a wire, ``"v3.data"`` and ``"v3.grad"`` the numbers above and below it,
    ``"f0"`` an operation, and ``"f0.local1"`` its derivative by its second operand.
    """

    number: int
    phase: Phase
    operation: str | None  # the id of the operation at work, None where values or derivatives are given
    shows: frozenset[str]  # keys of what appears
    uses: frozenset[str]  # keys of the numbers that it is computed from
    sentence: str
    question: str = ""  # the sentence without its results, "" where there is nothing to ask
    hint: str = ""


# -- numbers in words ------------------------------------------------------------------------------


def described(numbers: Numbers | None) -> str:
    """The entries of an array that is small enough for a line, else its shape.

    Examples
    --------
    >>> described(Numbers((), "float64", 220.00000000000003)), described(Numbers((3,), "float64", (1.0, 2.5, 3.0)))
    ('220', '[1, 2.5, 3]')
    >>> described(Numbers((10, 3), "float64")), described(None)
    ('an array of shape 10×3', '–')
    """
    if numbers is None:
        return ABSENT
    single = _single(numbers)
    if single is not None:
        return figure(single)
    return _few(numbers) or f"an array of shape {_shape(numbers)}"


def _single(numbers: Numbers | None) -> complex | float | bool | None:
    """The number in an array that has only one."""
    if numbers is None or numbers.size != 1:
        return None
    entry = numbers.entries
    while isinstance(entry, tuple):
        entry = entry[0]
    return entry


def _few(numbers: Numbers) -> str:
    """The entries, "" if they are too many for a sentence."""
    if numbers.entries is None or len(numbers.shape) > 1 or numbers.size > 4:
        return ""
    return _written(numbers.entries)


def _written(entries: object) -> str:
    if isinstance(entries, tuple):
        return "[" + ", ".join([_written(entry) for entry in entries]) + "]"
    return figure(entries) if isinstance(entries, (complex, float, int)) else ""


def _shape(numbers: Numbers) -> str:
    return "×".join([str(n) for n in numbers.shape])


def _listed(parts: Sequence[str]) -> str:
    return parts[0] if len(parts) == 1 else ", ".join(parts[:-1]) + " and " + parts[-1] if parts else "nothing"


# -- the story -------------------------------------------------------------------------------------


def story(structure: Structure) -> tuple[Step, ...]:
    """Tell the forward pass and then the backward pass, one operation at a time.

    The first step shows what the computation starts from, and the last one shows everything. Derivatives appear with
    the last operation that contributes to them: a wire with several users adds up what comes from each.
    If no result has a derivative, a last step says that `backward` has not been called.
    """
    return _Teller(structure).steps()


def without(told: Sequence[Step], blank: Collection[str]) -> tuple[Step, ...]:
    """The story as it is told to who has to fill in the numbers with these keys: no sentence gives one away."""
    found = []
    for step in told:
        sentence = step.sentence
        if not step.uses.isdisjoint(blank) or (not step.question and not step.shows.isdisjoint(blank)):
            sentence = "Fill in the boxes." if step.phase == "start" else "The next operation: fill in the boxes."
        elif not step.shows.isdisjoint(blank):
            sentence = step.question
        found.append(replace(step, sentence=sentence))
    return tuple(found)


class _Teller:
    def __init__(self, structure: Structure) -> None:
        self.values: Mapping[str, Value] = structure.values
        self.operations = tuple(structure.operations.values())
        self.structure = structure
        self.expressions: dict[str, str] = {}
        self.branches: dict[str, list[tuple[Operation, int]]] = {v: [] for v in structure.values}
        for f in self.operations:
            for i, v in enumerate(f.inputs):
                self.branches[v].append((f, i))
        self.told: list[Step] = []

    def steps(self) -> tuple[Step, ...]:
        made = {v for f in self.operations for v in f.outputs}
        self.start([v for v in self.values.values() if v.id not in made])
        for f in self.operations:
            self.forward(f)
        if all([self.values[v].grad is None for v in self.structure.results]):
            self.tell("backward", None, [], [], "There are no derivatives yet: backward() has not been called.")
        else:
            self.ends()
            left = {v: len(self.branches[v]) for v in self.values}
            for f in reversed(self.operations):
                if any([self.values[v].grad is not None for v in f.outputs]):
                    self.backward(f, left)
        self.leave_nothing()
        return tuple(self.told)

    def tell(
        self,
        phase: Phase,
        operation: str | None,
        shows: Collection[str],
        uses: Collection[str],
        sentence: str,
        question: str = "",
        hint: str = "",
    ) -> None:
        step = Step(
            len(self.told),
            phase,
            operation,
            frozenset(shows),
            frozenset(uses),
            sentence,
            question if shows else "",
            hint,
        )
        self.told.append(step)

    def leave_nothing(self) -> None:
        """Show with the last step what no step has shown: derivatives that are absent."""
        shown = {key for step in self.told for key in step.shows}
        last = self.told[-1]
        rest = self.everything - shown
        self.told[-1] = replace(last, shows=last.shows | rest)

    @cached_property
    def everything(self) -> frozenset[str]:
        keys = {key for v in self.values for key in (v, f"{v}.data", f"{v}.grad")}
        keys |= {f.id for f in self.operations}
        return frozenset(
            keys | {f"{f.id}.local{i}" for f in self.operations for i, local in enumerate(f.locals) if local}
        )

    # -- names

    def name(self, v: str) -> str:
        """The name of a wire, or the expression that it stands for, or where it comes from."""
        value = self.values[v]
        return value.name or self.expression(v, 3) or self.origin(value)

    def pointed(self, v: str) -> str:
        """The name of a wire, with its number where the name alone may be that of several."""
        value = self.values[v]
        found, single = self.name(v), _single(value.data)
        if value.name or single is None or found != self.origin(value):
            return found
        return f"{found} ({figure(single)})"

    def origin(self, value: Value) -> str:
        maker = self.structure.operations.get(value.maker or "")
        if maker is None:
            return "a constant" if value.kind == "constant" else f"the {value.kind}"
        return f"the output of {maker.called}"

    def expression(self, v: str, depth: int) -> str:
        """Names joined by the signs of the operations, "" where that would be long."""
        value = self.values[v]
        if value.name:
            return value.name
        if value.kind == "constant" or value.maker is None:
            single = _single(value.data)
            return "" if single is None else figure(single)
        if not depth:
            return ""
        key = f"{v}:{depth}"
        if key not in self.expressions:
            self.expressions[key] = self.composed(self.structure.operations[value.maker], depth - 1)
        return self.expressions[key]

    def composed(self, f: Operation, depth: int) -> str:
        parts = [self.expression(v, depth) for v in f.inputs]
        if not all(parts) or len(f.outputs) != 1:
            return ""
        sign = _INFIX.get(f.kind)
        if sign and len(parts) == 2:
            if f.kind in ("Mul", "Div"):
                parts = [_tight(part) for part in parts]
            text = sign.join(parts)
        elif f.symbol.startswith("**") and len(parts) == 1:
            text = _tight(parts[0], " ·/−*") + f.symbol
        elif f.kind == "Neg":
            text = f"−{_tight(parts[0])}"
        elif f.kind == "GetItem" and f.detail:
            text = _tight(parts[0]) + f.detail
        else:
            text = f"{f.symbol}({', '.join(parts)})" if f.symbol.isidentifier() or f.symbol == "√" else ""
        return text if len(text) <= _LONGEST else ""

    def taken(self, v: str) -> str:
        """An operand in a sentence: its number with its name in brackets, or its name with its shape."""
        value = self.values[v]
        name = self.name(v)
        if value.data is None:
            return name
        if _single(value.data) is None and not _few(value.data):
            return f"{name} ({_shape(value.data)})"
        number = described(value.data)
        return number if number == name else f"{number} ({name})"

    # -- forward

    def start(self, leaves: Sequence[Value]) -> None:
        named = [self.equation(v) for v in leaves if v.name]
        if not leaves:
            sentence = "There is nothing to start from."
        elif len(named) <= 8:
            constants = len(leaves) - len(named)
            more = [f"{constants} constant" + "s" * (constants > 1)] if constants else []
            sentence = f"It starts with {_listed(named + more)}."
        else:
            sentence = f"It starts with {len(leaves)} values, from {named[0]} to {named[-1]}."
        shows = [key for v in leaves for key in (v.id, f"{v.id}.data")]
        self.tell("start", None, shows + [f"{v.id}.grad" for v in leaves if v.kind == "constant"], [], sentence)

    def equation(self, v: Value) -> str:
        if v.data is None or described(v.data).startswith("an array"):
            return f"{v.name}" if v.data is None else f"{v.name} ({_shape(v.data)})"
        return f"{v.name} = {described(v.data)}"

    def forward(self, f: Operation) -> None:
        sign = f.called
        takes = f"{sign} takes {_listed([self.taken(v) for v in f.inputs])}" if f.inputs else f"{sign} makes"
        gives = _listed([described(self.values[v].data) for v in f.outputs])
        names = [self.values[v].name for v in f.outputs if self.values[v].name]
        end = (
            f"{takes}: {_listed(names)} = {gives}." if names and len(names) == len(f.outputs) else f"{takes}: {gives}."
        )
        self.tell(
            "forward",
            f.id,
            [f.id, *[key for v in f.outputs for key in (v, f"{v}.data")]],
            [f"{v}.data" for v in f.inputs],
            end,
            f"{takes}. What comes out?",
            self.calculation(f),
        )

    def calculation(self, f: Operation) -> str:
        numbers = [described(self.values[v].data) for v in f.inputs]
        if f.kind in _INFIX and len(numbers) == 2:
            sign = " × " if f.kind == "Mul" else " / " if f.kind == "Div" else _INFIX[f.kind]
            return f"Calculate {numbers[0]}{sign}{_bracketed(numbers[1])}."
        if f.symbol.startswith("**") and len(numbers) == 1:
            return f"Calculate {_bracketed(numbers[0])}{f.symbol}."
        return f"Calculate {f.symbol or f.kind}({', '.join(numbers)})."

    # -- backward

    def ends(self) -> None:
        """The derivatives that the backward pass starts from: of results that no operation takes."""
        ends = [v for v in dict.fromkeys(self.structure.results) if not self.branches[v]]
        parts = []
        for v in ends:
            name, grad = self.pointed(v), self.values[v].grad
            if grad is not None and described(grad) == "1":
                parts.append(f"the derivative of {name} by itself is 1")
            elif grad is not None:
                parts.append(f"the derivative at {name} is {described(grad)}")
        if parts:
            self.tell(
                "backward",
                None,
                [f"{v}.grad" for v in ends],
                [],
                f"Back from the end: {_listed(parts)}.",
                f"Back from the end: what is the derivative of {_listed([self.pointed(v) for v in ends])} by itself?",
                "A quantity changes exactly as much as it changes itself.",
            )

    def backward(self, f: Operation, left: dict[str, int]) -> None:
        sign = f.called
        shows = {f"{f.id}.local{i}" for i, local in enumerate(f.locals) if local}
        uses = {f"{v}.grad" for v in f.outputs}
        parts, sums, asked, reasons = [], [], [], []
        for i, v in enumerate(f.inputs):
            value = self.values[v]
            left[v] -= 1
            if value.kind == "constant" or (value.grad is None and len(self.branches[v]) == 1):
                continue
            reason = self.reason(f, i)
            passed = self.passed(f, i)
            goes = f"back to {self.pointed(v)}"
            parts.append(f"{passed} {goes}: {reason}" if passed else f"a derivative {goes}: {reason}")
            reasons.append(f"To {self.pointed(v)}: {reason}.")
            uses |= self.read(f, i)
            if left[v] == 0:
                shows.add(f"{v}.grad")
                asked.append(self.pointed(v))
                if len(self.branches[v]) > 1:
                    sums.append(self.total(v))
            elif v not in f.inputs[i + 1 :]:
                sums.append(f"{self.pointed(v)} waits for {_more(left[v])}")
        if not parts:
            return
        sentence = f"{sign} passes {'; and '.join(parts)}."
        if sums:
            sentence += " " + " ".join(
                [f"{text[0].upper() if text.startswith('the ') else text[0]}{text[1:]}." for text in sums]
            )
        ask = f"What {'is the derivative' if len(asked) == 1 else 'are the derivatives'} by {_listed(asked)}?"
        question = f"{sign} passes back. {ask}" if asked else ""
        self.tell(
            "backward",
            f.id,
            shows,
            uses,
            sentence,
            question,
            " ".join(reasons + [f"{t.split(':')[0]}." for t in sums if ":" in t]),
        )

    def read(self, f: Operation, i: int) -> set[str]:
        """Keys of the forward values in the local derivative."""
        if f.kind in ("Add", "Sub", "Neg"):
            return set()
        if f.kind in ("Mul", "MatMul") and len(f.inputs) == 2:
            return {f"{f.inputs[1 - i]}.data"}
        return {f"{v}.data" for v in f.inputs}

    def passed(self, f: Operation, i: int) -> str:
        """What goes back along one branch, "" where it is not known."""
        value = self.values[f.inputs[i]]
        if len(self.branches[value.id]) == 1:
            single = _single(value.grad)
            return "" if single is None else figure(single)
        contribution = self.contribution(f, i)
        return "" if contribution is None else figure(contribution)

    def contribution(self, f: Operation, i: int) -> complex | float | None:
        upstream, local = _single(self.upstream(f)), self.local(f, i)
        return None if upstream is None or local is None or isinstance(local, tuple) else upstream * local

    def upstream(self, f: Operation) -> Numbers | None:
        return self.values[f.outputs[0]].grad if len(f.outputs) == 1 else None

    def local(self, f: Operation, i: int) -> complex | float | None:
        local = f.locals[i] if i < len(f.locals) else None
        if local is not None and local.value is not None:
            return _single(local.value)
        if f.kind == "Mul" and len(f.inputs) == 2:
            return _single(self.values[f.inputs[1 - i]].data)
        if f.kind == "ReLU":
            data = _single(self.values[f.inputs[i]].data)
            return float(data > 0) if isinstance(data, (float, int)) else None
        return {"Add": 1.0, "Sub": 1.0 - 2.0 * i, "Neg": -1.0}.get(f.kind)

    def total(self, v: str) -> str:
        branches = self.branches[v]
        found = [self.contribution(f, i) for f, i in branches]
        text = f"{self.pointed(v)} adds up over {len(branches)} branches"
        grad = _single(self.values[v].grad)
        terms = [figure(term) for term in found if term is not None]
        if grad is None or len(terms) < len(found) or len(found) > 6:
            return text
        return f"{text}: {' + '.join([terms[0], *[_bracketed(term) for term in terms[1:]]])} = {figure(grad)}"

    def reason(self, f: Operation, i: int) -> str:
        """Why an operand gets what it gets."""
        value = self.values[f.inputs[i]]
        out = self.values[f.outputs[0]]
        up = _single(self.upstream(f))
        upstream = "upstream" if up is None else f"upstream {figure(up)}"
        sums = ", summed to its shape" if _smaller(value.data, out.data) else ""
        if f.kind == "Add":
            return f"{upstream} unchanged{sums}"
        if f.kind in ("Sub", "Neg"):
            turned = f.kind == "Neg" or i == 1
            return f"{upstream} with its sign turned{sums}" if turned else f"{upstream} unchanged{sums}"
        if f.kind == "Mul" and len(f.inputs) == 2:
            other = f.inputs[1 - i]
            number = _single(self.values[other].data)
            return f"{upstream} times the other input {self.pointed(other) if number is None else figure(number)}{sums}"
        if f.kind in ("MatMul", "Linear"):
            return self.product(f, i)
        if f.kind in _GATES:
            slope, data = self.local(f, i), _single(value.data)
            if data is not None and slope in (0, 1):
                passes = f"{upstream} unchanged, as" if slope else "stopped, as"
                return f"{passes} {figure(data)} is {'' if slope else 'not '}{_GATES[f.kind]}"
        local = f.locals[i] if i < len(f.locals) else None
        if local is not None and f.kind not in _RULES:
            single = _single(local.value)
            if single is None:
                words = {v: self.name(v) for v in f.inputs}
                return f"{upstream} times {local.said(words)}{sums}"
            known = all([self.values[v].name or self.values[v].kind == "constant" for v in f.inputs])
            named = known and not _is_number(local.formula)
            return f"{upstream} times {f'{local.formula} =' if named else 'the local derivative'} {figure(single)}"
        return _RULES.get(f.kind, f"{upstream} through the rule of {f.kind}")

    def product(self, f: Operation, i: int) -> str:
        if i == 2:
            return "upstream summed over the rows"
        other = self.values[f.inputs[1 - i]]
        name = self.pointed(other.id)
        name = f"({name})" if " " in name else name
        vector = other.data is not None and len(other.data.shape) < 2
        if vector and not (self.values[f.outputs[0]].data or Numbers((1,), "")).shape:
            return f"upstream times the other input {name}"
        shapes = ""
        grad = self.upstream(f)
        if other.data is not None and grad is not None and not vector and len(other.data.shape) == 2 == len(grad.shape):
            turned = "×".join([str(n) for n in reversed(other.data.shape)])
            shapes = f" ({turned} @ {_shape(grad)})" if i else f" ({_shape(grad)} @ {turned})"
        turned_name = name if vector else f"{name}ᵀ"
        return (f"{turned_name} @ upstream" if i else f"upstream @ {turned_name}") + shapes


_GATES = {"ReLU": "positive", "Maximum": "the larger one", "Minimum": "the smaller one"}

_RULES = {
    "ReLU": "upstream where the input is positive, 0 elsewhere",
    "Sum": "a copy of upstream for every entry that was summed",
    "Mean": "an equal share of upstream for every entry",
    "BroadcastTo": "upstream summed over the copies",
    "SumTo": "a copy of upstream for every entry that was summed",
    "Reshape": "the same numbers in the shape of the input",
    "Transpose": "the same numbers with the axes turned back",
    "GetItem": "upstream to the entries that were taken, 0 to the others",
    "Max": "upstream to the largest entry, 0 to the others",
    "Min": "upstream to the smallest entry, 0 to the others",
    "Maximum": "upstream where it was the larger one, 0 elsewhere",
    "Minimum": "upstream where it was the smaller one, 0 elsewhere",
    "Clip": "upstream where nothing was cut, 0 elsewhere",
    "Concatenate": "its own part of upstream",
    "Stack": "its own part of upstream",
    "Split": "the parts put together again",
    "AsType": "the same numbers in its own dtype",
    "Dropout": "upstream where the entry was kept, 0 elsewhere",
}


def _tight(expression: str, loose: str = " ") -> str:
    """An expression in brackets, unless it holds together without."""
    depth = 0
    for character in expression:
        depth += (character in "([") - (character in ")]")
        if not depth and character in loose:
            return f"({expression})"
    return expression


def _bracketed(number: str) -> str:
    return f"({number})" if number.startswith("-") else number


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _more(n: int) -> str:
    return "its other branch" if n == 1 else f"{n} more branches"


def _smaller(part: Numbers | None, whole: Numbers | None) -> bool:
    return part is not None and whole is not None and part.size < whole.size


# -- boxes to fill in ------------------------------------------------------------------------------


def blanked(structure: Structure, *names: str) -> frozenset[str]:
    """The keys of numbers, given by the names of values, or "d" and the name for derivatives.

    Capitals do not matter, and a name that several values have means all of them. Values without a name are called
    by their id: ``"v3"``, ``"dv3"``.

    Raises
    ------
    ValueError
        If there is no such name.
    """
    known: dict[str, list[str]] = {}
    for key, name in _spelled(structure):
        known.setdefault(name.casefold(), []).append(key)
    found: list[str] = []
    for name in names:
        keys = known.get(name.casefold())
        if keys is None:
            there = ", ".join(dict.fromkeys([spelled for _, spelled in _spelled(structure)]))
            raise ValueError(f"blank knows no value named {name!r}; there are {there}")
        found += keys
    return frozenset(found)


def answers(structure: Structure, keys: Collection[str]) -> dict[str, str]:
    """What belongs into the boxes: from names as `blanked` takes them to numbers as the picture shows them."""
    found: dict[str, str] = {}
    for key, name in _spelled(structure):
        if key in keys:
            v, _, part = key.partition(".")
            value = structure.values[v]
            numbers = value.data if part == "data" else value.grad
            entries = None if numbers is None else numbers.entries
            text = described(numbers) if entries is None else _written(entries)
            found[f"{name} ({v})" if name in found else name] = text
    return found


def _spelled(structure: Structure) -> list[tuple[str, str]]:
    """Keys of all numbers with their names; values come first, so that a value named dx is not the derivative of x."""
    names = [(v.id, v.name or v.id) for v in structure.values.values()]
    taken = {name.casefold() for _, name in names}
    derivatives = [(v, f"d{name[0].upper()}{name[1:]}" if _is_word(name) else f"d{name}") for v, name in names]
    return [(f"{v}.data", name) for v, name in names] + [
        (f"{v}.grad", name) for v, name in derivatives if name.casefold() not in taken
    ]


def _is_word(name: str) -> bool:
    """Whether the derivative is spelled dApple, like that of apple; those of x, x0 and W are dx, dx0 and dW."""
    return len(name) > 1 and name[:2].isalpha() and name[:2].islower()
