"""Requests to the web port as octets, for what no well-behaved client would send."""

from twisted.internet.address import IPv4Address
from twisted.internet.error import ConnectionDone
from twisted.internet.interfaces import IAddress
from twisted.internet.protocol import Protocol
from twisted.internet.task import Clock
from twisted.internet.testing import StringTransport
from twisted.python.failure import Failure
from twisted.trial.unittest import SynchronousTestCase
from twisted.web.server import Site

from mailroom.polling.status import PollStatus
from mailroom.push.status import StreamState, StreamStatus
from mailroom.web.health import Health, health_site

LOOPBACK = IPv4Address("TCP", "127.0.0.1", 8080)


class Visit:
    """A connection to the web port."""

    def __init__(self, protocol: Protocol, address: IAddress) -> None:
        self._protocol = protocol
        self._transport = StringTransport(address)
        protocol.makeConnection(self._transport)

    def hang_up(self) -> None:
        """End it from this side."""
        self._protocol.connectionLost(Failure(ConnectionDone()))

    def send(self, octets: bytes) -> None:
        """Send something, in one piece."""
        self._protocol.dataReceived(octets)

    @property
    def answer(self) -> bytes:
        """What has come back so far."""
        octets: bytes = self._transport.value()
        return octets

    @property
    def status(self) -> int:
        """The HTTP status of the answer."""
        return int(self.answer.split()[1])

    @property
    def head(self) -> dict[str, str]:
        """The headers of the answer, with their names in lower case."""
        lines = self.answer.partition(b"\r\n\r\n")[0].decode().split("\r\n")[1:]
        return {name.lower(): value for name, _colon, value in (line.partition(": ") for line in lines)}

    @property
    def hung_up_on(self) -> bool:
        """Whether the connection was ended from the other side."""
        return bool(self._transport.disconnecting or self._transport.disconnected)


class VisitTestCase(SynchronousTestCase):
    """The web port of a service that has just started."""

    def setUp(self) -> None:
        self.clock = Clock()
        polls, stream = PollStatus(self.clock), StreamStatus(StreamState.CONNECTING)
        self.site = health_site(Health(polls, lambda: stream, poll_interval=60.0), self.clock)

    def connect(self, address: IAddress = LOOPBACK) -> Visit:
        """A new connection, which has come to this address."""
        return Visit(Site.buildProtocol(self.site, None), address)

    def visit(self, request: bytes, address: IAddress = LOOPBACK) -> Visit:
        """What comes of these octets on a connection of their own."""
        visit = self.connect(address)
        visit.send(request)
        return visit

    def get(self, target: bytes = b"/healthz", host: bytes = b"localhost", address: IAddress = LOOPBACK) -> Visit:
        """What comes of a GET."""
        return self.visit(b"GET %s HTTP/1.1\r\nHost: %s\r\n\r\n" % (target, host), address)
