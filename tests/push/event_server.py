"""A server of event streams in memory, and a service that follows it under a Clock."""

import gc
from collections import deque
from collections.abc import Callable
from typing import Any, cast

from pydantic import SecretStr
from twisted.internet.task import Clock
from twisted.python.failure import Failure
from twisted.test.iosim import FakeTransport
from twisted.trial.unittest import SynchronousTestCase
from twisted.web.server import NOT_DONE_YET, Request

from mailroom.core.credentials import BearerToken, Credentials, Secret
from mailroom.http.agent import stream_client
from mailroom.http.client import Http
from mailroom.push.eventsource import EventSource
from mailroom.push.request import Locate
from mailroom.push.sse import ServerSentEvent
from mailroom.push.status import StreamState
from tests.http.servers import Handler, ScriptedServer

START = 1_795_521_600.0
TEMPLATE = "https://mail.example/events?types={types}&closeafter={closeafter}&ping={ping}"
EVENT = b"event: state\nid: 7\ndata: {}\n\n"
PING = b'event: ping\ndata: {"interval":30}\n\n'


def status(code: int, **headers: str) -> Handler:
    """Answers with this status, and headers whose names are spelled with `_`."""

    def handler(request: Request) -> bytes:
        request.setResponseCode(code)
        for name, value in headers.items():
            request.setHeader(name.replace("_", "-"), value)
        return b""

    return handler


def never(_request: Request) -> int:
    """Takes the request and never answers."""
    return NOT_DONE_YET


class Listener:
    """Writes down what it hears."""

    def __init__(self) -> None:
        self.heard: list[str] = []
        self.on_hearing: Callable[[str], None] = lambda _what: None

    def stream_connected(self) -> None:
        self._hear("connected")

    def stream_event(self, event: ServerSentEvent) -> None:
        self._hear(f"{event.type} {event.data}")

    def stream_disconnected(self) -> None:
        self._hear("disconnected")

    def _hear(self, what: str) -> None:
        self.heard.append(what)
        self.on_hearing(what)


class StreamTestCase(SynchronousTestCase):
    """A service and its server. Whoever asks gets a stream, unless `script` says otherwise.

    Jitter is the highest there may be.
    """

    def setUp(self) -> None:
        gc.freeze()  # a collection at the end, which tells of Deferreds that failed unheard, need not look further back
        self.clock = Clock()
        self.clock.rightNow = START
        self.server = ScriptedServer(self.answer)
        self.script: deque[Handler] = deque()
        self.streams: list[Request] = []
        self.listener = Listener()
        self.template: str | None = TEMPLATE
        self.located: list[bool] = []
        self.on_locating: Callable[[bool], None] = lambda _refresh: None
        self.draws: list[tuple[float, float]] = []
        self.source = self.new_source()

    def new_source(
        self, locate: Locate | None = None, credentials: Credentials | None = None, **options: Any
    ) -> EventSource:
        return EventSource(
            Http(stream_client(self.server.agent), self.clock),
            self.clock,
            locate or self.locate,
            credentials or BearerToken(Secret("jmap_token", SecretStr("sesame"))),
            listener=self.listener,
            uniform=self.uniform,
            **options,
        )

    def uniform(self, low: float, high: float) -> float:
        self.draws.append((low, high))
        return high

    async def locate(self, refresh: bool) -> str | None:  # noqa: FBT001 - as the service calls it
        self.located.append(refresh)
        self.on_locating(refresh)
        return self.template

    def answer(self, request: Request) -> bytes | int:
        return self.script.popleft()(request) if self.script else self.stream(request)

    def stream(self, request: Request, content_type: str = "text/event-stream") -> int:
        request.setHeader("content-type", content_type)
        request.write(b"")
        self.streams.append(request)
        return NOT_DONE_YET

    def start(self) -> None:
        """Start the service, and let it ask."""
        self.source.startService()
        self.advance(0)

    def send(self, data: bytes) -> None:
        """The server writes to the stream that it opened last."""
        self.streams[-1].write(data)
        self.flush()

    def end(self) -> None:
        """The server ends the stream that it opened last."""
        self.streams[-1].finish()
        self.flush()

    def break_off(self) -> None:
        """The connection that was opened last breaks."""
        cast("FakeTransport", self.streams[-1].transport).abortConnection()
        self.flush()

    def advance(self, seconds: float) -> None:
        self.clock.advance(seconds)
        self.flush()

    def flush(self) -> None:
        """Carry what was written to the other side."""
        self.server.agent.flush()  # type: ignore[no-untyped-call]  # treq.testing is untyped

    def live(self, seconds: int, each_second: Callable[[int], None] = lambda _second: None) -> None:
        """Let time pass, second by second."""
        for second in range(1, seconds + 1):
            self.advance(1)
            each_second(second)

    def wait(self) -> float:
        """The seconds until the next attempt."""
        assert self.source.status.retry_at is not None
        return round(self.source.status.retry_at - self.clock.seconds(), 3)

    def next_attempt(self) -> None:
        """Let the time until the next attempt pass."""
        self.advance(self.wait())

    def last_header(self, name: str) -> str | None:
        """A header of the last request."""
        values = self.server.received[-1].headers.getRawHeaders(name)
        return None if values is None else "|".join(values)

    def logged(self, *kinds: type[Exception]) -> list[Failure]:
        """The errors that were logged, which would make the test fail otherwise."""
        errors: list[Failure] = SynchronousTestCase.flushLoggedErrors(self, *kinds)
        return errors

    def state(self) -> StreamState:
        return self.source.status.state
