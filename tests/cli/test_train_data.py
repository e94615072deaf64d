"""train --data: sources of every layout, what can't be used, and the cache."""

from pathlib import Path

import pytest

from pipeline.cli import build_parser, main
from pipeline.cli.labelled import BAD_ROWS, CACHE, bad_rows_named, read_sources
from pipeline.errors import SourceError
from pipeline.train.sources import BadRow, Sample
from tests.train.lines import write_folder
from tests.train.sources.layouts import write_iam, write_page_xml


def read_as_asked(out: Path, *arguments: object) -> list[Sample]:
    """The samples that `train` with these arguments would train on."""
    args = build_parser().parse_args(["train", *map(str, arguments), "--out", str(out)])
    return [sample for read in read_sources(args.data, args.mode, out, lmdb=args.lmdb) for sample in read.samples]


def test_several_layouts_are_read_together(tmp_path: Path) -> None:
    folders = [write_folder(tmp_path / "set", ["one"]), write_iam(tmp_path / "iam"), write_page_xml(tmp_path / "page")]
    assert len(read_as_asked(tmp_path, "--data", *folders)) == 7


@pytest.mark.parametrize("cache", [[], ["--lmdb"]])
def test_words_are_read_if_asked_for(tmp_path: Path, cache: list[str]) -> None:
    page = write_page_xml(tmp_path / "page", words=True)
    samples = read_as_asked(tmp_path, "--data", page, "--mode", "word", *cache)
    assert [sample.text for sample in samples][:3] == ["first", "line", "here"]
    assert (tmp_path / CACHE).exists() == bool(cache)


def test_words_from_a_source_that_has_none_are_an_error(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "set", ["one"])
    with pytest.raises(SourceError, match=r"does not tell where words are\. Use --mode line\."):
        read_as_asked(tmp_path, "--data", folder, "--mode", "word")


def test_bad_rows_are_counted_named_and_listed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = write_folder(tmp_path / "set", ["one"])
    with (folder / "labels.tsv").open("a", encoding="utf-8") as labels:
        labels.writelines(f"gone{number}.png\tw\ttext\n" for number in range(13))
    out = tmp_path
    assert len(read_as_asked(out, "--data", folder)) == 1
    said = capsys.readouterr().err.splitlines()
    assert said[0] == "13 rows can't be used and are left out:"
    assert said[1] == f"  {folder / 'labels.tsv'}, row 2: the image is not there: gone0.png."
    assert said[11] == f"  and 3 more. All of them are in {out / BAD_ROWS}."
    table = (out / BAD_ROWS).read_text(encoding="utf-8").splitlines()
    assert table[0].split("\t") == ["file", "row", "reason"]
    assert table[13].split("\t") == [str(folder / "labels.tsv"), "row 14", "the image is not there: gone12.png"]


def test_a_list_of_bad_rows_goes_away_when_they_are_mended(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "set", ["one"])
    whole = (folder / "labels.tsv").read_bytes()
    (folder / "labels.tsv").write_bytes(whole + b"gone.png\tw\ttext\n")
    read_sources([str(folder)], "line", tmp_path)
    assert (tmp_path / BAD_ROWS).exists()
    (folder / "labels.tsv").write_bytes(whole)
    read_sources([str(folder)], "line", tmp_path)
    assert not (tmp_path / BAD_ROWS).exists()


def test_a_few_bad_rows_are_all_named() -> None:
    assert bad_rows_named([]) == []
    assert bad_rows_named([BadRow("a.xml", "", "it is broken")]) == [
        "1 row can't be used and is left out:",
        "  a.xml: it is broken.",
    ]
    assert bad_rows_named([BadRow("a", str(row), "bad") for row in range(11)])[-1] == "  and 1 more."


def test_an_unknown_mode_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["train", "--data", "x", "--out", "y", "--mode", "page"])
    assert "line" in capsys.readouterr().err
