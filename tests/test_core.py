"""The engine: what scripts rely on, derivatives of any order, and the sentences of its errors."""

import copy
import gc
import pickle
import re
import weakref
from itertools import permutations

import numpy as np
import pytest

import dezero
import dezero.functions as F
from dezero import Function, Parameter, Variable, as_variable, grad, no_grad, walk
from dezero.core import _Constant


def var(x, dtype=None):
    return Variable(np.array(x, dtype=dtype))


def says(sentence):
    return re.escape(sentence)


class BookSquare(Function):
    """Written as in the book, on arrays: it has no second derivative."""

    def forward(self, x):
        return x**2

    def backward(self, gy):
        x = self.inputs[0].data
        return gy * 2 * x


class Twice(Function):
    """Counts how often its backward is asked."""

    asked = 0

    def forward(self, x):
        return 2 * x

    def backward(self, gy):
        type(self).asked += 1
        return 2 * gy


class Split(Function):
    """Two outputs, 2x and x^2."""

    def forward(self, x):
        return 2 * x, x * x

    def backward(self, g0, g1):
        (x,) = self.inputs
        return 2 * g0 + 2 * x * g1


class Returns(Function):
    """Adds its inputs up; its backward returns what it was made with."""

    def __init__(self, *gradients):
        self.make = gradients

    def forward(self, *xs):
        return sum(xs)

    def backward(self, gy):
        return tuple(g(gy) if callable(g) else g for g in self.make)


# -- variables -------------------------------------------------------------------------------------


def test_data_is_the_array_itself():
    a = np.zeros(3)
    assert Variable(a).data is a


def test_a_new_variable_is_a_leaf():
    x = Variable(np.zeros(3), name="x")
    assert (x.name, x.grad, x.creator, x.generation) == ("x", None, None, 0)


@pytest.mark.parametrize("data", [1.0, 1, True, 1j, [1, 2], (1,), "a", {}])
def test_variable_wants_an_array(data):
    with pytest.raises(TypeError) as error:
        Variable(data)
    assert str(error.value) == (
        f"{type(data)} is not supported; Variable wants an array, dezero.as_variable(x) takes numbers and lists too"
    )


@pytest.mark.parametrize("data", [np.array(["a"]), np.array([None]), np.array("2020", dtype="M8[Y]")])
def test_variable_wants_numbers(data):
    with pytest.raises(TypeError, match=r"is not supported; Variable wants numbers$"):
        Variable(data)


def test_numpy_scalar_becomes_a_0d_array():
    x = Variable(np.float32(3))
    assert type(x.data) is np.ndarray
    assert (x.shape, x.dtype) == ((), np.float32)


def test_as_variable_takes_numbers_lists_and_variables():
    x = var(1.0)
    assert as_variable(x) is x
    assert as_variable(2).data == 2
    assert as_variable([[1, 2]]).shape == (1, 2)


@pytest.mark.parametrize("x", ["a", None, {}, object(), ["a"], [None]])
def test_as_variable_refuses_the_rest(x):
    with pytest.raises(TypeError, match=r"^as_variable expected a Variable, an array, a number or a list of numbers"):
        as_variable(x)


@pytest.mark.parametrize("make", [lambda x: F.add(x, [x]), lambda x: F.sum([[x, 1]]), lambda x: as_variable((1, x))])
def test_list_with_a_variable_in_it_would_lose_the_graph(make):
    with pytest.raises(TypeError, match=r"got (list|tuple) with a Variable in it, .*functions\.stack makes one"):
        make(var(1.0))


@pytest.mark.parametrize("f, x, text", [
    (F.softmax, "a", "^softmax expected a Variable, an array, a number or a list of numbers, got str$"),
    (F.hinge, None, "^hinge expected a Variable, an array, a number or a list of numbers, got NoneType$"),
    (F.sum, np.array([None]), "^sum expected .* got an array of dtype object"),
    (F.argmax, np.array(["a"]), "^argmax expected .* got an array of dtype <U1"),
    (F.trace, [[1.0], [1.0, 2.0]], r"^trace expected rows of one length, got \[\[1.0\], "),
])  # fmt: skip
def test_operand_that_is_none_is_refused_in_the_name_of_the_function(f, x, text):
    arguments = (x, x) if f is F.hinge else (x,)
    with pytest.raises((TypeError, ValueError), match=text):
        f(*arguments)


@pytest.mark.parametrize("f", [F.broadcast_to, F.sum_to])
@pytest.mark.parametrize("shape", [None, "a", (1.5,), object()])
def test_shape_is_integers(f, shape):
    with pytest.raises(TypeError, match=f"^{f.__name__} expected integers as shape, got "):
        f(var([1.0, 2.0]), shape)


@pytest.mark.parametrize("dtype", [None, str, object, "datetime64[s]"])
def test_conversion_is_to_numbers_only(dtype):
    with pytest.raises(TypeError, match=r"^astype wants a dtype of numbers, got "):
        var(1.0).astype(dtype)


def test_all_attributes_are_settable():
    x = var(1.0)
    x.name, x.grad, x.creator, x.generation, x.own = "n", var(2.0), None, 5, "mine"
    assert (x.name, x.generation, x.own) == ("n", 5, "mine")


@pytest.mark.parametrize("create_graph", [False, True])
@pytest.mark.parametrize("data", [3.0, 3, np.float64(3), np.float32(3), np.int64(3), np.array(3.0)])
def test_data_is_freely_assignable(data, create_graph):
    x = var(0.0)
    x.data = data
    y = x * x + F.sin(x) * 0
    y.backward(create_graph=create_graph)
    assert float(y) == 9.0
    assert float(x.grad) == 6.0
    assert x.shape == x.grad.shape == ()


def test_data_may_become_none():
    x = var(0.0)
    x.data = None
    assert repr(x) == "variable(None)"
    with pytest.raises(RuntimeError, match=r"^the variable has no data yet: set \.data, or call the layer it belongs"):
        _ = x.shape


def test_update_of_data_in_place():
    x = var(10.0)
    x.data -= 0.1 * np.array(5.0)
    x.data -= np.float64(0.5)
    assert float(x) == 9.0


def test_losses_are_rebound_and_never_written_to():
    x = var([1.0, 2.0])
    y, before = x, x.data.copy()
    for op in ("+", "-", "*", "/", "**", "//", "%"):
        scope = {"y": y}
        exec(f"y {op}= 2", scope)
        assert scope["y"] is not y
    assert np.array_equal(y.data, before)
    loss = 0
    loss += x
    assert isinstance(loss, Variable)


