from typing import cast

from twisted.internet import error
from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.testing import MemoryReactorClock
from twisted.python.failure import Failure
from twisted.trial.unittest import SynchronousTestCase
from twisted.web.client import RequestTransmissionFailed, ResponseNeverReceived
from twisted.web.http_headers import Headers
from twisted.web.iweb import IResponse

from mailroom.http.agent import (
    CONNECT_TIMEOUT,
    RenewingAgent,
    WholeBody,
    request_agent,
    request_client,
    stream_agent,
    stream_client,
)
from mailroom.http.pool import ConnectionPool
from tests.deferreds import failure_of, result_of
from tests.http.servers import FailingAgent, ScriptedServer


class ClientTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.server = ScriptedServer(lambda _request: b"")

    def encodings(self) -> list[str] | None:
        return list(self.server.received[0].headers.getRawHeaders("accept-encoding") or ())

    def test_body_goes_out_without_a_reactor(self) -> None:
        """A body is on its way at once, whatever reactor there is."""
        result_of(request_client(self.server.agent).post("https://mail.example/", data=b"{}"))
        assert self.server.received[0].body == b"{}"

    def test_requests_may_be_compressed(self) -> None:
        """Answers to requests may come compressed."""
        result_of(request_client(self.server.agent).get("https://mail.example/"))
        assert self.encodings() == ["gzip"]

    def test_streams_are_never_compressed(self) -> None:
        """A stream asks for no compression, which would hold its events back."""
        result_of(stream_client(self.server.agent).get("https://mail.example/"))
        assert self.encodings() == ["identity"]


class AgentTests(SynchronousTestCase):
    def test_connect_timeout(self) -> None:
        """A host that does not answer is given up in good time, for requests and for streams."""
        for make in (request_agent, stream_agent):
            reactor = MemoryReactorClock()
            make(reactor).request(b"GET", b"http://192.0.2.1/").addErrback(lambda _failed: None)
            reactor.advance(CONNECT_TIMEOUT)
            assert [timeout for _host, _port, _factory, timeout, _address in reactor.tcpClients] == [CONNECT_TIMEOUT]


class Pool:
    """Counts how often the kept connections were closed."""

    def __init__(self) -> None:
        self.closed = 0

    def closeCachedConnections(self) -> None:
        self.closed += 1


class RenewingAgentTests(SynchronousTestCase):
    def request(self, *errors: Exception) -> Deferred[IResponse]:
        self.pool = Pool()
        self.failing = FailingAgent(errors, ScriptedServer(lambda _request: b"hello").agent)
        agent = RenewingAgent(self.failing, cast("ConnectionPool", self.pool))
        return agent.request(b"POST", b"https://mail.example/", Headers(), WholeBody(b"{}"))

    def test_a_connection_that_was_closed_is_replaced(self) -> None:
        """Also for a POST, and after the other kept connections are closed, which are likely to be dead too."""
        for kind in (ResponseNeverReceived, RequestTransmissionFailed):
            assert result_of(self.request(kind([Failure(error.ConnectionLost())]))).code == 200
            assert self.pool.closed == 1

    def test_a_request_is_sent_twice_at_most(self) -> None:
        """A server that closes every connection is not hammered."""
        lost = ResponseNeverReceived([Failure(error.ConnectionDone())])
        failure_of(self.request(lost, lost, lost), ResponseNeverReceived)
        assert self.failing.attempts == 2

    def test_other_failures_are_final(self) -> None:
        """A request that timed out may well have arrived, and one that was cancelled is not wanted any more."""
        for reason in (error.TimeoutError(), CancelledError()):
            failure_of(self.request(ResponseNeverReceived([Failure(reason)])), ResponseNeverReceived)
            assert self.failing.attempts == 1

    def test_a_refused_connection_is_final(self) -> None:
        """Where no connection came about, none was stale."""
        failure_of(self.request(error.ConnectionRefusedError()), error.ConnectionRefusedError)
        assert self.failing.attempts == 1
