"""How JMAP writes points in time."""

from datetime import UTC, datetime


def utc_date(seconds: float) -> str:
    """A UTCDate (RFC 8620 section 1.4), from seconds since the epoch."""
    return datetime.fromtimestamp(int(seconds), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def seconds_of(date: str) -> float:
    """The reverse; ValueError for what is no date."""
    return datetime.fromisoformat(date).timestamp()
