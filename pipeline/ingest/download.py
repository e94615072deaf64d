"""Files from web addresses, without letting a server's users reach its private network."""

import ipaddress
import re
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import Message
from pathlib import Path
from urllib.parse import unquote

import httpx

from pipeline.errors import LimitError, SourceError
from pipeline.settings import Settings

MOST_REDIRECTS = 5
# A download may go on for this many times the timeout, which is for each answer on the way.
PATIENCE = 10
LONGEST_NAME = 120


def is_address(text: str) -> bool:
    """Whether a command's argument is an address rather than a file."""
    return re.match(r"[A-Za-z][A-Za-z0-9+.-]+://", text) is not None


def fetch(url: str, folder: Path, settings: Settings, *, allow_private: bool = False) -> Path:
    """Download an http(s) address into a folder, under the name the server or the address gives.

    Unless `allow_private`, each hop must lead to a public address. Raises SourceError, and LimitError for a file that
    is too large.
    """
    with _answer(url, settings, allow_private) as response:
        folder.mkdir(parents=True, exist_ok=True)
        path = _free(folder / _file_name(response))
        part = path.with_name(f"{path.name}.part")
        try:
            _save(response, part, settings)
            part.rename(path)
        finally:
            part.unlink(missing_ok=True)
    return path


@contextmanager
def _answer(url: str, settings: Settings, allow_private: bool) -> Iterator[httpx.Response]:
    """The answer at the end of all redirects, its body not yet read."""
    # A proxy would resolve names itself, behind the check of addresses.
    with httpx.Client(timeout=settings.fetch_timeout_s, trust_env=allow_private, follow_redirects=False) as client:
        where = _parse(url)
        for _ in range(MOST_REDIRECTS + 1):
            request = client.build_request("GET", where, headers={"Accept-Encoding": "identity"})
            if not allow_private:
                _pin(request)
            with _plain_errors(where, settings):
                response = client.send(request, stream=True)
            try:
                if not response.has_redirect_location:
                    if response.is_error:
                        raise SourceError(f"{_shown(where)} answers {response.status_code} {response.reason_phrase}.")
                    response.extensions["asked"] = where
                    yield response
                    return
                where = _parse(_next(where, response.headers["Location"]))
            finally:
                response.close()
    raise SourceError(f"{_shown(_parse(url))} redirects more than {MOST_REDIRECTS} times.")


def _parse(url: str) -> httpx.URL:
    try:
        parsed = httpx.URL(url.strip())
    except (httpx.InvalidURL, ValueError, TypeError) as error:
        raise SourceError(f"{url[:200]!r} is not a web address.") from error
    if parsed.scheme not in {"http", "https"} or not parsed.host:
        raise SourceError(f"{url[:200]!r} is not a web address: it must begin with http:// or https://.")
    return parsed


def _next(where: httpx.URL, location: str) -> str:
    try:
        return str(where.join(location))
    except (httpx.InvalidURL, ValueError) as error:
        raise SourceError(f"{_shown(where)} redirects to what is not a web address.") from error


def _pin(request: httpx.Request) -> None:
    """Send the request to an address that was checked, so that the name can't point elsewhere a moment later."""
    host = request.url.host
    try:
        found = socket.getaddrinfo(host, request.url.port or 0, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise SourceError(f"There is no server called {host}, or it can't be looked up now.") from error
    addresses = [str(entry[4][0]).split("%")[0] for entry in found]
    if not addresses or not all(map(is_public, addresses)):
        raise SourceError(f"{host} is in a private network. Inkline fetches only from public addresses.")
    request.extensions["sni_hostname"] = host
    request.url = request.url.copy_with(host=addresses[0])  # the Host header keeps the name


def is_public(address: str) -> bool:
    """Whether an IP address is reachable by everyone: not loopback, private, link-local, reserved or multicast."""
    ip = ipaddress.ip_address(address)
    if isinstance(ip, ipaddress.IPv6Address):
        inner = ip.ipv4_mapped or ip.sixtofour or (ip.teredo and ip.teredo[1])
        if inner:
            return is_public(str(inner))
        if ip in ipaddress.ip_network("64:ff9b::/96"):  # IPv4 behind NAT64
            return is_public(str(ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)))
    return ip.is_global and not ip.is_multicast


def _save(response: httpx.Response, path: Path, settings: Settings) -> None:
    """The body to a file. Raises LimitError as soon as it is known to be too large."""
    where, most = response.extensions["asked"], settings.max_file_mb * 2**20
    too_large = LimitError(f"{_shown(where)} is larger than the limit of {settings.max_file_mb} MB.")
    announced = response.headers.get("Content-Length", "")
    if announced.isascii() and announced.isdigit() and int(announced) > most:
        raise too_large
    ends = time.monotonic() + settings.fetch_timeout_s * PATIENCE
    size = 0
    with path.open("wb") as file, _plain_errors(where, settings):
        for chunk in response.iter_bytes():
            size += len(chunk)
            if size > most:
                raise too_large
            if time.monotonic() > ends:
                raise SourceError(f"{_shown(where)} sends too slowly. Download it yourself and give the file.")
            file.write(chunk)


@contextmanager
def _plain_errors(where: httpx.URL, settings: Settings) -> Iterator[None]:
    """The client's errors as sentences."""
    try:
        yield
    except httpx.TimeoutException as error:
        raise SourceError(f"{where.host} does not answer within {settings.fetch_timeout_s} seconds.") from error
    except httpx.RemoteProtocolError as error:
        raise SourceError(f"{where.host} broke off its answer.") from error
    except (httpx.HTTPError, httpx.InvalidURL, OSError, UnicodeError) as error:
        raise SourceError(f"{_shown(where)} can't be fetched: {error or 'no connection'}.") from error


def _shown(url: httpx.URL) -> str:
    """The address for messages, without passwords and keys that may stand in it."""
    return str(url.copy_with(userinfo=b"", query=None, fragment=None))[:200]


def _file_name(response: httpx.Response) -> str:
    """The name the server gives, else the last part of the address, else the host; never a path."""
    header = Message()
    header["Content-Disposition"] = response.headers.get("Content-Disposition", "")
    url: httpx.URL = response.extensions["asked"]
    names = (header.get_filename() or "", unquote(url.path), url.host)
    for name in names:
        last = re.split(r"[/\\]", name.rstrip("/\\"))[-1]
        clean = "".join(character for character in last if character.isprintable()).strip(" .")
        if clean:
            return f"{Path(clean).stem[:LONGEST_NAME]}{Path(clean).suffix[:10]}"
    return "download"


def _free(path: Path) -> Path:
    """The path itself, or one numbered so that nothing is overwritten."""
    number = 1
    free = path
    while free.exists():
        number += 1
        free = path.with_name(f"{path.stem}-{number}{path.suffix}")
    return free
