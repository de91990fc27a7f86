"""What every address book does for setup and for those who ask about everybody: run on each of them."""

from mailroom.contacts.book import ContactChanges, Directory, Group
from mailroom.sandbox import SandboxOptions
from tests.contacts.books import BookTestCase, new_contact

NOTE = "Triaged to Feed on 2026-11-23"


class EveryoneBehaviour(BookTestCase):
    """Reading everything. A backend's test case says how other programs write its cards."""

    def edit(self, uid: str, old: str, new: str) -> None:
        """Replace a text wherever it stands on a card."""
        raise NotImplementedError

    def add_phone(self, uid: str) -> None:
        """Give a contact a telephone number."""
        raise NotImplementedError

    def everyone(self) -> Directory:
        return self.result(self.book.everyone())

    def create(self, note: str = NOTE, name: str = "Bob Stone") -> str:
        """A contact of Mailroom's own making; its uid."""
        self.look_up("bob@example.com")
        new = new_contact("Bob@example.com", name)
        assert self.write(ContactChanges(create=(new,), notes={new.uid: note} if note else {})) == {}
        return new.uid

    def is_untouched(self, uid: str) -> bool:
        [contact] = [contact for contact in self.everyone().contacts if contact.uid == uid]
        return contact.untouched

    def test_nobody_is_there(self) -> None:
        """An empty address book has no contacts and no groups."""
        assert self.everyone() == Directory()

    def test_contacts_and_groups(self) -> None:
        """All contacts are there, whatever their addresses, and all groups."""
        bob, ann = self.cards.add_contact("Bob", "Bob@Example.com", "b@work.example"), self.cards.add_contact("Ann")
        feed = self.cards.add_group("Feed", [bob, "gone"])
        directory = self.everyone()
        assert {contact.uid: contact.addresses for contact in directory.contacts} == {
            bob: {"bob@example.com", "b@work.example"},
            ann: frozenset(),
        }
        assert directory.groups == (Group(feed, "Feed", frozenset({bob, "gone"})),)

    def test_more_than_fit_in_one_answer(self) -> None:
        """A large address book is read to its end."""
        uids = {self.cards.add_contact("Somebody", f"somebody{number}@example.com") for number in range(250)}
        assert {contact.uid for contact in self.everyone().contacts} == uids

    def test_lines_of_notes(self) -> None:
        """A contact tells the lines of its notes in their order."""
        self.cards.add_contact("Bob", "bob@example.com", note=f"Met in Rome; twice\n\n{NOTE}")
        [contact] = self.everyone().contacts
        assert contact.notes == ("Met in Rome; twice", "", NOTE)

    def test_created_contact_is_untouched(self) -> None:
        """A contact that Mailroom created, and noted something on later, is untouched."""
        bob = self.create()
        self.look_up("bob@example.com")
        assert self.write(ContactChanges(notes={bob: "Re-triaged to Jail on 2026-11-24"})) == {}
        assert self.is_untouched(bob)

    def test_contact_without_a_name_is_untouched(self) -> None:
        """A contact that is called by its address, because the sender gave no name, is untouched."""
        assert self.is_untouched(self.create(name=""))

    def test_contact_of_the_users_is_not(self) -> None:
        """A contact that somebody else created is not untouched, even if only Mailroom has written a note on it."""
        assert not self.is_untouched(self.cards.add_contact("Bob", "bob@example.com", note=NOTE))

    def test_contact_with_a_telephone_number_is_not(self) -> None:
        """A contact that holds what Mailroom never writes is not untouched."""
        bob = self.create()
        self.add_phone(bob)
        assert not self.is_untouched(bob)

    def test_renamed_contact_is_not(self) -> None:
        """A contact that got another name is not untouched."""
        bob = self.create()
        self.edit(bob, "Stone", "Rock")
        assert not self.is_untouched(bob)

    def test_contact_with_another_address_is_not(self) -> None:
        """A contact whose address was changed is not untouched."""
        bob = self.create()
        self.edit(bob, "example.com", "example.org")
        assert not self.is_untouched(bob)

    def test_contact_with_a_note_of_the_users_is_not(self) -> None:
        """A contact on which the user has written something is not untouched."""
        bob = self.create()
        self.edit(bob, NOTE, f"{NOTE}, likes figs")
        assert not self.is_untouched(bob)


class GroupCreationBehaviour(BookTestCase):
    """Creating groups. A backend's test case says how its server refuses the first of them."""

    def refuse_group_creation(self) -> None:
        """Let the server refuse the next group to be created."""
        raise NotImplementedError

    def create_groups(self, *names: str) -> dict[str, str]:
        return dict(self.result(self.book.create_groups(names)))

    def groups(self) -> list[str]:
        return sorted(group.name for group in self.look_up().groups)

    def test_groups_are_created(self) -> None:
        """Groups that are created are there afterwards, empty, and one can join them."""
        assert self.create_groups("Feed", "Paper, Trail; Ünï") == {}
        groups = self.look_up("bob@example.com").groups
        assert {group.name: group.members for group in groups} == {
            "Feed": frozenset(),
            "Paper, Trail; Ünï": frozenset(),
        }
        join = {group.uid: frozenset({"bob"}) for group in groups}
        assert self.write(ContactChanges(join=join)) == {}
        assert all(group.members == {"bob"} for group in self.look_up().groups)

    def test_creating_twice_is_creating_once(self) -> None:
        """A group that is there is not created again, in whichever form of Unicode its name is written."""
        self.create_groups("Feed", "Caf\u00e9")
        assert self.create_groups("Feed", "Cafe\u0301", "Jail", "Jail") == {}
        assert self.groups() == ["Caf\u00e9", "Feed", "Jail"]

    def test_refused_group_fails_alone(self) -> None:
        """A group that the server refuses is told, and the others are created."""
        self.refuse_group_creation()
        failures = self.create_groups("Feed", "Jail")
        assert (list(failures), self.groups()) == (["Feed"], ["Jail"])

    def test_no_groups_create_nothing(self) -> None:
        """No names are no groups."""
        assert (self.create_groups(), self.groups()) == ({}, [])


class NoBookYetBehaviour(BookTestCase):
    """A user who has no address book yet."""

    options = SandboxOptions(contacts="both", address_book=False)

    def test_nobody_is_there(self) -> None:
        """Who asks for everybody hears of nobody, and nothing is made by asking."""
        assert self.result(self.book.everyone()) == Directory()
        assert not self.cards.exists

    def test_address_book_is_made_for_the_groups(self) -> None:
        """Creating groups makes the address book too, and it is used from then on."""
        assert self.result(self.book.create_groups(["Feed"])) == {}
        [group] = self.look_up("bob@example.com").groups
        new = new_contact("bob@example.com")
        assert self.write(ContactChanges(create=(new,), join={group.uid: frozenset({new.uid})})) == {}
        assert self.members(group.uid) == {self.find("bob@example.com").uid}
