"""Searching all lines for words, also slightly misread ones."""

import threading
from bisect import bisect_left
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from rapidfuzz import process
from rapidfuzz.distance import OSA
from sqlalchemy import Connection, Row, select, text

from pipeline.store import schema
from pipeline.store.database import Database
from pipeline.store.words import words_in

_vocabulary = schema.vocabulary
# How many words that look like what is sought count; those nearest to it first.
MOST_ALIKE = 60
MOST_TERMS = 12
# Shorter ones begin too many words.
SHORTEST_BEGINNING = 3
# How many letters may be wrong, by the length of the word sought: in short words nearly every other would be found.
SHORTEST_ALIKE, TWO_WRONG = 4, 8

QUERY = """
    SELECT i.line_id, l.document_id, p.number AS page, l.position, v.text, d.name, d.created
    FROM {found} JOIN lines l ON l.id = i.line_id JOIN pages p ON p.id = l.page_id
        JOIN documents d ON d.id = l.document_id
        JOIN transcriptions v ON v.line_id = l.id AND v.version = l.version
    WHERE {matches} AND l.position >= 0 AND d.deleted IS NULL {within}
    ORDER BY {order} DESC LIMIT :limit"""
# FTS5 gives its rows in this order; CROSS JOIN keeps SQLite from starting elsewhere.
SQLITE = {
    "found": "line_words f CROSS JOIN indexed_lines i ON i.number = f.rowid CROSS",
    "matches": "f.line_words MATCH :match",
    "order": "f.rowid",
}


@dataclass(frozen=True, slots=True)
class Hit:
    """A line that was found: the `position`-th (from 0) on the page with this index.

    `spans` are the words found, as places in its text; `exact` says whether they are what was sought, or only alike.
    """

    line_id: str
    document_id: str
    document: str
    page: int
    position: int
    text: str
    spans: tuple[tuple[int, int], ...]
    exact: bool


class Group(NamedTuple):
    """A word that is sought, and the words of the vocabulary that begin with it or look like it."""

    word: str
    beginning: Sequence[str]
    alike: Sequence[str] = ()


class Vocabulary:
    """All indexed words in memory; only those that are new are fetched again."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._last = 0
        self._words: list[str] = []
        self._sorted: list[str] = []

    def refresh(self, connection: Connection) -> "tuple[list[str], list[str]]":
        """The words as they came, and in order."""
        query = select(_vocabulary.c.number, _vocabulary.c.word).where(_vocabulary.c.number > self._last)
        with self._lock:
            rows = connection.execute(query.order_by(_vocabulary.c.number)).tuples().all()
            if rows:
                self._last = rows[-1][0]
                self._words = self._words + [word for _, word in rows]
                self._sorted = sorted(self._words)
            return self._words, self._sorted


class Search(Database):
    """The store's search."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self._vocabulary = Vocabulary()

    def search(self, query: str, *, limit: int = 100, document_id: str = "", tag: str = "") -> list[Hit]:
        """Lines with all words of the query, the newest documents first, then lines with words that look alike.

        A word also finds longer ones that it begins, and one that is broken over two lines. Documents in the trash are
        not searched. Empty if the query has no words.
        """
        sought = list(dict.fromkeys(word.folded for word in words_in(query)))[:MOST_TERMS]
        if not sought:
            return []
        with self.reading() as connection:
            words, in_order = self._vocabulary.refresh(connection)
            exact = [Group(word, beginning_with(word, in_order)) for word in sought]
            rows = _find(connection, exact, limit, document_id, tag)
            hits = _hits(rows, exact, exact=True)
            alike = [group._replace(alike=alike_to(group.word, words)) for group in exact]
            if len(hits) < limit and alike != exact:
                seen = {hit.line_id for hit in hits}
                rows = _find(connection, alike, limit + len(hits), document_id, tag)
                found = _hits([row for row in rows if row.line_id not in seen], alike, exact=False)
                hits += found[: limit - len(hits)]
        return hits


def beginning_with(word: str, in_order: Sequence[str]) -> list[str]:
    """The words of a sorted vocabulary that begin with this one; itself first if it is among them."""
    start = bisect_left(in_order, word)
    if len(word) < SHORTEST_BEGINNING:
        return list(in_order[start : start + 1]) if in_order[start : start + 1] == [word] else []
    end = bisect_left(in_order, word + "\U0010ffff")
    return list(in_order[start:end])


def alike_to(word: str, words: Sequence[str]) -> list[str]:
    """Words with a letter or two wrong, missing, too many or swapped, the likest first."""
    if len(word) < SHORTEST_ALIKE:
        return []
    most = 2 if len(word) >= TWO_WRONG else 1
    found = process.extract(word, words, scorer=OSA.distance, score_cutoff=most, limit=MOST_ALIKE)
    return [other for other, distance, _ in found if distance]


def _find(
    connection: Connection, groups: Sequence[Group], limit: int, document_id: str, tag: str
) -> Sequence[Row[Any]]:
    """Lines that hold a word of each group, those indexed last first."""
    if not all(group.beginning or group.alike for group in groups):
        return []
    values: dict[str, Any] = {"limit": limit}
    within = ""
    if document_id:
        within += " AND l.document_id = :document"
        values["document"] = document_id
    if tag:
        within += " AND EXISTS (SELECT 1 FROM tags t WHERE t.document_id = l.document_id AND t.tag = :tag)"
        values["tag"] = tag
    if connection.dialect.name == "postgresql":
        holds = (f"string_to_array(i.words, ' ') && CAST(:words{n} AS text[])" for n in range(len(groups)))
        parts = {"found": "indexed_lines i", "matches": " AND ".join(holds), "order": "i.number"}
        values |= {f"words{n}": [*group.beginning, *group.alike] for n, group in enumerate(groups)}
    else:
        parts = SQLITE
        values["match"] = " AND ".join(map(_match, groups))
    return connection.execute(text(QUERY.format(**parts, within=within)), values).all()


def _match(group: Group) -> str:
    """In FTS5's language: any word of the group. Words are letters and digits only, so none can end its quotes."""
    begun = f'"{group.word}"' + " *" * (len(group.word) >= SHORTEST_BEGINNING)
    return "(" + " OR ".join([begun, *(f'"{word}"' for word in group.alike)]) + ")"


def _hits(rows: Sequence[Row[Any]], groups: Sequence[Group], *, exact: bool) -> list[Hit]:
    wanted = {word for group in groups for word in (*group.beginning, *group.alike)}
    return [
        Hit(row.line_id, row.document_id, row.name, row.page, row.position, row.text, _spans(row.text, wanted), exact)
        for row in _in_reading_order(rows)
    ]


def _in_reading_order(rows: Sequence[Row[Any]]) -> list[Row[Any]]:
    """The newest document first, its lines from the first page on."""
    rows = sorted(rows, key=lambda row: (row.document_id, row.page, row.position))
    return sorted(rows, key=lambda row: row.created, reverse=True)


def _spans(line: str, wanted: Collection[str]) -> tuple[tuple[int, int], ...]:
    """Where the words found stand; of a word broken at the line's end, its beginning."""
    words = list(words_in(line))
    spans = [(word.start, word.end) for word in words if word.folded in wanted]
    if not spans and words:
        spans = [(words[-1].start, words[-1].end)]
    return tuple(spans)
