"""A mail as a message (RFC 5322), and what JMAP shows of it (RFC 8621 section 4.1)."""

import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from email import message_from_string
from email.errors import HeaderParseError
from email.header import decode_header, make_header
from email.headerregistry import AddressHeader, HeaderRegistry
from email.message import EmailMessage
from email.policy import default
from email.utils import formataddr, parsedate_to_datetime
from typing import Any, Final, cast

import idna

Address = dict[str, str | None]
"""A JMAP EmailAddress: `name` (or None) and `email`, which need not be an address at all."""

ADDRESS_HEADERS: Final = {
    "from": "From",
    "to": "To",
    "cc": "Cc",
    "bcc": "Bcc",
    "sender": "Sender",
    "replyTo": "Reply-To",
}
_PREVIEW_LENGTH: Final = 256
_FOLD: Final = re.compile(r"\r?\n(?=[ \t])")
_BRACKETED: Final = re.compile(r"<([^<>]*)>")
_COMMENT: Final = re.compile(r"\(([^()]*)\)\s*$")
_registry: Final = HeaderRegistry()


@dataclass(frozen=True, slots=True)
class Message:
    """Its header fields in order, unfolded but not decoded; the addresses of each; the start of its text; its octets.

    `addresses` maps lower-case header names to one list of addresses for each field of that name.
    """

    headers: tuple[tuple[str, str], ...]
    addresses: Mapping[str, list[list[Address]]] = field(default_factory=dict)
    preview: str = ""
    raw: bytes = b""

    def raw_values(self, name: str) -> list[str]:
        return [value for header, value in self.headers if header.lower() == name.lower()]

    def texts(self, name: str) -> list[str]:
        return [_decoded(value.strip()) for value in self.raw_values(name)]

    def address_lists(self, name: str) -> list[list[Address]]:
        return self.addresses.get(name.lower(), [])

    def last_text(self, name: str) -> str | None:
        texts = self.texts(name)
        return texts[-1] if texts else None

    def message_ids(self, name: str) -> list[str] | None:
        values = self.raw_values(name)
        return re.findall(r"<([^<>]+)>", values[-1]) if values else None

    def sent_at(self) -> str | None:
        """The Date header as JMAP writes dates; None without a date, or with one that is none."""
        values = self.raw_values("Date")
        try:
            return parsedate_to_datetime(values[-1]).isoformat() if values else None
        except ValueError:
            return None


def parse_message(raw: bytes) -> Message:
    """A message from its text."""
    parsed = message_from_string(raw.decode("utf-8", "replace"), EmailMessage, policy=default)
    headers = tuple((name, _FOLD.sub("", str(value))) for name, value in parsed.raw_items())
    return Message(headers, _all_addresses(headers), _preview(_text(parsed)), raw)


def message_from_fields(fields: Mapping[str, Any]) -> Message:
    """A message from JMAP properties: `from`, `to` ... as lists of addresses, `subject`, `preview`, or header names.

    Addresses are kept exactly as given, also those that no header could carry. No `from` at all makes a message without
    the header.
    """
    headers: list[tuple[str, str]] = []
    addresses: dict[str, list[list[Address]]] = {}
    for key, value in fields.items():
        name = ADDRESS_HEADERS.get(key)
        if name is not None:
            people: list[Address] = [{"name": person.get("name"), "email": person["email"]} for person in value]
            addresses[name.lower()] = [people]
            headers.append((name, " " + ", ".join(_written(person) for person in people)))
        elif key != "preview":
            headers.append((key[:1].upper() + key[1:], f" {value}"))
    preview = str(fields.get("preview", ""))
    head = "".join(f"{name}:{value}\r\n" for name, value in headers)
    return Message(tuple(headers), addresses, _preview(preview), f"{head}\r\n{preview}\r\n".encode())


def _all_addresses(headers: Iterable[tuple[str, str]]) -> dict[str, list[list[Address]]]:
    wanted = {name.lower() for name in ADDRESS_HEADERS.values()}
    found: dict[str, list[list[Address]]] = {}
    for name, value in headers:
        if name.lower() in wanted:
            found.setdefault(name.lower(), []).append(_addresses(value))
    return found


def _addresses(value: str) -> list[Address]:
    """Every mailbox of an address header, groups dissolved; nothing of what is no list (RFC 8621 section 4.1.2.3).

    As a Cyrus shows them: the local part without its quotes, the domain in lower case and as A-labels, and nothing of
    a mailbox without a domain, unless brackets say that it is one all the same.
    """
    try:
        mailboxes = cast("AddressHeader", _registry("From", value.strip())).addresses
    except IndexError:  # the standard library's answer to a header that breaks off within an address
        return []
    found: list[Address] = []
    bracketed = _BRACKETED.search(value)
    for mailbox in mailboxes:
        if mailbox.username and mailbox.domain:
            found.append(_address(mailbox.display_name or _comment(value), mailbox.username, mailbox.domain))
        elif bracketed and not mailbox.username:
            found.append(_address(mailbox.display_name, *bracketed[1].rpartition("@")[::2]))
    return found


def _address(name: str, local: str, domain: str) -> Address:
    domain = domain.lower().rstrip(".")
    if not domain.isascii():
        with suppress(idna.IDNAError):  # what is no name stays as it is written
            domain = idna.encode(domain, uts46=True).decode("ascii")
    return {"name": name or None, "email": f"{local}@{domain}" if domain else local}


def _comment(value: str) -> str:
    comment = _COMMENT.search(value)
    return comment[1] if comment else ""


def _decoded(value: str) -> str:
    """A header's text with its encoded words (RFC 2047) read, as far as they can be."""
    if "=?" not in value:
        return value
    try:
        return str(make_header(decode_header(value)))
    except (HeaderParseError, LookupError, UnicodeDecodeError):
        return value


def _written(person: Address) -> str:
    name, email = person["name"], person["email"] or ""
    try:
        return formataddr((name, email)) if name else email
    except UnicodeEncodeError:
        return f'"{name}" <{email}>'


def _text(message: EmailMessage) -> str:
    body = message.get_body(("plain", "html"))
    try:
        return "" if body is None else str(body.get_content())
    except LookupError:  # a character set that nobody knows
        return ""


def _preview(text: str) -> str:
    return " ".join(re.sub(r"<[^>]*>", " ", text).split())[:_PREVIEW_LENGTH]
