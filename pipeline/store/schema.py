"""The tables as queries see them. Migrations make them; a test holds both together."""

from datetime import UTC, datetime

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    DateTime,
    Dialect,
    Float,
    ForeignKey,
    Integer,
    MetaData,
    String,
    Table,
    Text,
)
from sqlalchemy.types import TypeDecorator

metadata = MetaData()


class UtcDateTime(TypeDecorator[datetime]):
    """An aware UTC datetime kept without its zone, which SQLite could not store."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return value.astimezone(UTC).replace(tzinfo=None) if value else None

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return value.replace(tzinfo=UTC) if value else None


def _document_id() -> Column[str]:
    return Column("document_id", String(32), ForeignKey("documents.id", ondelete="CASCADE"), nullable=False)


documents = Table(
    "documents",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("name", Text, nullable=False),
    Column("created", UtcDateTime, nullable=False),
    # When it was put into the trash; null for documents that are in use.
    Column("deleted", UtcDateTime),
)

tags = Table(
    "tags",
    metadata,
    Column("document_id", String(32), ForeignKey("documents.id", ondelete="CASCADE"), primary_key=True),
    Column("tag", Text, primary_key=True),
)

# The files a document is read from, in order. A password is wiped as soon as the job is done. `pages` says how many
# there are in it, and is null until it was opened.
sources = Table(
    "sources",
    metadata,
    _document_id(),
    Column("position", Integer, nullable=False),
    Column("blob", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("password", Text, nullable=False),
    Column("locked", Boolean, nullable=False),
    Column("pages", Integer),
    Column("before_page", String(32)),
)

# `number` counts from 0 in the document; a page that was deleted has a negative one and no lines on it, and comes back
# by undo. `origin` counts, from 0, the pages of all the document's files in the order in which these came, and never
# changes; it is null for a page without a file. `unread` says that a page is to be read again by the document's job.
# `turned` is how many quarters, clockwise, a person has turned it from how it came in; null if nobody has.
pages = Table(
    "pages",
    metadata,
    Column("id", String(32), primary_key=True),
    _document_id(),
    Column("number", Integer, nullable=False),
    Column("width", Integer, nullable=False),
    Column("height", Integer, nullable=False),
    Column("dpi", Integer, nullable=False),
    Column("skew_degrees", Float, nullable=False),
    Column("figures", JSON, nullable=False),
    Column("image", Text, nullable=False),
    Column("error", Text, nullable=False),
    Column("unread", Boolean, nullable=False, default=False),
    Column("origin", Integer),
    Column("turned", Integer),
)

# The picture of a page that was turned, at each turn it has had; at 0 as it came in.
pictures = Table(
    "pictures",
    metadata,
    Column("page_id", String(32), ForeignKey("pages.id", ondelete="CASCADE"), primary_key=True),
    Column("turned", Integer, primary_key=True),
    Column("image", Text, nullable=False),
)

# `version` is the number of the line's newest transcription; raising it is how writers of one line take turns.
# `checked` says whether a person wrote or confirmed that version. `position` counts from 0 in reading order; a line
# that was taken off its page has a negative one, keeps its history, and comes back by undo.
lines = Table(
    "lines",
    metadata,
    Column("id", String(32), primary_key=True),
    _document_id(),
    Column("page_id", String(32), ForeignKey("pages.id", ondelete="CASCADE"), nullable=False),
    Column("position", Integer, nullable=False),
    Column("kind", String(16), nullable=False),
    Column("paragraph", Integer, nullable=False),
    Column("level", Integer, nullable=False),
    Column("polygon", JSON, nullable=False),
    Column("baseline", JSON, nullable=False),
    Column("version", Integer, nullable=False),
    Column("checked", Boolean, nullable=False),
)

# Only ever appended to. `restores` names the version an undo went back to; `is_person` says whether a person vouches
# for the text; `certainty` is each letter's confidence in per cent, `alternatives` other readings, likeliest first,
# `decorations` spans of underlined or struck-out words, [start, end, kind].
transcriptions = Table(
    "transcriptions",
    metadata,
    Column("line_id", String(32), ForeignKey("lines.id", ondelete="CASCADE"), primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("text", Text, nullable=False),
    Column("confidence", Float, nullable=False),
    Column("author", Text, nullable=False),
    Column("is_person", Boolean, nullable=False),
    Column("restores", Integer),
    Column("created", UtcDateTime, nullable=False),
    Column("certainty", JSON(none_as_null=True)),
    Column("alternatives", JSON(none_as_null=True)),
    Column("decorations", JSON(none_as_null=True)),
)

# The words of each line's newest text, by which it is found (see index.py). SQLite's FTS5 table `line_words` follows.
indexed_lines = Table(
    "indexed_lines",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("line_id", String(32), ForeignKey("lines.id", ondelete="CASCADE"), nullable=False),
    Column("words", Text, nullable=False),
)

# Every word that was ever indexed, numbered as they came.
vocabulary = Table(
    "vocabulary",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("word", Text, nullable=False),
)

# The user's own words as they wrote them, and as they are compared (`key_of` in pipeline/spelling).
dictionary = Table(
    "dictionary",
    metadata,
    Column("folded", Text, primary_key=True),
    Column("word", Text, nullable=False),
)

# What people did, step by step, counted in each document. `orders` holds the lines of each page that got another order,
# `figures` the boxes of each page that got others, both as {page id: {"before": [...], "after": [...]}}. Where pages
# were moved or deleted, `page_order` holds the ids of all as {"before": [...], "after": [...]}. `turns` holds how pages
# were turned, as {page id: {"before": ..., "after": ..., "error": ..., "unread": ..., "skew_degrees": ...}}, the last
# three of before; where the page was read anew as it lies, with these three of after that as "read".
changes = Table(
    "changes",
    metadata,
    Column("id", String(32), primary_key=True),
    _document_id(),
    Column("number", Integer, nullable=False),
    Column("kind", String(16), nullable=False),
    Column("author", Text, nullable=False),
    Column("state", String(8), nullable=False),
    Column("orders", JSON, nullable=False),
    Column("figures", JSON, nullable=False),
    Column("page_order", JSON, nullable=False),
    Column("turns", JSON, nullable=False),
    Column("created", UtcDateTime, nullable=False),
)

# A line before and after a change (see `read_standing` in states.py); null where it was not on its page.
changed_lines = Table(
    "changed_lines",
    metadata,
    Column("change_id", String(32), ForeignKey("changes.id", ondelete="CASCADE"), primary_key=True),
    Column("line_id", String(32), ForeignKey("lines.id", ondelete="CASCADE"), primary_key=True),
    Column("was", JSON, nullable=False),
    Column("became", JSON, nullable=False),
)

# What another reader reads in a line, until someone takes or drops it.
proposals = Table(
    "proposals",
    metadata,
    Column("line_id", String(32), ForeignKey("lines.id", ondelete="CASCADE"), primary_key=True),
    Column("text", Text, nullable=False),
    Column("confidence", Float, nullable=False),
    Column("author", Text, nullable=False),
    Column("created", UtcDateTime, nullable=False),
    Column("certainty", JSON(none_as_null=True)),
    Column("alternatives", JSON(none_as_null=True)),
    Column("decorations", JSON(none_as_null=True)),
)

jobs = Table(
    "jobs",
    metadata,
    Column("id", String(32), primary_key=True),
    _document_id(),
    Column("state", String(16), nullable=False),
    Column("stage", Text, nullable=False),
    Column("page", Integer, nullable=False),
    Column("pages_done", Integer, nullable=False),
    Column("pages_total", Integer, nullable=False),
    Column("lines_done", Integer, nullable=False),
    Column("lines_total", Integer, nullable=False),
    Column("lines_read", Integer, nullable=False),
    Column("seconds_left", Float),
    Column("wanted_engine", Text, nullable=False),
    Column("wanted_language", Text, nullable=False),
    Column("engine", Text, nullable=False),
    Column("engine_reason", Text, nullable=False),
    Column("dpi", Integer, nullable=False),
    Column("error", Text, nullable=False),
    Column("worker", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("queued", UtcDateTime, nullable=False),
    Column("started", UtcDateTime),
    Column("updated", UtcDateTime, nullable=False),
)

# Work on models. `curve` is a list of rows that grows while it runs, `result` what came of it.
tasks = Table(
    "tasks",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("kind", String(16), nullable=False),
    Column("wanted", JSON, nullable=False),
    Column("state", String(16), nullable=False),
    Column("stage", Text, nullable=False),
    Column("progress", Float, nullable=False),
    Column("curve", JSON, nullable=False),
    Column("result", JSON, nullable=False),
    Column("error", Text, nullable=False),
    Column("worker", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("queued", UtcDateTime, nullable=False),
    Column("started", UtcDateTime),
    Column("updated", UtcDateTime, nullable=False),
)
