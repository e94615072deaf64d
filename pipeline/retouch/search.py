"""Find and replace over a whole document."""

import time
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace

import regex

from pipeline.decorations import keep_decorations
from pipeline.document import Line, Page
from pipeline.errors import PatternError
from pipeline.store import Change, Store

# A regular expression that takes longer for a whole document would hold up everyone.
SLOWEST_S = 3.0
MOST_LETTERS = 1000
# A line is one line, whatever a replacement holds.
BREAKS = regex.compile(r"[\n\v\f\r\x1c-\x1e\x85\u2028\u2029]+")
TOO_LONG = "This regular expression takes too long. Please write it in a simpler way."


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

    def matches(self, texts: Sequence[str]) -> Iterator[list[regex.Match[str]]]:
        """What is found in each text. Raises PatternError if that takes too long for all of them together."""
        end = time.monotonic() + SLOWEST_S
        for text in texts:
            # Only a regular expression can take more than a moment.
            left = max(end - time.monotonic(), 1e-3) if self.regular else None
            try:
                yield [match for match in self._pattern.finditer(text, timeout=left) if match.end() > match.start()]
            except TimeoutError:
                raise PatternError(TOO_LONG) from None

    def replaced(self, text: str, matches: Sequence[regex.Match[str]], replacement: str) -> str:
        """The text with other words in place of what is found; line breaks among them become spaces.

        In a regular expression \\1 or \\g<name> stand for its groups. Raises PatternError where it lacks the group.
        """
        parts, last = [], 0
        for match in matches:
            try:
                words = match.expand(replacement) if self.regular else replacement
            except (regex.error, IndexError) as error:
                reason = f"The replacement names a group that the regular expression lacks ({error})."
                raise PatternError(reason) from error
            parts += [text[last : match.start()], BREAKS.sub(" ", words)]
            last = match.end()
        return "".join([*parts, text[last:]])


@dataclass(frozen=True, slots=True)
class Hit:
    """A line in which something was found, the `number`-th of its page; `spans` are places in `before`."""

    line_id: str
    page: int
    page_id: str
    number: int
    before: str
    after: str
    spans: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Found:
    """In how many `lines` something was found, and the first of them."""

    lines: int
    hits: tuple[Hit, ...]


def find(
    store: Store, document_id: str, search: Search, replacement: str | None = None, *, limit: int | None = None
) -> Found:
    """The lines in which something is found, in reading order, and what they would say once it is replaced.

    All of them are counted, and the first `limit` handed over.
    """
    store.get_summary(document_id)  # an unknown document is not one without lines
    lines = store.texts(document_id)
    hits: list[Hit] = []
    count = 0
    for line, matches in zip(lines, search.matches([line.text for line in lines]), strict=True):
        if not matches:
            continue
        count += 1
        if limit is None or count <= limit:
            spans = tuple(match.span() for match in matches)
            after = line.text if replacement is None else search.replaced(line.text, matches, replacement)
            hits.append(Hit(line.line_id, line.page, line.page_id, line.position + 1, line.text, after, spans))
    return Found(count, tuple(hits))


def replace_all(
    store: Store,
    document_id: str,
    search: Search,
    replacement: str,
    *,
    author: str,
    line_ids: Collection[str] | None = None,
    but: Collection[str] = (),
) -> Change | None:
    """Replace all that is found, or only what is found in these lines, as one step; None where nothing changes.

    `but` names lines to leave out. A line that a person had confirmed stays confirmed; others still want a look. A line
    that somebody changes while this is worked out stays as it is.
    """
    named, left = None if line_ids is None else set(line_ids), set(but)
    hits = {
        hit.line_id: hit
        for hit in find(store, document_id, search, replacement).hits
        if hit.before != hit.after and (named is None or hit.line_id in named) and hit.line_id not in left
    }

    def change(line: Line) -> Line:
        hit = hits.get(line.id)
        if hit is None or hit.before != line.text:
            return line
        said = line.transcription
        reading = replace(said, text=hit.after, engine=author, character_confidences=(), alternatives=())
        return replace(line, transcription=keep_decorations(said, reading))

    def edit(page: Page) -> Page:
        return replace(page, lines=tuple(map(change, page.lines)))

    if not hits:
        return None
    done = store.change_pages(document_id, {hit.page for hit in hits.values()}, "replace", edit, author=author)
    missed = len(hits) - (len(done.line_ids) if done else 0)
    if done and missed:
        return replace(done, note=f"{missed} of the lines found say something else by now, so they stay as they are.")
    return done
