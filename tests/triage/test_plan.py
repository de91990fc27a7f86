"""What is written for a sender, given what is there."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailroom.contacts.address_variants import contact_uid
from mailroom.contacts.book import Contact, Directory
from mailroom.core.categories import DEFAULT_CATEGORIES
from mailroom.model.mail import Mail
from mailroom.triage.plan import Filing, contact_changes, departures, shared_contact_conflicts
from tests.triage.made_up import KNOWN_MAILBOXES, groups, mail, planner, tap

TODAY = date(2026, 11, 23)
BOB = Contact("bob", frozenset({"bob@example.com"}), "Bob Stone")


def file(category: str, *mails: Mail, contact: Contact | None = None, **members: list[str]) -> Filing:
    """File Bob by a label on a mail in the screener; `mails` are his others, `members` the groups as they are."""
    labelled = mail("tapped", ["Screener", PLACES_LABEL[category]])
    contacts = [contact] if contact else []
    return planner(groups(**members)).file(tap(category, labelled), contacts, [labelled, *mails])


PLACES_LABEL = {category.name: label for label, category in KNOWN_MAILBOXES.labels.items()}


def after(filing: Filing, before: Mail) -> frozenset[str]:
    """Where a mail is once all is written."""
    patch = {**filing.moves, **filing.finish}.get(before.id, {})
    return (before.mailboxes | {box for box, there in patch.items() if there}) - {
        box for box, there in patch.items() if not there
    }


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
    assert file("Feed", contact=created, Feed=[created.uid]).join == {"Mailroom"}


def test_a_sender_joins_the_groups_of_the_whole_chain() -> None:
    """A parent means also: the child's contacts are in its group too."""
    assert file("Truck", contact=BOB).join == {"Truck", "PaperTrail"}


def test_a_known_sender_is_adopted() -> None:
    """No second contact is created for an address that has one, and it does not count as Mailroom's own."""
    filing = file("Feed", contact=BOB)
    assert filing.create is None
    assert (filing.contact, filing.join) == ("bob", frozenset({"Feed"}))


def test_the_same_sender_always_gets_the_same_uid() -> None:
    """A creation whose outcome is unknown can be repeated without making a second contact."""
    assert file("Feed").contact == file("Jail").contact


def test_retriage_leaves_the_groups_of_other_categories() -> None:
    """The server's rules find the sender in one chain only."""
    assert file("Feed", contact=BOB, Imbox=["bob"], Person=["bob"]).leave == {"bob": {"Imbox", "Person"}}


def test_groups_of_both_chains_are_left_alone() -> None:
    """From one child to another the parent's group stays."""
    filing = file("Truck", contact=BOB, PaperTrail=["bob"], Billboard=["bob"])
    assert filing.join == {"Truck"}
    assert filing.leave == {"bob": {"Billboard"}}


def test_other_groups_are_nobodys_business() -> None:
    """Only groups of categories are ever left."""
    assert file("Feed", contact=BOB, Mailroom=["bob"]).leave == {}


def test_of_several_contacts_the_one_already_filed_joins_and_all_leave() -> None:
    """One address must not be in two categories through two contacts."""
    known = groups(Imbox=["bob2"], Jail=["bob3"])
    contacts = [Contact(uid, frozenset({"bob@example.com"})) for uid in ("bob1", "bob2", "bob3")]
    labelled = mail("tapped", ["@ToFeed"])
    filing = planner(known).file(tap("Feed", labelled), contacts, [labelled])
    assert filing.contact == "bob2"
    assert filing.leave == {"bob2": {"Imbox"}, "bob3": {"Jail"}}


def test_a_repeated_tap_writes_no_second_note() -> None:
    """A sender who is where the label asks for, and whose note says so, needs no change of contacts at all."""
    noted = replace(BOB, notes=("Mine", "Triaged to Feed on 2026-11-20", "Triaged to Jail on 2026-11-19"))
    assert not contact_changes([file("Feed", contact=noted, Feed=["bob"])], TODAY)


@pytest.mark.parametrize("notes", [(), ("Triaged to Jail on 2026-11-20", "Triaged to Feed on 2026-11-19")])
def test_a_note_that_was_not_written_is_written_by_the_next_tap(notes: tuple[str, ...]) -> None:
    """Whenever the latest one says otherwise, and not only with a join: else it would be lost for ever."""
    changes = contact_changes([file("Feed", contact=replace(BOB, notes=notes), Feed=["bob"])], TODAY)
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
    assert contact_changes([file("Feed", contact=BOB, **members)], TODAY).notes == {"bob": note}


def test_departures_are_apart_from_joins() -> None:
    """What leaves a group is never in the same write as what joins one."""
    filing = file("Feed", contact=BOB, Imbox=["bob"])
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


# Mail


