"""Migrations make what the queries expect, once, whoever opens the store first."""

import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import inspect, select, update

from pipeline.errors import SettingsError
from pipeline.settings import ROOT, read_settings
from pipeline.store import migrations, open_store
from pipeline.store.migrations import MIGRATIONS
from pipeline.store.schema import metadata
from tests.store.helpers import SERVER, environment_in, finished, store_in

sqlite_only = pytest.mark.skipif(bool(SERVER), reason="about SQLite")


def test_the_migrated_tables_are_those_the_queries_use(tmp_path: Path) -> None:
    made = inspect(store_in(tmp_path).engine)
    index = set() if SERVER else {"line_words", *(f"line_words_{part}" for part in ("config", "data", "idx"))}
    assert set(made.get_table_names()) == {*metadata.tables, "migrations", *index}
    for name, table in metadata.tables.items():
        columns = {column["name"]: column["nullable"] for column in made.get_columns(name)}
        assert columns == {column.name: bool(column.nullable) for column in table.columns}, name
        keys = {(key["constrained_columns"][0], key["referred_table"]) for key in made.get_foreign_keys(name)}
        assert keys == {(key.parent.name, key.column.table.name) for key in table.foreign_keys}, name
        primary = made.get_pk_constraint(name)["constrained_columns"]
        assert primary == [column.name for column in table.primary_key], name


def test_opening_again_keeps_what_is_there(tmp_path: Path) -> None:
    document_id = finished(store_in(tmp_path))
    assert store_in(tmp_path).get_document(document_id).name == "Notes"


OPEN = "store.list_documents()"
CORRECT = "[store.correct_line(sys.argv[1], f'{sys.argv[2]}{number}') for number in range(10)]"


def processes(folder: Path, code: str, arguments: list[list[str]]) -> None:
    """Run code with a store of its own in several processes at once."""
    script = "import sys; from pipeline.settings import ROOT, read_settings; from pipeline.store import open_store; "
    script += f"store = open_store(read_settings()); {code}"
    environment = {**os.environ, **environment_in(folder)}
    started = [
        subprocess.Popen([sys.executable, "-c", script, *words], cwd=ROOT, env=environment) for words in arguments
    ]
    assert [process.wait(60) for process in started] == [0] * len(started)


def test_processes_that_open_a_new_store_at_once_migrate_it_once(tmp_path: Path) -> None:
    processes(tmp_path, OPEN, [[], [], []])
    with store_in(tmp_path).reading() as connection:
        assert connection.exec_driver_sql("SELECT COUNT(*) FROM migrations").scalar_one() == len(MIGRATIONS)


def test_a_store_made_by_a_newer_inkline_is_left_alone(tmp_path: Path) -> None:
    with store_in(tmp_path).writing() as connection:
        connection.exec_driver_sql("INSERT INTO migrations VALUES (999)")
    with pytest.raises(SettingsError, match="newer Inkline"):
        store_in(tmp_path)


@sqlite_only
def test_sqlite_is_set_up_for_many_readers_and_careful_writes(tmp_path: Path) -> None:
    with store_in(tmp_path).reading() as connection:
        found = {name: connection.exec_driver_sql(f"PRAGMA {name}").scalar_one() for name in PRAGMAS}
    assert found == PRAGMAS


PRAGMAS = {"journal_mode": "wal", "foreign_keys": 1, "synchronous": 1, "busy_timeout": 30_000}


@pytest.mark.parametrize("url", ["nonsense", "sqlite://", "sqlite:///:memory:", "oracle-of-delphi://x", "mysql+x://y"])
def test_a_database_url_that_cannot_be_used_is_said_in_a_sentence(tmp_path: Path, url: str) -> None:
    with pytest.raises(SettingsError, match=r"^DATABASE_URL .*\.$"):
        open_store(read_settings({"INKLINE_DATA": str(tmp_path), "DATABASE_URL": url}))


def test_postgresql_without_its_driver_is_told_how_to_get_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    settings = read_settings({"INKLINE_DATA": str(tmp_path), "DATABASE_URL": "postgres://ada@localhost/inkline"})
    with pytest.raises(SettingsError, match=r"psycopg is not installed.*pip install -r (\S+)$") as told:
        open_store(settings)
    assert (ROOT / str(told.value).split()[-1]).is_file()


def test_a_database_server_that_is_not_there_is_said_in_a_sentence(tmp_path: Path) -> None:
    pytest.importorskip("psycopg", reason="psycopg is not installed (requirements-postgresql.txt)")
    with pytest.raises(SettingsError, match=r"^The database server in DATABASE_URL does not let Inkline in: .*\.$"):
        open_store(read_settings({"INKLINE_DATA": str(tmp_path), "DATABASE_URL": "postgresql://ada@127.0.0.1:1/x"}))


@sqlite_only
def test_a_file_that_is_no_store_is_said_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "inkline.db").write_bytes(b"This is a shopping list, not a database. " * 100)
    with pytest.raises(SettingsError, match="can't be opened"):
        store_in(tmp_path)


def test_corrections_made_by_several_processes_at_once_are_all_kept(tmp_path: Path) -> None:
    store = store_in(tmp_path)
    line_id = store.get_page(finished(store), 0).lines[0].id
    processes(tmp_path, CORRECT, [[line_id, "a"], [line_id, "b"]])
    texts = [version.text for version in store.history(line_id)]
    assert sorted(texts) == sorted(["first line", *(f"{name}{number}" for name in "ab" for number in range(10))])
    if not SERVER:
        with store.reading() as connection:
            assert connection.exec_driver_sql("PRAGMA integrity_check").scalar_one() == "ok"


