import json
from pathlib import Path
from xml.etree import ElementTree

from pipeline.train.curve import draw_curve, read_curve, write_curve


def row(epoch: int, **cer: float) -> dict[str, object]:
    return {"epoch": epoch, "loss": 1.0, "cer": cer}


def test_an_epoch_run_twice_has_one_row_the_later(tmp_path: Path) -> None:
    for cer in (0.5, 0.4, 0.3):
        write_curve(tmp_path, row(1 if cer > 0.3 else 2, dev=cer))
    assert [(r["epoch"], r["cer"]["dev"]) for r in read_curve(tmp_path / "curve.jsonl")] == [(1, 0.4), (2, 0.3)]


def test_a_row_that_a_full_disk_cut_short_is_passed_over(tmp_path: Path) -> None:
    (tmp_path / "curve.jsonl").write_text(json.dumps(row(1, dev=0.5)) + '\n{"epoch": 2, "lo', encoding="utf-8")
    write_curve(tmp_path, row(3, dev=0.2))
    assert [r["epoch"] for r in read_curve(tmp_path / "curve.jsonl")] == [1, 3]


def test_dev_sets_may_change_on_the_way() -> None:
    picture = ElementTree.fromstring(draw_curve([row(1, old=0.5), row(2, new=0.4), row(3, new=0.3)]))
    assert [len(line.get("points", "").split()) for line in picture.findall("{*}polyline")] == [2]
