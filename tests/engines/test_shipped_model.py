"""The model in the repository, on the sample pages' lines: rendered hands it was never trained on."""

import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from pipeline.engines.crnn import CRNNEngine
from pipeline.engines.decoding import decode_greedy
from pipeline.engines.line_image import count_letters
from pipeline.train.metrics import error_rate

ASSETS = Path(__file__).resolve().parents[2] / "assets"
SAMPLES = sorted((ASSETS / "samples").glob("*.json"))


@pytest.fixture(scope="module")
def engine() -> CRNNEngine:
    return CRNNEngine(ASSETS / "models" / "crnn")


def true_lines(truth: Path) -> list[tuple[np.ndarray, str]]:
    """Upright crops around the true lines of text of a sample page, and what they say."""
    page = cv2.imread(str(truth.with_suffix(".jpg")), cv2.IMREAD_GRAYSCALE)
    assert page is not None
    lines = []
    for line in json.loads(truth.read_text(encoding="utf-8")):
        if line["type"] == "text" and len(line["text"]) > 10:
            x, y, width, height = cv2.boundingRect(np.array(line["polygon"], np.float32))
            lines.append((page[max(y, 0) : y + height, max(x, 0) : x + width], line["text"]))
    return lines


def test_it_reads_the_sample_pages(engine: CRNNEngine) -> None:
    lines = [line for truth in SAMPLES for line in true_lines(truth)]
    read = engine.transcribe([crop for crop, _ in lines])
    rate = error_rate((text, result.text) for (_, text), result in zip(lines, read, strict=True))
    assert len(lines) > 25
    assert rate < 0.15


def test_it_reads_a_line_the_same_alone_and_in_company(engine: CRNNEngine) -> None:
    crops = [crop for crop, _ in true_lines(SAMPLES[0])]
    together = engine.transcribe(crops)
    assert [engine.transcribe([crop])[0].text for crop in crops[:4]] == [result.text for result in together[:4]]
    (alone,) = engine.log_probs(crops[:1])
    assert np.array_equal(alone, engine.log_probs(crops)[0])


def test_lines_are_spread_by_the_letters_they_hold_where_their_strokes_tell_fewer(
    engine: CRNNEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = [line for truth in SAMPLES for line in true_lines(truth)]
    crops = [crop for crop, _ in lines]

    def rate() -> float:
        read = [decode_greedy(output, engine.characters).text for output in engine.log_probs(crops)]
        return error_rate((text, said) for (_, text), said in zip(lines, read, strict=True))

    monkeypatch.setattr("pipeline.engines.line_image.count_letters", lambda ink: 0.6 * count_letters(ink))
    spread = rate()
    monkeypatch.setattr("pipeline.engines.crnn.LEAST_PITCH", 0.0)
    assert spread < 0.7 * rate()


@pytest.mark.parametrize("shade", [255, 128, 0])
def test_an_empty_line_reads_as_nothing(engine: CRNNEngine, shade: int) -> None:
    (result,) = engine.transcribe([np.full((60, 400), shade, np.uint8)])
    assert (result.text, result.confidence) == ("", 0.0)


def test_its_weights_are_small(engine: CRNNEngine) -> None:
    assert sum(path.stat().st_size for path in (ASSETS / "models" / "crnn").iterdir()) < 25e6
