"""Files from the net, kept in a folder: checked, resumed, never half there.

The folder is ``~/.dezero``, or what the environment variable ``DEZERO_HOME`` names. With ``DEZERO_OFFLINE=1`` nothing
is downloaded, and what is missing is listed for placing by hand.
"""

from __future__ import annotations

import hashlib
import os
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO
from urllib.parse import unquote, urlsplit

__all__ = ["Remote", "cache_home", "fetch", "get_file", "show_progress"]

TIMEOUT = 30  # seconds without a byte
CHUNK = 1 << 18  # bytes
TRIES = 3  # for each address, as long as each brings something


def __getattr__(name: str) -> str:
    """`cache_dir`, the folder at this moment, as scripts know it."""
    if name == "cache_dir":
        return str(cache_home())
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def cache_home() -> Path:
    """Return the folder of downloaded files: ``DEZERO_HOME``, or ``~/.dezero``. It need not exist."""
    return Path(os.environ.get("DEZERO_HOME") or "~/.dezero").expanduser()


def is_offline() -> bool:
    """Whether ``DEZERO_OFFLINE`` is set, to anything but 0."""
    return os.environ.get("DEZERO_OFFLINE", "") not in ("", "0")


@dataclass(frozen=True)
class Remote:
    """A file, and where it can be had.

    Parameters
    ----------
    name : str
        Of the file in the folder: a plain name, without any path.
    urls : tuple of str
        Addresses (https) of the same bytes, to be tried one after the other.
    sha256 : str, optional
        Checksum of the file, 64 hexadecimal digits. With it a broken-off download is resumed, at any of the addresses.

    Raises
    ------
    ValueError
        If the name could lead out of the folder, or the checksum is none.
    """

    name: str
    urls: tuple[str, ...]
    sha256: str | None = None

    def __post_init__(self) -> None:
        name = self.name
        if not name or name.startswith(".") or any(c in "/\\:" or ord(c) < 32 for c in name):
            raise ValueError(
                f"a file in the cache has a plain name, without path or leading dot, got {name!r}: give file_name"
            )
        if self.sha256 is not None and (len(self.sha256) != 64 or set(self.sha256.lower()) - set("0123456789abcdef")):
            raise ValueError(f"a SHA-256 checksum has 64 hexadecimal digits, got {self.sha256!r}")

    def matches(self, path: Path) -> bool:
        """Whether the file at path has the checksum; True where none is known."""
        return self.sha256 is None or _checksum(path) == self.sha256.lower()


def get_file(
    url: str,
    file_name: str | None = None,
    *,
    sha256: str | None = None,
    mirrors: Sequence[str] = (),
    root: str | os.PathLike[str] | None = None,
) -> str:
    """Return the path of a file from the net, which is downloaded unless it is there already.

    Parameters
    ----------
    url : str
        Its address, https only.
    file_name : str, optional
        Its name in the folder; the last part of the address unless given.
    sha256 : str, optional
        Its checksum, 64 hexadecimal digits. A file with another one is not returned.
    mirrors : sequence of str
        More addresses of the same file, tried in order if the first one fails.
    root : path, optional
        The folder; ``DEZERO_HOME`` or ``~/.dezero`` unless given.

    Returns
    -------
    str
        The path. What is there is complete: a download gets its name when its last byte is on the disk and the
        checksum is right.

    Raises
    ------
    ValueError
        If the name could lead out of the folder, or the checksum is none.
    RuntimeError
        If the file is not there and cannot be downloaded: tells why for each address, and what to place where by hand.

    Notes
    -----
    A file of that name with another checksum is not what was asked for. It stays, as ``<name>.old``.
    """
    name = unquote(urlsplit(url).path).rsplit("/", 1)[-1] if file_name is None else file_name
    (path,) = fetch([Remote(name, (url, *mirrors), sha256)], root)
    return str(path)


