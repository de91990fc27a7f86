"""How long to leave a server alone. Pure: the caller brings the time and the randomness.

The theory. Three things decide how long it takes until the same is tried again:

- **failures in a row**: `backoff` doubles with each, up to a minute.
- **what the server asks for**: by Retry-After (RFC 9110 section 10.2.3) in any answer that is no success, most often a
  429 or 503, and by the `retry` field of an event stream (HTML standard section 9.2.6). It is a minimum, and an hour of
  it is heeded: a slip of the server must not silence Mailroom for days.
- **who can help**: where another attempt helps only if a person has changed something, as after a refused login, there
  is at most one a minute. Servers count failed logins. Some refuse a good login that has come too often in just the
  same way, so one that was accepted before (`MailroomError.accepted_before`) is tried again by `backoff`.

Who asks, and where it is honoured:

- A JMAP request and a CardDAV request read Retry-After with `retry_after`, and the error that they raise carries it as
  `MailroomError.retry_after`. If it ends the poll, `polling.debounce.Debounce.fail` puts off the next one, the
  interval's own included. So does what a server puts off within an answer that is a success otherwise, a single object
  or card: `http.throttling` holds it until the poll is over.
- A request for the event stream reads it likewise, and so does a request for the session in front of it.
  `push.reconnection.Reconnection` puts off the next connection, and keeps what a `retry` field has set for all to come.

Jitter is for the stream alone: many clients lose theirs at the same moment, while polls began at different ones.
"""

from collections.abc import Callable
from typing import Final

from twisted.web.http import stringToDatetime
from twisted.web.http_headers import Headers

Uniform = Callable[[float, float], float]
"""A number drawn from between two, as `random.uniform` draws it."""

MAX_BACKOFF: Final = 60.0
"""Seconds that failures alone make us wait at most, and what we wait at least where only a person can help."""
MAX_RETRY_AFTER: Final = 3600.0
"""Seconds of a server's own wish that are heeded."""
MIN_DELAY: Final = 0.5
"""Seconds between two connections of a stream, at the least."""
_MAX_DOUBLINGS: Final = 6
_MAX_DIGITS: Final = 300


def retry_after(headers: Headers, now: float) -> float | None:
    """The seconds that Retry-After asks to wait, however many.

    It gives them as a number or as a date, which is compared with `now`, in seconds since the epoch. What is neither,
    and a date that is over, is as good as no header.
    """
    values = headers.getRawHeaders(b"retry-after") or [b""]
    value: bytes = values[-1].strip()
    # A float holds 308 digits; int() would refuse to read more than some thousands.
    return float(value[:_MAX_DIGITS]) if value.isdigit() else _seconds_until(value, now)


def heeded(asked: float | None) -> float:
    """The seconds of a server's wish that count; 0 where it has none."""
    return min(asked or 0.0, MAX_RETRY_AFTER)


def backoff(failures: int) -> float:
    """`min(60, 2**n)` seconds for n failures in a row, the last one included."""
    return min(MAX_BACKOFF, 2.0 ** min(failures, _MAX_DOUBLINGS))


def jittered_delay(failures: int, asked: float | None, uniform: Uniform) -> float:
    """Seconds to wait after so many failures in a row: "full jitter", so that many clients do not come back at once.

    What the server asked for is a minimum (HTML standard section 9.2.3): the jitter comes on top of it.
    """
    if asked is None:
        return uniform(MIN_DELAY, backoff(failures))
    return shortest_delay(asked) + uniform(0.0, backoff(failures))


def longest_delay(asked: float | None = None) -> float:
    """Seconds to wait where another attempt helps only if a person has changed something."""
    return max(MAX_BACKOFF, heeded(asked))


def shortest_delay(asked: float | None = None) -> float:
    """Seconds to wait where nothing has failed."""
    return max(MIN_DELAY, heeded(asked))


def _seconds_until(date: bytes, now: float) -> float | None:
    try:
        seconds = stringToDatetime(date) - now
    except (ValueError, IndexError, OverflowError):
        return None
    return seconds if seconds > 0 else None
