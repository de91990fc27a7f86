"""What is timed: whose mails are labelled, and how many."""

from dataclasses import dataclass
from typing import Final, Literal

from mailroom.http.agent import IDLE_CONNECTION_TIMEOUT

QUIET: Final = 1.5
"""Seconds without a request before anything is labelled, so that no poll is running or due."""
CONNECTIONS_CLOSED: Final = IDLE_CONNECTION_TIMEOUT + 2.0
"""Seconds after which the service has closed the connections of its last requests."""


@dataclass(frozen=True, slots=True)
class Scenario:
    """Senders with so many mails each in the screener, labelled after so many seconds without a request.

    `aim` is how many seconds the triage should take at most.
    """

    senders: int
    mails: int
    labelled: Literal["all", "one"]
    aim: float
    quiet: float = QUIET

    def __str__(self) -> str:
        senders = "1 sender" if self.senders == 1 else f"{self.senders} senders"
        pause = "" if self.quiet == QUIET else f", {self.quiet:g} s later"
        return f"{senders}, {self.mails:,} mails, {self.labelled} labelled{pause}"


SCENARIOS: Final = (
    Scenario(1, 10, "all", aim=0.5),
    Scenario(1, 10, "one", aim=0.5),
    Scenario(20, 10, "all", aim=1.0),
    Scenario(20, 10, "one", aim=1.0),
    Scenario(1, 1000, "all", aim=1.5),
    Scenario(1, 1000, "one", aim=1.5),
    Scenario(1, 10, "one", aim=0.5, quiet=CONNECTIONS_CLOSED),
)
INTERRUPTED: Final = Scenario(20, 10, "all", aim=1.0)
"""The service is stopped in the middle of this one."""
