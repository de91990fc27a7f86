"""A short look at a server's event stream: would it push?"""

from typing import Final

from twisted.internet.defer import Deferred
from twisted.internet.protocol import Protocol, connectionDone
from twisted.python.failure import Failure

from mailroom.core.credentials import Credentials
from mailroom.http.body import abort
from mailroom.http.client import Http
from mailroom.push.failures import NoEventStream, RetryPolicy, StreamFailure
from mailroom.push.request import open_stream, stream_url

HEADER_TIMEOUT: Final = 10.0
"""Seconds from the first step of connecting to the head of the answer."""
PATIENCE: Final = 3.0
"""Seconds to wait for the first byte after that."""
ENDED: Final = StreamFailure("The server ended its event stream at once.", RetryPolicy.BACK_OFF)


async def probe(http: Http, event_source_url: str, credentials: Credentials | None) -> bool:
    """Connect, hang up as soon as the server has sent a byte, and say whether it did within the time.

    Many servers say nothing before there is news, so that a stream which was accepted and is silent is as good. Raises
    a `TransportError` or `NoEventStream`.
    """
    opened = await open_stream(http, stream_url(event_source_url), credentials, header_timeout=HEADER_TIMEOUT)
    first_bytes = _FirstBytes()
    opened.response.deliverBody(first_bytes)
    return bool(await first_bytes.heard.addTimeout(PATIENCE, http.clock, lambda _result, _seconds: b""))


class _FirstBytes(Protocol):
    """Waits for the first bytes of a body. Cancelling hangs up."""

    def __init__(self) -> None:
        self.heard: Deferred[bytes] = Deferred(lambda _heard: abort(self))

    def dataReceived(self, data: bytes) -> None:
        if not self.heard.called:
            abort(self)
            self.heard.callback(data)

    def connectionLost(self, _reason: Failure = connectionDone) -> None:
        if not self.heard.called:
            self.heard.errback(NoEventStream(ENDED))
