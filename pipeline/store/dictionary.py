"""The user's own dictionary, for the whole store, and words they have confirmed in lines."""

from collections.abc import Collection
from itertools import islice

from sqlalchemy import Connection, TextClause, delete, insert, select, text

from pipeline.errors import NotFoundError, SpellingError
from pipeline.spelling import WORD, key_of
from pipeline.store import schema
from pipeline.store.database import Database
from pipeline.store.rows import found, storable
from pipeline.store.search import QUERY, SQLITE
from pipeline.store.words import LONGEST, words_in

_dictionary = schema.dictionary
# A word is as good as added once it stands in so many confirmed lines; so many of those that may hold it are looked at.
ENOUGH, MOST_LINES = 2, 1000


class Dictionary(Database):
    """The store's dictionary. A word counts in capital letters, too, and in whatever it is part of."""

    def list_words(self) -> list[str]:
        """The user's words as they were written, in order."""
        with self.reading() as connection:
            return sorted(connection.execute(select(_dictionary.c.word)).scalars(), key=key_of)

    def add_word(self, word: str) -> None:
        """Let a word be right; one that is there already stays as it is. Raises SpellingError for what is no word."""
        word = word.strip()
        if not WORD.fullmatch(word) or len(word) > LONGEST:
            raise SpellingError(f"“{word}” is not one word of letters. Words are added one by one.")
        with self.writing() as connection:
            here = select(_dictionary.c.folded).where(_dictionary.c.folded == key_of(word))
            if connection.execute(here).first() is None:
                connection.execute(insert(_dictionary).values(folded=key_of(word), word=word))

    def remove_word(self, word: str) -> None:
        """Raises NotFoundError."""
        if word != storable(word):  # a database refuses even to look for it
            raise NotFoundError("That is no word, so it is not in your dictionary.")
        with self.writing() as connection:
            removed = connection.execute(delete(_dictionary).where(_dictionary.c.folded == key_of(word)))
            found(range(removed.rowcount), f"“{word}” is not in your dictionary.")

    def vouched(self, words: Collection[str]) -> set[str]:
        """Those of some words, each as `key_of` gives it, that the user has added or confirmed in two lines."""
        with self.reading() as connection:
            own = set(connection.execute(select(_dictionary.c.folded)).scalars()).intersection(words)
            query = _query(connection)
            return own.union(word for word in set(words) - own if _is_confirmed(connection, query, word))


def _query(connection: Connection) -> TextClause:
    """Lines that a person vouches for and that hold the :word of the index, the newest first."""
    if connection.dialect.name == "postgresql":
        matches = "string_to_array(i.words, ' ') && ARRAY[CAST(:word AS text)]"
        parts = {"found": "indexed_lines i", "matches": matches, "order": "i.number"}
    else:
        parts = SQLITE | {"matches": """f.line_words MATCH '"' || :word || '"'"""}
    return text(QUERY.format(**parts, within="AND l.checked"))


def _is_confirmed(connection: Connection, query: TextClause, word: str) -> bool:
    """Whether a word, given as `key_of` does, stands in enough of the lines that the query finds."""
    # The index knows neither accents nor apostrophes; the longest part of a word tells most of it.
    sought = max((part.folded for part in words_in(word)), key=len)
    with connection.execute(query, {"word": sought, "limit": MOST_LINES}) as rows:
        holding = (row for row in rows if word in map(key_of, WORD.findall(row.text)))
        return len(list(islice(holding, ENOUGH))) == ENOUGH
