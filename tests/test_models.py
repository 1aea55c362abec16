"""Models: the general ones, and the published networks, with PyTorch as the referee."""

import copy
import math
import pickle
import re
import warnings
from pathlib import Path

import numpy as np
import pytest

import dezero.functions as F
import dezero.layers as L
from dezero import Parameter, Variable, models, no_grad, test_mode
from dezero.models import MLP, VGG16, Model, ResNet, ResNet18, ResNet50, Sequential, SqueezeNet, preprocess_torchvision
from dezero.models.imagenet import ImageNetModel, conv, linear
from dezero.utils.files import load_arrays, save_arrays

PUBLISHED = {  # parameters, as torchvision counts them; the book's arrangement has a bias of 64 more
    "VGG16": (VGG16, 138_357_544),
    "SqueezeNet": (SqueezeNet, 1_235_496),
    "ResNet18": (ResNet18, 11_689_512),
    "ResNet34": (models.ResNet34, 21_797_672),
    "ResNet50": (lambda: ResNet50(arrangement="torchvision"), 25_557_032),
    "ResNet101": (lambda: models.ResNet101(arrangement="torchvision"), 44_549_160),
    "ResNet152": (lambda: models.ResNet152(arrangement="torchvision"), 60_192_808),
    "ResNet50 of the book": (ResNet50, 25_557_096),
    "ResNet101 of the book": (models.ResNet101, 44_549_224),
    "ResNet152 of the book": (models.ResNet152, 60_192_872),
}


def images(*shape):
    return np.random.default_rng(0).standard_normal(shape, dtype=np.float32)


@pytest.fixture
def cheap_weights(monkeypatch):
    """Zeros instead of random numbers, which take long for millions of weights."""
    monkeypatch.setattr(np.random, "randn", lambda *shape: np.zeros(shape))


# -- Model, Sequential, MLP ------------------------------------------------------------------------


def test_plot_draws_the_graph_of_a_call(tmp_path):
    path = MLP((3, 1)).plot(images(2, 4), to_file=tmp_path / "model.dot")
    assert path == str(tmp_path / "model.dot")
    assert Path(path).read_text().count('label="Linear') == 2


def test_plot_draws_under_no_grad_and_leaves_recording_off(tmp_path):
    with no_grad():
        path = MLP((3, 1)).plot(images(2, 4), to_file=tmp_path / "model.dot")
        assert MLP((3, 1))(images(2, 4)).creator is None
    assert "Sigmoid" in Path(path).read_text()


def test_plot_draws_several_results(tmp_path):
    class Two(Model):
        def forward(self, x):
            return F.sin(x), F.cos(x)

    text = Path(Two().plot(images(2, 4), to_file=tmp_path / "model.dot")).read_text()
    assert "Sin" in text
    assert "Cos" in text


def test_a_bare_model_holds_parameters():
    model = Model()
    model.image = Parameter(np.zeros((1, 3, 4, 4)))
    assert [path for path, _ in model.named_params()] == ["image"]


def test_sequential_applies_layers_and_functions_in_order():
    x = images(5, 2)
    first, last = L.Linear(4), L.Linear(3)
    y = Sequential(first, F.relu, lambda v: v * 2, last)(x)
    np.testing.assert_array_equal(y.data, last(F.relu(first(x)) * 2).data)


def test_sequential_names_its_layers_by_position():
    layers = [L.Linear(4), F.relu, L.Linear(3)]
    model = Sequential(*layers)
    model(images(5, 2))
    assert model.layers == layers
    assert model.l1 is F.relu
    assert [path for path, _ in model.named_params()] == ["l0/W", "l0/b", "l2/W", "l2/b"]


def test_a_chain_may_be_in_a_chain():
    model = Sequential(Sequential(L.Linear(4)), MLP((3, 2)))
    assert model(images(5, 2)).shape == (5, 2)
    assert next(model.named_params())[0] == "l0/l0/W"


def test_a_layer_that_appears_twice_counts_once():
    layer = L.Linear(4)
    assert len(list(Sequential(layer, layer).params())) == 2


def test_a_sequence_of_nothing_changes_nothing():
    x = images(5, 2)
    assert Sequential()(x) is x


