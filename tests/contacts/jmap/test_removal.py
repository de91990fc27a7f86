"""Removal from an address book that speaks JMAP."""

import pytest

from mailroom.contacts.book import Removal
from mailroom.contacts.jmap.removal import MAX_ATTEMPTS
from mailroom.jmap.errors import MethodError
from mailroom.sandbox import SandboxOptions
from mailroom.sandbox.faults import MethodFault, ObjectFault
from mailroom.sandbox.options import Limits
from tests.contacts import removal_behaviour
from tests.contacts.books import JmapBookTestCase, joining


class JmapRemovalTests(JmapBookTestCase, removal_behaviour.RemovalBehaviour):
    """What every address book does, and what only the JMAP one has to cope with."""

    def refuse_change(self, uid: str) -> None:
        self.sandbox.fail_next(ObjectFault("ContactCard/set", uid))

    def test_address_book_that_never_rests(self) -> None:
        """Where cards are changed by somebody else again and again, removal them is given up for this time."""
        feed = self.cards.add_group("Feed", ["bob"])
        self.sandbox.fail_next(MethodFault("ContactCard/set", "stateMismatch"), MAX_ATTEMPTS)
        assert "again and again" in self.remove(Removal(leave=joining(feed, "bob")))[feed]
        assert self.members(feed) == {"bob"}

    def test_failing_method_is_raised(self) -> None:
        """What fails for every card is raised."""
        feed = self.cards.add_group("Feed", ["bob"])
        self.sandbox.fail_next(MethodFault("ContactCard/set", "accountReadOnly"))
        with pytest.raises(MethodError):
            self.remove(Removal(leave=joining(feed, "bob")))


class SmallLimitsTests(JmapBookTestCase):
    """A server that takes and gives little at a time."""

    options = SandboxOptions(contacts="both", limits=Limits(max_objects_in_get=2, max_objects_in_set=2))

    def test_everything_is_removed(self) -> None:
        """More cards than one call takes are all removed."""
        uids = [
            self.cards.add_contact("Bob", f"bob{number}@example.com", note=removal_behaviour.NOTE)
            for number in range(5)
        ]
        assert self.result(self.book.remove(Removal(strip_notes=frozenset(uids)))) == {}
        assert [self.card(uid).notes for uid in uids] == [[]] * 5
