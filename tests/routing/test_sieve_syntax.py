"""The pieces of scripts."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailroom.routing.sieve_syntax import (
    ADDRESSES_PER_TEST,
    KEEP,
    NOBODY,
    Branch,
    Condition,
    Remark,
    all_of,
    any_of,
    file_into,
    from_any,
    jmap_query,
    quoted,
)
from mailroom.routing.targets import TargetMailbox


def read_back(string: str) -> str:
    """What a Sieve interpreter reads in a quoted string (RFC 5228 section 2.4.2)."""
    match = re.fullmatch(r'"((?:[^"\\]|\\.)*)"', string, re.DOTALL)
    assert match is not None, string
    return re.sub(r"\\(.)", r"\1", match[1], flags=re.DOTALL)


@given(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])))
def test_any_text_survives_quoting(text: str) -> None:
    """No name or address ends its string early, or changes in it."""
    assert read_back(quoted(text)) == text


def test_nul_cannot_be_written() -> None:
    """A parser stops at it."""
    assert quoted("a\0b") == '"ab"'


def test_json_within_a_string() -> None:
    """A group's uid may hold anything: it is escaped for JSON, and that for Sieve."""
    assert jmap_query(fromContactCardUid='a"b').text == r'jmapquery "{\"fromContactCardUid\": \"a\\\"b\"}"'


def test_addresses_come_in_short_lists() -> None:
    """Each is compared exactly, none is left out, and no list is longer than servers take."""
    addresses = [f"s{number:03}@example.com" for number in range(2 * ADDRESSES_PER_TEST + 1)]
    text = from_any(addresses).text
    assert (text.count('address :is "from"'), text.count("@example.com")) == (3, len(addresses))


def test_a_pattern_is_an_address_like_others() -> None:
    """It is compared, never matched (RFC 5228 section 2.7.1)."""
    assert from_any(["*@example.com"]).text == 'address :is "from" ["*@example.com"]'


def test_all_of_and_otherwise() -> None:
    """What holds only together, and what is done if it does not."""
    branch = Branch(all_of(Condition("a"), Condition("b")), [KEEP], [Remark("Otherwise"), KEEP])
    text = " ".join(" ".join(branch.lines).split())
    assert text == "if allof (a, b) { keep; } else { # Otherwise keep; }"


def test_an_address_with_control_characters_is_left_out() -> None:
    """No mail can come from it, and no script need hold it."""
    assert from_any(["a\r\nb@example.com", "\0@example.com", "\x85@example.com", "\ud800@example.com"]) == NOBODY


def test_invisible_characters_stay() -> None:
    """A server delivers mail from such an address, and compares them as any others."""
    assert from_any(["ze\u200bro@example.org"]).text == 'address :is "from" ["ze\u200bro@example.org"]'


def test_any_of_nothing() -> None:
    """It is never true, and says so without an empty list, which is no Sieve."""
    assert any_of([NOBODY, NOBODY]) == NOBODY
    assert from_any([]) == NOBODY


def test_extensions_add_up() -> None:
    """A script has to require what any part of it needs."""
    branch = Branch(any_of([Condition("a", frozenset({"x"})), Condition("b", frozenset({"y"}))]), [KEEP])
    assert branch.extensions == {"x", "y"}


@pytest.mark.parametrize(
    ("offered", "action", "extensions"),
    [
        ((), 'fileinto "Lists/Feed";', {"fileinto"}),
        (("mailboxid",), 'fileinto :mailboxid "F" "Lists/Feed";', {"fileinto", "mailboxid"}),
    ],
)
def test_filing(offered: tuple[str, ...], action: str, extensions: set[str]) -> None:
    """By id only where the server knows ids."""
    filing = file_into(TargetMailbox("F", "Lists/Feed"), offered)
    assert (filing.text, set(filing.extensions)) == (action, extensions)
