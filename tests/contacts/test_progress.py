"""What becomes of a write while it is under way."""

from mailroom.contacts.book import ContactChanges, NewContact
from mailroom.contacts.progress import Progress, Regrouping

ANN = NewContact("ann", "ann@example.com", "Ann", "person")
NOBODY: frozenset[str] = frozenset()


def some(*uids: str) -> frozenset[str]:
    return frozenset(uids)


def test_all_join_first() -> None:
    """The first step has every join, and no departure."""
    progress = Progress(ContactChanges((ANN,), join={"g": some("ann", "bob")}, leave={"h": some("bob")}), {}, ())
    assert list(progress.joins()) == [Regrouping("g", some("ann", "bob"), NOBODY, some("ann", "bob"))]


def test_departures_follow() -> None:
    """The second step has the departures, in a group that others have joined too."""
    progress = Progress(ContactChanges(join={"g": some("ann")}, leave={"g": some("bob")}), {}, ())
    assert list(progress.leaves()) == [Regrouping("g", NOBODY, some("bob"), some("bob"))]


def test_second_step_may_be_empty() -> None:
    """Where all went well and nobody leaves, nothing is left to do."""
    assert not list(Progress(ContactChanges((ANN,), join={"g": some("ann")}), {}, ()).leaves())


def test_failed_contacts_stay() -> None:
    """A contact that has failed leaves nothing."""
    progress = Progress(ContactChanges(leave={"g": some("ann", "bob")}), {}, ())
    progress.has_failed(["ann"], "reason")
    assert list(progress.leaves()) == [Regrouping("g", NOBODY, some("bob"), some("bob"))]


def test_contact_that_was_not_created_is_taken_out() -> None:
    """A group does not go on naming a card that there is not."""
    progress = Progress(ContactChanges((ANN,), join={"g": some("ann", "bob")}), {"g": some("carol")}, ())
    progress.was_not_created("ann", "reason")
    [undo] = progress.leaves()
    assert (undo.join, undo.leave, progress.failures) == (some("bob"), some("ann"), {"ann": "reason"})


def test_taken_uid_is_replaced() -> None:
    """A contact whose uid was taken joins under another one, and the taken one goes."""
    progress = Progress(ContactChanges((ANN,), join={"g": some("ann")}), {}, ())
    progress.uid_was_taken("ann")
    [repair] = progress.leaves()
    assert progress.uid_of("ann") != "ann"
    assert (repair.join, repair.leave, repair.concerns) == (some(progress.uid_of("ann")), some("ann"), some("ann"))


def test_member_under_a_taken_uid_stays_if_it_was_there_before() -> None:
    """Whose uid it is may have been in the group all along."""
    progress = Progress(ContactChanges((ANN,), join={"g": some("ann")}), {"g": some("ann")}, ())
    progress.uid_was_taken("ann")
    [repair] = progress.leaves()
    assert (repair.join, repair.leave) == (some(progress.uid_of("ann")), NOBODY)


def test_uid_known_to_be_taken_is_never_used() -> None:
    """A uid that another card is known to have is replaced before anything is written."""
    progress = Progress(ContactChanges((ANN,), join={"g": some("ann")}), {}, taken={"ann"})
    [join] = progress.joins()
    assert join.join == some(progress.uid_of("ann")) != some("ann")
    assert not list(progress.leaves())


def test_first_reason_is_told() -> None:
    """Of several reasons for a contact the first one is kept."""
    progress = Progress(ContactChanges(), {}, ())
    progress.has_failed(["ann"], "first")
    progress.has_failed(["ann", "bob"], "second")
    assert progress.failures == {"ann": "first", "bob": "second"}
