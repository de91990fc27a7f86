"""How to ask for an address."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailroom.contacts.address_variants import address_variants, contact_uid, words
from mailroom.core.addresses import canonical_address


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("bob@example.com", {"bob@example.com"}),
        ("a b@example.com", {"a b@example.com", '"a b"@example.com'}),
        ('a"b\\@example.com', {'a"b\\@example.com', '"a\\"b\\\\"@example.com'}),
        ("bob@xn--exmple-cua.de", {"bob@xn--exmple-cua.de", "bob@exämple.de"}),
        ("jörg@xn--broken--", {"jörg@xn--broken--"}),
    ],
)
def test_spellings(address: str, expected: set[str]) -> None:
    """An address is asked for as it is, quoted where it needs quotes, and with its domain in its own script."""
    assert set(address_variants(address)) == expected


@given(st.text(min_size=1), st.sampled_from(["example.com", "xn--exmple-cua.de"]))
def test_every_spelling_means_the_address(local: str, domain: str) -> None:
    """All spellings of a canonical address are spellings of it and of no other."""
    address = canonical_address(f"{local}@{domain}")
    if address is not None and address == canonical_address(address):
        assert {canonical_address(each) for each in address_variants(address)} == {address}


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("x@y@z.org", "x y z org"),
        ("*@example.com", "example com"),
        ("o'brien_x@a-b.com", "o brien x a b com"),
        ("*@%", ""),
    ],
)
def test_words(address: str, expected: str) -> None:
    """The words of an address are what stands between everything that is neither letter nor digit."""
    assert words(address) == expected


def test_uid_depends_on_the_address_alone() -> None:
    """The uid of a sender's card is always the same, and nobody else's."""
    assert contact_uid("bob@example.com") == contact_uid("bob@example.com") == "b1c51b78-4720-546f-b8b4-b7d925d6b1b9"
    assert contact_uid("ann@example.com") != contact_uid("bob@example.com")
