"""When a poll runs, and that nothing outlives the service."""

from collections.abc import Iterator
from typing import Final

from hypothesis import given
from hypothesis.strategies import lists, sampled_from
from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.task import Clock
from twisted.logger import LogEvent, LogLevel, capturedLogs, formatEvent
from twisted.trial.unittest import SynchronousTestCase

from mailroom.core.errors import MailroomError
from mailroom.jmap.errors import RateLimited, Unauthorized
from mailroom.polling.debounce import PollPolicy
from mailroom.polling.report import PollReport, Trigger
from mailroom.polling.scheduler import Scheduler
from mailroom.polling.status import PollStatus

HAPPENINGS: Final = lists(
    sampled_from(["announce", "connect", "end", "fail", "refuse", "second", "minute"]), max_size=60
)


class Recorder:
    """Polls that end when the test says so."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.connected = False
        self.begun: list[tuple[float, str]] = []
        self.running: list[Deferred[PollReport]] = []
        self.cancelled = 0

    async def poll(self, trigger: Trigger) -> PollReport:
        self.begun.append((self.clock.seconds(), trigger.value))
        running: Deferred[PollReport] = Deferred()
        self.running.append(running)
        try:
            return await running
        except CancelledError:
            self.cancelled += 1
            raise

    def is_connected(self) -> bool:
        return self.connected

    def end(self, *states: str, trigger: Trigger = Trigger.PUSH) -> None:
        """The running poll comes to its end, having seen these states."""
        self.running.pop().callback(PollReport(trigger, states=frozenset(states)))

    def fail(self, error: Exception) -> None:
        """The running poll breaks off."""
        self.running.pop().errback(error)


class SchedulerTestCase(SynchronousTestCase):
    """A scheduler with an interval of a minute and a window of three seconds."""

    def setUp(self) -> None:
        self.make_scheduler(poll_interval=60.0)

    def make_scheduler(self, poll_interval: float) -> None:
        self.clock = Clock()
        self.polls = Recorder(self.clock)
        policy = PollPolicy(poll_interval, debounce_seconds=3.0)
        self.status = PollStatus(self.clock)
        self.scheduler = Scheduler(self.clock, self.polls.poll, self.status, self.polls.is_connected, policy)

    def start(self, *states: str) -> None:
        """The service has started, and its first poll is over after 10 seconds."""
        self.scheduler.startService()
        self.clock.advance(0)
        self.clock.advance(10)
        self.polls.end(*states)
        self.polls.begun.clear()

    def flush_errors(self, kind: type[Exception]) -> None:
        """Errors of this kind were to be logged."""
        assert SynchronousTestCase.flushLoggedErrors(self, kind)


class IntervalTests(SchedulerTestCase):
    """Polls that come without being asked for."""

    def test_first_poll(self) -> None:
        """The first poll comes at start, without waiting for the stream."""
        self.scheduler.startService()
        self.clock.advance(0)
        assert self.polls.begun == [(0.0, "fallback")]

    def test_not_before_the_reactor_runs(self) -> None:
        """Starting the service polls nothing yet: services start before the reactor does."""
        self.scheduler.startService()
        assert self.polls.begun == []

    def test_fallback(self) -> None:
        """While the stream is down, the interval's polls are fallbacks."""
        self.start()
        self.clock.advance(50)
        assert self.polls.begun == [(60.0, "fallback")]

    def test_scheduled(self) -> None:
        """While the stream is connected, the interval's polls are scheduled ones."""
        self.start()
        self.polls.connected = True
        self.clock.advance(50)
        assert self.polls.begun == [(60.0, "scheduled")]

    def test_a_push_restarts_the_interval(self) -> None:
        """The interval counts from the last poll, whatever its trigger."""
        self.start()
        self.clock.advance(30)
        self.scheduler.email_state_changed("new")
        self.clock.advance(0)
        self.polls.end("new")
        self.clock.pump([59.0, 1.0])
        assert self.polls.begun == [(40.0, "push"), (100.0, "fallback")]

    def test_one_at_a_time(self) -> None:
        """The interval asks for nothing while a poll runs."""
        self.scheduler.startService()
        self.clock.pump([0, 60, 60, 60])
        assert self.polls.begun == [(0.0, "fallback")]

    def test_on_after_a_long_poll(self) -> None:
        """A poll that took longer than the interval does not end the interval's polls."""
        self.scheduler.startService()
        self.clock.pump([0, 60, 30])
        self.polls.end()
        self.clock.advance(30)
        assert self.polls.begun == [(0.0, "fallback"), (120.0, "fallback")]