def test_set_creator_stands_one_generation_later():
    f, y = BookSquare(), var(1.0)
    f.generation = 4
    y.set_creator(f)
    assert y.creator is f
    assert y.generation == 5


def test_parameter_is_a_variable_of_its_own_kind():
    p = Parameter(np.zeros(2), name="W")
    assert isinstance(p, Variable)
    assert p.name == "W"
    assert type(p + 1) is Variable


def test_setup_variable_does_nothing():
    before = dict(vars(Variable))
    dezero.setup_variable()
    assert dict(vars(Variable)) == before


# -- the graph -------------------------------------------------------------------------------------


def test_result_remembers_its_creator():
    x = var(2.0)
    y = BookSquare()(x)
    f = y.creator
    assert type(f) is BookSquare
    assert f.inputs[0] is x
    assert f.outputs[0]() is y
    assert isinstance(f.outputs[0], weakref.ref)
    assert (f.generation, y.generation) == (0, 1)


def test_generation_is_one_more_than_the_largest_of_the_inputs():
    x = var(1.0)
    y = (x + x) * x
    assert (y.generation, y.creator.generation) == (2, 1)
    assert (x * y).generation == 3


def test_walk_yields_each_function_once_latest_first():
    x = var(2.0)
    a = x * x
    y = a * a + F.sin(a)
    generations = [f.generation for f in walk(y)]
    assert generations == sorted(generations, reverse=True)
    assert sorted(type(f).__name__ for f in walk(y)) == ["Add", "Mul", "Mul", "Sin"]
    assert list(walk(x)) == []
    assert len(list(walk(y, a, y))) == 4


class Counted(Function):
    """x, and how often its gradient was asked for."""

    def __init__(self, calls):
        self.calls = calls

    def forward(self, x):
        return x * 1.0

    def backward(self, gy):
        self.calls[self.generation] += 1
        return gy


@pytest.mark.parametrize("create_graph", [False, True])
def test_backward_comes_to_each_function_once_latest_first(create_graph):
    calls = [0] * 60
    x = y = var(1.0)
    while y.generation < 60:  # 2 ** 20 paths
        z = Counted(calls)(y)
        y = z + F.sin(z) if y.generation % 4 else F.sin(z) + z
    y.backward(create_graph=create_graph)
    assert set(calls[::3]) == {1} and sum(calls) == 20
    assert float(x.grad) == pytest.approx(float(grad(y, x)))


def test_unchain_makes_a_leaf():
    x = var(3.0)
    t = x * x
    t.unchain()
    (t * t).backward()
    assert x.grad is None
    assert float(t.grad) == 18.0


def test_unchained_result_of_constants_is_a_leaf_like_any_other():
    t = F.sin(np.array(1.0))
    t.unchain()
    (t * t).backward()
    assert float(t.grad) == 2 * float(t)


def test_unchain_backward_cuts_all_behind_but_keeps_the_own_creator():
    x = var(1.0)
    a = x * 2
    b = a * 3
    y = b * 4
    y.unchain_backward()
    assert y.creator is not None
    assert a.creator is b.creator is None
    y.backward()
    assert x.grad is None
    assert float(b.grad) == 4.0
    x.unchain_backward()


def test_detach_shares_the_data_and_drops_the_graph():
    x = var([1.0, 2.0])
    y = x * x
    d = y.detach()
    assert d.data is y.data
    assert d.creator is None
    (d * x).backward()
    assert x.grad.data.tolist() == [1.0, 4.0]


# -- functions as users write them -----------------------------------------------------------------


def test_function_of_the_book_runs_as_it_is():
    x = var(5.0)
    y = BookSquare()(x)
    y.backward()
    assert isinstance(x.grad, Variable)
    assert repr(x.grad) == "variable(10.0)"


def test_function_returning_a_number_gives_a_0d_array():
    class Mean(Function):
        def forward(self, x):
            return float(x.mean())

        def backward(self, gy):
            x = self.inputs[0].data
            return gy * np.ones_like(x) / x.size

    x = var([1.0, 3.0])
    y = Mean()(x)
    y.backward()
    assert type(y.data) is np.ndarray
    assert x.grad.data.tolist() == [0.5, 0.5]


def test_formula_for_both_worlds():
    class Cube(Function):
        def forward(self, x):
            return x**3

        def vjp(self, m, gy, x):
            return gy * 3 * x * x + 0 * m.sin(x)

    x = var(2.0)
    (gx,) = grad(Cube()(x), [x], create_graph=True)
    assert (float(gx), float(grad(gx, x)), float(grad(Cube()(x), x))) == (12.0, 12.0, 12.0)


@pytest.mark.parametrize("override", ["backward", "vjp"])
@pytest.mark.parametrize("create_graph", [False, True])
def test_override_in_a_subclass_of_a_builtin_wins(override, create_graph):
    def backward(self, gy):
        return 100 * gy

    def vjp(self, m, gy, x):
        return 100 * gy

    cls = type("Mine", (F.Sin,), {override: locals()[override]})
    again = type("MineToo", (cls,), {})
    for c in (cls, again):
        x = var(0.0)
        c()(x).backward(create_graph=create_graph)
        assert float(x.grad) == 100.0


def test_formula_over_a_users_backward_wins():
    class Mine(BookSquare):
        def vjp(self, m, gy, x):
            return 7 * gy

    x = var(1.0)
    Mine()(x).backward()
    assert float(x.grad) == 7.0


def test_builtin_backward_can_be_called_by_an_override():
    class Louder(F.Sin):
        def backward(self, gy):
            return 10 * super().backward(gy)

    x = var(0.0)
    Louder()(x).backward()
    assert float(x.grad) == 10.0


def test_labels_may_go_without_a_gradient():
    class Pick(Function):
        def forward(self, x, t):
            return x[t]

        def backward(self, gy):
            x, t = self.inputs
            gx = np.zeros_like(x.data)
            gx[t.data] = gy.data
            return Variable(gx)

    x, t = var([1.0, 2.0, 3.0]), var(1)
    Pick()(x, t).backward()
    assert x.grad.data.tolist() == [0.0, 1.0, 0.0]
    assert t.grad is None
    Pick()(x, np.array(2)).backward()
    assert x.grad.data.tolist() == [0.0, 1.0, 1.0]


