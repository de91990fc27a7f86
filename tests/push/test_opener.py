"""Finding the event source and asking for it."""

from twisted.internet.defer import Deferred
from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from mailroom.core.errors import MailroomError
from mailroom.http.agent import stream_client
from mailroom.http.client import Http
from mailroom.http.errors import ExchangeTimedOut
from mailroom.push.opener import Opener
from tests.http.servers import ScriptedServer
from tests.push.event_server import TEMPLATE, never, status


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

    def located(self, closeafter: str = "no") -> str | None:
        locating = Deferred.fromCoroutine(self.opener.locate(refresh=False, closeafter=closeafter))
        url: str | None = self.successResultOf(locating)
        return url

    def has_moved(self) -> bool:
        moved: bool = self.successResultOf(Deferred.fromCoroutine(self.opener.has_moved()))
        return moved

    def test_url(self) -> None:
        """The template is expanded with the way in which the stream is to close."""
        assert self.located("state") == "https://mail.example/events?types=Email&closeafter=state&ping=30"

    def test_no_url(self) -> None:
        """Without an event source there is no URL."""
        self.template = None
        assert self.located() is None

    def test_errors(self) -> None:
        """The session's errors are the caller's."""
        locating = Deferred.fromCoroutine(self.opener.locate(refresh=True, closeafter="no"))
        SynchronousTestCase.failureResultOf(self, locating, MailroomError)

    def test_has_moved(self) -> None:
        """An event source has moved if its template is another one than that located last, or is gone."""
        self.located()
        assert not self.has_moved()
        self.template = None
        assert self.has_moved()

    def test_any_answer(self) -> None:
        """Whatever the server answers is handed out."""
        self.server.handler = status(404)
        opened = self.successResultOf(Deferred.fromCoroutine(self.opener.open("https://mail.example/events", "7")))
        assert (opened.response.code, opened.url) == (404, "https://mail.example/events")
        assert self.server.received[-1].headers.getRawHeaders("last-event-id") == ["7"]

    def test_no_answer(self) -> None:
        """A server that says nothing within half a minute has failed."""
        self.server.handler = never
        opening = Deferred.fromCoroutine(self.opener.open("https://mail.example/events", ""))
        self.clock.advance(29)
        SynchronousTestCase.assertNoResult(self, opening)
        self.clock.advance(1)
        SynchronousTestCase.failureResultOf(self, opening, ExchangeTimedOut)
