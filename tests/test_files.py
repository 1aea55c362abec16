"""Arrays in files: what is saved comes back, or a sentence says why not; and no failure costs the file of before."""

from __future__ import annotations

import errno
import io
import json
import os
import pickle
import stat
import struct
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

import dezero.layers as L
from dezero import Variable
from dezero.models import Sequential
from dezero.optimizers import Adam
from dezero.utils.files import load_arrays, load_with_metadata, replacing, save_arrays

SAFETENSORS = pytest.param(
    "w.safetensors",
    marks=pytest.mark.skipif(not find_spec("safetensors"), reason="the package safetensors is not installed"),
)
BOTH = pytest.mark.parametrize("name", ["w.npz", SAFETENSORS])


def weights() -> dict[str, np.ndarray]:
    return {
        "l1/W": np.arange(6, dtype=np.float32).reshape(2, 3),
        "l1/b": np.array([0.5, np.nan, -np.inf]),
        "t": np.array(7),
        "none": np.zeros((0, 3), np.float16),
        "größe/重み": np.array([True, False]),
    }


def same(a: dict[str, np.ndarray], b: dict[str, np.ndarray]) -> bool:
    return a.keys() == b.keys() and all(
        a[k].dtype == b[k].dtype and a[k].shape == b[k].shape and a[k].tobytes() == b[k].tobytes() for k in a
    )


def npz_with(path: Path, **members: bytes) -> Path:
    """An archive with the given bytes under the given names, with right checksums."""
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in members.items():
            archive.writestr(name + ".npy", content)
    return path


def npy(header: str, data: bytes = b"", version: int = 1) -> bytes:
    text = header.encode() + b"\n"
    return b"\x93NUMPY" + bytes([version, 0]) + struct.pack("<H" if version == 1 else "<I", len(text)) + text + data


# -- what is saved comes back ----------------------------------------------------------------------


@BOTH
def test_arrays_come_back(tmp_path, name):
    save_arrays(tmp_path / name, weights(), {"epoch": "3", "note": "läuft"})
    loaded = load_arrays(tmp_path / name)
    assert same(loaded, weights())
    assert load_with_metadata(tmp_path / name)[1] == {"epoch": "3", "note": "läuft"}
    assert all(array.flags.writeable and array.dtype.isnative for array in loaded.values())


def test_the_order_of_the_keys_comes_back(tmp_path):
    save_arrays(tmp_path / "w.npz", dict.fromkeys("zax", np.zeros(1)))
    assert list(load_arrays(tmp_path / "w.npz")) == list("zax")


@BOTH
def test_no_metadata_and_no_arrays(tmp_path, name):
    save_arrays(tmp_path / name, {})
    assert load_arrays(tmp_path / name) == {}
    assert load_with_metadata(tmp_path / name)[1] == {}


@BOTH
def test_the_same_arrays_make_the_same_file(tmp_path, name):
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        save_arrays(tmp_path / folder / name, weights())
    assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()


@BOTH
def test_transposed_strided_and_foreign_byte_order(tmp_path, name):
    x = np.arange(24.0).reshape(4, 6)
    arrays = {"T": x.T, "strided": x[::2, ::3], "big": x.astype(">f4"), "reversed": x[::-1], "number": 2.5}
    save_arrays(tmp_path / name, arrays)
    loaded = load_arrays(tmp_path / name)
    for key, array in arrays.items():
        np.testing.assert_array_equal(loaded[key], array)
        assert loaded[key].dtype.isnative
    assert loaded["big"].dtype == np.float32


def test_numpy_reads_what_we_write(tmp_path):
    save_arrays(tmp_path / "w.npz", weights())
    with np.load(tmp_path / "w.npz") as found:
        assert same(dict(found), weights())


@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
def test_we_read_what_numpy_writes(tmp_path, save):
    arrays = weights() | {"T": np.arange(6.0).reshape(2, 3).T}
    save(tmp_path / "w.npz", **arrays)
    loaded = load_arrays(tmp_path / "w.npz")
    assert all(np.array_equal(loaded[k], arrays[k], equal_nan=arrays[k].dtype.kind == "f") for k in arrays)


