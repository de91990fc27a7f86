"""How long a server asks to be left alone (RFC 9110 section 10.2.3)."""

from typing import Final

from twisted.web.http import stringToDatetime
from twisted.web.http_headers import Headers

LONGEST: Final = 86_400.0
"""Seconds: a server that asks for more has made a mistake, or nobody would wait for it."""


def retry_after(headers: Headers, now: float) -> float | None:
    """The seconds from `now` (a Unix time) in Retry-After, which holds seconds or a date; None without a usable one."""
    values = headers.getRawHeaders("retry-after")
    text = values[-1].strip() if values else ""
    if text.isascii() and text.isdigit():
        return min(float(text), LONGEST)
    try:
        date = float(stringToDatetime(text.encode("ascii")))
    except (ValueError, IndexError):
        return None
    return min(max(0.0, date - now), LONGEST)
