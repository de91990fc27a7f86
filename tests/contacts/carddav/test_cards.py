"""Cards on a server that shows them otherwise than it stores them."""

from hashlib import sha1
from typing import Final

import pytest
from pydantic import SecretStr
from twisted.internet.defer import Deferred
from twisted.internet.task import Clock
from twisted.web.server import Request

from mailroom.contacts.carddav.cards import Cards
from mailroom.contacts.carddav.stored_card import StoredCard
from mailroom.contacts.carddav.webdav import WebDav
from mailroom.contacts.errors import UneditableCard
from mailroom.core.credentials import BasicLogin, Secret
from tests.deferreds import result_of
from tests.http.servers import ScriptedServer

BOOK: Final = "https://dav.example/book/"
STORED: Final = "BEGIN:VCARD\r\nVERSION:4.0\r\nUID:ann\r\nFN:Ann\r\nEMAIL;PREF=1:ann@example.com\r\nEND:VCARD\r\n"
SHOWN: Final = STORED.replace("4.0", "3.0").replace("UID:", "UID;VALUE=uri:").replace("PREF=1", "TYPE=pref")
TEN_LINES: Final = (
    "BEGIN:VCARD\r\nVERSION:4.0\r\nUID:ann\r\nFN:Ann\r\nN:Lee;Ann;;;\r\nTEL:1\r\nBDAY:20000101\r\nNOTE:Hello\r\n"
    "EMAIL:ann@example.com\r\nEND:VCARD\r\n"
)
CONVERTED: Final = TEN_LINES.replace("4.0", "3.0").replace("UID:", "UID;VALUE=uri:")
NOTED: Final = STORED.replace("END", "NOTE:Triaged\r\nEND")


class ConvertingServer:
    """An address book with one card, which it shows by the version asked for; without one, as Cyrus does, in 3.0.

    What no version is named for is shown as it is stored. Without `tells_length` the server does not say how long the
    stored card is. `etag` is that of the card; with None it is a digest of what is stored, as many servers make it.
    """

    def __init__(
        self,
        stored: str = STORED,
        shown: dict[str, str] | None = None,
        *,
        tells_length: bool = True,
        etag: str | None = '"1"',
    ) -> None:
        self.stored = stored
        self.reports = 0
        self._shown = shown or {}
        self._tells_length = tells_length
        self._fixed_etag = etag

    @property
    def _etag(self) -> str:
        if self._fixed_etag is not None:
            return self._fixed_etag
        return f'"{sha1(self.stored.encode(), usedforsecurity=False).hexdigest()}"'

    def __call__(self, request: Request) -> bytes:
        assert request.content is not None
        request.content.seek(0)
        body = request.content.read()
        if request.method == b"PUT":
            assert request.getHeader("if-match") == self._etag
            self.stored = body.decode()
            request.setResponseCode(204)
            return b""
        if request.method == b"GET":
            request.setHeader("etag", self._etag)
            version = "4.0" if "4.0" in (request.getHeader("accept") or "") else "3.0"
            return self._shown.get(version, self.stored).encode()
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
    """A card of version 4.0 that is shown as 3.0 too is edited as it is stored, and stays 4.0, without another look."""
    server = ConvertingServer(shown={"3.0": SHOWN})
    add_note(open_cards(server))
    assert (server.stored, server.reports) == (NOTED, 2)


@pytest.mark.parametrize("stored", [STORED, STORED.replace("\r\n", "\n")])
def test_card_whose_etag_is_its_digest_is_not_read_again(stored: str) -> None:
    """What the look-up has shown is edited at once, where the ETag proves that it is what is stored."""
    server = ConvertingServer(stored, etag=None)
    add_note(open_cards(server))
    assert (server.stored, server.reports) == (NOTED, 2)


@pytest.mark.parametrize("tells_length", [True, False])
def test_server_that_shows_both_versions_alike_does_not_convert(tells_length: bool) -> None:  # noqa: FBT001
    """Whether or not it says how long a card is."""
    server = ConvertingServer(tells_length=tells_length)
    add_note(open_cards(server))
    assert (server.stored, server.reports) == (NOTED, 2)


@pytest.mark.parametrize("etag", [None, '"1"'])
def test_length_that_agrees_by_chance_proves_nothing(etag: str | None) -> None:
    """A card of ten lines is as long as its conversion with bare line feeds: it is edited in the version it is in."""
    server = ConvertingServer(TEN_LINES, {"3.0": CONVERTED}, etag=etag)
    assert len(TEN_LINES) == len(CONVERTED.replace("\r\n", "\n"))
    add_note(open_cards(server))
    assert server.stored == TEN_LINES.replace("NOTE:Hello", "NOTE:Hello\r\n \\nTriaged")


def test_weak_etag_is_said() -> None:
    """It never satisfies a condition, so nothing is written, and the reason is told."""
    server = ConvertingServer(etag='W/"1"')
    with pytest.raises(UneditableCard, match="a weak ETag"):
        add_note(open_cards(server))
    assert server.stored == STORED


def test_card_that_is_never_shown_as_stored_is_not_written() -> None:
    """Where every version that the server shows is another one than the stored, nothing is written back."""
    server = ConvertingServer(shown={"3.0": SHOWN, "4.0": SHOWN})
    with pytest.raises(UneditableCard):
        add_note(open_cards(server))
    assert server.stored == STORED


def test_card_without_an_etag_is_not_written() -> None:
    """Without an ETag nothing would keep an edit from overwriting somebody else's."""
    server = ConvertingServer(etag="")
    with pytest.raises(UneditableCard):
        add_note(open_cards(server))
    assert server.stored == STORED


def test_etag_that_is_far_too_long_is_none() -> None:
    """It would have to be sent back with each edit, and no server would take it."""
    server = ConvertingServer(etag=f'"{"x" * 5_000}"')
    with pytest.raises(UneditableCard, match="no ETag"):
        add_note(open_cards(server))
    assert server.stored == STORED


def test_edit_without_a_change_writes_nothing() -> None:
    """A note that is there already costs no request, in whichever version the card is shown."""
    server = ConvertingServer(NOTED, {"3.0": SHOWN.replace("END", "NOTE:Triaged\r\nEND")})
    add_note(open_cards(server))
    assert (server.stored, server.reports) == (NOTED, 2)


def test_edited_card_is_edited_again() -> None:
    """After a PUT whose answer names no ETag the card is read before the next edit."""
    server = ConvertingServer()
    cards = open_cards(server)
    once = add_note(cards)
    result_of(Deferred.fromCoroutine(cards.edit(once, lambda card: card.with_note("Re-triaged"))))
    assert (server.stored, server.reports) == (NOTED.replace("Triaged", "Triaged\r\n \\nRe-triaged"), 4)
