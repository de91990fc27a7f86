"""Names for an address book."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailroom.contacts.names import MAX_LENGTH, clean_name, split_name


@pytest.mark.parametrize(
    ("name", "clean"),
    [
        ("Ann Smith", "Ann Smith"),
        ("  Ann\r\n\tSmith \x00", "Ann Smith"),
        ("Ann\u2028Smith\ud800", "Ann Smith"),
        ("\u202enosreP dnuoS\u202c", "nosreP dnuoS"),
        ("Zoë 👩\u200d🚀 李", "Zoë 👩\u200d🚀 李"),
        ("\x07", ""),
    ],
)
def test_names_are_cleaned(name: str, clean: str) -> None:
    """A name is one line without controls, and otherwise in any script."""
    assert clean_name(name) == clean


@given(st.text(st.characters()))
def test_clean_names_are_safe(name: str) -> None:
    """Whatever a sender is called can be stored: short, without line breaks, and encodable. Cleaning again is idle."""
    clean = clean_name(name)
    assert len(clean) <= MAX_LENGTH
    assert len(clean.splitlines()) <= 1
    assert clean.encode().decode() == clean
    assert clean_name(clean) == clean


@pytest.mark.parametrize(
    ("name", "parts"),
    [("Ann Smith", ("Ann", "Smith")), ("Ann Mary Smith", ("Ann Mary", "Smith")), ("Ann", ("Ann", "")), ("", ("", ""))],
)
def test_last_word_is_the_surname(name: str, parts: tuple[str, str]) -> None:
    """A name of several words ends in the surname; a single word is a given name."""
    assert split_name(name) == parts
