"""train: a folder that other commands read with."""

import json
from pathlib import Path

import pytest
import torch

from pipeline.cli import main
from pipeline.cli.train import ARCHITECTURES
from pipeline.train.trainer import RECIPES
from tests.cli.helpers import written


def test_train_makes_a_model_that_reads(
    labelled: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    model = tmp_path / "model"
    options = ["--epochs", "1", "--batch-size", "2", "--seed", "1", "--learning-rate", "0.001"]
    assert main(["train", "--data", str(labelled), "--dev", str(labelled), "--out", str(model), *options]) == 0
    assert {"model.onnx", "model.json"} <= set(written(model))
    assert json.loads((model / "model.json").read_text(encoding="utf-8"))["recipe"]["batch_size"] == 2
    capsys.readouterr()
    monkeypatch.undo()
    assert main(["infer", "--engine", str(model), str(labelled / "images" / "0.png")]) == 0
    assert capsys.readouterr().out.count("\t") == 2


def test_every_architecture_has_its_recipe() -> None:
    assert {*ARCHITECTURES, "trocr-lora"} == set(RECIPES)


@pytest.mark.parametrize("rate", ["0", "-1", "nan", "2", "fast"])
def test_a_learning_rate_out_of_range_is_refused(rate: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["train", "--data", "x", "--out", "y", f"--learning-rate={rate}"])
    assert "is not a number above 0" in capsys.readouterr().err


def test_a_preview_draws_a_sheet_and_trains_nothing(labelled: Path, tmp_path: Path) -> None:
    assert main(["train", "--data", str(labelled), "--preview", str(tmp_path / "new" / "sheet.png")]) == 0
    assert written(tmp_path / "new") == ["sheet.png"]
    assert (tmp_path / "new" / "sheet.png").read_bytes().startswith(b"\x89PNG")


def test_training_wants_either_a_model_folder_or_a_sheet(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["train", "--data", "x"])
    assert "--out --preview is required" in capsys.readouterr().err


def test_a_stopped_training_goes_on_only_when_asked_to(
    labelled: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model = tmp_path / "model"
    command = ["train", "--data", str(labelled), "--out", str(model), "--fonts", "0", "--scribbles", "0"]
    assert main([*command, "--resume", "--epochs", "1"]) == 0
    assert "begins anew" in capsys.readouterr().err
    assert json.loads((model / "begun.json").read_text())["batch_size"] == 16
    before = (model / "model.safetensors").read_bytes()
    assert main([*command, "--epochs", "2"]) != 0
    assert "Add --resume" in capsys.readouterr().err
    assert (model / "model.safetensors").read_bytes() == before
    assert main([*command, "--resume", "--epochs", "2"]) == 0
    assert [json.loads(row)["epoch"] for row in (model / "curve.jsonl").read_text().splitlines()] == [1, 2]


def test_a_training_goes_on_only_with_the_options_it_was_begun_with(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], labelled: Path
) -> None:
    model = tmp_path / "model"
    model.mkdir()
    begun = {"architecture": "crnn", "mode": "line", "init": "", "fonts": 0.1, "batch_size": 32, "seed": 3}
    (model / "begun.json").write_text(json.dumps(begun))
    (model / "checkpoint.safetensors").touch()
    command = ["train", "--data", str(labelled), "--out", str(model), "--resume", "--epochs", "90"]
    assert main([*command, "--batch-size", "32", "--architecture", "crnn-large", "--init", "mine"]) == 6
    said = capsys.readouterr().err
    assert "begun with --architecture crnn and no --init and --seed 3, but now there is" in said
    assert "--architecture crnn-large and --init mine and --seed 7." in said
    assert json.loads((model / "begun.json").read_text()) == begun


def test_a_model_goes_on_from_another_and_learns_its_new_letters(labelled: Path, tmp_path: Path) -> None:
    shipped = Path(__file__).resolve().parents[2] / "assets" / "models" / "crnn"
    (labelled / "labels.tsv").write_text("0.png\tw\tлиния one\n", encoding="utf-8")
    command = ["train", "--data", str(labelled), "--out", str(tmp_path / "model"), "--init", str(shipped)]
    assert main([*command, "--epochs", "1", "--fonts", "0"]) == 0
    known, grown = (
        json.loads((folder / "model.json").read_text(encoding="utf-8"))["characters"]
        for folder in (shipped, tmp_path / "model")
    )
    assert grown.startswith(known)
    assert set("линия") <= set(grown)


def test_trocr_wants_a_model_to_go_on_from(labelled: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["train", "--data", str(labelled), "--out", str(tmp_path), "--architecture", "trocr"]) != 0
    assert "--init microsoft/trocr-small-handwritten" in capsys.readouterr().err


def test_lora_is_refused_for_other_networks(labelled: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["train", "--data", str(labelled), "--out", str(tmp_path / "model"), "--lora"]) == 6
    assert "--architecture trocr" in capsys.readouterr().err


def test_a_training_with_lora_does_not_go_on_without(
    labelled: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    begun = {"architecture": "trocr", "mode": "line", "init": "mine", "lora": 4}
    (tmp_path / "begun.json").write_text(json.dumps(begun))
    (tmp_path / "checkpoint.safetensors").touch()
    command = ["train", "--data", str(labelled), "--out", str(tmp_path), "--resume", "--architecture", "trocr"]
    assert main([*command, "--init", "mine"]) == 6
    assert "begun with --lora 4, but now there is no --lora." in capsys.readouterr().err


def test_a_model_to_go_on_from_that_is_not_there_is_named(
    labelled: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["train", "--data", str(labelled), "--out", str(tmp_path / "model"), "--init", str(tmp_path / "nope")]
    assert main(command) == 7
    assert "nope can't be trained further" in capsys.readouterr().err


def test_a_training_goes_on_only_with_the_characters_it_was_begun_with(
    labelled: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch, "get_num_threads", lambda: 1)
    command = ["train", "--data", str(labelled), "--out", str(tmp_path / "model"), "--fonts", "0"]
    assert main([*command, "--epochs", "1"]) == 0
    (labelled / "labels.tsv").write_text("0.png\tw\tquite another text\n", encoding="utf-8")
    assert main([*command, "--epochs", "2", "--resume"]) == 6
    assert "other characters" in capsys.readouterr().err
