"""When are two mail addresses the same sender?

A server's search only finds candidates; whether a mail is from a sender is decided here, by equality of what
`canonical_address` returns, for mails, contacts, groups, rules and what people type alike.

Not everybody who can be told apart can be filed. A contact is read by other programs too, and some of them take an
address with a wildcard in it for many addresses: who calls himself `*@example.com` would be filed with all of
example.com. `sender_problem` says so.
"""

import re
import unicodedata
from typing import Final
from urllib.parse import unquote

import idna

MAX_LENGTH: Final = 1000
"""How many characters are looked at to find an address in: RFC 5321 section 4.5.3.1 allows it some 320 octets."""
_QUOTED_LOCAL_PART = re.compile(r'"(?:[^"\\]|\\.)*"', re.DOTALL)
_QUOTED_PAIR = re.compile(r"\\(.)", re.DOTALL)
_WHITE_SPACE: Final = " \t"
_MAILTO: Final = "mailto:"
_NO_TEXT: Final = frozenset({"Cc", "Cs", "Zl", "Zp"})
"""Categories of characters that no address has: controls, line ends, and halves of characters."""
_WILDCARDS: Final = "*?%"
"""What stands for other characters in the address books of some servers, and in globs, Sieve, LDAP and SQL."""
_PLAIN = re.compile(r"[a-z0-9][a-z0-9._+-]*@[a-z0-9][a-z0-9-]*(?:\.[a-z0-9-]+)*")


def canonical_address(address: str) -> str | None:
    """The one spelling under which an address is compared, or None for what cannot be a sender.

    Case is folded in both parts: RFC 5321 section 2.4 lets a host tell `Bob` from `bob`, but none does, and people
    write both. Quotes around a local part are notation, not content. Domains are compared as A-labels (RFC 5891), so
    that a domain in its own script and in `xn--` form is one. Tags (`bob+tag@`), dots and invisible characters are
    content: they make other senders.

    None stands for text without a local part or a domain, which JMAP may hand out as an address (RFC 8621 section
    4.1.2.3), for text with control characters, and for text that is far too long.
    """
    return None if len(address) > MAX_LENGTH or has_control_characters(address) else _canonical(address)


def address_text(text: str) -> str:
    """An address as it is spelled, without white space around it, and without what makes it a URI (RFC 6068)."""
    spelling = text.strip(_WHITE_SPACE)
    if spelling[: len(_MAILTO)].lower() != _MAILTO:
        return spelling
    return unquote(spelling[len(_MAILTO) :].partition("?")[0]).strip(_WHITE_SPACE)


def has_control_characters(address: str) -> bool:
    """Whether it holds what cannot stand in an address, and ends lines and texts in other programs."""
    return any(unicodedata.category(each) in _NO_TEXT for each in address_text(address))


def sender_problem(address: str) -> str | None:
    """Why nobody can be filed under this address, in words; None if somebody can."""
    if len(address) > MAX_LENGTH:
        return f"its sender's address has more than {MAX_LENGTH} characters"
    if has_control_characters(address):
        return "its sender's address holds control characters"
    canonical = _canonical(address)
    if canonical is None:
        return "its sender has no address"
    if any(each in canonical for each in _WILDCARDS):
        return f"its sender's address, {canonical}, may be read as a pattern for those of others"
    return None


def _canonical(address: str) -> str | None:
    local, at, domain = unicodedata.normalize("NFC", address_text(address)).rpartition("@")
    if _QUOTED_LOCAL_PART.fullmatch(local):
        local = _QUOTED_PAIR.sub(r"\1", local[1:-1])
    domain = _ascii_domain(domain.strip(_WHITE_SPACE)).rstrip(". ")
    if not (local and at and domain):
        return None
    return f"{local.lower()}@{domain}"


def is_plain(address: str) -> bool:
    """Whether a canonical address is safe to hand to a server's text search as it stands.

    Others (`*@example.com`, `a b@x`, `x@y@z`, non-ASCII ones) may be read as patterns, as several words, or not be
    found at all, so their mails are found by looking at each one.
    """
    return _PLAIN.fullmatch(address) is not None


def _ascii_domain(domain: str) -> str:
    # The mapping of idna drops invisible characters: what only looks like a domain would be taken for it.
    if domain.isascii() or any(map(_is_dropped, domain)):
        return domain.lower()
    try:
        return idna.encode(domain, uts46=True, transitional=False).decode("ascii")
    except idna.IDNAError:
        return domain.lower()


def _is_dropped(character: str) -> bool:
    try:
        return not idna.uts46_remap(character, transitional=False)
    except idna.IDNAError:
        return False
