"""Drawing: presses that come faster than the screen is renewed. What is drawn is tested in a browser."""

import traceback

import pytest
from streamlit.runtime.scriptrunner.script_runner import ScriptRunner

from tests.pages.conftest import Open

EMPTY = "The canvas is empty. Write something first."


def test_read_on_an_empty_canvas_is_answered_with_what_to_do(open_screen: Open) -> None:
    screen = open_screen("draw.py")
    assert not screen.warning
    screen.button(key="read_drawing").click().run()
    assert [warning.value for warning in screen.warning] == [EMPTY]


def test_clear_takes_the_answer_away_and_brings_a_new_canvas(open_screen: Open) -> None:
    screen = open_screen("draw.py")
    screen.button(key="read_drawing").click().run()
    screen.button(key="clear_drawing").click().run()
    assert not screen.warning
    assert screen.session_state["desk"].canvas == 1


@pytest.mark.parametrize("order", [("clear", "read"), ("read", "clear")])
def test_presses_that_come_in_together_clear_the_canvas_and_are_answered(
    open_screen: Open, order: tuple[str, str]
) -> None:
    screen = open_screen("draw.py")
    for name in order:
        screen.button(key=f"{name}_drawing").click()
    screen.run()
    assert screen.session_state["desk"].canvas == 1
    assert [warning.value for warning in screen.warning] == [EMPTY]


@pytest.mark.parametrize("name", ["read", "clear"])
def test_streamlit_has_no_occasion_to_break_a_press_off(
    open_screen: Open, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    screen = open_screen("draw.py")
    looked_in: set[str] = set()
    look = ScriptRunner._maybe_handle_execution_control_request

    def spy(runner: ScriptRunner) -> None:
        looked_in.update(frame.name for frame in traceback.extract_stack())
        look(runner)

    monkeypatch.setattr(ScriptRunner, "_maybe_handle_execution_control_request", spy)
    screen.button(key=f"{name}_drawing").click().run()
    assert "show" in looked_in
    assert "_execute_widget_callback" not in looked_in
    assert "call_callback" not in looked_in
