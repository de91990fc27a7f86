"""Asking a server for its event stream (RFC 8620 section 7.3)."""

from collections.abc import Callable, Coroutine, Mapping
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode, urlsplit

from twisted.internet.defer import Deferred
from twisted.web.iweb import IResponse

from mailroom.core.credentials import Credentials, CredentialsError
from mailroom.core.retry import retry_after
from mailroom.http.body import discard
from mailroom.http.client import Http, Opened, Request
from mailroom.http.urls import redacted
from mailroom.jmap.uri_template import expand, is_template
from mailroom.push.failures import NoEventStream, failure_of_response
from mailroom.push.memory import Memory, Source

TYPES: Final = "Email"
"""The one type whose changes Mailroom acts on."""
PING: Final = 30
"""Seconds between pings: RFC 8620 section 7.3 lets no server have a minimum above this, nor a maximum below 300."""
HEADER_TIMEOUT: Final = 30.0
"""Seconds from the first step of connecting to the head of the answer."""

Locate = Callable[[bool], Coroutine[Deferred[Any], Any, str | None]]
"""Finds the session's event source URL, None if there is none; asked with True, it fetches the session anew."""


class Opener:
    """Finds out where the stream of a session is, each time that it is to be opened, and opens it.

    `account` tells whose account the session that was located last is of.
    """

    def __init__(
        self,
        http: Http,
        locate: Locate,
        credentials: Credentials | None,
        ping: int,
        account: Callable[[], object] = lambda: None,
    ) -> None:
        self._http = http
        self._locate = locate
        self._credentials = credentials
        self._ping = ping
        self._account = account
        self.source = Source(None, None, None)
        """What was located last."""

    async def locate(self, *, refresh: bool) -> Source:
        """Look at the session for what to ask for. Raises what the session's own errors are."""
        self.source = await self._found(refresh)
        return self.source

    def shown(self, url: str) -> str:
        """A URL as it may be told."""
        return self._http.redaction.text(redacted(url))

    async def has_moved(self) -> bool:
        """Whether the session names another event source now, or another account, than when it was located last."""
        return await self._found(False) != self.source  # noqa: FBT003 - as it is called below

    def login_has_changed(self) -> bool:
        """Whether the secret was replaced since. One that cannot be read may be in the middle of it."""
        authorization = self._authorization()
        return authorization is not None and authorization != self.source.authorization

    async def open(self, template: str, closeafter: str, memory: Memory) -> IResponse:
        """The stream, of which only the head is read yet. Raises what `open_stream` does.

        The last event ID goes to where it is from: the URL of the session, or the one that that redirected to then.
        """
        url = stream_url(template, closeafter, self._ping)
        headers = {"Last-Event-ID": memory.last_event_id} if memory.last_event_id else {}
        headers_at = {memory.redirected_to or url: headers}
        opened = await open_stream(self._http, url, self._credentials, headers_at=headers_at)
        memory.opened(redirected_to="" if opened.url == url else opened.url)
        return opened.response

    async def _found(self, refresh: bool) -> Source:  # noqa: FBT001 - as Locate is called
        template = await self._locate(refresh)
        return Source(template, self._account(), self._authorization())

    def _authorization(self) -> str | None:
        try:
            return None if self._credentials is None else self._credentials.authorization()
        except CredentialsError:
            return None


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
    headers_at: Mapping[str, Mapping[str, str]] | None = None,
    header_timeout: float = HEADER_TIMEOUT,
) -> Opened:
    """A response that is an event stream, of which only the head is read yet.

    `http` must not ask for compression: a decompressor, or a server's compressor, holds events back. `headers_at` are
    those of a `Request`, `header_timeout` is in seconds. Raises a `TransportError`, or a `NoEventStream` that says why
    the answer is none.
    """
    headers = {"Accept": "text/event-stream", "Cache-Control": "no-store"}
    opened = await http.open(
        Request("GET", url, headers, credentials=credentials, timeout=header_timeout, headers_at=headers_at or {})
    )
    response = opened.response
    failure = failure_of_response(response.code, response.headers, url, opened.url, http.redaction)
    if failure is not None:
        discard(response)
        raise NoEventStream(failure, retry_after(response.headers, http.wall_clock()))
    return opened
