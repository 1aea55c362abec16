"""The command line: ``python -m dezero`` with ``demo``, ``train``, ``apple``, ``graph`` or ``doctor``."""

from __future__ import annotations

import argparse
import os
import sys
import textwrap
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from shutil import get_terminal_size
from time import perf_counter
from typing import Any, NoReturn

import numpy as np

from dezero import Variable, __version__, no_grad, scripts
from dezero.datasets import Dataset
from dezero.demo import ConvNet, Epoch, Plan, data, draw_backpropagation, draw_misread, draw_training, learn, plans
from dezero.doctor import Finding, examine
from dezero.models import Model
from dezero.training import command
from dezero.viz.engines import available
from dezero.viz.picture import SUFFIXES


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
    _add_graph(commands)
    command.add_to(commands)
    about = "look at what dezero works with on this machine, and say how to mend what is missing"
    commands.add_parser("doctor", help=about, description=about[0].upper() + about[1:] + ".")
    given = parser.parse_args(argv)
    if given.command is None:
        parser.print_help()
        return 0
    try:
        if given.command == "apple":
            buy_apples()
        elif given.command == "graph":
            return graph(given)
        elif given.command == "train":
            return command.train(given, partial(print, flush=True))
        elif given.command == "doctor":
            report()
        else:
            plan = plans[given.dataset]
            return demo(given.dataset, plan._replace(epochs=given.epochs or plan.epochs), given.seed, given.out)
    except KeyboardInterrupt:
        return _failed("stopped before the end", 130, given.command)
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
    picture, *same = draw_backpropagation(model, test, out)
    _name(picture, "the graph of one backpropagation, from the loss to the weights")
    for path in same:
        _name(path, "the same in pixels")
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


def _failed(why: str, status: int = 1, command: str = "demo") -> int:
    print(f"python -m dezero {command}: {why}", file=sys.stderr)
    return status


def _name(path: Path, what: str) -> None:
    print(f"{path}: {what}")


# -- the graph of a script -------------------------------------------------------------------------


def _add_graph(commands: Any) -> None:
    about = "run a script, and draw the computation behind one of its variables"
    options = commands.add_parser(
        "graph",
        help=about,
        description=about[0].upper() + about[1:] + ".",
        epilog="Example: python -m dezero graph train.py:loss -o loss.svg --depth 1",
    )
    options.add_argument("target", metavar="script.py:name", help="of a Variable, or of a model")
    options.add_argument("arguments", nargs="*", help="for the script; after -- if they begin with a dash")
    options.add_argument(
        "-o",
        "--out",
        type=Path,
        help="the file; its suffix says how: .svg .png .pdf .html .dot .txt (default: name.svg)",
    )
    options.add_argument("--style", choices=["lecture", "dezero", "compact"], help="default: lecture")
    options.add_argument("--direction", choices=["LR", "TB"], help="from left to right, or from top to bottom")
    options.add_argument("--depth", type=_whole(0), help="how deep calls of layers are shown, 0 for none")
    options.add_argument("--symbolic", action="store_true", help="names and partial derivatives instead of numbers")
    options.add_argument("--local", action="store_true", help="what each operation multiplies the derivative by")
    options.add_argument("--play", action="store_true", help="for .html: step by step, forward and backward")
    options.add_argument(
        "--input",
        type=_shape,
        action="append",
        default=[],
        metavar="1,3,224,224",
        help="for a model: the shape of its input",
    )


def _shape(text: str) -> tuple[int, ...]:
    """The type of an argument that is a shape."""
    sizes = text.strip("()").rstrip(",").split(",")
    if not all([size.strip().isdecimal() for size in sizes]):
        raise argparse.ArgumentTypeError(f"expects sizes with commas between them, such as 1,3,224,224, got {text!r}")
    return tuple([int(size) for size in sizes])


