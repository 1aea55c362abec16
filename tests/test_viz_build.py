"""What is taken down of a computation: order, names, kinds, numbers, derivatives, layers."""

import time

import numpy as np
import pytest

import dezero
import dezero.functions as F
import dezero.layers as L
from dezero import Function, Parameter, Variable, no_grad
from dezero.models import Sequential
from dezero.viz import graph
from dezero.viz.build import build
from dezero.viz.numbers import numbers
from dezero.viz.structure import ABSENT, figure
from tests.op_table import apply, differentiable, ops


def variable(value, name=None):
    return Variable(np.array(value, dtype=float), name)


def pairs(structure):
    """Forward value and derivative of each wire, in order."""
    both = [(v.data, v.grad) for v in structure.values.values()]
    return ["/".join([ABSENT if n is None else figure(n.entries) for n in pair]) for pair in both]


def names(structure):
    return [v.name for v in structure.values.values()]


def symbols(structure):
    return [f.symbol for f in structure.operations.values()]


# -- the lecture -----------------------------------------------------------------------------------


def test_one_kind_of_fruit():
    apple, n, tax = variable(100), variable(2), variable(1.1)
    price = apple * n * tax
    before = build(price)
    assert pairs(before) == ["100/–", "2/–", "200/–", "1.1/–", "220/–"]
    price.backward()
    after = build(price)
    assert pairs(after) == ["100/2.2", "2/110", "200/1.1", "1.1/200", "220/1"]
    assert names(after) == ["apple", "n", "", "tax", "price"]
    assert [v.kind for v in after.values.values()] == ["input", "input", "inner", "input", "output"]
    assert symbols(after) == ["×", "×"]
    assert pairs(before)[0] == "100/–"


def test_two_kinds_of_fruit():
    apple, apples, orange, oranges, tax = map(variable, (100, 2, 150, 3, 1.1))
    price = (apple * apples + orange * oranges) * tax
    price.backward()
    found = build(price)
    assert pairs(found) == ["100/2.2", "2/110", "200/1.1", "150/3.3", "3/165", "450/1.1", "650/1.1", "1.1/650", "715/1"]
    assert [f.inputs for f in found.operations.values()] == [("v0", "v1"), ("v3", "v4"), ("v2", "v5"), ("v6", "v7")]
    assert found.results == ("v8",)


def test_nobodys_gradient_is_touched():
    x = variable(3)
    t = x**2
    y = t * 2
    y.backward()
    stored = x.grad
    build(y)
    assert x.grad is stored
    assert t.grad is None and y.grad is None


def test_the_same_program_gives_the_same_structure():
    def run():
        x, y = variable(2), variable(3)
        z = (x + y) ** 2 + x / y
        z.backward()
        return build(z)

    assert run() == run()


# -- order and kinds -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("compute", "operands", "symbol"),
    [
        (lambda x: x + 2, ["x", 2.0], "+"),
        (lambda x: 2 + x, [2.0, "x"], "+"),
        (lambda x: x - 2, ["x", 2.0], "−"),
        (lambda x: 2 - x, [2.0, "x"], "−"),
        (lambda x: 2 * x, [2.0, "x"], "×"),
        (lambda x: x / 2, ["x", 2.0], "÷"),
        (lambda x: 2 / x, [2.0, "x"], "÷"),
        (lambda x: x * x, ["x", "x"], "×"),
        (lambda x: x**3, ["x"], "**3"),
        (lambda x: -x, ["x"], "−"),
    ],
)
def test_operands_stand_as_in_the_code(compute, operands, symbol):
    x = variable(4)
    found = build(compute(x))
    operation = found.operations["f0"]
    values = [found.values[v] for v in operation.inputs]
    assert [v.name or v.data.entries for v in values] == operands
    assert operation.symbol == symbol
    assert [v.kind for v in values] == ["input" if isinstance(o, str) else "constant" for o in operands]


