"""What the published networks for ImageNet share: weights from files, sizes of layers, preparation of images."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping

import numpy as np

import dezero.layers as L
from dezero._download import get_file
from dezero._shapes import Padding, Sizes
from dezero.cuda import Array
from dezero.layers.base import positive
from dezero.models.model import Model
from dezero.transforms import Convert, Normalize, Resize, ToArray
from dezero.utils.files import load_arrays

__all__ = ["ImageNetModel", "preprocess_torchvision"]

_BICUBIC = 3  # PIL.Image.BICUBIC, without loading PIL


class ImageNetModel(Model):
    """A network of which weights for the 1,000 classes of ImageNet have been published.

    Its layers know their sizes before they have weights, which come with the first call or from a file.
    """

    def weight_shapes(self) -> dict[str, tuple[int | None, ...] | None]:
        """Path and shape of every parameter and buffer, also where the model was never called.

        Returns
        -------
        dict from str to tuple
            None stands for what only the first call can tell: a size, or a shape, of a layer that you put in.

        Examples
        --------
        >>> from dezero.models import VGG16
        >>> shapes = VGG16().weight_shapes()
        >>> shapes["conv1_1/W"], shapes["fc6/W"]
        ((64, 3, 3, 3), (25088, 4096))
        """
        return {path: shape for path, (_, _, shape) in self._weights().items()}

    def _weights(self):
        """From path to layer, variable and shape of every parameter and buffer."""
        found = {}
        channels = None  # of the last convolution: batch normalization stands behind one
        for held, *_ in self._routes():
            layer, shape = held.holder, held.shape
            if isinstance(layer, L.Conv2d):
                channels = layer.out_channels
            if held.variable.data is None:
                if isinstance(layer, L.Conv2d) and held.name == "W":
                    shape = layer._W_shape(layer.in_channels)
                elif isinstance(layer, L.Linear) and held.name == "W":
                    shape = (layer.in_size, layer.out_size)
                elif isinstance(layer, L.BatchNorm):
                    shape = (channels,)
            found[held.path] = layer, held.variable, shape
        return found

    # -- weights from files ------------------------------------------------------------------------

    def load_torchvision(self, source: str | os.PathLike[str] | Mapping[str, object]) -> str:
        """Take over the weights of torchvision's network of the same name.

        Nothing is changed unless every array fits. The images must be prepared as for that network:
        `preprocess_torchvision`.

        Parameters
        ----------
        source : str, path, or mapping from str to array
            A ``.safetensors`` file or an ``.npz`` of arrays, or the ``state_dict()`` itself. PyTorch's own files are
            pickles, which can run code and are never loaded: where torchvision is installed,
            ``safetensors.torch.save_file(model.state_dict(), "weights.safetensors")`` makes a file that is.

        Returns
        -------
        str
            A report.

        Raises
        ------
        TypeError
            If an entry of the mapping is no array.
        ValueError
            If names, shapes or kinds of numbers differ; the message lists every difference.
        OSError
            If the file cannot be read.
        """
        name = f"{type(self).__name__}.load_torchvision"
        if isinstance(source, (str, os.PathLike)):
            return self._fill_from_torchvision(f"{name}({os.fspath(source)!r})", load_arrays(source))
        if isinstance(source, Mapping):
            arrays = {key: _as_numpy(name, key, value) for key, value in source.items()}
            return self._fill_from_torchvision(name, arrays)
        raise TypeError(f"{name} expects the path of a file or a state_dict, got {type(source).__name__}")

    def _fill_from_torchvision(self, name: str, arrays: Mapping[str, np.ndarray]) -> str:
        counters = [key for key in arrays if key.endswith("num_batches_tracked")]  # of training, no weights
        return self._fill(
            name,
            {key: array for key, array in arrays.items() if key not in counters},
            {path: self._torchvision_key(path) for path in self.weight_shapes()},
            turned=True,
        )

    def _torchvision_key(self, path: str) -> str:
        """The name in torchvision's state_dict of what stands here under a path."""
        layer, _, name = path.rpartition("/")
        return f"{self._torchvision_layer(layer)}.{_TORCH_NAMES.get(name, name)}"

    def _torchvision_layer(self, path: str) -> str:
        """The name in torchvision's network of the layer that stands here under a path."""
        raise NotImplementedError(f"{type(self).__name__} has no _torchvision_layer(self, path): define it")

    def _fill(self, name: str, arrays: Mapping[str, np.ndarray], keys: dict[str, str], turned: bool) -> str:
        """Give the weights the arrays that `keys` names for their paths, if all fit.

        `turned` says that matrices are kept as (O, I), as in PyTorch.
        """
        faults, chosen = [], []
        for path, (layer, variable, shape) in self._weights().items():
            key = keys[path]
            label = key if key == path else f"{key} (here {path})"
            if key not in arrays:
                faults.append(f"{label} is missing")
                continue
            array = arrays[key].T if turned and isinstance(layer, L.Linear) else arrays[key]
            if array.dtype.kind != "f":
                faults.append(f"{label} has dtype {array.dtype}, expected a floating-point one")
            if not _fits(array.shape, shape):
                faults.append(f"{label} has shape {array.shape}, expected {shape}")
            dtype = getattr(layer, "dtype", np.float32) if variable.data is None else variable.dtype
            chosen.append((variable, array, dtype))
        expected = set(keys.values())
        faults += [f"{key} is unknown to the model" for key in arrays if key not in expected]
        if faults:
            raise ValueError(f"{name}: these are no weights of this network, and nothing was changed:\n  "
                             + "\n  ".join(faults))  # fmt: skip
        self._put(chosen)
        return f"{name}: loaded {len(chosen)} arrays, {sum([array.size for _, array, _ in chosen]):,} numbers"

    def _published(self) -> str:
        """The address of the weights that ``pretrained=True`` asks for."""
        raise ValueError(f"{type(self).__name__} has no published weights that could be downloaded: give "
                         "pretrained the path of a file (load_torchvision tells how to make one)")  # fmt: skip

    def _load_pretrained(self, pretrained: bool | str | os.PathLike[str], sha256: str | None) -> None:
        """Do what the arguments of the constructor ask for."""
        name = type(self).__name__
        if isinstance(pretrained, (bool, np.bool_)):
            if not pretrained:
                if sha256 is not None:
                    raise ValueError(f"{name} got a sha256, but no weights to compare with it: give pretrained")
                return
            path: str | os.PathLike[str] = get_file(self._published(), sha256=sha256)
        elif isinstance(pretrained, (str, os.PathLike)):
            path = pretrained
            if sha256 is not None and (found := _sha256(path)) != sha256.lower():
                raise ValueError(f"{name}: {os.fspath(path)!r} has the SHA-256 {found}, not {sha256}")
        else:
            raise TypeError(f"{name} expects pretrained to be True, False or the path of a file of weights, got "
                            f"{pretrained!r}")  # fmt: skip
        arrays, name = load_arrays(path), f"{name}(pretrained={os.fspath(path)!r})"
        if any(["/" in key for key in arrays]):  # the paths of layers here; torchvision's have dots
            self._fill(name, arrays, {path: path for path in self.weight_shapes()}, turned=False)
        else:
            self._fill_from_torchvision(name, arrays)


