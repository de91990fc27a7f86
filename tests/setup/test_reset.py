"""An account is as if Mailroom had never been there."""

import contextlib
from typing import ClassVar, Literal

from mailroom.account import Account
from mailroom.core.errors import MailroomError
from mailroom.polling.report import Trigger
from mailroom.sandbox.faults import Answer, ObjectFault
from mailroom.setup.reset import Reset, ResetPlan, ResetReport
from mailroom.setup.undo import Fate
from tests.furnished import FurnishedTestCase

FEWEST_REQUESTS = 5
"""More than so many requests make a reset, or else nothing is cut short."""


class ResetTestCase(FurnishedTestCase):
    """A test that lets Mailroom do its work, and takes it back."""

    def triage(self, *mails: str, label: str = "@ToFeed") -> None:
        """Let Mailroom act on a tap."""

        async def poll(account: Account) -> None:
            await account.screener().poll(Trigger.PUSH)

        for mail in mails:
            self.tap(mail, label)
        self.do(poll)

    def plan(self) -> ResetPlan:
        async def plan(account: Account) -> ResetPlan:
            return await (await self.of(account)).plan(lambda _done, _total: None)

        return self.do(plan)

    def reset(self, *, remove_mailboxes: bool = False) -> ResetReport:
        async def apply(account: Account) -> ResetReport:
            reset = await self.of(account)
            return await reset.apply(lambda _done, _total: None, remove_mailboxes=remove_mailboxes)

        return self.do(apply)

    async def of(self, account: Account) -> Reset:
        return Reset(account.client, await account.open_book(), account.router(), account.settings)

    def install_rules(self) -> None:
        async def install(account: Account) -> None:
            await account.router().install(activate=True)

        self.do(install)

    def notes_of(self, address: str) -> list[str]:
        contact = self.book.contact(address)
        assert contact is not None
        return contact.notes

    def traces(self) -> list[int]:
        """How much of Mailroom's is left of each kind."""
        plan = self.plan()
        contacts = plan.contacts
        found = [contacts.deleted, contacts.kept, contacts.adopted, contacts.members, contacts.provenance]
        return [*plan.mails.values(), *map(len, found), int(plan.rules)]


class CutShortTests(ResetTestCase):
    """A reset that ends anywhere."""

    stride: ClassVar[int] = 1

    def test_one_that_breaks_off_is_finished_by_the_next(self) -> None:
        """Wherever it was: nothing is left that cannot be told for Mailroom's any more."""
        cut_short, requests = True, 0
        while cut_short:
            mail = self.deliver()
            self.triage(mail)
            self.install_rules()
            self.order(Answer(503), after=requests)
            with contextlib.suppress(MailroomError):
                self.reset()
            cut_short = not any(isinstance(fault, Answer) for fault, _times in self.sandbox.faults.pending)
            self.order()
            self.reset()
            assert self.book.contact("bob@example.com") is None
            assert self.members("Feed") == self.members("Mailroom") == set()
            assert self.where(mail) == {"Screener"}
            requests += self.stride
        assert requests > FEWEST_REQUESTS
        assert sum(self.traces()) == 0


class CutShortOverCardDavTests(CutShortTests):
    """Contacts over CardDAV, where a reset is many more requests."""

    stride = 4
    contacts: ClassVar[Literal["jmap", "carddav"]] = "carddav"