def test_a_constant_has_no_derivative():
    x = variable(4)
    y = 2 * x
    y.backward()
    found = build(y)
    assert found.values["v0"].grad is None
    assert found.values["v1"].grad.entries == 2.0


def test_an_array_used_twice_is_one_value():
    a, x = np.array([1.0, 2.0]), Variable(np.ones(2))
    found = build(a * x + a)
    assert found.users("v0") == ("f0", "f1")
    assert found.values["v0"].name == "a"


def test_an_input_without_data_is_left_out():
    x, W = Variable(np.ones((1, 2))), Variable(np.ones((2, 3)))
    assert len(build(F.linear(x, W)).operations["f0"].inputs) == 2


def test_an_output_that_nobody_holds_has_a_value():
    first = F.split(Variable(np.arange(6.0)), 3)[0]
    found = build(first)
    outputs = [found.values[v] for v in found.operations["f0"].outputs]
    assert [v.data.shape for v in outputs] == [(2,), (2,), (2,)]
    assert [v.data.entries is None for v in outputs] == [False, True, True]


def test_several_results_share_what_they_share():
    x = variable(2)
    t = x**2
    a, b = t + 1, t * 3
    found = build([a, b])
    assert found.results == ("v3", "v5")
    assert len(found.operations) == 3


def test_a_leaf_is_a_picture_of_itself():
    x = variable(2)
    found = build(x)
    assert (names(found), found.results, dict(found.operations)) == (["x"], ("v0",), {})


# -- names -----------------------------------------------------------------------------------------


def test_a_name_goes_before_that_of_the_callers_variable():
    x = variable(2, name="りんご")
    assert names(build(x + 1))[0] == "りんご"


def test_variables_without_a_name_are_numbered():
    x0 = variable(1)
    assert names(build(x0 * variable(2) + variable(3)))[:2] == ["x0", "x1"]


def test_names_may_be_given():
    assert names(build(variable(1) * 2, names={}))[0] == "x0"
    x = variable(1)
    assert names(build(x * 2, names={"a": x, "_b": x}))[0] == "a"


def test_a_variable_of_an_array_that_the_caller_has():
    weights = np.array([1.0, 2.0])
    assert names(build(Variable(weights) * 2))[0] == "weights"


class Net(dezero.Model):
    def __init__(self):
        super().__init__()
        self.l1 = L.Linear(3, in_size=2)
        self.l2 = L.Linear(1, in_size=3)

    def forward(self, x):
        return self.l2(F.sigmoid(self.l1(x)))


def test_parameters_are_named_by_their_path():
    model = Net()
    found = build(model(np.ones((1, 2))))
    assert [v.name for v in found.values.values() if v.kind == "parameter"] == ["l1/W", "l1/b", "l2/W", "l2/b"]


def test_layers_called_one_by_one_are_told_apart():
    first, second = L.Linear(2, in_size=2), L.Linear(2, in_size=2)
    found = build(second(first(np.ones((1, 2)))))
    assert {v.name for v in found.values.values() if v.kind == "parameter"} == {
        "first/W", "first/b", "second/W", "second/b",
    }  # fmt: skip


def test_parts_of_a_model_called_one_by_one_have_their_paths_in_it():
    model = Net()
    found = build(model.l2(F.sigmoid(model.l1(np.ones((1, 2))))))
    assert [v.name for v in found.values.values() if v.kind == "parameter"] == ["l1/W", "l1/b", "l2/W", "l2/b"]


def test_a_parameter_of_no_layer():
    W = Parameter(np.ones(2))
    found = build(W * 2)
    assert (found.values["v0"].kind, found.values["v0"].name) == ("parameter", "W")


# -- derivatives -----------------------------------------------------------------------------------


def test_derivatives_may_be_asked_for_before_backward():
    x = variable(3)
    y = x**2
    assert pairs(build(y, grads=True)) == ["3/6", "9/1"]
    y.backward()
    assert pairs(build(y, grads=False)) == ["3/–", "9/–"]


