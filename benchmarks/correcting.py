"""How long it takes to bring a page to perfect text, in the workbench and in the plain table.

    python -m benchmarks.correcting PAGE.jpg TRUTH.json

The page is read by the shipped reader in a server of its own. Then a program does in headless Chromium what a person
would do who knows the truth and the keys, and never errs: it changes only the letters that are wrong. The store is
compared with the truth. Keys and clicks are counted, and timed by the keystroke-level model (Card, Moran and Newell
1980): 0.2 s a key, 1.1 s to point, 1.35 s to look at a line and decide. People also think and err, so this compares the
two and promises nothing.
"""

import argparse
import json
import re
import shutil
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from pathlib import Path

import httpx
from playwright.sync_api import Page, expect, sync_playwright

from tests.browser.conftest import FLAGS, Server, Table, new_server

KEY_S, POINT_S, LOOK_S = 0.2, 1.1, 1.35
LEAST_ALIKE = 0.3  # a line that resembles none of the truth is deleted
WORD = re.compile(r" ?[A-Za-z]+(?= )")
NEAR = 4  # right letters between two wrong ones that are quicker typed again than passed


@dataclass(slots=True)
class Hands:
    """Somebody at the keyboard; `palette` holds the letters that lie open to be picked with the mouse."""

    page: Page
    palette: str = ""
    keys: int = 0
    points: int = 0
    looks: int = 0

    def press(self, key: str, times: int = 1) -> None:
        for _ in range(times):
            self.page.keyboard.press(key)
            self.keys += 1

    def type(self, text: str) -> None:
        """What neither keyboard nor palette has is copied from elsewhere: two windows, two places to point at."""
        for letter in text:
            if ord(letter) < 0x100:
                self.page.keyboard.insert_text(letter)
                self.keys += 1
            elif letter in self.palette:
                self.page.locator(".palette").get_by_role("button", name=letter, exact=True).first.click()
                self.points += 1
            else:
                self.page.keyboard.insert_text(letter)
                self.points += 2
                self.keys += 4

    def put_right(self, before: str, after: str) -> None:
        """Change the text of the field that is open, whose caret is anywhere."""
        self.press("Home")
        caret = 0
        for start, end, text in changes(before, after):
            words, letters = way(before, caret, start)
            self.press("Control+ArrowRight", words)
            self.press("ArrowRight", letters)
            self.press("Delete", end - start)
            self.type(text)
            caret = end

    @property
    def seconds(self) -> float:
        return KEY_S * self.keys + POINT_S * self.points + LOOK_S * self.looks


def changes(before: str, after: str) -> list[tuple[int, int, str]]:
    """Pieces of a text, from one place up to another, and what must stand there instead."""
    found: list[tuple[int, int, str]] = []
    last = 0
    for kind, start, end, new, new_end in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if kind == "equal":
            continue
        if found and start - found[-1][1] < NEAR:
            begun, _, text = found.pop()
            found.append((begun, end, text + after[last:new] + after[new:new_end]))
        else:
            found.append((start, end, after[new:new_end]))
        last = new_end
    return found


def way(text: str, caret: int, place: int) -> tuple[int, int]:
    """How many words, and then letters, the caret goes on: Ctrl+Right leads to the end of a word."""
    words = 0
    while (word := WORD.match(text, caret)) and word.end() <= place:
        words, caret = words + 1, word.end()
    return words, place - caret


def pairs(read: Sequence[str], truth: Sequence[str]) -> list[tuple[int | None, int | None]]:
    """Lines read and true lines side by side, in order; None where the other has none."""
    best: dict[tuple[int, int], tuple[float, list[tuple[int | None, int | None]]]] = {(0, 0): (0.0, [])}
    for i in range(len(read) + 1):
        for j in range(len(truth) + 1):
            ways = [best[i, j]] if (i, j) == (0, 0) else []
            if i:
                score, path = best[i - 1, j]
                ways.append((score, [*path, (i - 1, None)]))
            if j:
                score, path = best[i, j - 1]
                ways.append((score, [*path, (None, j - 1)]))
            if i and j:
                score, path = best[i - 1, j - 1]
                alike = SequenceMatcher(None, read[i - 1], truth[j - 1], autojunk=False).ratio()
                ways.append((score + alike - LEAST_ALIKE, [*path, (i - 1, j - 1)]))
            best[i, j] = max(ways, key=lambda way: way[0])
    return best[len(read), len(truth)][1]


