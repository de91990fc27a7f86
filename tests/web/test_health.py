"""What /healthz says, and when it asks for help."""

import json
from dataclasses import replace
from typing import Any

from treq.testing import RequestTraversalAgent
from twisted.internet.defer import Deferred
from twisted.internet.error import ConnectionDone
from twisted.internet.task import Clock
from twisted.internet.testing import StringTransport
from twisted.logger import capturedLogs
from twisted.python.failure import Failure
from twisted.trial.unittest import SynchronousTestCase

from mailroom import __version__
from mailroom.core.errors import MailroomError
from mailroom.http.agent import request_client
from mailroom.http.client import Answer, Http, Request
from mailroom.polling.report import PollReport, Trigger
from mailroom.polling.status import PollStatus
from mailroom.push.status import StreamState, StreamStatus
from mailroom.web.health import Health, health_site

NOON = 1795521600.0
"""2026-11-24T12:00:00Z"""


class HealthTestCase(SynchronousTestCase):
    """A service that was started at noon, with an interval of a minute."""

    def setUp(self) -> None:
        self.clock = Clock()
        self.clock.rightNow = NOON
        self.polls = PollStatus(self.clock)
        self.stream = StreamStatus(StreamState.CONNECTING)
        self.site = health_site(Health(self.polls, lambda: self.stream, poll_interval=60.0), self.clock)
        agent = RequestTraversalAgent(self.site.resource)  # type: ignore[no-untyped-call]  # treq.testing is untyped
        self.http = Http(request_client(agent), self.clock)

    def request(self, path: str = "/healthz", method: str = "GET") -> Answer:
        exchange = Deferred.fromCoroutine(self.http.fetch(Request(method, f"http://127.0.0.1:8080{path}")))
        answer: Answer = SynchronousTestCase.successResultOf(self, exchange)
        return answer

    def report(self) -> dict[str, Any]:
        report: dict[str, Any] = json.loads(self.request().body)
        return report

    def health_text(self) -> tuple[int, str]:
        """The HTTP status and the word for it."""
        response = self.request()
        return response.status, json.loads(response.body)["status"]


class VerdictTests(HealthTestCase):
    """200 or 503."""

    def test_starting(self) -> None:
        """Before the first poll could be expected to have succeeded, nothing is wrong."""
        self.clock.advance(150)
        assert self.health_text() == (200, "starting")

    def test_never_a_success(self) -> None:
        """A service whose polls never succeeded is unhealthy after two intervals and half a minute."""
        self.clock.advance(150.1)
        assert self.health_text() == (503, "unhealthy")

    def test_ok(self) -> None:
        """A service whose last success is no older than two intervals and half a minute is healthy."""
        self.clock.advance(1000)
        self.polls.poll_completed(PollReport(Trigger.PUSH))
        self.clock.advance(150)
        assert self.health_text() == (200, "ok")

    def test_old_success(self) -> None:
        """A service whose last success is older than that is not, however many polls failed since."""
        self.polls.poll_completed(PollReport(Trigger.PUSH))
        self.clock.advance(150.1)
        self.polls.poll_failed(Trigger.FALLBACK, MailroomError("The server is down."))
        assert self.health_text() == (503, "unhealthy")

    def test_recovered(self) -> None:
        """One success makes the service healthy again."""
        self.clock.advance(1000)
        self.polls.poll_completed(PollReport(Trigger.FALLBACK))
        assert self.health_text() == (200, "ok")


