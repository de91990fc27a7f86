"""CardDAV in the sandbox (RFC 6352), as a Cyrus serves it."""

from collections.abc import Sequence
from xml.etree.ElementTree import Element

from defusedxml.ElementTree import fromstring

from mailroom.sandbox.options import SandboxOptions
from mailroom.sandbox.web.dav_xml import CARD, DAV
from tests.sandbox.driver import ORIGIN, SandboxTestCase

HOME = "/dav/addressbooks/user/sandbox/"
BOOK = f"{HOME}Default/"
BOB = b"""BEGIN:VCARD
VERSION:3.0
UID:bob
FN:Bob
N:;Bob;;;
EMAIL:Bob@Example.com
END:VCARD
""".replace(b"\n", b"\r\n")
FEED = b"""BEGIN:VCARD
VERSION:3.0
UID:feed
FN:Feed
N:Feed;;;;
X-ADDRESSBOOKSERVER-KIND:group
X-ADDRESSBOOKSERVER-MEMBER:urn:uuid:bob
END:VCARD
""".replace(b"\n", b"\r\n")


def prop_filter(name: str, text: str, match: str = 'match-type="equals"', condition: str = "") -> str:
    return f'<C:prop-filter name="{name}"><C:text-match {match} {condition}>{text}</C:text-match></C:prop-filter>'


class CardDavTestCase(SandboxTestCase):
    options = SandboxOptions(contacts="both")

    def put(self, name: str, vcard: bytes, **headers: str) -> tuple[int, Sequence[str] | None]:
        """The status and the ETag, if there is one, that putting a card is answered with."""
        given = {header.replace("_", "-"): value for header, value in headers.items()}
        status, answered, _ = self.fetch("PUT", BOOK + name, vcard, given)
        return status, answered.getRawHeaders("etag")

    def multistatus(self, method: str, path: str, body: str, depth: str = "1") -> list[Element]:
        """The responses in the answer to a request with an XML body, whose prefixes D and C are known."""
        root, _, rest = body.partition(">")
        namespaces = 'xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:carddav"'
        xml = f"{root} {namespaces}>{rest}".encode()
        status, _, answer = self.fetch(method, path, xml, {"Depth": depth, "Content-Type": "application/xml"})
        assert status == 207, answer
        return list(fromstring(answer))

    def find(self, *filters: str, test: str = "") -> set[str]:
        """The names of the cards that a query finds."""
        body = (
            "<C:addressbook-query><D:prop><D:getetag/></D:prop>"
            f"<C:filter {test}>{''.join(filters)}</C:filter></C:addressbook-query>"
        )
        found = self.multistatus("REPORT", BOOK, body)
        return {response.findtext(f"{DAV}href", "").removeprefix(BOOK) for response in found}


class Discovery(CardDavTestCase):
    def prop(self, path: str, name: str) -> Element:
        [response, *_] = self.multistatus("PROPFIND", path, f"<D:propfind><D:prop><{name}/></D:prop></D:propfind>", "0")
        prop = response.find(f"{DAV}propstat/{DAV}prop")
        assert prop is not None
        return prop[0]

    def test_from_the_well_known_url(self) -> None:
        """The way leads from the well-known URL over the principal and the home to the book."""
        status, headers, _ = self.fetch("PROPFIND", "/.well-known/carddav", headers={"Authorization": ""})
        assert (status, headers.getRawHeaders("location")) == (301, [f"{ORIGIN}/dav/addressbooks"])
        principal = self.prop("/dav/addressbooks", "D:current-user-principal").findtext(f"{DAV}href", "")
        assert self.prop(principal, "C:addressbook-home-set").findtext(f"{DAV}href") == HOME
        listed = self.multistatus("PROPFIND", HOME, "<D:propfind><D:prop><D:resourcetype/></D:prop></D:propfind>")
        books = [each.findtext(f"{DAV}href") for each in listed if each.find(f".//{CARD}addressbook") is not None]
        assert books == [BOOK]

    def test_credentials(self) -> None:
        """Nobody looks around without credentials."""
        assert self.fetch("PROPFIND", "/dav/addressbooks", headers={"Authorization": ""})[0] == 401

    def test_missing_properties(self) -> None:
        """A property that a resource lacks is answered with 404."""
        body = "<D:propfind><D:prop><D:displayname/><D:quota/></D:prop></D:propfind>"
        [response] = self.multistatus("PROPFIND", BOOK, body, depth="0")
        statuses = [status.text for status in response.iter(f"{DAV}status")]
        assert statuses == ["HTTP/1.1 200 OK", "HTTP/1.1 404 Not Found"]

    def test_new_book(self) -> None:
        """An extended MKCOL makes another book, once."""
        body = (
            b'<D:mkcol xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:carddav"><D:set><D:prop><D:resourcetype>'
            b"<D:collection/><C:addressbook/></D:resourcetype></D:prop></D:set></D:mkcol>"
        )
        assert [self.fetch("MKCOL", f"{HOME}Second/", body)[0] for _ in range(2)] == [201, 405]
        assert self.fetch("PUT", f"{HOME}Second/bob.vcf", BOB)[0] == 201
        assert self.fetch("GET", f"{BOOK}bob.vcf")[0] == 404


