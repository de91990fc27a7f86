"""What to write to mails, given who is filed where and the mails as they are now. No I/O.

It is asked anew whenever mails turn out to be no longer what they were, and makes nothing of mail that is in its place.
"""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from mailroom.model.known_mailboxes import KnownMailboxes
from mailroom.model.mail import Mail
from mailroom.triage.mailbox_patch import MailboxPatch, MailboxPatches, move
from mailroom.triage.plan import Filing


@dataclass(frozen=True, slots=True)
class MailPlan:
    """Plans for the mails of an account with these mailboxes."""

    mailboxes: KnownMailboxes

    def moves(self, filings: Iterable[Filing], mails: Iterable[Mail]) -> MailboxPatches:
        """The patches that bring the senders' mail to its place, but for the mail that carries their label.

        Mail from another address of a sender's contact that is labelled itself waits for what that label asks.
        """
        return {
            mail.id: patch
            for filing, mail in assigned(filings, mails)
            if not mail.mailboxes & self._label(filing)
            and (_is_own(mail, filing) or not self._asks(mail))
            and (patch := self._move(filing, mail))
        }

    def last(self, filings: Iterable[Filing], mails: Iterable[Mail]) -> MailboxPatches:
        """The patches of the labelled mails: each one's move, its label off, and the warning label on if it is due."""
        return {
            mail.id: self._last(filing, mail)
            for filing, mail in assigned(filings, mails)
            if mail.mailboxes & self._label(filing) and _is_own(mail, filing)
        }

    def marks(self, conflicting: Collection[str], mails: Iterable[Mail]) -> MailboxPatches:
        """The error label put on labelled mail that cannot be acted on, given by id, and taken off what has no label.

        So it goes with its reason, whichever way that went, and also if it was put on by hand: it says that a label
        waits for its user, and there is none.
        """
        patches = {mail.id: self._mark(mail, conflicting) for mail in mails}
        return {id_: patch for id_, patch in patches.items() if patch}

    def has_moved(self, changed: frozenset[str]) -> bool:
        """Whether a mail that came into or left these mailboxes has changed places, and not only labels."""
        return bool(changed - self.mailboxes.marks - self.mailboxes.labels.keys())

    def was_taken_out(self, mail: Mail, found_in: frozenset[str] | None) -> bool:
        """Whether somebody has taken a mail out of what is swept since the triage began: it is as if filed before."""
        if found_in is None or mail.mailboxes & self.mailboxes.managed:
            return False
        places = found_in - self.mailboxes.labels.keys() - self.mailboxes.marks
        return not places or bool(places & self.mailboxes.managed)

    def _last(self, filing: Filing, mail: Mail) -> MailboxPatch:
        off = mail.mailboxes & (self._label(filing) | self._marks_off(filing, mail))
        # Without a move it names where the mail stays: no patch may take a mail out of its last mailbox.
        last = dict(self._move(filing, mail)) or dict.fromkeys(mail.mailboxes - off, True)
        last |= dict.fromkeys(off)
        if filing.mismatch is not None and self.mailboxes.warning_label is not None:
            last[self.mailboxes.warning_label] = True
        return last

    def _move(self, filing: Filing, mail: Mail) -> MailboxPatch:
        destination = filing.destinations.get(mail.sender.address) if mail.sender else None
        return move(mail, destination, self.mailboxes, self._marks_off(filing, mail)) if destination else {}

    def _marks_off(self, filing: Filing, mail: Mail) -> frozenset[str]:
        """A triage takes marks off, unless a label that asks for something else has come: that may be why they are."""
        return frozenset() if self._asks(mail) - self._label(filing) else self.mailboxes.marks

    def _mark(self, mail: Mail, conflicting: Collection[str]) -> MailboxPatch:
        label = self.mailboxes.error_label
        if label is None:
            return {}
        if self._asks(mail):
            return {label: True} if mail.id in conflicting and label not in mail.mailboxes else {}
        home = self.mailboxes.screener or self.mailboxes.inbox
        stay = mail.mailboxes - {label} or frozenset(filter(None, [home]))
        # Where the mail stays is named, as above.
        return {label: None} | dict.fromkeys(stay, True) if label in mail.mailboxes and stay else {}

    def _label(self, filing: Filing) -> frozenset[str]:
        return frozenset(label for label, each in self.mailboxes.labels.items() if each == filing.tap.category)

    def _asks(self, mail: Mail) -> frozenset[str]:
        return mail.mailboxes & self.mailboxes.labels.keys()


def assigned(filings: Iterable[Filing], mails: Iterable[Mail]) -> Iterator[tuple[Filing, Mail]]:
    """Each mail that is any of these senders', or from another address of the contact of one of them."""
    every = tuple(filings)
    by_address = {address: filing for filing in every for address in filing.destinations}
    by_address |= {filing.tap.address: filing for filing in every}
    for mail in mails:
        if mail.sender is not None and mail.sender.address in by_address:
            yield by_address[mail.sender.address], mail


def _is_own(mail: Mail, filing: Filing) -> bool:
    return mail.sender is not None and mail.sender.address == filing.tap.address
