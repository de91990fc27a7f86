"""What /healthz says, in words."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from twisted.internet.task import Clock

from mailroom.core.findings import Finding, Severity
from mailroom.polling.report import Trigger
from mailroom.polling.status import PollStatus
from mailroom.push.status import StreamState, StreamStatus
from mailroom.web.health import Health
from mailroom.web.health_text import health_text, in_words, is_healthy


def report(**members: Any) -> dict[str, Any]:
    """What a service says that is well, and these members instead of its own."""
    clock = Clock()
    stream = StreamStatus(StreamState.CONNECTED, connected_since=0.0)
    health = Health(PollStatus(clock), lambda: stream, 60.0)
    return health.report(90.0) | {"status": "ok", "version": "1.0.0"} | members


def findings(**members: Any) -> dict[str, Finding]:
    return {finding.subject: finding for finding in health_text(report(**members))}


def test_a_service_that_is_well_is_said_to_be() -> None:
    """Nothing but what is there to say."""
    polls = {"poll_count": 3, "last_poll_age_seconds": 12.2, "last_poll_trigger": Trigger.PUSH, "senders_triaged": 2}
    assert [(each.severity, str(each)) for each in health_text(report(**polls))] == [
        (Severity.OK, "service: Mailroom 1.0.0, up for 2 minutes, does its work."),
        (Severity.OK, "polls: 3 so far, the last one 12 seconds ago (push); senders triaged: 2."),
        (Severity.OK, "push: connected."),
    ]


def test_a_service_that_has_just_started_is_not_ill() -> None:
    """An orchestrator must leave it alone."""
    assert is_healthy(report(status="starting"))
    assert "has not completed its first poll" in findings(status="starting")["service"].text
    assert findings()["polls"].text == "none has ended yet."


def test_a_service_that_fails_says_why() -> None:
    """With the message that the log has."""
    found = findings(status="unhealthy", last_poll_error="The login is refused. Check jmap_token.")
    assert not is_healthy(report(status="unhealthy"))
    assert (found["service"].severity, found["polls"].severity) == (Severity.FAIL, Severity.FAIL)
    assert found["polls"].text == "the last one failed. The login is refused. Check jmap_token."


def test_one_poll_that_failed_is_a_warning() -> None:
    """The next one may do."""
    assert findings(last_poll_error="The server is down.")["polls"].severity is Severity.WARN


def test_a_stream_that_is_down_is_a_warning() -> None:
    """With its error, and when it is tried again."""
    stream = {"connected": False, "status": "waiting", "error": "The connection broke.", "retry_in_seconds": 3.2}
    found = findings(eventsource=stream)["push"]
    assert (found.severity, found.text) == (
        Severity.WARN,
        "waiting. The connection broke. The next attempt is in 3 seconds.",
    )


def test_push_that_is_not_wanted_is_no_warning() -> None:
    """The settings have it so, and Mailroom does its work."""
    stream = {"connected": False, "status": "unavailable", "error": "The settings want no push."}
    found = findings(eventsource={**stream, "retry_in_seconds": None})["push"]
    assert (found.severity, found.text) == (Severity.OK, "unavailable. The settings want no push.")


def test_push_that_is_not_to_be_had_is_a_warning() -> None:
    """It is asked for again, in a while."""
    stream = {"connected": False, "status": "unavailable", "error": "The server has none.", "retry_in_seconds": 7200.0}
    assert findings(eventsource=stream)["push"].severity is Severity.WARN


def test_what_is_missing_is_told_with_the_remedy() -> None:
    """Whoever looks can act."""
    assert findings(missing=['mailbox "Feed"', 'label "@ToFeed"'])["missing"].text == (
        'mailbox "Feed", label "@ToFeed". Run `mailroom setup --apply`.'
    )


def test_two_of_one_name_are_not_told_as_missing() -> None:
    """What is there twice is not created by setup."""
    twice = 'contact group "Feed" (2 groups have this name: rename all but one)'
    found = findings(missing=[twice, 'mailbox "Feed"'])
    assert found["unusable"].text == f"{twice}."
    assert found["missing"].text == 'mailbox "Feed". Run `mailroom setup --apply`.'


def test_rules_that_cannot_be_renewed_are_a_warning() -> None:
    """Triage goes on meanwhile."""
    found = findings(routing_error="The script is too large.")["routing"]
    assert (found.severity, found.text) == (Severity.WARN, "The script is too large.")


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "0 seconds"),
        (1, "1 second"),
        (59.4, "59 seconds"),
        (60, "1 minute"),
        (7200, "2 hours"),
        (200_000, "2 days"),
        (None, "an unknown time"),
    ],
)
def test_times_are_told_in_their_largest_unit(seconds: object, words: str) -> None:
    """People do not count in thousands of seconds."""
    assert in_words(seconds) == words


@given(st.dictionaries(st.sampled_from(sorted(report())), st.none() | st.booleans() | st.integers() | st.text()))
def test_no_report_is_too_odd_to_be_told(members: dict[str, Any]) -> None:
    """Another version may say other things."""
    assert list(health_text(report(**members)))
