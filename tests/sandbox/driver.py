"""How the tests talk to a sandbox: as any client would, over HTTP, but in memory."""

import json
from collections.abc import Callable, Mapping
from typing import Any, cast

from treq.client import HTTPClient
from treq.testing import RequestTraversalAgent
from twisted.internet.defer import Deferred
from twisted.internet.protocol import Protocol
from twisted.internet.task import Clock
from twisted.python.failure import Failure
from twisted.trial.unittest import SynchronousTestCase
from twisted.web.http_headers import Headers
from twisted.web.iweb import IResponse

from mailroom.http.agent import request_client
from mailroom.http.body import abort, read_body
from mailroom.sandbox import Sandbox, SandboxOptions
from mailroom.sandbox.jmap.core import CORE
from mailroom.sandbox.web.session import account_capabilities

ORIGIN = "http://sandbox.example"
USING = [
    "urn:ietf:params:jmap:core",
    "urn:ietf:params:jmap:mail",
    "urn:ietf:params:jmap:contacts",
]


class Listener(Protocol):
    """Collects the bytes of an event stream."""

    def __init__(self) -> None:
        self.received = b""
        self.is_over = False

    def dataReceived(self, data: bytes) -> None:
        self.received += data

    def connectionLost(self, _reason: object = None) -> None:
        self.is_over = True

    def take(self) -> str:
        """What came since the last time."""
        taken, self.received = self.received.decode(), b""
        return taken


class SandboxTestCase(SynchronousTestCase):
    """A test with a sandbox of its own, on a clock that stands still."""

    options = SandboxOptions()

    def setUp(self) -> None:
        self.clock = Clock()
        self.sandbox = Sandbox(self.clock, self.options)
        self.account = self.sandbox.account
        agent = RequestTraversalAgent(self.sandbox.resource)  # type: ignore[no-untyped-call]  # treq.testing is untyped
        self.flush: Callable[[], None] = agent.flush
        self.http: HTTPClient = request_client(agent)

    def ask(
        self, method: str, path: str, body: bytes = b"", headers: Mapping[str, str] | None = None
    ) -> Deferred[IResponse]:
        """Send a request with the sandbox's token, unless the headers say otherwise."""
        given = {"Authorization": f"Bearer {self.options.token}", **(headers or {})}
        return cast(
            "Deferred[IResponse]",
            self.http.request(
                method,
                f"{ORIGIN}{path}",
                headers=Headers({name: [value] for name, value in given.items()}),
                data=body or None,
                allow_redirects=False,
                unbuffered=True,
            ),
        )

    def outcome(self, answer: Deferred[IResponse]) -> list[IResponse | Failure]:
        """What has become of a request, and is still to become of it: a response, or a failure."""
        outcome: list[IResponse | Failure] = []
        answer.addBoth(outcome.append)
        return outcome

    def fetch(
        self, method: str, path: str, body: bytes = b"", headers: Mapping[str, str] | None = None
    ) -> tuple[int, Headers, bytes]:
        """The status, headers and body of an answer."""
        response = self.successResultOf(self.ask(method, path, body, headers))
        return response.code, response.headers, self.successResultOf(read_body(response, 1 << 24))

    def post(self, request: Any) -> tuple[int, dict[str, Any]]:
        """The status and JSON that an API request is answered with."""
        body = request if isinstance(request, bytes) else json.dumps(request).encode()
        status, _, answer = self.fetch("POST", "/jmap/api", body, {"Content-Type": "application/json"})
        return status, json.loads(answer)

    def run_calls(self, *calls: tuple[str, dict[str, Any]]) -> list[list[Any]]:
        """Name and result of each response to the calls of one request, whose ids are their numbers from 0."""
        invocations = [[name, arguments, str(number)] for number, (name, arguments) in enumerate(calls)]
        using = [CORE, *account_capabilities(self.options)]
        status, answer = self.post({"using": using, "methodCalls": invocations})
        assert status == 200, answer
        return [[name, result] for name, result, _ in answer["methodResponses"]]

    def call(self, name: str, **arguments: Any) -> dict[str, Any]:
        """The result of one method call, which must not fail."""
        [[answered, result]] = self.run_calls((name, arguments))
        assert answered == name, result
        return cast("dict[str, Any]", result)

    def error(self, name: str, **arguments: Any) -> dict[str, Any]:
        """The error that one method call fails with."""
        [[answered, result]] = self.run_calls((name, arguments))
        assert answered == "error", result
        return cast("dict[str, Any]", result)

    def listen(self, query: str, headers: Mapping[str, str] | None = None) -> Listener:
        """A listener at the event source."""
        response = self.successResultOf(self.ask("GET", f"/jmap/eventsource?{query}", headers=headers))
        assert response.code == 200
        listener = Listener()
        response.deliverBody(listener)
        return listener

    def advance(self, seconds: float = 0.0) -> None:
        """Let time pass, and what the server wrote meanwhile arrive."""
        self.clock.advance(seconds)
        self.flush()

    def leave(self, listener: Listener) -> None:
        """Hang up as a listener."""
        abort(listener)
        self.flush()
