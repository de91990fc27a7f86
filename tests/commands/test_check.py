"""`mailroom check`."""

import json
from typing import Any, ClassVar

from mailroom.sandbox.faults import Answer
from tests.commands.invoking import CommandTestCase


class CheckTestCase(CommandTestCase):
    """A test that has an account checked."""

    def severities(self) -> dict[str, str]:
        """The severity of each finding, which scripts know as its mark."""
        findings = json.loads(self.invoke("check", "--json").stdout)
        return {finding["subject"]: finding["mark"] for finding in findings}


class CheckTests(CheckTestCase):
    """Contacts over JMAP."""

    backend = "JMAP"

    def test_a_ready_account_passes(self) -> None:
        """A line for each thing that Mailroom needs."""
        self.invoke("setup", "--apply")
        result = self.invoke("check")
        assert result.exit_code == 0
        subjects = [line.split(":")[0].split(maxsplit=1)[1] for line in result.stdout.splitlines()]
        assert subjects == ["session", "account", "mailboxes", "contacts", "contact groups", "push", "routing"]
        assert f"ok    contacts: over {self.backend}.\n" in result.stdout

    def test_an_empty_account_fails_with_the_remedy(self) -> None:
        """What is missing is named."""
        result = self.invoke("check")
        assert result.exit_code == 1
        (line,) = [line for line in result.stdout.splitlines() if "mailboxes:" in line]
        assert line.startswith("fail  mailboxes: missing: Screener, Imbox, Feed, ")
        assert line.endswith("Run `mailroom setup --apply`.")

    def test_what_is_wrong_fails_with_the_remedy(self) -> None:
        """As the plan of setup would say it."""
        self.invoke("setup", "--apply")
        self.book.add_group("Feed")
        result = self.invoke("check")
        assert 'fail  contact groups: "Feed": 2 groups have this name: rename all but one.\n' in result.stdout
        assert result.exit_code == 1

    def test_a_login_that_is_refused_fails(self) -> None:
        """Nothing else can be looked at then."""
        self.sandbox.accepted.clear()
        assert self.severities() == {"session": "fail"}

    def test_push_that_is_refused_is_a_warning(self) -> None:
        """Mailroom polls all the same."""
        self.invoke("setup", "--apply")
        self.order(Answer(403, path="/jmap/eventsource"))
        result = self.invoke("check")
        assert "warn  push: " in result.stdout
        assert "Mailroom polls every 60 s all the same." in result.stdout
        assert result.exit_code == 0

    def test_settings_that_cannot_be_used_are_status_2(self) -> None:
        """As for every command but `run`."""
        self.write_settings(poll_interval=0)
        assert self.invoke("check").exit_code == 2


class CarddavCheckTests(CheckTests):
    """Contacts over CardDAV."""

    contacts = "carddav"
    backend = "CardDAV"

    def test_contacts_that_cannot_be_reached_fail(self) -> None:
        """The rest is looked at all the same."""
        self.order(Answer(503, path="/.well-known/carddav"), times=9)
        severities = self.severities()
        assert (severities["contacts"], severities["push"]) == ("fail", "ok")


class NoBookYetTests(CheckTestCase):
    """A user without an address book."""

    contacts = "carddav"
    options: ClassVar[dict[str, Any]] = {"address_book": False}

    def test_it_is_told_with_the_remedy(self) -> None:
        """Setup makes one."""
        assert (
            "fail  contacts: there is no address book yet. Run `mailroom setup --apply`.\n"
            in self.invoke("check").stdout
        )


class WithoutPushTests(CheckTestCase):
    """A server that offers no push."""

    options: ClassVar[dict[str, Any]] = {"push": False}

    def test_it_is_a_warning(self) -> None:
        """Mail is triaged, only later."""
        assert self.severities()["push"] == "warn"


class ReadOnlyTests(CheckTestCase):
    """A token that may change nothing."""

    options: ClassVar[dict[str, Any]] = {"read_only": True}

    def test_it_fails(self) -> None:
        """For mail and for contacts; what can be looked at is looked at."""
        severities = self.severities()
        assert {subject for subject, severity in severities.items() if severity == "fail"} >= {"account", "contacts"}
        assert (severities["session"], severities["push"]) == ("ok", "ok")


class WithoutSieveTests(CheckTestCase):
    """A server that lets clients write no scripts."""

    options: ClassVar[dict[str, Any]] = {"sieve": None}

    def test_rules_that_only_the_user_can_make_are_a_warning(self) -> None:
        """Nobody can tell whether they are made."""
        self.invoke("setup", "--apply")
        result = self.invoke("check")
        assert result.exit_code == 0
        assert "warn  routing: The mail server lets clients write no Sieve scripts" in result.stdout


class UnroutedTests(CheckTestCase):
    """Settings that want no rules."""

    settings: ClassVar[dict[str, Any]] = {"routing": "none"}

    def test_none_are_asked_for(self) -> None:
        """It is what the user wants."""
        assert self.severities()["routing"] == "ok"
