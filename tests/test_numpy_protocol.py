"""NumPy's own functions, given Variables: differentiable, plain, or refused with advice; never a lost graph."""

import re

import numpy as np
import pytest

import dezero.functions as F
from dezero import Variable, grad
from dezero.functions import numpy_protocol

A = np.array([[1.1, 2.3, 3.2], [4.3, 5.1, 6.7]])  # at no jump of floor, mod and where
ADVICE = "use a function of dezero.functions, or give it x.data where no gradient is wanted"

DIFFERENTIABLE = [
    np.sin, np.cos, np.exp, np.log, np.tanh, np.absolute, np.negative, np.positive, np.square, np.sign,
    lambda x: np.add(x, 1), lambda x: np.add(A, x), lambda x: np.subtract(A, x), lambda x: np.multiply(x, x),
    lambda x: np.divide(A, x), lambda x: np.true_divide(x, A), lambda x: np.power(x, 2), lambda x: np.power(2.0, x),
    lambda x: np.floor_divide(x, 2.0), lambda x: np.remainder(x, 2.0), lambda x: np.mod(x, 2.0),
    lambda x: np.matmul(x, A.T), lambda x: np.matmul(A.T, x), lambda x: np.dot(x, A.T), lambda x: np.dot(A[:, 0], x),
    np.sum, lambda x: np.sum(x, 0), lambda x: np.sum(x, axis=(0, 1)), lambda x: np.sum(x, axis=1, keepdims=True),
    lambda x: np.sum(x, -1, None, None, True), lambda x: np.sum(a=x, axis=0), lambda x: np.sum(x, keepdims=True),
    lambda x: np.reshape(x, (3, 2)), lambda x: np.reshape(x, -1),
    lambda x: np.reshape(x, (3, 2), order="C"), lambda x: np.reshape(x, (3, 2), "C"),
    np.transpose, lambda x: np.transpose(x, (1, 0)), lambda x: np.transpose(x, axes=[1, 0]),
    lambda x: np.swapaxes(x, 0, 1), lambda x: np.swapaxes(x, axis1=0, axis2=-1),
    lambda x: np.broadcast_to(x, (2, 2, 3)), lambda x: np.broadcast_to(x, shape=(1, 2, 3)),
    lambda x: np.where(A > 2, x, 0.0), lambda x: np.where(A > 2, A, x), lambda x: np.where(x > 2, x, -x),
]  # fmt: skip


@pytest.mark.parametrize("i", range(len(DIFFERENTIABLE)))
def test_function_of_numpy_keeps_the_graph(i):
    f = DIFFERENTIABLE[i]
    x = Variable(A.copy())
    y = f(x)
    assert type(y) is Variable
    assert np.allclose(y.data, f(A), rtol=1e-15, atol=0)
    step = 1e-6 * np.cos(A)
    slope = (f(A + step) - f(A - step)).sum() / 2e-6
    assert float((grad(y, x).data * np.cos(A)).sum()) == pytest.approx(float(slope), rel=1e-7, abs=1e-7)


def test_astype_of_numpy():
    if not hasattr(np, "astype"):
        pytest.skip("this NumPy has no np.astype")
    x = Variable(A.copy())
    y = np.astype(x, np.float32)
    assert (type(y), y.dtype) == (Variable, np.float32)
    assert grad(y, x).dtype == np.float64


PLAIN = [
    np.isnan, np.isfinite, np.signbit, lambda x: np.greater(x, 2), lambda x: np.equal(x, x), np.shape, np.ndim, np.size,
    np.argmax, lambda x: np.argmax(x, axis=1), np.argmin, np.argsort, lambda x: np.allclose(x, A), np.zeros_like,
    np.ones_like, lambda x: np.full_like(x, 2.0), np.count_nonzero, np.nonzero, np.all, np.any, np.unique,
    lambda x: np.array_equal(x, A), lambda x: np.result_type(x, np.float32), np.array_str, lambda x: np.where(x > 2),
    lambda x: np.array_equal([x, x], [A, A]), lambda x: np.isclose(a=A, b=x),
]  # fmt: skip


@pytest.mark.parametrize("i", range(len(PLAIN)))
def test_function_without_derivative_works_on_the_data(i):
    f = PLAIN[i]
    result, expected = f(Variable(A)), f(A)
    assert type(result) is type(expected)
    assert np.all(np.asarray(result) == np.asarray(expected))


REFUSED = [
    (np.sinc, "np.sinc"),
    (np.gradient, "np.gradient"),
    (lambda x: np.linalg.eigvals(x), "np.linalg.eigvals"),
    (lambda x: np.fft.fft(x), "np.fft.fft"),
    (np.nextafter, "np.nextafter"),
    (np.add.reduce, "np.add.reduce"),
    (lambda x: np.add.outer(x, x), "np.add.outer"),
    (lambda x: np.sin(x, dtype=np.float32), "np.sin with dtype"),
    (lambda x: np.sin(x, where=A > 1), "np.sin with where"),
]


@pytest.mark.parametrize("i", range(len(REFUSED)))
def test_function_without_differentiable_form_says_what_to_do(i):
    f, name = REFUSED[i]
    x = Variable(A)
    with pytest.raises(TypeError) as error:
        f(x, x) if f is np.nextafter else f(x)
    assert str(error.value) == f"{name} has no differentiable form for Variables: {ADVICE}"


@pytest.mark.parametrize(
    "call, argument",
    [
        (lambda x: np.sum(x, 0, np.float32), "dtype"),
        (lambda x: np.sum(x, dtype=float), "dtype"),
        (lambda x: np.sum(x, where=A > 1), "where"),
        (lambda x: np.sum(x, initial=3.0), "initial"),
        (lambda x: np.sum(x, out=np.zeros(())), "out"),
        (lambda x: np.reshape(x, 6, order="F"), "order"),
    ],
)
def test_argument_that_ours_lacks_is_refused(call, argument):
    with pytest.raises(
        TypeError, match=rf"^np\.\w+ of a Variable does not take {argument}; dezero\.functions\.\w+ tak"
    ):
        call(Variable(A))


def test_dot_of_stacks_pairs_every_matrix_with_every_other():
    x = np.arange(24.0).reshape(2, 3, 4)
    np.testing.assert_allclose(np.dot(Variable(x), x.transpose(0, 2, 1)).data, np.dot(x, x.transpose(0, 2, 1)))


def test_out_is_refused():
    x, out = Variable(A), np.zeros_like(A)
    with pytest.raises(
        TypeError, match=re.escape("np.sin cannot write into out where Variables take part: write y = ")
    ):
        np.sin(x, out=out)
    with pytest.raises(TypeError, match=re.escape("np.sin cannot write into out")):
        np.sin(A, out=x)
    with pytest.raises(TypeError, match=r"^np.add cannot write a Variable into an array: instead of array "):
        np.add(x, A, out=out)
    assert not out.any()


def test_every_listed_function_of_ours_is_public():
    for ours in [*numpy_protocol.ufuncs.values(), *numpy_protocol.array_functions.values()]:
        if ours.__name__ != "<lambda>":
            assert getattr(F, ours.__name__) is ours


def test_comparison_helpers_of_numpy_testing_take_variables():
    np.testing.assert_allclose(Variable(A), A)
    np.testing.assert_array_equal(Variable(A), A)


def test_no_listed_function_is_plain_too():
    assert not numpy_protocol._PLAIN & (set(numpy_protocol.ufuncs) | set(numpy_protocol.array_functions))