def test_absent_bias_passes_as_none_and_wants_no_gradient():
    class Affine(Function):
        def forward(self, x, b):
            return x if b is None else x + b

        def backward(self, gy):
            assert self.needs_grad == (True, False)
            return gy, None

    x = var(1.0)
    y = Affine()(x, None)
    y.backward()
    assert y.creator.inputs[1].data is None
    assert float(x.grad) == 1.0


def test_function_without_forward_says_so():
    class Empty(Function):
        pass

    with pytest.raises(NotImplementedError, match=r"^Empty has no forward\(self, \*xs\): define it"):
        Empty()(var(1.0))


def test_function_without_backward_says_so():
    class Half(Function):
        def forward(self, x):
            return x / 2

    with pytest.raises(NotImplementedError, match=r"^Half has no backward\(self, \*gys\): define it"):
        Half()(var(1.0)).backward()


def test_forgotten_return_is_named():
    class Forgot(Function):
        def forward(self, x):
            x + 1

    with pytest.raises(
        TypeError, match=r"forward must return an array or a tuple of arrays, got NoneType: is a return"
    ):
        Forgot()(var(1.0))


# -- backward: the contract ------------------------------------------------------------------------


def test_gradients_of_the_root_and_between_are_forgotten():
    x = var(2.0)
    t = x * x
    y = t + 1
    y.backward()
    assert (y.grad, t.grad, float(x.grad)) == (None, None, 4.0)


def test_retain_grad_keeps_them():
    x = var(2.0)
    t = x * x
    y = t * 3
    y.backward(retain_grad=True)
    assert (float(y.grad), float(t.grad), float(x.grad)) == (1.0, 3.0, 12.0)


def test_backward_twice_adds_up_in_the_leaves():
    x = var(3.0)
    y = x * x
    y.backward()
    y.backward()
    assert float(x.grad) == 12.0


def test_retain_grad_twice_counts_each_derivative_once():
    x = var(3.0)
    t = x * x
    y = t * 2
    for _ in range(2):
        y.backward(retain_grad=True)
    assert (float(y.grad), float(t.grad), float(x.grad)) == (1.0, 2.0, 24.0)


def test_results_of_constants_get_their_gradient_with_retain_grad():
    x = F.reshape(np.arange(4.0), (2, 2))
    y = F.sum(x * x)
    y.backward(retain_grad=True)
    assert x.grad.data.tolist() == [[0.0, 2.0], [4.0, 6.0]]


def test_cleargrad_starts_anew():
    x = var(3.0)
    (x + x).backward()
    x.cleargrad()
    (x + x + x).backward()
    assert float(x.grad) == 3.0


def test_backward_of_a_leaf_is_one():
    x = var([1.0, 2.0])
    x.backward()
    x.backward()
    assert x.grad.data.tolist() == [1.0, 1.0]


@pytest.mark.parametrize("op", [lambda x: x * 2, F.sin, lambda x: BookSquare()(x), lambda x: x + x])
def test_backward_without_a_graph_says_why(op):
    with no_grad():
        y = op(var(1.0))
    for call in (y.backward, lambda: grad(y, var(1.0))):
        with pytest.raises(RuntimeError) as error:
            call()
        assert str(error.value).endswith(
            ": there is no graph to go back through, because this variable was computed under no_grad(), or as a "
            "gradient without create_graph=True"
        )


def test_gradient_without_a_graph_says_what_is_missing():
    x = var(2.0)
    gx = grad(x**3, x)
    (x**3).backward()
    for call in (gx.backward, lambda: grad(gx, x), x.grad.backward):
        with pytest.raises(RuntimeError, match=r"or as a gradient without create_graph=True$"):
            call()
    (gx * x.grad).backward()
    assert float(gx.grad) == 12.0


def test_result_of_no_grad_is_a_leaf_for_what_follows():
    x = var(3.0)
    with no_grad():
        w = x - 1
    (w * w).backward()
    assert float(w.grad) == 4.0
    assert x.grad is None


def test_non_scalar_gives_the_derivative_of_the_sum():
    x = var([1.0, 2.0, 3.0])
    (x * x).backward()
    assert x.grad.data.tolist() == [2.0, 4.0, 6.0]


@pytest.mark.parametrize("seed", [1.2, np.float64(1.2), np.array(1.2), Variable(np.array(1.2))])
@pytest.mark.parametrize("dtype", [float, int])
def test_upstream_gradient(seed, dtype):
    x, y = var(10, dtype), var(5, dtype)
    z = x * y
    z.grad = seed
    z.backward()
    assert (float(x.grad), float(y.grad)) == (6.0, 12.0)
    assert z.grad is None


@pytest.mark.parametrize("create_graph", [False, True])
@pytest.mark.parametrize("seed", [2, np.float64(2), np.array(2), np.array(2.0), np.array(2, np.float16)])
def test_upstream_gradient_takes_the_dtype_of_the_result(seed, create_graph):
    x = var(3.0, np.float32)
    y = x + 1
    y.grad = as_variable(seed)
    y.backward(create_graph=create_graph, retain_grad=True)
    assert y.grad.dtype == x.grad.dtype == np.float32
    assert float(x.grad) == 2.0


def test_upstream_gradient_of_another_shape():
    y = var([1.0, 2.0]) * 2
    y.grad = var(1.0).reshape(1)
    with pytest.raises(ValueError, match=says("the gradient to start from has shape (1,), the variable has (2,)")):
        y.backward()
    with pytest.raises(ValueError, match=says("the gradient to start from has shape (2, 1), the variable has (2,)")):
        grad(y, y, np.ones((2, 1)))


def test_integers_have_integer_gradients():
    x = var([[1, 2, 3], [4, 5, 6]])
    F.sum(x * x).backward()
    assert x.grad.dtype.kind == "i"
    assert x.grad.data.tolist() == [[2, 4, 6], [8, 10, 12]]


def test_gradient_of_integers_keeps_the_dtype_it_was_computed_in():
    x = var([1, 2])
    (x * 0.5).backward()
    assert x.grad.data.tolist() == [0.5, 0.5]


@pytest.mark.parametrize("c", [0, 1, 2, 3, -1, 0.5, 2.0, True])
def test_powers_of_integers(c):
    x = var([1, 4])
    (y := x**c).backward()
    assert y.dtype.kind == ("i" if isinstance(c, int) and c >= 0 else "f")
    assert np.allclose(x.grad.data, c * np.array([1.0, 4.0]) ** (c - 1.0))


