"""What a reset takes back."""

from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailroom.contacts.address_variants import contact_uid
from mailroom.contacts.book import Contact, Directory, Group, Removal
from mailroom.core.categories import DEFAULT_CATEGORIES
from mailroom.model.mailboxes import Mailbox
from mailroom.sandbox.settings import SandboxSettings
from mailroom.setup.undo import ContactReturn, Fate, MailReturn, removable, return_contacts
from tests.triage.made_up import groups, mail

SETTINGS = SandboxSettings()
ROLES = {"Inbox": "inbox", "Archive": "archive", "Trash": "trash", "Junk": "junk"}
OURS = ["Screener", "@MailroomError", "@MailroomWarning"]
OURS += [name for each in DEFAULT_CATEGORIES for name in (each.label, each.destination_mailbox)]
BOB = contact_uid("bob@example.com")


def mailboxes(*names: str) -> list[Mailbox]:
    """Mailboxes whose id is their name."""
    return [Mailbox(name, name, None, ROLES.get(name)) for name in names]


def returning(*without: str, settings: SandboxSettings = SETTINGS) -> MailReturn:
    return MailReturn(mailboxes(*(name for name in [*OURS, *ROLES, "Mine"] if name not in without)), settings)


def after(before: Iterable[str], returning: MailReturn) -> set[str]:
    """Where a mail is once it is taken back."""
    patch = returning.patch(mail("M1", before))
    return (set(before) | {box for box, there in patch.items() if there}) - {
        box for box, there in patch.items() if not there
    }


# Mail


@pytest.mark.parametrize(
    ("before", "expected", "fate"),
    [
        ({"Feed"}, {"Screener"}, Fate.TO_SCREENER),
        ({"Truck", "Paper Trail"}, {"Screener"}, Fate.TO_SCREENER),
        ({"Imbox", "Inbox"}, {"Inbox"}, Fate.ELSEWHERE),
        ({"Feed", "Archive"}, {"Archive"}, Fate.ELSEWHERE),
        ({"Feed", "Mine"}, {"Mine"}, Fate.ELSEWHERE),
        ({"Feed", "Screener"}, {"Screener"}, Fate.ELSEWHERE),
        ({"Feed", "Trash"}, {"Trash"}, Fate.ELSEWHERE),
        ({"Screener", "@ToFeed"}, {"Screener"}, Fate.UNLABELLED),
        ({"Inbox", "@MailroomError"}, {"Inbox"}, Fate.UNLABELLED),
        ({"Feed", "@MailroomWarning"}, {"Screener"}, Fate.TO_SCREENER),
        ({"@ToFeed"}, {"Screener"}, Fate.TO_SCREENER),
        ({"Inbox"}, {"Inbox"}, None),
        ({"Screener"}, {"Screener"}, None),
    ],
)
def test_a_mail_goes_back(before: set[str], expected: set[str], fate: Fate | None) -> None:
    """It stays wherever else it is; only mail that is nowhere else waits in the screener again."""
    mails = returning()
    assert after(before, mails) == expected
    assert {each for each, count in mails.counts.items() if count} == ({fate} if fate else set())


def test_a_label_that_is_out_of_use_comes_off_too() -> None:
    """Warnings may have been switched off since one was put on."""
    assert after({"Inbox", "@MailroomWarning"}, returning(settings=SandboxSettings(warnings_enabled=False))) == {
        "Inbox"
    }


def test_a_mailbox_with_a_role_keeps_its_mail() -> None:
    """The account's junk is no mail that Mailroom put there."""
    jail = SandboxSettings(categories=[{"name": "Jail", "destination_mailbox": "Junk"}])
    assert after({"Junk"}, returning(settings=jail)) == {"Junk"}


def test_a_mailbox_with_a_plain_name_keeps_its_mail_and_is_not_removed() -> None:
    """It is the account's own though its server tells no role."""
    jail = SandboxSettings(categories=[{"name": "Jail", "destination_mailbox": "Spam"}])
    boxes = mailboxes("Spam", "@ToJail", "Screener")
    assert after({"Spam"}, MailReturn(boxes, jail)) == {"Spam"}
    assert "Spam" not in {mailbox.name for mailbox in removable(boxes, jail)}


def test_without_a_screener_mail_goes_to_the_inbox() -> None:
    """Somewhere it has to be."""
    assert after({"Feed"}, returning("Screener")) == {"Inbox"}


def test_without_any_place_for_it_mail_stays() -> None:
    """And is counted, so that somebody can be told."""
    mails = returning("Screener", "Inbox")
    assert after({"Feed"}, mails) == {"Feed"}
    assert mails.counts[Fate.STUCK] == 1


