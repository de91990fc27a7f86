"""What was put off, kept until somebody takes it."""

from mailroom.contacts.errors import DavBusy
from mailroom.http.throttling import Throttling


def busy(retry_after: float | None = None) -> DavBusy:
    return DavBusy("Not now.", status=503, retry_after=retry_after)


def test_nothing_was_put_off() -> None:
    """Without a note there is nothing to take."""
    assert Throttling().take() is None


def test_taken_once() -> None:
    """What one has taken is no reason for the next to wait."""
    throttling, error = Throttling(), busy()
    throttling.note(error)
    assert (throttling.take(), throttling.take()) == (error, None)


def test_the_longest_wish_counts() -> None:
    """Of several wishes the longest is kept, in whatever order they come."""
    long, short = busy(60.0), busy(5.0)
    for order in ([long, short, busy()], [busy(), short, long]):
        throttling = Throttling()
        for error in order:
            throttling.note(error)
        assert throttling.take() is long
