"""Streams or long polls?"""

from mailroom.push.long_poll import LONG_POLL_TIME, LongPoll


def ended(poll: LongPoll, *connections: tuple[float, bool]) -> list[bool]:
    """What the ends of connections, by how long they lasted and whether they were silent, lead to at time 0."""
    return [poll.connection_ended(0.0, lasted, silent=silent, quiet=False) for lasted, silent in connections]


def test_streaming() -> None:
    """The first wish is a stream."""
    assert LongPoll(30).closeafter(0) == "no"


def test_nothing_comes_through() -> None:
    """After three connections in a row without an octet, although pings were due, long polls begin."""
    poll = LongPoll(30)
    assert ended(poll, (65, True), (65, True), (65, True), (65, True)) == [False, False, True, False]
    assert poll.closeafter(1) == "state"


def test_an_octet_in_between() -> None:
    """Any octet shows that something does come through."""
    poll = LongPoll(30)
    assert not any(ended(poll, (65, True), (65, True), (65, False), (65, True), (65, True)))


def test_no_news() -> None:
    """A server that never pings is silent for as long as there are no news: such a connection says nothing."""
    poll = LongPoll(30)
    assert not any(poll.connection_ended(0.0, 65, silent=True, quiet=True) for _ in range(9))
    assert ended(poll, (65, True), (65, True)) == [False, False]
    assert not poll.connection_ended(0.0, 65, silent=True, quiet=True)
    assert ended(poll, (65, True)) == [True]


def test_too_short_to_tell() -> None:
    """A connection that ended before a ping was due says nothing."""
    assert not any(ended(LongPoll(30), *[(29, True)] * 5))


def test_another_chance() -> None:
    """After some hours streaming gets another chance, and as many connections as at first."""
    poll = LongPoll(30)
    ended(poll, *[(65, True)] * 3)
    assert poll.closeafter(LONG_POLL_TIME - 1) == "state"
    assert poll.closeafter(LONG_POLL_TIME) == "no"
    assert ended(poll, *[(65, True)] * 3) == [False, False, True]
