"""Mailboxes in the sandbox (RFC 8621 section 2)."""

from typing import Any

from tests.sandbox.driver import SandboxTestCase


class Mailboxes(SandboxTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.inbox = self.account.add_mailbox("Inbox", role="inbox")
        self.feed = self.account.add_mailbox("Feed")

    def refusal(self, **arguments: Any) -> dict[str, Any]:
        """The one SetError of a set."""
        answer = self.call("Mailbox/set", **arguments)
        refused = [answer[name] for name in ("notCreated", "notUpdated", "notDestroyed") if answer[name]]
        [error] = refused[0].values()
        return dict(error)

    def test_get(self) -> None:
        """A mailbox tells its role and counts, and only what is asked for."""
        self.account.deliver({}, [self.inbox])
        answer = self.call("Mailbox/get", ids=[self.inbox, "nope"], properties=["role", "totalEmails"])
        assert answer["list"] == [{"id": self.inbox, "role": "inbox", "totalEmails": 1}]
        assert answer["notFound"] == ["nope"]

    def test_create(self) -> None:
        """Creating tells what the client does not know, and moves the state."""
        answer = self.call("Mailbox/set", create={"a": {"name": "Later", "parentId": self.feed}})
        assert answer["created"]["a"]["id"] == self.account.mailbox_id("Feed/Later")
        assert answer["oldState"] != answer["newState"] == self.call("Mailbox/get")["state"]

    def test_empty_maps_are_null(self) -> None:
        """What a set has nothing to say about is null."""
        answer = self.call("Mailbox/set", update={self.feed: {"isSubscribed": False}})
        assert answer["updated"] == {self.feed: None}
        assert [answer[name] for name in ("created", "destroyed", "notCreated", "notUpdated", "notDestroyed")] == [
            None
        ] * 5

    def test_names_are_unique_among_siblings(self) -> None:
        """A sibling's name is refused, also in another normal form; the same name elsewhere is not."""
        self.account.add_mailbox("Caf\u00e9")
        assert self.refusal(create={"a": {"name": "Cafe\u0301"}}) == {
            "type": "invalidProperties",
            "properties": ["name"],
        }
        assert self.call("Mailbox/set", create={"a": {"name": "Feed", "parentId": self.feed}})["created"]

    def test_no_mailbox_within_itself(self) -> None:
        """A mailbox cannot move below its own child."""
        child = self.account.add_mailbox("Child", parent=self.feed)
        assert self.refusal(update={self.feed: {"parentId": child}})["properties"] == ["parentId"]

    def test_destroy(self) -> None:
        """A mailbox with mails stays unless they may go too."""
        email = self.account.deliver({}, [self.feed])
        assert self.refusal(destroy=[self.feed]) == {"type": "mailboxHasEmail"}
        self.call("Mailbox/set", destroy=[self.feed], onDestroyRemoveEmails=True)
        assert email not in self.account.emails

    def test_query_by_role(self) -> None:
        """Mailboxes are found by role."""
        assert self.call("Mailbox/query", filter={"role": "inbox"})["ids"] == [self.inbox]

    def test_changes_of_counts_only(self) -> None:
        """When only counts changed, changes says so; when a name did too, it does not."""
        since = self.call("Mailbox/get")["state"]
        self.account.deliver({}, [self.inbox])
        answer = self.call("Mailbox/changes", sinceState=since)
        assert answer["updated"] == [self.inbox]
        assert "totalEmails" in answer["updatedProperties"]
        self.account.change_mailbox(self.feed, name="Letters")
        assert self.call("Mailbox/changes", sinceState=since)["updatedProperties"] is None
