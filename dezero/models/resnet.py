"""ResNet: blocks that add to their input instead of replacing it, so that a hundred layers can be trained."""

from __future__ import annotations

import os
from collections.abc import Sequence

import numpy as np

import dezero.functions as F
import dezero.layers as L
from dezero.core import Operand, Variable
from dezero.cuda import Array
from dezero.layers.base import positive
from dezero.models.imagenet import ImageNetModel, conv, linear, preprocess_caffe, preprocess_torchvision
from dezero.models.model import Model

__all__ = [
    "BasicA", "BasicB", "BottleneckA", "BottleneckB", "BuildingBlock", "ResNet", "ResNet101", "ResNet152", "ResNet18",
    "ResNet34", "ResNet50", "SmallResNet18",
]  # fmt: skip

_BLOCKS = {18: (2, 2, 2, 2), 34: (3, 4, 6, 3), 50: (3, 4, 6, 3), 101: (3, 4, 23, 3), 152: (3, 8, 36, 3)}
_EPS = {"book": 2e-5, "torchvision": 1e-5}  # of batch normalization


# -- blocks ----------------------------------------------------------------------------------------


class BottleneckA(L.Layer):
    """Three convolutions, of which the first and the last are of 1x1, and a fourth of 1x1 beside them.

    Parameters
    ----------
    in_channels, mid_channels, out_channels : int
    stride : int
        In pixels.
    downsample_fb : bool
        Whether the convolution of 3x3 has the stride, as in torchvision, and not the first of 1x1, as in the paper.
    eps : float
        Of batch normalization.
    """

    def __init__(
        self,
        in_channels: int,
        mid_channels: int,
        out_channels: int,
        stride: int = 2,
        downsample_fb: bool | None = False,
        eps: float = 2e-5,
    ) -> None:
        super().__init__()
        first, second = (1, stride) if downsample_fb else (stride, 1)
        self.conv1 = conv(in_channels, mid_channels, 1, first, nobias=True)
        self.bn1 = L.BatchNorm(eps=eps)
        self.conv2 = conv(mid_channels, mid_channels, 3, second, pad=1, nobias=True)
        self.bn2 = L.BatchNorm(eps=eps)
        self.conv3 = conv(mid_channels, out_channels, 1, nobias=True)
        self.bn3 = L.BatchNorm(eps=eps)
        self.conv4 = conv(in_channels, out_channels, 1, stride, nobias=True)
        self.bn4 = L.BatchNorm(eps=eps)

    def forward(self, x: Operand) -> Variable:
        y = F.relu(self.bn1(self.conv1(x)))
        y = F.relu(self.bn2(self.conv2(y)))
        y = self.bn3(self.conv3(y))
        return F.relu(y + self.bn4(self.conv4(x)))


class BottleneckB(L.Layer):
    """Three convolutions, of which the first and the last are of 1x1, and the input itself beside them.

    Parameters
    ----------
    in_channels, mid_channels : int
        The result has as many channels as x.
    eps : float
        Of batch normalization.
    """

    def __init__(self, in_channels: int, mid_channels: int, eps: float = 2e-5) -> None:
        super().__init__()
        self.conv1 = conv(in_channels, mid_channels, 1, nobias=True)
        self.bn1 = L.BatchNorm(eps=eps)
        self.conv2 = conv(mid_channels, mid_channels, 3, pad=1, nobias=True)
        self.bn2 = L.BatchNorm(eps=eps)
        self.conv3 = conv(mid_channels, in_channels, 1, nobias=True)
        self.bn3 = L.BatchNorm(eps=eps)

    def forward(self, x: Operand) -> Variable:
        y = F.relu(self.bn1(self.conv1(x)))
        y = F.relu(self.bn2(self.conv2(y)))
        return F.relu(self.bn3(self.conv3(y)) + x)


