"""The event source URL, as various servers publish it."""

import pytest

from mailroom.push.stream_url import stream_url


@pytest.mark.parametrize(
    ("template", "url"),
    [
        (
            "https://mail.example/es?types={types}&closeafter={closeafter}&ping={ping}",
            "https://mail.example/es?types=Email&closeafter=no&ping=30",
        ),
        (
            "https://mail.example/es?types={types}&closeAfter={closeafter}&ping={ping}",
            "https://mail.example/es?types=Email&closeAfter=no&ping=30",
        ),
        ("https://mail.example/es/{types}/{closeafter}/{ping}/", "https://mail.example/es/Email/no/30/"),
        ("https://mail.example/es?types={types}", "https://mail.example/es?types=Email"),
        ("https://mail.example/es/", "https://mail.example/es/?types=Email&closeafter=no&ping=30"),
        ("https://mail.example/es?a=b", "https://mail.example/es?a=b&types=Email&closeafter=no&ping=30"),
        ("https://mail.example/es?types=*&ping=", "https://mail.example/es?types=*&ping=&closeafter=no"),
        ("https://mail.example", "https://mail.example?types=Email&closeafter=no&ping=30"),
    ],
)
def test_stream_url(template: str, url: str) -> None:
    """A template is expanded and nothing else; a URL without variables gets the parameters that it lacks."""
    assert stream_url(template, "no", 30) == url