def test_the_names_of_numpys_own_arguments_are_free(tmp_path):
    save_arrays(tmp_path / "w.npz", {"file": np.ones(1), "allow_pickle": np.zeros(1), "a.npy": np.ones(2)})
    assert list(load_arrays(tmp_path / "w.npz")) == ["file", "allow_pickle", "a.npy"]


def test_safetensors_reads_what_we_write_and_we_what_it_writes(tmp_path):
    safetensors = pytest.importorskip("safetensors.numpy", reason="the package safetensors is not installed")
    save_arrays(tmp_path / "w.safetensors", weights())
    assert same(safetensors.load_file(tmp_path / "w.safetensors"), weights())
    safetensors.save_file(weights(), tmp_path / "v.safetensors", {"format": "np"})
    assert same(load_arrays(tmp_path / "v.safetensors"), weights())
    assert load_with_metadata(tmp_path / "v.safetensors")[1] == {"format": "np"}


def test_bfloat16_becomes_float32(tmp_path):
    pytest.importorskip("safetensors", reason="the package safetensors is not installed")
    header = json.dumps({"w": {"dtype": "BF16", "shape": [3], "data_offsets": [0, 6]}}).encode()
    data = np.array([1.0, -2.5, np.inf], np.float32).view(np.uint32) >> 16
    path = tmp_path / "w.safetensors"
    path.write_bytes(struct.pack("<Q", len(header)) + header + data.astype("<u2").tobytes())
    np.testing.assert_array_equal(load_arrays(path)["w"], np.array([1.0, -2.5, np.inf], np.float32), strict=True)


def test_a_name_without_suffix_is_that_name(tmp_path):
    save_arrays(str(tmp_path / "w"), weights())
    assert os.listdir(tmp_path) == ["w"]
    assert same(load_arrays(str(tmp_path / "w")), weights())


def test_a_link_is_followed(tmp_path):
    (tmp_path / "real").mkdir()
    save_arrays(tmp_path / "real" / "w.npz", {"a": np.zeros(1)})
    (tmp_path / "link.npz").symlink_to(tmp_path / "real" / "w.npz")
    save_arrays(tmp_path / "link.npz", weights())
    assert (tmp_path / "link.npz").is_symlink()
    assert same(load_arrays(tmp_path / "real" / "w.npz"), weights())


@pytest.mark.skipif(os.name != "posix", reason="permissions are POSIX's")
def test_permissions_are_those_of_the_old_file_or_of_the_umask(tmp_path):
    path = tmp_path / "w.npz"
    old = os.umask(0o027)
    try:
        save_arrays(path, weights())
        assert stat.S_IMODE(path.stat().st_mode) == 0o640
        path.chmod(0o604)
        save_arrays(path, weights())
        assert stat.S_IMODE(path.stat().st_mode) == 0o604
    finally:
        os.umask(old)


def test_the_random_stream_is_left_alone(tmp_path):
    np.random.seed(0)
    save_arrays(tmp_path / "w.npz", weights())
    drawn = np.random.rand()
    np.random.seed(0)
    assert drawn == np.random.rand()


# -- what cannot be saved --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arrays", "error", "words"),
    [
        ({"l1/W": None}, TypeError, r"'l1/W' is None, not an array; a lazy layer has no weights"),
        ({"a": np.array([None, 1])}, TypeError, "'a' has dtype object; only numbers"),
        ({"a": np.array(["x"])}, TypeError, "'a' has dtype <U1"),
        ({3: np.zeros(1)}, TypeError, "strings as names of arrays, got 3, int"),
        ({"": np.zeros(1)}, ValueError, "cannot name an array ''"),
        ({"a\0b": np.zeros(1)}, ValueError, "cannot name an array"),
        ({"\ud800": np.zeros(1)}, ValueError, "cannot name an array"),
        ({"__metadata__": np.zeros(1)}, ValueError, "cannot name an array '__metadata__'"),
        ([np.zeros(1)], TypeError, "wants arrays as a dict from names to values, got list"),
    ],
)
@BOTH
def test_what_cannot_be_saved_leaves_the_old_file(tmp_path, name, arrays, error, words):
    save_arrays(tmp_path / name, weights())
    with pytest.raises(error, match=words):
        save_arrays(tmp_path / name, arrays)
    assert same(load_arrays(tmp_path / name), weights())
    assert os.listdir(tmp_path) == [name]


