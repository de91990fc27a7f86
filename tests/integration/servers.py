"""The servers that the integration tests run on: one account for one test, on the sandbox or on a real server."""

from typing import Protocol

from twisted.internet.defer import maybeDeferred
from twisted.internet.tcp import Port
from twisted.protocols.policies import WrappingFactory
from twisted.web.server import Site

from mailroom.sandbox import Sandbox, SandboxOptions
from tests.integration.cyrus.instance import Cyrus
from tests.integration.james.instance import James
from tests.integration.real_time import reactor


class Login(Protocol):
    """What a user knows of an account."""

    @property
    def url(self) -> str:
        """Scheme, host and port; both well-known URLs lie there (RFC 8620 section 2.2, RFC 6764 section 5)."""
        ...

    @property
    def username(self) -> str: ...

    @property
    def password(self) -> str: ...


class MailLogin(Login, Protocol):
    """What a user knows of a mail account."""

    @property
    def contacts(self) -> Login | None:
        """Where the contacts are; None if they are found from the mail account."""
        ...


class MailServer(MailLogin, Protocol):
    """A fresh account, and the means to do to its server what the world does to servers."""

    @property
    def token(self) -> str: ...

    def deliver(self, *messages: bytes) -> None:
        """Bring new mail to the Inbox."""
        ...

    def append(self, *messages: bytes) -> None:
        """Bring much mail to the Inbox at one stroke, such as a user has who moves in from elsewhere."""
        ...

    async def kill(self) -> None:
        """End the server at once: connections break, what was acknowledged stays."""
        ...

    async def start(self) -> None:
        """Start it again, at the same URL."""
        ...


class CyrusAccount:
    """A new user of a Cyrus that other tests use too, with or without contacts elsewhere."""

    def __init__(self, cyrus: Cyrus, username: str, contacts: Login | None = None) -> None:
        self._cyrus = cyrus
        self.contacts = contacts
        self.username = username
        self.password = cyrus.create_user(username)
        self.token = cyrus.token(username)

    @property
    def url(self) -> str:
        return self._cyrus.url

    def deliver(self, *messages: bytes) -> None:
        self._cyrus.deliver(self.username, messages)

    def append(self, *messages: bytes) -> None:
        self._cyrus.append(self.username, self.password, messages)

    async def kill(self) -> None:
        self._cyrus.kill()

    async def start(self) -> None:
        self._cyrus.start()


class JamesAccount:
    """A new user of a James that other tests use too. It has no contacts of its own."""

    def __init__(self, james: James, username: str, contacts: Login) -> None:
        self._james = james
        self.contacts = contacts
        self.username = username
        self.password = james.create_user(username)
        self.token = james.token(username)

    @property
    def url(self) -> str:
        return self._james.url

    def deliver(self, *messages: bytes) -> None:
        self._james.deliver(self.username, messages)

    append = deliver

    async def kill(self) -> None:
        raise NotImplementedError("James would lose all accounts")

    start = kill


class SandboxAccount:
    """A sandbox on a port of loopback, in this process."""

    contacts = None

    def __init__(self, options: SandboxOptions) -> None:
        self.username = options.username
        self.password = options.password
        self.token = options.token
        self.sandbox = Sandbox(reactor, options)
        self._inbox = self.sandbox.account.add_mailbox("Inbox", role="inbox")
        self._site = WrappingFactory(Site(self.sandbox.resource))
        self._site.noisy = False
        self._port = self._listen(0)
        self._number = self._port.getHost().port

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._number}"

    def deliver(self, *messages: bytes) -> None:
        for message in messages:
            self.sandbox.account.deliver(message, [self._inbox])

    append = deliver

    async def kill(self) -> None:
        for connection in tuple(self._site.protocols):
            connection.abortConnection()
        await maybeDeferred(self._port.stopListening)

    async def start(self) -> None:
        self._port = self._listen(self._number)

    def _listen(self, number: int) -> Port:
        port: Port = reactor.listenTCP(number, self._site, interface="127.0.0.1")
        return port


def access(login: MailLogin) -> dict[str, str]:
    """The settings by which Mailroom finds an account: host and login, and those of contacts that are elsewhere."""
    jmap = {"jmap_url": login.url, "jmap_username": login.username, "jmap_password": login.password}
    if login.contacts is None:
        return jmap
    contacts = login.contacts
    carddav = {
        "carddav_url": contacts.url,
        "carddav_username": contacts.username,
        "carddav_password": contacts.password,
    }
    return {**jmap, **carddav}
