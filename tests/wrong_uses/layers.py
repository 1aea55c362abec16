"""Wrong uses: layers and models, with the path of the layer where it is inside another."""

import numpy as np
import pytest

import dezero.functions as F
import dezero.layers as L
import dezero.models as M
from dezero import Layer, Model, Variable
from tests.wrong_uses.table import Wrong

x = np.ones((2, 3), dtype=np.float32)
images = np.ones((2, 3, 8, 8), dtype=np.float32)
ids = np.array([[0, 1], [2, 0]])


class TwoLayers(Model):
    """A model as the book makes them."""

    def __init__(self, first, second):
        super().__init__()
        self.first, self.second = first, second

    def forward(self, x):
        return self.second(F.relu(self.first(x)))


class NoForward(Model):
    """A model whose forward was forgotten."""


class NoReturn(Layer):
    """A layer whose forward returns nothing."""

    def forward(self, x):
        F.relu(x)


def inside(layer, x=x):
    """Call a model that has this layer at encoder/blocks/1."""
    model, encoder = Model(), Layer()
    encoder.blocks = [L.Linear(3), layer]
    encoder.forward = lambda x: encoder.blocks[1](encoder.blocks[0](x))
    model.encoder = encoder
    model.forward = lambda x: model.encoder(x)
    return model(x)


def called(layer, *inputs):
    """Call a layer once for each input."""
    for x in inputs:
        layer(x)
    return layer


def with_attribute(layer, name, value):
    setattr(layer, name, value)
    return layer


def with_state(layer, **state):
    layer = called(layer, x)
    for name, value in state.items():
        setattr(layer, name, value)
    return layer


def broken_image():
    Image = pytest.importorskip("PIL.Image", reason="Pillow is not installed")
    return Image.new("RGB", (300, 300))


