"""What dezero finds on a machine, and how to mend what is missing: behind ``python -m dezero doctor``."""

from __future__ import annotations

import ctypes
import os
import platform
import shutil
import warnings
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, distributions, version
from pathlib import Path
from typing import Literal, NamedTuple

import numpy as np

from dezero import cuda
from dezero._download import cache_home, is_offline
from dezero._kernels.blas import openblas
from dezero.viz.engines import INSTALL, INSTALL_FONTS, SCRIPTS, available, drawn, has_font

__all__ = ["Finding", "examine"]

COLAB = "https://colab.research.google.com lends GPUs (Runtime > Change runtime type)"
TOOLKITS = ("/usr/local/cuda", "/opt/cuda")  # where installers put CUDA, with its headers
ROOM = 1.0  # GiB; the weights of VGG16 take half of it
PACKAGES = {
    "matplotlib": "draws curves of training",
    "Pillow": "reads photos",
    "tqdm": "shows bars of progress",
}


class Finding(NamedTuple):
    """What was found out about one thing."""

    subject: str
    state: Literal["ok", "absent", "broken"]  # what is absent is not needed
    words: str
    fix: str = ""  # commands, one on each line


def examine() -> Iterator[Finding]:
    """Look at what dezero works with, one thing after another; nothing is changed.

    Examples
    --------
    >>> [finding.subject for finding in examine()][:3]
    ['Python', 'NumPy', 'BLAS']
    """
    yield Finding("Python", "ok", f"{platform.python_version()}, {platform.system()} {platform.machine()}")
    yield Finding("NumPy", "ok", np.__version__)
    yield _blas()
    yield _memory()
    yield _graphviz()
    for script in ("Japanese", "Chinese"):
        yield _fonts(script)
    for name, purpose in PACKAGES.items():
        found = _version(name)
        if found:
            yield Finding(name, "ok", found)
        else:
            yield Finding(name, "absent", f"it {purpose}", f"pip install {name.lower()}")
    yield from _gpu()
    yield _data()


# -- the CPU ---------------------------------------------------------------------------------------


def _blas() -> Finding:
    """The library that multiplies matrices."""
    shown = np.show_config(mode="dicts") or {}
    library = shown.get("Build Dependencies", {}).get("blas", {})
    name = str(library.get("name") or "unknown").removeprefix("scipy-").replace("openblas", "OpenBLAS")
    words = f"{name} {library.get('version') or ''}".strip()
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    limits = {key: os.environ[key] for key in _THREADS if os.environ.get(key, "").isdecimal()}
    kernels = _kernels()
    if kernels:
        words += f", {kernels} kernels"
        if kernels in _NARROW and {"avx512f", "avx512bw", "avx512dq", "avx512vl"} <= _features():
            set_, by = os.environ.get(_CORETYPE), f" by {_CORETYPE}"
            words += f"{by * bool(set_)}, on a CPU with AVX-512: those for it may multiply matrices twice as fast"
            return Finding("BLAS", "broken", words, _unset(_CORETYPE) if set_ else _set(_CORETYPE, "SkylakeX"))
    if not limits:
        return Finding("BLAS", "ok", f"{words}, one thread for each of {cores} core{'s' * (cores != 1)}")
    key, threads = next(iter(limits.items()))
    words += f", {threads} thread{'s' * (threads != '1')} by {key}, {cores} core{'s' * (cores != 1)} here"
    if int(threads) > cores:
        return Finding("BLAS", "broken", f"{words}: they stand in each other's way", _set(key, str(cores)))
    return Finding("BLAS", "ok", words)


_CORETYPE = "OPENBLAS_CORETYPE"
_NARROW = ("Haswell", "Zen", "Sandybridge", "Excavator")  # of OpenBLAS for 256 bits: for a CPU that it does not know


def _kernels() -> str:
    """The type of CPU that OpenBLAS has chosen its machine code for; the empty string without OpenBLAS."""
    name = openblas("openblas_get_corename")
    if name is None:
        return ""
    name.restype = ctypes.c_char_p
    return (name() or b"").decode()


