"""Which scripts would do what the settings ask, given what the account holds and its server offers. No I/O."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from unicodedata import normalize

from mailroom.contacts.address_variants import address_variants
from mailroom.contacts.book import Directory
from mailroom.core.categories import Categories
from mailroom.routing.capability import JMAP_QUERY, Choice, SieveCapability
from mailroom.routing.errors import ScriptTooLarge
from mailroom.routing.rules import routing_rules
from mailroom.routing.sieve import (
    GroupFilter,
    Senders,
    address_script,
    contact_by_address,
    contact_by_list,
    group_script,
)
from mailroom.routing.sieve_syntax import NOBODY
from mailroom.routing.targets import Targets


def candidates(
    categories: Categories, targets: Targets, directory: Directory, choice: Choice
) -> Sequence[Sequence[str]]:
    """The scripts in rows, the best first: those of one row differ only in what a server may refuse.

    The next row does with less text, for a server that has no room for the one before. The directory holds everybody.
    """
    rules, extensions = routing_rules(categories), choice.capability.extensions
    exact = _senders(directory)
    live = _known_at_delivery(exact, directory, choice)
    if choice.looks_into_groups:
        return [
            [group_script(rules, targets, group_filter, extensions, senders) for group_filter in GroupFilter]
            for senders in (live, replace(live, members={}), replace(live, members={}, contact=NOBODY))
        ]
    by_address = address_script(rules, targets, extensions, exact)
    if not choice.knows_contacts or JMAP_QUERY not in extensions:
        return [[address_script(rules, targets, extensions, live), by_address]]
    by_query, shorter = (
        address_script(rules, targets, extensions, senders, asks_query=True)
        for senders in (live, replace(live, contact=NOBODY))
    )
    return [[by_query, by_address], [shorter]]


def within_size(rows: Sequence[Sequence[str]], capability: SieveCapability) -> Sequence[str]:
    """Those of the first row that the server has room for; `ScriptTooLarge`, with the way out, if there are none."""
    limit = capability.max_size_script
    for scripts in rows:
        if fitting := [script for script in scripts if limit is None or len(script.encode()) <= limit]:
            return fitting
    needed = min(len(script.encode()) for scripts in rows for script in scripts)
    raise ScriptTooLarge(
        f"The Sieve script would need {needed} octets, and the mail server takes {limit}. Let its administrator raise "
        "the limit for scripts, or set routing to groups if it shares your contacts, or set routing to none and make "
        "rules by hand. Until then new mail is routed by the script as it was last stored."
    )


def _senders(directory: Directory) -> Senders:
    """Everybody by their addresses, as they are now."""
    mistaken = {_as_queried(each) for each in _addresses(directory) if not each.isascii()}
    contact = contact_by_address(_spelled(_addresses(directory)))
    return Senders(_addresses_of_groups(directory), contact, mistaken)


def _known_at_delivery(senders: Senders, directory: Directory, choice: Choice) -> Senders:
    """The same, but contacts looked up at delivery where the server can, which never ages.

    It compares text, so that other spellings come with it. A server without the contacts is not asked: it would know
    nobody, and all mail would be strangers'.
    """
    if not (choice.knows_contacts and choice.capability.has_address_books):
        return senders
    spellings = _spelled(_addresses(directory))
    return replace(senders, contact=contact_by_list(each for each in spellings if not each.isascii()))


def _addresses(directory: Directory) -> Iterable[str]:
    return (address for contact in directory.contacts for address in contact.addresses)


def _addresses_of_groups(directory: Directory) -> dict[str, frozenset[str]]:
    """The addresses of each group's members, by the group's uid."""
    addresses = {contact.uid: contact.addresses for contact in directory.contacts}
    return {
        group.uid: _spelled(address for uid in group.members for address in addresses.get(uid, ()))
        for group in directory.groups
    }


def _spelled(addresses: Iterable[str]) -> frozenset[str]:
    """Addresses in every form that a mail may have them in: a server compares text, but for the case of ASCII."""
    spellings = {spelling for address in addresses for spelling in address_variants(address)}
    folded = {fold(each) for each in spellings if not each.isascii() for fold in (str.lower, str.upper)}
    return frozenset(spellings | {normalize(form, each) for each in folded for form in ("NFC", "NFD")})


def _as_queried(address: str) -> str:
    """The ASCII that a server's search index may make of an address: it drops and folds more than compares equal."""
    return "".join(each for each in normalize("NFKD", address).casefold() if each.isascii())
