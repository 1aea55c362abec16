"""Arrays in files: ``.npz`` as NumPy writes it, or ``.safetensors``; written whole or not at all, checked when read.

A file appears under its name only when every byte of it is on the disk: it is written beside its place and moved there
in one step, so that a full disk or a killed process leaves the file of before. Reading looks at every byte before
anything is returned, and nothing is ever unpickled: a weights file from a stranger cannot run code.
"""

from __future__ import annotations

import errno
import json
import os
import secrets
import stat
import struct
import zipfile
import zlib
from ast import literal_eval
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from types import ModuleType
from typing import IO, BinaryIO, TypeAlias

import numpy as np

from dezero import cuda
from dezero.cuda import ArrayLike

__all__ = ["load_arrays", "load_with_metadata", "replacing", "save_arrays"]

FilePath: TypeAlias = str | os.PathLike[str]

_METADATA = "__metadata__"  # the name that safetensors reserves; the same in both formats
_CHECKSUM = "dezero.crc32"
_CHUNK = 1 << 20
_HEADER_LIMIT = 10_000  # bytes, as in NumPy: a longer header of an array is no header

_DAMAGED = (
    zipfile.BadZipFile, zipfile.LargeZipFile, zlib.error, struct.error, EOFError, ValueError, SyntaxError,
    NotImplementedError, RuntimeError, KeyError, TypeError, MemoryError, OverflowError,
)  # fmt: skip  # what zipfile and the readers below answer with when bytes are not what they should be


# -- saving ----------------------------------------------------------------------------------------


def save_arrays(path: FilePath, arrays: Mapping[str, ArrayLike], metadata: Mapping[str, str] | None = None) -> None:
    """Save named arrays into one file, atomically: afterwards the file is the new one, or after an error the old one.

    Parameters
    ----------
    path : str or path
        Exactly this file: no suffix is added. ``.safetensors`` selects that format (package safetensors), and any
        other name the layout of `numpy.savez_compressed`, which `numpy.load` reads.
    arrays : mapping from str to array or number
        Of any shape and of a boolean, integer, floating-point or complex dtype; arrays on a GPU are copied from there.
        Keys are free, for example ``"l1/W"``.
    metadata : mapping from str to str, optional
        Words that travel with the arrays; `load_with_metadata` reads them.

    Raises
    ------
    TypeError
        If a value is no array of numbers, or if a key or a piece of metadata is no string.
    ValueError
        If a key cannot name an array in a file, or if safetensors has no such dtype.
    OSError
        If the file cannot be written; the old file is still there, and nothing else was left behind.
    ImportError
        If the package safetensors is asked for and missing.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     save_arrays(f"{folder}/weights.npz", {"l1/W": np.eye(2)})
    ...     load_arrays(f"{folder}/weights.npz")
    {'l1/W': array([[1., 0.],
           [0., 1.]])}
    """
    target = _as_path(path, "save_arrays")
    checked = {_as_key(key): _as_numbers(key, value) for key, value in _items(arrays, "arrays")}
    words = {key: _as_text(key, value) for key, value in _items({} if metadata is None else metadata, "metadata")}
    if _is_safetensors(target):
        content = _to_safetensors(checked, words)
        with replacing(target) as file:
            file.write(content)
    else:
        with replacing(target) as file:
            _write_npz(file, checked, words)