def fetch(
    files: Sequence[Remote],
    root: str | os.PathLike[str] | None = None,
    *,
    who: str = "get_file",
    loopback: bool = False,
) -> list[Path]:
    """Return the paths of files, of which the missing ones are downloaded.

    Parameters
    ----------
    files : sequence of Remote
    root : path, optional
        The folder; `cache_home` unless given.
    who : str
        What the files are for, as messages name it.
    loopback : bool
        Whether http is allowed from this machine itself: for the tests, which have a server of their own.

    Raises
    ------
    RuntimeError
        If one cannot be had; the message lists all that are missing.
    """
    folder = cache_home() if root is None else Path(root).expanduser()
    paths = [folder / file.name for file in files]
    for file, path in zip(files, paths):
        if path.is_file() and file.matches(path):
            continue
        if is_offline():
            raise RuntimeError(_by_hand(who, files, folder, ["DEZERO_OFFLINE is set"]))
        reasons = _obtain(file, path, loopback)
        if reasons:
            raise RuntimeError(_by_hand(who, files, folder, reasons))
    return paths


def _by_hand(who: str, files: Sequence[Remote], folder: Path, reasons: Sequence[str]) -> str:
    lines = [f"{who} cannot download to {folder}:", *(f"  {reason}" for reason in reasons)]
    lines.append("To go on without a download, place by hand:")
    for file in files:
        path = folder / file.name
        if path.is_file() and file.matches(path):
            continue
        lines.append(f"  path    {path}{' (what is there has another checksum)' if path.is_file() else ''}")
        lines += [f"  {'from' if url == file.urls[0] else 'or':7} {url}" for url in file.urls]
        lines.append(f"  sha256  {file.sha256 or 'not known'}")
    return "\n".join(lines)


# -- one file --------------------------------------------------------------------------------------