@pytest.mark.parametrize("model", [Sequential(L.Linear(4), L.Linear(3)), MLP((4, 3), activation=F.relu)])
def test_a_layer_replaced_under_its_name_is_replaced_in_the_call(model):
    model(images(5, 2))
    model.l1 = L.Linear(7)
    assert model(images(5, 2)).shape == (5, 7)
    assert len(list(model.params())) == 4


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ((L.Linear(4), L.Linear), r"Linear at position 1 is a class of them: call it, Linear\(\.\.\.\)"),
        (([L.Linear(4)],), r"got list at position 0: write Sequential\(\*layers\)"),
        ((None,), "got NoneType at position 0"),
    ],
)
def test_sequential_refuses_what_is_no_layer(wrong, says):
    with pytest.raises(TypeError, match=says):
        Sequential(*wrong)


def test_mlp_has_no_activation_after_the_last_layer():
    x = images(5, 2)
    model = MLP((4, 3), activation=F.relu)
    y = model(x)
    np.testing.assert_array_equal(y.data, model.l1(F.relu(model.l0(x))).data)
    assert (y.data < 0).any()


def test_mlp_draws_its_weights_layer_by_layer():
    np.random.seed(0)
    model = MLP((4, 3))
    model(images(5, 2))
    np.random.seed(0)
    for layer, shape in zip(model.layers, [(2, 4), (4, 3)]):
        wanted = np.random.randn(*shape).astype(np.float32) * math.sqrt(1 / shape[0])
        np.testing.assert_array_equal(layer.W.data, wanted)


def test_the_book_s_first_classification_comes_out_again():
    """Step 47: 1.4967442462341742 with the layers of the book, which were float32 in name."""
    np.random.seed(0)
    model = MLP((10, 3))
    y = model(np.array([[0.2, -0.4], [0.3, 0.5], [1.3, -3.2], [2.1, 0.3]]))
    assert float(F.softmax_cross_entropy(y, np.array([2, 0, 1, 0]))) == pytest.approx(1.4967442462341742, rel=1e-4)


def test_mlp_in_float32_stays_there():
    assert MLP((4, 3))(images(5, 2)).dtype == np.float32


@pytest.mark.parametrize(
    ("arguments", "error", "says"),
    [
        ((10,), TypeError, r"expects a sequence with the size of each layer, such as \(100, 10\), got 10"),
        (((),), ValueError, "one layer at least"),
        (((10, 0),), ValueError, "MLP expects every size of at least 1, got 0"),
        (((10,), "relu"), TypeError, "expects a function as activation, such as F.relu, got 'relu'"),
    ],
)
def test_mlp_refuses(arguments, error, says):
    with pytest.raises(error, match=says):
        MLP(*arguments)


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda model: pickle.loads(pickle.dumps(model))])
def test_a_copy_is_a_model_of_its_own(copied):
    model = Sequential(L.Linear(4), F.relu, MLP((3,)))
    y = model(images(5, 2))
    twin = copied(model)
    np.testing.assert_array_equal(twin(images(5, 2)).data, y.data)
    twin.l0.W.data += 1
    assert twin.layers[0] is twin.l0
    np.testing.assert_array_equal(model(images(5, 2)).data, y.data)


# -- the published networks: sizes -----------------------------------------------------------------


@pytest.mark.parametrize("name", PUBLISHED)
def test_the_number_of_parameters_is_the_published_one(name):
    make, count = PUBLISHED[name]
    model = make()
    shapes = model.weight_shapes()
    assert sum(math.prod(shapes[path]) for path, _ in model.named_params()) == count
    assert all(p.data is None for path, p in model.named_params() if path.endswith("W")), "nothing was drawn"


@pytest.mark.parametrize("make", [ResNet18, SqueezeNet])
def test_the_sizes_known_beforehand_are_those_of_the_first_call(make, cheap_weights):
    model = make()
    before = model.weight_shapes()
    model(images(1, 3, 32, 32))
    assert model.weight_shapes() == before
    assert before == {path: v.shape for path, v in [*model.named_params(), *model.named_buffers()]}


def test_the_book_s_resnet_has_the_book_s_names_and_sizes(cheap_weights):
    model = ResNet50()
    before = model.weight_shapes()
    with test_mode():
        assert model(images(1, 3, 32, 32)).shape == (1, 1000)
    assert model.weight_shapes() == before
    assert len(before) == 268
    for path, shape in {
        "conv1/W": (64, 3, 7, 7), "conv1/b": (64,), "bn1/avg_mean": (64,), "res2/a/conv4/W": (256, 64, 1, 1),
        "res2/b1/bn2/gamma": (64,), "res3/a/conv1/W": (128, 256, 1, 1), "res5/b2/bn3/avg_var": (2048,),
        "fc6/W": (2048, 1000), "fc6/b": (1000,),
    }.items():  # fmt: skip
        assert before[path] == shape