class BasicA(L.Layer):
    """Two convolutions of 3x3, and one of 1x1 beside them.

    Parameters
    ----------
    in_channels, out_channels : int
    stride : int
        In pixels.
    eps : float
        Of batch normalization.
    """

    def __init__(self, in_channels: int, out_channels: int, stride: int = 2, eps: float = 2e-5) -> None:
        super().__init__()
        self.conv1 = conv(in_channels, out_channels, 3, stride, pad=1, nobias=True)
        self.bn1 = L.BatchNorm(eps=eps)
        self.conv2 = conv(out_channels, out_channels, 3, pad=1, nobias=True)
        self.bn2 = L.BatchNorm(eps=eps)
        self.conv3 = conv(in_channels, out_channels, 1, stride, nobias=True)
        self.bn3 = L.BatchNorm(eps=eps)

    def forward(self, x: Operand) -> Variable:
        y = F.relu(self.bn1(self.conv1(x)))
        return F.relu(self.bn2(self.conv2(y)) + self.bn3(self.conv3(x)))


class BasicB(L.Layer):
    """Two convolutions of 3x3, and the input itself beside them.

    Parameters
    ----------
    in_channels : int
        The result has as many channels as x.
    eps : float
        Of batch normalization.
    """

    def __init__(self, in_channels: int, eps: float = 2e-5) -> None:
        super().__init__()
        self.conv1 = conv(in_channels, in_channels, 3, pad=1, nobias=True)
        self.bn1 = L.BatchNorm(eps=eps)
        self.conv2 = conv(in_channels, in_channels, 3, pad=1, nobias=True)
        self.bn2 = L.BatchNorm(eps=eps)

    def forward(self, x: Operand) -> Variable:
        y = F.relu(self.bn1(self.conv1(x)))
        return F.relu(self.bn2(self.conv2(y)) + x)


class _Stage(L.Layer):
    """Blocks one after another, under the names a, b1, b2 and so on."""

    def __init__(self, blocks: Sequence[L.Layer]) -> None:
        super().__init__()
        self._order = ["a", *[f"b{i}" for i in range(1, len(blocks))]]
        for name, block in zip(self._order, blocks):
            setattr(self, name, block)

    def forward(self, x: Operand) -> Variable:
        for name in self._order:
            x = getattr(self, name)(x)
        return x  # type: ignore[return-value]  # there is one block at least


class BuildingBlock(_Stage):
    """A `BottleneckA` and `BottleneckB` after it: the images shrink once, by the stride.

    Parameters
    ----------
    n_layers : int
        How many blocks.
    in_channels, mid_channels, out_channels, stride, downsample_fb, eps
        Of the first block.
    """

    def __init__(
        self,
        n_layers: int,
        in_channels: int,
        mid_channels: int,
        out_channels: int,
        stride: int,
        downsample_fb: bool | None = None,
        eps: float = 2e-5,
    ) -> None:
        n_layers = positive("BuildingBlock", "n_layers", n_layers)
        first = BottleneckA(in_channels, mid_channels, out_channels, stride, downsample_fb, eps)
        super().__init__([first, *[BottleneckB(out_channels, mid_channels, eps) for _ in range(n_layers - 1)]])


# -- networks --------------------------------------------------------------------------------------


