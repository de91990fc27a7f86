"""Removal from an address book that speaks CardDAV."""

import pytest

from mailroom.contacts.book import Removal
from mailroom.contacts.carddav.cards import MAX_ATTEMPTS
from mailroom.contacts.errors import DavBusy
from mailroom.sandbox.faults import Answer
from tests.contacts import removal_behaviour
from tests.contacts.books import CardDavBookTestCase, joining


class CardDavRemovalTests(CardDavBookTestCase, removal_behaviour.RemovalBehaviour):
    """What every address book does, and what only the CardDAV one has to cope with."""

    def refuse_change(self, uid: str) -> None:
        self.sandbox.fail_next(Answer(403, path=self.path(uid)))

    def test_contact_that_never_rests(self) -> None:
        """A contact that is changed by somebody else again and again is kept for this time."""
        [bob] = self.create("bob@example.com")
        self.sandbox.fail_next(Answer(412, path=self.path(bob)), MAX_ATTEMPTS)
        assert "again and again" in self.remove(Removal(delete=frozenset({bob})))[bob]

    def test_contact_that_goes_meanwhile(self) -> None:
        """A contact that somebody else deletes first is gone, which is all that was asked for."""
        [bob] = self.create("bob@example.com")
        assert self.remove_while(Removal(delete=frozenset({bob})), lambda: self.cards.remove(self.card(bob).name)) == {}

    def test_card_with_its_uid_in_a_urn(self) -> None:
        """A card of vCard 4.0, whose uid is dressed in a URN, is found and changed."""
        self.put("bob", "VERSION:4.0", "UID:urn:uuid:bob", "FN:Bob", f"NOTE:Mine\\n{removal_behaviour.NOTE}")
        assert self.remove(Removal(strip_notes=frozenset({"bob"}))) == {}
        assert "NOTE:Mine\r\nEND" in self.text("bob")

    def test_busy_server_is_raised(self) -> None:
        """A server that is overloaded ends the removal."""
        feed = self.cards.add_group("Feed", ["bob"])
        self.sandbox.fail_next(Answer(503, path=self.path(feed)))
        with pytest.raises(DavBusy):
            self.remove(Removal(leave=joining(feed, "bob")))
