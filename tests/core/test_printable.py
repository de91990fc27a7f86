"""Text fit to be shown."""

from hypothesis import given
from hypothesis import strategies as st

from mailroom.core.printable import one_line


@given(st.text())
def test_nothing_controls_anything(text: str) -> None:
    """One line of printable characters comes of every text."""
    assert one_line(text).isprintable()


@given(st.text().filter(str.isprintable))
def test_printable_text_stays_as_it_is(text: str) -> None:
    """In every script."""
    assert one_line(text) == text
