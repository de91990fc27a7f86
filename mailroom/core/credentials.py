"""Who Mailroom is to a server, and the secrets that prove it."""

from base64 import b64encode
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from pydantic import SecretStr

from mailroom.core.errors import MailroomError


class CredentialsError(MailroomError):
    """A secret cannot be read just now."""


class Credentials(Protocol):
    """What goes into the Authorization header of a request.

    It is asked anew for each request, so that a secret replaced on disk is used from the next request on.
    """

    def authorization(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Secret:
    """A secret given in the settings, or the file that holds it (as Docker and systemd hand them out)."""

    setting: str
    source: SecretStr | Path

    def read(self) -> str:
        """The secret as of now. A file's surrounding white space, such as its last line feed, is not part of it."""
        if isinstance(self.source, SecretStr):
            return self.source.get_secret_value()
        try:
            secret = self.source.read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise CredentialsError(
                f"{self.setting}: cannot read {self.source} ({type(error).__name__}). "
                "Make the file readable for the user that Mailroom runs as."
            ) from error
        if not secret or not secret.isprintable():
            raise CredentialsError(f"{self.setting}: {self.source} must hold the secret on one line, and nothing else.")
        return secret


@dataclass(frozen=True, slots=True)
class BearerToken:
    """An API token (RFC 6750)."""

    token: Secret

    def authorization(self) -> str:
        return f"Bearer {self.token.read()}"


@dataclass(frozen=True, slots=True)
class BasicLogin:
    """A user name and a password (RFC 7617)."""

    username: str
    password: Secret

    def authorization(self) -> str:
        return f"Basic {b64encode(f'{self.username}:{self.password.read()}'.encode()).decode('ascii')}"
