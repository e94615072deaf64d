"""Which reader a name stands for, and loading each once."""

import json
import threading
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from pipeline import engines
from pipeline.document import Transcription
from pipeline.engines import DEFAULT_TROCR, Engine, choose_engine, languages_of, load_engine
from pipeline.errors import EngineError
from pipeline.settings import Settings, read_settings


class FakeEngine:
    def __init__(self, name: str):
        self.name = name

    def transcribe(self, crops: Sequence[np.ndarray]) -> list[Transcription]:
        return [Transcription("text", 1.0, self.name) for _ in crops]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings whose models folder is this test's own, so that nothing loaded here is shared with another test."""
    return replace(read_settings({}), models_dir=tmp_path)


def this_machine_has(monkeypatch: pytest.MonkeyPatch, *, gpu: str, weights: bool) -> None:
    monkeypatch.setattr(engines, "gpu", lambda: gpu)
    monkeypatch.setattr(engines, "cached_folder", lambda model: Path("cache") if weights else None)


@pytest.mark.parametrize("weights", [True, False])
def test_auto_is_the_crnn_without_a_gpu(monkeypatch: pytest.MonkeyPatch, settings: Settings, weights: bool) -> None:
    this_machine_has(monkeypatch, gpu="", weights=weights)
    choice = choose_engine("auto", settings)
    assert choice.name == "crnn"
    assert choice.reason == "No GPU here, so Inkline's own small reader (CRNN) reads."


@pytest.mark.parametrize("gpu", ["cuda", "mps"])
def test_auto_is_trocr_with_a_gpu_and_its_weights(
    monkeypatch: pytest.MonkeyPatch, settings: Settings, gpu: str
) -> None:
    this_machine_has(monkeypatch, gpu=gpu, weights=True)
    choice = choose_engine("auto", settings)
    assert choice.name == DEFAULT_TROCR
    assert "GPU" in choice.reason


