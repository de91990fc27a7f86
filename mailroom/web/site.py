"""What a connection to the web port may cost: one request, some seconds, and no more octets than fit into a head.

It carries one request, so that nothing queues up behind an answer. It ends after some seconds, whatever its peer does.
The oldest gives way when there are too many, so that whoever asks and goes is answered, however many others linger.
Short bodies are read and dropped, for a peer may look for an answer only when it has sent all; others are not read.
"""

from typing import Any, Final

from twisted.internet.interfaces import IDelayedCall, IReactorTime
from twisted.internet.protocol import connectionDone
from twisted.python.failure import Failure
from twisted.web import server
from twisted.web.http import HTTPChannel, Request
from twisted.web.http_headers import Headers
from twisted.web.resource import IResource
from twisted.web.server import Site

from mailroom.web.front import HEADERS, Front

LIFETIME: Final = 10.0
"""Seconds from the beginning of a connection to its end."""
MOST_CONNECTIONS: Final = 100
LONGEST_BODY: Final = 64 * 1024
"""Octets. What is shorter is kept in memory until the answer is given."""
_BAD_REQUEST: Final = b"This is no request of HTTP/1.1 that could be answered.\n"


class QuietSite(Site):
    """A site that neither fills the log with every request nor shows its inside to strangers."""

    noisy = False

    def __init__(self, resource: IResource, clock: IReactorTime, timeout: float | None = 60.0) -> None:
        Site.__init__(self, resource, reactor=clock, timeout=timeout, parsePOSTFormSubmission=False)
        self.displayTracebacks = False

    def log(self, request: Request) -> None:
        """Say nothing."""


class _Channel(HTTPChannel):
    """A connection."""

    site: "BoundedSite"
    transport: Any
    _end: IDelayedCall
    _is_over = False

    def connectionMade(self) -> None:
        HTTPChannel.connectionMade(self)
        self._end = self.site.reactor.callLater(LIFETIME, self.transport.abortConnection)
        self.site.opened(self)

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        self.site.closed(self)
        if self._end.active():
            self._end.cancel()
        HTTPChannel.connectionLost(self, reason)

    def dataReceived(self, data: bytes) -> None:
        """Read on until there is an answer: from then on, all else is dropped, as long as the answer is on its way."""
        if not self._is_over:
            HTTPChannel.dataReceived(self, data)

    def loseConnection(self) -> None:  # noqa: N802 - the name is Twisted's
        self._is_over = True
        HTTPChannel.loseConnection(self)

    def checkPersistence(self, request: Request, version: bytes) -> bool:  # noqa: ARG002, N802 - the names are Twisted's
        """One request it is."""
        request.responseHeaders.setRawHeaders("Connection", ["close"])
        return False

    def headerReceived(self, line: bytes) -> bool:  # noqa: N802 - the name is Twisted's
        """Refuse a length with more digits than Python makes a number of, too."""
        try:
            accepted: bool = HTTPChannel.headerReceived(self, line)
        except ValueError:
            self._respondToBadRequestAndDisconnect()
            return False
        return accepted

    def allHeadersReceived(self) -> None:  # noqa: N802 - the name is Twisted's
        if self.length is None or self.length > LONGEST_BODY:
            # To the channel the request is complete by this, and it is answered now. No file is made for the body.
            self.length = 0
        HTTPChannel.allHeadersReceived(self)

    def lineLengthExceeded(self, line: bytes) -> None:  # noqa: ARG002, N802 - the names are Twisted's
        self._respondToBadRequestAndDisconnect()

    def _respondToBadRequestAndDisconnect(self) -> None:  # noqa: N802 - the name is Twisted's
        """Refuse what is no HTTP as everything else is refused: the channel's own answer has no headers at all.

        A private name, but the only place that all such refusals come through.
        """
        headers = Headers({name: [value] for name, value in HEADERS.items()})
        headers.addRawHeader("Connection", "close")
        headers.addRawHeader("Content-Type", "text/plain; charset=utf-8")
        headers.addRawHeader("Content-Length", str(len(_BAD_REQUEST)))
        HTTPChannel.writeHeaders(self, b"HTTP/1.1", b"400", b"Bad Request", headers)
        self.transport.write(_BAD_REQUEST)
        self.loseConnection()


class _Request(server.Request):
    """A request whose target may have any of the forms of RFC 9112 section 3.2."""

    def process(self) -> None:
        """Make a path of the target: absolute forms name the host in place of the Host header."""
        scheme, _separator, rest = self.path.partition(b"://")
        if rest and scheme.lower() in {b"http", b"https"}:
            authority, _slash, path = rest.partition(b"/")
            self.requestHeaders.setRawHeaders("Host", [authority])
            self.path = b"/" + path
        elif not self.path.startswith(b"/"):
            self.path = b"/" + self.path
        server.Request.process(self)


class BoundedSite(QuietSite):
    """A site for what is only read, at a port that anybody on the machine or the network may connect to."""

    protocol = _Channel  # type: ignore[assignment]  # its annotation knows Twisted's own channel only
    requestFactory = _Request  # noqa: N815 - the name is Twisted's

    def __init__(self, resource: IResource, clock: IReactorTime) -> None:
        QuietSite.__init__(self, Front(resource), clock, timeout=None)
        self._open: dict[_Channel, None] = {}

    def acceptableProtocols(self) -> list[bytes]:  # noqa: N802 - the name is Twisted's
        """Over TLS too, HTTP/1.1 is all that is spoken: HTTP/2 would need bounds of its own."""
        return [b"http/1.1"]

    def opened(self, connection: _Channel) -> None:
        """Count a connection, and let the oldest give way if that is one too many."""
        self._open[connection] = None
        if len(self._open) > MOST_CONNECTIONS:
            oldest = next(iter(self._open))
            self.closed(oldest)
            oldest.transport.abortConnection()

    def closed(self, connection: _Channel) -> None:
        """Count a connection no more."""
        self._open.pop(connection, None)
