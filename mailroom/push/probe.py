"""A short look at a server's event stream: would it push?"""

from typing import Final

from twisted.internet.defer import Deferred
from twisted.internet.protocol import Protocol, connectionDone
from twisted.python.failure import Failure

from mailroom.core.credentials import Credentials
from mailroom.core.errors import MailroomError
from mailroom.http.body import abort
from mailroom.http.client import Http, Request
from mailroom.push.connection import discard
from mailroom.push.eventsource import PING
from mailroom.push.failures import failure_of_response
from mailroom.push.stream_url import stream_url

HEADER_TIMEOUT: Final = 10.0
"""Seconds from the first step of connecting to the head of the answer."""
PATIENCE: Final = 3.0
"""Seconds to wait for the first byte after that."""


class PushRefused(MailroomError):
    """The server answers with something that is no event stream."""


async def probe(http: Http, event_source_url: str, credentials: Credentials | None) -> bool:
    """Connect, hang up as soon as the server has sent a byte, and say whether it did within the time.

    Many servers say nothing before there is news, so that a stream which was accepted and is silent is as good. Raises
    a `TransportError` or `PushRefused`.
    """
    url = stream_url(event_source_url, "no", PING)
    headers = {"Accept": "text/event-stream", "Cache-Control": "no-store"}
    opened = await http.open(Request("GET", url, headers, credentials=credentials, timeout=HEADER_TIMEOUT))
    refused = failure_of_response(opened.response.code, opened.response.headers, url, opened.url)
    if refused is not None:
        discard(opened.response)
        raise PushRefused(refused.message)
    listener = _Listener()
    opened.response.deliverBody(listener)
    return bool(await listener.heard.addTimeout(PATIENCE, http.clock, lambda _result, _seconds: b""))


class _Listener(Protocol):
    """Waits for the first bytes of a body. Cancelling hangs up."""

    def __init__(self) -> None:
        self.heard: Deferred[bytes] = Deferred(lambda _heard: abort(self))

    def dataReceived(self, data: bytes) -> None:
        if not self.heard.called:
            abort(self)
            self.heard.callback(data)

    def connectionLost(self, _reason: Failure = connectionDone) -> None:
        if not self.heard.called:
            self.heard.errback(PushRefused("The server ended its event stream at once."))
