"""Wrong uses: optimizers, their hooks and schedules, data sets, loaders and transforms."""

import numpy as np
import pytest

import dezero
import dezero.layers as L
import dezero.optimizers as O
from dezero import DataLoader, Dataset, Layer, Model, Parameter, SeqDataLoader, Variable, datasets
from dezero import transforms as T
from tests.wrong_uses.table import Wrong

x, t = np.ones((6, 3), dtype=np.float32), np.array([0, 1, 0, 1, 0, 1])
NAN = float("nan")
picture = np.zeros((3, 4, 5), dtype=np.uint8)  # (C, H, W)


def trained(optimizer, model=None, **gradients):
    """Set up an optimizer with a model, give W and b gradients, and update."""
    model = model or L.Linear(2, in_size=3)
    optimizer.setup(model)
    for p in model.params():
        p.grad = Variable(np.ones_like(p.data))
    for name, gradient in gradients.items():
        getattr(model, name).grad = gradient
    optimizer.update()


def with_hook(hook, **gradients):
    optimizer = O.SGD(0.1)
    optimizer.add_hook(hook)
    trained(optimizer, **gradients)


def with_setting(**settings):
    optimizer = O.Adam(L.Linear(2, in_size=3))
    for name, value in settings.items():
        setattr(optimizer, name, value)
    trained(optimizer)


def of_dtype(dtype):
    layer = Layer()
    layer.W = Parameter(np.ones((2, 2), dtype=dtype))
    return layer


def saved(optimizer, path="state.npz"):
    optimizer.setup(L.Linear(2, in_size=3)).save_state(path)
    return path


def weights_as_state():
    L.Linear(2, in_size=3).save_weights("weights.npz")
    O.SGD(L.Linear(2, in_size=3)).load_state("weights.npz")


class OwnRule(O.Optimizer):
    """An optimizer of a user's, in which something was forgotten."""


class Unfinished(Dataset):
    """A data set whose prepare was forgotten."""


class Failing(Dataset):
    """A data set with one example that cannot be had."""

    def __len__(self):
        return 4

    def __getitem__(self, index):
        if index == 2:
            raise ValueError("broken picture")
        return np.ones(2), 0


def pairs():
    return datasets.ArrayDataset(x, t)


def read(loader):
    return list(loader)


def image(mode="RGB"):
    Image = pytest.importorskip("PIL.Image", reason="Pillow is not installed")
    return Image.new(mode, (5, 4))


