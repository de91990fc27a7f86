"""What a poll was for, and what came of it."""

from dataclasses import dataclass
from enum import StrEnum

from mailroom.core.errors import MailroomError


class Trigger(StrEnum):
    """Why a poll ran."""

    PUSH = "push"
    """The event stream announced a change, or has just been connected or suspended."""
    SCHEDULED = "scheduled"
    """The interval was over while the event stream was connected."""
    FALLBACK = "fallback"
    """The interval was over while it was not."""


@dataclass(frozen=True, slots=True)
class PollReport:
    """One poll that came to its end.

    `senders` were triaged, `failures` counts those whose triage failed and will be tried again, `conflicts` those that
    wait for a person. `missing` names what the settings ask for and the account lacks. `routing_error` says what keeps
    the server's rules for new mail from being renewed. `throttled` is the server's wish to be left alone for a while,
    which it told by refusing a part of the work. `states` holds each Email state
    (RFC 8620 section 5.1) that the poll saw, and those that its own writes led to as long as nobody else's came
    between: an announcement of one of them is no news.
    """

    trigger: Trigger
    senders: int = 0
    moved: int = 0
    conflicts: int = 0
    failures: int = 0
    round_trips: int = 0
    seconds: float = 0.0
    missing: tuple[str, ...] = ()
    routing_error: str | None = None
    throttled: MailroomError | None = None
    states: frozenset[str] = frozenset()

    @property
    def idle(self) -> bool:
        """Whether there was nothing to do. A conflict waits for a person, who was told of it when it arose."""
        return not (self.senders or self.moved or self.failures)
