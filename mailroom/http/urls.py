"""Which URLs share an origin, what of one a person may see, and how one is sent."""

from typing import Final
from urllib.parse import urlsplit

from hyperlink import EncodedURL

MAX_URL: Final = 8000
"""How many characters a URL may have (RFC 9110 section 4.1): a server names it once, and it is sent each time."""
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


def sendable(url: str) -> EncodedURL:
    """A URL as treq takes it. `ValueError` if it is none."""
    return _Url.from_text(url)


class _Url(EncodedURL):
    """Stands in for hyperlink's, which takes an IPv6 address for a host name to be put into ASCII, and fails."""

    __slots__ = ()

    def to_uri(self) -> EncodedURL:
        if ":" not in self.host:
            return super().to_uri()
        return EncodedURL.to_uri(self.replace(host="")).replace(host=self.host)


def _origin(url: str) -> tuple[str, str | None, int | None]:
    parts = urlsplit(url)
    return parts.scheme, parts.hostname, parts.port or _DEFAULT_PORTS.get(parts.scheme)
