"""`mailroom reset`."""

from mailroom.sandbox.faults import ObjectFault
from tests.commands.invoking import FurnishedCommandTestCase


class ResetTests(FurnishedCommandTestCase):
    """An account put back from the command line."""

    def setUp(self) -> None:
        super().setUp()
        self.mail = self.deliver()
        self.invoke("triage", "bob@example.com", "Feed")

    def test_it_shows_and_changes_nothing(self) -> None:
        """What there is, by number; nothing is listed that there is none of."""
        result = self.invoke("reset")
        assert (result.exit_code, result.stdout.splitlines()) == (
            0,
            [
                "how many  what",
                "       1  mail that lies in Mailroom's mailboxes alone goes back to the screener",
                '       1  member leaves the contact group "Feed"',
                '       1  member leaves the contact group "Mailroom"',
                "       1  contact that Mailroom created is deleted",
                "Nothing is changed without --apply.",
            ],
        )
        assert self.where(self.mail) == {"Feed"}

    def test_without_a_terminal_nobody_is_asked(self) -> None:
        """And nothing is guessed at: it is an error of usage, before anything is looked at."""
        before = len(self.sandbox.received)
        result = self.invoke("reset", "--apply")
        assert result.exit_code == 2
        assert "--yes" in result.stderr
        assert len(self.sandbox.received) == before

    def test_told_to_go_ahead_it_does(self) -> None:
        """The account is as before."""
        result = self.invoke("reset", "--apply", "--yes")
        assert result.exit_code == 0
        assert result.stdout.endswith("ok    The account is as if Mailroom had never been there.\n")
        assert self.where(self.mail) == {"Screener"}
        assert self.book.contact("bob@example.com") is None

    def test_the_users_own_script_is_switched_on_again(self) -> None:
        """And that is said."""
        self.account.blobs["B1"] = ("application/sieve", b"keep;")
        own = self.account.scripts.add("mine", "B1", "keep;")
        self.account.scripts.activate(own)
        self.invoke("setup", "--apply", "--activate")
        assert self.account.scripts.active is not own
        assert '"mine" is active again' in self.invoke("reset", "--apply", "--yes").stdout
        assert self.account.scripts.active is own

    def test_a_clean_account_has_nothing_to_put_back(self) -> None:
        """And says so."""
        self.invoke("reset", "--apply", "--yes")
        assert self.invoke("reset").stdout.splitlines()[0] == "There is nothing of Mailroom's in this account."

    def test_edited_contacts_are_listed(self) -> None:
        """They are kept, as nobody else can tell whether they are still needed."""
        contact = self.book.contact("bob@example.com")
        assert contact is not None
        self.book.put({**contact.json, "phones": {"p1": {"number": "555 1234"}}})
        assert "kept, as it was edited: Bob Stone <bob@example.com>\n" in self.invoke("reset").stdout

    def test_empty_mailboxes_are_removed_if_asked_for(self) -> None:
        """Those with mail are left, and both is told."""
        lines = self.invoke("reset", "--apply", "--yes", "--remove-mailboxes").stdout.splitlines()
        assert 'ok    mailbox "@ToFeed" is removed' in lines
        assert 'warn  mailbox "Screener" is left, as it is not empty' in lines

    def test_what_fails_is_told_by_the_exit_status(self) -> None:
        """The rest is done, and another reset tries again."""
        self.order(ObjectFault("Email/set", self.mail))
        result = self.invoke("reset", "--apply", "--yes")
        assert result.exit_code == 1
        assert "1 mail stays where it is: forbidden" in result.stderr
        assert self.invoke("reset", "--apply", "--yes").exit_code == 0
