"""Stopping the stream at any moment, starting it again, and what it writes into the log."""

import gc
from collections.abc import Callable
from functools import partial

from twisted.internet.defer import Deferred
from twisted.logger import LogLevel, capturedLogs, formatEvent
from twisted.web.server import Request

from mailroom.push.status import StreamState
from tests.http.servers import redirect
from tests.push.event_server import EVENT, PING, StreamTestCase, never, status


class StopTests(StreamTestCase):
    """Whatever is going on, stopping ends it there and then."""

    def stop(self, *, hung_up: int) -> None:
        """Stop, and check that nothing is left, that the server saw the hang-up, and that nothing happens any more."""
        heard = list(self.listener.heard)
        requests = len(self.server.received)
        assert self.source.stopService() is None  # type: ignore[func-returns-value]  # that is the point
        assert self.clock.getDelayedCalls() == []
        assert self.state() is StreamState.STOPPED
        self.flush()
        assert len(self.server.left) == hung_up
        self.advance(24 * 3600)
        gc.collect()
        assert self.logged() == []
        assert self.listener.heard == heard
        assert len(self.server.received) == requests
        assert (self.source.status.connected_since, self.source.status.retry_at) == (None, None)

    def test_before_it_began(self) -> None:
        """In the turn in which it was started."""
        self.source.startService()
        self.stop(hung_up=0)

    def test_locating(self) -> None:
        """While the session is fetched, which is cancelled."""
        cancelled: list[object] = []
        self.located_at = Deferred[str | None](cancelled.append)
        self.source = self.new_source(locate=self.wait_for_session)
        self.start()
        self.stop(hung_up=0)
        assert cancelled == [self.located_at]

    async def wait_for_session(self, _refresh: bool) -> str | None:  # noqa: FBT001 - as the service calls it
        return await self.located_at

    def test_locating_that_cannot_be_cancelled(self) -> None:
        """While something is awaited that turns a cancellation into a result."""
        self.located_at = Deferred[str | None](lambda located: located.callback("https://mail.example/events"))
        self.source = self.new_source(locate=self.wait_for_session)
        self.start()
        self.stop(hung_up=0)

    def test_locating_that_breaks_down(self) -> None:
        """While something is awaited that turns a cancellation into another error."""
        self.located_at = Deferred[str | None](lambda located: located.errback(ZeroDivisionError()))
        self.source = self.new_source(locate=self.wait_for_session)
        self.start()
        self.stop(hung_up=0)

    def test_awaiting_the_head(self) -> None:
        """While the server has the request and has not answered."""
        self.script.append(never)
        self.start()
        self.stop(hung_up=1)

    def test_redirected(self) -> None:
        """While another server has not answered after a redirect."""
        self.script.extend([redirect("/there"), never])
        self.start()
        self.stop(hung_up=1)

    def test_connected(self) -> None:
        """While the stream is quiet."""
        self.start()
        self.stop(hung_up=1)

    def test_in_the_middle_of_a_line(self) -> None:
        """While an event is on its way."""
        self.start()
        self.send(EVENT + b"data: ha")
        self.stop(hung_up=1)

    def test_with_events_in_flight(self) -> None:
        """While octets that the server has written have not arrived."""
        self.start()
        self.streams[-1].write(EVENT)
        self.stop(hung_up=1)

    def test_waiting(self) -> None:
        """While it waits after a failure."""
        self.script.append(status(503))
        self.start()
        self.stop(hung_up=0)

    def test_waiting_after_an_end(self) -> None:
        """While it waits after the end of a stream."""
        self.start()
        self.end()
        self.stop(hung_up=0)

    def test_unavailable(self) -> None:
        """While it does not expect any push for hours."""
        self.script.append(status(204))
        self.start()
        self.stop(hung_up=0)

    def test_inquiring(self) -> None:
        """While it asks whether the event source has moved, which is cancelled too."""
        cancelled: list[object] = []
        self.located_at = Deferred[str | None](cancelled.append)
        self.source = self.new_source(locate=self.locate_at_first)
        self.start()
        self.source.session_changed()
        self.stop(hung_up=1)
        assert cancelled == [self.located_at]

    async def locate_at_first(self, refresh: bool) -> str | None:  # noqa: FBT001 - as the service calls it
        return await (self.locate(refresh) if not self.located else self.wait_for_session(refresh))

    def test_stopped_already(self) -> None:
        """When it is stopped, and when it never ran."""
        self.source.stopService()
        self.start()
        self.source.stopService()
        self.stop(hung_up=1)