@contextmanager
def replacing(path: FilePath) -> Iterator[BinaryIO]:
    """Open a file for writing that takes the place of `path` at the end of the `with` block, in one step.

    The bytes go into a temporary file in the same folder, are forced onto the disk and then renamed. If the block or
    the writing fails, the temporary file is removed and the file of before stays as it was. The permissions of an
    existing file are kept; a link is followed. (Only a killed process can leave its temporary file,
    ``.dezero-*.tmp``.)

    Parameters
    ----------
    path : str or path

    Raises
    ------
    OSError
        If the folder is missing or the file cannot be written: FileNotFoundError, IsADirectoryError, PermissionError
        or what else the system says, with the file's name.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     with replacing(f"{folder}/note.txt") as file:
    ...         _ = file.write(b"all or nothing")
    ...     Path(folder, "note.txt").read_text()
    'all or nothing'
    """
    named = _as_path(path, "replacing")
    target = Path(os.path.realpath(named))
    if target.is_dir():
        raise IsADirectoryError(f"cannot save to {str(named)!r}: that is a folder; give the name of a file")
    if not target.parent.is_dir():
        raise FileNotFoundError(f"cannot save to {str(named)!r}: there is no folder {str(target.parent)!r}; make it "
                                "first, with os.makedirs")  # fmt: skip
    temporary = target.parent / f".dezero-{secrets.token_hex(8)}.tmp"
    try:
        with open(temporary, "xb") as file:
            with suppress(FileNotFoundError):
                os.chmod(temporary, stat.S_IMODE(target.stat().st_mode))
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, target)
    except BaseException as error:
        with suppress(OSError):
            temporary.unlink()
        if not isinstance(error, OSError):
            raise
        message = f"cannot save to {str(named)!r}, what was there before is unchanged: {error.strerror or error}"
        raise (OSError(error.errno, message) if error.errno else OSError(message)) from error
    _settle(target.parent)


def _settle(folder: Path) -> None:
    """Force the new name itself onto the disk, where the system can; the file is whole in either case."""
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _write_npz(file: BinaryIO, arrays: dict[str, np.ndarray], metadata: dict[str, str]) -> None:
    try:
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
            if metadata:
                with archive.open(_member(_METADATA), "w") as member:
                    member.write(json.dumps(metadata).encode())
            for key, array in arrays.items():
                with archive.open(_member(key + ".npy"), "w", force_zip64=True) as member:
                    np.lib.format.write_array(member, array, allow_pickle=False)
    except ValueError as error:
        if isinstance(error.__context__, KeyboardInterrupt):  # the interrupt, and not what closing made of it
            raise error.__context__ from None
        raise


def _member(name: str) -> zipfile.ZipInfo:
    """A member of the archive with a fixed date: the same arrays make the same file."""
    info = zipfile.ZipInfo(name)
    info.compress_type = zipfile.ZIP_DEFLATED
    return info


def _to_safetensors(arrays: dict[str, np.ndarray], metadata: dict[str, str]) -> bytes:
    numpy_door = _safetensors("save to")
    for key, array in arrays.items():
        if array.dtype.name not in _SAFETENSORS.values():
            raise ValueError(f"save_arrays: safetensors knows no {array.dtype}, the dtype of {key!r}; save it as .npz")
    plain = {key: np.ascontiguousarray(array, array.dtype.newbyteorder("<")).reshape(array.shape)
             for key, array in arrays.items()}  # fmt: skip
    if _CHECKSUM in metadata:
        raise ValueError(f"save_arrays: the metadata key {_CHECKSUM!r} is taken, by the checksum of the file")
    return numpy_door.save(plain, metadata | {_CHECKSUM: _checksum(plain, metadata)})


# -- loading ---------------------------------------------------------------------------------------


def load_arrays(path: FilePath) -> dict[str, np.ndarray]:
    """Load all arrays of a file that `save_arrays`, `numpy.savez`, `numpy.savez_compressed` or safetensors wrote.

    Every byte is read and every checksum compared before anything is returned, and nothing is unpickled.

    Parameters
    ----------
    path : str or path
        Exactly this file. ``.safetensors`` selects that format, any other name the layout of `numpy.savez`.

    Returns
    -------
    dict from str to ndarray
        In the order of the file, writable and in the machine's byte order. bfloat16, which NumPy lacks, becomes
        float32, which holds all its values.

    Raises
    ------
    TypeError
        If path is no path.
    FileNotFoundError, IsADirectoryError
        If there is no such file, or a folder instead.
    ValueError
        If the file is empty, cut off, damaged, of another kind, or holds anything but arrays of numbers.
    MemoryError
        If the arrays do not fit into memory.
    ImportError
        If the file is a .safetensors and that package is missing.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     np.savez_compressed(f"{folder}/weights.npz", b=np.zeros(2))
    ...     load_arrays(f"{folder}/weights.npz")
    {'b': array([0., 0.])}
    """
    return _load(path, "load_arrays")[0]