class PushTests(SchedulerTestCase):
    """Polls that the stream asks for."""

    def test_leading_edge(self) -> None:
        """A change after some quiet is polled at once."""
        self.start("old")
        self.scheduler.email_state_changed("new")
        self.clock.advance(0)
        assert self.polls.begun == [(10.0, "push")]

    def test_known_state(self) -> None:
        """The state that the last poll saw is no reason to poll."""
        self.start("old")
        self.scheduler.email_state_changed("old")
        self.clock.advance(49)
        assert self.polls.begun == []

    def test_echoes_of_our_own_writes(self) -> None:
        """The states that a poll produced are announced during and after it, and cause none."""
        self.start("old")
        self.scheduler.email_state_changed("tapped")
        self.clock.advance(0)
        self.scheduler.email_state_changed("moved")
        self.polls.end("tapped", "moved", "finished")
        self.scheduler.email_state_changed("finished")
        self.clock.advance(59)
        assert self.polls.begun == [(10.0, "push")]

    def test_changes_in_quick_succession(self) -> None:
        """Any number of changes that follow one another at once collapse into one poll."""
        self.start("old")
        self.scheduler.email_state_changed("1")
        self.clock.advance(0)
        self.polls.end("1")
        for state in ("2", "3", "4"):
            self.clock.advance(0.125)
            self.scheduler.email_state_changed(state)
        self.clock.advance(0.25)
        self.polls.end("4")
        self.clock.advance(50)
        assert self.polls.begun == [(10.0, "push"), (10.625, "push")]

    def test_changes_during_a_long_poll(self) -> None:
        """Changes while a poll outlasts the window collapse into one poll at its end."""
        self.start("old")
        self.scheduler.email_state_changed("1")
        self.clock.advance(0)
        for state in ("2", "3"):
            self.clock.advance(5)
            self.scheduler.email_state_changed(state)
        self.polls.end("1")
        self.clock.advance(0)
        self.polls.end("3")
        self.clock.advance(50)
        assert self.polls.begun == [(10.0, "push"), (20.0, "push")]

    def test_latest_state_at_the_end_of_a_series(self) -> None:
        """A change that is followed at once by a known state causes no poll."""
        self.start("old")
        self.scheduler.email_state_changed("1")
        self.clock.advance(0)
        self.scheduler.email_state_changed("between")
        self.polls.end("1", "2")
        self.clock.advance(0.125)
        self.scheduler.email_state_changed("2")
        self.clock.advance(50)
        assert self.polls.begun == [(10.0, "push")]

    def test_stream_opened(self) -> None:
        """A connected stream is followed by a poll, and by no second one for the state that it begins with."""
        self.start("old")
        self.scheduler.stream_opened()
        self.scheduler.email_state_changed("old")
        self.clock.advance(0)
        self.polls.end("old")
        self.clock.advance(50)
        assert self.polls.begun == [(10.0, "push")]

    def test_stream_opened_during_a_poll(self) -> None:
        """A stream that connects in the middle of a poll is followed by one more: the poll may have looked before."""
        self.scheduler.startService()
        self.clock.advance(0)
        self.scheduler.stream_opened()
        self.polls.end("old")
        self.clock.advance(0)
        assert self.polls.begun == [(0.0, "fallback"), (0.0, "push")]

    def test_stream_opened_before_the_first_poll(self) -> None:
        """The first poll answers a stream that was connected before it."""
        self.scheduler.startService()
        self.scheduler.stream_opened()
        self.clock.advance(0)
        self.polls.end("old")
        self.clock.advance(59)
        assert self.polls.begun == [(0.0, "fallback")]


