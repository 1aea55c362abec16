"""A Variable feels like an array: each expression with its trap."""

import operator

import numpy as np
import pytest

import dezero
from dezero import Parameter, Variable, as_variable, grad

try:
    import torch
except ImportError:
    torch = None


def var(x, dtype=None):
    return Variable(np.array(x, dtype=dtype), name=None)


A = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
B = np.array([[3.0, 1.0, 2.0], [2.0, 4.0, 5.0]])

OPERATORS = [operator.add, operator.sub, operator.mul, operator.truediv, operator.floordiv, operator.mod, operator.pow]
OTHERS = [B, B[0], B[:, :1], np.float64(2.5), np.float32(2.5), np.int64(2), np.array(2.5), 2.5, 2, True]


# -- operators -------------------------------------------------------------------------------------


@pytest.mark.parametrize("op", OPERATORS)
@pytest.mark.parametrize("i", range(len(OTHERS)))
def test_operator_with_arrays_scalars_and_numbers_on_either_side(op, i):
    other = OTHERS[i]
    x = Variable(A.copy())
    for y, expected in ((op(x, other), op(A, other)), (op(other, x), op(other, A))):
        assert type(y) is Variable
        assert y.dtype == expected.dtype
        assert np.array_equal(y.data, expected)
        assert y.creator is not None
        y.backward()
        assert x.grad.shape == x.shape
        x.cleargrad()


@pytest.mark.parametrize("op", OPERATORS)
def test_operator_between_variables(op):
    x, w = Variable(A.copy()), Variable(B.copy())
    y = op(x, w)
    assert np.array_equal(y.data, op(A, B))
    y.backward()
    assert x.grad.shape == w.grad.shape == A.shape


@pytest.mark.parametrize("op", OPERATORS)
def test_operator_with_lists(op):
    assert np.array_equal(op(Variable(A), B.tolist()).data, op(A, B))
    assert np.array_equal(op(B.tolist(), Variable(A)).data, op(B, A))


@pytest.mark.parametrize("other", [B.T, B[0]])
def test_matrix_product_on_either_side(other):
    x = Variable(A.copy())
    assert np.array_equal((x @ other).data, A @ other)
    assert np.array_equal((x.T.T @ Variable(other)).data, A @ other)
    left = other.T if other.ndim == 2 else B[:, 0]
    y = left @ (x if other.ndim == 1 else x.T)
    assert isinstance(y, Variable)
    assert np.array_equal(y.data, left @ (A if other.ndim == 1 else A.T))


def test_unary_operators():
    x = Variable(A - 3)
    assert np.array_equal((-x).data, 3 - A)
    assert (+x) is x
    assert np.array_equal(abs(x).data, np.abs(A - 3))


def test_array_on_the_left_of_every_operator_keeps_the_graph():
    x = Variable(A.copy())
    for op in OPERATORS:
        y = op(B, x)
        assert y.creator.inputs[1] is x
    for scalar in (np.float32(2), np.float64(2), np.int64(2)):
        assert (scalar * x).creator.inputs[1] is x
        assert (scalar - var(1.0)).creator is not None


@pytest.mark.parametrize("op", ["iadd", "isub", "imul", "itruediv", "ipow", "ifloordiv", "imod"])
def test_array_op_assign_variable_says_what_to_do(op):
    a = np.ones(3)
    with pytest.raises(TypeError) as error:
        getattr(operator, op)(a, Variable(np.ones(3)))
    sign = {"iadd": "+", "isub": "-", "imul": "*", "itruediv": "/", "ipow": "**", "ifloordiv": "//", "imod": "%"}[op]
    assert str(error.value).endswith(
        f" cannot write a Variable into an array: instead of array {sign}= x, write array = array {sign} x to keep the "
        f"graph, or array {sign}= x.data to leave it"
    )
    assert a.tolist() == [1.0] * 3


def test_variable_op_assign_rebinds():
    x = Variable(A.copy())
    y = x
    y += B
    assert y is not x
    assert np.array_equal(x.data, A)


@pytest.mark.parametrize("other", [None, "a", {}, object()])
def test_operator_with_anything_else(other):
    for op in OPERATORS:
        with pytest.raises(TypeError):
            op(Variable(A), other)
        if not isinstance(other, str) or op is not operator.mod:
            with pytest.raises(TypeError):
                op(other, Variable(A))


# -- comparison ------------------------------------------------------------------------------------


@pytest.mark.parametrize("op", [operator.lt, operator.le, operator.gt, operator.ge, operator.eq, operator.ne])
@pytest.mark.parametrize("other", [B, Variable(B), 3.0, np.float32(3), B[0]])
def test_comparison_gives_plain_boolean_arrays(op, other):
    bare = other.data if isinstance(other, Variable) else other
    for result, expected in ((op(Variable(A), other), op(A, bare)), (op(other, Variable(A)), op(bare, A))):
        assert type(result) is np.ndarray
        assert np.array_equal(result, expected)


