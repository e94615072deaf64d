"""How lines are spelt, and the user's dictionary."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from pipeline.api.deps import StoreDep
from pipeline.spelling import check_page, suggestions

router = APIRouter(tags=["spelling"])
Text = Annotated[str, Field(max_length=10_000)]


class PageTexts(BaseModel):
    """What the lines of a page say, in reading order; "" for one that is not to be checked."""

    lines: list[Text] = Field(max_length=10_000)


class MarkOut(BaseModel):
    """A word that looks misspelt, from one place in its line up to another."""

    model_config = ConfigDict(from_attributes=True)

    text: str
    start: int
    end: int


class SpellingOut(BaseModel):
    """`language` is "" where it can't be told; then nothing is marked."""

    model_config = ConfigDict(from_attributes=True)

    language: str
    marks: list[MarkOut]


class OwnWord(BaseModel):
    word: str


@router.post("/spelling")
def check(store: StoreDep, body: PageTexts) -> list[SpellingOut]:
    """The language of each line and the words in it that look misspelt, English and French."""
    return [SpellingOut.model_validate(line) for line in check_page(body.lines, store.vouched)]


@router.get("/spelling/suggestions")
def suggest(word: Annotated[str, Query(min_length=1, max_length=64)], language: Literal["en", "fr"]) -> list[str]:
    """Up to three right words like this one, the likest first."""
    return suggestions(word, language)


@router.get("/dictionary")
def list_words(store: StoreDep) -> list[str]:
    """The user's words, in order."""
    return store.list_words()


@router.post("/dictionary", status_code=204)
def add_word(store: StoreDep, body: OwnWord) -> None:
    """Let a word be right everywhere."""
    store.add_word(body.word)


@router.delete("/dictionary/{word}", status_code=204)
def remove_word(store: StoreDep, word: str) -> None:
    """Take a word out of the user's dictionary."""
    store.remove_word(word)
