"""What was done in a run, by whom, and what has to hold because of it.

It is the reference: it knows what its user asked for, and nothing of how the service works. Whatever the service writes
is held against the rules of the README at the moment of the write; what came of all taps is looked at in the end.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from mailroom.contacts.notes import TriageNote
from mailroom.sandbox.store.address_book import Card
from tests.simulation.people import (
    ERROR_LABEL,
    GROUPS,
    LABELS,
    MANAGED,
    NAMES,
    PROVENANCE,
    USABLE,
    WARNING_LABEL,
    category_of,
    chain,
    sender_of,
)
from tests.simulation.snapshot import Snapshot

USER = "user"


@dataclass(frozen=True, slots=True)
class Triaged:
    """A label was taken off by the service: the sender is in this category since `at`, by a poll that had `began`."""

    category: str
    began: float
    at: float


@dataclass(slots=True)
class History:
    """Follows the account from snapshot to snapshot."""

    index_lag: float
    """How long after its arrival a search finds a mail."""
    last: Snapshot
    senders: dict[str, str] = field(default_factory=dict)
    """The sender of each mail, by id."""
    arrived: dict[str, float] = field(default_factory=dict)
    handled: dict[str, float] = field(default_factory=dict)
    """When its user, or a delivery, last changed where a mail is."""
    tapped: dict[str, float] = field(default_factory=dict)
    """When a label was last put on mail of a sender, or taken off it, by the user."""
    edited: dict[str, float] = field(default_factory=dict)
    """When the user last edited what decides on a sender's groups."""
    furnished: float = 0.0
    """When the user last changed mailboxes, or groups by their names."""
    triaged: dict[str, Triaged] = field(default_factory=dict)
    noted: dict[str, tuple[str, float]] = field(default_factory=dict)
    """The last note that the service wrote for a sender, and when."""

    def note(self, actor: str, now: float, after: Snapshot, poll_began: float | None) -> list[str]:
        """Take in a change. The answer tells what should not have been done."""
        before, self.last = self.last, after
        if actor == USER:
            self._note_user(now, before, after)
            return []
        began = poll_began if poll_began is not None else now
        return [f"{actor}: {each}" for each in self._judge(now, began, before, after)]

    # What the user does

    def _note_user(self, now: float, before: Snapshot, after: Snapshot) -> None:
        if before.boxes != after.boxes:
            self.furnished = now
        for mail in after.mails.keys() | before.mails.keys():
            old, new = before.mails.get(mail), after.mails.get(mail)
            if old == new:
                continue
            self.handled[mail] = now
            if old is None:
                self.arrived[mail] = now
            if _labels(before, mail) != _labels(after, mail) and mail in self.senders:
                for sender in self._sharing(after, self.senders[mail]):
                    self.tapped[sender] = now
        self._note_cards(now, before, after)

    def _note_cards(self, now: float, before: Snapshot, after: Snapshot) -> None:
        changed = {
            name
            for name in before.cards.keys() | after.cards.keys()
            if before.cards.get(name) is not after.cards.get(name)
        }
        cards = [card for name in changed for card in (before.cards.get(name), after.cards.get(name)) if card]
        if any(card.is_group for card in cards) and _group_names(before) != _group_names(after):
            self.furnished = now
        for sender in USABLE:
            uids = {card.uid for card in (*before.contacts(sender), *after.contacts(sender))}
            if any((card.is_group and card.members & uids) or card.uid in uids for card in cards):
                for other in self._sharing(before, sender) | self._sharing(after, sender):
                    self.edited[other] = now

    @staticmethod
    def _sharing(at: Snapshot, sender: str) -> set[str]:
        """The sender, and all who share a contact with it."""
        found = {sender}
        for card in at.contacts(sender):
            found |= _senders(card)
        return found

    # What the service does

    def _judge(self, now: float, began: float, before: Snapshot, after: Snapshot) -> Iterator[str]:
        if before.boxes != after.boxes:
            yield "mailboxes were changed"
        yield from self._judge_mails(now, began, before, after)
        yield from self._judge_cards(now, began, before, after)

    def _judge_mails(  # noqa: C901 - one look at each mail
        self, now: float, began: float, before: Snapshot, after: Snapshot
    ) -> Iterator[str]:
        settled = self.furnished < began
        known = {id_ for id_, box in after.boxes.items() if box.name in NAMES}
        inbox = {id_ for id_, box in after.boxes.items() if box.role == "inbox"}
        protected = after.protected - known
        labels = {id_ for id_, box in after.boxes.items() if box.name in (*LABELS, ERROR_LABEL, WARNING_LABEL)}
        done = set[tuple[str, str]]()
        for mail, old in before.mails.items():
            new = after.mails.get(mail)
            if new == old:
                continue
            if new is None:
                yield f"the mail {mail} is gone"
                continue
            joined, left = new - old, old - new
            if before.keywords[mail] != after.keywords[mail]:
                yield f"the keywords of the mail {mail} were changed"
            if settled and (joined - known - inbox or left - known):
                yield f"the mail {mail} changed mailboxes that are not Mailroom's: {_named(after, joined | left)}"
            if settled and old & protected and (joined | left) - labels:
                yield f"the mail {mail} was moved out of {_named(after, old & protected)}"
            sender = self.senders.get(mail)
            for label in _named(before, left) & set(LABELS):
                if sender is None:
                    yield f"a label was taken off the mail {mail}, whose sender nobody can be filed under"
                else:
                    done.add((sender, category_of(label)))
        for sender, category in sorted(done):
            for other in self._sharing(after, sender):
                self.triaged[other] = Triaged(category, began, now)
            yield from (f"the label went before the work was done: {each}" for each in self.misfiled(sender, after))

    def _judge_cards(self, now: float, began: float, before: Snapshot, after: Snapshot) -> Iterator[str]:
        for name, old in before.cards.items():
            new = after.cards.get(name)
            if new is None:
                yield f"the card {old.full_name} is gone"
            elif new is not old:
                yield from self._judge_card(now, old, new)
        for name in after.cards.keys() - before.cards.keys():
            new = after.cards[name]
            if new.is_group:
                yield f"a group was created: {new.full_name}"
            for sender in _senders(new):
                if before.contacts(sender) and self.edited.get(sender, 0.0) < began:
                    yield f"{sender} has a second contact"
                yield from self._judge_notes(now, sender, new.notes)

    def _judge_card(self, now: float, old: Card, new: Card) -> Iterator[str]:
        if (old.full_name, old.uid, sorted(old.addresses)) != (new.full_name, new.uid, sorted(new.addresses)):
            yield f"the card {old.full_name} was changed"
        if old.is_group and old.full_name not in (*GROUPS, PROVENANCE) and old.members != new.members:
            yield f"the members of {old.full_name} were changed"
        added = [line for line in _lines(new) if line not in _lines(old)]
        if [line for line in _lines(old) if line not in _lines(new)]:
            yield f"the notes of {old.full_name} lost a line"
        for sender in _senders(new):
            yield from self._judge_notes(now, sender, added)

    def _judge_notes(self, now: float, sender: str, added: Iterable[str]) -> Iterator[str]:
        for line in added:
            note = TriageNote.parse(line)
            if note is None:
                yield f"a note of {sender} that is no note: {line}"
                continue
            category, at = self.noted.get(sender, ("", 0.0))
            asked_since = max(self.tapped.get(sender, 0.0), self.edited.get(sender, 0.0)) > at
            if category == note.category and not asked_since:
                yield f"{sender} has two notes of one tap: {line}"
            self.noted[sender] = (note.category, now)

    # What has come of it

    def misfiled(self, sender: str, at: Snapshot) -> Iterator[str]:
        """What is not as the last tap of a sender says, apart from what the user has changed since it was acted on."""
        triaged = self.triaged.get(sender)
        if triaged is None or self.furnished >= triaged.began:
            return
        expected = chain(triaged.category)
        if max(self.edited.get(sender, 0.0), self.tapped.get(sender, 0.0)) < triaged.began:
            groups = at.groups_of(sender)
            if groups != expected:
                yield f"{sender} is in the groups {sorted(groups)} and not in {sorted(expected)}"
            for mail in self.senders:
                found = max(self.handled[mail], self.arrived[mail] + self.index_lag) < triaged.began
                if self.senders[mail] == sender and found and mail in at.mails:
                    yield from self._misplaced(mail, triaged.category, at)

    def _misplaced(self, mail: str, category: str, at: Snapshot) -> Iterator[str]:
        places = at.mails[mail]
        names = at.names(mail)
        if places & (at.protected - {at.meant(name) for name in MANAGED}) or names & set(LABELS):
            return
        expected = chain(category)
        if not expected <= names or (names & set(MANAGED)) - expected:
            yield f"the mail {mail} of {self.senders[mail]} is in {sorted(names)} and not in {sorted(expected)}"


def _labels(at: Snapshot, mail: str) -> frozenset[str]:
    return at.names(mail) & frozenset(LABELS) if mail in at.mails else frozenset()


def _named(at: Snapshot, boxes: Iterable[str]) -> set[str]:
    return {at.boxes[box].name for box in boxes if box in at.boxes}


def _group_names(at: Snapshot) -> list[tuple[str, str]]:
    return sorted((card.full_name, card.uid) for card in at.cards.values() if card.is_group)


def _senders(card: Card) -> set[str]:
    return {sender for sender in map(sender_of, card.addresses) if sender}


def _lines(card: Card) -> list[str]:
    return [line for note in card.notes for line in note.split("\n") if line]
