"""One database, SQLite or PostgreSQL, with reading and writing transactions."""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError

from pipeline.errors import SettingsError

BUSY_S = 30
CONNECT_S = 10
# Any number will do that no other program uses on the same database.
WRITERS_KEY = 740219


class Database:
    """Short transactions over a pool of connections, safe to call from any thread."""

    def __init__(self, url: str) -> None:
        self.engine = connect(url)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A consistent view that blocks nobody."""
        with self.engine.connect() as connection:
            if connection.dialect.name == "postgresql":
                # Else each query of a transaction would see what others wrote since the one before.
                connection = connection.execution_options(isolation_level="REPEATABLE READ")
            with connection.begin():
                yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """All or nothing; one writer at a time, over all processes. Transactions are short, so nobody waits long."""
        with self.engine.connect() as connection:
            connection = connection.execution_options(inkline_writes=True)
            with connection.begin():
                if connection.dialect.name == "postgresql":
                    connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": WRITERS_KEY})
                yield connection

    def check(self) -> None:
        """Ask the database something. Raises what keeps it from answering."""
        with self.reading() as connection:
            connection.execute(text("SELECT 1"))

    def close(self) -> None:
        self.engine.dispose()


def connect(url: str) -> Engine:
    """An engine for a database URL. Raises SettingsError if the URL can't be used."""
    # Hosts hand out postgres://, a name SQLAlchemy dropped.
    url = url.replace("postgres://", "postgresql://", 1) if url.startswith("postgres://") else url
    try:
        parsed = make_url(url)
        if parsed.get_backend_name() == "postgresql":
            return _connect_postgresql(parsed)
        if parsed.get_backend_name() != "sqlite":
            raise SettingsError("DATABASE_URL must begin with sqlite:// or postgresql://.")
        if not parsed.database or parsed.database == ":memory:":
            raise SettingsError("DATABASE_URL must name a file, as in sqlite:////data/inkline.db.")
        Path(parsed.database).absolute().parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        engine = create_engine(parsed, connect_args={"timeout": BUSY_S})
    except (ArgumentError, NoSuchModuleError) as error:
        raise SettingsError(f"DATABASE_URL can't be used: {error}.") from error
    event.listen(engine, "connect", _set_up_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    _switch_to_wal(engine)
    return engine


def _connect_postgresql(url: URL) -> Engine:
    url = url.set(drivername="postgresql+psycopg")
    try:
        engine = create_engine(url, pool_pre_ping=True, connect_args={"connect_timeout": CONNECT_S})
    except ModuleNotFoundError as error:
        raise SettingsError(
            "DATABASE_URL names a PostgreSQL server, but the driver psycopg is not installed. "
            "Please run: .venv/bin/pip install -r requirements-postgresql.txt"
        ) from error
    try:
        engine.connect().close()
    except DBAPIError as error:
        reason = str(error.orig).strip().splitlines()[0]
        raise SettingsError(f"The database server in DATABASE_URL does not let Inkline in: {reason}.") from error
    return engine


def _set_up_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    # Python's own transaction handling would begin late and as a reader; `_begin_sqlite` begins instead.
    connection.isolation_level = None
    for pragma in ("foreign_keys = ON", f"busy_timeout = {BUSY_S * 1000}", "synchronous = NORMAL"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    # A reader that turns writer midway can't wait its turn, so writers say so at once.
    writes: Any = connection.get_execution_options().get("inkline_writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _switch_to_wal(engine: Engine) -> None:
    """Readers don't wait for writers in WAL mode. The mode stays with the file."""
    for attempt in range(50):
        try:
            with closing(engine.raw_connection()) as connection:
                connection.cursor().execute("PRAGMA journal_mode = WAL")
            return
        except (sqlite3.Error, DBAPIError) as error:
            # SQLite does not wait here while another process switches the mode.
            if "locked" not in str(error) or attempt == 49:
                raise SettingsError(f"The store can't be opened: {error}.") from error
            time.sleep(0.1)
