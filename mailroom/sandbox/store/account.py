"""The mail of one account: mailboxes, mails, and the states that tell what changed."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from twisted.internet.interfaces import IReactorTime

from mailroom.core.wall_clock import WallClock
from mailroom.sandbox.store.address_book import AddressBook
from mailroom.sandbox.store.journal import Journal
from mailroom.sandbox.store.message import Message, message_from_fields, parse_message
from mailroom.sandbox.store.scripts import Scripts
from mailroom.sandbox.store.words import index_message


@dataclass(slots=True)
class Mailbox:
    """A mailbox. Renaming, moving and subscribing go through `Account.change_mailbox`, which keeps the states."""

    id: str
    name: str
    role: str | None = None
    parent_id: str | None = None
    is_subscribed: bool = True
    sort_order: int = 0
    email_ids: set[str] = field(default_factory=set)


@dataclass(slots=True)
class Email:
    """A mail in the account. `received_at` is in seconds since the epoch."""

    id: str
    message: Message
    blob_id: str
    received_at: float
    indexed_at: float
    mailbox_ids: set[str]
    keywords: set[str]
    words: Mapping[str, frozenset[str]]

    @property
    def thread_id(self) -> str:
        return f"T{self.id}"

    @property
    def senders(self) -> list[str]:
        """The addresses that the mail is from, as spelled there."""
        lists = self.message.address_lists("from")
        return [address["email"] or "" for address in lists[-1]] if lists else []


class Account:
    """Holds everything, and notes each change in the journal.

    The methods are what a user at a mail app, a delivery agent or a test would do; JMAP's methods call them too.
    """

    def __init__(self, clock: IReactorTime, *, index_lag: float = 0.0, wall_clock: WallClock | None = None) -> None:
        self._clock = clock
        self._wall_clock = wall_clock or clock.seconds
        self._index_lag = index_lag
        self._last_id = 0
        self.journal = Journal()
        self.mailboxes: dict[str, Mailbox] = {}
        self.emails: dict[str, Email] = {}
        self.blobs: dict[str, tuple[str, bytes]] = {}
        self.address_book = AddressBook(self._wall_clock, self.journal)
        self.scripts = Scripts(self.journal)

    @property
    def now(self) -> float:
        """The time that mails are dated by, in seconds since the epoch."""
        return self._wall_clock()

    def new_book(self) -> AddressBook:
        """Another address book, which notes its changes in the same journal."""
        return AddressBook(self._wall_clock, self.journal)

    # Mailboxes

    def add_mailbox(self, name: str, role: str | None = None, parent: str | None = None, **more: Any) -> str:
        """A new mailbox below the mailbox with the id `parent`; its id."""
        mailbox = Mailbox(self._new_id("P"), name, role, parent, **more)
        self.mailboxes[mailbox.id] = mailbox
        self.journal.created("Mailbox", mailbox.id)
        return mailbox.id

    def mailbox_id(self, path: str) -> str:
        """The id of a mailbox by its name, or by its path as in `Screener/Later`."""
        found: str | None = None
        for name in path.split("/"):
            found = next(box.id for box in self.mailboxes.values() if box.name == name and box.parent_id == found)
        if found is None:
            raise KeyError(path)
        return found

    def change_mailbox(self, mailbox_id: str, **changes: Any) -> None:
        """Give fields of a `Mailbox` other values."""
        for name, value in changes.items():
            setattr(self.mailboxes[mailbox_id], name, value)
        self.journal.updated("Mailbox", mailbox_id)

    def remove_mailbox(self, mailbox_id: str) -> None:
        """Destroy a mailbox; mails that are nowhere else go with it."""
        for email_id in tuple(self.mailboxes[mailbox_id].email_ids):
            self.file(email_id, remove=[mailbox_id])
        del self.mailboxes[mailbox_id]
        self.journal.destroyed("Mailbox", mailbox_id)

    # Mails

    def deliver(
        self,
        content: bytes | Mapping[str, Any],
        mailboxes: Iterable[str],
        keywords: Iterable[str] = (),
        received_at: float | None = None,
    ) -> str:
        """A new mail in mailboxes given by id, from the text of a message or its fields (`message_from_fields`)."""
        message = parse_message(content) if isinstance(content, bytes) else message_from_fields(content)
        email_id = self._new_id("M")
        email = Email(
            id=email_id,
            message=message,
            blob_id=self.keep_blob("message/rfc822", message.raw),
            received_at=self.now if received_at is None else received_at,
            indexed_at=self._clock.seconds() + self._index_lag,
            mailbox_ids=set(),
            keywords=set(keywords),
            words=index_message(message),
        )
        self.emails[email_id] = email
        self.journal.created("Email", email_id)
        self._file(email, set(mailboxes))
        return email_id

    def label(self, email_id: str, mailbox_id: str) -> None:
        """Put a label on a mail, as a tap in a mail app does."""
        self.file(email_id, add=[mailbox_id])

    def file(self, email_id: str, add: Iterable[str] = (), remove: Iterable[str] = ()) -> None:
        """Add a mail to mailboxes and take it out of others; out of its last one, it is destroyed, as on a Cyrus."""
        self.refile(email_id, self.emails[email_id].mailbox_ids - set(remove) | set(add))

    def refile(self, email_id: str, mailbox_ids: Iterable[str]) -> None:
        """Put a mail into exactly these mailboxes."""
        email = self.emails[email_id]
        wanted = set(mailbox_ids)
        if not wanted:
            self.remove_email(email_id)
        elif wanted != email.mailbox_ids:
            self.journal.updated("Email", email_id)
            self._file(email, wanted)

    def set_keywords(self, email_id: str, keywords: Iterable[str]) -> None:
        email = self.emails[email_id]
        wanted = set(keywords)
        if wanted != email.keywords:
            email.keywords = wanted
            self.journal.updated("Email", email_id)
            self._count(email.mailbox_ids)

    def remove_email(self, email_id: str) -> None:
        email = self.emails[email_id]
        self._file(email, set())
        del self.emails[email_id]
        self.blobs.pop(email.blob_id, None)
        self.journal.destroyed("Email", email_id)

    def names_of(self, email_id: str) -> set[str]:
        """The names of the mailboxes that a mail is in."""
        return {self.mailboxes[mailbox_id].name for mailbox_id in self.emails[email_id].mailbox_ids}

    def keep_blob(self, media_type: str, data: bytes) -> str:
        blob_id = self._new_id("G")
        self.blobs[blob_id] = (media_type, data)
        return blob_id

    def _file(self, email: Email, mailbox_ids: set[str]) -> None:
        changed = email.mailbox_ids ^ mailbox_ids
        for mailbox_id in changed:
            self.mailboxes[mailbox_id].email_ids ^= {email.id}
        email.mailbox_ids = mailbox_ids
        self._count(changed)

    def _count(self, mailbox_ids: Iterable[str]) -> None:
        for mailbox_id in mailbox_ids:
            self.journal.updated("Mailbox", mailbox_id, only_counts=True)

    def _new_id(self, prefix: str) -> str:
        self._last_id += 1
        return f"{prefix}{self._last_id}"