def in_workbench(page: Page, server: Server, document_id: str, truth: Sequence[str]) -> Hands:
    page.goto(f"{server.url}/correct?document={document_id}&page=1")
    expect(page.locator(".bench .row.current canvas")).to_be_visible()
    fields = page.locator(".bench .row input")
    hands = Hands(page, points=1)
    hands.press("Alt+c")
    fields.first.click()
    hands.palette = "".join(page.locator(".palette button").all_inner_texts())
    read = texts(server, document_id)
    at = -1  # of the line before, as they stand by then
    for line, true in pairs(read, truth):
        hands.looks += 1
        count = fields.count()
        if line is None:
            assert at >= 0, "a line that is missing above the first is not provided for"
            if fields.nth(at).evaluate("field => field !== document.activeElement"):
                hands.press("ArrowUp")
            expect(fields.nth(at)).to_be_focused()
            hands.press("Alt+n")
            expect(fields).to_have_count(count + 1)
        else:
            expect(fields.nth(at + 1)).to_be_focused()
        if true is None:
            hands.press("Alt+Delete")
            expect(fields).to_have_count(count - 1)
            continue
        at += 1
        expect(fields.nth(at)).to_be_focused()
        before = fields.nth(at).input_value()
        if before != truth[true]:
            hands.put_right(before, truth[true])
            expect(fields.nth(at)).to_have_value(truth[true])
        hands.press("Enter")
    expect(page.get_by_text("Your edits are saved")).to_be_visible()
    return hands


def in_table(page: Page, server: Server, document_id: str, truth: Sequence[str]) -> Hands:
    """The same, as far as a table goes: it neither makes nor deletes lines."""
    page.goto(f"{server.url}/correct?document={document_id}&page=1&view=table")
    table = Table(page)
    table.wait()
    box = table.canvas.bounding_box()
    assert box
    page.mouse.click(box["x"] + table.TEXT_X, box["y"] + table.HEADER + table.ROW / 2)
    hands = Hands(page, points=1)
    editor = page.locator("textarea.gdg-input")
    read = texts(server, document_id)
    for line, true in pairs(read, truth):
        if line is None:
            continue
        hands.looks += 1
        if true is None or read[line] == truth[true]:
            hands.press("ArrowDown")
            continue
        hands.keys += 1
        for _ in range(20):  # keys pressed while the table is drawn anew are lost
            page.keyboard.press("Enter")
            page.wait_for_timeout(1000)
            if editor.is_visible():
                break
        expect(editor).to_be_focused()
        hands.put_right(read[line], truth[true])
        expect(editor).to_have_value(truth[true])
        hands.press("Enter")
        expect(editor).to_be_hidden()
    hands.points += 1
    page.get_by_role("button", name="The rest of this page is right").click()
    page.wait_for_timeout(5000)
    return hands


def texts(server: Server, document_id: str) -> list[str]:
    page = httpx.get(f"{server.url}/api/documents/{document_id}/pages/0", timeout=60).json()
    return [line["text"] for line in page["lines"]]


def read_page(server: Server, image: Path) -> str:
    """The id of a document of this page, once it is read."""
    with image.open("rb") as file:
        (document,) = httpx.post(f"{server.url}/api/documents", files={"files": file}, timeout=120).json()
    while httpx.get(f"{server.url}/api/documents/{document['id']}/progress", timeout=60).json()["state"] != "done":
        time.sleep(1)
    return str(document["id"])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("image", type=Path)
    parser.add_argument("truth", type=Path, help="JSON list of lines with their text, in reading order")
    args = parser.parse_args()
    truth = [line["text"] for line in json.loads(args.truth.read_text(encoding="utf-8"))]
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        server = new_server(Path(folder))
        server.start()
        try:
            browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
            page = browser.new_page(viewport={"width": 1366, "height": 768})
            page.set_default_timeout(60_000)
            expect.set_options(timeout=60_000)
            for name, correct in (("workbench", in_workbench), ("table", in_table)):
                document_id = read_page(server, args.image)
                read = texts(server, document_id)
                hands = correct(page, server, document_id, truth)
                left = len(set(truth)) - len(set(texts(server, document_id)) & set(truth))
                print(f"{name}: {len(read)} lines read, {len(set(read) & set(truth))} of {len(truth)} right; ", end="")
                print(f"{hands.keys} keys, {hands.points} times pointed, {hands.seconds / 60:.1f} min; ", end="")
                print(f"{left} true lines are still wrong or missing", flush=True)
        finally:
            server.kill()


if __name__ == "__main__":
    main()
