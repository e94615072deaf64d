"""How the store came to be: numbered steps, each run once, in order, and recorded in the table `migrations`."""

from collections.abc import Callable

from sqlalchemy import Connection, text

from pipeline.errors import SettingsError
from pipeline.store.index import index_all

# Statements stay within what SQLite and PostgreSQL both understand.
DOCUMENT_ID = "document_id VARCHAR(32) NOT NULL REFERENCES documents (id) ON DELETE CASCADE"
FIRST_TABLES = (
    "CREATE TABLE documents (id VARCHAR(32) NOT NULL PRIMARY KEY, name TEXT NOT NULL, created TIMESTAMP NOT NULL)",
    f"""CREATE TABLE sources ({DOCUMENT_ID}, position INTEGER NOT NULL, blob TEXT NOT NULL, name TEXT NOT NULL,
        password TEXT NOT NULL, locked BOOLEAN NOT NULL, UNIQUE (document_id, position))""",
    f"""CREATE TABLE pages (id VARCHAR(32) NOT NULL PRIMARY KEY, {DOCUMENT_ID},
        number INTEGER NOT NULL, width INTEGER NOT NULL, height INTEGER NOT NULL,
        dpi INTEGER NOT NULL, skew_degrees DOUBLE PRECISION NOT NULL, figures JSON NOT NULL,
        image TEXT NOT NULL, error TEXT NOT NULL, UNIQUE (document_id, number))""",
    f"""CREATE TABLE lines (id VARCHAR(32) NOT NULL PRIMARY KEY, {DOCUMENT_ID},
        page_id VARCHAR(32) NOT NULL REFERENCES pages (id) ON DELETE CASCADE, position INTEGER NOT NULL,
        kind VARCHAR(16) NOT NULL, paragraph INTEGER NOT NULL, polygon JSON NOT NULL, baseline JSON NOT NULL,
        version INTEGER NOT NULL, checked BOOLEAN NOT NULL, UNIQUE (page_id, position))""",
    """CREATE TABLE transcriptions (line_id VARCHAR(32) NOT NULL REFERENCES lines (id) ON DELETE CASCADE,
        version INTEGER NOT NULL, text TEXT NOT NULL, confidence DOUBLE PRECISION NOT NULL, author TEXT NOT NULL,
        is_person BOOLEAN NOT NULL, restores INTEGER, created TIMESTAMP NOT NULL, PRIMARY KEY (line_id, version))""",
    f"""CREATE TABLE jobs (id VARCHAR(32) NOT NULL PRIMARY KEY, {DOCUMENT_ID},
        state VARCHAR(16) NOT NULL, stage TEXT NOT NULL, page INTEGER NOT NULL,
        pages_done INTEGER NOT NULL, pages_total INTEGER NOT NULL, lines_done INTEGER NOT NULL,
        lines_total INTEGER NOT NULL, lines_read INTEGER NOT NULL, seconds_left DOUBLE PRECISION,
        wanted_engine TEXT NOT NULL, engine TEXT NOT NULL, engine_reason TEXT NOT NULL, dpi INTEGER NOT NULL,
        error TEXT NOT NULL, worker TEXT NOT NULL, attempts INTEGER NOT NULL, queued TIMESTAMP NOT NULL,
        started TIMESTAMP, updated TIMESTAMP NOT NULL, UNIQUE (document_id))""",
    # Counting the lines of a library reads only this index.
    "CREATE INDEX lines_by_document ON lines (document_id, checked)",
    "CREATE INDEX jobs_by_state ON jobs (state, queued)",
    # Deleting a document asks for each of its pictures and files whether another document holds it.
    "CREATE INDEX pages_by_image ON pages (image)",
    "CREATE INDEX sources_by_blob ON sources (blob)",
)


def _first_tables(connection: Connection) -> None:
    for statement in FIRST_TABLES:
        connection.execute(text(statement))


TASKS = (
    """CREATE TABLE tasks (id VARCHAR(32) NOT NULL PRIMARY KEY, kind VARCHAR(16) NOT NULL, wanted JSON NOT NULL,
        state VARCHAR(16) NOT NULL, stage TEXT NOT NULL, progress DOUBLE PRECISION NOT NULL, curve JSON NOT NULL,
        result JSON NOT NULL, error TEXT NOT NULL, worker TEXT NOT NULL, attempts INTEGER NOT NULL,
        queued TIMESTAMP NOT NULL, started TIMESTAMP, updated TIMESTAMP NOT NULL)""",
    "CREATE INDEX tasks_by_state ON tasks (state, queued)",
)


