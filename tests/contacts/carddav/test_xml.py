"""What is asked of a WebDAV server, and what its answers say."""

import pytest
from defusedxml.ElementTree import fromstring
from hypothesis import given
from hypothesis import strategies as st

from mailroom.contacts.carddav.xml import (
    ETAG,
    address_book_request,
    card_query,
    cards_request,
    parse_multistatus,
    property_request,
    qualified,
)
from mailroom.contacts.errors import AnswerCutShort, NotDav

BASE = "https://dav.example/book/"


def multistatus(*responses: str) -> bytes:
    return (
        '<multistatus xmlns="DAV:" xmlns:card="urn:ietf:params:xml:ns:carddav">' + "".join(responses) + "</multistatus>"
    ).encode()


def response(href: str, properties: str, status: str = "HTTP/1.1 200 OK") -> str:
    propstat = f"<propstat><prop>{properties}</prop><status>{status}</status></propstat>"
    return f"<response><href>{href}</href>{propstat}</response>"


@given(st.text())
def test_queries_are_well_formed(text: str) -> None:
    """Whatever an address holds, the query is XML and asks for just this text, or not at all."""
    root = fromstring(card_query([("EMAIL", text), ("KIND", "group")]))
    asked = [match.text or "" for match in root.iter(qualified("C:text-match"))]
    assert asked[-1] == "group"
    assert asked[:-1] in ([], [text.replace("\r\n", "\n").replace("\r", "\n")])


@pytest.mark.parametrize("odd", [b"\x0b", b"\x00", b"&#x0B;", b"&#11;", b"&#0;", b"\xff", b"&#x1F;"])
def test_an_odd_octet_in_one_card_hides_no_other(odd: bytes) -> None:
    """What XML cannot say becomes U+FFFD, and all else is read."""
    body = (
        b'<multistatus xmlns="DAV:"><response><href>/1</href><propstat><prop><getetag>a' + odd + b"b</getetag></prop>"
        b"<status>HTTP/1.1 200 OK</status></propstat></response><response><href>/2</href></response></multistatus>"
    )
    first, second = parse_multistatus(body, "https://dav.example/")
    assert (first.text(ETAG), second.url) == ("a\ufffdb", "https://dav.example/2")


def test_query_looks_for_any_of_the_texts() -> None:
    """A card is found if any one of the conditions is met, wherever in a value."""
    root = fromstring(card_query([("EMAIL", "bob@example.com")]))
    (anyof,) = root.iter(qualified("C:filter"))
    (match,) = root.iter(qualified("C:text-match"))
    assert (anyof.get("test"), match.get("match-type")) == ("anyof", "contains")


@pytest.mark.parametrize(("version", "told"), [(None, None), ("4.0", "4.0")])
def test_card_is_asked_for_by_its_path(version: str | None, told: str | None) -> None:
    """A card is named by its path, and its version only where one is wanted."""
    root = fromstring(cards_request([f"{BASE}a%20b.vcf"], version))
    (data,) = root.iter(qualified("C:address-data"))
    assert (root.findtext(qualified("D:href")), data.get("version")) == ("/book/a%20b.vcf", told)


def test_several_cards_are_asked_for_at_once() -> None:
    """A request names every card that it is about."""
    root = fromstring(cards_request([f"{BASE}a.vcf", f"{BASE}b.vcf"]))
    assert [href.text for href in root.iter(qualified("D:href"))] == ["/book/a.vcf", "/book/b.vcf"]


def test_new_address_book_is_one() -> None:
    """What is to be made is a collection of cards with a name."""
    root = fromstring(address_book_request("Contacts"))
    (kind,) = root.iter(qualified("D:resourcetype"))
    assert {each.tag for each in kind} == {qualified("D:collection"), qualified("C:addressbook")}
    assert [name.text for name in root.iter(qualified("D:displayname"))] == ["Contacts"]


def test_properties_are_asked_for_by_name() -> None:
    """A request for properties names each, in its own namespace."""
    (prop,) = fromstring(property_request(["D:getetag", "C:address-data"]))
    assert [each.tag for each in prop] == ["{DAV:}getetag", "{urn:ietf:params:xml:ns:carddav}address-data"]


def test_properties_are_read_whatever_the_prefixes() -> None:
    """Texts, links and nested elements are read by namespace, and hrefs against the URL that answered."""
    home = "<card:addressbook-home-set><href> ../home/ </href></card:addressbook-home-set>"
    kind = "<resourcetype><collection/><card:addressbook/></resourcetype><getetag>&quot;1&quot;</getetag>"
    (book,) = parse_multistatus(multistatus(response(" a.vcf ", home + kind)), BASE)
    assert book.url == f"{BASE}a.vcf"
    assert book.text("D:getetag") == '"1"'
    assert book.link("C:addressbook-home-set") == "https://dav.example/home/"
    assert book.has("D:resourcetype", "C:addressbook")


def test_absent_properties_are_absent() -> None:
    """A property with another status than 200 is as good as not there."""
    (book,) = parse_multistatus(multistatus(response("/book/", "<getetag>1</getetag>", "HTTP/1.1 404 Not Found")), BASE)
    assert book.text("D:getetag") is None
    assert book.link("D:getetag") is None
    assert not book.has("D:getetag", "D:href")