def test_gradients_that_were_added_up_are_shown_as_they_are():
    x, y = variable(3), variable(2)
    z = x * y
    z.backward()
    z.backward()
    found = build(z)
    assert pairs(found) == ["3/4", "2/6", "6/1"]
    assert found.notice == ("the stored gradients of x, y are 2 times those of one backward(), which the wires between "
                            "show")  # fmt: skip


def test_a_gradient_that_was_changed_is_shown_as_it_is():
    x, y = variable(3), variable(2)
    z = x * y
    z.backward()
    x.grad = variable(0.5)
    found = build(z)
    assert pairs(found)[0] == "3/0.5"
    assert found.notice.startswith("the stored gradients of x differ from")


def test_an_upstream_gradient_that_was_kept():
    x = variable(3)
    t = x * 2
    y = t * 5
    y.grad = variable(1.2)
    y.backward(retain_grad=True)
    found = build(y)
    assert pairs(found) == ["3/12", "2/–", "6/6", "5/–", "30/1.2"]
    assert found.notice == ""


def test_the_derivative_is_no_derivative_of_itself():
    x = variable(2)
    y = x**4 - 2 * x**2
    y.backward(create_graph=True)
    gx = x.grad
    found = build(gx)
    assert all(v.grad is None for v in found.values.values())
    assert found.values[found.results[0]].data.entries == 24.0
    assert {f.order for f in found.operations.values()} == {1}


def test_orders_of_derivatives():
    x = variable(1)
    y = F.tanh(x)
    gx = dezero.grad(y, x, create_graph=True)
    ggx = dezero.grad(gx, x, create_graph=True)
    found = build([y, gx, ggx])
    orders = [f.order for f in found.operations.values()]
    assert orders == sorted(orders)
    assert set(orders) == {0, 1, 2}
    assert found.values["v0"].order == 0


def test_debug_does_not_stop_a_picture():
    x = variable(0)
    with np.errstate(all="ignore"):
        y = F.sqrt(x)
        y.backward()
        with dezero.debug():
            assert pairs(build(y)) == ["0/inf", "0/1"]


def test_the_line_of_the_program():
    x = variable(2)
    with dezero.debug():
        y = x**2
    assert build(y).operations["f0"].line.startswith("test_viz_build.py:")
    assert build(y).operations["f0"].line.endswith(": y = x**2")
    assert build(x**2).operations["f0"].line is None


# -- local derivatives -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("compute", "formula", "value"),
    [
        (lambda x: x * 3, "3", 3.0),
        (lambda x: x + 3, "1", 1.0),
        (lambda x: 3 - x, "-1", -1.0),
        (lambda x: x / 4, "1 / 4", 0.25),
        (lambda x: 4 / x, "-4 / x**2", -1.0),
        (lambda x: x**2, "2 x", 4.0),
        (lambda x: x**3, "3 x**2", 12.0),
        (lambda x: -x, "-1", -1.0),
        (F.exp, "exp(x)", np.exp(2.0)),
        (F.log, "1 / x", 0.5),
        (F.sin, "cos(x)", np.cos(2.0)),
        (F.cos, "-sin(x)", -np.sin(2.0)),
        (F.relu, "1 where x > 0, else 0", 1.0),
        (F.leaky_relu, "1 where x > 0, else 0.2", 1.0),
        (F.softplus, "σ(x)", 1 / (1 + np.exp(-2.0))),
        (lambda x: F.hypot(x, 0.0), "x / hypot", 1.0),
        (lambda x: F.where(np.array(True), x, 1.0), "1 where the condition holds, else 0", 1.0),
    ],
)
def test_local_derivatives(compute, formula, value):
    x = variable(2)
    local = [part for part in build(compute(x)).operations["f0"].locals if part is not None]
    assert [part.formula for part in local] == [formula]
    assert local[0].value.entries == pytest.approx(value, rel=1e-15)


