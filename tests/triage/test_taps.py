"""What the labels ask for."""

from mailroom.model.mail import Mail
from mailroom.triage.taps import read_taps
from tests.triage.made_up import KNOWN_MAILBOXES, mail, sender

LABELS = KNOWN_MAILBOXES.labels


def test_the_label_names_the_category() -> None:
    """A mail in a label's mailbox asks for its sender to be filed there."""
    (tap,), _ = read_taps([mail("M1", ["Screener", "@ToFeed"])], LABELS)
    assert (tap.address, tap.category.name) == ("bob@example.com", "Feed")


def test_a_sender_is_triaged_once_however_many_mails_are_labelled() -> None:
    """All labelled mails of a sender make one tap."""
    labelled = [mail(f"M{number}", ["@ToFeed"]) for number in range(300)]
    (tap,), _ = read_taps(labelled, LABELS)
    assert len(tap.mails) == 300


def test_the_name_is_taken_from_the_first_mail_that_has_one() -> None:
    """A mail without a display name does not hide that of another."""
    labelled = [mail("M1", ["@ToFeed"]), mail("M2", ["@ToFeed"], sender(name="Bob Stone"))]
    (tap,), _ = read_taps(labelled, LABELS)
    assert tap.name == "Bob Stone"


def test_different_labels_on_one_sender_are_refused() -> None:
    """Nobody guesses which of two labels was meant, on whichever mails they are."""
    labelled = [mail("M1", ["@ToFeed"]), mail("M2", ["@ToJail"])]
    taps, (conflict,) = read_taps(labelled, LABELS)
    assert (taps, conflict.mails) == ([], tuple(labelled))


def test_two_labels_on_one_mail_are_refused() -> None:
    """A mail may contradict itself."""
    taps, conflicts = read_taps([mail("M1", ["@ToFeed", "@ToJail"])], LABELS)
    assert (taps, len(conflicts)) == ([], 1)


def test_a_conflict_holds_up_nobody_else() -> None:
    """Other senders are triaged beside it."""
    labelled = [mail("M1", ["@ToFeed", "@ToJail"]), mail("M2", ["@ToFeed"], sender("ann@example.com"))]
    (tap,), _ = read_taps(labelled, LABELS)
    assert tap.address == "ann@example.com"


def test_a_mail_without_a_sender_is_refused() -> None:
    """There is nobody to file."""
    taps, (conflict,) = read_taps([Mail("M1", None, frozenset({"@ToFeed"}), "it has no sender")], LABELS)
    assert (taps, [each.id for each in conflict.mails], conflict.reason) == ([], ["M1"], "it has no sender")
