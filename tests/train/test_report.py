"""The report: what is counted, and a page that shows it whole and safely."""

import base64
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import cv2
import numpy as np
import pytest

from pipeline.document import Transcription
from pipeline.train.report.about import about
from pipeline.train.report.alignment import Step, align, kind_of_error, visible
from pipeline.train.report.line_html import aligned, data_url
from pipeline.train.report.measure import LineResult, SetResult, measure, speed
from pipeline.train.report.page import to_html
from pipeline.train.report.record import to_json
from pipeline.train.report.summary import (
    by_length,
    by_quality,
    by_writer,
    count_errors,
    rates_of_all,
    rates_of_set,
    sure_but_wrong,
    worst,
)

EVIL = "<script>alert('x')</script>&\"\udcff\x07"


@dataclass(frozen=True, slots=True)
class Written:
    """A sample whose picture says how it will be read: the stand-in for a reader looks its number up."""

    text: str
    writer: str = "w1"
    name: str = "a.png"
    broken: bool = False
    number: int = 0

    def image(self, rng: np.random.Generator) -> np.ndarray:
        if self.broken:
            raise OSError(f"{self.name} is not a readable image")
        return np.full((80, 400), self.number, np.uint8)


@dataclass(slots=True)
class Reader:
    readings: Sequence[tuple[str, float]]
    name: str = "reader"

    def transcribe(self, crops: Sequence[np.ndarray]) -> list[Transcription]:
        return [Transcription(*self.readings[crop[0, 0]], self.name) for crop in crops]


def measured(*lines: tuple[str, str, float], name: str = "set", writers: Sequence[str] = ()) -> SetResult:
    """A set of (truth, reading, confidence)."""
    samples = [
        Written(truth, writers[number] if writers else "w1", f"{number}.png", number=number)
        for number, (truth, _, _) in enumerate(lines)
    ]
    return measure(name, samples, Reader([(read, sure) for _, read, sure in lines]), lambda lines, bad: None)


@pytest.mark.parametrize(
    ("truth", "read", "kinds"),
    [
        ("same", "same", "same same same same"),
        ("cat", "cot", "same wrong same"),
        ("cat", "ct", "same missed same"),
        ("ct", "cat", "same added same"),
        ("", "ab", "added added"),
        ("ab", "", "missed missed"),
        ("", "", ""),
    ],
)
def test_alignment_tells_what_became_of_each_letter(truth: str, read: str, kinds: str) -> None:
    steps = align(truth, read)
    assert " ".join(step.kind for step in steps) == kinds
    assert "".join(step.truth for step in steps) == truth
    assert "".join(step.read for step in steps) == read


@pytest.mark.parametrize(
    ("step", "kind"),
    [
        (Step("wrong", "A", "a"), "capital or small letter"),
        (Step("wrong", "é", "e"), "accents"),
        (Step("wrong", "É", "e"), "accents"),
        (Step("wrong", "a", "o"), "one letter for another"),
        (Step("wrong", "1", "l"), "digits"),
        (Step("wrong", ".", ","), "punctuation and signs"),
        (Step("wrong", "-", " "), "spaces between words"),
        (Step("missed", " ", ""), "spaces between words"),
        (Step("missed", "e", ""), "letters missed"),
        (Step("added", "", "e"), "letters added"),
        (Step("added", "", "7"), "digits"),
    ],
)
def test_each_error_is_of_one_kind(step: Step, kind: str) -> None:
    assert kind_of_error(step) == kind


def test_letters_that_can_t_be_seen_are_made_visible() -> None:
    assert visible("a \u0301\x07\udcff") == "a␣◌\u0301\\x07\\udcff"


def test_errors_are_counted_by_letter_and_confusion() -> None:
    lines = measured(("abba", "axxa", 0.5), ("bab", "ba", 0.5)).lines
    errors = count_errors(lines)
    assert errors.steps[Step("wrong", "b", "x")] == 2
    assert errors.steps[Step("missed", "b", "")] == 1
    assert errors.letters == {"a": (3, 0), "b": (4, 3)}
    assert sum(errors.kinds.values()) == sum(line.edits for line in lines) == 3


