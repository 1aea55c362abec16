"""Linear algebra: what rows cannot say."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import dezero.functions as F
from dezero import Variable, grad
from dezero.utils import check_grads

RNG = np.random.default_rng(0)


# -- linear ----------------------------------------------------------------------------------------


def test_linear_is_one_function_in_the_graph():
    x, W, b = [Variable(RNG.standard_normal(shape)) for shape in ((2, 3), (3, 4), (4,))]
    y = F.linear(x, W, b)
    assert type(y.creator).__name__ == "Linear"
    assert [v is u for v, u in zip(y.creator.inputs, (x, W, b))] == [True] * 3


def test_linear_computes_no_gradient_for_constant_rows(monkeypatch):
    W, b = Variable(RNG.standard_normal((3, 4))), Variable(np.zeros(4))
    y = F.linear(RNG.standard_normal((2, 3)), W, b)
    f = y.creator
    assert f.vjp(np, np.ones((2, 4)), *[v.data for v in f.inputs])[0] is None
    y.backward()
    assert W.grad.shape == (3, 4) and b.grad.data.tolist() == [2] * 4


@pytest.mark.parametrize(("x", "W", "b"), [("float32", "float64", "float32"), ("float32", "float32", "float64")])
def test_linear_takes_the_wider_dtype(x, W, b):
    x, W, b = Variable(np.ones((2, 3), x)), Variable(np.ones((3, 4), W)), Variable(np.ones(4, b))
    y = F.linear(x, W, b)
    assert y.dtype == np.float64
    y.backward()
    assert [v.grad.dtype == v.dtype for v in (x, W, b)] == [True] * 3


def test_linear_of_integers():
    assert F.linear(np.ones((2, 3), int), np.ones((3, 4)), np.ones(4)).data[0, 0] == 4


def test_linear_without_rows_has_gradient_zero():
    W, b = Variable(np.ones((3, 4))), Variable(np.ones(4))
    F.linear(np.ones((0, 3)), W, b).backward()
    assert not W.grad.data.any() and not b.grad.data.any()


# -- einsum ----------------------------------------------------------------------------------------


@st.composite
def contractions(draw):
    """Subscripts of two operands with letters of sizes 1 to 3, repeats included, and an output of some of them."""
    sizes = dict(zip("ijkl", draw(st.tuples(*[st.integers(1, 3)] * 4))))
    terms = [draw(st.text("ijkl", max_size=3)) for _ in range(draw(st.integers(1, 3)))]
    used = sorted(set("".join(terms)))
    output = "".join(draw(st.permutations(used))[: draw(st.integers(0, len(used)))])
    arrow = draw(st.booleans())
    return ",".join(terms) + ("->" + output if arrow else ""), [tuple(sizes[c] for c in term) for term in terms]


@settings(max_examples=60, deadline=None, derandomize=True)
@given(contractions())
def test_any_einsum_equals_numpy_and_its_derivatives_the_differences(contraction):
    subscripts, shapes = contraction
    xs = [np.random.default_rng(i).uniform(0.5, 1.5, shape) for i, shape in enumerate(shapes)]
    np.testing.assert_allclose(F.einsum(subscripts, *xs).data, np.einsum(subscripts, *xs), rtol=1e-12)
    check_grads(lambda *xs: F.einsum(subscripts, *xs), *xs, order=1, rtol=1e-7)


def test_large_einsum_takes_the_same_gradients():
    x, y = Variable(RNG.standard_normal((8, 30, 9))), Variable(RNG.standard_normal((8, 9, 20)))
    for ours, right in zip(grad(F.einsum("bij,bjk->bik", x, y), [x, y]), grad(F.matmul(x, y), [x, y])):
        np.testing.assert_allclose(ours.data, right.data, rtol=1e-10, atol=1e-12)


# -- inverses and factors --------------------------------------------------------------------------


def test_cholesky_reads_the_lower_triangle_and_gives_a_symmetric_gradient():
    x = Variable(np.array([[4.0, np.nan], [2.0, 5.0]]))
    gx = grad(F.cholesky(x), x).data
    np.testing.assert_allclose(gx, gx.T, rtol=1e-12)


def test_determinant_by_its_logarithm():
    x = Variable(3 * np.eye(400))
    sign, logarithm = F.slogdet(x)
    assert sign.data == 1
    np.testing.assert_allclose(logarithm.data, 400 * np.log(3), rtol=1e-12)
    np.testing.assert_allclose(grad(logarithm, x).data, np.eye(400) / 3, atol=1e-15)


def test_sign_of_the_determinant_alone_has_gradient_zero():
    x = Variable(np.array([[2.0, 1.0], [0.0, 3.0]]))
    sign, _ = F.slogdet(x)
    assert not grad(sign, x).data.any()


def test_backward_of_a_singular_determinant_says_so():
    x = Variable(np.zeros((2, 2)))
    with pytest.raises(np.linalg.LinAlgError, match="Singular") as caught:
        F.det(x).backward()
    assert any("the backward of Det" in note for note in caught.value.__notes__)


def test_triangles_cut_infinity_off():
    x = Variable(np.array([[1.0, np.inf], [2.0, np.nan]]))
    np.testing.assert_array_equal(F.tril(x, -1).data, [[0, 0], [2, 0]])
    np.testing.assert_array_equal(grad(F.tril(x, -1), x).data, [[0, 0], [1, 0]])
