"""Finding the event source and asking for it."""

import pytest
from twisted.internet.defer import Deferred
from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase
from twisted.web.iweb import IResponse

from mailroom.core.errors import MailroomError
from mailroom.http.agent import stream_client
from mailroom.http.client import Http
from mailroom.http.errors import ExchangeTimedOut
from mailroom.push.failures import NoEventStream
from mailroom.push.memory import Memory, Source
from mailroom.push.request import Opener, stream_url
from tests.deferreds import failure_of
from tests.http.servers import ScriptedServer
from tests.push.event_server import TEMPLATE, never, status


@pytest.mark.parametrize(
    ("template", "url"),
    [
        (
            "https://mail.example/es?types={types}&closeafter={closeafter}&ping={ping}",
            "https://mail.example/es?types=Email&closeafter=no&ping=30",
        ),
        (
            "https://mail.example/es?types={types}&closeAfter={closeafter}&ping={ping}",
            "https://mail.example/es?types=Email&closeAfter=no&ping=30",
        ),
        ("https://mail.example/es/{types}/{closeafter}/{ping}/", "https://mail.example/es/Email/no/30/"),
        ("https://mail.example/es?types={types}", "https://mail.example/es?types=Email"),
        ("https://mail.example/es/", "https://mail.example/es/?types=Email&closeafter=no&ping=30"),
        ("https://mail.example/es?a=b", "https://mail.example/es?a=b&types=Email&closeafter=no&ping=30"),
        ("https://mail.example/es?types=*&ping=", "https://mail.example/es?types=*&ping=&closeafter=no"),
        ("https://mail.example", "https://mail.example?types=Email&closeafter=no&ping=30"),
    ],
)
def test_stream_url(template: str, url: str) -> None:
    """A template is expanded and nothing else; a URL without variables gets the parameters that it lacks."""
    assert stream_url(template, "no", 30) == url


class OpenerTests(SynchronousTestCase):
    """An opener, a session that it asks, and a server."""

    def setUp(self) -> None:
        self.clock = Clock()
        self.server = ScriptedServer(status(200))
        self.template: str | None = TEMPLATE
        self.opener = Opener(Http(stream_client(self.server.agent), self.clock), self.locate, None, ping=30)

    async def locate(self, refresh: bool) -> str | None:  # noqa: FBT001 - as the opener calls it
        if refresh:
            raise MailroomError("down")
        return self.template

    def located(self) -> str | None:
        source: Source = self.successResultOf(Deferred.fromCoroutine(self.opener.locate(refresh=False)))
        return source.template

    def has_moved(self) -> bool:
        moved: bool = self.successResultOf(Deferred.fromCoroutine(self.opener.has_moved()))
        return moved

    def test_url(self) -> None:
        """The session's URL is found as it is there."""
        assert self.located() == TEMPLATE

    def test_no_url(self) -> None:
        """Without an event source there is no URL."""
        self.template = None
        assert self.located() is None

    def test_errors(self) -> None:
        """The session's errors are the caller's."""
        locating = Deferred.fromCoroutine(self.opener.locate(refresh=True))
        SynchronousTestCase.failureResultOf(self, locating, MailroomError)

    def test_has_moved(self) -> None:
        """An event source has moved if its template is another one than that located last, or is gone."""
        self.located()
        assert not self.has_moved()
        self.template = None
        assert self.has_moved()

    def open(self, last_event_id: str = "") -> Deferred[IResponse]:
        memory = Memory(30)
        memory.last_event_id = last_event_id
        return Deferred.fromCoroutine(self.opener.open(TEMPLATE, "state", memory))

    def test_a_stream(self) -> None:
        """What is a stream is handed out, and asked for from the last event on."""
        self.server.handler = status(200, content_type="text/event-stream")
        assert self.successResultOf(self.open("7")).code == 200
        assert self.server.received[-1].url == "https://mail.example/events?types=Email&closeafter=state&ping=30"
        assert self.server.received[-1].headers.getRawHeaders("last-event-id") == ["7"]

    def test_no_stream(self) -> None:
        """Another answer is an error that carries its status and how long the server wants to be left alone."""
        self.server.handler = status(503, retry_after="7")
        error = failure_of(self.open(), NoEventStream)
        assert (error.status, error.retry_after, error.failure.status) == (503, 7.0, 503)

    def test_no_answer(self) -> None:
        """A server that says nothing within half a minute has failed."""
        self.server.handler = never
        opening = self.open()
        self.clock.advance(29)
        SynchronousTestCase.assertNoResult(self, opening)
        self.clock.advance(1)
        SynchronousTestCase.failureResultOf(self, opening, ExchangeTimedOut)
