"""A stand-in for CuPy on machines without a GPU: arrays that compute with NumPy and refuse what CuPy's refuse.

As pytest plugin (``-p tests.fake_cupy``) it takes CuPy's place, so that the tests marked `gpu` find NumPy arrays that
stray among the device's. It shows no kernels, speed, memory or asynchronous errors. What CuPy offers (names, and the
parameters of each) was read off the real one into `cupy_names.json`: ``python tests/fake_cupy.py`` prints that file
anew where CuPy is installed; that needs no GPU.
"""

from __future__ import annotations

import inspect
import json
import re
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import numpy as np

NAMES = json.loads(Path(__file__).with_name("cupy_names.json").read_text(encoding="utf-8"))
FROM_HOST = {"array", "asarray", "asanyarray", "ascontiguousarray", "asfortranarray"}  # these may be given NumPy arrays
INDICES = {"take": {1}, "take_along_axis": {1}, "ix_": {0}}  # arguments that CuPy itself copies to the device
SCATTERED = {"add", "subtract", "maximum", "minimum", "bitwise_and", "bitwise_or", "bitwise_xor"}  # have ufunc.at
SCATTERED_DTYPES = "iIlLqQefd"  # of arrays for ufunc.at with indices
FOLDED = {"reduce": {"add", "multiply"}, "accumulate": {"add", "multiply"}, "reduceat": {"add"}}


# -- from device to host and back, inside the stand-in ---------------------------------------------


def lower(x: object, name: str, host_is_fine: bool = False) -> object:
    """The NumPy arrays inside of device arrays; a NumPy array among them is the leak that the stand-in looks for."""
    if isinstance(x, ndarray):
        return x.host
    if isinstance(x, np.ndarray) and not host_is_fine:
        raise TypeError(f"cupy.{name}: Unsupported type {type(x)}, of shape {x.shape}")
    if isinstance(x, (tuple, list)):
        return type(x)([lower(v, name, host_is_fine) for v in x])
    return x


def lift(x: object) -> object:
    """Arrays and NumPy scalars as device arrays: on the device, every result is an array."""
    if isinstance(x, (np.ndarray, np.generic)):
        return ndarray(np.asarray(x))
    return type(x)(map(lift, x)) if type(x) in (tuple, list) else tuple(map(lift, x)) if isinstance(x, tuple) else x


def on_device(function: Callable, name: str, parameters: list[str] | None) -> Callable:
    """NumPy's function for device arrays, with the parameters that CuPy's has."""
    short = name.split(".")[-1]

    def call(*args, **kwargs):
        unknown = [key for key in kwargs if parameters is not None and key not in parameters]
        if unknown:
            raise TypeError(f"cupy.{name}() got an unexpected keyword argument {unknown[0]!r}")
        given = [lower(x, name, short in FROM_HOST or i in INDICES.get(short, ())) for i, x in enumerate(args)]
        options = {key: lower(x, name, key in ("indices", "object")) for key, x in kwargs.items()}
        with np.errstate(all="ignore"):  # a GPU does not warn
            y = function(*given, **options)
        return kwargs["out"] if isinstance(kwargs.get("out"), ndarray) else lift(y)

    call.__name__ = short
    return call


# -- arrays ----------------------------------------------------------------------------------------


class Flags:
    """What CuPy says of an array's memory: these three."""

    def __init__(self, flags: np.flagsobj) -> None:
        self.c_contiguous, self.f_contiguous, self.owndata = flags.c_contiguous, flags.f_contiguous, flags.owndata


