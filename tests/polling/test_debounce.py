"""Which poll comes next, apart from those of the interval."""

import pytest

from mailroom.core.retry import MAX_BACKOFF, MAX_RETRY_AFTER
from mailroom.jmap.errors import Forbidden, RateLimited, RequestError, ServerUnavailable, Unauthorized
from mailroom.polling.debounce import CREDIT, SETTLING, Debounce, OwnWrites, PollPolicy

PACE = PollPolicy(poll_interval=60.0, debounce_seconds=3.0)


def polled(*states: str, at: float = 100.0) -> Debounce:
    """An debounce whose latest poll began then and saw these states."""
    debounce = Debounce(PACE)
    debounce.begin(at)
    debounce.complete(frozenset(states))
    return debounce


def failed(error: Exception, at: float = 100.0, policy: PollPolicy = PACE) -> Debounce:
    """An debounce whose only poll began and failed then."""
    debounce = Debounce(policy)
    debounce.begin(at)
    debounce.fail(error, at)
    return debounce


def test_nothing_announced() -> None:
    """Without an announcement, the interval's polls are enough."""
    assert polled("a").next_poll is None


def test_news() -> None:
    """An unknown state is due at once."""
    debounce = polled("a")
    debounce.announce("b", 100.0)
    assert debounce.next_poll is not None
    assert debounce.next_poll <= 100.0


def test_a_series_of_changes_is_waited_for() -> None:
    """What follows another change so soon that no person made it is due when it has been quiet for a moment."""
    debounce = polled("a")
    debounce.announce("b", 101.0)
    debounce.announce("c", 101.125)
    assert debounce.next_poll == 101.125 + SETTLING


def test_a_series_without_an_end_is_waited_for_until_the_window_ends() -> None:
    """However long the changes go on, the push is due when the window that the last poll opened is over."""
    debounce = polled("a")
    for number in range(29):
        debounce.announce(f"b{number}", 100.0 + number / 10)
    assert debounce.next_poll == 103.0


def test_a_series_is_over_when_it_pauses() -> None:
    """One change more after a pause is a person's again, and due at once."""
    debounce = polled("a")
    for at in (101.0, 101.125, 102.0):
        debounce.announce(f"b{at}", at)
    assert debounce.next_poll is not None
    assert debounce.next_poll <= 102.0


def test_known_state() -> None:
    """A state that the last poll saw or produced is no news: it is the echo of our own writes."""
    debounce = polled("a", "b")
    debounce.announce("b", 100.0)
    assert debounce.next_poll is None


def test_latest_state_decides() -> None:
    """A known state that is announced after an unknown one says that the unknown one is known too."""
    debounce = polled("b")
    debounce.announce("a", 100.0)
    debounce.announce("b", 100.0)
    assert debounce.next_poll is None


def test_only_the_last_poll_counts() -> None:
    """A state of an earlier poll is news: the account may have come back to it."""
    debounce = polled("a")
    debounce.begin(200.0)
    debounce.complete(frozenset({"b"}))
    debounce.announce("a", 100.0)
    assert debounce.push_is_due


def test_a_poll_answers_what_came_before_it() -> None:
    """A poll that began after an announcement has answered it, whatever state it saw: the account had moved on."""
    debounce = polled("a")
    debounce.announce("b", 100.0)
    debounce.begin(200.0)
    debounce.complete(frozenset({"c"}))
    assert not debounce.push_is_due


def test_announced_during_a_poll() -> None:
    """What is announced while a poll runs is compared with what that poll saw."""
    debounce = polled("a")
    debounce.begin(200.0)
    debounce.announce("b", 100.0)
    debounce.complete(frozenset({"b"}))
    assert not debounce.push_is_due


def test_a_new_stream_is_due_without_any_state() -> None:
    """A connected stream asks for a poll whatever is known, even if a known state is announced then."""
    debounce = polled("a")
    debounce.stream_opened()
    debounce.announce("a", 100.0)
    assert debounce.push_is_due


def test_a_failed_poll_leaves_its_push_due() -> None:
    """What a failed poll was to answer is due again, after the delay for one failure."""
    debounce = polled("a")
    debounce.announce("b", 100.0)
    debounce.begin(200.0)
    debounce.fail(ConnectionError(), 210.0)
    assert debounce.next_poll == 212.0


def test_a_failed_poll_of_the_interval_leaves_nothing_due() -> None:
    """The interval itself is the way to recover from an ordinary failure."""
    assert failed(ConnectionError()).next_poll is None


def test_a_new_stream_ends_the_delay() -> None:
    """A server to which the stream connects is up again: no reason to wait any longer than the window."""
    debounce = failed(ConnectionError())
    debounce.fail(ConnectionError(), 150.0)
    debounce.stream_opened()
    assert debounce.next_poll == 103.0


def test_retry_after_holds_everything() -> None:
    """The server's Retry-After is kept, then a poll comes at once."""
    debounce = failed(RateLimited("Too many requests.", status=429, retry_after=40.0))
    assert (debounce.admits_interval(139.0), debounce.next_poll) == (False, 140.0)