@given(st.sets(st.sampled_from([*OURS, *ROLES, "Mine"]), min_size=1))
def test_no_mail_is_ever_without_a_mailbox(before: set[str]) -> None:
    """Every patch puts the mail somewhere in the same breath, whatever was taken from under it meanwhile."""
    patch = returning().patch(mail("M1", before))
    assert not patch or True in patch.values()


@given(st.sets(st.sampled_from([*OURS, *ROLES, "Mine"]), min_size=1))
def test_a_second_reset_finds_nothing(before: set[str]) -> None:
    """What is taken back stays where it is."""
    assert returning().patch(mail("M1", after(before, returning()))) == {}


# Contacts


def contact(uid: str, *notes: str, untouched: bool = False) -> Contact:
    return Contact(uid, frozenset({"bob@example.com"}), "Bob", notes, untouched)


def taken_back(*contacts: Contact, theirs: Iterable[str] = (), **members: Iterable[str]) -> ContactReturn:
    known = groups(**members).all
    return return_contacts(Directory(contacts, (*known, Group("friends", "Friends", frozenset(theirs)))), SETTINGS)


NOTE = "Triaged to Feed on 2026-11-23"


def test_an_untouched_contact_of_mailrooms_is_deleted() -> None:
    """Nobody else has put anything into it."""
    bob = contact(BOB, NOTE, untouched=True)
    found = taken_back(bob, Feed=[BOB], Mailroom=[BOB])
    assert (found.deleted, found.kept, found.adopted) == ((bob,), (), ())


def test_one_whose_triage_was_cut_short_is_deleted_too() -> None:
    """It had not joined the provenance group, but has the uid that only Mailroom gives."""
    assert taken_back(contact(BOB, NOTE, untouched=True)).deleted != ()


@pytest.mark.parametrize("theirs", [(), (BOB,)], ids=["edited", "in a group of the user's"])
def test_a_contact_that_its_user_made_use_of_is_kept(theirs: tuple[str, ...]) -> None:
    """It loses its notes and its provenance."""
    bob = contact(BOB, NOTE, untouched=bool(theirs))
    found = taken_back(bob, theirs=theirs, Mailroom=[BOB])
    assert (found.deleted, found.kept) == ((), (bob,))


def test_a_kept_contact_is_kept_once() -> None:
    """A second reset finds nothing of Mailroom's in it."""
    assert taken_back(contact(BOB)).kept == ()


def test_an_adopted_contact_only_loses_its_notes() -> None:
    """It was there before."""
    bob = contact("bob", "met in May", NOTE)
    found = taken_back(bob, Feed=["bob"])
    assert (found.deleted, found.kept, found.adopted) == ((), (), (bob,))


def test_a_contact_that_only_is_in_a_group_is_none_of_ours() -> None:
    """It leaves the group, and that is all."""
    found = taken_back(contact("bob"), Feed=["bob"])
    assert found.adopted == ()
    assert found.members == {"Feed": {"bob"}}


def test_groups_are_emptied_of_everybody() -> None:
    """Also of members whose cards are no more; other groups are left alone."""
    found = taken_back(theirs=["bob"], Feed=["bob", "gone"], Mailroom=["bob"])
    assert found.members == {"Feed": {"bob", "gone"}}
    assert found.provenance == {"Mailroom": {"bob"}}


def test_the_provenance_is_the_last_to_go() -> None:
    """By it the contacts are found again, should all of this be cut short."""
    bob = contact(BOB, NOTE, untouched=True)
    steps = taken_back(bob, Feed=[BOB], Mailroom=[BOB]).removals()
    assert steps == (
        Removal(leave={"Feed": frozenset({BOB})}),
        Removal(delete=frozenset({BOB}), leave={"Mailroom": frozenset({BOB})}),
    )


def test_nothing_to_take_back_is_nothing_to_write() -> None:
    """An account without a trace is not asked for anything."""
    assert taken_back().removals() == ()


# Mailboxes


def test_only_mailrooms_own_mailboxes_are_removable() -> None:
    """None with a role, and none of the user's."""
    assert {mailbox.name for mailbox in removable(mailboxes(*OURS, *ROLES, "Mine"), SETTINGS)} == set(OURS)


def test_what_lies_in_a_mailbox_is_removed_before_it() -> None:
    """A mailbox with others in it cannot be removed."""
    nested = SandboxSettings(categories=["Feed", {"name": "Truck", "destination_mailbox": "Feed/Truck"}])
    tree = [Mailbox("feed", "Feed", None, None), Mailbox("truck", "Truck", "feed", None)]
    assert [mailbox.id for mailbox in removable(tree, nested)] == ["truck", "feed"]