class ndarray:
    """An array on the device that is none."""

    __array_priority__ = 100
    __hash__ = None

    def __init__(self, host: np.ndarray) -> None:
        self.host = host

    shape = property(lambda self: self.host.shape)
    dtype = property(lambda self: self.host.dtype)
    ndim = property(lambda self: self.host.ndim)
    size = property(lambda self: self.host.size)
    itemsize = property(lambda self: self.host.itemsize)
    nbytes = property(lambda self: self.host.nbytes)
    strides = property(lambda self: self.host.strides)
    flags = property(lambda self: Flags(self.host.flags))
    base = property(lambda self: None if self.host.base is None else self)  # whose it is, nobody asks
    T = property(lambda self: ndarray(self.host.T))
    mT = property(lambda self: ndarray(self.host.mT))
    real = property(lambda self: ndarray(self.host.real))
    imag = property(lambda self: ndarray(self.host.imag))

    def get(self) -> np.ndarray:
        """A copy on the host: the one way there."""
        return self.host.copy()

    def __array__(self, dtype=None, copy=None):
        raise TypeError("Implicit conversion to a NumPy array is not allowed. Please use `.get()` to construct a NumPy "
                        "array explicitly.")  # fmt: skip

    def __array_ufunc__(self, ufunc, method, *inputs, out=None, **kwargs):
        mine = getattr(sys.modules["cupy"], ufunc.__name__, None)
        if mine is None or method == "at":
            return NotImplemented
        if ufunc.__name__ in ("equal", "not_equal", "less", "less_equal", "greater", "greater_equal"):
            inputs = [x.item() if isinstance(x, np.ndarray) and not x.ndim else x for x in inputs]
        if out is not None:
            (kwargs["out"],) = out
        return mine(*inputs, **kwargs) if method == "__call__" else getattr(mine, method)(*inputs, **kwargs)

    def __array_function__(self, func, types, args, kwargs):
        module = sys.modules["cupy"]
        for part in func.__module__.split(".")[1:]:
            module = getattr(module, part, None)
        mine = getattr(module, func.__name__, None)
        if mine is None or mine is func or not all(issubclass(t, (ndarray, np.ndarray)) for t in types):
            return NotImplemented
        return mine(*args, **kwargs)

    def __getitem__(self, key):
        return lift(self.host[_key(key)])

    def __setitem__(self, key, value):
        if isinstance(value, (np.ndarray, list, tuple)) and np.ndim(value):
            raise ValueError("non-scalar numpy.ndarray cannot be used for fill")
        with np.errstate(all="ignore"):
            self.host[_key(key)] = value.host if isinstance(value, ndarray) else value

    def __len__(self) -> int:
        return len(self.host)

    def __iter__(self):
        return (self[i] for i in range(len(self)))

    def __repr__(self) -> str:
        return repr(self.host)

    def __str__(self) -> str:
        return str(self.host)

    def __format__(self, spec: str) -> str:
        return format(self.host if self.ndim else self.host[()], spec)

    def __reduce__(self):
        return ndarray, (self.host,)

    def __copy__(self):
        return ndarray(self.host.copy())

    def __deepcopy__(self, memo):
        return ndarray(self.host.copy())

    def __dlpack__(self, **kwargs):
        raise BufferError("the stand-in for CuPy has no device memory to share")


def _key(key):
    """The index for the host; with an Ellipsis at its end a single element is a view, as on the device."""
    parts = tuple(lower(k, "ndarray.__getitem__", True) for k in (key if isinstance(key, tuple) else (key,)))
    return parts if any(k is Ellipsis for k in parts) else (*parts, Ellipsis)


def _method(name: str, parameters: list[str] | None) -> Callable:
    call = on_device(getattr(np.ndarray, name), f"ndarray.{name}", parameters)

    def method(self, *args, **kwargs):
        return call(self, *args, **kwargs)

    return method


def _operator(name: str) -> Callable:
    compares = name in ("__eq__", "__ne__", "__lt__", "__le__", "__gt__", "__ge__")
    in_place = name.startswith("__i") and name != "__invert__"

    def operator(self, *others):
        if others and getattr(others[0], "__array_ufunc__", 0) is None:
            return NotImplemented
        if others and not isinstance(others[0], (ndarray, np.ndarray)) and hasattr(others[0], "__array_priority__"):
            return NotImplemented  # a Variable: its own operator answers
        if compares and isinstance(others[0], np.ndarray) and not others[0].ndim:
            others = (others[0].item(),)
        with np.errstate(all="ignore"):
            y = getattr(self.host, name)(*[lower(x, f"ndarray.{name}") for x in others])
        return self if in_place else y if y is NotImplemented else lift(y)

    return operator


