"""A newcomer's account on a sandbox, and tasks done on it as a command does them."""

from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from twisted.internet.defer import Deferred

from mailroom.account import Account
from mailroom.core.config import MailroomSettings
from tests.deferreds import is_waiting, result_of
from tests.furnished import ROLES, FurnishedTestCase

_T = TypeVar("_T")


class EmptyTestCase(FurnishedTestCase):
    """A test with an account that has nothing of what the settings ask for."""

    def furnish(self) -> None:
        """Make the mailboxes that every account has."""
        for role in ROLES:
            self.account.add_mailbox(role, role=role.lower())

    def do(self, task: Callable[[Account], Coroutine[Deferred[Any], Any, _T]]) -> _T:
        """What comes of a task on the account, each request of which takes a round trip."""
        return self.run_task(self.configured, task)

    def run_task(self, settings: MailroomSettings, task: Callable[[Account], Coroutine[Deferred[Any], Any, _T]]) -> _T:
        """In place of `mailroom.tap.run_task`: the same, on a clock."""
        performing = Deferred.fromCoroutine(task(Account(settings, self.clock, self.agent)))
        while is_waiting(performing) and self.clock.getDelayedCalls():
            self.clock.advance(self.ROUND_TRIP)
            self.agent.flush()  # type: ignore[no-untyped-call]  # untyped in treq
        return result_of(performing)