class ResNet(ImageNetModel):
    """The residual network of 18, 34, 50, 101 or 152 layers with weights by He and others.

    Parameters
    ----------
    n_layers : int
        18, 34, 50, 101 or 152.
    pretrained : bool or path
        Whether to load the published weights of the book, which exist for 50, 101 and 152 layers (100 to 240 MB,
        downloaded once); or the path of a file of weights, with the names of the book or those of torchvision (``.npz``
        or ``.safetensors``).
    arrangement : str, optional
        ``"book"``: the authors' first one, as in the book, which strides in convolutions of 1x1, gives the first
        convolution a bias, and pools without padding. ``"torchvision"``: that of torchvision, which strides in those of
        3x3, and whose weights need it. Unless given, the former from 50 layers on, and the latter below.
    sha256 : str, optional
        Checksum that the file of weights must have; none has been published for the book's.

    Attributes
    ----------
    arrangement : str

    Raises
    ------
    RuntimeError
        If the weights cannot be downloaded; the message tells what to place where by hand.
    ValueError
        If there is no such network or arrangement; if the file is damaged, has another checksum, or holds other
        weights; the message lists every difference.

    Notes
    -----
    x is of shape (N, 3, H, W), of 224 pixels in training, prepared by `preprocess`; the result, of shape (N, 1000), is
    for a softmax.

    References
    ----------
    He et al., "Deep residual learning for image recognition", 2016, table 1.

    Examples
    --------
    >>> model = ResNet(50, arrangement="torchvision")
    >>> shapes = model.weight_shapes()
    >>> f"{sum(int(np.prod(shapes[path])) for path, _ in model.named_params()):,}"
    '25,557,032'
    """

    WEIGHTS_PATH = "https://github.com/koki0702/dezero-models/releases/download/v0.1/resnet{}.npz"

    def __init__(
        self,
        n_layers: int = 152,
        pretrained: bool | str | os.PathLike[str] = False,
        arrangement: str | None = None,
        sha256: str | None = None,
    ) -> None:
        super().__init__()
        if n_layers not in _BLOCKS:
            raise ValueError(f"ResNet expects n_layers to be one of {', '.join(map(str, _BLOCKS))}, got {n_layers!r}")
        if arrangement is None:
            arrangement = "book" if n_layers >= 50 else "torchvision"
        if arrangement not in _EPS:
            raise ValueError(f"ResNet expects arrangement to be 'book' or 'torchvision', got {arrangement!r}")
        self.n_layers, self.arrangement = n_layers, arrangement
        book, eps, blocks = arrangement == "book", _EPS[arrangement], _BLOCKS[n_layers]
        stages = _bottlenecks(blocks, not book, eps) if n_layers >= 50 else _basics(blocks, eps)
        self.conv1 = conv(3, 64, 7, stride=2, pad=3, nobias=not book)
        self.bn1 = L.BatchNorm(eps=eps)
        self.res2, self.res3, self.res4, self.res5 = stages
        self.fc6 = linear(2048 if n_layers >= 50 else 512, 1000)
        self._load_pretrained(pretrained, sha256)

    def forward(self, x: Operand) -> Variable:
        x = F.relu(self.bn1(self.conv1(x)))
        x = F.pooling(x, 3, 2, pad=0 if self.arrangement == "book" else 1)
        x = self.res5(self.res4(self.res3(self.res2(x))))
        return self.fc6(F.global_average_pooling(x))

    def preprocess(self, image: object, dtype: object = np.float32) -> Array:
        """Turn an image into what the published weights of this arrangement expect.

        In the book's: scaled to 224 times 224 pixels, whatever its proportions were, blue first, 0 to 255, less the
        mean over ImageNet. In torchvision's: `preprocess_torchvision`.

        Parameters
        ----------
        image : image of Pillow
            Of any size and mode.
        dtype : dtype

        Returns
        -------
        ndarray, shape (3, 224, 224)
            Without the axis of the batch: ``x[None]`` has it.

        Raises
        ------
        TypeError
            If image is none of Pillow's.

        References
        ----------
        The authors' mean (103.063, 115.903, 123.152): https://github.com/KaimingHe/deep-residual-networks.
        """
        if self.arrangement == "torchvision":
            return preprocess_torchvision(image, dtype=dtype)
        return preprocess_caffe(image, (103.063, 115.903, 123.152), (224, 224), dtype)

    def _published(self) -> str:
        if self.arrangement != "book" or self.n_layers < 50:
            return super()._published()
        return self.WEIGHTS_PATH.format(self.n_layers)

    def _torchvision_layer(self, path: str) -> str:
        if self.arrangement != "torchvision":
            raise ValueError(f"{type(self).__name__}: torchvision's weights are for another arrangement of layers "
                             'than the book\'s, which this is: make it with arrangement="torchvision"')  # fmt: skip
        stage, _, rest = path.partition("/")
        if not rest:
            return "fc" if path == "fc6" else path
        block, _, layer = rest.partition("/")
        beside = "4" if self.n_layers >= 50 else "3"  # the number of the convolution beside the others
        if layer.endswith(beside):
            layer = "downsample.0" if layer.startswith("conv") else "downsample.1"
        return f"layer{int(stage[3:]) - 1}.{0 if block == 'a' else block[1:]}.{layer}"


