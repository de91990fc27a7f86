"""Which address book is chosen."""

from typing import Any

import pytest
from pydantic import SecretStr
from twisted.internet.defer import Deferred
from twisted.internet.task import Clock

from mailroom.contacts.carddav.address_book import CardDavAddressBook
from mailroom.contacts.choice import choose_address_book
from mailroom.contacts.errors import AddressBookError, NoAddressBook
from mailroom.contacts.jmap.address_book import JmapAddressBook
from mailroom.core.config import MailroomSettings
from mailroom.core.credentials import BearerToken, Secret
from mailroom.jmap.client import Client
from mailroom.jmap.session import CONTACTS, MAIL, parse_session
from tests.deferreds import failure_of
from tests.http.servers import ScriptedServer

TOKEN = {"jmap_token": "t"}
LOGIN = {"jmap_username": "ann", "jmap_password": "p"}
CARDDAV = {"carddav_url": "dav.example", "carddav_username": "ann", "carddav_password": "p"}


def choose(*capabilities: str, **settings: Any) -> object:
    """What is chosen for an account that offers this."""
    document = {
        "apiUrl": "/jmap/",
        "capabilities": {name: {} for name in capabilities},
        "accounts": {"a": {"accountCapabilities": {name: {} for name in capabilities}}},
        "primaryAccounts": dict.fromkeys(capabilities, "a"),
    }
    http = ScriptedServer(lambda _request: b"").http(Clock())
    client = Client(http, "https://mail.example", BearerToken(Secret("jmap_token", SecretStr("t"))))
    session = parse_session(document, "https://mail.example/jmap/session")
    return choose_address_book(MailroomSettings(**settings), session, client, http)


@pytest.mark.parametrize("settings", [TOKEN, TOKEN | CARDDAV, LOGIN, TOKEN | {"contacts": "jmap"}])
def test_jmap_where_it_is_offered(settings: dict[str, Any]) -> None:
    """An account that offers contacts over JMAP is used so, unless the settings say otherwise."""
    assert isinstance(choose(MAIL, CONTACTS, **settings), JmapAddressBook)


@pytest.mark.parametrize("settings", [TOKEN | CARDDAV, LOGIN | CARDDAV, LOGIN | {"carddav_url": "dav.example"}, LOGIN])
def test_carddav_where_jmap_is_not_offered(settings: dict[str, Any]) -> None:
    """Without contacts over JMAP a CardDAV server is used, with one login for both if there is but one."""
    assert isinstance(choose(MAIL, **settings), CardDavAddressBook)


def test_carddav_where_it_is_asked_for() -> None:
    """The settings may prefer CardDAV."""
    assert isinstance(choose(MAIL, CONTACTS, **TOKEN, **CARDDAV, contacts="carddav"), CardDavAddressBook)


@pytest.mark.parametrize("settings", [TOKEN, TOKEN | {"carddav_url": "dav.example"}, CARDDAV | {"contacts": "jmap"}])
def test_nothing_to_choose_from(settings: dict[str, Any]) -> None:
    """Where nothing can be used, the error says what to set, also for Fastmail."""
    with pytest.raises(NoAddressBook, match=r"carddav_url.*https://carddav\.fastmail\.com"):
        choose(MAIL, **settings)


@pytest.mark.parametrize(
    ("settings", "is_told"), [(LOGIN, True), (LOGIN | {"carddav_url": "https://mail.example/"}, False)]
)
def test_an_address_book_that_nobody_has_set(settings: dict[str, Any], is_told: bool) -> None:  # noqa: FBT001 - a column
    """Where it is not at the mail server, the error says which setting to set."""
    book = choose(MAIL, **settings)
    assert isinstance(book, CardDavAddressBook)
    error = failure_of(Deferred.fromCoroutine(book.everyone()), AddressBookError)
    assert ("carddav.fastmail.com" in str(error)) is is_told
