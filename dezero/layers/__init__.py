"""Layers: parts of a network that hold their parameters and find those of the layers inside them.

A `Layer` notices its parameters and layers as they are assigned to its attributes, or put into lists, tuples and dicts
there. What counts as a layer is decided by protocol (a method `params`), so layers of other making fit in.
"""

from dezero.layers.attention import MultiHeadAttention, TransformerBlock
from dezero.layers.base import Layer
from dezero.layers.conv import Conv1d, Conv2d, Deconv2d
from dezero.layers.linear import EmbedID, Linear
from dezero.layers.normalization import BatchNorm, Dropout, GroupNorm, LayerNorm, RMSNorm
from dezero.layers.recurrent import GRU, LSTM, RNN

__all__ = [
    "BatchNorm", "Conv1d", "Conv2d", "Deconv2d", "Dropout", "EmbedID", "GRU", "GroupNorm", "LSTM", "Layer", "LayerNorm",
    "Linear", "MultiHeadAttention", "RMSNorm", "RNN", "TransformerBlock",
]  # fmt: skip
