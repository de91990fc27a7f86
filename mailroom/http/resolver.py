"""Host names, looked up without ever holding up the end of the process."""

import socket
from collections.abc import Callable, Sequence
from threading import Thread
from typing import Any, Final, TypeAlias

from twisted.internet.address import IPv4Address, IPv6Address
from twisted.internet.interfaces import (
    IAddress,
    IHostnameResolver,
    IHostResolution,
    IReactorFromThreads,
    IResolutionReceiver,
)
from zope.interface import implementer

AddressInfo: TypeAlias = tuple[socket.AddressFamily, socket.SocketKind, int, str, tuple[Any, ...]]
_Question: TypeAlias = tuple[str, int, socket.AddressFamily, socket.SocketKind]

_FAMILIES: Final = {
    frozenset({IPv4Address}): socket.AF_INET,
    frozenset({IPv6Address}): socket.AF_INET6,
}


@implementer(IHostnameResolver)
class DaemonThreadResolver:
    """Asks the operating system for TCP addresses, each question in a thread that nobody waits for.

    Twisted's own resolver does so in the reactor's thread pool, which is joined at shutdown: a name server that does
    not answer would keep a process that was told to stop alive for as long as the system cares to repeat the question.

    Whoever asks a question that is being asked already shares its answer, so that a name server that never answers
    costs one thread a name, however often a stream tries to connect.

    Twisted's `GAIResolver` over a pool of daemon threads would be shorter, and is not used for three reasons. It asks
    each question anew: tries to connect to one name that gets no answer fill the pool, and every other name waits
    behind them. It knows no error but gaierror: for a name that cannot be encoded it logs a traceback, and whoever
    asked waits for ever. And no public way leads to it, nor to threads of a pool that are daemons.
    """

    def __init__(
        self, reactor: IReactorFromThreads, getaddrinfo: Callable[..., Sequence[AddressInfo]] = socket.getaddrinfo
    ) -> None:
        self._reactor = reactor
        self._getaddrinfo = getaddrinfo
        self._waiting: dict[_Question, list[IResolutionReceiver]] = {}

    def resolveHostName(  # noqa: N802
        self,
        resolutionReceiver: IResolutionReceiver,  # noqa: N803 - the names are Twisted's
        hostName: str,  # noqa: N803
        portNumber: int = 0,  # noqa: N803
        addressTypes: Sequence[type[IAddress]] | None = None,  # noqa: N803
        transportSemantics: str = "TCP",  # noqa: ARG002, N803
    ) -> IHostResolution:
        resolution = _Resolution(hostName)
        resolutionReceiver.resolutionBegan(resolution)
        family = _FAMILIES.get(frozenset(addressTypes or ()), socket.AF_UNSPEC)
        question = (hostName, portNumber, family, socket.SOCK_STREAM)
        if question not in self._waiting:
            Thread(target=self._ask, args=(question,), name="resolver", daemon=True).start()
        self._waiting.setdefault(question, []).append(resolutionReceiver)
        return resolution

    def _ask(self, question: _Question) -> None:
        """In a thread of its own. Names that cannot be encoded raise UnicodeError; they do not exist either."""
        try:
            answers = self._getaddrinfo(*question)
        except (OSError, UnicodeError):
            answers = ()
        self._reactor.callFromThread(self._tell, question, answers)

    def _tell(self, question: _Question, answers: Sequence[AddressInfo]) -> None:
        receivers = self._waiting.pop(question)
        addresses = [_address(answer) for answer in answers if answer[0] in {socket.AF_INET, socket.AF_INET6}]
        for receiver in receivers:
            for address in addresses:
                receiver.addressResolved(address)
            receiver.resolutionComplete()


@implementer(IHostResolution)
class _Resolution:
    def __init__(self, name: str) -> None:
        self.name = name

    def cancel(self) -> None:
        """A question once asked cannot be taken back; whoever asked it just stops listening."""


def _address(answer: AddressInfo) -> IAddress:
    family, _kind, _protocol, _canonical_name, where = answer
    return IPv6Address("TCP", *where) if family == socket.AF_INET6 else IPv4Address("TCP", *where)
