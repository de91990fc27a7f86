"""The whole service for one account: hours of its life, in memory, in no time."""

import json
import math
from typing import Any, ClassVar

from twisted.application.service import MultiService
from twisted.internet.defer import Deferred
from twisted.logger import LogLevel, capturedLogs, formatEvent
from twisted.web.http_headers import Headers
from twisted.web.iweb import IAgent, IBodyProducer, IResponse
from zope.interface import implementer

from mailroom.polling.report import Trigger
from mailroom.push.status import StreamState
from mailroom.routing.sieve import MARK
from mailroom.sandbox import Sandbox
from mailroom.sandbox.faults import Answer, Delay, HangUp
from mailroom.sandbox.options import SieveOptions
from mailroom.sandbox.web.session import session_object
from mailroom.service import AccountService
from mailroom.web.health import Health
from tests.account import ORIGIN
from tests.furnished import FurnishedTestCase
from tests.hunt import hunt

MINUTE = 60.0
HOUR = 3600.0


class ServiceTestCase(FurnishedTestCase):
    """A test with a service that runs as fast as its clock is turned."""

    def setUp(self) -> None:
        super().setUp()
        self.service = self.new_service()
        self.start()

    def tearDown(self) -> None:
        self.stop()
        health = Health(self.service.polls, lambda: self.service.stream_status, self.configured.poll_interval)
        hunt("/healthz", json.dumps(health.report(self.clock.seconds())))

    def new_service(self) -> AccountService:
        return AccountService(self.configured, self.clock, self.agent, self.agent, uniform=max)

    def start(self) -> None:
        MultiService.startService(self.service)

    def stop(self) -> None:
        MultiService.stopService(self.service)

    def live(self, seconds: float) -> None:
        """Let time pass, from one thing that happens to the next."""
        end = self.clock.seconds() + seconds
        while self.clock.seconds() < end:
            coming = min((call.getTime() for call in self.clock.getDelayedCalls()), default=end)
            self.clock.advance(max(0.0, min(coming, end) - self.clock.seconds()))
            self.agent.flush()  # type: ignore[no-untyped-call]  # untyped in treq

    def settle(self) -> None:
        """Let the first polls and the connection pass, and the window in which changes are collected."""
        self.live(10)

    @property
    def polls(self) -> dict[Trigger, int]:
        return dict(self.service.polls.polls)

    @property
    def stream(self) -> StreamState:
        return self.service.stream_status.state


class StartTests(ServiceTestCase):
    """The first seconds."""

    def test_the_first_poll_does_not_wait_for_the_stream(self) -> None:
        """What was labelled while the service was down is triaged at once, push or no push."""
        self.stop()
        self.order(Delay(HOUR, path="/jmap/eventsource"), times=math.inf)
        mail = self.tap(self.deliver())
        self.start()
        self.live(2)
        assert self.where(mail) == {"Feed"}
        assert self.polls[Trigger.FALLBACK] == 1

    def test_the_connection_is_followed_by_a_poll(self) -> None:
        """What changed before the stream began to speak may never be announced."""
        self.settle()
        assert self.stream is StreamState.CONNECTED
        assert self.polls == {Trigger.FALLBACK: 1, Trigger.PUSH: 1, Trigger.SCHEDULED: 0}


