"""The address book that speaks JMAP."""

from typing import Any, cast

import pytest
from twisted.logger import capturedLogs

from mailroom.contacts.book import ContactChanges
from mailroom.contacts.errors import NoAddressBook
from mailroom.contacts.jmap.address_book import CARDS_PER_WRITE
from mailroom.jmap.errors import MethodError
from mailroom.jmap.get import Get
from mailroom.sandbox import SandboxOptions
from mailroom.sandbox.faults import MethodFault, ObjectFault
from mailroom.sandbox.options import Limits
from tests.contacts import behaviour, setup_behaviour
from tests.contacts.books import JmapBookTestCase, joining, new_contact


class JmapAddressBookTests(JmapBookTestCase, behaviour.AddressBookBehaviour):
    """What every address book does."""

    def refuse_creation(self, uid: str) -> None:
        del uid
        self.sandbox.fail_next(ObjectFault("ContactCard/set", "contact-0"))

    def refuse_group(self, uid: str) -> None:
        self.sandbox.fail_next(ObjectFault("ContactCard/set", uid))


class JmapEveryoneTests(JmapBookTestCase, setup_behaviour.EveryoneBehaviour):
    """What every address book does when asked for everybody."""

    def add_phone(self, uid: str) -> None:
        self.cards.put({**self.card(uid).json, "phones": {"p1": {"number": "+39 06 0000"}}})


class JmapGroupCreationTests(JmapBookTestCase, setup_behaviour.GroupCreationBehaviour):
    """What every address book does to create groups."""

    def refuse_group_creation(self) -> None:
        self.sandbox.fail_next(ObjectFault("ContactCard/set", "group-0"))


class JmapNoBookYetTests(JmapBookTestCase, setup_behaviour.NoBookYetBehaviour):
    """What every address book does where there is none yet."""

    def test_address_book_that_may_not_be_made(self) -> None:
        """Where the server makes no address book, the reason is told."""
        self.sandbox.fail_next(ObjectFault("AddressBook/set"))
        with pytest.raises(NoAddressBook, match="forbidden"):
            self.result(self.book.create_groups(["Feed"]))


class JmapOnlyTests(JmapBookTestCase):
    """What only the JMAP one has to cope with."""

    def test_refused_query_is_raised(self) -> None:
        """A query that the server refuses fails the look-up, and spares what travelled along."""
        self.sandbox.fail_next(MethodFault("ContactCard/query"))
        mailboxes = Get("Mailbox")
        with pytest.raises(MethodError):
            self.result(self.book.look_up(["bob@example.com"], mailboxes))
        assert mailboxes.objects == []

    def test_plain_address_does_not_search_for_its_words(self) -> None:
        """A look-up of a plain address and one of no address are one request each, however large the book is."""
        for number in range(300):
            self.cards.add_contact("Somebody", f"somebody{number}@example.com")
        before = self.http.round_trips.requests
        self.look_up("bob@example.com")
        self.look_up()
        assert self.http.round_trips.requests - before == 2

    def test_address_books_that_cannot_be_read_do_not_matter(self) -> None:
        """Without an answer about address books a new contact goes where the server puts it."""
        self.sandbox.fail_next(MethodFault("AddressBook/get", "forbidden"))
        self.look_up("bob@example.com")
        assert self.write(ContactChanges(create=(new_contact("bob@example.com"),))) == {}

    def test_uid_that_needs_escapes(self) -> None:
        """A uid with the characters of a JSON Pointer joins and leaves a group as any other does."""
        odd = "https://example.com/~bob"
        bob = self.cards.put({**self.card(self.cards.add_contact("Bob", "bob@example.com")).json, "uid": odd}).uid
        feed, jail = self.cards.add_group("Feed", [bob]), self.cards.add_group("Jail")
        self.look_up("bob@example.com")
        assert self.write(ContactChanges(join=joining(jail, bob), leave=joining(feed, bob))) == {}
        assert (self.members(jail), self.members(feed)) == ({odd}, set())

    def test_refused_note_fails_nobody(self) -> None:
        """A note is a courtesy: one that the server refuses is logged, and the rest goes on."""
        bob = self.cards.add_contact("Bob", "bob@example.com")
        self.look_up("bob@example.com")
        self.sandbox.fail_next(ObjectFault("ContactCard/set", bob))
        with capturedLogs() as logged:
            assert self.write(ContactChanges(notes={bob: "Triaged"})) == {}
        assert ["forbidden" in str(event.get("reason")) for event in logged] == [True]

    def test_many_contacts_are_created_in_several_requests(self) -> None:
        """A server may hold the user's mail locked as long as it writes."""
        feed = self.cards.add_group("Feed")
        self.look_up()
        new = [new_contact(f"s{number}@example.com") for number in range(2 * CARDS_PER_WRITE + 1)]
        before = len(self.sandbox.received)
        changes = ContactChanges(create=tuple(new), join=joining(feed, *(each.uid for each in new)))
        assert self.write(changes) == {}
        assert len(self.sandbox.received) - before == 3
        assert self.members(feed) == {each.uid for each in new}

    def test_a_card_without_a_uid_is_nobodys(self) -> None:
        """No group can name it, so it stands for no contact."""
        self.cards.add_group("Feed")
        bob = self.card(self.cards.add_contact("Bob", "bob@example.com"))
        cast("dict[str, Any]", bob.json).pop("uid")
        assert self.look_up("bob@example.com").contacts == ()
        assert self.result(self.book.everyone()).contacts == ()


class SmallLimitsTests(JmapBookTestCase):
    """A server that takes and gives little at a time."""

    options = SandboxOptions(
        contacts="both", limits=Limits(max_objects_in_get=2, max_objects_in_set=2, max_calls_in_request=4)
    )

    def test_everything_is_seen_and_written(self) -> None:
        """More contacts and groups than one answer holds are all found, and all joined."""
        contacts = [self.cards.add_contact("Ann", "ann@example.com") for _number in range(5)]
        groups = [self.cards.add_group(f"Group {number}") for number in range(5)]
        directory = self.look_up("ann@example.com")
        assert (len(directory.contacts), len(directory.groups)) == (5, 5)
        assert self.write(ContactChanges(join=dict.fromkeys(groups, frozenset(contacts)))) == {}
        for group in groups:
            assert self.members(group) == set(contacts)
