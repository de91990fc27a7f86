import pytest

from mailroom.http.urls import redacted, same_origin


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
