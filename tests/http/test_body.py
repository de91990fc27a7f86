from typing import cast

from twisted.internet.defer import CancelledError
from twisted.internet.protocol import Protocol
from twisted.trial.unittest import SynchronousTestCase
from twisted.web.iweb import IResponse
from twisted.web.server import Request as ServerRequest

from mailroom.http.body import abort, read_body
from mailroom.http.errors import ConnectionFailed
from tests.deferreds import failure_of, is_waiting, result_of
from tests.http.servers import NEVER, ScriptedServer


class ReadBodyTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.requests: list[ServerRequest] = []
        self.server = ScriptedServer(self.begin)

    def begin(self, request: ServerRequest) -> int:
        request.write(b"one ")
        self.requests.append(request)
        return NEVER

    def response(self) -> IResponse:
        return cast("IResponse", result_of(self.server.client().get("https://mail.example/", unbuffered=True)))

    def test_in_pieces(self) -> None:
        """A body is whole when its last piece has come."""
        body = read_body(self.response(), max_size=100)
        assert is_waiting(body)
        self.requests[0].write(b"two")
        self.requests[0].finish()
        self.server.flush()
        assert result_of(body) == b"one two"

    def test_broken_off(self) -> None:
        """A body whose end never came is no body."""
        body = read_body(self.response(), max_size=100, sender="mail.example")
        self.requests[0].loseConnection()
        self.server.flush()
        assert "mail.example" in str(failure_of(body, ConnectionFailed))

    def test_cancelled(self) -> None:
        """Cancelling hangs up, and what comes of that is no second result."""
        body = read_body(self.response(), max_size=100)
        body.cancel()
        failure_of(body, CancelledError)
        self.server.flush()
        assert len(self.server.left) == 1

    def test_hang_up_before_connected(self) -> None:
        """A protocol that has no connection yet has none to close."""
        protocol = Protocol()
        abort(protocol)
        assert protocol.transport is None
