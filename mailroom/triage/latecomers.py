"""Mail that its sender's triage came too late for: it is filed by one of the polls after that.

While a sender is being triaged its mail still comes to where strangers' mail waits, and so it does until the server
goes by the new groups, or has the new script. What comes before the labels go is filed with the rest. What comes later
is looked for by each poll of the following minute, at no cost until something is there. Only the names of the senders
and the state of the account are remembered: whether a mail is moved, and where to, is for the groups to say.
"""

from collections.abc import Iterable
from typing import Final

from mailroom.contacts.book import AddressBook
from mailroom.core.config import MailroomSettings
from mailroom.model.mail import Mail
from mailroom.triage.mailbox_patch import MailboxPatches
from mailroom.triage.scan import Scan
from mailroom.triage.snapshot import Snapshot
from mailroom.triage.sweep import Sweep

REMEMBERED_FOR: Final = 60.0
"""Seconds. The first poll after them looks once more."""


class Latecomers:
    """Remembers who was filed just now, and files what comes from them.

    `since` is the Email state after which new mail is to be asked for; None while nobody is remembered.
    """

    def __init__(self) -> None:
        self._filed_at: dict[str, float] = {}
        self._since: str | None = None

    @property
    def since(self) -> str | None:
        return self._since if self._filed_at else None

    def remember(self, addresses: Iterable[str], now: float) -> None:
        """Somebody with these addresses has been filed."""
        self._filed_at |= dict.fromkeys(addresses, now)

    def looked(self, began: float, complete_until: str | None) -> None:
        """A poll that began at this time has seen all new mail until this state."""
        self._since = complete_until
        self._filed_at = {address: at for address, at in self._filed_at.items() if began < at + REMEMBERED_FOR}

    async def file(
        self, scan: Scan, snapshot: Snapshot, book: AddressBook, settings: MailroomSettings, labelled: Iterable[str]
    ) -> int:
        """File what the scan found of them, as a sweep would; how many mails were moved.

        `labelled` are senders whose labels are acted on anyway. Mail that is no longer where new mail comes was put
        there by its user.
        """
        waiting = scan.mailboxes.managed | {scan.mailboxes.inbox}
        expected = self._filed_at.keys() - set(labelled)
        late = [mail for mail in scan.arrived if _address(mail) in expected and mail.mailboxes & waiting]
        if not late:
            return 0
        ids = {mail.id for mail in late}
        sweep = Sweep(settings, scan.mailboxes, await book.look_up({_address(mail) for mail in late}))

        def patches() -> MailboxPatches:
            mails = (mail for id_, mail in snapshot.mails.items() if id_ in ids and mail.mailboxes & waiting)
            return {mail.id: sweep.patch(mail) for mail in mails}

        await snapshot.write(patches)
        return len(ids & snapshot.written.keys())


def _address(mail: Mail) -> str:
    return mail.sender.address if mail.sender is not None else ""
