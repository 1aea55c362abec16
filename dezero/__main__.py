"""The command line: ``python -m dezero demo`` and ``python -m dezero apple``."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from shutil import get_terminal_size
from time import perf_counter
from typing import NoReturn

import numpy as np

from dezero import Variable, __version__, no_grad
from dezero.datasets import Dataset
from dezero.demo import ConvNet, Epoch, Plan, data, draw_backpropagation, draw_misread, draw_training, learn, plans
from dezero.models import Model


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
    about = "train a small network that reads digits, and leave a folder with pictures of how that went"
    options = commands.add_parser("demo", help=about, description=about[0].upper() + about[1:] + ".")
    options.add_argument(
        "--dataset", choices=list(plans), default="digits", help="digits, which come along (default), or mnist, 12 MB"
    )
    options.add_argument("--epochs", type=_whole(1), help="passes through the data (default: enough for a good result)")
    options.add_argument("--seed", type=_whole(0, 2**32 - 1), default=0, help="same seed, same numbers (default: 0)")
    options.add_argument("--out", type=Path, default=Path("dezero-demo"), help="the folder (default: dezero-demo)")
    commands.add_parser("apple", help="buy two apples, and see where each derivative of the price comes from")
    given = parser.parse_args(argv)
    if given.command is None:
        parser.print_help()
    elif given.command == "apple":
        buy_apples()
    else:
        plan = plans[given.dataset]
        try:
            return demo(given.dataset, plan._replace(epochs=given.epochs or plan.epochs), given.seed, given.out)
        except KeyboardInterrupt:
            return _failed("stopped before the end", 130)
    return 0


def _whole(least: int, most: int | None = None) -> Callable[[str], int]:
    """The type of an argument that is a whole number."""

    def read_number(text: str) -> int:
        if not text.isdecimal() or not least <= int(text) <= (int(text) if most is None else most):
            limits = f"of at least {least}" if most is None else f"from {least} to {most}"
            raise argparse.ArgumentTypeError(f"expects a whole number {limits}, got {text!r}")
        return int(text)

    return read_number


def _run() -> int:
    """`main`, for a shell: if nobody reads any more, as after ``| head``, end without a word."""
    try:
        status = main()
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # for the flush when Python ends
        return 1
    return status


# -- the network that reads digits -----------------------------------------------------------------


def demo(dataset: str, plan: Plan, seed: int, out: Path) -> int:
    """Train a network, print how it goes, and write weights and pictures into a folder.

    Parameters
    ----------
    dataset : {"digits", "mnist"}
    plan : Plan
    seed : int
        For NumPy's global generator.
    out : Path
        The folder; made if need be. Files of the same names in it are replaced.

    Returns
    -------
    int
        Exit status: 1 if data could not be had or files not written, which a sentence on stderr explains.
    """
    try:  # first, and not when all is learned
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        return _failed(f"cannot make the folder {out} ({error.strerror}): choose another with --out")
    if not os.access(out, os.W_OK):
        return _failed(f"cannot write into the folder {out}: choose another with --out")
    start = perf_counter()
    try:
        train, test = data(dataset)
    except (OSError, RuntimeError, ValueError) as error:  # says which file it is about
        return _failed(str(error))

    H, W = train[0][0].shape[1:]
    print(f"""\
{len(train):,} images of {H} x {W} pixels to learn from, and {len(test):,} held out. Accuracy is the part read right:
"train" while the network learns, "test" on the images held out after each epoch.
""")
    np.random.seed(seed)
    model, history = ConvNet(), []
    start_of_line = "\r" if sys.stdout.isatty() else ""
    for epoch in learn(model, train, test, plan, _bar(plan.epochs)):
        history.append(epoch)
        accuracy = f"train accuracy {_percent(epoch.train)}   test accuracy {_percent(epoch.test)}"
        number = _counted(len(history), plan.epochs)
        print(f"{start_of_line}{number}   loss {epoch.loss:.4f}   {accuracy}   {epoch.seconds:.1f} s", flush=True)
    result = _percent(history[-1].test).strip()
    print(f"\n{result} of the images held out are read right, after {perf_counter() - start:.1f} s.\n")
    try:
        _leave_files(model, history, test, out)
    except BrokenPipeError:
        raise
    except OSError as error:
        return _failed(f"cannot write {error.filename or out}: {error.strerror or error}")
    return 0


def _leave_files(model: Model, history: list[Epoch], test: Dataset, out: Path) -> None:
    """Write what a trained model shows, and name each file."""
    weights = out / "weights.npz"
    model.save_weights(weights)
    _name(weights, "the weights of the network, which is ConvNet in dezero/demo.py")
    graph = draw_backpropagation(model, test, out)
    _name(graph, "the graph of one backpropagation, from the loss to the weights")
    if graph.suffix == ".dot":
        print("    (a text: the program dot of Graphviz, https://graphviz.org/download, would make it an SVG picture)")
    try:
        draw_training(history, out / "training.png")
        wrong = draw_misread(model, test, out / "misread.png")
    except ImportError as error:
        print(f"""
Left out: training.png, the curves of loss and accuracy, and misread.png, a page of images read wrongly. matplotlib
draws them ({error}). To get it, in the checkout of dezero:

    {sys.executable} -m pip install -e '.[viz]'""")
        return
    _name(out / "training.png", "the curves of loss and accuracy")
    if wrong:
        _name(out / "misread.png", f"images read wrongly, {wrong} of them, and what they were taken for")
    else:
        print("No image was read wrongly, so there is no page of them.")


def _bar(epochs: int) -> Callable[[int, float, float], None]:
    """A function that shows, on a terminal, how much of an epoch is done: on a line that the next one overwrites."""
    width = max(5, min(30, get_terminal_size().columns - 35))

    def show(epoch: int, part: float, loss: float) -> None:
        done = round(width * part)
        print(f"\r{_counted(epoch, epochs)}   [{'#' * done:.<{width}}]   loss {loss:.4f}", end="", flush=True)

    return show if sys.stdout.isatty() else lambda epoch, part, loss: None


def _counted(epoch: int, epochs: int) -> str:
    return f"epoch {epoch:{len(str(epochs))}}/{epochs}"


def _percent(part: float) -> str:
    return f"{100 * part:6.2f} %"


def _failed(why: str, status: int = 1) -> int:
    print(f"python -m dezero demo: {why}", file=sys.stderr)
    return status


def _name(path: Path, what: str) -> None:
    print(f"{path}: {what}")


# -- two apples ------------------------------------------------------------------------------------


def price_of(apple: Variable, count: Variable, tax: Variable) -> tuple[Variable, Variable]:
    """Return the subtotal and the price of a purchase, in yen."""
    subtotal = apple * count
    return subtotal, subtotal * tax


def buy_apples() -> None:
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
    sys.exit(_run())
