"""The script kept in step with the groups: by each poll, and by each command that triages."""

from dataclasses import replace
from typing import ClassVar

from twisted.internet.interfaces import IReactorTime
from twisted.logger import Logger

from mailroom.core.errors import MailroomError
from mailroom.http.round_trips import RoundTrips
from mailroom.polling.report import PollReport, Trigger
from mailroom.routing.errors import RoutingError
from mailroom.routing.router import Router
from mailroom.triage.screener import Screener


async def renew_rules(router: Router) -> str | None:
    """Let the next mail go by the groups as they are now; why it does not, if so: what was done before stays done."""
    try:
        await router.renew()
    except MailroomError as error:
        return str(error)
    return None


class RoutingSync:
    """Polls as a screener does, and renews the script afterwards if the groups may have changed.

    They may have before the first poll too: the service may have been ended between a triage and the renewal. What may
    pass by itself is tried again by every poll; a script that is too large, or refused, after the next triage. Where
    the renewal is not urgent, it waits for a triage, and for a poll that nobody waits for.
    """

    _log: ClassVar[Logger] = Logger()

    def __init__(self, screener: Screener, router: Router, clock: IReactorTime, round_trips: RoundTrips) -> None:
        self._screener = screener
        self._router = router
        self._clock = clock
        self._round_trips = round_trips
        self._is_due = True
        self._has_triaged = False
        self._error: str | None = None

    async def poll(self, trigger: Trigger) -> PollReport:
        """One poll. It counts although the renewal fails: then the report says why."""
        report = await self._screener.poll(trigger)
        started, depth = self._clock.seconds(), self._round_trips.sequential
        if report.senders or report.failures:
            self._is_due = self._has_triaged = True
        if self._is_due:
            report = replace(report, throttled=await self._renew(trigger) or report.throttled)
        return replace(
            report,
            routing_error=self._error,
            round_trips=report.round_trips + self._round_trips.sequential - depth,
            seconds=report.seconds + self._clock.seconds() - started,
        )

    async def _renew(self, trigger: Trigger) -> MailroomError | None:
        """Renew if it is time; what keeps it from being done that passes by itself."""
        previous = self._error
        try:
            if (trigger is Trigger.PUSH or not self._has_triaged) and not await self._router.is_urgent():
                return None
            await self._router.renew()
            self._is_due, self._error = False, None
        except MailroomError as error:
            self._is_due = not isinstance(error, RoutingError)
            self._error = str(error)
            if self._error != previous:
                self._log.warn("new mail is not routed as it should be: {error}", error=self._error)
            return error if error.temporary else None
        return None