class JmapTests(ResetTestCase):
    """Contacts over JMAP."""

    def test_a_plan_changes_nothing(self) -> None:
        """It only tells what there is to take back."""
        self.triage(self.deliver())
        before = self.account.journal.state("Email"), dict(self.book.cards)
        plan = self.plan()
        assert plan.mails[Fate.TO_SCREENER] == 1
        assert len(plan.contacts.deleted) == 1
        assert (self.account.journal.state("Email"), dict(self.book.cards)) == before

    def test_what_was_triaged_is_as_before(self) -> None:
        """The mail waits in the screener, and nobody knows its sender."""
        mail = self.deliver()
        cards = set(self.book.cards)
        self.triage(mail, label="@ToTruck")
        assert self.reset().failures == ()
        assert self.where(mail) == {"Screener"}
        assert set(self.book.cards) == cards
        assert self.members("Truck") == self.members("Paper Trail") == self.members("Mailroom") == set()

    def test_labels_come_off(self) -> None:
        """Of conflicts, of mismatches, and of taps that nobody acted on."""
        mails = [
            self.deliver("bob@example.com", "Inbox", label)
            for label in ("@MailroomError", "@MailroomWarning", "@ToFeed")
        ]
        self.reset()
        self.assert_where(mails, {"Inbox"})

    def test_an_adopted_contact_loses_only_the_notes(self) -> None:
        """Its own notes, and all else, stay."""
        self.book.add_contact("Bob Stone", "bob@example.com", note="met in May")
        self.triage(self.deliver())
        assert self.notes_of("bob@example.com") != ["met in May"]
        assert self.reset().plan.contacts.adopted[0].name == "Bob Stone"
        assert self.notes_of("bob@example.com") == ["met in May"]

    def test_an_edited_contact_is_kept(self) -> None:
        """Without Mailroom's notes and groups, and told by name."""
        self.triage(self.deliver())
        contact = self.book.contact("bob@example.com")
        assert contact is not None
        self.book.put({**contact.json, "phones": {"p1": {"number": "555 1234"}}})
        (kept,) = self.reset().plan.contacts.kept
        assert kept.name == "Bob Stone"
        assert self.notes_of("bob@example.com") == []
        assert self.members("Mailroom") == self.members("Feed") == set()

    def test_the_rules_are_removed(self) -> None:
        """The server stores incoming mail as it did before."""
        self.install_rules()
        assert self.plan().rules
        assert self.reset().plan.rules
        assert not self.plan().rules

    def test_a_second_reset_has_nothing_to_do(self) -> None:
        """Not a single mail, contact or group."""
        self.triage(self.deliver())
        self.install_rules()
        self.reset()
        assert sum(self.traces()) == 0

    def test_what_is_refused_is_told_and_the_rest_is_done(self) -> None:
        """Another reset tries again."""
        refused, other = self.deliver(), self.deliver()
        self.triage(refused)
        self.order(ObjectFault("Email/set", refused))
        report = self.reset()
        assert report.failures == ("1 mail stays where it is: forbidden",)
        assert self.where(other) == {"Screener"}
        assert self.reset().failures == ()


class RemovalTests(ResetTestCase):
    """Mailboxes and groups."""

    def names(self) -> set[str]:
        return {mailbox.name for mailbox in self.account.mailboxes.values()}

    def test_they_are_left_unless_asked_for(self) -> None:
        """They may have been there before, and hurt nobody."""
        before = self.names()
        report = self.reset()
        assert (report.removed, report.left, self.names()) == ((), (), before)
        assert self.book.group("Feed").members == set()

    def test_what_is_empty_is_removed(self) -> None:
        """And what is not is left, and told."""
        self.triage(self.deliver())
        report = self.reset(remove_mailboxes=True)
        assert report.failures == ()
        assert report.left == ('mailbox "Screener"',)
        assert self.names() == {"Inbox", "Archive", "Drafts", "Sent", "Trash", "Junk", "Screener"}
        assert not [card for card in self.book.cards.values() if card.is_group]

    def test_it_may_be_asked_for_later(self) -> None:
        """A reset of an account that was reset before."""
        self.reset()
        assert 'mailbox "Feed"' in self.reset(remove_mailboxes=True).removed
        assert self.reset(remove_mailboxes=True).removed == ()

    def test_nothing_is_removed_after_a_failure(self) -> None:
        """What is left behind may still refer to it."""
        mail = self.deliver("bob@example.com", "Feed")
        self.order(ObjectFault("Email/set", mail))
        report = self.reset(remove_mailboxes=True)
        assert (len(report.failures), report.removed) == (1, ())

    def test_a_mailbox_that_cannot_be_removed_is_a_failure(self) -> None:
        """Unlike one that is only not empty."""
        self.order(ObjectFault("Mailbox/set", self.account.mailbox_id("Feed")))
        assert self.reset(remove_mailboxes=True).failures == ('mailbox "Feed" is not removed: forbidden',)


class CardDavTests(ResetTestCase):
    """Contacts over CardDAV."""

    contacts: ClassVar[Literal["jmap", "carddav"]] = "carddav"

    def test_what_was_triaged_is_as_before(self) -> None:
        """In the other kind of address book too."""
        mail = self.deliver()
        cards = set(self.book.cards)
        self.triage(mail)
        assert self.reset().failures == ()
        assert self.where(mail) == {"Screener"}
        assert set(self.book.cards) == cards
        assert sum(self.traces()) == 0

    def test_an_adopted_contact_loses_only_the_notes(self) -> None:
        """Its own stay."""
        self.book.add_contact("Bob Stone", "bob@example.com", note="met in May")
        self.triage(self.deliver())
        self.reset()
        assert self.notes_of("bob@example.com") == ["met in May"]

    def test_empty_groups_are_removed_if_asked_for(self) -> None:
        """Once nobody is in them."""
        self.triage(self.deliver())
        self.reset(remove_mailboxes=True)
        assert not [card for card in self.book.cards.values() if card.is_group]
