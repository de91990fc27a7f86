"""The first look of a poll: which mails carry a label, which have just come, and where everything is."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import islice
from typing import Final

from mailroom.contacts.book import AddressBook, Directory
from mailroom.core.config import MailroomSettings
from mailroom.jmap.answers import malformed
from mailroom.jmap.changes import Changes
from mailroom.jmap.client import Client
from mailroom.jmap.errors import JmapError
from mailroom.jmap.fallback import FallbackQuery
from mailroom.jmap.get import Get
from mailroom.jmap.operation import Operation
from mailroom.model.known_mailboxes import KnownMailboxes, find_known_mailboxes
from mailroom.model.mail import SWEPT_PROPERTIES, Mail, labelled_mails
from mailroom.model.mailboxes import MAILBOX_PROPERTIES, Mailbox

_MARKED_AT_ONCE: Final = 1000
"""How many mails with the error label and no other are looked at in a poll: somebody may have put it on thousands."""


@dataclass(frozen=True, slots=True)
class Scan:
    """The labelled mails, the account's mailboxes, and the Email state that goes with them.

    `marked` are mails that carry the error label and no triage label (any more). `arrived` are the mails that are new
    since the state that the scan was told. `directory` is None unless it was asked to look at the groups as well.
    `left_out` tells in words what the server shows in such a way that it cannot be read.
    """

    mailboxes: KnownMailboxes
    labelled: tuple[Mail, ...]
    state: str | None
    directory: Directory | None
    marked: tuple[Mail, ...] = ()
    arrived: tuple[Mail, ...] = ()
    left_out: tuple[str, ...] = ()


class Scanner:
    """Scans in one round trip, though a label's mails can only be asked for by the id of its mailbox.

    The ids are those of the scan before; the mailboxes come along in the same answer. Only where these say otherwise,
    as at first, after a label was made or after one was replaced, is the question asked again.
    """

    def __init__(self, client: Client, settings: MailroomSettings) -> None:
        self._client = client
        self._settings = settings
        self._labels: frozenset[str] = frozenset()
        self._alternative = 0

    async def scan(self, book: AddressBook | None = None, since: str | None = None) -> Scan:
        """Look at the labels; with a book, at its groups too, and with an Email state, at what has come since."""
        every = Get("Mailbox", properties=MAILBOX_PROPERTIES)
        asked, query = self._labels, labelled_mails(self._labels, self._alternative)
        arrivals = _new_mail(since)
        operations: list[Operation] = [every, *([query] if asked else []), *arrivals]
        directory = await book.look_up((), *operations) if book is not None else None
        if book is None:
            await self._client.run(*operations)
        present = [Mailbox.from_jmap(mailbox) for mailbox in every.objects]
        nameless = [f"the mailbox {mailbox.id}" for mailbox in present if not mailbox.name]
        nameless += ["a mailbox without an id"] if every.unreadable else []
        mailboxes = find_known_mailboxes(present, self._settings)
        if nameless and mailboxes.screener is None:
            # It may be this one: taken for missing, mail would stay in it when its label is gone.
            raise malformed(
                "Mailbox/get", f"does not show {self._settings.screener_mailbox}, and {nameless[0]} instead"
            )
        self._labels = _asked_for(mailboxes)
        if self._labels != asked:
            query, arrivals = labelled_mails(self._labels, self._alternative), _new_mail(since)
            if self._labels:
                await self._client.run(query, *arrivals)
        self._alternative = query.alternative
        scan = Scan(mailboxes, (), None, directory, left_out=tuple(nameless), arrived=_arrived(arrivals))
        return _with_labelled(scan, query) if mailboxes.labels else scan


def _asked_for(mailboxes: KnownMailboxes) -> frozenset[str]:
    """The labels whose mails are asked for: those of taps, and the one that says that a tap cannot be acted on."""
    if not mailboxes.labels:
        return frozenset()
    return frozenset(filter(None, [*mailboxes.labels, mailboxes.error_label]))


def _new_mail(since: str | None) -> list[Changes]:
    return [] if since is None else [Changes("Email", since, SWEPT_PROPERTIES)]


def _arrived(arrivals: Iterable[Changes]) -> tuple[Mail, ...]:
    """What has come. It is looked for out of courtesy, so a server that does not know spoils nothing."""
    try:
        return tuple(Mail.from_jmap(email) for changes in arrivals for email in changes.created)
    except JmapError:
        return ()


def _with_labelled(scan: Scan, query: FallbackQuery) -> Scan:
    mails = [Mail.from_jmap(email) for email in query.readable]
    placeless = [mail.id for mail in mails if not mail.mailboxes]
    # A query may lag behind, so only the mailboxes that a mail names count.
    labelled = tuple(mail for mail in mails if mail.mailboxes & scan.mailboxes.labels.keys())
    others = (mail for mail in mails if not mail.mailboxes & scan.mailboxes.labels.keys())
    marked = (mail for mail in others if scan.mailboxes.error_label in mail.mailboxes)
    return replace(
        scan,
        labelled=labelled,
        state=query.state,
        marked=tuple(islice(marked, _MARKED_AT_ONCE)),
        left_out=(*scan.left_out, *(f"the mail {id_}" for id_ in (*query.unreadable, *placeless))),
    )
