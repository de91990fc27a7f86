"""`mailroom sweep`."""

import json

from mailroom.sandbox.faults import ObjectFault
from tests.commands.invoking import FurnishedCommandTestCase


class SweepTests(FurnishedCommandTestCase):
    """All mail, filed from the command line."""

    def setUp(self) -> None:
        super().setUp()
        self.put_into("Feed", "bob@example.com")
        self.mails = self.deliver_several(2)

    def test_it_counts_and_changes_nothing(self) -> None:
        """And says how to go on."""
        result = self.invoke("sweep")
        assert (result.exit_code, result.stdout.splitlines()) == (
            0,
            [
                "category  senders  mails to move",
                "Feed            1              2",
                "2 of 2 mails are to be moved. Nothing is changed without --apply.",
            ],
        )
        self.assert_where(self.mails, {"Screener"})

    def test_applied_it_moves_the_mail(self) -> None:
        """And finds nothing to do the next time."""
        assert "2 of 2 mails were moved." in self.invoke("sweep", "--apply").stdout
        self.assert_where(self.mails, {"Feed"})
        assert "0 of 2 mails were moved." in self.invoke("sweep", "--apply").stdout

    def test_for_a_script(self) -> None:
        """One object."""
        assert json.loads(self.invoke("sweep", "--json").stdout) == {
            "applied": False,
            "mails": 2,
            "moved": 2,
            "categories": [{"category": "Feed", "senders": 1, "mails": 2}],
            "missing": [],
            "refused": {},
        }

    def test_what_is_missing_is_a_warning(self) -> None:
        """The mail that belongs there stays where it is."""
        self.account.remove_mailbox(self.account.mailbox_id("Feed"))
        assert 'warn  the account has no mailbox "Feed"' in self.invoke("sweep").stdout

    def test_what_is_refused_is_told_by_the_exit_status(self) -> None:
        """With the reason; the rest is done."""
        self.order(ObjectFault("Email/set", self.mails[0]))
        result = self.invoke("sweep", "--apply")
        assert result.exit_code == 1
        assert "1 of 2 mails were moved." in result.stdout
        assert "1 mail stays where it is: forbidden." in result.stderr

    def test_two_groups_of_one_name_are_a_warning(self) -> None:
        """Mail of their members stays where it is."""
        self.book.add_group("Feed")
        result = self.invoke("sweep", "--apply")
        assert 'warn  cannot be used: contact group "Feed" (2 groups have this name: rename' in result.stdout
        assert "the account has no" not in result.stdout


class OneMailTests(FurnishedCommandTestCase):
    """One mail is told as one."""

    def test_one_mail_is_no_mails(self) -> None:
        """In every line, for one that is moved and for one that stays."""
        self.put_into("Feed", "bob@example.com")
        mail = self.deliver()
        assert "1 of 1 mail is to be moved. " in self.invoke("sweep").stdout
        self.order(ObjectFault("Email/set", mail))
        result = self.invoke("sweep", "--apply")
        assert "0 of 1 mail was moved." in result.stdout
        assert "1 mail stays where it is: " in result.stderr
        self.order()
        assert "1 of 1 mail was moved." in self.invoke("sweep", "--apply").stdout
