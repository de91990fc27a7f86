"""A question to the person at the terminal, while the reactor goes on."""

import os
from typing import Final

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IReactorFDSet, IReadDescriptor
from twisted.python.failure import Failure
from zope.interface import implementer

_LONGEST_ANSWER: Final = 1024
_YES: Final = frozenset({"y", "yes"})


@implementer(IReadDescriptor)
class _Line:
    """One line from a terminal, which hands lines out whole."""

    def __init__(self, descriptor: int, reactor: IReactorFDSet) -> None:
        self._descriptor = descriptor
        self._reactor = reactor
        self.read: Deferred[str] = Deferred(lambda _read: self._reactor.removeReader(self))
        self._reactor.addReader(self)

    def fileno(self) -> int:
        return self._descriptor

    def doRead(self) -> None:  # noqa: N802 - the reactor's name for it
        self._reactor.removeReader(self)
        self.read.callback(os.read(self._descriptor, _LONGEST_ANSWER).decode(errors="replace"))

    def connectionLost(self, reason: Failure) -> None:
        """The reactor gave up on the terminal."""
        self._reactor.removeReader(self)
        if not self.read.called:
            self.read.errback(reason)

    def logPrefix(self) -> str:  # noqa: N802 - the reactor's name for it
        return "terminal"


async def confirmed(descriptor: int, reactor: IReactorFDSet) -> bool:
    """Whether the next line typed at a terminal says yes. The end of the input says no.

    Waiting for it leaves the reactor to its signals, so that Ctrl-C is heard.
    """
    answer = await _Line(descriptor, reactor).read
    return answer.strip().lower() in _YES