def test_booleans_differentiate():
    x = var([True, False])
    (-(x * 3.0)).backward()
    assert x.grad.data.tolist() == [-3.0, -3.0]
    y = x * x
    y.backward()
    assert x.grad.dtype.kind in "fi"
    x.cleargrad()
    x.backward()
    assert x.grad.data.tolist() == [1.0, 1.0]


@pytest.mark.parametrize("shape", [(0,), (0, 3), (2, 0)])
def test_empty_arrays(shape):
    x, b = Variable(np.zeros(shape)), var(1.0)
    F.sum(F.sin(x * 2 + b)).backward()
    assert x.grad.shape == shape
    assert float(b.grad) == 0.0


def test_goldstein_price():
    x, y = var(1.0), var(1.0)
    z = (1 + (x + y + 1) ** 2 * (19 - 14 * x + 3 * x**2 - 14 * y + 6 * x * y + 3 * y**2)) * (
        30 + (2 * x - 3 * y) ** 2 * (18 - 32 * x + 12 * x**2 + 48 * y - 36 * x * y + 27 * y**2)
    )
    z.backward()
    assert (float(x.grad), float(y.grad)) == (-5376.0, 8064.0)


def test_error_on_the_way_leaves_all_gradients_as_they_were():
    x, w = var([1.0, 2.0]), var([1.0, 2.0])
    x.grad = keep = var([7.0, 7.0])
    y = Returns(lambda g: F.sum(g))(w) * x
    with pytest.raises(ValueError, match=r"^Returns.backward returned a gradient of shape"):
        y.backward()
    assert x.grad is keep
    assert w.grad is None


# -- higher orders ---------------------------------------------------------------------------------


@pytest.mark.parametrize("order", [1, 2, 3, 4])
def test_derivatives_of_a_polynomial(order):
    x = var(2.0)
    y = x**4 - 2 * x**2
    for _ in range(order):
        x.cleargrad()
        y.backward(create_graph=True)
        y = x.grad
    assert float(y) == {1: 24.0, 2: 44.0, 3: 48.0, 4: 24.0}[order]


def test_third_derivative_of_sine():
    x = var(1.0)
    y = F.sin(x)
    for expected in (np.cos(1), -np.sin(1), -np.cos(1)):
        y = grad(y, x, create_graph=True)
        assert float(y) == pytest.approx(expected, rel=1e-15)


def test_gradient_in_an_expression():
    x = var(2.0)
    y = x**2
    y.backward(create_graph=True)
    gx = x.grad
    x.cleargrad()
    z = gx**3 + y
    z.backward()
    assert float(x.grad) == 100.0


def test_newton_by_double_backpropagation():
    x, seen = var(2.0), []
    for _ in range(10):
        seen.append(float(x))
        y = x**4 - 2 * x**2
        x.cleargrad()
        y.backward(create_graph=True)
        gx = x.grad
        x.cleargrad()
        gx.backward()
        x.data -= gx.data / x.grad.data
    assert (seen[4], seen[7]) == (1.0009084519430513, 1.0)


def test_mixed_derivatives_agree():
    x, y = var(0.3), var(0.7)
    z = F.sin(x * y) / (x + 2) ** y
    gx, gy = grad(z, [x, y], create_graph=True)
    assert float(grad(gx, y)) == pytest.approx(float(grad(gy, x)), rel=1e-13)


def test_gradients_without_create_graph_are_leaves():
    x = var(2.0)
    (x**3).backward()
    assert x.grad.creator is None
    x.cleargrad()
    (x**3).backward(create_graph=True)
    assert x.grad.creator is not None


def test_gradients_with_and_without_a_graph_add_up():
    x = var(2.0)
    (x**3).backward()
    (x**3).backward(create_graph=True)
    assert float(x.grad) == 24.0
    gx = x.grad
    x.cleargrad()
    gx.backward()
    assert float(x.grad) == 12.0


def test_linear_function_has_a_gradient_like_any_other():
    x, w = var(2.0), var(5.0)
    (3 * x).backward(create_graph=True)
    gx = x.grad
    assert type(gx) is Variable
    (gx * w).backward(retain_grad=True)
    assert (float(w.grad), float(gx.grad)) == (3.0, 5.0)
    assert float(grad(gx, x)) == 0.0


def test_starting_ones_are_no_part_of_the_derivative():
    x = var(2.0)
    y = x * x
    y.backward(create_graph=True, retain_grad=True)
    assert type(y.grad) is Variable
    x.grad.backward()
    assert y.grad.grad is None


def test_powers_zero_and_one_at_zero():
    for c, derivatives in ((0, (0.0, 0.0)), (1, (1.0, 0.0)), (2, (0.0, 2.0))):
        x = var(0.0)
        gx = grad(x**c, x, create_graph=True)
        assert (float(gx), float(grad(gx, x))) == derivatives


# -- grad ------------------------------------------------------------------------------------------


def test_grad_touches_nobody():
    x, w = var(2.0), var(3.0)
    t = x * w
    y = t * t
    x.grad = t.grad = y.grad = keep = var(7.0)
    assert float(grad(y, x)) == 36.0
    assert x.grad is t.grad is y.grad is keep
    assert w.grad is None


def test_grad_of_lists_and_tuples():
    x, w = var(2.0), var(3.0)
    y = x * w
    assert [float(g) for g in grad(y, [x, w])] == [3.0, 2.0]
    assert [float(g) for g in grad(y, (w,))] == [2.0]
    assert grad(y, []) == []


def test_grad_by_variables_between_and_by_itself():
    x = var(2.0)
    t = x * x
    y = t * t + x
    assert float(grad(y, t)) == 8.0
    assert [float(g) for g in grad(y, [x, t, y])] == [33.0, 8.0, 1.0]
    assert float(grad(x, x)) == 1.0


def test_grad_is_zero_where_nothing_depends():
    x, w = var([1.0, 2.0], np.float32), var(3.0)
    g = grad(w * w, x)
    assert g.data.tolist() == [0.0, 0.0]
    assert g.dtype == np.float32


def test_grad_starts_from_gy():
    x = var([1.0, 2.0])
    y = x * x
    assert grad(y, x, gy=np.array([1.0, 10.0])).data.tolist() == [2.0, 40.0]
    assert grad(y, x, gy=2.0).data.tolist() == [4.0, 8.0]
    gy = var([1.0, 1.0])
    assert grad(grad(y, x, gy=gy, create_graph=True), gy).data.tolist() == [2.0, 4.0]
    with pytest.raises(
        ValueError, match=says("grad: the gradient to start from has shape (3,), the variable has (2,)")
    ):
        grad(y, x, gy=np.ones(3))


