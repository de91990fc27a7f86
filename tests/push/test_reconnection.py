"""When to connect again."""

import pytest

from mailroom.push.failures import RetryPolicy, StreamFailure
from mailroom.push.memory import Memory
from mailroom.push.reconnection import Reconnection

BUSY = StreamFailure("busy", RetryPolicy.BACK_OFF, 503)
FORBIDDEN = StreamFailure("no", RetryPolicy.SLOW, 403, second_try=True)
LOGGED_OUT = StreamFailure("who?", RetryPolicy.SLOW, 401, second_try=True)
NO_PUSH = StreamFailure("none", RetryPolicy.RARELY, 204)


def reconnection(reconnection_time: float | None = None) -> Reconnection:
    """One with the longest jitter."""
    memory = Memory(30)
    memory.reconnection_time = reconnection_time
    return Reconnection(lambda _low, high: high, memory)


def test_backoff() -> None:
    """Failures in a row make for longer and longer waits, up to a minute."""
    course = reconnection()
    assert [course.failed(BUSY) for _ in range(8)] == [2, 4, 8, 16, 32, 60, 60, 60]


def test_jitter() -> None:
    """A wait is anywhere between half a second and its ceiling."""
    asked = []

    def uniform(low: float, high: float) -> float:
        asked.append((low, high))
        return low

    course = Reconnection(uniform, Memory(30))
    course.failed(BUSY)
    course.failed(BUSY, retry_after=10)
    assert asked == [(0.5, 2), (0, 4)]


def test_an_early_end_counts_as_failure() -> None:
    """Connections that end before they are stable add up with failed attempts."""
    course = reconnection()
    assert [course.failed(BUSY), course.ended(59.9), course.ended(0)] == [2, 4, 8]


def test_a_stable_connection_ends_the_row() -> None:
    """A minute is enough to forget what failed before."""
    course = reconnection()
    waits = [course.failed(BUSY) for _ in range(5)]
    assert [*waits[-1:], course.ended(60), course.failed(BUSY)] == [32, 1, 2]


def test_connecting_does_not_end_the_row() -> None:
    """That a server accepts a connection is not enough."""
    course = reconnection()
    course.failed(BUSY)
    course.connected()
    assert course.ended(1) == 4


def test_reconnection_time() -> None:
    """A retry field is a minimum that jitter comes on top of, from then on."""
    course = reconnection(reconnection_time=5)
    assert [course.ended(60), course.failed(BUSY)] == [6, 7]


@pytest.mark.parametrize(
    ("reconnection_time", "retry_after", "seconds"),
    [(5, 20, 22), (20, 5, 22), (None, 5, 7), (None, 0, 2.5), (5, None, 7)],
)
def test_the_larger_wish_counts(reconnection_time: float | None, retry_after: float | None, seconds: float) -> None:
    """Of the reconnection time and Retry-After, whichever is longer is the minimum."""
    assert reconnection(reconnection_time).failed(BUSY, retry_after) == seconds


def test_one_more_try() -> None:
    """Of failures that a second look may cure, the first is tried again at once, and the others slowly."""
    course = reconnection()
    assert [course.failed(LOGGED_OUT) for _ in range(3)] == [0, 60, 60]


def test_one_more_try_for_each_status() -> None:
    """Each such status has its own second try."""
    course = reconnection()
    assert [course.failed(failure) for failure in (LOGGED_OUT, FORBIDDEN)] == [0, 0]


@pytest.mark.parametrize("retry_after", [None, 90])
def test_the_session_is_looked_at_again_and_again(retry_after: float | None) -> None:
    """Not once a status: what it says may change at any time, whatever the server wants of our pace."""
    course = reconnection()
    refreshed = []
    for _ in range(4):
        course.failed(FORBIDDEN, retry_after)
        refreshed.append(course.refresh_session)
        course.refresh_session = False  # as whoever fetches it does
    assert refreshed == [True] * 4


def test_the_session_is_left_alone_where_the_server_is_busy() -> None:
    """It says itself that it will pass."""
    course = reconnection()
    course.failed(BUSY)
    assert not course.refresh_session


def test_one_more_try_after_each_connection() -> None:
    """A connection that was accepted brings second tries back."""
    course = reconnection()
    course.failed(LOGGED_OUT)
    course.connected()
    assert course.failed(LOGGED_OUT) == 0


def test_no_try_against_the_servers_wish() -> None:
    """A server that wants to be left alone is, whatever a second look may cure."""
    assert reconnection().failed(LOGGED_OUT, retry_after=90) == 90


def test_a_server_without_push() -> None:
    """It is asked again, of a new session, after minutes: one such answer is often a deploy; then ever more rarely."""
    course = reconnection()
    minutes = [course.failed(NO_PUSH) / 60 for _ in range(8)]
    assert (minutes, course.refresh_session) == ([5, 10, 20, 40, 80, 160, 240, 240], True)


def test_a_server_without_push_that_wants_to_be_left_alone() -> None:
    """Its Retry-After is a minimum as ever."""
    assert reconnection().failed(NO_PUSH, retry_after=900) == 900


def test_push_that_is_there_again() -> None:
    """A connection in between starts the row over."""
    course = reconnection()
    course.failed(NO_PUSH)
    course.connected()
    assert course.failed(NO_PUSH) == 300


def test_served() -> None:
    """What ended because its work was done is followed by the next at once, and ends a row of failures."""
    course = reconnection()
    course.failed(BUSY)
    assert [course.served(2), course.failed(BUSY)] == [0.5, 2]


def test_served_too_soon() -> None:
    """A server whose connections are all done at once is not hammered."""
    course = reconnection()
    assert [course.served(0.1) for _ in range(7)] == [2, 4, 8, 16, 32, 60, 60]