def test_metadata_are_strings(tmp_path):
    with pytest.raises(TypeError, match=r"strings in metadata, got 'epoch': 3"):
        save_arrays(tmp_path / "w.npz", weights(), {"epoch": 3})
    with pytest.raises(TypeError, match="wants metadata as a dict"):
        save_arrays(tmp_path / "w.npz", weights(), "epoch 3")


def test_safetensors_has_no_complex128(tmp_path):
    pytest.importorskip("safetensors", reason="the package safetensors is not installed")
    with pytest.raises(ValueError, match=r"safetensors knows no complex128, the dtype of 'z'; save it as \.npz"):
        save_arrays(tmp_path / "w.safetensors", {"z": np.zeros(2, complex)})
    with pytest.raises(ValueError, match=r"'dezero\.crc32' is taken"):
        save_arrays(tmp_path / "w.safetensors", weights(), {"dezero.crc32": "0"})
    save_arrays(tmp_path / "w.npz", {"z": np.array([1j])})
    assert load_arrays(tmp_path / "w.npz")["z"] == 1j


def test_a_missing_safetensors_is_named(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "safetensors.numpy", None)
    (tmp_path / "w.safetensors").write_bytes(b"x")
    with pytest.raises(ImportError, match=r"to save to a \.safetensors file, install the package safetensors; or"):
        save_arrays(tmp_path / "v.safetensors", weights())
    with pytest.raises(ImportError, match="to load a"):
        load_arrays(tmp_path / "w.safetensors")
    assert os.listdir(tmp_path) == ["w.safetensors"]


def test_wrong_places(tmp_path):
    with pytest.raises(IsADirectoryError, match=r"cannot save to .* that is a folder"):
        save_arrays(tmp_path, weights())
    with pytest.raises(IsADirectoryError, match=r"cannot load .* that is a folder"):
        load_arrays(tmp_path)
    with pytest.raises(FileNotFoundError, match=r"there is no folder .*missing'; make it first"):
        save_arrays(tmp_path / "missing" / "w.npz", weights())
    with pytest.raises(FileNotFoundError, match=r"cannot load .*w': there is no such file$"):
        load_arrays(tmp_path / "w")
    np.savez(tmp_path / "w.npz", a=np.zeros(1))
    with pytest.raises(FileNotFoundError, match=r"there is no such file; there is .*w\.npz'$"):
        load_arrays(tmp_path / "w")
    with pytest.raises(TypeError, match="load_arrays wants the path of a file, a string or a path, got NoneType"):
        load_arrays(None)


# -- what is not as it should be -------------------------------------------------------------------


def floats(shape: str, descr: str = "'<f8'") -> str:
    return f"{{'descr': {descr}, 'fortran_order': False, 'shape': {shape}}}"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", r"the file is empty \(0 bytes\)"),
        (b"hello", r"it is no \.npz file \(it begins with the bytes b'hello'\)"),
        (b"<!DOCTYPE html><html>", "begins like a web page: the download went wrong"),
        (b"\x1f\x8b\x08\0\0\0\0\0\0", r"like a \.gz file"),
        (pickle.dumps({"a": 1}), "begins like a pickle, which is never loaded"),
        (b"PK\x03\x04 and no more", "damaged or cut off"),
    ],
)
def test_foreign_files(tmp_path, content, words):
    path = tmp_path / "w.npz"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=rf"^cannot load '.*w\.npz': .*{words}"):
        load_arrays(path)


