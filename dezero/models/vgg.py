"""VGG16, the winner of 2014 in localizing, and for years the network that others were built on."""

from __future__ import annotations

import os

import numpy as np

import dezero.functions as F
from dezero.core import Operand, Variable
from dezero.cuda import Array
from dezero.models.imagenet import ImageNetModel, conv, linear, preprocess_caffe

__all__ = ["VGG16"]

_TORCHVISION = {
    "conv1_1": "features.0", "conv1_2": "features.2",
    "conv2_1": "features.5", "conv2_2": "features.7",
    "conv3_1": "features.10", "conv3_2": "features.12", "conv3_3": "features.14",
    "conv4_1": "features.17", "conv4_2": "features.19", "conv4_3": "features.21",
    "conv5_1": "features.24", "conv5_2": "features.26", "conv5_3": "features.28",
    "fc6": "classifier.0", "fc7": "classifier.3", "fc8": "classifier.6",
}  # fmt: skip


class VGG16(ImageNetModel):
    """The network of 16 layers with weights by Simonyan and Zisserman: 138,357,544 parameters, 528 MiB.

    Parameters
    ----------
    pretrained : bool or path
        Whether to load the published weights of the book (about 550 MB, downloaded once); or the path of a file of
        weights, with the names of the book or those of torchvision (``.npz`` or ``.safetensors``).
    sha256 : str, optional
        Checksum that the file of weights must have; none has been published for the book's.

    Raises
    ------
    RuntimeError
        If the weights cannot be downloaded; the message tells what to place where by hand.
    ValueError
        If the file is damaged, has another checksum, or holds other weights; the message lists every difference.

    Notes
    -----
    x is of shape (N, 3, 224, 224), prepared by `preprocess` for the book's weights and by `preprocess_torchvision` for
    torchvision's; the result, of shape (N, 1000), is for a softmax. With random weights other sizes work, too: fc6
    takes what the first x leaves.

    References
    ----------
    Simonyan & Zisserman, "Very deep convolutional networks for large-scale image recognition", 2015, configuration D.

    Examples
    --------
    >>> shapes = VGG16().weight_shapes()
    >>> f"{sum(int(np.prod(shape)) for shape in shapes.values()):,}"
    '138,357,544'
    """

    WEIGHTS_PATH = "https://github.com/koki0702/dezero-models/releases/download/v0.1/vgg16.npz"

    def __init__(self, pretrained: bool | str | os.PathLike[str] = False, sha256: str | None = None) -> None:
        super().__init__()
        self.conv1_1 = conv(3, 64, kernel_size=3, pad=1)
        self.conv1_2 = conv(64, 64, kernel_size=3, pad=1)
        self.conv2_1 = conv(64, 128, kernel_size=3, pad=1)
        self.conv2_2 = conv(128, 128, kernel_size=3, pad=1)
        self.conv3_1 = conv(128, 256, kernel_size=3, pad=1)
        self.conv3_2 = conv(256, 256, kernel_size=3, pad=1)
        self.conv3_3 = conv(256, 256, kernel_size=3, pad=1)
        self.conv4_1 = conv(256, 512, kernel_size=3, pad=1)
        self.conv4_2 = conv(512, 512, kernel_size=3, pad=1)
        self.conv4_3 = conv(512, 512, kernel_size=3, pad=1)
        self.conv5_1 = conv(512, 512, kernel_size=3, pad=1)
        self.conv5_2 = conv(512, 512, kernel_size=3, pad=1)
        self.conv5_3 = conv(512, 512, kernel_size=3, pad=1)
        self.fc6 = linear(512 * 7 * 7, 4096)
        self.fc7 = linear(4096, 4096)
        self.fc8 = linear(4096, 1000)
        self._load_pretrained(pretrained, sha256)

    def forward(self, x: Operand) -> Variable:
        x = F.relu(self.conv1_1(x))
        x = F.relu(self.conv1_2(x))
        x = F.pooling(x, 2, 2)
        x = F.relu(self.conv2_1(x))
        x = F.relu(self.conv2_2(x))
        x = F.pooling(x, 2, 2)
        x = F.relu(self.conv3_1(x))
        x = F.relu(self.conv3_2(x))
        x = F.relu(self.conv3_3(x))
        x = F.pooling(x, 2, 2)
        x = F.relu(self.conv4_1(x))
        x = F.relu(self.conv4_2(x))
        x = F.relu(self.conv4_3(x))
        x = F.pooling(x, 2, 2)
        x = F.relu(self.conv5_1(x))
        x = F.relu(self.conv5_2(x))
        x = F.relu(self.conv5_3(x))
        x = F.pooling(x, 2, 2)
        x = F.flatten(x)
        x = F.dropout(F.relu(self.fc6(x)))
        x = F.dropout(F.relu(self.fc7(x)))
        return self.fc8(x)

    @staticmethod
    def preprocess(image: object, size: tuple[int, int] | None = (224, 224), dtype: object = np.float32) -> Array:
        """Turn an image into what the book's weights expect: blue first, 0 to 255, less the mean over ImageNet.

        Parameters
        ----------
        image : image of Pillow
            Of any size and mode.
        size : (int, int), optional
            Width and height in pixels to scale to, whatever the proportions were; None leaves the size.
        dtype : dtype

        Returns
        -------
        ndarray, shape (3, H, W)
            Without the axis of the batch: ``x[None]`` has it.

        Raises
        ------
        TypeError
            If image is none of Pillow's.
        """
        return preprocess_caffe(image, (103.939, 116.779, 123.68), size, dtype)

    def _published(self) -> str:
        return self.WEIGHTS_PATH

    def _torchvision_layer(self, path: str) -> str:
        return _TORCHVISION.get(path, path)
