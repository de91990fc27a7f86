"""A small account, as values, for the tests of what is pure in triage."""

from collections.abc import Iterable

from mailroom.contacts.book import Group
from mailroom.core.categories import DEFAULT_CATEGORIES, Category
from mailroom.model.groups import Groups
from mailroom.model.known_mailboxes import KnownMailboxes
from mailroom.model.mail import Mail, Sender
from mailroom.triage.plan import Planner
from mailroom.triage.taps import Tap


def category(name: str) -> Category:
    found = DEFAULT_CATEGORIES.by_name(name)
    assert found is not None
    return found


def sender(address: str = "bob@example.com", name: str = "") -> Sender:
    return Sender(address, address, name)


def mail(identity: str, mailboxes: Iterable[str], of: Sender | None = None) -> Mail:
    return Mail(identity, of or sender(), frozenset(mailboxes))


def tap(category_name: str, *mails: Mail, name: str = "Bob Stone") -> Tap:
    return Tap("bob@example.com", "Bob@example.com", name, category(category_name), mails)


KNOWN_MAILBOXES = KnownMailboxes(
    labels={each.label: each for each in DEFAULT_CATEGORIES},
    destinations={each.name: each.destination_mailbox for each in DEFAULT_CATEGORIES},
    screener="Screener",
    inbox="Inbox",
    error_label="@MailroomError",
    warning_label="@MailroomWarning",
    never_swept=frozenset({"Trash", "Junk", "Drafts", "Sent"}),
    missing=(),
)
"""Every mailbox's id is its name."""


def groups(**members: Iterable[str]) -> Groups:
    """All groups of the default categories, their uid their name without spaces, with these members."""
    names = [*(each.contact_group for each in DEFAULT_CATEGORIES), "Mailroom"]
    made = [Group(name.replace(" ", ""), name, frozenset(members.get(name.replace(" ", ""), ()))) for name in names]
    return Groups(made, DEFAULT_CATEGORIES, "Mailroom")


def planner(known: Groups | None = None, mailboxes: KnownMailboxes = KNOWN_MAILBOXES) -> Planner:
    return Planner(DEFAULT_CATEGORIES, mailboxes, known or groups())
