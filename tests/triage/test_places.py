"""Where mail must not be moved from, and what a setting must not name, in accounts as they are in the field."""

from typing import Any, ClassVar

from mailroom.triage.sweep import SweepReport, sweep
from tests.deferreds import result_of
from tests.triage.screening import ScreenerTestCase


class PlacesTestCase(ScreenerTestCase):
    """A test that may sweep as well as poll."""

    def sweep(self) -> SweepReport:
        async def swept() -> SweepReport:
            return await sweep(
                self.client, await self.open_book(), self.configured, lambda _done, _total: None, apply=True
            )

        return result_of(self.run_to_end(swept()))

    def box(self, name: str, parent: str | None = None, role: str | None = None) -> str:
        """Make a mailbox; its path, by which it is found."""
        above = None if parent is None else self.account.mailbox_id(parent)
        self.account.add_mailbox(name, role=role, parent=above)
        return name if parent is None else f"{parent}/{name}"

    def rename(self, name: str, new: str, role: str | None = None) -> None:
        self.account.change_mailbox(self.account.mailbox_id(name), name=new, role=role)

    def assert_left_alone(self, *places: str) -> None:
        """The sender's mail in these places stays there, at a tap and at a sweep, and other mail of it is filed."""
        lying = {self.deliver("bob@example.com", place, "Imbox"): place for place in places}
        mail = self.tap(self.deliver("bob@example.com"))
        self.poll()
        self.sweep()
        assert self.where(mail) == {"Feed"}
        for each, place in lying.items():
            with self.subTest(place=place):
                assert self.where(each) == {place.rpartition("/")[2], "Imbox"}


class DeletedTests(PlacesTestCase):
    """Deleted is a place, not an id."""

    def test_folders_of_trash_junk_drafts_and_sent(self) -> None:
        """However deep."""
        tops = [self.box("Old", top) for top in ("Trash", "Junk", "Drafts", "Sent")]
        self.assert_left_alone(*tops, self.box("Older", tops[0]))

    def test_trash_and_junk_without_a_role(self) -> None:
        """A name that plainly says it is believed, and so is what lies below it."""
        self.rename("Trash", "Gelöschte Elemente")
        self.rename("Junk", "Junk E-mail")
        self.assert_left_alone("Gelöschte Elemente", "Junk E-mail", self.box("Old", "Gelöschte Elemente"))

    def test_a_second_trash_of_a_mail_program(self) -> None:
        """Beside the one that the server knows, at the top or below the Inbox."""
        self.assert_left_alone(self.box("Deleted Items"), self.box("corbeille", "Inbox"))

    def test_a_deleted_folder_is_used_for_nothing(self) -> None:
        """Neither does its label ask for anything any more, nor is mail filed in it."""
        for name in ("@ToFeed", "Jail"):
            self.account.change_mailbox(self.account.mailbox_id(name), parent_id=self.account.mailbox_id("Trash"))
        deleted = self.tap(self.deliver("ann@example.com"), "Trash/@ToFeed")
        jailed = self.tap(self.deliver("bob@example.com"), "@ToJail")
        report = self.poll()
        assert (self.where(deleted), self.where(jailed)) == ({"Screener", "@ToFeed"}, {"Screener", "@ToJail"})
        assert set(report.missing) == {'label "@ToFeed"', 'mailbox "Jail"'}


class NamedTests(PlacesTestCase):
    """Places that only their user knows."""

    settings: ClassVar[dict[str, Any]] = {"never_swept": ["Shredder", "Work/Over"]}

    def test_what_the_settings_name_is_never_swept(self) -> None:
        """With all that is below it."""
        self.box("Shredder")
        self.box("Work")
        over = self.box("Over", "Work")
        self.assert_left_alone("Shredder", over, self.box("Old", "Shredder"))


class JunkAsDestinationTests(PlacesTestCase):
    """A category whose mail goes to the junk mailbox."""

    settings: ClassVar[dict[str, Any]] = {
        "categories": ["Imbox", "Feed", {"name": "Jail", "destination_mailbox": "Junk"}]
    }

    def setUp(self) -> None:
        super().setUp()
        twin = next(box.id for box in self.account.mailboxes.values() if box.name == "Junk" and box.role is None)
        self.account.remove_mailbox(twin)

    def test_it_is_swept_and_its_folders_are_not(self) -> None:
        """Who is let out of it gets the mail back; what lies in a folder of it was put there by hand."""
        folder = self.box("Old", "Junk")
        old, new = self.deliver("bob@example.com", folder), self.deliver("bob@example.com", "Junk")
        self.tap(self.deliver("bob@example.com"))
        self.poll()
        assert (self.where(old), self.where(new)) == ({"Old"}, {"Feed"})