def load_with_metadata(path: FilePath) -> tuple[dict[str, np.ndarray], dict[str, str]]:
    """Load all arrays of a file as `load_arrays` does, and the words that were saved with them.

    Parameters
    ----------
    path : str or path

    Returns
    -------
    dict from str to ndarray, dict from str to str
        The second is empty if the file has no metadata.

    Raises
    ------
    TypeError, OSError, ValueError, MemoryError, ImportError
        As `load_arrays`.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     save_arrays(f"{folder}/weights.npz", {"b": np.zeros(2)}, {"epoch": "3"})
    ...     load_with_metadata(f"{folder}/weights.npz")
    ({'b': array([0., 0.])}, {'epoch': '3'})
    """
    return _load(path, "load_with_metadata")


def _load(path: FilePath, where: str) -> tuple[dict[str, np.ndarray], dict[str, str]]:
    source = _as_path(path, where)
    if source.is_dir():
        raise IsADirectoryError(f"cannot load {str(source)!r}: that is a folder; give the name of a file in it")
    if not source.exists():
        raise FileNotFoundError(f"cannot load {str(source)!r}: there is no such file{_neighbour(source)}")
    read = _read_safetensors if _is_safetensors(source) else _read_npz
    again = "the file is damaged or cut off, make or fetch it again"
    with open(source, "rb") as file:
        if os.fstat(file.fileno()).st_size == 0:
            raise ValueError(f"cannot load {str(source)!r}: the file is empty (0 bytes), make or fetch it again")
        try:
            return read(file)
        except _Unfit as fault:
            raise ValueError(f"cannot load {str(source)!r}: {fault}") from None
        except MemoryError as error:
            raise MemoryError(f"cannot load {str(source)!r}: its arrays do not fit into memory") from error
        except _DAMAGED as error:
            raise ValueError(f"cannot load {str(source)!r}: {again} ({type(error).__name__}: {error})") from error
        except OSError as error:
            if error.errno != errno.EINVAL:  # EINVAL: a damaged table of contents sent the reader before the start
                raise
            raise ValueError(f"cannot load {str(source)!r}: {again} ({error})") from error


class _Unfit(Exception):
    """What is wrong with a file, in words; its name is added where it is known."""


def _neighbour(path: Path) -> str:
    """A hint at the file that numpy.savez makes of a name without suffix."""
    other = path.with_name(path.name + ".npz") if path.name else path
    return f"; there is {str(other)!r}" if other.is_file() else ""


def _read_npz(file: BinaryIO) -> tuple[dict[str, np.ndarray], dict[str, str]]:
    start = file.read(8)
    if not start.startswith(b"PK"):
        raise _Unfit(f"it is no .npz file ({_kind(start)})")
    arrays: dict[str, np.ndarray] = {}
    metadata: dict[str, str] = {}
    with zipfile.ZipFile(file) as archive:
        _refuse_a_shortened_table(file, archive)
        seen = set()
        for info in archive.infolist():
            name = info.filename
            if name in seen:
                raise _Unfit(f"it holds two entries of the name {name!r}")
            seen.add(name)
            if info.flag_bits & 1 or info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
                raise _Unfit(f"its entry {name!r} is encrypted, or compressed in a way that .npz files are not")
            with archive.open(info) as member:
                if name == _METADATA:
                    metadata = _words(json.loads(member.read()))
                elif name.endswith(".npy"):
                    arrays[name[:-4]] = _read_array(member, name[:-4], info.file_size)
                else:
                    raise _Unfit(f"its entry {name!r} is no array: this is some other archive, not a file of weights")
    return arrays, metadata


def _refuse_a_shortened_table(file: BinaryIO, archive: zipfile.ZipFile) -> None:
    """Compare the number of entries with the one at the end of the file, which zipfile itself does not look at."""
    file.seek(-22 - len(archive.comment), os.SEEK_END)
    count = struct.unpack("<10xH10x", file.read(22))[0]
    found = len(archive.infolist())
    if count not in (found, 0xFFFF):  # which stands for a count that needs more digits
        raise _Unfit(f"the file is damaged, make or fetch it again ({found} of {count} entries are listed)")