def test_a_local_derivative_calls_nameless_wires_by_their_id():
    x = variable(3)
    known = build(F.exp((x + 1) ** 2 * -2))
    assert [f.locals[0].formula for f in known.operations.values()] == ["1", "2 v2", "-2", "exp(v5)"]
    square = known.operations["f1"]
    assert square.locals[0].said({"v2": "t"}) == "2 t"
    assert square.locals[0].said(known.places(square)) == "2 the input"


def test_what_comes_from_constants_alone_is_a_constant():
    x = variable(1)
    y = F.tanh(x)
    for _ in range(2):
        y = dezero.grad(y, x, create_graph=True)
    known = build(y, grads=True)
    fed = [{known.values[v].kind for v in f.inputs} for f in known.operations.values()]
    made = [known.values[f.outputs[0]] for f in known.operations.values()]
    assert [v.kind == "constant" for v in made] == [kinds == {"constant"} for kinds in fed]
    assert [v.grad is None for v in made] == [v.kind == "constant" for v in made]
    assert any(v.kind == "constant" for v in made)


def test_a_local_derivative_looks_at_one_operand_at_a_time():
    x = variable(3)
    y = x * x
    assert [part.value.entries for part in build(y).operations["f0"].locals] == [3.0, 3.0]


def test_local_derivatives_in_the_name_of_the_output():
    x = variable(0)
    y = F.sigmoid(x)
    assert build(y).operations["f0"].locals[0].formula == "y (1 - y)"


def test_local_derivatives_are_not_summed_over_what_was_broadcast():
    x, y = Variable(np.ones((2, 3))), Variable(np.array([[2.0], [3.0]]))
    local = build(x * y).operations["f0"].locals
    assert [part.value.shape for part in local] == [(2, 3), (2, 3)]


class Square(Function):
    def forward(self, x):
        return x**2

    def backward(self, gy):
        (x,) = self.inputs
        return 2 * x * gy


class OneWay(Function):
    def forward(self, x):
        return x + 1


def test_a_function_of_the_user():
    x = variable(3)
    y = Square()(x)
    assert build(y).operations["f0"].locals[0].value is None
    y.backward()
    operation = build(y).operations["f0"]
    assert (operation.symbol, operation.locals[0].formula, operation.locals[0].value.entries) == (
        "Square",
        "Square'(x)",
        6,
    )


def test_a_function_without_backward_can_be_drawn():
    assert symbols(build(OneWay()(variable(3)))) == ["OneWay"]


# -- settings --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("compute", "symbol", "detail"),
    [
        (lambda x: x.sum(axis=1), "Σ", "axis=1"),
        (lambda x: x.sum(), "Σ", ""),
        (lambda x: x.reshape(3, 2), "reshape", "shape=(3, 2)"),
        (lambda x: x.T, "T", ""),
        (lambda x: x[0, 1:], "[ ]", "[0, 1:]"),
        (lambda x: F.mean(x, axis=0, keepdims=True), "mean", "axis=0, keepdims=True"),
        (lambda x: F.clip(x, 0.0, 1.0), "clip", "x_min=0, x_max=1"),
        (lambda x: F.softmax(x), "softmax", "axis=1"),
        (lambda x: x.astype("float32"), "astype", "dtype=float32"),
        (lambda x: F.einsum("ij->j", x), "einsum", "ij->j"),
    ],
)
def test_symbols_and_settings(compute, symbol, detail):
    operation = build(compute(Variable(np.ones((2, 3))))).operations["f0"]
    assert (operation.symbol, operation.detail) == (symbol, detail)


def test_settings_of_a_convolution():
    y = F.conv2d(np.ones((1, 1, 8, 8)), Variable(np.ones((2, 1, 3, 3))), stride=2, pad=1)
    assert build(y).operations["f0"].detail == "kernel=3, stride=2, pad=1"


