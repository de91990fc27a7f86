"""Who Mailroom is to a server, the secrets that prove it, and which of them contradict one another."""

from base64 import b64encode
from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address
from pathlib import Path
from typing import Final, Protocol
from urllib.parse import urlsplit

from pydantic import SecretStr

from mailroom.core.errors import MailroomError
from mailroom.core.text_file import UnreadableFile, read_text

SECRETS: Final = ("jmap_token", "jmap_password", "carddav_password")


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
        """The secret as of now. White space around it in a file, such as the last line feed, is not part of it."""
        if isinstance(self.source, SecretStr):
            return self.source.get_secret_value()
        try:
            secret = read_text(self.source).strip()
        except UnreadableFile as error:
            raise CredentialsError(f"{self.setting}: cannot read {self.source} {error}") from error
        if not secret:
            raise CredentialsError(f"{self.setting}: {self.source} is empty. It must hold the secret on one line.")
        if not secret.isprintable():
            raise CredentialsError(
                f"{self.setting}: {self.source} must hold the secret on one line, and nothing else: "
                "no further line, and no NUL or other control character."
            )
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


def exposed_origin(url: str) -> str | None:
    """The origin of a URL where everybody on the way reads what is sent: plain http to anything but loopback.

    None for any other URL. Of names, only `localhost` is loopback: what others stand for is up to whoever answers.
    """
    parts = urlsplit(url)
    if parts.scheme != "http" or _is_loopback(parts.hostname or ""):
        return None
    return f"http://{parts.netloc.rpartition('@')[2]}"


def _is_loopback(host: str) -> bool:
    try:
        address = ip_address(host)
    except ValueError:
        return host == "localhost"
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return (mapped or address).is_loopback


def credential_problems(given: AbstractSet[str]) -> Iterator[str]:
    """What is wrong with giving these settings together, each with the remedy."""
    for secret in SECRETS:
        if {secret, f"{secret}_file"} <= given:
            yield f"{secret}, {secret}_file: both are given. Keep one of them."
    for service in ("jmap", "carddav"):
        has_username = f"{service}_username" in given
        has_password = _is_given(f"{service}_password", given)
        if has_username and not has_password:
            yield (
                f"{service}_username: given without a password. "
                f"Add {service}_password or {service}_password_file, or remove it."
            )
        if has_password and not has_username:
            yield f"{service}_password: given without a user name. Add {service}_username, or remove the password."
    if _is_given("jmap_token", given) and _is_given("jmap_password", given):
        yield (
            "jmap_token, jmap_password: both a token and a password are given. Keep one of them; "
            "a password for the address book alone belongs into carddav_password."
        )


def _is_given(secret: str, given: AbstractSet[str]) -> bool:
    return not given.isdisjoint({secret, f"{secret}_file"})
