"""Credentials go to the configured origin, to the https origins that its own session names, and nowhere else."""

import json
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

import pytest
from pydantic import SecretStr
from twisted.internet.defer import Deferred
from twisted.internet.task import Clock
from twisted.web.server import Request

from mailroom.account import Account
from mailroom.contacts.carddav.discovery import find_address_book
from mailroom.contacts.carddav.webdav import WebDav
from mailroom.contacts.errors import AddressBookError
from mailroom.core.credentials import BasicLogin, Secret
from mailroom.core.errors import MailroomError
from mailroom.http.errors import RedirectRefused
from mailroom.jmap.errors import NotJmap
from mailroom.jmap.get import Get
from mailroom.jmap.session import CORE, MAIL
from mailroom.push.request import open_stream
from mailroom.sandbox.settings import SandboxSettings
from tests.deferreds import failure_of, result_of
from tests.http.servers import ScriptedServer

T = TypeVar("T")
Task = Callable[[Account], Coroutine[Deferred[Any], Any, T]]
HOME = "https://mail.example"
OTHER = "https://other.example"
BARE = "http://192.0.2.7"
"""What is nobody's loopback."""
LOCAL = ("http://127.0.0.1:8080", "http://127.1.2.3", "http://localhost")
ANSWERS: dict[str, bytes] = {
    "/jmap/api": b'{"methodResponses": [], "sessionState": "s"}',
    "/up": b'{"blobId": "b"}',
    "/down": b"blob",
}
MEMBERS: dict[str, Any] = {
    "apiUrl": "/jmap/api",
    "eventSourceUrl": "/events",
    "uploadUrl": "/up",
    "downloadUrl": "/down",
    "state": "s",
    "capabilities": {CORE: {}, MAIL: {}},
    "accounts": {"a": {"accountCapabilities": {MAIL: {}}}},
    "primaryAccounts": {MAIL: "a"},
}


def multistatus(properties: str, href: str = "/") -> bytes:
    return (
        f'<D:multistatus xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:carddav"><D:response><D:href>{href}</D:href>'
        f"<D:propstat><D:prop>{properties}</D:prop><D:status>HTTP/1.1 200 OK</D:status></D:propstat>"
        "</D:response></D:multistatus>"
    ).encode()


class Internet:
    """Servers that are whatever a test needs, and who has seen credentials among them."""

    def __init__(self, **settings: Any) -> None:
        self.redirects: dict[str, str] = {}
        self.session: dict[str, Any] = dict(MEMBERS)
        self.dav = b""
        self.server = ScriptedServer(self._answer)
        login: dict[str, Any] = {"jmap_username": "ann", "jmap_password": SecretStr("open-sesame"), "jmap_url": HOME}
        self.account = Account(SandboxSettings(**login | settings), Clock(), self.server.agent)

    def _answer(self, request: Request) -> bytes:
        origin = f"{'https' if request.isSecure() else 'http'}://{request.getHeader('host')}"
        path = request.path.decode()
        if origin in self.redirects and not path.startswith("/there"):
            request.setResponseCode(307)
            request.setHeader("location", f"{self.redirects[origin]}/there{path}")
            return b""
        if request.method in {b"PROPFIND", b"REPORT"}:
            request.setResponseCode(207)
            return self.dav
        if path == "/events":
            request.setHeader("content-type", "text/event-stream")
        return ANSWERS.get(path, json.dumps(self.session).encode())

    def do(self, task: Task[T]) -> Deferred[T]:
        return Deferred.fromCoroutine(task(self.account))

    @property
    def trusted(self) -> set[str]:
        """The origins that were sent credentials."""
        received = self.server.received
        return {"/".join(each.url.split("/")[:3]) for each in received if each.authorization is not None}


async def call(account: Account) -> None:
    await account.client.run(Get("Mailbox"))


async def upload(account: Account) -> None:
    await account.client.upload(MAIL, "text/plain", b"x")