def test_missing_resource_has_no_properties() -> None:
    """A resource that is told to be missing has no properties."""
    missing = "<response><href>/book/a.vcf</href><status>HTTP/1.1 404 Not Found</status></response>"
    (card,) = parse_multistatus(multistatus(missing), BASE)
    assert not card.properties


def test_resources_elsewhere_are_left_out() -> None:
    """A resource at another origin is none that we could ask."""
    answer = multistatus(response("https://other.example/a.vcf", ""), response("http://[", ""), response("/b.vcf", ""))
    assert [card.url for card in parse_multistatus(answer, BASE)] == ["https://dav.example/b.vcf"]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html><p></html>",
        b"<html/>",
        b"<multistatus/>",
        b"\xff\xfe\xff",
        b'<?xml version="1.0" encoding="klingon"?><a/>',
        b'<!DOCTYPE a [<!ENTITY e "x">]><multistatus xmlns="DAV:">&e;</multistatus>',
    ],
)
def test_what_is_no_multistatus_is_refused(body: bytes) -> None:
    """Web pages, broken XML and XML with entities are refused, as what they are."""
    with pytest.raises(NotDav):
        parse_multistatus(body, BASE)


CARD = "<getetag>&quot;1&quot;</getetag><card:address-data>BEGIN:VCARD&#13;\n{0}\nEND:VCARD</card:address-data>"
MANY = 300_000


@pytest.mark.parametrize(
    "body",
    [
        multistatus("<response/>" * MANY),
        multistatus("<response><href>/book/a</href></response>" * MANY),
        multistatus("<a>" * MANY + "</a>" * MANY),
        multistatus("<a " + " ".join(f'a{each}=""' for each in range(MANY)) + "/>"),
        multistatus(response("/book/a.vcf", CARD.format("\n" * MANY))),
        multistatus(response("/book/a.vcf", CARD.format("&#10;" * MANY))),
        multistatus(response("/book/a.vcf", CARD.format("A:b\n" * MANY))),
        multistatus(response("/book/a.vcf", CARD.format("NOTE:" + "\\n" * 4 * MANY))),
        multistatus("<response/>" * MANY).decode().encode("utf-16"),
        multistatus(response("/book/a.vcf", CARD.format("😀" + "x" * 16_000_000))),
    ],
    ids=["empty", "href", "nested", "attributes", "line ends", "references", "lines", "escapes", "utf-16", "text"],
)
def test_more_than_can_be_read_is_cut_short(body: bytes) -> None:
    """What would become far more than its octets, or take long, is refused before it does; less may be asked for."""
    with pytest.raises(AnswerCutShort):
        parse_multistatus(body, BASE)


@pytest.mark.parametrize("octets", [b"\x0b" * 2_000_000, b"\xff" * 2_000_000])
def test_what_is_hardly_text_is_no_multistatus(octets: bytes) -> None:
    """One odd card is repaired; what would grow by its repair to three times its size is none."""
    with pytest.raises(NotDav):
        parse_multistatus(multistatus("<response>").replace(b"<response>", octets), BASE)


def test_a_large_address_book_can_be_listed() -> None:
    """Twenty thousand cards are listed in one answer, as nobody can ask for less of a list."""
    kind = "<resourcetype></resourcetype>"
    listed = (response(f"/dav/users/ann@example.com/contacts/{each:036x}.vcf", kind) for each in range(20_000))
    assert len(parse_multistatus(multistatus(*listed), BASE)) == 20_000


def test_cards_with_pictures_can_be_read() -> None:
    """Fifty cards, each with a picture of 50 kB, are one answer."""
    picture = "\n ".join(["PHOTO;ENCODING=b:" + "A" * 50, *["A" * 74] * 675])
    shown = multistatus(*(response(f"/book/{each}.vcf", CARD.format(picture)) for each in range(50)))
    assert len(parse_multistatus(shown, BASE)) == 50


def test_a_response_with_a_url_that_is_far_too_long_is_left_out() -> None:
    """Nobody could ask for it."""
    assert parse_multistatus(multistatus(response("/" + "x" * 10_000, "")), BASE) == ()


def test_a_response_without_a_url_is_left_out() -> None:
    """Nobody could ask for what it tells of."""
    assert parse_multistatus(multistatus("<response/>", "<response><href> </href></response>"), BASE) == ()


@pytest.mark.parametrize(
    ("href", "url"),
    [
        ("/book/a.vcf", "https://dav.example/book/a.vcf"),
        ("/book/../a.vcf", "https://dav.example/a.vcf"),
        ("/book//a.vcf", "https://dav.example/book//a.vcf"),
        ("a.vcf", "https://dav.example/book/a.vcf"),
        ("/a%20b.vcf", "https://dav.example/a%20b.vcf"),
        ("/a.vcf?b=c", "https://dav.example/a.vcf?b=c"),
        ("https://dav.example/b/", "https://dav.example/b/"),
        ("//dav.example/b", "https://dav.example/b"),
    ],
)
def test_hrefs_are_references(href: str, url: str) -> None:
    """Whatever form an href has, it is resolved as any URL reference (RFC 3986 section 5)."""
    assert [each.url for each in parse_multistatus(multistatus(response(href, "")), BASE)] == [url]