class FailureTests(SchedulerTestCase):
    """Polls that break off."""

    def test_interval_lives_on(self) -> None:
        """After a poll that raised, the next one comes with the interval."""
        self.scheduler.startService()
        self.clock.advance(0)
        self.polls.fail(ZeroDivisionError())
        self.clock.advance(60)
        assert self.polls.begun == [(0.0, "fallback"), (60.0, "fallback")]
        self.flush_errors(ZeroDivisionError)

    def test_cancelled_inside(self) -> None:
        """A cancellation of something inside a poll is a failure like any other."""
        self.scheduler.startService()
        self.clock.advance(0)
        self.polls.fail(CancelledError())
        self.clock.advance(60)
        assert len(self.polls.begun) == 2
        self.flush_errors(CancelledError)

    def test_status_of_a_failed_poll(self) -> None:
        """The status is told what the poll was for, and why it failed."""
        self.scheduler.startService()
        self.clock.advance(0)
        self.polls.fail(MailroomError("The server is down."))
        assert (self.status.last_poll_trigger, self.status.last_poll_error) == ("fallback", "The server is down.")

    def test_status_of_a_completed_poll(self) -> None:
        """The status is told what came of the poll."""
        self.scheduler.startService()
        self.clock.advance(0)
        self.polls.running.pop().callback(PollReport(Trigger.FALLBACK, senders=2))
        assert (self.status.poll_count, self.status.senders_triaged) == (1, 2)

    def test_failed_push(self) -> None:
        """A push whose poll failed is tried again with growing delays, the first one no shorter than the window."""
        self.start("old")
        self.scheduler.email_state_changed("new")
        self.clock.advance(0)
        for delay in (3, 4, 8):
            self.polls.fail(MailroomError("The server is down."))
            self.clock.advance(delay)
        assert self.polls.begun == [(10.0, "push"), (13.0, "push"), (17.0, "push"), (25.0, "push")]

    def test_retry_after(self) -> None:
        """Neither the interval nor a push breaks the server's Retry-After; the push is answered when it is over."""
        self.start("old")
        self.clock.advance(50)
        self.polls.fail(RateLimited("Too many requests.", status=429, retry_after=90.0))
        self.scheduler.email_state_changed("new")
        self.clock.pump([60, 30])
        assert self.polls.begun == [(60.0, "fallback"), (150.0, "push")]

    def test_wrong_credentials(self) -> None:
        """A server that refuses the credentials is asked once a minute, however often the stream says something."""
        self.start("old")
        self.scheduler.email_state_changed("1")
        self.clock.pump([0, 1])
        self.polls.fail(Unauthorized("No.", status=401))
        for _second in range(60):
            self.scheduler.stream_opened()
            self.clock.advance(1)
        assert self.polls.begun == [(10.0, "push"), (71.0, "push")]

    def test_typed_error_in_the_log(self) -> None:
        """An error made for people is logged as its message, without a traceback."""
        self.scheduler.startService()
        self.clock.advance(0)
        with capturedLogs() as events:
            self.polls.fail(MailroomError("The server is down."))
        (event,) = events
        assert (formatEvent(event), "log_failure" in event) == (
            "poll failed trigger=fallback: The server is down.",
            False,
        )

    def test_broken_status(self) -> None:
        """An error in telling the status is logged, and ends nothing."""
        self.status.polls = None  # type: ignore[assignment]  # counting fails
        self.start()
        self.clock.advance(50)
        assert len(self.polls.begun) == 1
        self.flush_errors(TypeError)


