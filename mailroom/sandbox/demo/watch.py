"""Watching an account from inside the server: the moment something comes true, and where mail went."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IReactorTime

from mailroom.sandbox.store.account import Account


@dataclass(frozen=True, slots=True)
class Move:
    """The mailboxes that a mail left and those that it entered, by name."""

    left: tuple[str, ...]
    entered: tuple[str, ...]

    def __str__(self) -> str:
        if not self.left:
            return f"also in {' + '.join(self.entered)}"
        return f"{' + '.join(self.left)} -> {' + '.join(self.entered)}"


def when(account: Account, clock: IReactorTime, holds: Callable[[], bool]) -> Deferred[float]:
    """The time, by the clock, of the change after which something holds, or now if it does.

    `holds` is asked at each change, so it has to be quick. The Deferred fires a turn of the reactor later, when the
    request that made the change is done with the account. Cancelling it ends the watch.
    """
    listeners = account.journal.listeners

    def stop() -> None:
        if changed in listeners:
            listeners.remove(changed)

    def changed() -> None:
        if holds():
            stop()
            clock.callLater(0, _fire, moment, clock.seconds())

    moment: Deferred[float] = Deferred(lambda _moment: stop())
    listeners.append(changed)
    changed()
    return moment


def _fire(moment: Deferred[float], seconds: float) -> None:
    if not moment.called:  # it may have been cancelled in the same turn
        moment.callback(seconds)


class Whereabouts:
    """Where some mails are now, to be compared with where they are later. Mailboxes in `ignored` don't count."""

    def __init__(self, account: Account, email_ids: Iterable[str], ignored: Collection[str]) -> None:
        self._account = account
        self._ignored = frozenset(ignored)
        self._before = {email_id: self._names(email_id) for email_id in email_ids}

    def moves(self) -> Counter[Move]:
        """How many mails moved, and how, since this was made."""
        moves: Counter[Move] = Counter()
        for email_id, before in self._before.items():
            after = self._names(email_id)
            if after != before:
                moves[Move(tuple(sorted(before - after)), tuple(sorted(after - before)))] += 1
        return moves

    def _names(self, email_id: str) -> set[str]:
        return self._account.names_of(email_id) - self._ignored
