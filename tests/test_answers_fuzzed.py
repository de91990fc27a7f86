"""A server may answer what it likes: nothing breaks, nothing is lost, and nothing is half done.

`MAILROOM_FUZZ` sets how many rounds there are, for a long run by hand: each has its number for a seed.
"""

import json
import os
import random
from collections.abc import Callable, Coroutine
from typing import Any

from twisted.application.service import MultiService
from twisted.internet.defer import Deferred

from mailroom.account import Account
from mailroom.core.errors import MailroomError
from mailroom.polling.report import Trigger
from mailroom.service import AccountService
from mailroom.setup.diff import diff_account
from tests.altering import AlteringAgent
from tests.deferreds import is_waiting
from tests.furnished import FurnishedTestCase
from tests.mutating import mutated, mutated_xml

ROUNDS = int(os.environ.get("MAILROOM_FUZZ", "60"))


class FuzzedTestCase(FurnishedTestCase):
    """A test whose server's answers are changed at random, one place in each that is."""

    def setUp(self) -> None:
        super().setUp()
        self.altering = AlteringAgent(self.agent)
        self.agent = self.altering  # type: ignore[assignment]  # it takes its place

    def fuzz(self, seed: int) -> None:
        """Change about every other answer from now on."""
        chance = random.Random(seed)  # noqa: S311 - to be repeatable is the point

        def alter(_url: str, body: bytes) -> bytes:
            if chance.random() < 0.5:
                return body
            head, separator, data = body.rpartition(b"data: ") if not body.startswith(b"{") else (b"", b"", body)
            try:
                document = json.loads(data)
            except ValueError:
                return body
            end = b"\n\n" if separator else b""
            return head + separator + json.dumps(mutated(document, chance)).encode() + end

        self.altering.alter = alter

    def run_on(self, task: Callable[[Account], Coroutine[Deferred[Any], Any, Any]]) -> None:
        """Let a task come to its end, with a result or an error that is foreseen."""
        running = Deferred.fromCoroutine(task(Account(self.configured, self.clock, self.agent)))
        requests = len(self.sandbox.received)
        while is_waiting(running) and self.clock.getDelayedCalls():
            self.clock.advance(self.ROUND_TRIP)
            self.altering.flush()
            assert len(self.sandbox.received) - requests < 100
        running.addErrback(lambda failure: failure.trap(MailroomError))
        self.successResultOf(running)
        assert self.flushLoggedErrors() == []  # type: ignore[no-untyped-call]  # untyped in Twisted

    def poll(self) -> None:
        self.run_on(lambda account: account.polls().poll(Trigger.PUSH))

    def assert_in_mailboxes(self, mails: list[str]) -> None:
        """No mail is gone, or in labels alone."""
        for mail in mails:
            assert {name for name in self.where(mail) if not name.startswith("@")}, mail


class PollTests(FuzzedTestCase):
    """Each round labels a sender's mail, polls with changed answers, and then with true ones."""

    def test_polls(self) -> None:
        """The label stays until all is done, and a clean poll finishes what a fuzzed one could not."""
        for seed in range(ROUNDS):
            with self.subTest(seed=seed):
                self.assert_survives(seed)

    def assert_survives(self, seed: int) -> None:
        sender = f"sender-{seed}@example.com"
        mails = [self.tap(self.deliver(sender)), self.deliver(sender), self.deliver(sender, "Archive")]
        self.fuzz(seed)
        self.poll()
        self.assert_in_mailboxes(mails)
        if "@ToFeed" not in self.where(mails[0]):
            self.assert_filed(sender, mails)
        self.altering.alter = None
        self.poll()
        self.assert_filed(sender, mails)

    def assert_filed(self, sender: str, mails: list[str]) -> None:
        self.assert_where(mails[:2], {"Feed"})
        assert "Feed" in self.where(mails[2])
        assert sender in self.members("Feed")
        assert sum(sender in card.addresses for card in self.book.cards.values()) == 1


class CardDavTests(FuzzedTestCase):
    """An address book that answers in XML. What is missing from it cannot be told from what is not there."""

    contacts = "carddav"

    def fuzz(self, seed: int) -> None:
        chance = random.Random(seed)  # noqa: S311 - to be repeatable is the point

        def alter(_url: str, body: bytes) -> bytes:
            return mutated_xml(body, chance) if body.startswith(b"<") and chance.random() < 0.5 else body

        self.altering.alter = alter

    def test_polls(self) -> None:
        """Nothing breaks, no mail is lost, and the label stays or the work is done; a clean poll finishes it."""
        for seed in range(ROUNDS // 2):
            with self.subTest(seed=seed):
                sender = f"sender-{seed}@example.com"
                mails = [self.tap(self.deliver(sender)), self.deliver(sender)]
                self.fuzz(seed)
                self.poll()
                self.assert_in_mailboxes(mails)
                self.altering.alter = None
                self.poll()
                self.assert_where(mails, {"Feed"})
                assert sender in self.members("Feed")


class OtherTests(FuzzedTestCase):
    """What else asks the server."""

    def test_check(self) -> None:
        """Looking what an account lacks never breaks."""
        for seed in range(ROUNDS // 2):
            with self.subTest(seed=seed):
                self.fuzz(seed)
                self.run_on(diff_account)

    def test_service(self) -> None:
        """The service lives on through a minute of such answers, stream and all, and then does its work."""
        for seed in range(ROUNDS // 6):
            with self.subTest(seed=seed):
                service = AccountService(self.configured, self.clock, self.agent, self.agent, uniform=max)
                self.fuzz(seed)
                MultiService.startService(service)
                self.live(30)
                mail = self.tap(self.deliver(f"sender-{seed}@example.com"))
                self.live(30)
                self.altering.alter = None
                self.live(70)
                assert "@ToFeed" not in self.where(mail)
                MultiService.stopService(service)
                assert self.flushLoggedErrors() == []  # type: ignore[no-untyped-call]  # untyped in Twisted

    def live(self, seconds: float) -> None:
        """Let time pass, from one thing that happens to the next."""
        end = self.clock.seconds() + seconds
        while self.clock.seconds() < end:
            coming = min((call.getTime() for call in self.clock.getDelayedCalls()), default=end)
            self.clock.advance(max(0.0, min(coming, end) - self.clock.seconds()))
            self.altering.flush()