def test_files_of_a_neighbouring_kind(tmp_path):
    np.save(tmp_path / "a.npy", np.zeros(3))
    with pytest.raises(ValueError, match=r"a single array from numpy\.save: numpy\.load reads it"):
        load_arrays(tmp_path / "a.npy")
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("readme.txt", "hello")
    with pytest.raises(ValueError, match=r"'readme\.txt' is no array: this is some other archive"):
        load_arrays(tmp_path / "a.zip")
    np.savez(tmp_path / "a.safetensors.npz", a=np.zeros(1))
    (tmp_path / "a.safetensors.npz").rename(tmp_path / "a.safetensors")
    pytest.importorskip("safetensors", reason="the package safetensors is not installed")
    with pytest.raises(ValueError, match=r"no \.safetensors file \(it begins like an \.npz: give it that suffix\)"):
        load_arrays(tmp_path / "a.safetensors")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (npy(floats("(1,)", "'|O'"), pickle.dumps([print])), "holds pickled Python objects, which are never loaded"),
        (npy(floats("(1,)", "'<U3'"), b"\0" * 12), "dtype <U3; weights are numbers"),
        (npy(floats("(1,)", "[('a', '<f8')]"), b"\0" * 8), "weights are numbers"),
        (npy(floats("(10**18,)".replace("10**18", "1" + "0" * 18))), r"8,000,000,000,000,000,000 bytes, and 0 bytes"),
        (npy(floats("(" + "9" * 400 + ",)")), "tells of float64"),
        (npy(floats("(-1,)")), "makes no sense"),
        (npy(floats("(2.0,)"), b"\0" * 16), "makes no sense"),
        (npy(floats("(True,)"), b"\0" * 8), "makes no sense"),
        (npy(floats("[2]"), b"\0" * 16), "makes no sense"),
        (npy(floats("(2,)", "'?!'")), "damaged"),
        (npy("[" * 5000), "makes no sense|damaged"),
        (npy("__import__('os').getcwd()"), "damaged"),
        (npy("{'descr': '<f8'}"), "damaged .*fortran_order"),
        (npy(floats("(2,)"), b"\0" * 15), "16 bytes, and 15 bytes are there"),
        (npy(floats("(2,)"), b"\0" * 17), "16 bytes, and 17 bytes are there"),
        (npy(floats("(2,)") + " " * 20_000, b"\0" * 16, version=2), "is said to have 20,0.. bytes; 10,000 would"),
        (b"\x93NUMPY\x09\0", "no array as NumPy writes it"),
        (b"\x93NUMPY\x01\0", "damaged"),
        (b"", "no array as NumPy writes it"),
    ],
)
def test_absurd_entries(tmp_path, content, words):
    with pytest.raises(ValueError, match=words):
        load_arrays(npz_with(tmp_path / "w.npz", a=content))


@pytest.mark.parametrize("lie", [8, -8])
def test_an_entry_of_another_length_than_the_table_says_is_refused(tmp_path, lie):
    content = npy(floats("(2,)" if lie > 0 else "(1,)"), b"\0" * (8 if lie > 0 else 16))
    path = npz_with(tmp_path / "w.npz", a=content)
    archive = bytearray(path.read_bytes())
    at = archive.index(b"PK\x01\x02") + 24  # the uncompressed size, in the table of contents
    archive[at : at + 4] = struct.pack("<I", len(content) + lie)
    path.write_bytes(archive)
    with pytest.raises(ValueError, match=r"data of 'a' end after 8 of 16 bytes|damaged or cut off"):
        load_arrays(path)


@pytest.mark.parametrize("version", [1, 2, 3])
def test_every_version_of_numpys_header_is_read(tmp_path, version):
    path = npz_with(tmp_path / "w.npz", a=npy(floats("(2,)", "'>f8'"), np.array([1, 2], ">f8").tobytes(), version))
    np.testing.assert_array_equal(load_arrays(path)["a"], np.array([1.0, 2.0]), strict=True)


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_name_twice_is_refused(tmp_path):
    entry = npy(floats("(1,)"), b"\0" * 8)
    with zipfile.ZipFile(tmp_path / "w.npz", "w") as archive:
        archive.writestr("a.npy", entry)
        archive.writestr("a.npy", entry)
    with pytest.raises(ValueError, match=r"two entries of the name 'a\.npy'"):
        load_arrays(tmp_path / "w.npz")
    pytest.importorskip("safetensors", reason="the package safetensors is not installed")
    header = (
        b'{"a":{"dtype":"F64","shape":[1],"data_offsets":[0,8]},"a":{"dtype":"F64","shape":[1],"data_offsets":[0,8]}}'
    )
    (tmp_path / "w.safetensors").write_bytes(struct.pack("<Q", len(header)) + header + b"\0" * 8)
    with pytest.raises(ValueError, match="two entries of the name 'a'"):
        load_arrays(tmp_path / "w.safetensors")