class PushTests(ServiceTestCase):
    """What the stream sets in motion."""

    def setUp(self) -> None:
        super().setUp()
        self.settle()
        self.before = self.polls

    def test_a_tap_is_acted_on_at_once(self) -> None:
        """Four round trips after the label is on, it is off again."""
        mail = self.tap(self.deliver())
        self.live(5 * self.ROUND_TRIP)
        assert self.where(mail) == {"Feed"}
        assert self.polls[Trigger.PUSH] == self.before[Trigger.PUSH] + 1

    def test_own_writes_cause_no_poll(self) -> None:
        """The service's own changes are announced to it like any other, and mean nothing new."""
        self.tap(self.deliver())
        self.live(30)
        assert self.polls[Trigger.PUSH] == self.before[Trigger.PUSH] + 1

    def test_somebody_elses_change_during_a_poll_causes_one_more(self) -> None:
        """A label put on while another is worked off is seen at the end of the window."""
        self.tap(self.deliver())
        self.live(2 * self.ROUND_TRIP)
        second = self.tap(self.deliver("ann@example.com"))
        self.live(self.configured.debounce_seconds + 1)
        assert self.where(second) == {"Feed"}
        assert self.polls[Trigger.PUSH] == self.before[Trigger.PUSH] + 2

    def test_a_screenful_of_taps_is_worked_off_tap_by_tap(self) -> None:
        """Somebody who taps once a second sees each tap done within that second, and no poll comes of its echoes."""
        mails = [self.deliver(f"sender{number}@example.com") for number in range(25)]
        self.live(10)
        before = self.polls[Trigger.PUSH]
        for mail in mails:
            self.tap(mail)
            self.live(1)
            assert self.where(mail) == {"Feed"}
        assert self.polls[Trigger.PUSH] == before + len(mails)

    def test_a_burst_of_changes_is_one_more_poll(self) -> None:
        """Newsletters of a whole morning do not make a hundred polls."""
        for _ in range(20):
            self.deliver()
            self.live(0.1)
        self.live(10)
        assert self.polls[Trigger.PUSH] == self.before[Trigger.PUSH] + 2

    def test_the_triage_is_logged_with_its_trigger(self) -> None:
        """Whoever reads the log sees what the poll was for, and what it did."""
        self.tap(self.deliver())
        with capturedLogs() as events:
            self.live(2)
        (event,) = [event for event in events if event.get("log_format", "").startswith("poll completed")]
        fields = {name: event[name] for name in ("trigger", "senders", "moved", "round_trips")}
        assert fields == {"trigger": "push", "senders": 1, "moved": 1, "round_trips": 4}


class LongLifeTests(ServiceTestCase):
    """Hours in which nothing happens."""

    def test_idle_hours_are_a_poll_a_minute(self) -> None:
        """Each of them scheduled while the stream is there."""
        self.settle()
        before = self.polls
        self.live(2 * HOUR)
        assert abs(self.polls[Trigger.SCHEDULED] - 120) <= 1
        assert self.polls[Trigger.FALLBACK] == before[Trigger.FALLBACK]
        assert self.polls[Trigger.PUSH] == before[Trigger.PUSH]

    def test_nothing_grows(self) -> None:
        """Hours leave behind neither timers nor streams."""
        self.settle()
        timers = len(self.clock.getDelayedCalls())
        self.live(2 * HOUR)
        self.settle()
        assert len(self.clock.getDelayedCalls()) <= timers + 2
        assert len(self.sandbox.streams) == 1


class FiveMinuteStreamTests(ServiceTestCase):
    """A server that ends each stream after five minutes, as a Cyrus does."""

    options: ClassVar[dict[str, Any]] = {"stream_lifetime": 300.0}

    def test_the_stream_comes_back_each_time(self) -> None:
        """An hour has twelve connections, each followed by a poll, and no error."""
        with capturedLogs() as events:
            self.live(HOUR)
        assert self.service.stream_status.reconnect_count in {11, 12}
        assert not [event for event in events if event["log_level"] >= LogLevel.error]

    def test_a_tap_in_the_gap_is_not_missed(self) -> None:
        """No stream announces it; the poll that follows the next connection finds it."""
        self.live(300.5)
        mail = self.tap(self.deliver())
        self.live(10)
        assert self.where(mail) == {"Feed"}