@pytest.mark.parametrize("y, xs", [(1.0, Variable(np.ones(1))), (Variable(np.ones(1)), np.ones(1))])
def test_grad_wants_variables(y, xs):
    with pytest.raises(TypeError, match=r"^grad wants Variables, got (float|float64|ndarray): wrap it before the comp"):
        grad(y, xs)


def test_grad_computes_nothing_for_others():
    Twice.asked = 0
    x, w = var(1.0), var(1.0)
    y = Twice()(x) * Twice()(w)
    grad(y, w)
    assert Twice.asked == 1


def test_grad_stops_at_the_variable_asked_for():
    Twice.asked = 0
    x = var(1.0)
    t = Twice()(Twice()(x))
    grad(t * t, t)
    assert Twice.asked == 0


# -- who wants a gradient --------------------------------------------------------------------------


def test_constants_get_no_gradient_computed():
    class CountedMul(F.Mul):
        def vjp(self, m, gy, x0, x1):
            CountedMul.needs.append(self.needs_grad)
            return super().vjp(m, gy, x0, x1)

    CountedMul.needs = []
    x, a = var(2.0), np.array(3.0)
    CountedMul()(x, a).backward()
    CountedMul()(4.0, x).backward()
    CountedMul()(x, x).backward()
    assert CountedMul.needs == [(True, False), (False, True), (True, True)]


def test_nothing_is_sent_back_into_results_of_constants():
    Twice.asked = 0
    h = Twice()(Twice()(np.array(1.0)))
    w = var(5.0)
    (h * w).backward()
    assert (Twice.asked, float(w.grad)) == (0, 4.0)


def test_wrapped_constants_keep_no_gradient():
    x = var(2.0)
    y = x * np.array(3.0)
    y.backward(retain_grad=True)
    assert y.creator.inputs[1].grad is None
    assert isinstance(y.creator.inputs[1], _Constant)
    y = x + np.array(3.0)  # whose formula gives one for either
    y.backward()
    assert y.creator.inputs[1].grad is None


def test_a_variable_of_the_user_is_never_a_constant():
    x, c = var(2.0), var(3.0)
    (x * c).backward()
    assert float(c.grad) == 2.0


def test_gradient_returned_for_a_constant_is_not_looked_at():
    x = var(1.0)
    Returns(lambda g: g, lambda g: "nonsense")(x, np.array(1.0)).backward()
    assert float(x.grad) == 1.0


# -- broadcasting ----------------------------------------------------------------------------------


@pytest.mark.parametrize("create_graph", [False, True])
@pytest.mark.parametrize("op", [F.add, F.sub, F.mul, F.div])
@pytest.mark.parametrize("shape", [(), (1,), (3,), (2, 1), (1, 1, 3), (1, 1, 1, 1)])
def test_broadcasting_is_undone(op, shape, create_graph):
    x, w = Variable(np.ones((2, 3))), Variable(np.full(shape, 2.0))
    for a, b in ((x, w), (w, x)):
        x.cleargrad(), w.cleargrad()
        op(a, b).backward(create_graph=create_graph)
        assert x.grad.shape == (2, 3)
        assert w.grad.shape == shape
        one = grad(op(a, b), w).data
        assert np.allclose(one, one.flat[0])


@pytest.mark.parametrize("op", [F.add, F.sub, F.mul, F.div])
@pytest.mark.parametrize("shapes", [((70, 80), (70, 1)), ((70, 1), (70, 80)), ((70, 80), (80,)), ((70, 80), ()),
                                    ((70, 1), (80,)), ((2, 70, 80), (70, 1))])  # fmt: skip
def test_gradients_on_arrays_are_those_on_variables(op, shapes):
    rng = np.random.default_rng(0)
    x0, x1 = [Variable(rng.normal(size=shape).astype("f") + 3) for shape in shapes]
    y = op(x0, x1)
    y = y * var(rng.normal(size=y.shape), "f")
    for g, h in zip(grad(y, [x0, x1]), grad(y, [x0, x1], create_graph=True)):
        assert g.dtype == h.dtype == np.float32
        np.testing.assert_allclose(g.data, h.data, rtol=1e-4, atol=1e-4)


def test_a_variable_times_its_own_array():
    x = var([[2.0, 3.0]])
    assert grad(x * x.data, x).data.tolist() == grad(x.data * x, x).data.tolist() == [[2.0, 3.0]]
    assert grad(x * x, x).data.tolist() == [[4.0, 6.0]]
    other = Variable(x.data)
    gx, g_other = grad(x * other, [x, other])
    assert gx.data.tolist() == g_other.data.tolist() == [[2.0, 3.0]]
    assert not np.shares_memory(gx.data, g_other.data)


class Kept(Function):
    """x; the gradient is an array that somebody holds, or one that must not be written to."""

    def __init__(self, kept):
        self.kept = kept

    def forward(self, x):
        return x * 1.0

    def vjp(self, m, gy, x):
        return self.kept()


def read_only():
    array = np.ones(3)
    array.flags.writeable = False
    return array


HELD, ONES = np.ones(6), np.ones(3)


@pytest.mark.parametrize("kept", [lambda: HELD[:3], lambda: HELD.reshape(2, 3)[1], lambda: ONES, read_only])
def test_gradients_are_added_up_in_memory_of_nobody_else(kept):
    x = var([1.0, 2.0, 3.0])
    for order in permutations((lambda: F.sum(Kept(kept)(x)), lambda: F.sum(x), lambda: F.sum(x * 2.0))):
        y = sum([term() for term in order], var(0.0))
        assert grad(y, x).data.tolist() == [4.0, 4.0, 4.0]
        assert ONES.tolist() == [1.0] * 3 and HELD.tolist() == [1.0] * 6


def test_gradient_of_another_shape_is_refused_where_nothing_broadcasts():
    x = var([1.0, 2.0])
    y = Returns(lambda g: F.sum(g))(x)
    for create_graph in (False, True):
        with pytest.raises(ValueError) as error:
            y.backward(create_graph=create_graph)
        assert str(error.value) == (
            "Returns.backward returned a gradient of shape () for an input of shape (2,); they must be equal"
        )


def test_too_many_gradients():
    with pytest.raises(ValueError, match=r"^Returns.backward returned 2 gradients for 1 input\n"):
        Returns(lambda g: g, lambda g: g)(var(1.0)).backward()
    with pytest.raises(ValueError, match=r"^Returns.backward returned 3 gradients for 2 inputs\n"):
        Returns(*[lambda g: g] * 3)(var(1.0), var(1.0)).backward()