WRONG = [
    # -- making them -----------------------------------------------------------------------------------
    Wrong("Linear of no size", lambda: L.Linear(), TypeError,
          "Linear.__init__() missing 1 required positional argument: 'out_size'"),
    Wrong("Linear of size 0", lambda: L.Linear(0), ValueError,
          "Linear expects out_size of at least 1, got 0"),
    Wrong("Linear of a negative size", lambda: L.Linear(-5), ValueError,
          "Linear expects out_size of at least 1, got -5"),
    Wrong("Linear of half a size", lambda: L.Linear(2.5), TypeError,
          "Linear expects out_size as a whole number, got 2.5"),
    Wrong("Linear of a word as size", lambda: L.Linear("10"), TypeError,
          "Linear expects out_size as a whole number, got '10'"),
    Wrong("Linear of a shape", lambda: L.Linear((10, 5)), TypeError,
          "Linear expects out_size as a whole number, got (10, 5)"),
    Wrong("Linear with the sizes in PyTorch's order", lambda: called(L.Linear(3, 2), x, x), TypeError,
          "Linear expects nobias as True or False, got 2; the size of x is in_size, and may be left out: "
          "Linear(out_size, in_size=...)"),
    Wrong("Linear with a string as in_size", lambda: L.Linear(2, in_size="3"), TypeError,
          "Linear expects in_size as a whole number, got '3'"),
    Wrong("Linear of in_size 0", lambda: L.Linear(2, in_size=0), ValueError,
          "Linear expects in_size of at least 1, got 0"),
    Wrong("Linear of integers", lambda: L.Linear(2, dtype=int), TypeError,
          "Linear expects a dtype of floating-point numbers, got int64"),
    Wrong("Linear of no dtype", lambda: L.Linear(2, dtype="float33"), TypeError,
          "Linear expects a dtype of floating-point numbers, got 'float33'"),
    Wrong("Linear with PyTorch's keyword", lambda: L.Linear(3, out_features=2), TypeError,
          "Linear.__init__() got an unexpected keyword argument 'out_features'…"),
    Wrong("EmbedID of no words", lambda: L.EmbedID(0, 4), ValueError,
          "EmbedID expects in_size of at least 1, got 0"),
    Wrong("EmbedID of half a vector", lambda: L.EmbedID(3, 1.5), TypeError,
          "EmbedID expects out_size as a whole number, got 1.5"),
    Wrong("Conv1d of no channels", lambda: L.Conv1d(0, 3), ValueError,
          "Conv1d expects out_channels of at least 1, got 0"),
    Wrong("Conv1d with a pair as kernel", lambda: L.Conv1d(4, (3, 3)), TypeError,
          "Conv1d expects kernel_size as a whole number, got (3, 3)"),
    Wrong("Conv2d of no channels", lambda: L.Conv2d(0, 3), ValueError,
          "Conv2d expects out_channels of at least 1, got 0"),
    Wrong("Conv2d with kernel 0", lambda: L.Conv2d(4, 0), ValueError,
          "Conv2d expects kernel_size to be at least 1, got 0"),
    Wrong("Conv2d with a negative stride", lambda: L.Conv2d(4, 3, stride=-1), ValueError,
          "Conv2d expects stride to be at least 1, got -1"),
    Wrong("Conv2d with a negative pad", lambda: L.Conv2d(4, 3, pad=-1), ValueError,
          "Conv2d expects pad to be at least 0, got -1"),
    Wrong("Conv2d with in and out as in PyTorch", lambda: called(L.Conv2d(3, 16, 3), images), ValueError,
          "conv2d: the kernel (16, 16) is larger than the padded image: OH = (H + 2 PH - KH) // SH + 1 = (8 + "
          "2*0 - 16) // 3 + 1 = -2\n"
          "in Conv2d"),
    Wrong("Conv2d with groups that do not divide", lambda: L.Conv2d(4, 3, groups=3), ValueError,
          "Conv2d expects groups to divide out_channels = 4, got 3"),
    Wrong("Conv2d with channels that groups do not divide",
          lambda: L.Conv2d(4, 3, in_channels=3, groups=2), ValueError,
          "Conv2d expects groups to divide in_channels = 3, got 2"),
    Wrong("Conv2d with a string as kernel", lambda: L.Conv2d(4, "3"), ValueError,
          "Conv2d expects an integer or two of them as kernel_size, got '3'"),
    Wrong("Conv2d of bool", lambda: L.Conv2d(4, 3, dtype=bool), TypeError,
          "Conv2d expects a dtype of floating-point numbers, got bool"),
    Wrong("Deconv2d of half a channel", lambda: L.Deconv2d(1.5, 3), TypeError,
          "Deconv2d expects out_channels as a whole number, got 1.5"),
    Wrong("Deconv2d with stride 0", lambda: L.Deconv2d(4, 3, stride=0), ValueError,
          "Deconv2d expects stride to be at least 1, got 0"),
    Wrong("BatchNorm with decay above 1", lambda: L.BatchNorm(decay=1.5), ValueError,
          "BatchNorm expects decay from 0 to 1, the share that stays of the statistics, got 1.5; it takes the "
          "number of channels from x"),
    Wrong("BatchNorm with decay NaN", lambda: L.BatchNorm(decay=float("nan")), ValueError,
          "BatchNorm expects decay from 0 to 1, the share that stays of the statistics, got nan"),
    Wrong("BatchNorm with a negative eps", lambda: L.BatchNorm(eps=-1e-5), ValueError,
          "BatchNorm expects eps of at least 0, got -1e-05"),
    Wrong("BatchNorm of so many channels, as in PyTorch", lambda: L.BatchNorm(64), ValueError,
          "BatchNorm expects decay from 0 to 1, the share that stays of the statistics, got 64; it takes the "
          "number of channels from x"),
    Wrong("LayerNorm of no elements", lambda: L.LayerNorm(0), ValueError,
          "LayerNorm expects shape of at least 1, got 0"),
    Wrong("LayerNorm of half an element", lambda: L.LayerNorm(1.5), TypeError,
          "LayerNorm expects shape as a whole number, got 1.5"),
    Wrong("LayerNorm with eps NaN", lambda: L.LayerNorm(3, eps=float("nan")), ValueError,
          "LayerNorm expects eps of at least 0, got nan"),
    Wrong("RMSNorm of a shape", lambda: L.RMSNorm((3, 3)), TypeError,
          "RMSNorm expects size as a whole number, got (3, 3)"),
    Wrong("RMSNorm with eps in words", lambda: L.RMSNorm(3, eps="small"), TypeError,
          "RMSNorm expects eps as a number, got 'small'"),
    Wrong("GroupNorm of no groups", lambda: L.GroupNorm(0), ValueError,
          "GroupNorm expects groups of at least 1, got 0"),
    Wrong("GroupNorm with channels that groups do not divide", lambda: L.GroupNorm(2, 3), ValueError,
          "GroupNorm expects groups that divide channels = 3, got 2"),
    Wrong("GroupNorm with an infinite eps", lambda: L.GroupNorm(2, 4, eps=float("inf")), ValueError,
          "GroupNorm expects eps of at least 0, got inf"),
    Wrong("Dropout of everything", lambda: L.Dropout(1.0), ValueError,
          "Dropout expects a ratio in [0, 1), the share of elements to drop, got 1.0"),
    Wrong("Dropout of per cent", lambda: L.Dropout(50), ValueError,
          "Dropout expects a ratio in [0, 1), the share of elements to drop, got 50"),
    Wrong("Dropout of a negative share", lambda: L.Dropout(-0.5), ValueError,
          "Dropout expects a ratio in [0, 1), the share of elements to drop, got -0.5"),
    Wrong("Dropout of a string", lambda: L.Dropout("a"), TypeError,
          "Dropout expects dropout_ratio as a number, got 'a'"),
    Wrong("RNN of no size", lambda: L.RNN(0), ValueError,
          "RNN expects hidden_size of at least 1, got 0"),
    Wrong("RNN of half a size", lambda: L.RNN(1.5), TypeError,
          "RNN expects hidden_size as a whole number, got 1.5"),
    Wrong("LSTM of a negative size", lambda: L.LSTM(-1), ValueError,
          "LSTM expects hidden_size of at least 1, got -1"),
    Wrong("LSTM of integers", lambda: L.LSTM(4, dtype=int), TypeError,
          "Linear expects a dtype of floating-point numbers, got int64"),
    Wrong("GRU of a string", lambda: L.GRU("4"), TypeError,
          "GRU expects hidden_size as a whole number, got '4'"),
    Wrong("GRU of in_size 0", lambda: L.GRU(4, in_size=0), ValueError,
          "Linear expects in_size of at least 1, got 0"),
    Wrong("MultiHeadAttention of heads that do not divide", lambda: L.MultiHeadAttention(8, heads=3), ValueError,
          "MultiHeadAttention expects heads that divide size = 8, got 3"),
    Wrong("MultiHeadAttention of no heads", lambda: L.MultiHeadAttention(8, heads=0), ValueError,
          "MultiHeadAttention expects heads of at least 1, got 0"),
    Wrong("TransformerBlock of heads that do not divide", lambda: L.TransformerBlock(8, 3), ValueError,
          "MultiHeadAttention expects heads that divide size = 8, got 3"),
    Wrong("TransformerBlock with a ratio above 1", lambda: L.TransformerBlock(8, 2, dropout_ratio=1.5), ValueError,
          "TransformerBlock expects a dropout_ratio in [0, 1), the share of elements to drop, got 1.5"),
    Wrong("TransformerBlock with a name as activation",
          lambda: L.TransformerBlock(8, 2, activation="gelu"), TypeError,
          "TransformerBlock expects a function as activation, such as F.gelu, got 'gelu'"),
    Wrong("TransformerBlock without heads", lambda: L.TransformerBlock(8), TypeError,
          "TransformerBlock.__init__() missing 1 required positional argument: 'heads'"),
    # -- calling them ----------------------------------------------------------------------------------
    Wrong("Linear of other features", lambda: L.Linear(2, in_size=4)(x), ValueError,
          "linear expects x of shape (..., 4), as W has shape (4, 2), got (2, 3)\n"
          "in Linear(float32 (2, 3), float32 (4, 2), float32 (2,))\n"
          "in Linear"),
    Wrong("Linear of other features than before", lambda: called(L.Linear(2), x, np.ones((2, 5))), ValueError,
          "linear expects x of shape (..., 3), as W has shape (3, 2), got (2, 5)\n"
          "in Linear(float64 (2, 5), float32 (3, 2), float32 (2,))\n"
          "in Linear"),
    Wrong("Linear of images", lambda: L.Linear(2, in_size=192)(images), ValueError,
          "linear expects x of shape (..., 192), as W has shape (192, 2), got (2, 3, 8, 8)\n"
          "in Linear(float32 (2, 3, 8, 8), float32 (192, 2), float32 (2,))\n"
          "in Linear"),
    Wrong("Linear of a string as x", lambda: L.Linear(2)("a"), TypeError,
          "expected a Variable, an array, a number or a list of numbers, got str\n"
          "in Linear"),
    Wrong("Linear of None", lambda: L.Linear(2)(None), TypeError,
          "expected a Variable, an array, a number or a list of numbers, got NoneType\n"
          "in Linear"),
    Wrong("Linear of a single number", lambda: L.Linear(2)(np.array(1.0)), ValueError,
          "Linear expects x of shape (..., I), got ()\n"
          "in Linear"),
    Wrong("Linear of two inputs", lambda: L.Linear(2)(x, x), TypeError,
          "Linear.forward() takes 2 positional arguments but 3 were given\n"
          "in Linear"),
    Wrong("Linear of a list of Variables", lambda: L.Linear(2)([Variable(x), Variable(x)]), TypeError,
          "expected a Variable, an array, a number or a list of numbers, got list with a Variable in it, whose "
          "graph it would lose; dezero.functions.stack makes one Variable of several\n"
          "in Linear"),
    Wrong("Linear of an empty row", lambda: L.Linear(2)(np.ones((2, 0))), ValueError,
          "Linear expects x of shape (..., I), got (2, 0)\n"
          "in Linear"),
    Wrong("Linear whose W was replaced by an array",
          lambda: with_attribute(L.Linear(2, in_size=3), "W", np.ones((4, 2)))(x), ValueError,
          "linear expects x of shape (..., 4), as W has shape (4, 2), got (2, 3)\n"
          "in Linear(float32 (2, 3), float64 (4, 2), float32 (2,))\n"
          "in Linear"),
    Wrong("EmbedID of floats", lambda: L.EmbedID(3, 4)(x), TypeError,
          "embed_id expects integers as ids, got float32\n"
          "in EmbedID"),
    Wrong("EmbedID out of range", lambda: L.EmbedID(2, 4)(ids), IndexError,
          "embed_id expects ids from 0 to 1 for W of shape (2, 4), got ids from 0 to 2\n"
          "in EmbedID"),
    Wrong("EmbedID of negative ids", lambda: L.EmbedID(3, 4)(np.array([-1])), IndexError,
          "embed_id expects ids from 0 to 2 for W of shape (3, 4), got ids from -1 to -1\n"
          "in EmbedID"),
    Wrong("EmbedID of words", lambda: L.EmbedID(3, 4)(["the", "cat"]), TypeError,
          "embed_id expected a Variable, an array, a number or a list of numbers, got list\n"
          "in EmbedID"),
    Wrong("Conv1d of images", lambda: L.Conv1d(4, 3)(images), ValueError,
          "conv1d expects x of shape (N, C, L), got (2, 3, 8, 8)\n"
          "in Conv1d"),
    Wrong("Conv1d of a signal shorter than the kernel", lambda: L.Conv1d(4, 9)(np.ones((2, 3, 5))), ValueError,
          "conv1d: the kernel 9 is larger than the padded image: OL = (L + 2 PL - KL) // SL + 1 = (5 + 2*0 - "
          "9) // 1 + 1 = -3\n"
          "in Conv1d"),
    Wrong("Conv2d of one image without the batch", lambda: L.Conv2d(4, 3)(images[0]), ValueError,
          "conv2d expects x of shape (N, C, H, W), got (3, 8, 8)\n"
          "in Conv2d"),
    Wrong("Conv2d of rows", lambda: L.Conv2d(4, 3)(x), ValueError,
          "conv2d expects x of shape (N, C, H, W), got (2, 3)\n"
          "in Conv2d"),
    Wrong("Conv2d of other channels", lambda: L.Conv2d(4, 3, in_channels=1)(images), ValueError,
          "conv2d: x of shape (2, 3, 8, 8) has 3 channels, but W of shape (4, 1, 3, 3) takes 1\n"
          "in Conv2d"),
    Wrong("Conv2d of a kernel larger than the image", lambda: L.Conv2d(4, 9)(images), ValueError,
          "conv2d: the kernel (9, 9) is larger than the padded image: OH = (H + 2 PH - KH) // SH + 1 = (8 + "
          "2*0 - 9) // 1 + 1 = 0\n"
          "in Conv2d"),
    Wrong("Conv2d of a string", lambda: L.Conv2d(4, 3)("a"), TypeError,
          "expected a Variable, an array, a number or a list of numbers, got str\n"
          "in Conv2d"),
    Wrong("Deconv2d of other channels", lambda: L.Deconv2d(4, 3, in_channels=1)(images), ValueError,
          "deconv2d: x of shape (2, 3, 8, 8) has 3 channels, but W of shape (1, 4, 3, 3) takes 1\n"
          "in Deconv2d"),
    Wrong("Deconv2d of rows", lambda: L.Deconv2d(4, 3)(x), ValueError,
          "deconv2d expects x of shape (N, C, H, W), got (2, 3)\n"
          "in Deconv2d"),
    Wrong("BatchNorm of a vector", lambda: L.BatchNorm()(np.ones(3)), ValueError,
          "BatchNorm expects x of shape (N, C) or (N, C, ...), got (3,)\n"
          "in BatchNorm"),
    Wrong("BatchNorm of other channels than before", lambda: called(L.BatchNorm(), x, np.ones((2, 4))), ValueError,
          "batch_norm expects gamma of shape (4,), got (3,)\n"
          "in BatchNorm"),
    Wrong("BatchNorm of an empty batch", lambda: L.BatchNorm()(np.ones((0, 3))), ValueError,
          "batch_norm expects at least one element for every channel, got x of shape (0, 3); an empty batch "
          "has no mean\n"
          "in BatchNorm"),
    Wrong("BatchNorm of None", lambda: L.BatchNorm()(None), TypeError,
          "expected a Variable, an array, a number or a list of numbers, got NoneType\n"
          "in BatchNorm"),
    Wrong("LayerNorm of other features", lambda: L.LayerNorm(4)(x), ValueError,
          "layer_norm expects gamma of shape (3,), got (4,)\n"
          "in LayerNorm"),
    Wrong("LayerNorm of a single number", lambda: L.LayerNorm()(np.array(1.0)), ValueError,
          "LayerNorm expects x of shape (..., D), got ()\n"
          "in LayerNorm"),
    Wrong("RMSNorm of other features", lambda: L.RMSNorm(4)(x), ValueError,
          "rms_norm expects gamma of shape (3,), got (4,)\n"
          "in RMSNorm"),
    Wrong("RMSNorm of a string", lambda: L.RMSNorm()("a"), TypeError,
          "expected a Variable, an array, a number or a list of numbers, got str\n"
          "in RMSNorm"),
    Wrong("GroupNorm of other channels", lambda: L.GroupNorm(2, 4)(x), ValueError,
          "group_norm expects groups that divide the 3 channels of x, got 2\n"
          "in GroupNorm"),
    Wrong("GroupNorm of channels that groups do not divide", lambda: L.GroupNorm(2)(x), ValueError,
          "group_norm expects groups that divide the 3 channels of x, got 2\n"
          "in GroupNorm"),
    Wrong("Dropout of a string as input", lambda: L.Dropout()("a"), TypeError,
          "dropout expected a Variable, an array, a number or a list of numbers, got str\n"
          "in Dropout('a')\n"
          "in Dropout"),
    Wrong("RNN of sequences in one", lambda: L.RNN(4)(np.ones((5, 2, 3))), ValueError,
          "RNN expects x of shape (N, I), one step of N sequences, got (5, 2, 3); sequence(xs) takes all steps "
          "of (T, N, I)\n"
          "in RNN"),
    Wrong("RNN of another batch without reset", lambda: called(L.RNN(4), x, np.ones((5, 3))), ValueError,
          "RNN holds a state of shape (2, 4) from before, and x is a batch of shape (5,); call reset_state() "
          "where a new sequence starts\n"
          "in RNN"),
    Wrong("RNN of other features than before", lambda: called(L.RNN(4), x, np.ones((2, 5))), ValueError,
          "linear expects x of shape (..., 3), as W has shape (3, 4), got (2, 5)\n"
          "in Linear(float64 (2, 5), float32 (3, 4), float32 (4,))\n"
          "in x2h (Linear)"),
    Wrong("RNN.sequence of one step", lambda: L.RNN(4).sequence(x), ValueError,
          "RNN.sequence expects xs of shape (T, N, I) with at least one step, got (2, 3)"),
    Wrong("RNN.sequence of nothing", lambda: L.RNN(4).sequence([]), ValueError,
          "RNN.sequence expects xs of shape (T, N, I) with at least one step, got (0,)"),
    Wrong("LSTM of another batch without reset", lambda: called(L.LSTM(4), x, np.ones((5, 3))), ValueError,
          "LSTM holds a state of shape (2, 4) from before, and x is a batch of shape (5,); call reset_state() "
          "where a new sequence starts\n"
          "in LSTM"),
    Wrong("LSTM of a string", lambda: L.LSTM(4)("a"), TypeError,
          "expected a Variable, an array, a number or a list of numbers, got str\n"
          "in x2f (Linear)"),
    Wrong("LSTM with a cell of another size",
          lambda: with_state(L.LSTM(4), c=Variable(np.ones((2, 5))))(x), ValueError,
          "lstm_step expects c of the shape of h, (2, 4), got (2, 5)\n"
          "in LSTM"),
    Wrong("GRU of other features", lambda: L.GRU(4, in_size=5)(x), ValueError,
          "linear expects x of shape (..., 5), as W has shape (5, 4), got (2, 3)\n"
          "in Linear(float32 (2, 3), float32 (5, 4), float32 (4,))\n"
          "in x2r (Linear)"),
    Wrong("GRU with a state of another size",
          lambda: with_state(L.GRU(4), h=Variable(np.ones((2, 5))))(x), ValueError,
          "linear expects x of shape (..., 4), as W has shape (4, 4), got (2, 5)\n"
          "in Linear(float64 (2, 5), float32 (4, 4))\n"
          "in h2r (Linear)"),
    Wrong("MultiHeadAttention of vectors", lambda: L.MultiHeadAttention(8, 2)(np.ones(8)), ValueError,
          "MultiHeadAttention expects x of shape (N, L, I), got vectors of shape ()\n"
          "in MultiHeadAttention"),
    Wrong("MultiHeadAttention with a mask of another shape",
          lambda: L.MultiHeadAttention(4, 2)(np.ones((2, 5, 4)), mask=np.ones((3, 3), bool)), ValueError,
          "scaled_dot_product_attention expects a mask that broadcasts to shape (..., 5, 5), got (3, 3)\n"
          "in MultiHeadAttention"),
    Wrong("MultiHeadAttention with memory of another batch",
          lambda: L.MultiHeadAttention(4, 2)(np.ones((2, 5, 4)), np.ones((3, 5, 4))), ValueError,
          "scaled_dot_product_attention expects q, k and v whose leading axes broadcast, got shapes (2, 2, 5, "
          "2), (3, 2, 5, 2) and (3, 2, 5, 2)\n"
          "in MultiHeadAttention"),
    Wrong("TransformerBlock of other features", lambda: L.TransformerBlock(4, 2)(np.ones((2, 5, 6))), ValueError,
          "layer_norm expects gamma of shape (6,), got (4,)\n"
          "in norm1 (LayerNorm)"),
    Wrong("TransformerBlock of a string", lambda: L.TransformerBlock(4, 2)("a"), TypeError,
          "layer_norm expected a Variable, an array, a number or a list of numbers, got str\n"
          "in norm1 (LayerNorm)"),
    # -- inside of models ------------------------------------------------------------------------------
    Wrong("a model without forward", lambda: NoForward()(x), NotImplementedError,
          "NoForward has no forward(self, x): define it\n"
          "in NoForward"),
    Wrong("a layer without forward", lambda: Layer()(x), NotImplementedError,
          "Layer has no forward(self, x): define it\n"
          "in Layer"),
    Wrong("a layer without return, before another", lambda: TwoLayers(NoReturn(), L.Linear(2))(x), TypeError,
          "relu expected a Variable, an array, a number or a list of numbers, got NoneType\n"
          "in ReLU(None)\n"
          "in TwoLayers"),
    Wrong("a second layer that does not fit the first",
          lambda: TwoLayers(L.Linear(4), L.Linear(2, in_size=5))(x), ValueError,
          "linear expects x of shape (..., 5), as W has shape (5, 2), got (2, 4)\n"
          "in Linear(float32 (2, 4), float32 (5, 2), float32 (2,))\n"
          "in second (Linear)"),
    Wrong("a convolution after a linear layer", lambda: TwoLayers(L.Linear(4), L.Conv2d(2, 3))(x), ValueError,
          "conv2d expects x of shape (N, C, H, W), got (2, 4)\n"
          "in second (Conv2d)"),
    Wrong("a linear layer after a convolution",
          lambda: TwoLayers(L.Conv2d(4, 3), L.Linear(2, in_size=10))(images), ValueError,
          "linear expects x of shape (..., 10), as W has shape (10, 2), got (2, 4, 6, 6)\n"
          "in Linear(float32 (2, 4, 6, 6), float32 (10, 2), float32 (2,))\n"
          "in second (Linear)"),
    Wrong("an embedding of scores", lambda: TwoLayers(L.Linear(4), L.EmbedID(3, 4))(x), TypeError,
          "embed_id expects integers as ids, got float32\n"
          "in second (EmbedID)"),
    Wrong("a batch norm deep inside that saw other channels",
          lambda: inside(called(L.BatchNorm(), np.ones((2, 4)))), ValueError,
          "batch_norm expects gamma of shape (3,), got (4,)\n"
          "in encoder/blocks/1 (BatchNorm)"),
    Wrong("a kernel larger than the image deep inside", lambda: inside(L.Conv2d(2, 9)), ValueError,
          "conv2d expects x of shape (N, C, H, W), got (2, 3)\n"
          "in encoder/blocks/1 (Conv2d)"),
    Wrong("a linear layer deep inside", lambda: inside(L.Linear(2, in_size=7)), ValueError,
          "linear expects x of shape (..., 7), as W has shape (7, 2), got (2, 3)\n"
          "in Linear(float32 (2, 3), float32 (7, 2), float32 (2,))\n"
          "in encoder/blocks/1 (Linear)"),
    Wrong("an RNN deep inside with a state of before", lambda: inside(called(L.RNN(4), np.ones((5, 3)))), ValueError,
          "RNN holds a state of shape (5, 4) from before, and x is a batch of shape (2,); call reset_state() "
          "where a new sequence starts\n"
          "in encoder/blocks/1 (RNN)"),
    Wrong("a layer that is None", lambda: TwoLayers(L.Linear(4), None)(x), TypeError,
          "'NoneType' object is not callable\n"
          "in TwoLayers"),
    Wrong("a layer that is an array", lambda: TwoLayers(np.ones((3, 4)), L.Linear(2))(x), TypeError,
          "'numpy.ndarray' object is not callable\n"
          "in TwoLayers"),
    Wrong("a model called without input", lambda: TwoLayers(L.Linear(4), L.Linear(2))(), TypeError,
          "TwoLayers.forward() missing 1 required positional argument: 'x'\n"
          "in TwoLayers"),
    Wrong("a model called with too much", lambda: TwoLayers(L.Linear(4), L.Linear(2))(x, x), TypeError,
          "TwoLayers.forward() takes 2 positional arguments but 3 were given\n"
          "in TwoLayers"),
    Wrong("a forgotten argument of the model itself", lambda: TwoLayers(L.Linear(4)), TypeError,
          "TwoLayers.__init__() missing 1 required positional argument: 'second'"),
    Wrong("a buffer that is a list", lambda: L.Linear(2).register_buffer("count", [1.0]), TypeError,
          "<class 'list'> is not supported; Variable wants an array, dezero.as_variable(x) takes numbers and "
          "lists too"),
    Wrong("a buffer set to a string", lambda: with_attribute(called(L.BatchNorm(), x), "avg_mean", "a"), TypeError,
          "<class 'str'> is not supported; Variable wants an array, dezero.as_variable(x) takes numbers and lists too"),
    Wrong("a GPU that is not there", lambda: L.Linear(2, in_size=3).to_gpu(), RuntimeError,
          "as_cupy needs a GPU: CuPy is not installed (its package is called cupy-cuda13x or cupy-cuda12x, by "
          "the version of CUDA)"),
    # -- general networks ------------------------------------------------------------------------------
    Wrong("MLP of one number", lambda: M.MLP(10), TypeError,
          "MLP expects a sequence with the size of each layer, such as (100, 10), got 10"),
    Wrong("MLP of no sizes", lambda: M.MLP(()), ValueError,
          "MLP expects the size of one layer at least, got none"),
    Wrong("MLP of half a size", lambda: M.MLP((2.5, 1)), TypeError,
          "MLP expects every size as a whole number, got 2.5"),
    Wrong("MLP of size 0", lambda: M.MLP((10, 0)), ValueError,
          "MLP expects every size of at least 1, got 0"),
    Wrong("MLP of a string", lambda: M.MLP("ab"), TypeError,
          "MLP expects every size as a whole number, got 'a'"),
    Wrong("MLP with a name as activation", lambda: M.MLP((3, 2), activation="relu"), TypeError,
          "MLP expects a function as activation, such as F.relu, got 'relu'"),
    Wrong("MLP with a class of Functions as activation", lambda: M.MLP((3, 2), activation=F.ReLU)(x), TypeError,
          "ReLU() takes no arguments\n"
          "in MLP"),
    Wrong("MLP of images", lambda: M.MLP((3, 2))(np.array(1.0)), ValueError,
          "Linear expects x of shape (..., I), got ()\n"
          "in l0 (Linear)"),
    Wrong("MLP of other features than before", lambda: called(M.MLP((3, 2)), x, np.ones((2, 5))), ValueError,
          "linear expects x of shape (..., 3), as W has shape (3, 3), got (2, 5)\n"
          "in Linear(float64 (2, 5), float32 (3, 3), float32 (3,))\n"
          "in l0 (Linear)"),
    Wrong("MLP of a string as input", lambda: M.MLP((3, 2))("a"), TypeError,
          "expected a Variable, an array, a number or a list of numbers, got str\n"
          "in l0 (Linear)"),
    Wrong("Sequential of a list", lambda: M.Sequential([L.Linear(3), F.relu]), TypeError,
          "Sequential expects layers and functions, got list at position 0: write Sequential(*layers)"),
    Wrong("Sequential of a class of layers", lambda: M.Sequential(L.Linear), TypeError,
          "Sequential expects layers, and Linear at position 0 is a class of them: call it, Linear(...)"),
    Wrong("Sequential of None", lambda: M.Sequential(L.Linear(3), None), TypeError,
          "Sequential expects layers and functions, got NoneType at position 1"),
    Wrong("Sequential of a Function's class", lambda: M.Sequential(L.Linear(3), F.ReLU)(x), TypeError,
          "ReLU() takes no arguments\n"
          "in Sequential"),
    Wrong("Sequential of sizes that do not fit",
          lambda: M.Sequential(L.Linear(4), F.relu, L.Linear(2, in_size=3))(x), ValueError,
          "linear expects x of shape (..., 3), as W has shape (3, 2), got (2, 4)\n"
          "in Linear(float32 (2, 4), float32 (3, 2), float32 (2,))\n"
          "in l2 (Linear)"),
    Wrong("Sequential of a string as input", lambda: M.Sequential(L.Linear(4))("a"), TypeError,
          "expected a Variable, an array, a number or a list of numbers, got str\n"
          "in l0 (Linear)"),
    # -- published networks ----------------------------------------------------------------------------
    Wrong("ResNet of a number of layers that there is not", lambda: M.ResNet(20), ValueError,
          "ResNet expects n_layers to be one of 18, 34, 50, 101, 152, got 20"),
    Wrong("ResNet in an arrangement that there is not", lambda: M.ResNet(18, arrangement="keras"), ValueError,
          "ResNet expects arrangement to be 'book' or 'torchvision', got 'keras'"),
    Wrong("ResNet18 of rows", lambda: M.ResNet18()(x), ValueError,
          "conv2d expects x of shape (N, C, H, W), got (2, 3)\n"
          "in conv1 (Conv2d)"),
    Wrong("ResNet34 with weights that are a list", lambda: M.ResNet34(pretrained=[1]), TypeError,
          "ResNet34 expects pretrained to be True, False or the path of a file of weights, got [1]"),
    Wrong("ResNet50 with a sha256 and no weights", lambda: M.ResNet50(sha256="00"), ValueError,
          "ResNet50 got a sha256, but no weights to compare with it: give pretrained"),
    Wrong("ResNet101 with an argument that there is not", lambda: M.ResNet101(classes=10), TypeError,
          "ResNet101.__init__() got an unexpected keyword argument 'classes'…"),
    Wrong("ResNet152 of weights that lie nowhere", lambda: M.ResNet152(pretrained=3.0), TypeError,
          "ResNet152 expects pretrained to be True, False or the path of a file of weights, got 3.0"),
    Wrong("SmallResNet18 of no classes", lambda: M.SmallResNet18(0), ValueError,
          "Linear expects out_size of at least 1, got 0"),
    Wrong("SqueezeNet of images that are too small",
          lambda: M.SqueezeNet()(np.ones((1, 3, 8, 8), np.float32)), ValueError,
          "pooling: the kernel (3, 3) is larger than the padded image: OH = (H + 2 PH - KH) // SH + 1 = (1 + "
          "2*0 - 3) // 2 + 1 = 0\n"
          "in SqueezeNet"),
    Wrong("SqueezeNet with published weights that there are not", lambda: M.SqueezeNet(pretrained=True), ValueError,
          "SqueezeNet has no published weights that could be downloaded: give pretrained the path of a file "
          "(load_torchvision tells how to make one)"),
    Wrong("VGG16 of small images", lambda: M.VGG16()(np.ones((1, 3, 8, 8), np.float32)), ValueError,
          "pooling: the kernel (2, 2) is larger than the padded image: OH = (H + 2 PH - KH) // SH + 1 = (1 + "
          "2*0 - 2) // 2 + 1 = 0\n"
          "in VGG16"),
    Wrong("VGG16 of weights that are a number", lambda: M.VGG16(pretrained=1), TypeError,
          "VGG16 expects pretrained to be True, False or the path of a file of weights, got 1"),
    Wrong("weights of torchvision that are a list", lambda: M.SqueezeNet().load_torchvision([1]), TypeError,
          "SqueezeNet.load_torchvision expects the path of a file or a state_dict, got list"),
    Wrong("BasicA of no channels", lambda: M.BasicA(0, 4), ValueError,
          "Conv2d expects in_channels of at least 1, got 0"),
    Wrong("BasicB of half a channel", lambda: M.BasicB(1.5), TypeError,
          "Conv2d expects out_channels as a whole number, got 1.5"),
    Wrong("BottleneckA with stride 0", lambda: M.BottleneckA(3, 4, 8, stride=0), ValueError,
          "Conv2d expects stride to be at least 1, got 0"),
    Wrong("BottleneckB of a string", lambda: M.BottleneckB("3", 4), TypeError,
          "Conv2d expects in_channels as a whole number, got '3'"),
    Wrong("BuildingBlock of no layers", lambda: M.BuildingBlock(0, 3, 4, 8, 1), ValueError,
          "BuildingBlock expects n_layers of at least 1, got 0"),
    Wrong("BuildingBlock of half a layer", lambda: M.BuildingBlock(1.5, 3, 4, 8, 1), TypeError,
          "BuildingBlock expects n_layers as a whole number, got 1.5"),
    Wrong("Fire of no channels", lambda: M.Fire(3, 0, 4), ValueError,
          "Conv2d expects out_channels of at least 1, got 0"),
    Wrong("ImageNetModel, which is a base class",
          lambda: M.ImageNetModel().load_torchvision({"a": np.ones(1)}), ValueError,
          "ImageNetModel.load_torchvision: these are no weights of this network, and nothing was changed:\n"
          "  a is unknown to the model"),
    Wrong("preprocess of a file name", lambda: M.VGG16.preprocess("cat.png"), TypeError,
          "Convert expects an image of Pillow, got str 'cat.png'"),
    Wrong("preprocess of an array", lambda: M.VGG16.preprocess(images), TypeError,
          "Convert expects an image of Pillow, got (2, 3, 8, 8) float32; ToPIL() makes one of an array"),
    Wrong("preprocess_torchvision of None", lambda: M.preprocess_torchvision(None), TypeError,
          "Convert expects an image of Pillow, got NoneType None"),
    Wrong("preprocess_torchvision to nothing", lambda: M.preprocess_torchvision(broken_image(), resize=0), ValueError,
          "the size of Resize cannot be less than 1, got (0, 0)"),
]  # fmt: skip