async def download(account: Account) -> None:
    await account.client.download(MAIL, "b", "text/plain", 100)


async def listen(account: Account) -> None:
    session = await account.client.session()
    assert session.event_source_url is not None
    await open_stream(account.streams, session.event_source_url, account.credentials)


async def find_book(account: Account) -> None:
    await (await account.open_book()).look_up(["bob@example.com"])


NAMED = {"apiUrl": call, "uploadUrl": upload, "downloadUrl": download, "eventSourceUrl": listen}
each_url = pytest.mark.parametrize("member", NAMED)


class TestSessionOfTheConfiguredOrigin:
    """What the server of jmap_url says itself."""

    @each_url
    def test_may_name_another_https_origin(self, member: str) -> None:
        """RFC 8620 allows it: an API, or a push service, of its own."""
        internet = Internet()
        internet.session[member] = OTHER + MEMBERS[member]
        result_of(internet.do(NAMED[member]))
        assert OTHER in internet.trusted <= {HOME, OTHER}

    @each_url
    @pytest.mark.parametrize("origin", [BARE, "http://mail.example", LOCAL[0]])
    @pytest.mark.parametrize("allowed", [True, False])
    def test_may_not_lead_out_of_https(self, member: str, origin: str, allowed: bool) -> None:  # noqa: FBT001
        """Not even where plain http is allowed: a proxy that ends TLS is no reason to go without."""
        internet = Internet(allow_insecure_http=allowed)
        internet.session[member] = origin + MEMBERS[member]
        failure_of(internet.do(NAMED[member]), NotJmap)
        assert internet.trusted <= {HOME}

    @each_url
    @pytest.mark.parametrize("local", LOCAL)
    def test_on_loopback_may_name_loopback(self, member: str, local: str) -> None:
        """Under any of its names."""
        internet = Internet(jmap_url="http://localhost:8080")
        internet.session[member] = local + MEMBERS[member]
        result_of(internet.do(NAMED[member]))
        assert local in internet.trusted

    @each_url
    def test_on_loopback_names_no_other_plain_http(self, member: str) -> None:
        """Unless the settings allow it; the error names the setting."""
        internet = Internet(jmap_url=LOCAL[0])
        internet.session[member] = BARE + MEMBERS[member]
        failure = failure_of(internet.do(NAMED[member]), NotJmap)
        assert "allow_insecure_http" in str(failure)
        assert internet.trusted <= {LOCAL[0]}
        allowed = Internet(jmap_url=LOCAL[0], allow_insecure_http=True)
        allowed.session[member] = BARE + MEMBERS[member]
        result_of(allowed.do(NAMED[member]))
        assert BARE in allowed.trusted


class TestSessionBehindARedirect:
    """What another server says, to which that of jmap_url has redirected."""

    @each_url
    @pytest.mark.parametrize("named", [OTHER, "https://third.example", ""])
    def test_gets_no_credentials(self, member: str, named: str) -> None:
        """By none of the URLs that it names, its own and relative ones among them."""
        internet = Internet()
        internet.redirects[HOME] = OTHER
        internet.session = {**MEMBERS, "apiUrl": f"{HOME}/there/jmap/api", member: named + MEMBERS[member]}
        failure = failure_of(internet.do(NAMED[member]), NotJmap)
        assert internet.trusted == {HOME}
        assert f"set jmap_url to {OTHER}/there/.well-known/jmap" in str(failure)

    def test_may_name_the_configured_origin(self) -> None:
        """A document may lie anywhere: what counts is where it leads."""
        internet = Internet()
        internet.redirects[HOME] = OTHER
        internet.session = {**MEMBERS, "uploadUrl": f"{HOME}/there/up", "apiUrl": f"{HOME}/there/jmap/api"}
        failure_of(internet.do(upload), NotJmap)  # which has been sent, to whoever answers with a session
        assert internet.trusted == {HOME}
        assert f"{HOME}/there/up" in {each.url for each in internet.server.received}

    def test_is_no_carddav_server_of_ours(self) -> None:
        """The login goes to the origin of jmap_url, where no URL is set for the address book."""
        internet = Internet()
        internet.redirects[HOME] = OTHER
        internet.session = {**MEMBERS, "apiUrl": f"{HOME}/there/jmap/api"}
        internet.dav = multistatus("<D:resourcetype/>")
        failure_of(internet.do(find_book), MailroomError)
        assert internet.trusted == {HOME}

    @pytest.mark.parametrize("task", [call, upload, download, listen])
    def test_a_redirect_after_the_session_leads_credentials_nowhere(self, task: Task[None]) -> None:
        """The API itself may be moved: it is asked there without them."""
        internet = Internet()
        result_of(internet.do(lambda account: account.client.session()))
        internet.redirects[HOME] = OTHER
        internet.do(task).addErrback(lambda _refused: None)
        assert internet.server.received[-1].url.startswith(OTHER)
        assert internet.trusted == {HOME}


