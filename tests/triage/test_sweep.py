"""All mail is filed as the groups say."""

from typing import ClassVar, Literal

from mailroom.account import Account
from mailroom.sandbox.faults import ObjectFault
from mailroom.triage.sweep import SweepReport, Swept, sweep
from tests.furnished import FurnishedTestCase


class SweepTestCase(FurnishedTestCase):
    """A test that sweeps."""

    def sweep(self, *, apply: bool = True) -> SweepReport:
        async def go(account: Account) -> SweepReport:
            book = await account.open_book()
            return await sweep(account.client, book, account.settings, lambda _done, _total: None, apply=apply)

        return self.do(go)


class JmapTests(SweepTestCase):
    """What is moved where, and what is not."""

    def test_mail_follows_the_groups(self) -> None:
        """Wherever an earlier triage, or nobody, had filed it."""
        self.put_into("Feed", "bob@example.com")
        mails = [self.deliver(), self.deliver("Bob@Example.com", "Jail"), self.deliver("bob@example.com", "Feed")]
        report = self.sweep()
        self.assert_where(mails, {"Feed"})
        assert (report.looked_at, report.moved, report.swept) == (3, 2, (Swept("Feed", 1, 2),))

    def test_without_apply_it_is_only_counted(self) -> None:
        """The figures are those of what would be done."""
        self.put_into("Feed", "bob@example.com")
        mail = self.deliver()
        assert self.sweep(apply=False).swept == (Swept("Feed", 1, 1),)
        assert self.where(mail) == {"Screener"}

    def test_the_second_sweep_has_nothing_to_do(self) -> None:
        """Only differences are ever written."""
        self.put_into("Feed", "bob@example.com")
        self.deliver()
        self.sweep()
        state = self.account.journal.state("Email")
        assert self.sweep().moved == 0
        assert self.account.journal.state("Email") == state

    def test_a_child_s_mail_is_filed_under_its_chain(self) -> None:
        """Also where its members are not in the parent's group, as after a change of the categories."""
        self.put_into("Truck", "bob@example.com")
        mail = self.deliver()
        self.sweep()
        assert self.where(mail) == {"Truck", "Paper Trail"}

    def test_a_sender_in_several_groups_has_mail_in_all_of_them(self) -> None:
        """As the server's rules would file it; the report says so."""
        uid = self.put_into("Feed", "bob@example.com")
        self.book.add_member("Jail", uid)
        mail = self.deliver()
        report = self.sweep()
        assert self.where(mail) == {"Feed", "Jail"}
        assert report.swept == (Swept("Feed and Jail", 1, 1),)

    def test_mail_of_others_stays_where_it_is(self) -> None:
        """Of strangers, of contacts in no group, and of those whom nobody can name."""
        self.book.add_contact("Ann", "ann@example.com")
        mails = [
            self.deliver("ann@example.com", "Feed"),
            self.deliver("eve@example.com", "Feed"),
            self.deliver([], "Feed"),
        ]
        assert self.sweep().moved == 0
        self.assert_where(mails, {"Feed"})

    def test_screened_mail_goes_to_the_inbox_too_if_the_category_says_so(self) -> None:
        """Other mail is not brought back there, and none is taken out of it."""
        self.put_into("Imbox", "bob@example.com")
        screened, filed = self.deliver(), self.deliver("bob@example.com", "Feed")
        self.sweep()
        assert (self.where(screened), self.where(filed)) == ({"Imbox", "Inbox"}, {"Imbox"})

    def test_deleted_stays_deleted(self) -> None:
        """And what is one's own stays in its place."""
        self.put_into("Feed", "bob@example.com")
        mails = [self.deliver("bob@example.com", "Trash"), self.deliver("bob@example.com", "Trash", "Jail")]
        assert self.sweep().moved == 0
        assert [self.where(mail) for mail in mails] == [{"Trash"}, {"Trash", "Jail"}]

    def test_labels_stay_on(self) -> None:
        """A tap is the service's to act on, and a conflict its user's."""
        self.put_into("Feed", "bob@example.com")
        mail = self.deliver("bob@example.com", "Screener", "@ToJail", "@MailroomError", "@MailroomWarning", "Archive")
        self.sweep()
        assert self.where(mail) == {"Feed", "@ToJail", "@MailroomError", "@MailroomWarning", "Archive"}

    def test_mail_whose_mailbox_is_missing_stays_where_it_is(self) -> None:
        """Half of a chain is no place; the report names the mailbox, and the rest is done."""
        self.put_into("Truck", "bob@example.com")
        self.put_into("Feed", "ann@example.com")
        self.account.remove_mailbox(self.account.mailbox_id("Paper Trail"))
        mail, other = self.deliver(), self.deliver("ann@example.com")
        report = self.sweep()
        assert report.missing == ('mailbox "Paper Trail"',)
        assert (self.where(mail), self.where(other)) == ({"Screener"}, {"Feed"})

    def test_what_the_server_refuses_is_counted(self) -> None:
        """With its reason; the other mails are moved."""
        self.put_into("Feed", "bob@example.com")
        refused, moved = self.deliver(), self.deliver()
        self.order(ObjectFault("Email/set", refused))
        report = self.sweep()
        assert (dict(report.refused), report.moved) == ({"forbidden": 1}, 1)
        assert self.where(moved) == {"Feed"}

    def test_categories_come_in_the_order_of_the_settings(self) -> None:
        """Not by chance, and not by the alphabet."""
        self.put_into("Jail", "eve@example.com")
        self.put_into("Imbox", "bob@example.com")
        self.put_into("Feed", "ann@example.com")
        assert [each.categories for each in self.sweep().swept] == ["Imbox", "Feed", "Jail"]


class CardDavTests(SweepTestCase):
    """Contacts over CardDAV."""

    contacts: ClassVar[Literal["jmap", "carddav"]] = "carddav"

    def test_mail_follows_the_groups(self) -> None:
        """The groups of the other kind of address book."""
        self.put_into("Truck", "bob@example.com")
        mail = self.deliver()
        self.sweep()
        assert self.where(mail) == {"Truck", "Paper Trail"}
