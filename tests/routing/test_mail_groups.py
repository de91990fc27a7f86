"""Whether the groups of an address book are those of the mail account."""

from typing import ClassVar, Literal

from mailroom.contacts.book import Group
from mailroom.routing.mail_groups import MailGroups
from mailroom.sandbox.faults import MethodFault
from tests.routing.routed import RouterTestCase


class StandardTests(RouterTestCase):
    """A server with JMAP contacts."""

    def setUp(self) -> None:
        super().setUp()
        ann = self.book.add_contact("Ann", "ann@example.com")
        self.book.add_member("Feed", ann)
        self.feed = Group(self.book.group("Feed").uid, "Feed", frozenset({ann}))
        self.jail = Group(self.book.group("Jail").uid, "Jail")

    def include(self, *groups: Group) -> bool:
        session = self.successResultOf(self.run_to_end(self.reached.client.session()))
        mail_groups = MailGroups(session)
        self.successResultOf(self.run_to_end(self.reached.client.run(*mail_groups.operations)))
        return mail_groups.include(groups)

    def test_the_same_groups(self) -> None:
        """Each is found, with its members, in whatever form uids are written."""
        in_urns = Group(f"urn:uuid:{self.feed.uid}", "Feed", frozenset(f"urn:uuid:{m}" for m in self.feed.members))
        assert self.include(self.feed, self.jail)
        assert self.include(in_urns)

    def test_other_groups(self) -> None:
        """One that is not there is enough, whatever its name."""
        assert not self.include(self.feed, Group("another", "Jail"))

    def test_a_copy_with_other_members(self) -> None:
        """Somebody has moved to another server, and the groups here are left behind."""
        assert not self.include(Group(self.feed.uid, "Feed", self.feed.members | {"new"}))

    def test_no_groups(self) -> None:
        """They prove nothing."""
        assert not self.include()


class CyrusTests(StandardTests):
    """A Cyrus that shows contacts over CardDAV."""

    contacts: ClassVar[Literal["jmap", "carddav"]] = "carddav"

    def test_a_server_that_does_not_tell(self) -> None:
        """What is refused is no proof."""
        self.order(MethodFault("ContactGroup/get"))
        assert not self.include(self.feed)
