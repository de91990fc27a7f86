"""Errors are shown as they are, so they are fit to be shown."""

from hypothesis import given
from hypothesis import strategies as st

from mailroom.core.errors import MailroomError


@given(st.text())
def test_a_message_is_one_line_without_control_characters(said: str) -> None:
    """Whatever it quotes, and wherever it is shown: under twist the log is not Mailroom's own."""
    assert f"{MailroomError(said)}".isprintable()
