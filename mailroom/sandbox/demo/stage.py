"""What a user's gestures lead to, as an audience sees it: in the account, and at the service's /healthz."""

import json
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, NoReturn

from twisted.internet.interfaces import IReactorTime
from twisted.internet.task import deferLater

from mailroom.core.errors import MailroomError
from mailroom.core.wall_clock import WallClock
from mailroom.http.client import Http, Request
from mailroom.sandbox.demo.visitor import Gesture, Visitor
from mailroom.sandbox.demo.watch import Move, Whereabouts, when
from mailroom.sandbox.store.account import Account

PATIENCE: Final = 10.0
"""Seconds within which a service on the same machine has to react to anything."""
_LOOK_EVERY: Final = 0.05
_MILLISECOND: Final = 0.001


class NothingHappened(MailroomError):
    """The service did not do what it is there for, or not in time."""


@dataclass(frozen=True, slots=True)
class Reaction:
    """What the service made of a gesture: `seconds` are from the labels put on to the effect seen in the account."""

    gesture: Gesture
    trigger: str
    seconds: float
    moves: Counter[Move]


class Stage:
    """Where a visitor and a service meet."""

    def __init__(  # noqa: PLR0913 - all that meets there
        self,
        account: Account,
        visitor: Visitor,
        http: Http,
        health_url: str,
        clock: IReactorTime,
        *,
        wall_clock: WallClock | None = None,
    ) -> None:
        self._account = account
        self._visitor = visitor
        self._http = http
        self._health_url = health_url
        self._clock = clock
        self._wall_clock = wall_clock or clock.seconds

    async def service_is_ready(self) -> None:
        """Wait until the service's event stream is connected, and the poll that follows has ended.

        Raises `NothingHappened` if that takes too long, with the service's own word on it.
        """
        await self._health(lambda health: health["polls"]["push"] > 0)

    async def play(self, gesture: Gesture) -> Reaction:
        """Let the visitor act, and wait for the effect. Raises `NothingHappened` if there is none in time."""
        labels = self._visitor.labels
        whereabouts = Whereabouts(self._account, self._mails(gesture), ignored=labels)
        began = self._clock.seconds()
        self._visitor.act(gesture)
        effect = when(self._account, self._clock, lambda: self._visitor.is_done(gesture))
        ended = await effect.addTimeout(PATIENCE, self._clock, _nothing_happened)
        date = self._wall_clock()
        health = await self._health(lambda health: _ended_at(health) >= date)
        return Reaction(gesture, health["last_poll_trigger"], ended - began, whereabouts.moves())

    def _mails(self, gesture: Gesture) -> list[str]:
        return [mail.id for mail in self._visitor.mails_from(gesture.sender)]

    async def _health(self, suits: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """What /healthz says, as soon as it suits."""
        end = self._clock.seconds() + PATIENCE
        while self._clock.seconds() < end:
            answer = await self._http.fetch(Request("GET", self._health_url))
            health: dict[str, Any] = json.loads(answer.body)
            if suits(health):
                return health
            await deferLater(self._clock, _LOOK_EVERY)
        reason = health["last_poll_error"] or health["eventsource"]["error"] or "no error is known"
        raise NothingHappened(f"The service has not come to it within {PATIENCE:g} s ({reason}). Try --verbose.")


def _ended_at(health: dict[str, Any]) -> float:
    """When the last poll ended, in seconds since the epoch; what is told in whole milliseconds may be one later."""
    if health["last_poll_at"] is None:
        return 0.0
    return datetime.fromisoformat(health["last_poll_at"]).timestamp() + _MILLISECOND


def _nothing_happened(_result: object, seconds: float) -> NoReturn:
    raise NothingHappened(f"The label was not worked off within {seconds:g} s. Try --verbose, which shows why.")
