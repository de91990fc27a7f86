"""Where a mail belongs. What a tap makes of it is with the tests of the plan."""

from dataclasses import replace

from mailroom.core.categories import DEFAULT_CATEGORIES
from mailroom.jmap.session import Limits
from mailroom.triage.mailbox_patch import Destination, MailboxPatch, changed_by, move, set_operation
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
    ((call,),) = set_operation({"M1": MOVE}).next_chains(Limits())
    assert call.arguments == {"update": {"M1": {"mailboxIds/Feed": True, "mailboxIds/Screener": None}}}


def test_a_guarded_patch_names_the_state_that_it_was_decided_on() -> None:
    """The server refuses it if any mail has changed since."""
    ((call,),) = set_operation({"M1": MOVE}, "s1").next_chains(Limits())
    assert call.arguments["ifInState"] == "s1"


def test_what_a_patch_changes_is_what_is_not_so_already() -> None:
    """It may name more."""
    assert changed_by(MOVE, mail("M1", ["Feed", "Screener"])) == {"Screener"}
