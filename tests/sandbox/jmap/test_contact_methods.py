"""JMAP contacts in the sandbox (RFC 9610), as a Cyrus was seen to answer."""

from typing import Any

from mailroom.sandbox.options import SandboxOptions
from tests.sandbox.driver import SandboxTestCase

CARD = {"@type": "Card", "version": "1.0"}


class Contacts(SandboxTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.book = self.account.address_book
        self.bob = self.book.add_contact("Bob", "Bob@Example.com")
        self.feed = self.book.add_group("Feed")

    def create(self, **card: Any) -> dict[str, Any]:
        return dict(self.call("ContactCard/set", create={"a": CARD | card})["created"]["a"])

    def update(self, card: str, /, **patch: Any) -> dict[str, Any]:
        return self.call("ContactCard/set", update={card: patch})

    def refusal(self, card: str, /, **patch: Any) -> dict[str, Any]:
        return dict(self.update(card, **patch)["notUpdated"][card])

    def get(self, uid: str, *properties: str) -> dict[str, Any]:
        [card] = self.call("ContactCard/get", ids=[uid], properties=list(properties))["list"]
        return dict(card)

    def test_address_book(self) -> None:
        """There is one address book, and it is the default one."""
        [book] = self.call("AddressBook/get")["list"]
        assert (book["id"], book["isDefault"], book["myRights"]["mayWrite"]) == ("Default", True, True)

    def test_created_with_a_uid(self) -> None:
        """A uid that the client chose becomes the id, and is not told again."""
        created = self.create(uid="urn:uuid:1", emails={"e1": {"address": "a@example.com"}})
        assert created["id"] == "urn:uuid:1"
        assert "uid" not in created

    def test_created_without_a_uid(self) -> None:
        """A uid that the server chose is told, and is the id."""
        created = self.create()
        assert created["uid"] == created["id"]

    def test_get(self) -> None:
        """A card comes with its id and address books, whatever is asked for; addresses keep their case."""
        assert self.get(self.bob, "emails") == {
            "id": self.bob,
            "addressBookIds": {"Default": True},
            "emails": {"e1": {"address": "Bob@Example.com"}},
        }

    def test_vendors_properties(self) -> None:
        """A vendor's property is kept, and given to those who name it."""
        uid = self.create(**{"example.com:mark": 1})["id"]
        assert self.get(uid, "example.com:mark")["example.com:mark"] == 1
        assert "example.com:mark" not in self.call("ContactCard/get", ids=[uid])["list"][0]

    def test_surname_comes_first(self) -> None:
        """The pieces of a name come back with the surname first, unless they say that they are in order."""
        pieces = [{"kind": "given", "value": "Bob"}, {"kind": "surname", "value": "Stone"}]
        assert self.get(self.create(name={"components": pieces})["id"], "name")["name"]["components"] == pieces[::-1]
        ordered = {"components": pieces, "isOrdered": True}
        assert self.get(self.create(name=ordered)["id"], "name")["name"] == ordered

    def test_refused_cards(self) -> None:
        """What is missing or wrong in a new card is named."""
        rows: list[tuple[dict[str, Any], list[str]]] = [
            ({}, ["@type", "version"]),
            (CARD | {"uid": self.bob}, ["uid"]),
            (CARD | {"id": "x"}, ["id"]),
            (CARD | {"bogus": 1}, ["bogus"]),
            (CARD | {"name": "Bob"}, ["name"]),
            (CARD | {"notes": {"n1": {"text": "x"}}}, ["notes/n1/note"]),
            (CARD | {"addressBookIds": {"Default": True, "Other": True}}, ["addressBookIds"]),
        ]
        for card, properties in rows:
            error = self.call("ContactCard/set", create={"a": card})["notCreated"]["a"]
            assert error == {"type": "invalidProperties", "properties": properties}, card

    def test_members(self) -> None:
        """Members join and leave by patches; both may be repeated, and unknown uids are taken as they are."""
        self.update(self.feed, **{f"members/{self.bob}": True, "members/urn:uuid:x": True, "members/a~1b": True})
        self.update(self.feed, **{f"members/{self.bob}": True, "members/a~1b": None, "members/never": None})
        assert self.get(self.feed, "members")["members"] == {self.bob: True, "urn:uuid:x": True}

    def test_updated_tells_something(self) -> None:
        """An update is answered with an object, not null."""
        assert "updated" in self.update(self.feed, **{"members/x": True})["updated"][self.feed]

    def test_refused_patches(self) -> None:
        """A patch needs the parent of what it sets, and true as membership; the uid stays."""
        assert self.refusal(self.feed, **{"members/a/b": True})["type"] == "invalidPatch"
        assert self.refusal(self.bob, **{"members/x": True})["type"] == "invalidPatch"
        assert self.refusal(self.bob, **{"notes/n1": {"note": "x"}})["type"] == "invalidPatch"
        assert self.refusal(self.feed, **{"/members/x": True})["properties"] == ["/members/x"]
        assert self.refusal(self.feed, **{"members/x": False})["properties"] == ["members/x/x"]
        assert self.refusal(self.bob, uid="other")["properties"] == ["uid"]

    def test_whole_notes(self) -> None:
        """A card without notes takes them as a whole, and then one by one."""
        self.update(self.bob, notes={"n1": {"note": "one"}})
        self.update(self.bob, **{"notes/n2": {"note": "two\nlines"}})
        assert self.get(self.bob, "notes")["notes"] == {"n1": {"note": "one"}, "n2": {"note": "two\nlines"}}

    def test_destroyed_contacts_stay_members(self) -> None:
        """Groups are not told that a member is gone."""
        self.update(self.feed, **{f"members/{self.bob}": True})
        self.call("ContactCard/set", destroy=[self.bob])
        assert self.get(self.feed, "members")["members"] == {self.bob: True}

    def test_creation_ids_are_no_members(self) -> None:
        """A creation id is taken for a uid in members, and for an unknown card in a later update."""
        create = ("ContactCard/set", {"create": {"k": CARD}, "update": {self.feed: {"members/#k": True}}})
        results = self.run_calls(
            create, ("ContactCard/set", {"update": {"#k": {}}}), ("ContactCard/get", {"ids": ["#k"]})
        )
        assert self.get(self.feed, "members")["members"] == {"#k": True}
        assert results[1][1]["notUpdated"] == {"#k": {"type": "notFound"}}
        assert len(results[2][1]["list"]) == 1

    def test_state(self) -> None:
        """Mail does not move the state of contacts; writing them does."""
        state = self.call("ContactCard/get", ids=[])["state"]
        self.account.deliver({}, [self.account.add_mailbox("Inbox")])
        assert self.call("ContactCard/get", ids=[])["state"] == state
        self.update(self.bob, **{"name/full": "Robert"})
        changes = self.call("ContactCard/changes", sinceState=state)
        assert changes["updated"] == [self.bob]
        assert self.error("ContactCard/set", ifInState=state, destroy=[self.bob])["type"] == "stateMismatch"

    def test_query_tells_all_about_itself(self) -> None:
        """A query's answer repeats its filter and tells the total, asked or not."""
        answer = self.call("ContactCard/query", filter={"kind": "group"}, limit=0)
        assert (answer["filter"], answer["total"], answer["ids"]) == ({"kind": "group"}, 1, [])
        assert not answer["canCalculateChanges"]


class NoAddressBook(SandboxTestCase):
    options = SandboxOptions(address_book=False)

    def test_first_one_is_made(self) -> None:
        """Where there is no address book no card can be created; the first one that is made is the default one."""
        card = {"a": CARD | {"uid": "bob"}}
        assert self.call("AddressBook/get")["list"] == []
        assert self.call("ContactCard/set", create=card)["notCreated"]["a"]["properties"] == ["addressBookIds"]
        assert self.call("AddressBook/set", create={"b": {"name": "Contacts"}})["created"]["b"]["id"] == "Default"
        assert self.call("ContactCard/set", create=card)["created"]["a"]["id"] == "bob"

    def test_second_one_is_refused(self) -> None:
        """The sandbox has one address book at most."""
        self.call("AddressBook/set", create={"b": {"name": "Contacts"}})
        refused = self.call("AddressBook/set", create={"b": {"name": "More"}})["notCreated"]
        assert refused["b"]["type"] == "forbidden"
