"""Servers in memory, and agents that fail: what the tests of requests talk to."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from treq.client import HTTPClient
from treq.testing import RequestTraversalAgent
from twisted.internet.defer import Deferred, fail
from twisted.internet.interfaces import IReactorTime
from twisted.web.http_headers import Headers
from twisted.web.iweb import IAgent, IBodyProducer, IResponse
from twisted.web.resource import Resource
from twisted.web.server import NOT_DONE_YET, Request
from zope.interface import implementer

from mailroom.http.agent import request_client
from mailroom.http.client import Http

Handler = Callable[[Request], bytes | int]
NEVER = NOT_DONE_YET
"""What a handler returns to leave a request unanswered, or to go on with it later."""


@dataclass(frozen=True, slots=True)
class Received:
    """A request as the server saw it."""

    method: str
    url: str
    authorization: str | None
    headers: Headers
    body: bytes


class ScriptedServer(Resource):
    """Answers every request, to whichever host, by what its handler says, and keeps what it received."""

    isLeaf = True  # noqa: N815 - Twisted's name

    def __init__(self, handler: Handler) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # untyped in Twisted
        self.handler = handler
        self.received: list[Received] = []
        self.left: list[Request] = []
        """The requests that the client hung up on."""
        self.agent = RequestTraversalAgent(self)  # type: ignore[no-untyped-call]  # treq.testing is untyped

    def render(self, request: Request) -> bytes | int:
        scheme = "https" if request.isSecure() else "http"
        self.received.append(
            Received(
                request.method.decode(),
                f"{scheme}://{request.getHeader('host')}{request.uri.decode()}",
                request.getHeader("authorization"),
                request.requestHeaders,
                request.content.read() if request.content else b"",
            )
        )
        request.notifyFinish().addErrback(lambda _gone: self.left.append(request))
        return self.handler(request)

    def flush(self) -> None:
        """Deliver what either side has written since."""
        self.agent.flush()  # type: ignore[no-untyped-call]  # treq.testing is untyped

    def client(self) -> HTTPClient:
        return request_client(self.agent)

    def http(self, clock: IReactorTime) -> Http:
        return Http(self.client(), clock)


def redirect(target: str, status: int = 302) -> Handler:
    """Sends whoever asks elsewhere."""

    def handler(request: Request) -> bytes:
        request.setResponseCode(status)
        request.setHeader("location", target)
        return b"go there"

    return handler


def by_url(handlers: dict[str, Handler]) -> Handler:
    """Answers each URL by a handler of its own."""

    def handler(request: Request) -> bytes | int:
        scheme = "https" if request.isSecure() else "http"
        return handlers[f"{scheme}://{request.getHeader('host')}{request.uri.decode()}"](request)

    return handler


@implementer(IAgent)
@dataclass
class FailingAgent:
    """Fails with each of the errors in turn, then lets an agent that works take over."""

    errors: Iterable[Exception]
    working: IAgent
    attempts: int = field(default=0, init=False)

    def __post_init__(self) -> None:
        self._errors = iter(self.errors)

    def request(
        self,
        method: bytes,
        uri: bytes,
        headers: Headers | None = None,
        bodyProducer: IBodyProducer | None = None,  # noqa: N803 - Twisted's name
    ) -> Deferred[IResponse]:
        self.attempts += 1
        error = next(self._errors, None)
        return fail(error) if error is not None else self.working.request(method, uri, headers, bodyProducer)
