"""How an address book is found."""

from collections.abc import Mapping

import pytest
from pydantic import SecretStr
from twisted.internet.defer import Deferred
from twisted.internet.task import Clock
from twisted.web.server import Request

from mailroom.contacts.carddav.discovery import find_address_book, make_address_book, starting_points
from mailroom.contacts.carddav.webdav import WebDav
from mailroom.contacts.errors import (
    CollectionGone,
    DavBusy,
    DavError,
    DavLoginRefused,
    NoAddressBook,
    NoBookYet,
    NotDav,
)
from mailroom.core.credentials import BasicLogin, Secret
from mailroom.http.errors import RedirectRefused
from tests.deferreds import failure_of, result_of
from tests.http.servers import Handler, ScriptedServer, redirect

HOST = "https://dav.example"
BOOK = "<D:resourcetype><D:collection/><C:addressbook/></D:resourcetype>"
FOLDER = "<D:resourcetype><D:collection/></D:resourcetype>"
PRINCIPAL = "<D:current-user-principal><D:href>/principals/ann/</D:href></D:current-user-principal>"
HOME = "<C:addressbook-home-set><D:href>/books/ann/</D:href></C:addressbook-home-set>"


def privileges(*names: str) -> str:
    inner = "".join(f"<D:privilege><D:{name}/></D:privilege>" for name in names)
    return f"<D:current-user-privilege-set>{inner}</D:current-user-privilege-set>"


class Folders:
    """A WebDAV server: the properties of its resources by path. Other paths answer with a status, or go elsewhere."""

    def __init__(self, resources: Mapping[str, str], others: Mapping[str, int | str] | None = None) -> None:
        self._resources = resources
        self._others = others or {}

    def __call__(self, request: Request) -> bytes | int:
        path = request.path.decode()
        other = self._others.get(path, 404)
        if isinstance(other, str):
            return redirect(other, 301)(request)
        found = {path: self._resources[path]} if path in self._resources else {}
        if request.getHeader("depth") == "1":
            found |= {below: each for below, each in self._resources.items() if below.startswith(path)}
        request.setResponseCode(207 if found else other)
        responses = "".join(
            f"<D:response><D:href>{path}</D:href><D:propstat><D:prop>{properties}</D:prop>"
            "<D:status>HTTP/1.1 200 OK</D:status></D:propstat></D:response>"
            for path, properties in found.items()
        )
        return (
            f'<D:multistatus xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:carddav">{responses}</D:multistatus>'
        ).encode()


LOGIN = BasicLogin("ann", Secret("password", SecretStr("secret")))
ANN = {"/": PRINCIPAL, "/principals/ann/": HOME, "/books/ann/": FOLDER}


def found(server: Folders | ScriptedServer, url: str = HOST) -> Deferred[str]:
    scripted = server if isinstance(server, ScriptedServer) else ScriptedServer(server)
    return Deferred.fromCoroutine(find_address_book(WebDav(scripted.http(Clock()), url, LOGIN), url))


def test_host_leads_to_the_default_book() -> None:
    """From a host alone, by redirect, principal and home, to the book called Default."""
    books = {"/books/ann/Other/": BOOK, "/books/ann/Default/": BOOK}
    server = Folders(ANN | books, {"/.well-known/carddav": "/"})
    assert result_of(found(server)) == f"{HOST}/books/ann/Default/"


def test_first_book_is_taken_without_a_default_one() -> None:
    """Where no book is called Default, the one listed first is it."""
    server = Folders(ANN | {"/books/ann/one/": BOOK, "/books/ann/two/": BOOK}, {"/.well-known/carddav": "/"})
    assert result_of(found(server)) == f"{HOST}/books/ann/one/"


@pytest.mark.parametrize("status", [404, 405, 200, 403, 500])
def test_root_is_asked_where_the_well_known_url_is_not_served(status: int) -> None:
    """Without the well-known URL the root of the server is asked."""
    server = Folders(ANN | {"/books/ann/one/": BOOK}, {"/.well-known/carddav": status})
    assert result_of(found(server)) == f"{HOST}/books/ann/one/"


