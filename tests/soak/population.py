"""The senders of the account, whom its user files elsewhere again and again: neither they nor their mails grow."""

from dataclasses import dataclass
from itertools import count
from typing import Final

from tests.integration.conversation import Conversation
from tests.integration.service_user import User

SENDERS: Final = 40
MAILS: Final = 3
CATEGORIES: Final = (("@ToFeed", "Feed"), ("@ToPaperTrail", "Paper Trail"))


@dataclass(slots=True)
class Sender:
    """One of them, and where his mail was sent by the last tap."""

    address: str
    subjects: tuple[str, ...]
    mailbox: str = "Screener"


class Population:
    """All of them in turn."""

    def __init__(self, user: User, jmap: Conversation) -> None:
        self._user = user
        self._jmap = jmap
        self.senders = [
            Sender(f"sender{number}@soak.example", tuple(f"Mail {mail} of {number}" for mail in range(MAILS)))
            for number in range(SENDERS)
        ]
        self._turns = count()

    async def arrive(self) -> None:
        """Their mails come, and wait in the screener."""
        await self._user.move_in_with(
            {subject: sender.address for sender in self.senders for subject in sender.subjects}
        )

    async def tap_next(self) -> str:
        """Label one mail of the next sender; the label. A round over all is one category, the next round the other."""
        turn = next(self._turns)
        sender = self.senders[turn % SENDERS]
        label, sender.mailbox = CATEGORIES[turn // SENDERS % len(CATEGORIES)]
        await self._user.tap(label, sender.subjects[turn % MAILS])
        return label

    async def labelled(self, label: str) -> bool:
        """Whether a mail has the label."""
        return bool((await self._jmap.mailboxes())[label]["totalEmails"])

    async def misplaced(self) -> list[str]:
        """What is not where the last tap of its sender says, or is not there at all."""
        places = await self._user.mailboxes()
        return [
            f"{subject}: {places.get(subject)}, not {sender.mailbox}"
            for sender in self.senders
            for subject in sender.subjects
            if places.get(subject) != {sender.mailbox}
        ]
