"""`mailroom check`."""

import json
from typing import Any, ClassVar

from mailroom.sandbox.faults import Answer
from tests.commands.invoking import CommandTestCase, FurnishedCommandTestCase


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

    def test_a_proxy_is_told_where_the_server_is_not_reached(self) -> None:
        """It is not used, which may be why."""
        assert "proxy" not in self.invoke("check", HTTPS_PROXY="http://sekret@proxy:1").stdout
        self.sandbox.accepted.clear()
        result = self.invoke("check", https_proxy="http://sekret@proxy:1")
        assert "warn  proxy: https_proxy is set, but Mailroom asks no proxy" in result.stdout
        assert "sekret" not in result.stdout

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


class PlacesTests(CheckTestCase):
    """Mailboxes that are not told by their roles."""

    def setUp(self) -> None:
        super().setUp()
        self.invoke("setup", "--apply")

    def told(self, *settings: str) -> list[str]:
        """The lines about mailboxes, and about those that are never swept."""
        lines = self.invoke(*settings, "check").stdout.splitlines()
        return [line for line in lines if line.split(maxsplit=1)[1].startswith(("never swept", "mailboxes"))]

    def rename(self, name: str, new: str, role: str | None) -> None:
        self.account.change_mailbox(self.account.mailbox_id(name), name=new, role=role)

    def test_a_trash_without_a_role_is_told_with_the_remedy(self) -> None:
        """Whether its name is believed or tells nothing."""
        self.rename("Trash", "Papierkorb", None)
        self.rename("Junk", "Werbung", None)
        _mailboxes, trash, junk = self.told()
        remedy = "Give it the role, or name it in never_swept in the settings."
        assert trash == (
            'warn  never swept: "Papierkorb": no mailbox has the role trash: Papierkorb is taken for it by its name. '
            + remedy
        )
        assert junk == (
            'warn  never swept: "junk": no mailbox has the role junk: mail in it would be filed like any other. '
            + remedy
        )
        assert self.invoke("check").exit_code == 0

    def test_an_account_where_nothing_can_be_the_trash_passes(self) -> None:
        """Mail programs will make one, when there is something to delete."""
        for name in ("Trash", "Junk"):
            self.account.remove_mailbox(self.account.mailbox_id(name))
        assert len(self.told()) == 1

    def test_settings_that_name_them_end_the_warning(self) -> None:
        """There is nothing left to do."""
        self.rename("Trash", "Papierkorb", None)
        self.rename("Junk", "Werbung", None)
        self.change_settings(never_swept=["Papierkorb", "Werbung"])
        assert len(self.told()) == 1

    def test_never_swept_that_leads_nowhere_fails(self) -> None:
        """It would protect nothing."""
        self.change_settings(never_swept=["Paperkorb"])
        assert self.told()[1:] == [
            'fail  never swept: "Paperkorb": there is no such mailbox: correct never_swept in the settings.'
        ]
        assert self.invoke("check").exit_code == 1
        assert self.invoke("setup").exit_code == 1

    def test_a_setting_that_leads_to_the_inbox_fails(self) -> None:
        """Whatever the Inbox is called; setup says the same, and makes nothing of that name."""
        self.rename("Inbox", "Posteingang", "inbox")
        self.change_settings(screener_mailbox="Posteingang")
        assert '"Posteingang": it is the Inbox: name another mailbox in the settings.' in self.told()[0]
        setup = self.invoke("setup", "--apply")
        assert setup.exit_code == 1
        assert "it is the Inbox: name another mailbox in the settings" in setup.stdout

    def test_two_paths_to_one_mailbox_fail(self) -> None:
        """Both are named, with what they are for."""
        self.account.add_mailbox("Lists")
        self.account.change_mailbox(self.account.mailbox_id("Feed"), parent_id=self.account.mailbox_id("Lists"))
        self.change_settings(error_label="Lists/Feed")
        assert "'Lists/Feed' is the error_label: give each a mailbox of its own" in self.told()[0]


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


class PromptnessTests(FurnishedCommandTestCase):
    """How soon the server announces a change."""

    def test_it_is_told(self) -> None:
        """As it was measured."""
        assert "ok    push: the event stream is there, and announced a change after 0." in self.invoke("check").stdout


class LatePushTests(FurnishedCommandTestCase):
    """A server that looks for changes once a minute, as a Cyrus by default."""

    options: ClassVar[dict[str, Any]] = {"push_delay": 60.0}

    def test_it_is_a_warning_with_the_remedy(self) -> None:
        """Mail is triaged, only later."""
        result = self.invoke("check")
        assert "warn  push: the event stream is accepted, but a change was not announced within 5 s" in result.stdout
        assert "jmap_pushpoll" in result.stdout


class PushNotWantedTests(CheckTestCase):
    """Settings that want no push."""

    settings: ClassVar[dict[str, Any]] = {"push": "none"}

    def test_it_is_well(self) -> None:
        """It is what the user wants, and nobody asks the server."""
        assert "ok    push: none, as the settings say: Mailroom polls every 60 s.\n" in self.invoke("check").stdout
        assert not [each for each in self.sandbox.received if "eventsource" in str(each)]


class ReadOnlyFurnishedTests(FurnishedCommandTestCase):
    """A token that may change nothing, on an account that is ready."""

    options: ClassVar[dict[str, Any]] = {"read_only": True}

    def test_nothing_is_measured(self) -> None:
        """It takes a change, which is not tried."""
        assert "ok    push: the event stream is accepted" in self.invoke("check").stdout


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