def test_comparison_of_single_elements_is_usable_in_conditions():
    assert var(1.0) < 2
    assert not var(1.0) > 2
    assert var(1.0) == var(1.0)


def test_comparison_with_none():
    x = Variable(A)
    assert (x == None) is False  # noqa: E711  # what is tested
    assert (x != None) is True  # noqa: E711
    assert (None == x) is False  # noqa: E711, SIM300


def test_hash_is_the_identity():
    x, w = var(1.0), var(1.0)
    assert len({x, w, x}) == 2
    assert {x: "x", w: "w"}[w] == "w"
    assert hash(x) == object.__hash__(x)


def test_in_looks_at_the_elements():
    assert 3.0 in Variable(A)
    assert 7.0 not in Variable(A)


# -- indexing and iteration ------------------------------------------------------------------------

INDICES = [
    0, -1, np.int64(1), slice(None), slice(None, None, -1), slice(0, 1), ..., None, (0, 1), (slice(None), 1), (..., -1),
    (None, 0), [0, 0, 1], [True, False], np.array([1, 0]), np.array([[0], [1]]), A > 2, ([0, 1], [2, 2]),
    (slice(None), [0, 2, 0]), (slice(1), None, ..., slice(None, None, 2)), (), [], np.array(1),
]  # fmt: skip


@pytest.mark.parametrize("i", range(len(INDICES)))
def test_index_as_numpy(i):
    x = Variable(A.copy())
    y = x[INDICES[i]]
    index = INDICES[i] if type(INDICES[i]) is not list else np.array(INDICES[i], dtype=None if INDICES[i] else int)
    assert np.array_equal(y.data, A[index])
    y.backward()
    counts = np.zeros_like(A)
    np.add.at(counts, index, 1)
    assert np.array_equal(x.grad.data, counts)


def test_variables_as_indices():
    x = Variable(A.copy())
    assert np.array_equal(x[var([1, 0])].data, A[[1, 0]])
    assert np.array_equal(x[var(1)].data, A[1])
    assert np.array_equal(x[var([0, 1]), var([2, 0])].data, A[[0, 1], [2, 0]])
    assert np.array_equal(x[:, var(1)].data, A[:, 1])
    assert np.array_equal(x[Variable(A > 2)].data, A[A > 2])
    assert np.array_equal(x[[var(1), var(0)]].data, A[[1, 0]])
    assert A[var(1)].tolist() == A[1].tolist()
    assert A[var([1, 0])].tolist() == A[[1, 0]].tolist()


def test_index_out_of_range_names_the_shape():
    with pytest.raises(IndexError) as error:
        Variable(A)[5]
    assert error.value.__notes__ == ["in GetItem(float64 (2, 3)) with slices=5"]


def test_item_assignment_says_what_to_do():
    x = Variable(A.copy())
    with pytest.raises(
        TypeError, match=r"^a Variable does not support item assignment, .* write x.data\[...\] = value"
    ):
        x[0] = 1


def test_len_and_iteration():
    x = Variable(A.copy())
    rows = list(x)
    assert len(x) == len(rows) == 2
    assert all(isinstance(row, Variable) for row in rows)
    (rows[1] * 2).backward()
    assert x.grad.data.tolist() == [[0.0] * 3, [2.0] * 3]
    first, _ = x
    assert first.data.tolist() == A[0].tolist()
    assert [row.data.tolist() for row in reversed(x)] == A[::-1].tolist()


def test_0d_variable_has_no_length():
    x = var(1.0)
    with pytest.raises(TypeError, match=r"^len\(\) of a 0-dimensional Variable"):
        len(x)
    with pytest.raises(TypeError, match=r"^cannot iterate over a 0-dimensional Variable"):
        list(x)


# -- conversion ------------------------------------------------------------------------------------


@pytest.mark.parametrize("shape", [(), (1,), (1, 1)])
def test_one_element_becomes_a_number(shape):
    x = Variable(np.full(shape, 2.5))
    assert (float(x), int(x), bool(x), x.item()) == (2.5, 2, True, 2.5)
    assert type(x.item()) is float
    assert f"{x:.3f}" == format(x, ".3f") == "2.500"
    assert not bool(Variable(np.zeros(shape)))


@pytest.mark.parametrize("convert", [float, int, bool, Variable.item, lambda x: f"{x:.3f}"])
@pytest.mark.parametrize("shape", [(2,), (0,), (2, 1)])
def test_several_elements_become_no_number(convert, shape):
    with pytest.raises(ValueError) as error:
        convert(Variable(np.zeros(shape)))
    assert str(error.value) == f"only a Variable of one element converts to a number; this one has shape {shape}"


