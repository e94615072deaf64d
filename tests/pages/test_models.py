"""The screen Models: a hand is learned, models are checked, and the one that reads is chosen and taken back."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from pipeline.engines.default import default_model, make_default
from pipeline.settings import read_settings
from pipeline.store import Store
from pipeline.store.queue import new_worker_name
from tests.model_folders import own_model, write_model
from tests.pages.conftest import Open, keep, page_of

OUTCOME = {
    **{
        "kept": True,
        "reason": "Kept: fewer are misread.",
        "before": 0.25,
        "after": 0.125,
        "learned": 32,
        "held_back": 8,
    },
    **{"seconds": 95.0, "model": "", "readings": [{"ink": "", "truth": "now", "before": "mow", "after": "now"}]},
}
CHECK = {
    **{"cer": 0.051, "wer": 0.2, "low": 0.04, "high": 0.06, "lines": 30, "ms_a_line": 12.0},
    "worst": [{"ink": "", "truth": "now", "read": "mow"}],
}


@pytest.fixture(autouse=True)
def models(store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of shipped models, with one that can learn."""
    folder = tmp_path / "shipped"
    monkeypatch.setenv("INKLINE_MODELS", str(folder))
    monkeypatch.setattr("pipeline.engines.gpu", lambda: "")
    write_model(folder / "crnn", cer={"iam_forms_en/dev": 0.0391})
    return folder


def confirm(store: Store, lines: int, name: str = "Notes") -> str:
    """A document with this many confirmed lines."""
    document_id = keep(store, [page_of(*[(f"line {number}", 0.9) for number in range(lines)])], name)
    for line in store.get_page(document_id, 0).lines:
        store.correct_line(line.id, line.text)
    return document_id


def button(screen: AppTest, label: str) -> AppTest:
    (found,) = [button for button in screen.button if button.label == label]
    return found


def said(screen: AppTest) -> str:
    return " ".join(element.value for kind in ("markdown", "caption", "success", "warning", "error", "info")
                    for element in screen.get(kind))  # fmt: skip


@pytest.mark.parametrize(("lines", "enough"), [(0, False), (19, False), (20, True)])
def test_learning_begins_with_twenty_confirmed_lines(store: Store, open_screen: Open, lines: int, enough: bool) -> None:
    if lines:
        confirm(store, lines)
    assert button(open_screen("models.py"), "Learn my handwriting").disabled is not enough


def test_how_long_learning_takes_is_said_before_it_begins(open_screen: Open) -> None:
    assert "learn that hand in two to three minutes." in said(open_screen("models.py"))


def test_the_lines_of_one_document_can_be_chosen(store: Store, open_screen: Open) -> None:
    confirm(store, 8, "Another hand")
    document_id = confirm(store, 20, "My diary")
    screen = open_screen("models.py")
    (label,) = [option for option in screen.selectbox(key="learn-from").options if option.startswith("My diary")]
    screen.selectbox(key="learn-from").select(label).run()
    screen.text_input[0].set_value("Diary hand").run()
    button(screen, "Learn my handwriting").click().run()
    (task,) = store.list_tasks("adapt")
    assert task.wanted == {"model": "crnn", "data": f"store:{document_id}", "label": label, "title": "Diary hand"}
    assert "Diary hand" in screen.get("progress")[0].proto.text
    assert not [other for other in screen.button if other.label == "Learn my handwriting"]


def learning_task(store: Store) -> str:
    return store.add_task("adapt", {"model": "crnn", "data": "store", "label": "All documents", "title": "My hand"})


def test_learning_is_followed_and_stopped(store: Store, open_screen: Open) -> None:
    task_id = learning_task(store)
    task = store.claim_task(new_worker_name())
    assert task
    row = {"progress": 0.25, "seconds": 30.0, "loss": 1.0, "held_back_loss": 0.5, "held_back_cer": 0.2}
    store.record_task(replace(task, stage="learn", progress=0.25, curve=[row, row | {"seconds": 31.0}]))
    screen = open_screen("models.py")
    assert screen.get("progress")[0].proto.value == 25
    assert "Learning · about" in screen.get("progress")[0].proto.text
    assert screen.get("vega_lite_chart")
    button(screen, "Stop").click().run()
    assert store.get_task(task_id).state == "cancelled"
    assert "was stopped just now" in said(screen)


@pytest.mark.parametrize("kept", [True, False])
def test_before_and_after_are_shown_and_whether_it_was_kept(store: Store, open_screen: Open, kept: bool) -> None:
    learning_task(store)
    task = store.claim_task(new_worker_name())
    assert task
    store.finish_task(task, OUTCOME | {"kept": kept, "reason": "Kept: so." if kept else "Not kept: so."})
    screen = open_screen("models.py")
    assert [(metric.label, metric.value) for metric in screen.metric[:2]] == [
        ("Misread before", "25.0%"),
        ("Misread after", "12.5%"),
    ]
    (note,) = screen.success if kept else screen.warning
    assert note.value.endswith("· Kept: so." if kept else "· Not kept: so.")
    assert screen.dataframe[0].value["truth"].tolist() == ["now"]
    assert json.loads(screen.dataframe[0].proto.columns)["truth"]["label"] == "You wrote"


