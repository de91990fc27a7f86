"""When to poll: as soon as the stream announces a change, else at intervals, and one poll at a time."""

from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any, ClassVar, cast

from twisted.application.service import Service
from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IDelayedCall, IReactorTime
from twisted.internet.task import LoopingCall
from twisted.logger import Logger, LogLevel
from twisted.python.failure import Failure

from mailroom.core.errors import MailroomError
from mailroom.polling.debounce import Debounce, PollPolicy
from mailroom.polling.report import PollReport, Trigger
from mailroom.polling.status import PollStatus


class Scheduler(Service):
    """Runs the polls of one account, whatever becomes of any of them.

    `poll` is one complete look-and-act: it may raise anything, and is cancelled when the service stops. `status` is
    told how each poll ended, except one that the service's stop cut short.
    `stream_connected` tells whether changes are being announced at this moment.
    """

    _log: ClassVar[Logger] = Logger()

    def __init__(
        self,
        clock: IReactorTime,
        poll: Callable[[Trigger], Coroutine[Deferred[Any], Any, PollReport]],
        status: PollStatus,
        stream_connected: Callable[[], bool],
        policy: PollPolicy,
    ) -> None:
        self._clock = clock
        self._poll = poll
        self._status = status
        self._stream_connected = stream_connected
        self._policy = policy
        self._debounce = Debounce(policy)
        self._interval = LoopingCall(self._interval_over)
        self._interval.clock = clock
        self._timer: IDelayedCall | None = None
        self._polling: Deferred[PollReport] | None = None

    def startService(self) -> None:
        """Poll as soon as the reactor runs: services are started before it does."""
        Service.startService(self)
        self._debounce = Debounce(self._policy)
        self._timer = self._clock.callLater(0, self._start_interval)

    def stopService(self) -> None:
        """End it all now. A poll in the middle of its work is cut short: every write of it may be done again."""
        Service.stopService(self)
        self._cancel_timer()
        if self._interval.running:
            self._interval.stop()
        polling, self._polling = self._polling, None
        if polling is not None:
            polling.cancel()

    def email_state_changed(self, state: str) -> None:
        """The stream says that the account's Email state is now this one."""
        self._debounce.announce(state, self._clock.seconds())
        self._arrange()

    def stream_opened(self) -> None:
        """The stream is connected, for the first time or again: what it missed is looked up by a poll."""
        self._debounce.stream_opened()
        self._arrange()

    def stream_suspended(self) -> None:
        """The stream is closed to see whether polls succeed without it: one is to come soon, whatever the interval."""
        self._debounce.stream_suspended()
        self._arrange()

    def begin_anew(self) -> None:
        """Connections are dead, and a poll that is under way may hang on them: begin it again, on new ones.

        It is cut short as by a stop, and may be: every write of it may be done again. Where none is under way, one is
        to come as soon as failures allow.
        """
        polling, self._polling = self._polling, None
        if polling is None:
            self._debounce.stream_suspended()
        else:
            polling.cancel()
            self._debounce.stream_opened()
        self._arrange()

    def _start_interval(self) -> None:
        self._interval.start(self._policy.poll_interval).addErrback(partial(self._log.failure, "the interval broke"))

    def _interval_over(self) -> None:
        if self._polling is None and self._debounce.admits_interval(self._clock.seconds()):
            self._begin(self._interval_trigger())

    def _interval_trigger(self) -> Trigger:
        return Trigger.SCHEDULED if self._stream_connected() else Trigger.FALLBACK

    def _arrange(self) -> None:
        """Set the timer for a poll that has to come whether or not the interval is over, if there is one.

        Not during a poll, whose end arranges anew, nor before the first one, which answers all that came before it.
        """
        if self._polling is not None or not self._interval.running:
            return
        self._cancel_timer()
        next_poll = self._debounce.next_poll
        if next_poll is not None:
            self._timer = self._clock.callLater(max(0.0, next_poll - self._clock.seconds()), self._poll_out_of_turn)

    def _poll_out_of_turn(self) -> None:
        self._begin(Trigger.PUSH if self._debounce.push_is_due else self._interval_trigger())

    def _cancel_timer(self) -> None:
        if self._timer is not None and self._timer.active():
            self._timer.cancel()
        self._timer = None

    def _begin(self, trigger: Trigger) -> None:
        self._cancel_timer()
        self._interval.reset()  # any poll is as good as the interval's own
        self._debounce.begin(self._clock.seconds())
        polling = self._polling = Deferred.fromCoroutine(self._poll(trigger))

        def end(outcome: PollReport | Failure) -> None:
            if self._polling is polling:  # otherwise the service was stopped meanwhile
                self._polling = None
                if isinstance(outcome, Failure):
                    self._failed(trigger, outcome)
                else:
                    self._completed(outcome)

        polling.addBoth(end).addErrback(partial(self._log.failure, "the end of a poll failed"))

    def _completed(self, report: PollReport) -> None:
        if report.throttled is None:
            self._debounce.complete(report.states)
        else:
            self._debounce.fail(report.throttled, self._clock.seconds())
        self._arrange()
        self._log_report(report)
        self._status.poll_completed(report)

    def _failed(self, trigger: Trigger, failure: Failure) -> None:
        error = cast("BaseException", failure.value)
        self._debounce.fail(error, self._clock.seconds())
        self._arrange()
        self._log_failure(trigger, failure)
        self._status.poll_failed(trigger, error)

    def _log_report(self, report: PollReport) -> None:
        shown: dict[str, object] = {"trigger": report.trigger.value, "senders": report.senders, "moved": report.moved}
        if report.conflicts:
            shown["conflicts"] = report.conflicts
        if report.failures:
            shown["failures"] = report.failures
        if report.throttled is not None:
            shown["throttled"] = True
        shown |= {"round_trips": report.round_trips, "seconds": round(report.seconds, 2)}
        dull = report.idle and report.trigger is Trigger.SCHEDULED
        message = " ".join(["poll completed", *(f"{name}={{{name}}}" for name in shown)])
        self._log.emit(LogLevel.debug if dull else LogLevel.info, message, **shown)

    def _log_failure(self, trigger: Trigger, failure: Failure) -> None:
        if failure.check(MailroomError):
            self._log.error("poll failed trigger={trigger}: {error}", trigger=trigger.value, error=str(failure.value))
        else:
            self._log.failure("poll failed trigger={trigger}", failure, trigger=trigger.value)
