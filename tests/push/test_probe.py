"""A look at an event stream."""

from typing import Any, ClassVar

from twisted.internet.defer import Deferred
from twisted.python.failure import Failure

from mailroom.account import Account
from mailroom.http.errors import TransportError
from mailroom.push.failures import NoEventStream
from mailroom.push.probe import PATIENCE, probe
from mailroom.sandbox.faults import Answer, Delay
from tests.deferreds import failure_of, result_of
from tests.furnished import FurnishedTestCase


class ProbeTestCase(FurnishedTestCase):
    """A test that looks at the stream of a sandbox."""

    def probe(self) -> Deferred[bool]:
        """A look, from its beginning to its end."""
        account = Account(self.configured, self.clock, self.agent)
        return self.run_to_end(self.look(account))

    async def look(self, account: Account) -> bool:
        url = (await account.client.session()).event_source_url
        assert url is not None
        return await probe(account.streams, url, account.credentials)

    def assert_left(self) -> None:
        """Neither a stream nor a timer is left."""
        self.agent.flush()  # type: ignore[no-untyped-call]  # untyped in treq
        assert self.sandbox.streams == ()
        assert not [call for call in self.clock.getDelayedCalls() if call.getTime() - self.clock.seconds() < PATIENCE]


class TalkativeTests(ProbeTestCase):
    """A server that sends something at once."""

    options: ClassVar[dict[str, Any]] = {"announce_on_connect": True}

    def test_the_first_byte_is_enough(self) -> None:
        """Nobody waits for longer."""
        self.deliver()
        began = self.clock.seconds()
        assert result_of(self.probe()) is True
        assert self.clock.seconds() - began < 1
        self.assert_left()


class SilentTests(ProbeTestCase):
    """A server that accepts, and is silent for as long as there is no news."""

    options: ClassVar[dict[str, Any]] = {"pings": False}

    def test_silence_is_noted(self) -> None:
        """After a bounded time, and without an error."""
        began = self.clock.seconds()
        assert result_of(self.probe()) is False
        assert self.clock.seconds() - began < PATIENCE + 1
        self.assert_left()


class NoStreamTests(ProbeTestCase):
    """Answers that are no stream."""

    def failure(self, *faults: Answer | Delay) -> Failure:
        self.order(*faults)
        probing = self.probe()
        failures: list[Any] = []
        probing.addBoth(failures.append)
        self.assert_left()
        assert isinstance(failures[0], Failure)
        return failures[0]

    def test_the_failure_is_told(self) -> None:
        """With the remedy that the service itself would log."""
        failure = self.failure(Answer(403, path="/jmap/eventsource"))
        assert failure.check(NoEventStream)
        assert "Give the token access to mail." in failure.getErrorMessage()

    def test_a_server_without_a_word_is_given_up(self) -> None:
        """Not even a head comes."""
        assert self.failure(Delay(3600, path="/jmap/eventsource")).check(TransportError)


class LeavingTests(ProbeTestCase):
    """A look that is broken off."""

    options: ClassVar[dict[str, Any]] = {"pings": False}

    def test_cancelling_hangs_up(self) -> None:
        """Ctrl-C leaves nothing behind."""
        account = Account(self.configured, self.clock, self.agent)
        probing = Deferred.fromCoroutine(self.look(account))
        while not self.sandbox.streams:
            self.clock.advance(self.ROUND_TRIP)
            self.agent.flush()  # type: ignore[no-untyped-call]  # untyped in treq
        probing.cancel()
        failure_of(probing, BaseException)
        self.assert_left()
