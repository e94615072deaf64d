"""How long a job still takes, judged by the pages and lines it has read."""

from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Pace:
    """Time spent so far: on `pages` up to knowing their `found` lines, and on the `lines` read of those."""

    pages: int = 0
    found: int = 0
    page_seconds: float = 0.0
    lines: int = 0
    line_seconds: float = 0.0

    def after_page(self, found: int, seconds: float) -> "Pace":
        """A page is cleaned and its lines are found."""
        pages, found = self.pages + 1, self.found + found
        return replace(self, pages=pages, found=found, page_seconds=self.page_seconds + seconds)

    def after_lines(self, lines: int, seconds: float) -> "Pace":
        """Some more lines are read."""
        return replace(self, lines=self.lines + lines, line_seconds=self.line_seconds + seconds)

    def seconds_left(self, pages: int, lines: int) -> float | None:
        """For so many pages not yet cleaned and lines found but not read; None before anything can be judged."""
        if not self.pages or (self.found and not self.lines):
            return None
        line_seconds = self.line_seconds / self.lines if self.lines else 0.0
        lines_to_come = lines + pages * self.found / self.pages
        return pages * self.page_seconds / self.pages + lines_to_come * line_seconds
