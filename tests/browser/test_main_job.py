"""The main job in a real browser: files in, lines corrected, Word document out; nothing lost on the way."""

import io
import re
from pathlib import Path

import docx
import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from pipeline.settings import read_settings
from pipeline.store import open_store
from tests.browser.conftest import SAMPLES, Server, Table, new_server

pytestmark = pytest.mark.browser


def top_of(sample: Path, share: float = 0.35) -> Image.Image:
    """The first lines of a sample page, which are read faster than all."""
    with Image.open(sample) as image:
        return image.convert("RGB").crop((0, 0, image.width, int(share * image.height)))


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """A PDF of two pages and two photos."""
    folder = tmp_path_factory.mktemp("files")
    first, second = (top_of(sample) for sample in SAMPLES[:2])
    first.save(folder / "1 notes.pdf", save_all=True, append_images=[second], resolution=200)
    first.save(folder / "2 photo.jpg", quality=90)
    second.save(folder / "10 photo.png")
    return sorted(folder.iterdir())


def upload(page: Page, server: Server, files: list[Path]) -> None:
    page.goto(server.url)
    page.locator('input[type="file"]').set_input_files(files)
    expect(page.get_by_text(f"{len(files)} files ready to read")).to_be_visible()


def test_upload_correct_reload_download(server: Server, page: Page, files: list[Path]) -> None:
    upload(page, server, files)
    page.get_by_label("Name of the document").fill("Cells and water")
    page.get_by_label("Name of the document").press("Enter")
    page.get_by_role("button", name="Read the pages").click()
    expect(page.get_by_role("heading", name="Cells and water")).to_be_visible()
    # Pages appear while others are still being read, and a reload finds them again.
    expect(page.get_by_text("Page 1 ·").first).to_be_visible(timeout=server.reading_ms)
    page.reload()
    expect(page.get_by_text("on 4 pages.")).to_be_visible(timeout=server.reading_ms)
    expect(page.get_by_text("Read by crnn")).to_be_visible()
    page.get_by_role("button", name="Correct the text").click()

    table = Table(page)
    table.wait()
    assert table.cell(3, 0).strip()
    table.write(0, "A heading put right")
    expect(page.get_by_text("saved")).to_be_visible()
    table.write(2, "and a third line")
    expect(page.get_by_text(re.compile(r"2 of \d+ lines checked"))).to_be_visible()
    page.reload()
    table.wait()
    assert table.cell(3, 0) == "A heading put right"
    assert table.cell(3, 2) == "and a third line"

    with page.expect_download() as download:
        page.get_by_role("button", name="Word").click()
    assert download.value.suggested_filename == "Cells and water.docx"
    text = "\n".join(p.text for p in docx.Document(io.BytesIO(Path(download.value.path()).read_bytes())).paragraphs)
    assert "A heading put right" in text
    assert "and a third line" in text


def test_an_edit_is_kept_though_the_page_is_left_right_after_it(server: Server, page: Page) -> None:
    document_id = open_store_of(server).list_documents()[0].id
    page.goto(f"{server.url}/correct?document={document_id}&page=2&view=table")
    table = Table(page)
    table.wait()
    table.write(1, "in passing")
    # Streamlit's table hands an edit over 150 ms after it; no hand reaches the next button sooner.
    page.wait_for_timeout(200)
    page.get_by_role("button", name="Next").click()
    expect(page.get_by_role("combobox", name="Page")).to_have_value("Page 3 of 4")
    assert open_store_of(server).get_page(document_id, 1).lines[1].text == "in passing"


def test_a_deep_link_opened_first_shows_its_page_inside_the_frame(server: Server, page: Page) -> None:
    document_id = open_store_of(server).list_documents()[0].id
    page.goto(f"{server.url}/correct?document={document_id}&page=4")
    expect(page.get_by_role("combobox", name="Page", exact=True)).to_have_value("3")
    expect(page.get_by_role("link", name="Library")).to_be_visible()
    Table(page).wait()
    expect(page.get_by_role("combobox", name="Page")).to_have_value("Page 4 of 4")


def test_the_api_documents_itself_on_the_same_port(server: Server, page: Page) -> None:
    page.goto(f"{server.url}/api/docs")
    expect(page.get_by_text("/documents", exact=True).first).to_be_visible()


def test_a_killed_server_takes_the_job_up_again(tmp_path: Path, page: Page, files: list[Path]) -> None:
    server = new_server(tmp_path)
    server.start()
    try:
        upload(page, server, [*files, *(copy_of(file, tmp_path) for file in files)])
        page.get_by_role("button", name="Read the pages").click()
        expect(page.get_by_text("Page 1 ·").first).to_be_visible(timeout=server.reading_ms)
        server.kill()
        done = open_store_of(server).list_documents()[0].pages
        assert 0 < done < 8
        server.start()
        page.reload()
        expect(page.get_by_text("on 8 pages.")).to_be_visible(timeout=server.reading_ms)
    finally:
        server.kill()


def copy_of(file: Path, folder: Path) -> Path:
    copy = folder / f"copy of {file.name}"
    copy.write_bytes(file.read_bytes())
    return copy


def open_store_of(server: Server):
    return open_store(read_settings({"INKLINE_DATA": str(server.data)}))
