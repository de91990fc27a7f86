"""Templates, with the examples of RFC 6570 that are of level 1."""

import pytest

from mailroom.jmap.uri_template import expand, is_template


@pytest.mark.parametrize(
    ("template", "expanded"),
    [
        ("{var}", "value"),
        ("{hello}", "Hello%20World%21"),
        ("O{empty}X", "OX"),
        ("O{undef}X", "OX"),
        ("map?{x},{y}", "map?1024,768"),
        ("{x}{x}", "10241024"),
        ("{dotted.name}", ""),
        ("{half}", "50%25"),
        ("{unreserved}", "aZ09-._~"),
        ("{reserved}", "%3A%2F%3F%23%5B%5D%40%21%24%26%27%28%29%2A%2B%2C%3B%3D"),
        ("{script}", "%C3%BC%E2%82%AC"),
        ("{braces}", "%7Bvar%7D"),
        ("https://example.com/events", "https://example.com/events"),
    ],
)
def test_expand(template: str, expanded: str) -> None:
    """Values are encoded but for the unreserved characters, and literals are kept."""
    assert (
        expand(
            template,
            var="value",
            hello="Hello World!",
            empty="",
            x=1024,
            y=768,
            half="50%",
            unreserved="aZ09-._~",
            reserved=":/?#[]@!$&'()*+,;=",
            script="\u00fc\u20ac",
            braces="{var}",
        )
        == expanded
    )


@pytest.mark.parametrize(
    "template", ["{+var}", "{#var}", "{?var}", "{var,x}", "{var:3}", "{var*}", "{}", "{var", "{v r}"]
)
def test_other_expressions(template: str) -> None:
    """What is no expression of level 1 is left as it is."""
    assert expand(template, var="value", x="1") == template


@pytest.mark.parametrize(
    ("url", "answer"), [("/events?types={types}", True), ("/events", False), ("/events?types=*&x={}", False)]
)
def test_is_template(url: str, answer: bool) -> None:  # noqa: FBT001 - a parameter of the test
    """A URL is a template if it has an expression to expand."""
    assert is_template(url) is answer
