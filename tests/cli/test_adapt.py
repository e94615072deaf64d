"""`adapt` in the shell: says what came of it, and ends with 1 where the model was not kept."""

from pathlib import Path

import pytest

from pipeline.cli import main
from pipeline.train import adapt as module
from pipeline.train.adapt import Outcome
from pipeline.train.data import Labelled
from tests.train.lines import write_folder


@pytest.fixture
def lines(tmp_path: Path) -> Path:
    return write_folder(tmp_path / "hand", ["a line"] * 20)


@pytest.mark.parametrize(("kept", "code"), [(True, 0), (False, 1)])
def test_it_says_whether_the_model_was_kept(
    lines: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    kept: bool,
    code: int,
) -> None:
    asked = {}

    def adapt(source: Path, samples: list[Labelled], out: Path, **options: object) -> Outcome:
        asked.update(source=source, lines=len(samples), out=out, title=options["title"])
        return Outcome(kept, "Because.", 0.2, 0.1, 1.0, 0.5, 15, 4, "ß", 93.4, (), mistaken=(samples[3],))

    monkeypatch.setattr(module, "adapt", adapt)
    monkeypatch.setenv("INKLINE_MODELS", str(tmp_path / "models"))
    out = tmp_path / "mine"
    assert main(["adapt", "--data", str(lines), "--out", str(out), "--title", "Mine"]) == code
    assert asked == {"source": tmp_path / "models" / "crnn", "lines": 20, "out": out, "title": "Mine"}
    said = capsys.readouterr().out
    assert "Because. It took 93 s." in said
    assert "New letters: ß" in said
    assert "\nThese may have been confirmed wrongly; learning left them out:\n    a line\n" in said
    assert (f"--engine {out}" in said) is kept


@pytest.mark.parametrize(
    ("arguments", "code", "sentence"),
    [
        (["--engine", "trocr"], 7, "can't learn a hand here"),
        (["--engine", "nobody"], 7, "no reader called"),
        (["--data", "/no/such/folder"], 6, "is not there"),
    ],
)
def test_what_can_t_be_done_gets_a_sentence(
    lines: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], code: int, sentence: str
) -> None:
    assert main(["adapt", "--data", str(lines), "--out", str(tmp_path / "mine"), *arguments]) == code
    assert sentence in capsys.readouterr().err
    assert not (tmp_path / "mine").exists()