def test_metadata_of_another_kind_are_refused(tmp_path):
    with zipfile.ZipFile(tmp_path / "w.npz", "w") as archive:
        archive.writestr("__metadata__", '{"a": 1}')
    with pytest.raises(ValueError, match="its metadata are no strings"):
        load_arrays(tmp_path / "w.npz")


def test_a_strange_compression_is_refused(tmp_path):
    with zipfile.ZipFile(tmp_path / "w.npz", "w", zipfile.ZIP_BZIP2) as archive:
        archive.writestr("a.npy", npy(floats("(1,)"), b"\0" * 8))
    with pytest.raises(ValueError, match="compressed in a way"):
        load_arrays(tmp_path / "w.npz")


@BOTH
def test_a_file_cut_off_anywhere_is_refused(tmp_path, name):
    path = tmp_path / name
    save_arrays(path, {"l1/W": np.arange(40.0), "l1/b": np.zeros(3)})
    content = path.read_bytes()
    for length in range(0, len(content), 7):
        path.write_bytes(content[:length])
        with pytest.raises(ValueError, match=r"cannot load .*: "):
            load_arrays(path)


@BOTH
def test_a_flipped_bit_is_found_or_changes_nothing(tmp_path, name):
    path, arrays = tmp_path / name, {"l1/W": np.arange(6.0), "t": np.array(3)}
    save_arrays(path, arrays, {"epoch": "3"})
    content = path.read_bytes()
    found = 0
    for position in range(len(content)):
        damaged = bytearray(content)
        damaged[position] ^= 1 << (position % 8)
        path.write_bytes(damaged)
        try:
            loaded = load_arrays(path)
        except ValueError as error:
            assert str(error).startswith("cannot load ")
            found += 1
        else:
            assert same(loaded, arrays), position
    assert found > len(content) * 0.6  # the others hit dates and version numbers of the zip format


# -- no failure costs the file of before -----------------------------------------------------------


@BOTH
@pytest.mark.skipif(os.name != "posix", reason="the size of files is limited by POSIX's setrlimit")
def test_a_full_disk_leaves_the_old_file(tmp_path, name):
    import resource

    path = tmp_path / name
    save_arrays(path, weights())
    larger = {"W": np.random.RandomState(0).randn(3000), "b": np.zeros(3)}
    save_arrays(tmp_path / f"whole-{name}", larger)
    needed = (tmp_path / f"whole-{name}").stat().st_size
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    for limit in [*range(0, needed, needed // 8), needed - 1]:
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, hard))
        try:
            with pytest.raises(OSError, match=r"cannot save to .*, what was there before is unchanged: File too"):
                save_arrays(path, larger)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        assert same(load_arrays(path), weights())
    assert sorted(os.listdir(tmp_path)) == sorted([name, f"whole-{name}"])


@BOTH
@pytest.mark.parametrize("call", ["fsync", "replace"])
@pytest.mark.parametrize(
    "error", [OSError(errno.ENOSPC, "No space left on device"), OSError("odd"), KeyboardInterrupt()]
)
def test_a_failure_at_the_end_leaves_the_old_file(tmp_path, monkeypatch, name, call, error):
    def fail(*args):
        raise error

    save_arrays(tmp_path / name, weights())
    with monkeypatch.context() as patch:
        patch.setattr(os, call, fail)
        with pytest.raises(type(error), match="cannot save to" if isinstance(error, OSError) else None):
            save_arrays(tmp_path / name, {"a": np.zeros(1)})
    assert same(load_arrays(tmp_path / name), weights())
    assert os.listdir(tmp_path) == [name]


class FailsAt(io.BufferedWriter):
    """A file whose write number n fails."""

    n = 0

    def write(self, content):
        FailsAt.n -= 1
        if FailsAt.n < 0:
            raise OSError(errno.ENOSPC, "No space left on device")
        return super().write(content)