def test_the_arrangements_stride_in_different_places():
    book, torchvision = ResNet50(), ResNet50(arrangement="torchvision")
    strides = [[m.res3.a.conv1.stride, m.res3.a.conv2.stride, m.res3.b1.conv2.stride] for m in (book, torchvision)]
    assert strides == [[2, 1, 1], [1, 2, 1]]
    assert (book.conv1.b is None, torchvision.conv1.b is None) == (False, True)
    assert (book.bn1.eps, book.res5.b2.bn3.eps) == (2e-5, 2e-5)
    assert (torchvision.bn1.eps, torchvision.res5.b2.bn3.eps) == (1e-5, 1e-5)


def test_the_book_s_vgg_has_the_book_s_names():
    names = [path for path in VGG16().weight_shapes() if path.endswith("W")]
    convolutions = ["1_1", "1_2", "2_1", "2_2", "3_1", "3_2", "3_3", "4_1", "4_2", "4_3", "5_1", "5_2", "5_3"]
    assert names == [*[f"conv{n}/W" for n in convolutions], "fc6/W", "fc7/W", "fc8/W"]


def test_vgg16_shows_the_shapes_of_the_book_s_table():
    """Without images there is nothing to compute, and with weights of stride 0 nothing to keep."""
    model, seen = VGG16(), {}
    shapes = model.weight_shapes()
    for name in ("fc6", "fc7", "fc8"):  # their products would ask for real memory
        layer = getattr(model, name)
        layer.forward = lambda x, layer=layer: Variable(np.zeros((len(x), layer.out_size), np.float32))
    for path, p in model.named_params():
        p.data = np.broadcast_to(np.float32(0), shapes[path])
    for name, layer in model.named_layers():
        if name:
            layer.forward = lambda x, name=name, f=layer.forward: seen.setdefault(name, f(x))
    y = model(np.zeros((0, 3, 224, 224), np.float32))
    sizes = {"1": (64, 224), "2": (128, 112), "3": (256, 56), "4": (512, 28), "5": (512, 14)}
    for name, out in seen.items():
        channels, size = sizes.get(name[4:5], (0, 0))
        wanted = (0, channels, size, size) if name.startswith("conv") else (0, 1000 if name == "fc8" else 4096)
        assert out.shape == wanted, name
    assert len(seen) == 16
    assert y.shape == (0, 1000)
    assert shapes["fc6/W"] == (512 * 7 * 7, 4096)


def test_a_layer_of_ones_own_has_sizes_that_only_the_first_call_tells():
    model = SqueezeNet()
    model.conv10 = L.Conv2d(10, kernel_size=1)
    model.fire8, model.fire9 = L.LayerNorm(), L.Deconv2d(10, kernel_size=1)
    shapes = model.weight_shapes()
    assert shapes["conv10/W"] == (10, None, 1, 1)
    assert (shapes["fire9/W"], shapes["fire9/b"], shapes["fire8/gamma"]) == ((None, 10, 1, 1), (10,), None)


@pytest.mark.parametrize("size", [28, 31])
def test_smaller_images_pass_through_vgg_with_random_weights(size):
    model = VGG16()
    for stage, count in enumerate((2, 2, 3, 3, 3), start=1):
        for i in range(1, count + 1):
            setattr(model, f"conv{stage}_{i}", L.Conv2d(2, 3, pad=1))
    model.fc6, model.fc7 = L.Linear(4), L.Linear(4)
    with pytest.raises(ValueError, match="pooling"):
        model(images(1, 3, size, size))
    assert model(images(2, 3, 32, 32)).shape == (2, 1000)


# -- torchvision's networks, written in PyTorch ----------------------------------------------------


@pytest.fixture(scope="module")
def torch():
    return pytest.importorskip("torch", reason="torch is not installed: the comparison with it is left out")