def test_too_few_gradients():
    with pytest.raises(ValueError) as error:
        Returns(lambda g: g)(var(1.0), var(2.0)).backward()
    assert str(error.value) == (
        "Returns.backward returned 1 of 2 gradients; input 1, float64 (), wants one too (return None for it if it has "
        "none)"
    )


@pytest.mark.parametrize("create_graph", [False, True])
def test_none_is_a_gradient_of_zero(create_graph):
    x, w = var(1.0), var(1.0)
    Returns(lambda g: g, None)(x, w).backward(create_graph=create_graph)
    assert float(x.grad) == 1.0
    assert w.grad is None


@pytest.mark.parametrize("create_graph", [False, True])
def test_gradient_of_the_wrong_kind(create_graph):
    with pytest.raises(TypeError) as error:
        Returns("nonsense")(var(1.0)).backward(create_graph=create_graph)
    assert str(error.value) == "expected a Variable, an array, a number or a list of numbers, got str"
    assert error.value.__notes__ == ["in the backward of Returns(float64 ()) with make=('nonsense',)"]


@pytest.mark.parametrize("create_graph", [False, True])
@pytest.mark.parametrize("gradient", [5.0, np.float64(5), np.array(5.0), Variable(np.array(5.0))])
def test_gradient_may_be_an_array_or_a_number(gradient, create_graph):
    x = var(1.0)
    Returns(gradient)(x).backward(create_graph=create_graph)
    assert float(x.grad) == 5.0


@pytest.mark.parametrize("create_graph", [False, True])
def test_list_of_gradients_will_do(create_graph):
    class Listed(Function):
        def forward(self, x0, x1):
            return x0 + x1

        def backward(self, gy):
            return [gy, 2 * gy]

    x, w = var(1.0), var(1.0)
    Listed()(x, w).backward(create_graph=create_graph)
    assert (float(x.grad), float(w.grad)) == (1.0, 2.0)


def test_number_as_gradient_of_a_formula():
    class One(Function):
        def forward(self, x):
            return x

        def vjp(self, m, gy, x):
            return 1.0

    for create_graph in (False, True):
        x = var(1.0)
        One()(x).backward(create_graph=create_graph)
        assert float(x.grad) == 1.0


# -- several outputs -------------------------------------------------------------------------------


@pytest.mark.parametrize("create_graph", [False, True])
def test_several_outputs_come_as_a_list(create_graph):
    x = var(3.0)
    outputs = Split()(x)
    assert type(outputs) is list
    a, b = outputs
    (a * b).backward(create_graph=create_graph)
    assert float(x.grad) == 2 * 9 + 6 * 6


@pytest.mark.parametrize("create_graph", [False, True])
@pytest.mark.parametrize("i", [0, 1])
def test_dropped_output_takes_no_part(i, create_graph):
    x = var(3.0)
    y = Split()(x)[i]
    y.backward(create_graph=create_graph)
    assert float(x.grad) == (2.0, 6.0)[i]


def test_unused_output_takes_no_part():
    x = var(3.0)
    a, b = Split()(x)
    (b * 1).backward()
    assert float(x.grad) == 6.0
    assert a.grad is None


def test_second_derivative_through_several_outputs():
    x = var(3.0)
    a, b = Split()(x)
    gx = grad(a * b, x, create_graph=True)
    assert (float(gx), float(grad(gx, x))) == (54.0, 36.0)


def test_formula_of_several_outputs_gets_a_tuple():
    class SinCos(Function):
        def forward(self, x):
            return np.sin(x), np.cos(x)

        def vjp(self, m, gy, x):
            g0, g1 = gy
            return g0 * m.cos(x) - g1 * m.sin(x)

    x = var(0.5)
    s, c = SinCos()(x)
    gx = grad(s * c, x, create_graph=True)
    assert float(gx) == pytest.approx(np.cos(1.0))
    assert float(grad(gx, x)) == pytest.approx(-2 * np.sin(1.0))


# -- a Function object applied again ---------------------------------------------------------------


class Scale(Function):
    """Remembers its input on itself and counts its calls."""

    calls = 0

    def forward(self, x):
        self.calls += 1
        self.kept = x
        return x * x

    def backward(self, gy):
        return 2 * Variable(np.array(self.kept)) * gy


def test_function_applied_again_keeps_both_graphs_right():
    f = Scale()
    a, b = var(2.0), var(5.0)
    ya = f(a)
    yb = f(b)
    ya.backward()
    yb.backward()
    assert (float(a.grad), float(b.grad)) == (4.0, 10.0)
    assert ya.creator is not yb.creator
    assert f.calls == 2


def test_function_applied_to_its_own_result():
    f = BookSquare()
    x = var(2.0)
    f(f(f(x))).backward()
    assert float(x.grad) == 8 * 2.0**7


def test_function_applied_again_under_no_grad_leaves_the_graph_alone():
    f = Scale()
    a = var(2.0)
    y = f(a)
    with no_grad():
        f(var(100.0))
    y.backward()
    assert float(a.grad) == 4.0


def test_function_applied_again_brings_no_cut_graph_back():
    f = Scale()
    y = f(var(2.0))
    y.unchain()
    f(var(3.0))
    assert y.creator is None


def test_function_applied_again_holds_no_old_inputs():
    f = BookSquare()
    x = var(2.0)
    f(x)
    with no_grad():
        f(var(3.0))
    alive = weakref.ref(x)
    del x
    assert alive() is None


def test_function_of_several_outputs_applied_again():
    f = Split()
    x, w = var(3.0), var(4.0)
    a, b = f(x)
    c, _ = f(w)
    (a * b + c).backward()
    assert (float(x.grad), float(w.grad)) == (54.0, 2.0)


# -- whose memory ----------------------------------------------------------------------------------


def shared(*variables):
    arrays = [v.data for v in variables]
    return any(np.shares_memory(a, b) for i, a in enumerate(arrays) for b in arrays[:i])


