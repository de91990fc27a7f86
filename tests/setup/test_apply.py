"""An account made ready, on both kinds of address book."""

from collections import Counter
from typing import Any, ClassVar

from mailroom.account import Account
from mailroom.sandbox.faults import Answer, MethodFault, ObjectFault
from mailroom.setup.apply import apply
from mailroom.setup.diff import Diff, diff_account
from mailroom.setup.requirements import Requirement, State
from tests.account import AccountTestCase


class ApplyTestCase(AccountTestCase):
    """A test that looks at an account and makes it ready."""

    def diff_account(self) -> Diff:
        return self.do(diff_account)

    def apply(self) -> dict[str, Requirement]:
        async def look_and_apply(account: Account) -> tuple[Requirement, ...]:
            return await apply(account, await diff_account(account))

        return {requirement.name: requirement for requirement in self.do(look_and_apply)}

    def states(self) -> Counter[State]:
        """How it stands with everything."""
        return Counter(requirement.state for requirement in self.diff_account().requirements)


class JmapTests(ApplyTestCase):
    """Contacts over JMAP, in an address book that is there."""

    def test_a_look_changes_nothing(self) -> None:
        """However often."""
        before = set(self.account.mailboxes), set(self.book.cards)
        assert set(self.states()) == {State.CREATE}
        assert (set(self.account.mailboxes), set(self.book.cards)) == before

    def test_what_is_put_off_is_said_to_pass(self) -> None:
        """A server that wants fewer changes for a while is nobody's fault, and setup may be run again."""
        self.order(ObjectFault("Mailbox/set", kind="rateLimit"), times=99)
        refused = [each for each in self.apply().values() if each.state is State.WRONG]
        assert any("passes by itself" in each.remark for each in refused)

    def test_everything_is_created(self) -> None:
        """And is found there by the next look."""
        assert {requirement.state for requirement in self.apply().values()} == {State.CREATED}
        assert set(self.states()) == {State.EXISTS}

    def test_the_second_time_changes_nothing(self) -> None:
        """Not a single mailbox or card."""
        self.apply()
        before = set(self.account.mailboxes), dict(self.book.cards)
        assert {requirement.state for requirement in self.apply().values()} == {State.EXISTS}
        assert (set(self.account.mailboxes), dict(self.book.cards)) == before

    def test_mailboxes_are_subscribed(self) -> None:
        """Other clients show no others."""
        self.apply()
        assert all(mailbox.is_subscribed for mailbox in self.account.mailboxes.values())

    def test_one_that_is_refused_keeps_no_other_from_being_created(self) -> None:
        """It is told with the server's reason, and created by the next run."""
        self.order(ObjectFault("Mailbox/set"))
        requirements = self.apply()
        (refused,) = [requirement for requirement in requirements.values() if requirement.state is not State.CREATED]
        assert (refused.state, refused.remark) == (State.WRONG, "the server refuses to create it: forbidden")
        assert self.apply()[refused.name].state is State.CREATED

    def test_mailboxes_that_all_fail_keep_no_group_from_being_created(self) -> None:
        """The two have nothing to do with each other."""
        self.order(MethodFault("Mailbox/set", "accountReadOnly"))
        requirements = self.apply()
        assert (requirements["Screener"].state, requirements["Mailroom"].state) == (State.WRONG, State.CREATED)
        assert "accountReadOnly" in requirements["Screener"].remark

    def test_what_is_wrong_is_left_alone(self) -> None:
        """Nothing is created beside it, and nothing renamed."""
        self.account.add_mailbox("feed")
        assert self.apply()["@ToFeed"].state is State.CREATED
        assert "Feed" not in {mailbox.name for mailbox in self.account.mailboxes.values()}


class PathTests(ApplyTestCase):
    """Settings that name mailboxes by their paths."""

    settings: ClassVar[dict[str, Any]] = {
        "categories": [
            {"name": "Feed", "destination_mailbox": "Lists/Read/Feed"},
            {"name": "News", "destination_mailbox": "Lists/News"},
            {"name": "Work", "destination_mailbox": "Archive/Work"},
        ]
    }

    def test_the_mailboxes_above_are_created_too(self) -> None:
        """Each once, from the top down; those that are there are used."""
        assert self.apply()["Lists/Read/Feed"].state is State.CREATED
        for path in ("Lists", "Lists/Read", "Lists/Read/Feed", "Lists/News", "Archive/Work"):
            assert self.account.mailbox_id(path)
        assert set(self.states()) == {State.EXISTS}

    def test_below_one_that_is_refused_nothing_is_tried(self) -> None:
        """The reason names the mailbox that is in the way."""
        self.order(ObjectFault("Mailbox/set", "mailbox-5"))
        requirements = self.apply()
        reasons = {
            name: requirement.remark for name, requirement in requirements.items() if requirement.state is State.WRONG
        }
        assert reasons == {
            "Lists/Read/Feed": '"Lists/Read" could not be created, which it lies in',
            "Lists/News": '"Lists" could not be created, which it lies in',
        }


class CarddavTests(JmapTests):
    """Contacts over CardDAV."""

    contacts = "carddav"

    def test_contacts_that_cannot_be_reached_keep_no_mailbox_from_being_created(self) -> None:
        """Their requirements say why."""
        self.order(Answer(503, path="/.well-known/carddav"), times=9)
        requirements = self.apply()
        assert requirements["Feed"].state is State.WRONG
        assert requirements["@ToFeed"].state is State.CREATED


class NoBookYetTests(JmapTests):
    """Contacts over JMAP, where there is no address book."""

    options: ClassVar[dict[str, Any]] = {"address_book": False}


class NoDavBookYetTests(JmapTests):
    """Contacts over CardDAV, where there is no address book."""

    contacts = "carddav"
    options: ClassVar[dict[str, Any]] = {"address_book": False}

    def test_a_look_tells_that_there_is_none(self) -> None:
        """It is made along with the groups."""
        (book,) = [
            requirement for requirement in self.diff_account().requirements if requirement.kind == "address book"
        ]
        assert book.state is State.CREATE
        assert self.apply()[""].state is State.CREATED
        assert self.book.exists
