"""How much of status lines and headers a server may send."""

from typing import Any

from twisted.internet.defer import Deferred
from twisted.internet.error import ConnectionAborted
from twisted.internet.testing import MemoryReactorClock
from twisted.python.failure import Failure
from twisted.trial.unittest import SynchronousTestCase

from mailroom.http.agent import request_agent, request_client
from mailroom.http.client import Answer, Http, Request
from mailroom.http.errors import HeadTooLarge
from mailroom.http.head import MAX_LINE_SIZE, MAX_LINES, MAX_SIZE
from tests.deferreds import failure_of, is_waiting, result_of
from tests.http.socket_transport import SocketTransport

STATUS = b"HTTP/1.1 200 OK\r\n"
END = b"Content-Length: 5\r\n\r\nhello"


class HeadTests(SynchronousTestCase):
    """Headers are read up to a bound. What goes over it is an error that names the bound, and ends the connection."""

    def setUp(self) -> None:
        self.reactor = MemoryReactorClock()
        self.http = Http(request_client(request_agent(self.reactor)), self.reactor)
        self.answer = self.ask()
        factory: Any = self.reactor.tcpClients[0][2]
        self.transport = SocketTransport()
        self.addCleanup(self.transport.socket.close)
        self.connection = factory.buildProtocol(None)
        self.connection.makeConnection(self.transport)

    def ask(self) -> Deferred[Answer]:
        return Deferred.fromCoroutine(self.http.fetch(Request("GET", "http://192.0.2.1/")))

    def send(self, *pieces: bytes) -> None:
        """The server sends, until the client has closed the connection."""
        for piece in pieces:
            if not self.transport.disconnecting:
                self.connection.dataReceived(piece)
        if self.transport.disconnecting:
            self.connection.connectionLost(Failure(ConnectionAborted()))

    def assert_too_large(self, *named: int) -> None:
        error = failure_of(self.answer, HeadTooLarge)
        assert all(str(each) in str(error) for each in (*named, "http://192.0.2.1/"))
        assert self.transport.disconnected

    def test_many_headers(self) -> None:
        """A head of a hundred kilobytes, in whatever pieces, is read, and so is the body behind it."""
        head = STATUS + b"".join(b"X-%d: %s\r\n" % (each, b"x" * 1000) for each in range(100)) + END
        self.send(*(head[at : at + 1000] for at in range(0, len(head), 1000)))
        assert result_of(self.answer).body == b"hello"

    def test_a_long_line(self) -> None:
        """A header of almost the bound is read."""
        self.send(STATUS + b"X: " + b"x" * (MAX_LINE_SIZE - 10) + b"\r\n" + END)
        assert len(result_of(self.answer).header("x") or "") == MAX_LINE_SIZE - 10

    def test_too_long_a_line(self) -> None:
        """A header over the bound of a line is told as that, not as a lost connection."""
        self.send(STATUS + b"X: " + b"x" * MAX_LINE_SIZE + b"\r\n" + END)
        self.assert_too_large(MAX_LINE_SIZE)

    def test_a_line_without_an_end(self) -> None:
        """What never becomes a line is not kept."""
        self.send(STATUS + b"X: ", *[b"x" * 1000] * 100)
        self.assert_too_large(MAX_LINE_SIZE)

    def test_a_status_line_without_an_end(self) -> None:
        """The first line is one like the others."""
        self.send(b"HTTP/1.1 200 ", *[b"x" * 1000] * 100)
        self.assert_too_large(MAX_LINE_SIZE)

    def test_headers_without_an_end(self) -> None:
        """Many long headers are too many octets."""
        self.send(STATUS, *[b"X: " + b"x" * 10_000 + b"\r\n"] * 1000)
        self.assert_too_large(MAX_SIZE)

    def test_short_headers_without_an_end(self) -> None:
        """Many short headers are too many lines, also if they all come at once."""
        self.send(STATUS + b"X:\r\n" * 16_000)
        self.assert_too_large(MAX_LINES)

    def test_a_folded_header_without_an_end(self) -> None:
        """Lines that continue a header are lines."""
        self.send(STATUS + b"X: x\r\n", b" x\r\n" * 16_000)
        self.assert_too_large(MAX_LINES)

    def test_provisional_answers_without_an_end(self) -> None:
        """Answers that only announce one are counted with it."""
        self.send(*[b"HTTP/1.1 100 Continue\r\n\r\n"] * 10_000)
        self.assert_too_large(MAX_LINES)

    def test_a_provisional_answer(self) -> None:
        """An announcement or two are nothing special."""
        self.send(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n" + STATUS + END)
        assert result_of(self.answer).body == b"hello"

    def test_a_body_is_not_counted(self) -> None:
        """Many octets and lines of a body are no head's."""
        body = b"\r\n" * MAX_SIZE
        self.send(STATUS + b"Content-Length: %d\r\n\r\n" % len(body) + body)
        assert result_of(self.answer).body == body

    def test_the_next_answer_counts_anew(self) -> None:
        """A kept connection may bring any number of heads, each within the bounds."""
        head = STATUS + b"X: x\r\n" * (MAX_LINES // 2)
        for _answer in range(4):
            self.send(head + END)
            assert result_of(self.answer).body == b"hello"
            self.answer = self.ask()
        assert is_waiting(self.answer)
        assert len(self.reactor.tcpClients) == 1
        self.answer.addErrback(lambda _failure: None)
        self.answer.cancel()
