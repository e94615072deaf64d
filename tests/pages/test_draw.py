"""Drawing: what each press brings, also where several come in together. What is drawn is tested in a browser."""

from streamlit.testing.v1 import AppTest

from tests.pages.conftest import Open

EMPTY = "The canvas is empty. Write something first."


def press(screen: AppTest, *, read: int, clear: int) -> None:
    """Hand over the counts of presses, as the browser does."""
    screen.session_state["presses"] = {"counts": {"read": read, "clear": clear}}
    screen.run()
    assert not screen.exception, screen.exception


def said(screen: AppTest) -> list[str]:
    return [warning.value for warning in screen.warning]


def test_read_on_an_empty_canvas_is_answered_with_what_to_do(open_screen: Open) -> None:
    screen = open_screen("draw.py")
    assert said(screen) == []
    press(screen, read=1, clear=0)
    assert said(screen) == [EMPTY]


def test_clear_takes_the_answer_away(open_screen: Open) -> None:
    screen = open_screen("draw.py")
    press(screen, read=1, clear=0)
    press(screen, read=1, clear=1)
    assert said(screen) == []


def test_presses_that_come_in_together_are_all_answered(open_screen: Open) -> None:
    screen = open_screen("draw.py")
    press(screen, read=1, clear=1)
    assert said(screen) == [EMPTY]
    press(screen, read=3, clear=2)
    assert said(screen) == [EMPTY]
    assert screen.session_state["desk"].readings == 2