@implementer(IAgent)
class LockedAgent:
    """Requests as ever, but whatever begins while the server has a stream open is never answered."""

    def __init__(self, sandbox: Sandbox, agent: IAgent) -> None:
        self.sandbox = sandbox
        self.agent = agent
        self.locks = True

    def request(
        self,
        method: bytes,
        uri: bytes,
        headers: Headers | None = None,
        bodyProducer: IBodyProducer | None = None,  # noqa: N803 - Twisted's name
    ) -> Deferred[IResponse]:
        if self.locks and self.sandbox.streams:
            return Deferred()
        return self.agent.request(method, uri, headers, bodyProducer)


class LockTests(ServiceTestCase):
    """A server that answers nothing else while a stream is open."""

    settings: ClassVar[dict[str, Any]] = {"poll_interval": 600}

    def new_service(self) -> AccountService:
        self.locked = LockedAgent(self.sandbox, self.agent)
        return AccountService(self.configured, self.clock, self.locked, self.agent, uniform=max)

    def test_labels_are_worked_off_without_the_stream(self) -> None:
        """It is closed, and a poll comes soon, however long the interval; the status and the log say why."""
        self.settle()
        mail = self.tap(self.deliver())
        with capturedLogs() as events:
            self.live(2 * MINUTE)
        assert self.where(mail) == {"Feed"}
        status = self.service.stream_status
        assert (status.state, status.connected_since) == (StreamState.UNAVAILABLE, None)
        assert "Polls time out while the event stream is open" in (status.error or "")
        assert [event for event in events if "polls succeed without the event stream" in formatEvent(event)]
        assert self.sandbox.streams == ()

    def test_push_is_tried_again_later_and_later(self) -> None:
        """After an hour, then after two; what is labelled meanwhile is triaged by the interval."""
        self.live(6 * MINUTE)
        hours = []
        for _ in range(3):
            assert self.service.stream_status.retry_at is not None
            hours.append((self.service.stream_status.retry_at - self.clock.seconds()) / HOUR)
            self.live(self.service.stream_status.retry_at - self.clock.seconds() + 6 * MINUTE)
        assert [round(each) for each in hours] == [1, 2, 4]
        mail = self.tap(self.deliver())
        self.live(600)
        assert self.where(mail) == {"Feed"}

    def test_a_server_that_is_mended_has_its_stream_back(self) -> None:
        """At the time of the next attempt."""
        self.live(6 * MINUTE)
        self.locked.locks = False
        self.live(HOUR)
        assert self.stream is StreamState.CONNECTED
        mail = self.tap(self.deliver())
        self.live(5)
        assert self.where(mail) == {"Feed"}


class PushNotWantedTests(ServiceTestCase):
    """Settings that want no push."""

    settings: ClassVar[dict[str, Any]] = {"push": "none"}

    def test_no_stream_is_asked_for(self) -> None:
        """Not even when the session changes; polls go on by the interval, and the status says why."""
        self.settle()
        self.sandbox.change_session()
        mail = self.tap(self.deliver())
        self.live(2 * MINUTE)
        assert self.where(mail) == {"Feed"}
        assert not [each for each in self.sandbox.received if "eventsource" in str(each)]
        assert self.service.stream_status.state is StreamState.UNAVAILABLE
        assert "want no push" in str(self.service.stream_status.error)


class SilentStreamTestCase(ServiceTestCase):
    """A server that accepts the stream and never pings."""

    options: ClassVar[dict[str, Any]] = {"pings": False}

    def long_polls(self, hours: int, *, mails: bool) -> bool:
        """Whether long polls were begun within so many hours, in which mails came or not."""
        with capturedLogs() as events:
            for minute in range(60 * hours):
                self.live(MINUTE)
                if mails and minute % 5 == 0:
                    self.deliver()
        return any("long polls" in formatEvent(event) for event in events)


class QuietServerTests(SilentStreamTestCase):
    """Where it announces what there is to announce."""

    def test_no_news(self) -> None:
        """A night without mail is no sign of a proxy that holds the stream back."""
        assert not self.long_polls(6, mails=False)
        mail = self.tap(self.deliver())
        self.live(5)
        assert self.where(mail) == {"Feed"}

    def test_news(self) -> None:
        """Nor is a day with mail, which is announced."""
        assert not self.long_polls(6, mails=True)


