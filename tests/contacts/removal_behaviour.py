"""How what is Mailroom's is removed from every address book: run on each of them."""

from collections.abc import Callable, Mapping

from twisted.internet.defer import Deferred

from mailroom.contacts.book import ContactChanges, Removal
from tests.contacts.books import DELAY, BookTestCase, joining, new_contact
from tests.deferreds import is_waiting, result_of

NOTE = "Triaged to Feed on 2026-11-23"
AGAIN = "Re-triaged to Jail on 2026-11-24"


class RemovalBehaviour(BookTestCase):
    """The behaviours. A backend's test case says how its server refuses things, and how others edit cards."""

    def refuse_change(self, uid: str) -> None:
        """Let the server refuse the next change of a card, or to delete it."""
        raise NotImplementedError

    def edit(self, uid: str, old: str, new: str) -> None:
        """Replace a text wherever it stands on a card."""
        raise NotImplementedError

    def create(self, *addresses: str) -> list[str]:
        """Contacts of Mailroom's own making; their uids."""
        self.look_up(*addresses)
        news = tuple(new_contact(address) for address in addresses)
        assert self.write(ContactChanges(create=news, notes={new.uid: NOTE for new in news})) == {}
        return [new.uid for new in news]

    def remove(self, changes: Removal) -> Mapping[str, str]:
        return self.result(self.book.remove(changes))

    def remove_while(self, changes: Removal, meanwhile: Callable[[], object]) -> Mapping[str, str]:
        """Remove, while something happens between the reading of cards and the first write."""
        removal: Deferred[Mapping[str, str]] = Deferred.fromCoroutine(self.book.remove(changes))
        self.clock.advance(DELAY)
        meanwhile()
        for _round_trip in range(100):
            if is_waiting(removal):
                self.clock.advance(DELAY)
        return result_of(removal)

    def notes(self, uid: str) -> str:
        """The text of all notes of a card."""
        return "\n".join(self.card(uid).notes)

    def test_untouched_contact_is_deleted(self) -> None:
        """A contact that Mailroom created is deleted, and no other."""
        bob, ann = self.create("bob@example.com", "ann@example.com")
        assert self.remove(Removal(delete=frozenset({bob}))) == {}
        assert (self.cards.by_uid(bob), self.cards.by_uid(ann) is None) == (None, False)

    def test_edited_contact_is_not_deleted(self) -> None:
        """A contact that is not as Mailroom created it is kept, whoever asks for it to be deleted, and told."""
        [bob] = self.create("bob@example.com")
        self.edit(bob, "Stone", "Rock")
        assert "edited" in self.remove(Removal(delete=frozenset({bob})))[bob]
        assert self.card(bob).full_name == "Bob Rock"

    def test_contact_edited_meanwhile_is_not_deleted(self) -> None:
        """A contact that the user edits just before it would be deleted is kept as it is then."""
        [bob] = self.create("bob@example.com")
        failures = self.remove_while(Removal(delete=frozenset({bob})), lambda: self.edit(bob, "Stone", "Rock"))
        assert (set(failures), self.card(bob).full_name) == ({bob}, "Bob Rock")

    def test_contact_with_a_new_note_of_mailrooms_is_deleted(self) -> None:
        """A contact that changes meanwhile, but holds nothing of the user's still, is deleted."""
        [bob] = self.create("bob@example.com")
        assert self.remove_while(Removal(delete=frozenset({bob})), lambda: self.edit(bob, "Feed", "Jail")) == {}
        assert self.cards.by_uid(bob) is None

    def test_notes_are_stripped(self) -> None:
        """Mailroom's lines go wherever they stand; what the user wrote stays as it was written."""
        mine = "Met in Rome; likes figs, \\ and so on\n\n Triaged to Feed, I think "
        bob = self.cards.add_contact("Bob", "bob@example.com", note=f"{NOTE}\n{mine}\n{AGAIN}\nlast")
        assert self.remove(Removal(strip_notes=frozenset({bob}))) == {}
        assert self.notes(bob) == f"{mine}\nlast"

    def test_stripping_undoes_writing(self) -> None:
        """A card on which Mailroom has written notes is the same as before without them, to the last octet."""
        for note in ("", "Mine", "Long " * 40, "ends with a line\n"):
            bob = self.cards.add_contact("Bob", "bob@example.com", note=note)
            before = self.card(bob).vcard
            for line in (NOTE, AGAIN):
                self.look_up("bob@example.com")
                assert self.write(ContactChanges(notes={bob: line})) == {}
            assert self.remove(Removal(strip_notes=frozenset({bob}))) == {}
            assert self.card(bob).vcard == before

    def test_note_written_meanwhile_stays(self) -> None:
        """What the user adds to a note just before it is stripped stays."""
        bob = self.cards.add_contact("Bob", "bob@example.com", note=f"Mine\n{NOTE}")
        self.remove_while(Removal(strip_notes=frozenset({bob})), lambda: self.edit(bob, "Mine", "Mine too"))
        assert self.notes(bob) == "Mine too"

    def test_who_leaves_a_group(self) -> None:
        """Those who are to leave a group leave it, cards or none; the others stay."""
        feed = self.cards.add_group("Feed", ["ann", "bob", "gone"])
        assert self.remove(Removal(leave=joining(feed, "bob", "gone", "never there"))) == {}
        assert self.members(feed) == {"ann"}

    def test_empty_group_is_deleted(self) -> None:
        """A group that everybody has left in the same removal is deleted."""
        feed = self.cards.add_group("Feed", ["bob"])
        assert self.remove(Removal(leave=joining(feed, "bob"), delete_groups=frozenset({feed}))) == {}
        assert self.cards.by_uid(feed) is None

    def test_group_with_members_is_not_deleted(self) -> None:
        """A group with anybody in it is kept, and told."""
        feed = self.cards.add_group("Feed", ["bob"])
        assert "not empty" in self.remove(Removal(delete_groups=frozenset({feed})))[feed]
        assert self.members(feed) == {"bob"}

    def test_group_that_is_joined_meanwhile_is_not_deleted(self) -> None:
        """A group that somebody joins just before it would be deleted is kept."""
        feed = self.cards.add_group("Feed")
        removal = Removal(delete_groups=frozenset({feed}))
        failures = self.remove_while(removal, lambda: self.cards.add_member("Feed", "bob"))
        assert (set(failures), self.members(feed)) == ({feed}, {"bob"})

    def test_contact_is_never_deleted_for_a_group(self) -> None:
        """A contact that is taken for an empty group is kept."""
        [bob] = self.create("bob@example.com")
        assert set(self.remove(Removal(delete_groups=frozenset({bob})))) == {bob}
        assert self.card(bob).addresses == ["bob@example.com"]

    def test_one_failure_does_not_stop_the_others(self) -> None:
        """A contact that the server refuses to delete keeps its groups; the rest is removed."""
        ann, bob = self.create("ann@example.com", "bob@example.com")
        feed = self.cards.add_group("Feed", [ann, bob])
        self.refuse_change(ann)
        failures = self.remove(Removal(delete=frozenset({ann, bob}), leave=joining(feed, ann, bob)))
        assert set(failures) == {ann}
        assert (self.members(feed), self.cards.by_uid(bob)) == ({ann}, None)

    def test_refused_group_fails_alone(self) -> None:
        """A group that the server refuses to change is told; the others are left."""
        feed, jail = self.cards.add_group("Feed", ["bob"]), self.cards.add_group("Jail", ["bob"])
        self.refuse_change(feed)
        failures = self.remove(Removal(leave=joining(feed, "bob") | joining(jail, "bob")))
        assert (set(failures), self.members(feed), self.members(jail)) == ({feed}, {"bob"}, set())

    def test_removing_twice_is_removing_once(self) -> None:
        """What is done already is done again without a failure, and changes nothing more."""
        [bob] = self.create("bob@example.com")
        ann = self.cards.add_contact("Ann", "ann@example.com", note=f"Mine\n{NOTE}")
        feed, jail = self.cards.add_group("Feed", [ann, bob, "carol"]), self.cards.add_group("Jail", [bob])
        leave = joining(feed, ann, bob) | joining(jail, bob)
        changes = Removal(frozenset({bob}), frozenset({ann}), leave, frozenset({jail}))
        assert self.remove(changes) == {}
        once = {name: card.vcard for name, card in self.cards.cards.items()}
        assert self.remove(changes) == {}
        assert {name: card.vcard for name, card in self.cards.cards.items()} == once

    def test_more_than_fit_in_one_request(self) -> None:
        """However many contacts there are, all of them are removed."""
        uids = self.create(*(f"somebody{number}@example.com" for number in range(120)))
        feed = self.cards.add_group("Feed", uids)
        assert self.remove(Removal(delete=frozenset(uids), leave=joining(feed, *uids))) == {}
        assert [card.uid for card in self.cards.cards.values()] == [feed]
        assert self.members(feed) == set()

    def test_nothing_to_remove(self) -> None:
        """An empty removal asks nothing of the server."""
        before = self.http.round_trips.requests
        assert self.remove(Removal()) == {}
        assert self.http.round_trips.requests == before
