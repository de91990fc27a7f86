"""Moving and marking mails in the sandbox (RFC 8621 section 4.6), with a Cyrus's corner cases."""

from typing import Any

from tests.sandbox.driver import SandboxTestCase


class Patches(SandboxTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.inbox = self.account.add_mailbox("Inbox", role="inbox")
        self.feed = self.account.add_mailbox("Feed")
        self.email = self.account.deliver({}, [self.inbox])

    def update(self, **patch: Any) -> dict[str, Any]:
        return self.call("Email/set", update={self.email: patch})

    def refusal(self, **patch: Any) -> dict[str, Any]:
        return dict(self.update(**patch)["notUpdated"][self.email])

    def test_move(self) -> None:
        """One patch takes a mail from one mailbox to another."""
        answer = self.update(**{f"mailboxIds/{self.feed}": True, f"mailboxIds/{self.inbox}": None})
        assert answer["updated"] == {self.email: None}
        assert self.account.names_of(self.email) == {"Feed"}

    def test_out_of_the_last_mailbox(self) -> None:
        """A mail that leaves its last mailbox is destroyed, and its update counts as done."""
        assert self.update(**{f"mailboxIds/{self.inbox}": None})["updated"] == {self.email: None}
        assert self.call("Email/get", ids=[self.email])["notFound"] == [self.email]

    def test_no_mailboxes_at_all(self) -> None:
        """An empty map of mailboxes is refused, and the mail stays."""
        assert self.refusal(mailboxIds={}) == {"type": "invalidProperties", "properties": ["mailboxIds"]}
        assert self.email in self.account.emails

    def test_membership_is_true_or_null(self) -> None:
        """False is no way to take a mail out of a mailbox."""
        path = f"mailboxIds/{self.inbox}"
        assert self.refusal(**{path: False})["properties"] == [path]

    def test_unknown_mailbox(self) -> None:
        """A mailbox that is not there is refused, and nothing else of the patch is done."""
        assert self.refusal(**{f"mailboxIds/{self.inbox}": None, "mailboxIds/nope": True})["properties"] == [
            "mailboxIds"
        ]
        assert self.account.names_of(self.email) == {"Inbox"}

    def test_nothing_to_change(self) -> None:
        """A patch that changes nothing keeps the state."""
        answer = self.update(**{f"mailboxIds/{self.feed}": None, f"mailboxIds/{self.inbox}": True})
        assert answer["updated"] == {self.email: None}
        assert answer["oldState"] == answer["newState"]

    def test_whole_map_rules(self) -> None:
        """Beside the whole map of mailboxes, paths into it are ignored."""
        self.update(**{"mailboxIds": {self.feed: True}, f"mailboxIds/{self.inbox}": True})
        assert self.account.names_of(self.email) == {"Feed"}

    def test_keywords(self) -> None:
        """Keywords are set and taken away one by one, in lower case."""
        self.update(**{"keywords/$Seen": True, "keywords/a~1b": True})
        self.update(**{"keywords/$seen": None})
        assert self.account.emails[self.email].keywords == {"a/b"}

    def test_other_properties(self) -> None:
        """A property that cannot change is ignored; one that does not exist is refused."""
        assert self.update(subject="x")["updated"]
        assert self.refusal(frob=1)["properties"] == ["frob"]

    def test_mailbox_of_the_same_request(self) -> None:
        """A mailbox may be named by its creation id."""
        created = ("Mailbox/set", {"create": {"new": {"name": "New"}}})
        update = {self.email: {"mailboxIds/#new": True}}
        self.run_calls(created, ("Email/set", {"update": update}))
        assert self.account.names_of(self.email) == {"Inbox", "New"}

    def test_each_mail_for_itself(self) -> None:
        """An unknown mail fails alone."""
        answer = self.call("Email/set", update={"nope": {}, self.email: {}}, destroy=["nope"])
        assert answer["updated"] == {self.email: None}
        assert answer["notUpdated"] == answer["notDestroyed"] == {"nope": {"type": "notFound"}}

    def test_state_that_must_hold(self) -> None:
        """With the state of before, nothing is done; with the present one, everything."""
        state = self.call("Email/get", ids=[])["state"]
        self.account.label(self.email, self.feed)
        assert self.error("Email/set", ifInState=state, destroy=[self.email])["type"] == "stateMismatch"
        state = self.call("Email/get", ids=[])["state"]
        assert self.call("Email/set", ifInState=state, destroy=[self.email])["destroyed"] == [self.email]
