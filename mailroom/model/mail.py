"""A mail as triage sees it: who sent it, and where it lies."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import idna

from mailroom.core.addresses import address_text, canonical_address, has_control_characters, is_plain, sender_problem
from mailroom.core.chunks import chunked
from mailroom.jmap.answers import malformed
from mailroom.jmap.fallback import Alternatives, FallbackQuery
from mailroom.jmap.json_values import Json, mapping, sequence, text

SENDERS_PER_QUERY: Final = 50
"""How many senders one filter names: long ones are slow, or refused."""

_NOBODY: Final = "it has no sender"
_TOO_MANY: Final = "it has more than one sender"
_ALL_FROM_HEADERS: Final = "header:From:asAddresses:all"
SWEPT_PROPERTIES: Final = ("id", "from", "mailboxIds")
_LABELLED_PROPERTIES: Final = (*SWEPT_PROPERTIES, _ALL_FROM_HEADERS)


@dataclass(frozen=True, slots=True)
class Sender:
    """Who sent a mail. `address` is canonical, `spelling` and `name` are the mail's own."""

    address: str
    spelling: str
    name: str


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail; `mailboxes` are ids. `sender` is None where nobody can be filed for it; `problem` then says why.

    Every mail is in a mailbox (RFC 8621 section 4.1.1): one that seems to be in none cannot be read, and is not moved.
    """

    id: str
    sender: Sender | None
    mailboxes: frozenset[str]
    problem: str = ""

    @classmethod
    def from_jmap(cls, email: Mapping[str, Any]) -> "Mail":
        """Read an Email object (RFC 8621 section 4.1).

        `from` speaks for the last From header only (section 4.1.3), so labelled mails are fetched with all of them.
        What counts is whom they name, not how often: a server may give one address twice, and what is no address at
        all, such as the name of a group, names nobody.
        """
        headers = sequence(email.get(_ALL_FROM_HEADERS)) or [email.get("from")]
        named = _named(mapping(entry) for header in headers for entry in sequence(header))
        sender, problem = named[0] if len(named) == 1 else (None, _TOO_MANY if named else _NOBODY)
        stated = mapping(email.get("mailboxIds"))
        mailboxes = frozenset(stated) if all(is_in is True for is_in in stated.values()) else frozenset()
        return cls(email["id"], None if problem else sender, mailboxes, problem)


def _named(entries: Iterable[Json]) -> list[tuple[Sender, str]]:
    """Everybody who is named, each once, and what keeps from filing them."""
    senders: dict[str, tuple[Sender, str]] = {}
    for entry in entries:
        written = text(entry.get("email"))
        address = written if has_control_characters(written) else canonical_address(written)
        if address is not None:
            sender = Sender(address, address_text(written), _shown(text(entry.get("name"))))
            if address not in senders or not senders[address][0].name:
                senders[address] = sender, sender_problem(written) or ""
    return list(senders.values())


def _shown(name: str) -> str:
    """A display name on one line, without what would change how the text around it shows."""
    return " ".join("".join(each for each in word if each.isprintable()) for word in name.split())


def labelled_mails(labels: Iterable[str], first: int = 0) -> FallbackQuery:
    """Every mail in one of these mailboxes; one query a mailbox where a server takes `inMailbox` only by itself."""
    conditions = [{"inMailbox": label} for label in labels]
    return FallbackQuery("Email", [[_any_of(conditions)], conditions], _LABELLED_PROPERTIES, first)


def candidate_mails(addresses: Iterable[str], screener: str | None) -> list[FallbackQuery]:
    """Everything that may be mail of these senders; `mails_from` picks what is."""
    filters = candidate_filters(addresses, screener)
    return [FallbackQuery("Email", _alternatives(each), SWEPT_PROPERTIES) for each in filters]


def candidate_filters(addresses: Iterable[str], screener: str | None) -> list[Mapping[str, Any]]:
    """Filters that together let through every mail of these senders, and may let through more.

    A `from` filter is a text search with semantics of the server's own (RFC 8621 section 4.4.1). It finds an ordinary
    address, except in mail that is not indexed yet; in the screener, where such mail waits, the `header` filter, a test
    for containment, finds it all the same. An address with a meaning of its own in a text search is looked for by its
    domain, with `header` everywhere.
    """
    plain = sorted(filter(is_plain, addresses))
    odd_domains = sorted({spelling for address in set(addresses) - set(plain) for spelling in _domains(address)})
    conditions: list[list[dict[str, Any]]] = [
        [{"from": address} for address in plain],
        [{"header": ["From", domain]} for domain in odd_domains],
    ]
    filters = [_any_of(part) for condition in conditions for part in chunked(condition, SENDERS_PER_QUERY)]
    if screener is not None:
        in_headers = [{"header": ["From", address]} for address in plain]
        filters += [
            {"operator": "AND", "conditions": [{"inMailbox": screener}, _any_of(part)]}
            for part in chunked(in_headers, SENDERS_PER_QUERY)
        ]
    return filters


def _alternatives(candidates: Mapping[str, Any]) -> Alternatives:
    """A filter of `candidate_filters`, and what lets through as much where a server does not know it.

    That is each sender alone, without an operator, and at last everything there: the screener, or all mail, at the
    price of three short members a mail.
    """
    if candidates.get("operator") != "AND":
        return [[candidates], _conditions(candidates), [None]]
    place, senders = candidates["conditions"]
    return [[candidates], [{**place, **sender} for sender in _conditions(senders)], [place]]


def _conditions(any_of: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The conditions that `_any_of` made one filter of."""
    return list(any_of.get("conditions", [any_of]))


def read_candidates(emails: Iterable[Json], addresses: Collection[str]) -> list[Mail]:
    """What `candidate_mails` found. Raises a `MethodError` where a mail that may be of these senders cannot be read.

    Left out, it would stay behind when the label is gone.
    """
    mails = []
    for email in emails:
        mail = Mail.from_jmap(email)
        if not _tells_senders(email.get("from", "")):
            raise malformed("Email/get", f"does not say whose the mail {mail.id} is")
        if not mail.mailboxes and mail.sender is not None and mail.sender.address in addresses:
            raise malformed("Email/get", f"does not say where the mail {mail.id} is")
        mails.append(mail)
    return mails


def _tells_senders(addresses: Any) -> bool:
    return addresses is None or (
        isinstance(addresses, list) and all(isinstance(mapping(each).get("email"), str) for each in addresses)
    )


def mails_from(addresses: Collection[str], found: Iterable[Mail]) -> list[Mail]:
    """The mails of exactly these senders, whatever else a query has found."""
    return [mail for mail in found if mail.sender is not None and mail.sender.address in addresses]


def _domains(address: str) -> set[str]:
    """An address's `@` and domain, as a header may spell them: in ASCII (RFC 5891) or in the domain's own script."""
    domain = address.rpartition("@")[2]
    try:
        return {f"@{domain}", f"@{idna.decode(domain)}"}
    except idna.IDNAError:
        return {f"@{domain}"}


def _any_of(conditions: Iterable[Mapping[str, Any]]) -> Mapping[str, Any]:
    """One filter for several conditions (RFC 8620 section 5.5)."""
    listed = list(conditions)
    return listed[0] if len(listed) == 1 else {"operator": "OR", "conditions": listed}
