"""Every mail of an account, looked at once, and written where it differs."""

from collections import Counter
from collections.abc import Callable, Mapping
from typing import Final

from twisted.logger import Logger

from mailroom.jmap.client import Client
from mailroom.jmap.paging import Listing, pages
from mailroom.model.mail import SWEPT_PROPERTIES, Mail
from mailroom.triage.mailbox_patch import MAILS_PER_WRITE, MailboxPatch, MailboxPatches
from mailroom.triage.snapshot import Snapshot

_log = Logger()

Progress = Callable[[int, int], None]
"""Told after each page how many mails are looked at, and of how many."""

_ALL_MAIL: Final = Listing("Email", SWEPT_PROPERTIES, sort=({"property": "receivedAt", "isAscending": True},))
"""All of it, since what is moved then stays in the list, with new mail at the end, where a walk meets it."""


async def patch_all_mail(
    client: Client, patch_for: Callable[[Mail], MailboxPatch], progress: Progress, *, apply: bool
) -> Mapping[str, int]:
    """Show every mail to `patch_for`, and write the patches if they are to be applied.

    At most a page of mails is held at a time, and each page is written before the next one is read. So the walk may be
    broken off at any moment; another one finds only what is left to write. What changes between the reading and the
    writing is shown again. The answer counts the mails that a server refused to change, by reason. What concerns every
    mail is raised as a `MailroomError`.
    """
    refused: Counter[str] = Counter()
    before: frozenset[str] = frozenset()
    async for page in pages(client.run, _ALL_MAIL, MAILS_PER_WRITE):
        mails = [Mail.from_jmap(email) for email in page.objects if email["id"] not in before]
        for placeless in (mail.id for mail in mails if not mail.mailboxes):
            _log.warn("the server does not say where the mail {mail} is, so it stays there", mail=placeless)
        decisions = {mail: patch_for(mail) for mail in mails if mail.mailboxes}
        if apply:
            refused.update(await _write(Snapshot(client, decisions, page.state), patch_for, decisions))
        before = frozenset(page.ids)
        progress(page.end, max(page.end, page.total or 0))
    return refused


async def _write(
    snapshot: Snapshot, patch_for: Callable[[Mail], MailboxPatch], decisions: dict[Mail, MailboxPatch]
) -> list[str]:
    """Write what was decided on each mail, and decide again on those that change before that; the refusals' reasons."""

    def due() -> MailboxPatches:
        waiting = [mail for mail in snapshot.mails.values() if mail.id not in snapshot.written]
        decisions.update({mail: patch_for(mail) for mail in waiting if mail not in decisions})
        return {mail.id: decisions[mail] for mail in waiting}

    await snapshot.write(due)
    return list(snapshot.refused.values())


def staying(count: int) -> str:
    """How many mails a server refused to move, in words."""
    return "1 mail stays where it is" if count == 1 else f"{count} mails stay where they are"
