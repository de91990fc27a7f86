"""The account at one moment, as a value, and what may be read from it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from mailroom.sandbox.store.account import Account
from mailroom.sandbox.store.address_book import Card
from tests.simulation.people import GROUPS, PROTECTED_ROLES, sender_of


@dataclass(frozen=True, slots=True)
class Box:
    """A mailbox."""

    name: str
    parent: str | None
    role: str | None


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Where each mail is, by ids; its keywords; the mailboxes by id; and the cards by their name in the collection."""

    mails: Mapping[str, frozenset[str]]
    keywords: Mapping[str, frozenset[str]]
    boxes: Mapping[str, Box]
    cards: Mapping[str, Card]

    @classmethod
    def of(cls, account: Account) -> "Snapshot":
        emails, boxes = account.emails, account.mailboxes
        return cls(
            {id_: frozenset(email.mailbox_ids) for id_, email in emails.items()},
            {id_: frozenset(email.keywords) for id_, email in emails.items()},
            {id_: Box(box.name, box.parent_id, box.role) for id_, box in boxes.items()},
            dict(account.address_book.cards),
        )

    def names(self, mail: str) -> frozenset[str]:
        """The names of the mailboxes that a mail is in."""
        return frozenset(self.boxes[box].name for box in self.mails[mail])

    def at_top(self, name: str) -> list[str]:
        """The ids of the mailboxes of a name that lie in no other."""
        return [id_ for id_, box in self.boxes.items() if box.name == name and box.parent not in self.boxes]

    def meant(self, name: str) -> str | None:
        """The mailbox that a name means beyond doubt: the one at the top, which is where this account has them."""
        found = self.at_top(name)
        return found[0] if len(found) == 1 else None

    @property
    def protected(self) -> frozenset[str]:
        """The ids of trash, junk, drafts and sent, and of all below them."""
        return frozenset(id_ for id_ in self.boxes if any(box.role in PROTECTED_ROLES for box in self._upwards(id_)))

    def _upwards(self, id_: str) -> Iterable[Box]:
        seen = set[str]()
        at: str | None = id_
        while at is not None and at in self.boxes and at not in seen:
            seen.add(at)
            yield self.boxes[at]
            at = self.boxes[at].parent

    def groups(self, name: str) -> list[Card]:
        """The contact groups of a name."""
        return [card for card in self.cards.values() if card.is_group and card.full_name == name]

    def contacts(self, sender: str) -> list[Card]:
        """The contacts that have a sender's address."""
        return [card for card in self.cards.values() if not card.is_group and sender in map(sender_of, card.addresses)]

    def groups_of(self, sender: str) -> frozenset[str]:
        """The names of the categories' groups that a sender is in."""
        uids = {card.uid for card in self.contacts(sender)}
        return frozenset(name for name in GROUPS if any(card.members & uids for card in self.groups(name)))

    def is_known(self, sender: str) -> bool:
        return bool(self.contacts(sender))
