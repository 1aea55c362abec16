"""SqueezeNet 1.1: as good as the winner of 2012, with a fiftieth of its parameters."""

from __future__ import annotations

import os

import numpy as np

import dezero.functions as F
import dezero.layers as L
from dezero.core import Operand, Variable
from dezero.cuda import Array
from dezero.models.imagenet import ImageNetModel, conv, preprocess_torchvision

__all__ = ["Fire", "SqueezeNet"]

_TORCHVISION = {
    "conv1": "features.0", "fire2": "features.3", "fire3": "features.4", "fire4": "features.6", "fire5": "features.7",
    "fire6": "features.9", "fire7": "features.10", "fire8": "features.11", "fire9": "features.12",
    "conv10": "classifier.1",
}  # fmt: skip


class Fire(L.Layer):
    """A convolution of 1x1 that squeezes the channels, then two, of 1x1 and 3x3, that expand them side by side.

    Parameters
    ----------
    in_channels, squeezed, expanded : int
        Numbers of channels: of x, between, and of each of the two halves of the result.
    """

    def __init__(self, in_channels: int, squeezed: int, expanded: int) -> None:
        super().__init__()
        self.squeeze = conv(in_channels, squeezed, kernel_size=1)
        self.expand1x1 = conv(squeezed, expanded, kernel_size=1)
        self.expand3x3 = conv(squeezed, expanded, kernel_size=3, pad=1)

    def forward(self, x: Operand) -> Variable:
        x = F.relu(self.squeeze(x))
        return F.concatenate([F.relu(self.expand1x1(x)), F.relu(self.expand3x3(x))], axis=1)


class SqueezeNet(ImageNetModel):
    """SqueezeNet 1.1 by Iandola and others: 1,235,496 parameters, 4.7 MiB.

    Parameters
    ----------
    pretrained : bool or path
        The path of a file of weights (``.npz`` or ``.safetensors``), with the names of torchvision or those of
        `save_weights`. True, for the weights of the book, is refused, because there are none.
    sha256 : str, optional
        Checksum that the file of weights must have.

    Raises
    ------
    ValueError
        If the file is damaged, has another checksum, or holds other weights; the message lists every difference.

    Notes
    -----
    x is of shape (N, 3, H, W), of 224 pixels in training, prepared by `preprocess`; the result, of shape (N, 1000), is
    for a softmax.

    References
    ----------
    Iandola et al., "SqueezeNet: AlexNet-level accuracy with 50x fewer parameters and < 0.5 MB model size", 2016;
    version 1.1 is that of the authors' repository, which takes less arithmetic.

    Examples
    --------
    >>> shapes = SqueezeNet().weight_shapes()
    >>> f"{sum(int(np.prod(shape)) for shape in shapes.values()):,}"
    '1,235,496'
    """

    def __init__(self, pretrained: bool | str | os.PathLike[str] = False, sha256: str | None = None) -> None:
        super().__init__()
        self.conv1 = conv(3, 64, kernel_size=3, stride=2)
        self.fire2 = Fire(64, 16, 64)
        self.fire3 = Fire(128, 16, 64)
        self.fire4 = Fire(128, 32, 128)
        self.fire5 = Fire(256, 32, 128)
        self.fire6 = Fire(256, 48, 192)
        self.fire7 = Fire(384, 48, 192)
        self.fire8 = Fire(384, 64, 256)
        self.fire9 = Fire(512, 64, 256)
        self.conv10 = conv(512, 1000, kernel_size=1)
        self._load_pretrained(pretrained, sha256)

    def forward(self, x: Operand) -> Variable:
        x = F.relu(self.conv1(x))
        x = F.pooling(x, 3, 2, ceil_mode=True)
        x = self.fire3(self.fire2(x))
        x = F.pooling(x, 3, 2, ceil_mode=True)
        x = self.fire5(self.fire4(x))
        x = F.pooling(x, 3, 2, ceil_mode=True)
        x = self.fire9(self.fire8(self.fire7(self.fire6(x))))
        x = F.relu(self.conv10(F.dropout(x)))
        return F.global_average_pooling(x)

    @staticmethod
    def preprocess(image: object, resize: int = 256, crop: int = 224, dtype: object = np.float32) -> Array:
        """Turn an image into what torchvision's weights expect: the same as `preprocess_torchvision`."""
        return preprocess_torchvision(image, resize, crop, dtype)

    def _torchvision_layer(self, path: str) -> str:
        block, _, layer = path.partition("/")
        return f"{_TORCHVISION.get(block, block)}.{layer}".rstrip(".")
