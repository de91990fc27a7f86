"""A long line: a TCP forwarder that makes a server on this machine look far away."""

from collections import deque
from collections.abc import Callable

from twisted.internet.endpoints import TCP4ClientEndpoint, connectProtocol
from twisted.internet.interfaces import IReactorTCP, IReactorTime, ITCPTransport
from twisted.internet.protocol import Factory, Protocol, connectionDone
from twisted.python.failure import Failure


class LongLine(Factory):
    """Forwards each connection to a port of this machine, and takes half a round trip over it each way.

    A client can send nothing before its SYN is answered, which takes a round trip of its own, nor with TLS before a
    second one; so the first octets of a connection come `set_up` round trips later. Bandwidth is unlimited and nothing
    is lost: what is measured is waiting alone.
    """

    noisy = False

    def __init__(
        self, clock: IReactorTime, network: IReactorTCP, port: int, round_trip: float, set_up: int = 1
    ) -> None:
        self.clock = clock
        self.network = network
        self.port = port
        self.round_trip = round_trip
        self.set_up = set_up
        self.connections = 0
        """How many are open now."""
        self.last_lost_at: float | None = None
        """When a client last closed a connection, in seconds since the epoch."""
        self.carried_at = 0.0
        """When octets last came out at a client's end, in seconds since the epoch."""
        self._near_ends: set[_NearEnd] = set()

    def buildProtocol(self, _address: object) -> "_NearEnd":
        near_end = _NearEnd(self)
        self._near_ends.add(near_end)
        return near_end

    def go_dark(self) -> None:
        """Let nothing through any more on the connections of now, and tell nobody: as after a change of network."""
        for near_end in self._near_ends:
            near_end.is_dark = True
        self._near_ends.clear()


class _Way:
    """One direction of a connection: what goes in comes out in the same order, so many seconds later."""

    def __init__(self, clock: IReactorTime, seconds: float, opens_at: float = 0.0) -> None:
        self._clock = clock
        self._seconds = seconds
        self._opens_at = opens_at
        self._under_way: deque[Callable[[], None]] = deque()

    def carry(self, deliver: Callable[[], None]) -> None:
        """Deliver later. A timer takes what is first in the queue: timers of the same instant know no order."""
        self._under_way.append(deliver)
        wait = max(0.0, self._opens_at - self._clock.seconds()) + self._seconds
        self._clock.callLater(wait, self._deliver_next)

    def _deliver_next(self) -> None:
        self._under_way.popleft()()


class _NearEnd(Protocol):
    """The client's end."""

    transport: ITCPTransport

    def __init__(self, line: LongLine) -> None:
        self._line = line
        self.is_dark = False

    def connectionMade(self) -> None:
        line = self._line
        line.connections += 1
        self.transport.setTcpNoDelay(True)
        self._out = _Way(line.clock, line.round_trip / 2, opens_at=line.clock.seconds() + line.set_up * line.round_trip)
        self.back = _Way(line.clock, line.round_trip / 2)
        self._far = _FarEnd(self)
        self._connected = connectProtocol(TCP4ClientEndpoint(line.network, "127.0.0.1", line.port), self._far)
        self._connected.addErrback(lambda _refused: self.transport.abortConnection())

    def dataReceived(self, data: bytes) -> None:
        if not self.is_dark:
            self._out.carry(lambda: self._far.send(data))

    def send(self, data: bytes) -> None:
        if not self.is_dark:
            self._line.carried_at = self._line.clock.seconds()
            self.transport.write(data)

    def close(self) -> None:
        if not self.is_dark:
            self.transport.loseConnection()

    def connectionLost(self, reason: Failure = connectionDone) -> None:  # noqa: ARG002 - Twisted's signature
        self._line.connections -= 1
        self._line.last_lost_at = self._line.clock.seconds()
        if not self.is_dark:
            self._out.carry(self._far.close)


class _FarEnd(Protocol):
    """The server's end."""

    transport: ITCPTransport | None = None

    def __init__(self, near: _NearEnd) -> None:
        self._near = near

    def connectionMade(self) -> None:
        assert self.transport is not None
        self.transport.setTcpNoDelay(True)

    def send(self, data: bytes) -> None:
        if self.transport is not None:
            self.transport.write(data)

    def close(self) -> None:
        if self.transport is not None:
            self.transport.loseConnection()

    def dataReceived(self, data: bytes) -> None:
        self._near.back.carry(lambda: self._near.send(data))

    def connectionLost(self, reason: Failure = connectionDone) -> None:  # noqa: ARG002 - Twisted's signature
        self._near.back.carry(self._near.close)
