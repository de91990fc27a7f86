"""Waiting: longer with each failure, never shorter than the server asks, and never for ever."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailroom.push.backoff import ceiling, delay, longest_delay, shortest_delay


def lowest(low: float, _high: float) -> float:
    return low


def highest(_low: float, high: float) -> float:
    return high


@pytest.mark.parametrize(
    ("failures", "seconds"), [(0, 1), (1, 2), (2, 4), (3, 8), (4, 16), (5, 32), (6, 60), (7, 60), (10**9, 60)]
)
def test_ceiling(failures: int, seconds: float) -> None:
    """The ceiling doubles with each failure up to a minute, and a stream that has failed for years still has one."""
    assert ceiling(failures) == seconds


@pytest.mark.parametrize(
    ("failures", "floor", "shortest", "longest"),
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
def test_delay(failures: int, floor: float | None, shortest: float, longest: float) -> None:
    """Jitter spreads the delay from half a second to the ceiling, or on top of what the server asks for."""
    assert (delay(failures, floor, lowest), delay(failures, floor, highest)) == (shortest, longest)


@given(st.integers(0), st.none() | st.floats(0, allow_nan=False), st.randoms())
def test_bounds(failures: int, floor: float | None, random: Random) -> None:
    """Whatever happens, the wait is at least half a second and the server's wish, and little more than an hour."""
    seconds = delay(failures, floor, random.uniform)
    assert max(0.5, min(floor or 0, 3600)) <= seconds <= 3660


@pytest.mark.parametrize(("floor", "seconds"), [(None, 60.0), (5.0, 60.0), (90.0, 90.0), (1e9, 3600.0)])
def test_longest_delay(floor: float | None, seconds: float) -> None:
    """Where a person is needed, the pace is a minute, or slower if the server says so."""
    assert longest_delay(floor) == seconds


@pytest.mark.parametrize(("floor", "seconds"), [(None, 0.5), (0.0, 0.5), (5.0, 5.0), (1e9, 3600.0)])
def test_shortest_delay(floor: float | None, seconds: float) -> None:
    """Where nothing failed, the next attempt comes at once, or when the server says."""
    assert shortest_delay(floor) == seconds
