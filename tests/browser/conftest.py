"""The real server in its own process with an empty store, and a headless Chromium that uses it."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from pipeline.settings import read_settings
from pipeline.store import Store, open_store

ROOT = Path(__file__).resolve().parents[2]
SAMPLES = sorted((ROOT / "assets" / "samples").glob("*.jpg"))
FLAGS = [
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
]
# How long a screen may take to show something: so many times what the server took to start, within these bounds, for
# two cores may be shared with much else. A whole document to be read may take so many times longer.
TIMES, SHORTEST_S, LONGEST_S, DOCUMENT = 10, 30, 240, 4


@dataclass(slots=True)
class Server:
    """Inkline as `make run` starts it, on a port and with a store of its own."""

    data: Path
    port: int
    log: IO[bytes]
    process: subprocess.Popen[bytes] | None = field(default=None)
    start_s: float = 0.0

    @property
    def url(self) -> str:
        return f"http://localhost:{self.port}"

    @property
    def patience_ms(self) -> float:
        """How long to wait for what needs no reading."""
        return 1000 * min(max(TIMES * self.start_s, SHORTEST_S), LONGEST_S)

    @property
    def reading_ms(self) -> float:
        """How long to wait for a document to be read."""
        return DOCUMENT * self.patience_ms

    def start(self) -> None:
        command = [sys.executable, "-m", "streamlit", "run", "streamlit_app.py", f"--server.port={self.port}"]
        environment = {**os.environ, "INKLINE_DATA": str(self.data), "INKLINE_ENGINE": "crnn", "OMP_NUM_THREADS": "2"}
        environment.pop("DATABASE_URL", None)
        self.process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=self.log, stderr=self.log)
        begun = time.monotonic()
        deadline = begun + LONGEST_S
        while True:
            assert self.process.poll() is None, f"the server ended:\n{Path(self.log.name).read_text()}"
            assert time.monotonic() < deadline, f"the server does not answer:\n{Path(self.log.name).read_text()}"
            try:
                httpx.get(f"{self.url}/api/health", timeout=5).raise_for_status()
                self.start_s = time.monotonic() - begun
                return
            except httpx.HTTPError:
                time.sleep(0.2)

    def kill(self, how: signal.Signals = signal.SIGKILL) -> None:
        assert self.process
        self.process.send_signal(how)
        self.process.wait(30)


def new_server(folder: Path) -> Server:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    return Server(folder / "data", port, (folder / "server.log").open("wb"))


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    server = new_server(tmp_path_factory.mktemp("server"))
    server.start()
    yield server
    server.kill(signal.SIGTERM)


def store_of(server: Server) -> Store:
    return open_store(read_settings({"INKLINE_DATA": str(server.data)}))


def picture(page: Page, name: str) -> None:
    """A screenshot for whoever wants to look, in the folder INKLINE_SCREENSHOTS."""
    if folder := os.environ.get("INKLINE_SCREENSHOTS"):
        page.screenshot(path=Path(folder) / f"{name}.png")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if not chromium:
        pytest.fail("Chromium is not installed. `make test` installs it on Debian; elsewhere please do so yourself.")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def page(browser: Browser, server: Server) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1366, "height": 768}, accept_downloads=True)
    context.set_default_timeout(server.patience_ms)
    expect.set_options(timeout=server.patience_ms)
    yield context.new_page()
    context.close()


class Table:
    """The table of lines, used with mouse and keyboard as a person would."""

    HEADER, ROW, TEXT_X = 36, 70, 520

    def __init__(self, page: Page) -> None:
        self.page = page
        self.canvas = page.locator('[data-testid="data-grid-canvas"]')

    def cell(self, column: int, row: int) -> str:
        """The text of a cell, from the table that the canvas holds for screen readers."""
        return self.page.get_by_test_id(f"glide-cell-{column}-{row}").inner_text()

    def wait(self) -> None:
        """Until it is there; the screen opens with the workbench, unless the address asks for the table."""
        first, bench = self.page.get_by_test_id("glide-cell-3-0"), self.page.locator(".bench")
        expect(first.or_(bench).first).to_be_attached()
        if bench.is_visible():
            self.page.get_by_role("radio", name="Table").or_(self.page.get_by_role("button", name="Table")).click()
        expect(first).to_be_attached()

    def write(self, row: int, text: str) -> None:
        """Replace what a row says. Keys pressed before the cell is open would be lost, so it is tried until it is."""
        editor = self.page.locator("textarea.gdg-input")
        for _ in range(20):
            self.canvas.scroll_into_view_if_needed()
            box = self.canvas.bounding_box()
            assert box
            self.page.mouse.click(box["x"] + self.TEXT_X, box["y"] + self.HEADER + self.ROW * (row + 0.5))
            self.page.wait_for_timeout(300)
            if not editor.is_visible():
                self.page.keyboard.press("Enter")
                self.page.wait_for_timeout(700)
            if editor.is_visible():
                break
        expect(editor).to_be_focused()
        self.page.keyboard.press("Control+a")
        self.page.keyboard.type(text, delay=15)
        self.page.keyboard.press("Enter")