_TORCH_NAMES = {
    "W": "weight", "b": "bias", "gamma": "weight", "beta": "bias", "avg_mean": "running_mean", "avg_var": "running_var",
}  # fmt: skip


def _fits(shape: tuple[int, ...], expected: tuple[int | None, ...] | None) -> bool:
    if expected is None:
        return True
    return len(shape) == len(expected) and all([m is None or n == m for n, m in zip(shape, expected)])


def _as_numpy(name: str, key: str, value: object) -> np.ndarray:
    try:
        array = np.asarray(value)
    except (TypeError, ValueError, RuntimeError) as error:  # on a GPU, with a graph, of a dtype that NumPy lacks
        raise TypeError(f"{name}: {key} cannot become a NumPy array ({error})") from None
    if array.dtype.kind not in "biufc":
        raise TypeError(f"{name}: {key} is no array of numbers, but {type(value).__name__}")
    return array


def _sha256(path: str | os.PathLike[str]) -> str:
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


# -- layers that know their sizes ------------------------------------------------------------------


def conv(
    in_channels: int, out_channels: int, kernel_size: Sizes, stride: Sizes = 1, pad: Padding = 0, nobias: bool = False
) -> L.Conv2d:
    """A convolution of known sizes that draws no weights yet, as a file may bring them."""
    layer = L.Conv2d(out_channels, kernel_size, stride, pad, nobias)
    layer.in_channels = positive("Conv2d", "in_channels", in_channels)
    return layer


def linear(in_size: int, out_size: int) -> L.Linear:
    """An affine layer, likewise."""
    layer = L.Linear(out_size)
    layer.in_size = in_size
    return layer


# -- images ----------------------------------------------------------------------------------------


def preprocess_caffe(image: object, mean: tuple[float, ...], size: tuple[int, int] | None, dtype: object) -> Array:
    """An image as the networks that came from Caffe want it: BGR, 0 to 255, less the mean colour."""
    picture = Convert("BGR")(image)
    if size:
        picture = Resize(size, _BICUBIC)(picture)
    return Normalize(mean, 1)(ToArray(dtype)(picture))


def preprocess_torchvision(image: object, resize: int = 256, crop: int = 224, dtype: object = np.float32) -> Array:
    """Turn an image into what torchvision's networks for ImageNet expect.

    The shorter side is scaled to `resize` pixels, the middle of `crop` times `crop` pixels is cut out, and the colours,
    red first and from 0 to 1, are normalized by the mean and the standard deviation over ImageNet.

    Parameters
    ----------
    image : image of Pillow
        Of any size and mode.
    resize, crop : int
        In pixels. torchvision's second edition of weights (V2) wants 232 instead of 256.
    dtype : dtype

    Returns
    -------
    ndarray, shape (3, crop, crop)
        Without the axis of the batch: ``x[None]`` has it.

    Raises
    ------
    TypeError
        If image is none of Pillow's.

    References
    ----------
    torchvision, ``transforms/_presets.py``, ImageClassification.
    """
    picture = Convert("RGB")(image)
    short, long = min(picture.size), max(picture.size)
    scaled = {short: resize, long: int(resize * long / short)} if short < long else {short: resize}
    picture = Resize((scaled[picture.size[0]], scaled[picture.size[1]]))(picture)
    left, top = [round((length - crop) / 2) for length in picture.size]
    pixels = ToArray(dtype)(picture.crop((left, top, left + crop, top + crop)))
    return Normalize((0.485, 0.456, 0.406), (0.229, 0.224, 0.225))(pixels / 255)
