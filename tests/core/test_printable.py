"""Text fit to be shown."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailroom.core.printable import MAX_QUOTED, counted, one_line, quotation


@given(st.text())
def test_nothing_controls_anything(text: str) -> None:
    """One line of printable characters comes of every text."""
    assert one_line(text).isprintable()


@given(st.text().filter(str.isprintable))
def test_printable_text_stays_as_it_is(text: str) -> None:
    """In every script."""
    assert one_line(text) == text


@given(st.text() | st.binary())
def test_quotation_is_short_and_printable(said: str | bytes) -> None:
    """Whatever a server sends, its words take no more than one line."""
    assert quotation(said).isprintable()
    assert len(quotation(said)) <= MAX_QUOTED


def test_quotation_says_what_was_said() -> None:
    """White space is made one space; what would talk to a terminal has a mark in its place."""
    assert quotation(" No\r\n  such \x1b[31mbook. ") == "No such \N{REPLACEMENT CHARACTER}[31mbook."


def test_quotation_of_octets_reads_them_as_text() -> None:
    """As far as they are UTF-8, and no further than it tells of them."""
    assert quotation("Bücher\n".encode() + b"\xff") == "Bücher \N{REPLACEMENT CHARACTER}"
    assert quotation("\N{PERSON BOWING DEEPLY}".encode() * 1000) == "\N{PERSON BOWING DEEPLY}" * MAX_QUOTED


@pytest.mark.parametrize(("count", "words"), [(0, "0 mails"), (1, "1 mail"), (2, "2 mails"), (21, "21 mails")])
def test_one_of_something_is_told_as_one(count: int, words: str) -> None:
    """And nothing of it as several."""
    assert counted(count, "mail") == words
