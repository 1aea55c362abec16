"""The class Layer: what it finds, how it is called, and how it is copied, moved and shown."""

import copy
import gc
import pickle
import weakref

import numpy as np
import pytest

import dezero.functions as F
import dezero.layers as L
from dezero import Parameter, Variable, no_grad
from dezero.layers import Layer


class TwoLayers(Layer):
    def __init__(self, hidden=10, out=1):
        super().__init__()
        self.l1 = L.Linear(hidden)
        self.l2 = L.Linear(out)

    def forward(self, x):
        return self.l2(F.sigmoid(self.l1(x)))


class Forgetful(Layer):
    """A user's class that does not call ``super().__init__()``."""

    def __init__(self):
        self.l1 = L.Linear(3, in_size=2)

    def forward(self, x):
        return self.l1(x)


def paths(layer):
    return [path for path, _ in layer.named_params()]


def value(layer, data=1.0):
    """A layer whose only parameter is p."""
    layer.p = Parameter(np.array(data))
    return layer


# -- what belongs to a layer -----------------------------------------------------------------------


def test_params_come_in_the_order_of_the_attributes():
    layer = Layer()
    for name in ("c", "a", "b"):
        setattr(layer, name, Parameter(np.zeros(1), name=name))
    assert [p.name for p in layer.params()] == ["c", "a", "b"]
    assert list(layer._params) == ["c", "a", "b"]


def test_the_names_of_params_are_a_set_with_order():
    model = TwoLayers()
    assert model._params == {"l1", "l2"}
    model._params.remove("l1")
    assert "l1" not in model._params
    assert paths(model) == ["l2/W", "l2/b"]
    model._params.add("l1")
    assert paths(model) == ["l1/W", "l1/b", "l2/W", "l2/b"]
    with pytest.raises(KeyError):
        model._params.remove("l3")
    assert repr(model._params) == "{'l2', 'l1'}"


def test_an_attribute_that_is_replaced_or_deleted_is_no_parameter_any_more():
    model = TwoLayers()
    model.l1 = None
    assert paths(model) == ["l2/W", "l2/b"]
    model.cleargrads()
    model.l2.b = 3.0
    assert paths(model) == ["l2/W"]
    del model.l2
    assert paths(model) == []


def test_a_plain_variable_is_no_parameter():
    layer = Layer()
    layer.h = Variable(np.zeros(2))
    assert list(layer.params()) == []


def test_lists_tuples_and_dicts_are_looked_through():
    model = Layer()
    model.blocks = [TwoLayers(), None, F.relu, (L.Linear(1, nobias=True), 5)]
    model.heads = {"left": L.Linear(2), "right": [Parameter(np.zeros(1))]}
    assert paths(model) == [
        "blocks/0/l1/W", "blocks/0/l1/b", "blocks/0/l2/W", "blocks/0/l2/b", "blocks/3/0/W", "heads/left/W",
        "heads/left/b", "heads/right/0",
    ]  # fmt: skip


def test_a_list_may_grow_after_it_was_assigned():
    model = Layer()
    model.blocks = []
    model.blocks.append(value(Layer()))
    assert paths(model) == ["blocks/0/p"]
    model.blocks.clear()
    assert paths(model) == []


def test_a_layer_that_is_an_attribute_and_in_a_list_goes_by_the_attribute():
    model = Layer()
    model.layers = []
    model.l0 = value(Layer())
    model.layers.append(model.l0)
    assert paths(model) == ["l0/p"]


def test_a_shared_parameter_counts_once():
    model = Layer()
    model.embed, model.out = L.EmbedID(5, 3), L.Linear(5, nobias=True, in_size=3)
    model.out.W = model.embed.W
    assert paths(model) == ["embed/W"]
    assert len(list(model.params())) == 1
    flat = {}
    model._flatten_params(flat)
    assert list(flat) == ["embed/W", "out/W"]


def test_a_shared_layer_counts_once():
    model = Layer()
    model.a = model.b = value(Layer())
    assert paths(model) == ["a/p"]
    assert [path for path, _ in model.named_layers()] == ["", "a"]


def test_layers_may_know_the_one_they_are_part_of():
    model, container = value(Layer()), []
    model.child = value(Layer())
    model.child.parent = model
    container.append(container)
    model.container = container
    assert paths(model) == ["p", "child/p"]
    assert "parent: Layer: the one above" in repr(model)
    model.to_cpu()


