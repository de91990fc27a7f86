"""The rules as Sieve."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailroom.core.categories import DEFAULT_CATEGORIES, Categories, Category
from mailroom.routing.rules import routing_rules
from mailroom.routing.sieve import (
    MARK,
    GroupFilter,
    Senders,
    address_script,
    contact_by_address,
    contact_by_list,
    group_script,
    predecessor_of,
    with_predecessor,
    without_addresses,
)
from mailroom.sandbox.jmap.sieve_check import check_script
from mailroom.sandbox.options import SieveOptions
from tests.routing.made_up import EXTENSIONS, targets

IMBOX, PERSON = Category("Imbox", add_to_inbox=True), Category("Person", parent="Imbox")
FAMILY = Categories((IMBOX, PERSON))


NOBODY_KNOWN = Senders({}, contact_by_list(()))


def by_groups(
    categories: Categories = DEFAULT_CATEGORIES,
    *without: str,
    extensions: tuple[str, ...] = EXTENSIONS,
    senders: Senders = NOBODY_KNOWN,
) -> str:
    found = targets(categories, without=without)
    return group_script(routing_rules(categories), found, GroupFilter.CARD_UID, extensions, senders)


def by_addresses(members: dict[str, list[str]], categories: Categories = FAMILY, *, asks_query: bool = False) -> str:
    contact = contact_by_address([address for some in members.values() for address in some])
    rules = routing_rules(categories)
    senders = Senders(members, contact)
    return address_script(rules, targets(categories), EXTENSIONS, senders, asks_query=asks_query)


def block(script: str, title: str) -> str:
    """The first branch that stands under a comment, on one line."""
    lines = re.split(rf"# {title}\r\n", script, maxsplit=1)[1].split("\r\n")
    indent = re.match(" *", lines[0])[0]  # type: ignore[index]  # it always matches
    end = next(number for number, line in enumerate(lines) if line == f"{indent}}}")
    return " ".join(" ".join(lines[: end + 1]).split())


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
    assert 'require ["extlists", "fileinto", "vnd.cyrus.jmapquery"];' in by_groups(extensions=("fileinto",))


def test_a_group_is_filed() -> None:
    """Its members' mail goes to the mailbox, and not to the Inbox unless that is said."""
    assert block(by_groups(), "Feed") == f'if {asks("FEED")} {{ fileinto :mailboxid "FEED" "Feed"; }}'


def test_every_rule_stands_for_itself() -> None:
    """One mail may land in several mailboxes, so nothing ends the script, and none is passed over for another."""
    assert not {"stop;", "elsif"} & set(by_groups().split())
    assert by_groups().split().count("else") == 2


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
    """That is whom neither the server's query nor its address book knows; who is in a group is known in any case."""
    script = by_groups(Categories((Category("Feed"),)))
    known = rf'anyof (jmapquery "{{\"fromAnyContact\": true}}", {asks("FEED")})'
    assert block(script, "Whom the server knows").startswith(f"if {known} {{")
    contact = 'if address :list "from" "urn:ietf:params:sieve:addrbook:default"'
    screening = 'else { fileinto :mailboxid "SCREENER" "Screener"; }'
    assert " ".join(script.split("# By address")[1].split()).endswith(f"{contact} {{ }} {screening} }}")


def test_members_whom_the_query_does_not_see_are_filed_by_address() -> None:
    """The same rule applies as if it saw them, and they are not screened."""
    senders = Senders({"FEED": ["bob@example.com"]}, contact_by_list(()))
    script = by_groups(Categories((Category("Feed"),)), senders=senders)
    seen, unseen = script.split("# By address")
    assert ("bob@example.com" in seen, "fileinto" in block(unseen, "Feed")) == (False, True)
    check_script(script, SieveOptions())


def test_the_query_is_not_believed_of_whom_it_may_mistake() -> None:
    """Of a sender who looks like a contact to it, and of addresses with more than ASCII, where that can be tested."""
    senders = Senders({}, contact_by_list(()), ["zero@example.org"])
    script = by_groups(Categories((Category("Feed"),)), senders=senders, extensions=(*EXTENSIONS, "regex"))
    mistakable = 'not anyof (address :regex "from" "[^!-~]", address :is "from" ["zero@example.org"])'
    assert block(script, "Whom the server knows").startswith(f"if allof ({mistakable}, anyof (")


def test_addresses_age_without_making_it_another_script() -> None:
    """A member who is moved by hand is in the other group at once."""
    senders = Senders({"FEED": ["bob@example.com"]}, contact_by_list(()))
    assert without_addresses(by_groups(senders=senders)) == without_addresses(by_groups())
    assert without_addresses(by_groups(FAMILY)) != without_addresses(by_groups())


def test_without_a_screener_strangers_stay_in_the_inbox() -> None:
    """Nothing is filed where nobody looks."""
    assert "screener" not in by_groups(DEFAULT_CATEGORIES, "Screener").lower()
    assert "Strangers" not in address_script((), targets(without=["Screener"]), EXTENSIONS, NOBODY_KNOWN)


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
    nothing = targets(FAMILY, without=[*names, "Screener"])
    assert address_script(routing_rules(FAMILY), nothing, EXTENSIONS, Senders({})) == f"{MARK}\r\n"


@given(st.text())
def test_it_tells_whose_place_it_has_taken(name: str) -> None:
    """Whatever that one is called, the script is still the same script."""
    script = with_predecessor(by_groups(), name)
    assert predecessor_of(script) == name
    assert (script.startswith(MARK), with_predecessor(by_groups(), None)) == (True, by_groups())
    check_script(script, SieveOptions())


@pytest.mark.parametrize(
    "line", ["", "# Feed", '# It was activated in the place of "', "# It was activated in the place of 3"]
)
def test_a_note_that_cannot_be_read(line: str) -> None:
    """Is none."""
    assert predecessor_of(f"{MARK}\r\n{line}\r\n") is None


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


def test_whom_a_rule_has_filed_is_no_stranger() -> None:
    """Though the server's own query does not see the sender."""
    senders = Senders({"IMBOX": ["ann@example.com"]})
    script = address_script(routing_rules(FAMILY), targets(FAMILY), EXTENSIONS, senders, asks_query=True)
    known = r'anyof (jmapquery "{\"fromAnyContact\": true}", address :is "from" ["ann@example.com"])'
    assert block(script, "Strangers") == f'if not {known} {{ fileinto :mailboxid "SCREENER" "Screener"; }}'


def test_an_address_that_looks_like_a_pattern_is_itself() -> None:
    """Nothing that Mailroom writes is a wildcard to a server."""
    script = by_addresses({"IMBOX": ["*@example.com", "a?b*@example.com"]})
    assert 'address :is "from" ["*@example.com", "a?b*@example.com"]' in script
    assert ":matches" not in script + by_groups()


def test_ways_to_be_a_contact() -> None:
    """By the server's default book and these addresses, or the addresses themselves."""
    assert contact_by_list(["a@example.com"]).text.startswith(
        'anyof (address :list "from" "urn:ietf:params:sieve:addrbook'
    )
    assert contact_by_address(["a@example.com"]).text == 'address :is "from" ["a@example.com"]'