def _read_array(member: IO[bytes], key: str, size: int) -> np.ndarray:
    """The array of one entry; reading to its end makes zipfile compare the CRC."""
    magic = member.read(8)
    if magic[:6] != b"\x93NUMPY" or magic[6] not in (1, 2, 3):
        raise _Unfit(f"its entry {key!r} is no array as NumPy writes it")
    counter = struct.Struct("<H" if magic[6] == 1 else "<I")
    (length,) = counter.unpack(member.read(counter.size))
    if length > _HEADER_LIMIT:
        raise _Unfit(f"the header of {key!r} is said to have {length:,} bytes; {_HEADER_LIMIT:,} would be many")
    dtype, fortran, shape = _parse_header(key, member.read(length).decode("latin1" if magic[6] < 3 else "utf-8"))
    count = 1
    for n in shape:
        count *= n  # Python integers: no header makes this overflow
    if 8 + counter.size + length + count * dtype.itemsize != size:
        raise _Unfit(f"the header of {key!r} tells of {dtype} {shape}, {count * dtype.itemsize:,} bytes, and "
                     f"{size - 8 - counter.size - length:,} bytes are there")  # fmt: skip
    array = np.empty(shape[::-1] if fortran else shape, dtype)
    view = array.reshape(-1).view(np.uint8).data
    done = 0
    while piece := member.read(_CHUNK):
        view[done : done + len(piece)] = piece
        done += len(piece)
    if done != len(view):
        raise _Unfit(f"the data of {key!r} end after {done:,} of {len(view):,} bytes")
    return _native(array.T if fortran else array)


def _parse_header(key: str, text: str) -> tuple[np.dtype, bool, tuple[int, ...]]:
    try:
        header = literal_eval(text.strip())
    except MemoryError:  # how Python's parser answers to brackets nested too deeply
        raise _Unfit(f"the header of {key!r} makes no sense: {text.strip()[:80]}") from None
    description, fortran, shape = header["descr"], header["fortran_order"], header["shape"]
    dtype = np.dtype(description) if isinstance(description, str) else None
    if dtype is not None and dtype.kind == "O":
        raise _Unfit(f"its entry {key!r} holds pickled Python objects, which are never loaded, because they can run "
                     "code (the book's package saves None in this way for a layer that was never called)")  # fmt: skip
    if dtype is None or dtype.kind not in "biufc":
        raise _Unfit(f"its entry {key!r} has dtype {description}; weights are numbers")
    if type(fortran) is not bool or type(shape) is not tuple or any([type(n) is not int or n < 0 for n in shape]):
        raise _Unfit(f"the header of {key!r} makes no sense: {text.strip()[:80]}")
    return dtype, fortran, shape


def _read_safetensors(file: BinaryIO) -> tuple[dict[str, np.ndarray], dict[str, str]]:
    _safetensors("load")
    from safetensors import SafetensorError, deserialize

    content = file.read()
    if content.startswith(b"PK\x03\x04"):
        raise _Unfit(f"it is no .safetensors file ({_kind(content[:8])})")
    try:
        entries = deserialize(content)
    except SafetensorError as error:
        raise _Unfit(f"it is no .safetensors file, or damaged or cut off: make or fetch it again ({error})") from None
    (length,) = struct.unpack("<Q", content[:8])
    header = json.loads(content[8 : 8 + length], object_pairs_hook=_without_repetition)
    metadata = _words(header.get(_METADATA) or {})
    names = {key: entry["dtype"] for key, entry in entries}
    arrays = {
        key: _from_safetensors(key, entry) for key, entry in sorted(entries, key=lambda e: list(header).index(e[0]))
    }
    checksum = metadata.pop(_CHECKSUM, None)
    if checksum is not None and ("BF16" in names.values() or checksum != _checksum(arrays, metadata)):
        raise _Unfit("its bytes do not have the checksum that was saved with them: the file is damaged, make or fetch "
                     "it again")  # fmt: skip
    return {key: _native(array) for key, array in arrays.items()}, metadata


_SAFETENSORS = {
    "BOOL": "bool", "U8": "uint8", "I8": "int8", "U16": "uint16", "I16": "int16", "U32": "uint32", "I32": "int32",
    "U64": "uint64", "I64": "int64", "F16": "float16", "F32": "float32", "F64": "float64",
}  # fmt: skip


