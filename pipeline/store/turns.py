"""How pages lie: a page turned by hand has another picture, and all places on it turn along."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Row, bindparam, insert, select, update

from pipeline.store import schema
from pipeline.turning import runs_level, turned_box, turned_points, turned_skew

_pages, _lines, _pictures = schema.pages, schema.lines, schema.pictures


def keep_pictures(connection: Connection, page_id: str, images: dict[int, str]) -> None:
    """Remember how a page looks turned by so many quarters from how it came: {quarters: picture}."""
    known = set(connection.execute(select(_pictures.c.turned).where(_pictures.c.page_id == page_id)).scalars())
    rows = [{"page_id": page_id, "turned": turned, "image": image} for turned, image in images.items()]
    if new := [row for row in rows if row["turned"] not in known]:
        connection.execute(insert(_pictures), new)


def write_turn(
    connection: Connection, page_id: str, turned: int | None, undone: Mapping[str, Any] | None = None
) -> None:
    """Let a page lie so many quarters, clockwise, from how it came; None if nobody has turned it.

    Lines, also those off the page, figures and the picture turn along. If a person has turned it so that its lines do
    not run from left to right, it was read wrongly, and is to be read again as it lies, as is one that could not be
    read. `undone` is the turn that is taken back, with the page's "error", "unread" and "skew_degrees" of before it.
    """
    page = connection.execute(select(_pages).where(_pages.c.id == page_id)).one()
    quarters = ((turned or 0) - (page.turned or 0)) % 4
    picture = select(_pictures.c.image).where(_pictures.c.page_id == page_id, _pictures.c.turned == (turned or 0))
    size = page.width, page.height
    lines = connection.execute(select(_lines).where(_lines.c.page_id == page_id)).all()
    if quarters and lines:
        move = update(_lines).where(_lines.c.id == bindparam("line"))
        rows = [
            {"line": line.id, "outline": turned_points(line.polygon, *size, quarters)}
            | {"base": turned_points(line.baseline, *size, quarters)}
            for line in lines
        ]
        connection.execute(move.values(polygon=bindparam("outline"), baseline=bindparam("base")), rows)
    before = {"error": page.error, "unread": page.error != ""} if undone is None else undone
    skew = before.get("skew_degrees", turned_skew(page.skew_degrees, quarters))
    read_otherwise = turned is not None and not _stands(page, lines, quarters, skew)
    values: dict[str, Any] = {
        "turned": turned,
        "image": connection.execute(picture).scalar_one(),
        "skew_degrees": skew,
        "figures": [turned_box(box, *size, quarters) for box in page.figures],
        "error": before.get("error", ""),
        "unread": before.get("unread", False) or read_otherwise,
    }
    if quarters % 2:
        values |= {"width": page.height, "height": page.width}
    connection.execute(update(_pages).where(_pages.c.id == page_id).values(values))


def _stands(page: Row[Any], lines: Sequence[Row[Any]], quarters: int, skew: float) -> bool:
    """Whether a page was read as it lies once it is turned: most of its lines run from left to right."""
    baselines = [
        turned_points(line.baseline, page.width, page.height, quarters) for line in lines if line.position >= 0
    ]
    return bool(baselines) and 2 * sum(runs_level(baseline, skew) for baseline in baselines) > len(baselines)
