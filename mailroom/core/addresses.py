"""When are two mail addresses the same sender?

A server's search only finds candidates; whether a mail is from a sender is decided here, by equality of what
`canonical_address` returns, for mails, contacts and groups alike.
"""

import re
import unicodedata

import idna

_QUOTED_LOCAL_PART = re.compile(r'"(?:[^"\\]|\\.)*"', re.DOTALL)
_QUOTED_PAIR = re.compile(r"\\(.)", re.DOTALL)
_PLAIN = re.compile(r"[a-z0-9][a-z0-9._+-]*@[a-z0-9][a-z0-9-]*(?:\.[a-z0-9-]+)*")


def canonical_address(address: str) -> str | None:
    """The one spelling under which an address is compared, or None for what cannot be a sender.

    Case is folded in both parts: RFC 5321 section 2.4 lets a host tell `Bob` from `bob`, but none does, and people
    write both. Quotes around a local part are notation, not content. Domains are compared as A-labels (RFC 5891), so
    that a domain in its own script and in `xn--` form is one. Tags (`bob+tag@`) and dots are content: they make other
    senders.

    None stands for text without a local part or a domain, which JMAP may hand out as an address (RFC 8621 section
    4.1.2.3).
    """
    local, at, domain = unicodedata.normalize("NFC", address).strip().rpartition("@")
    if _QUOTED_LOCAL_PART.fullmatch(local):
        local = _QUOTED_PAIR.sub(r"\1", local[1:-1])
    domain = _ascii_domain(domain.strip()).rstrip(". ")
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
    if domain.isascii():
        return domain.lower()
    try:
        return idna.encode(domain, uts46=True, transitional=False).decode("ascii")
    except idna.IDNAError:
        return domain.lower()
