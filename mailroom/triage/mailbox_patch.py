"""Where a mail belongs, given where its sender does: the one rule for taps, for sweeps and for filing by hand."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from mailroom.core.categories import Categories, Category
from mailroom.model.known_mailboxes import KnownMailboxes
from mailroom.model.mail import Mail

MailboxPatch = Mapping[str, bool | None]
"""Changes to a mail's mailboxes by mailbox id: True to be in it, None not to be (RFC 8620 section 5.3)."""


@dataclass(frozen=True, slots=True)
class Destination:
    """Where the mail of a sender goes: into each of `mailboxes`, by id, and screened mail into the Inbox if asked."""

    mailboxes: frozenset[str]
    add_to_inbox: bool

    @classmethod
    def of(cls, categories: Iterable[Category], known: Categories, mailboxes: KnownMailboxes) -> "Destination":
        """The destination of a sender in these categories: all of their chains. Each mailbox must be there."""
        own = tuple(categories)
        chains = {each.name for category in own for each in known.chain(category)}
        return cls(
            mailboxes=frozenset(mailboxes.destinations[name] for name in chains),
            add_to_inbox=any(category.add_to_inbox for category in own),
        )


def move(
    mail: Mail, destination: Destination, mailboxes: KnownMailboxes, off: frozenset[str] = frozenset()
) -> MailboxPatch:
    """What brings a mail to its destination; empty if it is there. `off` are labels that come off in the same breath.

    A patch names each mailbox to be in even if the mail seems to be in it: a server may destroy mail that leaves its
    last mailbox, and somebody may just have taken it out of the others.
    """
    if mail.mailboxes & (mailboxes.never_swept - mailboxes.managed):
        return {}
    wanted = set(destination.mailboxes)
    if destination.add_to_inbox and mailboxes.inbox and mailboxes.screener in mail.mailboxes:
        wanted.add(mailboxes.inbox)
    unwanted = (mail.mailboxes & (mailboxes.managed | off)) - wanted
    if not unwanted and wanted <= mail.mailboxes:
        return {}
    return dict.fromkeys(unwanted) | dict.fromkeys(wanted, True)
