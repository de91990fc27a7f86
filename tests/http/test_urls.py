import pytest

from mailroom.http.urls import redacted, same_origin, sendable


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("https://a.example/x", "https://a.example/y?z", True),
        ("https://A.example/", "https://a.example:443/", True),
        ("http://a.example:80/", "http://a.example/", True),
        ("https://a.example/", "http://a.example/", False),
        ("https://a.example/", "https://b.example/", False),
        ("https://a.example/", "https://a.example:8443/", False),
        ("https://a.example/", "https://a.example.evil/", False),
        ("https://[oops/", "https://[oops/", False),
        ("https://a.example:port/", "https://a.example:port/", False),
    ],
)
def test_same_origin(one: str, other: str, same: bool) -> None:  # noqa: FBT001 - a column of the table
    """An origin is scheme, host and port, the latter also where it is not written."""
    assert same_origin(one, other) is same


@pytest.mark.parametrize(
    ("url", "seen"),
    [
        ("https://a.example:8443/path?token=hush#hush", "https://a.example:8443/path"),
        ("https://ann:hush@a.example/path", "https://a.example/path"),
        ("https://ann:hu@sh@a.example/path", "https://a.example/path"),
        ("https://[hush", "a malformed URL"),
    ],
)
def test_shown(url: str, seen: str) -> None:
    """What a person sees of a URL holds nothing that may be secret."""
    assert redacted(url) == seen


@pytest.mark.parametrize(
    ("url", "sent"),
    [
        ("http://[::1]:8080/", "http://[::1]:8080/"),
        ("http://[::1]:8080/a%2Fb?c=%20", "http://[::1]:8080/a%2Fb?c=%20"),
        ("https://[2001:DB8::1]/jmap/", "https://[2001:DB8::1]/jmap/"),
        ("http://127.0.0.1:8080/", "http://127.0.0.1:8080/"),
        ("https://b\u00fccher.example/\u00e4", "https://xn--bcher-kva.example/%C3%A4"),
    ],
)
def test_addresses_in_place_of_names(url: str, sent: str) -> None:
    """A host is sent as it is if it is an address, of either version, and in ASCII if it is a name."""
    assert sendable(url).to_uri().to_text() == sent