def test_classes_and_functions_are_no_layers():
    model = Layer()
    model.kind, model.f = L.Linear, F.relu
    assert list(model._params) == []


def test_flattened_names_take_a_parent():
    flat = {}
    TwoLayers()._flatten_params(flat, "model")
    assert list(flat) == ["model/l1/W", "model/l1/b", "model/l2/W", "model/l2/b"]


def test_a_layer_may_forget_to_call_the_init_of_its_base():
    model = Forgetful()
    assert paths(model) == ["l1/W", "l1/b"]
    assert model(np.zeros((4, 2))).shape == (4, 3)


# -- layers of other making ------------------------------------------------------------------------


class NotebookLayer:
    """What a reader of the book writes, in the words of the book's step on parameters."""

    def __init__(self):
        self._params = set()

    def __setattr__(self, name, value):
        if isinstance(value, (Parameter, NotebookLayer)):
            self._params.add(name)
        super().__setattr__(name, value)

    def params(self):
        for name in sorted(self._params):
            obj = self.__dict__[name]
            if isinstance(obj, NotebookLayer):
                yield from obj.params()
            else:
                yield obj


def test_a_layer_of_other_making_is_found():
    model, own = Layer(), NotebookLayer()
    own.W, own.b = Parameter(np.zeros((2, 3))), Parameter(np.zeros(3))
    model.own, model.l1 = own, L.Linear(4, in_size=3)
    assert paths(model) == ["own/0", "own/1", "l1/W", "l1/b"]
    own.W.grad = Variable(np.zeros((2, 3)))
    model.cleargrads()
    assert own.W.grad is None
    model.to_cpu()
    assert "own: NotebookLayer: 0 (2, 3), 1 (3,): 9 parameters" in repr(model)


def test_a_layer_of_other_making_names_its_parameters_itself():
    class Named(NotebookLayer):
        def named_params(self):
            return iter([("W", self.W)])

    class Flat(NotebookLayer):
        def _flatten_params(self, params_dict, parent_key=""):
            params_dict["inner/W"] = self.W

    model = Layer()
    model.a, model.b = Named(), Flat()
    model.a.W = model.b.W = Parameter(np.zeros(1))
    model.b.W = Parameter(np.zeros(1))
    assert paths(model) == ["a/W", "b/inner/W"]


def test_a_base_class_of_a_notebook_takes_our_layers_as_no_layers_of_its_own():
    """Why training did nothing: the optimizers say so, since there is nothing to train."""
    model = NotebookLayer()
    model.l1 = L.Linear(3)
    assert list(model.params()) == []
    assert hasattr(type(model.l1), "params")  # by which the message of the optimizers knows it


# -- buffers ---------------------------------------------------------------------------------------


def test_a_buffer_is_saved_and_named_but_no_parameter():
    layer = value(Layer())
    layer.register_buffer("count", np.zeros(2))
    assert paths(layer) == ["p"]
    assert [path for path, _ in layer.named_buffers()] == ["count"]
    flat = {}
    layer._flatten_params(flat)
    assert list(flat) == ["p", "count"]


def test_a_buffer_stays_one_when_it_is_assigned():
    layer = Layer()
    layer.register_buffer("count", None)
    for new in (Parameter(np.ones(2)), np.ones(2)):
        layer.count = new
        assert isinstance(layer.count, Variable)
        assert [path for path, _ in layer.named_buffers()] == ["count"]
        assert paths(layer) == []
    layer.count = None
    assert list(layer.named_buffers()) == []


# -- the call --------------------------------------------------------------------------------------


def test_inputs_and_outputs_are_kept_weakly():
    class Half(Layer):
        def forward(self, x, factor=1, *, shift=0.0):
            return x * factor + shift, x

    layer, x = Half(), Variable(np.ones(2))
    y, same = layer(x, 3, shift=1.0)
    assert same is x
    assert [r() for r in layer.outputs] == [y, x]
    assert layer.inputs[0]() is x
    assert layer.inputs[1]() is None  # a number
    y = None
    assert layer.outputs[0]() is None


@pytest.mark.parametrize("x", [None, 3, "text", [1, 2], {"a": 1}, (1,)])
def test_anything_may_go_in_and_come_out(x):
    class Echo(Layer):
        def forward(self, x):
            return x

    expected = x[0] if x == (1,) else x  # a tuple of one output is that output
    assert Echo()(x) == expected


