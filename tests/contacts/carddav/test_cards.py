"""Cards on a server that shows them otherwise than it stores them."""

from typing import Final

import pytest
from pydantic import SecretStr
from twisted.internet.defer import Deferred
from twisted.internet.task import Clock
from twisted.web.server import Request

from mailroom.contacts.carddav.cards import Cards, StoredCard
from mailroom.contacts.carddav.webdav import WebDav
from mailroom.contacts.errors import UneditableCard
from mailroom.core.credentials import BasicLogin, Secret
from tests.deferreds import result_of
from tests.http.servers import ScriptedServer

BOOK: Final = "https://dav.example/book/"
STORED: Final = "BEGIN:VCARD\r\nVERSION:4.0\r\nUID:ann\r\nFN:Ann\r\nEMAIL;PREF=1:ann@example.com\r\nEND:VCARD\r\n"
SHOWN: Final = STORED.replace("4.0", "3.0").replace("UID:", "UID;VALUE=uri:").replace("PREF=1", "TYPE=pref")
NOTED: Final = STORED.replace("END", "NOTE:Triaged\r\nEND")


class ConvertingServer:
    """An address book with one card, which it shows by the version asked for; without one, as Cyrus does, in 3.0.

    What no version is named for is shown as it is stored. Without `tells_length` the server does not say how long the
    stored card is; without `etags` a card has none.
    """

    def __init__(
        self,
        stored: str = STORED,
        shown: dict[str, str] | None = None,
        *,
        tells_length: bool = True,
        etags: bool = True,
    ) -> None:
        self.stored = stored
        self.reports = 0
        self._shown = shown or {}
        self._tells_length = tells_length
        self._etag = '"1"' if etags else ""

    def __call__(self, request: Request) -> bytes:
        assert request.content is not None
        request.content.seek(0)
        body = request.content.read()
        if request.method == b"PUT":
            assert request.getHeader("if-match") == self._etag
            self.stored = body.decode()
            request.setResponseCode(204)
            return b""
        request.setResponseCode(207)
        if request.method == b"PROPFIND":
            return _multistatus(BOOK, "<D:resourcetype><D:collection/><C:addressbook/></D:resourcetype>")
        self.reports += 1
        length = f"<D:getcontentlength>{len(self.stored.encode())}</D:getcontentlength>" if self._tells_length else ""
        data = self._shown.get("4.0" if b'version="4.0"' in body else "3.0", self.stored)
        card = f"<D:getetag>{self._etag}</D:getetag>{length}<C:address-data><![CDATA[{data}]]></C:address-data>"
        return _multistatus(f"{BOOK}ann.vcf", card)


def _multistatus(href: str, properties: str) -> bytes:
    propstat = f"<D:propstat><D:prop>{properties}</D:prop><D:status>HTTP/1.1 200 OK</D:status></D:propstat>"
    return (
        '<D:multistatus xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:carddav">'
        f"<D:response><D:href>{href}</D:href>{propstat}</D:response></D:multistatus>"
    ).encode()


def open_cards(server: ConvertingServer) -> Cards:
    login = BasicLogin("ann", Secret("password", SecretStr("secret")))
    return Cards(WebDav(ScriptedServer(server).http(Clock()), BOOK, login), BOOK)


def add_note(cards: Cards) -> StoredCard:
    """Find the card, and add a note to it."""
    [ann] = result_of(Deferred.fromCoroutine(cards.find([("EMAIL", "ann@example.com")])))
    return result_of(Deferred.fromCoroutine(cards.edit(ann, lambda card: card.with_note("Triaged"))))


def test_card_is_edited_in_the_version_it_is_stored_in() -> None:
    """A card of version 4.0 that is shown as 3.0 is read anew before it is edited, and stays 4.0."""
    server = ConvertingServer(shown={"3.0": SHOWN})
    add_note(open_cards(server))
    assert (server.stored, server.reports) == (NOTED, 2)


def test_card_shown_as_stored_is_not_read_again() -> None:
    """What the look-up has shown is edited at once, where it is what is stored."""
    server = ConvertingServer()
    add_note(open_cards(server))
    assert (server.stored, server.reports) == (NOTED, 1)


def test_server_that_tells_no_length_is_trusted() -> None:
    """A server that does not say how long a card is shows it as it is stored."""
    server = ConvertingServer(tells_length=False)
    add_note(open_cards(server))
    assert (server.stored, server.reports) == (NOTED, 1)


def test_line_ends_are_no_conversion() -> None:
    """A card stored with bare line feeds is shown as it is stored, for XML tells no line ends apart."""
    server = ConvertingServer(STORED.replace("\r\n", "\n"))
    add_note(open_cards(server))
    assert (server.stored, server.reports) == (NOTED, 1)


def test_card_that_is_never_shown_as_stored_is_not_written() -> None:
    """Where every version that the server shows is another one than the stored, nothing is written back."""
    server = ConvertingServer(shown={"3.0": SHOWN, "4.0": SHOWN})
    with pytest.raises(UneditableCard):
        add_note(open_cards(server))
    assert server.stored == STORED


def test_card_without_an_etag_is_not_written() -> None:
    """Without an ETag nothing would keep an edit from overwriting somebody else's."""
    server = ConvertingServer(etags=False)
    with pytest.raises(UneditableCard):
        add_note(open_cards(server))
    assert server.stored == STORED


def test_edit_without_a_change_writes_nothing() -> None:
    """A note that is there already costs no request, in whichever version the card is shown."""
    server = ConvertingServer(NOTED, {"3.0": SHOWN.replace("END", "NOTE:Triaged\r\nEND")})
    add_note(open_cards(server))
    assert (server.stored, server.reports) == (NOTED, 1)


def test_edited_card_is_edited_again() -> None:
    """After a PUT whose answer names no ETag the card is read before the next edit."""
    server = ConvertingServer()
    cards = open_cards(server)
    once = add_note(cards)
    result_of(Deferred.fromCoroutine(cards.edit(once, lambda card: card.with_note("Re-triaged"))))
    assert (server.stored, server.reports) == (NOTED.replace("Triaged", "Triaged\r\n \\nRe-triaged"), 2)
