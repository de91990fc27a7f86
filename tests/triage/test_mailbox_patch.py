"""Where a mail belongs. What a tap makes of it is with the tests of the plan."""

from dataclasses import replace

from mailroom.core.categories import DEFAULT_CATEGORIES
from mailroom.jmap.session import Limits
from mailroom.triage.mailbox_patch import MAILS_PER_WRITE, Destination, MailboxPatch, move, not_written, set_operations
from tests.triage.made_up import KNOWN_MAILBOXES, category, mail


def destination(*names: str) -> Destination:
    return Destination.of([category(name) for name in names], DEFAULT_CATEGORIES, KNOWN_MAILBOXES)


def test_a_destination_is_the_whole_chain() -> None:
    """A parent means also."""
    assert destination("Truck").mailboxes == {"Truck", "Paper Trail"}


def test_several_categories_mean_all_of_their_chains() -> None:
    """One mail can lie in several mailboxes, and the Inbox is added if any of the categories says so."""
    assert destination("Imbox", "Truck") == Destination(frozenset({"Imbox", "Truck", "Paper Trail"}), add_to_inbox=True)


def test_the_inbox_is_not_inherited() -> None:
    """The child decides for itself."""
    assert not destination("Person").add_to_inbox


def test_labels_come_off_only_if_asked() -> None:
    """Whoever only moves mail leaves the marks to those who can tell whether they are still due."""
    marked = mail("M1", ["Screener", "@MailroomError"])
    assert "@MailroomError" not in move(marked, destination("Feed"), KNOWN_MAILBOXES)
    assert move(marked, destination("Feed"), KNOWN_MAILBOXES, KNOWN_MAILBOXES.marks)["@MailroomError"] is None


def test_a_destination_that_is_never_swept_otherwise_is_swept() -> None:
    """Junk can be where a category's mail goes, and then gives it back as well."""
    mailboxes = replace(KNOWN_MAILBOXES, destinations={**KNOWN_MAILBOXES.destinations, "Jail": "Junk"})
    assert move(mail("M1", ["Junk"]), destination("Feed"), mailboxes) == {"Junk": None, "Feed": True}


MOVE: MailboxPatch = {"Feed": True, "Screener": None}


def test_a_patch_names_mailboxes_by_pointer() -> None:
    """RFC 8620 section 5.3: the rest of the mail's mailboxes stays as it is."""
    (operation,) = set_operations({"M1": MOVE})
    ((call,),) = operation.next_chains(Limits())
    assert call.arguments == {"update": {"M1": {"mailboxIds/Feed": True, "mailboxIds/Screener": None}}}


def test_many_patches_are_several_writes() -> None:
    """No write keeps a slow server busy for long."""
    assert len(set_operations({f"M{number}": MOVE for number in range(2 * MAILS_PER_WRITE + 1)})) == 3


def test_no_patch_is_no_write() -> None:
    """Nothing is asked of the server then."""
    assert set_operations({}) == []


def test_a_mail_that_is_gone_needs_no_change() -> None:
    """All other conflicts are told, by mail and with the reason."""
    operations = set_operations({"gone": MOVE, "kept": MOVE, "moved": MOVE})
    (operation,) = operations
    operation.next_chains(Limits())
    refused = {"gone": {"type": "notFound"}, "kept": {"type": "forbidden"}}
    operation.receive([[{"updated": {"moved": None}, "notUpdated": refused}]])
    assert not_written(operations) == {"kept": "forbidden"}
