"""What tasks do, run in this process: rows that can't be used are counted and named, each line keeps its own ink."""

from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from pipeline.document import Transcription
from pipeline.errors import SourceError
from pipeline.jobs import child
from pipeline.settings import Settings
from pipeline.train import adapt as module
from pipeline.train.adapt import Outcome, Reading
from pipeline.train.data import Labelled
from tests.store.helpers import settings_in
from tests.train.lines import draw_line, write_folder

TEXTS = ["no", "on", "no", "two"]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return settings_in(tmp_path)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Four lines, a row without text and one whose picture is broken past its header."""
    folder = write_folder(tmp_path / "set", [*TEXTS, "out"])
    names = [row.split("\t")[0] for row in (folder / "labels.tsv").read_text().splitlines()]
    picture = folder / "images" / names[-1]
    whole = bytearray(picture.read_bytes())
    whole[60:-60] = bytes(len(whole) - 120)
    picture.write_bytes(whole)
    with (folder / "labels.tsv").open("a") as labels:
        labels.write(f"{names[0]}\tw\t\n")
    return folder


class Reader:
    """Reads every line as "no"."""

    name = "reader"

    def transcribe(self, crops: list[np.ndarray]) -> list[Transcription]:
        return [Transcription("no", 0.5, self.name) for _ in crops]


def tell(**row: object) -> None:
    pass


def test_a_check_counts_and_names_what_it_leaves_out(
    settings: Settings, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(child, "load_engine", lambda name, settings: Reader())
    result = child.evaluate({"model": "crnn", "data": str(folder)}, tmp_path, settings, tell)
    assert (result["lines"], result["left_out"]) == (4, 2)
    assert "the text of" in result["bad"][0]
    assert "is not a readable image" in result["bad"][1]
    assert result["cer"] == pytest.approx(4 / 9)
    assert [(line["truth"], line["read"]) for line in result["worst"]] == [("on", "no"), ("two", "no")]
    assert all(line["ink"].startswith("data:image/webp;base64,") for line in result["worst"])


def outcome_of(lines: list[Labelled]) -> Outcome:
    readings = tuple(Reading(line, "before", "after") for line in lines)
    return Outcome(
        kept=False, reason="Not kept.", before=0.5, after=0.5, loss_before=1.0, loss_after=1.0, learned=2, held_back=2,
        new_letters="", seconds=1.0, readings=readings, mistaken=tuple(lines[:1]),
    )  # fmt: skip


@pytest.fixture
def wanted(folder: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    return {"model": "crnn", "data": str(folder), "title": "My hand"}


def test_two_lines_of_the_same_text_keep_their_own_ink(
    settings: Settings, wanted: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def adapt(source: Path, samples: list[Labelled], *rest: Any, **more: Any) -> Outcome:
        one, other = samples[0], samples[2]
        assert one.text == other.text
        return outcome_of([one, other])

    monkeypatch.setattr(module, "adapt", adapt)
    cv2.imwrite(f"{wanted['data']}/images/2.png", draw_line("no", height=90))
    result = child.adapt_hand(wanted, tmp_path / "out", settings, tell)
    one, other = result["readings"]
    assert one["truth"] == other["truth"] == "no"
    assert one["ink"] != other["ink"]
    assert result["mistaken"] == [{"ink": one["ink"], "truth": "no"}]
    assert result["left_out"] == 2


def test_too_few_lines_tell_which_rows_were_left_out(
    settings: Settings, wanted: dict[str, str], tmp_path: Path
) -> None:
    with pytest.raises(SourceError, match=r"there are 4\. 2 rows can't be used; the first: .*the text of"):
        child.adapt_hand(wanted, tmp_path / "out", settings, tell)