class BufferingProxyTests(SilentStreamTestCase):
    """Where nothing comes through, because something on the way holds the stream back."""

    options: ClassVar[dict[str, Any]] = {"pings": False, "push_delay": 10 * 24 * HOUR}

    def test_news(self) -> None:
        """Mails come that polls find and the stream does not announce, so long polls are tried instead."""
        assert self.long_polls(6, mails=True)


class WithoutPushTests(ServiceTestCase):
    """A server that offers no push."""

    options: ClassVar[dict[str, Any]] = {"push": False}

    def test_polls_go_on_by_the_interval(self) -> None:
        """The label is found all the same, with the trigger that says why it took a while."""
        self.settle()
        mail = self.tap(self.deliver())
        self.live(MINUTE)
        assert self.where(mail) == {"Feed"}
        assert self.stream is StreamState.UNAVAILABLE
        assert self.polls == {Trigger.FALLBACK: 2, Trigger.PUSH: 0, Trigger.SCHEDULED: 0}


class EventSourceUrlTests(ServiceTestCase):
    """Sessions whose event source cannot be used, and later can."""

    def name_event_source(self, url: str | None) -> None:
        """The next session names this event source, with nothing that would hint at a change after it."""
        session = session_object(self.sandbox.options, ORIGIN, "0") | {"eventSourceUrl": url}
        self.order(Answer(200, {"Content-Type": "application/json"}, json.dumps(session).encode(), "/jmap/session"))

    def start_with(self, url: str | None) -> None:
        self.stop()
        self.service = self.new_service()
        self.name_event_source(url)
        self.start()
        self.settle()

    def test_polls_go_on(self) -> None:
        """A URL where credentials must not go stops the stream, and nothing else; the status says why."""
        for url in ("http://sandbox.example/events", "ftp://sandbox.example/", "https://["):
            with self.subTest(url):
                self.start_with(url)
                mail = self.tap(self.deliver())
                self.live(MINUTE)
                assert self.where(mail) == {"Feed"}
                assert self.service.polls.last_poll_error is None

    def test_the_reason_is_told(self) -> None:
        """In /healthz, with the URL."""
        self.start_with("http://sandbox.example/events")
        assert self.stream is StreamState.WAITING
        assert "http://sandbox.example/events, where credentials must not go" in (
            self.service.stream_status.error or ""
        )

    def test_a_session_that_is_mended_is_found(self) -> None:
        """Within a minute for a URL that cannot be used, within minutes for none, by whoever asks again."""
        for url, seconds in (("http://sandbox.example/events", MINUTE), (None, 5 * MINUTE)):
            with self.subTest(url):
                self.start_with(url)
                before = self.stream
                self.live(seconds)
                assert (before is StreamState.CONNECTED, self.stream) == (False, StreamState.CONNECTED)


class LoginTests(ServiceTestCase):
    """Another user behind the same URLs."""

    def test_another_user_has_another_stream(self) -> None:
        """The one that the session is of now, not the one that the old connection goes on to tell of."""
        self.settle()
        streams = self.sandbox.streams
        session = session_object(self.sandbox.options, ORIGIN, "1") | {"username": "other@example.com"}
        self.order(Answer(200, {"Content-Type": "application/json"}, json.dumps(session).encode(), "/jmap/session"))
        self.sandbox.change_session()
        self.live(2 * MINUTE)
        assert self.stream is StreamState.CONNECTED
        assert not set(map(id, streams)) & set(map(id, self.sandbox.streams))

    def test_the_same_user_keeps_the_stream(self) -> None:
        """News of the session that change neither URL nor user leave it alone."""
        self.settle()
        self.sandbox.change_session()
        self.live(2 * MINUTE)
        assert self.service.stream_status.reconnect_count == 0