def _features() -> set[str]:
    """What the CPU can do, in the words of Linux; nothing on other systems."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text(encoding="utf-8", errors="replace").splitlines() if info.exists() else []
    return next((set(line.split()) for line in lines if line.startswith("flags")), set())


_THREADS = ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS", "OMP_NUM_THREADS")


def _set(name: str, value: str) -> str:
    """The command that sets an environment variable."""
    return f"set {name}={value}" if os.name == "nt" else f"export {name}={value}"


def _unset(name: str) -> str:
    return f"set {name}=" if os.name == "nt" else f"unset {name}"


def _memory() -> Finding:
    """Whether the allocator keeps what large arrays free, which `dezero.keep_memory` decides."""
    if not _is_glibc():
        return Finding("memory", "ok", "the system's allocator; there is nothing to set")
    if os.environ.get("DEZERO_KEEP_MEMORY", "1") == "0":
        return Finding(
            "memory", "ok", "freed arrays go back to the system, by DEZERO_KEEP_MEMORY=0; training is slower"
        )
    return Finding("memory", "ok", "glibc keeps freed arrays for reuse, up to 1 GiB")


def _is_glibc() -> bool:
    return platform.libc_ver()[0] == "glibc"


# -- pictures --------------------------------------------------------------------------------------


def _graphviz() -> Finding:
    engines = available()
    if not engines:
        words = "without it graphs are drawn as .svg and .html only"
        if shutil.which("dot"):
            return Finding("Graphviz", "absent", f"{words}; the program dot takes a package", "pip install graphviz")
        return Finding("Graphviz", "absent", words, INSTALL)
    try:
        for kind in ("png", "pdf", "svg"):
            drawn("digraph { a -> b }", kind)
    except ValueError as error:
        return Finding("Graphviz", "broken", str(error), INSTALL)
    names = {"dot": "the program dot", "pygraphviz": f"pygraphviz {_version('pygraphviz')}"}
    return Finding("Graphviz", "ok", " and ".join([names[engine] for engine in engines]))


def _fonts(script: str) -> Finding:
    subject = f"{script} font"
    if has_font(SCRIPTS[script][1]):
        return Finding(subject, "ok", "found")
    words = "such names are empty boxes in .png and .pdf; .svg and .html take the reader's fonts"
    commands = [command for program, command in _FONTS.items() if shutil.which(program)]
    return Finding(subject, "absent", words, (commands or [INSTALL_FONTS])[0])


_FONTS = {
    "apt-get": "sudo apt-get install fonts-noto-cjk",
    "dnf": "sudo dnf install google-noto-sans-cjk-fonts",
    "pacman": "sudo pacman -S noto-fonts-cjk",
    "apk": "sudo apk add font-noto-cjk",
}


def _version(package: str) -> str:
    """The version of an installed package; the empty string if there is none."""
    try:
        return version(package)
    except PackageNotFoundError:
        return ""


# -- the GPU ---------------------------------------------------------------------------------------


def _gpu() -> Iterator[Finding]:
    newest = _driver()
    if newest is None:
        yield Finding("CUDA driver", "absent", f"no NVIDIA GPU with a driver: all runs on the CPU; {COLAB}")
    else:
        yield Finding("CUDA driver", "ok", f"for CUDA up to {newest[0]}.{newest[1]}")
    yield _cupy(newest)


def _driver() -> tuple[int, int] | None:
    """The latest version of CUDA that the driver knows; None without a driver."""
    number = ctypes.c_int()
    for name in ("libcuda.so.1", "nvcuda.dll"):
        try:
            failed = ctypes.CDLL(name).cuDriverGetVersion(ctypes.byref(number))
        except (OSError, AttributeError):
            continue
        if not failed and number.value:
            return number.value // 1000, number.value % 1000 // 10
    return None


def _cupy(newest: tuple[int, int] | None) -> Finding:
    installed = sorted({d.metadata["Name"] for d in distributions() if (d.metadata["Name"] or "").startswith("cupy")})
    installed = [name for name in installed if name == "cupy" or name.startswith(("cupy-cuda", "cupy-rocm"))]
    fitting = _fitting(newest or (12, 0))
    if len(installed) > 1:
        fix = f"pip uninstall {' '.join(installed)}\npip install {fitting}"
        return Finding("CuPy", "broken", f"{' and '.join(installed)} overwrite each other's files", fix)
    if not installed:
        if newest is None:
            return Finding("CuPy", "absent", "it would compute on the GPU")
        if newest < (12, 0):
            return Finding("CuPy", "absent", "it takes a driver for CUDA 12 or later: https://www.nvidia.com/drivers")
        return Finding("CuPy", "absent", "the GPU is idle without it", f"pip install {fitting}")
    (package,) = installed
    title = f"{package} {_version(package)}"
    if newest is None:
        return Finding("CuPy", "absent", f"{title}, and no driver that it could use: all runs on the CPU")
    wanted = package.removeprefix("cupy-cuda").removesuffix("x")
    if wanted.isdecimal() and int(wanted) > newest[0]:
        fix = f"pip uninstall {package}\npip install {fitting}"
        return Finding(
            "CuPy", "broken", f"{title} is too new for the driver, which knows CUDA {newest[0]} at most", fix
        )
    return _tried(package, title, newest)


def _tried(package: str, title: str, driver: tuple[int, int]) -> Finding:
    """Whether CuPy computes: what it lacks may show only when it compiles its first kernel, or calls a library."""
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        why = cuda.why_no_gpu()
        if not why:
            try:
                x = cuda.as_cupy(np.ones((2, 2), np.float32))
                float((x @ x + x * 2).sum())
            except Exception as error:  # a broken installation answers in many ways
                why = f"{type(error).__name__}: {error}".splitlines()[0]
    pathless = [str(w.message) for w in said if "CUDA path could not be detected" in str(w.message)]
    if why:
        return Finding("CuPy", "broken", f"{title} does not compute: {why}", _toolkit(package, driver))
    if pathless:
        words = f"{title} computes, but says: CUDA path could not be detected. It looks for the CUDA toolkit"
        return Finding("CuPy", "broken", words, _toolkit(package, driver))
    return Finding("CuPy", "ok", f"{title} computes on the GPU")


def _toolkit(package: str, driver: tuple[int, int]) -> str:
    """How to give CuPy the libraries and headers of CUDA: those that are here, or those that pip brings."""
    for folder in map(Path, TOOLKITS):
        if (folder / "include" / "cuda.h").is_file() and not os.environ.get("CUDA_PATH"):
            return _set("CUDA_PATH", str(folder))
    if package.startswith("cupy-cuda"):
        return f'pip install --upgrade "{package}[ctk]"'
    return f'pip uninstall {package}\npip install "{_fitting(driver)}[ctk]"'


def _fitting(driver: tuple[int, int]) -> str:
    """The wheel of CuPy for a driver."""
    return "cupy-cuda13x" if driver >= (13, 0) else "cupy-cuda12x"


# -- files -----------------------------------------------------------------------------------------


def _data() -> Finding:
    """The folder of downloads."""
    folder = cache_home()
    there = folder
    while not there.exists() and there != there.parent:
        there = there.parent  # the first that exists decides whether the others can be made
    offline = "; DEZERO_OFFLINE is set, nothing is downloaded" if is_offline() else ""
    fix = _set("DEZERO_HOME", "D:\\data" if os.name == "nt" else "/a/folder/of/yours")
    if not there.is_dir() or not os.access(there, os.W_OK):
        return Finding("data folder", "broken", f"{folder} cannot be written{offline}", fix)
    free = shutil.disk_usage(there).free / 2**30
    words = f"{folder}, {free:,.1f} GiB free{offline}"
    return Finding("data folder", "ok", words) if free >= ROOM else Finding("data folder", "broken", words, fix)