def _bottlenecks(blocks: Sequence[int], downsample_fb: bool, eps: float) -> list[_Stage]:
    sizes = [(64, 64, 256, 1), (256, 128, 512, 2), (512, 256, 1024, 2), (1024, 512, 2048, 2)]
    return [BuildingBlock(n, *size, downsample_fb, eps) for n, size in zip(blocks, sizes)]


def _basics(blocks: Sequence[int], eps: float) -> list[_Stage]:
    stages = []
    for i, n in enumerate(blocks):
        channels = 64 * 2**i
        first = BasicB(channels, eps) if i == 0 else BasicA(channels // 2, channels, 2, eps)
        stages.append(_Stage([first, *[BasicB(channels, eps) for _ in range(n - 1)]]))
    return stages


class ResNet18(ResNet):
    """`ResNet` of 18 layers: 11,689,512 parameters, 45 MiB."""

    def __init__(
        self,
        pretrained: bool | str | os.PathLike[str] = False,
        arrangement: str | None = None,
        sha256: str | None = None,
    ) -> None:
        super().__init__(18, pretrained, arrangement, sha256)


class ResNet34(ResNet):
    """`ResNet` of 34 layers: 21,797,672 parameters, 83 MiB."""

    def __init__(
        self,
        pretrained: bool | str | os.PathLike[str] = False,
        arrangement: str | None = None,
        sha256: str | None = None,
    ) -> None:
        super().__init__(34, pretrained, arrangement, sha256)


class ResNet50(ResNet):
    """`ResNet` of 50 layers: 25,557,096 parameters, 98 MiB; 64 less in torchvision's arrangement."""

    def __init__(
        self,
        pretrained: bool | str | os.PathLike[str] = False,
        arrangement: str | None = None,
        sha256: str | None = None,
    ) -> None:
        super().__init__(50, pretrained, arrangement, sha256)


class ResNet101(ResNet):
    """`ResNet` of 101 layers: 44,549,224 parameters, 170 MiB; 64 less in torchvision's arrangement."""

    def __init__(
        self,
        pretrained: bool | str | os.PathLike[str] = False,
        arrangement: str | None = None,
        sha256: str | None = None,
    ) -> None:
        super().__init__(101, pretrained, arrangement, sha256)


class ResNet152(ResNet):
    """`ResNet` of 152 layers: 60,192,872 parameters, 230 MiB; 64 less in torchvision's arrangement."""

    def __init__(
        self,
        pretrained: bool | str | os.PathLike[str] = False,
        arrangement: str | None = None,
        sha256: str | None = None,
    ) -> None:
        super().__init__(152, pretrained, arrangement, sha256)


class SmallResNet18(Model):
    """The residual network of 18 layers, for small images such as those of CIFAR-10: 11,173,962 parameters there.

    `ResNet18` shrinks an image to a quarter before the first block, which leaves nothing of 32 times 32 pixels. Here
    the first convolution is of 3x3 with stride 1, and no pooling follows. The rest is the same.

    Parameters
    ----------
    n_classes : int

    Notes
    -----
    x is of shape (N, C, H, W), of 8 pixels or more; the result, of shape (N, n_classes), is for a softmax.

    References
    ----------
    He et al., "Deep residual learning for image recognition", 2016, table 1, with the beginning of its section 4.2, as
    is usual for CIFAR since.

    Examples
    --------
    >>> print(str(SmallResNet18().summary((2, 3, 32, 32))).splitlines()[-2])
    11,173,962 parameters, 42.6 MiB, all trainable
    """

    def __init__(self, n_classes: int = 10) -> None:
        super().__init__()
        self.conv1 = L.Conv2d(64, 3, pad=1, nobias=True)
        self.bn1 = L.BatchNorm(eps=_EPS["torchvision"])
        self.res2, self.res3, self.res4, self.res5 = _basics(_BLOCKS[18], _EPS["torchvision"])
        self.fc6 = linear(512, n_classes)

    def forward(self, x: Operand) -> Variable:
        x = F.relu(self.bn1(self.conv1(x)))
        x = self.res5(self.res4(self.res3(self.res2(x))))
        return self.fc6(F.global_average_pooling(x))
