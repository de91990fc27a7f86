"""What becomes of a write while it is under way."""

from mailroom.contacts.book import ContactChanges, NewContact
from mailroom.contacts.write_outcome import MembershipChange, WriteOutcome

ANN = NewContact("ann", "ann@example.com", "Ann", "person")
NOBODY: frozenset[str] = frozenset()


def some(*uids: str) -> frozenset[str]:
    return frozenset(uids)


def test_all_join_first() -> None:
    """The first step has every join, and no departure."""
    outcome = WriteOutcome(ContactChanges((ANN,), join={"g": some("ann", "bob")}, leave={"h": some("bob")}), {}, ())
    assert list(outcome.joins()) == [MembershipChange("g", some("ann", "bob"), NOBODY, some("ann", "bob"))]


def test_departures_follow() -> None:
    """The second step has the departures, in a group that others have joined too."""
    outcome = WriteOutcome(ContactChanges(join={"g": some("ann")}, leave={"g": some("bob")}), {}, ())
    assert list(outcome.leaves()) == [MembershipChange("g", NOBODY, some("bob"), some("bob"))]


def test_second_step_may_be_empty() -> None:
    """Where all went well and nobody leaves, nothing is left to do."""
    assert not list(WriteOutcome(ContactChanges((ANN,), join={"g": some("ann")}), {}, ()).leaves())


def test_failed_contacts_stay() -> None:
    """A contact that has failed leaves nothing."""
    outcome = WriteOutcome(ContactChanges(leave={"g": some("ann", "bob")}), {}, ())
    outcome.has_failed(["ann"], "reason")
    assert list(outcome.leaves()) == [MembershipChange("g", NOBODY, some("bob"), some("bob"))]


def test_contact_that_was_not_created_is_taken_out() -> None:
    """A group does not go on naming a card that there is not."""
    outcome = WriteOutcome(ContactChanges((ANN,), join={"g": some("ann", "bob")}), {"g": some("carol")}, ())
    outcome.was_not_created("ann", "reason")
    [undo] = outcome.leaves()
    assert (undo.join, undo.leave, outcome.failures) == (some("bob"), some("ann"), {"ann": "reason"})


def test_taken_uid_is_replaced() -> None:
    """A contact whose uid was taken joins under another one, and the taken one goes."""
    outcome = WriteOutcome(ContactChanges((ANN,), join={"g": some("ann")}), {}, ())
    outcome.uid_was_taken("ann")
    [repair] = outcome.leaves()
    assert outcome.uid_of("ann") != "ann"
    assert (repair.join, repair.leave, repair.concerns) == (some(outcome.uid_of("ann")), some("ann"), some("ann"))


def test_member_under_a_taken_uid_stays_if_it_was_there_before() -> None:
    """Whose uid it is may have been in the group all along."""
    outcome = WriteOutcome(ContactChanges((ANN,), join={"g": some("ann")}), {"g": some("ann")}, ())
    outcome.uid_was_taken("ann")
    [repair] = outcome.leaves()
    assert (repair.join, repair.leave) == (some(outcome.uid_of("ann")), NOBODY)


def test_uid_known_to_be_taken_is_never_used() -> None:
    """A uid that another card is known to have is replaced before anything is written."""
    outcome = WriteOutcome(ContactChanges((ANN,), join={"g": some("ann")}), {}, taken={"ann"})
    [join] = outcome.joins()
    assert join.join == some(outcome.uid_of("ann")) != some("ann")
    assert not list(outcome.leaves())


def test_first_reason_is_told() -> None:
    """Of several reasons for a contact the first one is kept."""
    outcome = WriteOutcome(ContactChanges(), {}, ())
    outcome.has_failed(["ann"], "first")
    outcome.has_failed(["ann", "bob"], "second")
    assert outcome.failures == {"ann": "first", "bob": "second"}
