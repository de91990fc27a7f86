"""The properties of an Email (RFC 8621 section 4.1), header fields in their parsed forms included."""

import re
from collections.abc import Callable
from typing import Any, Final

from mailroom.sandbox.store.account import Email
from mailroom.sandbox.store.dates import utc_date
from mailroom.sandbox.store.message import ADDRESS_HEADERS, Message

Reader = Callable[[Email], Any]

_HEADER: Final = re.compile(r"header:(?P<name>[!-9;-~]+?)(?::as(?P<form>Raw|Text|Addresses))?(?P<all>:all)?")
_FORMS: Final[dict[str, Callable[[Message, str], list[Any]]]] = {
    "Raw": Message.raw_values,
    "Text": Message.texts,
    "Addresses": Message.address_lists,
}


def _last(values: list[Any]) -> Any:
    return values[-1] if values else None


def _addresses(header: str) -> Reader:
    return lambda email: _last(email.message.address_lists(header))


_PROPERTIES: Final[dict[str, Reader]] = {
    "id": lambda email: email.id,
    "blobId": lambda email: email.blob_id,
    "threadId": lambda email: email.thread_id,
    "mailboxIds": lambda email: dict.fromkeys(sorted(email.mailbox_ids), True),
    "keywords": lambda email: dict.fromkeys(sorted(email.keywords), True),
    "size": lambda email: len(email.message.raw),
    "receivedAt": lambda email: utc_date(email.received_at),
    "sentAt": lambda email: email.message.sent_at(),
    "subject": lambda email: _last(email.message.texts("Subject")),
    "messageId": lambda email: email.message.message_ids("Message-ID"),
    "inReplyTo": lambda email: email.message.message_ids("In-Reply-To"),
    "references": lambda email: email.message.message_ids("References"),
    "preview": lambda email: email.message.preview,
    "headers": lambda email: [{"name": name, "value": value} for name, value in email.message.headers],
    **{name: _addresses(header) for name, header in ADDRESS_HEADERS.items()},
}
ALL_PROPERTIES: Final = tuple(_PROPERTIES)


def reader(name: str) -> Reader | None:
    """What reads a property of this name off a mail; None for a name that is no property here."""
    return _PROPERTIES.get(name) or _header_reader(name)


def _header_reader(name: str) -> Reader | None:
    asked = _HEADER.fullmatch(name)
    if asked is None:
        return None
    header, values_of = asked["name"], _FORMS[asked["form"] or "Raw"]
    if asked["all"]:
        return lambda email: values_of(email.message, header)
    return lambda email: _last(values_of(email.message, header))
