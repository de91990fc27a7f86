"""A made-up account that looks like a real one: some dozens of senders, some hundred mails, most of them to screen."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from random import Random
from typing import Any, Final

from mailroom.core.categories import DEFAULT_CATEGORIES, Categories, Category
from mailroom.sandbox.demo.people import OWNER, SENDERS, SUBJECTS, TEXTS, Kind, Sender
from mailroom.sandbox.store.account import Account

SCREENER: Final = "Screener"
PROVENANCE: Final = "Mailroom"
_MARKS: Final = ("@MailroomError", "@MailroomWarning")
_ROLES: Final = ("Inbox", "Archive", "Drafts", "Sent", "Trash", "Junk")
_ELSEWHERE: Final = ("Inbox", "Archive", "Trash")
_SHARE_ELSEWHERE: Final = 0.15
_SHARE_TRIAGED: Final = 0.25
_MAILS_OF_ONE: Final = (2, 18)
_DAY: Final = 86_400.0
_YEAR: Final = 365 * _DAY


@dataclass(frozen=True, slots=True)
class _Mail:
    sender: Sender
    received_at: float
    mailboxes: tuple[str, ...]


def populate(account: Account, seed: int = 1, categories: Categories = DEFAULT_CATEGORIES) -> None:
    """Fill an empty account: the same for the same seed, dated back from now.

    It has everything that the categories ask for: labels, destinations, the screener, contact groups. Some of the
    senders have been triaged before, and a few are contacts of the user's own.
    """
    random = Random(seed)  # noqa: S311 - made-up mails are no secret
    _add_roles(account)
    _add_places(account, categories)
    mails: list[_Mail] = []
    for sender in SENDERS:
        category = random.choice(list(categories)) if random.random() < _SHARE_TRIAGED else None
        _add_contact(account, categories, sender, category)
        chain = () if category is None else categories.chain(category)
        usual = tuple(each.destination_mailbox for each in chain) or (SCREENER,)
        mails += _mails(sender, usual, account.now, random)
    _deliver(mails, account, random)


def fill_inbox(account: Account, seed: int = 1) -> None:
    """Fill an empty account as its user has it before Mailroom: the same mail, and nothing of what Mailroom needs."""
    random = Random(seed)  # noqa: S311 - made-up mails are no secret
    _add_roles(account)
    mails: list[_Mail] = []
    for sender in SENDERS:
        _add_contact(account, DEFAULT_CATEGORIES, sender, None)
        mails += _mails(sender, ("Inbox",), account.now, random)
    _deliver(mails, account, random)


def _deliver(mails: Iterable[_Mail], account: Account, random: Random) -> None:
    for mail in sorted(mails, key=lambda mail: mail.received_at):
        seen = SCREENER not in mail.mailboxes and random.random() < 0.7  # noqa: PLR2004 - most of it has been read
        account.deliver(
            _message(mail, random),
            [account.mailbox_id(name) for name in mail.mailboxes],
            keywords=["$seen"] if seen else [],
            received_at=mail.received_at,
        )


def _add_roles(account: Account) -> None:
    for name in _ROLES:
        account.add_mailbox(name, role=name.lower())


def _add_places(account: Account, categories: Categories) -> None:
    destinations = [category.destination_mailbox for category in categories]
    labels = [category.label for category in categories]
    for name in dict.fromkeys([SCREENER, *destinations, *labels, *_MARKS]):
        account.add_mailbox(name)
    for group in dict.fromkeys([*(category.contact_group for category in categories), PROVENANCE]):
        account.address_book.add_group(group)


def _add_contact(account: Account, categories: Categories, sender: Sender, category: Category | None) -> None:
    """The contact of somebody triaged before, or of somebody whom the user knows anyway."""
    book = account.address_book
    if category is not None:
        uid = book.add_contact(sender.name or sender.address, sender.address, note=f"Triaged to {category.name}")
        for group in [*(each.contact_group for each in categories.chain(category)), PROVENANCE]:
            book.add_member(group, uid)
    elif sender.kind == "person" and sender.name:
        book.add_contact(sender.name, sender.address)


def _mails(sender: Sender, usual: tuple[str, ...], now: float, random: Random) -> Iterator[_Mail]:
    for _ in range(random.randint(*_MAILS_OF_ONE)):
        elsewhere = random.random() < _SHARE_ELSEWHERE
        mailboxes = (random.choice(_ELSEWHERE),) if elsewhere else usual
        yield _Mail(sender, now - random.uniform(0.0, _YEAR), mailboxes)


def _message(mail: _Mail, random: Random) -> dict[str, Any]:
    kind, domain = mail.sender.kind, mail.sender.address.rpartition("@")[2].lower()
    fields: dict[str, Any] = {
        "from": [{"name": mail.sender.name or None, "email": _spelled(mail.sender.address, random)}],
        "to": [OWNER],
        "Subject": _subject(kind, random),
        "Date": format_datetime(datetime.fromtimestamp(mail.received_at, UTC)),
        "Message-ID": f"<{random.getrandbits(64):x}@{domain}>",
        "preview": TEXTS[kind],
    }
    if kind in {"letter", "advert"}:
        fields["List-Id"] = f"<{kind}.{domain}>"
        fields["List-Unsubscribe"] = f"<https://{domain}/unsubscribe/{random.getrandbits(32):x}>"
    if kind != "person":
        fields["Auto-Submitted"] = "auto-generated"
    return fields


def _subject(kind: Kind, random: Random) -> str:
    template = random.choice(SUBJECTS[kind])
    return template.format(
        n=random.randint(100, 9999), hour=random.randint(9, 18), percent=random.choice([20, 30, 50, 70])
    )


def _spelled(address: str, random: Random) -> str:
    """An address as this mail spells it: some programs shout."""
    return address.upper() if random.random() < 0.05 else address  # noqa: PLR2004 - one in twenty