class ReportTests(HealthTestCase):
    """What the JSON holds."""

    def test_before_the_first_poll(self) -> None:
        """Every key is there from the beginning."""
        self.clock.advance(1.5)
        assert self.report() == {
            "status": "starting",
            "version": __version__,
            "uptime_seconds": 1.5,
            "last_poll_at": None,
            "last_poll_age_seconds": None,
            "last_poll_trigger": None,
            "last_poll_error": None,
            "poll_count": 0,
            "polls": {"push": 0, "scheduled": 0, "fallback": 0},
            "senders_triaged": 0,
            "missing": [],
            "routing_error": None,
            "eventsource": {
                "connected": False,
                "status": "connecting",
                "url": None,
                "last_event": None,
                "connected_since": None,
                "reconnect_count": 0,
                "retry_in_seconds": None,
                "error": None,
            },
        }

    def test_after_a_poll(self) -> None:
        """The last poll is told by its end, its age and its trigger, and the counts grow."""
        self.clock.advance(2.25)
        self.polls.poll_completed(
            PollReport(Trigger.PUSH, senders=2, missing=("mailbox Feed",), routing_error="The script is too large.")
        )
        self.clock.advance(1)
        report = self.report()
        expected = {
            "last_poll_at": "2026-11-24T12:00:02.250+00:00",
            "last_poll_age_seconds": 1.0,
            "last_poll_trigger": "push",
            "last_poll_error": None,
            "poll_count": 1,
            "polls": {"push": 1, "scheduled": 0, "fallback": 0},
            "senders_triaged": 2,
            "missing": ["mailbox Feed"],
            "routing_error": "The script is too large.",
        }
        assert {key: report[key] for key in expected} == expected

    def test_after_a_failed_poll(self) -> None:
        """A failed poll is told with its reason."""
        self.polls.poll_failed(Trigger.FALLBACK, MailroomError("The server is down."))
        report = self.report()
        assert (report["last_poll_trigger"], report["last_poll_error"]) == ("fallback", "The server is down.")

    def test_connected_stream(self) -> None:
        """A connected stream is told with its times."""
        self.stream = StreamStatus(
            state=StreamState.CONNECTED,
            url="https://jmap.example/events",
            connected_since=NOON + 1,
            last_event=NOON + 2.5,
            reconnect_count=3,
        )
        assert self.report()["eventsource"] == {
            "connected": True,
            "status": "connected",
            "url": "https://jmap.example/events",
            "last_event": "2026-11-24T12:00:02.500+00:00",
            "connected_since": "2026-11-24T12:00:01.000+00:00",
            "reconnect_count": 3,
            "retry_in_seconds": None,
            "error": None,
        }

    def test_waiting_stream(self) -> None:
        """A lost stream is told with its reason and the time left to the next attempt."""
        self.stream = replace(self.stream, state=StreamState.WAITING, retry_at=NOON + 40, error="No connection.")
        self.clock.advance(30)
        stream = self.report()["eventsource"]
        assert (stream["status"], stream["retry_in_seconds"], stream["error"]) == ("waiting", 10.0, "No connection.")

    def test_clock_set_back(self) -> None:
        """Ages are never negative, even when the system's clock was set back."""
        self.polls.poll_completed(PollReport(Trigger.PUSH))
        self.clock.rightNow = NOON - 3600
        assert self.report()["last_poll_age_seconds"] == 0.0


class PageTests(HealthTestCase):
    """How it is served."""

    def test_headers(self) -> None:
        """The answer is JSON, and no cache keeps it."""
        headers = self.request().headers
        assert [headers.getRawHeaders(name) for name in ("content-type", "cache-control")] == [
            ["application/json"],
            ["no-store"],
        ]

    def test_head(self) -> None:
        """HEAD gives the status without the body."""
        self.clock.advance(1000)
        response = self.request(method="HEAD")
        assert (response.status, response.body) == (503, b"")

    def test_other_paths(self) -> None:
        """Elsewhere is nothing."""
        response = self.request("/")
        assert (response.status, response.body) == (404, b"Only /healthz is here.\n")

    def test_other_methods(self) -> None:
        """Nothing can be sent to it."""
        assert self.request(method="POST").status == 405

    def test_quiet(self) -> None:
        """From start to stop, serving a request, the site logs nothing."""
        with capturedLogs() as events:
            self.site.doStart()
            connection = self.site.buildProtocol(None)
            connection.makeConnection(StringTransport())
            connection.dataReceived(b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
            connection.connectionLost(Failure(ConnectionDone()))
            self.site.doStop()
        assert events == []
