"""Taking what is Mailroom's out of an address book that speaks JMAP.

Cards are read anew, a few at a time, and changed only if no card of the account has changed since (`ifInState`, RFC
8620 section 5.3): a card that somebody edits meanwhile is looked at again.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Final, Literal

from mailroom.contacts.book import Removal
from mailroom.contacts.jmap.jscontact import is_group, members_patch, read_group, strip_patch
from mailroom.contacts.jmap.provenance import is_own_card
from mailroom.core.chunks import chunked
from mailroom.jmap.client import Client
from mailroom.jmap.errors import MethodError
from mailroom.jmap.json_values import Json
from mailroom.jmap.query import QueryAndGet
from mailroom.jmap.set import Set

MAX_ATTEMPTS: Final = 5
MAX_PAGE_SIZE: Final = 100

_Decision = Json | Literal["destroy"] | None
"""What is to become of a card: a patch of it, its end, or nothing because it must stay as it is."""


class JmapRemoval:
    """One removal under way. `failures` maps uids to reasons."""

    def __init__(self, client: Client, changes: Removal) -> None:
        self._client = client
        self._changes = changes
        self.failures: dict[str, str] = {}

    async def run(self) -> None:
        """Remove in the order that makes a second run find what the first one left: see `AddressBook.remove`."""
        kept = "The contact has been edited, and is kept."
        await self._each(self._changes.delete, lambda card: "destroy" if is_own_card(card) else None, kept)
        await self._each(self._changes.strip_notes - self._changes.delete, strip_patch)
        await self._each(self._changes.leave.keys(), self._leave)
        kept = "The contact group is not empty, and is kept."
        await self._each(self._changes.delete_groups, _delete_group, kept)

    async def _each(self, uids: Collection[str], decide: Callable[[Json], _Decision], kept: str = "") -> None:
        limits = (await self._client.session()).limits
        size = min(MAX_PAGE_SIZE, limits.max_objects_in_get, limits.max_objects_in_set)
        for some in chunked(sorted(uids), size):
            await self._retry(some, decide, kept)

    async def _retry(self, uids: Sequence[str], decide: Callable[[Json], _Decision], kept: str) -> None:
        for _attempt in range(MAX_ATTEMPTS):
            if await self._attempt(uids, decide, kept):
                return
        self._fail(uids, "The address book is changed by somebody else again and again. Try again later.")

    async def _attempt(self, uids: Sequence[str], decide: Callable[[Json], _Decision], kept: str) -> bool:
        """Whether what was decided is written: it is not if any card was changed in between."""
        found = QueryAndGet("ContactCard", {"operator": "OR", "conditions": [{"uid": uid} for uid in uids]})
        await self._client.run(found)
        cards = {str(card["id"]): card for card in found.objects if card.get("uid") in uids}
        decisions = {id_: decide(card) for id_, card in cards.items()}
        step = Set(
            "ContactCard",
            update={id_: decision for id_, decision in decisions.items() if isinstance(decision, Mapping) and decision},
            destroy=[id_ for id_, decision in decisions.items() if decision == "destroy"],
            # What is deleted is deleted for what it held when it was read: nothing may have been added since.
            if_in_state=found.state,
        )
        await self._client.run(step)
        try:
            refused = step.not_updated | step.not_destroyed
        except MethodError as error:
            if error.type == "stateMismatch":
                return False
            raise
        self._fail([str(cards[id_]["uid"]) for id_, decision in decisions.items() if decision is None], kept)
        for id_, set_error in refused.items():
            # Gone already is what was wanted.
            if set_error.type != "notFound":
                self._fail([str(cards[id_]["uid"])], f"The server refused to change the card: {set_error}.")
        return True

    def _leave(self, group: Json) -> Json:
        # A contact that could not be changed stays in its group, where the next removal finds it.
        leaving = self._changes.leave[str(group["uid"])] - self.failures.keys()
        return members_patch(group, (), leaving & read_group(group).members)

    def _fail(self, uids: Iterable[str], why: str) -> None:
        self.failures = dict.fromkeys(uids, why) | self.failures


def _delete_group(card: Json) -> _Decision:
    return "destroy" if is_group(card) and not read_group(card).members else None