@BOTH
def test_a_failure_of_any_write_leaves_the_old_file(tmp_path, monkeypatch, name):
    import builtins

    plain = builtins.open

    def failing(path, mode="r", *args, **kwargs):
        return FailsAt(io.FileIO(path, "x")) if mode == "xb" else plain(path, mode, *args, **kwargs)

    path = tmp_path / name
    save_arrays(path, {"a": np.zeros(1)})
    for n in range(100):
        with monkeypatch.context() as patch:
            patch.setattr(builtins, "open", failing)
            FailsAt.n = n
            try:
                save_arrays(path, weights())
            except OSError as error:
                assert "No space left" in str(error)
            else:
                break
        assert list(load_arrays(path)) == ["a"]
        assert os.listdir(tmp_path) == [name]
    assert n > 0
    assert same(load_arrays(path), weights())


@BOTH
@pytest.mark.skipif(os.name != "posix", reason="folders are forced onto the disk by POSIX systems")
def test_all_bytes_are_on_the_disk_before_the_name_and_then_the_name(tmp_path, monkeypatch, name):
    fsync, replace = os.fsync, os.replace
    order = []

    def seen_fsync(descriptor):
        found = os.fstat(descriptor)
        order.append("folder" if stat.S_ISDIR(found.st_mode) else found.st_size)
        fsync(descriptor)

    def seen_replace(*paths):
        order.append("rename")
        replace(*paths)

    monkeypatch.setattr(os, "fsync", seen_fsync)
    monkeypatch.setattr(os, "replace", seen_replace)
    save_arrays(tmp_path / name, weights())
    assert order == [(tmp_path / name).stat().st_size, "rename", "folder"]


def test_an_error_of_the_block_is_handed_on(tmp_path):
    (tmp_path / "note").write_bytes(b"old")
    with pytest.raises(ZeroDivisionError), replacing(tmp_path / "note") as file:
        file.write(b"new")
        1 / 0  # noqa: B018
    assert (tmp_path / "note").read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["note"]


WAYS = {  # how the numbers i are saved: alone, as the weights of a model, as the state of an optimizer
    "arrays": """
def save(path, i):
    save_arrays(path, {"a": np.full(20000, i, float), "b": np.full(20000, i, float)})
""",
    "weights": """
from dezero import Parameter
from dezero.layers import Layer
model = Layer()
model.a, model.b = Parameter(np.zeros(20000)), Parameter(np.zeros(20000))
def save(path, i):
    model.a.data[:] = model.b.data[:] = i
    model.save_weights(path)
""",
    "state": """
from dezero import Parameter, Variable
from dezero.layers import Layer
from dezero.optimizers import MomentumSGD
model = Layer()
model.a, model.b = Parameter(np.zeros(20000)), Parameter(np.zeros(20000))
optimizer = MomentumSGD(model, lr=1.0, momentum=0.0)
def save(path, i):
    for p in model.params():
        p.grad = Variable(np.full(20000, -float(i)))
    optimizer.update()
    optimizer.save_state(path)
""",
}
KILLING = """
import os, signal, sys, time
import numpy as np
from dezero.utils.files import load_arrays, save_arrays
{way}
path, count, seed = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
delays = np.random.RandomState(seed).rand(count) * 0.05
seen = set()
for delay in delays.tolist():
    ready, started = os.pipe()
    child = os.fork()
    if not child:
        i = 0
        while True:
            save(path, i)
            if i == 0:
                os.write(started, b"x")
            i += 1
    os.read(ready, 1)
    time.sleep(delay)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    os.close(ready), os.close(started)
    a, b = load_arrays(path).values()
    assert len(a) == 20000 and (a == a[0]).all() and a.tobytes() == b.tobytes(), (a, b)
    seen.add(float(a[0]))
print(count, len(seen))
"""


