"""Mails in the sandbox (RFC 8621 section 4)."""

import json
from typing import Any

from mailroom.sandbox.options import Limits, SandboxOptions
from tests.sandbox.driver import USING, SandboxTestCase

RAW = (
    b"From: Bob Stone <bob@example.com>\r\n"
    b"To: you@example.com\r\n"
    b"Subject: =?utf-8?q?Caf=C3=A9?=\r\n"
    b"Date: Mon, 23 Nov 2026 10:00:00 +0100\r\n"
    b"Message-ID: <1@example.com>\r\n"
    b"\r\nSee you there.\r\n"
)


class Emails(SandboxTestCase):
    options = SandboxOptions(max_query_limit=3)

    def setUp(self) -> None:
        super().setUp()
        self.inbox = self.account.add_mailbox("Inbox", role="inbox")
        self.feed = self.account.add_mailbox("Feed")

    def get(self, email_id: str, *properties: str) -> dict[str, Any]:
        [email] = self.call("Email/get", ids=[email_id], properties=list(properties))["list"]
        return {name: value for name, value in email.items() if name != "id"}

    def test_properties_of_a_message(self) -> None:
        """What JMAP shows of a message is read from its text."""
        email = self.account.deliver(RAW, [self.inbox])
        assert self.get(email, "from", "subject", "sentAt", "messageId", "preview", "size") == {
            "from": [{"name": "Bob Stone", "email": "bob@example.com"}],
            "subject": "Café",
            "sentAt": "2026-11-23T10:00:00+01:00",
            "messageId": ["1@example.com"],
            "preview": "See you there.",
            "size": len(RAW),
        }

    def test_no_from(self) -> None:
        """Without a From header, `from` is null."""
        assert self.get(self.account.deliver({"subject": "x"}, [self.inbox]), "from") == {"from": None}

    def test_several_from_fields(self) -> None:
        """`from` is the last From field; asked for all of them, each has a list of its own."""
        raw = b"From: a@example.com\r\nFrom: b@example.com, c@example.com\r\n\r\n"
        email = self.get(self.account.deliver(raw, [self.inbox]), "from", "header:From:asAddresses:all")
        lists = [[address["email"] for address in people] for people in email["header:From:asAddresses:all"]]
        assert lists == [["a@example.com"], ["b@example.com", "c@example.com"]]
        assert [address["email"] for address in email["from"]] == lists[1]

    def test_odd_addresses(self) -> None:
        """A test can have any address at all, as JMAP may hand out."""
        odd = ["*@example.com", '"a b"@x', "x@y@z", "zoë@exämple.example", "nobody", ""]
        people = [{"name": None, "email": email} for email in odd]
        assert self.get(self.account.deliver({"from": people}, [self.inbox]), "from") == {"from": people}

    def test_unknown_property(self) -> None:
        """An unknown property is named, with its place."""
        error = self.error("Email/get", ids=[], properties=["id", "frob"])
        assert error == {"type": "invalidArguments", "arguments": ["properties[1:frob]"]}

    def test_query_is_clamped(self) -> None:
        """A limit above the server's is clamped, and the answer says so; the latest mails come first."""
        emails = [self.account.deliver({}, [self.inbox], received_at=float(second)) for second in range(5)]
        answer = self.call("Email/query", limit=10, calculateTotal=True)
        assert (answer["ids"], answer["limit"], answer["total"]) == (emails[:1:-1], 3, 5)

    def test_pages(self) -> None:
        """Pages go on at a position or after an anchor; past the end there is nothing."""
        emails = [self.account.deliver({}, [self.inbox], received_at=-float(second)) for second in range(5)]
        assert self.call("Email/query", position=3)["ids"] == emails[3:]
        assert self.call("Email/query", anchor=emails[1], anchorOffset=1, limit=2)["ids"] == emails[2:4]
        assert self.call("Email/query", position=9)["ids"] == []

    def test_sort(self) -> None:
        """Mails are sorted by what is asked for; by anything else they cannot be."""
        old, new = (self.account.deliver({}, [self.inbox], received_at=second) for second in (1.0, 2.0))
        assert self.call("Email/query", sort=[{"property": "receivedAt"}])["ids"] == [old, new]
        assert self.error("Email/query", sort=[{"property": "colour"}])["type"] == "unsupportedSort"

    def test_changes(self) -> None:
        """Changes tells what was created, updated and destroyed since a state."""
        kept, gone = (self.account.deliver({}, [self.inbox]) for _ in range(2))
        since = self.call("Email/get", ids=[])["state"]
        self.account.label(kept, self.feed)
        self.account.remove_email(gone)
        new = self.account.deliver({}, [self.inbox])
        answer = self.call("Email/changes", sinceState=since)
        assert (answer["created"], answer["updated"], answer["destroyed"]) == ([new], [kept], [gone])

    def test_no_query_changes(self) -> None:
        """The server keeps no past results of queries."""
        assert self.error("Email/queryChanges", sinceQueryState="0")["type"] == "cannotCalculateChanges"

    def test_import(self) -> None:
        """An uploaded message becomes a mail."""
        upload = self.fetch("POST", "/jmap/upload/sandbox/", RAW, {"Content-Type": "message/rfc822"})[2]
        wanted = {"blobId": json.loads(upload)["blobId"], "mailboxIds": {self.feed: True}, "keywords": {"$seen": True}}
        created = self.call("Email/import", emails={"a": wanted})["created"]["a"]
        assert self.get(created["id"], "subject", "mailboxIds", "keywords") == {
            "subject": "Café",
            "mailboxIds": {self.feed: True},
            "keywords": {"$seen": True},
        }
        assert self.fetch("GET", f"/jmap/download/sandbox/{created['blobId']}/mail.eml")[2] == RAW

    def test_import_of_an_unknown_blob(self) -> None:
        """What was not uploaded cannot be imported."""
        answer = self.call("Email/import", emails={"a": {"blobId": "x", "mailboxIds": {self.feed: True}}})
        assert answer["notCreated"]["a"]["type"] == "blobNotFound"

    def test_no_drafts(self) -> None:
        """Mails are not created property by property."""
        answer = self.call("Email/set", create={"a": {"mailboxIds": {self.feed: True}}})
        assert answer["notCreated"]["a"]["type"] == "forbidden"


class StrictLimits(SandboxTestCase):
    options = SandboxOptions(limits=Limits(max_objects_in_get=2, max_objects_in_set=2))

    def test_too_many_objects(self) -> None:
        """Too many objects in one call fail the whole request, as on a Cyrus."""
        for name, arguments in (("Email/get", {"ids": ["a", "b", "c"]}), ("Email/set", {"destroy": ["a", "b", "c"]})):
            status, problem = self.post(
                {"using": USING, "methodCalls": [["Core/echo", {}, "0"], [name, arguments, "1"]]}
            )
            assert (status, problem["type"]) == (400, "urn:ietf:params:jmap:error:limit"), name


class LenientLimits(SandboxTestCase):
    options = SandboxOptions(limits=Limits(max_objects_in_get=2, max_objects_in_set=2), refuse_whole_request=False)

    def test_too_many_objects(self) -> None:
        """Too many objects in one call fail that call (RFC 8620 section 5.1)."""
        assert self.error("Email/get", ids=["a", "b", "c"])["type"] == "requestTooLarge"
        assert self.error("Email/set", destroy=["a", "b", "c"])["type"] == "requestTooLarge"