def test_several_outputs_come_as_a_tuple():
    class Two(Layer):
        def forward(self, x):
            return x, x + 1

    assert isinstance(Two()(Variable(np.zeros(1))), tuple)


def test_a_layer_without_forward_says_so():
    with pytest.raises(NotImplementedError, match=r"Layer has no forward\(self, x\)"):
        Layer()(np.zeros(1))


def test_call_may_be_overridden():
    class Old(Layer):
        def __init__(self):
            super().__init__()
            self.l1 = L.Linear(2)

        def __call__(self, x):
            return self.l1(x)

    assert Old()(np.zeros((1, 3))).shape == (1, 2)


def test_an_error_names_the_path_of_the_layer():
    model = Layer()
    model.blocks = [TwoLayers()]
    model.forward = lambda x: model.blocks[0](x)
    model(np.zeros((2, 3)))
    with pytest.raises(ValueError, match="linear expects x") as caught:
        model(np.zeros((2, 4)))
    assert [note for note in caught.value.__notes__ if "/" in note] == ["in blocks/0/l1 (Linear)"]
    assert sum("(Linear)" in note for note in caught.value.__notes__) == 1


def test_an_error_of_a_layer_outside_of_any_other_names_its_class():
    with pytest.raises(NotImplementedError) as caught:
        Layer()(1)
    assert caught.value.__notes__ == ["in Layer"]
    assert pickle.loads(pickle.dumps(caught.value)).args == caught.value.args


def test_a_layer_made_on_the_way_is_named_by_its_class():
    class OnTheWay(Layer):
        def forward(self, x):
            return L.Conv2d(3, 3)(x)

    with pytest.raises(ValueError, match=r"Conv2d expects x of shape \(N, C, H, W\), got \(2,\)") as caught:
        OnTheWay()(np.zeros(2))
    assert caught.value.__notes__ == ["in Conv2d"]


# -- gradients, and who may change -----------------------------------------------------------------


def test_cleargrads_forgets_all_gradients():
    model = TwoLayers()
    F.sum(model(np.ones((2, 3)))).backward()
    assert all(p.grad is not None for p in model.params())
    model.cleargrads()
    assert all(p.grad is None for p in model.params())


def test_freezing_marks_parameters_also_before_the_first_call():
    model = TwoLayers()
    model.l1.freeze()
    assert [path for path, p in model.named_params() if getattr(p, "frozen", False)] == ["l1/W", "l1/b"]
    model(np.zeros((2, 3)))
    assert copy.deepcopy(model).l1.W.frozen
    model.unfreeze()
    assert not any(getattr(p, "frozen", False) for p in model.params())
    assert len(list(model.params())) == 4


def test_apply_reaches_every_layer_once():
    model, seen = TwoLayers(), []
    model.again = model.l1
    assert model.apply(seen.append) is model
    assert seen == [model, model.l1, model.l2]


# -- copies ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("duplicate", [copy.deepcopy, lambda model: pickle.loads(pickle.dumps(model))])
def test_a_model_can_be_copied_after_a_call(duplicate):
    model, x = TwoLayers(), np.ones((2, 3))
    model.state = L.LSTM(4)
    y, h = model(x), model.state(x)
    twin = duplicate(model)
    np.testing.assert_array_equal(twin(x).data, y.data)
    np.testing.assert_array_equal(twin.state.h.data, h.data)
    assert paths(twin) == paths(model)
    twin.l1.W.data += 1
    np.testing.assert_array_equal(model(x).data, y.data)
    assert not hasattr(duplicate(model), "outputs")


def test_a_shallow_copy_has_names_of_its_own():
    model = TwoLayers()
    twin = copy.copy(model)
    twin.l3 = L.Linear(1)
    assert twin.l1 is model.l1
    assert model._params == {"l1", "l2"}


def test_a_model_keeps_no_results_alive():
    model = TwoLayers()
    gone = weakref.ref(model(np.ones((2, 3))))
    gc.disable()
    try:
        assert gone() is None
    finally:
        gc.enable()


# -- how it looks ----------------------------------------------------------------------------------


