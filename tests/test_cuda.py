"""The array floor, on a machine without a GPU: CuPy's part is played by a stand-in."""

import re
import subprocess
import sys
import types
from pathlib import Path

import numpy as np
import pytest

from dezero import Variable, cuda


class Stub(types.ModuleType):
    """As much of CuPy as the array floor touches."""

    def __init__(self, devices=1, broken=False):
        super().__init__("cupy")

        class Ndarray:
            def __init__(self, array):
                self.host = array

        def is_available():
            if broken:
                raise OSError("driver not found")
            return devices > 0

        self.ndarray = Ndarray
        self.asarray = lambda x: x if isinstance(x, Ndarray) else Ndarray(np.asarray(x))
        self.asnumpy = lambda x: x.host
        self.cuda = types.SimpleNamespace(is_available=is_available)
        self.from_dlpack = lambda x: Ndarray(x.host)
        self.__version__ = "14.2.0"


@pytest.fixture
def install(monkeypatch):
    """Put a stand-in (or None: not installed) in the place of CuPy, with nothing found out yet."""

    def put(cupy):
        monkeypatch.setitem(sys.modules, "cupy", cupy)
        for name in ("cupy", "gpu_enable"):
            monkeypatch.delitem(vars(cuda), name, raising=False)
        return cupy

    yield put
    for name in ("cupy", "gpu_enable"):
        vars(cuda).pop(name, None)


def test_without_cupy(install):
    install(None)
    assert cuda.gpu_enable is False
    assert not hasattr(cuda, "cupy")
    with pytest.raises(
        RuntimeError, match=r"^as_cupy needs a GPU: CuPy is not installed \(its package is called cupy-"
    ):
        cuda.as_cupy(np.ones(2))
    with pytest.raises(RuntimeError, match=r"^as_cupy needs a GPU"):
        Variable(np.ones(2)).to_gpu()


@pytest.mark.parametrize("stub, enabled", [(Stub(1), True), (Stub(0), False), (Stub(broken=True), False)])
def test_gpu_is_enabled_where_a_device_answers(install, stub, enabled):
    install(stub)
    assert cuda.gpu_enable is enabled
    assert cuda.cupy is stub


@pytest.mark.parametrize(
    ("stub", "words"),
    [
        (Stub(1), "^$"),
        (Stub(0), r"^CuPy 14.2.0 is installed, but finds no CUDA device$"),
        (Stub(broken=True), r"^CuPy is installed, but fails: OSError: driver not found$"),
    ],
)
def test_what_is_wrong_is_said(install, stub, words):
    install(stub)
    assert re.search(words, cuda.why_no_gpu())
    if words != "^$":
        with pytest.raises(RuntimeError, match="^as_cupy needs a GPU: " + words[1:]):
            cuda.as_cupy(1.0)


@pytest.mark.parametrize("error", [ModuleNotFoundError("no fastrlock", name="fastrlock"), ImportError("libcudart.so")])
def test_broken_cupy_is_not_taken_for_absent(install, monkeypatch, error):
    def fail(name):
        raise error

    install(None)
    monkeypatch.setattr(cuda.importlib, "import_module", fail)
    assert cuda.gpu_enable is False
    assert cuda.why_no_gpu() == f"CuPy is installed, but fails: {type(error).__name__}: {error}"
    with pytest.raises(ImportError):
        _ = cuda.cupy


def test_gpu_can_be_switched_off(install, monkeypatch):
    install(Stub(1))
    monkeypatch.setitem(vars(cuda), "gpu_enable", False)
    with pytest.raises(RuntimeError, match=r"^as_cupy needs a GPU: gpu_enable has been set to False$"):
        cuda.as_cupy(1.0)


class OnDevice:
    """An array of another library on a device of a kind that DLPack numbers."""

    host = np.ones(2)

    def __init__(self, kind):
        self.kind = kind

    def __dlpack_device__(self):
        return self.kind, 0

    def __dlpack__(self, **kwargs):
        return self.host.__dlpack__(**kwargs)


@pytest.mark.parametrize("kind", [2, 13])
def test_dlpack_from_a_gpu_goes_to_cupy(install, kind):
    install(None)
    with pytest.raises(
        RuntimeError, match=r"^from_dlpack got an array on a GPU, which needs CuPy: CuPy is not installed"
    ):
        cuda.from_dlpack(OnDevice(kind))
    cupy = install(Stub())
    assert isinstance(cuda.from_dlpack(OnDevice(kind)), cupy.ndarray)


def test_dlpack_from_elsewhere_goes_to_numpy(install):
    install(Stub())
    assert np.shares_memory(cuda.from_dlpack(OnDevice.host), OnDevice.host)
    assert type(cuda.from_dlpack(OnDevice(1))) is np.ndarray


def test_arrays_of_cupy_are_arrays(install):
    cupy = install(Stub())
    a = cuda.as_cupy(np.arange(3))
    assert cuda.is_array(a)
    assert cuda.get_array_module(a) is cupy
    assert cuda.get_array_module(np.ones(1)) is np
    assert cuda.as_numpy(a).tolist() == [0, 1, 2]


def test_variable_moves_there_and_back(install):
    cupy = install(Stub())
    x = Variable(np.arange(3.0))
    x.to_gpu()
    assert isinstance(x.data, cupy.ndarray)
    assert x.numpy().tolist() == [0.0, 1.0, 2.0]
    x.to_cpu()
    assert type(x.data) is np.ndarray
    empty = Variable(None)
    empty.to_gpu(), empty.to_cpu()
    assert empty.data is None


@pytest.mark.parametrize("x", [2.5, np.float32(2.5), np.array(2.5), Variable(np.array(2.5))])
def test_as_numpy(x):
    assert cuda.as_numpy(x).shape == ()
    assert cuda.as_numpy(x) == 2.5


def test_as_numpy_copies_nothing():
    a = np.ones(3)
    assert cuda.as_numpy(a) is a
    assert cuda.as_numpy(Variable(a)) is a


@pytest.mark.parametrize("x", [1.0, None, [1], np.float64(1), np.ones(1), Variable(np.ones(1))])
def test_array_module_is_numpy_for_all_else(x):
    assert cuda.get_array_module(x) is np


def test_as_array_makes_arrays_of_numbers_only():
    a = np.ones(2)
    assert cuda.as_array(a) is a
    for number in (1, 1.0, True, 1j, np.float32(1)):
        assert type(cuda.as_array(number)) is np.ndarray
    assert cuda.as_array(1.0, array_module=np).shape == ()
    assert cuda.as_array("a") == "a"


def test_unknown_name():
    with pytest.raises(AttributeError, match=r"^module 'dezero.cuda' has no attribute 'nonsense'$"):
        _ = cuda.nonsense


def test_import_does_not_load_cupy():
    code = "import sys; sys.modules['cupy'] = None; import dezero; assert 'gpu_enable' not in vars(dezero.cuda)"
    root = Path(cuda.__file__).parents[1]
    subprocess.run([sys.executable, "-c", code], check=True, cwd=root)