class BeginAnewTests(SchedulerTestCase):
    """Polls when connections are dead."""

    def test_a_poll_under_way(self) -> None:
        """It is cancelled and begun again at once; neither the log nor the status hear of a failure."""
        self.start()
        self.clock.advance(3)
        self.scheduler.email_state_changed("2")
        self.clock.advance(0)
        self.clock.advance(20)
        self.scheduler.begin_anew()
        self.clock.advance(0)
        assert self.polls.cancelled == 1
        assert self.polls.begun == [(13.0, "push"), (33.0, "push")]
        assert self.status.last_poll_error is None

    def test_what_it_was_to_answer(self) -> None:
        """If the new one fails, another one follows it: nobody has answered what the first was for."""
        self.start()
        self.clock.advance(3)
        self.scheduler.email_state_changed("2")
        self.clock.advance(0)
        self.clock.advance(20)
        self.scheduler.begin_anew()
        self.clock.advance(0)
        self.polls.fail(MailroomError("down"))
        self.clock.advance(4)
        assert len(self.polls.begun) == 3

    def test_no_poll_under_way(self) -> None:
        """One comes now."""
        self.start()
        self.clock.advance(5)
        self.scheduler.begin_anew()
        self.clock.advance(0)
        assert self.polls.begun == [(15.0, "push")]

    def test_after_failures(self) -> None:
        """It comes no sooner than failures allow."""
        self.start()
        for _ in range(5):
            self.clock.advance(60)
            self.polls.fail(MailroomError("down"))
        self.polls.begun.clear()
        self.scheduler.begin_anew()
        self.clock.advance(31)
        assert self.polls.begun == []
        self.clock.advance(1)
        assert len(self.polls.begun) == 1

    def test_a_server_that_wants_to_be_left_alone(self) -> None:
        """Its word holds."""
        self.start()
        self.clock.advance(50)
        self.polls.fail(RateLimited("busy", status=429, retry_after=600))
        self.polls.begun.clear()
        self.scheduler.begin_anew()
        self.clock.advance(599)
        assert self.polls.begun == []

    def test_before_the_first_poll_and_after_the_stop(self) -> None:
        """A service that does not run begins nothing."""
        self.scheduler.begin_anew()
        self.start()
        self.scheduler.stopService()
        self.scheduler.begin_anew()
        self.clock.advance(3600)
        assert self.polls.begun == []


class StopTests(SchedulerTestCase):
    """Nothing outlives the service."""

    def assert_over(self) -> None:
        assert self.clock.getDelayedCalls() == []

    def test_before_the_first_poll(self) -> None:
        """Stopped before the reactor runs, it leaves nothing behind."""
        self.scheduler.startService()
        self.scheduler.stopService()
        self.assert_over()

    def test_idle(self) -> None:
        """Stopped between polls, it leaves nothing behind."""
        self.start()
        self.scheduler.stopService()
        self.assert_over()

    def test_within_the_window(self) -> None:
        """Stopped while a push waits for the end of the window, it leaves nothing behind."""
        self.scheduler.startService()
        self.clock.advance(0)
        self.polls.end("old")
        self.scheduler.email_state_changed("new")
        self.scheduler.stopService()
        self.assert_over()

    def test_held(self) -> None:
        """Stopped while the server wants to be left alone, it leaves nothing behind."""
        self.scheduler.startService()
        self.clock.advance(0)
        self.polls.fail(RateLimited("Too many requests.", status=429, retry_after=90.0))
        self.scheduler.stopService()
        self.assert_over()

    def test_during_a_poll(self) -> None:
        """Stopped in the middle of a poll, it cancels the poll and leaves nothing behind."""
        self.scheduler.startService()
        self.clock.advance(0)
        self.scheduler.stopService()
        assert self.polls.cancelled == 1
        self.assert_over()

    def test_a_cancelled_poll_is_not_reported(self) -> None:
        """Of a poll that the stop cut short, neither the status nor the log hears."""
        self.scheduler.startService()
        self.clock.advance(0)
        with capturedLogs() as events:
            self.scheduler.stopService()
        assert (self.status.poll_count, events) == (0, [])

    def test_announcements_after_the_stop(self) -> None:
        """What the stream still says after the stop starts nothing."""
        self.start()
        self.scheduler.stopService()
        self.scheduler.stream_opened()
        self.scheduler.email_state_changed("late")
        self.assert_over()

    def test_restart(self) -> None:
        """Started again, it begins anew, with a first poll at once."""
        self.start()
        self.scheduler.stopService()
        self.clock.advance(1000)
        self.scheduler.startService()
        self.clock.advance(0)
        assert self.polls.begun == [(1010.0, "fallback")]


