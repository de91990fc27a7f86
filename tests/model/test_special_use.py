"""A name that plainly says trash or junk is believed, in any language, case and spelling."""

import unicodedata

import pytest

from mailroom.model.special_use import JUNK, TRASH, plain_role


@pytest.mark.parametrize(
    "name",
    [
        "Trash",
        "Deleted Items",
        "Deleted Messages",
        "Bin",
        "Papierkorb",
        "Gelöschte Elemente",
        "Gelöschte Objekte",
        "Corbeille",
        "Éléments supprimés",
        "Papelera",
        "Cestino",
        "Prullenbak",
        "Kosz",
        "Корзина",
        "ゴミ箱",
    ],
)
def test_these_say_trash(name: str) -> None:
    """In any case, and however the accents are composed (RFC 5198)."""
    spellings = {name, name.upper(), name.lower(), f" {name} ", unicodedata.normalize("NFD", name)}
    assert {plain_role(each) for each in spellings} == {TRASH}


@pytest.mark.parametrize(
    "name",
    ["Junk", "Junk E-mail", "junk_email", "Junk-E-Mail", "Spam", "Bulk Mail", "Courrier indésirable", "Unerwünscht"],
)
def test_these_say_junk(name: str) -> None:
    """Whatever divides the words."""
    assert plain_role(name) == plain_role(name.upper()) == JUNK


@pytest.mark.parametrize("name", ["Archive", "Feed", "Trash talk", "Not junk", "Binary", "Deleted scenes", "Inbox", ""])
def test_others_say_nothing(name: str) -> None:
    """A part of a name is no name."""
    assert plain_role(name) is None
