import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailroom.jmap.i_json import NotIJson, decode, encode

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