class Cards(CardDavTestCase):
    def test_put_and_get(self) -> None:
        """A card comes back as it was put, with the same ETag; the same bytes again keep it."""
        status, etag = self.put("bob.vcf", BOB, If_None_Match="*")
        _, headers, body = self.fetch("GET", f"{BOOK}bob.vcf")
        assert (status, body, headers.getRawHeaders("etag")) == (201, BOB, etag)
        assert self.put("bob.vcf", BOB) == (204, etag)

    def test_preconditions(self) -> None:
        """A card is not made twice, nor changed or deleted by whoever has not seen its latest form."""
        _, etags = self.put("bob.vcf", BOB)
        assert etags is not None
        changed = BOB.replace(b"FN:Bob", b"FN:Robert")
        assert self.put("bob.vcf", BOB, If_None_Match="*")[0] == 412
        assert self.put("bob.vcf", changed, If_Match='"old"')[0] == 412
        assert self.put("other.vcf", BOB, If_Match="*")[0] == 412
        assert self.fetch("DELETE", f"{BOOK}bob.vcf", headers={"If-Match": '"old"'})[0] == 412
        assert self.put("bob.vcf", changed, If_Match=etags[0])[0] == 204

    def test_delete(self) -> None:
        """A deleted card is gone."""
        self.put("bob.vcf", BOB)
        assert [self.fetch("DELETE", f"{BOOK}bob.vcf")[0] for _ in range(2)] == [204, 404]

    def test_refused_cards(self) -> None:
        """A vCard without UID, FN or, in version 3.0, N is refused; so is what is none."""
        for line in (b"UID:bob\r\n", b"FN:Bob\r\n", b"N:;Bob;;;\r\n", b"BEGIN:VCARD\r\n"):
            status, _, body = self.fetch("PUT", f"{BOOK}bob.vcf", BOB.replace(line, b""))
            assert status == 403, line
            assert b"valid-address-data" in body, line

    def test_same_uid_twice(self) -> None:
        """Two cards may have one UID."""
        assert [self.put(name, BOB)[0] for name in ("a.vcf", "b.vcf")] == [201, 201]

    def test_seen_through_jmap(self) -> None:
        """Contacts and groups are the same ones over JMAP, and a change moves their state."""
        state = self.call("ContactCard/get", ids=[])["state"]
        self.put("bob.vcf", BOB)
        self.put("feed.vcf", FEED)
        [card] = self.call("ContactCard/get", ids=["bob"], properties=["emails"])["list"]
        assert card["emails"] == {"e1": {"address": "Bob@Example.com"}}
        assert self.account.address_book.addresses_in("Feed") == {"bob@example.com"}
        assert set(self.call("ContactCard/changes", sinceState=state)["created"]) == {"bob", "feed"}

    def test_made_through_jmap(self) -> None:
        """A card made over JMAP is a vCard over CardDAV, and a group one in Apple's form."""
        uid = self.account.address_book.add_contact("Bob; Stone", "bob@example.com", note="one\ntwo")
        group = self.account.address_book.add_group("Feed", [uid])
        _, _, vcard = self.fetch("GET", f"{BOOK}{uid}.vcf")
        assert {b"FN:Bob\\; Stone", b"EMAIL:bob@example.com", b"NOTE:one\\ntwo"} <= set(vcard.splitlines())
        _, _, vcard = self.fetch("GET", f"{BOOK}{group}.vcf")
        assert b"X-ADDRESSBOOKSERVER-KIND:group" in vcard
        assert f"urn:uuid:{uid}".encode() in vcard.replace(b"\r\n ", b"")


