"""Mails as they are in one state of the account, and writes that hold for that state alone.

What to write is decided on what was seen, and its user may bin, move or label a mail before it is written. So each
write says which Email state it was decided on (`ifInState`, RFC 8620 section 5.3), and a server whose mail has changed
since refuses it whole. The same request asks what has changed since that state; then the decision is made anew, on the
mails as they are now. So an undisturbed write costs no more than an unguarded one, and a disturbed one a round trip, or
two if one of these very mails has changed.

The state is that of all mail, and an account to which mail comes every second never rests for long. After
`MAX_MISMATCHES` refusals in a row the next write is made without a guard, on these mails as they were at the last
refusal: then one round trip is all the time in which somebody else's change can be overwritten, and nobody waits for
ever.

What changes meanwhile includes mail that is new: that of the senders in question joins the others.
"""

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import replace
from itertools import islice
from typing import ClassVar, Final

from twisted.logger import Logger

from mailroom.core.printable import counted
from mailroom.jmap.changes import Changes
from mailroom.jmap.client import Client
from mailroom.jmap.errors import MethodError, SetError
from mailroom.jmap.get import Get
from mailroom.jmap.set import Set
from mailroom.model.mail import SWEPT_PROPERTIES, Mail
from mailroom.triage.mailbox_patch import MAILS_PER_WRITE, MailboxPatch, MailboxPatches, changed_by, set_operation

MAX_MISMATCHES: Final = 3
MAX_CATCH_UPS: Final = 8
"""How often new mail is taken in: a sender who writes without a pause must not keep a poll from its end."""
_MISMATCH: Final = "stateMismatch"

Send = Callable[..., Awaitable[object]]
"""What carries operations to their ends: a client, or an address book which has something to send along with them."""


