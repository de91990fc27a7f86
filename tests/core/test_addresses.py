"""Two addresses are one sender exactly if their canonical forms are equal."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailroom.core.addresses import canonical_address, is_plain, sender_problem


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("BOB@Example.COM", "bob@example.com"),
        (" bob@example.com\t", "bob@example.com"),
        ("bob@example.com.", "bob@example.com"),
        ("bob@example.com .", "bob@example.com"),
        ("bob@example。com。", "bob@example.com"),
        ('"bob"@example.com', "bob@example.com"),
        ('"b\\"ob"@example.com', 'b"ob@example.com'),
        ("bob@bücher.example", "bob@xn--bcher-kva.example"),
        ("bob@BÜCHER.example", "bob@xn--bcher-kva.example"),
        ("bob@straße.example", "bob@xn--strae-oqa.example"),
        ("BOB@XN--BCHER-KVA.example", "bob@bücher.example"),
        ("mailto:bob@example.com", "bob@example.com"),
        (" MAILTO:Bob@Example.com ", "bob@example.com"),
        ("Mailto: bob@example.com?subject=Hello", "bob@example.com"),
        ("mailto:a%25b@example.com", "a%b@example.com"),
        ("rene\N{COMBINING ACUTE ACCENT}@example.com", "ren\N{LATIN SMALL LETTER E WITH ACUTE}@example.com"),
    ],
)
def test_other_spellings_are_the_same_sender(one: str, other: str) -> None:
    """Case, quotes, white space, a trailing dot and the script of the domain do not make another sender."""
    assert canonical_address(one) == canonical_address(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("bob+news@example.com", "bob@example.com"),
        ("b.ob@example.com", "bob@example.com"),
        ("bob@example.com", "bob@mail.example.com"),
        ("jobob@example.com", "bob@example.com"),
        ("bob@strasse.example", "bob@straße.example"),
        ('"a b"@example.com', "ab@example.com"),
        ("x@y@example.com", "x@example.com"),
        ("ze\u200bro@example.com", "zero@example.com"),
        ("ze\u00adro@example.com", "zero@example.com"),
        ("\u00a0zero@example.com", "zero@example.com"),
        ("bob@exam\u00adple.com", "bob@example.com"),
        ("bob@exam\u200bple.com", "bob@example.com"),
        ("bob@bü\u00adcher.example", "bob@bücher.example"),
    ],
)
def test_tags_dots_and_parts_make_other_senders(one: str, other: str) -> None:
    """What is only alike is not the same sender."""
    assert canonical_address(one) != canonical_address(other)


@pytest.mark.parametrize("text", ["", " ", "bob", "@example.com", "bob@", "bob@ ", "bob@.", '""@example.com', "@"])
def test_text_without_both_parts_is_no_sender(text: str) -> None:
    """JMAP may hand out any text as an address; without a local part and a domain it is none."""
    assert canonical_address(text) is None


@pytest.mark.parametrize(
    "control", ["\0", "\t", "\n", "\r", "\x1b", "\x7f", "\x80", "\x85", "\x9f", "\u2028", "\ud800"]
)
def test_control_characters_leave_no_sender(control: str) -> None:
    """Wherever they stand, except for white space around it all; and the reason is told."""
    for text in (f"bo{control}b@example.com", f"bob@exam{control}ple.com", f"mailto:{control}b@example.com"):
        if control != "\t" or "mailto" not in text:
            assert canonical_address(text) is None
            assert sender_problem(text) == "its sender's address holds control characters"


@pytest.mark.parametrize(
    "address", ["*@a.example", '"*"@a.example', "b*@a.example", "b?b@a.example", "%@a.example", "b@*.a"]
)
def test_a_sender_who_may_be_read_as_a_pattern_is_a_problem(address: str) -> None:
    """Though he is told from all others, other programs may take him for all of them."""
    assert canonical_address(address) is not None
    assert "may be read as a pattern" in str(sender_problem(address))


@pytest.mark.parametrize(
    "address",
    ["bob@example.com", "b_b+tag=x/y!#$&'^`{|}~@example.com", '"a b"@x', "x@y@z", "zé\u200bro@bücher.example"],
)
def test_others_are_none(address: str) -> None:
    """However odd."""
    assert sender_problem(address) is None


@given(st.text())
def test_any_text_is_a_sender_with_both_parts_or_none(text: str) -> None:
    """Senders write what they like; nothing of it raises."""
    canonical = canonical_address(text)
    assert canonical is None or all(canonical.rpartition("@"))


@pytest.mark.parametrize("address", ["bob@example.com", "b.o-b+tag_1@mail.example.co", "bob@localhost"])
def test_ordinary_addresses_are_plain(address: str) -> None:
    """They can be searched for as they are."""
    assert is_plain(address)


@pytest.mark.parametrize(
    "address",
    ["*@example.com", "a b@example.com", "x@y@z", "*", "bób@example.com", "-bob@example.com", 'b"@x', "b@x\n"],
)
def test_what_a_search_might_read_as_a_pattern_is_not_plain(address: str) -> None:
    """Wildcards, several words, quotes, leading minus, non-ASCII: a server's search may do anything with them."""
    assert not is_plain(address)


@pytest.mark.parametrize(
    "address", ["a" * 1000 + "@example.com", "a@" + "ü" * 1000 + ".com", "a@" + "b." * 500 + "com"]
)
def test_what_is_far_too_long_is_no_sender(address: str) -> None:
    """No mail can come from it, and to read it may take seconds; the reason is told without it."""
    assert canonical_address(address) is None
    problem = sender_problem(address)
    assert problem is not None
    assert len(problem) < 100