def test_a_new_stream_does_not_end_a_hold() -> None:
    """An open stream is no leave to break the server's Retry-After."""
    debounce = failed(ServerUnavailable("Down.", status=503, retry_after=40.0))
    debounce.stream_opened()
    assert debounce.next_poll == 140.0


def test_short_retry_after() -> None:
    """A Retry-After of nothing does not undo the delay for failures in a row."""
    assert failed(RateLimited("Too many requests.", status=429, retry_after=0.0)).next_poll == 102.0


def test_absurd_retry_after() -> None:
    """No server silences the service for more than an hour."""
    debounce = failed(RateLimited("Too many requests.", status=429, retry_after=1e12))
    assert debounce.next_poll == 100.0 + MAX_RETRY_AFTER


def test_wrong_credentials() -> None:
    """A server that refuses the credentials is asked again at the slowest pace."""
    assert failed(Unauthorized("No.", status=401)).next_poll == 100.0 + MAX_BACKOFF


@pytest.mark.parametrize("error", [Unauthorized, Forbidden])
@pytest.mark.parametrize(("asked", "held"), [(10.0, MAX_BACKOFF), (600.0, 600.0), (1e12, MAX_RETRY_AFTER)])
def test_wrong_credentials_with_a_retry_after(error: type[RequestError], asked: float, held: float) -> None:
    """Where it also wants to be left alone for longer than that, it is, for an hour at most."""
    assert failed(error("No.", status=401, retry_after=asked)).next_poll == 100.0 + held


def refused_now() -> Unauthorized:
    error = Unauthorized("Not now.", status=401)
    error.accepted_before = True
    return error


def test_a_login_that_was_accepted_before() -> None:
    """It may have come too often: all polls wait, and no longer than after any other failure."""
    debounce = failed(refused_now())
    assert (debounce.admits_interval(101.0), debounce.next_poll) == (False, 102.0)


def test_a_login_that_is_no_longer_accepted() -> None:
    """The longer it is refused, the slower it is tried, down to the slowest pace."""
    debounce = failed(refused_now())
    for _failure in range(9):
        debounce.begin(200.0)
        debounce.fail(refused_now(), 200.0)
    assert debounce.next_poll == 200.0 + MAX_BACKOFF


def test_missing_scope_with_a_long_interval() -> None:
    """An interval that is longer than the slowest pace is the pace."""
    debounce = failed(Forbidden("No.", status=403), policy=PollPolicy(poll_interval=300.0, debounce_seconds=3.0))
    assert debounce.next_poll == 400.0


def test_a_push_that_waits_for_its_turn_goes_before_the_interval() -> None:
    """An interval that is over while a push only waits for its turn makes way for it."""
    debounce = polled("a")
    for _ in range(CREDIT):
        debounce.announce("b", 110.0)
        debounce.begin(110.0)
        debounce.complete(frozenset())
    debounce.announce("c", 111.0)
    assert (debounce.next_poll, debounce.admits_interval(112.0)) == (113.0, False)


def test_the_interval_goes_on_while_a_push_is_delayed() -> None:
    """A push whose poll failed does not keep the interval from its polls."""
    debounce = polled("a")
    debounce.announce("b", 100.0)
    debounce.begin(200.0)
    debounce.fail(ConnectionError(), 210.0)
    assert debounce.admits_interval(211.0)


def test_success_starts_the_delays_over() -> None:
    """Failures count only in a row."""
    debounce = polled("a")
    for error_at in (110.0, 120.0):
        debounce.begin(error_at)
        debounce.fail(ConnectionError(), error_at)
    debounce.begin(130.0)
    debounce.complete(frozenset())
    debounce.stream_opened()
    debounce.begin(140.0)
    debounce.fail(ConnectionError(), 141.0)
    assert debounce.next_poll == 143.0


def test_what_the_scan_saw_is_known() -> None:
    """A state that the poll itself looked at is no news."""
    assert OwnWrites("7").states == {"7"}


def test_own_writes_are_known_as_long_as_they_follow_each_other() -> None:
    """Each write that found what the one before left belongs to the chain."""
    chain = OwnWrites("7")
    chain.wrote([("7", "8"), ("8", "9")])
    chain.wrote([("9", "10")])
    assert chain.states == {"7", "8", "9", "10"}


def test_somebody_elses_change_ends_the_chain() -> None:
    """After a write that found an unknown state, no state is known, however well later writes fit together."""
    chain = OwnWrites("7")
    chain.wrote([("7", "8"), ("9", "10")])
    chain.wrote([("10", "11")])
    assert chain.states == {"7", "8"}


def test_a_server_that_does_not_say_what_it_found_is_not_trusted() -> None:
    """A missing old state may hide somebody else's change."""
    chain = OwnWrites("7")
    chain.wrote([(None, "8")])
    assert chain.states == {"7"}


def test_without_a_state_seen_nothing_is_known() -> None:
    """A poll that has not read a state cannot tell its own writes from others'."""
    chain = OwnWrites(None)
    chain.wrote([("7", "8")])
    assert chain.states == frozenset()