def test_python_numbers_put_there_by_the_user_convert():
    x = var(0.0)
    x.data = 3.5
    assert (float(x), x.item(), f"{x:.1f}", x.tolist(), x.shape, x.dtype) == (3.5, 3.5, "3.5", 3.5, (), np.dtype(float))
    assert x == 3.5
    assert np.asarray(x) == 3.5


def test_integer_variable_is_an_index():
    assert [10, 20, 30][var(1)] == 20
    assert list(range(var(3))) == [0, 1, 2]
    with pytest.raises(TypeError):
        [10, 20][var(1.0)]


def test_round_gives_a_number():
    assert round(var(2.567), 1) == 2.6
    assert round(var(2.567)) == 3


def test_tolist_and_numpy():
    x = Variable(A)
    assert x.tolist() == A.tolist()
    assert x.numpy() is A
    assert var(1.5).tolist() == 1.5


def test_astype_keeps_the_graph():
    x = var([1.0, 2.0])
    y = x.astype(np.float32)
    assert y.dtype == np.float32
    assert y.creator is not None
    assert not np.shares_memory(x.astype(float).data, x.data)


def test_attributes_are_those_of_the_array():
    x = Variable(A)
    assert (x.shape, x.ndim, x.size, x.dtype) == ((2, 3), 2, 6, np.dtype(float))
    assert x.T.shape == (3, 2)


def test_methods_take_sizes_and_axes_in_every_form():
    x = Variable(A)
    for y in (x.reshape(3, 2), x.reshape((3, 2)), x.reshape([3, 2]), x.reshape(-1, 2)):
        assert np.array_equal(y.data, A.reshape(3, 2))
    for y in (x.transpose(), x.transpose(1, 0), x.transpose((1, 0)), x.transpose([1, 0]), x.transpose(None), x.T):
        assert np.array_equal(y.data, A.T)
    assert x.sum(axis=0, keepdims=True).shape == (1, 3)
    assert x.sum(1).data.tolist() == A.sum(1).tolist()
    assert np.array_equal(x.dot(B.T).data, A @ B.T)
    assert np.array_equal(x.matmul(B.T).data, A @ B.T)


def test_repr_as_in_the_book():
    assert repr(var(1.0)) == str(var(1.0)) == "variable(1.0)"
    assert repr(Variable(None)) == "variable(None)"
    assert repr(var([[1, 2], [3, 4]])) == "variable([[1 2]\n          [3 4]])"
    assert repr(Parameter(np.zeros(1))) == "variable([0.])"
    assert f"{var([1, 2])}" == "variable([1 2])"


# -- other libraries -------------------------------------------------------------------------------


def test_asarray_gives_the_numbers():
    x = Variable(A)
    assert np.asarray(x) is A
    assert np.asarray(x, dtype=np.float32).dtype == np.float32
    copied = np.array(x)
    assert not np.shares_memory(copied, A)
    assert not np.shares_memory(np.asarray(x, copy=True), A)
    assert np.asarray(x, copy=False) is A
    with pytest.raises(ValueError, match="copy"):
        np.asarray(x, dtype=np.float32, copy=False)
    assert np.array([var(1.0), var(2.0)]).dtype == float


def test_dlpack_out_and_in_shares_memory():
    x = Variable(np.arange(3.0))
    out = np.from_dlpack(x)
    assert np.shares_memory(out, x.data)
    back = dezero.from_dlpack(x.data)  # NumPy 2.0 hands out a read-only array, which it does not pass on
    assert isinstance(back, Variable)
    assert np.shares_memory(back.data, x.data)
    assert x.__dlpack_device__() == (1, 0)
    assert np.shares_memory(dezero.from_dlpack(x).data, x.data)


@pytest.mark.skipif(torch is None, reason="torch is not installed")
def test_dlpack_with_torch():
    x = Variable(np.arange(3.0))
    t = torch.from_dlpack(x)
    t[0] = 7.0
    assert float(x[0]) == 7.0
    back = dezero.from_dlpack(t)
    t[1] = 8.0
    assert float(back[1]) == 8.0


# -- variables without data ------------------------------------------------------------------------


@pytest.mark.parametrize("name, label", [(None, "the variable"), ("W", "variable 'W'")])
def test_variable_without_data_says_so(name, label):
    x = Variable(None, name)
    for look in (lambda: x.shape, lambda: x.dtype, lambda: len(x), lambda: float(x), x.backward, x.tolist, x.numpy):
        with pytest.raises(RuntimeError) as error:
            look()
        assert str(error.value) == f"{label} has no data yet: set .data, or call the layer it belongs to once"


def test_power_of_two_variables_differentiates_in_both():
    x, w = var(2.0), var(3.0)
    gx, gw = grad(x**w, [x, w], create_graph=True)
    assert (float(gx), float(gw)) == (12.0, pytest.approx(8 * np.log(2)))
    assert float(grad(gx, x)) == 12.0
    assert float(grad(2**w, w)) == pytest.approx(8 * np.log(2))
    assert float(as_variable(2) ** as_variable(3)) == 8
