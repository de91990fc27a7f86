"""`mailroom setup`."""

import json
from typing import Any

from mailroom.core.categories import DEFAULT_CATEGORIES
from mailroom.sandbox.faults import ObjectFault
from tests.commands.invoking import CommandTestCase


class SetupTests(CommandTestCase):
    """An account made ready from the command line."""

    def rows(self, *arguments: str) -> list[dict[str, Any]]:
        return list(json.loads(self.invoke("setup", "--json", *arguments).stdout))

    def states(self, *arguments: str) -> set[str]:
        return {row["state"] for row in self.rows(*arguments)} - {"by hand"}

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


class CarddavSetupTests(SetupTests):
    """The same with contacts over CardDAV."""

    contacts = "carddav"