def test_what_failed_says_why(store: Store, open_screen: Open) -> None:
    learning_task(store)
    task = store.claim_task(new_worker_name())
    assert task
    store.fail_task(task, "The disk is full.")
    assert "My hand could not be learned: The disk is full." in said(open_screen("models.py"))


def test_each_model_says_what_is_known_of_it(open_screen: Open) -> None:
    own_model(read_settings().data_dir, "my-hand")
    words = said(open_screen("models.py"))
    assert "made here · learned from 32 lines, on top of crnn · misreads 12.5% of the characters of its hand" in words
    assert "came with Inkline · iam_forms_en/dev: 3.9% misread" in words
    assert "not on this machine" in words
    assert "What it was **trained** on." in words


def test_how_well_lines_are_found_is_shown(open_screen: Open) -> None:
    words = said(open_screen("models.py"))
    for row in json.loads(Path("assets/line_finding.json").read_text()):
        assert f"| {row['set']} | {row['pages']} | {row['lines']} | {row['recall']:.1%} | {row['fm']:.1%} |" in words


def test_a_model_is_made_the_reader_and_taken_back(open_screen: Open) -> None:
    mine = own_model(read_settings().data_dir, "my-hand")
    screen = open_screen("models.py")
    assert "**crnn** reads. No GPU here" in said(screen)
    screen.button(key=f"use-{mine}").click().run()
    assert default_model(read_settings()) == mine
    assert "**my\\-hand** reads. You made my\\-hand the model that reads" in said(screen)
    assert screen.button(key=f"delete-{mine}").disabled
    button(screen, "Go back to Inkline's own choice").click().run()
    assert default_model(read_settings()) == ""
    assert "**crnn** reads" in said(screen)


def test_only_models_made_here_can_be_deleted(open_screen: Open) -> None:
    mine = own_model(read_settings().data_dir, "my-hand")
    screen = open_screen("models.py")
    assert [key.key for key in screen.button if key.label == "Delete"] == [f"delete-{mine}"]
    screen.button(key=f"delete-{mine}").click().run()
    assert not Path(mine).exists()


def test_a_reader_set_by_the_environment_is_said_to_come_first(
    open_screen: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("INKLINE_ENGINE", "crnn")
    make_default(own_model(read_settings().data_dir, "my-hand"), read_settings())
    words = said(open_screen("models.py"))
    assert "**crnn** reads" in words
    assert "INKLINE_ENGINE is crnn, which comes before what is chosen here" in words


def test_a_model_is_checked_on_confirmed_lines(store: Store, open_screen: Open) -> None:
    confirm(store, 3)
    screen = open_screen("models.py")
    screen.button(key="check-crnn").click().run()
    button(screen, "Start the check").click().run()
    (task,) = store.list_tasks("evaluate")
    assert task.wanted == {"model": "crnn", "title": "crnn", "data": "store", "label": "All documents"}


def test_checks_are_kept_and_listed(store: Store, open_screen: Open) -> None:
    for result in (CHECK, None):
        store.add_task("evaluate", {"model": "crnn", "title": "crnn", "data": "store", "label": "All documents"})
        task = store.claim_task(new_worker_name())
        assert task
        if result:
            store.finish_task(task, result)
        else:
            store.fail_task(task, "The folder is not there.")
    screen = open_screen("models.py")
    (row,) = screen.dataframe[0].value.to_dict("records")
    assert (row["Model"], row["Lines of"], row["Lines"], row["misread"]) == ("crnn", "All documents", 30, 5.1)
    assert row["Likely between"] == "4.0 and 6.0 %"
    assert "The folder is not there." in said(screen)


def test_rows_that_could_not_be_used_are_counted_and_named(store: Store, open_screen: Open) -> None:
    learning_task(store)
    task = store.claim_task(new_worker_name())
    assert task
    store.finish_task(task, OUTCOME | {"left_out": 12, "bad": ["Notes, page 1, line 3: its text is empty."]})
    screen = open_screen("models.py")
    assert "12 rows can't be used and were left out" in [part.label for part in screen.expander]
    words = said(screen)
    assert "its text is empty" in words
    assert "and 11 more." in words


@pytest.mark.parametrize(
    ("texts", "label"),
    [
        (["I confirmed too quickly"], "1 line may have been confirmed wrongly; learning left it out"),
        (["I confirmed too quickly", "once more"], "2 lines may have been confirmed wrongly; learning left them out"),
    ],
)
def test_lines_that_may_have_been_confirmed_wrongly_are_shown(
    store: Store, open_screen: Open, texts: list[str], label: str
) -> None:
    learning_task(store)
    task = store.claim_task(new_worker_name())
    assert task
    store.finish_task(task, OUTCOME | {"mistaken": [{"ink": "", "truth": text} for text in texts]})
    screen = open_screen("models.py")
    assert label in [part.label for part in screen.expander]
    (table,) = [table for table in screen.dataframe if table.value["truth"].tolist() == texts]
    assert json.loads(table.proto.columns)["truth"]["label"] == "Confirmed as"
