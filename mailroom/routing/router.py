"""The rules of one account, brought to its server and kept there."""

from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass, replace

from mailroom.contacts.book import AddressBook, Directory
from mailroom.core.config import MailroomSettings
from mailroom.jmap.client import Client
from mailroom.jmap.get import Get
from mailroom.jmap.session import SIEVE
from mailroom.model.mailboxes import MAILBOX_PROPERTIES, Mailbox
from mailroom.routing.candidates import candidates, within_size
from mailroom.routing.capability import Choice, Mode, choose_mode
from mailroom.routing.errors import NotOurScript, RoutingError, ScriptRefused
from mailroom.routing.sieve import MARK, SCRIPT_NAME, without_addresses
from mailroom.routing.sieve_include import Inclusion, inclusion
from mailroom.routing.state import RoutingState
from mailroom.routing.storage import Script, ScriptStorage, get_scripts, read_scripts
from mailroom.routing.targets import Targets, find_targets


@dataclass(frozen=True, slots=True)
class _Stored:
    """What the server has: our script and its text, and the script of somebody else's that is active, and its text."""

    own: Script | None
    text: str = ""
    other: Script | None = None
    other_text: str = ""

    @property
    def is_ours(self) -> bool:
        return self.text.startswith(MARK)

    @property
    def inclusion(self) -> Inclusion:
        return inclusion(self.other_text, SCRIPT_NAME)