def test_rates_of_a_set() -> None:
    rates = rates_of_set(measured(("one two", "one two", 0.9), ("three", "thee", 0.8), writers=("w1", "w2")))
    assert (rates.lines, rates.writers, rates.characters, rates.edits) == (2, 2, 12, 1)
    assert (rates.cer, rates.wer, rates.faultless) == pytest.approx((1 / 12, 1 / 3, 1 / 2))
    assert rates.cer_interval[0] <= rates.cer <= rates.cer_interval[1]
    assert rates.calibration_error == pytest.approx(0.05)  # |1 - 0.9| and |0.8 - 0.8|, half of the lines each


def test_writers_of_the_same_name_in_two_sets_are_two_people() -> None:
    sets = [measured(("aa", "ab", 0.5), name="one"), measured(("aaaa", "bbbb", 0.5), name="two")]
    assert rates_of_all(sets).writers == 2
    assert [(hand.set_name, hand.cer) for hand in by_writer(sets)] == [("two", 1.0), ("one", 0.5)]


def test_lines_are_grouped_by_length_and_by_quality() -> None:
    lines = measured(("a", "b", 0.5), ("a" * 9, "a" * 9, 0.5), ("a" * 60, "a" * 59 + "b", 0.5)).lines
    assert by_length(lines) == [("1–9", 2, 0.1), ("60+", 1, pytest.approx(1 / 60))]
    assert [(label, count) for label, count, _ in by_quality(lines) if count] == [("0", 1), ("0–2", 1), ("50+", 1)]


def test_worst_lines_have_most_edits_and_sure_ones_most_confidence() -> None:
    lines = measured(("abcd", "abcd", 1.0), ("abcd", "xxcd", 0.3), ("abcd", "xbcd", 0.9), ("abcd", "", 0.1)).lines
    assert [line.number for line in worst(lines, 2)] == [3, 1]
    assert [line.number for line in sure_but_wrong(lines, 2)] == [2, 1]


def test_an_unreadable_image_is_named_and_the_others_are_read() -> None:
    samples = [Written("a", name=f"{number}.png", broken=number % 20 == 3) for number in range(40)]
    told: list[tuple[int, list[str]]] = []
    part = measure(
        "set", samples, Reader([("a", 0.9)]), lambda lines, bad: told.append((len(lines), bad)), ["labels.tsv: bad"]
    )
    assert [line.file for line in part.lines] == [sample.name for sample in samples if not sample.broken]
    assert part.bad == ("labels.tsv: bad", "3.png is not a readable image.", "23.png is not a readable image.")
    assert told == [(15, [part.bad[1]]), (15, [part.bad[2]]), (8, [])]


def test_speed_counts_each_line_of_a_batch_alike() -> None:
    quick = speed([SetResult("set", (), (), ((16, 0.16), (4, 0.4)))])
    assert (quick.lines_per_second, quick.median_ms) == pytest.approx((20 / 0.56, 10))
    assert quick.p95_ms == pytest.approx(100)
    assert speed([SetResult("set", (), (), ())]).lines_per_second == 0


def test_a_picture_in_the_page_is_small_and_has_its_shape() -> None:
    crop = np.random.default_rng(1).integers(0, 255, (128, 2000), dtype=np.uint8)
    data = base64.b64decode(data_url(crop).removeprefix("data:image/jpeg;base64,"))
    image = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_GRAYSCALE)
    assert image is not None
    assert image.shape == (64, 1000)


def test_aligned_text_holds_both_texts_and_breaks_between_words() -> None:
    markup = aligned("one two", "one tw0")
    tree = ElementTree.fromstring(markup)
    assert "".join(b.text or "" for b in tree.iter("b")) == "one two"
    assert "".join(i.text or "" for i in tree.iter("i")) == "one tw0"
    assert [span.get("class") for span in tree.iter("span")] == ["word", "step same", "word", "step same", "step wrong"]


