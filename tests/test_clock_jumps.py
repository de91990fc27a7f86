"""A machine's clock that is set, forwards or back: what waits is not moved by it, what people read follows it."""

import math
import time
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any, cast

from twisted.internet.posixbase import PosixReactorBase
from twisted.internet.testing import MemoryReactorClock

from mailroom.contacts.notes import TriageNote
from mailroom.polling.report import Trigger
from mailroom.sandbox.faults import Answer
from mailroom.service import AccountService
from mailroom.tap import make_monotonic
from mailroom.web.health import Health
from tests.test_service import HOUR, MINUTE, ServiceTestCase

DAY = 24 * HOUR
JUMPS = (-HOUR, HOUR, -DAY, DAY)


class ClockJumpTestCase(ServiceTestCase):
    """A service beside a wall clock that may be set at any time."""

    def setUp(self) -> None:
        self.set_by = 0.0
        super().setUp()
        self.settle()

    def wall_clock(self) -> float:
        return self.clock.seconds() + self.set_by

    def new_service(self) -> AccountService:
        return AccountService(
            self.configured, self.clock, self.agent, self.agent, uniform=max, wall_clock=self.wall_clock
        )

    def health(self) -> dict[str, Any]:
        polls, interval = self.service.polls, self.configured.poll_interval
        return Health(polls, lambda: self.service.stream_status, interval).report(self.clock.seconds())

    def date(self) -> datetime:
        return datetime.fromtimestamp(self.wall_clock(), UTC)


class WaitingTests(ClockJumpTestCase):
    """Durations are those of the clock that measures."""

    def test_polls_come_at_the_interval(self) -> None:
        """A step either way neither holds one up nor brings one forward."""
        for jump in JUMPS:
            with self.subTest(jump=jump):
                before = self.polls[Trigger.SCHEDULED]
                self.set_by += jump
                self.live(5 * MINUTE)
                assert self.polls[Trigger.SCHEDULED] == before + 5

    def test_pushes_do_not_wait(self) -> None:
        """A tap right after the step is worked off as fast as any, and so is one that comes within the window."""
        for jump in JUMPS:
            with self.subTest(jump=jump):
                self.live(MINUTE / 2)
                self.set_by += jump
                first = self.tap(self.deliver())
                self.live(5 * self.ROUND_TRIP)
                second = self.tap(self.deliver())
                self.live(self.configured.debounce_seconds + 5 * self.ROUND_TRIP)
                self.assert_where([first, second], {"Feed"})

    def test_the_stream_stays(self) -> None:
        """Neither does silence seem longer than it is, nor does one that died stay unnoticed."""
        for jump in JUMPS:
            with self.subTest(jump=jump):
                connections = self.service.stream_status.reconnect_count
                self.set_by += jump
                self.live(10 * MINUTE)
                assert self.service.stream_status.reconnect_count == connections

    def test_a_date_to_come_back_at_is_one_of_the_wall_clock(self) -> None:
        """Retry-After may name a date (RFC 9110 section 10.2.3): that of the day on which it is heard."""
        self.set_by = -DAY
        date = format_datetime(datetime.fromtimestamp(self.wall_clock() + 10 * MINUTE, UTC), usegmt=True)
        self.order(Answer(503, {"Retry-After": date}), times=math.inf)
        self.sandbox.hang_up_streams()
        self.live(2 * MINUTE)
        before = len(self.sandbox.received)
        self.live(7 * MINUTE)
        assert len(self.sandbox.received) == before
        self.order()
        self.live(3 * MINUTE)
        assert len(self.sandbox.received) > before


class ReadingTests(ClockJumpTestCase):
    """Dates are those of the wall clock, ages are not."""

    def test_ages_are_right_and_dates_follow(self) -> None:
        """/healthz tells how long ago a poll was, whatever its date; and the date is the machine's at the time."""
        for jump in JUMPS:
            with self.subTest(jump=jump):
                self.set_by += jump
                self.live(2 * MINUTE)
                health = self.health()
                age = health["last_poll_age_seconds"]
                assert health["status"] == "ok"
                assert 0 <= age <= MINUTE
                told = datetime.fromisoformat(health["last_poll_at"])
                assert abs((self.date() - told).total_seconds() - age) < 0.01

    def test_a_step_right_after_a_poll_does_not_change_its_age(self) -> None:
        """Nor the verdict: a step forward is no failure, and one back hides none."""
        before = self.health()
        for jump in JUMPS:
            with self.subTest(jump=jump):
                self.set_by = jump
                assert self.health() == before

    def test_no_success_is_unhealthy_though_the_clock_is_set_back(self) -> None:
        """An hour that the wall clock takes back has passed all the same."""
        self.order(Answer(503), times=math.inf)
        self.set_by = -HOUR
        self.live(5 * MINUTE)
        assert self.health()["status"] == "unhealthy"

    def test_the_stream_is_dated_by_the_wall_clock(self) -> None:
        """The time of a connection, and of its last event; the next attempt is told in seconds, and those are real."""
        self.set_by = -DAY
        self.sandbox.hang_up_streams()
        self.live(MINUTE)
        self.deliver()
        self.live(1)
        stream = self.service.stream_status
        assert stream.connected_since is not None
        assert stream.last_event is not None
        assert 0 <= self.wall_clock() - stream.connected_since <= MINUTE
        assert 0 <= self.wall_clock() - stream.last_event <= MINUTE
        self.order(Answer(503), times=math.inf)
        self.sandbox.hang_up_streams()
        self.live(1)
        self.set_by = DAY
        assert 0 < self.health()["eventsource"]["retry_in_seconds"] <= MINUTE

    def test_notes_have_the_date_of_the_wall_clock(self) -> None:
        """On which day somebody was triaged is for people."""
        self.set_by = -30 * DAY
        self.tap(self.deliver())
        self.live(2)
        (card,) = (card.json for card in self.book.cards.values() if "bob@example.com" in str(card.json))
        (note,) = (note["note"] for note in card["notes"].values())
        assert note == str(TriageNote("Feed", self.date().date()))


def test_the_reactor_measures_by_a_clock_that_nobody_sets() -> None:
    """Whatever starts Mailroom sees to it."""
    reactor = cast("PosixReactorBase", MemoryReactorClock())
    make_monotonic(reactor)
    assert reactor.seconds is time.monotonic