@pytest.mark.parametrize("op", ops(), ids=str)
def test_every_operation_can_be_taken_down(op):
    sample = op.samples[0]
    arguments = [Variable(a) if i in differentiable(sample) else a for i, a in enumerate(op.arrays(sample))]
    results = [y for y in apply(op.function, sample, arguments) if isinstance(y, Variable)]
    found = graph(*results, grads=True)
    assert found.operations or results[0].creator is None
    for f in found.operations.values():
        assert len(f.locals) == len(f.inputs)
        assert f.symbol
        assert len(f.detail) < 80
    assert found.text() and found.mermaid()


# -- numbers ---------------------------------------------------------------------------------------


def test_small_arrays_have_entries():
    found = numbers(np.arange(12.0).reshape(3, 4))
    assert found.entries[2] == (8.0, 9.0, 10.0, 11.0)
    assert (found.low, found.high, found.mean, found.zeros) == (0.0, 11.0, 5.5, 1)
    assert found.norm == pytest.approx(np.linalg.norm(np.arange(12.0)))


def test_large_arrays_have_statistics():
    x = np.linspace(-1, 3, 1000, dtype=np.float32)
    found = numbers(x)
    assert found.entries is None
    assert found.mean == pytest.approx(x.mean(dtype=float), rel=1e-12)
    assert found.std == pytest.approx(x.std(dtype=float), rel=1e-12)
    assert found.norm == pytest.approx(np.linalg.norm(x.astype(float)), rel=1e-12)
    assert (len(found.histogram), sum(found.histogram)) == (16, 1000)
    assert found.dtype == "float32"


@pytest.mark.parametrize("n", [4, 40])
def test_what_is_not_finite_is_counted(n):
    x = np.arange(float(n))
    x[0], x[1], x[2] = np.nan, np.inf, -np.inf
    found = numbers(x)
    assert (found.nans, found.infinities, found.low, found.high) == (1, 2, 3.0, n - 1.0)
    nothing = numbers(np.full(n, np.nan))
    assert (nothing.nans, nothing.low, nothing.mean) == (n, None, None)


def test_numbers_whose_squares_overflow():
    assert numbers(np.full(20, 1e300)).norm == np.inf
    assert numbers(np.full(4, 1e300)).norm == 2e300


@pytest.mark.parametrize("x", [np.zeros(0), np.zeros((3, 0)), np.ones(20), np.ones(20, bool), np.ones(3, complex), 2])
def test_any_array_has_numbers(x):
    assert numbers(x).size == np.size(x)


def test_shapes_without_numbers():
    x = Variable(np.ones((2, 2)))
    found = build(x * 2, values=False)
    assert (found.values["v0"].data.shape, found.values["v0"].data.entries) == ((2, 2), None)


def test_the_numbers_are_copies():
    x = Variable(np.ones(2))
    found = build(x * 2)
    x.data[...] = 5
    assert found.values["v0"].data.entries == (1.0, 1.0)


# -- layers ----------------------------------------------------------------------------------------


def test_a_state_that_goes_on_lies_in_the_call_that_made_it():
    model = Sequential(L.RNN(2, in_size=1), L.Linear(1, in_size=2))
    loss = 0
    for _ in range(3):
        loss = loss + model(np.ones((1, 1), np.float32)).sum()
    known = build(loss, depth=1)
    states = [v for v in known.values.values() if len(known.users(v.id)) == 2 and v.kind == "inner"]
    assert [known.groups[v.group].call for v in states] == [0, 1]
    for v in states:
        inside = known.operations[v.maker].group
        assert known.groups[inside].outer == v.group


def test_calls_of_layers_are_groups():
    model = Net()
    found = build(model(np.ones((1, 2))))
    assert [(g.path, g.kind, g.outer) for g in found.groups.values()] == [
        ("Net", "Net", ""), ("l1", "Linear", "g0"), ("l2", "Linear", "g0"),
    ]  # fmt: skip
    assert [f.group for f in found.operations.values()] == ["g1", "g0", "g2"]
    homes = {v.name: v.group for v in found.values.values() if v.name}
    assert (homes["l1/W"], homes["l2/b"]) == ("g1", "g2")
    assert found.values[found.results[0]].group == ""


