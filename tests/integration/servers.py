"""The servers that the integration tests run on: one account for one test, on the sandbox or on a real Cyrus."""

from typing import Protocol

from tests.integration.cyrus.instance import Cyrus


class MailServer(Protocol):
    """A fresh account, and the means to do to its server what the world does to servers."""

    @property
    def url(self) -> str:
        """Scheme, host and port; both well-known URLs lie there (RFC 8620 section 2.2, RFC 6764 section 5)."""
        ...

    @property
    def username(self) -> str: ...

    @property
    def password(self) -> str: ...

    @property
    def token(self) -> str: ...

    def deliver(self, *messages: bytes) -> None:
        """Bring new mail to the Inbox."""
        ...

    def kill(self) -> None:
        """End the server at once: connections break, what was acknowledged stays."""
        ...

    def start(self) -> None:
        """Start it again, at the same URL."""
        ...


class CyrusAccount:
    """A new user of a Cyrus that other tests use too."""

    def __init__(self, cyrus: Cyrus, username: str) -> None:
        self._cyrus = cyrus
        self.username = username
        self.password = cyrus.create_user(username)
        self.token = cyrus.token(username)
        self.kill = cyrus.kill
        self.start = cyrus.start

    @property
    def url(self) -> str:
        return self._cyrus.url

    def deliver(self, *messages: bytes) -> None:
        self._cyrus.deliver(self.username, messages)
