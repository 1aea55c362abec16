"""The floors of the house, and the few rules that keep it clean; all read from the source, nothing is imported."""

import ast
import re
import sys
from collections.abc import Iterator
from importlib.util import resolve_name
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

# A module imports only from floors below its own, or from an earlier one in its own chain (a < b: b may import a).
# More than one space separates neighbours that know nothing of each other; x.{a, b} are x.a and x.b, and x.* stands for
# what is in x and not listed elsewhere. docs/design.md shows the same list, with the reasons.
FLOORS = """\
 8  training.callbacks < training < training.command < dezero < __main__
 7  models.model < models.imagenet < models.{resnet, squeezenet, vgg} < models < demo  doctor  scripts
 7  training.* < training.pictures < training.{finder, history} < training.progress < training.trainer
 6  layers.base < layers.{conv, linear, normalization} < layers.{attention, recurrent} < layers
 6  optimizers._checks < optimizers.base < optimizers.{hooks, rules, schedules} < optimizers
 5  functions < viz.svg < viz.player < viz.explorer < viz.picture < viz < utils.dot_graph < utils
 4  functions.{activation, attention, normalization, numpy_protocol, recurrent, resampling} < functions.loss  utils.*
 4  viz.* < viz.{draft, labels, model_table, shapes} < viz.{chain_rule, dot, folding, nodes} < viz.{build, scene}
 3  functions.{math, shape} < functions.{reduction, linalg, random} < functions_conv  viz.structure
 2  core  core_simple
 1  _like_array < _operands < _debug  _kernels  {_download, transforms} < datasets < dataloaders
 1  _kernels.{blas, memory, twins} < _kernels.threads < _kernels.{elementwise, reduction, winograd} < _kernels.*
 0  cuda < seeding  config  _shapes
"""

# The facade imports functions_conv after these two, so for it their parent counts as loaded.
BEHIND_THE_FACADE = {"dezero.functions_conv": {"dezero.functions.shape", "dezero.functions.reduction"}}

# Imported by the function that needs them, and by nothing else.
OPTIONAL = {
    "IPython", "PIL", "cupy", "graphviz", "matplotlib", "pygraphviz", "safetensors", "tensorboardX", "torch", "tqdm",
}  # fmt: skip

VARIABLES = {"inputs", "outputs", "params", "parameters", "targets", "variables", "xs", "ys", "gxs", "gys"}


def places(floors: str) -> dict[str, tuple[int, str, int]]:
    """From module name to floor, chain and position in the chain."""
    found = {}
    for line in floors.splitlines():
        number, entries = line.split(maxsplit=1)
        for chain in re.split(r" {2,}", entries):
            for position, link in enumerate(chain.split(" < ")):
                prefix, _, names = link.rstrip("}").rpartition("{")
                for name in names.split(", "):
                    module = "dezero" if name == "dezero" else f"dezero.{prefix}{name}"
                    found[module] = (int(number), chain, position)
    return found


def modules(root: Path) -> dict[str, ast.Module]:
    """From module name to syntax tree."""
    found = {}
    for path in sorted((root / "dezero").rglob("*.py")):
        parts = path.relative_to(root).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = ast.parse(path.read_text(encoding="utf-8"))
    return found


def is_package(module: str, known: dict[str, ast.Module]) -> bool:
    return any(name.startswith(module + ".") for name in known)


def imports(module: str, known: dict[str, ast.Module]) -> Iterator[tuple[str, int, bool, bool]]:
    """Yield name, line, whether inside a function, and whether for type checkers only, of all that a module imports."""
    package = module if is_package(module, known) else module.rpartition(".")[0]

    def visit(node: ast.AST, late: bool, types: bool) -> Iterator[tuple[str, int, bool, bool]]:
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno, late, types) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            source = resolve_name("." * node.level + (node.module or ""), package) if node.level else node.module
            submodules = [f"{source}.{alias.name}" for alias in node.names if f"{source}.{alias.name}" in known]
            names = submodules if len(submodules) == len(node.names) else [source, *submodules]
            yield from ((name, node.lineno, late, types) for name in names)
        elif isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            negated = ast.unparse(node.test).startswith("not ")
            for child in node.body:
                yield from visit(child, late, types or not negated)
            for child in node.orelse:
                yield from visit(child, late, types or negated)
        else:
            late = late or isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda))
            for child in ast.iter_child_nodes(node):
                yield from visit(child, late, types)

    yield from visit(known[module], False, False)