class Balanced(HTMLParser):
    """Fails on a tag that is closed wrongly, and keeps what could load or run something."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: set[str] = set()
        self.links: list[str] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.links += [value or "" for name, value in attrs if name in {"src", "href", "srcset", "action"}]
        assert not [name for name, _ in attrs if name.startswith("on")]
        if tag not in {"meta", "img", "br", "wbr"}:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def page_of(*sets: SetResult) -> Balanced:
    page = Balanced()
    page.feed(to_html(sets, about(Reader([]), "auto", [part.name for part in sets])).decode("utf-8"))
    assert not page.open
    return page


def test_the_page_shows_rates_writers_lines_and_letters() -> None:
    part = measured(("a cat sat", "a cot sat", 0.9), ("on the mat", "on mat", 0.4), writers=("anna", "bert"))
    page = page_of(part, measured(("fine", "fine", 1.0), name="other"))
    assert page.links
    assert all(link.startswith("data:image/jpeg;base64,") for link in page.links)
    for words in (
        "How well reader reads",
        "21.7",
        "anna",
        "bert",
        "other",
        "all lines",
        "1.png",
        "spaces between words",
    ):
        assert words in page.text
    assert {"svg", "table", "img"} <= page.tags


def test_the_page_loads_and_runs_nothing_and_escapes_every_text() -> None:
    samples = [Written(EVIL + str(n), EVIL + str(n), EVIL) for n in range(2)]
    part = measure(EVIL, samples, Reader([(EVIL, 0.5)]), lambda lines, bad: None, [EVIL])
    data = to_html([part, part], about(Reader([], EVIL), EVIL, [EVIL]))
    text = data.decode("utf-8")
    assert "<script" not in text
    assert not re.search(r"(?:src|href)=\"(?!data:)|url\(|@import|https?://(?!www\.w3\.org)", text)
    page = Balanced()
    page.feed(text)
    assert page.tags.isdisjoint({"script", "link", "iframe", "object"})
    assert page.text.count("<script>alert('x')</script>") > 5


def test_a_page_without_errors_and_a_single_line_is_whole_too() -> None:
    page = page_of(measured(("fine", "fine", 1.0)))
    assert "0.00" in page.text
    assert "The worst lines" not in page.text
    assert "By writer" not in page.text


def test_a_line_whose_image_went_away_is_shown_without_it() -> None:
    line = LineResult(Written("cat", broken=True), 0, "cat", "cot", 0.9, 1, 1, 1)
    gone = SetResult("set", (line,), (), ((1, 0.1),))
    page = page_of(gone)
    assert not page.links
    assert "The worst lines" in page.text


def test_plots_are_well_formed_and_inside_their_frame() -> None:
    part = measured(*[("abcdefghij" * (1 + n % 6), "abcdefghij"[: n % 11], n / 40) for n in range(40)])
    text = to_html([part], about(Reader([]), "auto", ["set"])).decode("utf-8")
    plots = [ElementTree.fromstring(plot) for plot in re.findall(r"<svg.*?</svg>", text)]
    assert len(plots) == 4
    for plot in plots:
        _, _, width, height = map(float, plot.get("viewBox", "").split())
        for rect in plot.iter("rect"):
            x, y, w, h = (float(rect.get(name, "nan")) for name in ("x", "y", "width", "height"))
            assert 0 <= x < x + w <= width
            assert 0 <= y <= y + h <= height
        for line in plot.iter("polyline"):
            for point in line.get("points", "").split():
                x, y = map(float, point.split(","))
                assert 0 <= x <= width
                assert 0 <= y <= height


def test_json_holds_every_line_and_survives_strange_names() -> None:
    part = measure("set\udcff", [Written("a\u0301", "", EVIL)], Reader([("á", 0.5)]), lambda lines, bad: None)
    record = json.loads(to_json([part], about(Reader([]), "auto", ["set"])).decode("utf-8"))
    assert record["sets"][0]["name"] == "set\udcff"
    assert record["sets"][0]["by_line"][0]["file"] == EVIL
    assert record["sets"][0]["by_line"][0]["edits"] == 0
    assert record["sets"][0]["by_writer"] == []
    assert record["total"]["cer"] == 0


def test_styles_follow_the_light_and_the_dark_page_and_paper() -> None:
    style = (Path(__file__).parents[2] / "pipeline" / "train" / "report" / "report.css").read_text(encoding="utf-8")
    roots = re.findall(r":root \{(.*?)\}", style, re.S)
    colours = [set(re.findall(r"(--[a-z-]+):", root)) for root in roots]
    assert len(roots) == 3
    assert colours[0] == colours[1] == colours[2]
    assert set(re.findall(r"var\((--[a-z-]+)\)", style)) == colours[0]