class Snapshot:
    """Some mails of an account, and the state in which they are so.

    - `mails` are the mails that are looked at, by id.
    - `senders` are the addresses whose new mail is taken in.
    - `written` tells of each mail that was written which mailboxes it came into or left. None is written twice: what
      its user does to it afterwards is not undone.
    - `found_in` tells where a mail was that somebody else has moved since it was first looked at.
    - `refused` tells why the server would not change a mail.
    - `complete_until` is the latest state until which no new mail was passed over.
    - `transitions` are the states before and after each write.
    """

    _log: ClassVar[Logger] = Logger()

    def __init__(self, client: Client, mails: Iterable[Mail], state: str | None) -> None:
        self._client = client
        self._state = state
        self._catch_ups = 0
        self._is_complete = True
        self.mails = {mail.id: mail for mail in mails}
        self.senders: set[str] = set()
        self.written: dict[str, frozenset[str]] = {}
        self.found_in: dict[str, frozenset[str]] = {}
        self.refused: dict[str, str] = {}
        self.complete_until = state
        self.transitions: list[tuple[str | None, str]] = []

    def renew(self, look: Get, found: Iterable[Mail]) -> None:
        """Take the mails as they are now: those that a `look` at them found, and behind it what else was `found`."""
        kept = {seen.id for seen in map(Mail.from_jmap, look.objects) if seen.mailboxes} & self.mails.keys()
        self.mails = {mail.id: mail for mail in found} | {id_: self.mails[id_] for id_ in kept}
        self._place(look)
        self.found_in.clear()
        # Who else has written since the state before is not known.
        self._is_complete = self._is_complete and look.state == self._state
        self._state = look.state or None

    def add(self, found: Iterable[Mail]) -> None:
        """Take more mails. If they were found in a later state than the others, the next write will be refused."""
        self.mails = {mail.id: mail for mail in found} | self.mails

    async def write(self, next_patches: Callable[[], MailboxPatches], send: Send | None = None) -> None:
        """Write what there is to write, until there is nothing more.

        `next_patches` makes it out of `mails`, and is asked again after each write. `send`, if given, carries the first
        one, and is called although there is nothing to write.
        """
        largest = min(MAILS_PER_WRITE, (await self._client.session()).limits.max_objects_in_set)
        mismatches = done = 0
        while patches := self._due(next_patches()):
            if done:
                total = done + len(patches)
                self._log.info("moved {done} of {mails}", done=done, mails=counted(total, "mail"), total=total)
            some = dict(islice(patches.items(), largest))
            was_current = await self._try(some, send or self._client.run, guarded=mismatches < MAX_MISMATCHES)
            send = None
            mismatches = 0 if was_current else mismatches + 1
            done += len(some) if was_current else 0
        if send is not None:
            await send()

    def _due(self, patches: MailboxPatches) -> MailboxPatches:
        done = self.written.keys() | self.refused.keys()
        return {id_: patch for id_, patch in patches.items() if patch and id_ not in done}

    async def _try(self, patches: MailboxPatches, send: Send, *, guarded: bool) -> bool:
        """Write, and see what became of it; whether it was not refused because mail has changed."""
        # The changes come first: behind the write they would list all that it has written.
        changes = Changes("Email", self._state, SWEPT_PROPERTIES) if self._state else None
        update = set_operation(patches, self._state if guarded else None)
        await send(*([changes] if changes else []), update)
        refusals = _refusals(update, patches) if guarded else update.not_updated
        outdated = {id_ for id_, refusal in refusals.items() if guarded and refusal.type == _MISMATCH}
        for id_, patch in patches.items():
            if id_ not in outdated:
                self._judge(id_, patch, refusals.get(id_))
        if changes is not None and (outdated or not guarded):
            await self._catch_up(changes)
        if not outdated:
            self._follow(update)
        if self._is_complete:
            self.complete_until = self._state
        return not outdated

    def _judge(self, id_: str, patch: MailboxPatch, refusal: SetError | None) -> None:
        if refusal is None:
            self.written[id_] = changed_by(patch, self.mails[id_])
            self.mails[id_] = replace(self.mails[id_], mailboxes=self.mails[id_].mailboxes ^ self.written[id_])
        elif refusal.type == "notFound":
            del self.mails[id_]
        else:
            self.refused[id_] = str(refusal)

    def _follow(self, update: Set) -> None:
        """A write leads to another state of these very mails, unless somebody else's has come before it."""
        self.transitions += update.states
        for before, after in update.states:
            if before == self._state:
                self._state = after

    async def _catch_up(self, changes: Changes) -> None:
        """Have the mails as they are now. What a server cannot tell of changes is looked up."""
        try:
            touched, state = changes.updated & self.mails.keys(), changes.state
            self._take_in(map(Mail.from_jmap, changes.created))
            self._drop(changes.destroyed)
        except MethodError:
            touched, state = frozenset(self.mails), None
            self._is_complete = False
        look = look_at(touched)
        if touched:
            await self._client.run(look)
            self._drop(look.not_found)
            self._place(look)
            self._refuse_placeless(map(Mail.from_jmap, look.objects))
        # The changes' state, though the look may have seen a later one: then the next write is refused.
        self._state = state if state is not None or not touched else look.state

    def _take_in(self, new: Iterable[Mail]) -> None:
        self._catch_ups += 1
        if self._catch_ups > MAX_CATCH_UPS:
            self._is_complete = False
            return
        own = [mail for mail in new if mail.sender is not None and mail.sender.address in self.senders]
        self.add(own)
        self._refuse_placeless(own)

    def _drop(self, gone: Iterable[str]) -> None:
        for id_ in gone:
            self.mails.pop(id_, None)

    def _refuse_placeless(self, seen: Iterable[Mail]) -> None:
        """A mail of which nobody knows where it is cannot be moved, and its sender has to wait for it."""
        self.refused |= {
            mail.id: f"the server does not say where the mail {mail.id} is" for mail in seen if not mail.mailboxes
        }

    def _place(self, look: Get) -> None:
        for seen in map(Mail.from_jmap, look.objects):
            known = self.mails.get(seen.id)
            if known is not None and seen.mailboxes and known.mailboxes != seen.mailboxes:
                self.found_in.setdefault(seen.id, known.mailboxes)
                self.mails[seen.id] = replace(known, mailboxes=seen.mailboxes)


def look_at(mails: Iterable[str]) -> Get:
    """Where these mails are now, given by id."""
    return Get("Email", mails, ("id", "mailboxIds"))


def _refusals(update: Set, patches: MailboxPatches) -> dict[str, SetError]:
    """Why mails were not changed, be it one by one or all of them because the state is another one."""
    try:
        return update.not_updated
    except MethodError as error:
        if error.type != _MISMATCH:
            raise
        return dict.fromkeys(patches, SetError(error.type))
