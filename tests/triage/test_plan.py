"""What is written for a sender, given what is there."""

from dataclasses import replace
from datetime import date

import pytest

from mailroom.contacts.address_variants import contact_uid
from mailroom.contacts.book import Contact, Directory
from mailroom.core.categories import DEFAULT_CATEGORIES
from mailroom.triage.plan import Filing, contact_changes, departures, shared_contact_conflicts
from tests.triage.made_up import KNOWN_MAILBOXES, groups, mail, planner, tap

TODAY = date(2026, 11, 23)
BOB = Contact("bob", frozenset({"bob@example.com"}), "Bob Stone")


def file(category: str, *contacts: Contact, **members: list[str]) -> Filing:
    """File Bob by a label on a mail in the screener; `members` are the groups as they are."""
    labelled = mail("tapped", ["Screener", PLACES_LABEL[category]])
    return planner(groups(**members)).file(tap(category, labelled), contacts)


PLACES_LABEL = {category.name: label for label, category in KNOWN_MAILBOXES.labels.items()}


# Contacts and groups


def test_an_unknown_sender_becomes_a_contact() -> None:
    """The contact has the address as the mail spells it, the display name, and the category's type."""
    create = file("Person").create
    assert create is not None
    assert (create.address, create.name, create.contact_type) == ("Bob@example.com", "Bob Stone", "person")


def test_a_created_contact_joins_the_group_and_the_provenance_group() -> None:
    """So that it can be told later whom Mailroom created."""
    assert file("Feed").join == {"Feed", "Mailroom"}


def test_a_contact_created_by_a_poll_that_was_cut_short_joins_the_provenance_group() -> None:
    """It is there already, but has the uid that only Mailroom gives."""
    created = Contact(contact_uid("bob@example.com"), frozenset({"bob@example.com"}))
    assert file("Feed", created, Feed=[created.uid]).join == {"Mailroom"}


def test_a_sender_joins_the_groups_of_the_whole_chain() -> None:
    """A parent means also: the child's contacts are in its group too."""
    assert file("Truck", BOB).join == {"Truck", "PaperTrail"}


def test_a_known_sender_is_adopted() -> None:
    """No second contact is created for an address that has one, and it does not count as Mailroom's own."""
    filing = file("Feed", BOB)
    assert filing.create is None
    assert (filing.contact, filing.join) == ("bob", frozenset({"Feed"}))


def test_the_same_sender_always_gets_the_same_uid() -> None:
    """A creation whose outcome is unknown can be repeated without making a second contact."""
    assert file("Feed").contact == file("Jail").contact


def test_retriage_leaves_the_groups_of_other_categories() -> None:
    """The server's rules find the sender in one chain only."""
    assert file("Feed", BOB, Imbox=["bob"], Person=["bob"]).leave == {"bob": {"Imbox", "Person"}}


def test_groups_of_both_chains_are_left_alone() -> None:
    """From one child to another the parent's group stays."""
    filing = file("Truck", BOB, PaperTrail=["bob"], Billboard=["bob"])
    assert filing.join == {"Truck"}
    assert filing.leave == {"bob": {"Billboard"}}


def test_other_groups_are_nobodys_business() -> None:
    """Only groups of categories are ever left."""
    assert file("Feed", BOB, Mailroom=["bob"]).leave == {}


def test_of_several_contacts_the_one_already_filed_joins_and_all_leave() -> None:
    """One address must not be in two categories through two contacts."""
    known = groups(Imbox=["bob2"], Jail=["bob3"])
    contacts = [Contact(uid, frozenset({"bob@example.com"})) for uid in ("bob1", "bob2", "bob3")]
    filing = planner(known).file(tap("Feed", mail("tapped", ["@ToFeed"])), contacts)
    assert filing.contact == "bob2"
    assert filing.leave == {"bob2": {"Imbox"}, "bob3": {"Jail"}}


