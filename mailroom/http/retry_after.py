"""When a server says how long it wants to be left alone (RFC 9110 section 10.2.3)."""

from typing import Final

from twisted.web.http import stringToDatetime
from twisted.web.http_headers import Headers

LONGEST: Final = 3600.0
"""Seconds that are believed: a server's slip must not silence Mailroom for days."""
_MAX_DIGITS: Final = 300


def retry_after(headers: Headers, now: float) -> float | None:
    """The seconds that Retry-After asks to wait, at most an hour.

    It gives them as a number or as a date, which is compared with `now`, in seconds since the epoch. What is neither,
    and a date that is over, is as good as no header.
    """
    values = headers.getRawHeaders(b"retry-after") or [b""]
    value: bytes = values[-1].strip()
    seconds = float(value[:_MAX_DIGITS]) if value.isdigit() else _seconds_until(value, now)
    return None if seconds is None else min(seconds, LONGEST)


def _seconds_until(date: bytes, now: float) -> float | None:
    try:
        seconds = stringToDatetime(date) - now
    except (ValueError, IndexError, OverflowError):
        return None
    return seconds if seconds > 0 else None
