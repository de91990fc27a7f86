"""Which URLs share an origin, and what of one a person may see."""

from typing import Final
from urllib.parse import urlsplit

_DEFAULT_PORTS: Final = {"http": 80, "https": 443}


def same_origin(one: str, other: str) -> bool:
    """Whether two URLs share scheme, host and port (RFC 6454 section 5). What is no URL has no origin."""
    try:
        return _origin(one) == _origin(other)
    except ValueError:
        return False


def redacted(url: str) -> str:
    """A URL as it may stand in a message: without user name, password, and query, any of which may be secret."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return "a malformed URL"
    return parts._replace(netloc=parts.netloc.rpartition("@")[2], query="", fragment="").geturl()


def _origin(url: str) -> tuple[str, str | None, int | None]:
    parts = urlsplit(url)
    return parts.scheme, parts.hostname, parts.port or _DEFAULT_PORTS.get(parts.scheme)
