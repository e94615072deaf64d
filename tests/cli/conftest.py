"""Every command is tested with a stand-in for the reader."""

from pathlib import Path

import pytest

from pipeline.cli import common
from pipeline.engines import Choice
from tests.cli.helpers import FakeEngine, page_image


@pytest.fixture(autouse=True)
def fake_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(common, "choose_engine", lambda name, settings: Choice(name, "It is a test."))
    monkeypatch.setattr(common, "load_engine", lambda name, settings: FakeEngine())


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    page_image().save(tmp_path / "photo.png", dpi=(150, 150))
    return tmp_path / "photo.png"


@pytest.fixture
def scan(tmp_path: Path) -> Path:
    page_image().save(tmp_path / "scan.pdf", save_all=True, append_images=[page_image(3)], resolution=100)
    return tmp_path / "scan.pdf"


@pytest.fixture
def labelled(tmp_path: Path) -> Path:
    """Five labelled lines."""
    folder = tmp_path / "set" / "dev"
    (folder / "images").mkdir(parents=True)
    for number in range(5):
        page_image(1).convert("L").crop((40, 20, 400, 110)).save(folder / "images" / f"{number}.png")
    rows = [f"{number}.png\tw1\tsome word read" for number in range(5)]
    (folder / "labels.tsv").write_text("\n".join(rows), encoding="utf-8")
    return folder