def test_writers_take_turns(tmp_path: Path) -> None:
    first, second = store_in(tmp_path), store_in(tmp_path)
    document_id = finished(first)
    with ThreadPoolExecutor(1) as threads:
        with first.writing() as connection:
            renamed = threads.submit(second.rename_document, document_id, "later")
            time.sleep(0.3)
            assert not renamed.done()
            connection.execute(update(metadata.tables["documents"]).values(name="sooner"))
        renamed.result()
    assert first.get_summary(document_id).name == "later"


def test_a_reader_sees_one_state_while_others_write(tmp_path: Path) -> None:
    store, names = store_in(tmp_path), select(metadata.tables["documents"].c.name)
    document_id = finished(store)
    with store.reading() as connection:
        before = connection.execute(names).all()
        store_in(tmp_path).rename_document(document_id, "changed")
        assert connection.execute(names).all() == before


OLD = (
    "INSERT INTO documents VALUES ('d', 'Notes', '2026-01-02 03:04:05')",
    """INSERT INTO pages VALUES ('p', 'd', 0, 100, 200, 300, -1.5, '[[1, 2, 30, 40]]', 'key', '')""",
    """INSERT INTO lines
        (id, document_id, page_id, position, kind, paragraph, polygon, baseline, version, checked) VALUES
        ('a', 'd', 'p', 0, 'heading', 2, '[[5, 10], [90, 10], [90, 30]]', '[[5, 25], [90, 25]]',
        2, TRUE), ('b', 'd', 'p', 1, 'text', 3, '[[5, 40], [90, 40], [90, 60]]', '[]', 1, FALSE)""",
    """INSERT INTO transcriptions
        (line_id, version, text, confidence, author, is_person, restores, created) VALUES
        ('a', 1, 'frist', 0.5, 'crnn', FALSE, NULL, '2026-01-02 03:04:05'),
        ('a', 2, 'first', 1.0, 'user', TRUE, NULL, '2026-01-02 03:05:05'),
        ('b', 1, 'second', 0.5, 'crnn', FALSE, NULL, '2026-01-02 03:04:05')""",
    """INSERT INTO jobs (id, document_id, state, stage, page, pages_done, pages_total, lines_done, lines_total,
        lines_read, wanted_engine, engine, engine_reason, dpi, error, worker, attempts, queued, updated) VALUES
        ('j', 'd', 'done', '', 0, 1, 1, 2, 2, 2, 'auto', 'crnn', '', 300, '', '', 0,
        '2026-01-02 03:04:05', '2026-01-02 03:04:05')""",
)


@pytest.mark.parametrize("steps", [1, 2, 3, 4, 5])
def test_an_older_store_is_brought_up_to_date_with_all_that_is_in_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, steps: int
) -> None:
    with monkeypatch.context() as older:
        older.setattr(migrations, "MIGRATIONS", MIGRATIONS[:steps])
        store = store_in(tmp_path)
    with store.writing() as connection:
        for statement in OLD:
            connection.exec_driver_sql(statement)
    store.close()
    store = store_in(tmp_path)
    first, second = store.get_page("d", 0).lines
    assert (first.text, first.kind, first.level, first.checked) == ("first", "heading", 0, True)
    assert (second.text, second.checked, second.transcription.character_confidences) == ("second", False, ())
    assert (store.get_summary("d").lines, store.get_summary("d").checked) == (2, 1)
    assert [(hit.line_id, hit.text) for hit in store.search("first")] == [("a", "first")]
    assert store.undo("d", author="user") is None
    store.undo_line("a")
    store.correct_line("b", "2nd")
    store.change_pages("d", {0}, "delete", lambda page: replace(page, lines=page.lines[1:]), author="user")
    assert [line.text for line in store.get_page("d", 0).lines] == ["2nd"]
    for _ in range(3):
        store.undo("d", author="user")
    assert store.get_page("d", 0).lines == (first, second)
    assert [version.text for version in store.history("a")] == ["frist", "first", "frist", "first"]


def test_pages_of_an_older_store_know_which_page_of_their_file_they_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as older:
        older.setattr(migrations, "MIGRATIONS", MIGRATIONS[:5])
        store = store_in(tmp_path)
    with store.writing() as connection:
        for statement in OLD:
            connection.exec_driver_sql(statement)
        connection.exec_driver_sql("INSERT INTO documents VALUES ('e', 'Import', '2026-01-02 03:04:05')")
        connection.exec_driver_sql("INSERT INTO pages VALUES ('q', 'e', 0, 100, 200, 300, -1.5, '[]', 'key', '')")
        connection.exec_driver_sql("INSERT INTO sources VALUES ('d', 0, 'key', 'notes.png', '', FALSE)")
    store.close()
    store = store_in(tmp_path)
    assert [page.origin for page in store.list_pages("d")] == [0]
    assert [source.pages for source in store.sources_of("d")] == [1]
    assert [page.origin for page in store.list_pages("e")] == [None]


def test_documents_of_an_older_store_that_came_in_with_their_text_can_be_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as older:
        older.setattr(migrations, "MIGRATIONS", MIGRATIONS[:12])
        store = store_in(tmp_path)
        imported, read = finished(store), finished(store)
        with store.writing() as connection:
            connection.exec_driver_sql(f"INSERT INTO sources VALUES ('{read}', 0, 'key', 'a.png', '', FALSE, NULL)")
            connection.exec_driver_sql("UPDATE jobs SET wanted_engine = 'imported'")
        store.close()
    store = store_in(tmp_path)
    assert [store.job_of(document_id).wanted_engine for document_id in (imported, read)] == ["auto", "imported"]