def _tasks(connection: Connection) -> None:
    for statement in TASKS:
        connection.execute(text(statement))


def _language(connection: Connection) -> None:
    """Documents of before were read in the language of the settings, which "" stands for."""
    connection.execute(text("ALTER TABLE jobs ADD COLUMN wanted_language TEXT NOT NULL DEFAULT ''"))


RETOUCHING = (
    "ALTER TABLE lines ADD COLUMN level INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE transcriptions ADD COLUMN certainty JSON",
    "ALTER TABLE transcriptions ADD COLUMN alternatives JSON",
    f"""CREATE TABLE changes (id VARCHAR(32) NOT NULL PRIMARY KEY, {DOCUMENT_ID}, number INTEGER NOT NULL,
        kind VARCHAR(16) NOT NULL, author TEXT NOT NULL, state VARCHAR(8) NOT NULL, orders JSON NOT NULL,
        figures JSON NOT NULL, created TIMESTAMP NOT NULL, UNIQUE (document_id, number))""",
    """CREATE TABLE changed_lines (
        change_id VARCHAR(32) NOT NULL REFERENCES changes (id) ON DELETE CASCADE,
        line_id VARCHAR(32) NOT NULL REFERENCES lines (id) ON DELETE CASCADE,
        was JSON NOT NULL, became JSON NOT NULL, PRIMARY KEY (change_id, line_id))""",
    """CREATE TABLE proposals (line_id VARCHAR(32) NOT NULL PRIMARY KEY REFERENCES lines (id) ON DELETE CASCADE,
        text TEXT NOT NULL, confidence DOUBLE PRECISION NOT NULL, author TEXT NOT NULL, created TIMESTAMP NOT NULL,
        certainty JSON, alternatives JSON)""",
    "CREATE INDEX changed_lines_by_line ON changed_lines (line_id)",
    # Lines taken off their page have negative positions, and counting passes over them.
    "CREATE INDEX lines_on_pages ON lines (document_id, position, checked)",
    "DROP INDEX lines_by_document",
)


def _retouching(connection: Connection) -> None:
    for statement in RETOUCHING:
        connection.execute(text(statement))


def _undo_index(connection: Connection) -> None:
    """Undo asks for the newest step of one author, however long the history of a document is."""
    connection.execute(text("CREATE INDEX changes_by_author ON changes (document_id, author, state, number)"))


# FTS5 follows `indexed_lines` by triggers, which also run where a deleted document takes its lines along. Its tokenizer
# splits at spaces only: words are folded before (see words.py). "new" and "old" are the rows of the trigger.
FTS5 = (
    """CREATE VIRTUAL TABLE line_words USING
        fts5 (words, content='indexed_lines', content_rowid='number', tokenize='ascii', detail='none', columnsize=0)""",
    """CREATE TRIGGER indexed_lines_added AFTER INSERT ON indexed_lines BEGIN
        INSERT INTO line_words (rowid, words) VALUES (new.number, new.words); END""",
    """CREATE TRIGGER indexed_lines_removed AFTER DELETE ON indexed_lines BEGIN
        INSERT INTO line_words (line_words, rowid, words) VALUES ('delete', old.number, old.words); END""",
    """CREATE TRIGGER indexed_lines_changed AFTER UPDATE ON indexed_lines BEGIN
        INSERT INTO line_words (line_words, rowid, words) VALUES ('delete', old.number, old.words);
        INSERT INTO line_words (rowid, words) VALUES (new.number, new.words); END""",
)
GIN = ("CREATE INDEX line_words ON indexed_lines USING gin (string_to_array(words, ' '))",)


def _searching(connection: Connection) -> None:
    on_server = connection.dialect.name == "postgresql"
    number = "number BIGSERIAL PRIMARY KEY" if on_server else "number INTEGER NOT NULL PRIMARY KEY"
    tables = (
        f"""CREATE TABLE indexed_lines ({number},
            line_id VARCHAR(32) NOT NULL UNIQUE REFERENCES lines (id) ON DELETE CASCADE, words TEXT NOT NULL)""",
        f"CREATE TABLE vocabulary ({number}, word TEXT NOT NULL UNIQUE)",
    )
    for statement in (*tables, *(GIN if on_server else FTS5)):
        connection.execute(text(statement))
    index_all(connection)


