"""The head of an answer, bounded: Twisted bounds each line of it, and not how many there are.

Twisted's parser keeps every header, and goes on past as many provisional answers (`100 Continue`) as a server cares to
send, each with a line in the log. So whatever comes is counted between it and the connection, from the moment that a
request goes out until the parser stops the connection, which it does where a body begins. Until then it gets what comes
in small pieces, so that a bound is noticed soon after it is passed.
"""

from collections.abc import Iterable
from typing import Any, Final

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IProtocolFactory, IStreamClientEndpoint
from twisted.internet.protocol import Protocol, connectionDone
from twisted.protocols.policies import ProtocolWrapper, WrappingFactory
from twisted.python.failure import Failure
from zope.interface import implementer

from mailroom.http.errors import HeadTooLarge

MAX_SIZE: Final = 128 * 1024
"""How many octets a head may have, with all provisional answers before it. Usual ones have one or two thousand."""
MAX_LINES: Final = 1024
"""How many lines these may have."""
MAX_LINE_SIZE: Final = 16384
"""How many octets a line may have; the bound is Twisted's."""
_PIECE: Final = 2048


@implementer(IStreamClientEndpoint)
class BoundedEndpoint:
    """Connects for HTTP, and counts what comes over the connection."""

    def __init__(self, endpoint: IStreamClientEndpoint) -> None:
        self._endpoint = endpoint

    def connect(self, protocolFactory: IProtocolFactory) -> Deferred[Any]:  # noqa: N803 - Twisted's name
        connected: Deferred[Any] = self._endpoint.connect(_bounding(protocolFactory))
        return connected.addCallback(lambda wrapper: wrapper.wrappedProtocol)


class _BoundedHead(ProtocolWrapper):
    """A connection that is closed, for the reason that it names, by a head over the bounds."""

    transport: Any  # of TCP or of TLS: it can do more than Twisted's types tell

    def __init__(self, factory: WrappingFactory[Any], wrapped: Protocol) -> None:
        super().__init__(factory, wrapped)
        self._in_head = False
        self._size = 0
        self._lines = 0
        self._problem: Failure | None = None

    def write(self, data: bytes) -> None:
        self._begin()
        self.transport.write(data)

    def writeSequence(self, data: Iterable[bytes]) -> None:  # noqa: N802 - Twisted's name
        self._begin()
        self.transport.writeSequence(data)

    def pauseProducing(self) -> None:
        self._in_head = False
        self.transport.pauseProducing()

    def dataReceived(self, data: bytes) -> None:
        if self.disconnecting:  # a TLS peer need not end its side, and may send on for ever
            self.transport.abortConnection()
            return
        while data and self._in_head and self._problem is None:
            if self._size > MAX_SIZE or self._lines > MAX_LINES:
                self._refuse(f"more than {MAX_SIZE} octets or {MAX_LINES} lines")
                return
            piece, data = data[:_PIECE], data[_PIECE:]
            self._size += len(piece)
            self._lines += piece.count(b"\n")
            self.wrappedProtocol.dataReceived(piece)
        if data and self._problem is None:
            self.wrappedProtocol.dataReceived(data)

    def loseConnection(self) -> None:  # noqa: N802 - Twisted's name
        """Within a head, that is what the parser does with a line that is too long. It says no reason."""
        if self._in_head:
            self._refuse(f"a line of more than {MAX_LINE_SIZE} octets")
        else:
            self.disconnecting = 1
            self.transport.loseConnection()

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        super().connectionLost(self._problem or reason)  # type: ignore[no-untyped-call]  # untyped in Twisted

    def _begin(self) -> None:
        """A request goes out. Its body is written at once with its head, before anything of the answer can come."""
        self._in_head, self._size, self._lines = True, 0, 0

    def _refuse(self, what: str) -> None:
        if self._problem is None:
            self._problem = Failure(HeadTooLarge(f"answers with headers of {what}, which is more than is read."))
            self.transport.abortConnection()


def _bounding(factory: IProtocolFactory) -> IProtocolFactory:
    bounding = WrappingFactory[_BoundedHead](factory)  # type: ignore[no-untyped-call]  # untyped in Twisted
    bounding.protocol = _BoundedHead
    return bounding
