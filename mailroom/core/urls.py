"""The server URLs of the settings, as people write them and as they are fetched."""

from urllib.parse import SplitResult, urlsplit


def discovery_url(text: str, well_known: str) -> str:
    """The URL at which discovery starts.

    A full URL is used as it is. A bare host (with a port or not), or a URL without a path, stands for the well-known
    path of the service (RFC 8615) there, over https unless it says http. Raises ValueError with the remedy, which never
    quotes what may hold a password.
    """
    text = text.strip()
    try:
        parts = urlsplit(text if "://" in text else f"https://{text}")
        usable = _is_usable(parts) and text.isprintable() and " " not in text
    except ValueError:
        usable = False
    if not usable:
        raise ValueError("must be a host, such as mail.example.com, or a http(s) URL without user name and password")
    return parts._replace(path=well_known).geturl() if parts.path in {"", "/"} else parts.geturl()


def _is_usable(parts: SplitResult) -> bool:
    return bool(parts.scheme in {"http", "https"} and parts.hostname and "@" not in parts.netloc and parts.port != 0)
