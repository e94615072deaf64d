"""Find and replace over a whole document."""

from collections.abc import Collection
from dataclasses import dataclass, replace

import regex

from pipeline.document import Line, Page
from pipeline.errors import PatternError
from pipeline.store import Change, Store

# A pattern that takes longer for one line would hold up everyone.
SLOWEST_S = 0.5
MOST_LETTERS = 1000


class Search:
    """What to look for: a text, a whole word or a regular expression. Raises PatternError where it is none."""

    def __init__(self, find: str, *, whole_word: bool = False, regular: bool = False, match_case: bool = False) -> None:
        if not find:
            raise PatternError("Please say what to look for.")
        if len(find) > MOST_LETTERS:
            raise PatternError(f"What to look for may have {MOST_LETTERS} letters at most.")
        self.regular = regular
        pattern = find if regular else regex.escape(find, literal_spaces=True)
        if whole_word:
            pattern = rf"(?<!\w)(?:{pattern})(?!\w)"
        try:
            self._pattern = regex.compile(pattern, 0 if match_case else regex.IGNORECASE)
        except regex.error as error:
            where = f" at letter {error.pos + 1}" if error.pos is not None and not whole_word else ""
            raise PatternError(f"This is no regular expression: {error.msg}{where}.") from error

    def spans(self, text: str) -> tuple[tuple[int, int], ...]:
        """Where it is found in a text. Raises PatternError if that takes too long."""
        try:
            return tuple(m.span() for m in self._pattern.finditer(text, timeout=SLOWEST_S) if m.end() > m.start())
        except TimeoutError:
            raise PatternError("This regular expression takes too long. Please write it in a simpler way.") from None

    def replaced(self, text: str, replacement: str) -> str:
        """The text with all that is found replaced; in a regular expression \\1 or \\g<name> stand for its groups."""
        try:
            found = list(self._pattern.finditer(text, timeout=SLOWEST_S))
            parts, last = [], 0
            for match in found:
                if match.end() > match.start():
                    parts += [text[last : match.start()], match.expand(replacement) if self.regular else replacement]
                    last = match.end()
            return "".join([*parts, text[last:]])
        except TimeoutError:
            raise PatternError("This regular expression takes too long. Please write it in a simpler way.") from None
        except (regex.error, IndexError) as error:
            raise PatternError(f"The replacement names a group that the regular expression lacks ({error}).") from error


@dataclass(frozen=True, slots=True)
class Hit:
    """A line in which something was found, the `number`-th of its page; `spans` are places in `before`."""

    line_id: str
    page: int
    number: int
    before: str
    after: str
    spans: tuple[tuple[int, int], ...]


def find(store: Store, document_id: str, search: Search, replacement: str | None = None) -> list[Hit]:
    """The lines in which something is found, in reading order, and what they would say once it is replaced."""
    store.get_summary(document_id)  # an unknown document is not one without lines
    hits = []
    for line in store.texts(document_id):
        spans = search.spans(line.text)
        if spans:
            after = line.text if replacement is None else search.replaced(line.text, replacement)
            hits.append(Hit(line.line_id, line.page, line.position + 1, line.text, after, spans))
    return hits


def replace_all(
    store: Store,
    document_id: str,
    search: Search,
    replacement: str,
    *,
    author: str,
    line_ids: Collection[str] | None = None,
) -> Change | None:
    """Replace all that is found, or only what is found in these lines, as one step; None where nothing changes.

    A line that a person had confirmed stays confirmed; others still want a look.
    """
    hits = [hit for hit in find(store, document_id, search, replacement) if hit.before != hit.after]
    chosen = {hit.line_id for hit in hits if line_ids is None or hit.line_id in line_ids}

    def change(line: Line) -> Line:
        after = search.replaced(line.text, replacement)
        if line.id not in chosen or after == line.text:
            return line
        reading = replace(line.transcription, text=after, engine=author, character_confidences=(), alternatives=())
        return replace(line, transcription=reading)

    def edit(page: Page) -> Page:
        return replace(page, lines=tuple(map(change, page.lines)))

    if not chosen:
        return None
    pages = {hit.page for hit in hits if hit.line_id in chosen}
    return store.change_pages(document_id, pages, "replace", edit, author=author)
