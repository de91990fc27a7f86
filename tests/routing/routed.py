"""A router at work on a furnished account."""

from collections.abc import Coroutine
from typing import Any

from twisted.internet.defer import Deferred

from mailroom.account import Account
from mailroom.routing.errors import RoutingError
from mailroom.routing.router import Router
from mailroom.routing.state import RoutingState
from tests.deferreds import failure_of, is_waiting
from tests.furnished import FurnishedTestCase


class RouterTestCase(FurnishedTestCase):
    """A test with a router on a furnished account."""

    def setUp(self) -> None:
        super().setUp()
        self.reached = Account(self.configured, self.clock, self.agent)
        self.router: Router = self.reached.router()

    def run_to_end(self, step: Coroutine[Any, Any, Any]) -> Deferred[Any]:
        """Let the server answer, each request after the time of a round trip."""
        outcome: Deferred[Any] = Deferred.fromCoroutine(step)
        while is_waiting(outcome) and self.clock.getDelayedCalls():
            self.clock.advance(self.ROUND_TRIP)
            self.agent.flush()  # type: ignore[no-untyped-call]  # untyped in treq
        return outcome

    def install(self) -> RoutingState:
        state: RoutingState = self.successResultOf(self.run_to_end(self.router.install()))
        return state

    def state(self) -> RoutingState:
        state: RoutingState = self.successResultOf(self.run_to_end(self.router.state()))
        return state

    def renew(self) -> None:
        self.successResultOf(self.run_to_end(self.router.renew()))

    def refusal(self) -> RoutingError:
        return failure_of(self.run_to_end(self.router.install()), RoutingError)

    @property
    def script(self) -> str:
        """The active script."""
        active = self.account.scripts.active
        return active.content if active is not None else ""
