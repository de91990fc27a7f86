"""The door of the sandbox: who may come in, and what goes wrong there on order."""

from collections import deque
from dataclasses import dataclass
from typing import Final, cast

from twisted.internet.interfaces import IDelayedCall, IReactorTime
from twisted.web.resource import IResource, Resource
from twisted.web.server import NOT_DONE_YET, Request

from mailroom.sandbox.errors import RequestError
from mailroom.sandbox.faults import Answer, Delay, Faults, HangUp
from mailroom.sandbox.web.incoming import drop, path_of
from mailroom.sandbox.web.routes import problem
from mailroom.sandbox.web.session import API_PATH

_REMEMBERED: Final = 10_000


@dataclass(frozen=True, slots=True)
class Received:
    """A request as it came in, at a time of the clock."""

    method: str
    path: str
    at: float


class Front(Resource):
    """Remembers each request, lets it run into the fault ordered for it, checks its credentials, and passes it on.

    `accepted` holds the values of the Authorization header that are let in; well-known URLs need none. Requests are
    answered at once unless they are delayed, so only delayed ones to the API can be too many at a time.
    """

    def __init__(
        self, behind: IResource, clock: IReactorTime, faults: Faults, accepted: set[str], max_concurrent: int
    ) -> None:
        Resource.__init__(self)
        self.isLeaf = True
        self._max_concurrent = max_concurrent
        self._delayed_calls: set[IDelayedCall] = set()
        self._guarded = _Guard(behind, accepted)
        self._clock = clock
        self._faults = faults
        self.received: deque[Received] = deque(maxlen=_REMEMBERED)

    def render(self, request: Request) -> int | bytes:
        path = path_of(request)
        self.received.append(Received(request.method.decode(), path, self._clock.seconds()))
        if path == API_PATH and len(self._delayed_calls) >= self._max_concurrent:
            return problem(request, RequestError("limit", "Too many at a time.", limit="maxConcurrentRequests"))
        match self._faults.for_request(path):
            case Answer(status, headers, body):
                request.setResponseCode(status)
                for name, value in headers.items():
                    request.setHeader(name, value)
                return body
            case HangUp(acted=acted):
                drop(request)
                return self._guarded.render(request) if acted else NOT_DONE_YET
            case Delay(seconds):
                self._delay(request, seconds, counts=path == API_PATH)
                return NOT_DONE_YET
            case None:
                return self._guarded.render(request)

    def _delay(self, request: Request, seconds: float, *, counts: bool) -> None:
        late = self._clock.callLater(seconds, request.render, self._guarded)
        if counts:
            self._delayed_calls.add(late)

        def over(_result: object) -> None:
            self._delayed_calls.discard(late)
            if late.active():
                late.cancel()

        request.notifyFinish().addBoth(over)


class _Guard(Resource):
    def __init__(self, behind: IResource, accepted: set[str]) -> None:
        Resource.__init__(self)
        self._behind = behind
        self._accepted = accepted

    def render(self, request: Request) -> int | bytes:
        is_open = request.path.startswith(b"/.well-known/")
        if not is_open and request.getHeader("authorization") not in self._accepted:
            request.setResponseCode(401)
            request.setHeader("www-authenticate", 'Basic realm="sandbox"')
            return b"Who are you?"
        return cast("int | bytes", self._behind.render(request))
