"""The sandbox's event source (RFC 8620 section 7.3)."""

import json
import re
from typing import Any

from mailroom.sandbox.options import SandboxOptions
from tests.sandbox.driver import SandboxTestCase


class EventSourceTestCase(SandboxTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.inbox = self.account.add_mailbox("Inbox", role="inbox")

    def deliver(self) -> None:
        self.account.deliver({}, [self.inbox])
        self.advance()


def states(events: str) -> list[tuple[str | None, dict[str, Any]]]:
    """Id and data of each state event."""
    pattern = re.compile(r"(?:id: (.*)\n)?event: state\ndata: (.*)\n\n")
    return [(found[1], json.loads(found[2])) for found in pattern.finditer(events)]


class Streams(EventSourceTestCase):
    def test_nothing_on_connect(self) -> None:
        """A new listener hears nothing until something changes."""
        listener = self.listen("types=*&closeafter=no&ping=0")
        self.advance(3600)
        assert listener.take() == ""

    def test_state(self) -> None:
        """A change is told with the same states as a get tells, and with the highest of them as id."""
        listener = self.listen("types=*")
        self.deliver()
        [(event_id, data)] = states(listener.take())
        email, mailbox = self.call("Email/get", ids=[])["state"], self.call("Mailbox/get", ids=[])["state"]
        assert data == {"@type": "StateChange", "changed": {"sandbox": {"Email": email, "Mailbox": mailbox}}}
        assert event_id == max(email, mailbox, key=int)

    def test_one_event_a_turn(self) -> None:
        """Changes in one turn of the reactor are one event."""
        listener = self.listen("types=Email%2CMailbox")
        for _ in range(5):
            self.account.deliver({}, [self.inbox])
        self.advance()
        assert len(states(listener.take())) == 1

    def test_types(self) -> None:
        """A listener hears of the types that it asked for; unknown ones are ignored."""
        listener, deaf = self.listen("types=Email,Bogus"), self.listen("types=")
        self.deliver()
        [(_, data)] = states(listener.take())
        assert list(data["changed"]["sandbox"]) == ["Email"]
        assert deaf.take() == ""

    def test_no_types(self) -> None:
        """Without types there is nothing to listen to."""
        assert self.fetch("GET", "/jmap/eventsource")[0] == 204

    def test_replay(self) -> None:
        """A listener that comes back with the last id hears at once of what it missed, and no more."""
        listener = self.listen("types=*")
        self.deliver()
        [(last, _)] = states(listener.take())
        self.leave(listener)
        assert self.listen("types=*", {"Last-Event-ID": str(last)}).take() == ""
        self.account.address_book.add_contact("Bob", "bob@example.com")
        [(_, data)] = states(self.listen("types=*", {"Last-Event-ID": str(last)}).take())
        assert list(data["changed"]["sandbox"]) == ["ContactCard"]

    def test_replay_of_everything(self) -> None:
        """An id of 0, or one that is none, replays the states of all types."""
        for event_id in ("0", "garbage"):
            [(_, data)] = states(self.listen("types=*", {"Last-Event-ID": event_id}).take())
            assert list(data["changed"]["sandbox"]) == ["Mailbox"]

    def test_id_from_the_future(self) -> None:
        """A listener with an id still to come hears nothing."""
        listener = self.listen("types=*", {"Last-Event-ID": "99999"})
        self.deliver()
        assert listener.take() == ""

    def test_ping(self) -> None:
        """Pings come after so many seconds without an event, tell the interval, and have no id."""
        listener = self.listen("types=*&ping=30")
        self.advance(20)
        self.deliver()
        listener.take()
        self.advance(29)
        assert listener.take() == ""
        self.advance(1)
        assert listener.take() == 'event: ping\ndata: {"interval":30}\n\n'

    def test_closeafter(self) -> None:
        """With closeafter=state the answer ends after one event, also after a replayed one."""
        listener = self.listen("types=*&closeafter=state")
        self.deliver()
        assert len(states(listener.take())) == 1
        assert listener.is_over
        assert self.listen("types=*&closeafter=state", {"Last-Event-ID": "0"}).is_over

    def test_listener_leaves(self) -> None:
        """Nothing is left of a listener that hung up."""
        self.leave(self.listen("types=*&ping=30"))
        assert self.sandbox.streams == ()
        assert self.clock.getDelayedCalls() == []

    def test_server_hangs_up(self) -> None:
        """The server can end every stream."""
        for cleanly in (True, False):
            listener = self.listen("types=*")
            self.sandbox.hang_up_streams(cleanly=cleanly)
            self.flush()
            assert listener.is_over
            assert self.sandbox.streams == ()


class FastmailLike(EventSourceTestCase):
    options = SandboxOptions(announce_on_connect=True, event_ids=False, pings=False)

    def test_announcement(self) -> None:
        """All states are told on connect, changes later, in an envelope that says which; no ids, no pings."""
        listener = self.listen("types=*&ping=30")
        self.deliver()
        self.advance(3600)
        told = states(listener.take())
        assert [(event_id, data["type"]) for event_id, data in told] == [(None, "connect"), (None, "change")]
        assert list(told[0][1]) == ["changed", "type"]


class ShortLived(EventSourceTestCase):
    options = SandboxOptions(stream_lifetime=300.0, push_delay=1.0, min_ping=5, max_ping=300)

    def test_end_of_life(self) -> None:
        """The server ends a stream after its time; pings and events do not prolong it."""
        listener = self.listen("types=*&ping=60")
        self.deliver()
        for _ in range(299):
            self.advance(1)
        assert not listener.is_over
        self.advance(1)
        assert listener.is_over

    def test_push_delay(self) -> None:
        """Changes are told with the delay of a server that looks for them now and then."""
        listener = self.listen("types=*")
        self.deliver()
        self.advance(0.9)
        assert listener.take() == ""
        self.advance(0.1)
        assert len(states(listener.take())) == 1

    def test_clamped_ping(self) -> None:
        """An interval out of bounds is clamped, and the ping tells the one that is used."""
        listener = self.listen("types=*&ping=1")
        self.advance(5)
        assert '{"interval":5}' in listener.take()


class WithoutPush(EventSourceTestCase):
    options = SandboxOptions(push=False)

    def test_no_push(self) -> None:
        """A server without push names no event source, and has none."""
        assert b"eventSourceUrl" not in self.fetch("GET", "/jmap/session")[2]
        assert self.fetch("GET", "/jmap/eventsource?types=*")[0] == 404
