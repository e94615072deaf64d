"""The lines of a page as a table to edit: strip of ink, text, confidence, checked."""

from dataclasses import dataclass, field
from datetime import UTC, datetime

import pandas as pd
import streamlit as st

from pages._common import count, is_checked, local, store, strips_of
from pipeline.document import Line, Page
from pipeline.errors import ConflictError, InklineError, NotFoundError
from pipeline.retouch import confirm_lines
from pipeline.store import AUTHOR

ORDERS = ["In page order", "Least certain first", "Not yet checked"]
ROW_HEIGHT, INK_WIDTH = 70, 372
# Strips have more pixels than their cell, for screens that show them.
SHARPNESS = 1.5
Edit = dict[str, str | bool | None]


@dataclass(slots=True)
class Table:
    """What a session's table shows.

    The widget matches edits to rows by position, so rows keep their place while this table lives. `seen` holds the
    edits already in the store, by row: the widget hands over all its edits every time.
    """

    place: tuple[str, int, str]
    line_ids: list[str]
    version: int
    seen: dict[int, Edit] = field(default_factory=dict)

    @property
    def key(self) -> str:
        return "lines-{}-{}-{}-{}".format(*self.place, self.version)


def lines_table(document_id: str, page: Page, order: str) -> None:
    """Show the page's lines as `order` says and keep every edit in the store."""
    if not page.lines:
        st.info("No writing was found on this page.")
        return
    checked = sum(map(is_checked, page.lines))
    st.progress(checked / len(page.lines), text=f"{checked} of {count(len(page.lines), 'line')} checked{saved_note()}")
    table = current_table((document_id, page.index, order), page)
    rows = as_rows(page, table.line_ids)
    if not rows:
        st.success("Every line of this page is checked.", icon=":material/check:")
        return
    st.data_editor(
        pd.DataFrame(rows),
        key=table.key,
        hide_index=True,
        height=min(ROW_HEIGHT * len(rows) + 40, 540),
        row_height=ROW_HEIGHT,
        disabled=["number", "ink", "confidence"],
        column_config={
            "checked": st.column_config.CheckboxColumn("OK", width=60, help="Tick a line that is right as it is"),
            "number": st.column_config.NumberColumn("#", width=38, help="The number beside the line on the page"),
            "ink": st.column_config.ImageColumn("Ink", width=INK_WIDTH, alignment="left"),
            "text": st.column_config.TextColumn("Text", help="Press Enter to edit, Enter again to keep"),
            "confidence": st.column_config.NumberColumn("Sure", width=58, format="%d %%"),
        },
        on_change=keep_edits,
    )
    if checked < len(page.lines):
        st.button("The rest of this page is right", icon=":material/done_all:", on_click=confirm_all, args=(page,))


def as_rows(page: Page, line_ids: list[str]) -> list[dict[str, str | int | bool]]:
    """What the table shows of these lines."""
    strips = strips_of(page, width=round(SHARPNESS * (INK_WIDTH - 16)), height=round(SHARPNESS * (ROW_HEIGHT - 6)))
    known = {
        line.id: (number, line, strip) for number, (line, strip) in enumerate(zip(page.lines, strips, strict=True), 1)
    }
    return [
        {
            "checked": is_checked(line),
            "number": number,
            "ink": strip,
            "text": line.text,
            "confidence": round(100 * line.transcription.confidence),
        }
        for number, line, strip in map(known.__getitem__, line_ids)
    ]


def current_table(place: tuple[str, int, str], page: Page) -> Table:
    """The session's table for this place, made anew where it shows something else than the store holds."""
    table: Table | None = st.session_state.get("table")
    lines = {line.id: line for line in page.lines}
    if table is None or table.place != place or not lines.keys() >= set(table.line_ids) or is_stale(table, lines):
        version = table.version + 1 if table else 0
        table = Table(place, [line.id for line in ordered(page, place[2])], version)
        st.session_state.table = table
    return table


def is_stale(table: Table, lines: dict[str, Line]) -> bool:
    """Whether an edit the table still shows was since taken back, or written over by someone else."""
    shown = ((lines[table.line_ids[row]], edit) for row, edit in table.seen.items())
    return any(
        (line.text != (edit["text"] or "") if "text" in edit else False)
        or edit.get("checked", True) != is_checked(line)
        for line, edit in shown
    )


def ordered(page: Page, order: str) -> list[Line]:
    lines = [line for line in page.lines if not (order == ORDERS[2] and is_checked(line))]
    return sorted(lines, key=lambda line: line.transcription.confidence) if order == ORDERS[1] else lines


def keep_edits() -> None:
    """Append every edit not yet in the store; an edit of the text, or a tick, also marks the line as checked."""
    table: Table | None = st.session_state.get("table")
    if table is None or table.key not in st.session_state:
        return
    edits: dict[int, Edit] = st.session_state[table.key]["edited_rows"]
    new = {row: dict(edit) for row, edit in edits.items() if edit != table.seen.get(row)}
    for row, edit in new.items():
        # By its id: the page may have another number by now.
        keep_edit(table.line_ids[row], edit)
        table.seen[row] = edit
    if new:
        st.session_state.saved = datetime.now(UTC)


def keep_edit(line_id: str, edit: Edit) -> None:
    """One row's edit; of a line that was taken off its page meanwhile what was written goes into its history."""
    try:
        line = store().get_line(line_id)[2]
    except NotFoundError:
        line = None
    try:
        if line is None:
            if "text" in edit:
                store().correct_line(line_id, str(edit["text"] or ""), author=AUTHOR)
            return
        text = str(edit["text"] or "" if "text" in edit else line.text)
        if text != line.text or (edit.get("checked") and not is_checked(line)):
            store().correct_line(line_id, text, author=AUTHOR)
    except NotFoundError:  # the document was deleted, which the screen says
        return
    except ConflictError as error:
        st.toast(str(error), icon=":material/warning:")


def confirm_all(page: Page) -> None:
    """Confirm, as one step, every line that is not checked yet and still says what is shown."""
    lines = [line for line in page.lines if not is_checked(line)]
    ids, shown = [line.id for line in lines], [line.text for line in lines]
    try:
        change = confirm_lines(store(), ids, author=AUTHOR, texts=shown)
    except InklineError as error:  # somebody has changed the page since it was shown
        st.toast(str(error), icon=":material/warning:")
    else:
        st.session_state.saved = datetime.now(UTC)
        if change and change.note:
            st.toast(change.note, icon=":material/warning:")


def saved_note() -> str:
    """When the last edit went into the store, in words that stand after the count."""
    saved: datetime | None = st.session_state.get("saved")
    return f" · :green[saved {local(saved):%H:%M:%S}]" if saved else ""
