"""Numbers as the report writes them."""


def percent(share: float) -> str:
    """With the digits that mean something: 4.31 %, 25.8 %, 100 %."""
    return f"{100 * share:.{2 if share < 0.0995 else 1 if share < 0.9995 else 0}f}\u00a0%"


def between(interval: tuple[float, float]) -> str:
    return f"{percent(interval[0])[:-2]} to {percent(interval[1])}"
