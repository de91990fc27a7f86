"""Retry-After, as servers send it."""

import pytest
from twisted.web.http_headers import Headers

from mailroom.http.retry_after import retry_after

NOW = 784111777.0
"""1994-11-06T08:49:37Z, the date of the examples in RFC 9110."""


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("120", 120.0),
        (" 7 ", 7.0),
        ("0", 0.0),
        ("3600", 3600.0),
        ("3601", 3600.0),
        ("9" * 10_000, 3600.0),
        ("Sun, 06 Nov 1994 08:51:37 GMT", 120.0),
        ("Sunday, 06-Nov-94 08:51:37 GMT", 120.0),
        ("Sun Nov  6 08:51:37 1994", 120.0),
        ("Sun, 06 Nov 2094 08:51:37 GMT", 3600.0),
    ],
)
def test_seconds(value: str, seconds: float) -> None:
    """A number of seconds and each of HTTP's three forms of a date are read, and cut to an hour."""
    assert retry_after(Headers({"Retry-After": [value]}), NOW) == seconds


@pytest.mark.parametrize(
    "value",
    [
        "",
        "soon",
        "-5",
        "+5",
        "1.5",
        "1e3",
        "\u0665",
        "Sun, 06 Nov 1994 08:49:37 GMT",
        "Sun, 06 Nov 1984 08:49:37 GMT",
        "Sun, 06 Foo 1994 08:51:37 GMT",
        "Sun, 06 Nov 1994 08 GMT",
        f"Sun, 06 Nov {'9' * 400} 08:51:37 GMT",
        "Sun",
        "6-11-94 8 GMT",
    ],
)
def test_garbage(value: str) -> None:
    """What is no number and no date to come counts as no header."""
    assert retry_after(Headers({"Retry-After": [value]}), NOW) is None


def test_undecodable() -> None:
    """Octets that are no text count as no header."""
    assert retry_after(Headers({b"Retry-After": [b"\xff\xfe"]}), NOW) is None


def test_absent() -> None:
    """Without the header there is nothing to wait for."""
    assert retry_after(Headers(), NOW) is None


def test_repeated() -> None:
    """Of several values the last one counts."""
    assert retry_after(Headers({"Retry-After": ["10", "20"]}), NOW) == 20.0
