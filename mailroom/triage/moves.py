"""MailboxPatches to mails, on their way to the server."""

from collections.abc import Iterable, Mapping
from typing import Final

from mailroom.jmap.set import Set
from mailroom.triage.mailbox_patch import MailboxPatch

MAILS_PER_WRITE: Final = 1000
"""How many mails one write moves at most: enough for nearly every sender, little enough for a slow server."""

MailboxPatches = Mapping[str, MailboxPatch]
"""What to write, by mail id."""


def set_operations(patches: MailboxPatches) -> list[Set]:
    """The operations that write the patches, each of them a write of its own."""
    items = [(mail, _json(patch)) for mail, patch in patches.items()]
    starts = range(0, len(items), MAILS_PER_WRITE)
    return [Set("Email", update=dict(items[start : start + MAILS_PER_WRITE])) for start in starts]


def not_written(sets: Iterable[Set]) -> dict[str, str]:
    """Why mails were not changed, by mail id. A mail that is gone needs no change."""
    return {mail: str(error) for each in sets for mail, error in each.not_updated.items() if error.type != "notFound"}


def _json(patch: MailboxPatch) -> dict[str, bool | None]:
    """The patch as a PatchObject. Ids need no escapes in its pointers (RFC 8620 section 1.2)."""
    return {f"mailboxIds/{mailbox}": there for mailbox, there in patch.items()}
