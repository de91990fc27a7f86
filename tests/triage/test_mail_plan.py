"""What is written to mails, given who is filed where."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailroom.contacts.book import Contact
from mailroom.core.categories import DEFAULT_CATEGORIES
from mailroom.model.mail import Mail
from mailroom.triage.mail_plan import MailPlan
from mailroom.triage.mailbox_patch import MailboxPatch, MailboxPatches, changed_by
from mailroom.triage.plan import Filing
from tests.triage.made_up import KNOWN_MAILBOXES, groups, mail, planner, sender, tap

BOB = Contact("bob", frozenset({"bob@example.com"}), "Bob Stone")
BOTH = Contact("both", frozenset({"bob@example.com", "rob@example.org"}), "Bob Stone")
PLAN = MailPlan(KNOWN_MAILBOXES)
LABELS = {category.name: label for label, category in KNOWN_MAILBOXES.labels.items()}


def filing(category: str, *contacts: Contact, name: str = "Bob Stone", **members: list[str]) -> Filing:
    """Bob is filed; `members` are the groups as they are."""
    return planner(groups(**members)).file(tap(category, name=name), contacts)


def moves(filed: Filing, *mails: Mail) -> MailboxPatches:
    return PLAN.moves([filed], mails)


def last(filed: Filing, *mails: Mail) -> MailboxPatches:
    return PLAN.last([filed], mails)


def after(filed: Filing, before: Mail) -> frozenset[str]:
    """Where a mail is once all is written."""
    patch = {**moves(filed, before), **last(filed, before)}.get(before.id, {})
    return before.mailboxes ^ changed_by(patch, before)


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
    assert after(filing(category), other) == expected


@pytest.mark.parametrize("where", ["Trash", "Junk", "Drafts", "Sent"])
def test_deleted_stays_deleted(where: str) -> None:
    """Mail that was thrown away or is one's own is never swept, wherever else it lies."""
    assert moves(filing("Feed"), mail("other", [where, "Screener"])) == {}


def test_a_labelled_mail_in_the_trash_only_loses_its_label() -> None:
    """The tap counts, the mail stays deleted."""
    labelled = mail("M1", ["Trash", "@ToFeed"])
    assert after(filing("Feed"), labelled) == {"Trash"}


def test_mail_in_its_place_is_left_alone() -> None:
    """A sweep writes nothing that is so already."""
    assert moves(filing("Feed"), mail("other", ["Feed", "Inbox"])) == {}


def test_the_labelled_mail_moves_with_the_last_write() -> None:
    """Its move and the end of its label are one patch, and no earlier one touches it."""
    mails = [mail("tapped", ["Screener", "@ToFeed"]), mail("other", ["Screener"])]
    assert (list(moves(filing("Feed"), *mails)), list(last(filing("Feed"), *mails))) == (["other"], ["tapped"])


def test_only_the_label_that_was_acted_on_comes_off() -> None:
    """A label put on meanwhile is another tap, and what marks the mail may be due to it."""
    labelled = mail("tapped", ["Screener", "@ToFeed", "@ToJail", "@MailroomError"])
    assert after(filing("Feed"), labelled) == {"Feed", "@ToJail", "@MailroomError"}


def test_labels_and_marks_are_no_places() -> None:
    """Mail that only loses one of them has not moved."""
    assert not PLAN.has_moved(frozenset({"@ToFeed", "@MailroomError"}))
    assert PLAN.has_moved(frozenset({"@ToFeed", "Screener", "Feed"}))


def test_nobody_elses_mail_is_moved() -> None:
    """Whatever else is looked at."""
    assert moves(filing("Feed", BOB), mail("other", ["Screener"], sender("rob@example.org"))) == {}


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
    each = mail("M1", before | {LABELS[name]} if is_labelled else before)
    patches: list[MailboxPatch] = [*moves(filing(name), each).values(), *last(filing(name), each).values()]
    patches += [*PLAN.marks({"M1"}, [each]).values(), *PLAN.marks((), [each]).values()]
    assert all(True in patch.values() for patch in patches)


def test_a_mismatch_puts_the_warning_label_on() -> None:
    """The mail is filed all the same, and says that somebody should look."""
    labelled = mail("M1", ["@ToFeed", "Screener"])
    assert after(filing("Feed", BOB, name="Robert"), labelled) == {"Feed", "@MailroomWarning"}


# Other addresses of the contact


def test_mail_from_every_address_of_the_contact_is_moved() -> None:
    """The group has the contact with both of its addresses."""
    other = mail("other", ["Screener"], sender("rob@example.org"))
    assert after(filing("Feed", BOTH), other) == {"Feed"}


def test_mail_of_another_contact_with_the_address_lies_with_both() -> None:
    """As a sweep files it, and as the server's rules do."""
    other = mail("other", ["Screener"], sender("rob@example.org"))
    rob = Contact("rob", frozenset({"rob@example.org"}))
    assert after(filing("Feed", BOTH, rob, Jail=["rob"]), other) == {"Feed", "Jail"}


def test_labelled_mail_from_another_address_waits_for_what_its_label_asks() -> None:
    """It is neither moved nor unlabelled on behalf of this one."""
    other = mail("other", ["Screener", "@ToFeed"], sender("rob@example.org"))
    assert after(filing("Feed", BOTH), other) == other.mailboxes


# Marks


@pytest.mark.parametrize(
    ("before", "conflicting", "expected"),
    [
        ({"Screener", "@ToFeed"}, True, {"Screener", "@ToFeed", "@MailroomError"}),
        ({"Screener", "@ToFeed", "@MailroomError"}, True, {"Screener", "@ToFeed", "@MailroomError"}),
        ({"Screener", "@ToFeed", "@MailroomError"}, False, {"Screener", "@ToFeed", "@MailroomError"}),
        ({"Screener"}, True, {"Screener"}),
        ({"Screener", "@MailroomError"}, True, {"Screener"}),
        ({"Archive", "@MailroomError"}, False, {"Archive"}),
        ({"@MailroomError"}, False, {"Screener"}),
    ],
)
def test_the_error_label_stands_beside_a_label_that_cannot_be_acted_on(
    before: set[str],
    conflicting: bool,  # noqa: FBT001 - a table's column
    expected: set[str],
) -> None:
    """It comes with a conflict, and off where there is no label any more; a mail that is nowhere else is screened."""
    each = mail("M1", before)
    patch = PLAN.marks({"M1"} if conflicting else (), [each]).get("M1", {})
    assert each.mailboxes ^ changed_by(patch, each) == expected