def test_the_tree_shows_shapes_and_counts():
    model = TwoLayers()
    assert repr(model) == (
        "TwoLayers: 11 parameters before the first call\n"
        "  l1: Linear(10): W (?, 10), b (10,): 10 parameters before the first call\n"
        "  l2: Linear(1): W (?, 1), b (1,): 1 parameter before the first call"
    )
    model(np.zeros((5, 2)))
    assert str(model) == (
        "TwoLayers: 41 parameters\n"
        "  l1: Linear(10): W (2, 10), b (10,): 30 parameters\n"
        "  l2: Linear(1): W (10, 1), b (1,): 11 parameters"
    )


def test_a_shared_parameter_is_counted_once_in_the_tree():
    model = Layer()
    model.a = model.b = L.Linear(2, in_size=3)
    assert repr(model).startswith("Layer: 8 parameters\n")


@pytest.mark.parametrize(
    ("layer", "line"),
    [
        (L.Linear(3, nobias=True), "Linear(3, nobias=True): W (?, 3): 0 parameters before the first call"),
        (L.Conv2d(8, 3, pad=1, in_channels=4),
         "Conv2d(8, kernel_size=3, pad=1): W (8, 4, 3, 3), b (8,): 296 parameters"),
        (L.Conv2d(8, (3, 1), 2, groups=2, nobias=True),
         "Conv2d(8, kernel_size=(3, 1), stride=2, groups=2, nobias=True): W (8, ?, 3, 1): "
         "0 parameters before the first call"),
        (L.Deconv2d(8, 4), "Deconv2d(8, kernel_size=4): W (?, 8, 4, 4), b (8,): 8 parameters before the first call"),
        (L.EmbedID(5, 2), "EmbedID(5, 2): W (5, 2): 10 parameters"),
        (L.Dropout(0.3), "Dropout(0.3)"),
        (L.GroupNorm(2, 4), "GroupNorm(2): gamma (4,), beta (4,): 8 parameters"),
        (L.BatchNorm(),
         "BatchNorm: avg_mean ?, avg_var ?, gamma ?, beta ?: 0 parameters before the first call"),
        (Layer(), "Layer"),
    ],
)  # fmt: skip
def test_a_layer_shows_its_settings(layer, line):
    assert repr(layer) == line


# -- on the way to a GPU ---------------------------------------------------------------------------


def test_moving_to_the_cpu_leaves_a_graph_alone():
    model = L.RNN(3)
    y = model(np.zeros((2, 4), dtype=np.float32))
    model.to_cpu()
    assert model.h is y
    assert y.creator is not None


def test_moving_takes_gradients_buffers_and_state_along(monkeypatch):
    moved = []
    monkeypatch.setattr(Variable, "to_gpu", lambda self: moved.append(self) or setattr(self, "data", self.data.copy()))
    model = Layer()
    model.rnn, model.bn = L.RNN(2), L.BatchNorm()
    y = model.bn(model.rnn(np.ones((3, 2), dtype=np.float32)))
    F.sum(y).backward()
    h = model.rnn.h
    model.rnn.h2h.W.data = np.zeros((2, 2), dtype=np.float32)
    model.to_gpu()
    assert h.creator is None
    expected = [*model.params(), model.bn.avg_mean, model.bn.avg_var, h]
    expected += [p.grad for p in model.params() if p.grad is not None]
    assert {id(v) for v in moved} == {id(v) for v in expected}
    assert len(moved) == len(expected)


# -- cost ------------------------------------------------------------------------------------------


def test_a_call_makes_no_cycles():
    model = TwoLayers()
    gc.collect()
    gc.disable()
    try:
        with no_grad():
            model(np.zeros((2, 3)))
        assert gc.collect() == 0
    finally:
        gc.enable()


def test_params_are_those_of_named_params_in_the_same_order():
    from dezero.models import ResNet50

    class Tangle(Layer):
        def __init__(self):
            super().__init__()
            self.mixed = [L.Linear(2, in_size=2), {"a": Parameter(np.zeros(1)), "b": [L.Linear(1, in_size=1)]}]
            self.l1 = self.mixed[0]
            self.me = self
            self.twice = self.mixed[1]["a"]
            self.count = Layer()
            self.count.register_buffer("n", np.zeros(1))

    for model in (Tangle(), ResNet50(), L.LSTM(3), Layer()):
        assert [id(p) for p in model.params()] == [id(p) for _, p in model.named_params()]