@pytest.mark.parametrize("create_graph", [False, True])
@pytest.mark.parametrize(
    "f",
    [
        lambda a, b: a + b,
        lambda a, b: F.sum(a + b),
        lambda a, b: a.reshape(4) + b.reshape(4),
        lambda a, b: a.T + b.T,
        lambda a, b: F.sum(a) + F.sum(b),
        lambda a, b: F.broadcast_to(a, (3, 2, 2)) + b,
        lambda a, b: a[:] + b[::-1],
        lambda a, b: Returns(lambda g: g, lambda g: g)(a, b),
        lambda a, b: Returns(lambda g: b, lambda g: a)(a, b),
        lambda a, b: Returns(lambda g: a.data, lambda g: b.data[:])(a, b),
    ],
)
def test_no_two_gradients_share_memory(f, create_graph):
    a, b = Variable(np.ones((2, 2))), Variable(np.ones((2, 2)))
    y = f(a, b)
    seed = y.grad = Variable(np.ones_like(y.data))
    y.backward(create_graph=create_graph, retain_grad=True)
    assert not shared(a, b, a.grad, b.grad, seed)
    a.grad.data *= 0  # a hook may write
    assert b.grad.data.any()


def test_retained_gradients_share_nothing():
    a = Variable(np.ones((2, 2)))
    b = a + 0
    c = b.reshape(4)
    y = c + 0
    y.backward(retain_grad=True)
    assert not shared(a.grad, b.grad, c.grad, y.grad)


@pytest.mark.parametrize("create_graph", [False, True])
@pytest.mark.parametrize("seed", [None, np.ones(2)])
def test_a_sum_of_gradients_changes_no_other_gradient(create_graph, seed):
    """Additions hand one array to both sides, and products an own one: whichever comes first, each gets its own sum."""
    for compute in (
        lambda a, b: (a + b) + a * 2.0, lambda a, b: a * 2.0 + (a + b), lambda a, b: (b + a) + 2.0 * a,
        lambda a, b: ((a + b) * 1.0 + a) + a, lambda a, b: a + (a + (a + b)),
    ):  # fmt: skip
        a, b = var([1.0, 2.0]), var([3.0, 4.0])
        y = compute(a, b)
        if seed is not None:
            y.grad = Variable(seed)
        y.backward(create_graph=create_graph)
        assert (a.grad.data.tolist(), b.grad.data.tolist()) == ([3.0, 3.0], [1.0, 1.0])
        assert seed is None or seed.tolist() == [1.0, 1.0]


def test_results_of_grad_share_nothing():
    a, b = var([1.0, 2.0]), var([3.0, 4.0])
    seed = var([1.0, 1.0])
    y = a + b
    assert not shared(*grad(y, [a, b, y], gy=seed), seed)


@pytest.mark.parametrize("create_graph", [False, True])
def test_stored_gradient_of_a_users_backward_stays_its_own(create_graph):
    class Stored(Function):
        def forward(self, x):
            self.slope = np.full_like(x, 3.0)
            return 3 * x

        def backward(self, gy):
            return Variable(self.slope)

    x = var([1.0, 2.0])
    y = Stored()(x)
    y.backward(create_graph=create_graph)
    x.grad.data *= 100
    x.cleargrad()
    y.backward()
    assert x.grad.data.tolist() == [3.0, 3.0]


def test_backward_that_writes_into_its_argument_harms_nobody():
    class Rude(Function):
        def forward(self, x):
            return -x

        def backward(self, gy):
            gy.data *= -1
            return gy

    a, b = var([1.0, 2.0]), var([1.0, 2.0])
    y = Rude()(a) + b
    y.grad = seed = var([1.0, 1.0])
    y.backward(retain_grad=True)
    assert (a.grad.data.tolist(), b.grad.data.tolist(), seed.data.tolist()) == ([-1.0, -1.0], [1.0, 1.0], [1.0, 1.0])


def test_gradients_of_sums_are_writable():
    x = var([1.0, 2.0])
    F.sum(x).backward()
    x.grad.data += 1
    assert x.grad.data.tolist() == [2.0, 2.0]


# -- dtypes ----------------------------------------------------------------------------------------

WEAK = [
    lambda x: x + 2, lambda x: 2.0 + x, lambda x: x - 2.5, lambda x: 2 - x, lambda x: x * 3.0, lambda x: 3 * x,
    lambda x: x / 3, lambda x: 1.0 / x, lambda x: x**2, lambda x: x**2.5, lambda x: x**-1, lambda x: 2.0**x,
    lambda x: x // 2.0, lambda x: x % 2.0, lambda x: abs(-x), F.sin, F.cos, F.exp, F.log, F.tanh,
    lambda x: F.sum(x), lambda x: x.reshape(2), lambda x: F.sum_to(F.broadcast_to(x, (3, 2)), (2,)), lambda x: x[0] * 2,
    lambda x: F.where(x > 1, x * 2.0, 0.0),
]  # fmt: skip


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
@pytest.mark.parametrize("i", range(len(WEAK)))
def test_numbers_are_weak_in_every_order(i, dtype):
    x = var([1.25, 2.5], dtype)
    y = WEAK[i](x)
    gx = grad(y, x, create_graph=True)
    ggx = grad(gx, x) if gx.creator is not None else gx
    assert [v.dtype for v in (y, gx, ggx, grad(y, x))] == [dtype] * 4


@pytest.mark.parametrize("create_graph", [False, True])
def test_gradient_of_a_scalar_takes_its_dtype(create_graph):
    x, w = var(2.0, np.float32), var(3.0)
    gx, gw = grad(x * w, [x, w], create_graph=create_graph)
    assert (gx.dtype, gw.dtype) == (np.float32, np.float64)


@pytest.mark.parametrize("dtype", [np.float16, np.float32])
def test_numbers_are_weak_beside_0d_arrays(dtype):
    x = var(2.0, dtype)
    y = (3.0 * x + 1) / 2 - x**2
    y.backward()
    assert y.dtype == x.grad.dtype == dtype


def test_numbers_given_to_a_function_take_the_dtype_of_the_arrays():
    class Sum3(Function):
        def forward(self, a, b, c):
            assert all(type(v) is np.ndarray for v in (a, b, c))
            return a + b + c

        def backward(self, gy):
            return gy, gy, gy

    x = var(1.0, np.float32)
    assert Sum3()(x, 2.0, 3).dtype == np.float32
    assert Sum3()(np.ones(2, np.float32), np.arange(2), 3.0).creator.inputs[2].dtype == np.float32  # labels beside it
    assert Sum3()(1, 2, 3).dtype.kind == "i"


def test_gradients_of_mixed_dtypes_take_that_of_their_variable():
    x, w = var([1.0], np.float32), var([2.0], np.float64)
    for create_graph in (False, True):
        x.cleargrad(), w.cleargrad()
        (x * w).backward(create_graph=create_graph)
        assert (x.grad.dtype, w.grad.dtype) == (np.float32, np.float64)


