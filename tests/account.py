"""One account on a sandbox, in memory, on a clock by which every request takes its time."""

import math
from collections.abc import Callable, Coroutine, Iterable
from typing import Any, ClassVar, Literal, TypeVar

from pydantic import SecretStr
from treq.testing import RequestTraversalAgent
from twisted.internet.defer import Deferred
from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from mailroom.account import Account
from mailroom.core.config import MailroomSettings
from mailroom.sandbox import Sandbox, SandboxOptions
from mailroom.sandbox.faults import Delay, Fault
from mailroom.sandbox.settings import SandboxSettings
from tests.deferreds import is_waiting, result_of

ORIGIN = "https://sandbox.example"
LATE_2026 = 1_795_400_000.0
"""2026-11-23, in seconds since the epoch."""
ROLES = ("Inbox", "Archive", "Drafts", "Sent", "Trash", "Junk")

_T = TypeVar("_T")


class AccountTestCase(SynchronousTestCase):
    """A test with a newcomer's account: it has the mailboxes that every account has, and nothing of Mailroom's."""

    ROUND_TRIP: ClassVar[float] = 0.1
    contacts: ClassVar[Literal["jmap", "carddav"]] = "jmap"
    options: ClassVar[dict[str, Any]] = {}
    settings: ClassVar[dict[str, Any]] = {}

    def setUp(self) -> None:
        self.clock = Clock()
        self.clock.advance(LATE_2026)
        options = SandboxOptions(contacts=self.contacts, **self.options)
        self.sandbox = Sandbox(self.clock, options)
        self.account = self.sandbox.account
        self.book = self.account.address_book
        self.agent = RequestTraversalAgent(self.sandbox.resource)  # type: ignore[no-untyped-call]  # untyped in treq
        self.configured = SandboxSettings(
            jmap_url=ORIGIN,
            jmap_username=options.username,
            jmap_password=SecretStr(options.password),
            carddav_url=ORIGIN,
            contacts=self.contacts,
            **self.settings,
        )
        self.order()
        for role in ROLES:
            self.account.add_mailbox(role, role=role.lower())

    def do(self, task: Callable[[Account], Coroutine[Deferred[Any], Any, _T]]) -> _T:
        """What comes of a task on the account."""
        return self.run_task(self.configured, task)

    def run_task(self, settings: MailroomSettings, task: Callable[[Account], Coroutine[Deferred[Any], Any, _T]]) -> _T:
        """In place of `mailroom.tap.run_task`: the same, on a clock."""
        return result_of(self.run_to_end(task(Account(settings, self.clock, self.agent))))

    def run_to_end(self, step: Coroutine[Deferred[Any], Any, _T]) -> Deferred[_T]:
        """Let the server answer, each request after the time of a round trip, until a step has come to its end."""
        outcome = Deferred.fromCoroutine(step)
        while is_waiting(outcome) and self.clock.getDelayedCalls():
            self.clock.advance(self.ROUND_TRIP)
            self.agent.flush()  # type: ignore[no-untyped-call]  # untyped in treq
        return outcome

    def deliver(
        self, sender: str | list[dict[str, str]] | None = "bob@example.com", *mailboxes: str, name: str = "Bob Stone"
    ) -> str:
        """A mail of this sender, in the screener unless it is said where; its id."""
        senders = [{"name": name, "email": sender}] if isinstance(sender, str) else sender
        where = [self.account.mailbox_id(each) for each in mailboxes or ["Screener"]]
        return self.account.deliver({"Subject": "Hello"} | ({"from": senders} if senders is not None else {}), where)

    def deliver_several(self, count: int, sender: str = "bob@example.com") -> list[str]:
        return [self.deliver(sender) for _ in range(count)]

    def tap(self, email_id: str, label: str = "@ToFeed") -> str:
        """Put a label on a mail, as its user does."""
        self.account.label(email_id, self.account.mailbox_id(label))
        return email_id

    def put_into(self, group: str, address: str, name: str = "Bob Stone", note: str = "") -> str:
        """A contact of the user's own making, put into a group by hand; its uid."""
        uid = self.book.add_contact(name, address, note=note)
        self.book.add_member(group, uid)
        return uid

    def order(self, *faults: Fault, after: int = 0, times: float = 1) -> None:
        """Let the requests, calls or objects that the faults fit run into them, after so many requests.

        Without a fault nothing goes wrong any more. Requests always take the time of a round trip.
        """
        self.sandbox.faults.clear()
        takes_time = Delay(self.ROUND_TRIP)
        if after:
            self.sandbox.fail_next(takes_time, times=after)
        for fault in faults:
            self.sandbox.fail_next(fault, times)
        self.sandbox.fail_next(takes_time, times=math.inf)

    def where(self, email_id: str) -> set[str]:
        """The names of the mailboxes that a mail is in."""
        return self.account.names_of(email_id)

    def members(self, group: str) -> set[str]:
        """The addresses in a contact group."""
        return self.book.addresses_in(group)

    def assert_where(self, email_ids: Iterable[str], expected: set[str]) -> None:
        for email_id in email_ids:
            assert self.where(email_id) == expected
