"""A made-up user and the whole service, in memory and in no time."""

from collections.abc import Callable
from itertools import islice
from random import Random

from treq.testing import RequestTraversalAgent
from twisted.application.service import MultiService
from twisted.internet.defer import Deferred
from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from mailroom.http.agent import request_client
from mailroom.http.client import Http
from mailroom.sandbox import Sandbox
from mailroom.sandbox.demo.population import populate
from mailroom.sandbox.demo.stage import PATIENCE, NothingHappened, Reaction, Stage
from mailroom.sandbox.demo.visitor import Visitor
from mailroom.sandbox.settings import SandboxSettings
from mailroom.service import AccountService
from mailroom.web.health import Health, HealthPage
from tests.deferreds import failure_of, result_of

NOW = 1_790_000_000.0


class StageTestCase(SynchronousTestCase):
    """A populated account; the service is there but has not been started."""

    def setUp(self) -> None:
        self.clock = Clock()
        self.clock.advance(NOW)
        sandbox = Sandbox(self.clock)
        populate(sandbox.account)
        settings = SandboxSettings(
            jmap_url="https://sandbox.example", jmap_token=sandbox.options.token, debounce_seconds=0.5
        )
        mail_server = RequestTraversalAgent(sandbox.resource)  # type: ignore[no-untyped-call]  # treq.testing is untyped
        self.service = AccountService(settings, self.clock, mail_server, mail_server)
        health = Health(self.service.polls, lambda: self.service.stream_status, settings.poll_interval)
        page = RequestTraversalAgent(HealthPage(health, self.clock).app.resource())  # type: ignore[no-untyped-call]
        self.flushes: list[Callable[[], None]] = [mail_server.flush, page.flush]
        self.visitor = Visitor(sandbox.account, settings, Random(1))  # noqa: S311 - taps are no secret
        http = Http(request_client(page), self.clock)
        self.stage = Stage(sandbox.account, self.visitor, http, "https://service.example/healthz", self.clock)

    def live(self, seconds: float, step: float = 0.02) -> None:
        """Let time pass in small steps, and everything written arrive."""
        for _step in range(round(seconds / step)):
            self.clock.advance(step)
            for flush in self.flushes:
                flush()

    def start(self) -> None:
        """The service, up to the point at which it listens."""
        MultiService.startService(self.service)
        self.addCleanup(self.service.stopService)
        ready = Deferred.fromCoroutine(self.stage.service_is_ready())
        self.live(1)
        result_of(ready)

    def play(self, gestures: int) -> list[Reaction]:
        """The reactions to the first few gestures, a second for each."""
        reactions = []
        for gesture in islice(self.visitor.gestures(), gestures):
            playing = Deferred.fromCoroutine(self.stage.play(gesture))
            self.live(1)
            reactions.append(result_of(playing))
        return reactions


class ServiceTests(StageTestCase):
    """The service does what the user asks for."""

    def setUp(self) -> None:
        super().setUp()
        self.start()

    def test_every_occasion_is_answered(self) -> None:
        """Each gesture of two rounds has its effect, through push."""
        assert [reaction.trigger for reaction in self.play(10)] == ["push"] * 10

    def test_new_sender_leaves_the_screener(self) -> None:
        """The mails that move at a first tap are above all those that waited."""
        [reaction] = self.play(1)
        [(move, _count)] = reaction.moves.most_common(1)
        assert move.left == ("Screener",)

    def test_conflict_moves_nothing(self) -> None:
        """Mails with contradictory labels stay where they are."""
        assert not self.play(4)[3].moves

    def test_decision_is_followed(self) -> None:
        """Once the user has decided, the mails move."""
        assert self.play(5)[4].moves


class NoServiceTests(StageTestCase):
    """Nobody reacts."""

    def test_service_that_never_gets_ready(self) -> None:
        """A service that does not listen in time is told from one that does."""
        ready = Deferred.fromCoroutine(self.stage.service_is_ready())
        self.live(PATIENCE + 1, step=0.5)
        failure_of(ready, NothingHappened)

    def test_label_that_stays(self) -> None:
        """A label that nobody works off is not waited for without end."""
        playing = Deferred.fromCoroutine(self.stage.play(next(self.visitor.gestures())))
        self.live(PATIENCE + 1, step=0.5)
        failure_of(playing, NothingHappened)

    def test_poll_that_does_not_end(self) -> None:
        """An effect without a poll to thank for it is no reaction."""
        gesture = next(self.visitor.gestures())
        playing = Deferred.fromCoroutine(self.stage.play(gesture))
        self.visitor.act(type(gesture)("decision", gesture.sender, dict.fromkeys(gesture.labels)))
        self.live(PATIENCE + 1, step=0.5)
        failure_of(playing, NothingHappened)