def torch_vgg16(torch, fully_connected):
    """Of torchvision's keys: features.*, classifier.0, 3 and 6."""
    nn = torch.nn
    layers, channels = [], 3
    for n, count in ((64, 2), (128, 2), (256, 3), (512, 3), (512, 3)):
        for _ in range(count):
            layers += [nn.Conv2d(channels, n, 3, padding=1), nn.ReLU()]
            channels = n
        layers.append(nn.MaxPool2d(2, 2))
    i, h, o = fully_connected
    net = nn.Module()
    net.features = nn.Sequential(*layers)
    net.classifier = nn.Sequential(
        nn.Linear(i, h), nn.ReLU(), nn.Dropout(), nn.Linear(h, h), nn.ReLU(), nn.Dropout(), nn.Linear(h, o)
    )
    net.forward = lambda x: net.classifier(net.features(x).flatten(1))
    return net


def torch_resnet(torch, blocks, wide, book=False):
    """Of torchvision's keys: conv1, bn1, layer1 to layer4 with downsample.0 and 1, fc."""
    nn, eps = torch.nn, 2e-5 if book else 1e-5

    class Block(nn.Module):
        def __init__(self, i, mid, stride):
            super().__init__()
            o = 4 * mid if wide else mid
            if wide:
                s1, s2 = (stride, 1) if book else (1, stride)
                sizes = [(i, mid, 1, s1), (mid, mid, 3, s2), (mid, o, 1, 1)]
            else:
                sizes = [(i, mid, 3, stride), (mid, mid, 3, 1)]
            for n, (a, b, k, s) in enumerate(sizes, start=1):
                setattr(self, f"conv{n}", nn.Conv2d(a, b, k, s, padding=k // 2, bias=False))
                setattr(self, f"bn{n}", nn.BatchNorm2d(b, eps))
            self.count, self.downsample = len(sizes), None
            if stride != 1 or i != o:
                self.downsample = nn.Sequential(nn.Conv2d(i, o, 1, stride, bias=False), nn.BatchNorm2d(o, eps))

        def forward(self, x):
            y = x
            for n in range(1, self.count + 1):
                y = getattr(self, f"bn{n}")(getattr(self, f"conv{n}")(y))
                y = torch.relu(y) if n < self.count else y
            return torch.relu(y + (x if self.downsample is None else self.downsample(x)))

    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.conv1, self.bn1 = nn.Conv2d(3, 64, 7, 2, padding=3, bias=book), nn.BatchNorm2d(64, eps)
            i = 64
            for n, count in enumerate(blocks):
                mid = 64 * 2**n
                stage = []
                for k in range(count):
                    stage.append(Block(i, mid, 2 if k == 0 and n > 0 else 1))
                    i = 4 * mid if wide else mid
                setattr(self, f"layer{n + 1}", nn.Sequential(*stage))
            self.fc = nn.Linear(i, 1000)

        def forward(self, x):
            x = nn.functional.max_pool2d(torch.relu(self.bn1(self.conv1(x))), 3, 2, padding=0 if book else 1)
            x = self.layer4(self.layer3(self.layer2(self.layer1(x))))
            return self.fc(x.mean((2, 3)))

    return Net()


def torch_squeezenet(torch):
    """Of torchvision's keys: features.* with squeeze, expand1x1 and expand3x3, classifier.1."""
    nn = torch.nn

    class Fire(nn.Module):
        def __init__(self, i, s, e):
            super().__init__()
            self.squeeze, self.expand1x1 = nn.Conv2d(i, s, 1), nn.Conv2d(s, e, 1)
            self.expand3x3 = nn.Conv2d(s, e, 3, padding=1)

        def forward(self, x):
            x = torch.relu(self.squeeze(x))
            return torch.cat([torch.relu(self.expand1x1(x)), torch.relu(self.expand3x3(x))], 1)

    def pool():
        return nn.MaxPool2d(3, 2, ceil_mode=True)

    net = nn.Module()
    net.features = nn.Sequential(
        nn.Conv2d(3, 64, 3, 2), nn.ReLU(), pool(), Fire(64, 16, 64), Fire(128, 16, 64), pool(), Fire(128, 32, 128),
        Fire(256, 32, 128), pool(), Fire(256, 48, 192), Fire(384, 48, 192), Fire(384, 64, 256), Fire(512, 64, 256),
    )  # fmt: skip
    net.classifier = nn.Sequential(nn.Dropout(), nn.Conv2d(512, 1000, 1), nn.ReLU(), nn.AdaptiveAvgPool2d(1))
    net.forward = lambda x: net.classifier(net.features(x)).flatten(1)
    return net


def lively(torch, net):
    """The net, with weights that keep the signal alive, and statistics that are not those of the beginning."""
    init = torch.nn.init
    for layer in net.modules():
        if isinstance(layer, (torch.nn.Conv2d, torch.nn.Linear)):
            init.kaiming_normal_(layer.weight, nonlinearity="relu")
        elif isinstance(layer, torch.nn.BatchNorm2d):
            init.uniform_(layer.running_mean, -0.1, 0.1)
            init.uniform_(layer.running_var, 0.5, 1.5)
            init.uniform_(layer.weight, 0.5, 1.0)
            init.uniform_(layer.bias, -0.1, 0.1)
    return net


def assert_equal_outputs(torch, net, model, x):
    """To 1e-5 of the largest output; the two images must lead to outputs that differ by a thousand times as much."""
    net.eval()
    with torch.no_grad(), no_grad(), test_mode():
        wanted, found = net(torch.from_numpy(x)).numpy(), model(x)
    scale = np.abs(wanted).max()
    assert np.abs(wanted[0] - wanted[1]).max() > 1e-2 * scale
    assert found.dtype == np.float32
    np.testing.assert_allclose(found.data, wanted, rtol=0, atol=1e-5 * scale)


def test_vgg16_equals_pytorch(torch):
    """With small fully connected layers; in full size it is a slow test."""
    torch.manual_seed(0)
    net = lively(torch, torch_vgg16(torch, (512, 32, 10)))
    model = VGG16()
    model.fc6, model.fc7, model.fc8 = linear(512, 32), linear(32, 32), linear(32, 10)
    model.load_torchvision(net.state_dict())
    assert_equal_outputs(torch, net, model, images(2, 3, 32, 32))


@pytest.mark.slow
def test_vgg16_equals_pytorch_in_full_size(torch):
    torch.manual_seed(0)
    net = lively(torch, torch_vgg16(torch, (512 * 7 * 7, 4096, 1000)))
    model = VGG16()
    model.load_torchvision(net.state_dict())
    assert_equal_outputs(torch, net, model, images(2, 3, 224, 224))


@pytest.mark.parametrize(("n_layers", "blocks", "keys"), [(18, (2, 2, 2, 2), 122), (50, (3, 4, 6, 3), 320)])
def test_resnet_equals_pytorch(torch, n_layers, blocks, keys):
    torch.manual_seed(0)
    net = lively(torch, torch_resnet(torch, blocks, wide=n_layers >= 50))
    assert len(net.state_dict()) == keys
    model = ResNet(n_layers, arrangement="torchvision")
    model.load_torchvision(net.state_dict())
    assert_equal_outputs(torch, net, model, images(2, 3, 64, 64))


def test_the_book_s_resnet_equals_pytorch(torch):
    torch.manual_seed(0)
    net = lively(torch, torch_resnet(torch, (3, 4, 6, 3), wide=True, book=True))
    model, names = ResNet50(), ResNet50(arrangement="torchvision")
    keys = {path: names._torchvision_key(path) for path in model.weight_shapes()}
    state = {key: value.numpy() for key, value in net.state_dict().items() if "num_batches" not in key}
    model._fill("test", state, keys, turned=True)
    assert_equal_outputs(torch, net, model, images(2, 3, 64, 64))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("n_layers", "blocks"), [(34, (3, 4, 6, 3)), (50, (3, 4, 6, 3)), (101, (3, 4, 23, 3)), (152, (3, 8, 36, 3))]
)
def test_resnet_equals_pytorch_in_full_size(torch, n_layers, blocks):
    torch.manual_seed(0)
    net = lively(torch, torch_resnet(torch, blocks, wide=n_layers >= 50))
    model = ResNet(n_layers, arrangement="torchvision")
    model.load_torchvision(net.state_dict())
    assert_equal_outputs(torch, net, model, images(2, 3, 224, 224))


@pytest.mark.parametrize("size", [64, 63])
def test_squeezenet_equals_pytorch(torch, size):
    torch.manual_seed(0)
    net = lively(torch, torch_squeezenet(torch))
    assert len(net.state_dict()) == 52
    model = SqueezeNet()
    model.load_torchvision(net.state_dict())
    assert_equal_outputs(torch, net, model, images(2, 3, size, size))


# -- weights from files ----------------------------------------------------------------------------


class Small(ImageNetModel):
    """A network with one of each kind of layer, so that files of weights are small."""

    def __init__(self, pretrained=False, sha256=None):
        super().__init__()
        self.conv1, self.bn1, self.fc2 = conv(3, 2, 3), L.BatchNorm(), linear(2, 5)
        self._load_pretrained(pretrained, sha256)

    def forward(self, x):
        return self.fc2(F.global_average_pooling(self.bn1(self.conv1(x))))

    def _torchvision_layer(self, path):
        return {"fc2": "head.fc"}.get(path, path)


def torch_arrays(dtype=np.float32):
    rng = np.random.default_rng(0)
    arrays = {
        "conv1.weight": rng.random((2, 3, 3, 3)), "conv1.bias": rng.random(2), "bn1.weight": rng.random(2),
        "bn1.bias": rng.random(2), "bn1.running_mean": rng.random(2), "bn1.running_var": rng.random(2),
        "head.fc.weight": rng.random((5, 2)), "head.fc.bias": rng.random(5),
    }  # fmt: skip
    arrays = {key: array.astype(dtype) for key, array in arrays.items()}
    return arrays | {"bn1.num_batches_tracked": np.array(7)}


def test_every_array_finds_its_place():
    arrays, model = torch_arrays(), Small()
    report = model.load_torchvision(arrays)
    assert report == "Small.load_torchvision: loaded 8 arrays, 79 numbers"
    for variable, key in (
        (model.conv1.W, "conv1.weight"), (model.conv1.b, "conv1.bias"), (model.bn1.gamma, "bn1.weight"),
        (model.bn1.beta, "bn1.bias"), (model.bn1.avg_mean, "bn1.running_mean"), (model.bn1.avg_var, "bn1.running_var"),
        (model.fc2.b, "head.fc.bias"),
    ):  # fmt: skip
        np.testing.assert_array_equal(variable.data, arrays[key])
    np.testing.assert_array_equal(model.fc2.W.data, arrays["head.fc.weight"].T)
    assert model.fc2.W.data.flags.c_contiguous


def test_the_model_has_memory_of_its_own():
    arrays, model = torch_arrays(), Small()
    model.load_torchvision(arrays)
    kept = [v.data for _, v in [*model.named_params(), *model.named_buffers()]]
    assert not any(np.shares_memory(a, b) for a in kept for b in arrays.values())


@pytest.mark.parametrize("dtype", [np.float16, np.float64])
def test_numbers_take_the_dtype_of_the_model(dtype):
    model = Small()
    model.load_torchvision(torch_arrays(dtype))
    assert {v.dtype for _, v in [*model.named_params(), *model.named_buffers()]} == {np.dtype(np.float32)}


@pytest.mark.parametrize("called", [False, True])
def test_every_difference_is_named_before_anything_is_changed(called):
    model = Small()
    if called:
        model(images(2, 3, 8, 8))
    before = copy.deepcopy({path: v.data for path, v in [*model.named_params(), *model.named_buffers()]})
    arrays = torch_arrays()
    del arrays["bn1.running_var"]
    arrays["conv1.weight"] = np.zeros((2, 1, 3, 3), np.float32)
    arrays["head.fc.weight"] = np.zeros((7, 2), np.float32)
    arrays["conv1.bias"] = np.zeros(2, int)
    arrays["aux.weight"] = np.zeros(2)
    with pytest.raises(ValueError, match="no weights of this network, and nothing was changed") as caught:
        model.load_torchvision(arrays)
    for fault in (
        "bn1.running_var (here bn1/avg_var) is missing",
        "conv1.weight (here conv1/W) has shape (2, 1, 3, 3), expected (2, 3, 3, 3)",
        "head.fc.weight (here fc2/W) has shape (2, 7), expected (2, 5)",
        "conv1.bias (here conv1/b) has dtype int64, expected a floating-point one",
        "aux.weight is unknown to the model",
    ):
        assert fault in str(caught.value)
    for path, v in [*model.named_params(), *model.named_buffers()]:
        np.testing.assert_array_equal(v.data, before[path])


def test_a_state_dict_of_something_else_is_refused():
    with pytest.raises(TypeError, match=r"load_torchvision: conv1.weight is no array of numbers, but str"):
        Small().load_torchvision({"conv1.weight": "many"})
    with pytest.raises(TypeError, match="expects the path of a file or a state_dict, got list"):
        Small().load_torchvision([np.zeros(3)])


def test_a_tensor_that_numpy_cannot_read_is_named(torch):
    with pytest.raises(TypeError, match=r"conv1\.weight cannot become a NumPy array"):
        Small().load_torchvision({"conv1.weight": torch.zeros(3, dtype=torch.bfloat16)})


def test_torchvision_s_weights_need_its_arrangement():
    with pytest.raises(ValueError, match=r'ResNet50: .* make it with arrangement="torchvision"'):
        ResNet50().load_torchvision({})


@pytest.mark.parametrize("suffix", [".npz", ".safetensors"])
def test_pretrained_takes_a_file_with_torchvision_s_names(tmp_path, suffix):
    if suffix == ".safetensors":
        pytest.importorskip("safetensors", reason="the package safetensors is not installed")
    path = tmp_path / f"weights{suffix}"
    save_arrays(path, torch_arrays())
    wanted = Small()
    wanted.load_torchvision(torch_arrays())
    for model in (Small(pretrained=path), Small(pretrained=str(path))):
        for (_, p), (_, q) in zip(model.named_params(), wanted.named_params()):
            np.testing.assert_array_equal(p.data, q.data)


def test_pretrained_takes_a_file_with_our_names(tmp_path):
    path = tmp_path / "weights.npz"
    model = Small()
    y = model(images(2, 3, 8, 8))
    model.save_weights(path)
    with test_mode():
        y = model(images(2, 3, 8, 8))
        np.testing.assert_array_equal(Small(pretrained=path)(images(2, 3, 8, 8)).data, y.data)


def test_a_network_trained_on_other_images_is_loaded_as_in_the_book(tmp_path):
    model, grey = Small(), images(2, 1, 8, 8)
    model(grey)
    model.save_weights(tmp_path / "weights.npz")
    other = Small()
    other.load_weights(tmp_path / "weights.npz")
    with test_mode():
        np.testing.assert_array_equal(other(grey).data, model(grey).data)


def test_a_file_of_another_network_is_refused_even_by_a_model_that_was_never_called(tmp_path):
    path = tmp_path / "weights.npz"
    model = Small()
    model(images(2, 3, 8, 8))
    model.save_weights(path)
    save_arrays(path, load_arrays(path) | {"conv1/W": np.zeros((2, 1, 3, 3), np.float32)})
    with pytest.raises(ValueError, match=re.escape("conv1/W has shape (2, 1, 3, 3), expected (2, 3, 3, 3)")) as caught:
        Small(pretrained=path)
    assert str(caught.value).startswith(f"Small(pretrained={str(path)!r}): these are no weights of this network")


def test_after_loading_the_layers_know_their_sizes_and_train(tmp_path):
    model = Small()
    model.load_torchvision(torch_arrays())
    assert (model.conv1.in_channels, model.fc2.in_size) == (3, 2)
    F.sum(model(images(2, 3, 8, 8)) ** 2).backward()
    assert all(p.grad is not None for p in model.params())


def test_a_checksum_is_compared(tmp_path):
    path = tmp_path / "weights.npz"
    save_arrays(path, torch_arrays())
    with pytest.raises(ValueError, match="weights.npz' has the SHA-256 [0-9a-f]{64}, not " + "0" * 64) as caught:
        Small(pretrained=path, sha256="0" * 64)
    right = re.search("SHA-256 ([0-9a-f]{64})", str(caught.value)).group(1)
    assert Small(pretrained=path, sha256=right.upper()).conv1.W.data is not None


@pytest.mark.parametrize(
    ("make", "error", "says"),
    [
        (lambda: VGG16(pretrained=None), TypeError, "VGG16 expects pretrained to be True, False or the path"),
        (lambda: VGG16(sha256="0" * 64), ValueError, "VGG16 got a sha256, but no weights to compare with"),
        (lambda: VGG16(pretrained="no/such/file.npz"), FileNotFoundError, "file.npz"),
        (lambda: SqueezeNet(pretrained=True), ValueError, "SqueezeNet has no published weights"),
        (lambda: ResNet18(pretrained=True), ValueError, "ResNet18 has no published weights"),
        (lambda: ResNet50(True, "torchvision"), ValueError, "ResNet50 has no published weights"),
        (lambda: ResNet(20), ValueError, "n_layers to be one of 18, 34, 50, 101, 152, got 20"),
        (lambda: ResNet(50, arrangement="caffe"), ValueError, "'book' or 'torchvision', got 'caffe'"),
    ],
)
def test_wrong_arguments_are_explained(make, error, says):
    with pytest.raises(error, match=says):
        make()


@pytest.mark.parametrize(
    ("make", "name"),
    [
        (VGG16, "vgg16.npz"), (ResNet50, "resnet50.npz"), (models.ResNet101, "resnet101.npz"), (ResNet, "resnet152.npz")
    ],
)  # fmt: skip
def test_pretrained_asks_for_the_published_file(make, name, monkeypatch, tmp_path):
    monkeypatch.setenv("DEZERO_OFFLINE", "1")
    monkeypatch.setenv("DEZERO_HOME", str(tmp_path))
    with pytest.raises(RuntimeError, match=f"(?s){name}.*https://github.com/koki0702/dezero-models/.*/{name}"):
        make(pretrained=True)


def test_a_downloaded_file_is_loaded(monkeypatch, tmp_path):
    monkeypatch.setenv("DEZERO_OFFLINE", "1")
    monkeypatch.setenv("DEZERO_HOME", str(tmp_path))
    monkeypatch.setattr(Small, "_published", lambda self: "https://example.org/small.npz")
    save_arrays(tmp_path / "small.npz", torch_arrays())
    assert Small(pretrained=True).fc2.W.shape == (2, 5)


def test_a_script_may_subclass_a_published_network_under_its_own_name():
    class VGG16(models.VGG16):
        def forward(self, x):
            c1 = F.relu(self.conv1_1(x))
            return c1, F.relu(self.conv1_2(c1))

    assert [y.shape for y in VGG16()(images(1, 3, 8, 8))] == [(1, 64, 8, 8)] * 2


# -- images ----------------------------------------------------------------------------------------


@pytest.fixture
def image():
    pillow = pytest.importorskip("PIL.Image", reason="Pillow is not installed")
    return pillow.fromarray(np.random.default_rng(0).integers(0, 256, (256, 300, 3), dtype=np.uint8))


def test_vgg_wants_blue_first_and_less_the_mean(image):
    x = VGG16.preprocess(image, size=None)
    assert (x.shape, x.dtype) == ((3, 256, 300), np.float32)
    wanted = np.asarray(image, dtype=np.float32)[:, :, ::-1] - np.array([103.939, 116.779, 123.68], np.float32)
    np.testing.assert_array_equal(x, wanted.transpose(2, 0, 1))


def test_vgg_wants_224_pixels(image):
    assert VGG16.preprocess(image).shape == (3, 224, 224)
    assert VGG16.preprocess(image, (100, 50), np.float64).shape == (3, 50, 100)
    assert VGG16.preprocess(image.convert("L"), dtype=np.float64).dtype == np.float64
    np.testing.assert_array_equal(
        VGG16.preprocess(image), VGG16.preprocess(image.resize((224, 224)), size=None)
    )  # Pillow's own default, as in the book


def test_torchvision_wants_the_middle_with_colours_from_0_to_1(image):
    x = preprocess_torchvision(image)
    assert (x.shape, x.dtype) == ((3, 224, 224), np.float32)
    middle = np.asarray(image)[16:240, 38:262] / 255
    wanted = (middle - [0.485, 0.456, 0.406]) / [0.229, 0.224, 0.225]
    np.testing.assert_allclose(x, wanted.transpose(2, 0, 1), atol=1e-6)


@pytest.mark.parametrize("size", [(500, 300), (300, 500), (100, 100), (225, 400), (257, 259)])
def test_torchvision_scales_the_shorter_side(image, size):
    assert preprocess_torchvision(image.resize(size)).shape == (3, 224, 224)


def test_each_set_of_weights_has_its_preparation(image):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        book = ResNet50().preprocess(image)
    wanted = VGG16.preprocess(image) + np.array([103.939 - 103.063, 116.779 - 115.903, 123.68 - 123.152])[:, None, None]
    np.testing.assert_allclose(book, wanted, atol=1e-4)
    for model in (ResNet18(), SqueezeNet()):
        np.testing.assert_array_equal(model.preprocess(image), preprocess_torchvision(image))


@pytest.mark.parametrize("prepare", [VGG16.preprocess, preprocess_torchvision])
def test_only_images_are_prepared(prepare):
    with pytest.raises(TypeError, match=r"expects an image of Pillow, got .*ToPIL"):
        prepare(np.zeros((224, 224, 3), np.uint8))
