"""Names are resolved in threads that hold nothing up."""

import socket
from collections.abc import Sequence
from queue import Queue
from threading import Event, current_thread
from typing import Any

from twisted.internet.address import IPv4Address, IPv6Address
from twisted.internet.interfaces import (
    IAddress,
    IHostnameResolver,
    IHostResolution,
    IReactorFromThreads,
    IResolutionReceiver,
)
from twisted.trial.unittest import SynchronousTestCase
from zope.interface import implementer
from zope.interface.verify import verifyObject

from mailroom.http.resolver import AddressInfo, DaemonThreadResolver

V4: AddressInfo = (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("192.0.2.1", 443))
V6: AddressInfo = (socket.AF_INET6, socket.SOCK_STREAM, 6, "", ("2001:db8::1", 443, 0, 0))
PATIENCE = 10.0


@implementer(IReactorFromThreads)
class Reactor:
    """Runs what threads ask for when told to."""

    def __init__(self) -> None:
        self._calls: Queue[Any] = Queue()

    def callFromThread(self, callable: Any, *args: object, **_kwargs: object) -> None:  # noqa: A002, N802
        self._calls.put((callable, args))

    def run_one(self) -> None:
        call, args = self._calls.get(timeout=PATIENCE)
        call(*args)


@implementer(IResolutionReceiver)
class Receiver:
    """Collects the addresses; None marks the end."""

    def __init__(self) -> None:
        self.heard: list[IAddress | None] = []

    def resolutionBegan(self, resolutionInProgress: IHostResolution) -> None:  # noqa: N802, N803
        self.resolution = resolutionInProgress

    def addressResolved(self, address: IAddress) -> None:  # noqa: N802
        self.heard.append(address)

    def resolutionComplete(self) -> None:  # noqa: N802
        self.heard.append(None)


class DaemonThreadResolverTests(SynchronousTestCase):
    """The resolver, with a system that answers what the test says."""

    def setUp(self) -> None:
        self.reactor = Reactor()
        self.receiver = Receiver()
        self.questions: list[tuple[object, ...]] = []

    def resolve(self, *answers: AddressInfo, name: str = "mail.example.com") -> list[IAddress | None]:
        """What a receiver hears when the system gives these answers."""

        def getaddrinfo(*question: object) -> Sequence[AddressInfo]:
            self.questions.append(question)
            return answers

        DaemonThreadResolver(self.reactor, getaddrinfo).resolveHostName(self.receiver, name, 443)
        self.reactor.run_one()
        return self.receiver.heard

    def no_answer(self, *question: object) -> Sequence[AddressInfo]:
        """What the system says about a name that has no addresses of the family asked for."""
        self.questions.append(question)
        return ()

    def test_it_is_a_resolver(self) -> None:
        """A reactor accepts nothing less."""
        assert verifyObject(IHostnameResolver, DaemonThreadResolver(self.reactor))

    def test_addresses_come_in_the_systems_order(self) -> None:
        """It knows best which family works (RFC 6724)."""
        expected = [IPv6Address("TCP", "2001:db8::1", 443), IPv4Address("TCP", "192.0.2.1", 443), None]
        assert self.resolve(V6, V4) == expected

    def test_other_families_are_left_out(self) -> None:
        """Nothing here could connect to them."""
        assert self.resolve((socket.AF_UNIX, socket.SOCK_STREAM, 0, "", ("x",))) == [None]

    def test_both_families_are_asked_for(self) -> None:
        """In one question, for connections of the TCP kind."""
        self.resolve()
        assert self.questions == [("mail.example.com", 443, socket.AF_UNSPEC, socket.SOCK_STREAM)]

    def test_one_family_is_asked_for_alone(self) -> None:
        """If the caller wants only that."""
        resolver = DaemonThreadResolver(self.reactor, self.no_answer)
        resolver.resolveHostName(self.receiver, "mail.example.com", 443, [IPv6Address])
        self.reactor.run_one()
        assert self.questions[0][2] == socket.AF_INET6

    def test_an_unknown_name_has_no_addresses(self) -> None:
        """The end comes all the same, or the caller would wait for ever."""

        def getaddrinfo(*_question: object) -> Sequence[AddressInfo]:
            raise socket.gaierror(socket.EAI_NONAME, "unknown")

        DaemonThreadResolver(self.reactor, getaddrinfo).resolveHostName(self.receiver, "nowhere.example")
        self.reactor.run_one()
        assert self.receiver.heard == [None]

    def test_a_name_that_cannot_be_encoded_has_no_addresses(self) -> None:
        """The system's own function refuses labels of more than 63 octets, with a UnicodeError."""
        DaemonThreadResolver(self.reactor).resolveHostName(self.receiver, f"{'ü' * 64}.example")
        self.reactor.run_one()
        assert self.receiver.heard == [None]

    def test_the_thread_is_one_that_nobody_waits_for(self) -> None:
        """The interpreter joins all others when it ends."""
        daemons: list[bool] = []

        def getaddrinfo(*_question: object) -> Sequence[AddressInfo]:
            daemons.append(current_thread().daemon)
            return ()

        DaemonThreadResolver(self.reactor, getaddrinfo).resolveHostName(self.receiver, "mail.example.com")
        self.reactor.run_one()
        assert daemons == [True]

    def test_the_same_question_is_asked_once_at_a_time(self) -> None:
        """While a name server does not answer, tries to connect pile up no threads; all of them get the answer."""
        answered = Event()
        self.addCleanup(answered.set)

        def getaddrinfo(*question: object) -> Sequence[AddressInfo]:
            self.questions.append(question)
            answered.wait(PATIENCE)
            return [V4]

        resolver = DaemonThreadResolver(self.reactor, getaddrinfo)
        another = Receiver()
        resolver.resolveHostName(self.receiver, "mail.example.com", 443)
        resolver.resolveHostName(another, "mail.example.com", 443)
        answered.set()
        self.reactor.run_one()
        assert (len(self.questions), self.receiver.heard) == (1, another.heard)

    def test_a_question_can_be_asked_again(self) -> None:
        """Nothing is remembered: the next answer may be another."""
        resolver = DaemonThreadResolver(self.reactor, self.no_answer)
        for _ in range(2):
            resolver.resolveHostName(self.receiver, "mail.example.com")
            self.reactor.run_one()
        assert len(self.questions) == 2

    def test_giving_up_is_possible(self) -> None:
        """Twisted's own resolver raises NotImplementedError here."""
        self.resolve(V4)
        self.receiver.resolution.cancel()
