"""Waiting: Retry-After as servers send it; longer with each failure, never for less than they ask, nor for ever."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from twisted.web.http_headers import Headers

from mailroom.core.retry import backoff, heeded, jittered_delay, longest_delay, retry_after, shortest_delay

NOW = 784111777.0
"""1994-11-06T08:49:37Z, the date of the examples in RFC 9110."""


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("120", 120.0),
        (" 7 ", 7.0),
        ("0", 0.0),
        ("3601", 3601.0),
        ("Sun, 06 Nov 1994 08:51:37 GMT", 120.0),
        ("Sunday, 06-Nov-94 08:51:37 GMT", 120.0),
        ("Sun Nov  6 08:51:37 1994", 120.0),
    ],
)
def test_seconds(value: str, seconds: float) -> None:
    """A number of seconds and each of HTTP's three forms of a date are read."""
    assert retry_after(Headers({"Retry-After": [value]}), NOW) == seconds


@pytest.mark.parametrize("value", ["9" * 10_000, "Sun, 06 Nov 2094 08:51:37 GMT"])
def test_an_hour_of_it_is_heeded(value: str) -> None:
    """However long a server asks to be left alone for, an hour is enough."""
    assert heeded(retry_after(Headers({"Retry-After": [value]}), NOW)) == 3600.0


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


def lowest(low: float, _high: float) -> float:
    return low


def highest(_low: float, high: float) -> float:
    return high


@pytest.mark.parametrize(
    ("failures", "seconds"), [(0, 1), (1, 2), (2, 4), (3, 8), (4, 16), (5, 32), (6, 60), (7, 60), (10**9, 60)]
)
def test_backoff(failures: int, seconds: float) -> None:
    """The wait doubles with each failure up to a minute, also for a server that has failed for years."""
    assert backoff(failures) == seconds


@pytest.mark.parametrize(
    ("failures", "asked", "shortest", "longest"),
    [
        (0, None, 0.5, 1.0),
        (3, None, 0.5, 8.0),
        (99, None, 0.5, 60.0),
        (3, 5.0, 5.0, 13.0),
        (99, 90.0, 90.0, 150.0),
        (1, 0.0, 0.5, 2.5),
        (1, 0.2, 0.5, 2.5),
        (1, 3600.0, 3600.0, 3602.0),
        (1, 1e297, 3600.0, 3602.0),
    ],
)
def test_jittered_delay(failures: int, asked: float | None, shortest: float, longest: float) -> None:
    """Jitter spreads the delay from half a second to the backoff, or on top of what the server asks for."""
    assert (jittered_delay(failures, asked, lowest), jittered_delay(failures, asked, highest)) == (shortest, longest)


@given(st.integers(0), st.none() | st.floats(0, allow_nan=False), st.randoms())
def test_jittered_delay_bounds(failures: int, asked: float | None, random: Random) -> None:
    """Whatever happens, the wait is at least half a second and the server's wish, and little more than an hour."""
    seconds = jittered_delay(failures, asked, random.uniform)
    assert max(0.5, min(asked or 0, 3600)) <= seconds <= 3660


@pytest.mark.parametrize(("asked", "seconds"), [(None, 60.0), (5.0, 60.0), (90.0, 90.0), (1e9, 3600.0)])
def test_longest_delay(asked: float | None, seconds: float) -> None:
    """Where a person is needed, the pace is a minute, or slower if the server says so."""
    assert longest_delay(asked) == seconds


@pytest.mark.parametrize(("asked", "seconds"), [(None, 0.5), (0.0, 0.5), (5.0, 5.0), (1e9, 3600.0)])
def test_shortest_delay(asked: float | None, seconds: float) -> None:
    """Where nothing failed, the next attempt comes at once, or when the server says."""
    assert shortest_delay(asked) == seconds
