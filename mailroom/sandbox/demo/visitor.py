"""A made-up user, who taps labels in a mail app."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Literal

from mailroom.core.addresses import canonical_address
from mailroom.core.categories import Category
from mailroom.core.config import MailroomSettings
from mailroom.sandbox.store.account import Account, Email

Occasion = Literal["new sender", "re-triage", "conflict", "decision"]
"""A sender's first label, a later one, two that contradict each other, and the user's choice between those two."""


@dataclass(frozen=True, slots=True)
class Gesture:
    """The labels that a user wants on mails of one sender, by the mails' ids; None for no label."""

    occasion: Occasion
    sender: str
    labels: Mapping[str, str | None]


class Visitor:
    """Thinks of gestures, carries them out, and sees whether they have had their effect.

    It never talks to the service: the account is all that there is between the two, as in life. The account has to have
    the mailboxes and labels of the settings, and some senders.
    """

    def __init__(self, account: Account, settings: MailroomSettings, random: Random) -> None:
        self._account = account
        self._settings = settings
        self._random = random
        self._triage_labels = frozenset(category.label for category in settings.categories)
        self._destinations = frozenset(category.destination_mailbox for category in settings.categories)
        self._roots = [category for category in settings.categories if category.parent is None]
        self._children = [category for category in settings.categories if category.parent is not None]

    @property
    def labels(self) -> frozenset[str]:
        """The mailboxes that say something about a mail rather than where it is: triage labels, and marks on mails."""
        return self._triage_labels | {self._settings.error_label, self._settings.warning_label}

    def gestures(self) -> Iterator[Gesture]:
        """One gesture after the other, for ever, each thought of when it is asked for.

        A round has a new sender, one for a category that has a parent, a re-triage, and a conflict with its decision.
        Once nobody waits in the screener any more, the user changes their mind about those triaged before.
        """
        while True:
            sender = self._somebody()
            yield self._tap(sender, self._roots)
            yield self._tap(self._somebody(), self._children or self._roots)
            yield self._tap(sender, self._roots)
            sender = self._somebody(with_mails=2)
            mail, other_mail = self._in_reach(sender)[:2]
            category, other_category = self._random.sample(self._new_to(mail, self._roots), 2)
            yield Gesture("conflict", sender, {mail.id: category.label, other_mail.id: other_category.label})
            yield Gesture("decision", sender, {mail.id: category.label, other_mail.id: None})

    def act(self, gesture: Gesture) -> None:
        """Label the mails, as a mail app does on the user's behalf."""
        for email_id, label in gesture.labels.items():
            wanted = set() if label is None else {label}
            unwanted = (self._account.names_of(email_id) & self._triage_labels) - wanted
            self._account.file(email_id, add=self._ids(wanted), remove=self._ids(unwanted))

    def is_done(self, gesture: Gesture) -> bool:
        """Whether the labels are worked off; of a conflict, whether every mail tells the user about it."""
        names = [self._account.names_of(email_id) for email_id in gesture.labels]
        if gesture.occasion == "conflict":
            return all(self._settings.error_label in each for each in names)
        return not any(self._triage_labels & each for each in names)

    def mails_from(self, sender: str) -> list[Email]:
        """All mails of a sender, wherever they are, the latest first."""
        mails = (mail for mail in self._account.emails.values() if _sender(mail) == sender)
        return sorted(mails, key=lambda mail: mail.received_at, reverse=True)

    def _tap(self, sender: str, categories: Sequence[Category]) -> Gesture:
        mail = self._in_reach(sender)[0]
        screened = self._settings.screener_mailbox in self._account.names_of(mail.id)
        category = self._random.choice(self._new_to(mail, categories))
        return Gesture("new sender" if screened else "re-triage", sender, {mail.id: category.label})

    def _new_to(self, mail: Email, categories: Iterable[Category]) -> list[Category]:
        """The categories that a mail is not filed under."""
        mailboxes = self._account.names_of(mail.id)
        return [category for category in categories if category.destination_mailbox not in mailboxes]

    def _somebody(self, with_mails: int = 1) -> str:
        """A sender with so many mails in the screener, or else one with so many in the destinations."""
        screener = frozenset({self._settings.screener_mailbox})
        candidates = self._senders(screener, with_mails) or self._senders(self._destinations, with_mails)
        return self._random.choice(candidates)

    def _senders(self, mailboxes: frozenset[str], with_mails: int) -> list[str]:
        mails = (mail for mail in self._account.emails.values() if mailboxes & self._account.names_of(mail.id))
        count = Counter(_sender(mail) for mail in mails)
        return sorted(sender for sender, number in count.items() if sender is not None and number >= with_mails)

    def _in_reach(self, sender: str) -> list[Email]:
        """A sender's mails where a user would tap them, the latest first."""
        mailboxes = self._destinations | {self._settings.screener_mailbox}
        return [mail for mail in self.mails_from(sender) if mailboxes & self._account.names_of(mail.id)]

    def _ids(self, names: Iterable[str]) -> list[str]:
        return [self._account.mailbox_id(name) for name in names]


def _sender(mail: Email) -> str | None:
    """The address that a mail is from, if it is from one."""
    return canonical_address(mail.senders[0]) if len(mail.senders) == 1 else None
