import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailroom.jmap.i_json import NotIJson, TooMuchJson, decode, encode

TEXT = st.text(st.characters(exclude_categories=["Cs"]))


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | TEXT, lambda inner: st.lists(inner) | st.dictionaries(TEXT, inner)
    )
)
def test_round_trip(value: object) -> None:
    """What is sent can be read again."""
    assert decode(encode(value)) == value


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"<html>",
        b"{",
        b'{"a": 1, "a": 2}',
        b'{"a": {"b": 1, "b": 1}}',
        b'{"a": NaN}',
        b"-Infinity",
        b"\xff\xfe{}",
        b'"\xc3"',
        b"[" * 100_000,
        b"1" * 100_000,
    ],
    ids=lambda data: repr(data[:12]),
)
def test_refused(data: bytes) -> None:
    """What is no I-JSON is refused, by one error whatever it is instead."""
    with pytest.raises(NotIJson):
        decode(data)


@pytest.mark.parametrize(
    ("data", "value"),
    [
        (rb'["\ud83d\ude00"]', ["\N{GRINNING FACE}"]),
        (rb'["\uD83D\uDE00 \ud83d"]', ["\N{GRINNING FACE} \N{REPLACEMENT CHARACTER}"]),
        (rb'["a\udc00b"]', ["a\N{REPLACEMENT CHARACTER}b"]),
        (rb'["\\ud800"]', [r"\ud800"]),
    ],
)
def test_surrogates(data: bytes, value: object) -> None:
    """Pairs of surrogates are a character; half of one is replaced, and what only looks like one is left alone."""
    assert decode(data) == value


def test_byte_order_mark() -> None:
    """A byte order mark in front, which some servers send, is no part of the JSON."""
    assert decode(b"\xef\xbb\xbf{}") == {}


MAIL = {
    "id": "M0123456789abcdef",
    "mailboxIds": {"mb1": True, "mb2": True},
    "keywords": {"$seen": True},
    "from": [{"name": "Ann Example", "email": "ann@example.com"}],
    "subject": "A subject of some fifty characters, more or less",
    "receivedAt": "2026-01-01T00:00:00Z",
}
MANY = 600_000


@pytest.mark.parametrize(
    "data",
    [
        b"[" + b"[]," * MANY + b"0]",
        b"[" + b"{}," * MANY + b"0]",
        b"[" + b'{"a":0},' * MANY + b"0]",
        b"[" + b"[[[[[]]]]]," * MANY + b"0]",
        b"[" + b'"ab",' * MANY + b"0]",
        b"[" + b"0.5," * MANY + b"0]",
        b"{" + b",".join(b'"%d":0' % each for each in range(MANY)) + b"}",
        b"[" + rb'"\ud800",' * MANY + b"0]",
        b"[[" + b" [ ] ,\n" * MANY + b"0]]",
    ],
    ids=lambda data: repr(data[:12]),
)
def test_more_values_than_can_be_read(data: bytes) -> None:
    """What would become far more than its octets is refused before it does, whatever the values are."""
    with pytest.raises(TooMuchJson):
        decode(data)


@pytest.mark.parametrize("character", ["x", "é", "語", "😀"])
def test_more_text_than_can_be_read(character: str) -> None:
    """One wide character makes every other in its text as wide; the bound is on what a text becomes."""
    with pytest.raises(TooMuchJson):
        decode(b'"' + character.encode() + b"x" * 16 * 1024 * 1024 + b'"')


@pytest.mark.parametrize(
    "value",
    [
        [MAIL] * 4000,
        [{**MAIL, "subject": "\N{GRINNING FACE}"}] * 1000,
        [{"id": f"m{each}", "myRights": {f"mayDo{right}": True for right in range(9)}} for each in range(5000)],
        [{"id": "g", "members": {f"urn:uuid:{each:032x}": True for each in range(50_000)}}],
    ],
    ids=["4,000 mails", "1,000 mails with emoji, escaped", "5,000 mailboxes", "50,000 members"],
)
def test_what_large_accounts_have_can_be_read(value: object) -> None:
    """Several times of what Mailroom asks for at once is within the bound."""
    assert decode(encode(value)) == value
