"""explain: the chain rule in words and numbers."""

import math
import random
import re

import numpy as np
import pytest

import dezero.functions as F
import dezero.layers as L
from dezero import Function, Variable, explain, no_grad
from dezero.viz.colours import PALETTE, colour


def scalar(x: float, name: str | None = None) -> Variable:
    return Variable(np.array(float(x)), name)


# -- numbers ---------------------------------------------------------------------------------------


def test_the_line_of_the_lecture():
    apple, n, tax = scalar(100), scalar(2), scalar(1.1)
    price = apple * n * tax
    assert str(explain(price, apple)) == (
        "d price / d apple = 1 × 1.1 (× tax: other input) × 2 (× n: other input) = 2.2"
    )
    assert str(explain(price, tax)) == "d price / d tax = 1 × 200 (× 200: other input) = 200"


def test_every_path_is_told_and_their_sum():
    x = scalar(3)
    y = x * x + x
    assert str(explain(y, x)).splitlines() == [
        "d y / d x = sum of 3 paths",
        "  path 1: 1 × 1 (+ passes it on) × 3 (× x: other input) = 3",
        "  path 2: 1 × 1 (+ passes it on) × 3 (× x: other input) = 3",
        "  path 3: 1 × 1 (+ passes it on) = 1",
        "  3 + 3 + 1 = 7",
    ]


def test_the_power_of_a_sum_names_what_lies_between():
    x, y = scalar(2), scalar(4)
    z = (x + y) ** 2
    assert str(explain(z, x)) == "d z / d x = 1 × 12 (**2: 2 t) × 1 (+ passes it on) = 12"


def test_names_of_variables_come_first_and_may_be_given():
    a, b = scalar(2, "りんご"), scalar(5)
    y = a * b
    assert str(explain(y, a, names={"個数": b, "値": y})).startswith("d 値 / d りんご = 1 × 5 (× 個数: other input)")


UNARY = [F.sin, F.cos, F.tanh, F.exp, F.sigmoid, F.square, lambda x: -x, lambda x: x**3, lambda x: 2.5 / (x * x + 1)]
BINARY = [lambda a, b: a + b, lambda a, b: a * b, lambda a, b: a - b, lambda a, b: a / (b * b + 1.0), F.maximum]


def random_graph(seed: int) -> tuple[Variable, Variable]:
    draw = random.Random(seed)
    leaves = [scalar(draw.uniform(-1.5, 1.5)) for _ in range(3)]
    pool = list(leaves)
    for _ in range(draw.randint(2, 9)):
        if draw.random() < 0.4:
            pool.append(F.tanh(draw.choice(UNARY)(draw.choice(pool))))
        else:
            pool.append(draw.choice(BINARY)(draw.choice(pool), draw.choice(pool[-3:])))
    return pool[-1], leaves[draw.randrange(3)]


@pytest.mark.parametrize("seed", range(0, 200, 20))
def test_products_and_sums_of_the_factors_are_the_gradient(seed):
    for number in range(seed, seed + 20):
        y, x = random_graph(number)
        found = explain(y, x)
        y.backward()
        expected = 0.0 if x.grad is None else float(x.grad)
        assert math.isclose(found.value or 0.0, expected, rel_tol=1e-12, abs_tol=1e-12)
        if found.paths:
            products = [math.prod([step.value for step in path]) for path in found.paths]
            assert len(products) == found.count <= 64
            assert math.isclose(math.fsum(products), expected, rel_tol=1e-12, abs_tol=1e-12)


@pytest.mark.parametrize("seed", [1, 2, 3, 5, 8])
def test_the_printed_factors_are_exact_with_all_digits(seed):
    y, x = random_graph(seed)
    text = re.sub(r"\n {5,}", " ", f"{explain(y, x):.17g}")
    factor = re.compile(r" × (-?[\d.]+(?:e[+-]?\d+)?) \(")
    paths = [factor.findall(line) for line in text.splitlines() if factor.search(line)]
    total = math.fsum([math.prod(map(float, path)) for path in paths])
    y.backward()
    assert math.isclose(total, float(x.grad) if x.grad is not None else 0.0, rel_tol=1e-12, abs_tol=1e-12)


def test_many_paths_are_grouped_by_variable_without_being_walked():
    x = scalar(1.5)
    y = x
    for _ in range(40):
        y = y + y * 0.01
    found = explain(y, x)
    assert found.count == 2**40 and not found.paths
    assert str(found).startswith("d y / d x: 1,099,511,627,776 paths lead there, more than 64, so they are grouped")
    y.backward()
    assert math.isclose(found.value, float(x.grad), rel_tol=1e-12)
    assert str(found).endswith(f"= {found.value:.6g}")


def test_a_long_chain_is_one_path():
    x = scalar(1.0)
    y = x
    for _ in range(1000):
        y = y * 1.0
    found = explain(y, x)
    assert (found.count, len(found.paths[0]), found.value) == (1, 1000, 1.0)
    assert max(map(len, str(found).splitlines())) < 140


def test_variables_between_and_the_result_itself():
    x = scalar(2)
    t = x * 3.0
    y = t * t
    assert explain(y, t).value == 12
    assert str(explain(x, x)) == "d x / d x = 1: it is the same variable"


def test_independence_is_said():
    x, other = scalar(2), scalar(3)
    y = x * 2
    assert str(explain(y, other)) == "d y / d other = 0: y does not depend on other"


def test_numbers_in_arrays_of_one_element_count_as_numbers():
    x = Variable(np.array([[2.0]]))
    y = F.sum(x * x)
    assert explain(y, x).value == 4


def test_gradients_stay_as_they_are():
    x = scalar(2)
    y = x * x
    y.backward()
    before = x.grad
    explain(y, x)
    assert x.grad is before and y.grad is None


