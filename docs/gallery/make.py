"""Make the pictures of the gallery anew: run the programs of gallery.md, and keep the SVG files that they write.

``python docs/gallery/make.py`` takes half a minute, most of it for the weights of VGG16.
"""

import contextlib
import io
import os
import re
import shutil
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent


def programs(slow: bool) -> list[str]:
    """The Python code of the page, block by block; those that take long only if wanted."""
    page = (HERE.parent / "gallery.md").read_text(encoding="utf-8")
    blocks = re.findall(r"^```python( slow)?\n(.*?)^```$", page, re.DOTALL | re.MULTILINE)
    return [code for mark, code in blocks if slow or not mark]


def make(folder: Path, slow: bool = True) -> list[Path]:
    """Run them in a folder, and return the SVG files that are there afterwards."""
    before = Path.cwd()
    os.chdir(folder)
    try:
        names: dict[str, object] = {"__name__": "gallery"}
        with contextlib.redirect_stdout(io.StringIO()):
            for number, code in enumerate(programs(slow), start=1):
                exec(compile(code, f"gallery.md, program {number}", "exec"), names)
    finally:
        os.chdir(before)
    return sorted(folder.glob("*.svg"))


if __name__ == "__main__":
    sys.path.insert(0, str(HERE.parents[1]))
    with tempfile.TemporaryDirectory() as folder:
        for file in make(Path(folder)):
            shutil.copy(file, HERE / file.name)
            print(f"{file.name}: {file.stat().st_size:,} bytes")
