"""Which way of routing an account's server allows, and which the settings choose. No I/O."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, Final, Self
from urllib.parse import urlsplit

from mailroom.core.config import MailroomSettings
from mailroom.jmap.json_values import number, texts
from mailroom.jmap.session import CONTACTS, MAIL, SIEVE, Session

JMAP_QUERY: Final = "vnd.cyrus.jmapquery"
_ADDRESS_BOOKS: Final = "urn:ietf:params:sieve:addrbook"


class Mode(StrEnum):
    """How new mail is routed."""

    GROUPS = "groups"
    """The server looks into the contact groups at delivery."""
    ADDRESSES = "addresses"
    """The server compares with addresses, which Mailroom writes into the script anew after each triage."""
    NONE = "none"
    """Not by Mailroom: the user makes rules by hand, or wants none."""


@dataclass(frozen=True, slots=True)
class SieveCapability:
    """What the account's Sieve can do (RFC 9661 section 1.3.1). `max_size_script` is in octets; None is no limit."""

    extensions: frozenset[str] = frozenset()
    external_lists: frozenset[str] = frozenset()
    max_size_script: int | None = None

    @classmethod
    def parse(cls, stated: Mapping[str, Any]) -> Self:
        """What the account's capability says of Sieve, as far as it does."""
        return cls(
            extensions=frozenset(texts(stated.get("sieveExtensions"))),
            external_lists=frozenset(texts(stated.get("externalLists"))),
            max_size_script=number(stated.get("maxSizeScript")),
        )

    @property
    def has_address_books(self) -> bool:
        """Whether a script can ask for the user's default address book (RFC 6134 section 2.6)."""
        return "extlists" in self.extensions and any(name.startswith(_ADDRESS_BOOKS) for name in self.external_lists)


@dataclass(frozen=True, slots=True)
class Choice:
    """The mode, the reason if it is `none`, and what the server's Sieve can do.

    `knows_contacts` tells whether the mail server has the contacts too. Where it has not, its tests for groups and
    contacts would find nobody, and all mail would count as strangers'. `unproven` tells that it may have them: then the
    mode holds only if it is `settled` so.
    """

    mode: Mode
    reason: str | None = None
    capability: SieveCapability = SieveCapability()
    knows_contacts: bool = False
    unproven: bool = False

    @property
    def looks_into_groups(self) -> bool:
        """Whether the server looks into the groups at delivery: not as long as it may lack them."""
        return self.mode is Mode.GROUPS and self.knows_contacts

    def settled(self, settings: MailroomSettings, *, proven: bool, has_groups: bool) -> "Choice":
        """The choice, now that it is known whether the mail account has the contact groups.

        Mail that goes astray is worse than a script that has to be renewed: without a proof the addresses decide, or
        nothing where the settings insist on groups. As long as there are no groups, there is nothing to go astray.
        """
        if not self.unproven:
            return self
        if proven:
            return replace(self, knows_contacts=True, unproven=False)
        if settings.routing == "groups" and has_groups:
            return Choice(Mode.NONE, _NOT_THERE, self.capability)
        mode = self.mode if settings.routing == "groups" else Mode.ADDRESSES
        return replace(self, mode=mode, unproven=False)


_NOT_THERE: Final = (
    "routing is groups, but nothing shows that the mail server has your contact groups: it does not tell of the same "
    "groups as the address book. Set routing to auto or addresses."
)


def choose_mode(settings: MailroomSettings, session: Session) -> Choice:
    """What the settings ask for as far as the server allows it; `auto` prefers groups."""
    if settings.routing == "none":
        return Choice(Mode.NONE, "routing is none in the settings.")
    if not session.offers(SIEVE):
        return Choice(Mode.NONE, "The mail server lets clients write no Sieve scripts: its rules are made by hand.")
    if session.account_id(SIEVE) != session.account_id(MAIL):
        return Choice(Mode.NONE, "The mail is in one account and Sieve in another: the rules for it are made by hand.")
    capability = SieveCapability.parse(session.account_capability(SIEVE))
    if "fileinto" not in capability.extensions:
        return Choice(Mode.NONE, "The mail server's Sieve cannot file mail: it lacks fileinto.", capability)
    return _choose_by_sieve(settings, session, capability)


def _choose_by_sieve(settings: MailroomSettings, session: Session, capability: SieveCapability) -> Choice:
    routing = settings.routing
    asks_groups = JMAP_QUERY in capability.extensions
    if routing == "groups" and not asks_groups:
        reason = f"routing is groups, but the mail server's Sieve lacks {JMAP_QUERY}. Set routing to auto or addresses."
        return Choice(Mode.NONE, reason, capability)
    knows_contacts = _shares_account(settings, session)
    unproven = not knows_contacts and (routing == "groups" or _may_share_server(settings, session))
    if routing == "groups" or (routing == "auto" and asks_groups and (knows_contacts or unproven)):
        return Choice(Mode.GROUPS, None, capability, knows_contacts, unproven)
    return Choice(Mode.ADDRESSES, None, capability, knows_contacts, unproven)


def _shares_account(settings: MailroomSettings, session: Session) -> bool:
    """Whether the address book is in the account of the mail by its very protocol."""
    return _over_jmap(settings, session) and session.account_id(CONTACTS) == session.account_id(SIEVE)


def _may_share_server(settings: MailroomSettings, session: Session) -> bool:
    """Whether the address book, over CardDAV, is at the host of the mail."""
    if _over_jmap(settings, session):
        return False
    return settings.carddav_url is None or urlsplit(settings.carddav_url).hostname == urlsplit(session.url).hostname


def _over_jmap(settings: MailroomSettings, session: Session) -> bool:
    return settings.contacts != "carddav" and session.offers(CONTACTS)
