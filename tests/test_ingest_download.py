"""Addresses are fetched with limits, each hop checked, and what goes wrong is said."""

import socket
import threading
import time
from collections.abc import Iterator
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from pipeline.errors import LimitError, SourceError
from pipeline.ingest import download, fetch, is_address
from pipeline.settings import read_settings

SETTINGS = read_settings({"INKLINE_MAX_FILE_MB": "1", "INKLINE_FETCH_TIMEOUT_S": "1"})
fetch_anywhere = partial(fetch, settings=SETTINGS, allow_private=True)


class Pages(BaseHTTPRequestHandler):
    """Answers of all kinds, chosen by the path."""

    def do_GET(self) -> None:
        path = self.path.split("?")[0]
        body = f"for {self.headers['Host']}".encode()
        headers = {}
        status = 200
        if path.startswith("/to/"):
            status, headers = 302, {"Location": path.removeprefix("/to/")}
        elif path == "/loop":
            status, headers = 302, {"Location": "/loop"}
        elif path.startswith("/named/"):
            headers = {
                "Content-Disposition": path.removeprefix("/named/")
                .replace("%20", " ")
                .replace("%22", '"')
                .replace("%2F", "/")
            }
        elif path == "/missing":
            status = 404
        elif path == "/slow":
            time.sleep(1.5)
        elif path in {"/large", "/large-unannounced"}:
            body = bytes(2**20 + 1)
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        if path == "/cut":
            self.send_header("Content-Length", "500")
        elif path != "/large-unannounced":
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Quiet."""


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    httpd = ThreadingHTTPServer(("127.0.0.1", 0), Pages)
    threading.Thread(target=httpd.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{httpd.server_port}"
    httpd.shutdown()
    httpd.server_close()


@pytest.mark.parametrize(
    ("path", "name"),
    [("/notes.pdf", "notes.pdf"), ("/a/b/my%20notes.jpg?key=1#x", "my notes.jpg"), ("/", "127.0.0.1"),
     ("/%2e%2e%2fetc%2fpasswd", "passwd"), ("/..%5c..%5cboot.ini", "boot.ini"), ("/a%0ab.png", "ab.png"),
     ('/named/attachment;%20filename="scan%201.pdf"', "scan 1.pdf"),
     ('/named/attachment;%20filename="..%2F..%2Fx.pdf"', "x.pdf"),
     ("/named/attachment;%20filename*=UTF-8''%C3%A9t%C3%A9.png", "été.png"),
     ("/" + "n" * 400 + ".pdf", "n" * 120 + ".pdf")],
)  # fmt: skip
def test_a_file_is_saved_under_a_plain_name(server: str, tmp_path: Path, path: str, name: str) -> None:
    saved = fetch_anywhere(server + path, tmp_path / "new")
    assert saved == tmp_path / "new" / name
    assert saved.read_bytes().startswith(b"for 127.0.0.1")


def test_nothing_is_overwritten(server: str, tmp_path: Path) -> None:
    names = [fetch_anywhere(f"{server}/a.pdf", tmp_path).name for _ in range(3)]
    assert names == ["a.pdf", "a-2.pdf", "a-3.pdf"]


def test_redirects_are_followed(server: str, tmp_path: Path) -> None:
    assert fetch_anywhere(f"{server}/to/{server}/to//notes.pdf", tmp_path).name == "notes.pdf"


@pytest.mark.parametrize(
    ("path", "words"),
    [("/missing", "answers 404 Not Found"), ("/loop", "redirects more than 5 times"), ("/slow", "within 1 second"),
     ("/cut", "broke off"),
     ("/to/file:///etc/passwd", "must begin with http"), ("/to/ftp://a", "must begin with http")],
)  # fmt: skip
def test_what_goes_wrong_on_the_way_is_said(server: str, tmp_path: Path, path: str, words: str) -> None:
    with pytest.raises(SourceError, match=words):
        fetch_anywhere(server + path, tmp_path)
    assert not list(tmp_path.iterdir()), "nothing is left behind"


@pytest.mark.parametrize("path", ["/large", "/large-unannounced"])
def test_a_file_that_is_too_large_is_refused_while_it_comes(server: str, tmp_path: Path, path: str) -> None:
    with pytest.raises(LimitError, match="limit of 1 MB"):
        fetch_anywhere(server + path, tmp_path)
    assert not list(tmp_path.iterdir())


def test_a_drip_is_given_up(server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(download, "PATIENCE", 0)
    with pytest.raises(SourceError, match="too slowly"):
        fetch_anywhere(f"{server}/a.pdf", tmp_path)


@pytest.mark.parametrize(
    "url",
    ["file:///etc/passwd", "ftp://host/a.pdf", "http://", "https:///a", "http://[::1", "gopher://a", "notes.pdf", ""],
)
def test_only_web_addresses_are_fetched(tmp_path: Path, url: str) -> None:
    with pytest.raises(SourceError, match="is not a web address"):
        fetch_anywhere(url, tmp_path)


def test_a_server_that_is_not_there_gets_a_sentence_without_the_password(tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(SourceError, match="can't be fetched") as caught:
        fetch_anywhere(f"http://me:secret@127.0.0.1:{port}/a.pdf?key=secret", tmp_path)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "localhost", "[::1]", "0.0.0.0", "169.254.169.254", "10.1.2.3", "192.168.0.1", "2130706433", "0x7f.1",
     "[::ffff:127.0.0.1]", "[fe80::1]", "[fd00::1]", "[64:ff9b::7f00:1]", "[2002:7f00:1::]", "224.0.0.1", "100.64.0.1"],
)  # fmt: skip
def test_private_addresses_are_refused_unless_allowed(tmp_path: Path, host: str) -> None:
    with pytest.raises(SourceError, match="private network"):
        fetch(f"http://{host}:1/a.pdf", tmp_path, SETTINGS)


def test_a_redirect_into_the_private_network_is_refused(
    server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(download, "is_public", lambda address: address == "127.0.0.1")
    assert fetch(f"{server}/a.pdf", tmp_path, SETTINGS).name == "a.pdf"
    with pytest.raises(SourceError, match=r"10\.0\.0\.1 is in a private network"):
        fetch(f"{server}/to/http://10.0.0.1/a.pdf", tmp_path, SETTINGS)


def test_the_address_that_was_checked_is_the_one_that_is_asked(
    server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lookups = []
    real = socket.getaddrinfo

    def looked_up(host: str, *rest: object, **options: object) -> object:
        if host == "notes.example":
            lookups.append(host)
            host = "127.0.0.1"
        return real(host, *rest, **options)

    monkeypatch.setattr(socket, "getaddrinfo", looked_up)
    monkeypatch.setattr(download, "is_public", lambda address: True)
    port = server.rsplit(":", 1)[1]
    saved = fetch(f"http://notes.example:{port}/a.pdf", tmp_path, SETTINGS)
    assert saved.read_text() == f"for notes.example:{port}"
    assert lookups == ["notes.example"], "a second look-up could give another address"


def test_a_name_that_does_not_exist_gets_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"no server called nowhere\.invalid"):
        fetch("http://nowhere.invalid/a.pdf", tmp_path, SETTINGS)


@pytest.mark.parametrize(
    ("text", "address"),
    [("http://a/b.pdf", True), ("HTTPS://a", True), ("ftp://a", True), ("notes.pdf", False), ("C:/notes.pdf", False),
     ("/a://b", False), ("c://notes", False)],
)  # fmt: skip
def test_addresses_are_told_from_files(text: str, address: bool) -> None:
    assert is_address(text) is address
