"""The rules as Sieve."""

from mailroom.core.categories import DEFAULT_CATEGORIES, Categories, Category
from mailroom.routing.rules import routing_rules
from mailroom.routing.sieve import (
    MARK,
    GroupFilter,
    address_script,
    group_script,
    known_by_address,
    known_by_list,
    known_by_query,
)
from mailroom.sandbox.jmap.sieve_check import check_script
from mailroom.sandbox.options import SieveOptions
from tests.routing.made_up import EXTENSIONS, targets

IMBOX, PERSON = Category("Imbox", add_to_inbox=True), Category("Person", parent="Imbox")
FAMILY = Categories((IMBOX, PERSON))


def by_groups(
    categories: Categories = DEFAULT_CATEGORIES, *without: str, extensions: tuple[str, ...] = EXTENSIONS
) -> str:
    found = targets(categories, without=without)
    return group_script(routing_rules(categories), found, GroupFilter.CARD_UID, extensions)


def by_addresses(members: dict[str, list[str]], categories: Categories = FAMILY) -> str:
    known = known_by_address([address for some in members.values() for address in some])
    return address_script(routing_rules(categories), targets(categories), members, known, EXTENSIONS)


def block(script: str, title: str) -> str:
    """What stands under a comment, on one line."""
    return " ".join(script.split(f"# {title}\r\n")[1].split("\r\n\r\n", maxsplit=1)[0].split())


def asks(group: str) -> str:
    return rf'jmapquery "{{\"fromContactCardUid\": \"{group}\"}}"'


def test_it_is_known_as_mailrooms() -> None:
    """By its first line, which also tells people."""
    assert by_groups().startswith(f"{MARK}\r\n")


def test_it_is_sieve() -> None:
    """With all that the default categories ask for, and lines as RFC 5228 wants them."""
    script = by_groups()
    check_script(script, SieveOptions())
    assert script.count("\n") == script.count("\r\n")


def test_only_what_is_used_is_required() -> None:
    """A server refuses a script that requires what it does not have."""
    assert 'require ["fileinto", "vnd.cyrus.jmapquery"];' in by_groups(extensions=("fileinto",))


def test_a_group_is_filed() -> None:
    """Its members' mail goes to the mailbox, and not to the Inbox unless that is said."""
    assert block(by_groups(), "Feed") == f'if {asks("FEED")} {{ fileinto :mailboxid "FEED" "Feed"; }}'


def test_every_rule_stands_for_itself() -> None:
    """One mail may land in several mailboxes, so nothing ends the script or passes over a rule."""
    assert not {"stop;", "else", "elsif"} & set(by_groups().split())


def test_the_child_decides_on_the_inbox() -> None:
    """Members of the child's group are in the parent's too, and its word does not count for them."""
    filing = 'fileinto :mailboxid "IMBOX" "Imbox";'
    expected = f"if {asks('IMBOX')} {{ {filing} if not {asks('PERSON')} {{ keep; }} }}"
    assert block(by_groups(FAMILY), "Imbox") == expected
    assert "keep;" not in block(by_groups(FAMILY), "Person")


def test_an_only_category_keeps_by_itself() -> None:
    """Without children there is nobody to ask."""
    script = by_groups(Categories((IMBOX,)))
    assert block(script, "Imbox").endswith('fileinto :mailboxid "IMBOX" "Imbox"; keep; }')


def test_strangers_are_screened() -> None:
    """That is who is no contact; and who is in a group is known in any case."""
    script = by_groups(Categories((Category("Feed"),)))
    known = rf'anyof (jmapquery "{{\"fromAnyContact\": true}}", {asks("FEED")})'
    assert block(script, "Strangers") == f'if not {known} {{ fileinto :mailboxid "SCREENER" "Screener"; }}'


def test_without_a_screener_strangers_stay_in_the_inbox() -> None:
    """Nothing is filed where nobody looks."""
    assert "Strangers" not in by_groups(DEFAULT_CATEGORIES, "Screener")


def test_without_its_mailbox_a_groups_mail_stays_in_the_inbox() -> None:
    """The others are filed all the same."""
    script = by_groups(DEFAULT_CATEGORIES, "Feed")
    assert block(script, "Feed") == f"if {asks('FEED')} {{ keep; }}"
    assert "fileinto" in block(script, "Jail")


def test_without_its_group_a_category_has_no_rule() -> None:
    """Nobody can be in it; and a parent asks only after the children that there are."""
    script = by_groups(FAMILY, "group Person")
    assert "Person" not in script
    assert block(script, "Imbox").endswith("keep; }")


def test_nothing_at_all() -> None:
    """An empty account has a script that does nothing, and requires nothing."""
    names = [name for each in FAMILY for name in (each.name, f"group {each.name}")]
    assert by_groups(FAMILY, "Screener", *names) == f"{MARK}\r\n"


def test_addresses_are_compared() -> None:
    """Where the server does not know the groups, the script says who is in them."""
    script = by_addresses({"IMBOX": ["ann@example.com", "bob@example.com"], "PERSON": ["ann@example.com"]})
    check_script(script, SieveOptions())
    assert block(script, "Imbox") == (
        'if address :is "from" ["ann@example.com", "bob@example.com"] '
        '{ fileinto :mailboxid "IMBOX" "Imbox"; if not address :is "from" ["ann@example.com"] { keep; } }'
    )


def test_an_empty_group_needs_no_rule() -> None:
    """A test for nobody is never true."""
    script = by_addresses({"PERSON": ["ann@example.com"]})
    assert "# Imbox" not in script


def test_in_an_empty_address_book_everybody_is_a_stranger() -> None:
    """As at the very beginning."""
    assert block(by_addresses({}), "Strangers").startswith("if not false {")


def test_ways_to_be_known() -> None:
    """The server's own knowledge of all contacts, of the default book, or the addresses themselves."""
    assert known_by_query().extensions == {"vnd.cyrus.jmapquery"}
    assert known_by_list(["a@example.com"]).text.startswith(
        'anyof (address :list "from" "urn:ietf:params:sieve:addrbook'
    )
    assert known_by_address(["a@example.com"]).text == 'address :is "from" ["a@example.com"]'