def test_auto_says_how_to_fetch_the_weights_a_gpu_waits_for(
    monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    this_machine_has(monkeypatch, gpu="cuda", weights=False)
    choice = choose_engine("auto", settings)
    assert choice.name == "crnn"
    assert choice.reason.endswith(f"run: python -m pipeline models pull {DEFAULT_TROCR}")


def test_of_several_readers_the_first_that_is_here_reads(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> None:
    this_machine_has(monkeypatch, gpu="", weights=False)
    choice = choose_engine("trocr-small, crnn", settings)
    assert choice.name == "crnn"
    assert choice.reason.startswith(
        "microsoft/trocr-small-handwritten is not on this machine; to fetch it, run: "
        "python -m pipeline models pull microsoft/trocr-small-handwritten. "
    )
    with pytest.raises(EngineError, match="pull microsoft/trocr-large-handwritten"):
        choose_engine("trocr-small,trocr-large", settings)
    this_machine_has(monkeypatch, gpu="", weights=True)
    assert choose_engine("trocr-small,crnn", settings).name == "microsoft/trocr-small-handwritten"


@pytest.mark.parametrize("gone", ["/gone", "tesseract", "bert"])
def test_a_reader_that_is_none_does_not_keep_the_next_one_from_reading(
    settings: Settings, tmp_path: Path, gone: str
) -> None:
    (tmp_path / "bert").mkdir()
    name = str(tmp_path / gone) if gone == "bert" else gone
    choice = choose_engine(f"{name},crnn", settings)
    assert choice.name == "crnn"
    assert name in choice.reason
    assert choose_engine(f"crnn,{name}", settings).reason == "You chose the reader crnn."
    with pytest.raises(EngineError, match=r"gone.*nowhere"):
        choose_engine("/gone,/nowhere", settings)


@pytest.mark.parametrize(
    ("name", "stands_for"),
    [
        ("crnn", "crnn"),
        ("trocr", "microsoft/trocr-base-handwritten"),
        ("trocr-small", "microsoft/trocr-small-handwritten"),
        ("trocr-base", "microsoft/trocr-base-handwritten"),
        ("trocr-large", "microsoft/trocr-large-handwritten"),
        ("someone/their-trocr", "someone/their-trocr"),
    ],
)
def test_names_stand_for_models(settings: Settings, name: str, stands_for: str) -> None:
    choice = choose_engine(name, settings)
    assert choice.name == stands_for
    assert stands_for in choice.reason


@pytest.mark.parametrize("name", ["tesseract", "", "CRNN ", "/no/such/folder", "a/b/c", "../x", "-x/y"])
def test_a_wrong_name_is_answered_with_the_right_ones(settings: Settings, name: str) -> None:
    with pytest.raises(EngineError) as caught:
        choose_engine(name, settings)
    for right in ("auto", "crnn", "trocr", "trocr-small", "trocr-base", "trocr-large", "OWNER/MODEL", "folder"):
        assert right in str(caught.value)


def test_a_folder_without_a_model_is_told_what_it_lacks(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text('{"model_type": "bert"}')
    with pytest.raises(EngineError, match="holds no reader"):
        choose_engine(str(tmp_path), settings)


def test_a_folder_is_known_by_its_files(settings: Settings, tmp_path: Path) -> None:
    for name in ("model.onnx", "model.json"):
        (tmp_path / name).touch()
    other = tmp_path / "other"
    other.mkdir()
    (other / "config.json").write_text(json.dumps({"model_type": "vision-encoder-decoder"}))
    assert choose_engine(str(tmp_path), settings).name == str(tmp_path)
    assert choose_engine(str(other), settings).name == str(other)
    # Both are empty shells, so loading fails, each in the words of its own kind.
    with pytest.raises(EngineError, match=r"model in .* can't be loaded"):
        load_engine(str(tmp_path), settings)
    with pytest.raises(EngineError, match="can't be loaded as a TrOCR"):
        load_engine(str(other), settings)


def test_the_crnn_without_its_model_says_what_is_missing(settings: Settings) -> None:
    with pytest.raises(EngineError, match=r"no model\.onnx"):
        load_engine("crnn", settings)


def test_two_threads_that_ask_at_once_get_one_load(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> None:
    loads: list[str] = []

    def slow(settings: Settings) -> Engine:
        loads.append("crnn")
        time.sleep(0.05)
        return FakeEngine("crnn")

    monkeypatch.setitem(engines.ENGINES, "crnn", slow)
    got: list[Engine] = []
    threads = [threading.Thread(target=lambda: got.append(load_engine("crnn", settings))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert loads == ["crnn"]
    assert len(got) == 4
    assert len({id(engine) for engine in got}) == 1
    assert load_engine("crnn", settings) is got[0]


def test_a_reader_that_takes_long_to_load_does_not_hold_up_another(
    monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    loading, go_on = threading.Event(), threading.Event()

    def slow(settings: Settings) -> Engine:
        loading.set()
        assert go_on.wait(10)
        return FakeEngine(DEFAULT_TROCR)

    monkeypatch.setitem(engines.ENGINES, DEFAULT_TROCR, slow)
    monkeypatch.setitem(engines.ENGINES, "crnn", lambda settings: FakeEngine("crnn"))
    thread = threading.Thread(target=load_engine, args=("trocr", settings))
    thread.start()
    assert loading.wait(10)
    assert load_engine("crnn", settings).name == "crnn"
    go_on.set()
    thread.join()


def test_a_load_that_failed_is_tried_again(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> None:
    answers: list[Engine | EngineError] = [FakeEngine("crnn"), EngineError("not yet")]

    def flaky(settings: Settings) -> Engine:
        if isinstance(answer := answers.pop(), EngineError):
            raise answer
        return answer

    monkeypatch.setitem(engines.ENGINES, "crnn", flaky)
    with pytest.raises(EngineError, match="not yet"):
        load_engine("crnn", settings)
    assert load_engine("crnn", settings).name == "crnn"


def test_each_reader_tells_the_languages_it_can_be_told(settings: Settings) -> None:
    folder = settings.models_dir / "crnn"
    folder.mkdir()
    for name in ("model.onnx", "model.json", "language.fr.npz", "language.en.npz"):
        (folder / name).touch()
    assert languages_of("crnn", settings) == languages_of(str(folder), settings) == ["auto", "en", "fr", "none"]
    assert languages_of("trocr", settings) == []


def test_a_reader_that_is_told_no_language_is_loaded_once(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> None:
    for name in ("model.onnx", "model.json"):
        path = settings.models_dir / "crnn" / name
        path.parent.mkdir(exist_ok=True)
        path.touch()
    monkeypatch.setitem(engines.ENGINES, DEFAULT_TROCR, lambda settings: FakeEngine(DEFAULT_TROCR))
    monkeypatch.setitem(engines.ENGINES, "crnn", lambda settings: FakeEngine(settings.language))
    french = replace(settings, language="fr")
    assert load_engine("trocr", settings) is load_engine("trocr", french)
    assert (load_engine("crnn", settings).name, load_engine("crnn", french).name) == ("auto", "fr")