LIBRARY = (
    "ALTER TABLE documents ADD COLUMN deleted TIMESTAMP",
    """CREATE TABLE tags (document_id VARCHAR(32) NOT NULL REFERENCES documents (id) ON DELETE CASCADE,
        tag TEXT NOT NULL, PRIMARY KEY (document_id, tag))""",
    "CREATE INDEX tags_by_name ON tags (tag)",
)


def _library(connection: Connection) -> None:
    for statement in LIBRARY:
        connection.execute(text(statement))


def _dictionary(connection: Connection) -> None:
    connection.execute(text("CREATE TABLE dictionary (folded TEXT NOT NULL PRIMARY KEY, word TEXT NOT NULL)"))


def _unread_pages(connection: Connection) -> None:
    connection.execute(text("ALTER TABLE pages ADD COLUMN unread BOOLEAN NOT NULL DEFAULT FALSE"))


def _decorations(connection: Connection) -> None:
    connection.execute(text("ALTER TABLE transcriptions ADD COLUMN decorations JSON"))


PAGE_ORDER = (
    "ALTER TABLE pages ADD COLUMN origin INTEGER",
    "UPDATE pages SET origin = number WHERE document_id IN (SELECT document_id FROM sources)",
    "CREATE UNIQUE INDEX pages_by_origin ON pages (document_id, origin)",
    "ALTER TABLE sources ADD COLUMN pages INTEGER",
    # Where there are several files nobody knows which has how many pages; they are opened again if need be.
    """UPDATE sources SET pages = (SELECT pages_total FROM jobs WHERE jobs.document_id = sources.document_id)
        WHERE document_id IN (SELECT document_id FROM jobs WHERE pages_total > 0)
        AND document_id IN (SELECT document_id FROM sources GROUP BY document_id HAVING COUNT(*) = 1)""",
    "ALTER TABLE changes ADD COLUMN page_order JSON NOT NULL DEFAULT '{}'",
)


def _page_order(connection: Connection) -> None:
    """From here on a page may be moved, so it keeps which page of its document's files it is."""
    for statement in PAGE_ORDER:
        connection.execute(text(statement))


TURNING = (
    "ALTER TABLE pages ADD COLUMN turned INTEGER",
    """CREATE TABLE pictures (page_id VARCHAR(32) NOT NULL REFERENCES pages (id) ON DELETE CASCADE,
        turned INTEGER NOT NULL, image TEXT NOT NULL, PRIMARY KEY (page_id, turned))""",
    "CREATE INDEX pictures_by_image ON pictures (image)",
    "ALTER TABLE changes ADD COLUMN turns JSON NOT NULL DEFAULT '{}'",
)


def _turning(connection: Connection) -> None:
    for statement in TURNING:
        connection.execute(text(statement))


def _finished_documents(connection: Connection) -> None:
    """Documents that came in with their text wanted whoever wrote it as their reader, also where that was none."""
    without_files = "document_id NOT IN (SELECT document_id FROM sources)"
    connection.execute(text(f"UPDATE jobs SET wanted_engine = 'auto' WHERE {without_files}"))


def _places_of_files(connection: Connection) -> None:
    """The pages of a file may come before one that is there."""
    connection.execute(text("ALTER TABLE sources ADD COLUMN before_page VARCHAR(32)"))


def _decorated_proposals(connection: Connection) -> None:
    """What is read anew tells which words are underlined and struck out in the ink."""
    connection.execute(text("ALTER TABLE proposals ADD COLUMN decorations JSON"))


MIGRATIONS: tuple[Callable[[Connection], None], ...] = (
    *(_first_tables, _tasks, _language, _retouching, _undo_index),
    *(_searching, _library, _dictionary, _unread_pages, _decorations, _page_order, _turning),
    *(_finished_documents, _places_of_files, _decorated_proposals),
)


def migrate(connection: Connection) -> None:
    """Bring the store up to date inside the caller's writing transaction. Raises SettingsError for a newer store."""
    connection.execute(text("CREATE TABLE IF NOT EXISTS migrations (number INTEGER PRIMARY KEY)"))
    done = connection.execute(text("SELECT COALESCE(MAX(number), 0) FROM migrations")).scalar_one()
    if done > len(MIGRATIONS):
        raise SettingsError("The store was made by a newer Inkline. Update Inkline, or point INKLINE_DATA elsewhere.")
    for number, step in enumerate(MIGRATIONS[done:], start=done + 1):
        step(connection)
        connection.execute(text("INSERT INTO migrations (number) VALUES (:number)"), {"number": number})
