"""What people do to their mail, their contacts and their mailboxes. What no longer fits does nothing.

So a run that fails still makes sense without any of its actions, which is how it is shortened.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from tests.simulation.people import GROUPS, LABELS, NAMES, PROVENANCE, UNUSABLE, USABLE

if TYPE_CHECKING:
    from tests.simulation.world import World


class Action(Protocol):
    """Something that happens at one moment."""

    def __call__(self, world: "World") -> object:
        """Let it happen."""
        ...


@dataclass(frozen=True, slots=True)
class Deliver:
    """A mail comes in, and goes where the rules say, or to a mailbox of its own."""

    mail: str
    sender: str
    spelling: int = 0
    mailbox: str | None = None

    def __call__(self, world: "World") -> None:
        if self.mail in world.mails:
            return
        account = world.account
        names = [self.mailbox] if self.mailbox else world.rules(self.sender)
        places = [box for name in names if (box := world.box(name))] or [world.inbox]
        usable = self.sender in USABLE
        people = USABLE[self.sender].writes(self.spelling) if usable else UNUSABLE[self.sender]
        email_id = account.deliver({"Subject": "Hello", **({"from": people} if people else {})}, places)
        world.mails[self.mail] = email_id
        if usable:
            world.history.senders[email_id] = self.sender


@dataclass(frozen=True, slots=True)
class Tap:
    """A label is put on a mail; with `moves`, as in a program that knows folders only, the mail goes into it."""

    mail: str
    label: str
    moves: bool = False

    def __call__(self, world: "World") -> None:
        mail, label = world.mail(self.mail), world.box(self.label)
        if mail and label:
            world.account.refile(mail, {label} if self.moves else world.places(mail) | {label})


@dataclass(frozen=True, slots=True)
class Untap:
    """The labels are taken off a mail. One that is nowhere else goes to the Inbox."""

    mail: str

    def __call__(self, world: "World") -> None:
        if mail := world.mail(self.mail):
            labels = {world.box(label) for label in LABELS}
            world.account.refile(mail, world.places(mail) - labels or {world.inbox})


@dataclass(frozen=True, slots=True)
class Move:
    """A mail is put into one mailbox, and keeps its labels or not."""

    mail: str
    mailbox: str
    keeps_labels: bool = False

    def __call__(self, world: "World") -> None:
        mail, box = world.mail(self.mail), world.box(self.mailbox)
        if mail and box:
            labels = {world.box(label) for label in LABELS} if self.keeps_labels else set()
            world.account.refile(mail, world.places(mail) & labels | {box})


@dataclass(frozen=True, slots=True)
class Copy:
    """A mail is put into one more mailbox."""

    mail: str
    mailbox: str

    def __call__(self, world: "World") -> None:
        mail, box = world.mail(self.mail), world.box(self.mailbox)
        if mail and box:
            world.account.refile(mail, world.places(mail) | {box})


@dataclass(frozen=True, slots=True)
class Delete:
    """A mail is deleted for good."""

    mail: str

    def __call__(self, world: "World") -> None:
        if mail := world.mail(self.mail):
            world.account.remove_email(mail)


@dataclass(frozen=True, slots=True)
class Flag:
    """A mail is marked."""

    mail: str

    def __call__(self, world: "World") -> None:
        if mail := world.mail(self.mail):
            world.account.set_keywords(mail, world.account.emails[mail].keywords ^ {"$flagged"})


@dataclass(frozen=True, slots=True)
class AddContact:
    """A contact is made by hand, also where there is one already."""

    sender: str
    name: str

    def __call__(self, world: "World") -> None:
        world.book.add_contact(self.name, USABLE[self.sender].spellings[-1])


@dataclass(frozen=True, slots=True)
class EditContact:
    """A sender's contacts are renamed, get or lose an address, or are deleted."""

    sender: str
    what: str
    other: str = ""

    def __call__(self, world: "World") -> None:
        for card in world.snapshot().contacts(self.sender):
            emails: dict[str, Any] = dict(card.json.get("emails", {}))
            match self.what:
                case "rename":
                    world.book.put({**card.json, "name": {"full": self.other}}, name=card.name)
                case "add address":
                    emails["e9"] = {"address": USABLE[self.other].spellings[0]}
                    world.book.put({**card.json, "emails": emails}, name=card.name)
                case "replace address":
                    emails = {"e1": {"address": USABLE[self.other].spellings[0]}}
                    world.book.put({**card.json, "emails": emails}, name=card.name)
                case "delete":
                    world.book.remove(card.name)


@dataclass(frozen=True, slots=True)
class EditGroup:
    """A sender's contacts are put into a group by hand, or taken out of it."""

    sender: str
    group: str
    joins: bool

    def __call__(self, world: "World") -> None:
        at = world.snapshot()
        uids = {card.uid: True for card in at.contacts(self.sender)}
        for group in at.groups(self.group):
            members = dict(group.json.get("members", {}))
            members = members | uids if self.joins else {uid: True for uid in members if uid not in uids}
            if members.keys() != group.members:
                world.book.put({**group.json, "members": members}, name=group.name)


@dataclass(frozen=True, slots=True)
class ChangeGroup:
    """A contact group is deleted, gets another name, or a second one of its name is made."""

    group: str
    what: str

    def __call__(self, world: "World") -> None:
        for group in world.snapshot().groups(self.group)[:1]:
            match self.what:
                case "delete":
                    world.book.remove(group.name)
                case "rename":
                    world.book.put({**group.json, "name": {"full": f"Former {self.group}"}}, name=group.name)
                case "double":
                    world.book.add_group(self.group)


@dataclass(frozen=True, slots=True)
class ChangeMailbox:
    """A mailbox at the top is renamed, put into another one, or deleted with the mail that is nowhere else."""

    mailbox: str
    what: str
    other: str = ""

    def __call__(self, world: "World") -> None:
        box = world.box(self.mailbox)
        if box is None:
            return
        match self.what:
            case "rename" if world.box(self.other) is None:
                world.account.change_mailbox(box, name=self.other)
            case "move" if (parent := world.box(self.other)) and parent != box:
                world.account.change_mailbox(box, parent_id=parent)
            case "delete" if not any(each.parent_id == box for each in world.account.mailboxes.values()):
                world.account.remove_mailbox(box)


@dataclass(frozen=True, slots=True)
class AddMailbox:
    """A mailbox is made, at the top or in another one, perhaps with a name that there is elsewhere."""

    name: str
    parent: str | None = None

    def __call__(self, world: "World") -> None:
        parent = world.box(self.parent) if self.parent else None
        siblings = {box.name for box in world.account.mailboxes.values() if box.parent_id == parent}
        if self.name not in siblings and (parent or not self.parent):
            world.account.add_mailbox(self.name, parent=parent)


@dataclass(frozen=True, slots=True)
class PutInOrder:
    """Whatever the settings name is there again, and once."""

    def __call__(self, world: "World") -> None:
        for name in NAMES:
            if world.box(name) is None:
                world.account.add_mailbox(name)
        for name in (*GROUPS, PROVENANCE):
            groups = world.snapshot().groups(name)
            for group in groups[1:]:
                world.book.put({**group.json, "name": {"full": f"Former {name}"}}, name=group.name)
            if not groups:
                world.book.add_group(name)
