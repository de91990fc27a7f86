"""Where a mail belongs, given where its sender does: the one rule for taps, for sweeps and for filing by hand.

The rule becomes a patch of the mail's `mailboxIds`, and patches become Email/set. A patch names whole facts ("in Feed",
"not in Screener") and never counts or toggles, so writing it twice is writing it once.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from mailroom.core.categories import Categories, Category
from mailroom.jmap.set import Set
from mailroom.model.known_mailboxes import KnownMailboxes
from mailroom.model.mail import Mail

MAILS_PER_WRITE: Final = 1000
"""How many mails one write moves at most: enough for nearly every sender, little enough for a slow server."""

MailboxPatch = Mapping[str, bool | None]
"""Changes to a mail's mailboxes by mailbox id: True to be in it, None not to be (RFC 8620 section 5.3)."""

MailboxPatches = Mapping[str, MailboxPatch]
"""What to write, by mail id."""


@dataclass(frozen=True, slots=True)
class Destination:
    """Where the mail of a sender goes: into each of `mailboxes`, by id, and screened mail into the Inbox if asked."""

    mailboxes: frozenset[str]
    add_to_inbox: bool

    @classmethod
    def of(cls, categories: Iterable[Category], known: Categories, mailboxes: KnownMailboxes) -> "Destination":
        """The destination of a sender in these categories: all of their chains. Each mailbox must be there."""
        own = tuple(categories)
        return cls(
            mailboxes=frozenset(mailboxes.destinations[each.name] for each in known.chains(own)),
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
    # The Inbox is the user's: a mail may come into it, and is never taken out of it, even if a setting names it.
    unwanted = (mail.mailboxes & (mailboxes.managed | off)) - wanted - {mailboxes.inbox}
    if not unwanted and wanted <= mail.mailboxes:
        return {}
    # Every wanted mailbox, not only those that the mail seems to lack: see above.
    return dict.fromkeys(unwanted) | dict.fromkeys(wanted, True)


def changed_by(patch: MailboxPatch, mail: Mail) -> frozenset[str]:
    """The mailboxes that a mail comes into or leaves by a patch."""
    return frozenset(mailbox for mailbox, there in patch.items() if bool(there) != (mailbox in mail.mailboxes))


def set_operation(patches: MailboxPatches, if_in_state: str | None = None) -> Set:
    """The operation that writes the patches; with a state, only as long as no mail of the account has changed since."""
    return Set("Email", update={mail: _json(patch) for mail, patch in patches.items()}, if_in_state=if_in_state)


def _json(patch: MailboxPatch) -> dict[str, bool | None]:
    """The patch as a PatchObject. Ids need no escapes in its pointers (RFC 8620 section 1.2)."""
    return {f"mailboxIds/{mailbox}": there for mailbox, there in patch.items()}
