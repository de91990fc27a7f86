"""The account's user, with a mail app and a contacts app: what the service is asked for, and what comes of it."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from mailroom.core.config import MailroomSettings
from tests.integration.address_book import APPLE_GROUP, AddressBook, card
from tests.integration.conversation import Conversation
from tests.integration.messages import message
from tests.integration.real_time import eventually
from tests.integration.servers import MailServer


class User:
    """Sees mails by their subjects and mailboxes by their names, as people do. Every mail has a subject of its own."""

    def __init__(self, server: MailServer, settings: MailroomSettings) -> None:
        self._server = server
        self._settings = settings
        self._jmap = Conversation(server)
        self._book = AddressBook(Conversation(server.contacts or server))
        self._mailboxes: dict[str, str] = {}

    async def furnish(self) -> "User":
        """Make every mailbox, label and contact group that the settings ask for."""
        settings = self._settings
        names = [settings.screener_mailbox, settings.error_label, settings.warning_label]
        names += [name for each in settings.categories for name in (each.label, each.destination_mailbox)]
        new = {f"new{number}": {"name": name, "parentId": None} for number, name in enumerate(names)}
        await self._jmap.ask("Mailbox/set", create=new)
        await self.look_around()
        await self.make_groups(self._book)
        return self

    async def make_groups(self, book: AddressBook, prefix: str = "") -> None:
        """Make every contact group in an address book, with nobody in it. Its uid is its name behind the prefix."""
        settings = self._settings
        await book.discover()
        for group in (*(each.contact_group for each in settings.categories), settings.provenance_group):
            group_card = card(f"{prefix}{group}", f"{APPLE_GROUP}:group").replace(f"FN:{prefix}".encode(), b"FN:")
            await book.put(f"{group.replace(' ', '-')}.vcf", group_card)

    async def look_around(self) -> "User":
        """Learn what there is in an account that somebody else has made ready."""
        self._mailboxes = {name: mailbox["id"] for name, mailbox in (await self._jmap.mailboxes()).items()}
        await self._book.discover()
        return self

    async def receive(self, mails: Mapping[str, str], mailbox: str = "Screener") -> None:
        """Get mails, given by subject and From header, and have them in a mailbox, as the server's own rules would."""
        await self._have(mails, mailbox, self._server.deliver)

    async def move_in_with(self, mails: Mapping[str, str], mailbox: str = "Screener") -> None:
        """Bring mails from elsewhere."""
        await self._have(mails, mailbox, self._server.append)

    async def tap(self, label: str, *subjects: str) -> None:
        """Put a label on mails."""
        await self._patch(await self._ids(subjects), {label: True})

    async def take_off(self, label: str, *subjects: str) -> None:
        """Take a label off mails again."""
        await self._patch(await self._ids(subjects), {label: None})

    async def knows(self, address: str) -> None:
        """Have a contact with this address, in no group."""
        await self._book.put("known.vcf", card(address, f"EMAIL:{address}"))

    async def empties_the_groups(self) -> None:
        """Take everybody out of the groups, by hand."""
        await self.make_groups(self._book)

    async def rename(self, mailbox: str, name: str) -> None:
        """Call a mailbox otherwise."""
        id_ = self._mailboxes.pop(mailbox)
        await self._jmap.ask("Mailbox/set", update={id_: {"name": name}})
        self._mailboxes[name] = id_

    async def mailboxes(self) -> dict[str, set[str]]:
        """Where every mail of the account is, copies counted: no two may have one subject."""
        names = {mailbox: name for name, mailbox in self._mailboxes.items()}
        mails = await self._mails()
        mailboxes = {mail["subject"]: {names[mailbox] for mailbox in mail["mailboxIds"]} for mail in mails}
        assert len(mailboxes) == len(mails)
        return mailboxes

    async def groups_of(self, address: str) -> list[str]:
        """The contact groups that the cards with an address are in; a group stands there once for each of them."""
        cards = await self._book.cards(("EMAIL", address), (APPLE_GROUP, "group"))
        contacts = [each.uid for each in cards if not each.is_group]
        return sorted(each.name for each in cards if each.is_group for uid in contacts if uid in each.members)

    async def is_found(self, address: str, count: int) -> int:
        """Wait until the server's search finds so many mails from an address: new mail takes its time."""
        found = await eventually(lambda: self._jmap.emails(**{"from": address}), lambda ids: len(ids) == count)
        return len(found)

    async def _have(self, mails: Mapping[str, str], mailbox: str, bring: Callable[..., None]) -> None:
        before = await self._jmap.emails()
        bring(*(message(sender, subject) for subject, sender in mails.items()))
        new = set(await self._jmap.emails()) - set(before)
        if mailbox != "Inbox":
            await self._patch(new, {mailbox: True, "Inbox": None})

    async def _ids(self, subjects: Iterable[str]) -> list[str]:
        ids = {mail["subject"]: mail["id"] for mail in await self._mails()}
        return [ids[subject] for subject in subjects]

    async def _mails(self) -> list[dict[str, Any]]:
        answer = await self._jmap.ask("Email/get", ids=await self._jmap.emails(), properties=["subject", "mailboxIds"])
        return list(answer["list"])

    async def _patch(self, mails: Iterable[str], changes: Mapping[str, bool | None]) -> None:
        patch = {f"mailboxIds/{self._mailboxes[name]}": there for name, there in changes.items()}
        answer = await self._jmap.ask("Email/set", update=dict.fromkeys(mails, patch))
        assert not answer["notUpdated"]
