"""Discovery starts at the URL given, or at the well-known path of the host given."""

import pytest

from mailroom.core.setting_types import discovery_url


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("mail.example.com", "https://mail.example.com/.well-known/jmap"),
        (" mail.example.com\n", "https://mail.example.com/.well-known/jmap"),
        ("localhost:8080", "https://localhost:8080/.well-known/jmap"),
        ("[::1]:8080", "https://[::1]:8080/.well-known/jmap"),
        ("https://mail.example.com", "https://mail.example.com/.well-known/jmap"),
        ("http://mail.example.com/", "http://mail.example.com/.well-known/jmap"),
        ("HTTPS://mail.example.com/", "https://mail.example.com/.well-known/jmap"),
    ],
)
def test_a_host_stands_for_its_well_known_url(text: str, url: str) -> None:
    """Whether or not a scheme, a port or a lone slash is around it; https unless http is asked for."""
    assert discovery_url(text, "/.well-known/jmap") == url


@pytest.mark.parametrize(
    "url",
    [
        "https://api.example.com/jmap/session",
        "http://127.0.0.1:8080/jmap/",
        "https://example.com/dav/me@example.com/Default",
        "https://example.com/session?account=1",
    ],
)
def test_a_full_url_is_used_as_it_is(url: str) -> None:
    """An at sign in the path is no password."""
    assert discovery_url(url, "/.well-known/jmap") == url


@pytest.mark.parametrize(
    "text",
    [
        "",
        "https://",
        "ftp://example.com",
        "file:///etc/passwd",
        "https://example.com:0",
        "https://example.com:port",
        "https://example.com:99999",
        "https://[::1",
        "mail example com",
        "https://example.com/a b",
        "https://example.com/\x00",
        "http://[fe80::1%25eth0]:8080/",
        "http://[fe80::1%eth0]:8080/",
    ],
)
def test_what_is_no_http_url_is_refused(text: str) -> None:
    """The error says what would do."""
    with pytest.raises(ValueError, match="must be a host"):
        discovery_url(text, "/.well-known/jmap")


@pytest.mark.parametrize("text", ["https://me:sekret@example.com/", "me:sekret@example.com", "https://me:sekret@[x"])
def test_a_password_in_a_url_is_refused_and_not_quoted(text: str) -> None:
    """URLs end up in logs and in /healthz."""
    with pytest.raises(ValueError, match=r"^((?!sekret).)*$"):
        discovery_url(text, "/.well-known/jmap")
