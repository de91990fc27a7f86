"""Which connection a request gets, and what is opened before there is one."""

from typing import Any

from twisted.internet import error
from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IProtocolFactory, IStreamClientEndpoint
from twisted.internet.task import Clock
from twisted.internet.testing import StringTransport
from twisted.python.failure import Failure
from twisted.trial.unittest import SynchronousTestCase
from zope.interface import implementer

from mailroom.http.pool import IDLE_CONNECTION_TIMEOUT, ConnectionPool
from tests.deferreds import failure_of, is_waiting, result_of

KEY = (b"https", b"mail.example", 443)


@implementer(IStreamClientEndpoint)
class Endpoint:
    """Connects when the test says so."""

    def __init__(self) -> None:
        self.begun = 0
        self.connecting: list[tuple[Deferred[Any], IProtocolFactory]] = []
        self.cancelled = 0

    def connect(self, factory: IProtocolFactory) -> Deferred[Any]:
        self.begun += 1
        connecting: Deferred[Any] = Deferred(self.cancel)
        self.connecting.append((connecting, factory))
        return connecting

    def cancel(self, connecting: Deferred[Any]) -> None:
        self.cancelled += 1
        self.connecting = [each for each in self.connecting if each[0] is not connecting]

    def accept(self) -> Any:
        """The connection that was begun first comes about; the protocol on it."""
        connecting, factory = self.connecting.pop(0)
        protocol: Any = factory.buildProtocol(None)  # type: ignore[arg-type]  # nobody looks at the address
        protocol.makeConnection(StringTransport())
        connecting.callback(protocol)
        return protocol

    def refuse(self) -> None:
        """The connection that was begun first does not come about."""
        self.connecting.pop(0)[0].errback(error.ConnectionRefusedError())


class PoolTestCase(SynchronousTestCase):
    """A pool that has been asked once for a connection to a host, and has it back."""

    def setUp(self) -> None:
        self.clock = Clock()
        self.pool = ConnectionPool(self.clock)
        self.endpoint = Endpoint()
        self.first = self.used(self.take())

    def take(self) -> Deferred[Any]:
        """What a request gets its connection by."""
        return self.pool.getConnection(KEY, self.endpoint)

    def used(self, connection: Deferred[Any]) -> Any:
        """A request has come to its end, and its connection is back."""
        protocol = self.endpoint.accept() if is_waiting(connection) else result_of(connection)
        protocol._quiescentCallback(protocol)
        return protocol

    def keep(self, count: int) -> list[Any]:
        """So many connections at the same time, given back in this order."""
        return [self.used(connection) for connection in [self.take() for _ in range(count)]]


class ConnectionForARequestTests(PoolTestCase):
    """A request gets the connection that was used last; those that nobody needs end by themselves."""

    def test_the_newest(self) -> None:
        """It is the least likely to have been closed at the other end."""
        *_others, newest = self.keep(3)
        assert result_of(self.take()) is newest

    def test_a_closed_one_is_passed_over(self) -> None:
        """What the server has closed meanwhile costs nothing: the request gets one that is open."""
        *_others, open_one, closed_one = self.keep(3)
        closed_one.connectionLost(Failure(error.ConnectionDone()))
        assert result_of(self.take()) is open_one

    def test_a_new_one_where_none_is_open(self) -> None:
        self.first.connectionLost(Failure(error.ConnectionDone()))
        assert is_waiting(self.take())

    def test_the_rest_is_closed(self) -> None:
        """Requests one after another keep one connection alive, and the others are closed at their limit."""
        *others, newest = self.keep(3)
        for _poll in range(3):
            self.clock.advance(IDLE_CONNECTION_TIMEOUT - 1)
            self.used(self.take())
        assert [each.transport.disconnecting for each in (*others, newest)] == [True, True, False]


class PreconnectTests(PoolTestCase):
    """Connections are opened before requests come, as many as are missing, and a request never opens one more."""

    def test_what_is_missing(self) -> None:
        """What is kept and what is being opened already counts."""
        self.pool.preconnect(KEY, 3)
        assert self.endpoint.begun == 1 + 2
        self.pool.preconnect(KEY, 4)
        assert self.endpoint.begun == 1 + 3

    def test_what_the_server_has_closed_is_missing(self) -> None:
        self.first.connectionLost(Failure(error.ConnectionDone()))
        self.pool.preconnect(KEY, 1)
        assert self.endpoint.begun == 1 + 1

    def test_a_request_gets_one(self) -> None:
        """One that has been opened is handed out like any other."""
        self.pool.preconnect(KEY, 2)
        opened = self.endpoint.accept()
        assert result_of(self.take()) is opened

    def test_a_request_waits_for_one(self) -> None:
        """A request that finds none open takes one that is being opened, and no new one."""
        self.pool.preconnect(KEY, 2)
        self.take()
        waiting = self.take()
        assert is_waiting(waiting)
        assert self.endpoint.accept() is result_of(waiting)
        assert self.endpoint.begun == 1 + 1

    def test_more_requests_than_connections(self) -> None:
        """Each connection is one request's; whoever comes too late opens another."""
        self.pool.preconnect(KEY, 2)
        taken = [self.take() for _ in range(3)]
        assert self.endpoint.begun == 1 + 2
        assert len({id(result_of(taken[0])), *(id(self.endpoint.accept()) for _ in range(2))}) == 3

    def test_one_that_is_refused(self) -> None:
        """Nobody is told, and nothing is left of it."""
        self.pool.preconnect(KEY, 2)
        self.endpoint.refuse()
        assert self.flushLoggedErrors() == []  # type: ignore[no-untyped-call]  # untyped in Twisted
        assert result_of(self.take()) is self.first
        self.take()
        assert self.endpoint.begun == 1 + 2

    def test_one_that_is_refused_while_a_request_waits(self) -> None:
        """The request fails as if it had opened the connection itself."""
        self.pool.preconnect(KEY, 2)
        self.take()
        waiting = self.take()
        self.endpoint.refuse()
        failure_of(waiting, error.ConnectionRefusedError)

    def test_an_unused_one_is_closed(self) -> None:
        """What nobody came for ends at the limit of kept ones."""
        self.pool.preconnect(KEY, 2)
        unused = self.endpoint.accept()
        self.clock.advance(IDLE_CONNECTION_TIMEOUT)
        assert unused.transport.disconnecting

    def test_an_unknown_origin(self) -> None:
        """Where no request has gone, none is expected."""
        self.pool.preconnect((b"https", b"other.example", 443), 2)
        assert self.endpoint.begun == 1

    def test_kept_connections_are_dropped(self) -> None:
        """With the kept ones go those that are being opened, but for what a request waits for."""
        self.pool.preconnect(KEY, 4)
        self.take()
        waiting = self.take()
        self.pool.closeCachedConnections()
        assert (self.endpoint.cancelled, is_waiting(waiting)) == (2, True)
