"""A router at work on a furnished account."""

from mailroom.account import Account
from mailroom.routing.errors import RoutingError
from mailroom.routing.router import Router
from mailroom.routing.state import RoutingState
from tests.deferreds import failure_of, result_of
from tests.furnished import FurnishedTestCase


class RouterTestCase(FurnishedTestCase):
    """A test with a router on a furnished account."""

    def setUp(self) -> None:
        super().setUp()
        self.reached = Account(self.configured, self.clock, self.agent)
        self.router: Router = self.reached.router()

    def install(self) -> RoutingState:
        return result_of(self.run_to_end(self.router.install()))

    def state(self) -> RoutingState:
        return result_of(self.run_to_end(self.router.state()))

    def renew(self) -> None:
        result_of(self.run_to_end(self.router.renew()))

    def refusal(self) -> RoutingError:
        return failure_of(self.run_to_end(self.router.install()), RoutingError)

    @property
    def script(self) -> str:
        """The active script."""
        active = self.account.scripts.active
        return active.content if active is not None else ""
