"""Which mails and cards the sandbox's filters find."""

from typing import Any

from mailroom.sandbox.options import SandboxOptions
from tests.sandbox.driver import SandboxTestCase


class MailFilters(SandboxTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.inbox = self.account.add_mailbox("Inbox", role="inbox")
        self.feed = self.account.add_mailbox("Feed")

    def deliver(self, email: str, name: str | None = None, **fields: Any) -> str:
        return self.account.deliver({"from": [{"name": name, "email": email}], **fields}, [self.inbox])

    def found(self, **condition: Any) -> set[str]:
        return set(self.call("Email/query", filter=condition)["ids"])

    def test_whole_address(self) -> None:
        """A whole address finds itself in any case, and no other that contains it."""
        one, other = self.deliver("bob@example.com"), self.deliver("Bob@Example.COM", "Bob Stone")
        for near in ("notbob@example.com", "bob@example.com.au", "bob+tag@example.com", "bob@sub.example.com"):
            self.deliver(near)
        self.deliver("evil@attacker.example", "bob@example.com")
        assert self.found(**{"from": "BOB@example.com"}) == self.found(**{"from": "<bob@example.com>"}) == {one, other}

    def test_words(self) -> None:
        """Words without an @ match names and addresses alike, whole words only."""
        dotted, named = self.deliver("bob.stone@example.com"), self.deliver("x@example.org", "Bob Stone")
        assert self.found(**{"from": "Stone bob"}) == {dotted, named}
        assert self.found(**{"from": "ston"}) == set()
        assert self.found(**{"from": "@example.com"}) == {dotted}

    def test_patterns(self) -> None:
        """A star is a pattern: looking for `*@example.com` finds everybody there."""
        one, other = self.deliver("*@example.com"), self.deliver("bob@example.com")
        self.deliver("bob@example.org")
        assert self.found(**{"from": "*@example.com"}) == {one, other}

    def test_what_the_index_cannot_find(self) -> None:
        """Addresses with quotes or two @ are not found by the text index."""
        for odd in ('"a b"@example.com', "x@y@example.com"):
            self.deliver(odd)
            assert self.found(**{"from": odd}) == set()

    def test_header_is_a_substring_test(self) -> None:
        """The header filter finds every header that contains the text."""
        ids = {self.deliver("notbob@example.com"), self.deliver("evil@attacker.example", "bob@example.com")}
        self.deliver("bob@example.org")
        assert self.found(header=["From", "bob@example.com"]) == ids
        assert self.found(header=["List-Id"]) == set()

    def test_operators(self) -> None:
        """OR, AND and NOT nest; AND and OR of nothing find nothing, as on a Cyrus."""
        a, b = self.deliver("a@example.com"), self.deliver("b@example.com")
        from_a, from_b = {"from": "a@example.com"}, {"from": "b@example.com"}
        assert self.found(operator="OR", conditions=[from_a, from_b]) == {a, b}
        assert self.found(operator="AND", conditions=[{"operator": "NOT", "conditions": [from_a]}, from_b]) == {b}
        assert self.found(operator="AND", conditions=[]) == self.found(operator="OR", conditions=[]) == set()

    def test_mailboxes(self) -> None:
        """Mails are found by a mailbox that they are in, and by being in any but some."""
        here, there = self.deliver("a@example.com"), self.deliver("b@example.com")
        self.account.label(there, self.feed)
        assert self.found(inMailbox=self.inbox) == {here, there}
        assert self.found(inMailboxOtherThan=[self.inbox]) == {there}

    def test_two_properties(self) -> None:
        """All properties of one condition must match."""
        here, there = self.deliver("a@example.com"), self.deliver("a@example.com", subject="Hello there")
        self.account.set_keywords(here, ["$seen"])
        assert self.found(**{"from": "a@example.com", "subject": "hello"}) == {there}
        assert self.found(hasKeyword="$seen") == {here}

    def test_dates(self) -> None:
        """Mails are found by when they came."""
        self.clock.advance(100)
        email = self.deliver("a@example.com")
        assert self.found(after="1970-01-01T00:01:40Z", before="1970-01-01T00:01:41Z") == {email}
        assert self.found(before="1970-01-01T00:01:40Z") == set()

    def test_unknown(self) -> None:
        """An unknown filter, and an unknown mailbox, are named."""
        assert self.error("Email/query", filter={"colour": "red"})["arguments"] == ["filter/colour"]
        assert self.error("Email/query", filter={"inMailbox": "nope"})["arguments"] == ["filter/inMailbox"]


class IndexLag(SandboxTestCase):
    options = SandboxOptions(index_lag=0.2)

    def test_new_mail_is_not_indexed_yet(self) -> None:
        """Text filters find a mail only after the lag; its mailbox and headers are known at once."""
        inbox = self.account.add_mailbox("Inbox")
        email = self.account.deliver({"from": [{"email": "bob@example.com"}]}, [inbox])
        by_text, by_mailbox = {"from": "bob@example.com"}, {"inMailbox": inbox, "header": ["From", "bob"]}
        assert self.call("Email/query", filter=by_text)["ids"] == []
        assert self.call("Email/query", filter=by_mailbox)["ids"] == [email]
        self.advance(0.2)
        assert self.call("Email/query", filter=by_text)["ids"] == [email]


class CardFilters(SandboxTestCase):
    def setUp(self) -> None:
        super().setUp()
        book = self.account.address_book
        self.bob = book.add_contact("Bob", "bob@example.com")
        self.tagged = book.add_contact("Ann", "ann@example.org", "x.bob+tag@example.com")
        book.add_contact("Other", "notbob@example.com")
        self.feed = book.add_group("Feed", [self.bob])
        self.paper = book.add_group("Paper Trail")

    def found(self, **condition: Any) -> set[str]:
        return set(self.call("ContactCard/query", filter=condition)["ids"])

    def test_email_is_a_set_of_words(self) -> None:
        """The email filter finds every card whose addresses have all the words, in any order."""
        assert self.found(email="bob@example.com") == self.found(email="com example bob") == {self.bob, self.tagged}
        assert self.found(email="ob@example.com") == set()

    def test_exact_filters(self) -> None:
        """Uids and members are compared exactly."""
        assert self.found(uid=self.bob) == {self.bob}
        assert self.found(hasMember=self.bob) == {self.feed}
        assert self.found(uid=self.bob.upper()) == set()

    def test_kind_and_name(self) -> None:
        """Groups are found by the words of their name."""
        assert self.found(kind="group", name="feed") == {self.feed}

    def test_kind_rules_the_whole_filter(self) -> None:
        """A kind anywhere in a filter restricts all of it, as on a Cyrus."""
        either = [{"kind": "group"}, {"email": "bob@example.com"}]
        assert self.found(operator="OR", conditions=either) == {self.feed, self.paper}

    def test_unknown_address_book(self) -> None:
        """There is one address book."""
        assert self.error("ContactCard/query", filter={"inAddressBook": "x"})["arguments"] == ["filter/inAddressBook"]