class InboxTestCase(PlacesTestCase):
    """An account whose Inbox is localised."""

    def setUp(self) -> None:
        super().setUp()
        for mailbox in list(self.account.mailboxes.values()):
            if mailbox.role is None and mailbox.name in {"Posteingang", "News", "Lists/News"}:
                self.account.remove_mailbox(mailbox.id)
        self.rename("Inbox", "Posteingang", role="inbox")
        if not any(mailbox.name == "Screener" for mailbox in self.account.mailboxes.values()):
            self.account.add_mailbox("Screener")

    settings: ClassVar[dict[str, Any]] = {"categories": ["Feed", "Jail"]}

    def assert_refused(self, name: str = "Posteingang", words: str = "it is the Inbox") -> None:
        """Nothing is moved, whoever is labelled, and /healthz says why."""
        inbox = self.deliver("ann@example.com", "Posteingang")
        tapped = self.tap(self.deliver("bob@example.com", "Posteingang"), "@ToJail")
        waiting = self.deliver("bob@example.com", "Screener")
        conflict = self.tap(self.tap(self.deliver("eve@example.com", "Screener"), "@ToJail"), "@ToFeed")
        report = self.poll()
        self.sweep()
        assert self.where(inbox) == {"Posteingang"}
        assert self.where(tapped) == {"Posteingang", "@ToJail"}
        assert self.where(waiting) == {"Screener"}
        assert self.where(conflict) - {"@MailroomError", "@ToFeed"} == {"Screener", "@ToJail"}
        assert any(f'"{name}"' in each and words in each for each in report.missing)
        assert self.book.contact("bob@example.com") is None


class InboxAsScreenerTests(InboxTestCase):
    """`screener_mailbox: Posteingang`."""

    settings: ClassVar[dict[str, Any]] = {"categories": ["Feed", "Jail"], "screener_mailbox": "Posteingang"}

    def test_it_is_refused(self) -> None:
        """Strangers' mail would never leave the Inbox."""
        self.assert_refused()


class InboxAsDestinationTests(InboxTestCase):
    """A destination that leads to it."""

    settings: ClassVar[dict[str, Any]] = {
        "categories": [{"name": "Feed", "destination_mailbox": "Posteingang"}, "Jail"],
    }

    def test_it_is_refused(self) -> None:
        """The Inbox is nobody's bucket."""
        self.assert_refused()


class InboxAsLabelTests(InboxTestCase):
    """A label that leads to it."""

    settings: ClassVar[dict[str, Any]] = {"categories": [{"name": "Feed", "label": "Posteingang"}, "Jail"]}

    def test_it_is_refused(self) -> None:
        """All mail in the Inbox would be a tap."""
        inbox = self.deliver("ann@example.com", "Posteingang")
        self.poll()
        assert self.where(inbox) == {"Posteingang"}
        assert self.book.contact("ann@example.com") is None


class InboxAsErrorLabelTests(InboxTestCase):
    """An error label that leads to it."""

    settings: ClassVar[dict[str, Any]] = {"categories": ["Feed", "Jail"], "error_label": "Posteingang"}

    def test_it_is_refused(self) -> None:
        """Conflicts would be put into the Inbox."""
        self.assert_refused()


class TwoPathsTests(InboxTestCase):
    """A label and a destination, by name and by path."""

    settings: ClassVar[dict[str, Any]] = {
        "categories": [{"name": "Feed", "label": "Lists/News", "destination_mailbox": "News"}, "Jail"]
    }

    def test_one_mailbox_is_not_two(self) -> None:
        """What is filed there would be tapped there."""
        self.account.add_mailbox("@ToFeed")
        lists = self.account.add_mailbox("Lists")
        self.account.add_mailbox("News", parent=lists)
        news = self.deliver("ann@example.com", "Lists/News")
        self.assert_refused("Lists/News", "one mailbox with two meanings")
        assert self.where(news) == {"News"}
