"""What pictures write on wires: arrays in few words, and partial derivatives in names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from dezero.viz.measure import width
from dezero.viz.structure import ABSENT, Entries, Numbers, Operation, Structure, Value, figure

__all__ = ["ROOM", "SIZE", "is_bad", "lines", "partials", "wire_names"]

SIZE = 15.0  # of letters
ROOM = 190.0  # for a line of text on a wire

# -- numbers ---------------------------------------------------------------------------------------


def lines(numbers: Numbers | None) -> tuple[str, ...]:
    """An array in few words: its entries if they are few, else shape, type and statistics.

    Examples
    --------
    >>> lines(None)
    ('–',)
    >>> lines(Numbers((), "float64", 220.00000000000003))
    ('220',)
    >>> lines(Numbers((64, 10), "float32", None, -0.5, 0.61, 0.01))
    ('(64, 10) float32', 'mean 0.01, -0.5 … 0.61')
    """
    if numbers is None:
        return (ABSENT,)
    if numbers.entries is not None:
        rows = _rows(numbers.entries, len(numbers.shape))
        if 0 < len(rows) <= 4 and all(width(row, SIZE) <= ROOM for row in rows):
            return rows
    shape = f"({', '.join(map(str, numbers.shape))}{',' if len(numbers.shape) == 1 else ''}) {numbers.dtype}"
    spoiled = [f"{count} {what}" for count, what in ((numbers.nans, "nan"), (numbers.infinities, "inf")) if count]
    found = [statistics] if (statistics := _statistics(numbers)) else []
    if spoiled:
        found.append("⚠ " + ", ".join(spoiled))
    return (shape, *found)


def _statistics(numbers: Numbers) -> str:
    if numbers.mean is None or numbers.low is None or numbers.high is None:
        return ""
    mean, low, high = numbers.mean + 0.0, numbers.low + 0.0, numbers.high + 0.0
    if low == high:
        return f"all {low:.3g}"
    if abs(mean) < 1e-6 * max(-low, high):  # what rounding leaves of a sum that is 0
        mean = 0.0
    return f"mean {mean:.3g}, {low:.3g} … {high:.3g}"


def _rows(entries: Entries, axes: int) -> tuple[str, ...]:
    if not isinstance(entries, tuple):
        return (figure(entries),)
    if axes <= 1:
        return ("[" + ", ".join(_flat(entries)) + "]",)
    rows = [row for part in entries for row in _rows(part, axes - 1)]
    return tuple(rows)


def _flat(entries: Entries) -> Iterator[str]:
    if isinstance(entries, tuple):
        for part in entries:
            yield from _flat(part)
    else:
        yield figure(entries)


def is_bad(numbers: Numbers | None) -> bool:
    if numbers is None:
        return False
    if numbers.nans or numbers.infinities:
        return True
    return numbers.entries is not None and any(text.strip("-") in ("nan", "inf") for text in _flat(numbers.entries))


# -- names -----------------------------------------------------------------------------------------


def wire_names(structure: Structure) -> dict[str, str]:
    """For each wire a name to write partial derivatives with: its own, else t, or t1, t2 ... if there are several."""
    taken = {value.name for value in structure.values.values()}
    nameless = [v.id for v in structure.values.values() if not v.name and v.kind != "constant"]
    found = {v.id: v.name or _constant(v) for v in structure.values.values()}
    letter = next(letter for letter in ("t", "u", "s", "τ") if letter not in taken or letter == "τ")
    count = 0
    for v in nameless:
        if len(nameless) == 1:
            found[v] = letter
            continue
        count += 1
        while f"{letter}{count}" in taken:
            count += 1
        found[v] = f"{letter}{count}"
    if len(structure.results) == 1 and not structure.values[structure.results[0]].name:
        free = next((letter for letter in ("z", "y", "L") if letter not in taken), None)
        found[structure.results[0]] = free or found[structure.results[0]]
        rest = [v for v in nameless if v != structure.results[0]]
        if free:
            found |= {v: f"{letter}{i}" if len(rest) > 1 else letter for i, v in enumerate(rest, 1)}
    return found


def _constant(value: Value) -> str:
    return lines(value.data)[0] if value.data is not None else "c"


def partials(structure: Structure, names: Mapping[str, str]) -> dict[str, str]:
    """For each wire its derivative as the product of the partial derivatives on the way back to the result."""
    result = structure.results[0] if structure.results else ""
    if not result:
        return {}
    top = names[result]
    factors: dict[str, tuple[str, ...] | None] = {result: (f"∂{top}/∂{top}",)}
    users: dict[str, list[Operation]] = {}
    for f in reversed(list(structure.operations.values())):
        for v in f.inputs:
            users.setdefault(v, []).append(f)
    for f in reversed(list(structure.operations.values())):
        for v in f.inputs:
            if v in factors or structure.values[v].kind == "constant":
                continue
            ways = [(g, w) for g in users[v] for w in g.outputs if w in factors]
            if len(users[v]) == 1 and len(ways) == 1:
                before = factors[ways[0][1]]
                step = f"∂{names[ways[0][1]]}/∂{names[v]}"
                factors[v] = (*before, step) if before is not None else None
            elif ways:
                factors[v] = None  # several ways add up: only their sum has a name
    found = {}
    for v, chain in factors.items():
        whole = "·".join(chain) if chain else f"∂{top}/∂{names[v]}"
        if chain and len(chain) > 2 and width(whole, SIZE) > ROOM:
            user = users[v][0]
            out = next(w for w in user.outputs if w in factors)
            whole = f"∂{top}/∂{names[out]}·∂{names[out]}/∂{names[v]}"
        found[v] = whole if width(whole, SIZE) <= 1.4 * ROOM else f"∂{top}/∂{names[v]}"
    return found
