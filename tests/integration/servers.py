"""The servers that the integration tests run on: one account for one test, on the sandbox or on a real Cyrus."""

from typing import Protocol

from twisted.internet.defer import maybeDeferred
from twisted.internet.tcp import Port
from twisted.protocols.policies import WrappingFactory
from twisted.web.server import Site

from mailroom.sandbox import Sandbox, SandboxOptions
from tests.integration.cyrus.instance import Cyrus
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


class MailServer(Login, Protocol):
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
    """A new user of a Cyrus that other tests use too."""

    def __init__(self, cyrus: Cyrus, username: str) -> None:
        self._cyrus = cyrus
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


class SandboxAccount:
    """A sandbox on a port of loopback, in this process."""

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
