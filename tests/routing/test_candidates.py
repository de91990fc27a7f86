"""Which scripts would do, best first."""

from itertools import chain

import pytest

from mailroom.contacts.book import Contact, Directory, Group
from mailroom.core.categories import Categories, Category
from mailroom.routing.candidates import candidates, within_size
from mailroom.routing.capability import Choice, Mode, SieveCapability
from mailroom.routing.errors import ScriptTooLarge
from mailroom.sandbox.jmap.sieve_check import check_script
from mailroom.sandbox.options import SieveOptions
from tests.routing.made_up import targets

CATEGORIES = Categories((Category("Feed"),))
DIRECTORY = Directory(
    (
        Contact("bob", frozenset({"bob@example.com", "bob@xn--bcher-kva.example"})),
        Contact("ann", frozenset({"ann@example.com"})),
    ),
    (Group("FEED", "Feed", frozenset({"bob", "gone"})),),
)


def scripts(mode: Mode, *extensions: str, knows_contacts: bool = True, directory: Directory = DIRECTORY) -> list[str]:
    lists = frozenset({"urn:ietf:params:sieve:addrbook"})
    capability = SieveCapability(frozenset({"fileinto", *extensions}), lists)
    choice = Choice(mode, None, capability, knows_contacts)
    return list(chain(*candidates(CATEGORIES, targets(CATEGORIES), directory, choice)))


def test_both_ways_to_ask_for_a_group() -> None:
    """Newer servers know the one, older ones the other: which, only the server can say."""
    newer, older, *_smaller = scripts(Mode.GROUPS, "vnd.cyrus.jmapquery")
    assert ("fromContactCardUid" in newer, "fromContactGroupId" in older) == (True, True)


def test_addresses_of_all_members() -> None:
    """Every address of a card counts, in each of its spellings, and members that are gone have none."""
    script, *_others = scripts(Mode.ADDRESSES)
    check_script(script, SieveOptions())
    spellings = (
        "bob@example.com",
        "bob@xn--bcher-kva.example",
        "bob@b\N{LATIN SMALL LETTER U WITH DIAERESIS}cher.example",
    )
    assert all(f'"{spelling}"' in script.split("# Strangers")[0] for spelling in spellings)
    assert "ann@" not in script.split("# Strangers")[0]


def test_who_is_known_best_first() -> None:
    """All contacts at delivery, all addresses, and all contacts with less text."""
    by_list, by_address, by_query = (
        each.split("# Strangers")[1] for each in scripts(Mode.ADDRESSES, "vnd.cyrus.jmapquery", "extlists")
    )
    assert 'address :list "from"' in by_list
    assert all("fromAnyContact" in each and "bob@example.com" in each for each in (by_list, by_query))
    assert ("ann@example.com" in by_query, "ann@example.com" in by_address) == (False, True)


def test_a_group_script_carries_addresses_where_there_is_room() -> None:
    """They are for senders whom the query does not see; without them it is a script all the same."""
    *full, _, small, _, smallest = scripts(Mode.GROUPS, "vnd.cyrus.jmapquery", "extlists")
    assert [script.count("bob@example.com") for script in full] == [1, 1]
    assert ("bob@example.com" in small, ":list" in small) == (False, True)
    assert (":list" in smallest, "fromContactGroupId" in smallest) == (False, True)


def test_invisible_characters_are_compared_as_they_are() -> None:
    """Whatever the server delivers is tested for; and the sender whom its query takes for that one is told apart."""
    directory = Directory((Contact("zero", frozenset({"ze\u200bro@example.org"})),), (Group("FEED", "Feed"),))
    by_address = scripts(Mode.ADDRESSES, directory=directory)[0]
    assert '"ze\u200bro@example.org"' in by_address
    seen, unseen = scripts(Mode.GROUPS, "vnd.cyrus.jmapquery", "extlists", directory=directory)[0].split("# By address")
    assert 'not address :is "from" ["zero@example.org"]' in seen
    assert '"ze\u200bro@example.org"' in unseen


def test_spellings_beyond_ascii() -> None:
    """A server folds ASCII only, and knows of no two ways to write one letter."""
    directory = Directory((Contact("jose", frozenset({"jos\u00e9@example.org"})),))
    script = scripts(Mode.ADDRESSES, directory=directory)[0]
    assert all(f'"{each}@' in script for each in ("jos\u00e9", "jose\u0301"))
    assert all(f'"{each}@' in script for each in ("JOS\u00c9", "JOSE\u0301"))


def test_a_server_without_the_contacts_is_not_asked() -> None:
    """It would know nobody, and screen everybody."""
    script, *_others = scripts(Mode.ADDRESSES, "vnd.cyrus.jmapquery", "extlists", knows_contacts=False)
    assert "ann@example.com" in script.split("# Strangers")[1]


def test_what_fits() -> None:
    """Sizes are in octets, and a limit that is not stated is none."""
    capability = SieveCapability(max_size_script=4)
    assert within_size([["12345", "1234", "\N{EURO SIGN}\N{EURO SIGN}"]], capability) == ["1234"]
    assert within_size([["12345"]], SieveCapability()) == ["12345"]


def test_less_text_only_where_there_is_no_room_for_more() -> None:
    """A script that does less well is no candidate beside a better one."""
    rows = [["12345"], ["1234"]]
    assert within_size(rows, SieveCapability(max_size_script=4)) == ["1234"]
    assert within_size(rows, SieveCapability(max_size_script=5)) == ["12345"]


def test_nothing_fits() -> None:
    """The error names both figures, and the way out."""
    with pytest.raises(ScriptTooLarge, match=r"5 octets.*takes 4.*routing"):
        within_size([["123456"], ["12345"]], SieveCapability(max_size_script=4))
