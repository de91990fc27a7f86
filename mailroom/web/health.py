"""/healthz: is Mailroom doing its work, for probes and for people who wonder."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, ClassVar, Final

from klein import Klein
from twisted.internet.interfaces import IReactorTime
from twisted.python.failure import Failure
from twisted.web.http import NOT_FOUND, OK, SERVICE_UNAVAILABLE
from twisted.web.iweb import IRequest
from twisted.web.server import Site
from werkzeug.exceptions import HTTPException

from mailroom import __version__
from mailroom.core.redaction import Redaction
from mailroom.polling.status import PollStatus
from mailroom.push.status import StreamStatus
from mailroom.web.front import json_answer, text_answer
from mailroom.web.site import BoundedSite

_GRACE: Final = 30.0
"""Seconds that a poll may last beyond two intervals before it counts as missing."""


@dataclass(frozen=True, slots=True)
class Health:
    """What the parts of one account say about themselves, without secrets.

    `now` is by the clock that measures, as in the parts.
    """

    polls: PollStatus
    stream: Callable[[], StreamStatus]
    poll_interval: float
    redaction: Redaction = field(default_factory=Redaction)

    def status(self, now: float) -> str:
        """`ok`, `unhealthy` if no poll has succeeded for two intervals and a grace, or `starting` until one had to."""
        last_sign = self.polls.started_at if self.polls.last_success_at is None else self.polls.last_success_at
        if now - last_sign > 2 * self.poll_interval + _GRACE:
            return "unhealthy"
        return "starting" if self.polls.last_success_at is None else "ok"

    def report(self, now: float) -> dict[str, Any]:
        """Everything that /healthz tells, as JSON."""
        polls = self.polls
        return {
            "status": self.status(now),
            "version": __version__,
            "uptime_seconds": _elapsed(polls.started_at, now),
            "last_poll_at": _iso(polls.last_poll_date),
            "last_poll_age_seconds": _elapsed(polls.last_poll_at, now),
            "last_poll_trigger": polls.last_poll_trigger,
            "last_poll_error": self.redaction.value(polls.last_poll_error),
            "poll_count": polls.poll_count,
            "polls": dict(polls.polls),
            "senders_triaged": polls.senders_triaged,
            "missing": self.redaction.value(polls.missing),
            "routing_error": self.redaction.value(polls.routing_error),
            "eventsource": self._stream_report(now),
        }

    def _stream_report(self, now: float) -> dict[str, Any]:
        stream = self.stream()
        return {
            "connected": stream.connected_since is not None,
            "status": stream.state,
            "url": self.redaction.value(stream.url),
            "last_event": _iso(stream.last_event),
            "connected_since": _iso(stream.connected_since),
            "reconnect_count": stream.reconnect_count,
            "retry_in_seconds": None if stream.retry_at is None else _elapsed(now, stream.retry_at),
            "error": self.redaction.value(stream.error),
        }


class HealthPage:
    """Answers at /healthz, and nowhere else."""

    app: ClassVar[Klein] = Klein()

    def __init__(self, health: Health, clock: IReactorTime) -> None:
        self._health = health
        self._clock = clock

    @app.route("/healthz", methods=["GET"])
    def healthz(self, request: IRequest) -> bytes:
        """200 while healthy, else 503: what an orchestrator restarts by. The body is the same for both."""
        report = self._health.report(self._clock.seconds())
        request.setResponseCode(SERVICE_UNAVAILABLE if report["status"] == "unhealthy" else OK)
        return json_answer(request, report)

    @app.handle_errors(HTTPException)
    def anything_else(self, request: IRequest, failure: Failure) -> bytes:  # noqa: ARG002 - the name is Klein's
        request.setResponseCode(NOT_FOUND)
        return text_answer(request, "Only /healthz is here.")


def health_site(health: Health, clock: IReactorTime) -> Site:
    """What is to listen on the port of the `web` setting."""
    return BoundedSite(HealthPage(health, clock).app.resource(), clock)


def _iso(seconds: float | None) -> str | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds")


def _elapsed(since: float | None, now: float) -> float | None:
    """Seconds from one time to another, by the clock that measures; none for what is due already."""
    return None if since is None else round(max(0.0, now - since), 3)