def reached(module: str, name: str, known: dict[str, ast.Module]) -> set[str]:
    """What an import of name touches: itself and its parents, except dezero and the importing module's own package."""
    own = {"dezero", module, module if is_package(module, known) else module.rpartition(".")[0]}
    parents = {name[: match.start()] for match in re.finditer(r"\.", name)} - own
    if name in BEHIND_THE_FACADE.get(module, ()):
        parents.discard("dezero.functions")
    return {name} | parents


def upward_imports(known: dict[str, ast.Module], floors: str) -> list[str]:
    """One sentence for each module without a floor, and for each import that does not go down."""
    place = places(floors)

    def found(module: str) -> tuple[int, str, int] | None:
        return place.get(module) or place.get(module.rpartition(".")[0] + ".*")

    faults = []
    for module in known:
        mine = found(module)
        if mine is None:
            faults.append(f"{module} stands on no floor: put it into FLOORS of tests/test_architecture.py")
            continue
        for name, line, late, _ in imports(module, known):
            if name.partition(".")[0] != "dezero":
                continue
            if late:
                faults.append(f"{module}:{line} imports {name} inside a function: only optional packages come late")
            for target in sorted(reached(module, name, known)):
                theirs = found(target)
                if theirs is None:
                    continue  # reported on its own if it exists, and Python says so if it does not
                below = theirs[0] < mine[0]
                earlier = theirs[0] == mine[0] and theirs[1] == mine[1] and theirs[2] < mine[2]
                if not (below or earlier or target == module):
                    faults.append(
                        f"{module}:{line} (floor {mine[0]}) imports {target} (floor {theirs[0]}), not below it"
                    )
    return faults


def foreign_imports(known: dict[str, ast.Module]) -> list[str]:
    """One sentence for each import of another package where it does not belong."""
    faults = []
    for module in known:
        for name, line, late, types in imports(module, known):
            top = name.partition(".")[0]
            if top in sys.stdlib_module_names or top in ("dezero", "numpy"):
                continue
            if top not in OPTIONAL:
                faults.append(f"{module}:{line} imports {top}, which is no package that the project knows")
            elif not late and not types:
                faults.append(f"{module}:{line} imports {top} when it is loaded: do it in the function that needs it")
    return faults


def unclean(module: str, tree: ast.Module) -> list[str]:
    """One sentence for each breach of a rule that a syntax tree can show."""
    faults = []
    for node in ast.walk(tree):
        at = f"{module}:{getattr(node, 'lineno', 0)}"
        if isinstance(node, ast.Assert):
            faults.append(f"{at} asserts: raise TypeError, ValueError or RuntimeError with a sentence")
        elif isinstance(node, ast.ExceptHandler) and node.type is None:
            faults.append(f"{at} catches everything: name the exception")
        elif isinstance(node, (ast.Name, ast.Attribute)) and _last_name(node).startswith("WeakKey"):
            faults.append(f"{at} uses weak keys: they are found by ==, which is elementwise for Variables")
        elif isinstance(node, ast.Compare):
            for op, right in zip(node.ops, node.comparators):
                if isinstance(op, (ast.In, ast.NotIn)) and _last_name(right) in VARIABLES:
                    faults.append(f"{at} searches {_last_name(right)} with `in`: compare Variables with `is`")
        elif isinstance(node, ast.Call):
            name = _last_name(node.func)
            if isinstance(node.func, ast.Name) and name == "print" and module != "dezero.__main__":
                faults.append(f"{at} prints: return it, or raise it")
            if isinstance(node.func, ast.Attribute) and name in ("index", "remove", "count"):
                searched = _last_name(node.func.value)
                if searched in VARIABLES:
                    faults.append(f"{at} searches {searched} with .{name}(): compare Variables with `is`")
    return faults


def _last_name(node: ast.AST) -> str:
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""


# -- the house as it stands ------------------------------------------------------------------------


def test_imports_only_go_down():
    faults = upward_imports(modules(ROOT), FLOORS)
    assert not faults, "\n".join(faults)


def test_only_numpy_is_loaded_with_the_package():
    faults = foreign_imports(modules(ROOT))
    assert not faults, "\n".join(faults)


def test_the_rules_of_the_house_are_kept():
    faults = [fault for module, tree in modules(ROOT).items() for fault in unclean(module, tree)]
    assert not faults, "\n".join(faults)


def test_the_gpu_is_asked_for_in_cuda_alone():
    known = modules(ROOT)
    asking = {module for module in known for name, *_ in imports(module, known) if name.partition(".")[0] == "cupy"}
    assert asking <= {"dezero.cuda"}


def test_the_design_page_shows_the_same_floors():
    assert FLOORS in (ROOT / "docs" / "design.md").read_text(encoding="utf-8")


# -- the checks find what they look for ------------------------------------------------------------


