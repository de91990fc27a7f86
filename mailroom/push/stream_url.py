"""Where to ask for the event stream (RFC 8620 section 7.3)."""

from typing import Final
from urllib.parse import parse_qsl, urlencode, urlsplit

from mailroom.jmap.uri_template import expand, is_template

TYPES: Final = "Email"
"""The one type whose changes Mailroom acts on."""


def stream_url(template: str, closeafter: str, ping: int) -> str:
    """The session's event source URL with our parameters in it; `ping` is in seconds.

    A template says itself where they go, and how it calls them. To a URL that is no template, as some servers publish
    against the letter of the RFC, they are added under the RFC's own names, unless it has them already.
    """
    if is_template(template):
        return expand(template, types=TYPES, closeafter=closeafter, ping=ping)
    parts = urlsplit(template)
    present = {name for name, _value in parse_qsl(parts.query, keep_blank_values=True)}
    parameters = {"types": TYPES, "closeafter": closeafter, "ping": ping}
    added = urlencode({name: value for name, value in parameters.items() if name not in present})
    return parts._replace(query="&".join(filter(None, [parts.query, added]))).geturl()
