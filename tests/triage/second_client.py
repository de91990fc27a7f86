"""An account with mail of one sender, and all that a second client may do to it."""

from collections.abc import Callable, Iterable
from typing import Final

from twisted.web.resource import IResource, Resource
from twisted.web.server import Request

from mailroom.sandbox.store.account import Account
from mailroom.sandbox.store.address_book import Card

BOB, ROB = "bob@example.com", "rob@example.org"


class Watched(Resource):
    """A server that lets somebody act before each request."""

    def __init__(self, server: IResource) -> None:
        Resource.__init__(self)
        self.isLeaf = True
        self._server = server
        self.requests = 0
        self._actions: dict[int, Callable[[], object]] = {}

    def before(self, request: int, act: Callable[[], object]) -> None:
        """Let this happen before a request, given by its number from 1 on."""
        self._actions[request] = act

    def render(self, request: Request) -> int | bytes:
        self.requests += 1
        self._actions.pop(self.requests, lambda: None)()
        answer: int | bytes = self._server.render(request)
        return answer


class SecondClient:
    """Does things to an account where `tapped` carries the label, and `other` and `robs` are the sender's too."""

    def __init__(self, account: Account) -> None:
        self.account = account
        self.book = account.address_book
        self.mails: dict[str, str] = {}

    def tidy_up(self, mail: str, mailbox: str) -> None:
        """Put a mail into one mailbox, and out of all others."""
        if self.mails[mail] in self.account.emails:
            self.account.refile(self.mails[mail], [self.account.mailbox_id(mailbox)])

    def discard(self, mail: str, mailbox: str) -> None:
        """Put a mail into a mailbox, and leave its labels on it."""
        labels = {box.id for box in self.account.mailboxes.values() if box.name.startswith("@")}
        email = self.account.emails[self.mails[mail]]
        self.account.refile(email.id, email.mailbox_ids & labels | {self.account.mailbox_id(mailbox)})

    def copy(self, mail: str, mailbox: str) -> None:
        self.account.file(self.mails[mail], add=[self.account.mailbox_id(mailbox)])

    def label(self, mail: str, on: str | None = None, off: Iterable[str] = ()) -> None:
        """As far as the mail has them, take labels off."""
        mailbox_id = self.account.mailbox_id
        self.account.file(self.mails[mail], [mailbox_id(on)] if on else [], [mailbox_id(label) for label in off])

    def take_labels_off(self) -> None:
        for mail in self.mails:
            self.label(mail, off=["@ToFeed", "@ToJail"])

    def delete(self, mail: str) -> None:
        self.account.remove_email(self.mails[mail])

    def flag(self, mail: str) -> None:
        self.account.set_keywords(self.mails[mail], {"$flagged"})

    def deliver(self, sender: str, mailbox: str = "Screener", name: str = "new") -> None:
        fields = {"Subject": "Hello", "from": [{"name": "Bob Stone", "email": sender}]}
        self.mails[name] = self.account.deliver(fields, [self.account.mailbox_id(mailbox)])

    def edit_contact(self) -> None:
        for card in self._cards():
            self.book.put({**card.json, "titles": {"t": {"name": "Dr."}}})

    def add_address(self) -> None:
        for card in self._cards():
            self.book.put({**card.json, "emails": {**card.json["emails"], "e9": {"address": "bobby@example.net"}}})

    def put_into(self, group: str) -> None:
        for card in self._cards():
            self.book.add_member(group, card.uid)

    def take_out_of(self, group: str) -> None:
        json = self.book.group(group).json
        gone = {card.uid for card in self._cards()}
        self.book.put({**json, "members": {uid: True for uid in json["members"] if uid not in gone}})

    def delete_contact(self) -> None:
        for card in self._cards():
            self.book.remove(card.name)

    def rename(self, mailbox: str, name: str) -> None:
        self.account.change_mailbox(self.account.mailbox_id(mailbox), name=name)

    def destroy(self, mailbox: str) -> None:
        self.account.remove_mailbox(self.account.mailbox_id(mailbox))

    def _cards(self) -> list[Card]:
        return [card for card in self.book.cards.values() if BOB in card.addresses]


ACTIONS: Final[dict[str, Callable[[SecondClient], object]]] = {
    "bin the tapped mail": lambda user: user.tidy_up("tapped", "Trash"),
    "bin the tapped mail with its label": lambda user: user.discard("tapped", "Trash"),
    "bin another mail": lambda user: user.tidy_up("other", "Trash"),
    "bin mail from another address": lambda user: user.tidy_up("robs", "Trash"),
    "junk the tapped mail": lambda user: user.tidy_up("tapped", "Junk"),
    "junk another mail": lambda user: user.tidy_up("other", "Junk"),
    "archive the tapped mail": lambda user: user.tidy_up("tapped", "Archive"),
    "archive the tapped mail with its label": lambda user: user.discard("tapped", "Archive"),
    "archive another mail": lambda user: user.tidy_up("other", "Archive"),
    "move the tapped mail to a folder": lambda user: user.tidy_up("tapped", "Holidays"),
    "move another mail to a folder": lambda user: user.tidy_up("other", "Holidays"),
    "move another mail to the Inbox": lambda user: user.tidy_up("other", "Inbox"),
    "move another mail to another category": lambda user: user.tidy_up("other", "Jail"),
    "copy another mail to a folder": lambda user: user.copy("other", "Holidays"),
    "take the label off": lambda user: user.label("tapped", off=["@ToFeed"]),
    "change the label": lambda user: user.label("tapped", "@ToJail", off=["@ToFeed"]),
    "put a second label on": lambda user: user.label("tapped", "@ToJail"),
    "put the same label on another mail": lambda user: user.label("other", "@ToFeed"),
    "put another label on another mail": lambda user: user.label("other", "@ToJail"),
    "label mail from another address": lambda user: user.label("robs", "@ToJail"),
    "take every label off": lambda user: user.take_labels_off(),
    "put the error label on": lambda user: user.label("other", "@MailroomError"),
    "delete the tapped mail": lambda user: user.delete("tapped"),
    "delete another mail": lambda user: user.delete("other"),
    "flag the tapped mail": lambda user: user.flag("tapped"),
    "flag another mail": lambda user: user.flag("other"),
    "receive mail of the sender": lambda user: user.deliver(BOB),
    "receive mail of the sender in the Inbox": lambda user: user.deliver(BOB, "Inbox"),
    "receive mail of somebody else": lambda user: user.deliver("ann@example.com"),
    "edit the contact": lambda user: user.edit_contact(),
    "give the contact another address": lambda user: user.add_address(),
    "put the contact into another group": lambda user: user.put_into("Jail"),
    "take the contact out of its old group": lambda user: user.take_out_of("Jail"),
    "take the contact out of its new group": lambda user: user.take_out_of("Feed"),
    "delete the contact": lambda user: user.delete_contact(),
    "add a contact": lambda user: user.book.add_contact("Bob Stone", BOB),
    "rename the destination": lambda user: user.rename("Feed", "News"),
    "rename the label": lambda user: user.rename("@ToFeed", "@Later"),
    "destroy the label": lambda user: user.destroy("@ToFeed"),
}
