"""`python -m dezero doctor`: what is here, and how to mend what is not."""

import ctypes
import os
import sys
import types
import warnings

import numpy as np
import pytest

from dezero import __version__, cuda, doctor
from dezero.__main__ import main
from dezero.doctor import examine

DRIVERS = {"none": None, "11.8": (11, 8), "12.4": (12, 4), "13.1": (13, 1)}


def findings():
    return {finding.subject: finding for finding in examine()}


class Distribution:
    def __init__(self, name):
        self.metadata = {"Name": name}


@pytest.fixture
def gpu(monkeypatch):
    """Pretend a driver for some CUDA, installed packages, and a CuPy that behaves so."""

    def pretend(driver, *packages, why="", warns="", fails=None):
        monkeypatch.setattr(doctor, "_driver", lambda: DRIVERS[driver])
        monkeypatch.setattr(doctor, "distributions", lambda: map(Distribution, ("numpy", *packages, "cupyx-other")))
        monkeypatch.setattr(doctor, "_version", lambda package: "14.2.0")
        monkeypatch.setattr(doctor, "TOOLKITS", ())
        monkeypatch.delenv("CUDA_PATH", raising=False)

        def why_no_gpu():
            if warns:
                warnings.warn(warns, stacklevel=1)
            return why

        def as_cupy(x):
            if fails is not None:
                raise fails
            return x

        monkeypatch.setattr(cuda, "why_no_gpu", why_no_gpu)
        monkeypatch.setattr(cuda, "as_cupy", as_cupy)
        return findings()["CuPy"]

    return pretend


# -- the page --------------------------------------------------------------------------------------


