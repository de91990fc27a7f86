"""The rules of one account, brought to its server and kept there."""

from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass, replace
from typing import Final

from mailroom.contacts.book import AddressBook, Directory
from mailroom.core.config import MailroomSettings
from mailroom.jmap.client import Client
from mailroom.jmap.errors import MethodError
from mailroom.jmap.get import Get
from mailroom.jmap.session import SIEVE
from mailroom.model.mailboxes import MAILBOX_PROPERTIES, Mailbox
from mailroom.routing.candidates import candidates, within_size
from mailroom.routing.capability import Choice, Mode, choose_mode
from mailroom.routing.errors import NotOurScript, RoutingError, ScriptRefused
from mailroom.routing.mail_groups import MailGroups
from mailroom.routing.sieve import MARK, SCRIPT_NAME, predecessor_of, with_predecessor, without_addresses
from mailroom.routing.sieve_include import Inclusion, inclusion
from mailroom.routing.state import RoutingState, RulesRemoval
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
    def predecessor(self) -> str | None:
        return predecessor_of(self.text)

    @property
    def inclusion(self) -> Inclusion:
        return inclusion(self.other_text, SCRIPT_NAME)


_NO_TARGETS: Final = Targets({}, {}, None)
_NOBODY: Final = Directory()
_NOTHING_STORED: Final = _Stored(None)


