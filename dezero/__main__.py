"""The command line: ``python -m dezero demo``."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from typing import NoReturn

import numpy as np

from dezero import Variable, __version__, no_grad


class _Parser(argparse.ArgumentParser):
    """An ArgumentParser that answers a mistake with one sentence instead of the usage of everything."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {message}; {self.prog} --help tells what there is\n")


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command that the arguments name.

    Parameters
    ----------
    argv : sequence of str, optional
        The arguments; those of the process by default.

    Returns
    -------
    int
        Exit status; a wrong argument exits with 2 by itself.
    """
    parser = _Parser(prog="python -m dezero", description="Automatic differentiation, small enough to read.")
    parser.add_argument("--version", action="version", version=f"dezero {__version__}")
    commands = parser.add_subparsers(title="commands", metavar="command", dest="command")
    commands.add_parser("demo", help="buy two apples, and see where each derivative of the price comes from")
    if parser.parse_args(argv).command == "demo":
        demo()
    else:
        parser.print_help()
    return 0


def price_of(apple: Variable, count: Variable, tax: Variable) -> tuple[Variable, Variable]:
    """Return the subtotal and the price of a purchase, in yen."""
    subtotal = apple * count
    return subtotal, subtotal * tax


def demo() -> None:
    """Print the purchase of two apples: its price, and backpropagation line by line."""
    apple, count, tax = (Variable(np.array(value)) for value in (100.0, 2.0, 1.1))
    subtotal, price = price_of(apple, count, tax)
    price.backward(retain_grad=True)

    step = 0.01  # yen
    with no_grad():
        dearer, cheaper = (price_of(apple + h, count, tax)[1] for h in (step, -step))
        point = price_of(apple, count, tax + 0.01)[1] - price
    slope = (dearer - cheaper) / (2 * step)

    a, n, t, s, p = (f"{x:.6g}" for x in (apple, count, tax, subtotal, price))
    by_a, by_n, by_t, by_s, by_p = (f"{x.grad:.6g}" for x in (apple, count, tax, subtotal, price))
    print(f"""\
You buy {n} apples at {a} yen each, with 10 % tax: multiply by {t}.

Forward, from what you know to what you pay:

    subtotal = apple * count   = {a} * {n} = {s}
    price    = subtotal * tax  = {s} * {t} = {p}

Backward, from the price to what it depends on. Start from 1, for the price follows itself one to one.
A product hands to each factor what arrives, times the other factor:

    by price                                   = {by_p}
    by subtotal = by price * tax               = {by_p} * {t} = {by_s}
    by tax      = by price * subtotal          = {by_p} * {s} = {by_t}
    by apple    = by subtotal * count          = {by_s} * {n} = {by_a}
    by count    = by subtotal * apple          = {by_s} * {a} = {by_n}

What that means:

    {by_a:>4}  an apple dearer by 1 yen makes the purchase dearer by {by_a} yen: {n} apples, each with its tax;
    {by_n:>4}  one apple more costs {by_n} yen more;
    {by_t:>4}  a tax higher by 0.01, one percentage point, costs {point:.6g} yen more.

Check, without any derivative: with apples {step:g} yen dearer and {step:g} yen cheaper, the price differs by
({dearer:.6g} - {cheaper:.6g}) / {2 * step:g} = {slope:.6g} yen per yen. The same number.""")


if __name__ == "__main__":
    sys.exit(main())
