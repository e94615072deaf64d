import json
from dataclasses import replace

import pytest

from pipeline.errors import ExportError
from pipeline.export import FORMATS, write_document
from tests.export.pages import RED, document, everything, line, page


@pytest.mark.parametrize("name", FORMATS)
def test_each_format_writes_a_document_with_everything_in_it_and_one_with_nothing(name: str) -> None:
    assert write_document(everything(), name, RED)
    assert isinstance(write_document(document(), name, RED), bytes)


@pytest.mark.parametrize("name", FORMATS)
def test_each_format_has_a_suffix_and_a_media_type(name: str) -> None:
    assert FORMATS[name].title
    assert FORMATS[name].suffix.startswith(".")
    assert "/" in FORMATS[name].media_type


def test_no_two_formats_would_write_the_same_file() -> None:
    assert len({kind.suffix for kind in FORMATS.values()}) == len(FORMATS)


def test_an_unknown_format_is_refused_with_the_names_of_the_right_ones() -> None:
    with pytest.raises(ExportError, match=r"'odt'.*docx, .*pdf, .*txt"):
        write_document(document(), "odt", RED)


def test_text_keeps_written_lines_and_parts_paragraphs_lists_and_pages() -> None:
    text = write_document(everything(), "txt", RED).decode("utf-8")
    first, second, third, fourth = text.split("\f")
    assert first.startswith(
        "Photosynthesis\n\nPlants build sugar out of wa-\nter and light.\n\n• sun\n• soil with a lot of\n"
    )
    assert second == "[Page 2 could not be read. The picture is damaged.]\n"
    assert third == ""
    assert fourth.startswith("ab cd")


def test_json_has_just_the_promised_fields_and_plain_numbers() -> None:
    written = json.loads(write_document(everything(), "json", RED))
    assert list(written) == ["name", "pages"]
    first, second, *_ = written["pages"]
    fields = ["index", "width", "height", "dpi", "skew_degrees", "lines", "figures"]
    assert list(first) == fields
    assert list(second) == [*fields, "error"]
    assert (first["index"], first["width"], first["height"], first["dpi"], first["skew_degrees"]) == (
        0,
        2480,
        3508,
        300,
        -1.25,
    )
    assert first["figures"] == [{"box": [700, 850, 1700, 1500]}]
    assert first["lines"][0] == {
        "id": "l0",
        "polygon": [[200, 140], [2000, 140], [2000, 220], [200, 220]],
        "baseline": [[200, 200], [2000, 200]],
        "text": "Photosynthesis",
        "confidence": 0.8765,
        "kind": "heading",
        "level": 0,
        "paragraph": 0,
        "checked": False,
        "reader": "test",
    }


def test_json_tells_who_is_sure_of_what() -> None:
    told = replace(line(0, "- ab", kind="list_item", paragraph=3, characters=(1, 1, 0.25, 0.5)), level=1, checked=True)
    told = replace(told, transcription=replace(told.transcription, alternatives=("- ah",)))
    [[written]] = [p["lines"] for p in json.loads(write_document(document(page(told)), "json", RED))["pages"]]
    assert (written["level"], written["paragraph"], written["checked"]) == (1, 3, True)
    assert (written["character_confidences"], written["alternatives"]) == ([1, 1, 0.25, 0.5], ["- ah"])


def test_json_keeps_letters_as_they_are() -> None:
    assert "à l'été ∑" in write_document(document(page(line(0, "à l'été ∑"))), "json", RED).decode("utf-8")