class StopFromWithinTests(StreamTestCase):
    """A listener may stop the stream while it is being told something."""

    def stop_on(self, what: str) -> None:
        def stop(heard: str) -> None:
            if heard == what:
                self.source.stopService()

        self.listener.on_hearing = stop

    def verify_stopped(self, *heard: str) -> None:
        self.flush()
        assert self.listener.heard == list(heard)
        assert self.state() is StreamState.STOPPED
        assert self.clock.getDelayedCalls() == []
        self.advance(24 * 3600)
        gc.collect()
        assert self.logged() == []
        assert len(self.server.received) == 1

    def test_on_connecting(self) -> None:
        """When it hears of the connection; events that came with the head are not delivered."""
        self.stop_on("connected")
        self.script.append(self.greet)
        self.start()
        self.verify_stopped("connected")
        assert len(self.server.left) == 1

    def greet(self, request: Request) -> int:
        """A stream whose first events come with the head."""
        answer = self.stream(request)
        request.write(EVENT + EVENT)
        return answer

    def test_on_an_event_that_came_with_the_head(self) -> None:
        """When it hears of an event while the stream is still being opened; it is stopped before the call returns."""
        states = []

        def stop(heard: str) -> None:
            if heard == "state {}":
                self.source.stopService()
                states.append(self.state())

        self.listener.on_hearing = stop
        self.script.append(self.greet)
        self.start()
        assert states == [StreamState.STOPPED]
        self.verify_stopped("connected", "state {}")
        assert len(self.server.left) == 1

    def test_on_an_event(self) -> None:
        """When it hears of an event; those behind it in the same packet are not delivered."""
        self.stop_on("state {}")
        self.start()
        self.send(EVENT + EVENT)
        self.verify_stopped("connected", "state {}")
        assert len(self.server.left) == 1

    def test_on_an_event_before_one_too_large(self) -> None:
        """When it hears of an event that an error follows in the same packet."""
        self.stop_on("state {}")
        self.start()
        self.send(EVENT + b"data: " + b"x" * 17_000_000)
        self.verify_stopped("connected", "state {}")

    def test_on_a_disconnection(self) -> None:
        """When it hears of a disconnection."""
        self.stop_on("disconnected")
        self.start()
        self.end()
        self.verify_stopped("connected", "disconnected")

    def test_on_leaving_for_another_url(self) -> None:
        """When it hears of a disconnection that comes of news of the session."""
        session = Deferred[str | None]()

        async def locate(_refresh: bool) -> str | None:  # noqa: FBT001 - as the service calls it
            return await session if self.streams else self.template

        self.source = self.new_source(locate=locate)
        self.stop_on("disconnected")
        self.start()
        self.source.session_changed()
        session.callback("https://new.example/events")
        self.verify_stopped("connected", "disconnected")

    def test_while_locating(self) -> None:
        """When it is asked for the URL."""
        self.on_locating = lambda _refresh: self.source.stopService()
        self.start()
        assert (self.located, self.server.received, self.clock.getDelayedCalls()) == ([False], [], [])

    def test_stop_and_start(self) -> None:
        """A stop and a start at once leave one stream, the new one."""
        self.start()

        def restart(heard: str) -> None:
            if heard == "state {}":
                self.source.stopService()
                self.source.startService()

        self.listener.on_hearing = restart
        self.send(EVENT)
        self.advance(0)
        self.flush()
        assert self.state() is StreamState.CONNECTED
        assert self.server.left == self.streams[:1]
        assert self.listener.heard == ["connected", "state {}", "connected"]

    def test_stop_and_start_on_connecting(self) -> None:
        """Nor does the old one live on if that happens while it tells of its connection."""
        restarts = iter([True])

        def restart(_heard: str) -> None:
            if next(restarts, False):
                self.source.stopService()
                self.source.startService()

        self.listener.on_hearing = restart
        self.start()
        self.flush()
        assert self.server.left == self.streams[:1]
        assert len(self.streams) == 2
        assert self.listener.heard == ["connected", "connected"]