def test_integer_gradient_of_a_floating_input_becomes_floating():
    for create_graph in (False, True):
        x = var([1.5, 2.5], np.float32)
        Returns(lambda g: np.array([1, 2]))(x).backward(create_graph=create_graph)
        assert x.grad.dtype == np.float32


def test_astype_sends_the_gradient_back_in_the_old_dtype():
    x = var([1.0, 2.0], np.float32)
    F.sum(x.astype(np.float64) ** 2).backward()
    assert x.grad.dtype == np.float32
    assert grad(x.astype(int), x).data.tolist() == [0.0, 0.0]
    with pytest.raises(TypeError, match=r"^astype wants a dtype or the name of one, got 'nonsense'$"):
        x.astype("nonsense")


# -- copies ----------------------------------------------------------------------------------------


def pickled(x):
    return pickle.loads(pickle.dumps(x))


@pytest.mark.parametrize("make", [copy.copy, copy.deepcopy, pickled])
def test_copy_of_a_result_drops_the_graph_and_keeps_the_data(make):
    x = var([1.0, 2.0])
    y = x
    for _ in range(3000):
        y = y + x
    y.name, y.note = "y", {"a": 1}
    z = make(y)
    assert np.array_equal(z.data, y.data)
    assert (z.name, z.note, z.creator, z.generation, type(z)) == ("y", {"a": 1}, None, 0, Variable)
    (z * z).backward()
    assert x.grad is None


@pytest.mark.parametrize("make", [copy.copy, copy.deepcopy, pickled])
def test_copy_of_a_parameter_keeps_kind_and_gradient(make):
    p = Parameter(np.ones(2), name="W")
    p.tag = "mine"
    (p * p).backward(create_graph=True)
    q = make(p)
    assert (type(q), q.name, q.tag) == (Parameter, "W", "mine")
    assert q.grad.data.tolist() == [2.0, 2.0]
    assert (q.data is p.data) is (make is copy.copy)


@pytest.mark.parametrize("make", [copy.copy, copy.deepcopy, pickled])
def test_copy_of_constants_and_empty_variables(make):
    assert repr(make(F.sin(np.array(0.0)))) == "variable(0.0)"
    assert repr(make((var(1.0) * 2).creator.inputs[1])) == "variable(2)"
    assert make(Variable(None)).data is None


@pytest.mark.parametrize("make", [copy.copy, copy.deepcopy, pickled])
def test_copy_of_a_function_keeps_its_attributes_and_drops_the_graph(make):
    f = Scale()
    f.note = "mine"
    x = var(3.0)
    f(x)
    g = make(f)
    assert (g.note, g.calls) == ("mine", 1)
    assert not hasattr(g, "inputs")
    w = var(5.0)
    g(w).backward()
    assert (float(w.grad), x.grad) == (10.0, None)


@pytest.mark.parametrize("make", [copy.copy, copy.deepcopy, pickled])
def test_copy_of_a_result_of_no_grad_is_a_leaf(make):
    with no_grad():
        y = var(1.0) * 2
    z = make(y)
    z.backward()
    assert float(z.grad) == 1.0


# -- errors name the operation ---------------------------------------------------------------------

NOTES = [
    (lambda: var([1.0, 2.0]) + var([1, 2, 3]), ValueError, "in Add(float64 (2,), int64 (3,))"),
    (lambda: var([1.0, 2.0]) * np.ones(3, np.float32), ValueError, "in Mul(float64 (2,), float32 (3,))"),
    (lambda: var(1.0) + None, TypeError, "in Add(float64 (), None)"),
    (lambda: "a" * var(1.0), TypeError, "in Mul('a', float64 ())"),
    (lambda: F.sin("a"), TypeError, "in Sin('a')"),
    (lambda: var([1.0, 2.0]).reshape(3), ValueError, "in Reshape(float64 (2,)) with shape=(3,)"),
    (lambda: F.broadcast_to(var([1.0, 2.0]), (3,)), ValueError, "in BroadcastTo(float64 (2,)) with shape=(3,)"),
    (lambda: F.sum_to(var([1.0, 2.0]), (3,)), ValueError, "in SumTo(float64 (2,)) with shape=(3,)"),
    (lambda: Split()(var([1.0]), 2.0), TypeError, "in Split(float64 (1,), 2.0)"),
    (lambda: Returns()(None, var(1.0)), TypeError, "in Returns(None, float64 ())"),
    (lambda: Variable(None) + 1, TypeError, "in Add(a Variable that has no data yet, 1)"),
    (lambda: F.selu("a"), TypeError, "in ELU('a') of selu"),
]


@pytest.mark.parametrize("i", range(len(NOTES)))
def test_error_out_of_a_function_names_it_and_what_it_was_given(i):
    call, kind, note = NOTES[i]
    with pytest.raises(kind) as error:
        call()
    assert error.value.__notes__ == [note]


def test_error_in_a_backward_names_it():
    class Broken(Function):
        def forward(self, x, w):
            return x + w

        def backward(self, gy):
            raise ZeroDivisionError("broken")

    y = Broken()(var([1.0, 2.0]), 3.0)
    with pytest.raises(ZeroDivisionError) as error:
        y.backward()
    assert error.value.__notes__ == ["in the backward of Broken(float64 (2,), float64 ())"]


def test_sum_to_says_which_shape_does_not_broadcast():
    with pytest.raises(
        ValueError, match=says("sum_to cannot bring shape (2,) to (3,): (3,) does not broadcast to (2,)")
    ):
        F.sum_to(var([1.0, 2.0]), (3,))


def test_pow_wants_a_number():
    with pytest.raises(
        TypeError, match=r"^pow wants a number as exponent, got str; dezero.functions.power takes arrays"
    ):
        F.pow(var(1.0), "a")


def test_from_dlpack_wants_an_array():
    with pytest.raises(TypeError, match=r"^from_dlpack wants an array with __dlpack__, got list$"):
        dezero.from_dlpack([1.0])


# -- depth and width (test_memory.py has the long forms) -------------------------------------------


def test_deep_graph_needs_no_recursion():
    gc.collect()
    x = var(1.0)
    y = x
    for _ in range(3000):
        y = y * 1.0 + x
    y.backward(retain_grad=False)
    assert float(x.grad) == 3001.0


def test_wide_graph():
    x = var(1.0)
    y = 0
    for i in range(1000):
        y = y + x * i
    y.backward()
    assert float(x.grad) == sum(range(1000))