class Router:
    """Looks after Mailroom's script at the server, and never touches another one's content.

    Mail is safe with it: nothing is ever discarded or refused, and what a missing mailbox or group leaves open stays in
    the Inbox.
    """

    def __init__(
        self, client: Client, open_book: Callable[[], Awaitable[AddressBook]], settings: MailroomSettings
    ) -> None:
        self._client = client
        self._open_book = open_book
        self._settings = settings
        self._storage = ScriptStorage(client)

    async def state(self) -> RoutingState:
        """How routing is set up. Nothing is written."""
        choice = await self._choose()
        if choice.mode is Mode.NONE:
            return RoutingState(choice.mode, choice.reason)
        targets, directory, stored = await self._look()
        state = _described(choice, stored)
        try:
            scripts = self._wanted(choice, targets, directory, stored)
        except RoutingError as error:
            return replace(state, problem=str(error))
        return replace(state, current=_is_current(stored.text, scripts, choice.mode))

    async def install(self, *, activate: bool = False) -> RoutingState:
        """Store the script if it is not there as it should be, and activate it if no other one is active.

        With `activate` it takes the place of another one, which stays stored. Raises a `RoutingError` if that
        cannot be.
        """
        choice = await self._choose()
        if choice.mode is Mode.NONE:
            return RoutingState(choice.mode, choice.reason)
        targets, directory, stored = await self._look()
        own = await self._store(self._wanted(choice, targets, directory, stored), stored)
        state = replace(_described(choice, stored), exists=True, current=True)
        if own.is_active or (stored.other is not None and (state.included or not activate)):
            return state
        await self._storage.activate(own)
        return replace(state, active=True, other=None, inclusion=Inclusion.NO, replaced=state.other)

    async def is_urgent(self) -> bool:
        """Whether the next mail needs a renewal: not where the server looks into the groups by itself.

        There the addresses count only for the few mails whose senders it does not see right.
        """
        return (await self._choose()).mode is Mode.ADDRESSES

    async def renew(self) -> None:
        """Bring the addresses in the script up to date, where there is a script.

        Raises a `RoutingError` if the script cannot be stored; the server follows the old one then.
        """
        choice = await self._choose()
        if choice.mode is Mode.NONE or not await self.is_installed():
            return
        targets, directory, stored = await self._look()
        await self._store(self._wanted(choice, targets, directory, stored), stored)

    async def is_installed(self) -> bool:
        """Whether a script of Mailroom's is stored, whatever the settings say now."""
        session = await self._client.session()
        return session.offers(SIEVE) and (await self._read(await self._storage.all())).is_ours

    async def remove(self) -> bool:
        """Deactivate and remove the script; whether there was one. Other scripts stay as they are.

        Raises `NotOurScript` while somebody else's active script includes it, or may: without it that one could not be
        run.
        """
        session = await self._client.session()
        stored = await self._read(await self._storage.all()) if session.offers(SIEVE) else _Stored(None)
        if stored.own is None or not stored.is_ours:
            return False
        if stored.other is not None and stored.inclusion is not Inclusion.NO:
            verb = "includes" if stored.inclusion is Inclusion.YES else "may include"
            raise NotOurScript(
                f'The active script "{stored.other.name}" {verb} "{SCRIPT_NAME}". Take that line out of it first.'
            )
        if stored.own.is_active:
            await self._storage.deactivate(stored.own)
        await self._storage.destroy(stored.own)
        return True

    async def _choose(self) -> Choice:
        return choose_mode(self._settings, await self._client.session())

    async def _look(self) -> tuple[Targets, Directory, _Stored]:
        """Mailboxes and scripts in one request, and everybody in the address book."""
        book = await self._open_book()
        mailboxes, scripts = Get("Mailbox", properties=MAILBOX_PROPERTIES), get_scripts()
        await self._client.run(mailboxes, scripts)
        directory = await book.everyone()
        targets = find_targets(map(Mailbox.from_jmap, mailboxes.objects), directory.groups, self._settings)
        return targets, directory, await self._read(read_scripts(scripts))

    async def _read(self, scripts: Sequence[Script]) -> _Stored:
        own = next((script for script in scripts if script.name == SCRIPT_NAME), None)
        other = next((script for script in scripts if script.is_active and script.name != SCRIPT_NAME), None)
        return _Stored(
            own=own,
            text=await self._storage.content(own) if own is not None else "",
            other=other,
            other_text=await self._storage.content(other) if other is not None else "",
        )

    def _wanted(self, choice: Choice, targets: Targets, directory: Directory, stored: _Stored) -> Sequence[str]:
        """What may be stored, best first."""
        if stored.own is not None and not stored.is_ours:
            raise NotOurScript(
                f'There is a script "{SCRIPT_NAME}" that Mailroom has not written. Rename it, so that it is not lost.'
            )
        return within_size(candidates(self._settings.categories, targets, directory, choice), choice.capability)

    async def _store(self, scripts: Sequence[str], stored: _Stored) -> Script:
        """Have one of the scripts stored: the first that the server takes, unless it has one of them."""
        if stored.own is not None and stored.text in scripts:
            return stored.own
        complaint: str | None = None
        for script in scripts:
            blob_id = await self._storage.upload(script)
            complaint = await self._storage.complaint(blob_id)
            if complaint is None:
                return await self._store_blob(blob_id, stored.own)
        raise ScriptRefused(
            f"The server's Sieve does not take the script: {complaint}. Set routing to another mode, or to none."
        )

    async def _store_blob(self, blob_id: str, own: Script | None) -> Script:
        if own is None:
            return await self._storage.create(SCRIPT_NAME, blob_id)
        await self._storage.replace(own, blob_id)
        return own


def _is_current(text: str, scripts: Collection[str], mode: Mode) -> bool:
    """Whether the script does what the settings ask. Where the server knows the groups, addresses may be from before.

    People move contacts by other programs too, and such a move counts at once.
    """
    if mode is Mode.GROUPS:
        return without_addresses(text) in map(without_addresses, scripts)
    return text in scripts


def _described(choice: Choice, stored: _Stored) -> RoutingState:
    return RoutingState(
        mode=choice.mode,
        exists=stored.own is not None and stored.is_ours,
        active=stored.own is not None and stored.own.is_active,
        other=stored.other.name if stored.other is not None else None,
        inclusion=stored.inclusion,
    )