def test_a_repeated_tap_writes_no_second_note() -> None:
    """A sender who is where the label asks for, and whose note says so, needs no change of contacts at all."""
    noted = replace(BOB, notes=("Mine", "Triaged to Feed on 2026-11-20", "Triaged to Jail on 2026-11-19"))
    assert not contact_changes([file("Feed", noted, Feed=["bob"])], TODAY)


@pytest.mark.parametrize("notes", [(), ("Triaged to Jail on 2026-11-20", "Triaged to Feed on 2026-11-19")])
def test_a_note_that_was_not_written_is_written_by_the_next_tap(notes: tuple[str, ...]) -> None:
    """Whenever the latest one says otherwise, and not only with a join: else it would be lost for ever."""
    changes = contact_changes([file("Feed", replace(BOB, notes=notes), Feed=["bob"])], TODAY)
    assert changes.notes == {"bob": "Triaged to Feed on 2026-11-23"}


def test_a_membership_that_outlived_its_card_ends() -> None:
    """A contact that was deleted by hand is still in its group by its uid, where the server leaves it there."""
    uid = contact_uid("bob@example.com")
    assert file("Feed", Jail=[uid]).leave == {uid: {"Jail"}}


@pytest.mark.parametrize(
    ("members", "note"),
    [({}, "Triaged to Feed on 2026-11-23"), ({"Jail": ["bob"]}, "Re-triaged to Feed on 2026-11-23")],
    ids=["first", "again"],
)
def test_a_note_records_the_triage(members: dict[str, list[str]], note: str) -> None:
    """The contact tells when and where to it was triaged, and whether it was somewhere before."""
    assert contact_changes([file("Feed", BOB, **members)], TODAY).notes == {"bob": note}


def test_departures_are_apart_from_joins() -> None:
    """What leaves a group is never in the same write as what joins one."""
    filing = file("Feed", BOB, Imbox=["bob"])
    assert not contact_changes([filing], TODAY).leave
    assert departures([filing]).leave == {"Imbox": {"bob"}}


def test_labels_that_tear_a_contact_apart_are_refused() -> None:
    """Two addresses of one contact cannot be in two categories."""
    shared = Contact("both", frozenset({"bob@example.com", "ann@example.com"}))
    to_feed = tap("Feed", mail("M1", ["@ToFeed"]))
    to_jail = replace(tap("Jail", mail("M2", ["@ToJail"])), address="ann@example.com")
    taps, conflicts = shared_contact_conflicts([to_feed, to_jail], Directory((shared,)))
    assert (taps, [conflict.mails[0].id for conflict in conflicts]) == ([], ["M1", "M2"])


def test_labels_that_agree_on_a_contact_are_fine() -> None:
    """Two addresses of one contact may go the same way."""
    shared = Contact("both", frozenset({"bob@example.com", "ann@example.com"}))
    taps = [tap("Feed"), replace(tap("Feed"), address="ann@example.com")]
    assert shared_contact_conflicts(taps, Directory((shared,))) == (taps, [])


# Names


@pytest.mark.parametrize(
    ("known", "told", "differs"),
    [
        ("Bob Stone", "Robert Stone", True),
        ("Bob  STONE", "bob stone", False),
        ("", "Bob", False),
        ("Bob", "", False),
        ("bob@example.com", "Bob", False),
        ("Bob", "bob@example.com", False),
    ],
)
def test_a_mismatch_is_two_different_names(known: str, told: str, differs: bool) -> None:  # noqa: FBT001 - a table's column
    """Case and spaces make no difference, and an address in place of a name tells none."""
    labelled = mail("M1", ["@ToFeed"])
    contact = Contact("bob", frozenset({"bob@example.com"}), known)
    filing = planner().file(tap("Feed", labelled, name=told), [contact])
    assert (filing.mismatch is not None) is differs


# What is missing


def test_a_category_is_told_what_it_lacks() -> None:
    """Filing needs every mailbox and every group of the chain."""
    mailboxes = replace(KNOWN_MAILBOXES, destinations={"Truck": "Truck"})
    truck = DEFAULT_CATEGORIES.by_name("Truck")
    assert truck is not None
    assert planner(mailboxes=mailboxes).lacks(truck) == ('mailbox "Paper Trail"',)
