"""An address book in a sandbox, behind a network with a delay."""

import json
from collections.abc import Coroutine
from typing import Any, TypeVar, cast
from urllib.parse import quote

from pydantic import SecretStr
from treq.testing import RequestTraversalAgent
from twisted.internet.defer import Deferred
from twisted.internet.task import Clock, deferLater
from twisted.trial.unittest import SynchronousTestCase
from twisted.web.http_headers import Headers
from twisted.web.iweb import IAgent, IBodyProducer, IResponse
from twisted.web.resource import IResource
from zope.interface import implementer

from mailroom.contacts.address_variants import contact_uid
from mailroom.contacts.book import AddressBook, Contact, ContactChanges, Directory, NewContact
from mailroom.contacts.carddav.address_book import CardDavAddressBook
from mailroom.contacts.jmap.address_book import JmapAddressBook
from mailroom.core.addresses import canonical_address
from mailroom.core.credentials import BasicLogin, Secret
from mailroom.http.agent import request_client
from mailroom.http.client import Http
from mailroom.jmap.client import Client
from mailroom.sandbox import Sandbox, SandboxOptions
from mailroom.sandbox.store.address_book import Card
from mailroom.sandbox.store.vcards import card_of
from tests.deferreds import is_waiting, result_of

T = TypeVar("T")

ORIGIN = "http://sandbox.example"
BOOK = "/dav/addressbooks/user/sandbox/Default/"
DELAY = 0.05


@implementer(IAgent)
class SlowAgent:
    """Reaches a server in memory; each request takes a while, so that those at the same time are at the same time."""

    def __init__(self, clock: Clock, resource: IResource) -> None:
        self._clock = clock
        self._agent = RequestTraversalAgent(resource)  # type: ignore[no-untyped-call]  # treq.testing is untyped

    def request(
        self,
        method: bytes,
        uri: bytes,
        headers: Headers | None = None,
        bodyProducer: IBodyProducer | None = None,  # noqa: N803 - Twisted's name
    ) -> Deferred[IResponse]:
        sent = deferLater(self._clock, DELAY, self._agent.request, method, uri, headers, bodyProducer)
        return cast("Deferred[IResponse]", sent)


class BookTestCase(SynchronousTestCase):
    """A test with an address book of its own, which has been looked at once."""

    options = SandboxOptions(contacts="both")

    def setUp(self) -> None:
        self.clock = Clock()
        self.sandbox = Sandbox(self.clock, self.options)
        self.cards = self.sandbox.account.address_book
        self.http = Http(request_client(SlowAgent(self.clock, self.sandbox.resource)), self.clock)
        self.login = BasicLogin(self.options.username, Secret("password", SecretStr(self.options.password)))
        self.client = Client(self.http, f"{ORIGIN}/.well-known/jmap", self.login)
        self.book = self.open_book()
        self.result(self.client.session())
        if self.options.address_book:
            self.look_up()

    def open_book(self) -> AddressBook:
        raise NotImplementedError

    def result(self, step: Coroutine[Deferred[Any], Any, T]) -> T:
        """What comes of a step, after as many round trips as it takes."""
        deferred = Deferred.fromCoroutine(step)
        for _round_trip in range(100):
            if is_waiting(deferred):
                self.clock.advance(DELAY)
        return result_of(deferred)

    def look_up(self, *addresses: str) -> Directory:
        return self.result(self.book.look_up(addresses))

    def find(self, address: str) -> Contact:
        """The one contact with an address."""
        [contact] = self.look_up(address).contacts
        return contact

    def write(self, changes: ContactChanges) -> dict[str, str]:
        return dict(self.result(self.book.write(changes)))

    def card(self, uid: str) -> Card:
        """A card as the server has it."""
        card = self.cards.by_uid(uid)
        assert card is not None, uid
        return card

    def members(self, group: str) -> set[str]:
        return self.card(group).members


class CardDavBookTestCase(BookTestCase):
    """The book is one that speaks CardDAV."""

    def open_book(self) -> CardDavAddressBook:
        return CardDavAddressBook(self.client, self.http, ORIGIN, self.login)

    def path(self, uid: str) -> str:
        """Where a card is, or will be if it is created by us."""
        card = self.cards.by_uid(uid)
        return BOOK + (card.name if card else f"{quote(uid, safe='')}.vcf")

    def put(self, name: str, *lines: str) -> None:
        """Store a card as another program wrote it."""
        text = "\r\n".join(["BEGIN:VCARD", *lines, "END:VCARD", ""])
        uid = next(line.removeprefix("UID:").removeprefix("urn:uuid:") for line in lines if line.startswith("UID:"))
        kind = "group" if any(line.endswith("KIND:group") for line in lines) else "individual"
        self.cards.put({"uid": uid, "kind": kind, "name": {"full": name}}, text.encode(), f"{name}.vcf")

    def text(self, name: str) -> str:
        return self.cards.cards[f"{name}.vcf"].vcard.decode()

    def edit(self, uid: str, old: str, new: str) -> None:
        """Replace a text wherever it stands on a card."""
        card = self.card(uid)
        vcard = card.vcard.replace(old.encode(), new.encode())
        self.cards.put(card_of(vcard), vcard, card.name)


class JmapBookTestCase(BookTestCase):
    """The book is one that speaks JMAP."""

    def open_book(self) -> JmapAddressBook:
        return JmapAddressBook(self.client)

    def edit(self, uid: str, old: str, new: str) -> None:
        """Replace a text wherever it stands on a card."""
        self.cards.put(json.loads(json.dumps(self.card(uid).json).replace(old, new)))


def new_contact(address: str, name: str = "Bob Stone") -> NewContact:
    """A contact to create, as triage would."""
    canonical = canonical_address(address)
    assert canonical is not None
    return NewContact(contact_uid(canonical), address, name, "person")


def joining(group: str, *contacts: str) -> dict[str, frozenset[str]]:
    """Who joins a group, or leaves it."""
    return {group: frozenset(contacts)}
