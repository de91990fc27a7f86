"""What the polls of one account came to since the service started, for whoever wants to look."""

from collections import Counter

from twisted.internet.interfaces import IReactorTime

from mailroom.core.errors import MailroomError
from mailroom.core.wall_clock import WallClock
from mailroom.polling.report import PollReport, Trigger


class PollStatus:
    """How the polls are doing: the scheduler writes it down, and /healthz tells it.

    Times are the clock's seconds at the end of a poll, from which its age follows, whatever becomes of the machine's
    time. `last_poll_date` is the same for people, in seconds since the epoch.
    """

    def __init__(self, clock: IReactorTime, *, wall_clock: WallClock | None = None) -> None:
        self._clock = clock
        self._wall_clock = wall_clock or clock.seconds
        self.started_at = clock.seconds()
        self.polls: Counter[Trigger] = Counter(dict.fromkeys(Trigger, 0))
        """Every poll that came to an end, failed ones too."""
        self.last_poll_at: float | None = None
        self.last_poll_date: float | None = None
        self.last_poll_trigger: Trigger | None = None
        self.last_poll_error: str | None = None
        self.last_success_at: float | None = None
        self.senders_triaged = 0
        self.missing: tuple[str, ...] = ()
        self.routing_error: str | None = None

    @property
    def poll_count(self) -> int:
        """How many polls ended: it grows by one with each, so that a watcher can tell them apart."""
        return self.polls.total()

    def poll_completed(self, report: PollReport) -> None:
        """A poll came to its end, even if it had to leave some senders for the next one."""
        self._note(report.trigger)
        self.last_success_at = self._clock.seconds()
        self.senders_triaged += report.senders
        self.missing = report.missing
        self.routing_error = report.routing_error

    def poll_failed(self, trigger: Trigger, error: BaseException) -> None:
        """A poll broke off. Only messages that are made for people are kept: others may quote anything."""
        described = isinstance(error, MailroomError)
        self._note(trigger, str(error) if described else f"Unexpected {type(error).__name__}: see the log.")

    def _note(self, trigger: Trigger, error: str | None = None) -> None:
        self.polls[trigger] += 1
        self.last_poll_at = self._clock.seconds()
        self.last_poll_date = self._wall_clock()
        self.last_poll_trigger = trigger
        self.last_poll_error = error