@dataclass(frozen=True, slots=True)
class _Look:
    """What there is to route by, and what the server has; nothing but the choice where nothing is to be routed."""

    choice: Choice
    targets: Targets = _NO_TARGETS
    directory: Directory = _NOBODY
    stored: _Stored = _NOTHING_STORED


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
        self._goes_by_addresses = True

    async def state(self) -> RoutingState:
        """How routing is set up. Nothing is written."""
        look = await self._look()
        if look.choice.mode is Mode.NONE:
            return RoutingState(look.choice.mode, look.choice.reason)
        state = _described(look)
        try:
            scripts = self._wanted(look, look.stored.predecessor)
        except RoutingError as error:
            return replace(state, problem=str(error))
        return replace(state, current=_is_current(look, scripts))

    async def install(self, *, activate: bool = False) -> RoutingState:
        """Store the script if it is not there as it should be, and activate it if no other one is active.

        With `activate` it takes the place of another one, which stays stored. Raises a `RoutingError` if that
        cannot be.
        """
        look = await self._look()
        if look.choice.mode is Mode.NONE:
            return RoutingState(look.choice.mode, look.choice.reason)
        state = replace(_described(look), exists=True, current=True)
        if state.active or (state.other is not None and (state.included or not activate)):
            await self._store(self._wanted(look, look.stored.predecessor), look.stored)
            return state
        own = await self._store(self._wanted(look, state.other), look.stored)
        await self._storage.activate(own)
        return replace(state, active=True, other=None, inclusion=Inclusion.NO, replaced=state.other)

    async def is_urgent(self) -> bool:
        """Whether the next mail needs a renewal: not where the server looks into the groups by itself.

        There the addresses count only for the few mails whose senders it does not see right. Nothing is asked: where it
        has to be proven that the server has the groups, the last renewal tells.
        """
        choice = choose_mode(self._settings, await self._client.session())
        return self._goes_by_addresses if choice.unproven else choice.mode is Mode.ADDRESSES

    async def renew(self) -> None:
        """Bring the addresses in the script up to date, where there is a script.

        Raises a `RoutingError` if the script cannot be stored, or is one that the mail must not go by; the server
        follows the old one then.
        """
        if choose_mode(self._settings, await self._client.session()).mode is Mode.NONE:
            return
        if not await self.is_installed():
            self._goes_by_addresses = False
            return
        look = await self._look()
        if look.choice.mode is Mode.NONE:
            raise RoutingError(look.choice.reason or "")
        await self._store(self._wanted(look, look.stored.predecessor), look.stored)

    async def is_installed(self) -> bool:
        """Whether a script of Mailroom's is stored, whatever the settings say now."""
        session = await self._client.session()
        return session.offers(SIEVE) and (await self._read(await self._storage.all())).is_ours

    async def remove(self) -> RulesRemoval | None:
        """Remove the script, and let the server follow the one again whose place it has taken; None if there is none.

        Raises `NotOurScript` while somebody else's active script includes it, or may: without it that one could not be
        run.
        """
        session = await self._client.session()
        scripts = await self._storage.all() if session.offers(SIEVE) else ()
        stored = await self._read(scripts)
        if stored.own is None or not stored.is_ours:
            return None
        if stored.other is not None and stored.inclusion is not Inclusion.NO:
            verb = "includes" if stored.inclusion is Inclusion.YES else "may include"
            raise NotOurScript(
                f'The active script "{stored.other.name}" {verb} "{SCRIPT_NAME}". Take that line out of it first.'
            )
        removal = RulesRemoval()
        if stored.own.is_active:
            removal = await self._switch_off(stored.own, stored.predecessor, scripts)
        await self._storage.destroy(stored.own)
        return removal

    async def _switch_off(self, own: Script, name: str | None, scripts: Sequence[Script]) -> RulesRemoval:
        predecessor = next((script for script in scripts if script.name == name), None)
        if predecessor is not None and await self._is_reactivated(predecessor):
            return RulesRemoval(reactivated=name)
        await self._storage.deactivate(own)
        others = tuple(script.name for script in scripts if script.id != own.id)
        return RulesRemoval(left_off=name if predecessor is not None else None, others=others)

    async def _is_reactivated(self, script: Script) -> bool:
        """Whether the server follows it now: it may not take it, nor run it if it includes what is to be removed."""
        if inclusion(await self._storage.content(script), SCRIPT_NAME) is not Inclusion.NO:
            return False
        try:
            await self._storage.activate(script)
        except (RoutingError, MethodError) as error:
            if error.temporary:
                raise
            return False
        return True

    async def _look(self) -> _Look:
        """Mailboxes, scripts and the mail server's own groups in one request, and everybody in the address book."""
        session = await self._client.session()
        choice = choose_mode(self._settings, session)
        if choice.mode is Mode.NONE:
            return _Look(choice)
        book = await self._open_book()
        mailboxes, scripts = Get("Mailbox", properties=MAILBOX_PROPERTIES), get_scripts()
        mail_groups = MailGroups(session)
        proof = mail_groups.operations if choice.unproven else ()
        await self._client.run(mailboxes, scripts, *proof)
        directory = await book.everyone()
        targets = find_targets(map(Mailbox.from_jmap, mailboxes.objects), directory.groups, self._settings)
        if choice.unproven:
            groups = targets.groups.values()
            choice = choice.settled(self._settings, proven=mail_groups.include(groups), has_groups=bool(groups))
            self._goes_by_addresses = not choice.looks_into_groups
        return _Look(choice, targets, directory, await self._read(read_scripts(scripts)))

    async def _read(self, scripts: Sequence[Script]) -> _Stored:
        own = next((script for script in scripts if script.name == SCRIPT_NAME), None)
        other = next((script for script in scripts if script.is_active and script.name != SCRIPT_NAME), None)
        return _Stored(
            own=own,
            text=await self._storage.content(own) if own is not None else "",
            other=other,
            other_text=await self._storage.content(other) if other is not None else "",
        )

    def _wanted(self, look: _Look, predecessor: str | None) -> Sequence[str]:
        """What may be stored, best first, with a note of the script whose place it takes, or has taken."""
        if look.stored.own is not None and not look.stored.is_ours:
            raise NotOurScript(
                f'There is a script "{SCRIPT_NAME}" that Mailroom has not written. Rename it, so that it is not lost.'
            )
        rows = candidates(self._settings.categories, look.targets, look.directory, look.choice)
        noted = [[with_predecessor(script, predecessor) for script in scripts] for scripts in rows]
        return within_size(noted, look.choice.capability)

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


def _is_current(look: _Look, scripts: Collection[str]) -> bool:
    """Whether the script does what the settings ask. Where the server knows the groups, addresses may be from before.

    People move contacts by other programs too, and such a move counts at once.
    """
    if look.choice.looks_into_groups:
        return without_addresses(look.stored.text) in map(without_addresses, scripts)
    return look.stored.text in scripts


def _described(look: _Look) -> RoutingState:
    stored = look.stored
    return RoutingState(
        mode=look.choice.mode,
        exists=stored.own is not None and stored.is_ours,
        active=stored.own is not None and stored.own.is_active,
        other=stored.other.name if stored.other is not None else None,
        inclusion=stored.inclusion,
    )