def kill_while_saving(path: Path, count: int, way: str) -> None:
    """Kill that many processes in the middle of saving, at random moments, and read the file after each."""
    done = subprocess.run(
        [sys.executable, "-c", KILLING.format(way=WAYS[way]), str(path), str(count), "1"], capture_output=True,
        cwd=Path(__file__).parents[1], env=os.environ | {"OMP_NUM_THREADS": "1"}, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    killed, different = map(int, done.stdout.split())
    assert killed == count and different > 1
    for left in path.parent.glob(".dezero-*.tmp"):
        left.unlink()
    assert os.listdir(path.parent) == [path.name]


@pytest.mark.skipif(os.name != "posix", reason="SIGKILL is POSIX's")
@pytest.mark.parametrize("way", WAYS)
def test_a_killed_process_leaves_a_whole_file(tmp_path, way):
    kill_while_saving(tmp_path / "w.npz", 10, way)


@pytest.mark.slow
@BOTH
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.skipif(os.name != "posix", reason="SIGKILL is POSIX's")
def test_two_hundred_kills_leave_a_whole_file(tmp_path, name, way):
    kill_while_saving(tmp_path / name, 200, way)


# -- flipped bits, as a model and an optimizer meet them -------------------------------------------


def flipped(path: Path, content: bytes, n: int, seed: int) -> Iterator[None]:
    """Write the content anew n times, each time with another random bit flipped."""
    for bit in np.random.RandomState(seed).randint(len(content) * 8, size=n).tolist():
        damaged = bytearray(content)
        damaged[bit // 8] ^= 1 << bit % 8
        path.write_bytes(damaged)
        yield


def refused(load: Callable[[], object], path: Path) -> bool:
    """Whether the file was refused, by its name."""
    try:
        load()
    except ValueError as error:
        assert str(path) in str(error)
        return True
    return False


def flip_weights(path: Path, n: int) -> int:
    """How many of n flipped bits were refused; asserts that no other one changed a number."""
    model = Sequential(L.Linear(4, in_size=5), L.BatchNorm(), L.Linear(2, in_size=4))
    model(np.ones((3, 5), np.float32))
    model.save_weights(path)
    variables = [v for _, v in (*model.named_params(), *model.named_buffers())]
    saved = [v.data.copy() for v in variables]
    mine = [np.full_like(v, 7) for v in saved]
    count = 0
    for _ in flipped(path, path.read_bytes(), n, seed=0):
        for v, array in zip(variables, mine):
            v.data = array
        found = refused(lambda: model.load_weights(path), path)
        count += found
        if found:
            assert all(v.data is array and (array == 7).all() for v, array in zip(variables, mine))
        else:
            assert all(same({"": v.data}, {"": array}) for v, array in zip(variables, saved))
    return count


def flip_state(path: Path, n: int) -> int:
    """The same for the state of an optimizer."""
    model = L.Linear(4, in_size=5)
    optimizer = Adam(model, lr=0.5)
    for _ in range(2):
        for p in model.params():
            p.grad = Variable(np.ones_like(p.data))
        optimizer.update()
    optimizer.save_state(path)
    saved, other = optimizer.state_dict(), Adam(model, lr=0.1)
    mine = other.state_dict()
    count = 0
    for _ in flipped(path, path.read_bytes(), n, seed=1):
        other.load_state_dict(mine)
        found = refused(lambda: other.load_state(path), path)
        count += found
        expected, got = mine if found else saved, other.state_dict()
        assert {key: got[key] for key in got if key != "state"} == {key: expected[key] for key in got if key != "state"}
        assert got["state"].keys() == expected["state"].keys()
        assert all(same(got["state"][key], expected["state"][key]) for key in got["state"])
    return count


@BOTH
@pytest.mark.parametrize("flip", [flip_weights, flip_state])
def test_no_flipped_bit_loads_a_wrong_number(tmp_path, name, flip):
    assert flip(tmp_path / name, 200) > 100  # the others hit dates and version numbers of the zip format


@pytest.mark.slow
@BOTH
@pytest.mark.parametrize("flip", [flip_weights, flip_state])
def test_no_one_of_ten_thousand_flipped_bits_loads_a_wrong_number(tmp_path, name, flip):
    count = flip(tmp_path / name, 10_000)
    print(f"{count} of 10,000 refused")
    assert count > 5_000