def graph(given: argparse.Namespace) -> int:
    """Run a script and draw what one of its global names stands for.

    Parameters
    ----------
    given : Namespace
        What the command line says.

    Returns
    -------
    int
        Exit status: 1 if there is nothing to draw, or no file could be written, which a sentence on stderr explains.
    """
    file, _, name = given.target.rpartition(":")
    if not file or not name or name[0] in "/\\":
        return _failed(f"expects a script and a name in it, such as train.py:loss, got {given.target!r}", 2, "graph")
    script = Path(file)
    out = Path(f"{name}.svg") if given.out is None else given.out
    why = _why_not_to(out, given.play)
    if why:  # first, and not when all is computed
        return _failed(why, 2, "graph")
    if not script.is_file():
        return _failed(f"there is no file {file}", 1, "graph")
    try:
        names = scripts.run(script, given.arguments)
    except SystemExit as end:
        return _failed(f"{file} ended with {end.code!r}, so nothing was drawn", 1, "graph")
    except Exception as error:
        import traceback

        back = error.__traceback__
        while back is not None and back.tb_frame.f_code.co_filename != file:
            back = back.tb_next  # the script's own lines are what its author wants to see
        traceback.print_exception(error.with_traceback(back))
        return _failed(f"{file} failed, so nothing was drawn", 1, "graph")
    looks = {"style": given.style, "direction": given.direction, "local": given.local or None}
    looks |= {"labels": "symbolic"} if given.symbolic else {}
    try:
        picture = scripts.picture(
            names, name, given.input, given.depth, **{look: value for look, value in looks.items() if value is not None}
        )
        picture.save(out, **({"play": True} if given.play else {}))
    except (LookupError, RuntimeError, TypeError, ValueError) as error:
        return _failed(str(error.args[0] if error.args else error), 1, "graph")
    except OSError as error:
        return _failed(f"cannot write {out}: {error.strerror or error}", 1, "graph")
    count = len(picture.operations)
    _name(out, f"the graph of {name}, {count:,} operation{'s' * (count != 1)}")
    if picture.notice:
        print(f"    ({picture.notice})")
    return 0


def _why_not_to(out: Path, play: bool) -> str:
    """What keeps a picture from being written to a file; the empty string if nothing does."""
    kind = out.suffix.lower()
    if kind not in SUFFIXES:
        return f"the name of the file ends with one of {', '.join(SUFFIXES)}, got {str(out)!r}"
    if play and kind != ".html":
        return f"--play takes a file that ends with .html, got {str(out)!r}"
    if not out.parent.is_dir():
        return f"there is no folder {out.parent}"
    if kind in (".png", ".pdf") and not available():
        return f"nothing here draws {kind}: pip install pygraphviz, or choose .svg or .html"
    return ""


# -- what is here ----------------------------------------------------------------------------------

_MARGIN = 25  # columns before the words
_COLOURS = {"ok": "32", "absent": "33", "broken": "31"}


def report() -> None:
    """Print what `dezero.doctor.examine` finds, in lines that fit a terminal."""
    colourful = sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
    print(f"dezero {__version__} in {Path(__file__).parent}\n")
    found = []
    for finding in examine():
        found.append(finding)
        print("\n".join(_lines(finding, colourful)), flush=True)
    broken = sum([finding.state == "broken" for finding in found])
    absent = sum([finding.state == "absent" for finding in found])
    print()
    if broken:
        print(f"{broken} thing{'s' * (broken != 1)} to mend.")
    else:
        print("All that is here works." + " What is absent is optional." * bool(absent))


def _lines(finding: Finding, colourful: bool) -> list[str]:
    """A finding: state, subject, and words that keep to their column; commands stay whole, to be copied."""
    words = textwrap.wrap(finding.words, 79 - _MARGIN, break_long_words=False, break_on_hyphens=False)
    state = f"{finding.state:6}"
    if colourful:
        state = f"\033[{_COLOURS[finding.state]}m{state}\033[0m"
    first = f"  {state}  {finding.subject:{_MARGIN - 12}}  {words[0]}"
    commands = [f"$ {command}" for command in finding.fix.splitlines()]
    return [first, *[" " * _MARGIN + more for more in words[1:] + commands]]


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
