"""One process of the service: its own clock, its own network, and what it is seen to do."""

from collections.abc import Callable
from dataclasses import dataclass

from twisted.application.service import MultiService
from twisted.internet.task import Clock

from mailroom.core.config import MailroomSettings
from mailroom.core.wall_clock import WallClock
from mailroom.polling.report import PollReport, Trigger
from mailroom.service import AccountService
from mailroom.web.health import Health
from tests.simulation.network import Network


@dataclass(slots=True)
class Poll:
    """A poll as seen from outside; times are those of the world. `ended` is None while it runs."""

    trigger: Trigger
    began: float
    ended: float | None = None
    report: PollReport | None = None
    error: BaseException | None = None


class WatchedService(AccountService):
    """Tells of its polls."""

    polled: list[Poll]
    now: Callable[[], float]

    async def _poll(self, trigger: Trigger) -> PollReport:
        poll = Poll(trigger, self.now())
        self.polled.append(poll)
        try:
            poll.report = await super()._poll(trigger)
        except BaseException as error:
            poll.error = error
            raise
        else:
            return poll.report
        finally:
            poll.ended = self.now()


class Process:
    """The service as it runs in one process.

    Its clock counts from the start of its machine, as that of a reactor does, so that it tells no date.
    """

    def __init__(  # noqa: PLR0913, PLR0917 - all that a process is given
        self,
        name: str,
        settings: MailroomSettings,
        network: Network,
        now: Callable[[], float],
        wall_clock: WallClock,
        uniform: Callable[[float, float], float],
        service: type[WatchedService] = WatchedService,
    ) -> None:
        self.name = name
        self.network = network
        self.clock = Clock()
        self._booted = now() - 1000.0
        self.polls: list[Poll] = []
        self.connected: list[float] = []
        """When its stream was connected."""
        self.service = service(settings, self.clock, network, network, uniform, wall_clock=wall_clock)
        self.service.polled, self.service.now = self.polls, now
        self._settings = settings
        self.set_clock(now())

    def set_clock(self, now: float) -> None:
        """Have it the world's time. What is due by then is due: rounding must not hold it up for ever."""
        due = [call.getTime() for call in self.clock.getDelayedCalls() if call.getTime() + self._booted <= now]
        self.clock.rightNow = max(now - self._booted, *due) if due else now - self._booted

    @property
    def due(self) -> float | None:
        """When something of it is due, in the world's time."""
        calls = self.clock.getDelayedCalls()
        return min(call.getTime() for call in calls) + self._booted if calls else None

    def start(self) -> None:
        MultiService.startService(self.service)

    def stop(self) -> None:
        """End it as a signal does."""
        MultiService.stopService(self.service)

    def kill(self) -> None:
        """End it between two instructions. What it still does after that goes nowhere."""
        self.network.sever()
        MultiService.stopService(self.service)

    @property
    def health(self) -> dict[str, object]:
        """What /healthz tells."""
        interval = self._settings.poll_interval
        report: dict[str, object] = Health(self.service.polls, lambda: self.service.stream_status, interval).report(
            self.clock.seconds()
        )
        return report

    @property
    def poll_began(self) -> float | None:
        """When the poll that runs now began."""
        last = self.polls[-1] if self.polls else None
        return last.began if last is not None and last.ended is None else None

    @property
    def is_listening(self) -> bool:
        """Whether its stream is connected."""
        return self.service.stream_status.connected_since is not None
