"""`mailroom triage`."""

import json
from typing import Any, ClassVar

from mailroom.account import Account
from mailroom.sandbox.faults import MethodFault
from tests.commands.invoking import FurnishedCommandTestCase


class TriageTests(FurnishedCommandTestCase):
    """One sender, filed from the command line."""

    def test_a_sender_is_filed(self) -> None:
        """With the words of a tap's report; the category may be written in any case."""
        mails = self.deliver_several(2)
        result = self.invoke("triage", "Bob@Example.com", "feed")
        assert (result.exit_code, result.stdout) == (0, "ok    triaged bob@example.com to Feed moved=2\n")
        self.assert_where(mails, {"Feed"})

    def test_again_it_is_a_retriage(self) -> None:
        """And says so."""
        self.invoke("triage", "bob@example.com", "Feed")
        assert "re-triaged bob@example.com to Jail moved=0" in self.invoke("triage", "bob@example.com", "Jail").stdout

    def test_a_contact_of_another_name_is_a_warning(self) -> None:
        """The sender is filed all the same."""
        self.book.add_contact("Robert", "bob@example.com")
        self.deliver()
        result = self.invoke("triage", "bob@example.com", "Feed")
        assert result.exit_code == 0
        assert "warn  the contact of bob@example.com is called Robert, its mail says Bob Stone\n" in result.stdout

    def test_for_a_script(self) -> None:
        """One object."""
        self.deliver()
        assert json.loads(self.invoke("triage", "--json", "bob@example.com", "Truck").stdout) == {
            "address": "bob@example.com",
            "category": "Truck",
            "retriage": False,
            "contact_created": True,
            "moved": 1,
            "contact_called": None,
        }

    def test_what_cannot_be_done_is_an_error(self) -> None:
        """With the remedy, and without a traceback."""
        self.tap(self.deliver(), "@ToJail")
        result = self.invoke("triage", "bob@example.com", "Feed")
        assert (result.exit_code, result.stdout) == (1, "")
        assert "take the label off first" in result.stderr

    def test_an_argument_that_means_nothing_is_wrong_usage(self) -> None:
        """Status 2, with what would do, and before the server is asked."""
        before = len(self.sandbox.received)
        for arguments, reason in (
            (("bob", "Feed"), "'bob' is no mail address."),
            (("", "Feed"), "'' is no mail address."),
            (
                ("*@example.com", "Feed"),
                "'*@example.com' cannot be triaged: its sender's address, *@example.com, may be",
            ),
            (("bob@example.com", "Fed"), "The categories are: Imbox,"),
        ):
            result = self.invoke("triage", *arguments)
            assert (result.exit_code, result.stdout) == (2, "")
            assert reason in result.stderr
        assert len(self.sandbox.received) == before

    def test_two_groups_of_one_name_are_not_told_as_none(self) -> None:
        """With the remedy."""
        self.book.add_group("Feed")
        result = self.invoke("triage", "bob@example.com", "Feed")
        assert result.exit_code == 1
        assert 'cannot be used: contact group "Feed" (2 groups have this name: rename all but one)' in result.stderr
        assert "has no" not in result.stderr

    def test_two_mailboxes_of_one_name_are_not_told_as_none(self) -> None:
        """Only below others may there be two."""
        self.account.remove_mailbox(self.account.mailbox_id("Feed"))
        for parent in ("Imbox", "Jail"):
            self.account.add_mailbox("Feed", parent=self.account.mailbox_id(parent))
        result = self.invoke("triage", "bob@example.com", "Feed")
        assert result.exit_code == 1
        assert 'cannot be used: mailbox "Feed" (2 mailboxes have this name: write its path)' in result.stderr


class RoutingTests(FurnishedCommandTestCase):
    """A server whose script holds the addresses."""

    settings: ClassVar[dict[str, Any]] = {"routing": "addresses"}

    def setUp(self) -> None:
        super().setUp()

        async def install(account: Account) -> None:
            await account.router().install()

        self.do(install)

    def scripts(self) -> str:
        return "".join(data.decode() for kind, data in self.account.blobs.values() if "sieve" in kind)

    def test_the_next_mail_is_routed_too(self) -> None:
        """The sender's address is in the script at once, and not only after the next tap."""
        self.invoke("triage", "bob@example.com", "Feed")
        assert "bob@example.com" in self.scripts()

    def test_a_sweep_brings_the_script_up_to_date(self) -> None:
        """Groups that were edited by hand are what it is for."""
        self.put_into("Feed", "bob@example.com")
        self.invoke("sweep", "--apply")
        assert "bob@example.com" in self.scripts()

    def test_a_sweep_tells_of_a_script_that_is_refused(self) -> None:
        """After what it did about the mail."""
        self.put_into("Feed", "bob@example.com")
        self.order(MethodFault("SieveScript/set", "forbidden"))
        result = self.invoke("sweep", "--apply")
        assert result.exit_code == 1
        assert "0 of 0 mails were moved." in result.stdout
        assert "new mail is not routed yet" in result.stderr

    def test_a_script_that_is_refused_is_told(self) -> None:
        """The sender is triaged all the same."""
        self.order(MethodFault("SieveScript/set", "forbidden"))
        result = self.invoke("triage", "bob@example.com", "Feed")
        assert result.exit_code == 1
        assert "triaged bob@example.com to Feed" in result.stdout
        assert "new mail is not routed yet" in result.stderr
