"""A network in memory on which everything takes its time: what connections cost, counted in round trips."""

from collections import deque
from collections.abc import Callable
from typing import Any

from twisted.internet.defer import Deferred
from twisted.internet.error import ConnectionDone
from twisted.internet.interfaces import IProtocolFactory, IStreamClientEndpoint
from twisted.internet.protocol import Protocol
from twisted.internet.task import Clock, deferLater
from twisted.internet.testing import StringTransport
from twisted.python.failure import Failure
from twisted.web.client import URI, Agent, HTTPConnectionPool
from twisted.web.iweb import IAgentEndpointFactory
from twisted.web.resource import IResource
from twisted.web.server import Site
from zope.interface import implementer

from mailroom.http.agent import RenewingAgent
from mailroom.http.pool import ConnectionPool


@implementer(IAgentEndpointFactory)
class SlowNetwork:
    """One server, under whatever host names, so many seconds away there and back.

    A connection can be used `setup` round trips after it was begun: one is for TCP, one for TLS. `hosts` holds the
    name that each was made to, `connected` the server's side of those that are open, and `carried_at` is when octets
    arrived anywhere for the last time. `agent` is for requests, `streams` for event streams.
    """

    def __init__(self, clock: Clock, resource: IResource, round_trip: float, setup: int = 2) -> None:
        self.clock = clock
        self.round_trip = round_trip
        self.setup = setup
        self.hosts: list[str] = []
        self.connected: list[_End] = []
        self.site = Site(resource, reactor=clock)
        self.site.timeOut = None  # nothing but the test closes a connection
        self.pool = ConnectionPool(clock)
        self.agent = RenewingAgent(Agent.usingEndpointFactory(clock, self, self.pool), self.pool)
        streams = HTTPConnectionPool(clock, persistent=False)
        self.streams = Agent.usingEndpointFactory(clock, self, streams)
        self.carried_at = 0.0

    def endpointForURI(self, uri: URI) -> IStreamClientEndpoint:  # noqa: N802 - Twisted's name
        return _Endpoint(self, uri.host.decode())

    def go_dark(self) -> None:
        """Nothing goes over the connections of now any more, and nobody is told, as after a change of network."""
        for end in self.connected:
            end.is_dark = end.other.is_dark = True

    def close_all(self) -> None:
        """The server closes every connection, and its client hears of it."""
        for end in tuple(self.connected):
            end.loseConnection()
        self.clock.advance(self.round_trip)


@implementer(IStreamClientEndpoint)
class _Endpoint:
    def __init__(self, network: SlowNetwork, host: str) -> None:
        self._network = network
        self._host = host

    def connect(self, factory: IProtocolFactory) -> Deferred[Any]:
        network = self._network
        network.hosts.append(self._host)
        return deferLater(network.clock, network.setup * network.round_trip, self._connected, factory)

    def _connected(self, factory: IProtocolFactory) -> Any:
        client: Any = factory.buildProtocol(None)  # type: ignore[arg-type]  # nobody looks at the address
        server: Any = self._network.site.buildProtocol(None)
        near, far = _End(self._network, client), _End(self._network, server)
        near.other, far.other = far, near
        self._network.connected.append(far)
        server.makeConnection(far)
        client.makeConnection(near)
        return client


class _End(StringTransport):
    """One end of a connection: what is written comes out at the other one half a round trip later, in its order."""

    other: "_End"

    def __init__(self, network: SlowNetwork, protocol: Any) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # untyped in Twisted
        self._network = network
        self._protocol: Protocol = protocol
        self._under_way: deque[Callable[[], None]] = deque()
        self._is_closed = False
        self.is_dark = False

    def write(self, data: bytes) -> None:
        self._send(lambda: self.other.receive(data))

    def writeSequence(self, data: Any) -> None:  # noqa: N802 - Twisted's name
        self.write(b"".join(data))

    def loseConnection(self) -> None:  # noqa: N802 - Twisted's name
        self._send(self.other.close)
        self._network.clock.callLater(0, self.close)

    def abortConnection(self) -> None:  # noqa: N802 - Twisted's name
        self.loseConnection()

    def receive(self, data: bytes) -> None:
        if not self._is_closed:
            self._network.carried_at = self._network.clock.seconds()
            self._protocol.dataReceived(data)

    def close(self) -> None:
        if not self._is_closed:
            self._is_closed = True
            if self in self._network.connected:
                self._network.connected.remove(self)
            self._protocol.connectionLost(Failure(ConnectionDone()))

    def _send(self, deliver: Callable[[], None]) -> None:
        if self.is_dark:
            return
        self._under_way.append(deliver)
        self._network.clock.callLater(self._network.round_trip / 2, self._deliver_next)

    def _deliver_next(self) -> None:
        self._under_way.popleft()()
