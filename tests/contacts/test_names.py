"""Names for an address book."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailroom.contacts.names import MAX_LENGTH, display_name, fingerprint, missing_names, split_name


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
    assert display_name(name) == clean


@given(st.text(st.characters()))
def test_clean_names_are_safe(name: str) -> None:
    """Whatever a sender is called can be stored: short, without line breaks, and encodable. Removal again is idle."""
    clean = display_name(name)
    assert len(clean) <= MAX_LENGTH
    assert len(clean.splitlines()) <= 1
    assert clean.encode().decode() == clean
    assert display_name(clean) == clean


@pytest.mark.parametrize(
    ("name", "parts"),
    [("Ann Smith", ("Ann", "Smith")), ("Ann Mary Smith", ("Ann Mary", "Smith")), ("Ann", ("Ann", "")), ("", ("", ""))],
)
def test_last_word_is_the_surname(name: str, parts: tuple[str, str]) -> None:
    """A name of several words ends in the surname; a single word is a given name."""
    assert split_name(name) == parts


@given(st.text(), st.text())
def test_fingerprint_tells_names_apart(name: str, other: str) -> None:
    """The same name has the same fingerprint, and another one another."""
    assert (fingerprint(name) == fingerprint(other)) == (name == other)


def test_fingerprint_can_be_a_key() -> None:
    """A fingerprint has only characters that a key in a card may have (RFC 8620 section 1.2)."""
    assert re.fullmatch(r"[A-Za-z0-9_-]{1,255}", fingerprint("Zoë"))


def test_missing_names() -> None:
    """Names are missing, each once and in their order, that are not there in any form of Unicode."""
    assert missing_names(["b", "Caf\u00e9", "a", "b"], ["Cafe\u0301", "c"]) == ("b", "a")
