from twisted.internet.testing import MemoryReactorClock
from twisted.trial.unittest import SynchronousTestCase

from mailroom.http.agent import CONNECT_TIMEOUT, request_agent, request_client, stream_agent, stream_client
from tests.deferreds import result_of
from tests.http.servers import ScriptedServer


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