class LifeTests(SchedulerTestCase):
    """What holds whatever happens, in whatever order."""

    @given(HAPPENINGS)
    def test_one_poll_at_a_time(self, happenings: list[str]) -> None:
        """No order of events makes two polls run at the same time."""
        for _happening in self.live(happenings):
            assert len(self.polls.running) <= 1

    @given(HAPPENINGS)
    def test_no_change_is_lost(self, happenings: list[str]) -> None:
        """After any order of events, a change is polled as soon as the window and every hold are over."""
        for _happening in self.live([*happenings, "end"], poll_interval=86400.0):
            pass
        polls_before = len(self.polls.begun)
        self.scheduler.email_state_changed("the last change")
        self.clock.advance(60)
        assert len(self.polls.begun) == polls_before + 1

    @given(HAPPENINGS)
    def test_nothing_outlives_the_service(self, happenings: list[str]) -> None:
        """Stopped after any order of events, the service leaves no timer behind."""
        for _happening in self.live(happenings):
            pass
        self.scheduler.stopService()
        assert self.clock.getDelayedCalls() == []

    def live(self, happenings: list[str], poll_interval: float = 60.0) -> Iterator[str]:
        """A new service to which all this happens, one thing after the other."""
        self.make_scheduler(poll_interval)
        self.scheduler.startService()
        for number, happening in enumerate(happenings):
            if happening == "announce":
                self.scheduler.email_state_changed(str(number % 3))
            elif happening == "connect":
                self.scheduler.stream_opened()
            elif happening in {"second", "minute"}:
                self.clock.advance(1 if happening == "second" else 60)
            elif self.polls.running:
                self.end_with(happening)
            yield happening

    def end_with(self, happening: str) -> None:
        if happening == "end":
            self.polls.end("0", "1")
        elif happening == "fail":
            self.polls.fail(MailroomError("The server is down."))
        else:
            self.polls.fail(RateLimited("Too many requests.", status=429, retry_after=40.0))


class LogTests(SchedulerTestCase):
    """What a person reads of a poll."""

    def logged(self, report: PollReport) -> LogEvent:
        """How the end of the first poll is logged."""
        self.scheduler.startService()
        self.clock.advance(0)
        with capturedLogs() as events:
            self.polls.running.pop().callback(report)
        (event,) = events
        return event

    def test_fields(self) -> None:
        """A completed poll is one line of fields, its time rounded to hundredths."""
        event = self.logged(PollReport(Trigger.PUSH, senders=1, moved=12, round_trips=4, seconds=0.3141))
        text = "poll completed trigger=push senders=1 moved=12 round_trips=4 seconds=0.31"
        assert formatEvent(event) == text

    def test_structured(self) -> None:
        """The same fields are there as values of the event."""
        event = self.logged(PollReport(Trigger.PUSH, senders=1, moved=12, round_trips=4, seconds=0.3141))
        fields = [event[name] for name in ("trigger", "senders", "moved", "round_trips", "seconds")]
        assert fields == ["push", 1, 12, 4, 0.31]

    def test_trouble_is_shown(self) -> None:
        """Conflicts and failures are in the line when there are any."""
        event = self.logged(PollReport(Trigger.PUSH, conflicts=2, failures=3))
        text = "poll completed trigger=push senders=0 moved=0 conflicts=2 failures=3 round_trips=0 seconds=0.0"
        assert formatEvent(event) == text

    def test_idle_scheduled(self) -> None:
        """What happens every minute is for those who debug."""
        assert self.logged(PollReport(Trigger.SCHEDULED))["log_level"] == LogLevel.debug

    def test_a_conflict_that_waits(self) -> None:
        """A person who takes a week to decide does not have ten thousand lines to read."""
        assert self.logged(PollReport(Trigger.SCHEDULED, conflicts=1))["log_level"] == LogLevel.debug

    def test_idle_push(self) -> None:
        """A push that found nothing is worth a line."""
        assert self.logged(PollReport(Trigger.PUSH))["log_level"] == LogLevel.info

    def test_busy_scheduled(self) -> None:
        """A scheduled poll that found something is worth a line: the push had missed it."""
        assert self.logged(PollReport(Trigger.SCHEDULED, senders=1))["log_level"] == LogLevel.info
