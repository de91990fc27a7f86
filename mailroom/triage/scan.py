"""The first look of a poll: which mails carry a label, and where everything is."""

from dataclasses import dataclass

from mailroom.contacts.book import AddressBook, Directory
from mailroom.core.config import MailroomSettings
from mailroom.jmap.client import Client
from mailroom.jmap.get import Get
from mailroom.model.known_mailboxes import KnownMailboxes, find_known_mailboxes
from mailroom.model.mail import Mail, labelled_mails
from mailroom.model.mailboxes import MAILBOX_PROPERTIES, Mailbox


@dataclass(frozen=True, slots=True)
class Scan:
    """The labelled mails, the account's mailboxes, and the Email state that goes with them.

    `directory` is None unless the scan was asked to look at the groups as well. `left_out` tells in words what the
    server shows in such a way that it cannot be read.
    """

    mailboxes: KnownMailboxes
    labelled: tuple[Mail, ...]
    state: str | None
    directory: Directory | None
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

    async def scan(self, book: AddressBook | None = None) -> Scan:
        """Look at the labels; with a book, at its groups too."""
        every = Get("Mailbox", properties=MAILBOX_PROPERTIES)
        asked, query = self._labels, labelled_mails(self._labels, self._alternative)
        operations = [every, query] if asked else [every]
        directory = await book.look_up((), *operations) if book is not None else None
        if book is None:
            await self._client.run(*operations)
        present = [Mailbox.from_jmap(mailbox) for mailbox in every.objects]
        nameless = [f"the mailbox {mailbox.id}" for mailbox in present if not mailbox.name]
        mailboxes = find_known_mailboxes(present, self._settings)
        self._labels = frozenset(mailboxes.labels)
        if self._labels != asked:
            query = labelled_mails(self._labels, self._alternative)
            if self._labels:
                await self._client.run(query)
        self._alternative = query.alternative
        if not mailboxes.labels:
            return Scan(mailboxes, (), None, directory, tuple(nameless))
        mails = [Mail.from_jmap(email) for email in query.readable]
        placeless = [mail.id for mail in mails if not mail.mailboxes]
        left_out = (*nameless, *(f"the mail {id_}" for id_ in (*query.unreadable, *placeless)))
        # A query may lag behind, so only the mailboxes that a mail names count.
        labelled = tuple(mail for mail in mails if mail.mailboxes & mailboxes.labels.keys())
        return Scan(mailboxes, labelled, query.state, directory, left_out)
