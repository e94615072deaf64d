"""The screen Models in a browser: a model is checked; learning goes on over a reload, stops when told, and ends."""

import re
from pathlib import Path

import pytest
import torch
from playwright.sync_api import Page, expect

from pipeline.document import Document
from pipeline.engines.default import default_model
from pipeline.settings import read_settings
from pipeline.store import Store, open_store
from pipeline.train.crnn import Charset, save
from pipeline.train.export import export_model
from pipeline.train.network import CRNN, Shape
from tests.browser.conftest import Server
from tests.pages.conftest import page_of, picture_of

pytestmark = pytest.mark.browser
TEXTS = [f"line {number} of the notes" for number in range(22)]


def confirmed(server: Server) -> Store:
    """The server's store with a page of confirmed lines."""
    store = open_store(read_settings({"INKLINE_DATA": str(server.data)}))
    page = page_of(*[(text, 0.9) for text in TEXTS])
    document_id = store.create_finished_document(Document("Board notes", (page,)), [picture_of(page)])
    for line in store.get_page(document_id, 0).lines:
        store.correct_line(line.id, line.text)
    return store


def test_a_model_is_checked_and_a_hand_begins_to_be_learned(server: Server, page: Page, tmp_path: Path) -> None:
    store = confirmed(server)
    page.goto(f"{server.url}/models")
    page.get_by_role("button", name="Check it").first.click()
    page.get_by_text("A folder of labelled lines").click()
    page.get_by_label("Folder on this machine").fill(str(tmp_path))
    page.get_by_label("Folder on this machine").press("Enter")
    page.get_by_role("button", name="Start the check").click()
    expect(page.get_by_text("holds no labelled lines that Inkline knows")).to_be_visible()

    page.get_by_role("button", name="Learn my handwriting").click()
    expect(page.get_by_text("You can leave this page: learning goes on")).to_be_visible()
    page.reload()
    page.get_by_test_id("stMainBlockContainer").get_by_role("button", name="Stop").click()
    expect(page.get_by_text("Nothing has changed")).to_be_visible()
    (task,) = store.list_tasks("adapt")
    assert task.state == "cancelled"
    assert not [folder for folder in (server.data / "models").glob("*") if not folder.name.startswith(".")]


def write_tiny_model(folder: Path) -> None:
    """A model that has learned nothing yet, so small that it learns in seconds."""
    folder.mkdir(parents=True)
    torch.manual_seed(4)
    charset, shape = Charset(" abcdefhilnorstu012345678"), Shape((8, 8, 16), (1, 1, 1), 16, 1)
    save(folder, CRNN(len(charset.characters) + 1, shape), charset, shape, {})
    export_model(folder)


def test_a_hand_is_learned_to_the_end(server: Server, page: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.train.export.EXAMPLES", 12)
    write_tiny_model(server.data / "models" / "tiny")
    store = confirmed(server)
    page.goto(f"{server.url}/models")
    page.get_by_label("On top of").click()
    page.get_by_role("option", name="tiny").click()
    page.get_by_label("Name of the new model").fill("Board hand")
    page.get_by_label("Name of the new model").press("Enter")
    page.get_by_role("button", name="Learn my handwriting").click()
    expect(page.get_by_text("You can leave this page: learning goes on")).to_be_visible()
    # Whether so small a network reads better in the end depends on how many steps it gets on a busy machine.
    expect(page.get_by_text(re.compile(r"[Kk]ept: in \d+ lines held back from learning"))).to_be_visible(
        timeout=server.reading_ms
    )
    expect(page.get_by_text("Misread after")).to_be_visible()
    task = store.list_tasks("adapt")[0]
    assert task.wanted["title"] == "Board hand"
    assert (task.state, task.result["left_out"]) == ("done", 0)
    assert "9" in task.result["new_letters"]  # beside those of lines that other tests confirmed
    made = server.data / "models" / "board-hand"
    assert made.exists() is task.result["kept"]
    assert default_model(read_settings({"INKLINE_DATA": str(server.data)})) == (str(made) if made.exists() else "")
    if task.result["kept"]:
        expect(page.get_by_role("heading", name="Board hand")).to_be_visible()