def test_what_cannot_be_explained_is_refused():
    x = scalar(2)
    with pytest.raises(TypeError, match="explain expects two Variables, got float"):
        explain(x * 2, 2.0)
    with no_grad():
        y = x * 2
    with pytest.raises(RuntimeError, match="no_grad"):
        explain(y, x)


class Cube(Function):
    def forward(self, x):
        return x**3

    def backward(self, gy):
        return 3 * self.inputs[0] ** 2 * gy


def test_a_function_of_the_user_has_a_local_derivative():
    x = scalar(2)
    y = Cube()(x)
    assert str(explain(y, x)) == "d y / d x = 1 × 12 (Cube: its local derivative) = 12"
    X = Variable(np.ones((2, 3)))
    Y = F.sum(Cube()(X))
    assert "dX = dt times its local derivative (Cube) (2×3)" in spaced(explain(Y, X))


# -- arrays ----------------------------------------------------------------------------------------


def spaced(text: object) -> str:
    """Without the alignment of columns."""
    return re.sub(r" +", " ", str(text))


def test_matrix_products_are_formulas_with_shapes():
    X, W, b = Variable(np.ones((4, 2))), Variable(np.ones((2, 3))), Variable(np.zeros(3))
    Y = F.linear(X, W, b)
    loss = F.sum(Y)
    assert "dW = Xᵀ @ dY (2×4 @ 4×3)" in spaced(explain(loss, W))
    assert "dX = dY @ Wᵀ (4×3 @ 3×2)" in spaced(explain(loss, X))
    assert "db = sum of dY over axis 0 (4×3 → 3)" in spaced(explain(loss, b))
    product = X @ W
    total = F.sum(product)
    assert "Xᵀ @ dproduct" in str(explain(total, W))


@pytest.mark.parametrize(
    ("function", "words"),
    [
        (lambda x: F.softmax_cross_entropy(x, np.array([0, 1, 2, 0])), "dy * (p - t) / 4, p = softmax(x) (4×3)"),
        (lambda x: F.mean_squared_error(x, np.zeros((4, 3))), "dy * 2 (x - the constant) / 4"),
        (lambda x: F.mean(x), "dy / 12 repeated (number → 4×3)"),
        (lambda x: F.sum(F.reshape(x, (3, 4)), axis=0)[0], "dt1 reshaped (3×4 → 4×3)"),
        (lambda x: F.sum(x.T), "dtᵀ"),
        (lambda x: F.sum(F.broadcast_to(x, (2, 4, 3))), "sum of dt over axis 0"),
        (lambda x: F.sum(x * Variable(np.ones(3), name="c")), "dt * c"),
        (lambda x: F.sum(F.exp(x)), "dt * (exp(x))"),
        (lambda x: F.sum(F.softmax(x)), "p * (dt - sum of p * dt over axis 1), p = softmax(x)"),
        (lambda x: F.sum(x[1:3]), "put back at [1:3], 0 elsewhere"),
        (lambda x: F.sum(x - 1.0), "= dt"),
    ],
)
def test_array_operations_have_words(function, words):
    x = Variable(np.linspace(0, 1, 12).reshape(4, 3), "x")
    y = function(x)
    assert words in spaced(explain(y, x))


def test_convolution_and_pooling_are_told_in_words():
    layer = L.Conv2d(4, 3, in_channels=3)
    x = Variable(np.ones((2, 3, 8, 8), np.float32))
    y = F.sum(F.pooling(layer(x), 2))
    text = str(explain(y, layer.W))
    assert "correlation of x with" in text and "where each largest stood" in text
    assert "transposed convolution of" in str(explain(y, x))


def test_several_paths_through_arrays():
    x = Variable(np.ones(3))
    y = F.sum(x * x)
    text = str(explain(y, x))
    assert "path 1 of 2" in text and text.endswith("d y / d x = sum of 2 paths")


# -- formulas --------------------------------------------------------------------------------------


def test_latex_is_coloured_by_operation():
    x, y = scalar(2), scalar(4)
    z = (x + y) ** 2
    tex = explain(z, x).latex()
    assert f"\\textcolor{{{colour('f1')}}}{{\\frac{{\\partial z}}{{\\partial t}}}}" in tex
    assert f"\\textcolor{{{colour('f0')}}}{{\\frac{{\\partial t}}{{\\partial x}}}}" in tex
    assert f"\\textcolor{{{colour('f1')}}}{{2 t}} \\cdot \\textcolor{{{colour('f0')}}}{{1}}" in tex
    assert tex.rstrip().endswith("&= 12\n\\end{aligned}") and tex.count("{") == tex.count("}")
    assert colour("f0", dark=True) in explain(z, x).latex(dark=True)


def test_latex_of_matrices_and_of_strange_names():
    X, W = Variable(np.ones((4, 2)), "a_b{1}"), Variable(np.ones((2, 3)), "重み")
    loss = F.sum(X @ W)
    tex = explain(loss, W).latex()
    assert r"\text{重み}" in tex and "^\\top" in tex and r"{\text{a}\_\text{b}}\{1\}^\top" in tex
    assert explain(loss, W)._repr_latex_().startswith("$$\n\\begin{aligned}")
    assert explain(loss, W)._repr_markdown_() == explain(loss, W)._repr_latex_()


def test_the_same_program_gives_the_same_text():
    texts = set()
    for _ in range(2):
        x = scalar(0.5)
        y = F.sin(x) * x + F.exp(x)
        texts.add(f"{explain(y, x)}{explain(y, x).latex()}")
    assert len(texts) == 1


def test_there_are_seven_colours():
    assert len(PALETTE) == len(set(PALETTE)) == 7
