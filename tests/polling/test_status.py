"""The books of the polls."""

from twisted.internet.task import Clock

from mailroom.core.errors import MailroomError
from mailroom.polling.report import PollReport, Trigger
from mailroom.polling.status import PollStatus


def status_at(seconds: float) -> tuple[Clock, PollStatus]:
    """Books that were opened then."""
    clock = Clock()
    clock.advance(seconds)
    return clock, PollStatus(clock)


def test_nothing_yet() -> None:
    """Before the first poll has ended, every count is there and says zero."""
    _clock, status = status_at(5)
    assert (status.polls, status.poll_count) == ({"push": 0, "scheduled": 0, "fallback": 0}, 0)


def test_started_at() -> None:
    """The books know when they were opened."""
    _clock, status = status_at(5)
    assert status.started_at == 5


def test_each_poll_counts() -> None:
    """Every poll counts under its trigger, failed ones too."""
    _clock, status = status_at(0)
    status.poll_completed(PollReport(Trigger.PUSH))
    status.poll_failed(Trigger.PUSH, MailroomError("The server is down."))
    status.poll_completed(PollReport(Trigger.FALLBACK))
    assert (status.polls, status.poll_count) == ({"push": 2, "scheduled": 0, "fallback": 1}, 3)


def test_senders_add_up() -> None:
    """The senders of all polls add up."""
    _clock, status = status_at(0)
    status.poll_completed(PollReport(Trigger.PUSH, senders=2))
    status.poll_completed(PollReport(Trigger.PUSH, senders=3))
    assert status.senders_triaged == 5


def test_missing_is_of_the_latest_poll() -> None:
    """What was missing and no longer is, is forgotten."""
    _clock, status = status_at(0)
    status.poll_completed(PollReport(Trigger.PUSH, missing=("mailbox Feed",)))
    status.poll_completed(PollReport(Trigger.PUSH))
    assert status.missing == ()


def test_routing_error_is_of_the_latest_poll() -> None:
    """It goes with the first poll that has none."""
    _clock, status = status_at(0)
    status.poll_completed(PollReport(Trigger.PUSH, routing_error="The script is too large."))
    assert status.routing_error == "The script is too large."
    status.poll_completed(PollReport(Trigger.PUSH))
    assert status.routing_error is None


def test_failure_keeps_the_last_success() -> None:
    """A failed poll is the last poll, but not the last success."""
    clock, status = status_at(0)
    status.poll_completed(PollReport(Trigger.PUSH))
    clock.advance(7)
    status.poll_failed(Trigger.SCHEDULED, MailroomError("The server is down."))
    assert (status.last_success_at, status.last_poll_at) == (0, 7)


def test_failure_is_told() -> None:
    """Of a failed poll, one reads what it was for and why it failed."""
    _clock, status = status_at(0)
    status.poll_failed(Trigger.SCHEDULED, MailroomError("The server is down."))
    assert (status.last_poll_trigger, status.last_poll_error) == ("scheduled", "The server is down.")


def test_success_ends_the_error() -> None:
    """The error of an earlier poll does not stay."""
    _clock, status = status_at(0)
    status.poll_failed(Trigger.PUSH, MailroomError("The server is down."))
    status.poll_completed(PollReport(Trigger.PUSH))
    assert status.last_poll_error is None


def test_unexpected_errors_are_not_quoted() -> None:
    """An error that was not made for people is named and not quoted: nobody knows what its text holds."""
    _clock, status = status_at(0)
    status.poll_failed(Trigger.PUSH, KeyError("secret"))
    assert status.last_poll_error == "Unexpected KeyError: see the log."