class TroubleTests(ServiceTestCase):
    """Servers that fail."""

    def setUp(self) -> None:
        super().setUp()
        self.settle()

    def break_down(self, *faults: Answer | HangUp) -> None:
        self.order(*faults, times=math.inf)
        self.sandbox.hang_up_streams()

    def test_an_hour_without_the_server_is_survived(self) -> None:
        """It is tried with patience, and the label of that hour is worked off as soon as it is back."""
        self.break_down(Answer(503))
        self.live(HOUR)
        mail = self.tap(self.deliver())
        requests = len(self.sandbox.received)
        self.order()
        self.live(2 * MINUTE)
        assert self.where(mail) == {"Feed"}
        assert requests < 400

    def test_a_dropped_stream_means_fallback_polls(self) -> None:
        """While the stream is down, the interval's polls say so."""
        before = self.polls[Trigger.FALLBACK]
        self.order(Answer(503, path="/jmap/eventsource"), times=math.inf)
        self.sandbox.hang_up_streams(cleanly=False)
        self.live(10 * MINUTE)
        assert self.polls[Trigger.FALLBACK] - before == 10

    def test_wrong_credentials_are_said_and_tried_slowly(self) -> None:
        """The message says what to do, and no server is stormed with bad logins."""
        good = set(self.sandbox.accepted)
        self.sandbox.accepted.clear()
        self.sandbox.hang_up_streams()
        before = len(self.sandbox.received)
        self.live(HOUR)
        assert "jmap_password" in str(self.service.polls.last_poll_error)
        assert len(self.sandbox.received) - before < 4 * 60 + 1
        self.sandbox.accepted |= good
        mail = self.tap(self.deliver())
        self.live(3 * MINUTE)
        assert self.where(mail) == {"Feed"}

    def test_a_server_that_asks_for_time_gets_it(self) -> None:
        """After 429 with Retry-After nothing is asked before that."""
        self.break_down(Answer(429, {"Retry-After": "600"}))
        self.live(2 * MINUTE)
        before = len(self.sandbox.received)
        self.live(7 * MINUTE)
        assert len(self.sandbox.received) == before

    def test_no_secret_is_ever_logged(self) -> None:
        """Not in good times, and not in bad ones."""
        with capturedLogs() as events:
            self.tap(self.deliver())
            self.live(5)
            self.sandbox.accepted.clear()
            self.sandbox.hang_up_streams()
            self.live(5 * MINUTE)
        assert events
        assert "sandbox-password" not in repr(events)


class RoutingTests(ServiceTestCase):
    """A server whose scripts hold addresses, and not many."""

    options: ClassVar[dict[str, Any]] = {"sieve": SieveOptions(extensions=("fileinto",), max_size_script=200)}

    def test_a_script_without_room_keeps_no_triage_back(self) -> None:
        """The mail is filed, and /healthz has the reason why the next one is not."""
        self.settle()
        blob_id = self.account.keep_blob("application/sieve", MARK.encode())
        self.account.scripts.add("mailroom", blob_id, MARK)
        mail = self.tap(self.deliver())
        self.live(5)
        assert self.where(mail) == {"Feed"}
        assert self.service.polls.last_poll_error is None
        assert "octets" in str(self.service.polls.routing_error)


class StopTests(ServiceTestCase):
    """The end, at any moment."""

    def test_nothing_is_left_at_any_moment(self) -> None:
        """Idle, connecting, debouncing, in the middle of a poll: no timer, no stream, no error, no waiting."""
        for moment in range(40):
            with self.subTest(moment=moment):
                self.stop()
                self.service = self.new_service()
                self.start()
                self.tap(self.deliver())
                self.live(moment * 0.08)
                self.stop()
                self.agent.flush()  # type: ignore[no-untyped-call]  # untyped in treq
                self.clock.advance(self.ROUND_TRIP)
                assert self.clock.getDelayedCalls() == []
                assert self.sandbox.streams == ()
                assert self.flushLoggedErrors() == []  # type: ignore[no-untyped-call]  # untyped in Twisted