_INFIX = ["add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "and", "or", "xor", "lshift", "rshift"]
for _word in [
    *[side + word for side in ("", "r", "i") for word in _INFIX],
    *["matmul", "rmatmul", "divmod", "rdivmod"],  # which have no in-place form
    *["eq", "ne", "lt", "le", "gt", "ge", "neg", "pos", "abs", "invert"],
]:
    setattr(ndarray, f"__{_word}__", _operator(f"__{_word}__"))
for _name, _kind in (("__bool__", bool), ("__int__", int), ("__float__", float), ("__complex__", complex)):
    setattr(ndarray, _name, lambda self, kind=_kind: kind(self.host))
for _name, _parameters in NAMES["ndarray"].items():
    setattr(ndarray, _name, _method(_name, _parameters))
ndarray.item = lambda self: self.host.item()
ndarray.tolist = lambda self: self.host.tolist()
ndarray.tobytes = lambda self: self.host.tobytes()


# -- ufuncs ----------------------------------------------------------------------------------------


class ufunc:
    """A NumPy ufunc for device arrays, with the methods that CuPy's has."""

    def __init__(self, of: np.ufunc) -> None:
        self.of, self.__name__ = of, of.__name__
        self.nin, self.nout = of.nin, of.nout
        self._call = on_device(of, of.__name__, None)

    def __call__(self, *args, **kwargs):
        return self._call(*args, **kwargs)

    def outer(self, x0, x1):
        return on_device(self.of.outer, self.__name__, [])(x0, x1)

    def at(self, a, indices, *b):
        if self.__name__ not in SCATTERED:
            raise NotImplementedError(f"`cupy_{self.__name__}.at` is not supported yet")
        if not isinstance(a, ndarray) or a.dtype.char not in SCATTERED_DTYPES:
            raise TypeError(f"cupy.{self.__name__}.at takes no {getattr(a, 'dtype', '')} array of {type(a)}")
        self.of.at(a.host, lower(indices, self.__name__, True), *[lower(x, f"{self.__name__}.at") for x in b])

    def __getattr__(self, method: str):
        if method not in FOLDED:
            raise AttributeError(f"'cupy.ufunc' object has no attribute {method!r}")
        if self.of.__name__ not in FOLDED[method]:
            raise NotImplementedError(f"`cupy_{self.of.__name__}.{method}` is not supported yet")
        return on_device(getattr(self.of, method), f"{self.__name__}.{method}", None)


# -- the module ------------------------------------------------------------------------------------


def asnumpy(a: object) -> np.ndarray:
    """A copy on the host."""
    return a.get() if isinstance(a, ndarray) else np.asarray(a)


def _filled(cupy: ModuleType, numpy: ModuleType, names: dict, prefix: str = "") -> ModuleType:
    """The module with NumPy's part of the names that CuPy has."""
    for name, parameters in names.items():
        if not hasattr(numpy, name):  # an older NumPy
            continue
        value = getattr(numpy, name)
        if isinstance(value, np.ufunc):
            setattr(cupy, name, ufunc(value))
        elif isinstance(value, type) or not callable(value):
            setattr(cupy, name, value)  # dtypes and constants, which both libraries share
        else:
            setattr(cupy, name, on_device(value, prefix + name, parameters))
    return cupy


def module() -> ModuleType:
    """The stand-in, to be put into `sys.modules`."""
    cupy = _filled(ModuleType("cupy"), np, NAMES["cupy"])
    cupy.linalg = _filled(ModuleType("cupy.linalg"), np.linalg, NAMES["linalg"], "linalg.")
    cupy.random = _filled(ModuleType("cupy.random"), np.random, NAMES["random"], "random.")
    cupy.lib = ModuleType("cupy.lib")
    cupy.lib.stride_tricks = ModuleType("cupy.lib.stride_tricks")
    as_strided = on_device(np.lib.stride_tricks.as_strided, "lib.stride_tricks.as_strided", ["x", "shape", "strides"])
    cupy.lib.stride_tricks.as_strided = as_strided
    cupy.cuda = ModuleType("cupy.cuda")
    cupy.cuda.is_available = lambda: True
    cupy.ndarray, cupy.ufunc, cupy.asnumpy, cupy.__version__ = ndarray, ufunc, asnumpy, NAMES["version"] + " stand-in"
    return cupy


def pytest_configure() -> None:
    """Take CuPy's place in this session; pytest calls it when the file is loaded as plugin."""
    sys.modules["cupy"] = module()


# -- reading the real CuPy -------------------------------------------------------------------------


def _parameters(f: object) -> list[str] | None:
    """Names of parameters, None where anything goes; compiled methods name theirs in the docstring's first line."""
    try:
        found = inspect.signature(f).parameters.values()
        return None if any(p.kind in (p.VAR_POSITIONAL, p.VAR_KEYWORD) for p in found) else [p.name for p in found]
    except (TypeError, ValueError):
        line = re.match(r"\w+\.\w+\((.*?)\)(?: ->|$)", (getattr(f, "__doc__", None) or "").split("\n")[0])
        return line and [part.split("=")[0].split()[-1].strip("*") for part in line[1].split(",")][1:]


def record(cupy: ModuleType) -> dict:
    """What CuPy shares with NumPy: names, and parameters of functions and methods."""

    def shared(ours: object, theirs: object) -> dict:
        return {n: _parameters(getattr(ours, n)) for n in dir(ours) if n[0] != "_" and hasattr(theirs, n)}

    modules = {part: shared(getattr(cupy, part), getattr(np, part)) for part in ("linalg", "random")}
    top = {n: p for n, p in shared(cupy, np).items() if not isinstance(getattr(cupy, n), ModuleType)}
    methods = {n: p for n, p in shared(cupy.ndarray, np.ndarray).items() if callable(getattr(cupy.ndarray, n))}
    return {"version": cupy.__version__, "cupy": top, **modules, "ndarray": methods}


def as_json(names: dict) -> str:
    """One name a line."""
    parts = [f'"version": {json.dumps(names["version"])}']
    for part in [key for key in names if key != "version"]:
        lines = [f" {json.dumps(name)}: {json.dumps(p)}" for name, p in sorted(names[part].items())]
        parts.append(f'"{part}": {{\n' + ",\n".join(lines) + "\n}")
    return "{\n" + ",\n".join(parts) + "\n}\n"


if __name__ == "__main__":
    import cupy

    print(as_json(record(cupy)), end="")
