"""Which scripts would do, best first."""

import pytest

from mailroom.contacts.book import Contact, Directory, Group
from mailroom.core.categories import Categories, Category
from mailroom.routing.candidates import candidates, within_size
from mailroom.routing.capability import Choice, Mode, SieveCapability
from mailroom.routing.errors import ScriptTooLarge
from tests.routing.made_up import targets

CATEGORIES = Categories((Category("Feed"),))
DIRECTORY = Directory(
    (
        Contact("bob", frozenset({"bob@example.com", "bob@xn--bcher-kva.example"})),
        Contact("ann", frozenset({"ann@example.com"})),
    ),
    (Group("FEED", "Feed", frozenset({"bob", "gone"})),),
)


def scripts(mode: Mode, *extensions: str, knows_contacts: bool = True) -> list[str]:
    lists = frozenset({"urn:ietf:params:sieve:addrbook"})
    capability = SieveCapability(frozenset({"fileinto", *extensions}), lists)
    choice = Choice(mode, None, capability, knows_contacts)
    return list(candidates(CATEGORIES, targets(CATEGORIES), DIRECTORY, choice))


def test_both_ways_to_ask_for_a_group() -> None:
    """Newer servers know the one, older ones the other: which, only the server can say."""
    newer, older = scripts(Mode.GROUPS, "vnd.cyrus.jmapquery")
    assert ("fromContactCardUid" in newer, "fromContactGroupId" in older) == (True, True)


def test_addresses_of_all_members() -> None:
    """Every address of a card counts, in each of its spellings, and members that are gone have none."""
    (script,) = scripts(Mode.ADDRESSES)
    assert script.split("# Strangers")[0].count("@") == 3
    assert "bob@b\N{LATIN SMALL LETTER U WITH DIAERESIS}cher.example" in script


def test_who_is_known_best_first() -> None:
    """All contacts at delivery, the default address book at delivery, and then all addresses."""
    by_query, by_list, by_address = (
        each.split("# Strangers")[1] for each in scripts(Mode.ADDRESSES, "vnd.cyrus.jmapquery", "extlists")
    )
    assert "fromAnyContact" in by_query
    assert 'address :list "from"' in by_list
    assert "bob@example.com" in by_list
    assert "ann@example.com" in by_address


def test_a_server_without_the_contacts_is_not_asked() -> None:
    """It would know nobody, and screen everybody."""
    (script,) = scripts(Mode.ADDRESSES, "vnd.cyrus.jmapquery", "extlists", knows_contacts=False)
    assert "ann@example.com" in script.split("# Strangers")[1]


def test_what_fits() -> None:
    """Sizes are in octets, and a limit that is not stated is none."""
    capability = SieveCapability(max_size_script=4)
    assert within_size(["12345", "1234", "\N{EURO SIGN}\N{EURO SIGN}"], capability) == ["1234"]
    assert within_size(["12345"], SieveCapability()) == ["12345"]


def test_nothing_fits() -> None:
    """The error names both figures, and the way out."""
    with pytest.raises(ScriptTooLarge, match=r"5 octets.*takes 4.*routing"):
        within_size(["12345", "123456"], SieveCapability(max_size_script=4))