class Reports(CardDavTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.put("bob", BOB)
        self.put("notbob", BOB.replace(b"UID:bob", b"UID:notbob").replace(b"Bob@Example.com", b"notbob@example.com.au"))
        self.put("feed", FEED)

    def test_equals(self) -> None:
        """Equality is without regard to case, unless octets are to be compared."""
        assert self.find(prop_filter("email", "bob@example.com")) == {"bob"}
        assert self.find(prop_filter("EMAIL", "bob@example.com", condition='collation="i;octet"')) == set()

    def test_contains(self) -> None:
        """Containing is the default; a start and an end can be asked for."""
        assert self.find(prop_filter("EMAIL", "bob@example.com", match="")) == {"bob", "notbob"}
        assert self.find(prop_filter("EMAIL", "bob@", match='match-type="starts-with"')) == {"bob"}
        assert self.find(prop_filter("EMAIL", ".au", match='match-type="ends-with"')) == {"notbob"}

    def test_negation(self) -> None:
        """A negated match finds those that have the property with other values."""
        assert self.find(prop_filter("EMAIL", "bob@example.com", condition='negate-condition="yes"')) == {"notbob"}

    def test_several_filters(self) -> None:
        """One of several filters is enough, unless all are asked for."""
        filters = prop_filter("EMAIL", "bob@example.com"), prop_filter("X-ADDRESSBOOKSERVER-KIND", "group")
        assert self.find(*filters) == {"bob", "feed"}
        assert self.find(*filters, test='test="allof"') == set()

    def test_presence(self) -> None:
        """Having a property, or not having it, is a filter too."""
        assert self.find('<C:prop-filter name="EMAIL"/>') == {"bob", "notbob"}
        assert self.find('<C:prop-filter name="EMAIL"><C:is-not-defined/></C:prop-filter>') == {"feed"}

    def test_no_filter(self) -> None:
        """Without a filter every card is found."""
        assert self.find() == {"bob", "notbob", "feed"}

    def test_unsupported(self) -> None:
        """A collation that nobody knows is refused, and said to be the reason."""
        body = prop_filter("EMAIL", "x", condition='collation="x"')
        namespace = 'xmlns:C="urn:ietf:params:xml:ns:carddav"'
        body = f"<C:addressbook-query {namespace}><C:filter>{body}</C:filter></C:addressbook-query>"
        status, _, answer = self.fetch("REPORT", BOOK, body.encode())
        assert status == 403
        assert b"supported-collation" in answer

    def test_multiget(self) -> None:
        """Cards asked for by name come with their data, and missing ones with 404."""
        hrefs = f"<D:href>{BOOK}bob</D:href><D:href>{BOOK}nobody</D:href>"
        body = f"<C:addressbook-multiget><D:prop><D:getetag/><C:address-data/></D:prop>{hrefs}</C:addressbook-multiget>"
        bob, nobody = self.multistatus("REPORT", BOOK, body)
        assert "UID:bob" in bob.findtext(f".//{CARD}address-data", "")
        assert nobody.findtext(f"{DAV}status") == "HTTP/1.1 404 Not Found"

    def test_no_xml(self) -> None:
        """A body that is no XML is refused."""
        assert self.fetch("REPORT", BOOK, b"<")[0] == 400


class NoAddressBook(CardDavTestCase):
    options = SandboxOptions(contacts="both", address_book=False)

    def test_first_one_is_made(self) -> None:
        """Where there is no address book no card can be put; the first one called Default is the one of JMAP."""
        assert self.put("bob.vcf", BOB)[0] == 409
        body = (
            b'<D:mkcol xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:carddav"><D:set><D:prop>'
            b"<D:resourcetype><D:collection/><C:addressbook/></D:resourcetype></D:prop></D:set></D:mkcol>"
        )
        assert self.fetch("MKCOL", BOOK, body)[0] == 201
        assert self.put("bob.vcf", BOB)[0] == 201
        assert self.account.address_book.by_uid("bob") is not None
