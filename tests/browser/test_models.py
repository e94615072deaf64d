"""The screen Models in a real browser: a model is checked, learning goes on over a reload, and stops when told."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from pipeline.document import Document
from pipeline.settings import read_settings
from pipeline.store import Store, open_store
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