def house(**sources: str) -> dict[str, ast.Module]:
    """A house of the given modules: two underscores inside a name stand for a dot."""
    known = {"dezero." + re.sub(r"(?<=[a-z])__(?=[a-z])", ".", n): ast.parse(source) for n, source in sources.items()}
    return {"dezero": ast.parse("")} | known


@pytest.mark.parametrize(
    ("known", "fault"),
    [
        (house(core="", cuda="import dezero.core"), "dezero.cuda:1 (floor 0) imports dezero.core (floor 2)"),
        (house(core="", cuda="from dezero.core import Variable"), "imports dezero.core"),
        (house(core="", cuda="from dezero import core"), "imports dezero.core"),
        (house(core="", cuda="from . import core"), "imports dezero.core"),
        (house(core="", cuda="from .core import Variable"), "imports dezero.core"),
        (house(core="from dezero import Variable"), "dezero.core:1 (floor 2) imports dezero (floor 8)"),
        (house(core="import dezero"), "imports dezero (floor 8)"),
        (house(core="if TYPE_CHECKING:\n    import dezero.layers", layers=""), "imports dezero.layers (floor 6)"),
        (house(core="def f():\n    from dezero import cuda", cuda=""), "dezero.cuda inside a function"),
        (house(functions__math="from dezero.functions import linalg", functions__linalg="", functions=""),
         "dezero.functions.math:1 (floor 3) imports dezero.functions.linalg (floor 3)"),
        (house(functions__math="from dezero.functions import sin", functions=""), "imports dezero.functions (floor 5)"),
        (house(functions_conv="from dezero.functions.math import sin", functions__math="", functions=""),
         "imports dezero.functions (floor 5)"),
        (house(utils__a="from dezero.utils.b import c", utils__b="", utils=""), "imports dezero.utils.b (floor 4)"),
        (house(datasets="from dezero import dataloaders", dataloaders=""), "imports dezero.dataloaders (floor 1)"),
        (house(attic=""), "dezero.attic stands on no floor: put it into FLOORS"),
        (house(functions__attic="", functions=""), "dezero.functions.attic stands on no floor"),
    ],
)  # fmt: skip
def test_a_wrong_import_is_found(known, fault):
    faults = upward_imports(known, FLOORS)
    assert len(faults) == 1, faults
    assert fault in faults[0]


@pytest.mark.parametrize(
    "known",
    [
        house(core="from dezero import cuda\nfrom dezero.config import Config\nimport numpy", cuda="", config=""),
        house(__main__="from dezero import Variable"),
        house(functions="from dezero.functions import math", functions__math="from dezero.core import Sin", core=""),
        house(functions__linalg="from dezero.functions.math import sin", functions__math="", functions=""),
        house(functions_conv="from dezero.functions.shape import pad", functions__shape="", functions=""),
        house(utils="import dezero.functions as F", functions=""),
        house(dataloaders="from dezero.datasets import Dataset", datasets="from dezero import transforms",
              transforms=""),
    ],
)  # fmt: skip
def test_a_right_import_is_let_through(known):
    assert upward_imports(known, FLOORS) == []


@pytest.mark.parametrize(
    ("source", "fault"),
    [
        ("import matplotlib.pyplot as plt", "imports matplotlib when it is loaded"),
        ("from PIL import Image", "imports PIL when it is loaded"),
        ("def f():\n    import scipy", "imports scipy, which is no package that the project knows"),
        ("if not TYPE_CHECKING:\n    import cupy", "imports cupy when it is loaded"),
    ],
)
def test_a_wrong_package_is_found(source, fault):
    assert fault in "".join(foreign_imports(house(core=source)))


def test_an_optional_package_may_come_late_or_for_types():
    source = "if TYPE_CHECKING:\n    import cupy\ndef f():\n    import matplotlib.pyplot as plt\nimport numpy, sys"
    assert foreign_imports(house(core=source)) == []


@pytest.mark.parametrize(
    ("source", "fault"),
    [
        ("assert x", "asserts"),
        ("try:\n    f()\nexcept:\n    pass", "catches everything"),
        ("table = weakref.WeakKeyDictionary()", "uses weak keys"),
        ("print(x)", "prints"),
        ("if x in self.inputs: pass", "searches inputs with `in`"),
        ("found = y not in xs", "searches xs with `in`"),
        ("i = f.inputs.index(x)", "searches inputs with .index()"),
        ("params.remove(x)", "searches params with .remove()"),
    ],
)
def test_a_breach_is_found(source, fault):
    faults = unclean("dezero.core", ast.parse(source))
    assert len(faults) == 1, faults
    assert fault in faults[0]


def test_the_command_line_may_print():
    assert unclean("dezero.__main__", ast.parse("print(1)")) == []
