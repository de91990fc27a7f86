"""Asking a server for its event stream (RFC 8620 section 7.3)."""

from collections.abc import Callable, Coroutine
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode, urlsplit

from twisted.internet.defer import Deferred
from twisted.web.iweb import IResponse

from mailroom.core.credentials import Credentials
from mailroom.core.retry import retry_after
from mailroom.http.body import discard
from mailroom.http.client import Http, Request
from mailroom.http.urls import redacted
from mailroom.jmap.uri_template import expand, is_template
from mailroom.push.failures import NoEventStream, failure_of_response

TYPES: Final = "Email"
"""The one type whose changes Mailroom acts on."""
PING: Final = 30
"""Seconds between pings: RFC 8620 section 7.3 lets no server have a minimum above this, nor a maximum below 300."""
HEADER_TIMEOUT: Final = 30.0
"""Seconds from the first step of connecting to the head of the answer."""

Locate = Callable[[bool], Coroutine[Deferred[Any], Any, str | None]]
"""Finds the session's event source URL, None if there is none; asked with True, it fetches the session anew."""


class Opener:
    """Finds out where the stream of a session is, each time that it is to be opened, and opens it."""

    def __init__(self, http: Http, locate: Locate, credentials: Credentials | None, ping: int) -> None:
        self._http = http
        self._locate = locate
        self._credentials = credentials
        self._ping = ping
        self._template: str | None = None

    async def locate(self, *, refresh: bool, closeafter: str) -> str | None:
        """The URL to ask, or None if the server has no event source. Raises what the session's own errors are."""
        self._template = await self._locate(refresh)
        return None if self._template is None else stream_url(self._template, closeafter, self._ping)

    def shown(self, url: str) -> str:
        """A URL as it may be told."""
        return self._http.redaction.text(redacted(url))

    async def has_moved(self) -> bool:
        """Whether the session names another event source now than when it was located last."""
        return await self._locate(False) != self._template  # noqa: FBT003 - Callable has no names for arguments

    async def open(self, url: str, last_event_id: str) -> IResponse:
        """The stream, of which only the head is read yet. Raises what `open_stream` does."""
        return await open_stream(self._http, url, self._credentials, last_event_id=last_event_id)


def stream_url(template: str, closeafter: str = "no", ping: int = PING, types: str = TYPES) -> str:
    """The session's event source URL with our parameters in it; `ping` is in seconds, `types` are divided by commas.

    A template says itself where they go, and how it calls them. To a URL that is no template, as some servers publish
    against the letter of the RFC, they are added under the RFC's own names, unless it has them already.
    """
    if is_template(template):
        return expand(template, types=types, closeafter=closeafter, ping=ping)
    parts = urlsplit(template)
    present = {name for name, _value in parse_qsl(parts.query, keep_blank_values=True)}
    parameters = {"types": types, "closeafter": closeafter, "ping": ping}
    added = urlencode({name: value for name, value in parameters.items() if name not in present})
    return parts._replace(query="&".join(filter(None, [parts.query, added]))).geturl()


async def open_stream(
    http: Http,
    url: str,
    credentials: Credentials | None,
    *,
    last_event_id: str = "",
    header_timeout: float = HEADER_TIMEOUT,
) -> IResponse:
    """A response that is an event stream, of which only the head is read yet.

    `http` must not ask for compression: a decompressor, or a server's compressor, holds events back. `header_timeout`
    is in seconds. Raises a `TransportError`, or a `NoEventStream` that says why the answer is none.
    """
    headers = {"Accept": "text/event-stream", "Cache-Control": "no-store"}
    if last_event_id:
        headers["Last-Event-ID"] = last_event_id
    opened = await http.open(Request("GET", url, headers, credentials=credentials, timeout=header_timeout))
    response = opened.response
    failure = failure_of_response(response.code, response.headers, url, opened.url, http.redaction)
    if failure is not None:
        discard(response)
        raise NoEventStream(failure, retry_after(response.headers, http.wall_clock()))
    return response
