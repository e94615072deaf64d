"""train: a folder that other commands read with."""

import json
from pathlib import Path

import pytest

from pipeline.cli import main
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


@pytest.mark.parametrize("rate", ["0", "-1", "nan", "2", "fast"])
def test_a_learning_rate_out_of_range_is_refused(rate: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["train", "--data", "x", "--out", "y", f"--learning-rate={rate}"])
    assert "is not a number above 0" in capsys.readouterr().err
