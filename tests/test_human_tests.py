"""The scripts for people tell the truth about what a service shows them."""

from importlib import import_module
from pathlib import Path
from typing import Any, Final

import pytest

HUMAN_TESTS: Final = Path(__file__).parent.parent / "human-tests"
PUSH: Final = "test_16_eventsource_push"


def health(*, push: int = 0, scheduled: int = 0, fallback: int = 0, triaged: int = 0) -> dict[str, Any]:
    """What /healthz shows after so many polls."""
    return {
        "poll_count": push + scheduled + fallback,
        "polls": {"push": push, "scheduled": scheduled, "fallback": fallback},
        "last_poll_error": None,
        "senders_triaged": triaged,
    }


@pytest.fixture
def watch(monkeypatch: pytest.MonkeyPatch) -> Any:
    """A watch that began when three polls had run and one label was on a mail."""
    monkeypatch.syspath_prepend(str(HUMAN_TESTS))
    return import_module(PUSH).Watch(health(push=1, scheduled=2), {("@ToFeed", "old")})


def test_polls_are_told_apart(watch: Any) -> None:
    """Each poll is a line with its number and trigger, even if several ended between two looks."""
    lines = list(watch.see_polls(health(push=2, scheduled=2, fallback=1)))
    assert lines == ["poll 4 trigger=push senders_triaged=0", "poll 5 trigger=fallback senders_triaged=0"]


def test_no_poll(watch: Any) -> None:
    """No poll, no line."""
    assert list(watch.see_polls(health(push=1, scheduled=2))) == []


def test_restarted_service(watch: Any) -> None:
    """A service that counts from the beginning was restarted, and its polls are told from there on."""
    lines = list(watch.see_polls(health(fallback=1)))
    assert lines == ["the service was restarted", "poll 1 trigger=fallback senders_triaged=0"]


def test_label_comes_and_goes(watch: Any) -> None:
    """The time from a label's appearance to its removal is told."""
    looks = [({("@ToFeed", "old"), ("@ToJail", "new")}, 10.0), ({("@ToFeed", "old")}, 10.5)]
    lines = [line for labelled, now in looks for line in watch.see_labels(labelled, now)]
    assert lines == ["label @ToJail has appeared on a mail", "label @ToJail is gone after 0.50 s"]


def test_triage_by_push_passes(watch: Any) -> None:
    """A triage by a push poll, with no new label left, is what was to be shown."""
    list(watch.see_polls(health(push=2, scheduled=2, triaged=1)))
    assert watch.passed


def test_triage_by_the_interval_does_not_pass(watch: Any) -> None:
    """A triage by a poll of the interval shows nothing about push."""
    list(watch.see_polls(health(push=1, scheduled=3, triaged=1)))
    assert not watch.passed


def test_idle_push_does_not_pass(watch: Any) -> None:
    """A push poll that triaged nobody shows nothing about labels."""
    list(watch.see_polls(health(push=2, scheduled=2)))
    assert not watch.passed


def test_label_left_does_not_pass(watch: Any) -> None:
    """As long as a new label is on a mail, the work is not done."""
    list(watch.see_labels({("@ToJail", "new")}, 10.0))
    list(watch.see_polls(health(push=2, scheduled=2, triaged=1)))
    assert not watch.passed
