"""A question at the terminal."""

import os

from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.interfaces import IReactorFDSet, IReadDescriptor, IWriteDescriptor
from twisted.python.failure import Failure
from twisted.trial.unittest import SynchronousTestCase
from zope.interface import implementer

from mailroom.commands.prompt import confirmed
from tests.deferreds import failure_of


@implementer(IReactorFDSet)
class Readers:
    """The part of a reactor that looks after descriptors; a test says when there is something to read."""

    def __init__(self) -> None:
        self.readers: list[IReadDescriptor] = []

    def addReader(self, reader: IReadDescriptor) -> None:  # noqa: N802 - the interface's names
        self.readers.append(reader)

    def removeReader(self, reader: IReadDescriptor) -> None:  # noqa: N802
        if reader in self.readers:
            self.readers.remove(reader)

    def addWriter(self, writer: IWriteDescriptor) -> None:  # noqa: N802
        raise NotImplementedError

    def removeWriter(self, writer: IWriteDescriptor) -> None:  # noqa: N802
        raise NotImplementedError

    def removeAll(self) -> list[IReadDescriptor | IWriteDescriptor]:  # noqa: N802
        raise NotImplementedError

    def getReaders(self) -> list[IReadDescriptor]:  # noqa: N802
        return self.readers

    def getWriters(self) -> list[IWriteDescriptor]:  # noqa: N802
        return []


class ConfirmedTests(SynchronousTestCase):
    """A person's answer."""

    def setUp(self) -> None:
        self.output, self.input = os.pipe()
        self.addCleanup(os.close, self.output)
        self.reactor = Readers()
        self.asked = Deferred.fromCoroutine(confirmed(self.output, self.reactor))

    def tearDown(self) -> None:
        assert self.reactor.readers == []

    def answer(self, text: bytes) -> bool:
        os.write(self.input, text)
        os.close(self.input)
        (reader,) = self.reactor.readers
        assert reader.fileno() == self.output
        reader.doRead()
        return self.successResultOf(self.asked)

    def test_yes(self) -> None:
        """In full."""
        assert self.answer(b"Yes\n")

    def test_y(self) -> None:
        """Or in short."""
        assert self.answer(b" y \n")

    def test_anything_else_is_no(self) -> None:
        """As is what nobody can read."""
        assert not self.answer(b"\xffyes, but\n")

    def test_the_end_of_the_input_is_no(self) -> None:
        """Ctrl-D, or a terminal that is closed."""
        assert not self.answer(b"")

    def test_it_can_be_broken_off(self) -> None:
        """Ctrl-C ends the waiting."""
        os.close(self.input)
        self.asked.cancel()
        failure_of(self.asked, CancelledError)

    def test_a_terminal_that_breaks_is_an_error(self) -> None:
        """The reactor tells."""
        os.close(self.input)
        (reader,) = self.reactor.readers
        reader.connectionLost(Failure(OSError("gone")))
        failure_of(self.asked, OSError)
