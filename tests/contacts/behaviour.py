"""What every address book does, whatever it speaks: run on each of them."""

from mailroom.contacts.address_variants import contact_uid
from mailroom.contacts.book import ContactChanges, Group
from mailroom.core.addresses import canonical_address
from mailroom.jmap.get import Get
from tests.contacts.books import BookTestCase, joining, new_contact

NOTE = "Triaged to Feed on 2026-11-23"
ODD_ADDRESSES = (
    "*@example.com",
    '"a b"@example.com',
    "x@y@example.com",
    "o'brien@example.com",
    "a,b;c@example.com",
    "jörg@exämple.de",
    "bob@xn--exmple-cua.de",
    "%@example.com",
)


class AddressBookBehaviour(BookTestCase):
    """The behaviours. A backend's test case says how its server refuses things."""

    def refuse_creation(self, uid: str) -> None:
        """Let the server refuse the next contact to be created, which has this uid."""
        raise NotImplementedError

    def refuse_group(self, uid: str) -> None:
        """Let the server refuse the next change of a group."""
        raise NotImplementedError

    def test_contact_is_found_by_address_in_any_case(self) -> None:
        """An address is found however its letters are written on the card."""
        uid = self.cards.add_contact("Bob", "Bob@Example.COM")
        assert self.find("bob@example.com").uid == uid

    def test_only_the_exact_address_counts(self) -> None:
        """Cards that a server's search takes for matches, but which have other addresses, are not found."""
        for other in ("bob+tag@example.com", "x.bob@example.com", "bob@example.com.au", "notbob@example.com"):
            self.cards.add_contact("Not Bob", other)
        assert self.look_up("bob@example.com").contacts == ()

    def test_contact_with_several_addresses(self) -> None:
        """A contact is found by its second address, and tells both."""
        self.cards.add_contact("Bob", "bob@example.com", "bob@work.example")
        contact = self.find("bob@work.example")
        assert contact.addresses == {"bob@example.com", "bob@work.example"}

    def test_several_contacts_with_one_address(self) -> None:
        """All the contacts with an address are found."""
        uids = {self.cards.add_contact(name, "family@example.com") for name in ("Ann", "Bob")}
        assert {contact.uid for contact in self.look_up("family@example.com").contacts} == uids

    def test_several_addresses_at_once(self) -> None:
        """One look-up finds the contacts of all addresses."""
        self.cards.add_contact("Ann", "ann@example.com")
        self.cards.add_contact("Bob", "bob@example.com")
        assert len(self.look_up("ann@example.com", "bob@example.com", "carol@example.com").contacts) == 2

    def test_name_of_a_contact(self) -> None:
        """A contact's name is the whole display name, with whatever stands in it."""
        self.cards.add_contact("Stone, Bob; Jr.", "bob@example.com")
        assert self.find("bob@example.com").name == "Stone, Bob; Jr."

    def test_odd_addresses_are_found(self) -> None:
        """An address that a search would cut up or read as a pattern is found, and nobody else is."""
        self.cards.add_contact("Somebody else", "bob@example.com")
        for address in ODD_ADDRESSES:
            uid = self.cards.add_contact("Odd", address)
            canonical = canonical_address(address)
            assert canonical is not None
            assert [contact.uid for contact in self.look_up(canonical).contacts] == [uid], address

    def test_groups_are_found_with_their_members(self) -> None:
        """Every group is there, also without an address asked for, with members that exist or not."""
        bob = self.cards.add_contact("Bob", "bob@example.com")
        feed = self.cards.add_group("Feed", [bob, "gone"])
        jail = self.cards.add_group("Jail")
        directory = self.look_up()
        assert directory.contacts == ()
        assert set(directory.groups) == {
            Group(feed, "Feed", frozenset({bob, "gone"})),
            Group(jail, "Jail", frozenset()),
        }

    def test_look_up_is_one_round_trip(self) -> None:
        """A look-up waits for the server once, whatever travels along, and all of it has run."""
        self.cards.add_group("Feed")
        mailboxes = Get("Mailbox")
        before = self.http.round_trips.sequential
        self.result(self.book.look_up(["bob@example.com"], mailboxes))
        assert self.http.round_trips.sequential - before == 1
        assert mailboxes.objects == []

    def test_contact_is_created(self) -> None:
        """A new contact is found afterwards under its uid, with its name and the note."""
        new = new_contact("Bob@example.com", "Bob Stone")
        assert self.write(ContactChanges(create=(new,), notes={new.uid: NOTE})) == {}
        contact = self.find("bob@example.com")
        assert (contact.uid, contact.name) == (new.uid, "Bob Stone")
        assert self.card(new.uid).notes == [NOTE]

    def test_contact_without_a_name_is_called_by_its_address(self) -> None:
        """A sender who gives no name gets the address for one."""
        self.write(ContactChanges(create=(new_contact("bob@example.com", " \x07 "),)))
        assert self.find("bob@example.com").name == "bob@example.com"

    def test_address_is_stored_as_it_was_written(self) -> None:
        """A card holds the sender's own spelling."""
        new = new_contact("Bob.Stone@Example.com")
        self.write(ContactChanges(create=(new,)))
        assert self.card(new.uid).addresses == ["Bob.Stone@Example.com"]

    def test_new_contact_joins_groups(self) -> None:
        """A contact is created and joins several groups in one write; who was there stays."""
        feed, seen = self.cards.add_group("Feed", ["gone"]), self.cards.add_group("Mailroom")
        self.look_up("bob@example.com")
        new = new_contact("bob@example.com")
        changes = ContactChanges(create=(new,), join={**joining(feed, new.uid), **joining(seen, new.uid)})
        assert self.write(changes) == {}
        assert (self.members(feed), self.members(seen)) == ({"gone", new.uid}, {new.uid})

    def test_nobody_joins_by_the_uid_of_another(self) -> None:
        """A card that has the uid which a new contact would get, but another address, joins nothing and leaves nothing.

        It was most likely made by Mailroom, and given another address by its user.
        """
        feed, jail = self.cards.add_group("Feed"), self.cards.add_group("Jail")
        new = new_contact("bob@example.com")
        other = new.uid
        self.cards.put({"uid": other, "name": {"full": "Eve"}, "emails": {"e": {"address": "eve@example.com"}}})
        self.cards.add_member("Jail", other)
        self.look_up("bob@example.com")
        changes = ContactChanges(create=(new,), join=joining(feed, new.uid), leave=joining(jail, new.uid))
        assert self.write(changes) == {}
        assert self.find("bob@example.com").uid in self.members(feed)
        assert (other in self.members(feed), other in self.members(jail)) == (False, True)

    def test_creating_and_joining_is_one_round_trip(self) -> None:
        """Contacts, joins and what travels along wait for the server once."""
        feed = self.cards.add_group("Feed")
        self.look_up("bob@example.com")
        new = new_contact("bob@example.com")
        mailboxes, before = Get("Mailbox"), self.http.round_trips.sequential
        changes = ContactChanges(create=(new,), notes={new.uid: NOTE}, join=joining(feed, new.uid))
        self.result(self.book.write(changes, mailboxes))
        assert self.http.round_trips.sequential - before == 1
        assert mailboxes.objects == []

    def test_leaving_comes_after_joining(self) -> None:
        """What leaves a group does so in a second round trip."""
        bob = self.cards.add_contact("Bob", "bob@example.com")
        feed, jail = self.cards.add_group("Feed", [bob, "ann"]), self.cards.add_group("Jail")
        self.look_up("bob@example.com")
        before = self.http.round_trips.sequential
        assert self.write(ContactChanges(join=joining(jail, bob), leave=joining(feed, bob))) == {}
        assert self.http.round_trips.sequential - before == 2
        assert (self.members(jail), self.members(feed)) == ({bob}, {"ann"})

    def test_nobody_leaves_who_could_not_join(self) -> None:
        """A contact that its new group refuses stays in the old one."""
        bob = self.cards.add_contact("Bob", "bob@example.com")
        feed, jail = self.cards.add_group("Feed", [bob]), self.cards.add_group("Jail")
        self.look_up("bob@example.com")
        self.refuse_group(jail)
        failures = self.write(ContactChanges(join=joining(jail, bob), leave=joining(feed, bob)))
        assert (set(failures), self.members(feed)) == ({bob}, {bob})

    def test_refused_group_fails_all_who_join_it(self) -> None:
        """Whoever was to join a group that cannot be changed has failed; the others are written."""
        feed, jail = self.cards.add_group("Feed"), self.cards.add_group("Jail")
        ann, bob, carol = (self.cards.add_contact(name, f"{name}@example.com") for name in ("ann", "bob", "carol"))
        self.look_up("ann@example.com", "bob@example.com", "carol@example.com")
        self.refuse_group(jail)
        failures = self.write(ContactChanges(join={**joining(feed, ann), **joining(jail, bob, carol)}))
        assert (set(failures), self.members(feed)) == ({bob, carol}, {ann})

    def test_group_that_has_gone(self) -> None:
        """A group that was deleted since the look-up fails who was to join it, and nobody who was to leave it."""
        bob, ann = self.cards.add_contact("Bob", "bob@example.com"), self.cards.add_contact("Ann", "ann@example.com")
        feed, jail = self.cards.add_group("Feed"), self.cards.add_group("Jail", [ann])
        self.look_up("bob@example.com", "ann@example.com")
        for group in (feed, jail):
            self.cards.remove(self.card(group).name)
        failures = self.write(ContactChanges(join=joining(feed, bob), leave=joining(jail, ann)))
        assert set(failures) == {bob}
        assert "not there any more" in failures[bob]

    def test_group_that_never_was(self) -> None:
        """A group that the look-up did not find fails who was to join it."""
        bob = self.cards.add_contact("Bob", "bob@example.com")
        self.look_up("bob@example.com")
        assert set(self.write(ContactChanges(join=joining("nowhere", bob)))) == {bob}

    def test_members_added_meanwhile_stay(self) -> None:
        """Members that somebody else adds between the look-up and the write stay in the group."""
        bob = self.cards.add_contact("Bob", "bob@example.com")
        feed = self.cards.add_group("Feed")
        self.look_up("bob@example.com")
        self.cards.add_member("Feed", "ann")
        assert self.write(ContactChanges(join=joining(feed, bob))) == {}
        assert self.members(feed) == {"ann", bob}

    def test_writing_twice_is_writing_once(self) -> None:
        """A write that is repeated, as after a lost answer, changes nothing more."""
        bob = self.cards.add_contact("Bob", "bob@example.com", note="Mine")
        feed, jail = self.cards.add_group("Feed"), self.cards.add_group("Jail", [bob])
        self.look_up("bob@example.com", "ann@example.com")
        ann = new_contact("ann@example.com")
        changes = ContactChanges((ann,), {bob: NOTE, ann.uid: NOTE}, joining(feed, bob, ann.uid), joining(jail, bob))
        self.write(changes)
        once = {name: card.vcard for name, card in self.cards.cards.items()}
        assert self.write(changes) == {}
        assert {name: card.vcard for name, card in self.cards.cards.items()} == once

    def test_note_is_added(self) -> None:
        """A note is added to those that a contact has."""
        bob = self.cards.add_contact("Bob", "bob@example.com", note="Met in Rome;\nlikes figs")
        self.look_up("bob@example.com")
        assert self.write(ContactChanges(notes={bob: NOTE})) == {}
        assert "\n".join(self.card(bob).notes) == f"Met in Rome;\nlikes figs\n{NOTE}"

    def test_first_note_is_added(self) -> None:
        """A contact without notes gets its first one."""
        bob = self.cards.add_contact("Bob", "bob@example.com")
        self.look_up("bob@example.com")
        assert self.write(ContactChanges(notes={bob: NOTE})) == {}
        assert self.card(bob).notes == [NOTE]

    def test_note_for_a_contact_that_has_gone(self) -> None:
        """A contact that was deleted since the look-up needs no note."""
        bob = self.cards.add_contact("Bob", "bob@example.com")
        self.look_up("bob@example.com")
        self.cards.remove(self.card(bob).name)
        assert self.write(ContactChanges(notes={bob: NOTE})) == {}

    def test_refused_contact_fails_alone(self) -> None:
        """A contact that the server refuses has failed; the other one is created and joins."""
        feed = self.cards.add_group("Feed", ["gone"])
        self.look_up("ann@example.com", "bob@example.com")
        ann, bob = new_contact("ann@example.com"), new_contact("bob@example.com")
        self.refuse_creation(ann.uid)
        failures = self.write(ContactChanges((ann, bob), join=joining(feed, ann.uid, bob.uid)))
        assert set(failures) == {ann.uid}
        assert self.members(feed) == {"gone", bob.uid}

    def test_uid_of_another_contact(self) -> None:
        """A new contact whose uid another card has gets another uid, and that card joins nothing."""
        feed = self.cards.add_group("Feed")
        self.look_up("bob@example.com")
        uid = contact_uid("bob@example.com")
        self.cards.put({**self.card(feed).json, "kind": "individual", "name": {"full": "Ann"}, "uid": uid})
        new = new_contact("bob@example.com")
        assert self.write(ContactChanges(create=(new,), join=joining(feed, uid))) == {}
        contact = self.find("bob@example.com")
        assert contact.uid != uid
        assert self.members(feed) == {contact.uid}

    def test_other_contact_with_the_uid_stays_in_its_group(self) -> None:
        """A card that has a new contact's uid, and was in the group before, is not taken out of it."""
        uid = contact_uid("bob@example.com")
        feed = self.cards.add_group("Feed", [uid])
        self.look_up("bob@example.com")
        self.cards.put({**self.card(feed).json, "kind": "individual", "name": {"full": "Ann"}, "uid": uid})
        new = new_contact("bob@example.com")
        assert self.write(ContactChanges(create=(new,), join=joining(feed, uid))) == {}
        assert self.members(feed) == {uid, self.find("bob@example.com").uid}

    def test_contact_created_before_is_taken_for_what_it_is(self) -> None:
        """A contact that an earlier request has created, unknown to us, joins as if it were new."""
        feed = self.cards.add_group("Feed")
        self.look_up("bob@example.com")
        new = new_contact("bob@example.com")
        self.write(ContactChanges(create=(new,)))
        assert self.write(ContactChanges(create=(new,), join=joining(feed, new.uid))) == {}
        assert self.members(feed) == {self.find("bob@example.com").uid}

    def test_no_changes_write_nothing(self) -> None:
        """An empty write only takes along what travels with it."""
        mailboxes = Get("Mailbox")
        assert self.result(self.book.write(ContactChanges(), mailboxes)) == {}
        assert mailboxes.objects == []
