"""The address book over CardDAV (RFC 6352): how it is found, what a query finds, and how writes are guarded."""

import pytest

from tests.integration.address_book import APPLE_GROUP, AddressBook, card, lines_of
from tests.integration.conftest import SANDBOX_AND_CYRUS
from tests.integration.conversation import Conversation
from tests.integration.real_time import on_reactor
from tests.integration.servers import Login


@pytest.fixture
def server(carddav_server: Login) -> Login:
    """Here the servers are those for contacts, one more than for mail."""
    return carddav_server


@on_reactor
async def test_fresh_account_has_an_address_book(jmap: Conversation) -> None:
    """A new user's first request may be to store a card: the book is there, and empty."""
    book = await AddressBook(jmap).discover()
    assert await book.found(("EMAIL", "bob@example.com")) == []
    assert (await book.put("bob.vcf", card("bob"), If_None_Match="*")).status == 201


@pytest.mark.parametrize("carddav_server", SANDBOX_AND_CYRUS, indirect=True)
@on_reactor
async def test_version_3_is_kept_as_it_is(jmap: Conversation) -> None:
    """A vCard 3.0 is read back octet by octet, unknown properties and all."""
    book = await AddressBook(jmap).discover()
    stored = card("bob", "EMAIL;TYPE=INTERNET:bob@example.com", "X-UNKNOWN;X-P=1:kept", "NOTE:One\\nTwo")
    await book.put("bob.vcf", stored)
    assert (await book.get("bob.vcf")).body == stored


@on_reactor
async def test_no_line_of_version_3_is_lost(jmap: Conversation) -> None:
    """Though a server may put the lines into an order of its own, as Radicale does."""
    book = await AddressBook(jmap).discover()
    stored = card("bob", "EMAIL;TYPE=INTERNET:bob@example.com", "X-UNKNOWN;X-P=1:kept", "NOTE:One\\nTwo")
    await book.put("bob.vcf", stored)
    assert lines_of((await book.get("bob.vcf")).body) == lines_of(stored)


@on_reactor
async def test_creation_does_not_overwrite(jmap: Conversation) -> None:
    """`If-None-Match: *` on a card that is there is refused, and the card stays."""
    book = await AddressBook(jmap).discover()
    await book.put("bob.vcf", card("bob"), If_None_Match="*")
    again = await book.put("bob.vcf", card("bob", "NOTE:again"), If_None_Match="*")
    assert (again.status, lines_of((await book.get("bob.vcf")).body)) == (412, lines_of(card("bob")))


@on_reactor
async def test_update_needs_the_current_etag(jmap: Conversation) -> None:
    """With the ETag of the last write a card is replaced; with one from before, it is not."""
    book = await AddressBook(jmap).discover()
    etag = (await book.put("bob.vcf", card("bob"))).header("ETag") or ""
    first = await book.put("bob.vcf", card("bob", "NOTE:first"), If_Match=etag)
    second = await book.put("bob.vcf", card("bob", "NOTE:second"), If_Match=etag)
    assert (first.status in {201, 204}, second.status) == (True, 412)
    assert lines_of((await book.get("bob.vcf")).body) == lines_of(card("bob", "NOTE:first"))


@on_reactor
async def test_update_of_what_is_gone_is_refused(jmap: Conversation) -> None:
    """`If-Match` on a card that is no more is refused: nothing comes back to life."""
    book = await AddressBook(jmap).discover()
    answer = await book.put("gone.vcf", card("gone"), If_Match='"an-etag"')
    assert answer.status == 412


@on_reactor
async def test_deletion_needs_the_current_etag(jmap: Conversation) -> None:
    """With the ETag from before an update a card is not deleted; with the one since, it is, and only once."""
    book = await AddressBook(jmap).discover()
    stale = (await book.put("bob.vcf", card("bob"))).header("ETag") or ""
    etag = (await book.put("bob.vcf", card("bob", "NOTE:mine"))).header("ETag") or ""
    statuses = [(await book.delete("bob.vcf", If_Match=tag)).status for tag in (stale, etag, etag)]
    assert statuses in ([412, 204, 404], [412, 200, 404])


@on_reactor
async def test_query_finds_addresses_in_any_case(jmap: Conversation) -> None:
    """`contains` looks without regard to case, into each address of a card, and finds longer ones too."""
    book = await AddressBook(jmap).discover()
    await book.put("bob.vcf", card("bob", "EMAIL:carol@example.com", "EMAIL:Bob@Example.com"))
    await book.put("notbob.vcf", card("notbob", "EMAIL:notbob@example.com"))
    await book.put("longer.vcf", card("longer", "EMAIL:bob@example.com.au"))
    await book.put("other.vcf", card("other", "EMAIL:eve@example.com"))
    assert await book.found(("EMAIL", "bob@example.com")) == ["bob.vcf", "longer.vcf", "notbob.vcf"]


@on_reactor
async def test_one_query_finds_contacts_and_groups(jmap: Conversation) -> None:
    """The conditions of a query are alternatives: contacts by address and groups of both kinds come in one answer."""
    book = await AddressBook(jmap).discover()
    await book.put("bob.vcf", card("bob", "EMAIL:bob@example.com"))
    await book.put("carol.vcf", card("carol", "EMAIL:carol@example.com"))
    await book.put("other.vcf", card("other", "EMAIL:other@example.com"))
    await book.put("apple.vcf", card("apple", f"{APPLE_GROUP}:group"))
    await book.put("kind.vcf", card("kind", "KIND:group"))
    addresses = [("EMAIL", "bob@example.com"), ("EMAIL", "carol@example.com")]
    found = await book.found(*addresses, (APPLE_GROUP, "group"), ("KIND", "group"))
    assert found == ["apple.vcf", "bob.vcf", "carol.vcf", "kind.vcf"]


@pytest.mark.parametrize(
    "address", ["*@example.com", "a b@example.com", "x@y@z.example", "josé@example.com", "a&b@c.example"]
)
@on_reactor
async def test_query_takes_odd_addresses_as_they_are(jmap: Conversation, address: str) -> None:
    """No character of an address is a pattern to an address book."""
    book = await AddressBook(jmap).discover()
    await book.put("odd.vcf", card("odd", f"EMAIL:{address}"))
    await book.put("bob.vcf", card("bob", "EMAIL:bob@example.com"))
    assert await book.found(("EMAIL", address)) == ["odd.vcf"]


@pytest.mark.parametrize("carddav_server", SANDBOX_AND_CYRUS, indirect=True)
@on_reactor
async def test_uid_is_not_guarded(jmap: Conversation) -> None:
    """A second card with a uid that another has is stored: the client must look for itself."""
    book = await AddressBook(jmap).discover()
    statuses = [(await book.put(name, card("bob"))).status for name in ("bob.vcf", "again.vcf")]
    assert statuses == [201, 201]


@on_reactor
async def test_address_book_needs_credentials(jmap: Conversation) -> None:
    """Wrong credentials are answered by 401."""
    book = await AddressBook(jmap).discover()
    assert (await jmap.fetch(book.url, credentials=jmap.wrong_login)).status == 401