WRONG = [
    # -- optimizers ------------------------------------------------------------------------------------
    Wrong("update before setup", lambda: O.SGD().update(), RuntimeError,
          "SGD.update: whose parameters? Call optimizer.setup(model) first, or make it as SGD(model, ...)"),
    Wrong("Adam updated before setup", lambda: O.Adam().update(), RuntimeError,
          "Adam.update: whose parameters? Call optimizer.setup(model) first, or make it as Adam(model, ...)"),
    Wrong("setup without parameters", lambda: O.SGD().setup(Model()), ValueError,
          "Model has no parameters, so there is nothing to train: assign Parameters or layers to its "
          "attributes, self.l1 = L.Linear(10), before setup"),
    Wrong("setup with None", lambda: O.SGD().setup(None), TypeError,
          "SGD.setup wants a model, a layer or anything else with params(), got NoneType"),
    Wrong("setup with a class", lambda: O.SGD().setup(L.Linear), TypeError,
          "SGD.setup wants a model, got the class Linear: make one, Linear(...)"),
    Wrong("setup with the parameters, as in PyTorch",
          lambda: O.SGD(list(L.Linear(2, in_size=3).params()), lr=0.1), TypeError,
          "SGD wants the model itself and not a list of its parameters: SGD(model, lr=...)"),
    Wrong("setup with a generator of parameters", lambda: O.Adam(L.Linear(2, in_size=3).params()), TypeError,
          "Adam wants the model itself and not a list of its parameters: Adam(model, lr=...)"),
    Wrong("setup with a list of layers", lambda: O.SGD().setup([L.Linear(2), L.Linear(3)]), TypeError,
          "SGD.setup wants a model, a layer or anything else with params(), got list"),
    Wrong("setup with a Parameter", lambda: O.SGD().setup(Parameter(np.ones(2))), TypeError,
          "SGD.setup wants a model, a layer or anything else with params(), got Parameter"),
    Wrong("a negative step size", lambda: O.SGD(lr=-0.1), ValueError,
          "SGD: lr wants a number >= 0, got -0.1"),
    Wrong("a step size of NaN", lambda: O.SGD(lr=NAN), ValueError,
          "SGD: lr wants a number >= 0, got nan"),
    Wrong("an infinite step size", lambda: O.SGD(lr=float("inf")), ValueError,
          "SGD: lr wants a number >= 0, got inf"),
    Wrong("a step size in words", lambda: O.SGD(lr="small"), TypeError,
          "SGD: lr wants a number, got 'small'"),
    Wrong("a step size of None", lambda: O.SGD(lr=None), TypeError,
          "SGD: lr wants a number, got None"),
    Wrong("a list of step sizes", lambda: O.SGD(lr=[0.1, 0.2]), TypeError,
          "SGD: lr wants a number, got [0.1, 0.2]"),
    Wrong("a step size that becomes negative", lambda: with_setting(lr=-1.0), ValueError,
          "Adam: lr wants a number >= 0, got -1.0"),
    Wrong("a step size that becomes NaN", lambda: with_setting(lr=NAN), ValueError,
          "Adam: lr wants a number >= 0, got nan"),
    Wrong("SGD with momentum", lambda: O.SGD(lr=0.1, momentum=0.9), TypeError,
          "SGD.__init__() got an unexpected keyword argument 'momentum'…"),
    Wrong("SGD with PyTorch's weight_decay", lambda: O.SGD(lr=0.1, weight_decay=1e-4), TypeError,
          "SGD.__init__() got an unexpected keyword argument 'weight_decay'…"),
    Wrong("momentum of 1", lambda: O.MomentumSGD(momentum=1.0), ValueError,
          "MomentumSGD: momentum wants a number >= 0 and < 1, got 1.0"),
    Wrong("momentum above 1", lambda: O.MomentumSGD(momentum=9.0), ValueError,
          "MomentumSGD: momentum wants a number >= 0 and < 1, got 9.0"),
    Wrong("momentum below 0", lambda: O.MomentumSGD(momentum=-0.9), ValueError,
          "MomentumSGD: momentum wants a number >= 0 and < 1, got -0.9"),
    Wrong("momentum of NaN", lambda: O.MomentumSGD(momentum=NAN), ValueError,
          "MomentumSGD: momentum wants a number >= 0 and < 1, got nan"),
    Wrong("AdaGrad with a negative eps", lambda: O.AdaGrad(eps=-1e-8), ValueError,
          "AdaGrad: eps wants a number >= 0, got -1e-08"),
    Wrong("AdaGrad with a negative step size", lambda: O.AdaGrad(lr=-1.0), ValueError,
          "AdaGrad: lr wants a number >= 0, got -1.0"),
    Wrong("AdaDelta with rho of 1", lambda: O.AdaDelta(rho=1.0), ValueError,
          "AdaDelta: rho wants a number >= 0 and < 1, got 1.0"),
    Wrong("AdaDelta with eps of NaN", lambda: O.AdaDelta(eps=NAN), ValueError,
          "AdaDelta: eps wants a number >= 0, got nan"),
    Wrong("RMSprop with rho below 0", lambda: O.RMSprop(rho=-0.1), ValueError,
          "RMSprop: rho wants a number >= 0 and < 1, got -0.1"),
    Wrong("Adam with beta1 of 1", lambda: O.Adam(beta1=1.0), ValueError,
          "Adam: beta1 wants a number >= 0 and < 1, got 1.0"),
    Wrong("Adam with beta2 above 1", lambda: O.Adam(beta2=1.5), ValueError,
          "Adam: beta2 wants a number >= 0 and < 1, got 1.5"),
    Wrong("Adam with PyTorch's betas", lambda: O.Adam(betas=(0.9, 0.999)), TypeError,
          "Adam.__init__() got an unexpected keyword argument 'betas'…"),
    Wrong("Adam with alpha of NaN", lambda: O.Adam(alpha=NAN), ValueError,
          "Adam: lr wants a number >= 0, got nan"),
    Wrong("AdamW with a negative weight_decay", lambda: O.AdamW(weight_decay=-0.01), ValueError,
          "AdamW: weight_decay wants a number >= 0, got -0.01"),
    Wrong("NAdam with a negative decay", lambda: O.NAdam(decay=-1.0), ValueError,
          "NAdam: decay wants a number >= 0, got -1.0"),
    Wrong("an optimizer without update_one", lambda: trained(OwnRule()), NotImplementedError,
          "OwnRule has to define update_one(self, param)"),
    Wrong("a gradient of another shape", lambda: trained(O.SGD(), W=Variable(np.ones((2, 3)))), ValueError,
          "SGD.update: parameter W has shape (3, 2), its gradient has (2, 3)"),
    Wrong("a gradient that is an array", lambda: trained(O.SGD(), b=np.ones(2)), TypeError,
          "SGD.update: the gradient of a parameter is a Variable or None, got ndarray for parameter b"),
    Wrong("a gradient that is a number", lambda: trained(O.Adam(), b=1.0), TypeError,
          "Adam.update: the gradient of a parameter is a Variable or None, got float for parameter b"),
    Wrong("a parameter of integers", lambda: trained(O.SGD(), of_dtype(int)), TypeError,
          "SGD.update: parameter W has dtype int64; only floating-point numbers can be trained, make it with "
          ".astype(np.float32)"),
    Wrong("a parameter of bool", lambda: trained(O.SGD(), of_dtype(bool)), TypeError,
          "SGD.update: parameter W has dtype bool; only floating-point numbers can be trained, make it with "
          ".astype(np.float32)"),
    Wrong("a hook that is a class", lambda: O.SGD().add_hook(O.WeightDecay), TypeError,
          "SGD.add_hook wants a hook, got the class WeightDecay: make one, WeightDecay(...)"),
    Wrong("a hook that cannot be called", lambda: O.SGD().add_hook(1e-4), TypeError,
          "SGD.add_hook wants something to call with a list of parameters, got 0.0001"),
    Wrong("a schedule that is a number", lambda: setattr(O.SGD(), "schedule", 0.5), TypeError,
          "SGD.schedule wants a function from the step to a factor, got 0.5"),
    Wrong("a schedule that gives a negative factor", lambda: with_setting(schedule=lambda step: -1.0), ValueError,
          "schedule: factor wants a number >= 0, got -1.0"),
    Wrong("a schedule that gives NaN", lambda: with_setting(schedule=lambda step: NAN), ValueError,
          "schedule: factor wants a number >= 0, got nan"),
    Wrong("a schedule that gives nothing", lambda: with_setting(schedule=lambda step: None), TypeError,
          "schedule: factor wants a number, got None"),
    Wrong("a group of a number", lambda: O.SGD().add_group(1.0, lr=0.1), TypeError,
          "add_group wants layers or Parameters, got float"),
    Wrong("a group with a setting that there is not", lambda: O.SGD().add_group(L.Linear(2), momentum=0.9), TypeError,
          "SGD has no setting 'momentum'; it has lr"),
    Wrong("a group with a negative step size", lambda: O.SGD().add_group(L.Linear(2), lr=-1.0), ValueError,
          "SGD.add_group: lr wants a number >= 0, got -1.0"),
    Wrong("a group of another model", lambda: trained(O.SGD().add_group(L.Linear(5, in_size=2), lr=0.1)), ValueError,
          "SGD.update: group 0 holds a parameter of shape (2, 5) that Linear does not have"),
    Wrong("summary before setup", lambda: O.SGD().summary(), RuntimeError,
          "SGD.summary: whose parameters? Call optimizer.setup(model) first, or make it as SGD(model, ...)"),
    Wrong("state_dict before setup", lambda: O.Adam().state_dict(), RuntimeError,
          "Adam.state_dict: whose parameters? Call optimizer.setup(model) first, or make it as Adam(model, ...)"),
    Wrong("a state that is a list", lambda: O.Adam(L.Linear(2)).load_state_dict([]), TypeError,
          "Adam.load_state_dict wants what state_dict() returned, a dict with the keys optimizer, steps, lr, "
          "state, got list"),
    Wrong("a state without its keys", lambda: O.Adam(L.Linear(2)).load_state_dict({"lr": 0.1}), TypeError,
          "Adam.load_state_dict wants what state_dict() returned, a dict with the keys optimizer, steps, lr, "
          "state, got one with 'lr'"),
    Wrong("a state of another optimizer",
          lambda: O.Adam(L.Linear(2)).load_state_dict(O.SGD(L.Linear(2)).state_dict()), ValueError,
          "Adam.load_state_dict: this is the state of an optimizer SGD"),
    Wrong("a state file before setup", lambda: O.Adam().load_state("state.npz"), RuntimeError,
          "Adam.load_state: whose parameters? Call optimizer.setup(model) first, or make it as Adam(model, ...)"),
    Wrong("a state file of another optimizer",
          lambda: O.Adam(L.Linear(2, in_size=3)).load_state(saved(O.SGD())), ValueError,
          "Adam.load_state_dict: this is the state of an optimizer SGD"),
    Wrong("weights as state", lambda: weights_as_state(), ValueError,
          "SGD.load_state: 'weights.npz' does not hold the state of an optimizer"),
    Wrong("WeightDecay with a negative rate", lambda: O.WeightDecay(-1e-4), ValueError,
          "WeightDecay: rate wants a number >= 0, got -0.0001"),
    Wrong("WeightDecay with a rate of NaN", lambda: O.WeightDecay(NAN), ValueError,
          "WeightDecay: rate wants a number >= 0, got nan"),
    Wrong("ClipGrad at a negative length", lambda: O.ClipGrad(-1.0), ValueError,
          "ClipGrad: max_norm wants a number >= 0, got -1.0"),
    Wrong("ClipGrad at None", lambda: O.ClipGrad(None), TypeError,
          "ClipGrad: max_norm wants a number, got None"),
    Wrong("ClipGradValue at NaN", lambda: O.ClipGradValue(NAN), ValueError,
          "ClipGradValue: max_value wants a number >= 0, got nan"),
    Wrong("CheckGrads in another word", lambda: O.CheckGrads("warn"), ValueError,
          "CheckGrads knows 'raise' and 'skip', got 'warn'"),
    Wrong("CheckGrads of a gradient that is NaN",
          lambda: with_hook(O.CheckGrads(), W=Variable(np.full((3, 2), NAN))), RuntimeError,
          "CheckGrads: 1 of 2 gradients are not finite, the first is that of W (3, 2), with 6 NaN of 6 "
          "elements. Nothing was updated; a smaller lr or ClipGrad may help, and dezero.debug() finds the operation"),
    Wrong("FreezeParam of a name", lambda: O.FreezeParam("l1"), TypeError,
          "FreezeParam wants layers or Parameters, got str"),
    Wrong("cosine_decay over no steps", lambda: O.cosine_decay(0), ValueError,
          "cosine_decay: total wants a number of updates, an integer >= 1, got 0"),
    Wrong("cosine_decay over half a step", lambda: O.cosine_decay(1.5), ValueError,
          "cosine_decay: total wants a number of updates, an integer >= 1, got 1.5"),
    Wrong("cosine_decay to a negative end", lambda: O.cosine_decay(10, end=-1.0), ValueError,
          "cosine_decay: end wants a number >= 0, got -1.0"),
    Wrong("exponential_decay by a negative factor", lambda: O.exponential_decay(-0.5), ValueError,
          "exponential_decay: factor wants a number >= 0, got -0.5"),
    Wrong("exponential_decay by NaN", lambda: O.exponential_decay(NAN), ValueError,
          "exponential_decay: factor wants a number >= 0, got nan"),
    Wrong("one_cycle with a rise above 1", lambda: O.one_cycle(100, rise=1.5), ValueError,
          "one_cycle: rise wants a number >= 0 and < 1, got 1.5"),
    Wrong("one_cycle over no steps", lambda: O.one_cycle(0), ValueError,
          "one_cycle: total wants a number of updates, an integer >= 1, got 0"),
    Wrong("step_decay every 0 steps", lambda: O.step_decay(0), ValueError,
          "step_decay: every wants a number of updates, an integer >= 1, got 0"),
    Wrong("step_decay by a string", lambda: O.step_decay(10, factor="half"), TypeError,
          "step_decay: factor wants a number, got 'half'"),
    Wrong("warm_up over no steps", lambda: O.warm_up(0), ValueError,
          "warm_up: steps wants a number of updates, an integer >= 1, got 0"),
    Wrong("warm_up and then a number", lambda: O.warm_up(10, then=0.5), TypeError,
          "warm_up: then wants a schedule, a function from the step to a factor, got 0.5"),
    # -- data sets -------------------------------------------------------------------------------------
    Wrong("a data set without data", lambda: Unfinished()[0], RuntimeError,
          "Unfinished has no data: its method prepare() must set self.data, or the class must override __len__ "
          "and __getitem__"),
    Wrong("a data set without length", lambda: len(Unfinished()), RuntimeError,
          "Unfinished has no data: its method prepare() must set self.data, or the class must override __len__ "
          "and __getitem__"),
    Wrong("an index beyond the data set", lambda: pairs()[6], IndexError,
          "ArrayDataset has 6 examples, got the index 6"),
    Wrong("an index in words", lambda: pairs()["first"], TypeError,
          "ArrayDataset is indexed with an integer, a slice, a list or array of integers, or a mask, got str 'first'"),
    Wrong("an index that is a fraction", lambda: pairs()[0.5], TypeError,
          "ArrayDataset is indexed with an integer, a slice, a list or array of integers, or a mask, got float 0.5"),
    Wrong("a mask of another length than the data set", lambda: pairs()[np.array([True, False])], IndexError,
          "ArrayDataset has 6 examples, got a mask of 2"),
    Wrong("a list of indices out of range", lambda: pairs().batch([0, 9]), IndexError,
          "ArrayDataset has 6 examples, got the index 9"),
    Wrong("an empty batch", lambda: pairs().batch([]), ValueError,
          "ArrayDataset.batch expects at least one example, got none"),
    Wrong("a batch of words", lambda: pairs().batch(["a"]), TypeError,
          "ArrayDataset is indexed with an integer, a slice, a list or array of integers, or a mask, got list ['a']"),
    Wrong("a transform that is a class", lambda: datasets.Spiral(transform=T.Flatten), TypeError,
          "Spiral expects a callable transform, got the class Flatten: write Flatten()"),
    Wrong("a transform that is a list", lambda: datasets.SinCurve(transform=[T.Flatten()]), TypeError,
          "SinCurve expects a callable transform, got list [Flatten()]; Compose makes one of several"),
    Wrong("a transform that is a number", lambda: datasets.Spiral(target_transform=3), TypeError,
          "Spiral expects a callable target_transform, got int 3"),
    Wrong("a transform that fails", lambda: datasets.Spiral(transform=T.Normalize(mean=(0, 0, 0)))[0], ValueError,
          "Normalize has 3 numbers in mean, but the example has 2 channels: (2,)"),
    Wrong("an ArrayDataset of two lengths", lambda: datasets.ArrayDataset(x, t[:5]), ValueError,
          "ArrayDataset expects arrays of one length, got (6, 3) float32, (5,) int64"),
    Wrong("an ArrayDataset of nothing", lambda: datasets.ArrayDataset(), ValueError,
          "ArrayDataset expects arrays with at least one axis, that of the examples, got none"),
    Wrong("an ArrayDataset of a number", lambda: datasets.ArrayDataset(1.0), ValueError,
          "ArrayDataset expects arrays with at least one axis, that of the examples, got float 1.0"),
    Wrong("an ArrayDataset of a string", lambda: datasets.ArrayDataset("abc"), ValueError,
          "ArrayDataset expects arrays with at least one axis, that of the examples, got str 'abc'"),
    Wrong("an ArrayDataset of None", lambda: datasets.ArrayDataset(None), ValueError,
          "ArrayDataset expects arrays with at least one axis, that of the examples, got NoneType None"),
    Wrong("an ArrayDataset without labels but with their transform",
          lambda: datasets.ArrayDataset(x, target_transform=int), ValueError,
          "ArrayDataset has one array, and so no labels for a target_transform"),
    Wrong("a Subset of an array's number", lambda: datasets.Subset(3, [0]), TypeError,
          "Subset expects a data set, with len(ds) and ds[i], got int 3"),
    Wrong("a Subset out of range", lambda: datasets.Subset(pairs(), [0, 6]), IndexError,
          "ArrayDataset has 6 examples, got the index 6"),
    Wrong("a Subset of fractions", lambda: datasets.Subset(pairs(), [0.5]), TypeError,
          "ArrayDataset is indexed with an integer, a slice, a list or array of integers, or a mask, got list [0.5]"),
    Wrong("a split into more than there is", lambda: datasets.split(pairs(), [5, 5]), ValueError,
          "split expects numbers of examples with the sum 6, or fractions with the sum 1, got [5, 5]"),
    Wrong("a split into a negative part", lambda: datasets.split(pairs(), [7, -1]), ValueError,
          "split expects numbers of examples with the sum 6, or fractions with the sum 1, got [7, -1]"),
    Wrong("a split into shares above 1", lambda: datasets.split(pairs(), [0.9, 0.9]), ValueError,
          "split expects numbers of examples with the sum 6, or fractions with the sum 1, got [0.9, 0.9]"),
    Wrong("a split into a number", lambda: datasets.split(pairs(), 0.8), TypeError,
          "split expects a list of sizes, such as [0.8, 0.2], got float 0.8"),
    Wrong("a split into words", lambda: datasets.split(pairs(), "ab"), TypeError,
          "split expects a list of sizes, such as [0.8, 0.2], got str 'ab'"),
    Wrong("a split of a number", lambda: datasets.split(5, [0.5, 0.5]), TypeError,
          "split expects a data set, with len(ds) and ds[i], got int 5"),
    Wrong("labels of CIFAR-100 that there are not", lambda: datasets.CIFAR100.labels("medium"), ValueError,
          "CIFAR100 expects label_type 'fine' or 'coarse', got 'medium'"),
    Wrong("CIFAR-100 with labels that there are not", lambda: datasets.CIFAR100(label_type="medium"), ValueError,
          "CIFAR100 expects label_type 'fine' or 'coarse', got 'medium'"),
    Wrong("get_spiral with a word", lambda: datasets.get_spiral("both", 3), TypeError,
          "get_spiral() takes from 0 to 1 positional arguments but 2 were given"),
    Wrong("collate of nothing", lambda: datasets.collate([]), ValueError,
          "collate expects at least one example, got none"),
    Wrong("collate of different shapes", lambda: datasets.collate([(np.ones(2), 0), (np.ones(3), 1)]), ValueError,
          "collate cannot stack part 0 of the examples, which differ: (2,) float64, (3,) float64; make them "
          "alike with a transform, or give the loader a function collate="),
    Wrong("collate of different numbers of parts",
          lambda: datasets.collate([(np.ones(2), 0), (np.ones(2),)]), ValueError,
          "collate expects examples of 2 parts, got tuple (array([1., 1.]),)"),
    Wrong("collate of different keys", lambda: datasets.collate([{"x": 1}, {"y": 1}]), ValueError,
          "collate expects examples with the keys ['x'], got dict {'y': 1}"),
    Wrong("collate of None among others", lambda: datasets.collate([(np.ones(2), 0), (np.ones(2), None)]), ValueError,
          "collate cannot stack part 1 of the examples: 1 of 2 are None"),
    Wrong("collate of a number", lambda: datasets.collate(3), TypeError,
          "collate expects a list of examples, got int 3"),
    # -- loaders ---------------------------------------------------------------------------------------
    Wrong("a loader of a class", lambda: DataLoader(datasets.Spiral, 2), TypeError,
          "DataLoader expects a data set, got the class Spiral: make one, Spiral(...)"),
    Wrong("a loader of a number", lambda: DataLoader(5, 2), TypeError,
          "DataLoader expects a data set, with len(ds) and ds[i], got int 5"),
    Wrong("a loader of None", lambda: DataLoader(None, 2), TypeError,
          "DataLoader expects a data set, with len(ds) and ds[i], got NoneType None"),
    Wrong("a loader without batch size", lambda: DataLoader(pairs()), TypeError,
          "DataLoader.__init__() missing 1 required positional argument: 'batch_size'"),
    Wrong("a loader of two arrays", lambda: DataLoader(x, t), TypeError,
          "DataLoader expects an integer batch_size, got (6,) int64"),
    Wrong("batches of none", lambda: DataLoader(pairs(), 0), ValueError,
          "DataLoader expects a batch_size of 1 or more, got 0"),
    Wrong("batches of a negative number", lambda: DataLoader(pairs(), -1), ValueError,
          "DataLoader expects a batch_size of 1 or more, got -1"),
    Wrong("batches of half an example", lambda: DataLoader(pairs(), 2.5), TypeError,
          "DataLoader expects an integer batch_size, got float 2.5"),
    Wrong("batches of a word", lambda: DataLoader(pairs(), "2"), TypeError,
          "DataLoader expects an integer batch_size, got str '2'"),
    Wrong("more in a batch than there is, with drop_last",
          lambda: DataLoader(pairs(), 10, drop_last=True), ValueError,
          "DataLoader with drop_last has no batch: 6 examples do not fill one of 10"),
    Wrong("a negative number of workers", lambda: DataLoader(pairs(), 2, num_workers=-1), ValueError,
          "DataLoader expects num_workers of 0 or more, got -1"),
    Wrong("half a worker", lambda: DataLoader(pairs(), 2, num_workers=0.5), TypeError,
          "DataLoader expects an integer num_workers, got float 0.5"),
    Wrong("collate that cannot be called", lambda: DataLoader(pairs(), 2, collate="stack"), TypeError,
          "DataLoader expects a function as collate, got str 'stack'"),
    Wrong("PyTorch's collate_fn", lambda: DataLoader(pairs(), 2, collate_fn=list), TypeError,
          "DataLoader.__init__() got an unexpected keyword argument 'collate_fn'…"),
    Wrong("a loader for a GPU that is not there", lambda: DataLoader(pairs(), 2, gpu=True), RuntimeError,
          "DataLoader cannot use a GPU: CuPy is not installed, or it finds no CUDA device"),
    Wrong("a loader moved to a GPU that is not there", lambda: DataLoader(pairs(), 2).to_gpu(), RuntimeError,
          "DataLoader cannot use a GPU: CuPy is not installed, or it finds no CUDA device"),
    Wrong("examples of different shapes", lambda: read(DataLoader([np.ones(2), np.ones(3)], 2)), ValueError,
          "collate cannot stack the examples, which differ: (2,) float64, (3,) float64; make them alike with a "
          "transform, or give the loader a function collate="),
    Wrong("an example that fails", lambda: read(DataLoader(Failing(), 4, shuffle=False)), ValueError,
          "broken picture\n"
          "DataLoader: while reading example 2 of Failing"),
    Wrong("an example that fails in a worker",
          lambda: read(DataLoader(Failing(), 4, shuffle=False, num_workers=2)), ValueError,
          "broken picture\n"
          "DataLoader: while reading example 2 of Failing"),
    Wrong("an example without a label",
          lambda: read(DataLoader([(np.ones(2), 0), (np.ones(2), None)], 2)), ValueError,
          "collate cannot stack part 1 of the examples: 1 of 2 are None"),
    Wrong("sequences with shuffle", lambda: SeqDataLoader(pairs(), 2, shuffle=True), TypeError,
          "SeqDataLoader.__init__() got an unexpected keyword argument 'shuffle'…"),
    Wrong("more sequences than examples", lambda: SeqDataLoader(pairs(), 10), ValueError,
          "SeqDataLoader cannot cut 6 examples into 10 stretches: choose a smaller batch_size"),
    Wrong("sequences of batch size 0", lambda: SeqDataLoader(pairs(), 0), ValueError,
          "SeqDataLoader expects a batch_size of 1 or more, got 0"),
    Wrong("sequences of a number", lambda: SeqDataLoader(3, 2), TypeError,
          "SeqDataLoader expects a data set, with len(ds) and ds[i], got int 3"),
    Wrong("the length of a loader of a number", lambda: len(DataLoader(5, 2)), TypeError,
          "DataLoader expects a data set, with len(ds) and ds[i], got int 5"),
    # -- random numbers -------------------------------------------------------------------------------
    Wrong("a seed in words", lambda: dezero.seed("a"), TypeError,
          "seed expects a whole number from 0 to 2**32 - 1, got 'a'"),
    Wrong("a seed below 0", lambda: dezero.seed(-1), ValueError,
          "seed expects a whole number from 0 to 2**32 - 1, got -1"),
    Wrong("a seed that is a fraction", lambda: dezero.seed(0.5), TypeError,
          "seed expects a whole number from 0 to 2**32 - 1, got 0.5"),
    # -- transforms ------------------------------------------------------------------------------------
    Wrong("Compose of one transform", lambda: T.Compose(T.Flatten()), TypeError,
          "Compose expects a list of transforms, Compose([...]), got Flatten Flatten()"),
    Wrong("Compose of a class", lambda: T.Compose([T.Flatten]), TypeError,
          "Compose expects transforms, got the class Flatten: write Flatten()"),
    Wrong("Compose of None", lambda: T.Compose([T.Flatten(), None]), TypeError,
          "Compose expects callables, got NoneType None"),
    Wrong("Compose of a string", lambda: T.Compose("flatten"), TypeError,
          "Compose expects callables, got str 'f'"),
    Wrong("Normalize by std 0", lambda: T.Normalize(0.5, 0.0), ValueError,
          "Normalize divides by std, which has a zero: 0.0; use 1 for a constant channel"),
    Wrong("Normalize by std NaN", lambda: T.Normalize(0.5, NAN), ValueError,
          "Normalize expects std to be finite, got nan"),
    Wrong("Normalize by a string", lambda: T.Normalize("a"), TypeError,
          "Normalize expects mean as a number or a list of them, got 'a'"),
    Wrong("Normalize of other channels", lambda: T.Normalize((0, 0, 0))(np.ones((1, 4, 5))), ValueError,
          "Normalize has 3 numbers in mean, but the example has 1 channels: (1, 4, 5)"),
    Wrong("Normalize of the channels last",
          lambda: T.Normalize((0, 0, 0), (1, 1, 1))(picture.transpose(1, 2, 0)), ValueError,
          "Normalize has 3 numbers in mean, but the example has 4 channels: (4, 5, 3)"),
    Wrong("Normalize of a string as input", lambda: T.Normalize(0.5)("a"), TypeError,
          "Normalize expects an array, got str 'a'"),
    Wrong("Normalize of an image", lambda: T.Normalize(0.5)(image()), TypeError,
          "Normalize expects an array, got image 5 x 4 RGB; put ToArray() before it"),
    Wrong("Flatten of a number's name", lambda: T.Flatten()("a"), TypeError,
          "Flatten expects an array, got str 'a'"),
    Wrong("Flatten of None", lambda: T.Flatten()(None), TypeError,
          "Flatten expects an array, got NoneType None"),
    Wrong("AsType to no dtype", lambda: T.AsType("float33"), TypeError,
          "AsType expects a dtype or the name of one, got 'float33'"),
    Wrong("ToFloat of a list of words", lambda: T.ToFloat()(["a"]), TypeError,
          "ToFloat expects an array, got list ['a']"),
    Wrong("ToInt to no dtype", lambda: T.ToInt("whole"), TypeError,
          "ToInt expects a dtype or the name of one, got 'whole'"),
    Wrong("ToArray of None", lambda: T.ToArray()(None), TypeError,
          "ToArray expects an image of Pillow, got NoneType None"),
    Wrong("ToArray of a file name", lambda: T.ToArray()("cat.png"), TypeError,
          "ToArray expects an image of Pillow, got str 'cat.png'"),
    Wrong("ToPIL of the channels last", lambda: T.ToPIL()(np.zeros((6, 5, 3), dtype=np.uint8)), ValueError,
          "ToPIL expects an array (C, H, W) with C of 1, 3 or 4, or (H, W), got (6, 5, 3) uint8"),
    Wrong("ToPIL of values above 255", lambda: T.ToPIL()(np.full((3, 4, 5), 300.0)), ValueError,
          "ToPIL expects values from 0 to 255, got (3, 4, 5) float64, 300"),
    Wrong("ToPIL of values below 0", lambda: T.ToPIL()(np.full((3, 4, 5), -1.0)), ValueError,
          "ToPIL expects values from 0 to 255, got (3, 4, 5) float64, -1"),
    Wrong("ToPIL of a batch", lambda: T.ToPIL()(np.zeros((2, 3, 4, 5))), ValueError,
          "ToPIL expects an array (C, H, W) with C of 1, 3 or 4, or (H, W), got (2, 3, 4, 5) float64"),
    Wrong("ToPIL of a list", lambda: T.ToPIL()([[1, 2]]), TypeError,
          "ToPIL expects an array, got list [[1, 2]]"),
    Wrong("Convert to a mode that there is not", lambda: T.Convert("XYZ")(image()), ValueError,
          "Convert cannot change image 5 x 4 RGB to the mode 'XYZ': image has wrong mode"),
    Wrong("Convert of an array", lambda: T.Convert()(picture), TypeError,
          "Convert expects an image of Pillow, got (3, 4, 5) uint8; ToPIL() makes one of an array"),
    Wrong("Resize to nothing", lambda: T.Resize(0), ValueError,
          "the size of Resize cannot be less than 1, got 0"),
    Wrong("Resize to a negative size", lambda: T.Resize((10, -1)), ValueError,
          "the size of Resize cannot be less than 1, got (10, -1)"),
    Wrong("Resize to three sizes", lambda: T.Resize((1, 2, 3)), ValueError,
          "the size of Resize is an integer or two of them, got (1, 2, 3)"),
    Wrong("Resize to a fraction", lambda: T.Resize(2.5), ValueError,
          "the size of Resize is an integer or two of them, got 2.5"),
    Wrong("Resize of an array", lambda: T.Resize(10)(picture), TypeError,
          "Resize expects an image of Pillow, got (3, 4, 5) uint8; ToPIL() makes one of an array"),
    Wrong("Resize of a file name", lambda: T.Resize(10)("cat.png"), TypeError,
          "Resize expects an image of Pillow, got str 'cat.png'"),
    Wrong("CenterCrop of nothing", lambda: T.CenterCrop(0), ValueError,
          "the size of CenterCrop cannot be less than 1, got 0"),
    Wrong("CenterCrop of an array", lambda: T.CenterCrop(2)(picture), TypeError,
          "CenterCrop expects an image of Pillow, got (3, 4, 5) uint8; ToPIL() makes one of an array"),
    Wrong("CenterCrop of a word", lambda: T.CenterCrop("2"), ValueError,
          "the size of CenterCrop is an integer or two of them, got '2'"),
    Wrong("Pad by a negative margin", lambda: T.Pad(-1), ValueError,
          "the margin of Pad cannot be negative, got -1"),
    Wrong("Pad by three margins", lambda: T.Pad((1, 2, 3)), ValueError,
          "the margin of Pad is an integer or two of them, got (1, 2, 3)"),
    Wrong("Pad of a string", lambda: T.Pad(1)("a"), TypeError,
          "Pad expects an array, got str 'a'"),
    Wrong("Pad of a vector", lambda: T.Pad(1)(np.ones(3)), ValueError,
          "Pad expects an array (..., H, W), got (3,) float64; put Flatten() after it, not before"),
    Wrong("RandomCrop larger than the picture", lambda: T.RandomCrop(10)(picture), ValueError,
          "RandomCrop of 10 x 10 (width x height) does not fit into 5 x 4: choose a smaller size, or a margin "
          "with pad="),
    Wrong("RandomCrop larger than the image", lambda: T.RandomCrop(10)(image()), ValueError,
          "RandomCrop of 10 x 10 (width x height) does not fit into 5 x 4: choose a smaller size, or a margin "
          "with pad="),
    Wrong("RandomCrop of nothing", lambda: T.RandomCrop(0), ValueError,
          "the size of RandomCrop cannot be less than 1, got 0"),
    Wrong("RandomCrop with a negative margin", lambda: T.RandomCrop(2, pad=-1), ValueError,
          "the margin of RandomCrop cannot be negative, got -1"),
    Wrong("RandomCrop of None", lambda: T.RandomCrop(2)(None), TypeError,
          "RandomCrop expects an array, got NoneType None"),
    Wrong("RandomHorizontalFlip too often", lambda: T.RandomHorizontalFlip(1.5), ValueError,
          "RandomHorizontalFlip expects a probability from 0 to 1, got 1.5"),
    Wrong("RandomHorizontalFlip of NaN", lambda: T.RandomHorizontalFlip(NAN), ValueError,
          "RandomHorizontalFlip expects a probability from 0 to 1, got nan"),
    Wrong("RandomHorizontalFlip in words", lambda: T.RandomHorizontalFlip("half"), TypeError,
          "RandomHorizontalFlip expects a probability from 0 to 1, got 'half'"),
    Wrong("RandomHorizontalFlip of a string", lambda: T.RandomHorizontalFlip(1.0)("a"), TypeError,
          "RandomHorizontalFlip expects an array, got str 'a'"),
    Wrong("RandomRotation by a word", lambda: T.RandomRotation("a"), TypeError,
          "RandomRotation expects an angle, or two in rising order, got 'a'"),
    Wrong("RandomRotation in falling order", lambda: T.RandomRotation((90, -90)), ValueError,
          "RandomRotation expects an angle, or two in rising order, got (90, -90)"),
    Wrong("RandomRotation by three angles", lambda: T.RandomRotation((1, 2, 3)), TypeError,
          "RandomRotation expects an angle, or two in rising order, got (1, 2, 3)"),
    Wrong("RandomRotation by NaN", lambda: T.RandomRotation(NAN), ValueError,
          "RandomRotation expects an angle, or two in rising order, got nan"),
    Wrong("RandomRotation of a vector", lambda: T.RandomRotation(10)(np.ones(3)), ValueError,
          "RandomRotation expects an array (..., H, W), got (3,) float64; put Flatten() after it, not before"),
]  # fmt: skip