@pytest.mark.parametrize(
    ("category", "before", "expected"),
    [
        ("Feed", {"Screener"}, {"Feed"}),
        ("Feed", {"Inbox"}, {"Inbox", "Feed"}),
        ("Feed", {"Screener", "Holidays"}, {"Feed", "Holidays"}),
        ("Feed", {"Archive"}, {"Archive", "Feed"}),
        ("Feed", {"Imbox", "Paper Trail"}, {"Feed"}),
        ("Feed", {"Feed", "Screener"}, {"Feed"}),
        ("Feed", {"Screener", "@MailroomError", "@MailroomWarning"}, {"Feed"}),
        ("Truck", {"Screener"}, {"Truck", "Paper Trail"}),
        ("Paper Trail", {"Truck", "Paper Trail"}, {"Paper Trail"}),
        ("Imbox", {"Screener"}, {"Imbox", "Inbox"}),
        ("Imbox", {"Feed"}, {"Imbox"}),
        ("Person", {"Screener"}, {"Person", "Imbox"}),
    ],
)
def test_a_sweep_files_mail_by_the_chain(category: str, before: set[str], expected: set[str]) -> None:
    """Managed destinations and the screener give way to the chain's; Inbox is added to screened mail alone."""
    other = mail("other", before)
    assert after(file(category, other), other) == expected


@pytest.mark.parametrize("where", ["Trash", "Junk", "Drafts", "Sent"])
def test_deleted_stays_deleted(where: str) -> None:
    """Mail that was thrown away or is one's own is never swept, wherever else it lies."""
    assert "other" not in file("Feed", mail("other", [where, "Screener"])).moves


def test_a_labelled_mail_in_the_trash_only_loses_its_label() -> None:
    """The tap counts, the mail stays deleted."""
    labelled = mail("M1", ["Trash", "@ToFeed"])
    filing = planner().file(tap("Feed", labelled), [], [labelled])
    assert after(filing, labelled) == {"Trash"}


def test_mail_in_its_place_is_left_alone() -> None:
    """A sweep writes nothing that is so already."""
    assert "other" not in file("Feed", mail("other", ["Feed", "Inbox"])).moves


def test_the_labelled_mail_moves_with_the_last_write() -> None:
    """Its move and the end of its label are one patch, and no earlier one touches it."""
    filing = file("Feed", mail("other", ["Screener"]))
    assert (list(filing.moves), list(filing.finish)) == (["other"], ["tapped"])


def test_only_the_labels_that_were_seen_come_off() -> None:
    """A label put on meanwhile is another tap."""
    filing = file("Feed")
    assert [box for box, there in filing.finish["tapped"].items() if not there and box in KNOWN_MAILBOXES.labels] == [
        "@ToFeed"
    ]


def test_moved_mails_are_counted_and_others_are_not() -> None:
    """Mail that only loses a mark has not moved."""
    filing = file(
        "Feed", mail("moved", ["Screener"]), mail("marked", ["Feed", "@MailroomError"]), mail("there", ["Feed"])
    )
    assert filing.moved == {"tapped", "moved"}


@given(
    category=st.sampled_from(list(DEFAULT_CATEGORIES)),
    before=st.sets(
        st.sampled_from(
            ["Inbox", "Archive", "Screener", "Feed", "Imbox", "Jail", "Trash", "Sent", "@ToFeed", "@MailroomError"]
        ),
        min_size=1,
    ),
    is_labelled=st.booleans(),
)
def test_no_mail_is_ever_without_a_mailbox(category: object, before: set[str], is_labelled: bool) -> None:  # noqa: FBT001 - hypothesis passes it
    """Every patch puts the mail somewhere in the same breath, whatever was taken from under it meanwhile."""
    name = getattr(category, "name", "")
    each = mail("M1", before | {PLACES_LABEL[name]} if is_labelled else before)
    filing = planner().file(tap(name, *([each] if is_labelled else [])), [], [each])
    assert all(True in patch.values() for patch in [*filing.moves.values(), *filing.finish.values()])


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
    filing = planner().file(tap("Feed", labelled, name=told), [contact], [labelled])
    assert (filing.mismatch is not None) is differs


def test_a_mismatch_puts_the_warning_label_on() -> None:
    """The mail is filed all the same, and says that somebody should look."""
    labelled = mail("M1", ["@ToFeed", "Screener"])
    filing = planner().file(tap("Feed", labelled, name="Robert"), [BOB], [labelled])
    assert after(filing, labelled) == {"Feed", "@MailroomWarning"}


# What is missing


def test_a_category_is_told_what_it_lacks() -> None:
    """Filing needs every mailbox and every group of the chain."""
    mailboxes = replace(KNOWN_MAILBOXES, destinations={"Truck": "Truck"})
    truck = DEFAULT_CATEGORIES.by_name("Truck")
    assert truck is not None
    assert planner(mailboxes=mailboxes).lacks(truck) == ('mailbox "Paper Trail"',)
