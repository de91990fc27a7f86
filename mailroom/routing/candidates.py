"""Which scripts would do what the settings ask, given what the account holds and its server offers. No I/O."""

from collections.abc import Iterable, Mapping, Sequence

from mailroom.contacts.address_variants import address_variants
from mailroom.contacts.book import Directory
from mailroom.core.categories import Categories
from mailroom.routing.capability import JMAP_QUERY, Choice, Mode, SieveCapability
from mailroom.routing.errors import ScriptTooLarge
from mailroom.routing.rules import routing_rules
from mailroom.routing.sieve import (
    GroupFilter,
    address_script,
    group_script,
    known_by_address,
    known_by_list,
    known_by_query,
)
from mailroom.routing.sieve_syntax import Condition
from mailroom.routing.targets import Targets


def candidates(categories: Categories, targets: Targets, directory: Directory, choice: Choice) -> Sequence[str]:
    """The scripts, best first: a server may refuse one for what only it knows, and take the next.

    For the mode `groups` the directory needs no contacts.
    """
    rules = routing_rules(categories)
    extensions = choice.capability.extensions
    if choice.mode is Mode.GROUPS:
        return [group_script(rules, targets, group_filter, extensions) for group_filter in GroupFilter]
    members = _addresses_of_groups(directory)
    return [
        address_script(rules, targets, members, known, extensions)
        for known in _acquaintances(directory, members, choice)
    ]


def within_size(scripts: Iterable[str], capability: SieveCapability) -> Sequence[str]:
    """Those that the server has room for; `ScriptTooLarge`, with the way out, if there is none."""
    sizes = {script: len(script.encode()) for script in scripts}
    limit = capability.max_size_script
    fitting = [script for script, size in sizes.items() if limit is None or size <= limit]
    if not fitting:
        raise ScriptTooLarge(
            f"The Sieve script would need {min(sizes.values())} octets, and the mail server takes {limit}. Let its "
            "administrator raise the limit for scripts, or set routing to groups if it shares your contacts, or set "
            "routing to none and make rules by hand. Until then new mail is routed by the script as it was last stored."
        )
    return fitting


def _acquaintances(directory: Directory, members: Mapping[str, frozenset[str]], choice: Choice) -> Iterable[Condition]:
    """Ways to tell who is no stranger.

    The server's own knowledge is the best, for it never ages. Its default address book may lack who is in a group, so
    these addresses come with it. Last come the addresses of all contacts.
    """
    if choice.knows_contacts and JMAP_QUERY in choice.capability.extensions:
        yield known_by_query()
    if choice.knows_contacts and choice.capability.has_address_books:
        yield known_by_list(frozenset().union(*members.values()))
    yield known_by_address(_spelled(address for contact in directory.contacts for address in contact.addresses))


def _addresses_of_groups(directory: Directory) -> dict[str, frozenset[str]]:
    """The addresses of each group's members, by the group's uid."""
    addresses = {contact.uid: contact.addresses for contact in directory.contacts}
    return {
        group.uid: _spelled(address for uid in group.members for address in addresses.get(uid, ()))
        for group in directory.groups
    }


def _spelled(addresses: Iterable[str]) -> frozenset[str]:
    """Addresses in every form that a mail may have them in, for a server compares text."""
    return frozenset(spelling for address in addresses for spelling in address_variants(address))