@pytest.mark.parametrize("path", ["/shared/book/", "/shared/book"])
def test_url_of_a_book_is_taken_as_it_is(path: str) -> None:
    """The URL of an address book means this book, whatever the user's default one is; it ends in a slash."""
    assert result_of(found(Folders(ANN | {path: BOOK + PRINCIPAL}), HOST + path)) == f"{HOST}/shared/book/"


@pytest.mark.parametrize("path", ["/principals/ann/", "/deep"])
def test_url_on_the_way_leads_on(path: str) -> None:
    """A principal's URL leads to its books, and so does any other that says who is logged in."""
    server = Folders(ANN | {"/deep": FOLDER + PRINCIPAL, "/books/ann/one/": BOOK})
    assert result_of(found(server, HOST + path)) == f"{HOST}/books/ann/one/"


@pytest.mark.parametrize("granted", [["all"], ["read", "write"], ["write-content", "bind"]])
def test_book_to_write_to_is_preferred(granted: list[str]) -> None:
    """Books that may only be read are passed over."""
    books = {"/books/ann/Default/": BOOK + privileges("read"), "/books/ann/own/": BOOK + privileges(*granted)}
    server = Folders(ANN | books, {"/.well-known/carddav": "/"})
    assert result_of(found(server)) == f"{HOST}/books/ann/own/"


@pytest.mark.parametrize("granted", [["read"], ["bind"], ["write-content"], []])
def test_no_book_to_write_to(granted: list[str]) -> None:
    """Without a book to write to, the error says how to get one."""
    server = Folders(ANN | {"/books/ann/one/": BOOK + privileges(*granted)}, {"/.well-known/carddav": "/"})
    assert "Create one" in str(failure_of(found(server), NoAddressBook))


def test_user_without_a_book() -> None:
    """A user who has no book at all, as a fresh one on Radicale, is told to create one, and where it would be."""
    error = failure_of(found(Folders(ANN, {"/.well-known/carddav": "/"})), NoBookYet)
    assert "/books/ann/ holds no address book" in str(error)
    assert error.home == f"{HOST}/books/ann/"


@pytest.mark.parametrize("home", ["/books/ann/", "/books/ann"])
def test_first_book_is_the_default_one(home: str) -> None:
    """The first address book is made under the name by which the default one is known."""

    def made(request: Request) -> bytes:
        request.setResponseCode(201)
        return b""

    server = ScriptedServer(made)
    dav = WebDav(server.http(Clock()), HOST, LOGIN)
    url = result_of(Deferred.fromCoroutine(make_address_book(dav, HOST + home)))
    assert url == f"{HOST}/books/ann/Default/"
    assert [(each.method, each.url) for each in server.received] == [("MKCOL", url)]


def test_principal_without_a_home() -> None:
    """A user without address books on this server is told so."""
    server = Folders({"/": PRINCIPAL, "/principals/ann/": FOLDER}, {"/.well-known/carddav": "/"})
    assert "no address books" in str(failure_of(found(server), NoAddressBook))


def test_server_that_names_no_user() -> None:
    """Something that speaks WebDAV but knows no users is the wrong URL."""
    assert "Check carddav_url" in str(failure_of(found(Folders({"/files/": FOLDER}), f"{HOST}/files/"), NoAddressBook))


def test_page_that_is_no_dav() -> None:
    """A web page is told from an address book."""
    server = ScriptedServer(lambda _request: b"<html></html>")
    assert "Check carddav_url" in str(failure_of(found(server), NotDav))


def test_other_origin_gets_no_credentials() -> None:
    """A redirect to another server is followed without credentials, and the error names the URL to set instead."""

    def elsewhere(request: Request) -> bytes | int:
        if request.getHeader("host") == "other.example":
            request.setResponseCode(401)
            return b""
        return redirect("https://other.example/dav/")(request)

    server = ScriptedServer(elsewhere)
    assert "https://other.example/dav/" in str(failure_of(found(server), DavLoginRefused))
    assert [each.authorization is not None for each in server.received] == [True, False]


