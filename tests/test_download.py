"""Downloads: from a server on this machine that misbehaves on demand. No test asks the net for anything."""

import hashlib
import io
import os
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from dezero import _download
from dezero._download import Remote, cache_home, fetch, get_file, show_progress

CONTENT = bytes(range(256)) * 40
SHA256 = hashlib.sha256(CONTENT).hexdigest()

LEADS = {  # where a redirection goes
    "away": "http://localhost/x", "there": "/good/file.bin", "round": "/round/file.bin", "disk": "file:///etc/passwd",
    "up": "../../../there/file.bin",
}  # fmt: skip


class Handler(BaseHTTPRequestHandler):
    """The first part of the path says how to behave."""

    def do_GET(self):
        how = self.path.split("/")[1]
        log = self.server.log
        log.append((how, self.headers.get("Range")))
        start = 0
        if self.headers.get("Range") and how != "norange":
            start = int(self.headers["Range"].removeprefix("bytes=").removesuffix("-"))
        if how == "missing":
            return self.send_error(404)
        if how in LEADS:
            self.send_response(302)
            self.send_header("Location", LEADS[how])
            return self.end_headers()
        if how == "garbage":
            return self.wfile.write(b"no HTTP at all\r\n\r\n")
        if start > len(CONTENT):
            return self.send_error(416)
        body = (CONTENT if how != "wrong" else b"<html>not found</html>")[start:]
        if how == "otherbytes":
            body = bytes(len(body))
        self.send_response(206 if start else 200)
        if start:
            first = start + 1 if how == "otherpart" else start
            self.send_header("Content-Range", f"bytes {first}-{len(CONTENT) - 1}/{len(CONTENT)}")
        if how not in ("unsaid", "unsaidhalf"):
            self.send_header("Content-Length", str(len(body) + {"more": 100, "less": -100}.get(how, 0)))
        self.end_headers()
        if how == "slow":
            self.server.go_on.wait(5)
        if how in ("broken", "stall", "unsaidhalf") or (how == "once" and len(log) == 1):
            body = body[: len(body) // 2]
        if how != "nothing":
            self.wfile.write(body)
        if how == "stall":
            self.wfile.flush()
            self.server.go_on.wait(5)

    def log_message(self, *_):
        pass


@pytest.fixture
def server(monkeypatch):
    """A server on 127.0.0.1: `server(how)` is an address, `server.log` lists what was asked."""
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as http:
        http.log, http.go_on = [], threading.Event()
        thread = threading.Thread(target=http.serve_forever, args=(0.01,))
        thread.start()
        yield http
        http.go_on.set()
        http.shutdown()
        thread.join()


def address(server, how):
    return f"http://127.0.0.1:{server.server_port}/{how}/file.bin"


def take(server, folder, *how, sha256=SHA256):
    """The path of file.bin, from the addresses that behave so."""
    return fetch([Remote("file.bin", tuple(address(server, h) for h in how), sha256)], folder, loopback=True)[0]


def asked(server):
    return [how for how, _ in server.log]


# -- the way it should be --------------------------------------------------------------------------


def test_a_file_is_downloaded_once(server, tmp_path):
    folder = tmp_path / "new" / "folder"
    path = take(server, folder, "good")
    assert path == folder / "file.bin" and path.read_bytes() == CONTENT
    assert take(server, folder, "good") == path
    assert asked(server) == ["good"]
    assert os.listdir(folder) == ["file.bin"]  # no part, no lock


def test_mirrors_are_tried_in_order(server, tmp_path):
    assert take(server, tmp_path, "missing", "wrong", "good").read_bytes() == CONTENT
    assert asked(server) == ["missing", "wrong", "good"]


def test_without_a_checksum_the_length_is_what_is_known(server, tmp_path):
    assert take(server, tmp_path, "broken", "good", sha256=None).read_bytes() == CONTENT
    assert [how for how, part in server.log if part] == []  # two files might be no halves of one


def test_a_redirection_is_followed(server, tmp_path):
    assert take(server, tmp_path, "there").read_bytes() == CONTENT


# -- resuming --------------------------------------------------------------------------------------


def test_a_broken_off_download_goes_on_where_it_ended(server, tmp_path):
    assert take(server, tmp_path, "once").read_bytes() == CONTENT
    assert server.log == [("once", None), ("once", f"bytes={len(CONTENT) // 2}-")]


def test_another_mirror_goes_on_where_the_first_one_ended(server, tmp_path):
    assert take(server, tmp_path, "broken", "good").read_bytes() == CONTENT
    assert server.log[1] == ("good", f"bytes={len(CONTENT) // 2}-")


def test_the_part_of_an_earlier_run_is_used(server, tmp_path):
    (tmp_path / ".file.bin.part").write_bytes(CONTENT[:1000])
    assert take(server, tmp_path, "good").read_bytes() == CONTENT
    assert server.log == [("good", "bytes=1000-")]


def test_a_server_that_cannot_resume_sends_all(server, tmp_path):
    (tmp_path / ".file.bin.part").write_bytes(CONTENT[:1000])
    assert take(server, tmp_path, "norange").read_bytes() == CONTENT


@pytest.mark.parametrize("part", [b"something else", CONTENT + b"and more"])
def test_a_part_of_something_else_is_begun_again(server, tmp_path, part):
    (tmp_path / ".file.bin.part").write_bytes(part)
    assert take(server, tmp_path, "good").read_bytes() == CONTENT
    assert len(server.log) == 2


# -- what goes wrong -------------------------------------------------------------------------------


def test_when_all_fails_the_message_says_why_and_what_to_do(server, tmp_path):
    with pytest.raises(RuntimeError) as caught:
        take(server, tmp_path, "missing", "wrong")
    lines = [line.strip() for line in str(caught.value).splitlines()]
    wrong = hashlib.sha256(b"<html>not found</html>").hexdigest()
    assert lines == [
        f"get_file cannot download to {tmp_path}:",
        f"{address(server, 'missing')}: HTTP 404 Not Found",
        f"{address(server, 'wrong')}: the file there has the SHA-256 {wrong}, not {SHA256}",
        "To go on without a download, place by hand:",
        f"path    {tmp_path / 'file.bin'}",
        f"from    {address(server, 'missing')}",
        f"or      {address(server, 'wrong')}",
        f"sha256  {SHA256}",
    ]
    assert not (tmp_path / "file.bin").exists()


def test_a_connection_that_always_breaks_is_given_up(server, tmp_path):
    with pytest.raises(RuntimeError, match="the connection ended after 5120 of 10240 bytes"):
        take(server, tmp_path, "broken")
    assert len(server.log) <= _download.TRIES
    assert not (tmp_path / "file.bin").exists()


FAULTS = [
    "missing", "wrong", "otherbytes", "broken", "nothing", "stall", "more", "less", "unsaidhalf", "garbage", "away",
    "round", "disk",
]  # fmt: skip


@pytest.mark.parametrize("before", ["", "half", "halfother"])
@pytest.mark.parametrize("fault", [*FAULTS, "otherpart"])
def test_no_fault_of_a_server_leaves_a_bad_file(server, tmp_path, monkeypatch, fault, before):
    """Alone, it is told and no file is there; before another address, the right file comes; also onto an old half."""
    monkeypatch.setattr(_download, "TIMEOUT", 0.1)
    for i, rest in enumerate(([], ["good"])):
        folder = tmp_path / str(i)
        folder.mkdir()
        if before:
            (folder / ".file.bin.part").write_bytes(CONTENT[:5000] if before == "half" else bytes(5000))
        if rest or (fault == "otherpart" and not before):
            assert take(server, folder, fault, *rest).read_bytes() == CONTENT
            assert os.listdir(folder) == ["file.bin"]
        elif fault in ("stall", "broken", "more", "unsaidhalf") and before == "half":
            continue  # it may have brought the other half
        else:
            with pytest.raises(RuntimeError, match=rf"/{fault}/file.bin: "):
                take(server, folder, fault)
            assert not (folder / "file.bin").exists()


@pytest.mark.parametrize("how", ["there", "up", "unsaid", "good"])
def test_what_is_unusual_but_right_is_taken(server, tmp_path, how):
    assert take(server, tmp_path, how).read_bytes() == CONTENT
    assert os.listdir(tmp_path) == ["file.bin"]


def test_many_at_once_get_one_right_file_from_bad_addresses(server, tmp_path):
    """Each has a lock file of its own open, as processes have: nothing else is left, and no error."""
    found = []
    threads = [
        threading.Thread(target=lambda: found.append(take(server, tmp_path, "otherbytes", "broken", "good")))
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [tmp_path / "file.bin"] * 8
    assert (tmp_path / "file.bin").read_bytes() == CONTENT
    assert os.listdir(tmp_path) == ["file.bin"]


def test_a_redirection_to_http_is_refused(server, tmp_path):
    with pytest.raises(RuntimeError, match="it leads to http://localhost/x: downloads are made over https only"):
        take(server, tmp_path, "away")


@pytest.mark.parametrize("url", ["http://example.org/a", "file:///etc/passwd", "ftp://example.org/a", "C:/a"])
def test_only_https_is_used(tmp_path, url):
    with pytest.raises(RuntimeError, match="https only"):
        get_file(url, root=tmp_path)


def test_http_from_this_machine_is_for_tests_alone(server, tmp_path):
    with pytest.raises(RuntimeError, match="https only"):
        get_file(address(server, "good"), root=tmp_path)
    assert server.log == []


def test_offline_nothing_is_asked_and_all_missing_files_are_listed(server, tmp_path, monkeypatch):
    monkeypatch.setenv("DEZERO_OFFLINE", "1")
    files = [Remote(name, (address(server, "good"),), SHA256) for name in ("here", "a", "b")]
    (tmp_path / "here").write_bytes(CONTENT)
    with pytest.raises(RuntimeError) as caught:
        fetch(files, tmp_path, loopback=True)
    assert "DEZERO_OFFLINE is set" in str(caught.value)
    assert [line.split()[1] for line in str(caught.value).splitlines() if line.startswith("  path")] == [
        str(tmp_path / "a"), str(tmp_path / "b")
    ]  # fmt: skip
    assert server.log == []
    monkeypatch.setenv("DEZERO_OFFLINE", "0")
    assert len(fetch(files, tmp_path, loopback=True)) == 3


def test_a_file_with_another_checksum_is_not_used_and_not_lost(server, tmp_path, monkeypatch):
    (tmp_path / "file.bin").write_bytes(b"mine")
    with monkeypatch.context() as context:
        context.setenv("DEZERO_OFFLINE", "1")
        with pytest.raises(RuntimeError, match="what is there has another checksum"):
            take(server, tmp_path, "good")
    assert take(server, tmp_path, "good").read_bytes() == CONTENT
    assert (tmp_path / "file.bin.old").read_bytes() == b"mine"


def test_a_folder_that_cannot_be_made_is_named(server, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(RuntimeError, match=r"DEZERO_HOME or root="):
        take(server, tmp_path / "file" / "folder", "good")


@pytest.mark.parametrize(
    "name", ["", "..", ".", "a/b", "../a", "a\\b", "..\\a", "/a", "C:a", "a\0", ".hidden", "line\nbreak"]
)
def test_no_name_leads_out_of_the_folder(tmp_path, name):
    with pytest.raises(ValueError, match="plain name"):
        get_file("https://example.org/a", name, root=tmp_path)


@pytest.mark.parametrize("url", ["https://example.org/a/..", "https://example.org/..%2Fa%2F..", "https://example.org"])
def test_no_address_leads_out_of_the_folder(tmp_path, url):
    with pytest.raises(ValueError, match=r"plain name.*give file_name"):
        get_file(url, root=tmp_path)


def test_a_checksum_that_is_none_is_refused():
    with pytest.raises(ValueError, match="64 hexadecimal digits, got 'abc'"):
        Remote("a", (), "abc")


# -- names that scripts know -----------------------------------------------------------------------


def test_the_folder_is_named_by_the_environment(tmp_path, monkeypatch):
    monkeypatch.setenv("DEZERO_HOME", str(tmp_path))
    assert cache_home() == tmp_path and _download.cache_dir == str(tmp_path)
    (tmp_path / "zebra.jpg").write_bytes(b"stripes")
    assert get_file("https://example.org/images/zebra.jpg?raw=1") == str(tmp_path / "zebra.jpg")
    assert get_file("https://example.org/x", "zebra.jpg") == str(tmp_path / "zebra.jpg")
    monkeypatch.delenv("DEZERO_HOME")
    assert cache_home() == Path.home() / ".dezero"
    with pytest.raises(AttributeError):
        _ = _download.no_such_name


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_progress_is_drawn_on_a_terminal_alone(server, tmp_path, monkeypatch):
    screen, pipe = Terminal(), io.StringIO()
    monkeypatch.setattr(sys, "stderr", screen)
    show_progress(3, 1 << 20, 4 << 20)
    show_progress(9, 1 << 20, 4 << 20)
    show_progress(1, 1 << 20, -1)
    assert screen.getvalue().split("\r")[1:] == [
        f"[{'#' * 22}{'.' * 8}]  75.0% of 4.0 MiB",
        f"[{'#' * 30}] 100.0% of 4.0 MiB",
        "1.0 MiB",
    ]
    take(server, tmp_path / "a", "good")
    assert "100.0%" in screen.getvalue() and screen.getvalue().endswith("\n")
    monkeypatch.setattr(sys, "stderr", pipe)
    show_progress(1, 1, 2)
    take(server, tmp_path / "b", "good")
    assert pipe.getvalue() == ""


# -- several at once -------------------------------------------------------------------------------


def test_whoever_waited_takes_what_the_other_one_brought(server, tmp_path):
    found = []
    threads = [threading.Thread(target=lambda: found.append(take(server, tmp_path, "slow"))) for _ in range(4)]
    for thread in threads:
        thread.start()
    server.go_on.set()
    for thread in threads:
        thread.join()
    assert found == [tmp_path / "file.bin"] * 4
    assert asked(server) == ["slow"]
    assert os.listdir(tmp_path) == ["file.bin"]


def test_two_processes_download_once(server, tmp_path):
    code = (
        "import sys; from dezero._download import Remote, fetch\n"
        "print(fetch([Remote('file.bin', (sys.argv[1],), sys.argv[2])], sys.argv[3], loopback=True)[0])"
    )
    command = [sys.executable, "-c", code, address(server, "slow"), SHA256, str(tmp_path)]
    processes = [
        subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[1]) for _ in range(2)
    ]
    threading.Timer(0.3, server.go_on.set).start()
    for process in processes:
        out, _ = process.communicate(timeout=30)
        assert out.strip() == str(tmp_path / "file.bin") and process.returncode == 0
    assert asked(server) == ["slow"]
    assert (tmp_path / "file.bin").read_bytes() == CONTENT
