"""One connection's octets, its silence and its end."""

from twisted.internet.defer import CancelledError
from twisted.internet.error import ConnectionLost
from twisted.internet.protocol import Protocol
from twisted.internet.task import Clock
from twisted.internet.testing import StringTransport
from twisted.python.failure import Failure
from twisted.trial.unittest import SynchronousTestCase
from twisted.web.client import ResponseDone, ResponseFailed
from twisted.web.http import PotentialDataLoss

from mailroom.http.errors import AnswerUndecodable
from mailroom.push.connection import Connection, End
from mailroom.push.idle_timeout import IdleTimeout
from mailroom.push.sse import ServerSentEvent

EVENT = b"data: x\n\n"


class ConnectionTests(SynchronousTestCase):
    """A connection over a transport that is a list of octets."""

    def setUp(self) -> None:
        self.clock = Clock()
        self.delivered: list[ServerSentEvent] = []
        self.transport = StringTransport()
        self.limit = IdleTimeout(30)
        self.connection = Connection(self.clock, "7", self.limit, self.delivered.append)
        Protocol.makeConnection(self.connection, self.transport)

    def how(self) -> End:
        end: End = self.successResultOf(self.connection.ended)
        return end

    def verify_over(self) -> None:
        assert self.transport.producerState == "stopped"
        assert self.clock.getDelayedCalls() == []

    def test_events(self) -> None:
        """Events are delivered as they come, with the id of the connection before until there is a new one."""
        self.connection.dataReceived(EVENT + b"id: 8\n" + EVENT)
        assert [event.last_event_id for event in self.delivered] == ["7", "8"]

    def test_received(self) -> None:
        """Any octet counts as something received."""
        assert not self.connection.received
        self.connection.dataReceived(b":")
        assert self.connection.received

    def test_delivered(self) -> None:
        """An event counts as something delivered, a ping does not."""
        self.connection.dataReceived(b"event: ping\ndata: {}\n\n")
        assert not self.connection.delivered
        self.connection.dataReceived(EVENT)
        assert self.connection.delivered

    def test_beats(self) -> None:
        """Pings and comments that come in time bring a limit back that had grown; events do not."""
        for data, seconds in ((b"event: ping\ndata: {}\n\n", 65), (b":\n", 65), (EVENT, 130)):
            with self.subTest(data):
                self.setUp()
                self.limit.exceeded()
                self.limit.connected(0)
                for _ in range(3):
                    self.clock.advance(30)
                    self.connection.dataReceived(data)
                assert self.limit.seconds == seconds

    def test_ends(self) -> None:
        """A body without a length ends as cleanly as one with; one that breaks off, or comes compressed, does not."""
        for error, how in (
            (ResponseDone(), End.CLOSED),
            (PotentialDataLoss(), End.CLOSED),
            (AnswerUndecodable("packs it"), End.COMPRESSED),
            (ResponseFailed([Failure(ConnectionLost())]), End.BROKEN),
            (ConnectionLost(), End.BROKEN),
        ):
            with self.subTest(type(error).__name__):
                self.setUp()
                self.connection.connectionLost(Failure(error))
                assert self.how() is how
                self.verify_over()

    def test_silence(self) -> None:
        """Silence up to the limit ends it, counted from the last octet."""
        self.clock.advance(60)
        self.connection.dataReceived(b":")
        self.clock.advance(64)
        SynchronousTestCase.assertNoResult(self, self.connection.ended)
        self.clock.advance(1)
        assert self.how() is End.SILENT
        self.verify_over()

    def test_hang_up(self) -> None:
        """It can be ended from here, once."""
        self.connection.end(End.MOVED)
        self.connection.end(End.BROKEN)
        self.connection.connectionLost(Failure(ConnectionLost()))
        assert self.how() is End.MOVED
        self.verify_over()

    def test_cancelling(self) -> None:
        """Cancelling hangs up, and what comes after that is ignored."""
        self.connection.ended.cancel()
        self.connection.dataReceived(EVENT)
        self.connection.connectionLost(Failure(ConnectionLost()))
        SynchronousTestCase.failureResultOf(self, self.connection.ended, CancelledError)
        assert self.delivered == []
        self.verify_over()