def _obtain(file: Remote, path: Path, loopback: bool) -> list[str]:
    """Download file to path; return why each address failed, or nothing if one did not."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with _alone(path.with_name(f".{path.name}.lock")):
            # another process may have brought it while this one waited
            if path.is_file() and file.matches(path):
                return []
            return _try_all(file, path, loopback)
    except OSError as error:
        return [f"{error}: choose another folder with DEZERO_HOME or root="]


def _try_all(file: Remote, path: Path, loopback: bool) -> list[str]:
    part = path.with_name(f".{path.name}.part")
    reasons = []
    addresses = [(url, 1) for url in file.urls]
    while addresses:
        url, tries = addresses.pop(0)
        if file.sha256 is None:
            part.unlink(missing_ok=True)  # nobody could tell whether both halves are of the same file
        before = part.stat().st_size if part.exists() else 0
        reason = _transfer(url, part, loopback)
        if reason is None and not file.matches(part):
            reason = f"the file there has the SHA-256 {_checksum(part)}, not {file.sha256}"
            part.unlink()
            if before:  # the old half may have been the wrong one
                addresses.insert(0, (url, tries))
                continue
        if reason is None:
            if path.exists():  # with another checksum: it may be somebody's own
                os.replace(path, path.with_name(f"{path.name}.old"))
            os.replace(part, path)
            return []
        reasons.append(f"{url}: {reason}")
        grown = part.exists() and part.stat().st_size > before
        if grown and tries < TRIES:
            addresses.append((url, tries + 1))
    return reasons


def _transfer(url: str, part: Path, loopback: bool) -> str | None:
    """Bring the bytes at url to part, after those that it has; return why not, if not."""
    import urllib.request  # late, for it loads half the standard library
    from http.client import HTTPException
    from urllib.error import HTTPError

    class Redirects(urllib.request.HTTPRedirectHandler):
        def redirect_request(self, request, answer, code, message, headers, target):
            fault = _wrong_scheme(target, loopback)
            if fault:
                raise OSError(f"it leads to {target}: {fault}")
            return super().redirect_request(request, answer, code, message, headers, target)

    fault = _wrong_scheme(url, loopback)
    if fault:
        return fault
    start = part.stat().st_size if part.exists() else 0
    headers = {"User-Agent": "dezero", "Accept-Encoding": "identity"}
    if start:
        headers["Range"] = f"bytes={start}-"
    opener = urllib.request.build_opener(Redirects)
    try:
        with opener.open(urllib.request.Request(url, headers=headers), timeout=TIMEOUT) as answer:
            resumed = answer.status == 206 and answer.headers.get("Content-Range", "").startswith(f"bytes {start}-")
            if answer.status == 206 and not resumed:
                part.unlink(missing_ok=True)
                return f"it sent another part than was asked for: {answer.headers.get('Content-Range')}"
            start = start if resumed else 0
            length = int(answer.headers.get("Content-Length") or -1)
            total = start + length if length >= 0 else -1
            with open(part, "ab" if resumed else "wb") as target:
                _copy(answer, target, start, total)
                target.flush()
                os.fsync(target.fileno())
    except HTTPError as error:
        error.close()
        if error.code == 416:  # the part has all bytes, or more than there are: begin again
            part.unlink(missing_ok=True)
            return _transfer(url, part, loopback) if start else f"HTTP {error.code} {error.reason}"
        return f"HTTP {error.code} {error.reason}"
    except (OSError, HTTPException, ValueError) as error:
        return str(getattr(error, "reason", "") or error) or type(error).__name__
    size = part.stat().st_size
    return f"the connection ended after {size} of {total} bytes" if 0 <= total != size else None


def _copy(source: BinaryIO, target: BinaryIO, start: int, total: int) -> None:
    visible = sys.stderr is not None and sys.stderr.isatty()
    done, shown = start, 0.0
    try:
        while chunk := source.read(CHUNK):
            target.write(chunk)
            done += len(chunk)
            if visible and (time.monotonic() - shown > 0.1 or done == total):
                show_progress(done, 1, total)
                shown = time.monotonic()
    finally:
        if visible:
            sys.stderr.write("\n")


def _wrong_scheme(url: str, loopback: bool) -> str | None:
    parts = urlsplit(url)
    if parts.scheme == "https" or (loopback and parts.scheme == "http" and parts.hostname == "127.0.0.1"):
        return None
    return "downloads are made over https only"


def _checksum(path: Path) -> str:
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def show_progress(block_num: int, block_size: int, total_size: int) -> None:
    """Draw on stderr, if it is a terminal, how much of a download is done.

    Parameters
    ----------
    block_num, block_size : int
        How many blocks of how many bytes have come, as `urllib.request.urlretrieve` counts.
    total_size : int
        Bytes in all; 0 or less if that is not known.
    """
    if sys.stderr is None or not sys.stderr.isatty():
        return
    done = block_num * block_size
    if total_size <= 0:
        text = f"{done / 2**20:.1f} MiB"
    else:
        share = min(done / total_size, 1.0)
        bars = round(30 * share)
        text = f"[{'#' * bars}{'.' * (30 - bars)}] {share:6.1%} of {total_size / 2**20:.1f} MiB"
    sys.stderr.write(f"\r{text}")
    sys.stderr.flush()


# -- one process at a time -------------------------------------------------------------------------


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Hold the lock file at path, waiting for whoever has it. The system releases what a killed process held."""
    while True:
        with open(path, "a+b") as handle:
            _lock(handle)
            if not _still_there(handle, path):
                continue  # who had it has removed it; others may hold a new one by now
            try:
                yield
            finally:
                with suppress(OSError):  # Windows removes no open file; it does no harm there
                    path.unlink()
            return


def _still_there(handle: BinaryIO, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(handle.fileno()), os.stat(path))
    except FileNotFoundError:
        return False


if sys.platform == "win32":
    import msvcrt

    def _lock(handle: BinaryIO) -> None:
        while True:
            try:
                handle.seek(0)
                return msvcrt.locking(handle.fileno(), msvcrt.LK_NBLCK, 1)
            except OSError:
                time.sleep(0.2)

else:
    import fcntl

    def _lock(handle: BinaryIO) -> None:
        fcntl.flock(handle, fcntl.LOCK_EX)
