import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from pipeline.cli import main
from pipeline.evaluate import labelled_pages
from tests.handmade import TEXT, page


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    pages = tmp_path / "pages"
    pages.mkdir()
    cv2.imwrite(str(pages / "one.png"), page())
    truth = [
        {"id": str(n), "type": "text", "text": text, "bbox": [110, 140 + 100 * n, 1130, 226 + 100 * n]}
        for n, text in enumerate(TEXT)
    ]
    (pages / "one.json").write_text(json.dumps(truth))
    return pages


def test_pages_are_measured_on_photos_made_of_them(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    kept = tmp_path / "kept"
    assert main(["evaluate", str(folder), "--photos", "middle", "--seed", "7", "--keep", str(kept)]) == 0
    row = capsys.readouterr().out.splitlines()[1].split()
    assert row[0] == "one"
    assert [int(count) for count in row[1:4]] == [len(TEXT)] * 3
    assert {path.name for path in kept.iterdir()} == {"one.jpg", "one.json", "one_found.jpg"}


def test_kept_photos_are_labelled_pages_themselves(folder: Path, tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    main(["evaluate", str(folder), "--photos", "easy", "--keep", str(kept)])
    (photo,) = labelled_pages(kept)
    assert [line["text"] for line in photo.truth] == list(TEXT)
    height, width = photo.pixels.shape[:2]
    points = np.array([point for line in photo.truth for point in line["polygon"]])
    assert (points.min(axis=0) > 0).all()
    assert (points.max(axis=0) < (width, height)).all()


def test_a_seed_that_is_no_number_is_refused_in_a_sentence(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["evaluate", str(folder), "--photos", "easy", "--seed", "-1"])
    assert "is not a whole number" in capsys.readouterr().err