def test_home_at_another_origin_is_refused() -> None:
    """A home on another server is not asked with the credentials of this one."""
    home = HOME.replace("/books/ann/", "https://other.example/books/")
    server = ScriptedServer(Folders({"/": PRINCIPAL, "/principals/ann/": home}, {"/.well-known/carddav": "/"}))
    assert "https://other.example/books/" in str(failure_of(found(server), NoAddressBook))
    assert {each.url.split("/")[2] for each in server.received} == {"dav.example"}


@pytest.mark.parametrize(("status", "kind"), [(401, DavLoginRefused), (503, DavBusy), (429, DavBusy)])
def test_refusals_end_the_search(status: int, kind: type[Exception]) -> None:
    """A refused login or a busy server is told at once, instead of being asked at another URL."""
    server = ScriptedServer(Folders(ANN, {"/.well-known/carddav": status}))
    failure_of(found(server), kind)
    assert len(server.received) == 1


def test_digest_only() -> None:
    """A login of a kind that Mailroom has not got is not told as a wrong one."""

    def refuse(request: Request) -> bytes:
        request.setResponseCode(401)
        request.setHeader("www-authenticate", 'Digest realm="BaikalDAV", nonce="abc"')
        return b""

    message = str(failure_of(found(ScriptedServer(refuse)), DavLoginRefused))
    assert "refused the login. The server takes only logins by Digest" in message


def refusing(status: int) -> Handler:
    def handler(request: Request) -> bytes:
        request.setResponseCode(status)
        return b""

    return handler


class TestGuess:
    """Where nobody has set carddav_url, errors say so, and name the setting."""

    def guessed(self, handler: Handler | Folders) -> Deferred[str]:
        dav = WebDav(ScriptedServer(handler).http(Clock()), HOST, LOGIN)
        return Deferred.fromCoroutine(find_address_book(dav, HOST, is_guess=True))

    @pytest.mark.parametrize(
        ("handler", "kind"),
        [
            (refusing(404), CollectionGone),
            (refusing(405), DavError),
            (refusing(401), DavLoginRefused),
            (lambda _request: b"<html></html>", NotDav),
            (redirect("http://dav.example/"), RedirectRefused),
            (Folders({"/": FOLDER}), NoAddressBook),
        ],
    )
    def test_what_is_not_there_was_only_guessed(self, handler: Handler, kind: type[Exception]) -> None:
        """Each remains the kind of error that it is."""
        message = str(failure_of(self.guessed(handler), kind))
        assert message.endswith("since carddav_url is not set: set it, for Fastmail to carddav.fastmail.com.")

    @pytest.mark.parametrize(("handler", "kind"), [(refusing(503), DavBusy), (Folders(ANN), NoBookYet)])
    def test_a_server_that_is_right_is_no_wrong_guess(self, handler: Handler, kind: type[Exception]) -> None:
        """It is busy, or the user has no book yet."""
        assert "carddav.fastmail.com" not in str(failure_of(self.guessed(handler), kind))

    def test_a_url_that_was_set_is_no_guess(self) -> None:
        """Its user knows what it is."""
        assert "not set" not in str(failure_of(found(ScriptedServer(refusing(404))), CollectionGone))


@pytest.mark.parametrize(
    ("url", "points"),
    [
        ("https://a.example", ("https://a.example/.well-known/carddav", "https://a.example/")),
        ("https://a.example/", ("https://a.example/.well-known/carddav", "https://a.example/")),
        ("https://a.example/.well-known/carddav/", ("https://a.example/.well-known/carddav", "https://a.example/")),
        ("https://a.example/deep/er", ("https://a.example/deep/er",)),
    ],
)
def test_starting_points(url: str, points: tuple[str, ...]) -> None:
    """A host stands for its well-known URL, and a deeper URL for itself."""
    assert starting_points(url) == points
