"""Each row of the README's table "How it files", by its name and in its order, on each kind of address book."""

import math
from typing import ClassVar

from mailroom.account import Account
from mailroom.sandbox.faults import HangUp
from mailroom.setup.reset import Reset, ResetReport
from mailroom.triage.sweep import SweepReport, sweep
from tests.triage.screening import ScreenerTestCase

TWO_FROMS = [{"name": "Bob", "email": "bob@example.com"}, {"name": "Ann", "email": "ann@example.com"}]


class HowItFilesTests(ScreenerTestCase):
    """What a label does to a sender and to the mail of the account."""

    REQUESTS: ClassVar[int] = 5
    """As many as a poll makes that moves a sender; the session is known by then."""

    def test_a_tap(self) -> None:
        """Wherever a poll breaks off, the label is on until all else is done, and the next poll finishes the work."""
        for requests in range(self.REQUESTS + 1):
            sender = f"sender{requests}@example.com"
            with self.subTest(requests=requests):
                mails = [self.tap(self.deliver(sender)), self.deliver(sender)]
                self.poll_until_broken_off(after=requests)
                done = self.where(mails[1]) == {"Feed"} and sender in self.members("Feed")
                assert done or "@ToFeed" in self.where(mails[0])
                self.poll()
                self.assert_where(mails, {"Feed"})
                assert sender in self.members("Feed")
        assert done

    def test_the_sender(self) -> None:
        """One address however it is spelled, which another one with a tag is not; no From and two are nobody."""
        same = [self.deliver("bob@example.com"), self.deliver("BOB@Example.COM")]
        other = self.deliver("bob+tag@example.com")
        nobodies = [self.tap(self.deliver(None)), self.tap(self.deliver(TWO_FROMS))]
        self.tap(same[0])
        self.poll()
        self.assert_where(same, {"Feed"})
        assert self.where(other) == {"Screener"}
        self.assert_where(nobodies, {"Screener", "@ToFeed", "@MailroomError"})

    def test_a_parent(self) -> None:
        """The mail and the sender of a child are in the parent's mailbox and group too."""
        mail = self.tap(self.deliver(), "@ToTruck")
        self.poll()
        assert self.where(mail) == {"Truck", "Paper Trail"}
        assert self.members("Truck") == self.members("Paper Trail") == {"bob@example.com"}

    def test_a_sweep(self) -> None:
        """Mailroom's mailboxes give way, the user's labels stay, and what was deleted or is one's own is left alone."""
        self.account.add_mailbox("Holidays")
        swept = [self.tap(self.deliver()), self.deliver("bob@example.com", "Jail")]
        labelled = self.deliver("bob@example.com", "Jail", "Holidays")
        left = {role: self.deliver("bob@example.com", role) for role in ("Trash", "Junk", "Drafts", "Sent")}
        self.poll()
        self.assert_where(swept, {"Feed"})
        assert self.where(labelled) == {"Feed", "Holidays"}
        assert {role: self.where(mail) for role, mail in left.items()} == {role: {role} for role in left}

    def test_deleted(self) -> None:
        """Mail in the trash, and in a folder below it, stays there."""
        folder = self.account.add_mailbox("Old", parent=self.account.mailbox_id("Trash"))
        deleted, below = self.deliver("bob@example.com", "Trash"), self.deliver("bob@example.com", "Trash/Old")
        self.tap(self.deliver())
        self.poll()
        assert (self.where(deleted), self.account.emails[below].mailbox_ids) == ({"Trash"}, {folder})

    def test_the_inbox(self) -> None:
        """Whatever is there stays there; of the rest, only what waited in the screener of such a category comes."""
        kept = self.tap(self.deliver("ann@example.com", "Inbox"))
        screened, filed = self.tap(self.deliver(), "@ToImbox"), self.deliver("bob@example.com", "Feed")
        self.poll()
        assert self.where(kept) == {"Feed", "Inbox"}
        assert (self.where(screened), self.where(filed)) == ({"Imbox", "Inbox"}, {"Imbox"})

    def test_again(self) -> None:
        """The sender moves from group to group, and whatever breaks off, is never in none."""
        for requests in range(self.REQUESTS + 1):
            sender = f"sender{requests}@example.com"
            with self.subTest(requests=requests):
                mail = self.tap(self.deliver(sender), "@ToTruck")
                self.poll()
                self.tap(mail)
                self.poll_until_broken_off(after=requests)
                broken_off = self.groups_of(sender), self.where(mail)
                assert broken_off[0] & {"Truck", "Feed"}
                self.poll()
                assert (self.groups_of(sender), self.where(mail)) == ({"Feed"}, {"Feed"})
        assert broken_off == ({"Feed"}, {"Feed"})

    def test_a_conflict(self) -> None:
        """It is marked, and left alone until one label is off; then the other one counts, and the mark goes."""
        mails = [self.tap(self.deliver("BOB@example.com")), self.tap(self.deliver("bob@example.com"), "@ToJail")]
        reports = [self.poll(), self.poll()]
        assert [(report.senders, report.conflicts) for report in reports] == [(0, 1), (0, 1)]
        assert self.where(mails[0]) == {"Screener", "@ToFeed", "@MailroomError"}
        assert self.where(mails[1]) == {"Screener", "@ToJail", "@MailroomError"}
        assert self.members("Feed") == self.members("Jail") == set()
        self.account.file(mails[1], remove=[self.account.mailbox_id("@ToJail")])
        self.poll()
        self.assert_where(mails, {"Feed"})

    def test_a_mismatch(self) -> None:
        """The warning label is on the mail that was tapped, beside where it is filed."""
        self.book.add_contact("Robert Stone", "bob@example.com")
        mails = [self.tap(self.deliver()), self.deliver()]
        self.poll()
        assert (self.where(mails[0]), self.where(mails[1])) == ({"Feed", "@MailroomWarning"}, {"Feed"})

    def test_mailroom_sweep(self) -> None:
        """The groups say where mail goes, whoever has put the senders there; other people's mail and labels stay."""
        self.put_into("Truck", "bob@example.com")
        mail, labelled = self.deliver(), self.deliver("bob@example.com", "Screener", "@ToJail")
        strangers = self.deliver("eve@example.com", "Feed")
        assert self.do(self.sweep).moved == 2
        assert self.where(mail) == {"Truck", "Paper Trail"}
        assert self.where(labelled) == {"Truck", "Paper Trail", "@ToJail"}
        assert self.where(strangers) == {"Feed"}

    def test_mailroom_reset(self) -> None:
        """Mail is where else it is or in the screener; of the contacts, the one that was edited is left."""
        mail, elsewhere = self.tap(self.deliver()), self.deliver("bob@example.com", "Archive")
        edited = self.tap(self.deliver("ann@example.com"))
        self.poll()
        assert (self.where(mail), self.where(elsewhere)) == ({"Feed"}, {"Feed", "Archive"})
        self.edit_contact("ann@example.com")
        assert self.do(self.reset).failures == ()
        self.assert_where([mail, edited], {"Screener"})
        assert self.where(elsewhere) == {"Archive"}
        assert self.book.contact("bob@example.com") is None
        assert self.book.contact("ann@example.com") is not None

    def groups_of(self, address: str) -> set[str]:
        return {name for name in ("Feed", "Truck", "Paper Trail") if address in self.members(name)}

    def poll_until_broken_off(self, *, after: int) -> None:
        """A poll none of whose requests gets through any more after so many."""
        self.order(HangUp(), after=after, times=math.inf)
        self.start_poll().addErrback(lambda _failure: None)
        self.order()

    def edit_contact(self, address: str) -> None:
        """Change a contact as its user does."""
        contact = self.book.contact(address)
        assert contact is not None
        self.book.put({**contact.json, "phones": {"p1": {"number": "555 1234"}}})

    async def sweep(self, account: Account) -> SweepReport:
        book = await account.open_book()
        return await sweep(account.client, book, account.settings, lambda _done, _total: None, apply=True)

    async def reset(self, account: Account) -> ResetReport:
        reset = Reset(account.client, await account.open_book(), account.router(), account.settings)
        return await reset.apply(lambda _done, _total: None, remove_mailboxes=False)


class CardDavHowItFilesTests(HowItFilesTests):
    """The same over CardDAV."""

    REQUESTS = 9
    contacts = "carddav"
