"""Mailroom's own address book over CardDAV: everybody read, groups created, and all of it removed."""

import pytest

from mailroom.contacts.address_variants import contact_uid
from mailroom.contacts.book import Contact, ContactChanges, NewContact, Removal
from mailroom.contacts.carddav.address_book import CardDavAddressBook
from mailroom.contacts.carddav.webdav import WebDav
from mailroom.jmap.client import Client
from tests.integration.address_book import APPLE_GROUP, AddressBook, card, lines_of
from tests.integration.conversation import Conversation, login, transport
from tests.integration.real_time import on_reactor
from tests.integration.servers import Login

NOTE = "Triaged to Feed on 2026-11-23"
BOB = NewContact(contact_uid("bob@example.com"), "Bob@Example.com", "Bob Stöne", "person")
NEWS = NewContact(contact_uid("news@example.com"), "news@example.com", "Example, News; Daily", "company")


@pytest.fixture
def server(carddav_server: Login) -> Login:
    """Here the servers are those for contacts, one more than for mail."""
    return carddav_server


def open_book(server: Login) -> CardDavAddressBook:
    http, user = transport(), login(server.username, server.password)
    return CardDavAddressBook(Client(http, f"{server.url}/.well-known/jmap", user), http, server.url, user)


async def create(book: CardDavAddressBook, *contacts: NewContact) -> None:
    """Contacts as a triage creates them, with a note."""
    await book.look_up([])
    changes = ContactChanges(create=contacts, notes={new.uid: NOTE for new in contacts})
    assert await book.write(changes) == {}


async def contacts(book: CardDavAddressBook) -> dict[str, Contact]:
    return {contact.uid: contact for contact in (await book.everyone()).contacts}


@on_reactor
async def test_created_contacts_are_untouched(server: Login) -> None:
    """What Mailroom created is known for its own when a real server gives it back."""
    book = open_book(server)
    await create(book, BOB, NEWS)
    assert await contacts(book) == {
        BOB.uid: Contact(BOB.uid, frozenset({"bob@example.com"}), BOB.name, (NOTE,), untouched=True),
        NEWS.uid: Contact(NEWS.uid, frozenset({"news@example.com"}), NEWS.name, (NOTE,), untouched=True),
    }


@on_reactor
async def test_edited_contact_is_not_untouched(server: Login, jmap: Conversation) -> None:
    """A contact that its user has renamed or added to is told from one that nobody has touched."""
    book, app = open_book(server), await AddressBook(jmap).discover()
    await create(book, BOB, NEWS)
    stored = {new.uid: (await app.get(f"{new.uid}.vcf")).body for new in (BOB, NEWS)}
    await app.put(f"{BOB.uid}.vcf", stored[BOB.uid].replace("Stöne".encode(), b"Rock"))
    await app.put(f"{NEWS.uid}.vcf", stored[NEWS.uid].replace(b"END:", b"TEL:1\r\nEND:"))
    assert [contact.untouched for contact in (await contacts(book)).values()] == [False, False]


@on_reactor
async def test_groups_are_created_once(server: Login) -> None:
    """Groups that are created are there, with names of any kind, and are not created again."""
    book = open_book(server)
    for _time in range(2):
        assert await book.create_groups(["Feed", "Paper, Trail; Ünï"]) == {}
    assert sorted(group.name for group in (await book.everyone()).groups) == ["Feed", "Paper, Trail; Ünï"]


@on_reactor
async def test_what_is_mailrooms_is_taken_away(server: Login, jmap: Conversation) -> None:
    """Untouched contacts and empty groups go; cards of the user's lose Mailroom's lines and nothing else, each time."""
    book, app = open_book(server), await AddressBook(jmap).discover()
    mine = card("mine", "EMAIL:ann@example.com", "NOTE:Met in Rome\\, twice", "X-MINE;X=1:kept")
    await app.put("mine.vcf", mine)
    await app.put("feed.vcf", card("feed", f"{APPLE_GROUP}:group"))
    await create(book, BOB)
    members = frozenset({BOB.uid, "mine"})
    await book.look_up(["ann@example.com"])
    assert await book.write(ContactChanges(notes={"mine": NOTE}, join={"feed": members})) == {}
    for _time in range(2):
        every = Removal(frozenset({BOB.uid}), frozenset({"mine"}), {"feed": members}, frozenset({"feed"}))
        assert await book.remove(every) == {}
        assert lines_of((await app.get("mine.vcf")).body) == lines_of(mine)
        assert [contact.uid for contact in (await book.everyone()).contacts] == ["mine"]
        assert (await book.everyone()).groups == ()


@on_reactor
async def test_edited_contact_is_kept(server: Login, jmap: Conversation) -> None:
    """A contact that was edited is not deleted, though it was asked for."""
    book, app = open_book(server), await AddressBook(jmap).discover()
    await create(book, BOB)
    stored = (await app.get(f"{BOB.uid}.vcf")).body.replace(b"END:", b"TEL:1\r\nEND:")
    await app.put(f"{BOB.uid}.vcf", stored)
    assert set(await book.remove(Removal(delete=frozenset({BOB.uid})))) == {BOB.uid}
    assert lines_of((await app.get(f"{BOB.uid}.vcf")).body) == lines_of(stored)


@on_reactor
async def test_card_of_version_4_keeps_its_version(server: Login, jmap: Conversation) -> None:
    """A vCard 4.0, which a server may show as 3.0, is edited as it is stored."""
    book, app = open_book(server), await AddressBook(jmap).discover()
    lines = ["BEGIN:VCARD", "VERSION:4.0", "UID:urn:uuid:4f", "FN:Ann", "NOTE:Mine", "END:VCARD", ""]
    stored = "\r\n".join(lines)
    await app.put("ann.vcf", stored.replace("NOTE:Mine", f"NOTE:Mine\\n{NOTE}").encode())
    assert await book.remove(Removal(strip_notes=frozenset({"4f"}))) == {}
    as_stored = {"Accept": "text/vcard; version=4.0"}
    assert (await jmap.fetch(f"{app.url}ann.vcf", headers=as_stored)).body.decode() == stored


@on_reactor
async def test_address_book_can_be_made(server: Login, jmap: Conversation) -> None:
    """A new address book takes cards at once."""
    app = await AddressBook(jmap).discover()
    app.url = app.url.replace("/Default/", "/More/")
    user = login(server.username, server.password)
    await WebDav(transport(), server.url, user).make_address_book(app.url, "More")
    assert (await app.put("bob.vcf", card("bob"))).status == 201
