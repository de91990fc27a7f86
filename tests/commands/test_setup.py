"""`mailroom setup`."""

import json
from typing import Any, ClassVar

from mailroom.core.categories import DEFAULT_CATEGORIES
from mailroom.sandbox.faults import ObjectFault
from tests.commands.invoking import CommandTestCase


class SetupTestCase(CommandTestCase):
    """A test that makes an account ready from the command line."""

    def rows(self, *arguments: str) -> list[dict[str, Any]]:
        return list(json.loads(self.invoke("setup", "--json", *arguments).stdout))

    def states(self, *arguments: str) -> set[str]:
        return {row["state"] for row in self.rows(*arguments)}


class SetupTests(SetupTestCase):
    """Contacts over JMAP."""

    def test_a_plan_is_shown_and_nothing_changed(self) -> None:
        """What would be created, by what it is for; and how to have it created."""
        result = self.invoke("setup")
        lines = [line.split() for line in result.stdout.splitlines()]
        assert ["mailbox", "Paper", "Trail", "create"] in lines
        assert ["triage", "label", "@ToFeed", "create"] in lines
        assert ["contact", "group", "Feed", "create"] in lines
        assert "mailroom setup --apply" in result.stdout
        assert (result.exit_code, result.stderr) == (0, "")
        assert "Feed" not in {mailbox.name for mailbox in self.account.mailboxes.values()}

    def test_applied_it_creates_what_is_missing(self) -> None:
        """And says so, line by line."""
        result = self.invoke("setup", "--apply")
        assert result.exit_code == 0
        assert ["mailbox", "Feed", "created"] in [line.split() for line in result.stdout.splitlines()]
        assert "The account is ready." in result.stdout
        assert self.states() == {"exists"}

    def test_applied_twice_it_has_nothing_to_do(self) -> None:
        """It may be run at any time."""
        self.invoke("setup", "--apply")
        assert self.states("--apply") == {"exists"}
        assert "There was nothing to do." in self.invoke("setup", "--apply").stdout

    def test_a_failure_is_told_by_the_exit_status(self) -> None:
        """And in its row, among those that were created."""
        self.order(ObjectFault("Mailbox/set"))
        result = self.invoke("setup", "--apply")
        assert result.exit_code == 1
        assert "the server refuses to create it: forbidden" in result.stdout
        assert "created" in result.stdout

    def test_what_is_wrong_is_told_by_the_exit_status_of_the_plan(self) -> None:
        """Nobody has to apply it to know."""
        self.account.add_mailbox("FEED")
        result = self.invoke("setup")
        assert result.exit_code == 1
        assert 'it is called "FEED": rename it, or write it so in the settings' in result.stdout

    def test_the_rules_for_fastmail_are_written(self) -> None:
        """A rule for each category at least, and the way to import them."""
        file = self.directory / "mailrules.json"
        result = self.invoke("setup", "--rules", str(file))
        rules = json.loads(file.read_text(encoding="utf-8"))
        assert {rule["fileIn"] for rule in rules} >= {each.destination_mailbox for each in DEFAULT_CATEGORIES}
        assert "mailrules.json is written. Import it" in result.stdout

    def test_rules_that_cannot_be_written_are_an_error(self) -> None:
        """In words, with the remedy."""
        result = self.invoke("setup", "--rules", str(self.directory / "missing" / "mailrules.json"))
        assert result.exit_code == 1
        assert "mailrules.json cannot be written (No such file or directory). Give another path" in result.stderr

    def test_settings_that_cannot_be_used_are_status_2(self) -> None:
        """An error of usage, told on stderr."""
        self.write_settings(poll_interval=0)
        result = self.invoke("setup")
        assert (result.exit_code, result.stdout) == (2, "")
        assert "poll_interval: 0 is refused" in result.stderr

    def test_a_server_that_lets_nobody_in_is_status_1(self) -> None:
        """With what to check."""
        self.sandbox.accepted.clear()
        result = self.invoke("setup", "--apply")
        assert (result.exit_code, result.stdout) == (1, "")
        assert "jmap_password" in result.stderr


class OwnScriptTests(SetupTestCase):
    """An account with a Sieve script of its user's own."""

    def setUp(self) -> None:
        super().setUp()
        self.account.blobs["B1"] = ("application/sieve", b"keep;")
        self.own = self.account.scripts.add("mine", "B1", "keep;")
        self.account.scripts.activate(self.own)

    def rules(self, *arguments: str) -> dict[str, Any]:
        (row,) = [row for row in self.rows(*arguments) if row["kind"] == "routing rules"]
        return row

    def test_it_stays_the_active_one(self) -> None:
        """Mailroom's lies beside it, and the line to add is told."""
        rules = self.rules("--apply")
        assert self.account.scripts.active is self.own
        assert rules["state"] == "by hand"
        assert 'include :personal "mailroom";' in rules["remark"]
        assert self.rules() == rules

    def test_it_gives_way_only_if_told_to(self) -> None:
        """It is still stored, and what was done is told."""
        rules = self.rules("--apply", "--activate")
        assert self.account.scripts.active is self.account.scripts.named("mailroom")
        assert rules["state"] == "created"
        assert 'The script "mine" was active and is switched off now.' in rules["remark"]


class WithoutSieveTests(SetupTestCase):
    """A server that lets clients write no scripts, such as Fastmail's."""

    options: ClassVar[dict[str, Any]] = {"sieve": None}

    def test_the_rules_are_explained(self) -> None:
        """For the categories of this account, one by one; they are no failure."""
        result = self.invoke("setup", "--apply")
        assert result.exit_code == 0
        steps = result.stdout.partition("which only you can make:")[2]
        assert all(f'add the label "{each.destination_mailbox}"' in steps for each in DEFAULT_CATEGORIES)
        assert "mailroom setup --rules mailrules.json" in steps

    def test_who_has_the_file_needs_no_explanation(self) -> None:
        """It is to be imported, and that is all."""
        result = self.invoke("setup", "--rules", str(self.directory / "mailrules.json"))
        assert "which only you can make" not in result.stdout


class ReadOnlyTests(SetupTestCase):
    """A token that may change nothing."""

    options: ClassVar[dict[str, Any]] = {"read_only": True}

    def test_nothing_is_promised(self) -> None:
        """What is missing is said to be out of reach, and what to do about it."""
        result = self.invoke("setup")
        assert result.exit_code == 1
        rows = [row for row in self.rows() if row["kind"] != "routing rules"]
        assert {row["state"] for row in rows} == {"wrong"}
        assert all(row["remark"].startswith("the login may only read: give the token") for row in rows)

    def test_nothing_is_claimed_to_be_done(self) -> None:
        """Each failure has its row."""
        assert {row["state"] for row in self.rows("--apply")} == {"wrong"}


class CarddavSetupTests(SetupTests):
    """The same with contacts over CardDAV."""

    contacts = "carddav"
