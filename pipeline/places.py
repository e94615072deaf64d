"""Where along its line a place in a text is likely to be written."""

NARROW, WIDE = set("iljtfrI.,:;'!|()[]/ "), set("mwMW—")


def share_at(text: str, offset: int) -> float:
    """How far along its line (0..1) a place in the text is likely to be written, by the usual widths of letters."""
    widths = [0.55 if letter in NARROW else 1.5 if letter in WIDE else 1.0 for letter in text]
    return sum(widths[:offset]) / sum(widths) if widths else 0.0
