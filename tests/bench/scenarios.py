"""What is timed: whose mails are labelled, and how many."""

from dataclasses import dataclass
from typing import Final, Literal

QUIET: Final = 4.0
"""Seconds without a request before anything is labelled, so that no poll is running or due."""
TAPS: Final = 20
"""Taps that come one a second, each on the mail of another sender."""
KEEP_ALIVE: Final = 8
"""Seconds that the host of the address book keeps a connection open, where that is measured."""


@dataclass(frozen=True, slots=True)
class Scenario:
    """Senders with so many mails each in the screener. `aim` is how many seconds their triage should take at most."""

    senders: int
    mails: int
    labelled: Literal["all", "one"]
    aim: float

    def __str__(self) -> str:
        senders = "1 sender" if self.senders == 1 else f"{self.senders} senders"
        return f"{senders}, {self.mails:,} mails, {self.labelled} labelled"


SCENARIOS: Final = (
    Scenario(1, 10, "all", aim=0.5),
    Scenario(1, 10, "one", aim=0.5),
    Scenario(20, 10, "all", aim=1.0),
    Scenario(20, 10, "one", aim=1.0),
    Scenario(1, 1000, "all", aim=1.5),
    Scenario(1, 1000, "one", aim=1.5),
)
TAP: Final = Scenario(1, 1, "all", aim=0.5)
INTERRUPTED: Final = Scenario(20, 10, "all", aim=1.0)
"""The service is stopped in the middle of this one."""