class TestRedirects:
    """Where a redirect itself may lead."""

    def test_to_plain_http_is_refused(self) -> None:
        """From loopback too, and the error names the setting."""
        internet = Internet(jmap_url=LOCAL[0])
        internet.redirects[LOCAL[0]] = BARE
        failure = failure_of(internet.do(call), RedirectRefused)
        assert "allow_insecure_http" in str(failure)
        assert [each.url for each in internet.server.received] == [f"{LOCAL[0]}/.well-known/jmap"]

    def test_to_plain_http_is_followed_where_it_is_allowed(self) -> None:
        """Without the credentials, as to any other origin."""
        internet = Internet(jmap_url=LOCAL[0], allow_insecure_http=True)
        internet.redirects[LOCAL[0]] = BARE
        failure_of(internet.do(call), NotJmap)
        assert internet.trusted == {LOCAL[0]}
        assert len(internet.server.received) == 2


class TestAddressBook:
    """CardDAV goes by the same rule."""

    LOGIN = BasicLogin("ann", Secret("carddav_password", SecretStr("open-sesame")))

    @pytest.mark.parametrize("named", [OTHER, BARE, "http://mail.example"])
    @pytest.mark.parametrize("link", ["D:current-user-principal", "C:addressbook-home-set"])
    def test_no_link_leads_to_another_origin(self, link: str, named: str) -> None:
        """Neither to the user, nor to the place of the books; the error says what to set."""
        internet = Internet()
        internet.dav = multistatus(f"<{link}><D:href>{named}/x/</D:href></{link}>")
        dav = WebDav(internet.account.http, HOME, self.LOGIN)
        failure = failure_of(Deferred.fromCoroutine(find_address_book(dav, HOME)), AddressBookError)
        assert internet.trusted == {HOME}
        assert f"{HOME} points to {named}/x/" in str(failure)
        assert "carddav_url" in str(failure)

    def test_no_redirect_leads_to_another_origin(self) -> None:
        """What answers there is not believed to be the user's."""
        internet = Internet()
        internet.redirects[HOME] = OTHER
        internet.dav = multistatus("<C:addressbook-home-set><D:href>/x/</D:href></C:addressbook-home-set>")
        dav = WebDav(internet.account.http, HOME, self.LOGIN)
        failure_of(Deferred.fromCoroutine(find_address_book(dav, HOME)), AddressBookError)
        assert internet.trusted == {HOME}

    def test_no_card_is_at_another_origin(self) -> None:
        """A list of cards is cut to those that are the server's own."""
        internet = Internet()
        internet.dav = multistatus("<D:resourcetype/>", f"{OTHER}/card.vcf")
        dav = WebDav(internet.account.http, HOME, self.LOGIN)
        assert result_of(Deferred.fromCoroutine(dav.find_properties(f"{HOME}/", ("D:resourcetype",)))) == ()