class RestartTests(StreamTestCase):
    """A service that is started again."""

    def test_afresh(self) -> None:
        """It connects as if for the first time: what the old id stood for may be forgotten."""
        self.script.extend([status(503)] * 3)
        self.start()
        for _ in range(3):
            self.next_attempt()
        self.send(EVENT)
        self.source.stopService()
        self.start()
        assert self.state() is StreamState.CONNECTED
        assert self.last_header("last-event-id") is None
        self.end()
        assert self.wait() == 2
        assert self.source.status.reconnect_count == 0


class LogTests(StreamTestCase):
    """What a person finds in the log."""

    def logged_during(self, action: Callable[[], object]) -> list[tuple[str, str]]:
        with capturedLogs() as events:
            action()
        return [
            (event["log_level"].name, formatEvent(event))
            for event in events
            if event["log_namespace"].startswith("mailroom.push") and event["log_level"] > LogLevel.debug
        ]

    def test_connected(self) -> None:
        """A connection, with the URL and without its query."""
        assert self.logged_during(self.start) == [("info", "event stream connected url=https://mail.example/events")]

    def test_lost(self) -> None:
        """A loss, with the reason and the next attempt."""
        self.start()
        assert self.logged_during(self.end) == [
            ("info", "event stream lost: The server ended the stream. The next attempt is in 2.0 s.")
        ]

    def test_failed(self) -> None:
        """A failure that a person can end, as a warning; again only when something new happens."""
        self.script.extend([*[status(401)] * 4, *[status(403)] * 3, status(401)])

        def an_hour() -> None:
            self.start()
            while self.script:
                self.next_attempt()

        assert [(level, "401" in message, "403" in message) for level, message in self.logged_during(an_hour)] == [
            ("warn", True, False),
            ("warn", False, True),
            ("warn", True, False),
        ]

    def test_unavailable(self) -> None:
        """A server without push, which is no reason to worry."""
        self.script.append(status(204))
        messages = self.logged_during(self.start)
        assert [level for level, _message in messages] == ["info"]
        assert "offers no push" in messages[0][1]

    def test_same_failure_later(self) -> None:
        """A failure that was logged before the last connection is news again."""
        self.script.extend([status(503), self.stream, status(503)])

        def twice() -> None:
            self.start()
            self.next_attempt()
            self.end()
            self.next_attempt()

        assert [level for level, _message in self.logged_during(twice)] == ["warn", "info", "info", "warn"]

    def test_no_pings(self) -> None:
        """That a server does not ping is said once."""
        self.template = "https://mail.example/events"
        messages = [message for _level, message in self.logged_during(partial(self.hours_of_silence, b":\n"))]
        assert len([message for message in messages if "no pings" in message]) == 1

    def test_long_polls(self) -> None:
        """That long polls begin is said."""
        messages = [message for _level, message in self.logged_during(partial(self.hours_of_silence, b""))]
        assert len([message for message in messages if "long polls" in message]) == 1

    def hours_of_silence(self, greeting: bytes) -> None:
        self.listener.on_hearing = lambda what: self.streams[-1].write(greeting) if what == "connected" else None
        self.start()
        self.live(3 * 3600)

    def test_events(self) -> None:
        """Events and pings are not logged here."""
        self.start()
        assert self.logged_during(partial(self.send, EVENT + PING)) == []

    def test_nothing_secret(self) -> None:
        """Neither the credentials nor a query get into the log."""
        self.template = "https://mail.example/events?key=sesame"
        self.script.extend([status(401), status(401), status(503), redirect("http://mail.example/?key=sesame")])

        def live() -> None:
            self.start()
            while self.script:
                self.next_attempt()
            self.next_attempt()
            self.end()
            self.source.stopService()

        assert "sesame" not in repr(self.logged_during(live))