def _from_safetensors(key: str, entry: dict) -> np.ndarray:
    name = entry["dtype"]
    if name == "BF16":  # the upper half of a float32
        upper = np.frombuffer(entry["data"], "<u2").astype(np.uint32)
        return (upper << np.uint32(16)).view(np.float32).reshape(entry["shape"])
    if name not in _SAFETENSORS:
        raise _Unfit(f"its entry {key!r} has dtype {name}, which NumPy lacks: convert it to F32 where it was made")
    return np.frombuffer(entry["data"], np.dtype(_SAFETENSORS[name]).newbyteorder("<")).reshape(entry["shape"])


def _without_repetition(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        raise _Unfit(f"it holds two entries of the name {next(n for n in names if names.count(n) > 1)!r}")
    return found


# -- both ways -------------------------------------------------------------------------------------


def _checksum(arrays: Mapping[str, np.ndarray], metadata: Mapping[str, str]) -> str:
    """CRC-32 of all that a file says: metadata, names, dtypes, shapes and little-endian bytes."""
    total = zlib.crc32(json.dumps(sorted(metadata.items())).encode())
    for key in sorted(arrays):
        array = arrays[key]
        total = zlib.crc32(json.dumps([key, array.dtype.name, array.shape]).encode(), total)
        total = zlib.crc32(array.reshape(-1).view(np.uint8).data, total)
    return f"{total:08x}"


def _native(array: np.ndarray) -> np.ndarray:
    return array.astype(array.dtype.newbyteorder("="), copy=False)


def _is_safetensors(path: Path) -> bool:
    return path.suffix.lower() == ".safetensors"


def _safetensors(doing: str) -> ModuleType:
    try:
        import safetensors.numpy
    except ImportError:
        raise ImportError(f"to {doing} a .safetensors file, install the package safetensors; or use a name that ends "
                          "in .npz, which needs nothing but NumPy") from None  # fmt: skip
    return safetensors.numpy


def _kind(start: bytes) -> str:
    """What a file is, by its first bytes."""
    if start.startswith(b"PK"):
        return "it begins like an .npz: give it that suffix"
    if start.startswith(b"\x93NUMPY"):
        return "it is a single array from numpy.save: numpy.load reads it"
    if start.startswith(b"\x80"):
        return "it begins like a pickle, which is never loaded, because it can run code"
    if start.startswith(b"\x1f\x8b"):
        return "it begins like a .gz file"
    if start.lstrip().startswith(b"<"):
        return "it begins like a web page: the download went wrong"
    return f"it begins with the bytes {start[:8]!r}"


def _as_path(path: FilePath, where: str) -> Path:
    try:
        return Path(path)
    except TypeError:
        raise TypeError(f"{where} wants the path of a file, a string or a path, got {type(path).__name__}") from None


def _items(mapping: object, what: str):
    if not isinstance(mapping, Mapping):
        raise TypeError(f"save_arrays wants {what} as a dict from names to values, got {type(mapping).__name__}")
    return mapping.items()


def _as_key(key: object) -> str:
    if not isinstance(key, str):
        raise TypeError(f"save_arrays wants strings as names of arrays, got {key!r}, {type(key).__name__}")
    if not key or "\0" in key or key == _METADATA or not _encodable(key):
        raise ValueError(f"save_arrays cannot name an array {key!r} in a file")
    return key


def _encodable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _as_text(key: object, value: object) -> str:
    if not isinstance(key, str) or not isinstance(value, str):
        raise TypeError(f"save_arrays wants strings in metadata, got {key!r}: {value!r}")
    return value


def _as_numbers(key: object, value: object) -> np.ndarray:
    if value is None:
        raise TypeError(f"save_arrays: {key!r} is None, not an array; a lazy layer has no weights until it is called")
    array = cuda.as_numpy(value)
    if array.dtype.kind not in "biufc":
        raise TypeError(f"save_arrays: {key!r} has dtype {array.dtype}; only numbers are saved, and nothing is pickled")
    return array


def _words(found: object) -> dict[str, str]:
    if not isinstance(found, dict) or not all([isinstance(v, str) for v in found.values()]):
        raise _Unfit("its metadata are no strings")
    return found
