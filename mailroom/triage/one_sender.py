"""One sender triaged without a label: what a tap does, at the word of whoever types it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from email.utils import getaddresses
from typing import Final

from mailroom.contacts.book import AddressBook
from mailroom.core.addresses import address_text, canonical_address, sender_problem
from mailroom.core.categories import Category
from mailroom.core.config import MailroomSettings
from mailroom.core.errors import MailroomError, WrongUsage
from mailroom.jmap.client import Client
from mailroom.jmap.fallback import names_a_filter
from mailroom.jmap.paging import Listing, Page
from mailroom.model.mail import SWEPT_PROPERTIES, Mail, Sender, candidate_filters
from mailroom.triage.batch import TriageBatch
from mailroom.triage.plan import Filing
from mailroom.triage.scan import Scan, Scanner
from mailroom.triage.taps import Tap, read_taps

_LATEST_FIRST: Final = ({"property": "receivedAt", "isAscending": False},)
_LATEST: Final = 50
"""How many of the latest mails are looked at for the name of a sender."""


class NoSender(WrongUsage):
    """A text that is no mail address, or one that nobody can be filed under."""


class LabelledOtherwise(MailroomError):
    """Labels on the sender's mail ask for something else."""


class NotTriaged(MailroomError):
    """The triage failed, for this sender's own reasons."""


def read_sender(text: str) -> Sender:
    """The sender that a text names: an address, or a name and an address in angle brackets. `NoSender` if it does not.

    An address that holds spaces or commas of its own, as few do, has to stand in quotes as in a mail's header.
    """
    named = getaddresses([text])
    name, spelling = named[0] if len(named) == 1 else ("", "")
    address = canonical_address(spelling)
    if address is None:
        raise NoSender(f"'{text[:100]}' is no mail address. Write one, as in bob@example.com.")
    if (problem := sender_problem(spelling)) is not None:
        raise NoSender(f"'{text[:100]}' cannot be triaged: {problem}.")
    return Sender(address, address_text(spelling), name)


@dataclass(frozen=True, slots=True)
class OneSenderTriage:
    """Files senders at a person's word. What it does is what a poll does, and may be done again like that."""

    client: Client
    book: AddressBook
    settings: MailroomSettings

    async def file(self, sender: Sender, category: Category, today: date) -> Filing:
        """Have this sender in this category; what was written for it.

        A label that asks for the same comes off, as it does after a tap. Raises `LabelledOtherwise`, before anything is
        written, if a label asks for another category: the service would act on it at any moment. Raises `NotTriaged`
        if the account lacks what filing needs, or a server refused what concerns this sender.
        """
        scan = await Scanner(self.client, self.settings).scan()
        tap = self._labelled(sender, category, scan) or await self._unlabelled(sender, category, scan)
        triage = TriageBatch(self.client, self.book, self.settings, scan, today)
        await triage.run([tap], [])
        if triage.failures:
            raise NotTriaged(*triage.failures.values())
        if not triage.filed:
            raise NotTriaged(f"The labels on the mail of {sender.address} have just been changed. Do it again.")
        return triage.filed[0]

    def _labelled(self, sender: Sender, category: Category, scan: Scan) -> Tap | None:
        """What labels on this sender's mails ask for, if there are any."""
        taps, conflicts = read_taps(scan.labelled, scan.mailboxes.labels)
        for conflict in conflicts:
            if any(mail.sender and mail.sender.address == sender.address for mail in conflict.mails):
                raise LabelledOtherwise(f"{conflict.reason}: take all but one of the labels off first.")
        tap = next((tap for tap in taps if tap.address == sender.address), None)
        if tap is not None and tap.category != category:
            raise LabelledOtherwise(
                f"{sender.address} is labelled {tap.category.label}, and that goes to {tap.category.name}: "
                "take the label off first."
            )
        return tap

    async def _unlabelled(self, sender: Sender, category: Category, scan: Scan) -> Tap:
        """A tap on no mail. The name is the latest that the sender's mails have, unless one was given."""
        known = await self._latest(sender, scan.mailboxes.screener) if not sender.name else ()
        named = next((each for each in known if each.name), None) or next(iter(known), sender)
        return Tap(sender.address, named.spelling, named.name, category, ())

    async def _latest(self, sender: Sender, screener: str | None) -> Sequence[Sender]:
        """The sender as the latest mails that a search finds spell it, the latest first in each part of the search.

        It is only for the name, so a search that the server does not know finds nothing.
        """
        searches = [
            Page(Listing("Email", SWEPT_PROPERTIES, each, _LATEST_FIRST), _LATEST)
            for each in candidate_filters([sender.address], screener)
        ]
        await self.client.run(*searches)
        known = [search for search in searches if not names_a_filter(search.error)]
        mails = [Mail.from_jmap(email) for search in known for email in search.objects]
        return [mail.sender for mail in mails if mail.sender and mail.sender.address == sender.address]