def test_calls_of_one_layer_are_counted():
    layer = L.Linear(2, in_size=2)
    found = build(layer(layer(layer(np.ones((1, 2))))))
    assert [g.call for g in found.groups.values()] == [0, 1, 2]


def test_a_layer_that_is_gone_is_known_by_its_kind():
    y = L.Linear(2, in_size=2)(np.ones((1, 2)))
    assert [g.kind for g in build(y, names={}).groups.values()] == ["Linear"]


def test_layers_fold():
    x = np.ones((1, 2))
    y = Net()(x)
    found = build(y, depth=1)
    assert [(f.kind, f.detail) for f in found.operations.values()] == [
        ("Linear", "9 parameters"), ("Sigmoid", ""), ("Linear", "4 parameters"),
    ]  # fmt: skip
    assert [g.folded for g in found.groups.values()] == [False, True, True]
    assert [v.kind for v in found.values.values()] == ["constant", "inner", "inner", "output"]
    whole = build(y, depth=0)
    assert [f.inputs for f in whole.operations.values()] == [("v0",)]
    assert whole.values["v0"].name == "x"


def test_alike_blocks_in_a_row_are_one():
    model = Sequential(*[L.Linear(3, in_size=3) for _ in range(12)], L.Linear(2, in_size=3))
    found = build(model(np.ones((1, 3))), depth=1)
    assert [(g.path, g.times) for g in found.groups.values()][1:] == [("l0-l11", 12), ("l12", 1)]
    assert [f.detail for f in found.operations.values()] == ["144 parameters", "8 parameters"]


def test_the_graph_of_a_gradient_folds():
    layer = L.Linear(1, in_size=2)
    x = Variable(np.ones((1, 2)))
    gx = dezero.grad(F.tanh(layer(x)), x, create_graph=True)
    assert "Linear" in [f.kind for f in build(gx, depth=0).operations.values()]


def test_a_long_chain_leaves_its_middle_out():
    x = variable(1)
    y = x
    for _ in range(3500):
        y = -y
    found = build(y)
    assert len(found.operations) == 401
    assert found.operations["f200"].detail == "3,100 operations"
    assert found.notice == "3,500 operations are many for a picture: 3,100 in the middle are drawn as one"
    assert found.operations["f200"].inputs == found.operations["f199"].outputs


def test_many_operations_fold_by_layers_first(monkeypatch):
    monkeypatch.setattr("dezero.viz.folding.MANY", 20)
    model = Sequential(Net(), F.neg)
    y = model(np.ones((1, 2)))
    for _ in range(18):
        y = -y
    assert build(y).notice == "22 operations are many for a picture: layers are folded to depth 1"


def test_two_hundred_operations_take_milliseconds():
    y = x = variable(1)
    for _ in range(100):
        y = F.sin(y) * 1.1
    times = []
    for _ in range(3):
        start = time.perf_counter()
        build(y, grads=True)
        times.append(time.perf_counter() - start)
    assert x.grad is None
    assert min(times) < 0.2  # 0.015 s on the machine where this was written


# -- mistakes --------------------------------------------------------------------------------------


def test_mistakes_are_answered_with_sentences():
    x = variable(2)
    with no_grad():
        unrecorded = x * 2
    with pytest.raises(RuntimeError, match=r"computed under no_grad\(\)"):
        build(unrecorded)
    with pytest.raises(TypeError, match="wants a Variable, or several, got ndarray"):
        build(np.ones(2))
    with pytest.raises(TypeError, match="wants Variables, got float"):
        graph(x, 3.0)
    with pytest.raises(ValueError, match="at least one"):
        build([])
    with pytest.raises(ValueError, match="counts from 0"):
        build(x, depth=-1)
    with pytest.raises(TypeError, match="depth is a number"):
        build(x, depth="1")
    with pytest.raises(ValueError, match="has no data yet"):
        build(Parameter(None, name="W"))
