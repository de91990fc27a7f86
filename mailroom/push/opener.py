"""Asking a server for its event stream."""

from collections.abc import Callable, Coroutine
from typing import Any, Final

from twisted.internet.defer import Deferred

from mailroom.core.credentials import Credentials
from mailroom.http.client import Http, Opened, Request
from mailroom.push.stream_url import stream_url

HEADER_TIMEOUT: Final = 30.0
"""Seconds from the first step of connecting to the head of the answer."""

Locate = Callable[[bool], Coroutine[Deferred[Any], Any, str | None]]
"""Finds the session's event source URL, None if there is none; asked with True, it fetches the session anew."""


class Opener:
    """Finds out where the stream is, and asks for it (RFC 8620 section 7.3).

    `http` must not ask for compression: a decompressor, or a server's compressor, holds events back.
    """

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

    async def has_moved(self) -> bool:
        """Whether the session names another event source now than when it was located last."""
        return await self._locate(False) != self._template  # noqa: FBT003 - Callable has no names for arguments

    async def open(self, url: str, last_event_id: str) -> Opened:
        """The head of the server's answer, whatever it is; a `TransportError` if there is none."""
        headers = {"Accept": "text/event-stream", "Cache-Control": "no-store"}
        if last_event_id:
            headers["Last-Event-ID"] = last_event_id
        return await self._http.open(
            Request("GET", url, headers, credentials=self._credentials, timeout=HEADER_TIMEOUT)
        )
