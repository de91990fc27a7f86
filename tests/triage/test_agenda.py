"""Which poll comes next, apart from those of the interval."""

from hypothesis import given
from hypothesis import strategies as st

from mailroom.jmap.errors import Forbidden, RateLimited, ServerUnavailable, Unauthorized
from mailroom.triage.agenda import LONGEST_HOLD, SLOWEST_PACE, Agenda, Pace, retry_delay

PACE = Pace(poll_interval=60.0, debounce_seconds=3.0)


def polled(*states: str, at: float = 100.0) -> Agenda:
    """An agenda whose latest poll began then and saw these states."""
    agenda = Agenda(PACE)
    agenda.begin(at)
    agenda.complete(frozenset(states))
    return agenda


def failed(error: Exception, at: float = 100.0, pace: Pace = PACE) -> Agenda:
    """An agenda whose only poll began and failed then."""
    agenda = Agenda(pace)
    agenda.begin(at)
    agenda.fail(error, at)
    return agenda


def test_nothing_announced() -> None:
    """Without an announcement, the interval's polls are enough."""
    assert polled("a").next_poll is None


def test_news() -> None:
    """An unknown state is due as soon as the window that the last poll opened is over."""
    agenda = polled("a")
    agenda.announce("b")
    assert agenda.next_poll == 103.0


def test_known_state() -> None:
    """A state that the last poll saw or produced is no news: it is the echo of our own writes."""
    agenda = polled("a", "b")
    agenda.announce("b")
    assert agenda.next_poll is None


def test_latest_state_decides() -> None:
    """A known state that is announced after an unknown one says that the unknown one is known too."""
    agenda = polled("b")
    agenda.announce("a")
    agenda.announce("b")
    assert agenda.next_poll is None


def test_only_the_last_poll_counts() -> None:
    """A state of an earlier poll is news: the account may have come back to it."""
    agenda = polled("a")
    agenda.begin(200.0)
    agenda.complete(frozenset({"b"}))
    agenda.announce("a")
    assert agenda.push_is_due


def test_a_poll_answers_what_came_before_it() -> None:
    """A poll that began after an announcement has answered it, whatever state it saw: the account had moved on."""
    agenda = polled("a")
    agenda.announce("b")
    agenda.begin(200.0)
    agenda.complete(frozenset({"c"}))
    assert not agenda.push_is_due


def test_announced_during_a_poll() -> None:
    """What is announced while a poll runs is compared with what that poll saw."""
    agenda = polled("a")
    agenda.begin(200.0)
    agenda.announce("b")
    agenda.complete(frozenset({"b"}))
    assert not agenda.push_is_due


def test_a_new_stream_is_due_without_any_state() -> None:
    """A connected stream asks for a poll whatever is known, even if a known state is announced then."""
    agenda = polled("a")
    agenda.stream_opened()
    agenda.announce("a")
    assert agenda.next_poll == 103.0


def test_a_failed_poll_leaves_its_push_due() -> None:
    """What a failed poll was to answer is due again, after the delay for one failure."""
    agenda = polled("a")
    agenda.announce("b")
    agenda.begin(200.0)
    agenda.fail(ConnectionError(), 210.0)
    assert agenda.next_poll == 212.0


def test_a_failed_poll_of_the_interval_leaves_nothing_due() -> None:
    """The interval itself is the way to recover from an ordinary failure."""
    assert failed(ConnectionError()).next_poll is None


def test_a_new_stream_ends_the_delay() -> None:
    """A server to which the stream connects is up again: no reason to wait any longer than the window."""
    agenda = failed(ConnectionError())
    agenda.fail(ConnectionError(), 150.0)
    agenda.stream_opened()
    assert agenda.next_poll == 103.0


def test_retry_after_holds_everything() -> None:
    """The server's Retry-After is kept, then a poll comes at once."""
    agenda = failed(RateLimited("Too many requests.", status=429, retry_after=40.0))
    assert (agenda.admits_interval(139.0), agenda.next_poll) == (False, 140.0)


def test_a_new_stream_does_not_end_a_hold() -> None:
    """An open stream is no leave to break the server's Retry-After."""
    agenda = failed(ServerUnavailable("Down.", status=503, retry_after=40.0))
    agenda.stream_opened()
    assert agenda.next_poll == 140.0


def test_short_retry_after() -> None:
    """A Retry-After of nothing does not undo the delay for failures in a row."""
    assert failed(RateLimited("Too many requests.", status=429, retry_after=0.0)).next_poll == 102.0


def test_absurd_retry_after() -> None:
    """No server silences the service for more than an hour."""
    agenda = failed(RateLimited("Too many requests.", status=429, retry_after=1e12))
    assert agenda.next_poll == 100.0 + LONGEST_HOLD


def test_wrong_credentials() -> None:
    """A server that refuses the credentials is asked again at the slowest pace."""
    assert failed(Unauthorized("No.", status=401)).next_poll == 100.0 + SLOWEST_PACE


def test_missing_scope_with_a_long_interval() -> None:
    """An interval that is longer than the slowest pace is the slowest pace."""
    agenda = failed(Forbidden("No.", status=403), pace=Pace(poll_interval=300.0, debounce_seconds=3.0))
    assert agenda.next_poll == 400.0


def test_a_push_in_its_window_goes_before_the_interval() -> None:
    """An interval that is over within the window makes way for the push that waits for the window's end."""
    agenda = polled("a")
    agenda.announce("b")
    assert not agenda.admits_interval(102.0)


def test_the_interval_goes_on_while_a_push_is_delayed() -> None:
    """A push whose poll failed does not keep the interval from its polls."""
    agenda = polled("a")
    agenda.announce("b")
    agenda.begin(200.0)
    agenda.fail(ConnectionError(), 210.0)
    assert agenda.admits_interval(211.0)


def test_success_starts_the_delays_over() -> None:
    """Failures count only in a row."""
    agenda = polled("a")
    for error_at in (110.0, 120.0):
        agenda.begin(error_at)
        agenda.fail(ConnectionError(), error_at)
    agenda.begin(130.0)
    agenda.complete(frozenset())
    agenda.stream_opened()
    agenda.begin(140.0)
    agenda.fail(ConnectionError(), 141.0)
    assert agenda.next_poll == 143.0


@given(st.integers(min_value=1, max_value=10**9))
def test_delays_grow_up_to_the_slowest_pace(failures: int) -> None:
    """Every further failure waits as long or longer, never longer than the slowest pace."""
    assert retry_delay(failures) <= retry_delay(failures + 1) <= SLOWEST_PACE