def test_the_page_fits_a_terminal_and_has_no_colours_in_a_pipe(capsys):
    assert main(["doctor"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith(f"dezero {__version__} in ")
    assert "\033" not in "".join(lines)
    assert max(len(line) for line in lines[2:] if "$ " not in line) <= 80
    subjects = [line[10:24].strip() for line in lines[2:] if line[2:8].strip() in ("ok", "absent", "broken")]
    assert subjects == [
        "Python", "NumPy", "BLAS", "memory", "Graphviz", "Japanese font", "Chinese font", "matplotlib", "Pillow",
        "tqdm", "CUDA driver", "CuPy", "data folder",
    ]  # fmt: skip


def test_a_terminal_gets_colours_unless_it_wants_none(capsys, monkeypatch):
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
    main(["doctor"])
    assert "\033[32mok    \033[0m  Python" in capsys.readouterr().out
    monkeypatch.setenv("NO_COLOR", "1")
    main(["doctor"])
    assert "\033" not in capsys.readouterr().out


def test_what_is_broken_is_counted_and_a_command_mends_it(capsys, monkeypatch, tmp_path):
    monkeypatch.setenv("DEZERO_HOME", str(tmp_path / "file" / "data"))
    (tmp_path / "file").write_text("")
    assert main(["doctor"]) == 0
    out = capsys.readouterr().out
    assert "  broken  data folder    " in out
    assert " $ " in out.partition("data folder")[2]
    assert out.endswith("to mend.\n")


# -- the CPU ---------------------------------------------------------------------------------------


def test_narrow_kernels_on_a_wide_cpu_are_half_as_fast(monkeypatch):
    monkeypatch.delenv("OPENBLAS_CORETYPE", raising=False)
    wide = {"sse2", "avx2", "avx512f", "avx512bw", "avx512dq", "avx512vl"}
    for kernels, features, state in [
        ("Haswell", wide, "broken"), ("SkylakeX", wide, "ok"), ("Haswell", {"avx2"}, "ok"), ("", wide, "ok"),
    ]:  # fmt: skip
        monkeypatch.setattr(doctor, "_kernels", lambda kernels=kernels: kernels)
        monkeypatch.setattr(doctor, "_features", lambda features=features: features)
        found = findings()["BLAS"]
        assert found.state == state
        assert ("OPENBLAS_CORETYPE=SkylakeX" in found.fix) is (state == "broken")


def test_kernels_that_the_user_has_chosen_too_narrow(monkeypatch):
    monkeypatch.setenv("OPENBLAS_CORETYPE", "Haswell")
    monkeypatch.setattr(doctor, "_kernels", lambda: "Haswell")
    monkeypatch.setattr(doctor, "_features", lambda: {"avx512f", "avx512bw", "avx512dq", "avx512vl"})
    found = findings()["BLAS"]
    assert "Haswell kernels by OPENBLAS_CORETYPE, on a CPU" in found.words
    assert found.fix == ("set OPENBLAS_CORETYPE=" if os.name == "nt" else "unset OPENBLAS_CORETYPE")


def test_kernels_and_features_are_found_or_nothing_is(monkeypatch):
    assert isinstance(doctor._kernels(), str)
    assert all(" " not in feature for feature in doctor._features())
    monkeypatch.setattr(doctor, "openblas", lambda name: None)
    assert doctor._kernels() == ""
    name = type("Name", (), {"__call__": lambda self: b"Haswell"})()
    monkeypatch.setattr(doctor, "openblas", lambda wanted: name if wanted == "openblas_get_corename" else None)
    assert doctor._kernels() == "Haswell"


def test_more_threads_than_cores_are_too_many(monkeypatch):
    monkeypatch.setattr(doctor, "_features", set)
    for name in doctor._THREADS:
        monkeypatch.delenv(name, raising=False)
    assert findings()["BLAS"].state == "ok"
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    assert "1 thread by OMP_NUM_THREADS" in findings()["BLAS"].words
    monkeypatch.setenv("OMP_NUM_THREADS", "4096")
    assert findings()["BLAS"].state == "broken"
    assert "OMP_NUM_THREADS=" in findings()["BLAS"].fix


def test_the_setting_of_the_allocator_is_told(monkeypatch):
    monkeypatch.setattr(doctor, "_is_glibc", lambda: True)
    assert "for reuse" in findings()["memory"].words
    monkeypatch.setenv("DEZERO_KEEP_MEMORY", "0")
    assert "by DEZERO_KEEP_MEMORY=0" in findings()["memory"].words
    monkeypatch.setattr(doctor, "_is_glibc", lambda: False)
    assert "nothing to set" in findings()["memory"].words


# -- pictures --------------------------------------------------------------------------------------


def test_graphviz_absent_broken_and_there(monkeypatch):
    monkeypatch.setattr(doctor, "available", tuple)
    monkeypatch.setattr("shutil.which", lambda program: None)
    assert findings()["Graphviz"][1::2] == ("absent", "pip install pygraphviz")
    monkeypatch.setattr("shutil.which", lambda program: "/bin/dot" if program == "dot" else None)
    assert findings()["Graphviz"][1::2] == ("absent", "pip install graphviz")

    def fails(text, kind):
        raise ValueError(f"no {kind}")

    monkeypatch.setattr(doctor, "available", lambda: ("dot",))
    monkeypatch.setattr(doctor, "drawn", fails)
    assert findings()["Graphviz"][1:] == ("broken", "no png", "pip install pygraphviz")
    monkeypatch.setattr(doctor, "drawn", lambda text, kind: b"")
    assert findings()["Graphviz"][1:3] == ("ok", "the program dot")


@pytest.mark.parametrize(
    ("program", "fix"),
    [
        ("apt-get", "sudo apt-get install fonts-noto-cjk"),
        ("dnf", "sudo dnf install google-noto-sans-cjk-fonts"),
        ("", "install one (its package is called fonts-noto-cjk on Debian"),
    ],
)
def test_fonts_that_are_missing_come_from_the_system(monkeypatch, program, fix):
    monkeypatch.setattr(doctor, "has_font", lambda letters: letters == doctor.SCRIPTS["Chinese"][1])
    monkeypatch.setattr("shutil.which", lambda name: "/bin/it" if name == program else None)
    found = findings()
    assert found["Japanese font"].state == "absent"
    assert found["Japanese font"].fix.startswith(fix)
    assert found["Chinese font"] == ("Chinese font", "ok", "found", "")


def test_packages_are_named_as_pip_wants_them(monkeypatch):
    monkeypatch.setattr(doctor, "_version", lambda package: "")
    assert findings()["Pillow"].fix == "pip install pillow"


# -- the GPU ---------------------------------------------------------------------------------------


def test_without_a_driver_all_runs_on_the_cpu(gpu):
    assert gpu("none").state == "absent"
    assert gpu("none", "cupy-cuda12x") == (
        "CuPy", "absent", "cupy-cuda12x 14.2.0, and no driver that it could use: all runs on the CPU", ""
    )  # fmt: skip
    assert "colab.research.google.com" in findings()["CUDA driver"].words


@pytest.mark.parametrize(
    ("driver", "fix"), [("12.4", "pip install cupy-cuda12x"), ("13.1", "pip install cupy-cuda13x")]
)
def test_the_wheel_goes_with_the_driver(gpu, driver, fix):
    assert gpu(driver)[1::2] == ("absent", fix)
    assert findings()["CUDA driver"].words == f"for CUDA up to {driver}"


def test_an_old_driver_is_to_be_renewed_first(gpu):
    assert "nvidia.com/drivers" in gpu("11.8").words


def test_a_wheel_that_is_too_new_for_the_driver_is_replaced(gpu):
    finding = gpu("12.4", "cupy-cuda13x")
    assert finding.state == "broken"
    assert finding.fix == "pip uninstall cupy-cuda13x\npip install cupy-cuda12x"


def test_two_wheels_are_one_too_many(gpu):
    finding = gpu("13.1", "cupy-cuda12x", "cupy-cuda13x")
    assert finding[1:] == (
        "broken",
        "cupy-cuda12x and cupy-cuda13x overwrite each other's files",
        "pip uninstall cupy-cuda12x cupy-cuda13x\npip install cupy-cuda13x",
    )


def test_a_cuda_path_that_was_not_detected_is_mended_by_the_wheels_of_the_toolkit(gpu):
    said = "CUDA path could not be detected. Set CUDA_PATH environment variable if CuPy fails to load."
    finding = gpu("12.4", "cupy-cuda12x", warns=said)
    assert finding.state == "broken"
    assert "CUDA path could not be detected" in finding.words
    assert finding.fix == 'pip install --upgrade "cupy-cuda12x[ctk]"'


def test_a_toolkit_that_is_there_has_only_to_be_named(gpu, monkeypatch, tmp_path):
    gpu("12.4", "cupy-cuda12x", fails=RuntimeError("CuPy failed to load libnvrtc.so.12"))
    (tmp_path / "cuda-12.4" / "include").mkdir(parents=True)
    (tmp_path / "cuda-12.4" / "include" / "cuda.h").touch()
    monkeypatch.setattr(doctor, "TOOLKITS", (str(tmp_path / "none"), str(tmp_path / "cuda-12.4")))
    finding = findings()["CuPy"]
    assert "does not compute: RuntimeError: CuPy failed to load libnvrtc.so.12" in finding.words
    assert finding.fix.endswith(f"CUDA_PATH={tmp_path / 'cuda-12.4'}")


def test_a_cupy_that_was_built_by_hand_gives_way_to_a_wheel(gpu):
    finding = gpu("13.1", "cupy", why="CuPy is installed, but fails: ImportError: libcublas.so.12")
    assert finding.fix == 'pip uninstall cupy\npip install "cupy-cuda13x[ctk]"'


def test_a_cupy_that_computes_is_ok(gpu):
    assert gpu("13.1", "cupy-cuda13x")[1:3] == ("ok", "cupy-cuda13x 14.2.0 computes on the GPU")


def test_the_driver_tells_its_version(monkeypatch):
    def version(number):
        number._obj.value = 12040
        return 0

    monkeypatch.setattr(ctypes, "CDLL", lambda name: types.SimpleNamespace(cuDriverGetVersion=version))
    assert doctor._driver() == (12, 4)

    def missing(name):
        raise OSError(name)

    monkeypatch.setattr(ctypes, "CDLL", missing)
    assert doctor._driver() is None


# -- files -----------------------------------------------------------------------------------------


def test_the_data_folder_need_not_exist(monkeypatch, tmp_path):
    monkeypatch.setenv("DEZERO_HOME", str(tmp_path / "not" / "yet"))
    monkeypatch.setenv("DEZERO_OFFLINE", "1")
    finding = findings()["data folder"]
    assert str(tmp_path / "not" / "yet") in finding.words
    assert "DEZERO_OFFLINE is set" in finding.words
    assert not (tmp_path / "not").exists()


def test_a_full_disk_is_told(monkeypatch):
    monkeypatch.setattr("shutil.disk_usage", lambda folder: types.SimpleNamespace(free=10 << 20))
    assert findings()["data folder"].state == "broken"


def test_nothing_is_changed(monkeypatch):
    before = np.random.get_state()[1].copy(), set(sys.modules)
    findings()
    assert (np.random.get_state()[1] == before[0]).all()
    assert not {"matplotlib", "PIL", "tqdm"} & (set(sys.modules) - before[1])
